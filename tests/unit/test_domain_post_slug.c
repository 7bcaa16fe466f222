/*
 * domain/post_slug: slugs out of names, words and hostile bytes, and finding a free one.
 */
#include "domain/post.h"

#include "domain_fixture.h"

static void
slugs_of_texts(void **state)
{
	static const struct {
		const char *text, *slug;
	} cases[] = {
		{"Rain again", "rain-again"},
		{"", ""},
		{"   ", ""},
		{"...", ""},
		{"-", ""},
		{"--a--b--", "a-b"},
		{"don't & won’t", "dont-wont"},
		{"C'est l'été", "cest-lete"},
		{"Äpfel, Öl & Überfluß", "aepfel-oel-ueberfluss"},
		{"Łódź Ærø São", "lodz-aero-sao"},
		{"Đà Nẵng ĳ Œuvre Ŋ", "da-nang-ij-oeuvre-ng"},
		{"e\u0301te\u0301", "ete"},
		{"a\u200Bb\u202Ec", "abc"},
		{"½ × 3 ÷ 4", "3-4"},
		{"今天的雨停了，街上", "今天的雨停了-街上"},
		{"Ёлка ПРИВЕТ", "ёлка-привет"},
		{"ΑΘΗΝΑ", "αθηνα"},
		{"☔️👩‍🌾", ""},
		{"a ☔ b", "a-b"},
		{"../../x", "x"},
		{"%2e%2e", "2e-2e"},
		{"a/b\\c", "a-b-c"},
		{"a\r\nSet-Cookie: x=1", "a-set-cookie-x-1"},
		{"<script>", "script"},
		{"admin", "admin"},
		{"A_b.C~d", "a-b-c-d"},
		{"\xff\xfe x", "x"},
		{"é\xc3", "e"},
	};
	struct site *s = *state;
	struct str slug;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_ok(s, post_slug_make(&s->c, str_z(cases[i].text), &slug));
		assert_str(slug, cases[i].slug);
	}
}

static void
a_nul_separates(void **state)
{
	struct site *s = *state;
	struct str slug;

	assert_ok(s, post_slug_make(&s->c, S("a\0b"), &slug));
	assert_str(slug, "a-b");
}

static void
a_slug_has_a_hundred_bytes_at_most(void **state)
{
	static char text[5000];
	struct site *s = *state;
	struct str slug;

	memset(text, 'x', sizeof(text));
	assert_ok(s, post_slug_make(&s->c, str_n(text, sizeof(text)), &slug));
	assert_int_equal(slug.n, POST_SLUG_MAX);
	memset(text + 99, '-', 2);
	assert_ok(s, post_slug_make(&s->c, str_n(text, sizeof(text)), &slug));
	assert_int_equal(slug.n, 99);
	for (size_t i = 0; i + 3 <= sizeof(text); i += 3)
		memcpy(text + i, "雨", 3);
	assert_ok(s, post_slug_make(&s->c, str_n(text, sizeof(text) - 2), &slug));
	assert_int_equal(slug.n, 99);
}

/* ---- which of them a post gets --------------------------------------------------------------- */

static void
assert_slug(struct site *s, const char *body, const char *want)
{
	struct str slug = {0};

	assert_ok(s, post_json(s, "create", body, &slug));
	assert_str(slug, want);
}

static void
the_command_comes_before_name_text_and_time(void **state)
{
	struct site *s = *state;

	assert_slug(s, "{\"properties\":{\"name\":[\"A name\"],\"content\":[\"Some text\"],"
		"\"mp-slug\":[\"wished\"]}}", "wished");
	assert_slug(s, "{\"properties\":{\"name\":[\"A name\"],\"content\":[\"Some text\"]}}",
		"a-name");
	assert_slug(s, "{\"properties\":{\"content\":[\"Some text\"],\"mp-slug\":[\"../..\"]}}",
		"some-text");
	assert_slug(s, "{\"properties\":{\"summary\":[\"A summary\"]}}", "a-summary");
	assert_slug(s, "{\"properties\":{\"content\":[\"☔\"]}}", "20260301-093000");
	assert_slug(s, "{\"properties\":{\"like-of\":[\"https://b.example/\"],"
		"\"published\":[\"2025-12-31T23:59:58-02:00\"]}}", "20251231-235958");
}

static void
a_note_is_named_by_its_first_words(void **state)
{
	struct site *s = *state;

	assert_slug(s,
		"{\"properties\":{\"content\":[\"One two three four five six seven eight nine\"]}}",
		"one-two-three-four-five-six-seven-eight");
	assert_slug(s, "{\"properties\":{\"content\":[\"Incomprehensibilities of "
		"counterrevolutionaries and electroencephalographs\"]}}",
		"incomprehensibilities-of-counterrevolutionaries-and");
	assert_slug(s, "{\"properties\":{\"content\":[\"abcdefghijklmnopqrstuvwxyzabcdefghijklmnopq"
		"rstuvwxyzabcdefghijklmnopqrstuvwxyz\"]}}",
		"abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefgh");
	assert_slug(s, "{\"properties\":{\"content\":[{\"html\":\"<p>Of <b>HTML</b> too</p>\"}]}}",
		"of-html-too");
}

static void
a_permalink_of_another_script_is_percent_encoded(void **state)
{
	struct site *s = *state;

	assert_slug(s, "{\"properties\":{\"content\":[\"雨\"]}}", "%E9%9B%A8");
}

/* ---- free ones ------------------------------------------------------------------------------- */

static void
taken_slugs_get_numbers_in_order(void **state)
{
	struct site *s = *state;
	char want[32];

	s->cfg->micropub_retry_window = 0;
	assert_slug(s, "{\"properties\":{\"content\":[\"Rain\"]}}", "rain");
	for (int i = 2; i <= 40; i++) {
		(void)snprintf(want, sizeof(want), "rain-%d", i);
		assert_slug(s, "{\"properties\":{\"content\":[\"Rain\"]}}", want);
	}
	assert_int_equal(post_total(s), 40);
}

static void
a_number_that_somebody_wished_for_is_left_out(void **state)
{
	struct site *s = *state;

	s->cfg->micropub_retry_window = 0;
	assert_slug(s, "{\"properties\":{\"content\":[\"x\"],\"mp-slug\":[\"rain-2\"]}}", "rain-2");
	assert_slug(s, "{\"properties\":{\"content\":[\"Rain\"]}}", "rain");
	assert_slug(s, "{\"properties\":{\"content\":[\"Rain\"]}}", "rain-3");
}

static void
a_draft_keeps_its_slug_from_others(void **state)
{
	struct site *s = *state;

	assert_slug(
		s, "{\"properties\":{\"content\":[\"Rain\"],\"post-status\":[\"draft\"]}}", "rain");
	assert_slug(s, "{\"properties\":{\"content\":[\"Rain\"]}}", "rain-2");
}

static void
a_long_slug_makes_room_for_its_number(void **state)
{
	struct site *s = *state;
	char body[300], slug[101], want[101];

	s->cfg->micropub_retry_window = 0;
	memset(slug, 'x', 100);
	slug[100] = '\0';
	(void)snprintf(body, sizeof(body),
		"{\"properties\":{\"content\":[\"t\"],\"mp-slug\":[\"%s\"]}}", slug);
	assert_slug(s, body, slug);
	(void)snprintf(want, sizeof(want), "%.98s-2", slug);
	assert_slug(s, body, want);
	(void)snprintf(want, sizeof(want), "%.98s-3", slug);
	assert_slug(s, body, want);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(slugs_of_texts),
		SITE_TEST(a_nul_separates),
		SITE_TEST(a_slug_has_a_hundred_bytes_at_most),
		SITE_TEST(the_command_comes_before_name_text_and_time),
		SITE_TEST(a_note_is_named_by_its_first_words),
		SITE_TEST(a_permalink_of_another_script_is_percent_encoded),
		SITE_TEST(taken_slugs_get_numbers_in_order),
		SITE_TEST(a_number_that_somebody_wished_for_is_left_out),
		SITE_TEST(a_draft_keeps_its_slug_from_others),
		SITE_TEST(a_long_slug_makes_room_for_its_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
