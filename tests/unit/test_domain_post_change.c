/*
 * domain/post_update: what changes a post besides its properties: slugs, commands, deletion; and
 * what keeps one change from undoing another.
 */
#include "domain/post_update.h"

#include "store/redirect.h"
#include "update_fixture.h"

/* ---- commands -------------------------------------------------------------------------------- */

/* The slug that an update of the post at a slug leaves it with; *moved as the result says. */
static struct str
renamed(struct site *s, const char *from, const char *wish, bool *moved)
{
	struct post_target target = {0};
	struct post_update change = {.slug = str_z(wish)};
	struct post_result result = {0};

	assert_ok(s, ctx_printf(&s->c, &target.url, "https://ada.example/note/%s", from));
	assert_ok(s, post_update(&s->c, s->db, &target, &change, &result));
	*moved = result.moved;
	return str_sub(result.permalink, 25, result.permalink.n);
}

static void
a_new_slug_leaves_a_redirect(void **state)
{
	struct site *s = *state;
	struct post_row row;
	int64_t id;
	bool moved;

	post(s, "\"content\":[\"x\"]");
	assert_str(renamed(s, "p", "q", &moved), "q");
	assert_true(moved);
	assert_ok(s, post_find_public(&s->c, s->db, S("p"), &row));
	assert_str(row.slug, "q");
	assert_str(row.uid, "/note/p");
	assert_str(renamed(s, "p", "r", &moved), "r");
	assert_str(renamed(s, "q", "r", &moved), "r");
	assert_false(moved);
	assert_str(renamed(s, "r", "../%", &moved), "r");
	assert_false(moved);
	assert_str(renamed(s, "r", "p", &moved), "p");
	assert_true(moved);
	assert_ok(s, redirect_row_find(&s->c, s->db, S("p"), &id));
	assert_int_equal(id, 0);
	assert_ok(s, redirect_row_find(&s->c, s->db, S("q"), &id));
	assert_int_equal(id, row.id);
	assert_ok(s, redirect_row_find(&s->c, s->db, S("r"), &id));
	assert_int_equal(id, row.id);
}

static void
former_slugs_are_taken_for_others(void **state)
{
	struct site *s = *state;
	struct post_row other;
	bool moved;

	post(s, "\"content\":[\"x\"]");
	(void)renamed(s, "p", "q", &moved);
	other = posted(s, "{\"properties\":{\"content\":[\"y\"],\"mp-slug\":[\"p\"]}}");
	assert_str(other.slug, "p-2");
	assert_str(renamed(s, "p-2", "q", &moved), "q-2");
	assert_str(renamed(s, "q-2", "p", &moved), "p-2");
	assert_true(moved);
}

static void
an_old_slug_shows_what_the_post_itself_does(void **state)
{
	struct site *s = *state;
	struct post_target target = {.url = S("https://ada.example/note/p")};
	struct post_result result;
	struct post_row row;
	bool moved;

	post(s, "\"content\":[\"x\"],\"visibility\":[\"private\"]");
	(void)renamed(s, "p", "q", &moved);
	assert_err(s, post_find_public(&s->c, s->db, S("p"), &row), ERR_NOT_FOUND);
	assert_ok(s, update(s, "\"replace\":{\"visibility\":[\"public\"]}"));
	assert_ok(s, post_find_public(&s->c, s->db, S("p"), &row));
	assert_ok(s, post_delete(&s->c, s->db, &target, &result));
	assert_err(s, post_find_public(&s->c, s->db, S("p"), &row), ERR_GONE);
	assert_err(s, post_find_public(&s->c, s->db, S("q"), &row), ERR_GONE);
}

static void
alternative_texts_go_to_the_photos_they_came_with(void **state)
{
	struct site *s = *state;

	post(s, "\"photo\":[\"https://a.example/1\",\"https://a.example/"
		"2\"],\"mp-photo-alt\":[\"One\"]");
	assert_has(row_of(s, "p").mf2,
		"\"photo\":[{\"value\":\"https://a.example/1\",\"alt\":\"One\"},"
		"\"https://a.example/2\"]");
	assert_ok(s, update(s, "\"add\":{\"photo\":[\"https://a.example/"
			       "3\"]},\"mp-photo-alt\":[\"Three\"]"));
	assert_has(row_of(s, "p").mf2,
		"\"https://a.example/2\",{\"value\":\"https://a.example/3\",\"alt\":\"Three\"}]");
	assert_ok(s, update(s, "\"mp-photo-alt\":[\"Uno\",\"Dos\"]"));
	assert_has(row_of(s, "p").mf2,
		"\"alt\":\"One\"},{\"value\":\"https://a.example/2\",\"alt\":\"Dos\"},");
	assert_ok(s, update(s, "\"replace\":{\"photo\":[\"https://a.example/"
			       "4\"],\"mp-photo-alt\":[\"Four\"]}"));
	assert_has(row_of(s, "p").mf2,
		"\"photo\":[{\"value\":\"https://a.example/4\",\"alt\":\"Four\"}]");
}

static void
targets_and_channel_are_kept_beside_the_properties(void **state)
{
	struct site *s = *state;

	post(s, "\"content\":[\"x\"],\"mp-syndicate-to\":[\"pond\",\"unknown\",\"pond\"],\"mp-"
		"channel\":[\"garden\"]");
	assert_str(row_of(s, "p").syndicate_to, "pond\x1f");
	assert_str(row_of(s, "p").channel, "garden");
	assert_has_not(row_of(s, "p").mf2, "mp-");
	assert_ok(s, update(s, "\"add\":{\"mp-syndicate-to\":[\"https://social.example/@ada\"]}"));
	assert_str(row_of(s, "p").syndicate_to, "pond\x1fhttps://social.example/@ada\x1f");
	assert_str(row_of(s, "p").channel, "garden");
	assert_ok(s, update(s, "\"mp-channel\":\"unknown\",\"replace\":{\"mp-syndicate-to\":[]}"));
	assert_str(row_of(s, "p").syndicate_to, "");
	assert_str(row_of(s, "p").channel, "");
}

/* ---- delete and undelete --------------------------------------------------------------------- */

static void
deleted_posts_come_back_as_they_were(void **state)
{
	struct site *s = *state;
	struct post_target target = {.url = S(POST)},
			   unknown = {.url = S("https://ada.example/note/no")};
	struct post_result result;
	struct post_row before, row;
	struct str name;
	uint64_t count;

	post(s, "\"content\":[\"x\"],\"category\":[\"a\"]");
	before = row_of(s, "p");
	site_next(s, 5);
	assert_ok(s, post_delete(&s->c, s->db, &target, &result));
	assert_false(result.moved);
	row = row_of(s, "p");
	assert_int_equal(row.deleted, NOW + 5);
	assert_int_equal(row.version, 2);
	assert_int_equal(post_total(s), 0);
	assert_ok(s, post_row_tag_count(&s->c, s->db, S("a"), &name, &count));
	assert_int_equal(count, 0);
	site_next(s, 5);
	assert_ok(s, post_delete(&s->c, s->db, &target, &result));
	assert_int_equal(row_of(s, "p").deleted, NOW + 5);
	assert_int_equal(row_of(s, "p").version, 2);
	assert_ok(s, post_undelete(&s->c, s->db, &target, &result));
	assert_ok(s, post_undelete(&s->c, s->db, &target, &result));
	row = row_of(s, "p");
	assert_int_equal(row.deleted, 0);
	assert_int_equal(row.version, 3);
	assert_int_equal(row.updated, 0);
	assert_int_equal(row.id, before.id);
	assert_int_equal(row.n_tags, 1);
	assert_has(row.mf2, "\"content\":[\"x\"],\"category\":[\"a\"]");
	assert_int_equal(post_total(s), 1);
	assert_ok(s, post_row_tag_count(&s->c, s->db, S("a"), &name, &count));
	assert_int_equal(count, 1);
	assert_err(s, post_delete(&s->c, s->db, &unknown, &result), ERR_MICROPUB_URL);
	assert_err(s, post_undelete(&s->c, s->db, &unknown, &result), ERR_MICROPUB_URL);
	assert_has(site_log(s), "\"post_deleted\"");
	assert_has(site_log(s), "\"post_restored\"");
}

/* ---- conditions and other writers ------------------------------------------------------------ */

struct wanted {
	struct str version;
	int64_t changed;
	int asked;
};

static bool
is_wanted(void *self, struct str version, int64_t changed)
{
	struct wanted *w = self;

	w->asked++;
	w->changed = changed;
	return str_eq(w->version, version);
}

static void
a_condition_that_does_not_hold_stops_a_change(void **state)
{
	struct site *s = *state;
	struct wanted wanted = {.version = S("other")};
	const struct post_condition condition = {is_wanted, &wanted};
	struct post_target target = {.url = S(POST), .condition = &condition};
	struct post_update change = {.slug = S("q")};
	struct post_result result;
	struct post_row row;

	post(s, "\"content\":[\"x\"]");
	assert_err(s, post_update(&s->c, s->db, &target, &change, &result), ERR_PRECONDITION);
	assert_err(s, post_delete(&s->c, s->db, &target, &result), ERR_PRECONDITION);
	assert_int_equal(wanted.changed, NOW);
	row = row_of(s, "p");
	assert_int_equal(row.version, 1);
	assert_ok(s, post_version(&s->c, &row, &wanted.version));
	assert_true(str_starts(wanted.version, S("v1-")));
	site_next(s, 7);
	row = row_of(s, "p");
	assert_ok(s, post_version(&s->c, &row, &wanted.version));
	assert_ok(s, post_update(&s->c, s->db, &target, &change, &result));
	assert_true(str_starts(result.version, S("v2-")));
	assert_err(s, post_delete(&s->c, s->db, &target, &result), ERR_PRECONDITION);
	assert_int_equal(wanted.changed, NOW + 7);
	wanted.version = result.version;
	assert_ok(s, post_delete(&s->c, s->db, &target, &result));
	wanted.asked = 0;
	assert_ok(s, post_delete(&s->c, s->db, &target, &result));
	assert_int_equal(wanted.asked, 0);
}

static void
a_post_changed_when_it_was_last_touched_and_never_in_the_future(void **state)
{
	struct site *s = *state;
	struct post_row row = {.published = NOW + 60};

	assert_int_equal(post_changed(&s->c, &row), 0);
	row.published = NOW - 60;
	assert_int_equal(post_changed(&s->c, &row), NOW - 60);
	row.updated = NOW - 90;
	assert_int_equal(post_changed(&s->c, &row), NOW - 90);
	row.deleted = NOW - 30;
	assert_int_equal(post_changed(&s->c, &row), NOW - 30);
}

/* Both read the post before either writes, as two editors do; neither change is lost. */
static void
two_updates_at_once_keep_both_values(void **state)
{
	struct site *s = *state;
	struct db *other = NULL, *own = s->db;
	struct post_row row;

	post(s, "\"content\":[\"x\"],\"category\":[\"a\"]");
	assert_ok(s, db_open(&s->c, NULL, &other));
	assert_ok(s, post_row_find(&s->c, other, S("p"), &row));
	assert_ok(s, update(s, "\"add\":{\"category\":[\"b\"]}"));
	s->db = other;
	assert_ok(s, update(s, "\"add\":{\"category\":[\"c\"]}"));
	s->db = own;
	db_close(other);
	assert_has(row_of(s, "p").mf2, "\"category\":[\"a\",\"b\",\"c\"]");
	assert_int_equal(row_of(s, "p").version, 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(a_new_slug_leaves_a_redirect),
		SITE_TEST(former_slugs_are_taken_for_others),
		SITE_TEST(an_old_slug_shows_what_the_post_itself_does),
		SITE_TEST(alternative_texts_go_to_the_photos_they_came_with),
		SITE_TEST(targets_and_channel_are_kept_beside_the_properties),
		SITE_TEST(deleted_posts_come_back_as_they_were),
		SITE_TEST(a_condition_that_does_not_hold_stops_a_change),
		SITE_TEST(a_post_changed_when_it_was_last_touched_and_never_in_the_future),
		SITE_TEST(two_updates_at_once_keep_both_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
