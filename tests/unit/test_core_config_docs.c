/*
 * core/config_docs: what config show and config docs print can be read again.
 */
#include "config_fixture.h"
#include "json_check.h"

static struct str
shown_with(struct site *s, bool json, const struct config_change *changes, size_t n_changes)
{
	struct str out;
	struct buf b;

	buf_init(&b, &s->c.arena, 1 << 20);
	config_show(s->cfg, json, changes, n_changes, &b);
	assert_int_equal(buf_end(&s->c, &b, &out), OK);
	return out;
}

static struct str
shown(struct site *s, bool json)
{
	return shown_with(s, json, NULL, 0);
}

static struct str
docs(struct site *s, const char *format)
{
	struct str out;
	struct buf b;

	buf_init(&b, &s->c.arena, 1 << 20);
	config_docs(format, &b);
	assert_int_equal(buf_end(&s->c, &b, &out), OK);
	return out;
}

static void
assert_has(struct str text, const char *part)
{
	if (str_search(text, str_z(part), 0) == text.n)
		fail_msg("\"%s\" is not in:\n%.*s", part, STR(text));
}

static void
show_names_value_and_origin_of_each_key(void **state)
{
	struct site *s = *state;
	struct str text;

	assert_int_equal(setenv("STARPUNK_WORKERS", "3", 1), 0);
	assert_int_equal(
		load(s, "site_url = https://ada.example/\nsite_name = \"two words\"\n"), OK);
	text = shown(s, false);
	assert_has(text, "site_url = https://ada.example/  # ");
	assert_has(text, "/starpunk.conf:1\n");
	assert_has(text, "site_name = \"two words\"  # ");
	assert_has(text, "workers = 3  # environment\n");
	assert_has(text, "request_timeout = 30s  # default\n");
	assert_has(text, "theme_path = \"\"  # default\n");
#define CONFIG(type, key, def, min, max, doc) assert_has(text, #key " = ");
#include "tables/config.def"
#undef CONFIG
}

/* It still is a configuration: of what the site uses. */
static void
what_the_database_holds_is_shown_in_place_of_the_files(void **state)
{
	static const struct config_change changes[] = {
		{S_INIT("site_name"), S_INIT("New \"name\"")},
		{S_INIT("navigation"), S_INIT("/a A\n/b B\n")}};
	struct site *s = *state;
	struct str text;

	assert_int_equal(load(s, "site_url = https://ada.example/\nsite_name = Old\n"), OK);
	text = shown_with(s, true, changes, 2);
	assert_true(json_check(text));
	assert_has(text, "{\"key\":\"site_name\",\"value\":\"New \\\"name\\\"\","
			 "\"origin\":\"database\",\"configured\":\"Old\"}");
	assert_has(text, "{\"key\":\"navigation\",\"value\":\"/a A\\u000a/b B\\u000a\",\"origin\":\"database\"}");
	text = shown_with(s, false, changes, 2);
	assert_has(text, "site_name = \"New \\\"name\\\"\"  # database, in place of ");
	assert_has(text, "/starpunk.conf:2\n");
	assert_has(text, "\n# navigation = \"/a A\\u000a/b B\\u000a\"  # database\n");
	assert_int_equal(load_str(s, text), OK);
	assert_string_equal(s->cfg->site_name, "New \"name\"");
}

static void
the_origin_of_one_key_is_told(void **state)
{
	struct site *s = *state;
	struct buf b;

	assert_int_equal(setenv("STARPUNK_WORKERS", "3", 1), 0);
	assert_int_equal(load(s, "site_url = https://ada.example/\nlisten = /run/x\n"), OK);
	buf_init(&b, &s->c.arena, 4096);
	config_origin(s->cfg, S("listen"), &b);
	assert_true(str_ends(buf_str(&b), S("/starpunk.conf:2")));
	buf_init(&b, &s->c.arena, 4096);
	config_origin(s->cfg, S("workers"), &b);
	config_origin(s->cfg, S("timezone"), &b);
	config_origin(s->cfg, S("no_such_key"), &b);
	assert_true(str_eq(buf_str(&b), S("environmentdefault")));
}

static void
what_is_shown_is_a_configuration(void **state)
{
	static const char name[] = "a \"b\" \\ ${c} #d, 'e' = {f} \xe2\x82\xac";
	struct site *s = *state;

	assert_int_equal(setenv("STARPUNK_SITE_NAME", name, 1), 0);
	assert_int_equal(
		load(s, "site_url = https://ada.example/\nmetrics_allow = \"10.0.0.0/8, ::1\"\n"),
		OK);
	assert_int_equal(unsetenv("STARPUNK_SITE_NAME"), 0);
	assert_int_equal(load_str(s, shown(s, false)), OK);
	assert_string_equal(s->cfg->site_name, name);
	assert_string_equal(s->cfg->metrics_allow, "10.0.0.0/8, ::1");
}

static void
show_as_json_has_types_and_origins(void **state)
{
	struct site *s = *state;
	struct str text;

	assert_int_equal(load(s, "site_url = https://ada.example/\nworkers = 2\n"
		"site_name = 'a \"b\" \\\\'\n"),
		OK);
	text = shown(s, true);
	assert_true(json_check(text));
	assert_has(text, "{\"key\":\"workers\",\"value\":2,\"origin\":\"");
	assert_has(text, "{\"key\":\"site_name\",\"value\":\"a \\\"b\\\" \\\\\",");
	assert_has(text, "{\"key\":\"metrics_enabled\",\"value\":true,\"origin\":\"default\"}");
	assert_has(text, "{\"key\":\"request_timeout\",\"value\":\"30s\",\"origin\":\"default\"}");
}

static void
the_sample_file_is_a_configuration(void **state)
{
	struct site *s = *state;
	unsigned keys = 0, defaults = 0;
	struct str text;

	assert_int_equal(load_str(s, docs(s, "conf")), OK);
	assert_string_equal(s->cfg->site_name, "StarPunk");
	/* Only what has no default is set in it. */
	for (text = shown(s, false); text.n > 0; keys++)
		defaults += str_ends(str_cut(&text, '\n'), S("  # default"));
	assert_int_equal(defaults, keys - 1);
}

static void
the_sample_file_shows_the_defaults(void **state)
{
	struct site *s = *state;
	struct str text = docs(s, "conf");
	char copy[64 * 1024];
	size_t n = 0;

	/* "#key = value" is a setting taken out; "# text" is a comment. */
	assert_true(text.n < sizeof(copy));
	for (size_t i = 0; i < text.n; i++) {
		bool taken_out = text.p[i] == '#' && text.p[i + 1] != ' ' && text.p[i + 1] != '\n';

		copy[n++] = taken_out ? ' ' : text.p[i];
	}
	assert_int_equal(load_str(s, str_n(copy, n)), OK);
	text = shown(s, false);
	assert_int_equal(str_search(text, S("# default"), 0), text.n);
	assert_int_equal(s->cfg->request_timeout, 30000000);
	assert_string_equal(s->cfg->metrics_allow, "127.0.0.1, ::1");
}

static void
the_reference_has_every_key(void **state)
{
	struct site *s = *state;
	struct str text = docs(s, "text"), mdoc = docs(s, "mdoc"), json = docs(s, "json");

	assert_true(json_check(json));
#define CONFIG(type, key, def, min, max, doc) \
	assert_has(text, #key " = "); \
	assert_has(mdoc, ".It Ic " #key "\n"); \
	assert_has(json, "{\"key\":\"" #key "\",");
#include "tables/config.def"
#undef CONFIG
	assert_has(text, "Environment: STARPUNK_WORKER_THREADS\n");
	assert_has(text, "number; from 1 to 64\n");
	assert_has(text, "one of production, development\n");
	assert_has(text, "duration, such as 250ms, 30s, 5m, 2h or 30d; from 1s to 10m\n");
	assert_has(text, "; at least 1MiB\n");
	assert_has(json, "\"environment\":\"STARPUNK_SITE_URL\",\"default\":null,");
}

static void
the_manual_has_no_stray_requests(void **state)
{
	static const char *const known[] = {".Bl ", ".It ", ".El", ".br"};
	struct str rest = docs(*state, "mdoc");

	while (rest.p) {
		struct str line = str_cut(&rest, '\n');
		bool ok = line.n == 0 || (line.p[0] != '.' && line.p[0] != '\'');

		for (size_t i = 0; i < 4 && !ok; i++)
			ok = str_starts(line, str_z(known[i]));
		if (!ok)
			fail_msg("stray request: %.*s", STR(line));
	}
}

static void
an_unknown_format_is_empty(void **state)
{
	assert_int_equal(docs(*state, "pdf").n, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(show_names_value_and_origin_of_each_key),
		TEST(what_the_database_holds_is_shown_in_place_of_the_files),
		TEST(the_origin_of_one_key_is_told),
		TEST(what_is_shown_is_a_configuration),
		TEST(show_as_json_has_types_and_origins),
		TEST(the_sample_file_is_a_configuration),
		TEST(the_sample_file_shows_the_defaults),
		TEST(the_reference_has_every_key),
		TEST(the_manual_has_no_stray_requests),
		TEST(an_unknown_format_is_empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
