/*
 * Periods of the archive as pages show them.
 */
#ifndef WEB_ARCHIVE_H
#define WEB_ARCHIVE_H

#include "domain/archive.h"
#include "text/tmpl.h"

/* For people: "2026", "March 2026", "1 March 2026". */
MUST enum err period_name(struct ctx *c, const struct post_period *p, struct str *out);

/* The absolute URL of its page. */
MUST enum err period_url(struct ctx *c, const struct post_period *p, struct str *out);

/* n periods, newest first, as a list of struct view_count, the first one first: "March", "1". */
MUST enum err period_parts(struct ctx *c, const struct post_period *periods, size_t n,
	struct tmpl_list *out);

#endif
