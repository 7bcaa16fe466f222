/*
 * JSON (RFC 8259) over json-c, with the strictness that hostile input needs: one value and nothing
 * behind it, valid UTF-8 without U+0000 or lone surrogates, no duplicate names, no NaN, integers
 * that fit into int64_t and other numbers into double, at most 32 levels, 256 KiB and 4096 arrays
 * and objects. Numbers come back exactly as written (but an integer -0 as 0). A null in the text is
 * a value of kind JSON_NULL; a NULL pointer is the absence of one. A value belongs to c and lives
 * until ctx_reset(); it stays in one thread.
 */
#ifndef TEXT_JSON_H
#define TEXT_JSON_H

#include "base/buf.h"
#include "base/ctx.h"

struct json; /* any value */

enum json_kind {
	JSON_NULL,
	JSON_BOOL,
	JSON_INT,
	JSON_DOUBLE,
	JSON_STRING,
	JSON_ARRAY,
	JSON_OBJECT
};

enum { JSON_MAX_BYTES = 256 * 1024, JSON_MAX_DEPTH = 32, JSON_MAX_NODES = 4096 };

/* ERR_BAD_JSON with a hint that says where. ERR_BODY_TOO_LARGE above JSON_MAX_BYTES. */
MUST enum err json_parse(struct ctx *c, struct str text, const struct json **out);

enum json_kind json_kind(const struct json *v); /* NULL is JSON_NULL */
struct str json_str(const struct json *v);      /* of a string; empty for other kinds */
int64_t json_int(const struct json *v);         /* of an int; 0 for other kinds */
double json_double(const struct json *v);       /* of an int or double */
bool json_bool(const struct json *v);
size_t json_len(const struct json *v); /* of an array or object; 0 otherwise */
const struct json *json_at(const struct json *array, size_t i);           /* NULL beyond the end */
const struct json *json_find(const struct json *object, struct str name); /* NULL if absent */
/* The i-th member of an object in the order written. False beyond the last. */
bool json_member(const struct json *object, size_t i, struct str *name, const struct json **value);
/* Deep equality; numbers by value and kind. */
bool json_equal(const struct json *a, const struct json *b);

/*
 * Building. Values belong to c; json_set() and json_push() share v (it may stand in several
 * places).
 */
MUST enum err json_object(struct ctx *c, struct json **out);
MUST enum err json_array(struct ctx *c, struct json **out);
MUST enum err json_set(struct ctx *c, struct json *object, struct str name, const struct json *v);
MUST enum err json_set_str(struct ctx *c, struct json *object, struct str name, struct str v);
MUST enum err json_set_int(struct ctx *c, struct json *object, struct str name, int64_t v);
/* null if v is not finite. */
MUST enum err json_set_double(struct ctx *c, struct json *object, struct str name, double v);
MUST enum err json_set_bool(struct ctx *c, struct json *object, struct str name, bool v);
MUST enum err json_push(struct ctx *c, struct json *array, const struct json *v); /* NULL: null */
MUST enum err json_push_int(struct ctx *c, struct json *array, int64_t v);
MUST enum err json_push_str(struct ctx *c, struct json *array, struct str v);

/* Compact text, slashes not escaped; NUL-terminated. */
MUST enum err json_write(struct ctx *c, const struct json *v, struct str *out);

/*
 * Appends s as a string with its quotes, for documents too long to be built as a value. Bad UTF-8
 * becomes U+FFFD, so that there is always a reader for it.
 */
void json_escape(struct buf *b, struct str s);

#endif
