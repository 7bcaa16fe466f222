/*
 * What the two halves of the Access screen share: applications and tokens (access.c), and the owner's
 * sessions (access_sessions.c).
 */
#ifndef WEB_ACCESS_H
#define WEB_ACCESS_H

#include "web/priv.h"

#define ACCESS_PATH "/admin/access"

/* A moment in the site's zone, in c's arena. */
MUST enum err access_date(struct ctx *c, int64_t seconds, const struct view_date **out);

/* Fills sessions and has_others. */
MUST enum err access_sessions_fill(struct ctx *c, struct txn *t, struct db *db,
	struct view_access *out);

/* Ends the session of that id; all but the one at hand. Each is the answer. */
MUST enum err access_session_end(struct ctx *c, struct txn *t, struct db *db, struct str id);
MUST enum err access_sessions_end(struct ctx *c, struct txn *t, struct db *db);

#endif
