/*
 * The gate for addresses. What stands before the path is judged here, since it decides who is
 * asked; uriparser judges the rest and takes away what is spelt in more than one way.
 */
#include "net/url.h"

#include "base/enc.h"

#include <arpa/inet.h>
#include <idn2.h>
#include <uriparser/Uri.h>

enum { HOST_MAX = 253, LABEL_MAX = 63 };

static enum err
refuse(struct ctx *c, const char *what)
{
	return err_raise_hint(c, ERR_URL, "%s", what);
}

/* ---- characters -------------------------------------------------------------------------- */

static bool
is_alpha(char ch)
{
	return (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z');
}

static bool
is_digit(char ch)
{
	return ch >= '0' && ch <= '9';
}

static bool
is_ascii(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] >= 0x80)
			return false;
	return true;
}

static enum err
check_characters(struct ctx *c, struct str s)
{
	if (s.n > URL_MAX)
		return refuse(c, "it is longer than 2048 bytes");
	if (!enc_utf8_valid(s))
		return refuse(c, "it is not valid UTF-8");
	for (size_t i = 0; i < s.n; i++) {
		if ((unsigned char)s.p[i] <= ' ' || s.p[i] == 0x7f)
			return refuse(c, "it has a blank or a control character in it");
		if (s.p[i] == '\\')
			return refuse(c, "it has a backslash in it");
	}
	if (str_search(s, S("%00"), 0) < s.n)
		return refuse(c, "it has an encoded NUL in it");
	return OK;
}

static void
put_lower(struct buf *b, struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		buf_putc(b, s.p[i] >= 'A' && s.p[i] <= 'Z' ? (char)(s.p[i] + 32) : s.p[i]);
}

/* s with what is not ASCII percent-encoded. */
static void
put_ascii(struct buf *b, struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if ((unsigned char)s.p[i] < 0x80)
			buf_putc(b, s.p[i]);
		else
			buf_printf(b, "%%%02X", (unsigned char)s.p[i]);
	}
}

/* ---- the host ---------------------------------------------------------------------------- */

/* Decimal, or hexadecimal behind 0x: what the resolver takes for a part of an address. */
static bool
is_number(struct str label)
{
	bool hex = label.n >= 2 && label.p[0] == '0' && (label.p[1] | 32) == 'x';

	for (size_t i = hex ? 2 : 0; i < label.n; i++)
		if (!is_digit(label.p[i]) && !(hex && strchr("abcdefABCDEF", label.p[i])))
			return false;
	return label.n > 0;
}

static bool
label_valid(struct str label)
{
	if (label.n == 0 || label.n > LABEL_MAX || label.p[0] == '-' || label.p[label.n - 1] == '-')
		return false;
	for (size_t i = 0; i < label.n; i++)
		if (!is_alpha(label.p[i]) && !is_digit(label.p[i]) && label.p[i] != '-' &&
			label.p[i] != '_')
			return false;
	return true;
}

/* The ASCII form of a name; also checks one that is in it already. */
static enum err
name_to_ascii(struct ctx *c, struct str name, struct str *out)
{
	struct str z;
	char *ascii = NULL;
	enum err e = ctx_str(c, name, &z);

	if (e)
		return e;
	/* The library's type for UTF-8 is a pointer to unsigned bytes. */
	if (idn2_lookup_u8((const uint8_t *)z.p, (uint8_t **)&ascii,
		    IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL) != IDN2_OK)
		return refuse(c, "its host is no domain name");
	e = ctx_str(c, str_z(ascii), out);
	idn2_free(ascii);
	return e;
}

/* 127.1, 0x7f.0.0.1, 2130706433: all the same to those who connect. */
static enum err
host_v4(struct ctx *c, struct str host, struct url *out)
{
	char dotted[INET_ADDRSTRLEN];
	struct in_addr address;
	struct str z;
	enum err e = ctx_str(c, host, &z);

	if (e)
		return e;
	if (inet_aton(z.p, &address) != 1 ||
		!inet_ntop(AF_INET, &address, dotted, sizeof(dotted)))
		return refuse(c, "its host is no IP address, though it looks like one");
	out->kind = URL_IPV4;
	return ctx_str(c, str_z(dotted), &out->host);
}

static enum err
host_v6(struct ctx *c, struct str host, struct url *out)
{
	char text[INET6_ADDRSTRLEN];
	struct in6_addr address;
	struct str z;
	enum err e = ctx_str(c, str_sub(host, 1, host.n - 1), &z);

	if (e)
		return e;
	if (inet_pton(AF_INET6, z.p, &address) != 1 ||
		!inet_ntop(AF_INET6, &address, text, sizeof(text)))
		return refuse(c, "its host is no IPv6 address");
	out->kind = URL_IPV6;
	return ctx_printf(c, &out->host, "[%s]", text);
}

static enum err
host_name(struct ctx *c, struct str host, struct url *out)
{
	struct str rest, last = {0};
	struct buf b;
	enum err e;

	if (!is_ascii(host) || str_search(host, S("xn--"), 0) < host.n ||
		str_search(host, S("XN--"), 0) < host.n) {
		e = name_to_ascii(c, host, &host);
		if (e)
			return e;
	}
	if (host.n > HOST_MAX)
		return refuse(c, "its host is too long");
	for (rest = host; rest.p;) {
		last = str_cut(&rest, '.');
		if (!label_valid(last))
			return refuse(c, "its host is no domain name");
	}
	if (is_number(last))
		return host_v4(c, host, out);
	buf_init(&b, &c->arena, HOST_MAX + 1);
	put_lower(&b, host);
	out->kind = URL_NAME;
	return buf_end(c, &b, &out->host);
}

static enum err
parse_port(struct ctx *c, struct str s, struct url *out)
{
	unsigned long long port;

	if (s.n > 5 || !str_u64(s, 65535, &port) || port == 0)
		return refuse(c, "its port is not a number between 1 and 65535");
	out->port = (unsigned)port;
	out->port_written = true;
	return OK;
}

static enum err
parse_authority(struct ctx *c, struct str s, struct url *out)
{
	bool v6 = s.n > 0 && s.p[0] == '[';
	size_t end = str_find(s, v6 ? ']' : ':', 0);
	struct str host, port;
	enum err e = OK;

	if (str_find(s, '@', 0) < s.n)
		return refuse(c, "it names a user");
	if (v6)
		end++;
	host = str_sub(s, 0, end);
	port = str_sub(s, end, s.n);
	if (str_empty(host))
		return refuse(c, "it has no host");
	if (end > s.n || (port.n > 0 && port.p[0] != ':'))
		return refuse(c, "its host is no IPv6 address");
	if (port.n > 0)
		e = parse_port(c, str_sub(port, 1, port.n), out);
	if (e)
		return e;
	e = v6 ? host_v6(c, host, out) : host_name(c, host, out);
	out->host_exact = str_eq(host, out->host);
	return e;
}

/* ---- the rest ---------------------------------------------------------------------------- */

/* Length of the dot that stands there, encoded or not; 0: there is none. */
static size_t
dot_at(struct str segment, size_t at)
{
	if (at < segment.n && segment.p[at] == '.')
		return 1;
	return str_eqi(str_sub(segment, at, at + 3), S("%2e")) ? 3 : 0;
}

static bool
has_dots(struct str path)
{
	while (path.p) {
		struct str segment = str_cut(&path, '/');
		size_t n = dot_at(segment, 0);

		if (n > 0 && (n == segment.n || n + dot_at(segment, n) == segment.n))
			return true;
	}
	return false;
}

/*
 * What follows the authority, "/" at least, as uriparser normalises it: behind a host of our own,
 * since it writes IPv6 addresses in a form of its own.
 */
static enum err
normalise(struct ctx *c, struct str tail, struct str *out)
{
	static const struct str head = S_INIT("http://h");
	const char *bad;
	char room[4 * URL_MAX];
	struct str text;
	bool good;
	UriUriA uri;
	enum err e = ctx_printf(c, &text, "%.*s%.*s", STR(head), STR(tail));

	if (e)
		return e;
	if (uriParseSingleUriExA(&uri, text.p, text.p + text.n, &bad) != URI_SUCCESS)
		return refuse(c, "it is not well-formed");
	good = uriNormalizeSyntaxExA(&uri, URI_NORMALIZE_PATH | URI_NORMALIZE_QUERY |
			       URI_NORMALIZE_FRAGMENT) == URI_SUCCESS &&
	       uriToStringA(room, &uri, sizeof(room), NULL) == URI_SUCCESS;
	uriFreeUriMembersA(&uri);
	if (!good)
		return refuse(c, "it cannot be normalised");
	return ctx_str(c, str_sub(str_z(room), head.n, sizeof(room)), out);
}

/* The texts, of what has been found out so far and of what follows the authority. */
static enum err
assemble(struct ctx *c, struct str tail, struct url *out)
{
	bool bare = tail.n == 0 || tail.p[0] != '/';
	bool usual = out->port == (out->scheme.n == 5 ? 443 : 80);
	struct buf b, exact;
	size_t head;
	enum err e;

	buf_init(&exact, &c->arena, 4 * URL_MAX);
	buf_printf(&exact, "%.*s://%.*s", STR(out->scheme), STR(out->host));
	buf_init(&b, &c->arena, 4 * URL_MAX);
	buf_put(&b, buf_str(&exact));
	if (out->port_written)
		buf_printf(&exact, ":%u", out->port);
	if (!usual)
		buf_printf(&b, ":%u", out->port);
	head = exact.n;
	buf_puts(&exact, bare ? "/" : "");
	put_ascii(&exact, tail);
	e = buf_end(c, &exact, &out->exact);
	if (!e && out->exact.n > URL_MAX)
		e = refuse(c, "it is longer than 2048 bytes");
	if (!e)
		e = normalise(c, str_sub(out->exact, head, out->exact.n), &tail);
	head = b.n;
	buf_put(&b, tail);
	if (!e)
		e = buf_end(c, &b, &out->text);
	if (e)
		return e;
	out->fragment = str_sub(out->text, head, out->text.n);
	out->query = str_cut(&out->fragment, '#');
	out->path = str_cut(&out->query, '?');
	return OK;
}

enum err
url_parse(struct ctx *c, struct str text, struct url *out)
{
	bool tls = str_eqi(str_sub(text, 0, 8), S("https://"));
	struct str tail;
	size_t n = 0;
	enum err e = check_characters(c, text);

	*out = (struct url){0};
	if (e)
		return e;
	if (!tls && !str_eqi(str_sub(text, 0, 7), S("http://")))
		return refuse(c, "it does not begin with https:// or http://");
	out->scheme = tls ? S("https") : S("http");
	out->port = tls ? 443 : 80;
	tail = str_sub(text, tls ? 8 : 7, text.n);
	while (n < tail.n && !strchr("/?#", tail.p[n]))
		n++;
	e = parse_authority(c, str_sub(tail, 0, n), out);
	if (e)
		return e;
	tail = str_sub(tail, n, tail.n);
	for (n = 0; n < tail.n && !strchr("?#", tail.p[n]); n++)
		continue;
	out->dots = has_dots(str_sub(tail, 0, n));
	return assemble(c, tail, out);
}

/* ---- references -------------------------------------------------------------------------- */

/* The scheme that s begins with; empty: none. */
static struct str
scheme_of(struct str s)
{
	size_t n = 0;

	if (s.n == 0 || !is_alpha(s.p[0]))
		return S("");
	while (n < s.n && (is_alpha(s.p[n]) || is_digit(s.p[n]) || s.p[n] == '+' ||
				  s.p[n] == '-' || s.p[n] == '.'))
		n++;
	return n < s.n && s.p[n] == ':' ? str_sub(s, 0, n) : S("");
}

/* A reference without scheme and host, merged into base. */
static enum err
merge(struct ctx *c, const struct url *base, struct str reference, struct str *out)
{
	UriUriA from, relative, whole;
	const char *bad;
	char room[4 * URL_MAX];
	bool good;

	if (uriParseSingleUriExA(&relative, reference.p, reference.p + reference.n, &bad) !=
		URI_SUCCESS)
		return refuse(c, "it is not well-formed");
	good = uriParseSingleUriExA(&from, base->text.p, base->text.p + base->text.n, &bad) ==
		URI_SUCCESS;
	if (good) {
		good = uriAddBaseUriExA(&whole, &relative, &from, URI_RESOLVE_STRICTLY) ==
			URI_SUCCESS;
		good = good && uriToStringA(room, &whole, sizeof(room), NULL) == URI_SUCCESS;
		uriFreeUriMembersA(&whole);
		uriFreeUriMembersA(&from);
	}
	uriFreeUriMembersA(&relative);
	return good ? ctx_str(c, str_z(room), out) : refuse(c, "it cannot be resolved");
}

enum err
url_resolve(struct ctx *c, const struct url *base, struct str reference, struct url *out)
{
	struct str whole = reference;
	struct buf b;
	enum err e = check_characters(c, reference);

	*out = (struct url){0};
	if (!e && !str_empty(scheme_of(reference)))
		return url_parse(c, reference, out);
	if (!e && str_starts(reference, S("//"))) {
		e = ctx_printf(c, &whole, "%.*s:%.*s", STR(base->scheme), STR(reference));
		return e ? e : url_parse(c, whole, out);
	}
	buf_init(&b, &c->arena, 4 * URL_MAX);
	put_ascii(&b, reference);
	if (!e)
		e = buf_end(c, &b, &whole);
	if (!e)
		e = merge(c, base, whole, &whole);
	return e ? e : url_parse(c, whole, out);
}

/* ---- questions --------------------------------------------------------------------------- */

bool
url_same_origin(const struct url *a, const struct url *b)
{
	return str_eq(a->scheme, b->scheme) && str_eq(a->host, b->host) && a->port == b->port;
}

bool
url_is_loopback(const struct url *u)
{
	switch (u->kind) {
	case URL_IPV4:
		return str_starts(u->host, S("127."));
	case URL_IPV6:
		return str_eq(u->host, S("[::1]"));
	default:
		return str_eq(u->host, S("localhost")) || str_ends(u->host, S(".localhost"));
	}
}

bool
uri_valid(struct str text, struct str *scheme)
{
	const char *bad;
	UriUriA uri;

	*scheme = scheme_of(text);
	if (str_empty(*scheme) || text.n > URL_MAX || !is_ascii(text) ||
		uriParseSingleUriExA(&uri, text.p, text.p + text.n, &bad) != URI_SUCCESS)
		return false;
	uriFreeUriMembersA(&uri);
	return true;
}
