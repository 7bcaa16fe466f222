/*
 * What files of this floor share with each other and with nobody else.
 */
#ifndef TEXT_PRIV_H
#define TEXT_PRIV_H

#include "base/ctx.h"
#include "text/html.h"

/*
 * Judges text by the grammar of RFC 8259 and the limits of json.h, all but duplicate names, and
 * counts the members of all its objects. text must have a NUL behind it. ERR_BAD_JSON with line and
 * column.
 */
MUST enum err json_scan(struct ctx *c, struct str text, size_t *members);

#endif
