/*
 * Unicode's normal form C (UAX 15), for texts that people type and we compare: the same letter comes
 * composed from one keyboard and decomposed from another.
 */
#ifndef TEXT_UNICODE_H
#define TEXT_UNICODE_H

#include "base/ctx.h"

/* s must be valid UTF-8. */
MUST enum err unicode_nfc(struct ctx *c, struct str s, struct str *out);

#endif
