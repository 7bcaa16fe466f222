/*
 * Connections: what they refuse to open, how they are set, health and integrity, the checkpoint.
 */
#include "store_site.h"

#include "base/time.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <cmocka.h>

static int64_t
pragma_of(struct store_site *s, const char *sql)
{
	sqlite3_stmt *st;
	int64_t v;

	assert_int_equal(sqlite3_prepare_v2(s->db->sq, sql, -1, &st, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(st), SQLITE_ROW);
	v = sqlite3_column_int64(st, 0);
	(void)sqlite3_finalize(st);
	return v;
}

static off_t
wal_size(const struct store_site *s)
{
	struct stat st;

	return stat(s->db->wal_path, &st) == 0 ? st.st_size : -1;
}

/* Writes n bytes of garbage into the database file, which nobody may have in memory. */
static void
damage(const struct store_site *s, off_t at, size_t n)
{
	int fd = open(s->path, O_WRONLY | O_CLOEXEC);
	char bytes[8192];

	assert_true(fd >= 0 && n <= sizeof(bytes));
	memset(bytes, 0x5a, sizeof(bytes));
	assert_int_equal(pwrite(fd, bytes, n, at), n);
	(void)close(fd);
}

static void
without_a_database_there_is_a_clear_answer_and_no_new_file(void **state)
{
	char lock[256];
	struct store_site s;
	struct stat st;

	(void)state;
	site_init_empty(&s);
	assert_int_equal(db_open(&s.c, NULL, &s.db), ERR_DB_MISSING);
	assert_null(s.db);
	(void)snprintf(lock, sizeof(lock), "%s.lock", s.path);
	assert_int_equal(stat(s.path, &st), -1);
	assert_int_equal(stat(lock, &st), -1);
	site_fini(&s);
}

static void
a_file_that_is_no_database_is_corrupt(void **state)
{
	struct store_site s;

	(void)state;
	site_init_empty(&s);
	tempdir_write(&s.dir, "site.db",
		S("This is a text of more than a hundred bytes, to be "
		"sure that it is the header that is looked at and not the size of the file."));
	assert_int_equal(db_open(&s.c, NULL, &s.db), ERR_DB_CORRUPT);
	site_fini(&s);
}

static void
somebody_elses_database_is_refused(void **state)
{
	struct store_site s;

	(void)state;
	site_init_empty(&s);
	(void)site_sql(&s, "CREATE TABLE t (x)");
	assert_int_equal(db_open(&s.c, NULL, &s.db), ERR_DB_SCHEMA);
	assert_non_null(strstr(s.c.err.detail, "not a StarPunk database"));
	site_fini(&s);
}

static void
an_older_and_a_newer_version_are_refused(void **state)
{
	struct store_site s;

	(void)state;
	site_init(&s);
	db_close(s.db);
	(void)site_sql(&s, "PRAGMA user_version = 0");
	assert_int_equal(db_open(&s.c, NULL, &s.db), ERR_DB_SCHEMA);
	err_clear(&s.c);
	(void)site_sql(&s, "PRAGMA user_version = 9999");
	assert_int_equal(db_open(&s.c, NULL, &s.db), ERR_DB_SCHEMA);
	assert_non_null(strstr(s.c.err.detail, "9999"));
	site_fini(&s);
}

static void
another_journal_mode_than_wal_is_refused(void **state)
{
	struct store_site s;

	(void)state;
	site_init(&s);
	db_close(s.db);
	(void)site_sql(&s, "PRAGMA journal_mode = DELETE");
	assert_int_equal(db_open(&s.c, NULL, &s.db), ERR_DB_SCHEMA);
	assert_non_null(strstr(s.c.err.detail, "'delete'"));
	site_fini(&s);
}

static void
a_schema_that_a_query_does_not_fit_is_refused(void **state)
{
	struct store_site s;

	(void)state;
	site_init(&s);
	db_close(s.db);
	(void)site_sql(&s, "ALTER TABLE owner RENAME COLUMN url TO address");
	assert_int_equal(db_open(&s.c, NULL, &s.db), OK);
	assert_int_equal(db_prepare(&s.c, s.db), ERR_DB);
	assert_non_null(strstr(s.c.err.detail, "owner_"));
	err_clear(&s.c);
	assert_int_equal(db_check(&s.c, s.db), ERR_DB);
	site_fini(&s);
}

static const struct {
	int name, value;
} settings[] = {
	{SQLITE_DBCONFIG_DEFENSIVE, 1}, {SQLITE_DBCONFIG_DQS_DDL, 0}, {SQLITE_DBCONFIG_DQS_DML, 0},
	{SQLITE_DBCONFIG_ENABLE_FKEY, 1}, {SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0},
	{SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1},
};

static void
a_connection_is_set_as_promised(void **state)
{
	struct store_site s;

	(void)state;
	site_init(&s);
	assert_int_equal(pragma_of(&s, "PRAGMA foreign_keys"), 1);
	assert_int_equal(pragma_of(&s, "PRAGMA synchronous"), 2);
	assert_int_equal(pragma_of(&s, "PRAGMA cell_size_check"), 1);
	assert_int_equal(pragma_of(&s, "PRAGMA mmap_size"), 0);
	assert_int_equal(pragma_of(&s, "PRAGMA temp_store"), 2);
	assert_int_equal(pragma_of(&s, "PRAGMA cache_size"), -2048);
	assert_int_equal(pragma_of(&s, "PRAGMA wal_autocheckpoint"), 0);
	assert_int_equal(pragma_of(&s, "PRAGMA page_size"), 4096);
	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
		int value = -1;

		assert_int_equal(sqlite3_db_config(s.db->sq, settings[i].name, -1, &value),
			SQLITE_OK);
		assert_int_equal(value, settings[i].value);
	}
	db_close(s.db);
	s.cfg.db_synchronous = CONFIG_SYNC_NORMAL;
	assert_int_equal(db_open(&s.c, NULL, &s.db), OK);
	assert_int_equal(pragma_of(&s, "PRAGMA synchronous"), 1);
	site_fini(&s);
}

static void
double_quotes_extensions_and_the_schema_table_are_closed(void **state)
{
	struct store_site s;

	(void)state;
	site_init(&s);
	assert_int_not_equal(sqlite3_exec(s.db->sq, "SELECT \"no such\"", NULL, NULL, NULL),
		SQLITE_OK);
	assert_int_not_equal(sqlite3_exec(s.db->sq, "SELECT load_extension('x')", NULL, NULL, NULL),
		SQLITE_OK);
	assert_int_not_equal(sqlite3_exec(s.db->sq, "PRAGMA writable_schema = 1; "
		"DELETE FROM sqlite_schema", NULL, NULL, NULL), SQLITE_OK);
	assert_int_not_equal(sqlite3_exec(s.db->sq, "ATTACH ':memory:' AS x", NULL, NULL, NULL),
		SQLITE_OK);
	site_fini(&s);
}

static void
a_healthy_database_answers_ping_and_check(void **state)
{
	struct store_site s;

	(void)state;
	site_init(&s);
	site_add(&s, "a", 1);
	assert_int_equal(db_ping(&s.c, s.db), OK);
	assert_int_equal(db_check(&s.c, s.db), OK);
	site_fini(&s);
}

static void
check_finds_a_row_that_points_to_none(void **state)
{
	struct store_site s;

	(void)state;
	site_init(&s);
	(void)site_sql(&s, "PRAGMA foreign_keys = OFF; INSERT INTO post_tag VALUES (77, 88, 0, 0)");
	assert_int_equal(db_check(&s.c, s.db), ERR_DB_CORRUPT);
	assert_non_null(strstr(s.c.err.detail, "post_tag"));
	site_fini(&s);
}

static void
check_finds_a_damaged_page(void **state)
{
	struct store_site s;
	int64_t frames, moved;
	struct stat st;

	(void)state;
	site_init(&s);
	for (int i = 0; i < 200; i++) {
		char slug[16];

		(void)snprintf(slug, sizeof(slug), "p%d", i);
		site_add(&s, slug, i);
	}
	assert_int_equal(db_checkpoint(&s.c, s.db, &frames, &moved), OK);
	db_close(s.db);
	assert_int_equal(stat(s.path, &st), 0);
	damage(&s, st.st_size - 4096, 4096);
	assert_int_equal(db_open(&s.c, NULL, &s.db), OK);
	assert_int_equal(db_check(&s.c, s.db), ERR_DB_CORRUPT);
	site_fini(&s);
}

static void
reading_a_damaged_page_is_corrupt_and_breaks_the_connection(void **state)
{
	struct post_list list;
	struct store_site s;
	int64_t frames, moved, root;

	(void)state;
	site_init(&s);
	site_add(&s, "a", 1);
	root = site_sql(&s, "SELECT rootpage FROM sqlite_schema WHERE name = 'post_listed'");
	assert_int_equal(db_checkpoint(&s.c, s.db, &frames, &moved), OK);
	db_close(s.db);
	damage(&s, (root - 1) * 4096, 4096);
	assert_int_equal(db_open(&s.c, NULL, &s.db), OK);
	assert_false(s.db->broken);
	assert_int_equal(post_list_read(&s.c, s.db, &posts_all, S(""), 5, &list), ERR_DB_CORRUPT);
	assert_true(s.db->broken);
	assert_true(db_clean(s.db));
	site_fini(&s);
}

static void
no_connection_checkpoints_by_itself(void **state)
{
	char text[30000];
	struct post_row row = site_note("", 1);
	struct store_site s;
	off_t size;

	(void)state;
	site_init(&s);
	memset(text, 'x', sizeof(text));
	row.html = str_n(text, sizeof(text));
	for (int i = 0; i < 200; i++) { /* 1600 pages and more: SQLite's own limit is 1000 */
		char slug[16];

		(void)snprintf(slug, sizeof(slug), "p%d", i);
		row.slug = str_z(slug);
		assert_int_equal(site_insert(&s.c, s.db, &row), OK);
	}
	size = wal_size(&s);
	assert_true(size > 200 * (off_t)sizeof(text));
	db_close(s.db);
	assert_int_equal(db_open(&s.c, NULL, &s.db), OK);
	assert_int_equal(wal_size(&s), size);
	site_fini(&s);
}

static void
nothing_is_written_to_a_file_that_was_replaced(void **state)
{
	struct store_site s;
	char aside[256];

	(void)state;
	site_init(&s);
	(void)snprintf(aside, sizeof(aside), "%s.aside", s.path);
	assert_int_equal(rename(s.path, aside), 0);
	assert_int_equal(db_tx_begin(&s.c, s.db), ERR_DB_MOVED);
	assert_true(s.db->broken);
	assert_int_equal(rename(aside, s.path), 0);
	site_fini(&s);
}

static void
what_a_crash_left_in_the_log_is_in_the_database_before_a_site_starts(void **state)
{
	struct store_site s;

	(void)state;
	site_init(&s);
	site_add(&s, "a", 1);
	db_close(s.db);
	assert_int_equal(migrate_run(&s.c, false), OK);
	assert_int_equal(db_open(&s.c, NULL, &s.db), OK);
	assert_true(wal_size(&s) <= 0);
	assert_int_equal(site_sql(&s, "SELECT count(*) FROM post"), 1);
	site_fini(&s);
}

static void
commands_that_write_much_leave_no_long_log(void **state)
{
	struct store_site s;

	(void)state;
	site_init(&s);
	site_add(&s, "a", 1);
	assert_int_equal(db_checkpoint_long(&s.c, s.db), OK);
	assert_in_range(wal_size(&s), 1, db_log_long); /* a short one is the courier's */
	assert_int_equal(truncate(s.db->wal_path, db_log_long + 1), 0);
	assert_int_equal(db_checkpoint_long(&s.c, s.db), OK);
	assert_int_equal(wal_size(&s), 0);
	site_fini(&s);
}

static void
a_checkpoint_empties_the_log_and_then_has_nothing_to_do(void **state)
{
	int64_t frames, moved;
	struct store_site s;

	(void)state;
	site_init(&s);
	site_add(&s, "a", 1);
	assert_true(wal_size(&s) > 0);
	assert_int_equal(db_checkpoint(&s.c, s.db, &frames, &moved), OK);
	assert_true(frames > 0);
	assert_int_equal(frames, moved);
	assert_int_equal(wal_size(&s), 0);
	assert_true(db_clean(s.db));
	assert_int_equal(db_checkpoint(&s.c, s.db, &frames, &moved), OK);
	assert_int_equal(frames, 0);
	assert_int_equal(moved, 0);
	site_fini(&s);
}

/* SQLite has its log beside the file that a link leads to, which may be on another disk. */
static void
a_database_that_is_linked_to_has_its_log_emptied_as_any(void **state)
{
	char link[256], away[256];
	int64_t frames, moved;
	struct store_site s;

	(void)state;
	site_init(&s);
	db_close(s.db);
	(void)snprintf(link, sizeof(link), "%s", s.path);
	(void)snprintf(away, sizeof(away), "%s/disk", s.dir.path);
	assert_int_equal(mkdir(away, 0700), 0);
	(void)snprintf(s.path, sizeof(s.path), "%s/disk/site.db", s.dir.path);
	assert_int_equal(rename(link, s.path), 0);
	assert_int_equal(symlink(s.path, link), 0);
	s.cfg.database_path = link;
	assert_int_equal(db_open(&s.c, NULL, &s.db), OK);
	site_add(&s, "a", 1);
	assert_true(wal_size(&s) > 0);
	assert_int_equal(db_checkpoint(&s.c, s.db, &frames, &moved), OK);
	assert_true(frames > 0 && frames == moved);
	assert_int_equal(wal_size(&s), 0);
	site_fini(&s);
}

static void
a_checkpoint_does_not_wait_for_a_reader_for_long(void **state)
{
	int64_t frames, moved, before;
	struct post_list list;
	struct store_site s;
	struct db *reader;

	(void)state;
	site_init(&s);
	site_add(&s, "a", 1);
	assert_int_equal(db_open(&s.c, NULL, &reader), OK);
	assert_int_equal(db_read_begin(&s.c, reader), OK);
	assert_int_equal(post_list_read(&s.c, reader, &posts_all, S(""), 5, &list), OK);
	site_add(&s, "b", 2);
	before = time_mono_us();
	assert_int_equal(db_checkpoint(&s.c, s.db, &frames, &moved), OK);
	assert_true(moved < frames);
	assert_true(wal_size(&s) > 0);
	assert_true(time_mono_us() - before < s.cfg.db_busy_timeout / 2);
	assert_true(db_clean(s.db));
	db_read_end(&s.c, reader);
	assert_int_equal(db_checkpoint(&s.c, s.db, &frames, &moved), OK);
	assert_int_equal(moved, frames);
	assert_int_equal(wal_size(&s), 0);
	db_close(reader);
	site_fini(&s);
}

static void
a_checkpoint_needs_the_writers_lock(void **state)
{
	int64_t frames, moved;
	struct store_site s;
	struct db *writer;

	(void)state;
	site_init(&s);
	site_add(&s, "a", 1);
	assert_int_equal(db_open(&s.c, NULL, &writer), OK);
	assert_int_equal(db_tx_begin(&s.c, writer), OK);
	s.db->busy_timeout_us = 1000;
	assert_int_equal(db_checkpoint(&s.c, s.db, &frames, &moved), ERR_DB_BUSY);
	assert_true(wal_size(&s) > 0);
	assert_true(db_clean(s.db));
	db_tx_rollback(&s.c, writer);
	assert_int_equal(db_checkpoint(&s.c, s.db, &frames, &moved), OK);
	assert_int_equal(wal_size(&s), 0);
	db_close(writer);
	site_fini(&s);
}

static void
a_version_that_loses_part_of_its_log_is_told_from_one_that_does_not(void **state)
{
	static const int sound[] = {3044006, 3044099, 3050007, 3050099, 3051003, 3052000, 4000000};
	static const int old[] = {3007000, 3040001, 3044005, 3045000, 3046001, 3050006, 3051000,
		3051002};

	(void)state;
	for (size_t i = 0; i < sizeof(sound) / sizeof(sound[0]); i++)
		assert_true(db_engine_sound(sound[i]));
	for (size_t i = 0; i < sizeof(old) / sizeof(old[0]); i++)
		assert_false(db_engine_sound(old[i]));
	assert_string_equal(db_engine_version(), sqlite3_libversion());
	if (db_engine_sound(sqlite3_libversion_number()))
		assert_null(db_engine_note());
	else
		assert_non_null(strstr(db_engine_note(), "single checkpointer"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_database_there_is_a_clear_answer_and_no_new_file),
		cmocka_unit_test(a_file_that_is_no_database_is_corrupt),
		cmocka_unit_test(somebody_elses_database_is_refused),
		cmocka_unit_test(an_older_and_a_newer_version_are_refused),
		cmocka_unit_test(another_journal_mode_than_wal_is_refused),
		cmocka_unit_test(a_schema_that_a_query_does_not_fit_is_refused),
		cmocka_unit_test(a_connection_is_set_as_promised),
		cmocka_unit_test(double_quotes_extensions_and_the_schema_table_are_closed),
		cmocka_unit_test(a_healthy_database_answers_ping_and_check),
		cmocka_unit_test(check_finds_a_row_that_points_to_none),
		cmocka_unit_test(check_finds_a_damaged_page),
		cmocka_unit_test(reading_a_damaged_page_is_corrupt_and_breaks_the_connection),
		cmocka_unit_test(no_connection_checkpoints_by_itself),
		cmocka_unit_test(nothing_is_written_to_a_file_that_was_replaced),
		cmocka_unit_test(what_a_crash_left_in_the_log_is_in_the_database_before_a_site_starts),
		cmocka_unit_test(commands_that_write_much_leave_no_long_log),
		cmocka_unit_test(a_checkpoint_empties_the_log_and_then_has_nothing_to_do),
		cmocka_unit_test(a_database_that_is_linked_to_has_its_log_emptied_as_any),
		cmocka_unit_test(a_checkpoint_does_not_wait_for_a_reader_for_long),
		cmocka_unit_test(a_checkpoint_needs_the_writers_lock),
		cmocka_unit_test(
			a_version_that_loses_part_of_its_log_is_told_from_one_that_does_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
