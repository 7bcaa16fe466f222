/*
 * web/quantity: numbers as people read them, and where a scale ends.
 */
#include "web/quantity.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct ctx c;

static const char *
text(enum quantity kind, double value)
{
	struct str out;

	assert_int_equal(quantity_text(&c, kind, value, &out), OK);
	return out.p;
}

static int
setup(void **state)
{
	(void)state;
	ctx_init(&c, 1 << 20);
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
counts_have_their_digits_in_threes(void **state)
{
	(void)state;
	assert_string_equal(text(QUANTITY_COUNT, 0), "0");
	assert_string_equal(text(QUANTITY_COUNT, 999), "999");
	assert_string_equal(text(QUANTITY_COUNT, 1234567), "1\u00a0234\u00a0567");
}

static void
times_and_sizes_have_the_largest_unit_that_fits(void **state)
{
	(void)state;
	assert_string_equal(text(QUANTITY_TIME, 0), "0 µs");
	assert_string_equal(text(QUANTITY_TIME, 999), "999 µs");
	assert_string_equal(text(QUANTITY_TIME, 3210), "3.2 ms");
	assert_string_equal(text(QUANTITY_TIME, 164000), "164 ms");
	assert_string_equal(text(QUANTITY_TIME, 1400000), "1.4 s");
	assert_string_equal(text(QUANTITY_TIME, 90e6), "1.5 min");
	assert_string_equal(text(QUANTITY_BYTES, 100), "100 B");
	assert_string_equal(text(QUANTITY_BYTES, 4.1 * 1048576), "4.1 MiB");
	assert_string_equal(text(QUANTITY_BYTES, 3.0 * 1048576), "3 MiB");
	assert_string_equal(text(QUANTITY_SHARE, 3.34), "3.3 %");
	assert_string_equal(text(QUANTITY_SHARE, 87.4), "87 %");
}

static void
a_scale_ends_at_a_round_number_above_all_values(void **state)
{
	static const struct {
		enum quantity kind;
		double value, top;
	} tries[] = {{QUANTITY_COUNT, 0, 1}, {QUANTITY_COUNT, 1, 1}, {QUANTITY_COUNT, 3, 5},
		{QUANTITY_COUNT, 20, 20}, {QUANTITY_COUNT, 21, 50}, {QUANTITY_COUNT, 950, 1000},
		{QUANTITY_TIME, 12, 20}, {QUANTITY_TIME, 10200, 20000}, {QUANTITY_TIME, 999, 1000},
		{QUANTITY_BYTES, 95.4 * 1048576, 128.0 * 1048576}, {QUANTITY_BYTES, 1000, 1024},
		{QUANTITY_SHARE, 3.3, 5}, {QUANTITY_SHARE, 59, 100}, {QUANTITY_SHARE, 150, 200}};

	(void)state;
	for (size_t i = 0; i < sizeof(tries) / sizeof(tries[0]); i++)
		assert_true(quantity_ceiling(tries[i].kind, tries[i].value) == tries[i].top);
}

static void
a_span_has_the_two_units_that_say_most(void **state)
{
	struct str out;

	(void)state;
	assert_int_equal(quantity_span(&c, 7 * 1000000, &out), OK);
	assert_string_equal(out.p, "7 s");
	assert_int_equal(quantity_span(&c, INT64_C(12) * 60 * 1000000, &out), OK);
	assert_string_equal(out.p, "12 min");
	assert_int_equal(quantity_span(&c, INT64_C(99) * 3600 * 1000000, &out), OK);
	assert_string_equal(out.p, "4 d 3 h");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_have_their_digits_in_threes),
		cmocka_unit_test(times_and_sizes_have_the_largest_unit_that_fits),
		cmocka_unit_test(a_scale_ends_at_a_round_number_above_all_values),
		cmocka_unit_test(a_span_has_the_two_units_that_say_most),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
