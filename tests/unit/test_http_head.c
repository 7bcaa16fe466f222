/*
 * Header syntax: tokens, lists, parameters.
 */
#include "http_fixture.h"

#include "http/head.h"

static void
test_tokens(void **state)
{
	(void)state;
	assert_true(head_is_token(S("form-data")));
	assert_true(head_is_token(S("!#$%&'*+-.^_`|~09azAZ")));
	assert_false(head_is_token(S("")));
	assert_false(head_is_token(S("a b")));
	assert_false(head_is_token(S("a\"")));
	assert_false(head_is_token(S("a/b")));
	assert_false(head_is_token(S("a\0b")));
	assert_false(head_is_token(S("\xc3\xa9")));
}

static void
test_list_elements_are_trimmed_and_empty_ones_passed_over(void **state)
{
	struct str rest = S(" ,a , b;c=1,,\t, d");
	struct str item;

	(void)state;
	assert_true(head_list_next(&rest, &item));
	assert_str(item, "a");
	assert_true(head_list_next(&rest, &item));
	assert_str(item, "b;c=1");
	assert_true(head_list_next(&rest, &item));
	assert_str(item, "d");
	assert_false(head_list_next(&rest, &item));
	rest = S(" , ,");
	assert_false(head_list_next(&rest, &item));
	rest = (struct str){0};
	assert_false(head_list_next(&rest, &item));
}

static void
test_commas_in_quotes_are_data(void **state)
{
	struct str rest = S("a=\"x,\\\",y\",b");
	struct str item;

	(void)state;
	assert_true(head_list_next(&rest, &item));
	assert_str(item, "a=\"x,\\\",y\"");
	assert_true(head_list_next(&rest, &item));
	assert_str(item, "b");
	rest = S("\"never closed, b\\");
	assert_true(head_list_next(&rest, &item));
	assert_str(item, "\"never closed, b\\");
	assert_false(head_list_next(&rest, &item));
}

static void
test_value_and_parameters(void **state)
{
	struct str rest = S(" form-data ; Name=\"a;\\\"b\" ;; file=c d; e=\"\"");
	struct head_param p;

	(void)state;
	assert_str(head_value(&rest), "form-data");
	assert_int_equal(head_param_next(&rest, &p), HEAD_PARAM);
	assert_str(p.name, "Name");
	assert_str(p.value, "a;\\\"b");
	assert_true(p.quoted);
	assert_int_equal(head_param_next(&rest, &p), HEAD_PARAM);
	assert_str(p.name, "file");
	assert_str(p.value, "c d");
	assert_false(p.quoted);
	assert_int_equal(head_param_next(&rest, &p), HEAD_PARAM);
	assert_str(p.value, "");
	assert_true(p.quoted);
	assert_int_equal(head_param_next(&rest, &p), HEAD_END);
}

static void
test_malformed_parameters(void **state)
{
	static const char *const bad[] = {"a", "=b", "a b=c", "a=\"open", "a=\"b\"c", "a=\"b\\\""};
	struct head_param p;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct str rest = str_z(bad[i]);

		assert_int_equal(head_param_next(&rest, &p), HEAD_MALFORMED);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tokens),
		cmocka_unit_test(test_list_elements_are_trimmed_and_empty_ones_passed_over),
		cmocka_unit_test(test_commas_in_quotes_are_data),
		cmocka_unit_test(test_value_and_parameters),
		cmocka_unit_test(test_malformed_parameters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
