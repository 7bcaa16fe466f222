/*
 * A catalogue of texts in another language: a file of gettext's, as msgfmt makes them out of po/
 * (GNU gettext, "The format of GNU MO files"). It is read whole, once, and judged before anything of
 * it is used: every offset inside, every text ended and in UTF-8, the order that searching needs,
 * and printf directives that take what those of the original take.
 *
 * gettext() itself needs a locale of the language to be installed and set for the whole process.
 */
#ifndef TEXT_CATALOG_H
#define TEXT_CATALOG_H

#include "base/ctx.h"

struct catalog;

/*
 * Out of the bytes of the file path, which are copied. Heap; catalog_free(). ERR_TEMPLATE with
 * "path: what is bad".
 */
MUST enum err catalog_parse(struct ctx *c, const char *path, struct str bytes, struct catalog **out);

/*
 * The catalogue that suits language, a BCP 47 tag, best (RFC 4647 section 3.4, lookup): for
 * "de-AT" DIR/de-at/LC_MESSAGES/starpunk.mo, else that of "de". *out is NULL for English, which the
 * texts are in. ERR_NOT_FOUND if there is none, else as catalog_parse().
 */
MUST enum err catalog_load(struct ctx *c, const char *dir, const char *language,
	struct catalog **out);
void catalog_free(struct catalog *k); /* takes NULL */

/* The tag of the catalogue that was loaded: "de". */
const char *catalog_language(const struct catalog *k);

/* The translation of id in a context (empty: none); NULL if there is none. Lives as k does. */
const char *catalog_find(const struct catalog *k, struct str context, struct str id);

/* The same of an id that has plural forms, in that for n. */
const char *catalog_find_form(const struct catalog *k, struct str id, unsigned long long n);

/* Texts number i of k, for tests and tools: *id as the file has it. False behind the last. */
bool catalog_each(const struct catalog *k, size_t i, struct str *id, struct str *translation);

#endif
