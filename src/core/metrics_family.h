/*
 * The heads of all metric families, out of tables/families.def and tables/metrics.def: what the
 * Prometheus text and the manual have in common. Private to core.
 */
#ifndef CORE_METRICS_FAMILY_H
#define CORE_METRICS_FAMILY_H

enum metrics_family {
#define FAMILY(sym, ...) FAMILY_##sym,
#include "tables/families.def"
#undef FAMILY
	FAMILY_ROWS, /* here begin those of metrics.def */
#define COUNTER(sym, ...) FAMILY_ROW_##sym,
#define GAUGE(sym, ...) FAMILY_ROW_##sym,
#define HISTOGRAM(sym, ...) FAMILY_ROW_##sym,
#include "tables/metrics.def"
#undef COUNTER
#undef GAUGE
#undef HISTOGRAM
	FAMILY__MAX
};

struct metrics_family_row {
	const char *name;
	const char *type;   /* "counter", "gauge", "histogram" */
	const char *labels; /* names, separated by commas; "" for none */
	const char *help;
};

/* NULL for FAMILY_ROWS, which is a mark and no family. */
const struct metrics_family_row *metrics_family_row(enum metrics_family f);

#endif
