/*
 * One request as `starpunk doctor` sends it to its own site from outside, by the program
 * starpunk-fetch: with any method and headers and a body of any size, and told what came of it rather
 * than given a document. No redirect is followed.
 */
#ifndef NET_ASK_H
#define NET_ASK_H

#include "net/fetch.h"
#include "net/url.h"

enum { ASK_HEADERS_MAX = 16 };

struct ask {
	struct str method;	/* GET, or POST with a body of zeros */
	struct str headers[ASK_HEADERS_MAX];	/* "Name: value" */
	size_t n_headers;
	int64_t body_bytes;
	const char *allow;	/* as in get.h */
	int64_t until_us;	/* monotonic */
};

struct asked {
	int status;		/* 0: no answer came */
	struct str type, location, date, server;	/* headers of the answer; "" for none */
	struct str certificate_end;	/* as OpenSSL writes it; "" without TLS */
	struct str body;	/* its first FETCH_MAX_BYTES bytes */
	char detail[256];	/* of a problem */
};

/*
 * Reads what fetch_ask() sends: "METHOD BODY_BYTES" in the first line, a header in each of the others.
 * False: it is not that.
 */
bool ask_parse(struct ask *a, struct str text);

/* Asks. Once per process, as get_url(). ERR_MEMORY, ERR_INTERNAL. */
MUST enum err ask_url(struct ctx *c, const struct ask *a, const struct url *url, struct asked *out,
	enum fetch_problem *problem);

#endif
