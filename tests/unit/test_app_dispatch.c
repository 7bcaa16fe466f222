/*
 * Who reads from which connection: accepting, waiting, giving up on the silent, stopping without
 * losing what was sent. Time is given, so that half a minute takes none.
 */
#include "dispatch_fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>

/* ---- waiting ----------------------------------------------------------------------------- */

static void
a_connection_comes_when_it_speaks_and_again_when_kept(void **state)
{
	struct fixture *f = *state;
	int theirs = dial(f), ours = dispatch_next(f->d);

	assert_true(ours >= 0);
	assert_true((fcntl(ours, F_GETFD) & FD_CLOEXEC) != 0);
	assert_true((fcntl(ours, F_GETFL) & O_NONBLOCK) == 0);
	dispatch_wait(f->d, ours, false);
	for (int i = 0; i < 3; i++) {
		say(theirs, (char)('a' + i));
		assert_int_equal(dispatch_next(f->d), ours);
		assert_int_equal(hear(ours), 'a' + i);
		assert_true(dispatch_keep(f->d, ours));
	}
	assert_nothing_next(f);
	(void)close(theirs);
}

static void
silent_connections_keep_nobody_waiting(void **state)
{
	struct fixture *f = *state;
	int silent[100], speaks;

	for (size_t i = 0; i < 100; i++)
		silent[i] = park(f);
	speaks = park(f);
	say(speaks, 'x');
	assert_int_equal(hear(dispatch_next(f->d)), 'x');
	for (size_t i = 0; i < 100; i++)
		(void)close(silent[i]);
	(void)close(speaks);
}

static void
a_peer_that_has_gone_is_not_worked_for(void **state)
{
	struct fixture *f = *state;
	int theirs = park(f), other;

	say(theirs, 'x');
	(void)close(theirs);
	other = dial(f);
	say(other, 'y');
	(void)close(other);
	assert_nothing_next(f);
}

/* True if the main thread has been woken. */
static bool
is_woken(const struct fixture *f)
{
	return poll(&(struct pollfd){.fd = dispatch_wake_fd(f->d), .events = POLLIN}, 1, 0) == 1;
}

static void
half_a_request_is_looked_at_again_by_the_tick(void **state)
{
	struct fixture *f = *state;
	int64_t now = time_mono_us();
	int theirs = dial(f), ours = dispatch_next(f->d);

	(void)dispatch_tick(f->d, now);
	say(theirs, 'h');
	dispatch_wait(f->d, ours, true);
	assert_true(is_woken(f));
	/* Too early to look again; but it will be soon. */
	assert_int_equal(dispatch_tick(f->d, now + 1000), 50);
	assert_false(is_woken(f));
	assert_int_equal(dispatch_tick(f->d, now + 51 * 1000), 1000);
	assert_int_equal(dispatch_next(f->d), ours);
	dispatch_wait(f->d, ours, true);
	assert_true(is_woken(f));
	(void)dispatch_tick(f->d, now + 31 * SECOND);
	assert_true(is_closed(theirs));
	(void)close(theirs);
}

static void
the_silent_are_closed_in_time(void **state)
{
	struct fixture *f = *state;
	int64_t now = time_mono_us();
	int fresh = park(f), kept = park(f);

	say(kept, 'x');
	{
		int ours = dispatch_next(f->d);

		(void)hear(ours);
		assert_true(dispatch_keep(f->d, ours));
	}
	(void)dispatch_tick(f->d, now + 29 * SECOND);
	assert_false(is_closed(fresh));
	(void)dispatch_tick(f->d, now + 31 * SECOND);
	assert_true(is_closed(fresh));
	assert_false(is_closed(kept));
	(void)dispatch_tick(f->d, now + 89 * SECOND);
	assert_false(is_closed(kept));
	(void)dispatch_tick(f->d, now + 91 * SECOND);
	assert_true(is_closed(kept));
	(void)close(fresh);
	(void)close(kept);
}

static void
who_has_spoken_is_not_closed_for_silence(void **state)
{
	struct fixture *f = *state;
	int theirs = park(f);

	say(theirs, 'x');
	(void)dispatch_tick(f->d, time_mono_us() + 31 * SECOND);
	assert_false(is_closed(theirs));
	assert_int_equal(hear(dispatch_next(f->d)), 'x');
	(void)close(theirs);
}

/* ---- stopping ---------------------------------------------------------------------------- */

/* A connection that has carried a request and waits for the next. */
static int
park_kept(struct fixture *f)
{
	int theirs = park(f), ours;

	say(theirs, '0');
	ours = dispatch_next(f->d);
	assert_int_equal(hear(ours), '0');
	assert_true(dispatch_keep(f->d, ours));
	return theirs;
}

static void
a_stop_closes_the_idle_and_answers_the_rest(void **state)
{
	struct fixture *f = *state;
	int64_t now = time_mono_us();
	int idle = park_kept(f), asking = park_kept(f), queued, ours;

	say(asking, 'a');
	queued = dial(f);
	say(queued, 'q');
	/* Somebody is in the queue: accepting goes on. */
	assert_false(dispatch_stop(f->d, now));
	for (int i = 0; i < 2; i++) {
		ours = dispatch_next(f->d);
		assert_true(strchr("aq", hear(ours)) != NULL);
		assert_true(dispatch_keep(f->d, ours));
	}
	assert_true(is_closed(asking) && is_closed(queued));
	assert_true(dispatch_stop(f->d, now));
	assert_true(is_closed(idle));
	dispatch_end(f->d);
	assert_int_equal(dispatch_next(f->d), -1);
	(void)close(idle);
	(void)close(asking);
	(void)close(queued);
}

static void
a_request_that_follows_during_a_stop_is_answered_too(void **state)
{
	struct fixture *f = *state;
	int theirs = park_kept(f), ours;

	say(theirs, '1');
	ours = dispatch_next(f->d);
	assert_int_equal(hear(ours), '1');
	assert_false(dispatch_stop(f->d, time_mono_us()));
	say(theirs, '2');
	assert_false(dispatch_keep(f->d, ours));
	assert_int_equal(hear(ours), '2');
	assert_true(dispatch_keep(f->d, ours));
	assert_true(is_closed(theirs));
	assert_true(dispatch_stop(f->d, time_mono_us()));
	(void)close(theirs);
}

static void
who_has_connected_before_a_stop_is_waited_for(void **state)
{
	struct fixture *f = *state;
	int64_t now = time_mono_us();
	int theirs = park(f), ours;

	assert_false(dispatch_stop(f->d, now));
	assert_false(dispatch_stop(f->d, now + 2 * SECOND));
	say(theirs, 'w');
	ours = dispatch_next(f->d);
	assert_int_equal(hear(ours), 'w');
	assert_true(dispatch_keep(f->d, ours));
	assert_true(is_closed(theirs));
	assert_true(dispatch_stop(f->d, now + 2 * SECOND));
	(void)close(theirs);
}

static void
but_not_for_ever(void **state)
{
	struct fixture *f = *state;
	int64_t now = time_mono_us();
	int theirs = park(f);

	assert_false(dispatch_stop(f->d, now));
	assert_true(dispatch_stop(f->d, now + 4 * SECOND));
	assert_true(is_closed(theirs));
	(void)close(theirs);
}

static void
half_a_request_delays_a_stop_for_some_seconds_at_most(void **state)
{
	struct fixture *f = *state;
	int64_t now = time_mono_us();
	int theirs = dial(f), ours = dispatch_next(f->d);

	say(theirs, 'h');
	dispatch_wait(f->d, ours, true);
	assert_false(dispatch_stop(f->d, now));
	assert_int_equal(dispatch_next(f->d), ours);
	dispatch_wait(f->d, ours, true);
	assert_true(dispatch_stop(f->d, now + 4 * SECOND));
	assert_true(is_closed(theirs));
	(void)close(theirs);
}

/* ---- threads ----------------------------------------------------------------------------- */

struct echo {
	struct dispatch *d;
	pthread_t id;
	unsigned long served;
};

/* Answers each byte with itself. */
static void *
echo_main(void *arg)
{
	struct echo *e = arg;
	char ch;
	int fd;

	while ((fd = dispatch_next(e->d)) >= 0) {
		ssize_t n = recv(fd, &ch, 1, MSG_DONTWAIT);

		if (n == 1 && send(fd, &ch, 1, MSG_NOSIGNAL) == 1) {
			e->served++;
			(void)dispatch_keep(e->d, fd);
		} else if (n < 0 && errno == EAGAIN) {
			dispatch_wait(e->d, fd, false);
		} else {
			(void)close(fd);
			dispatch_gone(e->d);
		}
	}
	return NULL;
}

static void
four_threads_lose_and_repeat_nothing(void **state)
{
	struct fixture *f = *state;
	struct echo threads[4];
	int fds[16];
	unsigned long served = 0;

	for (size_t i = 0; i < 4; i++) {
		threads[i] = (struct echo){.d = f->d};
		assert_int_equal(pthread_create(&threads[i].id, NULL, echo_main, &threads[i]), 0);
	}
	for (size_t i = 0; i < 16; i++)
		fds[i] = dial(f);
	for (int round = 0; round < 500; round++) {
		for (size_t i = 0; i < 16; i++)
			say(fds[i], (char)(round + (int)i));
		for (size_t i = 0; i < 16; i++) {
			char ch;

			assert_int_equal(recv(fds[i], &ch, 1, MSG_WAITALL), 1);
			assert_int_equal(ch, (char)(round + (int)i));
		}
		/* Every now and then somebody goes and comes back. */
		if (round % 10 == 0) {
			(void)close(fds[round / 10 % 16]);
			fds[round / 10 % 16] = dial(f);
		}
		(void)dispatch_tick(f->d, time_mono_us());
	}
	dispatch_end(f->d);
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(pthread_join(threads[i].id, NULL), 0);
		served += threads[i].served;
	}
	assert_int_equal(served, 500 * 16);
	for (size_t i = 0; i < 16; i++)
		(void)close(fds[i]);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(a_connection_comes_when_it_speaks_and_again_when_kept),
		TEST(silent_connections_keep_nobody_waiting),
		TEST(a_peer_that_has_gone_is_not_worked_for),
		TEST(half_a_request_is_looked_at_again_by_the_tick),
		TEST(the_silent_are_closed_in_time),
		TEST(who_has_spoken_is_not_closed_for_silence),
		TEST(a_stop_closes_the_idle_and_answers_the_rest),
		TEST(a_request_that_follows_during_a_stop_is_answered_too),
		TEST(who_has_connected_before_a_stop_is_waited_for),
		TEST(but_not_for_ever),
		TEST(half_a_request_delays_a_stop_for_some_seconds_at_most),
		TEST(four_threads_lose_and_repeat_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
