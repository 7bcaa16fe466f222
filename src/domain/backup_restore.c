/*
 * Restoring. While everything is being made ready, in "<database>.restore" and in ".restore" below
 * media_path, nothing of the site is touched. Then a plan is written, and from there on there is no way
 * but forward:
 *
 *	the old database is renamed: now there is none, and no site starts
 *	folder by folder, the old files go to ".before-restore" and the new ones into their place
 *	the new database gets its name: from now on the site is the restored one
 *
 * Each step can be told from its traces whether it has been done. So who is interrupted before the plan has
 * changed nothing, and who is interrupted behind it finishes what was begun when he runs it again.
 *
 * The plan says what it is of, and taking it away is the last thing that is done: as long as it lies there, nobody
 * has been told that the work is through. So running a command again ends it and does not begin another,
 * which would throw away what the first one has kept.
 */
#include "core/config.h"
#include "core/folder.h"
#include "core/log.h"
#include "core/proc.h"
#include "core/segment.h"
#include "domain/backup_priv.h"
#include "domain/priv.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define PLAN_UNDO "undo" /* what a plan says that is of no backup */

/* ---- places ------------------------------------------------------------------------------ */

static enum err
places(struct ctx *c, struct restoring *r)
{
	const struct {
		struct str *out;
		const char *root, *tail;
	} all[] = {
		{&r->stage, c->cfg->database_path, ".restore"},
		{&r->staged, c->cfg->database_path, ".restore/" BACKUP_DATABASE},
		{&r->fresh, c->cfg->database_path, ".restore/plan.new"},
		{&r->plan, c->cfg->database_path, ".restore-plan"},
		{&r->undo, c->cfg->database_path, ".restore-undo"},
		{&r->kept, c->cfg->database_path, ".before-restore"},
		{&r->kept_wal, c->cfg->database_path, ".before-restore-wal"},
		{&r->wal, c->cfg->database_path, "-wal"},
		{&r->shm, c->cfg->database_path, "-shm"},
		{&r->media_stage, c->cfg->media_path, "/.restore"},
		{&r->media_kept, c->cfg->media_path, "/.before-restore"},
	};
	enum err err = OK;

	*r = (struct restoring){.live = c->cfg->database_path, .media = c->cfg->media_path,
		.lock = -1, .fd = -1};
	for (size_t i = 0; !err && i < sizeof(all) / sizeof(all[0]); i++)
		err = ctx_printf(c, all[i].out, "%s%s", all[i].root, all[i].tail);
	return err ? err : folder_parent(c, r->live, &r->folder);
}

static bool
is_there(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

static enum err
remove_file(struct ctx *c, const char *path)
{
	return unlink(path) == 0 || errno == ENOENT ? OK : folder_fail(c, path);
}

/* Renames what is there; what is not has been renamed before. */
static enum err
move(struct ctx *c, const char *from, const char *to)
{
	bool done;

	return folder_move(c, from, to, &done);
}

/* ---- is the site at rest? ---------------------------------------------------------------- */

static enum err
runs(struct ctx *c, const char *how)
{
	err_clear(c);
	return err_raise(c, ERR_SITE_RUNS, "%s", how);
}

/* What left a segment that is not ours to read: a running site of another version, or a dead one. */
static bool
pid_lives(struct ctx *c)
{
	struct str path;
	pid_t pid = 0;
	bool lives = ctx_printf(c, &path, "%s/starpunk.pid", c->cfg->runtime_path) == OK &&
		proc_pid_read(c, path.p, &pid) == OK && (kill(pid, 0) == 0 || errno == EPERM);

	err_clear(c);
	return lives;
}

static enum err
segment_look(struct ctx *c)
{
	struct segment *s = NULL;
	enum err err = segment_attach(c, c->cfg->runtime_path, false, &s);

	segment_close(s);
	if (err == OK || (err == ERR_CONFIG && pid_lives(c)))
		return runs(c, "the site is running");
	if (err == ERR_NOT_FOUND || err == ERR_CONFIG) {
		err_clear(c);
		return OK;
	}
	return err;
}

/*
 * Nobody has the old database open, as far as SQLite can read it at all; what it cannot read is kept as it is, with its
 * log. One that has no room for its log is a good one, which would be kept as if it were damaged.
 */
static enum err
live_look(struct ctx *c, const struct restoring *r,
	enum err (*look)(struct ctx *c, const char *path))
{
	enum err err;

	if (!is_there(r->live))
		return OK;
	err = look(c, r->live);
	if (err == ERR_DB_BUSY)
		return runs(c, "another process has the database open");
	if (err == ERR_DB_FULL)
		return err;
	err_clear(c);
	return OK;
}

/*
 * Takes the writers' lock, which a site needs to start and commands to write, and holds it to the end: two
 * restores cannot meet either.
 */
static enum err
site_seize(struct ctx *c, struct restoring *r)
{
	struct str path;
	enum err err = ctx_printf(c, &path, "%s.lock", r->live);

	if (err)
		return err;
	r->lock = open(path.p, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
	if (r->lock < 0)
		return folder_fail(c, path.p);
	err = segment_look(c);
	if (!err && flock(r->lock, LOCK_EX | LOCK_NB) != 0)
		err = runs(c, "another process writes to the site");
	return err ? err : live_look(c, r, copy_alone);
}

/* ---- putting in place -------------------------------------------------------------------- */

static enum err
media_place(struct ctx *c, const struct restoring *r)
{
	/* Here, and not before the plan: media_path may be on another disk, which a power cut takes further back. */
	enum err err = folder_make(c, r->media_kept.p, 0700);

	for (unsigned i = 0; !err && i < BACKUP_FOLDERS; i++) {
		struct str staged, here, kept;

		err = ctx_printf(c, &staged, "%s/%02x", r->media_stage.p, i);
		if (!err)
			err = ctx_printf(c, &here, "%s/%02x", r->media, i);
		if (!err)
			err = ctx_printf(c, &kept, "%s/%02x", r->media_kept.p, i);
		if (err || !is_there(staged.p))
			continue;
		err = move(c, here.p, kept.p);
		if (!err)
			err = move(c, staged.p, here.p);
	}
	if (!err)
		err = folder_sync(c, r->media_kept.p);
	return err ? err : folder_sync(c, r->media);
}

/* Everything behind the plan, from wherever it was interrupted. */
static enum err
roll(struct ctx *c, const struct restoring *r)
{
	bool placed = !is_there(r->staged.p);
	enum err err = placed ? OK : move(c, r->live, r->kept.p);

	if (!placed && !err)
		err = move(c, r->wal.p, r->kept_wal.p);
	if (!placed && !err)
		err = remove_file(c, r->shm.p);
	if (!placed && !err)
		err = folder_sync(c, r->folder.p);
	if (!err && is_there(r->media_stage.p))
		err = media_place(c, r);
	if (!err)
		err = move(c, r->staged.p, r->live);
	if (!err)
		err = folder_sync(c, r->folder.p);
	if (!err)
		err = folder_remove(c, r->media_stage.p);
	if (!err)
		err = folder_remove(c, r->stage.p);
	/*
	 * Not synced: should it come back with the power, nothing has been put on this disk since, and the next call
	 * takes it away. After this nothing may fail.
	 */
	return err ? err : remove_file(c, r->plan.p);
}

/* Writes a file whole: what begins with it is not to begin with half of it. */
static enum err
plan_write(struct ctx *c, const struct restoring *r, struct str path, const char *what)
{
	int fd = open(r->fresh.p, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	enum err err;

	if (fd < 0)
		return folder_fail(c, r->fresh.p);
	err = backup_write(c, fd, r->fresh.p, str_z(what));
	if (!err && fsync(fd) != 0)
		err = folder_fail(c, r->fresh.p);
	(void)close(fd);
	if (!err)
		err = move(c, r->fresh.p, path.p);
	return err ? err : folder_sync(c, r->folder.p);
}

/* What is staged takes the site's place; what was kept of an earlier restore goes. */
static enum err
switch_over(struct ctx *c, const struct restoring *r)
{
	enum err err = live_look(c, r, copy_fold);

	if (!err)
		err = remove_file(c, r->kept.p);
	if (!err)
		err = remove_file(c, r->kept_wal.p);
	if (!err)
		err = folder_remove(c, r->media_kept.p);
	if (!err)
		err = plan_write(c, r, r->plan, r->identity);
	return err ? err : roll(c, r);
}

/* ---- undoing ----------------------------------------------------------------------------- */

/* What is kept becomes what is staged. */
static enum err
undo_stage(struct ctx *c, struct restoring *r)
{
	enum err err = OK;

	if (is_there(r->media_kept.p) && !is_there(r->media_stage.p))
		err = move(c, r->media_kept.p, r->media_stage.p);
	if (!err && is_there(r->media_stage.p))
		err = restore_media_folders(c, r);
	if (!err)
		err = move(c, r->kept.p, r->staged.p);
	if (!err)
		err = live_look(c, r, copy_fold);
	/* All of it is on the disk before the plan is: without what is staged it would say that all is done. */
	if (!err && is_there(r->media_stage.p))
		err = folder_sync(c, r->media);
	if (!err)
		err = folder_sync(c, r->stage.p);
	if (!err)
		err = folder_sync(c, r->folder.p);
	if (!err)
		err = move(c, r->undo.p, r->plan.p);
	if (!err)
		err = folder_sync(c, r->folder.p);
	return err ? err : roll(c, r);
}

static enum err
undo_begin(struct ctx *c, struct restoring *r)
{
	enum err err;

	if (!is_there(r->kept.p))
		return err_raise(c, ERR_NOT_FOUND, "nothing is kept of what was there before");
	if (is_there(r->kept_wal.p))
		return err_raise(c, ERR_DB_CORRUPT, "%s was damaged when it was put aside", r->kept.p);
	err = folder_make(c, r->stage.p, 0700);
	if (!err)
		err = plan_write(c, r, r->undo, PLAN_UNDO);
	return err ? err : undo_stage(c, r);
}

/* ---- all of it --------------------------------------------------------------------------- */

/* What an earlier call has begun and this one has brought to its end. */
enum finished { FINISHED_NOTHING, FINISHED_SAME, FINISHED_OTHER, FINISHED_UNDO };

static enum err
resume(struct ctx *c, struct restoring *r, enum finished *out)
{
	char plan[RESTORE_PLAN_MAX] = "";
	size_t got = 0;
	enum err err = OK;
	int fd;

	*out = is_there(r->undo.p) ? FINISHED_UNDO : FINISHED_NOTHING;
	if (*out == FINISHED_UNDO)
		return undo_stage(c, r);
	fd = open(r->plan.p, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? restore_stage_clear(c, r) : folder_fail(c, r->plan.p);
	err = backup_read(c, fd, 0, plan, sizeof(plan) - 1, &got);
	(void)close(fd);
	*out = strcmp(plan, PLAN_UNDO) == 0 ? FINISHED_UNDO :
		strcmp(plan, r->identity) == 0 ? FINISHED_SAME : FINISHED_OTHER;
	/* Looking at a database that is still in its place has given it a log again. */
	if (!err)
		err = live_look(c, r, copy_fold);
	return err ? err : roll(c, r);
}

/* Is it what an earlier restore has kept, and with it files, which would go with the next one? */
static bool
is_kept(const struct restoring *r, const struct backup_source *s)
{
	struct stat source, kept;

	return is_there(r->media_kept.p) && fstat(s->fd, &source) == 0 && stat(r->kept.p, &kept) == 0 &&
		source.st_dev == kept.st_dev && source.st_ino == kept.st_ino;
}

static enum err
restore(struct ctx *c, struct restoring *r, struct backup_source *s)
{
	enum finished finished;
	enum err err = resume(c, r, &finished);

	s->about.finished = finished == FINISHED_SAME;
	if (err || s->about.finished)
		return err;
	/* What it has kept would go: whether that is meant is for the owner to say. */
	if (finished != FINISHED_NOTHING && is_there(r->kept.p))
		return err_raise(c, ERR_EXISTS, "%s had been interrupted and has been finished first; "
			"the site that was there before is kept as %s",
			finished == FINISHED_UNDO ? "'restore --undo'" : "the restore of another backup",
			r->kept.p);
	if (is_kept(r, s))
		return err_raise(c, ERR_USAGE, "%s is half of what was there before: "
			"'restore --undo' puts it in place with its files", r->kept.p);
	err = s->about.media ? restore_stage_backup(c, r, s) : restore_stage_database(c, r, s);
	if (!err)
		err = switch_over(c, r);
	if (err && !is_there(r->plan.p)) {
		struct err_slot first = c->err;

		/* What stays is removed by the next restore. */
		if (restore_stage_clear(c, r) != OK)
			c->err = first;
	}
	return err;
}

static void
restoring_end(struct restoring *r)
{
	if (r->fd >= 0)
		(void)close(r->fd);
	if (r->lock >= 0)
		(void)close(r->lock);
}

enum err
backup_restore(struct ctx *c, const char *path, const struct backup_watch *watch,
	struct backup_report *out)
{
	struct backup_source s = {.fd = -1, .pace = {.watch = watch}};
	struct restoring r;
	enum err err = places(c, &r);

	r.path = ctx_alloc(c, PATH_MAX);
	if (!r.path)
		return ERR_MEMORY;
	if (!err)
		err = restore_source_open(c, path, &r, &s);
	if (!err)
		err = site_seize(c, &r);
	if (!err)
		err = restore(c, &r, &s);
	*out = s.about;
	if (!err)
		log_event(c, site_restored, .created = out->created, .files = out->files,
			.kept = is_there(r.kept.p) ? r.kept : S(""));
	backup_source_close(&s);
	restoring_end(&r);
	return err;
}

bool
backup_restore_pending(struct ctx *c)
{
	struct restoring r;

	return places(c, &r) == OK && (is_there(r.plan.p) || is_there(r.undo.p));
}

enum err
backup_restore_undo(struct ctx *c)
{
	struct restoring r;
	enum finished finished = FINISHED_NOTHING;
	enum err err = places(c, &r);

	if (!err)
		err = site_seize(c, &r);
	if (!err)
		err = resume(c, &r, &finished);
	if (!err && finished != FINISHED_UNDO)
		err = undo_begin(c, &r);
	restoring_end(&r);
	return err;
}
