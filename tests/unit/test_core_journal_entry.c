/*
 * core/journal_entry: whatever is put into an entry, what comes out is one line of JSON that fits.
 */
#include "core/journal_entry.h"

#include "json_check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define ELLIPSIS "\xe2\x80\xa6"

/* Ends the entry and gives it without its newline, checked for what every entry promises. */
static struct str
finish(struct journal_entry *e)
{
	struct str line = journal_entry_end(e);

	assert_true(line.n <= JOURNAL_ENTRY_MAX);
	assert_int_equal(str_find(line, '\n', 0), line.n - 1);
	line = str_sub(line, 0, line.n - 1);
	if (!json_check(line))
		fail_msg("not JSON: %.*s", STR(line));
	return line;
}

static void
assert_line(struct journal_entry *e, const char *want)
{
	struct str line = finish(e);

	if (!str_eq(line, str_z(want)))
		fail_msg("%.*s is not %s", STR(line), want);
}

static bool
has(struct str s, const char *part)
{
	return str_search(s, str_z(part), 0) < s.n;
}

static void
an_empty_entry_is_an_empty_object(void **state)
{
	struct journal_entry e;

	(void)state;
	journal_entry_begin(&e);
	assert_line(&e, "{}");
}

static void
members_stand_in_the_order_they_were_put(void **state)
{
	struct journal_entry e;

	(void)state;
	journal_entry_begin(&e);
	journal_entry_str(&e, S("method"), S("POST"), 100);
	journal_entry_int(&e, S("status"), -201);
	journal_entry_ms(&e, S("duration_ms"), 3250);
	journal_entry_raw(&e, S("number"), S("1.10"));
	journal_entry_open(&e, S("request"), '{');
	journal_entry_open(&e, S("values"), '[');
	journal_entry_str(&e, JOURNAL_ITEM, S("a"), 100);
	journal_entry_int(&e, JOURNAL_ITEM, 2);
	journal_entry_open(&e, JOURNAL_ITEM, '{');
	journal_entry_close(&e);
	journal_entry_close(&e);
	journal_entry_str(&e, S("b"), S(""), 100);
	journal_entry_close(&e);
	journal_entry_str(&e, S("last"), S("x"), 100);
	assert_line(&e,
		"{\"method\":\"POST\",\"status\":-201,\"duration_ms\":3.250,\"number\":1.10,"
		"\"request\":{\"values\":[\"a\",2,{}],\"b\":\"\"},\"last\":\"x\"}");
}

static void
what_is_open_is_closed_at_the_end(void **state)
{
	struct journal_entry e;

	(void)state;
	journal_entry_begin(&e);
	journal_entry_open(&e, S("a"), '{');
	journal_entry_open(&e, S("b"), '[');
	assert_line(&e, "{\"a\":{\"b\":[]}}");
}

static void
names_and_values_may_be_anything(void **state)
{
	struct journal_entry e;

	(void)state;
	journal_entry_begin(&e);
	journal_entry_str(&e, S("a\"b\n"), S("\\ \" \t \x7f \xc2\x9b ü \xe2\x80\xae"), 100);
	journal_entry_str(&e, S("bad"), S("\xff\0x\xc3"), 100);
	assert_line(&e, "{\"a\\\"b\\u000a\":\"\\\\ \\\" \\u0009 \\u007f \\u009b ü \\u202e\","
			"\"bad\":\"\xef\xbf\xbd\xef\xbf\xbdx\xef\xbf\xbd\"}");
}

static void
a_long_text_is_cut_on_an_edge_and_the_entry_says_so(void **state)
{
	struct journal_entry e;

	(void)state;
	journal_entry_begin(&e);
	journal_entry_str(&e, S("t"), S("aüb"), 2);
	assert_line(&e, "{\"t\":\"a" ELLIPSIS "\",\"cut\":true}");
	journal_entry_begin(&e);
	journal_entry_str(&e, S("t"), S("aüb"), 4);
	assert_line(&e, "{\"t\":\"aüb\"}");
}

static void
the_caller_can_say_that_it_has_cut(void **state)
{
	struct journal_entry e;

	(void)state;
	journal_entry_begin(&e);
	journal_entry_cut(&e);
	assert_line(&e, "{\"cut\":true}");
}

static void
a_member_with_a_long_name_is_left_out(void **state)
{
	char name[JOURNAL_NAME_MAX + 1];
	struct journal_entry e;

	(void)state;
	memset(name, 'n', sizeof(name));
	journal_entry_begin(&e);
	journal_entry_int(&e, S("a"), 1);
	journal_entry_int(&e, str_n(name, sizeof(name)), 2);
	journal_entry_int(&e, S("b"), 3);
	assert_line(&e, "{\"a\":1,\"b\":3,\"cut\":true}");
}

static void
what_is_too_deep_is_left_out_with_all_that_is_in_it(void **state)
{
	struct journal_entry e;

	(void)state;
	journal_entry_begin(&e);
	for (int i = 0; i < JOURNAL_DEPTH_MAX + 3; i++) {
		journal_entry_open(&e, i == 0 ? S("d") : JOURNAL_ITEM, '[');
		journal_entry_int(&e, JOURNAL_ITEM, i);
	}
	for (int i = 0; i < JOURNAL_DEPTH_MAX + 3; i++)
		journal_entry_close(&e);
	journal_entry_int(&e, S("after"), 1);
	assert_line(&e, "{\"d\":[0,[1,[2,[3,[4,[5,[6,[7,[8,[9,[10,[11]]]]]]]]]]]],\"after\":1,"
			"\"cut\":true}");
}

/* Fills an entry to the brim with texts of n times the same piece. */
static void
fill(struct journal_entry *e, const char *piece, size_t n)
{
	static char value[6000];
	size_t length = strlen(piece), used = 0;
	char name[16];

	while (used + length <= n && used + length <= sizeof(value)) {
		memcpy(value + used, piece, length);
		used += length;
	}
	journal_entry_begin(e);
	for (int i = 0; i < 40; i++) {
		(void)snprintf(name, sizeof(name), "n%d", i);
		journal_entry_open(e, str_z(name), i % 2 ? '[' : '{');
		journal_entry_str(
			e, i % 2 ? JOURNAL_ITEM : S("t"), str_n(value, used), sizeof(value));
		if (i % 3)
			journal_entry_close(e);
		else
			journal_entry_open(e, i % 2 ? JOURNAL_ITEM : S("o"), '{');
	}
}

/* Lengths around every edge: the last member, its ellipsis, its quote, what closes it. */
static void
a_full_entry_is_whole_whatever_filled_it(void **state)
{
	static const char *const pieces[] = {"a", "ü", "\"", "\n", "\xff", "\xf0\x9f\x98\x80"};
	struct journal_entry e;

	(void)state;
	for (size_t p = 0; p < sizeof(pieces) / sizeof(pieces[0]); p++)
		for (size_t n = 0; n < 700; n++) {
			fill(&e, pieces[p], n);
			(void)finish(&e);
		}
}

static void
a_huge_text_leaves_the_members_before_it(void **state)
{
	static char value[1 << 16];
	struct journal_entry e;
	struct str line;

	(void)state;
	memset(value, '"', sizeof(value));
	journal_entry_begin(&e);
	journal_entry_int(&e, S("status"), 201);
	journal_entry_open(&e, S("request"), '{');
	journal_entry_str(&e, S("content"), str_n(value, sizeof(value)), sizeof(value));
	journal_entry_str(&e, S("more"), str_n(value, sizeof(value)), sizeof(value));
	journal_entry_open(&e, S("list"), '[');
	journal_entry_int(&e, JOURNAL_ITEM, 1);
	line = finish(&e);
	assert_true(str_starts(line, S("{\"status\":201,\"request\":{\"content\":\"\\\"\\\"")));
	assert_true(str_ends(line, S("\\\"" ELLIPSIS "\"},\"cut\":true}")));
	assert_false(has(line, "more"));
	assert_true(line.n > JOURNAL_ENTRY_MAX - 32);
}

static void
every_length_of_the_last_text_makes_json_that_has_it(void **state)
{
	static char value[JOURNAL_ENTRY_MAX + 16];
	struct journal_entry e;

	(void)state;
	memset(value, 'v', sizeof(value));
	for (size_t n = JOURNAL_ENTRY_MAX - 128; n < sizeof(value); n++) {
		journal_entry_begin(&e);
		journal_entry_open(&e, S("r"), '{');
		journal_entry_str(&e, S("t"), str_n(value, n), sizeof(value));
		journal_entry_int(&e, S("i"), 1);
		journal_entry_open(&e, S("a"), '[');
		journal_entry_str(&e, JOURNAL_ITEM, S("x"), 10);
		journal_entry_close(&e);
		journal_entry_close(&e);
		journal_entry_int(&e, S("z"), 1);
		assert_true(str_starts(finish(&e), S("{\"r\":{\"t\":\"vvvv")));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_entry_is_an_empty_object),
		cmocka_unit_test(members_stand_in_the_order_they_were_put),
		cmocka_unit_test(what_is_open_is_closed_at_the_end),
		cmocka_unit_test(names_and_values_may_be_anything),
		cmocka_unit_test(a_long_text_is_cut_on_an_edge_and_the_entry_says_so),
		cmocka_unit_test(the_caller_can_say_that_it_has_cut),
		cmocka_unit_test(a_member_with_a_long_name_is_left_out),
		cmocka_unit_test(what_is_too_deep_is_left_out_with_all_that_is_in_it),
		cmocka_unit_test(a_full_entry_is_whole_whatever_filled_it),
		cmocka_unit_test(a_huge_text_leaves_the_members_before_it),
		cmocka_unit_test(every_length_of_the_last_text_makes_json_that_has_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
