/*
 * Feeds of listed posts. Atom (RFC 4287) first; written entry by entry so that a feed can be
 * streamed: feed_atom_head, feed_atom_entry for each post, feed_atom_tail.
 *
 * Every URL is absolute, inside content too. Ids are site_url joined with the post's uid, and stay
 * when a slug or a title changes.
 */
#ifndef DOMAIN_FEED_H
#define DOMAIN_FEED_H

#include "domain/post_parts.h"

enum {
	FEED_CONTENT_MAX = 100 * 1024,	/* bytes of an entry's HTML; longer ones end in a link */
	FEED_TITLE_CHARS = 60		/* of a title made out of the text */
};

/* updated: when anything shown last changed (post_row_state()). */
MUST enum err feed_atom_head(struct ctx *c, struct buf *b, int64_t updated);

/* What a feed shows of a post. */
struct feed_item {
	const struct post_row *post;		/* a row of a list; text is not needed */
	const struct post_parts *parts;		/* NULL: it has none */
	struct html content;			/* its text and what is shown around it */
};

MUST enum err feed_atom_entry(struct ctx *c, struct buf *b, const struct feed_item *item);

void feed_atom_tail(struct buf *b);

/*
 * HTML of a post as a feed may carry it: links made absolute against the permalink, and at most max
 * bytes of it, with what is open closed and a link to the rest added. h: rendered or sanitised by
 * us.
 */
MUST enum err feed_html(struct ctx *c, struct html h, struct str permalink, size_t max,
	struct str *out);

#endif
