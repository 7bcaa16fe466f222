/*
 * Finding posts by their words. What a visitor types is never an error: what has no meaning as a
 * command is text, and what has no words in it finds nothing.
 *
 *	word		in title, tags, summary or text; case, accents and width do not count
 *	wor*		a word that begins so
 *	"two words"	one after the other
 *	tag:name	posts of a tag; tag:"two words"
 *	type:photo	posts of a type
 *	after:2025	published in that year or later; also 2025-03, 2025-03-01 (UTC)
 *	before:2025	published before it
 *	-any of these	not that
 *
 * Two engines find candidates: FTS5, or, without it, a walk over all posts with a limit of time
 * ("like"). What is a match, how good it is and what is shown of it is decided here, in one place,
 * from the same folded text (text/fold.h), so both find the same.
 *
 * The newest SEARCH_RANKED matches are shown the best first, and all others behind them the newest
 * first. So no word makes a search dear by being in all posts.
 *
 * Posts become searchable by the courier (domain/search_index.h). Those that it has not come to are
 * looked at one by one, the newest SEARCH_FRESH of them, so that a post is found at once.
 */
#ifndef DOMAIN_SEARCH_H
#define DOMAIN_SEARCH_H

#include "domain/search_query.h"
#include "store/post_list.h"

enum {
	SEARCH_RANKED = 2000,
	SEARCH_FRESH = 500,
	SEARCH_BUDGET_MS = 30,		/* of the index */
	SEARCH_BUDGET_WALK_MS = 15,	/* of a walk that goes on where the index was stopped */
	SEARCH_BUDGET_LIKE_MS = 250	/* of a walk where there is no index */
};

enum search_engine { SEARCH_NONE, SEARCH_FTS5, SEARCH_LIKE };

/* "fts5", "like"; "none" where searching is switched off. */
const char *search_engine_name(enum search_engine engine);

/* Which one answers a search now. */
MUST enum err search_engine(struct ctx *c, struct db *db, enum search_engine *out);

enum search_order { SEARCH_BEST_FIRST, SEARCH_NEWEST_FIRST };

struct search_request {
	struct str text;	/* as typed, any bytes */
	struct str before;	/* search_result.next of the page before; empty: from the beginning */
	enum search_order order;
	size_t limit;		/* posts a page, 1 or more */
	int64_t budget_us;	/* 0: as above */
};

struct search_result {
	struct search_query query;	/* as it was understood */
	struct post_list list;		/* the posts, with text */
	struct str next;		/* where the next page begins; empty: there is none */
	size_t found;			/* matches among those looked at; on later pages too */
	bool at_least;			/* there may be more than found */
	bool partial;			/* time was up: older posts have not been looked at */
	enum search_engine engine;
};

/*
 * ERR_NOT_FOUND if before is no such place, and if searching is switched off. A query without a
 * word gives an empty list.
 */
MUST enum err search_run(struct ctx *c, struct db *db, const struct search_request *request,
	struct search_result *out);

/* A piece of a text that is shown, and whether it is what was searched for. */
struct search_piece {
	struct str text;
	bool marked;
};

struct search_pieces {
	struct search_piece *list;
	size_t n;
};

/* All of a text, such as a title, in pieces. */
MUST enum err search_mark(struct ctx *c, const struct search_query *query, struct str text,
	struct search_pieces *out);

/*
 * The part of a text that shows most of what was searched for, of about SEARCH_SNIPPET_WORDS words;
 * the beginning if nothing is to be shown. An ellipsis stands where something was left out.
 */
enum { SEARCH_SNIPPET_WORDS = 36 };
MUST enum err search_snippet(struct ctx *c, const struct search_query *query, struct str text,
	struct search_pieces *out);

#endif
