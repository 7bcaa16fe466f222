/*
 * Signing in, and proving again to be there. There is one owner, so nobody says who they are; what
 * is shown decides. A right password opens a session if nothing else is enrolled; otherwise the
 * browser gets a cookie of a sign-in under way and owes a code. A passkey alone is enough: it is two
 * factors in one.
 *
 * All failures are ERR_LOGIN_FAILED, and nothing tells them apart; ERR_RATE_LIMITED says for how long
 * in retry. Every function that tries something writes.
 */
#ifndef DOMAIN_LOGIN_H
#define DOMAIN_LOGIN_H

#include "store/db.h"

enum {
	LOGIN_PENDING_LIFE = 600,	/* seconds between password and code */
	LOGIN_PENDING_TRIES = 5		/* codes that may be tried with one password */
};

struct login {
	struct str cookie;	/* in: the browser's. out, unless it is open: that of the sign-in under way */
	bool open;		/* a session was opened, or proved */
	struct str secret;	/* its cookie */
	bool recovered;		/* with a recovery code */
	int retry;		/* seconds, with ERR_RATE_LIMITED */
};

/* A random cookie for a browser that is not signed in; and whether a text may be one. */
MUST enum err login_cookie_make(struct ctx *c, struct str *out);
bool login_cookie_ok(struct str s);

/* ERR_PASSWORD_RULES for what is too long to be one. */
MUST enum err login_password(struct ctx *c, struct db *db, struct login *l, struct str password);

/* A code of the app, or a recovery code. After LOGIN_PENDING_TRIES the password is owed again. */
MUST enum err login_code(struct ctx *c, struct db *db, struct login *l, struct str code);

/* True if the browser with that cookie owes a code. Reads. */
MUST enum err login_owes_code(struct ctx *c, struct db *db, struct str cookie, bool *out);

/* What a browser sent after navigator.credentials.get(). */
MUST enum err login_passkey(struct ctx *c, struct db *db, struct login *l, struct str json);

/*
 * The same from within a session, whose cookie is l->cookie: it gets another one, l->secret, and
 * counts as proved now. A code is owed where anything but the password is enrolled.
 */
MUST enum err login_prove(struct ctx *c, struct db *db, struct login *l, struct str password,
	struct str code);
MUST enum err login_prove_passkey(struct ctx *c, struct db *db, struct login *l, struct str json);

#endif
