/*
 * The hand-over to libfcgi 2.4 and back. FCGX_Accept_r() on a request that already has a descriptor
 * reads from it and accepts nothing; what makes it so are fields that the library's header calls
 * private. They have not moved since 2001; the assertions below and tests/unit/test_app_fcgi.c hold
 * them in place.
 *
 *	keepConnection = 1	before FCGX_Accept_r(): its own Finish must not close what we set
 *	ipcFd = -1		after FCGX_Finish_r(): the descriptor is ours again
 *	wasFCloseCalled = 1	on the writers: Finish sends nothing, since we have sent it
 *
 * With listen_sock -1 a connection that breaks while libfcgi reads ends in accept(-1), so in
 * -EBADF.
 */
#include "app/fcgi.h"

#include "app/pace.h"
#include "app/record.h"
#include "base/mem.h"
#include "base/time.h"

#include <assert.h>
#include <errno.h>
#include <fcgiapp.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

_Static_assert(offsetof(FCGX_Request, requestId) == 0, "libfcgi: FCGX_Request has changed");
_Static_assert(offsetof(FCGX_Request, role) == sizeof(int), "libfcgi: FCGX_Request has changed");
_Static_assert(offsetof(FCGX_Request, ipcFd) == 2 * sizeof(int) + 5 * sizeof(void *),
	"libfcgi: FCGX_Request has changed");
_Static_assert(offsetof(FCGX_Request, keepConnection) ==
	offsetof(FCGX_Request, ipcFd) + 2 * sizeof(int), "libfcgi: FCGX_Request has changed");
_Static_assert(sizeof(FCGX_Request) == offsetof(FCGX_Request, ipcFd) + 8 * sizeof(int),
	"libfcgi: FCGX_Request has changed");
_Static_assert(offsetof(FCGX_Stream, wasFCloseCalled) == 4 * sizeof(void *) + 2 * sizeof(int),
	"libfcgi: FCGX_Stream has changed");

enum {
	ROLE_RESPONDER = 1,
	ROLE_AUTHORIZER = 2,
	FIRST_LOOK = 4096,		/* bytes that hold nearly every request's parameters */
	DRAIN_MAX = 256 * 1024,		/* bytes of a body read only to keep a connection */
	READ_TIMEOUT = 10 * 1000000,	/* us without a byte of a body */
	WRITE_TIMEOUT = 30 * 1000000,	/* us in which a peer takes nothing */
	LINGER = 1000000,		/* us that a peer still sending is heard at a close */
	LINGER_STEP = 200 * 1000,	/* us of silence that end it */
	PIECE_END = RECORD_HEADER + RECORD_END_BYTES	/* end of STDOUT, END_REQUEST */
};

struct fcgi {
	struct io io;
	FCGX_Request request;
	struct pace pace;	/* of the body at hand */
	unsigned connections;
	int fd;			/* of the request at hand; -1 between requests */
	int looked;		/* where fcgi_look() has just seen one; -1: nowhere */
	ssize_t cut;		/* the body ended before its end: IO_CUT or IO_LATE; else 0 */
	bool gone;		/* the peer takes no more */
	bool ended;		/* the whole answer has been sent */
	bool whole;		/* so has the body, when the answer ended */
	size_t held;		/* bytes of content in out, behind the room for a header */
	unsigned char out[RECORD_HEADER + RECORD_MAX_CONTENT + PIECE_END];
	unsigned char look[RECORD_LOOK];
};

/* ---- body and answer --------------------------------------------------------------------- */

/* True when the body has been read to its end and nothing of it is left. */
static bool
body_at_end(const FCGX_Stream *in)
{
	return in->isClosed && in->rdNext == in->stop;
}

static void
io_pace(void *self, bool grow)
{
	struct fcgi *f = self;

	pace_begin(&f->pace, time_mono_us(), grow);
}

/* One fill of the empty buffer, so that a peer that drips is seen between two of them. */
static int
fill(struct fcgi *f)
{
	FCGX_Stream *in = f->request.in;
	int ch, e;

	if (!in->isClosed && pace_over(&f->pace, time_mono_us())) {
		f->cut = IO_LATE;
		return EOF;
	}
	ch = FCGX_GetChar(in);
	e = FCGX_GetError(in);
	if (ch == EOF && e == EAGAIN)	/* SO_RCVTIMEO */
		f->cut = IO_LATE;
	else if (ch == EOF && (!in->isClosed || e != 0))
		f->cut = IO_CUT;
	return ch;
}

static ssize_t
io_read(void *self, void *p, size_t n)
{
	struct fcgi *f = self;
	FCGX_Stream *in = f->request.in;
	unsigned char *to = p;
	size_t got = 0, there;
	int ch;

	if (n == 0 || f->cut)
		return f->cut;
	if (in->rdNext == in->stop) {
		ch = fill(f);
		if (ch == EOF)
			return f->cut;
		to[got++] = (unsigned char)ch;
	}
	there = (size_t)(in->stop - in->rdNext);
	if (there > n - got)
		there = n - got;
	if (there > 0)
		got += (size_t)FCGX_GetStr((char *)to + got, (int)there, in);
	pace_count(&f->pace, got);
	return (ssize_t)got;
}

/* Sends n bytes of out, all of them or the peer has gone. */
static void
send_out(struct fcgi *f, size_t n)
{
	const unsigned char *p = f->out;

	while (n > 0 && !f->gone) {
		ssize_t sent = send(f->fd, p, n, MSG_NOSIGNAL);

		if (sent > 0) {
			p += sent;
			n -= (size_t)sent;
		} else if (errno != EINTR) {
			f->gone = true;
		}
	}
}

/* Turns the content held into a STDOUT record; returns its bytes, 0 for none. */
static size_t
close_record(struct fcgi *f)
{
	struct record r = {RECORD_STDOUT, (unsigned)f->request.requestId, f->held,
		(8 - f->held % 8) % 8};

	if (f->held == 0)
		return 0;
	record_put(f->out, &r);
	memset(f->out + RECORD_HEADER + f->held, 0, r.padding);
	f->held = 0;
	return RECORD_HEADER + r.content + r.padding;
}

static bool
io_write(void *self, const void *p, size_t n)
{
	struct fcgi *f = self;
	const unsigned char *from = p;

	while (n > 0 && !f->gone) {
		size_t part = RECORD_MAX_CONTENT - f->held;

		if (part == 0) {
			send_out(f, close_record(f));
			continue;
		}
		if (part > n)
			part = n;
		memcpy(f->out + RECORD_HEADER + f->held, from, part);
		f->held += part;
		from += part;
		n -= part;
	}
	return !f->gone;
}

static void
set_timeout(int fd, int which, int64_t us)
{
	struct timeval tv = {.tv_sec = us / 1000000, .tv_usec = us % 1000000};

	/* Fails only for something that is not a socket. */
	(void)setsockopt(fd, SOL_SOCKET, which, &tv, sizeof(tv));
}

/* Reads a rest of the body, of bounded length and without patience; true: it is at its end. */
static bool
drain(struct fcgi *f)
{
	int64_t end = time_mono_us() + LINGER_STEP;
	char trash[4096];
	size_t total = 0;
	ssize_t n;

	if (body_at_end(f->request.in) || f->gone || f->cut)
		return !f->cut && !f->gone;
	set_timeout(f->fd, SO_RCVTIMEO, LINGER_STEP);
	do {
		n = io_read(f, trash, sizeof(trash));
		if (n > 0)
			total += (size_t)n;
	} while (n > 0 && total < DRAIN_MAX && time_mono_us() < end);
	set_timeout(f->fd, SO_RCVTIMEO, READ_TIMEOUT);
	return n == 0;
}

/*
 * Sends what is held, the end of STDOUT and END_REQUEST in one piece. A body that has not come to
 * its end is given a moment before END_REQUEST: after it the peer takes the connection for free, and
 * Apache would write its next request into one that is about to be closed (and tell its client 200,
 * with nothing). If the rest is still on its way, the close is announced in the same breath.
 */
static bool
io_end(void *self)
{
	struct fcgi *f = self;
	struct record end = {RECORD_STDOUT, (unsigned)f->request.requestId, 0, 0};
	size_t n;

	if (f->ended)
		return !f->gone;
	n = close_record(f);
	if (!body_at_end(f->request.in)) {
		send_out(f, n);
		n = 0;
	}
	f->whole = drain(f);
	record_put(f->out + n, &end);
	record_put_end(f->out + n + RECORD_HEADER, end.id, RECORD_COMPLETE);
	send_out(f, n + PIECE_END);
	if (!f->whole)
		(void)shutdown(f->fd, SHUT_WR);
	f->ended = true;
	return !f->gone;
}

struct io *
fcgi_io(struct fcgi *f)
{
	return &f->io;
}

/* ---- life -------------------------------------------------------------------------------- */

enum err
fcgi_init(struct ctx *c)
{
	int e = FCGX_Init();

	return e == 0 ? OK : err_raise(c, ERR_INTERNAL, "FCGX_Init: %d", e);
}

enum err
fcgi_new(struct ctx *c, int64_t request_timeout, unsigned connections, struct fcgi **out)
{
	struct fcgi *f = mem_alloc(sizeof(*f));
	enum err err = OK;

	*out = NULL;
	if (!f)
		return err_memory(c);
	f->io = (struct io){f, io_read, io_pace, io_write, io_end};
	f->pace.time = request_timeout;
	f->connections = connections;
	f->fd = f->looked = -1;
	if (FCGX_InitRequest(&f->request, -1, 0) != 0) {
		mem_free(f);
		err = err_raise(c, ERR_INTERNAL, "FCGX_InitRequest: called before fcgi_init()");
	} else {
		/* It begins as 0: as a descriptor, that is standard input. */
		f->request.ipcFd = -1;
		*out = f;
	}
	return err;
}

void
fcgi_free(struct fcgi *f)
{
	if (!f)
		return;
	assert(f->fd < 0);
	mem_free(f);
}

/* ---- beginning --------------------------------------------------------------------------- */

/* Takes n bytes off the connection, which are there. */
static bool
skip(struct fcgi *f, int fd, size_t n)
{
	return recv(fd, f->look, n, MSG_DONTWAIT) == (ssize_t)n;
}

/* Takes a management record of n bytes off the connection and answers it. */
static bool
manage(struct fcgi *f, int fd, size_t n)
{
	unsigned char answer[RECORD_MAX_ANSWER];
	size_t size = record_answer(f->look, n, f->connections, answer);

	return size > 0 && skip(f, fd, n) &&
		send(fd, answer, size, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)size;
}

/* Looks until there is a whole beginning of a request; *reads is told of such. Does not close fd. */
static enum fcgi_begin
look(struct fcgi *f, int fd, bool *reads)
{
	size_t window = FIRST_LOOK, take = 0;

	for (;;) {
		ssize_t n = recv(fd, f->look, window, MSG_PEEK | MSG_DONTWAIT);

		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return FCGI_SILENT;
		if (n <= 0)
			return FCGI_CLOSED;
		switch (record_look(f->look, (size_t)n, &take)) {
		case RECORD_READY:
			*reads = record_reads(f->look, (size_t)n);
			return FCGI_REQUEST;
		case RECORD_STRAY:
			if (!skip(f, fd, take))
				return FCGI_CLOSED;
			break;
		case RECORD_MANAGEMENT:
			if (!manage(f, fd, take))
				return FCGI_CLOSED;
			break;
		case RECORD_PARTIAL:
			if ((size_t)n < window)
				return FCGI_PARTIAL;
			if (window == RECORD_LOOK)
				return FCGI_CLOSED;
			window = RECORD_LOOK;
			break;
		case RECORD_BROKEN:
			return FCGI_CLOSED;
		}
	}
}

enum fcgi_begin
fcgi_look(struct fcgi *f, int fd, bool *reads)
{
	enum fcgi_begin begin = look(f, fd, reads);

	f->looked = begin == FCGI_REQUEST ? fd : -1;
	if (begin == FCGI_CLOSED)
		(void)close(fd);
	return begin;
}

/* Copies libfcgi's "NAME=value" texts into c's arena, without FCGI_ROLE which it made up. */
static enum err
copy_params(struct ctx *c, char **envp, struct pair **params, size_t *n)
{
	struct pair *pairs;
	size_t count = 0;

	while (count <= REQ_MAX_PARAMS + 1 && envp[count])
		count++;
	pairs = ctx_calloc(c, count + 1, sizeof(*pairs));
	if (!pairs)
		return ERR_MEMORY;
	*n = 0;
	for (size_t i = 0; i < count && *n <= REQ_MAX_PARAMS; i++) {
		struct str text = str_z(envp[i]), copy;
		size_t equals = str_find(text, '=', 0);

		/* No "=": the name holds a NUL, which cut the text; nobody's does. */
		if (equals == text.n || (i == 0 && str_starts(text, S("FCGI_ROLE="))))
			continue;
		if (ctx_str(c, text, &copy) != OK)
			return ERR_MEMORY;
		pairs[*n].name = str_sub(copy, 0, equals);
		pairs[*n].value = str_sub(copy, equals + 1, copy.n);
		*n += 1;
	}
	*params = pairs;
	return OK;
}

/* Has libfcgi forget the request; the descriptor stays open and is the caller's. */
static int
forget(struct fcgi *f)
{
	int fd = f->fd;

	FCGX_ClearError(f->request.in);
	f->request.out->wasFCloseCalled = 1;
	f->request.err->wasFCloseCalled = 1;
	f->request.keepConnection = 1;
	FCGX_Finish_r(&f->request);
	assert(f->request.ipcFd == fd);
	f->request.ipcFd = -1;
	f->fd = -1;
	f->held = 0;
	f->cut = 0;
	f->gone = f->ended = f->whole = false;
	return fd;
}

/* Ends a request without anybody above having seen it. */
static enum fcgi_begin
refuse(struct fcgi *f, enum record_state state)
{
	/* An authorizer sends no body, which would have to be read: the next request can follow. */
	bool keep = f->request.role == ROLE_AUTHORIZER && f->request.keepConnection;
	int fd;

	record_put_end(f->out, (unsigned)f->request.requestId, state);
	send_out(f, RECORD_END_BYTES);
	keep = keep && !f->gone;
	fd = forget(f);
	if (keep)
		return FCGI_SILENT;
	(void)close(fd);
	return FCGI_CLOSED;
}

enum fcgi_begin
fcgi_begin(struct fcgi *f, struct ctx *c, int fd, struct pair **params, size_t *n)
{
	bool reads;
	enum fcgi_begin begin = f->looked == fd && fd >= 0 ? FCGI_REQUEST : fcgi_look(f, fd, &reads);

	assert(f->fd < 0);
	f->looked = -1;
	if (begin != FCGI_REQUEST)
		return begin;
	f->request.ipcFd = fd;
	f->request.keepConnection = 1;
	if (FCGX_Accept_r(&f->request) != 0) {
		f->request.ipcFd = -1;
		return FCGI_CLOSED;
	}
	f->fd = fd;
	pace_begin(&f->pace, time_mono_us(), false);
	if (f->request.role != ROLE_RESPONDER)
		return refuse(f, RECORD_UNKNOWN_ROLE);
	if (copy_params(c, f->request.envp, params, n) != OK)
		return refuse(f, RECORD_OVERLOADED);
	return FCGI_REQUEST;
}

/* ---- end --------------------------------------------------------------------------------- */

void
fcgi_socket(int fd)
{
	set_timeout(fd, SO_RCVTIMEO, READ_TIMEOUT);
	set_timeout(fd, SO_SNDTIMEO, WRITE_TIMEOUT);
}

/* Closes while the peer may still be sending: a reset might cost it the answer it has not read. */
static void
close_gently(int fd)
{
	char trash[4096];
	int64_t end = time_mono_us() + LINGER;

	set_timeout(fd, SO_RCVTIMEO, LINGER_STEP);
	if (shutdown(fd, SHUT_WR) == 0)
		while (recv(fd, trash, sizeof(trash), 0) > 0 && time_mono_us() < end)
			;
	(void)close(fd);
}

bool
fcgi_finish(struct fcgi *f)
{
	bool keep = f->request.keepConnection != 0, gone, whole;
	int fd;

	assert(f->fd >= 0);
	(void)io_end(f);
	whole = f->whole;
	gone = f->gone;
	fd = forget(f);
	if (keep && whole)
		return true;
	if (whole || gone)
		(void)close(fd);
	else
		close_gently(fd);
	return false;
}
