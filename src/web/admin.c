/*
 * The owner's start page: what there is to write on, how the site is, what went wrong, who came.
 */
#include "web/priv.h"

#include "base/time.h"
#include "core/metrics.h"
#include "domain/post_parts.h"
#include "domain/site.h"
#include "web/checks.h"
#include "web/dashboard.h"
#include "web/troubles.h"

enum { RECENT_MAX = 12, TROUBLES_MAX = 3, TITLE_MAX = 90 };

/* ---- posts ------------------------------------------------------------------------------- */

/* What the newest post is called, and when it was published. */
static enum err
newest_fill(struct ctx *c, struct db *db, struct view_overview *out)
{
	struct view_newest *newest = ctx_calloc(c, 1, sizeof(*newest));
	struct view_date *date = ctx_calloc(c, 1, sizeof(*date));
	struct post_list list;
	struct shown *shown;
	struct post_row row;
	enum err err = ERR_MEMORY;

	if (newest && date)
		err = post_list_read(c, db, &posts_all, S(""), 1, &list);

	if (err || list.n == 0)
		return err;
	err = post_row_find_id(c, db, list.rows[0].id, &row);
	if (!err)
		err = shown_read(c, db, &row, 1, &shown);
	if (!err)
		err = site_permalink(c, row.slug, &newest->url);
	if (!err && row.name.n + row.text.n == 0)
		err = post_label(c, &row, shown->parts, &newest->title);
	else if (!err)
		err = view_excerpt(
			c, row.name.n > 0 ? row.name : row.text, TITLE_MAX, &newest->title);
	if (!err)
		err = view_date(c, row.published, row.published_zone, date);
	newest->date = date;
	out->newest = newest;
	return err;
}

static enum err
posts_fill(struct ctx *c, struct txn *t, struct view_overview *out)
{
	struct pending pending;
	uint64_t posts;
	struct db *db;
	enum err err = txn_db(c, t, &db);

	if (!err)
		err = post_row_count(c, db, &posts);
	if (!err)
		err = pending_count(c, db, &pending);
	if (!err)
		err = newest_fill(c, db, out);
	txn_db_release(c, t);
	if (err)
		return err;
	out->drafts = pending.drafts;
	out->scheduled = pending.scheduled;
	return quantity_text(c, QUANTITY_COUNT, (double)posts, &out->posts);
}

/* ---- health ------------------------------------------------------------------------------ */

/* In one line: what is not well first, and what to do about it. */
static enum err
health_fill(struct ctx *c, struct txn *t, struct view_overview *out)
{
	enum check worst = CHECK__MAX;
	struct checks k;

	checks_vital(c, t, &k);
	checks_rest(c, t, &k);
	txn_db_release(c, t);
	for (size_t i = CHECK__MAX; i-- > 0;)
		if (k.known[i] && !k.good[i])
			worst = (enum check)i;
	out->well = worst == CHECK__MAX;
	out->healthy = checks_healthy(&k);
	if (out->well)
		return OK;
	out->finding = tr_str(c, check_row(worst)->bad);
	out->remedy = tr_str(c, check_row(worst)->remedy);
	return ctx_printf(c, &out->ailing, "%s", tr(c, check_row(worst)->title));
}

static enum err
troubles_fill(struct ctx *c, struct view_overview *out)
{
	struct view_trouble *list = ctx_calloc(c, TROUBLES_MAX, sizeof(*list));
	struct troubles *all;
	enum err err = list ? troubles_load(c, &all) : ERR_MEMORY;
	size_t n = 0;

	for (; !err && n < TROUBLES_MAX && n < all->n; n++)
		err = troubles_show(c, &all->list[n], &list[n]);
	out->troubles = (struct tmpl_list){list, n};
	out->has_troubles = n > 0;
	return err;
}

/* ---- requests ---------------------------------------------------------------------------- */

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
figures_fill(struct ctx *c, const struct metrics_view *v, struct tmpl_list *out)
{
	enum { FIGURES = 5 };
	struct view_figure *f = ctx_calloc(c, FIGURES, sizeof(*f));
	struct metrics_summary s;
	enum err err;

	if (!f)
		return ERR_MEMORY;
	metrics_view_http(v, &s);
	f[0].name = tr_str(c, "Requests");
	f[1].name = tr_str(c, "Failed (5xx)");
	f[2].name = tr_str(c, "Median answer");
	f[3].name = tr_str(c, "Slowest 1 %");
	f[4].name = tr_str(c, "Up for");
	err = quantity_text(c, QUANTITY_COUNT, (double)s.count, &f[0].value);
	if (!err)
		err = quantity_text(c, QUANTITY_COUNT, (double)failures(v), &f[1].value);
	if (!err)
		err = quantity_text(c, QUANTITY_TIME, (double)s.p50_us, &f[2].value);
	if (!err)
		err = quantity_text(c, QUANTITY_TIME, (double)s.p99_us, &f[3].value);
	if (!err)
		err = quantity_span(c, metrics_view_uptime_us(v), &f[4].value);
	*out = (struct tmpl_list){f, FIGURES};
	return err;
}

static enum err
request_fill(struct ctx *c, const struct metrics_record *r, struct view_recent *out)
{
	int64_t seconds = r->time_us / 1000000;
	struct time_parts p;
	enum err err;

	time_split(seconds, time_zone_offset(seconds), &p);
	out->method = str_z(facts_method_name(r->method));
	out->status = r->status;
	out->failed = r->status >= 500;
	err = ctx_printf(c, &out->time, "%02d:%02d:%02d", p.hour, p.minute, p.second);
	if (!err)
		err = ctx_str(c, str_z(r->path), &out->path);
	return err ? err : quantity_text(c, QUANTITY_TIME, (double)r->duration_us, &out->duration);
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

static enum err
traffic_fill(struct ctx *c, struct txn *t, struct view_overview *out)
{
	struct metrics_view *v;
	enum err err;

	if (!c->cfg->metrics_enabled || !t->web->seg)
		return OK;
	out->measured = true;
	err = metrics_view(c, t->web->seg, &v);
	if (!err)
		err = figures_fill(c, v, &out->figures);
	if (!err)
		err = requests_fill(c, v, &out->requests);
	if (!err)
		err = dashboard_charts(c, t->web->seg, series_span_find(S("24h")),
			DASHBOARD_REQUESTS, DASHBOARD_LATENCY, &out->charts);
	out->has_requests = out->requests.n > 0;
	return err;
}

enum err
web_admin(struct ctx *c, struct txn *t)
{
	const struct view_page page = {.title = tr_str(c, "Overview"), .hidden = true};
	struct view_desk desk;
	struct view_overview data = {.site = t->site,
		.page = &page,
		.desk = &desk,
		.compose = S("/admin/compose"),
		.list = S("/admin/posts"),
		.calls = S("/admin/micropub")};
	enum err err = posts_fill(c, t, &data);

	if (!err)
		err = health_fill(c, t, &data);
	if (!err)
		err = troubles_fill(c, &data);
	if (!err)
		err = traffic_fill(c, t, &data);
	if (!err)
		err = desk_fill(c, t, DESK_OVERVIEW, STATIC_NONE, &desk);
	return err ? err : desk_send(c, t, VIEW_ADMIN, &data);
}
