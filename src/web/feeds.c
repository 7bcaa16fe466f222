/*
 * Feeds as streams, in all formats. The posts are read before the first byte, so that a slow reader
 * holds no connection of the database; what is written of them is made item by item.
 *
 * A feed's entity tag is weak and costs no rendering: the format, the site's revision, which is the
 * same in every process, and a digest of the settings that a feed shows.
 *
 * Beside them: the address that leads to the format that a reader likes best, and the list of all
 * feeds.
 */
#include "web/feeds.h"

#include "domain/post_kind.h"
#include "domain/site.h"
#include "store/auth.h"
#include "store/post_period.h"
#include "web/feed_source.h"

enum { PIECE = 8 * 1024, OPML_TAGS = 200 };

/* ---- a feed ---------------------------------------------------------------------------------- */

struct stream {
	const struct web *web;
	enum feed_format format;
	bool browsed;	     /* called plain XML, for a browser */
	struct str type;     /* Content-Type */
	struct feed feed;
	struct feed_source source;
	struct feed_place place;
	int64_t changed;     /* when anything of the site last did */
	struct post_list posts;
	struct shown *shown; /* as many */
	size_t n;	     /* that have room */
	size_t next;
	bool begun;
};

static enum err
item_next(struct ctx *c, struct stream *s, struct buf *chunk)
{
	const struct shown *shown = &s->shown[s->next];
	struct feed_item item;
	struct html content;
	enum err err = view_feed(c, s->web, shown, &content);

	if (!err)
		err = feed_item_make(c, shown->post, shown->parts, content, &item);
	if (!err)
		err = feed_kinds[s->format].writer->item(c, chunk, &s->feed, &item, s->next == 0);
	s->next++;
	return err;
}

static enum err
stream_pull(struct ctx *c, void *self, struct buf *chunk, bool *end)
{
	struct stream *s = self;
	enum err err = OK;

	if (!s->begun)
		feed_kinds[s->format].writer->head(chunk, &s->feed);
	s->begun = true;
	while (!err && s->next < s->n && chunk->n < PIECE)
		err = item_next(c, s, chunk);
	if (!err && s->next == s->n && chunk->n < PIECE) {
		feed_kinds[s->format].writer->tail(chunk);
		*end = true;
	}
	return err;
}

/* Will the answer show posts? Not to HEAD, and not to a reader that knows what t->etag names. */
static bool
posts_wanted(const struct ctx *c, const struct txn *t)
{
	return t->req.method != METHOD_HEAD && txn_condition(c, t) == COND_PROCEED;
}

/* The posts, what belongs to them, and how many of them this page has room for. */
static enum err
posts_read(struct ctx *c, struct db *db, struct stream *s)
{
	const struct post_parts **parts;
	enum err err = feed_source_read(c, db, &s->source, &s->posts);

	if (!err)
		err = shown_read(c, db, s->posts.rows, s->posts.n, &s->shown);
	if (err || s->posts.n == 0)
		return err;
	parts = ctx_calloc(c, s->posts.n, sizeof(struct post_parts *));
	if (!parts)
		return ERR_MEMORY;
	for (size_t i = 0; i < s->posts.n; i++)
		parts[i] = s->shown[i].parts;
	s->n = feed_fit(&s->posts, parts);
	return feed_source_place(c, db, &s->source, &s->posts, s->n, &s->place);
}

/* Of a list that is not of the whole site. A search does not know what it would have found. */
static enum err
list_updated(struct ctx *c, struct db *db, struct stream *s)
{
	int64_t gone = 0;
	enum err err = OK;

	s->feed.updated = feed_updated(&s->posts, 0);
	if (s->source.search.n == 0)
		err = post_list_gone(c, db, &s->source.scope, s->feed.updated, &gone);
	if (gone > s->feed.updated)
		s->feed.updated = gone;
	return err;
}

/*
 * A feed of the whole site changed with the site, others with their posts: both by what is gone, too.
 * A site that never had a post is as old as its owner.
 */
static enum err
updated_set(struct ctx *c, struct db *db, struct stream *s)
{
	struct owner_row owner;
	enum err err = OK;

	s->feed.updated = s->changed;
	if ((s->source.scope.kind != POSTS_ALL || s->source.search.n > 0) && s->posts.n > 0)
		err = list_updated(c, db, s);
	if (err || s->changed > 0)
		return err;
	err = owner_row_find(c, db, &owner);
	if (err == ERR_NOT_FOUND)
		err_clear(c);
	else if (!err)
		s->feed.updated = owner.created;
	return err == ERR_NOT_FOUND ? OK : err;
}

/* Which list it is, and the entity tag. */
static enum err
state_read(struct ctx *c, struct txn *t, struct db *db, struct stream *s)
{
	int64_t revision;
	enum err err = post_row_state(c, db, &revision, &s->changed);

	if (!err)
		err = feed_source_find(c, t, db, &s->source);
	return err ? err
		   : ctx_printf(c, &t->etag, "W/\"%.*s%s-%llx-%.*s\"",
			     STR(feed_kinds[s->format].extension), s->browsed ? "-xml" : "",
			     (unsigned long long)revision, STR(t->feed_tag));
}

static enum err
content_read(struct ctx *c, const struct txn *t, struct db *db, struct stream *s)
{
	enum err err = OK;

	/* Whether there is such a page is known once it has been read. */
	if (s->source.before.n > 0 || posts_wanted(c, t))
		err = posts_read(c, db, s);
	return err ? err : updated_set(c, db, s);
}

/*
 * The entity tag and what it is the tag of, out of one state of the site. A search looks at states of its
 * own, later ones: then the tag is of what was before, and the next answer has another.
 */
static enum err
feed_read(struct ctx *c, struct txn *t, struct stream *s)
{
	struct db *db;
	enum err err = txn_db(c, t, &db);

	if (!err) {
		err = db_read_begin(c, db);
		if (!err)
			err = state_read(c, t, db, s);
		if (!err && s->source.search.n == 0)
			err = content_read(c, t, db, s);
		db_read_end(c, db);
	}
	if (!err && s->source.search.n > 0)
		err = content_read(c, t, db, s);
	txn_db_release(c, t);
	return err;
}

/* An icon as others name it: for good, and so without its version. */
static enum err
icon_url(struct ctx *c, const struct txn *t, struct str path, struct str *out)
{
	return ctx_printf(c, out, "%.*s%.*s", STR(t->web->origin),
		STR(str_sub(path, 0, str_find(path, '?', 0))));
}

static enum err
head_make(struct ctx *c, const struct txn *t, struct stream *s)
{
	struct feed *feed = &s->feed;
	enum err err = feed_source_page(c, &s->source, &feed->home);

	if (!err)
		err = feed_source_feed(c, &s->source, s->format, &feed->first);
	if (!err)
		err = feed_make(c, s->source.heading, &s->place, feed);
	if (!err)
		err = icon_url(c, t, t->site->small_icon, &feed->icon);
	feed->style = t->web->statics[STATIC_FEED_STYLE];
	return err ? err : icon_url(c, t, t->site->large_icon, &feed->large_icon);
}

/* The format that the path ends in. */
static enum feed_format
format_of(const struct txn *t)
{
	const struct str *args = t->req.args;

	return feed_format_find(args[1].p ? args[1] : args[0]);
}

/*
 * Browsers show a feed as its source, or store it, unless it is called plain XML, which they rank above
 * what they do not know: so they get the same bytes under that name. JSON is shown well as it is, and is
 * UTF-8 by itself.
 */
static enum err
name_choose(struct ctx *c, struct txn *t, struct stream *s)
{
	const struct str offers[] = {feed_kinds[s->format].type, S("application/xml")};

	if (!str_ends(offers[0], S("+xml")))
		return ctx_str(c, offers[0], &s->type);
	s->browsed = accept_choose(req_header(&t->req, "Accept"), offers, 2) == 1;
	resp_set(&t->resp, "Vary", S("Accept"));
	return ctx_printf(c, &s->type, "%.*s; charset=utf-8", STR(offers[s->browsed]));
}

enum err
web_feed(struct ctx *c, struct txn *t)
{
	struct stream *s = ctx_calloc(c, 1, sizeof(*s));
	enum err err;

	if (!s)
		return ERR_MEMORY;
	s->web = t->web;
	s->format = format_of(t);
	err = name_choose(c, t, s);
	if (!err)
		err = feed_read(c, t, s);
	if (!err)
		err = head_make(c, t, s);
	if (err)
		return err;
	if (s->source.respelled) {
		t->etag = (struct str){0};
		txn_redirect(t, 301, s->feed.self);
		return OK;
	}
	resp_stream(&t->resp, s->type.p, stream_pull, s);
	return OK;
}

/* ---- which format ---------------------------------------------------------------------------- */

/*
 * The formats in their order, and then the page that shows the same list, for who likes that better
 * than any of them. Who takes everything alike, or nothing of it, is given the first format.
 */
static enum err
choose(struct ctx *c, const struct txn *t, size_t *out)
{
	struct str offers[FEED__MAX + 1];
	enum err err = OK;

	for (size_t i = 0; !err && i < FEED__MAX; i++)
		err = ctx_printf(c, &offers[i], "%.*s %.*s", STR(feed_kinds[i].type),
			STR(feed_kinds[i].others));
	offers[FEED__MAX] = S("text/html");
	*out = accept_choose(req_header(&t->req, "Accept"), offers, FEED__MAX + 1);
	if (*out > FEED__MAX)
		*out = 0;
	return err;
}

enum err
web_feed_choice(struct ctx *c, struct txn *t)
{
	struct feed_source source;
	struct str url;
	size_t chosen;
	enum err err = feed_source_find(c, t, NULL, &source);

	if (!err)
		err = choose(c, t, &chosen);
	if (err)
		return err;
	if (chosen == FEED__MAX)
		err = feed_source_page(c, &source, &url);
	else
		err = feed_source_feed(c, &source, (enum feed_format)chosen, &url);
	if (err)
		return err;
	txn_redirect(t, 302, url);
	resp_set(&t->resp, "Vary", S("Accept"));
	return OK;
}

/* ---- all of them ----------------------------------------------------------------------------- */

/* The feed of a list in the first format, and its page. */
static enum err
outline_make(struct ctx *c, const struct post_scope *scope, struct str text,
	struct feed_outline *out)
{
	enum err err = site_feed_url(c, scope, feed_kinds[0].extension, &out->feed);

	out->text = text;
	return err ? err : site_list_url(c, scope, &out->page);
}

/* Of the types that have posts. */
static enum err
types_read(struct ctx *c, struct db *db, struct feed_outline *list, size_t *n)
{
	struct str *types = ctx_calloc(c, post_n_kinds, sizeof(*types));
	bool *used = ctx_calloc(c, post_n_kinds, sizeof(*used));
	enum err err = types && used ? OK : ERR_MEMORY;

	*n = 0;
	for (size_t i = 0; !err && i < post_n_kinds; i++)
		types[i] = post_kinds[i].type;
	if (!err)
		err = post_types_used(c, db, types, post_n_kinds, used);
	for (size_t i = 0; !err && i < post_n_kinds; i++) {
		struct post_scope scope = {.kind = POSTS_TYPE, .name = types[i]};

		if (used[i])
			err = outline_make(c, &scope, tr_str(c, post_kinds[i].plural.p), &list[(*n)++]);
	}
	return err;
}

/* Of the tags that are used most. */
static enum err
tags_read(struct ctx *c, struct db *db, struct feed_outline *list, size_t *n)
{
	struct str names[OPML_TAGS];
	enum err err = post_row_tags_used(c, db, (struct str){0}, OPML_TAGS, names, n);

	for (size_t i = 0; !err && i < *n; i++) {
		struct post_scope scope = {.kind = POSTS_TAG, .name = names[i]};

		err = outline_make(c, &scope, names[i], &list[i]);
	}
	return err;
}

struct outlines {
	struct feed_outline all[3]; /* the site, types, tags */
	struct feed_outline *types, *tags;
	size_t n;
	int64_t changed;
};

static void
group_add(struct outlines *o, struct str text, const struct feed_outline *members, size_t n)
{
	if (n > 0)
		o->all[o->n++] =
			(struct feed_outline){.text = text, .members = members, .n = n};
}

static enum err
outlines_read(struct ctx *c, struct txn *t, struct db *db, struct outlines *o)
{
	size_t n_types = 0, n_tags = 0;
	int64_t revision;
	enum err err = post_row_state(c, db, &revision, &o->changed);

	if (!err)
		err = ctx_printf(c, &t->etag, "W/\"opml-%llx-%.*s\"",
			(unsigned long long)revision, STR(t->feed_tag));
	if (!err)
		err = outline_make(c, &posts_all, site_name(c), &o->all[o->n++]);
	if (!err)
		err = types_read(c, db, o->types, &n_types);
	if (!err)
		err = tags_read(c, db, o->tags, &n_tags);
	group_add(o, tr_str(c, "By type"), o->types, n_types);
	group_add(o, tr_str(c, "By tag"), o->tags, n_tags);
	return err;
}

enum err
web_opml(struct ctx *c, struct txn *t)
{
	struct outlines o = {.types = ctx_calloc(c, post_n_kinds, sizeof(*o.types)),
		.tags = ctx_calloc(c, OPML_TAGS, sizeof(*o.tags))};
	struct str text;
	struct db *db;
	enum err err;

	if (!o.types || !o.tags)
		return ERR_MEMORY;
	err = txn_db(c, t, &db);
	if (!err) {
		err = db_read_begin(c, db);
		if (!err)
			err = outlines_read(c, t, db, &o);
		db_read_end(c, db);
	}
	txn_db_release(c, t);
	if (!err)
		err = feed_opml(c, o.all, o.n, o.changed, &text);
	if (!err)
		resp_buf(&t->resp, "text/x-opml; charset=utf-8", text);
	return err;
}

/* ---- where pages say so ---------------------------------------------------------------------- */

static enum err
links_make(struct ctx *c, const struct feed_source *source, struct str title, struct tmpl_list *out)
{
	struct view_alternate *links = ctx_calloc(c, FEED__MAX, sizeof(*links));
	enum err err = OK;

	if (!links)
		return ERR_MEMORY;
	for (size_t i = 0; !err && i < FEED__MAX; i++) {
		const struct feed_kind *kind = &feed_kinds[i];

		links[i].type = kind->type;
		err = ctx_printf(c, &links[i].title, "%.*s (%.*s)", STR(title), STR(kind->name));
		if (!err)
			err = feed_source_feed(c, source, (enum feed_format)i, &links[i].url);
	}
	*out = (struct tmpl_list){links, FEED__MAX};
	return err;
}

enum err
feeds_of(struct ctx *c, const struct post_scope *scope, struct str title, struct tmpl_list *out)
{
	const struct feed_source source = {.scope = *scope};

	return links_make(c, &source, title, out);
}

enum err
feeds_of_search(struct ctx *c, struct str text, struct str title, struct tmpl_list *out)
{
	const struct feed_source source = {.search = text};

	return links_make(c, &source, title, out);
}
