/*
 * The owner's page of old addresses: where they lead, one more, one less. Many at once are for the
 * command, 'starpunk redirect import'.
 */
#include "web/priv.h"

#include "base/enc.h"
#include "domain/alias.h"

enum { PER_PAGE = 50, PATH_MAX_BYTES = 8192 };

#define REDIRECTS S("/admin/redirects")

/* What was typed, and why it is not possible. */
struct typed {
	struct str from, to;
	int status;
	enum err refused;
	struct str problem;
};

static const struct {
	struct str word;
	const char *label;
	int status;
} kinds[] = {
	{S_INIT("301"), N_("It has moved for good"), 301},
	{S_INIT("302"), N_("It leads there for now"), 302},
	{S_INIT("410"), N_("It is gone"), 410},
};

enum { N_KINDS = sizeof(kinds) / sizeof(kinds[0]) };

static int
kind_status(struct str word)
{
	for (size_t i = 0; i < N_KINDS; i++)
		if (str_eq(kinds[i].word, word))
			return kinds[i].status;
	return 301;
}

/* ---- the page -------------------------------------------------------------------------------- */

static enum err
older_path(struct ctx *c, struct str after, struct str *out)
{
	struct buf b;

	buf_init(&b, &c->arena, PATH_MAX_BYTES);
	buf_puts(&b, "/admin/redirects?after=");
	enc_percent(&b, after, (struct str){0});
	return buf_end(c, &b, out);
}

static void
rows_fill(const struct alias_row *rows, size_t n, struct view_redirect *out)
{
	for (size_t i = 0; i < n; i++)
		out[i] = (struct view_redirect){.source = rows[i].source,
			.target = rows[i].target,
			.gone = rows[i].status == 410,
			.passing = rows[i].status == 302 || rows[i].status == 307,
			.exact = str_find(rows[i].source, '*', 0) == rows[i].source.n};
}

static void
form_fill(struct ctx *c, const struct typed *typed, struct view_option options[N_KINDS],
	struct view_redirects *out)
{
	for (size_t i = 0; i < N_KINDS; i++)
		options[i] = (struct view_option){.value = kinds[i].word,
			.label = tr_str(c, kinds[i].label),
			.chosen = kinds[i].status == typed->status};
	out->kinds = (struct tmpl_list){options, N_KINDS};
	out->from = typed->from;
	out->to = typed->to;
	if (!typed->refused)
		return;
	out->problem = str_z(err_info(typed->refused)->message);
	out->detail = typed->problem;
	out->suggestion = str_z(err_info(typed->refused)->suggestion);
}

static enum err
page_send(struct ctx *c, struct txn *t, const struct typed *typed)
{
	struct view_page page = {.title = tr_str(c, "Redirects"), .hidden = true};
	struct view_redirect *list = ctx_calloc(c, PER_PAGE + 1, sizeof(*list));
	struct alias_row *rows = ctx_calloc(c, PER_PAGE + 1, sizeof(*rows));
	struct view_option options[N_KINDS];
	struct view_desk desk;
	struct view_redirects data = {.site = t->site, .page = &page, .desk = &desk, .action = REDIRECTS};
	struct str after;
	struct db *db;
	size_t n = 0;
	enum err err = list && rows ? req_query(c, &t->req, S("after"), &after) : ERR_MEMORY;

	if (!err)
		err = txn_db(c, t, &db);
	if (!err)
		err = alias_row_list(c, db, after, PER_PAGE + 1, rows, &n);
	txn_db_release(c, t);
	if (!err && n > PER_PAGE)
		err = older_path(c, rows[PER_PAGE - 1].source, &data.next);
	if (!err)
		err = desk_fill(c, t, DESK_REDIRECTS, STATIC_NONE, &desk);
	if (err)
		return err;
	n = n > PER_PAGE ? PER_PAGE : n;
	rows_fill(rows, n, list);
	data.redirects = (struct tmpl_list){list, n};
	data.has_redirects = n > 0;
	data.continued = after.n > 0;
	form_fill(c, typed, options, &data);
	if (typed->refused) {
		t->resp.status = err_info(typed->refused)->status;
		c->facts->error = typed->refused;
	}
	return desk_send(c, t, VIEW_REDIRECTS, &data);
}

/* ---- what its forms do ----------------------------------------------------------------------- */

static enum err
add(struct ctx *c, struct txn *t, struct db *db, struct typed *typed)
{
	struct alias_row row;
	size_t changed, bad;
	enum err err = alias_make(c, typed->from, typed->status == 410 ? S("") : typed->to,
		typed->status, &row);

	if (!err)
		err = alias_put(c, db, &row, 1, &changed, &bad);
	if (!err)
		return desk_done(c, t, REDIRECTS, "redirect-added");
	if (err != ERR_ALIAS && err != ERR_ALIAS_CIRCLE)
		return err;
	typed->refused = err;
	err = ctx_str(c, tr_str(c, c->err.hint), &typed->problem);
	err_clear(c);
	return err ? err : page_send(c, t, typed);
}

static enum err
act(struct ctx *c, struct txn *t)
{
	struct typed typed = {0};
	struct pair *fields;
	struct db *db;
	size_t n;
	enum err err = txn_form_db(c, t, &fields, &n, &db);

	if (err)
		return err;
	typed.from = str_trim(txn_field(fields, n, S("from")));
	typed.to = str_trim(txn_field(fields, n, S("to")));
	typed.status = kind_status(txn_field(fields, n, S("kind")));
	if (!str_eq(txn_field(fields, n, S("do")), S("remove")))
		return add(c, t, db, &typed);
	err = alias_remove(c, db, typed.from);
	if (err && err != ERR_NOT_FOUND)
		return err;
	err_clear(c);
	return desk_done(c, t, REDIRECTS, "redirect-removed");
}

enum err
web_admin_redirects(struct ctx *c, struct txn *t)
{
	const struct typed none = {.status = 301};

	return t->req.method == METHOD_POST ? act(c, t) : page_send(c, t, &none);
}
