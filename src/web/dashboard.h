/*
 * Charts of the metrics dashboard for pages that show one of them.
 */
#ifndef WEB_DASHBOARD_H
#define WEB_DASHBOARD_H

#include "web/chart.h"

enum dashboard_chart {
#define CHART(sym, ...) DASHBOARD_##sym,
#include "tables/charts.def"
#undef CHART
	DASHBOARD__MAX
};

/* The charts from first to last, in their order, over that span up to now; arena of c. */
MUST enum err dashboard_charts(struct ctx *c, const struct segment *seg,
	const struct series_span *span, enum dashboard_chart first, enum dashboard_chart last,
	struct tmpl_list *out);

#endif
