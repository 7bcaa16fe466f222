/*
 * How pages name the feeds of what they show.
 */
#ifndef WEB_FEEDS_H
#define WEB_FEEDS_H

#include "web/priv.h"

/* The feeds of a list, one of each format, the first one first: a list of view_alternate. */
MUST enum err feeds_of(struct ctx *c, const struct post_scope *scope, struct str title,
	struct tmpl_list *out);

/* The same of a search, for a text that is not empty. */
MUST enum err feeds_of_search(struct ctx *c, struct str text, struct str title,
	struct tmpl_list *out);

#endif
