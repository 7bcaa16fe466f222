/*
 * Making the database and bringing it to our version. A new one is built whole beside its place and
 * renamed there, so that nobody ever sees half of it. An existing one is copied first; each
 * migration is one transaction that sets the version with it and ends with a check of all foreign
 * keys (which are not enforced while tables are being rebuilt).
 *
 * All of it runs under the writers' lock file: two processes that start at once do it once. It uses
 * handles of its own, because the queries of struct db fit the finished schema only.
 */
#include "store/migrate.h"

#include "core/config.h"
#include "core/folder.h"
#include "core/log.h"
#include "store/priv.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { KEPT = 3 };

int
migrate_version(void)
{
	return (int)store_n_migrations;
}

/* Whoever changes the schema is alone: the log is left to empty_log(), and references need not hold until the end. */
static enum err
handle_open(struct ctx *c, const char *path, sqlite3 **out)
{
	enum err e = db_file_open(c, path, out);
	int rc;

	if (e)
		return e;
	rc = sqlite3_db_config(*out, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, (int *)NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_db_config(*out, SQLITE_DBCONFIG_ENABLE_FKEY, 0, (int *)NULL);
	return rc == SQLITE_OK ? OK : db_raise(c, *out, rc, path);
}

static enum err
sync_directory_of(struct ctx *c, const char *path)
{
	struct str folder;
	enum err e = folder_parent(c, path, &folder);

	return e ? e : db_file_sync(c, folder.p);
}

/* An empty file that only the owner may write and only the group may read. */
static enum err
file_make(struct ctx *c, const char *path)
{
	int fd;

	(void)unlink(path); /* of one that died here before us: we hold the lock */
	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0640);
	if (fd < 0)
		return err_raise(c, db_errno_meaning(errno), "cannot make '%s': %s", path, strerror(errno));
	(void)fchmod(fd, 0640); /* whatever the umask; without it the mode is narrower, not wider */
	(void)close(fd);
	return OK;
}

/* ---- applying -------------------------------------------------------------------------------- */

static enum err
apply_statements(struct ctx *c, sqlite3 *sq, const struct migration *m)
{
	struct db_value orphan;
	enum err e;

	for (const char *const *p = m->statements; *p; p++) {
		int rc = sqlite3_exec(sq, *p, NULL, NULL, NULL);

		if (rc != SQLITE_OK)
			return db_raise(c, sq, rc, m->name);
	}
	e = db_script_value(c, sq, SCRIPT_SCHEMA_FOREIGN_KEYS, &orphan);
	if (!e && orphan.text.n > 0)
		e = err_raise(c, ERR_DB_CORRUPT, "%s: rows of '%.*s' point to none", m->name,
			STR(orphan.text));
	return e ? e : db_script(c, sq, SCRIPT_SCHEMA_VERSION, m->version);
}

/* What fails here is undone when the handle is closed, which is what callers do then. */
static enum err
apply_one(struct ctx *c, sqlite3 *sq, const struct migration *m)
{
	enum err e = db_script(c, sq, SCRIPT_SCHEMA_BEGIN, 0);

	if (!e)
		e = apply_statements(c, sq, m);
	return e ? e : db_script(c, sq, SCRIPT_SCHEMA_COMMIT, 0);
}

static enum err
apply(struct ctx *c, sqlite3 *sq, const struct migration *list, size_t n, int64_t from)
{
	for (size_t i = 0; i < n; i++) {
		enum err e = list[i].version > from ? apply_one(c, sq, &list[i]) : OK;

		if (e)
			return e;
	}
	return OK;
}

/*
 * The index of the search, where this SQLite can have one: it is no part of a migration, for those are
 * to work with any.
 */
static enum err
index_make(struct ctx *c, sqlite3 *sq)
{
	struct db_value can;
	enum err e = db_script_value(c, sq, SCRIPT_SEARCH_CAN_BE, &can);

	return e || !can.number ? e : db_script(c, sq, SCRIPT_SEARCH_MAKE, 0);
}

/* ---- a new database -------------------------------------------------------------------------- */

static void
remove_with_companions(const char *path)
{
	(void)unlink(path);
	db_companions_remove(path);
}

/* Everything in path, closed again: one file, nothing beside it. */
static enum err
build(struct ctx *c, const char *path, const struct migration *list, size_t n)
{
	struct db_value journal;
	sqlite3 *sq = NULL;
	enum err e = handle_open(c, path, &sq);

	if (!e)
		e = db_script(c, sq, SCRIPT_CREATE, DB_APPLICATION_ID);
	if (!e)
		e = apply(c, sq, list, n, 0);
	if (!e)
		e = index_make(c, sq);
	if (!e)
		e = db_script_value(c, sq, SCRIPT_WAL, &journal);
	if (!e && !str_eq(journal.text, S("wal")))
		e = err_raise(c, ERR_DB_IO, "'%s' lies where WAL mode does not work", path);
	(void)sqlite3_close(sq); /* cannot be busy */
	return e ? e : db_file_sync(c, path);
}

static enum err
create_new(struct ctx *c, const char *path, const struct migration *list, size_t n)
{
	char temporary[PATH_MAX], wal[PATH_MAX];
	enum err e;

	if (snprintf(temporary, sizeof(temporary), "%s.new", path) >= (int)sizeof(temporary) ||
		snprintf(wal, sizeof(wal), "%s-wal", path) >= (int)sizeof(wal))
		return err_raise(c, ERR_DB_IO, "the path of the database is too long");
	/* SQLite would play another database's log into the new one. */
	if (access(wal, F_OK) == 0)
		return err_raise(c, ERR_EXISTS, "'%s' is left of another database", wal);
	remove_with_companions(temporary);
	e = file_make(c, temporary);
	if (!e)
		e = build(c, temporary, list, n);
	if (!e && rename(temporary, path) != 0)
		e = err_raise(c, ERR_DB_IO, "cannot make '%s': %s", path, strerror(errno));
	remove_with_companions(temporary);
	if (e)
		return e;
	log_event(c, db_migrated, .from = 0, .to = list[n - 1].version);
	return sync_directory_of(c, path);
}

/* ---- an existing one ------------------------------------------------------------------------- */

static enum err
vacuum_into(struct ctx *c, sqlite3 *sq, const char *path)
{
	sqlite3_stmt *st = NULL;
	int rc = sqlite3_prepare_v2(sq, sql_scripts[SCRIPT_SCHEMA_COPY], -1, &st, NULL);

	if (rc == SQLITE_OK)
		rc = sqlite3_bind_text(st, 1, path, -1, SQLITE_STATIC);
	if (rc == SQLITE_OK)
		rc = sqlite3_step(st);
	(void)sqlite3_finalize(st); /* gives the failure of the step once more */
	return rc == SQLITE_DONE ? OK : db_raise(c, sq, rc, "copy before the migration");
}

/*
 * The copies from before the last upgrades are kept, KEPT of them: who regrets an upgrade notices it soon, and each is
 * as large as the database.
 */
static void
copies_thin(const char *path, int64_t newest)
{
	char name[PATH_MAX];
	int kept = 0;

	for (int64_t v = newest; v > 0; v--) {
		int n = snprintf(name, sizeof(name), "%s.before-%04d", path, (int)v);

		if (n < 0 || (size_t)n >= sizeof(name) || access(name, F_OK) != 0)
			continue;
		if (++kept > KEPT)
			(void)unlink(name); /* the next upgrade tries again */
	}
}

/* Copies the database to "<path>.before-NNNN"; *copy is that name. */
static enum err
copy_first(struct ctx *c, sqlite3 *sq, const char *path, int version, struct str *copy)
{
	struct str temporary;
	enum err e = ctx_printf(c, copy, "%s.before-%04d", path, version);

	if (!e)
		e = ctx_printf(c, &temporary, "%s.copy", path);
	if (!e)
		e = file_make(c, temporary.p);
	if (e)
		return e;
	e = vacuum_into(c, sq, temporary.p);
	if (!e)
		e = db_file_sync(c, temporary.p);
	if (!e && rename(temporary.p, copy->p) != 0)
		e = err_raise(c, ERR_DB_IO, "cannot make '%s': %s", copy->p, strerror(errno));
	if (e)
		remove_with_companions(temporary.p);
	return e ? e : sync_directory_of(c, path);
}

static enum err
update(struct ctx *c, sqlite3 *sq, const char *path, const struct migration *list, size_t n)
{
	struct db_value journal;
	struct str copy;
	int64_t from;
	enum err e = db_identify(c, sq, list[n - 1].version, &from);

	if (!e)
		e = db_script_value(c, sq, SCRIPT_WAL, &journal);
	if (e || from == list[n - 1].version)
		return e ? e : index_make(c, sq);
	e = copy_first(c, sq, path, (int)from + 1, &copy);
	if (!e)
		e = apply(c, sq, list, n, from);
	if (!e)
		e = index_make(c, sq);
	if (e)
		return e;
	copies_thin(path, from + 1);
	log_event(c, db_migrated, .from = from, .to = list[n - 1].version, .copy = copy);
	return OK;
}

static bool
missing(const char *path)
{
	struct stat st;

	return stat(path, &st) != 0 && (errno == ENOENT || errno == ENOTDIR);
}

/*
 * What a crash has left in the log goes into the database here, before a site starts: the first
 * connection has to read all of a log, and all others would wait for that. A reader may keep the log
 * from being emptied, which harms nobody.
 */
static enum err
empty_log(struct ctx *c, sqlite3 *sq)
{
	int rc = sqlite3_wal_checkpoint_v2(sq, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);

	return rc == SQLITE_OK || (rc & 0xff) == SQLITE_BUSY ? OK : db_raise(c, sq, rc, "checkpoint");
}

static enum err
migrate_locked(struct ctx *c, const struct migration *list, size_t n, bool create)
{
	const char *path = c->cfg->database_path;
	sqlite3 *sq = NULL;
	enum err e;

	if (create && missing(path))
		return create_new(c, path, list, n);
	e = handle_open(c, path, &sq);
	if (!e)
		e = update(c, sq, path, list, n);
	if (!e)
		e = empty_log(c, sq);
	if (!e)
		db_pair_note(sq, path);
	(void)sqlite3_close(sq); /* cannot be busy */
	return e;
}

enum err
migrate_list(struct ctx *c, const struct migration *list, size_t n, bool create)
{
	struct db_lock *lock;
	enum err e;

	if (!create && missing(c->cfg->database_path))
		return err_raise(c, ERR_DB_MISSING, "there is no '%s'", c->cfg->database_path);
	e = db_lock_open(c, c->cfg->database_path, &lock);
	if (e)
		return e;
	e = db_lock_take(c, lock, db_wait_end(c, c->cfg->db_busy_timeout));
	if (!e)
		e = migrate_locked(c, list, n, create);
	db_lock_close(lock);
	return e;
}

enum err
migrate_run(struct ctx *c, bool create)
{
	return migrate_list(c, store_migrations, store_n_migrations, create);
}
