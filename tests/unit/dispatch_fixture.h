/*
 * A listening socket and what is dispatched from it, for tests of who reads from which connection.
 */
#ifndef UNIT_DISPATCH_FIXTURE_H
#define UNIT_DISPATCH_FIXTURE_H

#include "app_fixture.h"

#include "app/dispatch.h"
#include "base/time.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/un.h>

enum { SECOND = 1000000, SPARE = 30 };

struct fixture {
	struct ctx ctx;
	char dir[64];
	struct sockaddr_un address;
	int listen_fd;
	struct dispatch *d;
};

static inline int
set_up(void **state)
{
	static struct fixture f;

	ctx_init(&f.ctx, 1 << 20);
	(void)snprintf(f.dir, sizeof(f.dir), "/tmp/sp-dispatch-XXXXXX");
	if (!mkdtemp(f.dir))
		return -1;
	f.address = (struct sockaddr_un){.sun_family = AF_UNIX};
	(void)snprintf(f.address.sun_path, sizeof(f.address.sun_path), "%s/s", f.dir);
	f.listen_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (bind(f.listen_fd, (struct sockaddr *)&f.address, sizeof(f.address)) != 0 ||
		listen(f.listen_fd, 128) != 0)
		return -1;
	*state = &f;
	return dispatch_new(&f.ctx, f.listen_fd, SPARE, NULL, &f.d) == OK ? 0 : -1;
}

static inline int
tear_down(void **state)
{
	struct fixture *f = *state;

	dispatch_free(f->d);
	(void)close(f->listen_fd);
	(void)unlink(f->address.sun_path);
	(void)rmdir(f->dir);
	ctx_fini(&f->ctx);
	return 0;
}

static inline int
dial(const struct fixture *f)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (const struct sockaddr *)&f->address, sizeof(f->address)), 0);
	return fd;
}

static inline void
say(int fd, char ch)
{
	assert_int_equal(send(fd, &ch, 1, MSG_NOSIGNAL), 1);
}

static inline char
hear(int fd)
{
	char ch = 0;

	assert_int_equal(recv(fd, &ch, 1, MSG_DONTWAIT), 1);
	return ch;
}

/* True if the other end has been closed. */
static inline bool
is_closed(int fd)
{
	struct pollfd pfd = {.fd = fd, .events = POLLIN};

	return poll(&pfd, 1, 0) == 1 && (pfd.revents & POLLHUP) != 0;
}

/* dispatch_next() when nothing is to come must wait; a thread that is told to end shows it. */
static inline void
assert_nothing_next(struct fixture *f)
{
	dispatch_end(f->d);
	assert_int_equal(dispatch_next(f->d), -1);
}

/* Accepts one more connection and parks it without a request. */
static inline int
park(struct fixture *f)
{
	int theirs = dial(f), ours = dispatch_next(f->d);

	assert_true(ours >= 0);
	dispatch_wait(f->d, ours, false);
	return theirs;
}

#endif
