/*
 * Searching: what is found, in which order, page by page, and that both engines find the same, before
 * the courier has come to a post and after.
 */
#include "search_fixture.h"

/* ---- a site to search ------------------------------------------------------------------------ */

static void
post(struct site *s, const char *slug, const char *name, const char *content, const char *more)
{
	struct str body;

	assert_ok(s, ctx_printf(&s->c, &body,
		"{\"type\":[\"h-entry\"],\"properties\":{\"mp-slug\":[\"%s\"],\"name\":[\"%s\"],"
		"\"content\":[\"%s\"]%s}}", slug, name, content, more));
	(void)posted(s, body.p);
	site_next(s, 3600);
}

static void
fill(struct site *s)
{
	post(s, "cafe", "", "Ein Café au lait, bitte. Straße 7.", ",\"category\":[\"Trips\"]");
	post(s, "garden", "The garden", "Roses and weeds; the apple tree.", ",\"category\":[\"garden\",\"Web Dev\"]");
	post(s, "apple", "", "An apple, and another apple. don't eat it", "");
	post(s, "pie", "Apple pie", "Flour, butter, sugar.", ",\"category\":[\"c++\"]");
	post(s, "chinese", "", "我昨天在图书馆看书。", "");
	post(s, "kana", "", "カタカナとひらがな", "");
	post(s, "greek", "", "Ο ΟΔΥΣΣΕΥΣ στη θάλασσα", "");
	post(s, "arabic", "", "مَدْرَسَة كبيرة", "");
	post(s, "emoji", "", "Feierabend 🎉 at 3.14pm", "");
	post(s, "wide", "", "Ｗｉｄｅ letters and ﬁgures, O’Brien", "");
	post(s, "photo", "", "sunset", ",\"photo\":[\"https://pictures.example/1.jpg\"]");
	post(s, "draft", "", "a secret apple", ",\"post-status\":[\"draft\"]");
	post(s, "private", "", "a private apple", ",\"visibility\":[\"private\"]");
	post(s, "unlisted", "", "an unlisted apple", ",\"visibility\":[\"unlisted\"]");
	post(s, "old", "", "long ago in winter", ",\"published\":[\"2019-12-31T23:59:59Z\"]");
	post(s, "newer", "", "at last in winter", ",\"published\":[\"2020-01-01T00:00:00Z\"]");
}

static const struct {
	const char *query, *found;	/* newest first */
} cases[] = {
	/* words */
	{"apple", "pie apple garden"},
	{"APPLE", "pie apple garden"},
	{"apple tree", "garden"},
	{"tree apple", "garden"},
	{"apples", ""},
	{"appl", ""},
	/* folding */
	{"cafe", "cafe"},
	{"Café", "cafe"},
	{"cafe\xCC\x81", "cafe"},
	{"strasse", "cafe"},
	{"οδυσσευς", "greek"},
	{"θαλασσα", "greek"},
	{"مدرسة", "arabic"},
	{"wide", "wide"},
	{"figures", "wide"},
	{"ｃａｆｅ", "cafe"},
	/* words that are several */
	{"don't", "apple"},
	{"don’t", "apple"},
	{"o'brien", "wide"},
	{"brien", "wide"},
	{"3.14pm", "emoji"},
	/* scripts without spaces, signs */
	{"图书馆", "chinese"},
	{"书馆", "chinese"},
	{"馆书", ""},
	{"かたかな", ""},
	{"タカナ", "kana"},
	{"🎉", "emoji"},
	/* beginnings of words */
	{"appl*", "pie apple garden"},
	{"caf*", "cafe"},
	{"a*", ""},
	{"*", ""},
	/* phrases */
	{"\"apple tree\"", "garden"},
	{"\"tree apple\"", ""},
	{"“apple tree”", "garden"},
	{"\"another apple", "apple"},
	{"\"garden roses\"", ""},
	{"\"\"", ""},
	/* exclusion */
	{"apple -pie", "apple garden"},
	{"apple -\"apple tree\"", "pie apple"},
	{"-apple winter", "newer old"},
	{"apple -appl*", ""},
	{"apple - pie", "pie"},
	/* tags and types */
	{"tag:garden", "garden"},
	{"TAG:Garden", "garden"},
	{"tag:\"web dev\"", "garden"},
	{"tag:web", ""},
	{"tag:c++", "pie"},
	{"tag:c", ""},
	{"trips", "cafe"},
	{"type:photo", "photo"},
	{"type:article apple", "pie garden"},
	{"apple -type:article", "apple"},
	{"apple -tag:c++", "apple garden"},
	{"tag:", ""},
	{"type:\"\"", ""},
	/* time */
	{"winter before:2020", "old"},
	{"winter after:2020", "newer"},
	{"after:2019 before:2020", "old"},
	{"before:2020-01-02", "newer old"},
	{"winter -after:2020-01-01", "old"},
	{"winter after:2020-13", ""},
	{"before:2021-02-30", ""},
	/* what is no command is text */
	{"foo:bar", ""},
	{"roses:and", "garden"},
	{"weeds; roses", "garden"},
	{"apple AND pie", ""},
	{"apple OR winter", ""},
	{"apple NEAR pie", ""},
	{"text:apple", ""},
	{"apple^2", ""},
	{"(apple)", "pie apple garden"},
	{"{text}: apple", ""},
	{"apple + pie", "pie"},
	{"'apple'", "pie apple garden"},
	{"apple\x00", "pie apple garden"},
	{"apple%", "pie apple garden"},
	{"_pple", ""},
	{"", ""},
	{"   ", ""},
	{"\"", ""},
	{"-", ""},
	{"--", ""},
	{"…", ""},
};

static void
check_cases(struct site *s, const char *state)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct str got = search_for(s, cases[i].query, SEARCH_NEWEST_FIRST);

		if (!str_eq(got, str_z(cases[i].found)))
			fail_msg("%s: '%s' finds '%.*s', not '%s'", state, cases[i].query,
				STR(got), cases[i].found);
		site_next(s, 0);
	}
}

static void
both_engines_find_the_same_before_and_after_the_courier_has_come(void **state)
{
	struct site *s = *state;
	enum search_engine engine;

	fill(s);
	check_cases(s, "nothing kept");
	keep_up(s);
	assert_ok(s, search_engine(&s->c, s->db, &engine));
	assert_int_equal(engine, SEARCH_FTS5);
	check_cases(s, "fts5");
	use_engine(s, CONFIG_SEARCH_LIKE);
	assert_ok(s, search_engine(&s->c, s->db, &engine));
	assert_int_equal(engine, SEARCH_LIKE);
	check_cases(s, "like");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(both_engines_find_the_same_before_and_after_the_courier_has_come),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
