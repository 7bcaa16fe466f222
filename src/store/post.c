/*
 * Reading rows of posts. (Lists: post_list.c, for the author post_walk.c; writing: post_write.c.)
 */
#include "store/post.h"

#include "store/priv.h"

/* A full row begins like a brief one: one reader for both. */
_Static_assert((int)ROW_POST_FULL_MF2 == (int)ROW_POST_BRIEF_MF2, "post_full extends post_brief");

/* ---- reading --------------------------------------------------------------------------------- */

enum err
post_tags_split(struct ctx *c, struct str joined, struct str **tags, size_t *n)
{
	size_t marks = 0;

	*tags = NULL;
	*n = 0;
	for (size_t i = 0; i < joined.n; i++)
		marks += joined.p[i] == POST_TAG_END;
	if (marks == 0)
		return OK;
	*tags = ctx_calloc(c, marks, sizeof(**tags));
	if (!*tags)
		return ERR_MEMORY;
	for (size_t from = 0; *n < marks;) {
		size_t end = str_find(joined, POST_TAG_END, from);

		(*tags)[(*n)++] = str_sub(joined, from, end);
		from = end + 1;
	}
	return OK;
}

void
post_row_read(struct stmt *s, struct post_row *row)
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
	stmt_keep(s, post_tags_split(s->c, stmt_text(s, ROW_POST_BRIEF_TAGS), &row->tags,
			     &row->n_tags));
}

/* Ends a begun query of one full row. */
static enum err
full_read(struct stmt *s, struct post_row *out, bool *found)
{
	*out = (struct post_row){0};
	*found = stmt_next(s);
	if (*found) {
		post_row_read(s, out);
		out->text = stmt_text(s, ROW_POST_FULL_TEXT);
	}
	return stmt_end(s);
}

enum err
post_row_find(struct ctx *c, struct db *db, struct str slug, struct post_row *out)
{
	struct stmt s;
	bool found;
	enum err e;

	stmt_begin(c, db, SQL_POST_FIND, &s);
	stmt_bind_text(&s, IN_POST_FIND_SLUG, slug);
	e = full_read(&s, out, &found);
	if (!e && !found)
		e = err_raise(c, ERR_NOT_FOUND, "post '%.*s'", STR(slug));
	return e;
}

enum err
post_row_find_id(struct ctx *c, struct db *db, int64_t id, struct post_row *out)
{
	struct stmt s;
	bool found;
	enum err e;

	stmt_begin(c, db, SQL_POST_FIND_ID, &s);
	stmt_bind_int(&s, IN_POST_FIND_ID_ID, id);
	e = full_read(&s, out, &found);
	if (!e && !found)
		e = err_raise(c, ERR_NOT_FOUND, "no post has the id %lld", (long long)id);
	return e;
}

enum err
post_row_slug_taken(struct ctx *c, struct db *db, struct str slug, int64_t id, bool *out)
{
	struct stmt s;

	*out = false;
	stmt_begin(c, db, SQL_POST_SLUG_TAKEN, &s);
	stmt_bind_text(&s, IN_POST_SLUG_TAKEN_SLUG, slug);
	stmt_bind_int(&s, IN_POST_SLUG_TAKEN_ID, id);
	if (stmt_next(&s))
		*out = stmt_int(&s, OUT_POST_SLUG_TAKEN_TAKEN) != 0;
	return stmt_end(&s);
}

enum err
post_place_find(struct ctx *c, struct db *db, struct str slug, struct post_place *out)
{
	struct stmt s;
	bool found;
	enum err e;

	stmt_begin(c, db, SQL_POST_PLACE, &s);
	stmt_bind_text(&s, IN_POST_PLACE_SLUG, slug);
	found = stmt_next(&s);
	if (found) {
		out->published = stmt_int(&s, OUT_POST_PLACE_PUBLISHED);
		out->id = stmt_int(&s, OUT_POST_PLACE_ID);
	}
	e = stmt_end(&s);
	if (!e && !found)
		e = err_raise(c, ERR_NOT_FOUND, "post '%.*s'", STR(slug));
	return e;
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

enum err
post_row_tags_used(struct ctx *c, struct db *db, struct str filter, size_t limit, struct str *out,
	size_t *n)
{
	struct stmt s;

	*n = 0;
	stmt_begin(c, db, SQL_TAG_USED, &s);
	stmt_bind_text(&s, IN_TAG_USED_FILTER, filter);
	stmt_bind_int(&s, IN_TAG_USED_LIMIT, (int64_t)limit);
	while (*n < limit && stmt_next(&s))
		out[(*n)++] = stmt_text(&s, OUT_TAG_USED_NAME);
	return stmt_end(&s);
}
