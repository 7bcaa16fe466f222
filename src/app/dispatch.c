/*
 * One epoll descriptor for all threads of a worker.
 *
 * Each connection is in one of three states, kept in a table indexed by descriptor: TAKEN (by the
 * thread that works on it; also the state of numbers not in use), IDLE (armed in epoll, once) or
 * PARTIAL (half a request has come; armed again by the next tick, because its bytes would make
 * epoll report it for ever). Who moves IDLE or PARTIAL to TAKEN by compare-and-swap owns the
 * connection: an event that comes late, for a descriptor closed and given out again meanwhile,
 * finds another state or at worst looks once at a connection on which nothing is to be read. So
 * libfcgi may close descriptors without telling anybody first.
 *
 * The listening socket is level-triggered and EPOLLEXCLUSIVE, one connection for one wake-up: a
 * busy worker leaves the rest to others. After each accept the worker goes to the end of the queue
 * of those waiting, or the kernel would give nearly all connections to whoever came first. When no
 * descriptor is left, one more connection is accepted out of the reserve.
 */
#include "app/dispatch.h"

#include "app/fcgi.h"
#include "app/reserve.h"
#include "base/mem.h"
#include "base/time.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdatomic.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	CAP_MAX = 4096,			/* connections of a worker at most */
	TICK_MS = 1000,
	TICK_SOON_MS = 50,		/* while somebody waits for the next tick */
	FIRST_US = 30 * 1000000,	/* for a request to be whole */
	KEPT_US = 90 * 1000000,		/* silence between two requests */
	EVICT_US = 1000000,		/* silence after which one may have to make room; */
	EVICT_KEPT_US = 5 * 1000000,	/* the same if it has carried a request */
	BACKLOG_US = 1000000,		/* longest time that a stop goes on accepting, */
	PROMISED_US = 3 * 1000000	/* and waits for the request of who has connected */
};

enum state { TAKEN, IDLE, PARTIAL };

struct conn {
	atomic_int state;
	atomic_bool kept;		/* has carried a request */
	_Atomic int64_t since_us;	/* monotonic: when it began to wait */
};

struct dispatch {
	int epoll_fd;
	int listen_fd;
	int wake_fd;			/* eventfd for the main thread */
	int end_fd;			/* eventfd that ends the threads */
	struct reserve reserve;		/* for a connection when no descriptor is left */
	struct metrics *metrics;
	unsigned cap;			/* connections */
	size_t n_conns;			/* entries of conns: numbers a descriptor may have */
	atomic_uint open;
	atomic_uint partial;
	atomic_bool paused;		/* not accepting: no descriptors */
	atomic_bool stopping;
	atomic_bool refusing;		/* no more is accepted, for good */
	atomic_uint accepting;		/* threads that may have been asked to before that */
	int64_t stop_us;		/* main thread: when the stop began */
	int64_t rearm_us;		/* main thread: when partial requests are due */
	struct conn conns[];
};

/* ---- life -------------------------------------------------------------------------------- */

static bool
watch(struct dispatch *d, int fd, uint32_t events)
{
	struct epoll_event ev = {.events = events, .data = {.fd = fd}};

	return epoll_ctl(d->epoll_fd, EPOLL_CTL_ADD, fd, &ev) == 0;
}

/* Starts accepting again, at the end of the queue of waiting processes. */
static void
listen_watch(struct dispatch *d)
{
	/* Another thread may be doing the same: then it is there already, which is what we want. */
	(void)watch(d, d->listen_fd, EPOLLIN | EPOLLEXCLUSIVE);
}

static void
listen_unwatch(struct dispatch *d)
{
	(void)epoll_ctl(d->epoll_fd, EPOLL_CTL_DEL, d->listen_fd, NULL);
}

/* How many of the process's descriptors may be connections, spare being needed for other things. */
static unsigned
cap_of(unsigned spare)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return 0;
	if (limit.rlim_cur >= CAP_MAX + spare)
		return CAP_MAX;
	return limit.rlim_cur > spare ? (unsigned)limit.rlim_cur - spare : 0;
}

enum err
dispatch_new(struct ctx *c, int listen_fd, unsigned spare, struct metrics *m, struct dispatch **out)
{
	unsigned cap = cap_of(spare);
	size_t n_conns = (size_t)cap + spare;
	struct dispatch *d;

	*out = NULL;
	if (cap == 0)
		return err_raise(c, ERR_CONFIG,
			"the limit of open files is too low: more than %u are needed", spare);
	d = mem_alloc(sizeof(*d) + n_conns * sizeof(d->conns[0]));
	if (!d)
		return err_memory(c);
	*d = (struct dispatch){.listen_fd = listen_fd, .metrics = m, .cap = cap,
		.n_conns = n_conns, .reserve = {RESERVE_EMPTY}};
	d->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	d->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	d->end_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	reserve_take(&d->reserve, d->end_fd);
	if (d->epoll_fd < 0 || d->wake_fd < 0 || d->end_fd < 0 || !watch(d, d->end_fd, EPOLLIN) ||
		!watch(d, listen_fd, EPOLLIN | EPOLLEXCLUSIVE)) {
		enum err err = err_raise(c, ERR_IO, "epoll: %s", strerror(errno));

		dispatch_free(d);
		return err;
	}
	*out = d;
	return OK;
}

unsigned
dispatch_cap(const struct dispatch *d)
{
	return d->cap;
}

void
dispatch_free(struct dispatch *d)
{
	if (!d)
		return;
	for (size_t fd = 0; fd < d->n_conns; fd++)
		if (atomic_load(&d->conns[fd].state) != TAKEN)
			(void)close((int)fd);
	if (d->epoll_fd >= 0)
		(void)close(d->epoll_fd);
	if (d->wake_fd >= 0)
		(void)close(d->wake_fd);
	if (d->end_fd >= 0)
		(void)close(d->end_fd);
	(void)reserve_give(&d->reserve);
	mem_free(d);
}

static void
signal_event(int fd)
{
	uint64_t one = 1;

	/*
	 * Full only if it has been signalled often and not read: then it is readable, as it should.
	 */
	if (write(fd, &one, sizeof(one)) < 0)
		return;
}

void
dispatch_wake(struct dispatch *d)
{
	signal_event(d->wake_fd);
}

int
dispatch_wake_fd(const struct dispatch *d)
{
	return d->wake_fd;
}

void
dispatch_end(struct dispatch *d)
{
	signal_event(d->end_fd);
}

/* ---- connections ------------------------------------------------------------------------- */

void
dispatch_gone(struct dispatch *d)
{
	unsigned left = atomic_fetch_sub(&d->open, 1) - 1;

	metrics_gauge_add(d->metrics, GAUGE_CONNECTIONS, -1);
	reserve_take(&d->reserve, d->end_fd);
	if (atomic_load(&d->stopping)) {
		if (left == 0)
			dispatch_wake(d);
	} else if (left < d->cap && atomic_exchange(&d->paused, false)) {
		listen_watch(d);
	}
}

static void
conn_close(struct dispatch *d, int fd)
{
	(void)close(fd);
	dispatch_gone(d);
}

/* Arms fd once. It may be new to epoll. */
static void
conn_arm(struct dispatch *d, int fd)
{
	struct epoll_event ev = {.events = EPOLLIN | EPOLLONESHOT, .data = {.fd = fd}};

	if (epoll_ctl(d->epoll_fd, EPOLL_CTL_MOD, fd, &ev) == 0 ||
		(errno == ENOENT && epoll_ctl(d->epoll_fd, EPOLL_CTL_ADD, fd, &ev) == 0))
		return;
	/* A tick may just have closed it, and its number be another's: EBADF, EEXIST. */
	if (errno == EBADF || errno == EEXIST)
		return;
	/* No memory in the kernel: nobody would ever look at it again, unless it is ours still. */
	if (atomic_exchange(&d->conns[fd].state, TAKEN) != TAKEN)
		conn_close(d, fd);
}

static void
conn_idle(struct dispatch *d, int fd)
{
	atomic_store(&d->conns[fd].state, IDLE);
	conn_arm(d, fd);
}

static bool
conn_take(struct dispatch *d, int fd, int from)
{
	if (!atomic_compare_exchange_strong(&d->conns[fd].state, &from, TAKEN))
		return false;
	if (from == PARTIAL)
		atomic_fetch_sub(&d->partial, 1);
	return true;
}

/* True if something can be read from fd. */
static bool
has_data(int fd)
{
	char byte;

	return recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

void
dispatch_wait(struct dispatch *d, int fd, bool partial)
{
	struct conn *conn = &d->conns[fd];

	if (!partial) {
		conn_idle(d, fd);
		return;
	}
	if (atomic_fetch_add(&d->partial, 1) == 0 && !atomic_load(&d->stopping))
		dispatch_wake(d);
	atomic_store(&conn->state, PARTIAL);
}

bool
dispatch_keep(struct dispatch *d, int fd)
{
	struct conn *conn = &d->conns[fd];

	if (atomic_load(&d->stopping)) {
		if (has_data(fd) || (shutdown(fd, SHUT_RD) == 0 && has_data(fd)))
			return false;
		conn_close(d, fd);
		return true;
	}
	atomic_store(&conn->kept, true);
	atomic_store(&conn->since_us, time_mono_us());
	conn_idle(d, fd);
	return true;
}

/* ---- waiting ----------------------------------------------------------------------------- */

static void
listen_pause(struct dispatch *d)
{
	listen_unwatch(d);
	atomic_store(&d->paused, true);
	dispatch_wake(d);
}

/* Accepts one connection; -1: none, or none that is worth a look. */
static int
accept_next(struct dispatch *d)
{
	struct pollfd pfd = {.events = POLLIN};
	bool gone;
	int fd;

	if (atomic_load(&d->open) >= d->cap) {
		listen_pause(d);
		return -1;
	}
	do {
		fd = accept4(d->listen_fd, NULL, NULL, SOCK_CLOEXEC);
	} while (fd < 0 && (errno == EMFILE || errno == ENFILE) && reserve_give(&d->reserve));
	if (fd < 0) {
		if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
			listen_pause(d);
		return -1;
	}
	if (!atomic_load(&d->stopping)) {
		listen_unwatch(d);
		listen_watch(d);
	}
	pfd.fd = fd;
	/*
	 * A peer that has gone already wants no answer; with Unix sockets both directions are shut.
	 */
	gone = poll(&pfd, 1, 0) > 0 && (pfd.revents & (POLLHUP | POLLERR)) != 0;
	if (gone || (size_t)fd >= d->n_conns) {
		(void)close(fd);
		return -1;
	}
	fcgi_socket(fd);
	atomic_store(&d->conns[fd].kept, false);
	atomic_store(&d->conns[fd].since_us, time_mono_us());
	atomic_fetch_add(&d->open, 1);
	metrics_gauge_add(d->metrics, GAUGE_CONNECTIONS, 1);
	return fd;
}

/*
 * A thread may have been woken before a stop came, and accept after it: who ends the threads looks for
 * those in here, and who is in here looks whether it is too late.
 */
static int
accept_one(struct dispatch *d)
{
	int fd = -1;

	atomic_fetch_add(&d->accepting, 1);
	if (!atomic_load(&d->refusing))
		fd = accept_next(d);
	atomic_fetch_sub(&d->accepting, 1);
	return fd;
}

int
dispatch_next(struct dispatch *d)
{
	struct epoll_event ev;
	int fd;

	for (;;) {
		if (epoll_wait(d->epoll_fd, &ev, 1, -1) != 1)
			continue;
		fd = ev.data.fd;
		if (fd == d->end_fd)
			return -1;
		if (fd == d->listen_fd) {
			fd = accept_one(d);
			if (fd >= 0)
				return fd;
			continue;
		}
		if (!conn_take(d, fd, IDLE))
			continue;
		if ((ev.events & (EPOLLHUP | EPOLLERR)) == 0)
			return fd;
		/*
		 * The peer has closed altogether: whatever it asked, it does not wait for the
		 * answer.
		 */
		conn_close(d, fd);
	}
}

/* ---- the main thread --------------------------------------------------------------------- */

/*
 * Looks at one connection that waits. evict: it should make room if it can; rearm: if it is
 * partial.
 */
static void
tick_one(struct dispatch *d, int fd, int64_t now, bool evict, bool rearm)
{
	struct conn *conn = &d->conns[fd];
	int state = atomic_load(&conn->state);
	int64_t waited = now - atomic_load(&conn->since_us);
	bool kept = atomic_load(&conn->kept);
	int64_t patience = kept ? KEPT_US : FIRST_US;

	if (state == PARTIAL && waited < (kept ? KEPT_US + FIRST_US : FIRST_US)) {
		if (rearm && conn_take(d, fd, PARTIAL))
			conn_idle(d, fd);
		return;
	}
	if (evict)
		patience = kept ? EVICT_KEPT_US : EVICT_US;
	if (state == TAKEN || waited < patience)
		return;
	if (!conn_take(d, fd, state))
		return;
	if (state == IDLE && has_data(fd))
		conn_idle(d, fd);
	else
		conn_close(d, fd);
}

int
dispatch_tick(struct dispatch *d, int64_t now)
{
	/*
	 * Not at each wake-up: a partial request comes back partial at once, a pause pauses again.
	 */
	bool rearm = now >= d->rearm_us;
	bool evict = atomic_load(&d->paused) || atomic_load(&d->open) >= d->cap;
	uint64_t count;

	if (read(d->wake_fd, &count, sizeof(count)) < 0)
		count = 0;
	for (size_t fd = 0; fd < d->n_conns; fd++)
		if (atomic_load(&d->conns[fd].state) != TAKEN)
			tick_one(d, (int)fd, now, evict, rearm);
	if (rearm) {
		d->rearm_us = now + TICK_SOON_MS * 1000;
		reserve_take(&d->reserve, d->end_fd);
		/*
		 * Descriptors may be free again without one of our connections having been closed.
		 */
		if (atomic_load(&d->open) < d->cap && atomic_exchange(&d->paused, false))
			listen_watch(d);
	}
	return atomic_load(&d->partial) > 0 || atomic_load(&d->paused) ? TICK_SOON_MS : TICK_MS;
}

/* Stops accepting when nobody waits in the queue, or after a while in any case. */
static bool
backlog_empty(struct dispatch *d, int64_t now)
{
	struct pollfd pfd = {.fd = d->listen_fd, .events = POLLIN};

	if (!atomic_load(&d->refusing) && poll(&pfd, 1, 0) != 0 && now - d->stop_us < BACKLOG_US)
		return false;
	atomic_store(&d->refusing, true);
	/* Each time: a thread that has just accepted may have put it back. */
	listen_unwatch(d);
	return true;
}

/*
 * Deals with one connection that waits. Who has just connected is about to send his request, or the
 * rest of it, and would never send it again if it writes: he is given some time. One that has carried a
 * request is closed, unless there is another on it.
 */
static void
stop_one(struct dispatch *d, int fd, int64_t now)
{
	struct conn *conn = &d->conns[fd];
	int state = atomic_load(&conn->state);
	bool promised = state == PARTIAL || !atomic_load(&conn->kept);

	if (state == TAKEN || (state == IDLE && promised && now - d->stop_us <= PROMISED_US))
		return;
	if (!conn_take(d, fd, state))
		return;
	if (promised && now - d->stop_us > PROMISED_US)
		conn_close(d, fd);
	else if (state == PARTIAL || !dispatch_keep(d, fd))
		conn_idle(d, fd);
}

bool
dispatch_stop(struct dispatch *d, int64_t now)
{
	uint64_t count;

	if (read(d->wake_fd, &count, sizeof(count)) < 0)
		count = 0;
	if (!atomic_exchange(&d->stopping, true))
		d->stop_us = now;
	if (!backlog_empty(d, now))
		return false;
	for (size_t fd = 0; fd < d->n_conns; fd++)
		stop_one(d, (int)fd, now);
	return atomic_load(&d->accepting) == 0 && atomic_load(&d->open) == 0;
}
