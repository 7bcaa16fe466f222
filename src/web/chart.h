/*
 * A chart as numbers: paths for the template to draw, a scale, and the same figures as a table for
 * those who do not see it. What it looks like is decided by template and style sheet.
 */
#ifndef WEB_CHART_H
#define WEB_CHART_H

#include "text/view.h"
#include "web/quantity.h"
#include "web/series.h"

enum { CHART_LINES = 3 };

enum chart_shape { CHART_BARS, CHART_LINES_DRAWN };

struct chart_line {
	const char *name;
	/* The value at a sample, which is known; false: there is none, as of the latency of nothing. */
	bool (*value)(const struct history_sample *s, double *out);
};

struct chart {
	const char *id, *title;
	enum chart_shape shape;
	enum quantity unit;
	bool sum;		/* what is said of it is the sum of its points, else the newest */
	const char *doc;
	struct chart_line lines[CHART_LINES];
};

/* Draws a chart over a series. Times in the author's zone. */
MUST enum err chart_draw(struct ctx *c, const struct chart *chart, const struct series *s,
	struct view_chart *out);

#endif
