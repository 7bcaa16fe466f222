/*
 * tables/routes.def as data, and the search in it. The handlers' names in the table are web's to
 * bind; here a route is an enum, a pattern and its properties.
 */
#ifndef HTTP_ROUTE_H
#define HTTP_ROUTE_H

#include "base/buf.h"
#include "http/req.h"

enum route_gate { ROUTE_GATE_NONE, ROUTE_GATE_TOKEN, ROUTE_GATE_ADMIN, ROUTE_GATE_SESSION,
	ROUTE_GATE_LOGIN };
enum route_cache { ROUTE_CACHE_PAGE, ROUTE_CACHE_LIST, ROUTE_CACHE_STREAM, ROUTE_CACHE_NO };
enum route_access { ROUTE_ACCESS_R, ROUTE_ACCESS_W };
enum route_body { ROUTE_BODY_NO, ROUTE_BODY_LIMIT, ROUTE_BODY_MEDIA };

struct route_row {
	enum route route;
	const char *name;
	const char *pattern;
	unsigned methods;	/* bit per enum method, the implied HEAD and OPTIONS among them */
	enum route_gate gate;
	enum route_cache cache;
	enum route_access access;
	enum route_body body;
	const char *doc;
};

const struct route_row *route_row(enum route r);	/* NULL for ROUTE_NONE */

/*
 * Finds the first row whose pattern fits q->segments, fills q->args and facts->route. ERR_NOT_FOUND
 * (also for a path that is not canonical unless it is only read: who reads is redirected, by the
 * caller), or ERR_METHOD_NOT_ALLOWED with *out set, so that Allow can be sent.
 */
MUST enum err route_find(struct ctx *c, struct req *q, const struct route_row **out);

/* "GET, HEAD, POST, OPTIONS" of a row. */
MUST enum err route_allow(struct ctx *c, const struct route_row *row, struct str *out);

/* The reference of all routes out of the table; format "mdoc": the list in starpunk-http(7). */
void route_docs(const char *format, struct buf *out);

#endif
