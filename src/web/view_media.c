/*
 * Pictures, films and recordings as the templates see them: what may stand in the page itself, and
 * in which sizes a browser may choose from.
 */
#include "web/priv.h"

enum { SRCSET_MAX = 8192 };

/*
 * What the page calls a file: ours by its path, so that it is of the page's own origin whatever
 * name of this machine the page was asked for by.
 */
static struct str
file_url(const struct web *w, const struct post_file *file, struct str url)
{
	return file->name.n > 0 ? str_sub(url, w->origin.n, url.n) : url;
}

/* What is neither ours nor comes by https is kept out by the page's Content-Security-Policy. */
static bool
is_remote(const struct post_file *file)
{
	return file->name.n == 0 && !str_eqi(str_sub(file->url, 0, 6), S("https:"));
}

/* "/media/ab/cdef-480.webp 480w, …": one candidate for each size, with what suffix says. */
static enum err
sizes_put(struct ctx *c, const struct web *w, const struct post_file *file, struct str suffix,
	struct buf *b)
{
	struct str rest = file->sizes, url;
	enum err err = OK;

	while (!err && rest.p) {
		struct str width = str_cut(&rest, ' ');

		if (width.n == 0)
			continue;
		err = post_file_size(c, file, width, suffix, &url);
		if (!err)
			buf_printf(b, "%s%.*s %.*sw", b->n > 0 ? ", " : "",
				STR(file_url(w, file, url)), STR(width));
	}
	return err;
}

/* The smaller JPEGs are there for a JPEG only; every picture with sizes has them as WebP. */
static enum err
sizes_of(struct ctx *c, const struct web *w, const struct post_file *file, struct view_photo *out)
{
	bool jpeg = str_eq(file->type, S("image/jpeg"));
	struct buf webp, own;
	enum err err;

	buf_init(&webp, &c->arena, SRCSET_MAX);
	buf_init(&own, &c->arena, SRCSET_MAX);
	err = sizes_put(c, w, file, S(".webp"), &webp);
	if (!err && jpeg)
		err = sizes_put(c, w, file, S(".jpg"), &own);
	if (jpeg)
		buf_printf(&own, ", %.*s %lldw", STR(out->url), (long long)file->width);
	if (!err)
		err = buf_end(c, &webp, &out->webp);
	return err ? err : buf_end(c, &own, &out->srcset);
}

static enum err
photo_of(struct ctx *c, const struct web *w, const struct post_file *file, struct view_photo *out)
{
	enum err err = OK;

	out->url = file_url(w, file, file->url);
	out->alt = file->alt;
	out->remote = is_remote(file);
	if (file->width > 0 && file->height > 0) {
		err = ctx_printf(c, &out->width, "%lld", (long long)file->width);
		if (!err)
			err = ctx_printf(c, &out->height, "%lld", (long long)file->height);
		if (!err && file->sizes.n > 0)
			err = sizes_of(c, w, file, out);
	}
	return err;
}

/*
 * A gallery has rows of three, and its first row what is left over: one picture as wide as all, or
 * two. Three pictures are a large one and two, four are two rows of two.
 */
static bool
is_wide(size_t i, size_t n)
{
	return i == 0 && (n == 1 || n == 3 || (n % 3 == 1 && n != 4));
}

/* page: see view_parts(). header: one picture, of the post as a whole. first: it opens the page. */
static enum err
photos_of(struct ctx *c, const struct web *w, const struct post_files *files, struct str page,
	bool header, bool first, struct tmpl_list *out)
{
	size_t n = header && files->n > 1 ? 1 : files->n;
	struct view_photo *photos = NULL;
	enum err err = OK;

	if (n > 0) {
		photos = ctx_calloc(c, n, sizeof(*photos));
		if (!photos)
			return ERR_MEMORY;
	}
	for (size_t i = 0; !err && i < n; i++) {
		err = photo_of(c, w, &files->list[i], &photos[i]);
		photos[i].leads = page;
		photos[i].first = first && i == 0;
		photos[i].header = header;
		photos[i].half = !is_wide(i, n);
	}
	*out = (struct tmpl_list){photos, n};
	return err;
}

/* The last part of a path: what people know a file by. */
static struct str
file_label(struct str url)
{
	size_t at = url.n;

	while (at > 0 && url.p[at - 1] != '/')
		at--;
	return at < url.n ? str_sub(url, at, url.n) : url;
}

static enum err
players_of(struct ctx *c, const struct web *w, const struct post_files *files,
	struct tmpl_list *out)
{
	struct view_player *players = NULL;

	if (files->n > 0) {
		players = ctx_calloc(c, files->n, sizeof(*players));
		if (!players)
			return ERR_MEMORY;
	}
	for (size_t i = 0; i < files->n; i++) {
		players[i].url = file_url(w, &files->list[i], files->list[i].url);
		players[i].name = file_label(players[i].url);
		players[i].remote = is_remote(&files->list[i]);
	}
	*out = (struct tmpl_list){players, files->n};
	return OK;
}

enum err
view_media(struct ctx *c, const struct web *w, const struct post_parts *parts, struct str page,
	struct view_parts *out)
{
	bool single = page.n == 0, headed = parts->featured.n > 0;
	enum err err = photos_of(c, w, &parts->featured, page, true, single, &out->featured);

	if (!err)
		err = photos_of(c, w, &parts->photos, page, false, single && !headed, &out->photos);
	if (!err)
		err = players_of(c, w, &parts->videos, &out->videos);
	if (!err)
		err = players_of(c, w, &parts->audios, &out->audios);
	out->has_photos = out->photos.n > 0;
	out->gallery = out->photos.n > 1;
	return err;
}
