/*
 * Texts for people, in the language that c->words has: the one way to them. Texts stand in the code in
 * English, and are their own names; without a catalogue, or without an entry in it, they stand as
 * they are.
 *
 *	ctx_printf(c, &out, tr(c, "Page %llu"), page);
 *	ctx_printf(c, &out, tr_n(c, "%llu post", "%llu posts", n), n);
 *	tr_for(c, "verb", "Like")	where one English word is two elsewhere
 *	N_("Drafts")			a text in a table, to be translated where it is shown
 *	NC_("month", "May")		the same in a context, for tr_for()
 *
 * In templates it is {{_}}Older posts{{/_}} and {{_ verb}}Like{{/_}}. `make update-po` collects them
 * all. Logs, the command line and what programs read (JSON, OAuth) stay English.
 */
#ifndef TEXT_WORDS_H
#define TEXT_WORDS_H

#include "base/ctx.h"

struct catalog;

/*
 * The catalogue of the configuration's language, or what is nearest to it, out of share_path; NULL for
 * English, and wherever it fails: a site whose language has no texts speaks English. ERR_NOT_FOUND,
 * ERR_TEMPLATE for a bad file. Heap; catalog_free() (catalog.h).
 */
MUST enum err words_load(struct ctx *c, struct catalog **out);

/* Logs language_fallback if the site has to speak English for want of its own language. */
void words_check(struct ctx *c);

#define N_(text) text
#define NC_(context, text) text

const char *tr(const struct ctx *c, const char *text) __attribute__((format_arg(2)));
const char *tr_for(const struct ctx *c, const char *context, const char *text)
	__attribute__((format_arg(3)));
const char *tr_n(const struct ctx *c, const char *one, const char *many, unsigned long long n)
	__attribute__((format_arg(2), format_arg(3)));

/*
 * err_raise_hint() with a hint for people, translated from the same text as the detail, which the log
 * keeps in English.
 */
#define tr_raise(c, ...) tr_raise_at((c), __FILE__, __LINE__, __VA_ARGS__)
enum err tr_raise_at(struct ctx *c, const char *file, int line, enum err code, const char *fmt,
	...) __attribute__((format(printf, 5, 6)));

/* Another hint for the failure that was just raised, if it is the first one. */
void tr_hint(struct ctx *c, enum err code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* tr() for what is no format. */
struct str tr_str(const struct ctx *c, const char *text);
struct str tr_text(const struct ctx *c, struct str text);

#endif
