/*
 * base/time: the calendar, RFC 3339 and its relatives, HTTP dates, zones. Expected seconds come
 * from date(1).
 */
#include "base/time.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

static int
setup(void **state)
{
	static struct ctx c;

	ctx_init(&c, 1 << 16);
	*state = &c;
	assert_true(time_zone_set("UTC"));
	return 0;
}

static int
teardown(void **state)
{
	ctx_fini(*state);
	return 0;
}

static void
assert_rfc3339(const char *text, int64_t seconds, int offset)
{
	int64_t t = -1;
	int off = -1;

	if (!time_rfc3339_parse(str_z(text), &t, &off))
		fail_msg("'%s' is refused", text);
	if (t != seconds || off != offset)
		fail_msg("'%s' is %lld %+d", text, (long long)t, off);
}

/* ---- the calendar ------------------------------------------------------------------------ */

static void
split_and_join_agree_with_libc(void **state)
{
	(void)state;
	for (int64_t t = -62135596800; t < 253402300800; t += 86400 * 97 + 12345) {
		time_t libc_t = (time_t)t;
		struct time_parts p;
		struct tm tm;

		time_split(t, 0, &p);
		assert_non_null(gmtime_r(&libc_t, &tm));
		assert_int_equal(p.year, tm.tm_year + 1900);
		assert_int_equal(p.month, tm.tm_mon + 1);
		assert_int_equal(p.day, tm.tm_mday);
		assert_int_equal(p.hour, tm.tm_hour);
		assert_int_equal(p.minute, tm.tm_min);
		assert_int_equal(p.second, tm.tm_sec);
		assert_int_equal(p.weekday, tm.tm_wday);
		assert_int_equal(time_join(&p, 0), t);
	}
}

static void
an_offset_moves_the_fields_and_not_the_moment(void **state)
{
	struct time_parts p;

	(void)state;
	time_split(1772353800, 60, &p);
	assert_int_equal(p.day, 1);
	assert_int_equal(p.hour, 9);
	assert_int_equal(p.minute, 30);
	assert_int_equal(time_join(&p, 60), 1772353800);
	time_split(1772353800, -600, &p);
	assert_int_equal(p.month, 2);
	assert_int_equal(p.day, 28);
	assert_int_equal(time_join(&p, -600), 1772353800);
}

static void
clocks_run(void **state)
{
	int64_t wall = time_now_us(), mono = time_mono_us();

	(void)state;
	assert_true(wall > 1700000000LL * 1000000);
	assert_true(llabs(wall / 1000000 - (int64_t)time(NULL)) <= 1);
	assert_true(mono > 0);
	assert_true(time_mono_us() >= mono);
}

/* ---- RFC 3339 ---------------------------------------------------------------------------- */

static void
rfc3339_reads_the_standard_form(void **state)
{
	(void)state;
	assert_rfc3339("2026-03-01T09:30:00+01:00", 1772353800, 60);
	assert_rfc3339("2026-03-01T08:30:00Z", 1772353800, 0);
	assert_rfc3339("2026-03-01T08:30:00.123456789z", 1772353800, 0);
	assert_rfc3339("2026-03-01t03:00:00-05:30", 1772353800, -330);
	assert_rfc3339("1970-01-01T00:00:00Z", 0, 0);
	assert_rfc3339("2000-02-29T00:00:00Z", 951782400, 0);
	assert_rfc3339("1990-12-31T23:59:60Z", 662688000, 0);
	assert_rfc3339("0001-01-01T00:00:00Z", -62135596800, 0);
	assert_rfc3339("9999-12-31T23:59:59Z", 253402300799, 0);
}

static void
rfc3339_reads_what_clients_send_besides(void **state)
{
	(void)state;
	assert_rfc3339("2026-03-01 08:30:00Z", 1772353800, 0);
	assert_rfc3339("2026-03-01T08:30Z", 1772353800, 0);
	assert_rfc3339("2026-03-01T08:30:00", 1772353800, 0);
	assert_rfc3339("2026-03-01", 1772323200, 0);
	assert_rfc3339("2026-03-01T09:30:00+0100", 1772353800, 60);
	assert_rfc3339("2026-03-01T09:30:00+01", 1772353800, 60);
	assert_rfc3339("2026-03-01 09:30:00 +01:00", 1772353800, 60);
	assert_rfc3339("  2026-03-01T08:30:00Z\n", 1772353800, 0);
}

static void
rfc3339_refuses_what_is_no_moment(void **state)
{
	static const char *const bad[] = {"", "2026", "2026-03", "2026-3-1", "2026-13-01",
		"2026-00-01", "2026-02-29", "1900-02-29", "2026-04-31", "2026-03-00", "0000-01-01",
		"2026-03-01T", "2026-03-01T8:30:00Z", "2026-03-01T24:00:00Z",
		"2026-03-01T08:60:00Z", "2026-03-01T08:30:61Z", "2026-03-01T08:30:00.Z",
		"2026-03-01T08:30:00+24:00", "2026-03-01T08:30:00+01:60", "2026-03-01T08:30:00+1",
		"2026-03-01T08:30:00Zx", "2026-03-01T08:30:00+01:00:00", "2026-03-01x",
		"+2026-03-01", "-001-01-01", "now", "0001-01-01T00:00:00+00:01",
		"9999-12-31T23:59:59-00:01", "9999-12-31T23:59:60Z"};
	int64_t t;
	int offset;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (time_rfc3339_parse(str_z(bad[i]), &t, &offset))
			fail_msg("'%s' is taken for %lld", bad[i], (long long)t);
	assert_false(time_rfc3339_parse(str_n("2026-03-01\0", 11), &t, &offset));
}

static void
rfc3339_is_written_as_it_is_read(void **state)
{
	struct ctx *c = *state;
	struct buf b;
	struct str s;

	buf_init(&b, &c->arena, 1024);
	time_rfc3339(&b, 1772353800, 60);
	buf_putc(&b, ' ');
	time_rfc3339(&b, 1772353800, 0);
	buf_putc(&b, ' ');
	time_rfc3339(&b, 1772353800, -330);
	buf_putc(&b, ' ');
	time_rfc3339(&b, -62135596800, 0);
	assert_int_equal(buf_end(c, &b, &s), OK);
	assert_string_equal(s.p, "2026-03-01T09:30:00+01:00 2026-03-01T08:30:00Z "
		"2026-03-01T03:00:00-05:30 0001-01-01T00:00:00Z");
}

/* ---- zones ------------------------------------------------------------------------------- */

static void
a_time_without_zone_is_meant_in_the_process_zone(void **state)
{
	(void)state;
	assert_true(time_zone_set("Europe/Berlin"));
	assert_int_equal(time_zone_offset(1772353800), 60);
	assert_int_equal(time_zone_offset(1782896400), 120);
	assert_rfc3339("2026-03-01T09:30:00", 1772353800, 60);
	assert_rfc3339("2026-07-01T11:00:00", 1782896400, 120);
	assert_rfc3339("2026-07-01", 1782856800, 120);
	assert_rfc3339("2026-03-01T08:30:00Z", 1772353800, 0);
	/* Around the change: the last minute of winter, the first of summer. */
	assert_rfc3339("2026-03-29T01:59:00", 1774745940, 60);
	assert_rfc3339("2026-03-29T03:00:00", 1774746000, 120);
}

static void
an_unknown_zone_is_refused_and_the_old_one_stays(void **state)
{
	static const char *const bad[] = {"", "Europe/Atlantis", "Europe", "/etc/localtime",
		"../zoneinfo/UTC", "Europe/../UTC", ":Europe/Berlin"};

	(void)state;
	assert_true(time_zone_set("Europe/Berlin"));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_false(time_zone_exists(bad[i]));
		assert_false(time_zone_set(bad[i]));
	}
	assert_true(time_zone_exists("UTC"));
	assert_true(time_zone_exists("America/Argentina/Buenos_Aires"));
	assert_int_equal(time_zone_offset(1772353800), 60);
}

/* ---- HTTP dates -------------------------------------------------------------------------- */

static void
http_reads_the_three_forms_of_rfc_9110(void **state)
{
	static const char *const forms[] = {"Sun, 06 Nov 1994 08:49:37 GMT",
		"Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"};
	int64_t t;

	(void)state;
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		t = 0;
		assert_true(time_http_parse(str_z(forms[i]), 1772353800, &t));
		assert_int_equal(t, 784111777);
	}
	assert_true(time_http_parse(S("Wed Nov 16 08:49:37 1994"), 0, &t));
	assert_int_equal(t, 784975777);
}

static void
a_year_of_two_digits_is_at_most_fifty_years_ahead(void **state)
{
	int64_t t;

	(void)state;
	assert_true(time_http_parse(S("Sunday, 06-Nov-76 08:49:37 GMT"), 1772353800, &t));
	assert_int_equal(t, 3371878177);
	assert_true(time_http_parse(S("Sunday, 06-Nov-77 08:49:37 GMT"), 1772353800, &t));
	assert_int_equal(t, 247654177);
}

static void
http_refuses_other_forms(void **state)
{
	static const char *const bad[] = {"", "Sun", "Sun,", "Sun, ",
		"Xxx, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37",
		"Sun, 06 Nov 1994 08:49:37 CET", "Sun, 06 Nov 1994 08:49 GMT",
		"Sun, 06 Nov 1994 08:49:37.5 GMT", "Sun, 6 Nov 1994 08:49:37 GMT",
		"Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 06 nov 1994 08:49:37 GMT",
		"Sun, 06 Nov 1994 25:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 GMT ",
		"Sun 06 Nov 1994 08:49:37 GMT", "Sunday, 06 Nov 1994 08:49:37 GMT",
		"Sun Nov 6 08:49:37 1994", "Sun Nov  6 08:49:37 1994 GMT", "Sun Nov  6 08:49:37 94",
		"2026-03-01T08:30:00Z", "784111777"};
	int64_t t;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (time_http_parse(str_z(bad[i]), 0, &t))
			fail_msg("'%s' is taken for %lld", bad[i], (long long)t);
}

static void
http_dates_are_written_in_the_first_form(void **state)
{
	struct ctx *c = *state;
	struct buf b;
	struct str s;
	int64_t t;

	for (int64_t moment = 0; moment < 253402300799; moment += 86400 * 365 + 4321) {
		buf_init(&b, &c->arena, 64);
		time_http(&b, moment);
		assert_int_equal(buf_end(c, &b, &s), OK);
		assert_int_equal(s.n, 29);
		assert_true(time_http_parse(s, 0, &t));
		assert_int_equal(t, moment);
		ctx_reset(c);
	}
	buf_init(&b, &c->arena, 64);
	time_http(&b, 784111777);
	assert_true(str_eq(buf_str(&b), S("Sun, 06 Nov 1994 08:49:37 GMT")));
}

static void
mail_dates_have_the_zone_in_figures(void **state)
{
	static const struct {
		int64_t seconds;
		int offset;
		const char *want;
	} cases[] = {
		{1772353800, 60, "Sun, 01 Mar 2026 09:30:00 +0100"},
		{1772353800, 0, "Sun, 01 Mar 2026 08:30:00 +0000"},
		{1772353800, -570, "Sat, 28 Feb 2026 23:00:00 -0930"},
		{0, 0, "Thu, 01 Jan 1970 00:00:00 +0000"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf b;

		buf_init(&b, &((struct ctx *)*state)->arena, 64);
		time_rfc5322(&b, cases[i].seconds, cases[i].offset);
		assert_true(str_eq(buf_str(&b), str_z(cases[i].want)));
	}
}

/* A day's beginning as it is told, in UTC. */
static void
assert_begins(int year, int month, int day, const char *want)
{
	int64_t seconds;
	int offset;

	assert_true(time_rfc3339_parse(str_z(want), &seconds, &offset));
	assert_int_equal(time_zone_midnight(year, month, day), seconds);
}

static void
a_day_begins_by_the_zones_own_clock(void **state)
{
	(void)state;
	assert_begins(2026, 3, 1, "2026-03-01T00:00:00Z");
	assert_begins(2026, 13, 1, "2027-01-01T00:00:00Z");
	assert_begins(2026, 2, 29, "2026-03-01T00:00:00Z");
	assert_true(time_zone_set("Europe/Berlin"));
	assert_begins(2026, 3, 29, "2026-03-28T23:00:00Z");
	assert_begins(2026, 3, 30, "2026-03-29T22:00:00Z");
	assert_begins(2026, 10, 26, "2026-10-25T23:00:00Z");
	assert_true(time_zone_set("Asia/Kathmandu"));
	assert_begins(2026, 3, 1, "2026-02-28T18:15:00Z");
}

/* A midnight that is left out, a day that is, and clocks put back over midnight. */
static void
a_day_begins_even_where_its_midnight_is_missing(void **state)
{
	(void)state;
	assert_true(time_zone_set("America/Sao_Paulo"));
	assert_begins(2018, 11, 4, "2018-11-04T03:00:00Z");
	assert_true(time_zone_set("Pacific/Apia"));
	assert_begins(2011, 12, 30, "2011-12-30T10:00:00Z");
	assert_begins(2011, 12, 31, "2011-12-30T10:00:00Z");
	assert_true(time_zone_set("America/St_Johns"));
	assert_in_range(time_zone_midnight(2006, 10, 29), 1162089000, 1162089000 + 3600);
}

/* Whatever the zone: days follow each other, and where one begins the clock comes to show it. */
static void
days_of_every_zone_follow_each_other(void **state)
{
	static const char *const zones[] = {"Europe/Berlin", "America/St_Johns", "Asia/Kathmandu",
		"America/Sao_Paulo", "Pacific/Apia", "Pacific/Kiritimati", "America/Havana",
		"Asia/Beirut", "Australia/Lord_Howe", "Africa/Casablanca", "Pacific/Kwajalein"};

	(void)state;
	for (size_t i = 0; i < sizeof(zones) / sizeof(zones[0]); i++) {
		int64_t last = INT64_MIN;

		assert_true(time_zone_set(zones[i]));
		for (int day = 1; day < 60 * 365; day++) {
			int64_t at = time_zone_midnight(1970, 1, day);
			int64_t shown = (int64_t)(day - 1) * 86400;

			assert_true(at >= last);
			assert_true(at + (int64_t)time_zone_offset(at) * 60 >= shown);
			assert_true(at - 1 + (int64_t)time_zone_offset(at - 1) * 60 < shown);
			last = at;
		}
	}
}

static void
a_day_is_one_that_the_calendar_has(void **state)
{
	(void)state;
	assert_true(time_day_exists(2024, 2, 29));
	assert_true(time_day_exists(9999, 12, 31));
	assert_false(time_day_exists(2026, 2, 29));
	assert_false(time_day_exists(2026, 13, 1));
	assert_false(time_day_exists(2026, 0, 1));
	assert_false(time_day_exists(2026, 4, 31));
	assert_false(time_day_exists(0, 1, 1));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(split_and_join_agree_with_libc, setup, teardown),
		cmocka_unit_test_setup_teardown(
			an_offset_moves_the_fields_and_not_the_moment, setup, teardown),
		cmocka_unit_test_setup_teardown(clocks_run, setup, teardown),
		cmocka_unit_test_setup_teardown(rfc3339_reads_the_standard_form, setup, teardown),
		cmocka_unit_test_setup_teardown(
			rfc3339_reads_what_clients_send_besides, setup, teardown),
		cmocka_unit_test_setup_teardown(rfc3339_refuses_what_is_no_moment, setup, teardown),
		cmocka_unit_test_setup_teardown(rfc3339_is_written_as_it_is_read, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_time_without_zone_is_meant_in_the_process_zone, setup, teardown),
		cmocka_unit_test_setup_teardown(
			an_unknown_zone_is_refused_and_the_old_one_stays, setup, teardown),
		cmocka_unit_test_setup_teardown(
			http_reads_the_three_forms_of_rfc_9110, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_year_of_two_digits_is_at_most_fifty_years_ahead, setup, teardown),
		cmocka_unit_test_setup_teardown(http_refuses_other_forms, setup, teardown),
		cmocka_unit_test_setup_teardown(
			http_dates_are_written_in_the_first_form, setup, teardown),
		cmocka_unit_test_setup_teardown(mail_dates_have_the_zone_in_figures, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_day_begins_by_the_zones_own_clock, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_day_begins_even_where_its_midnight_is_missing, setup, teardown),
		cmocka_unit_test_setup_teardown(
			days_of_every_zone_follow_each_other, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_day_is_one_that_the_calendar_has, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
