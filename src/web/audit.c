/*
 * The audit trail for its owner: newest first, of one kind or of all, a page at a time. JSON for who
 * asks for it.
 */
#include "domain/audit.h"

#include "base/enc.h"
#include "base/time.h"
#include "http/cond.h"
#include "web/build.h"
#include "web/priv.h"

enum { SHOWN = 50 };

/* What is looked at, and what was found. */
struct trail {
	struct str kind;	/* a word of audits.def; empty: all */
	int64_t before;		/* id */
	struct audit_row *rows;
	size_t n;
	bool more;		/* there are older ones */
};

static enum err
query_read(struct ctx *c, struct txn *t, struct trail *out)
{
	unsigned long long before = INT64_MAX;
	struct str given;
	enum err err = req_query(c, &t->req, S("kind"), &out->kind);

	if (!err)
		err = req_query(c, &t->req, S("before"), &given);
	if (!err && given.n > 0 && !str_u64(given, INT64_MAX, &before))
		err = err_raise_hint(c, ERR_BAD_REQUEST, "before is not a number");
	out->before = (int64_t)before;
	return err;
}

static enum err
trail_read(struct ctx *c, struct txn *t, struct trail *out)
{
	struct db *db;
	enum err err = txn_db(c, t, &db);

	if (!err && out->kind.n > 0)
		err = audit_row_kind(
			c, db, out->kind, out->before, SHOWN + 1, &out->rows, &out->n);
	else if (!err)
		err = audit_row_list(c, db, out->before, SHOWN + 1, &out->rows, &out->n);
	txn_db_release(c, t);
	out->more = out->n > SHOWN;
	out->n = out->more ? SHOWN : out->n;
	return err;
}

/* The path of what comes behind; empty: nothing does. */
static enum err
older(struct ctx *c, const struct trail *trail, struct str *out)
{
	struct buf b;

	*out = (struct str){0};
	if (!trail->more)
		return OK;
	buf_init(&b, &c->arena, 4096);
	buf_puts(&b, "/admin/audit?");
	if (trail->kind.n > 0) {
		buf_puts(&b, "kind=");
		enc_percent(&b, trail->kind, S(""));
		buf_putc(&b, '&');
	}
	buf_printf(&b, "before=%lld", (long long)trail->rows[trail->n - 1].id);
	return buf_end(c, &b, out);
}

/* ---- JSON -------------------------------------------------------------------------------- */

static enum err
send_json(struct ctx *c, struct txn *t, const struct trail *trail)
{
	struct build b = {c, OK};
	struct json *o = build_object(&b), *list = build_array(&b);
	struct str url;
	enum err err = older(c, trail, &url);

	for (size_t i = 0; i < trail->n; i++) {
		const struct audit_row *row = &trail->rows[i];
		struct json *entry = build_object(&b);

		build_int(&b, entry, "id", row->id);
		build_time(&b, entry, "time", row->time * 1000000);
		build_str(&b, entry, "what", row->what);
		build_str(&b, entry, "subject", row->subject);
		build_str(&b, entry, "detail", row->detail);
		build_str(&b, entry, "remote_addr", row->remote_addr);
		build_str(&b, entry, "user_agent", row->user_agent);
		build_str(&b, entry, "request_id", row->request_id);
		build_push(&b, list, entry);
	}
	build_put(&b, o, "audit", list);
	if (url.n > 0)
		build_str(&b, o, "older", url);
	if (!err)
		err = b.err;
	return err ? err : txn_json(c, t, "application/json", o);
}

/* ---- the page ---------------------------------------------------------------------------- */

static enum err
entry_fill(struct ctx *c, const struct audit_row *row, struct view_audit_entry *out)
{
	struct view_date *date = ctx_calloc(c, 1, sizeof(*date));

	*out = (struct view_audit_entry){.what = audit_text(c, row->what),
		.subject = row->subject,
		.detail = row->detail,
		.date = date,
		.here = row->remote_addr.n == 0,
		.remote_addr = row->remote_addr,
		.user_agent = row->user_agent,
		.request_id = row->request_id};
	return date ? view_date(c, row->time, time_zone_offset(row->time), date) : ERR_MEMORY;
}

static enum err
entries_fill(struct ctx *c, const struct trail *trail, struct tmpl_list *out)
{
	struct view_audit_entry *list = ctx_calloc(c, SHOWN, sizeof(*list));
	enum err err = list ? OK : ERR_MEMORY;

	for (size_t i = 0; !err && i < trail->n; i++)
		err = entry_fill(c, &trail->rows[i], &list[i]);
	*out = (struct tmpl_list){list, trail->n};
	return err;
}

static enum err
kinds_fill(struct ctx *c, struct str chosen, struct tmpl_list *out)
{
	struct view_audit_kind *list = ctx_calloc(c, AUDIT__MAX, sizeof(*list));
	const char *word, *text;
	size_t n = 0;

	if (!list)
		return ERR_MEMORY;
	for (; (word = audit_word(n, &text)) != NULL; n++)
		list[n] = (struct view_audit_kind){.word = str_z(word), .text = tr_str(c, text),
			.chosen = str_eq(chosen, str_z(word))};
	*out = (struct tmpl_list){list, n};
	return OK;
}

static enum err
send_page(struct ctx *c, struct txn *t, const struct trail *trail)
{
	const struct view_page page = {.title = tr_str(c, "Audit trail"), .hidden = true};
	struct view_desk desk;
	struct view_audit data = {.site = t->site, .page = &page, .desk = &desk,
		.action = S("/admin/audit"),
		.has_entries = trail->n > 0,
		.filtered = trail->kind.n > 0,
		.continued = trail->before != INT64_MAX,
		.days = AUDIT_KEPT / 86400};
	enum err err = entries_fill(c, trail, &data.entries);

	if (!err)
		err = kinds_fill(c, trail->kind, &data.kinds);
	if (!err)
		err = older(c, trail, &data.older);
	if (!err)
		err = desk_fill(c, t, DESK_AUDIT, STATIC_NONE, &desk);
	return err ? err : desk_send(c, t, VIEW_AUDIT, &data);
}

enum err
web_admin_audit(struct ctx *c, struct txn *t)
{
	struct trail trail = {.before = INT64_MAX};
	enum err err = query_read(c, t, &trail);

	if (!err)
		err = trail_read(c, t, &trail);
	if (err)
		return err;
	return accept_prefers_json(&t->req) ? send_json(c, t, &trail) : send_page(c, t, &trail);
}
