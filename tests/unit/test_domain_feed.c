/*
 * domain/feed: Atom that stays well-formed whatever stands in a post, with absolute links, titles
 * for what has none, and an end to what is too long.
 */
#include "domain/feed.h"

#include "domain_fixture.h"
#include "store/post_list.h"

static struct str
entry(struct site *s, const struct post_row *row)
{
	const struct feed_item item = {.post = row, .content = html_stored(row->html)};
	struct buf b;
	struct str xml = {0};

	buf_init(&b, &s->c.arena, 4 << 20);
	assert_ok(s, feed_atom_entry(&s->c, &b, &item));
	assert_ok(s, buf_end(&s->c, &b, &xml));
	return xml;
}

static struct post_row
note(const char *html)
{
	return (struct post_row){.uid = S("/note/first"), .slug = S("now"), .type = S("note"),
		.published = NOW, .published_zone = 60, .html = str_z(html)};
}

static void
a_feed_has_what_the_standard_asks_for(void **state)
{
	struct site *s = *state;
	struct buf b;
	struct str xml;

	buf_init(&b, &s->c.arena, 65536);
	assert_ok(s, feed_atom_head(&s->c, &b, NOW));
	feed_atom_tail(&b);
	assert_ok(s, buf_end(&s->c, &b, &xml));
	assert_true(str_starts(xml, S("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed ")));
	assert_has(xml, "xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"en\"");
	assert_has(xml, "<id>https://ada.example/feed.atom</id>");
	assert_has(xml, "<title>Ada&#39;s &lt;site&gt;</title>");
	assert_has(xml, "<updated>2026-03-01T09:30:00Z</updated>");
	assert_has(xml, "rel=\"self\" type=\"application/atom+xml\" "
			"href=\"https://ada.example/feed.atom\"");
	assert_has(xml, "rel=\"alternate\" type=\"text/html\" href=\"https://ada.example/\"");
	assert_has(xml, "<name>Ada &amp; Co</name>");
	assert_true(str_ends(xml, S("</feed>\n")));
}

static void
an_entry_has_what_the_standard_asks_for(void **state)
{
	struct site *s = *state;
	struct post_row row = note("<p>Rain &amp; wind</p>");
	struct str tags[] = {S("weather"), S("\"><x")};
	struct str xml;

	row.tags = tags;
	row.n_tags = 2;
	row.summary = S("In <short>");
	row.updated = NOW + 3600;
	xml = entry(s, &row);
	assert_has(xml, "<id>https://ada.example/note/first</id>");
	assert_has(xml, "<title>Rain &amp; wind</title>");
	assert_has(xml, "href=\"https://ada.example/note/now\"");
	assert_has(xml, "<published>2026-03-01T10:30:00+01:00</published>");
	assert_has(xml, "<updated>2026-03-01T11:30:00+01:00</updated>");
	assert_has(xml, "<summary>In &lt;short&gt;</summary>");
	assert_has(xml, "<category term=\"weather\"/>");
	assert_has(xml, "<category term=\"&quot;&gt;&lt;x\"/>");
	assert_has(xml, "<content type=\"html\">&lt;p&gt;Rain &amp;amp; wind&lt;/p&gt;</content>");
}

static void
what_was_never_edited_was_updated_when_published(void **state)
{
	struct site *s = *state;
	struct post_row row = note("<p>x</p>");

	assert_has(entry(s, &row), "<updated>2026-03-01T10:30:00+01:00</updated>");
}

static void
hostile_text_stays_text(void **state)
{
	struct site *s = *state;
	struct post_row row = note("<p>]]&gt;&lt;item&gt; x\bx \xed\xa0\x80</p>");
	struct str xml;

	row.name = S("</title><script>alert(1)</script>&#0;\b");
	xml = entry(s, &row);
	assert_has(xml, "<title>&lt;/title&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;#0;");
	assert_has_not(xml, "\b");
	assert_has_not(xml, "]]>");
	assert_has_not(xml, "\xed\xa0\x80");
}

static void
titles_of_posts_without_a_name(void **state)
{
	struct site *s = *state;
	struct post_row row;

	row = note("<p>Short</p>");
	assert_has(entry(s, &row), "<title>Short</title>");
	row = note("<p>The rain stopped just before seven and the whole street smelled of wet "
		   "dust.</p>");
	assert_has(entry(s, &row),
		"<title>The rain stopped just before seven and the whole street…</title>");
	row = note("<p>今天的雨停了今天的雨停了今天的雨停了今天的雨停了今天的雨停了今天的雨停了今天的雨停了今天的雨停了"
		"今天的雨停了今天的雨停了今天的雨停了</p>");
	assert_has(entry(s, &row), "今天的雨停了今天的雨停了今天的雨停了今天的雨停了今天的雨停了今天的雨停了今天的雨停了"
		"今天的雨停了今天的雨停了今天的雨停了…</title>");
	row = note("");
	row.type = S("like");
	assert_has(entry(s, &row), "<title>Like, 1 March 2026</title>");
	row.summary = S("A summary");
	assert_has(entry(s, &row), "<title>A summary</title>");
	row.summary = S("The rain stopped just before seven and the whole street smelled of wet dust");
	assert_has(entry(s, &row),
		"<title>The rain stopped just before seven and the whole street…</title>");
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
an_entry_of_a_huge_post_is_small(void **state)
{
	struct site *s = *state;
	char *html = malloc(5 << 20);
	struct post_row row;

	assert_non_null(html);
	memset(html, 'x', 5 << 20);
	memcpy(html, "<p>", 3);
	html[(5 << 20) - 1] = '\0';
	row = note(html);
	assert_true(entry(s, &row).n < FEED_CONTENT_MAX + 2000);
	free(html);
}

static void
the_newest_posts_make_a_feed(void **state)
{
	struct site *s = *state;
	struct post_list list;
	struct str xml;

	(void)posted(s, "{\"properties\":{\"content\":[\"One [link](/x)\"],\"category\":[\"a\"]}}");
	(void)posted(s, "{\"properties\":{\"content\":[\"secret\"],\"post-status\":[\"draft\"]}}");
	assert_ok(s, post_list_read(&s->c, s->db, &posts_all, S(""), 30, &list));
	assert_int_equal(list.n, 1);
	xml = entry(s, &list.rows[0]);
	assert_has(xml, "href=&quot;https://ada.example/x&quot;");
	assert_has(xml, "<category term=\"a\"/>");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(a_feed_has_what_the_standard_asks_for),
		SITE_TEST(an_entry_has_what_the_standard_asks_for),
		SITE_TEST(what_was_never_edited_was_updated_when_published),
		SITE_TEST(hostile_text_stays_text),
		SITE_TEST(titles_of_posts_without_a_name),
		SITE_TEST(links_in_content_become_absolute),
		SITE_TEST(what_is_too_long_is_cut_and_closed),
		SITE_TEST(nesting_without_end_is_cut_too),
		SITE_TEST(an_entry_of_a_huge_post_is_small),
		SITE_TEST(the_newest_posts_make_a_feed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
