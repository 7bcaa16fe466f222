/*
 * What the site is told about storing: what a failure means, and what is proof that it is over.
 */
#include "store_site.h"

#include "base/time.h"
#include "store/auth.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <cmocka.h>

/* A site whose connection belongs to a segment. */
static void
begin(struct store_site *s, struct segment **seg)
{
	site_init(s);
	db_close(s->db);
	site_must(segment_create(&s->c, s->dir.path, seg) == OK, s->c.err.detail);
	site_must(db_open(&s->c, *seg, &s->db) == OK, s->c.err.detail);
}

static void
end(struct store_site *s, struct segment *seg)
{
	db_close(s->db);
	s->db = NULL;
	segment_close(seg);
	site_fini(s);
}

/* As when the disk has been filled: no file grows beyond that. */
static void
files_may_have(rlim_t bytes)
{
	struct rlimit limit;

	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = bytes < limit.rlim_max ? bytes : limit.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* A change that no page shows, and that takes no room to speak of. */
static enum err
store_little(struct store_site *s)
{
	int64_t n;
	enum err e = db_tx_begin(&s->c, s->db);

	return e || (e = session_row_clean(&s->c, s->db, 5, &n)) ? e : db_tx_commit(&s->c, s->db);
}

static enum err
store_post(struct store_site *s, const char *slug, size_t length)
{
	static char text[512 * 1024];
	struct post_row row = site_note(slug, 1);

	assert_true(length <= sizeof(text));
	memset(text, 'x', sizeof(text));
	row.html = str_n(text, length);
	return site_insert(&s->c, s->db, &row);
}

static void
a_post_that_could_not_be_stored_is_told_and_one_that_is_takes_it_back(void **state)
{
	struct segment *seg;
	struct store_site s;

	(void)state;
	begin(&s, &seg);
	assert_true(segment_writable(seg));
	files_may_have((rlim_t)256 * 1024);
	assert_int_equal(store_post(&s, "large", (size_t)500 * 1024), ERR_DB_FULL);
	assert_false(segment_writable(seg));
	assert_int_equal(store_post(&s, "small", 10), OK);
	assert_true(segment_writable(seg));
	files_may_have(RLIM_INFINITY);
	end(&s, seg);
}

static void
what_takes_no_room_proves_nothing(void **state)
{
	struct segment *seg;
	struct store_site s;

	(void)state;
	begin(&s, &seg);
	files_may_have((rlim_t)256 * 1024);
	assert_int_equal(store_post(&s, "large", (size_t)500 * 1024), ERR_DB_FULL);
	err_clear(&s.c);
	assert_int_equal(store_little(&s), OK);
	assert_false(segment_writable(seg));
	files_may_have(RLIM_INFINITY);
	end(&s, seg);
}

static void
a_try_asks_for_as_much_room_as_a_post_may_take(void **state)
{
	char path[256];
	struct segment *seg;
	struct store_site s;
	struct stat st;

	(void)state;
	begin(&s, &seg);
	segment_writable_set(seg, false);
	files_may_have((rlim_t)256 * 1024);
	assert_int_equal(db_try(&s.c, s.db), ERR_DB_FULL);
	assert_non_null(strstr(s.c.err.detail, s.path));
	assert_false(segment_writable(seg));
	assert_true(db_clean(s.db));
	files_may_have(RLIM_INFINITY);
	err_clear(&s.c);
	assert_int_equal(db_try(&s.c, s.db), OK);
	assert_true(segment_writable(seg));
	(void)snprintf(path, sizeof(path), "%s.room", s.path);
	assert_int_equal(stat(path, &st), -1);
	end(&s, seg);
}

static void
a_lock_that_is_not_to_be_had_is_told_until_somebody_has_it(void **state)
{
	sqlite3 *foreign;
	struct segment *seg;
	struct store_site s;

	(void)state;
	begin(&s, &seg);
	assert_int_equal(sqlite3_open(s.path, &foreign), SQLITE_OK);
	assert_int_equal(sqlite3_exec(foreign, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	/* Who has less patience than the settings ask for knows nothing. */
	s.c.deadline_us = time_mono_us() + 20000;
	assert_int_equal(store_little(&s), ERR_DB_BUSY);
	assert_false(segment_locked(seg));
	s.c.deadline_us = 0;
	s.db->busy_timeout_us = 20000;
	assert_int_equal(store_little(&s), ERR_DB_BUSY);
	assert_true(segment_locked(seg));
	assert_true(segment_writable(seg));
	assert_int_equal(sqlite3_exec(foreign, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(foreign), SQLITE_OK);
	assert_true(segment_locked(seg));
	s.db->busy_timeout_us = s.cfg.db_busy_timeout;
	err_clear(&s.c);
	assert_int_equal(store_little(&s), OK);
	assert_false(segment_locked(seg));
	end(&s, seg);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_post_that_could_not_be_stored_is_told_and_one_that_is_takes_it_back),
		cmocka_unit_test(what_takes_no_room_proves_nothing),
		cmocka_unit_test(a_try_asks_for_as_much_room_as_a_post_may_take),
		cmocka_unit_test(a_lock_that_is_not_to_be_had_is_told_until_somebody_has_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
