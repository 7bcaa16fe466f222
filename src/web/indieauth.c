/*
 * The authorization endpoint: an application sends the owner's browser here, and the owner decides.
 *
 * A request is judged in the order of the standard. Until redirect_uri is known to be the application's
 * own, mistakes are told on a page; from then on they go back to the application. For a stranger nothing
 * is fetched: an application's address is asked what it says of itself only once the owner has signed
 * in. The request waits in the database meanwhile, and is named by an id that says nothing.
 */
#include "web/indieauth.h"

#include "domain/scope.h"
#include "domain/site.h"
#include "http/form.h"

enum {
	WAIT_FOR_CLIENT = 6,	/* seconds that an application has to say what it is */
	PROOF_AGE = 86400	/* that the owner's proof may be old where more than the profile is at stake */
};

/* ---- on the way ---------------------------------------------------------------------------- */

bool
asked_is_web(struct str url)
{
	return str_starts(url, S("https://")) || str_starts(url, S("http://"));
}

struct str
asked_host(struct str url)
{
	struct str rest = str_sub(url, str_search(url, S("://"), 0) + 3, url.n);

	if (!asked_is_web(url))
		return str_sub(url, 0, str_find(url, ':', 0));
	rest = str_sub(rest, 0, str_find(rest, '/', 0));
	return str_sub(rest, 0, str_find(rest, '?', 0));
}

void
asked_send_back(struct txn *t, struct str url)
{
	txn_redirect(t, t->req.method == METHOD_POST ? 303 : 302, url);
	resp_set(&t->resp, "Referrer-Policy", S("no-referrer"));
	resp_set(&t->resp, "Cache-Control", S("no-store"));
}

/* A page that goes on by itself, and says where to. */
static enum err
passage_send(struct ctx *c, struct txn *t, struct str host, bool asking, struct str url)
{
	const struct view_page page = {
		.title = asking ? tr_str(c, "One moment") : tr_str(c, "Back to the application"), .hidden = true};
	struct view_desk desk;
	struct view_passage data = {.site = t->site,
		.page = &page,
		.desk = &desk,
		.host = host,
		.asking = asking,
		.url = url};
	enum err err = desk_fill(c, t, DESK_NONE, STATIC_NONE, &desk);

	desk.signed_in = false;
	if (!err)
		err = ctx_printf(c, &desk.refresh, "%d;url=%.*s", asking, STR(url));
	if (!err && !asking)
		resp_set(&t->resp, "Referrer-Policy", S("no-referrer"));
	return err ? err : desk_send(c, t, VIEW_PASSAGE, &data);
}

static enum err
request_path(struct ctx *c, struct str id, struct str *out)
{
	return ctx_printf(c, out, "/auth?request=%.*s", STR(id));
}

/* By way of a page of ours, and back to the request. */
static enum err
redirect_over(struct ctx *c, struct txn *t, struct str page, struct str id)
{
	struct str path;
	enum err err = request_path(c, id, &path);

	return err ? err : login_redirect(c, t, page, path);
}

/*
 * A mistake that the application is told. Behind our sign-in form the browser might hold a redirect
 * for one that the form makes, and stop it: then a page leads back.
 */
static enum err
mistake_send(struct ctx *c, struct txn *t, const struct asked *a, enum err e)
{
	struct str hint, url;
	enum err err = ctx_str(c, str_z(c->err.hint), &hint);

	err_clear(c);
	if (!err)
		err = indieauth_error_url(c, &a->q, e, hint, &url);
	if (err)
		return err;
	if (a->again)
		return passage_send(c, t, asked_host(a->q.client_id), false, url);
	asked_send_back(t, url);
	return OK;
}

/* True for what indieauth_request_check() finds, which is the application's to hear. */
static bool
is_mistake(enum err e)
{
	return e == ERR_AUTH_REQUEST || e == ERR_AUTH_RESPONSE_TYPE || e == ERR_AUTH_SCOPE;
}

/* ---- who asks ------------------------------------------------------------------------------ */

static enum err
client_look(struct ctx *c, struct db *db, struct asked *a)
{
	enum err err = client_find(c, db, a->q.client_id, &a->client);

	a->known = !err;
	if (err != ERR_NOT_FOUND)
		return err;
	err_clear(c);
	return OK;
}

bool
asked_redirect_ok(struct ctx *c, const struct asked *a)
{
	return client_redirect_ok(c, a->q.client_id, a->known ? &a->client : NULL,
		a->q.redirect_uri);
}

/* False if it could not be allowed whatever the application has published. */
static bool
redirect_possible(struct ctx *c, const struct asked *a)
{
	const struct client any = {.redirect_uris = a->q.redirect_uri};

	return client_redirect_ok(c, a->q.client_id, &any, a->q.redirect_uri);
}

enum err
asked_redirect_refuse(struct ctx *c, const struct asked *a)
{
	return err_raise_hint(c, ERR_AUTH_REDIRECT, "redirect_uri: %.*s", STR(a->q.redirect_uri));
}

/* Reads the query that a request came with. */
static enum err
asked_parse(struct ctx *c, struct db *db, struct str query, struct asked *a)
{
	enum err err = form_parse(c, query, &a->args, &a->n);

	if (!err)
		err = indieauth_request_parse(c, a->args, a->n, &a->q);
	return err ? err : client_look(c, db, a);
}

enum err
asked_find(struct ctx *c, struct db *db, struct str id, struct asked *a)
{
	struct authorization_row row;
	enum err err = indieauth_request_find(c, db, id, &row);

	if (err)
		return err;
	a->id = id;
	a->created = row.created;
	a->again = true;
	return asked_parse(c, db, row.query, a);
}

enum err
asked_gate(struct ctx *c, struct txn *t, struct str scope)
{
	return scope_within(scope, S("profile email")) ? OK : gate_recent(c, t, PROOF_AGE);
}

/* ---- what the owner sees -------------------------------------------------------------------- */

/* What a signed-in owner sees of a request that is kept. */
static enum err
asked_show(struct ctx *c, struct txn *t, struct asked *a)
{
	bool waits = a->known && a->client.state == CLIENT_PENDING;
	struct str path;
	enum err err;

	if (waits && c->now_us / 1000000 - a->created < WAIT_FOR_CLIENT) {
		err = request_path(c, a->id, &path);
		return err ? err : passage_send(c, t, asked_host(a->q.client_id), true, path);
	}
	if (!asked_redirect_ok(c, a))
		return asked_redirect_refuse(c, a);
	err = indieauth_request_check(c, a->args, a->n, &a->q);
	if (is_mistake(err))
		return mistake_send(c, t, a, err);
	if (!err)
		err = asked_gate(c, t, a->q.scope);
	if (err == ERR_PROOF_REQUIRED) {
		err_clear(c);
		return redirect_over(c, t, S("/admin/confirm"), a->id);
	}
	return err ? err : consent_send(c, t, a);
}

/* ---- GET ----------------------------------------------------------------------------------- */

/* Whether the owner has signed in is no failure of the request. */
static enum err
signed_in(struct ctx *c, struct txn *t, bool *yes)
{
	enum err err = gate_session(c, t);

	*yes = !err;
	if (err != ERR_LOGIN_REQUIRED)
		return err;
	err_clear(c);
	return OK;
}

/*
 * A request that comes from an application. What can be told at once is told at once, whoever asks. A
 * stranger's request costs a try, since it is written down.
 */
static enum err
first_answer(struct ctx *c, struct txn *t, struct db *db, bool owner)
{
	struct asked a = {.created = c->now_us / 1000000};
	enum err err = asked_parse(c, db, t->req.query, &a);

	if (!err && !redirect_possible(c, &a))
		err = asked_redirect_refuse(c, &a);
	if (!err && asked_redirect_ok(c, &a)) {
		err = indieauth_request_check(c, a.args, a.n, &a.q);
		if (is_mistake(err))
			return mistake_send(c, t, &a, err);
	}
	if (!err && !owner)
		err = gate_try(c, t);
	if (!err)
		err = indieauth_request_keep(c, db, t->req.query, &a.id);
	if (err)
		return err;
	if (!owner)
		return redirect_over(c, t, S("/admin/login"), a.id);
	err = client_ask(c, db, a.q.client_id);
	if (!err)
		err = client_look(c, db, &a);
	return err ? err : asked_show(c, t, &a);
}

/* The owner comes back to one, from signing in or from a page that waited. */
static enum err
next_answer(struct ctx *c, struct txn *t, struct db *db, struct str id, bool owner)
{
	struct asked a = {0};
	enum err err = asked_find(c, db, id, &a);

	if (!err && !owner)
		return redirect_over(c, t, S("/admin/login"), a.id);
	if (!err)
		err = client_ask(c, db, a.q.client_id);
	if (!err)
		err = client_look(c, db, &a);
	return err ? err : asked_show(c, t, &a);
}

enum err
web_auth(struct ctx *c, struct txn *t)
{
	struct db *db;
	struct str id;
	bool owner = false;
	enum err err;

	if (t->req.method == METHOD_POST)
		return auth_exchange(c, t, true);
	err = req_query(c, &t->req, S("request"), &id);
	if (!err)
		err = txn_db(c, t, &db);
	if (!err)
		err = signed_in(c, t, &owner);
	if (err)
		return err;
	return id.p ? next_answer(c, t, db, id, owner) : first_answer(c, t, db, owner);
}

/* ---- mistakes ------------------------------------------------------------------------------ */

enum err
auth_error_answer(struct ctx *c, struct txn *t, enum err e, struct str hint)
{
	const struct err_info *info = err_info(e);
	const struct view_page page = {.title = tr_str(c, "The application made a mistake"), .hidden = true};
	struct str steps[4];
	struct view_desk desk;
	struct view_misfit data = {.site = t->site,
		.page = &page,
		.desk = &desk,
		.message = tr_str(c, info->message),
		.hint = hint,
		.suggestion = tr_str(c, info->suggestion),
		.request_id = str_z(c->request_id)};
	size_t n = 0;
	enum err err = desk_fill(c, t, DESK_NONE, STATIC_NONE, &desk);

	for (; n < 4 && info->steps[n]; n++)
		steps[n] = tr_str(c, info->steps[n]);
	data.steps = (struct tmpl_list){steps, n};
	desk.signed_in = false;
	return err ? err : view_send(c, t, VIEW_AUTH_ERROR, &data);
}
