/*
 * A list of blocks; allocation moves a pointer through the last one.
 */
#include "base/arena.h"

#include "base/mem.h"

#include <assert.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#if defined(__SANITIZE_ADDRESS__)
#define SP_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SP_ASAN 1
#endif
#endif

#ifdef SP_ASAN
#include <sanitizer/asan_interface.h>
#define POISON(p, n) __asan_poison_memory_region((p), (n))
#define UNPOISON(p, n) __asan_unpoison_memory_region((p), (n))
#else
#define POISON(p, n) ((void)(p), (void)(n))
#define UNPOISON(p, n) ((void)(p), (void)(n))
#endif

enum {
	BLOCK_SIZE = 64 * 1024,
	KEEP_MAX = 1024 * 1024,		/* largest first block */
	ALIGN = alignof(max_align_t),
};

struct arena_block {
	struct arena_block *next;
	size_t size;
	size_t used;
	alignas(max_align_t) char data[];
};

void
arena_init(struct arena *a, size_t cap)
{
	*a = (struct arena){.cap = cap};
}

static void
blocks_free(struct arena_block *b)
{
	while (b) {
		struct arena_block *next = b->next;

		UNPOISON(b->data, b->size);
		mem_free(b);
		b = next;
	}
}

void
arena_reset(struct arena *a)
{
	if (a->first && a->first->next && a->first->size < KEEP_MAX) {
		/* More than one block was needed: next time, one that holds it all. */
		a->first_size = a->used < KEEP_MAX / 2 ? a->used * 2 : KEEP_MAX;
		blocks_free(a->first);
		a->first = NULL;
	} else if (a->first) {
		blocks_free(a->first->next);
		a->first->next = NULL;
		a->first->used = 0;
		POISON(a->first->data, a->first->size);
	}
	a->current = a->first;
	a->used = 0;
}

void
arena_fini(struct arena *a)
{
	blocks_free(a->first);
	*a = (struct arena){.cap = a->cap};
}

static struct arena_block *
block_add(struct arena *a, size_t need)
{
	size_t least = a->first || a->first_size < BLOCK_SIZE ? BLOCK_SIZE : a->first_size;
	size_t size = need > least ? need : least;
	struct arena_block *b = mem_alloc(sizeof(*b) + size);

	if (!b)
		return NULL;
	b->size = size;
	POISON(b->data, b->size);
	if (a->current)
		a->current->next = b;
	else
		a->first = b;
	a->current = b;
	return b;
}

/* What n bytes take up; less than n if that is more than there is. */
static size_t
rounded(size_t n)
{
	return n == 0 ? (size_t)ALIGN : (n + ALIGN - 1) & ~(size_t)(ALIGN - 1);
}

void *
arena_bytes(struct arena *a, size_t n)
{
	struct arena_block *b = a->current;
	size_t need = rounded(n);
	void *p;

	if (need < n || need > a->cap || a->used > a->cap - need)
		return NULL;
	if (!b || b->size - b->used < need) {
		b = block_add(a, need);
		if (!b)
			return NULL;
	}
	p = b->data + b->used;
	UNPOISON(p, n ? n : 1);
	b->used += need;
	a->used += need;
	return p;
}

void *
arena_alloc(struct arena *a, size_t n)
{
	void *p = arena_bytes(a, n);

	return p ? memset(p, 0, n ? n : 1) : NULL;
}

void *
arena_grow(struct arena *a, void *p, size_t n, size_t more)
{
	struct arena_block *b = a->current;
	size_t had = rounded(n), need = rounded(more), extra = need - had;
	void *copy;

	assert(more >= n);
	if (need >= more && need >= had && p == b->data + b->used - had && b->size - b->used >= extra &&
		extra <= a->cap - a->used) {
		UNPOISON(p, more);
		b->used += extra;
		a->used += extra;
		return p;
	}
	copy = arena_bytes(a, more);
	return copy ? memcpy(copy, p, n) : NULL;
}

void *
arena_calloc(struct arena *a, size_t n, size_t size)
{
	if (size != 0 && n > SIZE_MAX / size)
		return NULL;
	return arena_alloc(a, n * size);
}

struct str
arena_str(struct arena *a, struct str s)
{
	char *p = s.n < SIZE_MAX ? arena_bytes(a, s.n + 1) : NULL;

	if (!p)
		return (struct str){0};
	if (s.n > 0)
		memcpy(p, s.p, s.n);
	p[s.n] = '\0';
	return str_n(p, s.n);
}

struct str
arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap;
	char *p;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0)
		return (struct str){0};
	p = arena_alloc(a, (size_t)n + 1);
	if (!p)
		return (struct str){0};
	va_start(ap, fmt);
	(void)vsnprintf(p, (size_t)n + 1, fmt, ap);
	va_end(ap);
	return str_n(p, (size_t)n);
}
