/*
 * Changing posts: update, delete and undelete as Micropub (W3C Recommendation, sections 3.4 and
 * 3.5) has them. Each is one write transaction that reads the post, looks at the caller's conditions,
 * changes it and writes it back, so that two changes at once never lose one another; on any error
 * nothing has changed. Every change makes the post's version grow.
 */
#ifndef DOMAIN_POST_UPDATE_H
#define DOMAIN_POST_UPDATE_H

#include "domain/post.h"

/* Asks the caller whether the change may go on, given the post's version and post_changed(). */
struct post_condition {
	bool (*holds)(void *self, struct str version, int64_t changed);
	void *self;
};

/* Which post, and for whom. */
struct post_target {
	struct str url;				/* a permalink, or one that it had before */
	struct str client;			/* public id of the token; may be empty */
	bool drafts_only;			/* only drafts, which have to stay drafts */
	const struct post_condition *condition;	/* NULL: none */
};

/* Operations, carried out in this order; each may be NULL. */
struct post_update {
	const struct json *replace;	/* object of arrays; an empty one removes the property */
	const struct json *remove;	/* object of arrays: values; array of strings: properties */
	const struct json *add;		/* object of arrays */
	const struct json *photo_alts;	/* texts for the photos replaced or added, else for all */
	struct str slug;		/* mp-slug; empty: the post keeps its own */
	struct str channel;		/* p NULL: the post stays where it is */
	struct str syndicate_to;	/* uids, each followed by U+001F */
	bool syndicate_anew;		/* only these, not beside those that the post has */
};

/*
 * Updates the properties and makes everything anew that follows from them; what no operation names
 * stays as it was, byte for byte and in its order. A new slug leaves a redirect behind; then
 * out->moved. Values to remove compare deeply; to remove what is not there is no error, to remove
 * published, url, uid, post-status or visibility is ERR_MICROPUB_PROPERTY. A draft that comes out
 * is published now, unless its author gave a time. Errors: ERR_MICROPUB_URL for a URL that is not
 * one of a post or whose post is deleted, ERR_SCOPE, ERR_PRECONDITION and those of post_create().
 */
MUST enum err post_update(struct ctx *c, struct db *db, const struct post_target *target,
	const struct post_update *update, struct post_result *out);

/* What post_update() would make of a row that was read, commands apart; nothing is written. */
MUST enum err post_update_preview(struct ctx *c, const struct post_update *update,
	struct post_row *row);

/*
 * A deleted post keeps everything and shows nothing but that it is deleted; undelete brings it back
 * under its URL. What is so already stays so, whatever the condition. ERR_MICROPUB_URL,
 * ERR_PRECONDITION, ERR_DB_*.
 */
MUST enum err post_delete(struct ctx *c, struct db *db, const struct post_target *target,
	struct post_result *out);
MUST enum err post_undelete(struct ctx *c, struct db *db, const struct post_target *target,
	struct post_result *out);

#endif
