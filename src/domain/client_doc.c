/*
 * What an application says of itself. Everything in it was written by a stranger: text loses what
 * could hide or turn round what stands beside it, addresses pass the gate, and the rest is left out
 * without a word, since half of a description is better than none.
 */
#include "domain/client_doc.h"

#include "base/enc.h"
#include "domain/client.h"
#include "text/app_page.h"

enum { REDIRECTS_BYTES = CLIENT_REDIRECTS_MAX * (URL_MAX + 1) };

/* A document while it is being read. */
struct reader {
	struct ctx *c;
	struct str client_id;
	const struct got *got;
	struct url base;	/* that its addresses are relative to */
	bool own_host;		/* it comes from the client_id's host */
	struct buf redirects;
	unsigned n_redirects;
	struct client_doc *out;
};

/* ---- text -------------------------------------------------------------------------------- */

static bool
is_blank(unsigned ch)
{
	return ch <= ' ' || ch == 0x7f || (ch >= 0x80 && ch <= 0xa0) || ch == 0x1680 ||
	       (ch >= 0x2000 && ch <= 0x200a) || ch == 0x2028 || ch == 0x2029 || ch == 0x202f ||
	       ch == 0x205f || ch == 0x3000;
}

/* Characters that show nothing, but change how others are shown or read (bidi, joiners, tags). */
static bool
is_invisible(unsigned ch)
{
	static const struct {
		unsigned first, last;
	} ranges[] = {{0xad, 0xad}, {0x34f, 0x34f}, {0x61c, 0x61c}, {0x115f, 0x1160},
		{0x17b4, 0x17b5}, {0x180b, 0x180f}, {0x200b, 0x200f}, {0x202a, 0x202e},
		{0x2060, 0x206f}, {0x3164, 0x3164}, {0xfe00, 0xfe0f}, {0xfeff, 0xfeff},
		{0xffa0, 0xffa0}, {0xfff0, 0xfffb}, {0xe0000, 0xe0fff}};

	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
		if (ch >= ranges[i].first && ch <= ranges[i].last)
			return true;
	return false;
}

static enum err
clean_name(struct ctx *c, struct str s, struct str *out)
{
	unsigned characters = 0;
	bool blank = false;
	struct buf b;
	enum err e;

	buf_init(&b, &c->arena, 4 * CLIENT_NAME_MAX + 1);
	for (size_t at = 0; at < s.n && characters < CLIENT_NAME_MAX;) {
		unsigned ch = enc_utf8_next(s, &at);

		if (is_blank(ch)) {
			blank = b.n > 0;
			continue;
		}
		if (is_invisible(ch))
			continue;
		if (blank && ++characters < CLIENT_NAME_MAX)
			buf_putc(&b, ' ');
		blank = false;
		if (characters++ < CLIENT_NAME_MAX)
			enc_utf8_put(&b, ch);
	}
	e = buf_end(c, &b, out);
	if (!e)
		*out = str_trim(*out);
	return e;
}

/* ---- addresses --------------------------------------------------------------------------- */

/* Resolves it against base; "" for what is no address that can be used. */
static enum err
resolve(struct ctx *c, const struct url *base, struct str s, struct str *out)
{
	struct url u;
	enum err e = url_resolve(c, base, s, &u);

	*out = S("");
	if (e == ERR_URL) {
		err_clear(c);
		return OK;
	}
	*out = u.text;
	return e;
}

/* The same where nothing said is no reference to the document itself. */
static enum err
take_url(struct ctx *c, const struct url *base, struct str s, struct str *out)
{
	*out = S("");
	return str_empty(s) ? OK : resolve(c, base, s, out);
}

/* Schemes by which a browser runs code or opens something of its own. */
static bool
scheme_runs(struct str scheme)
{
	static const struct str schemes[] = {S_INIT("javascript"), S_INIT("data"), S_INIT("file"),
		S_INIT("vbscript"), S_INIT("blob"), S_INIT("about"), S_INIT("filesystem"),
		S_INIT("view-source")};

	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++)
		if (str_eqi(scheme, schemes[i]))
			return true;
	return false;
}

bool
client_redirect_plausible(struct str uri, struct str *scheme)
{
	for (size_t i = 0; i < uri.n; i++)
		if (uri.p[i] <= ' ' || uri.p[i] > '~' || uri.p[i] == '\\' || uri.p[i] == '#')
			return false;
	return uri_valid(uri, scheme) && !scheme_runs(*scheme);
}

static void
add_redirect(struct reader *r, struct str uri)
{
	struct str scheme;

	if (!r->own_host || r->n_redirects == CLIENT_REDIRECTS_MAX ||
		!client_redirect_plausible(uri, &scheme))
		return;
	if (r->n_redirects++ > 0)
		buf_putc(&r->redirects, ' ');
	buf_put(&r->redirects, uri);
}

/* One that may be relative: it stays as written, if it is not. */
static enum err
add_reference(struct reader *r, struct str s)
{
	struct str scheme, resolved;
	enum err e;

	if (uri_valid(s, &scheme)) {
		add_redirect(r, s);
		return OK;
	}
	e = resolve(r->c, &r->base, s, &resolved);
	if (!e)
		add_redirect(r, resolved);
	return e;
}

/* ---- the Link header (RFC 8288 section 3) ------------------------------------------------ */

/* Takes a quoted string or a token off the front of *s; what it is worth. */
static struct str
take_value(struct str *s)
{
	size_t n = 0;
	struct str value;

	if (s->n > 0 && s->p[0] == '"') {
		for (n = 1; n < s->n && s->p[n] != '"'; n++)
			n += s->p[n] == '\\';
		value = str_sub(*s, 1, n);
		n++;
	} else {
		while (n < s->n && s->p[n] != ';' && s->p[n] != ',')
			n++;
		value = str_trim(str_sub(*s, 0, n));
	}
	*s = str_sub(*s, n, s->n);
	return value;
}

/* Reads the parameters behind a target, up to the comma: whether it is a link of that kind. */
static bool
link_is(struct str *s, struct str rel)
{
	bool seen = false, found = false, other = false;

	while (s->n > 0 && s->p[0] != ',') {
		struct str name, value = S("");
		size_t n = 0;

		while (n < s->n && s->p[n] != '=' && s->p[n] != ';' && s->p[n] != ',')
			n++;
		name = str_trim(str_sub(*s, 0, n));
		*s = str_sub(*s, n, s->n);
		if (s->n > 0 && s->p[0] == '=') {
			*s = str_sub(*s, 1 + (s->n > 1 && s->p[1] == ' '), s->n);
			value = take_value(s);
		}
		if (str_eqi(name, S("rel")) && !seen) {
			seen = true;
			found = str_has_word(value, rel);
		}
		other = other || str_eqi(name, S("anchor"));
		/* What is left before the next mark belongs to nothing. */
		*s = str_sub(*s, s->n > 0 && s->p[0] == ';', s->n);
	}
	return found && !other;
}

static enum err
read_links(struct reader *r)
{
	struct str s = r->got->link;
	enum err e = OK;

	while (!e && (s = str_trim(s)).n > 0) {
		size_t end = str_find(s, '>', 0);
		struct str target = str_sub(s, 1, end);
		bool good = s.p[0] == '<' && end < s.n;

		s = good ? str_sub(s, end + 1, s.n) : s;
		if (good && s.n > 0 && s.p[0] != ',')
			good = link_is(&s, S("redirect_uri"));
		else
			good = false;
		if (good)
			e = add_reference(r, str_trim(target));
		s = str_sub(s, str_find(s, ',', 0) + 1, s.n);
	}
	return e;
}

/* ---- the two kinds of documents ---------------------------------------------------------- */

static enum err
read_json(struct reader *r, enum fetch_problem *problem)
{
	const struct json *root, *uris;
	struct str url;
	enum err e = json_parse(r->c, r->got->body, &root);

	if (e && e != ERR_MEMORY) {
		err_clear(r->c);
		*problem = FETCH_DOCUMENT;
		return OK;
	}
	if (e)
		return e;
	if (!str_eq(json_str(json_find(root, S("client_id"))), r->client_id)) {
		*problem = FETCH_DOCUMENT;
		return OK;
	}
	url = json_str(json_find(root, S("client_uri")));
	if (!str_starts(r->client_id, url))
		url = S("");
	e = clean_name(r->c, json_str(json_find(root, S("client_name"))), &r->out->name);
	if (!e)
		e = take_url(r->c, &r->base, url, &r->out->url);
	if (!e)
		e = take_url(r->c, &r->base, json_str(json_find(root, S("logo_uri"))),
			&r->out->logo);
	uris = json_find(root, S("redirect_uris"));
	for (size_t i = 0; json_kind(uris) == JSON_ARRAY && i < json_len(uris); i++)
		add_redirect(r, json_str(json_at(uris, i)));
	return e;
}

static enum err
read_html(struct reader *r, enum fetch_problem *problem)
{
	struct app_page page;
	struct url base;
	enum err e = app_page_parse(r->c, r->got->body, &page);

	if (e == ERR_CONTENT_TOO_COMPLEX) {
		err_clear(r->c);
		*problem = FETCH_DOCUMENT;
		return OK;
	}
	if (!e && !str_empty(page.base)) {
		e = url_resolve(r->c, &r->base, page.base, &base);
		if (e == OK)
			r->base = base;
		else if (e == ERR_URL)
			e = OK;
		err_clear(r->c);
	}
	if (!e)
		e = clean_name(r->c, page.name, &r->out->name);
	if (!e)
		e = take_url(r->c, &r->base, page.url, &r->out->url);
	if (!e)
		e = take_url(r->c, &r->base, page.logo, &r->out->logo);
	for (size_t i = 0; !e && i < page.n_redirects; i++)
		e = add_reference(r, page.redirects[i]);
	return e;
}

/* "application/json; charset=utf-8" and the like. */
static bool
type_is_json(struct str type)
{
	type = str_trim(str_cut(&type, ';'));
	return str_eqi(type, S("application/json")) ||
	       (type.n > 5 && str_eqi(str_sub(type, type.n - 5, type.n), S("+json")));
}

static bool
type_is_html(struct str type)
{
	type = str_trim(str_cut(&type, ';'));
	return str_eqi(type, S("text/html")) || str_eqi(type, S("application/xhtml+xml"));
}

enum err
client_doc_parse(struct ctx *c, struct str client_id, const struct got *got,
	struct client_doc *out, enum fetch_problem *problem)
{
	struct reader r = {.c = c, .client_id = client_id, .got = got, .base = got->url, .out = out};
	struct url id;
	enum err e = url_parse(c, client_id, &id);

	*out = (struct client_doc){0};
	*problem = FETCH_OK;
	if (e)
		return e;
	r.own_host = str_eq(id.host, got->url.host) &&
		     (id.port == got->url.port || (!id.port_written && !got->url.port_written));
	buf_init(&r.redirects, &c->arena, REDIRECTS_BYTES);
	e = read_links(&r);
	if (e)
		return e;
	if (type_is_json(got->type))
		e = read_json(&r, problem);
	else if (type_is_html(got->type))
		e = read_html(&r, problem);
	else
		*problem = FETCH_TYPE;
	if (!e && *problem != FETCH_OK)
		*out = (struct client_doc){0};
	else if (!e)
		e = buf_end(c, &r.redirects, &out->redirect_uris);
	return e;
}

/* ---- on the way to the courier ----------------------------------------------------------- */

enum err
client_doc_put(struct ctx *c, const struct client_doc *doc, struct json *object)
{
	enum err e = json_set_str(c, object, S("name"), doc->name);

	if (!e)
		e = json_set_str(c, object, S("home"), doc->url);
	if (!e)
		e = json_set_str(c, object, S("logo"), doc->logo);
	if (!e)
		e = json_set_str(c, object, S("redirect_uris"), doc->redirect_uris);
	return e;
}

/* An address in the very form the gate gives it; "" otherwise. */
static enum err
take_exact(struct ctx *c, const struct json *object, struct str name, struct str *out)
{
	struct str s = json_str(json_find(object, name));
	struct url u;
	enum err e = str_empty(s) ? OK : url_parse(c, s, &u);

	*out = S("");
	if (e == ERR_URL) {
		err_clear(c);
		return OK;
	}
	if (!e && !str_empty(s) && str_eq(u.text, s))
		*out = u.text;
	return e;
}

enum err
client_doc_find(struct ctx *c, const struct json *object, struct client_doc *out)
{
	struct reader r = {.c = c, .own_host = true, .out = out};
	struct str uris = json_str(json_find(object, S("redirect_uris")));
	enum err e = clean_name(c, json_str(json_find(object, S("name"))), &out->name);

	if (!e)
		e = take_exact(c, object, S("home"), &out->url);
	if (!e)
		e = take_exact(c, object, S("logo"), &out->logo);
	buf_init(&r.redirects, &c->arena, REDIRECTS_BYTES);
	while (uris.p)
		add_redirect(&r, str_cut(&uris, ' '));
	return e ? e : buf_end(c, &r.redirects, &out->redirect_uris);
}
