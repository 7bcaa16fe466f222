/*
 * Addresses that others still know, and where they lead now: those of an earlier site, of pages that
 * have another address, or of what is gone. They are asked only where nothing else is found, so no page
 * can be hidden by one, and no page that is there pays for them.
 *
 *	/2019/05/rain.html	that path, whatever its query
 *	/?p=123			that path with that query, or with more behind it
 *	/blog/ and a star	all below it, and itself; the longest such path counts
 *
 * They lead to a path of the site, to an http or https URL, or nowhere (gone). Where the source ends in a
 * star, the target may hold one, too, which takes what is below. Otherwise a query goes along, unless
 * one was asked for or is given.
 *
 * Nothing of a visitor's can choose the host of a target; and what leads in a circle leads nowhere.
 */
#ifndef DOMAIN_ALIAS_H
#define DOMAIN_ALIAS_H

#include "store/alias.h"

enum {
	ALIAS_MAX = 2000,	/* bytes of a source or a target */
	ALIAS_HOPS = 8,		/* from one to the next */
	ALIAS_IMPORT_MAX = 500000	/* of one file */
};

/*
 * Makes a row of what somebody wrote: from a path or URL of this site; to likewise, or a URL elsewhere,
 * or empty. status 0: for good (301), or gone where to is empty. ERR_ALIAS, whose hint says what is wrong.
 */
MUST enum err alias_make(struct ctx *c, struct str from, struct str to, int status,
	struct alias_row *out);

/*
 * Makes a row of a line of a file: from, to and status, separated by white space or commas; a semicolon
 * at the end is passed over, "gone" stands for no target. *none: it is empty or a comment (#). ERR_ALIAS.
 */
MUST enum err alias_parse(struct ctx *c, struct str line, struct alias_row *out, bool *none);

/* Where an address leads. */
struct alias_way {
	int status;
	struct str url;		/* absolute; empty: nowhere, gone */
};

/*
 * path as sent, and query without its question mark. For "/" only sources with a query count, since
 * the home page is there. ERR_NOT_FOUND. One statement, and one more for each step behind it.
 */
MUST enum err alias_find(struct ctx *c, struct db *db, struct str path, struct str query,
	struct alias_way *out);

/*
 * Adds rows, or puts them in the place of those with their sources, all of them or none; logs and
 * audits. *changed: how many were not there so already. ERR_ALIAS_CIRCLE with *bad the one that would
 * lead in a circle.
 */
MUST enum err alias_put(struct ctx *c, struct db *db, const struct alias_row *rows, size_t n,
	size_t *changed, size_t *bad);

/* Removes one, by its source as written. ERR_NOT_FOUND, ERR_ALIAS. */
MUST enum err alias_remove(struct ctx *c, struct db *db, struct str from);

#endif
