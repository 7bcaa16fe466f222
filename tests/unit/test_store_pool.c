/*
 * The pool: taken and given back in equal numbers, first come first served, never a hang.
 */
#include "store_site.h"

#include "base/time.h"
#include "core/log.h"
#include "store/pool.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

enum { THREADS = 20, TIMES = 100, SIZE = 5 };

struct shared {
	struct store_site site;
	struct pool *pool;
};

static void
shared_init(struct shared *sh, size_t size)
{
	site_init(&sh->site);
	assert_int_equal(pool_open(&sh->site.c, NULL, size, &sh->pool), OK);
}

static void
shared_fini(struct shared *sh)
{
	pool_close(&sh->site.c, sh->pool);
	site_fini(&sh->site);
}

static void *
use_many_times(void *p)
{
	struct shared *sh = p;
	intptr_t failures = 0;
	struct ctx c;

	site_ctx(&sh->site, &c);
	for (int i = 0; i < TIMES; i++) {
		struct db *db;

		ctx_reset(&c);
		if (pool_acquire(&c, sh->pool, &db) != OK) {
			failures++;
			continue;
		}
		failures += db_ping(&c, db) != OK;
		failures += !pool_release(&c, sh->pool, db);
	}
	ctx_fini(&c);
	return (void *)failures;
}

static void
twenty_threads_take_and_give_back_two_thousand_times(void **state)
{
	pthread_t threads[THREADS];
	struct pool_stats st;
	struct shared sh;

	(void)state;
	shared_init(&sh, SIZE);
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, use_many_times, &sh), 0);
	for (int i = 0; i < THREADS; i++) {
		void *failures;

		assert_int_equal(pthread_join(threads[i], &failures), 0);
		assert_null(failures);
	}
	pool_stats(sh.pool, &st);
	assert_int_equal(st.acquired, THREADS * TIMES);
	assert_int_equal(st.released, THREADS * TIMES);
	assert_in_range(st.created, 1, SIZE); /* as many as were needed at once */
	assert_int_equal(st.active, 0);
	assert_int_equal(st.exhausted, 0);
	assert_int_equal(st.size, SIZE);
	shared_fini(&sh);
}

static void
one_connection_is_opened_at_once_and_the_others_when_they_are_needed(void **state)
{
	struct db *db[3];
	struct pool_stats st;
	struct shared sh;

	(void)state;
	shared_init(&sh, 3);
	pool_stats(sh.pool, &st);
	assert_int_equal(st.created, 1);
	assert_int_equal(st.active, 0);
	for (int i = 0; i < 3; i++)
		assert_int_equal(pool_acquire(&sh.site.c, sh.pool, &db[i]), OK);
	assert_ptr_not_equal(db[0], db[1]);
	assert_ptr_not_equal(db[1], db[2]);
	assert_ptr_not_equal(db[0], db[2]);
	pool_stats(sh.pool, &st);
	assert_int_equal(st.created, 3);
	assert_int_equal(st.active, 3);
	for (int i = 0; i < 3; i++)
		assert_true(pool_release(&sh.site.c, sh.pool, db[i]));
	shared_fini(&sh);
}

static void
a_pool_is_filled_round_the_connections_in_use(void **state)
{
	struct pool_stats st;
	struct shared sh;
	struct db *db;

	(void)state;
	shared_init(&sh, 3);
	assert_int_equal(pool_acquire(&sh.site.c, sh.pool, &db), OK);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(pool_fill(&sh.site.c, sh.pool), OK);
		pool_stats(sh.pool, &st);
		assert_int_equal(st.created, 3);
		assert_int_equal(st.active, 1);
		assert_int_equal(st.acquired, 1);
	}
	assert_true(pool_release(&sh.site.c, sh.pool, db));
	shared_fini(&sh);
}

static void
what_could_not_be_filled_is_opened_by_who_needs_it(void **state)
{
	struct db *first, *second;
	char away[256];
	struct shared sh;
	const char *path;

	(void)state;
	shared_init(&sh, 2);
	path = sh.site.cfg.database_path;
	(void)snprintf(away, sizeof(away), "%s.away", path);
	assert_int_equal(rename(path, away), 0);
	assert_int_equal(pool_fill(&sh.site.c, sh.pool), ERR_DB_MISSING);
	err_clear(&sh.site.c);
	assert_int_equal(rename(away, path), 0);
	assert_int_equal(pool_acquire(&sh.site.c, sh.pool, &first), OK);
	assert_int_equal(pool_acquire(&sh.site.c, sh.pool, &second), OK);
	assert_int_equal(db_ping(&sh.site.c, second), OK);
	assert_true(pool_release(&sh.site.c, sh.pool, first));
	assert_true(pool_release(&sh.site.c, sh.pool, second));
	shared_fini(&sh);
}

static void
a_pool_over_no_database_opens_nothing(void **state)
{
	struct store_site s;
	struct pool *pool;

	(void)state;
	site_init_empty(&s);
	assert_int_equal(pool_open(&s.c, NULL, 4, &pool), ERR_DB_MISSING);
	assert_null(pool);
	pool_close(&s.c, NULL);
	site_fini(&s);
}

static void
an_empty_pool_answers_after_the_timeout(void **state)
{
	struct db *db, *none;
	struct pool_stats st;
	struct shared sh;
	int64_t before;

	(void)state;
	shared_init(&sh, 1);
	sh.site.cfg.db_connection_timeout = 20000;
	assert_int_equal(pool_acquire(&sh.site.c, sh.pool, &db), OK);
	before = time_mono_us();
	assert_int_equal(pool_acquire(&sh.site.c, sh.pool, &none), ERR_POOL_EMPTY);
	assert_null(none);
	assert_true(time_mono_us() - before >= 20000);
	pool_stats(sh.pool, &st);
	assert_int_equal(st.exhausted, 1);
	assert_int_equal(st.waits, 1);
	assert_true(st.wait_time_us >= 20000);
	assert_int_equal(st.acquired, 1);
	assert_true(pool_release(&sh.site.c, sh.pool, db));
	err_clear(&sh.site.c);
	assert_int_equal(pool_acquire(&sh.site.c, sh.pool, &db), OK);
	assert_true(pool_release(&sh.site.c, sh.pool, db));
	shared_fini(&sh);
}

static void
waiting_ends_at_the_requests_deadline(void **state)
{
	struct db *db, *none;
	struct shared sh;
	int64_t before;

	(void)state;
	shared_init(&sh, 1);
	assert_int_equal(pool_acquire(&sh.site.c, sh.pool, &db), OK);
	before = time_mono_us();
	sh.site.c.deadline_us = before + 5000;
	assert_int_equal(pool_acquire(&sh.site.c, sh.pool, &none), ERR_POOL_EMPTY);
	assert_true(time_mono_us() - before < sh.site.cfg.db_connection_timeout / 2);
	assert_true(pool_release(&sh.site.c, sh.pool, db));
	shared_fini(&sh);
}

/* A thread that takes the only connection, in time or not. */
static void *
take_and_give_back(void *p)
{
	struct shared *sh = p;
	struct ctx c;
	struct db *db;
	bool good;

	site_ctx(&sh->site, &c);
	c.log = sh->site.c.log;
	memcpy(c.request_id, "0123456789abcdef", sizeof("0123456789abcdef"));
	good = pool_acquire(&c, sh->pool, &db) == OK && pool_release(&c, sh->pool, db);
	ctx_fini(&c);
	return good ? NULL : p;
}

static void
a_connection_that_is_long_in_coming_is_told_with_the_request(void **state)
{
	static char text[4096];
	pthread_t thread;
	struct shared sh;
	struct db *db;
	void *failed;
	ssize_t n;
	int ends[2];

	(void)state;
	shared_init(&sh, 1);
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(log_open_fd(&sh.site.c, ends[1], LOG_LEVEL_INFO, true, &sh.site.c.log), OK);
	sh.site.cfg.metrics_slow_query_threshold = 2000;
	assert_int_equal(pool_acquire(&sh.site.c, sh.pool, &db), OK);
	assert_int_equal(pthread_create(&thread, NULL, take_and_give_back, &sh), 0);
	while (pool_waiting(sh.pool) != 1)
		(void)sched_yield();
	for (int64_t end = time_mono_us() + 2500; time_mono_us() < end;)
		(void)sched_yield();
	assert_true(pool_release(&sh.site.c, sh.pool, db));
	assert_int_equal(pthread_join(thread, &failed), 0);
	assert_null(failed);
	log_close(sh.site.c.log);
	sh.site.c.log = NULL;
	(void)close(ends[1]);
	n = read(ends[0], text, sizeof(text) - 1);
	assert_true(n > 0);
	assert_non_null(strstr(text, "\"event\":\"db_pool_slow\""));
	assert_non_null(strstr(text, "\"request_id\":\"0123456789abcdef\""));
	assert_non_null(strstr(text, "\"pool_size\":1,\"active\":1,"));
	assert_null(strstr(strstr(text, "db_pool_slow") + 1, "db_pool_slow"));
	(void)close(ends[0]);
	shared_fini(&sh);
}

struct turn {
	struct shared *sh;
	int number;
	int *order, *served;	/* written by whoever holds the only connection */
};

static void *
take_turn(void *p)
{
	struct turn *t = p;
	struct ctx c;
	struct db *db;
	bool good;

	site_ctx(&t->sh->site, &c);
	good = pool_acquire(&c, t->sh->pool, &db) == OK;
	if (good) {
		t->order[(*t->served)++] = t->number;
		good = pool_release(&c, t->sh->pool, db);
	}
	ctx_fini(&c);
	return good ? NULL : t;
}

static void
who_comes_first_is_served_first(void **state)
{
	enum { N = 6 };
	struct turn turns[N];
	pthread_t threads[N];
	int order[N], served = 0;
	struct shared sh;
	struct db *db;

	(void)state;
	shared_init(&sh, 1);
	assert_int_equal(pool_acquire(&sh.site.c, sh.pool, &db), OK);
	for (int i = 0; i < N; i++) {
		turns[i] = (struct turn){&sh, i, order, &served};
		assert_int_equal(pthread_create(&threads[i], NULL, take_turn, &turns[i]), 0);
		while (pool_waiting(sh.pool) != (size_t)i + 1)
			(void)sched_yield();
	}
	assert_true(pool_release(&sh.site.c, sh.pool, db));
	for (int i = 0; i < N; i++) {
		void *failed;

		assert_int_equal(pthread_join(threads[i], &failed), 0);
		assert_null(failed);
	}
	assert_int_equal(served, N);
	for (int i = 0; i < N; i++)
		assert_int_equal(order[i], i);
	shared_fini(&sh);
}

static void
what_was_left_open_is_rolled_back_and_told(void **state)
{
	struct post_row row = site_note("a", 1);
	struct shared sh;
	struct stmt st;
	struct db *db;

	(void)state;
	shared_init(&sh, 1);
	assert_int_equal(pool_acquire(&sh.site.c, sh.pool, &db), OK);
	assert_int_equal(db_tx_begin(&sh.site.c, db), OK);
	assert_int_equal(post_row_insert(&sh.site.c, db, &row), OK);
	assert_false(pool_release(&sh.site.c, sh.pool, db));
	assert_int_equal(site_sql(&sh.site, "SELECT count(*) FROM post"), 0);
	assert_int_equal(pool_acquire(&sh.site.c, sh.pool, &db), OK);
	assert_true(db_clean(db));
	stmt_begin(&sh.site.c, db, SQL_PING, &st);
	assert_true(stmt_next(&st));
	assert_false(pool_release(&sh.site.c, sh.pool, db));
	assert_int_equal(pool_acquire(&sh.site.c, sh.pool, &db), OK);
	assert_true(db_clean(db));
	assert_int_equal(site_insert(&sh.site.c, db, &row), OK);
	assert_true(pool_release(&sh.site.c, sh.pool, db));
	shared_fini(&sh);
}

static void
a_broken_connection_is_replaced(void **state)
{
	struct pool_stats st;
	struct shared sh;
	struct db *db;

	(void)state;
	shared_init(&sh, 1);
	assert_int_equal(pool_acquire(&sh.site.c, sh.pool, &db), OK);
	db->broken = true;
	assert_true(pool_release(&sh.site.c, sh.pool, db));
	assert_int_equal(pool_acquire(&sh.site.c, sh.pool, &db), OK);
	assert_false(db->broken);
	assert_int_equal(db_ping(&sh.site.c, db), OK);
	pool_stats(sh.pool, &st);
	assert_int_equal(st.created, 2);
	assert_true(pool_release(&sh.site.c, sh.pool, db));
	shared_fini(&sh);
}

static void
a_replacement_that_cannot_be_opened_is_tried_again_by_the_next(void **state)
{
	char aside[256];
	struct pool_stats st;
	struct shared sh;
	struct db *db;

	(void)state;
	shared_init(&sh, 1);
	(void)snprintf(aside, sizeof(aside), "%s.aside", sh.site.path);
	assert_int_equal(pool_acquire(&sh.site.c, sh.pool, &db), OK);
	db->broken = true;
	assert_true(pool_release(&sh.site.c, sh.pool, db));
	assert_int_equal(rename(sh.site.path, aside), 0);
	assert_int_equal(pool_acquire(&sh.site.c, sh.pool, &db), ERR_DB_MISSING);
	assert_null(db);
	pool_stats(sh.pool, &st);
	assert_int_equal(st.active, 0);
	assert_int_equal(rename(aside, sh.site.path), 0);
	err_clear(&sh.site.c);
	assert_int_equal(pool_acquire(&sh.site.c, sh.pool, &db), OK);
	assert_true(pool_release(&sh.site.c, sh.pool, db));
	shared_fini(&sh);
}

static void
the_pool_shows_in_the_metrics(void **state)
{
	struct metrics_view *view;
	struct segment *seg;
	struct shared sh;
	struct db *db, *none;

	(void)state;
	site_init(&sh.site);
	assert_int_equal(segment_create(&sh.site.c, sh.site.dir.path, &seg), OK);
	assert_int_equal(metrics_open(&sh.site.c, seg, METRICS_WORKER, &sh.site.cfg,
		&sh.site.c.metrics), OK);
	assert_int_equal(pool_open(&sh.site.c, seg, 2, &sh.pool), OK);
	assert_int_equal(pool_fill(&sh.site.c, sh.pool), OK);
	assert_int_equal(pool_acquire(&sh.site.c, sh.pool, &db), OK);
	assert_true(pool_release(&sh.site.c, sh.pool, db));
	assert_int_equal(pool_acquire(&sh.site.c, sh.pool, &db), OK);
	assert_int_equal(metrics_view(&sh.site.c, seg, &view), OK);
	assert_int_equal(metrics_view_counter(view, COUNTER_POOL_CREATED), 2);
	assert_int_equal(metrics_view_counter(view, COUNTER_POOL_ACQUIRED), 2);
	assert_int_equal(metrics_view_counter(view, COUNTER_POOL_RELEASED), 1);
	assert_int_equal(metrics_view_gauge(view, GAUGE_POOL_SIZE), 2);
	assert_int_equal(metrics_view_gauge(view, GAUGE_POOL_ACTIVE), 1);
	sh.site.cfg.db_connection_timeout = 1000;
	assert_int_equal(pool_acquire(&sh.site.c, sh.pool, &none), OK);
	assert_true(pool_release(&sh.site.c, sh.pool, none));
	assert_true(pool_release(&sh.site.c, sh.pool, db));
	pool_close(&sh.site.c, sh.pool);
	assert_int_equal(metrics_view(&sh.site.c, seg, &view), OK);
	assert_int_equal(metrics_view_gauge(view, GAUGE_POOL_SIZE), 0);
	assert_int_equal(metrics_view_gauge(view, GAUGE_POOL_ACTIVE), 0);
	metrics_close(sh.site.c.metrics);
	segment_close(seg);
	site_fini(&sh.site);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(twenty_threads_take_and_give_back_two_thousand_times),
		cmocka_unit_test(one_connection_is_opened_at_once_and_the_others_when_they_are_needed),
		cmocka_unit_test(a_pool_is_filled_round_the_connections_in_use),
		cmocka_unit_test(what_could_not_be_filled_is_opened_by_who_needs_it),
		cmocka_unit_test(a_pool_over_no_database_opens_nothing),
		cmocka_unit_test(an_empty_pool_answers_after_the_timeout),
		cmocka_unit_test(waiting_ends_at_the_requests_deadline),
		cmocka_unit_test(a_connection_that_is_long_in_coming_is_told_with_the_request),
		cmocka_unit_test(who_comes_first_is_served_first),
		cmocka_unit_test(what_was_left_open_is_rolled_back_and_told),
		cmocka_unit_test(a_broken_connection_is_replaced),
		cmocka_unit_test(a_replacement_that_cannot_be_opened_is_tried_again_by_the_next),
		cmocka_unit_test(the_pool_shows_in_the_metrics),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
