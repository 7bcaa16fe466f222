/*
 * Rows of creates that may come again.
 */
#include "store/retry.h"

#include "store/stmt.h"

enum err
retry_row_find(struct ctx *c, struct db *db, int64_t now, struct retry_row *out, bool *found)
{
	struct stmt s;

	stmt_begin(c, db, SQL_RETRY_FIND, &s);
	stmt_bind_blob(&s, IN_RETRY_FIND_KEY, out->key, sizeof(out->key));
	stmt_bind_int(&s, IN_RETRY_FIND_NOW, now);
	*found = stmt_next(&s);
	if (*found) {
		stmt_blob(&s, OUT_RETRY_FIND_CONTENT, out->content, sizeof(out->content));
		out->post_id = stmt_int(&s, OUT_RETRY_FIND_POST_ID);
	}
	return stmt_end(&s);
}

enum err
retry_row_put(struct ctx *c, struct db *db, const struct retry_row *row)
{
	struct stmt s;

	stmt_begin(c, db, SQL_RETRY_PUT, &s);
	stmt_bind_blob(&s, IN_RETRY_PUT_KEY, row->key, sizeof(row->key));
	stmt_bind_blob(&s, IN_RETRY_PUT_CONTENT, row->content, sizeof(row->content));
	stmt_bind_int(&s, IN_RETRY_PUT_POST_ID, row->post_id);
	stmt_bind_int(&s, IN_RETRY_PUT_EXPIRES, row->expires);
	return stmt_run(&s);
}

enum err
retry_row_clean(struct ctx *c, struct db *db, int64_t now, int64_t *n)
{
	struct stmt s;
	enum err e;

	*n = 0;
	stmt_begin(c, db, SQL_RETRY_CLEAN, &s);
	stmt_bind_int(&s, IN_RETRY_CLEAN_NOW, now);
	e = stmt_run(&s);
	if (!e)
		*n = stmt_changes(db);
	return e;
}
