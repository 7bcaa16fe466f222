/*
 * A call as an entry of the journal. What a person looks for first comes first, and what can be
 * long comes last, so that it is the client's own text that runs out of room.
 */
#include "web/call.h"

#include "core/log_line.h"
#include "text/json.h"

enum { TEXT_MAX = 300 }; /* bytes of what is not the client's content */

/* ---- secrets ----------------------------------------------------------------------------- */

static const struct str removed = S_INIT("(removed)");

static bool
contains_word(struct str s, struct str word)
{
	for (size_t i = 0; i + word.n <= s.n; i++)
		if (str_eqi(str_sub(s, i, i + word.n), word))
			return true;
	return false;
}

/* Names of what should not have been sent to us, or not there. "author" is not among them. */
static bool
is_secret(struct str name)
{
	static const struct str words[] = {S_INIT("token"), S_INIT("secret"), S_INIT("password"),
		S_INIT("passwd"), S_INIT("authorization"), S_INIT("bearer"), S_INIT("cookie"),
		S_INIT("credential"), S_INIT("session"), S_INIT("apikey"), S_INIT("api_key"),
		S_INIT("api-key"), S_INIT("private_key"), S_INIT("code_verifier")};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (contains_word(name, words[i]))
			return true;
	return false;
}

static bool
is_base64url(char ch)
{
	return (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') || (ch >= '0' && ch <= '9') ||
	       ch == '-' || ch == '_';
}

/* Where the next thing that looks like a token of ours begins, and its end; s.n: nowhere. */
static size_t
token_find(struct str s, size_t at, size_t *end)
{
	enum { LEAST = 16 };

	for (; (at = str_search(s, S("sp_"), at)) < s.n; at = *end) {
		*end = at + 3;
		while (*end < s.n && is_base64url(s.p[*end]))
			++*end;
		if (*end - at >= LEAST)
			break;
	}
	return at;
}

/*
 * The beginning of a text, max bytes and a little more, with asterisks for tokens. They take up as
 * much room, so that none is half behind the edge where the text will be cut.
 */
static struct str
masked(struct ctx *c, struct str s, size_t max)
{
	enum { MORE = 64 };
	struct str shown = str_sub(s, 0, max + MORE);
	size_t end = 0, at = token_find(shown, 0, &end);
	char *p;

	if (at == shown.n)
		return shown;
	p = arena_alloc(&c->arena, shown.n);
	if (!p)
		return removed;
	memcpy(p, shown.p, shown.n);
	for (; at < shown.n; at = token_find(shown, end, &end))
		memset(p + at + 3, '*', end - at - 3);
	return str_n(p, shown.n);
}

/* ---- texts ------------------------------------------------------------------------------- */

/* What a record is written with. */
struct record {
	struct ctx *c;
	struct journal_entry entry;
};

static void
put_value(struct record *r, struct str name, struct str value, size_t max)
{
	journal_entry_str(&r->entry, name, masked(r->c, value, max), max);
}

/* A member that is left out if there is nothing in it. */
static void
put_text(struct record *r, const char *name, struct str value, size_t max)
{
	if (value.n > 0)
		put_value(r, str_z(name), value, max);
}

/* "name=value" of arguments and fields, in the order sent. */
static void
put_pairs(struct record *r, const char *name, const struct pair *pairs, size_t n)
{
	size_t shown = n < CALL_LIST_MAX ? n : CALL_LIST_MAX;

	if (n == 0)
		return;
	journal_entry_open(&r->entry, str_z(name), '[');
	for (size_t i = 0; i < shown; i++) {
		struct str value = is_secret(pairs[i].name) ? removed : pairs[i].value;
		struct str start = str_sub(value, 0, CALL_VALUE_MAX), text;

		text = arena_printf(&r->c->arena, "%.*s=%.*s", STR(pairs[i].name), STR(start));
		put_value(r, JOURNAL_ITEM, text.p ? text : removed, CALL_VALUE_MAX);
		if (start.n < value.n)
			journal_entry_cut(&r->entry);
	}
	journal_entry_close(&r->entry);
	if (shown < n)
		journal_entry_cut(&r->entry);
}

/* ---- JSON -------------------------------------------------------------------------------- */

static void put_json(struct record *r, struct str name, const struct json *v);

static void
put_array(struct record *r, const struct json *array)
{
	for (size_t i = 0; i < json_len(array) && i < CALL_LIST_MAX; i++)
		put_json(r, JOURNAL_ITEM, json_at(array, i));
	if (json_len(array) > CALL_LIST_MAX)
		journal_entry_cut(&r->entry);
}

static void
put_object(struct record *r, const struct json *object)
{
	const struct json *v;
	struct str name;

	for (size_t i = 0; i < CALL_MEMBERS_MAX && json_member(object, i, &name, &v); i++)
		put_json(r, name, v);
	if (json_len(object) > CALL_MEMBERS_MAX)
		journal_entry_cut(&r->entry);
}

/* A number, true, false or null, as it was written. */
static void
put_scalar(struct record *r, struct str name, const struct json *v)
{
	struct str text;

	if (json_write(r->c, v, &text) == OK && text.n <= CALL_VALUE_MAX)
		journal_entry_raw(&r->entry, name, text);
	else
		journal_entry_cut(&r->entry);
}

/* Any value, with all that is in it. Deeper than the entry goes nothing is looked at. */
static void
put_json(struct record *r, struct str name, const struct json *v)
{
	bool array = json_kind(v) == JSON_ARRAY;

	if (name.p && is_secret(name)) {
		journal_entry_str(&r->entry, name, removed, CALL_VALUE_MAX);
	} else if (json_kind(v) == JSON_STRING) {
		put_value(r, name, json_str(v), CALL_VALUE_MAX);
	} else if (array || json_kind(v) == JSON_OBJECT) {
		journal_entry_open(&r->entry, name, array ? '[' : '{');
		if (r->entry.skipped == 0 && array)
			put_array(r, v);
		else if (r->entry.skipped == 0)
			put_object(r, v);
		journal_entry_close(&r->entry);
	} else {
		put_scalar(r, name, v);
	}
}

/* ---- the entry --------------------------------------------------------------------------- */

static void
put_head(struct record *r, const struct call *call, const struct facts *f)
{
	struct journal_entry *e = &r->entry;
	char stamp[LOG_TIME_BYTES];

	log_time_format(r->c->now_us, stamp);
	put_text(r, "time", str_n(stamp, sizeof(stamp)), sizeof(stamp));
	put_text(r, "request_id", str_z(r->c->request_id), sizeof(r->c->request_id));
	put_text(r, "method", str_z(facts_method_name(f->method)), TEXT_MAX);
	put_text(r, "endpoint", f->path, TEXT_MAX);
	journal_entry_int(e, S("status"), f->status);
	journal_entry_ms(e, S("duration_ms"), f->duration_us);
	put_text(r, "token", f->auth, TEXT_MAX);
	put_text(r, "client", call->client, TEXT_MAX);
	put_text(r, "remote_addr", f->remote_addr, TEXT_MAX);
	put_text(r, "user_agent", f->user_agent, TEXT_MAX);
	put_text(r, "media_type", call->media_type, TEXT_MAX);
	if (call->announced >= 0)
		journal_entry_int(e, S("announced"), call->announced);
	if (f->request_bytes > 0)
		journal_entry_int(e, S("bytes"), (int64_t)f->request_bytes);
	put_text(r, "location", call->location, CALL_VALUE_MAX);
}

/* Why it was refused. What the slot says is about the answer only if it is of the same kind. */
static void
put_error(struct record *r, enum err error)
{
	const struct err_slot *slot = &r->c->err;
	const struct err_info *info = err_info(error);

	if (error == OK)
		return;
	journal_entry_open(&r->entry, S("error"), '{');
	put_text(r, "name", str_z(info->name), TEXT_MAX);
	put_text(r, "message", str_z(info->message), TEXT_MAX);
	if (slot->code == error) {
		put_text(r, "hint", str_z(slot->hint), TEXT_MAX);
		put_text(r, "detail", str_z(slot->detail), TEXT_MAX);
	}
	put_text(r, "suggestion", str_z(info->suggestion), TEXT_MAX);
	journal_entry_close(&r->entry);
}

/* The commands of a create or an update. uids: each followed by U+001F. */
static void
put_commands(struct record *r, struct str slug, struct str channel, struct str uids)
{
	put_text(r, "mp-slug", slug, CALL_VALUE_MAX);
	put_text(r, "mp-channel", channel, CALL_VALUE_MAX);
	if (uids.n == 0)
		return;
	journal_entry_open(&r->entry, S("mp-syndicate-to"), '[');
	for (size_t i = 0; uids.n > 0 && i < CALL_LIST_MAX; i++)
		put_value(r, JOURNAL_ITEM, str_cut(&uids, '\x1f'), CALL_VALUE_MAX);
	journal_entry_close(&r->entry);
}

/* The operations that there are. */
static void
put_update(struct record *r, const struct post_update *u)
{
	put_commands(r, u->slug, u->channel, u->syndicate_to);
	if (json_len(u->photo_alts) > 0)
		put_json(r, S("mp-photo-alt"), u->photo_alts);
	if (json_len(u->replace) > 0)
		put_json(r, S("replace"), u->replace);
	if (json_len(u->remove) > 0)
		put_json(r, S("delete"), u->remove);
	if (json_len(u->add) > 0)
		put_json(r, S("add"), u->add);
}

static void
put_request(struct record *r, const struct micropub_request *q)
{
	static const char *const actions[] = {[MICROPUB_CREATE] = "create",
		[MICROPUB_UPDATE] = "update",
		[MICROPUB_DELETE] = "delete",
		[MICROPUB_UNDELETE] = "undelete"};

	journal_entry_open(&r->entry, S("request"), '{');
	put_text(r, "action", str_z(actions[q->action]), TEXT_MAX);
	put_text(r, "url", q->url, CALL_VALUE_MAX);
	put_text(r, "type", q->draft.kind, TEXT_MAX);
	put_commands(r, q->draft.slug, q->draft.channel, q->draft.syndicate_to);
	put_text(r, "idempotency-key", q->draft.retry_key, TEXT_MAX);
	if (q->draft.properties)
		put_json(r, S("properties"), q->draft.properties);
	if (q->action == MICROPUB_UPDATE)
		put_update(r, &q->update);
	journal_entry_close(&r->entry);
}

/* What files came, also those that were refused. */
static void
put_files(struct record *r, const struct call *call)
{
	if (call->n_files == 0)
		return;
	journal_entry_open(&r->entry, S("files"), '[');
	for (size_t i = 0; i < call->n_files; i++) {
		const struct call_file *file = &call->files[i];

		journal_entry_open(&r->entry, JOURNAL_ITEM, '{');
		put_text(r, "part", file->part, TEXT_MAX);
		put_text(r, "filename", file->filename, TEXT_MAX);
		put_text(r, "media_type", file->media_type, TEXT_MAX);
		journal_entry_int(&r->entry, S("bytes"), (int64_t)file->bytes);
		journal_entry_close(&r->entry);
	}
	journal_entry_close(&r->entry);
}

enum err
call_file(struct ctx *c, struct call *call, struct call_file file)
{
	struct call_file *note;
	enum err err;

	if (!call->files)
		call->files = ctx_calloc(c, CALL_LIST_MAX, sizeof(*call->files));
	if (!call->files)
		return ERR_MEMORY;
	if (call->n_files == CALL_LIST_MAX)
		return OK;
	note = &call->files[call->n_files++];
	err = ctx_str(c, file.part, &note->part);
	if (!err)
		err = ctx_str(c, file.filename, &note->filename);
	return err ? err : ctx_str(c, file.media_type, &note->media_type);
}

void
call_file_grow(struct call *call, size_t bytes)
{
	call->files[call->n_files - 1].bytes += bytes;
}

void
call_forget_body(struct call *call)
{
	call->n_fields = 0;
	call->n_files = 0;
	call->json = NULL;
	call->request = NULL;
}

bool
call_is_micropub(const struct facts *f)
{
	return str_eq(f->path, S("/micropub")) || str_starts(f->path, S("/micropub/"));
}

void
call_record(struct ctx *c, struct journal *j, const struct call *call, const struct facts *f)
{
	/* Eight KiB need not be zeroed for an entry of eight hundred bytes. */
	struct record r __attribute__((uninitialized));

	r.c = c;
	journal_entry_begin(&r.entry);
	put_head(&r, call, f);
	put_error(&r, f->error);
	put_pairs(&r, "query", call->query, call->n_query);
	put_files(&r, call);
	if (call->request)
		put_request(&r, call->request);
	else if (call->json)
		put_json(&r, S("json"), call->json);
	else
		put_pairs(&r, "fields", call->fields, call->n_fields);
	journal_put(c, j, &r.entry);
}
