/*
 * SQLite's result codes as rows of errors.def. The detail carries everything an operator needs to
 * look further; clients see the row's own texts only.
 */
#include "store/priv.h"

#include <errno.h>

/* The disk has no room, whatever call happened to find that out first. */
static bool
no_room(int errnum)
{
	return errnum == ENOSPC || errnum == EDQUOT || errnum == EFBIG;
}

static bool
no_permission(int errnum)
{
	return errnum == EACCES || errnum == EPERM || errnum == EROFS;
}

/* The last failure of a call on one of the connection's files; 0: none, or no such file. */
static int
file_errno(sqlite3 *sq, int which)
{
	sqlite3_file *f = NULL;
	int errnum = 0;

	if (sqlite3_file_control(sq, "main", which, &f) != SQLITE_OK || !f || !f->pMethods)
		return 0;
	if (f->pMethods->xFileControl(f, SQLITE_FCNTL_LAST_ERRNO, &errnum) != SQLITE_OK)
		return 0;
	return errnum;
}

/*
 * errno of the call that failed. SQLite tells a full file system apart, but not a used-up quota,
 * and by the time a commit has been undone its own idea of errno is gone; that of the files is not.
 */
static int
system_errno(sqlite3 *sq, int rc)
{
	int errnum = sqlite3_system_errno(sq);

	if (errnum == 0 && (rc & 0xff) == SQLITE_IOERR)
		errnum = file_errno(sq, SQLITE_FCNTL_JOURNAL_POINTER);
	if (errnum == 0 && ((rc & 0xff) == SQLITE_IOERR || rc == SQLITE_CORRUPT))
		errnum = file_errno(sq, SQLITE_FCNTL_FILE_POINTER);
	return errnum;
}

enum err
db_errno_meaning(int errnum)
{
	if (no_room(errnum))
		return ERR_DB_FULL;
	return no_permission(errnum) ? ERR_DB_READONLY : ERR_DB_IO;
}

static enum err
meaning(int rc, int errnum)
{
	if (rc == SQLITE_IOERR_NOMEM)
		return ERR_MEMORY;
	switch (rc & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
	case SQLITE_PROTOCOL:
		return ERR_DB_BUSY;
	case SQLITE_FULL:
		return ERR_DB_FULL;
	case SQLITE_READONLY:
	case SQLITE_PERM:
		return ERR_DB_READONLY;
	case SQLITE_IOERR:
		if (errnum == EROFS) /* as the kernel leaves a file system that had errors */
			return ERR_DB_READONLY;
		return no_room(errnum) ? ERR_DB_FULL : ERR_DB_IO;
	case SQLITE_CANTOPEN:
		return no_permission(errnum) ? ERR_DB_READONLY : ERR_DB_IO;
	case SQLITE_CORRUPT:
		/* A disk that cannot be read is no reason to restore a backup; SQLite says the same of both. */
		return errnum == EIO || errnum == ENXIO ? ERR_DB_IO : ERR_DB_CORRUPT;
	case SQLITE_NOTADB:
		return ERR_DB_CORRUPT;
	case SQLITE_CONSTRAINT:
		return ERR_DB_CONSTRAINT;
	case SQLITE_NOMEM:
		return ERR_MEMORY;
	case SQLITE_INTERRUPT:
		return ERR_TIMEOUT;
	default:
		return ERR_DB;
	}
}

enum err
db_raise(struct ctx *c, sqlite3 *sq, int rc, const char *what)
{
	int errnum = sq ? system_errno(sq, rc) : 0;
	const char *message = sq ? sqlite3_errmsg(sq) : sqlite3_errstr(rc);
	const char *path = sq ? sqlite3_db_filename(sq, "main") : NULL;

	bool named = path && path[0] != '\0';

	if (!named)
		return err_raise(c, meaning(rc, errnum), "%s: %s (SQLite %d, errno %d)",
			what ? what : "the database", message, rc, errnum);
	if (!what || strcmp(what, path) == 0)
		return err_raise(c, meaning(rc, errnum), "%s: %s (SQLite %d, errno %d)", path, message, rc,
			errnum);
	return err_raise(c, meaning(rc, errnum), "%s: %s: %s (SQLite %d, errno %d)", path, what, message,
		rc, errnum);
}

bool
db_handle_moved(sqlite3 *sq)
{
	int moved = 0;

	return sqlite3_file_control(sq, "main", SQLITE_FCNTL_HAS_MOVED, &moved) == SQLITE_OK && moved != 0;
}

bool
db_moved(const struct db *db)
{
	return db_handle_moved(db->sq);
}

bool
db_breaks(int rc)
{
	switch (rc & 0xff) {
	case SQLITE_IOERR:
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
	case SQLITE_CANTOPEN:
		return true;
	default:
		return false;
	}
}
