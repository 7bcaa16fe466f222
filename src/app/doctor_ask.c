/*
 * Asking the site from outside, by starpunk-fetch: libcurl is in no other process.
 */
#include "app/doctor.h"

#include "domain/pass.h"
#include "text/json.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { REQUEST_MAX = 8192 };

/* What ask_parse() reads (net/ask.h). */
static enum err
request_make(struct ctx *c, const char *method, int64_t body_bytes, bool ours, struct str *out)
{
	struct buf b;

	buf_init(&b, &c->arena, REQUEST_MAX);
	buf_printf(&b, "%s %lld\n", method, (long long)body_bytes);
	if (ours) {
#define DOCTOR(...)
#define ARRIVES(name, value, check) buf_puts(&b, name ": " value "\n");
#include "tables/doctor.def"
#undef DOCTOR
#undef ARRIVES
	}
	return buf_end(c, &b, out);
}

static enum err
text_of(struct ctx *c, const struct json *o, const char *name, struct str *out)
{
	return ctx_str(c, json_str(json_find(o, str_z(name))), out);
}

static enum err
answer_parse(struct ctx *c, struct str text, struct doctor_answer *out)
{
	const struct json *o;
	enum err err = json_parse(c, text, &o);

	if (!err)
		err = text_of(c, o, "detail", &out->detail);
	if (!err)
		err = text_of(c, o, "type", &out->type);
	if (!err)
		err = text_of(c, o, "location", &out->location);
	if (!err)
		err = text_of(c, o, "date", &out->date);
	if (!err)
		err = text_of(c, o, "server", &out->server);
	if (!err)
		err = text_of(c, o, "certificate_end", &out->certificate_end);
	if (err)
		return err;
	out->problem = fetch_problem_of(json_str(json_find(o, S("problem"))));
	out->status = (int)json_int(json_find(o, S("status")));
	return OK;
}

static enum err
body_read(struct ctx *c, int fd, struct str *out)
{
	char *p = ctx_alloc(c, FETCH_MAX_BYTES);
	ssize_t n = p ? pread(fd, p, FETCH_MAX_BYTES, 0) : -1;

	if (!p)
		return ERR_MEMORY;
	*out = str_n(p, n > 0 ? (size_t)n : 0);
	return OK;
}

/* That the helper fails is a finding like any other. */
static enum err
ask(struct doctor *d, struct str url, struct str request, struct doctor_answer *out)
{
	struct ctx *c = d->c;
	int fd = memfd_create("answer", MFD_CLOEXEC);
	struct str text;
	enum err err;

	*out = (struct doctor_answer){.problem = FETCH_HELPER};
	if (fd < 0)
		return err_raise(c, ERR_IO, "memfd_create: %s", strerror(errno));
	err = fetch_ask(c, url, request, fd, &text);
	if (!err)
		err = answer_parse(c, text, out);
	if (!err)
		err = body_read(c, fd, &out->body);
	(void)close(fd);
	if (err && err != ERR_MEMORY) {
		out->problem = FETCH_HELPER;
		err = ctx_str(c, str_z(c->err.detail), &out->detail);
		err_clear(c);
	}
	return err;
}

/* Keeps the answer as what the program saw, if it proves to come from there. */
static enum err
judge(struct ctx *c, struct str pass, struct doctor_answer *a)
{
	const struct json *o;
	struct str proof;
	enum err err = pass_proof(c, pass, &proof);

	if (err || a->problem != FETCH_OK || a->status != 200)
		return err;
	if (json_parse(c, a->body, &o) != OK)
		err_clear(c);
	else if (str_eq(json_str(json_find(o, S("proof"))), proof))
		a->seen = o;
	return OK;
}

enum err
doctor_ask(struct doctor *d, const char *method, const char *path, int64_t body_bytes,
	struct doctor_answer *out)
{
	struct ctx *c = d->c;
	struct str pass, url, request, base = d->url.text;
	enum err err = pass_make(c, &pass);

	base = str_sub(base, 0, str_find(base, '/', d->url.scheme.n + 3));
	if (!err)
		err = ctx_printf(c, &url, "%.*s%s?" PASS_FIELD "%.*s&as=%%2Fsent%%20%%C3%%A4", STR(base),
			path, STR(pass));
	if (!err)
		err = request_make(c, method, body_bytes, str_eq(str_z(method), S("POST")), &request);
	if (!err)
		err = ask(d, url, request, out);
	return err ? err : judge(c, pass, out);
}

enum err
doctor_ask_plain(struct doctor *d, struct str url, struct doctor_answer *out)
{
	struct str request;
	enum err err = request_make(d->c, "GET", 0, false, &request);

	return err ? err : ask(d, url, request, out);
}

struct str
doctor_seen(const struct doctor_answer *a, const char *name)
{
	return json_str(json_find(a->seen, str_z(name)));
}
