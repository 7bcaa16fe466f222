/*
 * The request target (RFC 9110 section 7.1): cut into path and query, the path into segments, each
 * decoded exactly once. What could name something else to another reader (dot segments, encoded
 * slashes, backslashes, a leading "//") is not found; slashes too many only make a path
 * non-canonical, and then the spelling it should have had is written down. The query stays as sent.
 */
#include "http/priv.h"

#include "base/enc.h"

enum { CANONICAL_MAX = 3 * REQ_MAX_URI + REQ_MAX_SEGMENTS };

/* True if every "%" of s begins a triplet. */
static bool
triplets_valid(struct str s)
{
	char byte;

	for (size_t i = str_find(s, '%', 0); i < s.n; i = str_find(s, '%', i + 3))
		if (!enc_hex_parse(str_sub(s, i + 1, i + 3), &byte, 1))
			return false;
	return true;
}

enum err
http_decode(struct ctx *c, struct str s, bool plus, struct str *out)
{
	*out = s;
	if (str_find(s, '%', 0) < s.n || (plus && str_find(s, '+', 0) < s.n)) {
		if (!triplets_valid(s))
			return err_raise(c, ERR_BAD_ENCODING, "broken percent sequence");
		if (!enc_percent_parse(&c->arena, s, plus, out))
			return err_memory(c);
	}
	if (str_find(*out, '\0', 0) < out->n)
		return err_raise(c, ERR_BAD_ENCODING, "a NUL in decoded text");
	if (!enc_utf8_valid(*out))
		return err_raise(c, ERR_BAD_ENCODING, "decoded text is not UTF-8");
	return OK;
}

static enum err
segment_add(struct ctx *c, struct req *q, struct str raw)
{
	struct str s;
	enum err err;

	if (q->n_segments == REQ_MAX_SEGMENTS)
		return err_raise(c, ERR_NOT_FOUND, "more than %d path segments", REQ_MAX_SEGMENTS);
	err = http_decode(c, raw, false, &s);
	if (err)
		return err;
	if (str_eq(s, S(".")) || str_eq(s, S("..")))
		return err_raise(c, ERR_NOT_FOUND, "dot segment in the path");
	if (str_find(s, '/', 0) < s.n || str_find(s, '\\', 0) < s.n)
		return err_raise(c, ERR_NOT_FOUND, "encoded slash or a backslash in the path");
	q->segments[q->n_segments++] = s;
	return OK;
}

static enum err
canonical_write(struct ctx *c, struct req *q)
{
	struct buf b;

	buf_init(&b, &c->arena, CANONICAL_MAX);
	for (size_t i = 0; i < q->n_segments; i++) {
		buf_putc(&b, '/');
		enc_percent(&b, q->segments[i], S(""));
	}
	if (q->n_segments == 0)
		buf_putc(&b, '/');
	return buf_end(c, &b, &q->canonical_path);
}

static enum err
segments_split(struct ctx *c, struct req *q)
{
	struct str rest = str_sub(q->path, 1, q->path.n);

	if (str_starts(q->path, S("//")))
		return err_raise(c, ERR_NOT_FOUND, "the path begins with two slashes");
	while (rest.p) {
		struct str part = str_cut(&rest, '/');
		enum err err = OK;

		if (str_empty(part))
			q->canonical = false;
		else
			err = segment_add(c, q, part);
		if (err)
			return err;
	}
	return q->canonical ? OK : canonical_write(c, q);
}

/* What follows the authority of "http://host/path?query"; s itself if it has none. */
static struct str
authority_cut(struct str s)
{
	size_t slashes = str_search(s, S("://"), 0);
	struct str scheme = str_sub(s, 0, slashes);
	size_t at;

	if (!str_eqi(scheme, S("http")) && !str_eqi(scheme, S("https")))
		return s;
	for (at = slashes + 3; at < s.n && s.p[at] != '/' && s.p[at] != '?'; at++)
		;
	return at < s.n ? str_sub(s, at, s.n) : S("/");
}

/* True if a byte is a space or a control character: no client may send these unencoded. */
static bool
has_controls(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] <= ' ' || s.p[i] == 0x7f)
			return true;
	return false;
}

enum err
req_target_parse(struct ctx *c, struct req *q)
{
	struct str target = authority_cut(q->uri);
	size_t mark = str_find(target, '?', 0);

	q->canonical = true;
	q->path = str_sub(target, 0, mark);
	q->query = str_sub(target, mark + 1, target.n);
	if (q->uri.n > REQ_MAX_URI)
		return err_raise(c, ERR_URI_TOO_LONG, "request target of %zu bytes", q->uri.n);
	if (mark == 0 && target.n < q->uri.n)
		q->path = S("/");
	if (!str_starts(q->path, S("/")) || has_controls(q->uri))
		return err_raise(c, ERR_BAD_REQUEST, "the request target is not a path");
	return segments_split(c, q);
}

enum err
req_query_check(struct ctx *c, const struct req *q)
{
	if (!triplets_valid(q->query))
		return err_raise(c, ERR_BAD_ENCODING, "broken percent sequence in the query");
	if (str_search(q->query, S("%00"), 0) < q->query.n)
		return err_raise(c, ERR_BAD_ENCODING, "a NUL in the query");
	return OK;
}
