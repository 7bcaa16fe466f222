/*
 * Feeds by their addresses: which list each is of, how it goes on, and what it keeps to itself. (How
 * they are answered: test_feed_formats.c.)
 */
#include "site.h"

#include "domain/feed.h"
#include "text/json.h"

#include "../unit/xml_check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const int64_t march = 1772357400; /* 2026-03-01T09:30:00Z */
static const char *const extensions[] = {"rss", "atom", "json"};

static int
setup(void **state)
{
	struct site *s = site_new("channels = \"garden=The garden\"");

	*state = s;
	s->now_us = march * 1000000;
	return 0;
}

/* n notes p1…pn, a second apart. */
static void
add_notes(struct site *s, int n)
{
	char form[128];

	for (int i = 1; i <= n; i++) {
		s->now_us = (march + i) * 1000000;
		(void)snprintf(form, sizeof(form), "content=Post+number+%d.&mp-slug=p%d", i, i);
		(void)site_post(s, form);
	}
}

static struct answer
feed(struct site *s, const char *path, const char *extension)
{
	char uri[512];

	(void)snprintf(uri, sizeof(uri), path, extension);
	return ASK(s, .uri = uri);
}

static size_t
count(struct str text, const char *part)
{
	size_t n = 0;

	for (size_t at = str_search(text, str_z(part), 0); at < text.n; n++)
		at = str_search(text, str_z(part), at + 1);
	return n;
}

/* How many posts are in it; asserts that it is well-formed. */
static size_t
items(struct site *s, struct answer a)
{
	const struct json *v;

	assert_int_equal(a.status, 200);
	if (!str_starts(a.body, S("{"))) {
		assert_null(xml_check(a.body));
		return count(a.body, "<item>") + count(a.body, "<entry>");
	}
	if (a.body.n > JSON_MAX_BYTES)
		return count(a.body, "\n{\"id\":");
	assert_int_equal(json_parse(&s->c, a.body, &v), OK);
	return json_len(json_find(v, S("items")));
}

/* ---- which list ------------------------------------------------------------------------------ */

static void
each_list_has_a_feed_in_each_format(void **state)
{
	static const char *const paths[][2] = {{"/feed.%s", "5"}, {"/tag/rain/feed.%s", "2"},
		{"/notes/feed.%s", "3"}, {"/articles/feed.%s", "1"}, {"/channel/garden/feed.%s", "1"},
		{"/likes/feed.%s", "1"}, {"/photos/feed.%s", "0"}};
	struct site *s = *state;

	(void)site_post(s, "content=One&category=rain");
	(void)site_post(s, "content=Two&category[]=Rain&category[]=wind");
	(void)site_post(s, "content=Three&mp-channel=garden");
	(void)site_post(s, "name=Title&content=Long+text");
	(void)site_post(s, "like-of=https://bob.example/1");
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		for (size_t f = 0; f < FEED__MAX; f++)
			assert_int_equal(items(s, feed(s, paths[i][0], extensions[f])),
				paths[i][1][0] - '0');
}

static void
a_feed_says_which_list_it_is_of(void **state)
{
	struct site *s = *state;
	struct answer a;

	(void)site_post(s, "content=One&category=rain");
	a = ASK(s, .uri = "/tag/rain/feed.rss");
	assert_has(a, "<title>Tagged “rain” · Ada writes</title>\n<link>https://ada.example/tag/rain</link>");
	assert_has(a, "href=\"https://ada.example/tag/rain/feed.rss\"/>");
	a = ASK(s, .uri = "/notes/feed.json");
	assert_has(a, "\"title\":\"Notes · Ada writes\",\"home_page_url\":\"https://ada.example/notes\","
		      "\"feed_url\":\"https://ada.example/notes/feed.json\"");
	a = ASK(s, .uri = "/channel/garden/feed.atom");
	assert_has(a, "<id>https://ada.example/channel/garden/feed.atom</id>\n"
		      "<title>The garden · Ada writes</title>");
}

static void
what_is_no_list_has_no_feed(void **state)
{
	static const char *const uris[] = {"/tag/nothing/feed.rss", "/channel/attic/feed.rss",
		"/nothing/feed.rss", "/feed.xml", "/feed.", "/tag/%2e%2e/feed.rss", "/channel/attic/feed",
		"/2026/feed.rss"};

	for (size_t i = 0; i < sizeof(uris) / sizeof(uris[0]); i++)
		assert_int_equal(ASK(*state, .uri = uris[i]).status, 404);
}

static void
a_tag_spelled_otherwise_is_redirected(void **state)
{
	struct site *s = *state;
	struct answer a;

	(void)site_post(s, "content=One&category=Rain");
	a = ASK(s, .uri = "/tag/rAIN/feed.atom");
	assert_int_equal(a.status, 301);
	assert_header(a, "Location", "https://ada.example/tag/Rain/feed.atom");
	assert_no_header(a, "ETag");
}

static void
pages_name_the_feeds_of_what_they_show(void **state)
{
	struct site *s = *state;
	struct answer a;

	(void)site_post(s, "content=One&category=rain&mp-slug=one");
	a = ASK(s, .uri = "/tag/rain");
	assert_has(a, "<link rel=\"alternate\" type=\"application/rss+xml\" "
		      "title=\"Tagged “rain” · Ada writes (RSS)\" href=\"https://ada.example/tag/rain/feed.rss\">");
	assert_has(a, "type=\"application/atom+xml\" title=\"Tagged “rain” · Ada writes (Atom)\"");
	assert_has(a, "type=\"application/feed+json\" title=\"Ada writes (JSON Feed)\" "
		      "href=\"https://ada.example/feed.json\">");
	a = ASK(s, .uri = "/note/one");
	assert_has(a, "title=\"Ada writes (RSS)\" href=\"https://ada.example/feed.rss\">");
	assert_lacks(a, "/tag/rain/feed");
}

/* ---- going on -------------------------------------------------------------------------------- */

static void
a_feed_goes_on_to_its_last_post_and_no_further(void **state)
{
	struct site *s = *state;
	struct answer a;

	add_notes(s, FEED_POSTS + 2);
	for (size_t f = 0; f < FEED__MAX; f++) {
		a = feed(s, "/feed.%s", extensions[f]);
		assert_int_equal(items(s, a), FEED_POSTS);
		assert_has(a, "?before=p3\"");
		a = feed(s, "/feed.%s?before=p3", extensions[f]);
		assert_int_equal(items(s, a), 2);
		assert_has(a, "Post number 1.");
		assert_has(a, "Post number 2.");
		assert_lacks(a, "\"next");
		assert_int_equal(feed(s, "/feed.%s?before=p1", extensions[f]).status, 404);
	}
}

static void
pages_know_where_they_stand(void **state)
{
	struct site *s = *state;
	struct answer a;

	add_notes(s, 2 * FEED_POSTS + 2);
	a = ASK(s, .uri = "/feed.atom");
	assert_lacks(a, "rel=\"previous\"");
	assert_has(a, "rel=\"next\" type=\"application/atom+xml\" href=\"https://ada.example/feed.atom?before=p33\"");
	a = ASK(s, .uri = "/feed.atom?before=p33");
	assert_has(a, "rel=\"self\" type=\"application/atom+xml\" href=\"https://ada.example/feed.atom?before=p33\"");
	assert_has(a, "rel=\"first\" type=\"application/atom+xml\" href=\"https://ada.example/feed.atom\"");
	assert_has(a, "rel=\"previous\" type=\"application/atom+xml\" href=\"https://ada.example/feed.atom\"");
	assert_has(a, "rel=\"next\" type=\"application/atom+xml\" href=\"https://ada.example/feed.atom?before=p3\"");
	a = ASK(s, .uri = "/feed.atom?before=p3");
	assert_has(a, "rel=\"previous\" type=\"application/atom+xml\" href=\"https://ada.example/feed.atom?before=p33\"");
}

static void
a_query_that_names_no_page_finds_none(void **state)
{
	static const char *const uris[] = {"/feed.rss?page=-1", "/feed.atom?page=99999999999",
		"/feed.json?page=1;drop", "/feed.rss?page=2", "/feed.rss?before=nothing",
		"/feed.rss?before=%27%3Bdrop", "/tag/t/feed.atom?before=nothing"};
	struct site *s = *state;

	(void)site_post(s, "content=One&category=t");
	for (size_t i = 0; i < sizeof(uris) / sizeof(uris[0]); i++) {
		assert_int_equal(ASK(s, .uri = uris[i]).status, 404);
		assert_int_equal(ASK(s, .uri = uris[i], .method = "HEAD").status, 404);
	}
	assert_int_equal(ASK(s, .uri = "/feed.rss?before=%ff").status, 400);
}

static void
what_the_query_says_beside_is_not_looked_at(void **state)
{
	struct site *s = *state;
	struct answer a;

	(void)site_post(s, "content=One");
	a = ASK(s, .uri = "/feed.json?callback=x&utm_source=y");
	assert_true(str_starts(a.body, S("{\"version\":")));
	assert_has(a, "\"feed_url\":\"https://ada.example/feed.json\"");
}

/* ---- what it keeps to itself ----------------------------------------------------------------- */

static void
what_is_not_for_everybody_is_in_no_feed(void **state)
{
	struct site *s = *state;

	(void)site_post(s, "content=Seen&category=t");
	(void)site_post(s, "content=secret&category=t&post-status=draft");
	(void)site_post(s, "content=secret&category=t&visibility=unlisted");
	(void)site_post(s, "content=secret&category=t&visibility=private");
	(void)site_post(s, "content=secret&category=t&published=2999-01-01");
	for (size_t f = 0; f < FEED__MAX; f++) {
		static const char *const paths[] = {"/feed.%s", "/tag/t/feed.%s", "/notes/feed.%s"};

		for (size_t i = 0; i < 3; i++) {
			struct answer a = feed(s, paths[i], extensions[f]);

			assert_int_equal(items(s, a), 1);
			assert_lacks(a, "secret");
		}
	}
}

static struct answer
delete(struct site *s, const char *slug)
{
	char form[128];

	(void)snprintf(form, sizeof(form), "action=delete&url=https://ada.example/note/%s", slug);
	return ASK(s, .method = "POST", .uri = "/micropub", .body = form,
		.type = "application/x-www-form-urlencoded",
		.headers = {{"HTTP_AUTHORIZATION", site_bearer(s, s->all)}});
}

static void
a_deleted_post_is_gone_at_once_and_the_tag_is_another(void **state)
{
	struct site *s = *state;

	add_notes(s, 2);
	for (size_t f = 0; f < FEED__MAX; f++) {
		struct answer before, after;

		(void)site_post(s, "content=Regretted&mp-slug=regretted");
		before = feed(s, "/feed.%s", extensions[f]);
		assert_has(before, "Regretted");
		s->now_us += 5000000;
		assert_int_equal(delete(s, "regretted").status / 100, 2);
		after = feed(s, "/feed.%s", extensions[f]);
		assert_lacks(after, "Regretted");
		assert_false(str_eq(answer_header(&before, "ETag"), answer_header(&after, "ETag")));
		site_sql(s, "UPDATE post SET slug = 'was-' || id WHERE deleted <> 0");
	}
}

static void
ids_stay_when_the_site_moves(void **state)
{
	struct site *s = site_new("site_first_url = http://old.example:8080/");

	*state = s;
	(void)site_post(s, "content=One&mp-slug=one&category=t");
	assert_has(ASK(s, .uri = "/tag/t/feed.atom"), "<id>http://old.example:8080/tag/t/feed.atom</id>");
	assert_has(ASK(s, .uri = "/feed.atom"), "<id>http://old.example:8080/note/one</id>");
	assert_has(ASK(s, .uri = "/feed.rss"), "<guid isPermaLink=\"false\">http://old.example:8080/note/one</guid>");
	assert_has(ASK(s, .uri = "/feed.json"), "\"id\":\"http://old.example:8080/note/one\",\"url\":\"https://ada.example/note/one\"");
	assert_has(ASK(s, .uri = "/note/one"), "<data class=\"u-uid\" value=\"http://old.example:8080/note/one\">");
}

static void
the_time_of_the_whole_feed_moves_with_what_is_gone(void **state)
{
	struct site *s = *state;

	add_notes(s, 2);
	assert_has(ASK(s, .uri = "/feed.atom"), "<updated>2026-03-01T09:30:02Z</updated>\n<link");
	s->now_us = (march + 60) * 1000000;
	assert_int_equal(delete(s, "p2").status / 100, 2);
	s->now_us = (march + 3600) * 1000000;
	assert_has(ASK(s, .uri = "/feed.atom"), "<updated>2026-03-01T09:31:00Z</updated>\n<link");
}

static void
the_time_of_a_list_moves_with_the_list_alone(void **state)
{
	struct site *s = *state;

	(void)site_post(s, "content=One&category=t");
	s->now_us = (march + 60) * 1000000;
	(void)site_post(s, "content=Two");
	assert_has(ASK(s, .uri = "/tag/t/feed.atom"), "<updated>2026-03-01T09:30:00Z</updated>\n<link");
	assert_has(ASK(s, .uri = "/tag/t/feed.rss"),
		"<lastBuildDate>Sun, 01 Mar 2026 09:30:00 +0000</lastBuildDate>");
}

static void
the_time_of_a_list_moves_with_what_is_gone_from_it(void **state)
{
	static const char *const lists[] = {"/tag/t/feed.atom", "/notes/feed.atom", "/channel/garden/feed.atom"};
	struct site *s = *state;

	for (int i = 1; i <= 3; i++) {
		char form[96];

		s->now_us = (march + i) * 1000000;
		(void)snprintf(form, sizeof(form), "content=x&mp-slug=p%d&category=%s&mp-channel=garden", i,
			i < 3 ? "t" : "other");
		(void)site_post(s, form);
	}
	s->now_us = (march + 60) * 1000000;
	assert_int_equal(delete(s, "p2").status / 100, 2);
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		assert_has(ASK(s, .uri = lists[i]), "<updated>2026-03-01T09:31:00Z</updated>\n<link");
	assert_has(ASK(s, .uri = "/tag/other/feed.atom"), "<updated>2026-03-01T09:30:03Z</updated>\n<link");
}

static void
the_feed_of_an_empty_site_is_as_old_as_the_site(void **state)
{
	struct site *s = *state;

	s->now_us = march * 1000000;
	site_owner(s);
	for (size_t f = 0; f < FEED__MAX; f++)
		assert_int_equal(items(s, feed(s, "/feed.%s", extensions[f])), 0);
	assert_lacks(ASK(s, .uri = "/feed.atom"), "<updated>1970");
}

/* ---- large posts ----------------------------------------------------------------------------- */

static void
large_posts_make_no_large_feed(void **state)
{
	enum { LARGE = 60000, POSTS = 12 };
	struct site *s = *state;
	char *form = malloc(LARGE + 100);
	size_t seen;

	assert_non_null(form);
	for (int i = 1; i <= POSTS; i++) {
		int n = snprintf(form, 100, "mp-slug=p%d&content=", i);

		s->now_us = (march + i) * 1000000;
		memset(form + n, i % 2 ? '\'' : 'x', LARGE);
		form[n + LARGE] = '\0';
		for (int at = n + 70; at < n + LARGE; at += 70)
			form[at] = '+';
		(void)site_post(s, form);
	}
	free(form);
	seen = items(s, ASK(s, .uri = "/feed.rss"));
	assert_in_range(seen, 1, POSTS - 1);
	for (size_t f = 0; f < FEED__MAX; f++) {
		struct answer a = feed(s, "/feed.%s", extensions[f]);
		char next[32];

		assert_true(a.body.n < 1000 * 1000);
		assert_int_equal(items(s, a), seen);
		(void)snprintf(next, sizeof(next), "?before=p%zu\"", POSTS + 1 - seen);
		assert_has(a, next);
	}
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, site_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(each_list_has_a_feed_in_each_format),
		T(a_feed_says_which_list_it_is_of),
		T(what_is_no_list_has_no_feed),
		T(a_tag_spelled_otherwise_is_redirected),
		T(pages_name_the_feeds_of_what_they_show),
		T(a_feed_goes_on_to_its_last_post_and_no_further),
		T(pages_know_where_they_stand),
		T(a_query_that_names_no_page_finds_none),
		T(what_the_query_says_beside_is_not_looked_at),
		T(what_is_not_for_everybody_is_in_no_feed),
		T(a_deleted_post_is_gone_at_once_and_the_tag_is_another),
		cmocka_unit_test_teardown(ids_stay_when_the_site_moves, site_teardown),
		T(the_time_of_the_whole_feed_moves_with_what_is_gone),
		T(the_time_of_a_list_moves_with_the_list_alone),
		T(the_time_of_a_list_moves_with_what_is_gone_from_it),
		T(the_feed_of_an_empty_site_is_as_old_as_the_site),
		T(large_posts_make_no_large_feed),
	};

	return cmocka_run_group_tests_name("web/feeds", tests, NULL, NULL);
}
