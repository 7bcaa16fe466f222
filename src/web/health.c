/*
 * Health: whether the process answers, and whether what it needs is there. Everybody may know the
 * verdict; the figures behind it are for the owner, or for all if health_check_detailed says so.
 * Who asks for application/health+json gets the same in that draft's words.
 */
#include "web/priv.h"

#include "core/metrics.h"
#include "core/proc.h"
#include "http/cond.h"
#include "web/build.h"

#include <sys/statvfs.h>
#include <unistd.h>

enum { MIB = 1024 * 1024, LEAST_FREE = 16 * MIB };

struct checks {
	bool database, filesystem, memory;
	struct pool_stats pool;
	int64_t memory_bytes;
};

static bool
wants_draft(const struct txn *t)
{
	struct str accept = req_header(&t->req, "Accept");

	return accept_quality(accept, S("application/health+json")) >
	       accept_quality(accept, S("application/json"));
}

static enum err
verdict_send(struct ctx *c, struct txn *t, const struct json *o, bool healthy)
{
	t->resp.status = healthy ? 200 : 503;
	if (!healthy)
		resp_set(&t->resp, "Retry-After", S("5"));
	return txn_json(c, t, wants_draft(t) ? "application/health+json" : "application/json", o);
}

static struct json *
verdict(struct build *b, const struct txn *t, bool healthy)
{
	struct json *o = build_object(b);

	if (wants_draft(t))
		build_str(b, o, "status", healthy ? S("pass") : S("fail"));
	else
		build_str(b, o, "status", healthy ? S("healthy") : S("degraded"));
	build_time(b, o, "timestamp", b->c->now_us);
	return o;
}

enum err
web_health(struct ctx *c, struct txn *t)
{
	struct build b = {c, OK};
	struct json *o = verdict(&b, t, true);

	return b.err ? b.err : verdict_send(c, t, o, true);
}

/* ---- the checks -------------------------------------------------------------------------- */

/* A directory that can be written to, on a file system with some room. */
static bool
directory_usable(const char *path)
{
	struct statvfs fs;

	return access(path, W_OK | X_OK) == 0 && statvfs(path, &fs) == 0 &&
	       (unsigned long long)fs.f_bavail * fs.f_frsize >= LEAST_FREE;
}

/* Whether a failure is of the check and not of us: then it is its result and no error of ours. */
static void
checks_run(struct ctx *c, struct txn *t, struct checks *out)
{
	const struct err_slot before = c->err;
	struct str database = str_z(c->cfg->database_path), dir = S("/");
	struct db *db;

	pool_stats(t->web->pool, &out->pool);
	out->database = txn_db(c, t, &db) == OK && db_ping(c, db) == OK;
	for (size_t i = 0; i < database.n; i++)
		if (database.p[i] == '/' && i > 0)
			dir = str_sub(database, 0, i);
	dir = arena_str(&c->arena, dir);
	out->filesystem = dir.p && directory_usable(dir.p) && directory_usable(c->cfg->media_path);
	out->memory_bytes = proc_rss_bytes();
	out->memory = out->memory_bytes <= c->cfg->memory_threshold;
	c->err = before;
}

/* May the figures be shown? Somebody without the right to them still gets the verdict. */
static bool
may_see(struct ctx *c, struct txn *t)
{
	const struct err_slot before = c->err;
	bool may = c->cfg->health_check_detailed;

	if (!may && (req_bearer(&t->req).p || req_cookie(&t->req, t->web->cookie).p))
		may = gate_admin(c, t) == OK;
	c->err = before;
	return may;
}

static int64_t
uptime_us(struct ctx *c, const struct txn *t)
{
	struct metrics_view *v;

	if (!t->web->seg || metrics_view(c, t->web->seg, &v) != OK) {
		err_clear(c);
		return 0;
	}
	return metrics_view_uptime_us(v);
}

static struct json *
checks_show(struct build *b, const struct checks *k)
{
	struct json *all = build_object(b), *o;

	o = build_object(b);
	build_bool(b, o, "healthy", k->database);
	build_uint(b, o, "pool_active", k->pool.active);
	build_uint(b, o, "pool_size", k->pool.size);
	build_put(b, all, "database", o);
	o = build_object(b);
	build_bool(b, o, "healthy", true);
	build_str(b, o, "engine", S("none"));
	build_bool(b, o, "enabled", false);
	build_put(b, all, "search", o);
	o = build_object(b);
	build_bool(b, o, "healthy", k->filesystem);
	build_put(b, all, "filesystem", o);
	o = build_object(b);
	build_bool(b, o, "healthy", k->memory);
	build_int(b, o, "usage_mb", k->memory_bytes / MIB);
	build_int(b, o, "threshold_mb", b->c->cfg->memory_threshold / MIB);
	build_put(b, all, "memory", o);
	return all;
}

/* The draft's form of one check: a list of one, under "component:measurement". */
static void
draft_check(struct build *b, struct json *all, const char *name, const char *type, bool pass,
	int64_t value, const char *unit)
{
	struct json *list = build_array(b), *o = build_object(b);

	build_str(b, o, "componentType", str_z(type));
	build_int(b, o, "observedValue", value);
	build_str(b, o, "observedUnit", str_z(unit));
	build_str(b, o, "status", pass ? S("pass") : S("fail"));
	build_time(b, o, "time", b->c->now_us);
	build_push(b, list, o);
	build_put(b, all, name, list);
}

static struct json *
draft_show(struct build *b, const struct checks *k)
{
	struct json *all = build_object(b);

	draft_check(b, all, "database:connections", "datastore", k->database,
		(int64_t)k->pool.active, "connections");
	draft_check(b, all, "filesystem:usable", "system", k->filesystem, k->filesystem, "flag");
	draft_check(
		b, all, "memory:utilization", "system", k->memory, k->memory_bytes / MIB, "MiB");
	return all;
}

enum err
web_health_ready(struct ctx *c, struct txn *t)
{
	struct build b = {c, OK};
	struct checks k = {0};
	struct json *o;
	bool healthy;

	checks_run(c, t, &k);
	healthy = k.database && k.filesystem && k.memory;
	o = verdict(&b, t, healthy);
	if (may_see(c, t)) {
		build_seconds(&b, o, "uptime", uptime_us(c, t));
		build_str(&b, o, "version", S(SP_VERSION));
		build_put(
			&b, o, "checks", wants_draft(t) ? draft_show(&b, &k) : checks_show(&b, &k));
	}
	return b.err ? b.err : verdict_send(c, t, o, healthy);
}
