/*
 * Samples: differences between what the counters say now and what they said last time.
 *
 * A cell is guarded as in the ring of details (ring.c): its state says whose number it holds and
 * whether it is being written. There is one writer, so nothing has to be claimed. A sample that meets
 * one of its own number, since the site was started anew within the minute or the clock was set back,
 * is added to it, so that nothing is counted twice and nothing lost.
 */
#include "core/history.h"

#include "base/buf.h"
#include "base/mem.h"
#include "base/time.h"
#include "core/history_cell.h"
#include "core/metrics_view.h"
#include "core/slot.h"

#include <assert.h>

enum merge { MERGE_SUM, MERGE_MOST, MERGE_LAST };

static const struct {
	const char *name;
	enum merge merge;
	const char *doc;
} table[SAMPLE__MAX] = {
#define SAMPLE(sym, name, merge, doc) [SAMPLE_##sym] = {name, MERGE_##merge, doc},
#include "tables/history.def"
#undef SAMPLE
};

static const struct {
	int64_t step_us;
	size_t first, cells;
} rings[HISTORY__MAX] = {
	[HISTORY_FINE] = {5 * (int64_t)1000000, 0, HISTORY_FINE_CELLS},
	[HISTORY_COARSE] = {60 * (int64_t)1000000, HISTORY_FINE_CELLS, HISTORY_COARSE_CELLS},
};

/* What all slots say at one moment: sums for what only grows, levels for the rest. */
struct totals {
	uint64_t value[SAMPLE__MAX];
	struct histogram_sums http;
};

struct history {
	struct segment *seg;
	struct {
		int64_t number;		/* of the interval at hand */
		int64_t since_us;	/* monotonic; when the totals were taken */
		struct totals totals;
	} ring[HISTORY__MAX];
};

const char *
history_name(enum sample which)
{
	assert((unsigned)which < SAMPLE__MAX);
	return table[which].name;
}

int64_t
history_step(enum history_ring ring)
{
	return rings[ring].step_us;
}

int64_t
history_number(enum history_ring ring, int64_t wall_us)
{
	return wall_us / rings[ring].step_us;
}

/* ---- what the counters say --------------------------------------------------------------- */

static uint64_t
load(const _Atomic uint64_t *cell)
{
	return atomic_load_explicit(cell, memory_order_relaxed);
}

static void
counters_add(struct totals *t, const struct layout_counts *k)
{
	static const struct {
		enum sample to;
		enum counter from;
	} same[] = {
		{SAMPLE_BYTES_SENT, COUNTER_BYTES_SENT},
		{SAMPLE_CACHE_HITS, COUNTER_CACHE_HITS},
		{SAMPLE_CACHE_MISSES, COUNTER_CACHE_MISSES},
		{SAMPLE_DB_SLOW, COUNTER_DB_SLOW},
		{SAMPLE_POOL_WAITS, COUNTER_POOL_WAITS},
		{SAMPLE_POOL_EXHAUSTED, COUNTER_POOL_EXHAUSTED},
		{SAMPLE_CHECKPOINTS, COUNTER_CHECKPOINTS},
		{SAMPLE_JOBS_DONE, COUNTER_JOBS_DONE},
		{SAMPLE_JOBS_FAILED, COUNTER_JOBS_FAILED},
		{SAMPLE_DEATHS, COUNTER_PROCESS_DEATHS},
	};

	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
		t->value[same[i].to] += load(&k->counter[same[i].from]);
	t->value[SAMPLE_POOL_WAIT_TIME] += load(&k->row[HISTOGRAM_POOL_WAIT].sum_us);
	t->value[SAMPLE_CPU] += load(&k->cpu_us);
}

static void
requests_add(struct totals *t, const struct layout_counts *k)
{
	for (size_t r = 0; r < ROUTE__MAX; r++) {
		histogram_read(&t->http, &k->route[r]);
		for (size_t m = 0; m < METHOD__MAX; m++) {
			t->value[SAMPLE_ERRORS_4XX] += load(&k->request[r][m][4]);
			t->value[SAMPLE_ERRORS_5XX] += load(&k->request[r][m][5]);
		}
	}
}

static void
statements_add(struct histogram_sums *sums, const struct layout_counts *k)
{
	for (size_t op = 0; op < DBOP__MAX; op++)
		for (size_t t = 0; t < DBTABLE__MAX; t++)
			histogram_read(sums, &k->statement[op][t]);
}

static uint64_t
level(const struct layout_head *h, enum gauge which)
{
	int64_t n = atomic_load_explicit(&h->gauge[which], memory_order_relaxed);

	return n > 0 ? (uint64_t)n : 0;
}

static void
levels_add(struct totals *t, const struct layout_head *h)
{
	bool worker = atomic_load_explicit(&h->role, memory_order_relaxed) == METRICS_WORKER;

	t->value[SAMPLE_POOL_SIZE] += level(h, GAUGE_POOL_SIZE);
	t->value[SAMPLE_POOL_ACTIVE] += level(h, GAUGE_POOL_ACTIVE);
	t->value[SAMPLE_MEMORY] += (uint64_t)metrics_process_memory(process_pid(load(&h->owner)));
	t->value[SAMPLE_WORKERS] += worker ? 1 : 0;
}

static void
totals_take(const struct segment *seg, struct totals *out)
{
	struct histogram_sums statements = {0};

	memset(out, 0, sizeof(*out));
	for (size_t i = 0; i < LAYOUT_SLOTS; i++) {
		if (!atomic_load_explicit(&seg->map->head[i].used, memory_order_acquire))
			continue;
		counters_add(out, &seg->map->counts[i]);
		requests_add(out, &seg->map->counts[i]);
		statements_add(&statements, &seg->map->counts[i]);
		if (slot_live(seg, i))
			levels_add(out, &seg->map->head[i]);
	}
	out->value[SAMPLE_REQUESTS] = out->http.count;
	out->value[SAMPLE_DB_OPERATIONS] = statements.count;
	out->value[SAMPLE_DB_TIME] = statements.sum_us;
}

/* ---- samples ----------------------------------------------------------------------------- */

/* What has happened between two looks. */
static void
sample_make(const struct totals *before, const struct totals *now, int64_t span_us,
	struct history_sample *out)
{
	struct histogram_sums http = now->http;
	struct metrics_summary s;

	histogram_subtract(&http, &before->http);
	histogram_summary(&http, &s);
	out->known = true;
	for (size_t i = 0; i < SAMPLE__MAX; i++)
		out->value[i] = now->value[i] -
			(table[i].merge == MERGE_SUM ? before->value[i] : 0);
	out->value[SAMPLE_SPAN] = span_us > 0 ? (uint64_t)span_us : 0;
	out->value[SAMPLE_P50] = (uint64_t)s.p50_us;
	out->value[SAMPLE_P90] = (uint64_t)s.p90_us;
	out->value[SAMPLE_P99] = (uint64_t)s.p99_us;
}

void
history_merge(struct history_sample *to, const struct history_sample *from)
{
	if (!from->known)
		return;
	to->known = true;
	for (size_t i = 0; i < SAMPLE__MAX; i++) {
		if (table[i].merge == MERGE_SUM)
			to->value[i] += from->value[i];
		else if (table[i].merge == MERGE_LAST || from->value[i] > to->value[i])
			to->value[i] = from->value[i];
	}
}

static struct layout_sample *
cell_of(const struct segment *seg, enum history_ring ring, int64_t number)
{
	return &seg->map->history[rings[ring].first + (size_t)number % rings[ring].cells];
}

static void
cell_read(const struct segment *seg, enum history_ring ring, int64_t number,
	struct history_sample *out)
{
	struct layout_sample *cell = cell_of(seg, ring, number);
	uint64_t state = atomic_load_explicit(&cell->state, memory_order_acquire);

	*out = (struct history_sample){.known = state == history_state(number, false)};
	for (size_t i = 0; out->known && i < SAMPLE__MAX; i++)
		out->value[i] = atomic_load_explicit(&cell->value[i], memory_order_acquire);
	if (atomic_load_explicit(&cell->state, memory_order_relaxed) != state)
		*out = (struct history_sample){.known = false};
}

void
history_cell_put(struct segment *seg, enum history_ring ring, int64_t number,
	const struct history_sample *sample)
{
	struct layout_sample *cell = cell_of(seg, ring, number);
	struct history_sample all;

	cell_read(seg, ring, number, &all);
	history_merge(&all, sample);
	atomic_store(&cell->state, history_state(number, true));
	for (size_t i = 0; i < SAMPLE__MAX; i++)
		atomic_store_explicit(&cell->value[i], all.value[i], memory_order_release);
	atomic_store_explicit(&cell->state, history_state(number, false), memory_order_release);
}

void
history_read(const struct segment *seg, enum history_ring ring, int64_t last, size_t n,
	struct history_sample *out)
{
	for (size_t i = 0; i < n; i++) {
		int64_t number = last - (int64_t)(n - 1 - i);

		out[i] = (struct history_sample){.known = false};
		if (number > 0)
			cell_read(seg, ring, number, &out[i]);
	}
}

/* ---- the writer -------------------------------------------------------------------------- */

enum err
history_new(struct ctx *c, struct segment *seg, int64_t wall_us, int64_t mono_us,
	struct history **out)
{
	struct history *h = mem_alloc(sizeof(*h));

	*out = h;
	if (!h)
		return err_memory(c);
	assert(seg->writable);
	memset(h, 0, sizeof(*h));
	h->seg = seg;
	for (size_t r = 0; r < HISTORY__MAX; r++) {
		h->ring[r].number = history_number((enum history_ring)r, wall_us);
		h->ring[r].since_us = mono_us;
	}
	return OK;
}

void
history_free(struct history *h)
{
	mem_free(h);
}

/* Writes what has happened since the last sample of a ring under that number. */
static void
sample_write(struct history *h, enum history_ring ring, int64_t number, int64_t mono_us)
{
	struct history_sample sample;
	struct totals now;

	totals_take(h->seg, &now);
	sample_make(&h->ring[ring].totals, &now, mono_us - h->ring[ring].since_us, &sample);
	history_cell_put(h->seg, ring, number, &sample);
	h->ring[ring].totals = now;
	h->ring[ring].since_us = mono_us;
}

int64_t
history_tick(struct history *h, int64_t wall_us, int64_t mono_us)
{
	int64_t wait = INT64_MAX;

	for (size_t r = 0; r < HISTORY__MAX; r++) {
		enum history_ring ring = (enum history_ring)r;
		int64_t number = history_number(ring, wall_us);
		int64_t left = (number + 1) * rings[r].step_us - wall_us;

		if (number != h->ring[r].number)
			sample_write(h, ring, number - 1, mono_us);
		h->ring[r].number = number;
		wait = left < wait ? left : wait;
	}
	return wait;
}

void
history_end(struct history *h, int64_t wall_us, int64_t mono_us)
{
	(void)history_tick(h, wall_us, mono_us);
	for (size_t r = 0; r < HISTORY__MAX; r++)
		sample_write(h, (enum history_ring)r, h->ring[r].number, mono_us);
}

enum err
history_open(struct ctx *c, struct segment *seg, const char *dir, struct history **out)
{
	enum err err = history_load(c, seg, dir);

	*out = NULL;
	return err ? err : history_new(c, seg, time_now_us(), time_mono_us(), out);
}

enum err
history_close(struct ctx *c, struct history *h, const char *dir)
{
	enum err err;

	if (!h)
		return OK;
	history_end(h, time_now_us(), time_mono_us());
	err = history_save(c, h->seg, dir);
	history_free(h);
	return err;
}

/* ---- the reference ----------------------------------------------------------------------- */

void
history_docs(const char *format, struct buf *out)
{
	if (strcmp(format, "mdoc") != 0)
		return;
	buf_puts(out, ".Bl -tag -width Ds\n");
	for (size_t i = 0; i < SAMPLE__MAX; i++)
		buf_printf(out, ".It Ql %s\n%s\n", table[i].name, table[i].doc);
	buf_puts(out, ".El\n");
}
