/*
 * Stored properties as the parts of a page. The properties came from a client and were checked when
 * they were stored, by the rules of that day; here nothing is taken for granted.
 */
#include "domain/post_parts.h"

#include "base/enc.h"
#include "base/time.h"
#include "domain/priv.h"
#include "domain/site.h"
#include "store/media.h"

enum { FILE_NAME_MAX = 200, URL_LABEL_MAX = 60 };

/* In the order of enum post_relation. */
static const struct str relations[POST_RELATION__MAX] = {
	[POST_REPLY] = S_INIT("in-reply-to"),
	[POST_LIKE] = S_INIT("like-of"),
	[POST_REPOST] = S_INIT("repost-of"),
	[POST_BOOKMARK] = S_INIT("bookmark-of"),
	[POST_QUOTATION] = S_INIT("quotation-of"),
	[POST_READ] = S_INIT("read-of"),
	[POST_LISTEN] = S_INIT("listen-of"),
	[POST_WATCH] = S_INIT("watch-of"),
};

/* What is looked at besides the relations and people among the categories. */
static const struct str others[] = {
	S_INIT("audio"), S_INIT("checkin"), S_INIT("end"), S_INIT("featured"), S_INIT("lang"),
	S_INIT("location"), S_INIT("photo"), S_INIT("read-status"), S_INIT("rsvp"), S_INIT("start"),
	S_INIT("syndication"), S_INIT("video"),
};

static bool
holds(const struct json *properties, const struct str *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (post_first(properties, names[i]))
			return true;
	return false;
}

bool
post_parts_any(const struct json *properties)
{
	const struct json *tags = json_find(properties, S("category"));

	for (size_t i = 0; i < json_len(tags); i++)
		if (json_kind(json_at(tags, i)) == JSON_OBJECT)
			return true;
	return holds(properties, relations, POST_RELATION__MAX) ||
		holds(properties, others, sizeof(others) / sizeof(others[0]));
}

/* ---- values ---------------------------------------------------------------------------------- */

struct str
post_link(struct str url)
{
	return url.n <= POST_LINK_MAX && post_url_valid(url) ? url : (struct str){0};
}

enum err
post_text_of(struct ctx *c, const struct json *properties, struct str name, struct str *out)
{
	const struct json *value = post_first(properties, name);
	struct str text = json_str(value);

	if (json_kind(value) == JSON_OBJECT)
		text = json_str(json_find(value, S("value")));
	return post_fold(c, text, POST_LABEL_MAX, out);
}

/* The author of something cited: a name, or an h-card with one. */
static enum err
author_of(struct ctx *c, const struct json *properties, struct str *out)
{
	const struct json *author = post_first(properties, S("author"));
	const struct json *card = json_find(author, S("properties"));
	enum err err;

	if (json_kind(card) == JSON_OBJECT)
		return post_text_of(c, card, S("name"), out);
	err = post_text_of(c, properties, S("author"), out);
	if (err == OK && post_url_valid(*out))
		*out = (struct str){0};
	return err;
}

/* A URL as people write it: no scheme, no "www.", no slash at its end. */
static enum err
url_label(struct ctx *c, struct str url, struct str *out)
{
	struct str label = str_sub(url, str_search(url, S("://"), 0) + 3, url.n);

	if (str_starts(label, S("www.")))
		label = str_sub(label, 4, label.n);
	if (str_ends(label, S("/")))
		label = str_sub(label, 0, label.n - 1);
	if (label.n <= URL_LABEL_MAX)
		return post_fold(c, label, label.n, out);
	return ctx_printf(c, out, "%.*s…", STR(enc_utf8_cut(label, URL_LABEL_MAX)));
}

enum err
post_cite_read(struct ctx *c, const struct json *value, struct post_cite *out, bool *shown)
{
	const struct json *nested = json_find(value, S("properties"));
	enum err err = OK;

	*out = (struct post_cite){.url = post_link(post_value_url(value))};
	if (json_kind(nested) == JSON_OBJECT) {
		if (out->url.n == 0)
			out->url = post_link(json_str(post_first(nested, S("url"))));
		err = post_text_of(c, nested, S("name"), &out->name);
		if (err == OK)
			err = author_of(c, nested, &out->author);
	} else if (out->url.n == 0) {
		err = post_fold(c, json_str(value), POST_LABEL_MAX, &out->name);
	}
	if (err == OK && out->name.n == 0 && out->url.n > 0)
		err = url_label(c, out->url, &out->name);
	*shown = err == OK && out->name.n > 0;
	return err;
}

/* url_needed: words alone are not enough. */
static enum err
cites_read(struct ctx *c, const struct json *values, bool url_needed, struct post_cites *out)
{
	size_t n = json_len(values);
	enum err err = OK;
	bool shown;

	*out = (struct post_cites){0};
	if (n > POST_CITES_MAX)
		n = POST_CITES_MAX;
	if (n == 0)
		return OK;
	out->list = ctx_calloc(c, n, sizeof(*out->list));
	if (!out->list)
		return ERR_MEMORY;
	for (size_t i = 0; err == OK && i < json_len(values) && out->n < n; i++) {
		struct post_cite *cite = &out->list[out->n];

		err = post_cite_read(c, json_at(values, i), cite, &shown);
		if (err == OK && shown && (cite->url.n > 0 || !url_needed))
			out->n++;
	}
	return err;
}

/* Tags that are people; a tag that is text is on the row already. */
static enum err
people_read(struct ctx *c, const struct json *values, struct post_cites *out)
{
	struct json *people;
	enum err err = json_array(c, &people);

	for (size_t i = 0; err == OK && i < json_len(values); i++)
		if (json_kind(json_at(values, i)) == JSON_OBJECT)
			err = json_push(c, people, json_at(values, i));
	return err == OK ? cites_read(c, people, false, out) : err;
}

/* ---- files ----------------------------------------------------------------------------------- */

/* "ab/cdef.jpg" of a URL below our /media/; empty for what is not plainly that. */
static struct str
own_name(struct str url, struct str base)
{
	static const struct str fit = S_INIT("abcdefghijklmnopqrstuvwxyz"
					     "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/-_.");
	struct str name = str_sub(url, base.n, url.n);

	if (!str_starts(url, base) || name.n == 0 || name.n > FILE_NAME_MAX)
		return (struct str){0};
	for (size_t i = 0; i < name.n; i++)
		if (str_find(fit, name.p[i], 0) == fit.n)
			return (struct str){0};
	return str_search(name, S(".."), 0) < name.n ? (struct str){0} : name;
}

static enum err
files_read(struct ctx *c, const struct json *values, struct str base, struct post_files *out)
{
	size_t n = json_len(values);
	enum err err = OK;

	*out = (struct post_files){0};
	if (n > POST_FILES_MAX)
		n = POST_FILES_MAX;
	if (n == 0)
		return OK;
	out->list = ctx_calloc(c, n, sizeof(*out->list));
	if (!out->list)
		return ERR_MEMORY;
	for (size_t i = 0; err == OK && i < json_len(values) && out->n < n; i++) {
		const struct json *value = json_at(values, i);
		struct post_file *file = &out->list[out->n];

		file->url = post_link(post_value_url(value));
		file->name = own_name(file->url, base);
		err = post_fold(c, json_str(json_find(value, S("alt"))), POST_ALT_MAX, &file->alt);
		if (file->url.n > 0)
			out->n++;
	}
	return err;
}

static enum err
file_find(struct ctx *c, struct db *db, struct post_file *file)
{
	struct media_row row;
	enum err err = media_row_find_name(c, db, file->name, &row);

	if (err == ERR_NOT_FOUND) {
		err_clear(c);
		return OK;
	}
	if (err != OK)
		return err;
	file->type = row.type;
	file->bytes = row.bytes;
	file->width = row.width;
	file->height = row.height;
	file->sizes = row.sizes;
	return OK;
}

enum err
post_parts_files(struct ctx *c, struct db *db, struct post_parts *parts)
{
	const struct post_files *all[] = {
		&parts->photos, &parts->videos, &parts->audios, &parts->featured};
	enum err err = OK;

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		for (size_t j = 0; err == OK && j < all[i]->n; j++)
			if (all[i]->list[j].name.n > 0)
				err = file_find(c, db, &all[i]->list[j]);
	return err;
}

enum err
post_file_size(struct ctx *c, const struct post_file *file, struct str width, struct str suffix,
	struct str *out)
{
	size_t dot = file->name.n;
	struct str path;
	enum err err;

	while (dot > 0 && file->name.p[dot - 1] != '.')
		dot--;
	err = ctx_printf(c, &path, "/media/%.*s-%.*s%.*s",
		STR(str_sub(file->name, 0, dot > 0 ? dot - 1 : file->name.n)), STR(width),
		STR(suffix));
	return err == OK ? site_url(c, path, out) : err;
}

/* ---- the whole ------------------------------------------------------------------------------- */

/* A property's first value, if it is one of these words; empty otherwise. */
static struct str
word_of(const struct json *properties, struct str name, const struct str *words, size_t n)
{
	struct str value = json_str(post_first(properties, name));

	for (size_t i = 0; i < n; i++)
		if (str_eqi(value, words[i]))
			return words[i];
	return (struct str){0};
}

static void
words_read(const struct json *properties, struct post_parts *out)
{
	static const struct str answers[] = {
		S_INIT("yes"), S_INIT("no"), S_INIT("maybe"), S_INIT("interested")};
	static const struct str states[] = {
		S_INIT("to-read"), S_INIT("reading"), S_INIT("finished")};

	out->lang = json_str(post_first(properties, S("lang")));
	if (!str_is_language(out->lang))
		out->lang = (struct str){0};
	out->rsvp = word_of(properties, S("rsvp"), answers, 4);
	out->read_status = word_of(properties, S("read-status"), states, 3);
}

static void
time_read(const struct json *properties, struct str name, struct post_time *out)
{
	struct str text = str_trim(json_str(post_first(properties, name)));

	*out = (struct post_time){0};
	out->set = time_rfc3339_parse(text, &out->seconds, &out->zone);
	out->day = text.n == sizeof("2026-03-01") - 1;
}

static enum err
all_files_read(struct ctx *c, const struct json *properties, struct post_parts *out)
{
	struct str base;
	enum err err = site_url(c, S("/media/"), &base);

	if (err == OK)
		err = files_read(c, json_find(properties, S("photo")), base, &out->photos);
	if (err == OK)
		err = files_read(c, json_find(properties, S("video")), base, &out->videos);
	if (err == OK)
		err = files_read(c, json_find(properties, S("audio")), base, &out->audios);
	if (err == OK)
		err = files_read(c, json_find(properties, S("featured")), base, &out->featured);
	return err;
}

/* ---- kept beyond the tree -------------------------------------------------------------------- */

static enum err
text_keep(struct ctx *c, struct str *text)
{
	return text->n > 0 ? ctx_str(c, *text, text) : OK;
}

static enum err
cites_keep(struct ctx *c, struct post_cites *cites)
{
	enum err err = OK;

	for (size_t i = 0; err == OK && i < cites->n; i++) {
		err = text_keep(c, &cites->list[i].url);
		if (err == OK)
			err = text_keep(c, &cites->list[i].name);
		if (err == OK)
			err = text_keep(c, &cites->list[i].author);
	}
	return err;
}

/* A file's name is the end of its URL. */
static enum err
files_keep(struct ctx *c, struct post_files *files)
{
	enum err err = OK;

	for (size_t i = 0; err == OK && i < files->n; i++) {
		struct post_file *file = &files->list[i];

		err = text_keep(c, &file->url);
		if (err == OK)
			err = text_keep(c, &file->alt);
		file->name = str_sub(file->url, file->url.n - file->name.n, file->url.n);
	}
	return err;
}

static enum err
place_keep(struct ctx *c, struct post_place *place)
{
	enum err err = text_keep(c, &place->name);

	if (err == OK)
		err = text_keep(c, &place->url);
	if (err == OK)
		err = text_keep(c, &place->latitude);
	if (err == OK)
		err = text_keep(c, &place->longitude);
	for (size_t i = 0; err == OK && i < POST_ADDRESS__MAX; i++)
		err = text_keep(c, &place->address[i]);
	return err;
}

/* All texts of the parts, so that the tree that they stand in can go. Words are static. */
static enum err
parts_keep(struct ctx *c, struct post_parts *parts)
{
	struct post_files *files[] = {
		&parts->photos, &parts->videos, &parts->audios, &parts->featured};
	enum err err = text_keep(c, &parts->lang);

	if (err == OK)
		err = cites_keep(c, &parts->people);
	for (size_t i = 0; err == OK && i < sizeof(files) / sizeof(files[0]); i++)
		err = files_keep(c, files[i]);
	for (size_t i = 0; err == OK && i < POST_RELATION__MAX; i++)
		err = cites_keep(c, &parts->relations[i]);
	if (err == OK)
		err = cites_keep(c, &parts->syndication);
	if (err == OK)
		err = place_keep(c, &parts->location);
	return err == OK ? place_keep(c, &parts->checkin) : err;
}

/* ---- the whole, from its text ---------------------------------------------------------------- */

static enum err
tree_read(struct ctx *c, struct str text, struct post_parts *out)
{
	const struct json *mf2, *properties;
	enum err err = json_parse(c, text, &mf2);

	if (err == ERR_BAD_JSON) {
		err_clear(c);
		return OK;
	}
	if (err != OK)
		return err;
	properties = json_find(mf2, S("properties"));
	words_read(properties, out);
	time_read(properties, S("start"), &out->start);
	time_read(properties, S("end"), &out->end);
	err = all_files_read(c, properties, out);
	/* What was read, heard or seen has often no URL; what is answered or liked always has one. */
	for (size_t i = 0; err == OK && i < POST_RELATION__MAX; i++)
		err = cites_read(c, json_find(properties, relations[i]), i < POST_READ,
			&out->relations[i]);
	if (err == OK)
		err = cites_read(c, json_find(properties, S("syndication")), true,
			&out->syndication);
	if (err == OK)
		err = people_read(c, json_find(properties, S("category")), &out->people);
	if (err == OK)
		err = post_place_read(c, post_first(properties, S("location")), &out->location);
	if (err == OK)
		err = post_place_read(c, post_first(properties, S("checkin")), &out->checkin);
	return err == OK ? parts_keep(c, out) : err;
}

/* A page shows many posts, and a tree takes up to a hundred times the memory of its text. */
enum err
post_parts_read(struct ctx *c, const struct post_row *row, struct post_parts *out)
{
	const struct ctx_defer *mark = c->defers;
	enum err err = OK;

	*out = (struct post_parts){0};
	if (row->mf2.n > 0)
		err = tree_read(c, row->mf2, out);
	ctx_run_defers_since(c, mark);
	return err;
}
