/*
 * Who reads from which connection. All threads of a worker wait in dispatch_next() on one epoll
 * descriptor, for the listening socket and for connections that wait for their next request;
 * whoever wakes up owns that connection until it gives it back. So a thread is taken only by a
 * connection that has something to say, and a finished thread finds its next piece of work without
 * a switch.
 *
 *	fd = dispatch_next(d);			the thread owns fd
 *	dispatch_wait(d, fd, partial)		nothing whole there yet: wait for more
 *	dispatch_keep(d, fd)			answered: wait for the next request
 *	dispatch_gone(d)			somebody has closed it
 *
 * The main thread calls dispatch_tick() now and then: it closes connections that stay silent (30 s
 * for the first request, 90 s between two: more than front servers keep them), looks again at those
 * that have sent half a request, and makes room when there are as many as descriptors allow.
 *
 * A stop loses no request that a front server has already sent, nor one that it is about to send on a
 * new connection: dispatch_stop() goes on accepting until the queue is empty, and waits for whoever has
 * connected. A kept connection is closed for writing on the peer's side first and looked at once more, so
 * that what came in before is answered. What remains is a front server that picks a kept connection in
 * the instant it is closed. It finds out while sending and sends the request again, but only one that
 * reads: nobody asks twice for what may have been done. So front servers use a new connection for each
 * request that writes (etc/nginx, etc/apache; lighttpd and Caddy do so for all).
 */
#ifndef APP_DISPATCH_H
#define APP_DISPATCH_H

#include "base/ctx.h"
#include "core/metrics.h"

struct dispatch;

/*
 * listen_fd: non-blocking, the caller's. spare: how many of the process's descriptors are needed
 * for other things; the others may become connections, up to 4096. m: where they are counted; may
 * be NULL. ERR_CONFIG: there are no others. Heap; dispatch_free().
 */
MUST enum err dispatch_new(struct ctx *c, int listen_fd, unsigned spare, struct metrics *m,
	struct dispatch **out);

/* How many connections there can be. */
unsigned dispatch_cap(const struct dispatch *d);

/* After all threads have ended; closes what is still open. NULL is fine. */
void dispatch_free(struct dispatch *d);

/* ---- threads ----------------------------------------------------------------------------- */

/* A connection with something to read, a blocking descriptor, owned by the caller; -1: end. */
int dispatch_next(struct dispatch *d);

void dispatch_wait(struct dispatch *d, int fd, bool partial);

/* False only during a stop: fd is still the caller's, and another request is on it. */
bool dispatch_keep(struct dispatch *d, int fd);

void dispatch_gone(struct dispatch *d);

/* Wakes the main thread out of its poll on dispatch_wake_fd(). */
void dispatch_wake(struct dispatch *d);

/* ---- main thread ------------------------------------------------------------------------- */

/* Readable when dispatch_tick() or dispatch_stop() should be called before their time. */
int dispatch_wake_fd(const struct dispatch *d);

/* now: monotonic microseconds. Returns milliseconds until it should be called again. */
int dispatch_tick(struct dispatch *d, int64_t now);

/*
 * Accepts no more once the queue is empty, closes what waits. True: no connection is left. Call it
 * again when dispatch_wake_fd() is readable, at least every 50 ms.
 */
bool dispatch_stop(struct dispatch *d, int64_t now);

/* Makes dispatch_next() return -1 in all threads. */
void dispatch_end(struct dispatch *d);

#endif
