/*
 * Rows of work for the courier.
 */
#include "store/job.h"

#include "store/stmt.h"

static void
job_read(struct stmt *s, struct job_row *out)
{
	out->id = stmt_int(s, ROW_JOB_ID);
	out->kind = stmt_text(s, ROW_JOB_KIND);
	out->subject = stmt_int(s, ROW_JOB_SUBJECT);
	out->due = stmt_int(s, ROW_JOB_DUE);
	out->attempts = stmt_int(s, ROW_JOB_ATTEMPTS);
	out->problem = stmt_text(s, ROW_JOB_PROBLEM);
	out->created = stmt_int(s, ROW_JOB_CREATED);
	out->request = stmt_text(s, ROW_JOB_REQUEST);
}

enum err
job_row_add(struct ctx *c, struct db *db, struct str kind, int64_t subject, int64_t now)
{
	struct stmt s;

	stmt_begin(c, db, SQL_JOB_ADD, &s);
	stmt_bind_text(&s, IN_JOB_ADD_KIND, kind);
	stmt_bind_int(&s, IN_JOB_ADD_SUBJECT, subject);
	stmt_bind_int(&s, IN_JOB_ADD_DUE, now);
	stmt_bind_int(&s, IN_JOB_ADD_CREATED, now);
	stmt_bind_text(&s, IN_JOB_ADD_REQUEST, str_z(c->request_id));
	return stmt_run(&s);
}

enum err
job_row_next(struct ctx *c, struct db *db, struct job_row *out)
{
	struct stmt s;
	bool found;
	enum err e;

	*out = (struct job_row){0};
	stmt_begin(c, db, SQL_JOB_NEXT, &s);
	found = stmt_next(&s);
	if (found)
		job_read(&s, out);
	e = stmt_end(&s);
	if (!e && !found)
		e = err_raise(c, ERR_NOT_FOUND, "no job is left to do");
	return e;
}

enum err
job_row_done(struct ctx *c, struct db *db, int64_t id)
{
	struct stmt s;

	stmt_begin(c, db, SQL_JOB_DELETE, &s);
	stmt_bind_int(&s, IN_JOB_DELETE_ID, id);
	return stmt_run(&s);
}

/* Writes due, attempts and problem of the row. */
static enum err
job_defer(struct ctx *c, struct db *db, const struct job_row *row)
{
	struct stmt s;

	stmt_begin(c, db, SQL_JOB_DEFER, &s);
	stmt_bind_int(&s, IN_JOB_DEFER_DUE, row->due);
	stmt_bind_int(&s, IN_JOB_DEFER_ATTEMPTS, row->attempts);
	stmt_bind_text(&s, IN_JOB_DEFER_PROBLEM, row->problem);
	stmt_bind_int(&s, IN_JOB_DEFER_ID, row->id);
	return stmt_run(&s);
}

enum err
job_row_failed(struct ctx *c, struct db *db, struct job_row *row, struct str problem, int64_t now)
{
	static const int64_t wait[JOB_ATTEMPTS] = {60, 4 * 60, 16 * 60, 3600, 0}; /* seconds */

	row->attempts++;
	row->due = row->attempts < JOB_ATTEMPTS ? now + wait[row->attempts - 1] : 0;
	row->problem = problem;
	return job_defer(c, db, row);
}

enum err
job_row_list(struct ctx *c, struct db *db, struct job_row **out, size_t *n)
{
	struct stmt s;

	*out = NULL;
	*n = 0;
	stmt_begin(c, db, SQL_JOB_LIST, &s);
	while (stmt_next(&s)) {
		struct job_row *rows = ctx_grow(c, *out, *n, sizeof(**out));

		if (!rows) {
			stmt_keep(&s, ERR_MEMORY);
			break;
		}
		job_read(&s, &rows[*n]);
		*out = rows;
		++*n;
	}
	return stmt_end(&s);
}

enum err
job_row_retry(struct ctx *c, struct db *db, int64_t id, int64_t now)
{
	const struct job_row row = {.id = id, .due = now};
	enum err e = job_defer(c, db, &row);

	if (!e && stmt_changes(db) == 0)
		e = err_raise(c, ERR_NOT_FOUND, "there is no job %lld", (long long)id);
	return e;
}
