/*
 * What the files of the search share: the folded text of a post, and what a query finds in it.
 *
 * The text has four fields with U+001F between them: title, tags, the rest (summary and content), and
 * marks, which are names made into words (fold_name()): its tags and its type.
 */
#ifndef DOMAIN_SEARCH_PRIV_H
#define DOMAIN_SEARCH_PRIV_H

#include "domain/search.h"
#include "store/search.h"

enum { SEARCH_MARK_TAG = 0xF100, SEARCH_MARK_TYPE = 0xF101 };

enum search_field { SEARCH_TITLE, SEARCH_TAGS, SEARCH_BODY, SEARCH_FIELDS };

/* Makes a post's folded text. */
MUST enum err search_fold(struct ctx *c, const struct search_source *source, struct str *out);

/* How often each term stands in each field, and how long the text is. */
struct search_hit {
	int64_t key, post_id;
	double score;		/* by search_sort() */
	uint32_t length;	/* bytes */
	uint16_t times[SEARCH_TERMS_MAX][SEARCH_FIELDS];
};

/* Looks whether a folded text is what was searched for; if so, fills length and times. */
bool search_match(const struct search_query *q, struct str folded, struct search_hit *out);

/* Puts hits in order: the best first, by figures of these hits; or the newest first. */
void search_sort(const struct search_query *q, enum search_order order, struct search_hit *hits,
	size_t n);

#endif
