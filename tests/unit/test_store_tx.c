/*
 * Transactions: who may write, how long anyone waits, and that nothing is left behind.
 */
#include "store_site.h"

#include "base/time.h"
#include "store/auth.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static int64_t
posts(const struct store_site *s)
{
	return site_sql(s, "SELECT count(*) FROM post");
}

static void
what_is_committed_is_there_and_what_is_rolled_back_is_not(void **state)
{
	struct post_row a = site_note("a", 1), b = site_note("b", 2);
	struct store_site s;

	(void)state;
	site_init(&s);
	assert_int_equal(db_tx_begin(&s.c, s.db), OK);
	assert_false(db_clean(s.db));
	assert_int_equal(post_row_insert(&s.c, s.db, &a), OK);
	assert_int_equal(posts(&s), 0);
	assert_int_equal(db_tx_commit(&s.c, s.db), OK);
	assert_true(db_clean(s.db));
	assert_int_equal(posts(&s), 1);
	assert_int_equal(db_tx_begin(&s.c, s.db), OK);
	assert_int_equal(post_row_insert(&s.c, s.db, &b), OK);
	db_tx_rollback(&s.c, s.db);
	assert_true(db_clean(s.db));
	assert_int_equal(posts(&s), 1);
	db_tx_rollback(&s.c, s.db);
	assert_int_equal(s.c.err.code, OK);
	site_fini(&s);
}

static void
a_read_transaction_sees_one_state(void **state)
{
	struct store_site s;
	struct db *writer;
	struct post_row row = site_note("b", 2);
	uint64_t n;

	(void)state;
	site_init(&s);
	site_add(&s, "a", 1);
	assert_int_equal(db_open(&s.c, NULL, &writer), OK);
	assert_int_equal(db_read_begin(&s.c, s.db), OK);
	assert_int_equal(post_row_count(&s.c, s.db, &n), OK);
	assert_int_equal(n, 1);
	assert_int_equal(site_insert(&s.c, writer, &row), OK);
	assert_int_equal(post_row_count(&s.c, s.db, &n), OK);
	assert_int_equal(n, 1);
	assert_false(db_clean(s.db));
	db_read_end(&s.c, s.db);
	assert_true(db_clean(s.db));
	assert_int_equal(post_row_count(&s.c, s.db, &n), OK);
	assert_int_equal(n, 2);
	db_read_end(&s.c, s.db);
	db_close(writer);
	site_fini(&s);
}

static void
what_may_only_read_begins_no_write(void **state)
{
	struct store_site s;
	uint64_t n;

	(void)state;
	site_init(&s);
	s.c.read_only = true;
	assert_int_equal(db_tx_begin(&s.c, s.db), ERR_INTERNAL);
	assert_true(db_clean(s.db));
	err_clear(&s.c);
	assert_int_equal(db_read_begin(&s.c, s.db), OK);
	assert_int_equal(post_row_count(&s.c, s.db, &n), OK);
	db_read_end(&s.c, s.db);
	s.c.read_only = false;
	assert_int_equal(db_tx_begin(&s.c, s.db), OK);
	assert_int_equal(db_tx_commit(&s.c, s.db), OK);
	site_fini(&s);
}

static void
a_second_writer_of_the_same_process_gets_busy_in_time(void **state)
{
	struct store_site s;
	struct db *other;

	(void)state;
	site_init(&s);
	s.cfg.db_busy_timeout = 20000;
	assert_int_equal(db_open(&s.c, NULL, &other), OK);
	assert_int_equal(db_tx_begin(&s.c, s.db), OK);
	assert_int_equal(db_tx_begin(&s.c, other), ERR_DB_BUSY);
	assert_true(db_clean(other));
	assert_int_equal(db_tx_commit(&s.c, s.db), OK);
	err_clear(&s.c);
	assert_int_equal(db_tx_begin(&s.c, other), OK);
	assert_int_equal(db_tx_commit(&s.c, other), OK);
	db_close(other);
	site_fini(&s);
}

static void
the_lock_file_keeps_writers_apart_before_sqlite_does(void **state)
{
	struct db_lock *mine, *theirs;
	struct store_site s;

	(void)state;
	site_init(&s);
	assert_int_equal(db_lock_open(&s.c, s.path, &mine), OK);
	assert_int_equal(db_lock_open(&s.c, s.path, &theirs), OK);
	assert_int_equal(db_lock_take(&s.c, mine, time_mono_us()), OK);
	assert_true(db_lock_held(mine));
	assert_int_equal(db_lock_take(&s.c, theirs, time_mono_us() + 1000), ERR_DB_BUSY);
	assert_false(db_lock_held(theirs));
	err_clear(&s.c);
	s.db->busy_timeout_us = 1000;
	assert_int_equal(db_tx_begin(&s.c, s.db), ERR_DB_BUSY);
	assert_non_null(strstr(s.c.err.detail, "writers' lock"));
	db_lock_give(mine);
	db_lock_give(mine);
	assert_int_equal(db_lock_take(&s.c, theirs, time_mono_us()), OK);
	db_lock_close(theirs);
	assert_int_equal(db_lock_take(&s.c, mine, time_mono_us()), OK);
	db_lock_close(mine);
	db_lock_close(NULL);
	site_fini(&s);
}

/* A writer that knows nothing of our lock file, such as the sqlite3 shell. */
static void
a_database_locked_from_outside_is_busy_in_time_and_unchanged(void **state)
{
	struct post_row row = site_note("a", 1);
	struct store_site s;
	int64_t before;
	sqlite3 *other;
	uint64_t n;

	(void)state;
	site_init(&s);
	s.db->busy_timeout_us = 30000;
	assert_int_equal(sqlite3_open(s.path, &other), SQLITE_OK);
	assert_int_equal(sqlite3_exec(other, "BEGIN EXCLUSIVE", NULL, NULL, NULL), SQLITE_OK);
	before = time_mono_us();
	assert_int_equal(site_insert(&s.c, s.db, &row), ERR_DB_BUSY);
	assert_true(time_mono_us() - before >= 30000);
	assert_true(time_mono_us() - before < 5000000);
	assert_non_null(strstr(s.c.err.detail, "tx_begin"));
	assert_true(db_clean(s.db));
	assert_int_equal(post_row_count(&s.c, s.db, &n), OK);
	assert_int_equal(sqlite3_exec(other, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(posts(&s), 0);
	err_clear(&s.c);
	assert_int_equal(site_insert(&s.c, s.db, &row), OK);
	(void)sqlite3_close(other);
	site_fini(&s);
}

static void
waiting_ends_at_the_requests_deadline(void **state)
{
	struct store_site s;
	struct db *other;
	int64_t before;

	(void)state;
	site_init(&s);
	assert_int_equal(db_open(&s.c, NULL, &other), OK);
	assert_int_equal(db_tx_begin(&s.c, s.db), OK);
	before = time_mono_us();
	s.c.deadline_us = before + 10000;
	assert_int_equal(db_tx_begin(&s.c, other), ERR_DB_BUSY);
	assert_true(time_mono_us() - before < s.cfg.db_busy_timeout / 2);
	s.c.deadline_us = 0;
	db_tx_rollback(&s.c, s.db);
	db_close(other);
	site_fini(&s);
}

static void
the_segments_lock_is_held_from_begin_to_end(void **state)
{
	struct segment *seg;
	struct store_site s;

	(void)state;
	site_init(&s);
	db_close(s.db);
	assert_int_equal(segment_create(&s.c, s.dir.path, &seg), OK);
	assert_int_equal(db_open(&s.c, seg, &s.db), OK);
	assert_int_equal(db_tx_begin(&s.c, s.db), OK);
	assert_int_not_equal(segment_writer_lock(&s.c, seg, time_mono_us()), OK);
	err_clear(&s.c);
	assert_int_equal(db_tx_commit(&s.c, s.db), OK);
	assert_int_equal(segment_writer_lock(&s.c, seg, time_mono_us() + 1000000), OK);
	segment_writer_unlock(seg);
	db_close(s.db);
	s.db = NULL;
	segment_close(seg);
	site_fini(&s);
}

/* Should a write ever come past the statement layer. */
static void
a_commit_outside_a_write_transaction_is_turned_back(void **state)
{
	struct store_site s;

	(void)state;
	site_init(&s);
	site_add(&s, "a", 1);
	assert_int_equal(sqlite3_exec(s.db->sq, "DELETE FROM post", NULL, NULL, NULL),
		SQLITE_CONSTRAINT_COMMITHOOK);
	assert_int_equal(posts(&s), 1);
	site_fini(&s);
}

static void
a_constraint_leaves_the_transaction_usable(void **state)
{
	struct post_row a = site_note("a", 1), again = site_note("a", 2), b = site_note("b", 3);
	struct store_site s;

	(void)state;
	site_init(&s);
	assert_int_equal(db_tx_begin(&s.c, s.db), OK);
	assert_int_equal(post_row_insert(&s.c, s.db, &a), OK);
	assert_int_equal(post_row_insert(&s.c, s.db, &again), ERR_DB_CONSTRAINT);
	err_clear(&s.c);
	assert_int_equal(post_row_insert(&s.c, s.db, &b), OK);
	assert_int_equal(db_tx_commit(&s.c, s.db), OK);
	assert_int_equal(posts(&s), 2);
	site_fini(&s);
}

/* Foreign keys put off to the end fail the commit and leave SQLite's transaction open, not ours. */
static void
a_commit_that_fails_is_rolled_back(void **state)
{
	struct post_row row = site_note("a", 1);
	struct store_site s;

	(void)state;
	site_init(&s);
	assert_int_equal(db_tx_begin(&s.c, s.db), OK);
	assert_int_equal(post_row_insert(&s.c, s.db, &row), OK);
	assert_int_equal(sqlite3_exec(s.db->sq, "PRAGMA defer_foreign_keys = ON; "
		"INSERT INTO post_tag VALUES (77, 88, 0, 0)", NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(db_tx_commit(&s.c, s.db), ERR_DB_CONSTRAINT);
	assert_true(db_clean(s.db));
	assert_int_equal(posts(&s), 0);
	err_clear(&s.c);
	assert_int_equal(site_insert(&s.c, s.db, &row), OK);
	site_fini(&s);
}

static void
a_full_database_is_full_and_takes_writes_again_when_there_is_room(void **state)
{
	static char text[40000];
	struct post_row row = site_note("big", 1);
	struct store_site s;

	(void)state;
	site_init(&s);
	memset(text, 'x', sizeof(text));
	row.html = str_n(text, sizeof(text));
	assert_int_equal(sqlite3_exec(s.db->sq, "PRAGMA max_page_count = 1", NULL, NULL, NULL),
		SQLITE_OK);
	assert_int_equal(site_insert(&s.c, s.db, &row), ERR_DB_FULL);
	assert_non_null(strstr(s.c.err.detail, "post_insert"));
	assert_true(db_clean(s.db));
	assert_int_equal(posts(&s), 0);
	assert_int_equal(sqlite3_exec(s.db->sq, "PRAGMA max_page_count = 100000", NULL, NULL, NULL),
		SQLITE_OK);
	err_clear(&s.c);
	assert_int_equal(site_insert(&s.c, s.db, &row), OK);
	assert_int_equal(posts(&s), 1);
	site_fini(&s);
}

/* SQLite rolls a transaction back by itself when a statement that writes is interrupted. */
static void
after_an_undone_transaction_nothing_more_is_written_by_it(void **state)
{
	struct post_row a = site_note("a", 1), b = site_note("b", 2);
	struct store_site s;
	int64_t n;

	(void)state;
	site_init(&s);
	(void)site_sql(&s, "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL "
		"SELECT i + 1 FROM n LIMIT 3000) "
		"INSERT INTO session SELECT CAST(printf('%032d', i) AS BLOB), "
		"i, '', 0, '', '', 0, 0, 1 FROM n");
	assert_int_equal(db_tx_begin(&s.c, s.db), OK);
	assert_int_equal(post_row_insert(&s.c, s.db, &a), OK);
	s.c.deadline_us = 1;
	assert_int_equal(session_row_clean(&s.c, s.db, 5, &n), ERR_TIMEOUT);
	assert_int_equal(n, 0);
	s.c.deadline_us = 0;
	err_clear(&s.c);
	assert_int_equal(post_row_insert(&s.c, s.db, &b), ERR_DB);
	err_clear(&s.c);
	assert_int_equal(db_tx_commit(&s.c, s.db), ERR_DB);
	assert_true(db_clean(s.db));
	assert_int_equal(posts(&s), 0);
	site_fini(&s);
}

/* SQLite asks about the deadline every so many steps, counted over all runs of a statement. */
static void
a_commit_is_not_interrupted(void **state)
{
	struct store_site s;

	(void)state;
	site_init(&s);
	for (int i = 0; i < 5000; i++) {
		s.c.deadline_us = 0;
		assert_int_equal(db_tx_begin(&s.c, s.db), OK);
		s.c.deadline_us = 1;
		assert_int_equal(db_tx_commit(&s.c, s.db), OK);
	}
	site_fini(&s);
}

enum { WRITERS = 4, WRITES = 100 };

static int
write_many(const struct store_site *parent, int number)
{
	struct store_site s = *parent;
	struct db *db;
	int failures = 0;

	site_ctx(parent, &s.c);
	if (db_open(&s.c, NULL, &db) != OK)
		return 1;
	for (int i = 0; i < WRITES; i++) {
		char slug[32];
		struct post_row row;

		(void)snprintf(slug, sizeof(slug), "w%d-%d", number, i);
		row = site_note(slug, i);
		ctx_reset(&s.c);
		failures += site_insert(&s.c, db, &row) != OK;
	}
	db_close(db);
	ctx_fini(&s.c);
	return failures != 0;
}

static void
four_processes_write_a_hundred_transactions_each_without_failure(void **state)
{
	pid_t children[WRITERS];
	struct store_site s;
	uint64_t n;

	(void)state;
	site_init(&s);
	db_close(s.db);
	s.db = NULL;
	for (int i = 0; i < WRITERS; i++) {
		children[i] = fork();
		assert_true(children[i] >= 0);
		if (children[i] == 0)
			_exit(write_many(&s, i));
	}
	for (int i = 0; i < WRITERS; i++)
		assert_true(site_child_good(children[i]));
	assert_int_equal(posts(&s), WRITERS * WRITES);
	assert_int_equal(db_open(&s.c, NULL, &s.db), OK);
	assert_int_equal(post_row_count(&s.c, s.db, &n), OK);
	assert_int_equal(n, WRITERS * WRITES);
	assert_int_equal(db_check(&s.c, s.db), OK);
	site_fini(&s);
}

static void
each_sqlite_result_has_its_meaning(void **state)
{
	static const struct {
		int rc;
		enum err e;
		bool breaks;
	} rows[] = {
		{SQLITE_BUSY, ERR_DB_BUSY, false},
		{SQLITE_BUSY_SNAPSHOT, ERR_DB_BUSY, false},
		{SQLITE_LOCKED, ERR_DB_BUSY, false},
		{SQLITE_PROTOCOL, ERR_DB_BUSY, false},
		{SQLITE_FULL, ERR_DB_FULL, false},
		{SQLITE_READONLY_DBMOVED, ERR_DB_READONLY, false},
		{SQLITE_PERM, ERR_DB_READONLY, false},
		{SQLITE_IOERR_FSYNC, ERR_DB_IO, true},
		{SQLITE_CANTOPEN, ERR_DB_IO, true},
		{SQLITE_CORRUPT_INDEX, ERR_DB_CORRUPT, true},
		{SQLITE_NOTADB, ERR_DB_CORRUPT, true},
		{SQLITE_CONSTRAINT_UNIQUE, ERR_DB_CONSTRAINT, false},
		{SQLITE_NOMEM, ERR_MEMORY, false},
		{SQLITE_IOERR_NOMEM, ERR_MEMORY, true},
		{SQLITE_INTERRUPT, ERR_TIMEOUT, false},
		{SQLITE_ERROR, ERR_DB, false},
		{SQLITE_MISUSE, ERR_DB, false},
	};
	struct ctx c;

	(void)state;
	ctx_init(&c, 4096);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		err_clear(&c);
		assert_int_equal(db_raise(&c, NULL, rows[i].rc, "x"), rows[i].e);
		assert_int_equal(db_breaks(rows[i].rc), rows[i].breaks);
	}
	ctx_fini(&c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_committed_is_there_and_what_is_rolled_back_is_not),
		cmocka_unit_test(a_read_transaction_sees_one_state),
		cmocka_unit_test(what_may_only_read_begins_no_write),
		cmocka_unit_test(a_second_writer_of_the_same_process_gets_busy_in_time),
		cmocka_unit_test(the_lock_file_keeps_writers_apart_before_sqlite_does),
		cmocka_unit_test(a_database_locked_from_outside_is_busy_in_time_and_unchanged),
		cmocka_unit_test(waiting_ends_at_the_requests_deadline),
		cmocka_unit_test(the_segments_lock_is_held_from_begin_to_end),
		cmocka_unit_test(a_commit_outside_a_write_transaction_is_turned_back),
		cmocka_unit_test(a_constraint_leaves_the_transaction_usable),
		cmocka_unit_test(a_commit_that_fails_is_rolled_back),
		cmocka_unit_test(a_full_database_is_full_and_takes_writes_again_when_there_is_room),
		cmocka_unit_test(after_an_undone_transaction_nothing_more_is_written_by_it),
		cmocka_unit_test(a_commit_is_not_interrupted),
		cmocka_unit_test(four_processes_write_a_hundred_transactions_each_without_failure),
		cmocka_unit_test(each_sqlite_result_has_its_meaning),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
