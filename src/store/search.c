/*
 * Rows of the search, and the index over them, which is never written without them.
 */
#include "store/search.h"

#include "store/priv.h"

enum { ID_BITS = 25 };
static const int64_t LAST_MOMENT = ((int64_t)1 << (62 - ID_BITS)) * 2 - 1;

int64_t
search_key(int64_t published, int64_t id)
{
	int64_t ids = (int64_t)1 << ID_BITS;

	if (published > LAST_MOMENT)
		published = LAST_MOMENT;
	if (published < -LAST_MOMENT)
		published = -LAST_MOMENT;
	return published * ids + (id & (ids - 1));
}

bool
search_indexed(const struct db *db)
{
	return db->fts5;
}

/* ---- the state ------------------------------------------------------------------------------- */

enum err
search_state_read(struct ctx *c, struct db *db, struct search_state *out)
{
	struct stmt s;

	*out = (struct search_state){0};
	stmt_begin(c, db, SQL_SEARCH_STATE, &s);
	if (stmt_next(&s)) {
		out->folding = stmt_int(&s, OUT_SEARCH_STATE_FOLDING);
		out->index = (enum search_index)stmt_int(&s, OUT_SEARCH_STATE_FTS);
		out->done = stmt_int(&s, OUT_SEARCH_STATE_DONE);
	}
	return stmt_end(&s);
}

enum err
search_state_put(struct ctx *c, struct db *db, const struct search_state *state)
{
	struct stmt s;

	stmt_begin(c, db, SQL_SEARCH_STATE_PUT, &s);
	stmt_bind_int(&s, IN_SEARCH_STATE_PUT_FOLDING, state->folding);
	stmt_bind_int(&s, IN_SEARCH_STATE_PUT_FTS, (int64_t)state->index);
	stmt_bind_int(&s, IN_SEARCH_STATE_PUT_DONE, state->done);
	return stmt_run(&s);
}

enum err
search_left(struct ctx *c, struct db *db, bool *left, int64_t *newest)
{
	struct stmt s;

	*left = false;
	*newest = 0;
	stmt_begin(c, db, SQL_SEARCH_LEFT, &s);
	if (stmt_next(&s)) {
		*left = stmt_int(&s, OUT_SEARCH_LEFT_LEFT) != 0;
		*newest = stmt_int(&s, OUT_SEARCH_LEFT_NEWEST);
	}
	return stmt_end(&s);
}

/* ---- finding --------------------------------------------------------------------------------- */

static enum err
visit_all(struct stmt *s, search_visit *visit, void *self)
{
	struct search_row row;
	bool more = true;

	while (more && stmt_next(s)) {
		row.key = stmt_int(s, ROW_SEARCH_ROW_KEY);
		row.post_id = stmt_int(s, ROW_SEARCH_ROW_POST_ID);
		row.text = stmt_peek(s, ROW_SEARCH_ROW_TEXT);
		more = visit(self, &row);
	}
	return stmt_end(s);
}

enum err
search_walk(struct ctx *c, struct db *db, struct str match, int64_t from, int64_t before,
	search_visit *visit, void *self)
{
	struct stmt s;
	enum err err;

	if (match.n == 0) {
		stmt_begin(c, db, SQL_SEARCH_WALK, &s);
		stmt_bind_int(&s, IN_SEARCH_WALK_FROM, from);
		stmt_bind_int(&s, IN_SEARCH_WALK_BEFORE, before);
		return visit_all(&s, visit, self);
	}
	stmt_begin(c, db, SQL_SEARCH_MATCH, &s);
	stmt_bind_text(&s, IN_SEARCH_MATCH_MATCH, match);
	stmt_bind_int(&s, IN_SEARCH_MATCH_FROM, from);
	stmt_bind_int(&s, IN_SEARCH_MATCH_BEFORE, before);
	db_watch(db, true);
	err = visit_all(&s, visit, self);
	db_watch(db, false);
	return err;
}

/* ---- what rows are made of ------------------------------------------------------------------- */

static void
source_read(struct stmt *s, struct search_source *out)
{
	out->id = stmt_int(s, ROW_SEARCH_SOURCE_ID);
	out->published = stmt_int(s, ROW_SEARCH_SOURCE_PUBLISHED);
	out->listed = stmt_int(s, ROW_SEARCH_SOURCE_LISTED) != 0;
	out->type = stmt_text(s, ROW_SEARCH_SOURCE_TYPE);
	out->name = stmt_text(s, ROW_SEARCH_SOURCE_NAME);
	out->summary = stmt_text(s, ROW_SEARCH_SOURCE_SUMMARY);
	out->text = stmt_text(s, ROW_SEARCH_SOURCE_TEXT);
	stmt_keep(s, post_tags_split(s->c, stmt_text(s, ROW_SEARCH_SOURCE_TAGS), &out->tags,
			     &out->n_tags));
}

static enum err
sources_read(struct stmt *s, struct search_sources *out)
{
	size_t bytes = 0;

	*out = (struct search_sources){0};
	while (bytes < SEARCH_SOURCES_BYTES && stmt_next(s)) {
		out->list = ctx_grow(s->c, out->list, out->n, sizeof(*out->list));
		if (!out->list) {
			stmt_keep(s, ERR_MEMORY);
			break;
		}
		source_read(s, &out->list[out->n]);
		bytes += out->list[out->n++].text.n;
	}
	return stmt_end(s);
}

enum err
search_fresh(struct ctx *c, struct db *db, size_t limit, struct search_sources *out)
{
	struct stmt s;

	stmt_begin(c, db, SQL_SEARCH_FRESH, &s);
	stmt_bind_int(&s, IN_SEARCH_FRESH_LIMIT, (int64_t)limit);
	return sources_read(&s, out);
}

enum err
search_changed(struct ctx *c, struct db *db, size_t limit, struct search_sources *out)
{
	struct stmt s;

	stmt_begin(c, db, SQL_SEARCH_CHANGED, &s);
	stmt_bind_int(&s, IN_SEARCH_CHANGED_LIMIT, (int64_t)limit);
	return sources_read(&s, out);
}

enum err
search_next(struct ctx *c, struct db *db, int64_t id, size_t limit, struct search_sources *out)
{
	struct stmt s;

	stmt_begin(c, db, SQL_SEARCH_NEXT, &s);
	stmt_bind_int(&s, IN_SEARCH_NEXT_ID, id);
	stmt_bind_int(&s, IN_SEARCH_NEXT_LIMIT, (int64_t)limit);
	return sources_read(&s, out);
}

enum err
search_stale(struct ctx *c, struct db *db, size_t limit, int64_t *out, size_t *n)
{
	struct stmt s;

	*n = 0;
	stmt_begin(c, db, SQL_SEARCH_STALE, &s);
	stmt_bind_int(&s, IN_SEARCH_STALE_LIMIT, (int64_t)limit);
	while (*n < limit && stmt_next(&s))
		out[(*n)++] = stmt_int(&s, OUT_SEARCH_STALE_POST_ID);
	return stmt_end(&s);
}

enum err
search_source_find(struct ctx *c, struct db *db, int64_t id, struct search_source *out,
	bool *found)
{
	struct stmt s;

	*out = (struct search_source){0};
	stmt_begin(c, db, SQL_SEARCH_SOURCE, &s);
	stmt_bind_int(&s, IN_SEARCH_SOURCE_ID, id);
	*found = stmt_next(&s);
	if (*found)
		source_read(&s, out);
	return stmt_end(&s);
}

/* ---- keeping --------------------------------------------------------------------------------- */

static enum err
index_write(struct ctx *c, struct db *db, enum sql which, const struct search_row *row)
{
	struct stmt s;

	_Static_assert((int)IN_SEARCH_INDEX_INSERT_TEXT == (int)IN_SEARCH_INDEX_DELETE_TEXT &&
		(int)IN_SEARCH_INDEX_INSERT_KEY == (int)IN_SEARCH_INDEX_DELETE_KEY,
		"one binder for both");
	stmt_begin(c, db, which, &s);
	stmt_bind_int(&s, IN_SEARCH_INDEX_INSERT_KEY, row->key);
	stmt_bind_text(&s, IN_SEARCH_INDEX_INSERT_TEXT, row->text);
	return stmt_run(&s);
}

enum err
search_row_put(struct ctx *c, struct db *db, const struct search_row *row, bool indexed)
{
	struct stmt s;
	enum err err;

	stmt_begin(c, db, SQL_SEARCH_INSERT, &s);
	stmt_bind_int(&s, IN_SEARCH_INSERT_KEY, row->key);
	stmt_bind_int(&s, IN_SEARCH_INSERT_POST_ID, row->post_id);
	stmt_bind_text(&s, IN_SEARCH_INSERT_TEXT, row->text);
	err = stmt_run(&s);
	return err || !indexed ? err : index_write(c, db, SQL_SEARCH_INDEX_INSERT, row);
}

enum err
search_row_drop(struct ctx *c, struct db *db, int64_t post_id, bool indexed)
{
	struct search_row row;
	struct stmt s;
	bool found;
	enum err err;

	stmt_begin(c, db, SQL_SEARCH_FIND, &s);
	stmt_bind_int(&s, IN_SEARCH_FIND_POST_ID, post_id);
	found = stmt_next(&s);
	if (found) {
		row.key = stmt_int(&s, ROW_SEARCH_ROW_KEY);
		row.text = stmt_text(&s, ROW_SEARCH_ROW_TEXT);
	}
	err = stmt_end(&s);
	if (err || !found)
		return err;
	if (indexed)
		err = index_write(c, db, SQL_SEARCH_INDEX_DELETE, &row);
	if (err)
		return err;
	stmt_begin(c, db, SQL_SEARCH_DELETE, &s);
	stmt_bind_int(&s, IN_SEARCH_DELETE_KEY, row.key);
	return stmt_run(&s);
}

enum err
search_settled(struct ctx *c, struct db *db, int64_t post_id)
{
	struct stmt s;

	stmt_begin(c, db, SQL_SEARCH_FRESH_AGAIN, &s);
	stmt_bind_int(&s, IN_SEARCH_FRESH_AGAIN_POST_ID, post_id);
	return stmt_run(&s);
}

enum err
search_index_empty(struct ctx *c, struct db *db)
{
	struct stmt s;

	stmt_begin(c, db, SQL_SEARCH_INDEX_EMPTY, &s);
	return stmt_run(&s);
}

/* ---- checking -------------------------------------------------------------------------------- */

enum err
search_index_check(struct ctx *c, struct db *db)
{
	struct search_state state;
	struct stmt s;
	enum err err;

	if (!search_indexed(db))
		return OK;
	err = db_tx_begin(c, db);
	if (err)
		return err;
	err = search_state_read(c, db, &state);
	if (!err && state.index == SEARCH_INDEX_WHOLE) {
		stmt_begin(c, db, SQL_SEARCH_INDEX_CHECK, &s);
		err = stmt_run(&s);
	}
	db_tx_rollback(c, db);
	return err;
}

enum err
search_lost(struct ctx *c, struct db *db, int64_t *out)
{
	struct stmt s;

	*out = 0;
	stmt_begin(c, db, SQL_SEARCH_LOST, &s);
	if (stmt_next(&s))
		*out = stmt_int(&s, OUT_SEARCH_LOST_POSTS);
	return stmt_end(&s);
}
