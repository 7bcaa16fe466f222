/*
 * An application's page. The tree is walked without recursion: it may be as deep as the page is
 * long. Of microformats2 this is what one root and three of its properties need; properties inside
 * of another microformat are that one's.
 */
#include "text/app_page.h"

#include "base/enc.h"
#include "text/sanitize_priv.h"

enum { VALUE_MAX = 4096 };	/* bytes of a value; longer ones are cut */

/* ---- the tree ---------------------------------------------------------------------------- */

static bool
is_element(const GumboNode *n)
{
	return n->type == GUMBO_NODE_ELEMENT || n->type == GUMBO_NODE_TEMPLATE;
}

/* The next node in the order of the page, below top or at its end NULL; down: into n as well. */
static const GumboNode *
next_node(const GumboNode *n, const GumboNode *top, bool down)
{
	if (down && is_element(n) && n->v.element.children.length > 0)
		return n->v.element.children.data[0];
	for (; n != top; n = n->parent) {
		const GumboVector *around = &n->parent->v.element.children;

		if (n->index_within_parent + 1 < around->length)
			return around->data[n->index_within_parent + 1];
	}
	return NULL;
}

/* The value as it stands; p NULL if there is no such attribute. */
static struct str
attribute(const GumboNode *n, const char *name)
{
	const GumboAttribute *a =
		is_element(n) ? gumbo_get_attribute(&n->v.element.attributes, name) : NULL;

	return a ? str_trim(str_z(a->value)) : (struct str){NULL, 0};
}

/* True if one of the attribute's words, between white space, is that one. */
static bool
has_word(const GumboNode *n, const char *name, struct str word)
{
	struct str s = attribute(n, name);

	for (size_t i = 0, from = 0; i <= s.n; i++) {
		if (i < s.n && !strchr(" \t\n\f\r", s.p[i]))
			continue;
		if (i > from && str_eqi(str_sub(s, from, i), word))
			return true;
		from = i + 1;
	}
	return false;
}

/* True for the root of any microformat: a class that begins with "h-". */
static bool
is_root(const GumboNode *n)
{
	struct str s = attribute(n, "class");

	for (size_t i = 0; i + 2 < s.n; i++)
		if ((i == 0 || strchr(" \t\n\f\r", s.p[i - 1])) && s.p[i] == 'h' && s.p[i + 1] == '-')
			return true;
	return false;
}

static bool
is_tag(const GumboNode *n, GumboTag tag)
{
	return is_element(n) && n->v.element.tag == tag;
}

/* ---- values ------------------------------------------------------------------------------ */

/* All text in the element, or the alternative text of a picture that stands for one. */
static enum err
text_of(struct ctx *c, const GumboNode *top, struct str *out)
{
	const GumboNode *n = top;
	struct buf b;
	enum err e;

	buf_init(&b, &c->arena, 2 * VALUE_MAX);
	while (n && b.n < VALUE_MAX) {
		bool silent = is_tag(n, GUMBO_TAG_SCRIPT) || is_tag(n, GUMBO_TAG_STYLE) ||
			      n->type == GUMBO_NODE_TEMPLATE;

		if (n->type == GUMBO_NODE_TEXT || n->type == GUMBO_NODE_WHITESPACE)
			buf_put(&b, enc_utf8_cut(str_z(n->v.text.text), VALUE_MAX));
		else if (is_tag(n, GUMBO_TAG_IMG))
			buf_put(&b, enc_utf8_cut(attribute(n, "alt"), VALUE_MAX));
		n = next_node(n, top, !silent);
	}
	e = buf_end(c, &b, out);
	if (!e)
		*out = str_trim(enc_utf8_cut(*out, VALUE_MAX));
	return e;
}

/* Where an element leads to; p NULL: nowhere. */
static struct str
address_of(const GumboNode *n)
{
	if (is_tag(n, GUMBO_TAG_A) || is_tag(n, GUMBO_TAG_AREA) || is_tag(n, GUMBO_TAG_LINK))
		return attribute(n, "href");
	if (is_tag(n, GUMBO_TAG_IMG))
		return attribute(n, "src");
	return (struct str){NULL, 0};
}

static enum err
url_of(struct ctx *c, const GumboNode *n, struct str *out)
{
	struct str url = address_of(n);

	if (!url.p)
		return text_of(c, n, out);
	return ctx_str(c, enc_utf8_cut(url, VALUE_MAX), out);
}

/* ---- h-app ------------------------------------------------------------------------------- */

/* A value that has not been set yet, from an element of that class. */
static enum err
take(struct ctx *c, const GumboNode *n, const char *class,
	enum err (*read)(struct ctx *, const GumboNode *, struct str *), struct str *out)
{
	return out->p || !has_word(n, "class", str_z(class)) ? OK : read(c, n, out);
}

/* What is not said is meant: the text is the name, and the one link is the address. */
static enum err
imply(struct ctx *c, const GumboNode *app, struct app_page *out)
{
	enum err e = OK;

	if (!out->name.p)
		e = text_of(c, app, &out->name);
	if (!e && !out->url.p && address_of(app).p)
		e = url_of(c, app, &out->url);
	for (const GumboNode *n = app; n && !e && !out->url.p; n = next_node(n, app, true))
		if (is_tag(n, GUMBO_TAG_A) && address_of(n).p)
			e = url_of(c, n, &out->url);
	return e;
}

static enum err
read_app(struct ctx *c, const GumboNode *app, struct app_page *out)
{
	const GumboNode *n = next_node(app, app, true);
	enum err e = OK;

	while (n && !e) {
		e = take(c, n, "p-name", text_of, &out->name);
		if (!e)
			e = take(c, n, "u-url", url_of, &out->url);
		if (!e)
			e = take(c, n, "u-logo", url_of, &out->logo);
		n = next_node(n, app, !is_root(n));
	}
	return e ? e : imply(c, app, out);
}

/* ---- the page ---------------------------------------------------------------------------- */

static enum err
read_page(struct ctx *c, const GumboNode *root, struct app_page *out)
{
	bool app_seen = false;
	enum err e = OK;

	for (const GumboNode *n = root; n && !e; n = next_node(n, root, true)) {
		struct str href = attribute(n, "href");

		if (is_tag(n, GUMBO_TAG_BASE) && href.p && !out->base.p)
			e = ctx_str(c, href, &out->base);
		else if (is_tag(n, GUMBO_TAG_LINK) && href.p &&
			 has_word(n, "rel", S("redirect_uri")) &&
			 out->n_redirects < APP_REDIRECTS_MAX)
			e = ctx_str(c, href, &out->redirects[out->n_redirects++]);
		else if (!app_seen && (has_word(n, "class", S("h-app")) ||
					      has_word(n, "class", S("h-x-app")))) {
			app_seen = true;
			e = read_app(c, n, out);
		}
	}
	return e;
}

/* The parser is given valid UTF-8 without NUL. */
static enum err
repair(struct ctx *c, struct str s, struct str *out)
{
	struct buf b;

	if (enc_utf8_valid(s) && !memchr(s.p ? s.p : "", '\0', s.n)) {
		*out = s;
		return OK;
	}
	buf_init(&b, &c->arena, 3 * s.n + 1);
	for (size_t at = 0; at < s.n;) {
		unsigned ch = enc_utf8_next(s, &at);

		enc_utf8_put(&b, ch == 0 ? 0xFFFD : ch);
	}
	return buf_end(c, &b, out);
}

enum err
app_page_parse(struct ctx *c, struct str html, struct app_page *out)
{
	struct sanitize_tree tree;
	enum err e = repair(c, html, &html);

	*out = (struct app_page){0};
	if (e)
		return e;
	e = sanitize_parse_page(c, html, &tree);
	if (!e)
		e = read_page(c, tree.root, out);
	sanitize_tree_fini(&tree);
	return e;
}
