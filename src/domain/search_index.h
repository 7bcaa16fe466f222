/*
 * Keeping what searches walk over as posts are: the courier's work, a little at a time. A create
 * writes nothing for it; see store/search.h.
 */
#ifndef DOMAIN_SEARCH_INDEX_H
#define DOMAIN_SEARCH_INDEX_H

#include "domain/search.h"

/*
 * Does some of what is left, for about budget_us, in one write transaction; none if nothing is. *left: there is
 * more. Where the rules of folding have changed, or an index can be had that could not be before, it
 * begins anew; until it is through, searches do without the index.
 */
MUST enum err search_upkeep(struct ctx *c, struct db *db, int64_t budget_us, bool *left);

/* Makes all of it be done anew, by search_upkeep(). */
MUST enum err search_rebuild(struct ctx *c, struct db *db);

/* How searching is, for health, doctor and progress. */
struct search_report {
	enum search_engine engine;
	bool enabled;
	bool wanted_index;	/* the configuration asks for FTS5, or for it where it can be had */
	bool has_index;		/* it can be had */
	int64_t done, newest;	/* ids of posts: those up to done are ready */
	bool left;		/* something is to be done */
};
MUST enum err search_report(struct ctx *c, struct db *db, struct search_report *out);

/* True unless FTS5 is asked for by name and cannot be had. */
bool search_report_good(const struct search_report *r);

/*
 * ERR_DB_CORRUPT if the index is not what the rows are; *lost posts are not found, or found and should not be.
 */
MUST enum err search_check(struct ctx *c, struct db *db, int64_t *lost);

#endif
