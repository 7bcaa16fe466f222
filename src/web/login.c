/*
 * Signing in and out. A browser that is not signed in has a cookie, too: the form's token is bound to
 * it, so that nobody can be signed in by a page of somebody else's, and so is a sign-in that still
 * owes a code. Cookies are for this host alone, not for scripts, and not for posts from other sites.
 *
 * Where to go afterwards travels in the form and is judged each time it is read: it can only be a
 * path of this site.
 */
#include "web/login.h"

#include "web/priv.h"

#include "base/enc.h"
#include "domain/factor.h"
#include "domain/login.h"
#include "domain/site.h"

/* A Location has to fit into what front servers take of an answer's head. */
enum { NEXT_MAX = 2048, LOCATION_MAX = 3072, BUSY_RETRY = 1 /* seconds */ };

/* ---- where to go afterwards ------------------------------------------------------------------ */

bool
login_next_ok(struct str path)
{
	if (path.n == 0 || path.n > NEXT_MAX || path.p[0] != '/')
		return false;
	if (path.n > 1 && (path.p[1] == '/' || path.p[1] == '\\'))
		return false;
	for (size_t i = 0; i < path.n; i++)
		if ((unsigned char)path.p[i] <= ' ' || (unsigned char)path.p[i] >= 0x7f)
			return false;
	return true;
}

enum err
login_redirect(struct ctx *c, struct txn *t, struct str path, struct str next)
{
	struct str url;
	struct buf b;
	enum err err = site_url(c, path, &url);

	if (err)
		return err;
	buf_init(&b, &c->arena, LOCATION_MAX);
	buf_put(&b, url);
	if (login_next_ok(next) && !str_eq(next, S("/admin"))) {
		buf_puts(&b, "?next=");
		enc_percent(&b, next, S("/?=:"));
	}
	/* What is too long is forgotten: better the start page than no page. */
	txn_redirect(t, 303, b.failed ? url : buf_str(&b));
	return OK;
}

/* To the path that the form names, or to another. */
static enum err
go_on(struct ctx *c, struct txn *t, struct str next, struct str otherwise)
{
	struct str url;
	enum err err = site_url(c, login_next_ok(next) ? next : otherwise, &url);

	if (!err)
		txn_redirect(t, 303, url);
	return err;
}

/* ---- cookies --------------------------------------------------------------------------------- */

static enum err
cookie_put(struct ctx *c, struct txn *t, struct str name, struct str value, struct str age)
{
	struct str text;
	enum err err = ctx_printf(c, &text, "%.*s=%.*s; Path=/; %.*s%sHttpOnly; SameSite=Lax",
		STR(name), STR(value), STR(age), t->web->https ? "Secure; " : "");

	if (!err)
		resp_add(&t->resp, "Set-Cookie", text);
	return err;
}

enum err
login_cookie(struct ctx *c, struct txn *t, struct str secret)
{
	struct str age;
	enum err err = ctx_printf(c, &age, "Max-Age=%lld; ",
		secret.n ? (long long)(c->cfg->session_timeout / 1000000) : 0LL);

	return err ? err : cookie_put(c, t, t->web->cookie, secret, age);
}

enum err
login_visit(struct ctx *c, struct txn *t)
{
	enum err err = OK;

	if (t->visitor.n == 0) {
		err = login_cookie_make(c, &t->visitor);
		if (!err)
			err = cookie_put(c, t, t->web->visitor_cookie, t->visitor, S(""));
	}
	return err;
}

/* ---- forms ----------------------------------------------------------------------------------- */

/* The password, or the code where one is owed. */
static enum err
form_send(struct ctx *c, struct txn *t, struct str next, struct str problem, bool code)
{
	struct view_page page = {.title = tr_str(c, "Sign in"), .hidden = true};
	struct view_desk desk;
	struct view_login data = {.site = t->site,
		.page = &page,
		.desk = &desk,
		.action = code ? S("/admin/login/code") : S("/admin/login"),
		.passkeys = factor_passkeys_possible(c),
		.next = login_next_ok(next) ? next : (struct str){0},
		.problem = problem};
	enum err err = login_visit(c, t);

	if (!err)
		err = txn_csrf(c, t, &data.csrf);
	if (!err)
		err = desk_fill(c, t, DESK_NONE,
			data.passkeys ? STATIC_PASSKEY_SCRIPT : STATIC_NONE, &desk);
	return err ? err : view_send(c, t, code ? VIEW_LOGIN_CODE : VIEW_LOGIN, &data);
}

enum err
login_answer(struct ctx *c, struct txn *t, enum err e)
{
	struct pair *fields;
	struct db *db;
	bool code;
	size_t n;
	enum err err = txn_form_db(c, t, &fields, &n, &db);

	if (!err)
		err = login_owes_code(c, db, t->visitor, &code);
	return err ? err : form_send(c, t, txn_field(fields, n, S("next")),
		tr_str(c, err_info(e)->message), code && t->row->route == ROUTE_ADMIN_LOGIN_CODE);
}

/* After a step of a sign-in: on to the next, or in. */
static enum err
step_done(struct ctx *c, struct txn *t, const struct login *l, struct str next)
{
	enum err err;

	if (!l->open) {
		err = login_redirect(c, t, S("/admin/login/code"), next);
		return err ? err : cookie_put(c, t, t->web->visitor_cookie, l->cookie, S(""));
	}
	err = l->recovered && !login_next_ok(next)
		? go_on(c, t, S("/admin/security?done=recovered"), S(""))
		: go_on(c, t, next, S("/admin"));
	if (!err)
		err = login_cookie(c, t, l->secret);
	return err ? err : cookie_put(c, t, t->web->visitor_cookie, S(""), S("Max-Age=0; "));
}

/* ---- the password ---------------------------------------------------------------------------- */

enum err
login_password_begin(struct ctx *c, struct txn *t, struct db **db)
{
	enum err err;

	if (pthread_mutex_trylock(&t->web->password) != 0) {
		t->retry_after = BUSY_RETRY;
		return err_raise(c, ERR_RATE_LIMITED, "another password is being verified");
	}
	err = gate_try(c, t);
	if (!err)
		err = txn_db(c, t, db);
	if (err)
		login_password_end(t);
	return err;
}

void
login_password_end(struct txn *t)
{
	(void)pthread_mutex_unlock(&t->web->password);
}

static enum err
sign_in(struct ctx *c, struct txn *t)
{
	struct login l = {.cookie = t->visitor};
	struct pair *fields;
	struct db *db;
	size_t n;
	enum err err = txn_form(c, t, &fields, &n);

	if (!err)
		err = login_password_begin(c, t, &db);
	if (err)
		return err;
	err = login_password(c, db, &l, txn_field(fields, n, S("password")));
	login_password_end(t);
	t->retry_after = l.retry;
	return err ? err : step_done(c, t, &l, txn_field(fields, n, S("next")));
}

enum err
web_admin_login(struct ctx *c, struct txn *t)
{
	struct str next;
	enum err err;

	if (t->req.method == METHOD_POST)
		return sign_in(c, t);
	err = req_query(c, &t->req, S("next"), &next);
	return err ? err : form_send(c, t, next, (struct str){0}, false);
}

/* ---- the code -------------------------------------------------------------------------------- */

static enum err
code_sign_in(struct ctx *c, struct txn *t)
{
	struct login l = {.cookie = t->visitor};
	struct pair *fields;
	struct db *db;
	size_t n;
	enum err err = txn_form_db(c, t, &fields, &n, &db);

	if (err)
		return err;
	err = login_code(c, db, &l, txn_field(fields, n, S("code")));
	t->retry_after = l.retry;
	return err ? err : step_done(c, t, &l, txn_field(fields, n, S("next")));
}

enum err
web_admin_login_code(struct ctx *c, struct txn *t)
{
	struct str next;
	struct db *db;
	bool owes;
	enum err err;

	if (t->req.method == METHOD_POST)
		return code_sign_in(c, t);
	err = req_query(c, &t->req, S("next"), &next);
	if (!err)
		err = txn_db(c, t, &db);
	if (!err)
		err = login_owes_code(c, db, t->visitor, &owes);
	if (err)
		return err;
	return owes ? form_send(c, t, next, (struct str){0}, true)
		    : login_redirect(c, t, S("/admin/login"), next);
}

/* ---- a passkey ------------------------------------------------------------------------------- */

enum err
login_challenge_send(struct ctx *c, struct txn *t, enum factor_purpose purpose,
	struct str cookie)
{
	struct str json;
	struct db *db;
	enum err err = txn_db(c, t, &db);

	if (err)
		return err;
	err = factor_challenge(c, db, purpose, cookie, &json, &t->retry_after);
	if (!err)
		resp_buf(&t->resp, "application/json", json);
	return err;
}

enum err
web_admin_login_challenge(struct ctx *c, struct txn *t)
{
	return login_challenge_send(c, t, FACTOR_SIGN_IN, t->visitor);
}

enum err
web_admin_login_passkey(struct ctx *c, struct txn *t)
{
	struct login l = {.cookie = t->visitor};
	struct pair *fields;
	struct db *db;
	size_t n;
	enum err err = txn_form_db(c, t, &fields, &n, &db);

	if (err)
		return err;
	err = login_passkey(c, db, &l, txn_field(fields, n, S("credential")));
	t->retry_after = l.retry;
	return err ? err : step_done(c, t, &l, txn_field(fields, n, S("next")));
}

/* ---- out ------------------------------------------------------------------------------------- */

enum err
web_admin_logout(struct ctx *c, struct txn *t)
{
	struct db *db;
	enum err err = txn_db(c, t, &db);

	if (!err)
		err = auth_logout(c, db, t->session);
	if (err)
		return err;
	txn_redirect(t, 303, t->site->url);
	return login_cookie(c, t, (struct str){0});
}
