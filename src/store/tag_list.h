/*
 * Tags in use with their counts, by name or by use, which go on behind a tag.
 */
#ifndef STORE_TAG_LIST_H
#define STORE_TAG_LIST_H

#include "store/post.h"

enum tag_order {
	TAG_BY_NAME,	/* without the case of ASCII letters, else by bytes of UTF-8 */
	TAG_BY_USE	/* the most used first, then by name */
};

struct tag_listed {
	struct str name;	/* as first written */
	uint64_t posts;		/* listed ones, at least 1 */
};

/*
 * At most limit tags that listed posts have, behind the tag after, or from the first on if that is
 * empty. ERR_NOT_FOUND if no listed post has after. *out has room for limit.
 */
MUST enum err tag_list(struct ctx *c, struct db *db, enum tag_order order, struct str after,
	size_t limit, struct tag_listed *out, size_t *n);

#endif
