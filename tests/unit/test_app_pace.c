/*
 * The time that a body has.
 */
#include "app/pace.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { SECOND = 1000000 };

static void
a_body_has_its_time_and_no_more(void **state)
{
	struct pace p = {.time = 30 * SECOND};

	(void)state;
	pace_begin(&p, 1000, false);
	assert_false(pace_over(&p, 1000 + 30 * SECOND - 1));
	pace_count(&p, 1000000);
	assert_true(pace_over(&p, 1000 + 30 * SECOND));
}

static void
what_comes_makes_it_longer(void **state)
{
	struct pace p = {.time = 30 * SECOND};

	(void)state;
	pace_begin(&p, 0, true);
	assert_true(pace_over(&p, 30 * SECOND));
	pace_count(&p, 499);
	pace_count(&p, 501);
	assert_false(pace_over(&p, 32 * SECOND - 1));
	assert_true(pace_over(&p, 32 * SECOND));
}

static void
but_not_for_ever(void **state)
{
	const int64_t hour = 3600 * (int64_t)SECOND;
	struct pace p = {.time = 30 * SECOND};

	(void)state;
	pace_begin(&p, 0, true);
	for (int i = 0; i < 1000; i++)
		pace_count(&p, 65536);
	assert_false(pace_over(&p, hour - 1));
	assert_true(pace_over(&p, hour));
	pace_begin(&p, hour, false);
	assert_true(pace_over(&p, hour + 30 * SECOND));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_body_has_its_time_and_no_more),
		cmocka_unit_test(what_comes_makes_it_longer),
		cmocka_unit_test(but_not_for_ever),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
