/*
 * core/proc: privileges, descriptors, signals, threads.
 */
#include "proc_fixture.h"

#include <errno.h>
#include <pwd.h>
#include <seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>

/* ---- privileges -------------------------------------------------------------------------- */

static int
become_nobody(struct site *s)
{
	const struct passwd *nobody = getpwnam("nobody");

	if (!nobody || proc_drop_privileges(&s->c, "nobody") != OK)
		return 1;
	if (getuid() != nobody->pw_uid || geteuid() != nobody->pw_uid || getgid() != nobody->pw_gid)
		return 2;
	return setuid(0) == 0 || seteuid(0) == 0 || setgid(0) == 0 ? 3 : 0;
}

static const char *
status_line(const char *name)
{
	static char text[8192];
	int fd = open("/proc/thread-self/status", O_RDONLY);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	char *at;

	(void)close(fd);
	text[n > 0 ? n : 0] = '\0';
	at = strstr(text, name);
	if (at)
		at[strcspn(at, "\n")] = '\0';
	return at ? at : "";
}

/* What is left of that set, as the kernel shows it. */
static bool
left(const char *set, unsigned long long wanted)
{
	const char *line = status_line(set);
	char *end;

	return line[0] != '\0' && strtoull(line + strlen(set), &end, 16) == wanted;
}

static int
drop_rights(struct site *s)
{
	unsigned long long kept = geteuid() == 0 ? 1ULL << 1 : 0;	/* CAP_DAC_OVERRIDE */

	if (proc_drop_rights(&s->c) != OK)
		return 1;
	if (!left("CapEff:", kept) || !left("CapPrm:", kept))
		return 2;
	if (!left("CapInh:", 0) || !left("CapAmb:", 0) || (kept && !left("CapBnd:", 0)))
		return 3;
	return left("NoNewPrivs:", 1) && prctl(PR_GET_DUMPABLE) == 0 ? 0 : 4;
}

static int
become_nobody_and_drop_rights(struct site *s)
{
	if (proc_drop_privileges(&s->c, "nobody") != OK || geteuid() == 0)
		return 5;
	/* Programs get nothing back either. */
	return left("CapBnd:", 0) ? drop_rights(s) : 6;
}

static void
no_special_right_is_left(void **state)
{
	assert_in_child(*state, drop_rights);
	if (geteuid() == 0)
		assert_in_child(*state, become_nobody_and_drop_rights);
}

/* As under a unit's SystemCallFilter=~@privileged: nothing is left to give up, and nobody may ask. */
static int
drop_rights_where_none_may_ask(struct site *s)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	int e = filter ? 0 : -1;

	if (geteuid() == 0 && proc_drop_privileges(&s->c, "nobody") != OK)
		return 5;
	if (!e)
		e = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(capset), 0);
	if (!e)
		e = seccomp_load(filter);
	seccomp_release(filter);
	return e ? 6 : drop_rights(s);
}

static void
where_nothing_is_left_nothing_is_asked(void **state)
{
	assert_in_child(*state, drop_rights_where_none_may_ask);
}

static void
root_becomes_the_user_for_good(void **state)
{
	if (geteuid() == 0)
		assert_in_child(*state, become_nobody);
	else
		assert_int_equal(proc_drop_privileges(&((struct site *)*state)->c, "nobody"), OK);
}

static void
without_a_user_nothing_changes(void **state)
{
	struct site *s = *state;
	uid_t before = geteuid();

	assert_int_equal(proc_drop_privileges(&s->c, ""), OK);
	assert_int_equal(geteuid(), before);
}

static void
unknown_accounts_are_configuration_errors(void **state)
{
	struct site *s = *state;
	uid_t uid;
	gid_t gid;

	assert_int_equal(proc_user_find(&s->c, "no-such-user", &uid, &gid), ERR_CONFIG);
	err_clear(&s->c);
	assert_int_equal(proc_group_find(&s->c, "no-such-group", &gid), ERR_CONFIG);
	assert_non_null(strstr(s->c.err.detail, "no-such-group"));
	err_clear(&s->c);
	if (geteuid() == 0) {
		assert_int_equal(proc_drop_privileges(&s->c, "no-such-user"), ERR_CONFIG);
		err_clear(&s->c);
		assert_int_equal(proc_drop_privileges(&s->c, "root"), OK);
	}
	assert_int_equal(proc_user_find(&s->c, "root", &uid, &gid), OK);
	assert_int_equal(uid, 0);
	assert_int_equal(proc_group_find(&s->c, "root", &gid), OK);
	assert_int_equal(gid, 0);
}

/* ---- descriptors and the environment of libraries ---------------------------------------- */

static int
close_and_open_std_fds(struct site *s)
{
	int fd;

	(void)close(0);
	(void)close(2);
	if (proc_open_std_fds(&s->c) != OK)
		return 1;
	if (fcntl(0, F_GETFD) != 0 || fcntl(2, F_GETFD) != 0)
		return 2;
	fd = open("/dev/null", O_RDONLY);
	return fd <= 2 || write(2, "x", 1) != 1 ? 3 : 0;
}

static void
closed_standard_descriptors_are_taken(void **state)
{
	struct site *s = *state;

	assert_in_child(s, close_and_open_std_fds);
	assert_int_equal(proc_open_std_fds(&s->c), OK);
}

static void
libfcgi_is_told_not_to_linger(void **state)
{
	struct site *s = *state;

	assert_int_equal(proc_setenv_library(&s->c), OK);
	assert_string_equal(getenv("LIBFCGI_OS_CLOSE_POLL_TIMEOUT"), "200");
	assert_string_equal(getenv("LIBFCGI_IS_AF_UNIX_KEEPER_POLL_TIMEOUT"), "50");
}

/* ---- signals ----------------------------------------------------------------------------- */

static int
receive_signals(struct site *s)
{
	static const int signals[] = {SIGTERM, SIGCHLD};
	pid_t child, sender = 0;
	int fd;

	if (proc_signal_block_and_fd(&s->c, signals, 2, &fd) != OK)
		return 1;
	if (proc_signal_next(fd, NULL) != 0)
		return 2;
	if (raise(SIGTERM) != 0 || proc_signal_next(fd, &sender) != SIGTERM || sender != getpid())
		return 3;
	child = fork();
	if (child == 0)
		_exit(0);
	if (waitpid(child, NULL, 0) != child || proc_signal_next(fd, &sender) != SIGCHLD ||
		sender != child)
		return 4;
	if ((fcntl(fd, F_GETFD) & FD_CLOEXEC) == 0)
		return 5;
	return proc_signal_next(fd, NULL) == 0 ? 0 : 6;
}

static void
signals_arrive_on_a_descriptor(void **state)
{
	assert_in_child(*state, receive_signals);
}

static void
a_bad_signal_number_is_an_error(void **state)
{
	static const int bad[] = {9999};
	struct site *s = *state;
	int fd;

	assert_int_equal(proc_signal_block_and_fd(&s->c, bad, 1, &fd), ERR_IO);
}

static int
write_to_a_closed_pipe(struct site *s)
{
	int ends[2];

	(void)s;
	proc_signal_ignore_pipe();
	if (pipe(ends) != 0 || close(ends[0]) != 0)
		return 1;
	return write(ends[1], "x", 1) == -1 && errno == EPIPE ? 0 : 2;
}

static void
a_closed_pipe_is_an_error_value(void **state)
{
	assert_in_child(*state, write_to_a_closed_pipe);
}

static void
an_orphan_is_told_at_once(void **state)
{
	struct site *s = *state;
	pid_t pid = fork();
	int status = 0;

	/* Not our parent's pid, as if it had died between fork() and here. */
	if (pid == 0)
		_exit(proc_parent_death_signal(&s->c, SIGKILL, getpid()) == OK ? 1 : 2);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGKILL);
}

/* A grandchild that outlived its parent would keep the pipe open. */
static void
children_die_with_their_parent(void **state)
{
	struct site *s = *state;
	int ends[2], status;
	char byte;
	pid_t pid;

	assert_int_equal(pipe(ends), 0);
	pid = fork();
	if (pid == 0) {
		pid_t self = getpid();

		if (fork() == 0) {
			if (proc_parent_death_signal(&s->c, SIGKILL, self) != OK)
				_exit(1);
			(void)!write(ends[1], "r", 1);
			for (;;)
				(void)pause();
		}
		(void)!read(ends[0], &byte, 1);
		_exit(0);
	}
	assert_int_equal(close(ends[1]), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(read(ends[0], &byte, 1), 0);
	(void)close(ends[0]);
}

/* ---- the process itself ------------------------------------------------------------------ */

static void
the_process_knows_itself(void **state)
{
	char *page = malloc(32 << 20);
	int64_t before = proc_rss_bytes();

	(void)state;
	assert_true(before > 100 * 1024);
	assert_non_null(page);
	memset(page, 1, 32 << 20);
	assert_true(page[1000] == 1 && proc_rss_bytes() >= before + (24 << 20));
	free(page);
	assert_true(proc_cores() >= 1);
}

static void *
thread_facts(void *arg)
{
	pthread_attr_t attr;
	size_t *size = arg;

	proc_set_name("a-name-longer-than-fifteen");
	if (pthread_getattr_np(pthread_self(), &attr) == 0) {
		(void)pthread_attr_getstacksize(&attr, size);
		(void)pthread_attr_destroy(&attr);
	}
	return NULL;
}

static void
threads_have_eight_mebibytes_of_stack(void **state)
{
	struct site *s = *state;
	size_t size = 0;
	pthread_t t;

	assert_int_equal(proc_thread_start(&s->c, thread_facts, &size, &t), OK);
	assert_int_equal(pthread_join(t, NULL), 0);
	assert_true(size >= 8 << 20);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(root_becomes_the_user_for_good),
		TEST(no_special_right_is_left),
		TEST(where_nothing_is_left_nothing_is_asked),
		TEST(without_a_user_nothing_changes),
		TEST(unknown_accounts_are_configuration_errors),
		TEST(closed_standard_descriptors_are_taken),
		TEST(libfcgi_is_told_not_to_linger),
		TEST(signals_arrive_on_a_descriptor),
		TEST(a_bad_signal_number_is_an_error),
		TEST(a_closed_pipe_is_an_error_value),
		TEST(an_orphan_is_told_at_once),
		TEST(children_die_with_their_parent),
		TEST(the_process_knows_itself),
		TEST(threads_have_eight_mebibytes_of_stack),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
