/*
 * Looking at database, disk, memory, courier and clock. A check that fails is its result, and no
 * error of the request that asks.
 */
#include "web/checks.h"

#include "base/time.h"
#include "core/log.h"
#include "core/metrics.h"
#include "core/proc.h"
#include "core/sight.h"
#include "web/priv.h"
#include "web/quantity.h"

#include <string.h>

static const int64_t MIB = 1024 * 1024;

static const struct check_row rows[CHECK__MAX] = {
#define CHECK(sym, name, title, vital, good, bad, remedy) \
	[CHECK_##sym] = {name, title, vital, good, bad, remedy},
#include "tables/checks.def"
#undef CHECK
};

const struct check_row *
check_row(enum check k)
{
	return &rows[k];
}

int64_t
checks_bound(struct ctx *c)
{
	int64_t before = c->deadline_us, end = time_mono_us() + CHECKS_BOUND;

	if (before == 0 || end < before)
		c->deadline_us = end;
	return before;
}

void
checks_bound_end(struct ctx *c, int64_t before)
{
	c->deadline_us = before;
}

static void
found(struct checks *k, enum check which, bool good)
{
	k->known[which] = true;
	k->good[which] = good;
}

/* ---- what the site is told ---------------------------------------------------------------- */

/* In English, as all that the log says; a check without figures has its row's sentence. */
static enum err
reason(struct ctx *c, const struct checks *k, enum check which, struct str *out)
{
	*out = str_z(rows[which].bad);
	switch (which) {
	case CHECK_DATABASE:
		*out = k->database_why;
		return OK;
	case CHECK_FILESYSTEM:
		*out = k->files_why;
		return OK;
	case CHECK_MEMORY:
		return ctx_printf(c, out, "a worker has %lld MiB; memory_threshold is %lld",
			(long long)(k->memory_bytes / MIB), (long long)(c->cfg->memory_threshold / MIB));
	case CHECK_DISK:
		return ctx_printf(c, out, "%lld MiB are left", (long long)(k->free_bytes / MIB));
	case CHECK_WAL:
		return ctx_printf(c, out, "it has %lld MiB", (long long)(k->wal_bytes / MIB));
	case CHECK_COURIER:
		if (k->beat_us < 0)
			return ctx_printf(c, out, "it is not running");
		return ctx_printf(c, out, "its last sign of life was %lld s ago",
			(long long)(k->beat_us / 1000000));
	case CHECK_JOBS:
		return ctx_printf(c, out, "%lld were given up", (long long)k->pending.given_up);
	default:
		return OK;
	}
}

static void
tell(struct ctx *c, const struct checks *k, enum check which, enum health_change change)
{
	struct str name = str_z(rows[which].name), why;

	if (change == HEALTH_RECOVERED)
		log_event(c, health_recovered, .check = name);
	if (change != HEALTH_FAILED)
		return;
	if (reason(c, k, which, &why) != OK)
		why = S("");
	if (rows[which].vital)
		log_event(c, health_failed, .check = name, .detail = why);
	else
		log_event(c, health_degraded, .check = name, .detail = why);
}

/* Of memory one worker knows only its own. */
static void
note(struct ctx *c, struct segment *seg, const struct checks *k)
{
	int64_t now = time_mono_us();

	for (size_t i = 0; i < CHECK__MAX; i++)
		if (k->known[i] && (i != CHECK_MEMORY || k->site))
			tell(c, k, (enum check)i, health_note(seg, (enum check)i, k->good[i], now));
}

/* ---- what is vital ----------------------------------------------------------------------- */

static enum err
silence_text(struct ctx *c, const struct checks *k, struct str *out)
{
	return ctx_printf(c, out, "'%s' did not answer within %lld s",
		k->places.at[k->places.silent].path, (long long)(CHECKS_BOUND / 1000000));
}

/* OK if the database may be asked. */
static enum err
database_reachable(struct ctx *c, const struct checks *k)
{
	struct str why;
	enum err err;

	if (!lookout_database_silent(&k->places))
		return OK;
	err = silence_text(c, k, &why);
	return err ? err : err_raise(c, ERR_TIMEOUT, "%.*s", STR(why));
}

/* A directory that can be written to, and how much room there is beside it. */
static enum err
directory_judge(struct ctx *c, const struct lookout_find *f, struct checks *k)
{
	if (f->missing)
		return ctx_printf(c, &k->files_why, "'%s': %s", f->path, strerror(f->missing));
	if (f->bytes < k->free_bytes)
		k->free_bytes = f->bytes;
	if (f->closed)
		return ctx_printf(c, &k->files_why, "'%s' may not be written: %s", f->path,
			strerror(f->closed));
	if (f->bytes < CHECKS_LEAST_FREE)
		return ctx_printf(c, &k->files_why, "%lld KiB are left at '%s'",
			(long long)(f->bytes / 1024), f->path);
	return OK;
}

static bool
both_seen(const struct checks *k)
{
	const struct lookout_find *a = &k->places.at[LOOKOUT_DATABASE], *b = &k->places.at[LOOKOUT_MEDIA];

	return a->known && !a->missing && b->known && !b->missing;
}

/* What there was no time to see does not fail the site; nor is it told to be well. */
static void
files_judge(struct ctx *c, struct checks *k)
{
	enum err err = OK;

	k->free_bytes = INT64_MAX;
	for (size_t i = LOOKOUT_DATABASE; !err && i <= LOOKOUT_MEDIA; i++)
		if (k->places.at[i].known)
			err = directory_judge(c, &k->places.at[i], k);
	if (!err && k->places.silent != LOOKOUT__MAX)
		err = silence_text(c, k, &k->files_why);
	k->good[CHECK_FILESYSTEM] = !err && str_empty(k->files_why);
	k->known[CHECK_FILESYSTEM] = !k->good[CHECK_FILESYSTEM] || both_seen(k);
}

/* err: of what was asked of the database. */
static void
vital_look(struct ctx *c, struct segment *seg, enum err err, struct checks *k)
{
	found(k, CHECK_DATABASE, err == OK);
	if (err && ctx_str(c, str_z(c->err.detail), &k->database_why) != OK)
		k->database_why = S("");
	found(k, CHECK_WRITING, segment_writable(seg));
	files_judge(c, k);
	found(k, CHECK_MEMORY, k->memory_bytes <= c->cfg->memory_threshold);
}

void
checks_vital(struct ctx *c, struct txn *t, struct checks *out)
{
	const struct err_slot before = c->err;
	int64_t deadline;
	struct db *db;
	enum err err;

	*out = (struct checks){.beat_us = -1, .memory_bytes = proc_rss_bytes()};
	lookout_ask(t->web->lookout, CHECKS_BOUND, &out->places);
	pool_stats(t->web->pool, &out->pool);
	deadline = checks_bound(c);
	err = database_reachable(c, out);
	if (!err)
		err = txn_db(c, t, &db);
	if (!err)
		err = db_ping(c, db);
	checks_bound_end(c, deadline);
	vital_look(c, t->web->seg, err, out);
	c->err = before;
	note(c, t->web->seg, out);
}

/* ---- what is good to know ---------------------------------------------------------------- */

static void
room_judge(struct checks *k)
{
	k->missed[CHECK_DISK] = !both_seen(k);
	if (!k->missed[CHECK_DISK])
		found(k, CHECK_DISK, k->free_bytes >= CHECKS_LITTLE_FREE);
}

static void
wal_judge(struct checks *k)
{
	const struct lookout_find *f = &k->places.at[LOOKOUT_WAL];

	k->missed[CHECK_WAL] = !f->known;
	k->wal_bytes = f->bytes;
	if (f->known)
		found(k, CHECK_WAL, k->wal_bytes <= CHECKS_WAL_LARGE);
}

/*
 * Who has been silent for half the time after which it is replaced, compared with the one that was
 * heard last: when a machine wakes up all have been silent for as long as it slept.
 */
static void
workers_look(const struct ctx *c, const struct segment *seg, struct checks *k)
{
	metrics_silent(seg, c->cfg->hang_timeout / 2, &k->workers, &k->silent);
	found(k, CHECK_WORKERS, k->silent == 0);
}

/* Signs of life, and whether the two clocks have gone on alike. */
static void
segment_look(const struct ctx *c, const struct segment *seg, struct checks *k)
{
	struct metrics_pulse p;

	if (!seg)
		return;
	metrics_pulse(seg, &p);
	if (p.beat_us > 0)
		k->beat_us = time_mono_us() - p.beat_us;
	workers_look(c, seg, k);
	found(k, CHECK_COURIER, k->beat_us >= 0 && k->beat_us < CHECKS_BEAT_LATE);
	k->uptime_us = p.uptime_us;
	found(k, CHECK_LOG, p.log_failing <= 0);
	found(k, CHECK_LOCK, !segment_locked(seg));
	found(k, CHECK_CLOCK,
		c->now_us - p.start_us >= k->uptime_us - CHECKS_CLOCK_SLACK &&
			c->now_us >= segment_generation_time(seg) - CHECKS_CLOCK_SLACK);
}

/* What the database knows; NULL: it does not answer. */
static void
database_look(struct ctx *c, struct db *db, struct checks *k)
{
	k->search.enabled = c->cfg->search_enabled;
	if (db && pending_count(c, db, &k->pending) == OK)
		found(k, CHECK_JOBS, k->pending.given_up == 0);
	if (db)
		found(k, CHECK_SEARCH,
			search_report(c, db, &k->search) == OK && search_report_good(&k->search));
	k->missed[CHECK_JOBS] = !k->known[CHECK_JOBS];
	k->missed[CHECK_SEARCH] = !k->known[CHECK_SEARCH];
}

static void
rest_look(struct ctx *c, struct segment *seg, struct db *db, struct checks *k)
{
	segment_look(c, seg, k);
	database_look(c, db, k);
	found(k, CHECK_SANDBOX, c->cfg->sandbox && sight_works());
	room_judge(k);
	wal_judge(k);
}

void
checks_rest(struct ctx *c, struct txn *t, struct checks *out)
{
	const struct err_slot before = c->err;
	int64_t deadline = checks_bound(c);
	struct db *db = NULL;

	if (out->good[CHECK_DATABASE] && txn_db(c, t, &db) != OK)
		db = NULL;
	rest_look(c, t->web->seg, db, out);
	checks_bound_end(c, deadline);
	c->err = before;
	note(c, t->web->seg, out);
}

static int64_t
largest_worker(struct ctx *c, const struct segment *seg)
{
	struct metrics_process p;
	struct metrics_view *v;
	int64_t largest = 0;

	if (metrics_view(c, seg, &v) != OK)
		return 0;
	for (size_t i = 0; metrics_view_process(v, i, &p); i++)
		if (p.role == METRICS_WORKER && p.memory_bytes > largest)
			largest = p.memory_bytes;
	return largest;
}

void
checks_site(struct ctx *c, struct segment *seg, const struct lookout_view *places, struct db *db,
	struct checks *out)
{
	enum err err = c->err.code;
	int64_t deadline;

	*out = (struct checks){
		.beat_us = -1, .memory_bytes = largest_worker(c, seg), .site = true, .places = *places};
	deadline = checks_bound(c);
	if (!err)
		err = database_reachable(c, out);
	if (!err && db)
		err = db_ping_file(c, db);
	vital_look(c, seg, err, out);
	rest_look(c, seg, err ? NULL : db, out);
	checks_bound_end(c, deadline);
	err_clear(c);
	note(c, seg, out);
}

void
checks_signs(struct ctx *c, struct segment *seg)
{
	struct checks k = {.beat_us = -1};

	segment_look(c, seg, &k);
	note(c, seg, &k);
}

bool
checks_amiss(const struct checks *k, enum check which)
{
	return (k->known[which] && !k->good[which]) || k->missed[which];
}

bool
checks_healthy(const struct checks *k)
{
	bool healthy = true;

	for (size_t i = 0; i < CHECK__MAX; i++)
		healthy = healthy && (!rows[i].vital || k->good[i]);
	return healthy;
}

size_t
checks_bad(const struct checks *k)
{
	size_t n = 0;

	for (size_t i = 0; i < CHECK__MAX; i++)
		n += checks_amiss(k, (enum check)i) ? 1 : 0;
	return n;
}

/* What answers searches, and whether the courier is behind. */
static enum err
search_figure(struct ctx *c, const struct search_report *r, struct str *out)
{
	const char *engine = r->engine == SEARCH_FTS5 ? N_("index") : N_("walk over the posts");

	if (!r->enabled)
		return ctx_printf(c, out, "%s", tr(c, "switched off"));
	if (!r->left)
		return ctx_printf(c, out, "%s", tr(c, engine));
	return ctx_printf(c, out, tr(c, "%s, being brought up to date"), tr(c, engine));
}

static enum err
size_text(struct ctx *c, const char *format, double bytes, struct str *out)
{
	struct str size;
	enum err err = quantity_text(c, QUANTITY_BYTES, bytes, &size);

	return err ? err : ctx_printf(c, out, tr(c, format), size.p);
}

enum err
checks_figure(struct ctx *c, const struct checks *k, enum check which, struct str *out)
{
	switch (which) {
	case CHECK_DATABASE:
		return ctx_printf(c, out, tr(c, "%zu of this worker's %zu connections in use"),
			k->pool.active, k->pool.size);
	case CHECK_MEMORY:
		return ctx_printf(c, out, tr(c, "%lld of %lld MiB"), (long long)(k->memory_bytes / MIB),
			(long long)(c->cfg->memory_threshold / MIB));
	case CHECK_DISK:
		return size_text(c, N_("%s free"), (double)k->free_bytes, out);
	case CHECK_WAL:
		return quantity_text(c, QUANTITY_BYTES, (double)k->wal_bytes, out);
	case CHECK_WORKERS:
		return ctx_printf(c, out, tr(c, "%u of %u"), k->workers - k->silent, k->workers);
	case CHECK_COURIER:
		if (k->beat_us < 0)
			return ctx_printf(c, out, "%s", tr(c, "not running"));
		return ctx_printf(c, out, tr(c, "last sign of life %lld s ago"),
			(long long)(k->beat_us / 1000000));
	case CHECK_JOBS:
		return ctx_printf(c, out, tr(c, "%lld waiting, %lld given up"),
			(long long)k->pending.waiting, (long long)k->pending.given_up);
	case CHECK_SEARCH:
		return search_figure(c, &k->search, out);
	case CHECK_WRITING:
	case CHECK_LOCK:
	case CHECK_FILESYSTEM:
	case CHECK_CLOCK:
	case CHECK_SANDBOX:
	case CHECK_LOG:
	case CHECK__MAX:
		break;
	}
	*out = S("");
	return OK;
}
