/*
 * Reading CBOR (RFC 8949) of the kind that authenticators send, and no other: definite lengths,
 * every number in its shortest form, no tags, no floating point, no names given twice (by number or
 * text, other names are refused), of simple values only false, true and null; at most 4 levels,
 * 16 KiB and 512 items. What the input says of its lengths costs no memory before it is there.
 */
#ifndef TEXT_CBOR_H
#define TEXT_CBOR_H

#include "base/ctx.h"

enum { CBOR_MAX_DEPTH = 4, CBOR_MAX_BYTES = 16 * 1024, CBOR_MAX_ITEMS = 512 };

enum cbor_kind {
	CBOR_UINT,	/* n */
	CBOR_NINT,	/* -1 - n */
	CBOR_BYTES,	/* s */
	CBOR_TEXT,	/* s, valid UTF-8 */
	CBOR_ARRAY,	/* n items */
	CBOR_MAP,	/* n names, each with its value behind it */
	CBOR_SIMPLE	/* n: 20 false, 21 true, 22 null */
};

struct cbor {
	enum cbor_kind kind;
	uint64_t n;
	struct str s;			/* a view of the input */
	const struct cbor *items;	/* of an array or a map */
};

/*
 * One value at the beginning of text; *used is how many bytes it has, and what follows is the
 * caller's to judge. ERR_BAD_ENCODING for anything that is not as above.
 */
MUST enum err cbor_parse(struct ctx *c, struct str text, struct cbor *out, size_t *used);

/* The value of a map's name; NULL if it has none, or map is no map. */
const struct cbor *cbor_find(const struct cbor *map, struct str name);
const struct cbor *cbor_find_int(const struct cbor *map, int64_t name);

/* True if v is that number; v may be NULL. */
bool cbor_is_int(const struct cbor *v, int64_t n);

/* The bytes of a byte string; p NULL if v is none, or NULL. */
struct str cbor_bytes(const struct cbor *v);

#endif
