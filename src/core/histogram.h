/*
 * Durations in fixed log-linear buckets: exact to the microsecond up to 16 us, then eight buckets
 * to each power of two, so that an upper edge is never more than 12.5 % above what it stands for,
 * up to 134 s; what is longer shares the last bucket. A bucket holds (edge below, edge]: every
 * power of two is an edge, and "at most 1024 us" can be answered exactly.
 *
 * Two forms: cells live in the shared segment and are written by many threads with relaxed atomics,
 * no lock; sums are plain memory of a reader. The count is not stored: it is the sum of the
 * buckets, so that the two can never disagree.
 */
#ifndef CORE_HISTOGRAM_H
#define CORE_HISTOGRAM_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

enum {
	HISTOGRAM_PART_BITS = 3, /* 8 buckets to a power of two */
	HISTOGRAM_TOP_BITS = 27, /* 2^27 us = 134 s */
	HISTOGRAM_OVERFLOW = (HISTOGRAM_TOP_BITS - HISTOGRAM_PART_BITS + 1) << HISTOGRAM_PART_BITS,
	HISTOGRAM_BUCKETS,
};

/* All zero is an empty one. */
struct histogram_cells {
	_Atomic uint64_t sum_us;
	_Atomic int64_t least; /* smallest value + 1; 0: none yet */
	_Atomic int64_t most_us;
	_Atomic uint64_t bucket[HISTOGRAM_BUCKETS];
};

/* All zero is an empty one. */
struct histogram_sums {
	uint64_t count;
	uint64_t sum_us;
	int64_t min_us, max_us; /* 0 while count is 0 */
	uint64_t bucket[HISTOGRAM_BUCKETS];
};

struct metrics_summary;

/* The bucket of a duration; a negative one counts as 0. */
size_t histogram_bucket(int64_t us);

/* A bucket's upper edge, inclusive, microseconds; INT64_MAX for the last. */
int64_t histogram_edge(size_t bucket);

/* Counts one duration. Any thread of any process. */
void histogram_observe(struct histogram_cells *h, int64_t us);

/* Adds what is in from to to. */
void histogram_read(struct histogram_sums *to, const struct histogram_cells *from);
void histogram_merge(struct histogram_sums *to, const struct histogram_sums *from);

/*
 * Takes from now what was there before, an earlier look at the same cells: what is left was observed
 * between the two. Its extremes are edges of buckets.
 */
void histogram_subtract(struct histogram_sums *now, const struct histogram_sums *before);

/* How many were at most us, which must be an edge (a power of two is). */
uint64_t histogram_at_most(const struct histogram_sums *h, int64_t us);

/* Count, sum, extremes and percentiles: upper edges of buckets, at most the maximum; 0 if empty. */
void histogram_summary(const struct histogram_sums *h, struct metrics_summary *out);

#endif
