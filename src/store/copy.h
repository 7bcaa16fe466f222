/*
 * Copies of a database: making one while the site reads and writes, and looking at one before anybody
 * trusts it. A copy may have an older schema than ours (it is brought to ours when a site starts with
 * it), so no query of struct db is used on it, and no connection of a pool.
 *
 *	copy_make -> copy_open -> copy_check -> copy_media, copy_hold, copy_holds -> copy_close
 */
#ifndef STORE_COPY_H
#define STORE_COPY_H

#include "core/crypto.h"

struct copy;

/* Is told how many of all bytes have been copied; false: stop. */
typedef bool copy_watch(void *self, int64_t done, int64_t all);

/*
 * Copies the database of c->cfg, as it is at this moment, to a new file of mode 0600 and puts it on the disk.
 * Nobody waits for it: writers go on, only the write-ahead log cannot be cut until it is through.
 * What was at path is replaced. ERR_TIMEOUT: watch has said stop. On an error there is no file.
 */
MUST enum err copy_make(struct ctx *c, const char *path, copy_watch *watch, void *self);

/*
 * Opens a copy that nobody else has open; files that SQLite makes beside it are gone after
 * copy_close(). ERR_DB_SCHEMA: no database of ours, or of a newer program than this.
 */
MUST enum err copy_open(struct ctx *c, const char *path, struct copy **out);
void copy_close(struct copy *k);	/* NULL is fine */

/* Of its schema. */
int copy_version(const struct copy *k);

/*
 * ERR_DB_CORRUPT, with the first finding as detail, unless all its pages, indexes, references and, where
 * it has one, its index of the search are as they should be.
 */
MUST enum err copy_check(struct ctx *c, struct copy *k);

/* An uploaded file that it knows; texts until the next one. */
struct copy_file {
	struct str name;	/* path below media_path */
	struct str type;	/* "image/jpeg" */
	int64_t bytes;
	struct str sizes;	/* "480 960": widths of its smaller pictures */
};

/* The next one by name, from the first after copy_media_begin(); *more false: there is none. */
MUST enum err copy_media_begin(struct ctx *c, struct copy *k);
MUST enum err copy_media_next(struct ctx *c, struct copy *k, struct copy_file *out, bool *more);

/* Is there one of that digest? */
MUST enum err copy_knows(struct ctx *c, struct copy *k,
	const unsigned char digest[CRYPTO_SHA256_BYTES], bool *out);

/* A list of names beside it, which is on the disk and not in memory: adds one; is one in it? */
MUST enum err copy_hold(struct ctx *c, struct copy *k, struct str name);
MUST enum err copy_holds(struct ctx *c, struct copy *k, struct str name, bool *out);

/* ERR_DB_BUSY: some process has that database open. ERR_DB_CORRUPT and the like: it cannot be read. */
MUST enum err copy_alone(struct ctx *c, const char *path);

/*
 * Makes one file of a database, its write-ahead log gone into it. ERR_DB_BUSY: some process has it open.
 * ERR_DB_CORRUPT: it cannot be read, and nothing was changed.
 */
MUST enum err copy_fold(struct ctx *c, const char *path);

#endif
