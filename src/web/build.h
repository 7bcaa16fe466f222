/*
 * Writing JSON in a row: the calls of text/json with one sticky error, looked at once at the end.
 * After a failure nothing happens any more, and the values are NULL.
 *
 *	struct build b = {c, OK};
 *	struct json *o = build_object(&b);
 *	build_int(&b, o, "pid", pid);
 *	if (!b.err) ...
 */
#ifndef WEB_BUILD_H
#define WEB_BUILD_H

#include "core/metrics.h"
#include "text/json.h"

struct build {
	struct ctx *c;
	enum err err;	/* the first failure */
};

struct json *build_object(struct build *b);
struct json *build_array(struct build *b);

/* Members of an object. v may be an object or array that is still to be filled; an unsigned number
   beyond INT64_MAX becomes that. */
void build_put(struct build *b, struct json *o, const char *name, const struct json *v);
void build_str(struct build *b, struct json *o, const char *name, struct str v);
void build_int(struct build *b, struct json *o, const char *name, int64_t v);
void build_uint(struct build *b, struct json *o, const char *name, uint64_t v);
void build_bool(struct build *b, struct json *o, const char *name, bool v);
void build_seconds(struct build *b, struct json *o, const char *name, int64_t us);
void build_ms(struct build *b, struct json *o, const char *name, int64_t us);
/* A moment as RFC 3339 in UTC. */
void build_time(struct build *b, struct json *o, const char *name, int64_t us);
/* {"min","avg","max","p50","p90","p99"} in milliseconds. */
void build_summary(struct build *b, struct json *o, const char *name,
	const struct metrics_summary *s);

/* An element of an array; v NULL is null. */
void build_push(struct build *b, struct json *array, const struct json *v);
void build_push_uint(struct build *b, struct json *array, uint64_t v);
void build_push_str(struct build *b, struct json *array, struct str v);

#endif
