/*
 * A view as Prometheus text, format 0.0.4: https://prometheus.io/docs/instrumenting/
 * exposition_formats/. Every family's head is written once, before its samples; numbers are written
 * from integers, so that no locale can put a comma in them.
 *
 * Of the products of labels only those are shown that have ever counted anything, and the first
 * always, so that a dashboard finds its families on a new site. Buckets end at the powers of two:
 * edges of the fine buckets, and therefore exact.
 */
#include "core/metrics.h"

#include "core/metrics_family.h"
#include "core/metrics_view.h"

enum { LABELS_MAX = 3, EDGE_FIRST = 4, EDGE_LAST = 24 };

struct labels {
	const char *name[LABELS_MAX]; /* NULL behind the last */
	const char *value[LABELS_MAX];
};

static const char *const class_names[LAYOUT_CLASSES] = {"none", "1xx", "2xx", "3xx", "4xx", "5xx"};

void
metrics_escape(struct buf *b, const char *text, bool quotes)
{
	for (; *text; text++) {
		if (*text == '\n') {
			buf_puts(b, "\\n");
			continue;
		}
		if (*text == '\\' || (*text == '"' && quotes))
			buf_putc(b, '\\');
		buf_putc(b, *text);
	}
}

static void
put_head(struct buf *b, enum metrics_family f)
{
	const struct metrics_family_row *row = metrics_family_row(f);

	buf_puts(b, "# HELP ");
	buf_puts(b, row->name);
	buf_putc(b, ' ');
	metrics_escape(b, row->help, false);
	buf_puts(b, "\n# TYPE ");
	buf_puts(b, row->name);
	buf_putc(b, ' ');
	buf_puts(b, row->type);
	buf_putc(b, '\n');
}

/* Microseconds as seconds, without trailing zeros. */
static void
put_seconds(struct buf *b, uint64_t us)
{
	char digits[6];
	size_t n = sizeof(digits);
	uint64_t part = us % 1000000;

	buf_putu(b, us / 1000000);
	if (part == 0)
		return;
	for (size_t i = sizeof(digits); i-- > 0; part /= 10)
		digits[i] = (char)('0' + part % 10);
	while (digits[n - 1] == '0')
		n--;
	buf_putc(b, '.');
	buf_put(b, str_n(digits, n));
}

/* Everything of a sample before its number; edge_us 0: no "le", INT64_MAX: "+Inf". */
static void
put_series(struct buf *b, enum metrics_family f, const char *suffix, const struct labels *l,
	int64_t edge_us)
{
	char before = '{';

	buf_puts(b, metrics_family_row(f)->name);
	buf_puts(b, suffix);
	for (size_t i = 0; l && i < LABELS_MAX && l->name[i]; i++) {
		buf_putc(b, before);
		buf_puts(b, l->name[i]);
		buf_puts(b, "=\"");
		metrics_escape(b, l->value[i], true);
		buf_putc(b, '"');
		before = ',';
	}
	if (edge_us > 0) {
		buf_putc(b, before);
		buf_puts(b, "le=\"");
		if (edge_us == INT64_MAX)
			buf_puts(b, "+Inf");
		else
			put_seconds(b, (uint64_t)edge_us);
		buf_putc(b, '"');
		before = ',';
	}
	buf_puts(b, before == ',' ? "} " : " ");
}

static void
put_unsigned(struct buf *b, enum metrics_family f, const struct labels *l, uint64_t value)
{
	put_series(b, f, "", l, 0);
	buf_putu(b, value);
	buf_putc(b, '\n');
}

static void
put_histogram(struct buf *b, enum metrics_family f, const struct labels *l,
	const struct histogram_sums *h)
{
	for (int bits = EDGE_FIRST; bits <= EDGE_LAST; bits++) {
		put_series(b, f, "_bucket", l, (int64_t)1 << bits);
		buf_putu(b, histogram_at_most(h, (int64_t)1 << bits));
		buf_putc(b, '\n');
	}
	put_series(b, f, "_bucket", l, INT64_MAX);
	buf_putu(b, h->count);
	buf_putc(b, '\n');
	put_series(b, f, "_sum", l, 0);
	put_seconds(b, h->sum_us);
	buf_putc(b, '\n');
	put_series(b, f, "_count", l, 0);
	buf_putu(b, h->count);
	buf_putc(b, '\n');
}

static void
put_time(struct buf *b, enum metrics_family f, uint64_t us)
{
	put_head(b, f);
	put_series(b, f, "", NULL, 0);
	put_seconds(b, us);
	buf_putc(b, '\n');
}

static void
put_processes(struct buf *b, const struct metrics_view *v)
{
	static const char *const roles[] = {
		[METRICS_SUPERVISOR] = "supervisor",
		[METRICS_WORKER] = "worker",
		[METRICS_COURIER] = "courier",
		[METRICS_COMMAND] = "command",
		[METRICS_LOGGER] = "logger",
	};
	uint64_t memory = 0, live[sizeof(roles) / sizeof(roles[0])] = {0};

	for (size_t i = 0; i < v->n_processes; i++) {
		memory += (uint64_t)v->process[i].memory_bytes;
		if ((size_t)v->process[i].role < sizeof(roles) / sizeof(roles[0]))
			live[v->process[i].role]++;
	}
	put_head(b, FAMILY_BUILD_INFO);
	put_unsigned(b, FAMILY_BUILD_INFO, &(struct labels){{"version"}, {SP_VERSION}}, 1);
	put_time(b, FAMILY_START_TIME, (uint64_t)v->start_us);
	put_time(b, FAMILY_CPU, v->cpu_us);
	put_head(b, FAMILY_MEMORY);
	put_unsigned(b, FAMILY_MEMORY, NULL, memory);
	put_head(b, FAMILY_PROCESSES);
	for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++)
		put_unsigned(b, FAMILY_PROCESSES, &(struct labels){{"role"}, {roles[i]}}, live[i]);
}

static void
put_request_counts(struct buf *b, const struct metrics_view *v, enum route r, enum method m)
{
	for (int k = 0; k < LAYOUT_CLASSES; k++) {
		bool headline = r == ROUTE_HOME && m == METHOD_GET && k == 2;
		struct labels l = {{"route", "method", "code"},
			{facts_route_name(r), facts_method_name(m), class_names[k]}};

		if (headline || v->request[r][m][k] > 0)
			put_unsigned(b, FAMILY_REQUESTS, &l, v->request[r][m][k]);
	}
}

static void
put_requests(struct buf *b, const struct metrics_view *v)
{
	put_head(b, FAMILY_REQUESTS);
	for (int r = 0; r < ROUTE__MAX; r++)
		for (int m = 0; m < METHOD__MAX; m++)
			put_request_counts(b, v, (enum route)r, (enum method)m);
	put_head(b, FAMILY_REQUEST_SECONDS);
	for (int r = 0; r < ROUTE__MAX; r++) {
		struct labels l = {{"route"}, {facts_route_name((enum route)r)}};

		if (r == ROUTE_HOME || v->route[r].count > 0)
			put_histogram(b, FAMILY_REQUEST_SECONDS, &l, &v->route[r]);
	}
}

/* One family of statements: their number, or with seconds their histogram. */
static void
put_statements(struct buf *b, const struct metrics_view *v, enum metrics_family f, bool seconds)
{
	put_head(b, f);
	for (int i = 0; i < DBOP__MAX * DBTABLE__MAX; i++) {
		int op = i / DBTABLE__MAX, t = i % DBTABLE__MAX;
		const struct histogram_sums *h = &v->statement[op][t];
		struct labels l = {{"operation", "table"},
			{metrics_op_name((enum dbop)op), metrics_table_name((enum dbtable)t)}};

		if (h->count == 0 && !(op == DBOP_SELECT && t == DBTABLE_POST))
			continue;
		if (seconds)
			put_histogram(b, f, &l, h);
		else
			put_unsigned(b, f, &l, h->count);
	}
}

static void
put_checks(struct buf *b, const struct metrics_view *v)
{
	put_head(b, FAMILY_CHECK);
#define CHECK(sym, name, title, vital, ...) \
	put_unsigned(b, FAMILY_CHECK, \
		&(struct labels){{"check", "vital"}, {name, (vital) ? "yes" : "no"}}, \
		health_good(v->seg, CHECK_##sym));
#include "tables/checks.def"
#undef CHECK
}

/* All of them, from 0 on: an alert has to see the first, which for many is the only one. */
static void
put_errors(struct buf *b, const struct metrics_view *v)
{
	put_head(b, FAMILY_ERRORS);
	for (int e = OK + 1; e < ERR__MAX; e++)
		put_unsigned(b, FAMILY_ERRORS,
			&(struct labels){{"error"}, {err_info((enum err)e)->name}}, v->error[e]);
}

static void
put_counter(struct buf *b, enum metrics_family f, uint64_t value)
{
	put_head(b, f);
	put_unsigned(b, f, NULL, value);
}

static void
put_gauge(struct buf *b, enum metrics_family f, int64_t value)
{
	put_head(b, f);
	put_series(b, f, "", NULL, 0);
	buf_puti(b, value);
	buf_putc(b, '\n');
}

static void
put_row_histogram(struct buf *b, enum metrics_family f, const struct histogram_sums *h)
{
	put_head(b, f);
	put_histogram(b, f, NULL, h);
}

static void
put_rows(struct buf *b, const struct metrics_view *v)
{
#define COUNTER(sym, ...) put_counter(b, FAMILY_ROW_##sym, v->counter[COUNTER_##sym]);
#define GAUGE(sym, ...) put_gauge(b, FAMILY_ROW_##sym, v->gauge[GAUGE_##sym]);
#define HISTOGRAM(sym, ...) put_row_histogram(b, FAMILY_ROW_##sym, &v->row[HISTOGRAM_##sym]);
#include "tables/metrics.def"
#undef COUNTER
#undef GAUGE
#undef HISTOGRAM
}

void
metrics_prometheus(struct buf *b, const struct metrics_view *v)
{
	put_processes(b, v);
	put_requests(b, v);
	put_statements(b, v, FAMILY_STATEMENTS, false);
	put_statements(b, v, FAMILY_STATEMENT_SECONDS, true);
	put_checks(b, v);
	put_errors(b, v);
	put_rows(b, v);
}
