/*
 * Too few descriptors: the silent make room, and when all are taken one connection at a time is
 * still heard.
 */
#include "dispatch_fixture.h"

#include "app/reserve.h"

#include <fcntl.h>
#include <sys/resource.h>

static void
a_reserve_is_given_once_and_taken_again(void **state)
{
	struct reserve r = {RESERVE_EMPTY};
	int fd;

	(void)state;
	assert_false(reserve_give(&r));
	reserve_take(&r, STDIN_FILENO);
	fd = r.fd;
	assert_true((fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
	reserve_take(&r, STDIN_FILENO);
	assert_int_equal(r.fd, fd);
	assert_true(reserve_give(&r));
	assert_int_equal(fcntl(fd, F_GETFD), -1);
	assert_false(reserve_give(&r));
	reserve_take(&r, STDIN_FILENO);
	assert_true(reserve_give(&r));
}

static void
silent_connections_make_room_when_descriptors_run_out(void **state)
{
	struct fixture *f = *state;
	struct rlimit limit, old;
	struct dispatch *small;
	int silent[8], speaks, ours;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
	limit = old;
	limit.rlim_cur = 200 + 8;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	assert_int_equal(dispatch_new(&f->ctx, f->listen_fd, 200, NULL, &small), OK);
	assert_int_equal(dispatch_cap(small), 8);
	dispatch_free(f->d);
	f->d = small;
	for (size_t i = 0; i < 8; i++)
		silent[i] = park(f);
	speaks = dial(f);
	say(speaks, 'x');
	/* There is no room: accepting pauses, nobody spins. */
	dispatch_end(f->d);
	assert_int_equal(dispatch_next(f->d), -1);
	(void)dispatch_tick(f->d, time_mono_us());
	for (size_t i = 0; i < 8; i++)
		assert_false(is_closed(silent[i]));
	(void)dispatch_tick(f->d, time_mono_us() + 2 * SECOND);
	for (size_t i = 0; i < 8; i++)
		assert_true(is_closed(silent[i]));
	do {
		ours = dispatch_next(f->d);
	} while (ours == -1);
	assert_int_equal(hear(ours), 'x');
	for (size_t i = 0; i < 8; i++)
		(void)close(silent[i]);
	(void)close(speaks);
	(void)close(ours);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
}

/* As many descriptors as are open, and not one more. */
static void
leave_no_descriptor(struct rlimit *old)
{
	struct rlimit limit;
	int first_free = dup(STDIN_FILENO);

	assert_true(first_free >= 0);
	(void)close(first_free);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, old), 0);
	limit = *old;
	limit.rlim_cur = (rlim_t)first_free;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

static void
without_a_descriptor_one_connection_at_a_time_is_heard(void **state)
{
	struct fixture *f = *state;
	int first = dial(f), second = dial(f), ours;
	struct rlimit old;

	say(first, '1');
	say(second, '2');
	leave_no_descriptor(&old);
	ours = dispatch_next(f->d);
	assert_int_equal(hear(ours), '1');
	assert_int_equal(dup(STDIN_FILENO), -1);
	/* The other waits: accepting pauses, also after a look whether anything is free. */
	(void)dispatch_tick(f->d, time_mono_us() + SECOND);
	dispatch_end(f->d);
	assert_int_equal(dispatch_next(f->d), -1);
	(void)close(ours);
	dispatch_gone(f->d);
	do {
		ours = dispatch_next(f->d);
	} while (ours == -1);
	assert_int_equal(hear(ours), '2');
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
	(void)close(ours);
	dispatch_gone(f->d);
	(void)close(first);
	(void)close(second);
}

static void
too_few_descriptors_are_refused(void **state)
{
	struct fixture *f = *state;
	struct dispatch *d = f->d;

	assert_int_equal(dispatch_new(&f->ctx, f->listen_fd, 1U << 30, NULL, &d), ERR_CONFIG);
	assert_null(d);
	dispatch_free(NULL);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(a_reserve_is_given_once_and_taken_again),
		TEST(silent_connections_make_room_when_descriptors_run_out),
		TEST(without_a_descriptor_one_connection_at_a_time_is_heard),
		TEST(too_few_descriptors_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
