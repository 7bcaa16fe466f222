/*
 * Finding what a batch has made, and removing its posts.
 */
#include "store/batch.h"

#include "store/auth.h"
#include "store/priv.h"

static enum err
first_behind(struct ctx *c, struct db *db, enum sql which, struct str client, int64_t id,
	int64_t *out)
{
	struct stmt s;

	*out = 0;
	stmt_begin(c, db, which, &s);
	stmt_bind_int(&s, IN_BATCH_POST_ID, id);
	stmt_bind_text(&s, IN_BATCH_POST_CLIENT, client);
	if (stmt_next(&s))
		*out = stmt_int(&s, OUT_BATCH_POST_ID);
	return stmt_end(&s);
}

_Static_assert((int)IN_BATCH_POST_CLIENT == (int)IN_BATCH_STRANGER_CLIENT, "one binder for both");

enum err
batch_post_next(struct ctx *c, struct db *db, struct str client, int64_t id, int64_t *out)
{
	return first_behind(c, db, SQL_BATCH_POST, client, id, out);
}

enum err
batch_has_strangers(struct ctx *c, struct db *db, struct str client, bool *out)
{
	int64_t id = 0;
	enum err err = first_behind(c, db, SQL_BATCH_STRANGER, client, 0, &id);

	*out = id != 0;
	return err;
}

enum err
batch_post_remove(struct ctx *c, struct db *db, int64_t id)
{
	struct stmt s;

	stmt_begin(c, db, SQL_BATCH_POST_REMOVE, &s);
	stmt_bind_int(&s, IN_BATCH_POST_REMOVE_ID, id);
	return stmt_run(&s);
}

enum err
batch_removed(struct ctx *c, struct db *db)
{
	struct stmt s;
	enum err err;

	stmt_begin(c, db, SQL_BATCH_SEARCH_BACK, &s);
	err = stmt_run(&s);
	return err ? err : token_row_tally(c, db);
}

enum err
batch_file_next(struct ctx *c, struct db *db, struct str client, int64_t *id, struct str *name)
{
	struct stmt s;

	*name = (struct str){0};
	stmt_begin(c, db, SQL_BATCH_FILE, &s);
	stmt_bind_int(&s, IN_BATCH_FILE_ID, *id);
	stmt_bind_text(&s, IN_BATCH_FILE_CLIENT, client);
	if (stmt_next(&s)) {
		*id = stmt_int(&s, OUT_BATCH_FILE_ID);
		*name = stmt_text(&s, OUT_BATCH_FILE_NAME);
	}
	return stmt_end(&s);
}
