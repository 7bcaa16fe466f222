/*
 * Tags: the posts of one, and all of them with their counts.
 */
#include "domain/site.h"
#include "store/tag_list.h"
#include "web/lists.h"
#include "web/priv.h"

enum { TAGS_MAX = 500 };	/* on a page */

/* Another spelling of a tag: to the one that was seen first, with the query kept. */
static enum err
tag_moved(struct ctx *c, struct txn *t, struct str name)
{
	struct str url;
	enum err err = site_tag_url(c, name, &url);

	if (!err && t->req.query.n > 0)
		err = ctx_printf(c, &url, "%.*s?%.*s", STR(url), STR(t->req.query));
	if (!err)
		txn_redirect(t, 301, url);
	return err;
}

enum err
web_tag(struct ctx *c, struct txn *t)
{
	struct str name, heading;
	uint64_t count = 0;
	struct list l;
	struct db *db;
	enum err err = txn_db(c, t, &db);

	if (!err)
		err = post_row_tag_count(c, db, t->req.args[0], &name, &count);
	if (!err && count == 0)
		err = err_raise(c, ERR_NOT_FOUND, "no posts of tag '%.*s'", STR(t->req.args[0]));
	if (err)
		return err;
	if (!str_eq(name, t->req.args[0]))
		return tag_moved(c, t, name);
	err = ctx_printf(c, &heading, tr(c, "Tagged “%.*s”"), STR(name));
	if (err)
		return err;
	list_init(&l, (struct post_scope){.kind = POSTS_TAG, .name = name}, heading);
	err = list_open(c, t, &l, &db);
	return err ? err : list_finish(c, t, &l);
}

/* ---- all tags --------------------------------------------------------------------------------- */

/* The page of all tags in an order, behind one of them if after is not empty. */
static enum err
tags_url(struct ctx *c, bool by_use, struct str after, struct str *out)
{
	enum err err = site_url(c, S("/tags"), out);

	if (!err && by_use)
		err = site_url_query(c, *out, S("by"), S("use"), out);
	if (!err && after.n > 0)
		err = site_url_query(c, *out, S("after"), after, out);
	return err;
}

static enum err
tags_fill(struct ctx *c, const struct tag_listed *tags, size_t n, struct tmpl_list *out)
{
	struct view_count *list = ctx_calloc(c, n, sizeof(*list));
	enum err err = list || n == 0 ? OK : ERR_MEMORY;

	for (size_t i = 0; !err && i < n; i++) {
		list[i].name = tags[i].name;
		list[i].posts = (int64_t)tags[i].posts;
		err = site_tag_url(c, tags[i].name, &list[i].url);
	}
	*out = (struct tmpl_list){list, n};
	return err;
}

/* One more than the page shows says that there are more. */
static enum err
tags_read(struct ctx *c, struct txn *t, enum tag_order order, struct str after,
	struct tag_listed *out, size_t *n)
{
	struct db *db;
	enum err err = txn_db(c, t, &db);

	if (!err)
		err = tag_list(c, db, order, after, TAGS_MAX + 1, out, n);
	txn_db_release(c, t);
	if (!err && after.n > 0 && *n == 0)
		err = err_raise(c, ERR_NOT_FOUND, "no tag behind '%.*s'", STR(after));
	return err;
}

static enum err
tags_query(struct ctx *c, struct txn *t, bool *by_use, struct str *after)
{
	struct str by;
	enum err err = req_query(c, &t->req, S("by"), &by);

	if (!err)
		err = req_query(c, &t->req, S("after"), after);
	*by_use = str_eq(by, S("use"));
	if (!err && !*by_use && by.n > 0 && !str_eq(by, S("name")))
		err = err_raise(c, ERR_BAD_REQUEST, "by=%.*s", STR(by));
	return err;
}

enum err
web_all_tags(struct ctx *c, struct txn *t)
{
	struct tag_listed *tags = ctx_calloc(c, TAGS_MAX + 1, sizeof(*tags));
	struct view_page page = {.title = tr_str(c, "Tags")};
	struct view_tags data = {.site = t->site, .page = &page, .heading = page.title};
	struct str after;
	size_t n = 0, shown;
	bool by_use;
	enum err err = tags ? tags_query(c, t, &by_use, &after) : ERR_MEMORY;

	if (!err)
		err = tags_read(c, t, by_use ? TAG_BY_USE : TAG_BY_NAME, after, tags, &n);
	if (err)
		return err;
	shown = n > TAGS_MAX ? TAGS_MAX : n;
	data.by_use = by_use;
	data.empty = n == 0;
	err = tags_url(c, by_use, after, &page.canonical);
	if (!err)
		err = tags_url(c, !by_use, S(""), &data.other);
	if (!err && after.n > 0)
		err = tags_url(c, by_use, S(""), &data.first);
	if (!err && n > TAGS_MAX)
		err = tags_url(c, by_use, tags[TAGS_MAX - 1].name, &data.next);
	data.paged = data.first.n + data.next.n > 0;
	if (!err)
		err = tags_fill(c, tags, shown, &data.tags);
	return err ? err : view_send(c, t, VIEW_TAGS, &data);
}
