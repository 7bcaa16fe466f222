/*
 * Writing rows of posts. What is kept about posts (counts by day and tag, the site's revision)
 * moves by triggers in the same transaction, see migrations; here are only the queries.
 */
#include "store/post.h"

#include "store/post_list.h"

#include "store/priv.h"

enum {
	TAGS_LONGEST = 64 * 1024, /* bytes of a post's tags together */
	DUE_MOST = 100            /* scheduled posts published at one go */
};

/* An update sets what an insert sets: one binder for both. */
_Static_assert((int)IN_POST_UPDATE_MF2 == (int)IN_POST_INSERT_MF2, "post_update goes on");

static enum err
tags_join(struct ctx *c, const struct post_row *row, struct str *out)
{
	struct buf b;

	buf_init(&b, &c->arena, TAGS_LONGEST);
	for (size_t i = 0; i < row->n_tags; i++) {
		buf_put(&b, row->tags[i]);
		buf_putc(&b, POST_TAG_END);
	}
	return buf_end(c, &b, out);
}

static void
row_bind(struct stmt *s, struct str tags, const struct post_row *row)
{
	stmt_bind_text(s, IN_POST_INSERT_UID, row->uid);
	stmt_bind_text(s, IN_POST_INSERT_SLUG, row->slug);
	stmt_bind_text(s, IN_POST_INSERT_TYPE, row->type);
	stmt_bind_int(s, IN_POST_INSERT_STATUS, row->status);
	stmt_bind_int(s, IN_POST_INSERT_VISIBILITY, row->visibility);
	stmt_bind_int(s, IN_POST_INSERT_PUBLISHED, row->published);
	stmt_bind_int(s, IN_POST_INSERT_PUBLISHED_ZONE, row->published_zone);
	stmt_bind_int(s, IN_POST_INSERT_UPDATED, row->updated);
	stmt_bind_int(s, IN_POST_INSERT_DELETED, row->deleted);
	stmt_bind_text(s, IN_POST_INSERT_CLIENT, row->client);
	stmt_bind_text(s, IN_POST_INSERT_TAGS, tags);
	stmt_bind_text(s, IN_POST_INSERT_NAME, row->name);
	stmt_bind_text(s, IN_POST_INSERT_SUMMARY, row->summary);
	stmt_bind_text(s, IN_POST_INSERT_HTML, row->html);
	stmt_bind_int(s, IN_POST_INSERT_RICH, row->rich);
	stmt_bind_text(s, IN_POST_INSERT_CHANNEL, row->channel);
	stmt_bind_text(s, IN_POST_INSERT_SYNDICATE_TO, row->syndicate_to);
	stmt_bind_text(s, IN_POST_INSERT_TEXT, row->text);
	stmt_bind_text(s, IN_POST_INSERT_MF2, row->mf2);
}

static enum err
insert_post(struct ctx *c, struct db *db, struct str tags, struct post_row *row)
{
	struct stmt s;

	stmt_begin(c, db, SQL_POST_INSERT, &s);
	row_bind(&s, tags, row);
	if (stmt_next(&s))
		row->id = stmt_int(&s, OUT_POST_INSERT_ID);
	row->version = 1;
	return stmt_run(&s);
}

static enum err
update_post(struct ctx *c, struct db *db, struct str tags, struct post_row *row)
{
	struct stmt s;
	enum err e;

	stmt_begin(c, db, SQL_POST_UPDATE, &s);
	row_bind(&s, tags, row);
	stmt_bind_int(&s, IN_POST_UPDATE_ID, row->id);
	e = stmt_run(&s);
	if (!e && stmt_changes(db) == 0)
		e = err_raise(c, ERR_NOT_FOUND, "no post has the id %lld", (long long)row->id);
	row->version++;
	return e;
}

static enum err
insert_tag(struct ctx *c, struct db *db, int64_t post_id, struct str name)
{
	struct stmt s;
	enum err e;

	stmt_begin(c, db, SQL_TAG_INSERT, &s);
	stmt_bind_text(&s, IN_TAG_INSERT_NAME, name);
	e = stmt_run(&s);
	if (e)
		return e;
	stmt_begin(c, db, SQL_TAG_JOIN, &s);
	stmt_bind_int(&s, IN_TAG_JOIN_POST_ID, post_id);
	stmt_bind_text(&s, IN_TAG_JOIN_NAME, name);
	return stmt_run(&s);
}

enum err
post_row_insert(struct ctx *c, struct db *db, struct post_row *row)
{
	struct str tags;
	enum err e = tags_join(c, row, &tags);

	if (!e)
		e = insert_post(c, db, tags, row);
	for (size_t i = 0; i < row->n_tags && !e; i++)
		e = insert_tag(c, db, row->id, row->tags[i]);
	return e;
}

/*
 * The tags leave first and come back last: what they keep about the post is made anew, and the
 * counts follow by the triggers of either step.
 */
enum err
post_row_update(struct ctx *c, struct db *db, struct post_row *row)
{
	struct str tags;
	struct stmt s;
	enum err e = tags_join(c, row, &tags);

	if (e)
		return e;
	stmt_begin(c, db, SQL_TAG_LEAVE, &s);
	stmt_bind_int(&s, IN_TAG_LEAVE_POST_ID, row->id);
	e = stmt_run(&s);
	if (!e)
		e = update_post(c, db, tags, row);
	for (size_t i = 0; i < row->n_tags && !e; i++)
		e = insert_tag(c, db, row->id, row->tags[i]);
	return e;
}

/* ---- scheduled posts ------------------------------------------------------------------------- */

enum err
post_row_due(struct ctx *c, struct db *db, int64_t now, struct post_list *out, int64_t *next)
{
	struct stmt s;

	*next = 0;
	*out = (struct post_list){.rows = ctx_calloc(c, DUE_MOST, sizeof(*out->rows))};
	if (!out->rows)
		return ERR_MEMORY;
	stmt_begin(c, db, SQL_POST_DUE, &s);
	stmt_bind_int(&s, IN_POST_DUE_LIMIT, DUE_MOST + 1);
	while (*next == 0 && stmt_next(&s)) {
		struct post_row *row = &out->rows[out->n];
		int64_t published = stmt_int(&s, OUT_POST_DUE_PUBLISHED);

		if (published > now || out->n == DUE_MOST) {
			out->more = published <= now;
			*next = published;
			continue;
		}
		row->id = stmt_int(&s, OUT_POST_DUE_ID);
		row->slug = stmt_text(&s, OUT_POST_DUE_SLUG);
		row->published = published;
		row->status = POST_SCHEDULED;
		out->n++;
	}
	return stmt_end(&s);
}

enum err
post_row_publish(struct ctx *c, struct db *db, int64_t id)
{
	struct stmt s;
	enum err e;

	stmt_begin(c, db, SQL_POST_PUBLISH, &s);
	stmt_bind_int(&s, IN_POST_PUBLISH_ID, id);
	e = stmt_run(&s);
	if (!e && stmt_changes(db) == 0)
		e = err_raise(c, ERR_NOT_FOUND, "no scheduled post has the id %lld", (long long)id);
	return e;
}
