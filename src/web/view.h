/*
 * Rows become views (tables/views.def), and views the answer. What pages, lists and feeds show of a
 * post is made here, so that it is the same everywhere; view_parts.c and view_media.c make what
 * stands beside its text.
 */
#ifndef WEB_VIEW_H
#define WEB_VIEW_H

#include "base/ctx.h"
#include "domain/post_parts.h"
#include "text/view.h"

struct ctx;
struct db;
struct post_row;
struct txn;
struct web;

/* Renders a view with its data as the whole answer, with status 200 unless another is set. */
MUST enum err view_send(struct ctx *c, struct txn *t, enum view view, const void *data);

/* A post with what there is to show of it, all of it read. */
struct shown {
	const struct post_row *post;
	const struct post_parts *parts;	/* NULL: nothing beside what the row's columns hold */
};

/* Reads what belongs to n rows into c's arena; they stay where they are. */
MUST enum err shown_read(struct ctx *c, struct db *db, const struct post_row *rows, size_t n,
	struct shown **out);

/* A post as lists and its own page show it; single: on its own page. *out is zeroed before. */
MUST enum err view_entry(struct ctx *c, const struct web *w, const struct shown *shown, bool single,
	struct view_entry *out);

/* What a feed shows of a post: its text, with its parts around it. */
MUST enum err view_feed(struct ctx *c, const struct web *w, const struct shown *shown,
	struct html *out);

/* A moment in the author's zone. */
MUST enum err view_date(struct ctx *c, int64_t seconds, int zone, struct view_date *out);

/* The beginning of a plain text, at most max bytes, cut between words, with an ellipsis if cut. */
MUST enum err view_excerpt(struct ctx *c, struct str text, size_t max, struct str *out);

/*
 * The parts of a post that has some. page: where its pictures lead to in a list; empty where the
 * post stands alone. *out is zeroed before.
 */
MUST enum err view_parts(struct ctx *c, const struct web *w, const struct shown *shown,
	struct str page, struct view_parts *out);

/* Of these, pictures and players. */
MUST enum err view_media(struct ctx *c, const struct web *w, const struct post_parts *parts,
	struct str page, struct view_parts *out);

#endif
