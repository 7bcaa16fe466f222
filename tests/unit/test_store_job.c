/*
 * Rows of work for the courier.
 */
#include "store_site.h"

#include "store/job.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

enum { NOW = 1000000, MINUTE = 60 };

static void
writing(struct store_site *s)
{
	assert_int_equal(db_tx_begin(&s->c, s->db), OK);
}

static void
written(struct store_site *s)
{
	assert_int_equal(db_tx_commit(&s->c, s->db), OK);
}

static void
add(struct store_site *s, int64_t subject, int64_t now)
{
	writing(s);
	assert_int_equal(job_row_add(&s->c, s->db, S("sizes"), subject, now), OK);
	written(s);
}

static struct job_row
next(struct store_site *s)
{
	struct job_row job = {0};

	assert_int_equal(job_row_next(&s->c, s->db, &job), OK);
	return job;
}

static void
failed(struct store_site *s, struct job_row *job, int64_t now)
{
	writing(s);
	assert_int_equal(job_row_failed(&s->c, s->db, job, S("no luck"), now), OK);
	written(s);
}

static void
assert_nothing_left(struct store_site *s)
{
	struct job_row job;

	assert_int_equal(job_row_next(&s->c, s->db, &job), ERR_NOT_FOUND);
	err_clear(&s->c);
}

static void
what_is_due_first_is_done_first_and_then_gone(void **state)
{
	struct store_site s;
	struct job_row job;

	(void)state;
	site_init(&s);
	assert_nothing_left(&s);
	add(&s, 7, NOW + 5);
	add(&s, 8, NOW);
	job = next(&s);
	assert_true(str_eq(job.kind, S("sizes")));
	assert_int_equal(job.subject, 8);
	assert_int_equal(job.due, NOW);
	assert_int_equal(job.attempts, 0);
	assert_int_equal(job.problem.n, 0);
	assert_int_equal(job.created, NOW);
	for (int i = 0; i < 2; i++) { /* gone already is fine */
		writing(&s);
		assert_int_equal(job_row_done(&s.c, s.db, job.id), OK);
		written(&s);
	}
	assert_int_equal(next(&s).subject, 7);
	site_fini(&s);
}

static void
there_is_one_of_each_and_adding_it_again_begins_anew(void **state)
{
	struct store_site s;
	struct job_row job, *list;
	size_t n = 0;

	(void)state;
	site_init(&s);
	add(&s, 7, NOW);
	job = next(&s);
	failed(&s, &job, NOW);
	add(&s, 7, NOW + 1);
	assert_int_equal(job_row_list(&s.c, s.db, &list, &n), OK);
	assert_int_equal(n, 1);
	assert_int_equal(list[0].due, NOW + 1);
	assert_int_equal(list[0].attempts, 0);
	assert_int_equal(list[0].problem.n, 0);
	site_fini(&s);
}

/* Who was at work on it when it was added anew has not done that one. */
static void
what_is_added_anew_is_another_job(void **state)
{
	struct store_site s;
	struct job_row job;

	(void)state;
	site_init(&s);
	add(&s, 7, NOW);
	add(&s, 8, NOW + 9);
	job = next(&s);
	add(&s, 7, NOW);
	writing(&s);
	assert_int_equal(job_row_done(&s.c, s.db, job.id), OK);
	written(&s);
	assert_int_equal(next(&s).subject, 7);
	failed(&s, &job, NOW);
	assert_int_equal(next(&s).subject, 7);
	assert_int_equal(next(&s).due, NOW);
	assert_int_equal(next(&s).attempts, 0);
	site_fini(&s);
}

static void
one_that_fails_comes_again_later_and_later_and_is_given_up(void **state)
{
	static const int64_t waits[] = {MINUTE, 4 * MINUTE, 16 * MINUTE, 60 * MINUTE};
	struct store_site s;
	struct job_row job, *list;
	size_t n = 0;

	(void)state;
	site_init(&s);
	add(&s, 7, NOW);
	for (int i = 0; i < JOB_ATTEMPTS - 1; i++) {
		job = next(&s);
		failed(&s, &job, NOW);
		assert_int_equal(job.due, NOW + waits[i]);
		job = next(&s);
		assert_int_equal(job.due, NOW + waits[i]);
		assert_int_equal(job.attempts, i + 1);
	}
	failed(&s, &job, NOW);
	assert_int_equal(job.due, 0);
	assert_nothing_left(&s);
	assert_int_equal(job_row_list(&s.c, s.db, &list, &n), OK);
	assert_int_equal(n, 1);
	assert_int_equal(list[0].due, 0);
	assert_int_equal(list[0].attempts, JOB_ATTEMPTS);
	assert_true(str_eq(list[0].problem, S("no luck")));
	site_fini(&s);
}

static void
one_that_was_given_up_can_be_retried(void **state)
{
	struct store_site s;
	struct job_row job;

	(void)state;
	site_init(&s);
	add(&s, 7, NOW);
	job = next(&s);
	job.attempts = JOB_ATTEMPTS - 1;
	failed(&s, &job, NOW);
	assert_nothing_left(&s);
	writing(&s);
	assert_int_equal(job_row_retry(&s.c, s.db, job.id + 1, NOW + 9), ERR_NOT_FOUND);
	err_clear(&s.c);
	assert_int_equal(job_row_retry(&s.c, s.db, job.id, NOW + 9), OK);
	written(&s);
	job = next(&s);
	assert_int_equal(job.due, NOW + 9);
	assert_int_equal(job.attempts, 0);
	assert_int_equal(job.problem.n, 0);
	site_fini(&s);
}

static void
all_are_listed_oldest_first(void **state)
{
	struct store_site s;
	struct job_row *list;
	size_t n = 0;

	(void)state;
	site_init(&s);
	for (int i = 0; i < 20; i++)
		add(&s, 100 + i, NOW - i);
	assert_int_equal(job_row_list(&s.c, s.db, &list, &n), OK);
	assert_int_equal(n, 20);
	for (int i = 0; i < 20; i++)
		assert_int_equal(list[i].subject, 100 + i);
	site_fini(&s);
}

static void
a_job_knows_the_request_that_ordered_it(void **state)
{
	struct store_site s;
	struct job_row job;

	(void)state;
	site_init(&s);
	add(&s, 1, NOW);
	job = next(&s);
	assert_int_equal(job.request.n, 0);
	memcpy(s.c.request_id, "first-of-the-two", sizeof("first-of-the-two"));
	add(&s, 1, NOW);
	job = next(&s);
	assert_true(str_eq(job.request, S("first-of-the-two")));
	memcpy(s.c.request_id, "second-who-asked", sizeof("second-who-asked"));
	failed(&s, &job, NOW);
	job = next(&s);
	assert_true(str_eq(job.request, S("first-of-the-two")));
	add(&s, 1, NOW);
	job = next(&s);
	assert_true(str_eq(job.request, S("second-who-asked")));
	site_fini(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_due_first_is_done_first_and_then_gone),
		cmocka_unit_test(there_is_one_of_each_and_adding_it_again_begins_anew),
		cmocka_unit_test(what_is_added_anew_is_another_job),
		cmocka_unit_test(one_that_fails_comes_again_later_and_later_and_is_given_up),
		cmocka_unit_test(one_that_was_given_up_can_be_retried),
		cmocka_unit_test(all_are_listed_oldest_first),
		cmocka_unit_test(a_job_knows_the_request_that_ordered_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
