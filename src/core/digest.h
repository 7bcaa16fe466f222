/*
 * A digest of bytes that tells two versions of the same thing apart: pages by their entity tags,
 * styles and scripts by their URLs. Fast enough for every page of every request, and of no worth
 * against somebody who looks for collisions: where that matters, crypto.h.
 */
#ifndef CORE_DIGEST_H
#define CORE_DIGEST_H

#include "base/str.h"

#include <stdint.h>

/* XXH3, 64 bits: the same in every process, on every machine and in every version. */
uint64_t digest64(struct str s);

#endif
