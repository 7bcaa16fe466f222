/*
 * What stands around the owner's pages: navigation, notices, the forms' token. A handler of such a
 * page begins with desk_fill() and ends with desk_send() or, after a form, with desk_done().
 */
#ifndef WEB_DESK_H
#define WEB_DESK_H

#include "base/ctx.h"
#include "text/view.h"
#include "web/static.h"

struct ctx;
struct txn;

enum desk_page {
	DESK_NONE,
#define DESK_PAGE(sym, group, name, path) DESK_##sym,
#include "tables/desk.def"
	DESK__MAX
};

/*
 * Fills what stands around a page of the owner's: the navigation with `here` marked, the notice that
 * the query's `done` names, what forms carry. script: what the page loads, or STATIC_NONE.
 * For somebody who is not signed in there is no navigation.
 */
MUST enum err desk_fill(struct ctx *c, struct txn *t, enum desk_page here, enum static_file script,
	struct view_desk *out);

/* view_send() for a page of the owner's: the session's cookie slides as the session does. */
MUST enum err desk_send(struct ctx *c, struct txn *t, enum view view, const void *data);

/*
 * Answers a form that was done: 303 to a path of the site, which may have a query, with the notice of
 * that code (tables/notices.def; NULL: none).
 */
MUST enum err desk_done(struct ctx *c, struct txn *t, struct str path, const char *notice);

#endif
