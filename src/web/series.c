/*
 * Samples into points. A point begins at a multiple of its length, so that the points of a day are
 * tens of minutes by the clock, and stand still from one look to the next.
 */
#include "web/series.h"

#include "text/words.h"

static const struct series_span spans[] = {
	{"10m", N_("10 minutes"), HISTORY_FINE, 120, 1, 12},
	{"3h", N_("3 hours"), HISTORY_COARSE, 180, 1, 15},
	{"24h", N_("24 hours"), HISTORY_COARSE, 144, 10, 6},
};
enum { SPANS = sizeof(spans) / sizeof(spans[0]) };

const struct series_span *
series_span(size_t i)
{
	return i < SPANS ? &spans[i] : NULL;
}

const struct series_span *
series_span_find(struct str name)
{
	for (size_t i = 0; i < SPANS; i++)
		if (str_eq(name, str_z(spans[i].name)))
			return &spans[i];
	return &spans[0];
}

enum err
series_read(struct ctx *c, const struct segment *seg, const struct series_span *span,
	struct series *out)
{
	int64_t step = history_step(span->ring), merge = (int64_t)span->merge;
	int64_t last = (history_number(span->ring, c->now_us) / merge + 1) * merge - 1;
	size_t n = span->points * span->merge;
	struct history_sample *samples = ctx_calloc(c, n, sizeof(*samples));

	*out = (struct series){.span = span, .n = span->points, .step_us = step * merge};
	out->list = ctx_calloc(c, span->points, sizeof(*out->list));
	if (!samples || !out->list)
		return ERR_MEMORY;
	out->start_us = (last + 1 - (int64_t)n) * step;
	history_read(seg, span->ring, last, n, samples);
	for (size_t i = 0; i < n; i++)
		history_merge(&out->list[i / span->merge], &samples[i]);
	return OK;
}

static struct json *
values(struct build *b, const struct series *s, enum sample which)
{
	struct json *list = build_array(b);

	for (size_t i = 0; i < s->n; i++) {
		if (s->list[i].known)
			build_push_uint(b, list, s->list[i].value[which]);
		else
			build_push(b, list, NULL);
	}
	return list;
}

struct json *
series_json(struct build *b, const struct series *s)
{
	struct json *o = build_object(b), *all = build_object(b);

	build_str(b, o, "span", str_z(s->span->name));
	build_time(b, o, "start", s->start_us);
	build_int(b, o, "step_seconds", s->step_us / 1000000);
	for (size_t i = 0; i < SAMPLE__MAX; i++)
		build_put(b, all, history_name((enum sample)i), values(b, s, (enum sample)i));
	build_put(b, o, "series", all);
	return o;
}
