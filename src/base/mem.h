/*
 * The only place that calls malloc. Blocks for the life of the process (pools, tables, caches) come
 * from here directly; everything a request needs comes from its arena (arena.h).
 *
 * In debug builds the n-th allocation can be made to fail, so that tests can walk every path on
 * which memory runs out.
 */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>

/* size bytes, zeroed, owned by the caller; NULL when there are none. Free with mem_free(). */
void *mem_alloc(size_t size) __attribute__((warn_unused_result));

/* NULL is fine. */
void mem_free(void *p);

/*
 * Debug builds only (otherwise without effect): the n-th allocation from now on fails, once; 0
 * turns it off. mem_fault_hit() tells whether it has come to that.
 */
void mem_fault_at(unsigned long n);
int mem_fault_hit(void);

#endif
