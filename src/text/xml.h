/*
 * Writing XML 1.0: escaping, with characters that XML forbids replaced by U+FFFD, and elements whose
 * texts and attributes are escaped whatever they hold, so that no title ends the document that it
 * stands in.
 *
 *	xml_declare(b, style);
 *	xml_begin(b, "feed"); xml_attribute(b, "xmlns", ns); xml_content(b);
 *	xml_element(b, "title", title);
 *	xml_end(b, "feed");
 */
#ifndef TEXT_XML_H
#define TEXT_XML_H

#include "base/buf.h"

/* Appends s as character data or quoted attribute value. Bad UTF-8 becomes U+FFFD. */
void xml_escape(struct buf *b, struct str s);

/* How many bytes xml_escape() makes of s, or some more. */
size_t xml_length(struct str s);

/* How a document in UTF-8 begins, with the address of a style sheet (CSS); empty: none. */
void xml_declare(struct buf *b, struct str style);

/* The start of a tag, to be followed by attributes and then by one of the next two. */
void xml_begin(struct buf *b, const char *name);
void xml_attribute(struct buf *b, const char *name, struct str value);

/* Ends it: what the element holds follows, or it is empty. */
void xml_content(struct buf *b);
void xml_empty(struct buf *b);

/* The end of an element. */
void xml_end(struct buf *b, const char *name);

/* A whole element that holds text. */
void xml_element(struct buf *b, const char *name, struct str text);

#endif
