/*
 * The owner's pages of figures: the overview, and the metrics over time. What a quiet site has served is
 * what they say, to the last request.
 */
#include "site.h"

#include "core/history.h"
#include "store/pool.h"

#include <stdio.h>
#include <string.h>

#define SECOND INT64_C(1000000)
#define STEP (5 * SECOND)
/* A moment at which intervals of all lengths begin. */
#define START (29000000 * 60 * SECOND)

static int
owner_setup(void **state)
{
	struct site *s = site_new("");

	*state = s;
	site_owner(s);
	s->now_us = START;
	return 0;
}

static struct history *
begin(struct site *s)
{
	struct history *h = NULL;

	assert_int_equal(history_new(&s->c, s->seg, START, START, &h), OK);
	return h;
}

static struct answer
look(struct site *s, const char *uri)
{
	const char *cookie = site_sign_in(s);

	return ASK(s, .uri = uri, .headers = {{"HTTP_COOKIE", cookie}});
}

/* Twenty requests within the first five seconds, and the time just after. */
static void
serve_twenty(struct site *s)
{
	struct history *h = begin(s);

	for (int i = 0; i < 20; i++)
		(void)ASK(s, .uri = "/");
	(void)history_tick(h, START + STEP, START + STEP);
	history_free(h);
	s->now_us = START + STEP + SECOND;
}

static void
a_quiet_site_shows_exactly_what_it_served(void **state)
{
	struct site *s = *state;
	struct answer a;

	serve_twenty(s);
	a = look(s, "/admin/metrics-dashboard");
	assert_int_equal(a.status, 200);
	assert_header(a, "Cache-Control", "no-store");
	assert_has(a, "<th scope=\"row\">home</th><td>20</td><td>0</td><td>0</td>");
	assert_has(a, "Answered</dt><dd>20</dd>");
	assert_has(a, "4xx</dt><dd>0</dd>");
}

static void
all_that_is_asked_of_a_dashboard_is_there(void **state)
{
	static const char *const titles[] = {"Requests", "Latency", "Sent", "Page cache",
		"Database statements", "Time in the database", "Waits for a connection", "Memory",
		"Processor", "Courier"};
	struct site *s = *state;
	struct answer a;
	char text[128];

	serve_twenty(s);
	a = look(s, "/admin/metrics-dashboard");
	for (size_t i = 0; i < sizeof(titles) / sizeof(titles[0]); i++) {
		(void)snprintf(text, sizeof(text), "<title>%s</title>", titles[i]);
		assert_has(a, text);
	}
	assert_has(a, "<th scope=\"row\">select post</th>");
	assert_has(a, "<th scope=\"row\">worker</th>");
	assert_has(a, "<dt>Connections</dt><dd>2</dd>");
	assert_has(a, "<dt>Waits</dt>");
	assert_has(a, "<dt>Jobs waiting</dt><dd>0</dd>");
}

static void
who_does_not_see_a_chart_is_told_and_given_a_table(void **state)
{
	struct site *s = *state;
	struct answer a;

	serve_twenty(s);
	a = look(s, "/admin/metrics-dashboard");
	assert_has(a, "role=\"img\" aria-labelledby=\"requests-name\" aria-describedby=\"requests-says\"");
	assert_has(a, "<desc id=\"requests-says\">Requests answered;");
	assert_has(a, "<th scope=\"col\">Answered</th><th scope=\"col\">4xx</th>");
	assert_has(a, "</th><td>20</td><td>0</td><td>0</td></tr>");
}

static void
the_page_holds_no_style_and_no_script_of_its_own(void **state)
{
	struct answer a = look(*state, "/admin/metrics-dashboard");

	assert_lacks(a, " style=");
	assert_lacks(a, "<style");
	assert_lacks(a, "http-equiv");
	assert_has(a, "<script type=\"module\" src=\"/static/live.js?v=");
}

static void
time_in_which_the_site_did_not_run_is_shaded(void **state)
{
	struct site *s = *state;
	struct answer a;

	serve_twenty(s);
	a = look(s, "/admin/metrics-dashboard");
	/* All but the last two of 120 intervals: one with a sample, and one that still goes on. */
	assert_has(a, "<path class=\"gap\" d=\"M0.0 0H708.0V160H0.0z\"/>");
	assert_has(a, "<td>–</td>");
}

static void
bars_stand_on_one_another_and_no_requests_have_no_latency(void **state)
{
	struct site *s = *state;
	struct history *h = begin(s);
	struct answer a;

	(void)ASK(s, .uri = "/");
	(void)ASK(s, .uri = "/nothing");
	(void)history_tick(h, START + STEP, START + STEP);
	(void)history_tick(h, START + 2 * STEP, START + 2 * STEP);
	history_free(h);
	s->now_us = START + 2 * STEP + SECOND;
	a = look(s, "/admin/metrics-dashboard");
	assert_has(a, "<path class=\"bar first\" d=\"M702.6 160.0v-80.0h4.8V160.0z\"/>");
	assert_has(a, "<path class=\"bar second\" d=\"M702.6 80.0v-80.0h4.8V80.0z\"/>");
	assert_has(a, "<path class=\"bar third\" d=\"\"/>");
	/* One point: the two requests'. The interval after it is no zero. */
	assert_has(a, "<path class=\"line first\" d=\"M705.0 ");
	assert_lacks(a, "L711.0 160.0L");
}

static void
the_span_is_chosen_by_the_query(void **state)
{
	struct site *s = *state;
	struct answer a;

	serve_twenty(s);
	a = look(s, "/admin/metrics-dashboard?span=24h");
	assert_has(a, "?span=24h\" aria-current=\"page\">24 hours</a>");
	a = look(s, "/admin/metrics-dashboard?span=%3Cscript%3E");
	assert_has(a, "?span=10m\" aria-current=\"page\">10 minutes</a>");
	assert_lacks(a, "<script>");
}

static void
the_history_is_in_the_json_with_null_for_gaps(void **state)
{
	struct site *s = *state;
	struct answer a;
	const char *requests;

	serve_twenty(s);
	a = ASK(s, .uri = "/admin/metrics",
		.headers = {{"HTTP_AUTHORIZATION", site_bearer(s, s->admin)}});
	assert_int_equal(a.status, 200);
	assert_has(a, "\"history\":{\"span\":\"10m\",\"start\":\"");
	assert_has(a, "\"step_seconds\":5,");
	requests = site_between(s, a.body, "\"series\":{\"span_us\":[", "]");
	assert_true(str_ends(str_z(requests), S("null,null,5000000,null")));
	requests = site_between(s, a.body, "\"requests\":[", "]");
	assert_non_null(requests);
	assert_true(str_ends(str_z(requests), S("null,null,20,null")));
	a = ASK(s, .uri = "/admin/metrics?span=24h",
		.headers = {{"HTTP_AUTHORIZATION", site_bearer(s, s->admin)}});
	assert_has(a, "\"step_seconds\":600,");
}

static void
switched_off_metrics_are_said_to_be(void **state)
{
	struct site *s = site_new("metrics_enabled = false");
	struct answer a;

	*state = s;
	site_owner(s);
	a = look(s, "/admin/metrics-dashboard");
	assert_int_equal(a.status, 200);
	assert_has(a, "Metrics are switched off");
	a = look(s, "/admin");
	assert_int_equal(a.status, 200);
	assert_lacks(a, "Recent requests");
}

/* ---- the overview ------------------------------------------------------------------------ */

static void
the_overview_counts_what_there_is_and_names_the_newest_post(void **state)
{
	struct site *s = *state;
	struct answer a;

	(void)site_post(s, "content=Rain+%3Cb%3Eagain%3C%2Fb%3E&mp-slug=rain");
	(void)site_post(s, "content=Not+yet&post-status=draft");
	(void)site_post(s, "content=Later&published=2099-01-01T00:00:00Z");
	a = look(s, "/admin");
	assert_has(a, "<dt>Posts</dt><dd><a href=\"/admin/posts\">1</a></dd>");
	assert_has(a, "<dt>Drafts</dt><dd><a href=\"/admin/posts?status=draft\">1</a></dd>");
	assert_has(a, "<dt>Scheduled</dt><dd><a href=\"/admin/posts?status=scheduled\">1</a></dd>");
	assert_has(a, "href=\"https://ada.example/note/rain\"");
	assert_lacks(a, "<b>again</b>");
	assert_has(look(s, "/admin"), "Recent requests");
}

static void
a_site_without_posts_has_an_overview_too(void **state)
{
	struct answer a = look(*state, "/admin");

	assert_int_equal(a.status, 200);
	assert_has(a, "Nothing has been posted yet.");
	assert_lacks(a, "Went wrong lately");
}

static void
a_post_without_title_and_text_has_a_name_on_the_overview(void **state)
{
	struct site *s = *state;

	(void)site_post(s, "like-of=https%3A%2F%2Fbob.example%2F7");
	assert_has(look(s, "/admin"), "Liked bob.example/7");
}

static void
hostile_paths_are_shown_as_text(void **state)
{
	struct site *s = *state;
	struct answer a;

	(void)ASK(s, .uri = "/\"><script>alert(1)</script>");
	(void)ASK(s, .uri = "/note/'onload=x");
	a = look(s, "/admin");
	assert_lacks(a, "<script>alert");
	assert_has(a, "&lt;script&gt;alert(1)");
}

/* ---- all of them ------------------------------------------------------------------------- */

static const char *const pages[] = {"/admin", "/admin/metrics-dashboard", "/admin/health",
	"/admin/errors", "/admin/audit"};

static void
these_pages_are_for_the_owner_alone(void **state)
{
	struct site *s = *state;

	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
		assert_int_equal(ASK(s, .uri = pages[i]).status, 303);
		assert_int_equal(ASK(s, .uri = pages[i],
					 .headers = {{"HTTP_ACCEPT", "application/json"}}).status,
			401);
		assert_int_equal(ASK(s, .uri = pages[i],
					 .headers = {{"HTTP_AUTHORIZATION",
						 site_bearer(s, s->admin)}}).status,
			303);
		assert_int_equal(ASK(s, .method = "POST", .uri = pages[i]).status, 405);
	}
}

static void
they_hold_no_connection_while_they_are_sent(void **state)
{
	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++)
		assert_int_equal(look(*state, pages[i]).active, 0);
}

#define OWNER(f) cmocka_unit_test_setup_teardown(f, owner_setup, site_teardown)
#define OWN(f) cmocka_unit_test_teardown(f, site_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		OWNER(a_quiet_site_shows_exactly_what_it_served),
		OWNER(all_that_is_asked_of_a_dashboard_is_there),
		OWNER(who_does_not_see_a_chart_is_told_and_given_a_table),
		OWNER(the_page_holds_no_style_and_no_script_of_its_own),
		OWNER(time_in_which_the_site_did_not_run_is_shaded),
		OWNER(bars_stand_on_one_another_and_no_requests_have_no_latency),
		OWNER(the_span_is_chosen_by_the_query),
		OWNER(the_history_is_in_the_json_with_null_for_gaps),
		OWN(switched_off_metrics_are_said_to_be),
		OWNER(the_overview_counts_what_there_is_and_names_the_newest_post),
		OWNER(a_site_without_posts_has_an_overview_too),
		OWNER(a_post_without_title_and_text_has_a_name_on_the_overview),
		OWNER(hostile_paths_are_shown_as_text),
		OWNER(these_pages_are_for_the_owner_alone),
		OWNER(they_hold_no_connection_while_they_are_sent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
