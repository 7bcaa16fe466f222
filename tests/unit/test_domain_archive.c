/*
 * domain/archive: periods of the site's zone, and counts that are exact in every zone though the
 * database keeps those of UTC.
 */
#include "domain/archive.h"

#include "domain_fixture.h"

static void
add(struct site *s, int n, int64_t published)
{
	char slug[32];
	struct post_row row;

	(void)snprintf(slug, sizeof(slug), "p%d", n);
	row = (struct post_row){.uid = str_z(slug), .slug = str_z(slug), .type = S("note"),
		.status = POST_PUBLISHED, .visibility = POST_PUBLIC, .published = published,
		.mf2 = S("{}")};
	assert_ok(s, post_row_insert(&s->c, s->db, &row));
}

static int64_t
moment(const char *text)
{
	int64_t seconds;
	int offset;

	assert_true(time_rfc3339_parse(str_z(text), &seconds, &offset));
	return seconds;
}

/* Posts at moments, NULL at the end. */
static void
add_all(struct site *s, const char *const *moments)
{
	assert_ok(s, db_tx_begin(&s->c, s->db));
	for (int i = 0; moments[i]; i++)
		add(s, i, moment(moments[i]));
	assert_ok(s, db_tx_commit(&s->c, s->db));
}

static void
assert_period(const struct post_period *p, int year, int month, int day, uint64_t posts)
{
	assert_int_equal(p->year, year);
	assert_int_equal(p->month, month);
	assert_int_equal(p->day, day);
	assert_int_equal(p->posts, posts);
}

static void
what_the_calendar_has_is_a_period(void **state)
{
	struct post_period p;

	(void)state;
	assert_true(archive_parse(S("2026"), S(""), S(""), &p));
	assert_period(&p, 2026, 0, 0, 0);
	assert_true(archive_parse(S("2024"), S("02"), S("29"), &p));
	assert_period(&p, 2024, 2, 29, 0);
	assert_false(archive_parse(S("2026"), S("02"), S("29"), &p));
	assert_false(archive_parse(S("2026"), S("13"), S(""), &p));
	assert_false(archive_parse(S("2026"), S("00"), S(""), &p));
	assert_false(archive_parse(S("2026"), S("04"), S("31"), &p));
	assert_false(archive_parse(S("2026"), S("04"), S("00"), &p));
	assert_false(archive_parse(S("0000"), S(""), S(""), &p));
	assert_false(archive_parse(S("20x6"), S(""), S(""), &p));
}

static void
a_period_is_named_as_its_path(void **state)
{
	struct site *s = *state;
	struct post_period p = {.year = 987, .month = 3, .day = 1};
	struct str path;

	assert_ok(s, archive_path(&s->c, &p, &path));
	assert_str(path, "0987/03/01");
	p = archive_parent(&p);
	assert_ok(s, archive_path(&s->c, &p, &path));
	assert_str(path, "0987/03");
	p = archive_parent(&p);
	assert_ok(s, archive_path(&s->c, &p, &path));
	assert_str(path, "0987");
}

static void
a_month_begins_and_ends_by_the_zones_clock(void **state)
{
	struct post_period march = {.year = 2026, .month = 3}, day = {2026, 3, 29, 0};
	struct post_span span;

	(void)state;
	assert_true(time_zone_set("Europe/Berlin"));
	span = archive_span(&march);
	assert_int_equal(span.from, moment("2026-03-01T00:00:00+01:00"));
	assert_int_equal(span.to, moment("2026-04-01T00:00:00+02:00"));
	span = archive_span(&day);
	assert_int_equal(span.to - span.from, 23 * 3600);
}

/* Where clocks are put back over midnight, an hour of one day is shown twice, and is of one all the same. */
static void
each_moment_is_of_the_day_that_holds_it(void **state)
{
	static const char *const clocks[][2] = {
		{"America/St_Johns", "2006-10-28T20:00:00Z"}, {"America/Havana", "2026-10-31T20:00:00Z"},
		{"America/Sao_Paulo", "2018-02-17T18:00:00Z"}, {"Asia/Beirut", "2025-10-25T13:00:00Z"},
		{"Pacific/Apia", "2011-12-30T02:00:00Z"}, {"Asia/Amman", "2018-10-25T14:00:00Z"}};

	(void)state;
	for (size_t i = 0; i < sizeof(clocks) / sizeof(clocks[0]); i++) {
		assert_true(time_zone_set(clocks[i][0]));
		for (int minute = 0; minute < 20 * 60; minute++) {
			int64_t at = moment(clocks[i][1]) + minute * 60;
			struct post_period day;
			struct post_span span;

			archive_period_of(at, POST_DAYS, &day);
			span = archive_span(&day);
			assert_true(span.from <= at && at < span.to);
		}
	}
}

/* New Year's Eve in Berlin is still the old year at 23:30 there, and the new one in UTC an hour late. */
static void
a_post_counts_in_the_month_that_its_author_lived_it(void **state)
{
	static const char *const moments[] = {"2025-12-31T23:30:00+01:00",
		"2026-01-01T00:00:00+01:00", "2026-01-01T00:59:59+01:00",
		"2026-01-01T01:00:00+01:00", "2026-01-31T23:59:59+01:00",
		"2026-02-01T00:00:00+01:00", NULL};
	struct site *s = *state;
	struct post_period *months;
	size_t n;

	assert_true(time_zone_set("Europe/Berlin"));
	add_all(s, moments);
	assert_ok(s, archive_counts(&s->c, s->db, NULL, &months, &n));
	assert_int_equal(n, 3);
	assert_period(&months[0], 2026, 2, 0, 1);
	assert_period(&months[1], 2026, 1, 0, 4);
	assert_period(&months[2], 2025, 12, 0, 1);
}

/* The month that all posts are of is not one that the database has kept. */
static void
a_month_may_have_all_its_posts_from_beside_it(void **state)
{
	static const char *const moments[] = {"2026-03-01T05:00:00Z", "2026-03-01T09:59:59Z", NULL};
	struct site *s = *state;
	struct post_period *months;
	size_t n;

	assert_true(time_zone_set("Pacific/Honolulu"));
	add_all(s, moments);
	assert_ok(s, archive_counts(&s->c, s->db, NULL, &months, &n));
	assert_int_equal(n, 1);
	assert_period(&months[0], 2026, 2, 0, 2);
}

/* ---- against counting one by one -------------------------------------------------------------- */

enum { MANY = 900 };

static uint64_t
count_one_by_one(const int64_t *when, enum post_period_level level, const struct post_period *p)
{
	uint64_t n = 0;

	for (int i = 0; i < MANY; i++) {
		struct post_period of;

		archive_period_of(when[i], level, &of);
		n += of.year == p->year && of.month == p->month && of.day == p->day;
	}
	return n;
}

/* All that was found is right, goes down, and is all there is. */
static void
assert_exact(const int64_t *when, enum post_period_level level, const struct post_period *list,
	size_t n, uint64_t total)
{
	for (size_t i = 0; i < n; i++) {
		uint64_t want = count_one_by_one(when, level, &list[i]);

		if (list[i].posts != want)
			fail_msg("%d-%d-%d: %llu, not %llu", list[i].year, list[i].month,
				list[i].day, (unsigned long long)list[i].posts,
				(unsigned long long)want);
		assert_true(i == 0 || archive_span(&list[i]).to <= archive_span(&list[i - 1]).from);
		total -= list[i].posts;
	}
	assert_int_equal(total, 0);
}

static void
assert_exact_in_zone(struct site *s, const int64_t *when, const char *zone)
{
	struct post_period *months, *days;
	size_t n, n_days;

	assert_true(time_zone_set(zone));
	assert_ok(s, archive_counts(&s->c, s->db, NULL, &months, &n));
	assert_exact(when, POST_MONTHS, months, n, MANY);
	for (size_t i = 0; i < n; i++) {
		assert_ok(s, archive_counts(&s->c, s->db, &months[i], &days, &n_days));
		assert_exact(when, POST_DAYS, days, n_days, months[i].posts);
	}
}

static void
counts_are_exact_in_every_zone(void **state)
{
	static const char *const zones[] = {"UTC", "Europe/Berlin", "America/St_Johns",
		"Asia/Kathmandu", "America/Sao_Paulo", "Pacific/Apia", "Pacific/Kiritimati",
		"Pacific/Pago_Pago", "Australia/Lord_Howe"};
	struct site *s = *state;
	int64_t when[MANY], month = moment("2011-01-01T00:00:00Z");
	unsigned random = 1;

	assert_ok(s, db_tx_begin(&s->c, s->db));
	for (int i = 0; i < MANY; i++) {
		random = random * 1103515245u + 12345u;
		/* Around the ends of months for a day, and on either side of clock changes. */
		when[i] = month + (i % 24) * 2629800 + (int64_t)(random >> 8) % 172800 - 86400;
		if (i % 9 == 0)
			when[i] = moment("2011-12-30T10:00:00Z") + i * 60 - MANY * 30;
		if (i % 9 == 1)
			when[i] = moment("2006-10-29T02:31:00Z") + i * 10 - MANY * 5;
		add(s, i, when[i]);
	}
	assert_ok(s, db_tx_commit(&s->c, s->db));
	for (size_t i = 0; i < sizeof(zones) / sizeof(zones[0]); i++)
		assert_exact_in_zone(s, when, zones[i]);
}

static void
counting_costs_two_statements_however_many_months(void **state)
{
	struct site *s = *state;
	struct post_period *months;
	size_t n;

	assert_true(time_zone_set("Europe/Berlin"));
	assert_ok(s, db_tx_begin(&s->c, s->db));
	for (int i = 0; i < 200; i++)
		add(s, i, NOW + 14 * 86400 - (int64_t)i * 2629800);
	assert_ok(s, db_tx_commit(&s->c, s->db));
	s->facts.db_queries = 0;
	assert_ok(s, archive_counts(&s->c, s->db, NULL, &months, &n));
	assert_int_equal(n, 200);
	assert_int_equal(s->facts.db_queries, 2);
}

/* ---- neighbours and anniversaries --------------------------------------------------------------- */

static void
neighbours_are_the_nearest_that_have_posts(void **state)
{
	static const char *const moments[] = {"1969-07-20T20:17:00Z", "2024-02-29T12:00:00Z",
		"2026-03-01T00:30:00+01:00", NULL};
	struct post_period year = {.year = 2024}, month = {2026, 3, 0, 0}, empty = {2025, 6, 1, 0};
	struct site *s = *state;
	struct post_period older, newer;

	assert_true(time_zone_set("Europe/Berlin"));
	add_all(s, moments);
	assert_ok(s, archive_around(&s->c, s->db, &year, &older, &newer));
	assert_period(&older, 1969, 0, 0, 0);
	assert_period(&newer, 2026, 0, 0, 0);
	assert_ok(s, archive_around(&s->c, s->db, &month, &older, &newer));
	assert_period(&older, 2024, 2, 0, 0);
	assert_period(&newer, 0, 0, 0, 0);
	assert_ok(s, archive_around(&s->c, s->db, &empty, &older, &newer));
	assert_period(&older, 2024, 2, 29, 0);
	assert_period(&newer, 2026, 3, 1, 0);
}

static void
a_day_comes_round_in_years_that_have_it(void **state)
{
	static const char *const moments[] = {"2019-02-28T12:00:00Z", "2020-02-29T12:00:00Z",
		"2024-02-29T12:00:00Z", "2026-02-28T12:00:00Z", NULL};
	struct post_period leap = {2026, 2, 29, 0};
	struct site *s = *state;
	struct post_span *spans;
	size_t n;

	add_all(s, moments);
	assert_ok(s, archive_anniversaries(&s->c, s->db, &leap, &spans, &n));
	assert_int_equal(n, 2);
	assert_int_equal(spans[0].from, moment("2024-02-29T00:00:00Z"));
	assert_int_equal(spans[1].to, moment("2020-03-01T00:00:00Z"));
}

/* The last evening of a year may be the next year's by UTC, and the year itself be without posts there. */
static void
an_anniversary_is_found_beside_the_years_of_utc(void **state)
{
	static const char *const moments[] = {"2025-01-01T02:00:00Z", NULL};
	struct post_period eve = {2026, 12, 31, 0};
	struct site *s = *state;
	struct post_list list;
	struct post_span *spans;
	size_t n;

	assert_true(time_zone_set("America/New_York"));
	add_all(s, moments);
	assert_ok(s, archive_anniversaries(&s->c, s->db, &eve, &spans, &n));
	assert_ok(s, post_list_spans(&s->c, s->db, spans, n, S(""), 5, &list));
	assert_int_equal(list.n, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(what_the_calendar_has_is_a_period),
		SITE_TEST(a_period_is_named_as_its_path),
		SITE_TEST(a_month_begins_and_ends_by_the_zones_clock),
		SITE_TEST(each_moment_is_of_the_day_that_holds_it),
		SITE_TEST(a_post_counts_in_the_month_that_its_author_lived_it),
		SITE_TEST(a_month_may_have_all_its_posts_from_beside_it),
		SITE_TEST(counts_are_exact_in_every_zone),
		SITE_TEST(counting_costs_two_statements_however_many_months),
		SITE_TEST(neighbours_are_the_nearest_that_have_posts),
		SITE_TEST(a_day_comes_round_in_years_that_have_it),
		SITE_TEST(an_anniversary_is_found_beside_the_years_of_utc),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
