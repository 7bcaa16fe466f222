/*
 * store/post_walk: the author's list both ways, and the cards.
 */
#include "store/post_walk.h"

#include "store_site.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static const int64_t march = 1772357400;

/* The slugs of a walk, separated by spaces; "+" behind them if there is more. */
static const char *
walked(struct store_site *s, const char *from, bool newer, size_t limit)
{
	struct post_outlines out;
	struct str text;
	struct buf b;

	assert_int_equal(post_walk(&s->c, s->db, str_z(from), newer, limit, &out), OK);
	buf_init(&b, &s->c.arena, 4096);
	for (size_t i = 0; i < out.n; i++) {
		buf_puts(&b, i > 0 ? " " : "");
		buf_put(&b, out.rows[i].slug);
	}
	buf_puts(&b, out.more ? " +" : "");
	assert_int_equal(buf_end(&s->c, &b, &text), OK);
	return text.p;
}

static void
a_walk_goes_both_ways_from_any_post(void **state)
{
	struct store_site s;
	struct post_outlines out;

	(void)state;
	site_init(&s);
	assert_string_equal(walked(&s, "", false, 5), "");
	site_add(&s, "a", march);
	site_add(&s, "b", march);
	site_add(&s, "c", march + 1);
	site_add(&s, "d", march - 1);
	assert_string_equal(walked(&s, "", false, 5), "c b a d");
	assert_string_equal(walked(&s, "", false, 4), "c b a d");
	assert_string_equal(walked(&s, "", false, 3), "c b a +");
	assert_string_equal(walked(&s, "b", false, 1), "a +");
	assert_string_equal(walked(&s, "d", false, 1), "");
	assert_string_equal(walked(&s, "", true, 2), "d a +");
	assert_string_equal(walked(&s, "a", true, 5), "b c");
	assert_string_equal(walked(&s, "c", true, 5), "");
	assert_int_equal(post_walk(&s.c, s.db, S("none"), false, 5, &out), ERR_NOT_FOUND);
	site_fini(&s);
}

static void
drafts_and_private_posts_are_in_it_and_deleted_ones_are_not(void **state)
{
	struct str tags[] = {S_INIT("x"), S_INIT("y")};
	struct post_row row = site_note("draft", march);
	struct post_outlines out;
	struct store_site s;

	(void)state;
	site_init(&s);
	row.status = POST_DRAFT;
	row.visibility = POST_PRIVATE;
	row.channel = S("garden");
	row.tags = tags;
	row.n_tags = 2;
	assert_int_equal(site_insert(&s.c, s.db, &row), OK);
	row = site_note("gone", march - 1);
	row.deleted = march;
	assert_int_equal(site_insert(&s.c, s.db, &row), OK);
	assert_int_equal(post_walk(&s.c, s.db, S(""), false, 5, &out), OK);
	assert_int_equal(out.n, 1);
	assert_int_equal(out.rows[0].status, POST_DRAFT);
	assert_int_equal(out.rows[0].published, march);
	assert_true(str_eq(out.rows[0].type, S("note")));
	assert_true(str_eq(out.rows[0].channel, S("garden")));
	assert_int_equal(out.rows[0].n_tags, 2);
	assert_true(str_eq(out.rows[0].tags[1], S("y")));
	site_add(&s, "old", march - 2);
	assert_string_equal(walked(&s, "gone", false, 5), "old");
	site_fini(&s);
}

/* Listed posts and others stand in indexes of their own: a walk merges them. */
static void
posts_of_every_state_stand_in_one_order(void **state)
{
	static const char slugs[] = "a\0b\0c\0d\0e\0f\0g";
	struct store_site s;

	(void)state;
	site_init(&s);
	for (int i = 0; i < 7; i++) {
		struct post_row row = site_note(&slugs[i * 2], march + i / 4);

		row.status = i % 2 ? POST_DRAFT : POST_PUBLISHED;
		row.visibility = i == 2 ? POST_UNLISTED : POST_PUBLIC;
		assert_int_equal(site_insert(&s.c, s.db, &row), OK);
	}
	assert_string_equal(walked(&s, "", false, 9), "g f e d c b a");
	assert_string_equal(walked(&s, "", true, 9), "a b c d e f g");
	assert_string_equal(walked(&s, "f", false, 3), "e d c +");
	assert_string_equal(walked(&s, "c", false, 3), "b a");
	assert_string_equal(walked(&s, "b", true, 3), "c d e +");
	site_fini(&s);
}

static void
cards_are_found_newest_first(void **state)
{
	struct post_row row = site_note("bob", march);
	struct post_card cards[2];
	struct store_site s;
	size_t n;

	(void)state;
	site_init(&s);
	site_add(&s, "note", march);
	row.type = S("card");
	assert_int_equal(site_insert(&s.c, s.db, &row), OK);
	row.slug = S("cy");
	row.published++;
	assert_int_equal(site_insert(&s.c, s.db, &row), OK);
	row.slug = S("gone");
	row.deleted = march;
	assert_int_equal(site_insert(&s.c, s.db, &row), OK);
	assert_int_equal(post_cards(&s.c, s.db, 2, cards, &n), OK);
	assert_int_equal(n, 2);
	assert_true(str_eq(cards[0].slug, S("cy")));
	assert_true(str_eq(cards[1].slug, S("bob")));
	assert_true(str_eq(cards[1].mf2, S("{}")));
	assert_int_equal(post_cards(&s.c, s.db, 1, cards, &n), OK);
	assert_int_equal(n, 1);
	site_fini(&s);
}

/* Each of them is parsed: an address book is no way to use up a worker's memory. */
static void
cards_are_read_up_to_a_number_of_bytes(void **state)
{
	enum { LARGE = 250 * 1024, CARDS = 8 };
	struct post_card cards[CARDS];
	char *large = malloc(LARGE);
	struct store_site s;
	size_t n;

	(void)state;
	site_init(&s);
	assert_non_null(large);
	memset(large, ' ', LARGE);
	for (int i = 0; i < CARDS; i++) {
		char slug[16];
		struct post_row row;

		(void)snprintf(slug, sizeof(slug), "card-%d", i);
		row = site_note(slug, march);
		row.type = S("card");
		row.mf2 = str_n(large, LARGE);
		assert_int_equal(site_insert(&s.c, s.db, &row), OK);
	}
	assert_int_equal(post_cards(&s.c, s.db, CARDS, cards, &n), OK);
	assert_int_equal(n, POST_CARDS_BYTES / LARGE + 1);
	free(large);
	site_fini(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_walk_goes_both_ways_from_any_post),
		cmocka_unit_test(drafts_and_private_posts_are_in_it_and_deleted_ones_are_not),
		cmocka_unit_test(posts_of_every_state_stand_in_one_order),
		cmocka_unit_test(cards_are_found_newest_first),
		cmocka_unit_test(cards_are_read_up_to_a_number_of_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
