/*
 * Memory of one request: allocated by moving a pointer, given back all at once. The first block
 * is kept between requests and grows to what a request needed, up to 1 MiB, so a worker that has
 * seen its usual pages allocates no more. A hard cap bounds
 * what one request can take. Under AddressSanitizer what was given back is poisoned.
 *
 *	arena_init -> { arena_alloc ... arena_reset } ... -> arena_fini
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "base/str.h"

#include <stddef.h>

struct arena_block;

struct arena {
	struct arena_block *first;	/* kept over resets */
	size_t first_size;		/* bytes the next first block is to have; 0: the least */
	struct arena_block *current;
	size_t used;			/* bytes handed out since the last reset */
	size_t cap;			/* bytes it may hand out between resets */
};

/* cap in bytes; allocates nothing yet. */
void arena_init(struct arena *a, size_t cap);

/* Gives back all, keeps the first block for the next request and frees the others. */
void arena_reset(struct arena *a);

/* Frees everything. */
void arena_fini(struct arena *a);

/*
 * n bytes, zeroed, aligned for any type, valid until the next reset. NULL when the cap or the
 * machine's memory is reached.
 */
void *arena_alloc(struct arena *a, size_t n) __attribute__((warn_unused_result));

/* n elements of size bytes; NULL also when the product overflows. */
void *arena_calloc(struct arena *a, size_t n, size_t size) __attribute__((warn_unused_result));

/* The same without zeroing, for what is about to be written over. */
void *arena_bytes(struct arena *a, size_t n) __attribute__((warn_unused_result));

/*
 * Makes the n bytes at p, which arena_bytes() gave, room for more: in place if they were the last
 * given out and their block has room, else as a copy. NULL: p is untouched.
 */
void *arena_grow(struct arena *a, void *p, size_t n, size_t more) __attribute__((warn_unused_result));

/* A copy with a NUL behind it (not counted in n); p NULL on failure. */
struct str arena_str(struct arena *a, struct str s) __attribute__((warn_unused_result));

/* printf into the arena; p NULL on failure. */
struct str arena_printf(struct arena *a, const char *fmt, ...)
	__attribute__((format(printf, 2, 3), warn_unused_result));

#endif
