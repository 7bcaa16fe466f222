/*
 * core/facts: every route and method has a name of its own, whatever number comes.
 */
#include "core/facts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static void
routes_have_names_of_their_own(void **state)
{
	(void)state;
	assert_string_equal(facts_route_name(ROUTE_NONE), "none");
	assert_string_equal(facts_route_name(ROUTE_MICROPUB), "micropub");
	for (int r = 0; r < ROUTE__MAX; r++) {
		assert_non_null(facts_route_name((enum route)r));
		for (int other = 0; other < r; other++)
			assert_string_not_equal(facts_route_name((enum route)r),
				facts_route_name((enum route)other));
	}
}

static void
methods_are_named_as_http_does(void **state)
{
	(void)state;
	assert_string_equal(facts_method_name(METHOD_GET), "GET");
	assert_string_equal(facts_method_name(METHOD_CONNECT), "CONNECT");
	assert_string_equal(facts_method_name(METHOD_UNKNOWN), "other");
	for (int m = 0; m < METHOD__MAX; m++)
		assert_non_null(facts_method_name((enum method)m));
}

static void
numbers_from_elsewhere_have_a_name_too(void **state)
{
	(void)state;
	assert_string_equal(facts_route_name(ROUTE__MAX), "none");
	assert_string_equal(facts_method_name(METHOD__MAX), "other");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(routes_have_names_of_their_own),
		cmocka_unit_test(methods_are_named_as_http_does),
		cmocka_unit_test(numbers_from_elsewhere_have_a_name_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
