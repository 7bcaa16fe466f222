/*
 * What health says of a site that somebody keeps from writing or whose database is gone, and what of it
 * stands in the log and in /metrics.
 */
#include "site.h"

#include <stdio.h>
#include <unistd.h>

/* Another program begins to write and does not end: whoever posted was told to come again. */
static void
a_lock_that_was_not_to_be_had_wants_attention_until_it_is(void **state)
{
	struct site *s = site_new("db_busy_timeout = 100ms\nhealth_check_detailed = true");
	struct answer a;
	void *held;

	*state = s;
	assert_has(ASK(s, .uri = "/health/ready"), "\"lock\":{\"healthy\":true}");
	held = site_hold(s);
	a = ASK(s, .method = "POST", .uri = "/micropub", .type = "application/x-www-form-urlencoded",
		.body = "h=entry&content=Hello",
		.headers = {{"HTTP_AUTHORIZATION", site_bearer(s, s->create)}});
	assert_int_equal(a.status, 503);
	a = ASK(s, .uri = "/health/ready");
	site_let_go(held);
	assert_int_equal(a.status, 200);
	assert_has(a, "\"status\":\"degraded\"");
	assert_has(a, "\"lock\":{\"healthy\":false}");
	assert_has(a, "\"writing\":{\"healthy\":true}");
	a = ASK(s, .method = "POST", .uri = "/micropub", .type = "application/x-www-form-urlencoded",
		.body = "h=entry&content=Hello",
		.headers = {{"HTTP_AUTHORIZATION", site_bearer(s, s->create)}});
	assert_int_equal(a.status, 201);
	assert_has(ASK(s, .uri = "/health/ready"), "\"lock\":{\"healthy\":true}");
}

/* Nobody can look up whose the token is; that the database fails is no secret. */
static void
a_database_that_is_gone_takes_nothing_else_off_the_list(void **state)
{
	struct site *s = site_new("");
	struct answer a;

	*state = s;
	site_sql(s, "ALTER TABLE site RENAME TO gone; ALTER TABLE token RENAME TO gone_too");
	a = ASK(s, .uri = "/health/ready", .headers = {{"HTTP_AUTHORIZATION", site_bearer(s, s->admin)}});
	assert_int_equal(a.status, 503);
	assert_has(a, "\"failed\":[\"database\"]");
	assert_lacks(a, "checks");
	assert_lacks(ASK(s, .uri = "/health/ready"), "failed");
	s->cfg->health_check_detailed = true;
	a = ASK(s, .uri = "/health/ready");
	assert_int_equal(a.status, 503);
	assert_has(a, "\"failed\":[\"database\"]");
	assert_has(a, "\"jobs\":{\"healthy\":false}");
	assert_has(a, "\"search\":{\"healthy\":false,\"engine\":\"unknown\",\"enabled\":true}");
	assert_has(a, "\"jobs\",\"search\"");
}

static void
a_check_that_fails_is_told_in_the_log_once_with_what_was_found(void **state)
{
	struct site *s = site_new("");
	char media[128];
	struct str log;
	size_t at;

	*state = s;
	(void)snprintf(media, sizeof(media), "%s/media", s->dir);
	assert_int_equal(rmdir(media), 0);
	for (int i = 0; i < 3; i++)
		assert_int_equal(ASK(s, .uri = "/health/ready").status, 503);
	log = site_log(s);
	at = str_search(log, S("\"event\":\"health_failed\""), 0);
	assert_true(at < log.n);
	assert_true(str_search(log, S("\"event\":\"health_failed\""), at + 1) == log.n);
	assert_true(str_search(log, S("\"check\":\"filesystem\""), at) < log.n);
	assert_true(str_search(log, S("/media': No such file or directory"), 0) < log.n);
	assert_has(ASK(s, .uri = "/metrics", .remote_addr = "127.0.0.1"),
		"starpunk_check_healthy{check=\"filesystem\",vital=\"yes\"} 0\n");
}

#define OWN(f) cmocka_unit_test_teardown(f, site_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		OWN(a_lock_that_was_not_to_be_had_wants_attention_until_it_is),
		OWN(a_database_that_is_gone_takes_nothing_else_off_the_list),
		OWN(a_check_that_fails_is_told_in_the_log_once_with_what_was_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
