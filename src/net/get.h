/*
 * Asking a stranger's server for one thing (libcurl), by the program starpunk-fetch and nobody else.
 * The address a name resolves to is judged when the connection is made (net/address), at each
 * redirect anew, so no name that means another address a moment later helps. Nothing is sent but the
 * request: no cookie, no password, no referrer; no proxy is asked, no connection kept. At most
 * GET_REDIRECTS are followed, and none from https to http.
 */
#ifndef NET_GET_H
#define NET_GET_H

#include "net/fetch.h"
#include "net/url.h"

enum {
	GET_REDIRECTS = 5,
	GET_HEAD_MAX = 32 * 1024,	/* bytes of all header lines of an answer */
	GET_HEADERS_MAX = 100
};

struct get {
	struct str accept;	/* the Accept header's value */
	struct str agent;	/* the User-Agent's */
	struct str request_id;	/* X-Request-ID; "" for none */
	const char *allow;	/* networks that may be asked besides public ones */
	size_t max_bytes;	/* of the body, as it comes: no encoding is asked for or undone */
	int64_t until_us;	/* monotonic */
};

struct got {
	int status;		/* of the last answer; 0: none */
	struct url url;		/* where the body came from */
	struct str type;	/* its Content-Type; "" for none */
	struct str link;	/* its Link headers, joined by commas */
	struct str body;
	int64_t max_age;	/* seconds, by its Cache-Control; -1: it says nothing; 0: not at all */
	char detail[160];	/* of a problem, for the log */
};

/*
 * Gets it. Once per process: after FETCH_NAME and FETCH_TIMEOUT a thread may still wait for the
 * resolver, so that the process must end without tidying up. ERR_MEMORY, ERR_INTERNAL.
 */
MUST enum err get_url(struct ctx *c, const struct get *how, const struct url *url,
	struct got *out, enum fetch_problem *problem);

#endif
