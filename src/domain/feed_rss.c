/*
 * RSS 2.0 as its best-practices profile has it, with whole texts (content), names of authors (dc),
 * all files with their descriptions (Media RSS), and paging by links of Atom (RFC 5005).
 */
#include "base/enc.h"
#include "base/time.h"
#include "domain/feed_writers.h"
#include "text/xml.h"

enum { ALT_MAX = 1000 };

static void
moment(struct buf *b, const char *name, int64_t seconds, int zone)
{
	xml_begin(b, name);
	xml_content(b);
	time_rfc5322(b, seconds, zone);
	xml_end(b, name);
}

/*
 * A text that is not HTML, in an element of RSS: some readers take it for HTML all the same, and the
 * profile says how to write the two signs by which they know.
 */
static void
words(struct buf *b, const char *name, struct str text)
{
	xml_begin(b, name);
	xml_content(b);
	for (size_t i = 0, run = 0; i <= text.n; i++) {
		if (i < text.n && text.p[i] != '&' && text.p[i] != '<')
			continue;
		xml_escape(b, str_sub(text, run, i));
		if (i < text.n)
			buf_puts(b, text.p[i] == '&' ? "&#x26;" : "&#x3C;");
		run = i + 1;
	}
	xml_end(b, name);
}

static void
picture(struct buf *b, const struct feed *feed)
{
	xml_begin(b, "image");
	buf_puts(b, ">\n");
	xml_element(b, "url", feed->icon);
	words(b, "title", feed->title);
	xml_element(b, "link", feed->home);
	xml_end(b, "image");
}

static void
rss_head(struct buf *b, const struct feed *feed)
{
	xml_declare(b, feed->style);
	xml_begin(b, "rss");
	xml_attribute(b, "version", S("2.0"));
	xml_attribute(b, "xmlns:atom", S("http://www.w3.org/2005/Atom"));
	xml_attribute(b, "xmlns:content", S("http://purl.org/rss/1.0/modules/content/"));
	xml_attribute(b, "xmlns:dc", S("http://purl.org/dc/elements/1.1/"));
	xml_attribute(b, "xmlns:media", S("http://search.yahoo.com/mrss/"));
	xml_attribute(b, "xml:lang", feed->language);
	buf_puts(b, ">\n");
	xml_begin(b, "channel");
	buf_puts(b, ">\n");
	words(b, "title", feed->title);
	xml_element(b, "link", feed->home);
	xml_element(b, "description", feed->about.n > 0 ? feed->about : feed->title);
	xml_element(b, "language", feed->language);
	moment(b, "lastBuildDate", feed->updated, 0);
	xml_element(b, "generator", S("StarPunk"));
	feed_pages_put(b, "atom:link", feed_kinds[FEED_RSS].type, feed);
	if (feed->icon.n > 0)
		picture(b, feed);
}

/* At most one: readers disagree on what several mean. The others are in media:content. */
static void
enclosure(struct buf *b, const struct feed_item *item)
{
	const struct post_file *file;

	if (!feed_file_at(item, 0, &file))
		return;
	xml_begin(b, "enclosure");
	xml_attribute(b, "url", file->url);
	buf_printf(b, " length=\"%lld\"", (long long)file->bytes);
	xml_attribute(b, "type", file->type);
	xml_empty(b);
}

static void
media_put(struct buf *b, const struct post_file *file)
{
	struct str medium = str_sub(file->type, 0, str_find(file->type, '/', 0));

	xml_begin(b, "media:content");
	xml_attribute(b, "url", file->url);
	xml_attribute(b, "type", file->type);
	xml_attribute(b, "medium", medium);
	buf_printf(b, " fileSize=\"%lld\"", (long long)file->bytes);
	if (file->width > 0 && file->height > 0)
		buf_printf(b, " width=\"%lld\" height=\"%lld\"", (long long)file->width,
			(long long)file->height);
	if (file->alt.n == 0) {
		xml_empty(b);
		return;
	}
	buf_puts(b, ">\n");
	xml_begin(b, "media:description");
	xml_attribute(b, "type", S("plain"));
	xml_content(b);
	xml_escape(b, enc_utf8_cut(file->alt, ALT_MAX));
	xml_end(b, "media:description");
	xml_end(b, "media:content");
}

/* Readers take a description for HTML: plain text is escaped twice, so that it is read as it stands. */
static enum err
plain(struct ctx *c, struct str text, struct str *out)
{
	struct buf b;

	buf_init(&b, &c->arena, SIZE_MAX);
	html_escape(&b, text);
	return buf_end(c, &b, out);
}

/* The summary, or the HTML again, cut shorter, for readers that know no content:encoded. */
static enum err
description(struct ctx *c, const struct feed_item *item, struct str *out)
{
	if (item->post->summary.n > 0)
		return plain(c, item->post->summary, out);
	if (item->html.n == 0)
		return plain(c, item->title, out);
	*out = item->html;
	if (out->n <= FEED_BRIEF_MAX)
		return OK;
	return feed_html(c, html_stored(item->html), item->permalink, FEED_BRIEF_MAX, out);
}

static void
files_put(struct buf *b, const struct feed_item *item)
{
	const struct post_file *file;

	enclosure(b, item);
	for (size_t i = 0; feed_file_at(item, i, &file); i++)
		media_put(b, file);
}

static void
identity(struct buf *b, const struct feed_item *item)
{
	bool permanent = str_eq(item->id, item->permalink);

	if (item->post->name.n > 0)
		words(b, "title", item->post->name);
	xml_element(b, "link", item->permalink);
	xml_begin(b, "guid");
	xml_attribute(b, "isPermaLink", permanent ? S("true") : S("false"));
	xml_content(b);
	xml_escape(b, item->id);
	xml_end(b, "guid");
}

static enum err
rss_item(struct ctx *c, struct buf *b, const struct feed *feed, const struct feed_item *item,
	bool first)
{
	const struct post_row *post = item->post;
	struct str about;
	enum err err = description(c, item, &about);

	(void)first;
	if (err)
		return err;
	xml_begin(b, "item");
	buf_puts(b, ">\n");
	identity(b, item);
	moment(b, "pubDate", post->published, post->published_zone);
	words(b, "dc:creator", feed->author);
	if (item->language.n > 0)
		xml_element(b, "dc:language", item->language);
	for (size_t i = 0; i < post->n_tags; i++)
		words(b, "category", post->tags[i]);
	xml_element(b, "description", about);
	if (item->html.n > 0)
		xml_element(b, "content:encoded", item->html);
	files_put(b, item);
	xml_end(b, "item");
	return OK;
}

static void
rss_tail(struct buf *b)
{
	xml_end(b, "channel");
	xml_end(b, "rss");
}

const struct feed_writer feed_rss = {rss_head, rss_item, rss_tail};
