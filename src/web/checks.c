/*
 * Looking at database, disk, memory, courier and clock. A check that fails is its result, and no
 * error of the request that asks.
 */
#include "web/checks.h"

#include "base/time.h"
#include "core/metrics.h"
#include "core/proc.h"
#include "core/sight.h"
#include "web/priv.h"
#include "web/quantity.h"

#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

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

/* ---- what is vital ----------------------------------------------------------------------- */

/* A directory that can be written to, and how much room there is beside it. */
static bool
directory_usable(const char *path, int64_t *free_bytes)
{
	struct statvfs fs;
	int64_t room;

	if (statvfs(path, &fs) != 0)
		return false;
	room = (int64_t)((unsigned long long)fs.f_bavail * fs.f_frsize);
	if (room < *free_bytes)
		*free_bytes = room;
	return access(path, W_OK | X_OK) == 0;
}

static void
files_look(struct ctx *c, struct checks *k)
{
	struct str database = str_z(c->cfg->database_path), dir = S("/");
	bool usable;

	for (size_t i = 1; i < database.n; i++)
		if (database.p[i] == '/')
			dir = str_sub(database, 0, i);
	dir = arena_str(&c->arena, dir);
	k->free_bytes = INT64_MAX;
	usable = dir.p && directory_usable(dir.p, &k->free_bytes);
	usable = directory_usable(c->cfg->media_path, &k->free_bytes) && usable;
	found(k, CHECK_FILESYSTEM, usable && k->free_bytes >= CHECKS_LEAST_FREE);
}

void
checks_vital(struct ctx *c, struct txn *t, struct checks *out)
{
	const struct err_slot before = c->err;
	int64_t deadline = checks_bound(c);
	struct db *db;

	*out = (struct checks){.beat_us = -1};
	pool_stats(t->web->pool, &out->pool);
	found(out, CHECK_DATABASE, txn_db(c, t, &db) == OK && db_ping(c, db) == OK);
	checks_bound_end(c, deadline);
	found(out, CHECK_WRITING, segment_writable(t->web->seg));
	files_look(c, out);
	out->memory_bytes = proc_rss_bytes();
	found(out, CHECK_MEMORY, out->memory_bytes <= c->cfg->memory_threshold);
	c->err = before;
}

/* ---- what is good to know ---------------------------------------------------------------- */

static void
wal_look(struct ctx *c, struct checks *k)
{
	struct str path;
	struct stat st;

	if (ctx_printf(c, &path, "%s-wal", c->cfg->database_path) != OK)
		return;
	k->wal_bytes = stat(path.p, &st) == 0 ? (int64_t)st.st_size : 0;
	found(k, CHECK_WAL, k->wal_bytes <= CHECKS_WAL_LARGE);
}

/* The courier's last sign of life, and whether the two clocks have gone on alike. */
static void
segment_look(struct ctx *c, const struct txn *t, struct checks *k)
{
	struct metrics_pulse p;

	if (!t->web->seg)
		return;
	metrics_pulse(t->web->seg, &p);
	if (p.beat_us > 0)
		k->beat_us = time_mono_us() - p.beat_us;
	found(k, CHECK_COURIER, k->beat_us >= 0 && k->beat_us < CHECKS_BEAT_LATE);
	k->uptime_us = p.uptime_us;
	found(k, CHECK_LOG, p.log_failing <= 0);
	found(k, CHECK_CLOCK,
		c->now_us - p.start_us >= k->uptime_us - CHECKS_CLOCK_SLACK &&
			c->now_us >= segment_generation_time(t->web->seg) - CHECKS_CLOCK_SLACK);
}

/* What the database knows, if it answers. */
static void
database_look(struct ctx *c, struct txn *t, struct checks *k)
{
	struct db *db;

	if (!k->good[CHECK_DATABASE] || txn_db(c, t, &db) != OK)
		return;
	if (pending_count(c, db, &k->pending) == OK)
		found(k, CHECK_JOBS, k->pending.given_up == 0);
	found(k, CHECK_SEARCH,
		search_report(c, db, &k->search) == OK && search_report_good(&k->search));
}

void
checks_rest(struct ctx *c, struct txn *t, struct checks *out)
{
	const struct err_slot before = c->err;
	int64_t deadline = checks_bound(c);

	found(out, CHECK_DISK, out->free_bytes >= CHECKS_LITTLE_FREE);
	found(out, CHECK_SANDBOX, c->cfg->sandbox && sight_works());
	wal_look(c, out);
	segment_look(c, t, out);
	database_look(c, t, out);
	checks_bound_end(c, deadline);
	c->err = before;
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
		n += k->known[i] && !k->good[i] ? 1 : 0;
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
