/*
 * The composer's form as its template sees it: each field with its kind of control, what there is to
 * choose from, the files with what they are shown by.
 */
#include "web/compose.h"

#include "base/enc.h"
#include "domain/site.h"

enum { TAGS_MAX = 100, PATH_MAX_BYTES = 8192, DIFFERENCE_MAX = 4000 };

enum err
slug_path(struct ctx *c, const char *before, struct str slug, struct str *out)
{
	struct buf b;

	buf_init(&b, &c->arena, PATH_MAX_BYTES);
	buf_puts(&b, before);
	enc_percent(&b, slug, (struct str){0});
	return buf_end(c, &b, out);
}

/* ---- fields ------------------------------------------------------------------------------ */

static enum err
options_fill(struct ctx *c, enum compose_field f, struct str value, struct tmpl_list *out)
{
	size_t n, used = 0;
	const struct compose_choice *choices = compose_choices(&n);
	struct view_option *list = ctx_calloc(c, n + 1, sizeof(*list));

	if (!list)
		return ERR_MEMORY;
	if (value.n == 0 && f != COMPOSE_VISIBILITY)
		list[used++] = (struct view_option){.value = S(""), .label = S("–"), .chosen = true};
	for (size_t i = 0; i < n; i++)
		if (choices[i].field == f)
			list[used++] = (struct view_option){choices[i].value, tr_text(c, choices[i].label),
				str_eq(choices[i].value, value)};
	*out = (struct tmpl_list){list, used};
	return OK;
}

static struct str
last_segment(struct str url)
{
	size_t at = url.n;

	while (at > 0 && url.p[at - 1] != '/')
		at--;
	return str_sub(url, at, url.n);
}

static enum err
files_fill(struct ctx *c, const struct web *w, const struct compose_form *form,
	enum compose_field f, struct tmpl_list *out)
{
	struct view_compose_file *list = ctx_calloc(c, COMPOSE_FILES_MAX, sizeof(*list));
	size_t n = 0;

	if (!list)
		return ERR_MEMORY;
	for (size_t i = 0; i < form->n_files; i++) {
		const struct compose_file *file = &form->files[i];
		struct str rest = str_sub(file->url, w->origin.n, file->url.n);
		bool own = str_starts(file->url, w->origin) && str_starts(rest, S("/"));
		bool shown = own || str_starts(file->url, S("https://"));

		if (file->field != f)
			continue;
		list[n] = (struct view_compose_file){.field = compose_field_info(f)->name,
			.url = file->url,
			.source = own ? rest : shown ? file->url : (struct str){0},
			.name = last_segment(file->url),
			.alt = file->alt,
			.position = (int64_t)n + 1,
			.picture = compose_field_info(f)->shape == COMPOSE_SHAPE_PICTURE,
			.film = f == COMPOSE_VIDEO,
			.sound = f == COMPOSE_AUDIO};
		n++;
	}
	*out = (struct tmpl_list){list, n};
	return OK;
}

/* The control's id: its name, with hyphens for dots. */
static enum err
id_make(struct ctx *c, struct str name, struct str *out)
{
	struct buf b;

	buf_init(&b, &c->arena, name.n + 3);
	buf_puts(&b, "f-");
	for (size_t i = 0; i < name.n; i++)
		buf_putc(&b, name.p[i] == '.' ? '-' : name.p[i]);
	return buf_end(c, &b, out);
}

static void
control_fill(enum compose_field f, const struct compose_form *form, struct view_compose_field *out)
{
	enum compose_shape shape = compose_field_info(f)->shape;

	out->line = shape == COMPOSE_SHAPE_LINE || shape == COMPOSE_SHAPE_PART ||
		shape == COMPOSE_SHAPE_LANGUAGE;
	out->link = shape == COMPOSE_SHAPE_LINK ||
		(shape == COMPOSE_SHAPE_PART && str_ends(out->name, S(".url")));
	out->line = out->line && !out->link;
	out->area = shape == COMPOSE_SHAPE_AREA;
	out->content = shape == COMPOSE_SHAPE_CONTENT;
	out->html = out->content && form->html;
	out->choice = shape == COMPOSE_SHAPE_CHOICE;
	out->moment = shape == COMPOSE_SHAPE_MOMENT;
	out->tags = shape == COMPOSE_SHAPE_TAGS;
	out->zone = shape == COMPOSE_SHAPE_ZONE;
	out->slug = shape == COMPOSE_SHAPE_SLUG;
	out->picture = shape == COMPOSE_SHAPE_PICTURE;
	out->upload = out->picture || shape == COMPOSE_SHAPE_FILE;
	out->half = out->moment || f == COMPOSE_CHECKIN_LATITUDE || f == COMPOSE_CHECKIN_LONGITUDE;
	out->several = f != COMPOSE_FEATURED;
	out->accept = f == COMPOSE_VIDEO ? S("video/mp4,video/webm")
		: f == COMPOSE_AUDIO	 ? S("audio/*")
					 : S("image/jpeg,image/png,image/webp,image/avif,image/gif");
}

static enum err
field_fill(struct ctx *c, const struct txn *t, const struct compose_page *page,
	enum compose_field f, struct view_compose_field *out)
{
	const struct compose_field_info *info = compose_field_info(f);
	const struct compose_form *form = &page->form;
	enum err err;

	*out = (struct view_compose_field){.name = info->name,
		.label = tr_text(c, info->label),
		.hint = tr_text(c, info->hint),
		.value = form->values[f],
		.kept = form->kept[f],
		.wrong = form->problem == f,
		.needed = !page->row && compose_type_needs(form->type, f)};
	control_fill(f, form, out);
	err = id_make(c, info->name, &out->id);
	if (!err && out->choice)
		err = options_fill(c, f, form->values[f], &out->options);
	if (!err && out->upload)
		err = files_fill(c, t->web, form, f, &out->files);
	return err;
}

/* True for what stands apart, behind the text: date, address, language, audience. */
static bool
is_more(enum compose_field f)
{
	return f == COMPOSE_SLUG || f == COMPOSE_PUBLISHED || f == COMPOSE_ZONE ||
		f == COMPOSE_LANG || f == COMPOSE_VISIBILITY;
}

/* The form's fields while they are put into the two lists. */
struct field_lists {
	struct view_compose_field main[COMPOSE__MAX], more[COMPOSE__MAX];
	size_t n_main, n_more;
	bool done[COMPOSE__MAX];
};

/* Puts a field into its list, once. */
static enum err
field_put(struct ctx *c, const struct txn *t, const struct compose_page *page,
	enum compose_field f, struct field_lists *lists)
{
	size_t *n = is_more(f) ? &lists->n_more : &lists->n_main;
	struct view_compose_field *out = is_more(f) ? &lists->more[*n] : &lists->main[*n];
	enum err err;

	if (lists->done[f])
		return OK;
	lists->done[f] = true;
	err = field_fill(c, t, page, f, out);
	++*n;
	return err;
}

/* What the type asks for, in its order, and behind that whatever else the post has. */
static enum err
fields_fill(struct ctx *c, const struct txn *t, const struct compose_page *page,
	struct view_compose *out)
{
	const struct compose_form *form = &page->form;
	struct field_lists *lists = ctx_alloc(c, sizeof(*lists));
	bool used[COMPOSE__MAX] = {false};
	enum compose_field f;
	enum err err = lists ? OK : ERR_MEMORY;

	for (size_t i = 0; i < form->n_files; i++)
		used[form->files[i].field] = true;
	for (size_t i = 0; !err && compose_type_field(form->type, i, &f); i++)
		if (f != COMPOSE_CATEGORY)
			err = field_put(c, t, page, f, lists);
	for (size_t i = 0; !err && i < COMPOSE__MAX; i++)
		if (i != COMPOSE_CATEGORY && (form->values[i].n > 0 || form->kept[i] || used[i]))
			err = field_put(c, t, page, (enum compose_field)i, lists);
	if (!err)
		err = field_put(c, t, page, COMPOSE_CATEGORY, lists);
	if (err)
		return err;
	out->fields = (struct tmpl_list){lists->main, lists->n_main};
	out->more = (struct tmpl_list){lists->more, lists->n_more};
	out->opened = form->problem != COMPOSE__MAX && is_more(form->problem);
	return OK;
}

/* ---- what else the form holds ------------------------------------------------------------ */

/* Names of the configuration as options; chosen: uids, each followed by U+001F. */
static enum err
names_fill(struct ctx *c, const char *names, struct str chosen, struct tmpl_list *out)
{
	struct str rest = str_z(names), uid, name, marked;
	struct view_option *list = NULL;
	enum err err;

	*out = (struct tmpl_list){0};
	while (config_name_next(&rest, &uid, &name)) {
		list = ctx_grow(c, list, out->n, sizeof(*list));
		if (!list)
			return ERR_MEMORY;
		err = ctx_printf(c, &marked, "%.*s\x1f", STR(uid));
		if (err)
			return err;
		list[out->n++] = (struct view_option){uid, name,
			str_starts(chosen, marked) || str_eq(chosen, uid) ||
				str_search(chosen, marked, 1) < chosen.n};
	}
	out->items = list;
	return OK;
}

static enum err
tags_fill(struct ctx *c, struct txn *t, struct tmpl_list *out)
{
	struct str *list = ctx_calloc(c, TAGS_MAX, sizeof(*list));
	struct db *db;
	enum err err = list ? txn_db(c, t, &db) : ERR_MEMORY;

	if (!err)
		err = post_row_tags_used(c, db, (struct str){0}, TAGS_MAX, list, &out->n);
	out->items = list;
	txn_db_release(c, t);
	return err;
}

/* The types to choose from; what was shared goes along. */
static enum err
kinds_fill(struct ctx *c, const struct compose_page *page, struct tmpl_list *out)
{
	struct view_desk_page *list = ctx_calloc(c, COMPOSE_TYPE__MAX, sizeof(*list));
	const char *path = page->shared.n > 0 ? "/admin/share" : "/admin/compose";
	enum err err = list ? OK : ERR_MEMORY;

	for (size_t i = 0; !err && i < COMPOSE_TYPE__MAX; i++) {
		const struct compose_type_info *info = compose_type_info((enum compose_type)i);

		list[i].name = tr_text(c, info->name);
		list[i].current = page->form.type == i;
		err = ctx_printf(c, &list[i].url, "%s?type=%.*s%.*s", path, STR(info->word),
			STR(page->shared));
	}
	*out = (struct tmpl_list){list, COMPOSE_TYPE__MAX};
	return err;
}

/* A field as text, for two of them to be compared by people. */
static enum err
field_text(struct ctx *c, const struct compose_form *form, enum compose_field f, struct str *out)
{
	struct buf b;

	*out = enc_utf8_cut(form->values[f], DIFFERENCE_MAX);
	if (form->n_files == 0 || form->values[f].n > 0)
		return OK;
	buf_init(&b, &c->arena, 2 * PATH_MAX_BYTES);
	for (size_t i = 0; i < form->n_files; i++)
		if (form->files[i].field == f)
			buf_printf(&b, "%.*s %.*s\n", STR(last_segment(form->files[i].url)),
				STR(enc_utf8_cut(form->files[i].alt, 100)));
	return buf_end(c, &b, out);
}

static enum err
differences_fill(struct ctx *c, const struct compose_page *page, struct tmpl_list *out)
{
	struct view_difference *list = ctx_calloc(c, COMPOSE__MAX, sizeof(*list));
	enum err err = list ? OK : ERR_MEMORY;
	size_t n = 0;

	for (size_t i = 0; !err && i < COMPOSE__MAX; i++) {
		enum compose_field f = (enum compose_field)i;

		if (compose_same(page->theirs, &page->form, f))
			continue;
		list[n].label = tr_text(c, compose_field_info(f)->label);
		err = field_text(c, page->theirs, f, &list[n].theirs);
		if (!err)
			err = field_text(c, &page->form, f, &list[n].yours);
		n++;
	}
	*out = (struct tmpl_list){list, n};
	return err;
}

/* ---- the page ---------------------------------------------------------------------------- */

static enum err
bookmarklet_make(struct ctx *c, struct str *out)
{
	struct str url;
	enum err err = site_url(c, S("/admin/share"), &url);

	if (err)
		return err;
	return ctx_printf(c, out,
		"javascript:void(location.href='%.*s?url='+encodeURIComponent(location.href)"
		"+'&title='+encodeURIComponent(document.title)"
		"+'&text='+encodeURIComponent(String(getSelection()).slice(0,1000)))",
		STR(url));
}

static void
state_fill(const struct ctx *c, const struct compose_page *page, struct view_compose *out)
{
	enum post_status status = page->row ? page->row->status : POST_DRAFT;

	out->fresh = !page->row;
	out->published = status == POST_PUBLISHED;
	out->scheduled = status == POST_SCHEDULED;
	out->unpublished = status == POST_DRAFT;
	out->conflict = page->theirs;
	out->detail = page->detail;
	if (page->problem) {
		out->problem = tr_str(c, err_info(page->problem)->message);
		out->suggestion = tr_str(c, err_info(page->problem)->suggestion);
	}
}

/*
 * "Note" in the midst of an English sentence; "RSVP" stays as it is, and so does what other languages
 * have for it.
 */
static enum err
small_first(struct ctx *c, struct str name, struct str *out)
{
	char first = name.p[1] >= 'a' ? (char)(name.p[0] | 0x20) : name.p[0];

	*out = tr_text(c, name);
	if (c->words)
		return OK;
	return ctx_printf(c, out, "%c%.*s", first, STR(str_sub(name, 1, name.n)));
}

static enum err
words_fill(struct ctx *c, const struct compose_page *page, struct view_compose *out)
{
	const struct compose_type_info *info = compose_type_info(page->form.type);
	enum err err = small_first(c, info->name, &out->kind);

	out->type = info->word;
	if (!err)
		err = ctx_printf(c, &out->heading, page->row ? tr(c, "Edit %.*s") : tr(c, "New %.*s"),
			STR(out->kind));
	if (!err)
		err = ctx_printf(c, &out->store, "%s:%.*s", page->row ? "post" : "new",
			STR(page->row ? page->row->slug : info->word));
	if (!err && page->row)
		err = site_permalink(c, page->row->slug, &out->address);
	return err;
}

static enum err
lists_fill(struct ctx *c, struct txn *t, struct compose_page *page, struct view_compose *out)
{
	enum err err = fields_fill(c, t, page, out);

	if (!err && !page->row)
		err = kinds_fill(c, page, &out->kinds);
	if (!err && !page->row)
		err = bookmarklet_make(c, &out->bookmarklet);
	if (!err)
		err = names_fill(c, c->cfg->channels, page->form.channel, &out->channels);
	if (!err)
		err = names_fill(c, c->cfg->syndicate_to, page->form.targets, &out->targets);
	if (!err && page->theirs)
		err = differences_fill(c, page, &out->differences);
	out->has_channels = out->channels.n > 0;
	out->has_targets = out->targets.n > 0;
	return err ? err : tags_fill(c, t, &out->tags);
}

enum err
compose_send(struct ctx *c, struct txn *t, struct compose_page *page)
{
	struct view_page head = {.hidden = true};
	struct view_desk desk;
	struct view_compose data = {.site = t->site,
		.page = &head,
		.desk = &desk,
		.post = page->row ? page->row->slug : (struct str){0},
		.version = page->form.version,
		.key = page->row ? (struct str){0} : page->form.key,
		.html = page->form.html,
		.unsaved = page->unsaved,
		.draft_script = t->web->statics[STATIC_COMPOSE_DRAFT],
		.files_script = t->web->statics[STATIC_COMPOSE_FILES],
		.tags_script = t->web->statics[STATIC_COMPOSE_TAGS],
		.preview = page->preview};
	enum err err = words_fill(c, page, &data);

	head.title = data.heading;
	state_fill(c, page, &data);
	if (!err)
		err = lists_fill(c, t, page, &data);
	if (!err)
		err = desk_fill(c, t, page->row ? DESK_POSTS : DESK_COMPOSE, STATIC_COMPOSE_SCRIPT,
			&desk);
	if (!err)
		err = desk_send(c, t, VIEW_COMPOSE, &data);
	if (err || !page->problem)
		return err;
	t->resp.status = err_info(page->problem)->status;
	if (err_info(page->problem)->retry_after > 0) {
		struct str seconds;

		err = ctx_printf(c, &seconds, "%d", err_info(page->problem)->retry_after);
		if (!err)
			resp_set(&t->resp, "Retry-After", seconds);
	}
	c->facts->error = page->problem;
	return err;
}
