/*
 * Which list of posts a feed is of: what its request says, in the terms of the database and of the
 * pages that show the same list.
 */
#ifndef WEB_FEED_SOURCE_H
#define WEB_FEED_SOURCE_H

#include "domain/feed.h"
#include "store/db.h"

struct txn;

struct feed_source {
	struct post_scope scope;
	struct str heading;	/* what the list is called; empty for the whole site */
	struct str search;	/* what is searched for; empty: the list is the scope's */
	struct str before;	/* where the page begins: behind a slug, or a search's cursor; may be empty */
	struct str follows;	/* once it is read: where a search's next page begins; may be empty */
	bool respelled;		/* the list's address is another one: redirect */
};

/*
 * The list that the request's path names. Without db, it is not looked whether the tag has posts and
 * how it is spelled. ERR_NOT_FOUND: there is no such list.
 */
MUST enum err feed_source_find(struct ctx *c, const struct txn *t, struct db *db,
	struct feed_source *out);

/* The page that shows it, and its feed in a format. */
MUST enum err feed_source_page(struct ctx *c, const struct feed_source *source, struct str *out);
MUST enum err feed_source_feed(struct ctx *c, const struct feed_source *source,
	enum feed_format format, struct str *out);

/* A page of its posts. ERR_NOT_FOUND: there is no such page. */
MUST enum err feed_source_read(struct ctx *c, struct db *db, struct feed_source *source,
	struct post_list *out);

/* Of a page that has been read, and shows the first n of its posts: where it and its neighbours begin. */
MUST enum err feed_source_place(struct ctx *c, struct db *db, const struct feed_source *source,
	const struct post_list *posts, size_t n, struct feed_place *out);

#endif
