/*
 * Rows of uploaded files.
 */
#include "store/media.h"

#include "store/stmt.h"

enum err
media_row_insert(struct ctx *c, struct db *db, struct media_row *row)
{
	struct stmt s;

	stmt_begin(c, db, SQL_MEDIA_INSERT, &s);
	stmt_bind_text(&s, IN_MEDIA_INSERT_NAME, row->name);
	stmt_bind_blob(&s, IN_MEDIA_INSERT_DIGEST, row->digest, sizeof(row->digest));
	stmt_bind_text(&s, IN_MEDIA_INSERT_TYPE, row->type);
	stmt_bind_int(&s, IN_MEDIA_INSERT_BYTES, row->bytes);
	stmt_bind_int(&s, IN_MEDIA_INSERT_WIDTH, row->width);
	stmt_bind_int(&s, IN_MEDIA_INSERT_HEIGHT, row->height);
	stmt_bind_text(&s, IN_MEDIA_INSERT_SIZES, row->sizes);
	stmt_bind_int(&s, IN_MEDIA_INSERT_CREATED, row->created);
	stmt_bind_text(&s, IN_MEDIA_INSERT_CLIENT, row->client);
	if (stmt_next(&s))
		row->id = stmt_int(&s, OUT_MEDIA_INSERT_ID);
	return stmt_end(&s);
}

/* Runs a query for at most one row to its end; ERR_NOT_FOUND names what was looked for. */
static enum err
media_read(struct stmt *s, const char *what, struct media_row *out)
{
	struct ctx *c = s->c;
	bool found = stmt_next(s);
	enum err e;

	*out = (struct media_row){0};
	if (found) {
		out->id = stmt_int(s, ROW_MEDIA_ID);
		out->name = stmt_text(s, ROW_MEDIA_NAME);
		stmt_blob(s, ROW_MEDIA_DIGEST, out->digest, sizeof(out->digest));
		out->type = stmt_text(s, ROW_MEDIA_TYPE);
		out->bytes = stmt_int(s, ROW_MEDIA_BYTES);
		out->width = stmt_int(s, ROW_MEDIA_WIDTH);
		out->height = stmt_int(s, ROW_MEDIA_HEIGHT);
		out->sizes = stmt_text(s, ROW_MEDIA_SIZES);
		out->created = stmt_int(s, ROW_MEDIA_CREATED);
		out->client = stmt_text(s, ROW_MEDIA_CLIENT);
	}
	e = stmt_end(s);
	if (!e && !found)
		e = err_raise(c, ERR_NOT_FOUND, "no media of that %s", what);
	return e;
}

enum err
media_row_find_id(struct ctx *c, struct db *db, int64_t id, struct media_row *out)
{
	struct stmt s;

	stmt_begin(c, db, SQL_MEDIA_FIND_ID, &s);
	stmt_bind_int(&s, IN_MEDIA_FIND_ID_ID, id);
	return media_read(&s, "id", out);
}

enum err
media_row_find_name(struct ctx *c, struct db *db, struct str name, struct media_row *out)
{
	struct stmt s;

	stmt_begin(c, db, SQL_MEDIA_FIND_NAME, &s);
	stmt_bind_text(&s, IN_MEDIA_FIND_NAME_NAME, name);
	return media_read(&s, "name", out);
}

enum err
media_row_find_digest(struct ctx *c, struct db *db, const unsigned char digest[CRYPTO_SHA256_BYTES],
	struct media_row *out)
{
	struct stmt s;

	stmt_begin(c, db, SQL_MEDIA_FIND_DIGEST, &s);
	stmt_bind_blob(&s, IN_MEDIA_FIND_DIGEST_DIGEST, digest, CRYPTO_SHA256_BYTES);
	return media_read(&s, "digest", out);
}

enum err
media_row_set_sizes(struct ctx *c, struct db *db, int64_t id, struct str sizes)
{
	struct stmt s;
	enum err e;

	stmt_begin(c, db, SQL_MEDIA_SET_SIZES, &s);
	stmt_bind_text(&s, IN_MEDIA_SET_SIZES_SIZES, sizes);
	stmt_bind_int(&s, IN_MEDIA_SET_SIZES_ID, id);
	e = stmt_run(&s);
	if (!e && stmt_changes(db) == 0)
		e = err_raise(c, ERR_NOT_FOUND, "no media of that id");
	return e;
}

enum err
media_row_delete(struct ctx *c, struct db *db, int64_t id)
{
	struct stmt s;
	enum err e;

	stmt_begin(c, db, SQL_MEDIA_DELETE, &s);
	stmt_bind_int(&s, IN_MEDIA_DELETE_ID, id);
	e = stmt_run(&s);
	if (!e && stmt_changes(db) == 0)
		e = err_raise(c, ERR_NOT_FOUND, "no media of that id");
	return e;
}
