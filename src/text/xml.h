/*
 * Writing XML 1.0: escaping, with characters that XML forbids replaced by U+FFFD.
 */
#ifndef TEXT_XML_H
#define TEXT_XML_H

#include "base/buf.h"

/* Appends s as character data or quoted attribute value. Bad UTF-8 becomes U+FFFD. */
void xml_escape(struct buf *b, struct str s);

#endif
