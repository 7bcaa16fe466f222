/*
 * From parameters to a request: picks out the variables of CGI (RFC 3875 section 4.1) that matter,
 * checks sizes and bytes of all of them, and leaves the rest to be asked for by header name.
 * Nothing here trusts a name or a length; a parameter that decides about rights and comes twice is
 * refused, for any other the last one counts.
 */
#include "http/req.h"

#include "base/enc.h"
#include "http/form.h"
#include "http/head.h"
#include "http/priv.h"

#include <assert.h>

enum {
	NAME_MAX_BYTES = 128,
	COOKIE_MAX_BYTES = 8 * 1024,
	FALLBACK_URI_MAX = 4 * REQ_MAX_PARAM_BYTES,
};

/* The variables that have a place in struct req, as they came; p NULL if they did not. */
struct cgi {
	struct str method, uri, script_name, path_info, query_string;
	struct str content_length, content_type, https, scheme, remote_addr, authorization;
	const char *twice; /* name of one that must not come twice and did */
};

static const struct {
	struct str name;
	size_t offset;
	bool once;
} variables[] = {
	{S_INIT("REQUEST_METHOD"), offsetof(struct cgi, method), true},
	{S_INIT("REQUEST_URI"), offsetof(struct cgi, uri), true},
	{S_INIT("SCRIPT_NAME"), offsetof(struct cgi, script_name), false},
	{S_INIT("PATH_INFO"), offsetof(struct cgi, path_info), false},
	{S_INIT("QUERY_STRING"), offsetof(struct cgi, query_string), false},
	{S_INIT("CONTENT_LENGTH"), offsetof(struct cgi, content_length), true},
	{S_INIT("CONTENT_TYPE"), offsetof(struct cgi, content_type), false},
	{S_INIT("HTTPS"), offsetof(struct cgi, https), true},
	{S_INIT("REQUEST_SCHEME"), offsetof(struct cgi, scheme), false},
	{S_INIT("REMOTE_ADDR"), offsetof(struct cgi, remote_addr), true},
	{S_INIT("HTTP_AUTHORIZATION"), offsetof(struct cgi, authorization), true},
};

static void
cgi_take(struct cgi *cgi, const struct pair *param)
{
	for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); i++) {
		struct str *place = (struct str *)(void *)((char *)cgi + variables[i].offset);

		if (!str_eq(param->name, variables[i].name))
			continue;
		if (place->p && variables[i].once)
			cgi->twice = variables[i].name.p;
		*place = param->value.p ? param->value : S("");
		return;
	}
}

static enum err
params_check(struct ctx *c, const struct pair *params, size_t n)
{
	size_t all = 0, headers = 0;

	if (n > REQ_MAX_PARAMS)
		return err_raise(c, ERR_HEADERS_TOO_LARGE, "%zu parameters", n);
	for (size_t i = 0; i < n; i++) {
		struct str name = params[i].name, value = params[i].value;

		all += name.n + value.n;
		if (str_starts(name, S("HTTP_")))
			headers += name.n + value.n;
		if (name.n > NAME_MAX_BYTES || all > REQ_MAX_PARAM_BYTES ||
			headers > REQ_MAX_HEADER_BYTES)
			return err_raise(
				c, ERR_HEADERS_TOO_LARGE, "parameters exceed their limits");
		if (str_find(name, '\0', 0) < name.n || str_find(value, '\0', 0) < value.n)
			return err_raise(c, ERR_BAD_ENCODING, "a NUL in a parameter");
	}
	return OK;
}

static enum method
method_parse(struct str s)
{
#define METHOD(m)                                                                                  \
	if (str_eq(s, S(#m)))                                                                      \
		return METHOD_##m;
#include "tables/methods.def"
#undef METHOD
	return METHOD_UNKNOWN;
}

/*
 * The target out of variables that the server has decoded already: encoded again, so that decoding
 * it once gives back what they hold.
 */
static enum err
uri_fallback(struct ctx *c, const struct cgi *cgi, struct str *out)
{
	struct buf b;

	buf_init(&b, &c->arena, FALLBACK_URI_MAX);
	enc_percent(&b, cgi->script_name, S("/"));
	enc_percent(&b, cgi->path_info, S("/"));
	if (b.n == 0)
		buf_putc(&b, '/');
	if (cgi->query_string.n > 0) {
		buf_putc(&b, '?');
		buf_put(&b, cgi->query_string);
	}
	return buf_end(c, &b, out);
}

/* Digits, nothing (not announced), or the "-1" that some servers send for a chunked body. */
static enum err
length_parse(struct ctx *c, struct str s, int64_t *out)
{
	unsigned long long v;

	*out = -1;
	if (str_empty(s) || str_eq(s, S("-1")))
		return OK;
	if (!str_u64(s, INT64_MAX, &v))
		return err_raise(c, ERR_BAD_REQUEST, "the content length is not a number");
	*out = (int64_t)v;
	return OK;
}

static enum err
facts_fill(struct ctx *c, const struct req *q)
{
	size_t end = str_find(q->uri, '?', 0);
	struct str path = str_sub(q->uri, 0, end < REQ_MAX_URI ? end : REQ_MAX_URI);
	enum err err = ctx_str(c, path, &q->facts->path);

	q->facts->method = q->method;
	if (!err)
		err = ctx_str(c, q->remote_addr, &q->facts->remote_addr);
	if (!err)
		err = ctx_str(c, req_header(q, "User-Agent"), &q->facts->user_agent);
	return err;
}

enum err
req_parse(struct ctx *c, struct req *q, const struct pair *params, size_t n, struct io *io)
{
	struct cgi cgi = {0};
	enum err err, facts_err;

	assert(c->facts);
	*q = (struct req){.io = io, .facts = c->facts, .params = params, .content_length = -1};
	q->n_params = n < REQ_MAX_PARAMS ? n : REQ_MAX_PARAMS;
	for (size_t i = 0; i < q->n_params; i++)
		cgi_take(&cgi, &params[i]);
	q->canonical = true;
	q->method = method_parse(cgi.method);
	q->uri = cgi.uri;
	q->content_type = cgi.content_type;
	q->remote_addr = cgi.remote_addr;
	q->https = str_eqi(cgi.https, S("on")) || str_eq(cgi.https, S("1")) ||
		   str_eqi(cgi.scheme, S("https"));
	err = params_check(c, params, n);
	if (!err)
		err = length_parse(c, cgi.content_length, &q->content_length);
	if (!err && str_empty(q->uri))
		err = uri_fallback(c, &cgi, &q->uri);
	facts_err = facts_fill(c, q);
	if (err || facts_err)
		return err ? err : facts_err;
	if (cgi.twice)
		return err_raise(c, ERR_BAD_REQUEST, "parameter %s came twice", cgi.twice);
	if (str_empty(cgi.method))
		return err_raise(c, ERR_BAD_REQUEST, "no method");
	if (q->method == METHOD_UNKNOWN)
		return err_raise(c, ERR_METHOD_UNKNOWN, "method '%.*s'", STR(cgi.method));
	return req_target_parse(c, q);
}

static char
upper(char ch)
{
	return ch >= 'a' && ch <= 'z' ? (char)(ch - ('a' - 'A')) : ch;
}

/* True for the parameter of that header: "HTTP_IF_NONE_MATCH" of "If-None-Match". */
static bool
param_is_header(struct str param, struct str name)
{
	if (param.n != name.n + 5 || !str_starts(param, S("HTTP_")))
		return false;
	for (size_t i = 0; i < name.n; i++)
		if (param.p[i + 5] != (name.p[i] == '-' ? '_' : upper(name.p[i])))
			return false;
	return true;
}

/* The value of the last parameter of that name; p NULL if there is none. */
static struct str
param_find(const struct req *q, struct str name)
{
	for (size_t i = q->n_params; i-- > 0;)
		if (str_eq(q->params[i].name, name))
			return q->params[i].value.p ? q->params[i].value : S("");
	return (struct str){0};
}

struct str
req_header(const struct req *q, const char *name)
{
	struct str header = str_z(name), found = {0};

	if (str_eqi(header, S("proxy")))
		return found;
	if (str_eqi(header, S("content-type")))
		return str_empty(q->content_type) ? found : q->content_type;
	if (str_eqi(header, S("content-length"))) {
		found = param_find(q, S("CONTENT_LENGTH"));
		return str_empty(found) ? (struct str){0} : found;
	}
	for (size_t i = q->n_params; i-- > 0 && !found.p;)
		if (param_is_header(q->params[i].name, header))
			found = q->params[i].value.p ? q->params[i].value : S("");
	if (str_empty(found) && str_eqi(header, S("authorization")))
		return param_find(q, S("REDIRECT_HTTP_AUTHORIZATION"));
	return found;
}

struct str
req_cookie(const struct req *q, struct str name)
{
	struct str rest = req_header(q, "Cookie"), found = {0};

	if (rest.n > COOKIE_MAX_BYTES)
		return found;
	while (rest.p) {
		struct str value = str_cut(&rest, ';');
		bool assigned = str_find(value, '=', 0) < value.n;
		struct str key = str_trim(str_cut(&value, '='));

		if (!assigned || !str_eq(key, name))
			continue;
		if (found.p)
			return (struct str){0};
		value = str_trim(value);
		found = value.p ? value : S("");
	}
	return found;
}

enum err
req_query(struct ctx *c, const struct req *q, struct str name, struct str *out)
{
	struct pair *args;
	size_t n;
	enum err err = form_parse(c, q->query, &args, &n);

	*out = (struct str){0};
	for (size_t i = 0; !err && i < n && !out->p; i++)
		if (str_eq(args[i].name, name))
			*out = args[i].value;
	return err;
}

struct str
req_bearer(const struct req *q)
{
	struct str token = str_trim(req_header(q, "Authorization"));
	struct str scheme = str_cut(&token, ' ');

	token = str_trim(token);
	if (!str_eqi(scheme, S("bearer")) || str_empty(token))
		return (struct str){0};
	return token;
}

enum err
req_media_type(struct ctx *c, const struct req *q, struct str *out)
{
	struct str rest = q->content_type;
	struct str type = head_value(&rest);
	char *p = ctx_alloc(c, type.n + 1);

	if (!p)
		return ERR_MEMORY;
	for (size_t i = 0; i < type.n; i++) {
		bool capital = type.p[i] >= 'A' && type.p[i] <= 'Z';

		p[i] = capital ? (char)(type.p[i] + ('a' - 'A')) : type.p[i];
	}
	*out = str_n(p, type.n);
	return OK;
}
