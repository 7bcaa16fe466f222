/*
 * Files below media_path, from their first byte to their name. Every step that a crash can cut is
 * harmless by itself: a file without a name is gone with the process, one in .incoming with the
 * next sweep, and one that has its name before its row is there is taken up or swept, too.
 */
#include "domain/media_file.h"

#include "base/enc.h"
#include "core/config.h"
#include "domain/icons.h"
#include "domain/sizes.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
	FOLDER_DIGITS = 2, /* of a name's digits those that are its directory */
	DIGITS = 2 * CRYPTO_DIGEST_BYTES,
	STEM = DIGITS + 1, /* bytes of a name before "-480" and the dot */
	EXTENSION_MAX = 5, /* bytes, the dot included */
	RANDOM_BYTES = 16,
};

/* Raises what errno says about a path; detail is for the log only. */
static enum err
fail(struct ctx *c, const char *what)
{
	int e = errno;
	enum err err = ERR_IO;

	if (e == ENOSPC || e == EDQUOT)
		err = ERR_DISK_FULL;
	if (e == EMFILE || e == ENFILE) /* others have them, and will give them back */
		err = ERR_UPLOAD_CROWD;
	return err_raise(c, err, "%s: %s", what, strerror(e));
}

static enum err
path_make(struct ctx *c, struct str name, struct str *out)
{
	return ctx_printf(c, out, "%s/%.*s", c->cfg->media_path, STR(name));
}

/* ---- a new file -------------------------------------------------------------------------- */

void
media_file_close(struct media_file *f)
{
	if (!f || f->fd < 0)
		return;
	(void)close(f->fd);
	f->fd = -1;
	if (f->incoming.n > 0)
		(void)unlink(f->incoming.p);
}

static void
close_deferred(void *p)
{
	media_file_close(p);
}

/* In .incoming, for the site alone. */
static enum err
open_named(struct ctx *c, struct media_file *f)
{
	unsigned char random[RANDOM_BYTES];
	char digits[2 * RANDOM_BYTES + 1];
	struct str folder;
	enum err err = path_make(c, S(MEDIA_INCOMING), &folder);

	crypto_random(random, sizeof(random));
	enc_hex(random, sizeof(random), digits);
	if (!err)
		err = ctx_printf(c, &f->incoming, "%s/%s", folder.p, digits);
	if (err)
		return err;
	if (mkdir(folder.p, 0700) != 0 && errno != EEXIST)
		return fail(c, folder.p);
	f->fd = open(f->incoming.p, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	return f->fd < 0 ? fail(c, f->incoming.p) : OK;
}

enum err
media_file_new(struct ctx *c, struct media_file **out)
{
	struct media_file *f = ctx_alloc(c, sizeof(*f));
	enum err err = OK;

	if (!f)
		return ERR_MEMORY;
	f->fd = open(c->cfg->media_path, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (f->fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL))
		err = open_named(c, f);
	else if (f->fd < 0)
		err = fail(c, c->cfg->media_path);
	if (!err)
		err = ctx_defer(c, close_deferred, f);
	if (!err)
		*out = f;
	return err;
}

enum err
media_file_write(struct ctx *c, struct media_file *f, struct str bytes)
{
	while (bytes.n > 0) {
		ssize_t n = write(f->fd, bytes.p, bytes.n);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail(c, "an upload");
		bytes = str_sub(bytes, (size_t)n, bytes.n);
	}
	return OK;
}

enum err
media_file_sync(struct ctx *c, struct media_file *f)
{
	/* The front server reads it, whatever the umask. */
	if (fchmod(f->fd, 0644) != 0 || fsync(f->fd) != 0)
		return fail(c, "an upload");
	return OK;
}

/* ---- its name ---------------------------------------------------------------------------- */

static enum err
folder_sync(struct ctx *c, const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	enum err err = fd < 0 || fsync(fd) != 0 ? fail(c, path) : OK;

	if (fd >= 0)
		(void)close(fd);
	return err;
}

/* The directory of a name: there, and readable for the front server. */
static enum err
folder_make(struct ctx *c, struct str name, bool *is_new)
{
	struct str path;
	enum err err = path_make(c, str_sub(name, 0, FOLDER_DIGITS), &path);

	if (err)
		return err;
	*is_new = mkdir(path.p, 0755) == 0;
	if (!*is_new)
		return errno == EEXIST ? OK : fail(c, path.p);
	return chmod(path.p, 0755) == 0 ? OK : fail(c, path.p);
}

/* A nameless file is linked through /proc: by its descriptor alone only root may do it. */
static int
link_as(const struct media_file *f, const char *path)
{
	char self[64];

	if (f->incoming.n > 0)
		return link(f->incoming.p, path);
	(void)snprintf(self, sizeof(self), "/proc/self/fd/%d", f->fd);
	return linkat(AT_FDCWD, self, AT_FDCWD, path, AT_SYMLINK_FOLLOW);
}

/*
 * What is there already was left behind by a crash, or is damaged, or is about to be removed: it
 * is replaced, never trusted.
 */
static enum err
link_over(struct ctx *c, struct media_file *f, struct str path)
{
	struct str beside;
	enum err err = ctx_printf(c, &beside, "%.*s~", STR(path));

	if (err)
		return err;
	(void)unlink(beside.p);
	if (link_as(f, beside.p) != 0)
		return fail(c, beside.p);
	if (rename(beside.p, path.p) == 0)
		return OK;
	err = fail(c, path.p);
	(void)unlink(beside.p);
	return err;
}

enum err
media_file_link(struct ctx *c, struct media_file *f, struct str name)
{
	struct str path;
	enum err err = folder_make(c, name, &f->in_new_folder);

	if (!err)
		err = path_make(c, name, &path);
	if (!err && link_as(f, path.p) != 0)
		err = errno == EEXIST ? link_over(c, f, path) : fail(c, path.p);
	if (err)
		return err;
	f->linked = true;
	f->name = name;
	return OK;
}

static bool
same_folder(const struct media_file *a, const struct media_file *b)
{
	return str_eq(str_sub(a->name, 0, FOLDER_DIGITS), str_sub(b->name, 0, FOLDER_DIGITS));
}

enum err
media_files_keep(struct ctx *c, struct media_file *const *files, size_t n)
{
	bool any_new = false;
	struct str path;
	enum err err = OK;

	for (size_t i = 0; !err && i < n; i++) {
		size_t j = 0;

		any_new = any_new || files[i]->in_new_folder;
		while (!same_folder(files[j], files[i]))
			j++;
		if (j < i)
			continue;
		err = path_make(c, str_sub(files[i]->name, 0, FOLDER_DIGITS), &path);
		if (!err)
			err = folder_sync(c, path.p);
	}
	return !err && any_new ? folder_sync(c, c->cfg->media_path) : err;
}

void
media_file_undo(struct ctx *c, struct media_file *f, struct str name)
{
	struct stat st;

	if (f && f->linked && fstat(f->fd, &st) == 0)
		media_file_remove(c, name, &st);
	if (f)
		f->linked = false;
}

/* ---- what is there ----------------------------------------------------------------------- */

bool
media_file_stat(struct ctx *c, struct str name, struct stat *out)
{
	struct str path;

	if (path_make(c, name, &path) != OK) {
		err_clear(c);
		return false;
	}
	return lstat(path.p, out) == 0 && S_ISREG(out->st_mode);
}

/* Best effort: what stays behind is swept. */
void
media_file_remove(struct ctx *c, struct str name, const struct stat *st)
{
	struct str path;
	struct stat now;

	if (!media_file_stat(c, name, &now) || now.st_ino != st->st_ino)
		return;
	if (path_make(c, name, &path) != OK || unlink(path.p) != 0 || sizes_remove(c, name) != OK ||
		icons_remove(c, name) != OK)
		err_clear(c);
}

/* ---- names ------------------------------------------------------------------------------- */

enum err
media_name_make(struct ctx *c, const unsigned char digest[CRYPTO_DIGEST_BYTES],
	const char *extension, struct str *out)
{
	char digits[DIGITS + 1];

	enc_hex(digest, CRYPTO_DIGEST_BYTES, digits);
	return ctx_printf(
		c, out, "%.*s/%s.%s", FOLDER_DIGITS, digits, digits + FOLDER_DIGITS, extension);
}

/* True for what may stand behind the digits: ".jpg", "-480.webp". */
static bool
ending_valid(struct str s)
{
	struct str width = {0};
	unsigned long long v;

	if (str_starts(s, S("-"))) {
		s = str_sub(s, str_starts(s, S("-m")) ? 1 : 0, s.n);
		width = str_sub(s, 1, str_find(s, '.', 0));
		if (!str_u64(width, 99999, &v))
			return false;
		s = str_sub(s, 1 + width.n, s.n);
	}
	if (s.n < 2 || s.n > EXTENSION_MAX || s.p[0] != '.')
		return false;
	for (size_t i = 1; i < s.n; i++)
		if (!((s.p[i] >= 'a' && s.p[i] <= 'z') || (s.p[i] >= '0' && s.p[i] <= '9')))
			return false;
	return true;
}

bool
media_name_parse(struct str name, unsigned char digest[CRYPTO_DIGEST_BYTES])
{
	char digits[DIGITS];

	if (name.n <= STEM || name.p[FOLDER_DIGITS] != '/' ||
		!ending_valid(str_sub(name, STEM, name.n)))
		return false;
	memcpy(digits, name.p, FOLDER_DIGITS);
	memcpy(digits + FOLDER_DIGITS, name.p + FOLDER_DIGITS + 1, DIGITS - FOLDER_DIGITS);
	for (size_t i = 0; i < DIGITS; i++)
		if (digits[i] >= 'A' && digits[i] <= 'F')
			return false;
	return enc_hex_parse(str_n(digits, DIGITS), digest, CRYPTO_DIGEST_BYTES);
}
