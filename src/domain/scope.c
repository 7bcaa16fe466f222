/*
 * Scopes.
 */
#include "domain/scope.h"

#include "base/buf.h"

enum { HAND, APP };

const struct scope scope_table[] = {
#define SCOPE(word, whose, doc) {S_INIT(word), S_INIT(doc), (whose) == APP},
#include "tables/scopes.def"
#undef SCOPE
};

const size_t scope_count = sizeof(scope_table) / sizeof(scope_table[0]);

const struct scope *
scope_find(struct str word)
{
	for (size_t i = 0; i < scope_count; i++)
		if (str_eq(scope_table[i].word, word))
			return &scope_table[i];
	return NULL;
}

bool
scope_valid(struct str text)
{
	for (size_t i = 0; i < text.n; i++) {
		unsigned char u = (unsigned char)text.p[i];

		if (u < ' ' || u > '~' || u == '"' || u == '\\')
			return false;
	}
	return true;
}

static bool
contains(const struct str *words, size_t n, struct str word)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(words[i], word))
			return true;
	return false;
}

enum err
scope_words(struct ctx *c, struct str list, struct str **words, size_t *n)
{
	struct str rest = list;

	*words = NULL;
	*n = 0;
	while (rest.p) {
		struct str word = str_cut(&rest, ' ');

		if (str_empty(word) || contains(*words, *n, word))
			continue;
		*words = ctx_grow(c, *words, *n, sizeof(**words));
		if (!*words)
			return ERR_MEMORY;
		(*words)[(*n)++] = word;
	}
	return OK;
}

enum err
scope_both(struct ctx *c, struct str a, struct str b, struct str *out)
{
	struct str *words;
	struct buf list;
	size_t n;
	enum err err = scope_words(c, a, &words, &n);

	if (err)
		return err;
	buf_init(&list, &c->arena, a.n + 1);
	for (size_t i = 0; i < n; i++) {
		if (!str_has_word(b, words[i]))
			continue;
		if (list.n > 0)
			buf_putc(&list, ' ');
		buf_put(&list, words[i]);
	}
	return buf_end(c, &list, out);
}

enum err
scope_of_apps(struct ctx *c, struct str list, struct str *out)
{
	struct str all;
	struct buf b;
	enum err err;

	buf_init(&b, &c->arena, 1024);
	for (size_t i = 0; i < scope_count; i++) {
		if (!scope_table[i].app)
			continue;
		buf_put(&b, scope_table[i].word);
		buf_putc(&b, ' ');
	}
	err = buf_end(c, &b, &all);
	return err ? err : scope_both(c, list, all, out);
}

bool
scope_within(struct str part, struct str whole)
{
	struct str rest = part;

	while (rest.p) {
		struct str word = str_cut(&rest, ' ');

		if (!str_empty(word) && !str_has_word(whole, word))
			return false;
	}
	return true;
}
