/*
 * What the files of the backup share; nobody else includes it.
 */
#ifndef DOMAIN_BACKUP_PRIV_H
#define DOMAIN_BACKUP_PRIV_H

#include "core/crypto.h"
#include "domain/backup.h"
#include "domain/tar.h"
#include "store/copy.h"

#include <dirent.h>

#define BACKUP_FORMAT "starpunk-backup 1"
#define BACKUP_DATABASE "starpunk.db"
#define BACKUP_MANIFEST "manifest.json"
#define BACKUP_MEDIA "media/"

enum {
	BACKUP_ROOM = 256 * 1024,	/* read and written at once */
	BACKUP_NAME_MAX = 96,		/* of an uploaded file, with its NUL */
	BACKUP_FOLDERS = 256,
	BACKUP_HEX = 2 * CRYPTO_SHA256_BYTES
};

/* How far the work is, for watch. */
struct backup_pace {
	const struct backup_watch *watch;
	int64_t done, all;
};

/* That many bytes more. ERR_TIMEOUT: to stop. */
MUST enum err backup_step(struct ctx *c, struct backup_pace *p, int64_t bytes);

/* All of it, to a descriptor; path names it where that fails. */
MUST enum err backup_write(struct ctx *c, int fd, const char *path, struct str bytes);

/* At most n bytes at an offset, *got 0 at the end. */
MUST enum err backup_read(struct ctx *c, int fd, int64_t at, char *out, size_t n, size_t *got);

/* ---- backup_file.c: what is written to ----------------------------------------------------------- */

struct backup_file {
	const char *path;	/* "-": standard output */
	struct str folder;	/* that it lies in */
	struct str part;	/* what it is called until it is whole, if it has to be called something */
	bool standard, named;	/* named: it is called part */
	int fd;
};

/*
 * ERR_USAGE: the site's own files are there. ERR_EXISTS: it is there already and not to be replaced, or
 * another backup writes to it. backup_file_close() is to be called in any case.
 */
MUST enum err backup_file_open(struct ctx *c, struct backup_file *f, const char *path, bool replace);

/* All of it has been written: puts it on the disk and gives it its name. */
MUST enum err backup_file_done(struct ctx *c, struct backup_file *f, bool replace);
void backup_file_close(struct backup_file *f);

/* ---- backup_hold.c: the files of one moment ---------------------------------------------------- */

/* Where files can be read, whatever becomes of their names meanwhile. */
struct backup_hold {
	int root;		/* descriptor of media_path, or of our folder in it */
	int media;		/* of media_path; -1: not open */
	const char *folder;	/* ours, with a second name for each file; NULL: there cannot be any */
	int64_t files, bytes;
};

MUST enum err backup_hold_begin(struct ctx *c, struct backup_hold *h);

/* Holds all files that are there and not yet held; counts anew. */
MUST enum err backup_hold_all(struct ctx *c, struct backup_hold *h);

/* A held file's length; false: there is none. */
bool backup_hold_bytes(const struct backup_hold *h, const char *name, int64_t *bytes);

/* Lets all of them go. To be called in any case. */
void backup_hold_end(struct ctx *c, struct backup_hold *h);

/* The names in one of our folders (0 to 255) below root, sorted: "ab/cdef.jpg". */
struct backup_names {
	char (*list)[BACKUP_NAME_MAX];
	size_t n;
};
MUST enum err backup_names_read(struct ctx *c, int root, unsigned folder, struct backup_names *out);

/*
 * Calls look for every file that a database expects: uploads with their length, smaller pictures with
 * -1. Its texts are in c's arena, which grows only by what look takes.
 */
typedef enum err backup_look_fn(struct ctx *c, void *self, struct str name, int64_t bytes);
MUST enum err backup_expected(struct ctx *c, struct copy *k, backup_look_fn *look, void *self);

/* ---- backup_manifest.c -------------------------------------------------------------------------- */

/* A manifest in the making; its lines go to a nameless file. */
struct backup_manifest {
	int fd;			/* -1: none */
	struct crypto_sha256 digest;
	int64_t bytes;		/* written so far */
	int64_t lines;
};

/* folder: where the nameless file may be. */
MUST enum err backup_manifest_begin(struct ctx *c, struct backup_manifest *m, const char *folder,
	const struct backup_report *about);

MUST enum err backup_manifest_file(struct ctx *c, struct backup_manifest *m, const char *name,
	int64_t bytes, const unsigned char digest[CRYPTO_SHA256_BYTES]);

/* A file that is not in the backup: it had been lost, or was deleted while that was made. */
MUST enum err backup_manifest_without(struct ctx *c, struct backup_manifest *m, const char *name,
	bool deleted);
MUST enum err backup_manifest_end(struct ctx *c, struct backup_manifest *m);

/* A manifest that is read, line by line. */
struct backup_lines {
	int fd;
	int64_t at, end;		/* in the file */
	char *room;			/* BACKUP_ROOM bytes */
	size_t from, n;			/* what of it is unread */
	struct crypto_sha256 digest;	/* of the lines so far */
};

/* One file of it. */
struct backup_line {
	char name[TAR_NAME_MAX + 1];
	int64_t bytes;
	unsigned char digest[CRYPTO_SHA256_BYTES];
	bool missing, deleted;	/* there is only its name */
};

/* Reads its head. ERR_BACKUP. */
MUST enum err backup_lines_begin(struct ctx *c, struct backup_lines *l, int fd, int64_t at,
	int64_t bytes, struct backup_report *about);

/* *more false: the list is through, and what follows it is as it should be. */
MUST enum err backup_lines_next(struct ctx *c, struct backup_lines *l, struct backup_line *out,
	bool *more);

/* ---- backup_read.c ------------------------------------------------------------------------------ */

/*
 * Where the content of a backup goes while it is looked through. Both may fail; bytes come in pieces, in order.
 */
struct backup_sink {
	enum err (*begin)(struct ctx *c, void *self, const struct tar_entry *e, bool *wanted);
	enum err (*put)(struct ctx *c, void *self, struct str bytes);
	enum err (*end)(struct ctx *c, void *self);
	void *self;
};

/* A backup that is being read. */
struct backup_source {
	int fd;
	int64_t size;
	int64_t manifest_at, manifest_bytes;	/* of its content */
	int64_t database_room, media_room;	/* that it will take on a disk */
	struct backup_report about;
	struct backup_pace pace;
	char *room;
};

/* Opens it and reads the manifest's head. ERR_BACKUP, ERR_DB_SCHEMA. */
MUST enum err backup_source_open(struct ctx *c, const char *path, struct backup_source *s);
void backup_source_close(struct backup_source *s);

/* Hands all of it to a sink and holds it against the manifest. */
MUST enum err backup_source_read(struct ctx *c, struct backup_source *s,
	const struct backup_sink *sink);

/*
 * Looks whether the database out of a backup is sound and knows the backup's files, no more and no
 * fewer. database: where it lies.
 */
MUST enum err backup_source_judge(struct ctx *c, struct backup_source *s, const char *database);

/* ---- backup_stage.c: what is made ready for a restore ------------------------------------------- */

enum { RESTORE_PLAN_MAX = 128 };

struct restoring {
	const char *live;	/* the database's place */
	const char *media;
	struct str folder;	/* where the database lies, for syncing */
	struct str stage, staged, fresh, plan, undo, kept, kept_wal, wal, shm;
	struct str media_stage, media_kept;
	int lock;
	int fd;			/* of the file that is being written */
	char *path;		/* its; PATH_MAX bytes */
	char identity[RESTORE_PLAN_MAX];	/* of the backup */
};

/* Opens a backup or a bare database (about.media is false), and fills r->identity. */
MUST enum err restore_source_open(struct ctx *c, const char *path, struct restoring *r,
	struct backup_source *s);

/* Makes all of it ready, sound and on the disk; restore_stage_clear() takes it away again. */
MUST enum err restore_stage_backup(struct ctx *c, struct restoring *r, struct backup_source *s);
MUST enum err restore_stage_database(struct ctx *c, struct restoring *r, struct backup_source *s);
MUST enum err restore_stage_clear(struct ctx *c, const struct restoring *r);

/* Every folder that files can be in, so that one that is gone has been put in place. */
MUST enum err restore_media_folders(struct ctx *c, const struct restoring *r);

#endif
