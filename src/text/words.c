/*
 * From a context to its catalogue.
 */
#include "text/words.h"

#include "core/config.h"
#include "core/log.h"
#include "text/catalog.h"

#include <stdarg.h>
#include <stdio.h>

enum err
words_load(struct ctx *c, struct catalog **out)
{
	struct str dir;
	enum err err = ctx_printf(c, &dir, "%s/locale", c->cfg->share_path);

	*out = NULL;
	return err ? err : catalog_load(c, dir.p, c->cfg->language, out);
}

void
words_check(struct ctx *c)
{
	struct catalog *words;
	enum err err = words_load(c, &words);

	if (err)
		log_event(c, language_fallback, .language = str_z(c->cfg->language),
			.problem = str_z(c->err.detail));
	err_clear(c);
	catalog_free(words);
}

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

struct str
tr_text(const struct ctx *c, struct str text)
{
	const char *found = c->words ? catalog_find(c->words, S(""), text) : NULL;

	return found ? str_z(found) : text;
}

enum err
tr_raise_at(struct ctx *c, const char *file, int line, enum err code, const char *fmt, ...)
{
	bool first = c->err.code == OK;
	char english[sizeof(c->err.hint)];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(english, sizeof(english), fmt, ap);
	va_end(ap);
	(void)err_raise_hint_at(c, file, line, code, "%s", english);
	va_start(ap, fmt);
	if (first)
		(void)vsnprintf(c->err.hint, sizeof(c->err.hint), tr(c, fmt), ap);
	va_end(ap);
	return code;
}

void
tr_hint(struct ctx *c, enum err code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	if (c->err.code == code)
		(void)vsnprintf(c->err.hint, sizeof(c->err.hint), fmt, ap);
	va_end(ap);
}
