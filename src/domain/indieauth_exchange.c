/*
 * Exchange of codes and refresh tokens.
 *
 * A secret is looked up before the write transaction, so that who tries wrong ones never stands in the
 * writers' queue, and again inside it, where it is judged: of two exchanges at once the second finds
 * it used. A used one has something to undo, which has to be committed before the refusal is raised;
 * that is what struct exchange carries `reused` for.
 */
#include "domain/indieauth.h"

#include "base/enc.h"
#include "core/config.h"
#include "core/log.h"
#include "domain/client.h"
#include "domain/priv.h"
#include "domain/scope.h"

enum { VERIFIER_MIN = 43, VERIFIER_MAX = 128 };

/* An exchange, and what came of it inside its transaction. */
struct exchange {
	unsigned char hash[CRYPTO_SHA256_BYTES];	/* of the secret */
	bool profile;		/* at the authorization endpoint */
	struct str token;	/* public id of the grant it is about; "" for none */
	bool reused;		/* the secret had been used up: the grant is revoked */
};

/* ---- the form -------------------------------------------------------------------------------- */

/* A form's fields, as far as an exchange looks at them; p NULL: not sent. */
struct form {
	struct str grant_type, code, client_id, redirect_uri, code_verifier, refresh_token, scope;
};

static enum err
form_read(struct ctx *c, const struct pair *fields, size_t n, struct form *f)
{
	const struct {
		struct str name;
		struct str *value;
	} known[] = {
		{S_INIT("grant_type"), &f->grant_type},
		{S_INIT("code"), &f->code},
		{S_INIT("client_id"), &f->client_id},
		{S_INIT("redirect_uri"), &f->redirect_uri},
		{S_INIT("code_verifier"), &f->code_verifier},
		{S_INIT("refresh_token"), &f->refresh_token},
		{S_INIT("scope"), &f->scope},
	};

	*f = (struct form){0};
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < sizeof(known) / sizeof(known[0]); k++) {
			if (!str_eq(fields[i].name, known[k].name))
				continue;
			if (known[k].value->p)
				return err_raise_hint(c, ERR_AUTH_REQUEST, "%.*s is given twice",
					STR(known[k].name));
			*known[k].value = fields[i].value.p ? fields[i].value : S("");
		}
	return OK;
}

static enum err
require(struct ctx *c, struct str value, const char *name)
{
	return value.n > 0 ? OK : err_raise_hint(c, ERR_AUTH_REQUEST, "%s is missing", name);
}

/* True if a client_id from a form is the one that the secret is bound to. */
static bool
is_client(struct ctx *c, struct str sent, struct str bound)
{
	struct str canonical;
	enum err err = client_id_parse(c, sent, &canonical);

	if (err)
		err_clear(c);
	return !err && str_eq(canonical, bound);
}

/* ---- PKCE ------------------------------------------------------------------------------------ */

static bool
is_verifier(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char ch = s.p[i];

		if (!(ch >= 'A' && ch <= 'Z') && !(ch >= 'a' && ch <= 'z') &&
			!(ch >= '0' && ch <= '9') && !strchr("-._~", ch))
			return false;
	}
	return s.n >= VERIFIER_MIN && s.n <= VERIFIER_MAX;
}

bool
indieauth_pkce_ok(struct ctx *c, struct str challenge, struct str verifier)
{
	unsigned char hash[CRYPTO_SHA256_BYTES];
	struct buf b;

	if (!is_verifier(verifier))
		return false;
	crypto_sha256(verifier, hash);
	buf_init(&b, &c->arena, 64);
	enc_base64url(&b, hash, sizeof(hash));
	return !b.failed && b.n == challenge.n && crypto_equal(b.p, challenge.p, b.n);
}

/* ---- codes ----------------------------------------------------------------------------------- */

static enum err
refuse(struct ctx *c, const char *why)
{
	return err_raise_hint(c, ERR_AUTH_GRANT, "%s", why);
}

/* Whether a code that is there and unused is good for this form. */
static enum err
code_check(struct ctx *c, const struct code_row *row, const struct form *f, bool profile)
{
	if (row->expires <= domain_now(c))
		return refuse(c, "the code has expired");
	if (!is_client(c, f->client_id, row->client_id))
		return refuse(c, "the code was given to another client_id");
	if (!str_eq(f->redirect_uri, row->redirect_uri))
		return refuse(c, "the code was given for another redirect_uri");
	if (row->challenge.n == 0 && f->code_verifier.p)
		return refuse(c, "a code_verifier for a code without a code_challenge");
	if (row->challenge.n > 0 && !indieauth_pkce_ok(c, row->challenge, f->code_verifier))
		return refuse(c, "code_verifier does not match code_challenge");
	if (!profile && row->scope.n == 0)
		return refuse(c, "a code without scope is for the authorization endpoint");
	return OK;
}

/* A refresh token of a grant. Inside a transaction. */
static enum err
refresh_make(struct ctx *c, struct db *db, const struct token_row *token, struct str *secret)
{
	unsigned char hash[CRYPTO_SHA256_BYTES];
	enum err err = auth_secret_make(c, S("spr_"), secret);

	if (err)
		return err;
	crypto_sha256(*secret, hash);
	return refresh_row_insert(c, db, hash, token->id, token->issued, token->ends);
}

static int64_t
seconds(int64_t us)
{
	return us / 1000000;
}

/* Makes the grant that a code stands for. Inside a transaction. */
static enum err
grant_make(struct ctx *c, struct db *db, const struct code_row *code, struct exchange *x,
	struct indieauth_grant *out)
{
	int64_t now = domain_now(c);
	struct token_row row = {.name = code->name, .client_id = code->client_id,
		.granted = code->scope, .expires = now + seconds(c->cfg->token_lifetime),
		.ends = now + seconds(c->cfg->refresh_lifetime)};
	enum err err = token_make(c, db, &row, &out->access);

	out->lifetime = row.expires - now;
	x->token = row.id;
	return err ? err : refresh_make(c, db, &row, &out->refresh);
}

/* Inside a transaction: what a second use of a secret leads to. */
static enum err
end_reused(struct ctx *c, struct db *db, struct str token, struct exchange *x)
{
	enum err err = OK;

	x->reused = true;
	x->token = token;
	if (token.n > 0)
		err = token_end(c, db, token, AUDIT_TOKEN_REUSED);
	if (err == ERR_NOT_FOUND) {
		err_clear(c);
		err = OK;
	}
	return err;
}

static enum err
redeem(struct ctx *c, struct db *db, const struct form *f, struct exchange *x,
	struct indieauth_grant *out)
{
	struct code_row row;
	bool won;
	enum err err = code_row_find(c, db, x->hash, &row);

	if (err)
		return err;
	if (row.used)
		return end_reused(c, db, row.token, x);
	err = code_check(c, &row, f, x->profile);
	if (!err && !x->profile)
		err = grant_make(c, db, &row, x, out);
	if (!err)
		err = code_row_use(c, db, x->hash, x->token, domain_now(c), &won);
	if (!err && !won)
		err = refuse(c, "it was used before");
	out->scope = row.scope;
	return err;
}

static enum err
exchange_code(struct ctx *c, struct db *db, const struct form *f, struct exchange *x,
	struct indieauth_grant *out)
{
	struct code_row row;
	enum err err = require(c, f->code, "code");

	if (!err)
		err = require(c, f->client_id, "client_id");
	if (!err)
		err = require(c, f->redirect_uri, "redirect_uri");
	if (err)
		return err;
	if (!auth_secret_plausible(f->code, S("")))
		return refuse(c, "there is no such code");
	crypto_sha256(f->code, x->hash);
	err = code_row_find(c, db, x->hash, &row);
	if (!err)
		err = db_tx_begin(c, db);
	if (!err)
		err = domain_tx_end(c, db, redeem(c, db, f, x, out));
	if (!err && x->reused)
		log_event(c, token_reused, .token = x->token, .kind = S("code"));
	else if (!err && !x->profile)
		log_event(c, token_created, .token = x->token, .scope = out->scope,
			.client_id = row.client_id);
	return err;
}

/* ---- refresh tokens -------------------------------------------------------------------------- */

/* *scope: what the next access token is to do. */
static enum err
refresh_check(struct ctx *c, const struct refresh_row *row, const struct token_row *token,
	const struct form *f, struct str *scope)
{
	int64_t now = domain_now(c);

	*scope = token->granted;
	if (token->revoked)
		return refuse(c, "the grant has been revoked");
	if (!is_client(c, f->client_id, token->client_id))
		return refuse(c, "the refresh token was given to another client_id");
	if (row->expires <= now)
		return refuse(c, "the refresh token has expired");
	if (f->scope.n == 0)
		return OK;
	if (!scope_valid(f->scope) || !scope_within(f->scope, token->granted))
		return err_raise_hint(c, ERR_AUTH_SCOPE, "more than was granted");
	return scope_both(c, token->granted, f->scope, scope);
}

/* True if a used one may be used again: its answer may have got lost, and nobody has gone on since. */
static bool
in_grace(struct ctx *c, const struct refresh_row *row)
{
	return row->used > 0 && row->used + INDIEAUTH_GRACE > domain_now(c) && !row->newer;
}

static enum err
renew(struct ctx *c, struct db *db, const struct form *f, struct exchange *x,
	struct indieauth_grant *out)
{
	int64_t now = domain_now(c);
	struct refresh_row row;
	struct token_row token;
	enum err err = refresh_row_find(c, db, x->hash, &row);

	if (!err)
		err = token_row_find_id(c, db, row.token, &token);
	if (!err)
		err = refresh_check(c, &row, &token, f, &out->scope);
	if (err)
		return err;
	x->token = token.id;
	if (row.used && !in_grace(c, &row))
		return end_reused(c, db, token.id, x);
	err = auth_secret_make(c, S("sp_"), &out->access);
	if (err)
		return err;
	crypto_sha256(out->access, token.hash);
	out->lifetime = seconds(c->cfg->token_lifetime);
	token.scope = out->scope;
	token.issued = now;
	token.expires = now + out->lifetime;
	token.ends = now + seconds(c->cfg->refresh_lifetime);
	err = token_row_renew(c, db, &token);
	if (!err)
		err = token_row_touch(c, db, token.id, now);
	if (!err)
		err = row.used ? refresh_row_replace(c, db, row.id)
			       : refresh_row_use(c, db, row.id, now);
	return err ? err : refresh_make(c, db, &token, &out->refresh);
}

static enum err
exchange_refresh(struct ctx *c, struct db *db, const struct form *f, struct exchange *x,
	struct indieauth_grant *out)
{
	struct refresh_row row;
	enum err err = require(c, f->refresh_token, "refresh_token");

	if (!err)
		err = require(c, f->client_id, "client_id");
	if (err)
		return err;
	if (!auth_secret_plausible(f->refresh_token, S("spr_")))
		return refuse(c, "there is no such refresh token");
	crypto_sha256(f->refresh_token, x->hash);
	err = refresh_row_find(c, db, x->hash, &row);
	if (!err)
		err = db_tx_begin(c, db);
	if (!err)
		err = domain_tx_end(c, db, renew(c, db, f, x, out));
	if (!err && x->reused)
		log_event(c, token_reused, .token = x->token, .kind = S("refresh"));
	else if (!err)
		log_event(c, token_renewed, .token = x->token, .scope = out->scope);
	return err;
}

/* ---- both ------------------------------------------------------------------------------------ */

enum err
indieauth_exchange(struct ctx *c, struct db *db, const struct pair *fields, size_t n, bool profile,
	struct indieauth_grant *out)
{
	struct exchange x = {.profile = profile, .token = S("")};
	struct form f;
	enum err err = form_read(c, fields, n, &f);

	*out = (struct indieauth_grant){0};
	if (!err)
		err = require(c, f.grant_type, "grant_type");
	if (err)
		return err;
	if (str_eq(f.grant_type, S("authorization_code")))
		err = exchange_code(c, db, &f, &x, out);
	else if (str_eq(f.grant_type, S("refresh_token")) && !profile)
		err = exchange_refresh(c, db, &f, &x, out);
	else
		err = err_raise_hint(c, ERR_AUTH_GRANT_TYPE, "grant_type is not supported here");
	if (err == ERR_NOT_FOUND) {
		err_clear(c);
		return refuse(c, "there is no such code or refresh token");
	}
	if (!err && x.reused)
		return refuse(c, "it was used before");
	return err;
}

/* *id: of the grant that a secret is of; empty if it is of none. */
static enum err
grant_of(struct ctx *c, struct db *db, struct str secret, struct str *id)
{
	unsigned char hash[CRYPTO_SHA256_BYTES];
	struct refresh_row refresh;
	struct token_row token;
	enum err err = ERR_NOT_FOUND;

	*id = S("");
	crypto_sha256(secret, hash);
	if (auth_secret_plausible(secret, S("spr_"))) {
		err = refresh_row_find(c, db, hash, &refresh);
		if (!err)
			*id = refresh.token;
	} else if (auth_secret_plausible(secret, S("sp_"))) {
		err = token_row_find(c, db, hash, &token);
		if (!err && !token.revoked)
			*id = token.id;
	}
	if (err != ERR_NOT_FOUND)
		return err;
	err_clear(c);
	return OK;
}

enum err
indieauth_revoke(struct ctx *c, struct db *db, struct str secret)
{
	struct str id;
	enum err err = grant_of(c, db, secret, &id);

	if (err || id.n == 0)
		return err;
	err = auth_token_revoke(c, db, id);
	if (err != ERR_NOT_FOUND)
		return err;
	err_clear(c);
	return OK;
}
