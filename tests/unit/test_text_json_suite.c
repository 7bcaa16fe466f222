/*
 * text/json against the parsing tests of JSONTestSuite: what they accept is accepted unless it is
 * beyond our stated limits, what they reject is refused.
 */
#include "text/json.h"

#include "fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static int
base64_value(char ch)
{
	static const char alphabet[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *hit = ch ? strchr(alphabet, ch) : NULL;

	return hit ? (int)(hit - alphabet) : -1;
}

static struct str
base64_decode(struct ctx *c, struct str s)
{
	char *p = ctx_alloc(c, s.n + 1);
	unsigned bits = 0;
	unsigned value = 0;
	size_t n = 0;

	assert_non_null(p);
	for (size_t i = 0; i < s.n && base64_value(s.p[i]) >= 0; i++) {
		value = (value << 6 | (unsigned)base64_value(s.p[i])) & 0xFFFFFF;
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			p[n++] = (char)(value >> bits);
		}
	}
	return str_n(p, n);
}

static struct str
repeated(struct ctx *c, struct str s, size_t count)
{
	char *p = ctx_alloc(c, s.n * count + 1);

	assert_non_null(p);
	for (size_t i = 0; i < count; i++)
		memcpy(p + i * s.n, s.p, s.n);
	return str_n(p, s.n * count);
}

/* Valid JSON that our limits refuse all the same. */
static bool
beyond_limits(struct str name)
{
	return str_eq(name, S("y_string_null_escape")) ||
	       str_eq(name, S("y_object_escaped_null_in_key")) ||
	       str_eq(name, S("y_object_duplicated_key")) ||
	       str_eq(name, S("y_object_duplicated_key_and_value"));
}

static void
json_agrees_with_the_test_suite(void **state)
{
	static struct ctx context;
	struct ctx *c = &context;
	struct str file = fixture_read("json/parsing.json");
	const struct json *list;
	unsigned wrong = 0;

	(void)state;
	ctx_init(c, 16 * 1024 * 1024);
	assert_int_equal(json_parse(c, file, &list), OK);
	assert_true(json_len(list) > 300);
	for (size_t i = 0; i < json_len(list); i++) {
		const struct json *v = json_at(list, i);
		struct str name = json_str(json_find(v, S("name")));
		struct str expect = json_str(json_find(v, S("expect")));
		struct str base64 = json_str(json_find(v, S("base64")));
		struct str body = base64.n > 0
					  ? base64_decode(c, base64)
					  : repeated(c, json_str(json_find(v, S("repeat"))),
						    (size_t)json_int(json_find(v, S("count"))));
		const struct json *out;
		bool accepted = json_parse(c, body, &out) == OK;
		bool wanted = str_eq(expect, S("accept")) && !beyond_limits(name);

		err_clear(c);
		if (accepted != wanted && !str_eq(expect, S("either"))) {
			print_message("# %.*s: %s\n", STR(name), accepted ? "accepted" : "refused");
			wrong++;
		}
	}
	fixture_free(file);
	ctx_fini(c);
	assert_int_equal(wrong, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(json_agrees_with_the_test_suite),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
