/*
 * base/str: comparing, finding, cutting, numbers, distance.
 */
#include "base/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static const struct str nothing = {0};

static void
assert_str(struct str s, const char *expected)
{
	assert_int_equal(s.n, strlen(expected));
	assert_memory_equal(s.n ? s.p : "", expected, s.n);
}

static void
equality_is_by_length_and_bytes(void **state)
{
	(void)state;
	assert_true(str_eq(S("note"), S("note")));
	assert_false(str_eq(S("note"), S("notes")));
	assert_false(str_eq(S("note"), S("nose")));
	assert_true(str_eq(nothing, S("")));
	assert_true(str_eq(str_n("a\0b", 3), str_n("a\0b", 3)));
	assert_false(str_eq(str_n("a\0b", 3), str_n("a\0c", 3)));
	assert_true(str_eq(str_z(NULL), nothing));
}

static void
case_is_folded_for_ascii_letters_only(void **state)
{
	(void)state;
	assert_true(str_eqi(S("Content-TYPE"), S("content-type")));
	assert_false(str_eqi(S("a"), S("ab")));
	assert_false(str_eqi(S("@"), S("`")));
	assert_false(str_eqi(S("["), S("{")));
	assert_false(str_eqi(S("\xc3\x84"), S("\xc3\xa4")));
	assert_true(str_eqi(nothing, nothing));
}

static void
starts_and_ends_look_at_the_edges(void **state)
{
	(void)state;
	assert_true(str_starts(S("/note/x"), S("/note/")));
	assert_false(str_starts(S("/no"), S("/note/")));
	assert_true(str_starts(S("x"), nothing));
	assert_true(str_ends(S("photo.jpg"), S(".jpg")));
	assert_false(str_ends(S("jpg"), S(".jpg")));
	assert_true(str_ends(nothing, nothing));
}

static void
find_gives_the_first_place_or_the_length(void **state)
{
	(void)state;
	assert_int_equal(str_find(S("a=b=c"), '=', 0), 1);
	assert_int_equal(str_find(S("a=b=c"), '=', 2), 3);
	assert_int_equal(str_find(S("abc"), '=', 0), 3);
	assert_int_equal(str_find(S("abc"), 'a', 9), 3);
	assert_int_equal(str_find(nothing, 'a', 0), 0);
	assert_int_equal(str_search(S("one two two"), S("two"), 0), 4);
	assert_int_equal(str_search(S("one two two"), S("two"), 5), 8);
	assert_int_equal(str_search(S("one"), S("one more"), 0), 3);
	assert_int_equal(str_search(S("one"), S("e"), 4), 3);
	assert_int_equal(str_search(S("one"), nothing, 1), 1);
	assert_int_equal(str_search(nothing, S("x"), 0), 0);
}

static void
sub_is_cut_to_the_string(void **state)
{
	(void)state;
	assert_str(str_sub(S("abcdef"), 1, 3), "bc");
	assert_str(str_sub(S("abc"), 1, 99), "bc");
	assert_str(str_sub(S("abc"), 3, 3), "");
	assert_str(str_sub(S("abc"), 2, 1), "");
	assert_str(str_sub(S("abc"), 9, 12), "");
}

static void
trim_takes_blanks_off_both_ends(void **state)
{
	(void)state;
	assert_str(str_trim(S(" \t\r\na b\n ")), "a b");
	assert_str(str_trim(S(" \n")), "");
	assert_str(str_trim(nothing), "");
	assert_str(str_trim(S("\x0b" "a")), "\x0b" "a");
}

static void
cut_walks_over_all_parts(void **state)
{
	struct str rest = S("a,,b,");

	(void)state;
	assert_str(str_cut(&rest, ','), "a");
	assert_str(str_cut(&rest, ','), "");
	assert_str(str_cut(&rest, ','), "b");
	assert_non_null(rest.p);
	assert_str(str_cut(&rest, ','), "");
	assert_null(rest.p);
	rest = S("whole");
	assert_str(str_cut(&rest, ','), "whole");
	assert_null(rest.p);
}

static void
words_are_whole(void **state)
{
	(void)state;
	assert_true(str_has_word(S("create update"), S("update")));
	assert_true(str_has_word(S("create update"), S("create")));
	assert_false(str_has_word(S("create update"), S("date")));
	assert_false(str_has_word(S("create update"), S("creat")));
	assert_false(str_has_word(S("create  update"), nothing));
	assert_false(str_has_word(nothing, S("create")));
	assert_false(str_has_word(S("create update"), S("create update")));
}

static void
numbers_are_digits_up_to_a_limit(void **state)
{
	unsigned long long v = 77;

	(void)state;
	assert_true(str_u64(S("0"), 10, &v));
	assert_int_equal(v, 0);
	assert_true(str_u64(S("010"), 10, &v));
	assert_int_equal(v, 10);
	assert_true(str_u64(S("18446744073709551615"), UINT64_MAX, &v));
	assert_true(v == UINT64_MAX);
	v = 77;
	assert_false(str_u64(S("18446744073709551616"), UINT64_MAX, &v));
	assert_false(str_u64(S("99999999999999999999999"), UINT64_MAX, &v));
	assert_false(str_u64(S("11"), 10, &v));
	assert_false(str_u64(S("9"), 8, &v));
	assert_false(str_u64(nothing, 10, &v));
	assert_false(str_u64(S("+1"), 10, &v));
	assert_false(str_u64(S("-1"), 10, &v));
	assert_false(str_u64(S(" 1"), 10, &v));
	assert_false(str_u64(S("1x"), 10, &v));
	assert_int_equal(v, 77);
}

static void
language_tags_are_subtags_between_hyphens(void **state)
{
	static const char *const good[] = {"en", "de-AT", "pt-BR", "zh-Hant-TW", "de-Latn-1996",
		"ckb", "sr-Latn-RS-x-a"};
	static const char *const bad[] = {"", "e", "en_US", "en-", "-en", "12", "e2", "en us", "en--us",
		"en-abcdefghi", "deutsch-2\"", "aa-aaaaaaaa-aaaaaaaa-aaaaaaaa-aaaaaaaa"};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_true(str_is_language(str_z(good[i])));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(str_is_language(str_z(bad[i])));
	assert_false(str_is_language((struct str){0}));
}

static void
distance_counts_single_letter_edits(void **state)
{
	char a[100], b[100];

	(void)state;
	assert_int_equal(str_distance(S("workers"), S("workers")), 0);
	assert_int_equal(str_distance(S("worker_thread"), S("worker_threads")), 1);
	assert_int_equal(str_distance(S("kitten"), S("sitting")), 3);
	assert_int_equal(str_distance(nothing, S("abc")), 3);
	assert_int_equal(str_distance(S("abc"), nothing), 3);
	memset(a, 'a', sizeof(a));
	memset(b, 'a', sizeof(b));
	b[99] = 'b';
	assert_int_equal(str_distance(str_n(a, 100), str_n(b, 100)), 0);
	b[63] = 'b';
	assert_int_equal(str_distance(str_n(a, 100), str_n(b, 100)), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equality_is_by_length_and_bytes),
		cmocka_unit_test(case_is_folded_for_ascii_letters_only),
		cmocka_unit_test(starts_and_ends_look_at_the_edges),
		cmocka_unit_test(find_gives_the_first_place_or_the_length),
		cmocka_unit_test(sub_is_cut_to_the_string),
		cmocka_unit_test(trim_takes_blanks_off_both_ends),
		cmocka_unit_test(cut_walks_over_all_parts),
		cmocka_unit_test(words_are_whole),
		cmocka_unit_test(numbers_are_digits_up_to_a_limit),
		cmocka_unit_test(language_tags_are_subtags_between_hyphens),
		cmocka_unit_test(distance_counts_single_letter_edits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
