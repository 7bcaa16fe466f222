/*
 * The Micropub endpoint as HTTP sees it: which of the three encodings the body is in, where the
 * token stands, and what a result looks like. What a request means is domain/micropub's to say.
 */
#include "web/priv.h"

#include "base/time.h"
#include "domain/micropub.h"
#include "http/cond.h"
#include "http/form.h"
#include "http/multipart.h"

#include <stdio.h>

enum { RETRY_KEY_MAX = 255 };

/* ---- conditions (RFC 9110 section 13) -------------------------------------------------------- */

/* The entity tag of a post's source: strong, since it changes with every change of the post. */
static enum err
put_version(struct ctx *c, struct txn *t, struct str version)
{
	struct str etag;
	enum err err = ctx_printf(c, &etag, "\"%.*s\"", STR(version));

	if (!err)
		resp_set(&t->resp, "ETag", etag);
	return err;
}

/* When a post changed; 0, unknown, while that second lasts: another change may bear its date. */
static int64_t
modified_of(const struct ctx *c, int64_t changed)
{
	return changed < c->now_us / 1000000 ? changed : 0;
}

static enum err
put_modified(struct ctx *c, struct txn *t, int64_t modified)
{
	struct str date;
	struct buf b;
	enum err err;

	buf_init(&b, &c->arena, 64);
	time_http(&b, modified);
	err = buf_end(c, &b, &date);
	if (!err)
		resp_set(&t->resp, "Last-Modified", date);
	return err;
}

struct precondition {
	struct ctx *c;
	const struct req *req;
};

/* What the request says about the state that a post is in; asked while nobody can change it. */
static bool
precondition_holds(void *self, struct str version, int64_t changed)
{
	const struct precondition *p = self;
	char etag[128];
	int n = snprintf(etag, sizeof(etag), "\"%.*s\"", STR(version));

	return cond_check(p->req, str_n(etag, (size_t)n), changed, p->c->now_us / 1000000) ==
		COND_PROCEED;
}

/* ---- queries --------------------------------------------------------------------------------- */

/* The validators of a post's source, and what the request's conditions make of them. */
static enum err
validate(struct ctx *c, struct txn *t, const struct micropub_answer *answer)
{
	int64_t modified = modified_of(c, answer->modified);
	enum err err = put_version(c, t, answer->version);

	if (!err && modified > 0)
		err = put_modified(c, t, modified);
	if (err)
		return err;
	switch (cond_check(&t->req, resp_get(&t->resp, "ETag"), modified, c->now_us / 1000000)) {
	case COND_FAILED:
		return err_raise(c, ERR_PRECONDITION, "a condition of the request does not hold");
	case COND_NOT_MODIFIED:
		resp_none(&t->resp);
		t->resp.status = 304;
		break;
	case COND_PROCEED:
		break;
	}
	return OK;
}

static enum err
query(struct ctx *c, struct txn *t)
{
	struct micropub_answer answer;
	struct pair *args;
	size_t n;
	struct db *db;
	enum err err = form_parse(c, t->req.query, &args, &n);

	if (!err)
		err = txn_db(c, t, &db);
	if (!err)
		err = micropub_query(c, db, &t->grant, args, n, &answer);
	if (err)
		return err;
	resp_buf(&t->resp, "application/json", answer.json);
	return answer.version.n > 0 ? validate(c, t, &answer) : OK;
}

/* ---- requests -------------------------------------------------------------------------------- */

/*
 * The token in the body, if the body is a form; with one in the header as well nothing is done
 * (RFC 6750 section 2). A form that cannot be read has no token.
 */
static enum err
fields_read(struct ctx *c, struct txn *t, struct str type, struct pair **fields, size_t *n)
{
	struct str body;
	enum err err = req_body(c, &t->req, &body);

	if (err)
		return err;
	if (str_eq(type, S("multipart/form-data")))
		return multipart_fields(c, t->req.content_type, body, fields, n);
	return form_parse(c, body, fields, n);
}

static enum err
token_check(struct ctx *c, struct txn *t, struct str in_body)
{
	struct str in_header = req_bearer(&t->req);

	if (in_header.p && in_body.p)
		return err_raise(c, ERR_TOKEN_TWICE, "a token in header and body");
	if (!in_header.p && !in_body.p)
		return err_raise(c, ERR_UNAUTHORIZED, "no token");
	return gate_token(c, t, in_header.p ? in_header : in_body);
}

static enum err
form_request(struct ctx *c, struct txn *t, struct str type, struct micropub_request *out)
{
	struct str token = {0};
	struct pair *fields = NULL;
	size_t n = 0;
	enum err err = fields_read(c, t, type, &fields, &n);

	if (!err)
		err = token_check(c, t, txn_field(fields, n, S("access_token")));
	return err ? err : micropub_parse_form(c, fields, n, out, &token);
}

/* JSON never carries the token: who has none is told so before anything is read. */
static enum err
json_request(struct ctx *c, struct txn *t, struct micropub_request *out)
{
	struct str body;
	enum err err = token_check(c, t, (struct str){0});

	if (!err)
		err = req_body(c, &t->req, &body);
	return err ? err : micropub_parse_json(c, body, out);
}

static enum err
request_read(struct ctx *c, struct txn *t, struct micropub_request *out)
{
	struct str type;
	enum err err = req_media_type(c, &t->req, &type);

	if (err)
		return err;
	if (str_eq(type, S("application/x-www-form-urlencoded")) ||
		str_eq(type, S("multipart/form-data")))
		return form_request(c, t, type, out);
	if (str_eq(type, S("application/json")))
		return json_request(c, t, out);
	err = token_check(c, t, (struct str){0});
	return err ? err : err_raise(c, ERR_MEDIA_TYPE, "a body of type '%.*s'", STR(type));
}

/* The Idempotency-Key, if there is one: 1 to 255 characters of ASCII that can be seen. */
static enum err
retry_key(struct ctx *c, const struct txn *t, struct str *out)
{
	bool good;

	*out = req_header(&t->req, "Idempotency-Key");
	good = !out->p || (out->n > 0 && out->n <= RETRY_KEY_MAX);
	for (size_t i = 0; good && i < out->n; i++)
		good = out->p[i] > ' ' && out->p[i] < 0x7f;
	if (!good)
		return err_raise_hint(c, ERR_BAD_REQUEST,
			"Idempotency-Key needs 1 to %d visible ASCII characters", RETRY_KEY_MAX);
	return OK;
}

/* 201 where the client has to learn a URL, 204 otherwise (Micropub sections 3.3 to 3.5). */
static enum err
result_send(struct ctx *c, struct txn *t, const struct post_result *result)
{
	resp_none(&t->resp);
	t->resp.status = result->moved ? 201 : 204;
	if (result->moved)
		resp_set(&t->resp, "Location", result->permalink);
	return put_version(c, t, result->version);
}

enum err
web_micropub(struct ctx *c, struct txn *t)
{
	struct precondition precondition = {c, &t->req};
	const struct post_condition condition = {precondition_holds, &precondition};
	struct micropub_request request = {0};
	struct post_result result;
	struct db *db;
	enum err err;

	if (t->req.method != METHOD_POST)
		return query(c, t);
	err = request_read(c, t, &request);
	if (!err)
		err = retry_key(c, t, &request.draft.retry_key);
	request.condition = &condition;
	if (!err)
		err = txn_db(c, t, &db);
	if (!err)
		err = micropub_run(c, db, &t->grant, &request, &result);
	return err ? err : result_send(c, t, &result);
}
