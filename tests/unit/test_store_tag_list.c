/*
 * Tags in use: by name, by use, from any of them on.
 */
#include "store_site.h"

#include "store/tag_list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

enum { ROOM = 300 };

static const int64_t march = 1772323200; /* 2026-03-01T00:00:00Z */

static struct tag_listed tags[ROOM];
static size_t n;

static void
add_tagged(struct store_site *s, const char *slug, const char *tag, enum post_status status)
{
	struct str list[1] = {str_z(tag)};
	struct post_row row = site_note(slug, march);

	row.status = status;
	row.tags = list;
	row.n_tags = 1;
	assert_int_equal(site_insert(&s->c, s->db, &row), OK);
}

static void
site_with_tags(struct store_site *s)
{
	site_init(s);
	add_tagged(s, "a", "rain", POST_PUBLISHED);
	add_tagged(s, "b", "Snow", POST_PUBLISHED);
	add_tagged(s, "c", "snow", POST_PUBLISHED);
	add_tagged(s, "d", "cloud", POST_PUBLISHED);
	add_tagged(s, "e", "secret", POST_DRAFT);
	add_tagged(s, "f", "\xc3\xbc" "ber", POST_PUBLISHED);
}

static void
assert_tag(size_t i, const char *name, uint64_t posts)
{
	assert_int_equal(tags[i].name.n, strlen(name));
	assert_memory_equal(tags[i].name.p, name, tags[i].name.n);
	assert_int_equal(tags[i].posts, posts);
}

static void
by_name_the_case_of_letters_does_not_matter(void **state)
{
	struct store_site s;

	(void)state;
	site_with_tags(&s);
	assert_int_equal(tag_list(&s.c, s.db, TAG_BY_NAME, S(""), ROOM, tags, &n), OK);
	assert_int_equal(n, 4);
	assert_tag(0, "cloud", 1);
	assert_tag(1, "rain", 1);
	assert_tag(2, "Snow", 2);
	assert_tag(3, "\xc3\xbc" "ber", 1);
	site_fini(&s);
}

static void
by_use_the_most_used_come_first(void **state)
{
	struct store_site s;

	(void)state;
	site_with_tags(&s);
	assert_int_equal(tag_list(&s.c, s.db, TAG_BY_USE, S(""), ROOM, tags, &n), OK);
	assert_int_equal(n, 4);
	assert_tag(0, "Snow", 2);
	assert_tag(1, "cloud", 1);
	site_fini(&s);
}

static void
both_orders_go_on_behind_any_tag_to_the_end(void **state)
{
	struct tag_listed all[ROOM];
	struct store_site s;
	char slug[16], tag[16];
	size_t n_all;

	(void)state;
	site_init(&s);
	for (int i = 0; i < 60; i++) {
		(void)snprintf(slug, sizeof(slug), "p%d", i);
		(void)snprintf(tag, sizeof(tag), "t%d", i * i % 23);
		add_tagged(&s, slug, tag, POST_PUBLISHED);
	}
	for (int order = TAG_BY_NAME; order <= TAG_BY_USE; order++) {
		struct str after = S("");

		assert_int_equal(tag_list(&s.c, s.db, order, after, ROOM, all, &n_all), OK);
		assert_in_range(n_all, 10, 23);
		for (size_t i = 0; i < n_all; i++) {
			assert_int_equal(tag_list(&s.c, s.db, order, after, 1, tags, &n), OK);
			assert_int_equal(n, 1);
			assert_true(str_eq(tags[0].name, all[i].name));
			after = tags[0].name;
		}
		assert_int_equal(tag_list(&s.c, s.db, order, after, 1, tags, &n), OK);
		assert_int_equal(n, 0);
	}
	site_fini(&s);
}

static void
only_a_tag_in_use_is_a_place_to_go_on_at(void **state)
{
	struct store_site s;

	(void)state;
	site_with_tags(&s);
	assert_int_equal(tag_list(&s.c, s.db, TAG_BY_NAME, S("none"), 5, tags, &n), ERR_NOT_FOUND);
	err_clear(&s.c);
	assert_int_equal(tag_list(&s.c, s.db, TAG_BY_USE, S("secret"), 5, tags, &n), ERR_NOT_FOUND);
	assert_int_equal(n, 0);
	site_fini(&s);
}

int
main(void)
{
	const struct CMUnitTest tests_[] = {
		cmocka_unit_test(by_name_the_case_of_letters_does_not_matter),
		cmocka_unit_test(by_use_the_most_used_come_first),
		cmocka_unit_test(both_orders_go_on_behind_any_tag_to_the_end),
		cmocka_unit_test(only_a_tag_in_use_is_a_place_to_go_on_at),
	};

	return cmocka_run_group_tests(tests_, NULL, NULL);
}
