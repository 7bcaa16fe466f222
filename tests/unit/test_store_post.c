/*
 * Rows of posts and tags: round trip, kept figures, scheduled posts. Lists: test_store_post_list.c.
 */
#include "store_site.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

enum { DAY = 86400 };

static const int64_t march = 1772323200; /* 2026-03-01T00:00:00Z */

static void
assert_str(struct str got, const char *want)
{
	assert_int_equal(got.n, strlen(want));
	assert_memory_equal(got.p, want, got.n);
}

static uint64_t
count(struct store_site *s)
{
	uint64_t n;

	assert_int_equal(post_row_count(&s->c, s->db, &n), OK);
	return n;
}

static uint64_t
tag_count(struct store_site *s, const char *tag)
{
	struct str name;
	uint64_t n;

	assert_int_equal(post_row_tag_count(&s->c, s->db, str_z(tag), &name, &n), OK);
	return n;
}

static int64_t
revision(struct store_site *s)
{
	int64_t n;

	assert_int_equal(post_row_revision(&s->c, s->db, &n), OK);
	return n;
}

static int64_t
changed(struct store_site *s)
{
	int64_t n, t;

	assert_int_equal(post_row_state(&s->c, s->db, &n, &t), OK);
	assert_int_equal(n, revision(s));
	return t;
}

/* What is kept equals what counting gives. */
static void
assert_kept_is_counted(struct store_site *s)
{
	assert_int_equal(0, site_sql(s,
		"SELECT (SELECT posts FROM site) <> (SELECT count(*) FROM post WHERE listed)"));
	assert_int_equal(0, site_sql(s, "SELECT count(*) FROM tag WHERE posts <> (SELECT count(*) "
		"FROM post_tag JOIN post ON post.id = post_id "
		"WHERE tag_id = tag.id AND post.listed)"));
	assert_int_equal(0, site_sql(s,
		"SELECT count(*) FROM post_tag JOIN post ON post.id = post_id "
		"WHERE post.listed <> post_tag.listed OR post.published <> post_tag.published"));
	assert_int_equal(0, site_sql(s, "SELECT count(*) FROM post_period WHERE posts <> "
		"(SELECT count(*) FROM post WHERE listed AND period = strftime("
		"CASE level WHEN 1 THEN '%Y' WHEN 2 THEN '%Y-%m' ELSE '%Y-%m-%d' END, "
		"published, 'unixepoch'))"));
	assert_int_equal(0, site_sql(s, "SELECT count(*) FROM ("
		"SELECT strftime('%Y-%m-%d', published, 'unixepoch') AS day FROM post WHERE listed "
		"EXCEPT SELECT period FROM post_period)"));
}

static void
a_post_comes_back_as_it_was_stored(void **state)
{
	struct str tags[] = {S_INIT("IndieWeb"), S_INIT("c11"), S_INIT("Zürich")};
	struct post_row got, row = {
		.uid = S("note/first"), .slug = S("first"), .type = S("article"),
		.status = POST_PUBLISHED, .visibility = POST_UNLISTED,
		.published = march, .published_zone = -210, .updated = march + 60,
		.deleted = march + 90,
		.name = S("A title"), .summary = S("Short"), .html = S("<p>é\xf0\x9f\x8c\xb1</p>"),
		.text = S("e"), .mf2 = S("{\"type\":[\"h-entry\"]}"), .tags = tags, .n_tags = 3,
		.client = S("tok1"),
	};
	struct store_site s;

	(void)state;
	site_init(&s);
	assert_int_equal(site_insert(&s.c, s.db, &row), OK);
	assert_true(row.id > 0);
	assert_int_equal(post_row_find(&s.c, s.db, S("first"), &got), OK);
	assert_int_equal(got.id, row.id);
	assert_str(got.uid, "note/first");
	assert_str(got.slug, "first");
	assert_str(got.type, "article");
	assert_int_equal(got.status, POST_PUBLISHED);
	assert_int_equal(got.visibility, POST_UNLISTED);
	assert_int_equal(got.published, march);
	assert_int_equal(got.published_zone, -210);
	assert_int_equal(got.updated, march + 60);
	assert_int_equal(got.deleted, march + 90);
	assert_str(got.name, "A title");
	assert_str(got.summary, "Short");
	assert_str(got.html, "<p>é\xf0\x9f\x8c\xb1</p>");
	assert_str(got.text, "e");
	assert_str(got.mf2, "{\"type\":[\"h-entry\"]}");
	assert_str(got.client, "tok1");
	assert_int_equal(got.n_tags, 3);
	assert_str(got.tags[0], "IndieWeb");
	assert_str(got.tags[1], "c11");
	assert_str(got.tags[2], "Zürich");
	site_fini(&s);
}

static void
an_update_writes_all_of_a_row_and_its_tags(void **state)
{
	struct str old[] = {S_INIT("a"), S_INIT("b")}, new[] = {S_INIT("B"), S_INIT("c")};
	struct post_row got, row = site_note("first", march);
	struct store_site s;

	(void)state;
	site_init(&s);
	row.tags = old;
	row.n_tags = 2;
	assert_int_equal(site_insert(&s.c, s.db, &row), OK);
	assert_int_equal(row.version, 1);
	row.slug = S("second");
	row.name = S("Title");
	row.html = S("<p>New</p>");
	row.text = S("New");
	row.mf2 = S("{\"a\":1}");
	row.visibility = POST_UNLISTED;
	row.published += 86400;
	row.updated = march + 5;
	row.channel = S("garden");
	row.syndicate_to = S("pond\x1f");
	row.rich = true;
	row.tags = new;
	assert_int_equal(db_tx_begin(&s.c, s.db), OK);
	assert_int_equal(post_row_update(&s.c, s.db, &row), OK);
	assert_int_equal(db_tx_commit(&s.c, s.db), OK);
	assert_int_equal(row.version, 2);
	assert_kept_is_counted(&s);
	assert_int_equal(post_row_find(&s.c, s.db, S("first"), &got), ERR_NOT_FOUND);
	assert_int_equal(post_row_find_id(&s.c, s.db, row.id, &got), OK);
	assert_str(got.slug, "second");
	assert_str(got.uid, "first");
	assert_str(got.name, "Title");
	assert_str(got.html, "<p>New</p>");
	assert_str(got.text, "New");
	assert_str(got.mf2, "{\"a\":1}");
	assert_str(got.channel, "garden");
	assert_str(got.syndicate_to, "pond\x1f");
	assert_true(got.rich);
	assert_int_equal(got.visibility, POST_UNLISTED);
	assert_int_equal(got.published, march + 86400);
	assert_int_equal(got.updated, march + 5);
	assert_int_equal(got.version, 2);
	assert_int_equal(got.n_tags, 2);
	assert_str(got.tags[0], "B");
	assert_str(got.tags[1], "c");
	row.visibility = POST_PUBLIC;
	assert_int_equal(db_tx_begin(&s.c, s.db), OK);
	assert_int_equal(post_row_update(&s.c, s.db, &row), OK);
	assert_int_equal(db_tx_commit(&s.c, s.db), OK);
	assert_kept_is_counted(&s);
	row.id++;
	assert_int_equal(db_tx_begin(&s.c, s.db), OK);
	assert_int_equal(post_row_update(&s.c, s.db, &row), ERR_NOT_FOUND);
	db_tx_rollback(&s.c, s.db);
	site_fini(&s);
}

static void
tags_are_listed_by_use(void **state)
{
	struct str tags[] = {S_INIT("one"), S_INIT("two"), S_INIT("Three")}, out[3];
	struct post_row row = site_note("a", march);
	struct store_site s;
	size_t n;

	(void)state;
	site_init(&s);
	for (size_t i = 1; i <= 3; i++) {
		row.slug = str_n(&"abc"[i - 1], 1);
		row.tags = tags;
		row.n_tags = i;
		assert_int_equal(site_insert(&s.c, s.db, &row), OK);
	}
	assert_int_equal(post_row_tags_used(&s.c, s.db, S(""), 3, out, &n), OK);
	assert_int_equal(n, 3);
	assert_str(out[0], "one");
	assert_str(out[1], "two");
	assert_str(out[2], "Three");
	assert_int_equal(post_row_tags_used(&s.c, s.db, S("O"), 1, out, &n), OK);
	assert_int_equal(n, 1);
	assert_int_equal(post_row_tags_used(&s.c, s.db, S("tH"), 3, out, &n), OK);
	assert_int_equal(n, 1);
	assert_str(out[0], "Three");
	site_fini(&s);
}

static void
text_with_a_nul_inside_survives(void **state)
{
	struct post_row got, row = site_note("nul", march);
	struct store_site s;

	(void)state;
	site_init(&s);
	row.text = str_n("a\0b", 3);
	assert_int_equal(site_insert(&s.c, s.db, &row), OK);
	assert_int_equal(post_row_find(&s.c, s.db, S("nul"), &got), OK);
	assert_int_equal(got.text.n, 3);
	assert_memory_equal(got.text.p, "a\0b", 3);
	site_fini(&s);
}

static void
an_unknown_slug_is_not_found_and_named(void **state)
{
	struct post_row got;
	struct store_site s;

	(void)state;
	site_init(&s);
	assert_int_equal(post_row_find(&s.c, s.db, S("nowhere"), &got), ERR_NOT_FOUND);
	assert_string_equal(s.c.err.detail, "post 'nowhere'");
	assert_true(db_clean(s.db));
	site_fini(&s);
}

static void
a_slug_is_taken_once(void **state)
{
	struct post_row row = site_note("once", march);
	struct store_site s;
	bool taken;

	(void)state;
	site_init(&s);
	assert_int_equal(post_row_slug_taken(&s.c, s.db, S("once"), 0, &taken), OK);
	assert_false(taken);
	row.deleted = march;
	assert_int_equal(site_insert(&s.c, s.db, &row), OK);
	assert_int_equal(post_row_slug_taken(&s.c, s.db, S("once"), 0, &taken), OK);
	assert_true(taken);
	assert_int_equal(site_insert(&s.c, s.db, &row), ERR_DB_CONSTRAINT);
	assert_true(db_clean(s.db));
	assert_int_equal(site_sql(&s, "SELECT count(*) FROM post"), 1);
	site_fini(&s);
}

static void
a_tag_that_could_not_be_read_back_is_refused_with_its_post(void **state)
{
	struct str bad[] = {S_INIT("a\x1f" "b")}, empty[] = {S_INIT("")};
	struct post_row row = site_note("bad", march);
	struct store_site s;

	(void)state;
	site_init(&s);
	row.tags = bad;
	row.n_tags = 1;
	assert_int_equal(site_insert(&s.c, s.db, &row), ERR_DB_CONSTRAINT);
	row.tags = empty;
	assert_int_equal(site_insert(&s.c, s.db, &row), ERR_DB_CONSTRAINT);
	assert_int_equal(site_sql(&s, "SELECT count(*) FROM post"), 0);
	site_fini(&s);
}

static void
counts_follow_every_change_of_a_post(void **state)
{
	static const char *const steps[] = {
		"UPDATE post SET deleted = 5 WHERE slug = 'a'",
		"UPDATE post SET deleted = 6 WHERE slug = 'a'",
		"UPDATE post SET deleted = 0 WHERE slug = 'a'",
		"UPDATE post SET status = 0 WHERE slug = 'b'",
		"UPDATE post SET status = 2, published = published + 9999999 WHERE slug = 'b'",
		"UPDATE post SET status = 1 WHERE slug = 'b'",
		"UPDATE post SET visibility = 1",
		"UPDATE post SET visibility = 2",
		"UPDATE post SET visibility = 0",
		"UPDATE post SET published = published - 40 * 86400 WHERE slug <> 'c'",
		"UPDATE post SET html = 'x'",
		"PRAGMA foreign_keys = ON; DELETE FROM post WHERE slug = 'c'",
		"UPDATE post SET deleted = 1 WHERE slug = 'a'",
		"PRAGMA foreign_keys = ON; DELETE FROM post WHERE slug = 'a'",
		"PRAGMA foreign_keys = ON; DELETE FROM post",
	};
	struct str tags[] = {S_INIT("x"), S_INIT("y")};
	struct store_site s;
	int64_t before;

	(void)state;
	site_init(&s);
	for (int i = 0; i < 3; i++) {
		struct post_row row = site_note(&"a\0b\0c"[i * 2], march + i * DAY);

		row.tags = tags;
		row.n_tags = i < 2 ? 2 : 1;
		assert_int_equal(site_insert(&s.c, s.db, &row), OK);
		assert_kept_is_counted(&s);
	}
	assert_int_equal(tag_count(&s, "x"), 3);
	assert_int_equal(tag_count(&s, "y"), 2);
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		before = revision(&s);
		(void)site_sql(&s, steps[i]);
		assert_kept_is_counted(&s);
		assert_true(revision(&s) > before);
	}
	assert_int_equal(count(&s), 0);
	assert_int_equal(tag_count(&s, "x"), 0);
	site_fini(&s);
}

static void
changed_is_the_newest_moment_of_what_is_shown(void **state)
{
	struct post_row draft = site_note("draft", march + 1000);
	struct store_site s;

	(void)state;
	site_init(&s);
	assert_int_equal(changed(&s), 0);
	site_add(&s, "a", march);
	assert_int_equal(changed(&s), march);
	site_add(&s, "older", march - DAY);
	assert_int_equal(changed(&s), march);
	draft.status = POST_DRAFT;
	assert_int_equal(site_insert(&s.c, s.db, &draft), OK);
	assert_int_equal(changed(&s), march);
	(void)site_sql(&s, "UPDATE post SET updated = 1772323300 WHERE slug = 'older'");
	assert_int_equal(changed(&s), 1772323300);
	(void)site_sql(&s, "UPDATE post SET deleted = 1772323400 WHERE slug = 'a'");
	assert_int_equal(changed(&s), 1772323400);
	(void)site_sql(&s, "UPDATE post SET updated = 1772329999 WHERE slug = 'draft'");
	assert_int_equal(changed(&s), 1772323400);
	(void)site_sql(&s, "UPDATE post SET status = 1 WHERE slug = 'draft'");
	assert_int_equal(changed(&s), 1772329999);
	site_fini(&s);
}

static void
scheduled_posts_become_due_oldest_first(void **state)
{
	struct post_list due;
	struct store_site s;
	int64_t next;

	(void)state;
	site_init(&s);
	assert_int_equal(post_row_due(&s.c, s.db, march, &due, &next), OK);
	assert_int_equal(due.n, 0);
	assert_int_equal(next, 0);
	for (int i = 0; i < 4; i++) {
		struct post_row row = site_note(&"a\0b\0c\0d"[i * 2], march + (3 - i) * 10);

		row.status = POST_SCHEDULED;
		row.deleted = i == 3;
		assert_int_equal(site_insert(&s.c, s.db, &row), OK);
	}
	assert_int_equal(post_row_due(&s.c, s.db, march + 20, &due, &next), OK);
	assert_int_equal(due.n, 2);
	assert_false(due.more);
	assert_str(due.rows[0].slug, "c");
	assert_int_equal(due.rows[0].published, march + 10);
	assert_str(due.rows[1].slug, "b");
	assert_int_equal(next, march + 30);
	assert_int_equal(db_tx_begin(&s.c, s.db), OK);
	assert_int_equal(post_row_publish(&s.c, s.db, due.rows[0].id), OK);
	assert_int_equal(post_row_publish(&s.c, s.db, due.rows[0].id), ERR_NOT_FOUND);
	assert_int_equal(db_tx_commit(&s.c, s.db), OK);
	assert_int_equal(count(&s), 1);
	assert_kept_is_counted(&s);
	assert_int_equal(post_row_due(&s.c, s.db, march + 20, &due, &next), OK);
	assert_int_equal(due.n, 1);
	site_fini(&s);
}

static void
at_most_a_hundred_are_due_at_once(void **state)
{
	struct post_list due;
	struct store_site s;
	int64_t next;

	(void)state;
	site_init(&s);
	(void)site_sql(&s, "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL "
		"SELECT i + 1 FROM n LIMIT 130) INSERT INTO post (uid, slug, type, status, "
		"visibility, published, published_zone, "
		"updated, deleted, client, tags, name, summary, html, text, mf2) "
		"SELECT '', 's' || i, 'note', 2, 0, i, 0, 0, 0, '', '', '', '', '', '', '' FROM n");
	assert_int_equal(post_row_due(&s.c, s.db, 1000, &due, &next), OK);
	assert_int_equal(due.n, 100);
	assert_true(due.more);
	assert_int_equal(next, 101);
	site_fini(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_post_comes_back_as_it_was_stored),
		cmocka_unit_test(an_update_writes_all_of_a_row_and_its_tags),
		cmocka_unit_test(tags_are_listed_by_use),
		cmocka_unit_test(text_with_a_nul_inside_survives),
		cmocka_unit_test(an_unknown_slug_is_not_found_and_named),
		cmocka_unit_test(a_slug_is_taken_once),
		cmocka_unit_test(a_tag_that_could_not_be_read_back_is_refused_with_its_post),
		cmocka_unit_test(counts_follow_every_change_of_a_post),
		cmocka_unit_test(changed_is_the_newest_moment_of_what_is_shown),
		cmocka_unit_test(scheduled_posts_become_due_oldest_first),
		cmocka_unit_test(at_most_a_hundred_are_due_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
