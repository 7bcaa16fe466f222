/*
 * A loop between a pipe and a file. Lines are looked at by tee(2), which leaves them where they
 * are, written, and then read for good. Between two looks it rests for a moment: on a busy site one
 * write then takes many lines, and who writes into the pipe wakes nobody. On a quiet one it sleeps
 * on the pipe, and a line is written at once.
 */
#include "app/logger.h"

#include "base/mem.h"
#include "base/time.h"
#include "core/jail.h"
#include "core/metrics.h"
#include "core/proc.h"
#include "core/sight.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

enum {
	REST_MS = 5,			/* between two looks */
	RETRY_MS = 1000,		/* a disk that was full; and to give a sign of life */
	PIECE_MAX = 64 * 1024		/* what the pipe for looking, of ordinary size, holds */
};

/* How it is after an attempt, and what is waited for then. */
enum state {
	PASSED,		/* there may be more */
	EMPTY,		/* lines */
	HELD,		/* whoever reads what we write to */
	FAILED,		/* another try */
	OVER
};

struct logger {
	int pipe_fd;
	int look_fd[2];			/* the pipe for looking: usually empty */
	int signal_fd;
	char bytes[1 + PIECE_MAX + 1];	/* a newline, what was seen, and room for another */
};

/* ---- lines ------------------------------------------------------------------------------- */

/*
 * Copies what comes next into g->bytes + 1. 0: nobody is left to write; -1: there is nothing at the
 * moment.
 */
static ssize_t
look(struct logger *g)
{
	ssize_t n;

	do {
		n = tee(g->pipe_fd, g->look_fd[1], PIECE_MAX, SPLICE_F_NONBLOCK);
	} while (n < 0 && errno == EINTR);
	return n > 0 ? read(g->look_fd[0], g->bytes + 1, (size_t)n) : n;
}

/* Takes n bytes out of the pipe that have been looked at. */
static void
take(struct logger *g, size_t n)
{
	while (n > 0) {
		ssize_t got = read(g->pipe_fd, g->bytes + 1, n);

		if (got > 0)
			n -= (size_t)got;
		else if (errno != EINTR)
			return;
	}
}

/* True: nobody is left to write. What is in the pipe is still there. */
static bool
is_left_alone(const struct logger *g)
{
	struct pollfd pfd = {.fd = g->pipe_fd, .events = POLLIN};

	return poll(&pfd, 1, 0) == 1 && (pfd.revents & POLLHUP) != 0;
}

/* All others have gone and the file takes nothing: what is left is lost. */
static void
give_up(struct ctx *c, struct logger *g)
{
	uint64_t lines = 0;
	ssize_t n;

	while ((n = read(g->pipe_fd, g->bytes, PIECE_MAX)) > 0)
		for (ssize_t i = 0; i < n; i++)
			lines += g->bytes[i] == '\n';
	metrics_add(c->metrics, COUNTER_LOG_DROPPED, lines);
}

/*
 * Writes a piece of what is in the pipe. Lines come out of it whole, as they were written; what
 * ends without a newline is no line of ours, and gets one.
 */
static enum state
pass(struct ctx *c, struct logger *g)
{
	ssize_t n = look(g);
	size_t seen = n > 0 ? (size_t)n : 0, done;
	const char *end = memrchr(g->bytes + 1, '\n', seen);
	bool held;

	if (n <= 0)
		return n == 0 ? OVER : EMPTY;
	if (end)
		seen = (size_t)(end - g->bytes);
	else
		g->bytes[1 + seen++] = '\n';
	done = log_pass(c, g->bytes + 1, seen);
	held = done < seen && errno == EAGAIN;
	take(g, done == seen && !end ? done - 1 : done);
	if (done == seen)
		return PASSED;
	if (held)
		return HELD;
	if (!is_left_alone(g))
		return FAILED;
	give_up(c, g);
	return OVER;
}

/* ---- life -------------------------------------------------------------------------------- */

static void
signals_take(struct ctx *c, struct logger *g)
{
	int sig;

	while ((sig = proc_signal_next(g->signal_fd, NULL)) != 0) {
		if (sig == SIGUSR1 && log_reopen(c, c->log) == OK)
			log_event(c, log_reopened);
		else if (sig == SIGUSR1)
			log_error(c);
		ctx_reset(c);
	}
}

static void
rest(struct ctx *c, const struct logger *g, enum state state)
{
	struct pollfd pfds[2] = {{.fd = g->signal_fd, .events = POLLIN}, {.fd = -1}};

	if (state == EMPTY)
		pfds[1] = (struct pollfd){.fd = g->pipe_fd, .events = POLLIN};
	if (state == HELD)
		pfds[1] = (struct pollfd){.fd = log_fd(c->log), .events = POLLOUT};
	(void)poll(pfds, 2, state == PASSED ? REST_MS : RETRY_MS);
}

static void
work(struct ctx *c, struct logger *g)
{
	for (;;) {
		enum state state = PASSED;
		bool any = false;

		metrics_heartbeat(c->metrics, time_mono_us());
		signals_take(c, g);
		log_tend(c);
		while ((state = pass(c, g)) == PASSED)
			any = true;
		if (state == OVER)
			return;
		rest(c, g, state == EMPTY && any ? PASSED : state);
	}
}

/* Of all that was inherited it keeps these two, and the standard descriptors. */
static void
close_others(int a, int b)
{
	unsigned low = (unsigned)(a < b ? a : b), high = (unsigned)(a < b ? b : a);

	if (low > 3)
		(void)close_range(3, low - 1, 0);
	if (high > low + 1)
		(void)close_range(low + 1, high - 1, 0);
	(void)close_range(high + 1, ~0U, 0);
}

static enum err
lock_up(struct ctx *c)
{
	struct sight sight;
	enum err err = sight_logger(c, log_path(c->log), &sight);

	if (!err)
		err = sight_enter(c, &sight);
	/* Where the kernel cannot, the workers say so. */
	(void)jail_worker();
	return err;
}

static enum err
logger_open(struct ctx *c, struct segment *seg, struct log *file, struct logger *g,
	const struct child_ready *ready)
{
	static const int signals[] = {SIGTERM, SIGINT, SIGHUP, SIGUSR1};
	enum err err = metrics_open(c, seg, METRICS_LOGGER, NULL, &c->metrics);

	close_others(g->pipe_fd, ready->fd);
	if (!err)
		err = proc_signal_block_and_fd(c, signals, sizeof(signals) / sizeof(signals[0]),
			&g->signal_fd);
	if (!err && pipe2(g->look_fd, O_CLOEXEC | O_NONBLOCK) != 0)
		err = err_raise(c, ERR_IO, "pipe: %s", strerror(errno));
	if (!err)
		err = log_reopen(c, file);
	c->log = file;
	return err ? err : lock_up(c);
}

enum err
logger_run(struct ctx *c, struct segment *seg, int pipe_fd, struct log *file,
	struct child_ready *ready)
{
	struct logger *g = mem_alloc(sizeof(*g));
	enum err err;

	if (!g)
		return err_memory(c);
	*g = (struct logger){.pipe_fd = pipe_fd, .bytes = "\n"};
	err = logger_open(c, seg, file, g, ready);
	if (!err) {
		child_ready(ready);
		work(c, g);
	}
	metrics_close(c->metrics);
	c->metrics = NULL;
	mem_free(g);
	return err;
}
