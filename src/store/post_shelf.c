/*
 * Walking along the shelves of the owner's posts.
 */
#include "store/post_shelf.h"

#include "store/priv.h"

static const struct {
	enum sql sql;
	int status;	/* -1: the index says it all */
} shelves[POST_SHELF__MAX] = {
	[POST_SHELF_ALL] = {SQL_SHELF_LIVE, -1},
	[POST_SHELF_PUBLISHED] = {SQL_SHELF_LIVE, POST_PUBLISHED},
	[POST_SHELF_DRAFTS] = {SQL_SHELF_DRAFTS, -1},
	[POST_SHELF_SCHEDULED] = {SQL_SHELF_SCHEDULED, -1},
	[POST_SHELF_TRASH] = {SQL_SHELF_TRASH, -1},
};

_Static_assert((int)IN_SHELF_LIVE_LIMIT == (int)IN_SHELF_DRAFTS_LIMIT &&
	(int)IN_SHELF_LIVE_LIMIT == (int)IN_SHELF_SCHEDULED_LIMIT &&
	(int)IN_SHELF_LIVE_LIMIT == (int)IN_SHELF_TRASH_LIMIT, "one binder for all shelves");

/* "%text%", where text means itself. */
static enum err
pattern_make(struct ctx *c, struct str text, struct str *out)
{
	struct buf b;

	*out = (struct str){0};
	if (text.n == 0)
		return OK;
	buf_init(&b, &c->arena, 2 * text.n + 3);
	buf_putc(&b, '%');
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '%' || text.p[i] == '_' || text.p[i] == '!')
			buf_putc(&b, '!');
		buf_putc(&b, text.p[i]);
	}
	buf_putc(&b, '%');
	return buf_end(c, &b, out);
}

static enum err
place_find(struct ctx *c, struct db *db, const struct post_shelf_query *query,
	struct post_place *out)
{
	struct post_row row;
	enum err err = OK;

	*out = (struct post_place){INT64_MAX, INT64_MAX};
	if (query->after.n == 0)
		return OK;
	if (query->shelf != POST_SHELF_TRASH)
		return post_place_find(c, db, query->after, out);
	err = post_row_find(c, db, query->after, &row);
	if (!err)
		*out = (struct post_place){row.deleted, row.id};
	return err;
}

/* The ids of those that fit, as many as are wanted. */
static enum err
walk(struct ctx *c, struct db *db, const struct post_shelf_query *query, int64_t *ids,
	struct post_shelf_list *out)
{
	struct post_place at;
	size_t looked_at = 0;
	struct str pattern;
	struct stmt s;
	enum err err = pattern_make(c, query->text, &pattern);

	if (!err)
		err = place_find(c, db, query, &at);
	if (err)
		return err;
	stmt_begin(c, db, shelves[query->shelf].sql, &s);
	stmt_bind_int(&s, IN_SHELF_LIVE_STATUS, shelves[query->shelf].status);
	stmt_bind_text(&s, IN_SHELF_LIVE_TYPE, query->type);
	stmt_bind_text(&s, IN_SHELF_LIVE_TAG, query->tag);
	stmt_bind_text(&s, IN_SHELF_LIVE_FIND, pattern);
	stmt_bind_int(&s, IN_SHELF_LIVE_PLACE, at.published);
	stmt_bind_int(&s, IN_SHELF_LIVE_ID, at.id);
	stmt_bind_int(&s, IN_SHELF_LIVE_LIMIT, POST_SHELF_LOOKED_AT + 1);
	while (!out->more && stmt_next(&s)) {
		out->cut = looked_at == POST_SHELF_LOOKED_AT;
		out->more = out->cut || out->n == query->limit;
		if (out->more)
			break;
		looked_at++;
		out->last = stmt_text(&s, ROW_SHELF_SLUG);
		if (stmt_int(&s, ROW_SHELF_FITS))
			ids[out->n++] = stmt_int(&s, ROW_SHELF_ID);
	}
	return stmt_end(&s);
}

static enum err
list(struct ctx *c, struct db *db, const struct post_shelf_query *query,
	struct post_shelf_list *out)
{
	int64_t ids[POST_SHELF_MAX];
	enum err err = walk(c, db, query, ids, out);

	for (size_t i = 0; !err && i < out->n; i++)
		err = post_row_find_id(c, db, ids[i], &out->rows[i]);
	return err;
}

enum err
post_shelf_list(struct ctx *c, struct db *db, const struct post_shelf_query *query,
	struct post_shelf_list *out)
{
	enum err err;

	*out = (struct post_shelf_list){.rows = ctx_calloc(c, query->limit, sizeof(*out->rows))};
	if (!out->rows)
		return ERR_MEMORY;
	err = db_read_begin(c, db);
	if (err)
		return err;
	err = list(c, db, query, out);
	db_read_end(c, db);
	return err;
}
