/*
 * Requests: each line "NAME=value" is a parameter. What is accepted has no segment that could climb
 * or hide a slash, and the canonical path leads back to the same segments.
 */
#include "fuzz.h"

#include "base/enc.h"
#include "http/head.h"
#include "http/route.h"

#include <assert.h>

enum { PARAMS_MAX = 300 };

static size_t
params_split(struct str text, struct pair *params)
{
	size_t n = 0;

	while (text.p && n < PARAMS_MAX) {
		struct str value = str_cut(&text, '\n');

		params[n].name = str_cut(&value, '=');
		params[n++].value = value;
	}
	return n;
}

static void
segments_check(const struct req *q)
{
	assert(q->n_segments <= REQ_MAX_SEGMENTS);
	for (size_t i = 0; i < q->n_segments; i++) {
		struct str s = q->segments[i];

		assert(s.n > 0 && enc_utf8_valid(s));
		assert(str_find(s, '/', 0) == s.n && str_find(s, '\\', 0) == s.n);
		assert(str_find(s, '\0', 0) == s.n);
		assert(!str_eq(s, S(".")) && !str_eq(s, S("..")));
	}
}

static void
canonical_check(struct ctx *c, const struct req *q)
{
	struct pair params[] = {
		{S("REQUEST_METHOD"), S("GET")}, {S("REQUEST_URI"), q->canonical_path}};
	struct req again;

	if (q->canonical || q->canonical_path.n > REQ_MAX_URI)
		return;
	assert(req_parse(c, &again, params, 2, NULL) == OK);
	assert(again.canonical && again.n_segments == q->n_segments);
	for (size_t i = 0; i < q->n_segments; i++)
		assert(str_eq(again.segments[i], q->segments[i]));
}

static void
values_read(struct ctx *c, struct req *q)
{
	const struct route_row *row;
	struct str value, rest = q->content_type;
	struct head_param param;

	(void)req_cookie(q, S("__Host-sp"));
	assert(req_bearer(q).n <= req_header(q, "Authorization").n);
	assert(!req_header(q, "Proxy").p);
	(void)!req_query(c, q, S("q"), &value);
	err_clear(c);
	assert(req_media_type(c, q, &value) == OK && value.n <= q->content_type.n);
	(void)head_value(&rest);
	while (head_param_next(&rest, &param) == HEAD_PARAM)
		assert(head_is_token(param.name));
	(void)!route_find(c, q, &row);
	err_clear(c);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pair params[PARAMS_MAX];
	size_t n = params_split(str_n((const char *)data, size), params);
	struct facts facts = {0};
	struct req q;
	struct ctx c;
	enum err err;

	ctx_init(&c, 8 << 20);
	c.facts = &facts;
	err = req_parse(&c, &q, params, n, NULL);
	assert(err == c.err.code);
	err_clear(&c);
	if (!err) {
		segments_check(&q);
		canonical_check(&c, &q);
	}
	values_read(&c, &q);
	ctx_fini(&c);
	return 0;
}
