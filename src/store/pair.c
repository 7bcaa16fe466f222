/*
 * Which log belongs to which database file. SQLite knows the log beside a database by its name alone:
 * where somebody has put another file in the database's place, a copy from before an upgrade perhaps, and
 * the old log was left lying, it takes the pages of the one for those of the other, and at the next
 * checkpoint nothing is left of both.
 *
 * So the lock's file remembers the two, as they were after the last checkpoint, which is all that writes to the
 * database's file. A log that is remembered beside a file that is not is refused. The same file, written to since, may
 * have been overwritten, or a checkpoint was cut short; one that begins like the old one may have been put back:
 * then every page has to be looked at. Where the log is not the one that is remembered, both have come together from
 * elsewhere, and nothing can be said.
 */
#include "core/folder.h"
#include "store/priv.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HEAD_BYTES = 100 };

/* What tells a file from one that got its inode later: the kernel's time of birth, where it is kept. */
struct identity {
	uint64_t inode;
	int64_t born_s, born_ns;
};

struct pairing {
	char magic[8];
	struct identity log, file;
	int64_t size, changed_s, changed_ns;	/* of file */
	unsigned char head[HEAD_BYTES];		/* how it begins: SQLite's header, with its counters */
};

static const char magic[8] = "SPpair1";

static bool
look(const char *path, struct statx *out)
{
	return statx(AT_FDCWD, path, 0, STATX_BASIC_STATS | STATX_BTIME, out) == 0;
}

static struct identity
identity_of(const struct statx *st)
{
	bool born = (st->stx_mask & STATX_BTIME) != 0;

	return (struct identity){st->stx_ino, born ? st->stx_btime.tv_sec : 0,
		born ? st->stx_btime.tv_nsec : 0};
}

static bool
same(const struct identity *a, const struct identity *b)
{
	return a->inode == b->inode && a->born_s == b->born_s && a->born_ns == b->born_ns;
}

/* The two as they are now; *hot: there is something in the log. False: not both are there. */
static bool
pair_look(const char *database, struct pairing *out, bool *hot)
{
	char real[PATH_MAX], log[PATH_MAX];
	int n = snprintf(log, sizeof(log), "%s-wal", folder_follow(database, real));
	struct statx file, wal;

	if (n < 0 || (size_t)n >= sizeof(log) || !look(database, &file) || !look(log, &wal))
		return false;
	/* Compared and written as bytes: no padding may differ. */
	memset(out, 0, sizeof(*out));
	memcpy(out->magic, magic, sizeof(magic));
	out->log = identity_of(&wal);
	out->file = identity_of(&file);
	out->size = (int64_t)file.stx_size;
	out->changed_s = file.stx_mtime.tv_sec;
	out->changed_ns = file.stx_mtime.tv_nsec;
	*hot = wal.stx_size > 0;
	return true;
}

static int
lock_open(const char *database, int flags)
{
	char path[PATH_MAX];
	int n = snprintf(path, sizeof(path), "%s.lock", database);

	return n < 0 || (size_t)n >= sizeof(path) ? -1 : open(path, flags | O_CLOEXEC);
}

/*
 * Through SQLite's own handle: to open and close a file that this process has open drops the locks that
 * it has on it.
 */
static bool
head_read(sqlite3 *sq, unsigned char out[HEAD_BYTES])
{
	sqlite3_file *f = NULL;

	return sqlite3_file_control(sq, "main", SQLITE_FCNTL_FILE_POINTER, &f) == SQLITE_OK && f &&
		f->pMethods && f->pMethods->xRead(f, out, HEAD_BYTES, 0) == SQLITE_OK;
}

/* Of a file that is not the one that this process may have open. */
static bool
stranger_head_read(const char *database, unsigned char out[HEAD_BYTES])
{
	int fd = open(database, O_RDONLY | O_CLOEXEC);
	bool good = fd >= 0 && pread(fd, out, HEAD_BYTES, 0) == HEAD_BYTES;

	if (fd >= 0)
		(void)close(fd);
	return good;
}

void
db_pair_note(sqlite3 *sq, const char *database)
{
	struct pairing now;
	bool hot;
	int fd;

	/* While another file has the name, what was seen is that one: what is remembered still holds. */
	if (!pair_look(database, &now, &hot) || db_handle_moved(sq) || !head_read(sq, now.head))
		return;
	fd = lock_open(database, O_WRONLY);
	if (fd < 0)
		return;
	/* Without it nothing can be said; half of it is as good as none. */
	if (pwrite(fd, &now, sizeof(now), 0) != (ssize_t)sizeof(now) && ftruncate(fd, 0) != 0)
		errno = 0;
	(void)close(fd);
}

enum err
db_pair_check(struct ctx *c, const char *database, bool *doubt)
{
	struct pairing now, noted;
	bool hot = false, known;
	int fd;

	*doubt = false;
	if (!pair_look(database, &now, &hot) || !hot)
		return OK;
	fd = lock_open(database, O_RDONLY);
	known = fd >= 0 && pread(fd, &noted, sizeof(noted), 0) == (ssize_t)sizeof(noted) &&
		memcmp(noted.magic, magic, sizeof(magic)) == 0;
	if (fd >= 0)
		(void)close(fd);
	if (!known || !same(&noted.log, &now.log))
		return OK;
	if (!same(&noted.file, &now.file) &&
		(noted.size != now.size || !stranger_head_read(database, now.head) ||
			memcmp(noted.head, now.head, sizeof(now.head)) != 0))
		return err_raise(c, ERR_DB_MOVED, "'%s' has been replaced, and the log beside it is the old file's",
			database);
	*doubt = !same(&noted.file, &now.file) || noted.size != now.size || noted.changed_s != now.changed_s ||
		noted.changed_ns != now.changed_ns;
	return OK;
}

enum err
db_pair_judge(struct ctx *c, sqlite3 *sq, const char *database)
{
	struct db_value finding;
	enum err e = OK;

	/* Closing it must not do what is to be prevented. */
	if (sqlite3_db_config(sq, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, (int *)NULL) != SQLITE_OK)
		e = err_raise(c, ERR_DB, "settings of the connection");
	if (!e)
		e = db_script_value(c, sq, SCRIPT_COPY_INTEGRITY, &finding);
	if (e == ERR_DB_CORRUPT || (!e && !str_eq(finding.text, S("ok")))) {
		err_clear(c);
		return err_raise(c, ERR_DB_MOVED, "'%s' and the log beside it do not fit together",
			database);
	}
	return e;
}
