/*
 * The page of the audit trail: plain words, newest first, of one kind or of all, a page at a time.
 */
#include "site.h"

#include <stdio.h>
#include <string.h>

static int
owner_setup(void **state)
{
	*state = site_new("");
	site_owner(*state);
	return 0;
}

static struct answer
look(struct site *s, const char *cookie, const char *uri)
{
	return ASK(s, .uri = uri, .headers = {{"HTTP_COOKIE", cookie}});
}

/* So many rows, of two kinds in turn, with the subjects "no 1" and on. */
static void
rows_add(struct site *s, int n)
{
	char sql[512];

	site_sql(s, "DELETE FROM audit; DELETE FROM sqlite_sequence WHERE name = 'audit'");
	(void)snprintf(sql, sizeof(sql),
		"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) "
		"INSERT INTO audit (time, what, subject, detail, remote_addr, user_agent, request_id) "
		"SELECT 1700000000 + i, iif(i %% 2, 'token-created', 'token-revoked'), 'no ' || i, "
		"'', '', '', '' FROM n", n);
	site_sql(s, sql);
}

static void
a_sign_in_is_told_with_time_address_and_agent(void **state)
{
	struct site *s = *state;
	const char *form = site_login_form(s, "password=a+long+enough+password");
	struct answer a = ASK(s, .method = "POST", .uri = "/admin/login",
		.type = "application/x-www-form-urlencoded", .body = form,
		.headers = {{"HTTP_COOKIE", s->visitor},
			{"HTTP_USER_AGENT", "A browser <b>of</b> 2026"}});

	assert_int_equal(a.status, 303);
	a = look(s, site_sign_in(s), "/admin/audit");
	assert_int_equal(a.status, 200);
	assert_has(a, "<strong>Signed in</strong>");
	assert_has(a, "from 192.0.2.1");
	assert_has(a, "A browser &lt;b&gt;of&lt;/b&gt; 2026");
	assert_has(a, "<time datetime=\"");
	assert_has(a, "request <code>");
}

static void
what_a_command_did_is_said_to_be_done_on_the_server(void **state)
{
	struct site *s = *state;

	rows_add(s, 1);
	assert_has(look(s, site_sign_in(s), "/admin/audit"), "on the server, by a command");
}

static void
the_trail_goes_on_behind_the_last_entry(void **state)
{
	struct site *s = *state;
	const char *cookie = site_sign_in(s), *older;
	struct answer a;

	rows_add(s, 120);
	a = look(s, cookie, "/admin/audit");
	assert_has(a, ">no 120<");
	assert_has(a, ">no 71<");
	assert_lacks(a, ">no 70<");
	older = site_between(s, a.body, "rel=\"next\" href=\"", "\"");
	assert_string_equal(older, "/admin/audit?before=71");
	a = look(s, cookie, older);
	assert_has(a, ">no 70<");
	assert_has(a, ">no 21<");
	a = look(s, cookie, "/admin/audit?before=21");
	assert_has(a, ">no 1<");
	assert_lacks(a, "rel=\"next\"");
	assert_has(look(s, cookie, "/admin/audit?before=1"), "There is nothing older.");
}

static void
a_trail_that_fills_one_page_has_no_other(void **state)
{
	struct site *s = *state;
	const char *cookie = site_sign_in(s);
	struct answer a;

	rows_add(s, 50);
	a = look(s, cookie, "/admin/audit");
	assert_has(a, ">no 1<");
	assert_lacks(a, "rel=\"next\"");
}

static void
one_kind_is_shown_alone(void **state)
{
	struct site *s = *state;
	const char *cookie = site_sign_in(s);
	struct answer a;

	rows_add(s, 120);
	a = look(s, cookie, "/admin/audit?kind=token-revoked");
	assert_has(a, "<option value=\"token-revoked\" selected>Token revoked</option>");
	assert_has(a, ">no 120<");
	assert_has(a, ">no 22<");
	assert_lacks(a, ">no 119<");
	assert_has(a, "/admin/audit?kind=token-revoked&amp;before=22");
	assert_has(look(s, cookie, "/admin/audit?kind=password"), "There is nothing of this kind.");
	a = look(s, cookie, "/admin/audit?kind=%22%3E%3Cscript%3E");
	assert_int_equal(a.status, 200);
	assert_lacks(a, "<script>");
}

static void
a_place_that_is_no_number_is_refused(void **state)
{
	struct site *s = *state;
	const char *cookie = site_sign_in(s);

	assert_int_equal(look(s, cookie, "/admin/audit?before=x").status, 400);
	assert_int_equal(look(s, cookie, "/admin/audit?before=-1").status, 400);
	assert_int_equal(look(s, cookie, "/admin/audit?before=99999999999999999999").status, 400);
}

static void
programs_get_it_as_json(void **state)
{
	struct site *s = *state;
	struct answer a;
	const char *cookie = site_sign_in(s);

	rows_add(s, 60);
	a = ASK(s, .uri = "/admin/audit",
		.headers = {{"HTTP_COOKIE", cookie}, {"HTTP_ACCEPT", "application/json"}});
	assert_header(a, "Content-Type", "application/json");
	assert_has(a, "{\"audit\":[{\"id\":60,\"time\":\"2023-11-14T22:14:20Z\",\"what\":\"token-revoked\","
		      "\"subject\":\"no 60\"");
	assert_has(a, "\"older\":\"/admin/audit?before=11\"");
}

#define OWNER(f) cmocka_unit_test_setup_teardown(f, owner_setup, site_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		OWNER(a_sign_in_is_told_with_time_address_and_agent),
		OWNER(what_a_command_did_is_said_to_be_done_on_the_server),
		OWNER(the_trail_goes_on_behind_the_last_entry),
		OWNER(a_trail_that_fills_one_page_has_no_other),
		OWNER(one_kind_is_shown_alone),
		OWNER(a_place_that_is_no_number_is_refused),
		OWNER(programs_get_it_as_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
