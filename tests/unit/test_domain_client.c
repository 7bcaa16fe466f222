/*
 * domain/client: what becomes of asking for an application. The helpers that fetch are small shell
 * scripts here.
 */
#include "domain_fixture.h"

#include "domain/client.h"
#include "domain/job.h"
#include "store/job.h"

#include <sys/stat.h>

/* ---- asking ------------------------------------------------------------------------------ */

static const struct str app = S_INIT("https://app.example/");

static size_t
n_jobs(struct site *s)
{
	struct job_row *list;
	size_t n = 0;

	assert_ok(s, job_row_list(&s->c, s->db, &list, &n));
	return n;
}

/* Makes that script the helper that fetches. */
static void
helper_is(struct site *s, const char *script)
{
	static char path[128];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/helper", s->dir);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_true(fprintf(f, "#!/bin/sh\n%s\n", script) > 0);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(path, 0755), 0);
	s->cfg->fetch_helper = path;
}

/* Does all jobs that are due; what is known then. */
static struct client
worked(struct site *s, struct str client_id)
{
	struct client client = {0};
	int64_t next = 1;

	for (int i = 0; i < 10 && next > 0 && next <= NOW + 86400 * 100; i++)
		assert_ok(s, job_work(&s->c, s->db, &next));
	assert_int_equal(n_jobs(s), 0);
	assert_ok(s, client_find(&s->c, s->db, client_id, &client));
	return client;
}

/* Asks, with an answer of the helper; what is known then. */
static struct client
asked(struct site *s, const char *script)
{
	helper_is(s, script);
	assert_ok(s, client_ask(&s->c, s->db, app));
	return worked(s, app);
}

static void
one_that_was_never_asked_for_is_not_known(void **state)
{
	struct site *s = *state;
	struct client client;

	assert_err(s, client_find(&s->c, s->db, app, &client), ERR_NOT_FOUND);
}

static void
asking_leaves_a_job_and_the_answer_becomes_known(void **state)
{
	struct site *s = *state;
	struct client client;

	assert_ok(s, client_ask(&s->c, s->db, app));
	assert_ok(s, client_find(&s->c, s->db, app, &client));
	assert_int_equal(client.state, CLIENT_PENDING);
	assert_true(client.fresh);
	assert_int_equal(n_jobs(s), 1);
	assert_ok(s, client_ask(&s->c, s->db, app));
	assert_int_equal(n_jobs(s), 1);
	helper_is(s, "[ $# = 5 ] && [ $1 = client ] && [ $2 = https://app.example/ ] && "
		"[ $3 = https://ada.example/ ] && [ -z \"$4\" ] && [ -z \"$5\" ] && "
		"echo '{\"problem\":\"\",\"max_age\":7200,\"name\":\"An app\",\"home\":"
		"\"https://app.example/home\",\"redirect_uris\":\"myapp://cb https://x.example/\"}'");
	client = worked(s, app);
	assert_int_equal(client.state, CLIENT_KNOWN);
	assert_str(client.name, "An app");
	assert_str(client.url, "https://app.example/home");
	assert_str(client.redirect_uris, "myapp://cb https://x.example/");
	assert_str(client.logo, "");
	assert_str(client.problem, "");
	assert_int_equal(client.fetched, NOW);
	assert_has(site_log(s), "\"event\":\"client_fetched\"");
}

static void
what_is_known_is_asked_for_again_when_it_is_old(void **state)
{
	struct site *s = *state;
	struct client client = asked(s, "echo '{\"problem\":\"\",\"max_age\":7200,\"name\":\"Old\"}'");

	assert_true(client.fresh);
	site_next(s, 7199);
	assert_ok(s, client_ask(&s->c, s->db, app));
	assert_int_equal(n_jobs(s), 0);
	site_next(s, 1);
	assert_ok(s, client_ask(&s->c, s->db, app));
	assert_ok(s, client_find(&s->c, s->db, app, &client));
	assert_int_equal(client.state, CLIENT_PENDING);
	assert_str(client.name, "Old");
	helper_is(s, "echo '{\"problem\":\"\",\"name\":\"New\"}'");
	assert_str(worked(s, app).name, "New");
}

static void
it_holds_between_five_minutes_and_a_day(void **state)
{
	static const struct {
		const char *answer;
		int64_t seconds;
	} ages[] = {
		{"echo '{\"problem\":\"\",\"max_age\":0}'", 300},
		{"echo '{\"problem\":\"\",\"max_age\":299}'", 300},
		{"echo '{\"problem\":\"\",\"max_age\":301}'", 301},
		{"echo '{\"problem\":\"\",\"max_age\":-1}'", 3600},
		{"echo '{\"problem\":\"\",\"max_age\":9000000}'", 86400},
		{"echo '{\"problem\":\"tls\",\"max_age\":9000}'", 300},
	};
	struct site *s = *state;
	struct client client;

	for (size_t i = 0; i < sizeof(ages) / sizeof(ages[0]); i++) {
		(void)asked(s, ages[i].answer);
		site_next(s, ages[i].seconds - 1);
		assert_ok(s, client_find(&s->c, s->db, app, &client));
		assert_true(client.fresh);
		site_next(s, 1);
		assert_ok(s, client_find(&s->c, s->db, app, &client));
		assert_false(client.fresh);
	}
}

static void
an_answer_that_was_never_given_is_asked_for_again(void **state)
{
	struct site *s = *state;
	struct client client;

	assert_ok(s, client_ask(&s->c, s->db, app));
	site_next(s, 60);
	assert_ok(s, client_find(&s->c, s->db, app, &client));
	assert_false(client.fresh);
	assert_ok(s, client_ask(&s->c, s->db, app));
	assert_ok(s, client_find(&s->c, s->db, app, &client));
	assert_true(client.fresh);
	assert_int_equal(n_jobs(s), 1);
}

static void
failing_is_a_state_and_forgets_what_was_known(void **state)
{
	struct site *s = *state;
	struct client client = asked(s, "echo '{\"problem\":\"\",\"name\":\"App\",\"redirect_uris\":\"a:b\"}'");

	assert_str(client.redirect_uris, "a:b");
	site_next(s, 86400);
	client = asked(s, "echo '{\"problem\":\"timeout\",\"name\":\"App\",\"redirect_uris\":\"a:b\"}'");
	assert_int_equal(client.state, CLIENT_FAILED);
	assert_str(client.problem, "timeout");
	assert_str(client.name, "");
	assert_str(client.redirect_uris, "");
	assert_has(site_log(s), "\"event\":\"client_failed\"");
	assert_has_not(site_log(s), "\"event\":\"job_failed\"");
}

static void
a_helper_that_hangs_dies_or_lies_is_a_failure_like_others(void **state)
{
	static const char *const scripts[] = {
		"exec sleep 1000", "kill -SEGV $$", "kill -SYS $$", "exit 4", ":", "echo", "echo '{'",
		"echo '{}'", "echo '[]'", "echo '\"\"'", "echo '{\"problem\":7}'",
		"echo '{\"problem\":\"\"}'; exit 1", "echo '{\"problem\":\"no such word\"}'",
		"echo '{\"problem\":\"\"} '; exec yes",
	};
	struct site *s = *state;

	for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++) {
		struct client client;

		site_next(s, 301);
		s->c.deadline_us = i == 0 ? time_mono_us() + 100 * 1000 : 0;
		client = asked(s, scripts[i]);
		if (client.state != CLIENT_FAILED || !str_eq(client.problem, S("helper")))
			fail_msg("%s: '%.*s'", scripts[i], STR(client.problem));
	}
	s->cfg->fetch_helper = "/nonexistent/starpunk-fetch";
	site_next(s, 301);
	assert_ok(s, client_ask(&s->c, s->db, app));
	assert_str(worked(s, app).problem, "helper");
	assert_has(site_log(s), "/nonexistent/starpunk-fetch");
}

static void
what_the_helper_says_is_judged_once_more(void **state)
{
	struct site *s = *state;
	struct client client = asked(s,
		"printf '%s' '{\"problem\":\"\",\"name\":\"a\\u202eb\\nc\",\"home\":\"javascript:x\","
		"\"logo\":\"http://ada.example:80/\",\"redirect_uris\":\"data:,x ok:x http://a\\\\b\"}'");

	assert_int_equal(client.state, CLIENT_KNOWN);
	assert_str(client.name, "ab c");
	assert_str(client.url, "");
	assert_str(client.logo, "");
	assert_str(client.redirect_uris, "ok:x");
}

static void
a_logo_that_cannot_be_had_is_left_out(void **state)
{
	struct site *s = *state;
	struct client client = asked(s,
		"[ $1 = client ] && echo '{\"problem\":\"\",\"name\":\"App\","
		"\"logo\":\"https://app.example/logo\"}' || echo '{\"problem\":\"status\"}'");

	assert_int_equal(client.state, CLIENT_KNOWN);
	assert_str(client.name, "App");
	assert_str(client.logo, "");
	assert_has(site_log(s), "\"problem\":\"logo\"");
}

static void
loopback_is_never_asked(void **state)
{
	static const char *const ids[] = {"http://127.0.0.1:4000/", "http://[::1]/", "http://localhost/",
		"http://app.localhost:80/"};
	struct site *s = *state;
	struct client client;

	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		assert_ok(s, client_ask(&s->c, s->db, str_z(ids[i])));
		assert_err(s, client_find(&s->c, s->db, str_z(ids[i]), &client), ERR_NOT_FOUND);
	}
	assert_int_equal(n_jobs(s), 0);
}

/* ---- how many ---------------------------------------------------------------------------- */

static void
ask_for_many(struct site *s, const char *kind, int n)
{
	struct str id;

	for (int i = 0; i < n; i++) {
		assert_ok(s, ctx_printf(&s->c, &id, "https://%s%d.example/", kind, i));
		assert_ok(s, client_ask(&s->c, s->db, id));
		site_next(s, 1);
	}
}

static bool
is_known(struct site *s, const char *client_id)
{
	struct client client;
	enum err e = client_find(&s->c, s->db, str_z(client_id), &client);

	err_clear(&s->c);
	return e == OK;
}

static void
strangers_push_out_strangers_but_nobody_who_was_let_in(void **state)
{
	struct site *s = *state;
	int64_t next = 1;

	assert_ok(s, client_ask(&s->c, s->db, app));
	assert_ok(s, db_tx_begin(&s->c, s->db));
	assert_ok(s, client_keep(&s->c, s->db, app));
	assert_ok(s, db_tx_commit(&s->c, s->db));
	site_next(s, 1);
	ask_for_many(s, "a", CLIENT_STRANGERS_MAX);
	assert_true(is_known(s, "https://a0.example/"));
	ask_for_many(s, "b", 2);
	assert_false(is_known(s, "https://a0.example/"));
	assert_false(is_known(s, "https://a1.example/"));
	assert_true(is_known(s, "https://a2.example/"));
	assert_true(is_known(s, "https://b1.example/"));
	assert_true(is_known(s, "https://app.example/"));
	/* The jobs of those that have gone end quietly. */
	helper_is(s, "echo '{\"problem\":\"status\"}'");
	for (int i = 0; i < 2 * CLIENT_STRANGERS_MAX && next > 0; i++)
		assert_ok(s, job_work(&s->c, s->db, &next));
	assert_int_equal(n_jobs(s), 0);
}

static void
strangers_are_forgotten_after_a_month(void **state)
{
	struct site *s = *state;
	int64_t n = 0;

	assert_ok(s, client_ask(&s->c, s->db, app));
	assert_ok(s, client_ask(&s->c, s->db, S("https://other.example/")));
	assert_ok(s, db_tx_begin(&s->c, s->db));
	assert_ok(s, client_keep(&s->c, s->db, app));
	assert_ok(s, db_tx_commit(&s->c, s->db));
	site_next(s, 30 * 86400);
	assert_ok(s, clients_clean(&s->c, s->db, &n));
	assert_int_equal(n, 0);
	site_next(s, 1);
	assert_ok(s, clients_clean(&s->c, s->db, &n));
	assert_int_equal(n, 1);
	assert_true(is_known(s, "https://app.example/"));
	assert_false(is_known(s, "https://other.example/"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(one_that_was_never_asked_for_is_not_known),
		SITE_TEST(asking_leaves_a_job_and_the_answer_becomes_known),
		SITE_TEST(what_is_known_is_asked_for_again_when_it_is_old),
		SITE_TEST(it_holds_between_five_minutes_and_a_day),
		SITE_TEST(an_answer_that_was_never_given_is_asked_for_again),
		SITE_TEST(failing_is_a_state_and_forgets_what_was_known),
		SITE_TEST(a_helper_that_hangs_dies_or_lies_is_a_failure_like_others),
		SITE_TEST(what_the_helper_says_is_judged_once_more),
		SITE_TEST(a_logo_that_cannot_be_had_is_left_out),
		SITE_TEST(loopback_is_never_asked),
		SITE_TEST(strangers_push_out_strangers_but_nobody_who_was_let_in),
		SITE_TEST(strangers_are_forgotten_after_a_month),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
