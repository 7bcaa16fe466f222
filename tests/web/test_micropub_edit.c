/*
 * Changing posts by Micropub as clients meet it: updates, slugs, tombstones, conditions, retries.
 */
#include "site.h"

#include <stdio.h>
#include <string.h>

#define FORM "application/x-www-form-urlencoded"
#define JSON "application/json"

static struct answer
post_as(struct site *s, struct str token, const char *type, const char *body)
{
	return ASK(s, .method = "POST", .uri = "/micropub", .type = type, .body = body,
		.headers = {{"HTTP_AUTHORIZATION", site_bearer(s, token)}});
}

static struct answer
change(struct site *s, const char *header, const char *value, const char *body)
{
	return ASK(s, .method = "POST", .uri = "/micropub", .type = JSON, .body = body,
		.headers = {{"HTTP_AUTHORIZATION", site_bearer(s, s->all)}, {header, value}});
}

static struct answer
source(struct site *s, const char *header, const char *value)
{
	return ASK(s, .uri = "/micropub?q=source&url=https://ada.example/note/rain",
		.headers = {{"HTTP_AUTHORIZATION", site_bearer(s, s->all)}, {header, value}});
}

static const char add_wind[] = "{\"action\":\"update\",\"url\":\"https://ada.example/note/rain\","
			       "\"add\":{\"category\":[\"wind\"]}}";
static const char to_storm[] = "{\"action\":\"update\",\"url\":\"https://ada.example/note/rain\","
			       "\"mp-slug\":\"storm\"}";

static void
rain(struct site *s)
{
	assert_int_equal(
		post_as(s, s->all, FORM, "content=Rain+again&category[]=weather&mp-slug=rain")
			.status,
		201);
}

static void
an_update_is_answered_204_with_the_new_entity_tag(void **state)
{
	struct site *s = *state;
	struct answer a;

	rain(s);
	a = change(s, NULL, NULL, add_wind);
	assert_int_equal(a.status, 204);
	assert_int_equal(a.body.n, 0);
	assert_null(answer_header(&a, "Location").p);
	assert_true(str_starts(answer_header(&a, "ETag"), S("\"v2-")));
	assert_has(ASK(s, .uri = "/note/rain"), "wind");
	assert_int_equal(post_as(s, s->draft, JSON, add_wind).status, 401);
	assert_int_equal(post_as(s, s->all, FORM,
				 "action=update&url=https://ada.example/note/rain"
				 "&content=x")
				 .status,
		400);
}

static void
a_new_slug_is_answered_201_and_the_old_one_redirects(void **state)
{
	struct site *s = *state;
	struct answer a;

	rain(s);
	a = change(s, NULL, NULL, to_storm);
	assert_int_equal(a.status, 201);
	assert_header(a, "Location", "https://ada.example/note/storm");
	a = ASK(s, .uri = "/note/rain");
	assert_int_equal(a.status, 301);
	assert_header(a, "Location", "https://ada.example/note/storm");
	assert_int_equal(ASK(s, .uri = "/note/storm").status, 200);
	assert_int_equal(source(s, NULL, NULL).status, 200);
	assert_int_equal(change(s, NULL, NULL,
				 "{\"action\":\"update\",\"url\":"
				 "\"https://ada.example/note/"
				 "rain\",\"replace\":{\"visibility\":[\"private\"]}}")
				 .status,
		204);
	assert_int_equal(ASK(s, .uri = "/note/rain").status, 404);
}

static void
deleting_and_undeleting_are_idempotent(void **state)
{
	static const char *const forms[] = {"action=delete&url=https://ada.example/note/rain",
		"action=undelete&url=https://ada.example/note/rain"};
	static const int status[] = {410, 200};
	struct site *s = *state;

	rain(s);
	for (int round = 0; round < 4; round++) {
		struct answer a = post_as(s, s->all, FORM, forms[round / 2]);

		assert_int_equal(a.status, 204);
		assert_int_equal(a.body.n, 0);
		assert_int_equal(ASK(s, .uri = "/note/rain").status, status[round / 2]);
	}
	assert_int_equal(post_as(s, s->all, JSON,
				 "{\"action\":\"delete\",\"url\":"
				 "\"https://ada.example/note/rain\"}")
				 .status,
		204);
	assert_lacks(ASK(s, .uri = "/"), "Rain again");
	assert_int_equal(source(s, NULL, NULL).status, 400);
	assert_int_equal(
		post_as(s, s->all, FORM, "action=delete&url=https://b.example/").status, 400);
	assert_int_equal(post_as(s, s->create, FORM, forms[0]).status, 401);
}

static void
a_source_has_validators(void **state)
{
	struct site *s = *state;
	struct answer a, b;
	char etag[64];

	rain(s);
	site_sql(s, "UPDATE post SET published = published - 100");
	a = source(s, NULL, NULL);
	assert_int_equal(a.status, 200);
	assert_header(a, "Cache-Control", "no-store");
	assert_true(str_starts(answer_header(&a, "ETag"), S("\"v1-")));
	assert_non_null(answer_header(&a, "Last-Modified").p);
	(void)snprintf(etag, sizeof(etag), "%.*s", STR(answer_header(&a, "ETag")));
	assert_int_equal(source(s, "HTTP_IF_NONE_MATCH", etag).status, 304);
	b = ASK(s,
		.uri = "/micropub?q=source&properties[]=content&url=https://ada.example/note/rain",
		.headers = {{"HTTP_AUTHORIZATION", site_bearer(s, s->all)}});
	assert_header(b, "ETag", etag);
	b = ASK(s, .uri = "/micropub?q=source",
		.headers = {{"HTTP_AUTHORIZATION", site_bearer(s, s->all)}});
	assert_int_equal(b.status, 200);
	assert_null(answer_header(&b, "ETag").p);
	assert_header(b, "Cache-Control", "no-store");
}

static void
the_second_of_two_editors_is_told(void **state)
{
	static const char hail_json[] = "{\"properties\":{\"content\":[\"Hail\"]}}";
	struct site *s = *state;
	char first[80], second[64];
	struct answer a;

	rain(s);
	a = source(s, NULL, NULL);
	(void)snprintf(first, sizeof(first), "%.*s", STR(answer_header(&a, "ETag")));
	a = change(s, "HTTP_IF_MATCH", first, add_wind);
	assert_int_equal(a.status, 204);
	(void)snprintf(second, sizeof(second), "%.*s", STR(answer_header(&a, "ETag")));
	assert_string_not_equal(first, second);
	a = change(s, "HTTP_IF_MATCH", first, to_storm);
	assert_int_equal(a.status, 412);
	assert_has(a, "{\"error\":\"invalid_request\"");
	assert_int_equal(ASK(s, .uri = "/note/storm").status, 404);
	(void)snprintf(first, sizeof(first), "W/%s", second);
	assert_int_equal(change(s, "HTTP_IF_MATCH", first, to_storm).status, 412);
	assert_int_equal(change(s, "HTTP_IF_MATCH", "nonsense", to_storm).status, 412);
	assert_int_equal(change(s, "HTTP_IF_NONE_MATCH", "*", to_storm).status, 412);
	assert_int_equal(change(s, "HTTP_IF_NONE_MATCH", "*", hail_json).status, 412);
	(void)snprintf(first, sizeof(first), "\"x\", %s", second);
	assert_int_equal(change(s, "HTTP_IF_MATCH", first, add_wind).status, 204);
	assert_int_equal(change(s, "HTTP_IF_MATCH", "*", add_wind).status, 204);
	assert_int_equal(
		change(s, "HTTP_IF_UNMODIFIED_SINCE", "Sun, 01 Mar 2020 09:30:00 GMT", to_storm)
			.status,
		412);
	assert_int_equal(
		change(s, "HTTP_IF_UNMODIFIED_SINCE", "Tue, 01 Mar 2050 09:30:00 GMT", to_storm)
			.status,
		201);
}

static void
a_create_may_come_again(void **state)
{
	static const char rain_json[] = "{\"properties\":{\"content\":[\"Rain\"]}}";
	static const char snow_json[] = "{\"properties\":{\"content\":[\"Snow\"]}}";
	struct site *s = *state;
	char long_key[258];
	struct answer a;

	for (int i = 0; i < 2; i++) {
		a = change(s, "HTTP_IDEMPOTENCY_KEY", "\"8e03-97\"", rain_json);
		assert_int_equal(a.status, 201);
		assert_header(a, "Location", "https://ada.example/note/rain");
	}
	a = change(s, "HTTP_IDEMPOTENCY_KEY", "\"8e03-97\"", snow_json);
	assert_int_equal(a.status, 409);
	assert_has(a, "{\"error\":\"invalid_request\"");
	a = change(s, "HTTP_IDEMPOTENCY_KEY", "other", rain_json);
	assert_header(a, "Location", "https://ada.example/note/rain-2");
	assert_int_equal(change(s, "HTTP_IDEMPOTENCY_KEY", "", snow_json).status, 400);
	assert_int_equal(change(s, "HTTP_IDEMPOTENCY_KEY", "a b", snow_json).status, 400);
	assert_int_equal(change(s, "HTTP_IDEMPOTENCY_KEY", "\xc3\xa4", snow_json).status, 400);
	memset(long_key, 'k', 256);
	long_key[256] = '\0';
	assert_int_equal(change(s, "HTTP_IDEMPOTENCY_KEY", long_key, snow_json).status, 400);
	long_key[255] = '\0';
	assert_int_equal(change(s, "HTTP_IDEMPOTENCY_KEY", long_key, snow_json).status, 201);
}

#define T(f) cmocka_unit_test_setup_teardown(f, site_setup, site_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(an_update_is_answered_204_with_the_new_entity_tag),
		T(a_new_slug_is_answered_201_and_the_old_one_redirects),
		T(deleting_and_undeleting_are_idempotent),
		T(a_source_has_validators),
		T(the_second_of_two_editors_is_told),
		T(a_create_may_come_again),
	};

	return cmocka_run_group_tests_name("web/micropub_edit", tests, NULL, NULL);
}
