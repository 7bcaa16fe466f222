/*
 * Successors of which the supervisor learns in an unusual order.
 */
#include "app_fixture.h"

#include "app/crew.h"

#include <stdlib.h>
#include <sys/wait.h>

static struct ctx c;

static enum err
fails(struct ctx *own, void *arg, struct child_ready *ready)
{
	(void)arg;
	(void)ready;
	return err_raise(own, ERR_CONFIG, "the theme is missing");
}

static enum err
is_ready(struct ctx *own, void *arg, struct child_ready *ready)
{
	(void)own;
	(void)arg;
	child_ready(ready);
	return OK;
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
	size_t slot = 0;

	assert_int_equal(crew_pipes(w, pipes), 1);
	assert_int_equal(poll(pipes, 1, 0), 1);
	assert_int_equal(crew_hear(&c, w, pipes[0].fd, &slot), err);
	assert_int_equal(slot, 1);
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_successor_that_has_ended_unheard_still_says_why),
		cmocka_unit_test(one_that_was_ready_and_has_ended_is_no_successor),
	};

	ctx_init(&c, 1 << 20);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
