/*
 * Proving again to be there, for what an open session that somebody walks up to must not do. The
 * session stays, and has another cookie from then on.
 */
#include "web/priv.h"

#include "domain/factor.h"
#include "domain/login.h"
#include "domain/site.h"

enum err
confirm_redirect(struct ctx *c, struct txn *t)
{
	struct str next = t->req.uri, from = req_header(&t->req, "Referer"), origin = t->web->origin;

	err_clear(c);
	/* A form cannot be sent again by a redirect: back to the page that it was on. */
	if (t->req.method == METHOD_POST)
		next = str_starts(from, origin) ? str_sub(from, origin.n, from.n) : S("/admin");
	return login_redirect(c, t, S("/admin/confirm"), next);
}

static enum err
form_send(struct ctx *c, struct txn *t, struct str next, struct str problem)
{
	struct view_page page = {.title = tr_str(c, "Confirm that it is you"), .hidden = true};
	struct view_desk desk;
	struct view_confirm data = {.site = t->site,
		.page = &page,
		.desk = &desk,
		.next = login_next_ok(next) ? next : (struct str){0},
		.problem = problem};
	struct factors factors;
	struct db *db;
	enum err err = txn_db(c, t, &db);

	if (!err)
		err = factor_list(c, db, &factors);
	if (err)
		return err;
	data.passkeys = factors.n_passkeys > 0 && factor_passkeys_possible(c);
	data.code = factors.totp || factors.n_passkeys > 0;
	err = desk_fill(
		c, t, DESK_NONE, data.passkeys ? STATIC_PASSKEY_SCRIPT : STATIC_NONE, &desk);
	return err ? err : desk_send(c, t, VIEW_CONFIRM, &data);
}

enum err
confirm_answer(struct ctx *c, struct txn *t, enum err e)
{
	struct pair *fields;
	size_t n;
	enum err err = txn_form(c, t, &fields, &n);

	return err ? err : form_send(c, t, txn_field(fields, n, S("next")),
		tr_str(c, err_info(e)->message));
}

static enum err
confirmed(struct ctx *c, struct txn *t, const struct login *l, struct str next)
{
	t->session = l->secret;
	return desk_done(c, t, login_next_ok(next) ? next : S("/admin/security"), NULL);
}

static enum err
confirm(struct ctx *c, struct txn *t)
{
	struct login l = {.cookie = t->session};
	struct pair *fields;
	struct db *db;
	size_t n;
	enum err err = txn_form(c, t, &fields, &n);

	if (!err)
		err = login_password_begin(c, t, &db);
	if (err)
		return err;
	err = login_prove(c, db, &l, txn_field(fields, n, S("password")),
		txn_field(fields, n, S("code")));
	login_password_end(t);
	t->retry_after = l.retry;
	return err ? err : confirmed(c, t, &l, txn_field(fields, n, S("next")));
}

enum err
web_admin_confirm(struct ctx *c, struct txn *t)
{
	struct str next;
	enum err err;

	if (t->req.method == METHOD_POST)
		return confirm(c, t);
	err = req_query(c, &t->req, S("next"), &next);
	return err ? err : form_send(c, t, next, (struct str){0});
}

enum err
web_admin_confirm_challenge(struct ctx *c, struct txn *t)
{
	return login_challenge_send(c, t, FACTOR_PROVE, t->session);
}

enum err
web_admin_confirm_passkey(struct ctx *c, struct txn *t)
{
	struct login l = {.cookie = t->session};
	struct pair *fields;
	struct db *db;
	size_t n;
	enum err err = txn_form_db(c, t, &fields, &n, &db);

	if (err)
		return err;
	err = login_prove_passkey(c, db, &l, txn_field(fields, n, S("credential")));
	t->retry_after = l.retry;
	return err ? err : confirmed(c, t, &l, txn_field(fields, n, S("next")));
}
