/*
 * JSON values as json-c keeps them. The text is judged by json_scan.c before json-c builds a tree
 * of it; duplicate names show in the built tree, which then has fewer members than the text.
 *
 * A struct json is json-c's object under another name. json-c writes null as a NULL pointer; here a
 * null that stands in the text is a value, and NULL is what is not there.
 */
#include "text/json.h"

#include "base/enc.h"
#include "text/priv.h"

/* json-c has types of these names; here they are functions. */
#define json_bool jsonc_bool
#define json_object jsonc_object
#include <json-c/json.h>
#undef json_bool
#undef json_object

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* Member i of a parsed object, so that json_member() need not walk; json-c keeps it as userdata. */
struct member {
	struct str name;
	struct jsonc_object *value;
};

static const char null_value;

/* json-c takes non-const pointers even where it only counts references or caches text. */
static struct jsonc_object *
node(const struct json *v)
{
	union {
		const struct json *in;
		struct jsonc_object *out;
	} u = {.in = v};

	return (const void *)v == (const void *)&null_value ? NULL : u.out;
}

static const struct json *
value(const struct jsonc_object *o)
{
	return o ? (const void *)o : (const void *)&null_value;
}

static void
put(void *p)
{
	(void)json_object_put(p);
}

/* ---- reading ------------------------------------------------------------------------------- */

/* Lists an object's members behind it; their number is taken from *members. */
static enum err
index_object(struct ctx *c, struct jsonc_object *o, size_t *members)
{
	size_t n = (size_t)json_object_object_length(o);
	struct lh_entry *entry;
	struct member *list;
	size_t i = 0;

	*members -= n;
	if (n == 0)
		return OK;
	list = ctx_calloc(c, n, sizeof(*list));
	if (!list)
		return ERR_MEMORY;
	lh_foreach(json_object_get_object(o), entry) list[i++] =
		(struct member){str_z(lh_entry_k(entry)), lh_entry_v(entry)};
	json_object_set_userdata(o, list, NULL);
	return OK;
}

/* Recursion is bounded by JSON_MAX_DEPTH. */
static enum err
index_tree(struct ctx *c, struct jsonc_object *o, size_t *members)
{
	struct lh_entry *entry;
	enum err e;

	if (json_object_is_type(o, json_type_array)) {
		for (size_t i = 0; i < json_object_array_length(o); i++) {
			e = index_tree(c, json_object_array_get_idx(o, i), members);
			if (e != OK)
				return e;
		}
		return OK;
	}
	if (!json_object_is_type(o, json_type_object))
		return OK;
	e = index_object(c, o, members);
	lh_foreach(json_object_get_object(o), entry) if (e == OK) e =
		index_tree(c, lh_entry_v(entry), members);
	return e;
}

/* A tree of text that json_scan() has passed and that has a NUL behind it. */
static enum err
build(struct ctx *c, struct str text, struct jsonc_object **out)
{
	struct json_tokener *tok = json_tokener_new_ex(JSON_MAX_DEPTH + 1);
	enum json_tokener_error problem;

	if (!tok)
		return err_memory(c);
	/* Not STRICT: json_scan() is stricter, and to json-c 0.18 each letter beyond ASCII is then an error. */
	json_tokener_set_flags(tok, JSON_TOKENER_VALIDATE_UTF8);
	/* With the NUL, or json-c would wait for more of a number that ends the text. */
	*out = json_tokener_parse_ex(tok, text.p, (int)text.n + 1);
	problem = json_tokener_get_error(tok);
	json_tokener_free(tok);
	if (problem != json_tokener_success)
		return err_raise(c, ERR_BAD_JSON, "json-c: %s", json_tokener_error_desc(problem));
	return ctx_defer(c, put, *out);
}

enum err
json_parse(struct ctx *c, struct str text, const struct json **out)
{
	struct jsonc_object *o = NULL;
	size_t members = 0;
	enum err e;

	if (text.n > JSON_MAX_BYTES)
		return err_raise(c, ERR_BODY_TOO_LARGE, "%zu bytes of JSON", text.n);
	e = ctx_str(c, text, &text);
	if (e == OK)
		e = json_scan(c, text, &members);
	if (e == OK)
		e = build(c, text, &o);
	if (e == OK)
		e = index_tree(c, o, &members);
	if (e != OK)
		return e;
	if (members != 0)
		return err_raise_hint(c, ERR_BAD_JSON, "a name appears twice in one object");
	*out = value(o);
	return OK;
}

enum json_kind
json_kind(const struct json *v)
{
	switch (json_object_get_type(node(v))) {
	case json_type_boolean:
		return JSON_BOOL;
	case json_type_int:
		return JSON_INT;
	case json_type_double:
		return JSON_DOUBLE;
	case json_type_string:
		return JSON_STRING;
	case json_type_array:
		return JSON_ARRAY;
	case json_type_object:
		return JSON_OBJECT;
	default:
		return JSON_NULL;
	}
}

struct str
json_str(const struct json *v)
{
	if (json_kind(v) != JSON_STRING)
		return S("");
	return str_n(json_object_get_string(node(v)), (size_t)json_object_get_string_len(node(v)));
}

int64_t
json_int(const struct json *v)
{
	return json_kind(v) == JSON_INT ? json_object_get_int64(node(v)) : 0;
}

double
json_double(const struct json *v)
{
	enum json_kind kind = json_kind(v);

	return kind == JSON_INT || kind == JSON_DOUBLE ? json_object_get_double(node(v)) : 0;
}

bool
json_bool(const struct json *v)
{
	return json_kind(v) == JSON_BOOL && json_object_get_boolean(node(v));
}

size_t
json_len(const struct json *v)
{
	enum json_kind kind = json_kind(v);

	if (kind == JSON_ARRAY)
		return json_object_array_length(node(v));
	return kind == JSON_OBJECT ? (size_t)json_object_object_length(node(v)) : 0;
}

const struct json *
json_at(const struct json *array, size_t i)
{
	if (json_kind(array) != JSON_ARRAY || i >= json_len(array))
		return NULL;
	return value(json_object_array_get_idx(node(array), i));
}

const struct json *
json_find(const struct json *object, struct str name)
{
	char key[128];
	struct jsonc_object *o;
	struct str each;
	const struct json *v;

	if (json_kind(object) != JSON_OBJECT)
		return NULL;
	if (name.n < sizeof(key) && str_find(name, '\0', 0) == name.n) {
		key[name.n] = '\0';
		if (name.n > 0)
			memcpy(key, name.p, name.n);
		return json_object_object_get_ex(node(object), key, &o) ? value(o) : NULL;
	}
	for (size_t i = 0; json_member(object, i, &each, &v); i++)
		if (str_eq(each, name))
			return v;
	return NULL;
}

bool
json_member(const struct json *object, size_t i, struct str *name, const struct json **out)
{
	const struct member *list;
	struct lh_entry *entry;

	if (json_kind(object) != JSON_OBJECT || i >= json_len(object))
		return false;
	list = json_object_get_userdata(node(object));
	if (list) {
		*name = list[i].name;
		*out = value(list[i].value);
		return true;
	}
	entry = lh_table_head(json_object_get_object(node(object)));
	while (i-- > 0)
		entry = lh_entry_next(entry);
	*name = str_z(lh_entry_k(entry));
	*out = value(lh_entry_v(entry));
	return true;
}

bool
json_equal(const struct json *a, const struct json *b)
{
	return json_object_equal(node(a), node(b));
}

/* ---- building ------------------------------------------------------------------------------ */

static enum err
made(struct ctx *c, struct jsonc_object *o, struct json **out)
{
	enum err e;

	if (!o)
		return err_memory(c);
	e = ctx_defer(c, put, o);
	if (e == OK)
		*out = (void *)o;
	return e;
}

enum err
json_object(struct ctx *c, struct json **out)
{
	return made(c, json_object_new_object(), out);
}

enum err
json_array(struct ctx *c, struct json **out)
{
	return made(c, json_object_new_array(), out);
}

/* Puts o, whose reference is taken over in any case, into the object. */
static enum err
set(struct ctx *c, struct json *object, struct str name, struct jsonc_object *o)
{
	struct str key;
	enum err e = ctx_str(c, name, &key);

	assert(json_kind(object) == JSON_OBJECT);
	json_object_set_userdata(node(object), NULL, NULL);
	if (e == OK && json_object_object_add(node(object), key.p, o) != 0)
		e = err_memory(c);
	if (e != OK)
		put(o);
	return e;
}

static enum err
push(struct ctx *c, struct json *array, struct jsonc_object *o)
{
	assert(json_kind(array) == JSON_ARRAY);
	if (json_object_array_add(node(array), o) == 0)
		return OK;
	put(o);
	return err_memory(c);
}

/* A string of valid UTF-8; json-c would write bad bytes as they are. */
static enum err
new_string(struct ctx *c, struct str s, struct jsonc_object **out)
{
	struct buf b;
	enum err e;

	if (!enc_utf8_valid(s)) {
		buf_init(&b, &c->arena, 3 * s.n);
		for (size_t at = 0; at < s.n;)
			enc_utf8_put(&b, enc_utf8_next(s, &at));
		e = buf_end(c, &b, &s);
		if (e != OK)
			return e;
	}
	*out = json_object_new_string_len(s.n > 0 ? s.p : "", (int)s.n);
	return *out ? OK : err_memory(c);
}

enum err
json_set(struct ctx *c, struct json *object, struct str name, const struct json *v)
{
	return set(c, object, name, json_object_get(node(v)));
}

enum err
json_set_str(struct ctx *c, struct json *object, struct str name, struct str v)
{
	struct jsonc_object *o = NULL;
	enum err e = new_string(c, v, &o);

	return e == OK ? set(c, object, name, o) : e;
}

enum err
json_set_int(struct ctx *c, struct json *object, struct str name, int64_t v)
{
	struct jsonc_object *o = json_object_new_int64(v);

	return o ? set(c, object, name, o) : err_memory(c);
}

enum err
json_set_double(struct ctx *c, struct json *object, struct str name, double v)
{
	struct jsonc_object *o;
	char text[40];

	if (!isfinite(v))
		return set(c, object, name, NULL);
	/* The shortest text that reads back as v: 0.1, not 0.10000000000000001. */
	for (int digits = 15; digits <= 17; digits++) {
		(void)snprintf(text, sizeof(text), "%.*g", digits, v);
		if (strtod(text, NULL) == v)
			break;
	}
	o = json_object_new_double_s(v, text);
	return o ? set(c, object, name, o) : err_memory(c);
}

enum err
json_set_bool(struct ctx *c, struct json *object, struct str name, bool v)
{
	struct jsonc_object *o = json_object_new_boolean(v);

	return o ? set(c, object, name, o) : err_memory(c);
}

enum err
json_push(struct ctx *c, struct json *array, const struct json *v)
{
	return push(c, array, json_object_get(node(v)));
}

enum err
json_push_str(struct ctx *c, struct json *array, struct str v)
{
	struct jsonc_object *o = NULL;
	enum err e = new_string(c, v, &o);

	return e == OK ? push(c, array, o) : e;
}

enum err
json_push_int(struct ctx *c, struct json *array, int64_t v)
{
	struct jsonc_object *o = json_object_new_int64(v);

	return o ? push(c, array, o) : err_memory(c);
}

enum err
json_write(struct ctx *c, const struct json *v, struct str *out)
{
	struct jsonc_object *o = node(v);
	const char *text;
	size_t n;

	if (!o)
		return ctx_str(c, S("null"), out);
	text = json_object_to_json_string_length(
		o, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, &n);
	return text ? ctx_str(c, str_n(text, n), out) : err_memory(c);
}
