/*
 * The process that answers requests: the main thread looks after signals and idle connections, the
 * others wait in dispatch_next() and answer what it gives them.
 */
#include "app/worker.h"

#include "app/dispatch.h"
#include "app/fcgi.h"
#include "app/lane.h"
#include "base/mem.h"
#include "base/time.h"
#include "core/config.h"
#include "core/crypto.h"
#include "core/jail.h"
#include "core/log.h"
#include "core/metrics.h"
#include "core/proc.h"
#include "core/sight.h"
#include "store/pool.h"
#include "text/markdown.h"
#include "web/web.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

enum {
	ARENA_MAX = 32 * 1024 * 1024,	/* memory of one request */
	SPARE_FDS = 48,			/* log, segment, templates, static files, pipes, epoll */
	FDS_PER_DB = 4,			/* database, log, shared memory, lock */
	STOP_TICK_MS = 50
};

struct worker;

struct thread {
	struct worker *worker;
	struct ctx ctx;
	struct fcgi *fcgi;
	pthread_t id;
	void *heap;		/* keeps the thread's part of the heap */
	bool started;
};

struct worker {
	struct pool *pool;
	struct web *web;
	struct dispatch *dispatch;
	struct lane *lane;
	struct metrics *metrics;
	int signal_fd;
	uint64_t max_requests;		/* 0: no limit */
	atomic_ullong requests;
	atomic_bool leave;		/* a thread found that the process should end */
	struct child_ready *parent;	/* is told of that */
	size_t n_threads;
	struct thread threads[];
};

/* ---- threads ----------------------------------------------------------------------------- */

static void
leave(struct worker *w)
{
	if (!atomic_exchange(&w->leave, true))
		dispatch_wake(w->dispatch);
}

/* Answers the request at hand; true: the connection is still open. */
static bool
answer(struct thread *t, const struct pair *params, size_t n)
{
	struct worker *w = t->worker;
	const char *dirty;
	bool kept;

	metrics_gauge_add(w->metrics, GAUGE_IN_FLIGHT, 1);
	dirty = web_handle(w->web, &t->ctx, params, n, fcgi_io(t->fcgi));
	kept = fcgi_finish(t->fcgi);
	metrics_gauge_add(w->metrics, GAUGE_IN_FLIGHT, -1);
	if (dirty) {
		log_event(&t->ctx, worker_dirty, .what = str_z(dirty));
		leave(w);
	}
	if (atomic_fetch_add(&w->requests, 1) + 1 == w->max_requests)
		leave(w);
	return kept;
}

/* Gives the connection back after begin; true: another request is on it already. */
static bool
give_back(struct dispatch *d, int fd, enum fcgi_begin begin)
{
	if (begin == FCGI_REQUEST)
		return !dispatch_keep(d, fd);
	if (begin == FCGI_CLOSED)
		dispatch_gone(d);
	else
		dispatch_wait(d, fd, begin == FCGI_PARTIAL);
	return false;
}

/*
 * Serves the request on a connection. Returns the connection to be served next: the same, or one that has
 * waited in the lane, whose place the thread has then; -1: none.
 */
static int
serve(struct thread *t, int fd, bool *placed)
{
	struct worker *w = t->worker;
	struct pair *params = NULL;
	size_t n = 0;
	bool reads = false;
	enum fcgi_begin begin = fcgi_look(t->fcgi, fd, &reads);

	if (begin == FCGI_REQUEST && !reads && !*placed) {
		if (!lane_enter(w->lane, fd, time_mono_us()))
			return -1;
		*placed = true;
	}
	if (begin == FCGI_REQUEST)
		begin = fcgi_begin(t->fcgi, &t->ctx, fd, &params, &n);
	if (begin == FCGI_REQUEST && !answer(t, params, n))
		begin = FCGI_CLOSED;
	ctx_reset(&t->ctx);
	if (give_back(w->dispatch, fd, begin))
		return fd;
	fd = *placed ? lane_leave(w->lane, time_mono_us()) : -1;
	*placed = fd >= 0;
	return fd;
}

static void *
thread_main(void *arg)
{
	struct thread *t = arg;
	bool placed = false;
	int fd;

	/* Where there is no memory for it later, libfcgi would end the process at this thread's first request. */
	t->heap = mem_alloc(1);
	while ((fd = dispatch_next(t->worker->dispatch)) >= 0)
		while (fd >= 0)
			fd = serve(t, fd, &placed);
	mem_free(t->heap);
	return NULL;
}

static enum err
threads_start(struct ctx *c, struct worker *w)
{
	for (size_t i = 0; i < w->n_threads; i++) {
		struct thread *t = &w->threads[i];
		enum err err;

		t->worker = w;
		ctx_init(&t->ctx, ARENA_MAX);
		t->ctx.cfg = c->cfg;
		t->ctx.log = c->log;
		t->ctx.metrics = c->metrics;
		err = fcgi_new(c, c->cfg->request_timeout, dispatch_cap(w->dispatch), &t->fcgi);
		if (!err)
			err = proc_thread_start(c, thread_main, t, &t->id);
		if (err)
			return err;
		t->started = true;
	}
	return OK;
}

/* Ends the threads, which by then have nothing to do. */
static void
threads_join(struct worker *w)
{
	if (w->dispatch)
		dispatch_end(w->dispatch);
	for (size_t i = 0; i < w->n_threads; i++) {
		struct thread *t = &w->threads[i];

		if (t->started)
			(void)pthread_join(t->id, NULL);
		fcgi_free(t->fcgi);
		ctx_fini(&t->ctx);
	}
}

/* ---- life -------------------------------------------------------------------------------- */

/* worker_max_requests, and up to an eighth more, so that workers do not all end at once. */
static uint64_t
max_requests(const struct config *cfg)
{
	uint64_t max = (uint64_t)cfg->worker_max_requests;
	uint64_t random;

	crypto_random(&random, sizeof(random));
	return max == 0 ? 0 : max + random % (max / 8 + 1);
}

/* What reads requests shall not be able to send what it knows away; a kernel without seccomp lets it. */
static void
leave_network(struct ctx *c)
{
	if (!jail_worker())
		log_event(c, worker_networked);
}

static enum err
worker_open(struct ctx *c, struct worker *w, int listen_fd, struct segment *seg)
{
	static const int signals[] = {SIGTERM, SIGINT, SIGHUP, SIGUSR1};
	const struct config *cfg = c->cfg;
	struct sight sight;
	unsigned spare = SPARE_FDS + FDS_PER_DB * (unsigned)cfg->db_connection_pool_size;
	enum err err = proc_signal_block_and_fd(c, signals, sizeof(signals) / sizeof(signals[0]),
		&w->signal_fd);

	if (!err)
		err = crypto_init(c);
	if (!err)
		err = metrics_open(c, seg, METRICS_WORKER, cfg, &w->metrics);
	if (err)
		return err;
	c->metrics = w->metrics;
	err = sight_worker(c, &sight);
	if (!err)
		err = sight_enter(c, &sight);
	if (err)
		return err;
	leave_network(c);
	w->max_requests = max_requests(cfg);
	markdown_init();
	err = pool_open(c, seg, (size_t)cfg->db_connection_pool_size, &w->pool);
	if (!err)
		err = web_new(c, seg, w->pool, &w->web);
	if (!err)
		err = fcgi_init(c);
	/* libfcgi takes this signal for itself. */
	proc_signal_ignore_pipe();
	if (!err)
		err = dispatch_new(c, listen_fd, spare, w->metrics, &w->dispatch);
	if (!err)
		err = lane_new(c, w->n_threads - 1, dispatch_cap(w->dispatch), &w->lane);
	return err ? err : threads_start(c, w);
}

static void
worker_close(struct ctx *c, struct worker *w)
{
	threads_join(w);
	lane_free(w->lane);
	dispatch_free(w->dispatch);
	web_free(w->web);
	pool_close(c, w->pool);
	c->metrics = NULL;
	metrics_close(w->metrics);
	if (w->signal_fd >= 0)
		(void)close(w->signal_fd);
	mem_free(w);
}

/* Deals with the signals that came; true: one of them says to end. */
static bool
signals_take(const struct worker *w)
{
	bool stop = false;
	int sig;

	while ((sig = proc_signal_next(w->signal_fd, NULL)) != 0)
		stop = stop || sig == SIGTERM || sig == SIGINT;
	return stop;
}

/* Who waits in the lane while nothing moves there goes back among the others. */
static void
lane_tend(struct worker *w, int64_t now)
{
	int fd;

	while ((fd = lane_stuck(w->lane, now)) >= 0)
		dispatch_wait(w->dispatch, fd, false);
}

/*
 * Looks after the process until it should end and has; false: requests are still being worked on.
 */
static bool
worker_watch(struct ctx *c, struct worker *w)
{
	struct pollfd pfds[2] = {
		{.fd = w->signal_fd, .events = POLLIN},
		{.fd = dispatch_wake_fd(w->dispatch), .events = POLLIN},
	};
	int64_t deadline = 0;

	for (;;) {
		int64_t now = time_mono_us();
		int timeout = STOP_TICK_MS;

		metrics_heartbeat(w->metrics, now);
		log_tend(c);
		lane_tend(w, now);
		if (deadline == 0)
			timeout = dispatch_tick(w->dispatch, now);
		else if (dispatch_stop(w->dispatch, now))
			return true;
		else if (now > deadline)
			return false;
		/*
		 * Who has done its share goes on, until its successor is ready and it is told to end. Looked at
		 * after the tick, which takes what leave() has woken us with.
		 */
		if (atomic_load(&w->leave))
			child_leaving(w->parent);
		(void)poll(pfds, 2, timeout);
		if (signals_take(w) && deadline == 0)
			deadline = now + c->cfg->stop_timeout;
	}
}

enum err
worker_run(struct ctx *c, int listen_fd, struct segment *seg, struct child_ready *ready)
{
	/* One more than may be busy with changes. */
	size_t n = (size_t)c->cfg->worker_threads + 1;
	struct worker *w = mem_alloc(sizeof(*w) + n * sizeof(w->threads[0]));
	enum err err;

	if (!w)
		return err_memory(c);
	w->n_threads = n;
	w->signal_fd = -1;
	w->parent = ready;
	err = worker_open(c, w, listen_fd, seg);
	if (!err) {
		child_ready_for_now(ready);
		if (pool_fill(c, w->pool) != OK) {
			log_error(c);
			err_clear(c);
		}
		/* Threads that are still busy hold all of this: it goes with the process. */
		if (!worker_watch(c, w))
			return err_raise(c, ERR_TIMEOUT,
				"requests in flight were cut off after stop_timeout");
	}
	worker_close(c, w);
	return err;
}
