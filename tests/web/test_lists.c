/*
 * Pages of lists: types, channels, tags. Where each begins, how it goes on and back again, and what is
 * no page of any list.
 */
#include "site.h"

#include <stdio.h>
#include <string.h>

static const int64_t march = 1772357400; /* 2026-03-01T09:30:00Z */

/* A site with two posts a page. */
static struct site *
small_site(void **state)
{
	struct site *s = site_new("posts_per_page = 2\nchannels = \"garden=The garden, attic=Attic\"");

	*state = s;
	return s;
}

/* n notes p1…pn, a second apart, with these further fields. */
static void
add_notes(struct site *s, int n, const char *fields)
{
	char form[128];

	for (int i = 1; i <= n; i++) {
		s->now_us = (march + i) * 1000000;
		(void)snprintf(form, sizeof(form), "content=Post+number+%d.&mp-slug=p%d&%s", i, i,
			fields);
		(void)site_post(s, form);
	}
}

static void
each_type_has_a_list_of_its_own(void **state)
{
	struct site *s = *state;
	struct answer a;

	(void)site_post(s, "content=Plain&mp-slug=plain");
	(void)site_post(s, "name=Title&content=Long+text&mp-slug=long");
	(void)site_post(s, "like-of=https://bob.example/1&mp-slug=liked");
	a = ASK(s, .uri = "/notes");
	assert_int_equal(a.status, 200);
	assert_has(a, "<title>Notes · Ada writes</title>");
	assert_has(a, "Plain");
	assert_lacks(a, "Long text");
	assert_has(a, "<link rel=\"canonical\" href=\"https://ada.example/notes\">");
	assert_has(a, "class=\"h-feed");
	a = ASK(s, .uri = "/articles");
	assert_has(a, "Long text");
	assert_lacks(a, "Plain");
	assert_has(ASK(s, .uri = "/likes"), "bob.example/1");
}

/* The type is known, though nothing is of it yet; what is no type is not found. */
static void
a_list_without_posts_says_so_and_an_unknown_one_is_not_there(void **state)
{
	struct site *s = *state;
	static const char *const none[] = {"/note", "/sonnets", "/Notes", "/notes/x", "/channel/none",
		"/channel/", "/channel/%00", "/tag/none", "/notes%2f"};
	struct answer a = ASK(s, .uri = "/videos");

	assert_int_equal(a.status, 200);
	assert_has(a, "There is nothing here yet.");
	assert_lacks(a, "class=\"pager\"");
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		a = ASK(s, .uri = none[i]);
		if (a.status != 404 && a.status != 400 && a.status != 301)
			fail_msg("%s: %d", none[i], a.status);
	}
}

static void
a_channel_of_the_configuration_has_a_list(void **state)
{
	struct site *s = small_site(state);
	struct answer a;

	assert_has(ASK(s, .uri = "/channel/garden"), "There is nothing here yet.");
	add_notes(s, 3, "mp-channel=garden");
	(void)site_post(s, "content=Elsewhere");
	a = ASK(s, .uri = "/channel/garden");
	assert_int_equal(a.status, 200);
	assert_has(a, "<title>The garden · Ada writes</title>");
	assert_has(a, "Post number 3.");
	assert_lacks(a, "Elsewhere");
	assert_has(a, "<a rel=\"next\" href=\"https://ada.example/channel/garden?before=p2\">");
	assert_has(ASK(s, .uri = "/channel/garden?before=p2"), "Post number 1.");
	assert_int_equal(ASK(s, .uri = "/channel/cellar").status, 404);
}

static void
a_list_names_its_feed(void **state)
{
	struct site *s = *state;
	struct answer a = ASK(s, .uri = "/notes");

	assert_has(a, "<link rel=\"alternate\" type=\"application/atom+xml\" "
		      "title=\"Notes · Ada writes (Atom)\" href=\"https://ada.example/notes/feed.atom\">");
	a = ASK(s, .uri = "/");
	assert_lacks(a, "notes/feed.atom");
}

/* ---- going on and back --------------------------------------------------------------------------- */

static void
a_list_goes_on_behind_a_post_and_back_before_one(void **state)
{
	struct site *s = small_site(state);
	struct answer a;

	add_notes(s, 5, "");
	a = ASK(s, .uri = "/notes");
	assert_has(a, "Post number 5.");
	assert_has(a, "<a rel=\"next\" href=\"https://ada.example/notes?before=p4\">");
	assert_lacks(a, "rel=\"prev\"");
	a = ASK(s, .uri = "/notes?before=p4");
	assert_has(a, "Post number 3.");
	assert_lacks(a, "Post number 4.");
	assert_has(a, "<link rel=\"next\" href=\"https://ada.example/notes?before=p2\">");
	assert_has(a, "<link rel=\"prev\" href=\"https://ada.example/notes?after=p3\">");
	assert_has(a, "<a href=\"https://ada.example/notes\">Newest posts</a>");
	a = ASK(s, .uri = "/notes?before=p2");
	assert_has(a, "Post number 1.");
	assert_lacks(a, "rel=\"next\"");
	assert_has(a, "<a rel=\"prev\" href=\"https://ada.example/notes?after=p1\">");
	a = ASK(s, .uri = "/notes?after=p1");
	assert_int_equal(a.status, 200);
	assert_has(a, "Post number 3.");
	assert_has(a, "Post number 2.");
	assert_lacks(a, "Post number 1.");
	assert_has(a, "<a rel=\"next\" href=\"https://ada.example/notes?before=p2\">");
	assert_has(a, "<a rel=\"prev\" href=\"https://ada.example/notes?after=p3\">");
}

/* The same posts under two addresses: one of them is the page's. */
static void
a_page_has_one_url_however_it_was_come_to(void **state)
{
	struct site *s = small_site(state);
	struct answer back;

	add_notes(s, 5, "");
	back = ASK(s, .uri = "/notes?after=p1");
	assert_has(back, "<link rel=\"canonical\" href=\"https://ada.example/notes?before=p4\">");
	assert_has(ASK(s, .uri = "/notes?before=p4"),
		"<link rel=\"canonical\" href=\"https://ada.example/notes?before=p4\">");
}

static void
the_way_back_ends_where_the_list_begins(void **state)
{
	struct site *s = small_site(state);
	static const char *const uris[] = {"/notes?after=p3", "/notes?after=p4", "/notes?after=p5"};

	add_notes(s, 5, "");
	for (size_t i = 0; i < sizeof(uris) / sizeof(uris[0]); i++) {
		struct answer a = ASK(s, .uri = uris[i]);

		assert_int_equal(a.status, 302);
		assert_header(a, "Location", "https://ada.example/notes");
	}
}

/* Walks from uri along rel=next; counts each "Post number N." that is seen, newest first. */
static int
walk(struct site *s, const char *uri, int newest)
{
	char path[96], want[32];
	int pages = 0;

	(void)snprintf(path, sizeof(path), "%s", uri);
	for (; path[0]; pages++) {
		struct answer a = ASK(s, .uri = path);
		const char *next = site_between(s, a.body, "<link rel=\"next\" href=\"https://ada.example",
			"\"");

		assert_int_equal(a.status, 200);
		for (int i = 0; i < 2 && newest > 0; i++, newest--) {
			(void)snprintf(want, sizeof(want), "Post number %d.", newest);
			assert_has(a, want);
			(void)snprintf(want, sizeof(want), "Post number %d.", newest - 2 + i);
			assert_lacks(a, want);
		}
		(void)snprintf(path, sizeof(path), "%s", next ? next : "");
		/* Somebody posts while the reader reads. */
		(void)site_post(s, "content=Meanwhile&category=t&mp-channel=garden");
	}
	assert_int_equal(newest, 0);
	return pages;
}

static void
who_pages_to_the_end_sees_each_post_once_though_others_come(void **state)
{
	static const char *const lists[] = {"/notes", "/tag/t", "/channel/garden", "/2026",
		"/2026/03", "/2026/03/01"};

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		struct site *s = small_site(state);

		add_notes(s, 7, "category=t&mp-channel=garden");
		assert_int_equal(walk(s, lists[i], 7), 4);
		site_free(s);
	}
	*state = site_new("");
}

static void
a_wrong_place_to_go_on_at_is_no_page(void **state)
{
	static const struct {
		const char *uri;
		int status;
	} wrong[] = {
		{"/notes?before=nothing", 404}, {"/notes?after=nothing", 404},
		{"/notes?before=p1", 404}, {"/notes?before=draft", 404}, {"/notes?after=draft", 404},
		{"/notes?before=p1&after=p1", 400}, {"/notes?before=%ff", 400},
		{"/notes?before=%zz", 400}, {"/notes?before=%00", 400}, {"/tag/t?after=nothing", 404},
		{"/notes?before=p2'%20OR%201=1--", 404}, {"/notes?before=../p2", 404},
		{"/channel/garden?before=nothing", 404}, {"/2026?before=nothing", 404},
	};
	struct site *s = small_site(state);

	add_notes(s, 3, "category=t");
	(void)site_post(s, "content=x&mp-slug=draft&post-status=draft");
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct answer a = ASK(s, .uri = wrong[i].uri);

		if (a.status != wrong[i].status)
			fail_msg("%s: %d", wrong[i].uri, a.status);
	}
	assert_int_equal(ASK(s, .uri = "/notes?before=").status, 200);
	assert_int_equal(ASK(s, .uri = "/notes?other=1").status, 200);
}

/* Readers see what has come between: nothing is remembered of a page but its address. */
static void
a_deleted_post_is_still_a_place_to_go_on_at(void **state)
{
	struct site *s = small_site(state);

	add_notes(s, 4, "");
	site_sql(s, "UPDATE post SET deleted = 1772357400 WHERE slug = 'p3'");
	segment_generation_move(s->seg);
	assert_has(ASK(s, .uri = "/notes?before=p3"), "Post number 2.");
}

static void
lists_are_only_read(void **state)
{
	static const char *const uris[] = {"/notes", "/channel/garden", "/tags", "/tag/t", "/archive",
		"/2026", "/2026/03", "/2026/03/01", "/on-this-day", "/random"};
	struct site *s = small_site(state);

	add_notes(s, 1, "category=t");
	for (size_t i = 0; i < sizeof(uris) / sizeof(uris[0]); i++) {
		struct answer a = ASK(s, .uri = uris[i], .method = "POST");

		assert_int_equal(a.status, 405);
		assert_header(a, "Allow", "GET, HEAD, OPTIONS");
		a = ASK(s, .uri = uris[i]);
		assert_true(a.read_only);
		assert_no_header(a, "Set-Cookie");
	}
	/* Nobody knows these addresses, whatever the method. */
	assert_int_equal(ASK(s, .uri = "/sonnets", .method = "POST").status, 404);
	assert_int_equal(ASK(s, .uri = "/20260", .method = "POST").status, 404);
}

static void
a_list_is_kept_without_a_query_only(void **state)
{
	struct site *s = small_site(state);
	struct answer a, head;

	add_notes(s, 3, "");
	a = ASK(s, .uri = "/notes");
	assert_false(a.facts.cached);
	head = ASK(s, .uri = "/notes", .method = "HEAD");
	assert_true(head.facts.cached);
	assert_int_equal(head.body.n, 0);
	assert_true(str_eq(answer_header(&a, "ETag"), answer_header(&head, "ETag")));
	a = ASK(s, .uri = "/notes?before=p2");
	assert_false(ASK(s, .uri = "/notes?before=p2").facts.cached);
	a = ASK(s, .uri = "/notes?before=p2",
		.headers = {{"HTTP_IF_NONE_MATCH", site_between(s, a.head, "ETag: ", "\r\n")}});
	assert_int_equal(a.status, 304);
	(void)site_post(s, "content=Another&mp-slug=another");
	a = ASK(s, .uri = "/notes");
	assert_false(a.facts.cached);
	assert_has(a, "Another");
}

static void
a_page_of_a_list_costs_few_statements(void **state)
{
	struct site *s = small_site(state);

	add_notes(s, 5, "");
	(void)ASK(s, .uri = "/");	/* looks after the change whether the settings are another */
	assert_in_range(ASK(s, .uri = "/notes").facts.db_queries, 1, 2);
	assert_in_range(ASK(s, .uri = "/notes?before=p4").facts.db_queries, 2, 2);
	assert_in_range(ASK(s, .uri = "/notes?after=p1").facts.db_queries, 2, 4);
}

/* ---- all tags -------------------------------------------------------------------------------------- */

static void
tags_are_listed_with_counts_by_name_or_by_use(void **state)
{
	struct site *s = *state;
	struct answer a = ASK(s, .uri = "/tags");
	const char *cloud, *rain;

	assert_int_equal(a.status, 200);
	assert_has(a, "Nothing has been tagged yet.");
	(void)site_post(s, "content=a&category[]=rain&category[]=cloud");
	(void)site_post(s, "content=b&category[]=rain&category[]=a%26b");
	(void)site_post(s, "content=c&category[]=secret&post-status=draft");
	a = ASK(s, .uri = "/tags");
	assert_has(a, "<title>Tags · Ada writes</title>");
	assert_has(a, "<a href=\"https://ada.example/tag/a%26b\" rel=\"tag\" dir=\"auto\">a&amp;b</a>");
	assert_has(a, "dir=\"auto\">rain</a> <span class=\"count\">2</span>");
	assert_lacks(a, "secret");
	assert_has(a, "href=\"https://ada.example/tags?by=use\"");
	cloud = strstr(a.body.p, ">cloud<");
	rain = strstr(a.body.p, ">rain<");
	assert_true(cloud && rain && cloud < rain);
	a = ASK(s, .uri = "/tags?by=use");
	cloud = strstr(a.body.p, ">cloud<");
	rain = strstr(a.body.p, ">rain<");
	assert_true(cloud && rain && rain < cloud);
	assert_has(a, "<link rel=\"canonical\" href=\"https://ada.example/tags?by=use\">");
	assert_int_equal(ASK(s, .uri = "/tags?by=chance").status, 400);
	assert_int_equal(ASK(s, .uri = "/tags?after=none").status, 404);
	assert_int_equal(ASK(s, .uri = "/tags?after=rain").status, 404);
	assert_has(ASK(s, .uri = "/tags?after=a%26b"), ">cloud<");
}

static void
many_tags_are_paged(void **state)
{
	struct site *s = *state;
	struct answer a;

	site_sql(s, "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 500) "
		    "INSERT INTO tag (name, posts) SELECT printf('t%03d', i), 1 FROM n");
	segment_generation_move(s->seg);
	a = ASK(s, .uri = "/tags");
	assert_has(a, ">t499<");
	assert_lacks(a, ">t500<");
	assert_has(a, "<a rel=\"next\" href=\"https://ada.example/tags?after=t499\">");
	a = ASK(s, .uri = "/tags?after=t499");
	assert_has(a, ">t500<");
	assert_has(a, "<a href=\"https://ada.example/tags\">First tags</a>");
	a = ASK(s, .uri = "/tags?by=use&after=t499");
	assert_has(a, ">t500<");
	assert_has(a, "href=\"https://ada.example/tags?by=use\"");
}

static void
another_spelling_of_a_tag_keeps_its_query(void **state)
{
	struct site *s = *state;
	struct answer a;

	(void)site_post(s, "content=a&mp-slug=p1&category=Rain");
	a = ASK(s, .uri = "/tag/rain?before=p1");
	assert_int_equal(a.status, 301);
	assert_header(a, "Location", "https://ada.example/tag/Rain?before=p1");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, site_setup, site_teardown)
/* Those make a site of their own. */
#define ALONE(f) cmocka_unit_test_teardown(f, site_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_type_has_a_list_of_its_own),
		TEST(a_list_without_posts_says_so_and_an_unknown_one_is_not_there),
		ALONE(a_channel_of_the_configuration_has_a_list),
		TEST(a_list_names_its_feed),
		ALONE(a_list_goes_on_behind_a_post_and_back_before_one),
		ALONE(a_page_has_one_url_however_it_was_come_to),
		ALONE(the_way_back_ends_where_the_list_begins),
		ALONE(who_pages_to_the_end_sees_each_post_once_though_others_come),
		ALONE(a_wrong_place_to_go_on_at_is_no_page),
		ALONE(a_deleted_post_is_still_a_place_to_go_on_at),
		ALONE(lists_are_only_read),
		ALONE(a_list_is_kept_without_a_query_only),
		ALONE(a_page_of_a_list_costs_few_statements),
		TEST(tags_are_listed_with_counts_by_name_or_by_use),
		TEST(many_tags_are_paged),
		TEST(another_spelling_of_a_tag_keeps_its_query),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
