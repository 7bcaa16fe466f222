/*
 * Posts: what makes one valid, its slug, type, status and rendered form; creating and reading them.
 */
#ifndef DOMAIN_POST_H
#define DOMAIN_POST_H

#include "store/post.h"
#include "text/html.h"
#include "text/json.h"

enum {
	POST_SLUG_MAX = 100,	/* bytes, the number that makes it unique included */
	POST_NAME_MAX = 500,	/* bytes of the title as shown; what was sent is kept in mf2 */
	POST_SUMMARY_MAX = 2000,
	POST_TAG_MAX = 100,	/* bytes */
	POST_TAGS_MAX = 100	/* of a post */
};

struct media_upload;	/* domain/media.h */

/*
 * A post to be made: its microformats2 properties as sent ({"name":[values]}, commands and reserved
 * names already taken out) and what commands said beside them.
 */
struct post_draft {
	struct str kind;		/* "entry", "event", "card", "cite" */
	const struct json *properties;	/* object of arrays */
	struct str slug;		/* mp-slug; may be empty */
	struct str channel;		/* uid out of the channels configured; "" for the default */
	struct str syndicate_to;	/* uids out of those configured, each followed by U+001F */
	bool force_draft;		/* the token may only make drafts */
	struct str client;		/* public id of the token; "" from a command */
	struct str retry_key;		/* the client's name for this create; may be empty */
	struct media_upload *const *files;	/* prepared; stored together with the post */
	size_t n_files;
};

/* What came of a create or a change. */
struct post_result {
	struct str permalink;	/* absolute */
	bool moved;		/* it is news to the client: a new post, or one with a new slug */
	struct str version;	/* of the post, as post_version() makes it */
};

/*
 * Validates, renders, chooses a unique slug and stores the post with synchronous=full; when it
 * returns OK the post is on disk. A published time in the future makes it scheduled. Notes when the
 * token draft->client was last used. Errors: ERR_MICROPUB_PROPERTY, ERR_MICROPUB_EMPTY,
 * ERR_CONTENT_TOO_LARGE, ERR_CONTENT_TOO_COMPLEX, ERR_BODY_TOO_LARGE, ERR_RETRY_KEY, ERR_DB_*.
 *
 * A create whose answer was lost may come again: what the same client sends with the same retry_key
 * within POST_RETRY_KEPT, or without one the same post within micropub_retry_window, makes no
 * second post but is answered with the first. If that has been deleted since, this holds for the
 * key only: the same words without one are a new post. Another post under a key that was used is
 * ERR_RETRY_KEY.
 */
MUST enum err post_create(struct ctx *c, struct db *db, const struct post_draft *draft,
	struct post_result *out);

enum { POST_RETRY_KEPT = 86400 };	/* seconds */

/* Forgets creates that cannot come again (courier). *n: how many. */
MUST enum err post_retries_clean(struct ctx *c, struct db *db, int64_t *n);

/*
 * The two halves of post_create(), for who makes many posts in one transaction. post_build() is all
 * that needs no database and fills *row but for slug and uid; post_insert(), inside a write
 * transaction, chooses the slug and stores the row. The caller commits.
 */
MUST enum err post_build(struct ctx *c, const struct post_draft *draft, struct post_row *row);
MUST enum err post_insert(struct ctx *c, struct db *db, const struct post_draft *draft,
	struct post_row *row);

/*
 * Names a state of a post: grows old with every change. Says nothing about ids. Plain ASCII without
 * quotes, fit for an entity tag.
 */
MUST enum err post_version(struct ctx *c, const struct post_row *row, struct str *out);

/* When a post last changed, in seconds, and never later than now; 0: not known. */
int64_t post_changed(const struct ctx *c, const struct post_row *row);

/*
 * The post of a slug as anyone may see it: ERR_NOT_FOUND for drafts, scheduled and private ones
 * (deleted or not), ERR_GONE for deleted ones (*out is filled, for the tombstone). A slug that the
 * post had before finds it, too: then *out has another one.
 */
MUST enum err post_find_public(struct ctx *c, struct db *db, struct str slug, struct post_row *out);

/* The same for the owner, who sees drafts, scheduled and private posts, too. */
MUST enum err post_find_own(struct ctx *c, struct db *db, struct str slug, struct post_row *out);

/*
 * Publishes what has become due (courier), all in one transaction; opens none if nothing is due.
 * *n how many, *next the time of the next scheduled one or 0.
 */
MUST enum err post_publish_due(struct ctx *c, struct db *db, int64_t *n, int64_t *next);

/*
 * A slug made of text: small letters, digits, hyphens, at most POST_SLUG_MAX bytes; may be empty.
 * Latin letters lose their diacritics (ä becomes ae), letters of other scripts stay as they are,
 * everything else separates words.
 */
MUST enum err post_slug_make(struct ctx *c, struct str text, struct str *out);

/*
 * Post type discovery: "note", "article", "photo", "reply", … text: plain text of the content, or
 * of the summary where there is no content, on one line. The result is static.
 */
struct str post_type_discover(const struct json *properties, struct str kind, struct str text);

#endif
