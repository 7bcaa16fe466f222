/*
 * Queries (Micropub section 3.7 and the extensions in use). One table names them, dispatches them
 * and is what q=config says about them, so that no query is announced that is not answered.
 */
#include "core/config.h"
#include "domain/priv.h"
#include "domain/site.h"
#include "store/post_walk.h"

enum {
	CATEGORIES_MAX = 1000,
	CONTACTS_LOOKED_AT = 200	/* the newest ones */
};

/* ---- arguments and answers ------------------------------------------------------------------- */

struct str
query_arg(struct query_args args, struct str name)
{
	for (size_t i = 0; i < args.n; i++)
		if (str_eq(args.p[i].name, name))
			return args.p[i].value;
	return (struct str){0};
}

bool
query_arg_is(const struct pair *arg, struct str name)
{
	return str_eq(str_sub(arg->name, 0, str_find(arg->name, '[', 0)), name);
}

static enum err
number_arg(struct ctx *c, struct query_args args, struct str name, unsigned long long *out)
{
	struct str text = query_arg(args, name);

	if (text.n > 0 && !str_u64(text, INT32_MAX, out))
		return err_raise_hint(
			c, ERR_MICROPUB_QUERY, "%.*s needs to be a number", STR(name));
	return OK;
}

enum err
query_range_parse(struct ctx *c, struct query_args args, struct query_range *range)
{
	enum err err = number_arg(c, args, S("limit"), &range->limit);

	if (err == OK)
		err = number_arg(c, args, S("offset"), &range->offset);
	if (err == OK && range->limit == 0)
		return err_raise_hint(c, ERR_MICROPUB_QUERY, "limit is at least 1");
	return err;
}

/* True for the next item of a list, if it is one of those that were asked for. */
static bool
range_takes(struct query_range *range)
{
	if (range->offset > 0) {
		range->offset--;
		return false;
	}
	if (range->limit == 0)
		return false;
	range->limit--;
	return true;
}

enum err
query_set_texts(struct ctx *c, struct json *object, struct str name, const struct str *list,
	size_t n)
{
	struct json *array;
	enum err err = json_array(c, &array);

	for (size_t i = 0; err == OK && i < n; i++)
		err = json_push_str(c, array, list[i]);
	return err == OK ? json_set(c, object, name, array) : err;
}

enum err
query_set_one(struct ctx *c, struct json *object, struct str name, struct str value)
{
	return query_set_texts(c, object, name, &value, 1);
}

bool
query_contains(struct str s, struct str part)
{
	if (part.n == 0)
		return true;
	for (size_t i = 0; i + part.n <= s.n; i++)
		if (str_eqi(str_sub(s, i, i + part.n), part))
			return true;
	return false;
}

/* ---- what this site can do ------------------------------------------------------------------- */

/* {"uid","name"} at the end of a list. */
static enum err
push_named(struct ctx *c, struct json *list, struct str uid, struct str name)
{
	struct json *row;
	enum err err = json_object(c, &row);

	if (err == OK)
		err = json_set_str(c, row, S("uid"), uid);
	if (err == OK)
		err = json_set_str(c, row, S("name"), name);
	return err == OK ? json_push(c, list, row) : err;
}

/* What a list has unless less of it is asked for. */
static const struct query_range whole = {INT32_MAX, 0};

/* A configured list of names under its own; [] if there is none. */
static enum err
put_names(struct ctx *c, struct query_range range, struct json *out, struct str member,
	const char *names)
{
	struct str rest = str_z(names), uid, name;
	struct json *list;
	enum err err = json_array(c, &list);

	while (err == OK && config_name_next(&rest, &uid, &name))
		if (range_takes(&range))
			err = push_named(c, list, uid, name);
	return err == OK ? json_set(c, out, member, list) : err;
}

static enum err
put_syndicate_to(struct ctx *c, struct json *out)
{
	return put_names(c, whole, out, S("syndicate-to"), c->cfg->syndicate_to);
}

static enum err
put_channels(struct ctx *c, struct query_range range, struct json *out)
{
	return put_names(c, range, out, S("channels"), c->cfg->channels);
}

static enum err
put_destination(struct ctx *c, struct json *out)
{
	struct json *list;
	struct str home;
	enum err err = site_url(c, S("/"), &home);

	if (err == OK)
		err = json_array(c, &list);
	if (err == OK)
		err = push_named(c, list, home, site_name(c));
	return err == OK ? json_set(c, out, S("destination"), list) : err;
}

static enum err
query_syndicate_to(struct ctx *c, struct db *db, struct query_args args, struct json *out,
	struct micropub_answer *answer)
{
	(void)db;
	(void)args;
	(void)answer;
	return put_syndicate_to(c, out);
}

static enum err
query_channel(struct ctx *c, struct db *db, struct query_args args, struct json *out,
	struct micropub_answer *answer)
{
	struct query_range range = whole;
	enum err err = query_range_parse(c, args, &range);

	(void)db;
	(void)answer;
	return err == OK ? put_channels(c, range, out) : err;
}

static enum err
query_post_types(struct ctx *c, struct db *db, struct query_args args, struct json *out,
	struct micropub_answer *answer)
{
	(void)db;
	(void)args;
	(void)answer;
	return micropub_put_types(c, out);
}

/* ---- tags ------------------------------------------------------------------------------------ */

/* Most used first: what an author is likely to use again. */
static enum err
put_categories(struct ctx *c, struct db *db, struct str filter, struct query_range range,
	struct json *out)
{
	struct str *names = ctx_calloc(c, CATEGORIES_MAX, sizeof(*names));
	size_t n = 0, kept = 0;
	enum err err;

	if (!names)
		return ERR_MEMORY;
	err = post_row_tags_used(c, db, filter, CATEGORIES_MAX, names, &n);
	for (size_t i = 0; err == OK && i < n; i++)
		if (range_takes(&range))
			names[kept++] = names[i];
	return err == OK ? query_set_texts(c, out, S("categories"), names, kept) : err;
}

static enum err
query_category(struct ctx *c, struct db *db, struct query_args args, struct json *out,
	struct micropub_answer *answer)
{
	struct query_range range = whole;
	enum err err = query_range_parse(c, args, &range);

	(void)answer;
	return err == OK ? put_categories(c, db, query_arg(args, S("filter")), range, out) : err;
}

/* ---- the address book ------------------------------------------------------------------------ */

/* The first value of a card's property as text: what it says, or what it points to. */
static struct str
card_text(const struct json *card, struct str name)
{
	return post_value_url(post_first(card, name));
}

/* A card, if the filter is in one of the texts that it is known by, and the range has room. */
static enum err
push_contact(struct ctx *c, const struct post_card *card, struct str filter,
	struct query_range *range, struct json *list)
{
	static const struct str known_by[] = {S_INIT("name"), S_INIT("nickname"), S_INIT("url"),
		S_INIT("photo")};
	enum { KNOWN_BY = sizeof(known_by) / sizeof(known_by[0]) };
	struct str texts[KNOWN_BY], permalink;
	const struct json *mf2;
	struct json *row;
	bool fits = false;
	enum err err = json_parse(c, card->mf2, &mf2);

	for (size_t i = 0; err == OK && i < KNOWN_BY; i++) {
		texts[i] = card_text(json_find(mf2, S("properties")), known_by[i]);
		fits = fits || query_contains(texts[i], filter);
	}
	if (err != OK || !fits || !range_takes(range))
		return err;
	err = json_object(c, &row);
	for (size_t i = 0; err == OK && i < KNOWN_BY; i++)
		if (texts[i].n > 0)
			err = json_set_str(c, row, known_by[i], texts[i]);
	if (err == OK)
		err = site_permalink(c, card->slug, &permalink);
	if (err == OK)
		err = json_set_str(c, row, S("_internal_url"), permalink);
	return err == OK ? json_push(c, list, row) : err;
}

static enum err
query_contact(struct ctx *c, struct db *db, struct query_args args, struct json *out,
	struct micropub_answer *answer)
{
	struct post_card *cards = ctx_calloc(c, CONTACTS_LOOKED_AT, sizeof(*cards));
	struct str filter = query_arg(args, S("filter"));
	struct query_range range = whole;
	struct json *list;
	size_t n = 0;
	enum err err = query_range_parse(c, args, &range);

	(void)answer;
	if (!cards)
		return ERR_MEMORY;
	if (filter.n == 0)
		filter = query_arg(args, S("search"));
	if (err == OK)
		err = post_cards(c, db, CONTACTS_LOOKED_AT, cards, &n);
	if (err == OK)
		err = json_array(c, &list);
	for (size_t i = 0; err == OK && i < n; i++)
		err = push_contact(c, &cards[i], filter, &range, list);
	return err == OK ? json_set(c, out, S("contacts"), list) : err;
}

/* ---- dispatch -------------------------------------------------------------------------------- */

static enum err query_config(struct ctx *c, struct db *db, struct query_args args,
	struct json *out, struct micropub_answer *answer);

static const struct query {
	struct str name;
	enum err (*put)(struct ctx *c, struct db *db, struct query_args args, struct json *out,
		struct micropub_answer *answer);
	bool reads_posts;	/* needs a scope that is about posts; others any scope at all */
} queries[] = {
	{S_INIT("config"), query_config, false},
	{S_INIT("source"), micropub_source, true},
	{S_INIT("syndicate-to"), query_syndicate_to, false},
	{S_INIT("category"), query_category, false},
	{S_INIT("channel"), query_channel, false},
	{S_INIT("contact"), query_contact, false},
	{S_INIT("post-types"), query_post_types, false},
};
enum { QUERIES = sizeof(queries) / sizeof(queries[0]) };

/* The words that requests may be made of. */
static enum err
put_words(struct ctx *c, struct json *out)
{
	static const struct str commands[] = {S_INIT("slug"), S_INIT("photo-alt"),
		S_INIT("syndicate-to"), S_INIT("channel"), S_INIT("destination")};
	static const struct str statuses[] = {S_INIT("published"), S_INIT("draft")};
	static const struct str visibilities[] = {S_INIT("public"), S_INIT("unlisted"),
		S_INIT("private")};
	struct str names[QUERIES];
	enum err err;

	for (size_t i = 0; i < QUERIES; i++)
		names[i] = queries[i].name;
	err = query_set_texts(c, out, S("q"), names, QUERIES);
	if (err == OK)
		err = query_set_texts(c, out, S("mp"), commands, 5);
	if (err == OK)
		err = query_set_texts(c, out, S("post-status"), statuses, 2);
	return err == OK ? query_set_texts(c, out, S("visibility"), visibilities, 3) : err;
}

static enum err
query_config(struct ctx *c, struct db *db, struct query_args args, struct json *out,
	struct micropub_answer *answer)
{
	struct str media;
	enum err err = site_url(c, S("/micropub/media"), &media);

	(void)args;
	(void)answer;
	if (err == OK)
		err = json_set_str(c, out, S("media-endpoint"), media);
	if (err == OK)
		err = put_words(c, out);
	if (err == OK)
		err = put_syndicate_to(c, out);
	if (err == OK)
		err = put_channels(c, whole, out);
	if (err == OK)
		err = put_destination(c, out);
	if (err == OK)
		err = micropub_put_types(c, out);
	return err == OK ? put_categories(c, db, (struct str){0}, whole, out) : err;
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
	const struct pair *args, size_t n, struct micropub_answer *out)
{
	struct query_args all = {args, n};
	const struct query *q = query_find(query_arg(all, S("q")));
	struct json *json;
	enum err err;

	*out = (struct micropub_answer){0};
	if (!may_ask(grant, q))
		return err_raise_hint(c, ERR_SCOPE, "%s", micropub_scope(MICROPUB_CREATE));
	if (!q)
		return err_raise(c, ERR_MICROPUB_QUERY, "q=%.*s", STR(query_arg(all, S("q"))));
	err = json_object(c, &json);
	if (err == OK)
		err = q->put(c, db, all, json, out);
	return err == OK ? json_write(c, json, &out->json) : err;
}
