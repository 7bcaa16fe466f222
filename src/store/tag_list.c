/*
 * Both orders are those of an index.
 */
#include "store/tag_list.h"

#include "store/priv.h"

static enum err
rows_read(struct stmt *s, size_t limit, struct tag_listed *out, size_t *n)
{
	while (*n < limit && stmt_next(s)) {
		out[*n].name = stmt_text(s, ROW_TAG_LISTED_NAME);
		out[*n].posts = (uint64_t)stmt_int(s, ROW_TAG_LISTED_POSTS);
		(*n)++;
	}
	return stmt_end(s);
}

enum err
tag_list(struct ctx *c, struct db *db, enum tag_order order, struct str after, size_t limit,
	struct tag_listed *out, size_t *n)
{
	uint64_t posts = INT64_MAX;
	struct stmt s;
	struct str name;
	enum err e = OK;

	*n = 0;
	if (after.n > 0)
		e = post_row_tag_count(c, db, after, &name, &posts);
	if (!e && posts == 0)
		e = err_raise(c, ERR_NOT_FOUND, "no posts of tag '%.*s'", STR(after));
	if (e)
		return e;
	if (order == TAG_BY_NAME) {
		stmt_begin(c, db, SQL_TAG_BY_NAME, &s);
		stmt_bind_text(&s, IN_TAG_BY_NAME_AFTER, after);
		stmt_bind_int(&s, IN_TAG_BY_NAME_LIMIT, (int64_t)limit);
	} else {
		stmt_begin(c, db, SQL_TAG_BY_USE, &s);
		stmt_bind_int(&s, IN_TAG_BY_USE_POSTS, (int64_t)posts);
		stmt_bind_text(&s, IN_TAG_BY_USE_AFTER, after);
		stmt_bind_int(&s, IN_TAG_BY_USE_LIMIT, (int64_t)limit);
	}
	return rows_read(&s, limit, out, n);
}
