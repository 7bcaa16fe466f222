/*
 * Whether an application may come in: the page that asks the owner, and the owner's answer.
 */
#include "web/indieauth.h"

#include "base/enc.h"
#include "domain/scope.h"

enum { NAME_MAX_BYTES = 200 };

/* What form-action has to name, so that the answer to the form may lead there. */
static enum err
form_source(struct ctx *c, struct str uri, struct str *out)
{
	struct str host = asked_host(uri), scheme = str_sub(uri, 0, str_find(uri, ':', 0));

	/* A policy has no way to write an IPv6 address. */
	if (!asked_is_web(uri) || str_starts(host, S("[")))
		return ctx_printf(c, out, "%.*s:", STR(scheme));
	return ctx_printf(c, out, "%.*s://%.*s", STR(scheme), STR(host));
}

/* ---- the consent page ---------------------------------------------------------------------- */

static enum err
scopes_fill(struct ctx *c, struct str scope, struct view_consent *out)
{
	struct view_choice *choices;
	struct str *words, *strangers;
	size_t n, n_choices = 0, n_strangers = 0;
	enum err err = scope_words(c, scope, &words, &n);

	if (err)
		return err;
	choices = ctx_calloc(c, n + 1, sizeof(*choices));
	strangers = ctx_calloc(c, n + 1, sizeof(*strangers));
	if (!choices || !strangers)
		return ERR_MEMORY;
	for (size_t i = 0; i < n; i++) {
		const struct scope *known = scope_find(words[i]);

		if (known && known->app)
			choices[n_choices++] = (struct view_choice){words[i], tr_text(c, known->text), true};
		else
			strangers[n_strangers++] = words[i];
	}
	out->scopes = (struct tmpl_list){choices, n_choices};
	out->has_scopes = n_choices > 0;
	out->strangers = (struct tmpl_list){strangers, n_strangers};
	out->has_strangers = n_strangers > 0;
	return OK;
}

static struct str
client_name(const struct asked *a)
{
	return a->known && a->client.name.n > 0 ? a->client.name : asked_host(a->q.client_id);
}

/* True for an application at a loopback address, which nobody else can be asked about. */
static bool
is_local(const struct asked *a)
{
	struct str host = asked_host(a->q.client_id);

	host = str_sub(host, 0, str_starts(host, S("[")) ? str_find(host, ']', 0) + 1 : str_find(host, ':', 0));
	return str_eqi(host, S("localhost")) || str_ends(host, S(".localhost")) ||
		str_eq(host, S("127.0.0.1")) || str_eq(host, S("[::1]"));
}

enum err
consent_send(struct ctx *c, struct txn *t, const struct asked *a)
{
	const struct view_page page = {.title = tr_str(c, "Let an application in"), .hidden = true};
	struct str host = asked_host(a->q.client_id), home = asked_host(a->client.url);
	struct view_desk desk;
	struct view_consent data = {.site = t->site,
		.page = &page,
		.desk = &desk,
		.action = S("/auth/consent"),
		.request = a->id,
		.me = str_z(c->cfg->site_url),
		.name = client_name(a),
		.named = a->known && a->client.name.n > 0,
		.client_id = a->q.client_id,
		.host = host,
		.logo = a->client.logo,
		.elsewhere = home.n > 0 && !str_eqi(home, host) ? home : (struct str){0},
		.local = is_local(a),
		.redirect_host = asked_host(a->q.redirect_uri)};
	enum err err = desk_fill(c, t, DESK_NONE, STATIC_NONE, &desk);

	desk.signed_in = false;
	data.unknown = !data.local && (!a->known || a->client.state != CLIENT_KNOWN);
	if (!client_redirect_ok(c, a->q.client_id, NULL, a->q.redirect_uri))
		data.redirect_uri = a->q.redirect_uri;
	if (!err)
		err = scopes_fill(c, a->q.scope, &data);
	if (!err)
		err = form_source(c, a->q.redirect_uri, &t->form_action);
	return err ? err : desk_send(c, t, VIEW_CONSENT, &data);
}

/* ---- POST /auth/consent -------------------------------------------------------------------- */

/* The scopes that are ticked. */
static enum err
ticked(struct ctx *c, const struct pair *fields, size_t n, struct str *out)
{
	struct buf b;

	buf_init(&b, &c->arena, REQ_MAX_URI);
	for (size_t i = 0; i < n; i++) {
		if (!str_eq(fields[i].name, S("scope")))
			continue;
		buf_put(&b, fields[i].value);
		buf_putc(&b, ' ');
	}
	return buf_end(c, &b, out);
}

static enum err
deny(struct ctx *c, struct txn *t, struct db *db, const struct asked *a)
{
	const struct pair params[] = {{S("error"), S("access_denied")},
		{S("error_description"), S("The owner has not let you in.")}};
	struct str url;
	enum err err = indieauth_deny(c, db, a->id, &a->q);

	if (!err)
		err = indieauth_answer_url(c, &a->q, params, 2, &url);
	if (!err)
		asked_send_back(t, url);
	return err;
}

static enum err
allow(struct ctx *c, struct txn *t, struct db *db, const struct asked *a, struct str scope)
{
	struct pair params[] = {{S("code"), S("")}};
	struct str name = enc_utf8_cut(client_name(a), NAME_MAX_BYTES), url;
	enum err err = asked_gate(c, t, scope);

	if (!err)
		err = indieauth_allow(c, db, a->id, &a->q, scope, name, &params[0].value);
	if (!err)
		err = indieauth_answer_url(c, &a->q, params, 1, &url);
	if (!err)
		asked_send_back(t, url);
	return err;
}

enum err
web_auth_consent(struct ctx *c, struct txn *t)
{
	struct asked a = {0};
	struct pair *fields;
	struct str decision, scope;
	struct db *db;
	size_t n;
	enum err err = txn_form_db(c, t, &fields, &n, &db);

	if (!err)
		err = asked_find(c, db, txn_field(fields, n, S("request")), &a);
	if (!err && !asked_redirect_ok(c, &a))
		err = asked_redirect_refuse(c, &a);
	if (!err)
		err = indieauth_request_check(c, a.args, a.n, &a.q);
	if (!err)
		err = ticked(c, fields, n, &scope);
	if (err)
		return err;
	decision = txn_field(fields, n, S("decision"));
	if (str_eq(decision, S("allow")))
		return allow(c, t, db, &a, scope);
	if (str_eq(decision, S("deny")))
		return deny(c, t, db, &a);
	return err_raise_hint(c, ERR_BAD_REQUEST, "decision is allow or deny");
}
