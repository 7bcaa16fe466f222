/*
 * The site's figures over time, in the shared segment: a sample every 5 seconds for 10 minutes, and
 * one every minute for a day. Each holds what was counted since the one before (tables/history.def),
 * so the sum of the samples is what the counters say, to the last request, and percentiles are those
 * of the requests of that time alone.
 *
 * One process writes, the supervisor, which does nothing that could keep it from doing so in time;
 * requests know nothing of it and pay nothing for it. Whoever can read the segment reads samples,
 * without a lock, whole or not at all.
 *
 * A sample's number is the time at which its interval begins, in intervals since 1970: the clock that
 * people have. An interval without a sample is one in which the site did not run, or the machine
 * slept, and is to be shown as a gap, not as nothing having happened.
 */
#ifndef CORE_HISTORY_H
#define CORE_HISTORY_H

#include "base/ctx.h"
#include "core/segment.h"

enum sample {
#define SAMPLE(sym, ...) SAMPLE_##sym,
#include "tables/history.def"
#undef SAMPLE
	SAMPLE__MAX
};

enum history_ring { HISTORY_FINE, HISTORY_COARSE, HISTORY__MAX };

/* Samples that are kept. */
enum {
	HISTORY_FINE_CELLS = 120,
	HISTORY_COARSE_CELLS = 1440,
	HISTORY_CELLS = HISTORY_FINE_CELLS + HISTORY_COARSE_CELLS
};

/* "requests" */
const char *history_name(enum sample which);

/* Microseconds from one sample to the next. */
int64_t history_step(enum history_ring ring);

/* ---- writing ------------------------------------------------------------------------------- */

/* The writer's memory: what the counters stood at when it last looked. */
struct history;

/*
 * Begins at these times, of wall clock and monotonic clock. What the segment has counted already goes
 * into the first sample. Heap; history_free(). seg outlives it. ERR_MEMORY.
 */
MUST enum err history_new(struct ctx *c, struct segment *seg, int64_t wall_us, int64_t mono_us,
	struct history **out);
void history_free(struct history *h);	/* NULL is fine */

/*
 * Writes the samples whose intervals have ended; microseconds until the next one ends. Called late,
 * one sample has it all, and the intervals before it have none.
 */
int64_t history_tick(struct history *h, int64_t wall_us, int64_t mono_us);

/* Writes the intervals that have not ended, too: the site stops. */
void history_end(struct history *h, int64_t wall_us, int64_t mono_us);

/*
 * A site that is stopped and started again remembers: all samples go to the file `history` in dir,
 * and back. What is there is added to; a file that is missing, damaged or of another layout is passed
 * over. ERR_IO, ERR_MEMORY.
 */
MUST enum err history_save(struct ctx *c, const struct segment *seg, const char *dir);
MUST enum err history_load(struct ctx *c, struct segment *seg, const char *dir);

/*
 * A writer for the life of a site: history_load() and history_new(), at this moment; and
 * history_end(), history_save() and history_free() (h NULL: nothing), which has freed it even if it
 * fails.
 */
MUST enum err history_open(struct ctx *c, struct segment *seg, const char *dir,
	struct history **out);
MUST enum err history_close(struct ctx *c, struct history *h, const char *dir);

/* ---- reading ------------------------------------------------------------------------------- */

struct history_sample {
	bool known;	/* false: there is none, and all values are 0 */
	uint64_t value[SAMPLE__MAX];
};

/* The number of the interval in which a moment lies. */
int64_t history_number(enum history_ring ring, int64_t wall_us);

/* The samples of the n intervals up to and with number last, oldest first. */
void history_read(const struct segment *seg, enum history_ring ring, int64_t last, size_t n,
	struct history_sample *out);

/* Makes to what it and a later sample are together. */
void history_merge(struct history_sample *to, const struct history_sample *from);

/* The reference of the samples; format "mdoc": the list in starpunk-metrics(7). */
struct buf;
void history_docs(const char *format, struct buf *out);

#endif
