/*
 * The page of errors: /admin/errors, and the same as JSON.
 */
#include "web/troubles.h"

#include "base/time.h"
#include "core/trouble.h"
#include "http/cond.h"
#include "store/job.h"
#include "web/build.h"
#include "web/priv.h"

/* ---- reading ----------------------------------------------------------------------------- */

static enum err
error_named(struct str name)
{
	for (int e = OK + 1; e < ERR__MAX; e++)
		if (str_eq(name, str_z(err_info((enum err)e)->name)))
			return (enum err)e;
	return OK;
}

/* The group of an error, the next one if there is none yet. */
static struct trouble *
group_of(struct troubles *all, enum err error)
{
	for (size_t i = 0; i < all->n; i++)
		if (all->list[i].error == error)
			return &all->list[i];
	all->list[all->n].error = error;
	return &all->list[all->n++];
}

static struct str
text(const struct json *entry, const char *name)
{
	return json_str(json_find(entry, str_z(name)));
}

static void
entry_add(struct troubles *all, const struct json *entry)
{
	enum err error = error_named(text(entry, "code"));
	struct trouble *group;

	if (error == OK)
		return;
	group = group_of(all, error);
	group->count++;
	if (group->n_latest < TROUBLES_SHOWN)
		group->latest[group->n_latest++] = entry;
}

enum err
troubles_load(struct ctx *c, struct troubles **out)
{
	struct troubles *all = ctx_calloc(c, 1, sizeof(*all));
	struct journal_view journal;
	const struct json *entry;
	struct str path, line;
	enum err err = all ? trouble_path(c, &path) : ERR_MEMORY;

	*out = all;
	if (!err)
		err = journal_load(c, path.p, &journal);
	while (!err && journal_next(&journal, &line)) {
		err = json_parse(c, line, &entry);
		if (err == ERR_BAD_JSON || err == ERR_BODY_TOO_LARGE) {
			err_clear(c);
			err = OK;
		} else if (!err) {
			entry_add(all, entry);
		}
	}
	return err;
}

/* ---- showing ----------------------------------------------------------------------------- */

static enum err
date_of(struct ctx *c, const struct json *entry, const struct view_date **out)
{
	struct view_date *date = ctx_calloc(c, 1, sizeof(*date));
	int64_t seconds;
	int zone;

	*out = date;
	if (!date)
		return ERR_MEMORY;
	if (!time_rfc3339_parse(text(entry, "time"), &seconds, &zone))
		return OK;
	return view_date(c, seconds, time_zone_offset(seconds), date);
}

static enum err
happening_show(struct ctx *c, const struct json *entry, struct view_happening *out)
{
	enum err err = date_of(c, entry, &out->date);

	out->request_id = text(entry, "request_id");
	out->method = text(entry, "method");
	out->path = text(entry, "path");
	out->status = json_int(json_find(entry, S("status")));
	out->detail = text(entry, "detail");
	return err;
}

enum err
troubles_show(struct ctx *c, const struct trouble *trouble, struct view_trouble *out)
{
	const struct err_info *info = err_info(trouble->error);
	struct view_happening *list = ctx_calloc(c, TROUBLES_SHOWN, sizeof(*list));
	struct str *steps = ctx_calloc(c, 4, sizeof(*steps));
	enum err err = list && steps ? OK : ERR_MEMORY;
	size_t n = 0;

	*out = (struct view_trouble){.code = str_z(info->name),
		.message = tr_str(c, info->message),
		.suggestion = tr_str(c, info->suggestion),
		.count = (int64_t)trouble->count,
		.once = trouble->count == 1,
		.more = trouble->count > trouble->n_latest};
	for (size_t i = 0; !err && i < trouble->n_latest; i++)
		err = happening_show(c, trouble->latest[i], &list[i]);
	for (; !err && n < 4 && info->steps[n]; n++)
		steps[n] = tr_str(c, info->steps[n]);
	out->steps = (struct tmpl_list){steps, n};
	out->has_steps = n > 0;
	out->latest = (struct tmpl_list){list, trouble->n_latest};
	out->last = err ? NULL : list[0].date;
	return err;
}

static struct json *
trouble_json(struct build *b, const struct trouble *trouble)
{
	const struct err_info *info = err_info(trouble->error);
	struct json *o = build_object(b), *steps = build_array(b), *latest = build_array(b);

	build_str(b, o, "code", str_z(info->name));
	build_str(b, o, "message", str_z(info->message));
	build_str(b, o, "suggestion", str_z(info->suggestion));
	for (size_t i = 0; i < 4 && info->steps[i]; i++)
		build_push_str(b, steps, str_z(info->steps[i]));
	build_put(b, o, "troubleshooting", steps);
	build_uint(b, o, "count", trouble->count);
	build_str(b, o, "last", text(trouble->latest[0], "time"));
	for (size_t i = 0; i < trouble->n_latest; i++)
		build_push(b, latest, trouble->latest[i]);
	build_put(b, o, "latest", latest);
	return o;
}

static enum err
send_json(struct ctx *c, struct txn *t, const struct troubles *all)
{
	struct build b = {c, OK};
	struct json *o = build_object(&b), *list = build_array(&b);

	for (size_t i = 0; i < all->n; i++)
		build_push(&b, list, trouble_json(&b, &all->list[i]));
	build_put(&b, o, "errors", list);
	return b.err ? b.err : txn_json(c, t, "application/json", o);
}

/* ---- the page ---------------------------------------------------------------------------- */

/* Jobs that were given up: an error of the site's, too, and kept where they are. */
static enum err
jobs_fill(struct ctx *c, struct txn *t, struct tmpl_list *out)
{
	struct view_job *list = NULL;
	struct job_row *rows = NULL;
	struct db *db;
	size_t n = 0, shown = 0;
	enum err err = txn_db(c, t, &db);

	if (!err)
		err = job_row_list(c, db, &rows, &n);
	txn_db_release(c, t);
	if (err || n == 0)
		return err;
	list = ctx_calloc(c, n, sizeof(*list));
	if (!list)
		return ERR_MEMORY;
	for (size_t i = 0; i < n; i++)
		if (rows[i].due == 0)
			list[shown++] = (struct view_job){.id = rows[i].id, .kind = rows[i].kind,
				.problem = rows[i].problem, .attempts = rows[i].attempts};
	*out = (struct tmpl_list){list, shown};
	return OK;
}

static enum err
send_page(struct ctx *c, struct txn *t, const struct troubles *all)
{
	const struct view_page page = {.title = tr_str(c, "Errors"), .hidden = true};
	struct view_trouble *list = ctx_calloc(c, ERR__MAX, sizeof(*list));
	struct view_desk desk;
	struct view_errors data = {.site = t->site, .page = &page, .desk = &desk,
		.troubles = {list, all->n}};
	enum err err = list ? jobs_fill(c, t, &data.jobs) : ERR_MEMORY;

	data.has_jobs = data.jobs.n > 0;
	data.quiet = all->n == 0 && data.jobs.n == 0;
	for (size_t i = 0; !err && i < all->n; i++)
		err = troubles_show(c, &all->list[i], &list[i]);
	if (!err)
		err = desk_fill(c, t, DESK_ERRORS, STATIC_NONE, &desk);
	return err ? err : desk_send(c, t, VIEW_ERRORS, &data);
}

enum err
web_admin_errors(struct ctx *c, struct txn *t)
{
	struct troubles *all;
	enum err err = troubles_load(c, &all);

	if (err)
		return err;
	return accept_prefers_json(&t->req) ? send_json(c, t, all) : send_page(c, t, all);
}
