/*
 * Rows of posts and their tags. Rules (what may be published, what a slug looks like, what a type
 * is) live in domain/post; here is what is stored and how it is found. All text in rows is copied
 * into c's arena.
 */
#ifndef STORE_POST_H
#define STORE_POST_H

#include "base/ctx.h"
#include "store/db.h"

enum post_status { POST_DRAFT, POST_PUBLISHED, POST_SCHEDULED };
enum post_visibility { POST_PUBLIC, POST_UNLISTED, POST_PRIVATE };

/* A post as stored. "Listed" means: published, public, not deleted. */
struct post_row {
	int64_t id;		/* never leaves the program */
	struct str uid;		/* first permalink, relative to the site: stable for ever */
	struct str slug;	/* unique */
	struct str type;	/* "note", "article", … (post type discovery) */
	enum post_status status;
	enum post_visibility visibility;
	int64_t published;	/* seconds, UTC */
	int published_zone;	/* author's offset in minutes */
	int64_t updated;	/* seconds; 0: never edited */
	int64_t deleted;	/* seconds; 0: not deleted */
	struct str name;	/* title, plain text; empty for a note */
	struct str summary;	/* plain text; may be empty */
	struct str html;	/* rendered, sanitised content */
	struct str text;	/* plain text of the content, for titles, descriptions and search */
	struct str mf2;		/* {"type":[…],"properties":{…}} as sent, complete */
	bool rich;		/* the properties hold more to show than the columns do */
	int64_t version;	/* grows with each change, from 1 */
	struct str channel;	/* uid; "" is the default one */
	struct str syndicate_to; /* uids of targets, each followed by U+001F */
	struct str *tags;	/* in the author's order */
	size_t n_tags;
	struct str client;	/* public id of the token it came by; "" from a command */
};

/*
 * Inserts a post with its tags and counts; sets row->id. Inside a write transaction.
 * ERR_DB_CONSTRAINT if the slug is taken or empty, or a tag is empty or holds U+001F. Tags that
 * differ in the case of ASCII letters only are one; the row keeps them as they came.
 */
MUST enum err post_row_insert(struct ctx *c, struct db *db, struct post_row *row);

/*
 * Writes a row, found before, with its tags and counts; its version grows by one, in row as well.
 * Inside the write transaction in which it was read. ERR_NOT_FOUND if it is not there any more;
 * otherwise as post_row_insert().
 */
MUST enum err post_row_update(struct ctx *c, struct db *db, struct post_row *row);

/*
 * True if a post other than id (0: any post) has the slug or once had it, deleted ones included.
 */
MUST enum err post_row_slug_taken(struct ctx *c, struct db *db, struct str slug, int64_t id,
	bool *out);

/* The post of that slug, whatever its state, tags included. ERR_NOT_FOUND (not raised as a failure
   in the log's eyes: raised with the slug as detail). */
MUST enum err post_row_find(struct ctx *c, struct db *db, struct str slug, struct post_row *out);
MUST enum err post_row_find_id(struct ctx *c, struct db *db, int64_t id, struct post_row *out);

/*
 * How many listed posts there are; how many with the tag (any case of ASCII letters; *name the tag
 * as first written; for one that never was, 0 and the name asked for). Kept, not counted.
 */
MUST enum err post_row_count(struct ctx *c, struct db *db, uint64_t *out);
MUST enum err post_row_tag_count(struct ctx *c, struct db *db, struct str tag, struct str *name,
	uint64_t *out);

/*
 * Names of tags that listed posts have, the most used first, at most limit; filter: a part of the
 * name in any case of ASCII letters, empty for all. *out has room for limit texts.
 */
MUST enum err post_row_tags_used(struct ctx *c, struct db *db, struct str filter, size_t limit,
	struct str *out, size_t *n);

/*
 * A number that grows with every change of the public content, stored in the database, so that all
 * processes and restarts agree: the basis of weak entity tags.
 */
MUST enum err post_row_revision(struct ctx *c, struct db *db, int64_t *out);

/*
 * The revision, and beside it when anything shown last changed: the newest of published, updated,
 * deleted of all posts that are or were listed; 0 for a site that never had one.
 */
MUST enum err post_row_state(struct ctx *c, struct db *db, int64_t *revision, int64_t *changed);

/*
 * Makes a scheduled post published. Inside a write transaction. ERR_NOT_FOUND if it is not
 * scheduled (any more).
 */
MUST enum err post_row_publish(struct ctx *c, struct db *db, int64_t id);

#endif
