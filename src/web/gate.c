/*
 * The gates between a route and its handler, in their fixed order: body cap, rate, origin, session
 * or token, scope, CSRF. Each is a function that passes or raises the error that is the answer;
 * what a route asks for stands in its row of tables/routes.def.
 *
 * Sessions and bearer tokens are different worlds: no cookie is looked at on a token's route, and a
 * token opens no page of the owner's but for the readings of the ADMIN gate.
 */
#include "web/gate.h"

#include "web/priv.h"

#include "core/log.h"
#include "domain/login.h"

#include <arpa/inet.h>

/* ---- limits per address, by the monotonic clock ------------------------------------------- */

/*
 * Whose bucket it is: an IPv4 address, or an IPv6 network of 64 bits, since a single client has
 * that many addresses to choose from. buf holds what is returned.
 */
static struct str
rate_key(const struct txn *t, char buf[INET6_ADDRSTRLEN])
{
	struct str addr = t->req.remote_addr;
	struct in6_addr six;

	if (addr.n >= INET6_ADDRSTRLEN || str_find(addr, ':', 0) == addr.n)
		return addr;
	memcpy(buf, addr.p, addr.n);
	buf[addr.n] = '\0';
	if (inet_pton(AF_INET6, buf, &six) != 1 || IN6_IS_ADDR_V4MAPPED(&six))
		return addr;
	memset(six.s6_addr + 8, 0, 8);
	return str_z(inet_ntop(AF_INET6, &six, buf, INET6_ADDRSTRLEN));
}

static enum err
too_many(struct ctx *c, struct txn *t, int retry_after, struct str limit)
{
	t->retry_after = retry_after > 0 ? retry_after : 1;
	err_clear(c); /* of a wrong token: that there were too many of them is the answer */
	log_event(c, rate_limited, .remote_addr = t->req.remote_addr, .limit = limit);
	return err_raise(
		c, ERR_RATE_LIMITED, "%.*s used up by %.*s", STR(limit), STR(t->req.remote_addr));
}

static enum err
gate_rate(struct ctx *c, struct txn *t)
{
	char buf[INET6_ADDRSTRLEN];
	int retry = 0;

	if (segment_rate_take(t->web->seg, SEGMENT_LIMIT_REQUEST, rate_key(t, buf),
		    &c->cfg->rate_limit, c->start_us, &retry))
		return OK;
	return too_many(c, t, retry, S("rate_limit"));
}

enum err
gate_try(struct ctx *c, struct txn *t)
{
	char buf[INET6_ADDRSTRLEN];
	int retry = 0;

	if (segment_rate_take(t->web->seg, SEGMENT_LIMIT_LOGIN, rate_key(t, buf),
		    &c->cfg->login_rate_limit, c->start_us, &retry))
		return OK;
	return too_many(c, t, retry, S("login_rate_limit"));
}

/* ---- where the request comes from -------------------------------------------------------- */

/* "localhost:8080" -> "localhost", "[::1]:80" -> "::1", "ada.example." -> "ada.example". */
static struct str
host_part(struct str host)
{
	if (str_starts(host, S("[")))
		return str_sub(host, 1, str_find(host, ']', 0));
	host = str_sub(host, 0, str_find(host, ':', 0));
	return str_ends(host, S(".")) ? str_sub(host, 0, host.n - 1) : host;
}

static bool
is_loopback(struct str host)
{
	return str_eqi(host, S("localhost")) || str_eq(host, S("127.0.0.1")) ||
	       str_eq(host, S("::1"));
}

bool
gate_host(const struct txn *t)
{
	struct str sent = req_header(&t->req, "Host"), host;

	for (size_t i = 0; !sent.p && i < t->req.n_params; i++)
		if (str_eq(t->req.params[i].name, S("SERVER_NAME")))
			sent = t->req.params[i].value;
	host = host_part(sent);
	return str_empty(host) || str_eqi(host, t->web->host) || is_loopback(host);
}

/* True if url is of our origin: exactly that, or with a path behind it. */
static bool
same_origin(const struct web *w, struct str url)
{
	struct str origin = str_sub(url, 0, w->origin.n), rest = str_sub(url, w->origin.n, url.n);

	return str_eqi(origin, w->origin) && (str_empty(rest) || rest.p[0] == '/');
}

/* "http://127.0.0.1:8080/admin" -> "127.0.0.1:8080" */
static struct str
authority_part(struct str url)
{
	struct str rest = str_sub(url, str_search(url, S("://"), 0) + 3, url.n);

	return str_sub(rest, 0, str_find(rest, '/', 0));
}

/*
 * True if the site was asked for by one of the names that gate_host() lets pass beside its own, and
 * url is of the page that has it in the browser's address.
 */
static bool
same_loopback(const struct txn *t, struct str url)
{
	struct str host = req_header(&t->req, "Host");

	return is_loopback(host_part(host)) && str_eqi(authority_part(url), host);
}

/*
 * A request that changes something with the owner's cookie, or that would set one, must not come
 * from another site's page. Every browser says where a POST comes from in one of three headers.
 */
static enum err
gate_origin(struct ctx *c, struct txn *t)
{
	struct str origin = req_header(&t->req, "Origin"), referer = req_header(&t->req, "Referer");
	struct str site = req_header(&t->req, "Sec-Fetch-Site");
	struct str from = origin.p ? origin : referer;

	if (from.p && !same_origin(t->web, from) && !same_loopback(t, from))
		return err_raise(c, ERR_CSRF, "sent from '%.*s'", STR(from));
	if (site.p && !str_eq(site, S("same-origin")) && !str_eq(site, S("none")))
		return err_raise(c, ERR_CSRF, "Sec-Fetch-Site: %.*s", STR(site));
	return OK;
}

/* ---- who asks ---------------------------------------------------------------------------- */

static void
granted(struct ctx *c, struct txn *t)
{
	t->granted = true;
	c->facts->auth = t->grant.id;
}

enum err
gate_token(struct ctx *c, struct txn *t, struct str secret)
{
	struct db *db;
	enum err err = txn_db(c, t, &db);

	if (!err)
		err = auth_token_verify(c, db, secret, &t->grant);
	if (err == ERR_TOKEN_INVALID && gate_try(c, t) != OK)
		err = ERR_RATE_LIMITED;
	if (!err)
		granted(c, t);
	return err;
}

enum err
gate_token_of(struct ctx *c, struct txn *t, struct str in_body)
{
	struct str in_header = req_bearer(&t->req);

	if (in_header.p && in_body.p)
		return err_raise(c, ERR_TOKEN_TWICE, "a token in header and body");
	if (!in_header.p && !in_body.p)
		return err_raise(c, ERR_UNAUTHORIZED, "no token");
	return t->granted ? OK : gate_token(c, t, in_header.p ? in_header : in_body);
}

enum err
gate_session(struct ctx *c, struct txn *t)
{
	struct str secret = req_cookie(&t->req, t->web->cookie);
	struct db *db;
	enum err err;

	if (str_empty(secret))
		return err_raise(c, ERR_LOGIN_REQUIRED, "no session");
	err = txn_db(c, t, &db);
	if (!err)
		err = auth_session_verify(c, db, secret, &t->grant);
	if (err)
		return err;
	t->session = secret;
	granted(c, t);
	return OK;
}

enum err
gate_admin(struct ctx *c, struct txn *t)
{
	struct str secret = req_bearer(&t->req);
	enum err err;

	if (!secret.p)
		return gate_session(c, t);
	err = gate_token(c, t, secret);
	if (!err && !auth_allows(&t->grant, "admin"))
		return err_raise_hint(c, ERR_SCOPE, "admin");
	return err;
}

/*
 * A token in the header. On a POST it may be in the body instead, or wrongly in both: that only the
 * handler can see.
 */
static enum err
gate_bearer(struct ctx *c, struct txn *t)
{
	struct str secret = req_bearer(&t->req);

	if (t->req.method == METHOD_POST)
		return OK;
	if (!secret.p)
		return err_raise(c, ERR_UNAUTHORIZED, "no token");
	return gate_token(c, t, secret);
}

enum err
gate_csrf_of(struct ctx *c, struct txn *t, struct str token)
{
	enum err err = txn_csrf_check(c, t, token);

	t->csrf_due = t->csrf_due && err;
	return err;
}

/*
 * The token of a form of our own page, made for this session or visitor, or of its script. In a form
 * with files it stands before them: whoever reads that form asks for it there (upload_receive()).
 */
static enum err
gate_csrf(struct ctx *c, struct txn *t)
{
	struct str token = req_header(&t->req, "X-CSRF-Token"), type;
	struct pair *fields;
	enum err err = OK;
	size_t n;

	if (!token.p && t->row->body == ROUTE_BODY_MEDIA) {
		err = req_media_type(c, &t->req, &type);
		t->csrf_due = !err && str_eq(type, S("multipart/form-data"));
		if (err || t->csrf_due)
			return err;
	}
	if (!token.p) {
		err = txn_form(c, t, &fields, &n);
		if (err)
			return err;
		token = txn_field(fields, n, S("csrf"));
	}
	return gate_csrf_of(c, t, token);
}

enum err
gate_recent(struct ctx *c, struct txn *t, int64_t seconds)
{
	int64_t now = c->now_us / 1000000;

	if (!t->granted || !t->grant.session || t->grant.proved + seconds <= now)
		return err_raise(c, ERR_PROOF_REQUIRED, "proved %lld s ago",
			(long long)(now - t->grant.proved));
	return OK;
}

/* What a browser that is not signed in is known by; empty if it has no such cookie. */
static struct str
visitor_cookie(const struct txn *t)
{
	struct str cookie = req_cookie(&t->req, t->web->visitor_cookie);

	return login_cookie_ok(cookie) ? cookie : (struct str){0};
}

/* A body that has to be unpacked before it is what its type says; nothing here unpacks any. */
static bool
is_packed(const struct req *q)
{
	struct str coding = req_header(q, "Content-Encoding");

	return coding.n > 0 && !str_eqi(coding, S("identity"));
}

/*
 * How large the body may be. A multipart body on a route that takes files has room for the largest
 * file, and for the texts and headers around it.
 */
static enum err
gate_body(struct ctx *c, struct txn *t)
{
	int64_t limit = t->row->body == ROUTE_BODY_NO ? 0 : c->cfg->max_body_size;
	struct str type;
	enum err err = OK;

	if (t->row->body == ROUTE_BODY_MEDIA) {
		err = req_media_type(c, &t->req, &type);
		if (!err && str_eq(type, S("multipart/form-data")))
			limit = c->cfg->max_media_size + UPLOAD_FRAMING;
	}
	t->req.body_limit = (size_t)limit;
	if (!err && t->row->body != ROUTE_BODY_NO && t->req.content_length > limit)
		return err_raise(c, ERR_BODY_TOO_LARGE, "a body of %lld bytes",
			(long long)t->req.content_length);
	return err;
}

enum err
gate_pass(struct ctx *c, struct txn *t)
{
	bool post = t->req.method == METHOD_POST;
	bool cookies = t->row->gate == ROUTE_GATE_SESSION || t->row->gate == ROUTE_GATE_LOGIN;
	enum err err = gate_body(c, t);

	if (!err)
		err = gate_rate(c, t);
	if (!err && post && is_packed(&t->req))
		err = err_raise_hint(c, ERR_MEDIA_TYPE,
			"bodies must not be compressed: send it without Content-Encoding");
	if (!err && post && cookies)
		err = gate_origin(c, t);
	if (err)
		return err;
	switch (t->row->gate) {
	case ROUTE_GATE_TOKEN:
		return gate_bearer(c, t);
	case ROUTE_GATE_ADMIN:
		return gate_admin(c, t);
	case ROUTE_GATE_SESSION:
		err = gate_session(c, t);
		return !err && post ? gate_csrf(c, t) : err;
	case ROUTE_GATE_LOGIN:
		t->visitor = visitor_cookie(t);
		return post ? gate_csrf(c, t) : OK;
	case ROUTE_GATE_NONE:
		break;
	}
	return OK;
}
