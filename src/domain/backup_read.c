/*
 * Reading a backup: each entry against its line of the manifest, in order, with every byte read. What
 * comes out of it is worth nothing until backup_source_read() and backup_source_judge() have said OK, so
 * it goes where nobody looks.
 */
#include "core/config.h"
#include "core/folder.h"
#include "domain/backup_priv.h"
#include "domain/media_file.h"
#include "store/migrate.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	PIECE_MAX = 1024 * 1024,
	DISK_BLOCK = 4096,	/* a file takes a multiple of it */
	FOLDERS_ROOM = BACKUP_FOLDERS * DISK_BLOCK
};

/* ---- opening ----------------------------------------------------------------------------- */

static void
room_count(struct backup_source *s, const struct tar_entry *e)
{
	int64_t blocks = (e->bytes + DISK_BLOCK - 1) / DISK_BLOCK;

	if (strcmp(e->name, BACKUP_DATABASE) == 0)
		s->database_room += blocks * DISK_BLOCK;
	else if (strcmp(e->name, BACKUP_MANIFEST) != 0)
		s->media_room += blocks * DISK_BLOCK;
}

/* Goes from header to header to the last one. */
static enum err
manifest_find(struct ctx *c, struct backup_source *s)
{
	struct tar_entry e, last = {.at = 0};
	bool more = true;
	int64_t at = 0;
	enum err err = OK;

	s->media_room = FOLDERS_ROOM;
	while (!err && more) {
		err = tar_read(c, s->fd, s->size, at, &e, &at, &more);
		if (!err && more) {
			last = e;
			room_count(s, &e);
		}
	}
	if (!err && strcmp(last.name, BACKUP_MANIFEST) != 0)
		err = err_raise(c, ERR_BACKUP, "it has no manifest at its end");
	s->manifest_at = last.at;
	s->manifest_bytes = last.bytes;
	return err;
}

enum err
backup_source_open(struct ctx *c, const char *path, struct backup_source *s)
{
	struct backup_lines lines;
	struct stat st;
	enum err err;

	s->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (s->fd < 0)
		return folder_fail(c, path);
	if (fstat(s->fd, &st) != 0)
		return folder_fail(c, path);
	if (!S_ISREG(st.st_mode))
		return err_raise(c, ERR_BACKUP, "%s is no file", path);
	s->size = s->pace.all = st.st_size;
	s->about.media = true;
	s->room = ctx_alloc(c, BACKUP_ROOM);
	if (!s->room)
		return ERR_MEMORY;
	err = manifest_find(c, s);
	if (!err)
		err = backup_lines_begin(c, &lines, s->fd, s->manifest_at, s->manifest_bytes, &s->about);
	if (!err && s->about.schema > migrate_version())
		err = err_raise(c, ERR_DB_SCHEMA, "the backup's schema is version %d, this program knows %d",
			s->about.schema, migrate_version());
	return err;
}

void
backup_source_close(struct backup_source *s)
{
	if (s->fd >= 0)
		(void)close(s->fd);
	s->fd = -1;
}

enum err
backup_look(struct ctx *c, const char *path, struct backup_report *out)
{
	struct backup_source s = {.fd = -1};
	enum err err = backup_source_open(c, path, &s);

	*out = s.about;
	backup_source_close(&s);
	return err;
}

/* ---- entries ----------------------------------------------------------------------------- */

/* The database comes first, then files with names of ours, each greater than the one before. */
static enum err
name_check(struct ctx *c, const char *name, const char *before)
{
	unsigned char digest[CRYPTO_DIGEST_BYTES];
	struct str file = str_z(name);

	if (before[0] == '\0' ? strcmp(name, BACKUP_DATABASE) == 0 :
		str_starts(file, S(BACKUP_MEDIA)) &&
			media_name_parse(str_sub(file, sizeof(BACKUP_MEDIA) - 1, file.n), digest) &&
			(strcmp(before, BACKUP_DATABASE) == 0 || strcmp(name, before) > 0))
		return OK;
	return err_raise(c, ERR_BACKUP, "%s does not belong there", name);
}

static enum err
content_read(struct ctx *c, struct backup_source *s, const struct tar_entry *e,
	const struct backup_sink *sink, unsigned char digest[CRYPTO_SHA256_BYTES])
{
	struct crypto_sha256 sum;
	bool wanted = false;
	int64_t at = 0;
	enum err err = sink->begin(c, sink->self, e, &wanted);

	crypto_sha256_begin(&sum);
	while (!err && at < e->bytes) {
		int64_t left = e->bytes - at;
		size_t got = 0;

		err = backup_read(c, s->fd, e->at + at, s->room,
			left < BACKUP_ROOM ? (size_t)left : BACKUP_ROOM, &got);
		if (!err && got == 0)
			err = err_raise(c, ERR_BACKUP, "it became shorter while it was read");
		crypto_sha256_put(&sum, str_n(s->room, got));
		if (!err && wanted)
			err = sink->put(c, sink->self, str_n(s->room, got));
		if (!err)
			err = backup_step(c, &s->pace, (int64_t)got);
		at += (int64_t)got;
	}
	crypto_sha256_end(&sum, digest);
	return !err && wanted ? sink->end(c, sink->self) : err;
}

static enum err
entry_read(struct ctx *c, struct backup_source *s, const struct tar_entry *e,
	const struct backup_line *line, const struct backup_sink *sink)
{
	unsigned char digest[CRYPTO_SHA256_BYTES];
	enum err err;

	if (line->missing || line->deleted || strcmp(line->name, e->name) != 0)
		return err_raise(c, ERR_BACKUP, "%s is not in the manifest, or not there", e->name);
	if (line->bytes != e->bytes)
		return err_raise(c, ERR_BACKUP, "%s is not as long as the manifest says", e->name);
	err = content_read(c, s, e, sink, digest);
	if (!err && memcmp(digest, line->digest, sizeof(digest)) != 0)
		err = err_raise(c, ERR_BACKUP, "%s is damaged", e->name);
	if (strcmp(e->name, BACKUP_DATABASE) == 0) {
		s->about.database_bytes = e->bytes;
	} else {
		s->about.files++;
		s->about.bytes += e->bytes;
	}
	return err;
}

/* Behind the entries the manifest may tell only of what is not there. */
static enum err
lines_end(struct ctx *c, struct backup_source *s, struct backup_lines *lines)
{
	struct backup_line line;
	bool more = true;
	enum err err = OK;

	while (!err && more) {
		ctx_reset(c);
		err = backup_lines_next(c, lines, &line, &more);
		if (!err && more && !line.missing && !line.deleted)
			err = err_raise(c, ERR_BACKUP, "%s is missing", line.name);
		if (!err && more && line.deleted)
			s->about.deleted++;
		else if (!err && more)
			s->about.missing++;
	}
	return err;
}

/* piece is emptied after each entry. */
static enum err
entries_read(struct ctx *piece, struct backup_source *s, struct backup_lines *lines,
	const struct backup_sink *sink)
{
	char before[TAR_NAME_MAX + 1] = "";
	struct backup_line line;
	struct tar_entry e;
	int64_t at = 0;
	bool more = true;
	enum err err = OK;

	while (!err && at < s->manifest_at - TAR_BLOCK) {
		ctx_reset(piece);
		err = tar_read(piece, s->fd, s->size, at, &e, &at, &more);
		if (!err)
			err = name_check(piece, e.name, before);
		if (!err)
			err = backup_lines_next(piece, lines, &line, &more);
		if (!err && !more)
			err = err_raise(piece, ERR_BACKUP, "%s is not in the manifest", e.name);
		if (!err)
			err = entry_read(piece, s, &e, &line, sink);
		memcpy(before, e.name, sizeof(before));
	}
	if (!err && before[0] == '\0')
		err = err_raise(piece, ERR_BACKUP, "it holds no database");
	return err ? err : lines_end(piece, s, lines);
}

enum err
backup_source_read(struct ctx *c, struct backup_source *s, const struct backup_sink *sink)
{
	struct backup_report unused;
	struct backup_lines lines;
	struct ctx piece;
	enum err err = backup_lines_begin(c, &lines, s->fd, s->manifest_at, s->manifest_bytes, &unused);

	if (err)
		return err;
	ctx_init(&piece, PIECE_MAX);
	piece.cfg = c->cfg;
	err = entries_read(&piece, s, &lines, sink);
	if (err)
		c->err = piece.err;
	ctx_fini(&piece);
	return err;
}

/* ---- judging ----------------------------------------------------------------------------- */

struct judging {
	struct copy *copy;
	int64_t held; /* names that the backup has */
};

/* All names of the backup, and whether the database knows them. */
static enum err
names_hold(struct ctx *c, struct judging *j, struct backup_lines *lines)
{
	unsigned char digest[CRYPTO_DIGEST_BYTES];
	struct backup_line line;
	bool more = true, known;
	enum err err = OK;

	while (!err && more) {
		struct str name;

		ctx_reset(c);
		err = backup_lines_next(c, lines, &line, &more);
		name = str_z(line.name);
		if (err || !more || str_eq(name, S(BACKUP_DATABASE)))
			continue;
		name = str_sub(name, sizeof(BACKUP_MEDIA) - 1, name.n);
		known = false;
		if (media_name_parse(name, digest))
			err = copy_knows(c, j->copy, digest, &known);
		if (!err && !known)
			err = err_raise(c, ERR_BACKUP, "its database does not know %s", line.name);
		if (!err)
			err = copy_hold(c, j->copy, name);
	}
	return err;
}

static enum err
expect_held(struct ctx *c, void *self, struct str name, int64_t bytes)
{
	struct judging *j = self;
	bool held;
	enum err err = copy_holds(c, j->copy, name, &held);

	(void)bytes;
	if (!err && !held)
		err = err_raise(c, ERR_BACKUP, "its database knows a file that it has not: %.*s",
			STR(name));
	return err;
}

static enum err
judge(struct ctx *c, struct backup_source *s, struct judging *j)
{
	struct backup_report unused;
	struct backup_lines lines;
	struct ctx piece;
	enum err err = copy_check(c, j->copy);

	if (!err && copy_version(j->copy) != s->about.schema)
		err = err_raise(c, ERR_BACKUP, "its database has another version than it says");
	if (!err)
		err = copy_media_begin(c, j->copy);
	if (!err)
		err = backup_lines_begin(c, &lines, s->fd, s->manifest_at, s->manifest_bytes, &unused);
	if (err)
		return err;
	ctx_init(&piece, PIECE_MAX);
	err = names_hold(&piece, j, &lines);
	if (err)
		c->err = piece.err;
	ctx_fini(&piece);
	return err ? err : backup_expected(c, j->copy, expect_held, j);
}

enum err
backup_source_judge(struct ctx *c, struct backup_source *s, const char *database)
{
	struct judging j = {0};
	enum err err = copy_open(c, database, &j.copy);

	if (!err)
		err = judge(c, s, &j);
	copy_close(j.copy);
	return err;
}

/* ---- verifying --------------------------------------------------------------------------- */

/* A copy of the database and nothing else. */
struct scratch {
	const char *path;
	int fd;
};

static enum err
scratch_begin(struct ctx *c, void *self, const struct tar_entry *e, bool *wanted)
{
	struct scratch *s = self;

	*wanted = strcmp(e->name, BACKUP_DATABASE) == 0;
	if (!*wanted)
		return OK;
	s->fd = open(s->path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	return s->fd < 0 ? folder_fail(c, s->path) : OK;
}

static enum err
scratch_put(struct ctx *c, void *self, struct str bytes)
{
	struct scratch *s = self;

	return backup_write(c, s->fd, s->path, bytes);
}

static enum err
scratch_end(struct ctx *c, void *self)
{
	struct scratch *s = self;
	int rc = close(s->fd);

	s->fd = -1;
	return rc == 0 ? OK : folder_fail(c, s->path);
}

enum err
backup_verify(struct ctx *c, const char *path, const char *scratch,
	const struct backup_watch *watch, struct backup_report *out)
{
	struct backup_source s = {.fd = -1, .pace = {.watch = watch}};
	struct scratch own = {.fd = -1};
	struct backup_sink sink = {scratch_begin, scratch_put, scratch_end, &own};
	struct err_slot first;
	struct str copy;
	enum err err = ctx_printf(c, &copy, "%s/" BACKUP_DATABASE, scratch);

	own.path = copy.p;
	if (!err)
		err = backup_source_open(c, path, &s);
	if (!err)
		err = folder_make(c, scratch, 0700);
	if (!err)
		err = folder_room_check(c, scratch, s.database_room);
	if (!err)
		err = backup_source_read(c, &s, &sink);
	if (!err)
		err = backup_source_judge(c, &s, copy.p);
	first = c->err;
	if (own.fd >= 0)
		(void)close(own.fd);
	if (folder_remove(c, scratch) != OK)
		c->err = first; /* a file of a folder of temporary files */
	*out = s.about;
	backup_source_close(&s);
	return err;
}
