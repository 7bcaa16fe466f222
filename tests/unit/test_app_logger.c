/*
 * The logger: what comes out of a pipe stands in the file, whole and once, whatever dies or is full meanwhile.
 */
#include "log_fixture.h"

#include "app/logger.h"

#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

ssize_t __real_write(int fd, const void *p, size_t n);
ssize_t __wrap_write(int fd, const void *p, size_t n);

/* Where this process dies when it writes a line with the word "deadly". */
enum where { NOWHERE, BEFORE, HALFWAY, AFTER };
static enum where deadly;

ssize_t
__wrap_write(int fd, const void *p, size_t n)
{
	bool dies = deadly != NOWHERE && memmem(p, n, "deadly", 6);
	ssize_t done;

	if (dies && deadly == BEFORE)
		(void)raise(SIGKILL);
	done = __real_write(fd, p, dies && deadly == HALFWAY ? n / 2 : n);
	if (dies)
		(void)raise(SIGKILL);
	return done;
}

/* ---- a logger and its pipe --------------------------------------------------------------- */

struct rig {
	struct fixture *f;
	struct log *file;
	int pipe_fd;		/* as the supervisor keeps it */
	struct child child;
	rlim_t room;		/* that the file may grow to */
	enum where deadly;
};

static void
begin(struct rig *r, struct fixture *f)
{
	static char path[128];
	int fds[2];

	(void)snprintf(path, sizeof(path), "%s/log", f->dir);
	*r = (struct rig){.f = f, .room = RLIM_INFINITY};
	f->cfg.log_file = path;
	f->cfg.log_level = LOG_LEVEL_INFO;
	f->cfg.log_format = CONFIG_LOG_JSON;
	f->cfg.sandbox = true;
	assert_int_equal(log_prepare(&f->c, &f->cfg, &r->file), OK);
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	assert_int_equal(log_open_pipe(&f->c, &f->cfg, fds[1], &f->c.log), OK);
	r->pipe_fd = fds[0];
}

static enum err
logs(struct ctx *c, void *arg, struct child_ready *ready)
{
	const struct rig *r = arg;
	const struct rlimit limit = {r->room, RLIM_INFINITY};

	deadly = r->deadly;
	(void)signal(SIGXFSZ, SIG_IGN);
	if (setrlimit(RLIMIT_FSIZE, &limit) != 0)
		return err_raise(c, ERR_INTERNAL, "setrlimit");
	return logger_run(c, r->f->seg, r->pipe_fd, r->file, ready);
}

static void
start(struct rig *r)
{
	assert_int_equal(child_fork(&r->f->c, "logger", logs, r, &r->child), OK);
	assert_int_equal(child_hear(&r->f->c, &r->child), OK);
}

/* Waits for the logger's end; the signal it died of, or 0. */
static int
ended(struct rig *r)
{
	int status = 0;

	assert_int_equal(waitpid(r->child.pid, &status, 0), r->child.pid);
	child_forget(&r->child);
	return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

/* Nobody is left to write: the logger ends when all is written. */
static void
finish(struct rig *r)
{
	log_close(r->f->c.log);
	r->f->c.log = NULL;
	if (r->child.pid > 0)
		assert_int_equal(ended(r), 0);
	(void)close(r->pipe_fd);
	log_close(r->file);
}

static void
say(struct rig *r, const char *what)
{
	log_event(&r->f->c, login_succeeded, .remote_addr = str_z(what));
}

/* How often a word stands in the lines of the file, all of which are JSON but `torn`. */
static size_t
said(struct rig *r, const char *what, size_t torn)
{
	struct str text = file_read(r->f, r->f->cfg.log_file);
	size_t n = 0, wrong = 0;

	while (text.n > 0) {
		struct str line = str_cut(&text, '\n');

		if (json_check(line))
			n += has(line, what);
		else
			wrong++;
	}
	assert_int_equal(wrong, torn);
	return n;
}

/* ---- promises ---------------------------------------------------------------------------- */

static void
what_is_said_by_many_stands_in_the_file_line_by_line(void **state)
{
	enum { WRITERS = 4, LINES = 60 }; /* a pipe of ordinary size holds them */
	struct rig r;

	begin(&r, *state);
	start(&r);
	for (int i = 0; i < WRITERS; i++) {
		pid_t pid = fork();

		if (pid == 0) {
			for (int n = 0; n < LINES; n++)
				say(&r, "many");
			_exit(counted(r.f, COUNTER_LOG_DROPPED) == 0 ? 0 : 1);
		}
		assert_true(pid > 0);
	}
	for (int i = 0; i < WRITERS; i++) {
		int status = 0;
		pid_t pid = wait(&status);

		assert_true(pid > 0 && pid != r.child.pid);
		assert_int_equal(status, 0);
	}
	finish(&r);
	assert_int_equal(said(&r, "many", 0), WRITERS * LINES);
}

static void
a_file_that_cannot_be_opened_is_told_before_anything_is_taken(void **state)
{
	struct rig r;

	begin(&r, *state);
	assert_int_equal(mkdir(r.f->cfg.log_file, 0700), 0);
	say(&r, "patience");
	assert_int_equal(child_fork(&r.f->c, "logger", logs, &r, &r.child), OK);
	assert_int_equal(child_hear(&r.f->c, &r.child), ERR_IO);
	assert_non_null(strstr(r.f->c.err.detail, "/log: Is a directory"));
	assert_int_equal(ended(&r), 0);
	assert_int_equal(rmdir(r.f->cfg.log_file), 0);
	start(&r);
	finish(&r);
	assert_int_equal(said(&r, "patience", 0), 1);
}

/* A logger that dies at that point, and one that follows; how often the line is there then. */
static size_t
said_after_death(struct rig *r, struct fixture *f, enum where where, size_t torn)
{
	begin(r, f);
	r->deadly = where;
	start(r);
	say(r, "deadly");
	assert_int_equal(ended(r), SIGKILL);
	say(r, "behind");
	r->deadly = NOWHERE;
	start(r);
	finish(r);
	assert_int_equal(said(r, "behind", torn), 1);
	return said(r, "deadly", torn);
}

static void
a_logger_that_dies_before_it_writes_loses_nothing(void **state)
{
	struct rig r;

	assert_int_equal(said_after_death(&r, *state, BEFORE, 0), 1);
}

static void
a_logger_that_dies_halfway_leaves_a_torn_line_and_the_whole_one_behind_it(void **state)
{
	struct rig r;

	assert_int_equal(said_after_death(&r, *state, HALFWAY, 1), 1);
}

static void
a_logger_that_dies_when_it_has_written_leaves_a_line_twice(void **state)
{
	struct rig r;

	assert_int_equal(said_after_death(&r, *state, AFTER, 0), 2);
}

static void
a_full_disk_keeps_lines_in_the_pipe(void **state)
{
	struct rig r;

	begin(&r, *state);
	r.room = 200;		/* one line, and a half */
	start(&r);
	say(&r, "first");
	say(&r, "second");
	while (metrics_view_gauge(look(r.f), GAUGE_LOG_FAILING) != 1)
		(void)poll(NULL, 0, 10);
	assert_int_equal(kill(r.child.pid, SIGKILL), 0);
	assert_int_equal(ended(&r), SIGKILL);
	r.room = RLIM_INFINITY;
	start(&r);
	finish(&r);
	assert_int_equal(said(&r, "first", 1), 1);
	assert_int_equal(said(&r, "second", 1), 1);
	assert_int_equal(counted(r.f, COUNTER_LOG_DROPPED), 0);
}

static void
a_full_disk_does_not_keep_a_logger_that_nobody_writes_to(void **state)
{
	struct rig r;

	begin(&r, *state);
	r.room = 0;
	start(&r);
	say(&r, "lost");
	say(&r, "lost");
	finish(&r);
	assert_int_equal(said(&r, "lost", 0), 0);
	assert_int_equal(counted(r.f, COUNTER_LOG_DROPPED), 2);
}

static void
what_is_no_line_spoils_at_most_the_next(void **state)
{
	static char noise[3 * PIPE_BUF];
	struct rig r;
	int fd;

	begin(&r, *state);
	fd = log_fd(r.f->c.log);
	memset(noise, 'x', sizeof(noise));
	assert_int_equal(write(fd, noise, sizeof(noise)), sizeof(noise));
	start(&r);
	while (file_read(r.f, r.f->cfg.log_file).n == 0)
		(void)poll(NULL, 0, 1);
	say(&r, "honest");
	finish(&r);
	assert_int_equal(said(&r, "honest", 1), 1);
}

static void
usr1_opens_the_file_anew_and_the_end_is_not_asked_for_by_term(void **state)
{
	struct rig r;
	char old[128];

	begin(&r, *state);
	start(&r);
	(void)snprintf(old, sizeof(old), "%s/log.1", r.f->dir);
	assert_int_equal(rename(r.f->cfg.log_file, old), 0);
	assert_int_equal(kill(r.child.pid, SIGTERM), 0);
	assert_int_equal(kill(r.child.pid, SIGUSR1), 0);
	while (access(r.f->cfg.log_file, F_OK) != 0)
		(void)poll(NULL, 0, 1);
	say(&r, "new");
	finish(&r);
	assert_int_equal(said(&r, "new", 0), 1);
	assert_int_equal(said(&r, "log_reopened", 0), 1);
}

static void
a_file_that_ends_within_a_line_is_gone_on_with_on_a_new_one(void **state)
{
	struct rig r;
	int fd;

	begin(&r, *state);
	fd = open(r.f->cfg.log_file, O_WRONLY | O_CREAT, 0600);
	assert_int_equal(write(fd, "{\"half", 6), 6);
	(void)close(fd);
	say(&r, "whole");
	start(&r);
	finish(&r);
	assert_int_equal(said(&r, "whole", 1), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_said_by_many_stands_in_the_file_line_by_line),
		TEST(a_file_that_cannot_be_opened_is_told_before_anything_is_taken),
		TEST(a_logger_that_dies_before_it_writes_loses_nothing),
		TEST(a_logger_that_dies_halfway_leaves_a_torn_line_and_the_whole_one_behind_it),
		TEST(a_logger_that_dies_when_it_has_written_leaves_a_line_twice),
		TEST(a_full_disk_keeps_lines_in_the_pipe),
		TEST(a_full_disk_does_not_keep_a_logger_that_nobody_writes_to),
		TEST(what_is_no_line_spoils_at_most_the_next),
		TEST(usr1_opens_the_file_anew_and_the_end_is_not_asked_for_by_term),
		TEST(a_file_that_ends_within_a_line_is_gone_on_with_on_a_new_one),
	};

	/* A logger that does not end is the end of this test, and not of the day. */
	(void)alarm(60);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
