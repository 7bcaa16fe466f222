/*
 * A front server's half of FastCGI, for tests that speak to ours: records are put together by hand,
 * byte for byte, so that the code under test never checks itself.
 */
#ifndef UNIT_APP_FIXTURE_H
#define UNIT_APP_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Bytes to be sent. */
struct wire {
	unsigned char p[256 * 1024];
	size_t n;
};

static inline void
wire_bytes(struct wire *w, const void *p, size_t n)
{
	assert_true(n <= sizeof(w->p) - w->n);
	memcpy(w->p + w->n, p, n);
	w->n += n;
}

static inline void
wire_record(struct wire *w, int type, int id, const void *content, size_t n, size_t padding)
{
	const unsigned char head[8] = {1, (unsigned char)type, (unsigned char)(id >> 8), (unsigned char)id,
		(unsigned char)(n >> 8), (unsigned char)n, (unsigned char)padding, 0};
	static const unsigned char zeros[255];

	wire_bytes(w, head, 8);
	if (n > 0)
		wire_bytes(w, content, n);
	wire_bytes(w, zeros, padding);
}

static inline void
wire_begin(struct wire *w, int id, int role, bool keep)
{
	const unsigned char body[8] = {0, (unsigned char)role, keep};

	wire_record(w, 1, id, body, 8, 0);
}

/* A pair, with lengths of four bytes where long_form or the number asks for it. */
static inline size_t
wire_pair(unsigned char *p, const char *name, const char *value, bool long_form)
{
	size_t lengths[2] = {strlen(name), strlen(value)}, n = 0;

	for (int i = 0; i < 2; i++) {
		if (lengths[i] > 127 || long_form) {
			p[n++] = (unsigned char)(0x80 | lengths[i] >> 24);
			p[n++] = (unsigned char)(lengths[i] >> 16);
			p[n++] = (unsigned char)(lengths[i] >> 8);
		}
		p[n++] = (unsigned char)lengths[i];
	}
	memcpy(p + n, name, lengths[0]);
	memcpy(p + n + lengths[0], value, lengths[1]);
	return n + lengths[0] + lengths[1];
}

/* A whole request without a body, of one parameter. */
static inline void
wire_get(struct wire *w, int id, bool keep, const char *uri)
{
	unsigned char pair[1024];
	size_t n = wire_pair(pair, "REQUEST_URI", uri, false);

	wire_begin(w, id, 1, keep);
	wire_record(w, 4, id, pair, n, 0);
	wire_record(w, 4, id, NULL, 0, 0);
	wire_record(w, 5, id, NULL, 0, 0);
}

static inline void
wire_send(struct wire *w, int fd)
{
	assert_int_equal(send(fd, w->p, w->n, MSG_NOSIGNAL), w->n);
	w->n = 0;
}

/* What came back. */
struct answer {
	unsigned char out[512 * 1024];	/* content of STDOUT records */
	size_t n;
	int id;				/* of the last record */
	bool stdout_ended;
	bool ended;			/* END_REQUEST has come */
	int state;			/* its protocolStatus */
	bool closed;			/* the connection came to its end */
};

static inline bool
answer_take(int fd, void *p, size_t n)
{
	return n == 0 || recv(fd, p, n, MSG_WAITALL) == (ssize_t)n;
}

/* Reads records until END_REQUEST or the end of the connection. */
static inline void
answer_read(int fd, struct answer *a)
{
	unsigned char head[8], body[65536 + 256];

	memset(a, 0, sizeof(*a));
	while (!a->ended) {
		size_t n;

		if (!answer_take(fd, head, 8)) {
			a->closed = true;
			return;
		}
		assert_int_equal(head[0], 1);
		assert_int_equal(head[7], 0);
		n = (size_t)head[4] << 8 | head[5];
		assert_true(answer_take(fd, body, n + head[6]));
		assert_int_equal((n + head[6]) % 8, 0);
		a->id = head[2] << 8 | head[3];
		if (head[1] == 6 && n == 0) {
			a->stdout_ended = true;
		} else if (head[1] == 6) {
			assert_false(a->stdout_ended);
			assert_true(n <= sizeof(a->out) - a->n);
			memcpy(a->out + a->n, body, n);
			a->n += n;
		} else {
			assert_int_equal(head[1], 3);
			assert_int_equal(n, 8);
			a->ended = true;
			a->state = body[4];
		}
	}
}

#endif
