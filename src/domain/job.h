/*
 * Work that was put off until after an answer: rows of store/job, done by the courier one step at a
 * time, so that its other duties never wait for long.
 *
 *	sizes	smaller pictures of an upload (domain/sizes)
 *	client	what an application says of itself (domain/client)
 */
#ifndef DOMAIN_JOB_H
#define DOMAIN_JOB_H

#include "base/ctx.h"
#include "store/db.h"

/*
 * Does one step of the job that is due first, under the id of the request that ordered it: from here on
 * all that c logs and asks of others has that id, until ctx_reset(). *next is the time, in seconds, of the
 * next one: not in the future if there is more to do now, 0 if nothing is left. A job that fails is noted,
 * logged (job_failed) and comes again later; what is returned are failures of the database alone.
 */
MUST enum err job_work(struct ctx *c, struct db *db, int64_t *next);

#endif
