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

/* Inside a write transaction. ERR_NOT_FOUND if there is no such row. */
MUST enum err media_row_set_sizes(struct ctx *c, struct db *db, int64_t id, struct str sizes);

/* Inside a write transaction. ERR_NOT_FOUND; ERR_DB_CONSTRAINT while a post shows it. */
MUST enum err media_row_delete(struct ctx *c, struct db *db, int64_t id);

#endif
