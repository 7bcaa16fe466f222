/*
 * malloc and its one fault switch.
 */
#include "base/mem.h"

#include <stdatomic.h>
#include <stdlib.h>

#ifdef SP_DEBUG
/* Test switches, touched only by tests: an allocation has no context to keep them in. */
/* lint: allow global: debug builds only, and every allocation must see it */
static atomic_ulong fault_countdown;
/* lint: allow global: what the other one came to, for the test to ask */
static atomic_int fault_was_hit;

static int
fault(void)
{
	if (atomic_load_explicit(&fault_countdown, memory_order_relaxed) == 0)
		return 0;
	if (atomic_fetch_sub(&fault_countdown, 1) != 1)
		return 0;
	atomic_store(&fault_was_hit, 1);
	return 1;
}

void
mem_fault_at(unsigned long n)
{
	atomic_store(&fault_was_hit, 0);
	atomic_store(&fault_countdown, n);
}

int
mem_fault_hit(void)
{
	return atomic_load(&fault_was_hit);
}
#else
static int
fault(void)
{
	return 0;
}

void
mem_fault_at(unsigned long n)
{
	(void)n;
}

int
mem_fault_hit(void)
{
	return 0;
}
#endif

void *
mem_alloc(size_t size)
{
	return fault() ? NULL : calloc(1, size ? size : 1);
}

void
mem_free(void *p)
{
	free(p);
}
