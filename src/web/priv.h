/*
 * What the files of this floor share: the worker's struct web, and struct txn, one request with its
 * answer, which every handler and gate gets beside the context. Files that others ask much of have a
 * header of their own; those that every handler needs come along with this one.
 *
 *	web.c		what a worker has once	static.c	versions of the theme's files
 *	dispatch.c	order of one request	gate.c		who may pass
 *	txn.c		what handlers ask for	headers.c	what every answer carries
 *	error.c		answers to failures	view.c		rows -> views -> HTML
 *	upload.c	forms with files	micropub_cond.c	conditions of Micropub requests
 *	call.c		what the inspector is told	calls.c		and what it says again
 *	view_parts.c	what posts show beside	view_media.c	pictures and players
 *	desk.c		what stands around the owner's pages	snapshot.c	the settings now
 *	compose.c compose_view.c posts.c share.c	writing, and what has been written
 *	checks.c	how the site is		troubles.c	what went wrong
 *	series.c	the last hours		chart.c		and how they are drawn
 *	quantity.c	numbers for people
 *	alias.c		old addresses	redirects.c	and the page of them
 *	robots.c	what robots ask for	linked.c	and what they read in pages
 *	lists.c		pages of lists	archive.h	periods of the archive
 *	site.c tags.c periods.c archive.c feeds.c micropub.c media.c login.c confirm.c security.c admin.c
 *	inspector.c metrics.c
 *	doctor.c	what arrived here, for `starpunk doctor`
 *	library.c library_file.c settings.c health.c dashboard.c audit.c
 *	indieauth.c consent.c indieauth_token.c access.c access_sessions.c	handlers
 */
#ifndef WEB_PRIV_H
#define WEB_PRIV_H

#include "core/config.h"
#include "domain/auth.h"
#include "domain/media.h"
#include "domain/post_parts.h"
#include "http/cond.h"
#include "http/req.h"
#include "http/resp.h"
#include "http/route.h"
#include "store/post_list.h"
#include "text/json.h"
#include "text/view.h"
#include "text/words.h"
#include "web/cache.h"
#include "web/call.h"
#include "web/desk.h"
#include "web/gate.h"
#include "web/login.h"
#include "web/static.h"
#include "web/upload.h"
#include "web/view.h"
#include "web/web.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>

enum { WEB_MAX_PAGE = 1000000, WEB_MAX_HTML = 8 * 1024 * 1024 };

/* Of the process; read-only after web_new() but for the counts and what cache and mutex guard. */
struct web {
	struct segment *seg;
	struct pool *pool;
	struct lookout *lookout;
	struct cache *cache;
	struct journal *journal;	/* of the calls to Micropub endpoints */
	struct journal *troubles;	/* of what went wrong by our fault */
	struct tmpl_set *templates;
	struct catalog *words;		/* the language of what people read; NULL: English */
	atomic_int unannounced;		/* requests at hand whose bodies come as they like */
	sem_t uploads;			/* room for bodies with files to be received */
	pthread_mutex_t password;	/* one at a time: verifying one takes 64 MiB */
	struct arena arena;		/* of the texts below */
	struct str origin;		/* "https://ada.example": scheme, host, port of site_url */
	struct str host;		/* its host, without brackets or port */
	bool https;			/* its scheme */
	struct str cookie;		/* name of the session cookie */
	struct str visitor_cookie;	/* and of that of a browser that is not signed in */
	struct str link;		/* Link header that names the Micropub endpoint */
	struct str auth_link;		/* and the one that names those of IndieAuth */
	struct str caching;		/* Cache-Control of what everybody may keep */
	struct str statics[STATIC__MAX];	/* paths of static files, with their versions */
	struct view_site fixed;		/* what no setting changes; the rest of it is empty */
	pthread_mutex_t snapshots;	/* guards the next, and how many hold it */
	struct snapshot *snapshot;	/* what the site says of itself now: snapshot.h */
};

/* One request and its answer. */
struct txn {
	struct web *web;
	struct req req;
	struct resp resp;
	const struct route_row *row;	/* NULL: no route took it */
	struct db *db;			/* NULL unless txn_db() was called */
	bool db_dirty;			/* it came back with something left open */
	struct auth_grant grant;	/* who asks, if granted */
	bool granted;
	struct str session;		/* secret of the session that was granted */
	struct str visitor;		/* on the LOGIN gate: cookie of who is not signed in; may be empty */
	struct str pass;		/* of `starpunk doctor`, if it is who asks: doctor.h */
	bool csrf_due;			/* what proves the form to be ours stands in a body not read yet */
	bool owner_only;		/* the answer is for the owner alone: nobody keeps it */
	bool owner_marked;		/* the owner is told more about this page than others */
	bool passing;			/* the answer is today's: it is not kept, and has no date */
	struct str etag;		/* of the answer: set by handlers of streams, else made */
	struct cache_moment moment;	/* the site when the request came */
	struct snapshot *snapshot;	/* what the site says of itself, and what is made of that: */
	const struct view_site *site;
	struct str feed_tag;		/* digest of what feeds say beside their posts */
	struct call call;		/* what the inspector is told; only Micropub fills it */
	int retry_after;		/* seconds; 0: as the error's row says */
	struct str form_action;		/* where a form of the page may lead besides our own origin */
};

/* Every handler of tables/routes.def: fills t->resp, or fails and lets error.c answer. */
#define ROUTE(sym, name, pattern, methods, gate, cache, access, body, handler, doc) \
	MUST enum err handler(struct ctx *c, struct txn *t);
#include "tables/routes.def"
#undef ROUTE

/* ---- txn.c ------------------------------------------------------------------------------- */

/*
 * A connection for this request: taken from the pool at the first call, given back before a whole
 * body is sent. ERR_POOL_EMPTY, ERR_DB_*.
 */
MUST enum err txn_db(struct ctx *c, struct txn *t, struct db **out);
void txn_db_release(struct ctx *c, struct txn *t);

/* The body as form fields; any other media type is ERR_MEDIA_TYPE. */
MUST enum err txn_form(struct ctx *c, struct txn *t, struct pair **out, size_t *n);
/* The same, and then a connection: none is held while a body comes. */
MUST enum err txn_form_db(struct ctx *c, struct txn *t, struct pair **out, size_t *n,
	struct db **db);

/* The first field of that name; p NULL if there is none. */
struct str txn_field(const struct pair *fields, size_t n, struct str name);

/*
 * Last-Modified: when the site last changed, and not a date of a post, which may be dated back.
 * 0, none, while that second lasts: a change to come in it would bear the same date.
 */
int64_t txn_modified(const struct ctx *c, const struct txn *t);

/* What the request's conditions say about an answer 200 with t->etag. */
enum cond txn_condition(const struct ctx *c, const struct txn *t);

/* Answers with a redirect to an absolute URL. */
void txn_redirect(struct txn *t, int status, struct str url);

/* Answers with a JSON value. */
MUST enum err txn_json(struct ctx *c, struct txn *t, const char *type, const struct json *v);

/*
 * What a form of the owner's carries to prove that it is ours, and what a script sends as
 * X-CSRF-Token: HMAC-SHA-256 of session or visitor under the site's key, behind a mask that is
 * another one each time, so that a compressed page tells nothing. For a granted session, or after
 * login_visit().
 */
MUST enum err txn_csrf(struct ctx *c, struct txn *t, struct str *out);

/* ERR_CSRF unless token is such a one, of this session or visitor. */
MUST enum err txn_csrf_check(struct ctx *c, const struct txn *t, struct str token);

/* ---- headers.c --------------------------------------------------------------------------- */

/* Everything an answer carries whatever it is: id, security, CORS, caching, discovery. */
void headers_put(struct ctx *c, struct txn *t);

/* Answers OPTIONS: Allow, and the preflight's headers on endpoints open to other origins. */
MUST enum err headers_options(struct ctx *c, struct txn *t);

/* ---- error.c ----------------------------------------------------------------------------- */

/* Replaces whatever answer there is by the one for e, in the form that route and client ask for. */
void error_answer(struct ctx *c, struct txn *t, enum err e);

/* ---- alias.c ----------------------------------------------------------------------------- */

/* What is answered where err was to be: a redirect if the address is an old one, else err it stays. */
MUST enum err alias_answer(struct ctx *c, struct txn *t, enum err err);

/* True if the home page's query makes it an old address; then *err is what came of answering. */
bool alias_of_home(struct ctx *c, struct txn *t, enum err *err);

/* ---- micropub_cond.c --------------------------------------------------------------------- */

struct micropub_answer;
struct micropub_request;
struct post_result;

/* Puts what the request's headers say into it: conditions, Idempotency-Key. ERR_BAD_REQUEST. */
MUST enum err micropub_conditions(struct ctx *c, struct txn *t, struct micropub_request *request);

/* Answers a query; with validators, and 304 or ERR_PRECONDITION, where it is a post's source. */
MUST enum err micropub_answer_send(struct ctx *c, struct txn *t,
	const struct micropub_answer *answer);

/* 201 where the client has to learn a URL, 204 otherwise (Micropub sections 3.3 to 3.5). */
MUST enum err micropub_result_send(struct ctx *c, struct txn *t, const struct post_result *result);

/* ---- indieauth.c ------------------------------------------------------------------------- */

/* An application's mistake as a page that tells the owner what to tell its author. */
MUST enum err auth_error_answer(struct ctx *c, struct txn *t, enum err e, struct str hint);

/* ---- indieauth_token.c ------------------------------------------------------------------- */

/* True for an endpoint of IndieAuth that programs talk to, and answers by OAuth's rules. */
bool auth_is_endpoint(const struct txn *t);

/* Answers the exchange of a code: for a profile alone, or for a token. */
MUST enum err auth_exchange(struct ctx *c, struct txn *t, bool profile);

#endif
