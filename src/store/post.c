/*
 * Rows of posts. What is kept about posts (counts by day and tag, the site's revision) moves by
 * triggers in the same transaction, see migrations; here are only the queries. Every list costs a
 * constant number of statements: the tags of a post stand in its row.
 */
#include "store/post.h"

#include "store/stmt.h"

#include <assert.h>
#include <stdio.h>

/* The mark behind each tag in post.tags; the schema keeps it out of tags. */
static const char tag_end = '\x1f';

enum {
	TAGS_LONGEST = 64 * 1024,	/* bytes of a post's tags together */
	DUE_MOST = 100			/* scheduled posts published at one go */
};

/* A full row begins like a brief one: one reader for both. */
_Static_assert((int)ROW_POST_FULL_MF2 == (int)ROW_POST_BRIEF_MF2, "post_full extends post_brief");

/* ---- reading --------------------------------------------------------------------------------- */

static enum err
tags_split(struct ctx *c, struct str joined, struct post_row *row)
{
	size_t n = 0;

	row->tags = NULL;
	row->n_tags = 0;
	for (size_t i = 0; i < joined.n; i++)
		n += joined.p[i] == tag_end;
	if (n == 0)
		return OK;
	row->tags = ctx_calloc(c, n, sizeof(*row->tags));
	if (!row->tags)
		return ERR_MEMORY;
	for (size_t from = 0; row->n_tags < n;) {
		size_t end = str_find(joined, tag_end, from);

		row->tags[row->n_tags++] = str_sub(joined, from, end);
		from = end + 1;
	}
	return OK;
}

/* The columns of post_brief. */
static void
row_read(struct stmt *s, struct post_row *row)
{
	row->id = stmt_int(s, ROW_POST_BRIEF_ID);
	row->uid = stmt_text(s, ROW_POST_BRIEF_UID);
	row->slug = stmt_text(s, ROW_POST_BRIEF_SLUG);
	row->type = stmt_text(s, ROW_POST_BRIEF_TYPE);
	row->status = (enum post_status)stmt_int(s, ROW_POST_BRIEF_STATUS);
	row->visibility = (enum post_visibility)stmt_int(s, ROW_POST_BRIEF_VISIBILITY);
	row->published = stmt_int(s, ROW_POST_BRIEF_PUBLISHED);
	row->published_zone = (int)stmt_int(s, ROW_POST_BRIEF_PUBLISHED_ZONE);
	row->updated = stmt_int(s, ROW_POST_BRIEF_UPDATED);
	row->deleted = stmt_int(s, ROW_POST_BRIEF_DELETED);
	row->client = stmt_text(s, ROW_POST_BRIEF_CLIENT);
	row->name = stmt_text(s, ROW_POST_BRIEF_NAME);
	row->summary = stmt_text(s, ROW_POST_BRIEF_SUMMARY);
	row->html = stmt_text(s, ROW_POST_BRIEF_HTML);
	row->version = stmt_int(s, ROW_POST_BRIEF_VERSION);
	row->rich = stmt_int(s, ROW_POST_BRIEF_RICH) != 0;
	row->channel = stmt_text(s, ROW_POST_BRIEF_CHANNEL);
	row->syndicate_to = stmt_text(s, ROW_POST_BRIEF_SYNDICATE_TO);
	row->mf2 = stmt_text(s, ROW_POST_BRIEF_MF2);
	stmt_keep(s, tags_split(s->c, stmt_text(s, ROW_POST_BRIEF_TAGS), row));
}

/*
 * Reads a begun query of brief rows, which was asked for one row more than limit: that one is not
 * shown, it only says that there is more.
 */
static enum err
list_read(struct stmt *s, size_t limit, struct post_list *out)
{
	*out = (struct post_list){.rows = ctx_calloc(s->c, limit, sizeof(*out->rows))};
	if (!out->rows && limit > 0)
		stmt_keep(s, ERR_MEMORY);
	while (stmt_next(s)) {
		if (out->n == limit) {
			out->more = true;
			break;
		}
		row_read(s, &out->rows[out->n++]);
	}
	return stmt_end(s);
}

enum err
post_row_find(struct ctx *c, struct db *db, struct str slug, struct post_row *out)
{
	struct stmt s;
	bool found;
	enum err e;

	*out = (struct post_row){0};
	stmt_begin(c, db, SQL_POST_FIND, &s);
	stmt_bind_text(&s, IN_POST_FIND_SLUG, slug);
	found = stmt_next(&s);
	if (found) {
		row_read(&s, out);
		out->text = stmt_text(&s, ROW_POST_FULL_TEXT);
	}
	e = stmt_end(&s);
	if (!e && !found)
		e = err_raise(c, ERR_NOT_FOUND, "post '%.*s'", STR(slug));
	return e;
}

enum err
post_row_slug_taken(struct ctx *c, struct db *db, struct str slug, bool *out)
{
	struct stmt s;

	*out = false;
	stmt_begin(c, db, SQL_POST_SLUG_TAKEN, &s);
	stmt_bind_text(&s, IN_POST_SLUG_TAKEN_SLUG, slug);
	if (stmt_next(&s))
		*out = stmt_int(&s, OUT_POST_SLUG_TAKEN_TAKEN) != 0;
	return stmt_end(&s);
}

enum err
post_row_newest(struct ctx *c, struct db *db, size_t limit, struct post_list *out)
{
	struct stmt s;

	stmt_begin(c, db, SQL_POST_NEWEST, &s);
	stmt_bind_int(&s, IN_POST_NEWEST_LIMIT, (int64_t)limit + 1);
	return list_read(&s, limit, out);
}

/* Where a post stands in lists: ERR_NOT_FOUND if there is none. */
static enum err
place_find(struct ctx *c, struct db *db, struct str slug, int64_t *published, int64_t *id)
{
	struct stmt s;
	bool found;
	enum err e;

	stmt_begin(c, db, SQL_POST_PLACE, &s);
	stmt_bind_text(&s, IN_POST_PLACE_SLUG, slug);
	found = stmt_next(&s);
	if (found) {
		*published = stmt_int(&s, OUT_POST_PLACE_PUBLISHED);
		*id = stmt_int(&s, OUT_POST_PLACE_ID);
	}
	e = stmt_end(&s);
	if (!e && !found)
		e = err_raise(c, ERR_NOT_FOUND, "post '%.*s'", STR(slug));
	return e;
}

enum err
post_row_tagged(struct ctx *c, struct db *db, struct str tag, struct str before, size_t limit,
	struct post_list *out)
{
	int64_t published = INT64_MAX, id = INT64_MAX;
	struct stmt s;

	*out = (struct post_list){0};
	if (!str_empty(before)) {
		enum err e = place_find(c, db, before, &published, &id);

		if (e)
			return e;
	}
	stmt_begin(c, db, SQL_POST_TAGGED, &s);
	stmt_bind_text(&s, IN_POST_TAGGED_TAG, tag);
	stmt_bind_int(&s, IN_POST_TAGGED_PUBLISHED, published);
	stmt_bind_int(&s, IN_POST_TAGGED_ID, id);
	stmt_bind_int(&s, IN_POST_TAGGED_LIMIT, (int64_t)limit + 1);
	return list_read(&s, limit, out);
}

/* ---- a page by its number -------------------------------------------------------------------- */

/* A place in the list of listed posts, narrowed down level by level. */
struct place {
	uint64_t skip;		/* listed posts of the period that are newer than the place */
	char period[16];	/* "2026", "2026-03", "2026-03-01"; "" for all time */
	int64_t end;		/* of a day: the first second after it */
	bool found;
};

/* Finds the period of a level, within the period found so far, in which the place lies. */
static enum err
place_narrow(struct ctx *c, struct db *db, int level, struct place *at)
{
	struct str from = str_z(at->period);
	char to[24]; /* behind every period that begins with the present one */
	struct stmt s;

	(void)snprintf(to, sizeof(to), "%s~", at->period);
	at->found = false;
	stmt_begin(c, db, SQL_POST_PERIOD, &s);
	stmt_bind_int(&s, IN_POST_PERIOD_LEVEL, level);
	stmt_bind_text(&s, IN_POST_PERIOD_FROM, from);
	stmt_bind_text(&s, IN_POST_PERIOD_TO, str_z(to));
	while (!at->found && stmt_next(&s)) {
		uint64_t posts = (uint64_t)stmt_int(&s, OUT_POST_PERIOD_POSTS);

		if (at->skip >= posts) {
			at->skip -= posts;
			continue;
		}
		at->found = true;
		at->end = stmt_int(&s, OUT_POST_PERIOD_END);
		(void)snprintf(at->period, sizeof(at->period), "%.*s",
			STR(stmt_text(&s, OUT_POST_PERIOD_PERIOD)));
	}
	return stmt_end(&s);
}

enum err
post_row_page(struct ctx *c, struct db *db, uint64_t n, size_t limit, struct post_list *out)
{
	struct place at = {.found = true};
	struct stmt s;

	*out = (struct post_list){0};
	assert(limit > 0);
	if (n == 0 || n > INT64_MAX / limit)
		return OK;
	at.skip = (n - 1) * limit;
	for (int level = 1; level <= 3 && at.found; level++) {
		enum err e = place_narrow(c, db, level, &at);

		if (e)
			return e;
	}
	if (!at.found)
		return OK;
	stmt_begin(c, db, SQL_POST_PAGE, &s);
	stmt_bind_int(&s, IN_POST_PAGE_BEFORE, at.end);
	stmt_bind_int(&s, IN_POST_PAGE_LIMIT, (int64_t)limit + 1);
	stmt_bind_int(&s, IN_POST_PAGE_SKIP, (int64_t)at.skip);
	return list_read(&s, limit, out);
}

/* ---- kept figures ---------------------------------------------------------------------------- */

struct site_row {
	int64_t revision, changed, posts;
};

static enum err
site_read(struct ctx *c, struct db *db, struct site_row *out)
{
	struct stmt s;

	*out = (struct site_row){0};
	stmt_begin(c, db, SQL_POST_SITE, &s);
	if (stmt_next(&s)) {
		out->revision = stmt_int(&s, OUT_POST_SITE_REVISION);
		out->changed = stmt_int(&s, OUT_POST_SITE_CHANGED);
		out->posts = stmt_int(&s, OUT_POST_SITE_POSTS);
	}
	return stmt_end(&s);
}

enum err
post_row_count(struct ctx *c, struct db *db, uint64_t *out)
{
	struct site_row site;
	enum err e = site_read(c, db, &site);

	*out = (uint64_t)site.posts;
	return e;
}

enum err
post_row_state(struct ctx *c, struct db *db, int64_t *revision, int64_t *changed)
{
	struct site_row site;
	enum err e = site_read(c, db, &site);

	*revision = site.revision;
	*changed = site.changed;
	return e;
}

enum err
post_row_revision(struct ctx *c, struct db *db, int64_t *out)
{
	struct site_row site;
	enum err e = site_read(c, db, &site);

	*out = site.revision;
	return e;
}

enum err
post_row_tag_count(struct ctx *c, struct db *db, struct str tag, struct str *name, uint64_t *out)
{
	struct stmt s;

	*name = tag;
	*out = 0;
	stmt_begin(c, db, SQL_TAG_FIND, &s);
	stmt_bind_text(&s, IN_TAG_FIND_NAME, tag);
	if (stmt_next(&s)) {
		*name = stmt_text(&s, OUT_TAG_FIND_NAME);
		*out = (uint64_t)stmt_int(&s, OUT_TAG_FIND_POSTS);
	}
	return stmt_end(&s);
}

/* ---- writing --------------------------------------------------------------------------------- */

static enum err
tags_join(struct ctx *c, const struct post_row *row, struct str *out)
{
	struct buf b;

	buf_init(&b, &c->arena, TAGS_LONGEST);
	for (size_t i = 0; i < row->n_tags; i++) {
		buf_put(&b, row->tags[i]);
		buf_putc(&b, tag_end);
	}
	return buf_end(c, &b, out);
}

static enum err
insert_post(struct ctx *c, struct db *db, struct str tags, struct post_row *row)
{
	struct stmt s;

	stmt_begin(c, db, SQL_POST_INSERT, &s);
	stmt_bind_text(&s, IN_POST_INSERT_UID, row->uid);
	stmt_bind_text(&s, IN_POST_INSERT_SLUG, row->slug);
	stmt_bind_text(&s, IN_POST_INSERT_TYPE, row->type);
	stmt_bind_int(&s, IN_POST_INSERT_STATUS, row->status);
	stmt_bind_int(&s, IN_POST_INSERT_VISIBILITY, row->visibility);
	stmt_bind_int(&s, IN_POST_INSERT_PUBLISHED, row->published);
	stmt_bind_int(&s, IN_POST_INSERT_PUBLISHED_ZONE, row->published_zone);
	stmt_bind_int(&s, IN_POST_INSERT_UPDATED, row->updated);
	stmt_bind_int(&s, IN_POST_INSERT_DELETED, row->deleted);
	stmt_bind_text(&s, IN_POST_INSERT_CLIENT, row->client);
	stmt_bind_text(&s, IN_POST_INSERT_TAGS, tags);
	stmt_bind_text(&s, IN_POST_INSERT_NAME, row->name);
	stmt_bind_text(&s, IN_POST_INSERT_SUMMARY, row->summary);
	stmt_bind_text(&s, IN_POST_INSERT_HTML, row->html);
	stmt_bind_int(&s, IN_POST_INSERT_RICH, row->rich);
	stmt_bind_text(&s, IN_POST_INSERT_CHANNEL, row->channel);
	stmt_bind_text(&s, IN_POST_INSERT_SYNDICATE_TO, row->syndicate_to);
	stmt_bind_text(&s, IN_POST_INSERT_TEXT, row->text);
	stmt_bind_text(&s, IN_POST_INSERT_MF2, row->mf2);
	if (stmt_next(&s))
		row->id = stmt_int(&s, OUT_POST_INSERT_ID);
	return stmt_run(&s);
}

static enum err
insert_tag(struct ctx *c, struct db *db, int64_t post_id, struct str name)
{
	struct stmt s;
	enum err e;

	stmt_begin(c, db, SQL_TAG_INSERT, &s);
	stmt_bind_text(&s, IN_TAG_INSERT_NAME, name);
	e = stmt_run(&s);
	if (e)
		return e;
	stmt_begin(c, db, SQL_TAG_JOIN, &s);
	stmt_bind_int(&s, IN_TAG_JOIN_POST_ID, post_id);
	stmt_bind_text(&s, IN_TAG_JOIN_NAME, name);
	return stmt_run(&s);
}

enum err
post_row_insert(struct ctx *c, struct db *db, struct post_row *row)
{
	struct str tags;
	enum err e = tags_join(c, row, &tags);

	if (!e)
		e = insert_post(c, db, tags, row);
	for (size_t i = 0; i < row->n_tags && !e; i++)
		e = insert_tag(c, db, row->id, row->tags[i]);
	return e;
}

/* ---- scheduled posts ------------------------------------------------------------------------- */

enum err
post_row_due(struct ctx *c, struct db *db, int64_t now, struct post_list *out, int64_t *next)
{
	struct stmt s;

	*next = 0;
	*out = (struct post_list){.rows = ctx_calloc(c, DUE_MOST, sizeof(*out->rows))};
	if (!out->rows)
		return ERR_MEMORY;
	stmt_begin(c, db, SQL_POST_DUE, &s);
	stmt_bind_int(&s, IN_POST_DUE_LIMIT, DUE_MOST + 1);
	while (*next == 0 && stmt_next(&s)) {
		struct post_row *row = &out->rows[out->n];
		int64_t published = stmt_int(&s, OUT_POST_DUE_PUBLISHED);

		if (published > now || out->n == DUE_MOST) {
			out->more = published <= now;
			*next = published;
			continue;
		}
		row->id = stmt_int(&s, OUT_POST_DUE_ID);
		row->slug = stmt_text(&s, OUT_POST_DUE_SLUG);
		row->published = published;
		row->status = POST_SCHEDULED;
		out->n++;
	}
	return stmt_end(&s);
}

enum err
post_row_publish(struct ctx *c, struct db *db, int64_t id)
{
	struct stmt s;
	enum err e;

	stmt_begin(c, db, SQL_POST_PUBLISH, &s);
	stmt_bind_int(&s, IN_POST_PUBLISH_ID, id);
	e = stmt_run(&s);
	if (!e && stmt_changes(db) == 0)
		e = err_raise(c, ERR_NOT_FOUND, "no scheduled post has the id %lld", (long long)id);
	return e;
}
