/*
 * What machines read about the site: robots.txt, the sitemap, OpenSearch, previews and JSON-LD.
 */
#include "site.h"

#include <stdio.h>
#include <string.h>

static const int64_t march = 1772357400; /* 2026-03-01T09:30:00Z */

/* ---- robots.txt ------------------------------------------------------------------------------ */

static void
robots_are_told_where_nothing_is_and_where_the_sitemap_is(void **state)
{
	struct site *s = *state;
	struct answer a = ASK(s, .uri = "/robots.txt");

	assert_int_equal(a.status, 200);
	assert_header(a, "Content-Type", "text/plain; charset=utf-8");
	assert_has(a, "User-agent: *\nDisallow: /admin\n");
	assert_has(a, "\nSitemap: https://ada.example/sitemap.xml\n");
	assert_lacks(a, "Disallow: /\n");
	assert_lacks(a, "GPTBot");
	assert_no_header(a, "Set-Cookie");
	assert_non_null(answer_header(&a, "ETag").p);
}

static void
one_word_keeps_ai_crawlers_out_and_names_any_other(void **state)
{
	static const struct {
		const char *setting, *has, *lacks;
	} cases[] = {
		{"ai", "User-agent: GPTBot\n", "SemrushBot"},
		{"ai", "User-agent: ChatGPT-User\n", "User-agent: ai\n"},
		{"training", "User-agent: CCBot\n", "ChatGPT-User"},
		{"answers", "User-agent: ChatGPT-User\n", "CCBot"},
		{"training, SemrushBot", "User-agent: SemrushBot\n", "User-agent: training"},
	};
	char line[96];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct answer a;
		struct site *s;

		(void)snprintf(line, sizeof(line), "robots_block = \"%s\"", cases[i].setting);
		s = site_new(line);
		a = ASK(s, .uri = "/robots.txt");
		assert_has(a, cases[i].has);
		assert_has(a, "\nDisallow: /\n\nSitemap: ");
		assert_lacks(a, cases[i].lacks);
		site_free(s);
	}
	(void)state;
}

/* ---- the sitemap ----------------------------------------------------------------------------- */

static void
a_small_site_has_one_sitemap_with_true_dates(void **state)
{
	struct site *s = *state;
	struct answer a;

	s->now_us = march * 1000000;
	(void)site_post(s, "content=Hello&mp-slug=hello&category=caf%C3%A9+%26+rain&published=2019-01-02T03:04:05Z");
	(void)site_post(s, "content=Hidden&mp-slug=hidden&visibility=private");
	(void)site_post(s, "content=Aside&mp-slug=aside&visibility=unlisted");
	(void)site_post(s, "content=Later&mp-slug=draft&post-status=draft");
	a = ASK(s, .uri = "/sitemap.xml");
	assert_int_equal(a.status, 200);
	assert_header(a, "Content-Type", "application/xml; charset=utf-8");
	assert_has(a, "<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">");
	assert_has(a, "<loc>https://ada.example/</loc>");
	assert_has(a, "<loc>https://ada.example/note/hello</loc>\n<lastmod>2019-01-02T03:04:05Z</lastmod>");
	assert_has(a, "<loc>https://ada.example/notes</loc>");
	assert_has(a, "<loc>https://ada.example/tag/caf%C3%A9%20%26%20rain</loc>");
	assert_lacks(a, "hidden");
	assert_lacks(a, "aside");
	assert_lacks(a, "draft");
	assert_lacks(a, "/photos");
	assert_has(a, "</urlset>\n");
}

static void
a_sitemap_is_sent_again_only_when_something_changed(void **state)
{
	struct site *s = *state;
	struct answer a;
	char tag[64];

	(void)site_post(s, "content=Hello&mp-slug=hello");
	a = ASK(s, .uri = "/sitemap.xml");
	(void)snprintf(tag, sizeof(tag), "%.*s", STR(answer_header(&a, "ETag")));
	a = ASK(s, .uri = "/sitemap.xml", .headers = {{"HTTP_IF_NONE_MATCH", tag}});
	assert_int_equal(a.status, 304);
	(void)site_post(s, "content=More&mp-slug=more");
	a = ASK(s, .uri = "/sitemap.xml", .headers = {{"HTTP_IF_NONE_MATCH", tag}});
	assert_int_equal(a.status, 200);
}

/* Parts are spans of ids; what lies between them is no part. */
static void
a_large_sitemap_is_an_index_of_parts_that_stay(void **state)
{
	struct site *s = *state;
	struct answer a;

	(void)site_post(s, "content=Hello&mp-slug=first");
	site_sql(s, "UPDATE post SET id = 40000 WHERE slug = 'first'");
	assert_has(ASK(s, .uri = "/sitemap.xml"), "<urlset");
	(void)site_post(s, "content=Hello&mp-slug=second");
	a = ASK(s, .uri = "/sitemap.xml");
	assert_has(a, "<sitemapindex xmlns=");
	assert_has(a, "<loc>https://ada.example/sitemap-0.xml</loc>");
	assert_has(a, "<loc>https://ada.example/sitemap-1.xml</loc>");
	assert_has(a, "<loc>https://ada.example/sitemap-2.xml</loc>");
	assert_lacks(a, "sitemap-3.xml");
	a = ASK(s, .uri = "/sitemap-0.xml");
	assert_has(a, "<loc>https://ada.example/</loc>");
	assert_lacks(a, "first");
	a = ASK(s, .uri = "/sitemap-1.xml");
	assert_has(a, "note/first");
	assert_lacks(a, "note/second");
	assert_lacks(a, "<loc>https://ada.example/</loc>");
	a = ASK(s, .uri = "/sitemap-2.xml");
	assert_has(a, "note/second");
	site_sql(s, "UPDATE post SET id = 9000000 WHERE slug = 'second'");
	a = ASK(s, .uri = "/sitemap.xml");
	assert_lacks(a, "sitemap-2.xml");
	assert_has(a, "sitemap-225.xml");
}

static void
what_is_no_part_of_the_sitemap_is_not_found(void **state)
{
	static const char *const none[] = {"/sitemap-1.xml", "/sitemap-01.xml", "/sitemap-.xml",
		"/sitemap-1", "/sitemap-0.xml.gz", "/sitemap--1.xml", "/sitemap-99999999999.xml",
		"/sitemap-%30x.xml"};
	struct site *s = *state;

	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		assert_int_equal(ASK(s, .uri = none[i]).status, 404);
	assert_int_equal(ASK(s, .uri = "/sitemap-0.xml").status, 200);
}

/* ---- OpenSearch ------------------------------------------------------------------------------ */

static void
browsers_learn_how_the_site_is_searched(void **state)
{
	struct site *s = *state;
	struct answer a;

	site_sql(s, "INSERT INTO setting (key, value, changed) VALUES ('site_name', 'Ada & her very long name', 1)");
	a = ASK(s, .uri = "/opensearch.xml");
	assert_int_equal(a.status, 200);
	assert_header(a, "Content-Type", "application/opensearchdescription+xml; charset=utf-8");
	assert_has(a, "<ShortName>Ada &amp; her very</ShortName>");
	assert_has(a, "template=\"https://ada.example/search?q={searchTerms}\"");
	assert_has(ASK(s, .uri = "/"), "<link rel=\"search\" type=\"application/opensearchdescription+xml\" "
				       "title=\"Ada &amp; her very long name\" href=\"/opensearch.xml\">");
}

static void
a_site_that_is_not_searched_says_nothing_of_it(void **state)
{
	struct site *s = site_new("search_enabled = false");
	struct answer a = ASK(s, .uri = "/");

	*state = s;
	assert_lacks(a, "opensearch");
	assert_lacks(a, "SearchAction");
	assert_int_equal(ASK(s, .uri = "/opensearch.xml").status, 404);
	assert_lacks(ASK(s, .uri = "/none", .headers = {{"HTTP_ACCEPT", "text/html"}}), "type=\"search\"");
}

/* ---- previews and JSON-LD -------------------------------------------------------------------- */

static void
a_post_says_what_previews_show(void **state)
{
	struct site *s = site_new("language = \"en-GB\"");
	struct answer a;

	*state = s;
	s->now_us = march * 1000000;
	(void)site_post(s, "name=Rain&content=It+rains.&mp-slug=rain&category[]=weather&category[]=a%26b");
	a = ASK(s, .uri = "/note/rain");
	assert_has(a, "<meta property=\"og:type\" content=\"article\">");
	assert_has(a, "<meta property=\"og:locale\" content=\"en_GB\">");
	assert_has(a, "<meta property=\"og:image\" content=\"https://ada.example/static/icon-512.png?v=");
	assert_has(a, "<meta name=\"twitter:card\" content=\"summary\">");
	assert_has(a, "<meta property=\"article:author\" content=\"https://ada.example/\">");
	assert_has(a, "<meta property=\"article:published_time\" content=\"2026-03-01T09:30:00Z\">");
	assert_lacks(a, "article:modified_time");
	assert_has(a, "<meta property=\"article:tag\" content=\"weather\">\n<meta property=\"article:tag\" content=\"a&amp;b\">");
	a = ASK(s, .uri = "/");
	assert_has(a, "<meta property=\"og:type\" content=\"website\">");
	assert_lacks(a, "article:");
}

static void
a_picture_is_shown_with_its_description(void **state)
{
	struct site *s = *state;
	struct answer a;

	(void)site_post(s, "content=Lake&mp-slug=lake&photo=https://bob.example/lake.jpg&mp-photo-alt=The+%22lake%22");
	a = ASK(s, .uri = "/note/lake");
	assert_has(a, "<meta property=\"og:image\" content=\"https://bob.example/lake.jpg\">\n"
		      "<meta property=\"og:image:alt\" content=\"The &quot;lake&quot;\">\n"
		      "<meta name=\"twitter:card\" content=\"summary_large_image\">");
}

static void
no_title_can_end_the_data_in_a_page(void **state)
{
	struct site *s = *state;
	struct answer a;
	const char *data;

	(void)site_post(s, "name=%3C/script%3E%3Cscript%3Ealert(1)%3C/script%3E%3C!--+%26+%22q%22&content=x&mp-slug=bad");
	a = ASK(s, .uri = "/note/bad");
	data = site_between(s, a.body, "<script type=\"application/ld+json\">", "</script>");
	assert_non_null(data);
	assert_non_null(strstr(data, "\\u003c/script\\u003e"));
	assert_non_null(strstr(data, "\"@type\":\"BlogPosting\""));
	assert_non_null(strstr(data, "\"@type\":\"BreadcrumbList\""));
	assert_null(strchr(data, '<'));
	assert_null(strchr(data, '&'));
	assert_int_equal(data[strlen(data) - 1], '}');
}

static void
the_home_page_tells_of_site_and_author(void **state)
{
	struct site *s = *state;
	struct answer a = ASK(s, .uri = "/");
	const char *data = site_between(s, a.body, "<script type=\"application/ld+json\">", "</script>");

	assert_non_null(data);
	assert_non_null(strstr(data, "\"@type\":\"WebSite\""));
	assert_non_null(strstr(data, "\"@type\":\"Person\""));
	assert_non_null(strstr(data, "\"urlTemplate\":\"https://ada.example/search?q={search_term_string}\""));
}

static void
what_is_not_for_search_engines_has_no_data(void **state)
{
	struct site *s = *state;
	struct answer a;

	(void)site_post(s, "content=Aside&mp-slug=aside&visibility=unlisted");
	a = ASK(s, .uri = "/note/aside");
	assert_has(a, "<meta name=\"robots\" content=\"noindex\">");
	assert_lacks(a, "ld+json");
	assert_lacks(a, "og:");
}

/* ---- icons ----------------------------------------------------------------------------------- */

static void
browsers_that_ask_for_no_page_find_an_icon(void **state)
{
	struct site *s = *state;
	struct answer a = ASK(s, .uri = "/favicon.ico");

	assert_int_equal(a.status, 302);
	assert_int_equal(strncmp(answer_header(&a, "Location").p,
				 "https://ada.example/static/icon-192.png?v=", 42), 0);
	a = ASK(s, .uri = "/apple-touch-icon.png");
	assert_int_equal(a.status, 302);
	a = ASK(s, .uri = "/");
	assert_has(a, "<link rel=\"apple-touch-icon\" href=\"/static/icon-192.png?v=");
}

/* ---- what is not found ----------------------------------------------------------------------- */

static void
who_finds_nothing_may_search(void **state)
{
	struct site *s = *state;
	struct answer a = ASK(s, .uri = "/none", .headers = {{"HTTP_ACCEPT", "text/html"}});

	assert_int_equal(a.status, 404);
	assert_has(a, "action=\"/search\"");
	a = ASK(s, .uri = "/none", .headers = {{"HTTP_ACCEPT", "application/json"}});
	assert_has(a, "\"code\":\"not_found\"");
	a = ASK(s, .uri = "/%zz", .headers = {{"HTTP_ACCEPT", "text/html"}});
	assert_int_equal(a.status, 400);
	assert_lacks(a, "action=\"/search\"");
}

#define T(f) cmocka_unit_test_setup_teardown(f, site_setup, site_teardown)
#define OWN(f) cmocka_unit_test_teardown(f, site_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(robots_are_told_where_nothing_is_and_where_the_sitemap_is),
		cmocka_unit_test(one_word_keeps_ai_crawlers_out_and_names_any_other),
		T(a_small_site_has_one_sitemap_with_true_dates),
		T(a_sitemap_is_sent_again_only_when_something_changed),
		T(a_large_sitemap_is_an_index_of_parts_that_stay),
		T(what_is_no_part_of_the_sitemap_is_not_found),
		T(browsers_learn_how_the_site_is_searched),
		OWN(a_site_that_is_not_searched_says_nothing_of_it),
		OWN(a_post_says_what_previews_show),
		T(a_picture_is_shown_with_its_description),
		T(no_title_can_end_the_data_in_a_page),
		T(the_home_page_tells_of_site_and_author),
		T(what_is_not_for_search_engines_has_no_data),
		T(browsers_that_ask_for_no_page_find_an_icon),
		T(who_finds_nothing_may_search),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
