/*
 * Work that was put off until after an answer.
 */
#include "domain/job.h"

#include "core/log.h"
#include "domain/client.h"
#include "domain/priv.h"
#include "domain/sizes.h"
#include "store/job.h"

static enum err
step(struct ctx *c, struct db *db, const struct job_row *job, bool *more)
{
	*more = false;
	if (str_eq(job->kind, S("sizes")))
		return sizes_step(c, db, job->subject, more);
	if (str_eq(job->kind, S("client")))
		return client_step(c, db, job->subject, more);
	return err_raise(c, ERR_INTERNAL, "there is no work of the kind '%.*s'", STR(job->kind));
}

/* What is done for a request is logged as its own. */
static void
request_take(struct ctx *c, struct str id)
{
	size_t n = id.n < sizeof(c->request_id) ? id.n : 0;

	if (n > 0)
		memcpy(c->request_id, id.p, n);
	c->request_id[n] = '\0';
}

static enum err
done(struct ctx *c, struct db *db, const struct job_row *job)
{
	enum err e = db_tx_begin(c, db);

	if (e)
		return e;
	e = domain_tx_end(c, db, job_row_done(c, db, job->id));
	if (!e)
		log_event(c, job_done, .kind = job->kind, .subject = job->subject);
	return e;
}

static enum err
failed(struct ctx *c, struct db *db, struct job_row *job)
{
	struct str problem;
	enum err e = ctx_str(c, str_z(c->err.detail), &problem);

	/* From here on it is the job's failure, not that of the work at hand. */
	err_clear(c);
	c->deadline_us = 0;
	if (!e)
		e = db_tx_begin(c, db);
	if (e)
		return e;
	e = domain_tx_end(c, db, job_row_failed(c, db, job, problem, domain_now(c)));
	if (!e)
		log_event(c, job_failed, .kind = job->kind, .subject = job->subject,
			.attempts = job->attempts, .problem = problem, .given_up = job->due == 0);
	return e;
}

enum err
job_work(struct ctx *c, struct db *db, int64_t *next)
{
	struct job_row job;
	bool more;
	enum err e = job_row_next(c, db, &job);

	*next = job.due;
	if (e == ERR_NOT_FOUND) {
		err_clear(c);
		return OK;
	}
	if (e || job.due > domain_now(c))
		return e;
	request_take(c, job.request);
	e = step(c, db, &job, &more);
	if (!e && more)
		return OK;
	/*
	 * A step that found the database locked has failed, too. Is it locked still, nothing can be
	 * noted: that is returned, and the attempt does not count.
	 */
	return e ? failed(c, db, &job) : done(c, db, &job);
}
