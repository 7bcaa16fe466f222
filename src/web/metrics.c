/*
 * The metrics as HTTP gives them: Prometheus text for machines that scrape, JSON for the owner.
 * Both are read out of the shared segment, so that any worker answers for all of them.
 */
#include "web/priv.h"

#include "core/metrics.h"
#include "web/build.h"
#include "web/checks.h"
#include "web/series.h"

enum { PROMETHEUS_MAX = 1024 * 1024, RECENT_MAX = 100 };

/* ERR_NOT_FOUND where metrics are switched off, or no site's segment is there to be read. */
static enum err
metrics_on(struct ctx *c, const struct txn *t)
{
	if (!c->cfg->metrics_enabled || !t->web->seg)
		return err_raise(c, ERR_NOT_FOUND, "metrics are switched off");
	return OK;
}

/* An address on the list needs no token; any other needs one of scope admin. */
static enum err
may_scrape(struct ctx *c, struct txn *t)
{
	if (config_network_match(c->cfg->metrics_allow, t->req.remote_addr))
		return OK;
	if (!req_bearer(&t->req).p)
		return err_raise(
			c, ERR_FORBIDDEN, "metrics asked for by %.*s", STR(t->req.remote_addr));
	return gate_admin(c, t);
}

enum err
web_metrics(struct ctx *c, struct txn *t)
{
	struct metrics_view *v;
	struct str text;
	struct buf b;
	enum err err = metrics_on(c, t);

	if (!err)
		err = may_scrape(c, t);
	if (err)
		return err;
	checks_signs(c, t->web->seg);
	err = metrics_view(c, t->web->seg, &v);
	if (err)
		return err;
	buf_init(&b, &c->arena, PROMETHEUS_MAX);
	metrics_prometheus(&b, v);
	err = buf_end(c, &b, &text);
	if (!err)
		resp_buf(&t->resp, "text/plain; version=0.0.4; charset=utf-8", text);
	return err;
}

/* ---- the owner's JSON -------------------------------------------------------------------- */

static struct json *
workers(struct build *b, const struct metrics_view *v)
{
	struct json *list = build_array(b);
	struct metrics_process p;

	for (size_t i = 0; metrics_view_process(v, i, &p); i++) {
		struct json *o;

		if (p.role != METRICS_WORKER && p.role != METRICS_COURIER)
			continue;
		o = build_object(b);
		build_int(b, o, "pid", p.pid);
		build_str(b, o, "role", p.role == METRICS_WORKER ? S("worker") : S("courier"));
		build_uint(b, o, "requests", p.requests);
		build_uint(b, o, "connections", p.connections);
		build_time(b, o, "started", p.start_us);
		build_int(b, o, "memory_bytes", p.memory_bytes);
		build_push(b, list, o);
	}
	return list;
}

/* Answers of a status class, of one route or of all (ROUTE__MAX). */
static uint64_t
answers(const struct metrics_view *v, enum route route, int status_class)
{
	uint64_t n = 0;

	for (size_t r = 0; r < ROUTE__MAX; r++)
		for (size_t m = 0; m < METHOD__MAX; m++)
			if (route == ROUTE__MAX || route == r)
				n += metrics_view_requests(
					v, (enum route)r, (enum method)m, status_class);
	return n;
}

static struct json *
routes(struct build *b, const struct metrics_view *v)
{
	struct json *list = build_array(b);

	for (size_t r = 0; r < ROUTE__MAX; r++) {
		struct metrics_summary s;
		struct json *o;

		metrics_view_route(v, (enum route)r, &s);
		if (s.count == 0)
			continue;
		o = build_object(b);
		build_str(b, o, "route", str_z(facts_route_name((enum route)r)));
		build_uint(b, o, "requests", s.count);
		build_uint(b, o, "errors_4xx", answers(v, (enum route)r, 4));
		build_uint(b, o, "errors_5xx", answers(v, (enum route)r, 5));
		build_summary(b, o, "duration_ms", &s);
		build_push(b, list, o);
	}
	return list;
}

static struct json *
http(struct build *b, const struct metrics_view *v)
{
	struct json *o = build_object(b);
	struct metrics_summary s;

	metrics_view_http(v, &s);
	build_uint(b, o, "requests", s.count);
	build_uint(b, o, "errors_4xx", answers(v, ROUTE__MAX, 4));
	build_uint(b, o, "errors_5xx", answers(v, ROUTE__MAX, 5));
	build_uint(b, o, "bytes_sent", metrics_view_counter(v, COUNTER_BYTES_SENT));
	build_uint(b, o, "bytes_received", metrics_view_counter(v, COUNTER_BYTES_RECEIVED));
	build_uint(b, o, "aborted", metrics_view_counter(v, COUNTER_ABORTED));
	build_uint(b, o, "cache_hits", metrics_view_counter(v, COUNTER_CACHE_HITS));
	build_uint(b, o, "cache_misses", metrics_view_counter(v, COUNTER_CACHE_MISSES));
	build_summary(b, o, "duration_ms", &s);
	build_put(b, o, "routes", routes(b, v));
	return o;
}

static struct json *
by_operation(struct build *b, const struct metrics_view *v)
{
	struct json *list = build_array(b);

	for (size_t i = 0; i < (size_t)DBOP__MAX * DBTABLE__MAX; i++) {
		enum dbop op = (enum dbop)(i / DBTABLE__MAX);
		enum dbtable table = (enum dbtable)(i % DBTABLE__MAX);
		struct metrics_summary s;
		struct json *o;

		metrics_view_statement(v, op, table, &s);
		if (s.count == 0)
			continue;
		o = build_object(b);
		build_str(b, o, "operation", str_z(metrics_op_name(op)));
		build_str(b, o, "table", str_z(metrics_table_name(table)));
		build_uint(b, o, "count", s.count);
		build_summary(b, o, "duration_ms", &s);
		build_push(b, list, o);
	}
	return list;
}

static struct json *
pool(struct build *b, const struct metrics_view *v)
{
	struct json *o = build_object(b);
	int64_t size = metrics_view_gauge(v, GAUGE_POOL_SIZE);
	int64_t active = metrics_view_gauge(v, GAUGE_POOL_ACTIVE);
	struct metrics_summary waits;

	metrics_view_histogram(v, HISTOGRAM_POOL_WAIT, &waits);
	build_int(b, o, "pool_size", size);
	build_int(b, o, "active", active);
	build_int(b, o, "available", size - active);
	build_uint(b, o, "created", metrics_view_counter(v, COUNTER_POOL_CREATED));
	build_uint(b, o, "acquired", metrics_view_counter(v, COUNTER_POOL_ACQUIRED));
	build_uint(b, o, "released", metrics_view_counter(v, COUNTER_POOL_RELEASED));
	build_uint(b, o, "waits", metrics_view_counter(v, COUNTER_POOL_WAITS));
	build_seconds(b, o, "wait_time_total", (int64_t)waits.sum_us);
	build_uint(b, o, "exhausted", metrics_view_counter(v, COUNTER_POOL_EXHAUSTED));
	return o;
}

static struct json *
database(struct build *b, const struct metrics_view *v)
{
	struct json *o = build_object(b);
	struct metrics_summary s;

	metrics_view_database(v, &s);
	build_uint(b, o, "operations", s.count);
	build_uint(b, o, "slow", metrics_view_counter(v, COUNTER_DB_SLOW));
	build_summary(b, o, "duration_ms", &s);
	build_put(b, o, "by_operation", by_operation(b, v));
	build_put(b, o, "pool", pool(b, v));
	return o;
}

static struct json *
render(struct build *b, const struct metrics_view *v)
{
	struct json *o = build_object(b);
	struct metrics_summary s;

	metrics_view_histogram(v, HISTOGRAM_RENDER, &s);
	build_uint(b, o, "count", s.count);
	build_summary(b, o, "duration_ms", &s);
	return o;
}

static struct json *
sampling(struct build *b, const struct metrics_view *v)
{
	struct json *o = build_object(b);

	if (!b->err)
		b->err = json_set_double(b->c, o, S("rate"), b->c->cfg->metrics_sampling_rate);
	build_uint(b, o, "kept", metrics_view_counter(v, COUNTER_DETAIL_KEPT));
	build_uint(b, o, "seen", metrics_view_counter(v, COUNTER_DETAIL_SEEN));
	return o;
}

static struct json *
recent(struct build *b, const struct metrics_view *v)
{
	struct json *list = build_array(b);
	struct metrics_record r;

	for (size_t i = 0; i < RECENT_MAX && metrics_view_record(v, i, &r); i++) {
		struct json *o = build_object(b);

		build_time(b, o, "time", r.time_us);
		build_str(b, o, "request_id", str_z(r.request_id));
		build_str(b, o, "method", str_z(facts_method_name(r.method)));
		build_str(b, o, "path", str_z(r.path));
		build_str(b, o, "route", str_z(facts_route_name(r.route)));
		build_int(b, o, "status", r.status);
		build_ms(b, o, "duration_ms", r.duration_us);
		build_ms(b, o, "db_ms", r.db_us);
		build_uint(b, o, "db_queries", r.db_queries);
		build_uint(b, o, "bytes", r.bytes);
		build_push(b, list, o);
	}
	return list;
}

enum err
web_metrics_json(struct ctx *c, const struct segment *seg, struct str span, struct json **out)
{
	struct build b = {c, OK};
	struct metrics_view *v;
	struct series series;
	enum err err = metrics_view(c, seg, &v);

	if (!err)
		err = series_read(c, seg, series_span_find(span), &series);
	if (err)
		return err;
	*out = build_object(&b);
	build_seconds(&b, *out, "uptime_seconds", metrics_view_uptime_us(v));
	build_put(&b, *out, "workers", workers(&b, v));
	build_put(&b, *out, "http", http(&b, v));
	build_put(&b, *out, "database", database(&b, v));
	build_put(&b, *out, "render", render(&b, v));
	build_put(&b, *out, "sampling", sampling(&b, v));
	build_put(&b, *out, "recent", recent(&b, v));
	build_put(&b, *out, "history", series_json(&b, &series));
	return b.err;
}

enum err
web_admin_metrics(struct ctx *c, struct txn *t)
{
	struct str span;
	struct json *o;
	enum err err = metrics_on(c, t);

	if (!err)
		err = req_query(c, &t->req, S("span"), &span);
	if (!err)
		err = web_metrics_json(c, t->web->seg, span, &o);
	return err ? err : txn_json(c, t, "application/json", o);
}
