/*
 * core/journal: torn entries, killed writers, and what happens when nothing can be written.
 */
#include "journal_fixture.h"

#include <sched.h>
#include <signal.h>
#include <sys/resource.h>

/* ---- torn entries ------------------------------------------------------------------------ */

static void
a_torn_last_entry_is_passed_over(void **state)
{
	struct place *p = *state;

	put_entry(p, 1);
	append(p->path, "{\"number\":2,\"fill");
	assert_numbers(p, NUMBERS(1));
}

static void
an_entry_after_a_torn_one_is_whole(void **state)
{
	struct place *p = *state;

	put_entry(p, 1);
	append(p->path, "{\"number\":2,\"fill");
	put_entry(p, 3);
	put_entry(p, 4);
	assert_numbers(p, NUMBERS(4, 3, 1));
}

/* What is read while a process is killed again and again in mid-write is always whole. */
static void
a_killed_writer_spoils_no_entry(void **state)
{
	struct place *p = *state;
	struct journal_view v;
	struct str entry;

	/* A writer that writes to no file of that name would be waited for until then. */
	(void)alarm(60);
	for (int i = 0; i < 20; i++) {
		pid_t pid = fork();
		off_t size = size_of(p->path);

		assert_true(pid >= 0);
		if (pid == 0) {
			struct ctx c = {0};

			for (int n = 0;; n++)
				put_as(&c, p->j, n, JOURNAL_ENTRY_MAX - 100);
		}
		while (size_of(p->path) == size)
			(void)sched_yield();
		assert_int_equal(kill(pid, SIGKILL), 0);
		assert_int_equal(waitpid(pid, NULL, 0), pid);
		put_entry(p, i);
		assert_int_equal(journal_load(&p->f->c, p->path, &v), OK);
		assert_true(journal_next(&v, &entry));
		assert_int_equal(number_of(entry), i);
		while (journal_next(&v, &entry))
			(void)number_of(entry);
		ctx_reset(&p->f->c);
	}
	(void)alarm(0);
}

/* ---- when nothing can be written --------------------------------------------------------- */

static void
a_directory_that_is_not_there_drops_entries_and_counts_them(void **state)
{
	struct place *p = *state;
	struct journal *j;

	assert_int_equal(journal_new(&p->f->c, "/nonexistent/journal", &j), OK);
	put_as(&p->f->c, j, 1, 0);
	put_as(&p->f->c, j, 2, 0);
	assert_int_equal(counted(p->f, COUNTER_JOURNAL_DROPPED), 2);
	assert_int_equal(p->f->c.err.code, OK);
	journal_free(j);
}

static void
a_disk_that_becomes_full_in_mid_entry_costs_that_entry(void **state)
{
	struct place *p = *state;
	struct rlimit limit, old;

	(void)signal(SIGXFSZ, SIG_IGN);
	put_entry(p, 1);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	limit = (struct rlimit){(rlim_t)size_of(p->path) + 7, old.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	put_entry(p, 2);
	put_entry(p, 3);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_int_equal(p->f->c.err.code, OK);
	put_entry(p, 4);
	assert_numbers(p, NUMBERS(4, 1));
	assert_int_equal(counted(p->f, COUNTER_JOURNAL_DROPPED), 2);
}

/* Nobody renames it, as in a directory that has become read-only: there is an end to it even so. */
static void
a_file_that_cannot_be_renamed_stays_bounded(void **state)
{
	struct place *p = *state;

	assert_int_equal(mkdir(p->old, 0700), 0);
	for (int i = 0; i < 400; i++)
		put_as(&p->f->c, p->j, i, 4096);
	assert_true(size_of(p->path) <= 2 * JOURNAL_FILE_MAX);
	assert_true(counted(p->f, COUNTER_JOURNAL_DROPPED) > 100);
	assert_int_equal(rmdir(p->old), 0);
	put_entry(p, 400);
	assert_true(size_of(p->path) < 100);
}

#ifdef SP_DEBUG
static void
opening_without_memory_is_an_error(void **state)
{
	struct place *p = *state;
	struct journal *j;

	for (unsigned long n = 1; n <= 3; n++) {
		mem_fault_at(n);
		assert_int_equal(journal_new(&p->f->c, p->path, &j), ERR_MEMORY);
		assert_true(mem_fault_hit());
		assert_null(j);
		err_clear(&p->f->c);
	}
	mem_fault_at(0);
}
#endif

int
main(void)
{
	const struct CMUnitTest tests[] = {
		JOURNAL_TEST(a_torn_last_entry_is_passed_over),
		JOURNAL_TEST(an_entry_after_a_torn_one_is_whole),
		JOURNAL_TEST(a_killed_writer_spoils_no_entry),
		JOURNAL_TEST(a_directory_that_is_not_there_drops_entries_and_counts_them),
		JOURNAL_TEST(a_disk_that_becomes_full_in_mid_entry_costs_that_entry),
		JOURNAL_TEST(a_file_that_cannot_be_renamed_stays_bounded),
#ifdef SP_DEBUG
		JOURNAL_TEST(opening_without_memory_is_an_error),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
