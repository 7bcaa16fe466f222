/*
 * tables/routes.def as an array in the table's order, and the matching of decoded segments against
 * patterns. A table of this size needs no tree: each row is refused by its first differing byte.
 */
#include "http/route.h"

#include "base/enc.h"

#include <assert.h>

#define M(m) (1u << METHOD_##m)
#define WITH_IMPLIED(methods) ((methods) | ((methods)&M(GET) ? M(HEAD) : 0u) | M(OPTIONS))

static const struct route_row rows[ROUTE__MAX] = {
#define ROUTE(sym, name_, pattern_, methods_, gate_, cache_, access_, body_, handler_, doc_)       \
	[ROUTE_##sym] = {ROUTE_##sym, name_, pattern_, WITH_IMPLIED(methods_), ROUTE_GATE_##gate_, \
		ROUTE_CACHE_##cache_, ROUTE_ACCESS_##access_, ROUTE_BODY_##body_, doc_},
#include "tables/routes.def"
#undef ROUTE
};

const struct route_row *
route_row(enum route r)
{
	assert((size_t)r < ROUTE__MAX);
	return r == ROUTE_NONE ? NULL : &rows[r];
}

static bool
is_number(struct str s)
{
	unsigned long long v;

	return str_u64(s, 99999999, &v);
}

static bool
is_type_path(struct str s)
{
	static const struct str paths[] = {
#define TYPE(type, path, plural, singular) S_INIT(path),
#include "tables/types.def"
#undef TYPE
	};

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		if (str_eq(s, paths[i]))
			return true;
	return false;
}

static bool
is_feed_format(struct str s)
{
	static const struct str extensions[] = {
#define FEED(sym, extension, type, others, version, name, writer) S_INIT(extension),
#include "tables/feeds.def"
#undef FEED
	};

	for (size_t i = 0; i < sizeof(extensions) / sizeof(extensions[0]); i++)
		if (str_eq(s, extensions[i]))
			return true;
	return false;
}

/* True if what stands between a pattern's braces takes the segment. */
static bool
takes(struct str name, struct str segment)
{
	if (str_eq(name, S("type")))
		return is_type_path(segment);
	if (str_eq(name, S("format")))
		return is_feed_format(segment);
	if (str_eq(name, S("yyyy")) || str_eq(name, S("mm")) || str_eq(name, S("dd")))
		return segment.n == name.n && is_number(segment);
	return true;
}

/*
 * True if a part of a pattern, "note", "{slug}" or "feed.{format}", takes the segment; *arg is what its
 * braces took, p NULL if it has none.
 */
static bool
part_matches(struct str part, struct str segment, struct str *arg)
{
	size_t brace = str_find(part, '{', 0);

	*arg = (struct str){0};
	if (brace == part.n)
		return str_eq(part, segment);
	if (!str_eq(str_sub(part, 0, brace), str_sub(segment, 0, brace)))
		return false;
	*arg = str_sub(segment, brace, segment.n);
	return takes(str_sub(part, brace + 1, part.n - 1), *arg);
}

/* True if the pattern fits the segments; q->args then holds what its {…} took. */
static bool
pattern_matches(const char *pattern, struct req *q)
{
	struct str rest = str_z(pattern + 1);
	size_t taken = 0, i = 0;

	memset(q->args, 0, sizeof(q->args));
	if (str_empty(rest))
		return q->n_segments == 0;
	for (; rest.p && i < q->n_segments; i++) {
		struct str arg;

		if (!part_matches(str_cut(&rest, '/'), q->segments[i], &arg))
			return false;
		assert(taken < sizeof(q->args) / sizeof(q->args[0]) || !arg.p);
		if (arg.p)
			q->args[taken++] = arg;
	}
	return !rest.p && i == q->n_segments;
}

enum err
route_find(struct ctx *c, struct req *q, const struct route_row **out)
{
	bool reading = q->method == METHOD_GET || q->method == METHOD_HEAD;
	const struct route_row *row = NULL;

	*out = NULL;
	for (int r = ROUTE_NONE + 1; r < ROUTE__MAX && !row; r++)
		if (pattern_matches(rows[r].pattern, q))
			row = &rows[r];
	if (!row || (!q->canonical && !reading))
		return err_raise(c, ERR_NOT_FOUND, "no route");
	q->facts->route = row->route;
	*out = row;
	if (!(row->methods & (1u << q->method)))
		return err_raise(c, ERR_METHOD_NOT_ALLOWED, "%s on route %s",
			facts_method_name(q->method), row->name);
	return OK;
}

static void
methods_put(struct buf *b, unsigned methods)
{
	size_t before = b->n;

	for (int m = 0; m < METHOD_UNKNOWN; m++) {
		if (!(methods & (1u << m)))
			continue;
		if (b->n > before)
			buf_puts(b, ", ");
		buf_puts(b, facts_method_name((enum method)m));
	}
}

enum err
route_allow(struct ctx *c, const struct route_row *row, struct str *out)
{
	struct buf b;

	buf_init(&b, &c->arena, 128);
	methods_put(&b, row->methods);
	return buf_end(c, &b, out);
}

/* ---- the reference ------------------------------------------------------------------------- */

static const char *
gate_text(enum route_gate gate)
{
	static const char *const texts[] = {
		[ROUTE_GATE_NONE] = "",
		[ROUTE_GATE_LOGIN] = "A form of it carries a token that is bound to a cookie of the browser.\n",
		[ROUTE_GATE_TOKEN] = "Needs an access token.\n",
		[ROUTE_GATE_ADMIN] = "Needs the owner's session, or a token of scope admin.\n",
		[ROUTE_GATE_SESSION] =
			"Needs the owner's session; without it, redirects to sign in.\n",
	};

	return texts[gate];
}

static const char *
cache_text(enum route_cache cache)
{
	static const char *const texts[] = {
		[ROUTE_CACHE_PAGE] = "Cacheable, to be revalidated each time; has an entity tag.",
		[ROUTE_CACHE_LIST] = "Cacheable, to be revalidated each time; has an entity tag.",
		[ROUTE_CACHE_STREAM] =
			"Cacheable, to be revalidated each time; sent as it is made.",
		[ROUTE_CACHE_NO] = "Not cacheable.",
	};

	return texts[cache];
}

static void
docs_mdoc(struct buf *b, const struct route_row *row)
{
	buf_puts(b, ".It Pa ");
	enc_mdoc(b, str_z(row->pattern));
	buf_puts(b, "\n.Pq ");
	methods_put(b, row->methods);
	buf_puts(b, "\n");
	enc_mdoc(b, str_z(row->doc));
	buf_printf(b, "\n%s%s\n", gate_text(row->gate), cache_text(row->cache));
	if (row->body != ROUTE_BODY_NO)
		buf_puts(b, "Takes a body of up to\n.Ic max_body_size .\n");
	if (row->body == ROUTE_BODY_MEDIA)
		buf_puts(b, "Files in a multipart body have up to\n.Ic max_media_size .\n");
	buf_printf(b, "In metrics and logs:\n.Ql %s .\n", row->name);
}

void
route_docs(const char *format, struct buf *out)
{
	assert(str_eq(str_z(format), S("mdoc")));
	buf_puts(out, ".Bl -tag -width Ds\n");
	for (int r = ROUTE_NONE + 1; r < ROUTE__MAX; r++)
		docs_mdoc(out, &rows[r]);
	buf_puts(out, ".El\n");
}
