/*
 * Rows of uploaded files. The files themselves, what may be uploaded and what becomes of it are
 * domain/media's; here is what is stored and how it is found. All text in rows is copied into c's
 * arena.
 */
#ifndef STORE_MEDIA_H
#define STORE_MEDIA_H

#include "base/ctx.h"
#include "core/crypto.h"
#include "store/db.h"

struct media_row {
	int64_t id;		/* never leaves the program */
	struct str name;	/* path below media_path; unique */
	unsigned char digest[CRYPTO_SHA256_BYTES];	/* keyed, of what was uploaded; unique */
	struct str type;	/* "image/jpeg" */
	int64_t bytes;
	int64_t width, height;	/* 0: no picture */
	struct str sizes;	/* widths of the smaller pictures that there are: "480 960" */
	int64_t created;	/* seconds, UTC */
	struct str client;	/* public id of the token it came by */
};

/* Inside a write transaction; sets row->id. ERR_DB_CONSTRAINT: name or digest is there already. */
MUST enum err media_row_insert(struct ctx *c, struct db *db, struct media_row *row);

/* ERR_NOT_FOUND if there is no such row. */
MUST enum err media_row_find_id(struct ctx *c, struct db *db, int64_t id, struct media_row *out);
MUST enum err media_row_find_name(struct ctx *c, struct db *db, struct str name,
	struct media_row *out);
MUST enum err media_row_find_digest(struct ctx *c, struct db *db,
	const unsigned char digest[CRYPTO_SHA256_BYTES], struct media_row *out);

/* Whether there is a row of that digest; takes no memory. */
MUST enum err media_row_known(struct ctx *c, struct db *db,
	const unsigned char digest[CRYPTO_SHA256_BYTES], bool *out);

struct media_list {
	struct media_row *rows;
	size_t n;
	bool more;
};

/* The newest, at most limit behind the first offset ones. */
MUST enum err media_row_newest(struct ctx *c, struct db *db, size_t limit, size_t offset,
	struct media_list *out);

/* Those whose id is greater than after, by id, at most limit: all of them piece by piece. */
MUST enum err media_row_behind(struct ctx *c, struct db *db, int64_t after, size_t limit,
	struct media_list *out);

/* Which files the owner looks at. */
struct media_filter {
	struct str kind;	/* "image", "video", "audio", "application"; empty: all */
	bool unused;		/* those that no post shows */
	int64_t created, id;	/* those behind that one; INT64_MAX: from the newest on */
};

/* Newest first, at most limit. */
MUST enum err media_row_library(struct ctx *c, struct db *db, const struct media_filter *filter,
	size_t limit, struct media_list *out);

/* A post that shows a file. */
struct media_use {
	struct str slug;
	struct str name;	/* its title; may be empty */
	struct str excerpt;	/* the beginning of its text */
	int64_t status;		/* enum post_status */
};

/* At most limit of those that are not deleted; *more: there are others. */
MUST enum err media_row_uses(struct ctx *c, struct db *db, int64_t id, size_t limit,
	struct media_use **out, size_t *n, bool *more);

/* Whether a post that is not deleted shows it. */
MUST enum err media_row_used(struct ctx *c, struct db *db, int64_t id, bool *out);

/*
 * What stands for a file in its row when it was made anew: bytes, width, height; its sizes are to be
 * made anew, too. Inside a write transaction. ERR_NOT_FOUND.
 */
MUST enum err media_row_set_file(struct ctx *c, struct db *db, const struct media_row *row);

/*
 * Inside a write transaction: notes that a post shows the file of a digest (nothing happens if there
 * is none); forgets all files of a post; forgets all posts of a file.
 */
MUST enum err media_row_link(struct ctx *c, struct db *db, int64_t post_id,
	const unsigned char digest[CRYPTO_SHA256_BYTES]);
MUST enum err media_row_unlink_post(struct ctx *c, struct db *db, int64_t post_id);
MUST enum err media_row_unlink(struct ctx *c, struct db *db, int64_t id);

/* The key of the digests. ERR_NOT_FOUND before the first upload. */
MUST enum err media_key_find(struct ctx *c, struct db *db, unsigned char key[CRYPTO_KEY_BYTES]);

/* Inside a write transaction. If there is one already it stays. */
MUST enum err media_key_insert(struct ctx *c, struct db *db,
	const unsigned char key[CRYPTO_KEY_BYTES]);

/* Inside a write transaction: the row's file was uploaded once more, at created. */
MUST enum err media_row_touch(struct ctx *c, struct db *db, const struct media_row *row);

/* Inside a write transaction. ERR_NOT_FOUND if there is no such row. */
MUST enum err media_row_set_sizes(struct ctx *c, struct db *db, int64_t id, struct str sizes);

/* Inside a write transaction. ERR_NOT_FOUND; ERR_DB_CONSTRAINT while a post shows it. */
MUST enum err media_row_delete(struct ctx *c, struct db *db, int64_t id);

#endif
