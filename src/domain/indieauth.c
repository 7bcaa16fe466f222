/*
 * Requests to sign in, and what becomes of them: the checks in the order of the standard, so that the
 * owner is sent to no address before it is known to be the application's; the wait for a decision; and
 * the decision.
 */
#include "domain/indieauth.h"

#include "base/enc.h"
#include "core/config.h"
#include "core/log.h"
#include "domain/audit.h"
#include "domain/client.h"
#include "domain/priv.h"
#include "domain/scope.h"

enum { ID_CHARS = 26, CHALLENGE_CHARS = 43, URL_MAX = 32 * 1024 };

/* Bytes that redirect_uri and state may have together as they go back: there is an answer's head around them. */
enum { BACK_MAX = 2048 };

/* ---- reading a request ----------------------------------------------------------------------- */

/* The value of the only parameter of that name. *n: how many there are. */
static struct str
only(const struct pair *args, size_t n_args, struct str name, size_t *n)
{
	struct str value = {0};

	*n = 0;
	for (size_t i = 0; i < n_args; i++) {
		if (!str_eq(args[i].name, name))
			continue;
		value = args[i].value;
		++*n;
	}
	return *n == 1 ? value : (struct str){0};
}

enum err
indieauth_request_parse(struct ctx *c, const struct pair *args, size_t n,
	struct indieauth_request *out)
{
	size_t ids, uris, states;
	struct str id = only(args, n, S("client_id"), &ids);
	struct str uri = only(args, n, S("redirect_uri"), &uris);

	*out = (struct indieauth_request){.redirect_uri = uri,
		.state = only(args, n, S("state"), &states)};
	if (ids != 1)
		return err_raise_hint(c, ERR_CLIENT_ID, "client_id is %s",
			ids ? "given twice" : "missing");
	if (uris != 1 || str_empty(uri))
		return err_raise_hint(c, ERR_AUTH_REDIRECT, "redirect_uri is %s",
			uris > 1 ? "given twice" : "missing");
	return client_id_parse(c, id, &out->client_id);
}

static enum err
refuse(struct ctx *c, const char *name, const char *what)
{
	return err_raise_hint(c, ERR_AUTH_REQUEST, "%s %s", name, what);
}

/* Every parameter is given once (RFC 6749 section 3.1). */
static enum err
once_check(struct ctx *c, const struct pair *args, size_t n)
{
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < i; j++)
			if (str_eq(args[i].name, args[j].name))
				return refuse(c, "a parameter", "is given twice");
	return OK;
}

/* "id" is what "code" was called where only a profile was asked for, before 2020. */
static enum err
response_type_check(struct ctx *c, const struct pair *args, size_t n)
{
	size_t found;
	struct str type = only(args, n, S("response_type"), &found);

	if (!found)
		return refuse(c, "response_type", "is missing");
	if (!str_eq(type, S("code")) && !str_eq(type, S("id")))
		return err_raise_hint(c, ERR_AUTH_RESPONSE_TYPE, "response_type is not code");
	return OK;
}

static bool
is_challenge(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char ch = s.p[i];

		if (!(ch >= 'A' && ch <= 'Z') && !(ch >= 'a' && ch <= 'z') &&
			!(ch >= '0' && ch <= '9') && ch != '-' && ch != '_')
			return false;
	}
	return s.n == CHALLENGE_CHARS;
}

static enum err
challenge_check(struct ctx *c, const struct pair *args, size_t n, struct str *out)
{
	size_t given, named;
	struct str challenge = only(args, n, S("code_challenge"), &given);
	struct str method = only(args, n, S("code_challenge_method"), &named);

	*out = S("");
	if (!given && !named && c->cfg->allow_no_pkce)
		return OK;
	if (!given)
		return refuse(c, "code_challenge", "is missing");
	if (!str_eq(method, S("S256")))
		return refuse(c, "code_challenge_method", "is not S256");
	if (!is_challenge(challenge))
		return refuse(c, "code_challenge", "is not 43 characters of base64url");
	*out = challenge;
	return OK;
}

/* Once "post" was the word for "create". */
static enum err
scope_check(struct ctx *c, struct str scope, struct str *out)
{
	struct str *words, create = S("create"), all;
	struct buf b;
	size_t n;
	enum err err;

	if (!scope_valid(scope))
		return err_raise_hint(c, ERR_AUTH_SCOPE, "scope has a character that it cannot have");
	err = scope_words(c, scope, &words, &n);
	if (err)
		return err;
	if (n > INDIEAUTH_SCOPES_MAX)
		return err_raise_hint(c, ERR_AUTH_SCOPE, "scope has %zu words", n);
	buf_init(&b, &c->arena, scope.n + 3 * n + 1);
	for (size_t i = 0; i < n; i++) {
		buf_put(&b, str_eq(words[i], S("post")) ? create : words[i]);
		buf_putc(&b, ' ');
	}
	err = buf_end(c, &b, &all);
	return err ? err : scope_both(c, all, all, out);
}

/* A state that is too long to go back does not, and neither does a part of it. */
static enum err
state_fits(struct ctx *c, struct indieauth_request *out)
{
	struct buf b;

	buf_init(&b, &c->arena, BACK_MAX);
	buf_put(&b, out->redirect_uri);
	enc_percent(&b, out->state, (struct str){0});
	if (!b.failed)
		return OK;
	out->state = (struct str){0};
	return refuse(c, "state", "is too long");
}

enum err
indieauth_request_check(struct ctx *c, const struct pair *args, size_t n,
	struct indieauth_request *out)
{
	size_t found;
	enum err err = state_fits(c, out);

	if (!err)
		err = once_check(c, args, n);
	if (!err)
		err = response_type_check(c, args, n);
	if (!err && str_empty(out->state))
		err = refuse(c, "state", "is missing");
	if (!err)
		err = challenge_check(c, args, n, &out->challenge);
	return err ? err : scope_check(c, only(args, n, S("scope"), &found), &out->scope);
}

/* ---- answering it ---------------------------------------------------------------------------- */

static void
param_put(struct buf *b, const char *join, struct str name, struct str value)
{
	buf_puts(b, join);
	buf_put(b, name);
	buf_putc(b, '=');
	enc_percent(b, value, (struct str){0});
}

enum err
indieauth_answer_url(struct ctx *c, const struct indieauth_request *q, const struct pair *params,
	size_t n, struct str *out)
{
	struct str uri = q->redirect_uri;
	const char *join = str_find(uri, '?', 0) == uri.n ? "?" : "&";
	struct buf b;

	if (str_ends(uri, S("?")) || str_ends(uri, S("&")))
		join = "";
	buf_init(&b, &c->arena, URL_MAX);
	buf_put(&b, uri);
	for (size_t i = 0; i < n; i++) {
		param_put(&b, join, params[i].name, params[i].value);
		join = "&";
	}
	if (q->state.p)
		param_put(&b, "&", S("state"), q->state);
	param_put(&b, "&", S("iss"), str_z(c->cfg->site_url));
	return buf_end(c, &b, out);
}

enum err
indieauth_error_url(struct ctx *c, const struct indieauth_request *q, enum err e, struct str hint,
	struct str *out)
{
	const struct err_info *info = err_info(e);
	struct str text = str_z(info->message);
	struct pair params[] = {{S("error"), str_z(info->code)}, {S("error_description"), text}};
	enum err err = OK;

	if (hint.n > 0)
		err = ctx_printf(c, &params[1].value, "%s (%.*s)", info->message, STR(hint));
	return err ? err : indieauth_answer_url(c, q, params, 2, out);
}

/* ---- waiting for the owner ------------------------------------------------------------------- */

enum err
indieauth_request_keep(struct ctx *c, struct db *db, struct str query, struct str *id)
{
	char text[ID_CHARS];
	struct authorization_row row = {.query = query, .created = domain_now(c)};
	enum err err;

	auth_random_text(text, sizeof(text));
	err = ctx_str(c, str_n(text, sizeof(text)), &row.id);
	if (!err)
		err = db_tx_begin(c, db);
	if (err)
		return err;
	err = authorization_row_insert(c, db, &row);
	if (!err)
		err = authorization_row_crop(c, db, INDIEAUTH_REQUESTS_MOST);
	*id = row.id;
	return domain_tx_end(c, db, err);
}

enum err
indieauth_request_find(struct ctx *c, struct db *db, struct str id, struct authorization_row *out)
{
	enum err err = authorization_row_find(c, db, id, out);

	if (err == ERR_NOT_FOUND) {
		err_clear(c);
		return err_raise(c, ERR_AUTH_STALE, "unknown request");
	}
	if (!err && out->created + INDIEAUTH_REQUEST_LIFE <= domain_now(c))
		return err_raise(c, ERR_AUTH_STALE, "a request of yesterday");
	return err;
}

/* ---- the decision ---------------------------------------------------------------------------- */

/* Inside a transaction: the request is answered, by this decision and by no other. */
static enum err
decide(struct ctx *c, struct db *db, struct str id)
{
	bool found;
	enum err err = authorization_row_delete(c, db, id, &found);

	if (!err && !found)
		return err_raise(c, ERR_AUTH_STALE, "it has been answered");
	return err;
}

/* Inside a transaction. */
static enum err
allow(struct ctx *c, struct db *db, struct str id, const struct code_row *row)
{
	enum err err = decide(c, db, id);

	if (!err)
		err = code_row_insert(c, db, row);
	if (!err)
		err = client_keep(c, db, row->client_id);
	return err ? err : audit_put(c, db, AUDIT_CONSENT, row->client_id, row->scope);
}

enum err
indieauth_allow(struct ctx *c, struct db *db, struct str id, const struct indieauth_request *q,
	struct str scope, struct str name, struct str *code)
{
	int64_t now = domain_now(c);
	struct code_row row = {.client_id = q->client_id, .name = name,
		.redirect_uri = q->redirect_uri, .challenge = q->challenge, .created = now,
		.expires = now + INDIEAUTH_CODE_LIFE, .token = S("")};
	enum err err = scope_both(c, q->scope, scope, &row.scope);

	if (!err)
		err = scope_of_apps(c, row.scope, &row.scope);
	if (!err)
		err = auth_secret_make(c, S(""), code);
	if (err)
		return err;
	crypto_sha256(*code, row.hash);
	err = db_tx_begin(c, db);
	if (err)
		return err;
	err = domain_tx_end(c, db, allow(c, db, id, &row));
	if (!err)
		log_event(c, consent_given, .client_id = row.client_id, .scope = row.scope);
	return err;
}

enum err
indieauth_deny(struct ctx *c, struct db *db, struct str id, const struct indieauth_request *q)
{
	enum err err = db_tx_begin(c, db);

	if (err)
		return err;
	err = decide(c, db, id);
	if (!err)
		err = audit_put(c, db, AUDIT_CONSENT_DENIED, q->client_id, q->scope);
	err = domain_tx_end(c, db, err);
	if (!err)
		log_event(c, consent_denied, .client_id = q->client_id);
	return err;
}

enum err
indieauth_clean(struct ctx *c, struct db *db, int64_t now)
{
	enum err err = code_row_clean(c, db, now - INDIEAUTH_CODE_KEPT);

	if (!err)
		err = refresh_row_clean(c, db, now);
	return err ? err : authorization_row_clean(c, db, now - INDIEAUTH_REQUEST_LIFE);
}
