/*
 * What is known of a request when its last byte has been handed on. Observers (the access log, the
 * metrics, tests) receive a const struct facts * and nothing else: it has no way to the request,
 * the response or a body, so an observer that touches what is being sent cannot be written.
 *
 * The texts are copies in the request's arena.
 */
#ifndef CORE_FACTS_H
#define CORE_FACTS_H

#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

enum method {
#define METHOD(m) METHOD_##m,
#include "tables/methods.def"
#undef METHOD
	METHOD_UNKNOWN,
	METHOD__MAX
};

/* ROUTE_NONE is a request that no route took. */
enum route {
	ROUTE_NONE = 0,
#define ROUTE(sym, ...) ROUTE_##sym,
#include "tables/routes.def"
#undef ROUTE
	ROUTE__MAX
};

/* Label of a route ("micropub"; "none") and of a method ("GET"; "other"). */
const char *facts_route_name(enum route r);
const char *facts_method_name(enum method m);

struct facts {
	enum route route;
	enum method method;
	int status;		/* HTTP status sent; 0 if none was */
	enum err error;		/* OK unless the answer is an error's */
	uint64_t request_bytes;	/* of the body read */
	uint64_t head_bytes;	/* of the answer's header block handed on */
	uint64_t body_bytes;	/* of the answer's body handed on */
	int64_t duration_us;	/* from the first parameter to the last byte */
	int64_t db_us;		/* of it in database statements */
	int64_t render_us;	/* of it in templates; 0 if none ran */
	unsigned db_queries;
	bool aborted;		/* the client went away first */
	bool cached;		/* answered out of the page cache */
	struct str path;	/* as sent, without the query */
	struct str remote_addr;
	struct str user_agent;
	struct str auth;	/* "session", or the token's public id; never a secret */
};

#endif
