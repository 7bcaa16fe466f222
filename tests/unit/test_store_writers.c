/*
 * Writers that wait: they leave a connection to readers, and a queue fails nobody.
 */
#include "store_site.h"

#include "base/time.h"
#include "store/pool.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <cmocka.h>

struct shared {
	struct store_site site;
	struct pool *pool;
};

static void
shared_fini(struct shared *sh)
{
	pool_close(&sh->site.c, sh->pool);
	site_fini(&sh->site);
}

/* Writers that begin and, once they have, give up again. */
struct writer {
	struct shared *sh;
	pthread_t id;
	atomic_int *done;
};

static void *
begin_and_roll_back(void *p)
{
	struct writer *w = p;
	intptr_t e;
	struct ctx c;
	struct db *db;

	site_ctx(&w->sh->site, &c);
	e = pool_acquire(&c, w->sh->pool, &db);
	if (e == OK) {
		e = db_tx_begin(&c, db);
		db_tx_rollback(&c, db);
		(void)pool_release(&c, w->sh->pool, db);
	}
	atomic_fetch_add(w->done, 1);
	ctx_fini(&c);
	return (void *)e;
}

static void
writers_leave_a_connection_to_readers(void **state)
{
	enum { N = 12, PLACES = 2 };
	struct writer writers[N];
	atomic_int done = 0;
	struct shared sh;
	struct db *db;
	sqlite3 *other;
	uint64_t n;
	int busy = 0;

	(void)state;
	site_init(&sh.site);
	sh.site.cfg.worker_threads = PLACES + 1;
	sh.site.cfg.db_busy_timeout = 60 * 1000000;
	assert_int_equal(pool_open(&sh.site.c, NULL, 4, &sh.pool), OK);
	assert_int_equal(sqlite3_open(sh.site.path, &other), SQLITE_OK);
	assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	for (int i = 0; i < N; i++) {
		writers[i] = (struct writer){.sh = &sh, .done = &done};
		assert_int_equal(pthread_create(&writers[i].id, NULL, begin_and_roll_back,
			&writers[i]), 0);
	}
	/* All that find no place give up, with the lock still held and two waiting for it. */
	while (atomic_load(&done) < N - PLACES)
		(void)sched_yield();
	assert_int_equal(pool_acquire(&sh.site.c, sh.pool, &db), OK);
	assert_int_equal(post_row_count(&sh.site.c, db, &n), OK);
	assert_int_equal(atomic_load(&done), N - PLACES);
	assert_int_equal(sqlite3_exec(other, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
	for (int i = 0; i < N; i++) {
		void *e;

		assert_int_equal(pthread_join(writers[i].id, &e), 0);
		assert_true((intptr_t)e == OK || (intptr_t)e == ERR_DB_BUSY);
		busy += (intptr_t)e == ERR_DB_BUSY;
	}
	assert_int_equal(busy, N - PLACES);
	assert_int_equal(db_tx_begin(&sh.site.c, db), OK);
	assert_int_equal(db_tx_commit(&sh.site.c, db), OK);
	assert_true(pool_release(&sh.site.c, sh.pool, db));
	(void)sqlite3_close(other);
	shared_fini(&sh);
}

enum { POSTS = 100 };

static void *
write_posts(void *p)
{
	struct writer *w = p;
	intptr_t failures = 0;
	struct ctx c;

	site_ctx(&w->sh->site, &c);
	for (int i = 0; i < POSTS; i++) {
		char slug[40];
		struct post_row row;
		struct db *db;

		(void)snprintf(slug, sizeof(slug), "%p-%d", p, i);
		row = site_note(slug, i);
		ctx_reset(&c);
		if (pool_acquire(&c, w->sh->pool, &db) != OK) {
			failures++;
			continue;
		}
		failures += site_insert(&c, db, &row) != OK;
		failures += !pool_release(&c, w->sh->pool, db);
	}
	ctx_fini(&c);
	return (void *)failures;
}

static void
more_writers_than_places_all_get_their_turn(void **state)
{
	enum { N = 8 };
	struct writer writers[N];
	struct shared sh;

	(void)state;
	site_init(&sh.site);
	sh.site.cfg.worker_threads = 2;
	sh.site.cfg.db_synchronous = CONFIG_SYNC_NORMAL; /* no slow disk */
	assert_int_equal(pool_open(&sh.site.c, NULL, N, &sh.pool), OK);
	for (int i = 0; i < N; i++) {
		writers[i] = (struct writer){.sh = &sh};
		assert_int_equal(pthread_create(&writers[i].id, NULL, write_posts, &writers[i]), 0);
	}
	for (int i = 0; i < N; i++) {
		void *failures;

		assert_int_equal(pthread_join(writers[i].id, &failures), 0);
		assert_null(failures);
	}
	assert_int_equal(site_sql(&sh.site, "SELECT count(*) FROM post"), N * POSTS);
	shared_fini(&sh);
}

static void
who_finds_no_place_waits_as_long_as_turns_come(void **state)
{
	struct db_writers *w;
	int64_t before;
	struct ctx c;

	(void)state;
	ctx_init(&c, 4096);
	assert_int_equal(db_writers_enter(&c, NULL, 0), OK);
	db_writers_leave(NULL, true);
	assert_int_equal(db_writers_new(&c, NULL, 2, &w), OK);
	assert_int_equal(db_writers_enter(&c, w, 0), OK);
	assert_int_equal(db_writers_enter(&c, w, 0), OK);
	assert_int_equal(db_writers_enter(&c, w, 0), ERR_DB_BUSY);
	err_clear(&c);
	assert_int_equal(db_writers_enter(&c, w, INT64_MAX), ERR_DB_BUSY);
	err_clear(&c);
	db_writers_leave(w, false);
	assert_int_equal(db_writers_enter(&c, w, 0), OK);
	assert_int_equal(db_writers_enter(&c, w, INT64_MAX), ERR_DB_BUSY);
	err_clear(&c);
	before = time_mono_us();
	db_writers_leave(w, true);
	assert_int_equal(db_writers_enter(&c, w, 0), OK);
	assert_int_equal(db_writers_enter(&c, w, INT64_MAX), ERR_DB_BUSY);
	assert_true(time_mono_us() - before >= 200000);
	db_writers_leave(w, true);
	db_writers_leave(w, true);
	db_writers_free(w);
	db_writers_free(NULL);
	ctx_fini(&c);
}

/* Whose turn comes in another process shows in the generation. */
static void
turns_of_other_processes_are_turns(void **state)
{
	struct db_writers *w;
	struct store_site s;
	struct segment *seg;
	int64_t before;

	(void)state;
	site_init(&s);
	assert_int_equal(segment_create(&s.c, s.dir.path, &seg), OK);
	assert_int_equal(db_writers_new(&s.c, seg, 1, &w), OK);
	assert_int_equal(db_writers_enter(&s.c, w, 0), OK);
	assert_int_equal(db_writers_enter(&s.c, w, INT64_MAX), ERR_DB_BUSY);
	err_clear(&s.c);
	assert_int_equal(db_writers_enter(&s.c, w, INT64_MAX), ERR_DB_BUSY);
	err_clear(&s.c);
	before = time_mono_us();
	segment_generation_move(seg);
	assert_int_equal(db_writers_enter(&s.c, w, INT64_MAX), ERR_DB_BUSY);
	assert_true(time_mono_us() - before >= 200000);
	db_writers_leave(w, false);
	db_writers_free(w);
	segment_close(seg);
	site_fini(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writers_leave_a_connection_to_readers),
		cmocka_unit_test(more_writers_than_places_all_get_their_turn),
		cmocka_unit_test(who_finds_no_place_waits_as_long_as_turns_come),
		cmocka_unit_test(turns_of_other_processes_are_turns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
