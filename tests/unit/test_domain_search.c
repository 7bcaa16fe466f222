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
	{"tag:garden\u3000apple", "garden"},
	{"tag：garden\u00a0tree", "garden"},
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

/* ---- order and pages ------------------------------------------------------------------------- */

static void
titles_count_for_more_than_tags_and_tags_for_more_than_texts(void **state)
{
	struct site *s = *state;

	post(s, "title", "Lighthouse", "A visit", "");
	post(s, "tag", "", "Stairs, many of them", ",\"category\":[\"lighthouse\"]");
	post(s, "text", "", "We saw a lighthouse there", "");
	for (int kept = 0; kept < 2; kept++) {
		assert_str(search_for(s, "lighthouse", SEARCH_BEST_FIRST), "title tag text");
		keep_up(s);
	}
	use_engine(s, CONFIG_SEARCH_LIKE);
	assert_str(search_for(s, "lighthouse", SEARCH_BEST_FIRST), "title tag text");
}

static void
a_rare_word_counts_for_more_than_a_frequent_one(void **state)
{
	struct site *s = *state;

	post(s, "rare", "", "the heron, the heron", "");
	post(s, "frequent", "", "the the the the heron", "");
	for (int i = 0; i < 5; i++)
		post(s, "", "", "the heron and the canal and the boats and the rain", "");
	assert_true(str_starts(search_for(s, "the heron", SEARCH_BEST_FIRST), S("rare ")));
}

static void
equals_are_shown_the_newest_first(void **state)
{
	struct site *s = *state;

	post(s, "one", "", "same words", "");
	post(s, "two", "", "same words", ",\"published\":[\"2020-01-01T00:00:00Z\"]");
	post(s, "three", "", "same words", "");
	assert_str(search_for(s, "words", SEARCH_BEST_FIRST), "three one two");
}

/* n listed notes, the same but for their slugs, by plain SQL; the newest has the highest number. */
static void
fill_many(struct site *s, int n)
{
	struct post_row row = {.type = S("note"), .status = POST_PUBLISHED, .text = S("many words"),
		.mf2 = S("{}")};

	assert_ok(s, db_tx_begin(&s->c, s->db));
	for (int i = 0; i < n; i++) {
		assert_ok(s, ctx_printf(&s->c, &row.slug, "many-%d", i));
		row.uid = row.slug;
		row.published = NOW - 10000000 + i;
		assert_ok(s, post_row_insert(&s->c, s->db, &row));
	}
	assert_ok(s, db_tx_commit(&s->c, s->db));
	site_next(s, 0);
}

/* Goes from page to page; all posts have to come, each once and in order of age. */
static void
check_pages(struct site *s, size_t total, size_t limit, enum search_order order)
{
	char before[64] = "";
	size_t seen = 0;

	for (size_t pages = 0;; pages++) {
		struct search_result found =
			search_page(s, S("many"), order, str_z(before), limit);

		assert_true(pages <= total / limit + 2);
		for (size_t i = 0; i < found.list.n; i++) {
			char slug[32];

			(void)snprintf(slug, sizeof(slug), "many-%d", (int)(total - ++seen));
			assert_str(found.list.rows[i].slug, slug);
		}
		(void)snprintf(before, sizeof(before), "%.*s", STR(found.next));
		assert_int_equal(found.list.more, before[0] != '\0');
		site_next(s, 0);
		if (!before[0])
			break;
	}
	assert_int_equal(seen, total);
}

static void
pages_show_each_match_once_also_behind_those_that_are_ranked(void **state)
{
	struct site *s = *state;

	fill_many(s, SEARCH_RANKED + 130);
	keep_up(s);
	check_pages(s, SEARCH_RANKED + 130, 60, SEARCH_BEST_FIRST);
	check_pages(s, SEARCH_RANKED + 130, 100, SEARCH_NEWEST_FIRST);
	use_engine(s, CONFIG_SEARCH_LIKE);
	check_pages(s, SEARCH_RANKED + 130, 60, SEARCH_BEST_FIRST);
}

static void
a_page_stays_what_it_was_when_posts_are_added_before_it(void **state)
{
	struct site *s = *state;
	struct search_result first, second;
	char next[64];

	fill_many(s, 10);
	first = search_page(s, S("many"), SEARCH_NEWEST_FIRST, S(""), 4);
	(void)snprintf(next, sizeof(next), "%.*s", STR(first.next));
	assert_str(str_z(next), "many-6");
	post(s, "later", "", "many words", "");
	second = search_page(s, S("many"), SEARCH_NEWEST_FIRST, str_z(next), 4);
	assert_str(slugs_of(s, &second.list), "many-5 many-4 many-3 many-2");
}

static void
the_number_of_matches_is_told_and_that_there_may_be_more(void **state)
{
	struct site *s = *state;
	struct search_result found;

	fill_many(s, SEARCH_RANKED + 1);
	keep_up(s);
	found = search_page(s, S("many"), SEARCH_BEST_FIRST, S(""), 10);
	assert_int_equal(found.found, SEARCH_RANKED);
	assert_true(found.at_least);
	assert_false(found.partial);
	found = search_page(s, S("many before:2020"), SEARCH_BEST_FIRST, S(""), 10);
	assert_int_equal(found.found, 0);
	assert_false(found.at_least);
}

static void
a_cursor_that_names_no_post_is_not_found(void **state)
{
	struct site *s = *state;
	struct search_request r = {.text = S("many"), .limit = 5};
	static const char *const bad[] = {"nothing", "~nothing", "~", "~~"};
	struct search_result found;

	fill_many(s, 3);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		r.before = str_z(bad[i]);
		assert_err(s, search_run(&s->c, s->db, &r, &found), ERR_NOT_FOUND);
		assert_true(db_clean(s->db));
	}
}

/* ---- limits ---------------------------------------------------------------------------------- */

static void
a_search_whose_time_is_up_says_so_and_can_be_gone_on_with(void **state)
{
	struct site *s = *state;
	struct search_request r = {.text = S("nowhere"), .limit = 5, .budget_us = 1};
	struct search_result found;

	fill_many(s, SEARCH_RANKED);
	keep_up(s);
	use_engine(s, CONFIG_SEARCH_LIKE);
	assert_ok(s, search_run(&s->c, s->db, &r, &found));
	assert_true(found.partial);
	assert_true(found.at_least);
	assert_int_equal(found.list.n, 0);
	assert_true(str_starts(found.next, S("~many-")));
	r.before = found.next;
	r.text = S("many");
	r.budget_us = 0;
	assert_ok(s, search_run(&s->c, s->db, &r, &found));
	assert_false(found.partial);
	assert_int_equal(found.list.n, 5);
}

static void
more_is_typed_than_is_looked_for(void **state)
{
	struct site *s = *state;
	char text[3 * SEARCH_TEXT_MAX];
	struct search_query q;

	memset(text, 'x', sizeof(text));
	assert_ok(s, search_query_parse(&s->c, str_n(text, sizeof(text)), &q));
	assert_true(q.cut);
	assert_int_equal(q.text.n, SEARCH_TEXT_MAX);
	assert_int_equal(q.n, 1);
	for (size_t i = 0; i < SEARCH_TEXT_MAX; i++)
		text[i] = i % 3 == 2 ? ' ' : (char)('a' + i % 26);
	assert_ok(s, search_query_parse(&s->c, str_n(text, SEARCH_TEXT_MAX), &q));
	assert_true(q.cut);
	assert_int_equal(q.n, SEARCH_TERMS_MAX);
	assert_ok(s, search_query_parse(&s->c, S("a a a A á"), &q));
	assert_false(q.cut);
	assert_int_equal(q.n, 1);
}

static void
bytes_that_are_no_text_are_spaces(void **state)
{
	struct site *s = *state;
	struct search_result found;

	post(s, "apple", "", "an apple tree", "");
	found = search_page(s, str_n("apple\0tree", 10), SEARCH_BEST_FIRST, S(""), 5);
	assert_str(slugs_of(s, &found.list), "apple");
	assert_str(search_for(s, "apple\xff\xc3tree", SEARCH_BEST_FIRST), "apple");
	assert_str(search_for(s, "\xed\xa0\x80", SEARCH_BEST_FIRST), "");
}

static void
switched_off_there_is_no_searching(void **state)
{
	struct site *s = *state;
	struct search_request r = {.text = S("apple"), .limit = 5};
	struct search_result found;

	s->cfg->search_enabled = false;
	assert_err(s, search_run(&s->c, s->db, &r, &found), ERR_NOT_FOUND);
}

/* ---- what is shown --------------------------------------------------------------------------- */

static struct str
snippet(struct site *s, const char *query, const char *text)
{
	struct search_pieces pieces;
	struct search_query q;

	assert_ok(s, search_query_parse(&s->c, str_z(query), &q));
	assert_ok(s, search_snippet(&s->c, &q, str_z(text), &pieces));
	return pieces_text(s, &pieces);
}

static void
what_was_searched_for_is_marked_as_it_is_written(void **state)
{
	static const struct {
		const char *query, *text, *shown;
	} marks[] = {
		{"cafe", "Ein Café!", "Ein [Café]!"},
		{"cafe", "Ein Cafe\xCC\x81!", "Ein [Café]!"},
		{"strasse", "(Straße)", "([Straße])"},
		{"caf*", "cafés and cafeteria", "[cafés] and [cafeteria]"},
		{"\"apple tree\"", "an apple; apple tree", "an apple; [apple tree]"},
		{"don't", "I don’t know", "I [don’t] know"},
		{"图书", "我在图书馆", "我在[图书]馆"},
		{"apple -pie tag:x type:note", "apple pie", "[apple] pie"},
		{"apple tree", "apple tree", "[apple tree]"},
		{"x", "<b>x</b> & y", "<b>[x]</b> & y"},
		{"x", "one\n\ntwo\t x \x01 y", "one two [x] y"},
		{"🎉", "yes 🎉🎉", "yes [🎉🎉]"},
		{"nothing", "", ""},
		{"nothing", "!!!", "!!!"},
	};
	struct site *s = *state;

	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		assert_str(snippet(s, marks[i].query, marks[i].text), marks[i].shown);
}

static void
a_snippet_is_the_part_that_shows_most(void **state)
{
	struct site *s = *state;
	struct str shown, text;
	struct buf b;

	buf_init(&b, &s->c.arena, 65536);
	for (int i = 0; i < 200; i++)
		buf_printf(&b, "w%d %s", i, i == 50 ? "apple " : i == 150 ? "apple tree " : "");
	assert_ok(s, buf_end(&s->c, &b, &text));
	shown = snippet(s, "apple tree", text.p);
	assert_true(str_starts(shown, S("… w145 ")));
	assert_has(shown, " w150 [apple tree] w151 ");
	assert_true(str_ends(shown, S(" …")));
	shown = snippet(s, "nowhere", text.p);
	assert_true(str_starts(shown, S("w0 w1 ")));
}

static void
a_snippet_is_short_however_long_the_words_are(void **state)
{
	struct site *s = *state;
	static char text[200000];

	memset(text, 'x', sizeof(text) - 1);
	assert_true(snippet(s, "x*", text).n < 1000);
	for (size_t i = 300; i < sizeof(text) - 1; i += 301)
		text[i] = ' ';
	assert_true(snippet(s, "x*", text).n < 1100);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(both_engines_find_the_same_before_and_after_the_courier_has_come),
		SITE_TEST(titles_count_for_more_than_tags_and_tags_for_more_than_texts),
		SITE_TEST(a_rare_word_counts_for_more_than_a_frequent_one),
		SITE_TEST(equals_are_shown_the_newest_first),
		SITE_TEST(pages_show_each_match_once_also_behind_those_that_are_ranked),
		SITE_TEST(a_page_stays_what_it_was_when_posts_are_added_before_it),
		SITE_TEST(the_number_of_matches_is_told_and_that_there_may_be_more),
		SITE_TEST(a_cursor_that_names_no_post_is_not_found),
		SITE_TEST(a_search_whose_time_is_up_says_so_and_can_be_gone_on_with),
		SITE_TEST(more_is_typed_than_is_looked_for),
		SITE_TEST(bytes_that_are_no_text_are_spaces),
		SITE_TEST(switched_off_there_is_no_searching),
		SITE_TEST(what_was_searched_for_is_marked_as_it_is_written),
		SITE_TEST(a_snippet_is_the_part_that_shows_most),
		SITE_TEST(a_snippet_is_short_however_long_the_words_are),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
