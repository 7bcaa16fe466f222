/*
 * core/log: lines of every event, levels, counters, and the reference of the events.
 */
#include "log_fixture.h"

/* ---- lines ------------------------------------------------------------------------------- */

static void
a_line_has_its_parts_in_order(void **state)
{
	struct fixture *f = *state;
	const char *path = log_to_file(f, LOG_LEVEL_INFO, CONFIG_LOG_JSON);
	char expected[512];
	struct str s;

	memcpy(f->c.request_id, "0123456789abcdef0123456789abcdef", 33);
	log_event(&f->c, post_created, .slug = S("hello"), .type = S("note"), .client = S("t1"));
	s = file_read(f, path);
	assert_true(json_check(s));
	assert_true(str_starts(s, S("{\"timestamp\":\"20")));
	assert_int_equal(s.p[37], 'Z');
	(void)snprintf(expected, sizeof(expected), "Z\",\"level\":\"INFO\",\"logger\":\"micropub\","
		"\"event\":\"post_created\",\"message\":\"post created\","
		"\"request_id\":\"0123456789abcdef0123456789abcdef\",\"pid\":%d,"
		"\"slug\":\"hello\",\"type\":\"note\",\"client\":\"t1\"}\n", (int)getpid());
	assert_true(str_ends(s, str_z(expected)));
}

static void
outside_a_request_there_is_no_request_id(void **state)
{
	struct fixture *f = *state;
	const char *path = log_to_file(f, LOG_LEVEL_INFO, CONFIG_LOG_JSON);

	log_event(&f->c, logout);
	assert_false(has(file_read(f, path), "request_id"));
}

static void
every_event_makes_one_valid_line(void **state)
{
	struct fixture *f = *state;
	const char *path = log_to_file(f, LOG_LEVEL_DEBUG, CONFIG_LOG_JSON);
	unsigned lines = 0, events = 0;
	struct str rest;

#define EVENT(sym, level, logger, counter, message, fields, doc) \
	log_emit_##sym(&f->c, &(struct log_ev_##sym){0}); \
	events++;
#include "tables/events.def"
#undef EVENT
	rest = file_read(f, path);
	while (rest.n > 0) {
		assert_true(json_check(str_cut(&rest, '\n')));
		lines++;
	}
	assert_int_equal(lines, events);
}

static void
hostile_values_cannot_forge_a_line(void **state)
{
	static char path_value[5000];
	struct fixture *f = *state;
	const char *path = log_to_file(f, LOG_LEVEL_DEBUG, CONFIG_LOG_JSON);
	struct facts facts = {.path = str_n(path_value, sizeof(path_value)),
		.user_agent = S("x\"}\n{\"event\":\"forged\"}"), .remote_addr = S("\xff\xfe"),
		.auth = str_n(path_value, sizeof(path_value))};
	struct str s;

	memset(path_value, '\n', sizeof(path_value));
	log_request(&f->c, &facts);
	s = file_read(f, path);
	assert_true(json_check(s));
	assert_int_equal(str_find(s, '\n', 0), s.n - 1);
	assert_true(s.n <= 8192);
	assert_has(s, "\"aborted\":false}\n");
}

static void
a_request_tells_all_of_its_facts(void **state)
{
	struct fixture *f = *state;
	const char *path = log_to_file(f, LOG_LEVEL_INFO, CONFIG_LOG_JSON);
	struct facts facts = {.route = ROUTE_MICROPUB,
		.method = METHOD_POST,
		.status = 413,
		.error = ERR_BODY_TOO_LARGE,
		.request_bytes = 11,
		.head_bytes = 22,
		.body_bytes = 33,
		.duration_us = 12345,
		.db_us = 678,
		.render_us = 9,
		.db_queries = 4,
		.aborted = true,
		.cached = true,
		.path = S("/micropub"),
		.remote_addr = S("192.0.2.1"),
		.user_agent = S("Quill/1"),
		.auth = S("session")};

	log_request(&f->c, &facts);
	assert_has(file_read(f, path), "\"message\":\"request answered\"");
	assert_has(file_read(f, path),
		"\"method\":\"POST\",\"path\":\"/micropub\",\"route\":\"micropub\","
		"\"status\":413,\"duration_ms\":12.345,\"db_ms\":0.678,\"db_queries\":4,"
		"\"bytes\":33,"
		"\"remote_addr\":\"192.0.2.1\",\"user_agent\":\"Quill/1\",\"auth\":\"session\","
		"\"render_ms\":0.009,\"request_bytes\":11,\"head_bytes\":22,"
		"\"error\":\"body_too_large\","
		"\"cached\":true,\"aborted\":true}\n");
}

static void
an_error_is_logged_at_its_own_level(void **state)
{
	struct fixture *f = *state;
	const char *path = log_to_file(f, LOG_LEVEL_INFO, CONFIG_LOG_JSON);
	struct str s;

	log_error(&f->c);
	assert_int_equal(file_read(f, path).n, 0);
	assert_int_equal(
		err_raise(&f->c, ERR_CLIENT_GONE, "below the log's level"), ERR_CLIENT_GONE);
	log_error(&f->c);
	assert_int_equal(file_read(f, path).n, 0);
	err_clear(&f->c);
	assert_int_equal(err_raise_hint(&f->c, ERR_DB_FULL, "page 7"), ERR_DB_FULL);
	log_error(&f->c);
	s = file_read(f, path);
	assert_has(s, "\"level\":\"CRITICAL\",\"logger\":\"error\",\"event\":\"error\"");
	assert_has(s, "\"code\":\"db_full\",\"detail\":\"page 7\",\"file\":\"");
	assert_has(s, "tests/unit/test_core_log.c\",\"line\":");
	assert_has(s, "\"hint\":\"page 7\"}\n");
	assert_int_equal(f->c.err.code, ERR_DB_FULL);
}

static void
an_error_says_in_words_what_it_is(void **state)
{
	struct fixture *f = *state;
	const char *path = log_to_file(f, LOG_LEVEL_DEBUG, CONFIG_LOG_JSON);
	struct str rest;

	for (int e = OK + 1; e < ERR__MAX; e++) {
		assert_int_equal(err_raise(&f->c, (enum err)e, "x"), e);
		log_error(&f->c);
		err_clear(&f->c);
	}
	rest = file_read(f, path);
	for (int e = OK + 1; e < ERR__MAX; e++) {
		struct str line = str_cut(&rest, '\n');
		char wanted[512];

		assert_true(json_check(line));
		(void)snprintf(wanted, sizeof(wanted),
			"\"logger\":\"error\",\"event\":\"error\",\"message\":\"%s\",",
			err_info((enum err)e)->message);
		assert_has(line, wanted);
	}
	assert_int_equal(rest.n, 0);
}

static void
a_source_file_is_named_from_src_on(void **state)
{
	struct fixture *f = *state;
	const char *path = log_to_file(f, LOG_LEVEL_INFO, CONFIG_LOG_JSON);

	assert_int_equal(err_raise_at(&f->c, "/home/src/x/src/web/site.c", 7, ERR_IO, "x"), ERR_IO);
	log_error(&f->c);
	assert_has(file_read(f, path), "\"file\":\"src/web/site.c\",\"line\":7,");
}

static void
text_is_one_readable_line(void **state)
{
	struct fixture *f = *state;
	const char *path = log_to_file(f, LOG_LEVEL_INFO, CONFIG_LOG_TEXT);
	struct str s;

	log_event(&f->c, post_created, .slug = S("hello"), .type = S("two words"), .client = S(""));
	s = file_read(f, path);
	assert_int_equal(str_find(s, '\n', 0), s.n - 1);
	assert_int_equal(s.p[23], 'Z');
	assert_has(s, "Z INFO     micropub   post created event=post_created pid=");
	assert_has(s, " slug=hello type=\"two words\" client=\"\"\n");
}

static void
the_format_follows_the_environment(void **state)
{
	struct fixture *f = *state;
	const char *path;

	f->cfg.environment = CONFIG_PRODUCTION;
	path = log_to_file(f, LOG_LEVEL_INFO, CONFIG_LOG_AUTO);
	log_event(&f->c, logout);
	assert_int_equal(file_read(f, path).p[0], '{');
	log_close(f->c.log);
	assert_int_equal(unlink(path), 0);
	f->cfg.environment = CONFIG_DEVELOPMENT;
	path = log_to_file(f, LOG_LEVEL_INFO, CONFIG_LOG_AUTO);
	log_event(&f->c, logout);
	assert_int_equal(file_read(f, path).p[0], '2');
}

/* ---- levels and counters ----------------------------------------------------------------- */

static void
events_below_the_level_are_not_written(void **state)
{
	struct fixture *f = *state;
	const char *path = log_to_file(f, LOG_LEVEL_WARNING, CONFIG_LOG_JSON);

	log_event(&f->c, logout);
	assert_int_equal(file_read(f, path).n, 0);
	log_event(&f->c, login_failed, .remote_addr = S("192.0.2.1"));
	assert_has(file_read(f, path), "login_failed");
}

static void
an_event_moves_its_counter_written_or_not(void **state)
{
	struct fixture *f = *state;

	log_event(&f->c, post_created, .slug = S("no log at all"));
	assert_int_equal(counted(f, COUNTER_POSTS_CREATED), 1);
	(void)log_to_file(f, LOG_LEVEL_CRITICAL, CONFIG_LOG_JSON);
	log_event(&f->c, post_created, .slug = S("below the level"));
	assert_int_equal(counted(f, COUNTER_POSTS_CREATED), 2);
	log_event(&f->c, logout);
	assert_int_equal(counted(f, COUNTER_POSTS_CREATED), 2);
	assert_int_equal(counted(f, COUNTER_LOGIN_FAILURES), 0);
	f->c.metrics = NULL;
	log_event(&f->c, post_created, .slug = S("no metrics"));
	assert_int_equal(counted(f, COUNTER_POSTS_CREATED), 2);
}

static void
a_forked_child_has_its_own_pid(void **state)
{
	struct fixture *f = *state;
	const char *path = log_to_file(f, LOG_LEVEL_INFO, CONFIG_LOG_JSON);
	char expected[64];
	int status;
	pid_t child;

	log_event(&f->c, logout);
	child = fork();
	if (child == 0) {
		log_event(&f->c, logout);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	(void)snprintf(expected, sizeof(expected), "\"pid\":%d}", (int)child);
	assert_has(file_read(f, path), expected);
	(void)snprintf(expected, sizeof(expected), "\"pid\":%d}", (int)getpid());
	assert_has(file_read(f, path), expected);
}

/* ---- the reference ----------------------------------------------------------------------- */

static void
the_schema_is_json_and_has_every_event(void **state)
{
	struct fixture *f = *state;
	struct buf b;

	buf_init(&b, &f->c.arena, ROOM);
	log_docs("schema", &b);
	assert_false(b.failed);
	assert_true(json_check(buf_str(&b)));
#define EVENT(sym, level, logger, counter, message, fields, doc) \
	assert_has(buf_str(&b), "{\"event\":{\"const\":\"" #sym "\"}");
#include "tables/events.def"
#undef EVENT
	assert_has(buf_str(&b), "\"duration_ms\":{\"type\":\"number\"");
}

static void
the_manual_has_every_event(void **state)
{
	struct fixture *f = *state;
	struct buf b;

	buf_init(&b, &f->c.arena, ROOM);
	log_docs("mdoc", &b);
	assert_false(b.failed);
#define EVENT(sym, level, logger, counter, message, fields, doc) \
	assert_has(buf_str(&b), ".It Ic " #sym " Pq " #level "\n");
#include "tables/events.def"
#undef EVENT
	assert_has(buf_str(&b), ".Va starpunk_posts_created_total .\n");
	assert_has(buf_str(&b), ".It Va duration_ms\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_line_has_its_parts_in_order),
		TEST(outside_a_request_there_is_no_request_id),
		TEST(every_event_makes_one_valid_line),
		TEST(hostile_values_cannot_forge_a_line),
		TEST(a_request_tells_all_of_its_facts),
		TEST(an_error_is_logged_at_its_own_level),
		TEST(an_error_says_in_words_what_it_is),
		TEST(a_source_file_is_named_from_src_on),
		TEST(text_is_one_readable_line),
		TEST(the_format_follows_the_environment),
		TEST(events_below_the_level_are_not_written),
		TEST(an_event_moves_its_counter_written_or_not),
		TEST(a_forked_child_has_its_own_pid),
		TEST(the_schema_is_json_and_has_every_event),
		TEST(the_manual_has_every_event),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
