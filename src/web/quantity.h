/*
 * Quantities as people read them: three digits or so, and a unit that makes them small.
 */
#ifndef WEB_QUANTITY_H
#define WEB_QUANTITY_H

#include "base/ctx.h"

enum quantity {
	QUANTITY_COUNT,		/* "1 234" */
	QUANTITY_TIME,		/* microseconds: "812 µs", "3.2 ms", "1.4 s" */
	QUANTITY_BYTES,		/* "4.1 MiB" */
	QUANTITY_SHARE		/* percent: "87 %" */
};

MUST enum err quantity_text(struct ctx *c, enum quantity kind, double value, struct str *out);

/* The least round number of that kind that is not below value: where a chart's scale may end. */
double quantity_ceiling(enum quantity kind, double value);

/* How long something has been: "4 d 3 h", "12 min", "7 s", by the largest units that say something. */
MUST enum err quantity_span(struct ctx *c, int64_t us, struct str *out);

#endif
