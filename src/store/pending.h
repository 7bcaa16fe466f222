/*
 * How much there is that has not come to its end: what the owner has begun and the site has still to
 * do.
 */
#ifndef STORE_PENDING_H
#define STORE_PENDING_H

#include "base/ctx.h"
#include "store/db.h"

struct pending {
	int64_t drafts;
	int64_t scheduled;	/* posts whose time is to come */
	int64_t waiting;	/* jobs to be done */
	int64_t given_up;	/* jobs that failed too often */
};

MUST enum err pending_count(struct ctx *c, struct db *db, struct pending *out);

#endif
