/*
 * One request from its parameters to its facts, in the fixed order of the house: parse, host,
 * route, gates, page cache, handler, answer, send, drain, observe. Nothing of a request is decided
 * outside this order, and txn_end() is the only place that tells anybody about it.
 */
#include "web/priv.h"

#include "base/enc.h"
#include "base/time.h"
#include "core/digest.h"
#include "core/log.h"
#include "core/metrics.h"
#include "core/trouble.h"
#include "domain/site.h"
#include "http/form.h"
#include "web/doctor.h"
#include "web/snapshot.h"

#include <assert.h>

static enum err (*const handlers[ROUTE__MAX])(struct ctx *, struct txn *) = {
#define ROUTE(sym, name, pattern, methods, gate, cache, access, body, handler, doc)                \
	[ROUTE_##sym] = handler,
#include "tables/routes.def"
#undef ROUTE
};

/* ---- begin ------------------------------------------------------------------------------- */

/* How a front server may call a request: nginx in 32 hex digits, Apache in 27 characters. */
static bool
request_id_valid(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char ch = s.p[i];

		if (!((ch >= '0' && ch <= '9') || (ch >= 'a' && ch <= 'z') ||
			    (ch >= 'A' && ch <= 'Z') || ch == '-' || ch == '_' || ch == '@'))
			return false;
	}
	return s.n >= 16 && s.n < sizeof(((struct ctx *)0)->request_id);
}

/* The front server's id, so that its log and ours can be laid side by side; else one of our own. */
static void
request_id_set(struct ctx *c, const struct pair *params, size_t n)
{
	unsigned char id[16];
	struct str given = {0};

	for (size_t i = 0; i < n; i++)
		if (str_eq(params[i].name, S("REQUEST_ID")) ||
			(str_empty(given) && str_eq(params[i].name, S("UNIQUE_ID"))))
			given = params[i].value;
	if (request_id_valid(given)) {
		memcpy(c->request_id, given.p, given.n);
		c->request_id[given.n] = '\0';
	} else {
		crypto_random(id, sizeof(id));
		enc_hex(id, sizeof(id), c->request_id);
	}
}

static void
txn_begin(struct ctx *c, struct txn *t, const struct pair *params, size_t n)
{
	c->start_us = time_mono_us();
	if (c->now_us == 0)
		c->now_us = time_now_us();
	c->deadline_us = c->start_us + c->cfg->request_timeout;
	request_id_set(c, params, n);
	resp_init(&t->resp);
	snapshot_hold(c, t);
}

/* ---- the answer -------------------------------------------------------------------------- */

/* Another spelling of a page's path: to the one it has, on our own host, with the query kept. */
static enum err
redirect_canonical(struct ctx *c, struct txn *t)
{
	const struct req *q = &t->req;
	struct str url, target = q->canonical_path;
	enum err err = OK;

	if (q->query.n > 0)
		err = ctx_printf(c, &target, "%.*s?%.*s", STR(q->canonical_path), STR(q->query));
	if (!err)
		err = site_url(c, target, &url);
	if (!err)
		txn_redirect(t, 301, url);
	return err;
}

/* True for what the owner looks at with a browser. */
static bool
is_page(const struct txn *t)
{
	return t->row->gate == ROUTE_GATE_SESSION || t->row->route == ROUTE_ADMIN_MICROPUB;
}

/* How much of an address a redirect can carry; there, most signs are written as three. */
static size_t
way_room(struct ctx *c, struct str uri)
{
	enum { ROOM = 2700, LENGTH = 2000 };
	struct buf b;
	size_t n = 0;

	buf_init(&b, &c->arena, ROOM);
	while (n < uri.n && n < LENGTH) {
		enc_percent(&b, str_sub(uri, n, n + 1), S("/?=:"));
		if (b.failed)
			break;
		n++;
	}
	return n;
}

/*
 * As much of a page's address as a redirect has room to come back to: all of it, or what it says of a
 * shared text up to a space, or its path.
 */
static struct str
way_back(struct ctx *c, struct str uri)
{
	size_t room = way_room(c, uri);
	struct str cut = str_sub(uri, 0, room);

	if (cut.n == uri.n)
		return uri;
	while (cut.n > 0 && cut.p[cut.n - 1] != '+' && cut.p[cut.n - 1] != '&' &&
		!str_ends(cut, S("%20")))
		cut.n--;
	if (cut.n == 0)
		return str_sub(uri, 0, str_find(str_sub(uri, 0, room), '?', 0));
	return str_sub(cut, 0, cut.n - (str_ends(cut, S("%20")) ? 3 : 1));
}

/* Who has to sign in, or to prove to be there, is shown the way, and back. */
static enum err
show_way(struct ctx *c, struct txn *t, enum err err)
{
	struct str next = t->req.method == METHOD_GET ? way_back(c, t->req.uri) : S("/admin");

	if (accept_prefers_json(&t->req))
		return err;
	if (err == ERR_PROOF_REQUIRED)
		return confirm_redirect(c, t);
	if (err != ERR_LOGIN_REQUIRED || !is_page(t))
		return err;
	err_clear(c);
	return login_redirect(c, t, S("/admin/login"), next);
}

static bool
is_read(const struct txn *t)
{
	return t->req.method == METHOD_GET || t->req.method == METHOD_HEAD;
}

/*
 * True if the path is spelled as our own links spell it. "/note/%61bc" is "/note/abc", too: each
 * character can be written in two ways or more, and so a page has 2^n names. All are answered, but
 * if all were kept, asking for one page by its names would drive the others out of the cache.
 */
static bool
spelled_as_linked(struct ctx *c, const struct req *q)
{
	struct buf b;

	buf_init(&b, &c->arena, q->path.n);
	for (size_t i = 0; i < q->n_segments; i++) {
		buf_putc(&b, '/');
		enc_percent(&b, q->segments[i], (struct str){0});
	}
	if (q->n_segments == 0)
		buf_putc(&b, '/');
	return !b.failed && str_eq(buf_str(&b), q->path);
}

/*
 * What the page cache knows this request by: its path, for only lists look at their query, and those
 * are kept without one only. Empty: not for the cache.
 */
static struct str
cache_key(struct ctx *c, const struct txn *t)
{
	bool list = t->row->cache == ROUTE_CACHE_LIST && t->req.query.n == 0;
	bool page = t->row->cache == ROUTE_CACHE_PAGE || list;

	return page && is_read(t) && spelled_as_linked(c, &t->req) ? t->req.path : (struct str){0};
}

struct held {
	struct cache *cache;
	struct cache_page page;
};

static void
held_release(void *p)
{
	struct held *h = p;

	cache_release(h->cache, &h->page);
}

/* A cookie that may be the owner's; it has not been looked at. */
static bool
has_session(const struct txn *t)
{
	return !str_empty(req_cookie(&t->req, t->web->cookie));
}

/* True if the page was in the cache: it is the answer then, referenced until ctx_reset(). */
static bool
answer_cached(struct ctx *c, struct txn *t, struct str key)
{
	struct held *h = arena_alloc(&c->arena, sizeof(*h));

	if (!h || !key.n || !cache_find(t->web->cache, t->moment.generation, key, &h->page))
		return false;
	h->cache = t->web->cache;
	if (ctx_defer(c, held_release, h) != OK) {
		err_clear(c);
		return false;
	}
	if (h->page.marked && has_session(t))
		return false;
	c->facts->cached = true;
	t->etag = h->page.etag;
	resp_buf(&t->resp, "text/html; charset=utf-8", h->page.body);
	return true;
}

/* A page fresh from its handler: gets its entity tag and goes into the cache. */
static enum err
keep_page(struct ctx *c, struct txn *t, struct str key)
{
	struct resp *r = &t->resp;
	enum err err;

	if (r->kind != RESP_BUF || t->etag.n > 0 || t->owner_only)
		return OK;
	err = ctx_printf(c, &t->etag, "\"%016llx\"", (unsigned long long)digest64(r->buf));
	if (!err && key.n > 0 && !t->passing) {
		metrics_add(c->metrics, COUNTER_CACHE_MISSES, 1);
		cache_put(t->web->cache, t->moment.generation, key, r->buf, t->etag,
			t->owner_marked);
	}
	return err;
}

/* Validators, and what the request's conditions make of them. */
static enum err
validate(struct ctx *c, struct txn *t)
{
	int64_t modified = txn_modified(c, t);
	struct resp *r = &t->resp;
	struct str date;
	struct buf b;
	enum err err = OK;

	resp_set(r, "ETag", t->etag);
	if (modified) {
		buf_init(&b, &c->arena, 64);
		time_http(&b, modified);
		err = buf_end(c, &b, &date);
	}
	if (!err && modified)
		resp_set(r, "Last-Modified", date);
	if (err)
		return err;
	switch (txn_condition(c, t)) {
	case COND_FAILED:
		return err_raise(c, ERR_PRECONDITION, "a condition of the request does not hold");
	case COND_NOT_MODIFIED:
		resp_none(r);
		r->status = 304;
		break;
	case COND_PROCEED:
		break;
	}
	return OK;
}

/* Public pages and feeds: out of the cache or from the handler, and with validators. */
static enum err
answer_public(struct ctx *c, struct txn *t)
{
	struct str key = cache_key(c, t);
	enum err err = OK;

	if (t->web->seg) {
		cache_poll(c, t->web->cache, t->web->seg, t->web->pool);
		t->moment = cache_moment(t->web->cache, t->web->seg);
	}
	if (alias_of_home(c, t, &err))
		return err;
	if (!answer_cached(c, t, key)) {
		err = snapshot_refresh(c, t, t->moment.generation);
		if (!err)
			err = handlers[t->row->route](c, t);
		if (!err && t->resp.status == 200)
			err = keep_page(c, t, key);
	}
	if (!err && t->resp.status == 200 && !t->owner_only)
		err = validate(c, t);
	return err;
}

/* What is asked whether all is well, and answers whoever it is that is asked for. */
static bool
is_probe(const struct txn *t)
{
	enum route route = t->row ? t->row->route : ROUTE_NONE;

	return route == ROUTE_HEALTH || route == ROUTE_HEALTH_READY || route == ROUTE_METRICS;
}

/*
 * True for what may show the site's name or its author's. Of who posts, only the owner is shown a page;
 * a client is told nothing of them, and since each post moves the generation, it would pay for looking
 * each time.
 */
static bool
tells_of_site(const struct txn *t)
{
	return !is_probe(t) && (is_read(t) || t->row->gate == ROUTE_GATE_SESSION);
}

static enum err
answer(struct ctx *c, struct txn *t)
{
	enum err err = route_find(c, &t->req, &t->row);

	if (doctor_asks(c, t)) {
		err_clear(c);
		return web_doctor(c, t);
	}
	c->read_only = t->row && t->row->access == ROUTE_ACCESS_R;
	if (!is_probe(t) && !gate_host(t)) {
		err_clear(c);
		return err_raise(
			c, ERR_HOST_UNKNOWN, "host '%.*s'", STR(req_header(&t->req, "Host")));
	}
	if (!err)
		err = req_query_check(c, &t->req);
	if (err)
		return err;
	if (!t->req.canonical)
		return redirect_canonical(c, t);
	if (t->req.method == METHOD_OPTIONS)
		return headers_options(c, t);
	err = gate_pass(c, t);
	if (err)
		return show_way(c, t, err);
	if (t->row->cache != ROUTE_CACHE_NO)
		return answer_public(c, t);
	if (tells_of_site(t))
		snapshot_try(c, t);
	return show_way(c, t, handlers[t->row->route](c, t));
}

/*
 * True if the front server has not received the whole body before it called us, which Apache does
 * not for a body in chunks: whoever sends it slowly holds a thread.
 */
static bool
is_unannounced(const struct req *q)
{
	return q->content_length < 0 && q->method == METHOD_POST &&
	       !str_empty(req_header(q, "Transfer-Encoding"));
}

/* Half the threads at most wait for such bodies, so that the others serve everybody else. */
static enum err
admit(struct ctx *c, struct txn *t)
{
	int64_t most = c->cfg->worker_threads / 2;

	if (atomic_fetch_add(&t->web->unannounced, 1) < (most > 1 ? most : 1))
		return OK;
	t->req.body_refused = true;
	return err_raise(c, ERR_BODIES_CROWDED, "%lld at hand", (long long)most);
}

/* ---- end --------------------------------------------------------------------------------- */

/*
 * Hands the answer on. A whole body needs no database any more; a stream may until it ends. What
 * fails before the first byte has gone out is answered by its error instead.
 */
static void
hand_on(struct ctx *c, struct txn *t)
{
	enum err err;

	headers_put(c, t);
	if (t->resp.kind != RESP_STREAM)
		txn_db_release(c, t);
	err = resp_send(c, &t->req, &t->resp);
	if (err && err != ERR_CLIENT_GONE && !t->resp.sent) {
		txn_db_release(c, t);
		error_answer(c, t, err);
		headers_put(c, t);
		err = resp_send(c, &t->req, &t->resp);
	}
	if (err && c->facts->error == OK)
		c->facts->error = err;
	txn_db_release(c, t);
}

/* What the request's and the answer's heads say of a call; the rest its handler has noted. */
static void
call_end(struct ctx *c, struct txn *t)
{
	if (form_parse(c, t->req.query, &t->call.query, &t->call.n_query) != OK)
		t->call.n_query = 0;
	if (!t->granted)
		call_forget_body(&t->call);
	t->call.client = t->grant.name;
	t->call.media_type = t->req.content_type;
	t->call.announced = t->req.content_length;
	t->call.location = resp_get(&t->resp, "Location");
	call_record(c, t->web->journal, &t->call, c->facts);
}

/* The facts are complete: the one place that tells log, metrics, troubles and inspector. */
static void
txn_end(struct ctx *c, struct txn *t)
{
	c->facts->duration_us = time_mono_us() - c->start_us;
	log_request(c, c->facts);
	log_error(c);
	trouble_put(c, t->web->troubles, c->facts);
	metrics_request(c->metrics, c->request_id, c->now_us, c->facts);
	if (call_is_micropub(c->facts))
		call_end(c, t);
}

/* What the request left behind that the next one would meet; NULL: nothing. */
static const char *
find_dirt(const struct txn *t)
{
	if (t->db_dirty)
		return "a database connection came back with a transaction or statement open";
	if (t->db)
		return "a database connection was not given back";
	return NULL;
}

const char *
web_handle(struct web *w, struct ctx *c, const struct pair *params, size_t n, struct io *io)
{
	struct facts own = {0}, *outer = c->facts;
	struct txn t = {.web = w};
	bool unannounced;
	const char *dirt;
	enum err err;

	c->facts = outer ? outer : &own;
	*c->facts = (struct facts){0};
	c->words = w->words;
	txn_begin(c, &t, params, n);
	err = req_parse(c, &t.req, params, n, io);
	unannounced = !err && is_unannounced(&t.req);
	if (unannounced)
		err = admit(c, &t);
	if (!err) {
		err = answer(c, &t);
		err = alias_answer(c, &t, err);
	}
	if (err)
		error_answer(c, &t, err);
	hand_on(c, &t);
	/* In this order: once the answer has ended, what comes next belongs to another request. */
	(void)req_drain(&t.req);
	if (io->end && !io->end(io->self))
		c->facts->aborted = true;
	if (unannounced)
		(void)atomic_fetch_sub(&w->unannounced, 1);
	txn_end(c, &t);
	dirt = find_dirt(&t);
	snapshot_release(c, &t);
	c->facts = outer;
#ifdef SP_DEBUG
	assert(!dirt);
#endif
	return dirt;
}
