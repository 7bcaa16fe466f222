/*
 * Rows of settings that the owner has changed. Which there are, and what they may be, is said in
 * domain/settings.
 */
#ifndef STORE_SETTING_H
#define STORE_SETTING_H

#include "base/ctx.h"
#include "store/db.h"

struct setting_row {
	struct str key;		/* of tables/settings.def, unless another version wrote it */
	struct str value;
};

/* All of them, by key. */
MUST enum err setting_row_list(struct ctx *c, struct db *db, struct setting_row **out, size_t *n);

/* A number that grows with each change of any of them. */
MUST enum err setting_row_version(struct ctx *c, struct db *db, int64_t *version);

/* Inside a write transaction: sets one, at that second; removes one, if it is there. */
MUST enum err setting_row_put(struct ctx *c, struct db *db, const struct setting_row *row,
	int64_t now);
MUST enum err setting_row_remove(struct ctx *c, struct db *db, struct str key);

#endif
