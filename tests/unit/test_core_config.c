/*
 * core/config: what the file and the environment may say, what is refused and in which words.
 */
#include "config_fixture.h"

#include "base/mem.h"

/* ---- the file ---------------------------------------------------------------------------- */

static void
a_minimal_file_gives_all_defaults(void **state)
{
	struct site *s = *state;

	assert_int_equal(load(s, "site_url = https://ada.example/\n"), OK);
	assert_string_equal(s->cfg->site_url, "https://ada.example/");
	assert_string_equal(s->cfg->site_name, "StarPunk");
	assert_string_equal(s->cfg->author_name, "");
	assert_string_equal(s->cfg->theme_path, "");
	assert_string_equal(s->cfg->log_file, "");
	assert_int_equal(s->cfg->environment, CONFIG_PRODUCTION);
	assert_int_equal(s->cfg->db_synchronous, CONFIG_SYNC_FULL);
	assert_int_equal(s->cfg->log_format, CONFIG_LOG_AUTO);
	assert_int_equal(s->cfg->worker_threads, 4);
	assert_int_equal(s->cfg->db_connection_timeout, 5000000);
	assert_int_equal(s->cfg->session_timeout, 30 * 86400000000);
	assert_int_equal(s->cfg->max_body_size, 1 << 20);
	assert_int_equal(s->cfg->rate_limit.count, 3000);
	assert_int_equal(s->cfg->rate_limit.per_us, 60000000);
	assert_true(s->cfg->metrics_enabled);
	assert_false(s->cfg->health_check_detailed);
	assert_true(s->cfg->metrics_sampling_rate >= 1.0);
	assert_string_equal(s->cfg->file, s->file);
	assert_int_equal(s->problems.n, 0);
	assert_int_equal(s->c.err.code, OK);
}

static void
programs_get_an_object_for_each_problem(void **state)
{
	struct site *s = *state;
	char expected[512];

	buf_init(&s->problems, &s->c.arena, 1 << 16);
	tempdir_write(&s->dir, "starpunk.conf", S("site_url = https://ada.example/\n"
		"worker = 2\nlog_level = \"lo\\\"ud\"\nhm\n"));
	assert_int_equal(config_load_json(&s->c, s->file, &s->problems, &s->cfg), ERR_CONFIG);
	assert_null(s->cfg);
	(void)snprintf(expected, sizeof(expected), "{\"place\":\"%s:2\",\"key\":\"worker\","
		"\"problem\":\"unknown key; did you mean 'workers'?\"},{", s->file);
	assert_said(s, expected);
	assert_said(s, "\"key\":\"log_level\",\"problem\":\"'lo\\\"ud': ");
	assert_said(s, ":4\",\"key\":null,\"problem\":\"not of the form");
	assert_int_equal(buf_str(&s->problems).p[s->problems.n - 1], '}');
}

static void
values_are_read_bare_or_in_quotes(void **state)
{
	struct site *s = *state;

	assert_int_equal(
		load(s, "# a comment\r\n\n  site_url=https://ada.example/  # ours\r\n"
			"site_name = \"Ada's \\\"notes\\\", #1 = best\"\n"
			"author_note = 'it costs ${5} \\ more'\n"
			"request_timeout = 45s\ndb_cache_size = 8MiB\nlisten = /run/x.sock\n"
			"metrics_allow = \"10.0.0.0/8, ::1\"\nauthor_name = J\xc3\xb6rg\n"
			"log_level = warning"),
		OK);
	assert_string_equal(s->cfg->site_name, "Ada's \"notes\", #1 = best");
	assert_string_equal(s->cfg->author_note, "it costs ${5} \\ more");
	assert_int_equal(s->cfg->request_timeout, 45000000);
	assert_int_equal(s->cfg->db_cache_size, 8 << 20);
	assert_string_equal(s->cfg->listen, "/run/x.sock");
	assert_string_equal(s->cfg->metrics_allow, "10.0.0.0/8, ::1");
	assert_string_equal(s->cfg->author_name, "J\xc3\xb6rg");
	assert_int_equal(s->cfg->log_level, 2);
}

static void
what_libconfuse_would_do_in_silence_is_refused(void **state)
{
	struct site *s = *state;

	assert_bad(s, "site_name = \"${HOME}\"", "variables are not expanded");
	assert_bad(s, "site_name = ${HOME}", "variables are not expanded");
	assert_bad(s, "site_name = a#b", "'#' inside a value needs \"quotes\"");
	assert_bad(s, "site_name = a // b", "a comment begins with '#'");
	assert_bad(s, "/* site_name = a */", "a comment begins with '#'");
	assert_bad(s, "site_name = a workers = 2", "not of the form 'key = value'");
	assert_bad(s, "workers = 1 workers = 2", "not of the form 'key = value'");
	assert_bad(s, "include(\"/etc/passwd\")", "not of the form 'key = value'");
	assert_bad(s, "site_name += b", "not of the form 'key = value'");
	assert_bad(s, "site_name { a = b }", "not of the form 'key = value'");
}

static void
lines_of_another_form_are_refused(void **state)
{
	struct site *s = *state;

	assert_bad(s, "site_name", "not of the form 'key = value'");
	assert_bad(s, "site_name =", "not of the form 'key = value'");
	assert_bad(s, "= a", "not of the form 'key = value'");
	assert_bad(s, "site_name = a b", "not of the form 'key = value'");
	assert_bad(s, "site_name = a, b", "not of the form 'key = value'");
	assert_bad(s, "site_name = \"a", "the quotes are not closed on this line");
	assert_bad(s, "site_name = 'a", "the quotes are not closed on this line");
	assert_bad(s, "site_name = it's", "the quotes are not closed on this line");
	assert_bad(s, "site_name = \"\xff\"", "not UTF-8");
	assert_bad(s, "site_name = \"a\\nb\"", "control character");
	assert_int_equal(
		load_str(s, str_n("site_url = https://ada.example/\nsite_name = a\0b\n", 48)),
		ERR_CONFIG);
	assert_said(s, "starpunk.conf:2: not UTF-8 text");
}

static void
a_key_given_twice_is_refused(void **state)
{
	struct site *s = *state;

	assert_int_equal(load(s, "site_url = https://ada.example/\nworkers = 1\n\nworkers = 1\n"),
		ERR_CONFIG);
	assert_said(s, "starpunk.conf:4: workers: given before, on line 2");
}

static void
an_unknown_key_is_refused_with_the_nearest(void **state)
{
	struct site *s = *state;

	assert_bad(s, "worker_thread = 4",
		"worker_thread: unknown key; did you mean 'worker_threads'?");
	assert_bad(s, "metrics_sampling_rates = 0.5", "did you mean 'metrics_sampling_rate'?");
	assert_bad(s, "Workers = 4", "did you mean 'workers'?");
	assert_bad(s, "db.cache = 4", "unknown key");
	assert_bad(s, "a|b = 4", "unknown key");
}

static void
every_problem_is_reported(void **state)
{
	struct site *s = *state;

	assert_int_equal(setenv("STARPUNK_METRICS_SAMPLING_RATES", "1", 1), 0);
	assert_int_equal(
		load(s, "workers = many\nsite_name = \"x\nwrokers = 1\nposts_per_page = 0\n"),
		ERR_CONFIG);
	assert_null(s->cfg);
	assert_said(s, "starpunk.conf:1: workers: 'many': not a number");
	assert_said(s, "starpunk.conf:2: the quotes");
	assert_said(s, "starpunk.conf:3: wrokers: unknown key; did you mean 'workers'?");
	assert_said(s, "starpunk.conf:4: posts_per_page: '0': out of range; from 1 to 100");
	assert_said(s,
		"starpunk.conf: site_url: missing and has no default; set it in the file or as "
		"STARPUNK_SITE_URL");
	assert_said(s, "environment: STARPUNK_METRICS_SAMPLING_RATES: unknown key; did you mean "
		"STARPUNK_METRICS_SAMPLING_RATE?");
	assert_int_equal(s->c.err.code, ERR_CONFIG);
	assert_non_null(strstr(s->c.err.detail, "workers: 'many'"));
}

static void
a_file_that_cannot_be_read_is_a_problem(void **state)
{
	struct site *s = *state;
	static char large[300 * 1024];

	buf_init(&s->problems, &s->c.arena, 1 << 16);
	assert_int_equal(config_load(&s->c, "/nonexistent/starpunk.conf", &s->problems, &s->cfg),
		ERR_CONFIG);
	assert_said(s, "/nonexistent/starpunk.conf: cannot be read: No such file or directory");
	assert_null(strstr(s->problems.p, "site_url"));	/* which it may have */
	err_clear(&s->c);
	buf_init(&s->problems, &s->c.arena, 1 << 16);
	assert_int_equal(config_load(&s->c, s->dir.path, &s->problems, &s->cfg), ERR_CONFIG);
	assert_said(s, "cannot be read: Is a directory");
	memset(large, '\n', sizeof(large));
	assert_int_equal(load_str(s, str_n(large, sizeof(large))), ERR_CONFIG);
	assert_said(s, "cannot be read: File too large");
}

/* ---- the environment --------------------------------------------------------------------- */

static void
the_environment_wins_over_the_file(void **state)
{
	struct site *s = *state;

	assert_int_equal(setenv("STARPUNK_WORKERS", "7", 1), 0);
	assert_int_equal(setenv("STARPUNK_SITE_NAME", "a = \"${b}\" # c", 1), 0);
	assert_int_equal(load(s, "site_url = https://ada.example/\nworkers = 2\n"), OK);
	assert_int_equal(s->cfg->workers, 7);
	assert_string_equal(s->cfg->site_name, "a = \"${b}\" # c");
}

static void
the_environment_alone_is_enough(void **state)
{
	struct site *s = *state;

	assert_int_equal(setenv("STARPUNK_SITE_URL", "http://localhost:8080", 1), 0);
	assert_int_equal(load_str(s, (struct str){0}), OK);
	assert_string_equal(s->cfg->site_url, "http://localhost:8080/");
	assert_string_equal(s->cfg->file, "");
}

static void
the_environment_is_a_closed_world(void **state)
{
	struct site *s = *state;

	assert_int_equal(setenv("STARPUNK_Workers", "2", 1), 0);
	assert_int_equal(setenv("STARPUNK_", "2", 1), 0);
	assert_int_equal(setenv("STARPUNK_WORKERS", "2 MiB", 1), 0);
	assert_int_equal(load(s, "site_url = https://ada.example/\n"), ERR_CONFIG);
	assert_said(
		s, "environment: STARPUNK_Workers: unknown key; did you mean STARPUNK_WORKERS?");
	assert_said(s, "environment: STARPUNK_: unknown key");
	assert_said(s, "environment: STARPUNK_WORKERS: '2 MiB': not a number");
}

static void
bytes_that_are_not_utf8_are_refused_in_the_environment(void **state)
{
	struct site *s = *state;

	assert_int_equal(setenv("STARPUNK_SITE_NAME", "\xff", 1), 0);
	assert_int_equal(load(s, "site_url = https://ada.example/\n"), ERR_CONFIG);
	assert_said(s, "environment: STARPUNK_SITE_NAME");
	assert_said(s, "not UTF-8");
}

static void
starpunk_config_names_the_default_file(void **state)
{
	struct site *s = *state;

	assert_int_equal(unsetenv("STARPUNK_CONFIG"), 0);
	assert_non_null(strstr(config_default_file(), "/starpunk.conf"));
	assert_int_equal(setenv("STARPUNK_CONFIG", "/x/y.conf", 1), 0);
	assert_string_equal(config_default_file(), "/x/y.conf");
	assert_int_equal(load(s, "site_url = https://ada.example/\n"), OK);
}

#ifdef SP_DEBUG
/* Whichever allocation fails: no configuration comes out, and nothing is lost. */
static void
loading_survives_every_failing_allocation(void **state)
{
	struct site *s = *state;
	unsigned long n = 0;

	tempdir_write(
		&s->dir, "starpunk.conf", S("site_url = https://ada.example/\nworkers = 2\n"));
	do {
		ctx_fini(&s->c);
		buf_init(&s->problems, &s->c.arena, 1 << 16);
		mem_fault_at(++n);
		if (config_load(&s->c, s->file, &s->problems, &s->cfg) == OK) {
			config_free(s->cfg);
			s->cfg = NULL;
			continue;
		}
		assert_true(mem_fault_hit());
		assert_null(s->cfg);
		assert_true(s->c.err.code == ERR_MEMORY || s->c.err.code == ERR_CONFIG);
	} while (mem_fault_hit());
	mem_fault_at(0);
	assert_true(n > 3);
}
#endif

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_minimal_file_gives_all_defaults),
		TEST(values_are_read_bare_or_in_quotes),
		TEST(programs_get_an_object_for_each_problem),
		TEST(what_libconfuse_would_do_in_silence_is_refused),
		TEST(lines_of_another_form_are_refused),
		TEST(a_key_given_twice_is_refused),
		TEST(an_unknown_key_is_refused_with_the_nearest),
		TEST(every_problem_is_reported),
		TEST(a_file_that_cannot_be_read_is_a_problem),
		TEST(the_environment_wins_over_the_file),
		TEST(the_environment_alone_is_enough),
		TEST(the_environment_is_a_closed_world),
		TEST(bytes_that_are_not_utf8_are_refused_in_the_environment),
		TEST(starpunk_config_names_the_default_file),
#ifdef SP_DEBUG
		TEST(loading_survives_every_failing_allocation),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
