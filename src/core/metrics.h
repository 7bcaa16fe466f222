/*
 * Counters of this process: a slot in the shared segment (segment.h) that only this process writes,
 * with relaxed atomics and no lock. Every request and every statement is counted, always; the
 * sampling rate decides only whose detail is kept in the ring of recent records; slow ones always.
 *
 * Counts belong to the slot and not to the process: the next owner counts on where the last one,
 * dead or closed, has stopped. Nothing is moved when a process ends, so no death at any moment can
 * lose or double a count. doc/SEGMENT.md describes the layout.
 *
 * All calls may be made by any thread of the process.
 */
#ifndef CORE_METRICS_H
#define CORE_METRICS_H

#include "base/buf.h"
#include "base/ctx.h"
#include "core/facts.h"
#include "core/segment.h"

enum counter {
#define COUNTER(sym, ...) COUNTER_##sym,
#define GAUGE(...)
#define HISTOGRAM(...)
#include "tables/metrics.def"
#undef COUNTER
#undef GAUGE
#undef HISTOGRAM
	COUNTER__MAX
};

enum gauge {
#define COUNTER(...)
#define GAUGE(sym, ...) GAUGE_##sym,
#define HISTOGRAM(...)
#include "tables/metrics.def"
#undef COUNTER
#undef GAUGE
#undef HISTOGRAM
	GAUGE__MAX
};

enum histogram {
#define COUNTER(...)
#define GAUGE(...)
#define HISTOGRAM(sym, ...) HISTOGRAM_##sym,
#include "tables/metrics.def"
#undef COUNTER
#undef GAUGE
#undef HISTOGRAM
	HISTOGRAM__MAX
};

enum dbop {
#define DBOP(sym, ...) DBOP_##sym,
#include "tables/dbops.def"
#undef DBOP
	DBOP__MAX
};

enum dbtable {
#define DBTABLE(sym, ...) DBTABLE_##sym,
#include "tables/dbtables.def"
#undef DBTABLE
	DBTABLE__MAX
};

enum metrics_role {
	METRICS_SUPERVISOR,
	METRICS_WORKER,
	METRICS_COURIER,
	METRICS_COMMAND,
	METRICS_LOGGER
};

struct metrics;

/*
 * Claims a free or dead owner's slot of the segment, which must be writable, for this process; its
 * counts are inherited, its gauges begin at 0. To be called after fork() by each process for
 * itself. cfg gives sampling rate and thresholds; NULL: all detail is kept. Heap; ERR_MEMORY when
 * every slot is taken or the file system has no room for the slot. seg outlives it.
 */
MUST enum err metrics_open(struct ctx *c, struct segment *seg, enum metrics_role role,
	const struct config *cfg, struct metrics **out);

/*
 * Gives the slot back, counts and all, and frees the handle. In a child that has inherited the
 * handle by fork() it only frees. NULL is fine.
 */
void metrics_close(struct metrics *m);

/* All of these take m NULL (a test, a command without a running site) and then do nothing. */
void metrics_add(struct metrics *m, enum counter which, uint64_t n);
void metrics_gauge_add(struct metrics *m, enum gauge which, int64_t n);
void metrics_observe(struct metrics *m, enum histogram which, int64_t us);
void metrics_error(struct metrics *m, enum err e);
void metrics_statement(struct metrics *m, enum dbop op, enum dbtable table, int64_t us);

/*
 * A sign of life at a monotonic time, for the supervisor's watchdog; about once a second it also
 * counts the processor time used since.
 */
void metrics_heartbeat(struct metrics *m, int64_t mono_us);

/* The last sign of life of a process that is alive; false: it has given none yet. Cheap. */
bool metrics_heartbeat_of(const struct segment *seg, int pid, int64_t *mono_us);

/*
 * Counts a finished request in all its families: route, method and status, duration, error, bytes
 * in and out, aborted, cached. Nobody else counts these; time in templates and misses of the page
 * cache are counted where they happen. now_us is the wall clock at the request's start.
 *
 * Detail is kept of the site's first 100 requests, of all that took metrics_slow_request_threshold
 * or whose statements took metrics_slow_query_threshold, of answers from 500 on, and of the share
 * metrics_sampling_rate of the others, evenly spread.
 */
void metrics_request(
	struct metrics *m, const char *request_id, int64_t now_us, const struct facts *f);

/* ---- reading ------------------------------------------------------------------------------- */

/* A histogram's figures; microseconds. Percentiles are upper edges of buckets, at most max. */
struct metrics_summary {
	uint64_t count;
	uint64_t sum_us;
	int64_t min_us, max_us, p50_us, p90_us, p99_us;
};

/*
 * Sums over all slots, taken at one moment; arena of c, about 150 KiB. The segment must stay mapped
 * as long as the view is used: records are read from it when they are asked for.
 */
struct metrics_view;
MUST enum err metrics_view(struct ctx *c, const struct segment *seg, struct metrics_view **out);

int64_t metrics_view_uptime_us(const struct metrics_view *v);
int64_t metrics_view_start_us(const struct metrics_view *v); /* wall clock */
uint64_t metrics_view_counter(const struct metrics_view *v, enum counter which);
int64_t metrics_view_gauge(const struct metrics_view *v, enum gauge which);
/* Answers of a route, method and status class (2 for 2xx; 0 for none sent). */
uint64_t metrics_view_requests(
	const struct metrics_view *v, enum route r, enum method m, int status_class);
void metrics_view_histogram(
	const struct metrics_view *v, enum histogram which, struct metrics_summary *out);
void metrics_view_route(const struct metrics_view *v, enum route r, struct metrics_summary *out);
void metrics_view_http(const struct metrics_view *v, struct metrics_summary *out);
void metrics_view_statement(
	const struct metrics_view *v, enum dbop op, enum dbtable t, struct metrics_summary *out);
void metrics_view_database(const struct metrics_view *v, struct metrics_summary *out);

/* One live process; false beyond the last. */
struct metrics_process {
	int pid;
	enum metrics_role role;
	int64_t start_us;  /* wall clock */
	uint64_t requests; /* answered by this process */
	uint64_t connections;
	int64_t heartbeat_us; /* monotonic; last sign of life */
	int64_t memory_bytes; /* resident, shared pages included; 0 if unknown */
};
bool metrics_view_process(const struct metrics_view *v, size_t i, struct metrics_process *out);

/*
 * What can be said without adding anything up, for those who ask often: a look at a few words of each
 * process, and at the system only for processes that have something to say.
 */
struct metrics_pulse {
	int64_t start_us;	/* of the site, wall clock */
	int64_t uptime_us;
	int64_t beat_us;	/* monotonic; the living courier's last sign of life; 0: there is none */
	int64_t log_failing;	/* live processes that cannot write their log */
};
void metrics_pulse(const struct segment *seg, struct metrics_pulse *out);

/*
 * How many workers there are, and how many have been silent for limit_us since the last sign of life of
 * any process. Cheap.
 */
void metrics_silent(const struct segment *seg, int64_t limit_us, unsigned *workers, unsigned *silent);

/*
 * Kept detail, newest first; false beyond the oldest, also for one that has been overwritten since
 * the view was made.
 */
struct metrics_record {
	int64_t time_us; /* wall clock at its start */
	char request_id[33];
	char path[96]; /* cut; as sent, without the query */
	enum route route;
	enum method method;
	int status;
	int64_t duration_us, db_us;
	unsigned db_queries;
	uint64_t bytes;
};
bool metrics_view_record(const struct metrics_view *v, size_t i, struct metrics_record *out);

/*
 * The whole view as Prometheus text, format 0.0.4; names out of the tables. Usually 80 KiB, with
 * every series in use 640 KiB: what b's cap should allow.
 */
void metrics_prometheus(struct buf *b, const struct metrics_view *v);

/* The reference of all metrics; format "mdoc": the list in starpunk-metrics(7). */
void metrics_docs(const char *format, struct buf *out);

const char *metrics_op_name(enum dbop op);
const char *metrics_table_name(enum dbtable t);

#endif
