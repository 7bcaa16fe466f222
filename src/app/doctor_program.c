/*
 * The running program as it shows from outside of it: segment, database, socket.
 */
#include "app/doctor.h"

#include "base/time.h"
#include "core/metrics.h"
#include "core/proc.h"
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

enum { ACCOUNT_BYTES = 16 * 1024, GROUPS_MAX = 64, LINK_MAX_BYTES = 4096, DATABASE_LONGEST_US = 3 * 1000 * 1000 };

/* ---- processes --------------------------------------------------------------------------- */

/* The site's processes show theirs to nobody but root. */
void
doctor_executable(struct doctor *d)
{
	char target[LINK_MAX_BYTES];
	struct str path;
	ssize_t n = -1;

	if (ctx_printf(d->c, &path, "%s/starpunk.pid", d->cfg->runtime_path) == OK &&
		proc_pid_read(d->c, path.p, &d->pid) == OK &&
		ctx_printf(d->c, &path, "/proc/%d/exe", (int)d->pid) == OK)
		n = readlink(path.p, target, sizeof(target));
	err_clear(d->c);
	d->looked_inside = n > 0;
	d->replaced = n > 0 && str_ends(str_n(target, (size_t)n), S(" (deleted)"));
}

/* A program that was replaced under the running one is another version, or will be. */
static bool
is_replaced(struct doctor *d, int64_t start_us)
{
	struct stat st;

	if (d->looked_inside || stat("/proc/self/exe", &st) != 0)
		return d->replaced;
	/* Not its time of change: packages bring that along. */
	return (int64_t)st.st_ctim.tv_sec * 1000000 > start_us;
}

static void
reload_look(struct doctor *d, int64_t oldest_us)
{
	struct stat st;

	if (oldest_us == 0 || d->cfg->file[0] == '\0' || stat(d->cfg->file, &st) != 0)
		return;
	if ((int64_t)st.st_mtim.tv_sec * 1000000 + st.st_mtim.tv_nsec / 1000 > oldest_us) {
		doctor_find(d, DOCTOR_RELOAD, DOCTOR_WARNING, "%s has been changed since the program read it",
			d->cfg->file);
		doctor_try_reload(d);
	} else {
		doctor_find(d, DOCTOR_RELOAD, DOCTOR_OK, "it runs with the configuration as it is");
	}
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
	if (beat_us == 0 || ago >= CHECKS_BEAT_LATE) {
		doctor_try_restart(d);
		doctor_try_log(d);
	}
}

/* The program as a whole: up, and from the file that is there now. */
static void
workers_look(struct doctor *d, size_t workers, int64_t start_us, int64_t up)
{
	if (workers == 0) {
		doctor_find(d, DOCTOR_PROGRAM, DOCTOR_ERROR, "no worker runs, up %lld s", (long long)(up / 1000000));
		doctor_try_log(d);
		doctor_try_restart(d);
	} else if (is_replaced(d, start_us)) {
		doctor_find(d, DOCTOR_PROGRAM, DOCTOR_WARNING,
			"the program's file has been replaced since it was started");
		doctor_try_restart(d);
	} else {
		doctor_find(d, DOCTOR_PROGRAM, DOCTOR_OK, "%zu workers, up %lld s", workers,
			(long long)(up / 1000000));
	}
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
	workers_look(d, workers, metrics_view_start_us(v), up);
	if (d->c->now_us - metrics_view_start_us(v) < up - CHECKS_CLOCK_SLACK ||
		d->c->now_us < segment_generation_time(seg) - CHECKS_CLOCK_SLACK) {
		doctor_find(d, DOCTOR_CLOCK, DOCTOR_ERROR, "it has been set back since the site was started");
		doctor_try(d, "timedatectl set-ntp true");
		doctor_try_restart(d);
	}
	reload_look(d, oldest_us);
	courier_look(d, beat_us);
}

static void
processes_look(struct doctor *d)
{
	enum err err = segment_attach(d->c, d->cfg->runtime_path, false, &d->cli->segment);

	d->running = err != ERR_NOT_FOUND;
	doctor_service(d);
	doctor_look(d, DOCTOR_PROGRAM, DOCTOR_SHORT);
	if (!err) {
		segment_look(d, d->cli->segment);
		return;
	}
	if (err == ERR_NOT_FOUND) {
		doctor_find(d, DOCTOR_PROGRAM, DOCTOR_ERROR, "no program runs with runtime_path %s",
			d->cfg->runtime_path);
		doctor_try_log(d);
		doctor_try_start(d);
	} else if (err == ERR_CONFIG) {
		doctor_find(d, DOCTOR_PROGRAM, DOCTOR_ERROR, "another version than %s runs: %s", SP_VERSION,
			d->c->err.detail);
		doctor_try_restart(d);
	} else {
		doctor_find_error(d, DOCTOR_PROGRAM, DOCTOR_WARNING);
	}
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
	else if (r.wanted_index && !r.has_index) {
		doctor_find(d, DOCTOR_SEARCH,
			d->cfg->search_engine == CONFIG_SEARCH_FTS5 ? DOCTOR_ERROR : DOCTOR_WARNING,
			"this SQLite has no FTS5: searches walk over all posts");
		doctor_try(d, "search_engine = \"like\"");
	} else {
		doctor_find(d, DOCTOR_SEARCH, DOCTOR_OK, "%s%s", search_engine_name(r.engine),
			r.left ? ", being brought up to date" : "");
	}
	err_clear(d->c);
}

static void
jobs_look(struct doctor *d, struct db *db)
{
	struct pending pending;

	if (pending_count(d->c, db, &pending) != OK) {
		doctor_find_error(d, DOCTOR_JOBS, DOCTOR_ERROR);
		return;
	}
	doctor_find(d, DOCTOR_JOBS, pending.given_up ? DOCTOR_WARNING : DOCTOR_OK,
		"%lld waiting, %lld given up", (long long)pending.waiting, (long long)pending.given_up);
	if (pending.given_up)
		doctor_try(d, "%s jobs list", doctor_program_word(d));
}

/* Why it cannot be used, and which command begins to mend that. */
static void
database_refused(struct doctor *d, enum err err)
{
	bool there = access(d->cfg->database_path, F_OK) == 0;

	doctor_find_error(d, DOCTOR_DATABASE, DOCTOR_ERROR);
	if (!there)
		doctor_try(d, "%s init", doctor_program_word(d));
	else if (err == ERR_DB_BUSY)
		doctor_try_openers(d);
	else
		doctor_try(d, "%s check", doctor_program_word(d));
}

static void
database_look(struct doctor *d)
{
	struct db *db = NULL;
	enum err err = cli_database_exists(d->c, d->cli);

	d->cli->remedy = NULL;
	d->c->deadline_us = time_mono_us() + DATABASE_LONGEST_US;
	if (!err)
		err = db_open(d->c, NULL, &db);
	if (!err)
		err = db_ping(d->c, db);
	if (err) {
		database_refused(d, err);
	} else {
		doctor_find(d, DOCTOR_DATABASE, DOCTOR_OK, "it answers");
		jobs_look(d, db);
		search_look(d, db);
	}
	d->c->deadline_us = 0;
	db_close(db);
}

void
doctor_program(struct doctor *d)
{
	processes_look(d);
	doctor_look(d, DOCTOR_DATABASE, DOCTOR_SHORT);
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
account_find(struct doctor *d, struct account *out)
{
	struct str rest = str_z(doctor_front_users(d)), name;
	gid_t gid;

	while (!str_empty(rest)) {
		if (ctx_str(d->c, str_cut(&rest, ' '), &name) != OK ||
			proc_user_find(d->c, name.p, &out->uid, &gid) != OK) {
			err_clear(d->c);
			continue;
		}
		out->name = name.p;
		out->n = GROUPS_MAX;
		if (getgrouplist(name.p, gid, out->groups, &out->n) < 0)
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

/* What opens the way to it at once. */
static void
try_opening(struct doctor *d, struct str in_way, const struct account *front)
{
	const char *word = doctor_word(d, in_way.p);

	if (in_way.n < strlen(d->cfg->listen))
		doctor_try(d, "chmod o+x %s", word);
	else
		doctor_try(d, "chgrp %d %s && chmod 660 %s", (int)front->groups[0], word, word);
}

void
doctor_socket(struct doctor *d)
{
	const char *path = d->cfg->listen;
	struct account front = {.n = 0};
	struct str in_way = {0};
	int e;

	doctor_look(d, DOCTOR_SOCKET, DOCTOR_SHORT);
	if (d->reached || path[0] != '/') {
		if (d->reached)
			doctor_find(d, DOCTOR_SOCKET, DOCTOR_OK, "the front server has connected to it");
		return;
	}
	e = try_connect(path);
	if (e != 0 && e != EACCES) {
		doctor_find(d, DOCTOR_SOCKET, DOCTOR_ERROR, "%s: nobody listens there (%s)", path, strerror(e));
		if (d->running)
			doctor_try_restart(d);
		else
			doctor_try_start(d);
		return;
	}
	if (account_find(d, &front))
		in_way = obstacle(d, &front);
	if (in_way.p) {
		doctor_find(d, DOCTOR_SOCKET, DOCTOR_ERROR, "%.*s is closed to %s, the front server's user",
			STR(in_way), front.name);
		try_opening(d, in_way, &front);
	} else if (e == EACCES) {
		doctor_find(d, DOCTOR_SOCKET, DOCTOR_ERROR, "%s: we may not connect to it", path);
		doctor_try(d, "ls -l %s", doctor_word(d, path));
	} else {
		doctor_find(d, DOCTOR_SOCKET, DOCTOR_OK, "%s", path);
	}
	err_clear(d->c);
}
