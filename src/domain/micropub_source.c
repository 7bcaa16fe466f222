/*
 * q=source (Micropub section 3.7.2): the properties of one post, or a list of the author's posts in
 * any state but deleted. Lists page by the slug of the last post looked at. Filters are looked at
 * row by row; a list ends early, with a cursor to go on from, when it has looked at so many posts
 * or read so many bytes.
 */
#include "base/time.h"
#include "domain/priv.h"
#include "domain/site.h"
#include "store/post_walk.h"

enum {
	ASKED_MAX = 100, /* properties asked for, or filtered by */
	LIMIT_STANDARD = 20,
	LIMIT_MAX = 100,
	OFFSET_MAX = 1000,
	LOOKED_AT_MAX = 2000,      /* posts, for one answer with filters */
	READ_MAX = 2 * 1024 * 1024 /* bytes of properties, for one answer */
};

/* ---- properties as they are shown ------------------------------------------------------------ */

static enum err
set_time(struct ctx *c, struct json *properties, struct str name, int64_t seconds, int zone)
{
	struct str written;
	struct buf b;
	enum err err;

	buf_init(&b, &c->arena, 64);
	time_rfc3339(&b, seconds, zone);
	err = buf_end(c, &b, &written);
	return err == OK ? query_set_one(c, properties, name, written) : err;
}

/* url is how a post is spoken of: the permalink comes first, whatever else was sent as one. */
static enum err
url_lead(struct ctx *c, struct str slug, struct json *properties)
{
	const struct json *urls = json_find(properties, S("url"));
	struct json *led;
	struct str permalink;
	enum err err = site_permalink(c, slug, &permalink);

	if (err != OK || str_eq(json_str(json_at(urls, 0)), permalink))
		return err;
	err = json_array(c, &led);
	if (err == OK)
		err = json_push_str(c, led, permalink);
	for (size_t i = 0; err == OK && i < json_len(urls); i++)
		if (!str_eq(json_str(json_at(urls, i)), permalink))
			err = json_push(c, led, json_at(urls, i));
	return err == OK ? json_set(c, properties, S("url"), led) : err;
}

/*
 * What the post has besides what was sent: where it is, when it was published and edited, and its
 * state, which a token's scope or a date may have decided otherwise than the request asked. What
 * clients send as updated holds until the first edit.
 */
static enum err
properties_complete(struct ctx *c, const struct post_row *post, struct json *properties)
{
	static const struct str visibilities[] = {[POST_PUBLIC] = S_INIT("public"),
		[POST_UNLISTED] = S_INIT("unlisted"),
		[POST_PRIVATE] = S_INIT("private")};
	struct str status = post->status == POST_DRAFT ? S("draft") : S("published");
	enum err err = OK;

	if (!json_find(properties, S("published")))
		err = set_time(
			c, properties, S("published"), post->published, post->published_zone);
	if (err == OK && post->updated > 0)
		err = set_time(c, properties, S("updated"), post->updated,
			time_zone_offset(post->updated));
	if (err == OK)
		err = query_set_one(c, properties, S("post-status"), status);
	if (err == OK)
		err = query_set_one(c, properties, S("visibility"), visibilities[post->visibility]);
	return err == OK ? url_lead(c, post->slug, properties) : err;
}

/* The stored type and the properties of a post, complete. */
static enum err
post_read(struct ctx *c, const struct post_row *post, const struct json **type,
	struct json **properties)
{
	const struct json *mf2;
	enum err err = json_parse(c, post->mf2, &mf2);

	if (err != OK)
		return err;
	*type = json_find(mf2, S("type"));
	err = post_object_copy(c, json_find(mf2, S("properties")), properties);
	return err == OK ? properties_complete(c, post, *properties) : err;
}

/* ---- one post -------------------------------------------------------------------------------- */

/* The properties asked for by properties=a or properties[]=a. *asked: any at all. */
static enum err
properties_select(struct ctx *c, struct query_args args, const struct json *all, struct json **out,
	bool *asked)
{
	size_t n = 0;
	enum err err = json_object(c, out);

	*asked = false;
	for (size_t i = 0; err == OK && i < args.n; i++) {
		const struct json *values;

		if (!query_arg_is(&args.p[i], S("properties")) || args.p[i].value.n == 0)
			continue;
		if (++n > ASKED_MAX)
			return err_raise_hint(c, ERR_MICROPUB_QUERY, "too many properties");
		*asked = true;
		values = json_find(all, args.p[i].value);
		if (values)
			err = json_set(c, *out, args.p[i].value, values);
	}
	return err;
}

static enum err
source_one(struct ctx *c, struct db *db, struct query_args args, struct json *out,
	struct micropub_answer *answer)
{
	struct json *properties, *selected;
	const struct json *type;
	struct post_row post;
	bool asked;
	enum err err = post_find_url(c, db, query_arg(args, S("url")), &post);

	if (err == OK && post.deleted != 0)
		return err_raise(c, ERR_MICROPUB_URL, "post '%.*s' is deleted", STR(post.slug));
	if (err == OK)
		err = post_read(c, &post, &type, &properties);
	if (err == OK)
		err = properties_select(c, args, properties, &selected, &asked);
	if (err == OK)
		err = post_version(c, &post, &answer->version);
	if (err != OK)
		return err;
	answer->modified = post_changed(c, &post);
	if (asked)
		return json_set(c, out, S("properties"), selected);
	err = json_set(c, out, S("type"), type);
	return err == OK ? json_set(c, out, S("properties"), properties) : err;
}

/* ---- what a list is asked for ---------------------------------------------------------------- */

struct list {
	unsigned long long limit, offset;
	struct str cursor;                          /* a slug; empty: none */
	bool newer;                                 /* posts before the cursor, not behind it */
	struct str type, status, category, channel; /* empty: any */
	struct query_args args;                     /* for exists and not-exists */
	bool reads;                                 /* those are among them */
	/* while it is made: */
	struct json **items;
	size_t n;
	size_t bytes;           /* read so far */
	struct str first, last; /* slugs of the first item and of the last post looked at */
};

static enum err
numbers_parse(struct ctx *c, struct query_args args, struct list *list)
{
	struct query_range range = {.limit = LIMIT_STANDARD};
	enum err err = query_range_parse(c, args, &range);

	if (err != OK)
		return err;
	list->limit = range.limit < LIMIT_MAX ? range.limit : LIMIT_MAX;
	list->offset = range.offset;
	if (list->offset > OFFSET_MAX)
		return err_raise_hint(c, ERR_MICROPUB_QUERY,
			"offset is at most %d; go on by paging.after", OFFSET_MAX);
	return OK;
}

static enum err
list_parse(struct ctx *c, struct query_args args, struct list *list)
{
	struct str after = query_arg(args, S("after")), before = query_arg(args, S("before"));
	size_t asked = 0;

	*list = (struct list){.cursor = before.n > 0 ? before : after,
		.newer = before.n > 0,
		.type = query_arg(args, S("post-type")),
		.status = query_arg(args, S("post-status")),
		.category = query_arg(args, S("category")),
		.channel = query_arg(args, S("mp-channel")),
		.args = args};
	if (after.n > 0 && before.n > 0)
		return err_raise_hint(c, ERR_MICROPUB_QUERY, "either after or before");
	if (list->status.n > 0 && !str_eq(list->status, S("draft")) &&
		!str_eq(list->status, S("published")))
		return err_raise_hint(
			c, ERR_MICROPUB_QUERY, "post-status is either published or draft");
	for (size_t i = 0; i < args.n; i++)
		asked += query_arg_is(&args.p[i], S("exists")) ||
			 query_arg_is(&args.p[i], S("not-exists"));
	if (asked > ASKED_MAX)
		return err_raise_hint(c, ERR_MICROPUB_QUERY, "too many properties");
	list->reads = asked > 0;
	return numbers_parse(c, args, list);
}

/* ---- filters --------------------------------------------------------------------------------- */

static bool
tagged(const struct post_outline *post, struct str tag)
{
	for (size_t i = 0; i < post->n_tags; i++)
		if (str_eqi(post->tags[i], tag))
			return true;
	return false;
}

static bool
outline_fits(const struct list *list, const struct post_outline *post)
{
	bool draft = post->status == POST_DRAFT;

	if (list->type.n > 0 && !str_eq(list->type, post->type))
		return false;
	if (list->status.n > 0 && str_eq(list->status, S("draft")) != draft)
		return false;
	if (list->channel.n > 0 && !str_eq(list->channel, post->channel))
		return false;
	return list->category.n == 0 || tagged(post, list->category);
}

static bool
properties_fit(const struct list *list, const struct json *properties)
{
	for (size_t i = 0; i < list->args.n; i++) {
		const struct pair *arg = &list->args.p[i];
		bool there = json_find(properties, arg->value);

		if (query_arg_is(arg, S("exists")) && !there)
			return false;
		if (query_arg_is(arg, S("not-exists")) && there)
			return false;
	}
	return true;
}

/* ---- a list ---------------------------------------------------------------------------------- */

/* A post that fits so far: reads it, and makes it an item unless it does not fit after all. */
static enum err
item_add(struct ctx *c, struct db *db, const struct post_outline *outline, struct list *list)
{
	const struct ctx_defer *mark = c->defers;
	struct json *properties, *item;
	const struct json *type;
	struct post_row post;
	bool fits;
	enum err err = post_row_find_id(c, db, outline->id, &post);

	if (err == OK)
		err = post_read(c, &post, &type, &properties);
	if (err != OK)
		return err;
	list->bytes += post.mf2.n;
	fits = properties_fit(list, properties);
	if (!fits || list->offset > 0) {
		list->offset -= fits ? 1 : 0;
		/* The trees of posts that are passed over are not to pile up. */
		ctx_run_defers_since(c, mark);
		return OK;
	}
	err = json_object(c, &item);
	if (err == OK)
		err = json_set(c, item, S("type"), type);
	if (err == OK)
		err = json_set(c, item, S("properties"), properties);
	if (err != OK)
		return err;
	if (list->n == 0)
		list->first = post.slug;
	list->items[list->n++] = item;
	return OK;
}

/* Looks at posts until there are enough items. *more: there are posts that were not looked at. */
static enum err
items_find(struct ctx *c, struct db *db, const struct post_outlines *posts, struct list *list,
	bool *more)
{
	enum err err = OK;
	size_t i = 0;

	for (; err == OK && i < posts->n; i++) {
		const struct post_outline *post = &posts->rows[i];

		if (list->n == list->limit || list->bytes > READ_MAX)
			break;
		list->last = post->slug;
		if (!outline_fits(list, post))
			continue;
		if (!list->reads && list->offset > 0)
			list->offset--;
		else
			err = item_add(c, db, post, list);
	}
	*more = posts->more || i < posts->n;
	return err;
}

/* Cursors to go on and back. On is there if posts are left, back if the list did not begin here. */
static enum err
put_paging(struct ctx *c, const struct list *list, bool begun, bool more, struct json *out)
{
	struct str on = list->newer ? S("before") : S("after");
	struct str back = list->newer ? S("after") : S("before");
	struct json *paging;
	enum err err = json_object(c, &paging);

	if (err == OK && more && list->last.n > 0)
		err = json_set_str(c, paging, on, list->last);
	if (err == OK && begun && list->first.n > 0)
		err = json_set_str(c, paging, back, list->first);
	return err == OK ? json_set(c, out, S("paging"), paging) : err;
}

/* Newest first, whichever way they were found. */
static enum err
put_items(struct ctx *c, const struct list *list, struct json *out)
{
	struct json *items;
	enum err err = json_array(c, &items);

	for (size_t i = 0; err == OK && i < list->n; i++)
		err = json_push(c, items, list->items[list->newer ? list->n - 1 - i : i]);
	return err == OK ? json_set(c, out, S("items"), items) : err;
}

/* Within a read transaction. A cursor may be the former slug of a post that was renamed since. */
static enum err
list_read(struct ctx *c, struct db *db, struct list *list, bool *more)
{
	bool filtered = list->reads || list->type.n > 0 || list->status.n > 0 ||
			list->category.n > 0 || list->channel.n > 0;
	size_t limit = filtered ? LOOKED_AT_MAX : (size_t)(list->offset + list->limit);
	struct post_outlines posts;
	struct post_row at = {0};
	enum err err = OK;

	if (list->cursor.n > 0)
		err = post_find_slug(c, db, list->cursor, &at);
	if (err == ERR_NOT_FOUND) {
		err_clear(c);
		return err_raise_hint(
			c, ERR_MICROPUB_QUERY, "after or before is no cursor of ours");
	}
	if (err == OK)
		err = post_walk(c, db, at.slug, list->newer, limit, &posts);
	return err == OK ? items_find(c, db, &posts, list, more) : err;
}

static enum err
source_list(struct ctx *c, struct db *db, struct query_args args, struct json *out)
{
	bool begun, more = false;
	struct list list;
	enum err err = list_parse(c, args, &list);

	if (err != OK)
		return err;
	begun = list.cursor.n > 0 || list.offset > 0;
	list.items = ctx_calloc(c, (size_t)list.limit, sizeof(struct json *));
	if (!list.items)
		return ERR_MEMORY;
	err = db_read_begin(c, db);
	if (err != OK)
		return err;
	err = list_read(c, db, &list, &more);
	db_read_end(c, db);
	if (err == OK)
		err = put_items(c, &list, out);
	return err == OK ? put_paging(c, &list, begun, more, out) : err;
}

enum err
micropub_source(struct ctx *c, struct db *db, struct query_args args, struct json *out,
	struct micropub_answer *answer)
{
	if (query_arg(args, S("url")).n > 0)
		return source_one(c, db, args, out, answer);
	return source_list(c, db, args, out);
}
