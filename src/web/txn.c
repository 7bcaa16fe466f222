/*
 * What handlers ask of their request: a connection, the form, and the two shapes of answer that are
 * not views.
 */
#include "web/priv.h"

#include "base/enc.h"
#include "core/key.h"
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

enum err
txn_form_db(struct ctx *c, struct txn *t, struct pair **out, size_t *n, struct db **db)
{
	enum err err = txn_form(c, t, out, n);

	return err ? err : txn_db(c, t, db);
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
	return t->moment.since < c->now_us / 1000000 && !t->passing ? t->moment.since : 0;
}

enum cond
txn_condition(const struct ctx *c, const struct txn *t)
{
	return cond_check(&t->req, t->etag, txn_modified(c, t), c->now_us / 1000000);
}

/*
 * What a form's token is made of: bound to the session by its public id, which outlives the change of
 * its cookie at a proof, so that a text that is being written in another tab is not lost by one; or
 * to the cookie of a visitor. ERR_CSRF for a visitor without one.
 */
static enum err
csrf_make(struct ctx *c, const struct txn *t, unsigned char out[CRYPTO_HMAC_BYTES])
{
	unsigned char key[CRYPTO_KEY_BYTES];
	bool session = t->granted && t->grant.session;
	struct str to = session ? t->grant.session_id : t->visitor, text;
	enum err err = OK;

	if (to.n == 0)
		return err_raise(c, ERR_CSRF, "no cookie");
	err = ctx_printf(c, &text, "%s %.*s", session ? "session" : "visitor", STR(to));
	if (!err)
		err = key_get(c, "forms", key);
	if (!err)
		crypto_hmac_sha256(key, text, out);
	return err;
}

enum err
txn_csrf(struct ctx *c, struct txn *t, struct str *out)
{
	unsigned char token[2 * CRYPTO_HMAC_BYTES];
	struct buf b;
	enum err err = csrf_make(c, t, token + CRYPTO_HMAC_BYTES);

	if (err)
		return err;
	crypto_random(token, CRYPTO_HMAC_BYTES);
	for (size_t i = 0; i < CRYPTO_HMAC_BYTES; i++)
		token[CRYPTO_HMAC_BYTES + i] ^= token[i];
	buf_init(&b, &c->arena, 2 * sizeof(token));
	enc_base64url(&b, token, sizeof(token));
	return buf_end(c, &b, out);
}

enum err
txn_csrf_check(struct ctx *c, const struct txn *t, struct str token)
{
	unsigned char want[CRYPTO_HMAC_BYTES], got[CRYPTO_HMAC_BYTES];
	struct str bytes;
	enum err err;

	if (!enc_base64url_parse(&c->arena, token, &bytes) || bytes.n != 2 * CRYPTO_HMAC_BYTES)
		return err_raise(c, ERR_CSRF, "the form's token is missing, or is none");
	for (size_t i = 0; i < CRYPTO_HMAC_BYTES; i++)
		got[i] = (unsigned char)bytes.p[i] ^ (unsigned char)bytes.p[CRYPTO_HMAC_BYTES + i];
	err = csrf_make(c, t, want);
	if (!err && !crypto_equal(want, got, sizeof(want)))
		err = err_raise(c, ERR_CSRF, "the form's token is another one");
	return err;
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
