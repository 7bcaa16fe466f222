/*
 * What the site says of itself, as the pages of one moment say it: the settings, and what is made of
 * them. A worker has one snapshot for all its threads; a request takes hold of it and sees that one
 * to its end, whatever changes meanwhile.
 *
 * It is looked at anew when the site's generation has moved, and then costs one statement, or two if
 * it was a setting that has changed; while the generation stands it costs none.
 *
 *	snapshot_hold -> snapshot_refresh (before anything is made of it) -> snapshot_release
 */
#ifndef WEB_SNAPSHOT_H
#define WEB_SNAPSHOT_H

#include "base/ctx.h"

struct snapshot;
struct txn;
struct web;

/* The first one, as the configuration says; after everything that it points to of w. */
MUST enum err snapshot_init(struct ctx *c, struct web *w);
void snapshot_fini(struct web *w);

/* Gives t->site, t->snapshot and c->settings the newest that there is. */
void snapshot_hold(struct ctx *c, struct txn *t);

/* Of that generation (cache_moment()) or a later one, from then on. ERR_POOL_EMPTY, ERR_DB_*. */
MUST enum err snapshot_refresh(struct ctx *c, struct txn *t, uint64_t generation);

/*
 * The same for an answer that nobody keeps, to be given whatever happens: not while the pool has no
 * connection to spare, and a failure is no one's. Whoever answers a POST that no session is needed for
 * with something of the site's calls it itself.
 */
void snapshot_try(struct ctx *c, struct txn *t);

/* The request has ended. */
void snapshot_release(struct ctx *c, struct txn *t);

#endif
