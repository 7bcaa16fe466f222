/*
 * core/metrics: exact counts whatever the sampling rate, every row in its own cell, and threads
 * that lose nothing while readers look on.
 */
#include "metrics_fixture.h"

#include "core/metrics_view.h"

#include <pthread.h>

static void
twenty_requests(struct fixture *f, double rate)
{
	struct facts one = facts_of(ROUTE_NOTE, 200, 1500);
	struct metrics_summary s;
	const struct metrics_view *v;

	f->cfg.metrics_sampling_rate = rate;
	f->m = open_as(f, METRICS_WORKER);
	one.request_bytes = 3;
	one.cached = one.aborted = true;
	one.error = ERR_NOT_FOUND;
	for (int i = 0; i < 20; i++) {
		metrics_request(f->m, "", SECOND, &one);
		metrics_statement(f->m, DBOP_SELECT, DBTABLE_POST, 5);
		metrics_observe(f->m, HISTOGRAM_RENDER, 10);
	}
	v = look(f);
	assert_int_equal(metrics_view_requests(v, ROUTE_NOTE, METHOD_GET, 2), 20);
	metrics_view_route(v, ROUTE_NOTE, &s);
	assert_int_equal(s.count, 20);
	metrics_view_http(v, &s);
	assert_int_equal(s.count, 20);
	assert_int_equal(s.sum_us, 20 * 1500);
	metrics_view_histogram(v, HISTOGRAM_RENDER, &s);
	assert_int_equal(s.count, 20);
	metrics_view_statement(v, DBOP_SELECT, DBTABLE_POST, &s);
	assert_int_equal(s.count, 20);
	metrics_view_database(v, &s);
	assert_int_equal(s.count, 20);
	assert_int_equal(v->error[ERR_NOT_FOUND], 20);
	assert_int_equal(metrics_view_counter(v, COUNTER_BYTES_SENT), 2000);
	assert_int_equal(metrics_view_counter(v, COUNTER_BYTES_RECEIVED), 60);
	assert_int_equal(metrics_view_counter(v, COUNTER_ABORTED), 20);
	assert_int_equal(metrics_view_counter(v, COUNTER_CACHE_HITS), 20);
	assert_int_equal(metrics_view_counter(v, COUNTER_DETAIL_SEEN), 20);
	assert_int_equal(metrics_view_counter(v, COUNTER_DETAIL_KEPT), 20);
	assert_int_equal(records(v), 20);
}

static void
twenty_requests_are_twenty_in_every_family_at_rate_0(void **state)
{
	twenty_requests(*state, 0.0);
}

static void
twenty_requests_are_twenty_in_every_family_at_rate_one_tenth(void **state)
{
	twenty_requests(*state, 0.1);
}

static void
twenty_requests_are_twenty_in_every_family_at_rate_1(void **state)
{
	twenty_requests(*state, 1.0);
}

static void
requests_are_told_apart_by_route_method_and_class(void **state)
{
	struct fixture *f = *state;
	const struct metrics_view *v;
	struct facts odd = facts_of(ROUTE_NONE, 999, 1);

	f->m = open_as(f, METRICS_WORKER);
	request(f->m, ROUTE_HOME, 200, 1);
	request(f->m, ROUTE_HOME, 304, 1);
	request(f->m, ROUTE_HOME, 404, 1);
	request(f->m, ROUTE_TAG, 503, 1);
	request(f->m, ROUTE_TAG, 0, 1);
	odd.method = METHOD_UNKNOWN;
	metrics_request(f->m, "", 0, &odd);
	v = look(f);
	assert_int_equal(metrics_view_requests(v, ROUTE_HOME, METHOD_GET, 2), 1);
	assert_int_equal(metrics_view_requests(v, ROUTE_HOME, METHOD_GET, 3), 1);
	assert_int_equal(metrics_view_requests(v, ROUTE_HOME, METHOD_GET, 4), 1);
	assert_int_equal(metrics_view_requests(v, ROUTE_HOME, METHOD_GET, 5), 0);
	assert_int_equal(metrics_view_requests(v, ROUTE_TAG, METHOD_GET, 5), 1);
	assert_int_equal(metrics_view_requests(v, ROUTE_TAG, METHOD_GET, 0), 1);
	assert_int_equal(metrics_view_requests(v, ROUTE_NONE, METHOD_UNKNOWN, 0), 1);
}

static void
whole_figures_span_all_routes_and_statements(void **state)
{
	struct fixture *f = *state;
	struct metrics_summary s;

	f->m = open_as(f, METRICS_WORKER);
	request(f->m, ROUTE_HOME, 200, 300);
	request(f->m, ROUTE_NOTE, 200, 40);
	request(f->m, ROUTE_TAG, 200, 9000);
	metrics_statement(f->m, DBOP_INSERT, DBTABLE_TAG, 70);
	metrics_statement(f->m, DBOP_COMMIT, DBTABLE_NONE, 800);
	metrics_view_http(look(f), &s);
	assert_int_equal(s.count, 3);
	assert_int_equal(s.min_us, 40);
	assert_int_equal(s.max_us, 9000);
	assert_int_equal(s.p50_us, 320);
	metrics_view_database(f->v, &s);
	assert_int_equal(s.count, 2);
	assert_int_equal(s.sum_us, 870);
	assert_int_equal(s.min_us, 70);
}

static void
without_a_handle_nothing_is_counted_and_nothing_breaks(void **state)
{
	struct facts f = facts_of(ROUTE_HOME, 200, 1);

	(void)state;
	metrics_add(NULL, COUNTER_POSTS_CREATED, 1);
	metrics_gauge_add(NULL, GAUGE_POOL_SIZE, 1);
	metrics_observe(NULL, HISTOGRAM_RENDER, 1);
	metrics_error(NULL, ERR_INTERNAL);
	metrics_statement(NULL, DBOP_SELECT, DBTABLE_POST, 1);
	metrics_heartbeat(NULL, 1);
	metrics_request(NULL, "", 1, &f);
	metrics_close(NULL);
}

static void
every_row_of_the_tables_counts_in_its_own_cell(void **state)
{
	struct fixture *f = *state;
	struct metrics_summary s;

	f->m = open_as(f, METRICS_WORKER);
	for (int i = 0; i < COUNTER__MAX; i++)
		metrics_add(f->m, (enum counter)i, (uint64_t)i + 1);
	for (int i = OK + 1; i < ERR__MAX; i++)
		for (int n = 0; n < i; n++)
			metrics_error(f->m, (enum err)i);
	metrics_error(f->m, OK);
	for (int i = 0; i < HISTOGRAM__MAX; i++)
		metrics_observe(f->m, (enum histogram)i, i + 1);
	look(f);
	for (int i = 0; i < COUNTER__MAX; i++)
		assert_int_equal(metrics_view_counter(f->v, (enum counter)i), i + 1);
	for (int i = OK; i < ERR__MAX; i++)
		assert_int_equal(f->v->error[i], i);
	for (int i = 0; i < HISTOGRAM__MAX; i++) {
		metrics_view_histogram(f->v, (enum histogram)i, &s);
		assert_int_equal(s.max_us, i + 1);
	}
}

/* A process of that role with that gauge that ended without a word. */
static void
die_as(struct fixture *f, enum metrics_role role, int64_t failing)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		struct metrics *m = open_as(f, role);

		metrics_gauge_add(m, GAUGE_LOG_FAILING, failing);
		_exit(0);
	}
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void
the_pulse_tells_of_the_living_only(void **state)
{
	struct fixture *f = *state;
	struct metrics *worker, *courier;
	struct metrics_pulse p;

	die_as(f, METRICS_COURIER, 1);
	metrics_pulse(f->seg, &p);
	assert_int_equal(p.beat_us, 0);
	assert_int_equal(p.log_failing, 0);
	assert_true(p.uptime_us >= 0);
	worker = open_as(f, METRICS_WORKER);
	courier = open_as(f, METRICS_COURIER);
	metrics_heartbeat(worker, 5 * SECOND);
	metrics_heartbeat(courier, 7 * SECOND);
	metrics_gauge_add(worker, GAUGE_LOG_FAILING, 1);
	metrics_pulse(f->seg, &p);
	assert_int_equal(p.beat_us, 7 * SECOND);
	assert_int_equal(p.log_failing, 1);
	assert_int_equal(p.start_us, metrics_view_start_us(look(f)));
	metrics_close(courier);
	metrics_close(worker);
	metrics_pulse(f->seg, &p);
	assert_int_equal(p.beat_us, 0);
	assert_int_equal(p.log_failing, 0);
}

enum { THREADS = 4, ROUNDS = 2000 };

static void *
work(void *arg)
{
	struct metrics *m = arg;
	char id[33];
	struct facts f = facts_of(ROUTE_HOME, 200, 0);

	for (int i = 0; i < ROUNDS; i++) {
		(void)snprintf(id, sizeof(id), "%032d", i);
		f.duration_us = f.db_us = i;
		f.path = str_z(id);
		metrics_request(m, id, i, &f);
		metrics_statement(m, DBOP_SELECT, DBTABLE_POST, i);
		metrics_gauge_add(m, GAUGE_IN_FLIGHT, i % 2 ? -1 : 1);
		metrics_heartbeat(m, (int64_t)i * SECOND);
	}
	return NULL;
}

static void
threads_lose_nothing_while_readers_look_on(void **state)
{
	struct fixture *f = *state;
	pthread_t threads[THREADS];
	struct metrics_summary s;
	uint64_t seen = 0;
	unsigned fell = 0;

	f->m = open_as(f, METRICS_WORKER);
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, work, f->m), 0);
	for (int i = 0; i < 50; i++) {
		metrics_view_http(look(f), &s);
		fell += s.count < seen;
		seen = s.count;
		ctx_reset(&f->c);
	}
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	assert_int_equal(fell, 0);
	metrics_view_http(look(f), &s);
	assert_int_equal(s.count, THREADS * ROUNDS);
	assert_int_equal(s.sum_us, (uint64_t)THREADS * ROUNDS * (ROUNDS - 1) / 2);
	assert_int_equal(s.min_us, 0);
	assert_int_equal(s.max_us, ROUNDS - 1);
	metrics_view_database(f->v, &s);
	assert_int_equal(s.count, THREADS * ROUNDS);
	assert_int_equal(metrics_view_requests(f->v, ROUTE_HOME, METHOD_GET, 2), THREADS * ROUNDS);
	assert_int_equal(metrics_view_gauge(f->v, GAUGE_IN_FLIGHT), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(twenty_requests_are_twenty_in_every_family_at_rate_0),
		T(twenty_requests_are_twenty_in_every_family_at_rate_one_tenth),
		T(twenty_requests_are_twenty_in_every_family_at_rate_1),
		T(requests_are_told_apart_by_route_method_and_class),
		T(whole_figures_span_all_routes_and_statements),
		T(without_a_handle_nothing_is_counted_and_nothing_breaks),
		T(every_row_of_the_tables_counts_in_its_own_cell),
		T(the_pulse_tells_of_the_living_only),
		T(threads_lose_nothing_while_readers_look_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
