/*
 * Any bytes as JSON: what is accepted can be written, and reads back as the same.
 */
#include "fuzz.h"

#include "text/json.h"

#include <assert.h>

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ctx c;
	const struct json *v, *again;
	struct str out;

	ctx_init(&c, 64 * 1024 * 1024);
	if (json_parse(&c, str_n((const char *)data, size), &v) == OK) {
		enum err e = json_write(&c, v, &out);

		assert(e == OK);
		e = json_parse(&c, out, &again);
		/* Escapes can make the text longer than may be read. */
		assert(e == OK || e == ERR_BODY_TOO_LARGE);
		assert(e != OK || json_equal(v, again));
	}
	ctx_fini(&c);
	return 0;
}
