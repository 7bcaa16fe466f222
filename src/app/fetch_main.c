/*
 * The program starpunk-fetch: fetches what one address leads to, and reads it. As long as it asks, it is
 * free to use the network, sees the few files that takes, and is limited otherwise; when the answer is
 * there and before its first byte is looked at, the door is locked (core/jail). What it says and takes is
 * in net/fetch.h.
 */
#include "base/time.h"
#include "core/jail.h"
#include "core/sight.h"
#include "domain/client_doc.h"
#include "net/ask.h"
#include "net/fetch.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

enum { ARENA_MAX = 128 * 1024 * 1024, FILE_FD = 3, REQUEST_MAX = 16 * 1024 };

/* Exit statuses of a call that cannot be carried out. */
enum { USAGE = 2, NO_JAIL = 4, FAILED = 5 };

static const struct jail limits = {
	.cpu_seconds = 3, .file_bytes = FETCH_MAX_BYTES, .memory_bytes = 512 << 20};

/* What it was started for. */
enum kind { NOTHING, CLIENT, FILE_OF, ASK };
struct call {
	enum kind kind;
	struct str url;
	const char *site;
	const char *allow;
	struct str request_id;
};

static enum kind
kind_of(const char *word)
{
	static const char *const words[] = {
		[CLIENT] = "client", [FILE_OF] = "file", [ASK] = "ask"};

	for (int i = CLIENT; i <= ASK; i++)
		if (strcmp(word, words[i]) == 0)
			return (enum kind)i;
	return NOTHING;
}

static bool
write_all(int fd, struct str s)
{
	while (s.n > 0) {
		ssize_t n = write(fd, s.p, s.n);

		if (n <= 0)
			return false;
		s = str_sub(s, (size_t)n, s.n);
	}
	return true;
}

/* What every answer says: how it went, and with what status if there was one. */
static enum err
answer_begin(struct ctx *c, enum fetch_problem problem, const char *detail, int status, struct json **out)
{
	enum err e = json_object(c, out);

	if (!e)
		e = json_set_str(c, *out, S("problem"), str_z(fetch_word(problem)));
	if (!e)
		e = json_set_str(c, *out, S("detail"), str_z(detail));
	if (!e)
		e = json_set_int(c, *out, S("status"), status);
	return e;
}

static enum err
answer(struct ctx *c, const struct got *got, enum fetch_problem problem,
	const struct client_doc *doc)
{
	struct json *o;
	struct str text;
	enum err e = answer_begin(c, problem, got->detail, got->status, &o);

	if (!e)
		e = json_set_str(c, o, S("url"), got->url.text);
	if (!e)
		e = json_set_int(c, o, S("max_age"), got->max_age);
	if (!e)
		e = client_doc_put(c, doc, o);
	if (!e)
		e = json_write(c, o, &text);
	if (!e && !write_all(STDOUT_FILENO, text))
		e = err_raise(c, ERR_IO, "the answer cannot be written");
	return e;
}

static enum err
fetch(struct ctx *c, const struct call *call, struct got *got, enum fetch_problem *problem)
{
	struct get how = {
		.accept = call->kind == FILE_OF ? S("image/webp, image/png, image/jpeg, image/gif")
				     : S("application/json, text/html;q=0.8"),
		.request_id = call->request_id,
		.allow = call->allow,
		.max_bytes = FETCH_MAX_BYTES,
		.until_us = time_mono_us() + FETCH_TIME_US,
	};
	struct url url;
	enum err e = url_parse(c, call->url, &url);

	if (!e)
		e = ctx_printf(c, &how.agent, "StarPunk/" SP_VERSION " (+%s)", call->site);
	return e ? e : get_url(c, &how, &url, got, problem);
}

static enum err
work(struct ctx *c, const struct call *call)
{
	enum fetch_problem problem;
	struct client_doc doc = {0};
	struct got got;
	enum err e = fetch(c, call, &got, &problem);

	if (e)
		return e;
	/* Where nothing came, nothing is read, and a thread may still wait for the resolver. */
	if (problem != FETCH_OK)
		return answer(c, &got, problem, &doc);
	if (!jail_enter(&limits))
		_exit(NO_JAIL);
	if (call->kind == CLIENT)
		e = client_doc_parse(c, call->url, &got, &doc, &problem);
	else if (!write_all(FILE_FD, got.body))
		e = err_raise(c, ERR_IO, "the file cannot be written");
	return e ? e : answer(c, &got, problem, &doc);
}

/* ---- for the doctor ---------------------------------------------------------------------- */

static enum err
asked_answer(struct ctx *c, const struct asked *got, enum fetch_problem problem)
{
	struct json *o;
	struct str text;
	enum err e = answer_begin(c, problem, got->detail, got->status, &o);

	if (!e)
		e = json_set_str(c, o, S("type"), got->type);
	if (!e)
		e = json_set_str(c, o, S("location"), got->location);
	if (!e)
		e = json_set_str(c, o, S("date"), got->date);
	if (!e)
		e = json_set_str(c, o, S("server"), got->server);
	if (!e)
		e = json_set_str(c, o, S("certificate_end"), got->certificate_end);
	if (!e)
		e = json_write(c, o, &text);
	if (!e && (!write_all(FILE_FD, got->body) || !write_all(STDOUT_FILENO, text)))
		e = err_raise(c, ERR_IO, "the answer cannot be written");
	return e;
}

/* What is to be sent comes on descriptor 0. Of what comes back nothing is read here. */
static enum err
ask(struct ctx *c, const struct call *call)
{
	char text[REQUEST_MAX];
	ssize_t n = read(STDIN_FILENO, text, sizeof(text));
	enum fetch_problem problem;
	struct asked got;
	struct url url;
	struct ask how;
	enum err e;

	if (n <= 0 || !ask_parse(&how, str_n(text, (size_t)n)))
		return err_raise(c, ERR_USAGE, "no request on descriptor 0");
	how.allow = call->allow;
	how.until_us = time_mono_us() +
		(how.body_bytes > FETCH_ASK_SMALL ? FETCH_ASK_TIME_US : FETCH_ASK_SMALL_US);
	e = url_parse(c, call->url, &url);
	if (!e)
		e = ask_url(c, &how, &url, &got, &problem);
	return e ? e : asked_answer(c, &got, problem);
}

int
main(int argc, char **argv)
{
	struct call call = {0};
	struct sight sight;
	struct ctx c;

	jail_offer();
	if (argc == 2 && strcmp(argv[1], "probe") == 0) {
		if (!jail_enter(&limits) || open("/", O_RDONLY | O_DIRECTORY) != -2)
			_exit(NO_JAIL);
	}
	if (argc != 6)
		return USAGE;
	call = (struct call){.kind = kind_of(argv[1]), str_z(argv[2]), argv[3], argv[4],
		str_z(argv[5])};
	if (call.kind == NOTHING)
		return USAGE;
	ctx_init(&c, ARENA_MAX);
	sight_system(&sight);
	sight_lookups(&sight);
	if (!jail_limit(&limits) || !jail_refuse() || sight_enter(&c, &sight) != OK)
		return NO_JAIL;
	/* Not exit(): libraries tidy up with system calls that are not allowed, or wait. */
	_exit((call.kind == ASK ? ask(&c, &call) : work(&c, &call)) == OK ? 0 : FAILED);
}
