/*
 * Atom (RFC 4287), with paging (RFC 5005) and what a post answers (RFC 4685).
 */
#include "base/time.h"
#include "domain/feed_writers.h"
#include "text/xml.h"

static void
moment(struct buf *b, const char *name, int64_t seconds, int zone)
{
	xml_begin(b, name);
	xml_content(b);
	time_rfc3339(b, seconds, zone);
	xml_end(b, name);
}

static void
link_put(struct buf *b, struct str rel, struct str href)
{
	xml_begin(b, "link");
	xml_attribute(b, "rel", rel);
	if (str_eq(rel, S("alternate")))
		xml_attribute(b, "type", S("text/html"));
	xml_attribute(b, "href", href);
	xml_empty(b);
}

static void
atom_head(struct buf *b, const struct feed *feed)
{
	xml_declare(b, feed->style);
	xml_begin(b, "feed");
	xml_attribute(b, "xmlns", S("http://www.w3.org/2005/Atom"));
	xml_attribute(b, "xmlns:thr", S("http://purl.org/syndication/thread/1.0"));
	xml_attribute(b, "xml:lang", feed->language);
	buf_puts(b, ">\n");
	xml_element(b, "id", feed->id);
	xml_element(b, "title", feed->title);
	if (feed->about.n > 0)
		xml_element(b, "subtitle", feed->about);
	moment(b, "updated", feed->updated, 0);
	feed_pages_put(b, "link", feed_kinds[FEED_ATOM].type, feed);
	link_put(b, S("alternate"), feed->home);
	xml_begin(b, "author");
	buf_puts(b, ">\n");
	xml_element(b, "name", feed->author);
	xml_element(b, "uri", feed->author_url);
	xml_end(b, "author");
	if (feed->icon.n > 0)
		xml_element(b, "icon", feed->icon);
	xml_element(b, "generator", S("StarPunk"));
}

static void
enclosures(struct buf *b, const struct feed_item *item)
{
	const struct post_file *file;

	for (size_t i = 0; feed_file_at(item, i, &file); i++) {
		xml_begin(b, "link");
		xml_attribute(b, "rel", S("enclosure"));
		xml_attribute(b, "type", file->type);
		buf_printf(b, " length=\"%lld\"", (long long)file->bytes);
		xml_attribute(b, "href", file->url);
		xml_empty(b);
	}
}

/* What is bookmarked or quoted. */
static void
related(struct buf *b, const struct post_cites *cites)
{
	for (size_t i = 0; i < cites->n; i++)
		if (cites->list[i].url.n > 0)
			link_put(b, S("related"), cites->list[i].url);
}

/* What is answered. */
static void
answered(struct buf *b, const struct post_cites *cites)
{
	for (size_t i = 0; i < cites->n; i++) {
		if (cites->list[i].url.n == 0)
			continue;
		xml_begin(b, "thr:in-reply-to");
		xml_attribute(b, "ref", cites->list[i].url);
		xml_attribute(b, "href", cites->list[i].url);
		xml_empty(b);
	}
}

static void
parts_put(struct buf *b, const struct feed_item *item)
{
	enclosures(b, item);
	answered(b, &item->parts->relations[POST_REPLY]);
	related(b, &item->parts->relations[POST_BOOKMARK]);
	related(b, &item->parts->relations[POST_QUOTATION]);
}

static enum err
atom_item(struct ctx *c, struct buf *b, const struct feed *feed, const struct feed_item *item,
	bool first)
{
	const struct post_row *post = item->post;
	int zone = post->published_zone;

	(void)c;
	(void)feed;
	(void)first;
	xml_begin(b, "entry");
	if (item->language.n > 0)
		xml_attribute(b, "xml:lang", item->language);
	buf_puts(b, ">\n");
	xml_element(b, "id", item->id);
	xml_element(b, "title", item->title);
	link_put(b, S("alternate"), item->permalink);
	moment(b, "published", post->published, zone);
	moment(b, "updated", post->updated ? post->updated : post->published, zone);
	if (post->summary.n > 0)
		xml_element(b, "summary", post->summary);
	for (size_t i = 0; i < post->n_tags; i++) {
		xml_begin(b, "category");
		xml_attribute(b, "term", post->tags[i]);
		xml_empty(b);
	}
	if (item->parts)
		parts_put(b, item);
	xml_begin(b, "content");
	xml_attribute(b, "type", S("html"));
	xml_content(b);
	xml_escape(b, item->html);
	xml_end(b, "content");
	xml_end(b, "entry");
	return OK;
}

static void
atom_tail(struct buf *b)
{
	xml_end(b, "feed");
}

const struct feed_writer feed_atom = {atom_head, atom_item, atom_tail};
