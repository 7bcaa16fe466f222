/*
 * A feed of a site and a post whose texts are any bytes, as a database might hold them: each format
 * stays well-formed, whatever stands where. The input is cut at NULs: title, summary, name of the
 * site, tag, alternative text, and HTML, which is sanitised as all HTML is before it is stored.
 */
#include "fuzz.h"

#include "base/enc.h"
#include "core/config.h"
#include "domain/feed.h"
#include "text/json.h"
#include "text/sanitize.h"
#include "xml_check.h"

#include <assert.h>

static const struct config cfg = {.site_url = "https://ada.example/", .site_name = "Ada",
	.author_name = "", .language = "en"};

static void
assert_feed(struct ctx *c, enum feed_format format, const struct feed *feed,
	const struct feed_item *item)
{
	const struct feed_writer *w = feed_kinds[format].writer;
	const struct json *v;
	struct str text;
	struct buf b;

	buf_init(&b, &c->arena, FEED_BYTES_MAX + 16384);
	w->head(&b, feed);
	assert(w->item(c, &b, feed, item, true) == OK);
	assert(w->item(c, &b, feed, item, false) == OK);
	w->tail(&b);
	assert(buf_end(c, &b, &text) == OK);
	if (format != FEED_JSON)
		assert(!xml_check(text));
	else if (text.n <= JSON_MAX_BYTES)
		assert(json_parse(c, text, &v) == OK);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str rest = str_n((const char *)data, size), name = str_cut(&rest, '\0');
	struct str summary = str_cut(&rest, '\0'), site = str_cut(&rest, '\0');
	struct str tag = str_cut(&rest, '\0');
	struct post_file file = {.url = S("https://ada.example/media/a.jpg"),
		.type = S("image/jpeg"), .alt = str_cut(&rest, '\0')};
	struct post_parts parts = {.photos = {&file, 1}};
	struct post_row row = {.uid = S("/note/x"), .slug = S("x"), .type = S("note"),
		.name = name, .summary = summary, .tags = &tag, .n_tags = 1};
	struct feed feed = {.title = site, .about = site, .author = site, .language = S("en")};
	struct feed_item item;
	struct html html;
	struct ctx c;

	ctx_init(&c, 64 << 20);
	c.cfg = &cfg;
	if (sanitize_html(&c, rest, &html) == OK) {
		row.html = html.s;
		assert(feed_item_make(&c, &row, &parts, html, &item) == OK);
		for (enum feed_format f = 0; f < FEED__MAX; f++)
			assert_feed(&c, f, &feed, &item);
	}
	ctx_fini(&c);
	return 0;
}
