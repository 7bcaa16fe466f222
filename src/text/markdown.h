/*
 * Markdown to HTML by discount, once, when a post is written. Raw HTML in the text is neutralised
 * (shown as text), single line breaks are kept, bare http and https URLs become links, the result
 * has been through the sanitizer. Fenced code (also next to a paragraph; at most three blanks
 * before it), tables, footnotes and ~~strikethrough~~ are known; headings begin with h2, whether
 * written as "#" or (all of them) as "##" and deeper; lists below a list need four
 * blanks. Discount is quadratic on some input and overflows the stack on other: text is at most 64
 * KiB, and nesting or runs that would hurt are refused before it sees them (ERR_CONTENT_TOO_LARGE,
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
