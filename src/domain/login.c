/*
 * Signing in. A try is counted before it is made, in the transaction that makes it or one before
 * it, so nobody gets more of them by making them all at once; and what is counted stays counted
 * when the try fails. Passwords are hashed outside of transactions.
 */
#include "domain/login.h"

#include "core/facts.h"
#include "core/log.h"
#include "domain/audit.h"
#include "domain/factor.h"
#include "domain/priv.h"
#include "domain/webauthn.h"

enum err
login_cookie_make(struct ctx *c, struct str *out)
{
	return auth_secret_make(c, S(""), out);
}

bool
login_cookie_ok(struct str s)
{
	return auth_secret_plausible(s, S(""));
}

static struct str
remote_addr(const struct ctx *c)
{
	return c->facts ? c->facts->remote_addr : S("");
}

static enum err
failed(struct ctx *c, const char *why)
{
	err_clear(c);
	return err_raise(c, ERR_LOGIN_FAILED, "%s", why);
}

/* ---- the password ------------------------------------------------------------------------------ */

/* Counted for the address and for everybody; who is locked out costs no write. */
static enum err
password_try(struct ctx *c, struct db *db, int *retry)
{
	enum err err = throttle_look(c, db, THROTTLE_PASSWORDS, retry);

	if (!err)
		err = throttle_look(c, db, THROTTLE_PASSWORD, retry);
	if (!err)
		err = db_tx_begin(c, db);
	if (err)
		return err;
	err = throttle_take(c, db, THROTTLE_PASSWORD, retry);
	if (!err)
		err = throttle_take(c, db, THROTTLE_PASSWORDS, retry);
	return domain_tx_keep(c, db, err);
}

/* The first failure of an address goes into the audit trail; the log and the counts have the rest. */
static enum err
password_failed(struct ctx *c, struct db *db)
{
	struct err_slot slot = c->err;
	bool first = false;
	enum err err;

	err_clear(c);
	err = throttle_is_first(c, db, THROTTLE_PASSWORD, &first);
	if (!err && first) {
		err = db_tx_begin(c, db);
		if (!err)
			err = domain_tx_end(
				c, db, audit_put(c, db, AUDIT_SIGN_IN_FAILED, S("password"), S("")));
	}
	if (err)
		return err;
	c->err = slot;
	return ERR_LOGIN_FAILED;
}

/* ERR_LOGIN_FAILED, ERR_RATE_LIMITED, or OK; *rehashed as password_verify() gives it. */
static enum err
password_shown(struct ctx *c, struct db *db, struct login *l, struct str password,
	struct str *rehashed)
{
	enum err err = password_plausible(c, password);

	if (!err)
		err = password_try(c, db, &l->retry);
	if (!err)
		err = password_verify(c, db, password, rehashed);
	if (err == ERR_LOGIN_FAILED) {
		log_event(c, login_failed, .remote_addr = remote_addr(c), .factor = S("password"));
		err = password_failed(c, db);
	}
	return err;
}

/* Inside a transaction, after a right password. */
static enum err
password_right(struct ctx *c, struct db *db, struct str rehashed)
{
	enum err err = throttle_forgive(c, db, THROTTLE_PASSWORD);

	if (!err)
		err = throttle_forgive(c, db, THROTTLE_PASSWORDS);
	if (!err && rehashed.n > 0)
		err = owner_row_set_password(c, db, rehashed);
	return err;
}

/* A cookie of its own for the rest of the sign-in: none that was there before is adopted. */
static enum err
pending_open(struct ctx *c, struct db *db, struct login *l)
{
	unsigned char hash[CRYPTO_SHA256_BYTES];
	enum err err = login_cookie_make(c, &l->cookie);

	if (err)
		return err;
	crypto_sha256(l->cookie, hash);
	return pending_row_put(c, db, hash, domain_now(c) + LOGIN_PENDING_LIFE);
}

enum err
login_password(struct ctx *c, struct db *db, struct login *l, struct str password)
{
	struct str rehashed;
	bool more = false;
	enum err err = password_shown(c, db, l, password, &rehashed);

	if (!err)
		err = db_tx_begin(c, db);
	if (err)
		return err;
	err = password_right(c, db, rehashed);
	if (!err)
		err = factor_second(c, db, &more);
	if (!err)
		err = more ? pending_open(c, db, l) : session_open(c, db, S("password"), &l->secret);
	err = domain_tx_end(c, db, err);
	if (err)
		return err;
	l->open = !more;
	if (l->open)
		log_event(c, login_succeeded, .remote_addr = remote_addr(c), .factors = S("password"));
	return OK;
}

/* ---- the code ---------------------------------------------------------------------------------- */

enum err
login_owes_code(struct ctx *c, struct db *db, struct str cookie, bool *out)
{
	unsigned char hash[CRYPTO_SHA256_BYTES];

	*out = false;
	if (!login_cookie_ok(cookie))
		return OK;
	crypto_sha256(cookie, hash);
	return pending_row_find(c, db, hash, domain_now(c), out);
}

/* Whoever it is knows the password: the owner is to see each of these. */
static enum err
code_failed(struct ctx *c, struct db *db)
{
	struct err_slot slot = c->err;
	enum err err;

	log_event(c, login_failed, .remote_addr = remote_addr(c), .factor = S("code"));
	err_clear(c);
	err = audit_put(c, db, AUDIT_SIGN_IN_FAILED, S("code"), S(""));
	if (err)
		return err;
	c->err = slot;
	return ERR_LOGIN_FAILED;
}

/* One of the tries there are. Inside a transaction. */
static enum err
code_shown(struct ctx *c, struct db *db, struct login *l, struct str code, struct str *factor)
{
	enum err err = throttle_take(c, db, THROTTLE_CODES, &l->retry);

	if (!err)
		err = factor_code_take(c, db, code, factor);
	if (!err && factor->n == 0)
		err = err_raise(c, ERR_LOGIN_FAILED, "wrong code, or used before");
	if (!err)
		err = throttle_forgive(c, db, THROTTLE_CODES);
	return err == ERR_LOGIN_FAILED ? code_failed(c, db) : err;
}

static enum err
code_open(struct ctx *c, struct db *db, struct login *l, const unsigned char *hash, struct str code)
{
	struct str factor, words;
	bool found = false, left = false;
	enum err err = pending_row_find(c, db, hash, domain_now(c), &found);

	if (!err && found)
		err = pending_row_try(c, db, hash, LOGIN_PENDING_TRIES, &left);
	if (!err && found && !left)
		err = pending_row_delete(c, db, hash);
	if (!err && !left)
		err = failed(c, "no password was shown, or too long ago, or too many codes");
	if (!err)
		err = code_shown(c, db, l, code, &factor);
	if (!err)
		err = pending_row_delete(c, db, hash);
	if (!err)
		err = ctx_printf(c, &words, "password %.*s", STR(factor));
	if (!err)
		err = session_open(c, db, words, &l->secret);
	if (err)
		return err;
	l->recovered = str_eq(factor, S("recovery"));
	log_event(c, login_succeeded, .remote_addr = remote_addr(c), .factors = words);
	return OK;
}

enum err
login_code(struct ctx *c, struct db *db, struct login *l, struct str code)
{
	unsigned char hash[CRYPTO_SHA256_BYTES];
	enum err err;

	if (!login_cookie_ok(l->cookie))
		return err_raise(c, ERR_LOGIN_FAILED, "no password was shown");
	crypto_sha256(l->cookie, hash);
	err = db_tx_begin(c, db);
	if (!err)
		err = domain_tx_keep(c, db, code_open(c, db, l, hash, code));
	l->open = !err;
	return err;
}

/* ---- passkeys ---------------------------------------------------------------------------------- */

/* Verifies what a passkey of ours has signed, and brings its row up to date. In a transaction. */
static enum err
passkey_shown(struct ctx *c, struct db *db, enum factor_purpose purpose, struct login *l,
	struct str json)
{
	struct webauthn_expect expect;
	struct webauthn_assertion a;
	struct passkey_row row;
	struct owner_row owner;
	bool cloned = false;
	enum err err = throttle_take(c, db, THROTTLE_PASSKEY, &l->retry);

	if (!err)
		err = factor_challenge_take(c, db, purpose, l->cookie, &expect);
	if (!err)
		err = webauthn_parse(c, json, &a);
	if (!err)
		err = passkey_row_find(c, db, a.credential, &row);
	if (!err)
		err = owner_row_find(c, db, &owner);
	if (!err)
		err = webauthn_used(c, &expect, &a, owner.handle, &row, &cloned);
	if (cloned)
		log_event(c, passkey_cloned, .passkey = row.id);
	if (err)
		return err;
	row.last_used = domain_now(c);
	err = passkey_row_used(c, db, &row);
	if (!err && cloned)
		err = audit_put(c, db, AUDIT_PASSKEY_CLONED, row.id, row.name);
	return err ? err : throttle_forgive(c, db, THROTTLE_PASSKEY);
}

static enum err
passkey_open(struct ctx *c, struct db *db, enum factor_purpose purpose, struct login *l,
	struct str json)
{
	enum err err = passkey_shown(c, db, purpose, l, json);

	if (err == ERR_PASSKEY || err == ERR_NOT_FOUND) {
		log_event(c, login_failed, .remote_addr = remote_addr(c), .factor = S("passkey"));
		return failed(c, "passkey refused");
	}
	if (err)
		return err;
	if (purpose == FACTOR_PROVE)
		return session_prove(c, db, l->cookie, S("passkey"), &l->secret);
	err = session_open(c, db, S("passkey"), &l->secret);
	if (!err)
		log_event(c, login_succeeded, .remote_addr = remote_addr(c), .factors = S("passkey"));
	return err;
}

static enum err
passkey_run(struct ctx *c, struct db *db, enum factor_purpose purpose, struct login *l,
	struct str json)
{
	enum err err;

	if (!login_cookie_ok(l->cookie))
		return err_raise(c, ERR_LOGIN_FAILED, "no challenge was given");
	err = throttle_look(c, db, THROTTLE_PASSKEY, &l->retry);
	if (!err)
		err = db_tx_begin(c, db);
	if (!err)
		err = domain_tx_keep(c, db, passkey_open(c, db, purpose, l, json));
	l->open = !err;
	return err;
}

enum err
login_passkey(struct ctx *c, struct db *db, struct login *l, struct str json)
{
	return passkey_run(c, db, FACTOR_SIGN_IN, l, json);
}

enum err
login_prove_passkey(struct ctx *c, struct db *db, struct login *l, struct str json)
{
	return passkey_run(c, db, FACTOR_PROVE, l, json);
}

/* ---- once more --------------------------------------------------------------------------------- */

static enum err
prove(struct ctx *c, struct db *db, struct login *l, struct str rehashed, struct str code)
{
	struct str factor = {0}, words = S("password");
	bool more = false;
	enum err err = password_right(c, db, rehashed);

	if (!err)
		err = factor_second(c, db, &more);
	if (!err && more)
		err = code_shown(c, db, l, code, &factor);
	if (!err && more)
		err = ctx_printf(c, &words, "password %.*s", STR(factor));
	l->recovered = str_eq(factor, S("recovery"));
	return err ? err : session_prove(c, db, l->cookie, words, &l->secret);
}

enum err
login_prove(struct ctx *c, struct db *db, struct login *l, struct str password, struct str code)
{
	struct str rehashed;
	enum err err = password_shown(c, db, l, password, &rehashed);

	if (!err)
		err = db_tx_begin(c, db);
	if (!err)
		err = domain_tx_keep(c, db, prove(c, db, l, rehashed, code));
	l->open = !err;
	return err;
}
