/*
 * Settings: read, laid over the configuration's, and changed under the writers' lock, where the
 * version that a form was made of is compared while nobody else can write.
 */
#include "domain/settings.h"

#include "base/enc.h"
#include "core/config.h"
#include "core/log.h"
#include "domain/audit.h"
#include "domain/priv.h"
#include "domain/site.h"

enum { LIST_MAX = 64 * 1024, KEYS_MAX = 500 };

#define IN_FILE_FILE true
#define IN_FILE_NONE false
#define VALUE_FILE(key) str_z(cfg->key)
#define VALUE_NONE(key) S("")

static const struct setting_info table[SETTING__MAX] = {
#define SETTING(kind_, key_, base_, max_, label_, doc_) \
	[SETTING_##key_] = {#key_, label_, doc_, SETTING_##kind_, IN_FILE_##base_, max_},
#include "tables/settings.def"
#undef SETTING
};

const struct setting_info *
setting_info(enum setting which)
{
	return &table[which];
}

/* ---- reading ----------------------------------------------------------------------------- */

void
settings_of_file(const struct config *cfg, struct site_settings *out)
{
	*out = (struct site_settings){.version = -1};
#define SETTING(kind, key, base, max, label, doc) out->file[SETTING_##key] = VALUE_##base(key);
#include "tables/settings.def"
#undef SETTING
	memcpy(out->text, out->file, sizeof(out->text));
}

static bool
setting_of_key(struct str key, enum setting *out)
{
	for (size_t i = 0; i < SETTING__MAX; i++) {
		if (!str_eq(key, str_z(table[i].key)))
			continue;
		*out = (enum setting)i;
		return true;
	}
	return false;
}

enum err
settings_load(struct ctx *c, struct db *db, struct site_settings *out)
{
	struct setting_row *rows;
	int64_t version;
	size_t n;
	enum err err;

	settings_of_file(c->cfg, out);
	err = setting_row_version(c, db, &version);
	if (!err)
		err = setting_row_list(c, db, &rows, &n);
	if (err)
		return err;
	out->version = version;
	for (size_t i = 0; i < n; i++) {
		enum setting which;

		/* Another version of ours may have known more. */
		if (!setting_of_key(rows[i].key, &which))
			continue;
		out->text[which] = rows[i].value;
		out->stored[which] = true;
	}
	return OK;
}

struct str
setting_text(const struct ctx *c, enum setting which)
{
	struct site_settings file;

	if (c->settings)
		return c->settings->text[which];
	settings_of_file(c->cfg, &file);
	return file.text[which];
}

enum err
setting_links(struct ctx *c, struct str text, struct setting_link **out, size_t *n)
{
	*out = NULL;
	*n = 0;
	while (text.n > 0) {
		struct str line = str_cut(&text, '\n');
		struct setting_link *list = ctx_grow(c, *out, *n, sizeof(**out));

		if (!list)
			return ERR_MEMORY;
		list[*n].url = str_cut(&line, ' ');
		list[*n].label = line;
		*out = list;
		++*n;
	}
	return OK;
}

/* True if a setting names the uploaded file of that name. */
static enum err
names_file(struct ctx *c, const struct site_settings *now, enum setting which, struct str name,
	bool *out)
{
	struct str url = now->text[which], theirs;
	enum err err = OK;

	if (url.n == 0)
		return OK;
	if (url.p[0] == '/')
		err = site_url(c, url, &url);
	if (err)
		return err;
	*out = *out || (site_media_parse(c, url, &theirs) == OK && str_eq(theirs, name));
	err_clear(c);
	return OK;
}

enum err
settings_show_file(struct ctx *c, struct db *db, struct str name, bool *out)
{
	struct site_settings now;
	enum err err = settings_load(c, db, &now);

	*out = false;
	if (!err)
		err = names_file(c, &now, SETTING_author_photo, name, out);
	return err ? err : names_file(c, &now, SETTING_site_icon, name, out);
}

/* ---- changing ---------------------------------------------------------------------------- */

/* What a setting is to hold; links as they are stored. */
static enum err
edited_text(struct ctx *c, enum setting which, const struct setting_edit *edit, struct str *out)
{
	struct buf b;

	*out = edit->text;
	if (table[which].kind != SETTING_ME && table[which].kind != SETTING_MENU)
		return OK;
	buf_init(&b, &c->arena, LIST_MAX);
	for (size_t i = 0; i < edit->n; i++)
		if (edit->links[i].url.n > 0)
			buf_printf(&b, "%.*s %.*s\n", STR(edit->links[i].url),
				STR(edit->links[i].label));
	return buf_end(c, &b, out);
}

/* One setting, if it is to change; its key goes to keys. */
static enum err
put_one(struct ctx *c, struct db *db, const struct site_settings *now, enum setting which,
	const struct setting_edit *edit, struct buf *keys)
{
	struct setting_row row = {.key = str_z(table[which].key)};
	enum err err = OK;
	bool as_file;

	if (!edit->given && !edit->back)
		return OK;
	if (!edit->back)
		err = edited_text(c, which, edit, &row.value);
	if (err)
		return err;
	as_file = edit->back || str_eq(row.value, now->file[which]);
	if (as_file ? !now->stored[which] : str_eq(row.value, now->text[which]))
		return OK;
	buf_printf(keys, "%s%s", keys->n > 0 ? " " : "", table[which].key);
	return as_file ? setting_row_remove(c, db, row.key)
		       : setting_row_put(c, db, &row, domain_now(c));
}

/* Inside the transaction. The keys that have changed, separated by spaces, go to keys. */
static enum err
put_all(struct ctx *c, struct db *db, struct settings_edit *edit, struct buf *keys)
{
	struct site_settings now;
	enum err err = settings_load(c, db, &now);

	if (!err && now.version != edit->version)
		return err_raise(c, ERR_SETTINGS_STALE, "version %lld, now %lld",
			(long long)edit->version, (long long)now.version);
	if (!err)
		err = settings_check_stored(c, db, edit);
	for (size_t i = 0; !err && i < SETTING__MAX; i++)
		err = put_one(c, db, &now, (enum setting)i, &edit->of[i], keys);
	if (!err && keys->n > 0)
		err = audit_put(c, db, AUDIT_SETTINGS, S(""), buf_str(keys));
	return err;
}

enum err
settings_save(struct ctx *c, struct db *db, struct settings_edit *edit, unsigned *changed)
{
	struct buf keys;
	enum err err = settings_check(c, edit);

	*changed = 0;
	buf_init(&keys, &c->arena, KEYS_MAX);
	if (!err)
		err = db_tx_begin(c, db);
	if (err)
		return err;
	err = domain_tx_end(c, db, put_all(c, db, edit, &keys));
	if (err || keys.n == 0)
		return err;
	*changed = 1;
	for (size_t i = 0; i < keys.n; i++)
		*changed += keys.p[i] == ' ';
	log_event(c, settings_changed, .keys = buf_str(&keys));
	return OK;
}

/* ---- the reference ----------------------------------------------------------------------- */

void
settings_docs(const char *format, struct buf *out)
{
	(void)format;
	buf_puts(out, ".Bl -tag -width Ds\n");
	for (size_t i = 0; i < SETTING__MAX; i++) {
		buf_printf(out, ".It Ic %s\n", table[i].key);
		enc_mdoc(out, str_z(table[i].label));
		buf_puts(out, ".\n");
		enc_mdoc(out, str_z(table[i].doc));
		buf_putc(out, '\n');
	}
	buf_puts(out, ".El\n");
}
