/*
 * Old addresses as visitors meet them, and the owner's page of them.
 */
#include "site.h"

#include <stdio.h>
#include <string.h>

static void
add(struct site *s, const char *source, const char *target, int status)
{
	char sql[512];

	(void)snprintf(sql, sizeof(sql), "INSERT INTO alias (source, target, status, created) "
		"VALUES ('%s', '%s', %d, 1)", source, target, status);
	site_sql(s, sql);
}

static void
assert_leads(struct site *s, const char *uri, int status, const char *to)
{
	struct answer a = ASK(s, .uri = uri);

	assert_int_equal(a.status, status);
	assert_header(a, "Location", to);
}

static void
an_old_address_leads_where_it_should(void **state)
{
	struct site *s = *state;

	add(s, "/2019/rain.html", "/note/rain", 301);
	add(s, "/blog/*", "/note/*", 302);
	add(s, "/?p=7", "https://else.example/", 301);
	add(s, "/note/never", "/archive", 301);
	assert_leads(s, "/2019/rain.html", 301, "https://ada.example/note/rain");
	assert_leads(s, "/2019/rain.html/", 301, "https://ada.example/note/rain");
	assert_leads(s, "/blog/sun?x=1", 302, "https://ada.example/note/sun?x=1");
	assert_leads(s, "/?p=7", 301, "https://else.example/");
	assert_leads(s, "/note/never", 301, "https://ada.example/archive");
	assert_int_equal(ASK(s, .uri = "/?p=8").status, 200);
	assert_int_equal(ASK(s, .uri = "/2019/snow.html").status, 404);
}

/* The page of the cache is the home page's, and nobody else's. */
static void
the_home_page_is_kept_as_ever(void **state)
{
	struct site *s = *state;

	add(s, "/?p=7", "/archive", 301);
	assert_int_equal(ASK(s, .uri = "/").status, 200);
	assert_leads(s, "/?p=7", 301, "https://ada.example/archive");
	assert_int_equal(ASK(s, .uri = "/?p=8").status, 200);
	assert_true(ASK(s, .uri = "/").facts.cached);
	assert_int_equal(ASK(s, .uri = "/").facts.db_queries, 0);
}

static void
no_page_is_hidden_by_an_old_address(void **state)
{
	struct site *s = *state;

	(void)site_post(s, "content=Rain&mp-slug=rain");
	(void)site_post(s, "content=Sun&mp-slug=sun");
	site_sql(s, "UPDATE post SET deleted = 1 WHERE slug = 'sun'");
	add(s, "/note/rain", "/archive", 301);
	add(s, "/*", "https://else.example/*", 301);
	add(s, "/health", "/archive", 301);
	assert_int_equal(ASK(s, .uri = "/note/rain").status, 200);
	assert_int_equal(ASK(s, .uri = "/").status, 200);
	assert_int_equal(ASK(s, .uri = "/?x=1").status, 200);
	assert_int_equal(ASK(s, .uri = "/health").status, 200);
	assert_int_equal(ASK(s, .uri = "/archive").status, 200);
	assert_leads(s, "/anything", 301, "https://else.example/anything");
	assert_int_equal(ASK(s, .uri = "/note/sun", .headers = {{"HTTP_ACCEPT", "application/json"}}).status, 410);
	assert_int_equal(ASK(s, .method = "DELETE", .uri = "/").status, 405);
}

static void
what_is_gone_says_so(void **state)
{
	struct site *s = *state;
	struct answer a;

	add(s, "/shop/*", "", 410);
	a = ASK(s, .uri = "/shop/cart", .headers = {{"HTTP_ACCEPT", "text/html"}});
	assert_int_equal(a.status, 410);
	assert_has(a, "What was at this address is gone.");
	a = ASK(s, .uri = "/shop/cart", .headers = {{"HTTP_ACCEPT", "application/json"}});
	assert_has(a, "\"code\":\"address_gone\"");
}

static void
only_who_reads_is_led_on(void **state)
{
	struct site *s = *state;

	add(s, "/old/*", "/archive", 301);
	assert_int_equal(ASK(s, .method = "POST", .uri = "/old/x", .body = "").status, 404);
	assert_int_equal(ASK(s, .method = "HEAD", .uri = "/old/x").status, 301);
	assert_int_equal(ASK(s, .uri = "/old/../x").status, 404);
	assert_int_equal(ASK(s, .uri = "//old/x").status, 404);
}

static void
a_circle_ends_at_not_found(void **state)
{
	struct site *s = *state;

	add(s, "/a", "/b", 301);
	add(s, "/b", "/a", 301);
	assert_int_equal(ASK(s, .uri = "/a").status, 404);
	add(s, "/c/*", "/c/c/*", 301);
	assert_int_equal(ASK(s, .uri = "/c/x").status, 404);
}

/* ---- the owner's page ------------------------------------------------------------------------ */

static struct answer
send(struct site *s, const char *cookie, const char *fields)
{
	char body[1024];

	(void)snprintf(body, sizeof(body), "csrf=%s&%s", site_csrf(s, cookie), fields);
	return ASK(s, .method = "POST", .uri = "/admin/redirects", .type = "application/x-www-form-urlencoded",
		.body = body, .headers = {{"HTTP_COOKIE", cookie}, {"HTTP_ACCEPT", "text/html"},
		{"HTTP_ORIGIN", "https://ada.example"}});
}

static void
the_owner_adds_and_removes_one(void **state)
{
	struct site *s = *state;
	const char *cookie = (site_owner(s), site_sign_in(s));
	struct answer a = send(s, cookie, "do=add&from=/old&to=/archive&kind=302");

	assert_int_equal(a.status, 303);
	assert_header(a, "Location", "https://ada.example/admin/redirects?done=redirect-added");
	assert_leads(s, "/old", 302, "https://ada.example/archive");
	a = ASK(s, .uri = "/admin/redirects", .headers = {{"HTTP_COOKIE", cookie}});
	assert_has(a, "<a href=\"/old\" rel=\"nofollow\">/old</a>");
	assert_has(a, "/archive");
	assert_has(a, "for now");
	a = send(s, cookie, "do=remove&from=/old");
	assert_int_equal(a.status, 303);
	assert_int_equal(ASK(s, .uri = "/old").status, 404);
}

static void
what_is_not_possible_comes_back_with_the_reason(void **state)
{
	struct site *s = *state;
	const char *cookie = (site_owner(s), site_sign_in(s));
	struct answer a = send(s, cookie, "do=add&from=rain&to=%3Cb%3E&kind=301");

	assert_int_equal(a.status, 422);
	assert_has(a, "the old address is a path of this site");
	assert_has(a, "value=\"rain\"");
	assert_has(a, "value=\"&lt;b&gt;\"");
	a = send(s, cookie, "do=add&from=/a&to=/a&kind=301");
	assert_int_equal(a.status, 422);
	assert_has(a, "in a circle");
}

static void
many_are_shown_page_by_page(void **state)
{
	struct site *s = *state;
	const char *cookie = (site_owner(s), site_sign_in(s)), *next;
	char source[32], path[96];
	struct answer a;

	for (int i = 0; i < 51; i++) {
		(void)snprintf(source, sizeof(source), "/old/%02d", i);
		add(s, source, "/archive", 301);
	}
	a = ASK(s, .uri = "/admin/redirects", .headers = {{"HTTP_COOKIE", cookie}});
	assert_has(a, "/old/49");
	assert_lacks(a, "/old/50");
	next = site_between(s, a.body, "<a rel=\"next\" href=\"", "\"");
	assert_non_null(next);
	(void)snprintf(path, sizeof(path), "%s", next);
	a = ASK(s, .uri = path, .headers = {{"HTTP_COOKIE", cookie}});
	assert_has(a, "/old/50");
	assert_lacks(a, "rel=\"next\"");
}

#define T(f) cmocka_unit_test_setup_teardown(f, site_setup, site_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(an_old_address_leads_where_it_should),
		T(the_home_page_is_kept_as_ever),
		T(no_page_is_hidden_by_an_old_address),
		T(what_is_gone_says_so),
		T(only_who_reads_is_led_on),
		T(a_circle_ends_at_not_found),
		T(the_owner_adds_and_removes_one),
		T(what_is_not_possible_comes_back_with_the_reason),
		T(many_are_shown_page_by_page),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
