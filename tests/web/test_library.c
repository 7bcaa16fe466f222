/*
 * The owner's media library: what it shows of a file, what it can be asked for, and that no file is
 * deleted while something shows it.
 */
#include "media.h"

static const char *cookie, *csrf;

static int
library_setup(void **state)
{
	int rc = setup(state);

	site_owner(site);
	cookie = site_sign_in(site);
	csrf = site_csrf(site, cookie);
	return rc;
}

static struct answer
seen(const char *uri)
{
	return ASK(site, .uri = uri, .headers = {{"HTTP_COOKIE", cookie}});
}

/* The path of an uploaded file, "/media/ab/…". */
static const char *
stored(const char *body)
{
	struct answer a = upload(site, body);
	struct str url = answer_header(&a, "Location");

	assert_int_equal(a.status, 201);
	return arena_str(&site->kept, str_sub(url, strlen(site->cfg->site_url) - 1, url.n)).p;
}

/* A post with a photo; the path of its file. */
static const char *
posted(const char *slug)
{
	const char *path = stored(ONE END);
	char form[512];

	(void)snprintf(form, sizeof(form), "name=A+%%26+B&content=x&mp-slug=%s&photo=https://ada.example%s",
		slug, path);
	(void)site_post(site, form);
	return path;
}

static const char *
page_of(const char *path)
{
	return arena_printf(&site->kept, "/admin%s", path).p;
}

static struct answer
act(const char *path, const char *token_, const char *action)
{
	char body[256];

	(void)snprintf(body, sizeof(body), "csrf=%s&action=%s", token_, action);
	return ASK(site, .method = "POST", .uri = page_of(path), .type = FORM, .body = body,
		.headers = {{"HTTP_COOKIE", cookie}});
}

static size_t
shelf(const char *uri)
{
	struct answer a = seen(uri);
	size_t n = 0;

	assert_int_equal(a.status, 200);
	for (size_t at = 0; (at = str_search(a.body, S("class=\"stock-file\""), at)) < a.body.n; at++)
		n++;
	return n;
}

static void
a_file_is_shown_with_what_is_known_of_it(void **state)
{
	const char *path = posted("first");
	struct answer a = seen("/admin/media");

	(void)state;
	assert_has(a, page_of(path));
	assert_has(a, "PNG · 640 × 480 · 13 bytes");
	assert_has(a, "<a href=\"https://ada.example/note/first\" dir=\"auto\">A &amp; B</a>");
	assert_lacks(a, "Unused</span>");
	a = seen(page_of(path));
	assert_has(a, "image/png");
	assert_has(a, "value=\"https://ada.example/media/");
	assert_has(a, "A &amp; B");
	assert_lacks(a, "Delete for good");
	assert_header(a, "Cache-Control", "no-store");
}

static void
the_smallest_size_there_is_stands_for_a_picture(void **state)
{
	const char *path = posted("first");
	char small[256];
	struct str stem = str_sub(str_z(path), 0, strlen(path) - 4);

	(void)state;
	(void)snprintf(small, sizeof(small), "src=\"%.*s-480.webp\"", STR(stem));
	assert_lacks(seen("/admin/media"), small);
	site_sql(site, "UPDATE media SET sizes = '480 960'");
	assert_has(seen("/admin/media"), small);
	(void)snprintf(small, sizeof(small), "<a href=\"%.*s-960.webp\">960 WebP</a>", STR(stem));
	assert_has(seen(page_of(path)), small);
}

static void
files_are_found_by_kind_and_by_being_unused(void **state)
{
	(void)state;
	assert_has(seen("/admin/media"), "There is nothing here yet.");
	(void)posted("first");
	(void)stored(FILE_AS("file", "a", "MP4 film") END);
	image_says = "audio/mpeg";
	(void)stored(FILE_AS("file", "a", "MP3 sound") END);
	image_says = "application/pdf";
	(void)stored(FILE_AS("file", "a", "PDF paper") END);
	image_says = NULL;
	assert_int_equal(shelf("/admin/media"), 4);
	assert_int_equal(shelf("/admin/media?show=nonsense"), 4);
	assert_int_equal(shelf("/admin/media?show=pictures"), 1);
	assert_int_equal(shelf("/admin/media?show=films"), 1);
	assert_int_equal(shelf("/admin/media?show=sound"), 1);
	assert_int_equal(shelf("/admin/media?show=other"), 1);
	assert_int_equal(shelf("/admin/media?show=unused"), 3);
	assert_has(seen("/admin/media?show=films"), "aria-current=\"page\">Films");
}

static void
a_long_list_goes_on_where_it_ended(void **state)
{
	const char *next;
	size_t n = 0, pages = 0;

	(void)state;
	for (int i = 0; i < 50; i++) {
		char body[256];

		(void)snprintf(body, sizeof(body), FILE_AS("file", "a", "GIF %d") END, i);
		(void)stored(body);
	}
	next = "/admin/media?show=unused";
	while (next) {
		struct answer a = seen(next);

		n += shelf(next);
		pages++;
		/* What is uploaded meanwhile moves nothing. */
		(void)stored(pages == 1 ? ONE END : FILE_AS("file", "a", "MP4 x") END);
		next = site_between(site, a.body, "rel=\"next\" href=\"", "\"");
		if (next)
			assert_true(strstr(next, "show=unused&amp;before="));
		if (next)
			next = arena_printf(&site->kept, "/admin/media?show=unused&%s",
				strstr(next, "before=")).p;
	}
	assert_int_equal(pages, 3);
	assert_int_equal(n, 50);
	/* Behind a file that is gone: from the newest on. */
	assert_int_equal(shelf("/admin/media?before=ab/gone.jpg"), 24);
}

static void
a_file_that_is_shown_is_not_deleted(void **state)
{
	const char *path = posted("first");
	struct answer a = act(path, csrf, "delete");

	(void)state;
	assert_int_equal(a.status, 409);
	assert_has(a, "was not deleted");
	assert_has(a, "https://ada.example/note/first");
	assert_int_equal(files(site), 1);
}

static void
an_unused_file_is_deleted_for_good(void **state)
{
	const char *path = stored(ONE END);
	struct answer a = seen(page_of(path));

	(void)state;
	assert_has(a, "Nothing shows this file.");
	assert_has(a, "Delete for good");
	a = act(path, csrf, "delete");
	assert_int_equal(a.status, 303);
	assert_header(a, "Location", "https://ada.example/admin/media?done=media-deleted");
	assert_int_equal(files(site), 0);
	assert_int_equal(seen(page_of(path)).status, 404);
	assert_int_equal(act(path, csrf, "delete").status, 404);
}

static void
the_authors_picture_is_in_use(void **state)
{
	const char *path = stored(ONE END);
	struct answer a = act(path, csrf, "portrait");
	char img[256];

	(void)state;
	assert_int_equal(a.status, 303);
	(void)snprintf(img, sizeof(img), "<img class=\"u-photo\" src=\"%s\"", path);
	assert_has(ASK(site, .uri = "/"), img);
	assert_has(seen(page_of(path)), "Your picture, on the home page");
	assert_lacks(seen("/admin/media"), "Unused</span>");
	assert_int_equal(act(path, csrf, "delete").status, 409);
	assert_int_equal(send_as(site, site->all, "/micropub/media", FORM,
		arena_printf(&site->kept, "action=delete&url=https://ada.example%s", path).p).status, 409);
	assert_int_equal(files(site), 1);
}

static void
what_is_no_picture_cannot_be_the_authors(void **state)
{
	const char *path = stored(FILE_AS("file", "a", "MP4 film") END);

	(void)state;
	assert_lacks(seen(page_of(path)), "Make it your picture");
	assert_int_equal(act(path, csrf, "portrait").status, 422);
	assert_lacks(ASK(site, .uri = "/"), path);
}

static void
only_a_form_of_ours_does_anything(void **state)
{
	const char *path = stored(ONE END);

	(void)state;
	assert_int_equal(act(path, "wrong", "delete").status, 403);
	assert_int_equal(act(path, csrf, "burn").status, 400);
	assert_int_equal(ASK(site, .method = "POST", .uri = page_of(path), .type = FORM,
		.body = "action=delete").status, 303);
	assert_int_equal(ASK(site, .uri = "/admin/media").status, 303);
	assert_int_equal(files(site), 1);
}

#define L(f) cmocka_unit_test_setup_teardown(f, library_setup, site_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		L(a_file_is_shown_with_what_is_known_of_it),
		L(the_smallest_size_there_is_stands_for_a_picture),
		L(files_are_found_by_kind_and_by_being_unused),
		L(a_long_list_goes_on_where_it_ended),
		L(a_file_that_is_shown_is_not_deleted),
		L(an_unused_file_is_deleted_for_good),
		L(the_authors_picture_is_in_use),
		L(what_is_no_picture_cannot_be_the_authors),
		L(only_a_form_of_ours_does_anything),
	};

	return cmocka_run_group_tests_name("web/library", tests, NULL, NULL);
}
