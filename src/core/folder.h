/*
 * Directories in which something is made that must not be half there after a crash. No function
 * follows a symbolic link in a folder's place.
 *
 * Failures: ERR_DISK_FULL for want of room, ERR_IO for anything else.
 */
#ifndef CORE_FOLDER_H
#define CORE_FOLDER_H

#include "base/ctx.h"

#include <limits.h>
#include <sys/stat.h>
#include <sys/types.h>

/* Makes it, with that mode whatever the umask; one that is there already stays as it is. */
MUST enum err folder_make(struct ctx *c, const char *path, mode_t mode);

/* Removes it with everything in it; fine if there is none. */
MUST enum err folder_remove(struct ctx *c, const char *path);

/* Renames a file or folder, in the place of a file; *done false: there is none of that name. */
MUST enum err folder_move(struct ctx *c, const char *from, const char *to, bool *done);

/* The names in it are on the disk. */
MUST enum err folder_sync(struct ctx *c, const char *path);

/* So is all that has been written to the file system it is on: for many files at once. */
MUST enum err folder_sync_all(struct ctx *c, const char *path);

/* How many bytes can still be written there. */
MUST enum err folder_room(struct ctx *c, const char *path, int64_t *bytes);

/* ERR_DISK_FULL, with what is missing as detail, unless so many can. */
MUST enum err folder_room_check(struct ctx *c, const char *path, int64_t wanted);

/* The directory that a name lies in: "/srv" of "/srv/site.db", "/" of "/site.db", "." of "site.db". In c's arena. */
MUST enum err folder_parent(struct ctx *c, const char *path, struct str *out);

/*
 * Where a file is: what path leads to if it is a link, in room; path itself where nothing is there. SQLite has what
 * belongs to a database beside that.
 */
const char *folder_follow(const char *path, char room[PATH_MAX]);

/* The name of the file that lies beside that one with such an end to its name, "-wal" say; in c's arena. */
MUST enum err folder_beside(struct ctx *c, const char *path, const char *end, struct str *out);

/* Is the directory of that descriptor, or one that it lies in, the one that st is of? */
MUST enum err folder_within(struct ctx *c, int fd, const struct stat *st, bool *out);

/* Raises what errno says about a path. */
MUST enum err folder_fail(struct ctx *c, const char *path);

#endif
