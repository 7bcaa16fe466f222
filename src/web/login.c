/*
 * Signing in and out. The form needs no token of its own: there is one owner, so nobody can be
 * signed in as somebody else, and a POST that a browser sends from another site is refused by its
 * Origin. The session's cookie is for this host alone, not for scripts, and not for posts from
 * other sites.
 */
#include "web/priv.h"

#include "domain/site.h"

enum { NEXT_MAX = 2048, BUSY_RETRY = 1 /* seconds */ };

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
login_cookie(struct ctx *c, struct txn *t, struct str secret)
{
	long long age = secret.n ? (long long)(c->cfg->session_timeout / 1000000) : 0;
	struct str text;
	enum err err =
		ctx_printf(c, &text, "%.*s=%.*s; Path=/; Max-Age=%lld; %sHttpOnly; SameSite=Lax",
			STR(t->web->cookie), STR(secret), age, t->web->https ? "Secure; " : "");

	if (!err)
		resp_add(&t->resp, "Set-Cookie", text);
	return err;
}

static enum err
form_send(struct ctx *c, struct txn *t, struct str next, struct str problem)
{
	const struct view_page page = {.title = S("Sign in"), .hidden = true};
	struct view_desk desk;
	const struct view_login data = {.site = t->site,
		.page = &page,
		.desk = &desk,
		.action = S("/admin/login"),
		.next = login_next_ok(next) ? next : (struct str){0},
		.problem = problem};

	enum err err = desk_fill(c, t, DESK_NONE, STATIC_NONE, &desk);

	return err ? err : view_send(c, t, VIEW_LOGIN, &data);
}

enum err
login_answer(struct ctx *c, struct txn *t, enum err e)
{
	struct pair *fields;
	size_t n;
	enum err err = txn_form(c, t, &fields, &n);

	return err ? err
		   : form_send(c, t, txn_field(fields, n, S("next")), str_z(err_info(e)->message));
}

/*
 * Costs 64 MiB and a tenth of a second, so a worker does one at a time. Who comes meanwhile does not
 * wait, for then a few dozen sign-ins would take every thread from the readers. A try is paid for
 * before it is made: nobody gets more of them by making them all at once.
 */
static enum err
password_verify(struct ctx *c, struct txn *t, struct str password, struct str *secret)
{
	struct db *db;
	enum err err;

	if (pthread_mutex_trylock(&t->web->password) != 0) {
		t->retry_after = BUSY_RETRY;
		return err_raise(c, ERR_RATE_LIMITED, "another password is being verified");
	}
	err = gate_try(c, t);
	if (!err)
		err = txn_db(c, t, &db);
	if (!err)
		err = auth_login(c, db, password, t->req.remote_addr,
			req_header(&t->req, "User-Agent"), secret);
	(void)pthread_mutex_unlock(&t->web->password);
	return err;
}

static enum err
sign_in(struct ctx *c, struct txn *t)
{
	struct str secret, next, url;
	struct pair *fields;
	size_t n;
	enum err err = txn_form(c, t, &fields, &n);

	if (!err)
		err = password_verify(c, t, txn_field(fields, n, S("password")), &secret);
	if (err)
		return err;
	next = txn_field(fields, n, S("next"));
	err = site_url(c, login_next_ok(next) ? next : S("/admin"), &url);
	if (err)
		return err;
	txn_redirect(t, 303, url);
	return login_cookie(c, t, secret);
}

enum err
web_admin_login(struct ctx *c, struct txn *t)
{
	struct str next;
	enum err err;

	if (t->req.method == METHOD_POST)
		return sign_in(c, t);
	err = req_query(c, &t->req, S("next"), &next);
	return err ? err : form_send(c, t, next, (struct str){0});
}

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
