/*
 * Any bytes as Markdown: no crash in discount, harmless HTML. The first byte says how often the
 * rest is repeated, since discount's troubles begin with length.
 */
#include "fuzz.h"

#include "../unit/html_check.h"
#include "text/markdown.h"

#include <assert.h>

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool ready;
	struct ctx c;
	struct html h;
	struct buf b;

	if (!ready)
		markdown_init();
	ready = true;
	if (size == 0)
		return 0;
	ctx_init(&c, 256 * 1024 * 1024);
	buf_init(&b, &c.arena, MARKDOWN_MAX_BYTES);
	for (unsigned i = 0; i <= data[0]; i++)
		buf_put(&b, str_n((const char *)data + 1, size - 1));
	if (markdown_html(&c, buf_str(&b), &h) == OK)
		assert(!html_check(h.s));
	ctx_fini(&c);
	return 0;
}
