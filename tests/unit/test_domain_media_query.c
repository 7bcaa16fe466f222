/*
 * What is told about uploaded files, to whom, and what is done about files that nothing knows.
 */
#include "media_fixture.h"

/* ---- who may ----------------------------------------------------------------------------- */

static void
scopes_are_whole_words_and_enough(void **state)
{
	static const struct {
		const char *scope;
		bool upload, attach, query, delete;
	} cases[] = {
		{"create", true, true, true, false},
		{"post", true, true, true, false},
		{"media", true, false, true, false},
		{"draft", false, true, true, false},
		{"update", false, false, true, false},
		{"delete", false, false, true, false},
		{"delete media", true, false, true, true},
		{"create delete", true, true, true, true},
		{"profile email", false, false, false, false},
		{"recreate multimedia", false, false, false, false},
		{"", false, false, false, false},
	};
	struct site *s = *state;
	const struct pair ask = {S("q"), S("last")};
	struct str json;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct auth_grant g = grant(cases[i].scope);
		enum err want = cases[i].delete ? ERR_MEDIA_URL : ERR_SCOPE;

		assert_int_equal(media_may_upload(&s->c, &g), cases[i].upload ? OK : ERR_SCOPE);
		err_clear(&s->c);
		assert_int_equal(media_may_attach(&s->c, &g), cases[i].attach ? OK : ERR_SCOPE);
		err_clear(&s->c);
		assert_int_equal(media_query(&s->c, s->db, &g, &ask, 1, &json),
			cases[i].query ? OK : ERR_SCOPE);
		err_clear(&s->c);
		assert_err(s, media_delete(&s->c, s->db, &g, S("x")), want);
	}
}

/* ---- queries ----------------------------------------------------------------------------- */

static struct str
ask(struct site *s, const char *query)
{
	struct auth_grant g = grant("media");
	struct form f = form(query);
	struct str json = {0};

	assert_ok(s, media_query(&s->c, s->db, &g, f.fields, f.n, &json));
	return json;
}

static void
last_is_the_newest_of_the_last_hour(void **state)
{
	struct site *s = *state;
	struct str url;
	char want[300];

	assert_str(ask(s, "q=last"), "{}");
	(void)stored(s, "PNG one");
	site_next(s, 1);
	url = stored(s, "MP4 two");
	(void)snprintf(want, sizeof(want), "{\"url\":\"%.*s\"}", STR(url));
	site_next(s, 3600);
	assert_str(ask(s, "q=last"), want);
	site_next(s, 1);
	assert_str(ask(s, "q=last"), "{}");
}

static void
last_is_what_was_uploaded_once_more(void **state)
{
	struct site *s = *state;
	struct str url = stored(s, "PNG one");
	char want[300];

	site_next(s, 1);
	(void)stored(s, "MP4 two");
	site_next(s, 4000);
	assert_true(str_eq(stored(s, "PNG one"), url));
	(void)snprintf(want, sizeof(want), "{\"url\":\"%.*s\"}", STR(url));
	assert_str(ask(s, "q=last"), want);
	assert_has(ask(s, "q=source"), "\"items\":[{\"url\":\"");
	assert_true(str_search(ask(s, "q=source"), url, 0) <
		str_search(ask(s, "q=source"), S(".mp4"), 0));
}

static void
source_lists_the_newest_first(void **state)
{
	struct site *s = *state;
	struct str one = stored(s, "PNG one"), two;
	char want[600];

	assert_str(ask(s, "q=source&limit=1&offset=1"), "{\"items\":[],\"paging\":{}}");
	site_next(s, 1);
	two = stored(s, "MP4 two");
	(void)snprintf(want, sizeof(want),
		"{\"items\":[{\"url\":\"%.*s\",\"published\":\"2026-03-01T09:30:01Z\","
		"\"mime_type\":\"video/mp4\"},{\"url\":\"%.*s\",\"published\":"
		"\"2026-03-01T09:30:00Z\",\"mime_type\":\"image/png\",\"width\":640,"
		"\"height\":480}],\"paging\":{}}",
		STR(two), STR(one));
	assert_str(ask(s, "q=source"), want);
	assert_has_not(ask(s, "q=source&limit=1"), "image/png");
	assert_has(ask(s, "q=source&limit=1&offset=1"), "image/png");
	assert_has(ask(s, "q=source&limit=100000"), "image/png");
}

static void
source_of_a_url_is_one_object(void **state)
{
	struct site *s = *state;
	struct str url = stored(s, "PNG one");
	char query[300];

	(void)snprintf(query, sizeof(query), "q=source&url=%.*s", STR(url));
	assert_true(str_starts(ask(s, query), S("{\"url\":")));
}

static void
bad_queries_are_refused(void **state)
{
	static const struct {
		const char *query;
		enum err want;
	} cases[] = {
		{"", ERR_MICROPUB_QUERY},
		{"q=", ERR_MICROPUB_QUERY},
		{"q=all", ERR_MICROPUB_QUERY},
		{"q=source&limit=0", ERR_MICROPUB_QUERY},
		{"q=source&limit=-1", ERR_MICROPUB_QUERY},
		{"q=source&limit=", ERR_MICROPUB_QUERY},
		{"q=source&offset=x", ERR_MICROPUB_QUERY},
		{"q=source&offset=99999999999", ERR_MICROPUB_QUERY},
		{"q=source&url=https://ada.example/media/ab/x.png", ERR_MEDIA_URL},
	};
	struct site *s = *state;
	struct auth_grant g = grant("media");
	struct str json;

	assert_str(ask(s, "q=config&x=y"), "{}");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct form f = form(cases[i].query);

		assert_err(s, media_query(&s->c, s->db, &g, f.fields, f.n, &json), cases[i].want);
	}
}

/* ---- the operator ------------------------------------------------------------------------ */

#define STRAY "ab/cdef0123456789cdef0123456789cdef0123456789cdef0123456789cdef01"

static void
plant(struct site *s, const char *name)
{
	char path[300];
	int fd;

	(void)snprintf(
		path, sizeof(path), "%s/%.*s", s->cfg->media_path, (int)strcspn(name, "/"), name);
	(void)mkdir(path, 0755);
	(void)snprintf(path, sizeof(path), "%s/%s", s->cfg->media_path, name);
	fd = open(path, O_CREAT | O_WRONLY, 0644);
	assert_true(fd >= 0);
	(void)close(fd);
}

static int64_t
sweep(struct site *s, int64_t age)
{
	int64_t total = 0, n = -1;

	for (unsigned i = 0; i < MEDIA_FOLDERS; i++) {
		ctx_reset(&s->c);
		s->c.now_us = time_now_us() + age * 1000000;
		assert_ok(s, media_sweep(&s->c, s->db, i, &n));
		total += n;
	}
	return total;
}

static void
sweeping_removes_old_strays_of_ours_and_nothing_else(void **state)
{
	struct site *s = *state;
	struct str url = stored(s, "PNG one"), size;

	assert_ok(s, sizes_name(&s->c, row_of(s, url).name, 480, true, &size));
	plant(s, size.p);
	plant(s, ".incoming/0123");
	plant(s, STRAY ".jpg");
	plant(s, STRAY "-480.webp");
	plant(s, STRAY ".jpg~");
	plant(s, STRAY "-960.webp~");
	plant(s, "ab/holiday.jpg");
	plant(s, "other/holiday.jpg");
	assert_int_equal(sweep(s, 3500), 0);
	assert_int_equal(sweep(s, 3700), 1);
	assert_int_equal(sweep(s, 86300), 0);
	assert_int_equal(sweep(s, 86500), 4);
	assert_int_equal(sweep(s, 86500), 0);
	assert_int_equal(files(s), 4);
	assert_int_equal(access(path_of(s, url), R_OK), 0);
	assert_has(site_log(s), "media_swept");
}

static void
a_folder_is_swept_at_a_time(void **state)
{
	struct site *s = *state;
	int64_t n = -1;

	plant(s, STRAY ".jpg");
	plant(s, ".incoming/0123");
	s->c.now_us = time_now_us() + 86500 * (int64_t)1000000;
	assert_ok(s, media_sweep(&s->c, s->db, 0xaa, &n));
	assert_int_equal(n, 0);
	assert_ok(s, media_sweep(&s->c, s->db, 0xab, &n));
	assert_int_equal(n, 1);
	assert_ok(s, media_sweep(&s->c, s->db, MEDIA_FOLDERS - 1, &n));
	assert_int_equal(n, 1);
}

static void
what_only_has_a_folders_name_is_not_ours(void **state)
{
	struct site *s = *state;
	struct media_report *r = calloc(1, sizeof(*r));
	char path[300];
	int64_t n = -1;
	int fd;

	assert_non_null(r);
	(void)snprintf(path, sizeof(path), "%s/ab", s->cfg->media_path);
	fd = open(path, O_CREAT | O_WRONLY, 0644);
	assert_true(fd >= 0);
	(void)close(fd);
	assert_int_equal(sweep(s, 86500), 0);
	assert_ok(s, media_check(&s->c, s->db, r));
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink("/tmp", path), 0);
	assert_int_equal(sweep(s, 86500), 0);
	assert_int_equal(unlink(path), 0);
	free(r);
	assert_int_equal(rmdir(s->cfg->media_path), 0);
	assert_err(s, media_sweep(&s->c, s->db, 0, &n), ERR_IO);
	assert_int_equal(mkdir(s->cfg->media_path, 0755), 0);
}

static void
nothing_is_swept_while_somebody_may_be_storing_it(void **state)
{
	struct site *s = *state;
	struct db *other;
	int64_t n = 0;

	plant(s, STRAY ".jpg");
	assert_ok(s, db_open(&s->c, NULL, &other));
	assert_ok(s, db_tx_begin(&s->c, other));
	s->c.now_us = time_now_us() + 86500 * (int64_t)1000000;
	s->c.deadline_us = time_mono_us() + 1000;
	assert_err(s, media_sweep(&s->c, s->db, 0xab, &n), ERR_DB_BUSY);
	assert_int_equal(files(s), 1);
	db_tx_rollback(&s->c, other);
	db_close(other);
	assert_int_equal(sweep(s, 86500), 1);
}

static void
checking_tells_what_is_missing_damaged_and_unknown(void **state)
{
	struct site *s = *state;
	struct str good = stored(s, "PNG good"), lost = stored(s, "PNG lost");
	struct str cut = stored(s, "PNG cut");
	struct media_report *r = calloc(1, sizeof(*r));

	assert_non_null(r);
	assert_ok(s, media_check(&s->c, s->db, r));
	assert_int_equal(r->files, 3);
	assert_int_equal(r->n, 0);
	assert_int_equal(unlink(path_of(s, lost)), 0);
	assert_int_equal(truncate(path_of(s, cut), 1), 0);
	plant(s, STRAY ".jpg");
	assert_ok(s, db_tx_begin(&s->c, s->db));
	assert_ok(s, media_row_set_sizes(&s->c, s->db, row_of(s, good).id, S("480")));
	assert_ok(s, db_tx_commit(&s->c, s->db));
	assert_ok(s, media_check(&s->c, s->db, r));
	assert_int_equal(r->files, 0);
	assert_int_equal(r->lost, 3);
	assert_int_equal(r->unknown, 1);
	assert_int_equal(r->n, 4);
	assert_string_equal(media_problem_name(r->findings[0].problem), "missing size");
	assert_has(r->findings[0].name, "-480.webp");
	assert_string_equal(media_problem_name(r->findings[1].problem), "missing");
	assert_string_equal(media_problem_name(r->findings[2].problem), "damaged");
	assert_string_equal(media_problem_name(r->findings[3].problem), "unknown");
	assert_str(r->findings[3].name, STRAY ".jpg");
	free(r);
}

/* A file beside an upload's, of so many bytes: one of its smaller pictures. */
static void
put_size(struct site *s, struct str url, const char *tail, int bytes)
{
	struct str name;
	FILE *f;

	assert_ok(s, sizes_name(&s->c, row_of(s, url).name, 480, strcmp(tail, "webp") == 0, &name));
	assert_ok(s, ctx_printf(&s->c, &name, "%s/%.*s", s->cfg->media_path, STR(name)));
	f = fopen(name.p, "w");
	assert_non_null(f);
	for (int i = 0; i < bytes; i++)
		(void)fputc('x', f);
	assert_int_equal(fclose(f), 0);
}

static void
checking_looks_at_every_format_of_a_smaller_picture(void **state)
{
	struct site *s = *state;
	struct media_report *r = calloc(1, sizeof(*r));
	struct str photo;

	image_says = "image/jpeg";
	photo = stored(s, "PNG photo");
	image_says = NULL;
	assert_non_null(r);
	assert_ok(s, db_tx_begin(&s->c, s->db));
	assert_ok(s, media_row_set_sizes(&s->c, s->db, row_of(s, photo).id, S("480")));
	assert_ok(s, db_tx_commit(&s->c, s->db));
	put_size(s, photo, "webp", 9);
	assert_ok(s, media_check(&s->c, s->db, r));
	assert_int_equal(r->n, 1);
	assert_string_equal(media_problem_name(r->findings[0].problem), "missing size");
	assert_has(r->findings[0].name, "-480.jpg");
	put_size(s, photo, "jpg", 0);
	assert_ok(s, media_check(&s->c, s->db, r));
	assert_int_equal(r->n, 1);
	assert_string_equal(media_problem_name(r->findings[0].problem), "damaged");
	assert_has(r->findings[0].name, "-480.jpg");
	put_size(s, photo, "jpg", 9);
	assert_ok(s, media_check(&s->c, s->db, r));
	assert_int_equal(r->n, 0);
	assert_int_equal(r->files, 1);
	free(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(scopes_are_whole_words_and_enough),
		SITE_TEST(last_is_the_newest_of_the_last_hour),
		SITE_TEST(last_is_what_was_uploaded_once_more),
		SITE_TEST(source_lists_the_newest_first),
		SITE_TEST(source_of_a_url_is_one_object),
		SITE_TEST(bad_queries_are_refused),
		SITE_TEST(sweeping_removes_old_strays_of_ours_and_nothing_else),
		SITE_TEST(a_folder_is_swept_at_a_time),
		SITE_TEST(what_only_has_a_folders_name_is_not_ours),
		SITE_TEST(nothing_is_swept_while_somebody_may_be_storing_it),
		SITE_TEST(checking_tells_what_is_missing_damaged_and_unknown),
		SITE_TEST(checking_looks_at_every_format_of_a_smaller_picture),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
