/*
 * Copies: of one moment while others write, refused where they are not sound or not ours, and one's own
 * file in the end.
 */
#include "store_site.h"

#include "store/copy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <cmocka.h>

static void
place(const struct store_site *s, const char *name, char out[256])
{
	(void)snprintf(out, 256, "%s/%s", s->dir.path, name);
}

static bool
exists(const char *path, const char *tail)
{
	char name[300];
	struct stat st;

	(void)snprintf(name, sizeof(name), "%s%s", path, tail);
	return stat(name, &st) == 0;
}

/* What a copy holds, asked with plain SQLite. */
static int64_t
ask(const struct store_site *s, const char *path, const char *sql)
{
	struct store_site other = *s;

	(void)snprintf(other.path, sizeof(other.path), "%.*s", (int)sizeof(other.path) - 1, path);
	return site_sql(&other, sql);
}

struct writer {
	struct store_site *s;
	int n;
};

/* Another process's post, in the middle of the copying. */
static bool
write_meanwhile(void *self, int64_t done, int64_t all)
{
	struct writer *w = self;
	char slug[16];

	assert_true(done <= all);
	(void)snprintf(slug, sizeof(slug), "late%d", w->n++);
	site_add(w->s, slug, 1000 + w->n);
	return true;
}

static void
a_copy_is_of_the_moment_at_which_it_was_begun(void **state)
{
	struct store_site s;
	struct writer w = {&s, 0};
	char path[256];
	int64_t pages;

	(void)state;
	site_init(&s);
	for (int i = 0; i < 300; i++) {
		char slug[16];

		(void)snprintf(slug, sizeof(slug), "early%d", i);
		site_add(&s, slug, i);
	}
	(void)site_sql(&s, "CREATE TABLE ballast AS WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000) "
		"SELECT randomblob(2000) FROM n");
	place(&s, "copy.db", path);
	assert_int_equal(copy_make(&s.c, path, write_meanwhile, &w), OK);
	pages = ask(&s, path, "PRAGMA page_count");
	assert_true(pages > 1000);
	assert_true(w.n >= pages / 256);
	assert_true(w.n <= pages / 256 + 2);
	assert_int_equal(ask(&s, path, "SELECT count(*) FROM post"), 300);
	assert_int_equal(site_sql(&s, "SELECT count(*) FROM post"), 300 + w.n);
	site_fini(&s);
}

static void
a_copy_is_one_file_for_its_owner_alone(void **state)
{
	struct store_site s;
	char path[256];
	struct stat st;

	(void)state;
	site_init(&s);
	place(&s, "copy.db", path);
	assert_int_equal(copy_make(&s.c, path, NULL, NULL), OK);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_false(exists(path, "-wal"));
	assert_false(exists(path, "-shm"));
	assert_false(exists(path, "-journal"));
	site_fini(&s);
}

static bool
stop(void *self, int64_t done, int64_t all)
{
	(void)self;
	(void)done;
	(void)all;
	return false;
}

static void
one_that_is_stopped_leaves_no_file(void **state)
{
	struct store_site s;
	char path[256];

	(void)state;
	site_init(&s);
	place(&s, "copy.db", path);
	assert_int_equal(copy_make(&s.c, path, stop, NULL), ERR_TIMEOUT);
	assert_false(exists(path, ""));
	site_fini(&s);
}

static void
a_sound_copy_is_opened_and_leaves_nothing_beside_it(void **state)
{
	struct copy *k = NULL;
	struct store_site s;
	char path[256];

	(void)state;
	site_init(&s);
	site_add(&s, "a", 1);
	place(&s, "copy.db", path);
	assert_int_equal(copy_make(&s.c, path, NULL, NULL), OK);
	assert_int_equal(copy_open(&s.c, path, &k), OK);
	assert_int_equal(copy_version(k), migrate_version());
	assert_int_equal(copy_check(&s.c, k), OK);
	copy_close(k);
	assert_false(exists(path, "-wal"));
	assert_false(exists(path, "-shm"));
	site_fini(&s);
}

static void
refused_after(const char *sql, enum err open, enum err check)
{
	struct copy *k = NULL;
	struct store_site s;
	char path[256];

	site_init(&s);
	site_add(&s, "a", 1);
	place(&s, "copy.db", path);
	assert_int_equal(copy_make(&s.c, path, NULL, NULL), OK);
	(void)ask(&s, path, sql);
	assert_int_equal(copy_open(&s.c, path, &k), open);
	if (open == OK)
		assert_int_equal(copy_check(&s.c, k), check);
	copy_close(k);
	site_fini(&s);
}

static void
a_newer_schema_is_refused(void **state)
{
	(void)state;
	refused_after("PRAGMA user_version = 77", ERR_DB_SCHEMA, OK);
}

static void
an_older_one_is_fine(void **state)
{
	(void)state;
	refused_after("PRAGMA user_version = 2", OK, OK);
}

static void
somebody_elses_database_is_refused(void **state)
{
	(void)state;
	refused_after("PRAGMA application_id = 1", ERR_DB_SCHEMA, OK);
}

static void
rows_that_point_to_none_are_found(void **state)
{
	(void)state;
	refused_after("INSERT INTO post_tag VALUES (1, 2, 3, 0)", OK, ERR_DB_CORRUPT);
}

/* PRAGMA integrity_check says that all is well then. */
static void
an_index_of_the_search_that_is_not_what_its_rows_are_is_found(void **state)
{
	(void)state;
	refused_after("UPDATE search_state SET fts = 2; "
		"INSERT INTO search (key, post_id, text) VALUES (5, 1, ' word ')", OK, ERR_DB_CORRUPT);
}

static void
what_is_no_database_is_refused(void **state)
{
	struct copy *k = NULL;
	struct store_site s;
	char path[256];

	(void)state;
	site_init(&s);
	tempdir_write(&s.dir, "copy.db", S("This is a text of more than a hundred bytes, to be sure that "
		"it is the header that is looked at and not the size of the file."));
	place(&s, "copy.db", path);
	assert_int_equal(copy_open(&s.c, path, &k), ERR_DB_CORRUPT);
	assert_null(k);
	site_fini(&s);
}

static void
files_come_by_name_and_names_are_held_beside_it(void **state)
{
	struct copy_file f;
	struct copy *k = NULL;
	struct store_site s;
	char path[256];
	bool more, held;

	(void)state;
	site_init(&s);
	(void)site_sql(&s, "INSERT INTO media (name, digest, type, bytes, width, height, sizes, created, client) VALUES "
		"('b', zeroblob(32), 'image/png', 7, 0, 0, '480 960', 0, ''), "
		"('a', randomblob(32), 'image/jpeg', 9, 0, 0, '', 0, '')");
	place(&s, "copy.db", path);
	assert_int_equal(copy_make(&s.c, path, NULL, NULL), OK);
	assert_int_equal(copy_open(&s.c, path, &k), OK);
	assert_int_equal(copy_media_begin(&s.c, k), OK);
	assert_int_equal(copy_media_next(&s.c, k, &f, &more), OK);
	assert_true(more && str_eq(f.name, S("a")) && f.bytes == 9);
	assert_int_equal(copy_media_next(&s.c, k, &f, &more), OK);
	assert_true(more && str_eq(f.name, S("b")) && str_eq(f.sizes, S("480 960")));
	assert_int_equal(copy_media_next(&s.c, k, &f, &more), OK);
	assert_false(more);
	assert_int_equal(copy_knows(&s.c, k, (unsigned char[CRYPTO_SHA256_BYTES]){0}, &held), OK);
	assert_true(held);
	assert_int_equal(copy_knows(&s.c, k, (unsigned char[CRYPTO_SHA256_BYTES]){1}, &held), OK);
	assert_false(held);
	assert_int_equal(copy_hold(&s.c, k, S("a")), OK);
	assert_int_equal(copy_hold(&s.c, k, S("a")), OK);
	assert_int_equal(copy_holds(&s.c, k, S("a"), &held), OK);
	assert_true(held);
	assert_int_equal(copy_holds(&s.c, k, S("b"), &held), OK);
	assert_false(held);
	copy_close(k);
	site_fini(&s);
}

static void
a_database_that_is_open_elsewhere_is_not_ours_alone(void **state)
{
	struct store_site s;

	(void)state;
	site_init(&s);
	s.cfg.db_busy_timeout = 10000;
	assert_int_equal(db_ping(&s.c, s.db), OK);
	assert_int_equal(copy_alone(&s.c, s.path), ERR_DB_BUSY);
	err_clear(&s.c);
	assert_int_equal(copy_fold(&s.c, s.path), ERR_DB_BUSY);
	err_clear(&s.c);
	db_close(s.db);
	s.db = NULL;
	assert_int_equal(copy_alone(&s.c, s.path), OK);
	site_fini(&s);
}

static void
folding_makes_one_file_and_loses_nothing(void **state)
{
	struct store_site s;

	(void)state;
	site_init(&s);
	site_add(&s, "a", 1);
	db_close(s.db);
	s.db = NULL;
	assert_true(exists(s.path, "-wal"));
	assert_int_equal(copy_alone(&s.c, s.path), OK);
	assert_true(exists(s.path, "-wal"));
	assert_int_equal(copy_fold(&s.c, s.path), OK);
	assert_false(exists(s.path, "-wal"));
	assert_int_equal(site_sql(&s, "SELECT count(*) FROM post"), 1);
	site_fini(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_copy_is_of_the_moment_at_which_it_was_begun),
		cmocka_unit_test(a_copy_is_one_file_for_its_owner_alone),
		cmocka_unit_test(one_that_is_stopped_leaves_no_file),
		cmocka_unit_test(a_sound_copy_is_opened_and_leaves_nothing_beside_it),
		cmocka_unit_test(a_newer_schema_is_refused),
		cmocka_unit_test(an_older_one_is_fine),
		cmocka_unit_test(somebody_elses_database_is_refused),
		cmocka_unit_test(rows_that_point_to_none_are_found),
		cmocka_unit_test(an_index_of_the_search_that_is_not_what_its_rows_are_is_found),
		cmocka_unit_test(what_is_no_database_is_refused),
		cmocka_unit_test(files_come_by_name_and_names_are_held_beside_it),
		cmocka_unit_test(a_database_that_is_open_elsewhere_is_not_ours_alone),
		cmocka_unit_test(folding_makes_one_file_and_loses_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
