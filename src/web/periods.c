/*
 * Posts by date, in the site's zone: those of a year, a month or a day, and those of one day of the
 * calendar in all years.
 */
#include "base/time.h"
#include "domain/archive.h"
#include "domain/site.h"
#include "text/date.h"
#include "web/archive.h"
#include "web/lists.h"
#include "web/priv.h"

enum err
period_name(struct ctx *c, const struct post_period *p, struct str *out)
{
	enum date_shape shape = p->day ? DATE_DAY : p->month ? DATE_MONTH : DATE_YEAR;

	return date_day(c, shape, p->year, p->month, p->day, out);
}

enum err
period_url(struct ctx *c, const struct post_period *p, struct str *out)
{
	struct post_scope scope = {.kind = POSTS_PERIOD};
	enum err err = archive_path(c, p, &scope.name);

	return err ? err : site_list_url(c, &scope, out);
}

/* A link to a period in c's arena. */
static enum err
link_make(struct ctx *c, const struct post_period *p, const struct view_link **out)
{
	struct view_link *link = ctx_calloc(c, 1, sizeof(*link));
	enum err err;

	*out = link;
	if (!link)
		return ERR_MEMORY;
	err = period_name(c, p, &link->label);
	return err ? err : period_url(c, p, &link->url);
}

/* A link to another page in c's arena. */
static enum err
link_to(struct ctx *c, struct str label, struct str path, const struct view_link **out)
{
	struct view_link *link = ctx_calloc(c, 1, sizeof(*link));

	*out = link;
	if (!link)
		return ERR_MEMORY;
	link->label = label;
	return site_url(c, path, &link->url);
}

enum err
period_parts(struct ctx *c, const struct post_period *periods, size_t n, struct tmpl_list *out)
{
	struct view_count *list = ctx_calloc(c, n, sizeof(*list));
	enum err err = list || n == 0 ? OK : ERR_MEMORY;

	/* They were found newest first, and are read from the first one on. */
	for (size_t i = 0; !err && i < n; i++) {
		const struct post_period *p = &periods[n - 1 - i];

		list[i].posts = (int64_t)p->posts;
		list[i].name = str_z(date_month(c, p->month));
		if (p->day)
			err = ctx_printf(c, &list[i].name, "%d", p->day);
		if (!err)
			err = period_url(c, p, &list[i].url);
	}
	*out = (struct tmpl_list){list, n};
	return err;
}

/* ---- a year, a month, a day -------------------------------------------------------------------- */

/* What stands beside the posts. An empty period between others is one; outside of them there is none. */
static enum err
period_read(struct ctx *c, struct db *db, const struct post_period *p, const struct list *l,
	struct view_period *out)
{
	struct post_period older, newer, *parts = NULL;
	struct post_period parent = archive_parent(p);
	size_t n = 0;
	enum err err = db_read_begin(c, db);

	if (err)
		return err;
	err = archive_around(c, db, p, &older, &newer);
	if (!err && l->posts.n == 0 && (!older.year || !newer.year))
		err = err_raise(c, ERR_NOT_FOUND, "no posts in %.*s or on both sides of it",
			STR(l->scope.name));
	if (!err && !p->day)
		err = archive_counts(c, db, p, &parts, &n);
	db_read_end(c, db);
	if (!err)
		err = p->month ? link_make(c, &parent, &out->up)
			       : link_to(c, tr_str(c, "Archive"), S("/archive"), &out->up);
	if (!err && older.year)
		err = link_make(c, &older, &out->older);
	if (!err && newer.year)
		err = link_make(c, &newer, &out->newer);
	out->has_parts = n > 0;
	return err ? err : period_parts(c, parts, n, &out->parts);
}

enum err
web_period(struct ctx *c, struct txn *t)
{
	const struct str *args = t->req.args;
	struct post_scope scope = {.kind = POSTS_PERIOD};
	struct view_period beside = {0};
	struct post_period p;
	struct post_span span;
	struct str name;
	struct list l;
	struct db *db;
	enum err err;

	if (!archive_parse(args[0], args[1], args[2], &p))
		return err_raise(c, ERR_NOT_FOUND, "'%.*s' is in no calendar", STR(t->req.path));
	err = archive_path(c, &p, &scope.name);
	if (!err)
		err = period_name(c, &p, &name);
	if (err)
		return err;
	span = archive_span(&p);
	scope.from = span.from;
	scope.to = span.to;
	list_init(&l, scope, name);
	l.data.period = &beside;
	err = list_open(c, t, &l, &db);
	if (!err && !l.moved)
		err = period_read(c, db, &p, &l, &beside);
	/* What is empty is nothing to be found by. */
	l.page.hidden = l.posts.n == 0;
	return err ? err : list_finish(c, t, &l);
}

/* ---- on this day -------------------------------------------------------------------------------- */

/* "03-01". The 29th of February is a day, too. */
static bool
day_parse(struct str date, struct post_period *out)
{
	struct post_period p;
	struct str month = str_sub(date, 0, 2), day = str_sub(date, 3, 5);

	if (date.n != 5 || date.p[2] != '-' || !archive_parse(S("2024"), month, day, &p))
		return false;
	out->month = p.month;
	out->day = p.day;
	return true;
}

/* The day that is asked for, or today, and this year. */
static enum err
day_asked(struct ctx *c, struct txn *t, struct post_period *out)
{
	struct str date;
	enum err err = req_query(c, &t->req, S("date"), &date);

	archive_period_of(c->now_us / 1000000, POST_DAYS, out);
	if (!err && date.n > 0 && !day_parse(date, out))
		err = err_raise(c, ERR_NOT_FOUND, "'%.*s' is no day", STR(date));
	return err;
}

/* The page of a day of the calendar so many days away. */
static enum err
day_link(struct ctx *c, const struct post_period *day, int days, const struct view_link **out)
{
	struct view_link *link = ctx_calloc(c, 1, sizeof(*link));
	struct time_parts p = {.year = 2024, .month = day->month, .day = day->day};
	struct str date, url;
	enum err err;

	*out = link;
	if (!link)
		return ERR_MEMORY;
	time_split(time_join(&p, 0) + (int64_t)days * 86400, 0, &p);
	err = date_day(c, DATE_ANNUAL, p.year, p.month, p.day, &link->label);
	if (!err)
		err = ctx_printf(c, &date, "%02d-%02d", p.month, p.day);
	if (!err)
		err = site_url(c, S("/on-this-day"), &url);
	return err ? err : site_url_query(c, url, S("date"), date, &link->url);
}

static enum err
day_read(struct ctx *c, struct txn *t, const struct post_period *day, struct list *l)
{
	struct post_span *spans;
	struct db *db;
	size_t n;
	enum err err = txn_db(c, t, &db);

	if (!err)
		err = archive_anniversaries(c, db, day, &spans, &n);
	if (!err)
		err = post_list_spans(c, db, spans, n, l->before, list_length(c), &l->posts);
	if (!err)
		err = shown_read(c, db, l->posts.rows, l->posts.n, &l->shown);
	txn_db_release(c, t);
	if (!err && l->before.n > 0 && l->posts.n == 0)
		err = err_raise(c, ERR_NOT_FOUND, "nothing behind '%.*s'", STR(l->before));
	return err;
}

/* Links to the rest of a day's posts, and to the days beside it. */
static enum err
day_links(struct ctx *c, const struct post_period *day, struct list *l, struct view_period *beside)
{
	const struct post_list *posts = &l->posts;
	const struct view_link *here;
	enum err err = day_link(c, day, 0, &here);

	if (!err)
		err = day_link(c, day, -1, &beside->older);
	if (!err)
		err = day_link(c, day, 1, &beside->newer);
	if (!err)
		err = link_to(c, tr_str(c, "Archive"), S("/archive"), &beside->up);
	if (err)
		return err;
	l->data.url = here->url;
	if (l->before.n > 0)
		l->page.newest = here->url;
	if (!posts->more)
		return OK;
	return site_url_query(
		c, here->url, S("before"), posts->rows[posts->n - 1].slug, &l->page.older);
}

enum err
web_on_this_day(struct ctx *c, struct txn *t)
{
	struct view_period beside = {0};
	struct post_period day;
	struct str name;
	struct list l;
	enum err err = day_asked(c, t, &day);

	if (!err)
		err = date_day(c, DATE_ANNUAL, 0, day.month, day.day, &name);
	if (!err)
		err = ctx_printf(c, &name, tr(c, "On %.*s"), STR(name));
	if (err)
		return err;
	list_init(&l, posts_all, name);
	/* Tomorrow it is another page, and next year there is another year. */
	t->passing = true;
	l.page.hidden = true;
	l.divided = true;
	l.data.period = &beside;
	err = list_query(c, t, &l);
	if (!err)
		err = day_read(c, t, &day, &l);
	if (!err)
		err = day_links(c, &day, &l, &beside);
	return err ? err : list_send(c, t, &l);
}
