/*
 * Listed posts by id, for sitemaps. Ids are given in the order of writing and never again, so a span of
 * them holds the same posts for ever, but for those that are gone.
 */
#ifndef STORE_SITEMAP_H
#define STORE_SITEMAP_H

#include "base/ctx.h"
#include "store/db.h"

struct sitemap_row {
	int64_t id;
	struct str slug;
	int64_t modified;	/* seconds, UTC: published, or updated after that */
};

/* At most limit listed posts whose id is in (after, to], by id; *out has room for limit. */
MUST enum err sitemap_row_list(struct ctx *c, struct db *db, int64_t after, int64_t to, size_t limit,
	struct sitemap_row *out, size_t *n);

/* The next id behind that one that a post has, in whatever state; 0: there is none. */
MUST enum err sitemap_row_next(struct ctx *c, struct db *db, int64_t after, int64_t *id);

#endif
