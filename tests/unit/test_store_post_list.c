/*
 * Lists of posts: what is listed, in which order, by number, by tag.
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

static enum err
tagged(struct store_site *s, const char *tag, struct str before, size_t limit,
	struct post_list *out)
{
	const struct post_scope scope = {.kind = POSTS_TAG, .name = str_z(tag)};

	return post_list_read(&s->c, s->db, &scope, before, limit, out);
}

static uint64_t
count(struct store_site *s)
{
	uint64_t n;

	assert_int_equal(post_row_count(&s->c, s->db, &n), OK);
	return n;
}

static void
only_published_public_undeleted_posts_are_listed(void **state)
{
	struct post_list list;
	struct post_row row;
	struct store_site s;
	char slug[16];
	int n = 0;

	(void)state;
	site_init(&s);
	for (int status = 0; status < 3; status++)
		for (int visibility = 0; visibility < 3; visibility++)
			for (int deleted = 0; deleted < 2; deleted++) {
				(void)snprintf(slug, sizeof(slug), "p%d", n++);
				row = site_note(slug, march);
				row.status = (enum post_status)status;
				row.visibility = (enum post_visibility)visibility;
				row.deleted = deleted;
				assert_int_equal(site_insert(&s.c, s.db, &row), OK);
			}
	assert_int_equal(post_list_read(&s.c, s.db, &posts_all, S(""), 20, &list), OK);
	assert_int_equal(list.n, 1);
	assert_int_equal(list.rows[0].status, POST_PUBLISHED);
	assert_int_equal(list.rows[0].visibility, POST_PUBLIC);
	assert_int_equal(list.rows[0].deleted, 0);
	assert_int_equal(count(&s), 1);
	site_fini(&s);
}

static void
the_newest_come_first_and_within_a_second_the_later_stored(void **state)
{
	struct post_list list;
	struct store_site s;

	(void)state;
	site_init(&s);
	site_add(&s, "old", march);
	site_add(&s, "new", march + 10);
	site_add(&s, "middle1", march + 5);
	site_add(&s, "middle2", march + 5);
	assert_int_equal(post_list_read(&s.c, s.db, &posts_all, S(""), 3, &list), OK);
	assert_int_equal(list.n, 3);
	assert_true(list.more);
	assert_str(list.rows[0].slug, "new");
	assert_str(list.rows[1].slug, "middle2");
	assert_str(list.rows[2].slug, "middle1");
	assert_str(list.rows[0].html, "<p>Hello.</p>");
	assert_int_equal(list.rows[0].mf2.n, 0);
	assert_int_equal(list.rows[0].text.n, 0);
	assert_int_equal(post_list_read(&s.c, s.db, &posts_all, S(""), 4, &list), OK);
	assert_int_equal(list.n, 4);
	assert_false(list.more);
	site_fini(&s);
}

static void
a_list_with_tags_costs_one_statement(void **state)
{
	struct str tags[] = {S_INIT("a"), S_INIT("b")};
	struct post_list list;
	struct store_site s;

	(void)state;
	site_init(&s);
	for (int i = 0; i < 5; i++) {
		char slug[8];
		struct post_row row;

		(void)snprintf(slug, sizeof(slug), "p%d", i);
		row = site_note(slug, march + i);
		row.tags = tags;
		row.n_tags = 2;
		assert_int_equal(site_insert(&s.c, s.db, &row), OK);
	}
	s.facts.db_queries = 0;
	assert_int_equal(post_list_read(&s.c, s.db, &posts_all, S(""), 20, &list), OK);
	assert_int_equal(s.facts.db_queries, 1);
	assert_int_equal(list.n, 5);
	assert_int_equal(list.rows[4].n_tags, 2);
	assert_str(list.rows[4].tags[1], "b");
	site_fini(&s);
}

/* Every page of every size holds what the whole list holds in its place. */
static void
pages_cut_the_list_without_gap_or_overlap(void **state)
{
	enum { N = 150 };
	struct post_list all, page;
	struct store_site s;

	(void)state;
	site_init(&s);
	for (int i = 0; i < N; i++) {
		char slug[16];
		/* Crowded days, empty ones, years, before 1970 too; many within one second. */
		int64_t when = march - (int64_t)(i / 7) * (i % 5) * 40 * DAY - i % 3 * 10;

		(void)snprintf(slug, sizeof(slug), "p%d", i);
		site_add(&s, slug, i % 11 == 0 ? -i * (int64_t)DAY : when);
	}
	assert_int_equal(post_list_read(&s.c, s.db, &posts_all, S(""), N, &all), OK);
	assert_int_equal(all.n, N);
	for (size_t limit = 1; limit <= 40; limit += 13) {
		for (size_t n = 1; (n - 1) * limit < N; n++) {
			size_t first = (n - 1) * limit;

			assert_int_equal(post_list_page(&s.c, s.db, n, limit, &page), OK);
			assert_int_equal(page.n, N - first < limit ? N - first : limit);
			assert_int_equal(page.more, first + limit < N);
			for (size_t i = 0; i < page.n; i++)
				assert_int_equal(page.rows[i].id, all.rows[first + i].id);
		}
	}
	site_fini(&s);
}

static void
a_page_beyond_the_last_is_empty(void **state)
{
	static const uint64_t pages[] = {0, 2, 3, UINT64_MAX, INT64_MAX};
	struct post_list page;
	struct store_site s;

	(void)state;
	site_init(&s);
	assert_int_equal(post_list_page(&s.c, s.db, 1, 20, &page), OK);
	assert_int_equal(page.n, 0);
	site_add(&s, "one", march);
	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
		assert_int_equal(post_list_page(&s.c, s.db, pages[i], 20, &page), OK);
		assert_int_equal(page.n, 0);
		assert_false(page.more);
	}
	site_fini(&s);
}

static void
a_page_costs_at_most_four_statements(void **state)
{
	struct post_list page;
	struct store_site s;

	(void)state;
	site_init(&s);
	for (int i = 0; i < 60; i++) {
		char slug[16];

		(void)snprintf(slug, sizeof(slug), "p%d", i);
		site_add(&s, slug, march - i * 20 * DAY);
	}
	s.facts.db_queries = 0;
	assert_int_equal(post_list_page(&s.c, s.db, 3, 20, &page), OK);
	assert_int_equal(page.n, 20);
	assert_in_range(s.facts.db_queries, 1, 4);
	site_fini(&s);
}

static void
a_tag_lists_its_posts_and_goes_on_behind_a_slug(void **state)
{
	struct str tags[] = {S_INIT("IndieWeb")};
	struct str other[] = {S_INIT("indieweb"), S_INIT("INDIEWEB")};
	struct post_list list;
	struct store_site s;
	struct str name;
	uint64_t n;

	(void)state;
	site_init(&s);
	for (int i = 0; i < 5; i++) {
		char slug[8];
		struct post_row row;

		(void)snprintf(slug, sizeof(slug), "p%d", i);
		row = site_note(slug, march + i / 2);
		row.tags = i < 3 ? tags : other;
		row.n_tags = i < 3 ? 1 : 2;
		assert_int_equal(site_insert(&s.c, s.db, &row), OK);
	}
	site_add(&s, "untagged", march);
	assert_int_equal(post_row_tag_count(&s.c, s.db, S("indieWEB"), &name, &n), OK);
	assert_str(name, "IndieWeb");
	assert_int_equal(n, 5);
	assert_int_equal(tagged(&s, "INDIEWEB", S(""), 2, &list), OK);
	assert_int_equal(list.n, 2);
	assert_true(list.more);
	assert_str(list.rows[0].slug, "p4");
	assert_int_equal(list.rows[0].n_tags, 2);
	assert_str(list.rows[0].tags[1], "INDIEWEB");
	assert_str(list.rows[1].slug, "p3");
	assert_int_equal(tagged(&s, "IndieWeb", S("p3"), 5, &list), OK);
	assert_int_equal(list.n, 3);
	assert_false(list.more);
	assert_str(list.rows[0].slug, "p2");
	assert_str(list.rows[2].slug, "p0");
	site_fini(&s);
}

static void
an_unknown_tag_has_no_posts_and_keeps_its_spelling(void **state)
{
	struct post_list list;
	struct store_site s;
	struct str name;
	uint64_t n;

	(void)state;
	site_init(&s);
	assert_int_equal(tagged(&s, "none", S(""), 5, &list), OK);
	assert_int_equal(list.n, 0);
	assert_false(list.more);
	assert_int_equal(post_row_tag_count(&s.c, s.db, S("NoNe"), &name, &n), OK);
	assert_str(name, "NoNe");
	assert_int_equal(n, 0);
	assert_int_equal(tagged(&s, "none", S("gone"), 5, &list),
		ERR_NOT_FOUND);
	site_fini(&s);
}

/* ---- of a type, a channel, a period ---------------------------------------------------------- */

/* A post of a type every second: note, photo, note, like; every third in a channel. */
static void
add_mixed(struct store_site *s, int n)
{
	static const char *const types[] = {"note", "photo", "note", "like"};

	for (int i = 0; i < n; i++) {
		char slug[16];
		struct post_row row;

		(void)snprintf(slug, sizeof(slug), "m%d", i);
		row = site_note(slug, march + i);
		row.type = str_z(types[i % 4]);
		row.channel = str_z(i % 3 == 0 ? "garden" : "");
		assert_int_equal(site_insert(&s->c, s->db, &row), OK);
	}
}

/* Reads a list to its end, two at a time; returns how many there are, each older than the last. */
static size_t
walk(struct store_site *s, const struct post_scope *scope)
{
	struct str before = S("");
	int64_t last = INT64_MAX;
	struct post_list list;
	size_t n = 0;

	do {
		assert_int_equal(post_list_read(&s->c, s->db, scope, before, 2, &list), OK);
		for (size_t i = 0; i < list.n; i++) {
			assert_true(list.rows[i].published < last);
			last = list.rows[i].published;
			if (scope->kind == POSTS_TYPE)
				assert_true(str_eq(list.rows[i].type, scope->name));
			if (scope->kind == POSTS_CHANNEL)
				assert_true(str_eq(list.rows[i].channel, scope->name));
		}
		n += list.n;
		if (list.n > 0)
			before = list.rows[list.n - 1].slug;
	} while (list.more);
	return n;
}

static void
a_type_and_a_channel_have_lists_of_their_own(void **state)
{
	const struct post_scope notes = {.kind = POSTS_TYPE, .name = S("note")};
	const struct post_scope photos = {.kind = POSTS_TYPE, .name = S("photo")};
	const struct post_scope none = {.kind = POSTS_TYPE, .name = S("article")};
	const struct post_scope garden = {.kind = POSTS_CHANNEL, .name = S("garden")};
	struct store_site s;

	(void)state;
	site_init(&s);
	add_mixed(&s, 12);
	assert_int_equal(walk(&s, &posts_all), 12);
	assert_int_equal(walk(&s, &notes), 6);
	assert_int_equal(walk(&s, &photos), 3);
	assert_int_equal(walk(&s, &none), 0);
	assert_int_equal(walk(&s, &garden), 4);
	site_fini(&s);
}

static void
a_period_holds_its_first_second_and_not_its_last(void **state)
{
	struct post_scope period = {.kind = POSTS_PERIOD, .from = march + 2, .to = march + 5};
	struct post_list list;
	struct store_site s;

	(void)state;
	site_init(&s);
	add_mixed(&s, 8);
	assert_int_equal(walk(&s, &period), 3);
	assert_int_equal(post_list_read(&s.c, s.db, &period, S(""), 5, &list), OK);
	assert_str(list.rows[0].slug, "m4");
	assert_str(list.rows[2].slug, "m2");
	/* behind a post that is newer than the period, older than it, or within it */
	assert_int_equal(post_list_read(&s.c, s.db, &period, S("m7"), 5, &list), OK);
	assert_int_equal(list.n, 3);
	assert_int_equal(post_list_read(&s.c, s.db, &period, S("m0"), 5, &list), OK);
	assert_int_equal(list.n, 0);
	assert_int_equal(post_list_read(&s.c, s.db, &period, S("m3"), 5, &list), OK);
	assert_int_equal(list.n, 1);
	assert_str(list.rows[0].slug, "m2");
	site_fini(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_published_public_undeleted_posts_are_listed),
		cmocka_unit_test(the_newest_come_first_and_within_a_second_the_later_stored),
		cmocka_unit_test(a_list_with_tags_costs_one_statement),
		cmocka_unit_test(pages_cut_the_list_without_gap_or_overlap),
		cmocka_unit_test(a_page_beyond_the_last_is_empty),
		cmocka_unit_test(a_page_costs_at_most_four_statements),
		cmocka_unit_test(a_tag_lists_its_posts_and_goes_on_behind_a_slug),
		cmocka_unit_test(an_unknown_tag_has_no_posts_and_keeps_its_spelling),
		cmocka_unit_test(a_type_and_a_channel_have_lists_of_their_own),
		cmocka_unit_test(a_period_holds_its_first_second_and_not_its_last),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
