/*
 * JSON-LD, written piece by piece: there is no value to be looked at again, and each home page would
 * pay for one.
 */
#include "web/linked.h"

#include "domain/post_kind.h"
#include "domain/site.h"
#include "web/priv.h"

enum { LINKED_MAX = 64 * 1024 };

/* ---- writing --------------------------------------------------------------------------------- */

static void
member(struct buf *b, const char *name, struct str value)
{
	if (value.n == 0)
		return;
	buf_printf(b, ",\"%s\":", name);
	json_escape(b, value);
}

/* Opens an object of that type, as a member or, with name NULL, by itself. */
static void
open_object(struct buf *b, const char *name, const char *type)
{
	if (name)
		buf_printf(b, ",\"%s\":", name);
	buf_printf(b, "{\"@type\":\"%s\"", type);
}

static void
open_document(struct buf *b)
{
	buf_puts(b, "{\"@context\":\"https://schema.org\"");
}

static enum err
finish(struct ctx *c, struct buf *b, struct html *out)
{
	struct str json;
	enum err err = buf_end(c, b, &json);

	return err ? err : html_json(c, json, out);
}

static void
author_open(const struct txn *t, struct buf *b)
{
	open_object(b, "author", "Person");
	member(b, "name", t->site->author);
	member(b, "url", t->site->url);
	if (t->site->photo.n > 0)
		member(b, "image", t->site->picture);
}

/* The whole of what there is to say of the author stands on the home page. */
static void
author_put(const struct txn *t, struct buf *b)
{
	const struct view_site *site = t->site;
	const struct view_link *links = site->elsewhere.items;
	size_t n = 0;

	author_open(t, b);
	member(b, "description", site->note);
	for (size_t i = 0; i < site->elsewhere.n; i++) {
		if (links[i].mail)
			continue;
		buf_puts(b, n++ ? "," : ",\"sameAs\":[");
		json_escape(b, links[i].url);
	}
	buf_puts(b, n ? "]}" : "}");
}

/* ---- the home page --------------------------------------------------------------------------- */

static void
search_put(const struct txn *t, struct buf *b)
{
	struct str url = t->site->url;

	if (t->site->search.n == 0)
		return;
	open_object(b, "potentialAction", "SearchAction");
	open_object(b, "target", "EntryPoint");
	buf_puts(b, ",\"urlTemplate\":\"");
	buf_put(b, str_sub(url, 0, url.n - 1));
	buf_put(b, t->site->search);
	buf_puts(b, "?q={search_term_string}\"},\"query-input\":\"required name=search_term_string\"}");
}

enum err
linked_home(struct ctx *c, const struct txn *t, struct html *out)
{
	struct buf b;

	buf_init(&b, &c->arena, LINKED_MAX);
	open_document(&b);
	buf_puts(&b, ",\"@type\":\"WebSite\"");
	member(&b, "@id", t->site->url);
	member(&b, "url", t->site->url);
	member(&b, "name", t->site->name);
	member(&b, "inLanguage", t->site->language);
	author_put(t, &b);
	search_put(t, &b);
	buf_putc(&b, '}');
	return finish(c, &b, out);
}

/* ---- a post ---------------------------------------------------------------------------------- */

static void
picture_put(const struct view_preview *image, struct buf *b)
{
	if (!image)
		return;
	open_object(b, "image", "ImageObject");
	member(b, "url", image->url);
	if (image->width.n > 0)
		buf_printf(b, ",\"width\":%.*s,\"height\":%.*s", STR(image->width),
			STR(image->height));
	member(b, "caption", image->alt);
	buf_putc(b, '}');
}

static void
posting_put(const struct txn *t, const struct shown *shown, const struct view_page *page,
	struct buf *b)
{
	const struct post_row *post = shown->post;
	struct str lang = shown->parts ? shown->parts->lang : (struct str){0};

	open_object(b, NULL, post->name.n > 0 ? "BlogPosting" : "SocialMediaPosting");
	member(b, "@id", page->canonical);
	member(b, "url", page->canonical);
	member(b, "mainEntityOfPage", page->canonical);
	member(b, "headline", page->title);
	member(b, "description", page->description);
	member(b, "datePublished", page->published);
	member(b, "dateModified", page->modified);
	member(b, "inLanguage", lang.n > 0 ? lang : t->site->language);
	for (size_t i = 0; i < post->n_tags; i++) {
		buf_puts(b, i ? "," : ",\"keywords\":[");
		json_escape(b, post->tags[i]);
	}
	if (post->n_tags > 0)
		buf_putc(b, ']');
	picture_put(page->image, b);
	author_open(t, b);
	buf_putc(b, '}');
	open_object(b, "isPartOf", "WebSite");
	member(b, "@id", t->site->url);
	member(b, "name", t->site->name);
	buf_puts(b, "}}");
}

static void
crumb(struct buf *b, int position, struct str name, struct str url)
{
	if (position > 1)
		buf_putc(b, ',');
	open_object(b, NULL, "ListItem");
	buf_printf(b, ",\"position\":%d", position);
	member(b, "name", name);
	member(b, "item", url);
	buf_putc(b, '}');
}

/* The way down to the post: home page, list of its type, itself. */
static enum err
crumbs_put(struct ctx *c, const struct txn *t, struct str type, struct str title, struct buf *b)
{
	const struct post_kind *kind = post_kind_find(type);
	const struct post_scope scope = {.kind = POSTS_TYPE, .name = type};
	struct str list;
	enum err err = kind ? site_list_url(c, &scope, &list) : OK;

	if (err)
		return err;
	open_object(b, NULL, "BreadcrumbList");
	buf_puts(b, ",\"itemListElement\":[");
	crumb(b, 1, t->site->name, t->site->url);
	if (kind)
		crumb(b, 2, tr_str(c, kind->plural.p), list);
	crumb(b, kind ? 3 : 2, title, S(""));
	buf_puts(b, "]}");
	return OK;
}

enum err
linked_post(struct ctx *c, const struct txn *t, const struct shown *shown,
	const struct view_page *page, struct html *out)
{
	struct buf b;
	enum err err;

	buf_init(&b, &c->arena, LINKED_MAX);
	open_document(&b);
	buf_puts(&b, ",\"@graph\":[");
	posting_put(t, shown, page, &b);
	buf_putc(&b, ',');
	err = crumbs_put(c, t, shown->post->type, page->title, &b);
	buf_puts(&b, "]}");
	return err ? err : finish(c, &b, out);
}
