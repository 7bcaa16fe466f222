/*
 * Icons, made by starpunk-media. A file gets its name when it is whole and on the disk, so what is there
 * need not be made again.
 */
#include "domain/icons.h"

#include "core/config.h"
#include "domain/media_file.h"
#include "image/image.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static const struct {
	int64_t width;
	enum image_format format;
	const char *ending;
} icons[ICON__MAX] = {
	[ICON_TAB] = {48, IMAGE_ICON, "-48.png"},
	[ICON_TOUCH] = {180, IMAGE_ICON, "-180.png"},
	[ICON_SMALL] = {192, IMAGE_ICON, "-192.png"},
	[ICON_LARGE] = {512, IMAGE_ICON, "-512.png"},
	[ICON_MASK] = {512, IMAGE_MASK, "-m512.png"},
};

enum err
icons_name(struct ctx *c, struct str picture, enum icon which, struct str *out)
{
	size_t stem = picture.n;

	while (stem > 0 && picture.p[stem - 1] != '.' && picture.p[stem - 1] != '/')
		stem--;
	stem = stem > 0 && picture.p[stem - 1] == '.' ? stem - 1 : picture.n;
	return ctx_printf(c, out, "%.*s%s", (int)stem, picture.p, icons[which].ending);
}

static enum err
path_of(struct ctx *c, struct str name, struct str *out)
{
	return ctx_printf(c, out, "%s/%.*s", c->cfg->media_path, STR(name));
}

static enum err
make(struct ctx *c, int in_fd, enum icon which, struct str name)
{
	struct media_file *file;
	enum err err = media_file_new(c, &file);

	if (err)
		return err;
	err = image_resize(c, in_fd, icons[which].width, icons[which].format, file->fd);
	if (!err)
		err = media_file_sync(c, file);
	if (!err)
		err = media_file_link(c, file, name);
	if (!err)
		err = media_files_keep(c, &file, 1);
	media_file_close(file);
	return err;
}

enum err
icons_make(struct ctx *c, struct str picture)
{
	unsigned char digest[CRYPTO_DIGEST_BYTES];
	struct str path, name;
	struct stat st;
	enum err err = OK;
	int fd;

	if (!media_name_parse(picture, digest) || !media_file_stat(c, picture, &st))
		return err_raise(c, ERR_NOT_FOUND, "no file '%.*s'", STR(picture));
	err = path_of(c, picture, &path);
	if (err)
		return err;
	fd = open(path.p, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return err_raise(c, ERR_IO, "%s: %s", path.p, strerror(errno));
	for (size_t i = 0; !err && i < ICON__MAX; i++) {
		err = icons_name(c, picture, (enum icon)i, &name);
		if (!err && !media_file_stat(c, name, &st))
			err = make(c, fd, (enum icon)i, name);
	}
	(void)close(fd);
	return err;
}

enum err
icons_remove(struct ctx *c, struct str picture)
{
	struct str name, path;
	enum err err = OK;

	for (size_t i = 0; !err && i < ICON__MAX; i++) {
		err = icons_name(c, picture, (enum icon)i, &name);
		if (!err)
			err = path_of(c, name, &path);
		if (!err && unlink(path.p) != 0 && errno != ENOENT)
			err = err_raise(c, ERR_IO, "%s: %s", path.p, strerror(errno));
	}
	return err;
}
