/*
 * What the tests of the metrics share: a site's segment in a directory of its own, a configuration,
 * and the few verbs that tests are written in.
 */
#ifndef TESTS_UNIT_METRICS_FIXTURE_H
#define TESTS_UNIT_METRICS_FIXTURE_H

#include "base/mem.h"
#include "base/time.h"
#include "core/config.h"
#include "core/layout.h"
#include "core/metrics.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define SECOND INT64_C(1000000)

struct fixture {
	struct ctx c;
	struct config cfg;
	char dir[64];
	struct segment *seg;
	struct metrics *m;
	struct metrics_view *v;
};

static inline int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	if (!f)
		return -1;
	ctx_init(&f->c, 16 << 20);
	f->cfg.metrics_buffer_size = 64;
	f->cfg.metrics_sampling_rate = 1.0;
	f->cfg.metrics_slow_request_threshold = 2 * SECOND;
	f->cfg.metrics_slow_query_threshold = SECOND;
	f->c.cfg = &f->cfg;
	(void)snprintf(f->dir, sizeof(f->dir), "/tmp/sp-metrics-XXXXXX");
	*state = f;
	return mkdtemp(f->dir) && segment_create(&f->c, f->dir, &f->seg) == OK ? 0 : -1;
}

static inline int
teardown(void **state)
{
	struct fixture *f = *state;

	metrics_close(f->m);
	segment_remove(f->seg, f->dir);
	segment_close(f->seg);
	(void)rmdir(f->dir);
	ctx_fini(&f->c);
	free(f);
	return 0;
}

static inline struct metrics *
open_as(struct fixture *f, enum metrics_role role)
{
	struct metrics *m = NULL;

	assert_int_equal(metrics_open(&f->c, f->seg, role, &f->cfg, &m), OK);
	return m;
}

static inline const struct metrics_view *
look(struct fixture *f)
{
	assert_int_equal(metrics_view(&f->c, f->seg, &f->v), OK);
	return f->v;
}

static inline struct facts
facts_of(enum route route, int status, int64_t us)
{
	return (struct facts){.route = route, .method = METHOD_GET, .status = status,
		.duration_us = us, .body_bytes = 100, .path = S("/note/a")};
}

static inline void
request(struct metrics *m, enum route route, int status, int64_t us)
{
	struct facts f = facts_of(route, status, us);

	metrics_request(m, "0123456789abcdef0123456789abcdef", 7 * SECOND, &f);
}

static inline size_t
records(const struct metrics_view *v)
{
	struct metrics_record r;
	size_t n = 0;

	while (metrics_view_record(v, n, &r))
		n++;
	return n;
}

/* Runs fn in n children at once; each ends by fn's own means. */
static inline void
in_children(struct fixture *f, int n, void (*fn)(struct fixture *f))
{
	for (int i = 0; i < n; i++) {
		pid_t pid = fork();

		assert_true(pid >= 0);
		if (pid == 0) {
			fn(f);
			_exit(0);
		}
	}
	for (int i = 0; i < n; i++)
		assert_true(wait(NULL) > 0);
}

#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

#endif
