/*
 * The owner's sessions on the Access screen. What a browser says of itself is cut down to what the owner
 * tells browsers apart by.
 */
#include "web/access.h"

#include "domain/session.h"

struct mark {
	const char *part;	/* of what browsers call themselves */
	const char *name;
};

/* In this order, since most pretend to be one of those that follow them. */
static const struct mark browsers[] = {{"Edg/", "Edge"}, {"OPR/", "Opera"}, {"Vivaldi/", "Vivaldi"},
	{"SamsungBrowser/", "Samsung Internet"}, {"Firefox/", "Firefox"}, {"FxiOS/", "Firefox"},
	{"CriOS/", "Chrome"}, {"Chromium/", "Chromium"}, {"Chrome/", "Chrome"}, {"Safari/", "Safari"},
	{"curl/", "curl"}};
static const struct mark systems[] = {{"Android", "Android"}, {"iPhone", "iPhone"}, {"iPad", "iPad"},
	{"Windows", "Windows"}, {"Mac OS X", "macOS"}, {"CrOS", "ChromeOS"}, {"Linux", "Linux"},
	{"FreeBSD", "FreeBSD"}, {"OpenBSD", "OpenBSD"}};

#define FIND(marks, s) find((marks), sizeof(marks) / sizeof((marks)[0]), (s))

static const char *
find(const struct mark *marks, size_t n, struct str s)
{
	for (size_t i = 0; i < n; i++)
		if (str_search(s, str_z(marks[i].part), 0) < s.n)
			return marks[i].name;
	return NULL;
}

/* "Firefox on Linux", or the beginning of what it says. */
static enum err
browser_text(struct ctx *c, struct str agent, struct str *out)
{
	const char *browser = FIND(browsers, agent), *system = FIND(systems, agent);

	if (browser && system)
		return ctx_printf(c, out, tr(c, "%s on %s"), browser, system);
	if (browser || system)
		return ctx_printf(c, out, "%s", browser ? browser : system);
	*out = tr_str(c, "A browser that does not say what it is");
	return str_empty(agent) ? OK : view_excerpt(c, agent, 60, out);
}

/* "password totp" -> "password and code" */
static enum err
factors_text(struct ctx *c, struct str factors, struct str *out)
{
	static const struct {
		struct str word;
		const char *text;
	} known[] = {
		{S_INIT("passkey"), N_("passkey")},
		{S_INIT("password"), N_("password")},
		{S_INIT("totp"), N_("code")},
		{S_INIT("recovery"), N_("recovery code")},
	};
	struct buf b;

	buf_init(&b, &c->arena, 128);
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (!str_has_word(factors, known[i].word))
			continue;
		buf_puts(&b, b.n > 0 ? tr(c, " and ") : "");
		buf_puts(&b, tr(c, known[i].text));
	}
	if (b.n == 0)
		buf_puts(&b, tr(c, "password"));
	return buf_end(c, &b, out);
}

static enum err
session_fill(struct ctx *c, const struct session_row *row, struct view_access_session *out)
{
	enum err err = browser_text(c, row->user_agent, &out->browser);

	out->id = row->id;
	out->remote_addr = row->remote_addr;
	if (!err)
		err = factors_text(c, row->factors, &out->factors);
	if (!err)
		err = access_date(c, row->created, &out->created);
	if (!err)
		err = access_date(c, row->last_accessed, &out->used);
	return err ? err : access_date(c, row->expires, &out->ends);
}

enum err
access_sessions_fill(struct ctx *c, struct txn *t, struct db *db, struct view_access *out)
{
	struct view_access_session *list;
	struct session_row *rows;
	size_t n;
	enum err err = session_list(c, db, &rows, &n);

	if (err)
		return err;
	list = ctx_calloc(c, n + 1, sizeof(*list));
	if (!list)
		return ERR_MEMORY;
	for (size_t i = 0; !err && i < n; i++) {
		list[i].here = str_eq(rows[i].id, t->grant.session_id);
		err = session_fill(c, &rows[i], &list[i]);
	}
	out->sessions = (struct tmpl_list){list, n};
	out->has_others = n > 1;
	return err;
}

enum err
access_session_end(struct ctx *c, struct txn *t, struct db *db, struct str id)
{
	enum err err = session_revoke(c, db, id);

	return err ? err : desk_done(c, t, S(ACCESS_PATH), "session-ended");
}

enum err
access_sessions_end(struct ctx *c, struct txn *t, struct db *db)
{
	int64_t n;
	enum err err = session_revoke_others(c, db, t->grant.session_id, &n);

	return err ? err : desk_done(c, t, S(ACCESS_PATH), "others-ended");
}
