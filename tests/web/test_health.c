/*
 * The owner's pages of what is not as it should be: health, with words and remedies and the same truth
 * as /health/ready, and errors.
 */
#include "site.h"

#include "base/time.h"
#include "core/journal.h"
#include "store/pool.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

/* ---- health ------------------------------------------------------------------------------ */

static void
a_site_that_is_well_says_so(void **state)
{
	struct site *s = *state;
	struct metrics *courier = NULL;
	struct answer a;

	assert_int_equal(metrics_open(&s->c, s->seg, METRICS_COURIER, s->cfg, &courier), OK);
	metrics_heartbeat(courier, time_mono_us());
	a = look(s, site_sign_in(s), "/admin/health");
	assert_int_equal(a.status, 200);
	assert_has(a, "All is well.");
	assert_has(a, "Courier <span class=\"mark\">Good</span>");
	assert_has(a, "0 waiting, 0 given up");
	assert_lacks(a, "class=\"remedy\"");
	assert_has(look(s, site_sign_in(s), "/admin"), "All is well.");
	metrics_close(courier);
}

static void
a_courier_that_is_not_there_wants_attention_and_fails_nothing(void **state)
{
	struct site *s = *state;
	const char *cookie = site_sign_in(s);
	struct answer a = look(s, cookie, "/admin/health");

	assert_has(a, "The site does its work; something wants to be looked at.");
	assert_has(a, "Courier <span class=\"mark\">Attention</span>");
	assert_has(a, "look for process_died in the log");
	assert_has(look(s, cookie, "/admin"), "<strong>Courier:</strong>");
	a = look(s, cookie, "/health/ready");
	assert_int_equal(a.status, 200);
	assert_has(a, "\"status\":\"degraded\"");
	assert_has(a, "\"courier\":{\"healthy\":false}");
	assert_has(a, "\"failed\":[],\"attention\":[\"courier\"]");
}

static void
what_fails_the_site_fails_page_and_json_alike(void **state)
{
	struct site *s = site_new("memory_threshold = 1MiB");
	struct answer a;
	const char *cookie;

	*state = s;
	site_owner(s);
	cookie = site_sign_in(s);
	a = look(s, cookie, "/admin/health");
	assert_has(a, "The site cannot do its work.");
	assert_has(a, "Memory <span class=\"mark\">Failed</span>");
	assert_has(a, "raise memory_threshold");
	a = look(s, cookie, "/health/ready");
	assert_int_equal(a.status, 503);
	assert_has(a, "\"memory\":{\"healthy\":false");
	assert_has(a, "\"failed\":[\"memory\"]");
	assert_has(look(s, cookie, "/admin"), "<strong>Memory:</strong>");
}

static int
unlink_media(struct site *s)
{
	char path[128];

	(void)snprintf(path, sizeof(path), "%s/media", s->dir);
	return rmdir(path);
}

static void
directories_that_are_gone_are_found(void **state)
{
	struct site *s = *state;
	const char *cookie = site_sign_in(s);

	assert_int_equal(unlink_media(s), 0);
	assert_has(look(s, cookie, "/admin/health"), "Files <span class=\"mark\">Failed</span>");
	/* Nor is there a fuller one of two file systems then. */
	assert_has(look(s, cookie, "/health/ready"), "\"disk\":{\"healthy\":false}");
}

static void
a_clock_that_was_set_back_is_found(void **state)
{
	struct site *s = *state;
	const char *cookie;

	s->now_us = INT64_C(1000000000) * 1000000;
	cookie = site_sign_in(s);
	assert_has(look(s, cookie, "/admin/health"), "Clock <span class=\"mark\">Attention</span>");
	assert_has(look(s, cookie, "/health/ready"), "\"clock\":{\"healthy\":false}");
}

static void
a_worker_that_gives_no_sign_of_life_wants_attention_and_fails_nothing(void **state)
{
	struct site *s = *state;
	const char *cookie = site_sign_in(s);
	struct metrics *worker = NULL, *other = NULL;
	int64_t now = time_mono_us();

	assert_int_equal(metrics_open(&s->c, s->seg, METRICS_WORKER, s->cfg, &worker), OK);
	assert_int_equal(metrics_open(&s->c, s->seg, METRICS_WORKER, s->cfg, &other), OK);
	metrics_heartbeat(other, now);
	metrics_heartbeat(worker, now - s->cfg->hang_timeout / 2 + 1);
	assert_has(look(s, cookie, "/health/ready"), "\"workers\":{\"healthy\":true,");
	metrics_heartbeat(worker, now - s->cfg->hang_timeout / 2);
	assert_has(look(s, cookie, "/health/ready"), "\"workers\":{\"healthy\":false,");
	assert_int_equal(look(s, cookie, "/health/ready").status, 200);
	assert_has(look(s, cookie, "/admin/health"), "Workers <span class=\"mark\">Attention</span>");
	/* All are as old: the machine was asleep, and nobody is late. */
	metrics_heartbeat(other, now - s->cfg->hang_timeout / 2);
	assert_has(look(s, cookie, "/health/ready"), "\"workers\":{\"healthy\":true,");
	metrics_close(other);
	metrics_close(worker);
}

static void
a_site_without_its_sandbox_wants_attention(void **state)
{
	struct site *s = *state;
	const char *cookie = site_sign_in(s);

	s->cfg->sandbox = false;
	assert_has(look(s, cookie, "/admin/health"), "Sandbox <span class=\"mark\">Attention</span>");
	assert_has(look(s, cookie, "/health/ready"), "\"sandbox\":{\"healthy\":false}");
	assert_has(look(s, cookie, "/health/ready"), "\"attention\":[\"courier\",\"sandbox\"]"); /* there is no courier here */
	assert_int_equal(look(s, cookie, "/health/ready").status, 200);
}

static void
a_log_that_cannot_be_written_is_found_and_takes_nothing_out_of_service(void **state)
{
	struct site *s = *state;
	const char *cookie = site_sign_in(s);
	struct answer a;

	assert_has(look(s, cookie, "/health/ready"), "\"log\":{\"healthy\":true}");
	metrics_gauge_add(s->metrics, GAUGE_LOG_FAILING, 1);
	a = look(s, cookie, "/health/ready");
	assert_int_equal(a.status, 200);
	assert_has(a, "\"log\":{\"healthy\":false}");
	assert_has(look(s, cookie, "/admin/health"), "Log <span class=\"mark\">Attention</span>");
	metrics_gauge_add(s->metrics, GAUGE_LOG_FAILING, -1);
}

static void
jobs_that_were_given_up_are_counted_and_shown_with_their_problem(void **state)
{
	struct site *s = *state;
	const char *cookie = site_sign_in(s);
	struct answer a;

	site_sql(s, "INSERT INTO job (kind, subject, due, attempts, problem, created) VALUES "
		    "('sizes', 7, 0, 5, 'the helper was <b>killed</b>', 1),"
		    "('sizes', 8, 99, 0, '', 1)");
	a = look(s, cookie, "/admin/health");
	assert_has(a, "1 waiting, 1 given up");
	assert_has(look(s, cookie, "/health/ready"),
		"\"jobs\":{\"healthy\":false,\"waiting\":1,\"given_up\":1}");
	a = look(s, cookie, "/admin/errors");
	assert_has(a, "the helper was &lt;b&gt;killed&lt;/b&gt;");
	assert_has(a, "<code>starpunk jobs retry 1</code>");
	assert_lacks(a, "jobs retry 2");
}

static void
strangers_are_told_the_verdict_and_nothing_behind_it(void **state)
{
	struct answer a = ASK(*state, .uri = "/health/ready");

	assert_int_equal(a.status, 200);
	assert_lacks(a, "courier");
	assert_lacks(a, "checks");
}

static void
degraded_is_a_warning_in_the_drafts_words_and_failed_is_not(void **state)
{
	static const char type[] = "application/health+json";
	struct site *s = *state;
	const char *cookie = site_sign_in(s);
	struct answer a = ASK(s, .uri = "/health/ready",
		.headers = {{"HTTP_COOKIE", cookie}, {"HTTP_ACCEPT", type}});

	assert_int_equal(a.status, 200);
	assert_header(a, "Content-Type", type);
	assert_has(a, "{\"status\":\"warn\"");
	assert_has(ASK(s, .uri = "/health/ready", .headers = {{"HTTP_ACCEPT", type}}),
		"{\"status\":\"pass\"");
	assert_int_equal(unlink_media(s), 0);
	a = ASK(s, .uri = "/health/ready", .headers = {{"HTTP_ACCEPT", type}});
	assert_int_equal(a.status, 503);
	assert_has(a, "{\"status\":\"fail\"");
}

/* As long as the settings allow, a probe would hang there; the check ends by itself. */
static void
a_check_ends_in_time_though_no_connection_is_to_be_had(void **state)
{
	struct db *one, *two;
	struct answer a;
	struct site *s;

	assert_int_equal(setenv("STARPUNK_DB_CONNECTION_TIMEOUT", "60s", 1), 0);
	s = site_new("request_timeout = 10m\nhealth_check_detailed = true");
	*state = s;
	assert_int_equal(unsetenv("STARPUNK_DB_CONNECTION_TIMEOUT"), 0);
	assert_int_equal(pool_acquire(&s->c, s->pool, &one), OK);
	assert_int_equal(pool_acquire(&s->c, s->pool, &two), OK);
	a = ASK(s, .uri = "/health/ready");
	assert_true(pool_release(&s->c, s->pool, one));
	assert_true(pool_release(&s->c, s->pool, two));
	assert_int_equal(a.status, 503);
	assert_has(a, "\"database\":{\"healthy\":false");
	assert_true(a.facts.duration_us < INT64_C(30) * 1000000);
	assert_int_equal(ASK(s, .uri = "/health/ready").status, 200);
}

/* Whoever only reads is not kept waiting, and those who may see the checks still do. */
static void
a_database_that_somebody_keeps_locked_hides_nothing_and_fails_no_probe(void **state)
{
	struct site *s = site_new("db_busy_timeout = 60s\nrequest_timeout = 10m");
	const char *cookie;
	struct answer a, b;
	void *held;

	*state = s;
	site_owner(s);
	cookie = site_sign_in(s);
	s->now_us = time_now_us() + INT64_C(7200) * 1000000;	/* the session's end would move on */
	held = site_hold(s);
	a = ASK(s, .uri = "/health/ready", .headers = {{"HTTP_COOKIE", cookie}});
	b = ASK(s, .uri = "/health/ready", .headers = {{"HTTP_AUTHORIZATION", site_bearer(s, s->admin)}});
	site_let_go(held);
	assert_int_equal(a.status, 200);
	assert_has(a, "\"database\":{\"healthy\":true");
	assert_has(b, "\"database\":{\"healthy\":true");
	assert_true(a.facts.duration_us + b.facts.duration_us < INT64_C(30) * 1000000);
}

static void
a_search_that_cannot_be_asked_wants_attention(void **state)
{
	struct site *s = site_new("health_check_detailed = true");
	struct answer a;

	*state = s;
	site_sql(s, "ALTER TABLE search_state RENAME TO gone");
	a = ASK(s, .uri = "/health/ready");
	assert_int_equal(a.status, 200);
	assert_has(a, "\"search\":{\"healthy\":false");
	assert_has(a, "\"search\"]");
}

/* ---- errors ------------------------------------------------------------------------------ */

/* Requests while no connection is to be had: 503 each. */
static void
fail_at(struct site *s, const char *uri, int times)
{
	struct db *one, *two;
	int status = 0;

	assert_int_equal(pool_acquire(&s->c, s->pool, &one), OK);
	assert_int_equal(pool_acquire(&s->c, s->pool, &two), OK);
	for (int i = 0; i < times; i++)
		status = ASK(s, .uri = uri).status;
	assert_true(pool_release(&s->c, s->pool, one));
	assert_true(pool_release(&s->c, s->pool, two));
	assert_int_equal(status, 503);
}

static void
a_site_without_errors_says_that_nothing_went_wrong(void **state)
{
	struct site *s = *state;

	(void)ASK(s, .uri = "/nothing");
	(void)ASK(s, .method = "POST", .uri = "/micropub");
	assert_has(look(s, site_sign_in(s), "/admin/errors"), "Nothing went wrong lately.");
}

static void
an_error_is_shown_with_what_to_do_how_often_and_when(void **state)
{
	struct site *s = *state;
	struct answer a;
	const char *cookie, *id;

	fail_at(s, "/note/rain", 7);
	id = ASK(s, .uri = "/").request_id;
	assert_non_null(id);
	cookie = site_sign_in(s);
	a = look(s, cookie, "/admin/errors");
	assert_int_equal(a.status, 200);
	assert_has(a, "All database connections are in use.");
	assert_has(a, "<code>pool_exhausted</code> 7 times, last on <time datetime=\"");
	assert_has(a, "Try again in a few seconds.");
	assert_has(a, "<li>Raise db_connection_pool_size.</li>");
	assert_has(a, "<code>GET <span dir=\"ltr\">/note/rain</span></code> <span class=\"status\">503");
	assert_has(a, "Request <code>");
	a = look(s, cookie, "/admin");
	assert_has(a, "Went wrong lately");
	assert_has(a, "7 times");
}

static void
the_same_is_there_for_programs(void **state)
{
	struct site *s = *state;
	struct answer a;

	fail_at(s, "/note/rain", 1);
	a = ASK(s, .uri = "/admin/errors",
		.headers = {{"HTTP_COOKIE", site_sign_in(s)}, {"HTTP_ACCEPT", "application/json"}});
	assert_header(a, "Content-Type", "application/json");
	assert_has(a, "{\"errors\":[{\"code\":\"pool_exhausted\",\"message\":\"");
	assert_has(a, "\"troubleshooting\":[\"Raise db_connection_pool_size.\"");
	assert_has(a, "\"count\":1,\"last\":\"");
	assert_has(a, "\"path\":\"/note/rain\"");
}

static void
the_error_that_came_last_comes_first(void **state)
{
	struct site *s = *state;
	struct answer a;

	fail_at(s, "/note/rain", 1);
	site_sql(s, "ALTER TABLE tag RENAME TO gone");
	assert_true(ASK(s, .uri = "/tag/x").status >= 500);
	site_sql(s, "ALTER TABLE gone RENAME TO tag");
	a = look(s, site_sign_in(s), "/admin/errors");
	assert_true(str_search(a.body, S("<code>db_error</code>"), 0) <
		    str_search(a.body, S("<code>pool_exhausted</code>"), 0));
	assert_has(a, "<code>pool_exhausted</code> once");
}

static void
hostile_paths_and_torn_entries_spoil_nothing(void **state)
{
	struct site *s = *state;
	struct answer a;
	char path[128];
	FILE *f;

	fail_at(s, "/note/\"><script>alert(1)", 1);
	(void)snprintf(path, sizeof(path), "%s/trouble.journal", s->dir);
	f = fopen(path, "a");
	assert_non_null(f);
	assert_true(fputs("{\"time\":\"2026-\n{\"code\":\"no_such_error\"}\n{\"code\":7}\n", f) >= 0);
	assert_int_equal(fclose(f), 0);
	a = look(s, site_sign_in(s), "/admin/errors");
	assert_int_equal(a.status, 200);
	assert_has(a, "<code>pool_exhausted</code> once");
	assert_lacks(a, "<script>alert");
	assert_has(a, "&lt;script&gt;alert(1)");
	assert_lacks(a, "no_such_error");
}

/* A file of the journal as long as one may become. */
static void
journal_fill(struct site *s, const char *name)
{
	char path[128];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/%s", s->dir, name);
	f = fopen(path, "w");
	assert_non_null(f);
	while (ftell(f) < JOURNAL_FILE_MAX)
		assert_true(fputs("{\"time\":\"2026-03-01T09:30:00.000Z\",\"code\":\"db_busy\","
				  "\"method\":\"GET\",\"path\":\"/x\",\"status\":503}\n", f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static void
a_storm_of_errors_still_leaves_a_page(void **state)
{
	struct site *s = *state;
	const char *cookie = site_sign_in(s);
	struct answer a;

	journal_fill(s, "trouble.journal");
	journal_fill(s, "trouble.journal.1");
	a = look(s, cookie, "/admin/errors");
	assert_int_equal(a.status, 200);
	assert_has(a, "last on <time datetime=\"2026-03-01T09:30:00Z\">");
	assert_has(a, "The last times");
	assert_int_equal(look(s, cookie, "/admin").status, 200);
}

#define OWNER(f) cmocka_unit_test_setup_teardown(f, owner_setup, site_teardown)
#define OWN(f) cmocka_unit_test_teardown(f, site_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		OWNER(a_site_that_is_well_says_so),
		OWNER(a_courier_that_is_not_there_wants_attention_and_fails_nothing),
		OWN(what_fails_the_site_fails_page_and_json_alike),
		OWNER(directories_that_are_gone_are_found),
		OWNER(a_clock_that_was_set_back_is_found),
		OWNER(a_worker_that_gives_no_sign_of_life_wants_attention_and_fails_nothing),
		OWNER(a_site_without_its_sandbox_wants_attention),
		OWNER(a_log_that_cannot_be_written_is_found_and_takes_nothing_out_of_service),
		OWNER(jobs_that_were_given_up_are_counted_and_shown_with_their_problem),
		OWNER(strangers_are_told_the_verdict_and_nothing_behind_it),
		OWNER(degraded_is_a_warning_in_the_drafts_words_and_failed_is_not),
		OWN(a_check_ends_in_time_though_no_connection_is_to_be_had),
		OWN(a_database_that_somebody_keeps_locked_hides_nothing_and_fails_no_probe),
		OWN(a_search_that_cannot_be_asked_wants_attention),
		OWNER(a_site_without_errors_says_that_nothing_went_wrong),
		OWNER(an_error_is_shown_with_what_to_do_how_often_and_when),
		OWNER(the_same_is_there_for_programs),
		OWNER(the_error_that_came_last_comes_first),
		OWNER(a_storm_of_errors_still_leaves_a_page),
		OWNER(hostile_paths_and_torn_entries_spoil_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
