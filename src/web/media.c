/*
 * The media endpoint (Micropub section 3.6) as HTTP sees it: an upload is a multipart form with one
 * file and nothing that would have to be said beside it; everything else is a query or a form that
 * deletes. What a file is, and whether it is wanted, is domain/media's to say.
 */
#include "web/priv.h"

#include "http/form.h"

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
		err = media_query(c, db, &t->grant, args, n, &json);
	if (!err)
		resp_buf(&t->resp, "application/json", json);
	return err;
}

/* action=delete and a url: the one thing that a form without a file can ask for. */
static enum err
act(struct ctx *c, struct txn *t, const struct pair *fields, size_t n)
{
	struct str action = txn_field(fields, n, S("action"));
	struct str url = txn_field(fields, n, S("url"));
	struct db *db;
	enum err err;

	if (!action.p)
		return err_raise(c, ERR_UPLOAD_PART, "neither a file nor an action");
	if (!str_eq(action, S("delete")))
		return err_raise_hint(c, ERR_MICROPUB_ACTION, "the only action here is delete");
	err = txn_db(c, t, &db);
	if (!err)
		err = media_delete(c, db, &t->grant, url);
	if (err)
		return err;
	resp_none(&t->resp);
	t->resp.status = 204;
	return OK;
}

static enum err
accept_file(struct ctx *c, const struct upload *u, struct str name)
{
	if (!str_eq(name, S("file")))
		return err_raise(c, ERR_UPLOAD_PART, "a file in part '%.*s'", STR(name));
	return u->n_files == 0 ? OK : err_raise(c, ERR_UPLOAD_PART, "a second file");
}

static enum err
upload(struct ctx *c, struct txn *t)
{
	struct upload u = {.may = media_may_upload, .accept = accept_file};
	enum err err = upload_receive(c, t, &u);

	if (err)
		return err;
	if (u.n_files == 0)
		return act(c, t, u.fields, u.n);
	err = upload_prepare(c, t, &u);
	if (!err)
		err = upload_store(c, t, &u);
	if (err)
		return err;
	resp_none(&t->resp);
	t->resp.status = 201;
	resp_set(&t->resp, "Location", media_upload_url(u.files[0]));
	return OK;
}

static enum err
form(struct ctx *c, struct txn *t)
{
	struct pair *fields;
	size_t n;
	enum err err = txn_form(c, t, &fields, &n);

	if (!err)
		err = gate_token_of(c, t, txn_field(fields, n, S("access_token")));
	if (err)
		return err;
	t->call.fields = fields;
	t->call.n_fields = n;
	return act(c, t, fields, n);
}

enum err
web_media(struct ctx *c, struct txn *t)
{
	struct str type;
	enum err err;

	if (t->req.method != METHOD_POST)
		return query(c, t);
	err = req_media_type(c, &t->req, &type);
	if (err)
		return err;
	if (str_eq(type, S("multipart/form-data")))
		return upload(c, t);
	if (str_eq(type, S("application/x-www-form-urlencoded")))
		return form(c, t);
	err = gate_token_of(c, t, (struct str){0});
	return err ? err : err_raise(c, ERR_MEDIA_TYPE, "a body of type '%.*s'", STR(type));
}
