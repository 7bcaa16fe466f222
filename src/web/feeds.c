/*
 * The Atom feed as a stream. The posts are read before the first byte, so that a slow reader holds
 * no connection of the database; what is written of them is made entry by entry.
 *
 * Its entity tag is weak and costs no rendering: the site's revision, which is the same in every
 * process, and a digest of the settings that a feed shows.
 */
#include "web/priv.h"

#include "domain/feed.h"

enum { PIECE = 8 * 1024 };

struct feed {
	const struct web *web;
	struct post_list posts;
	struct shown *shown;	/* as many */
	int64_t changed;
	size_t next;
	bool begun;
};

static enum err
feed_next(struct ctx *c, struct feed *f, struct buf *chunk)
{
	const struct shown *shown = &f->shown[f->next++];
	struct feed_item item = {.post = shown->post, .parts = shown->parts};
	enum err err = view_feed(c, f->web, shown, &item.content);

	return err ? err : feed_atom_entry(c, chunk, &item);
}

static enum err
feed_pull(struct ctx *c, void *self, struct buf *chunk, bool *end)
{
	struct feed *f = self;
	enum err err = OK;

	if (!f->begun)
		err = feed_atom_head(c, chunk, f->changed);
	f->begun = true;
	while (!err && f->next < f->posts.n && chunk->n < PIECE)
		err = feed_next(c, f, chunk);
	if (!err && f->next == f->posts.n && chunk->n < PIECE) {
		feed_atom_tail(chunk);
		*end = true;
	}
	return err;
}

/* Will the answer show posts? Not to HEAD, and not to a reader that knows what t->etag names. */
static bool
posts_wanted(const struct ctx *c, const struct txn *t)
{
	return t->req.method != METHOD_HEAD && txn_condition(c, t) == COND_PROCEED;
}

/* The entity tag and what it is the tag of, out of one state of the site. */
static enum err
feed_read(struct ctx *c, struct txn *t, struct db *db, struct feed *f)
{
	int64_t revision;
	enum err err = db_read_begin(c, db);

	if (!err)
		err = post_row_state(c, db, &revision, &f->changed);
	if (!err)
		err = ctx_printf(c, &t->etag, "W/\"atom-%llx-%.*s\"", (unsigned long long)revision,
			STR(t->feed_tag));
	if (!err && posts_wanted(c, t))
		err = post_list_read(c, db, &posts_all, S(""), WEB_FEED_POSTS, &f->posts);
	if (!err)
		err = shown_read(c, db, f->posts.rows, f->posts.n, &f->shown);
	db_read_end(c, db);
	return err;
}

enum err
web_feed_atom(struct ctx *c, struct txn *t)
{
	struct feed *f = ctx_alloc(c, sizeof(*f));
	struct db *db;
	enum err err;

	if (!f)
		return ERR_MEMORY;
	f->web = t->web;
	err = txn_db(c, t, &db);
	if (!err)
		err = feed_read(c, t, db, f);
	txn_db_release(c, t);
	if (!err)
		resp_stream(&t->resp, "application/atom+xml; charset=utf-8", feed_pull, f);
	return err;
}
