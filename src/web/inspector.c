/*
 * The request inspector: for the owner whose client does not work, its last calls as a page, or as
 * JSON for a program. `starpunk micropub log` shows the same.
 */
#include "web/priv.h"

#include "http/cond.h"
#include "web/build.h"
#include "web/calls.h"

enum { CALLS_SHOWN = 50 };

static enum err
send_json(struct ctx *c, struct txn *t, const struct calls *calls)
{
	struct build b = {c, OK};
	struct json *o = build_object(&b), *list = build_array(&b);

	for (size_t i = 0; i < calls->n; i++)
		build_push(&b, list, calls->list[i]);
	build_put(&b, o, "calls", list);
	return b.err ? b.err : txn_json(c, t, "application/json", o);
}

static enum err
send_page(struct ctx *c, struct txn *t, const struct calls *calls)
{
	const struct view_page page = {.title = tr_str(c, "Micropub calls"), .hidden = true};
	struct view_call *list = ctx_calloc(c, CALLS_SHOWN, sizeof(*list));
	struct view_desk desk;
	struct view_inspector data = {.site = t->site,
		.page = &page,
		.desk = &desk,
		.calls = {list, calls->n},
		.has_calls = calls->n > 0};
	enum err err = list ? OK : ERR_MEMORY;

	for (size_t i = 0; !err && i < calls->n; i++)
		err = calls_show(c, calls->list[i], &list[i]);
	if (!err)
		err = desk_fill(c, t, DESK_CALLS, STATIC_NONE, &desk);
	return err ? err : desk_send(c, t, VIEW_INSPECTOR, &data);
}

enum err
web_admin_micropub(struct ctx *c, struct txn *t)
{
	struct calls calls;
	enum err err = calls_load(c, S(""), CALLS_SHOWN, &calls);

	txn_db_release(c, t);
	if (err)
		return err;
	if (!t->grant.session || accept_prefers_json(&t->req))
		return send_json(c, t, &calls);
	return send_page(c, t, &calls);
}
