/*
 * JSON in a row; see build.h.
 */
#include "web/build.h"

#include "base/time.h"

struct json *
build_object(struct build *b)
{
	struct json *o = NULL;

	if (!b->err)
		b->err = json_object(b->c, &o);
	return b->err ? NULL : o;
}

struct json *
build_array(struct build *b)
{
	struct json *a = NULL;

	if (!b->err)
		b->err = json_array(b->c, &a);
	return b->err ? NULL : a;
}

void
build_put(struct build *b, struct json *o, const char *name, const struct json *v)
{
	if (!b->err)
		b->err = json_set(b->c, o, str_z(name), v);
}

void
build_str(struct build *b, struct json *o, const char *name, struct str v)
{
	if (!b->err)
		b->err = json_set_str(b->c, o, str_z(name), v);
}

void
build_int(struct build *b, struct json *o, const char *name, int64_t v)
{
	if (!b->err)
		b->err = json_set_int(b->c, o, str_z(name), v);
}

void
build_uint(struct build *b, struct json *o, const char *name, uint64_t v)
{
	build_int(b, o, name, v > INT64_MAX ? INT64_MAX : (int64_t)v);
}

void
build_bool(struct build *b, struct json *o, const char *name, bool v)
{
	if (!b->err)
		b->err = json_set_bool(b->c, o, str_z(name), v);
}

void
build_seconds(struct build *b, struct json *o, const char *name, int64_t us)
{
	if (!b->err)
		b->err = json_set_double(b->c, o, str_z(name), (double)us / 1e6);
}

void
build_ms(struct build *b, struct json *o, const char *name, int64_t us)
{
	if (!b->err)
		b->err = json_set_double(b->c, o, str_z(name), (double)us / 1e3);
}

void
build_time(struct build *b, struct json *o, const char *name, int64_t us)
{
	struct str text;
	struct buf t;

	buf_init(&t, &b->c->arena, 64);
	time_rfc3339(&t, us / 1000000, 0);
	if (!b->err)
		b->err = buf_end(b->c, &t, &text);
	if (!b->err)
		build_str(b, o, name, text);
}

void
build_summary(struct build *b, struct json *o, const char *name, const struct metrics_summary *s)
{
	struct json *d = build_object(b);

	build_ms(b, d, "min", s->min_us);
	build_ms(b, d, "avg", s->count ? (int64_t)(s->sum_us / s->count) : 0);
	build_ms(b, d, "max", s->max_us);
	build_ms(b, d, "p50", s->p50_us);
	build_ms(b, d, "p90", s->p90_us);
	build_ms(b, d, "p99", s->p99_us);
	build_put(b, o, name, d);
}

void
build_push(struct build *b, struct json *array, const struct json *v)
{
	if (!b->err)
		b->err = json_push(b->c, array, v);
}

void
build_push_uint(struct build *b, struct json *array, uint64_t v)
{
	if (!b->err)
		b->err = json_push_int(b->c, array, v > INT64_MAX ? INT64_MAX : (int64_t)v);
}

void
build_push_str(struct build *b, struct json *array, struct str v)
{
	if (!b->err)
		b->err = json_push_str(b->c, array, v);
}
