/*
 * Any bytes as a catalogue: it is refused, or whatever is asked of it is answered from inside it.
 */
#include "fuzz.h"

#include "text/catalog.h"

#include <stdlib.h>

/* Reads the text to its end. */
static void
touch(const char *text)
{
	volatile size_t n = text ? strlen(text) : 0;

	(void)n;
}

static void
use(const struct catalog *k)
{
	struct str id, text;

	for (size_t i = 0; catalog_each(k, i, &id, &text); i++) {
		const char *found = catalog_find(k, S(""), str_z(id.p));

		/* What is in it is found, but for its head and for what is there in a context. */
		if (id.n > 0 && found != text.p)
			abort();
		for (unsigned long long n = 0; n < 3; n++)
			touch(catalog_find_form(k, str_z(id.p), n));
		touch(catalog_find(k, S("month"), str_z(id.p)));
	}
	touch(catalog_find(k, S(""), S("Older posts")));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct catalog *k = NULL;
	struct ctx c;

	ctx_init(&c, 1 << 20);
	if (catalog_parse(&c, "test.mo", str_n((const char *)data, size), &k) == OK)
		use(k);
	else
		err_clear(&c);
	catalog_free(k);
	ctx_fini(&c);
	return 0;
}
