/*
 * What settings may be. Each rule says what is wrong in words for the page that has the field. A link
 * of these stands on every page: nothing gets through but http, https, mailto and paths of the site,
 * so that no address can be a script.
 */
#include "domain/icons.h"
#include "domain/priv.h"
#include "domain/settings.h"
#include "domain/site.h"
#include "store/media.h"
#include "text/words.h"

/* ---- addresses --------------------------------------------------------------------------- */

static bool
is_printed(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] <= ' ' || s.p[i] == 0x7f)
			return false;
	return true;
}

/* "ada@ada.example", as far as a mistake can be seen without writing to it. */
static bool
is_email(struct str s)
{
	size_t at = str_find(s, '@', 0);
	struct str host = str_sub(s, at + 1, s.n);

	for (size_t i = 0; i < s.n; i++)
		if (str_find(S("<>(),;:\\\""), s.p[i], 0) < 9)
			return false;
	return is_printed(s) && at > 0 && host.n > 2 && str_find(host, '@', 0) == host.n &&
	       host.p[0] != '.' && host.p[host.n - 1] != '.';
}

static bool
is_mailto(struct str url)
{
	struct str rest = str_sub(url, 7, url.n);

	return str_eqi(str_sub(url, 0, 7), S("mailto:")) && is_printed(url) &&
	       is_email(str_sub(rest, 0, str_find(rest, '?', 0)));
}

/* A path of this site. "//name" and "/\name" would be another one. */
static bool
is_path(struct str url)
{
	return str_starts(url, S("/")) && !str_starts(url, S("//")) && is_printed(url) &&
	       str_find(url, '\\', 0) == url.n;
}

/* ---- texts ------------------------------------------------------------------------------- */

/* A picture of ours is kept by its path, so that it is found under whatever name the site has. */
static enum err
photo_normalise(struct ctx *c, struct str *url)
{
	struct str name, full = *url;
	enum err err = OK;

	if (is_path(full))
		err = site_url(c, full, &full);
	if (err)
		return err;
	if (site_media_parse(c, full, &name) == OK && name.n > 0)
		err = ctx_printf(c, url, "/media/%.*s", STR(name));
	err_clear(c);
	return err;
}

static const char *
photo_problem(enum setting_kind kind, struct str url)
{
	if (str_starts(url, S("/media/")))
		return NULL;
	if (url.p[0] == '/')
		return N_("Of this site only pictures of the media library can be shown.");
	if (kind == SETTING_ICON)
		return N_("Choose a picture of the media library.");
	if (!post_url_valid(url) || !str_eqi(str_sub(url, 0, 6), S("https:")))
		return N_("Write an address that begins with https://, or one of the media library.");
	return NULL;
}

static enum err
check_text(struct ctx *c, enum setting which, struct setting_edit *edit)
{
	const struct setting_info *info = setting_info(which);
	bool picture = info->kind == SETTING_PHOTO || info->kind == SETTING_ICON;
	enum err err = post_fold(c, edit->text, edit->text.n, &edit->text);

	if (!err && picture && edit->text.n > 0)
		err = photo_normalise(c, &edit->text);
	if (err)
		return err;
	if (edit->text.n > info->max)
		edit->problem = N_("This is too long.");
	else if (edit->text.n == 0)
		edit->problem = info->kind == SETTING_NAME ? N_("A site has a name.") : NULL;
	else if (picture)
		edit->problem = photo_problem(info->kind, edit->text);
	else if (info->kind == SETTING_EMAIL && !is_email(edit->text))
		edit->problem = N_("This is no e-mail address.");
	return OK;
}

/* ---- links ------------------------------------------------------------------------------- */

static const char *
link_problem(enum setting_kind kind, const struct setting_link *link)
{
	if (link->label.n == 0)
		return N_("Say what the link is to be called.");
	if (link->url.n == 0)
		return N_("Say where the link leads.");
	if (link->label.n > SETTING_LABEL_MAX || link->url.n > SETTING_URL_MAX)
		return N_("This is too long.");
	if (post_url_valid(link->url))
		return NULL;
	if (kind == SETTING_ME)
		return is_mailto(link->url) ? NULL
			: N_("Write an address that begins with https:// or http://, or mailto: and an e-mail address.");
	return is_path(link->url) ? NULL
		: N_("Write an address that begins with https:// or http://, or a path of this site: /tag/music.");
}

static enum err
check_links(struct ctx *c, enum setting which, struct setting_edit *edit)
{
	const struct setting_info *info = setting_info(which);
	size_t n = 0;
	enum err err = OK;

	for (size_t i = 0; !err && i < edit->n; i++) {
		struct setting_link link = {.url = str_trim(edit->links[i].url)};

		err = post_fold(c, edit->links[i].label, edit->links[i].label.n, &link.label);
		if (link.label.n + link.url.n == 0)
			continue;
		link.problem = link_problem(info->kind, &link);
		if (link.problem)
			edit->problem = N_("One of the links is not possible.");
		edit->links[n++] = link;
	}
	edit->n = n;
	if (n > info->max)
		edit->problem = N_("These are too many.");
	return err;
}

/* ---- all of them ------------------------------------------------------------------------- */

static enum err
refuse(struct ctx *c, const struct settings_edit *edit)
{
	for (size_t i = 0; i < SETTING__MAX; i++)
		if (edit->of[i].problem)
			return err_raise(c, ERR_SETTING_INVALID, "%s: %s",
				setting_info((enum setting)i)->key, edit->of[i].problem);
	return OK;
}

enum err
settings_check(struct ctx *c, struct settings_edit *edit)
{
	enum err err = OK;

	for (size_t i = 0; !err && i < SETTING__MAX; i++) {
		enum setting_kind kind = setting_info((enum setting)i)->kind;
		bool links = kind == SETTING_ME || kind == SETTING_MENU;

		if (edit->of[i].given && !edit->of[i].back)
			err = (links ? check_links : check_text)(c, (enum setting)i, &edit->of[i]);
	}
	return err ? err : refuse(c, edit);
}

enum err
settings_prepare(struct ctx *c, struct settings_edit *edit)
{
	struct setting_edit *icon = &edit->of[SETTING_site_icon];
	enum err err = settings_check(c, edit);

	if (err || !icon->given || icon->back || icon->text.n == 0)
		return err;
	err = icons_make(c, str_sub(icon->text, 7, icon->text.n));
	switch (err) {
	case ERR_NOT_FOUND:
		icon->problem = N_("There is no such file in the media library.");
		break;
	case ERR_UPLOAD_TYPE:
	case ERR_UPLOAD_BROKEN:
	case ERR_UPLOAD_TOO_LARGE:
	case ERR_UPLOAD_HELPER:
		icon->problem = N_("No icon could be made of this file.");
		break;
	default:
		return err;
	}
	err_clear(c);
	return refuse(c, edit);
}

/* One that names a picture of the library. */
static enum err
check_picture(struct ctx *c, struct db *db, struct setting_edit *photo)
{
	struct media_row row;
	enum err err;

	if (!photo->given || photo->back || !str_starts(photo->text, S("/media/")))
		return OK;
	err = media_row_find_name(c, db, str_sub(photo->text, 7, photo->text.n), &row);
	if (err == ERR_NOT_FOUND) {
		err_clear(c);
		photo->problem = N_("There is no such file in the media library.");
		return OK;
	}
	if (!err && !str_starts(row.type, S("image/")))
		photo->problem = N_("This file is no picture.");
	return err;
}

enum err
settings_check_stored(struct ctx *c, struct db *db, struct settings_edit *edit)
{
	enum err err = check_picture(c, db, &edit->of[SETTING_author_photo]);

	if (!err)
		err = check_picture(c, db, &edit->of[SETTING_site_icon]);
	return err ? err : refuse(c, edit);
}
