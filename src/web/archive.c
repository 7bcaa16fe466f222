/*
 * The archive, from which every list is found; and a way to any post.
 */
#include "web/archive.h"

#include "domain/post_kind.h"
#include "domain/site.h"
#include "web/priv.h"

/* The lists of types that have posts. */
static enum err
types_read(struct ctx *c, struct db *db, struct tmpl_list *out)
{
	struct str *types = ctx_calloc(c, post_n_kinds, sizeof(*types));
	struct view_link *links = ctx_calloc(c, post_n_kinds, sizeof(*links));
	bool *used = ctx_calloc(c, post_n_kinds, sizeof(*used));
	enum err err = types && links && used ? OK : ERR_MEMORY;
	size_t n = 0;

	for (size_t i = 0; !err && i < post_n_kinds; i++)
		types[i] = post_kinds[i].type;
	if (!err)
		err = post_types_used(c, db, types, post_n_kinds, used);
	for (size_t i = 0; !err && i < post_n_kinds; i++) {
		struct post_scope scope = {.kind = POSTS_TYPE, .name = post_kinds[i].type};

		if (!used[i])
			continue;
		links[n].label = tr_str(c, post_kinds[i].plural.p);
		err = site_list_url(c, &scope, &links[n++].url);
	}
	*out = (struct tmpl_list){links, n};
	return err;
}

/* The first years of a list of months, newest first; how many of them are of that year. */
static size_t
months_of_year(const struct post_period *months, size_t n, uint64_t *posts)
{
	size_t i = 0;

	for (*posts = 0; i < n && months[i].year == months[0].year; i++)
		*posts += months[i].posts;
	return i;
}

static enum err
years_fill(struct ctx *c, const struct post_period *months, size_t n, struct view_archive *out)
{
	struct view_archive_year *years = ctx_calloc(c, n, sizeof(*years));
	size_t n_years = 0;
	enum err err = years || n == 0 ? OK : ERR_MEMORY;

	for (size_t i = 0; !err && i < n;) {
		struct view_archive_year *year = &years[n_years++];
		struct post_period p = {.year = months[i].year};
		size_t n_months = months_of_year(&months[i], n - i, &p.posts);

		year->posts = (int64_t)p.posts;
		out->posts += year->posts;
		err = period_name(c, &p, &year->name);
		if (!err)
			err = period_url(c, &p, &year->url);
		if (!err)
			err = period_parts(c, &months[i], n_months, &year->months);
		i += n_months;
	}
	out->years = (struct tmpl_list){years, n_years};
	out->empty = n == 0;
	return err;
}

static enum err
archive_read(struct ctx *c, struct txn *t, struct view_archive *out)
{
	struct post_period *months = NULL;
	struct db *db;
	size_t n = 0;
	enum err err = txn_db(c, t, &db);

	if (!err)
		err = db_read_begin(c, db);
	if (err)
		return err;
	err = archive_counts(c, db, NULL, &months, &n);
	if (!err)
		err = types_read(c, db, &out->lists);
	db_read_end(c, db);
	txn_db_release(c, t);
	return err ? err : years_fill(c, months, n, out);
}

enum err
web_archive(struct ctx *c, struct txn *t)
{
	struct view_page page = {.title = tr_str(c, "Archive")};
	struct view_archive data = {.site = t->site, .page = &page, .heading = page.title};
	enum err err = archive_read(c, t, &data);

	if (!err)
		err = site_url(c, S("/archive"), &page.canonical);
	if (!err)
		err = site_url(c, S("/tags"), &data.tags);
	if (!err)
		err = site_url(c, S("/on-this-day"), &data.day);
	if (!err)
		err = site_url(c, S("/random"), &data.random);
	return err ? err : view_send(c, t, VIEW_ARCHIVE, &data);
}

/* A post by its number among all that are listed, which is found through the kept counts. */
static enum err
random_read(struct ctx *c, struct db *db, struct post_list *out)
{
	uint64_t any, count;
	enum err err = db_read_begin(c, db);

	*out = (struct post_list){0};
	if (err)
		return err;
	err = post_row_count(c, db, &count);
	crypto_random(&any, sizeof(any));
	if (!err && count > 0)
		err = post_list_page(c, db, any % count + 1, 1, out);
	db_read_end(c, db);
	return err;
}

enum err
web_random(struct ctx *c, struct txn *t)
{
	struct post_list list;
	struct str url;
	struct db *db;
	enum err err = txn_db(c, t, &db);

	if (!err)
		err = random_read(c, db, &list);
	txn_db_release(c, t);
	if (!err && list.n == 0)
		err = err_raise(c, ERR_NOT_FOUND, "there are no posts");
	if (!err)
		err = site_permalink(c, list.rows[0].slug, &url);
	if (!err)
		txn_redirect(t, 302, url);
	return err;
}
