/*
 * domain/site: URLs come from site_url alone, and only our own permalinks are read.
 */
#include "domain/site.h"

#include "domain_fixture.h"

static void
urls_begin_with_site_url(void **state)
{
	struct site *s = *state;
	struct str url;

	assert_ok(s, site_url(&s->c, S("/feed.atom"), &url));
	assert_str(url, "https://ada.example/feed.atom");
	assert_ok(s, site_permalink(&s->c, S("rain"), &url));
	assert_str(url, "https://ada.example/note/rain");
}

static void
site_url_may_have_a_path(void **state)
{
	struct site *s = *state;
	struct config cfg = *s->cfg;
	struct str url, slug;

	cfg.site_url = "http://ada.example:8080/blog/";
	s->c.cfg = &cfg;
	assert_ok(s, site_permalink(&s->c, S("rain"), &url));
	assert_str(url, "http://ada.example:8080/blog/note/rain");
	assert_ok(s, site_permalink_parse(&s->c, url, &slug));
	assert_str(slug, "rain");
	assert_err(s, site_permalink_parse(&s->c, S("http://ada.example:8080/note/rain"), &slug),
		ERR_MICROPUB_URL);
	assert_err(s, site_permalink_parse(&s->c, S("http://ada.example/blog/note/rain"), &slug),
		ERR_MICROPUB_URL);
}

static void
names_in_urls_are_percent_encoded(void **state)
{
	struct site *s = *state;
	struct str url, slug;

	assert_ok(s, site_tag_url(&s->c, S("a b/c?d#e%&\"<"), &url));
	assert_str(url, "https://ada.example/tag/a%20b%2Fc%3Fd%23e%25%26%22%3C");
	assert_ok(s, site_permalink(&s->c, S("雨"), &url));
	assert_str(url, "https://ada.example/note/%E9%9B%A8");
	assert_ok(s, site_permalink_parse(&s->c, url, &slug));
	assert_str(slug, "雨");
}

/* Every list has a page that it begins at, and a feed beside it; a period has no feed. */
static void
each_list_has_its_page_and_its_feed(void **state)
{
	static const struct {
		struct post_scope scope;
		const char *page, *feed;
	} lists[] = {
		{{.kind = POSTS_ALL}, "https://ada.example/", "https://ada.example/feed.atom"},
		{{POSTS_TAG, S_INIT("a b"), 0, 0}, "https://ada.example/tag/a%20b",
			"https://ada.example/tag/a%20b/feed.atom"},
		{{POSTS_TYPE, S_INIT("reply"), 0, 0}, "https://ada.example/replies",
			"https://ada.example/replies/feed.atom"},
		{{POSTS_CHANNEL, S_INIT("my garden"), 0, 0}, "https://ada.example/channel/my%20garden",
			"https://ada.example/channel/my%20garden/feed.atom"},
		{{POSTS_PERIOD, S_INIT("2026/03"), 0, 0}, "https://ada.example/2026/03", ""},
	};
	const struct post_scope unknown = {.kind = POSTS_TYPE, .name = S("sonnet")};
	struct site *s = *state;
	struct str url;

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		assert_ok(s, site_list_url(&s->c, &lists[i].scope, &url));
		assert_str(url, lists[i].page);
		assert_ok(s, site_feed_url(&s->c, &lists[i].scope, S("atom"), &url));
		assert_str(url, lists[i].feed);
	}
	assert_err(s, site_list_url(&s->c, &unknown, &url), ERR_NOT_FOUND);
	assert_err(s, site_feed_url(&s->c, &unknown, S("atom"), &url), ERR_NOT_FOUND);
}

static void
what_a_query_asks_for_is_percent_encoded(void **state)
{
	struct site *s = *state;
	struct str url;

	assert_ok(s, site_url_query(&s->c, S("https://ada.example/notes"), S("before"), S("a&b=ü"),
		&url));
	assert_str(url, "https://ada.example/notes?before=a%26b%3D%C3%BC");
	assert_ok(s, site_url_query(&s->c, url, S("by"), S("use"), &url));
	assert_str(url, "https://ada.example/notes?before=a%26b%3D%C3%BC&by=use");
}

static void
what_does_not_matter_in_a_permalink(void **state)
{
	static const char *const same[] = {
		"https://ada.example/note/rain", "http://ada.example/note/rain",
		"HTTPS://ADA.Example/note/rain", "https://ada.example:443/note/rain",
		"http://ada.example:80/note/rain", "https://ada.example/note/rain/",
		"https://ada.example/note/rain?a=/note/b", "https://ada.example/note/rain#c",
		"https://ada.example/note/r%61in", "https://ada.example:/note/rain",
	};
	struct site *s = *state;
	struct str slug;

	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		assert_ok(s, site_permalink_parse(&s->c, str_z(same[i]), &slug));
		assert_str(slug, "rain");
	}
}

static void
what_is_no_permalink_of_ours(void **state)
{
	static const char *const foreign[] = {
		"",
		"rain",
		"/note/rain",
		"//ada.example/note/rain",
		"https:",
		"https://",
		"https:///note/rain",
		"https://evil.example/note/rain",
		"https://ada.example.evil.example/note/rain",
		"https://ada.example@evil.example/note/rain",
		"https://x@ada.example/note/rain",
		"https://evil.example/https://ada.example/note/rain",
		"https://ada.example:8080/note/rain",
		"https://ada.example:99999/note/rain",
		"https://ada.example:0/note/rain",
		"https://ada.example:44 3/note/rain",
		"https://ada.example/",
		"https://ada.example/note",
		"https://ada.example/note/",
		"https://ada.example/note//",
		"https://ada.example/note/a/b",
		"https://ada.example/admin",
		"https://ada.example/tag/rain",
		"https://ada.example/note/.",
		"https://ada.example/note/..",
		"https://ada.example/note/../admin",
		"https://ada.example/note/%2e%2e",
		"https://ada.example/note/%2E",
		"https://ada.example/note/a%2Fb",
		"https://ada.example/note/a%5Cb",
		"https://ada.example/note/a\\b",
		"https://ada.example/note/%00",
		"https://ada.example/note/a%0d%0ab",
		"https://ada.example/note/%ff",
		"https://ada.example/note/%zz",
		"https://ada.example/note/a b",
		"https://ada.example/note/a\nb",
		"https://ada.example\\@evil.example/note/rain",
		"file:///etc/passwd",
		"javascript:alert(1)",
		"ftp://ada.example/note/rain",
		"httpsx://ada.example/note/rain",
		"https://[::1]/note/rain",
		"https://[::1/note/rain",
		"../",
	};
	struct site *s = *state;
	struct str slug;

	for (size_t i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++) {
		enum err err = site_permalink_parse(&s->c, str_z(foreign[i]), &slug);

		if (err == OK)
			fail_msg("'%s' was read as '%.*s'", foreign[i], STR(slug));
		assert_err(s, err, ERR_MICROPUB_URL);
	}
}

static void
an_address_in_brackets_is_a_host(void **state)
{
	struct site *s = *state;
	struct config cfg = *s->cfg;
	struct str slug;

	cfg.site_url = "http://[::1]:8080/";
	s->c.cfg = &cfg;
	assert_ok(s, site_permalink_parse(&s->c, S("http://[::1]:8080/note/rain"), &slug));
	assert_str(slug, "rain");
	assert_err(s, site_permalink_parse(&s->c, S("http://[::1]x:8080/note/rain"), &slug),
		ERR_MICROPUB_URL);
}

static void
a_very_long_url_is_refused(void **state)
{
	struct site *s = *state;
	struct str slug;
	struct buf b;

	buf_init(&b, &s->c.arena, 16384);
	buf_puts(&b, "https://ada.example/note/");
	while (b.n < 9000)
		buf_putc(&b, 'a');
	assert_err(s, site_permalink_parse(&s->c, buf_str(&b), &slug), ERR_MICROPUB_URL);
}

static void
author_falls_back_to_the_site(void **state)
{
	struct site *s = *state;
	struct config cfg = *s->cfg;

	assert_str(site_author(&s->c), "Ada & Co");
	cfg.author_name = "";
	s->c.cfg = &cfg;
	assert_str(site_author(&s->c), "Ada's <site>");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(urls_begin_with_site_url),
		SITE_TEST(site_url_may_have_a_path),
		SITE_TEST(names_in_urls_are_percent_encoded),
		SITE_TEST(each_list_has_its_page_and_its_feed),
		SITE_TEST(what_a_query_asks_for_is_percent_encoded),
		SITE_TEST(what_does_not_matter_in_a_permalink),
		SITE_TEST(what_is_no_permalink_of_ours),
		SITE_TEST(an_address_in_brackets_is_a_host),
		SITE_TEST(a_very_long_url_is_refused),
		SITE_TEST(author_falls_back_to_the_site),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
