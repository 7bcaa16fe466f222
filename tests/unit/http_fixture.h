/*
 * A request without a front server: parameters as C strings, a transport that reads from memory and
 * writes to memory, in pieces of a chosen size, and breaks off where the test says.
 */
#ifndef UNIT_HTTP_FIXTURE_H
#define UNIT_HTTP_FIXTURE_H

#include "http/req.h"

/* cmocka wants these before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct memory_io {
	struct str body;      /* what the client sends */
	size_t piece;         /* bytes per read at most; 0: all that fit */
	size_t cut_at;        /* the client breaks off after so many bytes; 0: never */
	size_t read;          /* bytes read so far */
	char out[512 * 1024]; /* what was written */
	size_t written;
	unsigned writes;
	size_t write_max; /* the client is gone after so many bytes; 0: never */
};

struct http_fixture {
	struct ctx c;
	struct facts facts;
	struct memory_io memory;
	struct io io;
	struct pair params[400];
	size_t n;
	struct req q;
};

static inline ssize_t
memory_read(void *self, void *p, size_t n)
{
	struct memory_io *m = self;
	size_t left = m->body.n - m->read;

	if (m->cut_at > 0 && m->read >= m->cut_at)
		return -1;
	if (m->piece > 0 && n > m->piece)
		n = m->piece;
	if (n > left)
		n = left;
	if (n > 0)
		memcpy(p, m->body.p + m->read, n);
	m->read += n;
	return (ssize_t)n;
}

static inline bool
memory_write(void *self, const void *p, size_t n)
{
	struct memory_io *m = self;

	if (m->write_max > 0 && m->written + n > m->write_max)
		return false;
	assert_true(n <= sizeof(m->out) - m->written);
	memcpy(m->out + m->written, p, n);
	m->written += n;
	m->writes++;
	return true;
}

static inline void
param(struct http_fixture *f, const char *name, const char *value)
{
	assert_true(f->n < sizeof(f->params) / sizeof(f->params[0]));
	f->params[f->n++] = (struct pair){str_z(name), str_z(value)};
}

/* A request of that method and target, not yet parsed. arena_cap in bytes. */
static inline void
fixture_init(struct http_fixture *f, size_t arena_cap, const char *method, const char *target)
{
	memset(f, 0, sizeof(*f));
	ctx_init(&f->c, arena_cap);
	f->c.facts = &f->facts;
	f->io = (struct io){.self = &f->memory, .read = memory_read, .write = memory_write};
	if (method)
		param(f, "REQUEST_METHOD", method);
	if (target)
		param(f, "REQUEST_URI", target);
}

static inline enum err
fixture_parse(struct http_fixture *f)
{
	return req_parse(&f->c, &f->q, f->params, f->n, &f->io);
}

static inline void
fixture_fini(struct http_fixture *f)
{
	ctx_fini(&f->c);
}

/* Compares as C strings, so that a failure shows both. */
static inline void
assert_str(struct str s, const char *want)
{
	char text[9000];

	assert_true(s.n < sizeof(text));
	if (s.n > 0)
		memcpy(text, s.p, s.n);
	text[s.n] = '\0';
	assert_string_equal(text, want);
	assert_int_equal(s.n, strlen(want));
}

#define assert_absent(s) assert_null((s).p)

#endif
