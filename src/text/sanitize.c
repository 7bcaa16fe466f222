/*
 * The writer over gumbo's tree. What is written is written anew, from the tables of
 * sanitize_rules.c and from escaped text; no byte of markup is copied. As no element with raw text
 * (script, style, title …) and nothing of SVG or MathML is on the list, a browser that reads the
 * result again finds the same harmless elements, in whatever way it nests them.
 */
#include "text/sanitize.h"

#include "base/enc.h"
#include "text/sanitize_priv.h"

enum { INPUT_MAX = 64 * 1024, TAGS_MAX = 8192, DEPTH_MAX = 256 };

struct writer {
	struct ctx *c;
	struct buf *b;
	const struct sanitize_options *o;
	size_t depth;
	size_t limit;   /* bytes of the result: formatting elements can be repeated endlessly */
	unsigned as_is; /* elements around that are AS_IS */
	bool lower;     /* headings go down by one */
	enum err e;
};

static void
write_attributes(struct writer *w, const GumboElement *el, const struct sanitize_rule *rule)
{
	for (unsigned i = 0; i < el->attributes.length && w->e == OK; i++) {
		struct sanitize_attribute a;

		w->e = sanitize_attribute(w->c, rule, el->attributes.data[i], &a);
		if (w->e != OK || a.name.n == 0)
			continue;
		buf_putc(w->b, ' ');
		buf_put(w->b, a.name);
		if (a.flag)
			continue;
		buf_puts(w->b, "=\"");
		sanitize_text(w->b, a.value);
		buf_putc(w->b, '"');
	}
}

/*
 * True if there is a heading of the first level: that is the page's own. What only looks like one,
 * in a comment, lowers headings too, which does no harm.
 */
static bool
has_first_heading(struct str s)
{
	for (size_t i = str_find(s, '<', 0); i < s.n; i = str_find(s, '<', i + 1))
		if (str_eqi(str_sub(s, i + 1, i + 3), S("h1")))
			return true;
	return false;
}

static const char *
tag_name(const struct writer *w, const GumboElement *el)
{
	bool heading = el->tag >= GUMBO_TAG_H1 && el->tag < GUMBO_TAG_H6;

	return gumbo_normalized_tagname(
		w->lower && heading ? (GumboTag)(el->tag + 1) : el->tag);
}

static void
write_start(struct writer *w, const GumboElement *el, const struct sanitize_rule *rule)
{
	buf_putc(w->b, '<');
	buf_puts(w->b, tag_name(w, el));
	write_attributes(w, el, rule);
	if (el->tag == GUMBO_TAG_VIDEO || el->tag == GUMBO_TAG_AUDIO)
		buf_puts(w->b, " controls");
	buf_putc(w->b, '>');
}

static void
write_end(struct writer *w, const GumboElement *el)
{
	buf_puts(w->b, "</");
	buf_puts(w->b, tag_name(w, el));
	buf_putc(w->b, '>');
}

static bool
blank(struct str s)
{
	return str_trim(s).n == 0;
}

/* Whether the sibling, which may be NULL, continues a line of text. */
static bool
is_inline(const GumboNode *sibling)
{
	if (!sibling)
		return false;
	if (sibling->type == GUMBO_NODE_ELEMENT)
		return !(sanitize_rule(sibling->v.element.tag)->flags &
			 (SANITIZE_BLOCK | SANITIZE_KILL));
	return sibling->type == GUMBO_NODE_TEXT;
}

static const GumboNode *
sibling(const GumboNode *n, int distance)
{
	const GumboVector *children = &n->parent->v.element.children;
	size_t i = n->index_within_parent + (size_t)distance;

	return i < children->length ? children->data[i] : NULL;
}

static void
write_line(struct writer *w, struct str s)
{
	if (w->o->links)
		sanitize_text_links(w->b, s);
	else
		sanitize_text(w->b, s);
}

static void
write_text(struct writer *w, const GumboNode *n)
{
	struct str rest = str_z(n->v.text.text);
	bool before = is_inline(sibling(n, -1));
	bool after = is_inline(sibling(n, 1));

	if (w->as_is > 0) {
		/* A browser drops the first line end of a pre. */
		if (n->parent->v.element.tag == GUMBO_TAG_PRE && n->index_within_parent == 0 &&
			str_starts(rest, S("\n")))
			buf_putc(w->b, '\n');
		sanitize_text(w->b, rest);
		return;
	}
	while (rest.p) {
		struct str line = w->o->breaks ? str_cut(&rest, '\n') : rest;

		if (!w->o->breaks)
			rest.p = NULL;
		before = before || !blank(line);
		write_line(w, line);
		if (rest.p && before && (after || !blank(rest)))
			buf_puts(w->b, "<br>");
		if (rest.p)
			buf_putc(w->b, '\n');
	}
}

/* ---- walking ------------------------------------------------------------------------------- */

/* Writes what stands before a node's children. False: it has none to be looked at. */
static bool
enter(struct writer *w, const GumboNode *n)
{
	const struct sanitize_rule *rule;

	if (n->type == GUMBO_NODE_TEXT || n->type == GUMBO_NODE_WHITESPACE)
		write_text(w, n);
	if (n->type != GUMBO_NODE_ELEMENT)
		return false;
	rule = sanitize_rule(n->v.element.tag);
	if (n->v.element.tag_namespace != GUMBO_NAMESPACE_HTML || rule->flags & SANITIZE_KILL)
		return false;
	if (rule->flags & SANITIZE_KEEP)
		write_start(w, &n->v.element, rule);
	return !(rule->flags & SANITIZE_EMPTY);
}

static void
leave(struct writer *w, const GumboNode *n)
{
	if (sanitize_rule(n->v.element.tag)->flags & SANITIZE_KEEP)
		write_end(w, &n->v.element);
	w->as_is -= sanitize_rule(n->v.element.tag)->flags & SANITIZE_AS_IS ? 1 : 0;
}

/* All below root in document order, without recursion. */
static void
walk(struct writer *w, const GumboNode *root)
{
	const GumboNode *n = root;
	size_t next = 0; /* the child of n to go to */

	while (w->e == OK) {
		const GumboVector *children = &n->v.element.children;

		if (next < children->length) {
			const GumboNode *child = children->data[next];

			if (w->b->n > w->limit)
				w->e = err_raise(w->c, ERR_CONTENT_TOO_COMPLEX,
					"%zu bytes and more come of it", w->limit);
			if (!enter(w, child)) {
				next++;
				continue;
			}
			w->as_is +=
				sanitize_rule(child->v.element.tag)->flags & SANITIZE_AS_IS ? 1 : 0;
			n = child;
			next = 0;
			if (++w->depth > DEPTH_MAX)
				w->e = err_raise_hint(w->c, ERR_CONTENT_TOO_COMPLEX,
					"tags are nested too deeply");
			continue;
		}
		if (n == root)
			return;
		leave(w, n);
		w->depth--;
		next = n->index_within_parent + 1;
		n = n->parent;
	}
}

/* A copy in which every byte is part of a character that HTML may hold. */
static enum err
clean_input(struct ctx *c, struct str dirty, struct str *out)
{
	struct buf b;

	buf_init(&b, &c->arena, 3 * dirty.n + 1);
	for (size_t at = 0; at < dirty.n;) {
		unsigned ch = enc_utf8_next(dirty, &at);

		enc_utf8_put(&b, ch == 0 ? 0xFFFD : ch);
	}
	return buf_end(c, &b, out);
}

enum err
sanitize_with(struct ctx *c, struct str dirty, const struct sanitize_options *o, struct html *out)
{
	struct writer w = {.c = c, .o = o};
	struct sanitize_tree tree;
	struct buf b;
	enum err e = sanitize_guard(c, dirty, o);

	if (e == OK && (!enc_utf8_valid(dirty) || str_find(dirty, '\0', 0) < dirty.n))
		e = clean_input(c, dirty, &dirty);
	if (e != OK)
		return e;
	w.limit = 16 * dirty.n + 64 * 1024;
	/* No single node adds more: a byte becomes six at most. */
	buf_init(&b, &c->arena, w.limit + 8 * dirty.n + 1024);
	w.b = &b;
	w.lower = has_first_heading(dirty);
	e = sanitize_parse(c, dirty, &tree);
	if (e == OK) {
		walk(&w, tree.root);
		e = w.e;
	}
	sanitize_tree_fini(&tree);
	return e == OK ? buf_end(c, &b, &out->s) : e;
}

enum err
sanitize_html(struct ctx *c, struct str dirty, struct html *out)
{
	static const struct sanitize_options plain = {.max_bytes = INPUT_MAX, .max_tags = TAGS_MAX};

	return sanitize_with(c, dirty, &plain, out);
}
