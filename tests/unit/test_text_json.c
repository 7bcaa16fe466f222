/*
 * text/json: what is accepted and refused (with the vectors of JSONTestSuite), reading, building
 * and writing.
 */
#include "text/json.h"

#include "base/buf.h"

#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static int
setup(void **state)
{
	static struct ctx c;

	ctx_init(&c, 16 * 1024 * 1024);
	*state = &c;
	return 0;
}

static int
teardown(void **state)
{
	ctx_fini(*state);
	return 0;
}

static const struct json *
parsed(struct ctx *c, const char *text)
{
	const struct json *v = NULL;

	assert_int_equal(json_parse(c, str_z(text), &v), OK);
	assert_non_null(v);
	return v;
}

static void
assert_str(struct str s, const char *expected)
{
	assert_int_equal(s.n, strlen(expected));
	assert_memory_equal(s.p, expected, s.n);
}

/* That text is refused, with a hint that contains hint. */
static void
assert_refused(struct ctx *c, const char *text, const char *hint)
{
	const struct json *v;

	assert_int_equal(json_parse(c, str_z(text), &v), ERR_BAD_JSON);
	if (!strstr(c->err.hint, hint))
		fail_msg("%s: hint is \"%s\", not \"%s\"", text, c->err.hint, hint);
	err_clear(c);
}

static void
assert_written(struct ctx *c, const struct json *v, const char *expected)
{
	struct str s;

	assert_int_equal(json_write(c, v, &s), OK);
	assert_string_equal(s.p, expected);
	assert_int_equal(s.n, strlen(expected));
}

/* ---- what is refused ----------------------------------------------------------------------- */

static void
json_says_where_it_went_wrong(void **state)
{
	assert_refused(
		*state, "{\n  \"a\": 1,\n  \"b\" 2}", "line 3, column 7: a colon is missing");
	assert_refused(*state, "", "line 1, column 1: a value is missing");
	assert_refused(*state, "[1] x", "line 1, column 5: something follows");
}

static void
json_refuses_what_json_c_would_take(void **state)
{
	assert_refused(*state, "NaN", "value is missing");
	assert_refused(*state, "[Infinity]", "value is missing");
	assert_refused(*state, "[-Infinity]", "digit is missing");
	assert_refused(*state, "{'a':1}", "double quotes");
	assert_refused(*state, "[1,]", "value is missing");
	assert_refused(*state, "[01]", "begins with 0");
	assert_refused(*state, "/* */ 1", "value is missing");
	assert_refused(*state, "\"\\u0000\"", "U+0000");
	assert_refused(*state, "{\"a\\u0000b\":1}", "U+0000");
	assert_refused(*state, "\"\\ud800\"", "surrogate");
	assert_refused(*state, "\"\\udc00\\ud800\"", "surrogate");
	assert_refused(*state, "\"\xff\"", "UTF-8");
}

static void
json_refuses_numbers_it_could_not_give_back(void **state)
{
	assert_refused(*state, "9223372036854775808", "64 bits");
	assert_refused(*state, "-9223372036854775809", "64 bits");
	assert_refused(*state, "[1e400]", "too large");
	assert_true(json_int(parsed(*state, "9223372036854775807")) == INT64_MAX);
	assert_true(json_int(parsed(*state, "-9223372036854775808")) == INT64_MIN);
}

static void
json_refuses_duplicate_names(void **state)
{
	assert_refused(*state, "{\"a\":1,\"a\":1}", "twice");
	assert_refused(*state, "{\"a\":1,\"\\u0061\":2}", "twice");
	assert_refused(*state, "[{\"x\":{\"b\":{},\"c\":1,\"b\":{}}}]", "twice");
	assert_refused(
		*state, "{\"a\":{\"p\":1,\"q\":2},\"b\":1,\"a\":{\"p\":1,\"q\":2}}", "twice");
	(void)parsed(*state, "{\"a\":{\"a\":{\"a\":[{\"a\":1},{\"a\":1}]}},\"A\":0}");
}

static void
json_refuses_more_than_32_levels(void **state)
{
	char text[2 * (JSON_MAX_DEPTH + 1) + 1];

	memset(text, '[', JSON_MAX_DEPTH + 1);
	memset(text + JSON_MAX_DEPTH + 1, ']', JSON_MAX_DEPTH + 1);
	text[sizeof(text) - 1] = '\0';
	assert_refused(*state, text, "nested too deeply");
	text[sizeof(text) - 2] = '\0';
	(void)parsed(*state, text + 1);
}

static void
json_refuses_more_than_4096_arrays_and_objects(void **state)
{
	struct ctx *c = *state;
	struct buf b;
	struct str text;
	const struct json *v;

	for (size_t inner = JSON_MAX_NODES - 1; inner <= JSON_MAX_NODES; inner++) {
		buf_init(&b, &c->arena, 64 * 1024);
		buf_puts(&b, "[0");
		for (size_t i = 0; i < inner; i++)
			buf_puts(&b, i % 2 ? ",{}" : ",[]");
		buf_puts(&b, "]");
		assert_int_equal(buf_end(c, &b, &text), OK);
		if (inner < JSON_MAX_NODES)
			assert_int_equal(json_parse(c, text, &v), OK);
		else
			assert_refused(c, text.p, "too many");
	}
}

static void
json_refuses_more_than_256_kib(void **state)
{
	struct ctx *c = *state;
	char *text = ctx_alloc(c, JSON_MAX_BYTES + 1);
	const struct json *v;

	memset(text, ' ', JSON_MAX_BYTES + 1);
	text[0] = '1';
	assert_int_equal(json_parse(c, str_n(text, JSON_MAX_BYTES), &v), OK);
	assert_int_equal(json_parse(c, str_n(text, JSON_MAX_BYTES + 1), &v), ERR_BODY_TOO_LARGE);
}

static void
json_reports_a_full_arena(void **state)
{
	struct ctx *c = *state;
	const struct json *v;
	size_t cap = c->arena.cap;
	bool failed = false;

	for (c->arena.cap = 0; c->arena.cap < 4096; c->arena.cap += 16) {
		enum err e = json_parse(c, S("{\"a\":[1,{\"b\":2}],\"c\":\"d\"}"), &v);

		assert_true(e == OK || e == ERR_MEMORY);
		failed = failed || e == ERR_MEMORY;
		ctx_reset(c);
	}
	assert_true(failed);
	c->arena.cap = cap;
	(void)parsed(c, "{\"a\":[1]}");
}

/* ---- reading ------------------------------------------------------------------------------- */

static void
json_reads_every_kind(void **state)
{
	const struct json *v =
		parsed(*state, "[null,true,false,-7,2.5,\"x\\n\\u00e9\\ud83d\\ude00\",[],{}]");

	assert_int_equal(json_kind(v), JSON_ARRAY);
	assert_int_equal(json_len(v), 8);
	assert_int_equal(json_kind(json_at(v, 0)), JSON_NULL);
	assert_int_equal(json_kind(json_at(v, 1)), JSON_BOOL);
	assert_true(json_bool(json_at(v, 1)));
	assert_false(json_bool(json_at(v, 2)));
	assert_int_equal(json_kind(json_at(v, 3)), JSON_INT);
	assert_int_equal(json_int(json_at(v, 3)), -7);
	assert_int_equal(json_kind(json_at(v, 4)), JSON_DOUBLE);
	assert_true(json_double(json_at(v, 4)) == 2.5);
	assert_true(json_double(json_at(v, 3)) == -7.0);
	assert_int_equal(json_kind(json_at(v, 5)), JSON_STRING);
	assert_str(json_str(json_at(v, 5)), "x\n\xc3\xa9\xf0\x9f\x98\x80");
	assert_int_equal(json_kind(json_at(v, 6)), JSON_ARRAY);
	assert_int_equal(json_kind(json_at(v, 7)), JSON_OBJECT);
	assert_null(json_at(v, 8));
}

static void
json_of_another_kind_is_nothing(void **state)
{
	const struct json *text = parsed(*state, "\"5\"");
	const struct json *number = parsed(*state, "5.5");
	struct str name;
	const struct json *v;

	assert_int_equal(json_int(text), 0);
	assert_int_equal(json_int(number), 0);
	assert_true(json_double(text) == 0);
	assert_false(json_bool(number));
	assert_str(json_str(number), "");
	assert_int_equal(json_len(text), 0);
	assert_null(json_at(text, 0));
	assert_null(json_find(text, S("a")));
	assert_false(json_member(text, 0, &name, &v));
	assert_int_equal(json_kind(NULL), JSON_NULL);
	assert_int_equal(json_len(NULL), 0);
	assert_str(json_str(NULL), "");
}

static void
json_null_is_a_value_and_absence_is_not(void **state)
{
	const struct json *v = parsed(*state, "{\"a\":null}");

	assert_non_null(json_find(v, S("a")));
	assert_int_equal(json_kind(json_find(v, S("a"))), JSON_NULL);
	assert_null(json_find(v, S("b")));
	assert_non_null(parsed(*state, "null"));
	assert_written(*state, v, "{\"a\":null}");
}

static void
json_members_come_in_the_order_written(void **state)
{
	const struct json *v = parsed(*state, "{\"z\":1,\"a\":2,\"\":3}");
	static const char *names[] = {"z", "a", ""};
	const struct json *each;
	struct str name;

	for (size_t i = 0; i < 3; i++) {
		assert_true(json_member(v, i, &name, &each));
		assert_str(name, names[i]);
		assert_int_equal(json_int(each), (int)i + 1);
	}
	assert_false(json_member(v, 3, &name, &each));
	assert_int_equal(json_int(json_find(v, S(""))), 3);
}

static void
json_finds_names_of_any_length_and_none_with_nul(void **state)
{
	struct ctx *c = *state;
	char name[301];
	struct json *o;
	struct str s = {name, 300};

	memset(name, 'n', sizeof(name));
	assert_int_equal(json_object(c, &o), OK);
	assert_int_equal(json_set_int(c, o, s, 9), OK);
	assert_int_equal(json_set_int(c, o, S("a"), 1), OK);
	assert_int_equal(json_int(json_find(o, s)), 9);
	assert_null(json_find(o, str_n(name, 299)));
	assert_null(json_find(o, str_n("a\0b", 3)));
}

static void
json_equality_is_deep_and_minds_kinds(void **state)
{
	struct ctx *c = *state;
	const struct json *a = parsed(c, "{\"a\":[1,{\"b\":\"x\"}],\"c\":null}");

	assert_true(json_equal(a, parsed(c, "{\"c\":null, \"a\":[1,{\"b\":\"\\u0078\"}]}")));
	assert_false(json_equal(a, parsed(c, "{\"c\":null,\"a\":[1,{\"b\":\"y\"}]}")));
	assert_false(json_equal(a, parsed(c, "{\"a\":[1,{\"b\":\"x\"}]}")));
	assert_true(json_equal(parsed(c, "1.0"), parsed(c, "1.00")));
	assert_false(json_equal(parsed(c, "1.0"), parsed(c, "1")));
	assert_false(json_equal(parsed(c, "null"), parsed(c, "0")));
}

/* ---- writing and building ------------------------------------------------------------------ */

static void
json_writes_what_it_read(void **state)
{
	static const char *texts[] = {
		"{\"b\":[1,-2,0.10,1e5,1.0E+2,100],\"a\":{\"x\":\"http://a/\\\"\\\\\\n\\u0001\"}}",
		"[true,false,null,\"\",{},[]]",
		"\"\xc3\xa9\xf0\x9f\x98\x80\"",
		"123456789012345678",
		"3.141592653589793238462643383279",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_written(*state, parsed(*state, texts[i]), texts[i]);
}

static void
json_builds_and_shares(void **state)
{
	struct ctx *c = *state;
	const struct json *shared = parsed(c, "{\"k\":[1]}");
	struct json *o, *a;

	assert_int_equal(json_object(c, &o), OK);
	assert_int_equal(json_array(c, &a), OK);
	assert_int_equal(json_push_str(c, a, S("x</y>")), OK);
	assert_int_equal(json_push(c, a, shared), OK);
	assert_int_equal(json_push(c, a, shared), OK);
	assert_int_equal(json_push(c, a, parsed(c, "null")), OK);
	assert_int_equal(json_set(c, o, S("a"), a), OK);
	assert_int_equal(json_set_str(c, o, S("s"), (struct str){0}), OK);
	assert_int_equal(json_set_int(c, o, S("i"), INT64_MIN), OK);
	assert_int_equal(json_set_bool(c, o, S("t"), true), OK);
	assert_int_equal(json_set(c, o, S("n"), NULL), OK);
	assert_written(c, o,
		"{\"a\":[\"x</y>\",{\"k\":[1]},{\"k\":[1]},null],\"s\":\"\","
		"\"i\":-9223372036854775808,\"t\":true,\"n\":null}");
	assert_int_equal(json_set_int(c, o, S("i"), 5), OK);
	assert_int_equal(json_int(json_find(o, S("i"))), 5);
}

static void
json_member_sees_what_was_set_after_parsing(void **state)
{
	struct ctx *c = *state;
	struct json *o;
	const struct json *v;
	struct str name;

	assert_int_equal(json_object(c, &o), OK);
	assert_int_equal(json_set_int(c, o, S("a"), 1), OK);
	assert_int_equal(json_set_int(c, o, S("b"), 2), OK);
	assert_true(json_member(o, 1, &name, &v));
	assert_str(name, "b");
	assert_int_equal(json_int(v), 2);
	assert_false(json_member(o, 2, &name, &v));
}

static void
json_writes_doubles_short_and_exact(void **state)
{
	struct ctx *c = *state;
	static const double values[] = {0.1, 1.0 / 3.0, 1e300, DBL_MIN, -2.5};
	struct json *o;
	struct str s;

	assert_int_equal(json_object(c, &o), OK);
	assert_int_equal(json_set_double(c, o, S("x"), 0.1), OK);
	assert_int_equal(json_set_double(c, o, S("y"), 100), OK);
	assert_int_equal(json_set_double(c, o, S("z"), INFINITY), OK);
	assert_written(c, o, "{\"x\":0.1,\"y\":100,\"z\":null}");
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		assert_int_equal(json_set_double(c, o, S("x"), values[i]), OK);
		assert_int_equal(json_write(c, json_find(o, S("x")), &s), OK);
		assert_true(strtod(s.p, NULL) == values[i]);
	}
}

static void
json_writes_valid_utf8_whatever_was_set(void **state)
{
	struct ctx *c = *state;
	struct json *o;

	assert_int_equal(json_object(c, &o), OK);
	assert_int_equal(json_set_str(c, o, S("x"),
				 S("a\xff"
				   "b")),
		OK);
	assert_int_equal(json_set_str(c, o, S("y"), str_n("\0", 1)), OK);
	assert_written(c, o,
		"{\"x\":\"a\xef\xbf\xbd"
		"b\",\"y\":\"\\u0000\"}");
}

static void
a_string_that_is_streamed_reads_back_as_it_was(void **state)
{
	static const struct str texts[] = {S_INIT(""), S_INIT("plain"), S_INIT("\"\\/\n\r\t\b"),
		S_INIT("\x01\x1f\x7f"), S_INIT("\xe9\x9b\xa8 \xf0\x9f\x8c\xa7"), S_INIT("a<b>&'")};
	struct ctx *c = *state;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct str text;
		struct buf b;

		buf_init(&b, &c->arena, 256);
		json_escape(&b, texts[i]);
		assert_int_equal(buf_end(c, &b, &text), OK);
		assert_true(str_eq(json_str(parsed(c, text.p)), texts[i]));
	}
}

static void
a_string_that_is_streamed_is_valid_whatever_was_in_it(void **state)
{
	struct ctx *c = *state;
	struct str text;
	struct buf b;

	buf_init(&b, &c->arena, 256);
	json_escape(&b, S("a\xff" "b\xed\xa0\x80"));
	assert_int_equal(buf_end(c, &b, &text), OK);
	assert_str(json_str(parsed(c, text.p)), "a\xef\xbf\xbd" "b\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(json_says_where_it_went_wrong),
		TEST(json_refuses_what_json_c_would_take),
		TEST(json_refuses_numbers_it_could_not_give_back),
		TEST(json_refuses_duplicate_names),
		TEST(json_refuses_more_than_32_levels),
		TEST(json_refuses_more_than_4096_arrays_and_objects),
		TEST(json_refuses_more_than_256_kib),
		TEST(json_reports_a_full_arena),
		TEST(json_reads_every_kind),
		TEST(json_of_another_kind_is_nothing),
		TEST(json_null_is_a_value_and_absence_is_not),
		TEST(json_members_come_in_the_order_written),
		TEST(json_finds_names_of_any_length_and_none_with_nul),
		TEST(json_equality_is_deep_and_minds_kinds),
		TEST(json_writes_what_it_read),
		TEST(json_builds_and_shares),
		TEST(json_member_sees_what_was_set_after_parsing),
		TEST(json_writes_doubles_short_and_exact),
		TEST(json_writes_valid_utf8_whatever_was_set),
		TEST(a_string_that_is_streamed_reads_back_as_it_was),
		TEST(a_string_that_is_streamed_is_valid_whatever_was_in_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
