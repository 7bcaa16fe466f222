/*
 * domain/totp: the examples of RFC 4226 and RFC 6238, and which codes are good when.
 */
#include "domain/totp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#define SECRET S("12345678901234567890")

static struct ctx c;

static uint32_t
code(uint64_t counter, int digits)
{
	uint32_t got = 0;

	assert_int_equal(totp_code(&c, SECRET, counter, digits, &got), OK);
	return got;
}

static void
counted_codes_are_those_of_rfc_4226(void **state)
{
	static const uint32_t want[] = {755224, 287082, 359152, 969429, 338314, 254676, 287922,
		162583, 399871, 520489};

	(void)state;
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++)
		assert_int_equal(code(i, 6), want[i]);
}

static void
timed_codes_are_those_of_rfc_6238(void **state)
{
	static const struct {
		int64_t time;
		uint32_t eight, six;
	} want[] = {{59, 94287082, 287082}, {1111111109, 7081804, 81804},
		{1111111111, 14050471, 50471}, {1234567890, 89005924, 5924},
		{2000000000, 69279037, 279037}, {20000000000, 65353130, 353130}};

	(void)state;
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		assert_int_equal(code((uint64_t)want[i].time / 30, 8), want[i].eight);
		assert_int_equal(code((uint64_t)want[i].time / 30, 6), want[i].six);
	}
}

static int64_t
matched(const char *text, int64_t now)
{
	int64_t step = -1;

	assert_int_equal(totp_match(&c, SECRET, str_z(text), now, &step), OK);
	return step;
}

static void
a_code_is_good_in_its_step_and_the_ones_beside_it(void **state)
{
	const int64_t step = 37037036;	/* 1111111080 to 1111111109: 081804 */

	(void)state;
	assert_int_equal(matched("081804", step * 30), step);
	assert_int_equal(matched("081804", step * 30 + 29), step);
	assert_int_equal(matched("081804", step * 30 + 59), step);
	assert_int_equal(matched("081804", step * 30 - 30), step);
	assert_int_equal(matched("081804", step * 30 + 60), 0);
	assert_int_equal(matched("081804", step * 30 - 31), 0);
}

static void
what_is_not_six_digits_is_no_code(void **state)
{
	static const char *const bad[] = {"", "81804", "0081804", "08180", "08180a", " 81804",
		"+81804", "081804\n", "０８１８０４"};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(matched(bad[i], 1111111109), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counted_codes_are_those_of_rfc_4226),
		cmocka_unit_test(timed_codes_are_those_of_rfc_6238),
		cmocka_unit_test(a_code_is_good_in_its_step_and_the_ones_beside_it),
		cmocka_unit_test(what_is_not_six_digits_is_no_code),
	};
	int failed;

	ctx_init(&c, 1 << 20);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	ctx_fini(&c);
	return failed;
}
