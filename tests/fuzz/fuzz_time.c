/*
 * Dates from clients, RFC 3339 and HTTP: a moment that is read lies in the years with four digits,
 * and written out it is read again as the same.
 */
#include "base/time.h"

#include "fuzz.h"

#include <assert.h>
#include <stdlib.h>

static void
rfc3339(struct ctx *c, struct str s)
{
	int64_t t = 0, again = 1;
	int offset = 0, offset_again = 1;
	struct str out;
	struct buf b;

	if (!time_rfc3339_parse(s, &t, &offset))
		return;
	assert(t >= -62135596800 && t <= 253402300799);
	assert(offset > -24 * 60 && offset < 24 * 60);
	buf_init(&b, &c->arena, 64);
	time_rfc3339(&b, t, 0);
	if (buf_end(c, &b, &out) != OK || !time_rfc3339_parse(out, &again, &offset_again))
		abort();
	assert(again == t && offset_again == 0);
	/* At its own offset too, unless that leaves the years from 1 to 9999. */
	buf_init(&b, &c->arena, 64);
	time_rfc3339(&b, t, offset);
	if (buf_end(c, &b, &out) != OK)
		abort();
	if (time_rfc3339_parse(out, &again, &offset_again))
		assert(again == t && offset_again == offset);
}

static void
http(struct ctx *c, struct str s)
{
	int64_t t = 0, again = 1;
	struct str out;
	struct buf b;

	if (!time_http_parse(s, 1772353800, &t))
		return;
	/* 9999-12-31T23:59:60 is a second more. */
	assert(t >= -62135596800 && t <= 253402300800);
	if (t == 253402300800)
		return;
	buf_init(&b, &c->arena, 64);
	time_http(&b, t);
	if (buf_end(c, &b, &out) != OK || !time_http_parse(out, 1772353800, &again))
		abort();
	assert(again == t);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str s = str_n((const char *)data, size);
	struct ctx c;

	ctx_init(&c, 4096);
	rfc3339(&c, s);
	http(&c, s);
	ctx_fini(&c);
	return 0;
}
