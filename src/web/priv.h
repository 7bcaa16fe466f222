/*
 * What the files of this floor share: the worker's struct web, and struct txn, one request with its
 * answer, which every handler and gate gets beside the context.
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
 *	site.c feeds.c micropub.c media.c login.c confirm.c security.c admin.c inspector.c metrics.c
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
#include "text/json.h"
#include "text/view.h"
#include "web/cache.h"
#include "web/call.h"
#include "web/web.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>

enum { WEB_FEED_POSTS = 30, WEB_MAX_PAGE = 1000000, WEB_MAX_HTML = 8 * 1024 * 1024 };

/* Files of share/static that pages name. */
enum static_file {
	STATIC_NONE,
#define STATIC(sym, file) STATIC_##sym,
#include "tables/statics.def"
#undef STATIC
	STATIC__MAX
};

/* Of the process; read-only after web_new() but for the counts and what cache and mutex guard. */
struct web {
	struct segment *seg;
	struct pool *pool;
	struct cache *cache;
	struct journal *journal;	/* of the calls to Micropub endpoints */
	struct journal *troubles;	/* of what went wrong by our fault */
	struct tmpl_set *templates;
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
	bool csrf_due;			/* what proves the form to be ours stands in a body not read yet */
	bool owner_only;		/* the answer is for the owner alone: nobody keeps it */
	bool owner_marked;		/* the owner is told more about this page than others */
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

/* ---- static.c ---------------------------------------------------------------------------- */

/*
 * Fills w->statics: "/static/style.css?v=…", whose version is a digest of the file of that name in the
 * theme, or else of the shipped one, so it may be cached for ever. Without either there is no version.
 * A path and not a URL, so that it is of the page's own origin, whatever name of this machine the page
 * was asked for by. After w->origin is known; texts in w's arena.
 */
MUST enum err statics_init(struct ctx *c, struct web *w);

/* ---- txn.c ------------------------------------------------------------------------------- */

/*
 * A connection for this request: taken from the pool at the first call, given back before a whole
 * body is sent. ERR_POOL_EMPTY, ERR_DB_*.
 */
MUST enum err txn_db(struct ctx *c, struct txn *t, struct db **out);
void txn_db_release(struct ctx *c, struct txn *t);

/* The body as form fields; any other media type is ERR_MEDIA_TYPE. */
MUST enum err txn_form(struct ctx *c, struct txn *t, struct pair **out, size_t *n);

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

/* ---- gate.c ------------------------------------------------------------------------------ */

/* The gates in their order, after the route is known. An error is the answer. */
MUST enum err gate_pass(struct ctx *c, struct txn *t);

/* True if the request names our host, one of this machine's own names, or none. */
bool gate_host(const struct txn *t);

/*
 * Verifies a bearer token and grants what it grants. A wrong one is a try (gate_try()):
 * ERR_TOKEN_INVALID, and ERR_RATE_LIMITED once there were too many from its address. A good one is
 * none, so that no neighbour behind the same address can shut its owner out.
 */
MUST enum err gate_token(struct ctx *c, struct txn *t, struct str secret);

/*
 * The token of a POST, which stands in its header or, where the body is a form, in a field of it
 * (in_body; p NULL if there is none). A header's token that was verified before is not again.
 * ERR_UNAUTHORIZED without one; ERR_TOKEN_TWICE with both, whatever they are (RFC 6750 section 2);
 * and as gate_token().
 */
MUST enum err gate_token_of(struct ctx *c, struct txn *t, struct str in_body);

/* The owner's session, if the cookie is one. ERR_LOGIN_REQUIRED. */
MUST enum err gate_session(struct ctx *c, struct txn *t);

/* ERR_CSRF unless that is what the session's own forms carry (txn_csrf()). Clears csrf_due. */
MUST enum err gate_csrf_of(struct ctx *c, struct txn *t, struct str token);

/* The session of the cookie, or a bearer token of scope admin. ERR_LOGIN_REQUIRED, ERR_SCOPE,
   ERR_TOKEN_INVALID, ERR_RATE_LIMITED. */
MUST enum err gate_admin(struct ctx *c, struct txn *t);

/* Takes one of the tries that this address has left (login_rate_limit). ERR_RATE_LIMITED: none. */
MUST enum err gate_try(struct ctx *c, struct txn *t);

/* ---- upload.c ---------------------------------------------------------------------------- */

enum {
	/* Room that a body has for texts and headers beside the largest file. */
	UPLOAD_FRAMING = 2 * 1024 * 1024,
	/* Bytes of files that are taken from who has not shown a token yet. */
	UPLOAD_UNASKED = 4 * 1024 * 1024,
};

/* A multipart form that may carry files, and what is demanded of them. */
struct upload {
	/* ERR_SCOPE unless the grant allows files here. */
	enum err (*may)(struct ctx *c, const struct auth_grant *grant);
	/* Refuses a file by the name of its part, or because it is one too many. */
	enum err (*accept)(struct ctx *c, const struct upload *u, struct str name);
	struct pair *fields;	/* in the order sent; a file's value is its URL, once prepared */
	size_t n;
	struct media_upload *files[MEDIA_FILES_MAX];
	size_t places[MEDIA_FILES_MAX];	/* of their fields */
	size_t n_files;
};

/*
 * Reads the body: texts to fields, files to the disk, where they have no name. A token in the header
 * is verified before the first byte is read, one in the form before the file behind it, or at the
 * end; of the owner's forms, the field csrf (ERR_CSRF): ERR_UNAUTHORIZED for more than UPLOAD_UNASKED of files before it. Holds no connection
 * while it reads, nor after. ERR_UPLOAD_CROWD, and nothing read, if all threads but one of this
 * worker do the same already, and go on for a second.
 */
MUST enum err upload_receive(struct ctx *c, struct txn *t, struct upload *u);

/* Looks what the files are and sets their fields' values. Holds no connection meanwhile. */
MUST enum err upload_prepare(struct ctx *c, struct txn *t, struct upload *u);

/*
 * Whether a page can show each file as what it was sent as: ERR_MICROPUB_PROPERTY for a film sent as
 * a photo and the like. After upload_prepare().
 */
MUST enum err upload_fit(struct ctx *c, const struct upload *u);

/* Stores files that came alone; those of a post are stored by post_create(). */
MUST enum err upload_store(struct ctx *c, struct txn *t, struct upload *u);

/*
 * What a form of the owner's carries to prove that it is ours, and what a script sends as
 * X-CSRF-Token: HMAC-SHA-256 of session or visitor under the site's key, behind a mask that is
 * another one each time, so that a compressed page tells nothing. For a granted session, or after
 * login_visit().
 */
MUST enum err txn_csrf(struct ctx *c, struct txn *t, struct str *out);

/* ERR_CSRF unless token is such a one, of this session or visitor. */
MUST enum err txn_csrf_check(struct ctx *c, const struct txn *t, struct str token);

/*
 * For what a session that lies open must not do: ERR_PROOF_REQUIRED if the owner has not proved to be
 * there for that many seconds.
 */
MUST enum err gate_recent(struct ctx *c, struct txn *t, int64_t seconds);

/* ---- headers.c --------------------------------------------------------------------------- */

/* Everything an answer carries whatever it is: id, security, CORS, caching, discovery. */
void headers_put(struct ctx *c, struct txn *t);

/* Answers OPTIONS: Allow, and the preflight's headers on endpoints open to other origins. */
MUST enum err headers_options(struct ctx *c, struct txn *t);

/* ---- error.c ----------------------------------------------------------------------------- */

/* Replaces whatever answer there is by the one for e, in the form that route and client ask for. */
void error_answer(struct ctx *c, struct txn *t, enum err e);

/* ---- view.c ------------------------------------------------------------------------------ */

/* Renders a view with its data as the whole answer, with status 200 unless another is set. */
MUST enum err view_send(struct ctx *c, struct txn *t, enum view view, const void *data);

/* A post with what there is to show of it, all of it read. */
struct shown {
	const struct post_row *post;
	const struct post_parts *parts;	/* NULL: nothing beside what the row's columns hold */
};

/* Reads what belongs to n rows into c's arena; they stay where they are. */
MUST enum err shown_read(struct ctx *c, struct db *db, const struct post_row *rows, size_t n,
	struct shown **out);

/* A post as lists and its own page show it; single: on its own page. *out is zeroed before. */
MUST enum err view_entry(struct ctx *c, const struct web *w, const struct shown *shown, bool single,
	struct view_entry *out);

/* What a feed shows of a post: its text, with its parts around it. */
MUST enum err view_feed(struct ctx *c, const struct web *w, const struct shown *shown,
	struct html *out);

/* A moment in the author's zone. */
MUST enum err view_date(struct ctx *c, int64_t seconds, int zone, struct view_date *out);

/* The beginning of a plain text, at most max bytes, cut between words, with an ellipsis if cut. */
MUST enum err view_excerpt(struct ctx *c, struct str text, size_t max, struct str *out);

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

/* ---- view_parts.c, view_media.c ------------------------------------------------------------ */

/* The parts of a post that has some. *out is zeroed before. */
MUST enum err view_parts(struct ctx *c, const struct web *w, const struct shown *shown, bool single,
	struct view_parts *out);

/* Of these, pictures and players. */
MUST enum err view_media(struct ctx *c, const struct web *w, const struct post_parts *parts,
	bool single, struct view_parts *out);

/* ---- desk.c ------------------------------------------------------------------------------ */

enum desk_page {
	DESK_NONE,
#define DESK_PAGE(sym, group, name, path) DESK_##sym,
#include "tables/desk.def"
	DESK__MAX
};

/*
 * Fills what stands around a page of the owner's: the navigation with `here` marked, the notice that
 * the query's `done` names, what forms carry. script: what the page loads, or STATIC_NONE.
 * For somebody who is not signed in there is no navigation.
 */
MUST enum err desk_fill(struct ctx *c, struct txn *t, enum desk_page here, enum static_file script,
	struct view_desk *out);

/* view_send() for a page of the owner's: the session's cookie slides as the session does. */
MUST enum err desk_send(struct ctx *c, struct txn *t, enum view view, const void *data);

/*
 * Answers a form that was done: 303 to a path of the site, which may have a query, with the notice of
 * that code (tables/notices.def; NULL: none).
 */
MUST enum err desk_done(struct ctx *c, struct txn *t, struct str path, const char *notice);

/* ---- indieauth.c ------------------------------------------------------------------------- */

/* An application's mistake as a page that tells the owner what to tell its author. */
MUST enum err auth_error_answer(struct ctx *c, struct txn *t, enum err e, struct str hint);

/* ---- indieauth_token.c ------------------------------------------------------------------- */

/* True for an endpoint of IndieAuth that programs talk to, and answers by OAuth's rules. */
bool auth_is_endpoint(const struct txn *t);

/* Answers the exchange of a code: for a profile alone, or for a token. */
MUST enum err auth_exchange(struct ctx *c, struct txn *t, bool profile);

/* ---- login.c ----------------------------------------------------------------------------- */

/* The sign-in form as the answer to a failed try; status from e's row. */
MUST enum err login_answer(struct ctx *c, struct txn *t, enum err e);

/* "/admin" and the like: a path of this site that a redirect may go to. At most 2 KiB. */
bool login_next_ok(struct str path);

/*
 * Answers with a redirect to a page (/admin/login) that leads on to next, which may be any text:
 * one that may not be gone to is forgotten.
 */
MUST enum err login_redirect(struct ctx *c, struct txn *t, struct str path, struct str next);

/* Sets the session cookie, or ends it with an empty secret. */
MUST enum err login_cookie(struct ctx *c, struct txn *t, struct str secret);

/* Gives a browser that is not signed in a cookie, if it has none: t->visitor, for forms to it. */
MUST enum err login_visit(struct ctx *c, struct txn *t);

/*
 * Around everything that hashes a password. It costs 64 MiB and a tenth of a second, so a worker does
 * one at a time. Who comes meanwhile does not wait, for then a few dozen sign-ins would take every
 * thread from the readers: ERR_RATE_LIMITED. Ends with login_password_end() after OK.
 */
MUST enum err login_password_begin(struct ctx *c, struct txn *t, struct db **db);
void login_password_end(struct txn *t);

/* Answers a script with a challenge of a purpose (enum factor_purpose) for a browser's cookie. */
MUST enum err login_challenge_send(struct ctx *c, struct txn *t, int purpose, struct str cookie);

/* ---- confirm.c, security.c --------------------------------------------------------------- */

/* For ERR_PROOF_REQUIRED: to /admin/confirm, and from there back. */
MUST enum err confirm_redirect(struct ctx *c, struct txn *t);

/* Their pages as the answers to forms that failed. */
MUST enum err confirm_answer(struct ctx *c, struct txn *t, enum err e);
MUST enum err security_answer(struct ctx *c, struct txn *t, enum err e, struct str hint);

#endif
