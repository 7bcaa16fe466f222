/*
 * HTML from outside made harmless: parsed as a browser parses it (gumbo), walked iteratively, and
 * written anew from an allow-list of elements, attributes and URL schemes. Scripts, styles, event
 * handlers, forms, frames, foreign content (SVG, MathML) and unknown elements are dropped; text is
 * kept, except that of script, style and the like. microformats2 class names (h-, p-, u-, dt-, e-)
 * are dropped too, so that content cannot claim to be the post's author. If there is a heading of
 * the first level, which is the page's own, all go down by one (h1 becomes h2, h5 and h6 h6).
 *
 * Input is at most 64 KiB with at most 8192 tags and 64 attributes a tag, depth 256
 * (ERR_CONTENT_TOO_LARGE, ERR_CONTENT_TOO_COMPLEX): gumbo is quadratic beyond.
 */
#ifndef TEXT_SANITIZE_H
#define TEXT_SANITIZE_H

#include "text/html.h"

MUST enum err sanitize_html(struct ctx *c, struct str dirty, struct html *out);

#endif
