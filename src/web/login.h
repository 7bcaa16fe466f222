/*
 * The ways in that other handlers lead to or need: the sign-in form (login.c), the proof that it is
 * the owner who uses a session (confirm.c), the page of what is enrolled (security.c).
 */
#ifndef WEB_LOGIN_H
#define WEB_LOGIN_H

#include "domain/factor.h"

struct txn;

/* The sign-in form as the answer to a failed try; status from e's row. */
MUST enum err login_answer(struct ctx *c, struct txn *t, enum err e);

/* "/admin" and the like: a path of this site that a redirect may go to. At most 2 KiB. */
bool login_next_ok(struct str path);

/*
 * Answers with a redirect to a page (/admin/login) that leads on to next, which may be any text:
 * one that may not be gone to is forgotten.
 */
MUST enum err login_redirect(struct ctx *c, struct txn *t, struct str path, struct str next);

/* Sets the session cookie, or ends it with an empty secret. */
MUST enum err login_cookie(struct ctx *c, struct txn *t, struct str secret);

/* Gives a browser that is not signed in a cookie, if it has none: t->visitor, for forms to it. */
MUST enum err login_visit(struct ctx *c, struct txn *t);

/*
 * Around everything that hashes a password. It costs 64 MiB and a tenth of a second, so a worker does
 * one at a time. Who comes meanwhile does not wait, for then a few dozen sign-ins would take every
 * thread from the readers: ERR_RATE_LIMITED. Ends with login_password_end() after OK.
 */
MUST enum err login_password_begin(struct ctx *c, struct txn *t, struct db **db);
void login_password_end(struct txn *t);

/* Answers a script with a challenge of that purpose, for the browser that has the cookie. */
MUST enum err login_challenge_send(struct ctx *c, struct txn *t, enum factor_purpose purpose,
	struct str cookie);

/* ---- confirm.c, security.c --------------------------------------------------------------- */

/* For ERR_PROOF_REQUIRED: to /admin/confirm, and from there back. */
MUST enum err confirm_redirect(struct ctx *c, struct txn *t);

/* Their pages as the answers to forms that failed. */
MUST enum err confirm_answer(struct ctx *c, struct txn *t, enum err e);
MUST enum err security_answer(struct ctx *c, struct txn *t, enum err e, struct str hint);

#endif
