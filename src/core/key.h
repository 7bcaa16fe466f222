/*
 * The site's key: 32 random bytes in a file of mode 0600 beside the database and not in it, so that
 * who gets hold of the database alone can neither read what is sealed nor sign what we sign. It is
 * made when it is needed first, by whoever needs it; if several do at once, all get the same.
 *
 * Nobody gets the key itself: each use has a key of its own, derived from it by name.
 */
#ifndef CORE_KEY_H
#define CORE_KEY_H

#include "core/crypto.h"

/*
 * The key for a use ("forms"), the same in all processes and after a restart. ERR_IO: the file
 * cannot be read or made, or is none of ours.
 */
MUST enum err key_get(struct ctx *c, const char *use, unsigned char out[CRYPTO_KEY_BYTES]);

/* Where the file is: key_path, or "starpunk.key" beside the database. */
MUST enum err key_path(struct ctx *c, struct str *out);

#endif
