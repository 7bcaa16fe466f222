/*
 * core/jail: what a process can do no more. Each test looks at a child that has gone in.
 */
#include "core/jail.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static const struct jail limits = {
	.cpu_seconds = 5, .file_bytes = 4096, .memory_bytes = (int64_t)1 << 30};

/* How a child ends that does this. */
static int
end_of(void (*what)(void))
{
	int status = 0;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		what();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void
must(bool good)
{
	if (!good)
		_exit(1);
}

static void
assert_good(int status)
{
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void
assert_killed(int status, int sig)
{
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), sig);
}

static void
no_network(void)
{
	int pair[2];

	must(jail_no_network());
	must(socket(AF_INET, SOCK_STREAM, 0) < 0 && errno == EAFNOSUPPORT);
	must(socket(AF_INET6, SOCK_DGRAM, 0) < 0 && errno == EAFNOSUPPORT);
	must(socket(AF_NETLINK, SOCK_RAW, 0) < 0 && errno == EAFNOSUPPORT);
	must(socket(AF_UNIX, SOCK_STREAM, 0) >= 0);
	must(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
	must(open("/dev/null", O_RDONLY) >= 0);
}

static void
without_a_network_there_are_sockets_of_the_machine_only(void **state)
{
	(void)state;
	assert_good(end_of(no_network));
}

static void
no_network_for_programs(void)
{
	static char sh[] = "sh", c[] = "-c", script[] = "read x </proc/net/dev; exec 3<>/dev/null";
	char *argv[] = {sh, c, script, NULL};

	must(jail_no_network());
	(void)execv("/bin/sh", argv);
	_exit(1);
}

static void
programs_are_started_as_before(void **state)
{
	(void)state;
	assert_good(end_of(no_network_for_programs));
}

static void
computing(void)
{
	void *p;

	must(jail_enter(&limits));
	p = malloc(1 << 20);
	must(p != NULL);
	memset(p, 1, 1 << 20);
	free(p);
	must(write(STDERR_FILENO, "", 0) == 0);
}

static void
in_jail_one_can_compute_and_write(void **state)
{
	(void)state;
	assert_good(end_of(computing));
}

static void
opening(void)
{
	must(jail_enter(&limits));
	(void)open("/dev/null", O_RDONLY);
}

static void
connecting(void)
{
	must(jail_enter(&limits));
	(void)socket(AF_UNIX, SOCK_STREAM, 0);
}

static void
forking(void)
{
	must(jail_enter(&limits));
	(void)fork();
}

static void
in_jail_everything_else_kills(void **state)
{
	(void)state;
	assert_killed(end_of(opening), SIGSYS);
	assert_killed(end_of(connecting), SIGSYS);
	assert_killed(end_of(forking), SIGSYS);
}

static void
spinning(void)
{
	const struct jail second = {
		.cpu_seconds = 1, .file_bytes = 4096, .memory_bytes = (int64_t)1 << 30};

	must(jail_limit(&second));
	for (volatile unsigned i = 0;; i++)
		continue;
}

static void
writing(void)
{
	char page[4097] = "";
	int fd = memfd_create("large", MFD_CLOEXEC);

	must(fd >= 0 && jail_limit(&limits));
	must(write(fd, page, 4096) == 4096);
	must(write(fd, page, 1) < 0);	/* does not come back */
}

static void
limits_hold_without_a_jail(void **state)
{
	(void)state;
	assert_killed(end_of(spinning), SIGXCPU);
	assert_killed(end_of(writing), SIGXFSZ);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_network_there_are_sockets_of_the_machine_only),
		cmocka_unit_test(programs_are_started_as_before),
		cmocka_unit_test(in_jail_one_can_compute_and_write),
		cmocka_unit_test(in_jail_everything_else_kills),
		cmocka_unit_test(limits_hold_without_a_jail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
