/*
 * Forms: separators, decoding, limits.
 */
#include "http_fixture.h"

#include "http/form.h"

static struct ctx c;
static struct pair *pairs;
static size_t n;

static int
setup(void **state)
{
	(void)state;
	ctx_init(&c, 4 << 20);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	ctx_fini(&c);
	return 0;
}

static void
test_pairs_in_the_order_sent(void **state)
{
	(void)state;
	assert_int_equal(form_parse(&c, S("a=1&b=2&a=3"), &pairs, &n), OK);
	assert_int_equal(n, 3);
	assert_str(pairs[0].name, "a");
	assert_str(pairs[0].value, "1");
	assert_str(pairs[2].name, "a");
	assert_str(pairs[2].value, "3");
}

static void
test_decoding(void **state)
{
	(void)state;
	assert_int_equal(
		form_parse(&c, S("category%5B%5D=a+b%2B%20c&x=caf%C3%A9&y=a=b&z"), &pairs, &n), OK);
	assert_int_equal(n, 4);
	assert_str(pairs[0].name, "category[]");
	assert_str(pairs[0].value, "a b+ c");
	assert_str(pairs[1].value, "caf\xc3\xa9");
	assert_str(pairs[2].value, "a=b");
	assert_str(pairs[3].name, "z");
	assert_non_null(pairs[3].value.p);
	assert_int_equal(pairs[3].value.n, 0);
}

static void
test_only_ampersands_separate_and_empty_fields_are_none(void **state)
{
	(void)state;
	assert_int_equal(form_parse(&c, S("&&a=1;b=2&"), &pairs, &n), OK);
	assert_int_equal(n, 1);
	assert_str(pairs[0].value, "1;b=2");
	assert_int_equal(form_parse(&c, S(""), &pairs, &n), OK);
	assert_int_equal(n, 0);
	assert_int_equal(form_parse(&c, (struct str){0}, &pairs, &n), OK);
	assert_int_equal(n, 0);
}

static void
test_bad_encodings(void **state)
{
	static const struct str bad[] = {S_INIT("a=%"), S_INIT("a=%4"), S_INIT("%zz=1"),
		S_INIT("a=%00"), S_INIT("a=b\0c"), S_INIT("a=%ff"), S_INIT("a=\xc0\xaf"),
		S_INIT("%ed%a0%80=1"), S_INIT("a=1&b=%c3")};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(form_parse(&c, bad[i], &pairs, &n), ERR_BAD_ENCODING);
		err_clear(&c);
	}
}

static void
test_limits(void **state)
{
	char name[140] = "", many[2 * (FORM_MAX_FIELDS + 1)];

	(void)state;
	memset(name, 'n', FORM_MAX_NAME + 1);
	assert_int_equal(form_parse(&c, str_n(name, FORM_MAX_NAME), &pairs, &n), OK);
	assert_int_equal(form_parse(&c, str_n(name, FORM_MAX_NAME + 1), &pairs, &n), ERR_BAD_FORM);
	for (size_t i = 0; i < sizeof(many); i++)
		many[i] = i % 2 == 0 ? 'a' : '&';
	assert_int_equal(form_parse(&c, str_n(many, 2 * FORM_MAX_FIELDS), &pairs, &n), OK);
	assert_int_equal(n, FORM_MAX_FIELDS);
	assert_int_equal(form_parse(&c, str_n(many, sizeof(many)), &pairs, &n), ERR_BAD_FORM);
}

static void
test_no_memory_is_not_bad_encoding(void **state)
{
	bool done = false;

	for (size_t cap = 0; !done; cap += 16) {
		enum err err;

		teardown(state);
		ctx_init(&c, cap);
		err = form_parse(&c, S("a=%41&b=c+d"), &pairs, &n);
		assert_true(err == OK || err == ERR_MEMORY);
		done = err == OK;
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_pairs_in_the_order_sent, setup, teardown),
		cmocka_unit_test_setup_teardown(test_decoding, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_only_ampersands_separate_and_empty_fields_are_none, setup, teardown),
		cmocka_unit_test_setup_teardown(test_bad_encodings, setup, teardown),
		cmocka_unit_test_setup_teardown(test_limits, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_no_memory_is_not_bad_encoding, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
