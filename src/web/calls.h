/*
 * The calls of the Micropub endpoints read back from the site's journal, for the owner's page and
 * for `starpunk micropub log`: as the objects that web/call.h describes, and as texts for people.
 */
#ifndef WEB_CALLS_H
#define WEB_CALLS_H

#include "base/ctx.h"
#include "text/json.h"
#include "text/view.h"

/* Where the journal of the configuration's site is; arena of c. */
MUST enum err calls_path(struct ctx *c, struct str *out);

/* Calls out of the journal, newest first. */
struct calls {
	const struct json **list;
	size_t n;
};

/*
 * The newest calls, at most max; with an id only those of that request. None are no error. What is
 * torn is passed over. ERR_IO, ERR_MEMORY.
 */
MUST enum err calls_load(struct ctx *c, struct str id, size_t max, struct calls *out);

/* A call in texts, also those that its entry leaves to be concluded. Arena of c. */
MUST enum err calls_show(struct ctx *c, const struct json *call, struct view_call *out);

#endif
