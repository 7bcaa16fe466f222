/*
 * What the tests of the owner's writing share: a site whose owner is signed in, forms with the token
 * that ours carry, and the source of what came of them.
 */
#ifndef TESTS_WEB_COMPOSE_H
#define TESTS_WEB_COMPOSE_H

#include "site.h"

#include "../unit/image_stub.h"

#include <stdio.h>
#include <string.h>

#define FORM "application/x-www-form-urlencoded"
#define MULTIPART "multipart/form-data; boundary=B"
#define TEXT(name, value) \
	"--B\r\nContent-Disposition: form-data; name=\"" name "\"\r\n\r\n" value "\r\n"
#define FILE_AS(name, filename, bytes) \
	"--B\r\nContent-Disposition: form-data; name=\"" name "\"; filename=\"" filename \
	"\"\r\nContent-Type: image/png\r\n\r\n" bytes "\r\n"
#define END "--B--\r\n"

struct desk {
	struct site *site;
	const char *cookie;
	const char *csrf;
};

static inline int
desk_setup(void **state)
{
	static struct desk d;

	d.site = site_new("channels = \"garden=Garden\"\nsyndicate_to = \"pond=The pond, sea=The sea\"\n"
			  "max_media_size = 64KiB\n");
	site_owner(d.site);
	d.cookie = site_sign_in(d.site);
	d.csrf = site_csrf(d.site, d.cookie);
	image_prepared = 0;
	image_look = NULL;
	*state = &d;
	return 0;
}

static inline int
desk_teardown(void **state)
{
	site_free(((struct desk *)*state)->site);
	return 0;
}

static inline struct answer
look(const struct desk *d, const char *uri)
{
	return ASK(d->site, .uri = uri, .headers = {{"HTTP_COOKIE", d->cookie}});
}

/* A form of ours: the token, then these fields. */
static inline struct answer
send_to(const struct desk *d, const char *uri, const char *fields)
{
	const char *body = arena_printf(&d->site->kept, "csrf=%s&%s", d->csrf, fields).p;

	return ASK(d->site, .method = "POST", .uri = uri, .type = FORM, .body = body,
		.headers = {{"HTTP_COOKIE", d->cookie}});
}

static inline struct answer
write_post(const struct desk *d, const char *fields)
{
	return send_to(d, "/admin/compose", fields);
}

/* A form with files; parts as TEXT and FILE_AS make them. */
static inline struct answer
send_files(const struct desk *d, const char *uri, const char *parts)
{
	const char *body = arena_printf(&d->site->kept,
		"--B\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n%s\r\n%s", d->csrf,
		parts).p;

	return ASK(d->site, .method = "POST", .uri = uri, .type = MULTIPART, .body = body,
		.headers = {{"HTTP_COOKIE", d->cookie}});
}

/* What a Micropub client is told about the post of a slug. */
static inline struct answer
source(const struct desk *d, const char *slug)
{
	const char *uri = arena_printf(&d->site->kept,
		"/micropub?q=source&url=https://ada.example/note/%s", slug).p;

	return ASK(d->site, .uri = uri,
		.headers = {{"HTTP_AUTHORIZATION", site_bearer(d->site, d->site->all)}});
}

/* How many posts there are, in whatever state. */
static inline long
posts(const struct desk *d)
{
	struct str body = ASK(d->site, .uri = "/micropub?q=source&limit=100",
		.headers = {{"HTTP_AUTHORIZATION", site_bearer(d->site, d->site->all)}}).body;
	long n = 0;

	for (size_t at = 0; (at = str_search(body, S("{\"type\":[\"h-"), at)) < body.n; at++)
		n++;
	return n;
}

/* The value of a hidden field of a page. */
static inline const char *
hidden(const struct desk *d, const struct answer *a, const char *name)
{
	const char *before = arena_printf(&d->site->kept, "name=\"%s\" value=\"", name).p;
	const char *value = site_between(d->site, a->body, before, "\"");

	assert_non_null(value);
	return value;
}

#define T(f) cmocka_unit_test_setup_teardown(f, desk_setup, desk_teardown)

#endif
