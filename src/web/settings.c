/*
 * The page of settings. Whatever its buttons do besides, each of them saves what was typed: nothing of
 * it is lost, and there is no state between the form and the database. What is refused comes back as it
 * was typed, with the reason beside its field.
 */
#include "web/priv.h"

#include "domain/settings.h"

enum { BLANK_LINKS = 2 /* rows for more, below those that there are */ };

static bool
is_list(enum setting which)
{
	enum setting_kind kind = setting_info(which)->kind;

	return kind == SETTING_ME || kind == SETTING_MENU;
}

/* ---- what the form says ------------------------------------------------------------------ */

/* Rows of a list: fields "key.label" and "key.url", in turns. */
static enum err
links_read(struct ctx *c, const struct pair *fields, size_t n, enum setting which,
	struct setting_edit *edit)
{
	struct str key = str_z(setting_info(which)->key);

	for (size_t i = 0; i < n; i++) {
		struct str rest = fields[i].name, part;

		if (!str_eq(str_cut(&rest, '.'), key))
			continue;
		part = rest;
		edit->given = true;
		if (str_eq(part, S("label"))) {
			edit->links = ctx_grow(c, edit->links, edit->n, sizeof(*edit->links));
			if (!edit->links)
				return ERR_MEMORY;
			edit->links[edit->n++].label = fields[i].value;
		} else if (edit->n > 0 && str_eq(part, S("url"))) {
			edit->links[edit->n - 1].url = fields[i].value;
		}
	}
	return OK;
}

/* "up-navigation-3": the third link changes places with the second; "drop-…": it goes. */
static void
links_move(struct str verb, struct setting_edit *edit, unsigned long long at)
{
	if (at < 1 || at > edit->n)
		return;
	if (str_eq(verb, S("drop"))) {
		edit->links[at - 1] = (struct setting_link){0};
	} else if (str_eq(verb, S("up")) && at > 1) {
		struct setting_link link = edit->links[at - 1];

		edit->links[at - 1] = edit->links[at - 2];
		edit->links[at - 2] = link;
	}
}

/* What the button that was pressed means for one setting: "back-site_name" and those above. */
static void
button_apply(struct str pressed, enum setting which, struct setting_edit *edit)
{
	struct str rest = pressed, verb = str_cut(&rest, '-'), key = str_cut(&rest, '-');
	unsigned long long at = 0;

	if (!str_eq(key, str_z(setting_info(which)->key)))
		return;
	if (str_eq(verb, S("back")))
		edit->back = true;
	else if (str_u64(rest, 1000, &at))
		links_move(verb, edit, at);
}

static enum err
form_read(struct ctx *c, const struct pair *fields, size_t n, struct settings_edit *out)
{
	struct str pressed = txn_field(fields, n, S("do"));
	unsigned long long version;
	enum err err = OK;

	*out = (struct settings_edit){.version = -1};
	if (str_u64(txn_field(fields, n, S("version")), INT64_MAX, &version))
		out->version = (int64_t)version;
	for (size_t i = 0; !err && i < SETTING__MAX; i++) {
		enum setting which = (enum setting)i;
		struct setting_edit *edit = &out->of[i];

		if (is_list(which))
			err = links_read(c, fields, n, which, edit);
		else
			edit->text = txn_field(fields, n, str_z(setting_info(which)->key));
		edit->given = edit->given || edit->text.p;
		button_apply(pressed, which, edit);
	}
	return err;
}

/* ---- the page ---------------------------------------------------------------------------- */

static struct str
problem_text(const struct ctx *c, const char *problem)
{
	return problem ? tr_str(c, problem) : S("");
}

static void
field_fill(const struct ctx *c, const struct site_settings *now, const struct settings_edit *edit, enum setting which,
	struct view_field *out)
{
	const struct setting_info *info = setting_info(which);
	bool typed = edit && edit->of[which].given;

	*out = (struct view_field){.name = str_z(info->key),
		.label = tr_str(c, info->label),
		.hint = tr_str(c, info->doc),
		.value = typed ? edit->of[which].text : now->text[which],
		.problem = problem_text(c, edit ? edit->of[which].problem : NULL),
		.type = info->kind == SETTING_EMAIL ? S("email") : S("text"),
		.required = info->kind == SETTING_NAME,
		.prose = which == SETTING_author_note,
		.picture = info->kind == SETTING_PHOTO || info->kind == SETTING_ICON,
		.changed = info->in_file && now->stored[which],
		.file = now->file[which]};
	if (which == SETTING_author_name)
		out->placeholder = now->text[SETTING_site_name];
	if (out->picture && str_starts(now->text[which], S("/")))
		out->preview = now->text[which];
}

static enum err
links_fill(struct ctx *c, const struct site_settings *now, const struct settings_edit *edit,
	enum setting which, struct view_links_field *out)
{
	const struct setting_info *info = setting_info(which);
	bool typed = edit && edit->of[which].given;
	struct setting_link *links = typed ? edit->of[which].links : NULL;
	size_t n = typed ? edit->of[which].n : 0;
	struct view_link_field *rows;
	enum err err = typed ? OK : setting_links(c, now->text[which], &links, &n);

	rows = err ? NULL : ctx_calloc(c, n + BLANK_LINKS, sizeof(*rows));
	if (!rows)
		return err ? err : ERR_MEMORY;
	for (size_t i = 0; i < n + BLANK_LINKS; i++) {
		rows[i].number = (int64_t)i + 1;
		rows[i].filled = i < n;
		rows[i].movable = i > 0 && i < n;
		if (i >= n)
			continue;
		rows[i].label = links[i].label;
		rows[i].url = links[i].url;
		rows[i].problem = problem_text(c, links[i].problem);
	}
	*out = (struct view_links_field){.name = str_z(info->key),
		.label = tr_str(c, info->label),
		.hint = tr_str(c, info->doc),
		.problem = problem_text(c, edit ? edit->of[which].problem : NULL),
		.links = {rows, n + BLANK_LINKS}};
	return OK;
}

/* The page: of what holds, or of what was typed and refused for e. */
static enum err
page_send(struct ctx *c, struct txn *t, const struct site_settings *now,
	const struct settings_edit *edit, enum err e)
{
	const struct view_page page = {.title = tr_str(c, "Settings"), .hidden = true};
	struct view_field fields[SETTING__MAX];
	struct view_links_field lists[SETTING__MAX];
	struct view_desk desk;
	struct view_settings data = {.site = t->site,
		.page = &page,
		.desk = &desk,
		.action = S("/admin/settings"),
		.media = S("/admin/media?show=pictures"),
		.version = now->version};
	size_t n = 0, n_lists = 0;
	enum err err = OK;

	for (size_t i = 0; !err && i < SETTING__MAX; i++)
		if (is_list((enum setting)i))
			err = links_fill(c, now, edit, (enum setting)i, &lists[n_lists++]);
		else
			field_fill(c, now, edit, (enum setting)i, &fields[n++]);
	data.fields = (struct tmpl_list){fields, n};
	data.lists = (struct tmpl_list){lists, n_lists};
	if (e) {
		data.problem = tr_str(c, err_info(e)->message);
		data.suggestion = tr_str(c, err_info(e)->suggestion);
		t->resp.status = err_info(e)->status;
		c->facts->error = e;
	}
	if (!err)
		err = desk_fill(c, t, DESK_SETTINGS, STATIC_NONE, &desk);
	return err ? err : desk_send(c, t, VIEW_SETTINGS, &data);
}

static enum err
save(struct ctx *c, struct txn *t)
{
	struct site_settings now;
	struct settings_edit edit;
	struct pair *fields;
	unsigned changed;
	struct db *db;
	size_t n;
	enum err err = txn_form(c, t, &fields, &n), refused;

	if (!err)
		err = form_read(c, fields, n, &edit);
	refused = err ? err : settings_prepare(c, &edit);
	if (!err)
		err = txn_db(c, t, &db);
	if (err)
		return err;
	if (!refused)
		refused = settings_save(c, db, &edit, &changed);
	if (!refused)
		return desk_done(c, t, S("/admin/settings"),
			changed ? "settings-saved" : "settings-same");
	if (refused != ERR_SETTING_INVALID && refused != ERR_SETTINGS_STALE)
		return refused;
	err_clear(c);
	err = settings_load(c, db, &now);
	txn_db_release(c, t);
	return err ? err : page_send(c, t, &now, &edit, refused);
}

enum err
web_admin_settings(struct ctx *c, struct txn *t)
{
	struct site_settings now;
	struct db *db;
	enum err err;

	if (t->req.method == METHOD_POST)
		return save(c, t);
	err = txn_db(c, t, &db);
	if (!err)
		err = settings_load(c, db, &now);
	txn_db_release(c, t);
	return err ? err : page_send(c, t, &now, NULL, OK);
}
