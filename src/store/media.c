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

static void
row_read(struct stmt *s, struct media_row *out)
{
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

/* Runs a query for at most one row to its end; ERR_NOT_FOUND names what was looked for. */
static enum err
media_read(struct stmt *s, const char *what, struct media_row *out)
{
	struct ctx *c = s->c;
	bool found = stmt_next(s);
	enum err e;

	*out = (struct media_row){0};
	if (found)
		row_read(s, out);
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

/* Runs a query that answers yes or no. */
static enum err
flag_read(struct stmt *s, bool *out)
{
	*out = stmt_next(s) && stmt_int(s, 0) != 0;
	return stmt_end(s);
}

enum err
media_row_known(struct ctx *c, struct db *db, const unsigned char digest[CRYPTO_SHA256_BYTES],
	bool *out)
{
	struct stmt s;

	stmt_begin(c, db, SQL_MEDIA_KNOWN, &s);
	stmt_bind_blob(&s, IN_MEDIA_KNOWN_DIGEST, digest, CRYPTO_SHA256_BYTES);
	return flag_read(&s, out);
}

enum err
media_row_used(struct ctx *c, struct db *db, int64_t id, bool *out)
{
	struct stmt s;

	stmt_begin(c, db, SQL_MEDIA_USED, &s);
	stmt_bind_int(&s, IN_MEDIA_USED_MEDIA_ID, id);
	return flag_read(&s, out);
}

/* Runs a query for one row more than limit, which only says that there are more. */
static enum err
list_read(struct stmt *s, size_t limit, struct media_list *out)
{
	*out = (struct media_list){.rows = ctx_calloc(s->c, limit, sizeof(struct media_row))};
	if (!out->rows)
		stmt_keep(s, ERR_MEMORY);
	while (out->rows && !out->more && stmt_next(s)) {
		out->more = out->n == limit;
		if (!out->more)
			row_read(s, &out->rows[out->n++]);
	}
	return stmt_end(s);
}

enum err
media_row_newest(struct ctx *c, struct db *db, size_t limit, size_t offset, struct media_list *out)
{
	struct stmt s;

	stmt_begin(c, db, SQL_MEDIA_NEWEST, &s);
	stmt_bind_int(&s, IN_MEDIA_NEWEST_LIMIT, (int64_t)limit + 1);
	stmt_bind_int(&s, IN_MEDIA_NEWEST_OFFSET, (int64_t)offset);
	return list_read(&s, limit, out);
}

enum err
media_row_library(struct ctx *c, struct db *db, const struct media_filter *filter, size_t limit,
	struct media_list *out)
{
	struct stmt s;

	stmt_begin(c, db, SQL_MEDIA_LIBRARY, &s);
	stmt_bind_int(&s, IN_MEDIA_LIBRARY_CREATED, filter->created);
	stmt_bind_int(&s, IN_MEDIA_LIBRARY_ID, filter->id);
	stmt_bind_text(&s, IN_MEDIA_LIBRARY_KIND, filter->kind);
	stmt_bind_int(&s, IN_MEDIA_LIBRARY_UNUSED, filter->unused);
	stmt_bind_int(&s, IN_MEDIA_LIBRARY_LIMIT, (int64_t)limit + 1);
	return list_read(&s, limit, out);
}

enum err
media_row_uses(struct ctx *c, struct db *db, int64_t id, size_t limit, struct media_use **out,
	size_t *n, bool *more)
{
	struct stmt s;

	*n = 0;
	*more = false;
	*out = ctx_calloc(c, limit, sizeof(**out));
	if (!*out)
		return ERR_MEMORY;
	stmt_begin(c, db, SQL_MEDIA_USES, &s);
	stmt_bind_int(&s, IN_MEDIA_USES_MEDIA_ID, id);
	stmt_bind_int(&s, IN_MEDIA_USES_LIMIT, (int64_t)limit + 1);
	while (!*more && stmt_next(&s)) {
		struct media_use *use = &(*out)[*n];

		*more = *n == limit;
		if (*more)
			continue;
		use->slug = stmt_text(&s, OUT_MEDIA_USES_SLUG);
		use->name = stmt_text(&s, OUT_MEDIA_USES_NAME);
		use->excerpt = stmt_text(&s, OUT_MEDIA_USES_EXCERPT);
		use->status = stmt_int(&s, OUT_MEDIA_USES_STATUS);
		++*n;
	}
	return stmt_end(&s);
}

enum err
media_row_behind(struct ctx *c, struct db *db, int64_t after, size_t limit, struct media_list *out)
{
	struct stmt s;

	stmt_begin(c, db, SQL_MEDIA_BEHIND, &s);
	stmt_bind_int(&s, IN_MEDIA_BEHIND_ID, after);
	stmt_bind_int(&s, IN_MEDIA_BEHIND_LIMIT, (int64_t)limit + 1);
	return list_read(&s, limit, out);
}

enum err
media_row_set_file(struct ctx *c, struct db *db, const struct media_row *row)
{
	struct stmt s;
	enum err e;

	stmt_begin(c, db, SQL_MEDIA_SET_FILE, &s);
	stmt_bind_int(&s, IN_MEDIA_SET_FILE_BYTES, row->bytes);
	stmt_bind_int(&s, IN_MEDIA_SET_FILE_WIDTH, row->width);
	stmt_bind_int(&s, IN_MEDIA_SET_FILE_HEIGHT, row->height);
	stmt_bind_int(&s, IN_MEDIA_SET_FILE_ID, row->id);
	e = stmt_run(&s);
	if (!e && stmt_changes(db) == 0)
		e = err_raise(c, ERR_NOT_FOUND, "no media of that id");
	return e;
}

enum err
media_row_link(struct ctx *c, struct db *db, int64_t post_id,
	const unsigned char digest[CRYPTO_SHA256_BYTES])
{
	struct stmt s;

	stmt_begin(c, db, SQL_MEDIA_LINK, &s);
	stmt_bind_int(&s, IN_MEDIA_LINK_POST_ID, post_id);
	stmt_bind_blob(&s, IN_MEDIA_LINK_DIGEST, digest, CRYPTO_SHA256_BYTES);
	return stmt_run(&s);
}

enum err
media_row_unlink(struct ctx *c, struct db *db, int64_t id)
{
	struct stmt s;

	stmt_begin(c, db, SQL_MEDIA_UNLINK, &s);
	stmt_bind_int(&s, IN_MEDIA_UNLINK_MEDIA_ID, id);
	return stmt_run(&s);
}

enum err
media_row_unlink_post(struct ctx *c, struct db *db, int64_t post_id)
{
	struct stmt s;

	stmt_begin(c, db, SQL_MEDIA_UNLINK_POST, &s);
	stmt_bind_int(&s, IN_MEDIA_UNLINK_POST_POST_ID, post_id);
	return stmt_run(&s);
}

enum err
media_key_find(struct ctx *c, struct db *db, unsigned char key[CRYPTO_KEY_BYTES])
{
	struct stmt s;
	bool found;
	enum err e;

	stmt_begin(c, db, SQL_MEDIA_KEY_FIND, &s);
	found = stmt_next(&s);
	if (found)
		stmt_blob(&s, OUT_MEDIA_KEY_FIND_KEY, key, CRYPTO_KEY_BYTES);
	e = stmt_end(&s);
	if (!e && !found)
		e = err_raise(c, ERR_NOT_FOUND, "no key for media yet");
	return e;
}

enum err
media_key_insert(struct ctx *c, struct db *db, const unsigned char key[CRYPTO_KEY_BYTES])
{
	struct stmt s;

	stmt_begin(c, db, SQL_MEDIA_KEY_INSERT, &s);
	stmt_bind_blob(&s, IN_MEDIA_KEY_INSERT_KEY, key, CRYPTO_KEY_BYTES);
	return stmt_run(&s);
}

enum err
media_row_touch(struct ctx *c, struct db *db, const struct media_row *row)
{
	struct stmt s;

	stmt_begin(c, db, SQL_MEDIA_TOUCH, &s);
	stmt_bind_int(&s, IN_MEDIA_TOUCH_CREATED, row->created);
	stmt_bind_int(&s, IN_MEDIA_TOUCH_ID, row->id);
	return stmt_run(&s);
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
