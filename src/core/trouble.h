/*
 * What went wrong lately by the site's own fault, for its owner: a journal (core/journal) of the
 * errors whose row says so, from requests and from the courier's duties. The log knows each in full;
 * this is what a page can show to somebody who does not read logs.
 *
 * An entry is an object with "time", "code" (the error's name) and "detail"; of a request also
 * "request_id", "method", "path", "route" and "status". What the error means stands in its row.
 */
#ifndef CORE_TROUBLE_H
#define CORE_TROUBLE_H

#include "core/journal.h"

struct facts;

/* Where the journal of the configuration's site is; arena of c. */
MUST enum err trouble_path(struct ctx *c, struct str *out);

/* True for errors that are the site's and not the client's. */
bool trouble_is(enum err e);

/*
 * Notes the error of a request, or else that in c's slot (f NULL: of no request), if it is the
 * site's. Never fails. j NULL: nothing.
 */
void trouble_put(struct ctx *c, struct journal *j, const struct facts *f);

#endif
