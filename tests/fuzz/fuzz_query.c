/*
 * A query string of any bytes on its way to an answer about a small site: filters, cursors and
 * limits of lists, sources, suggestions. What is answered is JSON, lists keep to their bounds, each
 * item has a URL of ours; what is refused is refused for what the client sent.
 */
#include "fuzz.h"

#include "domain_fixture.h"
#include "http/form.h"

#include <assert.h>

enum { LIST_MAX = 100 };

static struct site *site;

static void
site_gone(void)
{
	(void)site_teardown((void *)&site);
}

static void
put(const char *json)
{
	struct auth_grant grant = {.session = true};
	struct micropub_request r;
	struct post_result made;

	assert(micropub_parse_json(&site->c, str_z(json), &r) == OK);
	assert(micropub_run(&site->c, site->db, &grant, &r, &made) == OK);
	site_next(site, 60);
}

/* One of each kind that a filter tells from the others, the last one deleted. */
static void
fill(void)
{
	put("{\"properties\":{\"content\":[\"n\"],\"category\":[\"a\",\"b\"],\"mp-slug\":[\"n\"]}"
	    "}");
	put("{\"properties\":{\"name\":[\"N\"],\"content\":[\"x\"],\"mp-channel\":[\"garden\"]}}");
	put("{\"properties\":{\"content\":[\"d\"],\"post-status\":[\"draft\"]}}");
	put("{\"properties\":{\"photo\":[\"https://a.example/p\"],\"visibility\":[\"private\"]}}");
	put("{\"properties\":{\"like-of\":[\"https://a.example/\"],\"x\":[{\"y\":[1.10]}]}}");
	put("{\"type\":[\"h-card\"],\"properties\":{\"name\":[\"Bob\"],\"nickname\":[\"b\"]}}");
	put("{\"properties\":{\"content\":[\"moved\"],\"mp-slug\":[\"old\"]}}");
	put("{\"action\":\"update\",\"url\":\"https://ada.example/note/old\",\"mp-slug\":\"new\","
	    "\"add\":{\"category\":[\"m\"]}}");
	put("{\"properties\":{\"content\":[\"gone\"],\"mp-slug\":[\"gone\"]}}");
	put("{\"action\":\"delete\",\"url\":\"https://ada.example/note/gone\"}");
}

static void
assert_items(const struct json *items)
{
	assert(json_kind(items) == JSON_ARRAY && json_len(items) <= LIST_MAX);
	for (size_t i = 0; i < json_len(items); i++) {
		const struct json *properties = json_find(json_at(items, i), S("properties"));
		const struct json *url = json_find(properties, S("url"));

		assert(json_len(url) == 1);
		assert(str_starts(json_str(json_at(url, 0)), S("https://ada.example/note/")));
		assert(!str_ends(json_str(json_at(url, 0)), S("/gone")));
	}
}

static void
assert_answer(struct ctx *c, const struct micropub_answer *answer)
{
	const struct json *json, *items;

	assert(json_parse(c, answer->json, &json) == OK && json_kind(json) == JSON_OBJECT);
	items = json_find(json, S("items"));
	if (items)
		assert_items(items);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = str_n((const char *)data, size);
	const struct auth_grant grant = {.id = S("fuzz"), .scope = S("create")};
	struct micropub_answer answer = {0};
	struct pair *args;
	struct ctx *c;
	size_t n;
	enum err err;

	if (!site) {
		assert(site_setup((void *)&site) == 0);
		fill();
		(void)atexit(site_gone);
	}
	c = &site->c;
	err = form_parse(c, text, &args, &n);
	if (!err)
		err = micropub_query(c, site->db, &grant, args, n, &answer);
	if (!err)
		assert_answer(c, &answer);
	else
		assert(err_info(err)->status == 400);
	site_next(site, 0);
	return 0;
}
