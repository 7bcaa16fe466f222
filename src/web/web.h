/*
 * URL -> domain -> view. One struct web per worker process, shared by its threads: templates, page
 * cache, connection pool, the routes' handlers. web_handle() is the whole of it for app.
 */
#ifndef WEB_WEB_H
#define WEB_WEB_H

#include "base/ctx.h"
#include "core/segment.h"
#include "http/req.h"
#include "store/pool.h"

struct web;

/*
 * Loads templates and static file versions, makes the page cache, moves the site's generation (the
 * theme may be another one now). c->cfg, pool and seg outlive it. Heap; web_free(). seg may be NULL
 * in tests: then no page is kept, no limit holds, and there are no metrics.
 */
MUST enum err web_new(struct ctx *c, struct segment *seg, struct pool *pool, struct web **out);
void web_free(struct web *w);

/*
 * Answers one request from its parameters: parses, routes, passes the gates, calls the handler,
 * sends the answer or the error's, drains the body, then tells the facts to log and metrics (the
 * only call site). c must be fresh from ctx_reset(); its times and request id are set here (the id
 * from the front server's REQUEST_ID or UNIQUE_ID if that is 16 to 32 letters, digits, "-_@"; the
 * wall clock only if c->now_us is 0, so that a test can stand in time), and the facts are zeroed
 * first (c->facts NULL: our own, which nobody sees but log and metrics). Never fails: what went
 * wrong has been answered and logged. After it, everything of the request is in c and ends with
 * ctx_reset(). Returns NULL, or what was found dirty (a static text): then the worker should leave.
 */
const char *web_handle(struct web *w, struct ctx *c, const struct pair *params, size_t n,
	struct io *io);

/*
 * What /admin/metrics and `starpunk stats --json` show: one JSON object out of the segment, with a
 * history of that span (web/series.h; empty: the last minutes) up to c->now_us.
 */
struct json;
MUST enum err web_metrics_json(struct ctx *c, const struct segment *seg, struct str span,
	struct json **out);

#endif
