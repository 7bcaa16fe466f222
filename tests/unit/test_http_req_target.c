/*
 * The request target: one decoding, hostile paths, canonical spelling, the forms that servers send.
 */
#include "http_fixture.h"

static struct http_fixture f;

/* Parses the target; segments is what it must decode to, joined by "|", or NULL for an error. */
static void
target(const char *uri, enum err want, const char *segments)
{
	char joined[REQ_MAX_URI + 64] = "";
	size_t n = 0;
	enum err err;

	fixture_init(&f, 1 << 20, "GET", uri);
	err = fixture_parse(&f);
	if (err != want)
		print_error("target %s\n", uri);
	assert_string_equal(err_info(err)->name, err_info(want)->name);
	for (size_t i = 0; i < f.q.n_segments; i++) {
		if (i > 0)
			joined[n++] = '|';
		memcpy(joined + n, f.q.segments[i].p, f.q.segments[i].n);
		n += f.q.segments[i].n;
	}
	if (segments)
		assert_str(str_n(joined, n), segments);
}

static void
done(void)
{
	fixture_fini(&f);
}

static void
canonical(const char *uri, const char *want)
{
	target(uri, OK, NULL);
	if (want)
		assert_str(f.q.canonical_path, want);
	assert_int_equal(f.q.canonical, want == NULL);
	done();
}

static void
test_segments_are_decoded_once(void **state)
{
	(void)state;
	target("/", OK, "");
	assert_int_equal(f.q.n_segments, 0);
	done();
	target("/note/hello", OK, "note|hello");
	done();
	target("/tag/caf%C3%A9", OK, "tag|caf\xc3\xa9");
	done();
	target("/tag/caf\xc3\xa9", OK, "tag|caf\xc3\xa9");
	done();
	target("/tag/c++%2B%20x", OK, "tag|c+++ x");
	done();
	target("/tag/%2541", OK, "tag|%41");
	done();
	target("/a?b/../c?d", OK, "a");
	assert_str(f.q.query, "b/../c?d");
	done();
}

static void
test_hostile_paths_are_not_found(void **state)
{
	static const char *const paths[] = {"/.", "/..", "/a/../b", "/%2e%2e/%2e%2e/etc/passwd",
		"/a/%2E/b", "/..%5c..", "/a%2fb", "/a%2Fb", "/a\\b", "//evil.example/", "//",
		"///a", "/%5c", "http://host//evil.example"};

	(void)state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		target(paths[i], ERR_NOT_FOUND, NULL);
		done();
	}
}

static void
test_bad_encodings_are_malformed(void **state)
{
	static const char *const paths[] = {"/%00", "/a%00b", "/%c0%ae", "/%c0%af", "/%ed%a0%80",
		"/%f4%90%80%80", "/%ff", "/\xff", "/%", "/%4", "/%zz", "/a%g1", "/%4/1"};

	(void)state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		target(paths[i], ERR_BAD_ENCODING, NULL);
		done();
	}
}

static void
test_bad_percent_sequences_in_a_query_are_malformed(void **state)
{
	static const char *const bad[] = {"/?%", "/?x=%", "/?x=%4", "/?x=%zz", "/?%g1=x",
		"/note/a?a=1&b=%4/", "/nothing?x=%%41", "/?x=%00", "/?a%00=b", "/?x=%41%00"};
	static const char *const good[] = {"/?", "/?x=%41%20%2541", "/?x=%2500", "/?100", "/?x=%ff"};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		target(bad[i], OK, NULL);
		assert_int_equal(req_query_check(&f.c, &f.q), ERR_BAD_ENCODING);
		done();
	}
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		target(good[i], OK, "");
		assert_int_equal(req_query_check(&f.c, &f.q), OK);
		done();
	}
}

static void
test_names_with_dots_are_names(void **state)
{
	(void)state;
	target("/feed.atom", OK, "feed.atom");
	done();
	target("/.../..a/.b", OK, "...|..a|.b");
	done();
}

static void
test_what_is_no_path_is_malformed(void **state)
{
	static const char *const targets[] = {"*", "note", "?q", "host:80", "/a b", "/a\nb",
		"/a?b\r\nc", "/\x7f", "ftp://host/a"};

	(void)state;
	for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
		target(targets[i], ERR_BAD_REQUEST, NULL);
		done();
	}
}

static void
test_absolute_form(void **state)
{
	(void)state;
	target("http://ada.example/note/x?y", OK, "note|x");
	assert_str(f.q.query, "y");
	done();
	target("HTTPS://ada.example", OK, "");
	assert_str(f.q.path, "/");
	done();
	target("http://ada.example?q=1", OK, "");
	assert_str(f.q.path, "/");
	assert_str(f.q.query, "q=1");
	done();
}

static void
test_slashes_too_many_are_not_canonical(void **state)
{
	(void)state;
	canonical("/", NULL);
	canonical("/note/x", NULL);
	canonical("/note/x/", "/note/x");
	canonical("/note//x", "/note/x");
	canonical("/note///x//?q=1", "/note/x");
	canonical("/tag/%63af%c3%a9/", "/tag/caf%C3%A9");
	canonical("/tag/a%0d%0ab/", "/tag/a%0D%0Ab");
	canonical("/tag/%63af%c3%a9", NULL);
}

static void
test_limits(void **state)
{
	static char uri[REQ_MAX_URI + 2];
	char deep[2 * REQ_MAX_SEGMENTS + 3];

	(void)state;
	memset(uri, 'a', sizeof(uri) - 1);
	uri[0] = '/';
	target(uri, ERR_URI_TOO_LONG, NULL);
	assert_int_equal(f.facts.path.n, REQ_MAX_URI);
	done();
	uri[REQ_MAX_URI] = '\0';
	target(uri, OK, NULL);
	done();
	for (size_t i = 0; i < sizeof(deep) - 1; i++)
		deep[i] = i % 2 == 0 ? '/' : 'a';
	deep[2 * REQ_MAX_SEGMENTS + 2] = '\0';
	target(deep, ERR_NOT_FOUND, NULL);
	done();
	deep[2 * REQ_MAX_SEGMENTS] = '\0';
	target(deep, OK, NULL);
	assert_int_equal(f.q.n_segments, REQ_MAX_SEGMENTS);
	done();
}

static void
test_without_request_uri_the_decoded_variables_are_used(void **state)
{
	(void)state;
	fixture_init(&f, 1 << 20, "GET", "");
	param(&f, "SCRIPT_NAME", "/tag");
	param(&f, "PATH_INFO", "/100% caf\xc3\xa9");
	param(&f, "QUERY_STRING", "q=%41");
	assert_int_equal(fixture_parse(&f), OK);
	assert_int_equal(f.q.n_segments, 2);
	assert_str(f.q.segments[1], "100% caf\xc3\xa9");
	assert_str(f.q.query, "q=%41");
	done();
	fixture_init(&f, 1 << 20, "GET", NULL);
	assert_int_equal(fixture_parse(&f), OK);
	assert_str(f.q.path, "/");
	done();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_segments_are_decoded_once),
		cmocka_unit_test(test_hostile_paths_are_not_found),
		cmocka_unit_test(test_bad_encodings_are_malformed),
		cmocka_unit_test(test_bad_percent_sequences_in_a_query_are_malformed),
		cmocka_unit_test(test_names_with_dots_are_names),
		cmocka_unit_test(test_what_is_no_path_is_malformed),
		cmocka_unit_test(test_absolute_form),
		cmocka_unit_test(test_slashes_too_many_are_not_canonical),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_without_request_uri_the_decoded_variables_are_used),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
