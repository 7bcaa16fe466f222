/*
 * Access tokens (RFC 6750): "sp_" and 256 random bits. The prefix lets a secret scanner find one
 * that was published by mistake; the public id by which lists and logs name a token is random by
 * itself and says nothing about the secret.
 */
#include "domain/auth.h"

#include "core/log.h"
#include "domain/audit.h"
#include "domain/priv.h"
#include "domain/scope.h"

enum { ID_CHARS = 10 };

enum err
token_make(struct ctx *c, struct db *db, struct token_row *row, struct str *secret)
{
	char id_text[ID_CHARS];
	enum err err;

	auth_random_text(id_text, sizeof(id_text));
	err = ctx_str(c, str_n(id_text, sizeof(id_text)), &row->id);
	if (err == OK)
		err = auth_secret_make(c, S("sp_"), secret);
	if (err != OK)
		return err;
	crypto_sha256(*secret, row->hash);
	row->scope = row->granted;
	row->created = row->issued = domain_now(c);
	err = token_row_insert(c, db, row);
	return err == OK ? audit_put(c, db, AUDIT_TOKEN_CREATED, row->id, row->scope) : err;
}

enum err
auth_token_create(struct ctx *c, struct db *db, struct str name, struct str scope,
	int64_t expires, struct str *secret, struct str *id)
{
	struct token_row row = {.name = name, .granted = str_trim(scope), .expires = expires,
		.ends = expires};
	enum err err;

	if (!scope_valid(scope))
		return err_raise_hint(c, ERR_USAGE, "a scope is words separated by spaces");
	err = db_tx_begin(c, db);
	if (err != OK)
		return err;
	err = domain_tx_end(c, db, token_make(c, db, &row, secret));
	if (err != OK)
		return err;
	*id = row.id;
	log_event(c, token_created, .token = row.id, .scope = row.scope);
	return OK;
}

enum err
auth_token_verify(struct ctx *c, struct db *db, struct str secret, struct auth_grant *out)
{
	unsigned char hash[CRYPTO_SHA256_BYTES];
	struct token_row row;
	int64_t now = domain_now(c);
	enum err err;

	if (!auth_secret_plausible(secret, S("sp_")))
		return err_raise(c, ERR_TOKEN_INVALID, "not a token of ours");
	crypto_sha256(secret, hash);
	err = token_row_find(c, db, hash, &row);
	if (err == ERR_NOT_FOUND) {
		err_clear(c);
		return err_raise(c, ERR_TOKEN_INVALID, "unknown token");
	}
	if (err != OK)
		return err;
	if (!crypto_equal(hash, row.hash, sizeof(hash)))
		return err_raise(c, ERR_TOKEN_INVALID, "unknown token");
	if (row.revoked != 0)
		return err_raise(c, ERR_TOKEN_INVALID, "token '%.*s' is revoked", STR(row.id));
	if (row.expires != 0 && row.expires <= now)
		return err_raise(c, ERR_TOKEN_INVALID, "token '%.*s' has expired", STR(row.id));
	*out = (struct auth_grant){.id = row.id, .name = row.name, .scope = row.scope,
		.drafts = row.drafts, .client_id = row.client_id, .issued = row.issued,
		.expires = row.expires};
	return OK;
}

/* Inside a transaction. */
static enum err
token_change(struct ctx *c, struct db *db, struct token_row *row, struct str keep, bool drafts)
{
	struct str what;
	enum err err = token_row_find_id(c, db, row->id, row);

	if (err == OK)
		err = scope_both(c, row->granted, keep, &row->granted);
	if (err == OK)
		err = scope_both(c, row->scope, keep, &row->scope);
	if (err != OK)
		return err;
	if (str_empty(row->granted))
		return err_raise_hint(c, ERR_USAGE, "a token without a scope can do nothing: revoke it");
	row->drafts = drafts;
	err = token_row_change(c, db, row);
	if (err == OK)
		err = ctx_printf(c, &what, "%.*s%s", STR(row->granted), drafts ? " (drafts only)" : "");
	return err == OK ? audit_put(c, db, AUDIT_TOKEN_CHANGED, row->id, what) : err;
}

enum err
auth_token_change(struct ctx *c, struct db *db, struct str id, struct str keep, bool drafts)
{
	struct token_row row = {.id = id};
	enum err err = db_tx_begin(c, db);

	if (err != OK)
		return err;
	err = domain_tx_end(c, db, token_change(c, db, &row, keep, drafts));
	if (err == OK)
		log_event(c, token_changed, .token = row.id, .scope = row.granted, .drafts = drafts);
	return err;
}

enum err
token_end(struct ctx *c, struct db *db, struct str id, enum audit why)
{
	enum err err = token_row_revoke(c, db, id, domain_now(c));

	return err == OK ? audit_put(c, db, why, id, S("")) : err;
}

enum err
auth_token_revoke(struct ctx *c, struct db *db, struct str id)
{
	enum err err = db_tx_begin(c, db);

	if (err != OK)
		return err;
	err = domain_tx_end(c, db, token_end(c, db, id, AUDIT_TOKEN_REVOKED));
	if (err == OK)
		log_event(c, token_revoked, .token = id);
	return err;
}
