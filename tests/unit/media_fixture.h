/*
 * What the tests of uploads share: a site, the stub that says what a file is, and short ways to
 * upload and to look what is there.
 */
#ifndef UNIT_MEDIA_FIXTURE_H
#define UNIT_MEDIA_FIXTURE_H

#include "domain_fixture.h"

#include "domain/media.h"
#include "domain/media_file.h"
#include "domain/sizes.h"
#include "image_stub.h"

#include <string.h>
#include <sys/stat.h>

static int n_files;

static inline int
count_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)path;
	(void)st;
	(void)ftw;
	n_files += kind == FTW_F;
	return 0;
}

static inline int
files(struct site *s)
{
	n_files = 0;
	assert_int_equal(nftw(s->cfg->media_path, count_one, 8, FTW_PHYS), 0);
	return n_files;
}

static inline enum err
receive(struct site *s, const char *text, struct media_upload **out)
{
	enum err err = media_upload_begin(&s->c, out);

	for (const char *p = text; !err && *p; p++)
		err = media_upload_put(&s->c, *out, str_n(p, 1));
	if (!err)
		err = media_upload_find(&s->c, s->db, *out);
	return err ? err : media_upload_prepare(&s->c, *out);
}

static inline enum err
upload(struct site *s, const char *text, struct str *url)
{
	struct media_upload *u;
	enum err err = receive(s, text, &u);

	if (!err)
		err = media_store(&s->c, s->db, &u, 1, S("tokenid"));
	if (!err)
		*url = media_upload_url(u);
	return err;
}

/* The URL of a new file; it stays the caller's over site_next(). */
static inline struct str
stored(struct site *s, const char *text)
{
	static char urls[8][256];
	static size_t n;
	char *kept = urls[n++ % 8];
	struct str url = {0};

	assert_ok(s, upload(s, text, &url));
	(void)snprintf(kept, sizeof(urls[0]), "%.*s", STR(url));
	site_next(s, 0);
	return str_z(kept);
}

static inline struct media_row
row_of(struct site *s, struct str url)
{
	struct media_row row;
	struct str name;

	assert_ok(s, site_media_parse(&s->c, url, &name));
	assert_ok(s, media_row_find_name(&s->c, s->db, name, &row));
	return row;
}

static inline const char *
path_of(struct site *s, struct str url)
{
	static char path[256];

	(void)snprintf(path, sizeof(path), "%s/%.*s", s->cfg->media_path,
		STR(str_sub(url, strlen("https://ada.example/media/"), url.n)));
	return path;
}

#endif
