/*
 * Running queries: declarations checked, failures that stick, everything timed and counted.
 */
#include "store_site.h"

#include "base/time.h"
#include "core/log.h"
#include "store/auth.h"
#include "store/media.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static const struct sql_field slug_in[] = {{"slug", SQL_TYPE_TEXT}};
static const struct sql_field id_out[] = {{"id", SQL_TYPE_INT}};
static const struct sql_field id_text_out[] = {{"id", SQL_TYPE_TEXT}};
static const struct sql_field two_out[] = {{"id", SQL_TYPE_INT}, {"uid", SQL_TYPE_TEXT}};

/* What stmt_check() says of a query that is declared like that. */
static enum err
declare(struct store_site *s, const struct sql_query *q)
{
	sqlite3_stmt *st = NULL;
	enum err e;

	assert_int_equal(sqlite3_prepare_v2(s->db->sq, q->text, -1, &st, NULL), SQLITE_OK);
	err_clear(&s->c);
	e = stmt_check(&s->c, st, q);
	(void)sqlite3_finalize(st);
	return e;
}

static void
a_declaration_that_fits_is_accepted(void **state)
{
	struct sql_query q = {"q", DBOP_SELECT, DBTABLE_POST, slug_in, 1, id_out, 1,
		"SELECT id FROM post WHERE slug = :slug"};
	struct store_site s;

	(void)state;
	site_init(&s);
	assert_int_equal(declare(&s, &q), OK);
	site_fini(&s);
}

static void
each_difference_from_the_declaration_is_refused_by_name(void **state)
{
	static const struct {
		struct sql_query q;
		const char *detail;
	} bad[] = {
		{{"q", DBOP_SELECT, DBTABLE_POST, slug_in, 1, id_out, 1,
			"SELECT id FROM post WHERE slug = :slig"},
			"query q: parameter 1 is declared as 'slug' but is ':slig'"},
		{{"q", DBOP_SELECT, DBTABLE_POST, NULL, 0, id_out, 1,
			"SELECT id FROM post WHERE slug = :slug"},
			"query q: parameter 1 is declared as 'nothing' but is ':slug'"},
		{{"q", DBOP_SELECT, DBTABLE_POST, slug_in, 1, id_out, 1,
			"SELECT id FROM post"},
			"query q: parameter 1 is declared as 'slug' but is 'nothing'"},
		{{"q", DBOP_SELECT, DBTABLE_POST, slug_in, 1, id_out, 1,
			"SELECT id FROM post WHERE slug = ?"},
			"query q: parameter 1 is declared as 'slug' but is 'nothing'"},
		{{"q", DBOP_SELECT, DBTABLE_POST, slug_in, 1, id_out, 1,
			"SELECT uid FROM post WHERE slug = :slug"},
			"query q: column 0 is declared as 'id' but is 'uid'"},
		{{"q", DBOP_SELECT, DBTABLE_POST, slug_in, 1, two_out, 2,
			"SELECT id FROM post WHERE slug = :slug"},
			"query q: column 1 is declared as 'uid' but is 'nothing'"},
		{{"q", DBOP_SELECT, DBTABLE_POST, slug_in, 1, id_out, 1,
			"SELECT id, uid FROM post WHERE slug = :slug"},
			"query q: column 1 is declared as 'nothing' but is 'uid'"},
		{{"q", DBOP_SELECT, DBTABLE_POST, slug_in, 1, id_text_out, 1,
			"SELECT id FROM post WHERE slug = :slug"},
			"query q: the type of column 0 is declared as 'TEXT' but is 'INTEGER'"},
		{{"q", DBOP_UPDATE, DBTABLE_POST, slug_in, 1, id_out, 1,
			"SELECT id FROM post WHERE slug = :slug"},
			"query q: whether it writes is not as declared"},
		{{"q", DBOP_SELECT, DBTABLE_POST, slug_in, 1, NULL, 0,
			"DELETE FROM post WHERE slug = :slug"},
			"query q: whether it writes is not as declared"},
		{{"q", DBOP_SELECT, DBTABLE_POST, NULL, 0, NULL, 0,
			"-- nothing"}, "query q is empty"},
	};
	struct store_site s;

	(void)state;
	site_init(&s);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(declare(&s, &bad[i].q), ERR_INTERNAL);
		assert_string_equal(s.c.err.detail, bad[i].detail);
	}
	site_fini(&s);
}

static void
a_query_that_writes_is_refused_outside_a_write_transaction(void **state)
{
	struct post_row row = site_note("stray", 1);
	struct store_site s;

	(void)state;
	site_init(&s);
	assert_int_equal(post_row_insert(&s.c, s.db, &row), ERR_INTERNAL);
	assert_true(db_clean(s.db));
	err_clear(&s.c);
	assert_int_equal(db_read_begin(&s.c, s.db), OK);
	assert_int_equal(post_row_insert(&s.c, s.db, &row), ERR_INTERNAL);
	db_read_end(&s.c, s.db);
	assert_int_equal(site_sql(&s, "SELECT count(*) FROM post"), 0);
	site_fini(&s);
}

static void
a_failure_sticks_until_the_end(void **state)
{
	struct store_site s;
	struct stmt st;

	(void)state;
	site_init(&s);
	site_add(&s, "a", 1);
	stmt_begin(&s.c, s.db, SQL_PING, &st);
	stmt_keep(&st, OK);
	assert_true(stmt_next(&st));
	stmt_keep(&st, ERR_IO);
	stmt_keep(&st, ERR_MEMORY);
	assert_false(stmt_next(&st));
	assert_int_equal(stmt_end(&st), ERR_IO);
	assert_true(db_clean(s.db));
	site_fini(&s);
}

static void
there_is_no_row_behind_the_last(void **state)
{
	struct store_site s;
	struct stmt st;

	(void)state;
	site_init(&s);
	stmt_begin(&s.c, s.db, SQL_PING, &st);
	assert_true(stmt_next(&st));
	assert_false(stmt_next(&st));
	assert_false(stmt_next(&st));
	assert_int_equal(stmt_end(&st), OK);
	site_fini(&s);
}

static void
text_that_does_not_fit_into_the_arena_is_out_of_memory(void **state)
{
	struct post_row got, row = site_note("big", 1);
	struct store_site s;
	struct ctx small;
	char *big = calloc(1, 100000);

	(void)state;
	site_init(&s);
	assert_non_null(big);
	memset(big, 'x', 100000);
	row.html = str_n(big, 100000);
	assert_int_equal(site_insert(&s.c, s.db, &row), OK);
	ctx_init(&small, 50000);
	small.cfg = &s.cfg;
	assert_int_equal(post_row_find(&small, s.db, S("big"), &got), ERR_MEMORY);
	assert_true(db_clean(s.db));
	ctx_fini(&small);
	free(big);
	site_fini(&s);
}

static void
an_empty_text_is_never_null(void **state)
{
	struct post_row got, row = site_note("empty", 1);
	struct store_site s;

	(void)state;
	site_init(&s);
	row.name = (struct str){0};
	assert_int_equal(site_insert(&s.c, s.db, &row), OK);
	assert_int_equal(post_row_find(&s.c, s.db, S("empty"), &got), OK);
	assert_int_equal(got.name.n, 0);
	assert_non_null(got.name.p);
	site_fini(&s);
}

static void
nothing_bound_stays_bound(void **state)
{
	struct store_site s;
	char *text;
	bool taken;

	(void)state;
	site_init(&s);
	assert_int_equal(post_row_slug_taken(&s.c, s.db, S("hunter2"), 0, &taken), OK);
	text = sqlite3_expanded_sql(s.db->st[SQL_POST_SLUG_TAKEN]);
	assert_non_null(text);
	assert_null(strstr(text, "hunter2"));
	sqlite3_free(text);
	site_fini(&s);
}

static void
facts_count_statements_and_their_time(void **state)
{
	struct post_list list;
	struct store_site s;

	(void)state;
	site_init(&s);
	(void)site_sql(&s, "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL "
		"SELECT i + 1 FROM n LIMIT 3000) INSERT INTO post (uid, slug, type, status, "
		"visibility, published, published_zone, "
		"updated, deleted, client, tags, name, summary, html, text, mf2) "
		"SELECT '', 's' || i, 'note', 1, 0, i, 0, 0, 0, '', '', '', '', '', '', '' FROM n");
	s.facts = (struct facts){0};
	assert_int_equal(post_list_read(&s.c, s.db, &posts_all, S(""), 3000, &list), OK);
	assert_int_equal(s.facts.db_queries, 1);
	assert_true(s.facts.db_us > 0);
	s.c.facts = NULL;
	assert_int_equal(post_list_read(&s.c, s.db, &posts_all, S(""), 1, &list), OK);
	assert_int_equal(s.facts.db_queries, 1);
	site_fini(&s);
}

static uint64_t
counted(struct store_site *s, struct segment *seg, enum dbop op, enum dbtable table)
{
	struct metrics_summary sum;
	struct metrics_view *view;

	assert_int_equal(metrics_view(&s->c, seg, &view), OK);
	metrics_view_statement(view, op, table, &sum);
	return sum.count;
}

static void
metrics_count_by_operation_and_table(void **state)
{
	struct store_site s;
	struct segment *seg;
	struct post_list list;
	uint64_t n;

	(void)state;
	site_init(&s);
	assert_int_equal(segment_create(&s.c, s.dir.path, &seg), OK);
	assert_int_equal(metrics_open(&s.c, seg, METRICS_WORKER, &s.cfg, &s.c.metrics), OK);
	site_add(&s, "a", 1);
	assert_int_equal(post_list_read(&s.c, s.db, &posts_all, S(""), 5, &list), OK);
	assert_int_equal(post_row_count(&s.c, s.db, &n), OK);
	assert_int_equal(counted(&s, seg, DBOP_SELECT, DBTABLE_POST), 2);
	assert_int_equal(counted(&s, seg, DBOP_INSERT, DBTABLE_POST), 1);
	assert_int_equal(counted(&s, seg, DBOP_BEGIN, DBTABLE_NONE), 1);
	assert_int_equal(counted(&s, seg, DBOP_COMMIT, DBTABLE_NONE), 1);
	assert_int_equal(counted(&s, seg, DBOP_ROLLBACK, DBTABLE_NONE), 0);
	metrics_close(s.c.metrics);
	segment_close(seg);
	site_fini(&s);
}

static void
a_query_that_does_not_fit_the_schema_fails_when_it_is_run(void **state)
{
	struct post_list list;
	struct store_site s;

	(void)state;
	site_init(&s);
	(void)site_sql(&s, "ALTER TABLE post RENAME COLUMN summary TO gist");
	for (int i = 0; i < 2; i++) {
		assert_int_equal(post_list_read(&s.c, s.db, &posts_all, S(""), 5, &list), ERR_DB);
		assert_non_null(strstr(s.c.err.detail, "list_all"));
		err_clear(&s.c);
	}
	assert_true(db_clean(s.db));
	assert_int_equal(db_ping(&s.c, s.db), OK);
	(void)site_sql(&s, "ALTER TABLE post RENAME COLUMN gist TO summary");
	assert_int_equal(post_list_read(&s.c, s.db, &posts_all, S(""), 5, &list), OK);
	site_fini(&s);
}

static void
a_slow_statement_is_logged_by_name(void **state)
{
	char path[128], text[4096] = "";
	struct post_list list;
	struct store_site s;
	int fd;

	(void)state;
	site_init_empty(&s);
	s.cfg.metrics_slow_query_threshold = 0;
	assert_int_equal(migrate_run(&s.c, true), OK);
	assert_int_equal(db_open(&s.c, NULL, &s.db), OK);
	(void)snprintf(path, sizeof(path), "%s/log", s.dir.path);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(log_open_fd(&s.c, fd, LOG_LEVEL_DEBUG, true, &s.c.log), OK);
	assert_int_equal(post_list_read(&s.c, s.db, &posts_all, S(""), 5, &list), OK);
	log_close(s.c.log);
	s.c.log = NULL;
	assert_true(pread(fd, text, sizeof(text) - 1, 0) > 0);
	assert_non_null(strstr(text, "db_slow_statement"));
	assert_non_null(strstr(text, "list_all"));
	(void)close(fd);
	site_fini(&s);
}

static void
a_statement_beyond_the_deadline_is_interrupted(void **state)
{
	struct post_list list;
	struct store_site s;

	(void)state;
	site_init(&s);
	(void)site_sql(&s, "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL "
		"SELECT i + 1 FROM n LIMIT 3000) INSERT INTO post (uid, slug, type, status, "
		"visibility, published, published_zone, "
		"updated, deleted, client, tags, name, summary, html, text, mf2) "
		"SELECT '', 's' || i, 'note', 1, 0, i, 0, 0, 0, '', '', '', '', '', '', '' FROM n");
	s.c.deadline_us = 1;
	assert_int_equal(post_list_read(&s.c, s.db, &posts_all, S(""), 3000, &list), ERR_TIMEOUT);
	assert_true(db_clean(s.db));
	s.c.deadline_us = time_mono_us() + 60 * 1000000;
	assert_int_equal(post_list_read(&s.c, s.db, &posts_all, S(""), 3000, &list), OK);
	s.c.deadline_us = 0;
	assert_int_equal(post_list_read(&s.c, s.db, &posts_all, S(""), 3000, &list), OK);
	site_fini(&s);
}

static void
a_commit_moves_the_generation_only_if_pages_are_concerned(void **state)
{
	struct session_row session = {.id = S("x"), .expires = 5};
	struct post_row row = site_note("a", 1);
	struct media_row file = {.name = S("ab/c.png"), .type = S("image/png")};
	struct segment *seg;
	struct store_site s;
	uint64_t before;
	int64_t n;

	(void)state;
	site_init(&s);
	db_close(s.db);
	assert_int_equal(segment_create(&s.c, s.dir.path, &seg), OK);
	assert_int_equal(db_open(&s.c, seg, &s.db), OK);
	before = segment_generation(seg);
	assert_int_equal(db_tx_begin(&s.c, s.db), OK);
	assert_int_equal(session_row_insert(&s.c, s.db, &session), OK);
	assert_int_equal(session_row_clean(&s.c, s.db, 9, &n), OK);
	assert_int_equal(db_tx_commit(&s.c, s.db), OK);
	assert_int_equal(segment_generation(seg), before);
	assert_int_equal(db_tx_begin(&s.c, s.db), OK);
	assert_int_equal(post_row_insert(&s.c, s.db, &row), OK);
	assert_int_equal(segment_generation(seg), before);
	db_tx_rollback(&s.c, s.db);
	assert_int_equal(segment_generation(seg), before);
	assert_int_equal(site_insert(&s.c, s.db, &row), OK);
	assert_int_equal(segment_generation(seg), before + 1);
	assert_int_equal(db_tx_begin(&s.c, s.db), OK);
	assert_int_equal(db_tx_commit(&s.c, s.db), OK);
	assert_int_equal(segment_generation(seg), before + 1);
	/* An upload: no page shows it before a post does, but pages do show what becomes of it. */
	assert_int_equal(db_tx_begin(&s.c, s.db), OK);
	assert_int_equal(media_key_insert(&s.c, s.db, file.digest), OK);
	assert_int_equal(media_row_insert(&s.c, s.db, &file), OK);
	assert_int_equal(media_row_touch(&s.c, s.db, &file), OK);
	assert_int_equal(media_row_link(&s.c, s.db, row.id, file.digest), OK);
	assert_int_equal(media_row_unlink_post(&s.c, s.db, row.id), OK);
	assert_int_equal(db_tx_commit(&s.c, s.db), OK);
	assert_int_equal(segment_generation(seg), before + 1);
	assert_int_equal(db_tx_begin(&s.c, s.db), OK);
	assert_int_equal(media_row_set_sizes(&s.c, s.db, file.id, S("480")), OK);
	assert_int_equal(db_tx_commit(&s.c, s.db), OK);
	assert_int_equal(segment_generation(seg), before + 2);
	assert_int_equal(db_tx_begin(&s.c, s.db), OK);
	assert_int_equal(media_row_delete(&s.c, s.db, file.id), OK);
	assert_int_equal(db_tx_commit(&s.c, s.db), OK);
	assert_int_equal(segment_generation(seg), before + 3);
	db_close(s.db);
	s.db = NULL;
	segment_close(seg);
	site_fini(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_declaration_that_fits_is_accepted),
		cmocka_unit_test(each_difference_from_the_declaration_is_refused_by_name),
		cmocka_unit_test(a_query_that_writes_is_refused_outside_a_write_transaction),
		cmocka_unit_test(a_failure_sticks_until_the_end),
		cmocka_unit_test(there_is_no_row_behind_the_last),
		cmocka_unit_test(text_that_does_not_fit_into_the_arena_is_out_of_memory),
		cmocka_unit_test(an_empty_text_is_never_null),
		cmocka_unit_test(nothing_bound_stays_bound),
		cmocka_unit_test(facts_count_statements_and_their_time),
		cmocka_unit_test(metrics_count_by_operation_and_table),
		cmocka_unit_test(a_query_that_does_not_fit_the_schema_fails_when_it_is_run),
		cmocka_unit_test(a_slow_statement_is_logged_by_name),
		cmocka_unit_test(a_statement_beyond_the_deadline_is_interrupted),
		cmocka_unit_test(a_commit_moves_the_generation_only_if_pages_are_concerned),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
