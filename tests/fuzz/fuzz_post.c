/*
 * A Micropub request of any bytes on its way to a row and a feed, without a database: what is
 * accepted has a slug that is one path segment, a permalink that is read back as it, properties
 * that parse as what they were, and items that cannot end their feed. An update leaves alone what
 * it does not name, and no property without values.
 */
#include "fuzz.h"

#include "base/enc.h"
#include "core/config.h"
#include "domain/feed.h"
#include "domain/priv.h"
#include "domain/site.h"
#include "text/markdown.h"
#include "xml_check.h"

#include <assert.h>

static const struct config cfg = {.site_url = "https://ada.example/", .site_name = "Ada",
	.author_name = "", .language = "en"};

static void
assert_slug(struct ctx *c, struct str text)
{
	struct str slug, again, url, parsed;

	assert(post_slug_make(c, text, &slug) == OK);
	assert(slug.n <= POST_SLUG_MAX && enc_utf8_valid(slug));
	for (size_t i = 0; i < slug.n; i++)
		assert((unsigned char)slug.p[i] >= 0x80 || (slug.p[i] >= 'a' && slug.p[i] <= 'z') ||
			(slug.p[i] >= '0' && slug.p[i] <= '9') || slug.p[i] == '-');
	if (slug.n == 0)
		return;
	assert(slug.p[0] != '-' && slug.p[slug.n - 1] != '-');
	assert(post_slug_make(c, slug, &again) == OK && str_eq(slug, again));
	assert(site_permalink(c, slug, &url) == OK);
	assert(site_permalink_parse(c, url, &parsed) == OK && str_eq(slug, parsed));
}

/* In each format: well-formed, and no more than a feed has room for. */
static void
assert_items(struct ctx *c, struct post_row *row)
{
	struct feed feed = {.author = S("Ada")};
	struct feed_item item;
	struct post_parts parts;

	assert(post_parts_read(c, row, &parts) == OK);
	row->uid = S("/note/x");
	row->slug = S("x");
	assert(feed_item_make(c, row, &parts, html_stored(row->html), &item) == OK);
	assert(item.title.n > 0);
	for (enum feed_format f = 0; f < FEED__MAX; f++) {
		const struct json *v;
		struct str text;
		struct buf b;

		buf_init(&b, &c->arena, FEED_BYTES_MAX);
		assert(feed_kinds[f].writer->item(c, &b, &feed, &item, true) == OK);
		assert(buf_end(c, &b, &text) == OK);
		if (f != FEED_JSON)
			assert(!xml_check(text));
		else if (text.n <= JSON_MAX_BYTES)
			assert(json_parse(c, text, &v) == OK);
	}
}

static void
assert_row(struct ctx *c, const struct post_draft *draft, struct post_row *row)
{
	const struct json *mf2;

	assert(json_parse(c, row->mf2, &mf2) == OK);
	assert(json_equal(json_find(mf2, S("properties")), draft->properties));
	assert(row->type.n > 0);
	assert(row->n_tags <= POST_TAGS_MAX);
	for (size_t i = 0; i < row->n_tags; i++)
		assert(row->tags[i].n > 0 && row->tags[i].n <= POST_TAG_MAX);
	assert(row->name.n <= POST_NAME_MAX);
	assert_items(c, row);
}

static bool
names(const struct post_update *update, struct str property)
{
	bool named = json_find(update->replace, property) || json_find(update->add, property) ||
		json_find(update->remove, property);

	for (size_t i = 0; json_kind(update->remove) == JSON_ARRAY && i < json_len(update->remove); i++)
		named = named || str_eq(json_str(json_at(update->remove, i)), property);
	return named || (update->photo_alts && str_eq(property, S("photo")));
}

static void
assert_update(struct ctx *c, const struct post_update *update)
{
	static const struct str stored = S_INIT("{\"content\":[\"x\"],\"name\":[1.10,{\"a\":[1e5]}],"
		"\"photo\":[\"https://a.example/\"],\"category\":[\"a\",\"b\"]}");
	const struct json *before, *values;
	struct json *after;
	struct str name, kept, now;

	assert(json_parse(c, stored, &before) == OK);
	if (post_edit(c, before, update, &after) != OK)
		return;
	for (size_t i = 0; json_member(after, i, &name, &values); i++)
		assert(json_kind(values) == JSON_ARRAY && json_len(values) > 0);
	for (size_t i = 0; json_member(before, i, &name, &values); i++) {
		if (names(update, name))
			continue;
		assert(json_write(c, values, &kept) == OK);
		assert(json_write(c, json_find(after, name), &now) == OK && str_eq(kept, now));
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = str_n((const char *)data, size), slug;
	struct micropub_request r;
	struct post_row row;
	struct ctx c;

	ctx_init(&c, 64 << 20);
	markdown_init();
	c.cfg = &cfg;
	c.now_us = INT64_C(1772357400) * 1000000;
	assert_slug(&c, text);
	if (site_permalink_parse(&c, text, &slug) == OK)
		assert(slug.n > 0 && str_find(slug, '/', 0) == slug.n);
	err_clear(&c);
	if (micropub_parse_json(&c, text, &r) != OK)
		assert(c.err.code != OK);
	else if (r.action == MICROPUB_UPDATE)
		assert_update(&c, &r.update);
	else if (r.action == MICROPUB_CREATE && post_build(&c, &r.draft, &row) == OK)
		assert_row(&c, &r.draft, &row);
	else
		assert(c.err.code != OK || r.action != MICROPUB_CREATE);
	ctx_fini(&c);
	return 0;
}
