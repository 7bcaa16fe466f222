/*
 * A worker process: a pool of connections, templates, threads that answer requests. It opens
 * everything before it takes its first connection, and refuses to start if anything is missing.
 *
 * TERM ends it gracefully: it takes no more connections, answers what has been sent, at most for
 * stop_timeout. After worker_max_requests, and after a request that left something behind, it says that
 * it wants to leave, and goes on until the supervisor has another one and ends it.
 */
#ifndef APP_WORKER_H
#define APP_WORKER_H

#include "app/child.h"
#include "core/segment.h"

/* Runs a worker on a listening socket until it is told to end. c->cfg and c->log are set. */
MUST enum err worker_run(struct ctx *c, int listen_fd, struct segment *seg,
	struct child_ready *ready);

#endif
