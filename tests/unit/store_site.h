/*
 * A site's database in a directory of the test's own, and what tests do to it behind our back with
 * plain SQLite.
 */
#ifndef UNIT_STORE_SITE_H
#define UNIT_STORE_SITE_H

#include "core/config.h"
#include "store/migrate.h"
#include "store/post_list.h"
#include "store/priv.h"
#include "tempdir.h"

#include <errno.h>
#include <sys/wait.h>

struct store_site {
	struct tempdir dir;
	char path[192];
	struct config cfg;
	struct ctx c;
	struct facts facts;
	struct db *db;		/* open, unless the test closed it */
};

static inline void
site_must(bool good, const char *what)
{
	if (good)
		return;
	(void)fprintf(stderr, "test fixture: %s\n", what);
	abort();
}

/* A context as the site's, for another thread or process. */
static inline void
site_ctx(const struct store_site *s, struct ctx *c)
{
	ctx_init(c, 16 * 1024 * 1024);
	c->cfg = &s->cfg;
}

/* The directory and the configuration, without a database. */
static inline void
site_init_empty(struct store_site *s)
{
	*s = (struct store_site){0};
	tempdir_init(&s->dir);
	(void)snprintf(s->path, sizeof(s->path), "%s/site.db", s->dir.path);
	s->cfg.database_path = s->path;
	s->cfg.db_busy_timeout = 5 * 1000000;
	s->cfg.db_connection_timeout = 5 * 1000000;
	s->cfg.db_cache_size = 2 * 1024 * 1024;
	s->cfg.metrics_slow_query_threshold = 1000000;
	s->cfg.metrics_buffer_size = 16;
	site_ctx(s, &s->c);
	s->c.facts = &s->facts;
}

static inline void
site_init(struct store_site *s)
{
	site_init_empty(s);
	site_must(migrate_run(&s->c, true) == OK, s->c.err.detail);
	site_must(db_open(&s->c, NULL, &s->db) == OK, s->c.err.detail);
}

static inline void
site_fini(struct store_site *s)
{
	db_close(s->db);
	ctx_fini(&s->c);
	tempdir_fini(&s->dir);
}

/* Runs statements on a handle of its own; the first column of the last row as a number. */
static inline int64_t
site_sql(const struct store_site *s, const char *sql)
{
	sqlite3_stmt *st;
	int64_t number = -1;
	sqlite3 *sq;

	site_must(sqlite3_open(s->path, &sq) == SQLITE_OK, "open");
	(void)sqlite3_busy_timeout(sq, 5000);
	while (*sql) {
		int rc = sqlite3_prepare_v2(sq, sql, -1, &st, &sql);

		site_must(rc == SQLITE_OK, sqlite3_errmsg(sq));
		while (st && (rc = sqlite3_step(st)) == SQLITE_ROW)
			number = sqlite3_column_int64(st, 0);
		site_must(!st || rc == SQLITE_DONE, sqlite3_errmsg(sq));
		(void)sqlite3_finalize(st);
	}
	(void)sqlite3_close(sq);
	return number;
}

/* A listed note of that slug. */
static inline struct post_row
site_note(const char *slug, int64_t published)
{
	return (struct post_row){
		.uid = str_z(slug), .slug = str_z(slug), .type = S("note"),
		.status = POST_PUBLISHED, .visibility = POST_PUBLIC, .published = published,
		.html = S("<p>Hello.</p>"), .text = S("Hello."), .mf2 = S("{}"),
	};
}

/* Inserts a row in a transaction of its own. */
static inline enum err
site_insert(struct ctx *c, struct db *db, struct post_row *row)
{
	enum err e = db_tx_begin(c, db);

	if (e)
		return e;
	e = post_row_insert(c, db, row);
	if (!e)
		return db_tx_commit(c, db);
	db_tx_rollback(c, db);
	return e;
}

static inline void
site_add(struct store_site *s, const char *slug, int64_t published)
{
	struct post_row row = site_note(slug, published);

	site_must(site_insert(&s->c, s->db, &row) == OK, s->c.err.detail);
}

/* Waits for a child; true if it ended by itself with 0. */
static inline bool
site_child_good(pid_t child)
{
	int status;

	while (waitpid(child, &status, 0) < 0)
		site_must(errno == EINTR, "waitpid");
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

#endif
