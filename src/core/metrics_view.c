/*
 * Reading: sums over all slots that were ever used, gauges and processes of the live ones, and the
 * numbers of the records that the ring held at that moment. Nothing is locked and nothing written,
 * so a reader may have the segment read-only and cannot hold anybody up.
 */
#include "core/metrics_view.h"

#include "base/time.h"
#include "core/ring.h"
#include "core/slot.h"

#include <assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

static uint64_t
load(const _Atomic uint64_t *cell)
{
	return atomic_load_explicit(cell, memory_order_relaxed);
}

static void
requests_add(struct metrics_view *v, const struct layout_counts *k)
{
	for (size_t r = 0; r < ROUTE__MAX; r++)
		for (size_t i = 0; i < (size_t)METHOD__MAX * LAYOUT_CLASSES; i++)
			v->request[r][i / LAYOUT_CLASSES][i % LAYOUT_CLASSES] +=
				load(&k->request[r][i / LAYOUT_CLASSES][i % LAYOUT_CLASSES]);
}

static void
counts_add(struct metrics_view *v, const struct layout_counts *k)
{
	v->cpu_us += load(&k->cpu_us);
	for (size_t i = 0; i < COUNTER__MAX; i++)
		v->counter[i] += load(&k->counter[i]);
	for (size_t i = 0; i < ERR__MAX; i++)
		v->error[i] += load(&k->error[i]);
	requests_add(v, k);
	for (size_t i = 0; i < ROUTE__MAX; i++)
		histogram_read(&v->route[i], &k->route[i]);
	for (size_t i = 0; i < HISTOGRAM__MAX; i++)
		histogram_read(&v->row[i], &k->row[i]);
	for (size_t op = 0; op < DBOP__MAX; op++)
		for (size_t t = 0; t < DBTABLE__MAX; t++)
			histogram_read(&v->statement[op][t], &k->statement[op][t]);
}

/* Out of /proc/PID/statm (proc(5)). */
int64_t
metrics_process_memory(int pid)
{
	char path[32], text[128];
	unsigned long long pages = 0;
	struct str rest;
	ssize_t n;
	int fd;

	(void)snprintf(path, sizeof(path), "/proc/%d/statm", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	n = read(fd, text, sizeof(text));
	(void)close(fd);
	rest = str_n(text, n > 0 ? (size_t)n : 0);
	(void)str_cut(&rest, ' ');
	if (!str_u64(str_cut(&rest, ' '), INT64_MAX / 65536, &pages))
		return 0;
	return (int64_t)pages * sysconf(_SC_PAGESIZE);
}

static void
process_add(struct metrics_view *v, const struct layout_head *h)
{
	struct metrics_process *p = &v->process[v->n_processes++];
	int64_t connections =
		atomic_load_explicit(&h->gauge[GAUGE_CONNECTIONS], memory_order_relaxed);

	*p = (struct metrics_process){
		.pid = process_pid(load(&h->owner)),
		.role = (enum metrics_role)atomic_load_explicit(&h->role, memory_order_relaxed),
		.start_us = atomic_load_explicit(&h->start_us, memory_order_relaxed),
		.requests = load(&h->requests),
		.connections = connections > 0 ? (uint64_t)connections : 0,
		.heartbeat_us = atomic_load_explicit(&h->heartbeat_us, memory_order_relaxed),
	};
	p->memory_bytes = metrics_process_memory(p->pid);
	for (size_t i = 0; i < GAUGE__MAX; i++)
		v->gauge[i] += atomic_load_explicit(&h->gauge[i], memory_order_relaxed);
}

bool
metrics_heartbeat_of(const struct segment *seg, int pid, int64_t *mono_us)
{
	bool found = false;

	for (size_t i = 0; i < LAYOUT_SLOTS; i++) {
		const struct layout_head *h = &seg->map->head[i];
		uint64_t owner = load(&h->owner);
		int64_t beat;

		if (owner == 0 || process_pid(owner) != pid || load(&h->ready) != owner)
			continue;
		/* An earlier process of that pid may have died with its name on a slot. */
		beat = atomic_load_explicit(&h->heartbeat_us, memory_order_relaxed);
		if (!found || beat > *mono_us)
			*mono_us = beat;
		found = true;
	}
	return found;
}

/* Notes which of the ring's numbers can be read now, newest first. */
static enum err
records_note(struct ctx *c, const struct segment *seg, struct metrics_view *v)
{
	uint64_t end = ring_count(seg);
	uint64_t n = end < seg->map->header.ring_size ? end : seg->map->header.ring_size;

	v->record = ctx_calloc(c, (size_t)n, sizeof(*v->record));
	if (!v->record)
		return ERR_MEMORY;
	for (uint64_t i = 1; i <= n; i++)
		if (ring_has(seg, end - i))
			v->record[v->n_records++] = end - i;
	return OK;
}

enum err
metrics_view(struct ctx *c, const struct segment *seg, struct metrics_view **out)
{
	struct metrics_view *v = ctx_alloc(c, sizeof(*v));
	enum err e;

	if (!v)
		return ERR_MEMORY;
	v->seg = seg;
	v->start_us = seg->map->header.start_us;
	v->uptime_us = time_mono_us() - seg->map->header.start_mono_us;
	for (size_t i = 0; i < LAYOUT_SLOTS; i++) {
		if (!atomic_load_explicit(&seg->map->head[i].used, memory_order_acquire))
			continue;
		counts_add(v, &seg->map->counts[i]);
		if (slot_live(seg, i))
			process_add(v, &seg->map->head[i]);
	}
	for (size_t i = 0; i < ROUTE__MAX; i++)
		histogram_merge(&v->http, &v->route[i]);
	for (size_t op = 0; op < DBOP__MAX; op++)
		for (size_t t = 0; t < DBTABLE__MAX; t++)
			histogram_merge(&v->database, &v->statement[op][t]);
	e = records_note(c, seg, v);
	if (e)
		return e;
	*out = v;
	return OK;
}

void
metrics_pulse(const struct segment *seg, struct metrics_pulse *out)
{
	const struct layout *map = seg->map;

	*out = (struct metrics_pulse){.start_us = map->header.start_us,
		.uptime_us = time_mono_us() - map->header.start_mono_us};
	for (size_t i = 0; i < LAYOUT_SLOTS; i++) {
		const struct layout_head *h = &map->head[i];
		bool courier = atomic_load_explicit(&h->role, memory_order_relaxed) == METRICS_COURIER;
		int64_t failing = atomic_load_explicit(&h->gauge[GAUGE_LOG_FAILING], memory_order_relaxed);

		if ((!courier && failing == 0) || !slot_live(seg, i))
			continue;
		out->log_failing += failing;
		if (courier)
			out->beat_us = atomic_load_explicit(&h->heartbeat_us, memory_order_relaxed);
	}
}

void
metrics_silent(const struct segment *seg, int64_t limit_us, unsigned *workers, unsigned *silent)
{
	int64_t last = 0;

	*workers = *silent = 0;
	for (size_t i = 0; i < LAYOUT_SLOTS; i++) {
		const struct layout_head *h = &seg->map->head[i];
		int64_t beat = atomic_load_explicit(&h->heartbeat_us, memory_order_relaxed);

		if (load(&h->owner) != 0 && beat > last)
			last = beat;
	}
	for (size_t i = 0; i < LAYOUT_SLOTS; i++) {
		const struct layout_head *h = &seg->map->head[i];
		int64_t beat = atomic_load_explicit(&h->heartbeat_us, memory_order_relaxed);
		bool late = last - beat >= limit_us;

		/* Whoever has been heard lately lives; the system is asked about the others only. */
		if (atomic_load_explicit(&h->role, memory_order_relaxed) != METRICS_WORKER ||
			load(&h->owner) == 0 || (late && !slot_live(seg, i)))
			continue;
		*workers += 1;
		*silent += late ? 1 : 0;
	}
}

int64_t
metrics_view_uptime_us(const struct metrics_view *v)
{
	return v->uptime_us;
}

int64_t
metrics_view_start_us(const struct metrics_view *v)
{
	return v->start_us;
}

uint64_t
metrics_view_counter(const struct metrics_view *v, enum counter which)
{
	assert((unsigned)which < COUNTER__MAX);
	return v->counter[which];
}

int64_t
metrics_view_gauge(const struct metrics_view *v, enum gauge which)
{
	assert((unsigned)which < GAUGE__MAX);
	return v->gauge[which];
}

uint64_t
metrics_view_requests(const struct metrics_view *v, enum route r, enum method m, int status_class)
{
	assert((unsigned)r < ROUTE__MAX && (unsigned)m < METHOD__MAX);
	assert((unsigned)status_class < LAYOUT_CLASSES);
	return v->request[r][m][status_class];
}

void
metrics_view_histogram(
	const struct metrics_view *v, enum histogram which, struct metrics_summary *out)
{
	assert((unsigned)which < HISTOGRAM__MAX);
	histogram_summary(&v->row[which], out);
}

void
metrics_view_route(const struct metrics_view *v, enum route r, struct metrics_summary *out)
{
	assert((unsigned)r < ROUTE__MAX);
	histogram_summary(&v->route[r], out);
}

void
metrics_view_http(const struct metrics_view *v, struct metrics_summary *out)
{
	histogram_summary(&v->http, out);
}

void
metrics_view_statement(
	const struct metrics_view *v, enum dbop op, enum dbtable t, struct metrics_summary *out)
{
	assert((unsigned)op < DBOP__MAX && (unsigned)t < DBTABLE__MAX);
	histogram_summary(&v->statement[op][t], out);
}

void
metrics_view_database(const struct metrics_view *v, struct metrics_summary *out)
{
	histogram_summary(&v->database, out);
}

bool
metrics_view_process(const struct metrics_view *v, size_t i, struct metrics_process *out)
{
	if (i >= v->n_processes)
		return false;
	*out = v->process[i];
	return true;
}

bool
metrics_view_record(const struct metrics_view *v, size_t i, struct metrics_record *out)
{
	return i < v->n_records && ring_get(v->seg, v->record[i], out);
}
