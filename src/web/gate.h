/*
 * Who may pass: what stands between a route and its handler, and what handlers ask of it when it is
 * the body, and not the row of tables/routes.def, that says what is due.
 */
#ifndef WEB_GATE_H
#define WEB_GATE_H

#include "base/ctx.h"
#include "base/str.h"

struct ctx;
struct txn;

/* The gates in their order, after the route is known. An error is the answer. */
MUST enum err gate_pass(struct ctx *c, struct txn *t);

/* True if the request names our host, one of this machine's own names, or none. */
bool gate_host(const struct txn *t);

/*
 * Verifies a bearer token and grants what it grants. A wrong one is a try (gate_try()):
 * ERR_TOKEN_INVALID, and ERR_RATE_LIMITED once there were too many from its address. A good one is
 * none, so that no neighbour behind the same address can shut its owner out.
 */
MUST enum err gate_token(struct ctx *c, struct txn *t, struct str secret);

/*
 * The token of a POST, which stands in its header or, where the body is a form, in a field of it
 * (in_body; p NULL if there is none). A header's token that was verified before is not again.
 * ERR_UNAUTHORIZED without one; ERR_TOKEN_TWICE with both, whatever they are (RFC 6750 section 2);
 * and as gate_token().
 */
MUST enum err gate_token_of(struct ctx *c, struct txn *t, struct str in_body);

/* The owner's session, if the cookie is one. ERR_LOGIN_REQUIRED. */
MUST enum err gate_session(struct ctx *c, struct txn *t);

/* ERR_CSRF unless that is what the session's own forms carry (txn_csrf()). Clears csrf_due. */
MUST enum err gate_csrf_of(struct ctx *c, struct txn *t, struct str token);

/* The session of the cookie, or a bearer token of scope admin. ERR_LOGIN_REQUIRED, ERR_SCOPE,
   ERR_TOKEN_INVALID, ERR_RATE_LIMITED. */
MUST enum err gate_admin(struct ctx *c, struct txn *t);

/* Takes one of the tries that this address has left (login_rate_limit). ERR_RATE_LIMITED: none. */
MUST enum err gate_try(struct ctx *c, struct txn *t);

/*
 * For what a session that lies open must not do: ERR_PROOF_REQUIRED if the owner has not proved to be
 * there for that many seconds.
 */
MUST enum err gate_recent(struct ctx *c, struct txn *t, int64_t seconds);

#endif
