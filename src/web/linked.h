/*
 * What search engines are told about a page in their own words: JSON-LD of schema.org. It says nothing
 * that the page's microformats do not say.
 */
#ifndef WEB_LINKED_H
#define WEB_LINKED_H

#include "web/view.h"

struct txn;

/* The home page: the site, its author, and how it is searched. */
MUST enum err linked_home(struct ctx *c, const struct txn *t, struct html *out);

/* A post, and where it stands on the site; of the page that shows it, whose head is filled. */
MUST enum err linked_post(struct ctx *c, const struct txn *t, const struct shown *shown,
	const struct view_page *page, struct html *out);

#endif
