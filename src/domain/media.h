/*
 * Uploaded files (Micropub section 3.6): what may be stored, under which name, for whom.
 *
 * An upload is written to a nameless file as it comes, looked at by the helper (image/image.h),
 * and only then stored: its file first, durably, then its row. Until media_store() has returned OK
 * there is nothing that anybody could find, and whatever fails on the way leaves nothing behind.
 *
 *	begin -> put ... put -> find (db) -> prepare (no db) -> store (db)
 *
 * The name is a digest of the bytes that came, under a key that only the database knows: who has
 * not been told it cannot guess it, and the same bytes are stored once, under one URL.
 */
#ifndef DOMAIN_MEDIA_H
#define DOMAIN_MEDIA_H

#include "domain/auth.h"
#include "store/media.h"

enum {
	MEDIA_FILES_MAX = 20,		/* of one request */
	MEDIA_LIST_DEFAULT = 20,	/* files of a list, unless it is asked for others */
	MEDIA_LIST_MAX = 100,
	MEDIA_LAST_SECONDS = 3600	/* how long q=last remembers */
};

struct media_upload;

/* Lives until ctx_reset(). ERR_DISK_FULL, ERR_IO. */
MUST enum err media_upload_begin(struct ctx *c, struct media_upload **out);

/* The next bytes. ERR_UPLOAD_TOO_LARGE beyond max_media_size, ERR_DISK_FULL, ERR_IO. */
MUST enum err media_upload_put(struct ctx *c, struct media_upload *u, struct str bytes);

/* All bytes have come, once: looks whether they are stored already. Writes at most the first key. */
MUST enum err media_upload_find(struct ctx *c, struct db *db, struct media_upload *u);

/*
 * Finds out what it is and makes of it what will be published, unless it was found stored. May take
 * long: to be called without a connection. Errors: those of image_prepare().
 */
MUST enum err media_upload_prepare(struct ctx *c, struct media_upload *u);

/* Its absolute URL, whether it is stored yet or not. After media_upload_prepare(). */
struct str media_upload_url(const struct media_upload *u);

/* What it is by its bytes, "image/jpeg". After media_upload_prepare(). */
struct str media_upload_type(const struct media_upload *u);

/*
 * Stores all of them or none: files, rows, and the jobs that make smaller pictures. client: public
 * id of the token. Logs. ERR_DISK_FULL, ERR_IO, ERR_DB_*.
 */
MUST enum err media_store(struct ctx *c, struct db *db, struct media_upload *const *uploads,
	size_t n, struct str client);

/*
 * The parts of media_store(), for who stores files together with what shows them: the post is there
 * with its files, or neither is. None of them minds n being 0.
 *
 *	media_sync, db_tx_begin -> media_put, … -> media_tx_end
 */

/* Before the transaction: the bytes are on the disk, so that nobody waits for that. */
MUST enum err media_sync(struct ctx *c, struct media_upload *const *uploads, size_t n);

/*
 * Inside it: files, rows and jobs. ERR_UPLOAD_HELPER for a file that was known when it came and has
 * been deleted since: to be sent again.
 */
MUST enum err media_put(struct ctx *c, struct db *db, struct media_upload *const *uploads,
	size_t n, struct str client);

/* Commits and logs; for err, or if that fails, rolls back and takes the files' names away again. */
MUST enum err media_tx_end(struct ctx *c, struct db *db, struct media_upload *const *uploads,
	size_t n, enum err err);

/* ---- of posts ---------------------------------------------------------------------------- */

/*
 * Notes which files a post shows: every one that its microformats2 (JSON, as stored) names in any
 * property or text, at any depth, itself or a smaller picture of it. Inside the write transaction
 * that makes or changes the post; what was noted before a change is cleared first.
 */
MUST enum err media_links_put(struct ctx *c, struct db *db, int64_t post_id, struct str mf2);
MUST enum err media_links_clear(struct ctx *c, struct db *db, int64_t post_id);

/* ---- for clients ------------------------------------------------------------------------- */

/* ERR_SCOPE unless a grant may upload files; may attach files to a post it makes. */
MUST enum err media_may_upload(struct ctx *c, const struct auth_grant *grant);
MUST enum err media_may_attach(struct ctx *c, const struct auth_grant *grant);

/*
 * Deletes the file at a URL, its smaller pictures and its row; deleted posts that showed it will
 * have to do without. ERR_SCOPE, ERR_MEDIA_URL (no such file), ERR_MEDIA_IN_USE (a post that is
 * not deleted shows it, or it is the author's picture).
 */
MUST enum err media_delete(struct ctx *c, struct db *db, const struct auth_grant *grant,
	struct str url);

/*
 * Answers a query as JSON text: q=last, q=source (url=, or limit= and offset=), q=config. args: all
 * query arguments, decoded. ERR_SCOPE, ERR_MICROPUB_QUERY, ERR_MEDIA_URL.
 */
MUST enum err media_query(struct ctx *c, struct db *db, const struct auth_grant *grant,
	const struct pair *args, size_t n, struct str *json);

/* ---- for the operator -------------------------------------------------------------------- */

/*
 * Removes files that nothing knows: uploads that were never finished after an hour, files without a
 * row after a day. Files that have no name of ours are left alone, and so is what is in the place
 * of a folder of ours and is none. One folder below MEDIA_FOLDERS each time, so that nobody waits
 * long. *n how many. For the courier. ERR_IO for a folder that cannot be read, ERR_DB_*.
 */
enum { MEDIA_FOLDERS = 257 };
MUST enum err media_sweep(struct ctx *c, struct db *db, unsigned folder, int64_t *n);

enum media_problem {
	MEDIA_MISSING,		/* a row's file is not there */
	MEDIA_OTHER_SIZE,	/* it is, with another length */
	MEDIA_SIZE_MISSING,	/* one of its smaller pictures is not there */
	MEDIA_UNKNOWN		/* a file without a row: no harm, maybe an upload in the making */
};

struct media_finding {
	enum media_problem problem;
	struct str name;	/* path below media_path */
};

enum { MEDIA_FINDINGS_MAX = 100 };

struct media_report {
	int64_t files;		/* rows whose file is as it should be */
	int64_t lost;		/* rows with a problem */
	int64_t unknown;	/* files without a row */
	struct media_finding findings[MEDIA_FINDINGS_MAX];	/* the first ones */
	size_t n;
};

/* Compares rows and files. What it finds is no error; ERR_IO, ERR_DB_* if it cannot look. */
MUST enum err media_check(struct ctx *c, struct db *db, struct media_report *out);

/* "missing" and the like. */
const char *media_problem_name(enum media_problem p);

#endif
