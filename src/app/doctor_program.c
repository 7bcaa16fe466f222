/*
 * The running program as it shows from outside of it: segment, database, socket.
 */
#include "app/doctor.h"

#include "base/time.h"
#include "core/folder.h"
#include "core/metrics.h"
#include "core/proc.h"
#include "domain/backup.h"
#include "domain/search_index.h"
#include "store/pending.h"
#include "web/checks.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	LINK_MAX_BYTES = 4096,
	LINE_BYTES = 256,
	WRITER_BYTE = 120,	/* sqlite.org/walformat.html section 2.3.1 */
	DATABASE_LONGEST = 3,	/* seconds */
	DATABASE_LONGEST_US = DATABASE_LONGEST * 1000 * 1000
};

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
	return (int64_t)st.st_ctim.tv_sec * 1000000 + st.st_ctim.tv_nsec / 1000 > start_us;
}

static void
reload_look(struct doctor *d, const struct segment *seg)
{
	struct stat st;

	if (d->cfg->file[0] == '\0' || stat(d->cfg->file, &st) != 0)
		return;
	if ((int64_t)st.st_mtim.tv_sec * 1000000 + st.st_mtim.tv_nsec / 1000 > segment_configured(seg)) {
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
	int64_t beat_us = 0, up;
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
		if (p.role == METRICS_WORKER)
			workers++;
	}
	up = metrics_view_uptime_us(v);
	workers_look(d, workers, metrics_view_start_us(v), up);
	if (d->c->now_us - metrics_view_start_us(v) < up - CHECKS_CLOCK_SLACK ||
		d->c->now_us < segment_generation_time(seg) - CHECKS_CLOCK_SLACK) {
		doctor_find(d, DOCTOR_CLOCK, DOCTOR_ERROR, "it has been set back since the site was started");
		doctor_try(d, "timedatectl set-ntp true");
		doctor_try_restart(d);
	}
	reload_look(d, seg);
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
	const char *path = d->cfg->database_path;
	bool there = access(path, F_OK) == 0, old = str_search(str_z(d->c->err.detail), S("must be brought to"), 0) <
		strlen(d->c->err.detail);

	doctor_find_error(d, DOCTOR_DATABASE, old ? DOCTOR_WARNING : DOCTOR_ERROR);
	if (!there) {
		doctor_say(d, "If there was a site: is its disk mounted? Else take a backup (starpunk restore FILE). For a new site:");
		doctor_try(d, "findmnt -T %s", doctor_word(d, cli_parent(d->c, path)));
		doctor_try(d, "%s init", doctor_program_word(d));
	} else if (old) {
		doctor_say(d, "The program does that when it starts, and makes a copy first.");
		doctor_try_start(d);
	} else if (err == ERR_DB_BUSY) {
		doctor_say(d, "Another program keeps it to itself: look which, and end it.");
		doctor_try_openers(d);
	} else {
		doctor_try(d, "%s check", doctor_program_word(d));
	}
}

/* The process that holds the lock of SQLite's writers (byte 120 of the file beside the database); 0: not known. */
static long
writer_find(struct doctor *d)
{
	char line[LINE_BYTES];
	unsigned long long inode, from;
	long pid = 0, found = 0;
	struct str path;
	struct stat st;
	FILE *f;

	if (folder_beside(d->c, d->cfg->database_path, "-shm", &path) != OK || stat(path.p, &st) != 0)
		return 0;
	f = fopen("/proc/locks", "re");
	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "%*s %*s %*s WRITE %ld %*x:%*x:%llu %llu", &pid, &inode, &from) == 3 &&
			inode == (unsigned long long)st.st_ino && from <= WRITER_BYTE)
			found = pid;
	if (f)
		(void)fclose(f);
	return found;
}

/* Whether somebody else keeps the lock that every post needs; nothing is written. */
static void
writing_look(struct doctor *d, struct db *db)
{
	long pid;
	enum err err = db_tx_begin(d->c, db);

	if (!err) {
		db_tx_rollback(d->c, db);
		doctor_find(d, DOCTOR_DATABASE, DOCTOR_OK, "it answers, and can be written");
		return;
	}
	if (err != ERR_DB_BUSY) {
		doctor_find_error(d, DOCTOR_DATABASE, DOCTOR_ERROR);
		doctor_try(d, "df -h %s; ls -la %s", doctor_word(d, d->cfg->database_path),
			doctor_word(d, cli_parent(d->c, d->cfg->database_path)));
		return;
	}
	err_clear(d->c);
	pid = writer_find(d);
	doctor_find(d, DOCTOR_DATABASE, DOCTOR_ERROR,
		"nobody can write: for %d s another program has kept the lock of writers", DATABASE_LONGEST);
	doctor_say(d, "Posts are answered with 503 meanwhile. Look what it is, and end it if it does not end by itself.");
	if (pid > 0)
		doctor_try(d, "ps -fp %ld", pid);
	else
		doctor_try_openers(d);
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
		jobs_look(d, db);
		search_look(d, db);
		d->c->deadline_us = time_mono_us() + DATABASE_LONGEST_US;
		writing_look(d, db);
	}
	err_clear(d->c);
	d->c->deadline_us = 0;
	db_close(db);
}

void
doctor_program(struct doctor *d)
{
	processes_look(d);
	if (restore_look(d))
		return;
	doctor_look(d, DOCTOR_DATABASE, DOCTOR_SHORT);
	database_look(d);
}
