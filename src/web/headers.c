/*
 * What every answer carries: the request id, the headers that keep browsers from doing what they
 * should not, who may read the answer from another origin, how long it may be kept, and where the
 * Micropub endpoint is. One table says which of it a route gets; errors get what their route gets.
 */
#include "web/priv.h"

enum {
	OPEN = 1,     /* scripts of any origin may read it: what a cookie opens is left out */
	OWNER = 2,    /* pages and forms of the owner */
	DISCOVER = 4, /* tells where to post */
	SHOW = 16,    /* of the owner's, those that show posts: pictures and films of others, too */
	EMBED = 8,    /* for programs: may not be framed, run or styled at all */
	FEED = 32,    /* the same, but a style sheet of ours may show what it is */
};

static const unsigned traits[ROUTE__MAX] = {
	[ROUTE_HOME] = OPEN | DISCOVER,
	[ROUTE_NOTE] = OPEN | DISCOVER,
	[ROUTE_FEED_CHOICE] = OPEN | EMBED,
	[ROUTE_FEED] = OPEN | FEED,
	[ROUTE_FEED_TAG_CHOICE] = OPEN | EMBED,
	[ROUTE_FEED_TAG] = OPEN | FEED,
	[ROUTE_FEED_CHANNEL_CHOICE] = OPEN | EMBED,
	[ROUTE_FEED_CHANNEL] = OPEN | FEED,
	[ROUTE_FEED_TYPE_CHOICE] = OPEN | EMBED,
	[ROUTE_FEED_TYPE] = OPEN | FEED,
	[ROUTE_FEED_SEARCH_CHOICE] = OPEN | EMBED,
	[ROUTE_FEED_SEARCH] = OPEN | FEED,
	[ROUTE_OPML] = OPEN | EMBED,
	[ROUTE_API_SEARCH] = OPEN | EMBED,
	[ROUTE_MICROPUB] = OPEN | EMBED,
	[ROUTE_MEDIA] = OPEN | EMBED,
	[ROUTE_AUTH] = OWNER,
	[ROUTE_AUTH_CONSENT] = OWNER,
	[ROUTE_AUTH_TOKEN] = OPEN | EMBED,
	[ROUTE_AUTH_INTROSPECT] = OPEN | EMBED,
	[ROUTE_AUTH_REVOKE] = OPEN | EMBED,
	[ROUTE_AUTH_USERINFO] = OPEN | EMBED,
	[ROUTE_AUTH_METADATA] = OPEN | EMBED,
	[ROUTE_ADMIN_ACCESS] = OWNER,
	[ROUTE_HEALTH] = EMBED,
	[ROUTE_HEALTH_READY] = EMBED,
	[ROUTE_METRICS] = EMBED,
	[ROUTE_DOCTOR] = EMBED,
	[ROUTE_ADMIN] = OWNER,
	[ROUTE_ADMIN_LOGIN] = OWNER,
	[ROUTE_ADMIN_LOGOUT] = OWNER,
	[ROUTE_ADMIN_LOGIN_CODE] = OWNER,
	[ROUTE_ADMIN_LOGIN_CHALLENGE] = OWNER,
	[ROUTE_ADMIN_LOGIN_PASSKEY] = OWNER,
	[ROUTE_ADMIN_CONFIRM] = OWNER,
	[ROUTE_ADMIN_CONFIRM_CHALLENGE] = OWNER,
	[ROUTE_ADMIN_CONFIRM_PASSKEY] = OWNER,
	[ROUTE_ADMIN_SECURITY] = OWNER,
	[ROUTE_ADMIN_SECURITY_PASSWORD] = OWNER,
	[ROUTE_ADMIN_SECURITY_APP] = OWNER,
	[ROUTE_ADMIN_SECURITY_CODES] = OWNER,
	[ROUTE_ADMIN_SECURITY_CHALLENGE] = OWNER,
	[ROUTE_ADMIN_SECURITY_PASSKEY] = OWNER,
	[ROUTE_ADMIN_METRICS] = OWNER,
	[ROUTE_ADMIN_MICROPUB] = OWNER,
	[ROUTE_ADMIN_SETTINGS] = OWNER,
	[ROUTE_ADMIN_MEDIA] = OWNER,
	[ROUTE_ADMIN_MEDIA_FILE] = OWNER,
	[ROUTE_ADMIN_COMPOSE] = OWNER | SHOW,
	[ROUTE_ADMIN_PREVIEW] = OWNER | SHOW,
	[ROUTE_ADMIN_UPLOAD] = OWNER,
	[ROUTE_ADMIN_POSTS] = OWNER,
	[ROUTE_ADMIN_SHARE] = OWNER | SHOW,
	[ROUTE_ADMIN_TAGS] = OWNER,
	[ROUTE_MANIFEST] = EMBED,
	[ROUTE_ADMIN_DASHBOARD] = OWNER,
	[ROUTE_ADMIN_HEALTH] = OWNER,
	[ROUTE_ADMIN_ERRORS] = OWNER,
	[ROUTE_ADMIN_AUDIT] = OWNER,
	[ROUTE_ADMIN_REDIRECTS] = OWNER,
	[ROUTE_ROBOTS] = OPEN | EMBED,
	[ROUTE_SITEMAP] = OPEN | EMBED,
	[ROUTE_SITEMAP_PART] = OPEN | EMBED,
	[ROUTE_OPENSEARCH] = OPEN | EMBED,
	[ROUTE_FAVICON] = OPEN | EMBED,
	[ROUTE_TOUCH_ICON] = OPEN | EMBED,
};

static const char csp_public[] =
	"default-src 'none'; img-src 'self' https: data:; "
	"media-src 'self' https:; style-src 'self'; font-src 'self'; script-src 'self'; "
	"connect-src 'self'; form-action 'self'; frame-ancestors 'self'; base-uri 'none'";
static const char csp_owner[] =
	"default-src 'none'; script-src 'self'; style-src 'self'; "
	"img-src 'self' data: blob:; media-src 'self'; connect-src 'self'; manifest-src 'self'; "
	"frame-ancestors 'none'; base-uri 'none'; form-action 'self'";
static const char csp_show[] =
	"default-src 'none'; script-src 'self'; style-src 'self'; "
	"img-src 'self' https: data: blob:; media-src 'self' https: blob:; connect-src 'self'; "
	"manifest-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'";
static const char csp_embed[] = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'";
static const char csp_feed[] =
	"default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'";

static unsigned
traits_of(const struct txn *t)
{
	unsigned has = t->row ? traits[t->row->route] : 0;

	return t->owner_only ? has & ~(unsigned)OPEN : has;
}

/*
 * Some browsers hold form-action against the redirect that a form is answered with, too: where a form
 * of the owner's leads away, its page has to say so.
 */
static void
put_policy(struct ctx *c, struct txn *t, unsigned has)
{
	const char *csp = has & SHOW ? csp_show
		: has & OWNER	     ? csp_owner
		: has & EMBED	     ? csp_embed
		: has & FEED	     ? csp_feed
				     : csp_public;
	struct str text = str_z(csp);

	if (has & OWNER && t->form_action.n > 0 &&
		ctx_printf(c, &text, "%s %.*s", csp, STR(t->form_action)) != OK) {
		err_clear(c);
		text = str_z(csp);
	}
	resp_set(&t->resp, "Content-Security-Policy", text);
}

static void
put_security(struct ctx *c, struct txn *t, unsigned has)
{
	struct resp *r = &t->resp;

	put_policy(c, t, has);
	resp_set(r, "X-Content-Type-Options", S("nosniff"));
	if (!resp_get(r, "Referrer-Policy").p)
		resp_set(r, "Referrer-Policy",
			has & OWNER ? S("same-origin") : S("strict-origin-when-cross-origin"));
	resp_set(r, "Permissions-Policy", S("camera=(), microphone=(), geolocation=()"));
	if (t->web->https)
		resp_set(r, "Strict-Transport-Security", S("max-age=31536000"));
	if (has & OWNER || t->owner_only) {
		resp_set(r, "X-Frame-Options", S("DENY"));
		resp_set(r, "Cross-Origin-Opener-Policy", S("same-origin"));
		resp_set(r, "Cross-Origin-Resource-Policy", S("same-origin"));
	}
}

/* Only a good answer of a public page may be kept; for how long is the owner's to say. */
static void
put_caching(struct txn *t)
{
	bool kept = t->row && t->row->cache != ROUTE_CACHE_NO &&
		    (t->resp.status == 200 || t->resp.status == 304);

	if (resp_get(&t->resp, "Cache-Control").p)
		return;
	if (t->owner_only) {
		resp_set(&t->resp, "Cache-Control", S("private, no-store"));
		resp_set(&t->resp, "Vary", S("Cookie"));
		return;
	}
	resp_set(&t->resp, "Cache-Control", kept ? t->web->caching : S("no-store"));
}

void
headers_put(struct ctx *c, struct txn *t)
{
	unsigned has = traits_of(t);
	struct resp *r = &t->resp;

	resp_set(r, "X-Request-ID", str_z(c->request_id));
	put_security(c, t, has);
	put_caching(t);
	if (has & OPEN) {
		resp_set(r, "Access-Control-Allow-Origin", S("*"));
		resp_set(r, "Access-Control-Expose-Headers",
			S("Location, Link, WWW-Authenticate, Retry-After, ETag"));
	}
	if (has & DISCOVER) {
		resp_add(r, "Link", t->web->link);
		resp_add(r, "Link", t->web->auth_link);
	}
}

enum err
headers_options(struct ctx *c, struct txn *t)
{
	struct resp *r = &t->resp;
	struct str allow;
	enum err err = route_allow(c, t->row, &allow);

	if (err)
		return err;
	resp_none(r);
	r->status = 204;
	resp_set(r, "Allow", allow);
	if (traits_of(t) & OPEN && req_header(&t->req, "Access-Control-Request-Method").p) {
		resp_set(r, "Access-Control-Allow-Methods", S("GET, POST, OPTIONS"));
		resp_set(r, "Access-Control-Allow-Headers",
			S("Authorization, Content-Type, Accept, If-None-Match, If-Match, "
			  "If-Unmodified-Since, Idempotency-Key"));
		resp_set(r, "Access-Control-Max-Age", S("86400"));
	}
	return OK;
}
