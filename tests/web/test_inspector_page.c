/*
 * The request inspector: who may look at the calls, and how they are shown.
 */
#include "inspector.h"

static int
owner_setup(void **state)
{
	*state = site_new("");
	site_owner(*state);
	return 0;
}

/* ---- looking at it ----------------------------------------------------------------------- */

static struct answer
page_of(struct site *s)
{
	return ASK(s, .uri = "/admin/micropub",
		.headers = {{"HTTP_COOKIE", site_sign_in(s)}, {"HTTP_ACCEPT", "text/html"}});
}

static void
the_owner_sees_the_calls_as_a_page(void **state)
{
	struct site *s = *state;
	struct answer a;

	(void)post_as(
		s, s->create, FORM, "content=%3Cscript%3Ealert(1)%3C%2Fscript%3E&mp-slug=rain");
	(void)post_as(s, s->none, FORM, "content=Refused");
	a = page_of(s);
	assert_int_equal(a.status, 200);
	assert_header(a, "Content-Type", "text/html; charset=utf-8");
	assert_header(a, "Cache-Control", "no-store");
	assert_header(a, "X-Frame-Options", "DENY");
	assert_has(a, "<details class=\"failed\">");
	assert_has(a, "create h-entry");
	assert_has(a, "https://ada.example/note/rain");
	assert_has(a, "&lt;script&gt;alert(1)&lt;/script&gt;");
	assert_lacks(a, "<script");
	assert_has(a, err_info(ERR_SCOPE)->suggestion);
	assert_has(a, "Quill/1.0");
	assert_true(str_search(a.body, S("Refused"), 0) < str_search(a.body, S("alert(1)"), 0));
	assert_true(answer_header(&a, "Set-Cookie").n > 0);
}

static void
a_page_without_calls_says_so(void **state)
{
	struct answer a = page_of(*state);

	assert_int_equal(a.status, 200);
	assert_has(a, "None so far.");
}

static void
the_overview_leads_to_it(void **state)
{
	struct site *s = *state;

	assert_has(ASK(s, .uri = "/admin", .headers = {{"HTTP_COOKIE", site_sign_in(s)}}),
		"href=\"/admin/micropub\"");
}

static void
at_most_fifty_calls_are_shown(void **state)
{
	struct site *s = *state;
	struct answer a;
	size_t n = 0;

	for (int i = 0; i < 60; i++)
		(void)ASK(s, .uri = "/micropub?q=config");
	a = page_of(s);
	for (size_t at = 0; (at = str_search(a.body, S("<details"), at)) < a.body.n; at++)
		n++;
	assert_int_equal(n, 50);
}

static void
json_is_for_who_asks_for_it_or_shows_an_admin_token(void **state)
{
	struct site *s = *state;
	struct answer a;

	(void)post_as(s, s->create, FORM, "content=Rain");
	a = ASK(s, .uri = "/admin/micropub",
		.headers = {{"HTTP_AUTHORIZATION", site_bearer(s, s->admin)}});
	assert_int_equal(a.status, 200);
	assert_header(a, "Content-Type", "application/json");
	assert_has(a, "{\"calls\":[{\"time\":\"2");
	assert_has(a, "\"properties\":{\"content\":[\"Rain\"]}");
	a = ASK(s, .uri = "/admin/micropub",
		.headers = {{"HTTP_COOKIE", site_sign_in(s)}, {"HTTP_ACCEPT", "application/json"}});
	assert_int_equal(a.status, 200);
	assert_header(a, "Content-Type", "application/json");
}

static void
nobody_else_sees_them(void **state)
{
	struct site *s = *state;
	struct answer a =
		ASK(s, .uri = "/admin/micropub", .headers = {{"HTTP_ACCEPT", "text/html"}});

	assert_int_equal(a.status, 303);
	assert_header(a, "Location", "https://ada.example/admin/login?next=/admin/micropub");
	a = ASK(s, .uri = "/admin/micropub", .headers = {{"HTTP_ACCEPT", "application/json"}});
	assert_int_equal(a.status, 401);
	a = ASK(s, .uri = "/admin/micropub",
		.headers = {{"HTTP_AUTHORIZATION", site_bearer(s, s->create)}});
	assert_int_equal(a.status, 401);
	assert_lacks(a, "\"calls\"");
	assert_int_equal(ASK(s, .method = "POST", .uri = "/admin/micropub").status, 405);
}

static void
what_is_torn_or_of_a_stranger_in_the_journal_is_passed_over(void **state)
{
	struct site *s = *state;
	static const char junk[] =
		"{\"a\":1}\n{\"a\":\"\\u0000\"}\n{\"torn\":{}\n[]\n{\"request\":5,\"query\":"
		"{},\"error\":[],\"status\":\"x\",\"time\":7}\n{\"tor";
	char path[128];
	struct answer a;
	int fd;

	(void)snprintf(path, sizeof(path), "%s/micropub.journal", s->dir);
	(void)post_as(s, s->create, FORM, "content=Before");
	fd = open(path, O_WRONLY | O_APPEND);
	assert_int_equal(write(fd, junk, sizeof(junk) - 1), sizeof(junk) - 1);
	(void)close(fd);
	(void)post_as(s, s->create, FORM, "content=After");
	a = page_of(s);
	assert_int_equal(a.status, 200);
	assert_has(a, "Before");
	assert_has(a, "After");
}

#define O(fn) cmocka_unit_test_setup_teardown(fn, owner_setup, site_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		O(the_owner_sees_the_calls_as_a_page),
		O(a_page_without_calls_says_so),
		O(the_overview_leads_to_it),
		O(at_most_fifty_calls_are_shown),
		O(json_is_for_who_asks_for_it_or_shows_an_admin_token),
		O(nobody_else_sees_them),
		O(what_is_torn_or_of_a_stranger_in_the_journal_is_passed_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
