/*
 * core/health: what was seen of a check becomes one change for the whole site, whoever looks and however often.
 */
#include "metrics_fixture.h"

#include "core/health.h"

static void
a_failure_is_told_once_and_so_is_its_end(void **state)
{
	struct segment *seg = ((struct fixture *)*state)->seg;
	int64_t now = SECOND;

	assert_true(health_good(seg, CHECK_DATABASE));
	assert_int_equal(health_note(seg, CHECK_DATABASE, true, now), HEALTH_SAME);
	assert_int_equal(health_note(seg, CHECK_DATABASE, false, now), HEALTH_FAILED);
	assert_false(health_good(seg, CHECK_DATABASE));
	assert_true(health_good(seg, CHECK_WRITING));
	assert_int_equal(health_note(seg, CHECK_DATABASE, false, now + SECOND), HEALTH_SAME);
	now += SECOND + HEALTH_QUIET;
	assert_int_equal(health_note(seg, CHECK_DATABASE, true, now), HEALTH_RECOVERED);
	assert_true(health_good(seg, CHECK_DATABASE));
	assert_int_equal(health_note(seg, CHECK_DATABASE, true, now), HEALTH_SAME);
}

/* A worker with a trouble of its own, between others who are well. */
static void
who_sees_it_well_does_not_outvote_who_sees_it_fail(void **state)
{
	struct segment *seg = ((struct fixture *)*state)->seg;
	int64_t now = SECOND;

	assert_int_equal(health_note(seg, CHECK_DATABASE, false, now), HEALTH_FAILED);
	for (int i = 0; i < 20; i++) {
		now += HEALTH_QUIET - 1;
		assert_int_equal(health_note(seg, CHECK_DATABASE, true, now), HEALTH_SAME);
		assert_false(health_good(seg, CHECK_DATABASE));
		assert_int_equal(health_note(seg, CHECK_DATABASE, false, now), HEALTH_SAME);
	}
}

static void
a_courier_that_is_being_replaced_is_no_news(void **state)
{
	struct segment *seg = ((struct fixture *)*state)->seg;
	int64_t now = SECOND;

	assert_int_equal(health_note(seg, CHECK_COURIER, false, now), HEALTH_SAME);
	assert_int_equal(health_note(seg, CHECK_COURIER, false, now + SECOND), HEALTH_SAME);
	assert_true(health_good(seg, CHECK_COURIER));
	assert_int_equal(health_note(seg, CHECK_COURIER, true, now + 2 * SECOND), HEALTH_SAME);
	now += 2 * HEALTH_GRACE;
	assert_int_equal(health_note(seg, CHECK_COURIER, false, now), HEALTH_SAME);
	assert_int_equal(health_note(seg, CHECK_COURIER, false, now + HEALTH_GRACE), HEALTH_FAILED);
	assert_false(health_good(seg, CHECK_COURIER));
	assert_int_equal(health_note(seg, CHECK_COURIER, false, now + HEALTH_GRACE), HEALTH_SAME);
}

static int
see_it_fail(struct fixture *f, int64_t now)
{
	int told = 0;

	for (int i = 0; i < 1000; i++)
		told += health_note(f->seg, CHECK_WRITING, false, now + i) == HEALTH_FAILED;
	return told;
}

static void
of_four_processes_that_see_it_one_tells(void **state)
{
	struct fixture *f = *state;
	pid_t children[4];
	int told = 0;

	for (int i = 0; i < 4; i++) {
		children[i] = fork();
		assert_true(children[i] >= 0);
		if (children[i] == 0)
			_exit(see_it_fail(f, SECOND));
	}
	for (int i = 0; i < 4; i++) {
		int status = 0;

		assert_int_equal(waitpid(children[i], &status, 0), children[i]);
		assert_true(WIFEXITED(status));
		told += WEXITSTATUS(status);
	}
	assert_int_equal(told, 1);
}

static void
without_a_segment_all_is_well(void **state)
{
	(void)state;
	assert_int_equal(health_note(NULL, CHECK_DATABASE, false, SECOND), HEALTH_SAME);
	assert_true(health_good(NULL, CHECK_DATABASE));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_failure_is_told_once_and_so_is_its_end),
		T(who_sees_it_well_does_not_outvote_who_sees_it_fail),
		T(a_courier_that_is_being_replaced_is_no_news),
		T(of_four_processes_that_see_it_one_tells),
		T(without_a_segment_all_is_well),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
