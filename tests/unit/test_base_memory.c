/*
 * base/mem, base/arena, base/buf: what is handed out, what the caps refuse, what failure leaves.
 */
#include "base/arena.h"
#include "base/buf.h"
#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

/* ---- mem --------------------------------------------------------------------------------- */

static void
mem_gives_zeroed_blocks(void **state)
{
	unsigned char *p = mem_alloc(300);

	(void)state;
	assert_non_null(p);
	for (size_t i = 0; i < 300; i++)
		assert_int_equal(p[i], 0);
	mem_free(p);
	p = mem_alloc(0);
	assert_non_null(p);
	mem_free(p);
	mem_free(NULL);
}

#ifdef SP_DEBUG
static void
mem_fault_fails_the_nth_allocation_once(void **state)
{
	void *p, *q;

	(void)state;
	mem_fault_at(2);
	p = mem_alloc(1);
	assert_non_null(p);
	assert_false(mem_fault_hit());
	assert_null(mem_alloc(1));
	assert_true(mem_fault_hit());
	q = mem_alloc(1);
	assert_non_null(q);
	mem_fault_at(1);
	mem_fault_at(0);
	mem_free(p);
	p = mem_alloc(1);
	assert_non_null(p);
	assert_false(mem_fault_hit());
	mem_free(p);
	mem_free(q);
}
#else
static void
mem_fault_is_without_effect_in_release_builds(void **state)
{
	void *p;

	(void)state;
	mem_fault_at(1);
	p = mem_alloc(1);
	assert_non_null(p);
	assert_false(mem_fault_hit());
	mem_free(p);
}
#endif

/* ---- arena ------------------------------------------------------------------------------- */

static void
arena_blocks_are_zeroed_and_aligned(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a, 1 << 20);
	for (size_t n = 0; n < 2000; n += 37) {
		unsigned char *p = arena_alloc(&a, n);

		assert_non_null(p);
		assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
		for (size_t i = 0; i < n; i++)
			assert_int_equal(p[i], 0);
		memset(p, 0xff, n);
	}
	arena_reset(&a);
	assert_int_equal(a.used, 0);
	assert_int_equal(*(unsigned char *)arena_alloc(&a, 1), 0);
	arena_fini(&a);
}

static void
arena_refuses_more_than_its_cap(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a, 256);
	assert_non_null(arena_alloc(&a, 128));
	assert_null(arena_alloc(&a, 129));
	assert_non_null(arena_alloc(&a, 128));
	assert_null(arena_alloc(&a, 1));
	assert_null(arena_alloc(&a, 0));
	arena_reset(&a);
	assert_non_null(arena_alloc(&a, 256));
	assert_null(arena_alloc(&a, SIZE_MAX));
	assert_null(arena_alloc(&a, SIZE_MAX - 8));
	arena_fini(&a);
}

static void
arena_takes_what_is_larger_than_a_block(void **state)
{
	struct arena a;
	char *small, *large;

	(void)state;
	arena_init(&a, 4 << 20);
	small = arena_alloc(&a, 10);
	large = arena_alloc(&a, 1 << 20);
	assert_non_null(small);
	assert_non_null(large);
	memset(small, 1, 10);
	memset(large, 2, 1 << 20);
	assert_int_equal(small[9], 1);
	arena_reset(&a);
	assert_non_null(arena_alloc(&a, 1 << 20));
	arena_fini(&a);
	assert_non_null(arena_alloc(&a, 10));
	arena_fini(&a);
}

static void
arena_calloc_refuses_an_overflowing_product(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a, SIZE_MAX);
	assert_null(arena_calloc(&a, SIZE_MAX / 4, 8));
	assert_non_null(arena_calloc(&a, 0, 8));
	assert_non_null(arena_calloc(&a, 8, 0));
	arena_fini(&a);
}

static void
arena_texts_are_terminated_copies(void **state)
{
	char source[] = "abc";
	struct arena a;
	struct str s;

	(void)state;
	arena_init(&a, 1024);
	s = arena_str(&a, str_n(source, 2));
	source[0] = 'x';
	assert_int_equal(s.n, 2);
	assert_string_equal(s.p, "ab");
	s = arena_str(&a, (struct str){0});
	assert_non_null(s.p);
	assert_int_equal(s.n, 0);
	s = arena_printf(&a, "%d-%s", 7, "up");
	assert_int_equal(s.n, 4);
	assert_string_equal(s.p, "7-up");
	assert_null(arena_printf(&a, "%2000d", 1).p);
	assert_null(arena_str(&a, str_n(source, SIZE_MAX)).p);
	arena_fini(&a);
}

#ifdef SP_DEBUG
static void
arena_gives_null_when_the_machine_has_no_memory(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a, 1024);
	mem_fault_at(1);
	assert_null(arena_alloc(&a, 10));
	assert_true(mem_fault_hit());
	assert_non_null(arena_alloc(&a, 10));
	arena_fini(&a);
}
#endif

/* ---- buf --------------------------------------------------------------------------------- */

static void
buf_appends_in_order(void **state)
{
	struct ctx c;
	struct buf b;
	struct str s;

	(void)state;
	ctx_init(&c, 1 << 16);
	buf_init(&b, &c.arena, 1024);
	buf_put(&b, S("a"));
	buf_puts(&b, "bc");
	buf_putc(&b, 'd');
	buf_putu(&b, UINT64_MAX);
	buf_puti(&b, INT64_MIN);
	buf_puti(&b, 0);
	buf_printf(&b, "[%03d]", 7);
	buf_put(&b, (struct str){0});
	assert_int_equal(buf_end(&c, &b, &s), OK);
	assert_string_equal(s.p, "abcd18446744073709551615-92233720368547758080[007]");
	assert_int_equal(s.n, strlen(s.p));
	ctx_fini(&c);
}

static void
buf_grows_up_to_its_cap_and_remembers_the_failure(void **state)
{
	struct ctx c;
	struct buf b;
	struct str s;

	(void)state;
	ctx_init(&c, 1 << 20);
	buf_init(&b, &c.arena, 1000);
	for (int i = 0; i < 1000; i++)
		buf_putc(&b, 'x');
	assert_false(b.failed);
	assert_int_equal(buf_end(&c, &b, &s), OK);
	assert_int_equal(s.n, 1000);
	assert_int_equal(s.p[1000], '\0');
	buf_putc(&b, 'y');
	assert_true(b.failed);
	buf_put(&b, (struct str){0});
	assert_int_equal(buf_end(&c, &b, &s), ERR_MEMORY);
	assert_int_equal(c.err.code, ERR_MEMORY);
	ctx_fini(&c);
}

static void
buf_fails_when_the_arena_is_full(void **state)
{
	struct ctx c;
	struct buf b;
	struct str s;

	(void)state;
	ctx_init(&c, 1024);
	buf_init(&b, &c.arena, 100000);
	buf_printf(&b, "%1100s", "");
	assert_true(b.failed);
	assert_int_equal(buf_end(&c, &b, &s), ERR_MEMORY);
	ctx_fini(&c);
}

static void
buf_of_nothing_is_the_empty_string(void **state)
{
	struct ctx c;
	struct buf b;
	struct str s;

	(void)state;
	ctx_init(&c, 1024);
	buf_init(&b, &c.arena, 10);
	assert_int_equal(buf_str(&b).n, 0);
	assert_int_equal(buf_end(&c, &b, &s), OK);
	assert_int_equal(s.n, 0);
	assert_string_equal(s.p, "");
	ctx_fini(&c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mem_gives_zeroed_blocks),
		cmocka_unit_test(arena_blocks_are_zeroed_and_aligned),
		cmocka_unit_test(arena_refuses_more_than_its_cap),
		cmocka_unit_test(arena_takes_what_is_larger_than_a_block),
		cmocka_unit_test(arena_calloc_refuses_an_overflowing_product),
		cmocka_unit_test(arena_texts_are_terminated_copies),
#ifdef SP_DEBUG
		cmocka_unit_test(mem_fault_fails_the_nth_allocation_once),
		cmocka_unit_test(arena_gives_null_when_the_machine_has_no_memory),
#else
		cmocka_unit_test(mem_fault_is_without_effect_in_release_builds),
#endif
		cmocka_unit_test(buf_appends_in_order),
		cmocka_unit_test(buf_grows_up_to_its_cap_and_remembers_the_failure),
		cmocka_unit_test(buf_fails_when_the_arena_is_full),
		cmocka_unit_test(buf_of_nothing_is_the_empty_string),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
