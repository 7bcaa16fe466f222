/*
 * What the program tells `starpunk doctor` of a request, and that it tells nobody else.
 */
#include "site.h"

#include "base/time.h"
#include "domain/pass.h"

#include <stdio.h>
#include <unistd.h>

enum { URI_MAX = 256 };

/* A target with a pass that was made so many seconds ago. */
static const char *
with_pass(struct site *s, const char *path, int64_t ago, char uri[URI_MAX])
{
	struct str pass;

	s->c.now_us = time_now_us() - ago * 1000000;
	assert_int_equal(pass_make(&s->c, &pass), OK);
	(void)snprintf(uri, URI_MAX, "%s?" PASS_FIELD "%.*s&as=%%2Fx", path, STR(pass));
	return uri;
}

static void
what_arrives_is_said_with_a_proof_of_who_says_it(void **state)
{
	struct site *s = *state;
	char uri[URI_MAX];
	struct answer a = ASK(s, .uri = with_pass(s, "/health/doctor", 0, uri),
		.headers = {{"HTTP_AUTHORIZATION", "Bearer x"}, {"REQUEST_ID", "0123456789abcdef"},
			{"HTTP_X_INTERNAL", "of the front server's own"}});

	assert_int_equal(a.status, 200);
	assert_has(a, "\"proof\":\"");
	assert_has(a, "\"Authorization\":\"Bearer x\"");
	assert_has(a, "\"request_id\":\"0123456789abcdef\"");
	assert_has(a, "\"remote_addr\":\"192.0.2.1\"");
	assert_has(a, "&as=%2Fx\"");
	assert_header(a, "Cache-Control", "no-store");
	assert_lacks(a, "front server's own");
	assert_int_equal(a.facts.route, ROUTE_DOCTOR);
}

static void
it_is_said_at_every_address_by_any_name_and_whatever_the_token_is(void **state)
{
	struct site *s = *state;
	char uri[URI_MAX];
	struct answer a = ASK(s, .uri = with_pass(s, "/static/style.css", 0, uri));

	assert_has(a, "\"proof\":\"");
	a = ASK(s, .uri = with_pass(s, "/micropub", 0, uri), .host = "other.example",
		.headers = {{"HTTP_AUTHORIZATION", "Bearer nonsense"}});
	assert_int_equal(a.status, 200);
	assert_has(a, "\"host\":\"other.example\"");
}

static void
a_pass_is_found_though_the_address_was_rewritten_without_it(void **state)
{
	struct site *s = *state;
	char uri[URI_MAX];
	struct answer a;

	(void)with_pass(s, "", 0, uri);
	a = ASK(s, .uri = "/micropub", .headers = {{"QUERY_STRING", uri + 1}});
	assert_has(a, "\"proof\":\"");
	assert_has(a, "\"uri\":\"/micropub\"");
}

static void
a_body_is_counted(void **state)
{
	struct site *s = *state;
	char uri[URI_MAX];
	struct answer a = ASK(s, .method = "POST", .uri = with_pass(s, "/micropub/media", 0, uri),
		.type = "application/octet-stream", .body = "twelve bytes");

	assert_has(a, "\"body_bytes\":12");
}

static void
without_a_pass_there_is_nothing(void **state)
{
	struct site *s = *state;

	assert_int_equal(ASK(s, .uri = "/health/doctor").status, 404);
	assert_int_equal(ASK(s, .uri = "/health/doctor?" PASS_FIELD).status, 404);
	assert_int_equal(ASK(s, .method = "POST", .uri = "/health/doctor", .type = "text/plain", .body = "x").status, 404);
}

static void
a_pass_is_good_for_a_minute(void **state)
{
	struct site *s = *state;
	char uri[URI_MAX];

	assert_int_equal(ASK(s, .uri = with_pass(s, "/health/doctor", 50, uri)).status, 200);
	assert_int_equal(ASK(s, .uri = with_pass(s, "/health/doctor", 70, uri)).status, 404);
	assert_int_equal(ASK(s, .uri = with_pass(s, "/health/doctor", -70, uri)).status, 404);
}

static void
a_pass_of_another_site_or_one_that_was_changed_is_none(void **state)
{
	struct site *s = *state;
	char uri[URI_MAX], path[128];
	size_t at = sizeof("/health/doctor?" PASS_FIELD) + 20;

	(void)with_pass(s, "/health/doctor", 0, uri);
	uri[at] = uri[at] == 'A' ? 'B' : 'A';
	assert_int_equal(ASK(s, .uri = uri).status, 404);
	(void)with_pass(s, "/health/doctor", 0, uri);
	(void)snprintf(path, sizeof(path), "%s/starpunk.key", s->dir);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(ASK(s, .uri = uri).status, 404);
}

#define SITE(f) cmocka_unit_test_setup_teardown(f, site_setup, site_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		SITE(what_arrives_is_said_with_a_proof_of_who_says_it),
		SITE(it_is_said_at_every_address_by_any_name_and_whatever_the_token_is),
		SITE(a_pass_is_found_though_the_address_was_rewritten_without_it),
		SITE(a_body_is_counted),
		SITE(without_a_pass_there_is_nothing),
		SITE(a_pass_is_good_for_a_minute),
		SITE(a_pass_of_another_site_or_one_that_was_changed_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
