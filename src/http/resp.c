/*
 * Putting an answer on the wire: CGI's header block (RFC 3875 section 6), then the body.
 *
 * The head is built on the stack, so that an answer that says "out of memory" can be sent when
 * there is none. A stream's first piece is pulled before the head goes out: one that fails at once
 * can still be answered with an error's own status.
 */
#include "http/resp.h"

#include <assert.h>
#include <stdio.h>

enum {
	CHUNK_MAX = 1024 * 1024, /* one piece of a stream */
};

static const struct {
	int status;
	const char *phrase;
} reasons[] = {
	{200, "OK"},
	{201, "Created"},
	{202, "Accepted"},
	{204, "No Content"},
	{206, "Partial Content"},
	{301, "Moved Permanently"},
	{302, "Found"},
	{303, "See Other"},
	{304, "Not Modified"},
	{308, "Permanent Redirect"},
	{400, "Bad Request"},
	{401, "Unauthorized"},
	{403, "Forbidden"},
	{404, "Not Found"},
	{405, "Method Not Allowed"},
	{408, "Request Timeout"},
	{409, "Conflict"},
	{410, "Gone"},
	{412, "Precondition Failed"},
	{413, "Content Too Large"},
	{414, "URI Too Long"},
	{415, "Unsupported Media Type"},
	{421, "Misdirected Request"},
	{429, "Too Many Requests"},
	{431, "Request Header Fields Too Large"},
	{500, "Internal Server Error"},
	{501, "Not Implemented"},
	{503, "Service Unavailable"},
	{507, "Insufficient Storage"},
};

static const char *
reason(int status)
{
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (reasons[i].status == status)
			return reasons[i].phrase;
	return "Unnamed";
}

void
resp_init(struct resp *r)
{
	*r = (struct resp){.status = 200};
}

/* The index of the first header of that name; n_headers if there is none. */
static size_t
header_find(const struct resp *r, const char *name)
{
	size_t i = 0;

	while (i < r->n_headers && !str_eqi(r->headers[i].name, str_z(name)))
		i++;
	return i;
}

static void
header_put(struct resp *r, size_t at, const char *name, struct str value)
{
	assert(!r->sent);
	assert(at < RESP_MAX_HEADERS);
	assert(str_find(value, '\r', 0) == value.n && str_find(value, '\n', 0) == value.n);
	assert(str_find(value, '\0', 0) == value.n);
	r->headers[at] = (struct pair){str_z(name), value};
	if (at == r->n_headers)
		r->n_headers++;
}

void
resp_set(struct resp *r, const char *name, struct str value)
{
	header_put(r, header_find(r, name), name, value);
}

void
resp_add(struct resp *r, const char *name, struct str value)
{
	header_put(r, r->n_headers, name, value);
}

struct str
resp_get(const struct resp *r, const char *name)
{
	size_t at = header_find(r, name);

	if (at == r->n_headers)
		return (struct str){0};
	return r->headers[at].value.p ? r->headers[at].value : S("");
}

void
resp_buf(struct resp *r, const char *type, struct str body)
{
	resp_set(r, "Content-Type", str_z(type));
	r->kind = RESP_BUF;
	r->buf = body;
}

void
resp_stream(struct resp *r, const char *type, resp_pull *pull, void *self)
{
	resp_set(r, "Content-Type", str_z(type));
	r->kind = RESP_STREAM;
	r->pull = pull;
	r->pull_self = self;
}

void
resp_none(struct resp *r)
{
	size_t at = header_find(r, "Content-Type");

	assert(!r->sent);
	if (at < r->n_headers) {
		r->n_headers--;
		memmove(&r->headers[at], &r->headers[at + 1],
			(r->n_headers - at) * sizeof(r->headers[0]));
	}
	r->kind = RESP_NONE;
	r->buf = (struct str){0};
	r->pull = NULL;
}

/* ---- the head ------------------------------------------------------------------------------ */

struct head {
	char p[RESP_MAX_HEAD_BYTES];
	size_t n;
	bool full; /* sticky */
};

static void
head_put(struct head *h, struct str s)
{
	if (s.n > sizeof(h->p) - h->n) {
		h->full = true;
		return;
	}
	if (s.n > 0)
		memcpy(h->p + h->n, s.p, s.n);
	h->n += s.n;
}

static void
head_line(struct head *h, struct str name, struct str value)
{
	head_put(h, name);
	head_put(h, S(": "));
	head_put(h, value);
	head_put(h, S("\r\n"));
}

static bool
bodyless(int status)
{
	return status == 204 || status == 304;
}

static enum err
head_build(struct ctx *c, const struct resp *r, struct head *h)
{
	char number[64];
	int n;

	h->n = 0;
	h->full = false;
	n = snprintf(number, sizeof(number), "%d %s", r->status, reason(r->status));
	head_line(h, S("Status"), str_n(number, (size_t)n));
	for (size_t i = 0; i < r->n_headers; i++)
		if (!bodyless(r->status) || !str_eqi(r->headers[i].name, S("Content-Type")))
			head_line(h, r->headers[i].name, r->headers[i].value);
	if (!bodyless(r->status) && r->kind != RESP_STREAM) {
		n = snprintf(number, sizeof(number), "%zu", r->buf.n);
		head_line(h, S("Content-Length"), str_n(number, (size_t)n));
	}
	head_put(h, S("\r\n"));
	if (h->full)
		return err_raise(c, ERR_INTERNAL, "the head exceeds %d bytes", RESP_MAX_HEAD_BYTES);
	return OK;
}

/* ---- the wire ------------------------------------------------------------------------------ */

/* Hands bytes on and counts them: the only place that does. */
static enum err
wire_put(struct ctx *c, struct req *q, struct str bytes, size_t head_bytes)
{
	if (bytes.n == 0)
		return OK;
	if (!q->io->write(q->io->self, bytes.p, bytes.n)) {
		q->facts->aborted = true;
		return err_raise(c, ERR_CLIENT_GONE, "after %llu bytes of the body",
			(unsigned long long)q->facts->body_bytes);
	}
	q->facts->head_bytes += head_bytes;
	q->facts->body_bytes += bytes.n - head_bytes;
	return OK;
}

/* Head and the first bytes of the body. That they travel together is the business of struct io. */
static enum err
wire_begin(struct ctx *c, struct req *q, struct resp *r, const struct head *h, struct str body)
{
	enum err err;

	r->sent = true;
	err = wire_put(c, q, str_n(h->p, h->n), h->n);
	if (err)
		return err;
	q->facts->status = r->status;
	return wire_put(c, q, body, 0);
}

/* The next piece, in memory that the pieces share. */
static enum err
stream_pull(struct ctx *c, struct resp *r, struct buf *chunk, bool *end)
{
	enum err err;

	chunk->n = 0;
	err = r->pull(c, r->pull_self, chunk, end);
	if (!err && chunk->failed)
		err = err_raise(c, ERR_MEMORY, "a piece exceeds memory or %d bytes", CHUNK_MAX);
	return err;
}

static enum err
stream_send(struct ctx *c, struct req *q, struct resp *r, const struct head *h)
{
	struct buf chunk;
	bool end = false;
	enum err err;

	buf_init(&chunk, &c->arena, CHUNK_MAX);
	err = stream_pull(c, r, &chunk, &end);
	if (!err)
		err = wire_begin(c, q, r, h, buf_str(&chunk));
	while (!err && !end) {
		err = stream_pull(c, r, &chunk, &end);
		if (!err)
			err = wire_put(c, q, buf_str(&chunk), 0);
	}
	return err;
}

enum err
resp_send(struct ctx *c, struct req *q, struct resp *r)
{
	bool body = q->method != METHOD_HEAD && !bodyless(r->status);
	struct head h;
	enum err err;

	assert(!r->sent);
	err = head_build(c, r, &h);
	if (err)
		return err;
	if (body && r->kind == RESP_STREAM)
		return stream_send(c, q, r, &h);
	return wire_begin(c, q, r, &h, body ? r->buf : (struct str){0});
}
