/*
 * FastCGI records (FastCGI 1.0, sections 3 to 5) as bytes in memory: looking at what a peer has
 * sent before anything is read, and writing the records of an answer. No descriptor, no allocation.
 *
 * A connection is handed to libfcgi only when record_look() has seen the whole beginning of a
 * request, up to the end of its parameters. So a peer that sends nothing, or a byte now and then,
 * holds no thread; parameters have a limit; and what libfcgi does not survive (a long GET_VALUES
 * record overruns its 64 byte answer) never reaches it before the body.
 */
#ifndef APP_RECORD_H
#define APP_RECORD_H

#include <stdbool.h>
#include <stddef.h>

enum record_type {
	RECORD_BEGIN = 1,
	RECORD_ABORT,
	RECORD_END,
	RECORD_PARAMS,
	RECORD_STDIN,
	RECORD_STDOUT,
	RECORD_STDERR,
	RECORD_DATA,
	RECORD_GET_VALUES,
	RECORD_GET_VALUES_RESULT,
	RECORD_UNKNOWN
};

enum {
	RECORD_HEADER = 8,		/* bytes of a record's header */
	RECORD_END_BYTES = 16,		/* of an END_REQUEST record */
	RECORD_MAX_CONTENT = 65528,	/* largest content we send: a multiple of 8 below 64 KiB */
	RECORD_MAX_ANSWER = 80,		/* longest answer to a management record */
	RECORD_LOOK = 80 * 1024		/* bytes that must hold the beginning of any request */
};

/* Protocol states of END_REQUEST (section 5.5). */
enum record_state {
	RECORD_COMPLETE,
	RECORD_CANT_MULTIPLEX,
	RECORD_OVERLOADED,
	RECORD_UNKNOWN_ROLE
};

struct record {
	unsigned type;
	unsigned id;		/* 0 for management records */
	size_t content;		/* bytes */
	size_t padding;		/* bytes behind the content */
};

/* Reads a header of RECORD_HEADER bytes; false: not version 1. */
bool record_parse(const unsigned char *p, struct record *out);

/* Writes a header of RECORD_HEADER bytes. */
void record_put(unsigned char *p, const struct record *r);

/* Writes an END_REQUEST record of RECORD_END_BYTES bytes, application status 0. */
void record_put_end(unsigned char *p, unsigned id, enum record_state state);

enum record_look {
	RECORD_PARTIAL,		/* more bytes are needed to tell */
	RECORD_READY,		/* a request from BEGIN_REQUEST to the end of its parameters */
	RECORD_STRAY,		/* *take bytes of records for no active request: to be skipped */
	RECORD_MANAGEMENT,	/* *take bytes are one management record: record_answer() */
	RECORD_BROKEN		/* against the protocol: to be closed */
};

/*
 * Looks at the first n bytes that a peer has sent on a connection without an active request. *take
 * is set for RECORD_STRAY and RECORD_MANAGEMENT.
 */
enum record_look record_look(const unsigned char *p, size_t n, size_t *take);

/*
 * True if the request that p begins with, of which record_look() has said that it is ready, is a GET or a
 * HEAD, and if its method does not stand where all front servers have it, in the first record of parameters.
 */
bool record_reads(const unsigned char *p, size_t n);

/*
 * Answers a whole management record (section 4) into out, which has RECORD_MAX_ANSWER bytes:
 * GET_VALUES with those values we know, connections being how many we take; any other type with
 * UNKNOWN_TYPE. Returns the answer's bytes, 0 for a record that is against the protocol.
 */
size_t record_answer(const unsigned char *p, size_t n, unsigned connections, unsigned char *out);

#endif
