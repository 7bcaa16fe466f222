/*
 * One guarded request and its redirects.
 */
#include "net/get.h"

#include "base/time.h"
#include "net/guard.h"

#include <stdio.h>

/* A transfer, as its callbacks see it. */
struct transfer {
	struct ctx *c;
	const struct get *how;
	struct guard guard;
	struct buf body;
	struct buf link;
	struct buf cache;	/* Cache-Control headers, joined */
	struct str location;
	size_t head_bytes;
	unsigned headers;
	bool large;
	bool encoded;		/* though none was asked for */
};

/* ---- callbacks --------------------------------------------------------------------------- */

static size_t
on_body(char *p, size_t size, size_t n, void *self)
{
	struct transfer *t = self;

	if (t->body.n + size * n > t->how->max_bytes) {
		t->large = true;
		return 0;
	}
	buf_put(&t->body, str_n(p, size * n));
	return t->body.failed ? 0 : size * n;
}

/* The value, if the line is a header of that name. */
static bool
header_is(struct str line, struct str name, struct str *value)
{
	if (line.n <= name.n || line.p[name.n] != ':' || !str_eqi(str_sub(line, 0, name.n), name))
		return false;
	*value = str_trim(str_sub(line, name.n + 1, line.n));
	return true;
}

static void
join(struct buf *b, struct str value)
{
	if (b->n > 0)
		buf_puts(b, ", ");
	buf_put(b, value);
}

/* A status line begins the head of another answer, after "100 Continue" and the like. */
static size_t
on_header(char *p, size_t size, size_t n, void *self)
{
	struct transfer *t = self;
	struct str line = str_n(p, size * n), value;

	t->head_bytes += line.n;
	if (t->head_bytes > GET_HEAD_MAX || ++t->headers > GET_HEADERS_MAX) {
		t->large = true;
		return 0;
	}
	if (str_starts(line, S("HTTP/"))) {
		t->link.n = t->cache.n = 0;
		t->location = S("");
		t->encoded = false;
	} else if (header_is(line, S("Content-Encoding"), &value)) {
		t->encoded = !str_eqi(value, S("identity"));
	} else if (header_is(line, S("Link"), &value)) {
		join(&t->link, value);
	} else if (header_is(line, S("Cache-Control"), &value)) {
		join(&t->cache, value);
	} else if (header_is(line, S("Location"), &value) &&
		   ctx_str(t->c, value, &t->location) != OK) {
		return 0;
	}
	return t->link.failed || t->cache.failed ? 0 : line.n;
}

/* ---- one request ------------------------------------------------------------------------- */

/* The guard's rules, and where what comes goes to; the first failure. */
static CURLcode
set_rules(CURL *curl, struct transfer *t)
{
	CURLcode e = guard_set(curl, &t->guard);

#define SET(option, value)                                           \
	do {                                                         \
		if (e == CURLE_OK)                                   \
			e = curl_easy_setopt(curl, (option), (value)); \
	} while (0)
	SET(CURLOPT_WRITEFUNCTION, on_body);
	SET(CURLOPT_WRITEDATA, t);
	SET(CURLOPT_HEADERFUNCTION, on_header);
	SET(CURLOPT_HEADERDATA, t);
#undef SET
	return e;
}

static CURLcode
set_request(CURL *curl, struct transfer *t, struct str url, struct curl_slist *headers)
{
	int64_t left = (t->how->until_us - time_mono_us()) / 1000;
	struct str agent;
	CURLcode e;

	if (left < 1)
		return CURLE_OPERATION_TIMEDOUT;
	if (ctx_str(t->c, t->how->agent, &agent) != OK)
		return CURLE_OUT_OF_MEMORY;
	e = curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)left);
	if (e == CURLE_OK)
		e = curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)left);
	if (e == CURLE_OK)
		e = curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	if (e == CURLE_OK)
		e = curl_easy_setopt(curl, CURLOPT_USERAGENT, agent.p);
	if (e == CURLE_OK)
		e = curl_easy_setopt(curl, CURLOPT_URL, url.p);
	return e;
}

/* The texts that libcurl keeps no longer than its handle. */
static enum err
keep(struct transfer *t, CURL *curl, struct got *out)
{
	char *type = NULL;
	long status = 0;

	if (curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status) != CURLE_OK ||
		curl_easy_getinfo(curl, CURLINFO_CONTENT_TYPE, &type) != CURLE_OK)
		return err_raise(t->c, ERR_INTERNAL, "libcurl does not say what came");
	out->status = (int)status;
	return ctx_str(t->c, str_z(type), &out->type);
}

/* One request without its redirects. The handle is kept: see QUICK_EXIT, and get.h. */
static enum err
request(struct transfer *t, struct str url, struct got *out, enum fetch_problem *problem)
{
	struct curl_slist *headers = NULL;
	CURL *curl = curl_easy_init();
	struct str accept, id, z;
	CURLcode code;
	enum err e;

	e = ctx_printf(t->c, &accept, "Accept: %.*s", STR(t->how->accept));
	if (!e)
		e = ctx_str(t->c, url, &z);
	if (e)
		return e;
	/* A name without a value is not sent. */
	e = ctx_printf(t->c, &id, "X-Request-ID:%s%.*s", t->how->request_id.n > 0 ? " " : "",
		STR(t->how->request_id));
	if (e)
		return e;
	headers = curl_slist_append(curl_slist_append(NULL, accept.p), "Accept-Encoding: identity");
	if (headers)
		headers = curl_slist_append(headers, id.p);
	if (!curl || !headers)
		return err_memory(t->c);
	code = set_rules(curl, t);
	if (code == CURLE_OK)
		code = set_request(curl, t, z, headers);
	if (code == CURLE_OK)
		code = curl_easy_perform(curl);
	*problem = t->large ? FETCH_LARGE : guard_judge(&t->guard, code);
	if (*problem != FETCH_OK)
		(void)snprintf(out->detail, sizeof(out->detail), "%s", curl_easy_strerror(code));
	return keep(t, curl, out);
}

/* ---- redirects --------------------------------------------------------------------------- */

static void
transfer_init(struct transfer *t, struct ctx *c, const struct get *how)
{
	*t = (struct transfer){.c = c, .how = how, .guard = {.allow = how->allow}};
	buf_init(&t->body, &c->arena, how->max_bytes);
	buf_init(&t->link, &c->arena, 2 * GET_HEAD_MAX);
	buf_init(&t->cache, &c->arena, 2 * GET_HEAD_MAX);
}

/* Seconds for which the answer says it holds: max-age, or not at all. */
static int64_t
max_age(struct str directives)
{
	int64_t seconds = -1;

	while (directives.p) {
		struct str one = str_trim(str_cut(&directives, ',')), value = one;
		struct str name = str_trim(str_cut(&value, '='));
		unsigned long long n;

		if (str_eqi(name, S("no-store")) || str_eqi(name, S("no-cache")))
			return 0;
		if (str_eqi(name, S("max-age")) && str_u64(value, INT32_MAX, &n))
			seconds = (int64_t)n;
	}
	return seconds;
}

static bool
is_redirect(int status)
{
	return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

/* Sets out->url to where the answer points to; false: nowhere that we follow. */
static bool
follow(struct transfer *t, struct got *out)
{
	struct url from = out->url, to;
	bool good = !str_empty(t->location) && url_resolve(t->c, &from, t->location, &to) == OK &&
		    !(str_eq(from.scheme, S("https")) && str_eq(to.scheme, S("http")));

	err_clear(t->c);
	if (good)
		out->url = to;
	return good;
}

static struct str
without_fragment(const struct url *u)
{
	return str_sub(u->text, 0, str_find(u->text, '#', 0));
}

enum err
get_url(struct ctx *c, const struct get *how, const struct url *url, struct got *out,
	enum fetch_problem *problem)
{
	struct transfer t;
	enum err e = OK;

	*out = (struct got){.url = *url, .max_age = -1};
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return err_raise(c, ERR_INTERNAL, "libcurl cannot start");
	for (int i = 0; i <= GET_REDIRECTS; i++) {
		transfer_init(&t, c, how);
		e = request(&t, without_fragment(&out->url), out, problem);
		if (e || *problem != FETCH_OK)
			return e;
		if (!is_redirect(out->status))
			break;
		*problem = FETCH_REDIRECT;
		if (i == GET_REDIRECTS || !follow(&t, out))
			return OK;
	}
	*problem = out->status != 200 ? FETCH_STATUS : t.encoded ? FETCH_TYPE : FETCH_OK;
	out->body = buf_str(&t.body);
	out->link = buf_str(&t.link);
	out->max_age = max_age(buf_str(&t.cache));
	return t.body.failed ? err_memory(c) : OK;
}
