/*
 * core/log_line: what stands in a line, what hostile values cannot do to it, where it is cut.
 */
#include "core/log_line.h"

#include "json_check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static void
assert_line(struct log_line *l, const char *expected)
{
	struct str s = log_line_end(l);

	assert_int_equal(s.n, strlen(expected));
	assert_memory_equal(s.p, expected, s.n);
}

/* The value as it is written in JSON, without quotes. */
static void
assert_written(struct str value, const char *expected)
{
	struct log_line l;
	struct str s;

	log_line_begin(&l, true, LOG_LINE_MAX);
	log_line_str(&l, LOG_NAME("v"), value);
	s = log_line_end(&l);
	assert_true(json_check(s));
	s = str_sub(s, 6, s.n - 3);
	if (!str_eq(s, str_z(expected)))
		fail_msg("written as <%.*s>, not <%s>", STR(s), expected);
}

static void
json_fields_stand_in_order(void **state)
{
	struct log_line l;

	(void)state;
	log_line_begin(&l, true, LOG_LINE_MAX);
	log_line_str(&l, LOG_NAME("a"), S("x"));
	log_line_raw(&l, S(",\"r\":1"));
	log_line_int(&l, LOG_NAME("b"), INT64_MIN);
	log_line_int(&l, LOG_NAME("c"), INT64_MAX);
	log_line_bool(&l, LOG_NAME("d"), true);
	log_line_bool(&l, LOG_NAME("e"), false);
	log_line_ms(&l, LOG_NAME("f_ms"), 12345);
	log_line_ms(&l, LOG_NAME("g_ms"), 7);
	log_line_ms(&l, LOG_NAME("h_ms"), -1500);
	log_line_ms(&l, LOG_NAME("i_ms"), INT64_MIN);
	log_line_str(&l, LOG_NAME("j"), (struct str){0});
	assert_line(&l, "{\"a\":\"x\",\"r\":1,\"b\":-9223372036854775808,\"c\":9223372036854775807,"
		"\"d\":true,\"e\":false,\"f_ms\":12.345,\"g_ms\":0.007,\"h_ms\":-1.500,"
		"\"i_ms\":-9223372036854775.808,\"j\":\"\"}\n");
	log_line_begin(&l, true, LOG_LINE_MAX);
	assert_line(&l, "{}\n");
}

static void
readable_lines_quote_what_could_mislead(void **state)
{
	struct log_line l;

	(void)state;
	log_line_begin(&l, false, LOG_LINE_MAX);
	log_line_word(&l, S("INFO"), 8);
	log_line_word(&l, S("web"), 0);
	log_line_str(&l, LOG_NAME("a"), S("plain/value"));
	log_line_str(&l, LOG_NAME("b"), S("two words"));
	log_line_str(&l, LOG_NAME("c"), S("x=y"));
	log_line_str(&l, LOG_NAME("d"), S(""));
	log_line_str(&l, LOG_NAME("e"), S("\x1b[31m\n"));
	log_line_int(&l, LOG_NAME("f"), 7);
	assert_line(&l, "INFO     web a=plain/value b=\"two words\" c=\"x=y\" d=\"\" "
			"e=\"\\u001b[31m\\u000a\" f=7\n");
}

static void
values_are_escaped(void **state)
{
	(void)state;
	assert_written(S("say \"hi\"\\"), "say \\\"hi\\\"\\\\");
	assert_written(str_n("a\0b\x1f\x7f", 5), "a\\u0000b\\u001f\\u007f");
	assert_written(
		S("\r\n{\"event\":\"forged\"}"), "\\u000d\\u000a{\\\"event\\\":\\\"forged\\\"}");
	assert_written(S("J\xc3\xb6rg \xe2\x82\xac \xf0\x9f\x98\x80"),
		"J\xc3\xb6rg \xe2\x82\xac \xf0\x9f\x98\x80");
	assert_written(S("\xe2\x80\xa8\xe2\x80\xa9"), "\\u2028\\u2029");
	assert_written(S("\xc2\x9b" "31m"), "\\u009b31m");
	assert_written(S("\xe2\x80\xae" "gpj.exe"), "\\u202egpj.exe");
	assert_written(S("\xef\xbb\xbf"), "\\ufeff");
}

static void
malformed_utf8_becomes_replacement_characters(void **state)
{
	(void)state;
	assert_written(S("a\xff" "b"), "a\xef\xbf\xbd" "b");
	assert_written(S("\xe2\x82"), "\xef\xbf\xbd\xef\xbf\xbd");
	assert_written(S("\xed\xa0\x80"), "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
	assert_written(S("\xc0\xaf"), "\xef\xbf\xbd\xef\xbf\xbd");
}

/* How one character stands in a line if it is special; the length. */
static size_t
special_written(char ch, char *out)
{
	if (ch == '"' || ch == '\\') {
		out[0] = '\\';
		out[1] = ch;
		return 2;
	}
	if ((unsigned char)ch >= 0x80) {
		memcpy(out, "\xef\xbf\xbd", 3);
		return 3;
	}
	memcpy(out, "\\u0000", 6);
	out[4] = (char)('0' + (ch >> 4));
	out[5] = "0123456789abcdef"[ch & 15];
	return 6;
}

/* Plain characters are looked at sixteen at a time: each special one at each place of values of each length. */
static void
special_characters_are_found_at_every_place(void **state)
{
	static const char special[] = "\"\\\x01\x1f\x7f\x80\xff";
	enum { LENGTHS = 50 };
	char value[LENGTHS], expected[LENGTHS + 8];

	(void)state;
	for (const char *ch = special; *ch; ch++)
		for (size_t place = 0; place < LENGTHS; place++)
			for (size_t n = place + 1; n <= LENGTHS; n++) {
				size_t end = place;

				memset(value, 'x', n);
				value[place] = *ch;
				memset(expected, 'x', sizeof(expected));
				end += special_written(*ch, expected + place);
				expected[end + n - place - 1] = '\0';
				assert_written(str_n(value, n), expected);
			}
}

static void
plain_values_of_every_length_are_taken_over(void **state)
{
	char value[LOG_VALUE_MAX + 1];

	(void)state;
	for (size_t n = 0; n <= LOG_VALUE_MAX; n++) {
		for (size_t i = 0; i < n; i++)
			value[i] = (char)('a' + i % 26);
		value[n] = '\0';
		assert_written(str_n(value, n), value);
	}
}

/* One below and one at each power of ten, and the largest there is. */
static void
numbers_of_every_length_are_written(void **state)
{
	int64_t v = 1;

	(void)state;
	for (int i = 0; i < 19; i++, v = i < 19 ? v * 10 : v)
		for (int64_t less = 0; less < 2; less++) {
			struct log_line l;
			char expected[128];

			log_line_begin(&l, true, LOG_LINE_MAX);
			log_line_int(&l, LOG_NAME("n"), v - less);
			log_line_ms(&l, LOG_NAME("ms"), v - less);
			(void)snprintf(expected, sizeof(expected), "{\"n\":%lld,\"ms\":%lld.%03lld}\n",
				(long long)(v - less), (long long)((v - less) / 1000),
				(long long)((v - less) % 1000));
			assert_line(&l, expected);
		}
}

static void
every_plain_character_is_taken_over(void **state)
{
	char value[95], expected[128];
	size_t n = 0;

	(void)state;
	for (int ch = 0x20; ch < 0x7f; ch++) {
		value[ch - 0x20] = (char)ch;
		if (ch == '"' || ch == '\\')
			expected[n++] = '\\';
		expected[n++] = (char)ch;
	}
	expected[n] = '\0';
	assert_written(str_n(value, sizeof(value)), expected);
}

/* Of many times piece, LOG_VALUE_MAX bytes are written: whole characters and an ellipsis. */
static void
assert_cut(const char *piece, const char *escaped)
{
	static char value[4096];
	size_t step = strlen(piece), wide = strlen(escaped), n = 0;
	struct log_line l;
	struct str s, body;

	while (n + step <= sizeof(value)) {
		memcpy(value + n, piece, step);
		n += step;
	}
	log_line_begin(&l, true, LOG_LINE_MAX);
	log_line_str(&l, LOG_NAME("v"), str_n(value, n));
	s = log_line_end(&l);
	assert_true(json_check(s));
	body = str_sub(s, 6, s.n - 3);
	assert_true(body.n <= LOG_VALUE_MAX);
	assert_true(body.n > LOG_VALUE_MAX - wide);
	assert_true(str_ends(body, S("\xe2\x80\xa6")));
	body.n -= 3;
	assert_int_equal(body.n % wide, 0);
	for (size_t i = 0; i < body.n; i += wide)
		assert_memory_equal(body.p + i, escaped, wide);
}

static void
long_values_are_cut_on_an_edge(void **state)
{
	char exact[LOG_VALUE_MAX + 1];

	(void)state;
	assert_cut("x", "x");
	assert_cut("\"", "\\\"");
	assert_cut("\n", "\\u000a");
	assert_cut("\xc3\xbc", "\xc3\xbc");
	assert_cut("\xe2\x82\xac", "\xe2\x82\xac");
	assert_cut("\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80");
	assert_cut("\xff", "\xef\xbf\xbd");
	memset(exact, 'x', sizeof(exact));
	exact[LOG_VALUE_MAX] = '\0';
	assert_written(str_n(exact, LOG_VALUE_MAX), exact);
}

static void
a_plain_run_behind_an_escape_is_cut_on_an_edge(void **state)
{
	char value[2048];

	(void)state;
	for (size_t plain = LOG_VALUE_MAX - 12; plain <= LOG_VALUE_MAX + 2; plain++)
		for (size_t tail = 0; tail < 4; tail++) {
			struct log_line l;
			struct str s;

			memset(value, 'x', sizeof(value));
			value[plain - 4] = '\n';
			log_line_begin(&l, true, LOG_LINE_MAX);
			log_line_str(&l, LOG_NAME("v"), str_n(value, plain + tail));
			s = log_line_end(&l);
			assert_true(json_check(s));
			assert_true(s.n <= LOG_VALUE_MAX + 9);
		}
}

static void
a_line_never_exceeds_its_cap(void **state)
{
	char value[3000];

	(void)state;
	memset(value, '\n', sizeof(value));
	for (int json = 0; json < 2; json++)
		for (size_t cap = 40; cap <= LOG_LINE_MAX; cap += cap < 200 ? 1 : 977) {
			struct log_line l;
			struct str s;

			log_line_begin(&l, json, cap);
			for (int i = 0; i < 12; i++) {
				if (i > 3)
					log_line_str(
						&l, LOG_NAME("value"), str_n(value, sizeof(value)));
				log_line_int(&l, LOG_NAME("number"), INT64_MIN);
				log_line_ms(&l, LOG_NAME("time_ms"), INT64_MIN);
				log_line_bool(&l, LOG_NAME("flag"), false);
				log_line_str(&l, LOG_NAME("word"), str_n("abcdefghij", (size_t)i));
			}
			s = log_line_end(&l);
			assert_true(s.n <= cap);
			assert_int_equal(s.p[s.n - 1], '\n');
			assert_int_equal(str_find(s, '\n', 0), s.n - 1);
			if (json)
				assert_true(json_check(s));
		}
}

static void
a_newline_stands_before_the_line(void **state)
{
	(void)state;
	for (int json = 0; json < 2; json++)
		for (int fields = 0; fields < 2; fields++) {
			struct log_line l;

			log_line_begin(&l, json, LOG_LINE_MAX);
			if (fields)
				log_line_int(&l, LOG_NAME("n"), 1);
			assert_int_equal(log_line_end(&l).p[-1], '\n');
		}
}

/* Fields are written first and counted then: what goes beyond the line touches nothing else. */
static void
a_full_line_takes_no_more(void **state)
{
	static const struct log_name longest = LOG_NAME_INIT("abcdefghijklmnopqrstuvwxyz_");
	struct {
		struct log_line l;
		unsigned char behind[16];
	} mem;
	char value[LOG_VALUE_MAX];

	(void)state;
	memset(mem.behind, 0x5a, sizeof(mem.behind));
	memset(value, 'x', sizeof(value));
	for (int json = 0; json < 2; json++) {
		struct str s;

		log_line_begin(&mem.l, json, LOG_LINE_MAX);
		while (mem.l.n < mem.l.cap - 20)
			log_line_str(&mem.l, LOG_NAME("v"), str_n(value, mem.l.cap - mem.l.n < 2000 ? 1 : 1000));
		while (mem.l.n < mem.l.cap - 4)
			log_line_word(&mem.l, S("x"), 0);
		s.n = mem.l.n;
		log_line_int(&mem.l, &longest, INT64_MIN);
		log_line_ms(&mem.l, &longest, INT64_MIN);
		log_line_bool(&mem.l, &longest, true);
		log_line_str(&mem.l, &longest, str_n(value, sizeof(value)));
		log_line_time(&mem.l, 0);
		assert_int_equal(mem.l.n, s.n);
		s = log_line_end(&mem.l);
		assert_true(s.n <= LOG_LINE_MAX);
		assert_int_equal(s.p[s.n - 1], '\n');
	}
	for (size_t i = 0; i < sizeof(mem.behind); i++)
		assert_int_equal(mem.behind[i], 0x5a);
}

static void
times_are_rfc_3339_with_milliseconds(void **state)
{
	char out[LOG_TIME_BYTES];

	(void)state;
	log_time_format(1772353800123456, out);
	assert_memory_equal(out, "2026-03-01T08:30:00.123Z", sizeof(out));
	log_time_format(0, out);
	assert_memory_equal(out, "1970-01-01T00:00:00.000Z", sizeof(out));
	log_time_format(-1, out);
	assert_memory_equal(out, "1969-12-31T23:59:59.999Z", sizeof(out));
	log_time_format(-1000000, out);
	assert_memory_equal(out, "1969-12-31T23:59:59.000Z", sizeof(out));
	/* The same second again, the next one, and back. */
	log_time_format(1772323199999999, out);
	assert_memory_equal(out, "2026-02-28T23:59:59.999Z", sizeof(out));
	log_time_format(1772323199000000, out);
	assert_memory_equal(out, "2026-02-28T23:59:59.000Z", sizeof(out));
	log_time_format(1772323200000000, out);
	assert_memory_equal(out, "2026-03-01T00:00:00.000Z", sizeof(out));
	log_time_format(1772323199999000, out);
	assert_memory_equal(out, "2026-02-28T23:59:59.999Z", sizeof(out));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(json_fields_stand_in_order),
		cmocka_unit_test(readable_lines_quote_what_could_mislead),
		cmocka_unit_test(values_are_escaped),
		cmocka_unit_test(malformed_utf8_becomes_replacement_characters),
		cmocka_unit_test(special_characters_are_found_at_every_place),
		cmocka_unit_test(plain_values_of_every_length_are_taken_over),
		cmocka_unit_test(numbers_of_every_length_are_written),
		cmocka_unit_test(every_plain_character_is_taken_over),
		cmocka_unit_test(long_values_are_cut_on_an_edge),
		cmocka_unit_test(a_plain_run_behind_an_escape_is_cut_on_an_edge),
		cmocka_unit_test(a_line_never_exceeds_its_cap),
		cmocka_unit_test(a_newline_stands_before_the_line),
		cmocka_unit_test(a_full_line_takes_no_more),
		cmocka_unit_test(times_are_rfc_3339_with_milliseconds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
