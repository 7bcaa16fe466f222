/*
 * Markdown to HTML by discount, once, when a post is written. Raw HTML in the text is neutralised
 * (shown as text), single line breaks are kept, the result has been through the sanitizer.
 * Discount is quadratic on some input and overflows the stack on other: text is at most 64 KiB, and
 * nesting or runs that would hurt are refused before it sees them (ERR_CONTENT_TOO_LARGE,
 * ERR_CONTENT_TOO_COMPLEX), so that anything accepted renders within 50 ms.
 */
#ifndef TEXT_MARKDOWN_H
#define TEXT_MARKDOWN_H

#include "text/html.h"

enum { MARKDOWN_MAX_BYTES = 64 * 1024 };

/* Once per process, before threads start. */
void markdown_init(void);

MUST enum err markdown_html(struct ctx *c, struct str text, struct html *out);

#endif
