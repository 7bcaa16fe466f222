/*
 * What an application's page says of it (IndieAuth, section 4.2.2): the microformat h-app, or h-x-app
 * as it used to be called, and links with rel=redirect_uri. Values are as the page has them, trimmed:
 * addresses may be relative to base and are to be judged by who uses them, as is the text.
 */
#ifndef TEXT_APP_PAGE_H
#define TEXT_APP_PAGE_H

#include "base/ctx.h"

enum { APP_REDIRECTS_MAX = 20 };

struct app_page {
	struct str base;	/* of the first base element; "" for none, as all that follow */
	struct str name, url, logo;	/* of the first h-app */
	struct str redirects[APP_REDIRECTS_MAX];	/* the first ones */
	size_t n_redirects;
};

/*
 * Reads a page of any bytes; what is not UTF-8 becomes U+FFFD. ERR_CONTENT_TOO_COMPLEX for one that
 * takes the parser too long; ERR_MEMORY.
 */
MUST enum err app_page_parse(struct ctx *c, struct str html, struct app_page *out);

#endif
