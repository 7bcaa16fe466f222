/*
 * What programs ask of the IndieAuth server: its metadata, exchange of codes and refresh tokens,
 * introspection (RFC 7662), revocation (RFC 7009), the author's profile. Each says its failures as
 * OAuth does, and no answer but the metadata may be kept by anybody.
 */
#include "web/priv.h"

#include "domain/indieauth.h"
#include "domain/scope.h"
#include "domain/site.h"
#include "web/build.h"
#include "web/snapshot.h"

bool
auth_is_endpoint(const struct txn *t)
{
	switch (t->row ? t->row->route : ROUTE_NONE) {
	case ROUTE_AUTH:
		return t->req.method == METHOD_POST;
	case ROUTE_AUTH_TOKEN:
	case ROUTE_AUTH_INTROSPECT:
	case ROUTE_AUTH_REVOKE:
	case ROUTE_AUTH_USERINFO:
		return true;
	default:
		return false;
	}
}

/* An answer with secrets or about them (RFC 6749 section 5.1). */
static enum err
secret_send(struct ctx *c, struct txn *t, const struct build *b, const struct json *o)
{
	resp_set(&t->resp, "Cache-Control", S("no-store"));
	resp_set(&t->resp, "Pragma", S("no-cache"));
	return b->err ? b->err : txn_json(c, t, "application/json", o);
}

/* A form; a body of any other kind is a malformed request, as OAuth sees it. */
static enum err
form_read(struct ctx *c, struct txn *t, struct pair **fields, size_t *n)
{
	enum err err = txn_form(c, t, fields, n);

	if (err != ERR_MEDIA_TYPE)
		return err;
	err_clear(c);
	return err_raise_hint(c, ERR_BAD_FORM, "send application/x-www-form-urlencoded");
}

/* The only field of that name that is not empty. ERR_AUTH_REQUEST. */
static enum err
field_read(struct ctx *c, const struct pair *fields, size_t n, struct str name, struct str *out)
{
	*out = (struct str){0};
	for (size_t i = 0; i < n; i++) {
		if (!str_eq(fields[i].name, name))
			continue;
		if (out->p)
			return err_raise_hint(c, ERR_AUTH_REQUEST, "%.*s is given twice", STR(name));
		*out = fields[i].value.p ? fields[i].value : S("");
	}
	if (str_empty(*out))
		return err_raise_hint(c, ERR_AUTH_REQUEST, "%.*s is missing", STR(name));
	return OK;
}

/* ---- the profile (section 5.3.4) ----------------------------------------------------------- */

static void
profile_fill(struct build *b, struct json *o, struct str scope)
{
	struct str photo = {0}, email = site_email(b->c);

	if (!b->err)
		b->err = site_photo(b->c, &photo);
	build_str(b, o, "name", site_author(b->c));
	build_str(b, o, "url", str_z(b->c->cfg->site_url));
	if (photo.n > 0)
		build_str(b, o, "photo", photo);
	if (email.n > 0 && str_has_word(scope, S("email")))
		build_str(b, o, "email", email);
}

static void
profile_put(struct build *b, struct json *o, struct str scope)
{
	struct json *profile;

	if (!str_has_word(scope, S("profile")))
		return;
	profile = build_object(b);
	profile_fill(b, profile, scope);
	build_put(b, o, "profile", profile);
}

enum err
web_auth_userinfo(struct ctx *c, struct txn *t)
{
	struct build b = {c, OK};
	struct json *o = build_object(&b);

	if (!auth_allows(&t->grant, "profile"))
		return err_raise(c, ERR_AUTH_PROFILE, "scope '%.*s'", STR(t->grant.scope));
	profile_fill(&b, o, t->grant.scope);
	return secret_send(c, t, &b, o);
}

/* ---- exchange ------------------------------------------------------------------------------ */

enum err
auth_exchange(struct ctx *c, struct txn *t, bool profile)
{
	struct build b = {c, OK};
	struct json *o = build_object(&b);
	struct indieauth_grant grant;
	struct pair *fields;
	struct db *db;
	size_t n;
	enum err err = form_read(c, t, &fields, &n);

	if (!err)
		err = txn_db(c, t, &db);
	if (!err)
		err = indieauth_exchange(c, db, fields, n, profile, &grant);
	if (err == ERR_AUTH_GRANT && gate_try(c, t) != OK)
		return ERR_RATE_LIMITED;
	if (err)
		return err;
	if (!profile) {
		build_str(&b, o, "access_token", grant.access);
		build_str(&b, o, "token_type", S("Bearer"));
		build_str(&b, o, "scope", grant.scope);
		build_int(&b, o, "expires_in", grant.lifetime);
		build_str(&b, o, "refresh_token", grant.refresh);
	}
	build_str(&b, o, "me", str_z(c->cfg->site_url));
	snapshot_try(c, t);
	profile_put(&b, o, grant.scope);
	return secret_send(c, t, &b, o);
}

static enum err
revoke(struct ctx *c, struct txn *t, const struct pair *fields, size_t n)
{
	struct str secret;
	struct db *db;
	enum err err = field_read(c, fields, n, S("token"), &secret);

	if (!err)
		err = txn_db(c, t, &db);
	return err ? err : indieauth_revoke(c, db, secret);
}

/* Who the token in the header is of, as clients asked before there was introspection. */
static enum err
token_tell(struct ctx *c, struct txn *t)
{
	struct str secret = req_bearer(&t->req);
	struct build b = {c, OK};
	struct json *o = build_object(&b);
	enum err err;

	if (!secret.p)
		return err_raise(c, ERR_UNAUTHORIZED, "no token");
	err = gate_token(c, t, secret);
	if (err)
		return err;
	build_str(&b, o, "me", str_z(c->cfg->site_url));
	build_str(&b, o, "client_id", t->grant.client_id);
	build_str(&b, o, "scope", t->grant.scope);
	return secret_send(c, t, &b, o);
}

enum err
web_auth_token(struct ctx *c, struct txn *t)
{
	struct pair *fields;
	size_t n;
	enum err err;

	if (t->req.method != METHOD_POST)
		return token_tell(c, t);
	err = form_read(c, t, &fields, &n);
	if (err)
		return err;
	if (str_eq(txn_field(fields, n, S("action")), S("revoke")))
		return revoke(c, t, fields, n);
	return auth_exchange(c, t, false);
}

enum err
web_auth_revoke(struct ctx *c, struct txn *t)
{
	struct pair *fields;
	size_t n;
	enum err err = form_read(c, t, &fields, &n);

	return err ? err : revoke(c, t, fields, n);
}

/* ---- introspection ------------------------------------------------------------------------- */

/* *active: the token is one of ours, and good. Why not is nobody's business. */
static enum err
look_up(struct ctx *c, struct txn *t, struct str secret, struct auth_grant *grant, bool *active)
{
	struct db *db;
	enum err err = txn_db(c, t, &db);

	if (!err)
		err = auth_token_verify(c, db, secret, grant);
	*active = !err;
	if (err != ERR_TOKEN_INVALID)
		return err;
	err_clear(c);
	return OK;
}

enum err
web_auth_introspect(struct ctx *c, struct txn *t)
{
	struct build b = {c, OK};
	struct json *o = build_object(&b);
	struct auth_grant grant = {0};
	struct pair *fields;
	struct str secret;
	bool active = false;
	size_t n;
	enum err err = gate_token_of(c, t, (struct str){0});

	if (!err)
		err = form_read(c, t, &fields, &n);
	if (!err)
		err = field_read(c, fields, n, S("token"), &secret);
	if (!err)
		err = look_up(c, t, secret, &grant, &active);
	if (err)
		return err;
	build_bool(&b, o, "active", active);
	if (active) {
		build_str(&b, o, "me", str_z(c->cfg->site_url));
		build_str(&b, o, "client_id", grant.client_id);
		build_str(&b, o, "scope", grant.scope);
		build_int(&b, o, "iat", grant.issued);
		if (grant.expires)
			build_int(&b, o, "exp", grant.expires);
	}
	return secret_send(c, t, &b, o);
}

/* ---- metadata ------------------------------------------------------------------------------ */

static void
put_list(struct build *b, struct json *o, const char *name, const struct str *list, size_t n)
{
	struct json *array = build_array(b);

	for (size_t i = 0; !b->err && i < n; i++)
		b->err = json_push_str(b->c, array, list[i]);
	build_put(b, o, name, array);
}

static void
put_scopes(struct build *b, struct json *o)
{
	struct json *array = build_array(b);

	for (size_t i = 0; !b->err && i < scope_count; i++)
		if (scope_table[i].app)
			b->err = json_push_str(b->c, array, scope_table[i].word);
	build_put(b, o, "scopes_supported", array);
}

static void
put_endpoint(struct build *b, struct json *o, const char *name, struct str path)
{
	struct str url;

	if (!b->err)
		b->err = site_url(b->c, path, &url);
	if (!b->err)
		build_str(b, o, name, url);
}

enum err
web_auth_metadata(struct ctx *c, struct txn *t)
{
	static const struct str bearer[] = {S_INIT("Bearer")}, none[] = {S_INIT("none")},
		code[] = {S_INIT("code")}, s256[] = {S_INIT("S256")},
		grants[] = {S_INIT("authorization_code"), S_INIT("refresh_token")};
	struct build b = {c, OK};
	struct json *o = build_object(&b);

	build_str(&b, o, "issuer", str_z(c->cfg->site_url));
	put_endpoint(&b, o, "authorization_endpoint", S("/auth"));
	put_endpoint(&b, o, "token_endpoint", S("/auth/token"));
	put_endpoint(&b, o, "introspection_endpoint", S("/auth/introspect"));
	put_list(&b, o, "introspection_endpoint_auth_methods_supported", bearer, 1);
	put_endpoint(&b, o, "revocation_endpoint", S("/auth/revoke"));
	put_list(&b, o, "revocation_endpoint_auth_methods_supported", none, 1);
	put_endpoint(&b, o, "userinfo_endpoint", S("/auth/userinfo"));
	put_endpoint(&b, o, "micropub", S("/micropub"));
	put_scopes(&b, o);
	put_list(&b, o, "response_types_supported", code, 1);
	put_list(&b, o, "grant_types_supported", grants, 2);
	put_list(&b, o, "code_challenge_methods_supported", s256, 1);
	build_bool(&b, o, "authorization_response_iss_parameter_supported", true);
	build_str(&b, o, "service_documentation", S("https://indieauth.spec.indieweb.org/"));
	resp_set(&t->resp, "Cache-Control", S("public, max-age=3600"));
	return b.err ? b.err : txn_json(c, t, "application/json", o);
}
