/*
 * Kept counts and short counts by time of publication. Lists of spans and types go to SQLite as JSON,
 * so that however many they are, one statement is enough.
 */
#include "store/post_period.h"

#include "store/priv.h"

#include <stdio.h>

enum { JSON_ROOM = 64 };	/* bytes that one element takes */

/* "2026-03-01", or the beginning of it, as the schema writes it. */
static void
period_parse(struct str name, struct post_period *out)
{
	int *const parts[] = {&out->year, &out->month, &out->day};

	for (size_t i = 0; i < 3 && name.p; i++) {
		unsigned long long v = 0;

		if (str_u64(str_cut(&name, '-'), 9999, &v))
			*parts[i] = (int)v;
	}
}

enum err
post_periods(struct ctx *c, struct db *db, struct post_periods_range range, size_t limit,
	struct post_period *out, size_t *n)
{
	struct stmt s;

	*n = 0;
	stmt_begin(c, db, SQL_PERIOD_KEPT, &s);
	stmt_bind_int(&s, IN_PERIOD_KEPT_LEVEL, range.level);
	stmt_bind_text(&s, IN_PERIOD_KEPT_FROM, range.from);
	stmt_bind_text(&s, IN_PERIOD_KEPT_TO, range.to);
	stmt_bind_int(&s, IN_PERIOD_KEPT_LIMIT, (int64_t)limit);
	while (*n < limit && stmt_next(&s)) {
		struct post_period *p = &out[(*n)++];

		*p = (struct post_period){.posts = (uint64_t)stmt_int(&s, OUT_PERIOD_KEPT_POSTS)};
		period_parse(stmt_text(&s, OUT_PERIOD_KEPT_PERIOD), p);
	}
	return stmt_end(&s);
}

enum err
post_spans_json(struct ctx *c, const struct post_span *spans, size_t n, struct str *out)
{
	struct buf b;

	buf_init(&b, &c->arena, (n + 1) * JSON_ROOM);
	buf_putc(&b, '[');
	for (size_t i = 0; i < n; i++)
		buf_printf(&b, "%s[%lld,%lld]", i ? "," : "", (long long)spans[i].from,
			(long long)spans[i].to);
	buf_putc(&b, ']');
	return buf_end(c, &b, out);
}

enum err
post_spans_count(struct ctx *c, struct db *db, const struct post_span *spans, size_t n,
	uint64_t *out)
{
	struct str json;
	struct stmt s;
	enum err e;

	if (n == 0)
		return OK;
	e = post_spans_json(c, spans, n, &json);
	if (e)
		return e;
	memset(out, 0, n * sizeof(*out));
	stmt_begin(c, db, SQL_PERIOD_SPANS, &s);
	stmt_bind_text(&s, IN_PERIOD_SPANS_SPANS, json);
	while (stmt_next(&s)) {
		uint64_t place = (uint64_t)stmt_int(&s, OUT_PERIOD_SPANS_PLACE);

		if (place < n)
			out[place] = (uint64_t)stmt_int(&s, OUT_PERIOD_SPANS_POSTS);
	}
	return stmt_end(&s);
}

enum err
post_period_around(struct ctx *c, struct db *db, struct post_span span, struct post_neighbours *out)
{
	struct stmt s;

	*out = (struct post_neighbours){INT64_MIN, INT64_MIN};
	stmt_begin(c, db, SQL_PERIOD_AROUND, &s);
	stmt_bind_int(&s, IN_PERIOD_AROUND_FROM, span.from);
	stmt_bind_int(&s, IN_PERIOD_AROUND_TO, span.to);
	if (stmt_next(&s)) {
		int64_t older = stmt_int(&s, OUT_PERIOD_AROUND_OLDER);
		int64_t newer = stmt_int(&s, OUT_PERIOD_AROUND_NEWER);

		if (older < span.from)
			out->older = older;
		if (newer >= span.to)
			out->newer = newer;
	}
	return stmt_end(&s);
}

enum err
post_types_used(struct ctx *c, struct db *db, const struct str *types, size_t n, bool *out)
{
	struct str json;
	struct stmt s;
	struct buf b;
	enum err e;

	buf_init(&b, &c->arena, (n + 1) * JSON_ROOM);
	buf_putc(&b, '[');
	for (size_t i = 0; i < n; i++)
		buf_printf(&b, "%s\"%.*s\"", i ? "," : "", STR(types[i]));
	buf_putc(&b, ']');
	e = buf_end(c, &b, &json);
	if (e)
		return e;
	memset(out, 0, n * sizeof(*out));
	stmt_begin(c, db, SQL_PERIOD_TYPES, &s);
	stmt_bind_text(&s, IN_PERIOD_TYPES_TYPES, json);
	while (stmt_next(&s)) {
		uint64_t place = (uint64_t)stmt_int(&s, OUT_PERIOD_TYPES_PLACE);

		if (place < n)
			out[place] = true;
	}
	return stmt_end(&s);
}
