/*
 * What requests to the Micropub endpoint say in their headers, and answers in theirs: conditions and
 * validators (RFC 9110 section 13), so that two editors do not undo each other's work, and the
 * Idempotency-Key of a create that may come again. What follows from them is domain's to say.
 */
#include "web/priv.h"

#include "base/time.h"
#include "domain/micropub.h"

#include <stdio.h>

enum { RETRY_KEY_MAX = 255 };

/* ---- validators ------------------------------------------------------------------------------ */

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

enum err
micropub_answer_send(struct ctx *c, struct txn *t, const struct micropub_answer *answer)
{
	resp_buf(&t->resp, "application/json", answer->json);
	return answer->version.n > 0 ? validate(c, t, answer) : OK;
}

enum err
micropub_result_send(struct ctx *c, struct txn *t, const struct post_result *result)
{
	resp_none(&t->resp);
	t->resp.status = result->moved ? 201 : 204;
	if (result->moved)
		resp_set(&t->resp, "Location", result->permalink);
	return put_version(c, t, result->version);
}

/* ---- conditions ------------------------------------------------------------------------------ */

struct precondition {
	struct post_condition condition;
	const struct ctx *c;
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

/* Of a create the endpoint is the target (RFC 9110 section 13.1.2): there it is, without a tag. */
static enum err
create_allowed(struct ctx *c, const struct txn *t, const struct micropub_request *request)
{
	bool none = str_eq(req_header(&t->req, "If-None-Match"), S("*"));

	if (request->action == MICROPUB_CREATE && none)
		return err_raise(c, ERR_PRECONDITION, "a create with If-None-Match: *");
	return OK;
}

enum err
micropub_conditions(struct ctx *c, struct txn *t, struct micropub_request *request)
{
	struct precondition *p = ctx_alloc(c, sizeof(*p));
	enum err err = p ? create_allowed(c, t, request) : ERR_MEMORY;

	if (err)
		return err;
	*p = (struct precondition){{precondition_holds, p}, c, &t->req};
	request->condition = &p->condition;
	return retry_key(c, t, &request->draft.retry_key);
}
