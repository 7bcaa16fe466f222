/*
 * A log into a file of the test's own, beside the segment in which its counters move.
 */
#ifndef UNIT_LOG_FIXTURE_H
#define UNIT_LOG_FIXTURE_H

#include "core/log.h"

#include "json_check.h"
#include "metrics_fixture.h"

#include <fcntl.h>

enum { ROOM = 1 << 20 };

/* ---- reading back ------------------------------------------------------------------------ */

static inline struct str
file_read(struct fixture *f, const char *path)
{
	char *p = arena_alloc(&f->c.arena, ROOM);
	int fd = open(path, O_RDONLY);
	ssize_t n;

	assert_non_null(p);
	assert_true(fd >= 0);
	n = read(fd, p, ROOM);
	assert_true(n >= 0);
	(void)close(fd);
	return str_n(p, (size_t)n);
}

static inline bool
has(struct str s, const char *part)
{
	return str_search(s, str_z(part), 0) < s.n;
}

static inline void
assert_has(struct str s, const char *part)
{
	if (!has(s, part))
		fail_msg("\"%s\" is not in: %.*s", part, STR(s));
}

/* A log into the file "log" of the fixture's directory, as the context's log. */
static inline const char *
log_to_file(struct fixture *f, int level, int format)
{
	static char path[128];

	(void)snprintf(path, sizeof(path), "%s/log", f->dir);
	f->cfg.log_file = path;
	f->cfg.log_level = level;
	f->cfg.log_format = format;
	assert_int_equal(log_open(&f->c, &f->cfg, &f->c.log), OK);
	return path;
}

static inline uint64_t
counted(struct fixture *f, enum counter which)
{
	return metrics_view_counter(look(f), which);
}

static inline int
log_setup(void **state)
{
	struct fixture *f;

	if (setup(state) != 0)
		return -1;
	f = *state;
	f->m = f->c.metrics = open_as(f, METRICS_COMMAND);
	return 0;
}

static inline int
log_teardown(void **state)
{
	struct fixture *f = *state;
	char path[128];

	log_close(f->c.log);
	f->c.log = NULL;
	(void)snprintf(path, sizeof(path), "%s/log", f->dir);
	(void)unlink(path);
	(void)snprintf(path, sizeof(path), "%s/log.1", f->dir);
	(void)unlink(path);
	return teardown(state);
}

/* A test with a segment, and a log if it opens one. */
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, log_setup, log_teardown)

#endif
