/*
 * Opening a connection: the handle and its settings, and the check that the file is ours; and the queries,
 * prepared and compared with their declarations. What follows from several processes working on one WAL
 * file: no connection checkpoints by itself, neither after a number of frames nor at close
 * (db_checkpoint() in tx.c is the only place), and nothing is mapped into memory.
 */
#include "store/db.h"

#include "base/mem.h"
#include "core/config.h"
#include "store/migrate.h"
#include "store/priv.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* Settings of the handle; a name that this SQLite does not know is an error. */
static const struct {
	int name, value;
} settings[] = {
	{SQLITE_DBCONFIG_DEFENSIVE, 1},
	{SQLITE_DBCONFIG_DQS_DDL, 0},
	{SQLITE_DBCONFIG_DQS_DML, 0},
	{SQLITE_DBCONFIG_ENABLE_FKEY, 1},
	{SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0},
	{SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1},
};

/* What our own queries stay far below; the rest is room for a mistake to do harm in. */
static const struct {
	int name, value;
} limits[] = {
	{SQLITE_LIMIT_LENGTH, 16 * 1024 * 1024},
	{SQLITE_LIMIT_SQL_LENGTH, 64 * 1024},
	{SQLITE_LIMIT_COLUMN, 64},
	{SQLITE_LIMIT_EXPR_DEPTH, 64},
	{SQLITE_LIMIT_COMPOUND_SELECT, 8},
	{SQLITE_LIMIT_FUNCTION_ARG, 8},
	{SQLITE_LIMIT_ATTACHED, 0},
	{SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 1024},
	{SQLITE_LIMIT_VARIABLE_NUMBER, 64},
	{SQLITE_LIMIT_TRIGGER_DEPTH, 8},
	{SQLITE_LIMIT_WORKER_THREADS, 0},
};

enum err
db_script(struct ctx *c, sqlite3 *sq, enum script which, int64_t number)
{
	struct str text;
	enum err e = ctx_printf(c, &text, sql_scripts[which], (long long)number);
	int rc;

	if (e)
		return e;
	rc = sqlite3_exec(sq, text.p, NULL, NULL, NULL);
	return rc == SQLITE_OK ? OK : db_raise(c, sq, rc, NULL);
}

enum err
db_script_value(struct ctx *c, sqlite3 *sq, enum script which, struct db_value *out)
{
	sqlite3_stmt *st = NULL;
	enum err e = OK;
	int rc = sqlite3_prepare_v2(sq, sql_scripts[which], -1, &st, NULL);

	*out = (struct db_value){0, S("")};
	if (rc == SQLITE_OK)
		rc = sqlite3_step(st);
	if (rc == SQLITE_ROW) {
		const void *p;

		out->number = sqlite3_column_int64(st, 0);
		p = sqlite3_column_blob(st, 0); /* turns the number into text: memory may run out */
		e = p ? ctx_str(c, str_n(p, (size_t)sqlite3_column_bytes(st, 0)), &out->text)
			: err_memory(c);
	} else if (rc != SQLITE_DONE) {
		e = db_raise(c, sq, rc, NULL);
	}
	(void)sqlite3_finalize(st); /* gives the failure of the step once more */
	return e;
}

/* A newer program has been here: says so, and which copy from before then this one can go back to. */
static enum err
too_new(struct ctx *c, int64_t version, int64_t newest)
{
	const char *path = c->cfg->database_path;
	char copy[PATH_MAX];

	for (int64_t v = newest + 1; v > 0; v--) {
		int n = snprintf(copy, sizeof(copy), "%s.before-%04d", path, (int)v);

		if (n > 0 && (size_t)n < sizeof(copy) && access(copy, F_OK) == 0)
			return err_raise(c, ERR_DB_SCHEMA, "'%s' has version %lld, this program knows "
				"%lld; a copy from before is '%s'", path, (long long)version,
				(long long)newest, copy);
	}
	return err_raise(c, ERR_DB_SCHEMA, "'%s' has version %lld, this program knows %lld", path,
		(long long)version, (long long)newest);
}

enum err
db_identify(struct ctx *c, sqlite3 *sq, int64_t newest, int64_t *version)
{
	struct db_value application, user;
	enum err e = db_script_value(c, sq, SCRIPT_READ_APPLICATION, &application);

	if (!e)
		e = db_script_value(c, sq, SCRIPT_READ_VERSION, &user);
	if (e)
		return e;
	if (application.number != DB_APPLICATION_ID)
		return err_raise(c, ERR_DB_SCHEMA, "'%s' is not a StarPunk database",
			c->cfg->database_path);
	if (user.number > newest)
		return too_new(c, user.number, newest);
	*version = user.number;
	return OK;
}

static enum err
handle_open(struct ctx *c, struct db *db)
{
	const char *path = c->cfg->database_path;
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
	struct stat st;
	bool doubt;
	enum err e;
	int rc;

	if (stat(path, &st) != 0)
		return err_raise(c, errno == ENOENT ? ERR_DB_MISSING : ERR_DB_IO,
			"cannot open '%s': %s", path, strerror(errno));
	e = db_pair_check(c, path, &doubt);
	if (e)
		return e;
	/* Without memory statistics threads need not meet at their lock; too late is fine. */
	(void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	rc = sqlite3_open_v2(path, &db->sq, flags, NULL);
	if (rc != SQLITE_OK)
		return db_raise(c, db->sq, rc, path);
	db->wal_path = sqlite3_filename_wal(sqlite3_db_filename(db->sq, "main"));
	/* A site that runs has looked when it was started, and may be in the middle of a checkpoint. */
	return doubt && !db->segment ? db_pair_judge(c, db->sq, path) : OK;
}

static enum err
handle_set(struct ctx *c, struct db *db)
{
	bool full = c->cfg->db_synchronous == CONFIG_SYNC_FULL;
	int rc = sqlite3_wal_autocheckpoint(db->sq, 0);
	enum err e;

	for (size_t i = 0; rc == SQLITE_OK && i < sizeof(settings) / sizeof(settings[0]); i++)
		rc = sqlite3_db_config(db->sq, settings[i].name, settings[i].value, (int *)NULL);
	if (rc != SQLITE_OK)
		return db_raise(c, db->sq, rc, "settings of the connection");
	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
		(void)sqlite3_limit(db->sq, limits[i].name, limits[i].value); /* gives the old */
	e = db_script(c, db->sq, SCRIPT_CONNECTION, c->cfg->db_cache_size / 1024);
	return e ? e : db_script(c, db->sq,
		full ? SCRIPT_SYNCHRONOUS_FULL : SCRIPT_SYNCHRONOUS_NORMAL, 0);
}

static enum err
handle_check(struct ctx *c, struct db *db)
{
	struct db_value journal;
	int64_t version;
	enum err e = db_identify(c, db->sq, migrate_version(), &version);

	if (!e)
		e = db_script_value(c, db->sq, SCRIPT_READ_JOURNAL, &journal);
	if (e)
		return e;
	if (version != migrate_version())
		return err_raise(c, ERR_DB_SCHEMA,
			"'%s' has version %lld and must be brought to %d", c->cfg->database_path,
			(long long)version, migrate_version());
	if (!str_eq(journal.text, S("wal")))
		return err_raise(c, ERR_DB_SCHEMA, "'%s' is in journal mode '%.*s', not 'wal'",
			c->cfg->database_path, STR(journal.text));
	return OK;
}

/* Whether the search index can be had. */
static enum err
index_look(struct ctx *c, struct db *db)
{
	struct db_value index = {0, S("")};
	enum err e = OK;

	if (c->cfg->search_engine != CONFIG_SEARCH_LIKE)
		e = db_script_value(c, db->sq, SCRIPT_SEARCH_IS_THERE, &index);
	db->fts5 = index.number != 0;
	return e;
}

enum err
db_prepare_one(struct ctx *c, struct db *db, enum sql which)
{
	const struct sql_query *q = &sql_queries[which];
	sqlite3_stmt *st = NULL;
	enum err e;
	int rc;

	if (db->st[which])
		return OK;
	rc = sqlite3_prepare_v3(db->sq, q->text, -1, SQLITE_PREPARE_PERSISTENT, &st, NULL);
	if (db_breaks(rc))
		db->broken = true;
	if (rc != SQLITE_OK)
		return db_raise(c, db->sq, rc, q->name);
	e = stmt_check(c, st, q);
	if (e)
		(void)sqlite3_finalize(st); /* has not run */
	else
		db->st[which] = st;
	return e;
}

enum err
db_prepare(struct ctx *c, struct db *db)
{
	enum err e = OK;

	for (int i = 0; i < SQL__MAX && !e; i++)
		if (db->fts5 || !sql_queries[i].needs_fts5)
			e = db_prepare_one(c, db, (enum sql)i);
	return e;
}

enum err
db_open(struct ctx *c, struct segment *seg, struct db **out)
{
	struct db *db = mem_alloc(sizeof(*db));
	enum err e;

	*out = NULL;
	if (!db)
		return err_memory(c);
	db->segment = seg;
	db->busy_timeout_us = c->cfg->db_busy_timeout;
	db->slow_us = c->cfg->metrics_slow_query_threshold;
	e = handle_open(c, db);
	if (!e)
		e = db_lock_open(c, c->cfg->database_path, &db->lock);
	if (!e) {
		db_hook(db);
		e = handle_set(c, db);
	}
	if (!e)
		e = handle_check(c, db);
	if (!e)
		e = index_look(c, db);
	if (e)
		db_close(db);
	else
		*out = db;
	return e;
}

void
db_close(struct db *db)
{
	if (!db)
		return;
	for (int i = 0; i < SQL__MAX; i++)
		(void)sqlite3_finalize(db->st[i]); /* gives the failure of its last run once more */
	(void)sqlite3_close(db->sq); /* cannot be busy: all statements are gone */
	db_lock_close(db->lock);
	mem_free(db);
}

enum err
db_ping(struct ctx *c, struct db *db)
{
	struct stmt s;
	bool found;
	enum err e;

	stmt_begin(c, db, SQL_PING, &s);
	found = stmt_next(&s);
	e = stmt_end(&s);
	if (!e && !found)
		e = err_raise(c, ERR_DB_CORRUPT, "the row about the site is gone");
	return e;
}

enum err
db_ping_file(struct ctx *c, struct db *db)
{
	if (db_moved(db))
		return err_raise(c, ERR_DB_MOVED, "'%s' is another file than the one that is open",
			c->cfg->database_path);
	return db_ping(c, db);
}

enum err
db_check(struct ctx *c, struct db *db)
{
	struct str finding = S("ok"), table = S(""), parent = S("");
	struct stmt s;
	bool orphan;
	enum err e = db_prepare(c, db);

	if (e)
		return e;
	stmt_begin(c, db, SQL_QUICK_CHECK, &s);
	if (stmt_next(&s))
		finding = stmt_text(&s, OUT_QUICK_CHECK_QUICK_CHECK);
	e = stmt_end(&s);
	if (e)
		return e;
	if (!str_eq(finding, S("ok")))
		return err_raise(c, ERR_DB_CORRUPT, "%.*s", STR(finding));
	stmt_begin(c, db, SQL_FOREIGN_KEY_CHECK, &s);
	orphan = stmt_next(&s);
	if (orphan) {
		table = stmt_text(&s, OUT_FOREIGN_KEY_CHECK_TABLE);
		parent = stmt_text(&s, OUT_FOREIGN_KEY_CHECK_PARENT);
	}
	e = stmt_end(&s);
	if (!e && orphan)
		e = err_raise(c, ERR_DB_CORRUPT, "a row of '%.*s' points to none of '%.*s'",
			STR(table), STR(parent));
	return e;
}

const char *
db_engine_version(void)
{
	return sqlite3_libversion();
}

/*
 * A checkpoint that resets the log while another connection begins to write could leave part of the
 * log out; mended in 3.51.3 and, for those who stay behind, in 3.50.7 and 3.44.6.
 */
bool
db_engine_sound(int version)
{
	return version >= 3051003 || (version >= 3050007 && version < 3051000) ||
		(version >= 3044006 && version < 3045000);
}

const char *
db_engine_note(void)
{
	if (db_engine_sound(sqlite3_libversion_number()))
		return NULL;
	return "this SQLite can corrupt a database when two processes checkpoint; StarPunk works "
	       "around it with a single checkpointer: let no other program write or checkpoint the "
	       "file while the site runs";
}
