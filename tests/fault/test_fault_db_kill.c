/*
 * Writers killed anywhere: what was acknowledged is there, what is there is whole.
 *
 * A child inserts posts one by one and writes the number of each into a pipe as soon as its commit
 * has returned; the parent kills it after some of them, in the midst of whatever it is doing then.
 */
#include "../unit/store_site.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/time.h>
#include <cmocka.h>

enum { ROUNDS = 25 };

static void
write_for_ever(struct store_site *s, int round, int to)
{
	struct str tags[] = {S_INIT("a"), S_INIT("b")};

	if (db_open(&s->c, NULL, &s->db) != OK)
		_exit(1);
	for (int i = 0;; i++) {
		struct post_row row;
		char slug[32];

		(void)snprintf(slug, sizeof(slug), "r%d-%d", round, i);
		row = site_note(slug, i * 1000);
		row.tags = tags;
		row.n_tags = 2;
		if (site_insert(&s->c, s->db, &row) != OK || write(to, &i, sizeof(i)) != sizeof(i))
			_exit(1);
		s->c.facts = NULL;
		ctx_reset(&s->c);
	}
}

/* Kills a child that writes when it has acknowledged that many; the last number acknowledged. */
static int
kill_after(struct store_site *s, int round, int acknowledged)
{
	int ends[2], number, last = -1, status;
	pid_t child;

	assert_int_equal(pipe(ends), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		(void)close(ends[0]);
		write_for_ever(s, round, ends[1]);
	}
	(void)close(ends[1]);
	while (last < acknowledged && read(ends[0], &number, sizeof(number)) == sizeof(number))
		last = number;
	assert_int_equal(kill(child, SIGKILL), 0);
	while (read(ends[0], &number, sizeof(number)) == sizeof(number))
		last = number;
	(void)close(ends[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	assert_true(last >= acknowledged);
	return last;
}

static void
no_acknowledged_post_is_lost_when_a_writer_is_killed(void **state)
{
	struct store_site s;

	(void)state;
	site_init(&s);
	db_close(s.db);
	s.db = NULL;
	for (int round = 0; round < ROUNDS; round++) {
		int last = kill_after(&s, round, round * 3);

		ctx_reset(&s.c);
		assert_int_equal(db_open(&s.c, NULL, &s.db), OK);
		for (int i = 0; i <= last; i++) {
			struct post_row row;
			char slug[32];

			(void)snprintf(slug, sizeof(slug), "r%d-%d", round, i);
			assert_int_equal(post_row_find(&s.c, s.db, str_z(slug), &row), OK);
			assert_int_equal(row.n_tags, 2);
		}
		assert_int_equal(db_check(&s.c, s.db), OK);
		db_close(s.db);
		s.db = NULL;
	}
	assert_int_equal(0, site_sql(&s,
		"SELECT (SELECT posts FROM site) <> (SELECT count(*) FROM post)"));
	assert_int_equal(0, site_sql(&s,
		"SELECT 2 * (SELECT posts FROM site) <> (SELECT sum(posts) FROM tag)"));
	site_fini(&s);
}

/* The next writer needs neither a restart nor a wait: the kernel has given the locks back. */
static void
a_killed_writer_leaves_no_lock_behind(void **state)
{
	struct store_site s;
	int ends[2], status;
	pid_t child;
	char byte;

	(void)state;
	site_init(&s);
	assert_int_equal(pipe(ends), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		struct post_row row = site_note("never", 1);
		struct db *db;

		site_must(db_open(&s.c, NULL, &db) == OK && db_tx_begin(&s.c, db) == OK &&
			post_row_insert(&s.c, db, &row) == OK, "child");
		site_must(write(ends[1], "x", 1) == 1, "pipe");
		for (;;)
			(void)pause();
	}
	assert_int_equal(read(ends[0], &byte, 1), 1);
	s.db->busy_timeout_us = 1000;
	assert_int_equal(db_tx_begin(&s.c, s.db), ERR_DB_BUSY);
	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	err_clear(&s.c);
	site_add(&s, "next", 1);
	assert_int_equal(site_sql(&s, "SELECT count(*) FROM post"), 1);
	(void)close(ends[0]);
	(void)close(ends[1]);
	site_fini(&s);
}

/* A migration killed anywhere has happened or has not. */
static void
a_creation_killed_anywhere_is_whole_or_not_there(void **state)
{
	struct store_site s;

	(void)state;
	for (int us = 0; us < 6000; us += 400) {
		pid_t child;
		int status;

		site_init_empty(&s);
		child = fork();
		assert_true(child >= 0);
		if (child == 0) {
			struct itimerval t = {.it_value = {.tv_usec = us + 1}};

			(void)signal(SIGALRM, SIG_DFL);
			(void)setitimer(ITIMER_REAL, &t, NULL);
			_exit(migrate_run(&s.c, true) != OK);
		}
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_int_equal(migrate_run(&s.c, true), OK);
		assert_int_equal(db_open(&s.c, NULL, &s.db), OK);
		assert_int_equal(db_check(&s.c, s.db), OK);
		site_fini(&s);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_acknowledged_post_is_lost_when_a_writer_is_killed),
		cmocka_unit_test(a_killed_writer_leaves_no_lock_behind),
		cmocka_unit_test(a_creation_killed_anywhere_is_whole_or_not_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
