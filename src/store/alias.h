/*
 * Rows of addresses that lead elsewhere. How they are written and what they may be is said in
 * domain/alias. Former slugs of posts are redirects, too, but the posts' own: store/redirect.
 */
#ifndef STORE_ALIAS_H
#define STORE_ALIAS_H

#include "base/ctx.h"
#include "store/db.h"

struct alias_row {
	struct str source;	/* "/2019/05/rain.html", "/?p=123", "/blog/", with a star behind it */
	struct str target;	/* a path or a URL; empty: gone */
	int64_t status;		/* 301, 302, 307, 308, or 410: gone */
	int64_t created;	/* seconds, UTC */
};

/*
 * The row of the first of these sources that has one; they are printable ASCII without quotation marks
 * and backslashes. ERR_NOT_FOUND.
 */
MUST enum err alias_row_find(struct ctx *c, struct db *db, const struct str *sources, size_t n,
	struct alias_row *out);

/* At most limit rows behind a source, by source; *out has room for limit. */
MUST enum err alias_row_list(struct ctx *c, struct db *db, struct str after, size_t limit,
	struct alias_row *out, size_t *n);

/*
 * Inside a write transaction: adds a row, or puts it in the place of the one with that source; *changed:
 * it was not there so already.
 */
MUST enum err alias_row_put(struct ctx *c, struct db *db, const struct alias_row *row, bool *changed);

/* Inside a write transaction. ERR_NOT_FOUND. */
MUST enum err alias_row_remove(struct ctx *c, struct db *db, struct str source);

#endif
