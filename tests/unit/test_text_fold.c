/*
 * Folding: which words a text has, how they are written, and where they stand.
 */
#include "text/fold.h"

#include "base/enc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

static struct ctx c;

static int
setup(void **state)
{
	(void)state;
	ctx_init(&c, 16 << 20);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	ctx_fini(&c);
	return 0;
}

static struct str
folded(struct str text)
{
	struct str out;
	struct buf b;

	buf_init(&b, &c.arena, 1 << 20);
	assert_int_equal(fold_words(&c, text, &b), OK);
	assert_int_equal(buf_end(&c, &b, &out), OK);
	return out;
}

static void
assert_folds(const char *text, const char *want)
{
	struct str got = folded(str_z(text));

	if (!str_eq(got, str_z(want)))
		fail_msg("'%s' is '%.*s', not '%s'", text, STR(got), want);
}

static void
letters_lose_case_accents_and_width(void **state)
{
	(void)state;
	assert_folds("Hello, World", " hello world ");
	assert_folds("Ünïcödé ñ Å ç", " unicode n a c ");
	assert_folds("e\xCC\x81" "e", " ee ");
	assert_folds("Straße STRASSE ẞ", " strasse strasse ss ");
	assert_folds("Łódź smørrebrød Þór œuvre", " lodz smorrebrod thor oeuvre ");
	assert_folds("ΟΔΥΣΣΕΥΣ Οδυσσεύς", " οδυσσευσ οδυσσευσ ");
	assert_folds("Ёжик ЁЖИК", " ежик ежик ");
	assert_folds("İstanbul Iğdır ISPARTA", " istanbul igdir isparta ");
	assert_folds("ﬁn ½ ① ㎏ Ｗide", " fin 12 1 kg wide ");
	assert_folds("مَدْرَسَة", " مدرسة ");
	assert_folds("שָׁלוֹם", " שלום ");
	assert_folds("soft\xC2\xADhyphen", " softhyphen ");
	assert_folds("한국어 텍스트", " 한국어 텍스트 ");
}

static void
signs_part_words_and_are_not_kept(void **state)
{
	(void)state;
	assert_folds("don't O’Brien l'ami", " don t o brien l ami ");
	assert_folds("3.14 web2.0 a_b x-y", " 3 14 web2 0 a b x y ");
	assert_folds("\"*()^:{}[]<>&%\\", "");
	assert_folds("", "");
	assert_folds("\x01\x1f\x7f \t\n", "");
	assert_folds("a\xEF\x80\xA0" "b \xEF\x84\x80x", " a b x "); /* private use */
}

static void
scripts_without_spaces_are_words_of_one_character(void **state)
{
	(void)state;
	assert_folds("我在图书馆", " 我 在 图 书 馆 ");
	assert_folds("iPhoneを買う", " iphone を 買 う ");
	assert_folds("が か ｶﾞ", " が か カ ");
	assert_folds("2026年3月", " 2026 年 3 月 ");
	assert_folds("🎉🎉 ©x ❤️", " 🎉 🎉 © x ❤ ");
}

static void
indian_vowels_stay(void **state)
{
	(void)state;
	assert_folds("हिन्दी", " हिनदी ");
	assert_folds("हिन्दी में", " हिनदी में ");
}

static void
what_is_malformed_parts_words(void **state)
{
	(void)state;
	assert_folds("a\xff" "b\xc3", " a b ");
	assert_folds("a\xed\xa0\x80" "b", " a b ");
}

static void
long_words_are_cut_between_characters(void **state)
{
	static char text[3000];
	struct str got;

	(void)state;
	for (size_t i = 0; i + 2 < sizeof(text); i += 2)
		memcpy(text + i, "ж", 2);
	got = folded(str_z(text));
	assert_int_equal(got.n, FOLD_WORD_MAX + 2);
	assert_true(enc_utf8_valid(got));
}

static void
words_know_where_they_stand(void **state)
{
	static const char text[] = "… Ein Café-Haus, 图书!";
	static const char *const want[] = {"Ein", "Café", "Haus", "图", "书"};
	struct fold_word word;
	struct fold f;
	size_t n = 0;

	(void)state;
	fold_init(&f, S("… Ein Café-Haus, 图书!"));
	while (fold_next(&f, &word)) {
		assert_true(n < sizeof(want) / sizeof(want[0]));
		assert_true(str_eq(str_sub(str_z(text), word.from, word.to), str_z(want[n])));
		n++;
	}
	assert_int_equal(n, 5);
}

static struct str
name_of(unsigned mark, const char *name)
{
	struct str out;
	struct buf b;

	buf_init(&b, &c.arena, 4096);
	assert_int_equal(fold_name(&c, mark, str_z(name), &b), OK);
	assert_int_equal(buf_end(&c, &b, &out), OK);
	return out;
}

static void
a_name_is_one_word_that_no_text_has(void **state)
{
	static const char *const names[] = {"c", "c++", "c#", "web dev", "web-dev", "webdev", ".", "图书"};
	enum { N = sizeof(names) / sizeof(names[0]) };

	(void)state;
	for (size_t i = 0; i < N; i++) {
		struct str a = name_of(0xF100, names[i]);

		assert_true(a.n > 2 && a.p[0] == ' ' && a.p[a.n - 1] == ' ');
		assert_int_equal(str_find(a, ' ', 1), a.n - 1);
		assert_true(str_search(folded(a), str_trim(a), 0) == folded(a).n);
		assert_false(str_eq(a, name_of(0xF101, names[i])));
		for (size_t k = 0; k < i; k++)
			assert_false(str_eq(a, name_of(0xF100, names[k])));
	}
	assert_true(str_eq(name_of(0xF100, " Café "), name_of(0xF100, "cafe")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(letters_lose_case_accents_and_width),
		cmocka_unit_test(signs_part_words_and_are_not_kept),
		cmocka_unit_test(scripts_without_spaces_are_words_of_one_character),
		cmocka_unit_test(indian_vowels_stay),
		cmocka_unit_test(what_is_malformed_parts_words),
		cmocka_unit_test(long_words_are_cut_between_characters),
		cmocka_unit_test(words_know_where_they_stand),
		cmocka_unit_test(a_name_is_one_word_that_no_text_has),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
