/*
 * Uploads: what is stored and what is not, the same bytes once, uses, deletion. What a file is, the
 * stub says.
 */
#include "media_fixture.h"

#include "store/job.h"

/* ---- storing ----------------------------------------------------------------------------- */

static void
an_upload_becomes_a_file_a_row_and_a_job(void **state)
{
	struct site *s = *state;
	struct str url = stored(s, "PNG one");
	struct media_row row = row_of(s, url);
	struct job_row job;
	char text[32] = "";
	FILE *f = fopen(path_of(s, url), "rb");

	assert_true(str_starts(url, S("https://ada.example/media/")));
	assert_true(str_ends(url, S(".png")));
	assert_non_null(f);
	assert_int_equal(fread(text, 1, sizeof(text), f), 13);
	(void)fclose(f);
	assert_string_equal(text, "clean PNG one");
	assert_int_equal(row.bytes, 13);
	assert_str(row.type, "image/png");
	assert_int_equal(row.width, 640);
	assert_int_equal(row.height, 480);
	assert_int_equal(row.created, NOW);
	assert_str(row.client, "tokenid");
	assert_ok(s, job_row_next(&s->c, s->db, &job));
	assert_str(job.kind, "sizes");
	assert_int_equal(job.subject, row.id);
	assert_has(site_log(s), "media_stored");
}

static void
what_is_no_picture_is_kept_as_it_came_and_needs_no_job(void **state)
{
	struct site *s = *state;
	struct str url = stored(s, "MP4 film");
	struct media_row row = row_of(s, url);
	struct job_row job;

	assert_true(str_ends(url, S(".mp4")));
	assert_int_equal(row.bytes, 8);
	assert_int_equal(row.width, 0);
	assert_err(s, job_row_next(&s->c, s->db, &job), ERR_NOT_FOUND);
}

static void
a_picture_that_moves_needs_no_job(void **state)
{
	struct site *s = *state;
	struct str url = stored(s, "GIF dance");
	struct job_row job;

	assert_int_equal(row_of(s, url).width, 640);
	assert_err(s, job_row_next(&s->c, s->db, &job), ERR_NOT_FOUND);
}

static void
the_same_bytes_are_one_file_and_are_looked_at_once(void **state)
{
	struct site *s = *state;
	struct str first = stored(s, "PNG one"), again, other;

	image_prepared = 0;
	again = stored(s, "PNG one");
	assert_int_equal(image_prepared, 0);
	assert_true(str_eq(first, again));
	assert_int_equal(files(s), 1);
	other = stored(s, "PNG two");
	assert_false(str_eq(first, other));
	assert_int_equal(files(s), 2);
}

static void
two_at_once_of_the_same_bytes_are_one(void **state)
{
	struct site *s = *state;
	struct media_upload *u[3];
	struct stat first, now;

	assert_ok(s, receive(s, "PNG one", &u[0]));
	assert_ok(s, receive(s, "PNG one", &u[1]));
	assert_ok(s, receive(s, "PNG one", &u[2]));
	assert_ok(s, media_store(&s->c, s->db, u, 2, S("a")));
	assert_int_equal(stat(path_of(s, media_upload_url(u[0])), &first), 0);
	assert_ok(s, media_store(&s->c, s->db, u + 2, 1, S("b")));
	assert_int_equal(stat(path_of(s, media_upload_url(u[0])), &now), 0);
	assert_int_equal(first.st_ino, now.st_ino);
	assert_true(str_eq(media_upload_url(u[0]), media_upload_url(u[1])));
	assert_true(str_eq(media_upload_url(u[0]), media_upload_url(u[2])));
	assert_int_equal(files(s), 1);
	assert_str(row_of(s, media_upload_url(u[2])).client, "a");
}

static void
names_cannot_be_made_without_the_sites_key(void **state)
{
	struct site *a = *state;
	struct str url = stored(a, "PNG one");
	void *other = NULL;

	assert_int_equal(site_setup(&other), 0);
	assert_false(str_eq(url, stored(other, "PNG one")));
	assert_int_equal(site_teardown(&other), 0);
}

static void
a_lost_file_is_healed_by_the_same_upload(void **state)
{
	struct site *s = *state;
	struct str url = stored(s, "PNG one"), again;
	struct stat st;

	assert_int_equal(unlink(path_of(s, url)), 0);
	again = stored(s, "PNG one");
	assert_true(str_eq(url, again));
	assert_int_equal(stat(path_of(s, url), &st), 0);
	assert_int_equal(truncate(path_of(s, url), 3), 0);
	(void)stored(s, "PNG one");
	assert_int_equal(stat(path_of(s, url), &st), 0);
	assert_int_equal(st.st_size, 13);
}

static void
a_healed_file_keeps_its_name_and_type(void **state)
{
	struct site *s = *state;
	struct str url = stored(s, "PNG one"), again;

	assert_int_equal(unlink(path_of(s, url)), 0);
	image_says = "image/webp";
	again = stored(s, "PNG one");
	image_says = NULL;
	assert_true(str_eq(url, again));
	assert_int_equal(access(path_of(s, url), R_OK), 0);
	assert_str(row_of(s, url).type, "image/png");
	assert_int_equal(files(s), 1);
}

static void
what_is_refused_leaves_nothing(void **state)
{
	static const struct {
		const char *text;
		enum err want;
	} cases[] = {{"BROKEN", ERR_UPLOAD_BROKEN}, {"FULL", ERR_DISK_FULL},
		{"DEAD", ERR_UPLOAD_HELPER}, {"LATE", ERR_TIMEOUT}, {"ODD", ERR_UPLOAD_TYPE},
		{"<svg", ERR_UPLOAD_TYPE}, {"", ERR_UPLOAD_TYPE}};
	struct site *s = *state;
	struct media_list list;
	struct str url;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_err(s, upload(s, cases[i].text, &url), cases[i].want);
		site_next(s, 0);
		assert_int_equal(files(s), 0);
	}
	assert_ok(s, media_row_newest(&s->c, s->db, 10, 0, &list));
	assert_int_equal(list.n, 0);
}

static void
a_file_has_at_most_max_media_size(void **state)
{
	static char big[64 * 1024 + 1];
	struct site *s = *state;
	struct media_upload *u;

	memset(big, 'x', sizeof(big));
	memcpy(big, "MP4 ", 4);
	assert_ok(s, media_upload_begin(&s->c, &u));
	assert_ok(s, media_upload_put(&s->c, u, str_n(big, sizeof(big) - 1)));
	assert_err(s, media_upload_put(&s->c, u, S("x")), ERR_UPLOAD_TOO_LARGE);
}

static void
all_are_stored_or_none(void **state)
{
	struct site *s = *state;
	struct media_upload *u[2];
	struct media_list list;
	struct str folder, name;

	assert_ok(s, receive(s, "PNG one", &u[0]));
	assert_ok(s, receive(s, "PNG two", &u[1]));
	/* The second one's folder cannot be made: a file is in its place. */
	assert_ok(s, site_media_parse(&s->c, media_upload_url(u[1]), &name));
	assert_ok(s, ctx_printf(&s->c, &folder, "%s/%.2s", s->cfg->media_path, name.p));
	assert_int_equal(close(open(folder.p, O_CREAT | O_WRONLY, 0600)), 0);
	assert_err(s, media_store(&s->c, s->db, u, 2, S("tokenid")), ERR_IO);
	assert_int_equal(files(s), 1);
	assert_ok(s, media_row_newest(&s->c, s->db, 10, 0, &list));
	assert_int_equal(list.n, 0);
}

/* A post that shows those files, which have come with it. */
static enum err
post_with(struct site *s, struct media_upload *const *u, size_t n)
{
	struct post_draft draft = {.kind = S("entry"), .files = u, .n_files = n};
	struct post_result result;
	struct json *properties, *photos;

	assert_ok(s, json_object(&s->c, &properties));
	assert_ok(s, json_array(&s->c, &photos));
	for (size_t i = 0; i < n; i++)
		assert_ok(s, json_push_str(&s->c, photos, media_upload_url(u[i])));
	assert_ok(s, json_set(&s->c, properties, S("photo"), photos));
	draft.properties = properties;
	return post_create(&s->c, s->db, &draft, &result);
}

static int64_t
n_rows(struct site *s)
{
	struct media_list list;

	assert_ok(s, media_row_newest(&s->c, s->db, 10, 0, &list));
	return (int64_t)list.n;
}

static void
a_posts_files_are_stored_with_it(void **state)
{
	struct site *s = *state;
	struct media_upload *u[2];

	assert_ok(s, receive(s, "PNG one", &u[0]));
	assert_ok(s, receive(s, "PNG two", &u[1]));
	assert_ok(s, post_with(s, u, 2));
	assert_int_equal(files(s), 2);
	assert_int_equal(n_rows(s), 2);
	assert_has(site_log(s), "media_stored");
}

static void
a_refused_posts_files_are_taken_back_but_not_those_from_before(void **state)
{
	struct site *s = *state;
	struct str old = stored(s, "PNG old");
	struct media_upload *u[2];

	assert_ok(s, receive(s, "PNG old", &u[0]));
	assert_ok(s, receive(s, "PNG new", &u[1]));
	assert_ok(s, media_sync(&s->c, u, 2));
	assert_ok(s, db_tx_begin(&s->c, s->db));
	assert_ok(s, media_put(&s->c, s->db, u, 2, S("tokenid")));
	assert_int_equal(files(s), 2);
	(void)err_raise(&s->c, ERR_MICROPUB_EMPTY, "the post");
	assert_int_equal(
		media_tx_end(&s->c, s->db, u, 2, ERR_MICROPUB_EMPTY), ERR_MICROPUB_EMPTY);
	assert_err(s, s->c.err.code, ERR_MICROPUB_EMPTY);
	assert_int_equal(files(s), 1);
	assert_int_equal(n_rows(s), 1);
	assert_int_equal(access(path_of(s, old), R_OK), 0);
}

/* Found stored, so nothing was prepared; gone when its post was to be made. */
static void
a_post_does_not_show_a_file_that_was_deleted_while_it_came(void **state)
{
	struct site *s = *state;
	struct auth_grant g = grant("delete media");
	struct str url = stored(s, "PNG one");
	struct media_upload *u;

	assert_ok(s, receive(s, "PNG one", &u));
	assert_ok(s, media_delete(&s->c, s->db, &g, url));
	assert_err(s, post_with(s, &u, 1), ERR_UPLOAD_HELPER);
	site_next(s, 0);
	assert_ok(s, receive(s, "PNG one", &u));
	assert_ok(s, post_with(s, &u, 1));
	assert_int_equal(access(path_of(s, url), R_OK), 0);
}

/* ---- uses -------------------------------------------------------------------------------- */

static bool
used(struct site *s, struct str url)
{
	bool out = false;

	assert_ok(s, media_row_used(&s->c, s->db, row_of(s, url).id, &out));
	return out;
}

static void
link_post(struct site *s, int64_t id, const char *mf2)
{
	assert_ok(s, db_tx_begin(&s->c, s->db));
	assert_ok(s, media_links_clear(&s->c, s->db, id));
	assert_ok(s, media_links_put(&s->c, s->db, id, str_z(mf2)));
	assert_ok(s, db_tx_commit(&s->c, s->db));
}

static void
a_post_uses_the_files_it_names_wherever_it_does(void **state)
{
	static const char *const posts[] = {
		"{\"properties\":{\"photo\":[\"%.*s\"]}}",
		"{\"properties\":{\"photo\":[{\"value\":\"%.*s\",\"alt\":\"x\"}]}}",
		"{\"properties\":{\"content\":[{\"html\":\"<p><img src='%.*s'></p>\"}]}}",
		"{\"properties\":{\"content\":[\"![a](%.*s) and\"]}}",
		"{\"properties\":{\"content\":[\"Look at %.*s.\"]}}",
		"{\"properties\":{\"x-own\":[{\"type\":[\"h-y\"],\"properties\":{\"z\":[\"%.*s\"]}}]}}",
	};
	struct site *s = *state;
	struct str url = stored(s, "PNG one");
	struct post_row post = posted(s, "{\"properties\":{\"content\":[\"x\"]}}");

	for (size_t i = 0; i < sizeof(posts) / sizeof(posts[0]); i++) {
		char text[512];

		assert_false(used(s, url));
		(void)snprintf(text, sizeof(text), posts[i], STR(url));
		link_post(s, post.id, text);
		assert_true(used(s, url));
		link_post(s, post.id, "{\"properties\":{\"content\":[\"x /media/ /media/ab\"]}}");
	}
}

static void
many_mentions_of_one_file_hide_no_other(void **state)
{
	enum { TIMES = 1100, ROOM = 200 * 1024 };
	struct site *s = *state;
	struct str often = stored(s, "PNG one"), once = stored(s, "PNG two");
	struct post_row post = posted(s, "{\"properties\":{\"content\":[\"x\"]}}");
	char *text = calloc(1, ROOM);
	size_t n = 0;

	assert_non_null(text);
	for (int i = 0; i < TIMES; i++)
		n += (size_t)snprintf(text + n, ROOM - n, "%.*s ", STR(often));
	(void)snprintf(text + n, ROOM - n, "%.*s", STR(once));
	link_post(s, post.id, text);
	assert_true(used(s, often));
	assert_true(used(s, once));
	free(text);
}

static void
creating_a_post_notes_its_files(void **state)
{
	struct site *s = *state;
	struct str url = stored(s, "PNG one");
	char text[512];

	(void)snprintf(text, sizeof(text), "{\"properties\":{\"photo\":[\"%.*s\"]}}", STR(url));
	(void)posted(s, text);
	assert_true(used(s, url));
}

/* ---- deleting ---------------------------------------------------------------------------- */

static void
deleting_removes_file_sizes_and_row(void **state)
{
	struct site *s = *state;
	struct auth_grant g = grant("delete media");
	struct str url = stored(s, "PNG one"), size;
	struct media_row row = row_of(s, url);
	char path[300];

	assert_ok(s, sizes_name(&s->c, row.name, 480, true, &size));
	(void)snprintf(path, sizeof(path), "%s/%.*s", s->cfg->media_path, STR(size));
	assert_int_equal(close(open(path, O_CREAT | O_WRONLY, 0644)), 0);
	assert_ok(s, db_tx_begin(&s->c, s->db));
	assert_ok(s, media_row_set_sizes(&s->c, s->db, row.id, S("480")));
	assert_ok(s, db_tx_commit(&s->c, s->db));
	assert_int_equal(files(s), 2);
	assert_ok(s, media_delete(&s->c, s->db, &g, url));
	assert_int_equal(files(s), 0);
	assert_err(s, media_delete(&s->c, s->db, &g, url), ERR_MEDIA_URL);
	assert_has(site_log(s), "media_deleted");
}

static void
what_a_living_post_shows_is_not_deleted(void **state)
{
	struct site *s = *state;
	struct auth_grant g = grant("delete create");
	struct str url = stored(s, "PNG one");
	struct post_row post = posted(s, "{\"properties\":{\"content\":[\"x\"]}}");
	char text[512];

	(void)snprintf(text, sizeof(text), "\"%.*s\"", STR(url));
	link_post(s, post.id, text);
	assert_err(s, media_delete(&s->c, s->db, &g, url), ERR_MEDIA_IN_USE);
	assert_int_equal(access(path_of(s, url), R_OK), 0);
	link_post(s, post.id, "");
	assert_ok(s, media_delete(&s->c, s->db, &g, url));
}

static void
other_urls_are_no_files(void **state)
{
	static const char *const others[] = {"", "x", "https://ada.example/", "file:///etc/passwd",
		"https://ada.example/media/", "https://ada.example/media/../starpunk.db",
		"https://ada.example/media/%2e%2e/starpunk.db", "https://ada.example/note/x",
		"https://eve.example/media/ab/cd.png"};
	struct site *s = *state;
	struct auth_grant g = grant("delete media");

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		assert_err(s, media_delete(&s->c, s->db, &g, str_z(others[i])), ERR_MEDIA_URL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(an_upload_becomes_a_file_a_row_and_a_job),
		SITE_TEST(what_is_no_picture_is_kept_as_it_came_and_needs_no_job),
		SITE_TEST(a_picture_that_moves_needs_no_job),
		SITE_TEST(the_same_bytes_are_one_file_and_are_looked_at_once),
		SITE_TEST(two_at_once_of_the_same_bytes_are_one),
		SITE_TEST(names_cannot_be_made_without_the_sites_key),
		SITE_TEST(a_lost_file_is_healed_by_the_same_upload),
		SITE_TEST(a_healed_file_keeps_its_name_and_type),
		SITE_TEST(what_is_refused_leaves_nothing),
		SITE_TEST(a_file_has_at_most_max_media_size),
		SITE_TEST(all_are_stored_or_none),
		SITE_TEST(a_posts_files_are_stored_with_it),
		SITE_TEST(a_post_does_not_show_a_file_that_was_deleted_while_it_came),
		SITE_TEST(a_refused_posts_files_are_taken_back_but_not_those_from_before),
		SITE_TEST(a_post_uses_the_files_it_names_wherever_it_does),
		SITE_TEST(many_mentions_of_one_file_hide_no_other),
		SITE_TEST(creating_a_post_notes_its_files),
		SITE_TEST(deleting_removes_file_sizes_and_row),
		SITE_TEST(what_a_living_post_shows_is_not_deleted),
		SITE_TEST(other_urls_are_no_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
