/*
 * application/x-www-form-urlencoded bodies and query strings as lists of pairs in the order sent.
 * Limits: 1000 fields, names of 128 bytes. (multipart/form-data: multipart.h.)
 */
#ifndef HTTP_FORM_H
#define HTTP_FORM_H

#include "base/ctx.h"

enum { FORM_MAX_FIELDS = 1000, FORM_MAX_NAME = 128 };

/*
 * A body or query string, separated by "&" only, "+" read as a space; a field without "=" has an
 * empty value. The pairs may be views of text. ERR_BAD_FORM beyond the limits, ERR_BAD_ENCODING for
 * a bad triplet, bad UTF-8 or a NUL.
 */
MUST enum err form_parse(struct ctx *c, struct str text, struct pair **out, size_t *n);

#endif
