/*
 * The media library: uploaded files as their owner looks through them, a page of a grid at a time. A
 * page begins behind the file that `before` names, so that none is left out or shown twice while others
 * are uploaded.
 */
#include "web/library.h"

#include "base/enc.h"
#include "base/time.h"
#include "domain/settings.h"
#include "domain/site.h"
#include "domain/sizes.h"

enum { FILES = 24, EXCERPT = 60, PATH_MAX_BYTES = 1024 };

static const struct {
	struct str word;	/* of ?show=; empty: all */
	const char *name;
	struct str kind;	/* of the media type; empty: any */
	bool unused;
} filters[] = {
	{S_INIT(""), N_("All"), S_INIT(""), false},
	{S_INIT("pictures"), N_("Pictures"), S_INIT("image"), false},
	{S_INIT("films"), N_("Films"), S_INIT("video"), false},
	{S_INIT("sound"), N_("Sound"), S_INIT("audio"), false},
	{S_INIT("other"), N_("Other"), S_INIT("application"), false},
	{S_INIT("unused"), N_("Unused"), S_INIT(""), true},
};

enum { N_FILTERS = sizeof(filters) / sizeof(filters[0]) };

/* ---- a file ------------------------------------------------------------------------------ */

/* "2.4 MB", in steps of a thousand, as cameras and file managers count. */
static enum err
bytes_text(struct ctx *c, int64_t bytes, struct str *out)
{
	static const char *const units[] = {"kB", "MB", "GB"};
	double n = (double)bytes / 1000;
	size_t unit = 0;

	if (bytes < 1000)
		return ctx_printf(c, out, tr(c, "%lld bytes"), (long long)bytes);
	for (; n >= 999.5 && unit < 2; unit++)
		n /= 1000;
	return ctx_printf(c, out, n < 9.95 ? "%.1f %s" : "%.0f %s", n, units[unit]);
}

/* "image/jpeg" -> "picture" */
static struct str
kind_text(const struct ctx *c, struct str type)
{
	struct str kind = str_cut(&type, '/');

	if (str_eq(kind, S("image")))
		return tr_str(c, "Picture");
	if (str_eq(kind, S("video")))
		return tr_str(c, "Film");
	return str_eq(kind, S("audio")) ? tr_str(c, "Sound") : tr_str(c, "Document");
}

static enum err
extension_text(struct ctx *c, struct str name, struct str *out)
{
	struct str rest = name;
	struct buf b;

	while (rest.p)
		name = str_cut(&rest, '.');
	buf_init(&b, &c->arena, 16);
	for (size_t i = 0; i < name.n; i++)
		buf_putc(&b, name.p[i] >= 'a' && name.p[i] <= 'z' ? (char)(name.p[i] - 32)
								  : name.p[i]);
	return buf_end(c, &b, out);
}

/* The smallest there is of a picture; the courier may not have made any yet. */
static enum err
thumb_fill(struct ctx *c, const struct media_row *row, struct view_file *out)
{
	struct str rest = row->sizes, name = row->name;
	unsigned long long width = 0;
	enum err err = OK;

	if (!str_starts(row->type, S("image/")))
		return OK;
	if (str_u64(str_cut(&rest, ' '), INT32_MAX, &width))
		err = sizes_name(c, row->name, (int64_t)width, true, &name);
	if (!err)
		err = ctx_printf(c, &out->thumb, "/media/%.*s", STR(name));
	if (!err && row->width > 0)
		err = ctx_printf(c, &out->width, "%lld", (long long)row->width);
	if (!err && row->width > 0)
		err = ctx_printf(c, &out->height, "%lld", (long long)row->height);
	return err;
}

static enum err
uses_fill(struct ctx *c, struct db *db, const struct media_row *row, size_t most,
	struct view_file *out)
{
	struct media_use *uses;
	struct view_use *list;
	size_t n;
	enum err err = media_row_uses(c, db, row->id, most, &uses, &n, &out->more);

	list = err || n == 0 ? NULL : ctx_calloc(c, n, sizeof(*list));
	if (!list)
		return err || n == 0 ? err : ERR_MEMORY;
	for (size_t i = 0; !err && i < n; i++) {
		struct str title = uses[i].name.n ? uses[i].name : uses[i].excerpt;

		err = view_excerpt(c, title.n ? title : uses[i].slug, EXCERPT, &list[i].title);
		if (!err)
			err = site_permalink(c, uses[i].slug, &list[i].url);
		list[i].draft = uses[i].status != POST_PUBLISHED;
	}
	out->uses = (struct tmpl_list){list, n};
	return err;
}

enum err
library_file_fill(struct ctx *c, struct db *db, const struct media_row *row, size_t uses,
	struct view_file *out)
{
	struct view_date *date = ctx_calloc(c, 1, sizeof(*date));
	enum err err = date ? ctx_printf(c, &out->path, "/media/%.*s", STR(row->name)) : ERR_MEMORY;

	if (!err)
		err = ctx_printf(c, &out->page, "/admin/media/%.*s", STR(row->name));
	if (!err)
		err = view_date(c, row->created, time_zone_offset(row->created), date);
	out->date = date;
	out->type = row->type;
	out->kind = kind_text(c, row->type);
	out->film = str_starts(row->type, S("video/"));
	out->sound = str_starts(row->type, S("audio/"));
	if (!err)
		err = bytes_text(c, row->bytes, &out->bytes);
	if (!err)
		err = extension_text(c, row->name, &out->extension);
	if (!err)
		err = thumb_fill(c, row, out);
	if (!err)
		err = uses_fill(c, db, row, uses, out);
	out->portrait = str_eq(setting_text(c, SETTING_author_photo), out->path);
	out->emblem = str_eq(setting_text(c, SETTING_site_icon), out->path);
	out->unused = out->uses.n == 0 && !out->portrait && !out->emblem;
	return err;
}

/* ---- the list ---------------------------------------------------------------------------- */

static enum err
list_path(struct ctx *c, struct str show, struct str before, struct str *out)
{
	struct buf b;

	buf_init(&b, &c->arena, PATH_MAX_BYTES);
	buf_puts(&b, "/admin/media");
	if (show.n > 0)
		buf_printf(&b, "?show=%.*s", STR(show));
	if (before.n > 0) {
		buf_printf(&b, "%cbefore=", show.n > 0 ? '&' : '?');
		enc_percent(&b, before, S("/"));
	}
	return buf_end(c, &b, out);
}

static enum err
filters_fill(struct ctx *c, size_t here, struct tmpl_list *out)
{
	struct view_filter *list = ctx_calloc(c, N_FILTERS, sizeof(*list));
	enum err err = list ? OK : ERR_MEMORY;

	for (size_t i = 0; !err && i < N_FILTERS; i++) {
		list[i].name = tr_str(c, filters[i].name);
		list[i].current = i == here;
		err = list_path(c, filters[i].word, S(""), &list[i].url);
	}
	*out = (struct tmpl_list){list, N_FILTERS};
	return err;
}

/* The place behind which the page begins; a file that is gone meanwhile: from the newest on. */
static enum err
place_find(struct ctx *c, struct db *db, struct str *before, struct media_filter *filter)
{
	struct media_row row;
	enum err err;

	filter->created = filter->id = INT64_MAX;
	if (before->n == 0)
		return OK;
	err = media_row_find_name(c, db, *before, &row);
	if (err == ERR_NOT_FOUND) {
		err_clear(c);
		*before = (struct str){0};
		return OK;
	}
	filter->created = row.created;
	filter->id = row.id;
	return err;
}

static enum err
list_read(struct ctx *c, struct db *db, size_t show, struct str *before, struct view_library *data,
	struct str *last)
{
	struct media_filter filter = {filters[show].kind, filters[show].unused, 0, 0};
	struct media_list list;
	struct view_file *files = NULL;
	enum err err = place_find(c, db, before, &filter);

	if (!err)
		err = media_row_library(c, db, &filter, FILES, &list);
	if (err || list.n == 0)
		return err;
	files = ctx_calloc(c, list.n, sizeof(*files));
	if (!files)
		return ERR_MEMORY;
	for (size_t i = 0; !err && i < list.n; i++)
		err = library_file_fill(c, db, &list.rows[i], LIBRARY_USES_BRIEF, &files[i]);
	data->files = (struct tmpl_list){files, list.n};
	data->has_files = true;
	*last = list.more ? list.rows[list.n - 1].name : S("");
	return err;
}

enum err
web_admin_media(struct ctx *c, struct txn *t)
{
	struct view_page page = {.title = tr_str(c, "Media"), .hidden = true};
	struct view_desk desk;
	struct view_library data = {
		.site = t->site, .page = &page, .desk = &desk, .upload = S("/admin/upload")};
	struct str word, before, last = S("");
	size_t show = 0;
	struct db *db;
	enum err err = req_query(c, &t->req, S("show"), &word);

	if (!err)
		err = req_query(c, &t->req, S("before"), &before);
	if (!err)
		err = txn_db(c, t, &db);
	if (err)
		return err;
	for (size_t i = 0; i < N_FILTERS; i++)
		if (str_eq(word, filters[i].word))
			show = i;
	err = list_read(c, db, show, &before, &data, &last);
	txn_db_release(c, t);
	if (!err)
		err = filters_fill(c, show, &data.filters);
	if (!err && before.n > 0)
		err = list_path(c, filters[show].word, S(""), &page.newest);
	if (!err && last.n > 0)
		err = list_path(c, filters[show].word, last, &page.older);
	data.paged = page.newest.n + page.older.n > 0;
	if (!err)
		err = desk_fill(c, t, DESK_MEDIA, STATIC_NONE, &desk);
	return err ? err : desk_send(c, t, VIEW_LIBRARY, &data);
}
