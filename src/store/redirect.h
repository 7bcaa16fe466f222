/*
 * Slugs that posts had before they were given another one. A slug is in use by one post only,
 * whether as its present or as a former one: post_row_slug_taken() looks at both.
 */
#ifndef STORE_REDIRECT_H
#define STORE_REDIRECT_H

#include "base/ctx.h"
#include "store/db.h"

/* The id of the post that had the slug; 0 if none had. */
MUST enum err redirect_row_find(struct ctx *c, struct db *db, struct str slug, int64_t *post_id);

/* Inside a write transaction. ERR_DB_CONSTRAINT if the slug is in the table already. */
MUST enum err redirect_row_insert(struct ctx *c, struct db *db, struct str slug, int64_t post_id,
	int64_t now);

/* The slug is nobody's former one any more; OK if it was not. Inside a write transaction. */
MUST enum err redirect_row_delete(struct ctx *c, struct db *db, struct str slug);

#endif
