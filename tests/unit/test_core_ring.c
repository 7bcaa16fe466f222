/*
 * core/ring and the choice of what goes there: details that are whole or absent, the newest first,
 * and kept by share, slowness or failure.
 */
#include "core/ring.h"

#include "core/slot.h"
#include "metrics_fixture.h"

#include <pthread.h>

static void
a_record_has_every_fact_and_the_newest_comes_first(void **state)
{
	struct fixture *f = *state;
	struct metrics_record r;
	struct facts one = {.route = ROUTE_MICROPUB,
		.method = METHOD_POST,
		.status = 201,
		.duration_us = 812,
		.db_us = 300,
		.db_queries = 9,
		.body_bytes = 77,
		.path = S("/micropub")};

	f->m = open_as(f, METRICS_WORKER);
	request(f->m, ROUTE_HOME, 200, 1);
	metrics_request(f->m, "fedcba9876543210fedcba9876543210", 5 * SECOND, &one);
	assert_true(metrics_view_record(look(f), 0, &r));
	assert_int_equal(r.time_us, 5 * SECOND);
	assert_string_equal(r.request_id, "fedcba9876543210fedcba9876543210");
	assert_string_equal(r.path, "/micropub");
	assert_int_equal(r.route, ROUTE_MICROPUB);
	assert_int_equal(r.method, METHOD_POST);
	assert_int_equal(r.status, 201);
	assert_int_equal(r.duration_us, 812);
	assert_int_equal(r.db_us, 300);
	assert_int_equal(r.db_queries, 9);
	assert_int_equal(r.bytes, 77);
	assert_true(metrics_view_record(f->v, 1, &r));
	assert_int_equal(r.route, ROUTE_HOME);
	assert_false(metrics_view_record(f->v, 2, &r));
}

static void
a_long_path_is_cut_between_characters(void **state)
{
	struct fixture *f = *state;
	struct metrics_record r;
	struct facts one = facts_of(ROUTE_NONE, 404, 1);
	char path[400];

	memset(path, 'a', sizeof(path));
	memcpy(path + 94, "\xc3\xa9", 2);
	one.path = str_n(path, sizeof(path));
	f->m = open_as(f, METRICS_WORKER);
	metrics_request(f->m, "an id that is longer than thirty-two", 1, &one);
	assert_true(metrics_view_record(look(f), 0, &r));
	assert_int_equal(strlen(r.path), 94);
	assert_string_equal(r.request_id, "an id that is longer than thirty");
}

static void
the_ring_holds_the_newest_and_no_more(void **state)
{
	struct fixture *f = *state;
	struct metrics_record r;

	f->m = open_as(f, METRICS_WORKER);
	for (int i = 0; i < 1000; i++)
		request(f->m, ROUTE_HOME, 200, i);
	assert_int_equal(records(look(f)), 64);
	for (int i = 0; i < 64; i++) {
		assert_true(metrics_view_record(f->v, (size_t)i, &r));
		assert_int_equal(r.duration_us, 999 - i);
	}
}

static uint64_t
kept_of_thousand(struct fixture *f, double rate)
{
	uint64_t before;

	for (int i = 0; i < 100; i++)
		request(f->m, ROUTE_HOME, 200, 1);
	metrics_close(f->m);
	f->cfg.metrics_sampling_rate = rate;
	f->m = open_as(f, METRICS_WORKER);
	before = metrics_view_counter(look(f), COUNTER_DETAIL_KEPT);
	for (int i = 0; i < 1000; i++)
		request(f->m, ROUTE_HOME, 200, 1);
	return metrics_view_counter(look(f), COUNTER_DETAIL_KEPT) - before;
}

static void
sampling_keeps_its_share(void **state)
{
	struct fixture *f = *state;

	f->m = open_as(f, METRICS_WORKER);
	assert_int_equal(kept_of_thousand(f, 0.0), 0);
	assert_int_equal(kept_of_thousand(f, 1.0), 1000);
	assert_in_range(kept_of_thousand(f, 0.1), 99, 101);
	assert_in_range(kept_of_thousand(f, 0.25), 249, 251);
	assert_int_equal(metrics_view_counter(look(f), COUNTER_DETAIL_SEEN), 4400);
}

static void
slow_ones_failures_and_the_first_hundred_are_kept_at_any_rate(void **state)
{
	struct fixture *f = *state;
	struct facts slow_query = facts_of(ROUTE_HOME, 200, 1);

	f->cfg.metrics_sampling_rate = 0.0;
	f->m = open_as(f, METRICS_WORKER);
	for (int i = 0; i < 150; i++)
		request(f->m, ROUTE_HOME, 200, 1);
	assert_int_equal(metrics_view_counter(look(f), COUNTER_DETAIL_KEPT), 100);
	request(f->m, ROUTE_HOME, 200, 2 * SECOND - 1);
	request(f->m, ROUTE_HOME, 404, 1);
	assert_int_equal(metrics_view_counter(look(f), COUNTER_DETAIL_KEPT), 100);
	request(f->m, ROUTE_HOME, 200, 2 * SECOND);
	request(f->m, ROUTE_HOME, 500, 1);
	slow_query.db_us = SECOND;
	metrics_request(f->m, "", 1, &slow_query);
	assert_int_equal(metrics_view_counter(look(f), COUNTER_DETAIL_KEPT), 103);
}

static void
a_record_that_is_being_written_is_not_shown_and_not_waited_for(void **state)
{
	struct fixture *f = *state;
	struct layout_record *cell = layout_ring(f->seg->map);
	struct metrics_record r;

	f->m = open_as(f, METRICS_WORKER);
	request(f->m, ROUTE_HOME, 200, 1);
	request(f->m, ROUTE_HOME, 200, 2);
	atomic_fetch_or(&cell[0].state, 1);
	assert_int_equal(records(look(f)), 1);
	for (int i = 0; i < 64; i++)
		request(f->m, ROUTE_HOME, 200, 3);
	assert_int_equal(records(look(f)), 63);
	assert_false(ring_get(f->seg, 64, &r));
	assert_int_equal(metrics_view_counter(f->v, COUNTER_DETAIL_SEEN), 66);
	assert_int_equal(metrics_view_counter(f->v, COUNTER_DETAIL_KEPT), 65);
}

static void
a_cell_left_busy_by_a_dead_owner_is_freed_with_its_slot(void **state)
{
	struct fixture *f = *state;
	struct layout_record *cell = layout_ring(f->seg->map);

	f->m = open_as(f, METRICS_WORKER);
	request(f->m, ROUTE_HOME, 200, 1);
	atomic_fetch_or(&cell[0].state, 1);
	atomic_store(&f->seg->map->head[0].owner, process_identity() ^ 1);
	metrics_close(f->m);
	f->m = open_as(f, METRICS_WORKER);
	assert_int_equal(atomic_load(&cell[0].state), 0);
	for (int i = 0; i < 64; i++)
		request(f->m, ROUTE_HOME, 200, 3);
	assert_int_equal(records(look(f)), 64);
}

static void
a_record_overwritten_since_the_view_is_beyond_the_oldest(void **state)
{
	struct fixture *f = *state;
	struct metrics_record r;

	f->m = open_as(f, METRICS_WORKER);
	request(f->m, ROUTE_HOME, 200, 1);
	look(f);
	for (int i = 0; i < 64; i++)
		request(f->m, ROUTE_HOME, 200, 2);
	assert_false(metrics_view_record(f->v, 0, &r));
}

enum { WRITERS = 3, ROUNDS = 200000 };

/* Records whose fields all say the same number. */
static void *
write_records(void *arg)
{
	struct segment *seg = arg;
	struct metrics_record r;

	for (int i = 0; i < ROUNDS; i++) {
		memset(&r, 0, sizeof(r));
		memset(r.path, i & 0x7F, sizeof(r.path));
		r.time_us = r.duration_us = r.db_us = i;
		r.bytes = (uint64_t)i;
		(void)ring_put(seg, 0, &r);
	}
	return NULL;
}

static bool
is_whole(const struct metrics_record *r)
{
	for (size_t i = 0; i < sizeof(r->path); i++)
		if (r->path[i] != (r->time_us & 0x7F))
			return false;
	return r->duration_us == r->time_us && r->db_us == r->time_us &&
	       r->bytes == (uint64_t)r->time_us;
}

static void
a_reader_in_the_midst_of_writers_sees_whole_records(void **state)
{
	struct fixture *f = *state;
	pthread_t threads[WRITERS];
	struct metrics_record r;
	uint64_t end = 0;
	unsigned torn = 0;

	for (size_t i = 0; i < WRITERS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, write_records, f->seg), 0);
	while (end < (uint64_t)WRITERS * ROUNDS) {
		end = ring_count(f->seg); /* the oldest is about to be overwritten */
		if (end >= 64 && ring_get(f->seg, end - 64, &r))
			torn += !is_whole(&r);
	}
	for (size_t i = 0; i < WRITERS; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	assert_int_equal(torn, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_record_has_every_fact_and_the_newest_comes_first),
		T(a_long_path_is_cut_between_characters),
		T(the_ring_holds_the_newest_and_no_more),
		T(sampling_keeps_its_share),
		T(slow_ones_failures_and_the_first_hundred_are_kept_at_any_rate),
		T(a_record_that_is_being_written_is_not_shown_and_not_waited_for),
		T(a_cell_left_busy_by_a_dead_owner_is_freed_with_its_slot),
		T(a_record_overwritten_since_the_view_is_beyond_the_oldest),
		T(a_reader_in_the_midst_of_writers_sees_whole_records),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
