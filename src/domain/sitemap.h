/*
 * The sitemap (sitemaps.org, protocol 0.9): what pages the site has, and when posts last changed. One
 * document while all fits into it, else an index of parts.
 *
 * Part 0 names pages: the home page, the archive, lists and tags. The others name posts, part n those
 * with ids up to n times SITEMAP_POSTS, so that a new post changes the last one only.
 *
 * It is written piece by piece, and each piece reads what it needs: no reader, however slow, has a
 * connection in between, nor is there ever more than a piece of it in memory.
 */
#ifndef DOMAIN_SITEMAP_H
#define DOMAIN_SITEMAP_H

#include "base/buf.h"
#include "store/sitemap.h"

enum {
	SITEMAP_POSTS = 40000,	/* ids of a part; a document may name 50000 pages */
	SITEMAP_TAGS = 5000,	/* tags that are named at most, by name */
	SITEMAP_PARTS = 10000	/* of an index at most; a protocol's is 50000 */
};

enum sitemap_stage {
	SITEMAP_LISTS,
	SITEMAP_TAGS_STAGE,
	SITEMAP_ROWS,
	SITEMAP_DONE
};

struct sitemap {
	bool index;		/* of parts */
	bool begun;
	enum sitemap_stage stage;
	struct str tag;		/* the one named last */
	size_t tags;		/* how many were */
	int64_t after, to;	/* ids that are still to be named */
	bool pages, posts;	/* which it names */
};

/* /sitemap.xml: all of it, or the index. */
MUST enum err sitemap_open(struct ctx *c, struct db *db, struct sitemap *out);

/* /sitemap-N.xml. ERR_NOT_FOUND where no post has an id of that part; part 0 is always there. */
MUST enum err sitemap_open_part(struct ctx *c, struct db *db, uint64_t part, struct sitemap *out);

/* Appends the next piece, some ten KiB; *end with the last one. */
MUST enum err sitemap_next(struct ctx *c, struct db *db, struct sitemap *s, struct buf *b, bool *end);

#endif
