/*
 * Rows about somebody who is signing in: who has shown the password and owes a second factor,
 * challenges for authenticators, and counts of tries. They are few and short-lived, and survive a
 * restart, so that nobody gets new tries by waiting for one.
 */
#ifndef STORE_ATTEMPT_H
#define STORE_ATTEMPT_H

#include "base/ctx.h"
#include "core/crypto.h"
#include "store/db.h"

enum { ATTEMPT_CHALLENGE_BYTES = 32 };

/* All that write do so inside a write transaction. hash is the SHA-256 of a browser's cookie. */

MUST enum err pending_row_put(struct ctx *c, struct db *db,
	const unsigned char hash[CRYPTO_SHA256_BYTES], int64_t expires);
/* *found false: there is none, or it has expired. */
MUST enum err pending_row_find(struct ctx *c, struct db *db,
	const unsigned char hash[CRYPTO_SHA256_BYTES], int64_t now, bool *found);
/* Takes one of most tries. *left false: all were taken. */
MUST enum err pending_row_try(struct ctx *c, struct db *db,
	const unsigned char hash[CRYPTO_SHA256_BYTES], int most, bool *left);
MUST enum err pending_row_delete(struct ctx *c, struct db *db,
	const unsigned char hash[CRYPTO_SHA256_BYTES]);
/* All of them: the password is another one now. */
MUST enum err pending_row_clear(struct ctx *c, struct db *db);

struct challenge_row {
	unsigned char hash[CRYPTO_SHA256_BYTES];
	struct str purpose;	/* what the answer to it may do */
	unsigned char challenge[ATTEMPT_CHALLENGE_BYTES];
	int64_t expires;
};
/* In place of the browser's last one for that purpose; at most `most` of all browsers are kept. */
MUST enum err challenge_row_put(struct ctx *c, struct db *db, const struct challenge_row *row,
	int most);
/* Reads it into *row, found by hash and purpose, and removes it. *found false: there is none. */
MUST enum err challenge_row_take(struct ctx *c, struct db *db, struct challenge_row *row,
	bool *found);

struct throttle_row {
	struct str kind;
	struct str who;		/* an address, or "" for everybody */
	int64_t tries;
	int64_t since;		/* when the first of them was */
	int64_t until;		/* none before; 0: no wait */
	int64_t strikes;	/* waits so far */
};
/* By kind and who; zeros if there is none. */
MUST enum err throttle_row_find(struct ctx *c, struct db *db, struct throttle_row *row);
/* At most `most` are kept. */
MUST enum err throttle_row_put(struct ctx *c, struct db *db, const struct throttle_row *row,
	int most);

/* Removes what has expired; tries that began before that time. */
MUST enum err attempt_row_clean(struct ctx *c, struct db *db, int64_t now, int64_t before);

#endif
