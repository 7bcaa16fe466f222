/*
 * The look at HTML before gumbo parses it. Gumbo takes quadratic time on deep nesting and on a tag
 * with very many attributes; here both are counted with a tokenizer that knows just enough of HTML
 * to do so in linear time. It may be fooled, by a quote in a place where only a parser knows that
 * it is none: what then slips through meets the budget that sanitize.c gives the parser.
 */
#include "text/priv.h"

enum { ATTRIBUTES_MAX = 64, DEPTH_MAX = 256 };

struct guard {
	struct str s;
	size_t at;
	size_t tags;
	size_t attributes; /* of the tag at hand */
	size_t depth;      /* of what is certainly nested */
};

static bool
is_letter(char ch)
{
	return (ch >= 'A' && ch <= 'Z') || (ch >= 'a' && ch <= 'z');
}

static bool
is_space(char ch)
{
	return ch == ' ' || (ch >= '\t' && ch <= '\r');
}

/* Past an attribute's value; g->at is behind the equals sign. */
static void
skip_value(struct guard *g)
{
	char quote;

	while (g->at < g->s.n && is_space(g->s.p[g->at]))
		g->at++;
	quote = g->at < g->s.n ? g->s.p[g->at] : '\0';
	if (quote == '"' || quote == '\'') {
		g->at = str_find(g->s, quote, g->at + 1);
		g->at += g->at < g->s.n;
		return;
	}
	while (g->at < g->s.n && !is_space(g->s.p[g->at]) && g->s.p[g->at] != '>')
		g->at++;
}

/* Past the tag whose name ends at g->at. False: too many attributes. */
static bool
skip_attributes(struct guard *g)
{
	g->attributes = 0;
	while (g->at < g->s.n && g->s.p[g->at] != '>') {
		if (is_space(g->s.p[g->at]) || g->s.p[g->at] == '/') {
			g->at++;
			continue;
		}
		if (++g->attributes > ATTRIBUTES_MAX)
			return false;
		/* The first byte may be anything, even "=". */
		for (g->at++; g->at < g->s.n && !is_space(g->s.p[g->at]); g->at++)
			if (strchr("/>=", g->s.p[g->at]))
				break;
		while (g->at < g->s.n && is_space(g->s.p[g->at]))
			g->at++;
		if (g->at < g->s.n && g->s.p[g->at] == '=') {
			g->at++;
			skip_value(g);
		}
	}
	return true;
}

/*
 * Elements that end without an end tag, by another one or by nature. They are left out of the guess
 * at the depth; the parsed tree's is counted when it is written.
 */
static bool
nests(struct str name)
{
	static const struct str others =
		S_INIT("area base br body col colgroup dd dt embed head hr html "
		       "img input li link meta optgroup option p param rb rp rt rtc source tbody "
		       "td tfoot th "
		       "thead tr track wbr");
	char lower[12];

	if (name.n > sizeof(lower))
		return true;
	for (size_t i = 0; i < name.n; i++)
		lower[i] = (char)(name.p[i] | 0x20);
	return !str_has_word(others, str_n(lower, name.n));
}

/* What is wrong with the tag that begins at g->at; NULL: nothing. */
static const char *
skip_tag(struct guard *g, const struct sanitize_options *o)
{
	bool end = g->s.p[g->at + 1] == '/';
	size_t name = g->at + 1 + end;

	if (++g->tags > o->max_tags)
		return "too many tags";
	for (g->at = name; g->at < g->s.n && !is_space(g->s.p[g->at]); g->at++)
		if (g->s.p[g->at] == '/' || g->s.p[g->at] == '>')
			break;
	if (nests(str_sub(g->s, name, g->at))) {
		if (!end && ++g->depth > DEPTH_MAX)
			return "tags are nested too deeply";
		g->depth -= end && g->depth > 0;
	}
	return skip_attributes(g) ? NULL : "a tag has too many attributes";
}

enum err
sanitize_guard(struct ctx *c, struct str dirty, const struct sanitize_options *o)
{
	struct guard g = {.s = dirty};

	if (dirty.n > o->max_bytes)
		return err_raise(c, ERR_CONTENT_TOO_LARGE, "%zu bytes of HTML", dirty.n);
	while ((g.at = str_find(g.s, '<', g.at)) < g.s.n) {
		size_t next = g.at + 1;
		const char *problem = NULL;

		if (str_starts(str_sub(g.s, next, g.s.n), S("/")))
			next++;
		if (next < g.s.n && is_letter(g.s.p[next]))
			problem = skip_tag(&g, o);
		else
			g.at++;
		if (problem)
			return err_raise_hint(c, ERR_CONTENT_TOO_COMPLEX, "%s", problem);
	}
	return OK;
}
