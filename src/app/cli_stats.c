/*
 * `starpunk stats`: the figures of the running site, read out of its shared segment without asking
 * any of its processes.
 */
#include "app/cli.h"

#include "base/time.h"
#include "core/metrics.h"
#include "text/json.h"
#include "web/web.h"

#include <poll.h>
#include <stdio.h>
#include <unistd.h>

enum { WATCH_MS = 1000 };

static void
put_summary(struct buf *b, const char *name, const struct metrics_summary *s)
{
	double average = s->count ? (double)s->sum_us / (double)s->count : 0.0;

	buf_printf(b, "  %-24s %10llu %9.2f %9.2f %9.2f %9.2f\n", name,
		(unsigned long long)s->count, average / 1000.0, (double)s->p50_us / 1000.0,
		(double)s->p99_us / 1000.0, (double)s->max_us / 1000.0);
}

static void
put_head(struct buf *b, const char *title)
{
	buf_printf(b, "\n%-26s %10s %9s %9s %9s %9s\n", title, "count", "avg ms", "p50", "p99",
		"max");
}

static const char *
role_name(enum metrics_role role)
{
	static const char *const names[] = {
		[METRICS_SUPERVISOR] = "supervisor",
		[METRICS_WORKER] = "worker",
		[METRICS_COURIER] = "courier",
		[METRICS_COMMAND] = "command",
		[METRICS_LOGGER] = "logger",
	};

	return names[role];
}

static void
put_processes(struct buf *b, const struct metrics_view *v)
{
	int64_t now = time_now_us();
	struct metrics_process p;

	buf_printf(b, "\n%-12s %8s %10s %12s %10s %8s\n", "process", "pid", "up s", "requests",
		"connected", "MiB");
	for (size_t i = 0; metrics_view_process(v, i, &p); i++)
		buf_printf(b, "  %-10s %8d %10lld %12llu %10llu %8.1f\n", role_name(p.role), p.pid,
			(long long)((now - p.start_us) / 1000000), (unsigned long long)p.requests,
			(unsigned long long)p.connections, (double)p.memory_bytes / 1048576.0);
}

static void
put_http(struct buf *b, const struct metrics_view *v)
{
	struct metrics_summary s;

	put_head(b, "requests");
	metrics_view_http(v, &s);
	put_summary(b, "all", &s);
	for (size_t r = 0; r < ROUTE__MAX; r++) {
		metrics_view_route(v, (enum route)r, &s);
		if (s.count > 0)
			put_summary(b, facts_route_name((enum route)r), &s);
	}
}

static void
put_database(struct buf *b, const struct metrics_view *v)
{
	struct metrics_summary s;
	char name[64];

	put_head(b, "statements");
	metrics_view_database(v, &s);
	put_summary(b, "all", &s);
	for (size_t i = 0; i < (size_t)DBOP__MAX * DBTABLE__MAX; i++) {
		enum dbop op = (enum dbop)(i / DBTABLE__MAX);
		enum dbtable table = (enum dbtable)(i % DBTABLE__MAX);

		metrics_view_statement(v, op, table, &s);
		(void)snprintf(name, sizeof(name), "%s %s", metrics_op_name(op),
			metrics_table_name(table));
		if (s.count > 0)
			put_summary(b, name, &s);
	}
	buf_printf(b, "\nconnections %lld, in use %lld, waits %llu, given up %llu\n",
		(long long)metrics_view_gauge(v, GAUGE_POOL_SIZE),
		(long long)metrics_view_gauge(v, GAUGE_POOL_ACTIVE),
		(unsigned long long)metrics_view_counter(v, COUNTER_POOL_WAITS),
		(unsigned long long)metrics_view_counter(v, COUNTER_POOL_EXHAUSTED));
}

static enum err
put_text(struct ctx *c, const struct segment *seg, struct buf *b)
{
	struct metrics_view *v;
	enum err err = metrics_view(c, seg, &v);

	if (err)
		return err;
	buf_printf(b, "up %lld s, in flight %lld, ",
		(long long)(metrics_view_uptime_us(v) / 1000000),
		(long long)metrics_view_gauge(v, GAUGE_IN_FLIGHT));
	buf_printf(b, "sent %llu bytes, page cache %llu hits, %llu misses\n",
		(unsigned long long)metrics_view_counter(v, COUNTER_BYTES_SENT),
		(unsigned long long)metrics_view_counter(v, COUNTER_CACHE_HITS),
		(unsigned long long)metrics_view_counter(v, COUNTER_CACHE_MISSES));
	put_processes(b, v);
	put_http(b, v);
	put_database(b, v);
	return OK;
}

static enum err
put_json(struct ctx *c, const struct segment *seg, struct buf *b)
{
	struct json *o = NULL;
	enum err err;

	c->now_us = time_now_us();
	err = web_metrics_json(c, seg, S(""), &o);
	return err ? err : cli_put_json(c, o, b);
}

/* One look at the figures. */
static enum err
show(struct ctx *c, const struct cli *cli, bool clear)
{
	const char *dir = cli->cfg->runtime_path;
	struct segment *seg = NULL;
	struct buf out;
	enum err err = segment_attach(c, dir, false, &seg);

	buf_init(&out, &c->arena, CLI_TEXT_MAX);
	if (clear)
		buf_puts(&out, "\033[H\033[J");
	if (!err)
		err = cli_flag(cli, S("--json")) ? put_json(c, seg, &out) : put_text(c, seg, &out);
	if (!err)
		err = cli_print(c, &out);
	segment_close(seg);
	return err;
}

enum err
cli_stats(struct ctx *c, struct cli *cli)
{
	bool watch = cli_flag(cli, S("--watch"));
	bool clear = watch && !cli_flag(cli, S("--json")) && isatty(STDOUT_FILENO) == 1;
	enum err err = cli_config(c, cli);

	if (err)
		return err;
	err = show(c, cli, clear);
	while (!err && watch) {
		(void)poll(NULL, 0, WATCH_MS);
		ctx_reset(c);
		err = show(c, cli, clear);
	}
	if (err == ERR_NOT_FOUND) {
		err_clear(c);
		cli->remedy =
			"Start it with 'starpunk serve', or name its configuration with --config.";
		err = err_raise(c, ERR_NOT_FOUND, "no site is running with its segment in %s",
			cli->cfg->runtime_path);
	}
	return err;
}
