/*
 * From a feed's address to the list it is of.
 */
#include "web/feed_source.h"

#include "domain/post_kind.h"
#include "domain/site.h"
#include "web/priv.h"

/* The tag as it was first written. ERR_NOT_FOUND if no listed post has it. */
static enum err
tag_find(struct ctx *c, struct str asked, struct db *db, struct feed_source *out)
{
	uint64_t count = 1;
	enum err err = OK;

	out->scope = (struct post_scope){.kind = POSTS_TAG, .name = asked};
	if (db)
		err = post_row_tag_count(c, db, asked, &out->scope.name, &count);
	if (!err && count == 0)
		return err_raise(c, ERR_NOT_FOUND, "no posts of tag '%.*s'", STR(asked));
	out->respelled = !str_eq(asked, out->scope.name);
	return err ? err : ctx_printf(
		c, &out->heading, tr(c, "Tagged “%.*s”"), STR(out->scope.name));
}

static enum err
channel_find(struct ctx *c, struct str uid, struct feed_source *out)
{
	out->scope = (struct post_scope){.kind = POSTS_CHANNEL, .name = uid};
	out->heading = config_name_find(c->cfg->channels, uid);
	if (!out->heading.p)
		return err_raise(c, ERR_NOT_FOUND, "no channel '%.*s'", STR(uid));
	return OK;
}

static enum err
type_find(struct ctx *c, struct str path, struct feed_source *out)
{
	const struct post_kind *kind = post_kind_of_path(path);

	if (!kind)
		return err_raise(c, ERR_NOT_FOUND, "no type at '%.*s'", STR(path));
	out->scope = (struct post_scope){.kind = POSTS_TYPE, .name = kind->type};
	out->heading = tr_str(c, kind->plural.p);
	return OK;
}

enum err
feed_source_find(struct ctx *c, const struct txn *t, struct db *db, struct feed_source *out)
{
	struct str arg = t->req.args[0], page;
	enum err err = req_query(c, &t->req, S("before"), &out->before);

	out->scope = posts_all;
	out->heading = (struct str){0};
	out->respelled = false;
	if (!err)
		err = req_query(c, &t->req, S("page"), &page);
	/* Whoever counts pages would be given the first one for ever. */
	if (!err && page.p)
		return err_raise(c, ERR_NOT_FOUND, "feeds have no page '%.*s'", STR(page));
	if (err)
		return err;
	switch (t->row->route) {
	case ROUTE_FEED_TAG:
	case ROUTE_FEED_TAG_CHOICE:
		return tag_find(c, arg, db, out);
	case ROUTE_FEED_TYPE:
	case ROUTE_FEED_TYPE_CHOICE:
		return type_find(c, arg, out);
	case ROUTE_FEED_CHANNEL:
	case ROUTE_FEED_CHANNEL_CHOICE:
		return channel_find(c, arg, out);
	default:
		return OK;
	}
}

enum err
feed_source_page(struct ctx *c, const struct feed_source *source, struct str *out)
{
	return site_list_url(c, &source->scope, out);
}

enum err
feed_source_feed(struct ctx *c, const struct feed_source *source, enum feed_format format,
	struct str *out)
{
	return site_feed_url(c, &source->scope, feed_kinds[format].extension, out);
}

enum err
feed_source_read(struct ctx *c, struct db *db, const struct feed_source *source,
	struct post_list *out)
{
	enum err err = post_list_read(c, db, &source->scope, source->before, FEED_POSTS, out);

	if (!err && out->n == 0 && source->before.n > 0)
		return err_raise(c, ERR_NOT_FOUND, "nothing behind '%.*s'", STR(source->before));
	return err;
}

enum err
feed_source_place(struct ctx *c, struct db *db, const struct feed_source *source,
	const struct post_list *posts, size_t n, struct feed_place *out)
{
	struct post_list newer;
	enum err err;

	*out = (struct feed_place){.before = source->before};
	if (n < posts->n || posts->more)
		out->next = posts->rows[n - 1].slug;
	if (source->before.n == 0)
		return OK;
	err = post_list_newer(c, db, &source->scope, posts->rows[0].slug, FEED_POSTS, &newer);
	out->has_previous = true;
	out->previous = newer.more ? newer.next : (struct str){0};
	return err;
}
