/*
 * The owner's list of posts: shelf by shelf, newest first, with filters. A filter is asked row by row
 * along an index of the shelf, and one call looks at a bounded number of rows: it says where it
 * stopped, and the next call goes on there.
 */
#ifndef STORE_POST_SHELF_H
#define STORE_POST_SHELF_H

#include "store/post.h"

enum post_shelf {
	POST_SHELF_ALL,		/* all but the trash */
	POST_SHELF_PUBLISHED,
	POST_SHELF_DRAFTS,
	POST_SHELF_SCHEDULED,
	POST_SHELF_TRASH,	/* deleted posts, the last one thrown away first */
	POST_SHELF__MAX
};

/* What is asked for; empty texts ask for nothing. */
struct post_shelf_query {
	enum post_shelf shelf;
	struct str type;
	struct str tag;		/* in any case of ASCII letters */
	struct str text;	/* a part of title, summary, text or slug, in any case of ASCII letters */
	struct str after;	/* slug to go on behind; empty: from the newest on */
	size_t limit;		/* posts wanted, at most POST_SHELF_MAX */
};

enum { POST_SHELF_MAX = 100, POST_SHELF_LOOKED_AT = 2000 };

struct post_shelf_list {
	struct post_row *rows;	/* complete */
	size_t n;
	struct str last;	/* slug of the last post looked at */
	bool more;		/* there are others behind it */
	bool cut;		/* so many posts were looked at that it was enough */
};

/*
 * The posts that fit. ERR_NOT_FOUND if after is the slug of no post. Reads in one transaction of its
 * own.
 */
MUST enum err post_shelf_list(struct ctx *c, struct db *db, const struct post_shelf_query *query,
	struct post_shelf_list *out);

#endif
