/*
 * What the owner may change about the site while it runs: its name, what is told of the author, links
 * to the author elsewhere, navigation. tables/settings.def says which settings there are. What the
 * database holds replaces the configuration's value of the same name; what is as the configuration
 * says is not kept in the database, so that a change of the file shows.
 *
 * A piece of work sees one state of them: c->settings, which whoever begins the work has filled. Where
 * it is NULL, as in most commands, the configuration's hold.
 *
 * A list of links is stored as lines of a URL, a space and a label.
 */
#ifndef DOMAIN_SETTINGS_H
#define DOMAIN_SETTINGS_H

#include "store/setting.h"

enum setting {
#define SETTING(kind, key, base, max, label, doc) SETTING_##key,
#include "tables/settings.def"
#undef SETTING
	SETTING__MAX
};

enum setting_kind {
	SETTING_NAME,
	SETTING_LINE,
	SETTING_PHOTO,
	SETTING_ICON,
	SETTING_EMAIL,
	SETTING_ME,
	SETTING_MENU
};

/* A row of the table; all static. */
struct setting_info {
	const char *key;
	const char *label;
	const char *doc;
	enum setting_kind kind;
	bool in_file;		/* the configuration has a key of that name */
	size_t max;		/* bytes of a text, links of a list */
};
const struct setting_info *setting_info(enum setting which);

/* All of them at one moment. */
struct site_settings {
	int64_t version;			/* of what the database holds */
	struct str text[SETTING__MAX];		/* what holds */
	struct str file[SETTING__MAX];		/* what would hold without the database */
	bool stored[SETTING__MAX];		/* what holds comes from the database */
};

/* As the configuration says; version is -1, which the database never has. */
void settings_of_file(const struct config *cfg, struct site_settings *out);

/* As they are now; texts in c's arena. Two statements that need not see the same state: a change in
   between makes a version that is too old, and so a second reading. ERR_DB_*. */
MUST enum err settings_load(struct ctx *c, struct db *db, struct site_settings *out);

/* What holds for the work at hand. */
struct str setting_text(const struct ctx *c, enum setting which);

struct setting_link {
	struct str label, url;
	const char *problem;	/* why it is refused; NULL: it is not */
};

/* Takes a stored list apart. */
MUST enum err setting_links(struct ctx *c, struct str text, struct setting_link **out, size_t *n);

/* ---- changing them ----------------------------------------------------------------------- */

enum { SETTING_LABEL_MAX = 100, SETTING_URL_MAX = 1000 };

/* What a form says of one setting. */
struct setting_edit {
	bool given;			/* false: it stays as it is */
	bool back;			/* back to what the configuration says */
	struct str text;		/* of a text */
	struct setting_link *links;	/* of a list; those without label and URL are none */
	size_t n;
	const char *problem;		/* why it is refused; NULL: it is not */
};

struct settings_edit {
	int64_t version;		/* of the settings that the form showed */
	struct setting_edit of[SETTING__MAX];
};

/*
 * What takes long, and so is done before and without a connection: the icons of a picture that is to be
 * the site's. ERR_SETTING_INVALID, as below; ERR_IO, ERR_DISK_FULL.
 */
MUST enum err settings_prepare(struct ctx *c, struct settings_edit *edit);

/*
 * Makes the change, all of it or nothing: audited and logged with the keys that have changed, *changed
 * of them. ERR_SETTING_INVALID: edit says which and why, in its problems. ERR_SETTINGS_STALE: they have
 * been changed since the form was made. ERR_DB_*.
 */
MUST enum err settings_save(struct ctx *c, struct db *db, struct settings_edit *edit,
	unsigned *changed);

/* Whether the author's picture, or the site's icon, is the uploaded file of that name. */
MUST enum err settings_show_file(struct ctx *c, struct db *db, struct str name, bool *out);

/* The reference of all settings; format "mdoc": the list in starpunk.conf(5). */
void settings_docs(const char *format, struct buf *out);

#endif
