/*
 * Conditional requests in the order of RFC 9110 section 13.2.2, and Accept.
 */
#include "http_fixture.h"

#include "http/cond.h"

#include <stdio.h>

enum { NOW = 1000000000 }; /* Sun, 09 Sep 2001 01:46:40 GMT */

static const char BEFORE[] = "Sun, 09 Sep 2001 01:46:38 GMT";
static const char AT[] = "Sun, 09 Sep 2001 01:46:39 GMT";
static const char FUTURE[] = "Sun, 09 Sep 2001 01:46:41 GMT";
static const int64_t MODIFIED = NOW - 1;

struct headers {
	const char *if_match, *unmodified_since, *none_match, *modified_since;
};

static enum cond
check_tag(const char *method, struct headers h, const char *etag, int64_t modified)
{
	static struct http_fixture f;
	enum cond got;

	fixture_init(&f, 1 << 20, method, "/");
	if (h.if_match)
		param(&f, "HTTP_IF_MATCH", h.if_match);
	if (h.unmodified_since)
		param(&f, "HTTP_IF_UNMODIFIED_SINCE", h.unmodified_since);
	if (h.none_match)
		param(&f, "HTTP_IF_NONE_MATCH", h.none_match);
	if (h.modified_since)
		param(&f, "HTTP_IF_MODIFIED_SINCE", h.modified_since);
	assert_int_equal(fixture_parse(&f), OK);
	got = cond_check(&f.q, str_z(etag), modified, NOW);
	fixture_fini(&f);
	return got;
}

#define check(method, ...) check_tag(method, (struct headers){__VA_ARGS__}, "\"a\"", MODIFIED)

static void
test_without_conditions_the_request_goes_on(void **state)
{
	(void)state;
	assert_int_equal(check("GET", 0), COND_PROCEED);
	assert_int_equal(check("POST", 0), COND_PROCEED);
}

static void
test_if_none_match(void **state)
{
	(void)state;
	assert_int_equal(check("GET", .none_match = "\"a\""), COND_NOT_MODIFIED);
	assert_int_equal(check("HEAD", .none_match = "\"a\""), COND_NOT_MODIFIED);
	assert_int_equal(check("GET", .none_match = "W/\"a\""), COND_NOT_MODIFIED);
	assert_int_equal(check("GET", .none_match = "\"b\""), COND_PROCEED);
	assert_int_equal(check("GET", .none_match = "*"), COND_NOT_MODIFIED);
	assert_int_equal(check("POST", .none_match = "*"), COND_FAILED);
	assert_int_equal(check("POST", .none_match = "\"a\""), COND_FAILED);
	assert_int_equal(check("POST", .none_match = "\"b\""), COND_PROCEED);
	assert_int_equal(check_tag("GET", (struct headers){.none_match = "\"a\""}, "W/\"a\"", 0),
		COND_NOT_MODIFIED);
	assert_int_equal(
		check_tag("GET", (struct headers){.none_match = "\"\""}, "", 0), COND_PROCEED);
}

static void
test_lists_of_tags(void **state)
{
	(void)state;
	assert_int_equal(check("GET", .none_match = "\"b\", W/\"c\" ,, \"a\""), COND_NOT_MODIFIED);
	assert_int_equal(check("GET", .none_match = ", \"a\","), COND_NOT_MODIFIED);
	assert_int_equal(
		check_tag("GET", (struct headers){.none_match = "W/\"a,b\", \"c\""}, "\"a,b\"", 0),
		COND_NOT_MODIFIED);
	assert_int_equal(check("GET", .none_match = "W/\"x,\"a\"\""), COND_PROCEED);
	assert_int_equal(
		check_tag("GET", (struct headers){.none_match = "\"a\\\", \"b\""}, "\"b\"", 0),
		COND_NOT_MODIFIED);
}

static void
test_malformed_lists_match_nothing(void **state)
{
	static const char *const bad[] = {"", "a", "\"a", "\"a\"x", "\"a\" \"a\"", "w/\"a\"",
		"W/ \"a\"", "\"a\", b", "*, \"a\"", "\"a b\""};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(check("GET", .none_match = bad[i]), COND_PROCEED);
		assert_int_equal(check("POST", .if_match = bad[i]), COND_FAILED);
	}
}

static void
test_a_tag_behind_the_hundredth_is_not_looked_at(void **state)
{
	char list[1024] = "";
	size_t n = 0;

	(void)state;
	for (int i = 0; i < 99; i++)
		n += (size_t)snprintf(list + n, sizeof(list) - n, "\"b\",");
	(void)snprintf(list + n, sizeof(list) - n, "\"a\"");
	assert_int_equal(check("GET", .none_match = list), COND_NOT_MODIFIED);
	(void)snprintf(list + n, sizeof(list) - n, "\"b\",\"a\"");
	assert_int_equal(check("GET", .none_match = list), COND_PROCEED);
}

static void
test_if_match_compares_strongly(void **state)
{
	(void)state;
	assert_int_equal(check("POST", .if_match = "\"a\""), COND_PROCEED);
	assert_int_equal(check("POST", .if_match = "\"b\", \"a\""), COND_PROCEED);
	assert_int_equal(check("POST", .if_match = "W/\"a\""), COND_FAILED);
	assert_int_equal(check("POST", .if_match = "\"b\""), COND_FAILED);
	assert_int_equal(check("GET", .if_match = "\"b\""), COND_FAILED);
	assert_int_equal(check("POST", .if_match = "*"), COND_PROCEED);
	assert_int_equal(check_tag("POST", (struct headers){.if_match = "W/\"a\""}, "W/\"a\"", 0),
		COND_FAILED);
}

static void
test_if_unmodified_since(void **state)
{
	(void)state;
	assert_int_equal(check("POST", .unmodified_since = BEFORE), COND_FAILED);
	assert_int_equal(check("POST", .unmodified_since = AT), COND_PROCEED);
	assert_int_equal(check("POST", .unmodified_since = "yesterday"), COND_PROCEED);
	assert_int_equal(check_tag("POST", (struct headers){.unmodified_since = BEFORE}, "", 0),
		COND_PROCEED);
}

static void
test_if_modified_since(void **state)
{
	(void)state;
	assert_int_equal(check("GET", .modified_since = AT), COND_NOT_MODIFIED);
	assert_int_equal(check("GET", .modified_since = BEFORE), COND_PROCEED);
	assert_int_equal(check("GET", .modified_since = FUTURE), COND_PROCEED);
	assert_int_equal(check("GET", .modified_since = "garbage"), COND_PROCEED);
	assert_int_equal(check("POST", .modified_since = AT), COND_PROCEED);
	assert_int_equal(check("GET", .modified_since = "Sunday, 09-Sep-01 01:46:39 GMT"),
		COND_NOT_MODIFIED);
	assert_int_equal(
		check("GET", .modified_since = "Sun Sep  9 01:46:39 2001"), COND_NOT_MODIFIED);
	assert_int_equal(
		check_tag("GET", (struct headers){.modified_since = AT}, "", 0), COND_PROCEED);
}

static void
test_the_order_of_precedence(void **state)
{
	(void)state;
	/* If-Match answers for If-Unmodified-Since, If-None-Match for If-Modified-Since. */
	assert_int_equal(check("POST", "\"a\"", .unmodified_since = BEFORE), COND_PROCEED);
	assert_int_equal(check("GET", .none_match = "\"b\"", .modified_since = AT), COND_PROCEED);
	/* The first pair is asked before the second. */
	assert_int_equal(check("GET", "\"b\"", .none_match = "\"a\""), COND_FAILED);
	assert_int_equal(check("GET", "\"a\"", .none_match = "\"a\""), COND_NOT_MODIFIED);
	assert_int_equal(
		check("GET", .unmodified_since = BEFORE, .none_match = "\"a\""), COND_FAILED);
	assert_int_equal(
		check("GET", .unmodified_since = AT, .modified_since = AT), COND_NOT_MODIFIED);
}

/* ---- Accept -------------------------------------------------------------------------------- */

static int
quality(const char *header, const char *type)
{
	return accept_quality(str_z(header), str_z(type));
}

static void
test_the_most_specific_range_decides(void **state)
{
	/* RFC 9110 section 12.5.1. */
	const char *h = "text/*;q=0.3, text/plain;q=0.7, text/plain;format=flowed, "
			"text/plain;format=fixed;q=0.4, */*;q=0.5";

	(void)state;
	assert_int_equal(quality(h, "text/plain"), 700);
	assert_int_equal(quality(h, "text/html"), 300);
	assert_int_equal(quality(h, "image/jpeg"), 500);
	assert_int_equal(quality("text/html;level=1;q=0.2", "text/html"), 200);
	assert_int_equal(quality("TEXT/HTML", "text/html"), 1000);
	assert_int_equal(quality("text/html", "text/plain"), 0);
	assert_int_equal(quality("text/*", "textile/html"), 0);
	assert_int_equal(quality("*/*, text/html;q=0", "text/html"), 0);
}

static void
test_qualities(void **state)
{
	(void)state;
	assert_int_equal(quality("a/b;q=0", "a/b"), 0);
	assert_int_equal(quality("a/b;q=0.", "a/b"), 0);
	assert_int_equal(quality("a/b;Q=0.5", "a/b"), 500);
	assert_int_equal(quality("a/b; q=0.123", "a/b"), 123);
	assert_int_equal(quality("a/b;q=1.000", "a/b"), 1000);
}

static void
test_absent_or_malformed_accepts_anything(void **state)
{
	static const char *const headers[] = {"", " , ", "text", "text/", "/html", "text/html;q",
		"text/plain;q=2", "text/plain;q=0.1234", "text/plain;q=1.5", "text/plain;q=-1",
		"text/plain;q=\"1\"", "text/plain;q=", "text/plain;q=0,5", "text plain/x"};

	(void)state;
	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++)
		assert_int_equal(quality(headers[i], "text/html"), 1000);
	assert_int_equal(accept_quality((struct str){0}, S("text/html")), 1000);
}

static bool
prefers_json(const char *accept)
{
	static struct http_fixture f;
	bool json;

	fixture_init(&f, 1 << 20, "GET", "/");
	if (accept)
		param(&f, "HTTP_ACCEPT", accept);
	assert_int_equal(fixture_parse(&f), OK);
	json = accept_prefers_json(&f.q);
	fixture_fini(&f);
	return json;
}

static void
test_json_is_sent_to_who_asks_for_it(void **state)
{
	(void)state;
	assert_true(prefers_json("application/json"));
	assert_true(prefers_json("application/json; charset=utf-8"));
	assert_true(prefers_json("application/json, */*"));
	assert_true(prefers_json("application/json, text/plain, */*"));
	assert_true(prefers_json("text/html;q=0.5, application/json"));
	assert_false(prefers_json(NULL));
	assert_false(prefers_json("*/*"));
	assert_false(prefers_json("text/html, application/json"));
	assert_false(
		prefers_json("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"));
	assert_false(prefers_json("application/json;q=0"));
	assert_false(prefers_json("image/png"));
	assert_false(prefers_json("application/json;q=x"));
}

/* What is chosen of feeds and the page: "rss", "atom", "json", "html", or "none". */
static const char *
chosen(const char *accept)
{
	static const struct str offers[] = {S_INIT("application/rss+xml application/xml text/xml"),
		S_INIT("application/atom+xml "), S_INIT("application/feed+json application/json"),
		S_INIT("text/html")};
	static const char *const names[] = {"rss", "atom", "json", "html", "none"};

	return names[accept_choose(str_z(accept), offers, 4)];
}

static void
test_of_several_offers_the_one_ranked_highest_is_chosen(void **state)
{
	static const char *const cases[][2] = {
		{NULL, "rss"}, {"", "rss"}, {"*/*", "rss"}, {"nonsense", "rss"},
		{"application/*", "rss"},
		{"application/rss+xml", "rss"}, {"application/atom+xml", "atom"},
		{"application/feed+json", "json"}, {"text/html", "html"},
		{"application/rss+xml;q=0.8, application/atom+xml", "atom"},
		{"application/atom+xml;q=0.8, application/rss+xml;q=0.9", "rss"},
		{"application/feed+json, application/atom+xml;q=0.999", "json"},
		/* other names of what is offered */
		{"application/json", "json"}, {"text/xml", "rss"},
		{"application/xml;q=0.9, application/atom+xml;q=0.8", "rss"},
		/* among equals the named one, then the first */
		{"application/atom+xml, application/rss+xml", "rss"},
		{"*/*, application/feed+json", "json"},
		{"application/*, application/atom+xml", "atom"},
		{"text/html, application/atom+xml", "atom"}, {"text/html, */*", "html"},
		/* what is refused is not chosen, whatever else would fit it */
		{"application/rss+xml;q=0, */*", "atom"},
		{"application/rss+xml;q=0, application/atom+xml;q=0, */*;q=0.1", "json"},
		{"*/*;q=0", "none"}, {"image/png", "none"},
		/* browsers */
		{"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "html"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(chosen(cases[i][0]), cases[i][1]);
}

static void
test_5000_items_are_no_trouble(void **state)
{
	static char list[20001];

	(void)state;
	for (size_t i = 0; i + 4 < sizeof(list); i += 4)
		memcpy(list + i, "a/b,", 4);
	memcpy(list + 80, "text/html;q=0.25,,,,", 20);
	assert_int_equal(quality(list, "text/html"), 250);
	assert_int_equal(quality(list, "application/json"), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_without_conditions_the_request_goes_on),
		cmocka_unit_test(test_if_none_match),
		cmocka_unit_test(test_lists_of_tags),
		cmocka_unit_test(test_malformed_lists_match_nothing),
		cmocka_unit_test(test_a_tag_behind_the_hundredth_is_not_looked_at),
		cmocka_unit_test(test_if_match_compares_strongly),
		cmocka_unit_test(test_if_unmodified_since),
		cmocka_unit_test(test_if_modified_since),
		cmocka_unit_test(test_the_order_of_precedence),
		cmocka_unit_test(test_the_most_specific_range_decides),
		cmocka_unit_test(test_qualities),
		cmocka_unit_test(test_absent_or_malformed_accepts_anything),
		cmocka_unit_test(test_json_is_sent_to_who_asks_for_it),
		cmocka_unit_test(test_of_several_offers_the_one_ranked_highest_is_chosen),
		cmocka_unit_test(test_5000_items_are_no_trouble),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
