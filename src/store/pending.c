/*
 * What has not come to its end, counted.
 */
#include "store/pending.h"

#include "store/stmt.h"

enum err
pending_count(struct ctx *c, struct db *db, struct pending *out)
{
	struct stmt s;

	*out = (struct pending){0};
	stmt_begin(c, db, SQL_PENDING, &s);
	if (stmt_next(&s)) {
		out->drafts = stmt_int(&s, OUT_PENDING_DRAFTS);
		out->scheduled = stmt_int(&s, OUT_PENDING_SCHEDULED);
		out->waiting = stmt_int(&s, OUT_PENDING_WAITING);
		out->given_up = stmt_int(&s, OUT_PENDING_GIVEN_UP);
	}
	return stmt_end(&s);
}
