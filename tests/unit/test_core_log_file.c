/*
 * core/log: files and their rotation, and what happens when nothing can be written.
 */
#include "log_fixture.h"

#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>

/* ---- files ------------------------------------------------------------------------------- */

static void
a_file_that_cannot_be_opened_is_an_error(void **state)
{
	struct fixture *f = *state;

	f->cfg.log_file = "/nonexistent/log";
	assert_int_equal(log_open(&f->c, &f->cfg, &f->c.log), ERR_IO);
	assert_null(f->c.log);
	assert_non_null(strstr(f->c.err.detail, "/nonexistent/log: No such file"));
}

static void
reopening_writes_to_the_new_file(void **state)
{
	struct fixture *f = *state;
	const char *path = log_to_file(f, LOG_LEVEL_INFO, CONFIG_LOG_JSON);
	char old[128];

	(void)snprintf(old, sizeof(old), "%s/log.1", f->dir);
	log_event(&f->c, login_succeeded, .remote_addr = S("first"));
	assert_int_equal(rename(path, old), 0);
	log_event(&f->c, login_succeeded, .remote_addr = S("second"));
	assert_int_equal(log_reopen(&f->c, f->c.log), OK);
	log_event(&f->c, login_succeeded, .remote_addr = S("third"));
	assert_has(file_read(f, old), "second");
	assert_false(has(file_read(f, old), "third"));
	assert_has(file_read(f, path), "third");
	assert_false(has(file_read(f, path), "second"));
}

static void
a_failed_reopening_keeps_the_old_file(void **state)
{
	struct fixture *f = *state;
	const char *path = log_to_file(f, LOG_LEVEL_INFO, CONFIG_LOG_JSON);
	char old[128];

	(void)snprintf(old, sizeof(old), "%s/log.1", f->dir);
	assert_int_equal(rename(path, old), 0);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(log_reopen(&f->c, f->c.log), ERR_IO);
	log_event(&f->c, logout);
	assert_has(file_read(f, old), "logout");
	assert_int_equal(rmdir(path), 0);
}

static void
what_is_no_file_of_ours_is_not_reopened(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(log_reopen(&f->c, NULL), OK);
	assert_int_equal(
		log_open_fd(&f->c, STDERR_FILENO, LOG_LEVEL_CRITICAL, true, &f->c.log), OK);
	assert_int_equal(log_reopen(&f->c, f->c.log), OK);
	log_close(NULL);
}

struct writer {
	struct ctx c;
	pthread_t thread;
};

enum { WRITERS = 4, LINES = 400 };

static void *
write_lines(void *arg)
{
	struct writer *w = arg;

	for (int i = 0; i < LINES; i++)
		log_event(&w->c, login_succeeded, .remote_addr = S("192.0.2.1"));
	return NULL;
}

/* No line is lost, torn or mixed with another while threads write and the file is rotated. */
static void
reopening_is_safe_while_threads_write(void **state)
{
	struct fixture *f = *state;
	const char *path = log_to_file(f, LOG_LEVEL_INFO, CONFIG_LOG_JSON);
	struct writer writers[WRITERS] = {0};
	unsigned lines = 0;
	struct str rest;
	char old[128];

	(void)snprintf(old, sizeof(old), "%s/log.1", f->dir);
	for (int i = 0; i < WRITERS; i++) {
		writers[i].c.log = f->c.log;
		assert_int_equal(
			pthread_create(&writers[i].thread, NULL, write_lines, &writers[i]), 0);
	}
	assert_int_equal(rename(path, old), 0);
	assert_int_equal(log_reopen(&f->c, f->c.log), OK);
	for (int i = 0; i < WRITERS; i++)
		assert_int_equal(pthread_join(writers[i].thread, NULL), 0);
	for (int i = 0; i < 2; i++) {
		rest = file_read(f, i ? path : old);
		for (; rest.n > 0; lines++)
			assert_true(json_check(str_cut(&rest, '\n')));
	}
	assert_int_equal(lines, WRITERS * LINES);
}

#ifdef SP_DEBUG
static void
opening_without_memory_leaves_nothing_open(void **state)
{
	struct fixture *f = *state;
	int before = dup(0), after;

	(void)close(before);
	f->cfg.log_file = "/dev/null";
	for (unsigned long n = 1; n <= 2; n++) {
		mem_fault_at(n);
		assert_int_equal(log_open(&f->c, &f->cfg, &f->c.log), ERR_MEMORY);
		assert_true(mem_fault_hit());
		assert_null(f->c.log);
	}
	mem_fault_at(1);
	assert_int_equal(log_open_fd(&f->c, 0, LOG_LEVEL_INFO, true, &f->c.log), ERR_MEMORY);
	mem_fault_at(0);
	after = dup(0);
	assert_int_equal(after, before);
	(void)close(after);
}
#endif

/* ---- when nothing can be written --------------------------------------------------------- */

static void
a_full_disk_drops_lines_and_counts_them(void **state)
{
	struct fixture *f = *state;

	f->cfg.log_file = "/dev/full";
	f->cfg.log_level = LOG_LEVEL_INFO;
	assert_int_equal(log_open(&f->c, &f->cfg, &f->c.log), OK);
	log_event(&f->c, logout);
	log_event(&f->c, logout);
	assert_int_equal(counted(f, COUNTER_LOG_DROPPED), 2);
	assert_int_equal(f->c.err.code, OK);
}

static void
a_torn_line_spoils_no_other(void **state)
{
	struct fixture *f = *state;
	const char *path = log_to_file(f, LOG_LEVEL_INFO, CONFIG_LOG_JSON);
	struct rlimit limit, old;
	struct str rest;

	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	limit = (struct rlimit){.rlim_cur = 40, .rlim_max = old.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	log_event(&f->c, logout);
	log_event(&f->c, logout);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	log_event(&f->c, logout);
	log_event(&f->c, logout);
	rest = file_read(f, path);
	assert_int_equal(str_cut(&rest, '\n').n, 40);
	for (int i = 0; i < 3; i++) {
		struct str line = str_cut(&rest, '\n');

		assert_true(json_check(line));
		assert_has(line, i == 1 ? "log_resumed" : "logout");
	}
	assert_int_equal(rest.n, 0);
	assert_int_equal(counted(f, COUNTER_LOG_DROPPED), 2);
}

static void
a_full_pipe_never_blocks(void **state)
{
	static char value[5000], drained[ROOM];
	const struct str long_value = str_n(value, sizeof(value));
	struct fixture *f = *state;
	struct str rest;
	ssize_t n;
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	assert_int_equal(log_open_fd(&f->c, ends[1], LOG_LEVEL_INFO, true, &f->c.log), OK);
	memset(value, '\n', sizeof(value));
	for (int i = 0; i < 100; i++)
		log_event(&f->c, request, .method = long_value, .path = long_value,
			.route = long_value, .remote_addr = long_value, .user_agent = long_value,
			.auth = long_value);
	assert_true(counted(f, COUNTER_LOG_DROPPED) > 0);
	assert_int_equal(fcntl(ends[1], F_GETFL) & O_NONBLOCK, 0);
	n = read(ends[0], drained, sizeof(drained));
	assert_true(n > 0);
	for (rest = str_n(drained, (size_t)n); rest.n > 0;) {
		struct str line = str_cut(&rest, '\n');

		assert_true(json_check(line));
		assert_true(line.n < 4096);
	}
	(void)close(ends[0]);
	(void)close(ends[1]);
}

static void
a_full_socket_never_blocks(void **state)
{
	struct fixture *f = *state;
	int ends[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	assert_int_equal(log_open_fd(&f->c, ends[1], LOG_LEVEL_INFO, true, &f->c.log), OK);
	for (int i = 0; i < 10000; i++)
		log_event(&f->c, logout);
	assert_true(counted(f, COUNTER_LOG_DROPPED) > 0);
	(void)close(ends[0]);
	log_event(&f->c, logout);
	(void)close(ends[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_file_that_cannot_be_opened_is_an_error),
		TEST(reopening_writes_to_the_new_file),
		TEST(a_failed_reopening_keeps_the_old_file),
		TEST(what_is_no_file_of_ours_is_not_reopened),
		TEST(reopening_is_safe_while_threads_write),
#ifdef SP_DEBUG
		TEST(opening_without_memory_leaves_nothing_open),
#endif
		TEST(a_full_disk_drops_lines_and_counts_them),
		TEST(a_torn_line_spoils_no_other),
		TEST(a_full_pipe_never_blocks),
		TEST(a_full_socket_never_blocks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
