/*
 * The site's last minutes, hours or day as a row of samples of equal length, out of the segment's
 * history (core/history): what the dashboard draws and /admin/metrics gives as JSON.
 */
#ifndef WEB_SERIES_H
#define WEB_SERIES_H

#include "core/history.h"
#include "web/build.h"

/* How far back to look, and in how many points. */
struct series_span {
	const char *name;	/* "10m": as the query `span` says it */
	const char *title;	/* "10 minutes" */
	enum history_ring ring;
	size_t points;
	size_t merge;		/* samples of the ring that make a point */
	size_t rows;		/* points that make a row of a table */
};

/* The spans there are; NULL beyond the last. */
const struct series_span *series_span(size_t i);

/* The one of that name; the first for a name that there is none of. */
const struct series_span *series_span_find(struct str name);

struct series {
	const struct series_span *span;
	struct history_sample *list;	/* oldest first; the last is still going on */
	size_t n;
	int64_t start_us;	/* wall clock; when the first begins */
	int64_t step_us;	/* how long each is */
};

/* Reads a span that ends now; arena of c. */
MUST enum err series_read(struct ctx *c, const struct segment *seg, const struct series_span *span,
	struct series *out);

/* {"span","start","step_seconds","series":{"requests":[0,null,…],…}}; null is a gap. */
struct json *series_json(struct build *b, const struct series *s);

#endif
