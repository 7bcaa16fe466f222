/*
 * The running program as it shows from outside of it: segment, database, socket.
 */
#include "app/doctor.h"

#include "base/time.h"
#include "core/metrics.h"
#include "core/proc.h"
#include "domain/backup.h"
#include "domain/search_index.h"
#include "store/pending.h"
#include "web/checks.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { ACCOUNT_BYTES = 16 * 1024, GROUPS_MAX = 64, LINK_MAX_BYTES = 4096 };

/* ---- processes --------------------------------------------------------------------------- */

/* A program that was replaced under the running one is another version, or will be. */
static bool
is_replaced(struct doctor *d)
{
	char target[LINK_MAX_BYTES];
	struct str path;
	pid_t pid;
	ssize_t n;

	if (ctx_printf(d->c, &path, "%s/starpunk.pid", d->cfg->runtime_path) != OK ||
		proc_pid_read(d->c, path.p, &pid) != OK ||
		ctx_printf(d->c, &path, "/proc/%d/exe", (int)pid) != OK) {
		err_clear(d->c);
		return false;
	}
	n = readlink(path.p, target, sizeof(target));
	return n > 0 && str_ends(str_n(target, (size_t)n), S(" (deleted)"));
}

static void
reload_look(struct doctor *d, int64_t oldest_us)
{
	struct stat st;

	if (oldest_us == 0 || d->cfg->file[0] == '\0' || stat(d->cfg->file, &st) != 0)
		return;
	if ((int64_t)st.st_mtim.tv_sec * 1000000 + st.st_mtim.tv_nsec / 1000 > oldest_us)
		doctor_find(d, DOCTOR_RELOAD, DOCTOR_WARNING, "%s has been changed since the program read it",
			d->cfg->file);
	else
		doctor_find(d, DOCTOR_RELOAD, DOCTOR_OK, "it runs with the configuration as it is");
}

static void
courier_look(struct doctor *d, int64_t beat_us)
{
	int64_t ago = time_mono_us() - beat_us;

	if (beat_us == 0)
		doctor_find(d, DOCTOR_COURIER, DOCTOR_ERROR, "it does not run");
	else if (ago >= CHECKS_BEAT_LATE)
		doctor_find(d, DOCTOR_COURIER, DOCTOR_ERROR, "its last sign of life was %lld s ago",
			(long long)(ago / 1000000));
	else
		doctor_find(d, DOCTOR_COURIER, DOCTOR_OK, "at work");
}

static void
segment_look(struct doctor *d, struct segment *seg)
{
	int64_t oldest_us = 0, beat_us = 0, up;
	struct metrics_process p;
	struct metrics_view *v;
	size_t workers = 0;

	if (metrics_view(d->c, seg, &v) != OK) {
		doctor_find_error(d, DOCTOR_PROGRAM, DOCTOR_WARNING);
		return;
	}
	for (size_t i = 0; metrics_view_process(v, i, &p); i++) {
		if (p.role == METRICS_COURIER)
			beat_us = p.heartbeat_us;
		if (p.role != METRICS_WORKER)
			continue;
		workers++;
		if (oldest_us == 0 || p.start_us < oldest_us)
			oldest_us = p.start_us;
	}
	up = metrics_view_uptime_us(v);
	if (is_replaced(d))
		doctor_find(d, DOCTOR_PROGRAM, DOCTOR_WARNING,
			"the program's file has been replaced since it was started");
	else
		doctor_find(d, DOCTOR_PROGRAM, workers ? DOCTOR_OK : DOCTOR_ERROR, "%zu workers, up %lld s",
			workers, (long long)(up / 1000000));
	if (d->c->now_us - metrics_view_start_us(v) < up - CHECKS_CLOCK_SLACK ||
		d->c->now_us < segment_generation_time(seg) - CHECKS_CLOCK_SLACK)
		doctor_find(d, DOCTOR_CLOCK, DOCTOR_ERROR, "it has been set back since the site was started");
	reload_look(d, oldest_us);
	courier_look(d, beat_us);
}

static void
processes_look(struct doctor *d)
{
	enum err err = segment_attach(d->c, d->cfg->runtime_path, false, &d->cli->segment);

	d->running = err != ERR_NOT_FOUND;
	if (!err) {
		segment_look(d, d->cli->segment);
		return;
	}
	if (err == ERR_NOT_FOUND)
		doctor_find(d, DOCTOR_PROGRAM, DOCTOR_ERROR, "no program runs with runtime_path %s",
			d->cfg->runtime_path);
	else if (err == ERR_CONFIG)
		doctor_find(d, DOCTOR_PROGRAM, DOCTOR_ERROR, "another version than %s runs: %s", SP_VERSION,
			d->c->err.detail);
	else
		doctor_find_error(d, DOCTOR_PROGRAM, DOCTOR_WARNING);
	err_clear(d->c);
}

/* ---- database ---------------------------------------------------------------------------- */

static void
search_look(struct doctor *d, struct db *db)
{
	struct search_report r;

	if (search_report(d->c, db, &r) != OK)
		doctor_find_error(d, DOCTOR_SEARCH, DOCTOR_ERROR);
	else if (!r.enabled)
		doctor_find(d, DOCTOR_SEARCH, DOCTOR_OK, "switched off");
	else if (r.wanted_index && !r.has_index)
		doctor_find(d, DOCTOR_SEARCH,
			d->cfg->search_engine == CONFIG_SEARCH_FTS5 ? DOCTOR_ERROR : DOCTOR_WARNING,
			"this SQLite has no FTS5: searches walk over all posts");
	else
		doctor_find(d, DOCTOR_SEARCH, DOCTOR_OK, "%s%s", search_engine_name(r.engine),
			r.left ? ", being brought up to date" : "");
	err_clear(d->c);
}

/* True if one is to be finished first: what the database is then says nothing. */
static bool
restore_look(struct doctor *d)
{
	bool pending = backup_restore_pending(d->c);

	if (pending)
		doctor_find(d, DOCTOR_RESTORE, DOCTOR_ERROR, "one was interrupted: %s is between two sites",
			d->cfg->database_path);
	else
		doctor_find(d, DOCTOR_RESTORE, DOCTOR_OK, "none is half done");
	err_clear(d->c);
	return pending;
}

static void
database_look(struct doctor *d)
{
	struct pending pending;
	struct db *db = NULL;
	enum err err = cli_database_exists(d->c, d->cli);

	d->cli->remedy = NULL;
	if (!err)
		err = db_open(d->c, NULL, &db);
	if (!err)
		err = db_ping(d->c, db);
	if (err) {
		doctor_find_error(d, DOCTOR_DATABASE, DOCTOR_ERROR);
		db_close(db);
		return;
	}
	doctor_find(d, DOCTOR_DATABASE, DOCTOR_OK, "it answers");
	if (pending_count(d->c, db, &pending) != OK)
		doctor_find_error(d, DOCTOR_JOBS, DOCTOR_ERROR);
	else
		doctor_find(d, DOCTOR_JOBS, pending.given_up ? DOCTOR_WARNING : DOCTOR_OK,
			"%lld waiting, %lld given up", (long long)pending.waiting,
			(long long)pending.given_up);
	search_look(d, db);
	db_close(db);
}

void
doctor_program(struct doctor *d)
{
	processes_look(d);
	if (!restore_look(d))
		database_look(d);
}

/* ---- socket ------------------------------------------------------------------------------ */

/* Whom the front server runs as, by the names that packages give it. */
struct account {
	const char *name;
	uid_t uid;
	gid_t groups[GROUPS_MAX];
	int n;
};

static bool
account_find(struct ctx *c, struct account *out)
{
	static const char *const names[] = {"www-data", "nginx", "apache", "http", "caddy", "lighttpd"};
	gid_t gid;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		*out = (struct account){.name = names[i], .n = GROUPS_MAX};
		if (proc_user_find(c, names[i], &out->uid, &gid) != OK) {
			err_clear(c);
			continue;
		}
		if (getgrouplist(names[i], gid, out->groups, &out->n) < 0)
			out->n = GROUPS_MAX;
		return true;
	}
	return false;
}

static bool
account_may(const struct account *a, const struct stat *st, unsigned mode)
{
	unsigned bits = st->st_mode & 7;

	if (a->uid == st->st_uid)
		return (st->st_mode >> 6 & mode) == mode;
	for (int i = 0; i < a->n; i++)
		if (a->groups[i] == st->st_gid)
			bits = st->st_mode >> 3 & 7;
	return (bits & mode) == mode;
}

/* What is in the way of that user to the socket: a directory, or itself; p NULL: nothing. */
static struct str
obstacle(struct doctor *d, const struct account *a)
{
	struct str path = str_z(d->cfg->listen), part;
	struct stat st;

	for (size_t i = 1; i <= path.n; i++) {
		if (i < path.n && path.p[i] != '/')
			continue;
		if (ctx_str(d->c, str_sub(path, 0, i), &part) != OK || stat(part.p, &st) != 0)
			break;
		if (!account_may(a, &st, i < path.n ? X_OK : W_OK))
			return part;
	}
	return (struct str){0};
}

/* 0, or why nobody listens there. */
static int
try_connect(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), e = 0;
	size_t n = strlen(path);

	if (fd < 0 || n >= sizeof(address.sun_path)) {
		e = fd < 0 ? errno : ENAMETOOLONG;
	} else {
		memcpy(address.sun_path, path, n);
		/* EAGAIN: there are many before us, so somebody listens. */
		if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) != 0 && errno != EAGAIN)
			e = errno;
	}
	if (fd >= 0)
		(void)close(fd);
	return e;
}

void
doctor_socket(struct doctor *d)
{
	const char *path = d->cfg->listen;
	struct account front;
	struct str in_way = {0};
	int e;

	if (d->reached || path[0] != '/') {
		if (d->reached)
			doctor_find(d, DOCTOR_SOCKET, DOCTOR_OK, "the front server has connected to it");
		return;
	}
	e = try_connect(path);
	if (e != 0 && e != EACCES) {
		doctor_find(d, DOCTOR_SOCKET, DOCTOR_ERROR, "%s: nobody listens there (%s)", path, strerror(e));
		return;
	}
	if (account_find(d->c, &front))
		in_way = obstacle(d, &front);
	if (in_way.p)
		doctor_find(d, DOCTOR_SOCKET, DOCTOR_ERROR, "%.*s is closed to %s, the front server's user",
			STR(in_way), front.name);
	else if (e == EACCES)
		doctor_find(d, DOCTOR_SOCKET, DOCTOR_ERROR, "%s: we may not connect to it", path);
	else
		doctor_find(d, DOCTOR_SOCKET, DOCTOR_OK, "%s", path);
	err_clear(d->c);
}
