/*
 * What searching keeps: a row for each listed post with its words, and, where SQLite has FTS5, an
 * index of them. Words are folded, and rows made and judged, in domain/search*; here is how they are
 * stored and handed out.
 *
 * Rows are walked newest first by their key, which puts them in the order of the lists.
 */
#ifndef STORE_SEARCH_H
#define STORE_SEARCH_H

#include "store/db.h"

/*
 * The key of a post. Ids that are equal in their last 25 bits collide where moments are equal: with
 * fewer than 33 million posts there are none.
 */
int64_t search_key(int64_t published, int64_t id);

/* True if this connection has the index: SQLite has FTS5 and search_engine allows it. */
bool search_indexed(const struct db *db);

/* How far the rows have come; see migrations/0011_search.sql. */
enum search_index { SEARCH_INDEX_NONE, SEARCH_INDEX_BEGUN, SEARCH_INDEX_WHOLE };

struct search_state {
	int64_t folding;		/* by which rules words were folded */
	enum search_index index;
	int64_t done;			/* posts with ids up to this have rows, if they are listed */
};

MUST enum err search_state_read(struct ctx *c, struct db *db, struct search_state *out);
MUST enum err search_state_put(struct ctx *c, struct db *db, const struct search_state *state);

/* Is anything left to do for the courier? *newest is the highest id of a post. */
MUST enum err search_left(struct ctx *c, struct db *db, bool *left, int64_t *newest);

/* ---- finding --------------------------------------------------------------------------------- */

/* A row as it is walked over; its text until the visitor comes back. */
struct search_row {
	int64_t key, post_id;
	struct str text;
};

/* Takes a row; false: it was the last. Runs no query. */
typedef bool search_visit(void *self, const struct search_row *row);

/*
 * Rows with keys within [from, before), the newest first: those that match, in FTS5's language, or, if
 * match is empty, all. ERR_TIMEOUT at c's deadline; the rows before that have been handed out.
 */
MUST enum err search_walk(struct ctx *c, struct db *db, struct str match, int64_t from,
	int64_t before, search_visit *visit, void *self);

/* What a row is made of. Texts in c's arena. */
struct search_source {
	int64_t id, published;
	bool listed;
	struct str type, name, summary, text;
	struct str *tags;
	size_t n_tags;
};

enum { SEARCH_SOURCES_BYTES = 4 * 1024 * 1024 }; /* of text; the one that goes beyond is the last */

struct search_sources {
	struct search_source *list;
	size_t n;
};

/*
 * Listed posts that have no row yet, and those that have changed since theirs was made: at most limit
 * of each, those with the highest ids.
 */
MUST enum err search_fresh(struct ctx *c, struct db *db, size_t limit, struct search_sources *out);
MUST enum err search_changed(struct ctx *c, struct db *db, size_t limit,
	struct search_sources *out);

/* ---- keeping: inside a write transaction ------------------------------------------------------- */

/* Posts with ids above id, listed or not, at most limit, the lowest first. */
MUST enum err search_next(struct ctx *c, struct db *db, int64_t id, size_t limit,
	struct search_sources *out);

/* Ids of posts that have changed since their row was made; at most limit, into out. */
MUST enum err search_stale(struct ctx *c, struct db *db, size_t limit, int64_t *out, size_t *n);

/* The post, which may be gone: then *found is false. */
MUST enum err search_source_find(struct ctx *c, struct db *db, int64_t id,
	struct search_source *out, bool *found);

/*
 * Gives a post its row, or takes it away; indexed: in the index, too, and what is taken away is in
 * it. A post without a row is as good as one that has lost it.
 */
MUST enum err search_row_put(struct ctx *c, struct db *db, const struct search_row *row,
	bool indexed);
MUST enum err search_row_drop(struct ctx *c, struct db *db, int64_t post_id, bool indexed);

/* The post's row is as the post is. */
MUST enum err search_settled(struct ctx *c, struct db *db, int64_t post_id);

/* Takes everything out of the index. */
MUST enum err search_index_empty(struct ctx *c, struct db *db);

/*
 * Compares the index with the rows, where there is a whole one: ERR_DB_CORRUPT if they differ. In a write
 * transaction of its own, which changes nothing.
 */
MUST enum err search_index_check(struct ctx *c, struct db *db);

/* How many posts lack a row, or have one and should not; the courier's work that is left apart. */
MUST enum err search_lost(struct ctx *c, struct db *db, int64_t *out);

#endif
