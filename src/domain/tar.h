/*
 * An archive in the form of POSIX.1-1988 (ustar), which tar has read for decades and will: regular files
 * with short names and nothing else. We write it in one way only, and read back only what we have written:
 * a header that is not, byte for byte, the one that we would write for the same name, length, mode and
 * time is refused. So there are no links, no devices, no owners, no names that lead anywhere, and no bit
 * that may change unseen.
 *
 * An archive is: for each file its header, its content and padding; then TAR_END zero bytes.
 */
#ifndef DOMAIN_TAR_H
#define DOMAIN_TAR_H

#include "base/ctx.h"

enum { TAR_BLOCK = 512, TAR_END = 2 * TAR_BLOCK, TAR_NAME_MAX = 99 };

struct tar_entry {
	char name[TAR_NAME_MAX + 1];	/* a-z A-Z 0-9 - _ . and single slashes between them */
	int64_t bytes;
	int64_t changed;		/* seconds, UTC, not before 1970 */
	bool shared;			/* everybody may read it (0644), or its owner only (0600) */
	int64_t at;			/* reading: where its content begins */
};

/* Makes the header. False: the name is none, or bytes or changed are negative. */
bool tar_header(const struct tar_entry *e, unsigned char out[TAR_BLOCK]);

/* How many zero bytes follow a content of that length. */
size_t tar_padding(int64_t bytes);

/*
 * The entry whose header lies at offset at of a file of size bytes. Its content and padding lie within
 * the file, and what follows is at offset *next. *more false: there is the end instead, and nothing
 * behind it. ERR_BACKUP: neither. ERR_IO.
 */
MUST enum err tar_read(struct ctx *c, int fd, int64_t size, int64_t at, struct tar_entry *out,
	int64_t *next, bool *more);

#endif
