/*
 * The families as data, and the reference made of them.
 */
#include "core/metrics_family.h"

#include "core/metrics.h"
#include "core/priv.h"

#include <assert.h>

static const struct metrics_family_row rows[FAMILY__MAX] = {
#define FAMILY(sym, name, type, labels, help) [FAMILY_##sym] = {name, #type, labels, help},
#include "tables/families.def"
#undef FAMILY
#define COUNTER(sym, name, help) [FAMILY_ROW_##sym] = {name, "counter", "", help},
#define GAUGE(sym, name, help) [FAMILY_ROW_##sym] = {name, "gauge", "", help},
#define HISTOGRAM(sym, name, help) [FAMILY_ROW_##sym] = {name, "histogram", "", help},
#include "tables/metrics.def"
#undef COUNTER
#undef GAUGE
#undef HISTOGRAM
};

const struct metrics_family_row *
metrics_family_row(enum metrics_family f)
{
	assert((unsigned)f < FAMILY__MAX);
	return rows[f].name ? &rows[f] : NULL;
}

static void
docs_labels(struct buf *out, struct str labels)
{
	while (!str_empty(labels)) {
		buf_puts(out, " Va ");
		escape_mdoc(out, str_cut(&labels, ','));
		if (!str_empty(labels))
			buf_puts(out, " ,");
	}
}

static void
docs_row(struct buf *out, const struct metrics_family_row *row)
{
	buf_puts(out, ".It Ic ");
	escape_mdoc(out, str_z(row->name));
	buf_puts(out, " No ");
	escape_mdoc(out, str_z(row->type));
	if (row->labels[0] != '\0') {
		buf_puts(out, " , by");
		docs_labels(out, str_z(row->labels));
	}
	buf_puts(out, "\n");
	escape_mdoc(out, str_z(row->help));
	buf_puts(out, "\n");
}

void
metrics_docs(const char *format, struct buf *out)
{
	assert(str_eq(str_z(format), S("mdoc")));
	buf_puts(out, ".Bl -tag -width Ds\n");
	for (int f = 0; f < FAMILY__MAX; f++)
		if (metrics_family_row((enum metrics_family)f))
			docs_row(out, metrics_family_row((enum metrics_family)f));
	buf_puts(out, ".El\n");
}
