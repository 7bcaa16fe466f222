/*
 * Parameters become a request: what is required, limited, refused, and asked for by name.
 */
#include "http_fixture.h"

static struct http_fixture f;

static void
start(const char *method, const char *target)
{
	fixture_init(&f, 1 << 20, method, target);
}

static int
teardown(void **state)
{
	(void)state;
	fixture_fini(&f);
	return 0;
}

static void
expect(enum err want)
{
	enum err got = fixture_parse(&f);

	assert_string_equal(err_info(got)->name, err_info(want)->name);
	assert_int_equal(f.c.err.code, want);
}

static void
test_fields(void **state)
{
	(void)state;
	start("POST", "/micropub?q=config");
	param(&f, "CONTENT_TYPE", "application/json");
	param(&f, "CONTENT_LENGTH", "17");
	param(&f, "REMOTE_ADDR", "192.0.2.7");
	param(&f, "HTTPS", "on");
	expect(OK);
	assert_int_equal(f.q.method, METHOD_POST);
	assert_str(f.q.uri, "/micropub?q=config");
	assert_str(f.q.path, "/micropub");
	assert_str(f.q.query, "q=config");
	assert_str(f.q.content_type, "application/json");
	assert_int_equal(f.q.content_length, 17);
	assert_str(f.q.remote_addr, "192.0.2.7");
	assert_true(f.q.https);
}

static void
test_facts_are_copies(void **state)
{
	char agent[] = "curl/8";

	(void)state;
	start("HEAD", "/note/x?token=secret");
	param(&f, "REMOTE_ADDR", "192.0.2.7");
	param(&f, "HTTP_USER_AGENT", agent);
	expect(OK);
	agent[0] = 'X';
	assert_int_equal(f.facts.method, METHOD_HEAD);
	assert_str(f.facts.path, "/note/x");
	assert_str(f.facts.remote_addr, "192.0.2.7");
	assert_str(f.facts.user_agent, "curl/8");
}

static void
test_a_method_is_required_and_case_sensitive(void **state)
{
	(void)state;
	start(NULL, "/");
	expect(ERR_BAD_REQUEST);
	teardown(state);
	start("get", "/");
	expect(ERR_METHOD_UNKNOWN);
	assert_int_equal(f.q.method, METHOD_UNKNOWN);
	teardown(state);
	start("DELETE", "/");
	expect(OK);
	assert_int_equal(f.q.method, METHOD_DELETE);
}

static void
length_is(const char *text, enum err want, int64_t length)
{
	start("POST", "/");
	param(&f, "CONTENT_LENGTH", text);
	expect(want);
	assert_int_equal(f.q.content_length, length);
	fixture_fini(&f);
}

static void
test_content_length_is_digits_or_unknown(void **state)
{
	(void)state;
	length_is("0", OK, 0);
	length_is("9223372036854775807", OK, INT64_MAX);
	length_is("", OK, -1);
	length_is("-1", OK, -1);
	length_is("-2", ERR_BAD_REQUEST, -1);
	length_is("+1", ERR_BAD_REQUEST, -1);
	length_is(" 1", ERR_BAD_REQUEST, -1);
	length_is("1 ", ERR_BAD_REQUEST, -1);
	length_is("abc", ERR_BAD_REQUEST, -1);
	length_is("0x10", ERR_BAD_REQUEST, -1);
	length_is("10, 10", ERR_BAD_REQUEST, -1);
	length_is("9223372036854775808", ERR_BAD_REQUEST, -1);
	length_is("99999999999999999999", ERR_BAD_REQUEST, -1);
	start("GET", "/");
	expect(OK);
	assert_int_equal(f.q.content_length, -1);
}

static void
test_what_decides_about_rights_may_not_come_twice(void **state)
{
	static const char *const names[] = {"REQUEST_METHOD", "REQUEST_URI", "CONTENT_LENGTH",
		"HTTPS", "REMOTE_ADDR", "HTTP_AUTHORIZATION"};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		start(i == 0 ? NULL : "GET", i == 1 ? NULL : "/");
		param(&f, names[i], "");
		param(&f, names[i], i == 0 ? "GET" : i == 1 ? "/" : "1");
		expect(ERR_BAD_REQUEST);
		fixture_fini(&f);
	}
	start("GET", "/");
	param(&f, "HTTP_ACCEPT", "first");
	param(&f, "HTTP_ACCEPT", "last");
	expect(OK);
	assert_str(req_header(&f.q, "Accept"), "last");
}

static void
test_a_nul_anywhere_is_refused(void **state)
{
	(void)state;
	start("GET", "/");
	f.params[f.n++] = (struct pair){S("HTTP_X"), S("a\0b")};
	expect(ERR_BAD_ENCODING);
	teardown(state);
	start("GET", "/");
	f.params[f.n++] = (struct pair){S("HTTP_\0X"), S("a")};
	expect(ERR_BAD_ENCODING);
}

static void
test_too_many_or_too_large_parameters(void **state)
{
	static char big[REQ_MAX_PARAM_BYTES + 1], name[130];

	(void)state;
	memset(big, 'x', sizeof(big) - 1);
	memset(name, 'N', sizeof(name) - 1);
	start("GET", "/");
	while (f.n < REQ_MAX_PARAMS)
		param(&f, "X", "");
	expect(OK);
	teardown(state);
	start("GET", "/");
	while (f.n < REQ_MAX_PARAMS + 1)
		param(&f, "X", "");
	expect(ERR_HEADERS_TOO_LARGE);
	assert_int_equal(f.q.method, METHOD_GET);
	teardown(state);
	start("GET", "/");
	param(&f, "X", big);
	expect(ERR_HEADERS_TOO_LARGE);
	teardown(state);
	start("GET", "/");
	param(&f, "X", big + REQ_MAX_HEADER_BYTES);
	expect(OK);
	teardown(state);
	start("GET", "/");
	param(&f, "HTTP_X", big + REQ_MAX_HEADER_BYTES);
	expect(ERR_HEADERS_TOO_LARGE);
	teardown(state);
	start("GET", "/");
	param(&f, name + 1, "");
	expect(OK);
	teardown(state);
	start("GET", "/");
	param(&f, name, "");
	expect(ERR_HEADERS_TOO_LARGE);
}

static void
test_a_refused_request_can_still_be_answered(void **state)
{
	(void)state;
	start("HEAD", "/%");
	param(&f, "HTTP_ACCEPT", "application/json");
	expect(ERR_BAD_ENCODING);
	assert_ptr_equal(f.q.io, &f.io);
	assert_ptr_equal(f.q.facts, &f.facts);
	assert_int_equal(f.q.method, METHOD_HEAD);
	assert_str(req_header(&f.q, "accept"), "application/json");
	assert_str(f.facts.path, "/%");
}

static void
test_headers_by_name(void **state)
{
	(void)state;
	start("GET", "/");
	param(&f, "HTTP_IF_NONE_MATCH", "\"a\"");
	param(&f, "HTTP_EMPTY", "");
	param(&f, "HTTP_CONTENT_TYPE", "evil/type");
	param(&f, "CONTENT_TYPE", "");
	param(&f, "CONTENT_LENGTH", "");
	param(&f, "http_lower", "x");
	param(&f, "HTTP_PROXY", "http://evil.example");
	expect(OK);
	assert_str(req_header(&f.q, "If-None-Match"), "\"a\"");
	assert_str(req_header(&f.q, "if-none-match"), "\"a\"");
	assert_absent(req_header(&f.q, "If-Match"));
	assert_non_null(req_header(&f.q, "Empty").p);
	assert_absent(req_header(&f.q, "Content-Type"));
	assert_absent(req_header(&f.q, "Content-Length"));
	assert_absent(req_header(&f.q, "Lower"));
	assert_absent(req_header(&f.q, "Proxy"));
}

static void
test_content_headers_are_not_http_ones(void **state)
{
	(void)state;
	start("POST", "/");
	param(&f, "CONTENT_TYPE", "text/plain");
	param(&f, "CONTENT_LENGTH", "3");
	expect(OK);
	assert_str(req_header(&f.q, "Content-Type"), "text/plain");
	assert_str(req_header(&f.q, "Content-Length"), "3");
}

static void
test_https_as_servers_say_it(void **state)
{
	static const struct {
		const char *name, *value;
		bool https;
	} cases[] = {{"HTTPS", "on", true}, {"HTTPS", "ON", true}, {"HTTPS", "1", true},
		{"HTTPS", "off", false}, {"HTTPS", "", false}, {"REQUEST_SCHEME", "https", true},
		{"REQUEST_SCHEME", "http", false}, {"X", "", false}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		start("GET", "/");
		param(&f, cases[i].name, cases[i].value);
		expect(OK);
		assert_int_equal(f.q.https, cases[i].https);
		fixture_fini(&f);
	}
}

static void
bearer_is(const char *name, const char *value, const char *want)
{
	start("GET", "/");
	param(&f, name, value);
	expect(OK);
	if (want)
		assert_str(req_bearer(&f.q), want);
	else
		assert_absent(req_bearer(&f.q));
	fixture_fini(&f);
}

static void
test_bearer_tokens(void **state)
{
	(void)state;
	bearer_is("HTTP_AUTHORIZATION", "Bearer abc", "abc");
	bearer_is("HTTP_AUTHORIZATION", "bearer  abc ", "abc");
	bearer_is("REDIRECT_HTTP_AUTHORIZATION", "BEARER abc", "abc");
	bearer_is("HTTP_AUTHORIZATION", "Bearer a b", "a b");
	bearer_is("HTTP_AUTHORIZATION", "Bearer", NULL);
	bearer_is("HTTP_AUTHORIZATION", "Bearer ", NULL);
	bearer_is("HTTP_AUTHORIZATION", "Basic YTpi", NULL);
	bearer_is("HTTP_AUTHORIZATION", "Bearerabc", NULL);
	bearer_is("HTTP_AUTHORIZATION", "", NULL);
	bearer_is("HTTP_X", "", NULL);
}

static void
test_the_rewritten_authorization_is_a_fallback_only(void **state)
{
	(void)state;
	start("GET", "/");
	param(&f, "REDIRECT_HTTP_AUTHORIZATION", "Bearer rewritten");
	param(&f, "HTTP_AUTHORIZATION", "Bearer sent");
	expect(OK);
	assert_str(req_bearer(&f.q), "sent");
}

static void
cookie_is(const char *header, const char *want)
{
	start("GET", "/");
	param(&f, "HTTP_COOKIE", header);
	expect(OK);
	if (want)
		assert_str(req_cookie(&f.q, S("__Host-sp")), want);
	else
		assert_absent(req_cookie(&f.q, S("__Host-sp")));
	fixture_fini(&f);
}

static void
test_cookies(void **state)
{
	(void)state;
	cookie_is("__Host-sp=abc", "abc");
	cookie_is("a=b;__Host-sp=abc; c", "abc");
	cookie_is("  __Host-sp = a=b ;", "a=b");
	cookie_is("__Host-sp=", "");
	cookie_is("__host-sp=abc", NULL);
	cookie_is("x__Host-sp=abc", NULL);
	cookie_is("__Host-sp", NULL);
	cookie_is("", NULL);
	cookie_is("__Host-sp=a; __Host-sp=b", NULL);
	cookie_is("__Host-sp=; __Host-sp=", NULL);
}

static void
test_more_than_8_kib_of_cookies_are_none(void **state)
{
	static char big[8 * 1024 + 2];

	(void)state;
	memset(big, ';', sizeof(big) - 1);
	memcpy(big, "__Host-sp=abc", 13);
	cookie_is(big, NULL);
	cookie_is(big + 1, NULL);
	big[8 * 1024] = '\0';
	cookie_is(big, "abc");
}

static void
test_query_arguments(void **state)
{
	struct str v;

	(void)state;
	start("GET", "/search?q=a+b%2B&q=second&flag&=x&caf%C3%A9=1");
	expect(OK);
	assert_int_equal(req_query(&f.c, &f.q, S("q"), &v), OK);
	assert_str(v, "a b+");
	assert_int_equal(req_query(&f.c, &f.q, S("flag"), &v), OK);
	assert_non_null(v.p);
	assert_int_equal(v.n, 0);
	assert_int_equal(req_query(&f.c, &f.q, S("caf\xc3\xa9"), &v), OK);
	assert_str(v, "1");
	assert_int_equal(req_query(&f.c, &f.q, S("absent"), &v), OK);
	assert_absent(v);
	teardown(state);
	start("GET", "/search");
	expect(OK);
	assert_int_equal(req_query(&f.c, &f.q, S("q"), &v), OK);
	assert_absent(v);
	teardown(state);
	start("GET", "/search?q=a&x=%ff");
	expect(OK);
	assert_int_equal(req_query(&f.c, &f.q, S("q"), &v), ERR_BAD_ENCODING);
}

static void
test_media_type_in_small_letters(void **state)
{
	struct str type;

	(void)state;
	start("POST", "/");
	param(&f, "CONTENT_TYPE", " Application/JSON ; charset=utf-8");
	expect(OK);
	assert_int_equal(req_media_type(&f.c, &f.q, &type), OK);
	assert_str(type, "application/json");
	teardown(state);
	start("POST", "/");
	expect(OK);
	assert_int_equal(req_media_type(&f.c, &f.q, &type), OK);
	assert_int_equal(type.n, 0);
}

static void
test_no_memory_is_an_error_never_a_crash(void **state)
{
	bool done = false;
	size_t cap;

	(void)state;
	for (cap = 0; !done && cap < 8192; cap += 16) {
		struct str v;
		enum err err;

		fixture_init(&f, cap, "GET", "/a%41//b?x=%41");
		param(&f, "CONTENT_TYPE", "A/B");
		param(&f, "HTTP_USER_AGENT", "test");
		err = fixture_parse(&f);
		if (!err)
			err = req_query(&f.c, &f.q, S("x"), &v);
		if (!err)
			err = req_media_type(&f.c, &f.q, &v);
		assert_true(err == OK || err == ERR_MEMORY);
		done = err == OK;
		fixture_fini(&f);
	}
	assert_true(done);
	assert_true(cap > 64);
	start("GET", "/");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_fields, teardown),
		cmocka_unit_test_teardown(test_facts_are_copies, teardown),
		cmocka_unit_test_teardown(test_a_method_is_required_and_case_sensitive, teardown),
		cmocka_unit_test_teardown(test_content_length_is_digits_or_unknown, teardown),
		cmocka_unit_test_teardown(
			test_what_decides_about_rights_may_not_come_twice, teardown),
		cmocka_unit_test_teardown(test_a_nul_anywhere_is_refused, teardown),
		cmocka_unit_test_teardown(test_too_many_or_too_large_parameters, teardown),
		cmocka_unit_test_teardown(test_a_refused_request_can_still_be_answered, teardown),
		cmocka_unit_test_teardown(test_headers_by_name, teardown),
		cmocka_unit_test_teardown(test_content_headers_are_not_http_ones, teardown),
		cmocka_unit_test(test_https_as_servers_say_it),
		cmocka_unit_test(test_bearer_tokens),
		cmocka_unit_test_teardown(
			test_the_rewritten_authorization_is_a_fallback_only, teardown),
		cmocka_unit_test(test_cookies),
		cmocka_unit_test(test_more_than_8_kib_of_cookies_are_none),
		cmocka_unit_test_teardown(test_query_arguments, teardown),
		cmocka_unit_test_teardown(test_media_type_in_small_letters, teardown),
		cmocka_unit_test_teardown(test_no_memory_is_an_error_never_a_crash, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
