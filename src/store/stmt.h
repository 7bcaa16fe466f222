/*
 * Running a query of store/sql on a connection; only for this floor. Queries, their parameters
 * (IN_...) and columns (OUT_..., ROW_...) are known by the enums that tools/sql.awk makes.
 *
 *	struct stmt s;
 *
 *	stmt_begin(c, db, SQL_POST_PLACE, &s);
 *	stmt_bind_text(&s, IN_POST_PLACE_SLUG, slug);
 *	if (stmt_next(&s))
 *		*id = stmt_int(&s, OUT_POST_PLACE_ID);
 *	return stmt_end(&s);
 *
 * Failures stick: after the first one stmt_next() gives false and everything else does nothing, and
 * stmt_end() says what it was. Whoever begins a statement ends it; the same query cannot run twice
 * at once on a connection. The time spent in SQLite goes to the request's facts and the metrics,
 * and at metrics_slow_query_threshold to the log.
 *
 * A query that writes is refused (ERR_INTERNAL) outside a write transaction.
 */
#ifndef STORE_STMT_H
#define STORE_STMT_H

#include "core/metrics.h"
#include "store/db.h"
#include "store/gen_sql.h"

struct sqlite3_stmt;

enum sql_type { SQL_TYPE_INT, SQL_TYPE_TEXT, SQL_TYPE_BLOB };

struct sql_field {
	const char *name;
	enum sql_type type;
};

/* A query as its annotations declare it; all static. */
struct sql_query {
	const char *name;
	enum dbop op;
	enum dbtable table;
	const struct sql_field *in;	/* the first parameter has number 1 */
	int n_in;
	const struct sql_field *out;	/* the first column has number 0 */
	int n_out;
	const char *text;
	bool needs_fts5;		/* there is no such statement on a connection without it */
};

extern const struct sql_query sql_queries[SQL__MAX];
extern const char *const sql_scripts[SCRIPT__MAX];

/* A run of a query; the caller's memory, its fields nobody's but stmt.c's. */
struct stmt {
	struct ctx *c;
	struct db *db;
	const struct sql_query *query;
	struct sqlite3_stmt *st;
	int64_t us;		/* spent in SQLite */
	enum err failed;	/* the first failure, raised already */
	bool done;		/* no further row */
};

void stmt_begin(struct ctx *c, struct db *db, enum sql which, struct stmt *out);

/* Time already spent waiting for this statement, counted as its own. */
void stmt_waited(struct stmt *s, int64_t us);

/* The bytes bound must stay as they are until stmt_end(). An empty text is '', never NULL. */
void stmt_bind_int(struct stmt *s, int parameter, int64_t v);
void stmt_bind_text(struct stmt *s, int parameter, struct str v);
void stmt_bind_blob(struct stmt *s, int parameter, const void *p, size_t n);

/* Goes to the next row. False: there is none, or it failed. */
bool stmt_next(struct stmt *s);

/* Columns of the current row; texts are copied into c's arena. */
int64_t stmt_int(struct stmt *s, int column);
struct str stmt_text(struct stmt *s, int column);

/* The same where they are, without a copy: until the next stmt_next() or stmt_end(). */
struct str stmt_peek(struct stmt *s, int column);

/* A blob of any length, copied into c's arena. */
struct str stmt_bytes(struct stmt *s, int column);

/* Copies a blob of exactly n bytes; another length in the database is ERR_DB_CORRUPT. */
void stmt_blob(struct stmt *s, int column, void *out, size_t n);

/* Makes e, raised already, what stmt_end() gives, unless the run failed before; OK does nothing. */
void stmt_keep(struct stmt *s, enum err e);

/* Frees the query for its next run, counts and times it; the first failure or OK. */
MUST enum err stmt_end(struct stmt *s);

/* Runs a query without columns from start to end. */
MUST enum err stmt_run(struct stmt *s);

/* Rows changed by the query run last on db, without those that triggers changed. */
int64_t stmt_changes(struct db *db);

/* Counts a query as run that another thread ran for this one, too, and that took us to wait for. */
void stmt_elsewhere(struct ctx *c, struct db *db, enum sql which, int64_t us);

/*
 * Compares a prepared query with its declaration: parameters and columns by number, name and, where
 * SQLite knows it, type; whether it writes. ERR_INTERNAL names the first difference.
 */
MUST enum err stmt_check(struct ctx *c, struct sqlite3_stmt *st, const struct sql_query *query);

#endif
