/*
 * core/history: what was counted, interval by interval; to the last request, with gaps where the site
 * did not run, over wraps, late looks, clocks set back and restarts.
 */
#include "core/history.h"

#include "core/history_cell.h"
#include "metrics_fixture.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>

#define STEP (5 * SECOND)
/* A moment at which both rings begin an interval. */
#define START (29000000 * 60 * SECOND)

static struct history *
begin(struct fixture *f, int64_t wall)
{
	struct history *h = NULL;

	assert_int_equal(history_new(&f->c, f->seg, wall, wall, &h), OK);
	return h;
}

/* The sample of a fine interval that began so many steps after START. */
static struct history_sample
fine(struct fixture *f, int64_t steps)
{
	struct history_sample sample;

	history_read(f->seg, HISTORY_FINE, history_number(HISTORY_FINE, START) + steps, 1, &sample);
	return sample;
}

static uint64_t
sum(struct fixture *f, enum history_ring ring, int64_t wall, enum sample which)
{
	static struct history_sample list[HISTORY_CELLS];
	size_t n = ring == HISTORY_FINE ? HISTORY_FINE_CELLS : HISTORY_COARSE_CELLS;
	uint64_t all = 0;

	history_read(f->seg, ring, history_number(ring, wall), n, list);
	for (size_t i = 0; i < n; i++)
		all += list[i].value[which];
	return all;
}

static void
an_interval_tells_what_happened_in_it(void **state)
{
	struct fixture *f = *state;
	struct history *h = begin(f, START);
	struct history_sample s;

	f->m = open_as(f, METRICS_WORKER);
	for (int i = 0; i < 20; i++)
		request(f->m, ROUTE_HOME, 200, 1000);
	request(f->m, ROUTE_HOME, 404, 1000);
	request(f->m, ROUTE_HOME, 503, 1000);
	metrics_statement(f->m, DBOP_SELECT, DBTABLE_POST, 300);
	metrics_add(f->m, COUNTER_POOL_WAITS, 3);
	metrics_gauge_add(f->m, GAUGE_POOL_SIZE, 4);
	assert_int_equal(history_tick(h, START + STEP, START + STEP), STEP);
	s = fine(f, 0);
	assert_true(s.known);
	assert_int_equal(s.value[SAMPLE_SPAN], STEP);
	assert_int_equal(s.value[SAMPLE_REQUESTS], 22);
	assert_int_equal(s.value[SAMPLE_ERRORS_4XX], 1);
	assert_int_equal(s.value[SAMPLE_ERRORS_5XX], 1);
	assert_int_equal(s.value[SAMPLE_BYTES_SENT], 2200);
	assert_int_equal(s.value[SAMPLE_DB_OPERATIONS], 1);
	assert_int_equal(s.value[SAMPLE_DB_TIME], 300);
	assert_int_equal(s.value[SAMPLE_POOL_WAITS], 3);
	assert_int_equal(s.value[SAMPLE_POOL_SIZE], 4);
	assert_int_equal(s.value[SAMPLE_WORKERS], 1);
	assert_true(s.value[SAMPLE_MEMORY] > 0);
	history_free(h);
}

static void
nothing_happening_is_a_sample_of_zeros_and_not_a_gap(void **state)
{
	struct fixture *f = *state;
	struct history *h = begin(f, START);

	(void)history_tick(h, START + STEP - 1, START + STEP - 1);
	assert_false(fine(f, 0).known);
	(void)history_tick(h, START + STEP, START + STEP);
	assert_true(fine(f, 0).known);
	assert_int_equal(fine(f, 0).value[SAMPLE_REQUESTS], 0);
	assert_false(fine(f, -1).known);
	assert_false(fine(f, 1).known);
	history_free(h);
}

static void
the_samples_add_up_to_what_was_counted(void **state)
{
	struct fixture *f = *state;
	struct history *h = begin(f, START);
	int64_t now = START;
	int n = 0;

	f->m = open_as(f, METRICS_WORKER);
	for (int i = 0; i < 100; i++) {
		for (int k = 0; k < i % 7; k++, n++)
			request(f->m, ROUTE_NOTE, 200, 10);
		now += 1700 * (int64_t)1000;
		(void)history_tick(h, now, now);
	}
	history_end(h, now, now);
	assert_int_equal(sum(f, HISTORY_FINE, now, SAMPLE_REQUESTS), n);
	assert_int_equal(sum(f, HISTORY_COARSE, now, SAMPLE_REQUESTS), n);
	assert_int_equal(sum(f, HISTORY_COARSE, now, SAMPLE_SPAN), now - START);
	history_free(h);
}

static void
what_a_dead_process_has_counted_is_there(void **state)
{
	struct fixture *f = *state;
	struct history *h = begin(f, START);
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		struct metrics *m = open_as(f, METRICS_WORKER);

		request(m, ROUTE_HOME, 200, 1);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	(void)history_tick(h, START + STEP, START + STEP);
	assert_int_equal(fine(f, 0).value[SAMPLE_REQUESTS], 1);
	assert_int_equal(fine(f, 0).value[SAMPLE_WORKERS], 0);
	history_free(h);
}

static void
percentiles_are_of_their_interval_alone(void **state)
{
	struct fixture *f = *state;
	struct history *h = begin(f, START);

	f->m = open_as(f, METRICS_WORKER);
	for (int i = 0; i < 1000; i++)
		request(f->m, ROUTE_HOME, 200, 1024);
	(void)history_tick(h, START + STEP, START + STEP);
	for (int i = 0; i < 3; i++)
		request(f->m, ROUTE_HOME, 200, 65536);
	(void)history_tick(h, START + 2 * STEP, START + 2 * STEP);
	(void)history_tick(h, START + 3 * STEP, START + 3 * STEP);
	assert_int_equal(fine(f, 0).value[SAMPLE_P99], 1024);
	assert_int_equal(fine(f, 1).value[SAMPLE_P50], 65536);
	assert_int_equal(fine(f, 2).value[SAMPLE_P50], 0);
	history_free(h);
}

static void
the_oldest_give_way_to_the_newest(void **state)
{
	struct fixture *f = *state;
	struct history *h = begin(f, START);
	int64_t now = START;

	for (int i = 0; i < HISTORY_FINE_CELLS + 10; i++) {
		now += STEP;
		(void)history_tick(h, now, now);
	}
	for (int i = 0; i < 10; i++)
		assert_false(fine(f, i).known);
	for (int i = 10; i < HISTORY_FINE_CELLS + 10; i++)
		assert_true(fine(f, i).known);
	history_free(h);
}

static void
a_late_look_puts_all_into_one_sample_and_invents_none(void **state)
{
	struct fixture *f = *state;
	struct history *h = begin(f, START);

	f->m = open_as(f, METRICS_WORKER);
	request(f->m, ROUTE_HOME, 200, 1);
	(void)history_tick(h, START + 4 * STEP, START + 4 * STEP);
	assert_false(fine(f, 0).known);
	assert_false(fine(f, 2).known);
	assert_int_equal(fine(f, 3).value[SAMPLE_REQUESTS], 1);
	assert_int_equal(fine(f, 3).value[SAMPLE_SPAN], 4 * STEP);
	history_free(h);
}

static void
a_clock_that_is_set_back_loses_and_doubles_nothing(void **state)
{
	struct fixture *f = *state;
	struct history *h = begin(f, START);

	f->m = open_as(f, METRICS_WORKER);
	request(f->m, ROUTE_HOME, 200, 1);
	(void)history_tick(h, START + STEP, START + STEP);
	request(f->m, ROUTE_HOME, 200, 1);
	(void)history_tick(h, START, START + STEP + SECOND);
	request(f->m, ROUTE_HOME, 200, 1);
	(void)history_tick(h, START + STEP, START + 2 * STEP);
	assert_int_equal(sum(f, HISTORY_FINE, START + STEP, SAMPLE_REQUESTS), 3);
	assert_int_equal(fine(f, 0).value[SAMPLE_REQUESTS], 2);
	history_free(h);
}

static void
merging_adds_counts_and_keeps_the_worst_and_the_latest(void **state)
{
	struct history_sample a = {.known = true}, b = {.known = true}, none = {.known = false};

	(void)state;
	a.value[SAMPLE_REQUESTS] = 2;
	a.value[SAMPLE_P99] = 900;
	a.value[SAMPLE_POOL_SIZE] = 8;
	b.value[SAMPLE_REQUESTS] = 3;
	b.value[SAMPLE_P99] = 100;
	b.value[SAMPLE_POOL_SIZE] = 4;
	history_merge(&a, &b);
	history_merge(&a, &none);
	assert_int_equal(a.value[SAMPLE_REQUESTS], 5);
	assert_int_equal(a.value[SAMPLE_P99], 900);
	assert_int_equal(a.value[SAMPLE_POOL_SIZE], 4);
	history_merge(&none, &a);
	assert_true(none.known);
}

/* ---- restarts ---------------------------------------------------------------------------- */

static void
path_of(struct fixture *f, char path[128])
{
	(void)snprintf(path, 128, "%s/history", f->dir);
}

/* Another run of the site, with a segment of its own. */
static void
start_anew(struct fixture *f)
{
	metrics_close(f->m);
	f->m = NULL;
	segment_remove(f->seg, f->dir);
	segment_close(f->seg);
	f->seg = NULL;
	assert_int_equal(segment_create(&f->c, f->dir, &f->seg), OK);
}

static void
a_site_that_is_started_again_remembers_and_shows_when_it_was_down(void **state)
{
	struct fixture *f = *state;
	struct history *h = begin(f, START);
	char path[128];

	f->m = open_as(f, METRICS_WORKER);
	request(f->m, ROUTE_HOME, 200, 1);
	(void)history_tick(h, START + STEP, START + STEP);
	request(f->m, ROUTE_HOME, 200, 1);
	history_end(h, START + STEP + SECOND, START + STEP + SECOND);
	history_free(h);
	assert_int_equal(history_save(&f->c, f->seg, f->dir), OK);
	start_anew(f);
	assert_int_equal(history_load(&f->c, f->seg, f->dir), OK);
	h = begin(f, START + 4 * STEP);
	f->m = open_as(f, METRICS_WORKER);
	request(f->m, ROUTE_HOME, 200, 1);
	(void)history_tick(h, START + 5 * STEP, START + 5 * STEP);
	history_free(h);
	assert_int_equal(fine(f, 0).value[SAMPLE_REQUESTS], 1);
	assert_int_equal(fine(f, 1).value[SAMPLE_REQUESTS], 1);
	assert_int_equal(fine(f, 1).value[SAMPLE_SPAN], SECOND);
	assert_false(fine(f, 2).known);
	assert_false(fine(f, 3).known);
	assert_int_equal(fine(f, 4).value[SAMPLE_REQUESTS], 1);
	path_of(f, path);
	assert_int_equal(unlink(path), 0);
}

static void
two_runs_within_an_interval_make_one_sample(void **state)
{
	struct fixture *f = *state;
	char path[128];

	for (int run = 0; run < 2; run++) {
		int64_t from = START + run * 2 * SECOND;
		struct history *h;

		assert_int_equal(history_load(&f->c, f->seg, f->dir), OK);
		h = begin(f, from);
		f->m = open_as(f, METRICS_WORKER);
		request(f->m, ROUTE_HOME, 200, 1);
		history_end(h, from + SECOND, from + SECOND);
		history_free(h);
		assert_int_equal(history_save(&f->c, f->seg, f->dir), OK);
		if (run == 0)
			start_anew(f);
	}
	assert_int_equal(fine(f, 0).value[SAMPLE_REQUESTS], 2);
	assert_int_equal(fine(f, 0).value[SAMPLE_SPAN], 2 * SECOND);
	path_of(f, path);
	assert_int_equal(unlink(path), 0);
}

static void
a_file_that_is_damaged_or_of_another_version_is_passed_over(void **state)
{
	struct fixture *f = *state;
	struct history *h = begin(f, START);
	char path[128], byte = 'x';
	struct stat st;
	int fd;

	path_of(f, path);
	history_end(h, START + SECOND, START + SECOND);
	history_free(h);
	for (int way = 0; way < 2; way++) {
		start_anew(f);
		h = begin(f, START);
		history_end(h, START + SECOND, START + SECOND);
		history_free(h);
		assert_int_equal(history_save(&f->c, f->seg, f->dir), OK);
		fd = open(path, O_RDWR | O_CLOEXEC);
		assert_int_equal(fstat(fd, &st), 0);
		if (way == 0)
			assert_int_equal(ftruncate(fd, st.st_size - 1), 0);
		else
			assert_int_equal(pwrite(fd, &byte, 1, 8), 1);
		(void)close(fd);
		start_anew(f);
		assert_int_equal(history_load(&f->c, f->seg, f->dir), OK);
		assert_false(fine(f, 0).known);
	}
	assert_int_equal(unlink(path), 0);
}

static void
a_history_that_cannot_be_saved_is_an_error_that_names_its_place(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(history_save(&f->c, f->seg, "/nowhere/at/all"), ERR_IO);
	assert_non_null(strstr(f->c.err.detail, "/nowhere/at/all"));
	err_clear(&f->c);
	assert_int_equal(history_load(&f->c, f->seg, "/nowhere/at/all"), OK);
}

/* ---- readers beside the writer ----------------------------------------------------------- */

enum { ROUNDS = 20000 };

static void *
write_many(void *arg)
{
	struct fixture *f = arg;

	for (int64_t n = 1; n <= ROUNDS; n++) {
		struct history_sample s = {.known = true};

		for (size_t i = 0; i < SAMPLE__MAX; i++)
			s.value[i] = (uint64_t)n;
		history_cell_put(f->seg, HISTORY_FINE, n, &s);
	}
	return NULL;
}

static void
a_reader_sees_a_sample_whole_or_not_at_all(void **state)
{
	struct fixture *f = *state;
	struct history_sample list[HISTORY_FINE_CELLS];
	pthread_t writer;
	bool ended = false;

	assert_int_equal(pthread_create(&writer, NULL, write_many, f), 0);
	for (int64_t last = HISTORY_FINE_CELLS; !ended; last = ended ? last : last + 7) {
		if (last > ROUNDS)
			last = ROUNDS;
		history_read(f->seg, HISTORY_FINE, last, HISTORY_FINE_CELLS, list);
		for (size_t i = 0; i < HISTORY_FINE_CELLS; i++)
			for (size_t k = 0; list[i].known && k < SAMPLE__MAX; k++)
				assert_int_equal(list[i].value[k],
					last - (int64_t)(HISTORY_FINE_CELLS - 1 - i));
		ended = last == ROUNDS && list[HISTORY_FINE_CELLS - 1].known;
	}
	assert_int_equal(pthread_join(writer, NULL), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(an_interval_tells_what_happened_in_it),
		T(nothing_happening_is_a_sample_of_zeros_and_not_a_gap),
		T(the_samples_add_up_to_what_was_counted),
		T(what_a_dead_process_has_counted_is_there),
		T(percentiles_are_of_their_interval_alone),
		T(the_oldest_give_way_to_the_newest),
		T(a_late_look_puts_all_into_one_sample_and_invents_none),
		T(a_clock_that_is_set_back_loses_and_doubles_nothing),
		T(merging_adds_counts_and_keeps_the_worst_and_the_latest),
		T(a_site_that_is_started_again_remembers_and_shows_when_it_was_down),
		T(two_runs_within_an_interval_make_one_sample),
		T(a_file_that_is_damaged_or_of_another_version_is_passed_over),
		T(a_history_that_cannot_be_saved_is_an_error_that_names_its_place),
		T(a_reader_sees_a_sample_whole_or_not_at_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
