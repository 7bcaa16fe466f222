/*
 * core/jail: what a process can do no more. Each test looks at a child that has gone in.
 */
#include "core/jail.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
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

#define REFUSED(call) must((call) < 0 && errno == EPERM)

static void
no_network(void)
{
	int pair[2];
	struct sockaddr_un un = {.sun_family = AF_UNIX, .sun_path = "/run/docker.sock"};
	int before = socket(AF_UNIX, SOCK_STREAM, 0);

	must(before >= 0 && jail_worker());
	must(socket(AF_INET, SOCK_STREAM, 0) < 0 && errno == EAFNOSUPPORT);
	must(socket(AF_INET6, SOCK_DGRAM, 0) < 0 && errno == EAFNOSUPPORT);
	must(socket(AF_NETLINK, SOCK_RAW, 0) < 0 && errno == EAFNOSUPPORT);
	must(socket(AF_UNIX, SOCK_STREAM, 0) < 0 && errno == EAFNOSUPPORT);
	must(connect(before, (struct sockaddr *)&un, sizeof(un)) < 0 && errno == EACCES);
	must(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0 && errno == EAFNOSUPPORT);
	must(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) < 0 && errno == EAFNOSUPPORT);
	must(open("/dev/null", O_RDONLY) >= 0);
}

/* A program that is written into memory belongs to no file system that a view could leave out. */
static void
no_memory_files(void)
{
	static char name[] = "sh";
	char *argv[] = {name, NULL}, *envp[] = {NULL};
	int sh = open("/bin/sh", O_RDONLY | O_CLOEXEC);

	must(sh >= 0 && jail_worker());
	REFUSED(memfd_create("program", 0));
	REFUSED(syscall(SYS_execveat, sh, "", argv, envp, AT_EMPTY_PATH));
}

static void
a_worker_has_no_files_in_memory(void **state)
{
	(void)state;
	assert_good(end_of(no_memory_files));
}

static void
without_a_network_there_are_no_sockets(void **state)
{
	(void)state;
	assert_good(end_of(no_network));
}

static void
refusing(void)
{
	must(jail_refuse());
	REFUSED(mount("none", "/tmp", "tmpfs", 0, NULL));
	REFUSED(chroot("/"));
	REFUSED(unshare(CLONE_NEWUSER));
	REFUSED(setns(0, 0));
	REFUSED(syscall(SYS_bpf, 0, NULL, 0));
	REFUSED(syscall(SYS_perf_event_open, NULL, 0, 0, 0, 0));
	REFUSED(syscall(SYS_userfaultfd, 0));
	REFUSED(syscall(SYS_init_module, NULL, 0, ""));
	REFUSED(syscall(SYS_kexec_load, 0, 0, NULL, 0));
	REFUSED(syscall(SYS_add_key, "user", "x", "y", 1, -1));
	REFUSED(syscall(SYS_keyctl, 0, 0, 0, 0, 0));
	REFUSED(syscall(SYS_process_vm_readv, getppid(), NULL, 0, NULL, 0, 0));
	REFUSED(syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, NULL, NULL, NULL, 0));
	REFUSED(ioctl(STDIN_FILENO, TIOCSTI, "x"));
	must(syscall(SYS_io_uring_setup, 1, NULL) < 0 && errno == ENOSYS);
#if !defined(__SANITIZE_THREAD__)
	REFUSED(syscall(SYS_personality, 0xffffffff));
#endif
#if !defined(__SANITIZE_ADDRESS__)
	REFUSED(ptrace(PTRACE_TRACEME, 0, NULL, NULL));
#endif
}

static void
what_no_server_needs_is_refused(void **state)
{
	(void)state;
	assert_good(end_of(refusing));
}

static void
making_code(void)
{
	enum { PRIVATE = MAP_PRIVATE | MAP_ANONYMOUS };
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, PRIVATE, -1, 0);

	must(p != MAP_FAILED && jail_refuse());
	must(mmap(NULL, 4096, PROT_WRITE | PROT_EXEC, PRIVATE, -1, 0) == MAP_FAILED && errno == EPERM);
	REFUSED(mprotect(p, 4096, PROT_READ | PROT_EXEC));
	REFUSED(syscall(SYS_pkey_mprotect, p, 4096, PROT_READ | PROT_EXEC, -1));
	REFUSED(syscall(SYS_shmat, -1, NULL, SHM_EXEC));
	/* As programs are loaded. */
	must(mmap(NULL, 4096, PROT_READ | PROT_EXEC, PRIVATE, -1, 0) != MAP_FAILED);
	must(mprotect(p, 4096, PROT_READ) == 0);
}

static void
memory_is_written_or_run_and_not_both(void **state)
{
	(void)state;
	assert_good(end_of(making_code));
}

static void *
think(void *arg)
{
	return arg;
}

static void
living_on(void)
{
	static char sh[] = "sh", c[] = "-c", script[] = "x=$(echo y); test $x = y";
	char *argv[] = {sh, c, script, NULL};
	pthread_t thread;

	must(jail_refuse());
	must(pthread_create(&thread, NULL, think, NULL) == 0 && pthread_join(thread, NULL) == 0);
	must(open("/dev/null", O_RDONLY) >= 0 && socket(AF_INET, SOCK_STREAM, 0) >= 0);
	(void)execv("/bin/sh", argv);
	_exit(1);
}

static void
threads_programs_and_sockets_are_left(void **state)
{
	(void)state;
	assert_good(end_of(living_on));
}

static void
no_network_for_programs(void)
{
	static char sh[] = "sh", c[] = "-c", script[] = "read x </proc/net/dev; exec 3<>/dev/null";
	char *argv[] = {sh, c, script, NULL};

	must(jail_worker());
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

/* As libc does where the machine's clock cannot be read without the kernel. */
static void
ask_the_kernel_for_the_time(void)
{
	struct timespec ts;
	struct timeval tv;

	must(jail_enter(&limits));
	must(syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &ts) == 0);
	must(syscall(SYS_clock_getres, CLOCK_MONOTONIC, &ts) == 0);
	must(syscall(SYS_gettimeofday, &tv, NULL) == 0);
#ifdef SYS_time
	must(syscall(SYS_time, NULL) > 0);
#endif
}

static void
in_jail_the_kernel_tells_the_time(void **state)
{
	(void)state;
	assert_good(end_of(ask_the_kernel_for_the_time));
}

static int
by_number(const void *a, const void *b)
{
	int x = *(const int *)a, y = *(const int *)b;

	return (x > y) - (x < y);
}

/* Enough of it that libc asks how much memory there is, which it does once in a process. */
static void
sorting(void)
{
	int numbers[4096];

	must(jail_enter(&limits));
	for (int i = 0; i < 4096; i++)
		numbers[i] = 4096 - i;
	qsort(numbers, 4096, sizeof(numbers[0]), by_number);
	must(numbers[0] == 1 && numbers[4095] == 4096);
}

static void
in_jail_one_can_sort_much(void **state)
{
	(void)state;
	assert_good(end_of(sorting));
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
		cmocka_unit_test(without_a_network_there_are_no_sockets),
		cmocka_unit_test(a_worker_has_no_files_in_memory),
		cmocka_unit_test(programs_are_started_as_before),
		cmocka_unit_test(what_no_server_needs_is_refused),
		cmocka_unit_test(memory_is_written_or_run_and_not_both),
		cmocka_unit_test(threads_programs_and_sockets_are_left),
		cmocka_unit_test(in_jail_one_can_compute_and_write),
		cmocka_unit_test(in_jail_one_can_sort_much),
		cmocka_unit_test(in_jail_the_kernel_tells_the_time),
		cmocka_unit_test(in_jail_everything_else_kills),
		cmocka_unit_test(limits_hold_without_a_jail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
