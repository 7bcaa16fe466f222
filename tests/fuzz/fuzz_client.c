/*
 * An application's document, as anybody may serve it: what is taken from it is text on one line and
 * addresses that pass the gate, and survives the way to the courier. The first line is the Link
 * header; what begins with a brace is JSON.
 */
#include "fuzz.h"

#include "base/enc.h"
#include "domain/client.h"
#include "domain/client_doc.h"

#include <assert.h>

static const struct str client_id = S_INIT("https://app.example/");

static void
assert_name(struct str s)
{
	size_t characters = 0;

	assert(enc_utf8_valid(s));
	for (size_t at = 0; at < s.n; characters++) {
		unsigned ch = enc_utf8_next(s, &at);

		assert(ch >= ' ' && ch != 0x7f && !(ch >= 0x202a && ch <= 0x202e));
	}
	assert(characters <= CLIENT_NAME_MAX && str_trim(s).n == s.n);
}

static void
assert_address(struct ctx *c, struct str s)
{
	struct url u;

	if (s.n == 0)
		return;
	assert(url_parse(c, s, &u) == OK && str_eq(u.text, s));
}

static void
assert_redirects(struct str s)
{
	size_t n = 0;

	while (s.n > 0) {
		struct str scheme, one = str_cut(&s, ' ');

		assert(client_redirect_plausible(one, &scheme));
		assert(!str_eqi(scheme, S("javascript")) && !str_eqi(scheme, S("data")));
		n++;
	}
	assert(n <= CLIENT_REDIRECTS_MAX);
}

static void
assert_survives(struct ctx *c, const struct client_doc *doc)
{
	struct client_doc again;
	const struct json *read;
	struct json *o;
	struct str text;

	assert(json_object(c, &o) == OK && client_doc_put(c, doc, o) == OK);
	assert(json_write(c, o, &text) == OK && json_parse(c, text, &read) == OK);
	assert(client_doc_find(c, read, &again) == OK);
	assert(str_eq(again.name, doc->name) && str_eq(again.url, doc->url));
	assert(str_eq(again.logo, doc->logo) && str_eq(again.redirect_uris, doc->redirect_uris));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str rest = str_n((const char *)data, size);
	struct got got = {.status = 200, .link = str_cut(&rest, '\n'), .body = rest};
	enum fetch_problem problem;
	struct client_doc doc;
	struct ctx c;

	ctx_init(&c, 128 << 20);
	got.type = rest.n > 0 && rest.p[0] == '{' ? S("application/json") : S("text/html");
	assert(url_parse(&c, client_id, &got.url) == OK);
	if (client_doc_parse(&c, client_id, &got, &doc, &problem) == OK) {
		assert(c.err.code == OK);
		assert_name(doc.name);
		assert_address(&c, doc.url);
		assert_address(&c, doc.logo);
		assert_redirects(doc.redirect_uris);
		assert_survives(&c, &doc);
	}
	ctx_fini(&c);
	return 0;
}
