/*
 * The sitemap, piece by piece.
 */
#include "domain/sitemap.h"

#include "base/time.h"
#include "core/config.h"
#include "domain/post_kind.h"
#include "domain/site.h"
#include "store/post_period.h"
#include "store/tag_list.h"
#include "text/xml.h"

#include <assert.h>

enum { ROWS = 200, KINDS_MAX = 64 };

#define NAMESPACE S("http://www.sitemaps.org/schemas/sitemap/0.9")

/* ---- opening --------------------------------------------------------------------------------- */

enum err
sitemap_open(struct ctx *c, struct db *db, struct sitemap *out)
{
	int64_t beyond;
	enum err err = sitemap_row_next(c, db, SITEMAP_POSTS, &beyond);

	*out = (struct sitemap){.index = beyond > 0, .pages = true, .posts = true, .to = SITEMAP_POSTS};
	return err;
}

enum err
sitemap_open_part(struct ctx *c, struct db *db, uint64_t part, struct sitemap *out)
{
	int64_t first;
	enum err err;

	*out = (struct sitemap){.pages = true};
	if (part == 0)
		return OK;
	*out = (struct sitemap){.posts = true,
		.stage = SITEMAP_ROWS,
		.after = (int64_t)(part - 1) * SITEMAP_POSTS,
		.to = (int64_t)part * SITEMAP_POSTS};
	err = sitemap_row_next(c, db, out->after, &first);
	if (!err && (first == 0 || first > out->to))
		err = err_raise(c, ERR_NOT_FOUND, "part %llu of the sitemap", (unsigned long long)part);
	return err;
}

/* ---- writing --------------------------------------------------------------------------------- */

/* modified 0: not told. */
static void
place(struct buf *b, const char *name, struct str url, int64_t modified)
{
	xml_begin(b, name);
	xml_content(b);
	xml_element(b, "loc", url);
	if (modified > 0) {
		xml_begin(b, "lastmod");
		xml_content(b);
		time_rfc3339(b, modified, 0);
		xml_end(b, "lastmod");
	}
	xml_end(b, name);
}

static enum err
put_path(struct ctx *c, struct buf *b, struct str path, int64_t modified)
{
	struct str url;
	enum err err = site_url(c, path, &url);

	if (!err)
		place(b, "url", url, modified);
	return err;
}

static enum err
put_scope(struct ctx *c, struct buf *b, struct post_scope scope)
{
	struct str url;
	enum err err = site_list_url(c, &scope, &url);

	if (!err)
		place(b, "url", url, 0);
	return err;
}

static enum err
put_kinds(struct ctx *c, struct db *db, struct buf *b)
{
	struct str types[KINDS_MAX] = {{0}};
	bool used[KINDS_MAX] = {0};
	enum err err;

	assert(post_n_kinds <= KINDS_MAX);
	for (size_t i = 0; i < post_n_kinds; i++)
		types[i] = post_kinds[i].type;
	err = post_types_used(c, db, types, post_n_kinds, used);
	for (size_t i = 0; !err && i < post_n_kinds; i++)
		if (used[i])
			err = put_scope(c, b, (struct post_scope){.kind = POSTS_TYPE, .name = types[i]});
	return err;
}

/* Home page and archive change with the site; of the other lists nobody has kept it. */
static enum err
put_lists(struct ctx *c, struct db *db, struct buf *b)
{
	struct str rest = str_z(c->cfg->channels), uid, name;
	int64_t revision, changed;
	enum err err = post_row_state(c, db, &revision, &changed);

	if (!err)
		err = put_path(c, b, S("/"), changed);
	if (!err)
		err = put_path(c, b, S("/archive"), changed);
	if (!err)
		err = put_path(c, b, S("/tags"), 0);
	if (!err)
		err = put_kinds(c, db, b);
	while (!err && config_name_next(&rest, &uid, &name))
		err = put_scope(c, b, (struct post_scope){.kind = POSTS_CHANNEL, .name = uid});
	return err;
}

static enum err
put_tags(struct ctx *c, struct db *db, struct sitemap *s, struct buf *b)
{
	struct tag_listed tags[ROWS];
	size_t n;
	enum err err = tag_list(c, db, TAG_BY_NAME, s->tag, ROWS, tags, &n);

	/* The tag went while we were at it: nobody knows what comes behind it. */
	if (err == ERR_NOT_FOUND) {
		err_clear(c);
		err = OK;
		n = 0;
	}
	for (size_t i = 0; !err && i < n; i++)
		err = put_scope(c, b, (struct post_scope){.kind = POSTS_TAG, .name = tags[i].name});
	s->tags += n;
	if (n == ROWS && s->tags < SITEMAP_TAGS)
		s->tag = tags[n - 1].name;
	else
		s->stage = s->posts ? SITEMAP_ROWS : SITEMAP_DONE;
	return err;
}

static enum err
put_posts(struct ctx *c, struct db *db, struct sitemap *s, struct buf *b)
{
	struct sitemap_row rows[ROWS];
	struct str url;
	size_t n;
	enum err err = sitemap_row_list(c, db, s->after, s->to, ROWS, rows, &n);

	for (size_t i = 0; !err && i < n; i++) {
		err = site_permalink(c, rows[i].slug, &url);
		if (!err)
			place(b, "url", url, rows[i].modified);
	}
	if (n == ROWS)
		s->after = rows[n - 1].id;
	else
		s->stage = SITEMAP_DONE;
	return err;
}

/* The parts that have posts: found by leaping from one to the next. */
static enum err
put_parts(struct ctx *c, struct db *db, struct sitemap *s, struct buf *b)
{
	struct str path, url;
	int64_t id = 1;
	enum err err = OK;

	for (int n = 0; !err && id > 0 && n < SITEMAP_PARTS; n++) {
		int64_t part = n == 0 ? 0 : (id - 1) / SITEMAP_POSTS + 1;

		err = ctx_printf(c, &path, "/sitemap-%lld.xml", (long long)part);
		if (!err)
			err = site_url(c, path, &url);
		if (!err)
			place(b, "sitemap", url, 0);
		if (!err)
			err = sitemap_row_next(c, db, part * SITEMAP_POSTS, &id);
	}
	s->stage = SITEMAP_DONE;
	return err;
}

static enum err
put_piece(struct ctx *c, struct db *db, struct sitemap *s, struct buf *b)
{
	enum err err;

	if (s->index)
		return put_parts(c, db, s, b);
	switch (s->stage) {
	case SITEMAP_LISTS:
		err = put_lists(c, db, b);
		s->stage = SITEMAP_TAGS_STAGE;
		return err;
	case SITEMAP_TAGS_STAGE:
		return put_tags(c, db, s, b);
	case SITEMAP_ROWS:
		return put_posts(c, db, s, b);
	case SITEMAP_DONE:
		break;
	}
	return OK;
}

enum err
sitemap_next(struct ctx *c, struct db *db, struct sitemap *s, struct buf *b, bool *end)
{
	const char *name = s->index ? "sitemapindex" : "urlset";
	enum err err;

	if (!s->begun) {
		xml_declare(b, S(""));
		xml_begin(b, name);
		xml_attribute(b, "xmlns", NAMESPACE);
		xml_content(b);
		s->begun = true;
	}
	err = put_piece(c, db, s, b);
	*end = !err && s->stage == SITEMAP_DONE;
	if (*end)
		xml_end(b, name);
	return err;
}
