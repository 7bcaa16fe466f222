/*
 * core/log: a disk that does not answer, or is full, and comes back. write(2) is the test's own here
 * (see --wrap in ld(1)): a line with the word "slow" waits until the test says that the disk is back.
 */
#include "log_fixture.h"

#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <sys/resource.h>

ssize_t __real_write(int fd, const void *p, size_t n);
ssize_t __wrap_write(int fd, const void *p, size_t n);

static sem_t entered, answers;

ssize_t
__wrap_write(int fd, const void *p, size_t n)
{
	if (memmem(p, n, "slow", 4)) {
		(void)sem_post(&entered);
		(void)sem_wait(&answers);
	}
	return __real_write(fd, p, n);
}

static void *
write_slowly(void *arg)
{
	struct ctx *c = arg;

	log_event(c, login_succeeded, .remote_addr = S("slow"));
	return NULL;
}

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

static void
a_disk_that_does_not_answer_holds_one_thread_and_no_other(void **state)
{
	enum { LINES = 100 };
	struct fixture *f = *state;
	const char *path = log_to_file(f, LOG_LEVEL_INFO, CONFIG_LOG_JSON);
	struct ctx other = {.log = f->c.log, .metrics = f->c.metrics};
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, write_slowly, &other), 0);
	assert_int_equal(sem_wait(&entered), 0);
	for (int i = 0; i < LINES; i++)
		log_event(&f->c, logout);
	assert_int_equal(counted(f, COUNTER_LOG_DROPPED), LINES);
	assert_int_equal(failing(f), 1);
	assert_int_equal(sem_post(&answers), 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(failing(f), 0);
	log_event(&f->c, logout);
	assert_int_equal(count(file_read(f, path), "\"event\":\"logout\""), 1);
	assert_int_equal(count(file_read(f, path), "\"event\":\"login_succeeded\""), 1);
	assert_int_equal(count(file_read(f, path), "\"event\":\"log_resumed\""), 1);
	assert_has(file_read(f, path), "\"dropped\":100");
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
		TEST(a_disk_that_does_not_answer_holds_one_thread_and_no_other),
		TEST(how_many_lines_are_missing_is_told_by_the_next_one),
		TEST(who_has_nothing_to_say_asks_now_and_then),
		TEST(a_forked_process_begins_with_a_log_that_is_well),
	};

	/* A log that waits for the disk is the end of this test, and not of the day. */
	(void)alarm(30);
	if (sem_init(&entered, 0, 0) != 0 || sem_init(&answers, 0, 0) != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
