/*
 * Rows of applications and of what is known of them.
 */
#include "store/client.h"

#include "store/stmt.h"

static void
client_read(struct stmt *s, struct client_row *out)
{
	out->id = stmt_int(s, ROW_CLIENT_ID);
	out->client_id = stmt_text(s, ROW_CLIENT_CLIENT_ID);
	out->state = (enum client_state)stmt_int(s, ROW_CLIENT_STATE);
	out->name = stmt_text(s, ROW_CLIENT_NAME);
	out->url = stmt_text(s, ROW_CLIENT_URL);
	out->logo_url = stmt_text(s, ROW_CLIENT_LOGO_URL);
	out->logo = stmt_text(s, ROW_CLIENT_LOGO);
	out->redirect_uris = stmt_text(s, ROW_CLIENT_REDIRECT_URIS);
	out->problem = stmt_text(s, ROW_CLIENT_PROBLEM);
	out->asked = stmt_int(s, ROW_CLIENT_ASKED);
	out->fetched = stmt_int(s, ROW_CLIENT_FETCHED);
	out->expires = stmt_int(s, ROW_CLIENT_EXPIRES);
	out->kept = stmt_int(s, ROW_CLIENT_KEPT) != 0;
}

/* Takes the one row of a statement that has its parameters, and ends it. */
static enum err
client_only(struct stmt *s, struct client_row *out)
{
	bool found;
	enum err e;

	*out = (struct client_row){0};
	found = stmt_next(s);
	if (found)
		client_read(s, out);
	e = stmt_end(s);
	if (!e && !found)
		e = err_raise(s->c, ERR_NOT_FOUND, "nothing is known of the client");
	return e;
}

enum err
client_row_find(struct ctx *c, struct db *db, struct str client_id, struct client_row *out)
{
	struct stmt s;

	stmt_begin(c, db, SQL_CLIENT_FIND, &s);
	stmt_bind_text(&s, IN_CLIENT_FIND_CLIENT_ID, client_id);
	return client_only(&s, out);
}

enum err
client_row_find_id(struct ctx *c, struct db *db, int64_t id, struct client_row *out)
{
	struct stmt s;

	stmt_begin(c, db, SQL_CLIENT_FIND_ID, &s);
	stmt_bind_int(&s, IN_CLIENT_FIND_ID_ID, id);
	return client_only(&s, out);
}

enum err
client_row_ask(struct ctx *c, struct db *db, struct str client_id, int64_t now, int64_t *id)
{
	struct stmt s;

	*id = 0;
	stmt_begin(c, db, SQL_CLIENT_ASK, &s);
	stmt_bind_text(&s, IN_CLIENT_ASK_CLIENT_ID, client_id);
	stmt_bind_int(&s, IN_CLIENT_ASK_ASKED, now);
	if (stmt_next(&s))
		*id = stmt_int(&s, OUT_CLIENT_ASK_ID);
	return stmt_end(&s);
}

enum err
client_row_set(struct ctx *c, struct db *db, const struct client_row *row)
{
	struct stmt s;

	stmt_begin(c, db, SQL_CLIENT_SET, &s);
	stmt_bind_int(&s, IN_CLIENT_SET_STATE, row->state);
	stmt_bind_text(&s, IN_CLIENT_SET_NAME, row->name);
	stmt_bind_text(&s, IN_CLIENT_SET_URL, row->url);
	stmt_bind_text(&s, IN_CLIENT_SET_LOGO_URL, row->logo_url);
	stmt_bind_text(&s, IN_CLIENT_SET_LOGO, row->logo);
	stmt_bind_text(&s, IN_CLIENT_SET_REDIRECT_URIS, row->redirect_uris);
	stmt_bind_text(&s, IN_CLIENT_SET_PROBLEM, row->problem);
	stmt_bind_int(&s, IN_CLIENT_SET_FETCHED, row->fetched);
	stmt_bind_int(&s, IN_CLIENT_SET_EXPIRES, row->expires);
	stmt_bind_int(&s, IN_CLIENT_SET_ID, row->id);
	return stmt_run(&s);
}

enum err
client_row_keep(struct ctx *c, struct db *db, struct str client_id)
{
	struct stmt s;

	stmt_begin(c, db, SQL_CLIENT_KEEP, &s);
	stmt_bind_text(&s, IN_CLIENT_KEEP_CLIENT_ID, client_id);
	return stmt_run(&s);
}

enum err
client_row_crop(struct ctx *c, struct db *db, int64_t newest)
{
	struct stmt s;

	stmt_begin(c, db, SQL_CLIENT_CROP, &s);
	stmt_bind_int(&s, IN_CLIENT_CROP_NEWEST, newest);
	return stmt_run(&s);
}

enum err
client_row_clean(struct ctx *c, struct db *db, int64_t before, int64_t *n)
{
	struct stmt s;
	enum err e;

	*n = 0;
	stmt_begin(c, db, SQL_CLIENT_CLEAN, &s);
	stmt_bind_int(&s, IN_CLIENT_CLEAN_BEFORE, before);
	e = stmt_run(&s);
	if (!e)
		*n = stmt_changes(db);
	return e;
}
