/*
 * Headers of an archive, written and read in one form. Reading takes four fields out of a header, makes
 * the header anew from them and compares: what is not looked at cannot be different.
 */
#include "domain/tar.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

/* Where the fields of a header begin that are not constant; each number ends with a NUL. */
enum {
	MODE = 100,
	UID = 108,
	GID = 116,
	SIZE = 124,
	MTIME = 136,
	CHECKSUM = 148,
	TYPE = 156,
	MAGIC = 257,
	DEVICE_MAJOR = 329,
	DEVICE_MINOR = 337,
	DIGITS = 11, /* of SIZE and MTIME, octal */
	ID_DIGITS = 7
};

#define OCTAL_MAX ((INT64_C(1) << 33) - 1)

static bool
name_valid(const char *name)
{
	struct str rest = str_z(name);

	if (rest.n == 0 || rest.n > TAR_NAME_MAX)
		return false;
	while (rest.p) {
		struct str part = str_cut(&rest, '/');

		if (part.n == 0 || str_eq(part, S(".")) || str_eq(part, S("..")))
			return false;
		for (size_t i = 0; i < part.n; i++) {
			char ch = part.p[i];
			bool plain = (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') ||
				(ch >= '0' && ch <= '9') || ch == '-' || ch == '_' || ch == '.';

			if (!plain)
				return false;
		}
	}
	return true;
}

/* ---- numbers ----------------------------------------------------------------------------- */

static void
octal_put(unsigned char *at, int digits, int64_t v)
{
	for (int i = digits - 1; i >= 0; i--, v >>= 3)
		at[i] = (unsigned char)('0' + (v & 7));
}

/* Eight gigabytes and more do not fit into the digits: as tar does it, in binary with a mark. */
static void
number_put(unsigned char *at, int64_t v)
{
	if (v <= OCTAL_MAX) {
		octal_put(at, DIGITS, v);
		return;
	}
	at[0] = 0x80;
	for (int i = DIGITS; i > 0; i--, v >>= 8)
		at[i] = (unsigned char)(v & 0xff);
}

/* What number_put() has put there, or something whose header will not be the same. */
static int64_t
number_read(const unsigned char *at)
{
	uint64_t v = 0;

	for (int i = 0; i < DIGITS && at[0] < 0x80; i++)
		v = v << 3 | (at[i] & 7U);
	for (int i = DIGITS - 7; i <= DIGITS && at[0] >= 0x80; i++)
		v = v << 8 | at[i];
	return v > INT64_MAX ? -1 : (int64_t)v;
}

/* ---- headers ----------------------------------------------------------------------------- */

bool
tar_header(const struct tar_entry *e, unsigned char out[TAR_BLOCK])
{
	unsigned sum = 0;

	if (!name_valid(e->name) || e->bytes < 0 || e->changed < 0 || e->changed > OCTAL_MAX)
		return false;
	memset(out, 0, TAR_BLOCK);
	memcpy(out, e->name, strlen(e->name));
	octal_put(out + MODE, ID_DIGITS, e->shared ? 0644 : 0600);
	octal_put(out + UID, ID_DIGITS, 0);
	octal_put(out + GID, ID_DIGITS, 0);
	number_put(out + SIZE, e->bytes);
	number_put(out + MTIME, e->changed);
	out[TYPE] = '0';
	memcpy(out + MAGIC, "ustar\0" "00", 8);
	octal_put(out + DEVICE_MAJOR, ID_DIGITS, 0);
	octal_put(out + DEVICE_MINOR, ID_DIGITS, 0);
	memset(out + CHECKSUM, ' ', 8);
	for (int i = 0; i < TAR_BLOCK; i++)
		sum += out[i];
	octal_put(out + CHECKSUM, 6, sum);
	out[CHECKSUM + 6] = '\0';
	return true;
}

size_t
tar_padding(int64_t bytes)
{
	return (size_t)((TAR_BLOCK - bytes % TAR_BLOCK) % TAR_BLOCK);
}

static bool
all_zero(const unsigned char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i] != 0)
			return false;
	return true;
}

/* Reads n bytes at an offset; ERR_BACKUP where the file ends before. */
static enum err
bytes_at(struct ctx *c, int fd, int64_t at, unsigned char *out, size_t n)
{
	while (n > 0) {
		ssize_t got = pread(fd, out, n, (off_t)at);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return err_raise(c, ERR_IO, "reading the backup: %s", strerror(errno));
		if (got == 0)
			return err_raise(c, ERR_BACKUP, "it ends in the middle");
		out += got;
		n -= (size_t)got;
		at += got;
	}
	return OK;
}

/* The entry of a header; false: not one of ours. */
static bool
header_read(const unsigned char head[TAR_BLOCK], struct tar_entry *out)
{
	unsigned char again[TAR_BLOCK];

	*out = (struct tar_entry){.bytes = number_read(head + SIZE),
		.changed = number_read(head + MTIME), .shared = head[MODE + 4] == '6' && head[MODE + 5] == '4'};
	memcpy(out->name, head, TAR_NAME_MAX);
	return tar_header(out, again) && memcmp(head, again, TAR_BLOCK) == 0;
}

enum err
tar_read(struct ctx *c, int fd, int64_t size, int64_t at, struct tar_entry *out, int64_t *next,
	bool *more)
{
	unsigned char head[TAR_END];
	enum err err = bytes_at(c, fd, at, head, TAR_BLOCK);
	size_t padding;

	*more = !err && !all_zero(head, TAR_BLOCK);
	if (!err && !*more)
		err = bytes_at(c, fd, at, head, TAR_END);
	if (err)
		return err;
	if (!*more)
		return size == at + TAR_END && all_zero(head, TAR_END) ? OK :
			err_raise(c, ERR_BACKUP, "something follows its end");
	if (!header_read(head, out))
		return err_raise(c, ERR_BACKUP, "at byte %lld is no header that this program writes",
			(long long)at);
	padding = tar_padding(out->bytes);
	out->at = at + TAR_BLOCK;
	if (out->bytes > size - out->at || (int64_t)padding > size - out->at - out->bytes)
		return err_raise(c, ERR_BACKUP, "it ends in the middle of %s", out->name);
	err = bytes_at(c, fd, out->at + out->bytes, head, padding);
	if (!err && !all_zero(head, padding))
		err = err_raise(c, ERR_BACKUP, "something stands behind %s that does not belong there",
			out->name);
	*next = out->at + out->bytes + (int64_t)padding;
	return err;
}
