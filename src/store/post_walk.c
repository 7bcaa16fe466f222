/*
 * Walks over the posts of the author's list, and the cards among them.
 */
#include "store/post_walk.h"

#include "store/priv.h"

_Static_assert((int)IN_POST_OLDER_LIMIT == (int)IN_POST_NEWER_LIMIT, "one binder for both ways");

static void
outline_read(struct stmt *s, struct post_outline *out)
{
	out->id = stmt_int(s, ROW_POST_OUTLINE_ID);
	out->slug = stmt_text(s, ROW_POST_OUTLINE_SLUG);
	out->type = stmt_text(s, ROW_POST_OUTLINE_TYPE);
	out->status = (enum post_status)stmt_int(s, ROW_POST_OUTLINE_STATUS);
	out->published = stmt_int(s, ROW_POST_OUTLINE_PUBLISHED);
	out->channel = stmt_text(s, ROW_POST_OUTLINE_CHANNEL);
	stmt_keep(s, post_tags_split(
			     s->c, stmt_text(s, ROW_POST_OUTLINE_TAGS), &out->tags, &out->n_tags));
}

enum err
post_walk(struct ctx *c, struct db *db, struct str slug, bool newer, size_t limit,
	struct post_outlines *out)
{
	int64_t end = newer ? INT64_MIN : INT64_MAX;
	struct post_place at = {end, end};
	struct stmt s;
	enum err e = slug.n > 0 ? post_place_find(c, db, slug, &at) : OK;

	*out = (struct post_outlines){0};
	if (e)
		return e;
	out->rows = ctx_calloc(c, limit, sizeof(*out->rows));
	if (!out->rows)
		return ERR_MEMORY;
	stmt_begin(c, db, newer ? SQL_POST_NEWER : SQL_POST_OLDER, &s);
	stmt_bind_int(&s, IN_POST_OLDER_PUBLISHED, at.published);
	stmt_bind_int(&s, IN_POST_OLDER_ID, at.id);
	stmt_bind_int(&s, IN_POST_OLDER_LIMIT, (int64_t)limit + 1);
	while (!out->more && stmt_next(&s)) {
		if (out->n < limit)
			outline_read(&s, &out->rows[out->n++]);
		else
			out->more = true;
	}
	return stmt_end(&s);
}

enum err
post_cards(struct ctx *c, struct db *db, size_t limit, struct post_card *out, size_t *n)
{
	size_t bytes = 0;
	struct stmt s;

	*n = 0;
	stmt_begin(c, db, SQL_POST_CARDS, &s);
	stmt_bind_int(&s, IN_POST_CARDS_LIMIT, (int64_t)limit);
	for (; *n < limit && bytes < POST_CARDS_BYTES && stmt_next(&s); ++*n) {
		out[*n].slug = stmt_text(&s, OUT_POST_CARDS_SLUG);
		out[*n].mf2 = stmt_text(&s, OUT_POST_CARDS_MF2);
		bytes += out[*n].mf2.n;
	}
	return stmt_end(&s);
}
