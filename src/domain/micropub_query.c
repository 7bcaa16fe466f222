/*
 * Queries (Micropub checklist section 7). One table names them, dispatches them and is what
 * q=config says about them, so that no query is announced that is not answered.
 */
#include "base/enc.h"
#include "base/time.h"
#include "domain/priv.h"
#include "domain/site.h"

enum { CATEGORY_POSTS = 100, PROPERTIES_ASKED_MAX = 100 };

struct query_args {
	const struct pair *p;
	size_t n;
};

/* The first argument of that name; empty if there is none. */
static struct str
arg(struct query_args args, struct str name)
{
	for (size_t i = 0; i < args.n; i++)
		if (str_eq(args.p[i].name, name))
			return args.p[i].value;
	return (struct str){0};
}

/* The same texts as a JSON array. */
static enum err
texts(struct ctx *c, const struct str *list, size_t n, struct json **out)
{
	enum err err = json_array(c, out);

	for (size_t i = 0; err == OK && i < n; i++)
		err = json_push_str(c, *out, list[i]);
	return err;
}

static enum err
set_texts(struct ctx *c, struct json *object, struct str name, const struct str *list, size_t n)
{
	struct json *array;
	enum err err = texts(c, list, n, &array);

	return err == OK ? json_set(c, object, name, array) : err;
}

/* ---- what this site can do ------------------------------------------------------------------- */

static enum err
put_syndicate_to(struct ctx *c, struct json *out)
{
	return set_texts(c, out, S("syndicate-to"), NULL, 0);
}

static enum err
put_post_type(struct ctx *c, struct json *list, struct str type, struct str name,
	const struct str *properties, size_t n, size_t n_required)
{
	struct json *row;
	enum err err = json_object(c, &row);

	if (err == OK)
		err = json_set_str(c, row, S("type"), type);
	if (err == OK)
		err = json_set_str(c, row, S("name"), name);
	if (err == OK)
		err = json_set_str(c, row, S("h"), S("entry"));
	if (err == OK)
		err = set_texts(c, row, S("properties"), properties, n);
	if (err == OK)
		err = set_texts(c, row, S("required-properties"), properties, n_required);
	return err == OK ? json_push(c, list, row) : err;
}

static enum err
put_post_types(struct ctx *c, struct json *out)
{
	/* A note has all of them but the name. */
	static const struct str article[] = {S_INIT("name"), S_INIT("content"), S_INIT("summary"),
		S_INIT("category"), S_INIT("published"), S_INIT("post-status"),
		S_INIT("visibility")};
	enum { ARTICLE = sizeof(article) / sizeof(article[0]) };
	struct json *list;
	enum err err = json_array(c, &list);

	if (err == OK)
		err = put_post_type(c, list, S("note"), S("Note"), article + 1, ARTICLE - 1, 1);
	if (err == OK)
		err = put_post_type(c, list, S("article"), S("Article"), article, ARTICLE, 2);
	return err == OK ? json_set(c, out, S("post-types"), list) : err;
}

static enum err
query_syndicate_to(struct ctx *c, struct db *db, struct query_args args, struct json *out)
{
	(void)db;
	(void)args;
	return put_syndicate_to(c, out);
}

static enum err
query_post_types(struct ctx *c, struct db *db, struct query_args args, struct json *out)
{
	(void)db;
	(void)args;
	return put_post_types(c, out);
}

/* ---- tags ------------------------------------------------------------------------------------ */

static bool
contains(struct str s, struct str part)
{
	if (part.n == 0)
		return true;
	for (size_t i = 0; i + part.n <= s.n; i++)
		if (str_eqi(str_sub(s, i, i + part.n), part))
			return true;
	return false;
}

static bool
listed(const struct json *list, struct str tag)
{
	for (size_t i = 0; i < json_len(list); i++)
		if (str_eqi(json_str(json_at(list, i)), tag))
			return true;
	return false;
}

/* The tags of the newest posts: what an author is likely to use again. */
static enum err
query_category(struct ctx *c, struct db *db, struct query_args args, struct json *out)
{
	struct str filter = arg(args, S("filter"));
	struct post_list posts;
	struct json *list;
	enum err err = post_row_newest(c, db, CATEGORY_POSTS, &posts);

	if (err == OK)
		err = json_array(c, &list);
	for (size_t i = 0; err == OK && i < posts.n; i++)
		for (size_t j = 0; err == OK && j < posts.rows[i].n_tags; j++) {
			struct str tag = posts.rows[i].tags[j];

			if (contains(tag, filter) && !listed(list, tag))
				err = json_push_str(c, list, tag);
		}
	return err == OK ? json_set(c, out, S("categories"), list) : err;
}

/* ---- the source of a post -------------------------------------------------------------------- */

static enum err
set_one(struct ctx *c, struct json *properties, struct str name, struct str value)
{
	return set_texts(c, properties, name, &value, 1);
}

static enum err
set_published(struct ctx *c, struct json *properties, const struct post_row *post)
{
	struct str written;
	struct buf b;
	enum err err;

	buf_init(&b, &c->arena, 64);
	time_rfc3339(&b, post->published, post->published_zone);
	err = buf_end(c, &b, &written);
	return err == OK ? set_one(c, properties, S("published"), written) : err;
}

/*
 * What the post has besides what was sent: where it is, when it was published, and its state, which
 * a token's scope or a date may have decided otherwise than the request asked.
 */
static enum err
properties_complete(struct ctx *c, const struct post_row *post, struct json *properties)
{
	static const struct str visibilities[] = {[POST_PUBLIC] = S_INIT("public"),
		[POST_UNLISTED] = S_INIT("unlisted"), [POST_PRIVATE] = S_INIT("private")};
	struct str status = post->status == POST_DRAFT ? S("draft") : S("published");
	struct str permalink;
	enum err err = OK;

	if (!json_find(properties, S("published")))
		err = set_published(c, properties, post);
	if (err == OK)
		err = set_one(c, properties, S("post-status"), status);
	if (err == OK)
		err = set_one(c, properties, S("visibility"), visibilities[post->visibility]);
	if (err == OK && !json_find(properties, S("url"))) {
		err = site_permalink(c, post->slug, &permalink);
		if (err == OK)
			err = set_one(c, properties, S("url"), permalink);
	}
	return err;
}

/* A copy of an object that can be added to; the values are shared. */
static enum err
object_copy(struct ctx *c, const struct json *from, struct json **out)
{
	const struct json *value;
	struct str name;
	enum err err = json_object(c, out);

	for (size_t i = 0; err == OK && json_member(from, i, &name, &value); i++)
		err = json_set(c, *out, name, value);
	return err;
}

/* The properties asked for by properties=a or properties[]=a. *asked: any at all. */
static enum err
properties_select(struct ctx *c, struct query_args args, const struct json *all,
	struct json **out, bool *asked)
{
	size_t n = 0;
	enum err err = json_object(c, out);

	*asked = false;
	for (size_t i = 0; err == OK && i < args.n; i++) {
		struct str name = args.p[i].name;
		const struct json *values;

		if (!str_eq(str_sub(name, 0, str_find(name, '[', 0)), S("properties")) ||
		    args.p[i].value.n == 0)
			continue;
		if (++n > PROPERTIES_ASKED_MAX)
			return err_raise_hint(c, ERR_MICROPUB_QUERY, "too many properties");
		*asked = true;
		values = json_find(all, args.p[i].value);
		if (values)
			err = json_set(c, *out, args.p[i].value, values);
	}
	return err;
}

/* The live post at a URL, whatever its status; 400 and not 404 for none, as the standard has it. */
static enum err
source_find(struct ctx *c, struct db *db, struct str url, struct post_row *post)
{
	struct str slug;
	enum err err = site_permalink_parse(c, url, &slug);

	if (err != OK)
		return err;
	err = post_row_find(c, db, slug, post);
	if (err == ERR_NOT_FOUND) {
		err_clear(c);
		return err_raise(c, ERR_MICROPUB_URL, "no post '%.*s'", STR(slug));
	}
	if (err == OK && post->deleted != 0)
		return err_raise(c, ERR_MICROPUB_URL, "post '%.*s' is deleted", STR(slug));
	return err;
}

static enum err
query_source(struct ctx *c, struct db *db, struct query_args args, struct json *out)
{
	struct json *properties, *selected;
	const struct json *mf2;
	struct post_row post;
	bool asked;
	enum err err;

	if (arg(args, S("url")).n == 0)
		return err_raise_hint(c, ERR_MICROPUB_QUERY, "q=source needs the url of a post");
	err = source_find(c, db, arg(args, S("url")), &post);
	if (err == OK)
		err = json_parse(c, post.mf2, &mf2);
	if (err == OK)
		err = object_copy(c, json_find(mf2, S("properties")), &properties);
	if (err == OK)
		err = properties_complete(c, &post, properties);
	if (err == OK)
		err = properties_select(c, args, properties, &selected, &asked);
	if (err == OK && asked)
		return json_set(c, out, S("properties"), selected);
	if (err == OK)
		err = json_set(c, out, S("type"), json_find(mf2, S("type")));
	return err == OK ? json_set(c, out, S("properties"), properties) : err;
}

/* ---- dispatch -------------------------------------------------------------------------------- */

static enum err query_config(struct ctx *c, struct db *db, struct query_args args,
	struct json *out);

static const struct query {
	struct str name;
	enum err (*answer)(struct ctx *c, struct db *db, struct query_args args, struct json *out);
	bool reads_posts;	/* needs a scope that is about posts; others any scope at all */
} queries[] = {
	{S_INIT("config"), query_config, false},
	{S_INIT("source"), query_source, true},
	{S_INIT("syndicate-to"), query_syndicate_to, false},
	{S_INIT("category"), query_category, false},
	{S_INIT("post-types"), query_post_types, false},
};
enum { QUERIES = sizeof(queries) / sizeof(queries[0]) };

static enum err
query_config(struct ctx *c, struct db *db, struct query_args args, struct json *out)
{
	static const struct str commands[] = {S_INIT("slug"), S_INIT("photo-alt")};
	static const struct str statuses[] = {S_INIT("published"), S_INIT("draft")};
	static const struct str visibilities[] = {S_INIT("public"), S_INIT("unlisted"),
		S_INIT("private")};
	struct str names[QUERIES];
	enum err err;

	(void)db;
	(void)args;
	for (size_t i = 0; i < QUERIES; i++)
		names[i] = queries[i].name;
	err = set_texts(c, out, S("q"), names, QUERIES);
	if (err == OK)
		err = set_texts(c, out, S("mp"), commands, 2);
	if (err == OK)
		err = put_syndicate_to(c, out);
	if (err == OK)
		err = put_post_types(c, out);
	if (err == OK)
		err = set_texts(c, out, S("post-status"), statuses, 2);
	if (err == OK)
		err = set_texts(c, out, S("visibility"), visibilities, 3);
	return err;
}

static const struct query *
query_find(struct str name)
{
	for (size_t i = 0; i < QUERIES; i++)
		if (str_eq(queries[i].name, name))
			return &queries[i];
	return NULL;
}

static bool
may_ask(const struct auth_grant *grant, const struct query *q)
{
	if (!q || !q->reads_posts)
		return grant->session || str_trim(grant->scope).n > 0;
	return micropub_may_read(grant);
}

enum err
micropub_query(struct ctx *c, struct db *db, const struct auth_grant *grant,
	const struct pair *args, size_t n, struct str *json)
{
	struct query_args all = {args, n};
	const struct query *q = query_find(arg(all, S("q")));
	struct json *out;
	enum err err;

	if (!may_ask(grant, q))
		return err_raise_hint(c, ERR_SCOPE, "%s", micropub_scope(MICROPUB_CREATE));
	if (!q)
		return err_raise(c, ERR_MICROPUB_QUERY, "q=%.*s", STR(arg(all, S("q"))));
	err = json_object(c, &out);
	if (err == OK)
		err = q->answer(c, db, all, out);
	return err == OK ? json_write(c, out, json) : err;
}
