/*
 * The list of the site's feeds (OPML 2.0): every outline has a text, those of feeds the type "rss"
 * whatever the format, as the specification wants it.
 */
#include "base/time.h"
#include "domain/feed.h"
#include "domain/site.h"
#include "text/xml.h"

enum { OPML_MAX = 1024 * 1024 };

static void
outline_begin(struct buf *b, const struct feed_outline *outline)
{
	xml_begin(b, "outline");
	if (outline->feed.n > 0)
		xml_attribute(b, "type", S("rss"));
	xml_attribute(b, "text", outline->text);
	if (outline->feed.n > 0) {
		xml_attribute(b, "title", outline->text);
		xml_attribute(b, "version", feed_kinds[FEED_RSS].version);
		xml_attribute(b, "xmlUrl", outline->feed);
	}
	if (outline->page.n > 0)
		xml_attribute(b, "htmlUrl", outline->page);
}

/* A feed, or a group of feeds: groups hold no groups. */
static void
outline_put(struct buf *b, const struct feed_outline *outline)
{
	outline_begin(b, outline);
	if (outline->n == 0) {
		xml_empty(b);
		return;
	}
	buf_puts(b, ">\n");
	for (size_t i = 0; i < outline->n; i++) {
		outline_begin(b, &outline->members[i]);
		xml_empty(b);
	}
	xml_end(b, "outline");
}

static enum err
head_put(struct ctx *c, struct buf *b, int64_t modified)
{
	struct str home;
	enum err err = site_url(c, S("/"), &home);

	if (err)
		return err;
	xml_begin(b, "head");
	buf_puts(b, ">\n");
	xml_element(b, "title", site_name(c));
	xml_begin(b, "dateModified");
	xml_content(b);
	time_rfc5322(b, modified, 0);
	xml_end(b, "dateModified");
	xml_element(b, "ownerName", site_author(c));
	xml_element(b, "ownerId", home);
	xml_element(b, "docs", S("http://opml.org/spec2.opml"));
	xml_end(b, "head");
	return OK;
}

enum err
feed_opml(struct ctx *c, const struct feed_outline *outlines, size_t n, int64_t modified,
	struct str *out)
{
	struct buf b;
	enum err err;

	buf_init(&b, &c->arena, OPML_MAX);
	xml_declare(&b, (struct str){0});
	xml_begin(&b, "opml");
	xml_attribute(&b, "version", S("2.0"));
	buf_puts(&b, ">\n");
	err = head_put(c, &b, modified);
	if (err)
		return err;
	xml_begin(&b, "body");
	buf_puts(&b, ">\n");
	for (size_t i = 0; i < n; i++)
		outline_put(&b, &outlines[i]);
	xml_end(&b, "body");
	xml_end(&b, "opml");
	return buf_end(c, &b, out);
}
