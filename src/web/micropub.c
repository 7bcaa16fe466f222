/*
 * The Micropub endpoint as HTTP sees it: which of the three encodings the body is in, where the
 * token stands, and what a result looks like. What a request means is domain/micropub's to say.
 */
#include "web/priv.h"

#include "base/enc.h"
#include "domain/micropub.h"
#include "http/form.h"

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
	return err ? err : micropub_answer_send(c, t, &answer);
}

static enum err
form_request(struct ctx *c, struct txn *t, struct micropub_request *out)
{
	struct pair *fields;
	struct str body, token;
	size_t n;
	enum err err = req_body(c, &t->req, &body);

	if (!err)
		err = form_parse(c, body, &fields, &n);
	if (!err)
		err = gate_token_of(c, t, txn_field(fields, n, S("access_token")));
	if (err)
		return err;
	t->call.fields = fields;
	t->call.n_fields = n;
	return micropub_parse_form(c, fields, n, out, &token);
}

/* "photo", "photo[]", "photo[0]": the properties whose values may be sent as files. */
static enum err
accept_file(struct ctx *c, const struct upload *u, struct str name)
{
	static const struct str properties[] = {S_INIT("photo"), S_INIT("video"), S_INIT("audio")};
	struct str property = str_sub(name, 0, str_find(name, '[', 0));

	(void)u;
	for (size_t i = 0; i < sizeof(properties) / sizeof(properties[0]); i++)
		if (str_eq(property, properties[i]))
			return OK;
	return err_raise_hint(c, ERR_MICROPUB_PROPERTY,
		"a file can be a photo, a video or an audio, not '%.*s'",
		STR(enc_utf8_cut(property, 40)));
}

/* Texts and files. The files get their URLs here, and their names when all the rest is good. */
static enum err
multipart_request(struct ctx *c, struct txn *t, struct upload *u, struct micropub_request *out)
{
	struct str token;
	enum err err;

	u->may = media_may_attach;
	u->accept = accept_file;
	err = upload_receive(c, t, u);
	if (!err)
		err = upload_prepare(c, t, u);
	if (!err)
		err = upload_fit(c, u);
	if (!err)
		err = micropub_parse_form(c, u->fields, u->n, out, &token);
	if (!err && u->n_files > 0 && out->action != MICROPUB_CREATE)
		return err_raise_hint(c, ERR_MICROPUB_ACTION, "files come with new posts only");
	return err;
}

/* JSON never carries the token: who has none is told so before anything is read. */
static enum err
json_request(struct ctx *c, struct txn *t, struct micropub_request *out)
{
	struct str body;
	enum err err = gate_token_of(c, t, (struct str){0});

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
request_read(struct ctx *c, struct txn *t, struct upload *u, struct micropub_request *out)
{
	struct str type;
	enum err err = req_media_type(c, &t->req, &type);

	if (err)
		return err;
	if (str_eq(type, S("application/x-www-form-urlencoded")))
		return form_request(c, t, out);
	if (str_eq(type, S("multipart/form-data")))
		return multipart_request(c, t, u, out);
	if (str_eq(type, S("application/json")))
		return json_request(c, t, out);
	err = gate_token_of(c, t, (struct str){0});
	return err ? err : err_raise(c, ERR_MEDIA_TYPE, "a body of type '%.*s'", STR(type));
}

/* The post together with its files: it never names one that is not there. */
static enum err
carry_out(struct ctx *c, struct txn *t, const struct upload *u, struct micropub_request *request,
	struct post_result *out)
{
	struct db *db;
	enum err err = txn_db(c, t, &db);

	request->draft.files = u->files;
	request->draft.n_files = u->n_files;
	return err ? err : micropub_run(c, db, &t->grant, request, out);
}

enum err
web_micropub(struct ctx *c, struct txn *t)
{
	struct micropub_request *request;
	struct upload files = {0};
	struct post_result result;
	enum err err;

	if (t->req.method != METHOD_POST)
		return query(c, t);
	request = ctx_alloc(c, sizeof(*request));
	if (!request)
		return ERR_MEMORY;
	err = request_read(c, t, &files, request);
	if (err)
		return err;
	t->call.request = request;
	err = micropub_conditions(c, t, request);
	if (!err)
		err = carry_out(c, t, &files, request, &result);
	return err ? err : micropub_result_send(c, t, &result);
}
