/*
 * Lists of listed posts, newest first: all of them, or those of a tag, a type, a channel, a span of
 * time. They go on behind a post that is named by its slug, so that a page of a list stays what it
 * was when posts are added before it.
 *
 * A tag's, type's or channel's list walks along an index of its own, but for notes: they are found
 * along the index of all listed posts.
 */
#ifndef STORE_POST_LIST_H
#define STORE_POST_LIST_H

#include "store/post.h"

enum post_list_kind {
	POSTS_ALL,
	POSTS_TAG,	/* name: of the tag, in any case of ASCII letters */
	POSTS_TYPE,	/* name: "note", "article", … (post type discovery) */
	POSTS_CHANNEL,	/* name: uid of a channel, not the default one */
	POSTS_PERIOD,	/* published within [from, to); name: as URLs name it, "2026/03" */
	POSTS__MAX
};

/* Which posts a list is of. */
struct post_scope {
	enum post_list_kind kind;
	struct str name;
	int64_t from, to;	/* seconds, UTC */
};

/* All listed posts. */
extern const struct post_scope posts_all;

/* Tags included, without text; mf2 where rich is set. */
struct post_list {
	struct post_row *rows;
	size_t n;
	bool more;	/* there are older ones, or newer ones if the list was read that way */
	struct str next;	/* then: slug of the nearest of them */
};

/*
 * At most limit posts of the scope behind the post before, or the newest if that is empty.
 * ERR_NOT_FOUND if before is the slug of no post that strangers may know of. One that has been deleted
 * or is not of the scope has its place in it all the same.
 */
MUST enum err post_list_read(struct ctx *c, struct db *db, const struct post_scope *scope,
	struct str before, size_t limit, struct post_list *out);

/*
 * The way back: at most limit posts of the scope before the post after, those nearest to it; newest
 * first, as ever. more: there are newer ones, and next is the one behind which the same posts are
 * found by post_list_read(). ERR_NOT_FOUND as there.
 */
MUST enum err post_list_newer(struct ctx *c, struct db *db, const struct post_scope *scope,
	struct str after, size_t limit, struct post_list *out);

/*
 * Where lists go on behind a post: when it was published, and its id. ERR_NOT_FOUND for a post that
 * strangers may not know of, as for one that there is not: nobody learns of a draft by asking.
 */
MUST enum err post_list_place(struct ctx *c, struct db *db, struct str slug, int64_t *published,
	int64_t *id);

/*
 * The listed posts on both sides of a post: slug, type, time, and name or else summary and HTML. The
 * slug is empty where there is none.
 */
MUST enum err post_beside(struct ctx *c, struct db *db, const struct post_row *post,
	struct post_row *older, struct post_row *newer);

/*
 * When a post of the scope, which is of a tag, a type or a channel, was last deleted, if after since; 0
 * if none was. Only the last hundred posts that were deleted are looked at.
 */
MUST enum err post_list_gone(struct ctx *c, struct db *db, const struct post_scope *scope,
	int64_t since, int64_t *out);

/* A span of time: [from, to). */
struct post_span {
	int64_t from, to;	/* seconds, UTC */
};

/*
 * post_list_read() of the posts published within one of n spans. What all of them hold is sorted, so
 * that they are to be short ones.
 */
MUST enum err post_list_spans(struct ctx *c, struct db *db, const struct post_span *spans, size_t n,
	struct str before, size_t limit, struct post_list *out);

/*
 * Page n (from 1) of all listed posts, limit each, found through the kept counts per month and never
 * by OFFSET over the whole list. n beyond the last page: an empty list.
 */
MUST enum err post_list_page(struct ctx *c, struct db *db, uint64_t n, size_t limit,
	struct post_list *out);

/*
 * Scheduled posts whose time has come at now, oldest first, slug, id and published only, at most
 * 100 (then more is set); *next is the time of the first one after them (0: none).
 */
MUST enum err post_row_due(struct ctx *c, struct db *db, int64_t now, struct post_list *out,
	int64_t *next);

#endif
