/*
 * text/plural and text/catalog_format: what a catalogue says of counts, and what it may give to printf.
 */
#include "text/plural.h"

#include "text/catalog_priv.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

/* ---- plurals ------------------------------------------------------------------------------- */

static void
plural_rules_of_many_languages_are_followed(void **state)
{
	static const struct {
		const char *rule;
		unsigned long long n[6];
		unsigned form[6];
	} cases[] = {
		{"nplurals=1; plural=0;", {0, 1, 2, 5, 11, 100}, {0}},
		{"nplurals=2; plural=(n > 1);", {0, 1, 2, 5, 11, 100}, {0, 0, 1, 1, 1, 1}},
		{"nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || "
		 "n%100>=20) ? 1 : 2);",
			{1, 2, 5, 11, 21, 112}, {0, 1, 2, 2, 0, 2}},
		{"nplurals=6; plural=n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : "
		 "n%100>=11 ? 4 : 5;",
			{0, 1, 2, 103, 11, 100}, {0, 1, 2, 3, 4, 5}},
		{"nplurals=2; plural=!(n-1)*0+n/2%2", {0, 1, 2, 3, 4, 6}, {0, 0, 1, 1, 0, 1}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct plural p;

		if (!plural_parse(str_z(cases[i].rule), &p))
			fail_msg("refused: %s", cases[i].rule);
		for (size_t k = 0; k < 6; k++)
			assert_int_equal(plural_form(&p, cases[i].n[k]), cases[i].form[k]);
	}
}

static void
what_is_no_plural_rule_is_refused(void **state)
{
	static const char *const cases[] = {"", "nplurals=2", "nplurals=2; plural=", "plural=0; nplurals=1",
		"nplurals=0; plural=0", "nplurals=7; plural=0", "nplurals=1; plural=n", "nplurals=2; plural=n/0",
		"nplurals=2; plural=1%(n-5)", "nplurals=2; plural=(n!=1", "nplurals=2; plural=n=1",
		"nplurals=2; plural=n?1", "nplurals=2; plural=m", "nplurals=2; plural=system(n)",
		"nplurals=2; plural=((((((((((((((((((((((((((n!=1))))))))))))))))))))))))))",
		"nplurals=2; plural=!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!n"};
	struct plural p;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (plural_parse(str_z(cases[i]), &p))
			fail_msg("taken: %s", cases[i]);
}

/* ---- formats -------------------------------------------------------------------------------- */

static void
printf_directives_are_compared_by_what_they_take(void **state)
{
	static const struct {
		const char *id, *text;
		bool fits;
	} cases[] = {
		{"%d %s", "%d %s", true},
		{"%d %s", "%2$s %1$d", true},
		{"%d %s", "%1$05d %2$s", true},
		{"%d %s", "%d", true},
		{"%d %s", "", true},
		{"%d %s", "%s %d", false},
		{"%d %s", "%2$s", false},
		{"%d", "%d %d", false},
		{"%d", "%1$d %1$d", true},
		{"%d", "%1$d %d", false},
		{"%llu", "%d", false},
		{"%llu", "%lld", true},
		{"%zu", "%lu", false},
		{"%d", "%n", false},
		{"%d", "%", false},
		{"%.1f", "%.2f", true},
		{"%.*s", "%.*s", true},
		{"%.*s", "%s", false},
		{"none", "%s", false},
		{"none", "100 %", false},
		{"none", "100 %%", true},
		{"100 %", "anything %s", true},
		{"100 % is one core", "100 % 为一个核心", true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (catalog_format_fits(cases[i].id, cases[i].text) != cases[i].fits)
			fail_msg("\"%s\" as \"%s\"", cases[i].id, cases[i].text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plural_rules_of_many_languages_are_followed),
		cmocka_unit_test(what_is_no_plural_rule_is_refused),
		cmocka_unit_test(printf_directives_are_compared_by_what_they_take),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
