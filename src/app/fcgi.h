/*
 * The only file that knows libfcgi. It takes a connection that was accepted elsewhere (dispatch.h),
 * has libfcgi read one request from it, and gives the connection back:
 *
 *	fcgi_begin -> { fcgi_io()->read, fcgi_io()->write ... } -> fcgi_finish
 *
 * libfcgi parses the parameters and the body. The answer's records are written here: in pieces of
 * 64 KiB, the last one together with END_REQUEST in one send(2), and with every short write and
 * timeout seen (libfcgi takes a short write for a whole one and would go on in mid-record).
 *
 * One struct fcgi per thread. The descriptor belongs to it from fcgi_begin() returning FCGI_REQUEST
 * until fcgi_finish().
 */
#ifndef APP_FCGI_H
#define APP_FCGI_H

#include "base/ctx.h"
#include "http/req.h"

struct fcgi;

/* Once per process, after its signals are set up and before fcgi_new(). ERR_INTERNAL. */
MUST enum err fcgi_init(struct ctx *c);

/*
 * Heap; fcgi_free(). request_timeout: microseconds in which a body must have arrived; connections:
 * how many the process takes, which is what a front server is told when it asks.
 */
MUST enum err fcgi_new(struct ctx *c, int64_t request_timeout, unsigned connections,
	struct fcgi **out);

/* NULL is fine. No request may be open. */
void fcgi_free(struct fcgi *f);

/* Sets the time limits of a socket that has just been accepted. */
void fcgi_socket(int fd);

enum fcgi_begin {
	FCGI_REQUEST,	/* there is a request: its parameters are there */
	FCGI_SILENT,	/* nothing has been sent; the descriptor is the caller's again */
	FCGI_PARTIAL,	/* the same, but a part of a request is waiting to be completed */
	FCGI_CLOSED	/* peer gone, protocol broken or a role we do not play: fd is closed */
};

/*
 * Says what fcgi_begin() would, which may follow and does not look again, and of a request whether it only
 * reads. Takes nothing of a request off the connection, so fd can be left to others after FCGI_REQUEST.
 */
enum fcgi_begin fcgi_look(struct fcgi *f, int fd, bool *reads);

/*
 * Begins the next request on fd, a blocking stream socket that has been through fcgi_socket().
 * Never waits. The parameters are copied into c's arena, names and values NUL-terminated: at most
 * REQ_MAX_PARAMS + 1 of them, so that whoever counts can see that there were too many.
 */
enum fcgi_begin fcgi_begin(struct fcgi *f, struct ctx *c, int fd, struct pair **params, size_t *n);

/*
 * Body and answer of the request at hand. read() gives what is there, waiting for at least a byte;
 * IO_CUT when the peer broke off or aborted, IO_LATE when it was silent for 10 s or took longer than
 * request_timeout. Under pace() there is a second more for each 500 bytes that come, as the front
 * servers ask of clients, but in all no more than an hour; after it, request_timeout anew. write()
 * keeps up to 64 KiB back; false when the peer has gone or has taken nothing for 30 s.
 */
struct io *fcgi_io(struct fcgi *f);

/*
 * Ends the request: sends what was kept back and END_REQUEST, reads a bounded rest of the body.
 * True: fd is still open and the caller's, a next request may come. False: it is closed.
 */
bool fcgi_finish(struct fcgi *f);

#endif
