/*
 * Reading the body: through one function that counts every byte into the facts, under a limit that
 * is checked before memory is taken, to the end of the stream. A body that is shorter than
 * announced was cut on its way and is never handed out; one that is longer is a lie about its
 * length.
 */
#include "http/req.h"

enum { FIRST_ROOM = 16 * 1024, DRAIN_CHUNK = 16 * 1024 };

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
	ssize_t got;

	while (!err && (got = body_read(q, b->p + b->n, b->room - b->n)) > 0) {
		b->n += (size_t)got;
		if (b->n > b->most && q->content_length >= 0)
			return err_raise(c, ERR_BAD_REQUEST, "the body is longer than announced");
		if (b->n > b->most)
			return err_raise(
				c, ERR_BODY_TOO_LARGE, "the body exceeds %zu bytes", b->most);
		if (b->n == b->room)
			err = body_grow(c, b, b->room * 2);
	}
	if (!err && got < 0)
		return err_raise(
			c, ERR_BODY_INCOMPLETE, "the client broke off after %zu bytes", b->n);
	return err;
}

enum err
req_body(struct ctx *c, struct req *q, struct str *out)
{
	bool announced = q->content_length >= 0;
	struct body b = {.most = q->body_limit};
	enum err err;

	if (q->body.p) {
		*out = q->body;
		return OK;
	}
	if (q->body_done)
		return err_raise(c, ERR_BODY_INCOMPLETE, "the body is gone");
	if (announced && (uint64_t)q->content_length > q->body_limit)
		return err_raise(c, ERR_BODY_TOO_LARGE, "a body of %lld bytes, where %zu may come",
			(long long)q->content_length, q->body_limit);
	if (announced)
		b.most = (size_t)q->content_length;
	err = body_grow(c, &b, announced ? b.most + 1 : FIRST_ROOM);
	if (!err)
		err = body_fill(c, q, &b);
	if (err)
		return err;
	if (announced && b.n < b.most)
		return err_raise(c, ERR_BODY_INCOMPLETE, "%zu of %zu bytes came", b.n, b.most);
	b.p[b.n] = '\0';
	*out = q->body = str_n(b.p, b.n);
	return OK;
}

bool
req_drain(struct req *q)
{
	char chunk[DRAIN_CHUNK];
	size_t left = REQ_MAX_DRAIN;

	while (!q->body_done && left > 0) {
		ssize_t got = body_read(q, chunk, left < sizeof(chunk) ? left : sizeof(chunk));

		if (got < 0)
			return false;
		left -= (size_t)got;
	}
	return q->body_done;
}
