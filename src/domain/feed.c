/*
 * The Atom feed (RFC 4287). Elements are written by three helpers that escape whatever is put into
 * them, so that no title can end the document it stands in.
 */
#include "domain/feed.h"

#include "base/enc.h"
#include "base/time.h"
#include "core/config.h"
#include "domain/site.h"
#include "text/xml.h"

static void
open_tag(struct buf *b, const char *name)
{
	buf_putc(b, '<');
	buf_puts(b, name);
}

static void
attribute(struct buf *b, const char *name, struct str value)
{
	buf_printf(b, " %s=\"", name);
	xml_escape(b, value);
	buf_putc(b, '"');
}

static void
close_tag(struct buf *b, const char *name)
{
	buf_printf(b, "</%s>\n", name);
}

static void
element(struct buf *b, const char *name, struct str text)
{
	open_tag(b, name);
	buf_putc(b, '>');
	xml_escape(b, text);
	close_tag(b, name);
}

static void
moment(struct buf *b, const char *name, int64_t seconds, int zone)
{
	open_tag(b, name);
	buf_putc(b, '>');
	time_rfc3339(b, seconds, zone);
	close_tag(b, name);
}

static void
link_tag(struct buf *b, struct str rel, struct str type, struct str href)
{
	open_tag(b, "link");
	attribute(b, "rel", rel);
	attribute(b, "type", type);
	attribute(b, "href", href);
	buf_puts(b, "/>\n");
}

enum err
feed_atom_head(struct ctx *c, struct buf *b, int64_t updated)
{
	struct str home, self;
	enum err err = site_url(c, S("/"), &home);

	if (err == OK)
		err = site_url(c, S("/feed.atom"), &self);
	if (err != OK)
		return err;
	open_tag(b, "?xml version=\"1.0\" encoding=\"utf-8\"?>\n");
	open_tag(b, "feed");
	attribute(b, "xmlns", S("http://www.w3.org/2005/Atom"));
	attribute(b, "xml:lang", str_z(c->cfg->language));
	attribute(b, "xmlns:thr", S("http://purl.org/syndication/thread/1.0"));
	buf_puts(b, ">\n");
	element(b, "id", self);
	element(b, "title", site_name(c));
	moment(b, "updated", updated, 0);
	link_tag(b, S("self"), S("application/atom+xml"), self);
	link_tag(b, S("alternate"), S("text/html"), home);
	open_tag(b, "author");
	buf_puts(b, ">\n");
	element(b, "name", site_author(c));
	element(b, "uri", home);
	close_tag(b, "author");
	element(b, "generator", S("StarPunk"));
	return OK;
}

/* The first so many characters, cut between words where that loses no more than a third. */
static struct str
title_cut(struct str text)
{
	size_t at = 0, space = 0;

	for (size_t chars = 0; at < text.n && chars < FEED_TITLE_CHARS; chars++) {
		if (text.p[at] == ' ' && chars > FEED_TITLE_CHARS * 2 / 3)
			space = at;
		(void)enc_utf8_next(text, &at);
	}
	if (at < text.n && text.p[at] != ' ' && space > 0)
		at = space;
	return str_sub(text, 0, at);
}

static enum err
title_make(struct ctx *c, const struct feed_item *item, struct str *out)
{
	const struct post_row *post = item->post;
	struct str text, cut;
	enum err err;

	*out = post->name;
	if (out->n > 0)
		return OK;
	err = html_text(c, html_stored(post->html), 8 * FEED_TITLE_CHARS, &text);
	if (err != OK)
		return err;
	if (text.n == 0)
		text = post->summary;
	cut = title_cut(text);
	if (cut.n == 0)
		return post_label(c, post, item->parts, out);
	if (cut.n < text.n)
		return ctx_printf(c, out, "%.*s…", STR(cut));
	*out = cut;
	return OK;
}

/* Uploads of ours, which we know enough of; what others have is linked in the content. */
static void
enclosures(struct buf *b, const struct post_files *files)
{
	for (size_t i = 0; i < files->n; i++) {
		const struct post_file *file = &files->list[i];

		if (file->type.n == 0)
			continue;
		open_tag(b, "link");
		attribute(b, "rel", S("enclosure"));
		attribute(b, "type", file->type);
		buf_printf(b, " length=\"%lld\"", (long long)file->bytes);
		attribute(b, "href", file->url);
		buf_puts(b, "/>\n");
	}
}

/* What is bookmarked or quoted. */
static void
related(struct buf *b, const struct post_cites *cites)
{
	for (size_t i = 0; i < cites->n; i++) {
		open_tag(b, "link");
		attribute(b, "rel", S("related"));
		attribute(b, "href", cites->list[i].url);
		buf_puts(b, "/>\n");
	}
}

/* What is answered (RFC 4685). */
static void
answered(struct buf *b, const struct post_cites *cites)
{
	for (size_t i = 0; i < cites->n; i++) {
		open_tag(b, "thr:in-reply-to");
		attribute(b, "ref", cites->list[i].url);
		attribute(b, "href", cites->list[i].url);
		buf_puts(b, "/>\n");
	}
}

static void
parts_put(struct buf *b, const struct post_parts *parts)
{
	enclosures(b, &parts->audios);
	enclosures(b, &parts->videos);
	enclosures(b, &parts->photos);
	answered(b, &parts->relations[POST_REPLY]);
	related(b, &parts->relations[POST_BOOKMARK]);
	related(b, &parts->relations[POST_QUOTATION]);
}

static void
categories(struct buf *b, const struct post_row *post)
{
	for (size_t i = 0; i < post->n_tags; i++) {
		open_tag(b, "category");
		attribute(b, "term", post->tags[i]);
		buf_puts(b, "/>\n");
	}
}

enum err
feed_atom_entry(struct ctx *c, struct buf *b, const struct feed_item *item)
{
	const struct post_row *post = item->post;
	struct str id, permalink, title, content;
	enum err err = site_url(c, post->uid, &id);

	if (err == OK)
		err = site_permalink(c, post->slug, &permalink);
	if (err == OK)
		err = title_make(c, item, &title);
	if (err == OK)
		err = feed_html(c, item->content, permalink, FEED_CONTENT_MAX, &content);
	if (err != OK)
		return err;
	open_tag(b, "entry");
	buf_puts(b, ">\n");
	element(b, "id", id);
	element(b, "title", title);
	link_tag(b, S("alternate"), S("text/html"), permalink);
	moment(b, "published", post->published, post->published_zone);
	moment(b, "updated", post->updated ? post->updated : post->published, post->published_zone);
	if (post->summary.n > 0)
		element(b, "summary", post->summary);
	categories(b, post);
	if (item->parts)
		parts_put(b, item->parts);
	open_tag(b, "content");
	attribute(b, "type", S("html"));
	buf_putc(b, '>');
	xml_escape(b, content);
	close_tag(b, "content");
	close_tag(b, "entry");
	return OK;
}

void
feed_atom_tail(struct buf *b)
{
	close_tag(b, "feed");
}
