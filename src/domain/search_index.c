/*
 * The courier's part of searching. What is done is known by the id of the last post that has its row, and
 * by the list of posts that have changed, both written with the rows: whatever stops this, even half-way
 * through a rebuild, it goes on where it was.
 */
#include "domain/search_index.h"

#include "base/time.h"
#include "core/config.h"
#include "domain/search_priv.h"
#include "text/fold.h"

enum { AT_ONCE = 16 };	/* posts between two looks at the clock */

struct upkeep {
	struct search_state state;
	int64_t until_us;
};

static bool
in_time(const struct upkeep *u)
{
	return time_mono_us() < u->until_us;
}

/* Is the row of this post, if it has one, in the index, too? */
static bool
is_indexed(const struct upkeep *u, int64_t id)
{
	return u->state.index == SEARCH_INDEX_WHOLE ||
		(u->state.index == SEARCH_INDEX_BEGUN && id <= u->state.done);
}

static enum err
row_put(struct ctx *c, struct db *db, const struct upkeep *u, const struct search_source *post)
{
	struct search_row row = {.key = search_key(post->published, post->id),
		.post_id = post->id};
	enum err err = search_fold(c, post, &row.text);

	return err ? err : search_row_put(c, db, &row, u->state.index != SEARCH_INDEX_NONE);
}

static enum err
settle(struct ctx *c, struct db *db, const struct upkeep *u, int64_t id)
{
	struct search_source post;
	bool found = false;
	enum err err = search_row_drop(c, db, id, is_indexed(u, id));

	/* Those behind done have their turn yet. */
	if (!err && id <= u->state.done)
		err = search_source_find(c, db, id, &post, &found);
	if (!err && found && post.listed)
		err = row_put(c, db, u, &post);
	return err ? err : search_settled(c, db, id);
}

/* However short the time is, something is done in it: else there would be no end to it. */
static enum err
settle_stale(struct ctx *c, struct db *db, const struct upkeep *u)
{
	int64_t ids[AT_ONCE];
	size_t n;
	enum err err;

	do {
		err = search_stale(c, db, AT_ONCE, ids, &n);
		for (size_t i = 0; !err && i < n; i++)
			err = settle(c, db, u, ids[i]);
	} while (!err && n == AT_ONCE && in_time(u));
	return err;
}

/* A post without a row; one that it has is of a time before it all began anew. */
static enum err
take(struct ctx *c, struct db *db, struct upkeep *u, const struct search_source *post)
{
	enum err err = search_row_drop(c, db, post->id, false);

	if (!err && post->listed)
		err = row_put(c, db, u, post);
	u->state.done = post->id;
	return err;
}

static enum err
take_new(struct ctx *c, struct db *db, struct upkeep *u)
{
	struct search_sources posts = {0};
	enum err err;

	do {
		err = search_next(c, db, u->state.done, AT_ONCE, &posts);
		for (size_t i = 0; !err && i < posts.n; i++)
			err = take(c, db, u, &posts.list[i]);
	} while (!err && posts.n > 0 && in_time(u));
	return err;
}

/* Sees to it that the state is one to go on from. */
static enum err
begin(struct ctx *c, struct db *db, struct upkeep *u)
{
	bool indexed = search_indexed(db);
	bool anew = u->state.folding != FOLD_RULES ||
		(indexed && u->state.index == SEARCH_INDEX_NONE);

	if (!indexed)
		u->state.index = SEARCH_INDEX_NONE;
	if (!anew)
		return OK;
	u->state = (struct search_state){.folding = FOLD_RULES,
		.index = indexed ? SEARCH_INDEX_BEGUN : SEARCH_INDEX_NONE};
	return indexed ? search_index_empty(c, db) : OK;
}

static enum err
work(struct ctx *c, struct db *db, struct upkeep *u, bool *left)
{
	int64_t newest;
	enum err err = search_state_read(c, db, &u->state);

	if (!err)
		err = begin(c, db, u);
	if (!err)
		err = settle_stale(c, db, u);
	if (!err)
		err = take_new(c, db, u);
	if (!err)
		err = search_state_put(c, db, &u->state);
	if (!err)
		err = search_left(c, db, left, &newest);
	if (err || *left || u->state.index != SEARCH_INDEX_BEGUN)
		return err;
	u->state.index = SEARCH_INDEX_WHOLE;
	return search_state_put(c, db, &u->state);
}

/* Without a write: whether there is one to make. */
static enum err
is_left(struct ctx *c, struct db *db, bool *left)
{
	struct search_state state;
	int64_t newest;
	enum err err = search_left(c, db, left, &newest);

	if (!err)
		err = search_state_read(c, db, &state);
	*left = *left || state.folding != FOLD_RULES ||
		(search_indexed(db) && state.index != SEARCH_INDEX_WHOLE);
	return err;
}

enum err
search_upkeep(struct ctx *c, struct db *db, int64_t budget_us, bool *left)
{
	struct upkeep u = {.until_us = 0};
	enum err err = is_left(c, db, left);

	if (err || !*left)
		return err;
	err = db_tx_begin(c, db);
	if (err)
		return err;
	u.until_us = time_mono_us() + budget_us;
	err = work(c, db, &u, left);
	if (!err)
		return db_tx_commit(c, db);
	db_tx_rollback(c, db);
	return err;
}

enum err
search_rebuild(struct ctx *c, struct db *db)
{
	struct search_state state = {0};
	enum err err = db_tx_begin(c, db);

	if (err)
		return err;
	err = search_state_put(c, db, &state);
	if (!err)
		return db_tx_commit(c, db);
	db_tx_rollback(c, db);
	return err;
}

/* ---- how it is ------------------------------------------------------------------------------- */

enum err
search_report(struct ctx *c, struct db *db, struct search_report *out)
{
	struct search_state state;
	enum err err;

	*out = (struct search_report){.enabled = c->cfg->search_enabled,
		.wanted_index = c->cfg->search_engine != CONFIG_SEARCH_LIKE,
		.has_index = search_indexed(db)};
	err = search_engine(c, db, &out->engine);
	if (!err)
		err = search_state_read(c, db, &state);
	if (!err)
		err = search_left(c, db, &out->left, &out->newest);
	out->done = state.done;
	return err;
}

bool
search_report_good(const struct search_report *r)
{
	return !r->enabled || r->has_index || !r->wanted_index;
}

enum err
search_check(struct ctx *c, struct db *db, int64_t *lost)
{
	enum err err = search_lost(c, db, lost);

	return err ? err : search_index_check(c, db);
}
