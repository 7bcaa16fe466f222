/*
 * Who may do what: access tokens (RFC 6750) and the owner's sessions. A secret is 256 random bits;
 * the database knows its SHA-256 only.
 *
 * Times are seconds since 1970 and compared with the start of the work at hand (c->now_us).
 */
#ifndef DOMAIN_AUTH_H
#define DOMAIN_AUTH_H

#include "store/auth.h"

enum {
	AUTH_PASSWORD_MIN = 12,			/* characters */
	AUTH_PASSWORD_MAX = 128,
	AUTH_TOUCH_AFTER = 300,			/* seconds that "last used" may be behind */
	AUTH_TOKEN_KEPT = 30 * 86400		/* seconds a dead token stays in the list */
};

/* What a request may do: a token's scope, or everything for the owner's session. */
struct auth_grant {
	struct str id;		/* the token's public id, or "session" */
	struct str name;	/* what the owner calls the token */
	struct str scope;	/* words separated by spaces; "" can do nothing */
	bool drafts;		/* whatever is posted becomes a draft; of a token, as the next three */
	struct str client_id;	/* "" for one made by hand */
	int64_t issued, expires;	/* expires 0: never */
	bool session;
	/* Of a session only: */
	struct str session_id;	/* its public id */
	struct str factors;	/* what was shown for it: password, totp, recovery, passkey */
	int64_t signed_in;	/* when it was opened */
	int64_t proved;		/* when a factor was shown last */
};

/* True if the grant has the scope as a whole word. A session has every scope. */
bool auth_allows(const struct auth_grant *g, const char *scope);

/*
 * Makes a token. *secret ("sp_…") is shown once; *id names it in lists and logs and says nothing
 * about the secret. scope: words separated by spaces, as RFC 6749 section 3.3 spells them
 * (ERR_USAGE otherwise); may be empty, then the token can do nothing. expires 0: never. Writes.
 */
MUST enum err auth_token_create(struct ctx *c, struct db *db, struct str name, struct str scope,
	int64_t expires, struct str *secret, struct str *id);

/*
 * ERR_TOKEN_INVALID: unknown, expired, revoked or not a token at all. Reads only: when a token was
 * last used is noted by the writes it is used for (post_create), so that a query never waits for a
 * writer.
 */
MUST enum err auth_token_verify(struct ctx *c, struct db *db, struct str secret,
	struct auth_grant *out);

/*
 * Leaves of a token's scopes those that are in keep, for it and for all that it is exchanged for, and
 * makes drafts of what it posts, or no longer. ERR_NOT_FOUND; ERR_USAGE if no scope would be left.
 * Writes.
 */
MUST enum err auth_token_change(struct ctx *c, struct db *db, struct str id, struct str keep,
	bool drafts);

/* With all that it could be exchanged for. ERR_NOT_FOUND. Writes. */
MUST enum err auth_token_revoke(struct ctx *c, struct db *db, struct str id);

/* Five letters, a hyphen, five letters …: a hundred random bits that can be typed. */
MUST enum err auth_password_make(struct ctx *c, struct str *out);

/*
 * The owner: ERR_EXISTS if there is one. A password has 12 to 128 characters of any kind but
 * controls, and is none of those that are tried first (ERR_PASSWORD_RULES otherwise, with a hint);
 * empty, a random one is made. *shown is the password to print once.
 */
MUST enum err auth_owner_create(struct ctx *c, struct db *db, struct str name, struct str password,
	struct str *shown);

/*
 * The same rules, but an empty password is refused. Ends all sessions but the one with the public id
 * keep ("": all), and every sign-in that is under way.
 */
MUST enum err auth_owner_set_password(struct ctx *c, struct db *db, struct str password,
	struct str keep);

/*
 * ERR_LOGIN_REQUIRED: no such session, or it has ended. Slides its expiry by session_timeout, up to
 * session_max after sign-in: a write at most every five minutes (or a quarter of session_timeout, if
 * that is shorter), reading otherwise; not where c is read_only. That write waits a tenth of a second
 * for others, and its failure is no failure of the request. Not to be called inside a transaction.
 */
MUST enum err auth_session_verify(struct ctx *c, struct db *db, struct str secret,
	struct auth_grant *out);

/* Ends a session; OK if there is none. */
MUST enum err auth_logout(struct ctx *c, struct db *db, struct str secret);

/*
 * Removes expired sessions, what was left of sign-ins, tokens AUTH_TOKEN_KEPT after their end, and codes
 * and requests whose time is over; counts the posts of tokens (courier).
 */
MUST enum err auth_clean(struct ctx *c, struct db *db, int64_t *sessions, int64_t *tokens);

#endif
