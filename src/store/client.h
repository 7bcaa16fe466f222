/*
 * Rows of applications that ask to be let in, and of what is known of them. What they say of
 * themselves is theirs: text that is escaped where it is shown, and addresses to be judged where
 * they are used.
 */
#ifndef STORE_CLIENT_H
#define STORE_CLIENT_H

#include "base/ctx.h"
#include "store/db.h"

enum client_state {
	CLIENT_PENDING,		/* asked for; what was known before stays meanwhile */
	CLIENT_KNOWN,
	CLIENT_FAILED		/* problem says why; nothing else is known */
};

struct client_row {
	int64_t id;
	struct str client_id;	/* in its canonical form */
	enum client_state state;
	struct str name;	/* one line of at most 100 characters; "" for none, as the rest */
	struct str url;		/* of its home page */
	struct str logo_url;	/* of a logo that is still to be fetched */
	struct str logo;	/* "data:image/webp;base64,…" */
	struct str redirect_uris;	/* that it has published, separated by spaces */
	struct str problem;	/* a word of client.h in domain */
	int64_t asked, fetched;	/* seconds, UTC; fetched 0: never */
	int64_t expires;	/* seconds; from then on it is asked for anew when it is needed */
	bool kept;		/* the owner has let it in once */
};

/* ERR_NOT_FOUND. */
MUST enum err client_row_find(struct ctx *c, struct db *db, struct str client_id,
	struct client_row *out);
MUST enum err client_row_find_id(struct ctx *c, struct db *db, int64_t id, struct client_row *out);

/* All that write do so inside a write transaction; now in seconds. */

/* Makes the row, or an old one pending again. */
MUST enum err client_row_ask(struct ctx *c, struct db *db, struct str client_id, int64_t now,
	int64_t *id);

/* Writes everything but client_id, asked and kept. OK also if the row has gone. */
MUST enum err client_row_set(struct ctx *c, struct db *db, const struct client_row *row);

/* From now on it stays. OK also if there is none. */
MUST enum err client_row_keep(struct ctx *c, struct db *db, struct str client_id);

/* Removes all that are not kept but the newest. */
MUST enum err client_row_crop(struct ctx *c, struct db *db, int64_t newest);

/* Removes those that are not kept and were last asked for before then. *n: how many. */
MUST enum err client_row_clean(struct ctx *c, struct db *db, int64_t before, int64_t *n);

#endif
