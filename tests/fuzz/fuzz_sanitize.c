/*
 * Any bytes as HTML: what comes out is harmless in the eyes of a second reader, and stays so when
 * it is sanitised again.
 */
#include "fuzz.h"

#include "../unit/html_check.h"
#include "text/sanitize.h"

#include <assert.h>

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ctx c;
	struct html h, again;

	ctx_init(&c, 256 * 1024 * 1024);
	if (sanitize_html(&c, str_n((const char *)data, size), &h) == OK) {
		assert(!html_check(h.s));
		if (sanitize_html(&c, h.s, &again) == OK)
			assert(!html_check(again.s));
	}
	ctx_fini(&c);
	return 0;
}
