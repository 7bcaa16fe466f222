/*
 * What handlers ask of their request: a connection, the form, and the two shapes of answer that are
 * not views.
 */
#include "web/priv.h"

#include "http/form.h"

enum err
txn_db(struct ctx *c, struct txn *t, struct db **out)
{
	enum err err = OK;

	if (!t->db)
		err = pool_acquire(c, t->web->pool, &t->db);
	*out = t->db;
	return err;
}

void
txn_db_release(struct ctx *c, struct txn *t)
{
	if (t->db && !pool_release(c, t->web->pool, t->db))
		t->db_dirty = true;
	t->db = NULL;
}

enum err
txn_form(struct ctx *c, struct txn *t, struct pair **out, size_t *n)
{
	struct str type, body;
	enum err err = req_media_type(c, &t->req, &type);

	if (err)
		return err;
	if (!str_eq(type, S("application/x-www-form-urlencoded")))
		return err_raise(c, ERR_MEDIA_TYPE, "a form of type '%.*s'", STR(type));
	err = req_body(c, &t->req, &body);
	return err ? err : form_parse(c, body, out, n);
}

struct str
txn_field(const struct pair *fields, size_t n, struct str name)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(fields[i].name, name))
			return fields[i].value;
	return (struct str){0};
}

int64_t
txn_modified(const struct ctx *c, const struct txn *t)
{
	return t->moment.since < c->now_us / 1000000 ? t->moment.since : 0;
}

enum cond
txn_condition(const struct ctx *c, const struct txn *t)
{
	return cond_check(&t->req, t->etag, txn_modified(c, t), c->now_us / 1000000);
}

enum err
txn_csrf(struct ctx *c, struct txn *t, struct str *out)
{
	(void)c;
	*out = t->grant.csrf;
	return OK;
}

void
txn_redirect(struct txn *t, int status, struct str url)
{
	resp_none(&t->resp);
	t->resp.status = status;
	resp_set(&t->resp, "Location", url);
}

enum err
txn_json(struct ctx *c, struct txn *t, const char *type, const struct json *v)
{
	struct str text;
	enum err err = json_write(c, v, &text);

	if (!err)
		resp_buf(&t->resp, type, text);
	return err;
}
