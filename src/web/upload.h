/*
 * Multipart forms with files: received to the disk, looked at, and stored or left to their post. In
 * that order, and nothing keeps a connection in the first two.
 */
#ifndef WEB_UPLOAD_H
#define WEB_UPLOAD_H

#include "base/ctx.h"
#include "base/str.h"
#include "domain/media.h"

struct auth_grant;
struct ctx;
struct pair;
struct txn;

enum {
	/* Room that a body has for texts and headers beside the largest file. */
	UPLOAD_FRAMING = 2 * 1024 * 1024,
	/* Bytes of files that are taken from who has not shown a token yet. */
	UPLOAD_UNASKED = 4 * 1024 * 1024,
};

/* A multipart form that may carry files, and what is demanded of them. */
struct upload {
	/* ERR_SCOPE unless the grant allows files here. */
	enum err (*may)(struct ctx *c, const struct auth_grant *grant);
	/* Refuses a file by the name of its part, or because it is one too many. */
	enum err (*accept)(struct ctx *c, const struct upload *u, struct str name);
	struct pair *fields;	/* in the order sent; a file's value is its URL, once prepared */
	size_t n;
	struct media_upload *files[MEDIA_FILES_MAX];
	size_t places[MEDIA_FILES_MAX];	/* of their fields */
	size_t n_files;
};

/*
 * Reads the body: texts to fields, files to the disk, where they have no name. A token in the header
 * is verified before the first byte is read, one in the form before the file behind it, or at the
 * end: ERR_UNAUTHORIZED for more than UPLOAD_UNASKED of files before it. Of the owner's forms that
 * holds for the field csrf: ERR_CSRF. Holds no connection while it reads, nor after. ERR_UPLOAD_CROWD,
 * and nothing read, if all threads but one of this worker do the same already, and go on for a second.
 */
MUST enum err upload_receive(struct ctx *c, struct txn *t, struct upload *u);

/* Looks what the files are and sets their fields' values. Holds no connection meanwhile. */
MUST enum err upload_prepare(struct ctx *c, struct txn *t, struct upload *u);

/*
 * Whether a page can show each file as what it was sent as: ERR_MICROPUB_PROPERTY for a film sent as
 * a photo and the like. After upload_prepare().
 */
MUST enum err upload_fit(struct ctx *c, const struct upload *u);

/* Stores files that came alone; those of a post are stored by post_create(). */
MUST enum err upload_store(struct ctx *c, struct txn *t, struct upload *u);

#endif
