/*
 * Public test vectors: JSON files of tests/fixtures, whose binary members are hexadecimal.
 */
#ifndef UNIT_VECTOR_FIXTURE_H
#define UNIT_VECTOR_FIXTURE_H

#include "base/enc.h"
#include "fixture.h"

#include <json-c/json.h>

/* The file's value; for json_object_put(). */
static inline json_object *
vectors_read(const char *name)
{
	struct str text = fixture_read(name);
	json_object *o = json_tokener_parse(text.p);

	fixture_free(text);
	if (!o)
		abort();
	return o;
}

static inline json_object *
vector_member(json_object *o, const char *name)
{
	return json_object_object_get(o, name);
}

static inline const char *
vector_text(json_object *o, const char *name)
{
	return json_object_get_string(vector_member(o, name));
}

/* A hexadecimal text as bytes, in c's arena. */
static inline struct str
vector_hex(struct ctx *c, const char *hex)
{
	size_t n = hex ? strlen(hex) / 2 : 0;
	char *p = ctx_alloc(c, n + 1);

	if (!hex || !p || !enc_hex_parse(str_z(hex), p, n))
		abort();
	return str_n(p, n);
}

static inline struct str
vector_bytes(struct ctx *c, json_object *o, const char *name)
{
	return vector_hex(c, vector_text(o, name));
}

#endif
