/*
 * Rows of what the owner can show beside the password: the authenticator app, recovery codes,
 * passkeys. What counts as shown is decided in domain.
 */
#ifndef STORE_FACTOR_H
#define STORE_FACTOR_H

#include "base/ctx.h"
#include "core/crypto.h"
#include "store/db.h"

enum { FACTOR_AAGUID_BYTES = 16 };

/* All that write do so inside a write transaction. */

struct totp_row {
	struct str secret;	/* sealed: crypto_seal() */
	bool active;		/* a code was accepted once */
	int64_t last_step;	/* time step of the last code that was; 0: none */
	int64_t created;
};
/* In place of one that is not active. ERR_EXISTS if an active one is there. */
MUST enum err totp_row_put(struct ctx *c, struct db *db, struct str sealed, int64_t now);
MUST enum err totp_row_find(struct ctx *c, struct db *db, struct totp_row *out); /* ERR_NOT_FOUND */
/* Notes that the code of a step was shown, and makes the app active; *first false: not the first. */
MUST enum err totp_row_accept(struct ctx *c, struct db *db, int64_t step, bool *first);
MUST enum err totp_row_delete(struct ctx *c, struct db *db, bool *found);

/* Recovery codes, by their hashes. */
MUST enum err recovery_row_insert(struct ctx *c, struct db *db,
	const unsigned char hash[CRYPTO_SHA256_BYTES]);
/* *good false: there is no such code, or it was used before. */
MUST enum err recovery_row_use(struct ctx *c, struct db *db,
	const unsigned char hash[CRYPTO_SHA256_BYTES], int64_t now, bool *good);
MUST enum err recovery_row_count(struct ctx *c, struct db *db, int64_t *total, int64_t *unused);
MUST enum err recovery_row_delete(struct ctx *c, struct db *db);

struct passkey_row {
	struct str credential;	/* id that the authenticator gave it */
	struct str id;		/* public: in lists and forms */
	struct str name;	/* what the owner calls it */
	struct str key;		/* COSE_Key as it came (RFC 9052 section 7) */
	int64_t sign_count;
	bool backup_eligible;
	bool backed_up;
	struct str transports;	/* words */
	unsigned char aaguid[FACTOR_AAGUID_BYTES];
	int64_t created;
	int64_t last_used;	/* 0: never */
};
/* ERR_EXISTS if the credential is known. */
MUST enum err passkey_row_insert(struct ctx *c, struct db *db, const struct passkey_row *row);
MUST enum err passkey_row_find(struct ctx *c, struct db *db, struct str credential,
	struct passkey_row *out);	/* ERR_NOT_FOUND */
MUST enum err passkey_row_list(struct ctx *c, struct db *db, struct passkey_row **out, size_t *n);
/* Notes sign_count, backed_up and last_used. */
MUST enum err passkey_row_used(struct ctx *c, struct db *db, const struct passkey_row *row);
MUST enum err passkey_row_delete(struct ctx *c, struct db *db, struct str id); /* ERR_NOT_FOUND */

/* What is enrolled: an active app, and how many passkeys. */
MUST enum err factor_row_count(struct ctx *c, struct db *db, bool *totp, int64_t *passkeys);

#endif
