/*
 * core/histogram: where durations go and what is read back.
 */
#include "core/histogram.h"

#include "core/metrics.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void
an_edge_belongs_to_its_bucket_and_the_next_value_does_not(void **state)
{
	(void)state;
	for (size_t i = 0; i < HISTOGRAM_OVERFLOW; i++) {
		assert_int_equal(histogram_bucket(histogram_edge(i)), i);
		assert_int_equal(histogram_bucket(histogram_edge(i) + 1), i + 1);
	}
}

static void
edges_grow_by_an_eighth_at_most(void **state)
{
	(void)state;
	for (size_t i = 16; i < HISTOGRAM_OVERFLOW; i++) {
		int64_t below = histogram_edge(i - 1), edge = histogram_edge(i);

		assert_true(edge > below);
		assert_true((edge - below) * 8 <= below);
	}
}

static void
every_power_of_two_is_an_edge(void **state)
{
	(void)state;
	for (int bits = 0; bits <= HISTOGRAM_TOP_BITS; bits++)
		assert_int_equal(
			histogram_edge(histogram_bucket((int64_t)1 << bits)), (int64_t)1 << bits);
}

static void
a_negative_duration_counts_as_zero_and_a_huge_one_in_the_last_bucket(void **state)
{
	(void)state;
	assert_int_equal(histogram_bucket(-5), 0);
	assert_int_equal(histogram_bucket(0), 0);
	assert_int_equal(
		histogram_bucket(((int64_t)1 << HISTOGRAM_TOP_BITS) + 1), HISTOGRAM_OVERFLOW);
	assert_int_equal(histogram_bucket(INT64_MAX), HISTOGRAM_OVERFLOW);
	assert_true(histogram_edge(HISTOGRAM_OVERFLOW) == INT64_MAX);
}

static void
read_all(const struct histogram_cells *h, struct metrics_summary *out)
{
	struct histogram_sums sums = {0};

	histogram_read(&sums, h);
	histogram_summary(&sums, out);
}

static void
an_empty_one_is_all_zero(void **state)
{
	static struct histogram_cells h;
	struct metrics_summary s;
	struct metrics_summary zero;

	(void)state;
	memset(&zero, 0, sizeof(zero));
	read_all(&h, &s);
	assert_memory_equal(&s, &zero, sizeof(s));
}

static void
count_sum_and_extremes_are_exact(void **state)
{
	static struct histogram_cells h;
	struct metrics_summary s;

	(void)state;
	histogram_observe(&h, 700);
	histogram_observe(&h, 0);
	histogram_observe(&h, 123456);
	histogram_observe(&h, -3);
	read_all(&h, &s);
	assert_int_equal(s.count, 4);
	assert_int_equal(s.sum_us, 700 + 123456);
	assert_int_equal(s.min_us, 0);
	assert_int_equal(s.max_us, 123456);
}

static void
percentiles_are_upper_edges_that_never_exceed_the_maximum(void **state)
{
	static struct histogram_cells h;
	struct metrics_summary s;

	(void)state;
	for (int us = 1; us <= 1000; us++)
		histogram_observe(&h, us);
	read_all(&h, &s);
	assert_int_equal(s.p50_us, 512);  /* (480, 512] holds the 500th */
	assert_int_equal(s.p90_us, 960);  /* (896, 960] holds the 900th */
	assert_int_equal(s.p99_us, 1000); /* (960, 1024], cut to the maximum */
}

static void
a_percentile_beyond_the_last_edge_is_the_maximum(void **state)
{
	static struct histogram_cells h;
	struct metrics_summary s;

	(void)state;
	histogram_observe(&h, (int64_t)1 << 40);
	read_all(&h, &s);
	assert_int_equal(s.p50_us, (int64_t)1 << 40);
}

static void
merging_adds_counts_and_keeps_the_outer_extremes(void **state)
{
	static struct histogram_cells a, b;
	struct histogram_sums one = {0}, two = {0}, empty = {0};
	struct metrics_summary s;

	(void)state;
	histogram_observe(&a, 10);
	histogram_observe(&a, 20);
	histogram_observe(&b, 5);
	histogram_read(&one, &a);
	histogram_read(&two, &b);
	histogram_merge(&one, &two);
	histogram_merge(&one, &empty);
	histogram_summary(&one, &s);
	assert_int_equal(s.count, 3);
	assert_int_equal(s.sum_us, 35);
	assert_int_equal(s.min_us, 5);
	assert_int_equal(s.max_us, 20);
}

static void
at_most_counts_an_edge_in(void **state)
{
	static struct histogram_cells h;
	struct histogram_sums s = {0};

	(void)state;
	histogram_observe(&h, 1023);
	histogram_observe(&h, 1024);
	histogram_observe(&h, 1025);
	histogram_read(&s, &h);
	assert_int_equal(histogram_at_most(&s, 512), 0);
	assert_int_equal(histogram_at_most(&s, 1024), 2);
	assert_int_equal(histogram_at_most(&s, 2048), 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_edge_belongs_to_its_bucket_and_the_next_value_does_not),
		cmocka_unit_test(edges_grow_by_an_eighth_at_most),
		cmocka_unit_test(every_power_of_two_is_an_edge),
		cmocka_unit_test(
			a_negative_duration_counts_as_zero_and_a_huge_one_in_the_last_bucket),
		cmocka_unit_test(an_empty_one_is_all_zero),
		cmocka_unit_test(count_sum_and_extremes_are_exact),
		cmocka_unit_test(percentiles_are_upper_edges_that_never_exceed_the_maximum),
		cmocka_unit_test(a_percentile_beyond_the_last_edge_is_the_maximum),
		cmocka_unit_test(merging_adds_counts_and_keeps_the_outer_extremes),
		cmocka_unit_test(at_most_counts_an_edge_in),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
