/*
 * The file that a backup is written to. Until it is whole it has no name at all, where the file system can
 * do that, so that nothing of it stays whatever ends us; elsewhere it is called "<path>.part".
 */
#include "core/config.h"
#include "core/folder.h"
#include "core/key.h"
#include "domain/backup_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- where it may not be ----------------------------------------------------------------- */

/* Where a backup is to be, and what is there now. */
struct target {
	const char *name;		/* within folder */
	struct stat folder, file;
	bool there;
};

static const char *
last_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static bool
same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* Is it that file, by whatever path, or would it get its name? begins: or one that begins so. */
static enum err
is_file(struct ctx *c, const struct target *t, const char *path, bool begins, bool *out)
{
	struct str name = str_z(last_name(path)), folder;
	struct stat st;
	enum err err = folder_parent(c, path, &folder);

	*out = false;
	if (err)
		return err;
	if (t->there && stat(path, &st) == 0 && same(&st, &t->file))
		*out = true;
	else if (stat(folder.p, &st) == 0 && same(&st, &t->folder))
		*out = begins ? str_starts(str_z(t->name), name) : str_eq(str_z(t->name), name);
	return OK;
}

/* The database at path, what SQLite and we have beside it, and what earlier ones are kept as. */
static enum err
is_database(struct ctx *c, const struct target *t, const char *path, bool *out)
{
	static const struct {
		const char *tail;
		bool begins;
	} all[] = {{"", false}, {"-wal", false}, {"-shm", false}, {"-journal", false}, {".lock", false},
		{".new", false}, {".copy", false}, {".backup", false}, {".backup.lock", false},
		{".restore", false}, {".restore-plan", false}, {".restore-undo", false}, {".before-", true}};
	enum err err = OK;

	*out = false;
	for (size_t i = 0; !err && !*out && i < sizeof(all) / sizeof(all[0]); i++) {
		struct str name;

		err = ctx_printf(c, &name, "%s%s", path, all[i].tail);
		if (!err)
			err = is_file(c, t, name.p, all[i].begins, out);
	}
	return err;
}

/* What the site lives on is not to be replaced by its backup, and what it serves is for everybody. */
static enum err
is_of_site(struct ctx *c, const struct target *t, int folder, bool *out)
{
	const char *database = c->cfg->database_path;
	char *real = ctx_alloc(c, PATH_MAX);
	struct stat media;
	struct str key;
	enum err err = real ? is_database(c, t, database, out) : ERR_MEMORY;

	if (!err && !*out && realpath(database, real))
		err = is_database(c, t, real, out);
	if (!err && !*out)
		err = key_path(c, &key);
	if (!err && !*out)
		err = is_file(c, t, key.p, false, out);
	if (!err && !*out && c->cfg->file[0] != '\0')
		err = is_file(c, t, c->cfg->file, false, out);
	if (!err && !*out && stat(c->cfg->media_path, &media) == 0)
		err = folder_within(c, folder, &media, out);
	return err;
}

static enum err
target_check(struct ctx *c, const struct backup_file *f)
{
	struct target t = {.name = last_name(f->path)};
	int folder = open(f->folder.p, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool ours = false;
	enum err err = OK;

	if (folder < 0 || fstat(folder, &t.folder) != 0)
		err = folder_fail(c, f->path);
	t.there = stat(f->path, &t.file) == 0;
	if (!err)
		err = is_of_site(c, &t, folder, &ours);
	if (folder >= 0)
		(void)close(folder);
	if (!err && ours)
		err = err_raise(c, ERR_USAGE, "%s is a place of the site's own files", f->path);
	return err;
}

/* ---- opening ----------------------------------------------------------------------------- */

/* A nameless file gets its name through /proc: by its descriptor alone only root may give it. */
static int
link_nameless(int fd, const char *path)
{
	char self[64];

	(void)snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
	return linkat(AT_FDCWD, self, AT_FDCWD, path, AT_SYMLINK_FOLLOW);
}

/* Whether one can be made there, and named in the end: tried with an empty one, for a file can be named once only. */
static bool
nameless_works(const struct backup_file *f, const char *part)
{
	int fd = open(f->folder.p, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	bool works = fd >= 0 && link_nameless(fd, part) == 0 && unlink(part) == 0;

	if (fd >= 0)
		(void)close(fd);
	return works;
}

/* Between opening and locking it another backup may have been through with it: then it is that one's, and whole. */
static bool
is_called(int fd, const char *path)
{
	struct stat ours, there;

	return fstat(fd, &ours) == 0 && lstat(path, &there) == 0 && same(&ours, &there);
}

static enum err
named_open(struct ctx *c, struct backup_file *f, struct str part)
{
	f->fd = open(part.p, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (f->fd < 0)
		return folder_fail(c, part.p);
	if (flock(f->fd, LOCK_EX | LOCK_NB) != 0 || !is_called(f->fd, part.p))
		return err_raise(c, ERR_EXISTS, "%s is being written by another backup", part.p);
	f->named = true;
	return ftruncate(f->fd, 0) == 0 ? OK : folder_fail(c, part.p);
}

enum err
backup_file_open(struct ctx *c, struct backup_file *f, const char *path, bool replace)
{
	struct stat st;
	enum err err;

	*f = (struct backup_file){.path = path, .fd = STDOUT_FILENO, .standard = strcmp(path, "-") == 0};
	if (f->standard)
		return OK;
	f->fd = -1;
	err = folder_parent(c, path, &f->folder);
	if (!err)
		err = target_check(c, f);
	if (!err && !replace && lstat(path, &st) == 0)
		err = err_raise(c, ERR_EXISTS, "%s is there already", path);
	if (!err)
		err = ctx_printf(c, &f->part, "%s.part", path);
	if (err)
		return err;
	if (nameless_works(f, f->part.p))
		f->fd = open(f->folder.p, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (f->fd < 0)
		err = named_open(c, f, f->part);
	/* Whatever the umask, and whoever has left a file of that name. */
	if (!err && fchmod(f->fd, 0600) != 0)
		err = folder_fail(c, path);
	return err;
}

/* ---- its name ---------------------------------------------------------------------------- */

/* link() never takes another file's place; where a file cannot have two names, it has been looked before. */
static int
name_give(struct backup_file *f, bool replace)
{
	if (!f->named && !replace)
		return link_nameless(f->fd, f->path);
	if (!f->named) {
		(void)unlink(f->part.p); /* of one that was killed: whoever writes to it has it open */
		if (link_nameless(f->fd, f->part.p) != 0)
			return -1;
		f->named = true;
	}
	if (!replace && link(f->part.p, f->path) == 0)
		return 0;
	if (!replace && errno != EPERM && errno != EOPNOTSUPP)
		return -1;
	if (rename(f->part.p, f->path) != 0)
		return -1;
	/* Whoever is called so from now on is another one. */
	f->named = false;
	return 0;
}

enum err
backup_file_done(struct ctx *c, struct backup_file *f, bool replace)
{
	if (f->standard)
		return OK;
	if (fsync(f->fd) != 0)
		return folder_fail(c, f->path);
	if (name_give(f, replace) != 0)
		return errno == EEXIST ? err_raise(c, ERR_EXISTS, "%s is there already", f->path) :
			folder_fail(c, f->path);
	return folder_sync(c, f->folder.p);
}

void
backup_file_close(struct backup_file *f)
{
	if (f->named)
		(void)unlink(f->part.p);
	if (f->fd > STDOUT_FILENO)
		(void)close(f->fd);
	*f = (struct backup_file){.fd = -1};
}
