/*
 * Creates that may come again because their answer was lost: which post a create made, under a key
 * that tells it from others. What goes into key and content is domain's to say; both are digests.
 */
#ifndef STORE_RETRY_H
#define STORE_RETRY_H

#include "base/ctx.h"
#include "core/crypto.h"
#include "store/db.h"

struct retry_row {
	unsigned char key[CRYPTO_SHA256_BYTES];
	unsigned char content[CRYPTO_SHA256_BYTES];	/* of what was sent */
	int64_t post_id;
	int64_t expires;	/* seconds; from then on it counts no more */
};

/* Fills content and post_id of the row of out->key; *found false if there is none at that time. */
MUST enum err retry_row_find(struct ctx *c, struct db *db, int64_t now, struct retry_row *out,
	bool *found);

/* Inserts the row, or replaces the one of its key. Inside a write transaction. */
MUST enum err retry_row_put(struct ctx *c, struct db *db, const struct retry_row *row);

/* Removes what has expired. Inside a write transaction. *n: how many. */
MUST enum err retry_row_clean(struct ctx *c, struct db *db, int64_t now, int64_t *n);

#endif
