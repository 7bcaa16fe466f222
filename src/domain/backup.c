/*
 * Making a backup: hold the files, copy the database, look through the copy, hold what has come meanwhile,
 * and write all of it, one after the other, to one file. Nothing of it is done through the site's
 * processes, and none of them waits: what is copied is read under SQLite's own snapshot.
 */
#include "domain/backup.h"

#include "core/config.h"
#include "core/folder.h"
#include "core/log.h"
#include "domain/backup_priv.h"
#include "domain/media_file.h"
#include "domain/priv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	COPIES_MAX = 3,			/* of the database, until nothing that it knows is missing */
	ROOM_FOR_MANIFEST = 1024 * 1024,	/* and headers, beside those of the files */
	ROOM_FOR_FILE = 2 * TAR_BLOCK + 256
};

/* A backup in the making. */
struct making {
	struct backup_file file;
	struct str scratch;	/* our folder beside the database */
	int lock;		/* of that */
	struct str database;	/* the copy */
	struct copy *copy;
	struct backup_hold hold;
	struct backup_manifest manifest;
	struct backup_pace pace;
	char *room;
	int64_t missing, deleted;
};

enum err
backup_step(struct ctx *c, struct backup_pace *p, int64_t bytes)
{
	p->done += bytes;
	if (!p->watch || !p->watch->fn || p->watch->fn(p->watch->self, p->done, p->all))
		return OK;
	return err_raise(c, ERR_TIMEOUT, "stopped before it was through");
}

enum err
backup_write(struct ctx *c, int fd, const char *path, struct str bytes)
{
	while (bytes.n > 0) {
		ssize_t n = write(fd, bytes.p, bytes.n);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return folder_fail(c, path);
		bytes = str_sub(bytes, (size_t)n, bytes.n);
	}
	return OK;
}

enum err
backup_read(struct ctx *c, int fd, int64_t at, char *out, size_t n, size_t *got)
{
	ssize_t r;

	for (*got = 0; n > 0; *got += (size_t)r, n -= (size_t)r) {
		r = pread(fd, out + *got, n, (off_t)(at + (int64_t)*got));
		if (r == 0)
			return OK;
		if (r < 0 && errno == EINTR)
			r = 0;
		else if (r < 0)
			return err_raise(c, ERR_IO, "reading: %s", strerror(errno));
	}
	return OK;
}

/* ---- places ------------------------------------------------------------------------------ */

/* The folder beside the database, ours alone; what a killed backup left in it is removed. */
static enum err
scratch_open(struct ctx *c, struct making *m)
{
	struct str lock;
	enum err err = ctx_printf(c, &m->scratch, "%s.backup", c->cfg->database_path);

	if (!err)
		err = ctx_printf(c, &lock, "%s.backup.lock", c->cfg->database_path);
	if (!err)
		err = ctx_printf(c, &m->database, "%s/" BACKUP_DATABASE, m->scratch.p);
	if (err)
		return err;
	m->lock = open(lock.p, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (m->lock < 0)
		return folder_fail(c, lock.p);
	if (flock(m->lock, LOCK_EX | LOCK_NB) != 0) {
		m->scratch = S("");
		return err_raise(c, ERR_EXISTS, "another backup of this site is being made");
	}
	err = folder_remove(c, m->scratch.p);
	return err ? err : folder_make(c, m->scratch.p, 0700);
}

/* What the database will need, and its log that is not yet in it. */
static int64_t
database_bytes(struct ctx *c)
{
	struct str wal;
	struct stat st;
	int64_t n = 0;

	if (stat(c->cfg->database_path, &st) == 0)
		n += st.st_size;
	if (folder_beside(c, c->cfg->database_path, "-wal", &wal) == OK && stat(wal.p, &st) == 0)
		n += st.st_size;
	return n;
}

static enum err
room_begin(struct ctx *c, struct making *m)
{
	int64_t database = database_bytes(c);
	int64_t whole = database + m->hold.bytes + m->hold.files * ROOM_FOR_FILE +
		ROOM_FOR_MANIFEST;
	struct str home;
	enum err err = folder_parent(c, c->cfg->database_path, &home);

	m->pace.all = 2 * database + m->hold.bytes;
	if (!err)
		err = folder_room_check(c, home.p, database);
	return err || m->file.standard ? err : folder_room_check(c, m->file.folder.p, whole);
}

/* ---- the moment -------------------------------------------------------------------------- */

static bool
copy_step(void *self, int64_t done, int64_t all)
{
	struct backup_pace *p = self;

	(void)all;
	return !p->watch || !p->watch->fn || p->watch->fn(p->watch->self, done, p->all);
}

static enum err
count_missing(struct ctx *c, void *self, struct str name, int64_t bytes)
{
	struct making *m = self;
	struct str path;
	int64_t there = -1;
	enum err err = ctx_str(c, name, &path);

	if (err)
		return err;
	if (backup_hold_bytes(&m->hold, path.p, &there) && (bytes < 0 || bytes == there))
		return OK;
	m->missing++;
	return there < 0 ? copy_hold(c, m->copy, name) : OK;
}

/*
 * A copy of the database and all files that it knows. What is missing may have been deleted between the holding and the
 * copying: then the next copy does not know it any more. What is missing again has been lost, and the copy
 * holds its name.
 */
static enum err
moment_take(struct ctx *c, struct making *m)
{
	int64_t before = -1;
	enum err err = OK;

	for (int i = 0; !err && i < COPIES_MAX; i++) {
		copy_close(m->copy);
		m->copy = NULL;
		err = copy_make(c, m->database.p, copy_step, &m->pace);
		if (!err)
			err = copy_open(c, m->database.p, &m->copy);
		if (!err)
			err = backup_hold_all(c, &m->hold);
		m->missing = 0;
		if (!err)
			err = backup_expected(c, m->copy, count_missing, m);
		if (m->missing == 0 || m->missing == before)
			break;
		before = m->missing;
	}
	return err ? err : copy_check(c, m->copy);
}

/* ---- writing ----------------------------------------------------------------------------- */

static enum err
put(struct ctx *c, struct making *m, struct str bytes)
{
	return backup_write(c, m->file.fd, m->file.standard ? "standard output" : m->file.path, bytes);
}

static enum err
put_zeros(struct ctx *c, struct making *m, size_t n)
{
	static const char zeros[TAR_END];

	return put(c, m, str_n(zeros, n));
}

static enum err
put_header(struct ctx *c, struct making *m, const struct tar_entry *e)
{
	unsigned char head[TAR_BLOCK];

	if (!tar_header(e, head))
		return err_raise(c, ERR_INTERNAL, "%s cannot be in a backup", e->name);
	return put(c, m, str_n((const char *)head, sizeof(head)));
}

/* An open file, as long as its header says. */
static enum err
put_content(struct ctx *c, struct making *m, int fd, const struct tar_entry *e,
	unsigned char digest[CRYPTO_SHA256_BYTES])
{
	struct crypto_sha256 sum;
	int64_t at = 0;
	enum err err = OK;

	crypto_sha256_begin(&sum);
	while (!err && at < e->bytes) {
		int64_t left = e->bytes - at;
		size_t got = 0;

		err = backup_read(c, fd, at, m->room,
			left < BACKUP_ROOM ? (size_t)left : BACKUP_ROOM, &got);
		if (!err && got == 0)
			err = err_raise(c, ERR_IO, "%s became shorter while it was read", e->name);
		crypto_sha256_put(&sum, str_n(m->room, got));
		if (!err)
			err = put(c, m, str_n(m->room, got));
		if (!err)
			err = backup_step(c, &m->pace, (int64_t)got);
		at += (int64_t)got;
	}
	crypto_sha256_end(&sum, digest);
	return err ? err : put_zeros(c, m, tar_padding(e->bytes));
}

/* A file below a folder, and its line in the manifest; *there false: there is none. */
static enum err
put_file(struct ctx *c, struct making *m, int folder, const char *file, struct tar_entry *e, bool *there)
{
	unsigned char digest[CRYPTO_SHA256_BYTES];
	int fd = openat(folder, file, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	struct stat st = {0};
	enum err err = OK;

	*there = fd >= 0;
	if (fd < 0)
		return errno == ENOENT ? OK : folder_fail(c, e->name);
	if (fstat(fd, &st) != 0)
		err = folder_fail(c, e->name);
	e->bytes = st.st_size;
	e->changed = st.st_mtime < 0 ? 0 : st.st_mtime;
	if (!err)
		err = put_header(c, m, e);
	if (!err)
		err = put_content(c, m, fd, e, digest);
	(void)close(fd);
	return err ? err : backup_manifest_file(c, &m->manifest, e->name, e->bytes, digest);
}

/* A file out of one of our folders, if the database knows it; the copy holds what it is called in the backup. */
static enum err
put_held(struct ctx *c, struct making *m, const char *name, struct backup_report *out)
{
	unsigned char digest[CRYPTO_DIGEST_BYTES];
	struct tar_entry e = {.shared = true};
	bool known = false, there;
	enum err err = OK;

	if (media_name_parse(str_z(name), digest))
		err = copy_knows(c, m->copy, digest, &known);
	if (err || !known)
		return err;
	(void)snprintf(e.name, sizeof(e.name), BACKUP_MEDIA "%s", name);
	err = put_file(c, m, m->hold.root, name, &e, &there);
	if (!err && there)
		err = copy_hold(c, m->copy, str_z(e.name));
	if (!err && there) {
		out->files++;
		out->bytes += e.bytes;
	}
	return err;
}

static enum err
put_media(struct ctx *c, struct making *m, struct backup_report *out)
{
	enum err err = OK;

	for (unsigned i = 0; !err && i < BACKUP_FOLDERS; i++) {
		struct backup_names names;
		struct ctx piece;

		ctx_init(&piece, 256 * BACKUP_ROOM);
		piece.cfg = c->cfg;
		err = backup_names_read(&piece, m->hold.root, i, &names);
		for (size_t n = 0; !err && n < names.n; n++)
			err = put_held(&piece, m, names.list[n], out);
		if (err)
			c->err = piece.err;
		ctx_fini(&piece);
	}
	return err;
}

/* What the database knows and is not in the backup: it had been lost, or has been deleted since. */
static enum err
put_missing(struct ctx *c, void *self, struct str name, int64_t bytes)
{
	struct making *m = self;
	struct str path;
	bool written = false, lost;
	enum err err = ctx_printf(c, &path, BACKUP_MEDIA "%.*s", STR(name));

	(void)bytes;
	if (!err)
		err = copy_holds(c, m->copy, path, &written);
	if (err || written)
		return err;
	err = copy_holds(c, m->copy, name, &lost);
	if (!err && !lost)
		m->deleted++;
	return err ? err : backup_manifest_without(c, &m->manifest, path.p, !lost);
}

static enum err
put_manifest(struct ctx *c, struct making *m)
{
	unsigned char digest[CRYPTO_SHA256_BYTES];
	struct tar_entry e = {.name = BACKUP_MANIFEST, .changed = domain_now(c)};
	enum err err = backup_expected(c, m->copy, put_missing, m);

	if (!err)
		err = backup_manifest_end(c, &m->manifest);
	e.bytes = m->manifest.bytes;
	m->pace.all += e.bytes;
	if (!err)
		err = put_header(c, m, &e);
	if (!err)
		err = put_content(c, m, m->manifest.fd, &e, digest);
	return err ? err : put_zeros(c, m, TAR_END);
}

static enum err
put_all(struct ctx *c, struct making *m, struct backup_report *out)
{
	struct tar_entry e = {.name = BACKUP_DATABASE};
	enum err err = backup_manifest_begin(c, &m->manifest, m->scratch.p, out);
	bool there = false;

	m->room = ctx_alloc(c, BACKUP_ROOM);
	if (!m->room)
		return ERR_MEMORY;
	m->pace.done = m->pace.all / 2 - m->hold.bytes / 2;
	if (!err)
		err = put_file(c, m, AT_FDCWD, m->database.p, &e, &there);
	if (!err && !there)
		err = err_raise(c, ERR_IO, "%s was removed by somebody", m->database.p);
	out->database_bytes = e.bytes;
	if (!err)
		err = put_media(c, m, out);
	return err ? err : put_manifest(c, m);
}

/* ---- all of it --------------------------------------------------------------------------- */

static void
making_end(struct ctx *c, struct making *m)
{
	struct err_slot first = c->err;

	copy_close(m->copy);
	if (m->lock >= 0 && m->scratch.n > 0)
		backup_hold_end(c, &m->hold);
	if (m->manifest.fd >= 0)
		(void)close(m->manifest.fd);
	/* What stays is removed by the next backup. */
	if (m->scratch.n > 0 && folder_remove(c, m->scratch.p) != OK)
		c->err = first;
	backup_file_close(&m->file);
	if (m->lock >= 0)
		(void)close(m->lock);
}

enum err
backup_make(struct ctx *c, const char *path, bool replace, const struct backup_watch *watch,
	struct backup_report *out)
{
	struct making m = {.scratch = S_INIT(""), .lock = -1, .hold = {.root = -1, .media = -1}, .manifest = {.fd = -1},
		.pace = {.watch = watch}};
	enum err err = backup_file_open(c, &m.file, path, replace);

	*out = (struct backup_report){.site_url = str_z(c->cfg->site_url), .program = S(SP_VERSION),
		.created = domain_now(c), .media = true};
	if (!err)
		err = scratch_open(c, &m);
	if (!err)
		err = backup_hold_begin(c, &m.hold);
	if (!err)
		err = backup_hold_all(c, &m.hold);
	if (!err)
		err = room_begin(c, &m);
	if (!err)
		err = moment_take(c, &m);
	if (!err)
		out->schema = copy_version(m.copy);
	if (!err)
		err = put_all(c, &m, out);
	if (!err)
		err = backup_file_done(c, &m.file, replace);
	out->missing = m.missing;
	out->deleted = m.deleted;
	making_end(c, &m);
	if (!err)
		log_event(c, backup_made, .files = out->files, .bytes = out->bytes + out->database_bytes,
			.missing = out->missing, .deleted = out->deleted);
	return err;
}
