/*
 * Restoring. While everything is being made ready, in "<database>.restore" and in ".restore" below media_path, nothing of the
 * site is touched. Then a plan is written, and from there on there is no way but forward:
 *
 *	the old database is renamed: now there is none, and no site starts
 *	folder by folder, the old files go to ".before-restore" and the new ones into their place
 *	the new database gets its name: from now on the site is the restored one
 *
 * Each step can be told from its traces whether it has been done. So who is interrupted before the plan has
 * changed nothing, and who is interrupted behind it finishes what was begun when he runs it again.
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
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PLAN_MAX = 256 };

struct restoring {
	const char *live;	/* the database's place */
	const char *media;
	struct str folder;	/* where the database lies, for syncing */
	struct str stage, staged, plan, undo, kept, kept_wal, wal, shm;
	struct str media_stage, media_kept;
	int lock;
	int fd;			/* of the file that is being written */
	char *path;		/* its; PATH_MAX bytes */
	char identity[PLAN_MAX];	/* of the backup */
};

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
		{&r->plan, c->cfg->database_path, ".restore/plan"},
		{&r->undo, c->cfg->database_path, ".restore/undo"},
		{&r->kept, c->cfg->database_path, ".before-restore"},
		{&r->kept_wal, c->cfg->database_path, ".before-restore-wal"},
		{&r->wal, c->cfg->database_path, "-wal"},
		{&r->shm, c->cfg->database_path, "-shm"},
		{&r->media_stage, c->cfg->media_path, "/.restore"},
		{&r->media_kept, c->cfg->media_path, "/.before-restore"},
	};
	const char *slash = strrchr(c->cfg->database_path, '/');
	enum err err = OK;

	*r = (struct restoring){.live = c->cfg->database_path, .media = c->cfg->media_path,
		.lock = -1, .fd = -1};
	for (size_t i = 0; !err && i < sizeof(all) / sizeof(all[0]); i++)
		err = ctx_printf(c, all[i].out, "%s%s", all[i].root, all[i].tail);
	if (err)
		return err;
	if (!slash)
		return ctx_str(c, S("."), &r->folder);
	return ctx_str(c, str_n(r->live, slash == r->live ? 1 : (size_t)(slash - r->live)), &r->folder);
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
 * One file of the old database, if SQLite can read it at all: then nobody has it open. What it cannot read is kept as it is, with
 * its log.
 */
static enum err
live_fold(struct ctx *c, const struct restoring *r)
{
	enum err err;

	if (!is_there(r->live))
		return OK;
	err = copy_fold(c, r->live);
	if (err == ERR_DB_BUSY)
		return runs(c, "another process has the database open");
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
	return err ? err : live_fold(c, r);
}

/* ---- putting in place -------------------------------------------------------------------- */

static enum err
media_place(struct ctx *c, const struct restoring *r)
{
	enum err err = OK;

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
		err = remove_file(c, r->plan.p);
	return err ? err : folder_remove(c, r->stage.p);
}

/* Writes a file whole: what begins with it is not to begin with half of it. */
static enum err
plan_write(struct ctx *c, const struct restoring *r, struct str path)
{
	struct str fresh;
	enum err err = ctx_printf(c, &fresh, "%s.new", path.p);
	int fd;

	if (err)
		return err;
	fd = open(fresh.p, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return folder_fail(c, fresh.p);
	err = backup_write(c, fd, fresh.p, str_z(r->identity));
	if (!err && fsync(fd) != 0)
		err = folder_fail(c, fresh.p);
	(void)close(fd);
	if (!err)
		err = move(c, fresh.p, path.p);
	return err ? err : folder_sync(c, r->stage.p);
}

/* What is staged takes the site's place; what was kept of an earlier restore goes. */
static enum err
switch_over(struct ctx *c, const struct restoring *r)
{
	enum err err = remove_file(c, r->kept.p);

	if (!err)
		err = remove_file(c, r->kept_wal.p);
	if (!err)
		err = folder_remove(c, r->media_kept.p);
	if (!err && is_there(r->media_stage.p))
		err = folder_make(c, r->media_kept.p, 0700);
	if (!err)
		err = live_fold(c, r);
	if (!err)
		err = plan_write(c, r, r->plan);
	return err ? err : roll(c, r);
}

/* ---- making ready ------------------------------------------------------------------------ */

static enum err
media_folders(struct ctx *c, const struct restoring *r)
{
	enum err err = folder_make(c, r->media_stage.p, 0700);

	/* Each of them, so that one that is gone has been put in place. */
	for (unsigned i = 0; !err && i < BACKUP_FOLDERS; i++) {
		struct str path;

		err = ctx_printf(c, &path, "%s/%02x", r->media_stage.p, i);
		if (!err)
			err = folder_make(c, path.p, 0755);
	}
	return err;
}

static enum err
sink_begin(struct ctx *c, void *self, const struct tar_entry *e, bool *wanted)
{
	struct restoring *r = self;
	bool database = strcmp(e->name, BACKUP_DATABASE) == 0;
	mode_t mode = database ? 0640 : 0644;
	int n;

	*wanted = true;
	/* The reader has seen that the name is one of ours. */
	n = snprintf(r->path, PATH_MAX, "%s/%s",
		database ? r->stage.p : r->media_stage.p,
		database ? e->name : e->name + sizeof(BACKUP_MEDIA) - 1);
	if (n < 0 || n >= PATH_MAX)
		return err_raise(c, ERR_IO, "the path of %s is too long", e->name);
	r->fd = open(r->path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (r->fd < 0 || fchmod(r->fd, mode) != 0)
		return folder_fail(c, r->path);
	return OK;
}

static enum err
sink_put(struct ctx *c, void *self, struct str bytes)
{
	struct restoring *r = self;

	return backup_write(c, r->fd, r->path, bytes);
}

static enum err
sink_end(struct ctx *c, void *self)
{
	struct restoring *r = self;
	int rc = close(r->fd);

	r->fd = -1;
	return rc == 0 ? OK : folder_fail(c, r->path);
}

static enum err
room_check(struct ctx *c, const char *path, int64_t wanted)
{
	int64_t there = 0;
	enum err err = folder_room(c, path, &there);

	if (!err && there < wanted)
		err = err_raise(c, ERR_DISK_FULL, "%s has room for %lld MB and %lld are needed", path,
			(long long)(there >> 20), (long long)(wanted >> 20) + 1);
	return err;
}

static enum err
stage_clear(struct ctx *c, const struct restoring *r)
{
	enum err err = folder_remove(c, r->stage.p);

	return err ? err : folder_remove(c, r->media_stage.p);
}

static enum err
stage_backup(struct ctx *c, struct restoring *r, struct backup_source *s)
{
	struct backup_sink sink = {sink_begin, sink_put, sink_end, r};
	enum err err = folder_make(c, r->stage.p, 0700);

	if (!err)
		err = folder_make(c, r->media, 0755);
	if (!err)
		err = room_check(c, r->media, s->size);
	if (!err)
		err = media_folders(c, r);
	if (!err)
		err = backup_source_read(c, s, &sink);
	if (!err)
		err = backup_source_judge(c, s, r->staged.p);
	if (!err)
		err = folder_sync_all(c, r->media);
	return err ? err : folder_sync_all(c, r->stage.p);
}

static enum err
database_copy(struct ctx *c, struct restoring *r, struct backup_source *s)
{
	struct tar_entry e = {.name = BACKUP_DATABASE, .bytes = s->size};
	bool wanted;
	enum err err = sink_begin(c, r, &e, &wanted);

	for (int64_t at = 0; !err && at < s->size;) {
		size_t got = 0;

		err = backup_read(c, s->fd, at, s->room, BACKUP_ROOM, &got);
		if (!err && got == 0)
			err = err_raise(c, ERR_BACKUP, "it became shorter while it was read");
		if (!err)
			err = sink_put(c, r, str_n(s->room, got));
		if (!err)
			err = backup_step(c, &s->pace, (int64_t)got);
		at += (int64_t)got;
	}
	return err ? err : sink_end(c, r);
}

/* A database that was copied before an upgrade: files stay as they are. */
static enum err
stage_database(struct ctx *c, struct restoring *r, struct backup_source *s)
{
	struct copy *k = NULL;
	enum err err = folder_make(c, r->stage.p, 0700);

	if (!err)
		err = room_check(c, r->stage.p, s->size);
	if (!err)
		err = database_copy(c, r, s);
	if (!err)
		err = copy_open(c, r->staged.p, &k);
	if (!err)
		err = copy_check(c, k);
	if (!err)
		s->about.schema = copy_version(k);
	copy_close(k);
	s->about.database_bytes = s->size;
	return err ? err : folder_sync_all(c, r->stage.p);
}

/* ---- the source -------------------------------------------------------------------------- */

static bool
is_database(int fd)
{
	static const char magic[16] = "SQLite format 3";
	char head[sizeof(magic)];

	return pread(fd, head, sizeof(head), 0) == (ssize_t)sizeof(head) &&
		memcmp(head, magic, sizeof(magic)) == 0;
}

/* What tells this backup from another one. */
static enum err
identify(struct ctx *c, struct restoring *r, const struct backup_source *s)
{
	unsigned char digest[CRYPTO_SHA256_BYTES];
	struct crypto_sha256 sum;
	size_t got = 0;
	enum err err = OK;
	int64_t from = s->about.media ? s->manifest_at : 0;

	crypto_sha256_begin(&sum);
	for (int64_t at = from; !err && (at == from || got > 0); at += (int64_t)got) {
		err = backup_read(c, s->fd, at, s->room, BACKUP_ROOM, &got);
		crypto_sha256_put(&sum, str_n(s->room, got));
	}
	crypto_sha256_end(&sum, digest);
	for (size_t i = 0; i < sizeof(digest); i++)
		(void)snprintf(r->identity + 2 * i, 3, "%02x", digest[i]);
	return err;
}

static enum err
source_open(struct ctx *c, const char *path, struct restoring *r, struct backup_source *s)
{
	const struct backup_watch *watch = s->pace.watch;
	struct stat st;
	enum err err;

	s->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (s->fd < 0 || fstat(s->fd, &st) != 0)
		return folder_fail(c, path);
	if (is_database(s->fd)) {
		s->size = s->pace.all = st.st_size;
		s->room = ctx_alloc(c, BACKUP_ROOM);
		return s->room ? identify(c, r, s) : ERR_MEMORY;
	}
	(void)close(s->fd);
	*s = (struct backup_source){.fd = -1, .pace = {.watch = watch}};
	err = backup_source_open(c, path, s);
	return err ? err : identify(c, r, s);
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
		err = media_folders(c, r);
	if (!err)
		err = move(c, r->kept.p, r->staged.p);
	if (!err && is_there(r->media_stage.p))
		err = folder_make(c, r->media_kept.p, 0700);
	if (!err)
		err = live_fold(c, r);
	if (!err)
		err = move(c, r->undo.p, r->plan.p);
	if (!err)
		err = folder_sync(c, r->stage.p);
	return err ? err : roll(c, r);
}

/* ---- all of it --------------------------------------------------------------------------- */

/* Finishes what was interrupted behind its plan; *same: it was a restore of this backup. */
static enum err
resume(struct ctx *c, struct restoring *r, bool *same)
{
	char plan[PLAN_MAX] = "";
	size_t got = 0;
	enum err err = OK;
	int fd;

	*same = false;
	if (is_there(r->undo.p))
		return undo_stage(c, r);
	fd = open(r->plan.p, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? stage_clear(c, r) : folder_fail(c, r->plan.p);
	err = backup_read(c, fd, 0, plan, sizeof(plan) - 1, &got);
	(void)close(fd);
	*same = strcmp(plan, r->identity) == 0 && is_there(r->staged.p);
	return err ? err : roll(c, r);
}

static enum err
restore(struct ctx *c, struct restoring *r, struct backup_source *s)
{
	bool same = false;
	enum err err = resume(c, r, &same);

	if (err || same)
		return err;
	err = s->about.media ? stage_backup(c, r, s) : stage_database(c, r, s);
	if (err) {
		struct err_slot first = c->err;

		/* What stays is removed by the next restore. */
		if (stage_clear(c, r) != OK)
			c->err = first;
		return err;
	}
	return switch_over(c, r);
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
		err = source_open(c, path, &r, &s);
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

enum err
backup_restore_undo(struct ctx *c)
{
	struct restoring r;
	bool same;
	enum err err = places(c, &r);

	if (!err)
		err = site_seize(c, &r);
	if (!err && !is_there(r.undo.p))
		err = resume(c, &r, &same);
	if (!err && !is_there(r.undo.p) && !is_there(r.kept.p))
		err = err_raise(c, ERR_NOT_FOUND, "nothing is kept of what was there before");
	if (!err && is_there(r.kept_wal.p))
		err = err_raise(c, ERR_DB_CORRUPT, "%s was damaged when it was put aside", r.kept.p);
	if (!err)
		err = folder_make(c, r.stage.p, 0700);
	if (!err && !is_there(r.undo.p))
		err = plan_write(c, &r, r.undo);
	if (!err)
		err = undo_stage(c, &r);
	restoring_end(&r);
	return err;
}
