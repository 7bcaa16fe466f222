/*
 * domain/feed_rss, feed_atom, feed_json: each format as its standard has it, of the same
 * posts; well-formed whatever stands in a post.
 */
#include "domain/feed.h"

#include "domain_fixture.h"
#include "text/json.h"
#include "xml_check.h"

static const struct feed head = {.title = S_INIT("Ada's <site>"),
	.home = S_INIT("https://ada.example/"),
	.first = S_INIT("https://ada.example/feed"), .id = S_INIT("https://ada.example/feed"),
	.self = S_INIT("https://ada.example/feed"),
	.author = S_INIT("Ada & Co"),
	.author_url = S_INIT("https://ada.example/"),
	.language = S_INIT("en-GB"),
	.updated = NOW};

/* A whole feed of the posts. */
static struct str
feed_of(struct site *s, enum feed_format format, const struct feed *feed,
	const struct post_row *rows, const struct post_parts *parts, size_t n)
{
	const struct feed_writer *w = feed_kinds[format].writer;
	struct feed_item item;
	struct str text = {0};
	struct buf b;

	buf_init(&b, &s->c.arena, 8 << 20);
	w->head(&b, feed);
	for (size_t i = 0; i < n; i++) {
		assert_ok(s, feed_item_make(&s->c, &rows[i], parts, html_stored(rows[i].html),
				     &item));
		assert_ok(s, w->item(&s->c, &b, feed, &item, i == 0));
	}
	w->tail(&b);
	assert_ok(s, buf_end(&s->c, &b, &text));
	return text;
}

static struct str
feed_with(struct site *s, enum feed_format format, const struct post_row *row,
	const struct post_parts *parts)
{
	return feed_of(s, format, &head, row, parts, 1);
}

static const struct json *
json_of(struct site *s, struct str text)
{
	const struct json *v = NULL;

	assert_ok(s, json_parse(&s->c, text, &v));
	return v;
}

static const struct json *
first_item(struct site *s, const struct post_row *row, const struct post_parts *parts)
{
	const struct json *feed = json_of(s, feed_with(s, FEED_JSON, row, parts));

	return json_at(json_find(feed, S("items")), 0);
}

static void
assert_xml(struct str xml)
{
	const char *problem = xml_check(xml);

	if (problem)
		fail_msg("%s: %.*s", problem, STR(xml));
}

static void
assert_member(const struct json *v, const char *name, const char *want)
{
	const struct json *member = json_find(v, str_z(name));

	if (!want)
		assert_null(member);
	else
		assert_str(json_str(member), want);
}

static struct post_row
note(const char *html)
{
	return (struct post_row){.uid = S("/note/first"), .slug = S("now"), .type = S("note"),
		.published = NOW, .published_zone = 60, .html = str_z(html)};
}

static struct str tags[] = {S_INIT("weather"), S_INIT("\"><x")};

static struct post_row
article(void)
{
	struct post_row row = note("<p>Rain &amp; wind</p>");

	row.name = S("Rain & <wind>");
	row.summary = S("In <short>");
	row.updated = NOW + 3600;
	row.tags = tags;
	row.n_tags = 2;
	return row;
}

/* ---- RSS ------------------------------------------------------------------------------------- */

static void
a_channel_has_what_the_standard_asks_for(void **state)
{
	struct str xml = feed_of(*state, FEED_RSS, &head, NULL, NULL, 0);

	assert_xml(xml);
	assert_true(str_starts(xml, S("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<rss version=\"2.0\" ")));
	assert_has(xml, "<channel>\n<title>Ada&#39;s &#x3C;site&gt;</title>\n"
			"<link>https://ada.example/</link>\n"
			"<description>Ada&#39;s &lt;site&gt;</description>\n"
			"<language>en-GB</language>\n"
			"<lastBuildDate>Sun, 01 Mar 2026 09:30:00 +0000</lastBuildDate>");
	assert_has(xml, "<atom:link rel=\"self\" type=\"application/rss+xml\" "
			"href=\"https://ada.example/feed\"/>");
	assert_has_not(xml, "<image>");
	assert_true(str_ends(xml, S("</channel>\n</rss>\n")));
}

static void
a_channel_has_a_picture_like_itself(void **state)
{
	struct feed feed = head;

	feed.icon = S("https://ada.example/i.png");
	feed.about = S("Notes & more");
	assert_has(feed_of(*state, FEED_RSS, &feed, NULL, NULL, 0),
		"<image>\n<url>https://ada.example/i.png</url>\n"
		"<title>Ada&#39;s &#x3C;site&gt;</title>\n<link>https://ada.example/</link>\n</image>");
	assert_has(feed_of(*state, FEED_RSS, &feed, NULL, NULL, 0),
		"<description>Notes &amp; more</description>");
}

static void
an_item_has_what_the_standard_asks_for(void **state)
{
	struct post_row row = article();
	struct str xml = feed_with(*state, FEED_RSS, &row, NULL);

	assert_xml(xml);
	assert_has(xml, "<item>\n<title>Rain &#x26; &#x3C;wind&gt;</title>\n"
			"<link>https://ada.example/note/now</link>\n"
			"<guid isPermaLink=\"false\">https://ada.example/note/first</guid>\n"
			"<pubDate>Sun, 01 Mar 2026 10:30:00 +0100</pubDate>\n"
			"<dc:creator>Ada &#x26; Co</dc:creator>\n"
			"<category>weather</category>\n<category>&quot;&gt;&#x3C;x</category>\n"
			"<description>In &amp;lt;short&amp;gt;</description>\n"
			"<content:encoded>&lt;p&gt;Rain &amp;amp; wind&lt;/p&gt;</content:encoded>\n"
			"</item>");
}

static void
a_note_has_no_title_and_its_text_twice(void **state)
{
	struct post_row row = note("<p>x</p>");
	struct str xml;

	row.slug = S("first");
	xml = feed_with(*state, FEED_RSS, &row, NULL);
	assert_has(xml, "<guid isPermaLink=\"true\">https://ada.example/note/first</guid>");
	assert_has(xml, "<description>&lt;p&gt;x&lt;/p&gt;</description>\n"
			"<content:encoded>&lt;p&gt;x&lt;/p&gt;</content:encoded>");
	assert_has(xml, "<item>\n<link>");
}

static void
a_long_text_stands_in_full_once(void **state)
{
	static char html[FEED_BRIEF_MAX + 100];
	struct post_row row;
	struct str xml;
	size_t cut;

	memset(html, 'x', sizeof(html) - 1);
	row = note(html);
	xml = feed_with(*state, FEED_RSS, &row, NULL);
	cut = str_search(xml, S("Read on"), 0);
	assert_true(cut < str_search(xml, S("<content:encoded>"), 0));
	assert_true(xml.n < 2 * sizeof(html) + 2000);
	assert_true(str_search(xml, S("Read on"), cut + 1) == xml.n);
}

static void
what_has_no_words_has_a_description(void **state)
{
	struct post_row row = note("");
	struct str xml = feed_with(*state, FEED_RSS, &row, NULL);

	assert_has(xml, "<description>Note, 1 March 2026</description>");
	assert_has_not(xml, "content:encoded>");
}

/* ---- Atom ------------------------------------------------------------------------------------ */

static void
an_atom_feed_has_what_the_standard_asks_for(void **state)
{
	struct str xml = feed_of(*state, FEED_ATOM, &head, NULL, NULL, 0);

	assert_xml(xml);
	assert_true(str_starts(xml, S("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed ")));
	assert_has(xml, "xmlns=\"http://www.w3.org/2005/Atom\"");
	assert_has(xml, "xml:lang=\"en-GB\"");
	assert_has(xml, "<id>https://ada.example/feed</id>\n<title>Ada&#39;s &lt;site&gt;</title>\n"
			"<updated>2026-03-01T09:30:00Z</updated>\n");
	assert_has(xml, "<link rel=\"self\" type=\"application/atom+xml\" "
			"href=\"https://ada.example/feed\"/>");
	assert_has(xml, "<link rel=\"alternate\" type=\"text/html\" href=\"https://ada.example/\"/>");
	assert_has(xml, "<author>\n<name>Ada &amp; Co</name>\n<uri>https://ada.example/</uri>\n</author>");
	assert_true(str_ends(xml, S("</feed>\n")));
}

static void
an_entry_has_what_the_standard_asks_for(void **state)
{
	struct post_row row = article();
	struct str xml = feed_with(*state, FEED_ATOM, &row, NULL);

	assert_xml(xml);
	assert_has(xml, "<entry>\n<id>https://ada.example/note/first</id>\n"
			"<title>Rain &amp; &lt;wind&gt;</title>\n"
			"<link rel=\"alternate\" type=\"text/html\" href=\"https://ada.example/note/now\"/>\n"
			"<published>2026-03-01T10:30:00+01:00</published>\n"
			"<updated>2026-03-01T11:30:00+01:00</updated>\n"
			"<summary>In &lt;short&gt;</summary>\n"
			"<category term=\"weather\"/>\n<category term=\"&quot;&gt;&lt;x\"/>\n"
			"<content type=\"html\">&lt;p&gt;Rain &amp;amp; wind&lt;/p&gt;</content>\n"
			"</entry>");
}

static void
what_was_never_edited_was_updated_when_published(void **state)
{
	struct post_row row = note("<p>x</p>");

	assert_has(feed_with(*state, FEED_ATOM, &row, NULL),
		"<title>x</title>");
	assert_has(feed_with(*state, FEED_ATOM, &row, NULL),
		"<updated>2026-03-01T10:30:00+01:00</updated>");
	assert_member(first_item(*state, &row, NULL), "date_modified", NULL);
}

/* ---- JSON Feed ------------------------------------------------------------------------------- */

static void
a_json_feed_has_what_the_standard_asks_for(void **state)
{
	struct feed feed = head;
	const struct json *v, *author;

	feed.about = S("A \"line\"");
	feed.large_icon = S("https://ada.example/i.png");
	feed.author_photo = S("https://ada.example/me.jpg");
	v = json_of(*state, feed_of(*state, FEED_JSON, &feed, NULL, NULL, 0));
	assert_member(v, "version", "https://jsonfeed.org/version/1.1");
	assert_member(v, "title", "Ada's <site>");
	assert_member(v, "home_page_url", "https://ada.example/");
	assert_member(v, "feed_url", "https://ada.example/feed");
	assert_member(v, "description", "A \"line\"");
	assert_member(v, "icon", "https://ada.example/i.png");
	assert_member(v, "language", "en-GB");
	author = json_at(json_find(v, S("authors")), 0);
	assert_member(author, "name", "Ada & Co");
	assert_member(author, "url", "https://ada.example/");
	assert_member(author, "avatar", "https://ada.example/me.jpg");
	assert_int_equal(json_kind(json_find(v, S("items"))), JSON_ARRAY);
	assert_int_equal(json_len(json_find(v, S("items"))), 0);
}

static void
a_json_item_has_what_the_standard_asks_for(void **state)
{
	struct post_row row = article();
	const struct json *item = first_item(*state, &row, NULL);

	assert_member(item, "id", "https://ada.example/note/first");
	assert_member(item, "url", "https://ada.example/note/now");
	assert_member(item, "title", "Rain & <wind>");
	assert_member(item, "content_html", "<p>Rain &amp; wind</p>");
	assert_member(item, "content_text", NULL);
	assert_member(item, "summary", "In <short>");
	assert_member(item, "date_published", "2026-03-01T10:30:00+01:00");
	assert_member(item, "date_modified", "2026-03-01T11:30:00+01:00");
	assert_int_equal(json_len(json_find(item, S("tags"))), 2);
	assert_str(json_str(json_at(json_find(item, S("tags")), 1)), "\"><x");
}

static void
nothing_is_said_that_is_not_there(void **state)
{
	struct post_row row = note("");
	struct str text = feed_with(*state, FEED_JSON, &row, NULL);
	const struct json *item = first_item(*state, &row, NULL);

	assert_has_not(text, "\"\"");
	assert_has_not(text, "null");
	assert_has_not(text, "[]");
	assert_member(item, "title", NULL);
	assert_member(item, "content_html", NULL);
	assert_member(item, "content_text", "Note, 1 March 2026");
}

/* ---- all of them ----------------------------------------------------------------------------- */

static void
pages_name_each_other(void **state)
{
	struct feed feed = head;
	struct str xml;

	feed.self = S("https://ada.example/feed?before=b");
	feed.previous = S("https://ada.example/feed?before=a");
	feed.next = S("https://ada.example/feed?before=c&x");
	xml = feed_of(*state, FEED_ATOM, &feed, NULL, NULL, 0);
	assert_xml(xml);
	assert_has(xml, "<link rel=\"self\" type=\"application/atom+xml\" href=\"https://ada.example/feed?before=b\"/>");
	assert_has(xml, "<link rel=\"first\" type=\"application/atom+xml\" href=\"https://ada.example/feed\"/>");
	assert_has(xml, "<link rel=\"previous\" type=\"application/atom+xml\" href=\"https://ada.example/feed?before=a\"/>");
	assert_has(xml, "<link rel=\"next\" type=\"application/atom+xml\" href=\"https://ada.example/feed?before=c&amp;x\"/>");
	assert_has(xml, "<id>https://ada.example/feed</id>");
	xml = feed_of(*state, FEED_RSS, &feed, NULL, NULL, 0);
	assert_has(xml, "<atom:link rel=\"next\" type=\"application/rss+xml\" href=\"https://ada.example/feed?before=c&amp;x\"/>");
	assert_member(json_of(*state, feed_of(*state, FEED_JSON, &feed, NULL, NULL, 0)), "next_url",
		"https://ada.example/feed?before=c&x");
}

static void
a_feed_of_one_page_names_no_others(void **state)
{
	for (enum feed_format f = 0; f < FEED__MAX; f++)
		assert_has_not(feed_of(*state, f, &head, NULL, NULL, 0), "next");
}

static struct post_file files[] = {
	{.url = S_INIT("https://ada.example/media/a.jpg"), .alt = S_INIT("A <lake>"),
		.type = S_INIT("image/jpeg"), .bytes = 1234, .width = 640, .height = 480},
	{.url = S_INIT("https://ada.example/media/b.jpg"), .type = S_INIT("image/jpeg"), .bytes = 5},
	{.url = S_INIT("https://elsewhere.example/c.jpg")},
};
static struct post_file sound[] = {{.url = S_INIT("https://ada.example/media/d.mp3"),
	.type = S_INIT("audio/mpeg"), .bytes = 99}};
static const struct post_parts with_files = {
	.photos = {files, 3},
	.audios = {sound, 1},
};

static void
files_come_with_type_and_length(void **state)
{
	struct post_row row = note("<p>x</p>");
	struct str xml = feed_with(*state, FEED_ATOM, &row, &with_files);

	assert_xml(xml);
	assert_has(xml, "<link rel=\"enclosure\" type=\"audio/mpeg\" length=\"99\" "
			"href=\"https://ada.example/media/d.mp3\"/>\n"
			"<link rel=\"enclosure\" type=\"image/jpeg\" length=\"1234\" "
			"href=\"https://ada.example/media/a.jpg\"/>\n"
			"<link rel=\"enclosure\" type=\"image/jpeg\" length=\"5\" "
			"href=\"https://ada.example/media/b.jpg\"/>");
	assert_has_not(xml, "elsewhere.example");
	xml = feed_with(*state, FEED_RSS, &row, &with_files);
	assert_xml(xml);
	assert_has(xml, "<enclosure url=\"https://ada.example/media/d.mp3\" length=\"99\" type=\"audio/mpeg\"/>\n"
			"<media:content url=\"https://ada.example/media/d.mp3\" type=\"audio/mpeg\" "
			"medium=\"audio\" fileSize=\"99\"/>\n"
			"<media:content url=\"https://ada.example/media/a.jpg\" type=\"image/jpeg\" "
			"medium=\"image\" fileSize=\"1234\" width=\"640\" height=\"480\">\n"
			"<media:description type=\"plain\">A &lt;lake&gt;</media:description>\n"
			"</media:content>\n<media:content url=\"https://ada.example/media/b.jpg\"");
}

static void
an_rss_item_has_one_enclosure(void **state)
{
	struct post_row row = note("<p>x</p>");
	struct str xml = feed_with(*state, FEED_RSS, &row, &with_files);
	size_t one = str_search(xml, S("<enclosure"), 0);

	assert_true(one < xml.n);
	assert_true(str_search(xml, S("<enclosure"), one + 1) == xml.n);
}

static void
a_json_item_has_its_files_and_its_picture(void **state)
{
	struct post_row row = note("<p>x</p>");
	const struct json *item = first_item(*state, &row, &with_files);
	const struct json *list = json_find(item, S("attachments"));

	assert_int_equal(json_len(list), 3);
	assert_member(json_at(list, 0), "url", "https://ada.example/media/d.mp3");
	assert_member(json_at(list, 0), "mime_type", "audio/mpeg");
	assert_int_equal(json_int(json_find(json_at(list, 0), S("size_in_bytes"))), 99);
	assert_member(item, "image", "https://ada.example/media/a.jpg");
}

static void
what_a_post_answers_and_bookmarks(void **state)
{
	struct post_cite cites[] = {{.url = S("https://bob.example/7?a=1&b=2")}, {.name = S("A book")}};
	struct post_parts parts = {.relations = {[POST_REPLY] = {cites, 2}}};
	struct post_row row = note("<p>x</p>");
	struct str xml = feed_with(*state, FEED_ATOM, &row, &parts);

	assert_xml(xml);
	assert_has(xml, "<thr:in-reply-to ref=\"https://bob.example/7?a=1&amp;b=2\" "
			"href=\"https://bob.example/7?a=1&amp;b=2\"/>\n<content");
	assert_member(first_item(*state, &row, &parts), "external_url", NULL);
	parts = (struct post_parts){.relations = {[POST_BOOKMARK] = {cites, 2}}};
	xml = feed_with(*state, FEED_ATOM, &row, &parts);
	assert_has(xml, "<link rel=\"related\" href=\"https://bob.example/7?a=1&amp;b=2\"/>\n<content");
	assert_member(first_item(*state, &row, &parts), "external_url", "https://bob.example/7?a=1&b=2");
}

static void
a_post_in_another_language_says_so(void **state)
{
	const struct post_parts parts = {.lang = S("zh")};
	struct post_row row = note("<p>x</p>");

	assert_has(feed_with(*state, FEED_ATOM, &row, &parts), "<entry xml:lang=\"zh\">");
	assert_has(feed_with(*state, FEED_RSS, &row, &parts), "<dc:language>zh</dc:language>");
	assert_member(first_item(*state, &row, &parts), "language", "zh");
	assert_member(first_item(*state, &row, NULL), "language", NULL);
}

static void
hostile_text_stays_text(void **state)
{
	struct post_row row = note("<p>]]&gt;&lt;item&gt; x\bx \xed\xa0\x80</p>");
	struct feed feed = head;

	row.name = S("</title><script>alert(1)</script>]]>&#0;\b\"\\\xff");
	row.summary = row.name;
	row.tags = &row.name;
	row.n_tags = 1;
	feed.title = feed.about = feed.author = row.name;
	for (enum feed_format f = 0; f < FEED__MAX; f++) {
		struct str text = feed_of(*state, f, &feed, &row, NULL, 1);

		assert_true(enc_utf8_valid(text));
		assert_has_not(text, "\b");
		if (f == FEED_JSON)
			(void)json_of(*state, text);
		else
			assert_xml(text);
	}
	assert_has(feed_with(*state, FEED_ATOM, &row, NULL),
		"<title>&lt;/title&gt;&lt;script&gt;alert(1)&lt;/script&gt;]]&gt;&amp;#0;");
}

static void
a_style_sheet_is_named_where_it_can_be(void **state)
{
	struct feed feed = head;

	feed.style = S("/static/feed.css?v=1&2");
	assert_has(feed_of(*state, FEED_RSS, &feed, NULL, NULL, 0),
		"?>\n<?xml-stylesheet type=\"text/css\" href=\"/static/feed.css?v=1&amp;2\"?>\n<rss");
	assert_has(feed_of(*state, FEED_ATOM, &feed, NULL, NULL, 0), "<?xml-stylesheet ");
	assert_has_not(feed_of(*state, FEED_JSON, &feed, NULL, NULL, 0), "feed.css");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(a_channel_has_what_the_standard_asks_for),
		SITE_TEST(a_channel_has_a_picture_like_itself),
		SITE_TEST(an_item_has_what_the_standard_asks_for),
		SITE_TEST(a_note_has_no_title_and_its_text_twice),
		SITE_TEST(a_long_text_stands_in_full_once),
		SITE_TEST(what_has_no_words_has_a_description),
		SITE_TEST(an_atom_feed_has_what_the_standard_asks_for),
		SITE_TEST(an_entry_has_what_the_standard_asks_for),
		SITE_TEST(what_was_never_edited_was_updated_when_published),
		SITE_TEST(a_json_feed_has_what_the_standard_asks_for),
		SITE_TEST(a_json_item_has_what_the_standard_asks_for),
		SITE_TEST(nothing_is_said_that_is_not_there),
		SITE_TEST(pages_name_each_other),
		SITE_TEST(a_feed_of_one_page_names_no_others),
		SITE_TEST(files_come_with_type_and_length),
		SITE_TEST(an_rss_item_has_one_enclosure),
		SITE_TEST(a_json_item_has_its_files_and_its_picture),
		SITE_TEST(what_a_post_answers_and_bookmarks),
		SITE_TEST(a_post_in_another_language_says_so),
		SITE_TEST(hostile_text_stays_text),
		SITE_TEST(a_style_sheet_is_named_where_it_can_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
