/*
 * app/lane: who may be busy with a change, who waits for it, and whose turn is next.
 */
#include "app/lane.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>

#include <cmocka.h>

enum { CAP = 64, MS = 1000 };

static struct ctx c;

static struct lane *
lane_of(size_t places, size_t cap)
{
	struct lane *l = NULL;

	ctx_init(&c, 4096);
	assert_int_equal(lane_new(&c, places, cap, &l), OK);
	return l;
}

static void
done(struct lane *l)
{
	lane_free(l);
	ctx_fini(&c);
}

static void
who_finds_no_place_waits_and_turns_go_by_age(void **state)
{
	struct lane *l = lane_of(2, CAP);

	(void)state;
	assert_true(lane_enter(l, 10, 0));
	assert_true(lane_enter(l, 11, 0));
	assert_false(lane_enter(l, 12, 0));
	assert_false(lane_enter(l, 13, 0));
	assert_int_equal(lane_leave(l, MS), 12);
	assert_false(lane_enter(l, 14, MS));
	assert_int_equal(lane_leave(l, 2 * MS), 13);
	assert_int_equal(lane_leave(l, 3 * MS), 14);
	assert_int_equal(lane_leave(l, 4 * MS), -1);
	assert_int_equal(lane_leave(l, 4 * MS), -1);
	assert_true(lane_enter(l, 15, 500 * MS));
	assert_int_equal(lane_leave(l, 500 * MS), -1);
	done(l);
}

static void
as_long_as_there_are_turns_one_waits_as_long_as_it_takes(void **state)
{
	struct lane *l = lane_of(1, CAP);

	(void)state;
	assert_true(lane_enter(l, 10, 0));
	for (int i = 1; i < 20; i++) {
		assert_false(lane_enter(l, 10 + i, i * 100 * MS));
		assert_int_equal(lane_stuck(l, i * 100 * MS), -1);
		assert_int_equal(lane_leave(l, i * 100 * MS), 10 + i);
	}
	assert_int_equal(lane_leave(l, 2000 * MS), -1);
	done(l);
}

static void
without_turns_all_may_in(void **state)
{
	struct lane *l = lane_of(1, CAP);

	(void)state;
	assert_true(lane_enter(l, 10, 0));
	assert_false(lane_enter(l, 11, 0));
	assert_false(lane_enter(l, 12, 100 * MS));
	assert_int_equal(lane_stuck(l, 199 * MS), -1);
	assert_int_equal(lane_stuck(l, 200 * MS), 11);
	assert_int_equal(lane_stuck(l, 200 * MS), 12);
	assert_int_equal(lane_stuck(l, 200 * MS), -1);
	assert_true(lane_enter(l, 11, 201 * MS));
	/* It comes and goes beside who keeps the place: that is no turn. */
	assert_int_equal(lane_leave(l, 202 * MS), -1);
	assert_true(lane_enter(l, 12, 203 * MS));
	assert_int_equal(lane_leave(l, 204 * MS), -1);
	/* This is one, and so there is a lane again. */
	assert_true(lane_enter(l, 13, 205 * MS));
	assert_true(lane_enter(l, 14, 206 * MS));
	assert_int_equal(lane_leave(l, 300 * MS), -1);
	assert_int_equal(lane_leave(l, 300 * MS), -1);
	assert_int_equal(lane_leave(l, 300 * MS), -1);
	assert_true(lane_enter(l, 15, 301 * MS));
	assert_false(lane_enter(l, 16, 302 * MS));
	assert_int_equal(lane_leave(l, 303 * MS), 16);
	assert_int_equal(lane_leave(l, 304 * MS), -1);
	done(l);
}

static void
a_full_lane_turns_nobody_away(void **state)
{
	struct lane *l = lane_of(1, 3);

	(void)state;
	assert_true(lane_enter(l, 10, 0));
	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < 3; i++)
			assert_false(lane_enter(l, 20 + i, 0));
		assert_true(lane_enter(l, 30, 0));
		assert_int_equal(lane_leave(l, 0), -1);
		for (int i = 0; i < 3; i++)
			assert_int_equal(lane_leave(l, 0), 20 + i);
	}
	assert_int_equal(lane_leave(l, 0), -1);
	done(l);
}

enum { THREADS = 8, TURNS = 20000 };

static struct lane *shared;
static atomic_int inside, most, served;

/* What a worker's thread does: takes a connection, and after it those that have waited. */
static void *
work(void *arg)
{
	int fd;

	for (int i = 0; i < TURNS; i++) {
		if (!lane_enter(shared, *(int *)arg, 0))
			continue;
		do {
			int n = atomic_fetch_add(&inside, 1) + 1, seen = atomic_load(&most);

			while (n > seen && !atomic_compare_exchange_weak(&most, &seen, n))
				;
			atomic_fetch_add(&served, 1);
			atomic_fetch_sub(&inside, 1);
			fd = lane_leave(shared, 0);
		} while (fd >= 0);
	}
	return NULL;
}

static void
threads_serve_each_once_and_no_more_at_a_time_than_there_are_places(void **state)
{
	pthread_t threads[THREADS];
	int fds[THREADS];

	(void)state;
	shared = lane_of(3, (size_t)THREADS * TURNS);
	for (int i = 0; i < THREADS; i++) {
		fds[i] = i;
		assert_int_equal(pthread_create(&threads[i], NULL, work, &fds[i]), 0);
	}
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	assert_int_equal(atomic_load(&served), THREADS * TURNS);
	assert_true(atomic_load(&most) <= 3);
	done(shared);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_finds_no_place_waits_and_turns_go_by_age),
		cmocka_unit_test(as_long_as_there_are_turns_one_waits_as_long_as_it_takes),
		cmocka_unit_test(without_turns_all_may_in),
		cmocka_unit_test(a_full_lane_turns_nobody_away),
		cmocka_unit_test(threads_serve_each_once_and_no_more_at_a_time_than_there_are_places),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
