/*
 * domain/micropub_query: what queries answer and to whom.
 */
#include "micropub_query_fixture.h"

static void
config_says_what_is_there(void **state)
{
	struct site *s = *state;
	struct str json = answer(s, "q=config"), ignored;
	const struct json *config, *names;

	assert_ok(s, json_parse(&s->c, json, &config));
	assert_str(json_str(json_find(config, S("media-endpoint"))),
		"https://ada.example/micropub/media");
	assert_has(json, "\"syndicate-to\":[{\"uid\":\"https://social.example/@ada\","
		"\"name\":\"Social\"},{\"uid\":\"pond\",\"name\":\"The pond\"}]");
	assert_has(json, "\"channels\":[{\"uid\":\"garden\",\"name\":\"Garden\"},"
		"{\"uid\":\"work\",\"name\":\"Work\"}]");
	assert_has(json, "\"destination\":[{\"uid\":\"https://ada.example/\"");
	assert_has(json, "\"mp\":[\"slug\",\"photo-alt\",\"syndicate-to\",\"channel\",\"destination\"]");
	assert_has(json, "\"visibility\":[\"public\",\"unlisted\",\"private\"]");
	assert_has(json, "\"post-status\":[\"published\",\"draft\"]");
	assert_has(json, "\"categories\":[]");
	assert_has(json, "\"post-types\":[{\"type\":\"note\",\"name\":\"Note\"");
	names = json_find(config, S("q"));
	assert_true(json_len(names) >= 7);
	for (size_t i = 0; i < json_len(names); i++) {
		struct str args;

		assert_ok(s, ctx_printf(&s->c, &args, "q=%.*s", STR(json_str(json_at(names, i)))));
		assert_ok(s, ask(s, "create", args.p, &ignored));
	}
}

static void
small_queries(void **state)
{
	struct site *s = *state;
	const struct json *types;

	assert_str(answer(s, "q=syndicate-to&post-type=note"),
		"{\"syndicate-to\":[{\"uid\":\"https://social.example/@ada\",\"name\":\"Social\"},"
		"{\"uid\":\"pond\",\"name\":\"The pond\"}]}");
	assert_str(answer(s, "q=channel"), "{\"channels\":[{\"uid\":\"garden\",\"name\":\"Garden\"},"
		"{\"uid\":\"work\",\"name\":\"Work\"}]}");
	assert_ok(s, json_parse(&s->c, answer(s, "q=post-types"), &types));
	types = json_find(types, S("post-types"));
	assert_int_equal(json_len(types), 14);
	for (size_t i = 0; i < json_len(types); i++) {
		const struct json *row = json_at(types, i);

		assert_true(json_len(json_find(row, S("required-properties"))) >= 1);
		assert_true(json_equal(json_at(json_find(row, S("properties")), 0),
			json_at(json_find(row, S("required-properties")), 0)));
	}
}

static void
categories_are_the_tags_of_all_listed_posts_by_use(void **state)
{
	struct site *s = *state;

	assert_str(answer(s, "unknown=1&q=category"), "{\"categories\":[]}");
	(void)posted(s, "{\"properties\":{\"content\":[\"1\"],\"category\":[\"Rain\",\"home\"]}}");
	(void)posted(s, "{\"properties\":{\"content\":[\"2\"],\"category\":[\"rain\",\"train\"]}}");
	(void)posted(s, "{\"properties\":{\"content\":[\"3\"],\"category\":[\"secret\"],"
		"\"post-status\":[\"draft\"]}}");
	assert_str(answer(s, "q=category"), "{\"categories\":[\"Rain\",\"home\",\"train\"]}");
	assert_str(answer(s, "q=category&filter=RAI"), "{\"categories\":[\"Rain\",\"train\"]}");
	assert_str(answer(s, "q=category&filter=%"), "{\"categories\":[]}");
}

static void
contacts_are_the_cards(void **state)
{
	struct site *s = *state;

	assert_str(answer(s, "q=contact"), "{\"contacts\":[]}");
	(void)posted(s, "{\"type\":[\"h-card\"],\"properties\":{\"name\":[\"Bob Bee\"],"
		"\"nickname\":[\"bee\"],\"url\":[\"https://bob.example/\"],\"mp-slug\":[\"bob\"],"
		"\"photo\":[{\"value\":\"https://bob.example/b.jpg\",\"alt\":\"Bob\"}]}}");
	(void)posted(s, "{\"type\":[\"h-card\"],\"properties\":{\"name\":[\"Cy\"],\"mp-slug\":[\"cy\"],"
		"\"published\":[\"2020-01-01T00:00:00Z\"]}}");
	(void)posted(s, "{\"properties\":{\"name\":[\"Bob is no card\"],\"content\":[\"x\"]}}");
	assert_str(answer(s, "q=contact"), "{\"contacts\":[{\"name\":\"Bob Bee\","
		"\"nickname\":\"bee\",\"url\":\"https://bob.example/\","
		"\"photo\":\"https://bob.example/b.jpg\","
		"\"_internal_url\":\"https://ada.example/note/bob\"},"
		"{\"name\":\"Cy\",\"_internal_url\":\"https://ada.example/note/cy\"}]}");
	assert_has_not(answer(s, "q=contact&filter=cY"), "Bob");
	assert_has_not(answer(s, "q=contact&search=bob"), "Cy");
}

static void
short_lists_have_limit_and_offset_too(void **state)
{
	static const char *const queries[] = {"category", "channel", "contact"};
	static const char *const bad[] = {"limit=0", "limit=-1", "limit=x", "offset=-1",
		"offset=1.5", "limit=99999999999999999999"};
	struct site *s = *state;
	struct str args, json;

	(void)posted(s, "{\"type\":[\"h-card\"],\"properties\":{\"name\":[\"Bob\"],"
		"\"category\":[\"a\",\"b\",\"c\"]}}");
	(void)posted(s, "{\"type\":[\"h-card\"],\"properties\":{\"name\":[\"Cy\"],"
		"\"category\":[\"a\",\"b\"],\"published\":[\"2020-01-01T00:00:00Z\"]}}");
	(void)posted(s, "{\"properties\":{\"content\":[\"x\"],\"category\":[\"a\"]}}");
	assert_str(answer(s, "q=category&limit=2"), "{\"categories\":[\"a\",\"b\"]}");
	assert_str(answer(s, "q=category&limit=2&offset=1"), "{\"categories\":[\"b\",\"c\"]}");
	assert_str(answer(s, "q=category&offset=3"), "{\"categories\":[]}");
	assert_str(answer(s, "q=channel&limit=1"),
		"{\"channels\":[{\"uid\":\"garden\",\"name\":\"Garden\"}]}");
	assert_str(answer(s, "q=channel&offset=1&limit="),
		"{\"channels\":[{\"uid\":\"work\",\"name\":\"Work\"}]}");
	assert_has_not(answer(s, "q=contact&limit=1"), "Cy");
	assert_has_not(answer(s, "q=contact&offset=1"), "Bob");
	assert_has(answer(s, "q=contact&offset=1"), "Cy");
	assert_str(answer(s, "q=contact&filter=cy&offset=1"), "{\"contacts\":[]}");
	for (size_t i = 0; i < 3; i++)
		for (size_t j = 0; j < sizeof(bad) / sizeof(bad[0]); j++) {
			assert_ok(s, ctx_printf(&s->c, &args, "q=%s&%s", queries[i], bad[j]));
			assert_err(s, ask(s, "create", args.p, &json), ERR_MICROPUB_QUERY);
		}
	/* What has no list of its own minds neither. */
	assert_ok(s, ask(s, "create", "q=config&limit=x", &json));
}

static void
unknown_queries_are_refused(void **state)
{
	static const char *const bad[] = {"", "q=", "q=nothing", "q=Config", "url=x"};
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(config_says_what_is_there),
		SITE_TEST(small_queries),
		SITE_TEST(categories_are_the_tags_of_all_listed_posts_by_use),
		SITE_TEST(contacts_are_the_cards),
		SITE_TEST(short_lists_have_limit_and_offset_too),
		SITE_TEST(unknown_queries_are_refused),
		SITE_TEST(queries_need_a_scope),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
