/*
 * Rows of the audit trail. What is worth one, and for how long, is said in domain/audit.
 */
#ifndef STORE_AUDIT_H
#define STORE_AUDIT_H

#include "base/ctx.h"
#include "store/db.h"

struct audit_row {
	int64_t id;		/* grows; given by the database */
	int64_t time;		/* seconds since 1970 */
	struct str what;	/* word of tables/audits.def */
	struct str subject;	/* what it is about: public id, name or URL; may be "" */
	struct str detail;	/* scopes, keys of settings; may be "" */
	struct str remote_addr;	/* "" for the command line */
	struct str user_agent;
	struct str request_id;	/* "" for the command line */
};

/* Inside a write transaction. */
MUST enum err audit_row_insert(struct ctx *c, struct db *db, const struct audit_row *row);

/* The newest n rows with ids below before, newest first. */
MUST enum err audit_row_list(struct ctx *c, struct db *db, int64_t before, int64_t n,
	struct audit_row **out, size_t *n_out);

/* The same for the rows of one kind. */
MUST enum err audit_row_kind(struct ctx *c, struct db *db, struct str what, int64_t before,
	int64_t n, struct audit_row **out, size_t *n_out);

/* Removes rows older than that moment, and all but the newest `most`. Inside a write transaction. */
MUST enum err audit_row_clean(struct ctx *c, struct db *db, int64_t before, int64_t most,
	int64_t *n);

/* Removes all but the newest `most` rows of a kind. Inside a write transaction. */
MUST enum err audit_row_trim(struct ctx *c, struct db *db, struct str what, int64_t most, int64_t *n);

#endif
