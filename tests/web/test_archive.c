/*
 * Posts by date: the archive, years, months and days in the site's zone, one day through the years, and
 * any post.
 */
#include "site.h"

#include "base/time.h"

#include <stdio.h>
#include <string.h>

/* A listed post as if it had been published then. */
static void
add(struct site *s, const char *slug, const char *published)
{
	char form[160];

	(void)snprintf(form, sizeof(form), "content=Post+%s.&mp-slug=%s&published=%s", slug, slug,
		published);
	(void)site_post(s, form);
}

static void
add_some(struct site *s)
{
	s->now_us = INT64_C(1772357400) * 1000000; /* 2026-03-01T09:30:00Z */
	add(s, "moon", "1969-07-20T20:17:00Z");
	add(s, "leap", "2024-02-29T12:00:00Z");
	add(s, "eve", "2025-12-31T23:30:00Z");
	add(s, "new", "2026-01-01T00:10:00Z");
	add(s, "first", "2026-03-01T08:00:00Z");
	add(s, "second", "2026-03-01T09:00:00Z");
}

static void
an_empty_archive_says_so(void **state)
{
	struct site *s = *state;
	struct answer a = ASK(s, .uri = "/archive");

	assert_int_equal(a.status, 200);
	assert_has(a, "<title>Archive · Ada writes</title>");
	assert_has(a, "Nothing has been posted yet.");
	assert_int_equal(ASK(s, .uri = "/2026").status, 404);
	assert_int_equal(ASK(s, .uri = "/random").status, 404);
	assert_has(ASK(s, .uri = "/on-this-day"), "There is nothing here yet.");
}

static void
the_archive_counts_years_and_months(void **state)
{
	struct site *s = *state;
	struct answer a;

	add_some(s);
	a = ASK(s, .uri = "/archive");
	assert_has(a, "<a href=\"https://ada.example/2026\">2026</a> <span class=\"count\">3</span>");
	assert_has(a, "<a href=\"https://ada.example/2026/03\">March</a> <span class=\"count\">2</span>");
	assert_has(a, "<a href=\"https://ada.example/2026/01\">January</a> <span class=\"count\">1</span>");
	assert_has(a, "<a href=\"https://ada.example/1969\">1969</a> <span class=\"count\">1</span>");
	assert_lacks(a, "/2026/02\"");
	assert_has(a, "<link rel=\"canonical\" href=\"https://ada.example/archive\">");
	assert_true(ASK(s, .uri = "/archive").facts.cached);
}

/* At half past eleven in London it is next year in Berlin. */
static void
the_archive_goes_by_the_sites_zone(void **state)
{
	struct site *s = site_new("timezone = \"Europe/Berlin\"");
	struct answer a;

	*state = s;
	assert_true(time_zone_set("Europe/Berlin"));
	add_some(s);
	a = ASK(s, .uri = "/archive");
	assert_has(a, "<a href=\"https://ada.example/2026\">2026</a> <span class=\"count\">4</span>");
	assert_has(a, "<a href=\"https://ada.example/2026/01\">January</a> <span class=\"count\">2</span>");
	assert_lacks(a, "/2025\"");
	a = ASK(s, .uri = "/2026/01/01");
	assert_has(a, "Post eve.");
	assert_has(a, "Post new.");
	assert_int_equal(ASK(s, .uri = "/2025/12/31").status, 200);
	assert_lacks(ASK(s, .uri = "/2025/12/31"), "Post eve.");
	assert_true(time_zone_set("UTC"));
}

static void
the_archive_leads_to_the_lists_that_have_posts(void **state)
{
	struct site *s = *state;
	struct answer a;

	add_some(s);
	(void)site_post(s, "like-of=https://bob.example/1&mp-slug=liked");
	(void)site_post(s, "bookmark-of=https://bob.example/2&post-status=draft");
	a = ASK(s, .uri = "/archive");
	assert_has(a, "<a href=\"https://ada.example/notes\">Notes</a>");
	assert_has(a, "<a href=\"https://ada.example/likes\">Likes</a>");
	assert_has(a, "href=\"https://ada.example/tags\"");
	assert_has(a, "href=\"https://ada.example/on-this-day\"");
	assert_lacks(a, "/bookmarks\"");
	assert_lacks(a, "/videos\"");
}

/* ---- a year, a month, a day --------------------------------------------------------------------- */

static void
a_year_has_its_posts_months_and_neighbours(void **state)
{
	struct site *s = *state;
	struct answer a;

	add_some(s);
	a = ASK(s, .uri = "/2026");
	assert_int_equal(a.status, 200);
	assert_has(a, "<title>2026 · Ada writes</title>");
	assert_has(a, "Post first.");
	assert_has(a, "Post new.");
	assert_lacks(a, "Post eve.");
	assert_has(a, "<a href=\"https://ada.example/2026/03\">March</a> <span class=\"count\">2</span>");
	assert_has(a, "class=\"older\" href=\"https://ada.example/2025\">2025<");
	assert_has(a, "class=\"up\" href=\"https://ada.example/archive\">Archive<");
	assert_lacks(a, "class=\"newer\"");
	assert_has(a, "<link rel=\"canonical\" href=\"https://ada.example/2026\">");
	a = ASK(s, .uri = "/2024");
	assert_has(a, "class=\"older\" href=\"https://ada.example/1969\">1969<");
	assert_has(a, "class=\"newer\" href=\"https://ada.example/2025\">2025<");
}

static void
a_month_and_a_day_have_theirs(void **state)
{
	struct site *s = *state;
	struct answer a;

	add_some(s);
	a = ASK(s, .uri = "/2026/03");
	assert_has(a, "<title>March 2026 · Ada writes</title>");
	assert_has(a, "<a href=\"https://ada.example/2026/03/01\">1</a> <span class=\"count\">2</span>");
	assert_has(a, "class=\"older\" href=\"https://ada.example/2026/01\">January 2026<");
	assert_has(a, "class=\"up\" href=\"https://ada.example/2026\">2026<");
	a = ASK(s, .uri = "/2024/02/29");
	assert_has(a, "<title>29 February 2024 · Ada writes</title>");
	assert_has(a, "Post leap.");
	assert_has(a, "class=\"older\" href=\"https://ada.example/1969/07/20\">20 July 1969<");
	assert_has(a, "class=\"newer\" href=\"https://ada.example/2025/12/31\">31 December 2025<");
	assert_has(a, "class=\"up\" href=\"https://ada.example/2024/02\">February 2024<");
}

/* Between posts there are days without any; before the first and behind the last there is nothing. */
static void
an_empty_period_is_a_page_between_others_only(void **state)
{
	struct site *s = *state;
	struct answer a;

	add_some(s);
	a = ASK(s, .uri = "/2026/02");
	assert_int_equal(a.status, 200);
	assert_has(a, "There is nothing here yet.");
	assert_has(a, "<meta name=\"robots\" content=\"noindex\">");
	assert_has(a, "class=\"older\" href=\"https://ada.example/2026/01\">");
	assert_has(a, "class=\"newer\" href=\"https://ada.example/2026/03\">");
	assert_int_equal(ASK(s, .uri = "/2026/04").status, 404);
	assert_int_equal(ASK(s, .uri = "/1968").status, 404);
	assert_int_equal(ASK(s, .uri = "/9999/12/31").status, 404);
}

static void
what_is_in_no_calendar_is_not_found(void **state)
{
	static const char *const bad[] = {"/0000", "/2026/00", "/2026/13", "/2026/02/29",
		"/2026/03/00", "/2026/03/32", "/2026/3", "/2026/03/1", "/20261", "/202", "/2026/03/01/1",
		"/2026/0x", "/-026", "/2026/%2003", "/%32026/03x", "/2026/03/01'"};
	struct site *s = *state;

	add_some(s);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (ASK(s, .uri = bad[i]).status != 404)
			fail_msg("%s: %d", bad[i], ASK(s, .uri = bad[i]).status);
}

/*
 * Two of them begin and end the reading of one state of the site, and one may look whether another
 * program has written, which is done every 100 ms.
 */
static void
a_page_by_date_costs_few_statements(void **state)
{
	struct site *s = site_new("timezone = \"Europe/Berlin\"");

	*state = s;
	assert_true(time_zone_set("Europe/Berlin"));
	add_some(s);
	(void)ASK(s, .uri = "/");	/* looks after the change whether the settings are another */
	assert_in_range(ASK(s, .uri = "/archive").facts.db_queries, 1, 6);
	assert_in_range(ASK(s, .uri = "/2026").facts.db_queries, 1, 7);
	assert_in_range(ASK(s, .uri = "/2026/03").facts.db_queries, 1, 7);
	assert_in_range(ASK(s, .uri = "/2026/03/01").facts.db_queries, 1, 5);
	assert_in_range(ASK(s, .uri = "/on-this-day").facts.db_queries, 1, 3);
	assert_in_range(ASK(s, .uri = "/random").facts.db_queries, 1, 8);
	assert_true(time_zone_set("UTC"));
}

/* ---- on this day ---------------------------------------------------------------------------------- */

static void
this_day_shows_what_was_on_it_in_earlier_years(void **state)
{
	struct site *s = *state;
	struct answer a;

	add_some(s);
	add(s, "ago", "2019-03-01T10:00:00Z");
	add(s, "long-ago", "2003-03-01T23:59:59Z");
	add(s, "other", "2019-03-02T00:00:00Z");
	a = ASK(s, .uri = "/on-this-day");
	assert_int_equal(a.status, 200);
	assert_has(a, "On 1 March");
	assert_has(a, "Post ago.");
	assert_has(a, "Post long-ago.");
	assert_has(a, "<p class=\"divider\">2019</p>");
	assert_has(a, "<p class=\"divider\">2003</p>");
	assert_lacks(a, "Post other.");
	assert_lacks(a, "Post first.");
	assert_has(a, "class=\"newer\" href=\"https://ada.example/on-this-day?date=03-02\">2 March<");
	assert_has(a, "class=\"older\" href=\"https://ada.example/on-this-day?date=02-29\">29 February<");
	assert_has(a, "<meta name=\"robots\" content=\"noindex\">");
	a = ASK(s, .uri = "/on-this-day?date=07-20");
	assert_has(a, "Post moon.");
	assert_has(ASK(s, .uri = "/on-this-day?date=02-29"), "Post leap.");
}

/* The same address is another page at midnight, and no post has to come for it. */
static void
tomorrow_this_day_is_another(void **state)
{
	struct site *s = *state;
	struct answer a;

	add_some(s);
	add(s, "ago", "2019-03-01T10:00:00Z");
	add(s, "tomorrow", "2019-03-02T10:00:00Z");
	s->now_us += 60 * INT64_C(1000000);
	a = ASK(s, .uri = "/on-this-day");
	assert_has(a, "Post ago.");
	s->now_us += 86400 * INT64_C(1000000);
	a = ASK(s, .uri = "/on-this-day",
		.headers = {{"HTTP_IF_MODIFIED_SINCE", "Sun, 01 Mar 2026 23:00:00 GMT"}});
	assert_int_equal(a.status, 200);
	assert_false(a.facts.cached);
	assert_has(a, "Post tomorrow.");
	assert_lacks(a, "Post ago.");
	s->now_us = segment_generation_time(s->seg) + 5 * INT64_C(1000000);
	a = ASK(s, .uri = "/archive");
	assert_true(answer_header(&a, "Last-Modified").n > 0);
	assert_no_header(ASK(s, .uri = "/on-this-day"), "Last-Modified");
}

static void
this_day_is_paged(void **state)
{
	struct site *s = site_new("posts_per_page = 2");
	struct answer a;

	*state = s;
	s->now_us = INT64_C(1772357400) * 1000000;
	add(s, "d1", "2019-03-01T10:00:00Z");
	add(s, "d2", "2020-03-01T10:00:00Z");
	add(s, "d3", "2021-03-01T10:00:00Z");
	a = ASK(s, .uri = "/on-this-day");
	assert_has(a, "rel=\"next\" href=\"https://ada.example/on-this-day?date=03-01&amp;before=d2\"");
	a = ASK(s, .uri = "/on-this-day?date=03-01&before=d2");
	assert_has(a, "Post d1.");
	assert_lacks(a, "Post d2.");
	assert_lacks(a, "rel=\"next\"");
	assert_has(a, "<a href=\"https://ada.example/on-this-day?date=03-01\">Newest posts</a>");
	assert_int_equal(ASK(s, .uri = "/on-this-day?date=03-01&before=d1").status, 404);
}

static void
what_is_no_day_is_not_found(void **state)
{
	static const char *const bad[] = {"02-30", "13-01", "00-10", "3-1", "03-1", "0301", "03-01x",
		"x", "-03-1", "03/01", "99-99"};
	char uri[64];

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		(void)snprintf(uri, sizeof(uri), "/on-this-day?date=%s", bad[i]);
		assert_int_equal(ASK(*state, .uri = uri).status, 404);
	}
}

/* ---- any post -------------------------------------------------------------------------------------- */

static void
any_post_is_each_of_the_listed_ones_in_time(void **state)
{
	static const char *const slugs[] = {"moon", "leap", "eve", "new", "first", "second"};
	struct site *s = *state;
	unsigned seen = 0;

	add_some(s);
	(void)site_post(s, "content=x&mp-slug=hidden&visibility=unlisted");
	(void)site_post(s, "content=x&mp-slug=draft&post-status=draft");
	for (int i = 0; i < 2000 && seen != 63; i++) {
		struct answer a = ASK(s, .uri = "/random");
		struct str to = answer_header(&a, "Location");
		unsigned before = seen;

		assert_int_equal(a.status, 302);
		assert_header(a, "Cache-Control", "no-store");
		assert_true(str_starts(to, S("https://ada.example/note/")));
		to = str_sub(to, 25, to.n);
		for (unsigned k = 0; k < 6; k++)
			if (str_eq(to, str_z(slugs[k])))
				seen |= 1u << k;
		assert_true(seen != before || seen != 0);
		assert_false(str_eq(to, S("hidden")) || str_eq(to, S("draft")));
	}
	assert_int_equal(seen, 63);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, site_setup, site_teardown)
/* Those make a site of their own. */
#define ALONE(f) cmocka_unit_test_teardown(f, site_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_empty_archive_says_so),
		TEST(the_archive_counts_years_and_months),
		ALONE(the_archive_goes_by_the_sites_zone),
		TEST(the_archive_leads_to_the_lists_that_have_posts),
		TEST(a_year_has_its_posts_months_and_neighbours),
		TEST(a_month_and_a_day_have_theirs),
		TEST(an_empty_period_is_a_page_between_others_only),
		TEST(what_is_in_no_calendar_is_not_found),
		ALONE(a_page_by_date_costs_few_statements),
		TEST(this_day_shows_what_was_on_it_in_earlier_years),
		TEST(tomorrow_this_day_is_another),
		ALONE(this_day_is_paged),
		TEST(what_is_no_day_is_not_found),
		TEST(any_post_is_each_of_the_listed_ones_in_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
