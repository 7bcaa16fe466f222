/*
 * Feeds of searches: what is found, newest first, and where it goes on.
 */
#include "site.h"

#include "domain/feed.h"

#include "../unit/xml_check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const int64_t march = 1772357400; /* 2026-03-01T09:30:00Z */
static const char *const extensions[] = {"rss", "atom", "json"};

/* n notes p1…pn of rain, a second apart. */
static void
add_notes(struct site *s, int n)
{
	char form[128];

	for (int i = 1; i <= n; i++) {
		s->now_us = (march + i) * 1000000;
		(void)snprintf(form, sizeof(form), "content=Rain+number+%d.&mp-slug=p%d", i, i);
		(void)site_post(s, form);
	}
}

static struct answer
found(struct site *s, const char *extension, const char *query)
{
	char uri[1024];

	(void)snprintf(uri, sizeof(uri), "/search/feed.%s?q=%s", extension, query);
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

static void
a_search_has_a_feed_in_each_format(void **state)
{
	struct site *s = *state;

	/* The best of all matches, and the oldest. */
	(void)site_post(s, "name=Rain&content=Rain+rain+rain&published=2020-01-01&category=rain");
	add_notes(s, 3);
	(void)site_post(s, "content=Sun");
	(void)site_post(s, "content=Rain+nobody+sees&visibility=private");
	for (size_t f = 0; f < FEED__MAX; f++) {
		struct answer a = found(s, extensions[f], "rain");
		size_t third = str_search(a.body, S("Rain number 3."), 0);
		size_t first = str_search(a.body, S("Rain number 1."), 0);

		assert_int_equal(a.status, 200);
		assert_true(third < first && first < str_search(a.body, S("Rain rain rain"), 0));
		assert_lacks(a, "Sun<");
		assert_lacks(a, "nobody sees");
		if (f != FEED_JSON)
			assert_null(xml_check(a.body));
	}
}

static void
it_says_what_was_searched_for(void **state)
{
	struct site *s = *state;
	struct answer a;

	add_notes(s, 1);
	a = found(s, "rss", "rain+%26+%3Cb%3E");
	assert_has(a, "<title>Search: rain &#x26; &#x3C;b&gt; · Ada writes</title>\n"
		      "<link>https://ada.example/search?q=rain%20%26%20%3Cb%3E</link>");
	assert_has(a, "href=\"https://ada.example/search/feed.rss?q=rain%20%26%20%3Cb%3E\"/>");
	assert_has(ASK(s, .uri = "/search?q=rain"), "title=\"Search: rain · Ada writes (RSS)\" "
		"href=\"https://ada.example/search/feed.rss?q=rain\">");
	assert_lacks(ASK(s, .uri = "/search"), "/search/feed");
}

/* Follows the links that lead on; *posts counts what is on all pages. */
static size_t
walk(struct site *s, const char *query, size_t *posts)
{
	struct answer a = found(s, "json", query);
	size_t pages = 0;

	for (*posts = 0; pages < 20; pages++) {
		const char *next = site_between(s, a.body, "\"next_url\":\"https://ada.example", "\"");

		assert_int_equal(a.status, 200);
		*posts += count(a.body, "\n{\"id\":");
		if (!next)
			return pages + 1;
		a = ASK(s, .uri = next);
	}
	return pages;
}

static void
it_goes_on_to_the_last_that_is_found(void **state)
{
	struct site *s = *state;
	size_t posts;

	add_notes(s, 2 * FEED_POSTS + 1);
	assert_int_equal(walk(s, "rain", &posts), 3);
	assert_int_equal(posts, 2 * FEED_POSTS + 1);
}

static void
large_posts_are_on_more_pages_and_none_is_left_out(void **state)
{
	enum { LARGE = 60000, POSTS = 12 };
	struct site *s = *state;
	char *form = malloc(LARGE + 100);
	size_t posts;

	assert_non_null(form);
	for (int i = 1; i <= POSTS; i++) {
		int n = snprintf(form, 100, "mp-slug=p%d&content=rain+", i);

		s->now_us = (march + i) * 1000000;
		memset(form + n, '\'', LARGE);
		form[n + LARGE] = '\0';
		for (int at = n + 70; at < n + LARGE; at += 70)
			form[at] = '+';
		(void)site_post(s, form);
	}
	free(form);
	assert_in_range(walk(s, "rain", &posts), 2, POSTS);
	assert_int_equal(posts, POSTS);
}

static void
what_finds_nothing_is_an_empty_feed(void **state)
{
	struct answer a = found(*state, "json", "nothing");

	assert_int_equal(a.status, 200);
	assert_has(a, "\"items\":[\n\n]");
}

static void
without_a_question_there_is_no_feed(void **state)
{
	struct site *s = *state;

	assert_int_equal(ASK(s, .uri = "/search/feed.rss").status, 404);
	assert_int_equal(found(s, "rss", "").status, 404);
	assert_int_equal(found(s, "rss", "rain&before=nothing").status, 404);
	assert_int_equal(ASK(s, .uri = "/search/feed").status, 404);
}

/* The cursor is a slug that anybody may guess. */
static void
going_on_tells_nobody_of_a_post_that_is_not_public(void **state)
{
	static const char *const paths[] = {"/search", "/search/feed.rss", "/api/search"};
	static const char *const secret[] = {"draft", "~draft", "mine", "~mine", "later", "~later"};
	struct site *s = *state;
	char uri[128];

	add_notes(s, 2);
	(void)site_post(s, "content=Rain+plans&mp-slug=draft&post-status=draft");
	(void)site_post(s, "content=Rain+thoughts&mp-slug=mine&visibility=private");
	(void)site_post(s, "content=Rain+news&mp-slug=later&published=2099-01-01T00:00:00Z");
	for (size_t p = 0; p < sizeof(paths) / sizeof(paths[0]); p++) {
		for (size_t i = 0; i < sizeof(secret) / sizeof(secret[0]); i++) {
			(void)snprintf(uri, sizeof(uri), "%s?q=rain&before=%s", paths[p], secret[i]);
			assert_int_equal(ASK(s, .uri = uri).status, 404);
		}
		(void)snprintf(uri, sizeof(uri), "%s?q=rain&before=p2", paths[p]);
		assert_int_equal(ASK(s, .uri = uri).status, 200);
	}
}

static void
a_reader_is_led_to_the_format_it_likes_best(void **state)
{
	struct answer a = ASK(*state, .uri = "/search/feed?q=a+b",
		.headers = {{"HTTP_ACCEPT", "application/feed+json"}});

	assert_int_equal(a.status, 302);
	assert_header(a, "Location", "https://ada.example/search/feed.json?q=a%20b");
}

static void
where_nothing_can_be_searched_for_there_is_no_feed(void **state)
{
	struct site *s = site_new("search_enabled = false");

	*state = s;
	assert_int_equal(found(s, "rss", "rain").status, 404);
	assert_int_equal(ASK(s, .uri = "/search/feed.rss?q=rain", .method = "HEAD").status, 404);
}

#define T(f) cmocka_unit_test_setup_teardown(f, site_setup, site_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_search_has_a_feed_in_each_format),
		T(it_says_what_was_searched_for),
		T(it_goes_on_to_the_last_that_is_found),
		T(large_posts_are_on_more_pages_and_none_is_left_out),
		T(what_finds_nothing_is_an_empty_feed),
		T(without_a_question_there_is_no_feed),
		T(going_on_tells_nobody_of_a_post_that_is_not_public),
		T(a_reader_is_led_to_the_format_it_likes_best),
		cmocka_unit_test_teardown(where_nothing_can_be_searched_for_there_is_no_feed, site_teardown),
	};

	return cmocka_run_group_tests_name("web/feed_search", tests, NULL, NULL);
}
