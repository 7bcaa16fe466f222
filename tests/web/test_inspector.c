/*
 * The request inspector: what is kept of each kind of call to a Micropub endpoint.
 */
#include "inspector.h"

/* ---- each kind of call ------------------------------------------------------------------- */

static void
a_form_is_kept_as_it_was_understood(void **state)
{
	struct site *s = *state;
	struct answer a = post_as(s, s->create, FORM,
		"h=entry&content=Rain+again&category[]=a&category[]=b&mp-slug=rain");
	const struct json *call = last_call(s);

	assert_int_equal(a.status, 201);
	assert_at(s, call, "request_id", a.request_id);
	assert_at(s, call, "method", "POST");
	assert_at(s, call, "endpoint", "/micropub");
	assert_at(s, call, "status", "201");
	assert_at(s, call, "client", "test");
	assert_at(s, call, "token", arena_str(&s->kept, a.facts.auth).p);
	assert_at(s, call, "remote_addr", "192.0.2.1");
	assert_at(s, call, "user_agent", "Quill/1.0");
	assert_at(s, call, "media_type", FORM);
	assert_at(s, call, "bytes", "65");
	assert_at(s, call, "location", "https://ada.example/note/rain");
	assert_at(s, call, "request.action", "create");
	assert_at(s, call, "request.type", "entry");
	assert_at(s, call, "request.mp-slug", "rain");
	assert_at(s, call, "request.properties",
		"{\"content\":[\"Rain again\"],"
		"\"category\":[\"a\",\"b\"]}");
	assert_at(s, call, "fields", "");
	assert_at(s, call, "error", "");
	assert_at(s, call, "cut", "");
	assert_true(json_double(json_find(call, S("duration_ms"))) > 0);
	assert_true(value_at(s, call, "time")[0] == '2');
}

static void
json_is_kept_with_its_nested_objects_and_numbers_as_written(void **state)
{
	struct site *s = *state;
	struct answer a = post_as(s, s->create, JSON,
		"{\"type\":[\"h-entry\"],\"properties\":{\"content\":[{\"html\":\"<b>Rain</b>\"}],"
		"\"x-n\":[1.10,true,\"t\",{\"a\":[2]}]}}");
	const struct json *call = last_call(s);

	assert_int_equal(a.status, 201);
	assert_at(s, call, "media_type", JSON);
	assert_at(s, call, "request.properties.content", "[{\"html\":\"<b>Rain</b>\"}]");
	assert_at(s, call, "request.properties.x-n", "[1.10,true,\"t\",{\"a\":[2]}]");
}

static void
multipart_is_kept_like_a_form(void **state)
{
	struct site *s = *state;
	struct answer a = post_as(s, s->create, "multipart/form-data; boundary=X7",
		"--X7\r\nContent-Disposition: form-data; "
		"name=\"content\"\r\n\r\nRain\r\n--X7--\r\n");
	const struct json *call = last_call(s);

	assert_int_equal(a.status, 201);
	assert_at(s, call, "media_type", "multipart/form-data; boundary=X7");
	assert_at(s, call, "request.properties.content.0", "Rain");
}

/* The texts and a file in part "document", which no post has. */
#define DOCUMENT                                                                                   \
	"--X7\r\nContent-Disposition: form-data; name=\"content\"\r\n\r\nRain\r\n"                 \
	"--X7\r\nContent-Disposition: form-data; name=\"document\"; filename=\"C:\\rain.txt\"\r\n" \
	"Content-Type: text/plain\r\n\r\nfour\r\n--X7--\r\n"

static void
a_file_is_kept_by_what_it_was_called_even_if_it_was_refused(void **state)
{
	struct site *s = *state;
	struct answer a = ASK(s, .method = "POST", .uri = "/micropub",
		.type = "multipart/form-data; boundary=X7", .body = DOCUMENT,
		.headers = {{"HTTP_AUTHORIZATION", site_bearer(s, s->create)}});
	const struct json *call = last_call(s);

	assert_int_equal(a.status, 400);
	assert_at(s, call, "files.0.part", "document");
	assert_at(s, call, "files.0.filename", "rain.txt");
	assert_at(s, call, "files.0.media_type", "text/plain");
	assert_at(s, call, "error.name", "micropub_property");
}

static void
an_update_is_kept_with_its_operations(void **state)
{
	struct site *s = *state;
	const struct json *call;

	(void)post_as(s, s->create, JSON,
		"{\"action\":\"update\",\"url\":\"https://ada.example/note/"
		"rain\",\"mp-slug\":\"snow\","
		"\"replace\":{\"content\":[\"Snow\"]},\"add\":{\"category\":[\"a\"]},\"delete\":["
		"\"name\"]}");
	call = last_call(s);
	assert_at(s, call, "request.action", "update");
	assert_at(s, call, "request.url", "https://ada.example/note/rain");
	assert_at(s, call, "request.mp-slug", "snow");
	assert_at(s, call, "request.replace", "{\"content\":[\"Snow\"]}");
	assert_at(s, call, "request.add", "{\"category\":[\"a\"]}");
	assert_at(s, call, "request.delete", "[\"name\"]");
}

static void
the_key_of_a_safe_retry_is_kept(void **state)
{
	struct site *s = *state;

	(void)ASK(s, .method = "POST", .uri = "/micropub", .type = FORM, .body = "content=Rain",
		.headers = {{"HTTP_AUTHORIZATION", site_bearer(s, s->create)},
			{"HTTP_IDEMPOTENCY_KEY", "one"}});
	assert_at(s, last_call(s), "request.idempotency-key", "one");
}

static void
the_media_endpoint_is_one_of_them(void **state)
{
	struct site *s = *state;

	(void)ASK(s, .method = "POST", .uri = "/micropub/media", .type = FORM,
		.body = "action=delete&url=https://ada.example/media/x",
		.headers = {{"HTTP_AUTHORIZATION", site_bearer(s, s->create)}});
	assert_at(s, last_call(s), "endpoint", "/micropub/media");
	assert_at(s, last_call(s), "fields",
		"[\"action=delete\",\"url=https://ada.example/media/x\"]");
	(void)ASK(s, .uri = "/micropub/media?q=last");
	assert_at(s, last_call(s), "query.0", "q=last");
}

static void
an_action_is_kept_with_its_url(void **state)
{
	struct site *s = *state;
	const struct json *call;

	(void)post_as(s, s->create, FORM, "action=delete&url=https://ada.example/note/rain");
	call = last_call(s);
	assert_at(s, call, "request.action", "delete");
	assert_at(s, call, "request.url", "https://ada.example/note/rain");
	assert_at(s, call, "request.properties", "");
}

static void
a_query_is_kept_with_its_arguments(void **state)
{
	struct site *s = *state;
	struct answer a =
		ASK(s, .uri = "/micropub?q=source&url=https%3A%2F%2Fada.example%2Fx&properties[]=a",
			.headers = {{"HTTP_AUTHORIZATION", site_bearer(s, s->create)}});
	const struct json *call = last_call(s);

	assert_int_equal(a.status, 400);
	assert_at(s, call, "method", "GET");
	assert_at(s, call, "query",
		"[\"q=source\",\"url=https://ada.example/x\",\"properties[]=a\"]");
	assert_at(s, call, "error.name", "micropub_url");
	assert_at(s, call, "request", "");
	assert_at(s, call, "bytes", "");
}

static void
a_preflight_is_kept(void **state)
{
	struct site *s = *state;

	(void)ASK(s, .method = "OPTIONS", .uri = "/micropub");
	assert_at(s, last_call(s), "method", "OPTIONS");
	assert_at(s, last_call(s), "status", "204");
}

static void
a_wrong_spelling_of_the_endpoint_is_kept(void **state)
{
	struct site *s = *state;

	(void)ASK(s, .uri = "/micropub/");
	assert_at(s, last_call(s), "endpoint", "/micropub/");
	assert_at(s, last_call(s), "location", "https://ada.example/micropub");
	(void)ASK(s, .uri = "/micropub/nothing");
	assert_at(s, last_call(s), "status", "404");
	assert_int_equal(calls_kept(s), 2);
}

static void
other_requests_are_not_kept(void **state)
{
	struct site *s = *state;

	(void)ASK(s, .uri = "/");
	(void)ASK(s, .uri = "/micropubs");
	(void)ASK(s, .uri = "/admin/micropub");
	assert_int_equal(calls_kept(s), 0);
}

/* ---- what fails -------------------------------------------------------------------------- */

static void
a_refusal_says_why_and_what_to_do(void **state)
{
	struct site *s = *state;
	const struct json *call;

	(void)post_as(s, s->create, JSON,
		"{\"properties\":{\"content\":\"bare\"},\"type\":[\"h-entry\"]}");
	call = last_call(s);
	assert_at(s, call, "status", "400");
	assert_at(s, call, "error.name", "micropub_property");
	assert_at(s, call, "error.message", err_info(ERR_MICROPUB_PROPERTY)->message);
	assert_at(s, call, "error.hint", "property 'content' needs an array of values");
	assert_at(s, call, "error.suggestion", err_info(ERR_MICROPUB_PROPERTY)->suggestion);
	assert_at(s, call, "request", "");
	assert_at(
		s, call, "json", "{\"properties\":{\"content\":\"bare\"},\"type\":[\"h-entry\"]}");
}

static void
a_form_that_is_not_understood_is_kept_as_it_was_read(void **state)
{
	struct site *s = *state;
	const struct json *call;

	(void)post_as(s, s->create, FORM, "h=recipe&content=Soup");
	call = last_call(s);
	assert_at(s, call, "error.name", "micropub_property");
	assert_at(s, call, "fields", "[\"h=recipe\",\"content=Soup\"]");
}

static void
a_request_that_was_understood_and_refused_is_kept_with_both(void **state)
{
	struct site *s = *state;
	const struct json *call;

	(void)post_as(s, s->none, FORM, "content=Rain");
	call = last_call(s);
	assert_at(s, call, "status", "401");
	assert_at(s, call, "error.name", "insufficient_scope");
	assert_at(s, call, "error.hint", "create");
	assert_at(s, call, "request.properties.content.0", "Rain");
}

static void
what_fails_before_the_handler_is_kept_too(void **state)
{
	struct site *s = *state;

	(void)ASK(s, .method = "POST", .uri = "/micropub", .type = FORM, .body = "content=Rain");
	assert_at(s, last_call(s), "error.name", "unauthorized");
	assert_at(s, last_call(s), "bytes", "12");
	(void)ASK(s, .uri = "/micropub?q=config");
	assert_at(s, last_call(s), "error.name", "unauthorized");
	assert_at(s, last_call(s), "query.0", "q=config");
	(void)post_as(s, S("sp_wrong"), FORM, "content=Rain");
	assert_at(s, last_call(s), "error.name", "token_invalid");
	(void)post_as(s, s->create, "application/xml", "<x/>");
	assert_at(s, last_call(s), "status", "415");
	assert_at(s, last_call(s), "media_type", "application/xml");
	(void)ASK(s, .method = "POST", .uri = "/micropub", .type = FORM, .body = "content=Rain",
		.length = "100000000",
		.headers = {{"HTTP_AUTHORIZATION", site_bearer(s, s->create)}});
	assert_at(s, last_call(s), "status", "413");
	assert_at(s, last_call(s), "announced", "100000000");
	(void)post_as(s, s->create, JSON, "{\"type\":[\"h-entry\"]");
	assert_at(s, last_call(s), "error.name", "bad_json");
	(void)post_as(s, s->create, FORM, "content=%zz");
	assert_at(s, last_call(s), "status", "400");
	(void)ASK(s, .method = "PUT", .uri = "/micropub");
	assert_at(s, last_call(s), "status", "405");
	(void)ASK(s, .uri = "/micropub", .host = "evil.example");
	assert_at(s, last_call(s), "status", "421");
	assert_int_equal(calls_kept(s), 9);
}

static void
nothing_is_kept_of_a_body_without_a_token(void **state)
{
	struct site *s = *state;

	(void)ASK(
		s, .method = "POST", .uri = "/micropub", .type = FORM, .body = "content=Stranger");
	(void)ASK(s, .method = "POST", .uri = "/micropub", .type = JSON,
		.body = "{\"type\":[\"h-entry\"],\"properties\":{\"content\":[\"Stranger\"]}}");
	(void)ASK(s, .method = "POST", .uri = "/micropub", .type = FORM,
		.body = "content=Stranger&access_token=sp_wrong");
	(void)ASK(s, .method = "POST", .uri = "/micropub",
		.type = "multipart/form-data; boundary=X7",
		.body = "--X7\r\nContent-Disposition: form-data; "
			"name=\"content\"\r\n\r\nStranger\r\n--X7--\r\n");
	(void)ASK(s, .method = "POST", .uri = "/micropub",
		.type = "multipart/form-data; boundary=X7",
		.body = "--X7\r\nContent-Disposition: form-data; name=\"photo\"; "
			"filename=\"Stranger\"\r\n\r\nx\r\n--X7--\r\n");
	assert_int_equal(calls_kept(s), 5);
	assert_false(has(journal_text(s), "Stranger"));
}

static void
a_client_that_went_away_is_kept(void **state)
{
	struct site *s = *state;

	(void)ASK(s, .method = "POST", .uri = "/micropub", .type = FORM, .body = "content=Rain",
		.gone_after = 1, .headers = {{"HTTP_AUTHORIZATION", site_bearer(s, s->create)}});
	assert_at(s, last_call(s), "request.properties.content.0", "Rain");
	assert_at(s, last_call(s), "error.name", "client_gone");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_form_is_kept_as_it_was_understood),
		T(json_is_kept_with_its_nested_objects_and_numbers_as_written),
		T(multipart_is_kept_like_a_form),
		T(a_file_is_kept_by_what_it_was_called_even_if_it_was_refused),
		T(the_key_of_a_safe_retry_is_kept),
		T(the_media_endpoint_is_one_of_them),
		T(an_action_is_kept_with_its_url),
		T(an_update_is_kept_with_its_operations),
		T(a_query_is_kept_with_its_arguments),
		T(a_preflight_is_kept),
		T(a_wrong_spelling_of_the_endpoint_is_kept),
		T(other_requests_are_not_kept),
		T(a_refusal_says_why_and_what_to_do),
		T(a_form_that_is_not_understood_is_kept_as_it_was_read),
		T(a_request_that_was_understood_and_refused_is_kept_with_both),
		T(what_fails_before_the_handler_is_kept_too),
		T(nothing_is_kept_of_a_body_without_a_token),
		T(a_client_that_went_away_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
