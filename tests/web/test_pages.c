/*
 * The pages that anybody may read: what they show, what they do not, and under which URL.
 */
#include "site.h"

#include <stdio.h>

static void
an_empty_site_has_a_home_page(void **state)
{
	struct answer a = ASK(*state, .uri = "/");

	assert_int_equal(a.status, 200);
	assert_header(a, "Content-Type", "text/html; charset=utf-8");
	assert_has(a, "class=\"h-feed feed\"");
	assert_has(a, "Nothing has been posted yet.");
	assert_has(a, "<title>Ada writes</title>");
	assert_has(a, "<html lang=\"en\">");
}

static void
a_note_is_shown_on_home_and_permalink(void **state)
{
	struct site *s = *state;
	const char *path = site_post(s, "h=entry&content=Rain+%2A%2Aagain%2A%2A&mp-slug=rain");
	struct answer a = ASK(s, .uri = path);

	assert_string_equal(path, "/note/rain");
	assert_int_equal(a.status, 200);
	assert_has(a, "<strong>again</strong>");
	a = ASK(s, .uri = "/");
	assert_has(a, "<strong>again</strong>");
	assert_has(a, "href=\"https://ada.example/note/rain\"");
}

static void
a_note_carries_its_microformats_and_no_name(void **state)
{
	struct site *s = *state;
	struct answer a;

	s->now_us = INT64_C(1772357400) * 1000000;
	(void)site_post(s, "h=entry&content=Rain&mp-slug=rain&category[]=weather&category[]=a%26b");
	a = ASK(s, .uri = "/note/rain");
	assert_has(a, "<article class=\"h-entry post note\">");
	assert_has(a, "<div class=\"p-author h-card byline\">");
	assert_has(
		a, "<a class=\"p-name u-url\" rel=\"author\" href=\"https://ada.example/\" dir=\"auto\">Ada</a>");
	assert_has(a, "<div class=\"e-content prose\" dir=\"auto\"><p>Rain</p>");
	assert_has(a, "<a class=\"u-url u-uid\" href=\"https://ada.example/note/rain\"");
	assert_has(a, "<time class=\"dt-published\" datetime=\"2026-03-01T09:30:00Z\">1 March "
		      "2026, 09:30</time>");
	assert_has(
		a, "rel=\"tag\" href=\"https://ada.example/tag/weather\" dir=\"auto\">weather</a>");
	assert_has(a, "href=\"https://ada.example/tag/a%26b\" dir=\"auto\">a&amp;b</a>");
	assert_lacks(a, "class=\"p-name\" dir=\"auto\"");
	assert_lacks(a, "dt-updated");
}

static void
an_article_has_its_name_as_the_one_heading(void **state)
{
	struct site *s = *state;
	struct answer a;

	(void)site_post(s, "name=On+%3Crain%3E&content=Long+text&mp-slug=rain");
	a = ASK(s, .uri = "/note/rain");
	assert_has(a, "<h1 class=\"p-name\" dir=\"auto\">On &lt;rain&gt;</h1>");
	assert_has(a, "<title>On &lt;rain&gt; · Ada writes</title>");
	a = ASK(s, .uri = "/");
	assert_has(
		a, "<h2 class=\"p-name\" dir=\"auto\"><a href=\"https://ada.example/note/rain\">");
}

static void
an_article_with_a_summary_is_brief_in_lists(void **state)
{
	struct site *s = *state;
	struct answer a;

	(void)site_post(s, "name=Rain&summary=In+short&content=The+whole+story&mp-slug=rain");
	a = ASK(s, .uri = "/");
	assert_has(a, "<p class=\"p-summary lead\" dir=\"auto\">In short</p>");
	assert_lacks(a, "The whole story");
	a = ASK(s, .uri = "/note/rain");
	assert_has(a, "The whole story");
	assert_has(a, "In short");
}

static void
the_home_page_introduces_the_author(void **state)
{
	struct answer a = ASK(*state, .uri = "/");

	assert_has(a, "class=\"h-card intro");
	assert_has(
		a, "class=\"p-name u-url u-uid\" rel=\"me author\" href=\"https://ada.example/\"");
}

static void
html_in_plain_text_is_shown_and_not_run(void **state)
{
	struct site *s = *state;
	struct answer a;

	(void)site_post(
		s, "content=%3Cscript%3Ealert(1)%3C%2Fscript%3E+%3Cb+onclick%3Dx%3E&mp-slug=x");
	a = ASK(s, .uri = "/note/x");
	assert_no_script(a);
	assert_lacks(a, "<b onclick");
	assert_has(a, "&lt;script&gt;");
}

static void
pages_need_no_script_and_no_inline_style(void **state)
{
	struct site *s = *state;
	const char *uris[] = {"/", "/note/x", "/tag/t", "/nothing", "/admin/login"};

	(void)site_post(s, "content=x&mp-slug=x&category=t");
	for (size_t i = 0; i < sizeof(uris) / sizeof(uris[0]); i++) {
		struct answer a = ASK(s, .uri = uris[i]);
		bool owners = strcmp(uris[i], "/admin/login") == 0;

		/* The owner's pages may have a script, but it is a file of ours. */
		assert_lacks(a, "<script>");
		if (!owners)
			assert_no_script(a);
		else
			assert_has(a, "<script type=\"module\" src=\"/static/passkey.js?v=");
		assert_lacks(a, "style=");
		assert_lacks(a, "<style");
		assert_has(a, "<main id=\"content\"");
		assert_has(a, "class=\"skip\" href=\"#content\"");
		assert_has(a, "<link rel=\"stylesheet\" href=\"/static/style.css?v=");
	}
}

static void
a_post_leads_to_those_before_and_after_it(void **state)
{
	struct site *s = *state;
	struct answer a;

	(void)site_post(s, "content=First+of+all&mp-slug=first&published=2020-01-01T00:00:00Z");
	(void)site_post(s, "content=x&mp-slug=alone");
	a = ASK(s, .uri = "/note/alone");
	assert_has(a, "<p class=\"older\">Older <a href=\"https://ada.example/note/first\"><bdi>First of all</bdi></a></p>");
	assert_lacks(a, "class=\"newer\"");
	(void)site_post(s, "name=On+%3Crain%3E&content=x&mp-slug=rain&published=2021-01-01T00:00:00Z");
	(void)site_post(s, "like-of=https://bob.example/7&mp-slug=like&published=2022-01-01T00:00:00Z");
	a = ASK(s, .uri = "/note/first");
	assert_lacks(a, "class=\"older\"");
	assert_has(a, "<p class=\"newer\">Newer <a href=\"https://ada.example/note/rain\"><bdi>On &lt;rain&gt;</bdi></a></p>");
	a = ASK(s, .uri = "/note/rain");
	assert_has(a, "href=\"https://ada.example/note/first\"><bdi>First of all</bdi></a>");
	assert_has(a, "href=\"https://ada.example/note/like\"><bdi>Like, 1 January 2022</bdi></a>");
}

static void
what_is_in_no_list_stands_beside_nothing(void **state)
{
	struct site *s = *state;
	struct answer a;

	(void)site_post(s, "content=first&mp-slug=first&published=2020-01-01T00:00:00Z");
	(void)site_post(s, "content=hush&mp-slug=hush&visibility=unlisted&published=2021-01-01T00:00:00Z");
	(void)site_post(s, "content=mine&mp-slug=mine&visibility=private&published=2022-01-01T00:00:00Z");
	(void)site_post(s, "content=draft&mp-slug=draft&post-status=draft&published=2023-01-01T00:00:00Z");
	a = ASK(s, .uri = "/note/first");
	assert_int_equal(a.status, 200);
	assert_lacks(a, "class=\"beside\"");
	a = ASK(s, .uri = "/note/hush");
	assert_int_equal(a.status, 200);
	assert_lacks(a, "class=\"beside\"");
}

static void
lists_are_paged_and_end(void **state)
{
	struct site *s = site_new("posts_per_page = 2");
	struct answer a;
	char form[64];

	*state = s;
	for (int i = 1; i <= 5; i++) {
		s->now_us = (INT64_C(1772357400) + i) * 1000000;
		(void)snprintf(form, sizeof(form), "content=Post+number+%d", i);
		(void)site_post(s, form);
	}
	a = ASK(s, .uri = "/");
	assert_has(a, "Post number 5");
	assert_has(a, "Post number 4");
	assert_lacks(a, "Post number 3");
	assert_has(a, "<a rel=\"next\" href=\"https://ada.example/page/2\">");
	assert_lacks(a, "rel=\"prev\"");
	a = ASK(s, .uri = "/page/2");
	assert_has(a, "Post number 3");
	assert_has(a, "<a rel=\"prev\" href=\"https://ada.example/\">");
	a = ASK(s, .uri = "/page/3");
	assert_has(a, "Post number 1");
	assert_lacks(a, "rel=\"next\"");
	assert_has(a, "class=\"pager\"");
	assert_int_equal(ASK(s, .uri = "/page/4").status, 404);
}

/* A landmark with nothing in it is a false promise to whoever hears the page. */
static void
a_list_of_one_page_has_no_pager(void **state)
{
	assert_lacks(ASK(*state, .uri = "/"), "class=\"pager\"");
	(void)site_post(*state, "content=x&category=t");
	assert_lacks(ASK(*state, .uri = "/"), "class=\"pager\"");
	assert_lacks(ASK(*state, .uri = "/tag/t"), "class=\"pager\"");
}

static void
page_numbers_have_one_spelling(void **state)
{
	const char *bad[] = {"/page/0", "/page/01", "/page/-1", "/page/abc", "/page/1;drop",
		"/page/2.0", "/page/99999999999999999999", "/page/%20", "/page"};
	struct answer a = ASK(*state, .uri = "/page/1");

	assert_int_equal(a.status, 301);
	assert_header(a, "Location", "https://ada.example/");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(ASK(*state, .uri = bad[i]).status, 404);
}

static void
a_tag_has_a_page_under_one_spelling(void **state)
{
	struct site *s = *state;
	struct answer a;

	(void)site_post(s, "content=x&mp-slug=x&category=Weather");
	a = ASK(s, .uri = "/tag/Weather");
	assert_int_equal(a.status, 200);
	assert_has(a, "Tagged “Weather”");
	assert_has(a, "h-entry");
	a = ASK(s, .uri = "/tag/weather");
	assert_int_equal(a.status, 301);
	assert_header(a, "Location", "https://ada.example/tag/Weather");
	assert_int_equal(ASK(s, .uri = "/tag/rain").status, 404);
	assert_int_equal(ASK(s, .uri = "/tag/%3Cscript%3E").status, 404);
}

static void
tag_pages_go_on_behind_a_post(void **state)
{
	struct site *s = site_new("posts_per_page = 2");
	struct answer a;
	char form[64];

	*state = s;
	for (int i = 1; i <= 3; i++) {
		s->now_us = (INT64_C(1772357400) + i) * 1000000;
		(void)snprintf(
			form, sizeof(form), "content=Post+number+%d&category=t&mp-slug=p%d", i, i);
		(void)site_post(s, form);
	}
	a = ASK(s, .uri = "/tag/t");
	assert_has(a, "rel=\"next\" href=\"https://ada.example/tag/t?before=p2\"");
	a = ASK(s, .uri = "/tag/t?before=p2");
	assert_has(a, "Post number 1");
	assert_lacks(a, "Post number 2");
	assert_has(a, "<a href=\"https://ada.example/tag/t\">Newest posts</a>");
	assert_has(a, "<a rel=\"prev\" href=\"https://ada.example/tag/t?after=p1\">Newer posts</a>");
	assert_has(a, "rel=\"canonical\" href=\"https://ada.example/tag/t?before=p2\"");
	assert_int_equal(ASK(s, .uri = "/tag/t?before=p1").status, 404);
	assert_int_equal(ASK(s, .uri = "/tag/t?before=nothing").status, 404);
	assert_int_equal(ASK(s, .uri = "/tag/t?before=%ff").status, 400);
}

static void
drafts_and_private_posts_are_not_there(void **state)
{
	struct site *s = *state;

	(void)site_post(s, "content=secret&mp-slug=a&post-status=draft");
	(void)site_post(s, "content=secret&mp-slug=b&visibility=private");
	(void)site_post(s, "content=secret&mp-slug=c&published=2999-01-01T00:00:00Z");
	(void)site_post(s, "content=quiet&mp-slug=d&visibility=unlisted");
	assert_int_equal(ASK(s, .uri = "/note/a").status, 404);
	assert_int_equal(ASK(s, .uri = "/note/b").status, 404);
	assert_int_equal(ASK(s, .uri = "/note/c").status, 404);
	assert_int_equal(ASK(s, .uri = "/note/d").status, 200);
	assert_lacks(ASK(s, .uri = "/"), "secret");
	assert_lacks(ASK(s, .uri = "/"), "quiet");
}

static void
a_deleted_post_leaves_a_tombstone(void **state)
{
	struct site *s = *state;
	struct answer a;

	(void)site_post(s, "content=Rain&mp-slug=rain");
	site_sql(s, "UPDATE post SET deleted = 1772357400 WHERE slug = 'rain'");
	segment_generation_move(s->seg);
	a = ASK(s, .uri = "/note/rain");
	assert_int_equal(a.status, 410);
	assert_int_equal(a.facts.error, ERR_GONE);
	assert_header(a, "Cache-Control", "no-store");
	assert_has(a, "class=\"h-entry");
	assert_has(a, "<time class=\"dt-deleted\" datetime=\"2026-03-01T09:30:00Z\">");
	assert_has(a, "class=\"u-url\" href=\"https://ada.example/note/rain\"");
	assert_lacks(a, "Rain<");
	a = ASK(s, .uri = "/note/rain", .headers = {{"HTTP_ACCEPT", "application/json"}});
	assert_int_equal(a.status, 410);
	assert_has(a, "\"code\":\"gone\"");
	assert_lacks(ASK(s, .uri = "/"), "Rain");
}

static void
other_spellings_of_a_path_lead_to_the_one(void **state)
{
	struct site *s = *state;
	struct answer a;

	(void)site_post(s, "content=x&mp-slug=x");
	a = ASK(s, .uri = "/note/x/?a=1");
	assert_int_equal(a.status, 301);
	assert_header(a, "Location", "https://ada.example/note/x?a=1");
	a = ASK(s, .uri = "/note//x", .method = "HEAD");
	assert_int_equal(a.status, 301);
	assert_header(a, "Location", "https://ada.example/note/x");
	assert_int_equal(ASK(s, .uri = "/micropub/", .method = "POST").status, 404);
}

static void
hostile_paths_find_nothing(void **state)
{
	const char *bad[] = {"/%2e%2e/%2e%2e/etc/passwd", "/..%5c..", "//evil.example/", "/%00",
		"/%c0%ae%c0%ae/etc/passwd", "/note/..", "/note/%2e%2e", "/note/a%2fb", "/note/x%00",
		"/NOTE/x", "/note", "/note/a/b", "/static/style.css", "/index.php"};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct answer a = ASK(*state, .uri = bad[i]);

		assert_true(a.status == 404 || a.status == 400);
		assert_no_header(a, "Location");
	}
}

static void
long_text_makes_short_titles_and_descriptions(void **state)
{
	struct site *s = *state;
	struct answer a;
	const char *title;

	(void)site_post(s, "mp-slug=x&content=Donaudampfschifffahrt+und+noch+viele+W%C3%B6rter+"
			   "mehr+als+in+einen+"
			   "Titel+passen+der+abgeschnitten+wird+und+dann+noch+weiter+bis+auch+die+"
			   "Beschreibung+nicht+mehr+"
			   "alles+fassen+kann+weil+sie+ein+Ende+hat");
	a = ASK(s, .uri = "/note/x");
	title = site_between(s, a.body, "<title>", "</title>");
	assert_string_equal(
		title, "Donaudampfschifffahrt und noch viele Wörter mehr als in… · Ada writes");
	assert_true(
		strlen(site_between(s, a.body, "name=\"description\" content=\"", "\"")) <= 163);
}

static void
a_post_of_the_first_second_has_its_date_and_permalink(void **state)
{
	struct site *s = *state;
	const char *pages[] = {"/", "/note/first"};

	(void)site_post(s, "content=x&mp-slug=first&published=1970-01-01T00:00:00Z");
	for (size_t i = 0; i < 2; i++) {
		struct answer a = ASK(s, .uri = pages[i]);

		assert_has(a, "u-url");
		assert_has(a, "href=\"https://ada.example/note/first\"");
		assert_has(a, "<time class=\"dt-published\" datetime=\"1970-01-01T00:00:00Z\">1 "
			      "January 1970, 00:00</time>");
		assert_lacks(a, "dt-updated");
	}
}

/* Public pages cannot write by mistake; where a session is looked at, its expiry may slide. */
static void
pages_that_only_read_may_not_write(void **state)
{
	static const char *const reading[] = {"/", "/page/2", "/note/x", "/tag/t", "/feed.atom",
		"/health"};
	static const char *const writing[] = {"/micropub?q=config", "/health/ready", "/metrics",
		"/admin", "/admin/login", "/admin/metrics", "/no/such/page"};
	struct site *s = *state;

	(void)site_post(s, "content=x&mp-slug=x&category=t");
	for (size_t i = 0; i < sizeof(reading) / sizeof(reading[0]); i++)
		assert_true(ASK(s, .uri = reading[i]).read_only);
	for (size_t i = 0; i < sizeof(writing) / sizeof(writing[0]); i++)
		assert_false(ASK(s, .uri = writing[i]).read_only);
}

/* The tag's link leads to its page, whatever the category was called. */
static void
a_category_with_a_slash_has_a_page(void **state)
{
	struct site *s = *state;

	(void)site_post(s, "content=x&mp-slug=x&category=AC/DC");
	assert_has(ASK(s, .uri = "/note/x"), "/tag/AC-DC\"");
	assert_int_equal(ASK(s, .uri = "/tag/AC-DC").status, 200);
}

#define T(f) cmocka_unit_test_setup_teardown(f, site_setup, site_teardown)
/* These make a site of their own kind. */
#define OWN(f) cmocka_unit_test_teardown(f, site_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(an_empty_site_has_a_home_page),
		T(a_note_is_shown_on_home_and_permalink),
		T(a_note_carries_its_microformats_and_no_name),
		T(an_article_has_its_name_as_the_one_heading),
		T(an_article_with_a_summary_is_brief_in_lists),
		T(the_home_page_introduces_the_author),
		T(html_in_plain_text_is_shown_and_not_run),
		T(pages_need_no_script_and_no_inline_style),
		T(a_post_leads_to_those_before_and_after_it),
		T(what_is_in_no_list_stands_beside_nothing),
		OWN(lists_are_paged_and_end),
		T(a_list_of_one_page_has_no_pager),
		T(page_numbers_have_one_spelling),
		T(a_tag_has_a_page_under_one_spelling),
		OWN(tag_pages_go_on_behind_a_post),
		T(drafts_and_private_posts_are_not_there),
		T(a_deleted_post_leaves_a_tombstone),
		T(other_spellings_of_a_path_lead_to_the_one),
		T(hostile_paths_find_nothing),
		T(long_text_makes_short_titles_and_descriptions),
		T(a_post_of_the_first_second_has_its_date_and_permalink),
		T(pages_that_only_read_may_not_write),
		T(a_category_with_a_slash_has_a_page),
	};

	return cmocka_run_group_tests_name("web/pages", tests, NULL, NULL);
}
