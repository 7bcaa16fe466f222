/*
 * Children that say that they are ready, or why not, and those that die without a word.
 */
#include "child_fixture.h"

#include "base/time.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>

static struct ctx c;

static enum err
waits(struct ctx *own, void *arg, struct child_ready *ready)
{
	(void)own;
	(void)arg;
	child_ready(ready);
	(void)pause();
	return OK;
}

static enum err
leaves_when_told(struct ctx *own, void *arg, struct child_ready *ready)
{
	const int *fds = arg;
	char byte;

	child_ready_for_now(ready);
	if (read(fds[0], &byte, 1) != 1)
		return err_raise(own, ERR_IO, "pipe");
	child_leaving(ready);
	(void)pause();
	return OK;
}

static enum err
is_ready_and_dies(struct ctx *own, void *arg, struct child_ready *ready)
{
	(void)arg;
	child_ready_for_now(ready);
	return err_raise(own, ERR_IO, "later");
}

static enum err
fails(struct ctx *own, void *arg, struct child_ready *ready)
{
	(void)ready;
	return err_raise(own, ERR_CONFIG, "the %s is missing", (const char *)arg);
}

static enum err
fails_later(struct ctx *own, void *arg, struct child_ready *ready)
{
	(void)arg;
	child_ready(ready);
	return err_raise(own, ERR_IO, "later");
}

static enum err
dies(struct ctx *own, void *arg, struct child_ready *ready)
{
	(void)own;
	(void)arg;
	(void)ready;
	abort();
}

static enum err
sees_a_clean_context(struct ctx *own, void *arg, struct child_ready *ready)
{
	if (own->err.code != OK || own->arena.used != 0 || own->cfg != arg || own->defers)
		return err_raise(own, ERR_INTERNAL, "not clean");
	child_ready(ready);
	return OK;
}

static struct child
start(child_main *main, void *arg)
{
	struct child child;

	assert_int_equal(child_fork(&c, "test", main, arg, &child), OK);
	assert_true(child.pid > 0);
	assert_int_equal(child.state, CHILD_STARTING);
	assert_true((fcntl(child.pipe_fd, F_GETFD) & FD_CLOEXEC) != 0);
	return child;
}

static int
reap(struct child *child)
{
	int status = 0;

	assert_int_equal(waitpid(child->pid, &status, 0), child->pid);
	child_forget(child);
	assert_int_equal(child->pid, 0);
	assert_int_equal(child->pipe_fd, -1);
	return status;
}

static void
a_child_says_that_it_is_ready(void **state)
{
	struct child child = start(is_ready, NULL);

	(void)state;
	assert_int_equal(child_hear(&c, &child), OK);
	assert_int_equal(child.state, CHILD_READY);
	assert_int_equal(child.pipe_fd, -1);
	assert_int_equal(child_hear(&c, &child), OK);
	assert_int_equal(reap(&child), 0);
}

static void
a_child_says_why_it_cannot_start(void **state)
{
	char what[] = "database";
	struct child child = start(fails, what);
	int status;

	(void)state;
	assert_int_equal(child_hear(&c, &child), ERR_CONFIG);
	assert_int_equal(child.state, CHILD_FAILED);
	assert_string_equal(c.err.detail, "the database is missing");
	status = reap(&child);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 3);
	err_clear(&c);
}

static void
a_child_that_dies_without_a_word_is_noticed(void **state)
{
	struct child child = start(dies, NULL);
	int status;

	(void)state;
	assert_int_equal(child_hear(&c, &child), ERR_CHILD_DIED);
	assert_int_equal(child.state, CHILD_FAILED);
	status = reap(&child);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
	err_clear(&c);
}

static void
a_failure_after_readiness_is_an_exit_status(void **state)
{
	struct child child = start(fails_later, NULL);
	int status;

	(void)state;
	assert_int_equal(child_hear(&c, &child), OK);
	status = reap(&child);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 1);
}

static void
a_child_begins_with_a_context_of_its_own(void **state)
{
	static const char *cfg[] = {"cfg"};
	struct child child;

	(void)state;
	assert_non_null(ctx_alloc(&c, 100));
	(void)err_raise(&c, ERR_IO, "the parent's trouble");
	c.cfg = (const struct config *)cfg;
	child = start(sees_a_clean_context, cfg);
	c.cfg = NULL;
	ctx_reset(&c);
	assert_int_equal(child_hear(&c, &child), OK);
	assert_int_equal(reap(&child), 0);
}

static void
a_stop_is_asked_for_once(void **state)
{
	struct child child = start(waits, NULL);
	int64_t deadline = time_mono_us() + 1000000;
	int status;

	(void)state;
	assert_int_equal(child_hear(&c, &child), OK);
	child_stop(&child, deadline);
	child_stop(&child, deadline + 5);
	assert_int_equal(child.kill_us, deadline);
	status = reap(&child);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
	child_stop(&child, deadline);
	assert_int_equal(child.kill_us, 0);
}

static void
a_child_that_wants_to_leave_says_so_later(void **state)
{
	struct child child;
	int fds[2];

	(void)state;
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	child = start(leaves_when_told, fds);
	assert_int_equal(child_hear(&c, &child), OK);
	assert_int_equal(child.state, CHILD_READY);
	assert_false(child.leaving);
	assert_true(child.pipe_fd >= 0);
	assert_int_equal(write(fds[1], "", 1), 1);
	assert_int_equal(child_hear(&c, &child), OK);
	assert_int_equal(child.state, CHILD_READY);
	assert_true(child.leaving);
	assert_int_equal(child.pipe_fd, -1);
	child_stop(&child, time_mono_us());
	(void)reap(&child);
	assert_false(child.leaving);
	(void)close(fds[0]);
	(void)close(fds[1]);
}

static void
it_may_say_so_before_anybody_has_heard_that_it_is_ready(void **state)
{
	struct child child = start(leaves, NULL);

	(void)state;
	while (!child.leaving)
		assert_int_equal(child_hear(&c, &child), OK);
	assert_int_equal(child.state, CHILD_READY);
	assert_int_equal(child.pipe_fd, -1);
	child_stop(&child, time_mono_us());
	(void)reap(&child);
}

static void
one_that_ends_without_having_said_so_is_not_leaving(void **state)
{
	struct child child = start(is_ready_and_dies, NULL);
	int status;

	(void)state;
	assert_int_equal(child_hear(&c, &child), OK);
	assert_int_equal(child_hear(&c, &child), OK);
	assert_int_equal(child.state, CHILD_READY);
	assert_false(child.leaving);
	assert_int_equal(child.pipe_fd, -1);
	status = reap(&child);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 1);
}

static void
nothing_more_is_heard_of_one_that_is_told_to_end(void **state)
{
	struct child child = start(leaves, NULL);

	(void)state;
	child_stop(&child, time_mono_us());
	assert_int_equal(child.pipe_fd, -1);
	assert_int_equal(child_hear(&c, &child), OK);
	assert_int_equal(child.state, CHILD_STARTING);
	(void)reap(&child);
}

static enum err
grandparent(struct ctx *own, void *arg, struct child_ready *ready)
{
	struct child child;
	int *fds = arg;
	enum err err = child_fork(own, "inner", waits, NULL, &child);

	if (!err)
		err = child_hear(own, &child);
	if (!err && write(fds[1], &child.pid, sizeof(child.pid)) != (ssize_t)sizeof(child.pid))
		err = err_raise(own, ERR_IO, "pipe");
	if (!err)
		child_ready(ready);
	return err;
}

static void
a_child_ends_with_its_parent(void **state)
{
	int fds[2];
	struct child child;
	char byte;
	pid_t inner = 0;

	(void)state;
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	child = start(grandparent, fds);
	(void)close(fds[1]);
	assert_int_equal(child_hear(&c, &child), OK);
	assert_int_equal(read(fds[0], &inner, sizeof(inner)), sizeof(inner));
	(void)reap(&child);
	/* The inner one holds the other end of the pipe until it is gone. */
	assert_int_equal(poll(&(struct pollfd){.fd = fds[0], .events = POLLIN}, 1, 10000), 1);
	assert_int_equal(read(fds[0], &byte, 1), 0);
	(void)close(fds[0]);
}

static void
exit_statuses_are_those_of_the_manual(void **state)
{
	(void)state;
	assert_int_equal(child_exit_status(OK), 0);
	assert_int_equal(child_exit_status(ERR_IO), 1);
	assert_int_equal(child_exit_status(ERR_USAGE), 2);
	assert_int_equal(child_exit_status(ERR_CONFIG), 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_child_says_that_it_is_ready),
		cmocka_unit_test(a_child_says_why_it_cannot_start),
		cmocka_unit_test(a_child_that_dies_without_a_word_is_noticed),
		cmocka_unit_test(a_failure_after_readiness_is_an_exit_status),
		cmocka_unit_test(a_child_begins_with_a_context_of_its_own),
		cmocka_unit_test(a_stop_is_asked_for_once),
		cmocka_unit_test(a_child_that_wants_to_leave_says_so_later),
		cmocka_unit_test(it_may_say_so_before_anybody_has_heard_that_it_is_ready),
		cmocka_unit_test(one_that_ends_without_having_said_so_is_not_leaving),
		cmocka_unit_test(nothing_more_is_heard_of_one_that_is_told_to_end),
		cmocka_unit_test(a_child_ends_with_its_parent),
		cmocka_unit_test(exit_statuses_are_those_of_the_manual),
	};

	ctx_init(&c, 1 << 20);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
