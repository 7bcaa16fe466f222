/*
 * domain/micropub_query: what queries answer and to whom; the source of a post comes back byte for
 * byte.
 */
#include "domain/micropub.h"

#include "domain_fixture.h"

static enum err
ask(struct site *s, const char *scope, const char *args, struct str *json)
{
	struct auth_grant g = grant(scope);
	struct form f = form(args);

	return micropub_query(&s->c, s->db, &g, f.fields, f.n, json);
}

static struct str
answer(struct site *s, const char *args)
{
	struct str json = {0};

	assert_ok(s, ask(s, "create", args, &json));
	return json;
}

static void
config_says_what_is_there(void **state)
{
	struct site *s = *state;
	struct str json = answer(s, "q=config"), ignored;
	const struct json *config, *names;

	assert_ok(s, json_parse(&s->c, json, &config));
	assert_int_equal(json_kind(json_find(config, S("syndicate-to"))), JSON_ARRAY);
	assert_int_equal(json_len(json_find(config, S("syndicate-to"))), 0);
	assert_null(json_find(config, S("media-endpoint")));
	assert_has(json, "\"post-types\":[{\"type\":\"note\",\"name\":\"Note\"");
	names = json_find(config, S("q"));
	assert_true(json_len(names) >= 5);
	for (size_t i = 0; i < json_len(names); i++) {
		struct str args;
		enum err err;

		assert_ok(s, ctx_printf(&s->c, &args, "q=%.*s", STR(json_str(json_at(names, i)))));
		err = ask(s, "create", args.p, &ignored);
		if (err != OK)
			assert_has(str_z(s->c.err.hint), "needs the url");
		err_clear(&s->c);
	}
}

static void
small_queries(void **state)
{
	struct site *s = *state;

	assert_str(answer(s, "q=syndicate-to"), "{\"syndicate-to\":[]}");
	assert_str(answer(s, "unknown=1&q=category"), "{\"categories\":[]}");
	(void)posted(s, "{\"properties\":{\"content\":[\"x\"],\"category\":[\"Rain\",\"home\"]}}");
	(void)posted(s, "{\"properties\":{\"content\":[\"x\"],\"category\":[\"rain\",\"train\"]}}");
	assert_str(answer(s, "q=category"), "{\"categories\":[\"rain\",\"train\",\"home\"]}");
	assert_str(answer(s, "q=category&filter=RAI"), "{\"categories\":[\"rain\",\"train\"]}");
	assert_has(answer(s, "q=post-types"), "\"required-properties\":[\"name\",\"content\"]");
}

static void
unknown_queries_are_refused(void **state)
{
	static const char *const bad[] = {"", "q=", "q=nothing", "q=Config", "url=x", "q=source",
		"q=source&url="};
	struct site *s = *state;
	struct str json;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_err(s, ask(s, "create", bad[i], &json), ERR_MICROPUB_QUERY);
}

static void
queries_need_a_scope(void **state)
{
	struct site *s = *state;
	struct str json;

	(void)posted(s, "{\"properties\":{\"content\":[\"x\"],\"mp-slug\":[\"x\"]}}");
	assert_ok(s, ask(s, "profile", "q=config", &json));
	assert_err(s, ask(s, "", "q=config", &json), ERR_SCOPE);
	assert_err(s, ask(s, " ", "q=category", &json), ERR_SCOPE);
	assert_err(s, ask(s, "profile recreate", "q=source&url=https://ada.example/note/x", &json),
		ERR_SCOPE);
	assert_ok(s, ask(s, "undelete", "q=source&url=https://ada.example/note/x", &json));
	assert_ok(s, ask(s, "draft", "q=source&url=https://ada.example/note/x", &json));
}

static void
source_returns_what_was_sent(void **state)
{
	static const char *const properties[] = {
		"\"content\":[\" Two  sp\\r\\n\\ttab \\\"q\\\" \\\\ ü 雨 <b>&amp;</b>\\u0001 \"]",
		"\"content\":[{\"html\":\"<p>By <b>JSON</b><script>x()</script>\"}]",
		"\"x\":[1,2.50,1e3,-7,12345678901,true,{\"a\":[{\"b\":\"c\"}],\"d\":false}]",
		"\"photo\":[{\"value\":\"https://a.example/p.jpg\",\"alt\":\"A \\\"cat\\\"\"}]",
		"\"location\":[{\"type\":[\"h-adr\"],\"properties\":{\"locality\":[\"X\"]}}]",
		"\"name\":[\"N\"],\"category\":[\"a\",{\"type\":[\"h-card\"],\"properties\":{\"name\":[\"B\"]}}]",
	};
	struct site *s = *state;
	struct str body, json;
	char args[128];

	for (size_t i = 0; i < sizeof(properties) / sizeof(properties[0]); i++) {
		assert_ok(
			s, ctx_printf(&s->c, &body, "{\"properties\":{%s,\"mp-slug\":[\"p%zu\"]}}",
				   properties[i], i));
		(void)posted(s, body.p);
		(void)snprintf(args, sizeof(args), "q=source&url=https://ada.example/note/p%zu", i);
		json = answer(s, args);
		assert_true(str_starts(json, S("{\"type\":[\"h-entry\"],\"properties\":{")));
		assert_has(json, properties[i]);
		assert_has_not(json, "mp-slug");
	}
}

static void
source_adds_state_and_place(void **state)
{
	struct site *s = *state;
	struct str slug;

	assert_ok(s, post_json(s, "draft",
			     "{\"properties\":{\"content\":[\"x\"],\"mp-slug\":[\"雨\"],"
			     "\"post-status\":[\"published\"],\"visibility\":[\"unlisted\"]}}",
			     &slug));
	assert_str(answer(s, "q=source&url=https://ada.example/note/%E9%9B%A8"),
		"{\"type\":[\"h-entry\"],\"properties\":{\"content\":[\"x\"],"
		"\"post-status\":[\"draft\"],\"visibility\":[\"unlisted\"],"
		"\"published\":[\"2026-03-01T09:30:00Z\"],"
		"\"url\":[\"https://ada.example/note/%E9%9B%A8\"]}}");
	(void)posted(
		s, "{\"properties\":{\"content\":[\"y\"],\"published\":[\"2026-02-01 10:00\"]}}");
	assert_has(answer(s, "q=source&url=https://ada.example/note/y"),
		"\"published\":[\"2026-02-01 10:00\"]");
}

static void
source_selects_properties(void **state)
{
	struct site *s = *state;

	(void)posted(s, "{\"properties\":{\"content\":[{\"html\":\"<b>\"}],\"name\":[\"N\"],"
		"\"category\":[\"a\"],\"mp-slug\":[\"x\"]}}");
	assert_str(answer(s, "q=source&url=https://ada.example/note/x&properties=content"),
		"{\"properties\":{\"content\":[{\"html\":\"<b>\"}]}}");
	assert_str(answer(s, "q=source&url=http://ADA.example/note/x/&properties[]=category"
		"&properties[]=nothing&properties[]=name"),
		"{\"properties\":{\"category\":[\"a\"],\"name\":[\"N\"]}}");
	assert_str(answer(s, "q=source&url=https://ada.example/note/x&properties[0]=nothing"),
		"{\"properties\":{}}");
	assert_has(answer(s, "q=source&url=https://ada.example/note/x&properties="), "\"type\"");
}

static void
source_of_nothing_is_refused(void **state)
{
	static const char *const bad[] = {"https://ada.example/note/none",
		"https://b.example/note/x", "https://ada.example/admin", "file:///etc/passwd",
		"../", "x"};
	struct site *s = *state;
	struct str json;
	char args[128];

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		(void)snprintf(args, sizeof(args), "q=source&url=%s", bad[i]);
		assert_err(s, ask(s, "create", args, &json), ERR_MICROPUB_URL);
	}
}

static void
a_deleted_post_has_no_source(void **state)
{
	struct site *s = *state;
	struct post_row row = {.uid = S("/note/x"), .slug = S("x"), .type = S("note"),
		.status = POST_PUBLISHED, .published = NOW, .deleted = NOW, .mf2 = S("{}")};
	struct str json;

	assert_ok(s, db_tx_begin(&s->c, s->db));
	assert_ok(s, post_row_insert(&s->c, s->db, &row));
	assert_ok(s, db_tx_commit(&s->c, s->db));
	assert_err(s, ask(s, "create", "q=source&url=https://ada.example/note/x", &json),
		ERR_MICROPUB_URL);
}

static void
what_is_stored_can_be_read_again(void **state)
{
	struct site *s = *state;
	struct pair *fields = calloc(900, sizeof(*fields));
	struct auth_grant g = grant("create");
	struct micropub_request r;
	struct str token, location;
	static char text[400];

	assert_non_null(fields);
	memset(text, 1, sizeof(text));
	for (size_t i = 0; i < 900; i++)
		fields[i] = (struct pair){S("x[]"), str_n(text, sizeof(text))};
	fields[0] = (struct pair){S("content"), S("x")};
	assert_ok(s, micropub_parse_form(&s->c, fields, 900, &r, &token));
	assert_err(s, micropub_run(&s->c, s->db, &g, &r, &location), ERR_BODY_TOO_LARGE);
	assert_ok(s, micropub_parse_form(&s->c, fields, 100, &r, &token));
	assert_ok(s, micropub_run(&s->c, s->db, &g, &r, &location));
	assert_ok(s, ctx_printf(&s->c, &token, "q=source&url=%.*s", STR(location)));
	assert_has(answer(s, token.p), "\\u0001");
	free(fields);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(config_says_what_is_there),
		SITE_TEST(small_queries),
		SITE_TEST(unknown_queries_are_refused),
		SITE_TEST(queries_need_a_scope),
		SITE_TEST(source_returns_what_was_sent),
		SITE_TEST(source_adds_state_and_place),
		SITE_TEST(source_selects_properties),
		SITE_TEST(source_of_nothing_is_refused),
		SITE_TEST(a_deleted_post_has_no_source),
		SITE_TEST(what_is_stored_can_be_read_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
