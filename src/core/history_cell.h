/*
 * Cells of the history, for the files of core that write them: history.c from the counters,
 * history_file.c from what an earlier run of the site has saved.
 */
#ifndef CORE_HISTORY_CELL_H
#define CORE_HISTORY_CELL_H

#include "core/layout.h"

/* A cell's state: the number of its sample, and whether it is being written; 0: never written. */
static inline uint64_t
history_state(int64_t number, bool busy)
{
	return ((uint64_t)number + 1) << 1 | (busy ? 1 : 0);
}

/* Writes a sample, or adds it to the one of that number which is there. The writer's process only. */
void history_cell_put(struct segment *seg, enum history_ring ring, int64_t number,
	const struct history_sample *sample);

#endif
