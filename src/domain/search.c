/*
 * Running a search: candidates from an engine, judged one by one, put in order, and of that order a
 * page. Nothing is kept between pages: each asks anew, and a cursor names the post behind which it
 * goes on, or, with a sign before it, the post down to which all have been looked at.
 */
#include "domain/search.h"

#include "base/time.h"
#include "core/config.h"
#include "core/metrics.h"
#include "domain/search_priv.h"
#include "store/post.h"
#include "text/fold.h"

#include <stdlib.h>

enum { BEYOND = '~', LOOK_AT_CLOCK = 64 };

/* What has been found so far. */
struct gather {
	const struct search_query *query;
	struct search_hit *hits;
	size_t n;
	size_t room;		/* hits that are wanted */
	int64_t *fresh;		/* ids of posts that were read as they are, ascending */
	size_t n_fresh;
	int64_t until_us;
	size_t looked_at;
	int64_t last_id, last_key;	/* of the last row that was dealt with; 0: none was */
	bool more;		/* there is another hit behind the last row */
	bool late;		/* time was up before the end */
};

/* ---- engines --------------------------------------------------------------------------------- */

const char *
search_engine_name(enum search_engine engine)
{
	static const char *const names[] = {
		[SEARCH_NONE] = "none", [SEARCH_FTS5] = "fts5", [SEARCH_LIKE] = "like",
	};

	return names[engine];
}

enum err
search_engine(struct ctx *c, struct db *db, enum search_engine *out)
{
	struct search_state state;
	enum err err;

	*out = SEARCH_NONE;
	if (!c->cfg->search_enabled)
		return OK;
	*out = SEARCH_LIKE;
	if (!search_indexed(db))
		return OK;
	err = search_state_read(c, db, &state);
	if (!err && state.index == SEARCH_INDEX_WHOLE && state.folding == FOLD_RULES)
		*out = SEARCH_FTS5;
	return err;
}

/* ---- candidates ------------------------------------------------------------------------------ */

static int
by_id(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x == y ? 0 : x < y ? -1 : 1;
}

static bool
is_fresh(const struct gather *g, int64_t id)
{
	return g->n_fresh > 0 && bsearch(&id, g->fresh, g->n_fresh, sizeof(id), by_id);
}

static bool
visit(void *self, const struct search_row *row)
{
	struct gather *g = self;
	struct search_hit hit = {.key = row->key, .post_id = row->post_id};

	if (++g->looked_at % LOOK_AT_CLOCK == 0 && time_mono_us() >= g->until_us) {
		g->late = true;
		return false;
	}
	if (!is_fresh(g, row->post_id) && search_match(g->query, row->text, &hit)) {
		g->more = g->n == g->room;
		if (g->more)
			return false;
		g->hits[g->n++] = hit;
	}
	g->last_id = row->post_id;
	g->last_key = row->key;
	return true;
}

/* The keys of the query's span of time. */
static int64_t
first_key(const struct search_query *q)
{
	return q->from == INT64_MIN ? INT64_MIN : search_key(q->from, 0);
}

static int64_t
end_key(const struct search_query *q)
{
	return q->to == INT64_MAX ? INT64_MAX : search_key(q->to, 0);
}

/* Walks for as long as it may; that time is up is no failure, unless it is that of all the work. */
static enum err
walk(struct ctx *c, struct db *db, struct gather *g, struct str match, int64_t before,
	int64_t budget_us)
{
	const struct err_slot slot = c->err;
	int64_t deadline = c->deadline_us;
	enum err err;

	g->until_us = time_mono_us() + budget_us;
	if (deadline && deadline < g->until_us)
		g->until_us = deadline;
	c->deadline_us = g->until_us;
	err = search_walk(c, db, match, first_key(g->query), before, visit, g);
	c->deadline_us = deadline;
	if (err != ERR_TIMEOUT || (deadline && time_mono_us() >= deadline))
		return err;
	c->err = slot;
	g->late = true;
	return OK;
}

/*
 * What the engine has below a key. An index that has long lists to compare may find nothing in its
 * time; a walk that goes on where it was stopped shows sooner what there is.
 */
static enum err
gather_rows(struct ctx *c, struct db *db, struct gather *g, enum search_engine engine,
	int64_t before, int64_t budget_us)
{
	int64_t usual = engine == SEARCH_FTS5 ? SEARCH_BUDGET_MS : SEARCH_BUDGET_LIKE_MS;
	struct str match = S("");
	enum err err = OK;

	if (engine == SEARCH_FTS5)
		err = search_query_match(c, g->query, &match);
	if (before > end_key(g->query))
		before = end_key(g->query);
	if (!err)
		err = walk(c, db, g, match, before, budget_us ? budget_us : usual * 1000);
	if (err || match.n == 0 || !g->late)
		return err;
	g->late = false;
	if (g->last_id)
		before = g->last_key;
	return walk(c, db, g, S(""), before,
		budget_us ? budget_us : SEARCH_BUDGET_WALK_MS * 1000);
}

static enum err
judge(struct ctx *c, struct gather *g, const struct search_source *post)
{
	struct search_hit hit = {.key = search_key(post->published, post->id),
		.post_id = post->id};
	struct str folded;
	enum err err;

	if (hit.key < first_key(g->query) || hit.key >= end_key(g->query))
		return OK;
	err = search_fold(c, post, &folded);
	if (!err && search_match(g->query, folded, &hit))
		g->hits[g->n++] = hit;
	return err;
}

/*
 * Looks at the posts that have no row, or another one than they should; only their ids are taken
 * where not wanted. A post may be both, and counts once.
 */
static enum err
gather_fresh(struct ctx *c, struct db *db, struct gather *g, bool wanted)
{
	struct search_sources sources[2];
	enum err err = search_fresh(c, db, SEARCH_FRESH, &sources[0]);

	if (!err)
		err = search_changed(c, db, SEARCH_FRESH, &sources[1]);
	if (err)
		return err;
	g->fresh = ctx_calloc(c, 2 * SEARCH_FRESH, sizeof(*g->fresh));
	if (!g->fresh)
		return ERR_MEMORY;
	for (size_t k = 0; k < 2; k++) {
		size_t known = g->n_fresh;

		for (size_t i = 0; !err && i < sources[k].n; i++) {
			const struct search_source *post = &sources[k].list[i];

			if (known > 0 && bsearch(&post->id, g->fresh, known, sizeof(post->id), by_id))
				continue;
			if (wanted)
				err = judge(c, g, post);
			g->fresh[g->n_fresh++] = post->id;
		}
		qsort(g->fresh, g->n_fresh, sizeof(*g->fresh), by_id);
	}
	return err;
}

static enum err
gather_init(struct ctx *c, struct gather *g, const struct search_query *q, size_t room)
{
	*g = (struct gather){.query = q, .room = room};
	g->hits = ctx_calloc(c, room + 2 * SEARCH_FRESH, sizeof(*g->hits));
	return g->hits ? OK : ERR_MEMORY;
}

/* ---- pages ----------------------------------------------------------------------------------- */

static bool
is_listed(const struct post_row *row)
{
	return row->status == POST_PUBLISHED && row->visibility == POST_PUBLIC && !row->deleted;
}

/* The posts of some hits, as they are now. */
static enum err
posts_read(struct ctx *c, struct db *db, const struct search_hit *hits, size_t n,
	struct post_list *out)
{
	*out = (struct post_list){.rows = ctx_calloc(c, n + 1, sizeof(*out->rows))};
	if (!out->rows)
		return ERR_MEMORY;
	for (size_t i = 0; i < n; i++) {
		struct post_row *row = &out->rows[out->n];
		enum err err = post_row_find_id(c, db, hits[i].post_id, row);

		if (err)
			return err;
		out->n += is_listed(row);
	}
	return OK;
}

/* A cursor: the post behind which to go on, or below which all has been looked at. */
static enum err
cursor_make(struct ctx *c, struct db *db, int64_t id, bool beyond, struct str *out)
{
	struct post_row row;
	enum err err = post_row_find_id(c, db, id, &row);

	if (!err && beyond)
		return ctx_printf(c, out, "%c%.*s", BEYOND, STR(row.slug));
	*out = row.slug;
	return err;
}

/* The place of a post in the order; n if it has none. */
static size_t
place_of(const struct gather *g, int64_t id)
{
	size_t i = 0;

	while (i < g->n && g->hits[i].post_id != id)
		i++;
	return i;
}

/* Where it goes on behind hits[end - 1]. */
static enum err
next_make(struct ctx *c, struct db *db, const struct gather *g, size_t end, bool beyond,
	struct search_result *out)
{
	if (!beyond && end < g->n)
		return cursor_make(c, db, g->hits[end - 1].post_id, false, &out->next);
	if ((g->more || g->late) && g->last_id)
		return cursor_make(c, db, g->last_id, true, &out->next);
	return OK;
}

/* The post behind which a page begins. */
struct behind {
	int64_t published, id;
};

/* Posts older than those that have been put in order, the newest first. */
static enum err
page_beyond(struct ctx *c, struct db *db, const struct search_request *r,
	const struct behind *behind, struct search_result *out)
{
	int64_t before = search_key(behind->published, behind->id);
	struct gather g;
	enum err err = gather_init(c, &g, &out->query, r->limit);

	if (!err)
		err = gather_fresh(c, db, &g, false);
	if (!err)
		err = gather_rows(c, db, &g, out->engine, before, r->budget_us);
	if (err)
		return err;
	out->partial = g.late;
	err = posts_read(c, db, g.hits, g.n, &out->list);
	return err ? err : next_make(c, db, &g, g.n, true, out);
}

static enum err
page_ordered(struct ctx *c, struct db *db, const struct search_request *r,
	const struct behind *behind, struct search_result *out)
{
	size_t from = 0, end;
	struct gather g;
	enum err err = gather_init(c, &g, &out->query, SEARCH_RANKED);

	if (!err)
		err = gather_fresh(c, db, &g, true);
	g.room += g.n;
	if (!err)
		err = gather_rows(c, db, &g, out->engine, INT64_MAX, r->budget_us);
	if (err)
		return err;
	search_sort(&out->query, r->order, g.hits, g.n);
	if (behind)
		from = place_of(&g, behind->id) + 1;
	if (from > g.n)
		return page_beyond(c, db, r, behind, out);
	end = g.n - from > r->limit ? from + r->limit : g.n;
	out->found = g.n;
	out->at_least = g.more || g.late;
	out->partial = g.late;
	err = posts_read(c, db, g.hits + from, end - from, &out->list);
	return err ? err : next_make(c, db, &g, end, false, out);
}

static enum err
run(struct ctx *c, struct db *db, const struct search_request *r, struct search_result *out)
{
	struct str slug = r->before;
	bool beyond = slug.n > 0 && slug.p[0] == BEYOND;
	struct behind behind;
	enum err err = OK;

	if (slug.n > 0)
		err = post_list_place(c, db, str_sub(slug, beyond, slug.n), &behind.published,
			&behind.id);
	if (err)
		return err;
	if (beyond)
		err = page_beyond(c, db, r, &behind, out);
	else
		err = page_ordered(c, db, r, slug.n > 0 ? &behind : NULL, out);
	out->list.more = out->next.n > 0;
	return err;
}

enum err
search_run(struct ctx *c, struct db *db, const struct search_request *r, struct search_result *out)
{
	enum err err;

	*out = (struct search_result){.list = {0}};
	err = search_query_parse(c, r->text, &out->query);
	if (!err)
		err = search_engine(c, db, &out->engine);
	if (!err && out->engine == SEARCH_NONE)
		err = err_raise(c, ERR_NOT_FOUND, "searching is switched off");
	if (err || search_query_empty(&out->query))
		return err;
	err = db_read_begin(c, db);
	if (err)
		return err;
	err = run(c, db, r, out);
	db_read_end(c, db);
	metrics_add(c->metrics, COUNTER_SEARCHES, 1);
	if (!err && out->partial)
		metrics_add(c->metrics, COUNTER_SEARCHES_PARTIAL, 1);
	return err;
}
