/*
 * The ring of recent detail records in the shared segment. Writers of all processes share it
 * without a lock; a reader sees a record whole or not at all; the newest overwrite the oldest.
 */
#ifndef CORE_RING_H
#define CORE_RING_H

#include "core/layout.h"

/* How many records were ever begun. */
uint64_t ring_count(const struct segment *seg);

/*
 * Keeps a copy of r, written in the name of a slot. False: the cell whose turn it is is being
 * written by someone a whole round behind or ahead; the record is dropped rather than waited for.
 */
bool ring_put(struct segment *seg, size_t slot, const struct metrics_record *r);

/* The record with that number, counted from 0. False: unfinished, overwritten or not yet begun. */
bool ring_get(const struct segment *seg, uint64_t number, struct metrics_record *out);

/* True if ring_get() would give it. */
bool ring_has(const struct segment *seg, uint64_t number);

/* Frees the cells that a slot's dead owner was writing when it died. */
void ring_forget(struct segment *seg, size_t slot);

#endif
