/*
 * Finished pages in the worker's memory. All of them belong to one generation of the site
 * (segment_generation(), and what cache_poll() notices of writers from outside): the first look at
 * a newer generation drops every page of an older one. So no page outlives a commit that could
 * change it, and nothing is timed out.
 *
 * Bounded in bytes; the page that was asked for longest ago goes first. Any thread may call
 * anything here. A page that was found is referenced until cache_release(), so that it can be sent
 * without the lock while others replace it.
 *
 *	moment = cache_moment(k, seg);	before the database is read
 *	if (!cache_find(k, moment.generation, key, &page)) { make it; cache_put(...); }
 */
#ifndef WEB_CACHE_H
#define WEB_CACHE_H

#include "base/ctx.h"
#include "core/segment.h"
#include "store/pool.h"

struct cache;

/* What was known of the site at one moment. */
struct cache_moment {
	uint64_t generation;
	int64_t since;	/* second of the last change of anything that pages show */
};

/* A page in the cache, referenced. */
struct cache_page {
	struct str body;
	struct str etag;
	bool marked;			/* the owner is shown another one */
	struct cache_entry *entry;	/* for cache_release() */
};

/* max_bytes 0: nothing is ever kept. Heap; cache_free(). */
MUST enum err cache_new(struct ctx *c, size_t max_bytes, struct cache **out);

/* No page may be referenced any more. NULL is fine. */
void cache_free(struct cache *k);

/* The generation now, to be asked before anything is read from the database. seg may be NULL. */
struct cache_moment cache_moment(struct cache *k, const struct segment *seg);

/*
 * Looks, at most every 100 ms and never while the pool has no connection to spare, whether posts
 * were changed by somebody who did not move the segment's generation (a database shell); then the
 * generation that cache_moment() gives moves. A failure is no one's: it leaves the error slot as it
 * was.
 */
void cache_poll(struct ctx *c, struct cache *k, const struct segment *seg, struct pool *pool);

/* True: *out is that page, made in that generation; give it back with cache_release(). */
bool cache_find(struct cache *k, uint64_t generation, struct str key, struct cache_page *out);
void cache_release(struct cache *k, struct cache_page *page);

/*
 * Keeps a copy, unless the site has moved on, the page is larger than an eighth of the cache, or
 * there is no memory; none of which matters to the caller.
 */
void cache_put(struct cache *k, uint64_t generation, struct str key, struct str body,
	struct str etag, bool marked);

#endif
