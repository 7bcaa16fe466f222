/*
 * domain/feed: what all formats have in common: titles for what has none, absolute links, an end to
 * what is too long, and how many posts a feed has room for. (The formats: test_domain_feed_formats.c.)
 */
#include "domain/feed.h"

#include "domain_fixture.h"

static struct feed_item
made(struct site *s, const struct post_row *row)
{
	struct feed_item item = {0};

	assert_ok(s, feed_item_make(&s->c, row, NULL, html_stored(row->html), &item));
	return item;
}

static struct post_row
note(const char *html)
{
	return (struct post_row){.uid = S("/note/first"), .slug = S("now"), .type = S("note"),
		.published = NOW, .published_zone = 60, .html = str_z(html)};
}

static void
an_item_is_known_by_what_it_was_first(void **state)
{
	struct site *s = *state;
	struct post_row row = note("<p>x</p>");

	assert_str(made(s, &row).id, "https://ada.example/note/first");
	assert_str(made(s, &row).permalink, "https://ada.example/note/now");
}

static void
titles_of_posts_without_a_name(void **state)
{
	static const char street[] = "The rain stopped just before seven and the whole street";
	struct site *s = *state;
	struct post_row row = note("<p>Short</p>");

	assert_str(made(s, &row).title, "Short");
	row = note("<p>The rain stopped just before seven and the whole street smelled of wet "
		   "dust.</p>");
	assert_true(str_starts(made(s, &row).title, str_z(street)));
	assert_int_equal(made(s, &row).title.n, strlen(street) + strlen("…"));
	row = note("<p>今天的雨停了今天的雨停了今天的雨停了今天的雨停了今天的雨停了今天的雨停了今天的雨停了今天的雨停了今天的雨停了"
		"今天的雨停了今天的雨停了今天的雨停了</p>");
	assert_str(made(s, &row).title,
		"今天的雨停了今天的雨停了今天的雨停了今天的雨停了今天的雨停了今天的雨停了今天的雨停了今天的雨停了"
		"今天的雨停了今天的雨停了…");
	row = note("");
	row.type = S("like");
	assert_str(made(s, &row).title, "Like, 1 March 2026");
	row.summary = S("A summary");
	assert_str(made(s, &row).title, "A summary");
	row.name = S("A name");
	assert_str(made(s, &row).title, "A name");
}

static struct str
feed_of(struct site *s, const char *html, size_t max)
{
	struct str out = {0};

	assert_ok(s, feed_html(&s->c, html_stored(str_z(html)),
			S("https://ada.example/note/now"), max, &out));
	return out;
}

static void
links_in_content_become_absolute(void **state)
{
	static const struct {
		const char *html, *want;
	} cases[] = {
		{"<a href=\"/x\">y</a>", "<a href=\"https://ada.example/x\">y</a>"},
		{"<a href=\"z?a=1&amp;b\">y</a>",
			"<a href=\"https://ada.example/note/z?a=1&amp;b\">y</a>"},
		{"<a href=\"#f\">y</a>", "<a href=\"https://ada.example/note/now#f\">y</a>"},
		{"<a href=\"?q\">y</a>", "<a href=\"https://ada.example/note/now?q\">y</a>"},
		{"<a href=\"\">y</a>", "<a href=\"https://ada.example/note/now\">y</a>"},
		{"<a href=\"//h/p\">y</a>", "<a href=\"https://h/p\">y</a>"},
		{"<a href=\"https://b/\" rel=\"x\">y</a>",
			"<a href=\"https://b/\" rel=\"x\">y</a>"},
		{"<a href=\"mailto:a@b\">y</a>", "<a href=\"mailto:a@b\">y</a>"},
		{"<img alt=\"/x href=\" src=\"/p.jpg\">",
			"<img alt=\"/x href=\" src=\"https://ada.example/p.jpg\">"},
		{"<blockquote cite=\"/c\">x</blockquote>",
			"<blockquote cite=\"https://ada.example/c\">x</blockquote>"},
		{"<p title=\"/x\">href=\"/x\"</p>", "<p title=\"/x\">href=\"/x\"</p>"},
		{"<p>a &lt; b</p>", "<p>a &lt; b</p>"},
		{"", ""},
		{"text", "text"},
		{"a<", "a<"},
	};
	struct site *s = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_str(feed_of(s, cases[i].html, 1000), cases[i].want);
}

static void
what_is_too_long_is_cut_and_closed(void **state)
{
#define READ_ON "<a href=\"https://ada.example/note/now\">Read on</a>"
	static const struct {
		const char *html;
		size_t max;
		const char *want;
	} cases[] = {
		{"<p>0123456789</p>", 17, "<p>0123456789</p>"},
		{"<p>0123456789</p>", 10, "<p>0123456</p>" READ_ON},
		{"<p><b>0123</b>4567</p>", 9, "<p><b>012</b></p>" READ_ON},
		{"<p>a<br>b<br>c</p>", 12, "<p>a<br>b</p>" READ_ON},
		{"<p>ab&amp;cd</p>", 8, "<p>ab</p>" READ_ON},
		{"<p>ab&amp;cd</p>", 10, "<p>ab&amp;</p>" READ_ON},
		{"<p>雨雨雨</p>", 8, "<p>雨</p>" READ_ON},
		{"<p>x</p>", 0, READ_ON},
	};
	struct site *s = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_str(feed_of(s, cases[i].html, cases[i].max), cases[i].want);
#undef READ_ON
}

static void
nesting_without_end_is_cut_too(void **state)
{
	struct site *s = *state;
	struct str html = {0}, out;
	struct buf b;

	buf_init(&b, &s->c.arena, 1 << 20);
	for (int i = 0; i < 5000; i++)
		buf_puts(&b, "<b>");
	assert_ok(s, buf_end(&s->c, &b, &html));
	out = feed_of(s, html.p, 1 << 20);
	assert_has(out, "</b></b>");
	assert_true(str_ends(out, S("Read on</a>")));
}

static void
an_item_of_a_huge_post_is_small(void **state)
{
	struct site *s = *state;
	char *html = malloc(5 << 20);
	struct post_row row;

	assert_non_null(html);
	memset(html, 'x', 5 << 20);
	memcpy(html, "<p>", 3);
	html[(5 << 20) - 1] = '\0';
	row = note(html);
	assert_true(made(s, &row).html.n < FEED_CONTENT_MAX + 2000);
	free(html);
}

/* ---- the whole ------------------------------------------------------------------------------- */

static void
a_feed_says_what_the_site_says_of_itself(void **state)
{
	struct site *s = *state;
	struct feed feed = {.home = S("https://ada.example/"),
		.first = S("https://ada.example/feed.atom")};

	assert_ok(s, feed_make(&s->c, S(""), &(struct feed_place){0}, &feed));
	assert_str(feed.title, "Ada's <site>");
	assert_str(feed.author, "Ada & Co");
	assert_str(feed.author_url, "https://ada.example/");
	assert_str(feed.language, "en");
	assert_str(feed.self, "https://ada.example/feed.atom");
	assert_str(feed.next, "");
}

static void
a_feed_of_a_list_is_called_like_the_list(void **state)
{
	struct site *s = *state;
	struct feed feed = {.first = S("https://ada.example/tag/rain/feed.rss")};

	assert_ok(s, feed_make(&s->c, S("Tagged “rain”"), &(struct feed_place){0}, &feed));
	assert_str(feed.title, "Tagged “rain” · Ada's <site>");
}

static void
pages_of_a_feed_have_addresses_of_their_own(void **state)
{
	const struct feed_place place = {
		.before = S("a b"), .has_previous = true, .previous = S("z"), .next = S("c")};
	struct site *s = *state;
	struct feed feed = {.first = S("https://ada.example/feed.rss")};

	assert_ok(s, feed_make(&s->c, S(""), &place, &feed));
	assert_str(feed.self, "https://ada.example/feed.rss?before=a%20b");
	assert_str(feed.previous, "https://ada.example/feed.rss?before=z");
	assert_str(feed.next, "https://ada.example/feed.rss?before=c");
	feed.first = S("https://ada.example/search/feed.rss?q=x");
	assert_ok(s, feed_make(&s->c, S(""), &place, &feed));
	assert_str(feed.next, "https://ada.example/search/feed.rss?q=x&before=c");
}

static void
the_page_before_the_second_is_the_first(void **state)
{
	const struct feed_place place = {.before = S("a"), .has_previous = true};
	struct site *s = *state;
	struct feed feed = {.first = S("https://ada.example/feed.rss")};

	assert_ok(s, feed_make(&s->c, S(""), &place, &feed));
	assert_str(feed.previous, "https://ada.example/feed.rss");
	assert_str(feed.next, "");
}

static void
a_feed_changed_when_its_posts_did(void **state)
{
	struct post_row rows[] = {note(""), note("")};
	const struct post_list posts = {.rows = rows, .n = 2};

	(void)state;
	rows[1].published = NOW - 100;
	assert_int_equal(feed_updated(&posts, 0), NOW);
	rows[1].updated = NOW + 5;
	assert_int_equal(feed_updated(&posts, 0), NOW + 5);
	assert_int_equal(feed_updated(&posts, NOW + 9), NOW + 9);
	assert_int_equal(feed_updated(&(struct post_list){0}, 7), 7);
}

static void
formats_are_found_by_their_extension(void **state)
{
	(void)state;
	assert_int_equal(feed_format_find(S("rss")), FEED_RSS);
	assert_int_equal(feed_format_find(S("json")), FEED_JSON);
	assert_int_equal(feed_format_find(S("")), FEED__MAX);
	assert_int_equal(feed_format_find(S("Rss")), FEED__MAX);
}

/* ---- how much fits --------------------------------------------------------------------------- */

static void
ordinary_posts_all_have_room(void **state)
{
	static const struct post_parts *parts[FEED_POSTS];
	struct post_row rows[FEED_POSTS];
	const struct post_list posts = {.rows = rows, .n = FEED_POSTS};
	char html[10000] = "";

	(void)state;
	memset(html, 'x', sizeof(html) - 1);
	for (size_t i = 0; i < FEED_POSTS; i++)
		rows[i] = note(html);
	assert_int_equal(feed_fit(&posts, parts), FEED_POSTS);
	assert_int_equal(feed_fit(&(struct post_list){0}, parts), 0);
}

static void
of_large_posts_fewer_have_room_and_one_always(void **state)
{
	static const struct post_parts *parts[FEED_POSTS];
	static char html[2 * FEED_CONTENT_MAX];
	struct post_row rows[FEED_POSTS];
	const struct post_list posts = {.rows = rows, .n = FEED_POSTS};
	size_t n;

	(void)state;
	memset(html, 'x', sizeof(html) - 1);
	for (size_t i = 0; i < FEED_POSTS; i++)
		rows[i] = note(html);
	n = feed_fit(&posts, parts);
	assert_in_range(n, 5, FEED_BYTES_MAX / FEED_CONTENT_MAX);
	/* Signs that XML has to escape take more of it. */
	memset(html, '\'', sizeof(html) - 1);
	assert_in_range(feed_fit(&posts, parts), 1, n / 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(an_item_is_known_by_what_it_was_first),
		SITE_TEST(titles_of_posts_without_a_name),
		SITE_TEST(links_in_content_become_absolute),
		SITE_TEST(what_is_too_long_is_cut_and_closed),
		SITE_TEST(nesting_without_end_is_cut_too),
		SITE_TEST(an_item_of_a_huge_post_is_small),
		SITE_TEST(a_feed_says_what_the_site_says_of_itself),
		SITE_TEST(a_feed_of_a_list_is_called_like_the_list),
		SITE_TEST(pages_of_a_feed_have_addresses_of_their_own),
		SITE_TEST(the_page_before_the_second_is_the_first),
		SITE_TEST(a_feed_changed_when_its_posts_did),
		cmocka_unit_test(formats_are_found_by_their_extension),
		cmocka_unit_test(ordinary_posts_all_have_room),
		cmocka_unit_test(of_large_posts_fewer_have_room_and_one_always),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
