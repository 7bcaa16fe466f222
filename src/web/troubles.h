/*
 * What went wrong lately, read back from the site's journal (core/trouble) and put together by error:
 * how often, when last, and what to do.
 */
#ifndef WEB_TROUBLES_H
#define WEB_TROUBLES_H

#include "text/json.h"
#include "text/view.h"

/* Happenings of an error that are shown; the rest is counted. */
enum { TROUBLES_SHOWN = 5 };

struct trouble {
	enum err error;
	uint64_t count;
	const struct json *latest[TROUBLES_SHOWN];	/* entries, newest first */
	size_t n_latest;
};

struct troubles {
	struct trouble list[ERR__MAX];	/* the one that happened last comes first */
	size_t n;
};

/* Arena of c. What is torn, or of an error that we do not know, is passed over. ERR_IO, ERR_MEMORY. */
MUST enum err troubles_load(struct ctx *c, struct troubles **out);

/* One in texts; arena of c. */
MUST enum err troubles_show(struct ctx *c, const struct trouble *trouble, struct view_trouble *out);

#endif
