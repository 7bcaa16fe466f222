/*
 * Going on in lists of posts: behind a post, back again, while they change; and through several spans
 * of time.
 */
#include "store_site.h"

#include "store/post_list.h"

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

/* Posts of all kinds, many within one second. */
static void
add_mixed(struct store_site *s, int n)
{
	struct str tags[] = {S_INIT("t")};

	for (int i = 0; i < n; i++) {
		char slug[16];
		struct post_row row;

		(void)snprintf(slug, sizeof(slug), "p%d", i);
		row = site_note(slug, march + i / 5 * 7);
		row.type = i % 3 ? S("note") : S("photo");
		row.channel = i % 2 ? S("garden") : S("");
		row.tags = tags;
		row.n_tags = i % 4 > 0;
		site_must(site_insert(&s->c, s->db, &row) == OK, s->c.err.detail);
	}
}

static const struct post_scope scopes[] = {
	{.kind = POSTS_ALL},
	{.kind = POSTS_TAG, .name = S_INIT("t")},
	{.kind = POSTS_TYPE, .name = S_INIT("note")},
	{.kind = POSTS_TYPE, .name = S_INIT("photo")},
	{.kind = POSTS_CHANNEL, .name = S_INIT("garden")},
	{.kind = POSTS_PERIOD, .from = 1772323207, .to = 1772323207 + 50},
};

/* Behind the first limit posts: what lies before them is found again from the next post on. */
static void
the_way_back_is_the_way_out(void **state)
{
	struct post_list all, back, again;
	struct store_site s;

	(void)state;
	site_init(&s);
	add_mixed(&s, 60);
	for (size_t k = 0; k < sizeof(scopes) / sizeof(scopes[0]); k++) {
		assert_int_equal(post_list_read(&s.c, s.db, &scopes[k], S(""), 60, &all), OK);
		assert_in_range(all.n, 10, 60);
		for (size_t i = 1; i < all.n; i++) {
			size_t n = i < 4 ? i : 4;

			assert_int_equal(post_list_newer(&s.c, s.db, &scopes[k], all.rows[i].slug,
				4, &back), OK);
			assert_int_equal(back.n, n);
			assert_int_equal(back.more, i > 4);
			for (size_t j = 0; j < n; j++)
				assert_int_equal(back.rows[j].id, all.rows[i - n + j].id);
			assert_int_equal(post_list_read(&s.c, s.db, &scopes[k], back.next, 4,
				&again), OK);
			assert_int_equal(again.rows[0].id, back.rows[0].id);
		}
		assert_int_equal(post_list_newer(&s.c, s.db, &scopes[k], all.rows[0].slug, 4,
			&back), OK);
		assert_int_equal(back.n, 0);
		assert_false(back.more);
	}
	site_fini(&s);
}

/* Who pages to the end sees each post once, though others come and the one last seen goes. */
static void
a_list_is_walked_through_while_it_changes(void **state)
{
	struct post_list page = {0};
	struct str before = S("");
	struct store_site s;
	int seen = 0;

	(void)state;
	site_init(&s);
	add_mixed(&s, 40);
	do {
		char sql[96];

		assert_int_equal(post_list_read(&s.c, s.db, &posts_all, before, 3, &page), OK);
		for (size_t i = 0; i < page.n; i++)
			assert_int_equal(page.rows[i].id, 40 - seen - (int)i);
		seen += (int)page.n;
		before = page.rows[page.n - 1].slug;
		(void)snprintf(sql, sizeof(sql), "UPDATE post SET deleted = 9 WHERE slug = '%.*s'",
			STR(before));
		site_sql(&s, sql);
		(void)snprintf(sql, sizeof(sql), "new%d", seen);
		site_add(&s, sql, march + 100 * DAY + seen);
	} while (page.more);
	assert_int_equal(seen, 40);
	site_fini(&s);
}

/* Neither that a draft is there nor when it was written is told to who guesses its address. */
static void
no_list_goes_on_at_what_strangers_do_not_know(void **state)
{
	struct post_row hidden[3] = {site_note("draft", march), site_note("private", march),
		site_note("later", march)};
	struct post_list list;
	struct store_site s;

	(void)state;
	hidden[0].status = POST_DRAFT;
	hidden[1].visibility = POST_PRIVATE;
	hidden[2].status = POST_SCHEDULED;
	site_init(&s);
	site_add(&s, "old", march - 5);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(site_insert(&s.c, s.db, &hidden[i]), OK);
		assert_int_equal(post_list_read(&s.c, s.db, &posts_all, hidden[i].slug, 5, &list),
			ERR_NOT_FOUND);
		assert_int_equal(post_list_newer(&s.c, s.db, &posts_all, hidden[i].slug, 5, &list),
			ERR_NOT_FOUND);
	}
	site_fini(&s);
}

static void
posts_of_several_spans_are_one_list(void **state)
{
	const struct post_span spans[] = {{march, march + DAY}, {march - 365 * DAY, march - 364 * DAY}};
	struct post_list list;
	struct store_site s;

	(void)state;
	site_init(&s);
	site_add(&s, "now1", march);
	site_add(&s, "now2", march + DAY - 1);
	site_add(&s, "between", march + DAY);
	site_add(&s, "year1", march - 365 * DAY);
	site_add(&s, "year2", march - 365 * DAY + 5);
	s.facts.db_queries = 0;
	assert_int_equal(post_list_spans(&s.c, s.db, spans, 2, S(""), 3, &list), OK);
	assert_int_equal(s.facts.db_queries, 1);
	assert_int_equal(list.n, 3);
	assert_true(list.more);
	assert_str(list.rows[0].slug, "now2");
	assert_str(list.rows[2].slug, "year2");
	assert_int_equal(post_list_spans(&s.c, s.db, spans, 2, S("year2"), 3, &list), OK);
	assert_int_equal(list.n, 1);
	assert_str(list.rows[0].slug, "year1");
	assert_false(list.more);
	assert_int_equal(post_list_spans(&s.c, s.db, spans, 0, S(""), 3, &list), OK);
	assert_int_equal(list.n, 0);
	site_fini(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_way_back_is_the_way_out),
		cmocka_unit_test(a_list_is_walked_through_while_it_changes),
		cmocka_unit_test(no_list_goes_on_at_what_strangers_do_not_know),
		cmocka_unit_test(posts_of_several_spans_are_one_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
