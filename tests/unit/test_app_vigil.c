/*
 * Who has been silent for how long, and what the clock did, on a watcher's own time.
 */
#include "app/vigil.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const int64_t SECOND = 1000000;
static const int64_t WALL = 1700000000 * (int64_t)1000000;

/* A watcher that began at second 100 and is to look every two seconds. */
static struct vigil
begun(void)
{
	struct vigil v;

	vigil_init(&v, 2 * SECOND, 100 * SECOND, WALL + 100 * SECOND);
	return v;
}

/* Looks at that second; the wall clock is right. */
static int64_t
look(struct vigil *v, int64_t second)
{
	return vigil_look(v, second * SECOND, WALL + second * SECOND);
}

static void
a_process_that_beats_is_never_silent_for_long(void **state)
{
	struct vigil v = begun();
	struct vigil_mark mark = {0};

	(void)state;
	for (int64_t s = 102; s < 200; s += 2) {
		assert_int_equal(look(&v, s), 0);
		assert_int_equal(vigil_silence(&v, &mark, s), 0);
	}
}

static void
the_silence_of_one_that_does_not_grows(void **state)
{
	struct vigil v = begun();
	struct vigil_mark mark = {0};

	(void)state;
	for (int64_t s = 102; s <= 122; s += 2) {
		(void)look(&v, s);
		assert_int_equal(vigil_silence(&v, &mark, 7), (s - 102) * SECOND);
	}
	assert_int_equal(vigil_silence(&v, &mark, 8), 0);
}

static void
the_time_that_the_watcher_slept_is_nobodys_silence(void **state)
{
	struct vigil v = begun();
	struct vigil_mark mark = {0};

	(void)state;
	(void)look(&v, 102);
	assert_int_equal(vigil_silence(&v, &mark, 7), 0);
	(void)look(&v, 104);
	assert_int_equal(vigil_silence(&v, &mark, 7), 2 * SECOND);
	/* An hour later, before the other has had a moment to beat. */
	(void)look(&v, 3704);
	assert_in_range(vigil_silence(&v, &mark, 7), 2 * SECOND, 6 * SECOND);
	(void)look(&v, 3706);
	assert_int_equal(vigil_silence(&v, &mark, 9), 0);
}

static void
a_look_that_comes_a_little_late_counts_in_full(void **state)
{
	struct vigil v = begun();
	struct vigil_mark mark = {0};

	(void)state;
	(void)look(&v, 102);
	(void)vigil_silence(&v, &mark, 7);
	(void)look(&v, 105);
	assert_int_equal(vigil_silence(&v, &mark, 7), 3 * SECOND);
}

static void
the_next_look_is_due_in_time(void **state)
{
	struct vigil v = begun();

	(void)state;
	assert_int_equal(vigil_pause(&v, 100 * SECOND), 2 * SECOND);
	assert_int_equal(vigil_pause(&v, 101 * SECOND), SECOND);
	assert_int_equal(vigil_pause(&v, 102 * SECOND), 0);
	assert_int_equal(vigil_pause(&v, 500 * SECOND), 0);
}

static void
a_clock_that_jumps_is_told_once_and_by_how_much(void **state)
{
	struct vigil v = begun();

	(void)state;
	assert_int_equal(vigil_look(&v, 102 * SECOND, WALL + 3702 * SECOND), 3600 * SECOND);
	assert_int_equal(vigil_look(&v, 104 * SECOND, WALL + 3704 * SECOND), 0);
	assert_int_equal(vigil_look(&v, 106 * SECOND, WALL + 106 * SECOND), -3600 * SECOND);
	assert_int_equal(vigil_look(&v, 108 * SECOND, WALL + 108 * SECOND), 0);
}

static void
a_clock_that_is_kept_right_does_not_jump(void **state)
{
	struct vigil v = begun();
	int64_t off = 0;

	(void)state;
	for (int64_t s = 102; s < 300; s += 2) {
		off += SECOND / 1000;	/* the fastest that a clock is slewed: 500 us a second */
		assert_int_equal(vigil_look(&v, s * SECOND, WALL + s * SECOND + off), 0);
	}
	assert_int_equal(vigil_look(&v, 300 * SECOND, WALL + 300 * SECOND + off + VIGIL_JUMP - 1), 0);
	assert_int_equal(vigil_look(&v, 302 * SECOND, WALL + 302 * SECOND + off + VIGIL_JUMP - 1 - VIGIL_JUMP), -VIGIL_JUMP);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_process_that_beats_is_never_silent_for_long),
		cmocka_unit_test(the_silence_of_one_that_does_not_grows),
		cmocka_unit_test(the_time_that_the_watcher_slept_is_nobodys_silence),
		cmocka_unit_test(a_look_that_comes_a_little_late_counts_in_full),
		cmocka_unit_test(the_next_look_is_due_in_time),
		cmocka_unit_test(a_clock_that_jumps_is_told_once_and_by_how_much),
		cmocka_unit_test(a_clock_that_is_kept_right_does_not_jump),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
