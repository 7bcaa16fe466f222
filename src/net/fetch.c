/*
 * Running the program starpunk-fetch once.
 */
#include "net/fetch.h"

#include "base/time.h"
#include "core/config.h"
#include "core/helper.h"

enum { ANSWER_MAX = 64 * 1024 };

static const char *const words[FETCH__MAX] = {
	[FETCH_OK] = "",
	[FETCH_ADDRESS] = "address",
	[FETCH_NAME] = "name",
	[FETCH_CONNECT] = "connect",
	[FETCH_TLS] = "tls",
	[FETCH_TIMEOUT] = "timeout",
	[FETCH_LARGE] = "large",
	[FETCH_REDIRECT] = "redirects",
	[FETCH_STATUS] = "status",
	[FETCH_TYPE] = "type",
	[FETCH_DOCUMENT] = "document",
	[FETCH_HELPER] = "helper",
};

const char *
fetch_word(enum fetch_problem p)
{
	return words[p];
}

enum fetch_problem
fetch_problem_of(struct str word)
{
	for (int i = 0; i < FETCH__MAX; i++)
		if (str_eq(word, str_z(words[i])))
			return (enum fetch_problem)i;
	return FETCH_HELPER;
}

enum err
fetch_run(struct ctx *c, const char *mode, struct str url, int out_fd, struct str *answer)
{
	struct helper_end end;
	struct helper h = {
		.name = "starpunk-fetch",
		.path = c->cfg->fetch_helper,
		.failure = ERR_FETCH_HELPER,
		.in_fd = -1,
		.out_fd = out_fd,
		.until_us = time_mono_us() + FETCH_LONGEST_US,
		.answer = ctx_alloc(c, ANSWER_MAX),
		.answer_room = ANSWER_MAX,
	};
	struct str z;
	enum err e = ctx_str(c, url, &z);

	*answer = (struct str){0};
	if (e || !h.answer)
		return ERR_MEMORY;
	h.arguments[0] = mode;
	h.arguments[1] = z.p;
	h.arguments[2] = c->cfg->site_url;
	h.arguments[3] = c->cfg->fetch_allow;
	h.arguments[4] = c->request_id;
	e = helper_run(c, &h, &end);
	if (e)
		return e;
	if (!end.in_time)
		return err_raise(c, ERR_FETCH_HELPER, "the fetch helper was not done in time");
	if (end.signal)
		return err_raise(c, ERR_FETCH_HELPER, "signal %d ended the fetch helper", end.signal);
	if (end.status != 0)
		return err_raise(
			c, ERR_FETCH_HELPER, "the fetch helper ended with %d", end.status);
	*answer = str_z(h.answer);
	return OK;
}
