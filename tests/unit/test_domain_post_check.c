/*
 * domain/post_check and post_type: what properties may hold, what is refused and leaves nothing
 * behind, and which type of post it makes.
 */
#include "domain/post.h"

#include "domain_fixture.h"

/* The error that a create with that JSON gives; nothing may have been stored. */
static void
assert_refused(struct site *s, const char *body, enum err want)
{
	struct str slug;
	int64_t before, after;

	assert_ok(s, post_row_revision(&s->c, s->db, &before));
	assert_err(s, post_json(s, "create", body, &slug), want);
	assert_ok(s, post_row_revision(&s->c, s->db, &after));
	assert_int_equal(before, after);
	assert_true(db_clean(s->db));
}

/* ---- what is refused ------------------------------------------------------------------------- */

static void
states_with_typing_errors_are_refused(void **state)
{
	static const char *const bad[] = {
		"\"post-status\":[\"Draft\"]", "\"post-status\":[\"publish\"]",
		"\"post-status\":[\"draft\",\"published\"]", "\"post-status\":[1]",
		"\"post-status\":[{\"value\":\"draft\"}]", "\"visibility\":[\"Private\"]",
		"\"visibility\":[\"friends\"]", "\"visibility\":[\"private\",\"public\"]",
		"\"published\":[\"tomorrow\"]", "\"published\":[\"2026-02-30\"]",
		"\"published\":[1772357400]", "\"published\":[{\"value\":\"2026-03-01\"}]",
		"\"published\":[\"2026-03-01\",\"2026-03-02\"]",
		"\"published\":[\"2026-03-01\",\"nonsense\"]",
		"\"lang\":[\"pt_BR\"]", "\"lang\":[\"\"]", "\"lang\":[{\"value\":\"de\"}]",
		"\"lang\":[\"de\",\"<b>\"]",
	};
	struct site *s = *state;
	char body[200];

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		(void)snprintf(
			body, sizeof(body), "{\"properties\":{\"content\":[\"x\"],%s}}", bad[i]);
		assert_refused(s, body, ERR_MICROPUB_PROPERTY);
	}
}

static void
urls_that_are_none_are_refused(void **state)
{
	static const char *const names[] = {"in-reply-to", "like-of", "bookmark-of", "repost-of",
		"url", "syndication", "photo", "video", "audio"};
	static const char *const values[] = {
		"\"javascript:alert(1)\"",
		"\"data:text/html,x\"",
		"\"file:///etc/passwd\"",
		"\"/relative\"",
		"\"//host/x\"",
		"\"https://\"",
		"\"https:///x\"",
		"\"https://a b/\"",
		"\"https://a/\\n\"",
		"\"http:x\"",
		"\"HTTPS\"",
		"17",
		"true",
		"{}",
		"{\"alt\":\"x\"}",
		"{\"value\":\"javascript:alert(1)\",\"alt\":\"x\"}",
		"{\"value\":17}",
		"\"https://user@evil/\\t\"",
		"\"https://user@evil/\"",
		"\"https://user:word@evil/\"",
		"\"https://:80/\"",
		"\"https://a:0/\"",
		"\"https://a:65536/\"",
		"\"https://a:b/\"",
		"\"https://[::1/\"",
		"\"https://[::1]x/\"",
		"\"https://a\\\\@evil/\"",
		"\"https://a/x\\\\y\"",
		"{\"type\":[\"h-cite\"],\"properties\":{\"url\":[\"javascript:alert(1)\"]}}",
		"{\"type\":[\"h-cite\"],\"properties\":{\"url\":[\"https://a/\",\"data:x\"]}}",
	};
	struct site *s = *state;
	char body[300];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		for (size_t j = 0; j < sizeof(values) / sizeof(values[0]); j++) {
			(void)snprintf(body, sizeof(body),
				"{\"properties\":{\"content\":[\"x\"],\"%s\":[\"https://ok.example/"
				"\",%s]}}",
				names[i], values[j]);
			assert_refused(s, body, ERR_MICROPUB_PROPERTY);
		}
}

static void
a_refusal_names_the_property(void **state)
{
	struct site *s = *state;
	struct str slug;

	assert_int_equal(
		post_json(s, "create", "{\"properties\":{\"photo\":[\"javascript:x\"]}}", &slug),
		ERR_MICROPUB_PROPERTY);
	assert_has(str_z(s->c.err.hint), "'photo'");
	assert_has(str_z(s->c.err.hint), "http");
	assert_has_not(str_z(s->c.err.hint), "javascript");
}

static void
urls_that_are_some_are_taken(void **state)
{
	struct site *s = *state;
	struct post_row row = posted(s, "{\"properties\":{\"photo\":[\"HTTP://A.example\","
		"{\"value\":\"https://b.example/x?y=1\\\\@#z\",\"alt\":\"a cat\"},"
		"\"http://127.0.0.1:6379/\",\"https://[::1]:8080/\",\"https://a:/\"],"
		"\"in-reply-to\":[{\"type\":[\"h-cite\"],"
		"\"properties\":{\"url\":[\"https://c.example/\"],\"name\":[\"C\"]}}]}}");

	assert_str(row.type, "reply");
	assert_has(row.mf2, "\"alt\":\"a cat\"");
}

static void
values_of_the_wrong_kind_are_refused(void **state)
{
	static const char *const bad[] = {
		"{\"properties\":{\"content\":[null]}}",
		"{\"properties\":{\"content\":[\"x\"],\"x\":[null]}}",
		"{\"properties\":{\"content\":[\"x\"],\"x\":[{\"a\":[{\"b\":null}]}]}}",
		"{\"properties\":{\"content\":[[\"x\"]]}}",
		"{\"properties\":{\"content\":[17]}}",
		"{\"properties\":{\"content\":[{}]}}",
		"{\"properties\":{\"content\":[{\"html\":7}]}}",
		"{\"properties\":{\"content\":[{\"value\":7}]}}",
		"{\"properties\":{\"content\":[{\"html\":7,\"value\":\"x\"}]}}",
		"{\"properties\":{\"content\":[{\"html\":\"x\",\"value\":7}]}}",
		"{\"properties\":{\"name\":[{\"value\":\"x\"}],\"content\":[\"x\"]}}",
		"{\"properties\":{\"summary\":[true],\"content\":[\"x\"]}}",
	};
	struct site *s = *state;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_refused(s, bad[i], ERR_MICROPUB_PROPERTY);
}

static void
nothing_is_no_post(void **state)
{
	static const char *const bad[] = {
		"{}",
		"{\"type\":[\"h-entry\"]}",
		"{\"properties\":{}}",
		"{\"properties\":{\"content\":[]}}",
		"{\"properties\":{\"content\":[\"\"]}}",
		"{\"properties\":{\"mp-slug\":[\"x\"]}}",
		"{\"properties\":{\"access_token\":[\"x\"]}}",
		"{\"content\":[\"outside of properties\"]}",
	};
	struct site *s = *state;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_refused(s, bad[i], ERR_MICROPUB_EMPTY);
}

/* Sent by clients whose "post" button is pressed too early; no page would show anything of it. */
static void
what_shows_nothing_is_no_post(void **state)
{
	static const char *const bad[] = {
		"\"content\":[\" \\n\\t \"]",
		"\"content\":[\"\\u00a0\\u200b\"]",
		"\"content\":[{\"html\":\"\"}]",
		"\"content\":[{\"value\":\" \"}]",
		"\"content\":[{\"html\":\"<p><br></p>\"}]",
		"\"content\":[{\"html\":\"<p>&nbsp;</p>\"}]",
		"\"content\":[{\"html\":\"<script>alert(1)</script><style>p{}</style>\"}]",
		"\"content\":[\" \"],\"category\":[\"a\"],\"visibility\":[\"unlisted\"]",
		"\"content\":[\" \"],\"name\":[\"\\n\"],\"summary\":[\" \"]",
		"\"published\":[\"2026-03-01\"],\"post-status\":[\"draft\"]",
		"\"content\":[\" \"],\"published\":[\"2027-03-01\"]",
		"\"summary\":[\"\"]",
		"\"content\":[\"\"],\"x\":[\"\",\"\"],\"checkin\":[\"\"],\"photo\":[\"\"]",
	};
	struct site *s = *state;
	char body[300];

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		(void)snprintf(body, sizeof(body), "{\"properties\":{%s}}", bad[i]);
		assert_refused(s, body, ERR_MICROPUB_EMPTY);
	}
}

static void
what_shows_anything_is_a_post(void **state)
{
	static const char *const good[] = {
		"\"content\":[\".\"]",
		"\"content\":[\"---\"]",
		"\"content\":[{\"html\":\"<p><img src=https://a.example/></p>\"}]",
		"\"content\":[{\"html\":\"<video src=https://a.example/></video>\"}]",
		"\"content\":[{\"html\":\"<audio src=https://a.example/></audio>\"}]",
		"\"content\":[\" \"],\"name\":[\"n\"]",
		"\"content\":[\" \"],\"summary\":[\"n\"]",
		"\"content\":[\" \"],\"photo\":[\"https://a.example/\"]",
		"\"like-of\":[\"https://a.example/\"]",
		"\"like-of\":[\"https://a.example/\"],\"published\":[\"2027-03-01\"]",
		"\"checkin\":[{\"type\":[\"h-card\"],\"properties\":{\"name\":[\"Bar\"]}}]",
		"\"content\":[\" \"],\"drank\":[\"tea\"]",
	};
	struct site *s = *state;
	char body[300];

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		(void)snprintf(body, sizeof(body), "{\"properties\":{%s}}", good[i]);
		(void)posted(s, body);
	}
}

static void
too_long_a_text_is_refused(void **state)
{
	struct site *s = *state;
	struct str body = {0};
	struct buf b;

	buf_init(&b, &s->c.arena, 1 << 20);
	buf_puts(&b, "{\"properties\":{\"content\":[\"");
	for (int i = 0; i <= MARKDOWN_MAX_BYTES; i++)
		buf_putc(&b, i % 60 ? 'a' : ' ');
	buf_puts(&b, "\"]}}");
	assert_ok(s, buf_end(&s->c, &b, &body));
	assert_refused(s, body.p, ERR_CONTENT_TOO_LARGE);
}

/* ---- types ----------------------------------------------------------------------------------- */

static void
types_are_discovered(void **state)
{
	static const struct {
		const char *properties, *type;
	} cases[] = {
		{"\"rsvp\":[\"yes\"],\"in-reply-to\":[\"https://a/\"]", "rsvp"},
		{"\"rsvp\":[\"perhaps\"],\"in-reply-to\":[\"https://a/\"]", "reply"},
		{"\"repost-of\":[\"https://a/\"],\"like-of\":[\"https://a/\"]", "repost"},
		{"\"like-of\":[\"https://a/\"],\"in-reply-to\":[\"https://a/\"]", "like"},
		{"\"in-reply-to\":[\"https://a/\"],\"photo\":[\"https://a/p\"]", "reply"},
		{"\"bookmark-of\":[\"https://a/\"],\"name\":[\"n\"],\"content\":[\"c\"]",
			"bookmark"},
		{"\"checkin\":[{\"type\":[\"h-card\"],\"properties\":{\"name\":[\"Bar\"]}}]",
			"checkin"},
		{"\"audio\":[\"https://a/\"],\"video\":[\"https://a/\"]", "audio"},
		{"\"video\":[\"https://a/\"],\"photo\":[\"https://a/\"]", "video"},
		{"\"photo\":[\"https://a/\"],\"name\":[\"n\"],\"content\":[\"c\"]", "photo"},
		{"\"photo\":[{\"value\":\"https://a/\",\"alt\":\"x\"}]", "photo"},
		{"\"content\":[{\"html\":\"<p><img src=https://a.example/></p>\"}]", "note"},
		{"\"name\":[\"A title\"],\"content\":[\"text\"]", "article"},
		{"\"name\":[\"text\"],\"content\":[\"text and more\"]", "note"},
		{"\"name\":[\"text  and\"],\"content\":[{\"html\":\"<p>text <b>and</b> "
		 "more</p>\"}]",
			"note"},
		{"\"name\":[\"A title\"],\"summary\":[\"short\"]", "article"},
		{"\"name\":[\"sh\"],\"summary\":[\"short\"]", "note"},
	};
	struct site *s = *state;
	char body[300];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		(void)snprintf(body, sizeof(body), "{\"properties\":{%s}}", cases[i].properties);
		assert_str(posted(s, body).type, cases[i].type);
	}
	assert_str(posted(s, "{\"type\":[\"h-event\"],\"properties\":{\"name\":[\"Party\"]}}").type,
		"event");
}

static void
only_urls_make_a_response(void **state)
{
	struct site *s = *state;
	const struct json *properties;

	assert_ok(s, json_parse(&s->c, S("{\"like-of\":[\"that one\"],\"photo\":[7]}"),
			&properties));
	assert_str(post_type_discover(properties, S("entry"), S("text")), "note");
	assert_ok(s, json_parse(&s->c, S("{\"like-of\":[\"https://a.example/\"]}"), &properties));
	assert_str(post_type_discover(properties, S("entry"), S("text")), "like");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(states_with_typing_errors_are_refused),
		SITE_TEST(urls_that_are_none_are_refused),
		SITE_TEST(a_refusal_names_the_property),
		SITE_TEST(urls_that_are_some_are_taken),
		SITE_TEST(values_of_the_wrong_kind_are_refused),
		SITE_TEST(nothing_is_no_post),
		SITE_TEST(what_shows_nothing_is_no_post),
		SITE_TEST(what_shows_anything_is_a_post),
		SITE_TEST(too_long_a_text_is_refused),
		SITE_TEST(types_are_discovered),
		SITE_TEST(only_urls_make_a_response),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
