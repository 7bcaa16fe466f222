/*
 * What reaches the composer from elsewhere: a page that a phone or a bookmark shares, the tags in use,
 * and the manifest by which a phone knows that it can share here. Nothing is stored by any of it: a
 * shared page is a form that is not sent yet.
 */
#include "web/compose.h"

#include "base/enc.h"
#include "core/digest.h"
#include "domain/site.h"

enum { TAGS_MAX = 50, SHARED_MAX = 8192 };

struct shared {
	struct str type, title, text, url;
};

/* The first http(s) address in a text, up to the next white space; empty if there is none. */
static struct str
address_in(struct str text)
{
	size_t at = str_search(text, S("http"), 0), end;

	while (at < text.n && !str_starts(str_sub(text, at, text.n), S("https://")) &&
		!str_starts(str_sub(text, at, text.n), S("http://")))
		at = str_search(text, S("http"), at + 1);
	for (end = at; end < text.n && (unsigned char)text.p[end] > ' '; end++)
		;
	return str_sub(text, at, end);
}

/* Phones put the address into the text more often than not. */
static enum err
shared_read(struct ctx *c, const struct txn *t, struct shared *out)
{
	enum err err = req_query(c, &t->req, S("type"), &out->type);

	if (!err)
		err = req_query(c, &t->req, S("title"), &out->title);
	if (!err)
		err = req_query(c, &t->req, S("text"), &out->text);
	if (!err)
		err = req_query(c, &t->req, S("url"), &out->url);
	out->title = str_trim(out->title);
	out->text = str_trim(out->text);
	out->url = str_trim(out->url);
	if (out->url.n > 0)
		return err;
	out->url = address_in(out->text);
	if (out->url.n > 0 && str_eq(out->url, out->text))
		out->text = (struct str){0};
	else if (out->url.n > 0 && str_ends(out->text, out->url))
		out->text = str_trim(str_sub(out->text, 0, out->text.n - out->url.n));
	return err;
}

/* What of it has no field of its own goes into the text, a paragraph each. */
static enum err
text_make(struct ctx *c, const struct shared *shared, bool title, bool url, struct str *out)
{
	const struct str parts[] = {title ? shared->title : (struct str){0}, shared->text,
		url ? shared->url : (struct str){0}};
	struct buf b;

	buf_init(&b, &c->arena, SHARED_MAX * 2);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (parts[i].n == 0)
			continue;
		if (b.n > 0)
			buf_puts(&b, "\n\n");
		buf_put(&b, parts[i]);
	}
	return buf_end(c, &b, out);
}

/* The first of the type's fields that takes an address, or a title. COMPOSE__MAX if none does. */
static enum compose_field
field_for(enum compose_type type, bool address)
{
	enum compose_field f;

	for (size_t i = 0; compose_type_field(type, i, &f); i++) {
		const struct compose_field_info *info = compose_field_info(f);
		bool link = info->shape == COMPOSE_SHAPE_LINK || str_ends(info->name, S(".url"));
		bool name = str_eq(info->name, S("name")) || str_ends(info->name, S(".name"));

		if (address ? link : name)
			return f;
	}
	return COMPOSE__MAX;
}

static enum err
form_make(struct ctx *c, const struct shared *shared, struct compose_form *out)
{
	struct str word = shared->type.n > 0 ? shared->type
		: shared->url.n > 0	     ? S("bookmark")
					     : S("note");
	enum compose_type type = compose_type_find(word);
	enum compose_field url = field_for(type, true), title = field_for(type, false);
	enum err err = compose_new(c, type, out);

	if (err)
		return err;
	if (url != COMPOSE__MAX)
		out->values[url] = shared->url.p ? shared->url : S("");
	if (title != COMPOSE__MAX)
		out->values[title] = shared->title.p ? shared->title : S("");
	/* The title of a page that is answered or liked is not the owner's words. */
	return text_make(c, shared, title == COMPOSE__MAX && url == COMPOSE__MAX,
		url == COMPOSE__MAX, &out->values[COMPOSE_CONTENT]);
}

/* "&title=…&text=…&url=…", for the links to other types. */
static enum err
query_make(struct ctx *c, const struct shared *shared, struct str *out)
{
	struct buf b;

	buf_init(&b, &c->arena, 4 * SHARED_MAX);
	buf_puts(&b, "&title=");
	enc_percent(&b, shared->title, (struct str){0});
	buf_puts(&b, "&text=");
	enc_percent(&b, shared->text, (struct str){0});
	buf_puts(&b, "&url=");
	enc_percent(&b, shared->url, (struct str){0});
	return buf_end(c, &b, out);
}

enum err
web_share(struct ctx *c, struct txn *t)
{
	struct compose_page *p = ctx_alloc(c, sizeof(*p));
	struct shared shared = {0};
	enum err err = p ? shared_read(c, t, &shared) : ERR_MEMORY;

	if (!err)
		err = form_make(c, &shared, &p->form);
	if (!err)
		err = query_make(c, &shared, &p->shared);
	return err ? err : compose_send(c, t, p);
}

enum err
web_tags(struct ctx *c, struct txn *t)
{
	struct str filter, tags[TAGS_MAX];
	struct json *answer, *list;
	struct db *db;
	size_t n;
	enum err err = req_query(c, &t->req, S("q"), &filter);

	if (!err)
		err = txn_db(c, t, &db);
	if (!err)
		err = post_row_tags_used(c, db, filter, TAGS_MAX, tags, &n);
	txn_db_release(c, t);
	if (!err)
		err = json_object(c, &answer);
	if (!err)
		err = json_array(c, &list);
	for (size_t i = 0; !err && i < n; i++)
		err = json_push_str(c, list, tags[i]);
	if (!err)
		err = json_set(c, answer, S("tags"), list);
	return err ? err : txn_json(c, t, "application/json", answer);
}

/* ---- the manifest ------------------------------------------------------------------------ */

static enum err
icon_put(struct ctx *c, struct json *icons, struct str source, const char *sizes,
	const char *purpose)
{
	struct json *icon;
	enum err err = json_object(c, &icon);

	if (!err)
		err = json_set_str(c, icon, S("src"), source);
	if (!err)
		err = json_set_str(c, icon, S("sizes"), str_z(sizes));
	if (!err)
		err = json_set_str(c, icon, S("type"), S("image/png"));
	if (!err)
		err = json_set_str(c, icon, S("purpose"), str_z(purpose));
	return err ? err : json_push(c, icons, icon);
}

static enum err
icons_put(struct ctx *c, const struct txn *t, struct json *manifest)
{
	struct json *icons;
	enum err err = json_array(c, &icons);

	if (!err)
		err = icon_put(c, icons, t->site->small_icon, "192x192", "any");
	if (!err)
		err = icon_put(c, icons, t->site->large_icon, "512x512", "any");
	if (!err)
		err = icon_put(c, icons, t->site->mask_icon, "512x512", "maskable");
	return err ? err : json_set(c, manifest, S("icons"), icons);
}

/* Web Share Target: by GET, so that a page to sign in at may come between. */
static enum err
target_put(struct ctx *c, struct json *manifest)
{
	static const struct str names[] = {S_INIT("title"), S_INIT("text"), S_INIT("url")};
	struct json *target, *params;
	enum err err = json_object(c, &target);

	if (!err)
		err = json_object(c, &params);
	for (size_t i = 0; !err && i < sizeof(names) / sizeof(names[0]); i++)
		err = json_set_str(c, params, names[i], names[i]);
	if (!err)
		err = json_set_str(c, target, S("action"), S("/admin/share"));
	if (!err)
		err = json_set_str(c, target, S("method"), S("GET"));
	if (!err)
		err = json_set_str(c, target, S("enctype"), S("application/x-www-form-urlencoded"));
	if (!err)
		err = json_set(c, target, S("params"), params);
	return err ? err : json_set(c, manifest, S("share_target"), target);
}

enum err
web_manifest(struct ctx *c, struct txn *t)
{
	const struct pair texts[] = {{S("name"), t->site->name},
		{S("short_name"), t->site->name},
		{S("id"), S("/admin/compose")},
		{S("start_url"), S("/admin/compose")},
		{S("scope"), S("/")},
		{S("display"), S("minimal-ui")},
		{S("lang"), t->site->language},
		{S("background_color"), S("#fdfcfa")},
		{S("theme_color"), S("#4a3aa7")}};
	struct json *manifest;
	enum err err = json_object(c, &manifest);

	for (size_t i = 0; !err && i < sizeof(texts) / sizeof(texts[0]); i++)
		err = json_set_str(c, manifest, texts[i].name, texts[i].value);
	if (!err)
		err = icons_put(c, t, manifest);
	if (!err)
		err = target_put(c, manifest);
	if (!err)
		err = txn_json(c, t, "application/manifest+json", manifest);
	if (!err)
		err = ctx_printf(c, &t->etag, "\"%016llx\"",
			(unsigned long long)digest64(t->resp.buf));
	return err;
}
