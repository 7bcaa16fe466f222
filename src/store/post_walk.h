/*
 * Posts as their author lists them: in any state but deleted, by publication, found by keyset from
 * any place in the list. What a list is filtered by is for the caller to look at, row by row; so
 * that no filter makes the database read without end, one walk takes a bounded number of steps, and
 * the next one goes on where it stopped.
 */
#ifndef STORE_POST_WALK_H
#define STORE_POST_WALK_H

#include "store/post.h"

/* What filters look at. */
struct post_outline {
	int64_t id;
	struct str slug;
	struct str type;
	enum post_status status;
	int64_t published;
	struct str channel;
	struct str *tags;
	size_t n_tags;
};

struct post_outlines {
	struct post_outline *rows;
	size_t n;
	bool more;		/* there are others behind the last one */
};

/*
 * At most limit posts behind the one of that slug, newest first, or newer: before it, oldest first.
 * An empty slug is the end of the list that such a walk begins at. ERR_NOT_FOUND if no post, not
 * even a deleted one, has the slug.
 */
MUST enum err post_walk(struct ctx *c, struct db *db, struct str slug, bool newer, size_t limit,
	struct post_outlines *out);

/* A card that is in the address book: a post of type "card" that is not deleted. */
struct post_card {
	struct str slug;
	struct str mf2;
};

enum { POST_CARDS_BYTES = 1024 * 1024 }; /* of mf2; the one that goes beyond is the last */

/* The newest cards, at most limit and POST_CARDS_BYTES of them; *out has room for limit. */
MUST enum err post_cards(struct ctx *c, struct db *db, size_t limit, struct post_card *out,
	size_t *n);

#endif
