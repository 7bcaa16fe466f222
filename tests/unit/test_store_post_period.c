/*
 * Posts by time: kept counts, counts of spans, neighbours, and which types there are.
 */
#include "store_site.h"

#include "store/post_period.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

enum { DAY = 86400 };

static const int64_t march = 1772323200; /* 2026-03-01T00:00:00Z */

static void
kept_periods_come_newest_first_within_their_range(void **state)
{
	struct post_period p[8];
	struct store_site s;
	size_t n;

	(void)state;
	site_init(&s);
	site_add(&s, "a", march);
	site_add(&s, "b", march + 1);
	site_add(&s, "c", march - 1);
	site_add(&s, "d", march - 400 * DAY);
	assert_int_equal(post_periods(&s.c, s.db, POST_PERIODS_ALL(POST_MONTHS), 8, p, &n), OK);
	assert_int_equal(n, 3);
	assert_int_equal(p[0].month, 3);
	assert_int_equal(p[0].day, 0);
	assert_int_equal(p[0].posts, 2);
	assert_int_equal(p[1].month, 2);
	assert_int_equal(p[2].year, 2025);
	assert_int_equal(post_periods(&s.c, s.db,
		(struct post_periods_range){POST_DAYS, S("2026-02-28"), S("2026-03-01")}, 8, p,
		&n), OK);
	assert_int_equal(n, 2);
	assert_int_equal(p[0].day, 1);
	assert_int_equal(p[1].day, 28);
	assert_int_equal(post_periods(&s.c, s.db, POST_PERIODS_ALL(POST_MONTHS), 1, p, &n), OK);
	assert_int_equal(n, 1);
	site_fini(&s);
}

static void
a_period_whose_posts_have_gone_is_none(void **state)
{
	struct post_period p[8];
	struct store_site s;
	size_t n;

	(void)state;
	site_init(&s);
	site_add(&s, "a", march);
	site_sql(&s, "UPDATE post SET deleted = 5");
	assert_int_equal(post_periods(&s.c, s.db, POST_PERIODS_ALL(POST_YEARS), 8, p, &n), OK);
	assert_int_equal(n, 0);
	site_fini(&s);
}

static void
spans_are_counted_by_one_statement(void **state)
{
	const struct post_span spans[] = {
		{march - 10, march}, {march, march + 10}, {march, march}, {INT64_MIN, INT64_MAX}};
	struct store_site s;
	uint64_t posts[4];

	(void)state;
	site_init(&s);
	site_add(&s, "a", march);
	site_add(&s, "b", march + 9);
	site_add(&s, "c", march + 10);
	site_add(&s, "d", march - 10);
	site_add(&s, "e", march - 11);
	s.facts.db_queries = 0;
	assert_int_equal(post_spans_count(&s.c, s.db, spans, 4, posts), OK);
	assert_int_equal(s.facts.db_queries, 1);
	assert_int_equal(posts[0], 1);
	assert_int_equal(posts[1], 2);
	assert_int_equal(posts[2], 0);
	assert_int_equal(posts[3], 5);
	assert_int_equal(post_spans_count(&s.c, s.db, spans, 0, posts), OK);
	assert_int_equal(s.facts.db_queries, 1);
	site_fini(&s);
}

static void
neighbours_are_those_outside_the_span(void **state)
{
	const struct post_span span = {march, march + DAY};
	struct post_neighbours at;
	struct store_site s;

	(void)state;
	site_init(&s);
	site_add(&s, "in", march);
	assert_int_equal(post_period_around(&s.c, s.db, span, &at), OK);
	assert_int_equal(at.older, INT64_MIN);
	assert_int_equal(at.newer, INT64_MIN);
	site_add(&s, "before", march - 1);
	site_add(&s, "long-before", march - 9);
	site_add(&s, "behind", march + DAY);
	site_add(&s, "far-behind", march + 2 * DAY);
	assert_int_equal(post_period_around(&s.c, s.db, span, &at), OK);
	assert_int_equal(at.older, march - 1);
	assert_int_equal(at.newer, march + DAY);
	site_fini(&s);
}

static void
types_in_use_are_those_of_listed_posts(void **state)
{
	const struct str types[] = {S_INIT("note"), S_INIT("photo"), S_INIT("like")};
	struct post_row row = site_note("a", march);
	struct store_site s;
	bool used[4];

	(void)state;
	site_init(&s);
	assert_int_equal(post_types_used(&s.c, s.db, types, 3, used), OK);
	assert_false(used[0] || used[1] || used[2]);
	row.type = S("photo");
	assert_int_equal(site_insert(&s.c, s.db, &row), OK);
	row = site_note("b", march);
	row.type = S("like");
	row.visibility = POST_PRIVATE;
	assert_int_equal(site_insert(&s.c, s.db, &row), OK);
	assert_int_equal(post_types_used(&s.c, s.db, types, 3, used), OK);
	assert_false(used[0]);
	assert_true(used[1]);
	assert_false(used[2]);
	site_add(&s, "c", march);
	assert_int_equal(post_types_used(&s.c, s.db, types, 3, used), OK);
	assert_true(used[0]);
	site_fini(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kept_periods_come_newest_first_within_their_range),
		cmocka_unit_test(a_period_whose_posts_have_gone_is_none),
		cmocka_unit_test(spans_are_counted_by_one_statement),
		cmocka_unit_test(neighbours_are_those_outside_the_span),
		cmocka_unit_test(types_in_use_are_those_of_listed_posts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
