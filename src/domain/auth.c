/*
 * The owner, what a grant allows, and the random texts that tokens, sessions and passwords are made
 * of. Tokens are in token.c, sessions in session.c, passwords in password.c.
 *
 * Hashing a password takes a tenth of a second and 64 MiB; it is always done before the write
 * transaction that stores the result, never inside.
 */
#include "domain/auth.h"

#include "base/enc.h"
#include "base/time.h"
#include "core/config.h"
#include "domain/priv.h"

enum { SECRET_BYTES = 32, SECRET_CHARS = 43, GROUPS = 4, GROUP = 5 };

int64_t
domain_now(const struct ctx *c)
{
	return (c->now_us > 0 ? c->now_us : time_now_us()) / 1000000;
}

enum err
domain_tx_end(struct ctx *c, struct db *db, enum err err)
{
	if (err == OK)
		return db_tx_commit(c, db);
	db_tx_rollback(c, db);
	return err;
}

enum err
domain_tx_keep(struct ctx *c, struct db *db, enum err err)
{
	struct err_slot slot = c->err;
	enum err kept;

	if (err != ERR_LOGIN_FAILED && err != ERR_RATE_LIMITED && err != ERR_PASSKEY)
		return domain_tx_end(c, db, err);
	err_clear(c);
	kept = db_tx_commit(c, db);
	if (kept != OK)
		return kept;
	c->err = slot;
	return err;
}

bool
auth_allows(const struct auth_grant *g, const char *scope)
{
	return g->session || str_has_word(g->scope, str_z(scope));
}

void
auth_random_text(char *out, size_t n)
{
	static const char alphabet[] = "abcdefghijkmnpqrstuvwxyz23456789";

	crypto_random(out, n);
	for (size_t i = 0; i < n; i++)
		out[i] = alphabet[(unsigned char)out[i] & 31];
}

enum err
auth_secret_make(struct ctx *c, struct str prefix, struct str *out)
{
	unsigned char random[SECRET_BYTES];
	struct buf b;

	crypto_random(random, sizeof(random));
	buf_init(&b, &c->arena, prefix.n + SECRET_CHARS + 1);
	buf_put(&b, prefix);
	enc_base64url(&b, random, sizeof(random));
	return buf_end(c, &b, out);
}

bool
auth_secret_plausible(struct str s, struct str prefix)
{
	if (s.n != prefix.n + SECRET_CHARS || !str_starts(s, prefix))
		return false;
	for (size_t i = prefix.n; i < s.n; i++) {
		char ch = s.p[i];

		if (!(ch >= 'A' && ch <= 'Z') && !(ch >= 'a' && ch <= 'z') &&
		    !(ch >= '0' && ch <= '9') && ch != '-' && ch != '_')
			return false;
	}
	return true;
}

enum err
auth_password_make(struct ctx *c, struct str *out)
{
	char text[GROUPS * GROUP];

	auth_random_text(text, sizeof(text));
	return ctx_printf(c, out, "%.5s-%.5s-%.5s-%.5s", text, text + GROUP, text + 2 * GROUP,
		text + 3 * GROUP);
}

enum err
auth_owner_create(struct ctx *c, struct db *db, struct str name, struct str password,
	struct str *shown)
{
	char hash[CRYPTO_PASSWORD_BYTES];
	struct owner_row row = {.name = name, .url = str_z(c->cfg->site_url),
		.created = domain_now(c)};
	enum err err;

	if (password.n == 0) {
		err = auth_password_make(c, &password);
		if (err != OK)
			return err;
	}
	err = password_hash(c, password, hash);
	if (err != OK)
		return err;
	row.password_hash = str_z(hash);
	err = db_tx_begin(c, db);
	if (err != OK)
		return err;
	err = domain_tx_end(c, db, owner_row_insert(c, db, &row));
	if (err == OK)
		*shown = password;
	return err;
}

enum err
auth_clean(struct ctx *c, struct db *db, int64_t *sessions, int64_t *tokens)
{
	int64_t now = domain_now(c);
	enum err err = db_tx_begin(c, db);

	if (err != OK)
		return err;
	err = session_row_clean(c, db, now, sessions);
	if (err == OK)
		err = attempt_row_clean(c, db, now, now - THROTTLE_KEPT);
	if (err == OK)
		err = token_row_clean(c, db, now - AUTH_TOKEN_KEPT, tokens);
	if (err == OK)
		err = token_row_tally(c, db);
	if (err == OK)
		err = indieauth_clean(c, db, now);
	return domain_tx_end(c, db, err);
}
