/*
 * From a context to its catalogue.
 */
#include "text/words.h"

#include "text/catalog.h"

const char *
tr_for(const struct ctx *c, const char *context, const char *text)
{
	const char *found =
		c->words ? catalog_find(c->words, str_z(context), str_z(text)) : NULL;

	return found ? found : text;
}

const char *
tr(const struct ctx *c, const char *text)
{
	return tr_for(c, "", text);
}

const char *
tr_n(const struct ctx *c, const char *one, const char *many, unsigned long long n)
{
	const char *found = c->words ? catalog_find_form(c->words, str_z(one), n) : NULL;

	if (found)
		return found;
	return n == 1 ? one : many;
}

struct str
tr_str(const struct ctx *c, const char *text)
{
	return str_z(tr(c, text));
}
