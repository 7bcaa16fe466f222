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
			break;
		}
		post_row_read(s, &out->rows[out->n++]);
	}
	return stmt_end(s);
}

/* ---- behind a post --------------------------------------------------------------------------- */

/* The statement that reads a list, and where its parameters stand. */
struct reader {
	enum sql sql;
	int name, from;		/* -1: it has none */
	int published, id, limit;
};

static struct reader
reader_of(const struct post_scope *scope)
{
#define READER(q, name, from) \
	{SQL_LIST_##q, name, from, IN_LIST_##q##_PUBLISHED, IN_LIST_##q##_ID, IN_LIST_##q##_LIMIT}
	static const struct reader readers[POSTS__MAX] = {
		[POSTS_ALL] = READER(ALL, -1, IN_LIST_ALL_FROM),
		[POSTS_PERIOD] = READER(ALL, -1, IN_LIST_ALL_FROM),
		[POSTS_TAG] = READER(TAG, IN_LIST_TAG_NAME, -1),
		[POSTS_TYPE] = READER(TYPE, IN_LIST_TYPE_NAME, -1),
		[POSTS_CHANNEL] = READER(CHANNEL, IN_LIST_CHANNEL_NAME, -1),
	};
	static const struct reader notes = READER(NOTES, -1, -1);
#undef READER

	if (scope->kind == POSTS_TYPE && str_eq(scope->name, S("note")))
		return notes;
	return readers[scope->kind];
}

/* Where the list begins: behind the post before, or at its newest. */
static enum err
begin_at(struct ctx *c, struct db *db, const struct post_scope *scope, struct str before,
	struct post_place *out)
{
	bool period = scope->kind == POSTS_PERIOD;
	int64_t end = period ? scope->to : INT64_MAX;
	enum err e = OK;

	*out = (struct post_place){end, period ? INT64_MIN : INT64_MAX};
	if (str_empty(before))
		return OK;
	e = post_place_find(c, db, before, out);
	if (!e && period && out->published >= scope->to)
		*out = (struct post_place){scope->to, INT64_MIN};
	return e;
}

enum err
post_list_read(struct ctx *c, struct db *db, const struct post_scope *scope, struct str before,
	size_t limit, struct post_list *out)
{
	const struct reader r = reader_of(scope);
	struct post_place at;
	struct stmt s;
	enum err e = begin_at(c, db, scope, before, &at);

	*out = (struct post_list){0};
	if (e)
		return e;
	stmt_begin(c, db, r.sql, &s);
	if (r.name >= 0)
		stmt_bind_text(&s, r.name, scope->name);
	if (r.from >= 0)
		stmt_bind_int(&s, r.from,
			scope->kind == POSTS_PERIOD ? scope->from : INT64_MIN);
	stmt_bind_int(&s, r.published, at.published);
	stmt_bind_int(&s, r.id, at.id);
	stmt_bind_int(&s, r.limit, (int64_t)limit + 1);
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
