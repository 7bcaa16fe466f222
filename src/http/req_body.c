/*
 * Reading the body: through one function that counts every byte into the facts, under a limit that
 * is checked before memory is taken, to the end of the stream. A body that is shorter than
 * announced was cut on its way and is never handed out; one that is longer is a lie about its
 * length. Who takes a body in pieces is told of both at its end.
 */
#include "http/req.h"

enum { FIRST_ROOM = 16 * 1024, DRAIN_CHUNK = 2 * 1024, STREAM_CHUNK = 64 * 1024 };

static ssize_t
body_read(struct req *q, void *p, size_t n)
{
	ssize_t got = q->io->read(q->io->self, p, n);

	if (got > 0)
		q->facts->request_bytes += (uint64_t)got;
	if (got == 0)
		q->body_done = true;
	return got;
}

/* How many bytes may come: as many as announced, or the limit. */
static enum err
body_most(struct ctx *c, const struct req *q, size_t *most)
{
	if (q->body_done)
		return err_raise(c, ERR_BODY_INCOMPLETE, "the body is gone");
	if (q->content_length >= 0 && (uint64_t)q->content_length > q->body_limit)
		return err_raise(c, ERR_BODY_TOO_LARGE, "a body of %lld bytes, where %zu may come",
			(long long)q->content_length, q->body_limit);
	*most = q->content_length >= 0 ? (size_t)q->content_length : q->body_limit;
	return OK;
}

/* After n bytes have come. */
static enum err
body_count(struct ctx *c, const struct req *q, size_t n, size_t most)
{
	if (n <= most)
		return OK;
	if (q->content_length >= 0)
		return err_raise(c, ERR_BAD_REQUEST, "the body is longer than announced");
	return err_raise(c, ERR_BODY_TOO_LARGE, "the body exceeds %zu bytes", most);
}

/* After n bytes, with what the last read gave: the end, or a client that broke off. */
static enum err
body_end(struct ctx *c, const struct req *q, size_t n, ssize_t got)
{
	if (got == IO_LATE)
		return err_raise(c, ERR_BODY_SLOW, "no more than %zu bytes came in time", n);
	if (got < 0)
		return err_raise(c, ERR_BODY_INCOMPLETE, "the client broke off after %zu bytes", n);
	if (q->content_length >= 0 && n < (size_t)q->content_length)
		return err_raise(c, ERR_BODY_INCOMPLETE, "%zu of %lld bytes came", n,
			(long long)q->content_length);
	return OK;
}

/* A body under construction: there is always room for one byte more than there is. */
struct body {
	char *p;
	size_t n;
	size_t room;
	size_t most; /* bytes it may come to */
};

static enum err
body_grow(struct ctx *c, struct body *b, size_t room)
{
	size_t enough = b->most + 1;
	char *p;

	if (room > enough)
		room = enough;
	p = ctx_alloc(c, room);
	if (!p)
		return ERR_MEMORY;
	if (b->n > 0)
		memcpy(p, b->p, b->n);
	b->p = p;
	b->room = room;
	return OK;
}

static enum err
body_fill(struct ctx *c, struct req *q, struct body *b)
{
	enum err err = OK;
	ssize_t got = 0;

	while (!err && (got = body_read(q, b->p + b->n, b->room - b->n)) > 0) {
		b->n += (size_t)got;
		err = body_count(c, q, b->n, b->most);
		if (!err && b->n == b->room)
			err = body_grow(c, b, b->room * 2);
	}
	return err ? err : body_end(c, q, b->n, got);
}

enum err
req_body(struct ctx *c, struct req *q, struct str *out)
{
	struct body b = {0};
	enum err err;

	if (q->body.p) {
		*out = q->body;
		return OK;
	}
	err = body_most(c, q, &b.most);
	if (!err)
		err = body_grow(c, &b, q->content_length >= 0 ? b.most + 1 : FIRST_ROOM);
	if (!err)
		err = body_fill(c, q, &b);
	if (err)
		return err;
	b.p[b.n] = '\0';
	*out = q->body = str_n(b.p, b.n);
	return OK;
}

static void
pace(struct req *q, bool grow)
{
	if (q->io->pace)
		q->io->pace(q->io->self, grow);
}

enum err
req_stream(struct ctx *c, struct req *q, req_sink *sink, void *self)
{
	size_t n = 0, most;
	ssize_t got = 0;
	char *chunk;
	enum err err = body_most(c, q, &most);

	if (err)
		return err;
	chunk = ctx_alloc(c, STREAM_CHUNK);
	if (!chunk)
		return ERR_MEMORY;
	pace(q, q->body_patient);
	while (!err && (got = body_read(q, chunk, STREAM_CHUNK)) > 0) {
		n += (size_t)got;
		err = body_count(c, q, n, most);
		if (!err)
			err = sink(c, self, str_n(chunk, (size_t)got));
	}
	pace(q, false);
	return err ? err : body_end(c, q, n, got);
}

bool
req_drain(struct req *q)
{
	char chunk[DRAIN_CHUNK];
	size_t left = q->body_limit > REQ_MAX_DRAIN ? q->body_limit : REQ_MAX_DRAIN;

	while (!q->body_done && !q->body_refused && left > 0) {
		ssize_t got = body_read(q, chunk, left < sizeof(chunk) ? left : sizeof(chunk));

		if (got < 0)
			return false;
		left -= (size_t)got;
	}
	return q->body_done;
}
