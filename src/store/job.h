/*
 * Rows of work that the courier is to do after a request was answered. A job is a kind and the id
 * of what it is about; there is at most one of each. It stays until it is done, through crashes and
 * restarts, and one that fails comes again later and later; after JOB_ATTEMPTS it is given up: it
 * stays with its problem until it is retried by hand.
 */
#ifndef STORE_JOB_H
#define STORE_JOB_H

#include "base/ctx.h"
#include "store/db.h"

enum { JOB_ATTEMPTS = 5 };

struct job_row {
	int64_t id;
	struct str kind;	/* "sizes": smaller pictures of media subject; "client" */
	int64_t subject;
	int64_t due;		/* seconds, UTC; 0: given up */
	int64_t attempts;	/* that failed */
	struct str problem;	/* of the last one; "" for none */
	int64_t created;	/* seconds, UTC */
	struct str request;	/* id of the request that ordered it; "" for none */
};

/* All that write do so inside a write transaction; now in seconds. */

/* For the request at hand. One that is there already is to be done anew, from its first attempt. */
MUST enum err job_row_add(struct ctx *c, struct db *db, struct str kind, int64_t subject,
	int64_t now);

/* The one that is due first, maybe in the future. ERR_NOT_FOUND: nothing is left to do. */
MUST enum err job_row_next(struct ctx *c, struct db *db, struct job_row *out);

/* It is done: the row goes. OK also if it has gone already, or has been added anew since. */
MUST enum err job_row_done(struct ctx *c, struct db *db, int64_t id);

/*
 * It failed for that reason. The next attempt is due in 1, 4, 16 minutes, then an hour; after the
 * last one it is given up. *row becomes what is stored, unless it has been added anew since.
 */
MUST enum err job_row_failed(struct ctx *c, struct db *db, struct job_row *row, struct str problem,
	int64_t now);

/* All of them, oldest first; arena of c. */
MUST enum err job_row_list(struct ctx *c, struct db *db, struct job_row **out, size_t *n);

/* Due now, from its first attempt. ERR_NOT_FOUND: there is no such job. */
MUST enum err job_row_retry(struct ctx *c, struct db *db, int64_t id, int64_t now);

#endif
