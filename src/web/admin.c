/*
 * The owner's start page: the site in a few numbers, the last requests, the way out.
 */
#include "web/priv.h"

#include "base/time.h"
#include "core/metrics.h"

enum { FIGURES_MAX = 12, RECENT_MAX = 20 };

struct figures {
	struct view_figure list[FIGURES_MAX];
	size_t n;
};

static enum err
figure_add(struct figures *f, const char *name, enum err err, struct str value)
{
	if (!err && f->n < FIGURES_MAX)
		f->list[f->n++] = (struct view_figure){str_z(name), value};
	return err;
}

static enum err
figure_count(struct ctx *c, struct figures *f, const char *name, uint64_t n)
{
	struct str text;
	enum err err = ctx_printf(c, &text, "%llu", (unsigned long long)n);

	return figure_add(f, name, err, text);
}

/* "3.2 ms" */
static enum err
duration(struct ctx *c, int64_t us, struct str *out)
{
	return ctx_printf(c, out, "%.1f ms", (double)us / 1e3);
}

/* "4 d 3 h", "12 min", "7 s": the largest units that say something. */
static enum err
span(struct ctx *c, int64_t us, struct str *out)
{
	long long minutes = us / 60000000, hours = minutes / 60, days = hours / 24;

	if (days > 0)
		return ctx_printf(c, out, "%lld d %lld h", days, hours % 24);
	if (hours > 0)
		return ctx_printf(c, out, "%lld h %lld min", hours, minutes % 60);
	if (minutes > 0)
		return ctx_printf(c, out, "%lld min", minutes);
	return ctx_printf(c, out, "%lld s", (long long)(us / 1000000));
}

static uint64_t
failures(const struct metrics_view *v)
{
	uint64_t n = 0;

	for (size_t r = 0; r < ROUTE__MAX; r++)
		for (size_t m = 0; m < METHOD__MAX; m++)
			n += metrics_view_requests(v, (enum route)r, (enum method)m, 5);
	return n;
}

static enum err
figures_fill(struct ctx *c, struct figures *f, const struct metrics_view *v)
{
	struct metrics_summary s;
	struct str text;
	enum err err;

	metrics_view_http(v, &s);
	err = figure_count(c, f, "Requests", s.count);
	if (!err)
		err = figure_count(c, f, "Failed (5xx)", failures(v));
	if (!err)
		err = figure_add(f, "Median answer", duration(c, s.p50_us, &text), text);
	if (!err)
		err = figure_add(f, "Slowest 1 %", duration(c, s.p99_us, &text), text);
	if (!err)
		err = figure_add(f, "Up for", span(c, metrics_view_uptime_us(v), &text), text);
	return err;
}

static enum err
request_fill(struct ctx *c, const struct metrics_record *r, struct view_recent *out)
{
	struct time_parts p;
	enum err err;

	time_split(r->time_us / 1000000, 0, &p);
	out->method = str_z(facts_method_name(r->method));
	out->status = r->status;
	out->failed = r->status >= 400;
	err = ctx_printf(c, &out->time, "%04d-%02d-%02d %02d:%02d:%02d", p.year, p.month, p.day,
		p.hour, p.minute, p.second);
	if (!err)
		err = ctx_str(c, str_z(r->path), &out->path);
	return err ? err : duration(c, r->duration_us, &out->duration);
}

static enum err
requests_fill(struct ctx *c, const struct metrics_view *v, struct tmpl_list *out)
{
	struct view_recent *list = ctx_calloc(c, RECENT_MAX, sizeof(*list));
	struct metrics_record r;
	enum err err = list ? OK : ERR_MEMORY;
	size_t n = 0;

	while (!err && n < RECENT_MAX && metrics_view_record(v, n, &r))
		err = request_fill(c, &r, &list[n++]);
	*out = (struct tmpl_list){list, n};
	return err;
}

enum err
web_admin(struct ctx *c, struct txn *t)
{
	const struct view_page page = {.title = S("Overview"), .hidden = true};
	struct view_desk desk;
	struct view_overview data = {.site = t->site,
		.page = &page,
		.desk = &desk,
		.calls = S("/admin/micropub"),
		.ready = S("/health/ready")};
	struct figures figures = {.n = 0};
	struct metrics_view *v;
	uint64_t posts;
	struct db *db;
	enum err err = txn_db(c, t, &db);

	if (!err)
		err = post_row_count(c, db, &posts);
	txn_db_release(c, t);
	if (!err)
		err = figure_count(c, &figures, "Posts", posts);
	if (!err && c->cfg->metrics_enabled && t->web->seg) {
		data.metrics = S("/admin/metrics");
		err = metrics_view(c, t->web->seg, &v);
		if (!err)
			err = figures_fill(c, &figures, v);
		if (!err)
			err = requests_fill(c, v, &data.requests);
	}
	data.figures = (struct tmpl_list){figures.list, figures.n};
	data.has_requests = data.requests.n > 0;
	if (!err)
		err = desk_fill(c, t, DESK_OVERVIEW, STATIC_NONE, &desk);
	return err ? err : desk_send(c, t, VIEW_ADMIN, &data);
}
