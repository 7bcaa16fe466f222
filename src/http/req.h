/*
 * A request, parsed from the parameters that a front server sends, without knowing FastCGI: the
 * transport implements struct io. Routing looks at REQUEST_URI only, cut at "?", split at "/", each
 * segment decoded once. The body stays unread until a handler asks for it.
 */
#ifndef HTTP_REQ_H
#define HTTP_REQ_H

#include "base/ctx.h"
#include "core/facts.h"

#include <sys/types.h>

enum { IO_CUT = -1, IO_LATE = -2 };

/* Where body bytes come from and answer bytes go to. */
struct io {
	void *self;
	/* Up to n body bytes into p: their number, 0 at the end, IO_CUT when the client broke off,
	   IO_LATE when they do not come in time. */
	ssize_t (*read)(void *self, void *p, size_t n);
	/* From now on the time for the body grows with what comes of it, or no longer does. NULL
	   where nobody looks at the time. */
	void (*pace)(void *self, bool grow);
	/* All n bytes on; false when the client has gone. */
	bool (*write)(void *self, const void *p, size_t n);
	/* The answer is complete and the body read: what was held back goes out now; false when the
	   client has gone. NULL where nothing is held back. */
	bool (*end)(void *self);
};

enum {
	REQ_MAX_SEGMENTS = 16,
	REQ_MAX_URI = 8192,		/* bytes, as sent */
	REQ_MAX_PARAMS = 200,
	REQ_MAX_PARAM_BYTES = 65536,	/* names and values of all parameters */
	REQ_MAX_HEADER_BYTES = 32768,	/* of it in HTTP_* */
	REQ_MAX_DRAIN = 16777216,	/* bytes that req_drain() reads and drops anyway */
};

struct req {
	struct io *io;
	enum method method;
	struct str uri;		/* raw: path and query as sent */
	struct str path;	/* raw path */
	struct str query;	/* raw query, without "?" */
	struct str segments[REQ_MAX_SEGMENTS];	/* decoded; "/" has none */
	size_t n_segments;
	bool canonical;		/* false: a trailing or double slash, or similar; redirect GETs */
	struct str canonical_path;	/* what it should have been, encoded; only if !canonical */
	struct str content_type;	/* as sent; empty if none */
	int64_t content_length;	/* -1: not announced */
	struct str remote_addr;
	bool https;
	const struct pair *params;	/* all parameters, names as sent */
	size_t n_params;
	struct str args[4];	/* what the route's {…} took, in order; set by route_find() */
	struct facts *facts;
	size_t body_limit;	/* set by the dispatcher from the route's row */
	bool body_done;		/* read to its end */
	bool body_refused;	/* nothing of it is waited for, not to drop it either */
	bool body_patient;	/* req_stream() gives it the more time the more of it comes */
	struct str body;	/* after req_body() */
};

/*
 * Fills *q from params (their bytes must outlive it) and the facts of c (never NULL) with method,
 * path, remote_addr and user_agent. Errors: ERR_BAD_REQUEST, ERR_BAD_ENCODING, ERR_URI_TOO_LONG,
 * ERR_HEADERS_TOO_LARGE, ERR_NOT_FOUND (dot segments, encoded slashes, a leading "//"),
 * ERR_METHOD_UNKNOWN, ERR_MEMORY. *q is usable for an error answer in every case.
 *
 * The target may be a path or an absolute URI, whose scheme and host are passed over. Without
 * REQUEST_URI it is put together from SCRIPT_NAME, PATH_INFO and QUERY_STRING. A parameter given
 * twice: the last counts, but REQUEST_METHOD, REQUEST_URI, CONTENT_LENGTH, HTTPS, REMOTE_ADDR and
 * HTTP_AUTHORIZATION are refused. CONTENT_LENGTH empty or "-1" is a length not announced.
 */
MUST enum err req_parse(struct ctx *c, struct req *q, const struct pair *params, size_t n,
	struct io *io);

/*
 * A header of the request ("If-None-Match", any case); p NULL if it was not sent. "Proxy" is never
 * sent (it would be HTTP_PROXY); "Authorization" is also found where Apache's rewriting leaves it.
 */
struct str req_header(const struct req *q, const char *name);

/*
 * The value of a cookie (RFC 6265 section 5.4); p NULL if absent, sent twice, or if all of them
 * exceed 8 KiB.
 */
struct str req_cookie(const struct req *q, struct str name);

/*
 * Whether the query consists of whole triplets, none of them a NUL: ERR_BAD_ENCODING. Asked for every
 * request, since most routes never read their query: what one of them refuses, all do. Apart from
 * req_parse(), so that the refusal has the form of the route. The rest, such as UTF-8, concerns only
 * who decodes it.
 */
MUST enum err req_query_check(struct ctx *c, const struct req *q);

/*
 * The first value of a query argument, decoded; p NULL if absent. ERR_BAD_ENCODING, ERR_BAD_FORM
 * for anything wrong in the whole query, not in this argument only.
 */
MUST enum err req_query(struct ctx *c, const struct req *q, struct str name, struct str *out);

/*
 * Reads the whole body, at most q->body_limit: ERR_BODY_TOO_LARGE (before anything is read if the
 * length is announced), ERR_BODY_INCOMPLETE (fewer bytes than announced, or the client broke off),
 * ERR_BODY_SLOW, ERR_BAD_REQUEST (more than announced). The second call gives the same body.
 * NUL-terminated.
 */
MUST enum err req_body(struct ctx *c, struct req *q, struct str *out);

/* Takes the next bytes of a body, which are there during the call only. */
typedef enum err req_sink(struct ctx *c, void *self, struct str bytes);

/*
 * The same for a body that is not to be held in memory: hands it to sink(self) in pieces as they
 * come, and reads no further once that fails. Whether the body is complete shows at its end: until
 * OK is returned, what the sink has got is nothing to act upon. Once only. With body_patient it may
 * take far longer than a request: not without a bound on how many do.
 */
MUST enum err req_stream(struct ctx *c, struct req *q, req_sink *sink, void *self);

/*
 * Reads and drops what is left of the body: at most REQ_MAX_DRAIN bytes, or q->body_limit where
 * that is more; nothing if body_refused. True: the end was reached and the connection can be kept.
 */
bool req_drain(struct req *q);

/* The bearer token of the Authorization header (RFC 6750 section 2.1); p NULL if there is none. */
struct str req_bearer(const struct req *q);

/* "type/subtype" of the Content-Type in small letters, without parameters; empty if none. */
MUST enum err req_media_type(struct ctx *c, const struct req *q, struct str *out);

#endif
