/*
 * What all pages of lists have in common, and those that need no more than that: one type, one channel.
 */
#include "web/lists.h"

#include "base/time.h"
#include "domain/post_kind.h"
#include "domain/site.h"
#include "web/archive.h"
#include "web/feeds.h"
#include "web/priv.h"

void
list_init(struct list *l, struct post_scope scope, struct str name)
{
	*l = (struct list){.scope = scope, .page = {.title = name}, .data = {.heading = name}};
	l->data.page = &l->page;
}

size_t
list_length(const struct ctx *c)
{
	return (size_t)c->cfg->posts_per_page;
}

/* ---- reading --------------------------------------------------------------------------------- */

enum err
list_query(struct ctx *c, struct txn *t, struct list *l)
{
	enum err err = req_query(c, &t->req, S("before"), &l->before);

	if (!err)
		err = req_query(c, &t->req, S("after"), &l->after);
	if (!err && l->before.n > 0 && l->after.n > 0)
		err = err_raise(c, ERR_BAD_REQUEST, "before and after at once");
	return err ? err : site_list_url(c, &l->scope, &l->url);
}

/* Where nothing newer is left, the way back ends at the list's beginning. */
static enum err
read_newer(struct ctx *c, struct txn *t, struct db *db, struct list *l)
{
	struct post_list rest;
	enum err err = post_list_newer(c, db, &l->scope, l->after, list_length(c), &l->posts);

	if (err)
		return err;
	if (!l->posts.more) {
		l->moved = true;
		txn_redirect(t, 302, l->url);
		return OK;
	}
	err = post_list_read(c, db, &l->scope, l->posts.rows[l->posts.n - 1].slug, 1, &rest);
	l->older = rest.n > 0;
	return err;
}

static enum err
read_older(struct ctx *c, struct db *db, struct list *l)
{
	enum err err = post_list_read(c, db, &l->scope, l->before, list_length(c), &l->posts);

	l->older = l->posts.more;
	if (!err && l->before.n > 0 && l->posts.n == 0)
		err = err_raise(c, ERR_NOT_FOUND, "nothing behind '%.*s'", STR(l->before));
	return err;
}

enum err
list_open(struct ctx *c, struct txn *t, struct list *l, struct db **db)
{
	enum err err = list_query(c, t, l);

	if (!err)
		err = txn_db(c, t, db);
	if (!err)
		err = l->after.n > 0 ? read_newer(c, t, *db, l) : read_older(c, *db, l);
	if (err || l->moved)
		return err;
	return shown_read(c, *db, l->posts.rows, l->posts.n, &l->shown);
}

/* ---- answering ------------------------------------------------------------------------------- */

/* The list's own feeds, for the head of its pages; a period has none. */
static enum err
put_feeds(struct ctx *c, struct txn *t, struct list *l)
{
	struct str title;
	enum err err;

	if (l->scope.kind == POSTS_PERIOD)
		return OK;
	err = ctx_printf(c, &title, "%.*s · %.*s", STR(l->data.heading), STR(t->site->name));
	return err ? err : feeds_of(c, &l->scope, title, &l->page.feeds);
}

/* Windows, tabs and results of a search are told apart by their titles: "Notes, up to 1 March 2026". */
static enum err
put_title(struct ctx *c, struct list *l)
{
	struct post_period day;
	struct str text;
	enum err err;

	archive_period_of(l->posts.rows[0].published, POST_DAYS, &day);
	err = period_name(c, &day, &text);
	if (err)
		return err;
	return ctx_printf(c, &l->page.title, tr(c, "%.*s, up to %.*s"), STR(l->page.title), STR(text));
}

/* A page has one URL, however it was come to. */
static enum err
put_links(struct ctx *c, struct list *l)
{
	const struct post_list *posts = &l->posts;
	struct str here = l->after.n > 0 ? posts->next : l->before;
	enum err err = OK;

	l->data.url = l->url;
	if (here.n > 0) {
		l->page.newest = l->url;
		err = site_url_query(c, l->url, S("before"), here, &l->data.url);
		if (!err)
			err = site_url_query(
				c, l->url, S("after"), posts->rows[0].slug, &l->page.newer);
		if (!err)
			err = put_title(c, l);
	}
	if (!err && l->older)
		err = site_url_query(c, l->url, S("before"), posts->rows[posts->n - 1].slug,
			&l->page.older);
	l->page.canonical = l->data.url;
	return err;
}

enum err
list_finish(struct ctx *c, struct txn *t, struct list *l)
{
	enum err err = OK;

	txn_db_release(c, t);
	if (l->moved)
		return OK;
	err = put_links(c, l);
	if (!err)
		err = put_feeds(c, t, l);
	return err ? err : list_send(c, t, l);
}

/* Names the year of each post that is of another one than the post before it. */
static enum err
divide(struct ctx *c, const struct post_list *posts, struct view_entry *entries)
{
	int last = 0;
	enum err err = OK;

	for (size_t i = 0; !err && i < posts->n; i++) {
		int64_t at = posts->rows[i].published;
		struct time_parts p;

		time_split(at, time_zone_offset(at), &p);
		if (p.year != last)
			err = ctx_printf(c, &entries[i].divider, "%d", p.year);
		last = p.year;
	}
	return err;
}

enum err
list_send(struct ctx *c, struct txn *t, struct list *l)
{
	size_t n = l->posts.n;
	struct view_entry *entries = NULL;
	enum err err = OK;

	if (n > 0) {
		entries = ctx_calloc(c, n, sizeof(*entries));
		if (!entries)
			return ERR_MEMORY;
	}
	for (size_t i = 0; !err && i < n; i++)
		err = view_entry(c, t->web, &l->shown[i], false, &entries[i]);
	if (!err && l->divided)
		err = divide(c, &l->posts, entries);
	if (err)
		return err;
	l->data.paged = l->page.newest.n + l->page.newer.n + l->page.older.n > 0;
	l->data.site = t->site;
	l->data.entries = (struct tmpl_list){entries, n};
	l->data.empty = n == 0;
	return view_send(c, t, VIEW_LIST, &l->data);
}

/* ---- types and channels ---------------------------------------------------------------------- */

static enum err
list_answer(struct ctx *c, struct txn *t, struct list *l)
{
	struct db *db;
	enum err err = list_open(c, t, l, &db);

	return err ? err : list_finish(c, t, l);
}

enum err
web_type(struct ctx *c, struct txn *t)
{
	const struct post_kind *kind = post_kind_of_path(t->req.args[0]);
	struct list l;

	if (!kind)
		return err_raise(c, ERR_NOT_FOUND, "no type is at '%.*s'", STR(t->req.args[0]));
	list_init(&l, (struct post_scope){.kind = POSTS_TYPE, .name = kind->type}, tr_str(c, kind->plural.p));
	return list_answer(c, t, &l);
}

enum err
web_channel(struct ctx *c, struct txn *t)
{
	struct str uid = t->req.args[0], name = config_name_find(c->cfg->channels, uid);
	struct list l;

	if (!name.p)
		return err_raise(c, ERR_NOT_FOUND, "channel '%.*s'", STR(uid));
	list_init(&l, (struct post_scope){.kind = POSTS_CHANNEL, .name = uid}, name);
	return list_answer(c, t, &l);
}
