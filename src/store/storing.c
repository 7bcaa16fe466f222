/*
 * What writers tell the site about storing (segment.h), so that health need not try it: that it failed
 * for a reason that will meet the next one, too; that the lock was not to be had; that all is well
 * again.
 *
 * After a failure not every commit is a proof. A row or two, such as the hour of somebody's visit, fit
 * into what the log has of the disk already, and are stored where there is not a byte to spare. What
 * pages show is a proof, since that is what could not be stored; or the courier's try, which asks the
 * file system for as much as a post may take.
 */
#include "store/priv.h"

#include "base/time.h"
#include "core/config.h"
#include "core/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

enum { ROOM_TRIED = 1024 * 1024 };	/* bytes; a long post, its pages in the log and in the index */

void
db_tell_stored(const struct db *db, enum err e)
{
	switch (e) {
	case OK:
		if (db->changed)
			segment_writable_set(db->segment, true);
		return;
	case ERR_DB_FULL:
	case ERR_DB_READONLY:
	case ERR_DB_IO:
	case ERR_DB_CORRUPT:
	case ERR_DB_MOVED:
	case ERR_DB_MISSING:
	case ERR_DB_SCHEMA:
		segment_writable_set(db->segment, false);
		return;
	default:
		return;
	}
}

void
db_tell_turn(const struct ctx *c, const struct db *db, enum err e)
{
	bool hurried = c->deadline_us != 0 && time_mono_us() >= c->deadline_us;

	if (e != OK && e != ERR_DB_BUSY)
		db_tell_stored(db, e);
	else if (e == OK || !hurried)
		segment_locked_set(db->segment, e != OK);
}

/* Takes room beside the database and gives it back; an errno, 0: it was there. */
static int
room_take(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600), errnum;

	if (fd < 0)
		return errno;
	(void)unlink(path); /* one that stays is empty, and the next one's */
	errnum = posix_fallocate(fd, 0, ROOM_TRIED);
	(void)close(fd);
	return errnum;
}

/* The figures of statvfs(3) know nothing of quotas and of what is kept for root: asks for it. */
static enum err
room_try(struct ctx *c)
{
	char real[PATH_MAX], path[PATH_MAX];
	int n = snprintf(path, sizeof(path), "%s.room", folder_follow(c->cfg->database_path, real)), errnum;

	if (n < 0 || (size_t)n >= sizeof(path))
		return OK;
	errnum = room_take(path);
	if (errnum == 0)
		return OK;
	return err_raise(c, db_errno_meaning(errnum), "no room for %d KiB beside '%s': %s",
		ROOM_TRIED / 1024, c->cfg->database_path, strerror(errnum));
}

enum err
db_try(struct ctx *c, struct db *db)
{
	struct stmt s;
	enum err e = room_try(c);

	if (e) {
		db_tell_stored(db, e);
		return e;
	}
	e = db_tx_begin(c, db);
	if (e)
		return e;
	stmt_begin(c, db, SQL_TRY, &s);
	e = stmt_run(&s);
	if (e) {
		db_tx_rollback(c, db);
		return e;
	}
	e = db_tx_commit(c, db);
	if (!e)
		segment_writable_set(db->segment, true);
	return e;
}
