/*
 * Rows of second factors.
 */
#include "store/factor.h"

#include "store/stmt.h"

/* ---- the authenticator app ------------------------------------------------------------------- */

enum err
totp_row_put(struct ctx *c, struct db *db, struct str sealed, int64_t now)
{
	struct stmt s;
	enum err e;

	stmt_begin(c, db, SQL_TOTP_PUT, &s);
	stmt_bind_blob(&s, IN_TOTP_PUT_SECRET, sealed.p, sealed.n);
	stmt_bind_int(&s, IN_TOTP_PUT_CREATED, now);
	e = stmt_run(&s);
	if (!e && stmt_changes(db) == 0)
		e = err_raise(c, ERR_EXISTS, "an authenticator app is active already");
	return e;
}

enum err
totp_row_find(struct ctx *c, struct db *db, struct totp_row *out)
{
	struct stmt s;
	bool found;
	enum err e;

	*out = (struct totp_row){0};
	stmt_begin(c, db, SQL_TOTP_FIND, &s);
	found = stmt_next(&s);
	if (found) {
		out->secret = stmt_bytes(&s, OUT_TOTP_FIND_SECRET);
		out->active = stmt_int(&s, OUT_TOTP_FIND_ACTIVE) != 0;
		out->last_step = stmt_int(&s, OUT_TOTP_FIND_LAST_STEP);
		out->created = stmt_int(&s, OUT_TOTP_FIND_CREATED);
	}
	e = stmt_end(&s);
	if (!e && !found)
		e = err_raise(c, ERR_NOT_FOUND, "no authenticator app");
	return e;
}

enum err
totp_row_accept(struct ctx *c, struct db *db, int64_t step, bool *first)
{
	struct stmt s;
	enum err e;

	stmt_begin(c, db, SQL_TOTP_ACCEPT, &s);
	stmt_bind_int(&s, IN_TOTP_ACCEPT_STEP, step);
	e = stmt_run(&s);
	*first = !e && stmt_changes(db) > 0;
	return e;
}

enum err
totp_row_delete(struct ctx *c, struct db *db, bool *found)
{
	struct stmt s;
	enum err e;

	stmt_begin(c, db, SQL_TOTP_DELETE, &s);
	e = stmt_run(&s);
	*found = !e && stmt_changes(db) > 0;
	return e;
}

/* ---- recovery codes -------------------------------------------------------------------------- */

enum err
recovery_row_insert(struct ctx *c, struct db *db, const unsigned char hash[CRYPTO_SHA256_BYTES])
{
	struct stmt s;

	stmt_begin(c, db, SQL_RECOVERY_INSERT, &s);
	stmt_bind_blob(&s, IN_RECOVERY_INSERT_HASH, hash, CRYPTO_SHA256_BYTES);
	return stmt_run(&s);
}

enum err
recovery_row_use(struct ctx *c, struct db *db, const unsigned char hash[CRYPTO_SHA256_BYTES],
	int64_t now, bool *good)
{
	struct stmt s;
	enum err e;

	stmt_begin(c, db, SQL_RECOVERY_USE, &s);
	stmt_bind_int(&s, IN_RECOVERY_USE_NOW, now);
	stmt_bind_blob(&s, IN_RECOVERY_USE_HASH, hash, CRYPTO_SHA256_BYTES);
	e = stmt_run(&s);
	*good = !e && stmt_changes(db) > 0;
	return e;
}

enum err
recovery_row_count(struct ctx *c, struct db *db, int64_t *total, int64_t *unused)
{
	struct stmt s;

	*total = *unused = 0;
	stmt_begin(c, db, SQL_RECOVERY_COUNT, &s);
	if (stmt_next(&s)) {
		*total = stmt_int(&s, OUT_RECOVERY_COUNT_TOTAL);
		*unused = stmt_int(&s, OUT_RECOVERY_COUNT_UNUSED);
	}
	return stmt_end(&s);
}

enum err
recovery_row_delete(struct ctx *c, struct db *db)
{
	struct stmt s;

	stmt_begin(c, db, SQL_RECOVERY_DELETE, &s);
	return stmt_run(&s);
}

/* ---- passkeys -------------------------------------------------------------------------------- */

enum err
passkey_row_insert(struct ctx *c, struct db *db, const struct passkey_row *row)
{
	struct stmt s;
	enum err e;

	stmt_begin(c, db, SQL_PASSKEY_INSERT, &s);
	stmt_bind_blob(&s, IN_PASSKEY_INSERT_CREDENTIAL, row->credential.p, row->credential.n);
	stmt_bind_text(&s, IN_PASSKEY_INSERT_PUBLIC, row->id);
	stmt_bind_text(&s, IN_PASSKEY_INSERT_NAME, row->name);
	stmt_bind_blob(&s, IN_PASSKEY_INSERT_KEY, row->key.p, row->key.n);
	stmt_bind_int(&s, IN_PASSKEY_INSERT_SIGN_COUNT, row->sign_count);
	stmt_bind_int(&s, IN_PASSKEY_INSERT_BACKUP_ELIGIBLE, row->backup_eligible);
	stmt_bind_int(&s, IN_PASSKEY_INSERT_BACKED_UP, row->backed_up);
	stmt_bind_text(&s, IN_PASSKEY_INSERT_TRANSPORTS, row->transports);
	stmt_bind_blob(&s, IN_PASSKEY_INSERT_AAGUID, row->aaguid, sizeof(row->aaguid));
	stmt_bind_int(&s, IN_PASSKEY_INSERT_CREATED, row->created);
	stmt_bind_int(&s, IN_PASSKEY_INSERT_LAST_USED, row->last_used);
	e = stmt_run(&s);
	if (!e && stmt_changes(db) == 0)
		e = err_raise(c, ERR_EXISTS, "the passkey is known already");
	return e;
}

static void
passkey_read(struct stmt *s, struct passkey_row *out)
{
	out->credential = stmt_bytes(s, ROW_PASSKEY_CREDENTIAL);
	out->id = stmt_text(s, ROW_PASSKEY_PUBLIC);
	out->name = stmt_text(s, ROW_PASSKEY_NAME);
	out->key = stmt_bytes(s, ROW_PASSKEY_KEY);
	out->sign_count = stmt_int(s, ROW_PASSKEY_SIGN_COUNT);
	out->backup_eligible = stmt_int(s, ROW_PASSKEY_BACKUP_ELIGIBLE) != 0;
	out->backed_up = stmt_int(s, ROW_PASSKEY_BACKED_UP) != 0;
	out->transports = stmt_text(s, ROW_PASSKEY_TRANSPORTS);
	stmt_blob(s, ROW_PASSKEY_AAGUID, out->aaguid, sizeof(out->aaguid));
	out->created = stmt_int(s, ROW_PASSKEY_CREATED);
	out->last_used = stmt_int(s, ROW_PASSKEY_LAST_USED);
}

enum err
passkey_row_find(struct ctx *c, struct db *db, struct str credential, struct passkey_row *out)
{
	struct stmt s;
	bool found;
	enum err e;

	*out = (struct passkey_row){0};
	stmt_begin(c, db, SQL_PASSKEY_FIND, &s);
	stmt_bind_blob(&s, IN_PASSKEY_FIND_CREDENTIAL, credential.p, credential.n);
	found = stmt_next(&s);
	if (found)
		passkey_read(&s, out);
	e = stmt_end(&s);
	if (!e && !found)
		e = err_raise(c, ERR_NOT_FOUND, "no such passkey");
	return e;
}

enum err
passkey_row_list(struct ctx *c, struct db *db, struct passkey_row **out, size_t *n)
{
	struct stmt s;

	*out = NULL;
	*n = 0;
	stmt_begin(c, db, SQL_PASSKEY_LIST, &s);
	while (stmt_next(&s)) {
		struct passkey_row *rows = ctx_grow(c, *out, *n, sizeof(**out));

		if (!rows) {
			stmt_keep(&s, ERR_MEMORY);
			break;
		}
		passkey_read(&s, &rows[*n]);
		*out = rows;
		++*n;
	}
	return stmt_end(&s);
}

enum err
passkey_row_used(struct ctx *c, struct db *db, const struct passkey_row *row)
{
	struct stmt s;

	stmt_begin(c, db, SQL_PASSKEY_USED, &s);
	stmt_bind_int(&s, IN_PASSKEY_USED_SIGN_COUNT, row->sign_count);
	stmt_bind_int(&s, IN_PASSKEY_USED_BACKED_UP, row->backed_up);
	stmt_bind_int(&s, IN_PASSKEY_USED_NOW, row->last_used);
	stmt_bind_blob(&s, IN_PASSKEY_USED_CREDENTIAL, row->credential.p, row->credential.n);
	return stmt_run(&s);
}

enum err
passkey_row_delete(struct ctx *c, struct db *db, struct str id)
{
	struct stmt s;
	enum err e;

	stmt_begin(c, db, SQL_PASSKEY_DELETE, &s);
	stmt_bind_text(&s, IN_PASSKEY_DELETE_PUBLIC, id);
	e = stmt_run(&s);
	if (!e && stmt_changes(db) == 0)
		e = err_raise(c, ERR_NOT_FOUND, "passkey '%.*s'", STR(id));
	return e;
}

enum err
factor_row_count(struct ctx *c, struct db *db, bool *totp, int64_t *passkeys)
{
	struct stmt s;

	*totp = false;
	*passkeys = 0;
	stmt_begin(c, db, SQL_FACTOR_COUNT, &s);
	if (stmt_next(&s)) {
		*totp = stmt_int(&s, OUT_FACTOR_COUNT_TOTP) > 0;
		*passkeys = stmt_int(&s, OUT_FACTOR_COUNT_PASSKEYS);
	}
	return stmt_end(&s);
}
