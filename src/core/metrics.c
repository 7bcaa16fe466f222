/*
 * Counting: relaxed additions to the process's own slot, and the decision whose detail is kept.
 *
 * Sampling is an accumulator that each request moves on by the rate, as a fraction of 2^32:
 * whenever it passes a multiple, the request's detail is kept. So a rate of 0.1 keeps every tenth,
 * without a random number, and a rate of 1.0 all. Counters are moved before and apart from that
 * decision.
 */
#include "core/metrics.h"

#include "base/enc.h"
#include "base/mem.h"
#include "core/config.h"
#include "core/ring.h"
#include "core/slot.h"

#include <assert.h>
#include <sys/resource.h>
#include <unistd.h>

enum {
	FIRST_KEPT = 100, /* records of a new site that are kept whatever the rate */
	CPU_INTERVAL_US = 1000000,
};

struct metrics {
	struct segment *seg;
	struct layout_head *head;
	struct layout_counts *counts;
	size_t slot;
	uint64_t owner;            /* whose slot: this process's, or a parent's after fork */
	uint64_t sampling_step;    /* the rate in parts of 2^32 */
	_Atomic uint64_t sampling; /* the accumulator */
	int64_t slow_request_us, slow_query_us;
};

static void
add(_Atomic uint64_t *cell, uint64_t n)
{
	atomic_fetch_add_explicit(cell, n, memory_order_relaxed);
}

enum err
metrics_open(struct ctx *c, struct segment *seg, enum metrics_role role, const struct config *cfg,
	struct metrics **out)
{
	struct metrics *m;
	enum err e;

	assert(seg->writable);
	m = mem_alloc(sizeof(*m));
	if (!m)
		return err_memory(c);
	e = slot_claim(c, seg, role, &m->slot);
	if (e) {
		mem_free(m);
		return e;
	}
	m->seg = seg;
	m->head = &seg->map->head[m->slot];
	m->counts = &seg->map->counts[m->slot];
	m->owner = atomic_load_explicit(&m->head->owner, memory_order_relaxed);
	m->sampling_step =
		(uint64_t)((cfg ? cfg->metrics_sampling_rate : 1.0) * 4294967296.0 + 0.5);
	m->slow_request_us = cfg ? cfg->metrics_slow_request_threshold : INT64_MAX;
	m->slow_query_us = cfg ? cfg->metrics_slow_query_threshold : INT64_MAX;
	*out = m;
	return OK;
}

/* Adds the processor time used since the last call to the slot's total. */
static void
cpu_count(struct metrics *m)
{
	int64_t before = atomic_load_explicit(&m->head->cpu_us, memory_order_relaxed);
	struct rusage u;
	int64_t now;

	if (getrusage(RUSAGE_SELF, &u) != 0)
		return;
	now = (int64_t)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000000 +
	      (int64_t)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
	if (now > before && atomic_compare_exchange_strong(&m->head->cpu_us, &before, now))
		add(&m->counts->cpu_us, (uint64_t)(now - before));
}

void
metrics_close(struct metrics *m)
{
	if (!m)
		return;
	if (process_pid(m->owner) == (int)getpid()) {
		cpu_count(m);
		slot_release(m->seg, m->slot, m->owner);
	}
	mem_free(m);
}

void
metrics_add(struct metrics *m, enum counter which, uint64_t n)
{
	if (!m)
		return;
	assert((unsigned)which < COUNTER__MAX);
	add(&m->counts->counter[which], n);
}

void
metrics_gauge_add(struct metrics *m, enum gauge which, int64_t n)
{
	if (!m)
		return;
	assert((unsigned)which < GAUGE__MAX);
	atomic_fetch_add_explicit(&m->head->gauge[which], n, memory_order_relaxed);
}

void
metrics_observe(struct metrics *m, enum histogram which, int64_t us)
{
	if (!m)
		return;
	assert((unsigned)which < HISTOGRAM__MAX);
	histogram_observe(&m->counts->row[which], us);
}

void
metrics_error(struct metrics *m, enum err e)
{
	if (!m || e == OK)
		return;
	assert((unsigned)e < ERR__MAX);
	add(&m->counts->error[e], 1);
}

void
metrics_statement(struct metrics *m, enum dbop op, enum dbtable table, int64_t us)
{
	if (!m)
		return;
	assert((unsigned)op < DBOP__MAX && (unsigned)table < DBTABLE__MAX);
	histogram_observe(&m->counts->statement[op][table], us);
}

void
metrics_heartbeat(struct metrics *m, int64_t mono_us)
{
	int64_t last;

	if (!m)
		return;
	last = atomic_exchange_explicit(&m->head->heartbeat_us, mono_us, memory_order_relaxed);
	if (mono_us / CPU_INTERVAL_US != last / CPU_INTERVAL_US)
		cpu_count(m);
}

/* Moves the accumulator; true for the share sampling_rate of all calls, evenly spread. */
static bool
sampled(struct metrics *m)
{
	uint64_t before =
		atomic_fetch_add_explicit(&m->sampling, m->sampling_step, memory_order_relaxed);

	return (before + m->sampling_step) >> 32 != before >> 32;
}

static bool
detail_wanted(struct metrics *m, const struct facts *f)
{
	bool chosen = sampled(m);

	return chosen || f->status >= 500 || f->duration_us >= m->slow_request_us ||
	       f->db_us >= m->slow_query_us || ring_count(m->seg) < FIRST_KEPT;
}

static void
text_copy(char *out, size_t room, struct str s)
{
	struct str cut = enc_utf8_cut(s, room - 1);

	if (cut.n > 0)
		memcpy(out, cut.p, cut.n);
	out[cut.n] = '\0';
}

static bool
detail_keep(struct metrics *m, const char *request_id, int64_t now_us, const struct facts *f)
{
	struct metrics_record r;

	memset(&r, 0, sizeof(r)); /* the padding, too, is copied */
	r.time_us = now_us;
	r.route = f->route;
	r.method = f->method;
	r.status = f->status;
	r.duration_us = f->duration_us;
	r.db_us = f->db_us;
	r.db_queries = f->db_queries;
	r.bytes = f->body_bytes;
	text_copy(r.request_id, sizeof(r.request_id), str_z(request_id));
	text_copy(r.path, sizeof(r.path), f->path);
	return ring_put(m->seg, m->slot, &r);
}

void
metrics_request(struct metrics *m, const char *request_id, int64_t now_us, const struct facts *f)
{
	struct layout_counts *k;
	int class = f->status / 100;

	if (!m)
		return;
	assert((unsigned)f->route < ROUTE__MAX && (unsigned)f->method < METHOD__MAX);
	k = m->counts;
	if (class < 0 || class >= LAYOUT_CLASSES)
		class = 0;
	add(&k->request[f->route][f->method][class], 1);
	add(&m->head->requests, 1);
	histogram_observe(&k->route[f->route], f->duration_us);
	metrics_error(m, f->error);
	add(&k->counter[COUNTER_BYTES_SENT], f->body_bytes);
	if (f->request_bytes > 0)
		add(&k->counter[COUNTER_BYTES_RECEIVED], f->request_bytes);
	if (f->aborted)
		add(&k->counter[COUNTER_ABORTED], 1);
	if (f->cached)
		add(&k->counter[COUNTER_CACHE_HITS], 1);
	add(&k->counter[COUNTER_DETAIL_SEEN], 1);
	if (detail_wanted(m, f) && detail_keep(m, request_id, now_us, f))
		add(&k->counter[COUNTER_DETAIL_KEPT], 1);
}

const char *
metrics_op_name(enum dbop op)
{
	static const char *const names[DBOP__MAX] = {
#define DBOP(sym, name) [DBOP_##sym] = name,
#include "tables/dbops.def"
#undef DBOP
	};

	assert((unsigned)op < DBOP__MAX);
	return names[op];
}

const char *
metrics_table_name(enum dbtable t)
{
	static const char *const names[DBTABLE__MAX] = {
#define DBTABLE(sym, name) [DBTABLE_##sym] = name,
#include "tables/dbtables.def"
#undef DBTABLE
	};

	assert((unsigned)t < DBTABLE__MAX);
	return names[t];
}
