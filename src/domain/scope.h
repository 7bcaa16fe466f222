/*
 * Scopes: the words of tables/scopes.def, and lists of words as RFC 6749 section 3.3 spells them.
 */
#ifndef DOMAIN_SCOPE_H
#define DOMAIN_SCOPE_H

#include "base/ctx.h"

struct scope {
	struct str word;
	struct str text;	/* what it grants: "make posts" */
	bool app;		/* an application may ask for it */
};

extern const struct scope scope_table[];
extern const size_t scope_count;

/* NULL if there is none of that name. */
const struct scope *scope_find(struct str word);

/* True if text is words of printable ASCII but for quote and backslash, separated by spaces. */
bool scope_valid(struct str text);

/* Takes a list apart; each word once, in the order in which they first appear. */
MUST enum err scope_words(struct ctx *c, struct str list, struct str **words, size_t *n);

/* The words of a that are in b, too; in a's order, each once. */
MUST enum err scope_both(struct ctx *c, struct str a, struct str b, struct str *out);

/* The words that an application may be granted; each once. */
MUST enum err scope_of_apps(struct ctx *c, struct str list, struct str *out);

/* True if every word of part is one of whole. */
bool scope_within(struct str part, struct str whole);

#endif
