/*
 * domain/sizes and domain/job: the smaller pictures of an upload, made step by step by the real
 * helper, or by shell scripts in its place where only the failures count.
 */
#include "domain_fixture.h"

#include "domain/job.h"
#include "domain/sizes.h"
#include "fixture.h"
#include "store/job.h"

#include <sys/stat.h>

static int
setup(void **state)
{
	const char *build = getenv("SP_TOP_BUILDDIR");
	static char helper[4096];
	struct site *s;
	char folder[96];

	if (site_setup(state) != 0)
		return -1;
	s = *state;
	(void)snprintf(helper, sizeof(helper), "%s/starpunk-media", build ? build : ".");
	s->cfg->media_path = s->dir;
	s->cfg->media_helper = helper;
	(void)snprintf(folder, sizeof(folder), "%s/ab", s->dir);
	return mkdir(folder, 0755);
}

#define SIZES_TEST(f) cmocka_unit_test_setup_teardown(f, setup, site_teardown)

/* ---- a site's uploads -------------------------------------------------------------------- */

static void
put_file(struct site *s, const char *name, struct str bytes)
{
	char path[160];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/%s", s->dir, name);
	f = fopen(path, "wb");
	assert_non_null(f);
	assert_int_equal(fwrite(bytes.p, 1, bytes.n, f), bytes.n);
	assert_int_equal(fclose(f), 0);
}

/* A file and its row, with a job if it deserves one; its id. */
static int64_t
upload(struct site *s, const char *fixture, const char *name, const char *type, int64_t width)
{
	struct media_row row = {.name = str_z(name), .type = str_z(type), .bytes = 1,
		.width = width, .height = 1, .created = NOW, .client = S("t")};
	char path[128];
	struct str bytes;

	(void)snprintf(path, sizeof(path), "images/%s", fixture);
	bytes = fixture_read(path);
	put_file(s, name, bytes);
	fixture_free(bytes);
	memcpy(row.digest, name, strlen(name));
	assert_int_equal(db_tx_begin(&s->c, s->db), OK);
	assert_int_equal(media_row_insert(&s->c, s->db, &row), OK);
	assert_int_equal(sizes_order(&s->c, s->db, &row), OK);
	assert_int_equal(db_tx_commit(&s->c, s->db), OK);
	return row.id;
}

static bool
has_file(const struct site *s, const char *name)
{
	char path[160];
	struct stat st;

	(void)snprintf(path, sizeof(path), "%s/%s", s->dir, name);
	return stat(path, &st) == 0 && st.st_size > 0;
}

static void
assert_sizes(struct site *s, int64_t id, const char *want)
{
	struct media_row row;

	assert_int_equal(media_row_find_id(&s->c, s->db, id, &row), OK);
	assert_str(row.sizes, want);
}

static size_t
n_jobs(struct site *s)
{
	struct job_row *list;
	size_t n = 0;

	assert_int_equal(job_row_list(&s->c, s->db, &list, &n), OK);
	return n;
}

static int64_t
work(struct site *s)
{
	int64_t next = -1;

	assert_int_equal(job_work(&s->c, s->db, &next), OK);
	assert_int_equal(s->c.err.code, OK);
	return next;
}

/* ---- what is made ------------------------------------------------------------------------ */

static void
only_pictures_wide_enough_are_ordered(void **state)
{
	struct site *s = *state;

	(void)upload(s, "page.pdf", "ab/a.pdf", "application/pdf", 0);
	(void)upload(s, "photo.jpg", "ab/b.jpg", "image/jpeg", 480);
	assert_int_equal(n_jobs(s), 0);
	(void)upload(s, "photo.jpg", "ab/c.jpg", "image/jpeg", 481);
	assert_int_equal(n_jobs(s), 1);
}

static void
each_step_makes_one_file_and_the_row_comes_last(void **state)
{
	static const char *const files[] = {"ab/a-480.webp", "ab/a-480.jpg", "ab/a-960.webp", "ab/a-960.jpg",
		"ab/a-1600.webp", "ab/a-1600.jpg"};
	struct site *s = *state;
	int64_t id = upload(s, "wide.jpg", "ab/a.jpg", "image/jpeg", 1700);

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		assert_false(has_file(s, files[i]));
		assert_int_equal(work(s), NOW); /* there is more to do at once */
		assert_true(has_file(s, files[i]));
		assert_sizes(s, id, "");
	}
	(void)work(s);
	assert_sizes(s, id, "480 960 1600");
	assert_int_equal(n_jobs(s), 0);
	assert_int_equal(work(s), 0);
}

static void
a_picture_that_is_no_jpeg_has_webp_only(void **state)
{
	struct site *s = *state;
	int64_t id = upload(s, "wide.png", "ab/a.png", "image/png", 500);

	while (n_jobs(s) > 0)
		(void)work(s);
	assert_sizes(s, id, "480");
	assert_true(has_file(s, "ab/a-480.webp"));
	assert_false(has_file(s, "ab/a-480.jpg"));
}

static void
what_is_there_already_is_not_made_again(void **state)
{
	struct site *s = *state;
	int64_t id = upload(s, "photo.jpg", "ab/a.jpg", "image/jpeg", 640);

	s->cfg->media_helper = "/nonexistent";
	put_file(s, "ab/a-480.webp", S("made before a crash"));
	put_file(s, "ab/a-480.jpg", S("made before a crash"));
	(void)work(s);
	assert_sizes(s, id, "480");
}

static void
names_keep_the_stem(void **state)
{
	struct site *s = *state;
	struct str name;

	assert_int_equal(sizes_name(&s->c, S("ab/c.d.jpeg"), 480, true, &name), OK);
	assert_str(name, "ab/c.d-480.webp");
	assert_int_equal(sizes_name(&s->c, S("a.b/c"), 960, false, &name), OK);
	assert_str(name, "a.b/c-960.jpg");
}

static void
removing_takes_all_there_are(void **state)
{
	struct site *s = *state;

	put_file(s, "ab/a-480.webp", S("x"));
	put_file(s, "ab/a-1600.jpg", S("x"));
	put_file(s, "ab/a-481.jpg", S("x"));
	assert_int_equal(sizes_remove(&s->c, S("ab/a.jpg")), OK);
	assert_false(has_file(s, "ab/a-480.webp"));
	assert_false(has_file(s, "ab/a-1600.jpg"));
	assert_true(has_file(s, "ab/a-481.jpg"));
}

/* ---- what goes wrong --------------------------------------------------------------------- */

static void
a_picture_that_was_removed_ends_the_job(void **state)
{
	struct site *s = *state;
	int64_t id = upload(s, "photo.jpg", "ab/a.jpg", "image/jpeg", 640);

	assert_int_equal(db_tx_begin(&s->c, s->db), OK);
	assert_int_equal(media_row_delete(&s->c, s->db, id), OK);
	assert_int_equal(db_tx_commit(&s->c, s->db), OK);
	(void)work(s);
	assert_int_equal(n_jobs(s), 0);
}

/* The helper's place is taken by a script that removes the row while it is asked. */
static void
a_picture_that_is_removed_meanwhile_takes_what_was_made_with_it(void **state)
{
	struct site *s = *state;
	char script[512], path[160];

	(void)upload(s, "photo.jpg", "ab/a.jpg", "image/jpeg", 640);
	put_file(s, "ab/a-480.webp", S("made before"));
	(void)snprintf(script, sizeof(script),
		"#!/bin/sh\npython3 -c \"import sqlite3; d = sqlite3.connect('%s/starpunk.db'); "
		"d.execute('DELETE FROM media'); d.commit()\" && echo x >&3 && "
		"echo ok image/jpeg 480 1 rewritten\n",
		s->dir);
	put_file(s, "helper", str_z(script));
	(void)snprintf(path, sizeof(path), "%s/helper", s->dir);
	assert_int_equal(chmod(path, 0755), 0);
	s->cfg->media_helper = path;
	(void)work(s);
	assert_false(has_file(s, "ab/a-480.jpg"));
	assert_false(has_file(s, "ab/a-480.webp"));
	assert_int_equal(n_jobs(s), 0);
}

/* A job that is left of a removed picture is not about the next one, which may be one that moves. */
static void
ids_are_not_given_again(void **state)
{
	struct site *s = *state;
	int64_t first = upload(s, "photo.jpg", "ab/a.jpg", "image/jpeg", 640);

	assert_int_equal(db_tx_begin(&s->c, s->db), OK);
	assert_int_equal(media_row_delete(&s->c, s->db, first), OK);
	assert_int_equal(db_tx_commit(&s->c, s->db), OK);
	assert_true(upload(s, "animated.gif", "ab/b.gif", "image/gif", 1) > first);
}

static void
a_failure_is_noted_logged_and_leaves_no_file(void **state)
{
	struct site *s = *state;
	struct job_row *list;
	size_t n;

	(void)upload(s, "truncated.jpg", "ab/a.jpg", "image/jpeg", 640);
	(void)work(s);
	assert_int_equal(job_row_list(&s->c, s->db, &list, &n), OK);
	assert_int_equal(n, 1);
	assert_int_equal(list[0].attempts, 1);
	assert_int_equal(list[0].due, NOW + 60);
	assert_str(list[0].problem, "the file cannot be read to its end");
	assert_false(has_file(s, "ab/a-480.webp"));
	assert_true(str_search(site_log(s), S("\"event\":\"job_failed\""), 0) < site_log(s).n);
	assert_int_equal(work(s), NOW + 60);
}

static void
a_missing_file_and_an_unknown_kind_are_failures(void **state)
{
	struct site *s = *state;
	int64_t id = upload(s, "photo.jpg", "ab/a.jpg", "image/jpeg", 640);
	struct job_row *list;
	char path[160];
	size_t n;

	(void)snprintf(path, sizeof(path), "%s/ab/a.jpg", s->dir);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(db_tx_begin(&s->c, s->db), OK);
	assert_int_equal(job_row_add(&s->c, s->db, S("nonsense"), id, NOW), OK);
	assert_int_equal(db_tx_commit(&s->c, s->db), OK);
	(void)work(s);
	(void)work(s);
	assert_int_equal(job_row_list(&s->c, s->db, &list, &n), OK);
	assert_int_equal(n, 2);
	assert_true(str_ends(list[0].problem, S("No such file or directory")));
	assert_str(list[1].problem, "there is no work of the kind 'nonsense'");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		SIZES_TEST(only_pictures_wide_enough_are_ordered),
		SIZES_TEST(each_step_makes_one_file_and_the_row_comes_last),
		SIZES_TEST(a_picture_that_is_no_jpeg_has_webp_only),
		SIZES_TEST(a_failure_is_noted_logged_and_leaves_no_file),
		SIZES_TEST(what_is_there_already_is_not_made_again),
		SIZES_TEST(names_keep_the_stem),
		SIZES_TEST(removing_takes_all_there_are),
		SIZES_TEST(a_picture_that_was_removed_ends_the_job),
		SIZES_TEST(a_picture_that_is_removed_meanwhile_takes_what_was_made_with_it),
		SIZES_TEST(ids_are_not_given_again),
		SIZES_TEST(a_missing_file_and_an_unknown_kind_are_failures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
