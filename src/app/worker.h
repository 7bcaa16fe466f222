/*
 * A worker process: a pool of connections, templates, threads that answer requests. It opens
 * everything before it takes its first connection, and refuses to start if anything is missing.
 *
 * TERM, and a request that left something behind, end it gracefully: it takes no more connections,
 * answers what has been sent, at most for stop_timeout. It ends by itself after worker_max_requests; the
 * supervisor starts another.
 */
#ifndef APP_WORKER_H
#define APP_WORKER_H

#include "app/child.h"
#include "core/segment.h"

/* Runs a worker on a listening socket until it is told to end. c->cfg and c->log are set. */
MUST enum err worker_run(struct ctx *c, int listen_fd, struct segment *seg,
	struct child_ready *ready);

#endif
