/*
 * core/log: a disk that is full, and comes back.
 */
#include "log_fixture.h"

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>

/* How many lines of a text have a part in them; all are JSON. */
static size_t
count(struct str text, const char *part)
{
	size_t n = 0;

	while (text.n > 0) {
		struct str line = str_cut(&text, '\n');

		assert_true(json_check(line));
		n += has(line, part);
	}
	return n;
}

static int64_t
failing(struct fixture *f)
{
	return metrics_view_gauge(look(f), GAUGE_LOG_FAILING);
}

/* No file of this process grows beyond so many bytes, as if the disk were full. */
static void
disk_has(rlim_t bytes)
{
	struct rlimit limit;

	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = bytes;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void
how_many_lines_are_missing_is_told_by_the_next_one(void **state)
{
	struct fixture *f = *state;
	const char *path = log_to_file(f, LOG_LEVEL_INFO, CONFIG_LOG_JSON);

	disk_has(0);
	for (int i = 0; i < 3; i++)
		log_event(&f->c, logout);
	assert_int_equal(failing(f), 1);
	disk_has(RLIM_INFINITY);
	log_event(&f->c, logout);
	assert_int_equal(count(file_read(f, path), "\"event\":\"logout\""), 1);
	assert_has(file_read(f, path), "\"dropped\":3");
	assert_int_equal(failing(f), 0);
	assert_int_equal(counted(f, COUNTER_LOG_DROPPED), 3);
}

static void
who_has_nothing_to_say_asks_now_and_then(void **state)
{
	struct fixture *f = *state;
	const char *path = log_to_file(f, LOG_LEVEL_INFO, CONFIG_LOG_JSON);

	log_tend(&f->c);
	assert_int_equal(file_read(f, path).n, 0);
	disk_has(0);
	log_event(&f->c, logout);
	for (int i = 0; i < 5; i++)
		log_tend(&f->c);
	assert_int_equal(counted(f, COUNTER_LOG_DROPPED), 1);
	assert_int_equal(failing(f), 1);
	disk_has(RLIM_INFINITY);
	log_tend(&f->c);
	log_tend(&f->c);
	assert_int_equal(count(file_read(f, path), "\"event\":\"log_resumed\""), 1);
	assert_has(file_read(f, path), "\"dropped\":1");
	assert_int_equal(failing(f), 0);
}

/* Whatever the level, or nobody would ever find out that lines can be written again. */
static void
who_says_only_what_is_critical_asks_too(void **state)
{
	struct fixture *f = *state;
	const char *path = log_to_file(f, LOG_LEVEL_CRITICAL, CONFIG_LOG_JSON);

	disk_has(0);
	log_event(&f->c, worker_dirty, .what = S("a transaction"));
	assert_int_equal(failing(f), 1);
	disk_has(RLIM_INFINITY);
	log_tend(&f->c);
	assert_int_equal(failing(f), 0);
	assert_has(file_read(f, path), "\"event\":\"log_resumed\"");
}

/* also: whether the one that follows has failed as well. */
static void
follow(struct fixture *f, bool also)
{
	const char *path = log_to_file(f, LOG_LEVEL_INFO, CONFIG_LOG_JSON);
	struct log *from = f->c.log, *to;

	assert_int_equal(log_open(&f->c, &f->cfg, &to), OK);
	disk_has(0);
	log_event(&f->c, logout);
	f->c.log = to;
	if (also)
		log_event(&f->c, logout);
	log_follow(&f->c, to, from);
	log_close(from);
	assert_int_equal(failing(f), 1);
	disk_has(RLIM_INFINITY);
	log_tend(&f->c);
	assert_int_equal(failing(f), 0);
	assert_has(file_read(f, path), also ? "\"dropped\":2" : "\"dropped\":1");
}

static void
what_a_log_has_lost_is_told_by_the_one_that_follows_it(void **state)
{
	follow(*state, false);
}

static void
two_logs_that_fail_are_one_process_that_does(void **state)
{
	follow(*state, true);
}

/* What the logger does with the lines of others: they are not its own to lose. */
static void
lines_that_are_passed_on_are_written_whole_or_left(void **state)
{
	static const char text[] = "\n{\"n\":1}\n{\"n\":2}\n{\"n\":3}\n";
	const char *lines = text + 1;
	size_t n = sizeof(text) - 2, line = n / 3, done;
	struct fixture *f = *state;
	const char *path = log_to_file(f, LOG_LEVEL_INFO, CONFIG_LOG_JSON);

	disk_has(line + 3);
	done = log_pass(&f->c, lines, n);
	assert_int_equal(done, line);
	assert_int_not_equal(errno, EAGAIN);
	assert_int_equal(log_pass(&f->c, lines + done, n - done), 0);
	assert_int_equal(failing(f), 1);
	disk_has(RLIM_INFINITY);
	assert_int_equal(log_pass(&f->c, lines + done, n - done), n - done);
	assert_int_equal(failing(f), 0);
	assert_true(str_eq(file_read(f, path), S("{\"n\":1}\n{\"n\n{\"n\":2}\n{\"n\":3}\n")));
	assert_int_equal(counted(f, COUNTER_LOG_DROPPED), 0);
}

static void
lines_that_are_passed_on_wait_for_the_reader_of_a_pipe(void **state)
{
	static char lines[1 + 16 * 1024];
	struct fixture *f = *state;
	size_t done = 0, got;
	int ends[2];

	lines[0] = '\n';
	for (size_t i = 1; i < sizeof(lines); i++)
		lines[i] = i % 100 == 0 || i == sizeof(lines) - 1 ? '\n' : 'x';
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(log_open_fd(&f->c, ends[1], LOG_LEVEL_INFO, true, &f->c.log), OK);
	while ((got = log_pass(&f->c, lines + 1, sizeof(lines) - 1)) == sizeof(lines) - 1)
		done += got;
	assert_int_equal(errno, EAGAIN);
	assert_true(done > 0 && lines[got] == '\n');
	assert_int_equal(failing(f), 0);
	(void)close(ends[0]);
	(void)close(ends[1]);
}

static void
a_forked_process_begins_with_a_log_that_is_well(void **state)
{
	struct fixture *f = *state;
	int status = 0;
	pid_t child;

	(void)log_to_file(f, LOG_LEVEL_INFO, CONFIG_LOG_JSON);
	disk_has(0);
	log_event(&f->c, logout);
	disk_has(RLIM_INFINITY);
	child = fork();
	if (child == 0) {
		log_event(&f->c, logout);
		/* Its parent's gauge stays the parent's: it has not taken one away that was not its own. */
		_exit(metrics_view_gauge(look(f), GAUGE_LOG_FAILING) == 1 ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(how_many_lines_are_missing_is_told_by_the_next_one),
		TEST(who_has_nothing_to_say_asks_now_and_then),
		TEST(who_says_only_what_is_critical_asks_too),
		TEST(what_a_log_has_lost_is_told_by_the_one_that_follows_it),
		TEST(two_logs_that_fail_are_one_process_that_does),
		TEST(lines_that_are_passed_on_are_written_whole_or_left),
		TEST(lines_that_are_passed_on_wait_for_the_reader_of_a_pipe),
		TEST(a_forked_process_begins_with_a_log_that_is_well),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
