/*
 * The request inspector: that no secret is kept, and no more than there is room for.
 */
#include "inspector.h"

/* ---- secrets ----------------------------------------------------------------------------- */

static void
no_token_is_kept_wherever_it_stands(void **state)
{
	struct site *s = *state;
	struct str token = s->create;
	char text[2048];

	(void)post_as(s, token, FORM, "content=Rain");
	(void)snprintf(text, sizeof(text), "content=Rain&access_token=%.*s", STR(token));
	(void)ASK(s, .method = "POST", .uri = "/micropub", .type = FORM, .body = text);
	(void)post_as(s, token, FORM, text);
	(void)snprintf(text, sizeof(text), "/micropub?q=config&access_token=%.*s", STR(token));
	(void)ASK(s, .uri = text);
	(void)snprintf(text, sizeof(text), "/micropub/%.*s", STR(token));
	(void)ASK(s, .uri = text);
	(void)snprintf(text, sizeof(text), "/micropub?q=source&url=https://ada.example/?t=%.*s",
		STR(token));
	(void)ASK(s, .uri = text,
		.headers = {{"HTTP_AUTHORIZATION", site_bearer(s, token)},
			{"HTTP_COOKIE", site_bearer(s, token)},
			{"HTTP_USER_AGENT", site_bearer(s, token)}});
	(void)snprintf(text, sizeof(text),
		"{\"type\":[\"h-entry\"],\"access_token\":\"%.*s\",\"properties\":{\"mp-slug\":[\"x\"],"
		"\"content\":[\"%.*s and "
		"%.*s\"],\"x\":[{\"y\":{\"Authorization\":\"Bearer %.*s\"}}]}}",
		STR(token), STR(token), STR(token), STR(token));
	(void)post_as(s, token, JSON, text);
	(void)snprintf(text, sizeof(text),
		"{\"access_token\":\"%.*s\",\"properties\":{\"a\":\"%.*s\"}}", STR(token),
		STR(token));
	(void)post_as(s, token, JSON, text);
	(void)snprintf(text, sizeof(text), "multipart/form-data; boundary=%.*s", STR(token));
	(void)post_as(s, token, text, "x");
	assert_int_equal(calls_kept(s), 9);
	assert_false(has(journal_text(s), token.p));
	/* Nor the greater part of one. (A slug made of it would be one, but for its capitals.) */
	assert_false(has(journal_text(s), arena_str(&s->kept, str_sub(token, 3, 15)).p));
	assert_true(has(journal_text(s), "sp_*******"));
}

static void
a_token_at_the_edge_where_texts_are_cut_is_not_kept(void **state)
{
	struct site *s = *state;
	char text[1024];

	for (int before = CALL_VALUE_MAX - 60; before < CALL_VALUE_MAX + 10; before++) {
		(void)snprintf(text, sizeof(text), "content=%0*d%.*s", before, 0, STR(s->create));
		(void)post_as(s, s->create, FORM, text);
	}
	assert_false(has(journal_text(s), arena_str(&s->kept, str_sub(s->create, 0, 8)).p));
}

static void
values_of_names_that_speak_of_secrets_are_removed(void **state)
{
	struct site *s = *state;
	const struct json *call;

	(void)post_as(s, s->create, JSON,
		"{\"type\":[\"h-entry\"],\"properties\":{\"content\":[\"Rain\"],\"x-Password\":["
		"\"hunter2\"],"
		"\"author\":[\"Ada\"],\"x\":[{\"client_secret\":{\"a\":\"hunter2\"}}],\"API_Key\":["
		"\"hunter2\"]}}");
	call = last_call(s);
	assert_at(s, call, "request.properties.x-Password", "(removed)");
	assert_at(s, call, "request.properties.x.0.client_secret", "(removed)");
	assert_at(s, call, "request.properties.API_Key", "(removed)");
	assert_at(s, call, "request.properties.author.0", "Ada");
	(void)post_as(s, s->create, FORM, "h=recipe&password=hunter2&content=x");
	assert_at(s, last_call(s), "fields.1", "password=(removed)");
	(void)ASK(s, .uri = "/micropub?q=config&refresh_token=hunter2");
	assert_at(s, last_call(s), "query.1", "refresh_token=(removed)");
	assert_false(has(journal_text(s), "hunter2"));
}

/* ---- bounds ------------------------------------------------------------------------------ */

static void
long_values_and_lists_are_cut(void **state)
{
	struct site *s = *state;
	char text[4096];
	size_t n = (size_t)snprintf(text, sizeof(text), "content=%0*d", 2 * CALL_VALUE_MAX, 1);
	const struct json *call, *categories;

	for (int i = 0; i <= CALL_LIST_MAX; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "&category[]=c%d", i);
	(void)post_as(s, s->create, FORM, text);
	call = last_call(s);
	categories =
		json_find(json_find(json_find(call, S("request")), S("properties")), S("category"));
	assert_int_equal(json_len(categories), CALL_LIST_MAX);
	assert_int_equal(strlen(value_at(s, call, "request.properties.content.0")),
		CALL_VALUE_MAX + strlen("…"));
	assert_at(s, call, "cut", "true");
}

static void
a_huge_request_is_one_entry_that_fits(void **state)
{
	struct site *s = *state;
	char *text = malloc(200000);
	size_t n = 0;

	assert_non_null(text);
	n += (size_t)snprintf(
		text, 200000, "{\"type\":[\"h-entry\"],\"properties\":{\"content\":[\"Rain\"]");
	for (int i = 0; i < 90; i++)
		n += (size_t)snprintf(text + n, 200000 - n,
			",\"p%d\":[\"%01500d\",{\"a\":[[[[[[[[[[1]]]]]]]]]]}]", i, i);
	(void)snprintf(text + n, 200000 - n, "}}");
	assert_int_equal(post_as(s, s->create, JSON, text).status, 201);
	free(text);
	assert_int_equal(calls_kept(s), 1);
	assert_true(journal_text(s).n <= JOURNAL_ENTRY_MAX);
	assert_at(s, last_call(s), "request.properties.content.0", "Rain");
	assert_at(s, last_call(s), "cut", "true");
}

static void
a_disk_that_takes_nothing_fails_no_request(void **state)
{
	struct site *s = *state;
	struct metrics_view *v;
	char path[128];

	(void)snprintf(path, sizeof(path), "%s/micropub.journal", s->dir);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(post_as(s, s->create, FORM, "content=Rain").status, 201);
	assert_int_equal(metrics_view(&s->c, s->seg, &v), OK);
	assert_int_equal(metrics_view_counter(v, COUNTER_JOURNAL_DROPPED), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(no_token_is_kept_wherever_it_stands),
		T(a_token_at_the_edge_where_texts_are_cut_is_not_kept),
		T(values_of_names_that_speak_of_secrets_are_removed),
		T(long_values_and_lists_are_cut),
		T(a_huge_request_is_one_entry_that_fits),
		T(a_disk_that_takes_nothing_fails_no_request),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
