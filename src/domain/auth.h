/*
 * Who may do what: access tokens (RFC 6750) and the owner's sessions. A secret is 256 random bits;
 * the database knows its SHA-256 only.
 */
#ifndef DOMAIN_AUTH_H
#define DOMAIN_AUTH_H

#include "store/auth.h"

/* What a request may do: a token's scope, or everything for the owner's session. */
struct auth_grant {
	struct str id;		/* the token's public id, or "session" */
	struct str scope;	/* words separated by spaces; "" can do nothing */
	bool session;
	struct str csrf;	/* of a session */
};

/* True if the grant has the scope as a whole word. A session has "admin". */
bool auth_allows(const struct auth_grant *g, const char *scope);

/* Tokens. *secret ("sp_…") is shown once. expires: seconds since 1970, 0 never. Writes. */
MUST enum err auth_token_create(struct ctx *c, struct db *db, struct str name, struct str scope,
	int64_t expires, struct str *secret, struct str *id);
/* ERR_TOKEN_INVALID: unknown, expired, revoked or not a token at all. Reads only. */
MUST enum err auth_token_verify(struct ctx *c, struct db *db, struct str secret, struct auth_grant *out);
MUST enum err auth_token_revoke(struct ctx *c, struct db *db, struct str id);

/* The owner. password may be empty: then a random one is made; *shown is what to print once. */
MUST enum err auth_owner_create(struct ctx *c, struct db *db, struct str name, struct str password,
	struct str *shown);
MUST enum err auth_owner_set_password(struct ctx *c, struct db *db, struct str password);

/* Verifies the password and opens a session. *secret is the cookie's value. ERR_LOGIN_FAILED. */
MUST enum err auth_login(struct ctx *c, struct db *db, struct str password, struct str remote_addr,
	struct str user_agent, struct str *secret);
/* ERR_LOGIN_REQUIRED: no such session, or it has ended. Slides its expiry (a write at most once an
   hour; reading otherwise). */
MUST enum err auth_session_verify(struct ctx *c, struct db *db, struct str secret, struct auth_grant *out);
MUST enum err auth_logout(struct ctx *c, struct db *db, struct str secret);

/* Expired sessions and dead tokens (courier). */
MUST enum err auth_clean(struct ctx *c, struct db *db, int64_t *sessions, int64_t *tokens);

#endif
