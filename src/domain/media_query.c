/*
 * What clients may do with files, and what they are told about them (Micropub section 3.6 and the
 * extensions in use). One table names the queries and dispatches them.
 */
#include "base/time.h"
#include "domain/media.h"
#include "domain/media_file.h"
#include "domain/priv.h"
#include "domain/site.h"

/* ---- scopes ------------------------------------------------------------------------------ */

enum err
media_may_upload(struct ctx *c, const struct auth_grant *grant)
{
	if (micropub_may_create(grant) || auth_allows(grant, "media"))
		return OK;
	return err_raise_hint(c, ERR_SCOPE, "media");
}

enum err
media_may_attach(struct ctx *c, const struct auth_grant *grant)
{
	if (micropub_may_create(grant) || auth_allows(grant, "draft"))
		return OK;
	return err_raise_hint(c, ERR_SCOPE, "create");
}

/* Who may make, change or delete anything may see what there is. */
static enum err
may_ask(struct ctx *c, const struct auth_grant *grant)
{
	if (auth_allows(grant, "media") || micropub_may_read(grant))
		return OK;
	return err_raise_hint(c, ERR_SCOPE, "media");
}

/* ---- answers ----------------------------------------------------------------------------- */

/* {"url","published","mime_type"}, and of a picture {"width","height"}. */
static enum err
item_make(struct ctx *c, const struct media_row *row, struct json **out)
{
	struct str url, date;
	struct buf b;
	enum err err = site_media_url(c, row->name, &url);

	buf_init(&b, &c->arena, 64);
	time_rfc3339(&b, row->created, 0);
	if (!err)
		err = buf_end(c, &b, &date);
	if (!err)
		err = json_object(c, out);
	if (!err)
		err = json_set_str(c, *out, S("url"), url);
	if (!err)
		err = json_set_str(c, *out, S("published"), date);
	if (!err)
		err = json_set_str(c, *out, S("mime_type"), row->type);
	if (!err && row->width > 0)
		err = json_set_int(c, *out, S("width"), row->width);
	if (!err && row->width > 0)
		err = json_set_int(c, *out, S("height"), row->height);
	return err;
}

/* A number in an argument; absent, it is what *out holds. */
static enum err
number(struct ctx *c, struct query_args args, const char *name, unsigned long long least,
	unsigned long long most, unsigned long long *out)
{
	struct str value = query_arg(args, str_z(name));

	if (!value.p)
		return OK;
	if (!str_u64(value, 1000000000, out) || *out < least)
		return err_raise_hint(
			c, ERR_MICROPUB_QUERY, "%s is no number from %llu on", name, least);
	if (*out > most)
		*out = most;
	return OK;
}

static enum err
query_config(struct ctx *c, struct db *db, struct query_args args, struct json **out)
{
	(void)db;
	(void)args;
	return json_object(c, out);
}

static enum err
query_last(struct ctx *c, struct db *db, struct query_args args, struct json **out)
{
	struct media_list list;
	struct str url;
	enum err err = media_row_newest(c, db, 1, 0, &list);

	(void)args;
	if (!err)
		err = json_object(c, out);
	if (err || list.n == 0 || list.rows[0].created + MEDIA_LAST_SECONDS < domain_now(c))
		return err;
	err = site_media_url(c, list.rows[0].name, &url);
	return err ? err : json_set_str(c, *out, S("url"), url);
}

static enum err
query_one(struct ctx *c, struct db *db, struct str url, struct json **out)
{
	struct media_row row;
	struct str name;
	enum err err = site_media_parse(c, url, &name);

	if (err)
		return err;
	err = media_row_find_name(c, db, name, &row);
	if (err == ERR_NOT_FOUND) {
		err_clear(c);
		return err_raise(c, ERR_MEDIA_URL, "no file '%.*s'", STR(name));
	}
	return err ? err : item_make(c, &row, out);
}

static enum err
query_source(struct ctx *c, struct db *db, struct query_args args, struct json **out)
{
	unsigned long long limit = MEDIA_LIST_DEFAULT, offset = 0;
	struct json *items, *item, *paging;
	struct media_list list;
	enum err err;

	if (query_arg(args, S("url")).n > 0)
		return query_one(c, db, query_arg(args, S("url")), out);
	err = number(c, args, "limit", 1, MEDIA_LIST_MAX, &limit);
	if (!err)
		err = number(c, args, "offset", 0, 1000000000, &offset);
	if (!err)
		err = media_row_newest(c, db, (size_t)limit, (size_t)offset, &list);
	if (!err)
		err = json_object(c, out);
	if (!err)
		err = json_array(c, &items);
	for (size_t i = 0; !err && i < list.n; i++) {
		err = item_make(c, &list.rows[i], &item);
		if (!err)
			err = json_push(c, items, item);
	}
	if (!err)
		err = json_set(c, *out, S("items"), items);
	if (!err)
		err = json_object(c, &paging);
	return err ? err : json_set(c, *out, S("paging"), paging);
}

static const struct {
	struct str name;
	enum err (*answer)(struct ctx *c, struct db *db, struct query_args args, struct json **out);
} queries[] = {
	{S_INIT("config"), query_config},
	{S_INIT("last"), query_last},
	{S_INIT("source"), query_source},
};

enum err
media_query(struct ctx *c, struct db *db, const struct auth_grant *grant, const struct pair *args,
	size_t n, struct str *json)
{
	struct query_args all = {args, n};
	struct str q = query_arg(all, S("q"));
	struct json *out;
	enum err err = may_ask(c, grant);

	if (err)
		return err;
	for (size_t i = 0; i < sizeof(queries) / sizeof(queries[0]); i++) {
		if (!str_eq(queries[i].name, q))
			continue;
		err = queries[i].answer(c, db, all, &out);
		return err ? err : json_write(c, out, json);
	}
	return err_raise_hint(c, ERR_MICROPUB_QUERY, "q is one of config, last and source");
}
