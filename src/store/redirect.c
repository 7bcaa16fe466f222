/*
 * Rows of former slugs.
 */
#include "store/redirect.h"

#include "store/stmt.h"

enum err
redirect_row_find(struct ctx *c, struct db *db, struct str slug, int64_t *post_id)
{
	struct stmt s;

	*post_id = 0;
	stmt_begin(c, db, SQL_REDIRECT_FIND, &s);
	stmt_bind_text(&s, IN_REDIRECT_FIND_SLUG, slug);
	if (stmt_next(&s))
		*post_id = stmt_int(&s, OUT_REDIRECT_FIND_POST_ID);
	return stmt_end(&s);
}

enum err
redirect_row_insert(struct ctx *c, struct db *db, struct str slug, int64_t post_id, int64_t now)
{
	struct stmt s;

	stmt_begin(c, db, SQL_REDIRECT_INSERT, &s);
	stmt_bind_text(&s, IN_REDIRECT_INSERT_SLUG, slug);
	stmt_bind_int(&s, IN_REDIRECT_INSERT_POST_ID, post_id);
	stmt_bind_int(&s, IN_REDIRECT_INSERT_CREATED, now);
	return stmt_run(&s);
}

enum err
redirect_row_delete(struct ctx *c, struct db *db, struct str slug)
{
	struct stmt s;

	stmt_begin(c, db, SQL_REDIRECT_DELETE, &s);
	stmt_bind_text(&s, IN_REDIRECT_DELETE_SLUG, slug);
	return stmt_run(&s);
}
