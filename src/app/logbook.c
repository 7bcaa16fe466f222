/*
 * Volumes and their loggers.
 */
#include "app/logbook.h"

#include "app/logger.h"
#include "base/time.h"
#include "core/metrics.h"
#include "core/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	ROOM = 1 << 20,			/* bytes of lines in a pipe, where the kernel allows it */
	PAUSE_US = 1000000,		/* before the next, after a logger that lived no longer */
	LONG_PAUSE_US = 5 * 1000000,	/* after one that could not open its file */
	START_PATIENCE_US = 15 * 1000000,
	START_TRIES = 3,
	LAST_US = 2 * 1000000		/* for the last lines, at the end of the site */
};

static const struct volume no_volume = {.pipe_fd = -1, .logger = {.pipe_fd = -1}};

/* ---- a volume ---------------------------------------------------------------------------- */

static enum err
logger_main(struct ctx *c, void *arg, struct child_ready *ready)
{
	const struct volume *v = arg;

	return logger_run(c, v->segment, v->pipe_fd, v->file, ready);
}

static enum err
start(struct ctx *c, struct volume *v)
{
	enum err err;

	v->start_us = 0;
	err = child_fork(c, "logger", logger_main, v, &v->logger);
	if (!err)
		log_event(c, process_started, .role = S("logger"), .child = v->logger.pid);
	return err;
}

/* Lets go of a volume whose logger has ended. */
static void
volume_close(struct volume *v)
{
	log_close(v->log);
	log_close(v->file);
	if (v->pipe_fd >= 0)
		(void)close(v->pipe_fd);
	child_forget(&v->logger);
	*v = no_volume;
}

/* A pipe between those who write and a logger; *v is no_volume after a failure. */
static enum err
volume_pipe(struct ctx *c, const struct config *cfg, struct volume *v)
{
	enum err err = log_prepare(c, cfg, &v->file);
	int fds[2];

	if (!err && pipe2(fds, O_CLOEXEC) != 0)
		err = err_raise(c, ERR_IO, "pipe: %s", strerror(errno));
	if (err) {
		volume_close(v);
		return err;
	}
	(void)fcntl(fds[1], F_SETPIPE_SZ, ROOM);
	v->pipe_fd = fds[0];
	err = log_open_pipe(c, cfg, fds[1], &v->log);
	if (err) {
		(void)close(fds[1]);
		volume_close(v);
	}
	return err;
}

static enum err
volume_open(struct ctx *c, const struct config *cfg, struct segment *seg, struct volume *v)
{
	*v = no_volume;
	v->segment = seg;
	return log_may_wait(cfg) ? volume_pipe(c, cfg, v) : log_open(c, cfg, &v->log);
}

/* Nobody of ours writes to it any more; its logger ends when nobody else does. */
static void
retire(struct logbook *b, size_t which)
{
	struct volume *old = &b->volumes[VOLUME_OLD], *v = &b->volumes[which];

	/* One that could not end since the last time has a disk that does not answer. */
	if (old->logger.pid > 0)
		(void)kill(old->logger.pid, SIGKILL);
	volume_close(old);
	log_close(v->log);
	v->log = NULL;
	*old = *v;
	*v = no_volume;
	/* What it holds is still written if its logger has died just now and is to follow. */
	if (old->logger.pid <= 0 && old->start_us == 0)
		volume_close(old);
}

/* ---- the book ---------------------------------------------------------------------------- */

static void
lacking(struct ctx *c, struct logbook *b, bool lacking)
{
	if (lacking != b->lacking)
		metrics_gauge_add(c->metrics, GAUGE_LOG_FAILING, lacking ? 1 : -1);
	b->lacking = lacking;
}

void
logbook_init(struct logbook *b)
{
	*b = (struct logbook){.segment = NULL};
	for (size_t i = 0; i < VOLUME__MAX; i++)
		b->volumes[i] = no_volume;
}

enum err
logbook_open(struct ctx *c, struct logbook *b, struct segment *seg)
{
	struct volume *v = &b->volumes[VOLUME_NOW];
	enum err err = volume_open(c, c->cfg, seg, v);

	b->segment = seg;
	c->log = v->log;
	if (err || !v->file)
		return err;
	/* One that somebody kills is no reason not to start. */
	for (int i = 0; i < START_TRIES; i++) {
		err = start(c, v);
		if (err)
			return err;
		err = child_hear(c, &v->logger);
		if (!err)
			return OK;
		child_wait(&v->logger);
		if (err != ERR_CHILD_DIED)
			return err;
	}
	return err;
}

enum err
logbook_begin(struct ctx *c, struct logbook *b, const struct config *cfg)
{
	struct volume *v = &b->volumes[VOLUME_NEXT];
	enum err err;

	if (log_same(c->cfg, cfg))
		return OK;
	err = volume_open(c, cfg, b->segment, v);
	if (!err && v->file)
		err = start(c, v);
	if (err)
		volume_close(v);
	return err;
}

bool
logbook_is_ready(const struct logbook *b)
{
	const struct volume *v = &b->volumes[VOLUME_NEXT];

	return !v->file || v->logger.state == CHILD_READY;
}

struct log *
logbook_log_next(const struct logbook *b)
{
	struct log *next = b->volumes[VOLUME_NEXT].log;

	return next ? next : b->volumes[VOLUME_NOW].log;
}

void
logbook_commit(struct ctx *c, struct logbook *b)
{
	if (!b->volumes[VOLUME_NEXT].log)
		return;
	log_follow(c, b->volumes[VOLUME_NEXT].log, b->volumes[VOLUME_NOW].log);
	retire(b, VOLUME_NOW);
	b->volumes[VOLUME_NOW] = b->volumes[VOLUME_NEXT];
	b->volumes[VOLUME_NEXT] = no_volume;
	c->log = b->volumes[VOLUME_NOW].log;
	lacking(c, b, b->volumes[VOLUME_NOW].file && b->volumes[VOLUME_NOW].logger.pid <= 0);
}

void
logbook_revoke(struct ctx *c, struct logbook *b)
{
	if (!b->volumes[VOLUME_NEXT].log)
		return;
	log_follow(c, b->volumes[VOLUME_NOW].log, b->volumes[VOLUME_NEXT].log);
	retire(b, VOLUME_NEXT);
}

/* ---- looking after loggers --------------------------------------------------------------- */

static void
earlier(int64_t *at, int64_t other)
{
	if (other != 0 && (*at == 0 || other < *at))
		*at = other;
}

int
logbook_tend(struct ctx *c, struct logbook *b)
{
	int64_t now = time_mono_us(), at = 0;

	for (size_t i = 0; i < VOLUME__MAX; i++) {
		struct volume *v = &b->volumes[i];
		bool starting = v->logger.pid > 0 && v->logger.state == CHILD_STARTING;

		if (v->start_us != 0 && now >= v->start_us && start(c, v) != OK) {
			log_error(c);
			err_clear(c);
			v->start_us = now + PAUSE_US;
		}
		if (starting && now >= v->logger.started_us + START_PATIENCE_US)
			(void)kill(v->logger.pid, SIGKILL);
		else if (starting)
			earlier(&at, v->logger.started_us + START_PATIENCE_US);
		earlier(&at, v->start_us);
	}
	if (at == 0)
		return -1;
	return at <= now ? 0 : (int)((at - now) / 1000) + 1;
}

size_t
logbook_pipes(const struct logbook *b, struct pollfd *out)
{
	size_t n = 0;

	for (size_t i = 0; i < VOLUME__MAX; i++) {
		int fd = b->volumes[i].logger.pipe_fd;

		if (fd >= 0)
			out[n++] = (struct pollfd){.fd = fd, .events = POLLIN};
	}
	return n;
}

bool
logbook_hear(struct ctx *c, struct logbook *b, int pipe_fd, enum err *err)
{
	*err = OK;
	for (size_t i = 0; i < VOLUME__MAX; i++) {
		struct volume *v = &b->volumes[i];
		enum err heard;

		if (v->logger.pipe_fd != pipe_fd)
			continue;
		heard = child_hear(c, &v->logger);
		if (i == VOLUME_NEXT)
			*err = heard;
		else if (heard)
			log_error(c);
		if (i == VOLUME_NOW && !heard)
			lacking(c, b, false);
		return true;
	}
	return false;
}

bool
logbook_ended(struct ctx *c, struct logbook *b, pid_t pid, int status)
{
	for (size_t i = 0; i < VOLUME__MAX; i++) {
		struct volume *v = &b->volumes[i];
		bool well = WIFEXITED(status) && WEXITSTATUS(status) == 0;
		bool was_ready = v->logger.state == CHILD_READY;
		int64_t now = time_mono_us(), pause = 0;

		if (v->logger.pid != pid)
			continue;
		if (!was_ready)
			pause = LONG_PAUSE_US;
		else if (now - v->logger.started_us < PAUSE_US)
			pause = PAUSE_US;
		child_forget(&v->logger);
		if (i == VOLUME_NOW)
			lacking(c, b, true);
		if (!well && was_ready)
			log_event(c, process_died, .role = S("logger"), .child = pid,
				.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0,
				.exit_status = WIFEXITED(status) ? WEXITSTATUS(status) : 0,
				.backoff = pause);
		/* One of a volume that is done has written all, or cannot open its file. */
		if (!v->log && (well || !was_ready))
			volume_close(v);
		else
			v->start_us = now + pause;
		return true;
	}
	return false;
}

void
logbook_reopen(const struct logbook *b)
{
	for (size_t i = 0; i < VOLUME__MAX; i++)
		if (b->volumes[i].logger.pid > 0)
			(void)kill(b->volumes[i].logger.pid, SIGUSR1);
}

/* ---- the end ----------------------------------------------------------------------------- */

void
logbook_shed(struct logbook *b, const struct log *keep)
{
	for (size_t i = 0; i < VOLUME__MAX; i++) {
		struct volume *v = &b->volumes[i];

		if (v->log == keep)
			v->log = NULL;
		volume_close(v);
	}
}

/* True when no logger is left, and none is to follow. */
static bool
is_done(const struct logbook *b)
{
	for (size_t i = 0; i < VOLUME__MAX; i++)
		if (b->volumes[i].logger.pid > 0 || b->volumes[i].start_us != 0)
			return false;
	return true;
}

void
logbook_close(struct ctx *c, struct logbook *b, int signal_fd)
{
	struct pollfd pfd = {.fd = signal_fd, .events = POLLIN};
	int64_t until = time_mono_us() + LAST_US, now;
	int status, pause;
	pid_t pid;

	c->log = NULL;
	for (size_t i = 0; i < VOLUME__MAX; i++) {
		log_close(b->volumes[i].log);
		b->volumes[i].log = NULL;
	}
	while (!is_done(b) && (now = time_mono_us()) < until) {
		pause = logbook_tend(c, b);
		if (pause < 0 || pause > (until - now) / 1000)
			pause = (int)((until - now) / 1000) + 1;
		(void)poll(&pfd, 1, pause);
		while (proc_signal_next(signal_fd, NULL) != 0)
			;
		while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
			(void)logbook_ended(c, b, pid, status);
	}
	for (size_t i = 0; i < VOLUME__MAX; i++) {
		if (b->volumes[i].logger.pid > 0)
			(void)kill(b->volumes[i].logger.pid, SIGKILL);
		volume_close(&b->volumes[i]);
	}
}
