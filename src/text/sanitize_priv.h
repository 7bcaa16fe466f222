/*
 * What sanitize.c, sanitize_rules.c and sanitize_parse.c share: the allow-list and the parsed tree,
 * which app_page.c reads, too.
 */
#ifndef TEXT_SANITIZE_PRIV_H
#define TEXT_SANITIZE_PRIV_H

#include "text/priv.h"

#include <gumbo.h>

/* ---- the allow-list (sanitize_rules.c) ------------------------------------------------------- */

enum {
	SANITIZE_KEEP = 1,   /* written; without it only the content is */
	SANITIZE_KILL = 2,   /* dropped with its content */
	SANITIZE_EMPTY = 4,  /* has no content and no end tag */
	SANITIZE_BLOCK = 8,  /* stands on lines of its own */
	SANITIZE_AS_IS = 16, /* no links and no line breaks are made in its text */
};

struct sanitize_rule {
	unsigned flags;
	const char *attributes; /* beside dir, lang and title; separated by spaces */
};

const struct sanitize_rule *sanitize_rule(GumboTag tag);

/* An attribute as it may be written; name empty: not at all. */
struct sanitize_attribute {
	struct str name;
	struct str value; /* still to be escaped */
	bool flag;        /* has no value */
};

MUST enum err sanitize_attribute(struct ctx *c, const struct sanitize_rule *rule,
	const GumboAttribute *given, struct sanitize_attribute *out);

/* ---- the parser (sanitize_parse.c) ----------------------------------------------------------- */

/* A tree and its memory. */
struct sanitize_tree {
	struct arena arena;
	const GumboNode *root; /* its children are the top level of the text */
};

/*
 * Parses s, which is valid UTF-8 without NUL and outlives the tree, as what stands in a div.
 * ERR_CONTENT_TOO_COMPLEX when it takes too much time or memory. In any case sanitize_tree_fini().
 */
MUST enum err sanitize_parse(struct ctx *c, struct str s, struct sanitize_tree *out);

/* The same for a whole page; root is its html element. */
MUST enum err sanitize_parse_page(struct ctx *c, struct str s, struct sanitize_tree *out);
void sanitize_tree_fini(struct sanitize_tree *t);

#endif
