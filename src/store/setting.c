/*
 * Rows of settings.
 */
#include "store/setting.h"

#include "store/stmt.h"

enum err
setting_row_list(struct ctx *c, struct db *db, struct setting_row **out, size_t *n)
{
	struct stmt s;

	*out = NULL;
	*n = 0;
	stmt_begin(c, db, SQL_SETTING_LIST, &s);
	while (stmt_next(&s)) {
		struct setting_row *rows = ctx_grow(c, *out, *n, sizeof(**out));

		if (!rows) {
			stmt_keep(&s, ERR_MEMORY);
			break;
		}
		rows[*n].key = stmt_text(&s, ROW_SETTING_KEY);
		rows[*n].value = stmt_text(&s, ROW_SETTING_VALUE);
		*out = rows;
		++*n;
	}
	return stmt_end(&s);
}

enum err
setting_row_version(struct ctx *c, struct db *db, int64_t *version)
{
	struct stmt s;
	bool found;
	enum err e;

	*version = 0;
	stmt_begin(c, db, SQL_SETTING_VERSION, &s);
	found = stmt_next(&s);
	if (found)
		*version = stmt_int(&s, OUT_SETTING_VERSION_VERSION);
	e = stmt_end(&s);
	if (!e && !found)
		e = err_raise(c, ERR_DB_CORRUPT, "the row about the settings is gone");
	return e;
}

enum err
setting_row_put(struct ctx *c, struct db *db, const struct setting_row *row, int64_t now)
{
	struct stmt s;

	stmt_begin(c, db, SQL_SETTING_PUT, &s);
	stmt_bind_text(&s, IN_SETTING_PUT_KEY, row->key);
	stmt_bind_text(&s, IN_SETTING_PUT_VALUE, row->value);
	stmt_bind_int(&s, IN_SETTING_PUT_CHANGED, now);
	return stmt_run(&s);
}

enum err
setting_row_remove(struct ctx *c, struct db *db, struct str key)
{
	struct stmt s;

	stmt_begin(c, db, SQL_SETTING_REMOVE, &s);
	stmt_bind_text(&s, IN_SETTING_REMOVE_KEY, key);
	return stmt_run(&s);
}
