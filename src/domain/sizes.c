/*
 * The smaller pictures of an upload. What has been done is seen by the files that are there, so
 * nothing has to be remembered: a file gets its name when it is whole and on the disk, and a step
 * that was cut short is done anew.
 */
#include "domain/sizes.h"

#include "core/config.h"
#include "domain/media_file.h"
#include "domain/priv.h"
#include "image/image.h"
#include "store/job.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static const int64_t widths[] = {480, 960, 1600};

enum { N_WIDTHS = sizeof(widths) / sizeof(widths[0]), SIZES_TEXT = 64 };

/* One of the files. */
struct size {
	int64_t width;
	enum image_format format;
	struct str name;
};

/* Of WebP and JPEG the first, or both. */
static int
formats_of(struct str type)
{
	return str_eq(type, S("image/jpeg")) ? 2 : 1;
}

enum err
sizes_order(struct ctx *c, struct db *db, const struct media_row *row)
{
	if (!str_starts(row->type, S("image/")) || row->width <= widths[0])
		return OK;
	return job_row_add(c, db, S("sizes"), row->id, domain_now(c));
}

enum err
sizes_name(struct ctx *c, struct str name, int64_t width, bool webp, struct str *out)
{
	size_t stem = name.n;

	while (stem > 0 && name.p[stem - 1] != '.' && name.p[stem - 1] != '/')
		stem--;
	if (stem > 0 && name.p[stem - 1] == '.')
		stem--;
	else
		stem = name.n;
	return ctx_printf(
		c, out, "%.*s-%lld.%s", (int)stem, name.p, (long long)width, webp ? "webp" : "jpg");
}

enum err
sizes_each(struct ctx *c, struct str name, struct str type, struct str sizes, sizes_fn *fn, void *self)
{
	struct str rest = sizes.n > 0 ? sizes : (struct str){0}, one;
	int formats = formats_of(type);
	unsigned long long width;
	enum err e = OK;

	while (!e && rest.p) {
		if (!str_u64(str_cut(&rest, ' '), INT64_MAX, &width))
			continue;
		for (int f = 0; !e && f < formats; f++) {
			e = sizes_name(c, name, (int64_t)width, f == 0, &one);
			if (!e)
				e = fn(c, self, one);
		}
	}
	return e;
}

static enum err
path_of(struct ctx *c, struct str name, struct str *out)
{
	return ctx_printf(c, out, "%s/%.*s", c->cfg->media_path, STR(name));
}

static enum err
make(struct ctx *c, int in_fd, const struct size *size)
{
	struct media_file *file;
	enum err e = media_file_new(c, &file);

	if (e)
		return e;
	e = image_resize(c, in_fd, size->width, size->format, file->fd);
	if (!e)
		e = media_file_sync(c, file);
	if (!e)
		e = media_file_link(c, file, size->name);
	if (!e)
		e = media_files_keep(c, &file, 1);
	media_file_close(file);
	return e;
}

/* ---- steps ------------------------------------------------------------------------------- */

/* The first file that is missing; its width 0: none. */
static enum err
find_missing(struct ctx *c, const struct media_row *row, struct size *out)
{
	int formats = formats_of(row->type);

	*out = (struct size){0};
	for (size_t i = 0; i < N_WIDTHS && widths[i] < row->width; i++) {
		for (int f = 0; f < formats; f++) {
			struct str name;
			struct stat st;
			enum err e = sizes_name(c, row->name, widths[i], f == 0, &name);

			if (e)
				return e;
			if (media_file_stat(c, name, &st))
				continue;
			*out = (struct size){widths[i], f == 0 ? IMAGE_WEBP : IMAGE_JPEG, name};
			return OK;
		}
	}
	return OK;
}

/* All are there: pages may name them. */
static enum err
finish(struct ctx *c, struct db *db, const struct media_row *row)
{
	struct buf sizes;
	enum err e = db_tx_begin(c, db);

	if (e)
		return e;
	buf_init(&sizes, &c->arena, SIZES_TEXT);
	for (size_t i = 0; i < N_WIDTHS && widths[i] < row->width; i++)
		buf_printf(&sizes, i > 0 ? " %lld" : "%lld", (long long)widths[i]);
	e = media_row_set_sizes(c, db, row->id, buf_str(&sizes));
	return domain_tx_end(c, db, e);
}

/* A picture that was removed takes what was made of it meanwhile with it. */
static enum err
gone(struct ctx *c, enum err e, struct str name)
{
	if (e != ERR_NOT_FOUND)
		return e;
	err_clear(c);
	return str_empty(name) ? OK : sizes_remove(c, name);
}

enum err
sizes_step(struct ctx *c, struct db *db, int64_t media_id, bool *more)
{
	struct media_row row, now;
	struct size size;
	struct str path;
	enum err e = media_row_find_id(c, db, media_id, &row);
	int fd;

	*more = false;
	if (!e)
		e = find_missing(c, &row, &size);
	if (e)
		return gone(c, e, S(""));
	if (size.width == 0)
		return gone(c, finish(c, db, &row), row.name);
	e = path_of(c, row.name, &path);
	if (e)
		return e;
	fd = open(path.p, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_raise(c, ERR_IO, "%s: %s", path.p, strerror(errno));
	e = make(c, fd, &size);
	(void)close(fd);
	/* Who removed the picture meanwhile could not remove what was only being made of it. */
	if (!e)
		e = media_row_find_id(c, db, media_id, &now);
	*more = !e;
	return gone(c, e, row.name);
}

enum err
sizes_remove(struct ctx *c, struct str name)
{
	for (size_t i = 0; i < 2 * N_WIDTHS; i++) {
		struct str one, path;
		enum err e = sizes_name(c, name, widths[i / 2], i % 2 == 0, &one);

		if (!e)
			e = path_of(c, one, &path);
		if (e)
			return e;
		if (unlink(path.p) != 0 && errno != ENOENT)
			return err_raise(c, ERR_IO, "%s: %s", path.p, strerror(errno));
	}
	return OK;
}
