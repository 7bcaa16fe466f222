/*
 * The owner's sessions: a cookie of 256 random bits, found by its hash. A session ends when it has
 * been idle for session_timeout, and session_max after sign-in in any case. To slide the first limit is
 * a write; it is done seldom, and a busy or full disk does not lock the owner out for it.
 */
#include "domain/session.h"

#include "base/enc.h"
#include "base/time.h"
#include "core/config.h"
#include "core/facts.h"
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
	int64_t last = created + c->cfg->session_max / 1000000;

	return timeout(c) > last - now ? last : now + timeout(c);
}

enum err
session_open(struct ctx *c, struct db *db, struct str factors, struct str *secret)
{
	char id[AUTH_ID_CHARS];
	int64_t now = domain_now(c);
	const struct facts *f = c->facts;
	struct session_row row = {.id = str_n(id, sizeof(id)), .factors = factors, .proved = now,
		.remote_addr = f ? enc_utf8_cut(f->remote_addr, TEXT_MAX) : S(""),
		.user_agent = f ? enc_utf8_cut(f->user_agent, TEXT_MAX) : S(""), .created = now,
		.last_accessed = now, .expires = expiry(c, now, now)};
	enum err err = auth_secret_make(c, S(""), secret);

	if (err != OK)
		return err;
	auth_random_text(id, sizeof(id));
	crypto_sha256(*secret, row.hash);
	err = session_row_insert(c, db, &row);
	return err ? err : audit_put(c, db, AUDIT_SIGN_IN, row.id, factors);
}

enum err
session_prove(struct ctx *c, struct db *db, struct str secret, struct str factors, struct str *fresh)
{
	unsigned char was[CRYPTO_SHA256_BYTES], hash[CRYPTO_SHA256_BYTES];
	enum err err = auth_secret_make(c, S(""), fresh);

	if (err != OK)
		return err;
	crypto_sha256(secret, was);
	crypto_sha256(*fresh, hash);
	return session_row_prove(c, db, was, hash, factors, domain_now(c));
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
	*out = (struct auth_grant){.id = S("session"), .session = true, .session_id = row.id,
		.factors = row.factors, .signed_in = row.created, .proved = row.proved};
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

/* ---- as the owner sees them ------------------------------------------------------------------ */

enum err
session_list(struct ctx *c, struct db *db, struct session_row **out, size_t *n)
{
	return session_row_list(c, db, domain_now(c), out, n);
}

enum err
session_revoke(struct ctx *c, struct db *db, struct str id)
{
	enum err err = db_tx_begin(c, db);

	if (err != OK)
		return err;
	err = session_row_revoke(c, db, id);
	if (err == OK)
		err = audit_put(c, db, AUDIT_SESSION_ENDED, id, S(""));
	err = domain_tx_end(c, db, err);
	if (err == OK)
		log_event(c, session_ended, .session = id);
	return err;
}

enum err
session_revoke_others(struct ctx *c, struct db *db, struct str id, int64_t *n)
{
	struct str detail;
	enum err err = db_tx_begin(c, db);

	if (err != OK)
		return err;
	err = session_row_revoke_others(c, db, id, n);
	if (err == OK)
		err = ctx_printf(c, &detail, "%lld", (long long)*n);
	if (err == OK && *n > 0)
		err = audit_put(c, db, AUDIT_SESSIONS_ENDED, S(""), detail);
	err = domain_tx_end(c, db, err);
	if (err == OK && *n > 0)
		log_event(c, sessions_ended, .sessions = *n);
	return err;
}
