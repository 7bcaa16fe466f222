/*
 * The audit trail: what the owner looks at to see who was let in and what was granted, taken back or
 * changed about the site. A row is written in the transaction of what it tells, so there is none
 * without the other. The log tells the same as events of its own; it is rotated away, this is kept
 * AUDIT_KEPT.
 */
#ifndef DOMAIN_AUDIT_H
#define DOMAIN_AUDIT_H

#include "store/audit.h"

enum {
	AUDIT_KEPT = 90 * 86400,	/* seconds */
	AUDIT_MOST = 10000,		/* rows, so that nobody outside can fill the disk with them */
	AUDIT_STRANGERS = 2000		/* of each kind that strangers cause: nor push out the others */
};

enum audit {
#define AUDIT(sym, word, text) AUDIT_##sym,
#include "tables/audits.def"
#undef AUDIT
	AUDIT__MAX
};

/*
 * Writes a row. subject: what it is about, by its public id, name or URL; detail: scopes, keys of
 * settings; both may be empty, and neither is ever a secret. Address, agent and request id are taken
 * from the request at hand. Inside a write transaction.
 */
MUST enum err audit_put(struct ctx *c, struct db *db, enum audit what, struct str subject,
	struct str detail);

/* What a row's word means, for people; the word itself if an older or newer version wrote it. */
struct str audit_text(const struct ctx *c, struct str word);

/* The words there are, and what they mean; NULL beyond the last. */
const char *audit_word(size_t i, const char **text);

/* Removes what is older than AUDIT_KEPT or beyond what is kept of it (courier). */
MUST enum err audit_clean(struct ctx *c, struct db *db, int64_t *n);

#endif
