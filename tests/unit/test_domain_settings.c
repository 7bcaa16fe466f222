/*
 * Settings: what holds without and with the database, what may be stored, and who wins.
 */
#include "domain_fixture.h"

#include "domain/audit.h"
#include "domain/media.h"
#include "domain/settings.h"

static struct site_settings
loaded(struct site *s)
{
	struct site_settings now;

	assert_ok(s, settings_load(&s->c, s->db, &now));
	return now;
}

static struct settings_edit
edit_of(struct site *s)
{
	return (struct settings_edit){.version = loaded(s).version};
}

static enum err
save(struct site *s, struct settings_edit *edit)
{
	unsigned changed;

	return settings_save(&s->c, s->db, edit, &changed);
}

static enum err
save_text(struct site *s, enum setting which, const char *text)
{
	struct settings_edit edit = edit_of(s);

	edit.of[which] = (struct setting_edit){.given = true, .text = str_z(text)};
	return save(s, &edit);
}

static enum err
save_link(struct site *s, enum setting which, const char *label, const char *url)
{
	struct setting_link link = {.label = str_z(label), .url = str_z(url)};
	struct settings_edit edit = edit_of(s);

	edit.of[which] = (struct setting_edit){.given = true, .links = &link, .n = 1};
	return save(s, &edit);
}

static void
without_a_row_the_configuration_holds(void **state)
{
	struct site *s = *state;
	struct site_settings now = loaded(s), file;

	settings_of_file(s->cfg, &file);
	for (size_t i = 0; i < SETTING__MAX; i++) {
		assert_true(str_eq(now.text[i], file.text[i]));
		assert_false(now.stored[i]);
	}
	assert_str(now.text[SETTING_site_name], "Ada's <site>");
	assert_str(now.text[SETTING_author_name], "Ada & Co");
	assert_str(now.text[SETTING_navigation], "");
	assert_int_not_equal(now.version, file.version);
	assert_str(setting_text(&s->c, SETTING_site_name), "Ada's <site>");
}

static void
a_piece_of_work_sees_what_it_was_given(void **state)
{
	struct site *s = *state;
	struct site_settings now;
	struct str photo;

	assert_ok(s, save_text(s, SETTING_site_name, "New"));
	assert_str(site_name(&s->c), "Ada's <site>");
	now = loaded(s);
	s->c.settings = &now;
	assert_str(site_name(&s->c), "New");
	assert_str(site_author(&s->c), "Ada & Co");
	now.text[SETTING_author_name] = S("");
	assert_str(site_author(&s->c), "New");
	now.text[SETTING_author_email] = S("ada@ada.example");
	assert_str(site_email(&s->c), "ada@ada.example");
	now.text[SETTING_author_photo] = S("/media/ab/c.jpg");
	assert_ok(s, site_photo(&s->c, &photo));
	assert_str(photo, "https://ada.example/media/ab/c.jpg");
	now.text[SETTING_author_photo] = S("https://cdn.example/a.jpg");
	assert_ok(s, site_photo(&s->c, &photo));
	assert_str(photo, "https://cdn.example/a.jpg");
	site_next(s, 1);
	assert_null(s->c.settings);
}

static void
texts_are_folded_to_one_line(void **state)
{
	struct site *s = *state;

	assert_ok(s, save_text(s, SETTING_author_note, "  two\r\n\tlines "));
	assert_str(loaded(s).text[SETTING_author_note], "two lines");
}

/* What is the configuration's again is not kept, so that a change of the file will show. */
static void
what_the_file_says_is_not_stored(void **state)
{
	struct site *s = *state;
	struct settings_edit edit;
	unsigned changed;

	assert_ok(s, save_text(s, SETTING_site_name, "New"));
	assert_true(loaded(s).stored[SETTING_site_name]);
	assert_ok(s, save_text(s, SETTING_site_name, "Ada's <site>"));
	assert_false(loaded(s).stored[SETTING_site_name]);
	assert_ok(s, save_text(s, SETTING_site_name, "New"));
	edit = edit_of(s);
	edit.of[SETTING_site_name].back = true;
	edit.of[SETTING_author_note].back = true;
	assert_ok(s, settings_save(&s->c, s->db, &edit, &changed));
	assert_int_equal(changed, 1);
	assert_false(loaded(s).stored[SETTING_site_name]);
}

static void
only_a_change_moves_the_version(void **state)
{
	struct site *s = *state;
	int64_t before = loaded(s).version;

	assert_ok(s, save_text(s, SETTING_author_note, ""));
	assert_int_equal(loaded(s).version, before);
	assert_ok(s, save_text(s, SETTING_author_note, "x"));
	assert_true(loaded(s).version > before);
}

static void
who_knows_an_older_state_changes_nothing(void **state)
{
	struct site *s = *state;
	struct settings_edit old = edit_of(s);

	old.of[SETTING_author_note] = (struct setting_edit){.given = true, .text = S("late")};
	assert_ok(s, save_text(s, SETTING_site_name, "New"));
	assert_err(s, save(s, &old), ERR_SETTINGS_STALE);
	assert_str(loaded(s).text[SETTING_author_note], "");
}

static void
of_several_one_that_is_refused_stops_all(void **state)
{
	struct site *s = *state;
	struct settings_edit edit = edit_of(s);

	edit.of[SETTING_site_name] = (struct setting_edit){.given = true, .text = S("New")};
	edit.of[SETTING_author_email] = (struct setting_edit){.given = true, .text = S("ada@")};
	assert_err(s, save(s, &edit), ERR_SETTING_INVALID);
	assert_null(edit.of[SETTING_site_name].problem);
	assert_non_null(edit.of[SETTING_author_email].problem);
	assert_str(loaded(s).text[SETTING_site_name], "Ada's <site>");
}

static void
a_text_may_be_as_long_as_the_table_says(void **state)
{
	struct site *s = *state;

	for (size_t i = 0; i < SETTING__MAX; i++) {
		const struct setting_info *info = setting_info((enum setting)i);
		char text[1200] = "";

		if (info->kind != SETTING_NAME && info->kind != SETTING_LINE)
			continue;
		assert_true(info->max + 3 < sizeof(text));
		memset(text, 'x', info->max);
		assert_ok(s, save_text(s, (enum setting)i, text));
		/* A character more, of three bytes: it is refused and not cut off. */
		memcpy(text + info->max - 1, "\xe2\x82\xac", 4);
		assert_err(s, save_text(s, (enum setting)i, text), ERR_SETTING_INVALID);
	}
}

static void
links_lead_where_a_link_may(void **state)
{
	static const struct {
		const char *url;
		bool me, menu;
	} urls[] = {
		{"https://a.example/", true, true},
		{"HTTP://a.example/?q=1#x", true, true},
		{"mailto:ada@a.example", true, false},
		{"mailto:ada@a.example?subject=x", true, false},
		{"/", false, true},
		{"/tag/m%C3%BCsik?x=1", false, true},
		{"//a.example/", false, false},
		{"/\\a.example/", false, false},
		{"/a b", false, false},
		{"tag/music", false, false},
		{"javascript:alert(1)", false, false},
		{"JaVaScRiPt:alert(1)", false, false},
		{"data:text/html,x", false, false},
		{"vbscript:x", false, false},
		{"https://", false, false},
		{"https:a.example", false, false},
		{"https://ada:secret@a.example/", false, false},
		{"mailto:", false, false},
		{"mailto:ada@a.example\"><b>", false, false},
	};
	struct site *s = *state;

	for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
		enum err me = save_link(s, SETTING_rel_me, "A", urls[i].url);
		enum err menu;

		err_clear(&s->c);
		menu = save_link(s, SETTING_navigation, "A", urls[i].url);
		err_clear(&s->c);
		if ((me == OK) != urls[i].me || (menu == OK) != urls[i].menu)
			fail_msg("%s: rel-me %d, navigation %d", urls[i].url, me, menu);
	}
}

static void
a_link_comes_back_as_it_was_stored(void **state)
{
	struct site *s = *state;
	struct setting_link *links;
	size_t n;

	assert_ok(s, save_link(s, SETTING_rel_me, " Ada's  code \xe2\x98\x82 ", " https://a.example/ "));
	assert_ok(s, setting_links(&s->c, loaded(s).text[SETTING_rel_me], &links, &n));
	assert_int_equal(n, 1);
	assert_str(links[0].label, "Ada's code \xe2\x98\x82");
	assert_str(links[0].url, "https://a.example/");
	assert_ok(s, save_link(s, SETTING_rel_me, " ", ""));
	assert_ok(s, setting_links(&s->c, loaded(s).text[SETTING_rel_me], &links, &n));
	assert_int_equal(n, 0);
	assert_false(loaded(s).stored[SETTING_rel_me]);
}

static void
a_picture_of_ours_is_one_that_is_there(void **state)
{
	struct media_row row = {.name = S("ab/cd.jpg"), .type = S("image/jpeg"), .sizes = S(""),
		.client = S("x")};
	struct site *s = *state;
	bool shown;

	assert_err(s, save_text(s, SETTING_author_photo, "/media/ab/cd.jpg"), ERR_SETTING_INVALID);
	assert_ok(s, db_tx_begin(&s->c, s->db));
	assert_ok(s, media_row_insert(&s->c, s->db, &row));
	assert_ok(s, db_tx_commit(&s->c, s->db));
	assert_ok(s, save_text(s, SETTING_author_photo, "https://ada.example/media/ab/cd.jpg"));
	assert_str(loaded(s).text[SETTING_author_photo], "/media/ab/cd.jpg");
	assert_ok(s, settings_show_file(&s->c, s->db, S("ab/cd.jpg"), &shown));
	assert_true(shown);
	assert_ok(s, settings_show_file(&s->c, s->db, S("ab/other.jpg"), &shown));
	assert_false(shown);
	assert_ok(s, save_text(s, SETTING_author_photo, "https://cdn.example/media/ab/cd.jpg"));
	assert_ok(s, settings_show_file(&s->c, s->db, S("ab/cd.jpg"), &shown));
	assert_false(shown);
}

static void
a_change_is_told_by_its_keys(void **state)
{
	struct site *s = *state;
	struct settings_edit edit = edit_of(s);
	struct audit_row *rows;
	unsigned changed;
	size_t n;

	edit.of[SETTING_site_name] = (struct setting_edit){.given = true, .text = S("Secret plan")};
	edit.of[SETTING_author_note] = (struct setting_edit){.given = true, .text = S("")};
	edit.of[SETTING_author_email] = (struct setting_edit){.given = true, .text = S("a@b.example")};
	assert_ok(s, settings_save(&s->c, s->db, &edit, &changed));
	assert_int_equal(changed, 2);
	assert_ok(s, audit_row_list(&s->c, s->db, INT64_MAX, 10, &rows, &n));
	assert_int_equal(n, 1);
	assert_str(rows[0].what, "settings");
	assert_str(rows[0].detail, "site_name author_email");
	assert_has(site_log(s), "\"keys\":\"site_name author_email\"");
	assert_has_not(site_log(s), "plan");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(without_a_row_the_configuration_holds),
		SITE_TEST(a_piece_of_work_sees_what_it_was_given),
		SITE_TEST(texts_are_folded_to_one_line),
		SITE_TEST(what_the_file_says_is_not_stored),
		SITE_TEST(only_a_change_moves_the_version),
		SITE_TEST(who_knows_an_older_state_changes_nothing),
		SITE_TEST(of_several_one_that_is_refused_stops_all),
		SITE_TEST(a_text_may_be_as_long_as_the_table_says),
		SITE_TEST(links_lead_where_a_link_may),
		SITE_TEST(a_link_comes_back_as_it_was_stored),
		SITE_TEST(a_picture_of_ours_is_one_that_is_there),
		SITE_TEST(a_change_is_told_by_its_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
