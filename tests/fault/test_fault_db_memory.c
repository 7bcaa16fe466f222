/*
 * The n-th allocation fails, ours or SQLite's, for n from 1 until none does: the answer is that
 * memory ran out, nothing is lost or left behind, and the next try succeeds.
 *
 * Ours can be made to fail in debug builds only; elsewhere the first round of a sweep is the last.
 */
#include "../unit/share_fixture.h"

#include "base/mem.h"
#include "store/auth.h"
#include "store/pool.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

/* SQLite's allocator of this test program, which has one thread: the countdown may be global. */
static struct {
	sqlite3_mem_methods real;
	int countdown;
	int hit;
} sql_mem;

static int
sql_mem_fails(void)
{
	if (sql_mem.countdown == 0 || --sql_mem.countdown > 0)
		return 0;
	sql_mem.hit = 1;
	return 1;
}

static void *
sql_mem_alloc(int n)
{
	return sql_mem_fails() ? NULL : sql_mem.real.xMalloc(n);
}

static void *
sql_mem_realloc(void *p, int n)
{
	return sql_mem_fails() ? NULL : sql_mem.real.xRealloc(p, n);
}

static void
sql_mem_register(void)
{
	sqlite3_mem_methods ours;

	site_must(sqlite3_config(SQLITE_CONFIG_GETMALLOC, &sql_mem.real) == SQLITE_OK, "getmalloc");
	ours = sql_mem.real;
	ours.xMalloc = sql_mem_alloc;
	ours.xRealloc = sql_mem_realloc;
	site_must(sqlite3_config(SQLITE_CONFIG_MALLOC, &ours) == SQLITE_OK, "malloc");
}

static void
fail_at(bool sql, int n)
{
	sql_mem.countdown = sql ? n : 0;
	sql_mem.hit = 0;
	mem_fault_at(sql ? 0 : (unsigned long)n);
}

/* Ends the faults; whether one came. */
static bool
fail_end(bool sql)
{
	bool hit = sql ? sql_mem.hit : mem_fault_hit();

	sql_mem.countdown = 0;
	mem_fault_at(0);
	return hit;
}

/*
 * Runs fn under the n-th failure for every n, or every stride-th where there are thousands alike;
 * what it gives must be OK or ERR_MEMORY.
 */
static void
sweep(struct store_site *s, enum err (*fn)(struct store_site *s, int n), bool sql, int stride)
{
	for (int n = 1; n < 50000; n += sql ? stride : 1) {
		enum err e;
		bool hit;

		ctx_fini(&s->c); /* the arena must allocate again */
		site_ctx(s, &s->c);
		fail_at(sql, n);
		e = fn(s, n);
		hit = fail_end(sql);
		if (e != OK && e != ERR_MEMORY)
			print_message("allocation %d: error %d: %s\n", n, e, s->c.err.detail);
		assert_true(e == OK || (hit && e == ERR_MEMORY));
		assert_true(!s->db || db_clean(s->db));
		err_clear(&s->c);
		if (!hit)
			return;
	}
	fail_msg("the sweep does not end");
}

static enum err
insert_and_read(struct store_site *s, int n)
{
	struct str tags[] = {S_INIT("tag")};
	const struct post_scope tagged = {.kind = POSTS_TAG, .name = tags[0]};
	struct post_list list;
	struct post_row row, got;
	char slug[32];
	enum err e;

	(void)snprintf(slug, sizeof(slug), "p%d", n);
	row = site_note(slug, n);
	row.tags = tags;
	row.n_tags = 1;
	e = site_insert(&s->c, s->db, &row);
	if (!e)
		e = post_row_find(&s->c, s->db, row.slug, &got);
	if (!e)
		e = post_list_page(&s->c, s->db, 1, 5, &list);
	if (!e)
		e = post_list_read(&s->c, s->db, &tagged, S(""), 5, &list);
	return e;
}

static enum err
tokens(struct store_site *s, int n)
{
	struct token_row row = {.name = S("x")}, *rows;
	char id[32];
	enum err e;
	size_t m;

	(void)snprintf(id, sizeof(id), "t%d", n);
	row.id = str_z(id);
	memcpy(row.hash, &n, sizeof(n));
	e = db_tx_begin(&s->c, s->db);
	if (!e)
		e = token_row_insert(&s->c, s->db, &row);
	if (e)
		db_tx_rollback(&s->c, s->db);
	else
		e = db_tx_commit(&s->c, s->db);
	return e ? e : token_row_list(&s->c, s->db, &rows, &m);
}

static enum err
open_pool(struct store_site *s, int n)
{
	struct pool *pool;
	enum err e = pool_open(&s->c, NULL, 1, &pool);

	(void)n;
	if (!e)
		pool_close(&s->c, pool);
	return e;
}

/* A database of its own in another directory, so that each try finds none. */
static enum err
migrate_new(struct store_site *s, int n)
{
	struct store_site fresh = *s;
	enum err e;

	(void)snprintf(fresh.path, sizeof(fresh.path), "%s/fresh%d.db", s->dir.path, n);
	fresh.cfg.database_path = fresh.path;
	s->c.cfg = &fresh.cfg;
	e = migrate_run(&s->c, true);
	s->c.cfg = &s->cfg;
	site_must((access(fresh.path, F_OK) == 0) == (e == OK), "half a database");
	(void)unlink(fresh.path);
	return e;
}

static void
run(enum err (*fn)(struct store_site *s, int n), bool with_db, int stride)
{
	struct store_site s;

	for (int sql = 0; sql < 2; sql++) {
		site_init(&s);
		if (!with_db) {
			db_close(s.db);
			s.db = NULL;
		}
		sweep(&s, fn, sql, stride);
		assert_int_equal(1, site_sql(&s, "SELECT (SELECT posts FROM site) = "
			"(SELECT count(*) FROM post)"));
		site_fini(&s);
	}
}

static void
posts_survive_any_failed_allocation(void **state)
{
	(void)state;
	run(insert_and_read, true, 1);
}

static void
tokens_survive_any_failed_allocation(void **state)
{
	(void)state;
	run(tokens, true, 1);
}

/* Three writers in one transaction: whoever is told that its post is stored finds it, and no other. */
static void
writers_who_share_a_commit_survive_any_failed_allocation(void **state)
{
	struct share_line l;
	bool hit = true;
	int stored = 0, n;

	(void)state;
	share_init(&l);
	for (n = 1; n < 50000 && hit; n += 5) {
		struct share_member m[3];
		char slugs[3][32];

		for (int i = 0; i < 3; i++) {
			(void)snprintf(slugs[i], sizeof(slugs[i]), "p%d-%d", n, i);
			m[i] = (struct share_member){.work = share_insert, .slug = slugs[i]};
		}
		share_hold(&l, m, 3);
		fail_at(true, n);
		share_release(&l, m, 3);
		hit = fail_end(true);
		for (int i = 0; i < 3; i++) {
			stored += m[i].e == OK;
			assert_true(m[i].clean);
			assert_true(m[i].e == OK ||
				(hit && (m[i].e == ERR_MEMORY || m[i].e == ERR_DB_BUSY)));
		}
		assert_int_equal(stored, site_sql(&l.site, "SELECT count(*) FROM post"));
	}
	assert_false(hit);
	assert_int_equal(1, site_sql(&l.site, "SELECT (SELECT posts FROM site) = "
		"(SELECT count(*) FROM post)"));
	share_fini(&l);
}

static void
opening_a_pool_survives_any_failed_allocation(void **state)
{
	(void)state;
	run(open_pool, false, 17);
}

static void
a_creation_survives_any_failed_allocation(void **state)
{
	(void)state;
	run(migrate_new, false, 17);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(posts_survive_any_failed_allocation),
		cmocka_unit_test(tokens_survive_any_failed_allocation),
		cmocka_unit_test(writers_who_share_a_commit_survive_any_failed_allocation),
		cmocka_unit_test(opening_a_pool_survives_any_failed_allocation),
		cmocka_unit_test(a_creation_survives_any_failed_allocation),
	};

	sql_mem_register();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
