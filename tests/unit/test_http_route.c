/*
 * Routes: every row is found under its own pattern, and nothing else is.
 */
#include "http_fixture.h"

#include "http/route.h"

#include <stdio.h>

static struct http_fixture f;
static const struct route_row *row;

static enum err
find(const char *method, const char *target)
{
	fixture_init(&f, 1 << 20, method, target);
	assert_int_equal(fixture_parse(&f), OK);
	return route_find(&f.c, &f.q, &row);
}

/* What a pattern's {…} takes, written for the test: anything but where the kind matters. */
static const char *
taken_by(const char *name)
{
	static const char *const kinds[][2] = {
		{"{type}", "notes"}, {"{format}", "atom"}, {"{yyyy}", "2026"}, {"{mm}", "03"}, {"{dd}", "01"}};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strncmp(name, kinds[i][0], strlen(kinds[i][0])) == 0)
			return kinds[i][1];
	return "something";
}

static void
test_every_row_is_found_by_its_pattern(void **state)
{
	(void)state;
	assert_null(route_row(ROUTE_NONE));
	for (int i = ROUTE_NONE + 1; i < ROUTE__MAX; i++) {
		const struct route_row *want = route_row((enum route)i);
		bool get = want->methods & (1u << METHOD_GET);
		char target[256];
		size_t n = 0;

		for (const char *p = want->pattern; *p; p++) {
			const char *taken = *p == '{' ? taken_by(p) : NULL;

			if (taken)
				n += (size_t)snprintf(target + n, sizeof(target) - n, "%s", taken);
			else
				target[n++] = *p;
			if (taken)
				p = strchr(p, '}');
		}
		target[n] = '\0';
		assert_int_equal(find(get ? "GET" : "POST", target), OK);
		assert_ptr_equal(row, want);
		assert_int_equal(row->route, i);
		assert_int_equal(f.facts.route, i);
		fixture_fini(&f);
	}
}

static void
test_arguments_are_the_decoded_segments(void **state)
{
	(void)state;
	assert_int_equal(find("GET", "/tag/caf%C3%A9"), OK);
	assert_int_equal(row->route, ROUTE_TAG);
	assert_str(f.q.args[0], "caf\xc3\xa9");
	assert_absent(f.q.args[1]);
	fixture_fini(&f);
}

static void
test_a_name_may_stand_before_an_argument(void **state)
{
	(void)state;
	assert_int_equal(find("GET", "/tag/rain/feed.json"), OK);
	assert_int_equal(row->route, ROUTE_FEED_TAG);
	assert_str(f.q.args[0], "rain");
	assert_str(f.q.args[1], "json");
	fixture_fini(&f);
	/* "feed.json" is a tag as good as any. */
	assert_int_equal(find("GET", "/tag/feed.json"), OK);
	assert_int_equal(row->route, ROUTE_TAG);
	assert_str(f.q.args[0], "feed.json");
	fixture_fini(&f);
}

static void
test_what_fits_no_pattern_is_not_found(void **state)
{
	static const char *const targets[] = {"/nothing", "/note", "/note/a/b", "/Note/a", "/tag",
		"/feed.atom/x", "/feed.", "/feed.xml", "/feed.Atom", "/feeds.atom", "/nothing/feed.atom",
		"/health/read", "/{slug}", "/admin/login/x"};

	(void)state;
	for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
		assert_int_equal(find("GET", targets[i]), ERR_NOT_FOUND);
		assert_null(row);
		assert_int_equal(f.facts.route, ROUTE_NONE);
		fixture_fini(&f);
	}
}

static void
test_head_and_options_are_implied(void **state)
{
	(void)state;
	assert_int_equal(find("HEAD", "/"), OK);
	fixture_fini(&f);
	assert_int_equal(find("OPTIONS", "/admin/logout"), OK);
	fixture_fini(&f);
	assert_int_equal(find("HEAD", "/admin/logout"), ERR_METHOD_NOT_ALLOWED);
	fixture_fini(&f);
}

static void
test_another_method_leaves_the_row_for_allow(void **state)
{
	struct str allow;

	(void)state;
	assert_int_equal(find("DELETE", "/micropub"), ERR_METHOD_NOT_ALLOWED);
	assert_non_null(row);
	assert_int_equal(f.facts.route, ROUTE_MICROPUB);
	assert_int_equal(route_allow(&f.c, row, &allow), OK);
	assert_str(allow, "GET, HEAD, POST, OPTIONS");
	assert_int_equal(route_allow(&f.c, route_row(ROUTE_ADMIN_LOGOUT), &allow), OK);
	assert_str(allow, "POST, OPTIONS");
	fixture_fini(&f);
}

static void
test_only_readers_may_spell_a_path_otherwise(void **state)
{
	(void)state;
	assert_int_equal(find("GET", "/note/x/"), OK);
	fixture_fini(&f);
	assert_int_equal(find("HEAD", "/note//x"), OK);
	fixture_fini(&f);
	assert_int_equal(find("POST", "/micropub/"), ERR_NOT_FOUND);
	fixture_fini(&f);
}

static void
test_the_reference_names_every_row(void **state)
{
	struct buf b;
	struct ctx c;

	(void)state;
	ctx_init(&c, 1 << 20);
	buf_init(&b, &c.arena, 1 << 19);
	route_docs("mdoc", &b);
	assert_false(b.failed);
	for (int i = ROUTE_NONE + 1; i < ROUTE__MAX; i++) {
		const struct route_row *r = route_row((enum route)i);
		char item[300];

		(void)snprintf(item, sizeof(item), ".It Pa %s\n", r->pattern);
		assert_true(str_search(buf_str(&b), str_z(item), 0) < b.n);
	}
	ctx_fini(&c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_row_is_found_by_its_pattern),
		cmocka_unit_test(test_arguments_are_the_decoded_segments),
		cmocka_unit_test(test_a_name_may_stand_before_an_argument),
		cmocka_unit_test(test_what_fits_no_pattern_is_not_found),
		cmocka_unit_test(test_head_and_options_are_implied),
		cmocka_unit_test(test_another_method_leaves_the_row_for_allow),
		cmocka_unit_test(test_only_readers_may_spell_a_path_otherwise),
		cmocka_unit_test(test_the_reference_names_every_row),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
