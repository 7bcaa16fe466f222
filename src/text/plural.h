/*
 * How many forms a language has for counts, and which of them a number takes: the value of the
 * header Plural-Forms of a catalogue, "nplurals=2; plural=(n != 1);", an expression of C with one
 * variable (GNU gettext, "Plural forms").
 */
#ifndef TEXT_PLURAL_H
#define TEXT_PLURAL_H

#include "base/str.h"

#include <stdbool.h>

enum { PLURAL_FORMS_MAX = 6 }; /* Arabic has six, and no language more */

struct plural {
	struct str rule; /* the expression; it stays where it was read */
	unsigned forms;
};

/* False for what is no such value, or gives a number below 1000 a form that there is not. */
bool plural_parse(struct str s, struct plural *out);

/* The form of n, less than p->forms. */
unsigned plural_form(const struct plural *p, unsigned long long n);

#endif
