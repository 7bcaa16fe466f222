/*
 * Successors of which the supervisor learns in an unusual order.
 */
#include "child_fixture.h"

#include "app/crew.h"
#include "base/time.h"
#include "core/config.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>

static struct ctx c;
static const struct config cfg = {.stop_timeout = 5 * 1000000};

static enum err
fails(struct ctx *own, void *arg, struct child_ready *ready)
{
	(void)arg;
	(void)ready;
	return err_raise(own, ERR_CONFIG, "the theme is missing");
}

/*
 * A worker's successor that has ended and been waited for before anybody has looked at its pipe: it
 * can die between the supervisor's poll() and its waitpid().
 */
static void
successor_end(struct crew *w, child_main *main)
{
	struct child *next = &w->slots[1].next;
	pid_t pid;
	int status;

	crew_init(w, -1, NULL, -1, NULL, 1);
	assert_int_equal(child_fork(&c, "worker", main, NULL, next), OK);
	pid = next->pid;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	crew_ended(&c, w, pid, status);
}

static void
must_be_heard(struct crew *w, enum err err)
{
	struct pollfd pipes[CREW_PIPES];
	bool rolled = false;

	w->roll = 1;
	assert_int_equal(crew_pipes(w, pipes), 1);
	assert_int_equal(poll(pipes, 1, 0), 1);
	assert_int_equal(crew_hear(&c, w, pipes[0].fd, &rolled), err);
	assert_true(rolled);
	assert_int_equal(crew_pipes(w, pipes), 0);
	assert_true(crew_is_gone(w));
}

static void
a_successor_that_has_ended_unheard_still_says_why(void **state)
{
	static struct crew w;

	(void)state;
	successor_end(&w, fails);
	must_be_heard(&w, ERR_CONFIG);
	assert_string_equal(c.err.detail, "the theme is missing");
	err_clear(&c);
}

static void
one_that_was_ready_and_has_ended_is_no_successor(void **state)
{
	static struct crew w;

	(void)state;
	successor_end(&w, is_ready);
	must_be_heard(&w, ERR_CHILD_DIED);
	err_clear(&c);
}

static enum err
goes_on(struct ctx *own, void *arg, struct child_ready *ready)
{
	(void)own;
	(void)arg;
	child_ready_for_now(ready);
	(void)pause();
	return OK;
}

/* A crew of one worker that wants to leave, and a successor that does as main. */
static void
successor_start(struct crew *w, child_main *main)
{
	struct crew_slot *s = &w->slots[1];
	bool rolled;

	crew_init(w, -1, NULL, -1, NULL, 1);
	w->slots[0].start_us = s->start_us = 0;
	assert_int_equal(child_fork(&c, "worker", leaves, NULL, &s->now), OK);
	while (!s->now.leaving)
		assert_int_equal(crew_hear(&c, w, s->now.pipe_fd, &rolled), OK);
	assert_false(rolled);
	assert_int_equal(s->next.pid, 0);
	assert_int_equal(child_fork(&c, "worker", main, NULL, &s->next), OK);
}

static enum err
hear_successor(struct crew *w)
{
	bool rolled = true;
	enum err err = crew_hear(&c, w, w->slots[1].next.pipe_fd, &rolled);

	assert_false(rolled);
	err_clear(&c);
	return err;
}

static void
end(struct crew *w)
{
	int status;
	pid_t pid;

	crew_stop(&c, w);
	while ((pid = waitpid(-1, &status, 0)) > 0)
		crew_ended(&c, w, pid, status);
	assert_true(crew_is_gone(w));
}

static void
one_that_wants_to_leave_is_told_to_when_its_successor_is_ready(void **state)
{
	static struct crew w;
	struct crew_slot *s = &w.slots[1];
	pid_t first, next;

	(void)state;
	successor_start(&w, goes_on);
	first = s->now.pid;
	next = s->next.pid;
	assert_int_equal(s->now.kill_us, 0);
	assert_int_equal(hear_successor(&w), OK);
	assert_int_equal(s->now.pid, next);
	assert_int_equal(s->next.pid, 0);
	assert_int_equal(w.old[0].pid, first);
	assert_true(w.old[0].kill_us > time_mono_us());
	w.reload = true;
	assert_false(crew_can_reload(&w));
	/* The other one is heard again, should it want to leave. */
	assert_true(s->now.pipe_fd >= 0);
	end(&w);
}

static void
it_goes_on_when_its_successor_cannot_start(void **state)
{
	static struct crew w;
	struct crew_slot *s = &w.slots[1];
	int64_t pause = 100000;
	pid_t first;

	(void)state;
	successor_start(&w, fails);
	first = s->now.pid;
	for (unsigned i = 1; i < 5; i++) {
		int64_t now = time_mono_us(), heard;

		assert_int_equal(hear_successor(&w), ERR_CONFIG);
		heard = time_mono_us();
		child_wait(&s->next);
		assert_int_equal(s->now.pid, first);
		assert_int_equal(s->now.kill_us, 0);
		assert_int_equal(s->quick_deaths, i);
		/* From the second one on it waits, for longer and longer. */
		if (i > 1) {
			assert_true(s->start_us - now >= pause && s->start_us - heard <= pause);
			pause *= 2;
		}
		assert_int_equal(child_fork(&c, "worker", fails, NULL, &s->next), OK);
	}
	w.reload = true;
	assert_true(crew_can_reload(&w));
	end(&w);
}

/* Whoever wants to leave at its start would otherwise be replaced without a pause. */
static void
it_goes_on_for_two_seconds_from_its_start(void **state)
{
	static struct crew w;
	struct crew_slot *s = &w.slots[1];
	int wait_ms;

	(void)state;
	successor_start(&w, goes_on);
	assert_int_equal(hear_successor(&w), OK);
	s->now.leaving = true;
	s->now.started_us = time_mono_us();
	/* What has been told to end takes the only place beside it. */
	wait_ms = crew_tend(&c, &w);
	assert_int_equal(s->start_us, 0);
	assert_true(wait_ms > 5000);
	child_wait(&w.old[0]);
	wait_ms = crew_tend(&c, &w);
	assert_int_equal(s->next.pid, 0);
	assert_int_equal(s->start_us, s->now.started_us + 2 * 1000000);
	assert_true(wait_ms > 0 && wait_ms <= 2001);
	end(&w);
}

/* Where no successor can be started for want of descriptors. */
static void
one_that_has_ended_unheard_leaves_no_descriptor(void **state)
{
	static struct crew w;
	struct rlimit was, none;
	int fd;

	(void)state;
	successor_end(&w, fails);
	fd = w.slots[1].next.pipe_fd;
	assert_true(fcntl(fd, F_GETFD) >= 0);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &was), 0);
	none = (struct rlimit){.rlim_cur = 0, .rlim_max = was.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	assert_int_not_equal(crew_renew(&c, &w, 1), OK);
	err_clear(&c);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &was), 0);
	assert_int_equal(fcntl(fd, F_GETFD), -1);
	assert_true(crew_is_gone(&w));
}

static void
a_successor_in_a_slot_that_is_no_longer_wanted_ends(void **state)
{
	static struct crew w;

	(void)state;
	successor_start(&w, goes_on);
	w.n = 1;
	crew_replace(&c, &w, 1);
	assert_int_equal(hear_successor(&w), OK);
	assert_int_equal(w.slots[1].next.pid, 0);
	assert_true(w.old[0].kill_us != 0);
	end(&w);
}

static void
nobody_takes_over_during_a_stop(void **state)
{
	static struct crew w;
	pid_t first;

	(void)state;
	successor_start(&w, goes_on);
	first = w.slots[1].now.pid;
	crew_stop(&c, &w);
	assert_int_equal(w.slots[1].now.pid, first);
	assert_true(w.slots[1].next.kill_us != 0);
	assert_int_equal(w.slots[1].next.pipe_fd, -1);
	end(&w);
	assert_int_equal(crew_tend(&c, &w), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_successor_that_has_ended_unheard_still_says_why),
		cmocka_unit_test(one_that_was_ready_and_has_ended_is_no_successor),
		cmocka_unit_test(one_that_wants_to_leave_is_told_to_when_its_successor_is_ready),
		cmocka_unit_test(it_goes_on_when_its_successor_cannot_start),
		cmocka_unit_test(it_goes_on_for_two_seconds_from_its_start),
		cmocka_unit_test(one_that_has_ended_unheard_leaves_no_descriptor),
		cmocka_unit_test(a_successor_in_a_slot_that_is_no_longer_wanted_ends),
		cmocka_unit_test(nobody_takes_over_during_a_stop),
	};

	ctx_init(&c, 1 << 20);
	c.cfg = &cfg;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
