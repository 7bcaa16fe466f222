/*
 * Rows of the owner, of access tokens and of logins. Nothing here can give a secret away: the
 * database has only hashes of them.
 */
#include "store/auth.h"

#include "store/stmt.h"

/* ---- the owner ------------------------------------------------------------------------------- */

enum err
owner_row_insert(struct ctx *c, struct db *db, const struct owner_row *row)
{
	struct stmt s;
	enum err e;

	stmt_begin(c, db, SQL_OWNER_INSERT, &s);
	stmt_bind_text(&s, IN_OWNER_INSERT_NAME, row->name);
	stmt_bind_text(&s, IN_OWNER_INSERT_URL, row->url);
	stmt_bind_text(&s, IN_OWNER_INSERT_PASSWORD_HASH, row->password_hash);
	stmt_bind_int(&s, IN_OWNER_INSERT_CREATED, row->created);
	e = stmt_run(&s);
	if (!e && stmt_changes(db) == 0)
		e = err_raise(c, ERR_EXISTS, "the site has an owner already");
	return e;
}

enum err
owner_row_find(struct ctx *c, struct db *db, struct owner_row *out)
{
	struct stmt s;
	bool found;
	enum err e;

	*out = (struct owner_row){0};
	stmt_begin(c, db, SQL_OWNER_FIND, &s);
	found = stmt_next(&s);
	if (found) {
		out->name = stmt_text(&s, OUT_OWNER_FIND_NAME);
		out->url = stmt_text(&s, OUT_OWNER_FIND_URL);
		out->password_hash = stmt_text(&s, OUT_OWNER_FIND_PASSWORD_HASH);
		out->created = stmt_int(&s, OUT_OWNER_FIND_CREATED);
		out->handle = stmt_bytes(&s, OUT_OWNER_FIND_HANDLE);
	}
	e = stmt_end(&s);
	if (!e && !found)
		e = err_raise(c, ERR_NOT_FOUND, "the site has no owner");
	return e;
}

enum err
owner_row_set_password(struct ctx *c, struct db *db, struct str hash)
{
	struct stmt s;
	enum err e;

	stmt_begin(c, db, SQL_OWNER_SET_PASSWORD, &s);
	stmt_bind_text(&s, IN_OWNER_SET_PASSWORD_PASSWORD_HASH, hash);
	e = stmt_run(&s);
	if (!e && stmt_changes(db) == 0)
		e = err_raise(c, ERR_NOT_FOUND, "the site has no owner");
	return e;
}

enum err
owner_row_set_handle(struct ctx *c, struct db *db, struct str handle)
{
	struct stmt s;

	stmt_begin(c, db, SQL_OWNER_SET_HANDLE, &s);
	stmt_bind_blob(&s, IN_OWNER_SET_HANDLE_HANDLE, handle.p, handle.n);
	return stmt_run(&s);
}

/* ---- tokens ---------------------------------------------------------------------------------- */

static void
token_read(struct stmt *s, struct token_row *out)
{
	out->id = stmt_text(s, ROW_TOKEN_PUBLIC);
	stmt_blob(s, ROW_TOKEN_HASH, out->hash, sizeof(out->hash));
	out->name = stmt_text(s, ROW_TOKEN_NAME);
	out->client_id = stmt_text(s, ROW_TOKEN_CLIENT_ID);
	out->scope = stmt_text(s, ROW_TOKEN_SCOPE);
	out->created = stmt_int(s, ROW_TOKEN_CREATED);
	out->expires = stmt_int(s, ROW_TOKEN_EXPIRES);
	out->last_used = stmt_int(s, ROW_TOKEN_LAST_USED);
	out->revoked = stmt_int(s, ROW_TOKEN_REVOKED);
	out->granted = stmt_text(s, ROW_TOKEN_GRANTED);
	out->issued = stmt_int(s, ROW_TOKEN_ISSUED);
	out->ends = stmt_int(s, ROW_TOKEN_ENDS);
	out->drafts = stmt_int(s, ROW_TOKEN_DRAFTS) != 0;
	out->posts = stmt_int(s, ROW_TOKEN_POSTS);
}

enum err
token_row_insert(struct ctx *c, struct db *db, const struct token_row *row)
{
	struct stmt s;

	stmt_begin(c, db, SQL_TOKEN_INSERT, &s);
	stmt_bind_text(&s, IN_TOKEN_INSERT_PUBLIC, row->id);
	stmt_bind_blob(&s, IN_TOKEN_INSERT_HASH, row->hash, sizeof(row->hash));
	stmt_bind_text(&s, IN_TOKEN_INSERT_NAME, row->name);
	stmt_bind_text(&s, IN_TOKEN_INSERT_CLIENT_ID, row->client_id);
	stmt_bind_text(&s, IN_TOKEN_INSERT_SCOPE, row->scope);
	stmt_bind_int(&s, IN_TOKEN_INSERT_CREATED, row->created);
	stmt_bind_int(&s, IN_TOKEN_INSERT_EXPIRES, row->expires);
	stmt_bind_int(&s, IN_TOKEN_INSERT_LAST_USED, row->last_used);
	stmt_bind_int(&s, IN_TOKEN_INSERT_REVOKED, row->revoked);
	stmt_bind_text(&s, IN_TOKEN_INSERT_GRANTED, row->granted);
	stmt_bind_int(&s, IN_TOKEN_INSERT_ISSUED, row->issued);
	stmt_bind_int(&s, IN_TOKEN_INSERT_ENDS, row->ends);
	stmt_bind_int(&s, IN_TOKEN_INSERT_DRAFTS, row->drafts);
	stmt_bind_int(&s, IN_TOKEN_INSERT_POSTS, row->posts);
	return stmt_run(&s);
}

/* Runs a query for one token to its end. */
static enum err
token_find(struct stmt *s, struct token_row *out)
{
	bool found = stmt_next(s);
	struct ctx *c = s->c;
	enum err e;

	*out = (struct token_row){0};
	if (found)
		token_read(s, out);
	e = stmt_end(s);
	if (!e && !found)
		e = err_raise(c, ERR_NOT_FOUND, "no such token");
	return e;
}

enum err
token_row_find(struct ctx *c, struct db *db, const unsigned char hash[CRYPTO_SHA256_BYTES],
	struct token_row *out)
{
	struct stmt s;

	stmt_begin(c, db, SQL_TOKEN_FIND, &s);
	stmt_bind_blob(&s, IN_TOKEN_FIND_HASH, hash, CRYPTO_SHA256_BYTES);
	return token_find(&s, out);
}

enum err
token_row_find_id(struct ctx *c, struct db *db, struct str id, struct token_row *out)
{
	struct stmt s;

	stmt_begin(c, db, SQL_TOKEN_FIND_ID, &s);
	stmt_bind_text(&s, IN_TOKEN_FIND_ID_PUBLIC, id);
	return token_find(&s, out);
}

enum err
token_row_list(struct ctx *c, struct db *db, struct token_row **out, size_t *n)
{
	struct stmt s;

	*out = NULL;
	*n = 0;
	stmt_begin(c, db, SQL_TOKEN_LIST, &s);
	while (stmt_next(&s)) {
		struct token_row *rows = ctx_grow(c, *out, *n, sizeof(**out));

		if (!rows) {
			stmt_keep(&s, ERR_MEMORY);
			break;
		}
		token_read(&s, &rows[*n]);
		*out = rows;
		++*n;
	}
	return stmt_end(&s);
}

enum err
token_row_revoke(struct ctx *c, struct db *db, struct str id, int64_t now)
{
	struct stmt s;
	enum err e;

	stmt_begin(c, db, SQL_TOKEN_REVOKE, &s);
	stmt_bind_int(&s, IN_TOKEN_REVOKE_NOW, now);
	stmt_bind_text(&s, IN_TOKEN_REVOKE_PUBLIC, id);
	e = stmt_run(&s);
	if (!e && stmt_changes(db) == 0)
		e = err_raise(c, ERR_NOT_FOUND, "token '%.*s'", STR(id));
	return e;
}

/* Runs a change of one token that is not revoked. */
static enum err
token_change(struct stmt *s, struct str id)
{
	struct ctx *c = s->c;
	struct db *db = s->db;
	enum err e = stmt_run(s);

	if (!e && stmt_changes(db) == 0)
		e = err_raise(c, ERR_NOT_FOUND, "token '%.*s'", STR(id));
	return e;
}

enum err
token_row_change(struct ctx *c, struct db *db, const struct token_row *row)
{
	struct stmt s;

	stmt_begin(c, db, SQL_TOKEN_CHANGE, &s);
	stmt_bind_text(&s, IN_TOKEN_CHANGE_SCOPE, row->scope);
	stmt_bind_text(&s, IN_TOKEN_CHANGE_GRANTED, row->granted);
	stmt_bind_int(&s, IN_TOKEN_CHANGE_DRAFTS, row->drafts);
	stmt_bind_text(&s, IN_TOKEN_CHANGE_PUBLIC, row->id);
	return token_change(&s, row->id);
}

enum err
token_row_renew(struct ctx *c, struct db *db, const struct token_row *row)
{
	struct stmt s;

	stmt_begin(c, db, SQL_TOKEN_RENEW, &s);
	stmt_bind_blob(&s, IN_TOKEN_RENEW_HASH, row->hash, sizeof(row->hash));
	stmt_bind_text(&s, IN_TOKEN_RENEW_SCOPE, row->scope);
	stmt_bind_int(&s, IN_TOKEN_RENEW_ISSUED, row->issued);
	stmt_bind_int(&s, IN_TOKEN_RENEW_EXPIRES, row->expires);
	stmt_bind_int(&s, IN_TOKEN_RENEW_ENDS, row->ends);
	stmt_bind_text(&s, IN_TOKEN_RENEW_PUBLIC, row->id);
	return token_change(&s, row->id);
}

enum err
token_row_tally(struct ctx *c, struct db *db)
{
	struct stmt s;
	enum err e;

	stmt_begin(c, db, SQL_TOKEN_TALLY, &s);
	e = stmt_run(&s);
	if (e)
		return e;
	stmt_begin(c, db, SQL_TOKEN_TALLY_MOVE, &s);
	return stmt_run(&s);
}

enum err
token_row_touch(struct ctx *c, struct db *db, struct str id, int64_t now)
{
	struct stmt s;

	stmt_begin(c, db, SQL_TOKEN_TOUCH, &s);
	stmt_bind_int(&s, IN_TOKEN_TOUCH_NOW, now);
	stmt_bind_text(&s, IN_TOKEN_TOUCH_PUBLIC, id);
	return stmt_run(&s);
}

enum err
token_row_clean(struct ctx *c, struct db *db, int64_t before, int64_t *n)
{
	struct stmt s;
	enum err e;

	stmt_begin(c, db, SQL_TOKEN_CLEAN, &s);
	stmt_bind_int(&s, IN_TOKEN_CLEAN_BEFORE, before);
	e = stmt_run(&s);
	*n = e ? 0 : stmt_changes(db);
	return e;
}

/* ---- sessions -------------------------------------------------------------------------------- */

enum err
session_row_insert(struct ctx *c, struct db *db, const struct session_row *row)
{
	struct stmt s;

	stmt_begin(c, db, SQL_SESSION_INSERT, &s);
	stmt_bind_blob(&s, IN_SESSION_INSERT_HASH, row->hash, sizeof(row->hash));
	stmt_bind_text(&s, IN_SESSION_INSERT_PUBLIC, row->id);
	stmt_bind_text(&s, IN_SESSION_INSERT_FACTORS, row->factors);
	stmt_bind_int(&s, IN_SESSION_INSERT_PROVED, row->proved);
	stmt_bind_text(&s, IN_SESSION_INSERT_USER_AGENT, row->user_agent);
	stmt_bind_text(&s, IN_SESSION_INSERT_REMOTE_ADDR, row->remote_addr);
	stmt_bind_int(&s, IN_SESSION_INSERT_CREATED, row->created);
	stmt_bind_int(&s, IN_SESSION_INSERT_LAST_ACCESSED, row->last_accessed);
	stmt_bind_int(&s, IN_SESSION_INSERT_EXPIRES, row->expires);
	return stmt_run(&s);
}

static void
session_read(struct stmt *s, struct session_row *out)
{
	stmt_blob(s, ROW_SESSION_HASH, out->hash, sizeof(out->hash));
	out->id = stmt_text(s, ROW_SESSION_PUBLIC);
	out->factors = stmt_text(s, ROW_SESSION_FACTORS);
	out->proved = stmt_int(s, ROW_SESSION_PROVED);
	out->user_agent = stmt_text(s, ROW_SESSION_USER_AGENT);
	out->remote_addr = stmt_text(s, ROW_SESSION_REMOTE_ADDR);
	out->created = stmt_int(s, ROW_SESSION_CREATED);
	out->last_accessed = stmt_int(s, ROW_SESSION_LAST_ACCESSED);
	out->expires = stmt_int(s, ROW_SESSION_EXPIRES);
}

enum err
session_row_find(struct ctx *c, struct db *db, const unsigned char hash[CRYPTO_SHA256_BYTES],
	struct session_row *out)
{
	struct stmt s;
	bool found;
	enum err e;

	*out = (struct session_row){0};
	stmt_begin(c, db, SQL_SESSION_FIND, &s);
	stmt_bind_blob(&s, IN_SESSION_FIND_HASH, hash, CRYPTO_SHA256_BYTES);
	found = stmt_next(&s);
	if (found)
		session_read(&s, out);
	e = stmt_end(&s);
	if (!e && !found)
		e = err_raise(c, ERR_NOT_FOUND, "no such session");
	return e;
}

enum err
session_row_list(struct ctx *c, struct db *db, int64_t now, struct session_row **out, size_t *n)
{
	struct stmt s;

	*out = NULL;
	*n = 0;
	stmt_begin(c, db, SQL_SESSION_LIST, &s);
	stmt_bind_int(&s, IN_SESSION_LIST_NOW, now);
	while (stmt_next(&s)) {
		struct session_row *rows = ctx_grow(c, *out, *n, sizeof(**out));

		if (!rows) {
			stmt_keep(&s, ERR_MEMORY);
			break;
		}
		session_read(&s, &rows[*n]);
		*out = rows;
		++*n;
	}
	return stmt_end(&s);
}

enum err
session_row_touch(struct ctx *c, struct db *db, const unsigned char hash[CRYPTO_SHA256_BYTES],
	int64_t now, int64_t expires)
{
	struct stmt s;

	stmt_begin(c, db, SQL_SESSION_TOUCH, &s);
	stmt_bind_int(&s, IN_SESSION_TOUCH_NOW, now);
	stmt_bind_int(&s, IN_SESSION_TOUCH_EXPIRES, expires);
	stmt_bind_blob(&s, IN_SESSION_TOUCH_HASH, hash, CRYPTO_SHA256_BYTES);
	return stmt_run(&s);
}

enum err
session_row_prove(struct ctx *c, struct db *db, const unsigned char hash[CRYPTO_SHA256_BYTES],
	const unsigned char fresh[CRYPTO_SHA256_BYTES], struct str factors, int64_t now)
{
	struct stmt s;
	enum err e;

	stmt_begin(c, db, SQL_SESSION_PROVE, &s);
	stmt_bind_blob(&s, IN_SESSION_PROVE_FRESH, fresh, CRYPTO_SHA256_BYTES);
	stmt_bind_text(&s, IN_SESSION_PROVE_FACTORS, factors);
	stmt_bind_int(&s, IN_SESSION_PROVE_NOW, now);
	stmt_bind_blob(&s, IN_SESSION_PROVE_HASH, hash, CRYPTO_SHA256_BYTES);
	e = stmt_run(&s);
	if (!e && stmt_changes(db) == 0)
		e = err_raise(c, ERR_NOT_FOUND, "no such session");
	return e;
}

enum err
session_row_delete(struct ctx *c, struct db *db, const unsigned char hash[CRYPTO_SHA256_BYTES])
{
	struct stmt s;

	stmt_begin(c, db, SQL_SESSION_DELETE, &s);
	stmt_bind_blob(&s, IN_SESSION_DELETE_HASH, hash, CRYPTO_SHA256_BYTES);
	return stmt_run(&s);
}

enum err
session_row_revoke(struct ctx *c, struct db *db, struct str id)
{
	struct stmt s;
	enum err e;

	stmt_begin(c, db, SQL_SESSION_REVOKE, &s);
	stmt_bind_text(&s, IN_SESSION_REVOKE_PUBLIC, id);
	e = stmt_run(&s);
	if (!e && stmt_changes(db) == 0)
		e = err_raise(c, ERR_NOT_FOUND, "session '%.*s'", STR(id));
	return e;
}

enum err
session_row_revoke_others(struct ctx *c, struct db *db, struct str id, int64_t *n)
{
	struct stmt s;
	enum err e;

	stmt_begin(c, db, SQL_SESSION_REVOKE_OTHERS, &s);
	stmt_bind_text(&s, IN_SESSION_REVOKE_OTHERS_PUBLIC, id);
	e = stmt_run(&s);
	*n = e ? 0 : stmt_changes(db);
	return e;
}

enum err
session_row_clean(struct ctx *c, struct db *db, int64_t now, int64_t *n)
{
	struct stmt s;
	enum err e;

	stmt_begin(c, db, SQL_SESSION_CLEAN, &s);
	stmt_bind_int(&s, IN_SESSION_CLEAN_NOW, now);
	e = stmt_run(&s);
	*n = e ? 0 : stmt_changes(db);
	return e;
}
