/*
 * The owner's sessions: a cookie of 256 random bits, found by its hash. A session ends when it has
 * been idle for session_timeout, and a year after sign-in in any case. To slide the first limit is
 * a write; it is done seldom, and a busy or full disk does not lock the owner out for it.
 */
#include "domain/auth.h"

#include "base/enc.h"
#include "base/time.h"
#include "core/config.h"
#include "core/log.h"
#include "domain/audit.h"
#include "domain/priv.h"

enum {
	TEXT_MAX = 200,
	SLIDE_WAIT_US = 100 * 1000	/* that a page may wait for its session to be written */
};

static int64_t
timeout(const struct ctx *c)
{
	return c->cfg->session_timeout / 1000000;
}

/* When a session made at created ends if it is used now. */
static int64_t
expiry(const struct ctx *c, int64_t created, int64_t now)
{
	int64_t last = created + AUTH_SESSION_MAX;

	return timeout(c) > last - now ? last : now + timeout(c);
}

/* As many seconds as a wrong password takes, for an owner who has none. */
static enum err
burn(struct ctx *c, struct str password)
{
	char hash[CRYPTO_PASSWORD_BYTES];
	enum err err = crypto_password_hash(c, password, hash);

	if (err != OK)
		return err;
	return err_raise(c, ERR_LOGIN_FAILED, "the owner has no password");
}

/* ERR_LOGIN_FAILED, or OK. Reads only. */
static enum err
password_verify(struct ctx *c, struct db *db, struct str password)
{
	struct owner_row owner;
	enum err err;

	/* Nothing longer was ever accepted, and hashing megabytes is work we do for nobody. */
	if (password.n > 4 * AUTH_PASSWORD_MAX)
		return err_raise(c, ERR_LOGIN_FAILED, "password of %zu bytes", password.n);
	err = owner_row_find(c, db, &owner);
	if (err == ERR_NOT_FOUND) {
		err_clear(c);
		return burn(c, password);
	}
	if (err != OK)
		return err;
	if (owner.password_hash.n == 0)
		return burn(c, password);
	if (!crypto_password_verify(password, owner.password_hash.p))
		return err_raise(c, ERR_LOGIN_FAILED, "wrong password");
	return OK;
}

static enum err
session_open(struct ctx *c, struct db *db, struct session_row *row, struct str *secret)
{
	enum err err = auth_secret_make(c, S(""), secret);

	if (err != OK)
		return err;
	crypto_sha256(*secret, row->hash);
	err = auth_secret_make(c, S(""), &row->csrf);
	if (err != OK)
		return err;
	err = db_tx_begin(c, db);
	if (err != OK)
		return err;
	err = session_row_insert(c, db, row);
	if (err == OK)
		err = audit_put(c, db, AUDIT_SIGN_IN, S(""), S(""));
	return domain_tx_end(c, db, err);
}

enum err
auth_login(struct ctx *c, struct db *db, struct str password, struct str remote_addr,
	struct str user_agent, struct str *secret)
{
	int64_t now = domain_now(c);
	struct session_row row = {.remote_addr = enc_utf8_cut(remote_addr, TEXT_MAX),
		.user_agent = enc_utf8_cut(user_agent, TEXT_MAX), .created = now,
		.last_accessed = now, .expires = expiry(c, now, now)};
	enum err err = password_verify(c, db, password);

	if (err == ERR_LOGIN_FAILED)
		log_event(c, login_failed, .remote_addr = remote_addr);
	if (err != OK)
		return err;
	err = session_open(c, db, &row, secret);
	if (err == OK)
		log_event(c, login_succeeded, .remote_addr = remote_addr);
	return err;
}

static enum err
session_touch(struct ctx *c, struct db *db, const struct session_row *row, int64_t now)
{
	enum err err = db_tx_begin(c, db);

	if (err != OK)
		return err;
	return domain_tx_end(c, db,
		session_row_touch(c, db, row->hash, now, expiry(c, row->created, now)));
}

/* Slides the expiry if it is time to, without much waiting; what goes wrong is forgotten. */
static void
session_slide(struct ctx *c, struct db *db, const struct session_row *row, int64_t now)
{
	int64_t idle = now - row->last_accessed, after = timeout(c) / 4;
	int64_t deadline = c->deadline_us, soon = time_mono_us() + SLIDE_WAIT_US;

	if (after > AUTH_TOUCH_AFTER)
		after = AUTH_TOUCH_AFTER;
	if (idle < after || c->read_only)
		return;
	if (deadline == 0 || deadline > soon)
		c->deadline_us = soon;
	if (session_touch(c, db, row, now) != OK)
		err_clear(c);
	c->deadline_us = deadline;
}

enum err
auth_session_verify(struct ctx *c, struct db *db, struct str secret, struct auth_grant *out)
{
	unsigned char hash[CRYPTO_SHA256_BYTES];
	struct session_row row;
	int64_t now = domain_now(c);
	enum err err;

	if (!auth_secret_plausible(secret, S("")))
		return err_raise(c, ERR_LOGIN_REQUIRED, "not a session of ours");
	crypto_sha256(secret, hash);
	err = session_row_find(c, db, hash, &row);
	if (err == ERR_NOT_FOUND) {
		err_clear(c);
		return err_raise(c, ERR_LOGIN_REQUIRED, "unknown session");
	}
	if (err != OK)
		return err;
	if (!crypto_equal(hash, row.hash, sizeof(hash)))
		return err_raise(c, ERR_LOGIN_REQUIRED, "unknown session");
	if (row.expires <= now)
		return err_raise(c, ERR_LOGIN_REQUIRED, "the session has ended");
	session_slide(c, db, &row, now);
	*out = (struct auth_grant){.id = S("session"), .session = true, .csrf = row.csrf,
		.proved = row.created};
	return OK;
}

enum err
auth_logout(struct ctx *c, struct db *db, struct str secret)
{
	unsigned char hash[CRYPTO_SHA256_BYTES];
	enum err err;

	if (!auth_secret_plausible(secret, S("")))
		return OK;
	crypto_sha256(secret, hash);
	err = db_tx_begin(c, db);
	if (err != OK)
		return err;
	err = session_row_delete(c, db, hash);
	if (err == OK)
		err = audit_put(c, db, AUDIT_SIGN_OUT, S(""), S(""));
	if (err == ERR_NOT_FOUND) {
		err_clear(c);
		err = OK;
	}
	err = domain_tx_end(c, db, err);
	if (err == OK)
		log_event(c, logout);
	return err;
}
