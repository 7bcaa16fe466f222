/*
 * The page about one uploaded file, and what its forms do: delete it, which is refused while something
 * shows it, and make it the author's picture.
 */
#include "web/library.h"

#include "domain/settings.h"
#include "domain/site.h"
#include "domain/sizes.h"

enum { SIZES_MAX = 16 };

/* "ab/…jpg", of the two segments of the page's path. ERR_NOT_FOUND. */
static enum err
file_find(struct ctx *c, struct txn *t, struct db *db, struct media_row *out)
{
	struct str name;
	enum err err = ctx_printf(
		c, &name, "%.*s/%.*s", STR(t->req.args[0]), STR(t->req.args[1]));

	return err ? err : media_row_find_name(c, db, name, out);
}

static enum err
size_add(struct ctx *c, const struct media_row *row, struct str width, bool webp,
	struct view_size *out)
{
	unsigned long long w = 0;
	struct str name;
	enum err err;

	if (!str_u64(width, INT32_MAX, &w))
		return err_raise(c, ERR_DB_CORRUPT, "a size of '%.*s'", STR(width));
	err = sizes_name(c, row->name, (int64_t)w, webp, &name);
	out->width = width;
	out->format = webp ? S("WebP") : S("JPEG");
	return err ? err : ctx_printf(c, &out->path, "/media/%.*s", STR(name));
}

static enum err
sizes_fill(struct ctx *c, const struct media_row *row, struct tmpl_list *out)
{
	bool jpeg = str_eq(row->type, S("image/jpeg"));
	struct view_size *list = ctx_calloc(c, SIZES_MAX, sizeof(*list));
	struct str rest = row->sizes;
	size_t n = 0;
	enum err err = list ? OK : ERR_MEMORY;

	while (!err && rest.n > 0 && n + 2 <= SIZES_MAX) {
		struct str width = str_cut(&rest, ' ');

		err = size_add(c, row, width, true, &list[n++]);
		if (!err && jpeg)
			err = size_add(c, row, width, false, &list[n++]);
	}
	*out = (struct tmpl_list){list, n};
	return err;
}

/* e: why it was not deleted; OK: nothing was asked. */
static enum err
page_send(struct ctx *c, struct txn *t, struct db *db, const struct media_row *row, enum err e)
{
	struct view_page page = {.hidden = true};
	struct view_file file = {0};
	struct view_desk desk;
	struct view_library_file data = {.site = t->site,
		.page = &page,
		.desk = &desk,
		.file = &file,
		.library = S("/admin/media")};
	enum err err = library_file_fill(c, db, row, LIBRARY_USES, &file);

	txn_db_release(c, t);
	if (!err)
		err = site_url(c, file.path, &data.address);
	if (!err)
		err = sizes_fill(c, row, &data.sizes);
	if (!err)
		err = ctx_printf(c, &page.title, tr(c, "%.*s of %.*s"), STR(file.kind), STR(file.date->text));
	data.has_sizes = data.sizes.n > 0;
	data.picture = file.thumb.n > 0 && !file.portrait;
	data.icon = file.thumb.n > 0 && !file.emblem;
	data.deletable = file.unused;
	if (e) {
		data.problem = tr_str(c, err_info(e)->message);
		t->resp.status = err_info(e)->status;
		c->facts->error = e;
	}
	if (!err)
		err = desk_fill(c, t, DESK_MEDIA, STATIC_NONE, &desk);
	return err ? err : desk_send(c, t, VIEW_LIBRARY_FILE, &data);
}

static enum err
delete_file(struct ctx *c, struct txn *t, struct db *db, const struct media_row *row)
{
	struct str url;
	enum err err = site_media_url(c, row->name, &url);

	if (!err)
		err = media_delete(c, db, &t->grant, url);
	if (!err)
		return desk_done(c, t, S("/admin/media"), "media-deleted");
	if (err != ERR_MEDIA_IN_USE)
		return err;
	err_clear(c);
	return page_send(c, t, db, row, ERR_MEDIA_IN_USE);
}

/*
 * One setting is changed whatever else was, so the version is the one that is there. Icons are made
 * first, and nobody waits for the connection meanwhile.
 */
static enum err
setting_set(struct ctx *c, struct txn *t, const struct media_row *row, enum setting which,
	const char *notice)
{
	struct settings_edit edit = {0};
	struct site_settings now;
	struct str path, page;
	unsigned changed;
	struct db *db;
	enum err err = ctx_printf(c, &path, "/media/%.*s", STR(row->name));

	if (err)
		return err;
	edit.of[which] = (struct setting_edit){.given = true, .text = path};
	txn_db_release(c, t);
	err = settings_prepare(c, &edit);
	if (!err)
		err = txn_db(c, t, &db);
	if (!err)
		err = settings_load(c, db, &now);
	edit.version = err ? 0 : now.version;
	if (!err)
		err = settings_save(c, db, &edit, &changed);
	if (!err)
		err = ctx_printf(c, &page, "/admin/media/%.*s", STR(row->name));
	return err ? err : desk_done(c, t, page, notice);
}

enum err
web_admin_media_file(struct ctx *c, struct txn *t)
{
	struct media_row row;
	struct pair *fields;
	struct str action;
	struct db *db;
	size_t n;
	enum err err = txn_db(c, t, &db);

	if (!err)
		err = file_find(c, t, db, &row);
	if (err)
		return err;
	if (t->req.method != METHOD_POST)
		return page_send(c, t, db, &row, OK);
	err = txn_form(c, t, &fields, &n);
	if (err)
		return err;
	action = txn_field(fields, n, S("action"));
	if (str_eq(action, S("delete")))
		return delete_file(c, t, db, &row);
	if (str_eq(action, S("portrait")))
		return setting_set(c, t, &row, SETTING_author_photo, "photo-set");
	if (str_eq(action, S("icon")))
		return setting_set(c, t, &row, SETTING_site_icon, "icon-set");
	return err_raise(c, ERR_BAD_FORM, "no action '%.*s'", STR(action));
}
