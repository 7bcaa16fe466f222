/*
 * Making a restore ready: the source, and its files beside those of the site, under names that nobody looks at.
 */
#include "core/folder.h"
#include "domain/backup_priv.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- making ready ------------------------------------------------------------------------ */

enum err
restore_media_folders(struct ctx *c, const struct restoring *r)
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

/* Whether two places are on one disk, whose room they share. */
static bool
together(const char *a, const char *b)
{
	struct stat sa, sb;

	return stat(a, &sa) == 0 && stat(b, &sb) == 0 && sa.st_dev == sb.st_dev;
}

/* All that is in a backup is on the disk beside what is there, before anything takes its place. */
static enum err
room_check(struct ctx *c, const struct restoring *r, const struct backup_source *s)
{
	enum err err;

	if (together(r->folder.p, r->media))
		return folder_room_check(c, r->media, s->database_room + s->media_room);
	err = folder_room_check(c, r->folder.p, s->database_room);
	return err ? err : folder_room_check(c, r->media, s->media_room);
}

enum err
restore_stage_clear(struct ctx *c, const struct restoring *r)
{
	enum err err = folder_remove(c, r->stage.p);

	return err ? err : folder_remove(c, r->media_stage.p);
}

enum err
restore_stage_backup(struct ctx *c, struct restoring *r, struct backup_source *s)
{
	struct backup_sink sink = {sink_begin, sink_put, sink_end, r};
	enum err err = folder_make(c, r->media, 0755);

	if (!err)
		err = room_check(c, r, s);
	if (!err)
		err = folder_make(c, r->stage.p, 0700);
	if (!err)
		err = restore_media_folders(c, r);
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
enum err
restore_stage_database(struct ctx *c, struct restoring *r, struct backup_source *s)
{
	struct copy *k = NULL;
	enum err err = folder_room_check(c, r->folder.p, s->size);

	if (!err)
		err = folder_make(c, r->stage.p, 0700);
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

/* What was written last stands in a log beside it, which would be left behind, also after a stop. */
static enum err
has_no_log(struct ctx *c, const char *path)
{
	struct str log;
	struct stat st;
	enum err err = folder_beside(c, path, "-wal", &log);

	if (err || stat(log.p, &st) != 0 || st.st_size == 0)
		return err;
	return err_raise(c, ERR_BACKUP, "%s may hold what is not yet in the database: sqlite3 '%s' 'PRAGMA "
		"wal_checkpoint(TRUNCATE)' puts it there", log.p, path);
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

enum err
restore_source_open(struct ctx *c, const char *path, struct restoring *r, struct backup_source *s)
{
	const struct backup_watch *watch = s->pace.watch;
	struct stat st;
	enum err err;

	s->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (s->fd < 0 || fstat(s->fd, &st) != 0)
		return folder_fail(c, path);
	if (is_database(s->fd)) {
		err = has_no_log(c, path);
		if (err)
			return err;
		s->size = s->pace.all = st.st_size;
		s->room = ctx_alloc(c, BACKUP_ROOM);
		return s->room ? identify(c, r, s) : ERR_MEMORY;
	}
	(void)close(s->fd);
	*s = (struct backup_source){.fd = -1, .pace = {.watch = watch}};
	err = backup_source_open(c, path, s);
	return err ? err : identify(c, r, s);
}
