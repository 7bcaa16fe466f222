/*
 * The database as files: a handle of its own on one, that they are on the disk, and what SQLite leaves beside.
 */
#include "core/config.h"
#include "store/priv.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum err
db_file_open(struct ctx *c, const char *path, sqlite3 **out)
{
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
	int rc = sqlite3_open_v2(path, out, flags, NULL);

	if (rc == SQLITE_OK)
		rc = sqlite3_busy_timeout(*out, (int)(c->cfg->db_busy_timeout / 1000));
	if (rc == SQLITE_OK)
		rc = sqlite3_wal_autocheckpoint(*out, 0);
	return rc == SQLITE_OK ? OK : db_raise(c, *out, rc, path);
}

enum err
db_file_sync(struct ctx *c, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int rc = fd < 0 ? -1 : fsync(fd);
	int errnum = errno;

	if (fd >= 0)
		(void)close(fd);
	if (rc != 0)
		return err_raise(c, ERR_DB_IO, "cannot sync '%s': %s", path, strerror(errnum));
	return OK;
}

void
db_companions_remove(const char *path)
{
	static const char *const tails[] = {"-journal", "-wal", "-shm"};
	char name[PATH_MAX];

	for (size_t i = 0; i < sizeof(tails) / sizeof(tails[0]); i++) {
		int n = snprintf(name, sizeof(name), "%s%s", path, tails[i]);

		if (n > 0 && (size_t)n < sizeof(name))
			(void)unlink(name); /* most often there is none */
	}
}
