/*
 * Posts: what makes one valid, its slug, type, status and rendered form; creating and reading them.
 */
#ifndef DOMAIN_POST_H
#define DOMAIN_POST_H

#include "store/post.h"
#include "text/html.h"
#include "text/json.h"

/*
 * A post to be made: its microformats2 properties as sent ({"name":[values]}, commands and reserved
 * names already taken out) and what commands said beside them.
 */
struct post_draft {
	struct str kind;		/* "entry", "event", "card", "cite" */
	const struct json *properties;	/* object of arrays */
	struct str slug;		/* mp-slug; may be empty */
	bool force_draft;		/* the token may only make drafts */
	struct str client;		/* public id of the token; "" from a command */
};

/*
 * Validates, renders, chooses a unique slug and stores the post with synchronous=full; when it
 * returns OK the post is on disk. *permalink is absolute. A published time in the future makes it
 * scheduled. Errors: ERR_MICROPUB_PROPERTY, ERR_MICROPUB_EMPTY, ERR_CONTENT_TOO_LARGE,
 * ERR_CONTENT_TOO_COMPLEX, ERR_DB_*.
 */
MUST enum err post_create(struct ctx *c, struct db *db, const struct post_draft *draft, struct str *permalink);

/*
 * The post of a slug as anyone may see it: ERR_NOT_FOUND for drafts, scheduled and private ones,
 * ERR_GONE for deleted ones (*out is filled, for the tombstone).
 */
MUST enum err post_find_public(struct ctx *c, struct db *db, struct str slug, struct post_row *out);

/* Publishes what has become due (courier). *n how many, *next the next time or 0. */
MUST enum err post_publish_due(struct ctx *c, struct db *db, int64_t *n, int64_t *next);

/* A slug made of text: small letters, digits, hyphens, transliterated where simple; may be empty. */
MUST enum err post_slug_make(struct ctx *c, struct str text, struct str *out);

/* Post type discovery: "note", "article", "photo", "reply", … */
struct str post_type_discover(const struct json *properties, struct str kind);

#endif
