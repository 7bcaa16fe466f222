/*
 * The owner's files: with the composer's form, and alone. Nothing of them is read before the form has
 * proved to be ours, and nothing is left of those that are refused.
 */
#include "compose.h"

#include <ftw.h>

static int n_files;

static int
count_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)path;
	(void)st;
	(void)ftw;
	n_files += kind == FTW_F;
	return 0;
}

static int
files(const struct desk *d)
{
	n_files = 0;
	assert_int_equal(nftw(d->site->cfg->media_path, count_one, 8, FTW_PHYS), 0);
	return n_files;
}

/* A multipart body without the token that send_files() begins with. */
static struct answer
send_raw(const struct desk *d, const char *uri, const char *body, const char *header)
{
	return ASK(d->site, .method = "POST", .uri = uri, .type = MULTIPART, .body = body,
		.headers = {{"HTTP_COOKIE", d->cookie}, {"HTTP_X_CSRF_TOKEN", header},
			{"HTTP_ACCEPT", "application/json"}});
}

static struct answer
send_raw_plain(const struct desk *d, const char *uri, const char *body)
{
	return ASK(d->site, .method = "POST", .uri = uri, .type = MULTIPART, .body = body,
		.headers = {{"HTTP_COOKIE", d->cookie}});
}

static void
photos_come_with_the_form_and_are_described(void **state)
{
	struct desk *d = *state;
	struct answer a = send_files(d, "/admin/compose", TEXT("type", "photo") TEXT("photo", "")
		FILE_AS("photo.new", "a.png", "PNG one") FILE_AS("photo.new", "b.png", "PNG two")
		TEXT("content", "Two") TEXT("do", "attach") END);
	const char *url;

	assert_int_equal(a.status, 200);
	assert_int_equal(posts(d), 0);
	assert_int_equal(files(d), 2);
	assert_has(a, ">\nTwo</textarea>");
	url = site_between(d->site, a.body, "name=\"photo\" value=\"https", "\"");
	assert_non_null(url);
	a = write_post(d, arena_printf(&d->site->kept, "type=photo&photo=&photo=https%s"
		"&photo.alt=A+hill&content=One&mp-slug=p&do=publish", url).p);
	assert_int_equal(a.status, 303);
	a = source(d, "p");
	assert_has(a, "\"alt\":\"A hill\"");
	assert_has(a, "https://ada.example/media/");
}

static void
a_photo_is_published_with_its_form(void **state)
{
	struct desk *d = *state;
	struct answer a = send_files(d, "/admin/compose", TEXT("type", "photo") TEXT("photo", "")
		FILE_AS("photo.new", "a.png", "PNG one") TEXT("mp-slug", "p") TEXT("do", "publish")
		END);

	assert_int_equal(a.status, 303);
	assert_has(source(d, "p"), "\"photo\":[\"https://ada.example/media/");
	/* An empty control is no file. */
	a = send_files(d, "/admin/compose", TEXT("type", "note") TEXT("content", "x")
		TEXT("photo", "") FILE_AS("photo.new", "", "") TEXT("mp-slug", "q")
		TEXT("do", "publish") END);
	assert_int_equal(a.status, 303);
	assert_lacks(source(d, "q"), "photo");
}

static void
a_refused_form_keeps_its_photo(void **state)
{
	struct desk *d = *state;
	struct answer a = send_files(d, "/admin/compose", TEXT("type", "reply") TEXT("photo", "")
		FILE_AS("photo.new", "a.png", "PNG one") TEXT("content", "typed")
		TEXT("do", "publish") END);

	assert_int_equal(a.status, 422);
	assert_has(a, "name=\"photo\" value=\"https://ada.example/media/");
	assert_has(a, ">\ntyped</textarea>");
}

static void
uploads_alone_are_answered_to_scripts_and_to_forms(void **state)
{
	struct desk *d = *state;
	struct answer a = send_raw(d, "/admin/upload",
		FILE_AS("file", "a.png", "PNG one") FILE_AS("file", "b.mp4", "MP4 two") END, d->csrf);

	assert_int_equal(a.status, 201);
	assert_has(a, "{\"files\":[{\"url\":\"https://ada.example/media/");
	assert_has(a, "\"type\":\"image/png\"");
	assert_has(a, "\"type\":\"video/mp4\"");
	assert_int_equal(files(d), 2);
	a = send_files(d, "/admin/upload", FILE_AS("file", "a.png", "PNG one") END);
	assert_int_equal(a.status, 303);
	assert_header(a, "Location", "https://ada.example/admin/media?done=uploaded");
	assert_int_equal(files(d), 2);
}

static void
no_file_is_read_before_the_form_is_ours(void **state)
{
	static const char *const uris[] = {"/admin/compose", "/admin/upload"};
	struct desk *d = *state;

	for (size_t i = 0; i < 2; i++) {
		const char *name = i == 1 ? "file" : "photo.new";
		const char *file = arena_printf(&d->site->kept,
			"--B\r\nContent-Disposition: form-data; name=\"%s\"; filename=\"x\"\r\n\r\nPNG one\r\n",
			name).p;
		const char *token = arena_printf(&d->site->kept,
			"--B\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n%s\r\n", d->csrf).p;
		const char *const bodies[] = {
			/* none, a wrong one, the right one behind the file, no file and no token */
			arena_printf(&d->site->kept, "%s" END, file).p,
			arena_printf(&d->site->kept, TEXT("csrf", "wrong") "%s" END, file).p,
			arena_printf(&d->site->kept, "%s%s" END, file, token).p,
			TEXT("type", "note") TEXT("content", "x") TEXT("do", "publish") END,
		};

		for (size_t j = 0; j < 4; j++) {
			struct answer a = send_raw_plain(d, uris[i], bodies[j]);

			assert_int_equal(a.status, 403);
			assert_int_equal(a.facts.error, ERR_CSRF);
		}
		assert_int_equal(send_raw(d, uris[i], bodies[2], "wrong").status, 403);
	}
	assert_int_equal(image_prepared, 0);
	assert_int_equal(files(d), 0);
	assert_int_equal(posts(d), 0);
}

static void
a_bearer_token_proves_no_form(void **state)
{
	struct desk *d = *state;
	struct answer a = ASK(d->site, .method = "POST", .uri = "/admin/upload", .type = MULTIPART,
		.body = FILE_AS("file", "a.png", "PNG one") END,
		.headers = {{"HTTP_COOKIE", d->cookie},
			{"HTTP_AUTHORIZATION", site_bearer(d->site, d->site->all)}});

	assert_int_equal(a.status, 403);
	assert_int_equal(files(d), 0);
}

static void
files_that_are_refused_leave_nothing(void **state)
{
	static const struct {
		const char *uri, *parts;
		int status;
	} bad[] = {
		{"/admin/upload", FILE_AS("file", "a", "BROKEN") END, 400},
		{"/admin/upload", FILE_AS("other", "a", "PNG one") END, 400},
		{"/admin/upload", TEXT("file", "no file") END, 400},
		{"/admin/compose", TEXT("type", "note") FILE_AS("content", "a", "PNG one") END, 400},
		{"/admin/compose", TEXT("type", "photo") FILE_AS("photo.new", "a", "MP4 x") END, 400},
		{"/admin/compose", TEXT("type", "video") FILE_AS("video.new", "a", "PNG x") END, 400},
	};
	struct desk *d = *state;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(send_files(d, bad[i].uri, bad[i].parts).status, bad[i].status);
	assert_int_equal(files(d), 0);
	assert_int_equal(posts(d), 0);
}

static void
many_described_photos_fit_into_a_form(void **state)
{
	struct desk *d = *state;
	struct buf b;

	buf_init(&b, &d->site->kept, 1 << 20);
	buf_puts(&b, TEXT("type", "photo") TEXT("photo", ""));
	for (int i = 0; i < 50; i++)
		buf_printf(&b, TEXT("photo", "https://b.example/%d.jpg") TEXT("photo.alt", "no. %d")
			TEXT("photo.position", "%d"), i, i, i + 1);
	buf_puts(&b, TEXT("mp-slug", "many") TEXT("do", "publish") END);
	buf_putc(&b, '\0');
	assert_int_equal(send_files(d, "/admin/compose", buf_str(&b).p).status, 303);
	assert_has(source(d, "many"), "{\"value\":\"https://b.example/49.jpg\",\"alt\":\"no. 49\"}");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(photos_come_with_the_form_and_are_described),
		T(a_photo_is_published_with_its_form),
		T(a_refused_form_keeps_its_photo),
		T(uploads_alone_are_answered_to_scripts_and_to_forms),
		T(no_file_is_read_before_the_form_is_ours),
		T(a_bearer_token_proves_no_form),
		T(files_that_are_refused_leave_nothing),
		T(many_described_photos_fit_into_a_form),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
