/*
 * The memory that all processes of a site share: a file under runtime_path, made by the supervisor,
 * inherited by workers and courier, mapped read-only by `starpunk stats`, and by commands that write.
 * It holds the metric slots (metrics.h), the site's generation, the writers' lock and the counts of
 * the rate limits. Its layout is written down in doc/SEGMENT.md; a hash of the tables guards it.
 */
#ifndef CORE_SEGMENT_H
#define CORE_SEGMENT_H

#include "base/ctx.h"

struct segment;

/* Makes (or replaces) the file `metrics.shm` in dir, mode 0640. Owned by the caller: segment_close(). */
MUST enum err segment_create(struct ctx *c, const char *dir, struct segment **out);

/*
 * Maps a running site's segment. ERR_NOT_FOUND: no site runs there; ERR_DB_SCHEMA-like refusal is
 * ERR_CONFIG: it belongs to another version.
 */
MUST enum err segment_attach(struct ctx *c, const char *dir, bool writable, struct segment **out);

/* Unmaps; the file stays until the supervisor removes it with segment_remove(). NULL is fine. */
void segment_close(struct segment *s);
void segment_remove(const char *dir);

/*
 * The generation of the site's public content: moved by whoever has committed a change, before the
 * change is acknowledged; a page made under another generation is not shown any more. With s NULL
 * these do nothing and give 0.
 */
uint64_t segment_generation(const struct segment *s);
void segment_generation_move(struct segment *s);

/*
 * The writers' lock: fair queueing in front of SQLite's own, which is not (a robust, process-shared
 * mutex; a holder that died is replaced). Held from before BEGIN IMMEDIATE to after COMMIT.
 * ERR_DB_BUSY when deadline_us (monotonic) passes first. With s NULL: OK at once.
 */
MUST enum err segment_writer_lock(struct ctx *c, struct segment *s, int64_t deadline_us);
void segment_writer_unlock(struct segment *s);

/*
 * Takes one token from key's bucket (an address) under a limit. False: none left, and *retry_after
 * is the number of seconds until there is one. rate 0 or s NULL: always true.
 */
enum segment_limit { SEGMENT_LIMIT_REQUEST, SEGMENT_LIMIT_LOGIN, SEGMENT_LIMIT__MAX };
struct config_rate;
bool segment_rate_take(struct segment *s, enum segment_limit which, struct str key,
	const struct config_rate *rate, int64_t now_us, int *retry_after);
/* The same without taking: is there one? */
bool segment_rate_left(struct segment *s, enum segment_limit which, struct str key,
	const struct config_rate *rate, int64_t now_us, int *retry_after);

#endif
