/*
 * Escaping for HTML, and the text inside HTML that we wrote ourselves. The reader of html_text() is
 * no parser: it knows the tags and the few entities that our own writers produce, and shows
 * everything else as it stands. HTML from outside belongs into sanitize.h first.
 */
#include "text/html.h"

#include "base/enc.h"
#include "text/priv.h"

/* What a byte becomes, by value; empty: itself. */
static const struct str escapes[256] = {
	['&'] = S_INIT("&amp;"),
	['<'] = S_INIT("&lt;"),
	['>'] = S_INIT("&gt;"),
	['"'] = S_INIT("&quot;"),
	['\''] = S_INIT("&#39;"),
};

void
html_escape(struct buf *b, struct str s)
{
	size_t run = 0;

	for (size_t i = 0; i < s.n; i++) {
		struct str e;

		while (s.n - i > STRIDE && stride_plain(s.p + i))
			i += STRIDE;
		e = escapes[(unsigned char)s.p[i]];
		if (e.n == 0)
			continue;
		buf_put(b, str_n(s.p + run, i - run));
		buf_put(b, e);
		run = i + 1;
	}
	if (run < s.n)
		buf_put(b, str_n(s.p + run, s.n - run));
}

enum err
html_json(struct ctx *c, struct str json, struct html *out)
{
	struct buf b;

	buf_init(&b, &c->arena, 6 * json.n + 1);
	for (size_t i = 0; i < json.n; i++) {
		char ch = json.p[i];

		/* These stand in strings only: there is no markup in JSON. */
		if (ch == '<' || ch == '>' || ch == '&')
			buf_printf(&b, "\\u%04x", (unsigned)ch);
		else
			buf_putc(&b, ch);
	}
	return buf_end(c, &b, &out->s);
}

struct html
html_stored(struct str s)
{
	return (struct html){s};
}

/* Past the tag or comment that begins at s.p[at]. A > inside a quoted value does not end it. */
static size_t
tag_end(struct str s, size_t at)
{
	char quote = '\0';

	for (; at < s.n; at++) {
		char ch = s.p[at];

		if (quote) {
			if (ch == quote)
				quote = '\0';
		} else if (ch == '"' || ch == '\'') {
			quote = ch;
		} else if (ch == '>') {
			return at + 1;
		}
	}
	return s.n;
}

/* True for a tag that stands inside a line: its place needs no space. */
static bool
tag_inline(struct str tag)
{
	static const struct str names =
		S_INIT("a abbr b bdi bdo cite code del dfn em i ins kbd mark "
		       "q s samp small span strong sub sup time u var wbr");
	size_t from = tag.n > 1 && tag.p[1] == '/' ? 2 : 1;
	size_t to = from;

	while (to < tag.n && tag.p[to] != ' ' && tag.p[to] != '>' && tag.p[to] != '/')
		to++;
	return str_has_word(names, str_sub(tag, from, to));
}

/* The character of an entity at s.p[*at] == '&'; *at moves past it. '&' itself if it is none. */
static unsigned
entity(struct str s, size_t *at)
{
	static const struct {
		struct str name;
		unsigned character;
	} known[] = {
		{S_INIT("&amp;"), '&'},
		{S_INIT("&lt;"), '<'},
		{S_INIT("&gt;"), '>'},
		{S_INIT("&quot;"), '"'},
		{S_INIT("&nbsp;"), 0xA0},
	};
	struct str rest = str_sub(s, *at, s.n);
	size_t semicolon = str_find(rest, ';', 0);
	unsigned long long v;

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (!str_starts(rest, known[i].name))
			continue;
		*at += known[i].name.n;
		return known[i].character;
	}
	if (str_starts(rest, S("&#")) && semicolon < 11 &&
		str_u64(str_sub(rest, 2, semicolon), 0x10FFFF, &v)) {
		*at += semicolon + 1;
		return v == 0 || (v >= 0xD800 && v <= 0xDFFF) ? 0xFFFD : (unsigned)v;
	}
	*at += 1;
	return '&';
}

static bool
is_space(unsigned ch)
{
	return ch == ' ' || (ch >= '\t' && ch <= '\r');
}

enum err
html_text(struct ctx *c, struct html h, size_t max, struct str *out)
{
	struct str s = h.s;
	struct buf b;
	bool space = false;
	enum err e;

	buf_init(&b, &c->arena, 3 * s.n + 8); /* a bad byte becomes three */
	for (size_t at = 0; at < s.n && b.n <= max;) {
		unsigned ch;

		if (s.p[at] == '<') {
			size_t end = tag_end(s, at);

			space = space || !tag_inline(str_sub(s, at, end));
			at = end;
			continue;
		}
		if (s.p[at] == '&')
			ch = entity(s, &at);
		else if ((unsigned char)s.p[at] < 0x80)
			ch = (unsigned char)s.p[at++];
		else
			ch = enc_utf8_next(s, &at);
		if (is_space(ch)) {
			space = true;
			continue;
		}
		if (space && b.n > 0)
			buf_putc(&b, ' ');
		space = false;
		if (ch < 0x80)
			buf_putc(&b, (char)ch);
		else
			enc_utf8_put(&b, ch);
	}
	e = buf_end(c, &b, out);
	if (e == OK)
		*out = str_trim(enc_utf8_cut(*out, max));
	return e;
}

bool
html_has_picture(struct html h)
{
	static const struct str tags[] = {S_INIT("<img"), S_INIT("<video"), S_INIT("<audio"),
		S_INIT("<hr")};

	for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++)
		if (str_search(h.s, tags[i], 0) < h.s.n)
			return true;
	return false;
}
