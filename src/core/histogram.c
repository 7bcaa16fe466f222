/*
 * Log-linear buckets: an exponent taken from the highest bit, a part from the three bits below it.
 *
 * Extremes move by compare-and-swap, but only when a value is a new extreme, which is rare; so an
 * observation is two uncontended additions and two loads.
 */
#include "core/histogram.h"

#include "core/metrics.h"

enum { PARTS = 1 << HISTOGRAM_PART_BITS };

size_t
histogram_bucket(int64_t us)
{
	uint64_t v = us > 0 ? (uint64_t)us - 1 : 0; /* makes the upper edge inclusive */
	unsigned shift;

	if (v >> HISTOGRAM_TOP_BITS)
		return HISTOGRAM_OVERFLOW;
	if (v < 2 * PARTS)
		return (size_t)v;
	shift = 63 - (unsigned)__builtin_clzll(v) - HISTOGRAM_PART_BITS;
	return ((size_t)(shift + 1) << HISTOGRAM_PART_BITS) + (size_t)(v >> shift & (PARTS - 1));
}

int64_t
histogram_edge(size_t bucket)
{
	size_t shift;

	if (bucket >= HISTOGRAM_OVERFLOW)
		return INT64_MAX;
	if (bucket < 2 * PARTS)
		return (int64_t)bucket + 1;
	shift = (bucket >> HISTOGRAM_PART_BITS) - 1;
	return (int64_t)(PARTS + bucket % PARTS + 1) << shift;
}

void
histogram_observe(struct histogram_cells *h, int64_t us)
{
	int64_t v = us > 0 ? us : 0;
	int64_t most = atomic_load_explicit(&h->most_us, memory_order_relaxed);
	int64_t least = atomic_load_explicit(&h->least, memory_order_relaxed);

	while (v > most && !atomic_compare_exchange_weak_explicit(&h->most_us, &most, v,
				   memory_order_relaxed, memory_order_relaxed))
		;
	while ((least == 0 || v + 1 < least) &&
		!atomic_compare_exchange_weak_explicit(
			&h->least, &least, v + 1, memory_order_relaxed, memory_order_relaxed))
		;
	atomic_fetch_add_explicit(&h->sum_us, (uint64_t)v, memory_order_relaxed);
	atomic_fetch_add_explicit(&h->bucket[histogram_bucket(v)], 1, memory_order_relaxed);
}

static void
extremes_merge(struct histogram_sums *to, uint64_t count, int64_t min_us, int64_t max_us)
{
	if (to->count == 0 || min_us < to->min_us)
		to->min_us = min_us;
	if (to->count == 0 || max_us > to->max_us)
		to->max_us = max_us;
	to->count += count;
}

void
histogram_read(struct histogram_sums *to, const struct histogram_cells *from)
{
	int64_t least = atomic_load_explicit(&from->least, memory_order_relaxed);
	uint64_t count = 0;

	if (least == 0)
		return;
	for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++) {
		uint64_t n = atomic_load_explicit(&from->bucket[i], memory_order_relaxed);

		to->bucket[i] += n;
		count += n;
	}
	if (count == 0)
		return;
	to->sum_us += atomic_load_explicit(&from->sum_us, memory_order_relaxed);
	extremes_merge(
		to, count, least - 1, atomic_load_explicit(&from->most_us, memory_order_relaxed));
}

void
histogram_merge(struct histogram_sums *to, const struct histogram_sums *from)
{
	if (from->count == 0)
		return;
	for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++)
		to->bucket[i] += from->bucket[i];
	to->sum_us += from->sum_us;
	extremes_merge(to, from->count, from->min_us, from->max_us);
}

void
histogram_subtract(struct histogram_sums *now, const struct histogram_sums *before)
{
	int64_t longest = now->max_us;

	now->count = 0;
	now->min_us = now->max_us = 0;
	now->sum_us -= before->sum_us;
	for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++) {
		now->bucket[i] -= before->bucket[i];
		if (now->bucket[i] == 0)
			continue;
		if (now->count == 0)
			now->min_us = i > 0 ? histogram_edge(i - 1) : 0;
		now->count += now->bucket[i];
		now->max_us = histogram_edge(i) < longest ? histogram_edge(i) : longest;
	}
}

uint64_t
histogram_at_most(const struct histogram_sums *h, int64_t us)
{
	uint64_t n = 0;

	for (size_t i = 0; i < HISTOGRAM_BUCKETS && histogram_edge(i) <= us; i++)
		n += h->bucket[i];
	return n;
}

/* The edge under which at least percent of all lie. */
static int64_t
percentile(const struct histogram_sums *h, unsigned percent)
{
	uint64_t rank = h->count / 100 * percent + (h->count % 100 * percent + 99) / 100;
	uint64_t seen = 0;

	for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++) {
		seen += h->bucket[i];
		if (seen >= rank && seen > 0)
			return histogram_edge(i) < h->max_us ? histogram_edge(i) : h->max_us;
	}
	return h->max_us;
}

void
histogram_summary(const struct histogram_sums *h, struct metrics_summary *out)
{
	*out = (struct metrics_summary){
		.count = h->count,
		.sum_us = h->sum_us,
		.min_us = h->min_us,
		.max_us = h->max_us,
		.p50_us = percentile(h, 50),
		.p90_us = percentile(h, 90),
		.p99_us = percentile(h, 99),
	};
}
