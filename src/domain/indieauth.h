/*
 * The IndieAuth server (living standard of 2024-07-11; RFC 6749, 7636, 9207) without HTTP: whether an
 * application's request to sign in is sound, what the owner's consent leads to, and the exchange of
 * codes and refresh tokens.
 *
 * A request is kept as it came until the owner has signed in and decided. Consent makes a code, which
 * is bound to all of the request; it is good once, for a profile or for a token. A token made so is
 * renewed by refresh tokens, each good once. A secret that is used a second time betrays that somebody
 * has a copy of it, and what came of it is revoked.
 *
 * Times are seconds since 1970 and compared with the start of the work at hand.
 */
#ifndef DOMAIN_INDIEAUTH_H
#define DOMAIN_INDIEAUTH_H

#include "base/str.h"
#include "domain/auth.h"
#include "store/indieauth.h"

enum {
	INDIEAUTH_REQUEST_LIFE = 3600,		/* seconds that a request waits for the owner */
	INDIEAUTH_REQUESTS_MOST = 1000,		/* that wait at once; the oldest go */
	INDIEAUTH_CODE_LIFE = 300,		/* seconds */
	INDIEAUTH_CODE_KEPT = 86400,		/* that a second use of a code is noticed */
	INDIEAUTH_GRACE = 30,			/* in which a refresh whose answer was lost may be repeated */
	INDIEAUTH_SCOPES_MAX = 50
};

/* ---- requests (section 5.2) ------------------------------------------------------------------ */

struct indieauth_request {
	struct str client_id;		/* in its canonical form */
	struct str redirect_uri;	/* as it was sent */
	struct str state;		/* p NULL: none, or several */
	struct str challenge;		/* "" without PKCE */
	struct str scope;		/* what is asked for, known or not; each word once */
};

/*
 * Who asks, and where the answer is to go: ERR_CLIENT_ID, ERR_AUTH_REDIRECT. Until
 * client_redirect_ok() has allowed redirect_uri nobody may be sent there, with an error neither.
 */
MUST enum err indieauth_request_parse(struct ctx *c, const struct pair *args, size_t n,
	struct indieauth_request *out);

/*
 * The rest of it; *out comes from indieauth_request_parse(). ERR_AUTH_REQUEST,
 * ERR_AUTH_RESPONSE_TYPE, ERR_AUTH_SCOPE, which go back to the application. Without PKCE only with
 * allow_no_pkce. "me" is not looked at: it is nobody's word on who the owner is.
 */
MUST enum err indieauth_request_check(struct ctx *c, const struct pair *args, size_t n,
	struct indieauth_request *out);

/* Keeps a request, by its undecoded query. *id says nothing about it. Writes. */
MUST enum err indieauth_request_keep(struct ctx *c, struct db *db, struct str query,
	struct str *id);

/* ERR_AUTH_STALE: unknown, answered or too old. */
MUST enum err indieauth_request_find(struct ctx *c, struct db *db, struct str id,
	struct authorization_row *out);

/*
 * redirect_uri with parameters behind those that it has already, then state, as it came, and iss
 * (RFC 9207).
 */
MUST enum err indieauth_answer_url(struct ctx *c, const struct indieauth_request *q,
	const struct pair *params, size_t n, struct str *out);

/* The same for a failure (RFC 6749 section 4.1.2.1). hint: what in the request it is about, or "". */
MUST enum err indieauth_error_url(struct ctx *c, const struct indieauth_request *q, enum err e,
	struct str hint, struct str *out);

/* ---- the owner's decision -------------------------------------------------------------------- */

/*
 * Lets an application in: *code is what it gets. scope is what the owner has left of what it asked for, of
 * which it is granted what applications may have; name is what the owner will know it by. ERR_AUTH_STALE
 * if the request is answered already. Writes, with an entry in the audit trail.
 */
MUST enum err indieauth_allow(struct ctx *c, struct db *db, struct str id,
	const struct indieauth_request *q, struct str scope, struct str name, struct str *code);

/* Turns it away. */
MUST enum err indieauth_deny(struct ctx *c, struct db *db, struct str id,
	const struct indieauth_request *q);

/* ---- exchange (sections 5.3 and 5.5) ----------------------------------------------------------- */

struct indieauth_grant {
	struct str scope;
	struct str access, refresh;	/* shown once; empty where only a profile was asked for */
	int64_t lifetime;		/* of the access token, in seconds */
};

/*
 * Exchanges what a form holds, by its grant_type: a code for a token; for nothing but a scope, if
 * profile; or a refresh token, if not. ERR_AUTH_REQUEST, ERR_AUTH_GRANT_TYPE, ERR_AUTH_GRANT,
 * ERR_AUTH_SCOPE. Of two exchanges of the same secret one wins. Writes.
 */
MUST enum err indieauth_exchange(struct ctx *c, struct db *db, const struct pair *fields, size_t n,
	bool profile, struct indieauth_grant *out);

/*
 * Ends the grant that an access or refresh token is of; OK if it is of none (RFC 7009 section 2.2).
 * Writes if it is.
 */
MUST enum err indieauth_revoke(struct ctx *c, struct db *db, struct str secret);

/* True if challenge is what verifier makes by S256 (RFC 7636 section 4.6). */
bool indieauth_pkce_ok(struct ctx *c, struct str challenge, struct str verifier);

#endif
