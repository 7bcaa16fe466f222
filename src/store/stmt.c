/*
 * Running prepared queries: binding, stepping, copying columns out, and on the way the clock, the
 * counters and the deadline. Every query of the program passes here, so nothing is unmeasured.
 */
#include "store/stmt.h"

#include "base/time.h"
#include "core/log.h"
#include "store/priv.h"

#include <assert.h>

static bool
writes(const struct sql_query *q)
{
	return q->op == DBOP_INSERT || q->op == DBOP_UPDATE || q->op == DBOP_DELETE;
}

/* What pages and feeds are made of; tokens, sessions, jobs and files just uploaded are not. */
static bool
shown(enum dbtable table)
{
	return table == DBTABLE_POST || table == DBTABLE_TAG || table == DBTABLE_REDIRECT ||
		table == DBTABLE_MEDIA || table == DBTABLE_OWNER ||
		table == DBTABLE_SETTING;
}

static void
fail(struct stmt *s, int rc)
{
	if (s->failed)
		return;
	s->failed = db_raise(s->c, db_handle(s->db)->sq, rc, s->query->name);
	if (db_breaks(rc))
		db_handle(s->db)->broken = true;
}

/* The first run of a query on the handle h: the time goes to this run, which has to wait for it. */
static void
prepare(struct stmt *s, struct db *h, enum sql which)
{
	int64_t before = time_mono_us();

	s->failed = db_prepare_one(s->c, h, which);
	s->st = h->st[which];
	s->us += time_mono_us() - before;
}

void
stmt_begin(struct ctx *c, struct db *db, enum sql which, struct stmt *out)
{
	struct db *h = db_handle(db);

	*out = (struct stmt){.c = c, .db = db, .query = &sql_queries[which], .st = h->st[which]};
	h->deadline_us = c->deadline_us;
	if (!out->st)
		prepare(out, h, which);
	assert(!sqlite3_stmt_busy(out->st));
	if (out->failed || !writes(out->query))
		return;
	if (db->state != DB_WRITE)
		out->failed = err_raise(c, ERR_INTERNAL, "%s: outside a write transaction",
			out->query->name);
	else if (sqlite3_get_autocommit(h->sq))
		out->failed = err_raise(c, ERR_DB, "%s: an earlier failure undid the transaction",
			out->query->name);
	else if (shown(out->query->table))
		h->changed = true;
}

void
stmt_waited(struct stmt *s, int64_t us)
{
	s->us += us;
}

static void
check_type(const struct stmt *s, int parameter, enum sql_type type)
{
	assert(parameter >= 1 && parameter <= s->query->n_in);
	assert(s->query->in[parameter - 1].type == type);
}

void
stmt_bind_int(struct stmt *s, int parameter, int64_t v)
{
	int rc;

	check_type(s, parameter, SQL_TYPE_INT);
	if (s->failed)
		return;
	rc = sqlite3_bind_int64(s->st, parameter, v);
	if (rc != SQLITE_OK)
		fail(s, rc);
}

void
stmt_bind_text(struct stmt *s, int parameter, struct str v)
{
	int rc;

	check_type(s, parameter, SQL_TYPE_TEXT);
	if (s->failed)
		return;
	rc = sqlite3_bind_text64(s->st, parameter, v.p ? v.p : "", v.n, SQLITE_STATIC, SQLITE_UTF8);
	if (rc != SQLITE_OK)
		fail(s, rc);
}

void
stmt_bind_blob(struct stmt *s, int parameter, const void *p, size_t n)
{
	int rc;

	check_type(s, parameter, SQL_TYPE_BLOB);
	if (s->failed)
		return;
	rc = sqlite3_bind_blob64(s->st, parameter, p ? p : "", n, SQLITE_STATIC);
	if (rc != SQLITE_OK)
		fail(s, rc);
}

bool
stmt_next(struct stmt *s)
{
	int64_t before;
	int rc;

	if (s->failed || s->done)
		return false;
	before = time_mono_us();
	rc = sqlite3_step(s->st);
	s->us += time_mono_us() - before;
	if (rc == SQLITE_ROW)
		return true;
	s->done = true;
	if (rc != SQLITE_DONE)
		fail(s, rc);
	return false;
}

int64_t
stmt_int(struct stmt *s, int column)
{
	assert(s->query->out[column].type == SQL_TYPE_INT);
	return sqlite3_column_int64(s->st, column);
}

struct str
stmt_text(struct stmt *s, int column)
{
	const char *p;
	struct str v;

	assert(s->query->out[column].type == SQL_TYPE_TEXT);
	/* As a blob: asked for the text, SQLite would first make a copy with a NUL behind it. */
	p = sqlite3_column_blob(s->st, column);
	v = arena_str(&s->c->arena, str_n(p, (size_t)sqlite3_column_bytes(s->st, column)));
	if (!v.p && !s->failed)
		s->failed = err_memory(s->c);
	return v.p ? v : S("");
}

struct str
stmt_bytes(struct stmt *s, int column)
{
	const void *p;
	struct str v;

	assert(s->query->out[column].type == SQL_TYPE_BLOB);
	p = sqlite3_column_blob(s->st, column);
	v = arena_str(&s->c->arena, str_n(p, (size_t)sqlite3_column_bytes(s->st, column)));
	if (!v.p && !s->failed)
		s->failed = err_memory(s->c);
	return v.p ? v : S("");
}

void
stmt_blob(struct stmt *s, int column, void *out, size_t n)
{
	const void *p;

	assert(s->query->out[column].type == SQL_TYPE_BLOB);
	p = sqlite3_column_blob(s->st, column);
	if (p && (size_t)sqlite3_column_bytes(s->st, column) == n) {
		memcpy(out, p, n);
		return;
	}
	memset(out, 0, n);
	if (!s->failed)
		s->failed = err_raise(s->c, ERR_DB_CORRUPT, "%s: '%s' has not %zu bytes",
			s->query->name, s->query->out[column].name, n);
}

void
stmt_keep(struct stmt *s, enum err e)
{
	if (!s->failed)
		s->failed = e;
}

/* Everything that counts statements and their time. */
static void
count(struct ctx *c, const struct db *db, const struct sql_query *q, int64_t us)
{
	if (c->facts) {
		c->facts->db_us += us;
		c->facts->db_queries++;
	}
	metrics_statement(c->metrics, q->op, q->table, us);
	if (us >= db->slow_us)
		log_event(c, db_slow_statement, .statement = str_z(q->name), .duration = us);
}

enum err
stmt_end(struct stmt *s)
{
	(void)sqlite3_reset(s->st); /* gives the failure of the last step once more */
	if (s->st && s->query->n_in > 0)
		(void)sqlite3_clear_bindings(s->st);
	count(s->c, s->db, s->query, s->us);
	return s->failed;
}

void
stmt_elsewhere(struct ctx *c, struct db *db, enum sql which, int64_t us)
{
	count(c, db, &sql_queries[which], us);
}

enum err
stmt_run(struct stmt *s)
{
	while (stmt_next(s))
		; /* a RETURNING nobody asked for */
	return stmt_end(s);
}

int64_t
stmt_changes(struct db *db)
{
	return sqlite3_changes64(db_handle(db)->sq);
}

/* ---- the declaration against what SQLite made of the text ------------------------------------ */

static enum err
mismatch(struct ctx *c, const struct sql_query *q, const char *what, int at, const char *declared,
	const char *found)
{
	return err_raise(c, ERR_INTERNAL, "query %s: %s %d is declared as '%s' but is '%s'",
		q->name, what, at, declared ? declared : "nothing", found ? found : "nothing");
}

static enum err
check_in(struct ctx *c, sqlite3_stmt *st, const struct sql_query *q)
{
	int n = sqlite3_bind_parameter_count(st);

	for (int i = 1; i <= n || i <= q->n_in; i++) {
		const char *found = i <= n ? sqlite3_bind_parameter_name(st, i) : NULL;
		const char *declared = i <= q->n_in ? q->in[i - 1].name : NULL;

		if (!found || !declared || strcmp(found + 1, declared) != 0)
			return mismatch(c, q, "parameter", i, declared, found);
	}
	return OK;
}

static enum err
check_out(struct ctx *c, sqlite3_stmt *st, const struct sql_query *q)
{
	static const char *const types[] = {"INTEGER", "TEXT", "BLOB"};
	int n = sqlite3_column_count(st);

	for (int i = 0; i < n || i < q->n_out; i++) {
		const char *found = i < n ? sqlite3_column_name(st, i) : NULL;
		const char *declared = i < q->n_out ? q->out[i].name : NULL;
		const char *type = i < n ? sqlite3_column_decltype(st, i) : NULL;

		if (!found || !declared || strcmp(found, declared) != 0)
			return mismatch(c, q, "column", i, declared, found);
		if (type && strcmp(type, types[q->out[i].type]) != 0)
			return mismatch(c, q, "the type of column", i, types[q->out[i].type], type);
	}
	return OK;
}

enum err
stmt_check(struct ctx *c, sqlite3_stmt *st, const struct sql_query *q)
{
	enum err e;

	if (!st)
		return err_raise(c, ERR_INTERNAL, "query %s is empty", q->name);
	if (q->op == DBOP_SELECT || writes(q)) {
		if (writes(q) == (sqlite3_stmt_readonly(st) != 0))
			return err_raise(c, ERR_INTERNAL,
				"query %s: whether it writes is not as declared", q->name);
	}
	e = check_in(c, st, q);
	return e ? e : check_out(c, st, q);
}
