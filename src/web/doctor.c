/*
 * What arrived of a request, for `starpunk doctor`, which has sent it through the front server: it
 * compares that with what it sent. Answered is a request with a pass (domain/pass), at whatever address:
 * front servers treat addresses differently, and a header that is lost at one of them is what the doctor is
 * after. For everybody else there is nothing here, and no sign that there could be.
 */
#include "web/doctor.h"

#include "domain/pass.h"
#include "web/build.h"

/* The headers that the doctor sends, and nothing else of what came: who shows a pass may not be the owner. */
static const char *const headers[] = {
#define DOCTOR(...)
#define ARRIVES(name, value, check) name,
#include "tables/doctor.def"
#undef DOCTOR
#undef ARRIVES
};

/* A parameter as the front server sent it; p NULL: it did not. */
static struct str
parameter(const struct txn *t, struct str name)
{
	for (size_t i = 0; i < t->req.n_params; i++)
		if (str_eq(t->req.params[i].name, name))
			return t->req.params[i].value;
	return (struct str){0};
}

bool
doctor_asks(struct ctx *c, struct txn *t)
{
	t->pass = pass_find(c, t->req.query);
	/* A front server that rewrites addresses may lose the query: that, too, is to be told. */
	if (!t->pass.p && str_empty(t->req.query))
		t->pass = pass_find(c, parameter(t, S("QUERY_STRING")));
	if (!t->pass.p)
		return false;
	t->row = route_row(ROUTE_DOCTOR);
	c->facts->route = ROUTE_DOCTOR;
	return true;
}

static enum err
count(struct ctx *c, void *self, struct str bytes)
{
	int64_t *n = self;

	(void)c;
	*n += (int64_t)bytes.n;
	return OK;
}

static struct json *
headers_show(struct build *b, const struct txn *t)
{
	struct json *o = build_object(b);

	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
		struct str value = req_header(&t->req, headers[i]);

		if (value.p)
			build_str(b, o, headers[i], value);
	}
	return o;
}

static enum err
answer(struct ctx *c, struct txn *t, int64_t body_bytes)
{
	struct build b = {c, OK};
	struct json *o = build_object(&b);
	struct str id = parameter(t, S("REQUEST_ID")), proof;
	enum err err = pass_proof(c, t->pass, &proof);

	if (err)
		return err;
	if (str_empty(id))
		id = parameter(t, S("UNIQUE_ID"));
	build_str(&b, o, "proof", proof);
	build_str(&b, o, "version", S(SP_VERSION));
	build_str(&b, o, "server", parameter(t, S("SERVER_SOFTWARE")));
	build_str(&b, o, "method", parameter(t, S("REQUEST_METHOD")));
	build_str(&b, o, "uri", t->req.uri);
	build_str(&b, o, "host", req_header(&t->req, "Host"));
	build_str(&b, o, "content_type", t->req.content_type);
	build_str(&b, o, "request_id", id);
	build_str(&b, o, "remote_addr", t->req.remote_addr);
	build_bool(&b, o, "https", t->req.https);
	build_int(&b, o, "body_bytes", body_bytes);
	build_put(&b, o, "headers", headers_show(&b, t));
	return b.err ? b.err : txn_json(c, t, "application/json", o);
}

enum err
web_doctor(struct ctx *c, struct txn *t)
{
	int64_t n = 0;
	enum err err = OK;

	if (!t->pass.p)
		return err_raise(c, ERR_NOT_FOUND, "no pass");
	t->req.body_limit = (size_t)(c->cfg->max_media_size + UPLOAD_FRAMING);
	t->req.body_patient = true;
	if (t->req.method == METHOD_POST)
		err = req_stream(c, &t->req, count, &n);
	return err ? err : answer(c, t, n);
}
