/*
 * A database file that is put in another one's place, beside the log that was left there.
 */
#include "store_site.h"

#include "store/copy.h"
#include "store/migrate.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

enum { FILE_MAX = 8 * 1024 * 1024 };

/* As much of a file as there is. */
static size_t
slurp(const char *path, char *out)
{
	int fd = open(path, O_RDONLY);
	ssize_t n = fd < 0 ? -1 : read(fd, out, FILE_MAX);

	assert_true(n >= 0);
	(void)close(fd);
	return (size_t)n;
}

static void
spill(const char *path, const char *bytes, size_t n, int flags)
{
	int fd = open(path, O_WRONLY | O_CREAT | flags, 0640);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, n), n);
	assert_int_equal(close(fd), 0);
}

static void
post_some(struct store_site *s, const char *prefix, int n)
{
	static char text[3000];

	memset(text, 'x', sizeof(text));
	for (int i = 0; i < n; i++) {
		struct post_row row;
		char slug[32];

		(void)snprintf(slug, sizeof(slug), "%s%d", prefix, i);
		row = site_note(slug, i);
		row.text = str_n(text, sizeof(text));
		assert_int_equal(site_insert(&s->c, s->db, &row), OK);
	}
}

/* A site that has been stopped with something in its log, and a copy of its file from before; the caller frees that. */
static char *
stopped(struct store_site *s, size_t *n)
{
	char *old = malloc(FILE_MAX);
	int64_t frames, moved;

	assert_non_null(old);
	site_init(s);
	post_some(s, "first", 20);
	assert_int_equal(db_checkpoint(&s->c, s->db, &frames, &moved), OK);
	*n = slurp(s->path, old);
	post_some(s, "second", 60);
	assert_int_equal(db_checkpoint(&s->c, s->db, &frames, &moved), OK);
	post_some(s, "third", 20);
	db_close(s->db);
	s->db = NULL;
	return old;
}

static void
reopen(struct store_site *s)
{
	assert_int_equal(migrate_run(&s->c, false), OK);
	assert_int_equal(db_open(&s->c, NULL, &s->db), OK);
	assert_int_equal(db_check(&s->c, s->db), OK);
	site_fini(s);
}

static void
a_site_that_was_stopped_starts_with_its_own_log(void **state)
{
	struct store_site s;
	size_t n;

	(void)state;
	free(stopped(&s, &n));
	reopen(&s);
}

/* Who has the database open goes on with its own file, and moves the log into that. */
static void
one_that_was_in_its_place_for_a_while_is_not_remembered(void **state)
{
	struct store_site s;
	char away[256];
	int64_t frames, moved;

	(void)state;
	site_init(&s);
	post_some(&s, "first", 20);
	(void)snprintf(away, sizeof(away), "%s.away", s.path);
	assert_int_equal(rename(s.path, away), 0);
	spill(s.path, "no database", 11, O_EXCL);
	assert_int_equal(db_checkpoint(&s.c, s.db, &frames, &moved), OK);
	assert_true(frames > 0 && moved == frames);
	assert_int_equal(rename(away, s.path), 0);
	post_some(&s, "second", 20);
	db_close(s.db);
	s.db = NULL;
	reopen(&s);
}

static void
another_file_in_its_place_is_not_opened_and_not_changed(void **state)
{
	struct store_site s;
	size_t n;
	char *old = stopped(&s, &n), *now = malloc(FILE_MAX), fresh[256];

	(void)state;
	assert_non_null(now);
	(void)snprintf(fresh, sizeof(fresh), "%s.fresh", s.path);
	spill(fresh, old, n, O_EXCL);
	assert_int_equal(rename(fresh, s.path), 0);
	assert_int_equal(migrate_run(&s.c, false), ERR_DB_MOVED);
	assert_int_equal(db_open(&s.c, NULL, &s.db), ERR_DB_MOVED);
	assert_int_equal(copy_fold(&s.c, s.path), ERR_DB_MOVED);
	assert_int_equal(slurp(s.path, now), n);
	assert_memory_equal(now, old, n);
	free(now);
	free(old);
	site_fini(&s);
}

static void
one_that_is_copied_over_it_is_found_out(void **state)
{
	struct store_site s;
	size_t n;
	char *old = stopped(&s, &n), *now = malloc(FILE_MAX);

	(void)state;
	assert_non_null(now);
	spill(s.path, old, n, O_TRUNC);
	assert_int_equal(migrate_run(&s.c, false), ERR_DB_MOVED);
	assert_int_equal(db_open(&s.c, NULL, &s.db), ERR_DB_MOVED);
	assert_int_equal(slurp(s.path, now), n);
	assert_memory_equal(now, old, n);
	free(now);
	free(old);
	site_fini(&s);
}

/* Its log lies beside the file, and what is remembered of it beside the link. */
static void
one_that_is_linked_to_is_watched_over_as_any(void **state)
{
	struct store_site s;
	size_t n;
	char *old = stopped(&s, &n), link[256], fresh[300];

	(void)state;
	(void)snprintf(link, sizeof(link), "%s/link.db", s.dir.path);
	assert_int_equal(symlink(s.path, link), 0);
	s.cfg.database_path = link;
	assert_int_equal(migrate_run(&s.c, false), OK);
	assert_int_equal(db_open(&s.c, NULL, &s.db), OK);
	post_some(&s, "fourth", 20);
	db_close(s.db);
	s.db = NULL;
	(void)snprintf(fresh, sizeof(fresh), "%s.fresh", s.path);
	spill(fresh, old, n, O_EXCL);
	assert_int_equal(rename(fresh, s.path), 0);
	free(old);
	assert_int_equal(migrate_run(&s.c, false), ERR_DB_MOVED);
	assert_int_equal(db_open(&s.c, NULL, &s.db), ERR_DB_MOVED);
	site_fini(&s);
}

static void
without_the_old_log_it_is_as_good_as_any(void **state)
{
	struct store_site s;
	size_t n;
	char *old = stopped(&s, &n), aside[256], log[256];

	(void)state;
	(void)snprintf(log, sizeof(log), "%s-wal", s.path);
	(void)snprintf(aside, sizeof(aside), "%s.aside", s.path);
	assert_int_equal(rename(log, aside), 0);
	spill(s.path, old, n, O_TRUNC);
	free(old);
	reopen(&s);
}

static void
a_file_that_was_only_touched_is_looked_through_and_taken(void **state)
{
	struct store_site s;
	size_t n;

	(void)state;
	free(stopped(&s, &n));
	assert_int_equal(utimensat(AT_FDCWD, s.path, (struct timespec[2]){{.tv_sec = 1}, {.tv_sec = 1}}, 0), 0);
	reopen(&s);
}

static void
the_file_that_was_there_may_be_put_back(void **state)
{
	struct store_site s;
	size_t n;
	char *bytes = stopped(&s, &n), fresh[256];

	(void)state;
	(void)snprintf(fresh, sizeof(fresh), "%s.fresh", s.path);
	spill(fresh, bytes, slurp(s.path, bytes), O_EXCL);
	assert_int_equal(rename(fresh, s.path), 0);
	free(bytes);
	reopen(&s);
}

static void
both_together_from_elsewhere_are_taken(void **state)
{
	static const char *const tails[] = {"", "-wal"};
	struct store_site s;
	size_t n;
	char *bytes = stopped(&s, &n), path[256], fresh[300];

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		(void)snprintf(path, sizeof(path), "%s%s", s.path, tails[i]);
		(void)snprintf(fresh, sizeof(fresh), "%s.fresh", path);
		spill(fresh, bytes, slurp(path, bytes), O_EXCL);
		assert_int_equal(rename(fresh, path), 0);
	}
	free(bytes);
	reopen(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_site_that_was_stopped_starts_with_its_own_log),
		cmocka_unit_test(one_that_was_in_its_place_for_a_while_is_not_remembered),
		cmocka_unit_test(another_file_in_its_place_is_not_opened_and_not_changed),
		cmocka_unit_test(one_that_is_copied_over_it_is_found_out),
		cmocka_unit_test(one_that_is_linked_to_is_watched_over_as_any),
		cmocka_unit_test(without_the_old_log_it_is_as_good_as_any),
		cmocka_unit_test(a_file_that_was_only_touched_is_looked_through_and_taken),
		cmocka_unit_test(the_file_that_was_there_may_be_put_back),
		cmocka_unit_test(both_together_from_elsewhere_are_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
