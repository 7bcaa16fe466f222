/*
 * base/ctx and base/err: what a reset takes away, the order of deferred calls, the first cause.
 */
#include "base/ctx.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static int
setup(void **state)
{
	static struct ctx c;

	ctx_init(&c, 4096);
	*state = &c;
	return 0;
}

static int
teardown(void **state)
{
	ctx_fini(*state);
	return 0;
}

/* ---- ctx --------------------------------------------------------------------------------- */

struct call {
	char *order;
	char name;
};

/* Writes the call's name behind those that came before. */
static void
push(void *p)
{
	struct call *call = p;

	call->order[strlen(call->order)] = call->name;
}

static void
deferred_calls_run_last_first_and_once(void **state)
{
	struct ctx *c = *state;
	char order[8] = "";
	struct call calls[] = {{order, 'a'}, {order, 'b'}, {order, 'c'}};

	for (size_t i = 0; i < 3; i++)
		assert_int_equal(ctx_defer(c, push, &calls[i]), OK);
	assert_string_equal(order, "");
	ctx_reset(c);
	assert_string_equal(order, "cba");
	ctx_reset(c);
	assert_string_equal(order, "cba");
	assert_int_equal(ctx_defer(c, push, &calls[1]), OK);
	ctx_run_defers(c);
	assert_string_equal(order, "cbab");
}

static void
what_was_deferred_since_a_mark_runs_alone(void **state)
{
	struct ctx *c = *state;
	const struct ctx_defer *mark;
	char order[8] = "";
	struct call calls[] = {{order, 'a'}, {order, 'b'}, {order, 'c'}};

	assert_int_equal(ctx_defer(c, push, &calls[0]), OK);
	mark = c->defers;
	ctx_run_defers_since(c, mark);
	assert_string_equal(order, "");
	assert_int_equal(ctx_defer(c, push, &calls[1]), OK);
	assert_int_equal(ctx_defer(c, push, &calls[2]), OK);
	ctx_run_defers_since(c, mark);
	assert_string_equal(order, "cb");
	ctx_reset(c);
	assert_string_equal(order, "cba");
}

static void
defer_without_memory_has_run_the_call(void **state)
{
	struct ctx *c = *state;
	char order[8] = "";
	struct call call = {order, 'x'};

	while (arena_alloc(&c->arena, 16))
		;
	assert_int_equal(ctx_defer(c, push, &call), ERR_MEMORY);
	assert_string_equal(order, "x");
	assert_int_equal(c->err.code, ERR_MEMORY);
	ctx_reset(c);
	assert_string_equal(order, "x");
}

static void
reset_takes_everything_of_the_last_work(void **state)
{
	struct ctx *c = *state;

	c->now_us = c->start_us = c->deadline_us = 7;
	c->read_only = true;
	memcpy(c->request_id, "0123", 5);
	assert_non_null(ctx_alloc(c, 100));
	assert_int_equal(err_raise(c, ERR_IO, "x"), ERR_IO);
	ctx_reset(c);
	assert_false(c->read_only);
	assert_int_equal(c->now_us + c->start_us + c->deadline_us, 0);
	assert_string_equal(c->request_id, "");
	assert_int_equal(c->arena.used, 0);
	assert_int_equal(c->err.code, OK);
	assert_string_equal(c->err.detail, "");
}

static void
allocation_raises_when_the_arena_is_full(void **state)
{
	struct ctx *c = *state;
	struct str s;

	assert_null(ctx_alloc(c, 5000));
	assert_int_equal(c->err.code, ERR_MEMORY);
	err_clear(c);
	assert_null(ctx_calloc(c, 1000, 5));
	assert_int_equal(c->err.code, ERR_MEMORY);
	err_clear(c);
	assert_int_equal(ctx_printf(c, &s, "%5000d", 1), ERR_MEMORY);
	err_clear(c);
	assert_int_equal(ctx_printf(c, &s, "%s/%d", "a", 1), OK);
	assert_string_equal(s.p, "a/1");
	assert_int_equal(s.n, 3);
	assert_int_equal(ctx_str(c, S("copy"), &s), OK);
	assert_string_equal(s.p, "copy");
}

static void
a_list_grows_and_keeps_what_it_has(void **state)
{
	struct ctx *c = *state;
	int *list = NULL;

	for (int i = 0; i < 100; i++) {
		int *more = ctx_grow(c, list, (size_t)i, sizeof(*list));

		assert_non_null(more);
		/* Whoever has the old one keeps it: nothing is taken away. */
		assert_true(more == list || !list || list[i - 1] == i);
		assert_int_equal(more[i], 0);
		list = more;
		list[i] = i + 1;
	}
	for (int i = 0; i < 100; i++)
		assert_int_equal(list[i], i + 1);
	assert_null(ctx_grow(c, list, 4096, sizeof(*list)));
	assert_int_equal(c->err.code, ERR_MEMORY);
}

/* ---- err --------------------------------------------------------------------------------- */

static void
the_first_cause_stays(void **state)
{
	struct ctx *c = *state;
	int line;

	line = __LINE__ + 1;
	assert_int_equal(err_raise(c, ERR_NOT_FOUND, "post '%s'", "hello"), ERR_NOT_FOUND);
	assert_int_equal(err_raise_hint(c, ERR_IO, "later"), ERR_IO);
	assert_int_equal(c->err.code, ERR_NOT_FOUND);
	assert_string_equal(c->err.detail, "post 'hello'");
	assert_string_equal(c->err.hint, "");
	assert_int_equal(c->err.line, line);
	assert_non_null(strstr(c->err.file, "test_base_ctx.c"));
	err_clear(c);
	assert_int_equal(c->err.code, OK);
}

static void
a_hint_is_public_and_a_detail_is_not(void **state)
{
	struct ctx *c = *state;

	assert_int_equal(err_raise_hint(c, ERR_BAD_REQUEST, "property '%s'", "p"), ERR_BAD_REQUEST);
	assert_string_equal(c->err.hint, "property 'p'");
	assert_string_equal(c->err.detail, "property 'p'");
	err_clear(c);
	assert_int_equal(err_raise(c, ERR_DB, "secret"), ERR_DB);
	assert_string_equal(c->err.hint, "");
}

static void
long_details_and_hints_are_cut(void **state)
{
	struct ctx *c = *state;

	assert_int_equal(err_raise_hint(c, ERR_BAD_REQUEST, "%1000d", 1), ERR_BAD_REQUEST);
	assert_int_equal(strlen(c->err.detail), sizeof(c->err.detail) - 1);
	assert_int_equal(strlen(c->err.hint), sizeof(c->err.hint) - 1);
}

static void
memory_is_an_error_of_its_own(void **state)
{
	struct ctx *c = *state;

	assert_int_equal(err_memory(c), ERR_MEMORY);
	assert_int_equal(c->err.code, ERR_MEMORY);
}

static void
every_error_has_texts_a_status_and_steps(void **state)
{
	(void)state;
	for (int e = OK + 1; e < ERR__MAX; e++) {
		const struct err_info *info = err_info((enum err)e);

		assert_true(info->status >= 400 && info->status < 600);
		assert_true(
			info->name[0] && info->code[0] && info->message[0] && info->suggestion[0]);
		assert_non_null(info->steps[0]);
		assert_true(info->retry_after >= 0);
		if (info->fault == ERR_FAULT_USER)
			assert_true(info->status < 500 || info->status == 501);
		for (int other = OK; other < e; other++)
			assert_string_not_equal(info->name, err_info((enum err)other)->name);
	}
	assert_string_equal(err_info(ERR_NOT_FOUND)->name, "not_found");
	assert_int_equal(err_info(ERR_NOT_FOUND)->status, 404);
	assert_int_equal(err_info(OK)->status, 200);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			what_was_deferred_since_a_mark_runs_alone, setup, teardown),
		cmocka_unit_test_setup_teardown(
			deferred_calls_run_last_first_and_once, setup, teardown),
		cmocka_unit_test_setup_teardown(
			defer_without_memory_has_run_the_call, setup, teardown),
		cmocka_unit_test_setup_teardown(
			reset_takes_everything_of_the_last_work, setup, teardown),
		cmocka_unit_test_setup_teardown(
			allocation_raises_when_the_arena_is_full, setup, teardown),
		cmocka_unit_test_setup_teardown(a_list_grows_and_keeps_what_it_has, setup, teardown),
		cmocka_unit_test_setup_teardown(the_first_cause_stays, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_hint_is_public_and_a_detail_is_not, setup, teardown),
		cmocka_unit_test_setup_teardown(long_details_and_hints_are_cut, setup, teardown),
		cmocka_unit_test_setup_teardown(memory_is_an_error_of_its_own, setup, teardown),
		cmocka_unit_test(every_error_has_texts_a_status_and_steps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
