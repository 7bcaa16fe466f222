/*
 * A ring of cells, each guarded by its own sequence lock.
 *
 * A writer takes the next number, and with it a cell, and marks the cell's state busy by
 * compare-and-swap; then come the words, then the state that says whose record it is. A cell that
 * is busy is left alone: its writer is a whole round behind or dead; so is one that a newer record
 * has reached first. The dead one's slot is part of the mark, so that whoever inherits the slot can
 * free the cell.
 *
 * Words are stored with release and loaded with acquire order: a reader that has seen one word of a
 * newer record is bound to see, when it looks at the state again, that the state has moved too.
 * (Fences would do with fewer marks, but ThreadSanitizer cannot follow them.)
 */
#include "core/ring.h"

/* number + 1 in the upper 55 bits, slot in the next 8, busy in the last; 0: never written. */
static uint64_t
state_of(uint64_t number, size_t slot, bool busy)
{
	return (number + 1) << 9 | (uint64_t)slot << 1 | (busy ? 1 : 0);
}

static bool
state_holds(uint64_t state, uint64_t number)
{
	return state >> 9 == number + 1 && (state & 1) == 0;
}

static struct layout_record *
cell_of(const struct segment *seg, uint64_t number)
{
	return &layout_ring(seg->map)[number % seg->map->header.ring_size];
}

uint64_t
ring_count(const struct segment *seg)
{
	return atomic_load_explicit(&seg->map->ring_next, memory_order_acquire);
}

bool
ring_put(struct segment *seg, size_t slot, const struct metrics_record *r)
{
	uint64_t number = atomic_fetch_add_explicit(&seg->map->ring_next, 1, memory_order_relaxed);
	struct layout_record *cell = cell_of(seg, number);
	uint64_t state = atomic_load_explicit(&cell->state, memory_order_relaxed);
	uint64_t words[LAYOUT_RECORD_WORDS];

	if ((state & 1) != 0 || state >> 9 > number + 1)
		return false;
	if (!atomic_compare_exchange_strong(&cell->state, &state, state_of(number, slot, true)))
		return false;
	memcpy(words, r, sizeof(words));
	for (size_t i = 0; i < LAYOUT_RECORD_WORDS; i++)
		atomic_store_explicit(&cell->word[i], words[i], memory_order_release);
	atomic_store_explicit(&cell->state, state_of(number, slot, false), memory_order_release);
	return true;
}

bool
ring_get(const struct segment *seg, uint64_t number, struct metrics_record *out)
{
	const struct layout_record *cell = cell_of(seg, number);
	uint64_t before = atomic_load_explicit(&cell->state, memory_order_acquire);
	uint64_t words[LAYOUT_RECORD_WORDS];

	if (!state_holds(before, number))
		return false;
	for (size_t i = 0; i < LAYOUT_RECORD_WORDS; i++)
		words[i] = atomic_load_explicit(&cell->word[i], memory_order_acquire);
	if (atomic_load_explicit(&cell->state, memory_order_relaxed) != before)
		return false;
	memcpy(out, words, sizeof(words));
	return true;
}

bool
ring_has(const struct segment *seg, uint64_t number)
{
	return state_holds(
		atomic_load_explicit(&cell_of(seg, number)->state, memory_order_acquire), number);
}

void
ring_forget(struct segment *seg, size_t slot)
{
	uint64_t begun = ring_count(seg);
	uint64_t n = begun < seg->map->header.ring_size ? begun : seg->map->header.ring_size;

	for (uint64_t i = 0; i < n; i++) {
		struct layout_record *cell = cell_of(seg, i);
		uint64_t state = atomic_load_explicit(&cell->state, memory_order_relaxed);

		if ((state & 1) != 0 && (state >> 1 & 0xFF) == slot)
			(void)atomic_compare_exchange_strong(&cell->state, &state, 0);
	}
}
