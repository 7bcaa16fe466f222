/*
 * The Micropub endpoint as HTTP sees it: which of the three encodings the body is in, where the
 * token stands, and what a result looks like. What a request means is domain/micropub's to say.
 */
#include "web/priv.h"

#include "domain/micropub.h"
#include "http/form.h"
#include "http/multipart.h"

static enum err
query(struct ctx *c, struct txn *t)
{
	struct pair *args;
	struct str json;
	size_t n;
	struct db *db;
	enum err err = form_parse(c, t->req.query, &args, &n);

	if (!err)
		err = txn_db(c, t, &db);
	if (!err)
		err = micropub_query(c, db, &t->grant, args, n, &json);
	if (!err)
		resp_buf(&t->resp, "application/json", json);
	return err;
}

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
	if (err)
		return err;
	t->call.fields = fields;
	t->call.n_fields = n;
	return micropub_parse_form(c, fields, n, out, &token);
}

/* JSON never carries the token: who has none is told so before anything is read. */
static enum err
json_request(struct ctx *c, struct txn *t, struct micropub_request *out)
{
	struct str body;
	enum err err = token_check(c, t, (struct str){0});

	if (!err)
		err = req_body(c, &t->req, &body);
	if (err)
		return err;
	err = micropub_parse_json(c, body, out);
	/* What it is if it is no request, the owner will want to see. */
	if (err && err != ERR_BAD_JSON && json_parse(c, body, &t->call.json) != OK)
		t->call.json = NULL;
	return err;
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

enum err
web_micropub(struct ctx *c, struct txn *t)
{
	struct micropub_request *request;
	struct str location;
	struct db *db;
	enum err err;

	if (t->req.method != METHOD_POST)
		return query(c, t);
	request = ctx_alloc(c, sizeof(*request));
	if (!request)
		return ERR_MEMORY;
	err = request_read(c, t, request);
	if (err)
		return err;
	t->call.request = request;
	err = txn_db(c, t, &db);
	if (!err)
		err = micropub_run(c, db, &t->grant, request, &location);
	if (err)
		return err;
	resp_none(&t->resp);
	t->resp.status = 201;
	resp_set(&t->resp, "Location", location);
	return OK;
}
