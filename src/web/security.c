/*
 * What the owner signs in with: password, authenticator app, passkeys, recovery codes. Everything
 * that changes something wants a proof not older than a quarter of an hour; the page shows its forms
 * only then, so that nothing is typed in vain.
 */
#include "web/priv.h"

#include "domain/factor.h"
#include "domain/login.h"
#include "text/qr.h"

enum { PROOF_LIFE = 900 /* seconds */, CODE_GROUP = 4 };

static bool
is_recent(struct ctx *c, struct txn *t)
{
	bool recent = gate_recent(c, t, PROOF_LIFE) == OK;

	if (!recent)
		err_clear(c);
	return recent;
}

/* A form that was sent, a connection, and a proof that is fresh. */
static enum err
form_begin(struct ctx *c, struct txn *t, struct pair **fields, size_t *n, struct db **db)
{
	enum err err = gate_recent(c, t, PROOF_LIFE);

	if (!err)
		err = txn_form(c, t, fields, n);
	return err ? err : txn_db(c, t, db);
}

/* ---- the page -------------------------------------------------------------------------------- */

static enum err
passkeys_fill(struct ctx *c, const struct factors *f, struct tmpl_list *out)
{
	struct view_passkey *list = ctx_calloc(c, f->n_passkeys + 1, sizeof(*list));
	enum err err = list ? OK : ERR_MEMORY;

	for (size_t i = 0; !err && i < f->n_passkeys; i++) {
		const struct passkey_row *row = &f->passkeys[i];
		struct view_date *used = ctx_calloc(c, 2, sizeof(*used));

		if (!used)
			return ERR_MEMORY;
		list[i] = (struct view_passkey){.name = row->name, .id = row->id,
			.synced = row->backed_up, .used = row->last_used > 0,
			.created = &used[0], .last_used = &used[1]};
		err = view_date(c, row->created, 0, &used[0]);
		if (!err)
			err = view_date(c, row->last_used, 0, &used[1]);
	}
	*out = (struct tmpl_list){list, f->n_passkeys};
	return err;
}

static enum err
page_send(struct ctx *c, struct txn *t, struct str problem)
{
	struct view_page page = {.title = tr_str(c, "Security"), .hidden = true};
	struct view_desk desk;
	struct view_date since = {.iso = S("")};
	struct view_security data = {.site = t->site,
		.page = &page,
		.desk = &desk,
		.since = &since,
		.problem = problem,
		.open = is_recent(c, t),
		.possible = factor_passkeys_possible(c)};
	struct factors f;
	struct db *db;
	enum err err = txn_db(c, t, &db);

	if (!err)
		err = factor_list(c, db, &f);
	if (!err)
		err = passkeys_fill(c, &f, &data.passkeys);
	if (!err)
		err = view_date(c, f.totp_since, 0, &since);
	if (!err)
		err = ctx_printf(c, &data.codes, "%lld", (long long)f.codes_unused);
	if (err)
		return err;
	data.app = f.totp;
	data.has_passkeys = f.n_passkeys > 0;
	data.second = f.totp || f.n_passkeys > 0;
	data.has_codes = f.codes > 0;
	data.few_codes = data.second && f.codes_unused < 3;
	err = desk_fill(c, t, DESK_SECURITY, data.open ? STATIC_PASSKEY_SCRIPT : STATIC_NONE, &desk);
	return err ? err : desk_send(c, t, VIEW_SECURITY, &data);
}

enum err
web_admin_security(struct ctx *c, struct txn *t)
{
	return page_send(c, t, (struct str){0});
}

/* ---- the password ---------------------------------------------------------------------------- */

enum err
web_admin_security_password(struct ctx *c, struct txn *t)
{
	struct pair *fields;
	struct db *db;
	size_t n;
	enum err err = form_begin(c, t, &fields, &n, &db);

	if (!err)
		err = login_password_begin(c, t, &db);
	if (err)
		return err;
	err = auth_owner_set_password(
		c, db, txn_field(fields, n, S("password")), t->grant.session_id);
	login_password_end(t);
	return err ? err : desk_done(c, t, S("/admin/security"), "password");
}

/* ---- recovery codes -------------------------------------------------------------------------- */

/* Makes a set and shows it, which cannot be done again: so it is the answer, and no redirect. */
static enum err
codes_send(struct ctx *c, struct txn *t, struct db *db)
{
	struct view_page page = {.title = tr_str(c, "Recovery codes"), .hidden = true};
	struct view_desk desk;
	struct str codes[FACTOR_CODES];
	struct view_codes data = {.site = t->site,
		.page = &page,
		.desk = &desk,
		.codes = {codes, FACTOR_CODES}};
	enum err err = factor_codes_make(c, db, t->grant.session_id, codes);

	if (!err)
		err = desk_fill(c, t, DESK_SECURITY, STATIC_NONE, &desk);
	return err ? err : desk_send(c, t, VIEW_CODES, &data);
}

enum err
web_admin_security_codes(struct ctx *c, struct txn *t)
{
	struct pair *fields;
	struct db *db;
	size_t n;
	enum err err = form_begin(c, t, &fields, &n, &db);

	return err ? err : codes_send(c, t, db);
}

/* ---- authenticator app ------------------------------------------------------------------------ */

/* "GEZDGNBVGY3TQOJQ" -> "GEZD GNBV GY3T QOJQ" */
static enum err
grouped(struct ctx *c, struct str s, struct str *out)
{
	struct buf b;

	buf_init(&b, &c->arena, 2 * s.n + 1);
	for (size_t i = 0; i < s.n; i++) {
		if (i > 0 && i % CODE_GROUP == 0)
			buf_putc(&b, ' ');
		buf_putc(&b, s.p[i]);
	}
	return buf_end(c, &b, out);
}

static enum err
app_send(struct ctx *c, struct txn *t, struct str problem)
{
	struct view_page page = {.title = tr_str(c, "Authenticator app"), .hidden = true};
	struct view_desk desk;
	struct view_app data = {.site = t->site,
		.page = &page,
		.desk = &desk,
		.problem = problem};
	struct str secret;
	struct db *db;
	int size = 0;
	enum err err = txn_db(c, t, &db);

	if (!err)
		err = factor_totp_show(c, db, &secret, &data.uri);
	if (!err)
		err = grouped(c, secret, &data.secret);
	if (!err)
		err = qr_path(c, data.uri, &data.code, &size);
	data.size = size;
	if (!err)
		err = desk_fill(c, t, DESK_SECURITY, STATIC_NONE, &desk);
	return err ? err : desk_send(c, t, VIEW_APP, &data);
}

static enum err
app_confirm(struct ctx *c, struct txn *t, struct db *db, struct str code)
{
	struct factors f;
	enum err err = factor_totp_confirm(c, db, code, t->grant.session_id);

	if (!err)
		err = factor_list(c, db, &f);
	if (err)
		return err;
	return f.codes > 0 ? desk_done(c, t, S("/admin/security"), "app") : codes_send(c, t, db);
}

static enum err
app_change(struct ctx *c, struct txn *t)
{
	struct pair *fields;
	struct str what;
	struct db *db;
	size_t n;
	enum err err = form_begin(c, t, &fields, &n, &db);

	if (err)
		return err;
	what = txn_field(fields, n, S("do"));
	if (str_eq(what, S("confirm")))
		return app_confirm(c, t, db, txn_field(fields, n, S("code")));
	if (str_eq(what, S("remove"))) {
		err = factor_totp_remove(c, db, t->grant.session_id);
		return err ? err : desk_done(c, t, S("/admin/security"), "app-removed");
	}
	err = factor_totp_begin(c, db);
	return err ? err : desk_done(c, t, S("/admin/security/app"), NULL);
}

enum err
web_admin_security_app(struct ctx *c, struct txn *t)
{
	enum err err;

	if (t->req.method == METHOD_POST)
		return app_change(c, t);
	err = gate_recent(c, t, PROOF_LIFE);
	if (!err)
		err = app_send(c, t, (struct str){0});
	if (err != ERR_NOT_FOUND)
		return err;
	err_clear(c);
	return desk_done(c, t, S("/admin/security"), NULL);
}

/* ---- passkeys -------------------------------------------------------------------------------- */

enum err
web_admin_security_challenge(struct ctx *c, struct txn *t)
{
	enum err err = gate_recent(c, t, PROOF_LIFE);

	return err ? err : login_challenge_send(c, t, FACTOR_ENROL, t->session);
}

enum err
web_admin_security_passkey(struct ctx *c, struct txn *t)
{
	struct pair *fields;
	struct db *db;
	struct factors f;
	size_t n;
	enum err err = form_begin(c, t, &fields, &n, &db);

	if (err)
		return err;
	if (str_eq(txn_field(fields, n, S("do")), S("remove"))) {
		err = factor_passkey_remove(
			c, db, txn_field(fields, n, S("id")), t->grant.session_id);
		return err ? err : desk_done(c, t, S("/admin/security"), "passkey-removed");
	}
	err = factor_passkey_add(c, db, t->session, txn_field(fields, n, S("credential")),
		txn_field(fields, n, S("name")), t->grant.session_id);
	if (!err)
		err = factor_list(c, db, &f);
	if (err)
		return err;
	return f.codes > 0 ? desk_done(c, t, S("/admin/security"), "passkey") : codes_send(c, t, db);
}

/* ---- what went wrong --------------------------------------------------------------------------- */

enum err
security_answer(struct ctx *c, struct txn *t, enum err e, struct str hint)
{
	struct str problem = tr_str(c, err_info(e)->message);
	enum err err = OK;

	if (hint.n > 0)
		err = ctx_printf(c, &problem, tr(c, "%s (%.*s)"), tr(c, err_info(e)->message), STR(hint));
	if (err)
		return err;
	if (t->row->route == ROUTE_ADMIN_SECURITY_APP)
		return app_send(c, t, problem);
	return page_send(c, t, problem);
}
