/*
 * What the files of http share among themselves.
 */
#ifndef HTTP_PRIV_H
#define HTTP_PRIV_H

#include "http/req.h"

/*
 * Percent-decodes s once (plus: "+" is a space) and checks the result: ERR_BAD_ENCODING for a
 * broken triplet, bad UTF-8 or a NUL. *out is s itself when there is nothing to decode, else in the
 * arena.
 */
MUST enum err http_decode(struct ctx *c, struct str s, bool plus, struct str *out);

/*
 * Fills path, query, segments, canonical and canonical_path of *q from q->uri. Errors as
 * req_parse() lists them.
 */
MUST enum err req_target_parse(struct ctx *c, struct req *q);

#endif
