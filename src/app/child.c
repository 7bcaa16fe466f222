/*
 * Forking, and the pipe on which a child reports: a byte 'R'; or 'r', after which an 'L' may come; or
 * 'E', the error's number and the detail that it was raised with. Each report fits into one write(2)
 * of less than PIPE_BUF bytes.
 */
#include "app/child.h"

#include "base/time.h"
#include "core/log.h"
#include "core/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	ARENA_MAX = 8 * 1024 * 1024,
	REPORT_HEAD = 2,
	REPORT_MAX = REPORT_HEAD + sizeof(((struct err_slot *)NULL)->detail)
};

_Static_assert(ERR__MAX < 256, "an error's number fits into a byte");

int
child_exit_status(enum err e)
{
	switch (e) {
	case OK:
		return 0;
	case ERR_CONFIG:
		return 3;
	case ERR_USAGE:
		return 2;
	default:
		return 1;
	}
}

/* ---- the child's side -------------------------------------------------------------------- */

/* Says something; a parent that has gone needs no answer. */
static void
report(struct child_ready *r, const char *p, size_t n, bool last)
{
	if (r->fd < 0)
		return;
	if (write(r->fd, p, n) != (ssize_t)n)
		errno = 0;
	if (!last)
		return;
	(void)close(r->fd);
	r->fd = -1;
}

void
child_ready(struct child_ready *r)
{
	report(r, "R", 1, true);
}

void
child_ready_for_now(struct child_ready *r)
{
	report(r, "r", 1, false);
	r->told = true;
}

void
child_leaving(struct child_ready *r)
{
	report(r, "L", 1, true);
}

static void
report_failure(struct child_ready *r, enum err e, const char *detail)
{
	char text[REPORT_MAX];
	size_t n = strnlen(detail, REPORT_MAX - REPORT_HEAD);

	text[0] = 'E';
	text[1] = (char)(unsigned char)e;
	memcpy(text + REPORT_HEAD, detail, n);
	report(r, text, REPORT_HEAD + n, true);
}

static _Noreturn void
run(const struct ctx *parent, const char *name, child_main *main, void *arg,
	struct child_ready ready, pid_t parent_pid)
{
	struct ctx c;
	enum err err;
	bool told;

	ctx_init(&c, ARENA_MAX);
	c.cfg = parent->cfg;
	c.log = parent->log;
	proc_set_name(name);
	err = proc_parent_death_signal(&c, SIGTERM, parent_pid);
	if (!err)
		err = main(&c, arg, &ready);
	told = ready.told || ready.fd < 0;
	if (err && !told)
		report_failure(&ready, err, c.err.detail);
	/* Before it was ready, the parent hears the cause and decides who is told. */
	if (err && told)
		log_error(&c);
	/* Not exit(): what the parent registered or buffered is the parent's. */
	_exit(child_exit_status(err));
}

/* ---- the parent's side ------------------------------------------------------------------- */

enum err
child_fork(struct ctx *c, const char *name, child_main *main, void *arg, struct child *out)
{
	int fds[2];
	pid_t self = getpid(), pid;

	*out = (struct child){.pipe_fd = -1};
	if (pipe2(fds, O_CLOEXEC) != 0)
		return err_raise(c, ERR_IO, "pipe: %s", strerror(errno));
	pid = fork();
	if (pid == 0) {
		(void)close(fds[0]);
		run(c, name, main, arg, (struct child_ready){.fd = fds[1]}, self);
	}
	(void)close(fds[1]);
	if (pid < 0) {
		(void)close(fds[0]);
		return err_raise(c, ERR_MEMORY, "fork: %s", strerror(errno));
	}
	*out = (struct child){.pid = pid, .pipe_fd = fds[0], .started_us = time_mono_us()};
	return OK;
}

static void
pipe_close(struct child *child)
{
	if (child->pipe_fd >= 0)
		(void)close(child->pipe_fd);
	child->pipe_fd = -1;
}

/* What one that is ready still had to say. Nothing: it has ended, which waitpid() tells as well. */
static void
hear_last(struct child *child, const char *text, ssize_t n)
{
	child->leaving = n > 0 && text[0] == 'L';
	pipe_close(child);
}

enum err
child_hear(struct ctx *c, struct child *child)
{
	char text[REPORT_MAX];
	ssize_t n;

	if (child->pipe_fd < 0)
		return OK;
	do {
		n = read(child->pipe_fd, text, sizeof(text));
	} while (n < 0 && errno == EINTR);
	if (child->state == CHILD_READY) {
		hear_last(child, text, n);
		return OK;
	}
	if (n > 0 && text[0] == 'r' && child->pid > 0) {
		child->state = CHILD_READY;
		if (n > 1)
			hear_last(child, text + 1, n - 1);
		return OK;
	}
	pipe_close(child);
	if (n == 1 && text[0] == 'R' && child->pid > 0) {
		child->state = CHILD_READY;
		return OK;
	}
	child->state = CHILD_FAILED;
	if (n > 0 && (text[0] == 'R' || text[0] == 'r'))
		return err_raise(c, ERR_CHILD_DIED, "it ended as soon as it was ready");
	if (n < REPORT_HEAD || text[0] != 'E' || (unsigned char)text[1] >= ERR__MAX)
		return err_raise(c, ERR_CHILD_DIED, "it ended before it was ready, without a word");
	return err_raise(c, (enum err)(unsigned char)text[1], "%.*s", (int)n - REPORT_HEAD,
		text + REPORT_HEAD);
}

void
child_wait(struct child *child)
{
	while (waitpid(child->pid, NULL, 0) < 0 && errno == EINTR)
		;
	child_forget(child);
}

enum err
child_run(struct ctx *c, const char *name, child_main *main, void *arg)
{
	struct child child;
	enum err err = child_fork(c, name, main, arg, &child);

	if (err)
		return err;
	err = child_hear(c, &child);
	child_wait(&child);
	return err;
}

void
child_stop(struct child *child, int64_t deadline_us)
{
	if (child->pid <= 0 || child->kill_us != 0)
		return;
	pipe_close(child);
	child->kill_us = deadline_us;
	(void)kill(child->pid, SIGTERM);
}

void
child_forget(struct child *child)
{
	pipe_close(child);
	*child = (struct child){.pipe_fd = -1};
}

void
child_ended(struct child *child)
{
	int unheard = child->pipe_fd;

	*child = (struct child){.pipe_fd = unheard};
}
