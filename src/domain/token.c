/*
 * Access tokens (RFC 6750): "sp_" and 256 random bits. The prefix lets a secret scanner find one
 * that was published by mistake; the public id by which lists and logs name a token is random by
 * itself and says nothing about the secret.
 */
#include "domain/auth.h"

#include "core/log.h"
#include "domain/audit.h"
#include "domain/priv.h"

enum { ID_CHARS = 10 };

/* RFC 6749 section 3.3: printable ASCII but for quote and backslash; spaces separate words. */
static bool
scope_valid(struct str scope)
{
	for (size_t i = 0; i < scope.n; i++) {
		unsigned char u = (unsigned char)scope.p[i];

		if (u < ' ' || u > '~' || u == '"' || u == '\\')
			return false;
	}
	return true;
}

enum err
auth_token_create(struct ctx *c, struct db *db, struct str name, struct str scope,
	int64_t expires, struct str *secret, struct str *id)
{
	char id_text[ID_CHARS];
	struct token_row row = {.name = name, .scope = str_trim(scope), .created = domain_now(c),
		.expires = expires};
	enum err err;

	if (!scope_valid(scope))
		return err_raise_hint(c, ERR_USAGE, "a scope is words separated by spaces");
	auth_random_text(id_text, sizeof(id_text));
	err = ctx_str(c, str_n(id_text, sizeof(id_text)), &row.id);
	if (err != OK)
		return err;
	err = auth_secret_make(c, S("sp_"), secret);
	if (err != OK)
		return err;
	crypto_sha256(*secret, row.hash);
	err = db_tx_begin(c, db);
	if (err != OK)
		return err;
	err = token_row_insert(c, db, &row);
	if (err == OK)
		err = audit_put(c, db, AUDIT_TOKEN_CREATED, row.id, row.scope);
	err = domain_tx_end(c, db, err);
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
	*out = (struct auth_grant){.id = row.id, .name = row.name, .scope = row.scope};
	return OK;
}

enum err
auth_token_revoke(struct ctx *c, struct db *db, struct str id)
{
	enum err err = db_tx_begin(c, db);

	if (err != OK)
		return err;
	err = token_row_revoke(c, db, id, domain_now(c));
	if (err == OK)
		err = audit_put(c, db, AUDIT_TOKEN_REVOKED, id, S(""));
	err = domain_tx_end(c, db, err);
	if (err == OK)
		log_event(c, token_revoked, .token = id);
	return err;
}
