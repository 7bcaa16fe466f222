/*
 * A journal in a directory of the test's own, beside the segment in which its counter moves, and
 * entries that are numbered.
 */
#ifndef UNIT_JOURNAL_FIXTURE_H
#define UNIT_JOURNAL_FIXTURE_H

#include "core/journal.h"

#include "log_fixture.h"

#include <sys/stat.h>

struct place {
	struct fixture *f;
	char path[96], old[100];
	struct journal *j;
};

static inline int
journal_setup(void **state)
{
	struct place *p = calloc(1, sizeof(*p));
	void *inner = NULL;

	if (!p || setup(&inner) != 0)
		return -1;
	p->f = inner;
	p->f->m = p->f->c.metrics = open_as(p->f, METRICS_COMMAND);
	(void)snprintf(p->path, sizeof(p->path), "%s/journal", p->f->dir);
	(void)snprintf(p->old, sizeof(p->old), "%s.1", p->path);
	*state = p;
	return journal_new(&p->f->c, p->path, &p->j) == OK ? 0 : -1;
}

static inline int
journal_teardown(void **state)
{
	struct place *p = *state;
	void *inner = p->f;

	journal_free(p->j);
	(void)unlink(p->path);
	(void)rmdir(p->path);
	(void)unlink(p->old);
	free(p);
	return teardown(&inner);
}

#define JOURNAL_TEST(fn) cmocka_unit_test_setup_teardown(fn, journal_setup, journal_teardown)

/* An entry with a number, and so many bytes of filling. */
static inline void
put_as(struct ctx *c, struct journal *j, int number, size_t filling)
{
	static const char dots[JOURNAL_ENTRY_MAX];
	struct journal_entry e;

	journal_entry_begin(&e);
	journal_entry_int(&e, S("number"), number);
	/* NULs: each is shown as a character of three bytes. */
	journal_entry_str(&e, S("filling"), str_n(dots, filling / 3), sizeof(dots));
	journal_put(c, j, &e);
}

static inline void
put_entry(struct place *p, int number)
{
	put_as(&p->f->c, p->j, number, 0);
}

static inline int
number_of(struct str entry)
{
	struct str rest = str_sub(entry, strlen("{\"number\":"), entry.n);
	unsigned long long n = 0;

	assert_true(json_check(entry));
	assert_true(str_u64(str_cut(&rest, ','), 1000000, &n));
	return (int)n;
}

/* Asserts that the journal gives these numbers, newest first; -1 ends them. */
static inline void
assert_numbers(struct place *p, const int *want)
{
	struct journal_view v;
	struct str entry;

	assert_int_equal(journal_load(&p->f->c, p->path, &v), OK);
	for (; *want >= 0; want++) {
		assert_true(journal_next(&v, &entry));
		assert_int_equal(number_of(entry), *want);
	}
	assert_false(journal_next(&v, &entry));
}

#define NUMBERS(...) ((const int[]){__VA_ARGS__, -1})

static inline void
append(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_APPEND | O_CREAT, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	(void)close(fd);
}

static inline off_t
size_of(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? st.st_size : -1;
}

#endif
