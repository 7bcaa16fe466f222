/*
 * The metrics dashboard: what /admin/metrics gives to programs, for the owner to look at. Charts over
 * the last minutes, hours or day, and below them the figures since the start of the site. The page
 * is whole without a script; one renews it while somebody looks.
 */
#include "web/dashboard.h"

#include "base/time.h"
#include "core/metrics.h"
#include "store/pending.h"
#include "web/priv.h"

enum { SPANS_MAX = 8, PROCESSES_MAX = 128, FIGURES_MAX = 16 };

/* ---- from a sample to what is drawn ------------------------------------------------------ */

#define SAMPLE_VALUE(fn, which) \
	static bool fn(const struct history_sample *s, double *out) \
	{ \
		*out = (double)s->value[SAMPLE_##which]; \
		return true; \
	}

SAMPLE_VALUE(requests_4xx, ERRORS_4XX)
SAMPLE_VALUE(requests_5xx, ERRORS_5XX)
SAMPLE_VALUE(bytes_sent, BYTES_SENT)
SAMPLE_VALUE(statements_slow, DB_SLOW)
SAMPLE_VALUE(statements_time, DB_TIME)
SAMPLE_VALUE(pool_exhausted, POOL_EXHAUSTED)
SAMPLE_VALUE(memory_bytes, MEMORY)
SAMPLE_VALUE(checkpoints, CHECKPOINTS)
SAMPLE_VALUE(jobs_done, JOBS_DONE)
SAMPLE_VALUE(jobs_failed, JOBS_FAILED)

/* What is left of a count when parts of it are drawn for themselves. */
static double
rest(const struct history_sample *s, enum sample all, enum sample part, enum sample other)
{
	uint64_t parts = s->value[part] + (other == SAMPLE__MAX ? 0 : s->value[other]);

	return s->value[all] > parts ? (double)(s->value[all] - parts) : 0;
}

static bool
requests_good(const struct history_sample *s, double *out)
{
	*out = rest(s, SAMPLE_REQUESTS, SAMPLE_ERRORS_4XX, SAMPLE_ERRORS_5XX);
	return true;
}

static bool
statements_usual(const struct history_sample *s, double *out)
{
	*out = rest(s, SAMPLE_DB_OPERATIONS, SAMPLE_DB_SLOW, SAMPLE__MAX);
	return true;
}

static bool
pool_waits(const struct history_sample *s, double *out)
{
	*out = rest(s, SAMPLE_POOL_WAITS, SAMPLE_POOL_EXHAUSTED, SAMPLE__MAX);
	return true;
}

/* Where nobody asked, nothing took any time. */
static bool
latency(const struct history_sample *s, enum sample which, double *out)
{
	*out = (double)s->value[which];
	return s->value[SAMPLE_REQUESTS] > 0;
}

static bool
latency_p50(const struct history_sample *s, double *out)
{
	return latency(s, SAMPLE_P50, out);
}

static bool
latency_p90(const struct history_sample *s, double *out)
{
	return latency(s, SAMPLE_P90, out);
}

static bool
latency_p99(const struct history_sample *s, double *out)
{
	return latency(s, SAMPLE_P99, out);
}

static bool
share(double part, double all, double *out)
{
	*out = all > 0 ? 100 * part / all : 0;
	return all > 0;
}

static bool
cache_share(const struct history_sample *s, double *out)
{
	double hits = (double)s->value[SAMPLE_CACHE_HITS];

	return share(hits, hits + (double)s->value[SAMPLE_CACHE_MISSES], out);
}

static bool
cpu_share(const struct history_sample *s, double *out)
{
	return share((double)s->value[SAMPLE_CPU], (double)s->value[SAMPLE_SPAN], out);
}

static const struct chart charts[DASHBOARD__MAX] = {
#define BARS CHART_BARS
#define LINES CHART_LINES_DRAWN
#define SUM true
#define LAST false
#define LINE(name, value) {name, value},
#define CHART(sym, id, title, shape, unit, total, doc, lines) \
	[DASHBOARD_##sym] = {id, title, shape, QUANTITY_##unit, total, doc, {lines}},
#include "tables/charts.def"
#undef BARS
#undef LINES
#undef SUM
#undef LAST
#undef LINE
#undef CHART
};

enum err
dashboard_charts(struct ctx *c, const struct segment *seg, const struct series_span *span,
	enum dashboard_chart first, enum dashboard_chart last, struct tmpl_list *out)
{
	size_t n = (size_t)last - (size_t)first + 1;
	struct view_chart *list = ctx_calloc(c, n, sizeof(*list));
	struct series series;
	enum err err = list ? series_read(c, seg, span, &series) : ERR_MEMORY;

	for (size_t i = 0; !err && i < n; i++)
		err = chart_draw(c, &charts[(size_t)first + i], &series, &list[i]);
	*out = (struct tmpl_list){list, n};
	return err;
}

static enum err
spans_fill(struct ctx *c, const struct series_span *here, struct tmpl_list *out)
{
	struct view_span *list = ctx_calloc(c, SPANS_MAX, sizeof(*list));
	const struct series_span *span;
	enum err err = list ? OK : ERR_MEMORY;
	size_t n = 0;

	for (; !err && n < SPANS_MAX && (span = series_span(n)) != NULL; n++) {
		list[n] = (struct view_span){.name = tr_str(c, span->title), .current = span == here};
		err = ctx_printf(c, &list[n].url, "/admin/metrics-dashboard?span=%s", span->name);
	}
	*out = (struct tmpl_list){list, n};
	return err;
}

/* ---- figures since the start ------------------------------------------------------------- */

struct figures {
	struct ctx *c;
	enum err err;	/* the first failure */
	struct view_figure list[FIGURES_MAX];
	size_t n;
};

static void
figure(struct figures *f, const char *name, enum quantity kind, double value)
{
	struct view_figure *out = &f->list[f->n];

	if (f->err || f->n == FIGURES_MAX)
		return;
	f->n++;
	out->name = tr_str(f->c, name);
	f->err = quantity_text(f->c, kind, value, &out->value);
}

static void
figure_counter(struct figures *f, const char *name, const struct metrics_view *v,
	enum counter which)
{
	figure(f, name, QUANTITY_COUNT, (double)metrics_view_counter(v, which));
}

static void
pool_figures(struct figures *f, const struct metrics_view *v)
{
	struct metrics_summary waits;

	metrics_view_histogram(v, HISTOGRAM_POOL_WAIT, &waits);
	figure(f, N_("Connections"), QUANTITY_COUNT, (double)metrics_view_gauge(v, GAUGE_POOL_SIZE));
	figure(f, N_("In use now"), QUANTITY_COUNT, (double)metrics_view_gauge(v, GAUGE_POOL_ACTIVE));
	figure_counter(f, N_("Taken"), v, COUNTER_POOL_ACQUIRED);
	figure_counter(f, N_("Waits"), v, COUNTER_POOL_WAITS);
	figure(f, N_("Time waited"), QUANTITY_TIME, (double)waits.sum_us);
	figure_counter(f, N_("Gave up"), v, COUNTER_POOL_EXHAUSTED);
}

static void
courier_figures(struct figures *f, const struct metrics_view *v, const struct pending *pending)
{
	figure_counter(f, N_("Checkpoints"), v, COUNTER_CHECKPOINTS);
	figure_counter(f, N_("Jobs done"), v, COUNTER_JOBS_DONE);
	figure_counter(f, N_("Attempts failed"), v, COUNTER_JOBS_FAILED);
	figure(f, N_("Jobs waiting"), QUANTITY_COUNT, (double)pending->waiting);
	figure(f, N_("Jobs given up"), QUANTITY_COUNT, (double)pending->given_up);
	figure_counter(f, N_("Processes that died"), v, COUNTER_PROCESS_DEATHS);
}

static enum err
figures_list(const struct figures *f, struct tmpl_list *out)
{
	struct view_figure *list = ctx_calloc(f->c, f->n, sizeof(*list));

	if (!list)
		return ERR_MEMORY;
	memcpy(list, f->list, f->n * sizeof(*list));
	*out = (struct tmpl_list){list, f->n};
	return f->err;
}

/* Durations of a row of a table. */
static enum err
timing_fill(struct ctx *c, const struct metrics_summary *s, struct view_timing *out)
{
	enum err err = quantity_text(c, QUANTITY_COUNT, (double)s->count, &out->count);

	if (!err)
		err = quantity_text(c, QUANTITY_TIME, (double)s->p50_us, &out->p50);
	if (!err)
		err = quantity_text(c, QUANTITY_TIME, (double)s->p90_us, &out->p90);
	if (!err)
		err = quantity_text(c, QUANTITY_TIME, (double)s->p99_us, &out->p99);
	return err ? err : quantity_text(c, QUANTITY_TIME, (double)s->max_us, &out->max);
}

static uint64_t
answers(const struct metrics_view *v, size_t route, int status_class)
{
	uint64_t n = 0;

	for (size_t m = 0; m < METHOD__MAX; m++)
		n += metrics_view_requests(v, (enum route)route, (enum method)m, status_class);
	return n;
}

static enum err
routes_fill(struct ctx *c, const struct metrics_view *v, struct tmpl_list *out)
{
	struct view_timing *list = ctx_calloc(c, ROUTE__MAX, sizeof(*list));
	enum err err = list ? OK : ERR_MEMORY;
	struct metrics_summary s;
	size_t n = 0;

	for (size_t r = 0; !err && r < ROUTE__MAX; r++) {
		metrics_view_route(v, (enum route)r, &s);
		if (s.count == 0)
			continue;
		list[n].name = str_z(facts_route_name((enum route)r));
		err = quantity_text(c, QUANTITY_COUNT, (double)answers(v, r, 4), &list[n].bad);
		if (!err)
			err = quantity_text(
				c, QUANTITY_COUNT, (double)answers(v, r, 5), &list[n].failed);
		list[n].alarming = answers(v, r, 5) > 0;
		if (!err)
			err = timing_fill(c, &s, &list[n++]);
	}
	*out = (struct tmpl_list){list, n};
	return err;
}

static enum err
statements_fill(struct ctx *c, const struct metrics_view *v, struct tmpl_list *out)
{
	size_t all = (size_t)DBOP__MAX * DBTABLE__MAX, n = 0;
	struct view_timing *list = ctx_calloc(c, all, sizeof(*list));
	enum err err = list ? OK : ERR_MEMORY;
	struct metrics_summary s;

	for (size_t i = 0; !err && i < all; i++) {
		enum dbop op = (enum dbop)(i / DBTABLE__MAX);
		enum dbtable table = (enum dbtable)(i % DBTABLE__MAX);

		metrics_view_statement(v, op, table, &s);
		if (s.count == 0)
			continue;
		err = ctx_printf(c, &list[n].name, "%s %s", metrics_op_name(op),
			table == DBTABLE_NONE ? "" : metrics_table_name(table));
		if (!err)
			err = timing_fill(c, &s, &list[n++]);
	}
	*out = (struct tmpl_list){list, n};
	return err;
}

static enum err
process_fill(struct ctx *c, const struct metrics_process *p, struct view_process *out)
{
	static const char *const roles[] = {[METRICS_SUPERVISOR] = N_("supervisor"),
		[METRICS_WORKER] = N_("worker"), [METRICS_COURIER] = N_("courier"),
		[METRICS_COMMAND] = N_("command"), [METRICS_LOGGER] = N_("logger")};
	enum err err;

	*out = (struct view_process){.role = tr_str(c, roles[p->role]), .pid = p->pid,
		.connections = (int64_t)p->connections};
	err = quantity_span(c, c->now_us - p->start_us, &out->age);
	if (!err)
		err = quantity_text(c, QUANTITY_COUNT, (double)p->requests, &out->requests);
	return err ? err : quantity_text(c, QUANTITY_BYTES, (double)p->memory_bytes, &out->memory);
}

static enum err
processes_fill(struct ctx *c, const struct metrics_view *v, struct tmpl_list *out)
{
	struct view_process *list = ctx_calloc(c, PROCESSES_MAX, sizeof(*list));
	enum err err = list ? OK : ERR_MEMORY;
	struct metrics_process p;
	size_t n = 0;

	while (!err && n < PROCESSES_MAX && metrics_view_process(v, n, &p))
		err = process_fill(c, &p, &list[n++]);
	*out = (struct tmpl_list){list, n};
	return err;
}

/* ---- the page ---------------------------------------------------------------------------- */

static enum err
totals_fill(struct ctx *c, const struct metrics_view *v, const struct pending *pending,
	struct view_dashboard *out)
{
	struct figures pool = {.c = c}, courier = {.c = c};
	enum err err = quantity_span(c, metrics_view_uptime_us(v), &out->uptime);

	if (!err)
		err = routes_fill(c, v, &out->routes);
	if (!err)
		err = statements_fill(c, v, &out->statements);
	if (!err)
		err = processes_fill(c, v, &out->processes);
	pool_figures(&pool, v);
	courier_figures(&courier, v, pending);
	if (!err)
		err = figures_list(&pool, &out->pool);
	return err ? err : figures_list(&courier, &out->courier);
}

enum err
web_admin_dashboard(struct ctx *c, struct txn *t)
{
	const struct view_page page = {.title = tr_str(c, "Metrics"), .hidden = true};
	int64_t now = c->now_us / 1000000;
	const struct series_span *span;
	struct view_desk desk;
	struct view_date when;
	struct view_dashboard data = {.site = t->site, .page = &page, .desk = &desk,
		.looked = &when};
	struct pending pending;
	struct metrics_view *v;
	struct str name;
	struct db *db;
	enum err err = req_query(c, &t->req, S("span"), &name);

	if (!err)
		err = txn_db(c, t, &db);
	if (!err)
		err = pending_count(c, db, &pending);
	txn_db_release(c, t);
	span = series_span_find(name);
	data.on = c->cfg->metrics_enabled && t->web->seg;
	data.span = tr_str(c, span->title);
	if (!err && data.on)
		err = metrics_view(c, t->web->seg, &v);
	if (!err && data.on)
		err = totals_fill(c, v, &pending, &data);
	if (!err && data.on)
		err = dashboard_charts(c, t->web->seg, span, DASHBOARD_REQUESTS,
			DASHBOARD__MAX - 1, &data.charts);
	if (!err)
		err = spans_fill(c, span, &data.spans);
	if (!err)
		err = view_date(c, now, time_zone_offset(now), &when);
	if (!err)
		err = desk_fill(c, t, DESK_METRICS, STATIC_LIVE, &desk);
	return err ? err : desk_send(c, t, VIEW_DASHBOARD, &data);
}
