/*
 * The owner's list of posts: shelf by shelf, filtered, page by page behind a post; and what can be done
 * to one of them. How far a filter looks at once is bounded (store/post_shelf.h), and the page says so.
 */
#include "web/compose.h"

#include "base/enc.h"
#include "domain/site.h"
#include "store/post_shelf.h"

enum { PER_PAGE = 20, TITLE_MAX = 90, EXCERPT_MAX = 160, URL_MAX = 8192, TEXT_MAX = 200 };

static const struct {
	struct str word;
	struct str name;
} shelves[POST_SHELF__MAX] = {
	[POST_SHELF_ALL] = {S_INIT("all"), S_INIT(N_("All"))},
	[POST_SHELF_PUBLISHED] = {S_INIT("published"), S_INIT(N_("Published"))},
	[POST_SHELF_DRAFTS] = {S_INIT("draft"), S_INIT(N_("Drafts"))},
	[POST_SHELF_SCHEDULED] = {S_INIT("scheduled"), S_INIT(N_("Scheduled"))},
	[POST_SHELF_TRASH] = {S_INIT("trash"), S_INIT(N_("Trash"))},
};

static enum post_shelf
shelf_find(struct str word)
{
	for (size_t i = 0; i < POST_SHELF__MAX; i++)
		if (str_eq(shelves[i].word, word))
			return (enum post_shelf)i;
	return POST_SHELF_ALL;
}

/* ---- one post ---------------------------------------------------------------------------- */

/* The type's name for people; what the composer does not know is called as discovery calls it. */
static struct str
type_name(const struct ctx *c, struct str word)
{
	const struct compose_type_info *info = compose_type_info(compose_type_find(word));

	return str_eq(info->word, word) ? tr_text(c, info->name) : word;
}

/* What it is called in the list: its title, else how it begins, else what it is. */
static enum err
title_fill(struct ctx *c, const struct post_row *row, struct view_shelf_post *out)
{
	struct str text = row->text.n > 0 ? row->text : row->summary;
	struct post_parts *parts = NULL;
	enum err err;

	if (row->name.n > 0) {
		err = view_excerpt(c, text, EXCERPT_MAX, &out->excerpt);
		return err ? err : view_excerpt(c, row->name, TITLE_MAX, &out->title);
	}
	if (row->rich) {
		parts = ctx_alloc(c, sizeof(*parts));
		err = parts ? post_parts_read(c, row, parts) : ERR_MEMORY;
		if (err)
			return err;
	}
	if (text.n > 0 && (!row->rich || str_eq(row->type, S("note")) ||
				  str_eq(row->type, S("photo"))))
		return view_excerpt(c, text, TITLE_MAX, &out->title);
	err = post_label(c, row, parts, &out->title);
	return err ? err : view_excerpt(c, text, EXCERPT_MAX, &out->excerpt);
}

static enum err
date_new(struct ctx *c, int64_t seconds, int zone, const struct view_date **out)
{
	struct view_date *date = ctx_alloc(c, sizeof(*date));

	*out = date;
	return date ? view_date(c, seconds, zone, date) : ERR_MEMORY;
}

static enum err
state_fill(struct ctx *c, const struct post_row *row, struct view_shelf_post *out)
{
	int zone = row->published_zone;

	out->private = row->visibility == POST_PRIVATE;
	out->unlisted = row->visibility == POST_UNLISTED;
	out->draft = row->status == POST_DRAFT;
	out->waits = row->status != POST_PUBLISHED && row->deleted == 0;
	if (row->deleted)
		return date_new(c, row->deleted, zone, &out->deleted);
	if (row->status == POST_DRAFT)
		return OK;
	return date_new(c, row->published, zone,
		row->status == POST_SCHEDULED ? &out->scheduled : &out->published);
}

static enum err
tags_fill(struct ctx *c, const struct post_row *row, struct tmpl_list *out)
{
	struct view_tag *list = ctx_calloc(c, row->n_tags + 1, sizeof(*list));
	enum err err = list ? OK : ERR_MEMORY;

	for (size_t i = 0; !err && i < row->n_tags; i++) {
		list[i].name = row->tags[i];
		err = slug_path(c, "/admin/posts?tag=", row->tags[i], &list[i].url);
	}
	*out = (struct tmpl_list){list, row->n_tags};
	return err;
}

static enum err
post_fill(struct ctx *c, const struct post_row *row, struct str fresh, struct view_shelf_post *out)
{
	enum err err = title_fill(c, row, out);

	out->slug = row->slug;
	out->type = type_name(c, row->type);
	out->fresh = str_eq(row->slug, fresh);
	if (!err)
		err = site_permalink(c, row->slug, &out->url);
	if (!err)
		err = slug_path(c, "/admin/compose?post=", row->slug, &out->edit);
	if (!err)
		err = state_fill(c, row, out);
	return err ? err : tags_fill(c, row, &out->tags);
}

/* ---- the list ---------------------------------------------------------------------------- */

/* The list's path with what it was asked for; after: slug to go on behind, may be empty. */
static enum err
list_path(struct ctx *c, const struct post_shelf_query *q, enum post_shelf shelf, struct str after,
	struct str *out)
{
	const struct pair args[] = {{S("type"), q->type}, {S("tag"), q->tag}, {S("q"), q->text},
		{S("after"), after}};
	struct buf b;

	buf_init(&b, &c->arena, URL_MAX);
	buf_puts(&b, "/admin/posts?status=");
	buf_put(&b, shelves[shelf].word);
	for (size_t i = 0; i < sizeof(args) / sizeof(args[0]); i++) {
		if (args[i].value.n == 0)
			continue;
		buf_printf(&b, "&%.*s=", STR(args[i].name));
		enc_percent(&b, args[i].value, (struct str){0});
	}
	return buf_end(c, &b, out);
}

static enum err
query_read(struct ctx *c, const struct txn *t, struct post_shelf_query *out, struct str *fresh)
{
	struct str shelf;
	enum err err = req_query(c, &t->req, S("status"), &shelf);

	*out = (struct post_shelf_query){.limit = PER_PAGE};
	if (!err)
		err = req_query(c, &t->req, S("type"), &out->type);
	if (!err)
		err = req_query(c, &t->req, S("tag"), &out->tag);
	if (!err)
		err = req_query(c, &t->req, S("q"), &out->text);
	if (!err)
		err = req_query(c, &t->req, S("after"), &out->after);
	if (!err)
		err = req_query(c, &t->req, S("new"), fresh);
	out->shelf = shelf_find(shelf);
	out->text = enc_utf8_cut(str_trim(out->text), TEXT_MAX);
	out->tag = enc_utf8_cut(str_trim(out->tag), TEXT_MAX);
	out->type = enc_utf8_cut(out->type, TEXT_MAX);
	return err;
}

static enum err
shelves_fill(struct ctx *c, const struct post_shelf_query *q, struct tmpl_list *out)
{
	struct view_desk_page *list = ctx_calloc(c, POST_SHELF__MAX, sizeof(*list));
	enum err err = list ? OK : ERR_MEMORY;

	for (size_t i = 0; !err && i < POST_SHELF__MAX; i++) {
		list[i].name = tr_text(c, shelves[i].name);
		list[i].current = q->shelf == i;
		err = list_path(c, q, (enum post_shelf)i, (struct str){0}, &list[i].url);
	}
	*out = (struct tmpl_list){list, POST_SHELF__MAX};
	return err;
}

static enum err
types_fill(struct ctx *c, struct str chosen, struct tmpl_list *out)
{
	struct view_option *list = ctx_calloc(c, COMPOSE_TYPE__MAX + 1, sizeof(*list));

	if (!list)
		return ERR_MEMORY;
	list[0] = (struct view_option){S(""), tr_str(c, "Any type"), chosen.n == 0};
	for (size_t i = 0; i < COMPOSE_TYPE__MAX; i++) {
		const struct compose_type_info *info = compose_type_info((enum compose_type)i);

		list[i + 1] = (struct view_option){
			info->word, tr_text(c, info->name), str_eq(info->word, chosen)};
	}
	*out = (struct tmpl_list){list, COMPOSE_TYPE__MAX + 1};
	return OK;
}

static enum err
posts_fill(struct ctx *c, const struct post_shelf_list *list, struct str fresh,
	struct tmpl_list *out)
{
	struct view_shelf_post *posts = ctx_calloc(c, list->n + 1, sizeof(*posts));
	enum err err = posts ? OK : ERR_MEMORY;

	for (size_t i = 0; !err && i < list->n; i++)
		err = post_fill(c, &list->rows[i], fresh, &posts[i]);
	*out = (struct tmpl_list){posts, list->n};
	return err;
}

static enum err
pages_fill(struct ctx *c, const struct post_shelf_query *q, const struct post_shelf_list *list,
	struct view_page *out)
{
	enum err err = OK;

	if (q->after.n > 0)
		err = list_path(c, q, q->shelf, (struct str){0}, &out->newest);
	if (!err && list->more)
		err = list_path(c, q, q->shelf, list->last, &out->older);
	return err;
}

static enum err
list_read(struct ctx *c, struct txn *t, const struct post_shelf_query *q,
	struct post_shelf_list *out)
{
	struct db *db;
	enum err err = txn_db(c, t, &db);

	if (!err)
		err = post_shelf_list(c, db, q, out);
	txn_db_release(c, t);
	return err;
}

static enum err
list_send(struct ctx *c, struct txn *t)
{
	struct view_page page = {.title = tr_str(c, "Posts"), .hidden = true};
	struct post_shelf_query q;
	struct post_shelf_list list;
	struct view_desk desk;
	struct str fresh;
	struct view_posts data = {.site = t->site, .page = &page, .desk = &desk,
		.compose = S("/admin/compose"), .looked_at = POST_SHELF_LOOKED_AT};
	enum err err = query_read(c, t, &q, &fresh);

	if (!err)
		err = list_read(c, t, &q, &list);
	if (!err)
		err = posts_fill(c, &list, fresh, &data.posts);
	if (!err)
		err = shelves_fill(c, &q, &data.shelves);
	if (!err)
		err = types_fill(c, q.type, &data.types);
	if (!err)
		err = pages_fill(c, &q, &list, &page);
	if (!err)
		err = slug_path(c, "/admin/posts?status=", shelves[q.shelf].word, &data.clear);
	if (!err)
		err = desk_fill(c, t, DESK_POSTS, STATIC_COMPOSE_SCRIPT, &desk);
	if (err)
		return err;
	data.shelf = shelves[q.shelf].word;
	data.trash = q.shelf == POST_SHELF_TRASH;
	data.text = q.text;
	data.tag = q.tag;
	data.filtered = q.text.n + q.tag.n + q.type.n > 0;
	data.empty = list.n == 0;
	data.cut = list.cut;
	return desk_send(c, t, VIEW_POSTS, &data);
}

/* ---- what is done to a post -------------------------------------------------------------- */

/* The request and the notice of a form's word. ERR_BAD_FORM for any other. */
static enum err
action_make(struct ctx *c, struct str word, struct str slug, struct micropub_request *out,
	const char **notice)
{
	*out = (struct micropub_request){.action = MICROPUB_DELETE};
	*notice = "post-deleted";
	if (str_eq(word, S("publish"))) {
		*notice = "post-published";
		return compose_now(c, slug, out);
	}
	if (str_eq(word, S("restore"))) {
		*notice = "post-restored";
		out->action = MICROPUB_UNDELETE;
	} else if (!str_eq(word, S("delete"))) {
		return err_raise(c, ERR_BAD_FORM, "do '%.*s'", STR(word));
	}
	return site_permalink(c, slug, &out->url);
}

static enum err
act(struct ctx *c, struct txn *t)
{
	struct micropub_request *request = ctx_alloc(c, sizeof(*request));
	struct post_result result;
	struct pair *fields;
	const char *notice;
	struct str path;
	struct db *db;
	size_t n;
	enum err err = request ? txn_form(c, t, &fields, &n) : ERR_MEMORY;

	if (!err)
		err = action_make(c, txn_field(fields, n, S("do")), txn_field(fields, n, S("post")),
			request, &notice);
	if (!err)
		err = txn_db(c, t, &db);
	if (!err)
		err = micropub_run(c, db, &t->grant, request, &result);
	if (!err)
		err = slug_path(c, "/admin/posts?status=",
			shelves[shelf_find(txn_field(fields, n, S("shelf")))].word, &path);
	return err ? err : desk_done(c, t, path, notice);
}

enum err
web_posts(struct ctx *c, struct txn *t)
{
	return t->req.method == METHOD_POST ? act(c, t) : list_send(c, t);
}
