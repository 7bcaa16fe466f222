/*
 * Files below media_path. A file is written without a name, gets its mode and is synced, and only
 * then is given its name, so that whatever has a name there is complete and on the disk. Where the
 * file system knows no nameless files they lie in .incoming until then.
 *
 * Names are "ab/" and 62 digits, which are a digest, and a dot and an extension; smaller pictures
 * have "-480" and the like before the dot, icons "-192" or "-m512". Nothing of a name comes from outside.
 */
#ifndef DOMAIN_MEDIA_FILE_H
#define DOMAIN_MEDIA_FILE_H

#include "base/ctx.h"
#include "core/crypto.h"

#include <sys/stat.h>

#define MEDIA_INCOMING ".incoming"

/* A file in the making. Closed, and gone unless it was linked, with ctx_reset() at the latest. */
struct media_file {
	int fd;			/* -1: closed */
	struct str incoming;	/* where it lies meanwhile; empty: nowhere */
	bool linked;		/* it has its name; until media_file_undo() */
	struct str name;	/* which */
	bool in_new_folder;	/* made for it */
};

/* Failures of all that follow: ERR_DISK_FULL for want of room, ERR_IO for anything else. */

MUST enum err media_file_new(struct ctx *c, struct media_file **out);
MUST enum err media_file_write(struct ctx *c, struct media_file *f, struct str bytes);

/* The content is complete: everybody may read it, and it is on the disk. */
MUST enum err media_file_sync(struct ctx *c, struct media_file *f);

/*
 * Gives it a name, in the place of a file that has it. Meant to be called inside the write
 * transaction that makes the row: two never give the same name at once.
 */
MUST enum err media_file_link(struct ctx *c, struct media_file *f, struct str name);

/*
 * The names of these files, which have some, are on the disk, too. Before the rows are committed:
 * others wait for that, so each folder is synced once.
 */
MUST enum err media_files_keep(struct ctx *c, struct media_file *const *files, size_t n);

/* Takes the name back, unless it is another file's by now. */
void media_file_undo(struct ctx *c, struct media_file *f, struct str name);

/* Closes it before its time; NULL is fine. */
void media_file_close(struct media_file *f);

/* What has that name; false: nothing, or no regular file. */
bool media_file_stat(struct ctx *c, struct str name, struct stat *out);

/* Removes what has the name if it still is the file *st, and the smaller pictures of it. */
void media_file_remove(struct ctx *c, struct str name, const struct stat *st);

/* The name of a file with that digest and extension. */
MUST enum err media_name_make(struct ctx *c, const unsigned char digest[CRYPTO_DIGEST_BYTES],
	const char *extension, struct str *out);

/* The digest that a name is made of, also of a smaller picture's. False: no name of ours. */
bool media_name_parse(struct str name, unsigned char digest[CRYPTO_DIGEST_BYTES]);

#endif
