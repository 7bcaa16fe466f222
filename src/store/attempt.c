/*
 * Rows about sign-ins under way.
 */
#include "store/attempt.h"

#include "store/stmt.h"

/* ---- the password was right ------------------------------------------------------------------ */

enum err
pending_row_put(struct ctx *c, struct db *db, const unsigned char hash[CRYPTO_SHA256_BYTES],
	int64_t expires)
{
	struct stmt s;

	stmt_begin(c, db, SQL_PENDING_PUT, &s);
	stmt_bind_blob(&s, IN_PENDING_PUT_HASH, hash, CRYPTO_SHA256_BYTES);
	stmt_bind_int(&s, IN_PENDING_PUT_EXPIRES, expires);
	return stmt_run(&s);
}

enum err
pending_row_find(struct ctx *c, struct db *db, const unsigned char hash[CRYPTO_SHA256_BYTES],
	int64_t now, bool *found)
{
	struct stmt s;

	stmt_begin(c, db, SQL_PENDING_FIND, &s);
	stmt_bind_blob(&s, IN_PENDING_FIND_HASH, hash, CRYPTO_SHA256_BYTES);
	*found = stmt_next(&s) && stmt_int(&s, OUT_PENDING_FIND_EXPIRES) > now;
	return stmt_end(&s);
}

enum err
pending_row_try(struct ctx *c, struct db *db, const unsigned char hash[CRYPTO_SHA256_BYTES],
	int most, bool *left)
{
	struct stmt s;
	enum err e;

	stmt_begin(c, db, SQL_PENDING_TRY, &s);
	stmt_bind_blob(&s, IN_PENDING_TRY_HASH, hash, CRYPTO_SHA256_BYTES);
	stmt_bind_int(&s, IN_PENDING_TRY_MOST, most);
	e = stmt_run(&s);
	*left = !e && stmt_changes(db) > 0;
	return e;
}

enum err
pending_row_delete(struct ctx *c, struct db *db, const unsigned char hash[CRYPTO_SHA256_BYTES])
{
	struct stmt s;

	stmt_begin(c, db, SQL_PENDING_DELETE, &s);
	stmt_bind_blob(&s, IN_PENDING_DELETE_HASH, hash, CRYPTO_SHA256_BYTES);
	return stmt_run(&s);
}

enum err
pending_row_clear(struct ctx *c, struct db *db)
{
	struct stmt s;

	stmt_begin(c, db, SQL_PENDING_CLEAR, &s);
	return stmt_run(&s);
}

/* ---- challenges ------------------------------------------------------------------------------ */

enum err
challenge_row_put(struct ctx *c, struct db *db, const struct challenge_row *row, int most)
{
	struct stmt s;
	enum err e;

	stmt_begin(c, db, SQL_CHALLENGE_PUT, &s);
	stmt_bind_blob(&s, IN_CHALLENGE_PUT_HASH, row->hash, sizeof(row->hash));
	stmt_bind_text(&s, IN_CHALLENGE_PUT_PURPOSE, row->purpose);
	stmt_bind_blob(&s, IN_CHALLENGE_PUT_CHALLENGE, row->challenge, sizeof(row->challenge));
	stmt_bind_int(&s, IN_CHALLENGE_PUT_EXPIRES, row->expires);
	e = stmt_run(&s);
	if (e)
		return e;
	stmt_begin(c, db, SQL_CHALLENGE_TRIM, &s);
	stmt_bind_text(&s, IN_CHALLENGE_TRIM_PURPOSE, row->purpose);
	stmt_bind_int(&s, IN_CHALLENGE_TRIM_MOST, most);
	return stmt_run(&s);
}

enum err
challenge_row_take(struct ctx *c, struct db *db, struct challenge_row *row, bool *found)
{
	struct stmt s;
	enum err e;

	stmt_begin(c, db, SQL_CHALLENGE_FIND, &s);
	stmt_bind_blob(&s, IN_CHALLENGE_FIND_HASH, row->hash, sizeof(row->hash));
	stmt_bind_text(&s, IN_CHALLENGE_FIND_PURPOSE, row->purpose);
	*found = stmt_next(&s);
	if (*found) {
		stmt_blob(&s, OUT_CHALLENGE_FIND_CHALLENGE, row->challenge, sizeof(row->challenge));
		row->expires = stmt_int(&s, OUT_CHALLENGE_FIND_EXPIRES);
	}
	e = stmt_end(&s);
	if (e || !*found)
		return e;
	stmt_begin(c, db, SQL_CHALLENGE_DELETE, &s);
	stmt_bind_blob(&s, IN_CHALLENGE_DELETE_HASH, row->hash, sizeof(row->hash));
	stmt_bind_text(&s, IN_CHALLENGE_DELETE_PURPOSE, row->purpose);
	return stmt_run(&s);
}

/* ---- tries ----------------------------------------------------------------------------------- */

enum err
throttle_row_find(struct ctx *c, struct db *db, struct throttle_row *row)
{
	struct stmt s;

	row->tries = row->since = row->until = row->strikes = 0;
	stmt_begin(c, db, SQL_THROTTLE_FIND, &s);
	stmt_bind_text(&s, IN_THROTTLE_FIND_KIND, row->kind);
	stmt_bind_text(&s, IN_THROTTLE_FIND_WHO, row->who);
	if (stmt_next(&s)) {
		row->tries = stmt_int(&s, OUT_THROTTLE_FIND_TRIES);
		row->since = stmt_int(&s, OUT_THROTTLE_FIND_SINCE);
		row->until = stmt_int(&s, OUT_THROTTLE_FIND_UNTIL);
		row->strikes = stmt_int(&s, OUT_THROTTLE_FIND_STRIKES);
	}
	return stmt_end(&s);
}

enum err
throttle_row_put(struct ctx *c, struct db *db, const struct throttle_row *row, int most)
{
	struct stmt s;
	enum err e;

	stmt_begin(c, db, SQL_THROTTLE_PUT, &s);
	stmt_bind_text(&s, IN_THROTTLE_PUT_KIND, row->kind);
	stmt_bind_text(&s, IN_THROTTLE_PUT_WHO, row->who);
	stmt_bind_int(&s, IN_THROTTLE_PUT_TRIES, row->tries);
	stmt_bind_int(&s, IN_THROTTLE_PUT_SINCE, row->since);
	stmt_bind_int(&s, IN_THROTTLE_PUT_UNTIL, row->until);
	stmt_bind_int(&s, IN_THROTTLE_PUT_STRIKES, row->strikes);
	e = stmt_run(&s);
	if (e)
		return e;
	stmt_begin(c, db, SQL_THROTTLE_TRIM, &s);
	stmt_bind_int(&s, IN_THROTTLE_TRIM_MOST, most);
	return stmt_run(&s);
}

enum err
attempt_row_clean(struct ctx *c, struct db *db, int64_t now, int64_t before)
{
	struct stmt s;
	enum err e;

	stmt_begin(c, db, SQL_PENDING_CLEAN, &s);
	stmt_bind_int(&s, IN_PENDING_CLEAN_NOW, now);
	e = stmt_run(&s);
	if (e)
		return e;
	stmt_begin(c, db, SQL_CHALLENGE_CLEAN, &s);
	stmt_bind_int(&s, IN_CHALLENGE_CLEAN_NOW, now);
	e = stmt_run(&s);
	if (e)
		return e;
	stmt_begin(c, db, SQL_THROTTLE_CLEAN, &s);
	stmt_bind_int(&s, IN_THROTTLE_CLEAN_BEFORE, before);
	return stmt_run(&s);
}
