/*
 * Running the program starpunk-fetch once.
 */
#include "net/fetch.h"

#include "base/time.h"
#include "core/config.h"
#include "core/helper.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

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

/* Fills in what all calls have in common, and runs it. */
static enum err
run(struct ctx *c, struct helper *h, struct str url, const char *networks, struct str *answer)
{
	struct helper_end end;
	struct str z;
	enum err e = ctx_str(c, url, &z);

	*answer = (struct str){0};
	h->name = "starpunk-fetch";
	h->path = c->cfg->fetch_helper;
	h->failure = ERR_FETCH_HELPER;
	h->answer = ctx_alloc(c, ANSWER_MAX);
	h->answer_room = ANSWER_MAX;
	if (e || !h->answer)
		return ERR_MEMORY;
	h->arguments[1] = z.p;
	h->arguments[2] = c->cfg->site_url;
	h->arguments[3] = networks;
	h->arguments[4] = c->request_id;
	e = helper_run(c, h, &end);
	if (e)
		return e;
	if (!end.in_time)
		return err_raise(c, ERR_FETCH_HELPER, "the fetch helper was not done in time");
	if (end.signal)
		return err_raise(c, ERR_FETCH_HELPER, "signal %d ended the fetch helper", end.signal);
	if (end.status != 0)
		return err_raise(
			c, ERR_FETCH_HELPER, "the fetch helper ended with %d", end.status);
	*answer = str_z(h->answer);
	return OK;
}

enum err
fetch_run(struct ctx *c, const char *mode, struct str url, int out_fd, struct str *answer)
{
	struct helper h = {.arguments = {mode}, .in_fd = -1, .out_fd = out_fd,
		.until_us = time_mono_us() + FETCH_LONGEST_US};

	return run(c, &h, url, c->cfg->fetch_allow, answer);
}

/* A file in memory with that text, to be read from its start; -1: there cannot be one. */
static int
file_of(struct str text)
{
	int fd = memfd_create("request", MFD_CLOEXEC);

	if (fd >= 0 && (write(fd, text.p, text.n) != (ssize_t)text.n || lseek(fd, 0, SEEK_SET) != 0)) {
		(void)close(fd);
		fd = -1;
	}
	return fd;
}

enum err
fetch_ask(struct ctx *c, struct str url, struct str request, int body_fd, struct str *answer)
{
	struct helper h = {.arguments = {"ask"}, .in_fd = file_of(request), .out_fd = body_fd,
		.until_us = time_mono_us() + FETCH_ASK_TIME_US + FETCH_LONGEST_US - FETCH_TIME_US};
	enum err e;

	if (h.in_fd < 0)
		return err_raise(c, ERR_IO, "memfd_create: %s", strerror(errno));
	e = run(c, &h, url, "0.0.0.0/0, ::/0", answer);
	(void)close(h.in_fd);
	return e;
}
