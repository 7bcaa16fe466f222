/*
 * Text that may go into a page as it is. A struct html comes only out of escaping, a template or
 * the sanitizer, and is the only thing that {{{raw}}} accepts: to forget escaping is a type error.
 */
#ifndef TEXT_HTML_H
#define TEXT_HTML_H

#include "base/buf.h"

struct html {
	struct str s;
};

/* Appends s with & < > " ' escaped: right in text and in quoted attributes. */
void html_escape(struct buf *b, struct str s);

/*
 * JSON as the content of a script element that is data: what could end the element, or begin a comment
 * in it, is written as JSON's own escape.
 */
MUST enum err html_json(struct ctx *c, struct str json, struct html *out);

/* What was rendered and sanitised before it was stored, on its way out of the database. */
struct html html_stored(struct str s);

/*
 * The text of HTML we made ourselves: tags dropped, entities decoded, white space folded, at most
 * max bytes.
 */
MUST enum err html_text(struct ctx *c, struct html h, size_t max, struct str *out);

/* True if HTML we made ourselves shows something that is no text: a picture, a player, a line. */
bool html_has_picture(struct html h);

#endif
