/*
 * What every answer has, whatever it is: headers, request id, caching, methods, hosts, and the form
 * of errors.
 */
#include "site.h"

#include "http/route.h"
#include "store/pool.h"
#include "web/priv.h"

#include <stdio.h>
#include <string.h>

#define FORM "application/x-www-form-urlencoded"

static const char *const uris[] = {"/", "/page/2", "/note/x", "/tag/t", "/feed", "/feed.atom",
	"/feed.rss", "/feed.json", "/tag/t/feed.rss", "/opml.xml", "/micropub?q=config", "/health", "/health/ready", "/metrics", "/admin", "/admin/login",
	"/admin/logout", "/admin/metrics", "/nothing", "/note/nothing", "/%00"};
enum { URIS = sizeof(uris) / sizeof(uris[0]) };

static void
every_answer_has_an_id_and_its_security_headers(void **state)
{
	struct site *s = *state;

	(void)site_post(s, "content=x&mp-slug=x&category=t");
	for (size_t i = 0; i < URIS; i++) {
		struct answer a = ASK(s, .uri = uris[i]);
		struct str csp = answer_header(&a, "Content-Security-Policy");

		assert_header(a, "X-Request-ID", a.request_id);
		assert_int_equal(strlen(a.request_id), 32);
		assert_header(a, "X-Content-Type-Options", "nosniff");
		assert_header(a, "Strict-Transport-Security", "max-age=31536000");
		assert_header(a, "Permissions-Policy", "camera=(), microphone=(), geolocation=()");
		assert_true(str_starts(csp, S("default-src 'none'; ")));
		assert_true(str_search(csp, S("unsafe"), 0) == csp.n);
		/* The sign-in form is bound to the browser that it is shown to; nothing else is. */
		if (strcmp(uris[i], "/admin/login") == 0)
			assert_true(str_starts(answer_header(&a, "Set-Cookie"),
				S("__Host-sp-visitor=")));
		else
			assert_no_header(a, "Set-Cookie");
		assert_true(a.head.n < 4096);
		assert_null(a.dirt);
	}
}

static void
owner_pages_may_not_be_framed_and_others_may_say_where_from(void **state)
{
	struct answer a = ASK(*state, .uri = "/admin/login");

	assert_header(a, "X-Frame-Options", "DENY");
	assert_header(a, "Referrer-Policy", "same-origin");
	assert_header(a, "Cross-Origin-Opener-Policy", "same-origin");
	assert_no_header(a, "Access-Control-Allow-Origin");
	a = ASK(*state, .uri = "/");
	assert_header(a, "Referrer-Policy", "strict-origin-when-cross-origin");
	assert_no_header(a, "X-Frame-Options");
}

static void
plain_http_promises_no_https(void **state)
{
	*state = site_new("site_url = \"http://localhost:8080/\"");
	assert_no_header(
		ASK(*state, .uri = "/", .host = "localhost:8080"), "Strict-Transport-Security");
}

static void
the_front_servers_request_id_is_taken_if_it_is_one(void **state)
{
	static const char *const bad[] = {"short", "", "0123456789abcde",
		"0123456789abcdef0123456789abcdef0", "0123456789abcdef 123456789abcdef",
		"0123456789abcdef\"23456789abcdef", "0123456789abcdef\r\nX: y"};
	struct answer a = ASK(*state, .uri = "/",
		.headers = {{"REQUEST_ID", "00112233445566778899aabbccddeeff"}});

	assert_header(a, "X-Request-ID", "00112233445566778899aabbccddeeff");
	a = ASK(*state, .uri = "/", .headers = {{"UNIQUE_ID", "aSB3cml0ZSBpZHM@gYXBhY2hl-_"}});
	assert_header(a, "X-Request-ID", "aSB3cml0ZSBpZHM@gYXBhY2hl-_");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		a = ASK(*state, .uri = "/", .headers = {{"REQUEST_ID", bad[i]}});
		assert_int_equal(strlen(a.request_id), 32);
		assert_int_equal(strspn(a.request_id, "0123456789abcdef"), 32);
		assert_string_not_equal(a.request_id, bad[i]);
	}
}

static void
a_client_cannot_choose_the_request_id(void **state)
{
	struct answer a = ASK(*state, .uri = "/",
		.headers = {{"HTTP_X_REQUEST_ID", "00112233445566778899aabbccddeeff"},
			{"HTTP_REQUEST_ID", "00112233445566778899aabbccddeeff"}});

	assert_string_not_equal(a.request_id, "00112233445566778899aabbccddeeff");
}

static void
the_endpoint_is_announced_where_clients_look(void **state)
{
	struct site *s = *state;
	struct answer a;

	(void)site_post(s, "content=x&mp-slug=x");
	a = ASK(s, .uri = "/");
	assert_header(a, "Link", "<https://ada.example/micropub>; rel=\"micropub\"");
	assert_has(a, "<link rel=\"micropub\" href=\"https://ada.example/micropub\">");
	a = ASK(s, .uri = "/note/x", .method = "HEAD");
	assert_header(a, "Link", "<https://ada.example/micropub>; rel=\"micropub\"");
}

static void
public_pages_are_revalidated_and_the_rest_is_not_kept(void **state)
{
	struct site *s = *state;

	(void)site_post(s, "content=x&mp-slug=x&category=t");
	for (size_t i = 0; i < URIS; i++) {
		struct answer a = ASK(s, .uri = uris[i]);
		const struct route_row *row = route_row(a.facts.route);
		bool public = a.status == 200 && row && row->cache != ROUTE_CACHE_NO;

		assert_header(a, "Cache-Control", public ? "public, no-cache" : "no-store");
		assert_int_equal(answer_header(&a, "ETag").p != NULL, public);
	}
}

static void
head_has_the_headers_of_get_and_no_body(void **state)
{
	struct site *s = *state;

	(void)site_post(s, "content=x&mp-slug=x&category=t");
	for (size_t i = 0; i < URIS; i++) {
		struct answer get = ASK(s, .uri = uris[i], .remote_addr = "127.0.0.1");
		struct answer head =
			ASK(s, .uri = uris[i], .remote_addr = "127.0.0.1", .method = "HEAD");

		if (get.status == 405)
			continue;
		assert_int_equal(head.status, get.status);
		assert_int_equal(head.body.n, 0);
		assert_int_equal(head.facts.body_bytes, 0);
		assert_true(str_eq(
			answer_header(&head, "Content-Type"), answer_header(&get, "Content-Type")));
		assert_true(str_eq(answer_header(&head, "ETag"), answer_header(&get, "ETag")));
	}
}

static void
bytes_counted_are_bytes_sent(void **state)
{
	struct site *s = *state;

	(void)site_post(s, "content=x&mp-slug=x&category=t");
	for (size_t i = 0; i < URIS; i++) {
		struct answer a = ASK(s, .uri = uris[i]);

		assert_int_equal(a.facts.head_bytes, a.head.n + 2);
		assert_int_equal(a.facts.body_bytes, a.body.n);
		assert_int_equal(a.facts.status, a.status);
	}
}

static void
options_tells_methods_and_needs_no_token(void **state)
{
	struct answer a = ASK(*state, .method = "OPTIONS", .uri = "/micropub",
		.headers = {{"HTTP_ORIGIN", "https://client.example"},
			{"HTTP_ACCESS_CONTROL_REQUEST_METHOD", "POST"}});

	assert_int_equal(a.status, 204);
	assert_header(a, "Allow", "GET, HEAD, POST, OPTIONS");
	assert_header(a, "Access-Control-Allow-Origin", "*");
	assert_header(a, "Access-Control-Allow-Methods", "GET, POST, OPTIONS");
	assert_header(a, "Access-Control-Allow-Headers",
		"Authorization, Content-Type, Accept, If-None-Match, If-Match, "
		"If-Unmodified-Since, Idempotency-Key");
	assert_header(a, "Access-Control-Max-Age", "86400");
	a = ASK(*state, .method = "OPTIONS", .uri = "/admin/login",
		.headers = {{"HTTP_ORIGIN", "https://client.example"},
			{"HTTP_ACCESS_CONTROL_REQUEST_METHOD", "POST"}});
	assert_int_equal(a.status, 204);
	assert_no_header(a, "Access-Control-Allow-Methods");
	assert_no_header(a, "Access-Control-Allow-Origin");
}

static void
other_origins_may_read_what_is_open_errors_included(void **state)
{
	struct site *s = *state;
	const char *open[] = {"/", "/note/nothing", "/feed.atom", "/micropub?q=config"};
	const char *closed[] = {"/admin", "/admin/metrics", "/metrics", "/health/ready"};

	for (size_t i = 0; i < 4; i++) {
		struct answer a = ASK(
			s, .uri = open[i], .headers = {{"HTTP_ORIGIN", "https://client.example"}});

		assert_header(a, "Access-Control-Allow-Origin", "*");
		assert_header(a, "Access-Control-Expose-Headers",
			"Location, Link, WWW-Authenticate, Retry-After, ETag");
		assert_no_header(a, "Access-Control-Allow-Credentials");
		assert_no_header(ASK(s, .uri = closed[i]), "Access-Control-Allow-Origin");
	}
}

static void
a_wrong_method_is_told_the_right_ones(void **state)
{
	struct answer a = ASK(*state, .method = "POST", .uri = "/", .type = FORM, .body = "a=b");

	assert_int_equal(a.status, 405);
	assert_header(a, "Allow", "GET, HEAD, OPTIONS");
	a = ASK(*state, .method = "DELETE", .uri = "/micropub");
	assert_int_equal(a.status, 405);
	assert_header(a, "Allow", "GET, HEAD, POST, OPTIONS");
	assert_int_equal(ASK(*state, .method = "BREW", .uri = "/").status, 501);
	assert_int_equal(ASK(*state, .method = "TRACE", .uri = "/").status, 405);
}

static void
a_foreign_host_is_refused_but_for_probes(void **state)
{
	const char *ours[] = {"ada.example", "ADA.example:443", "ada.example.", "localhost:8080",
		"127.0.0.1", "[::1]:80"};
	const char *foreign[] = {
		"evil.example", "ada.example.evil.example", "127.evil.example", "xada.example"};
	struct answer a;

	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		assert_int_equal(ASK(*state, .uri = "/", .host = ours[i]).status, 200);
	for (size_t i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++) {
		a = ASK(*state, .uri = "/", .host = foreign[i]);
		assert_int_equal(a.status, 421);
		assert_lacks(a, "evil.example");
		assert_int_equal(ASK(*state, .uri = "/nothing", .host = foreign[i]).status, 421);
		assert_int_equal(ASK(*state, .uri = "/health", .host = foreign[i]).status, 200);
	}
	a = ASK(*state, .uri = "/", .no_host = true, .headers = {{"SERVER_NAME", "evil.example"}});
	assert_int_equal(a.status, 421);
	assert_int_equal(ASK(*state, .uri = "/", .no_host = true).status, 200);
}

static void
links_are_made_of_site_url_and_nothing_else(void **state)
{
	struct answer a = ASK(*state, .uri = "/note/", .host = "localhost",
		.headers = {{"HTTP_X_FORWARDED_HOST", "evil.example"},
			{"HTTP_FORWARDED", "host=evil.example"}});

	assert_lacks(a, "evil.example");
	a = ASK(*state, .uri = "/page/1", .host = "localhost",
		.headers = {{"HTTP_X_FORWARDED_HOST", "evil.example"}});
	assert_header(a, "Location", "https://ada.example/");
}

/* ---- errors ------------------------------------------------------------------------------ */

static void
an_error_is_a_page_for_people(void **state)
{
	struct answer a =
		ASK(*state, .uri = "/nothing", .headers = {{"HTTP_ACCEPT", "text/html,*/*;q=0.8"}});

	assert_int_equal(a.status, 404);
	assert_header(a, "Content-Type", "text/html; charset=utf-8");
	assert_has(a, "There is nothing at this address.");
	assert_has(a, "Check the address, or start from the home page.");
	assert_has(a, "<li>Look for a typing error in the address.</li>");
	assert_true(str_search(a.body, str_z(a.request_id), 0) < a.body.n);
	assert_int_equal(a.facts.error, ERR_NOT_FOUND);
}

static void
an_error_is_json_for_programs(void **state)
{
	struct answer a =
		ASK(*state, .uri = "/nothing", .headers = {{"HTTP_ACCEPT", "application/json"}});

	assert_int_equal(a.status, 404);
	assert_header(a, "Content-Type", "application/json");
	assert_has(a, "{\"error\":{\"code\":\"not_found\",\"message\":\"There is nothing at this "
		      "address.\",\"suggestion\":\"");
	assert_has(a, "\"troubleshooting\":[\"");
	assert_true(str_search(a.body, str_z(a.request_id), 0) < a.body.n);
	/* An endpoint that speaks JSON does so in errors too. */
	a = ASK(*state, .uri = "/admin/metrics");
	assert_int_equal(a.status, 401);
	assert_has(a, "{\"error\":{\"code\":\"login_required\"");
	assert_header(a, "WWW-Authenticate", "Bearer");
}

static void
an_error_is_problem_details_for_who_asks(void **state)
{
	struct answer a = ASK(*state, .uri = "/nothing",
		.headers = {{"HTTP_ACCEPT", "application/problem+json, application/json;q=0.5"}});

	assert_header(a, "Content-Type", "application/problem+json");
	assert_has(a, "\"type\":\"about:blank\"");
	assert_has(a, "\"status\":404");
	assert_has(a, "\"title\":\"There is nothing at this address.\"");
}

static void
errors_tell_no_secrets_and_echo_nothing(void **state)
{
	struct site *s = *state;
	struct answer a = ASK(s, .uri = "/note/%3Cscript%3Ealert(1)%3C%2Fscript%3E");

	assert_lacks(a, "alert(1)");
	a = ASK(s, .uri = "/note/looking-for-this");
	assert_lacks(a, "looking-for-this");
	assert_true(str_search(a.body, str_z(s->dir), 0) == a.body.n);
	assert_lacks(a, "SELECT");
	assert_lacks(a, ".c:");
}

static void
malformed_requests_are_answered(void **state)
{
	struct site *s = *state;
	char long_uri[9001];
	struct answer a;

	memset(long_uri, 'a', sizeof(long_uri));
	long_uri[0] = '/';
	long_uri[9000] = '\0';
	assert_int_equal(ASK(s, .uri = long_uri).status, 414);
	assert_int_equal(ASK(s, .uri = "/tag/%zz").status, 400);
	assert_int_equal(ASK(s, .uri = "/?x=%zz").status, 400);
	assert_int_equal(ASK(s, .uri = "/feed.atom?%").status, 400);
	a = ASK(s, .uri = "/micropub?q=%00");
	assert_int_equal(a.status, 400);
	assert_has(a, "\"error\":\"invalid_request\"");
	a = ASK(s, .method = "POST", .uri = "/micropub", .type = FORM, .body = "a=b",
		.length = "abc");
	assert_int_equal(a.status, 400);
	assert_int_equal(ASK(s, .uri = "/", .method = "").status, 400);
	assert_header(a, "X-Request-ID", a.request_id);
}

static void
one_address_cannot_ask_without_end(void **state)
{
	struct site *s = site_new("rate_limit = 3/m");
	struct answer a;

	*state = s;
	for (int i = 0; i < 3; i++)
		assert_int_equal(ASK(s, .uri = "/").status, 200);
	a = ASK(s, .uri = "/");
	assert_int_equal(a.status, 429);
	assert_true(answer_header(&a, "Retry-After").n > 0);
	assert_string_not_equal(answer_header(&a, "Retry-After").p, "0");
	assert_int_equal(ASK(s, .uri = "/", .remote_addr = "192.0.2.2").status, 200);
	assert_true(str_search(site_log(s), S("\"event\":\"rate_limited\""), 0) < site_log(s).n);
}

static void
a_network_of_version_6_is_one_address(void **state)
{
	struct site *s = site_new("rate_limit = 1/m");

	*state = s;
	assert_int_equal(ASK(s, .uri = "/", .remote_addr = "2001:db8::1").status, 200);
	assert_int_equal(ASK(s, .uri = "/", .remote_addr = "2001:db8::2:2").status, 429);
	assert_int_equal(ASK(s, .uri = "/", .remote_addr = "2001:db8:0:1::1").status, 200);
}

static void
each_request_is_logged_and_counted_once(void **state)
{
	struct site *s = *state;
	struct metrics_summary sum;
	struct metrics_view *v;
	struct answer a = ASK(s, .uri = "/nothing?secret=1");
	struct str log;

	(void)ASK(s, .uri = "/");
	(void)ASK(s, .uri = "/", .method = "HEAD");
	assert_int_equal(metrics_view(&s->c, s->seg, &v), OK);
	metrics_view_http(v, &sum);
	assert_int_equal(sum.count, 3);
	assert_int_equal(metrics_view_requests(v, ROUTE_HOME, METHOD_GET, 2), 1);
	assert_int_equal(metrics_view_requests(v, ROUTE_HOME, METHOD_HEAD, 2), 1);
	assert_int_equal(metrics_view_requests(v, ROUTE_NONE, METHOD_GET, 4), 1);
	log = site_log(s);
	assert_true(str_search(log, str_z(a.request_id), 0) < log.n);
	assert_true(str_search(log, S("\"path\":\"/nothing\""), 0) < log.n);
	assert_true(str_search(log, S("secret"), 0) == log.n);
}

/* The request's own line says it all; the error's is for who looks closer. */
static void
what_is_not_there_is_one_line_in_the_log(void **state)
{
	struct site *s = *state;
	struct str rest;
	int lines = 0;

	(void)site_post(s, "content=x&mp-slug=x");
	site_sql(s, "UPDATE post SET deleted = 1 WHERE slug = 'x'");
	assert_int_equal(ASK(s, .uri = "/nothing").status, 404);
	assert_int_equal(ASK(s, .uri = "/note/x").status, 410);
	for (rest = site_log(s); rest.p;) {
		struct str line = str_cut(&rest, '\n');

		if (str_search(line, S("\"event\":\"error\""), 0) == line.n)
			continue;
		assert_true(str_search(line, S("\"level\":\"DEBUG\""), 0) < line.n);
		lines++;
	}
	assert_int_equal(lines, 2);
}

#define T(f) cmocka_unit_test_setup_teardown(f, site_setup, site_teardown)
#define OWN(f) cmocka_unit_test_teardown(f, site_teardown)

/* Clients who do not say how much they are going to send leave threads for everybody else. */
static void
half_the_threads_wait_for_bodies_that_come_in_chunks(void **state)
{
	struct site *s = *state;
	struct ask chunked = {.method = "POST", .uri = "/micropub", .body = "content=Rain", .length = "",
		.type = FORM,
		.headers = {{"HTTP_AUTHORIZATION", site_bearer(s, s->create)},
			{"HTTP_TRANSFER_ENCODING", "chunked"}}};
	struct answer a;

	atomic_store(&s->web->unannounced, (int)s->cfg->worker_threads / 2 - 1);
	assert_int_equal(site_ask(s, &chunked).status, 201);
	atomic_store(&s->web->unannounced, (int)s->cfg->worker_threads / 2);
	a = site_ask(s, &chunked);
	assert_int_equal(a.status, 503);
	assert_header(a, "Retry-After", "5");
	assert_int_equal(atomic_load(&s->web->unannounced), s->cfg->worker_threads / 2);
	(void)site_post(s, "content=Said+how+long");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(every_answer_has_an_id_and_its_security_headers),
		T(owner_pages_may_not_be_framed_and_others_may_say_where_from),
		OWN(plain_http_promises_no_https),
		T(the_front_servers_request_id_is_taken_if_it_is_one),
		T(a_client_cannot_choose_the_request_id),
		T(the_endpoint_is_announced_where_clients_look),
		T(public_pages_are_revalidated_and_the_rest_is_not_kept),
		T(head_has_the_headers_of_get_and_no_body),
		T(bytes_counted_are_bytes_sent),
		T(options_tells_methods_and_needs_no_token),
		T(other_origins_may_read_what_is_open_errors_included),
		T(a_wrong_method_is_told_the_right_ones),
		T(a_foreign_host_is_refused_but_for_probes),
		T(links_are_made_of_site_url_and_nothing_else),
		T(an_error_is_a_page_for_people),
		T(an_error_is_json_for_programs),
		T(an_error_is_problem_details_for_who_asks),
		T(errors_tell_no_secrets_and_echo_nothing),
		T(malformed_requests_are_answered),
		OWN(one_address_cannot_ask_without_end),
		OWN(a_network_of_version_6_is_one_address),
		T(each_request_is_logged_and_counted_once),
		T(what_is_not_there_is_one_line_in_the_log),
		T(half_the_threads_wait_for_bodies_that_come_in_chunks),
	};

	return cmocka_run_group_tests_name("web/answers", tests, NULL, NULL);
}
