/*
 * What the tests of files share: forms in a multipart body, tokens, and short ways to send and ask.
 * What a file is, the stub says.
 */
#ifndef TESTS_WEB_MEDIA_H
#define TESTS_WEB_MEDIA_H

#include "site.h"

#include "../unit/image_stub.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define FORM "application/x-www-form-urlencoded"
#define TYPE "multipart/form-data; boundary=B"
#define TEXT(name, value) \
	"--B\r\nContent-Disposition: form-data; name=\"" name "\"\r\n\r\n" value "\r\n"
#define FILE_AS(name, filename, bytes) \
	"--B\r\nContent-Disposition: form-data; name=\"" name "\"; filename=\"" filename \
	"\"\r\nContent-Type: text/html\r\n\r\n" bytes "\r\n"
#define END "--B--\r\n"
#define ONE FILE_AS("file", "../../etc/cron.d/x.html", "PNG one")

static struct site *site; /* of the test that runs */

static inline int
setup(void **state)
{
	*state = site = site_new("max_media_size = 64KiB\n");
	image_prepared = 0;
	image_look = NULL;
	return 0;
}

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

/* A token of these scopes. */
static inline struct str
token(struct site *s, const char *scope)
{
	struct str secret, id, kept;
	struct db *db;

	assert_int_equal(pool_acquire(&s->c, s->pool, &db), OK);
	assert_int_equal(
		auth_token_create(&s->c, db, S("test"), str_z(scope), 0, &secret, &id), OK);
	assert_true(pool_release(&s->c, s->pool, db));
	kept = arena_str(&s->kept, secret);
	ctx_reset(&s->c);
	return kept;
}

static inline struct answer
send_as(struct site *s, struct str secret, const char *uri, const char *type, const char *body)
{
	return ASK(s, .method = "POST", .uri = uri, .type = type, .body = body,
		.headers = {{"HTTP_AUTHORIZATION", site_bearer(s, secret)}});
}

static inline struct answer
upload(struct site *s, const char *body)
{
	return send_as(s, s->create, "/micropub/media", TYPE, body);
}

static inline struct answer
ask(struct site *s, const char *uri)
{
	return ASK(s, .uri = uri,
		.headers = {{"HTTP_AUTHORIZATION", site_bearer(s, s->create)}});
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, site_teardown)

#endif
