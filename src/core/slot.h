/*
 * Ownership of the slots in the shared segment. A slot belongs to the process whose identity stands
 * in its head; it is claimed by one compare-and-swap, from free or from a dead process, and given
 * back by another. Its counts stay where they are: see layout.h.
 */
#ifndef CORE_SLOT_H
#define CORE_SLOT_H

#include "core/layout.h"

/*
 * This process: its pid in the upper half, the lower half of its start time (in the kernel's ticks)
 * below, so that a later process of the same pid is another one. Never 0.
 */
uint64_t process_identity(void);

/*
 * True unless that process is gone, is a zombie, or its pid is a later process's by now. Where
 * /proc cannot be read the pid alone decides.
 */
bool process_lives(uint64_t identity);

static inline int
process_pid(uint64_t identity)
{
	return (int)(identity >> 32);
}

/*
 * Claims the first slot that is free or whose owner is dead, and reserves the memory its counts
 * need. Writes its number to *slot. ERR_MEMORY: all taken, or no room in the file system.
 */
MUST enum err slot_claim(struct ctx *c, struct segment *seg, enum metrics_role role, size_t *slot);

/* Gives it back; does nothing if owner does not own it any more. */
void slot_release(struct segment *seg, size_t slot, uint64_t owner);

/* True if the slot's owner lives and has filled its head. */
bool slot_live(const struct segment *seg, size_t slot);

/* True if the segment's maker or a slot's owner lives: the site runs. */
bool slot_any_live(const struct segment *seg);

#endif
