/*
 * FastCGI records as bytes. Everything here reads hostile input: each length is compared with what
 * is left before it is used, and nothing depends on how the bytes were cut into reads.
 *
 * The walk from BEGIN_REQUEST to the end of PARAMS refuses everything that libfcgi would answer
 * wrongly: management records with content it delivers as parameters, GET_VALUES longer than the
 * three names it has room for, padding behind the end. No front server is known to send any of
 * these.
 */
#include "app/record.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

enum {
	BEGIN_CONTENT = 8,
	MANAGEMENT_MAX = 48	/* content of a GET_VALUES record: the three names we know */
};

bool
record_parse(const unsigned char *p, struct record *out)
{
	out->type = p[1];
	out->id = (unsigned)p[2] << 8 | p[3];
	out->content = (size_t)p[4] << 8 | p[5];
	out->padding = p[6];
	return p[0] == 1;
}

void
record_put(unsigned char *p, const struct record *r)
{
	p[0] = 1;
	p[1] = (unsigned char)r->type;
	p[2] = (unsigned char)(r->id >> 8);
	p[3] = (unsigned char)r->id;
	p[4] = (unsigned char)(r->content >> 8);
	p[5] = (unsigned char)r->content;
	p[6] = (unsigned char)r->padding;
	p[7] = 0;
}

void
record_put_end(unsigned char *p, unsigned id, enum record_state state)
{
	record_put(p, &(struct record){RECORD_END, id, 8, 0});
	memset(p + RECORD_HEADER, 0, 8);
	p[RECORD_HEADER + 4] = (unsigned char)state;
}

/* True for types that only an application may send, and for those that do not exist. */
static bool
is_foreign(const struct record *r)
{
	switch (r->type) {
	case RECORD_BEGIN:
	case RECORD_ABORT:
	case RECORD_PARAMS:
	case RECORD_STDIN:
	case RECORD_DATA:
		return r->id == 0;
	case RECORD_GET_VALUES:
		return r->id != 0;
	case RECORD_END:
	case RECORD_STDOUT:
	case RECORD_STDERR:
	case RECORD_GET_VALUES_RESULT:
	case RECORD_UNKNOWN:
		return true;
	default:
		/* A future management record is answered, a future stream is not understood. */
		return r->id != 0;
	}
}

/* What a record means for the request `id` whose parameters are being read. */
static enum record_look
look_inside(const struct record *r, unsigned id)
{
	if (r->id == 0)
		return r->type == RECORD_GET_VALUES && r->content <= MANAGEMENT_MAX ?
			RECORD_STRAY : RECORD_BROKEN;
	if (r->id != id)
		return RECORD_STRAY;
	/* libfcgi takes the padding of the record that ends the stream for the next record. */
	if (r->type != RECORD_PARAMS || (r->content == 0 && r->padding > 0))
		return RECORD_BROKEN;
	return r->content == 0 ? RECORD_READY : RECORD_STRAY;
}

/* The walk over a request's own records; p begins with its BEGIN_REQUEST. */
static enum record_look
look_request(const unsigned char *p, size_t n)
{
	struct record r;
	unsigned id = 0;

	for (size_t at = 0; n - at >= RECORD_HEADER;) {
		enum record_look look = RECORD_STRAY;

		if (!record_parse(p + at, &r) || is_foreign(&r))
			return RECORD_BROKEN;
		if (r.type == RECORD_BEGIN && r.content != BEGIN_CONTENT)
			return RECORD_BROKEN;
		if (at == 0)
			id = r.id;
		else
			look = look_inside(&r, id);
		if (look != RECORD_STRAY)
			return look;
		if (n - at - RECORD_HEADER < r.content + r.padding)
			break;
		at += RECORD_HEADER + r.content + r.padding;
	}
	return RECORD_PARTIAL;
}

enum record_look
record_look(const unsigned char *p, size_t n, size_t *take)
{
	enum record_look look = RECORD_PARTIAL;
	struct record r;
	size_t at = 0;

	while (n - at >= RECORD_HEADER) {
		if (!record_parse(p + at, &r) || is_foreign(&r)) {
			look = RECORD_BROKEN;
			break;
		}
		if (r.type == RECORD_BEGIN) {
			look = look_request(p + at, n - at);
			break;
		}
		if (n - at - RECORD_HEADER < r.content + r.padding)
			break;
		if (r.id == 0) {
			look = RECORD_MANAGEMENT;
			*take = RECORD_HEADER + r.content + r.padding;
			break;
		}
		at += RECORD_HEADER + r.content + r.padding;
	}
	if (at == 0)
		return look;
	*take = at;
	return RECORD_STRAY;
}

/* Reads a length of one or four bytes at *at, which moves on; false: it is not all there. */
static bool
read_length(const unsigned char *p, size_t n, size_t *at, size_t *out)
{
	const unsigned char *q = p + *at;

	if (n - *at < 1)
		return false;
	if (q[0] < 0x80) {
		*out = q[0];
		*at += 1;
		return true;
	}
	if (n - *at < 4)
		return false;
	*out = (size_t)(q[0] & 0x7f) << 24 | (size_t)q[1] << 16 | (size_t)q[2] << 8 | q[3];
	*at += 4;
	return true;
}

/* The value of a parameter among n bytes of pairs; NULL: it is not there, or not whole. */
static const unsigned char *
find_param(const unsigned char *p, size_t n, const char *wanted, size_t *value)
{
	size_t at = 0, name;

	while (read_length(p, n, &at, &name) && read_length(p, n, &at, value)) {
		if (name > n - at || *value > n - at - name)
			return NULL;
		if (name == strlen(wanted) && memcmp(p + at, wanted, name) == 0)
			return p + at + name;
		at += name + *value;
	}
	return NULL;
}

bool
record_reads(const unsigned char *p, size_t n)
{
	struct record r = {0};
	const unsigned char *method;
	size_t at = 0, length = 0;

	while (r.type != RECORD_PARAMS) {
		at += r.content + r.padding;
		if (at > n || n - at < RECORD_HEADER || !record_parse(p + at, &r))
			return true;
		at += RECORD_HEADER;
	}
	if (n - at < r.content)
		return true;
	method = find_param(p + at, r.content, "REQUEST_METHOD", &length);
	return !method || (length == 3 && memcmp(method, "GET", 3) == 0) ||
		(length == 4 && memcmp(method, "HEAD", 4) == 0);
}

/* Appends the value of a name we know, once each; returns the bytes written. */
static size_t
put_value(const unsigned char *name, size_t n, unsigned connections, unsigned *seen,
	unsigned char *out)
{
	static const char *const names[] = {"FCGI_MAX_CONNS", "FCGI_MAX_REQS", "FCGI_MPXS_CONNS"};
	char value[12];
	int length;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strlen(names[i]) != n || memcmp(names[i], name, n) != 0)
			continue;
		if ((*seen & 1U << i) != 0)
			return 0;
		*seen |= 1U << i;
		/* We do not multiplex: one request to a connection, so both numbers are one. */
		length = snprintf(value, sizeof(value), "%u", i == 2 ? 0 : connections);
		out[0] = (unsigned char)n;
		out[1] = (unsigned char)length;
		memcpy(out + 2, name, n);
		memcpy(out + 2 + n, value, (size_t)length);
		return 2 + n + (size_t)length;
	}
	return 0;
}

size_t
record_answer(const unsigned char *p, size_t n, unsigned connections, unsigned char *out)
{
	struct record r = {0};
	size_t at = 0, used = 0, name = 0, value = 0;
	unsigned seen = 0;

	assert(n >= RECORD_HEADER);
	assert(connections < 100000);
	if (!record_parse(p, &r) || r.id != 0 || n - RECORD_HEADER < r.content)
		return 0;
	if (r.type != RECORD_GET_VALUES) {
		record_put(out, &(struct record){RECORD_UNKNOWN, 0, 8, 0});
		memset(out + RECORD_HEADER, 0, 8);
		out[RECORD_HEADER] = (unsigned char)r.type;
		return RECORD_HEADER + 8;
	}
	p += RECORD_HEADER;
	while (at < r.content) {
		if (!read_length(p, r.content, &at, &name) ||
			!read_length(p, r.content, &at, &value))
			return 0;
		if (name > r.content - at || value > r.content - at - name)
			return 0;
		used += put_value(p + at, name, connections, &seen, out + RECORD_HEADER + used);
		at += name + value;
	}
	r = (struct record){RECORD_GET_VALUES_RESULT, 0, used, (8 - used % 8) % 8};
	record_put(out, &r);
	memset(out + RECORD_HEADER + used, 0, r.padding);
	return RECORD_HEADER + used + r.padding;
}
