/*
 * The key's file: 64 hexadecimal digits and a newline, so that it can be copied by hand. It is
 * written whole under another name and then given its own, which fails if somebody was faster.
 */
#include "core/key.h"

#include "base/enc.h"
#include "core/config.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { DIGITS = 2 * CRYPTO_KEY_BYTES, ROOM = DIGITS + 2 };

enum err
key_path(struct ctx *c, struct str *out)
{
	struct str db = str_z(c->cfg->database_path), dir = db;

	if (c->cfg->key_path[0] != '\0')
		return ctx_str(c, str_z(c->cfg->key_path), out);
	while (dir.n > 0 && dir.p[dir.n - 1] != '/')
		dir.n--;
	return ctx_printf(c, out, "%.*sstarpunk.key", STR(dir));
}

/* *found false: there is no file. */
static enum err
file_read(struct ctx *c, const char *path, unsigned char key[CRYPTO_KEY_BYTES], bool *found)
{
	char text[ROOM];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	*found = fd >= 0;
	if (fd < 0 && errno == ENOENT)
		return OK;
	if (fd < 0)
		return err_raise(c, ERR_IO, "cannot read '%s': %s", path, strerror(errno));
	n = read(fd, text, sizeof(text));
	(void)close(fd);
	if (n < DIGITS || n > DIGITS + 1 || !enc_hex_parse(str_n(text, DIGITS), key, CRYPTO_KEY_BYTES))
		return err_raise(c, ERR_IO, "'%s' is no key of ours: restore it from a backup", path);
	return OK;
}

static bool
write_all(int fd, const char *text, size_t n)
{
	ssize_t done = write(fd, text, n);

	return done == (ssize_t)n && fsync(fd) == 0;
}

/* Puts the directory's names on the disk: a key that is lost with the power is no key. */
static void
sync_dir(struct str path)
{
	char dir[PATH_MAX];
	int fd;

	while (path.n > 1 && path.p[path.n - 1] != '/')
		path.n--;
	(void)snprintf(dir, sizeof(dir), "%.*s", path.n ? (int)path.n : 1, path.n ? path.p : ".");
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return;
	(void)fsync(fd);
	(void)close(fd);
}

static enum err
file_make(struct ctx *c, struct str path)
{
	unsigned char key[CRYPTO_KEY_BYTES];
	char text[ROOM], temp[PATH_MAX];
	int fd, errnum;
	bool good;

	if (snprintf(temp, sizeof(temp), "%.*s.XXXXXX", STR(path)) >= (int)sizeof(temp))
		return err_raise(c, ERR_IO, "the path '%.*s' is too long", STR(path));
	crypto_random(key, sizeof(key));
	enc_hex(key, sizeof(key), text);
	text[DIGITS] = '\n';
	fd = mkstemp(temp);	/* mode 0600 */
	if (fd < 0)
		return err_raise(c, ERR_IO, "cannot make '%s': %s", temp, strerror(errno));
	good = write_all(fd, text, DIGITS + 1) && (link(temp, path.p) == 0 || errno == EEXIST);
	errnum = errno;
	(void)close(fd);
	(void)unlink(temp);
	if (!good)
		return err_raise(c, ERR_IO, "cannot make '%s': %s", path.p, strerror(errnum));
	sync_dir(path);
	return OK;
}

enum err
key_get(struct ctx *c, const char *use, unsigned char out[CRYPTO_KEY_BYTES])
{
	unsigned char key[CRYPTO_KEY_BYTES];
	struct str path;
	bool found;
	enum err err = key_path(c, &path);

	if (!err)
		err = file_read(c, path.p, key, &found);
	if (!err && !found) {
		err = file_make(c, path);
		if (!err)
			err = file_read(c, path.p, key, &found);
		if (!err && !found)
			err = err_raise(c, ERR_IO, "'%s' is gone again", path.p);
	}
	if (!err)
		crypto_hmac_sha256(key, str_z(use), out);
	return err;
}
