/*
 * The copy is made by SQLite's online backup, under one read transaction: what other processes commit meanwhile neither
 * gets into it nor has it begin anew. Looking at it is done with SQLite's own checks and those of FTS5,
 * which PRAGMA integrity_check knows nothing of.
 */
#include "store/copy.h"

#include "base/mem.h"
#include "core/config.h"
#include "store/migrate.h"
#include "store/priv.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

enum { PAGES_AT_ONCE = 256 };

struct copy {
	sqlite3 *sq;
	char path[PATH_MAX];
	int64_t version;
	sqlite3_stmt *media, *knows, *hold, *holds;	/* NULL: not yet */
};

/* ---- making one ------------------------------------------------------------------------------ */

static enum err
file_make(struct ctx *c, const char *path)
{
	int fd;

	(void)unlink(path);
	db_companions_remove(path);
	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_raise(c, errno == ENOSPC || errno == EDQUOT ? ERR_DB_FULL : ERR_DB_READONLY,
			"cannot make '%s': %s", path, strerror(errno));
	(void)close(fd);
	return OK;
}

static enum err
pages_copy(struct ctx *c, sqlite3 *to, sqlite3_backup *b, copy_watch *watch, void *self)
{
	enum { PAGE = 4096 };
	int rc = SQLITE_OK;

	while (rc == SQLITE_OK) {
		int64_t all, left;

		rc = sqlite3_backup_step(b, PAGES_AT_ONCE);
		all = sqlite3_backup_pagecount(b);
		left = sqlite3_backup_remaining(b);
		if (watch && !watch(self, (all - left) * PAGE, all * PAGE))
			return err_raise(c, ERR_TIMEOUT, "stopped while the database was copied");
	}
	return rc == SQLITE_DONE ? OK : db_raise(c, to, rc, "copying the database");
}

static enum err
backup_run(struct ctx *c, sqlite3 *from, sqlite3 *to, copy_watch *watch, void *self)
{
	sqlite3_backup *b = sqlite3_backup_init(to, "main", from, "main");
	enum err e;
	int rc;

	if (!b)
		return db_raise(c, to, sqlite3_extended_errcode(to), "copying the database");
	e = pages_copy(c, to, b, watch, self);
	rc = sqlite3_backup_finish(b);
	return e || rc == SQLITE_OK ? e : db_raise(c, to, rc, "copying the database");
}

enum err
copy_make(struct ctx *c, const char *path, copy_watch *watch, void *self)
{
	sqlite3 *from = NULL, *to = NULL;
	int64_t version;
	enum err e = db_file_open(c, c->cfg->database_path, &from);

	if (!e && sqlite3_db_config(from, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, (int *)NULL) != SQLITE_OK)
		e = err_raise(c, ERR_DB, "settings of the connection");
	if (!e)
		e = db_script(c, from, SCRIPT_COPY_LOOK, 0);
	if (!e)
		e = db_identify(c, from, migrate_version(), &version);
	if (!e)
		e = file_make(c, path);
	if (!e)
		e = db_file_open(c, path, &to);
	if (!e)
		e = db_script(c, to, SCRIPT_COPY_TARGET, 0);
	if (!e)
		e = backup_run(c, from, to, watch, self);
	(void)sqlite3_close(to); /* cannot be busy */
	(void)sqlite3_close(from);
	if (!e)
		e = db_file_sync(c, path);
	if (e)
		(void)unlink(path);
	db_companions_remove(path);
	return e;
}

/* ---- looking at one -------------------------------------------------------------------------- */

static enum err
identify(struct ctx *c, struct copy *k)
{
	struct db_value application = {0}, user = {0};
	enum err e = db_script_value(c, k->sq, SCRIPT_READ_APPLICATION, &application);

	if (!e)
		e = db_script_value(c, k->sq, SCRIPT_READ_VERSION, &user);
	if (e)
		return e;
	if (application.number != DB_APPLICATION_ID || user.number < 1)
		return err_raise(c, ERR_DB_SCHEMA, "it holds no StarPunk database");
	if (user.number > migrate_version())
		return err_raise(c, ERR_DB_SCHEMA,
			"its schema is version %lld and this program knows %d", (long long)user.number,
			migrate_version());
	k->version = user.number;
	return OK;
}

static enum err
handle_set(struct ctx *c, struct copy *k)
{
	static const int on[] = {SQLITE_DBCONFIG_DEFENSIVE, SQLITE_DBCONFIG_ENABLE_FKEY};
	static const int off[] = {SQLITE_DBCONFIG_TRUSTED_SCHEMA, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION,
		SQLITE_DBCONFIG_DQS_DDL, SQLITE_DBCONFIG_DQS_DML};
	int rc = SQLITE_OK;

	for (size_t i = 0; rc == SQLITE_OK && i < sizeof(on) / sizeof(on[0]); i++)
		rc = sqlite3_db_config(k->sq, on[i], 1, (int *)NULL);
	for (size_t i = 0; rc == SQLITE_OK && i < sizeof(off) / sizeof(off[0]); i++)
		rc = sqlite3_db_config(k->sq, off[i], 0, (int *)NULL);
	if (rc != SQLITE_OK)
		return db_raise(c, k->sq, rc, "settings of the connection");
	return db_script(c, k->sq, SCRIPT_COPY_ALONE, 0);
}

enum err
copy_open(struct ctx *c, const char *path, struct copy **out)
{
	struct copy *k = mem_alloc(sizeof(*k));
	enum err e;

	*out = NULL;
	if (!k)
		return err_memory(c);
	*k = (struct copy){0};
	if (snprintf(k->path, sizeof(k->path), "%s", path) >= (int)sizeof(k->path))
		e = err_raise(c, ERR_DB_IO, "the path of the copy is too long");
	else
		e = db_file_open(c, path, &k->sq);
	if (!e)
		e = handle_set(c, k);
	if (!e)
		e = identify(c, k);
	/* What SQLite cannot read as a database is none. */
	if (e)
		copy_close(k);
	else
		*out = k;
	return e;
}

void
copy_close(struct copy *k)
{
	if (!k)
		return;
	(void)sqlite3_finalize(k->media); /* these give failures of their last run once more */
	(void)sqlite3_finalize(k->knows);
	(void)sqlite3_finalize(k->hold);
	(void)sqlite3_finalize(k->holds);
	(void)sqlite3_close(k->sq); /* cannot be busy */
	db_companions_remove(k->path);
	mem_free(k);
}

int
copy_version(const struct copy *k)
{
	return (int)k->version;
}

static enum err
check_index(struct ctx *c, struct copy *k)
{
	struct db_value there, whole = {0};
	enum err e = db_script_value(c, k->sq, SCRIPT_COPY_HAS_INDEX, &there);

	if (!e && there.number)
		e = db_script_value(c, k->sq, SCRIPT_COPY_INDEX_IS_WHOLE, &whole);
	return !e && whole.number ? db_script(c, k->sq, SCRIPT_COPY_INDEX_CHECK, 0) : e;
}

enum err
copy_check(struct ctx *c, struct copy *k)
{
	struct db_value finding, orphan;
	enum err e = db_script_value(c, k->sq, SCRIPT_COPY_INTEGRITY, &finding);

	if (!e && !str_eq(finding.text, S("ok")))
		e = err_raise(c, ERR_DB_CORRUPT, "the database: %.*s", STR(finding.text));
	if (!e)
		e = db_script_value(c, k->sq, SCRIPT_SCHEMA_FOREIGN_KEYS, &orphan);
	if (!e && orphan.text.n > 0)
		e = err_raise(c, ERR_DB_CORRUPT, "the database: rows of '%.*s' point to none",
			STR(orphan.text));
	return e ? e : check_index(c, k);
}

/* ---- its files ------------------------------------------------------------------------------- */

static enum err
prepare(struct ctx *c, struct copy *k, enum script which, sqlite3_stmt **out)
{
	int rc = *out ? SQLITE_OK : sqlite3_prepare_v2(k->sq, sql_scripts[which], -1, out, NULL);

	return rc == SQLITE_OK ? OK : db_raise(c, k->sq, rc, "the list of files");
}

enum err
copy_media_begin(struct ctx *c, struct copy *k)
{
	struct db_value there;
	enum err e = db_script_value(c, k->sq, SCRIPT_COPY_HAS_MEDIA, &there);

	if (e || !there.number)
		return e; /* the first schema had none */
	(void)sqlite3_reset(k->media);
	e = prepare(c, k, SCRIPT_COPY_MEDIA, &k->media);
	return e ? e : prepare(c, k, SCRIPT_COPY_KNOWS, &k->knows);
}

static struct str
column_text(sqlite3_stmt *st, int i)
{
	const void *p = sqlite3_column_text(st, i);

	return p ? str_n(p, (size_t)sqlite3_column_bytes(st, i)) : S("");
}

enum err
copy_media_next(struct ctx *c, struct copy *k, struct copy_file *out, bool *more)
{
	int rc = k->media ? sqlite3_step(k->media) : SQLITE_DONE;

	*more = rc == SQLITE_ROW;
	if (rc == SQLITE_DONE) {
		(void)sqlite3_reset(k->media);
		return OK;
	}
	if (rc != SQLITE_ROW)
		return db_raise(c, k->sq, rc, "the list of files");
	out->name = column_text(k->media, 0);
	out->type = column_text(k->media, 1);
	out->bytes = sqlite3_column_int64(k->media, 2);
	out->sizes = column_text(k->media, 3);
	return OK;
}

/* Runs a statement with its one parameter, which is bound: whether it gives anything but 0. */
static enum err
ask(struct ctx *c, struct copy *k, sqlite3_stmt *st, int bound, bool *out)
{
	int rc = bound == SQLITE_OK ? sqlite3_step(st) : bound;

	*out = rc == SQLITE_ROW && sqlite3_column_int(st, 0) != 0;
	(void)sqlite3_reset(st); /* gives the failure of the step once more */
	return rc == SQLITE_ROW || rc == SQLITE_DONE ? OK :
		db_raise(c, k->sq, rc, "the list of files");
}

static int
bind_text(sqlite3_stmt *st, struct str s)
{
	return sqlite3_bind_text(st, 1, s.p, (int)s.n, SQLITE_STATIC);
}

enum err
copy_knows(struct ctx *c, struct copy *k, const unsigned char digest[CRYPTO_SHA256_BYTES], bool *out)
{
	*out = false;
	return !k->knows ? OK : ask(c, k, k->knows,
		sqlite3_bind_blob(k->knows, 1, digest, CRYPTO_SHA256_BYTES, SQLITE_STATIC), out);
}

static enum err
held_prepare(struct ctx *c, struct copy *k)
{
	enum err e = k->hold ? OK : db_script(c, k->sq, SCRIPT_COPY_HELD, 0);

	if (!e)
		e = prepare(c, k, SCRIPT_COPY_HOLD, &k->hold);
	return e ? e : prepare(c, k, SCRIPT_COPY_HOLDS, &k->holds);
}

enum err
copy_hold(struct ctx *c, struct copy *k, struct str name)
{
	enum err e = held_prepare(c, k);
	bool unused;

	return e ? e : ask(c, k, k->hold, bind_text(k->hold, name), &unused);
}

enum err
copy_holds(struct ctx *c, struct copy *k, struct str name, bool *out)
{
	enum err e = held_prepare(c, k);

	*out = false;
	return e ? e : ask(c, k, k->holds, bind_text(k->holds, name), out);
}

/* ---- of a site that does not run ------------------------------------------------------------- */

/* Opened for us alone: with its first look SQLite locks out everybody else, or is locked out. */
static enum err
alone_open(struct ctx *c, const char *path, sqlite3 **out)
{
	struct db_value unused;
	enum err e = db_file_open(c, path, out);

	if (!e && sqlite3_db_config(*out, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, (int *)NULL) != SQLITE_OK)
		e = err_raise(c, ERR_DB, "settings of the connection");
	if (!e)
		e = db_script(c, *out, SCRIPT_COPY_ALONE, 0);
	return e ? e : db_script_value(c, *out, SCRIPT_READ_VERSION, &unused);
}

enum err
copy_alone(struct ctx *c, const char *path)
{
	sqlite3 *sq = NULL;
	enum err e = alone_open(c, path, &sq);

	(void)sqlite3_close(sq); /* cannot be busy */
	return e;
}

enum err
copy_fold(struct ctx *c, const char *path)
{
	struct db_value busy = {0};
	sqlite3 *sq = NULL;
	enum err e = alone_open(c, path, &sq);

	if (!e)
		e = db_script_value(c, sq, SCRIPT_COPY_FOLD, &busy);
	if (!e && busy.number)
		e = err_raise(c, ERR_DB_BUSY, "'%s' is in use", path);
	/* The last to close takes the log away, which is empty now. */
	if (!e && sqlite3_db_config(sq, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, (int *)NULL) != SQLITE_OK)
		e = err_raise(c, ERR_DB, "settings of the connection");
	(void)sqlite3_close(sq);
	return e;
}
