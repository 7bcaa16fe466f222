/*
 * A large body is announced first (Expect: 100-continue), so that one that is refused by its length
 * costs nothing.
 */
#include "net/ask.h"

#include "base/time.h"
#include "net/guard.h"

#include <limits.h>
#include <stdio.h>

struct asking {
	struct ctx *c;
	struct guard guard;
	int64_t left;		/* of the body to be sent */
	struct buf body;
	struct asked *out;
	enum err err;
	char why[CURL_ERROR_SIZE];	/* libcurl's own words; they say what is wrong with a certificate */
};

/* ---- what to ask ------------------------------------------------------------------------- */

bool
ask_parse(struct ask *a, struct str text)
{
	struct str bytes = str_cut(&text, '\n');
	unsigned long long n;

	*a = (struct ask){.method = str_cut(&bytes, ' ')};
	if (!str_u64(bytes, INT64_MAX, &n))
		return false;
	a->body_bytes = (int64_t)n;
	while (text.p) {
		struct str line = str_cut(&text, '\n');

		if (str_empty(line))
			continue;
		if (a->n_headers == ASK_HEADERS_MAX)
			return false;
		a->headers[a->n_headers++] = line;
	}
	return str_eq(a->method, S("GET")) || str_eq(a->method, S("POST"));
}

/* ---- callbacks --------------------------------------------------------------------------- */

static size_t
on_send(char *p, size_t size, size_t n, void *self)
{
	struct asking *k = self;
	size_t room = size * n;

	if ((int64_t)room > k->left)
		room = (size_t)k->left;
	memset(p, 0, room);
	k->left -= (int64_t)room;
	return room;
}

/* What does not fit is of no interest. */
static size_t
on_body(char *p, size_t size, size_t n, void *self)
{
	struct asking *k = self;
	size_t room = FETCH_MAX_BYTES - k->body.n;

	buf_put(&k->body, str_sub(str_n(p, size * n), 0, room));
	return k->body.failed ? 0 : size * n;
}

static void
header_take(struct asking *k, struct str line, struct str name, struct str *out)
{
	struct str value = line;

	if (!str_eqi(str_trim(str_cut(&value, ':')), name) || !value.p || k->err)
		return;
	k->err = ctx_str(k->c, str_trim(value), out);
}

static size_t
on_header(char *p, size_t size, size_t n, void *self)
{
	struct asking *k = self;
	struct str line = str_n(p, size * n);

	header_take(k, line, S("Content-Type"), &k->out->type);
	header_take(k, line, S("Location"), &k->out->location);
	header_take(k, line, S("Date"), &k->out->date);
	header_take(k, line, S("Server"), &k->out->server);
	return k->err ? 0 : line.n;
}

/* ---- asking ------------------------------------------------------------------------------ */

static CURLcode
set_request(CURL *curl, struct asking *k, const struct ask *a, struct str url,
	struct curl_slist *headers)
{
	int64_t left = (a->until_us - time_mono_us()) / 1000;
	CURLcode e = guard_set(curl, &k->guard);

#define SET(option, value)                                           \
	do {                                                         \
		if (e == CURLE_OK)                                   \
			e = curl_easy_setopt(curl, (option), (value)); \
	} while (0)
	SET(CURLOPT_TIMEOUT_MS, left > 0 ? (long)left : 1L);
	SET(CURLOPT_URL, url.p);
	SET(CURLOPT_HTTPHEADER, headers);
	SET(CURLOPT_CERTINFO, 1L);
	SET(CURLOPT_WRITEFUNCTION, on_body);
	SET(CURLOPT_WRITEDATA, k);
	SET(CURLOPT_HEADERFUNCTION, on_header);
	SET(CURLOPT_HEADERDATA, k);
	SET(CURLOPT_ERRORBUFFER, k->why);
	if (str_eq(a->method, S("POST"))) {
		SET(CURLOPT_POST, 1L);
		SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)a->body_bytes);
		SET(CURLOPT_READFUNCTION, on_send);
		SET(CURLOPT_READDATA, k);
	}
#undef SET
	return e;
}

/* The first certificate is the server's own. */
static enum err
keep_certificate(struct ctx *c, CURL *curl, struct asked *out)
{
	struct curl_certinfo *info = NULL;
	struct str name = S("Expire date:");

	if (curl_easy_getinfo(curl, CURLINFO_CERTINFO, &info) != CURLE_OK || !info ||
		info->num_of_certs < 1)
		return OK;
	for (const struct curl_slist *s = info->certinfo[0]; s; s = s->next) {
		struct str line = str_z(s->data);

		if (str_starts(line, name))
			return ctx_str(c, str_trim(str_sub(line, name.n, line.n)),
				&out->certificate_end);
	}
	return OK;
}

/* An answer that came before all of the body was sent is an answer. */
static enum err
judge(struct asking *k, CURL *curl, CURLcode code, enum fetch_problem *problem)
{
	long status = 0;

	if (k->err)
		return k->err;
	if (curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status) != CURLE_OK)
		return err_raise(k->c, ERR_INTERNAL, "libcurl does not say what came");
	k->out->status = status >= 200 ? (int)status : 0;
	k->out->body = buf_str(&k->body);
	*problem = k->out->status > 0 ? FETCH_OK : guard_judge(&k->guard, code);
	if (k->out->status == 0 && code == CURLE_OK)
		*problem = FETCH_CONNECT;
	if (*problem != FETCH_OK)
		(void)snprintf(k->out->detail, sizeof(k->out->detail), "%s",
			k->why[0] ? k->why : curl_easy_strerror(code));
	return keep_certificate(k->c, curl, k->out);
}

static enum err
headers_make(struct ctx *c, const struct ask *a, struct curl_slist **out)
{
	struct curl_slist *longer;
	struct str z;
	enum err e = OK;

	*out = NULL;
	for (size_t i = 0; !e && i < a->n_headers; i++) {
		e = ctx_str(c, a->headers[i], &z);
		longer = e ? NULL : curl_slist_append(*out, z.p);
		if (!e && !longer)
			e = err_memory(c);
		if (longer)
			*out = longer;
	}
	return e;
}

enum err
ask_url(struct ctx *c, const struct ask *a, const struct url *url, struct asked *out,
	enum fetch_problem *problem)
{
	struct asking k = {.c = c, .guard = {.allow = a->allow}, .left = a->body_bytes, .out = out};
	struct curl_slist *headers = NULL;
	struct str z;
	CURLcode code;
	CURL *curl;
	enum err e;

	*out = (struct asked){.status = 0};
	buf_init(&k.body, &c->arena, FETCH_MAX_BYTES);
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return err_raise(c, ERR_INTERNAL, "libcurl cannot start");
	e = headers_make(c, a, &headers);
	if (!e)
		e = ctx_str(c, url->text, &z);
	if (e)
		return e;
	curl = curl_easy_init();
	if (!curl)
		return err_memory(c);
	code = set_request(curl, &k, a, z, headers);
	if (code == CURLE_OK)
		code = curl_easy_perform(curl);
	return judge(&k, curl, code, problem);
}
