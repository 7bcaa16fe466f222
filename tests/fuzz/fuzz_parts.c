/*
 * Properties of any shape, as a database might hold them, on their way to a page: what post_parts
 * makes of them has only links that are links, text on one line within its bounds, and lists that
 * end.
 */
#include "fuzz.h"

#include "base/enc.h"
#include "core/config.h"
#include "domain/post_parts.h"

#include <assert.h>

static const struct config cfg = {.site_url = "https://ada.example/",
	.site_name = "Ada",
	.author_name = "",
	.language = "en"};

static void
assert_url(struct str url)
{
	assert(url.n <= POST_LINK_MAX && enc_utf8_valid(url));
	assert(url.n == 0 || str_eqi(str_sub(url, 0, 7), S("http://")) ||
		str_eqi(str_sub(url, 0, 8), S("https://")));
	for (size_t i = 0; i < url.n; i++)
		assert((unsigned char)url.p[i] > ' ');
}

static void
assert_label(struct str text)
{
	assert(text.n <= POST_LABEL_MAX && enc_utf8_valid(text));
	for (size_t i = 0; i < text.n; i++)
		assert(text.p[i] != '\n' && text.p[i] != '\r' && text.p[i] != '\0');
}

static void
assert_files(const struct post_files *files)
{
	assert(files->n <= POST_FILES_MAX);
	for (size_t i = 0; i < files->n; i++) {
		assert_url(files->list[i].url);
		assert(files->list[i].url.n > 0);
		assert(files->list[i].alt.n <= POST_ALT_MAX && enc_utf8_valid(files->list[i].alt));
		assert(str_search(files->list[i].name, S(".."), 0) == files->list[i].name.n);
	}
}

static void
assert_cites(const struct post_cites *cites)
{
	assert(cites->n <= POST_CITES_MAX);
	for (size_t i = 0; i < cites->n; i++) {
		assert_url(cites->list[i].url);
		assert_label(cites->list[i].name);
		assert_label(cites->list[i].author);
		assert(cites->list[i].url.n + cites->list[i].name.n > 0);
	}
}

static void
assert_place(const struct post_place *place)
{
	assert_url(place->url);
	assert_label(place->name);
	for (size_t i = 0; i < POST_ADDRESS__MAX; i++)
		assert_label(place->address[i]);
	assert((place->latitude.n > 0) == (place->longitude.n > 0));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct post_row row = {.mf2 = str_n((const char *)data, size), .rich = true};
	struct post_parts parts;
	struct ctx c;

	ctx_init(&c, 64 << 20);
	c.cfg = &cfg;
	if (post_parts_read(&c, &row, &parts) == OK) {
		assert_files(&parts.photos);
		assert_files(&parts.videos);
		assert_files(&parts.audios);
		assert_files(&parts.featured);
		for (size_t i = 0; i < POST_RELATION__MAX; i++)
			assert_cites(&parts.relations[i]);
		assert_cites(&parts.people);
		assert_cites(&parts.syndication);
		assert_label(parts.rsvp);
		assert_place(&parts.location);
		assert_place(&parts.checkin);
	}
	ctx_fini(&c);
	return 0;
}
