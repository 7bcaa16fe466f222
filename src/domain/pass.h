/*
 * A pass: what a request carries that `starpunk doctor` sends through the front server to the site, to
 * learn what of it arrives. It is signed with the site's key, so that who cannot read that file is told
 * nothing, and holds for a minute: that it stands in logs afterwards does not matter.
 *
 * The answer's proof is made of the pass and the same key. Only this site can make it, so whoever else
 * answers at its address is found out.
 */
#ifndef DOMAIN_PASS_H
#define DOMAIN_PASS_H

#include "base/ctx.h"

enum { PASS_SECONDS = 60 };

/* What stands before it in a query: "starpunk-doctor=". */
#define PASS_FIELD "starpunk-doctor="

/* A new one. ERR_IO: the key cannot be read or made. */
MUST enum err pass_make(struct ctx *c, struct str *out);

/*
 * The pass that a query begins with, if it is a good one now; p NULL if there is none. Costs those
 * without a pass the look at the query's first bytes.
 */
struct str pass_find(struct ctx *c, struct str query);

/* What proves to whoever has made the pass that this site has seen it. ERR_IO as above. */
MUST enum err pass_proof(struct ctx *c, struct str pass, struct str *out);

#endif
