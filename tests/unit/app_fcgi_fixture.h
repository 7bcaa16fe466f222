/*
 * A connection to struct fcgi, and both ends of it in the test's hands.
 */
#ifndef UNIT_APP_FCGI_FIXTURE_H
#define UNIT_APP_FCGI_FIXTURE_H

#include "app_fixture.h"

#include "app/fcgi.h"
#include "app/record.h"
#include "base/time.h"
#include "core/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>

enum { TIMEOUT_US = 20 * 1000000 };

struct fixture {
	struct ctx ctx;
	struct fcgi *fcgi;
	int ours, theirs;	/* the two ends */
	struct pair *params;
	size_t n;
};

static struct wire wire;
static struct answer reply;

static inline int
set_up(void **state)
{
	static struct fixture f;
	int fds[2];

	ctx_init(&f.ctx, 4 << 20);
	proc_signal_ignore_pipe();
	if (proc_setenv_library(&f.ctx) != OK || fcgi_init(&f.ctx) != OK ||
		fcgi_new(&f.ctx, TIMEOUT_US, 100, &f.fcgi) != OK)
		return -1;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0)
		return -1;
	f.ours = fds[0];
	f.theirs = fds[1];
	fcgi_socket(f.ours);
	fcgi_socket(f.theirs);
	wire.n = 0;
	*state = &f;
	return 0;
}

static inline int
tear_down(void **state)
{
	struct fixture *f = *state;

	fcgi_free(f->fcgi);
	if (f->ours >= 0)
		(void)close(f->ours);
	if (f->theirs >= 0)
		(void)close(f->theirs);
	ctx_fini(&f->ctx);
	return 0;
}

static inline enum fcgi_begin
begin(struct fixture *f)
{
	enum fcgi_begin b = fcgi_begin(f->fcgi, &f->ctx, f->ours, &f->params, &f->n);

	if (b == FCGI_CLOSED) {
		assert_int_equal(fcntl(f->ours, F_GETFD), -1);
		f->ours = -1;
	}
	return b;
}

static inline bool
finish(struct fixture *f)
{
	bool kept = fcgi_finish(f->fcgi);

	if (!kept) {
		assert_int_equal(fcntl(f->ours, F_GETFD), -1);
		f->ours = -1;
	}
	ctx_reset(&f->ctx);
	return kept;
}

static inline bool
put(struct fixture *f, const char *text)
{
	struct io *io = fcgi_io(f->fcgi);

	return io->write(io->self, text, strlen(text));
}

static inline ssize_t
get(struct fixture *f, char *p, size_t n)
{
	struct io *io = fcgi_io(f->fcgi);

	return io->read(io->self, p, n);
}

/* Reads a body to its end; its length, -1 if it broke off. */
static inline ssize_t
get_all(struct fixture *f, char *p, size_t n)
{
	size_t got = 0;
	ssize_t r;

	do {
		r = get(f, p + got, n - got);
		got += r > 0 ? (size_t)r : 0;
	} while (r > 0);
	return r < 0 ? -1 : (ssize_t)got;
}

static inline void
assert_param(const struct fixture *f, size_t i, const char *name, const char *value)
{
	assert_true(i < f->n);
	assert_true(str_eq(f->params[i].name, str_z(name)));
	assert_true(str_eq(f->params[i].value, str_z(value)));
}

#endif
