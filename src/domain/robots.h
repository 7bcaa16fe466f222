/*
 * What is said to robots before they look at anything: robots.txt (RFC 9309), and the description by
 * which browsers add the site's search (OpenSearch 1.1).
 */
#ifndef DOMAIN_ROBOTS_H
#define DOMAIN_ROBOTS_H

#include "base/buf.h"
#include "base/ctx.h"

/*
 * robots.txt: no robot is sent away but from where there is nothing to find, unless the configuration's
 * robots_block names it; and where the sitemap is.
 */
MUST enum err robots_text(struct ctx *c, struct buf *out);

/* The description; icon: path of a square picture. For a site that can be searched. */
MUST enum err robots_opensearch(struct ctx *c, struct str icon, struct buf *out);

/* The crawlers that robots_block knows by one word, as mdoc for starpunk.conf(5). */
void robots_docs(const char *format, struct buf *out);

#endif
