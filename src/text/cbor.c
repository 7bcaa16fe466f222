/*
 * The reader of CBOR. Recursion is bounded by CBOR_MAX_DEPTH; a list is allocated only if the input
 * has at least a byte for each of its items.
 */
#include "text/cbor.h"

#include "base/enc.h"

enum { MAJOR_BYTES = 2, MAJOR_TEXT = 3, MAJOR_ARRAY = 4, MAJOR_MAP = 5, MAJOR_TAG = 6 };
enum { SIMPLE_FALSE = 20, SIMPLE_NULL = 22 };

struct reader {
	struct ctx *c;
	struct str text;
	size_t at;
	size_t items;	/* so far */
};

static enum err
bad(const struct reader *r, const char *what)
{
	return err_raise(r->c, ERR_BAD_ENCODING, "CBOR at byte %zu: %s", r->at, what);
}

/* The initial byte's argument, in 1, 2, 4 or 8 further bytes if it is that large. */
static enum err
argument_read(struct reader *r, unsigned info, uint64_t *out)
{
	static const uint64_t least[] = {24, 0x100, 0x10000, 0x100000000};
	size_t n;

	*out = info;
	if (info < 24)
		return OK;
	if (info > 27)
		return bad(r, "an indefinite or reserved length");
	n = (size_t)1 << (info - 24);
	if (r->text.n - r->at < n)
		return bad(r, "cut short");
	for (*out = 0; n > 0; n--)
		*out = *out << 8 | (unsigned char)r->text.p[r->at++];
	return *out < least[info - 24] ? bad(r, "a number that is not in its shortest form") : OK;
}

static bool
same_name(const struct cbor *a, const struct cbor *b)
{
	return a->kind == b->kind && a->n == b->n && str_eq(a->s, b->s);
}

/* The i-th name of a map: a number or a text, and none of those before. */
static enum err
name_check(const struct reader *r, const struct cbor *items, size_t i)
{
	const struct cbor *name = &items[2 * i];

	if (name->kind != CBOR_UINT && name->kind != CBOR_NINT && name->kind != CBOR_TEXT)
		return bad(r, "a name that is neither a number nor a text");
	for (size_t k = 0; k < i; k++)
		if (same_name(&items[2 * k], name))
			return bad(r, "a name given twice");
	return OK;
}

static enum err item_read(struct reader *r, int depth, struct cbor *out);

static enum err
list_read(struct reader *r, int depth, struct cbor *out)
{
	bool map = out->kind == CBOR_MAP;
	struct cbor *items;
	uint64_t n = map ? 2 * out->n : out->n;
	enum err err = OK;

	if (depth >= CBOR_MAX_DEPTH)
		return bad(r, "nested too deeply");
	if (out->n > CBOR_MAX_ITEMS || n > r->text.n - r->at || n > CBOR_MAX_ITEMS - r->items)
		return bad(r, "more items than there can be");
	items = ctx_calloc(r->c, n + 1, sizeof(*items));
	if (!items)
		return ERR_MEMORY;
	for (size_t i = 0; !err && i < n; i++) {
		err = item_read(r, depth + 1, &items[i]);
		if (!err && map && i % 2 == 0)
			err = name_check(r, items, i / 2);
	}
	out->items = items;
	return err;
}

static enum err
string_read(struct reader *r, struct cbor *out)
{
	if (out->n > r->text.n - r->at)
		return bad(r, "a string longer than the input");
	out->s = str_sub(r->text, r->at, r->at + (size_t)out->n);
	r->at += (size_t)out->n;
	if (out->kind == CBOR_TEXT && !enc_utf8_valid(out->s))
		return bad(r, "a text that is no UTF-8");
	return OK;
}

static enum err
item_read(struct reader *r, int depth, struct cbor *out)
{
	static const enum cbor_kind kinds[] = {
		CBOR_UINT, CBOR_NINT, CBOR_BYTES, CBOR_TEXT, CBOR_ARRAY, CBOR_MAP};
	unsigned major, info;
	enum err err;

	if (r->at >= r->text.n)
		return bad(r, "cut short");
	if (++r->items > CBOR_MAX_ITEMS)
		return bad(r, "too many items");
	major = (unsigned char)r->text.p[r->at] >> 5;
	info = (unsigned char)r->text.p[r->at++] & 31;
	if (major == MAJOR_TAG)
		return bad(r, "a tag");
	if (major > MAJOR_TAG) {
		*out = (struct cbor){.kind = CBOR_SIMPLE, .n = info};
		return info < SIMPLE_FALSE || info > SIMPLE_NULL
			? bad(r, "a floating-point number or an unknown simple value") : OK;
	}
	*out = (struct cbor){.kind = kinds[major]};
	err = argument_read(r, info, &out->n);
	if (!err && (major == MAJOR_BYTES || major == MAJOR_TEXT))
		err = string_read(r, out);
	if (!err && (major == MAJOR_ARRAY || major == MAJOR_MAP))
		err = list_read(r, depth, out);
	return err;
}

enum err
cbor_parse(struct ctx *c, struct str text, struct cbor *out, size_t *used)
{
	struct reader r = {.c = c, .text = text};
	enum err err;

	*used = 0;
	if (text.n > CBOR_MAX_BYTES)
		return bad(&r, "too long");
	err = item_read(&r, 0, out);
	*used = r.at;
	return err;
}

bool
cbor_is_int(const struct cbor *v, int64_t n)
{
	if (!v)
		return false;
	return n >= 0 ? v->kind == CBOR_UINT && v->n == (uint64_t)n
		      : v->kind == CBOR_NINT && v->n == (uint64_t)(-1 - n);
}

const struct cbor *
cbor_find_int(const struct cbor *map, int64_t name)
{
	for (size_t i = 0; map && map->kind == CBOR_MAP && i < map->n; i++)
		if (cbor_is_int(&map->items[2 * i], name))
			return &map->items[2 * i + 1];
	return NULL;
}

const struct cbor *
cbor_find(const struct cbor *map, struct str name)
{
	for (size_t i = 0; map && map->kind == CBOR_MAP && i < map->n; i++)
		if (map->items[2 * i].kind == CBOR_TEXT && str_eq(map->items[2 * i].s, name))
			return &map->items[2 * i + 1];
	return NULL;
}

struct str
cbor_bytes(const struct cbor *v)
{
	return v && v->kind == CBOR_BYTES ? v->s : (struct str){0};
}
