/*
 * Rows of the IndieAuth server: authorization requests that wait for the owner, codes, refresh tokens.
 * The access tokens that codes are exchanged for are in auth.h. Secrets are never stored, only their
 * SHA-256; what may be exchanged for what is decided in domain.
 */
#ifndef STORE_INDIEAUTH_H
#define STORE_INDIEAUTH_H

#include "base/ctx.h"
#include "core/crypto.h"
#include "store/db.h"

/* All that write do so inside a write transaction; moments are seconds. */

struct code_row {
	unsigned char hash[CRYPTO_SHA256_BYTES];
	struct str client_id;
	struct str name;		/* of the application, for the owner */
	struct str redirect_uri;
	struct str challenge;		/* "" for a client without PKCE */
	struct str scope;		/* what the owner has granted; may be empty */
	int64_t created, expires;
	int64_t used;			/* 0: not yet */
	struct str token;		/* public id of what it was exchanged for; "" for nothing */
};
MUST enum err code_row_insert(struct ctx *c, struct db *db, const struct code_row *row);
MUST enum err code_row_find(struct ctx *c, struct db *db,
	const unsigned char hash[CRYPTO_SHA256_BYTES], struct code_row *out);	/* ERR_NOT_FOUND */
/* *won: it had not been used before. */
MUST enum err code_row_use(struct ctx *c, struct db *db,
	const unsigned char hash[CRYPTO_SHA256_BYTES], struct str token, int64_t now, bool *won);
/* Removes those that expired before then. */
MUST enum err code_row_clean(struct ctx *c, struct db *db, int64_t before);

enum { REFRESH_REPLACED = -1 };

struct refresh_row {
	int64_t id;
	unsigned char hash[CRYPTO_SHA256_BYTES];
	struct str token;		/* public id of its grant */
	int64_t expires;
	int64_t used;			/* 0: not yet; a moment; REFRESH_REPLACED */
	bool newer;			/* a later one of the same grant has been used */
};
/* A new one of the token with that public id. */
MUST enum err refresh_row_insert(struct ctx *c, struct db *db,
	const unsigned char hash[CRYPTO_SHA256_BYTES], struct str token, int64_t created,
	int64_t expires);
MUST enum err refresh_row_find(struct ctx *c, struct db *db,
	const unsigned char hash[CRYPTO_SHA256_BYTES], struct refresh_row *out); /* ERR_NOT_FOUND */
/* Marks it used, unless it is already. */
MUST enum err refresh_row_use(struct ctx *c, struct db *db, int64_t id, int64_t now);
/* Marks all later ones of its grant REFRESH_REPLACED. */
MUST enum err refresh_row_replace(struct ctx *c, struct db *db, int64_t id);
/* Removes expired ones. */
MUST enum err refresh_row_clean(struct ctx *c, struct db *db, int64_t now);

struct authorization_row {
	struct str id;			/* by which forms and links name it */
	struct str query;		/* as it came, undecoded */
	int64_t created;
};
MUST enum err authorization_row_insert(struct ctx *c, struct db *db,
	const struct authorization_row *row);
MUST enum err authorization_row_find(struct ctx *c, struct db *db, struct str id,
	struct authorization_row *out);	/* ERR_NOT_FOUND */
/* *found: it was there. */
MUST enum err authorization_row_delete(struct ctx *c, struct db *db, struct str id, bool *found);
/* Removes all but about so many, the newest. */
MUST enum err authorization_row_crop(struct ctx *c, struct db *db, int64_t most);
/* Removes those made before then. */
MUST enum err authorization_row_clean(struct ctx *c, struct db *db, int64_t before);

#endif
