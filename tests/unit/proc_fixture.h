/*
 * What cannot be undone in a process is tried in a child, whose exit status tells. Each test has a
 * directory and an environment without a service manager.
 */
#ifndef UNIT_PROC_FIXTURE_H
#define UNIT_PROC_FIXTURE_H

#include "core/proc.h"

#include "tempdir.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <sys/wait.h>

#include <cmocka.h>

struct site {
	struct ctx c;
	struct tempdir dir;
	char path[128];
};

static inline int
setup(void **state)
{
	static struct site s;

	ctx_init(&s.c, 1 << 20);
	tempdir_init(&s.dir);
	(void)snprintf(s.path, sizeof(s.path), "%s/x", s.dir.path);
	*state = &s;
	return 0;
}

static inline int
teardown(void **state)
{
	struct site *s = *state;

	(void)unsetenv("NOTIFY_SOCKET");
	(void)unsetenv("LISTEN_PID");
	(void)unsetenv("LISTEN_FDS");
	(void)unsetenv("WATCHDOG_PID");
	(void)unsetenv("WATCHDOG_USEC");
	ctx_fini(&s->c);
	tempdir_fini(&s->dir);
	return 0;
}

/* Runs fn in a child; it succeeds when fn gives 0. */
static inline void
assert_in_child(struct site *s, int (*fn)(struct site *s))
{
	pid_t pid = fork();
	int status = -1;

	if (pid == 0)
		_exit(fn(s));
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

#endif
