/*
 * What lies where in the shared segment; private to the files of core that implement segment.h and
 * metrics.h. doc/SEGMENT.md is its description, layout_hash() its guard.
 *
 *	struct layout		header, generation, writers' lock, heads of slots, rate buckets,
 *				the history, and for each slot a struct layout_counts, on pages of its own
 *	struct layout_record	the ring of details, header.ring_size of them
 *
 * Everything that two processes touch is an atomic or belongs to the holder of the lock. A slot's
 * counts outlive its owner: the next one counts on where the last one stopped. So there is nothing
 * to be moved when a process ends, and no moment at which a count is in two places or in none.
 */
#ifndef CORE_LAYOUT_H
#define CORE_LAYOUT_H

#include "core/health.h"
#include "core/histogram.h"
#include "core/history.h"
#include "core/metrics.h"
#include "core/segment.h"

#include <pthread.h>
#include <stdalign.h>
#include <stdatomic.h>

enum {
	LAYOUT_LINE = 64, /* bytes of a cache line */
	LAYOUT_PAGE = 4096,
	LAYOUT_SLOTS = 72,          /* 64 workers, supervisor, courier, commands */
	LAYOUT_CLASSES = 6,         /* status / 100; 0 for none sent */
	LAYOUT_RATE_BUCKETS = 4096, /* addresses remembered per limit; a power of two */
	LAYOUT_RECORD_WORDS = sizeof(struct metrics_record) / 8,
	LAYOUT_RING_DEFAULT = 1000,
};
_Static_assert(sizeof(struct metrics_record) % 8 == 0, "a record is copied word by word");
_Static_assert((LAYOUT_RATE_BUCKETS & (LAYOUT_RATE_BUCKETS - 1)) == 0, "found by masking a hash");
_Static_assert(ATOMIC_LLONG_LOCK_FREE == 2, "64-bit atomics work between processes");

/* Who owns a slot and how it is; written by the owner only, once it is the owner. */
struct layout_head {
	alignas(LAYOUT_LINE) _Atomic uint64_t owner; /* process_identity(); 0: free */
	_Atomic uint64_t ready;                      /* the owner for whom all below is valid */
	_Atomic uint32_t used;                       /* ever owned: its counts are worth reading */
	_Atomic uint32_t role;
	_Atomic int64_t start_us;     /* wall clock */
	_Atomic int64_t heartbeat_us; /* monotonic */
	_Atomic int64_t cpu_us;       /* processor time of this owner already counted */
	alignas(LAYOUT_LINE) _Atomic uint64_t requests;
	_Atomic int64_t gauge[GAUGE__MAX];
};

/* Exact for ever: only additions, by the slot's owners one after the other. */
struct layout_counts {
	alignas(LAYOUT_PAGE) _Atomic uint64_t cpu_us;
	_Atomic uint64_t counter[COUNTER__MAX];
	_Atomic uint64_t error[ERR__MAX];
	_Atomic uint64_t request[ROUTE__MAX][METHOD__MAX][LAYOUT_CLASSES];
	struct histogram_cells route[ROUTE__MAX];
	struct histogram_cells row[HISTOGRAM__MAX];
	struct histogram_cells statement[DBOP__MAX][DBTABLE__MAX];
};

/* One address under one limit; see segment_rate.c. */
struct layout_bucket {
	_Atomic uint64_t key;    /* hash of the address; 0: empty */
	_Atomic int64_t full_us; /* when the bucket will be full again */
};

/* One detail record; see ring.c. */
struct layout_record {
	alignas(LAYOUT_LINE) _Atomic uint64_t state;
	_Atomic uint64_t word[LAYOUT_RECORD_WORDS];
};

/* What happened in one interval; see history.c. */
struct layout_sample {
	_Atomic uint64_t state;
	_Atomic uint64_t value[SAMPLE__MAX];
};

/* Written once, before anybody else sees the file. */
struct layout_header {
	char magic[8];
	uint64_t hash;      /* layout_hash() of the program that made it */
	uint64_t size;      /* of the whole file, bytes */
	uint64_t ring_at;   /* offset of the ring */
	uint64_t ring_size; /* records */
	uint64_t maker;     /* process_identity() of the supervisor */
	uint64_t secret;    /* seeds the hash of addresses */
	int64_t start_us;   /* wall clock */
	int64_t start_mono_us;
};

struct layout {
	struct layout_header header;
	alignas(LAYOUT_LINE) _Atomic uint64_t generation;
	_Atomic int64_t moved_us; /* wall clock of its last move */
	_Atomic int64_t unwritable_us; /* monotonic; since when nothing can be stored; 0: it can */
	_Atomic int64_t locked_us; /* monotonic; since when nobody has had his turn to write; 0: all do */
	_Atomic int64_t configured_us; /* wall clock of when the configuration in force was read */
	alignas(LAYOUT_LINE) pthread_mutex_t writer;
	alignas(LAYOUT_LINE) _Atomic uint64_t ring_next; /* records begun so far */
	alignas(LAYOUT_LINE) _Atomic int64_t health[CHECK__MAX]; /* see health.c */
	struct layout_head head[LAYOUT_SLOTS];
	alignas(LAYOUT_LINE) struct layout_bucket rate[SEGMENT_LIMIT__MAX][LAYOUT_RATE_BUCKETS];
	alignas(LAYOUT_LINE) struct layout_sample history[HISTORY_CELLS];
	struct layout_counts counts[LAYOUT_SLOTS];
};

/* The handle: where a process sees the file. */
struct segment {
	struct layout *map;
	size_t size; /* bytes mapped */
	int fd;      /* kept for reserving a slot's disk space before it is touched */
	bool writable;
};

/* A number that differs where names, order or sizes differ; never 0. */
uint64_t layout_hash(void);

/* Size of a file with so many detail records. */
size_t layout_size(size_t ring_size);

static inline struct layout_record *
layout_ring(const struct layout *map)
{
	return (struct layout_record *)((uintptr_t)map + (uintptr_t)map->header.ring_at);
}

#endif
