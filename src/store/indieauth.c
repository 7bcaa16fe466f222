/*
 * Rows of the IndieAuth server.
 */
#include "store/indieauth.h"

#include "store/stmt.h"

/* ---- codes ----------------------------------------------------------------------------------- */

enum err
code_row_insert(struct ctx *c, struct db *db, const struct code_row *row)
{
	struct stmt s;

	stmt_begin(c, db, SQL_CODE_INSERT, &s);
	stmt_bind_blob(&s, IN_CODE_INSERT_HASH, row->hash, sizeof(row->hash));
	stmt_bind_text(&s, IN_CODE_INSERT_CLIENT_ID, row->client_id);
	stmt_bind_text(&s, IN_CODE_INSERT_NAME, row->name);
	stmt_bind_text(&s, IN_CODE_INSERT_REDIRECT_URI, row->redirect_uri);
	stmt_bind_text(&s, IN_CODE_INSERT_CHALLENGE, row->challenge);
	stmt_bind_text(&s, IN_CODE_INSERT_SCOPE, row->scope);
	stmt_bind_int(&s, IN_CODE_INSERT_CREATED, row->created);
	stmt_bind_int(&s, IN_CODE_INSERT_EXPIRES, row->expires);
	stmt_bind_int(&s, IN_CODE_INSERT_USED, row->used);
	stmt_bind_text(&s, IN_CODE_INSERT_TOKEN, row->token);
	return stmt_run(&s);
}

enum err
code_row_find(struct ctx *c, struct db *db, const unsigned char hash[CRYPTO_SHA256_BYTES],
	struct code_row *out)
{
	struct stmt s;
	bool found;
	enum err e;

	*out = (struct code_row){0};
	stmt_begin(c, db, SQL_CODE_FIND, &s);
	stmt_bind_blob(&s, IN_CODE_FIND_HASH, hash, CRYPTO_SHA256_BYTES);
	found = stmt_next(&s);
	if (found) {
		stmt_blob(&s, ROW_CODE_HASH, out->hash, sizeof(out->hash));
		out->client_id = stmt_text(&s, ROW_CODE_CLIENT_ID);
		out->name = stmt_text(&s, ROW_CODE_NAME);
		out->redirect_uri = stmt_text(&s, ROW_CODE_REDIRECT_URI);
		out->challenge = stmt_text(&s, ROW_CODE_CHALLENGE);
		out->scope = stmt_text(&s, ROW_CODE_SCOPE);
		out->created = stmt_int(&s, ROW_CODE_CREATED);
		out->expires = stmt_int(&s, ROW_CODE_EXPIRES);
		out->used = stmt_int(&s, ROW_CODE_USED);
		out->token = stmt_text(&s, ROW_CODE_TOKEN);
	}
	e = stmt_end(&s);
	if (!e && !found)
		e = err_raise(c, ERR_NOT_FOUND, "no such code");
	return e;
}

enum err
code_row_use(struct ctx *c, struct db *db, const unsigned char hash[CRYPTO_SHA256_BYTES],
	struct str token, int64_t now, bool *won)
{
	struct stmt s;
	enum err e;

	stmt_begin(c, db, SQL_CODE_USE, &s);
	stmt_bind_int(&s, IN_CODE_USE_NOW, now);
	stmt_bind_text(&s, IN_CODE_USE_TOKEN, token);
	stmt_bind_blob(&s, IN_CODE_USE_HASH, hash, CRYPTO_SHA256_BYTES);
	e = stmt_run(&s);
	*won = !e && stmt_changes(db) == 1;
	return e;
}

enum err
code_row_clean(struct ctx *c, struct db *db, int64_t before)
{
	struct stmt s;

	stmt_begin(c, db, SQL_CODE_CLEAN, &s);
	stmt_bind_int(&s, IN_CODE_CLEAN_BEFORE, before);
	return stmt_run(&s);
}

/* ---- refresh tokens -------------------------------------------------------------------------- */

enum err
refresh_row_insert(struct ctx *c, struct db *db, const unsigned char hash[CRYPTO_SHA256_BYTES],
	struct str token, int64_t created, int64_t expires)
{
	struct stmt s;

	stmt_begin(c, db, SQL_REFRESH_INSERT, &s);
	stmt_bind_blob(&s, IN_REFRESH_INSERT_HASH, hash, CRYPTO_SHA256_BYTES);
	stmt_bind_text(&s, IN_REFRESH_INSERT_TOKEN, token);
	stmt_bind_int(&s, IN_REFRESH_INSERT_CREATED, created);
	stmt_bind_int(&s, IN_REFRESH_INSERT_EXPIRES, expires);
	return stmt_run(&s);
}

enum err
refresh_row_find(struct ctx *c, struct db *db, const unsigned char hash[CRYPTO_SHA256_BYTES],
	struct refresh_row *out)
{
	struct stmt s;
	bool found;
	enum err e;

	*out = (struct refresh_row){0};
	stmt_begin(c, db, SQL_REFRESH_FIND, &s);
	stmt_bind_blob(&s, IN_REFRESH_FIND_HASH, hash, CRYPTO_SHA256_BYTES);
	found = stmt_next(&s);
	if (found) {
		out->id = stmt_int(&s, OUT_REFRESH_FIND_ID);
		stmt_blob(&s, OUT_REFRESH_FIND_HASH, out->hash, sizeof(out->hash));
		out->token = stmt_text(&s, OUT_REFRESH_FIND_TOKEN);
		out->expires = stmt_int(&s, OUT_REFRESH_FIND_EXPIRES);
		out->used = stmt_int(&s, OUT_REFRESH_FIND_USED);
		out->newer = stmt_int(&s, OUT_REFRESH_FIND_NEWER) != 0;
	}
	e = stmt_end(&s);
	if (!e && !found)
		e = err_raise(c, ERR_NOT_FOUND, "no such refresh token");
	return e;
}

enum err
refresh_row_use(struct ctx *c, struct db *db, int64_t id, int64_t now)
{
	struct stmt s;

	stmt_begin(c, db, SQL_REFRESH_USE, &s);
	stmt_bind_int(&s, IN_REFRESH_USE_ID, id);
	stmt_bind_int(&s, IN_REFRESH_USE_NOW, now);
	return stmt_run(&s);
}

enum err
refresh_row_replace(struct ctx *c, struct db *db, int64_t id)
{
	struct stmt s;

	stmt_begin(c, db, SQL_REFRESH_REPLACE, &s);
	stmt_bind_int(&s, IN_REFRESH_REPLACE_ID, id);
	return stmt_run(&s);
}

enum err
refresh_row_clean(struct ctx *c, struct db *db, int64_t now)
{
	struct stmt s;

	stmt_begin(c, db, SQL_REFRESH_CLEAN, &s);
	stmt_bind_int(&s, IN_REFRESH_CLEAN_NOW, now);
	return stmt_run(&s);
}

/* ---- requests that wait ---------------------------------------------------------------------- */

enum err
authorization_row_insert(struct ctx *c, struct db *db, const struct authorization_row *row)
{
	struct stmt s;

	stmt_begin(c, db, SQL_AUTHORIZATION_INSERT, &s);
	stmt_bind_text(&s, IN_AUTHORIZATION_INSERT_PUBLIC, row->id);
	stmt_bind_text(&s, IN_AUTHORIZATION_INSERT_QUERY, row->query);
	stmt_bind_int(&s, IN_AUTHORIZATION_INSERT_CREATED, row->created);
	return stmt_run(&s);
}

enum err
authorization_row_find(struct ctx *c, struct db *db, struct str id, struct authorization_row *out)
{
	struct stmt s;
	bool found;
	enum err e;

	*out = (struct authorization_row){.id = id};
	stmt_begin(c, db, SQL_AUTHORIZATION_FIND, &s);
	stmt_bind_text(&s, IN_AUTHORIZATION_FIND_PUBLIC, id);
	found = stmt_next(&s);
	if (found) {
		out->query = stmt_text(&s, OUT_AUTHORIZATION_FIND_QUERY);
		out->created = stmt_int(&s, OUT_AUTHORIZATION_FIND_CREATED);
	}
	e = stmt_end(&s);
	if (!e && !found)
		e = err_raise(c, ERR_NOT_FOUND, "no such authorization request");
	return e;
}

enum err
authorization_row_delete(struct ctx *c, struct db *db, struct str id, bool *found)
{
	struct stmt s;
	enum err e;

	stmt_begin(c, db, SQL_AUTHORIZATION_DELETE, &s);
	stmt_bind_text(&s, IN_AUTHORIZATION_DELETE_PUBLIC, id);
	e = stmt_run(&s);
	*found = !e && stmt_changes(db) == 1;
	return e;
}

enum err
authorization_row_crop(struct ctx *c, struct db *db, int64_t most)
{
	struct stmt s;

	stmt_begin(c, db, SQL_AUTHORIZATION_CROP, &s);
	stmt_bind_int(&s, IN_AUTHORIZATION_CROP_MOST, most);
	return stmt_run(&s);
}

enum err
authorization_row_clean(struct ctx *c, struct db *db, int64_t before)
{
	struct stmt s;

	stmt_begin(c, db, SQL_AUTHORIZATION_CLEAN, &s);
	stmt_bind_int(&s, IN_AUTHORIZATION_CLEAN_BEFORE, before);
	return stmt_run(&s);
}
