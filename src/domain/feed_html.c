/*
 * A post's HTML on its way into a feed: readers have no base URL and little patience. The text read
 * here was written by our own renderer or sanitizer: tags are well nested, attribute values stand
 * in double quotes with <, > and " escaped, so that looking for '<' and '>' finds tags and nothing
 * else.
 */
#include "base/enc.h"
#include "domain/feed.h"
#include "text/words.h"

enum { DEPTH_MAX = 300 };

struct walk {
	struct buf out;
	struct str permalink;
	struct str more;		/* what the link to the rest is called */
	struct str open[DEPTH_MAX];	/* names of elements not yet closed */
	size_t depth;
};

/* The part of a URL that a reference like it keeps: "https://host" for "/x", "https:" for "//x". */
static struct str
base_of(struct str permalink, struct str reference)
{
	size_t scheme = str_find(permalink, ':', 0) + 1;
	size_t host = str_find(permalink, '/', scheme + 2);
	size_t last = permalink.n;

	if (str_starts(reference, S("//")))
		return str_sub(permalink, 0, scheme);
	if (str_starts(reference, S("/")))
		return str_sub(permalink, 0, host);
	if (reference.n == 0 || reference.p[0] == '#' || reference.p[0] == '?')
		return permalink;
	while (last > 0 && permalink.p[last - 1] != '/')
		last--;
	return str_sub(permalink, 0, last);
}

/* True if the reference begins with a scheme of its own. */
static bool
absolute(struct str reference)
{
	for (size_t i = 0; i < reference.n; i++) {
		char ch = reference.p[i];

		if (ch == ':')
			return i > 0;
		if (!(ch >= 'a' && ch <= 'z') && !(ch >= 'A' && ch <= 'Z') &&
		    !(i > 0 && ((ch >= '0' && ch <= '9') || ch == '+' || ch == '-' || ch == '.')))
			return false;
	}
	return false;
}

/* Copies a tag; href, src, poster and cite become absolute. */
static void
tag_put(struct walk *w, struct str tag)
{
	static const struct str names = S_INIT("href src poster cite");
	size_t at = 0;

	while (at < tag.n) {
		size_t equals = str_search(tag, S("=\""), at);
		size_t end = str_find(tag, '"', equals + 2), name = equals;
		struct str value = str_sub(tag, equals + 2, end);

		if (equals == tag.n)
			break;
		while (name > at && tag.p[name - 1] != ' ')
			name--;
		buf_put(&w->out, str_sub(tag, at, equals + 2));
		if (str_has_word(names, str_sub(tag, name, equals)) && !absolute(value))
			buf_put(&w->out, base_of(w->permalink, value));
		buf_put(&w->out, value);
		at = end;
		if (at < tag.n) {
			buf_putc(&w->out, '"');
			at++;
		}
	}
	buf_put(&w->out, str_sub(tag, at, tag.n));
}

/* Keeps the list of what is open. False when it is full. */
static bool
tag_note(struct walk *w, struct str tag)
{
	static const struct str empty = S_INIT("area br col hr img source track wbr");
	bool closing = tag.n > 1 && tag.p[1] == '/';
	size_t from = closing ? 2 : 1, to = from;
	struct str name;

	while (to < tag.n && tag.p[to] != ' ' && tag.p[to] != '>' && tag.p[to] != '/')
		to++;
	name = str_sub(tag, from, to);
	if (closing) {
		if (w->depth > 0)
			w->depth--;
		return true;
	}
	if (str_has_word(empty, name) || str_ends(tag, S("/>")))
		return true;
	if (w->depth == DEPTH_MAX)
		return false;
	w->open[w->depth++] = name;
	return true;
}

static void
put_close(struct buf *b, struct str name)
{
	buf_puts(b, "</");
	buf_put(b, name);
	buf_putc(b, '>');
}

/* Closes what is open and says where the rest is. */
static void
cut_off(struct walk *w)
{
	while (w->depth > 0)
		put_close(&w->out, w->open[--w->depth]);
	buf_printf(&w->out, "%ca href=\"", '<');
	html_escape(&w->out, w->permalink);
	buf_puts(&w->out, "\">");
	html_escape(&w->out, w->more);
	put_close(&w->out, S("a"));
}

/* The front of a text, without half a character or half an entity. */
static struct str
text_cut(struct str text, size_t max)
{
	struct str cut = enc_utf8_cut(text, max);
	size_t amp = cut.n;

	while (amp > 0 && cut.p[amp - 1] != '&' && cut.p[amp - 1] != ';')
		amp--;
	return amp > 0 && cut.p[amp - 1] == '&' ? str_sub(cut, 0, amp - 1) : cut;
}

enum err
feed_html(struct ctx *c, struct html h, struct str permalink, size_t max, struct str *out)
{
	struct walk *w = ctx_alloc(c, sizeof(*w));
	struct str s = h.s;
	size_t at = 0;

	if (!w)
		return ERR_MEMORY;
	w->permalink = permalink;
	w->more = tr_str(c, "Read on");
	buf_init(&w->out, &c->arena, SIZE_MAX);
	while (at < s.n) {
		bool tag = s.p[at] == '<';
		size_t end = tag ? str_find(s, '>', at) + 1 : str_find(s, '<', at);
		struct str part = str_sub(s, at, end);

		if (w->out.n + part.n > max || (tag && !tag_note(w, part))) {
			if (!tag && w->out.n < max)
				buf_put(&w->out, text_cut(part, max - w->out.n));
			cut_off(w);
			break;
		}
		if (tag)
			tag_put(w, part);
		else
			buf_put(&w->out, part);
		at = end;
	}
	return buf_end(c, &w->out, out);
}
