/*
 * The header of one part of multipart/form-data (RFC 7578 section 4): what multipart.c hands over
 * once it has seen the empty line.
 */
#ifndef HTTP_MULTIPART_PART_H
#define HTTP_MULTIPART_PART_H

#include "http/multipart.h"

/*
 * head: complete lines, each ended by CR LF, the last one empty. There must be one
 * Content-Disposition of type form-data with one name; ERR_BAD_MULTIPART otherwise, for folded
 * lines, bare CR, LF or NUL other than in a quoted filename, more than MULTIPART_MAX_HEADERS
 * lines, a transfer encoding that changes bytes, and nested multiparts. ERR_BAD_ENCODING: the name
 * is not UTF-8; a filename that is not, or holds a NUL, is taken as empty. The texts are views of
 * head or in c's arena.
 */
MUST enum err multipart_part_parse(struct ctx *c, struct str head, struct multipart_part *out);

#endif
