/*
 * Addresses of any bytes at the gate: one that passes is its own normal form, has a host and no
 * user, and a reference that is resolved leads to one as well. The first line is the base.
 */
#include "fuzz.h"

#include "net/url.h"

#include <assert.h>

static void
assert_good(struct ctx *c, const struct url *u)
{
	struct str authority = str_sub(u->text, u->scheme.n + 3, u->text.n);
	struct url again;

	authority = str_sub(authority, 0, str_find(authority, '/', 0));
	assert(str_eq(u->scheme, S("http")) || str_eq(u->scheme, S("https")));
	assert(u->host.n > 0 && str_starts(authority, u->host));
	assert(str_find(authority, '@', 0) == authority.n && u->port > 0 && u->port < 65536);
	assert(u->path.n > 0 && u->path.p[0] == '/');
	for (size_t i = 0; i < u->exact.n; i++)
		assert(u->exact.p[i] > ' ' && u->exact.p[i] <= '~' && u->exact.p[i] != '\\');
	assert(url_parse(c, u->text, &again) == OK && str_eq(again.text, u->text));
	assert(url_same_origin(u, &again) && again.host_exact && !again.dots);
	assert(url_parse(c, u->exact, &again) == OK && str_eq(again.exact, u->exact));
	assert(str_eq(again.text, u->text));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str rest = str_n((const char *)data, size), first = str_cut(&rest, '\n');
	struct url base, u;
	struct ctx c;

	ctx_init(&c, 16 << 20);
	if (url_parse(&c, first, &base) == OK) {
		assert_good(&c, &base);
		if (url_resolve(&c, &base, rest, &u) == OK)
			assert_good(&c, &u);
	}
	ctx_fini(&c);
	return 0;
}
