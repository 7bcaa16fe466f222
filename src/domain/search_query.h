/*
 * What a visitor types as a search, and what it means; see domain/search.h for the language. Any
 * bytes have a meaning, and none of them reach a query language: what is asked of the index is made
 * of folded words alone.
 */
#ifndef DOMAIN_SEARCH_QUERY_H
#define DOMAIN_SEARCH_QUERY_H

#include "base/ctx.h"

enum {
	SEARCH_TEXT_MAX = 400,	/* bytes of what is typed; more is left out */
	SEARCH_TERMS_MAX = 12	/* more are left out */
};

/*
 * One thing to look for: what stands in the folded text of a post that has it, spaces around words
 * included (" cafe ", " caf", " two words ").
 */
struct search_term {
	struct str needle;
	bool excluded;		/* posts that have it are not wanted */
	bool exact;		/* a tag or a type: a mark of the post, not to be shown in its text */
	size_t words;
};

struct search_query {
	struct str text;	/* as typed, as valid UTF-8 and cut, to be shown again */
	struct search_term terms[SEARCH_TERMS_MAX];
	size_t n;
	int64_t from, to;	/* published within [from, to); INT64_MIN, INT64_MAX: at any time */
	bool cut;		/* something was left out */
};

MUST enum err search_query_parse(struct ctx *c, struct str text, struct search_query *out);

/* True if nothing is looked for. */
bool search_query_empty(const struct search_query *q);

/*
 * The same for FTS5's MATCH: a superset of what fits. Empty if there is nothing that posts must have.
 */
MUST enum err search_query_match(struct ctx *c, const struct search_query *q, struct str *out);

#endif
