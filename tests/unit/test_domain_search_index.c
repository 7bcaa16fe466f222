/*
 * Keeping what searches look at: a little at a time, never by a create, from wherever it stopped, and
 * on a SQLite that has no FTS5, or has it again.
 */
#include "search_fixture.h"
#include "store/post.h"
#include "store/search.h"

#include <sqlite3.h>

/* What every connection of this program goes through: a SQLite without FTS5, if a test says so. */
static bool without_fts5;

int __real_sqlite3_open_v2(const char *path, sqlite3 **out, int flags, const char *vfs);
int __wrap_sqlite3_open_v2(const char *path, sqlite3 **out, int flags, const char *vfs);

int
__wrap_sqlite3_open_v2(const char *path, sqlite3 **out, int flags, const char *vfs)
{
	static const char *keep[] = {"json_each", "json_tree", NULL};
	int rc = __real_sqlite3_open_v2(path, out, flags, vfs);

	if (rc == SQLITE_OK && without_fts5)
		rc = sqlite3_drop_modules(*out, keep);
	return rc;
}

static int
setup_without_fts5(void **state)
{
	without_fts5 = true;
	return site_setup(state);
}

static int
teardown_with_fts5(void **state)
{
	without_fts5 = false;
	return site_teardown(state);
}

/* Runs statements behind the site's back; the first column of the last row. */
static int64_t
plain_sql(struct site *s, const char *sql)
{
	sqlite3_stmt *st;
	int64_t number = -1;
	sqlite3 *sq;

	assert_int_equal(sqlite3_open(s->cfg->database_path, &sq), SQLITE_OK);
	(void)sqlite3_busy_timeout(sq, 5000);
	assert_int_equal(sqlite3_prepare_v2(sq, sql, -1, &st, NULL), SQLITE_OK);
	while (sqlite3_step(st) == SQLITE_ROW)
		number = sqlite3_column_int64(st, 0);
	assert_int_equal(sqlite3_finalize(st), SQLITE_OK);
	(void)sqlite3_close(sq);
	return number;
}

static void
note(struct site *s, const char *slug, const char *content)
{
	struct str body;

	assert_ok(s, ctx_printf(&s->c, &body,
		"{\"properties\":{\"mp-slug\":[\"%s\"],\"content\":[\"%s\"]}}", slug, content));
	(void)posted(s, body.p);
	site_next(s, 60);
}

static void
change(struct site *s, const char *slug, const char *action)
{
	struct auth_grant g = grant("create update delete undelete");
	struct micropub_request r;
	struct post_result made;
	struct str body;

	assert_ok(s, ctx_printf(&s->c, &body, "{\"url\":\"https://ada.example/note/%s\",%s}", slug,
		action));
	assert_ok(s, micropub_parse_json(&s->c, body, &r));
	assert_ok(s, micropub_run(&s->c, s->db, &g, &r, &made));
	site_next(s, 60);
}

static void
assert_engine(struct site *s, enum search_engine want)
{
	enum search_engine engine;

	assert_ok(s, search_engine(&s->c, s->db, &engine));
	assert_string_equal(search_engine_name(engine), search_engine_name(want));
}

static void
assert_sound(struct site *s)
{
	int64_t lost;

	assert_ok(s, search_check(&s->c, s->db, &lost));
	assert_int_equal(lost, 0);
}

static void
assert_finds(struct site *s, const char *text, const char *slugs)
{
	assert_str(search_for(s, text, SEARCH_NEWEST_FIRST), slugs);
}

/* ---- keeping --------------------------------------------------------------------------------- */

static void
a_create_writes_nothing_for_searches(void **state)
{
	struct site *s = *state;
	const char *written = "SELECT (SELECT count(*) FROM search) + (SELECT count(*) FROM search_stale) "
			      "+ (SELECT done FROM search_state)";

	note(s, "a", "apple");
	assert_int_equal(plain_sql(s, written), 0);
	keep_up(s);
	assert_int_equal(plain_sql(s, written), 2);
	note(s, "b", "apple");
	assert_int_equal(plain_sql(s, written), 2);
	assert_finds(s, "apple", "b a");
}

static void
changes_show_at_once_and_are_kept_later(void **state)
{
	struct site *s = *state;
	static const struct {
		const char *action, *apple, *pear;
	} steps[] = {
		{"\"action\":\"update\",\"replace\":{\"content\":[\"pear\"]}", "b", "a"},
		{"\"action\":\"update\",\"replace\":{\"published\":[\"2019-05-01\"]}", "b", "a"},
		{"\"action\":\"update\",\"replace\":{\"visibility\":[\"private\"]}", "b", ""},
		{"\"action\":\"update\",\"replace\":{\"visibility\":[\"public\"]}", "b", "a"},
		{"\"action\":\"delete\"", "b", ""},
		{"\"action\":\"undelete\"", "b", "a"},
		{"\"action\":\"update\",\"replace\":{\"post-status\":[\"draft\"]}", "b", ""},
	};

	note(s, "a", "apple");
	note(s, "b", "apple");
	keep_up(s);
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		change(s, "a", steps[i].action);
		for (int kept = 0; kept < 2; kept++) {
			assert_finds(s, "apple", steps[i].apple);
			assert_finds(s, "pear", steps[i].pear);
			assert_finds(s, "pear before:2020", i > 0 ? steps[i].pear : "");
			assert_sound(s);
			keep_up(s);
		}
		assert_engine(s, SEARCH_FTS5);
	}
}

static void
a_scheduled_post_is_found_from_when_it_is_published(void **state)
{
	struct site *s = *state;
	int64_t n, next;

	(void)posted(s, "{\"properties\":{\"mp-slug\":[\"a\"],\"content\":[\"apple\"],"
			"\"published\":[\"2026-03-02T00:00:00Z\"]}}");
	keep_up(s);
	assert_finds(s, "apple", "");
	site_next(s, 86400);
	assert_ok(s, post_publish_due(&s->c, s->db, &n, &next));
	assert_int_equal(n, 1);
	assert_finds(s, "apple", "a");
	keep_up(s);
	assert_finds(s, "apple", "a");
	assert_sound(s);
}

static void
a_post_that_is_gone_for_good_takes_its_row_with_it(void **state)
{
	struct site *s = *state;

	note(s, "a", "apple");
	note(s, "b", "apple");
	keep_up(s);
	(void)plain_sql(s, "DELETE FROM post WHERE slug = 'a'");
	assert_finds(s, "apple", "b");
	keep_up(s);
	assert_int_equal(plain_sql(s, "SELECT count(*) FROM search"), 1);
	assert_sound(s);
}

/* However little is done at a time, it comes to an end, and everything is right in between. */
static void
it_goes_on_from_wherever_it_stopped(void **state)
{
	struct site *s = *state;
	bool left = true;
	int pieces = 0;

	for (int i = 0; i < 40; i++) {
		char slug[8];

		(void)snprintf(slug, sizeof(slug), "n%d", i);
		note(s, slug, "apple");
	}
	while (left) {
		struct search_result found;

		assert_ok(s, search_upkeep(&s->c, s->db, 1, &left));
		found = search_page(s, S("apple"), SEARCH_NEWEST_FIRST, S(""), 50);
		assert_int_equal(found.list.n, 40);
		assert_sound(s);
		site_next(s, 0);
		assert_true(++pieces < 60);
		if (left && pieces % 3 == 0) {
			db_close(s->db); /* as after a crash */
			assert_ok(s, db_open(&s->c, NULL, &s->db));
		}
	}
	assert_true(pieces > 2);
	assert_engine(s, SEARCH_FTS5);
}

static void
nothing_is_written_where_nothing_is_left(void **state)
{
	struct site *s = *state;
	int64_t changes;
	bool left;

	note(s, "a", "apple");
	keep_up(s);
	s->c.read_only = true; /* a write transaction would fail */
	assert_ok(s, search_upkeep(&s->c, s->db, 1000000, &left));
	assert_false(left);
	changes = plain_sql(s, "SELECT done FROM search_state");
	assert_int_equal(changes, 1);
}

/* ---- beginning anew -------------------------------------------------------------------------- */

static void
rebuilding_searches_find_everything_without_the_index(void **state)
{
	struct site *s = *state;
	bool left = true;

	for (int i = 0; i < 40; i++) {
		char slug[8];

		(void)snprintf(slug, sizeof(slug), "n%d", i);
		note(s, slug, "apple");
	}
	keep_up(s);
	assert_ok(s, search_rebuild(&s->c, s->db));
	while (left) {
		assert_int_equal(search_page(s, S("apple"), SEARCH_NEWEST_FIRST, S(""), 50).list.n, 40);
		assert_ok(s, search_upkeep(&s->c, s->db, 1, &left));
		assert_engine(s, left ? SEARCH_LIKE : SEARCH_FTS5);
		site_next(s, 0);
	}
	assert_sound(s);
}

static void
other_rules_of_folding_make_it_begin_anew(void **state)
{
	struct site *s = *state;

	note(s, "a", "apple");
	keep_up(s);
	(void)plain_sql(s, "UPDATE search_state SET folding = folding - 1");
	(void)plain_sql(s, "UPDATE search SET text = ' \x1f\x1f old \x1f '");
	assert_engine(s, SEARCH_LIKE);
	keep_up(s);
	assert_engine(s, SEARCH_FTS5);
	assert_finds(s, "old", "");
	assert_finds(s, "apple", "a");
	assert_sound(s);
}

static void
what_was_written_without_the_index_is_in_it_afterwards(void **state)
{
	struct site *s = *state;

	note(s, "a", "apple");
	keep_up(s);
	use_engine(s, CONFIG_SEARCH_LIKE);
	note(s, "b", "apple");
	change(s, "a", "\"action\":\"update\",\"replace\":{\"content\":[\"pear\"]}");
	keep_up(s);
	assert_finds(s, "apple", "b");
	use_engine(s, CONFIG_SEARCH_AUTO);
	assert_engine(s, SEARCH_LIKE);
	assert_finds(s, "apple", "b");
	keep_up(s);
	assert_engine(s, SEARCH_FTS5);
	assert_finds(s, "apple", "b");
	assert_finds(s, "pear", "a");
	assert_sound(s);
}

/* ---- checking -------------------------------------------------------------------------------- */

static void
a_lost_row_is_counted_and_a_wrong_index_is_found(void **state)
{
	struct site *s = *state;
	int64_t lost;

	note(s, "a", "apple");
	note(s, "b", "apple");
	keep_up(s);
	(void)plain_sql(s, "UPDATE search SET text = ' other ' WHERE post_id = 1");
	assert_err(s, search_check(&s->c, s->db, &lost), ERR_DB_CORRUPT);
	use_engine(s, CONFIG_SEARCH_LIKE);
	(void)plain_sql(s, "DELETE FROM search WHERE post_id = 2");
	assert_ok(s, search_check(&s->c, s->db, &lost));
	assert_int_equal(lost, 1);
	use_engine(s, CONFIG_SEARCH_AUTO);
	assert_ok(s, search_rebuild(&s->c, s->db));
	keep_up(s);
	assert_sound(s);
}

/* ---- a SQLite without FTS5 ------------------------------------------------------------------- */

static void
without_fts5_searches_work_and_it_is_told(void **state)
{
	struct site *s = *state;
	struct search_report r;

	note(s, "a", "apple");
	for (int kept = 0; kept < 2; kept++) {
		assert_engine(s, SEARCH_LIKE);
		assert_finds(s, "apple", "a");
		keep_up(s);
	}
	assert_sound(s);
	assert_ok(s, search_report(&s->c, s->db, &r));
	assert_false(search_report_good(&r));
	use_engine(s, CONFIG_SEARCH_LIKE);
	assert_ok(s, search_report(&s->c, s->db, &r));
	assert_true(search_report_good(&r));
}

static void
a_site_that_moves_to_a_sqlite_with_fts5_gets_the_index_and_loses_it_again(void **state)
{
	struct site *s = *state;

	note(s, "a", "apple");
	keep_up(s);
	without_fts5 = false;
	assert_ok(s, migrate_run(&s->c, false));
	use_engine(s, CONFIG_SEARCH_AUTO);
	keep_up(s);
	assert_engine(s, SEARCH_FTS5);
	without_fts5 = true;
	assert_ok(s, migrate_run(&s->c, false));
	use_engine(s, CONFIG_SEARCH_AUTO);
	note(s, "b", "apple");
	assert_finds(s, "apple", "b a");
	keep_up(s);
	assert_engine(s, SEARCH_LIKE);
	assert_finds(s, "apple", "b a");
	without_fts5 = false;
	use_engine(s, CONFIG_SEARCH_AUTO);
	keep_up(s);
	assert_engine(s, SEARCH_FTS5);
	assert_finds(s, "apple", "b a");
	assert_sound(s);
}

#define PLAIN_TEST(f) cmocka_unit_test_setup_teardown(f, setup_without_fts5, teardown_with_fts5)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(a_create_writes_nothing_for_searches),
		SITE_TEST(changes_show_at_once_and_are_kept_later),
		SITE_TEST(a_scheduled_post_is_found_from_when_it_is_published),
		SITE_TEST(a_post_that_is_gone_for_good_takes_its_row_with_it),
		SITE_TEST(it_goes_on_from_wherever_it_stopped),
		SITE_TEST(nothing_is_written_where_nothing_is_left),
		SITE_TEST(rebuilding_searches_find_everything_without_the_index),
		SITE_TEST(other_rules_of_folding_make_it_begin_anew),
		SITE_TEST(what_was_written_without_the_index_is_in_it_afterwards),
		SITE_TEST(a_lost_row_is_counted_and_a_wrong_index_is_found),
		PLAIN_TEST(without_fts5_searches_work_and_it_is_told),
		PLAIN_TEST(a_site_that_moves_to_a_sqlite_with_fts5_gets_the_index_and_loses_it_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
