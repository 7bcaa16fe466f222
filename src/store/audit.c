/*
 * Rows of the audit trail.
 */
#include "store/audit.h"

#include "store/stmt.h"

enum err
audit_row_insert(struct ctx *c, struct db *db, const struct audit_row *row)
{
	struct stmt s;

	stmt_begin(c, db, SQL_AUDIT_INSERT, &s);
	stmt_bind_int(&s, IN_AUDIT_INSERT_TIME, row->time);
	stmt_bind_text(&s, IN_AUDIT_INSERT_WHAT, row->what);
	stmt_bind_text(&s, IN_AUDIT_INSERT_SUBJECT, row->subject);
	stmt_bind_text(&s, IN_AUDIT_INSERT_DETAIL, row->detail);
	stmt_bind_text(&s, IN_AUDIT_INSERT_REMOTE_ADDR, row->remote_addr);
	stmt_bind_text(&s, IN_AUDIT_INSERT_USER_AGENT, row->user_agent);
	stmt_bind_text(&s, IN_AUDIT_INSERT_REQUEST_ID, row->request_id);
	return stmt_run(&s);
}

static void
audit_read(struct stmt *s, struct audit_row *out)
{
	out->id = stmt_int(s, ROW_AUDIT_ID);
	out->time = stmt_int(s, ROW_AUDIT_TIME);
	out->what = stmt_text(s, ROW_AUDIT_WHAT);
	out->subject = stmt_text(s, ROW_AUDIT_SUBJECT);
	out->detail = stmt_text(s, ROW_AUDIT_DETAIL);
	out->remote_addr = stmt_text(s, ROW_AUDIT_REMOTE_ADDR);
	out->user_agent = stmt_text(s, ROW_AUDIT_USER_AGENT);
	out->request_id = stmt_text(s, ROW_AUDIT_REQUEST_ID);
}

/* Ends the statement. */
static enum err
audit_read_all(struct ctx *c, struct stmt *s, struct audit_row **out, size_t *n_out)
{
	*out = NULL;
	*n_out = 0;
	while (stmt_next(s)) {
		struct audit_row *rows = ctx_grow(c, *out, *n_out, sizeof(**out));

		if (!rows) {
			stmt_keep(s, ERR_MEMORY);
			break;
		}
		audit_read(s, &rows[*n_out]);
		*out = rows;
		++*n_out;
	}
	return stmt_end(s);
}

enum err
audit_row_list(struct ctx *c, struct db *db, int64_t before, int64_t n, struct audit_row **out,
	size_t *n_out)
{
	struct stmt s;

	stmt_begin(c, db, SQL_AUDIT_LIST, &s);
	stmt_bind_int(&s, IN_AUDIT_LIST_BEFORE, before);
	stmt_bind_int(&s, IN_AUDIT_LIST_N, n);
	return audit_read_all(c, &s, out, n_out);
}

enum err
audit_row_kind(struct ctx *c, struct db *db, struct str what, int64_t before, int64_t n,
	struct audit_row **out, size_t *n_out)
{
	struct stmt s;

	stmt_begin(c, db, SQL_AUDIT_KIND, &s);
	stmt_bind_int(&s, IN_AUDIT_KIND_BEFORE, before);
	stmt_bind_text(&s, IN_AUDIT_KIND_WHAT, what);
	stmt_bind_int(&s, IN_AUDIT_KIND_N, n);
	return audit_read_all(c, &s, out, n_out);
}

enum err
audit_row_clean(struct ctx *c, struct db *db, int64_t before, int64_t most, int64_t *n)
{
	struct stmt s;
	enum err e;

	stmt_begin(c, db, SQL_AUDIT_EXPIRE, &s);
	stmt_bind_int(&s, IN_AUDIT_EXPIRE_BEFORE, before);
	e = stmt_run(&s);
	*n = e ? 0 : stmt_changes(db);
	if (e)
		return e;
	stmt_begin(c, db, SQL_AUDIT_TRIM, &s);
	stmt_bind_int(&s, IN_AUDIT_TRIM_MOST, most);
	e = stmt_run(&s);
	*n += e ? 0 : stmt_changes(db);
	return e;
}

enum err
audit_row_trim(struct ctx *c, struct db *db, struct str what, int64_t most, int64_t *n)
{
	struct stmt s;
	enum err e;

	stmt_begin(c, db, SQL_AUDIT_TRIM_KIND, &s);
	stmt_bind_text(&s, IN_AUDIT_TRIM_KIND_WHAT, what);
	stmt_bind_int(&s, IN_AUDIT_TRIM_KIND_MOST, most);
	e = stmt_run(&s);
	*n = e ? 0 : stmt_changes(db);
	return e;
}
