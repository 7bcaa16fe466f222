/*
 * What stands around every page of the owner's: navigation, sign-out, the notice of what was done.
 * Which pages there are stands in tables/desk.def, what can be said in tables/notices.def.
 */
#include "web/desk.h"

#include "web/priv.h"

#include "domain/site.h"

enum desk_group {
#define DESK_GROUP(sym, name) DESK_GROUP_##sym,
#include "tables/desk.def"
	DESK_GROUP__MAX
};

static const char *const groups[DESK_GROUP__MAX] = {
#define DESK_GROUP(sym, name) name,
#include "tables/desk.def"
};

static const struct {
	enum desk_group group;
	const char *name;
	const char *path;
} pages[DESK__MAX] = {
#define DESK_PAGE(sym, group, name, path) [DESK_##sym] = {DESK_GROUP_##group, name, path},
#include "tables/desk.def"
};

static const struct {
	const char *code;
	const char *text;
} notices[] = {
#define NOTICE(code, text) {code, text},
#include "tables/notices.def"
#undef NOTICE
};

static struct str
notice_text(const struct ctx *c, struct str code)
{
	for (size_t i = 0; i < sizeof(notices) / sizeof(notices[0]); i++)
		if (str_eq(code, str_z(notices[i].code)))
			return tr_str(c, notices[i].text);
	return (struct str){0};
}

static enum err
navigation_fill(struct ctx *c, enum desk_page here, struct tmpl_list *out)
{
	struct view_desk_group *list = ctx_calloc(c, DESK_GROUP__MAX, sizeof(*list));
	struct view_desk_page *entries = ctx_calloc(c, DESK__MAX, sizeof(*entries));
	size_t n = 0, used = 0;

	if (!list || !entries)
		return ERR_MEMORY;
	for (size_t g = 0; g < DESK_GROUP__MAX; g++) {
		struct view_desk_page *first = &entries[used];

		for (size_t i = DESK_NONE + 1; i < DESK__MAX; i++)
			if (pages[i].group == g)
				entries[used++] = (struct view_desk_page){.name = tr_str(c, pages[i].name),
					.url = str_z(pages[i].path), .current = i == here};
		if (&entries[used] > first)
			list[n++] = (struct view_desk_group){.name = tr_str(c, groups[g]),
				.pages = {first, (size_t)(&entries[used] - first)}};
	}
	*out = (struct tmpl_list){list, n};
	return OK;
}

enum err
desk_fill(struct ctx *c, struct txn *t, enum desk_page here, enum static_file script,
	struct view_desk *out)
{
	struct str done;
	enum err err = req_query(c, &t->req, S("done"), &done);

	*out = (struct view_desk){.signed_in = t->granted && t->grant.session,
		.home = S("/admin"),
		.style = t->web->statics[STATIC_DESK_STYLE],
		.script = t->web->statics[script],
		.logout = S("/admin/logout"),
		.version = S(SP_VERSION)};
	if (err)
		return err;
	out->notice = notice_text(c, done);
	if (out->signed_in)
		err = navigation_fill(c, here, &out->groups);
	if (!err && out->signed_in)
		err = txn_csrf(c, t, &out->csrf);
	return err;
}

enum err
desk_send(struct ctx *c, struct txn *t, enum view view, const void *data)
{
	enum err err = view_send(c, t, view, data);

	return err ? err : login_cookie(c, t, t->session);
}

enum err
desk_done(struct ctx *c, struct txn *t, struct str path, const char *notice)
{
	struct str url;
	enum err err = OK;

	if (notice) {
		const char *join = str_find(path, '?', 0) < path.n ? "&" : "?";

		err = ctx_printf(c, &path, "%.*s%sdone=%s", STR(path), join, notice);
	}
	if (!err)
		err = site_url(c, path, &url);
	if (err)
		return err;
	txn_redirect(t, 303, url);
	return login_cookie(c, t, t->session);
}
