/*
 * A worker's connections: db_connection_pool_size of them, opened once and kept. One is opened before the
 * first accept; the others when somebody needs them or pool_fill() comes to it. A thread takes one for as
 * long as a request needs it; if all are out it waits, at most db_connection_timeout (or until
 * c->deadline_us), first come first served. A connection that came back broken (I/O error, corruption) is
 * closed and replaced.
 *
 * Waiting to write holds a connection and a thread. Of worker_threads and of the connections one is
 * left to readers: when all others wait, who comes next to write waits for 200 ms after anybody's
 * turn has come, at most, and then gets ERR_DB_BUSY.
 */
#ifndef STORE_POOL_H
#define STORE_POOL_H

#include "store/db.h"

struct pool;

/* Opens the first connection. On an error none stays open. */
MUST enum err pool_open(struct ctx *c, struct segment *seg, size_t size, struct pool **out);

/* Opens the others, while the pool is in use; what could not be opened is tried by who needs it. */
MUST enum err pool_fill(struct ctx *c, struct pool *p);

/* All connections must be back. NULL is fine. */
void pool_close(struct ctx *c, struct pool *p);

/*
 * A long wait is told (event db_pool_slow). ERR_POOL_EMPTY (event db_pool_exhausted, metric) when none
 * became free in time.
 */
MUST enum err pool_acquire(struct ctx *c, struct pool *p, struct db **out);

/* Rolls back what was left open (and says so to the hygiene check by returning false). */
bool pool_release(struct ctx *c, struct pool *p, struct db *db);

struct pool_stats {
	uint64_t created, acquired, released, waits, wait_time_us, exhausted;
	size_t size, active;
};
void pool_stats(struct pool *p, struct pool_stats *out);

/* Threads that wait at this moment. */
size_t pool_waiting(struct pool *p);

#endif
