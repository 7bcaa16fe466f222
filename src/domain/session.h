/*
 * The owner's sessions as the owner sees them: one for each browser that is signed in, under a
 * public id that opens nothing. How they are opened is in domain/login.h, how a request shows one
 * in domain/auth.h.
 *
 * Revoking works at once: each request looks its session up.
 */
#ifndef DOMAIN_SESSION_H
#define DOMAIN_SESSION_H

#include "store/auth.h"

/*
 * The sessions that have not ended, the last used first; their hashes are of no use to anybody.
 * Reads. The one that asks is that with the id in its grant (auth_grant.session_id).
 */
MUST enum err session_list(struct ctx *c, struct db *db, struct session_row **out, size_t *n);

/* Ends the session of that id. ERR_NOT_FOUND. Writes. */
MUST enum err session_revoke(struct ctx *c, struct db *db, struct str id);

/* Ends all sessions but the one of that id ("" ends all); *n how many. Writes. */
MUST enum err session_revoke_others(struct ctx *c, struct db *db, struct str id, int64_t *n);

#endif
