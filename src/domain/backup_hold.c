/*
 * Holding files: each gets a second name in a folder of ours below media_path, which costs no room, so that it can be
 * read to its end though its owner has deleted it meanwhile. The folder is for the site's user alone, and gone when the
 * backup is through; if the process was killed, the next backup removes it.
 *
 * Where a file cannot have two names (another owner's file, some file systems) files are read by their own
 * names. One that vanishes then is not in the backup, whose database still knows it; the manifest and the
 * report tell it from one that had been lost before.
 */
#include "core/config.h"
#include "core/folder.h"
#include "domain/backup_priv.h"
#include "domain/media_file.h"
#include "domain/sizes.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define HELD_FOLDER ".backup"

enum { LOOK_BYTES = 1024 * 1024 };

enum err
backup_hold_begin(struct ctx *c, struct backup_hold *h)
{
	struct str path;
	enum err err;

	*h = (struct backup_hold){.root = -1, .media = -1};
	h->media = open(c->cfg->media_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (h->media < 0)
		return folder_fail(c, c->cfg->media_path);
	err = ctx_printf(c, &path, "%s/" HELD_FOLDER, c->cfg->media_path);
	if (!err)
		err = folder_remove(c, path.p);
	if (err)
		return err;
	h->root = h->media;
	if (mkdir(path.p, 0700) != 0)
		return OK; /* media_path may be read-only */
	h->folder = path.p;
	h->root = open(path.p, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return h->root < 0 ? folder_fail(c, path.p) : OK;
}

/* Without second names after all. */
static void
hold_nothing(struct backup_hold *h)
{
	if (h->root != h->media)
		(void)close(h->root);
	h->root = h->media;
}

void
backup_hold_end(struct ctx *c, struct backup_hold *h)
{
	struct err_slot first = c->err;

	if (h->root >= 0)
		hold_nothing(h);
	/* What stays is removed by the next backup. */
	if (h->folder && folder_remove(c, h->folder) != OK)
		c->err = first;
	if (h->media >= 0)
		(void)close(h->media);
	*h = (struct backup_hold){.root = -1, .media = -1};
}

/* ---- names ------------------------------------------------------------------------------- */

static int
name_compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

static bool
name_is_ours(const char *name)
{
	unsigned char digest[CRYPTO_DIGEST_BYTES];

	return media_name_parse(str_z(name), digest);
}

/* NULL: that was the last, or errno is not 0. */
static struct dirent *
next_of(DIR *dir)
{
	errno = 0;
	return readdir(dir);
}

static enum err
names_read(struct ctx *c, DIR *dir, unsigned folder, struct backup_names *out)
{
	struct dirent *e;

	while ((e = next_of(dir)) != NULL) {
		char name[BACKUP_NAME_MAX];
		int n = snprintf(name, sizeof(name), "%02x/%s", folder, e->d_name);

		if (n < 0 || (size_t)n >= sizeof(name) || !name_is_ours(name))
			continue;
		out->list = ctx_grow(c, out->list, out->n, sizeof(*out->list));
		if (!out->list)
			return ERR_MEMORY;
		memcpy(out->list[out->n++], name, sizeof(name));
	}
	return errno == 0 ? OK : folder_fail(c, c->cfg->media_path);
}

enum err
backup_names_read(struct ctx *c, int root, unsigned folder, struct backup_names *out)
{
	char name[8];
	DIR *dir;
	int fd;
	enum err err;

	*out = (struct backup_names){0};
	(void)snprintf(name, sizeof(name), "%02x", folder & 0xffU);
	fd = openat(root, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	/* What has a folder's name and is none has not been made by us. */
	if (fd < 0)
		return errno == ENOENT || errno == ENOTDIR || errno == ELOOP ? OK :
			folder_fail(c, name);
	dir = fdopendir(fd);
	if (!dir) {
		err = folder_fail(c, name);
		(void)close(fd);
		return err;
	}
	err = names_read(c, dir, folder, out);
	(void)closedir(dir);
	if (!err && out->n > 1)
		qsort(out->list, out->n, sizeof(*out->list), name_compare);
	return err;
}

/* ---- holding ----------------------------------------------------------------------------- */

/* One file. True: its second name is there, or it has no first one any more. */
static bool
hold_one(const struct backup_hold *h, const char *name)
{
	struct stat here, held;

	if (linkat(h->media, name, h->root, name, 0) == 0 || errno == ENOENT)
		return true;
	if (errno != EEXIST)
		return false;
	/* Held already, unless its name is another file's by now. */
	if (fstatat(h->media, name, &here, AT_SYMLINK_NOFOLLOW) != 0 ||
		fstatat(h->root, name, &held, AT_SYMLINK_NOFOLLOW) != 0)
		return true;
	if (here.st_ino == held.st_ino && here.st_dev == held.st_dev)
		return true;
	return unlinkat(h->root, name, 0) == 0 &&
		(linkat(h->media, name, h->root, name, 0) == 0 || errno == ENOENT);
}

static enum err
hold_folder(struct ctx *c, struct backup_hold *h, unsigned folder)
{
	struct backup_names names;
	char path[8];
	enum err err = backup_names_read(c, h->media, folder, &names);

	(void)snprintf(path, sizeof(path), "%02x", folder & 0xffU);
	if (err || names.n == 0 || h->root == h->media)
		return err;
	if (mkdirat(h->root, path, 0700) != 0 && errno != EEXIST)
		hold_nothing(h);
	for (size_t i = 0; i < names.n && h->root != h->media; i++)
		if (!hold_one(h, names.list[i]))
			hold_nothing(h);
	return OK;
}

static enum err
count_folder(struct ctx *c, struct backup_hold *h, unsigned folder)
{
	struct backup_names names;
	int64_t bytes;
	enum err err = backup_names_read(c, h->root, folder, &names);

	for (size_t i = 0; !err && i < names.n; i++)
		if (backup_hold_bytes(h, names.list[i], &bytes)) {
			h->files++;
			h->bytes += bytes;
		}
	return err;
}

/* Each folder with memory of its own: there may be very many files. */
static enum err
each_folder(struct ctx *c, struct backup_hold *h,
	enum err (*fn)(struct ctx *c, struct backup_hold *h, unsigned folder))
{
	enum err err = OK;

	for (unsigned i = 0; !err && i < BACKUP_FOLDERS; i++) {
		struct ctx piece;

		ctx_init(&piece, 64 * LOOK_BYTES);
		piece.cfg = c->cfg;
		err = fn(&piece, h, i);
		if (err)
			c->err = piece.err;
		ctx_fini(&piece);
	}
	return err;
}

enum err
backup_hold_all(struct ctx *c, struct backup_hold *h)
{
	enum err err = each_folder(c, h, hold_folder);

	h->files = h->bytes = 0;
	return err ? err : each_folder(c, h, count_folder);
}

bool
backup_hold_bytes(const struct backup_hold *h, const char *name, int64_t *bytes)
{
	struct stat st;

	if (fstatat(h->root, name, &st, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(st.st_mode))
		return false;
	*bytes = st.st_size;
	return true;
}

/* ---- what a database expects ------------------------------------------------------------- */

struct expecting {
	backup_look_fn *look;
	void *self;
};

static enum err
expect_size(struct ctx *c, void *self, struct str name)
{
	const struct expecting *x = self;

	return x->look(c, x->self, name, -1);
}

enum err
backup_expected(struct ctx *c, struct copy *k, backup_look_fn *look, void *self)
{
	struct expecting x = {look, self};
	struct copy_file f;
	struct ctx piece;
	bool more = true;
	enum err err = copy_media_begin(c, k);

	ctx_init(&piece, LOOK_BYTES);
	piece.cfg = c->cfg;
	while (!err && more) {
		ctx_reset(&piece);
		err = copy_media_next(&piece, k, &f, &more);
		if (!err && more)
			err = look(&piece, self, f.name, f.bytes);
		if (!err && more)
			err = sizes_each(&piece, f.name, f.type, f.sizes, expect_size, &x);
		if (err)
			c->err = piece.err;
	}
	ctx_fini(&piece);
	return err;
}
