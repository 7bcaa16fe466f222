/*
 * Running the program starpunk-media once. It takes up to 450 MB: a second one waits.
 */
#include "image/helper.h"

#include "base/time.h"
#include "core/config.h"
#include "core/helper.h"

#include <assert.h>
#include <pthread.h>
#include <signal.h>

enum { LONGEST_US = 30 * 1000 * 1000 };

/* lint: allow global: the bound is on this process's memory, whoever calls */
static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;

static enum err
judge(struct ctx *c, const struct helper_end *end)
{
	if (end->status == 0)
		return OK;
	if (!end->in_time)
		return err_raise(c, ERR_TIMEOUT, "the media helper was not done in time");
	if (end->signal == SIGXCPU)
		return err_raise_hint(c, ERR_UPLOAD_TOO_LARGE, "it takes too long to decode");
	if (end->signal == SIGXFSZ)
		return err_raise_hint(c, ERR_UPLOAD_TOO_LARGE, "it becomes too large when coded anew");
	if (end->signal)
		return err_raise(c, ERR_UPLOAD_HELPER, "signal %d ended the media helper", end->signal);
	return err_raise(c, ERR_UPLOAD_HELPER, "the media helper ended with %d", end->status);
}

static enum err
run_until(struct ctx *c, struct media_run *run, int64_t until_us)
{
	struct helper h = {
		.name = "starpunk-media",
		.path = c->cfg ? c->cfg->media_helper : NULL,
		.failure = ERR_UPLOAD_HELPER,
		.in_fd = run->in_fd,
		.out_fd = run->out_fd,
		.until_us = until_us,
		.answer = run->answer,
		.answer_room = sizeof(run->answer),
	};
	struct helper_end end;
	enum err e;

	for (size_t i = 0; run->arguments[i]; i++) {
		assert(i < HELPER_ARGUMENTS);
		h.arguments[i] = run->arguments[i];
	}
	e = helper_run(c, &h, &end);
	return e ? e : judge(c, &end);
}

enum err
media_run(struct ctx *c, struct media_run *run)
{
	int64_t until_us = time_mono_us() + LONGEST_US;
	struct timespec until;
	enum err e;

	run->answer[0] = '\0';
	if (c->deadline_us > 0 && c->deadline_us < until_us)
		until_us = c->deadline_us;
	until.tv_sec = until_us / 1000000;
	until.tv_nsec = until_us % 1000000 * 1000;
	if (pthread_mutex_clocklock(&one_at_a_time, CLOCK_MONOTONIC, &until) != 0)
		return err_raise(c, ERR_TIMEOUT, "another media helper ran all the time");
	e = run_until(c, run, until_us);
	(void)pthread_mutex_unlock(&one_at_a_time);
	return e;
}
