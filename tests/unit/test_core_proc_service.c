/*
 * core/proc_service: the service manager's protocols and pid files.
 */
#include "proc_fixture.h"

#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>

/* ---- the service manager ----------------------------------------------------------------- */

/* Binds a datagram socket, tells it something, gives back what arrived. */
static void
assert_notified(struct site *s, const char *address, const struct sockaddr_un *un, size_t size)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	char got[64] = "";

	assert_int_equal(bind(fd, (const struct sockaddr *)un, (socklen_t)size), 0);
	assert_int_equal(setenv("NOTIFY_SOCKET", address, 1), 0);
	assert_int_equal(proc_notify(&s->c, "READY=1\nSTATUS=up"), OK);
	assert_int_equal(recv(fd, got, sizeof(got), 0), 17);
	assert_string_equal(got, "READY=1\nSTATUS=up");
	(void)close(fd);
}

static void
the_manager_is_told_over_its_socket(void **state)
{
	struct site *s = *state;
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	size_t n = strlen(s->path);
	char abstract[128];

	memcpy(un.sun_path, s->path, n);
	assert_notified(s, s->path, &un, sizeof(un));
	/* The same name in the abstract space: a NUL instead of the '@'. */
	(void)snprintf(abstract, sizeof(abstract), "@%s", s->path);
	un = (struct sockaddr_un){.sun_family = AF_UNIX};
	memcpy(un.sun_path + 1, s->path, n);
	assert_notified(s, abstract, &un, offsetof(struct sockaddr_un, sun_path) + 1 + n);
}

static void
without_a_manager_there_is_nobody_to_tell(void **state)
{
	struct site *s = *state;

	assert_int_equal(proc_notify(&s->c, "READY=1"), OK);
	assert_int_equal(setenv("NOTIFY_SOCKET", "relative", 1), 0);
	assert_int_equal(proc_notify(&s->c, "READY=1"), ERR_IO);
	err_clear(&s->c);
	assert_int_equal(setenv("NOTIFY_SOCKET", s->path, 1), 0);
	assert_int_equal(proc_notify(&s->c, "READY=1"), ERR_IO);
	assert_non_null(strstr(s->c.err.detail, "No such file"));
}

static void
the_watchdog_is_for_the_process_it_names(void **state)
{
	char pid[32];

	(void)state;
	assert_int_equal(proc_watchdog_us(), 0);
	assert_int_equal(setenv("WATCHDOG_USEC", "30000000", 1), 0);
	assert_int_equal(proc_watchdog_us(), 30000000);
	(void)snprintf(pid, sizeof(pid), "%d", (int)getpid());
	assert_int_equal(setenv("WATCHDOG_PID", pid, 1), 0);
	assert_int_equal(proc_watchdog_us(), 30000000);
	assert_int_equal(setenv("WATCHDOG_PID", "1", 1), 0);
	assert_int_equal(proc_watchdog_us(), 0);
}

static int
take_sockets(struct site *s)
{
	char pid[32];
	int n = -1, fd = open("/dev/null", O_RDONLY);

	(void)snprintf(pid, sizeof(pid), "%d", (int)getpid());
	if (dup2(fd, PROC_LISTEN_FD) < 0 || dup2(fd, PROC_LISTEN_FD + 1) < 0)
		return 1;
	if (setenv("LISTEN_PID", pid, 1) != 0 || setenv("LISTEN_FDS", "2", 1) != 0)
		return 2;
	if (proc_listen_fds(&s->c, &n) != OK || n != 2)
		return 3;
	if (fcntl(PROC_LISTEN_FD + 1, F_GETFD) != FD_CLOEXEC)
		return 4;
	(void)close(PROC_LISTEN_FD + 1);
	if (proc_listen_fds(&s->c, &n) != ERR_CONFIG || n != 0)
		return 5;
	if (setenv("LISTEN_FDS", "many", 1) != 0 || proc_listen_fds(&s->c, &n) != ERR_CONFIG)
		return 6;
	return 0;
}

static void
sockets_are_taken_from_the_manager(void **state)
{
	struct site *s = *state;
	int n = -1;

	assert_in_child(s, take_sockets);
	assert_int_equal(proc_listen_fds(&s->c, &n), OK);
	assert_int_equal(n, 0);
	assert_int_equal(setenv("LISTEN_PID", "1", 1), 0);
	assert_int_equal(setenv("LISTEN_FDS", "2", 1), 0);
	assert_int_equal(proc_listen_fds(&s->c, &n), OK);
	assert_int_equal(n, 0);
}

/* ---- pid files --------------------------------------------------------------------------- */

static void
a_pid_file_holds_our_pid_until_removed(void **state)
{
	struct site *s = *state;
	pid_t pid = 0;
	int lock;

	assert_int_equal(proc_pid_write(&s->c, s->path, &lock), OK);
	assert_int_equal(proc_pid_read(&s->c, s->path, &pid), OK);
	assert_int_equal(pid, getpid());
	(void)close(lock);
	assert_int_equal(proc_pid_write(&s->c, s->path, &lock), OK);
	proc_pid_remove(s->path);
	(void)close(lock);
	assert_int_equal(proc_pid_read(&s->c, s->path, &pid), ERR_NOT_FOUND);
	proc_pid_remove(s->path);
}

static int
is_free(struct site *s)
{
	return proc_pid_free(&s->c, s->path) == OK ? 0 : 1;
}

static int
is_kept(struct site *s)
{
	return proc_pid_free(&s->c, s->path) == ERR_SITE_RUNS ? 0 : 1;
}

static void
a_pid_file_is_kept_while_its_lock_is_open(void **state)
{
	struct site *s = *state;
	int lock;

	assert_in_child(s, is_free);
	assert_int_equal(proc_pid_write(&s->c, s->path, &lock), OK);
	assert_in_child(s, is_kept);
	(void)close(lock);
	assert_in_child(s, is_free);
}

static void
a_pid_file_of_another_process_stays(void **state)
{
	struct site *s = *state;
	pid_t pid = 0;

	tempdir_write(&s->dir, "x", S("1\n"));
	proc_pid_remove(s->path);
	assert_int_equal(proc_pid_read(&s->c, s->path, &pid), OK);
	assert_int_equal(pid, 1);
}

static void
a_file_without_a_pid_is_an_error(void **state)
{
	static const char *const bad[] = {"", "x", "0\n", "-1\n", "12 34\n", "99999999999999\n"};
	struct site *s = *state;
	pid_t pid;
	int lock;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		tempdir_write(&s->dir, "x", str_z(bad[i]));
		err_clear(&s->c);
		assert_int_equal(proc_pid_read(&s->c, s->path, &pid), ERR_IO);
	}
	err_clear(&s->c);
	assert_int_equal(proc_pid_write(&s->c, "/nonexistent/pid", &lock), ERR_IO);
	assert_int_equal(lock, -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_manager_is_told_over_its_socket),
		TEST(without_a_manager_there_is_nobody_to_tell),
		TEST(the_watchdog_is_for_the_process_it_names),
		TEST(sockets_are_taken_from_the_manager),
		TEST(a_pid_file_holds_our_pid_until_removed),
		TEST(a_pid_file_is_kept_while_its_lock_is_open),
		TEST(a_pid_file_of_another_process_stays),
		TEST(a_file_without_a_pid_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
