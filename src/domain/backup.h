/*
 * The site in one file: its database, all uploaded files that it knows, and a manifest with the
 * length and SHA-256 of each. An archive for tar, so that anybody can look into it in twenty years:
 *
 *	starpunk.db, media/ab/cdef….jpg …, manifest.json
 *
 * It is a picture of one moment, though the site goes on meanwhile: the names of all files are held before the
 * database is copied and the new ones once more behind it, so that what the copy knows is there,
 * whatever has been deleted by then. Configuration, theme and the site's key are not in it.
 *
 * Restoring makes everything ready beside what is there, looks through it, and only then puts it in place; see
 * backup_restore.c for what may happen when.
 */
#ifndef DOMAIN_BACKUP_H
#define DOMAIN_BACKUP_H

#include "base/ctx.h"

/* Is told how many bytes of all have been dealt with; false: stop, ERR_TIMEOUT. fn may be NULL. */
struct backup_watch {
	bool (*fn)(void *self, int64_t done, int64_t all);
	void *self;
};

/* What is in a backup. Texts in c's arena. */
struct backup_report {
	struct str site_url, program;	/* empty: a bare copy of a database says neither */
	int64_t created;		/* seconds, UTC; 0: likewise */
	int schema;			/* version of the database's */
	int64_t files, bytes;		/* uploaded files, smaller pictures included */
	int64_t database_bytes;
	int64_t missing;		/* files that had been lost before the backup was made */
	int64_t deleted;		/* files that the site deleted meanwhile, and that could not be held */
	bool media;			/* false: only a database */
	bool finished;			/* restoring: one that had been interrupted; nothing was counted */
};

/*
 * Makes the backup of c's site at path, or writes it to descriptor 1 if path is "-". The file has
 * mode 0600, for it holds the site's secrets, and gets its name when it is whole and on the disk.
 * replace: in the place of another file. Logs backup_made.
 *
 * ERR_USAGE: path is one of the site's own files, or among those that it serves.
 * ERR_EXISTS: there is such a file, or another backup of the site is being made. ERR_DISK_FULL: there is,
 * or will be, no room. ERR_IO, ERR_DB_*.
 */
MUST enum err backup_make(struct ctx *c, const char *path, bool replace,
	const struct backup_watch *watch, struct backup_report *out);

/*
 * Looks through a backup: every byte of it, the database and its search index, and whether the files
 * are those that the database knows. scratch: a folder to be made for a copy of the database. Needs no site:
 * config_defaults() are enough.
 * ERR_BACKUP says what is wrong, ERR_DB_SCHEMA that it needs a newer program.
 */
MUST enum err backup_verify(struct ctx *c, const char *path, const char *scratch,
	const struct backup_watch *watch, struct backup_report *out);

/* Reads what it says of itself, and believes it. ERR_BACKUP, ERR_IO. */
MUST enum err backup_look(struct ctx *c, const char *path, struct backup_report *out);

/*
 * Makes c's site what it was when the backup was made; or, if path is a bare database (one that was copied before an
 * upgrade), its database only. What was there is kept as "<database>.before-restore" and, below media_path,
 * ".before-restore". May be interrupted at any point and run again. Logs site_restored.
 * ERR_SITE_RUNS. ERR_BACKUP and ERR_DB_SCHEMA as above: nothing was changed. ERR_DISK_FULL before anything is written:
 * how much room is missing. ERR_DB_FULL: there is none to put aside what is there; nothing was changed. ERR_USAGE: path
 * is what an earlier restore has kept, with files. ERR_EXISTS: something else had been interrupted and was finished
 * instead.
 */
MUST enum err backup_restore(struct ctx *c, const char *path, const struct backup_watch *watch,
	struct backup_report *out);

/* True if a restore has been interrupted between two sites: it is to be run again. */
bool backup_restore_pending(struct ctx *c);

/*
 * Puts what the last restore has kept in place again, and keeps what was there; what has been interrupted
 * is only brought to its end. ERR_NOT_FOUND: nothing is kept.
 */
MUST enum err backup_restore_undo(struct ctx *c);

#endif
