/*
 * core/segment_rate: what a limit grants and refuses, by a clock that is given.
 */
#include "metrics_fixture.h"

static const struct config_rate ten_a_minute = {10, 60 * SECOND};

static bool
take(struct fixture *f, const char *key, int64_t now, int *wait)
{
	return segment_rate_take(
		f->seg, SEGMENT_LIMIT_REQUEST, str_z(key), &ten_a_minute, now, wait);
}

static void
a_limit_grants_its_count_at_once_and_then_the_steady_rate(void **state)
{
	struct fixture *f = *state;
	int64_t now = 1000 * SECOND;
	int wait;

	for (int i = 0; i < 10; i++) {
		assert_true(take(f, "192.0.2.1", now, &wait));
		assert_int_equal(wait, 0);
	}
	assert_false(take(f, "192.0.2.1", now, &wait));
	assert_int_equal(wait, 6);
	assert_false(take(f, "192.0.2.1", now + 5 * SECOND, &wait));
	assert_int_equal(wait, 1);
	assert_false(take(f, "192.0.2.1", now + 6 * SECOND - 1, &wait));
	assert_int_equal(wait, 1); /* rounded up */
	assert_true(take(f, "192.0.2.1", now + 6 * SECOND, &wait));
	assert_false(take(f, "192.0.2.1", now + 6 * SECOND, &wait));
	for (int i = 0; i < 10; i++)
		assert_true(take(f, "192.0.2.1", now + 120 * SECOND, &wait));
	assert_false(take(f, "192.0.2.1", now + 120 * SECOND, &wait));
}

static void
a_refused_token_costs_nothing(void **state)
{
	struct fixture *f = *state;
	int64_t now = 1000 * SECOND;
	int wait;

	for (int i = 0; i < 10; i++)
		assert_true(take(f, "a", now, &wait));
	for (int i = 0; i < 50; i++)
		assert_false(take(f, "a", now, &wait));
	assert_true(take(f, "a", now + 6 * SECOND, &wait));
}

static void
keys_and_limits_have_buckets_of_their_own(void **state)
{
	struct fixture *f = *state;
	int wait;

	for (int i = 0; i < 10; i++)
		assert_true(take(f, "a", SECOND, &wait));
	assert_false(take(f, "a", SECOND, &wait));
	assert_true(take(f, "b", SECOND, &wait));
	assert_true(segment_rate_take(
		f->seg, SEGMENT_LIMIT_LOGIN, S("a"), &ten_a_minute, SECOND, &wait));
}

static void
zero_lifts_the_limit(void **state)
{
	struct fixture *f = *state;
	struct config_rate none = {0};
	int wait;

	for (int i = 0; i < 100; i++)
		assert_true(
			segment_rate_take(f->seg, SEGMENT_LIMIT_REQUEST, S("a"), &none, 0, &wait));
}

static void
a_clock_set_back_locks_nobody_out(void **state)
{
	struct fixture *f = *state;
	int wait;

	for (int i = 0; i < 10; i++)
		assert_true(take(f, "a", 100000 * SECOND, &wait));
	assert_true(take(f, "a", 1000 * SECOND, &wait));
}

static void
take_four(struct fixture *f)
{
	int wait;

	for (int i = 0; i < 4; i++)
		assert_true(take(f, "a", SECOND, &wait));
}

static void
all_processes_draw_on_one_bucket(void **state)
{
	struct fixture *f = *state;
	int wait;

	/* The first tokens in peace: two that meet at a new address may grant one too many. */
	assert_true(take(f, "a", SECOND, &wait) && take(f, "a", SECOND, &wait));
	in_children(f, 2, take_four);
	assert_false(take(f, "a", SECOND, &wait));
}

static void
the_busy_address_is_remembered_among_many_quiet_ones(void **state)
{
	struct fixture *f = *state;
	char key[32];
	int wait;

	for (int i = 0; i < 10; i++)
		assert_true(take(f, "busy", SECOND, &wait));
	for (int i = 0; i < 4 * LAYOUT_RATE_BUCKETS; i++) {
		(void)snprintf(key, sizeof(key), "198.51.100.%d", i);
		assert_true(take(f, key, SECOND, &wait));
	}
	assert_false(take(f, "busy", SECOND, &wait));
}

static void
a_high_rate_is_granted_in_full(void **state)
{
	struct fixture *f = *state;
	struct config_rate high = {5000, SECOND};
	int wait, granted = 0;

	for (int64_t now = SECOND; now < 2 * SECOND; now += 100)
		granted +=
			segment_rate_take(f->seg, SEGMENT_LIMIT_REQUEST, S("a"), &high, now, &wait);
	assert_in_range(granted, 9998, 10000); /* 5000 at once and 5000 in the second */
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_limit_grants_its_count_at_once_and_then_the_steady_rate),
		T(a_refused_token_costs_nothing),
		T(keys_and_limits_have_buckets_of_their_own),
		T(zero_lifts_the_limit),
		T(a_clock_set_back_locks_nobody_out),
		T(all_processes_draw_on_one_bucket),
		T(the_busy_address_is_remembered_among_many_quiet_ones),
		T(a_high_rate_is_granted_in_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
