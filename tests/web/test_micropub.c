/*
 * The Micropub endpoint as clients meet it: encodings, tokens, queries, and the form of its errors.
 */
#include "site.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FORM "application/x-www-form-urlencoded"
#define JSON "application/json"

static struct answer
post_as(struct site *s, struct str token, const char *type, const char *body)
{
	return ASK(s, .method = "POST", .uri = "/micropub", .type = type, .body = body,
		.headers = {{"HTTP_AUTHORIZATION", site_bearer(s, token)}});
}

static void
a_form_makes_a_post(void **state)
{
	struct site *s = *state;
	struct answer a = post_as(
		s, s->create, FORM, "h=entry&content=Rain+again&category[]=weather&mp-slug=rain");

	assert_int_equal(a.status, 201);
	assert_header(a, "Location", "https://ada.example/note/rain");
	assert_header(a, "Cache-Control", "no-store");
	assert_header(a, "Access-Control-Allow-Origin", "*");
	assert_int_equal(a.body.n, 0);
	assert_int_equal(ASK(s, .uri = "/note/rain").status, 200);
}

static void
json_makes_a_post_whatever_its_parameters(void **state)
{
	struct site *s = *state;
	struct answer a = post_as(s, s->create, "Application/JSON; charset=utf-8",
		"{\"type\":[\"h-entry\"],\"properties\":{\"content\":[\"Rain\"],\"mp-slug\":["
		"\"rain\"]}}");

	assert_int_equal(a.status, 201);
	assert_header(a, "Location", "https://ada.example/note/rain");
}

static void
a_compressed_body_is_refused_as_such(void **state)
{
	static const char *const types[] = {FORM, JSON, "multipart/form-data; boundary=B"};
	struct site *s = *state;

	for (size_t i = 0; i < 3; i++) {
		struct answer a = ASK(s, .method = "POST", .uri = "/micropub", .type = types[i],
			.body = "\x1f\x8b\x08",
			.headers = {{"HTTP_AUTHORIZATION", site_bearer(s, s->create)},
				{"HTTP_CONTENT_ENCODING", "gzip"}});

		assert_int_equal(a.status, 415);
		assert_has(a, "bodies must not be compressed");
	}
	assert_int_equal(ASK(s, .method = "POST", .uri = "/micropub", .type = FORM,
				 .body = "content=x",
				 .headers = {{"HTTP_AUTHORIZATION", site_bearer(s, s->create)},
					 {"HTTP_CONTENT_ENCODING", "Identity"}})
				 .status,
		201);
}

static void
multipart_fields_make_a_post(void **state)
{
	struct site *s = *state;
	struct answer a = post_as(s, s->create, "multipart/form-data; boundary=X7",
		"--X7\r\nContent-Disposition: form-data; name=\"content\"\r\n\r\nRain + wind\r\n"
		"--X7\r\nContent-Disposition: form-data; "
		"name=\"mp-slug\"\r\n\r\nrain\r\n--X7--\r\n");

	assert_int_equal(a.status, 201);
	assert_has(ASK(s, .uri = "/note/rain"), "Rain + wind");
}

static void
the_token_may_stand_in_the_form(void **state)
{
	struct site *s = *state;
	char body[256];
	struct answer a;

	(void)snprintf(body, sizeof(body), "content=Rain&access_token=%.*s", STR(s->create));
	a = ASK(s, .method = "POST", .uri = "/micropub", .type = FORM, .body = body);
	assert_int_equal(a.status, 201);
	assert_true(str_search(site_log(s), s->create, 0) == site_log(s).n);
	(void)snprintf(body, sizeof(body),
		"--X7\r\nContent-Disposition: form-data; name=\"content\"\r\n\r\nRain\r\n"
		"--X7\r\nContent-Disposition: form-data; "
		"name=\"access_token\"\r\n\r\n%.*s\r\n--X7--\r\n",
		STR(s->create));
	a = ASK(s, .method = "POST", .uri = "/micropub", .type = "multipart/form-data; boundary=X7",
		.body = body);
	assert_int_equal(a.status, 201);
}

static void
a_token_in_header_and_form_is_refused_with_an_empty_body(void **state)
{
	struct site *s = *state;
	char body[256];
	struct answer a;

	(void)snprintf(
		body, sizeof(body), "content=Rain&mp-slug=rain&access_token=%.*s", STR(s->create));
	a = post_as(s, s->create, FORM, body);
	assert_int_equal(a.status, 400);
	assert_int_equal(a.body.n, 0);
	assert_header(a, "WWW-Authenticate", "Bearer error=\"invalid_request\"");
	assert_int_equal(ASK(s, .uri = "/note/rain").status, 404);
}

static void
without_a_token_nothing_is_done(void **state)
{
	struct site *s = *state;
	static const char parts[] = "--X7\r\nContent-Disposition: form-data; name=\"content\"\r\n"
				    "\r\nRain\r\n--X7--\r\n";
	const char *types[] = {FORM, JSON, "multipart/form-data; boundary=X7", "text/plain", NULL};
	const char *bodies[] = {"content=Rain", "{\"properties\":{\"content\":[\"Rain\"]}}", parts,
		"Rain", "Rain"};

	for (size_t i = 0; i < 5; i++) {
		struct answer a = ASK(s, .method = "POST", .uri = "/micropub", .type = types[i],
			.body = bodies[i]);

		assert_int_equal(a.status, 401);
		assert_header(a, "WWW-Authenticate", "Bearer");
		assert_has(a, "{\"error\":\"unauthorized\",\"error_description\":\"");
		assert_header(a, "Access-Control-Allow-Origin", "*");
	}
	assert_lacks(ASK(s, .uri = "/"), "Rain");
}

static void
a_token_in_the_query_or_a_cookie_is_none(void **state)
{
	struct site *s = *state;
	char uri[256];

	(void)snprintf(uri, sizeof(uri), "/micropub?q=config&access_token=%.*s", STR(s->create));
	assert_int_equal(ASK(s, .uri = uri).status, 401);
	assert_true(str_search(site_log(s), s->create, 0) == site_log(s).n);
	site_owner(s);
	assert_int_equal(
		ASK(s, .uri = "/micropub?q=config", .headers = {{"HTTP_COOKIE", site_sign_in(s)}})
			.status,
		401);
}

static void
a_wrong_token_is_named_invalid(void **state)
{
	struct site *s = *state;
	struct answer a = post_as(s, S("sp_wrong"), FORM, "content=Rain");

	assert_int_equal(a.status, 401);
	assert_header(a, "WWW-Authenticate", "Bearer error=\"invalid_token\"");
	assert_has(a, "{\"error\":\"invalid_token\"");
	assert_has(a, "\"request_id\":\"");
	assert_has(a, "\"suggestion\":\"");
	assert_int_equal(
		ASK(s, .uri = "/micropub?q=config", .headers = {{"HTTP_AUTHORIZATION", "Bearer x"}})
			.status,
		401);
}

static void
a_scope_that_is_missing_is_named(void **state)
{
	struct site *s = *state;
	struct answer a = post_as(s, s->none, FORM, "content=Rain");

	assert_int_equal(a.status, 401);
	assert_has(a, "{\"error\":\"insufficient_scope\"");
	assert_has(a, "\"scope\":\"create\"");
	assert_header(a, "WWW-Authenticate", "Bearer error=\"insufficient_scope\"");
}

static void
a_draft_token_makes_drafts_only(void **state)
{
	struct site *s = *state;
	struct answer a =
		post_as(s, s->draft, FORM, "content=Rain&mp-slug=rain&post-status=published");

	assert_int_equal(a.status, 201);
	assert_int_equal(ASK(s, .uri = "/note/rain").status, 404);
}

static void
what_is_no_post_is_refused_with_the_reason(void **state)
{
	static const struct {
		const char *type, *body;
		int status;
	} bad[] = {
		{FORM, "", 400},
		{FORM, "h=entry", 400},
		{FORM, "h=nothing&content=x", 400},
		{FORM, "content=%zz", 400},
		{FORM, "content=%ff", 400},
		{FORM, "content=a%00b", 400},
		{FORM, "content=x&published=yesterday", 400},
		{FORM, "action=explode&url=x", 400},
		{JSON, "{", 400},
		{JSON, "[]", 400},
		{JSON, "{\"properties\":{\"content\":\"x\"}}", 400},
		{JSON, "{\"properties\":{\"content\":[null]}}", 400},
		{JSON, "{\"properties\":{},\"properties\":{}}", 400},
		{"multipart/form-data", "x", 400},
		{"multipart/form-data; boundary=X7", "--X7\r\n", 400},
		{"text/plain", "content=x", 415},
		{NULL, "content=x", 415},
		{"image/png", "content=x", 415},
	};
	struct site *s = *state;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct answer a = post_as(s, s->create, bad[i].type, bad[i].body);

		if (a.status != bad[i].status)
			print_error("%s %s: %d\n", bad[i].type, bad[i].body, a.status);
		assert_int_equal(a.status, bad[i].status);
		assert_has(a, "{\"error\":\"invalid_request\",\"error_description\":\"");
		assert_header(a, "Content-Type", "application/json");
		assert_null(a.dirt);
	}
	assert_has(ASK(s, .uri = "/"), "Nothing has been posted yet.");
}

static void
a_body_beyond_the_limit_is_refused_before_it_is_read(void **state)
{
	struct site *s = *state;
	struct answer a = ASK(s, .method = "POST", .uri = "/micropub", .type = FORM,
		.body = "content=x", .length = "99999999",
		.headers = {{"HTTP_AUTHORIZATION", site_bearer(s, s->create)}});
	char *big;

	assert_int_equal(a.status, 413);
	assert_has(a, "\"error\":\"invalid_request\"");
	/* Not announced: found out while reading. */
	big = calloc(1, 2 << 20);
	memset(big, 'a', (2 << 20) - 1);
	a = ASK(s, .method = "POST", .uri = "/micropub", .type = FORM, .body = big, .length = "-1",
		.headers = {{"HTTP_AUTHORIZATION", site_bearer(s, s->create)}});
	free(big);
	assert_int_equal(a.status, 413);
	assert_true(a.facts.request_bytes >= (2 << 20) - 1);
}

static void
a_body_that_was_cut_changes_nothing(void **state)
{
	struct site *s = *state;
	struct answer a = ASK(s, .method = "POST", .uri = "/micropub", .type = FORM,
		.body = "content=Ra", .length = "12",
		.headers = {{"HTTP_AUTHORIZATION", site_bearer(s, s->create)}});

	assert_int_equal(a.status, 400);
	assert_has(ASK(s, .uri = "/"), "Nothing has been posted yet.");
}

static void
a_body_in_small_pieces_is_one_body(void **state)
{
	struct site *s = *state;
	struct answer a = ASK(s, .method = "POST", .uri = "/micropub", .type = FORM,
		.body = "content=Rain&mp-slug=rain", .reads = 1,
		.headers = {{"HTTP_AUTHORIZATION", site_bearer(s, s->create)}});

	assert_int_equal(a.status, 201);
	assert_int_equal(a.facts.request_bytes, 25);
}

static void
queries_are_answered_with_json(void **state)
{
	struct site *s = *state;
	const char *auth = site_bearer(s, s->create);
	struct answer a =
		ASK(s, .uri = "/micropub?q=config", .headers = {{"HTTP_AUTHORIZATION", auth}});

	assert_int_equal(a.status, 200);
	assert_header(a, "Content-Type", "application/json");
	assert_header(a, "Cache-Control", "no-store");
	assert_true(str_starts(a.body, S("{")));
	(void)site_post(s, "content=a+**b**&mp-slug=x&category=t&unknown=kept");
	a = ASK(s, .uri = "/micropub?q=source&url=https%3A%2F%2Fada.example%2Fnote%2Fx",
		.headers = {{"HTTP_AUTHORIZATION", auth}});
	assert_int_equal(a.status, 200);
	assert_has(a, "\"content\":[\"a **b**\"]");
	assert_has(a, "\"unknown\":[\"kept\"]");
	a = ASK(s,
		.uri = "/micropub?q=source&properties[]=category&url=https%3A%2F%2Fada.example%"
		       "2Fnote%2Fx",
		.headers = {{"HTTP_AUTHORIZATION", auth}});
	assert_has(a, "{\"properties\":{\"category\":[\"t\"]}}");
}

static void
queries_that_mean_nothing_are_refused(void **state)
{
	struct site *s = *state;
	const char *bad[] = {"/micropub", "/micropub?q=", "/micropub?q=nothing", "/micropub?q=%ff",
		"/micropub?q=source&url=https%3A%2F%2Fevil.example%2Fnote%2Fx",
		"/micropub?q=source&url=https%3A%2F%2Fada.example%2Fnote%2Fnothing",
		"/micropub?q=source&url=file%3A%2F%2F%2Fetc%2Fpasswd"};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct answer a = ASK(s, .uri = bad[i],
			.headers = {{"HTTP_AUTHORIZATION", site_bearer(s, s->create)}});

		assert_int_equal(a.status, 400);
		assert_has(a, "\"error\":\"invalid_request\"");
	}
}

static void
bad_tokens_are_limited_per_address_and_good_ones_elsewhere_are_not(void **state)
{
	struct site *s = site_new("login_rate_limit = 3/m");
	struct answer a;

	*state = s;
	for (int i = 0; i < 3; i++)
		assert_int_equal(post_as(s, S("sp_wrong"), FORM, "content=x").status, 401);
	a = post_as(s, S("sp_wrong"), FORM, "content=x");
	assert_int_equal(a.status, 429);
	assert_true(answer_header(&a, "Retry-After").n > 0);
	assert_has(a, "\"error\":\"temporarily_unavailable\"");
	a = ASK(s, .method = "POST", .uri = "/micropub", .type = FORM, .body = "content=x",
		.remote_addr = "192.0.2.2",
		.headers = {{"HTTP_AUTHORIZATION", site_bearer(s, s->create)}});
	assert_int_equal(a.status, 201);
}

static void
good_tokens_do_not_use_the_limit_up(void **state)
{
	struct site *s = site_new("login_rate_limit = 3/m");

	*state = s;
	for (int i = 0; i < 6; i++)
		assert_int_equal(post_as(s, s->create, FORM, "content=x").status, 201);
}

static void
the_log_names_the_token_by_its_public_id(void **state)
{
	struct site *s = *state;
	struct answer a = post_as(s, s->create, FORM, "content=x");

	assert_true(a.facts.auth.n > 0);
	assert_false(str_search(s->create, a.facts.auth, 0) < s->create.n);
}

#define T(f) cmocka_unit_test_setup_teardown(f, site_setup, site_teardown)
#define OWN(f) cmocka_unit_test_teardown(f, site_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_form_makes_a_post),
		T(json_makes_a_post_whatever_its_parameters),
		T(multipart_fields_make_a_post),
		T(a_compressed_body_is_refused_as_such),
		T(the_token_may_stand_in_the_form),
		T(a_token_in_header_and_form_is_refused_with_an_empty_body),
		T(without_a_token_nothing_is_done),
		T(a_token_in_the_query_or_a_cookie_is_none),
		T(a_wrong_token_is_named_invalid),
		T(a_scope_that_is_missing_is_named),
		T(a_draft_token_makes_drafts_only),
		T(what_is_no_post_is_refused_with_the_reason),
		T(a_body_beyond_the_limit_is_refused_before_it_is_read),
		T(a_body_that_was_cut_changes_nothing),
		T(a_body_in_small_pieces_is_one_body),
		T(queries_are_answered_with_json),
		T(queries_that_mean_nothing_are_refused),
		OWN(bad_tokens_are_limited_per_address_and_good_ones_elsewhere_are_not),
		OWN(good_tokens_do_not_use_the_limit_up),
		T(the_log_names_the_token_by_its_public_id),
	};

	return cmocka_run_group_tests_name("web/micropub", tests, NULL, NULL);
}
