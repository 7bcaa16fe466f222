/*
 * What properties may hold (Micropub section 3.3). Unknown properties never fail a request; known
 * ones must have values of their kind, so that nothing private is published by a typing error and no
 * script stands where a page expects a link.
 */
#include "base/enc.h"
#include "base/time.h"
#include "domain/priv.h"

enum { HINT_NAME_MAX = 60 };

/* Properties whose values are links. */
static const struct str links[] = {
	S_INIT("audio"), S_INIT("bookmark-of"), S_INIT("featured"), S_INIT("in-reply-to"),
	S_INIT("like-of"), S_INIT("photo"), S_INIT("quotation-of"), S_INIT("repost-of"),
	S_INIT("syndication"), S_INIT("url"), S_INIT("video"),
};

/* Properties that do not make a post by themselves; content is judged as it was rendered. */
static const struct str beside[] = {
	S_INIT("author"), S_INIT("category"), S_INIT("content"), S_INIT("lang"), S_INIT("post-status"),
	S_INIT("published"), S_INIT("uid"), S_INIT("updated"), S_INIT("visibility"),
};

enum err
post_refuse(struct ctx *c, struct str name, const char *what)
{
	struct str shown = enc_utf8_cut(name, HINT_NAME_MAX);

	return err_raise_hint(c, ERR_MICROPUB_PROPERTY, "property '%.*s' %s", STR(shown), what);
}

static bool
is_among(struct str name, const struct str *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(name, names[i]))
			return true;
	return false;
}

static bool
is_link(struct str name)
{
	return is_among(name, links, sizeof(links) / sizeof(links[0]));
}

bool
post_has_kind(struct str name)
{
	static const struct str others[] = {S_INIT("post-status"), S_INIT("published"),
		S_INIT("visibility")};

	return is_link(name) || is_among(name, others, sizeof(others) / sizeof(others[0]));
}

/* True if v has a null anywhere. As deep as the parser lets a request nest. */
static bool
has_null(const struct json *v)
{
	const struct json *member;
	struct str name;

	if (json_kind(v) == JSON_NULL)
		return true;
	if (json_kind(v) == JSON_ARRAY)
		for (size_t i = 0; i < json_len(v); i++)
			if (has_null(json_at(v, i)))
				return true;
	if (json_kind(v) == JSON_OBJECT)
		for (size_t i = 0; json_member(v, i, &name, &member); i++)
			if (has_null(member))
				return true;
	return false;
}

/* A link is a URL, {"value":URL}, or a nested microformat whose every url is one. */
static bool
link_valid(const struct json *value)
{
	const struct json *direct = json_find(value, S("value"));
	const struct json *nested = json_find(value, S("properties"));
	const struct json *urls = json_find(nested, S("url"));

	if (json_kind(value) == JSON_STRING)
		return post_url_valid(json_str(value));
	if (json_kind(value) != JSON_OBJECT || (!direct && !nested))
		return false;
	if (direct && !post_url_valid(json_str(direct)))
		return false;
	for (size_t i = 0; i < json_len(urls); i++)
		if (!post_url_valid(json_str(json_at(urls, i))))
			return false;
	return true;
}

/* Content is text, or an object with html or value or both, each of them text. */
static bool
content_valid(const struct json *value)
{
	const struct json *html = json_find(value, S("html"));
	const struct json *plain = json_find(value, S("value"));

	if (json_kind(value) == JSON_STRING)
		return true;
	return (html || plain) && (!html || json_kind(html) == JSON_STRING) &&
		(!plain || json_kind(plain) == JSON_STRING);
}

static enum err
value_check(struct ctx *c, struct str name, const struct json *value)
{
	if (has_null(value))
		return post_refuse(c, name, "holds null; leave it out instead");
	if (json_kind(value) == JSON_ARRAY)
		return post_refuse(c, name, "holds an array inside its array");
	if (is_link(name) && !link_valid(value))
		return post_refuse(c, name, "needs an absolute http or https URL");
	if (str_eq(name, S("content")) && !content_valid(value))
		return post_refuse(c, name, "needs text or an object with html");
	if ((str_eq(name, S("name")) || str_eq(name, S("summary"))) &&
	    json_kind(value) != JSON_STRING)
		return post_refuse(c, name, "needs plain text");
	if (str_eq(name, S("lang")) && !str_is_language(json_str(value)))
		return post_refuse(c, name, "is not a language tag; write en, de or pt-BR");
	return OK;
}

enum err
post_check(struct ctx *c, const struct json *properties)
{
	const struct json *values;
	struct str name;

	if (json_len(properties) == 0)
		return err_raise(c, ERR_MICROPUB_EMPTY, "no properties");
	for (size_t i = 0; json_member(properties, i, &name, &values); i++) {
		if (json_kind(values) != JSON_ARRAY)
			return post_refuse(c, name, "needs an array of values");
		for (size_t j = 0; j < json_len(values); j++) {
			enum err err = value_check(c, name, json_at(values, j));

			if (err != OK)
				return err;
		}
	}
	return OK;
}

/* True if text has a character that is seen: no space, no control, nothing of zero width. */
static bool
text_shows(struct str text)
{
	for (size_t at = 0; at < text.n;) {
		unsigned ch = enc_utf8_next(text, &at);

		if (ch > ' ' && !(ch >= 0x7f && ch <= 0xa0) && !(ch >= 0x2000 && ch <= 0x200f) &&
		    !(ch >= 0x2028 && ch <= 0x202f) && !(ch >= 0x205f && ch <= 0x206f) &&
		    ch != 0x3000 && ch != 0xfeff)
			return true;
	}
	return false;
}

static bool
property_shows(struct str name, const struct json *values)
{
	if (is_among(name, beside, sizeof(beside) / sizeof(beside[0])))
		return false;
	for (size_t i = 0; i < json_len(values); i++) {
		const struct json *value = json_at(values, i);

		if (json_kind(value) != JSON_STRING || text_shows(json_str(value)))
			return true;
	}
	return false;
}

enum err
post_check_shown(struct ctx *c, const struct json *properties, const struct post_row *row)
{
	const struct json *values;
	struct str name;

	if (text_shows(row->text) || html_has_picture(html_stored(row->html)))
		return OK;
	for (size_t i = 0; json_member(properties, i, &name, &values); i++)
		if (property_shows(name, values))
			return OK;
	return err_raise_hint(c, ERR_MICROPUB_EMPTY, "nothing of this post would be seen");
}

/* The index of a property's one value among words; *out is untouched if the property is absent. */
static enum err
choice(struct ctx *c, const struct json *properties, struct str name,
	const struct str *words, size_t n, const char *what, int *out)
{
	const struct json *values = json_find(properties, name);

	if (!values)
		return OK;
	for (size_t i = 0; i < n && json_len(values) == 1; i++)
		if (str_eq(json_str(json_at(values, 0)), words[i])) {
			*out = (int)i;
			return OK;
		}
	return post_refuse(c, name, what);
}

static enum err
published_check(struct ctx *c, const struct json *properties, int64_t now, struct post_row *row)
{
	const struct json *value = post_first(properties, S("published"));

	row->published = now;
	row->published_zone = time_zone_offset(now);
	if (!value)
		return OK;
	if (json_len(json_find(properties, S("published"))) > 1)
		return post_refuse(c, S("published"), "has one value; replace it instead");
	if (!time_rfc3339_parse(json_str(value), &row->published, &row->published_zone))
		return post_refuse(c, S("published"),
			"is not a date like 2026-03-01T09:30:00+01:00");
	return OK;
}

/* Published, or scheduled if that lies ahead. */
static enum post_status
status_at(int status, int64_t published, int64_t now)
{
	_Static_assert(POST_DRAFT == 0 && POST_PUBLISHED == 1, "order of statuses");
	if (status == POST_PUBLISHED && published > now)
		return POST_SCHEDULED;
	return (enum post_status)status;
}

static enum err
status_check(struct ctx *c, const struct json *properties, int *out)
{
	static const struct str statuses[] = {S_INIT("draft"), S_INIT("published")};

	return choice(c, properties, S("post-status"), statuses, 2,
		"is either published or draft", out);
}

static enum err
visibility_check(struct ctx *c, const struct json *properties, int *out)
{
	static const struct str visibilities[] = {S_INIT("public"), S_INIT("unlisted"),
		S_INIT("private")};

	_Static_assert(POST_PUBLIC == 0 && POST_UNLISTED == 1 && POST_PRIVATE == 2,
		"order of visibilities");
	return choice(c, properties, S("visibility"), visibilities, 3,
		"is one of public, unlisted and private", out);
}

enum err
post_check_state(struct ctx *c, const struct post_draft *draft, struct post_row *row)
{
	int64_t now = domain_now(c);
	int status = POST_PUBLISHED, visibility = POST_PUBLIC;
	enum err err = status_check(c, draft->properties, &status);

	if (err == OK)
		err = visibility_check(c, draft->properties, &visibility);
	if (err == OK)
		err = published_check(c, draft->properties, now, row);
	if (err != OK)
		return err;
	row->status = draft->force_draft ? POST_DRAFT : status_at(status, row->published, now);
	row->visibility = (enum post_visibility)visibility;
	return OK;
}

/*
 * What an update does not name is read from the row and not from the properties: a token that may
 * only make drafts has left there what it asked for, and not what it got.
 */
enum err
post_check_change(struct ctx *c, const struct post_update *update, const struct json *properties,
	struct post_row *row)
{
	bool was_draft = row->status == POST_DRAFT;
	int status = was_draft ? POST_DRAFT : POST_PUBLISHED, visibility = row->visibility;
	int64_t now = domain_now(c);
	bool undated = was_draft && !json_find(properties, S("published"));
	enum err err = OK;

	if (json_find(update->replace, S("post-status")))
		err = status_check(c, properties, &status);
	if (err == OK && json_find(update->replace, S("visibility")))
		err = visibility_check(c, properties, &visibility);
	if (err == OK &&
		(json_find(update->replace, S("published")) || (undated && status != POST_DRAFT)))
		err = published_check(c, properties, now, row);
	if (err != OK)
		return err;
	row->status = status_at(status, row->published, now);
	row->visibility = (enum post_visibility)visibility;
	return OK;
}
