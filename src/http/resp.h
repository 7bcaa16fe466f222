/*
 * An answer: status, headers, then a body that is a buffer or a stream. One function hands bytes on
 * (wire_put), counts them into the facts and discards them for HEAD; nothing else sees a body.
 * A header set after the body began is a bug and asserts.
 */
#ifndef HTTP_RESP_H
#define HTTP_RESP_H

#include "base/buf.h"
#include "http/req.h"

enum { RESP_MAX_HEADERS = 32, RESP_MAX_HEAD_BYTES = 4096 };

/*
 * A stream: appends the next piece (some KiB, at most 1 MiB) to chunk, which comes empty, and sets
 * *end with the last one. It is called until then; its length is unknown and nothing asks. An error
 * from the first call leaves the answer unsent, a later one cuts it short. HEAD does not call it.
 */
typedef enum err resp_pull(struct ctx *c, void *self, struct buf *chunk, bool *end);

enum resp_body { RESP_NONE, RESP_BUF, RESP_STREAM };

struct resp {
	int status;		/* 200 unless set */
	struct pair headers[RESP_MAX_HEADERS];
	size_t n_headers;
	enum resp_body kind;
	struct str buf;		/* RESP_BUF */
	resp_pull *pull;	/* RESP_STREAM */
	void *pull_self;
	bool sent;		/* the head has gone out */
};

void resp_init(struct resp *r);

/*
 * Adds a header, or replaces one of that name (resp_add() never replaces). value must live as long
 * as c; CR, LF and NUL in it are a bug of ours and assert.
 */
void resp_set(struct resp *r, const char *name, struct str value);
void resp_add(struct resp *r, const char *name, struct str value);
struct str resp_get(const struct resp *r, const char *name);	/* p NULL if not set */

/* A whole body with its media type. */
void resp_buf(struct resp *r, const char *type, struct str body);
/* A body that is pulled piece by piece. */
void resp_stream(struct resp *r, const char *type, resp_pull *pull, void *self);
/* No body; what was set before is dropped, Content-Type too. */
void resp_none(struct resp *r);

/*
 * Sends it, once: Status, headers, Content-Length where known, then the body unless HEAD asks. 204
 * and 304 have neither body nor Content-Type nor Content-Length, whatever was set. Fills facts->
 * status, head_bytes, body_bytes (of what was handed on) and aborted.
 *
 * ERR_CLIENT_GONE when the client went away; the stream's own error; ERR_INTERNAL when the head
 * exceeds RESP_MAX_HEAD_BYTES. If r->sent is false then, nothing has gone out and another answer
 * can be sent in its place.
 */
MUST enum err resp_send(struct ctx *c, struct req *q, struct resp *r);

#endif
