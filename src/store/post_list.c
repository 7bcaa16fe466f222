/*
 * Reading lists of posts. Each costs a constant number of statements: the tags of a post stand in its
 * row.
 */
#include "store/post_list.h"

#include "store/priv.h"

#include <assert.h>
#include <stdio.h>

const struct post_scope posts_all = {.kind = POSTS_ALL};

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
			out->next = stmt_text(s, ROW_POST_BRIEF_SLUG);
			break;
		}
		post_row_read(s, &out->rows[out->n++]);
	}
	return stmt_end(s);
}

/* ---- beside a post --------------------------------------------------------------------------- */

/* The statement that reads a list, and where its parameters stand. */
struct reader {
	enum sql sql;
	int name, edge;		/* -1: it has none; edge: the end of a period */
	int published, id, limit;
};

#define READER(q, name, edge) {SQL_##q, name, edge, IN_##q##_PUBLISHED, IN_##q##_ID, IN_##q##_LIMIT}

static struct reader
reader_of(const struct post_scope *scope, bool newer)
{
	static const struct reader readers[POSTS__MAX][2] = {
		[POSTS_ALL] = {READER(LIST_ALL, -1, IN_LIST_ALL_FROM),
			READER(NEWER_ALL, -1, IN_NEWER_ALL_TO)},
		[POSTS_PERIOD] = {READER(LIST_ALL, -1, IN_LIST_ALL_FROM),
			READER(NEWER_ALL, -1, IN_NEWER_ALL_TO)},
		[POSTS_TAG] = {READER(LIST_TAG, IN_LIST_TAG_NAME, -1),
			READER(NEWER_TAG, IN_NEWER_TAG_NAME, -1)},
		[POSTS_TYPE] = {READER(LIST_TYPE, IN_LIST_TYPE_NAME, -1),
			READER(NEWER_TYPE, IN_NEWER_TYPE_NAME, -1)},
		[POSTS_CHANNEL] = {READER(LIST_CHANNEL, IN_LIST_CHANNEL_NAME, -1),
			READER(NEWER_CHANNEL, IN_NEWER_CHANNEL_NAME, -1)},
	};
	static const struct reader notes[2] = {
		READER(LIST_NOTES, -1, -1), READER(NEWER_NOTES, -1, -1)};

	if (scope->kind == POSTS_TYPE && str_eq(scope->name, S("note")))
		return notes[newer];
	return readers[scope->kind][newer];
}

/* Reads from a place on, in one direction or the other. */
static enum err
read_from(struct ctx *c, struct db *db, const struct post_scope *scope, bool newer,
	struct post_place at, size_t limit, struct post_list *out)
{
	const struct reader r = reader_of(scope, newer);
	bool period = scope->kind == POSTS_PERIOD;
	int64_t from = period ? scope->from : INT64_MIN, to = period ? scope->to : INT64_MAX;
	struct stmt s;

	stmt_begin(c, db, r.sql, &s);
	if (r.name >= 0)
		stmt_bind_text(&s, r.name, scope->name);
	if (r.edge >= 0)
		stmt_bind_int(&s, r.edge, newer ? to : from);
	stmt_bind_int(&s, r.published, at.published);
	stmt_bind_int(&s, r.id, at.id);
	stmt_bind_int(&s, r.limit, (int64_t)limit + 1);
	return list_read(&s, limit, out);
}

enum err
post_list_place(struct ctx *c, struct db *db, struct str slug, int64_t *published, int64_t *id)
{
	struct stmt s;
	bool found;
	enum err e;

	stmt_begin(c, db, SQL_LIST_PLACE, &s);
	stmt_bind_text(&s, IN_LIST_PLACE_SLUG, slug);
	found = stmt_next(&s);
	if (found) {
		*published = stmt_int(&s, OUT_LIST_PLACE_PUBLISHED);
		*id = stmt_int(&s, OUT_LIST_PLACE_ID);
	}
	e = stmt_end(&s);
	if (!e && !found)
		e = err_raise(c, ERR_NOT_FOUND, "no list goes on at '%.*s'", STR(slug));
	return e;
}

/* The place of the post, or the beginning of all lists. */
static enum err
begin_at(struct ctx *c, struct db *db, struct str before, struct post_place *out)
{
	*out = (struct post_place){INT64_MAX, INT64_MAX};
	return str_empty(before) ? OK
				 : post_list_place(c, db, before, &out->published, &out->id);
}

enum err
post_list_read(struct ctx *c, struct db *db, const struct post_scope *scope, struct str before,
	size_t limit, struct post_list *out)
{
	struct post_place at;
	enum err e = begin_at(c, db, before, &at);

	*out = (struct post_list){0};
	if (e)
		return e;
	if (scope->kind == POSTS_PERIOD && at.published >= scope->to)
		at = (struct post_place){scope->to, INT64_MIN};
	return read_from(c, db, scope, false, at, limit, out);
}

enum err
post_list_newer(struct ctx *c, struct db *db, const struct post_scope *scope, struct str after,
	size_t limit, struct post_list *out)
{
	struct post_place at;
	enum err e = post_list_place(c, db, after, &at.published, &at.id);

	*out = (struct post_list){0};
	if (e)
		return e;
	if (scope->kind == POSTS_PERIOD && at.published < scope->from)
		at = (struct post_place){scope->from - 1, INT64_MAX};
	e = read_from(c, db, scope, true, at, limit, out);
	for (size_t i = 0; i < out->n / 2; i++) {
		struct post_row row = out->rows[i];

		out->rows[i] = out->rows[out->n - 1 - i];
		out->rows[out->n - 1 - i] = row;
	}
	return e;
}

enum err
post_list_spans(struct ctx *c, struct db *db, const struct post_span *spans, size_t n,
	struct str before, size_t limit, struct post_list *out)
{
	struct post_place at;
	struct str json;
	struct stmt s;
	enum err e = begin_at(c, db, before, &at);

	*out = (struct post_list){0};
	if (!e)
		e = post_spans_json(c, spans, n, &json);
	if (e)
		return e;
	stmt_begin(c, db, SQL_LIST_SPANS, &s);
	stmt_bind_text(&s, IN_LIST_SPANS_SPANS, json);
	stmt_bind_int(&s, IN_LIST_SPANS_PUBLISHED, at.published);
	stmt_bind_int(&s, IN_LIST_SPANS_ID, at.id);
	stmt_bind_int(&s, IN_LIST_SPANS_LIMIT, (int64_t)limit + 1);
	return list_read(&s, limit, out);
}

enum err
post_list_gone(struct ctx *c, struct db *db, const struct post_scope *scope, int64_t since,
	int64_t *out)
{
	struct stmt s;

	*out = 0;
	stmt_begin(c, db, SQL_LIST_GONE, &s);
	stmt_bind_int(&s, IN_LIST_GONE_SINCE, since);
	stmt_bind_text(&s, IN_LIST_GONE_TAG, scope->kind == POSTS_TAG ? scope->name : S(""));
	stmt_bind_text(&s, IN_LIST_GONE_TYPE, scope->kind == POSTS_TYPE ? scope->name : S(""));
	stmt_bind_text(&s, IN_LIST_GONE_CHANNEL, scope->kind == POSTS_CHANNEL ? scope->name : S(""));
	if (stmt_next(&s))
		*out = stmt_int(&s, OUT_LIST_GONE_DELETED);
	return stmt_end(&s);
}

/* ---- next to a post -------------------------------------------------------------------------- */

/* Of a begun query. */
static enum err
beside_read(struct stmt *s, struct post_row *out)
{
	*out = (struct post_row){0};
	if (stmt_next(s)) {
		out->slug = stmt_text(s, ROW_POST_BESIDE_SLUG);
		out->type = stmt_text(s, ROW_POST_BESIDE_TYPE);
		out->published = stmt_int(s, ROW_POST_BESIDE_PUBLISHED);
		out->published_zone = (int)stmt_int(s, ROW_POST_BESIDE_PUBLISHED_ZONE);
		out->name = stmt_text(s, ROW_POST_BESIDE_NAME);
		out->summary = stmt_text(s, ROW_POST_BESIDE_SUMMARY);
		out->html = stmt_text(s, ROW_POST_BESIDE_HTML);
	}
	return stmt_end(s);
}

enum err
post_beside(struct ctx *c, struct db *db, const struct post_row *post, struct post_row *older,
	struct post_row *newer)
{
	struct stmt s;
	enum err e;

	*newer = (struct post_row){0};
	stmt_begin(c, db, SQL_BESIDE_OLDER, &s);
	stmt_bind_int(&s, IN_BESIDE_OLDER_PUBLISHED, post->published);
	stmt_bind_int(&s, IN_BESIDE_OLDER_ID, post->id);
	e = beside_read(&s, older);
	if (e)
		return e;
	stmt_begin(c, db, SQL_BESIDE_NEWER, &s);
	stmt_bind_int(&s, IN_BESIDE_NEWER_PUBLISHED, post->published);
	stmt_bind_int(&s, IN_BESIDE_NEWER_ID, post->id);
	return beside_read(&s, newer);
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
	stmt_begin(c, db, SQL_LIST_PERIOD, &s);
	stmt_bind_int(&s, IN_LIST_PERIOD_LEVEL, level);
	stmt_bind_text(&s, IN_LIST_PERIOD_FROM, from);
	stmt_bind_text(&s, IN_LIST_PERIOD_TO, str_z(to));
	while (!at->found && stmt_next(&s)) {
		uint64_t posts = (uint64_t)stmt_int(&s, OUT_LIST_PERIOD_POSTS);

		if (at->skip >= posts) {
			at->skip -= posts;
			continue;
		}
		at->found = true;
		at->end = stmt_int(&s, OUT_LIST_PERIOD_END);
		(void)snprintf(at->period, sizeof(at->period), "%.*s",
			STR(stmt_text(&s, OUT_LIST_PERIOD_PERIOD)));
	}
	return stmt_end(&s);
}

enum err
post_list_page(struct ctx *c, struct db *db, uint64_t n, size_t limit, struct post_list *out)
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
	stmt_begin(c, db, SQL_LIST_PAGE, &s);
	stmt_bind_int(&s, IN_LIST_PAGE_BEFORE, at.end);
	stmt_bind_int(&s, IN_LIST_PAGE_LIMIT, (int64_t)limit + 1);
	stmt_bind_int(&s, IN_LIST_PAGE_SKIP, (int64_t)at.skip);
	return list_read(&s, limit, out);
}
