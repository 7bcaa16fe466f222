/*
 * Feeds of lists of posts, in the formats of tables/feeds.def: RSS 2.0, Atom (RFC 4287), JSON Feed
 * 1.1. All of them say the same of the same posts. They are written item by item, so that a feed can
 * be streamed:
 *
 *	writer->head, for each post feed_item_make() and writer->item, writer->tail
 *
 * Every URL is absolute, inside content too. Ids are the site's first address joined with the post's uid,
 * and stay when a slug or a title changes, and when the site moves (site_first_url). What is hostile in a
 * post stays text: writers cannot be made to end a document, and none of them writes a character that its
 * format forbids.
 *
 * feed.c is the model, feed_html.c cuts and completes HTML, feed_rss.c, feed_atom.c and feed_json.c
 * are the writers; feed_opml.c writes the list of all feeds.
 */
#ifndef DOMAIN_FEED_H
#define DOMAIN_FEED_H

#include "base/buf.h"
#include "domain/post_parts.h"
#include "store/post_list.h"

enum {
	FEED_POSTS = 30,		/* of a page of a feed; fewer if they are large */
	FEED_BYTES_MAX = 900 * 1000,	/* of what the posts of a page make, but for a single one */
	FEED_CONTENT_MAX = 100 * 1024,	/* bytes of an item's HTML; longer ones end in a link */
	FEED_BRIEF_MAX = 8 * 1024	/* where the HTML is given a second time, for old readers */
};

enum feed_format {
#define FEED(sym, extension, type, others, version, name, writer) FEED_##sym,
#include "tables/feeds.def"
#undef FEED
	FEED__MAX
};

/* A feed as a whole. URLs are absolute. */
struct feed {
	struct str title;
	struct str about;	/* a line of text; may be empty */
	struct str home;	/* the page that shows the same list */
	struct str first;	/* the feed, from its newest post on */
	struct str id;		/* what it is known by; stays when the site moves */
	struct str self;	/* this page of it */
	struct str previous;	/* the page before this one, if it is known; may be empty */
	struct str next;	/* the page that goes on; empty: there is none */
	struct str author;
	struct str author_url;
	struct str author_photo;	/* may be empty */
	struct str language;	/* BCP 47 */
	struct str icon;	/* a small square picture; may be empty */
	struct str large_icon;	/* the same in large; may be empty */
	struct str style;	/* of the style sheet, a path will do; may be empty */
	int64_t updated;	/* when anything of it last changed */
};

/* A post in a feed. */
struct feed_item {
	const struct post_row *post;
	const struct post_parts *parts;	/* NULL: it has none */
	struct str id;
	struct str permalink;
	struct str html;	/* at most FEED_CONTENT_MAX, and a link; may be empty */
	struct str title;	/* plain text, never empty: the name, or made of what there is */
	struct str picture;	/* URL of its first; may be empty */
	struct str language;	/* of its text; empty: the feed's */
};

struct feed_writer {
	void (*head)(struct buf *b, const struct feed *feed);
	enum err (*item)(struct ctx *c, struct buf *b, const struct feed *feed,
		const struct feed_item *item, bool first);
	void (*tail)(struct buf *b);
};

/* A row of the table. */
struct feed_kind {
	struct str extension, type, others, version, name;
	const struct feed_writer *writer;
};

extern const struct feed_kind feed_kinds[FEED__MAX];

/* The format of an extension; FEED__MAX if there is none. */
enum feed_format feed_format_find(struct str extension);

/* Slugs behind which pages of a feed begin: this one, empty for the first; those beside it. */
struct feed_place {
	struct str before;
	bool has_previous;
	struct str previous;	/* empty for the first */
	struct str next;	/* empty: there is none */
};

/*
 * What the site says of itself in a feed of it, and the addresses of this page, in a feed whose home
 * and first are set; icon, style and updated are left to the caller. heading: what the list is called;
 * empty for the whole site.
 */
MUST enum err feed_make(struct ctx *c, struct str heading, const struct feed_place *place,
	struct feed *feed);

/*
 * How many of the first n posts a page of a feed has room for: all, unless they are so large that
 * the feed would come near a megabyte, in whatever format; one at least. parts: as many, each may be
 * NULL.
 */
size_t feed_fit(const struct post_list *posts, const struct post_parts *const *parts);

/* content: the post's text and what is shown around it. */
MUST enum err feed_item_make(struct ctx *c, const struct post_row *post,
	const struct post_parts *parts, struct html content, struct feed_item *out);

/* When the newest of these posts was published or changed, but not before since. */
int64_t feed_updated(const struct post_list *posts, int64_t since);

/*
 * HTML of a post as a feed may carry it: links made absolute against the permalink, and at most max
 * bytes of it, with what is open closed and a link to the rest added. h: rendered or sanitised by
 * us.
 */
MUST enum err feed_html(struct ctx *c, struct html h, struct str permalink, size_t max,
	struct str *out);

/* The site's feeds as a list that readers import (OPML 2.0). */
struct feed_outline {
	struct str text;
	struct str feed;	/* URL; empty for a group */
	struct str page;	/* URL of the page that shows the same; may be empty */
	const struct feed_outline *members;	/* of a group */
	size_t n;
};

MUST enum err feed_opml(struct ctx *c, const struct feed_outline *outlines, size_t n,
	int64_t modified, struct str *out);

#endif
