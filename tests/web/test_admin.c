/*
 * The owner's side: signing in and out, who gets past which gate, metrics and health.
 */
#include "site.h"

#include "store/pool.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FORM "application/x-www-form-urlencoded"

static int
owner_setup(void **state)
{
	*state = site_new("");
	site_owner(*state);
	return 0;
}

static struct answer
login(struct site *s, const char *body)
{
	return site_login(s, body);
}

static void
the_password_opens_a_session(void **state)
{
	struct site *s = *state;
	struct answer a = login(s, "password=a+long+enough+password");
	const char *cookie;

	assert_int_equal(a.status, 303);
	assert_header(a, "Location", "https://ada.example/admin");
	cookie = site_sign_in(s);
	assert_true(str_starts(str_z(cookie), S("__Host-sp=")));
	a = ASK(s, .uri = "/admin", .headers = {{"HTTP_COOKIE", cookie}});
	assert_int_equal(a.status, 200);
	assert_has(a, "Sign out");
	assert_has(a, "<dt>Posts</dt><dd><a href=\"/admin/posts\">0</a></dd>");
	assert_true(str_eq(a.facts.auth, S("session")));
	assert_header(a, "Cache-Control", "no-store");
}

static void
the_cookie_is_for_this_host_and_not_for_scripts(void **state)
{
	struct site *s = *state;
	struct answer a = login(s, "password=a+long+enough+password");
	struct str rest = answer_header(&a, "Set-Cookie");

	(void)str_cut(&rest, ';');
	assert_true(str_eq(rest, S(" Path=/; Max-Age=2592000; Secure; HttpOnly; SameSite=Lax")));
	assert_true(str_search(site_log(s), str_sub(answer_header(&a, "Set-Cookie"), 10, 40), 0) ==
		    site_log(s).n);
}

static void
on_plain_http_the_cookie_has_no_prefix(void **state)
{
	struct site *s = site_new("site_url = \"http://localhost:8080/\"");
	struct answer a;

	*state = s;
	site_owner(s);
	a = login(s, "password=a+long+enough+password");
	assert_int_equal(a.status, 303);
	assert_true(str_starts(answer_header(&a, "Set-Cookie"), S("sp=")));
	assert_true(str_search(answer_header(&a, "Set-Cookie"), S("Secure"), 0) ==
		    answer_header(&a, "Set-Cookie").n);
	assert_int_equal(
		ASK(s, .uri = "/admin", .headers = {{"HTTP_COOKIE", site_sign_in(s)}}).status, 200);
}

static void
a_wrong_password_gets_the_form_again(void **state)
{
	struct site *s = *state;
	struct answer a = login(s, "password=wrong&next=%2Fadmin%2Fmetrics");

	assert_int_equal(a.status, 401);
	assert_has(a, "That is not right.");
	assert_has(a, "name=\"next\" value=\"/admin/metrics\"");
	assert_no_header(a, "Set-Cookie");
	assert_lacks(a, "wrong");
	assert_int_equal(a.facts.error, ERR_LOGIN_FAILED);
	assert_int_equal(login(s, "").status, 401);
	a = ASK(s, .method = "POST", .uri = "/admin/login", .type = "application/json",
		.body = "{}", .headers = {{"HTTP_COOKIE", s->visitor}});
	assert_int_equal(a.status, 415);
}

static void
wrong_passwords_are_limited_per_address(void **state)
{
	struct site *s = site_new("login_rate_limit = 2/m");
	struct answer a;

	*state = s;
	assert_int_equal(login(s, "password=wrong").status, 401);
	assert_int_equal(login(s, "password=wrong").status, 401);
	a = login(s, "password=a+long+enough+password");
	assert_int_equal(a.status, 429);
	assert_true(answer_header(&a, "Retry-After").n > 0);
}

static void
a_login_leads_to_local_paths_only(void **state)
{
	struct site *s = *state;
	static const char *const bad[] = {"%2F%2Fevil.example", "https%3A%2F%2Fevil.example",
		"https%3Aevil.example", "%2F%5Cevil.example", "evil", "%2Fa%0D%0AX%3A+y",
		"%2F%C3%A4"};
	char body[256], uri[256];

	assert_header(login(s, "password=a+long+enough+password&next=%2Fadmin%2Fmetrics%3Fa%3Db"),
		"Location", "https://ada.example/admin/metrics?a=b");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct answer a;

		(void)snprintf(
			body, sizeof(body), "password=a+long+enough+password&next=%s", bad[i]);
		assert_header(login(s, body), "Location", "https://ada.example/admin");
		(void)snprintf(uri, sizeof(uri), "/admin/login?next=%s", bad[i]);
		a = ASK(s, .uri = uri);
		assert_lacks(a, "evil");
		assert_lacks(a, "name=\"next\"");
	}
}

static void
a_login_from_another_site_is_refused(void **state)
{
	struct site *s = *state;
	const char *forged[][2] = {{"HTTP_ORIGIN", "https://evil.example"}, {"HTTP_ORIGIN", "null"},
		{"HTTP_REFERER", "https://evil.example/ada.example"},
		{"HTTP_SEC_FETCH_SITE", "cross-site"}, {"HTTP_SEC_FETCH_SITE", "same-site"},
		{"HTTP_ORIGIN", "https://ada.example.evil.example"}};
	struct answer a;

	for (size_t i = 0; i < sizeof(forged) / sizeof(forged[0]); i++) {
		a = ASK(s, .method = "POST", .uri = "/admin/login", .type = FORM,
			.body = site_login_form(s, "password=a+long+enough+password"),
			.headers = {{"HTTP_COOKIE", s->visitor}, {forged[i][0], forged[i][1]}});
		assert_int_equal(a.status, 403);
		assert_no_header(a, "Set-Cookie");
	}
	a = ASK(s, .method = "POST", .uri = "/admin/login", .type = FORM,
		.body = site_login_form(s, "password=a+long+enough+password"),
		.headers = {{"HTTP_COOKIE", s->visitor}, {"HTTP_ORIGIN", "https://ada.example"},
			{"HTTP_SEC_FETCH_SITE", "same-origin"}});
	assert_int_equal(a.status, 303);
}

static void
a_login_by_a_name_of_this_machine_is_our_own(void **state)
{
	struct site *s = site_new("site_url = \"http://localhost:8080/\"");
	static const struct {
		const char *host, *header, *from;
		int status;
	} tries[] = {
		{"127.0.0.1:8080", "HTTP_ORIGIN", "http://127.0.0.1:8080", 303},
		{"[::1]:8080", "HTTP_ORIGIN", "http://[::1]:8080", 303},
		{"127.0.0.1:8080", "HTTP_REFERER", "http://127.0.0.1:8080/admin/login", 303},
		{"127.0.0.1:8080", "HTTP_ORIGIN", "http://localhost:8080", 303},
		{"127.0.0.1:8080", "HTTP_ORIGIN", "http://127.0.0.1:8081", 403},
		{"127.0.0.1:8080", "HTTP_ORIGIN", "http://127.0.0.1:8080.evil.example", 403},
		{"127.0.0.1:8080", "HTTP_ORIGIN", "https://evil.example", 403},
		{"127.0.0.1:8080", "HTTP_ORIGIN", "null", 403},
		{"localhost:8080", "HTTP_ORIGIN", "http://127.0.0.1:8080", 403},
		{"evil.example", "HTTP_ORIGIN", "http://evil.example", 421},
	};

	*state = s;
	site_owner(s);
	for (size_t i = 0; i < sizeof(tries) / sizeof(tries[0]); i++)
		assert_int_equal(ASK(s, .method = "POST", .uri = "/admin/login", .type = FORM,
					 .body = site_login_form(s, "password=a+long+enough+password"),
					 .host = tries[i].host,
					 .headers = {{"HTTP_COOKIE", s->visitor},
						 {tries[i].header, tries[i].from}})
					 .status,
			tries[i].status);
}

static void
strangers_are_shown_the_way_to_sign_in(void **state)
{
	struct site *s = *state;
	struct answer a = ASK(s, .uri = "/admin");

	assert_int_equal(a.status, 303);
	assert_header(a, "Location", "https://ada.example/admin/login");
	assert_int_equal(a.facts.error, OK);
	assert_header(ASK(s, .uri = "/admin?a=b&c"), "Location",
		"https://ada.example/admin/login?next=/admin?a=b%26c");
	assert_int_equal(
		ASK(s, .uri = "/admin", .headers = {{"HTTP_COOKIE", "__Host-sp=forged"}}).status,
		303);
	assert_int_equal(
		ASK(s, .uri = "/admin", .headers = {{"HTTP_ACCEPT", "application/json"}}).status,
		401);
	assert_int_equal(ASK(s, .uri = "/admin",
				 .headers = {{"HTTP_AUTHORIZATION", site_bearer(s, s->admin)}})
				 .status,
		303);
}

static void
signing_out_ends_the_session_on_the_server(void **state)
{
	struct site *s = *state;
	const char *cookie = site_sign_in(s), *csrf = site_csrf(s, cookie);
	char body[256];
	struct answer a;

	(void)snprintf(body, sizeof(body), "csrf=%s", csrf);
	a = ASK(s, .method = "POST", .uri = "/admin/logout", .type = FORM, .body = body,
		.headers = {{"HTTP_COOKIE", cookie}, {"HTTP_ORIGIN", "https://ada.example"}});
	assert_int_equal(a.status, 303);
	assert_header(a, "Location", "https://ada.example/");
	assert_header(
		a, "Set-Cookie", "__Host-sp=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax");
	assert_int_equal(ASK(s, .uri = "/admin", .headers = {{"HTTP_COOKIE", cookie}}).status, 303);
}

static void
signing_out_needs_our_own_form(void **state)
{
	struct site *s = *state;
	const char *cookie = site_sign_in(s), *csrf = site_csrf(s, cookie);
	static const char *const bad[] = {"", "csrf=", "csrf=wrong", "other=x"};
	char body[256];
	struct answer a;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		a = ASK(s, .method = "POST", .uri = "/admin/logout", .type = FORM, .body = bad[i],
			.headers = {{"HTTP_COOKIE", cookie}});
		assert_int_equal(a.status, 403);
	}
	(void)snprintf(body, sizeof(body), "csrf=%s", csrf);
	body[strlen(body) - 1] ^= 1;
	a = ASK(s, .method = "POST", .uri = "/admin/logout", .type = FORM, .body = body,
		.headers = {{"HTTP_COOKIE", cookie}});
	assert_int_equal(a.status, 403);
	body[strlen(body) - 1] ^= 1;
	a = ASK(s, .method = "POST", .uri = "/admin/logout", .type = FORM, .body = body,
		.headers = {{"HTTP_COOKIE", cookie}, {"HTTP_ORIGIN", "https://evil.example"}});
	assert_int_equal(a.status, 403);
	assert_int_equal(
		ASK(s, .uri = "/admin/logout", .headers = {{"HTTP_COOKIE", cookie}}).status, 405);
	assert_int_equal(ASK(s, .uri = "/admin", .headers = {{"HTTP_COOKIE", cookie}}).status, 200);
}

static void
two_cookies_of_our_name_are_none(void **state)
{
	struct site *s = *state;
	const char *cookie = site_sign_in(s);
	char twice[512];

	(void)snprintf(twice, sizeof(twice), "__Host-sp=x; %s", cookie);
	assert_int_equal(ASK(s, .uri = "/admin", .headers = {{"HTTP_COOKIE", twice}}).status, 303);
}

/* ---- metrics ----------------------------------------------------------------------------- */

static void
the_owners_metrics_count_what_was_served(void **state)
{
	struct site *s = *state;
	struct answer a;

	for (int i = 0; i < 20; i++)
		(void)ASK(s, .uri = "/");
	(void)ASK(s, .uri = "/nothing");
	a = ASK(s, .uri = "/admin/metrics",
		.headers = {{"HTTP_AUTHORIZATION", site_bearer(s, s->admin)}});
	assert_int_equal(a.status, 200);
	assert_header(a, "Content-Type", "application/json");
	assert_has(a, "\"uptime_seconds\":");
	assert_has(a, "\"workers\":[{\"pid\":");
	assert_has(
		a, "\"http\":{\"requests\":21,\"errors_4xx\":1,\"errors_5xx\":0,\"bytes_sent\":");
	assert_has(a, "{\"route\":\"home\",\"requests\":20,");
	assert_has(a, "\"duration_ms\":{\"min\":");
	assert_has(a, "\"by_operation\":[{\"operation\":\"select\",\"table\":\"");
	assert_has(a, "\"pool\":{\"pool_size\":2,\"active\":");
	assert_has(a, "\"wait_time_total\":");
	assert_has(a, "\"exhausted\":0");
	assert_has(a, "\"render\":{\"count\":");
	assert_has(a, "\"sampling\":{\"rate\":1,\"kept\":21,\"seen\":21}");
	assert_has(a, "\"recent\":[{\"time\":\"");
	assert_has(a, "\"path\":\"/nothing\"");
}

static void
metrics_are_for_the_owner(void **state)
{
	struct site *s = *state;
	struct answer a;

	assert_int_equal(ASK(s, .uri = "/admin/metrics").status, 401);
	a = ASK(s, .uri = "/admin/metrics",
		.headers = {{"HTTP_AUTHORIZATION", site_bearer(s, s->create)}});
	assert_int_equal(a.status, 401);
	assert_has(a, "\"code\":\"insufficient_scope\"");
	assert_int_equal(
		ASK(s, .uri = "/admin/metrics", .headers = {{"HTTP_COOKIE", site_sign_in(s)}})
			.status,
		200);
}

static void
prometheus_text_is_for_listed_addresses_or_a_token(void **state)
{
	struct site *s = *state;
	struct answer a = ASK(s, .uri = "/metrics", .remote_addr = "127.0.0.1");

	assert_int_equal(a.status, 200);
	assert_header(a, "Content-Type", "text/plain; version=0.0.4; charset=utf-8");
	assert_has(a, "# TYPE starpunk_http_requests_total counter\n");
	assert_int_equal(a.body.p[a.body.n - 1], '\n');
	assert_int_equal(ASK(s, .uri = "/metrics", .remote_addr = "::1").status, 200);
	assert_int_equal(ASK(s, .uri = "/metrics").status, 403);
	assert_int_equal(
		ASK(s, .uri = "/metrics", .headers = {{"HTTP_X_FORWARDED_FOR", "127.0.0.1"}})
			.status,
		403);
	assert_int_equal(
		ASK(s, .uri = "/metrics", .headers = {{"HTTP_AUTHORIZATION", "Bearer x"}}).status,
		401);
	assert_int_equal(ASK(s, .uri = "/metrics",
				 .headers = {{"HTTP_AUTHORIZATION", site_bearer(s, s->admin)}})
				 .status,
		200);
}

static void
metrics_can_be_switched_off(void **state)
{
	struct site *s = site_new("metrics_enabled = false");

	*state = s;
	assert_int_equal(ASK(s, .uri = "/metrics", .remote_addr = "127.0.0.1").status, 404);
	assert_int_equal(ASK(s, .uri = "/admin/metrics",
				 .headers = {{"HTTP_AUTHORIZATION", site_bearer(s, s->admin)}})
				 .status,
		404);
}

/* ---- health ------------------------------------------------------------------------------ */

static void
health_answers_without_the_database(void **state)
{
	struct site *s = *state;
	struct answer a;

	s->now_us = INT64_C(1772357400) * 1000000;
	a = ASK(s, .uri = "/health");
	assert_int_equal(a.status, 200);
	assert_true(str_eq(
		a.body, S("{\"status\":\"healthy\",\"timestamp\":\"2026-03-01T09:30:00Z\"}")));
	assert_int_equal(a.facts.db_queries, 0);
	a = ASK(s, .uri = "/health", .headers = {{"HTTP_ACCEPT", "application/health+json"}});
	assert_header(a, "Content-Type", "application/health+json");
	assert_has(a, "\"status\":\"pass\"");
}

static void
readiness_shows_its_checks_to_the_owner_only(void **state)
{
	struct site *s = *state;
	struct answer a = ASK(s, .uri = "/health/ready");

	assert_int_equal(a.status, 200);
	assert_has(a, "\"status\":\"healthy\"");
	assert_lacks(a, "checks");
	a = ASK(s, .uri = "/health/ready", .headers = {{"HTTP_AUTHORIZATION", "Bearer wrong"}});
	assert_int_equal(a.status, 200);
	assert_lacks(a, "checks");
	a = ASK(s, .uri = "/health/ready",
		.headers = {{"HTTP_AUTHORIZATION", site_bearer(s, s->admin)}});
	assert_has(a, "\"uptime\":");
	assert_has(a, "\"version\":\"");
	assert_has(
		a, "\"checks\":{\"database\":{\"healthy\":true,\"pool_active\":0,\"pool_size\":2}");
	/* Nothing has made the index: there is no courier here. */
	assert_has(a, "\"search\":{\"healthy\":true,\"engine\":\"like\",\"enabled\":true}");
	assert_has(a, "\"filesystem\":{\"healthy\":true}");
	assert_has(a, "\"memory\":{\"healthy\":true,\"usage_mb\":");
	assert_has(a, "\"threshold_mb\":512");
}

static void
readiness_may_be_open_to_all(void **state)
{
	*state = site_new("health_check_detailed = true");
	assert_has(ASK(*state, .uri = "/health/ready"), "\"checks\":{");
	assert_has(ASK(*state, .uri = "/health/ready",
			   .headers = {{"HTTP_ACCEPT", "application/health+json"}}),
		"\"checks\":{\"database:connections\":[{");
}

static void
a_failed_check_is_503(void **state)
{
	struct site *s = site_new("health_check_detailed = true\nmemory_threshold = 1MiB");
	struct answer a = ASK(s, .uri = "/health/ready");

	*state = s;
	assert_int_equal(a.status, 503);
	assert_has(a, "\"status\":\"degraded\"");
	assert_has(a, "\"memory\":{\"healthy\":false");
	assert_header(a, "Retry-After", "5");
}

static void
a_missing_media_directory_and_a_busy_pool_are_found(void **state)
{
	struct site *s = site_new("health_check_detailed = true");
	char path[128];
	struct db *one, *two;
	struct answer a;

	*state = s;
	(void)snprintf(path, sizeof(path), "%s/media", s->dir);
	assert_int_equal(rmdir(path), 0);
	assert_int_equal(pool_acquire(&s->c, s->pool, &one), OK);
	assert_int_equal(pool_acquire(&s->c, s->pool, &two), OK);
	a = ASK(s, .uri = "/health/ready");
	assert_int_equal(a.status, 503);
	assert_has(a, "\"filesystem\":{\"healthy\":false}");
	assert_has(a, "\"database\":{\"healthy\":false,\"pool_active\":2,\"pool_size\":2}");
	assert_true(pool_release(&s->c, s->pool, one));
	assert_true(pool_release(&s->c, s->pool, two));
	assert_has(ASK(s, .uri = "/health/ready"), "\"database\":{\"healthy\":true");
}

#define T(f) cmocka_unit_test_setup_teardown(f, site_setup, site_teardown)
#define OWNER(f) cmocka_unit_test_setup_teardown(f, owner_setup, site_teardown)
#define OWN(f) cmocka_unit_test_teardown(f, site_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		OWNER(the_password_opens_a_session),
		OWNER(the_cookie_is_for_this_host_and_not_for_scripts),
		OWN(on_plain_http_the_cookie_has_no_prefix),
		OWNER(a_wrong_password_gets_the_form_again),
		OWN(wrong_passwords_are_limited_per_address),
		OWNER(a_login_leads_to_local_paths_only),
		OWNER(a_login_from_another_site_is_refused),
		OWN(a_login_by_a_name_of_this_machine_is_our_own),
		OWNER(strangers_are_shown_the_way_to_sign_in),
		OWNER(signing_out_ends_the_session_on_the_server),
		OWNER(signing_out_needs_our_own_form),
		OWNER(two_cookies_of_our_name_are_none),
		T(the_owners_metrics_count_what_was_served),
		OWNER(metrics_are_for_the_owner),
		T(prometheus_text_is_for_listed_addresses_or_a_token),
		OWN(metrics_can_be_switched_off),
		T(health_answers_without_the_database),
		T(readiness_shows_its_checks_to_the_owner_only),
		OWN(readiness_may_be_open_to_all),
		OWN(a_failed_check_is_503),
		OWN(a_missing_media_directory_and_a_busy_pool_are_found),
	};

	return cmocka_run_group_tests_name("web/admin", tests, NULL, NULL);
}
