/*
 * core/metrics_prometheus and core/metrics_family: the text is what the format 0.0.4 asks for, read
 * back by a small parser, and the manual names every family.
 */
#include "core/metrics.h"

#include "core/health.h"
#include "core/metrics_family.h"
#include "core/metrics_view.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

struct fixture {
	struct ctx c;
	char dir[64];
	struct segment *seg;
	struct metrics *m;
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	if (!f)
		return -1;
	ctx_init(&f->c, 8 << 20);
	(void)snprintf(f->dir, sizeof(f->dir), "/tmp/sp-prometheus-XXXXXX");
	*state = f;
	if (!mkdtemp(f->dir) || segment_create(&f->c, f->dir, &f->seg) != OK)
		return -1;
	return metrics_open(&f->c, f->seg, METRICS_WORKER, NULL, &f->m) == OK ? 0 : -1;
}

static int
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

static struct str
text_of(struct fixture *f)
{
	struct metrics_view *v;
	struct str text = {0};
	struct buf b;

	assert_int_equal(metrics_view(&f->c, f->seg, &v), OK);
	buf_init(&b, &f->c.arena, 1024 * 1024);
	metrics_prometheus(&b, v);
	assert_int_equal(buf_end(&f->c, &b, &text), OK);
	return text;
}

static void
assert_has(struct str text, const char *line)
{
	if (str_search(text, str_z(line), 0) == text.n)
		fail_msg("no '%s'", line);
}

static void
assert_has_not(struct str text, const char *line)
{
	if (str_search(text, str_z(line), 0) < text.n)
		fail_msg("there is '%s'", line);
}

static void
request(struct fixture *f, enum route r, int status, int64_t us)
{
	struct facts one = {.route = r, .method = METHOD_GET, .status = status, .duration_us = us};

	metrics_request(f->m, "", 1, &one);
}

static void
use_everything(struct fixture *f)
{
	for (int r = 0; r < ROUTE__MAX; r++)
		request(f, (enum route)r, 100 + 100 * (r % 5), 1 << r % 31);
	for (int i = 0; i < DBOP__MAX * DBTABLE__MAX; i++)
		metrics_statement(
			f->m, (enum dbop)(i / DBTABLE__MAX), (enum dbtable)(i % DBTABLE__MAX), i);
	for (int e = OK + 1; e < ERR__MAX; e++)
		metrics_error(f->m, (enum err)e);
	for (int h = 0; h < HISTOGRAM__MAX; h++)
		metrics_observe(f->m, (enum histogram)h, 1500000);
}

/* ---- the format -------------------------------------------------------------------------- */

static bool
is_name(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!strchr("abcdefghijklmnopqrstuvwxyz_0123456789", s.p[i]) ||
			(i == 0 && s.p[i] <= '9'))
			return false;
	return s.n > 0;
}

static bool
is_number(struct str s)
{
	static const char digits[] = "0123456789";
	size_t point = str_find(s, '.', 0);

	if (str_starts(s, S("-")))
		s = str_sub(s, 1, s.n);
	for (size_t i = 0; i < s.n; i++)
		if (!strchr(digits, s.p[i]) && s.p[i] != '.')
			return false;
	return s.n > 0 && (point == s.n || str_find(s, '.', point + 1) == s.n);
}

/* Takes one line's family: the word behind "# HELP " or "# TYPE ", or a sample's name. */
struct line {
	struct str kind;   /* "HELP", "TYPE", "" for a sample */
	struct str name;   /* with _bucket, _sum, _count for samples of histograms */
	struct str labels; /* with braces */
	struct str rest;   /* type, help or number */
};

static struct line
line_parse(struct str s)
{
	struct line l = {0};
	size_t end;

	if (str_starts(s, S("# "))) {
		s = str_sub(s, 2, s.n);
		l.kind = str_cut(&s, ' ');
		l.name = str_cut(&s, ' ');
		l.rest = s;
		return l;
	}
	end = str_find(s, '{', 0);
	if (end < s.n) {
		size_t close = str_find(s, '}', end);

		assert_true(close + 1 < s.n && s.p[close + 1] == ' ');
		l.name = str_sub(s, 0, end);
		l.labels = str_sub(s, end, close + 1);
		l.rest = str_sub(s, close + 2, s.n);
	} else {
		l.name = str_cut(&s, ' ');
		l.rest = s;
	}
	return l;
}

static bool
belongs(struct str sample, struct str family, struct str type)
{
	struct str end = str_sub(sample, family.n, sample.n);

	if (!str_starts(sample, family))
		return false;
	if (!str_eq(type, S("histogram")))
		return end.n == 0;
	return str_eq(end, S("_bucket")) || str_eq(end, S("_sum")) || str_eq(end, S("_count"));
}

static void
every_line_is_a_head_or_a_sample_of_the_family_above_it(void **state)
{
	struct fixture *f = *state;
	struct str family = {0}, type = {0}, text;

	use_everything(f);
	text = text_of(f);
	assert_true(str_ends(text, S("\n")));
	text.n--;
	while (text.p) {
		struct line l = line_parse(str_cut(&text, '\n'));

		assert_true(is_name(l.name));
		if (str_eq(l.kind, S("HELP"))) {
			family = l.name;
			type = (struct str){0};
			assert_true(l.rest.n > 0);
		} else if (str_eq(l.kind, S("TYPE"))) {
			assert_true(str_eq(l.name, family));
			type = l.rest;
			assert_true(str_has_word(S("counter gauge histogram"), type));
			assert_int_equal(str_eq(type, S("counter")), str_ends(family, S("_total")));
		} else {
			assert_true(belongs(l.name, family, type));
			assert_true(is_number(l.rest));
		}
	}
}

static void
no_head_and_no_series_comes_twice(void **state)
{
	struct fixture *f = *state;
	struct str text, all;

	use_everything(f);
	all = text = text_of(f);
	text.n--;
	while (text.p) {
		struct line l = line_parse(str_cut(&text, '\n'));
		struct str key = l.kind.n ? arena_printf(&f->c.arena, "\n# %.*s %.*s ", STR(l.kind),
						    STR(l.name))
					  : arena_printf(&f->c.arena, "\n%.*s%.*s ", STR(l.name),
						    STR(l.labels));
		size_t first = str_search(all, key, 0);

		if (first < all.n && str_search(all, key, first + 1) < all.n)
			fail_msg("twice: %.*s", STR(key));
	}
}

static void
buckets_are_cumulative_and_end_in_the_count(void **state)
{
	struct fixture *f = *state;
	struct str text;
	unsigned long long below = 0, n;
	unsigned seen = 0;

	use_everything(f);
	text = text_of(f);
	text.n--;
	while (text.p) {
		struct line l = line_parse(str_cut(&text, '\n'));

		if (l.kind.n > 0)
			continue;
		if (str_ends(l.name, S("_bucket"))) {
			assert_true(str_u64(l.rest, ~0ULL, &n));
			assert_true(n >= below);
			below = str_search(l.labels, S("le=\"+Inf\""), 0) < l.labels.n
					? n | 1ULL << 60
					: n;
		} else if (str_ends(l.name, S("_count"))) {
			assert_true(str_u64(l.rest, ~0ULL, &n));
			assert_true(below == (n | 1ULL << 60)); /* the last was +Inf */
			below = 0;
			seen++;
		}
	}
	assert_int_equal(seen, ROUTE__MAX + DBOP__MAX * DBTABLE__MAX + HISTOGRAM__MAX);
}

/* ---- the content ------------------------------------------------------------------------- */

static void
requests_show_route_method_and_class(void **state)
{
	struct fixture *f = *state;
	struct str text;

	for (int i = 0; i < 20; i++)
		request(f, ROUTE_NOTE, 200, 1024);
	request(f, ROUTE_NOTE, 404, 1025);
	text = text_of(f);
	assert_has(text,
		"\nstarpunk_http_requests_total{route=\"note\",method=\"GET\",code=\"2xx\"} 20\n");
	assert_has(text,
		"\nstarpunk_http_requests_total{route=\"note\",method=\"GET\",code=\"4xx\"} 1\n");
	assert_has(text, "{route=\"note\",le=\"0.000256\"} 0\n");
	assert_has(text, "{route=\"note\",le=\"0.000512\"} 0\n");
	assert_has(text, "{route=\"note\",le=\"0.001024\"} 20\n");
	assert_has(text, "{route=\"note\",le=\"0.002048\"} 21\n");
	assert_has(text, "{route=\"note\",le=\"0.004096\"} 21\n");
	assert_has(text, "{route=\"note\",le=\"+Inf\"} 21\n");
	assert_has(text, "_seconds_sum{route=\"note\"} 0.021505\n");
	assert_has(text, "_seconds_count{route=\"note\"} 21\n");
	assert_has_not(text, "route=\"tag\"");
}

static void
a_new_site_shows_every_family_and_its_headline(void **state)
{
	struct fixture *f = *state;
	struct str text = text_of(f);

	for (int i = 0; i < FAMILY__MAX; i++) {
		const struct metrics_family_row *row = metrics_family_row((enum metrics_family)i);
		struct str head;

		if (!row)
			continue;
		head = arena_printf(
			&f->c.arena, "# TYPE %s %s\n%s", row->name, row->type, row->name);
		assert_has(text, head.p);
	}
	assert_has(text, "\nstarpunk_build_info{version=\"" SP_VERSION "\"} 1\n");
	assert_has(text, "\nstarpunk_processes{role=\"worker\"} 1\n");
	assert_has(text, "\nstarpunk_processes{role=\"courier\"} 0\n");
	assert_has(text, "{route=\"home\",method=\"GET\",code=\"2xx\"} 0\n");
	assert_has(text, "{operation=\"select\",table=\"post\"} 0\n");
	for (int e = OK + 1; e < ERR__MAX; e++)
		assert_has(text, arena_printf(&f->c.arena, "\nstarpunk_errors_total{error=\"%s\"} 0\n",
			err_info((enum err)e)->name).p);
	assert_has(text, "\nstarpunk_posts_created_total 0\n");
}

static void
a_check_that_fails_is_shown_as_such(void **state)
{
	struct fixture *f = *state;
	struct str text = text_of(f);

	assert_has(text, "\nstarpunk_check_healthy{check=\"writing\",vital=\"yes\"} 1\n");
	assert_has(text, "\nstarpunk_check_healthy{check=\"lock\",vital=\"no\"} 1\n");
	assert_int_equal(health_note(f->seg, CHECK_WRITING, false, 1), HEALTH_FAILED);
	text = text_of(f);
	assert_has(text, "\nstarpunk_check_healthy{check=\"writing\",vital=\"yes\"} 0\n");
	assert_has(text, "\nstarpunk_check_healthy{check=\"database\",vital=\"yes\"} 1\n");
}

static void
statements_errors_counters_and_gauges_are_shown(void **state)
{
	struct fixture *f = *state;
	struct str text;

	metrics_statement(f->m, DBOP_INSERT, DBTABLE_TAG, 1500000);
	metrics_error(f->m, ERR_POOL_EMPTY);
	metrics_add(f->m, COUNTER_POSTS_CREATED, 3);
	metrics_gauge_add(f->m, GAUGE_IN_FLIGHT, -2);
	text = text_of(f);
	assert_has(text, "\nstarpunk_db_operations_total{operation=\"insert\",table=\"tag\"} 1\n");
	assert_has(text, "\nstarpunk_db_operation_duration_seconds_sum{operation=\"insert\",table="
			 "\"tag\"} 1.5\n");
	assert_has(text, "\nstarpunk_errors_total{error=\"pool_exhausted\"} 1\n");
	assert_has(text, "\nstarpunk_posts_created_total 3\n");
	assert_has(text, "\nstarpunk_http_in_flight -2\n");
}

static void
processor_time_survives_its_process(void **state)
{
	struct fixture *f = *state;
	struct metrics_view *v;
	volatile unsigned spin = 0;

	for (unsigned i = 0; i < 30000000; i++)
		spin = spin + i;
	metrics_close(f->m);
	f->m = NULL;
	assert_int_equal(metrics_view(&f->c, f->seg, &v), OK);
	assert_true(v->cpu_us > 1000);
}

static void
no_locale_puts_a_comma_into_numbers(void **state)
{
	struct fixture *f = *state;
	static const char *const locales[] = {"de_DE.UTF-8", "fr_FR.UTF-8", "C"};

	for (size_t i = 0; i < 3 && !setlocale(LC_ALL, locales[i]); i++)
		;
	request(f, ROUTE_HOME, 200, 1500000);
	assert_has(text_of(f), "_seconds_sum{route=\"home\"} 1.5\n");
	(void)setlocale(LC_ALL, "C");
}

static void
quotes_backslashes_and_line_ends_are_escaped(void **state)
{
	struct fixture *f = *state;
	struct buf b;

	buf_init(&b, &f->c.arena, 1024);
	metrics_escape(&b, "a\"b\\c\nd", true);
	assert_true(str_eq(buf_str(&b), S("a\\\"b\\\\c\\nd")));
	buf_init(&b, &f->c.arena, 1024);
	metrics_escape(&b, "a\"b\\c\nd", false);
	assert_true(str_eq(buf_str(&b), S("a\"b\\\\c\\nd")));
}

static void
the_manual_names_every_family_once(void **state)
{
	struct fixture *f = *state;
	struct str text = {0};
	struct buf b;

	buf_init(&b, &f->c.arena, 64 * 1024);
	metrics_docs("mdoc", &b);
	assert_int_equal(buf_end(&f->c, &b, &text), OK);
	assert_true(str_starts(text, S(".Bl ")) && str_ends(text, S("\n.El\n")));
	for (int i = 0; i < FAMILY__MAX; i++) {
		const struct metrics_family_row *row = metrics_family_row((enum metrics_family)i);

		if (row)
			assert_has(text,
				arena_printf(&f->c.arena, "\n.It Ic %s No %s", row->name, row->type)
					.p);
	}
	assert_has(text,
		"starpunk_http_requests_total No counter , by Va route , Va method , Va code\n");
}

#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(every_line_is_a_head_or_a_sample_of_the_family_above_it),
		T(no_head_and_no_series_comes_twice),
		T(buckets_are_cumulative_and_end_in_the_count),
		T(requests_show_route_method_and_class),
		T(a_new_site_shows_every_family_and_its_headline),
		T(a_check_that_fails_is_shown_as_such),
		T(statements_errors_counters_and_gauges_are_shown),
		T(processor_time_survives_its_process),
		T(no_locale_puts_a_comma_into_numbers),
		T(quotes_backslashes_and_line_ends_are_escaped),
		T(the_manual_names_every_family_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
