/*
 * Rows of the owner, tokens and sessions. Secrets are never stored: a row is found by the SHA-256
 * of what the client holds. Rules (scopes, expiry, who is let in) live in domain/auth.
 */
#ifndef STORE_AUTH_H
#define STORE_AUTH_H

#include "base/ctx.h"
#include "core/crypto.h"
#include "store/db.h"

struct owner_row {
	struct str name;
	struct str url;			/* profile URL at the time of init */
	struct str password_hash;	/* crypto_password_hash(); "" for none */
	int64_t created;
	struct str handle;		/* what authenticators call the owner; "" before the first passkey */
};
/* All that write do so inside a write transaction. */

/* ERR_EXISTS if there is an owner. */
MUST enum err owner_row_insert(struct ctx *c, struct db *db, const struct owner_row *row);
/* ERR_NOT_FOUND before init. */
MUST enum err owner_row_find(struct ctx *c, struct db *db, struct owner_row *out);
MUST enum err owner_row_set_password(struct ctx *c, struct db *db, struct str hash);
/* Gives the owner a handle; one that is there stays. */
MUST enum err owner_row_set_handle(struct ctx *c, struct db *db, struct str handle);

/*
 * A grant, with the one access token of it that is good at present. By hand the two are one; an
 * application exchanges its access token for the next one.
 */
struct token_row {
	struct str id;		/* public: shown in lists and logs; stays when the secret changes */
	unsigned char hash[CRYPTO_SHA256_BYTES];
	struct str name;	/* what the owner calls it, or the application itself */
	struct str client_id;	/* URL of the client; "" for one made by hand */
	struct str scope;	/* what the access token may do: words separated by spaces */
	int64_t created;
	int64_t expires;	/* the access token; 0: never */
	int64_t last_used;	/* 0: never; kept to the hour */
	int64_t revoked;	/* 0: not */
	struct str granted;	/* what the next access token may do */
	int64_t issued;		/* the access token */
	int64_t ends;		/* the grant, if it is not renewed until then; 0: never */
	bool drafts;		/* whatever it posts becomes a draft */
	int64_t posts;		/* made with it; only token_row_list() knows the last ones */
};
MUST enum err token_row_insert(struct ctx *c, struct db *db, const struct token_row *row);
MUST enum err token_row_find(struct ctx *c, struct db *db,
	const unsigned char hash[CRYPTO_SHA256_BYTES], struct token_row *out);	/* ERR_NOT_FOUND */
MUST enum err token_row_find_id(struct ctx *c, struct db *db, struct str id,
	struct token_row *out);	/* ERR_NOT_FOUND */
MUST enum err token_row_list(struct ctx *c, struct db *db, struct token_row **out, size_t *n);
/* ERR_NOT_FOUND if there is no such token. */
MUST enum err token_row_revoke(struct ctx *c, struct db *db, struct str id, int64_t now);
/* Notes its use, to the hour: writes at most once in it; nothing if there is no such token. */
MUST enum err token_row_touch(struct ctx *c, struct db *db, struct str id, int64_t now);
/* Sets scope, granted and drafts. ERR_NOT_FOUND if there is none that is not revoked. */
MUST enum err token_row_change(struct ctx *c, struct db *db, const struct token_row *row);
/* Sets hash, scope, issued, expires and ends: from now on another secret is good. ERR_NOT_FOUND as above. */
MUST enum err token_row_renew(struct ctx *c, struct db *db, const struct token_row *row);
/* Counts the posts that have been made since it was last called, into the rows of their tokens. */
MUST enum err token_row_tally(struct ctx *c, struct db *db);
/* Removes tokens ended or revoked before that time; *n how many. */
MUST enum err token_row_clean(struct ctx *c, struct db *db, int64_t before, int64_t *n);

struct session_row {
	unsigned char hash[CRYPTO_SHA256_BYTES];	/* of the cookie */
	struct str id;		/* public: shown in lists and logs */
	struct str factors;	/* words: password, totp, recovery, passkey */
	int64_t proved;		/* when one of them was shown last */
	struct str user_agent;
	struct str remote_addr;
	int64_t created;
	int64_t last_accessed;
	int64_t expires;	/* sliding */
};
MUST enum err session_row_insert(struct ctx *c, struct db *db, const struct session_row *row);
MUST enum err session_row_find(struct ctx *c, struct db *db,
	const unsigned char hash[CRYPTO_SHA256_BYTES], struct session_row *out); /* ERR_NOT_FOUND */
/* Those that have not ended, the last used first. */
MUST enum err session_row_list(struct ctx *c, struct db *db, int64_t now, struct session_row **out,
	size_t *n);
MUST enum err session_row_touch(struct ctx *c, struct db *db,
	const unsigned char hash[CRYPTO_SHA256_BYTES], int64_t now, int64_t expires);
/* Gives a session another cookie after a proof. ERR_NOT_FOUND. */
MUST enum err session_row_prove(struct ctx *c, struct db *db,
	const unsigned char hash[CRYPTO_SHA256_BYTES],
	const unsigned char fresh[CRYPTO_SHA256_BYTES], struct str factors, int64_t now);
MUST enum err session_row_delete(struct ctx *c, struct db *db,
	const unsigned char hash[CRYPTO_SHA256_BYTES]);
/* Ends the session of that id (ERR_NOT_FOUND), or all but it ("": all). */
MUST enum err session_row_revoke(struct ctx *c, struct db *db, struct str id);
MUST enum err session_row_revoke_others(struct ctx *c, struct db *db, struct str id, int64_t *n);
MUST enum err session_row_clean(struct ctx *c, struct db *db, int64_t now, int64_t *n);

#endif
