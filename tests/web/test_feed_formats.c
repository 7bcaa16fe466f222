/*
 * Feeds as answers: media types, what browsers and those who know a feed are sent, which format a
 * reader is led to, and the list of all feeds.
 */
#include "site.h"

#include "domain/feed.h"

#include "../unit/xml_check.h"

#include <stdio.h>
#include <string.h>

static const char *const extensions[] = {"rss", "atom", "json"};
static const char browser[] = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

static int
setup(void **state)
{
	struct site *s = site_new("channels = \"garden=The garden\"");

	*state = s;
	s->now_us = INT64_C(1772357400) * 1000000; /* 2026-03-01T09:30:00Z */
	return 0;
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

/* ---- what an answer says --------------------------------------------------------------------- */

static void
each_format_has_its_media_type(void **state)
{
	static const char *const types[] = {"application/rss+xml; charset=utf-8",
		"application/atom+xml; charset=utf-8", "application/feed+json"};
	struct site *s = *state;

	for (size_t f = 0; f < FEED__MAX; f++) {
		struct answer a = feed(s, "/feed.%s", extensions[f]);

		assert_header(a, "Content-Type", types[f]);
		assert_header(a, "Cache-Control", "public, no-cache");
		assert_header(a, "Access-Control-Allow-Origin", "*");
		assert_header(a, "X-Content-Type-Options", "nosniff");
	}
}

static void
a_browser_is_sent_the_same_as_xml_that_it_shows(void **state)
{
	struct site *s = *state;
	struct answer plain, shown;

	(void)site_post(s, "content=One");
	plain = ASK(s, .uri = "/feed.rss");
	shown = ASK(s, .uri = "/feed.rss", .headers = {{"HTTP_ACCEPT", browser}});
	assert_header(shown, "Content-Type", "application/xml; charset=utf-8");
	assert_true(str_eq(shown.body, plain.body));
	assert_header(plain, "Vary", "Accept");
	assert_header(shown, "Vary", "Accept");
	assert_false(str_eq(answer_header(&plain, "ETag"), answer_header(&shown, "ETag")));
	assert_has(shown, "<?xml-stylesheet type=\"text/css\" href=\"/static/feed.css?v=");
	assert_header(shown, "Content-Security-Policy",
		"default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'");
	shown = ASK(s, .uri = "/feed.json", .headers = {{"HTTP_ACCEPT", browser}});
	assert_header(shown, "Content-Type", "application/feed+json");
	assert_no_header(shown, "Vary");
}

static void
who_knows_a_feed_is_told_that_it_is_the_same(void **state)
{
	struct site *s = *state;

	(void)site_post(s, "content=One");
	s->now_us += 5000000;
	for (size_t f = 0; f < FEED__MAX; f++) {
		struct answer a = feed(s, "/feed.%s", extensions[f]), again;
		char tag[128], uri[64];

		(void)snprintf(tag, sizeof(tag), "%.*s", STR(answer_header(&a, "ETag")));
		(void)snprintf(uri, sizeof(uri), "/feed.%s", extensions[f]);
		again = ASK(s, .uri = uri, .headers = {{"HTTP_IF_NONE_MATCH", tag}});
		assert_int_equal(again.status, 304);
		assert_header(again, "ETag", tag);
		assert_true(str_eq(answer_header(&again, "Vary"), answer_header(&a, "Vary")));
		assert_int_equal(again.body.n, 0);
		(void)snprintf(uri, sizeof(uri), "/notes/feed.%s", extensions[(f + 1) % FEED__MAX]);
		again = ASK(s, .uri = uri, .headers = {{"HTTP_IF_NONE_MATCH", tag}});
		assert_int_equal(again.status, 200);
	}
}

/* ---- which format ---------------------------------------------------------------------------- */

static void
a_reader_is_led_to_the_format_it_likes_best(void **state)
{
	static const char *const cases[][2] = {
		{"", "feed.rss"}, {"*/*", "feed.rss"}, {"image/png", "feed.rss"}, {"nonsense", "feed.rss"},
		{"*/*;q=0.00001", "feed.rss"},
		{"application/rss+xml", "feed.rss"}, {"application/atom+xml", "feed.atom"},
		{"application/feed+json", "feed.json"}, {"application/json", "feed.json"},
		{"application/xml", "feed.rss"}, {"text/xml", "feed.rss"},
		{"application/atom+xml;q=0.9, application/rss+xml;q=0.8", "feed.atom"},
		{"application/atom+xml;q=0.1, application/feed+json;q=0.2, */*;q=0.01", "feed.json"},
		{"application/rss+xml;q=0, */*", "feed.atom"},
		{"text/html;q=0.5, application/atom+xml;q=0.4", ""}, {browser, ""}, {"text/html", ""},
		{"text/html, application/feed+json", "feed.json"},
		{"application/feed+json, application/atom+xml, application/rss+xml", "feed.rss"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct answer a = ASK(*state, .uri = "/feed", .headers = {{"HTTP_ACCEPT", cases[i][0]}});
		char want[64];

		(void)snprintf(want, sizeof(want), "https://ada.example/%s", cases[i][1]);
		assert_int_equal(a.status, 302);
		assert_header(a, "Location", want);
		assert_header(a, "Vary", "Accept");
		assert_header(a, "Access-Control-Allow-Origin", "*");
		assert_int_equal(a.body.n, 0);
	}
}

static void
the_same_holds_for_the_feed_of_each_list(void **state)
{
	static const char *const cases[][2] = {{"/tag/a%20b/feed", "/tag/a%20b/feed.atom"},
		{"/notes/feed", "/notes/feed.atom"}, {"/channel/garden/feed", "/channel/garden/feed.atom"}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct answer a = ASK(*state, .uri = cases[i][0],
			.headers = {{"HTTP_ACCEPT", "application/atom+xml"}});
		char want[64];

		(void)snprintf(want, sizeof(want), "https://ada.example%s", cases[i][1]);
		assert_int_equal(a.status, 302);
		assert_header(a, "Location", want);
	}
	assert_header(ASK(*state, .uri = "/notes/feed", .headers = {{"HTTP_ACCEPT", browser}}),
		"Location", "https://ada.example/notes");
}

/* ---- all of them ----------------------------------------------------------------------------- */

static void
the_list_of_feeds_names_what_there_is(void **state)
{
	struct site *s = *state;
	struct answer a;

	(void)site_post(s, "content=One&category[]=rain&category[]=wind");
	(void)site_post(s, "content=Two&category=rain");
	(void)site_post(s, "content=Three&category=secret&visibility=private");
	a = ASK(s, .uri = "/opml.xml");
	assert_int_equal(a.status, 200);
	assert_null(xml_check(a.body));
	assert_header(a, "Content-Type", "text/x-opml; charset=utf-8");
	assert_has(a, "<title>Ada writes</title>");
	assert_has(a, "text=\"Ada writes\" title=\"Ada writes\" version=\"RSS2\" "
		      "xmlUrl=\"https://ada.example/feed.rss\" htmlUrl=\"https://ada.example/\"/>");
	assert_has(a, "xmlUrl=\"https://ada.example/notes/feed.rss\" htmlUrl=\"https://ada.example/notes\"/>");
	assert_lacks(a, "/photos/feed");
	assert_has(a, "text=\"rain\" title=\"rain\" version=\"RSS2\" xmlUrl=\"https://ada.example/tag/rain/feed.rss\"");
	assert_lacks(a, "secret");
	assert_true(str_search(a.body, S("text=\"rain\""), 0) < str_search(a.body, S("text=\"wind\""), 0));
}

static void
the_list_of_feeds_of_an_empty_site_is_one(void **state)
{
	struct answer a = ASK(*state, .uri = "/opml.xml");

	assert_int_equal(a.status, 200);
	assert_null(xml_check(a.body));
	assert_int_equal(count(a.body, "<outline"), 1);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, site_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(each_format_has_its_media_type),
		T(a_browser_is_sent_the_same_as_xml_that_it_shows),
		T(who_knows_a_feed_is_told_that_it_is_the_same),
		T(a_reader_is_led_to_the_format_it_likes_best),
		T(the_same_holds_for_the_feed_of_each_list),
		T(the_list_of_feeds_names_what_there_is),
		T(the_list_of_feeds_of_an_empty_site_is_one),
	};

	return cmocka_run_group_tests_name("web/feed_formats", tests, NULL, NULL);
}
