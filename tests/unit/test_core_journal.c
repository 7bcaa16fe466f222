/*
 * core/journal: what is written comes back, the file's mode and its rotation, and how it is shared
 * by processes and threads.
 */
#include "journal_fixture.h"

#include <pthread.h>

/* ---- one process ------------------------------------------------------------------------- */

static void
entries_come_back_newest_first(void **state)
{
	struct place *p = *state;

	for (int i = 1; i <= 3; i++)
		put_entry(p, i);
	assert_numbers(p, NUMBERS(3, 2, 1));
}

static void
without_a_file_there_are_no_entries(void **state)
{
	struct place *p = *state;
	struct journal_view v;
	struct str entry;

	assert_int_equal(journal_load(&p->f->c, p->path, &v), OK);
	assert_false(journal_next(&v, &entry));
	assert_int_equal(size_of(p->path), -1);
}

static void
without_a_journal_nothing_is_written(void **state)
{
	struct place *p = *state;

	put_as(&p->f->c, NULL, 1, 0);
	journal_free(NULL);
	assert_int_equal(counted(p->f, COUNTER_JOURNAL_DROPPED), 0);
}

static void
the_file_is_for_its_owner_only(void **state)
{
	struct place *p = *state;
	mode_t mask = umask(0);
	struct stat st;

	put_entry(p, 1);
	(void)umask(mask);
	assert_int_equal(stat(p->path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
}

static void
a_journal_that_is_there_is_continued(void **state)
{
	struct place *p = *state;

	put_entry(p, 1);
	journal_free(p->j);
	assert_int_equal(journal_new(&p->f->c, p->path, &p->j), OK);
	put_entry(p, 2);
	assert_numbers(p, NUMBERS(2, 1));
}

static void
a_file_that_was_taken_away_is_made_anew(void **state)
{
	struct place *p = *state;

	put_entry(p, 1);
	assert_int_equal(unlink(p->path), 0);
	put_entry(p, 2);
	assert_numbers(p, NUMBERS(2));
}

static void
a_link_is_not_followed(void **state)
{
	struct place *p = *state;
	struct journal_view v;
	char target[128];

	(void)snprintf(target, sizeof(target), "%s/target", p->f->dir);
	append(target, "{\"number\":1,\"x\":0}\n");
	assert_int_equal(symlink(target, p->path), 0);
	put_entry(p, 2);
	assert_int_equal(counted(p->f, COUNTER_JOURNAL_DROPPED), 1);
	assert_int_equal(size_of(target), 19);
	assert_int_equal(journal_load(&p->f->c, p->path, &v), ERR_IO);
	assert_int_equal(unlink(target), 0);
}

static void
what_is_no_file_cannot_be_read(void **state)
{
	struct place *p = *state;
	struct journal_view v;

	assert_int_equal(mkdir(p->path, 0700), 0);
	assert_int_equal(journal_load(&p->f->c, p->path, &v), ERR_IO);
}

/* ---- rotation ---------------------------------------------------------------------------- */

/* Writes entries of about 4 KiB, numbered from first, until the file has been renamed n times. */
static int
rotate_times(struct place *p, int first, int n)
{
	ino_t before = 0;
	struct stat st;

	for (int turns = 0; turns <= n; first++) {
		put_as(&p->f->c, p->j, first, 4096);
		assert_int_equal(stat(p->path, &st), 0);
		turns += st.st_ino != before;
		before = st.st_ino;
	}
	return first;
}

static void
a_full_file_is_kept_as_the_older_one(void **state)
{
	struct place *p = *state;
	int next = rotate_times(p, 0, 1);
	struct journal_view v;
	struct str entry;

	assert_in_range(size_of(p->old), JOURNAL_FILE_MAX, JOURNAL_FILE_MAX + JOURNAL_ENTRY_MAX);
	assert_true(size_of(p->path) < 2 * 4200);
	assert_int_equal(journal_load(&p->f->c, p->path, &v), OK);
	while (next > 0) {
		assert_true(journal_next(&v, &entry));
		assert_int_equal(number_of(entry), --next);
	}
	assert_false(journal_next(&v, &entry));
	assert_int_equal(counted(p->f, COUNTER_JOURNAL_DROPPED), 0);
}

static void
the_older_file_makes_room_for_the_next(void **state)
{
	struct place *p = *state;
	int next = rotate_times(p, 0, 3);
	struct journal_view v;
	struct str entry;
	off_t bytes = 0;

	assert_int_equal(journal_load(&p->f->c, p->path, &v), OK);
	while (journal_next(&v, &entry)) {
		assert_int_equal(number_of(entry), --next);
		bytes += (off_t)entry.n + 1;
	}
	assert_true(next > 0);
	assert_int_equal(bytes, size_of(p->path) + size_of(p->old));
	assert_true(bytes < 2 * JOURNAL_FILE_MAX + 2 * JOURNAL_ENTRY_MAX);
}

static void
another_writer_finds_the_new_file(void **state)
{
	struct place *p = *state;
	struct journal *other;
	int next;

	assert_int_equal(journal_new(&p->f->c, p->path, &other), OK);
	put_as(&p->f->c, other, 1, 0);
	next = rotate_times(p, 2, 1);
	put_as(&p->f->c, other, next, 0);
	assert_true(has(file_read(p->f, p->path), "\"filling\":\"\""));
	journal_free(other);
}

/* ---- many writers ------------------------------------------------------------------------ */

enum { PROCESSES = 4, THREADS = 4, EACH = 100, FILLING = 500 };

struct writer {
	struct place *p;
	struct ctx c;
	int first;
	pthread_t thread;
};

static void *
write_entries(void *arg)
{
	struct writer *w = arg;

	for (int i = 0; i < EACH; i++)
		put_as(&w->c, w->p->j, w->first + i, FILLING);
	return NULL;
}

static void
write_in_threads(struct place *p, int process)
{
	struct writer writers[THREADS] = {0};

	for (int i = 0; i < THREADS; i++) {
		writers[i].p = p;
		writers[i].first = (process * THREADS + i) * EACH;
		if (pthread_create(&writers[i].thread, NULL, write_entries, &writers[i]) != 0)
			_exit(1);
	}
	for (int i = 0; i < THREADS; i++)
		(void)pthread_join(writers[i].thread, NULL);
}

/* More than one file holds and less than two do: each entry has to be there, once and whole. */
static void
entries_of_processes_and_threads_are_whole_and_none_is_lost(void **state)
{
	static bool seen[PROCESSES * THREADS * EACH];
	struct place *p = *state;
	struct journal_view v;
	struct str entry;
	size_t n = 0;
	int status;

	memset(seen, 0, sizeof(seen));
	for (int i = 0; i < PROCESSES; i++) {
		pid_t pid = fork();

		assert_true(pid >= 0);
		if (pid == 0) {
			write_in_threads(p, i);
			_exit(0);
		}
	}
	for (int i = 0; i < PROCESSES; i++) {
		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
	assert_true(size_of(p->old) >= JOURNAL_FILE_MAX);
	assert_int_equal(journal_load(&p->f->c, p->path, &v), OK);
	for (; journal_next(&v, &entry); n++) {
		int number = number_of(entry);

		assert_true(number < PROCESSES * THREADS * EACH);
		assert_false(seen[number]);
		seen[number] = true;
	}
	assert_int_equal(n, PROCESSES * THREADS * EACH);
}

/* A writer that shares nothing with the others but the file, as if it were a process. */
struct loner {
	struct place *p;
	pthread_barrier_t *start;
	struct journal *j;
	int first;
	pthread_t thread;
};

enum { LONERS = 6, LONER_EACH = 3, ROUNDS = 300 };

static void *
write_alone(void *arg)
{
	struct loner *l = arg;
	struct ctx c = {0};

	(void)pthread_barrier_wait(l->start);
	for (int i = 0; i < LONER_EACH; i++)
		put_as(&c, l->j, l->first + i, FILLING);
	return NULL;
}

/* Makes a file that has room for no more than an entry, and lets all of them write at once. */
static void
crowd(struct place *p, struct loner *loners)
{
	pthread_barrier_t start;

	(void)unlink(p->path);
	(void)unlink(p->old);
	append(p->path, "\n");
	assert_int_equal(truncate(p->path, JOURNAL_FILE_MAX - FILLING / 2), 0);
	assert_int_equal(pthread_barrier_init(&start, NULL, LONERS), 0);
	for (int i = 0; i < LONERS; i++) {
		loners[i].start = &start;
		assert_int_equal(
			pthread_create(&loners[i].thread, NULL, write_alone, &loners[i]), 0);
	}
	for (int i = 0; i < LONERS; i++)
		assert_int_equal(pthread_join(loners[i].thread, NULL), 0);
	(void)pthread_barrier_destroy(&start);
}

static void
none_is_lost_when_many_find_the_file_full_at_once(void **state)
{
	struct place *p = *state;
	struct loner loners[LONERS];

	for (int i = 0; i < LONERS; i++) {
		loners[i] = (struct loner){.p = p, .first = i * LONER_EACH};
		assert_int_equal(journal_new(&p->f->c, p->path, &loners[i].j), OK);
	}
	for (int round = 0; round < ROUNDS; round++) {
		unsigned seen = 0;
		struct journal_view v;
		struct str entry;

		crowd(p, loners);
		assert_int_equal(journal_load(&p->f->c, p->path, &v), OK);
		while (journal_next(&v, &entry))
			seen |= 1U << number_of(entry);
		assert_int_equal(seen, (1U << LONERS * LONER_EACH) - 1);
		ctx_reset(&p->f->c);
	}
	for (int i = 0; i < LONERS; i++)
		journal_free(loners[i].j);
}

/* Files come and go under the writers' hands: no entry is torn, and each file keeps its bound. */
static void
a_storm_over_many_rotations_tears_nothing(void **state)
{
	struct place *p = *state;
	struct str rest;
	int status;

	for (int i = 0; i < PROCESSES; i++) {
		pid_t pid = fork();

		assert_true(pid >= 0);
		if (pid == 0) {
			struct ctx c = {0};

			for (int n = 0; n < 400; n++)
				put_as(&c, p->j, n, JOURNAL_ENTRY_MAX - 100);
			_exit(0);
		}
	}
	for (int i = 0; i < PROCESSES; i++)
		assert_true(wait(&status) > 0 && status == 0);
	for (int i = 0; i < 2; i++) {
		assert_true(size_of(i ? p->path : p->old) <=
			    2 * JOURNAL_FILE_MAX + PROCESSES * JOURNAL_ENTRY_MAX);
		for (rest = file_read(p->f, i ? p->path : p->old); rest.n > 0;) {
			struct str line = str_cut(&rest, '\n');

			/* Who looks while another one writes may begin a line too many. */
			if (line.n > 0)
				(void)number_of(line);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		JOURNAL_TEST(entries_come_back_newest_first),
		JOURNAL_TEST(without_a_file_there_are_no_entries),
		JOURNAL_TEST(without_a_journal_nothing_is_written),
		JOURNAL_TEST(the_file_is_for_its_owner_only),
		JOURNAL_TEST(a_journal_that_is_there_is_continued),
		JOURNAL_TEST(a_file_that_was_taken_away_is_made_anew),
		JOURNAL_TEST(a_link_is_not_followed),
		JOURNAL_TEST(what_is_no_file_cannot_be_read),
		JOURNAL_TEST(a_full_file_is_kept_as_the_older_one),
		JOURNAL_TEST(the_older_file_makes_room_for_the_next),
		JOURNAL_TEST(another_writer_finds_the_new_file),
		JOURNAL_TEST(entries_of_processes_and_threads_are_whole_and_none_is_lost),
		JOURNAL_TEST(none_is_lost_when_many_find_the_file_full_at_once),
		JOURNAL_TEST(a_storm_over_many_rotations_tears_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
