/*
 * Forms and query strings: whatever comes, what is accepted is UTF-8 without NUL, within limits,
 * and no longer than what was sent.
 */
#include "fuzz.h"

#include "base/enc.h"
#include "http/form.h"

#include <assert.h>

static void
check(struct str s)
{
	assert(s.p || s.n == 0);
	assert(enc_utf8_valid(s));
	assert(str_find(s, '\0', 0) == s.n);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = str_n((const char *)data, size);
	struct pair *pairs;
	size_t n, bytes = 0;
	struct ctx c;

	ctx_init(&c, 1 << 20);
	if (form_parse(&c, text, &pairs, &n) == OK) {
		assert(n <= FORM_MAX_FIELDS);
		for (size_t i = 0; i < n; i++) {
			check(pairs[i].name);
			check(pairs[i].value);
			assert(pairs[i].name.n <= FORM_MAX_NAME);
			bytes += pairs[i].name.n + pairs[i].value.n;
		}
		assert(bytes <= size);
	} else {
		assert(c.err.code != OK);
	}
	ctx_fini(&c);
	return 0;
}
