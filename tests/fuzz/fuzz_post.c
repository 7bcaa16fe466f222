/*
 * A Micropub request of any bytes on its way to a row and a feed, without a database: what is
 * accepted has a slug that is one path segment, a permalink that is read back as it, properties
 * that parse as what they were, and an entry that cannot end the feed.
 */
#include "fuzz.h"

#include "base/enc.h"
#include "core/config.h"
#include "domain/feed.h"
#include "domain/micropub.h"
#include "domain/site.h"
#include "text/markdown.h"

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

static void
assert_entry(struct ctx *c, struct post_row *row)
{
	static const struct str inside[] = {S_INIT("]]>"), S_INIT("<script")};
	struct feed_item item = {.post = row, .content = html_stored(row->html)};
	struct post_parts parts;
	struct str entry;
	struct buf b;

	assert(post_parts_read(c, row, &parts) == OK);
	item.parts = &parts;
	row->uid = S("/note/x");
	row->slug = S("x");
	buf_init(&b, &c->arena, 4 << 20);
	assert(feed_atom_entry(c, &b, &item) == OK && buf_end(c, &b, &entry) == OK);
	assert(enc_utf8_valid(entry));
	for (size_t i = 0; i < sizeof(inside) / sizeof(inside[0]); i++)
		assert(str_search(entry, inside[i], 0) == entry.n);
	assert(str_search(entry, S("</entry>"), 0) == entry.n - sizeof("</entry>"));
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
	assert_entry(c, row);
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
	if (micropub_parse_json(&c, text, &r) == OK && r.action == MICROPUB_CREATE &&
	    post_build(&c, &r.draft, &row) == OK)
		assert_row(&c, &r.draft, &row);
	else
		assert(c.err.code != OK || r.action != MICROPUB_CREATE);
	ctx_fini(&c);
	return 0;
}
