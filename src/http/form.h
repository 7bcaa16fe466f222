/*
 * application/x-www-form-urlencoded and multipart/form-data (RFC 7578) bodies as lists of pairs in
 * the order sent. Limits: 1000 fields, 100 parts; names 128 bytes.
 */
#ifndef HTTP_FORM_H
#define HTTP_FORM_H

#include "base/ctx.h"

/* A body or query string. ERR_BAD_FORM, ERR_BAD_ENCODING (bad triplet, UTF-8 or NUL). */
MUST enum err form_parse(struct ctx *c, struct str text, struct pair **out, size_t *n);

#endif
