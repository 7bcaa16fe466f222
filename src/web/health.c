/*
 * Health: whether the process answers, and whether what it needs is there. Everybody may know the
 * verdict; the figures behind it are for the owner, or for all if health_check_detailed says so.
 * Who asks for application/health+json gets the same in that draft's words.
 */
#include "web/priv.h"

#include "base/time.h"
#include "http/cond.h"
#include "web/build.h"
#include "web/checks.h"
#include "web/quantity.h"

enum { MIB = 1024 * 1024 };

/*
 * Degraded is a site that does its work, though something of it waits or is slower: no balancer is to take
 * it out. Who may not see the checks is told only whether it does.
 */
enum state { WELL, DEGRADED, FAILED };

static bool
wants_draft(const struct txn *t)
{
	struct str accept = req_header(&t->req, "Accept");

	return accept_quality(accept, S("application/health+json")) >
	       accept_quality(accept, S("application/json"));
}

static enum err
verdict_send(struct ctx *c, struct txn *t, const struct json *o, enum state state)
{
	t->resp.status = state == FAILED ? 503 : 200;
	if (state == FAILED)
		resp_set(&t->resp, "Retry-After", S("5"));
	return txn_json(c, t, wants_draft(t) ? "application/health+json" : "application/json", o);
}

/* Our own form has two words; the status of the answer tells the last two states apart. */
static struct json *
verdict(struct build *b, const struct txn *t, enum state state)
{
	static const struct str words[] = {S_INIT("healthy"), S_INIT("degraded"), S_INIT("degraded")};
	static const struct str draft[] = {S_INIT("pass"), S_INIT("warn"), S_INIT("fail")};
	struct json *o = build_object(b);

	build_str(b, o, "status", wants_draft(t) ? draft[state] : words[state]);
	build_time(b, o, "timestamp", b->c->now_us);
	return o;
}

enum err
web_health(struct ctx *c, struct txn *t)
{
	struct build b = {c, OK};
	struct json *o = verdict(&b, t, WELL);

	return b.err ? b.err : verdict_send(c, t, o, WELL);
}

/* ---- the checks -------------------------------------------------------------------------- */

static bool
shows_right(const struct txn *t)
{
	return req_bearer(&t->req).p || req_cookie(&t->req, t->web->cookie).p;
}

/* May the figures be shown? Somebody without the right to them still gets the verdict. */
static bool
may_see(struct ctx *c, struct txn *t, const struct checks *k)
{
	const struct err_slot before = c->err;
	bool may = c->cfg->health_check_detailed;
	int64_t deadline = checks_bound(c);

	if (!may && shows_right(t) && !lookout_database_silent(&k->places))
		may = gate_admin(c, t) == OK;
	checks_bound_end(c, deadline);
	c->err = before;
	return may;
}

/* An object of a check, with its verdict. */
static struct json *
check_object(struct build *b, struct json *all, const struct checks *k, enum check which)
{
	struct json *o = build_object(b);

	build_bool(b, o, "healthy", k->good[which]);
	build_put(b, all, check_row(which)->name, o);
	return o;
}

/* What the site can do its work without. */
static void
others_show(struct build *b, struct json *all, const struct checks *k)
{
	struct json *o;

	o = check_object(b, all, k, CHECK_DISK);
	if (k->known[CHECK_DISK])
		build_int(b, o, "free_mb", k->free_bytes / MIB);
	if (k->known[CHECK_LOCK])
		(void)check_object(b, all, k, CHECK_LOCK);
	if (k->known[CHECK_WAL]) {
		o = check_object(b, all, k, CHECK_WAL);
		build_int(b, o, "size_mb", k->wal_bytes / MIB);
	}
	if (k->known[CHECK_WORKERS]) {
		o = check_object(b, all, k, CHECK_WORKERS);
		build_uint(b, o, "count", k->workers);
		build_uint(b, o, "silent", k->silent);
	}
	if (k->known[CHECK_COURIER])
		(void)check_object(b, all, k, CHECK_COURIER);
	o = check_object(b, all, k, CHECK_JOBS);
	if (k->known[CHECK_JOBS]) {
		build_int(b, o, "waiting", k->pending.waiting);
		build_int(b, o, "given_up", k->pending.given_up);
	}
	if (k->known[CHECK_CLOCK])
		(void)check_object(b, all, k, CHECK_CLOCK);
	(void)check_object(b, all, k, CHECK_SANDBOX);
	if (k->known[CHECK_LOG])
		(void)check_object(b, all, k, CHECK_LOG);
}

static struct json *
checks_show(struct build *b, const struct checks *k)
{
	struct json *all = build_object(b), *o;

	o = check_object(b, all, k, CHECK_DATABASE);
	build_uint(b, o, "pool_active", k->pool.active);
	build_uint(b, o, "pool_size", k->pool.size);
	(void)check_object(b, all, k, CHECK_WRITING);
	o = check_object(b, all, k, CHECK_SEARCH);
	build_str(b, o, "engine",
		k->known[CHECK_SEARCH] ? str_z(search_engine_name(k->search.engine)) : S("unknown"));
	build_bool(b, o, "enabled", k->search.enabled);
	(void)check_object(b, all, k, CHECK_FILESYSTEM);
	o = check_object(b, all, k, CHECK_MEMORY);
	build_int(b, o, "usage_mb", k->memory_bytes / MIB);
	build_int(b, o, "threshold_mb", b->c->cfg->memory_threshold / MIB);
	others_show(b, all, k);
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

/* There is a third verdict for what the site can do its work without. */
static void
draft_warning(struct build *b, struct json *all, const struct checks *k, enum check which,
	const char *name, const char *type)
{
	struct json *list = build_array(b), *o = build_object(b);

	build_str(b, o, "componentType", str_z(type));
	build_str(b, o, "status", k->good[which] ? S("pass") : S("warn"));
	build_time(b, o, "time", b->c->now_us);
	build_push(b, list, o);
	if (k->known[which] || k->missed[which])
		build_put(b, all, name, list);
}

static struct json *
draft_show(struct build *b, const struct checks *k)
{
	struct json *all = build_object(b);
	bool files = k->good[CHECK_FILESYSTEM], writing = k->good[CHECK_WRITING];

	draft_check(b, all, "database:connections", "datastore", k->good[CHECK_DATABASE],
		(int64_t)k->pool.active, "connections");
	draft_check(b, all, "database:writable", "datastore", writing, writing, "flag");
	draft_check(b, all, "filesystem:usable", "system", files, files, "flag");
	draft_check(b, all, "memory:utilization", "system", k->good[CHECK_MEMORY],
		k->memory_bytes / MIB, "MiB");
	draft_warning(b, all, k, CHECK_DISK, "disk:room", "system");
	draft_warning(b, all, k, CHECK_LOCK, "database:lock", "datastore");
	draft_warning(b, all, k, CHECK_WAL, "wal:size", "datastore");
	draft_warning(b, all, k, CHECK_WORKERS, "workers:heartbeat", "component");
	draft_warning(b, all, k, CHECK_COURIER, "courier:heartbeat", "component");
	draft_warning(b, all, k, CHECK_JOBS, "jobs:given_up", "component");
	draft_warning(b, all, k, CHECK_SEARCH, "search:engine", "component");
	draft_warning(b, all, k, CHECK_CLOCK, "clock:steady", "system");
	draft_warning(b, all, k, CHECK_SANDBOX, "sandbox:files", "system");
	draft_warning(b, all, k, CHECK_LOG, "log:writable", "system");
	return all;
}

/* The names of the checks that are not well: those that fail the site, or the others. */
static struct json *
names_show(struct build *b, const struct checks *k, bool vital)
{
	struct json *list = build_array(b);

	for (size_t i = 0; i < CHECK__MAX; i++)
		if (checks_amiss(k, (enum check)i) && check_row((enum check)i)->vital == vital)
			build_push_str(b, list, str_z(check_row((enum check)i)->name));
	return list;
}

static void
detail_show(struct build *b, struct txn *t, struct json *o, const struct checks *k)
{
	bool as_draft = wants_draft(t);

	build_seconds(b, o, "uptime", k->uptime_us);
	build_str(b, o, "version", S(SP_VERSION));
	build_put(b, o, "checks", as_draft ? draft_show(b, k) : checks_show(b, k));
	if (as_draft)
		return;
	build_put(b, o, "failed", names_show(b, k, true));
	build_put(b, o, "attention", names_show(b, k, false));
}

/*
 * Where the database does not answer, whose a token is cannot be told: who has one is told what fails,
 * in names that every page's error gives away as well.
 */
enum err
web_health_ready(struct ctx *c, struct txn *t)
{
	struct build b = {c, OK};
	enum state state;
	struct checks k;
	struct json *o;
	bool detailed;

	checks_vital(c, t, &k);
	detailed = may_see(c, t, &k);
	if (detailed)
		checks_rest(c, t, &k);
	state = !checks_healthy(&k) ? FAILED : detailed && checks_bad(&k) > 0 ? DEGRADED : WELL;
	o = verdict(&b, t, state);
	if (detailed)
		detail_show(&b, t, o, &k);
	else if (!k.good[CHECK_DATABASE] && shows_right(t) && !wants_draft(t))
		build_put(&b, o, "failed", names_show(&b, &k, true));
	return b.err ? b.err : verdict_send(c, t, o, state);
}

/* ---- the owner's page -------------------------------------------------------------------- */

static enum err
row_fill(struct ctx *c, const struct checks *k, enum check which, struct view_check *out)
{
	const struct check_row *row = check_row(which);

	*out = (struct view_check){.name = tr_str(c, row->title),
		.good = k->good[which],
		.vital = row->vital,
		.finding = tr_str(c, k->good[which] ? row->good : row->bad),
		.remedy = k->good[which] ? S("") : tr_str(c, row->remedy)};
	return checks_figure(c, k, which, &out->figure);
}

enum err
web_admin_health(struct ctx *c, struct txn *t)
{
	const struct view_page page = {.title = tr_str(c, "Health"), .hidden = true};
	struct view_check rows[CHECK__MAX];
	struct view_desk desk;
	struct view_health data = {.site = t->site, .page = &page, .desk = &desk,
		.ready = S("/health/ready")};
	int64_t now = c->now_us / 1000000;
	struct view_date when;
	struct checks k;
	size_t n = 0;
	enum err err = OK;

	data.looked = &when;
	checks_vital(c, t, &k);
	checks_rest(c, t, &k);
	txn_db_release(c, t);
	for (size_t i = 0; !err && i < CHECK__MAX; i++)
		if (k.known[i])
			err = row_fill(c, &k, (enum check)i, &rows[n++]);
	data.checks = (struct tmpl_list){rows, n};
	data.healthy = checks_healthy(&k);
	data.well = checks_bad(&k) == 0;
	if (!err)
		err = quantity_span(c, k.uptime_us, &data.uptime);
	if (!err)
		err = view_date(c, now, time_zone_offset(now), &when);
	if (!err)
		err = desk_fill(c, t, DESK_HEALTH, STATIC_NONE, &desk);
	return err ? err : desk_send(c, t, VIEW_HEALTH, &data);
}
