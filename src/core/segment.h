/*
 * The memory that all processes of a site share: a file under runtime_path, made by the supervisor,
 * inherited by workers and courier, mapped read-only by `starpunk stats`, and by commands that
 * write. It holds the metric slots (metrics.h), the site's generation, the writers' lock and the
 * counts of the rate limits. Its layout is written down in doc/SEGMENT.md; a hash of the tables
 * guards it.
 */
#ifndef CORE_SEGMENT_H
#define CORE_SEGMENT_H

#include "base/ctx.h"

struct segment;

/*
 * Makes (or replaces) the file `metrics.shm` in dir, mode 0640, with room for c->cfg's
 * metrics_buffer_size detail records (c->cfg NULL: 1000). Its memory is reserved here, so that a
 * full file system is ERR_IO now and no SIGBUS later. Owned by the caller: segment_close().
 */
MUST enum err segment_create(struct ctx *c, const char *dir, struct segment **out);

/*
 * Maps a running site's segment. ERR_NOT_FOUND: no site runs there, or all its processes have died;
 * ERR_CONFIG: it belongs to another version, or is damaged; ERR_IO: it may not be opened. Without
 * writable only the functions that take a const struct segment and metrics_view() may be used.
 */
MUST enum err segment_attach(struct ctx *c, const char *dir, bool writable, struct segment **out);

/* Unmaps; the file stays until the supervisor removes it with segment_remove(). NULL is fine. */
void segment_close(struct segment *s);

/* Removes the file in dir, if it is that of s: it may be that of a site which began while this one ended. */
void segment_remove(const struct segment *s, const char *dir);

/*
 * The generation of the site's public content: moved by whoever has committed a change, before the
 * change is acknowledged; a page made under another generation is not shown any more. With s NULL
 * these do nothing and give 0.
 */
uint64_t segment_generation(const struct segment *s);
void segment_generation_move(struct segment *s);

/*
 * When it was last moved, wall clock in microseconds: what Last-Modified may promise. Asked for
 * before segment_generation(), it is never newer than the generation that is then read.
 */
int64_t segment_generation_time(const struct segment *s);

/*
 * Whether the last one who wanted to store something could: who could not for a reason that will meet
 * the next one, too, says so, and who can takes it back. Health asks. With s NULL: true.
 */
void segment_writable_set(struct segment *s, bool writable);
bool segment_writable(const struct segment *s);

/*
 * Whether somebody who wanted to write waited for the database's lock in vain, and nobody has had it
 * since. Health asks. With s NULL: false.
 */
void segment_locked_set(struct segment *s, bool locked);
bool segment_locked(const struct segment *s);

/*
 * When the configuration in force was read, wall clock in microseconds: by the supervisor, at its start or last
 * reload. A worker that is replaced has it, too, however much later it started. With s NULL: nothing, and 0.
 */
void segment_configured_set(struct segment *s, int64_t us);
int64_t segment_configured(const struct segment *s);

/*
 * The writers' lock: fair queueing in front of SQLite's own, which is not (a robust, process-shared
 * mutex; a holder that died is replaced). Held from before BEGIN IMMEDIATE to after COMMIT, by a
 * thread, which is also the one to unlock it. ERR_DB_BUSY when deadline_us (monotonic) passes
 * first; a free lock is taken whatever the deadline. ERR_INTERNAL: this thread holds it. With s
 * NULL: OK at once.
 */
MUST enum err segment_writer_lock(struct ctx *c, struct segment *s, int64_t deadline_us);
void segment_writer_unlock(struct segment *s);

/*
 * Takes one token from key's bucket (an address) under a limit: rate->count at once, then at that
 * steady rate. False: none left, and *retry_after is the number of seconds, at least 1, until there
 * is one; else it is 0. rate 0 or s NULL: always true. now_us: any clock, always the same. 4096
 * addresses are remembered per limit; those nearest to their full allowance are forgotten first.
 */
enum segment_limit { SEGMENT_LIMIT_REQUEST, SEGMENT_LIMIT_LOGIN, SEGMENT_LIMIT__MAX };
struct config_rate;
bool segment_rate_take(struct segment *s, enum segment_limit which, struct str key,
	const struct config_rate *rate, int64_t now_us, int *retry_after);

#endif
