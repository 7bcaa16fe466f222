/*
 * The hash that guards the segment: over the names in the tables, in their order, and the sizes and
 * places they lead to. A program built from other tables gets another hash and keeps its hands off.
 */
#include "core/layout.h"

/* Changes when the meaning of the file changes though no name and no size does. */
#define LAYOUT_VERSION "1"

static const char *const names[] = {
	LAYOUT_VERSION,
#define COUNTER(sym, name, help) name,
#define GAUGE(sym, name, help) name,
#define HISTOGRAM(sym, name, help) name,
#include "tables/metrics.def"
#undef COUNTER
#undef GAUGE
#undef HISTOGRAM
#define DBOP(sym, name) name,
#include "tables/dbops.def"
#undef DBOP
#define DBTABLE(sym, name) name,
#include "tables/dbtables.def"
#undef DBTABLE
#define ROUTE(sym, name, ...) name,
#include "tables/routes.def"
#undef ROUTE
#define METHOD(sym) #sym,
#include "tables/methods.def"
#undef METHOD
#define ERROR(sym, name, ...) name,
#include "tables/errors.def"
#undef ERROR
#define SAMPLE(sym, name, ...) name,
#include "tables/history.def"
#undef SAMPLE
#define CHECK(sym, name, ...) name,
#include "tables/checks.def"
#undef CHECK
};

static const size_t sizes[] = {
	sizeof(struct layout),
	sizeof(struct layout_header),
	sizeof(struct layout_head),
	sizeof(struct layout_counts),
	sizeof(struct layout_bucket),
	sizeof(struct layout_record),
	sizeof(struct layout_sample),
	sizeof(struct histogram_cells),
	sizeof(pthread_mutex_t),
	HISTOGRAM_PART_BITS,
	LAYOUT_SLOTS,
	LAYOUT_RATE_BUCKETS,
	COUNTER__MAX,
	GAUGE__MAX,
	HISTOGRAM__MAX,
	DBOP__MAX,
	DBTABLE__MAX,
	ROUTE__MAX,
	METHOD__MAX,
	ERR__MAX,
	SAMPLE__MAX,
	CHECK__MAX,
	HISTORY_FINE_CELLS,
	HISTORY_COARSE_CELLS,
	offsetof(struct layout, generation),
	offsetof(struct layout, moved_us),
	offsetof(struct layout, unwritable_us),
	offsetof(struct layout, locked_us),
	offsetof(struct layout, configured_us),
	offsetof(struct layout, writer),
	offsetof(struct layout, health),
	offsetof(struct layout, head),
	offsetof(struct layout, rate),
	offsetof(struct layout, history),
	offsetof(struct layout, counts),
};

/* FNV-1a, 64 bits. */
static uint64_t
hash_more(uint64_t h, const void *p, size_t n)
{
	const unsigned char *u = p;

	for (size_t i = 0; i < n; i++)
		h = (h ^ u[i]) * 0x100000001b3u;
	return h;
}

uint64_t
layout_hash(void)
{
	uint64_t h = 0xcbf29ce484222325u;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		h = hash_more(h, names[i], strlen(names[i]) + 1);
	h = hash_more(h, sizes, sizeof(sizes));
	return h ? h : 1;
}

size_t
layout_size(size_t ring_size)
{
	return sizeof(struct layout) + ring_size * sizeof(struct layout_record);
}
