/*
 * From an entry of the journal to what is shown of it. The entry may have been written by another
 * version of the program, so nothing in it is taken for granted.
 */
#include "web/calls.h"

#include "core/config.h"
#include "core/journal.h"
#include "text/words.h"

enum { ROWS_MAX = 200, WHAT_MAX = 120 };

enum err
calls_path(struct ctx *c, struct str *out)
{
	return ctx_printf(c, out, "%s/micropub.journal", c->cfg->runtime_path);
}

/* ---- reading ----------------------------------------------------------------------------- */

/* The object of an entry, if it is one and of that request; else *out is NULL. */
static enum err
entry_parse(struct ctx *c, struct str entry, struct str id, const struct json **out)
{
	enum err err;

	*out = NULL;
	if (id.n > 0 && str_search(entry, id, 0) == entry.n)
		return OK;
	err = json_parse(c, entry, out);
	if (err == ERR_BAD_JSON || err == ERR_BODY_TOO_LARGE) {
		err_clear(c);
		*out = NULL;
		return OK;
	}
	if (!err && id.n > 0 && !str_eq(json_str(json_find(*out, S("request_id"))), id))
		*out = NULL;
	return err;
}

enum err
calls_load(struct ctx *c, struct str id, size_t max, struct calls *out)
{
	struct journal_view journal;
	struct str path, entry;
	enum err err = calls_path(c, &path);

	*out = (struct calls){.list = ctx_calloc(c, max, sizeof(out->list[0]))};
	if (!out->list)
		return ERR_MEMORY;
	if (!err)
		err = journal_load(c, path.p, &journal);
	while (!err && out->n < max && journal_next(&journal, &entry)) {
		err = entry_parse(c, entry, id, &out->list[out->n]);
		if (!err && out->list[out->n])
			out->n++;
	}
	return err;
}

/* ---- showing ----------------------------------------------------------------------------- */

/* Rows of names and values while they are being collected. */
struct rows {
	struct view_member list[ROWS_MAX];
	size_t n;
};

static struct str
text(const struct json *object, const char *name)
{
	return json_str(json_find(object, str_z(name)));
}

/* A value in words: a text as it is, a list of one as that one, anything else as JSON. */
static enum err
value_show(struct ctx *c, const struct json *v, struct str *out)
{
	if (json_kind(v) == JSON_ARRAY && json_len(v) == 1)
		v = json_at(v, 0);
	if (json_kind(v) != JSON_STRING)
		return json_write(c, v, out);
	*out = json_str(v);
	return OK;
}

/* The next row; NULL: there are enough. */
static struct view_member *
row_next(struct rows *rows)
{
	return rows->n < ROWS_MAX ? &rows->list[rows->n++] : NULL;
}

/* The members of an object as rows; what they are about stands before their names. */
static enum err
members_add(struct ctx *c, struct rows *rows, struct str about, const struct json *object)
{
	const struct json *v;
	struct str name;
	enum err err = OK;

	for (size_t i = 0; !err && json_member(object, i, &name, &v); i++) {
		struct view_member *row = row_next(rows);

		if (!row)
			return OK;
		row->name = name;
		if (about.n > 0)
			err = ctx_printf(c, &row->name, "%.*s %.*s", STR(about), STR(name));
		if (!err)
			err = value_show(c, v, &row->value);
	}
	return err;
}

/* A request as understood: its properties by their names, those of an update by what is done. */
static enum err
request_add(struct ctx *c, struct rows *rows, const struct json *request)
{
	const struct json *v;
	struct str name;
	enum err err = OK;

	for (size_t i = 0; !err && json_member(request, i, &name, &v); i++) {
		bool properties = str_eq(name, S("properties"));
		struct view_member *row = NULL;

		if (json_kind(v) == JSON_OBJECT)
			err = members_add(c, rows, properties ? S("") : name, v);
		else
			row = row_next(rows);
		if (row) {
			row->name = name;
			err = value_show(c, v, &row->value);
		}
	}
	return err;
}

/* Arguments and fields: "name=value" each. */
static void
pairs_add(struct rows *rows, const struct json *pairs)
{
	for (size_t i = 0; i < json_len(pairs); i++) {
		struct str value = json_str(json_at(pairs, i)), name = str_cut(&value, '=');
		struct view_member *row = row_next(rows);

		if (row)
			*row = (struct view_member){name, value};
	}
}

/* "IMG_1.jpg, image/jpeg, 51000 bytes" of each file, by its part. */
static enum err
files_add(struct ctx *c, struct rows *rows, const struct json *files)
{
	enum err err = OK;

	for (size_t i = 0; !err && i < json_len(files); i++) {
		const struct json *file = json_at(files, i);
		struct str type = text(file, "media_type");
		struct view_member *row = row_next(rows);

		if (!row)
			return OK;
		err = ctx_printf(c, &row->name, tr(c, "file %.*s"), STR(text(file, "part")));
		if (!err)
			err = ctx_printf(c, &row->value, tr(c, "%.*s%s%.*s, %lld bytes"),
				STR(text(file, "filename")), type.n > 0 ? ", " : "", STR(type),
				(long long)json_int(json_find(file, S("bytes"))));
	}
	return err;
}

/* What the client sent, as it was understood, or else as it was read. */
static enum err
rows_show(struct ctx *c, const struct json *call, struct view_call *out)
{
	const struct json *request = json_find(call, S("request"));
	const struct json *body = json_find(call, S("json"));
	struct rows *rows = ctx_alloc(c, sizeof(*rows));
	enum err err = rows ? OK : ERR_MEMORY;

	out->understood = request != NULL;
	if (err)
		return err;
	pairs_add(rows, json_find(call, S("query")));
	err = files_add(c, rows, json_find(call, S("files")));
	if (err)
		return err;
	if (request)
		err = request_add(c, rows, request);
	else if (json_kind(body) == JSON_OBJECT)
		err = request_add(c, rows, body);
	else
		pairs_add(rows, json_find(call, S("fields")));
	out->rows = (struct tmpl_list){rows->list, rows->n};
	out->has_rows = rows->n > 0;
	return err;
}

/* "2026-03-01T09:30:00.000Z" -> "2026-03-01 09:30:00" */
static enum err
when_show(struct ctx *c, struct str time, struct str *out)
{
	struct str clock = time, date = str_cut(&clock, 'T');

	return ctx_printf(c, out, "%.*s %.*s", STR(date), STR(str_sub(clock, 0, 8)));
}

/* In a word or two: "create h-entry", "update", "q=config", "upload"; empty: nobody knows. */
static enum err
what_show(struct ctx *c, const struct json *call, struct str *out)
{
	const struct json *request = json_find(call, S("request"));
	struct str action = text(request, "action"), type = text(request, "type");
	struct str query = json_str(json_at(json_find(call, S("query")), 0));

	*out = request ? action : str_sub(query, 0, WHAT_MAX);
	if (!request && json_find(call, S("files")))
		*out = tr_str(c, "upload");
	if (request && type.n > 0)
		return ctx_printf(c, out, "%.*s h-%.*s", STR(action), STR(type));
	return OK;
}

/* "application/json, 120 bytes"; empty if there was no body. */
static enum err
sent_show(struct ctx *c, const struct json *call, struct str *out)
{
	const struct json *read = json_find(call, S("bytes"));
	const struct json *announced = json_find(call, S("announced"));
	struct str type = text(call, "media_type");
	long long bytes = json_int(read ? read : announced);

	*out = type;
	if (bytes == 0)
		return OK;
	return ctx_printf(c, out, read ? tr(c, "%.*s%s%lld bytes") : tr(c, "%.*s%s%lld bytes announced"),
		STR(type), type.n > 0 ? ", " : "", bytes);
}

/* "Quill (k2m9…)", "k2m9…": who showed a token. */
static enum err
client_show(struct ctx *c, const struct json *call, struct str *out)
{
	struct str name = text(call, "client"), token = text(call, "token");

	*out = token;
	return name.n > 0 ? ctx_printf(c, out, "%.*s (%.*s)", STR(name), STR(token)) : OK;
}

static enum err
problem_show(struct ctx *c, const struct json *error, struct view_call *out)
{
	struct str hint = text(error, "hint");

	out->error = text(error, "name");
	out->message = tr_text(c, text(error, "message"));
	out->suggestion = tr_text(c, text(error, "suggestion"));
	out->detail = text(error, "detail");
	if (hint.n == 0)
		return OK;
	return ctx_printf(c, &out->message, "%.*s (%.*s)", STR(out->message), STR(hint));
}

enum err
calls_show(struct ctx *c, const struct json *call, struct view_call *out)
{
	enum err err;

	*out = (struct view_call){.time = text(call, "time"),
		.request_id = text(call, "request_id"),
		.method = text(call, "method"),
		.endpoint = text(call, "endpoint"),
		.status = json_int(json_find(call, S("status"))),
		.remote_addr = text(call, "remote_addr"),
		.user_agent = text(call, "user_agent"),
		.location = text(call, "location"),
		.cut = json_bool(json_find(call, S("cut")))};
	out->failed = out->status >= 400 || out->status == 0;
	err = ctx_printf(
		c, &out->duration, "%.2f ms", json_double(json_find(call, S("duration_ms"))));
	if (!err)
		err = when_show(c, out->time, &out->when);
	if (!err)
		err = what_show(c, call, &out->what);
	if (!err)
		err = sent_show(c, call, &out->sent);
	if (!err)
		err = client_show(c, call, &out->client);
	if (!err)
		err = problem_show(c, json_find(call, S("error")), out);
	return err ? err : rows_show(c, call, out);
}
