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

static enum err
meaning(int rc, int errnum)
{
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
		return no_room(errnum) ? ERR_DB_FULL : ERR_DB_IO;
	case SQLITE_CANTOPEN:
		return no_permission(errnum) ? ERR_DB_READONLY : ERR_DB_IO;
	case SQLITE_CORRUPT:
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
	int errnum = sq ? sqlite3_system_errno(sq) : 0;
	const char *message = sq ? sqlite3_errmsg(sq) : sqlite3_errstr(rc);

	return err_raise(c, meaning(rc, errnum), "%s: %s (SQLite %d, errno %d)", what, message, rc,
		errnum);
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
