/*
 * The demonstration: the posts, pictures, sounds and films of share/demo, which show every type of post
 * and every element of a text, for looking at a theme before there is anything to look at.
 *
 * A post is a Micropub request in JSON (posts/NAME.json), whose content may stand beside it as Markdown
 * (posts/NAME.md), and goes through the same door as any other. In both, "demo:FILE" stands for the
 * URL of a file of media/, and "demo:3y" for the moment three years ago.
 */
#ifndef DOMAIN_DEMO_H
#define DOMAIN_DEMO_H

#include "base/ctx.h"
#include "store/db.h"

/* Stands in its posts and files where others have the public id of a token. */
#define DEMO_CLIENT "demo"

/* Told after each step how many are done. */
struct demo_progress {
	void (*step)(void *self, size_t done, size_t all);
	void *self;
};

struct demo_report {
	size_t made;	/* or removed */
	size_t kept;	/* posts that were there already, whatever has become of them */
	size_t taken;	/* posts whose address another post has: they were left out */
	size_t files;	/* stored, or removed */
};

/*
 * Makes what is missing. ERR_EXISTS if the site has posts of other origin, unless force. ERR_IO for
 * want of share/demo, the failures of media_store() and post_create(); what was made until then stays.
 */
MUST enum err demo_make(struct ctx *c, struct db *db, bool force,
	const struct demo_progress *progress, struct demo_report *out);

/*
 * Removes the posts without a trace, and the files that no other post shows. The posts go in one
 * transaction. ERR_DB_*, ERR_IO.
 */
MUST enum err demo_remove(struct ctx *c, struct db *db, struct demo_report *out);

#endif
