/*
 * core/digest: the answers that the specification of XXH3 gives, so that no page's entity tag
 * changes with a library.
 */
#include "core/digest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static void
digests_are_those_of_xxh3(void **state)
{
	(void)state;
	assert_int_equal(digest64((struct str){0}), 0x2d06800538d394c2);
	assert_int_equal(digest64(S("")), 0x2d06800538d394c2);
	assert_int_equal(digest64(S("xxhash")), 0xaa4c2b42ae6b13de);
}

/* Long texts are digested in another way: every byte of them has to count. */
static void
each_byte_of_a_long_text_counts(void **state)
{
	char text[3000] = {0};
	struct str s = str_n(text, sizeof(text));
	uint64_t before = digest64(s);

	(void)state;
	for (size_t i = 0; i < sizeof(text); i += 7) {
		text[i] = 1;
		assert_int_not_equal(digest64(s), before);
		text[i] = 0;
	}
	assert_int_equal(digest64(s), before);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(digests_are_those_of_xxh3),
		cmocka_unit_test(each_byte_of_a_long_text_counts),
	};

	return cmocka_run_group_tests_name("core/digest", tests, NULL, NULL);
}
