/*
 * base/err: the reference made of errors.def, and the escaping that keeps its texts from being
 * taken for requests of the page.
 */
#include "base/enc.h"
#include "base/err.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

static int
setup(void **state)
{
	static struct ctx c;

	ctx_init(&c, 1 << 20);
	*state = &c;
	return 0;
}

static int
teardown(void **state)
{
	ctx_fini(*state);
	return 0;
}

static bool
has(const struct buf *b, const char *text)
{
	return str_search(buf_str(b), str_z(text), 0) < b->n;
}

static void
the_reference_has_every_row(void **state)
{
	struct ctx *c = *state;
	struct buf b;

	buf_init(&b, &c->arena, 1 << 19);
	err_docs("mdoc", &b);
	assert_false(b.failed);
	for (int e = OK + 1; e < ERR__MAX; e++) {
		const struct err_info *info = err_info((enum err)e);
		char item[256];

		(void)snprintf(item, sizeof(item), ".It Sy %s\nAnswered %d with code\n.Ql %s ;\n",
			info->name, info->status, info->code);
		assert_true(has(&b, item));
		assert_true(has(&b, info->message));
	}
	assert_false(has(&b, ".It Sy ok\n"));
}

static void
an_item_says_level_fault_and_wait(void **state)
{
	struct ctx *c = *state;
	struct buf b;

	buf_init(&b, &c->arena, 1 << 19);
	err_docs("mdoc", &b);
	assert_true(has(&b, ".It Sy rate_limited\nAnswered 429 with code\n"
			    ".Ql temporarily_unavailable ;\nlogged at level warning; "
			    "for the client to mend.\n"
			    "The client is told to retry after 30 seconds.\n"));
	assert_true(has(&b, "logged at level critical; for the operator to mend.\n"));
}

static void
escaped_for_a_page(void **state, const char *text, const char *want)
{
	struct ctx *c = *state;
	struct buf b;
	struct str s;

	buf_init(&b, &c->arena, 4096);
	enc_mdoc(&b, str_z(text));
	assert_int_equal(buf_end(c, &b, &s), OK);
	assert_string_equal(s.p, want);
}

static void
texts_are_never_requests_or_escapes(void **state)
{
	escaped_for_a_page(state, "plain. text 'x'", "plain. text 'x'");
	escaped_for_a_page(state, ".so /etc/passwd", "\\&.so /etc/passwd");
	escaped_for_a_page(state, "'a\n.b\n'c", "\\&'a\n\\&.b\n\\&'c");
	escaped_for_a_page(state, "a\\fBb", "a\\efBb");
	escaped_for_a_page(state, "a\xe2\x80\xa6", "a\\[u2026]");
	escaped_for_a_page(state, "", "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_reference_has_every_row, setup, teardown),
		cmocka_unit_test_setup_teardown(an_item_says_level_fault_and_wait, setup, teardown),
		cmocka_unit_test_setup_teardown(
			texts_are_never_requests_or_escapes, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
