/*
 * A batch: the posts and files that a command has made in one go, under a name of its own where
 * others have the public id of a token. It is the one thing that can be removed without a trace:
 * posts that people have written are deleted (domain/post_update.h) and leave their address behind.
 */
#ifndef STORE_BATCH_H
#define STORE_BATCH_H

#include "base/ctx.h"
#include "store/db.h"

/* The first post of the batch behind id, whatever its state; 0: there is none. */
MUST enum err batch_post_next(struct ctx *c, struct db *db, struct str client, int64_t id,
	int64_t *out);

/* True if there is a post of anybody else's that is not deleted. */
MUST enum err batch_has_strangers(struct ctx *c, struct db *db, struct str client, bool *out);

/*
 * Removes a post with its tags, former addresses and uses of files. Its id may be another post's soon, so
 * batch_removed() follows the last of them. Inside a write transaction.
 */
MUST enum err batch_post_remove(struct ctx *c, struct db *db, int64_t id);

/* Sets those back that remember by ids how far they have come: the search, the count of tokens' posts. */
MUST enum err batch_removed(struct ctx *c, struct db *db);

/* The first file of the batch behind *id, which is set to its own; name empty: there is none. */
MUST enum err batch_file_next(struct ctx *c, struct db *db, struct str client, int64_t *id,
	struct str *name);

#endif
