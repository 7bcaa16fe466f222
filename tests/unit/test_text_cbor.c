/*
 * text/cbor: the examples of RFC 8949 that are of our kind are read, all others are refused; and what
 * is hostile costs nothing.
 */
#include "text/cbor.h"

#include "vector_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

enum { ARENA = 1 << 20 };

static int
context_setup(void **state)
{
	struct ctx *c = malloc(sizeof(*c));

	ctx_init(c, ARENA);
	*state = c;
	return 0;
}

static int
context_teardown(void **state)
{
	ctx_fini(*state);
	free(*state);
	return 0;
}

/* OK if hex is one value and nothing behind it. */
static enum err
parse(struct ctx *c, const char *hex, struct cbor *out)
{
	struct str text = vector_hex(c, hex);
	size_t used = 0;
	enum err err;

	err_clear(c);
	err = cbor_parse(c, text, out, &used);
	if (!err)
		assert_int_equal(used, text.n);
	return err;
}

/* Tags, floating point, simple values beyond null, and what has no end of its own. */
static bool
is_foreign(const char *hex, bool definite)
{
	bool simple = strcmp(hex, "f4") == 0 || strcmp(hex, "f5") == 0 || strcmp(hex, "f6") == 0;

	return hex[0] == 'c' || hex[0] == 'd' || (hex[0] == 'f' && !simple) || !definite;
}

static void
the_standards_examples_are_read_if_they_are_of_our_kind(void **state)
{
	json_object *all = vectors_read("cbor/appendix_a.json");
	size_t read = 0, refused = 0;
	struct cbor v;

	for (size_t i = 0; i < json_object_array_length(all); i++) {
		json_object *example = json_object_array_get_idx(all, i);
		const char *hex = vector_text(example, "hex");
		bool definite = strncmp(hex + strlen(hex) - 2, "ff", 2) != 0 &&
				strstr(hex, "9f02") == NULL;
		bool foreign = is_foreign(hex, definite || hex[1] == 'b');

		if ((parse(*state, hex, &v) != OK) != foreign)
			fail_msg("%s: %s", hex, ((struct ctx *)*state)->err.detail);
		read += !foreign;
		refused += foreign;
	}
	(void)json_object_put(all);
	assert_int_equal(read + refused, 82);
	assert_int_equal(read, 37);
}

static void
values_are_what_was_written(void **state)
{
	struct cbor v;

	assert_int_equal(parse(*state, "3903e7", &v), OK);
	assert_true(cbor_is_int(&v, -1000));
	assert_false(cbor_is_int(&v, -999));
	assert_false(cbor_is_int(&v, 999));
	assert_int_equal(parse(*state, "a30126200a6161430102ff", &v), OK);
	assert_true(cbor_is_int(cbor_find_int(&v, 1), -7));
	assert_true(cbor_is_int(cbor_find_int(&v, -1), 10));
	assert_int_equal(cbor_bytes(cbor_find(&v, S("a"))).n, 3);
	assert_null(cbor_find(&v, S("b")));
	assert_null(cbor_find_int(&v, 2));
	assert_null(cbor_bytes(cbor_find_int(&v, 1)).p);
	assert_false(cbor_is_int(NULL, 0));
}

static void
what_is_no_cbor_of_ours_is_refused(void **state)
{
	static const char *const bad[] = {
		"",			/* nothing */
		"1800", "1817",		/* numbers not in their shortest form */
		"1900ff", "1a0000ffff", "1b00000000ffffffff", "5801aa", "7800", "9800", "b800",
		"18", "19ff", "1a00", "1b00000000000000",	/* cut short */
		"41", "420a", "61", "82", "a1", "a101",
		"5f4101ff", "7f6161ff", "9f01ff", "bf0101ff",	/* without an end of their own */
		"1c", "1d", "1e", "3f", "5c", "9d", "be",	/* reserved */
		"c100", "d90102a0",	/* tags */
		"f90000", "fa00000000", "fb0000000000000000", "f7", "e0", "f820",
		"61ff", "62c328", "63eda080",	/* no UTF-8 */
		"a201020103", "a2616101616102", "a220012002",	/* a name twice */
		"a1410101", "a1f501", "a1800101", "a1a00101",	/* names of other kinds */
		"818181818100", "a101a101a101a101a10100",/* five levels */
		"5bffffffffffffffff00", "9bffffffffffffffff00", "bbffffffffffffffff00",
		"5b100000000000000000", "9b1000000000000000", "bb1000000000000000",
		"bb8000000000000000", "9a00100000", "ba00100000",
	};
	struct ctx *c = *state;
	struct cbor v;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (parse(c, bad[i], &v) != ERR_BAD_ENCODING)
			fail_msg("'%s' was read", bad[i]);
	err_clear(c);
}

/* Lists of nothing but their own number are the cheapest way to ask for memory. */
static void
hostile_lengths_cost_no_memory(void **state)
{
	static char text[CBOR_MAX_BYTES + 2];
	struct ctx *c = *state;
	struct cbor v;
	size_t used;

	memset(text, 0, sizeof(text));
	text[0] = (char)0x99;	/* an array of 16 000 zeros */
	text[1] = 0x3e;
	text[2] = (char)0x80;
	assert_int_equal(cbor_parse(c, str_n(text, 16003), &v, &used), ERR_BAD_ENCODING);
	err_clear(c);
	assert_int_equal(cbor_parse(c, str_n(text, sizeof(text)), &v, &used), ERR_BAD_ENCODING);
	err_clear(c);
}

static void
what_follows_is_left_to_the_caller(void **state)
{
	struct cbor v;
	size_t used;

	assert_int_equal(cbor_parse(*state, S("\x01\x02"), &v, &used), OK);
	assert_int_equal(used, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_standards_examples_are_read_if_they_are_of_our_kind),
		cmocka_unit_test(values_are_what_was_written),
		cmocka_unit_test(what_is_no_cbor_of_ours_is_refused),
		cmocka_unit_test(hostile_lengths_cost_no_memory),
		cmocka_unit_test(what_follows_is_left_to_the_caller),
	};

	return cmocka_run_group_tests(tests, context_setup, context_teardown);
}
