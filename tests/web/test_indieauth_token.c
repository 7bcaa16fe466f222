/*
 * What programs ask of the IndieAuth server: exchange of codes and refresh tokens, introspection,
 * revocation, the profile; and what somebody gets who has stolen one of the secrets.
 */
#include "indieauth.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define ALL "scope=create&scope=update&scope=delete&scope=media&scope=profile&scope=email"

/* The answer to a code for these scopes, all of them ticked. */
static struct answer
grant(struct auth *a, const char *scope)
{
	struct answer got = redeem(a, code_for(a, scope, ALL));

	assert_int_equal(got.status, 200);
	return got;
}

static bool
works(struct auth *a, struct str token)
{
	struct answer got = get_as(a, token, "/auth/token");

	assert_true(got.status == 200 || got.status == 401);
	if (got.status == 401)
		assert_header(got, "WWW-Authenticate", "Bearer error=\"invalid_token\"");
	return got.status == 200;
}

/* ---- codes ----------------------------------------------------------------------------------- */

static void
a_code_is_exchanged_for_a_token(void **state)
{
	struct auth *a = *state;
	struct answer got = grant(a, "create+update");
	struct str token = member(a, got, "access_token"), again = member(a, got, "refresh_token");

	assert_header(got, "Content-Type", "application/json");
	assert_header(got, "Cache-Control", "no-store");
	assert_header(got, "Pragma", "no-cache");
	assert_header(got, "Access-Control-Allow-Origin", "*");
	assert_has(got, "\"token_type\":\"Bearer\"");
	assert_has(got, "\"scope\":\"create update\"");
	assert_has(got, "\"expires_in\":604800");
	assert_has(got, "\"me\":\"https://ada.example/\"");
	assert_lacks(got, "profile");
	assert_int_equal(token.n, 46);
	assert_true(str_starts(token, S("sp_")));
	assert_int_equal(again.n, 47);
	assert_true(str_starts(again, S("spr_")));
	assert_int_equal(post_as(a, token, "/micropub", "content=by+an+app").status, 201);
}

static void
a_code_is_exchanged_for_a_profile_alone(void **state)
{
	struct auth *a = *state;
	struct answer got = post(a, "/auth", fill(a, EXCHANGE("$"), code_for(a, "profile+create", ALL)).p);

	assert_int_equal(got.status, 200);
	assert_has(got, "\"me\":\"https://ada.example/\"");
	assert_has(got, "\"profile\":{\"name\":\"Ada\",\"url\":\"https://ada.example/\"}");
	assert_lacks(got, "token");
	assert_header(got, "Cache-Control", "no-store");
	assert_no_header(got, "Access-Control-Allow-Origin");
	assert_count(a, 0, "token WHERE client_id <> ''");
	got = post(a, "/auth", fill(a, EXCHANGE("$"), code_for(a, "", ALL)).p);
	assert_true(str_eq(got.body, S("{\"me\":\"https://ada.example/\"}")));
}

static void
the_mail_address_comes_with_the_profile_only(void **state)
{
	struct auth *a = *state;
	struct answer got = owner_post(a, "/admin/settings", "version=0&author_email=ada@ada.example"
		"&author_photo=https://ada.example/p.jpg&author_name=Ada");

	assert_int_equal(got.status, 303);
	assert_has(grant(a, "create+profile+email"), "\"profile\":{\"name\":\"Ada\",\"url\":\"https://ada.example/\","
		"\"photo\":\"https://ada.example/p.jpg\",\"email\":\"ada@ada.example\"}");
	assert_lacks(grant(a, "create+profile"), "ada@");
	assert_lacks(grant(a, "create+email"), "ada@");
}

static void
a_code_without_scope_gives_no_token(void **state)
{
	struct auth *a = *state;
	const char *code = code_for(a, "", ALL);

	assert_refused(redeem(a, code), 400, "invalid_grant");
	assert_int_equal(post(a, "/auth", fill(a, EXCHANGE("$"), code).p).status, 200);
}

static void
an_exchange_has_each_field_once(void **state)
{
	static const char *const bad[][2] = {
		{"code=$&" CLIENT "&" REDIRECT "&code_verifier=" VERIFIER, "invalid_request"},
		{"grant_type=authorization_code&" CLIENT "&" REDIRECT "&code_verifier=" VERIFIER "&x=$", "invalid_request"},
		{"grant_type=authorization_code&code=$&" REDIRECT "&code_verifier=" VERIFIER, "invalid_request"},
		{"grant_type=authorization_code&code=$&" CLIENT "&code_verifier=" VERIFIER, "invalid_request"},
		{EXCHANGE("$") "&code_verifier=" VERIFIER, "invalid_request"},
		{EXCHANGE("$") "&grant_type=authorization_code", "invalid_request"},
		{"grant_type=password&code=$&" CLIENT "&" REDIRECT, "unsupported_grant_type"},
	};
	struct auth *a = *state;
	const char *code = code_for(a, "create", ALL);

	for (size_t i = 0; i < COUNT(bad); i++) {
		assert_refused(post(a, "/auth/token", fill(a, bad[i][0], code).p), 400, bad[i][1]);
		assert_refused(post(a, "/auth", fill(a, bad[i][0], code).p), 400, bad[i][1]);
	}
	assert_refused(post(a, "/auth", "grant_type=refresh_token&refresh_token=x&" CLIENT), 400,
		"unsupported_grant_type");
	assert_int_equal(redeem(a, code).status, 200);
}

/* By somebody else, or for somewhere else, a code is good for nothing; it stays with its owner. */
static void
a_code_is_bound_to_all_of_its_request(void **state)
{
	static const char *const bad[] = {
		"code=$&client_id=https%3A%2F%2Fevil.example%2F&" REDIRECT "&code_verifier=" VERIFIER,
		"code=$&client_id=http%3A%2F%2Fapp.example%2F&" REDIRECT "&code_verifier=" VERIFIER,
		"code=$&client_id=nonsense&" REDIRECT "&code_verifier=" VERIFIER,
		"code=$&" CLIENT "&redirect_uri=https%3A%2F%2Fapp.example%2Fcb&code_verifier=" VERIFIER,
		"code=$&" CLIENT "&redirect_uri=https%3A%2F%2Fapp.example%2Fcb%3Fx%3D1%26&code_verifier=" VERIFIER,
		"code=$&" CLIENT "&" REDIRECT,
		"code=$&" CLIENT "&" REDIRECT "&code_verifier=",
		"code=$&" CLIENT "&" REDIRECT "&code_verifier=" CHALLENGE,
		"code=$&" CLIENT "&" REDIRECT "&code_verifier=" VERIFIER "a",
		"code=$x&" CLIENT "&" REDIRECT "&code_verifier=" VERIFIER,
		"code=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA&" CLIENT "&" REDIRECT "&x=$&code_verifier=" VERIFIER,
	};
	struct auth *a = *state;
	const char *code = code_for(a, "create", ALL);

	for (size_t i = 0; i < COUNT(bad); i++) {
		const char *form = fill(a, "grant_type=authorization_code&$", fill(a, bad[i], code).p).p;

		assert_refused(post(a, "/auth/token", form), 400, "invalid_grant");
		assert_refused(post(a, "/auth", form), 400, "invalid_grant");
	}
	assert_int_equal(redeem(a, code).status, 200);
}

/* "https://app.example" and "https://app.example/" are one client (section 3.4). */
static void
a_client_is_known_by_its_canonical_address(void **state)
{
	struct auth *a = *state;
	const char *code = code_of(a, let_in(a, "/auth?response_type=code&client_id=https%3A%2F%2Fapp.example&"
		REDIRECT "&state=s" PKCE "&scope=create", "scope=create"));

	assert_int_equal(post(a, "/auth/token", fill(a, "grant_type=authorization_code&code=$&"
		"client_id=https%3A%2F%2Fapp.example&" REDIRECT "&code_verifier=" VERIFIER, code).p).status, 200);
}

static void
a_code_used_twice_ends_what_came_of_it(void **state)
{
	struct auth *a = *state;
	const char *code = code_for(a, "create", ALL);
	struct answer first = redeem(a, code);
	struct str token = member(a, first, "access_token"), again = member(a, first, "refresh_token");

	assert_true(works(a, token));
	assert_refused(redeem(a, code), 400, "invalid_grant");
	assert_false(works(a, token));
	assert_refused(refresh(a, again, ""), 400, "invalid_grant");
	assert_true(has(site_log(a->site), "\"token_reused\""));
	assert_count(a, 1, "audit WHERE what = 'token-reused'");
	code = code_for(a, "create", ALL);
	assert_int_equal(post(a, "/auth", fill(a, EXCHANGE("$"), code).p).status, 200);
	assert_refused(redeem(a, code), 400, "invalid_grant");
}

static void
a_code_is_good_for_five_minutes(void **state)
{
	struct auth *a = *state;
	const char *first = code_for(a, "create", ALL), *second = code_for(a, "create", ALL);

	a->site->now_us += INT64_C(299) * 1000000;
	assert_int_equal(redeem(a, first).status, 200);
	a->site->now_us += 1000000;
	assert_refused(redeem(a, second), 400, "invalid_grant");
}

static void
wrong_codes_are_tries(void **state)
{
	struct auth *a;
	int limited = 0;

	(void)auth_teardown(state);
	*state = a = auth_new("login_rate_limit = 10/m\n");
	for (int i = 0; i < 20; i++) {
		struct answer got = redeem(a, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");

		limited += got.status == 429;
		if (got.status == 429)
			assert_true(answer_header(&got, "Retry-After").n > 0);
	}
	assert_true(limited >= 10);
}

static void
a_token_endpoint_reads_forms_only(void **state)
{
	struct auth *a = *state;
	const char *code = code_for(a, "create", ALL), *json = fill(a, "{\"grant_type\":\"authorization_code\","
		"\"code\":\"$\"}", code).p;
	struct answer got = ASK(a->site, .method = "POST", .uri = "/auth/token", .type = "application/json", .body = json);

	assert_refused(got, 400, "invalid_request");
	got = ASK(a->site, .uri = fill(a, "/auth/token?" EXCHANGE("$"), code).p);
	assert_int_equal(got.status, 401);
	got = ASK(a->site, .method = "POST", .uri = fill(a, "/auth/token?" EXCHANGE("$"), code).p, .type = FORM, .body = "x=y");
	assert_refused(got, 400, "invalid_request");
	got = ASK(a->site, .method = "POST", .uri = "/auth/token", .type = FORM "; charset=utf-8",
		.body = fill(a, EXCHANGE("$"), code).p);
	assert_int_equal(got.status, 200);
}

/* ---- refresh tokens -------------------------------------------------------------------------- */

static void
a_refresh_token_is_exchanged_for_the_next_ones(void **state)
{
	struct auth *a = *state;
	struct answer first = grant(a, "create+update"), next;
	struct str old = member(a, first, "access_token"), token;

	a->site->now_us += INT64_C(604800) * 1000000;
	assert_false(works(a, old));
	next = refresh(a, member(a, first, "refresh_token"), "");
	assert_int_equal(next.status, 200);
	assert_has(next, "\"scope\":\"create update\"");
	assert_has(next, "\"me\":\"https://ada.example/\"");
	token = member(a, next, "access_token");
	assert_true(works(a, token));
	assert_false(str_eq(token, old));
	assert_false(str_eq(member(a, next, "refresh_token"), member(a, first, "refresh_token")));
	assert_count(a, 1, "token WHERE client_id = 'https://app.example/'");
	assert_int_equal(refresh(a, member(a, next, "refresh_token"), "").status, 200);
}

static void
a_refresh_token_used_again_ends_the_whole_grant(void **state)
{
	struct auth *a = *state;
	struct answer first = grant(a, "create"), next = refresh(a, member(a, first, "refresh_token"), "");

	assert_true(works(a, member(a, next, "access_token")));
	a->site->now_us += INT64_C(30) * 1000000;
	assert_refused(refresh(a, member(a, first, "refresh_token"), ""), 400, "invalid_grant");
	assert_false(works(a, member(a, next, "access_token")));
	assert_refused(refresh(a, member(a, next, "refresh_token"), ""), 400, "invalid_grant");
	assert_true(has(site_log(a->site), "\"token_reused\""));
}

static void
an_answer_that_was_lost_is_given_again_for_half_a_minute(void **state)
{
	struct auth *a = *state;
	struct str secret = member(a, grant(a, "create"), "refresh_token");
	struct answer lost = refresh(a, secret, ""), got;

	a->site->now_us += INT64_C(29) * 1000000;
	got = refresh(a, secret, "");
	assert_int_equal(got.status, 200);
	assert_true(works(a, member(a, got, "access_token")));
	assert_false(works(a, member(a, lost, "access_token")));
	/* Who has the lost answer after all is the second to come, and ends it. */
	assert_refused(refresh(a, member(a, lost, "refresh_token"), ""), 400, "invalid_grant");
	assert_false(works(a, member(a, got, "access_token")));
}

static void
no_answer_is_given_again_once_the_next_secret_was_used(void **state)
{
	struct auth *a = *state;
	struct str secret = member(a, grant(a, "create"), "refresh_token");
	struct answer next = refresh(a, secret, ""), third = refresh(a, member(a, next, "refresh_token"), "");

	assert_int_equal(third.status, 200);
	assert_refused(refresh(a, secret, ""), 400, "invalid_grant");
	assert_false(works(a, member(a, third, "access_token")));
}

static void
a_refresh_gives_less_but_never_more(void **state)
{
	struct auth *a = *state;
	struct answer got = grant(a, "create+update");

	assert_refused(refresh(a, member(a, got, "refresh_token"), "&scope=create+delete"), 400, "invalid_scope");
	got = refresh(a, member(a, got, "refresh_token"), "&scope=create");
	assert_has(got, "\"scope\":\"create\"");
	got = refresh(a, member(a, got, "refresh_token"), "&scope=create+update");
	assert_has(got, "\"scope\":\"create update\"");
}

static void
a_refresh_token_is_its_clients_and_lives_for_ninety_days(void **state)
{
	struct auth *a = *state;
	struct str secret = member(a, grant(a, "create"), "refresh_token");
	struct answer got = post(a, "/auth/token", fill(a, "grant_type=refresh_token&refresh_token=$"
		"&client_id=https%3A%2F%2Fevil.example%2F", secret.p).p);

	assert_refused(got, 400, "invalid_grant");
	assert_refused(post(a, "/auth/token", fill(a, "grant_type=refresh_token&refresh_token=$", secret.p).p), 400,
		"invalid_request");
	assert_refused(post(a, "/auth/token", "grant_type=refresh_token&" CLIENT), 400, "invalid_request");
	assert_refused(refresh(a, S("spr_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"), ""), 400, "invalid_grant");
	a->site->now_us += INT64_C(89) * 86400 * 1000000;
	got = refresh(a, secret, "");
	assert_int_equal(got.status, 200);
	a->site->now_us += INT64_C(90) * 86400 * 1000000;
	assert_refused(refresh(a, member(a, got, "refresh_token"), ""), 400, "invalid_grant");
}

/* ---- introspection --------------------------------------------------------------------------- */

static struct answer
introspect(struct auth *a, struct str as, struct str token)
{
	return post_as(a, as, "/auth/introspect", fill(a, "token=$", token.p).p);
}

static void
introspection_tells_what_a_token_is_to_who_has_one(void **state)
{
	struct auth *a = *state;
	struct answer first = grant(a, "create+update"), got;
	struct str token = member(a, first, "access_token");

	got = introspect(a, token, token);
	assert_true(str_eq(got.body, S("{\"active\":true,\"me\":\"https://ada.example/\","
		"\"client_id\":\"https://app.example/\",\"scope\":\"create update\",\"iat\":1772357400,"
		"\"exp\":1772962200}")));
	assert_header(got, "Cache-Control", "no-store");
	assert_has(introspect(a, a->site->none, token), "\"active\":true");
	got = introspect(a, token, a->site->create);
	assert_has(got, "\"active\":true");
	assert_lacks(got, "\"exp\"");
	got = post(a, "/auth/introspect", fill(a, "token=$", token.p).p);
	assert_int_equal(got.status, 401);
	assert_header(got, "WWW-Authenticate", "Bearer");
	assert_refused(post_as(a, token, "/auth/introspect", "x=y"), 400, "invalid_request");
}

static void
what_is_not_active_is_no_more_than_that(void **state)
{
	struct auth *a = *state;
	struct answer first = grant(a, "create");
	struct str token = member(a, first, "access_token"), again = member(a, first, "refresh_token");
	const struct str dead[] = {S("nonsense"), S("sp_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"), again,
		token};

	assert_int_equal(post(a, "/auth/revoke", fill(a, "token=$", token.p).p).status, 200);
	for (size_t i = 0; i < COUNT(dead); i++) {
		struct answer got = introspect(a, a->site->none, dead[i]);

		assert_int_equal(got.status, 200);
		assert_true(str_eq(got.body, S("{\"active\":false}")));
	}
	assert_int_equal(introspect(a, token, token).status, 401);
}

/* ---- revocation ------------------------------------------------------------------------------ */

static void
revoking_either_secret_ends_the_grant_at_once(void **state)
{
	struct auth *a = *state;

	for (int i = 0; i < 2; i++) {
		struct answer got = grant(a, "create");
		struct str token = member(a, got, "access_token"), again = member(a, got, "refresh_token");

		got = post(a, "/auth/revoke", fill(a, "token=$&token_type_hint=x", i ? again.p : token.p).p);
		assert_int_equal(got.status, 200);
		assert_int_equal(got.body.n, 0);
		assert_header(got, "Access-Control-Allow-Origin", "*");
		assert_false(works(a, token));
		assert_int_equal(post_as(a, token, "/micropub", "content=x").status, 401);
		assert_refused(refresh(a, again, ""), 400, "invalid_grant");
	}
}

static void
revoking_what_is_none_is_as_good(void **state)
{
	struct auth *a = *state;
	struct str token = member(a, grant(a, "create"), "access_token");
	const char *const none[] = {"nonsense", "sp_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
		"spr_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", token.p, token.p};

	for (size_t i = 0; i < COUNT(none); i++)
		assert_int_equal(post(a, "/auth/revoke", fill(a, "token=$", none[i]).p).status, 200);
	assert_refused(post(a, "/auth/revoke", "x=y"), 400, "invalid_request");
	assert_count(a, 1, "audit WHERE what = 'token-revoked'");
}

static void
the_older_ways_to_ask_and_to_revoke_work(void **state)
{
	struct auth *a = *state;
	struct str token = member(a, grant(a, "create"), "access_token");
	struct answer got = get_as(a, token, "/auth/token");

	assert_true(str_eq(got.body, S("{\"me\":\"https://ada.example/\",\"client_id\":\"https://app.example/\","
		"\"scope\":\"create\"}")));
	assert_int_equal(post(a, "/auth/token", fill(a, "action=revoke&token=$", token.p).p).status, 200);
	assert_false(works(a, token));
	got = ASK(a->site, .uri = "/auth/token");
	assert_int_equal(got.status, 401);
	assert_header(got, "WWW-Authenticate", "Bearer");
}

/* ---- the profile ----------------------------------------------------------------------------- */

static void
userinfo_is_for_tokens_of_scope_profile(void **state)
{
	struct auth *a = *state;
	struct answer got = get_as(a, member(a, grant(a, "create+profile"), "access_token"), "/auth/userinfo");

	assert_true(str_eq(got.body, S("{\"name\":\"Ada\",\"url\":\"https://ada.example/\"}")));
	got = get_as(a, member(a, grant(a, "create"), "access_token"), "/auth/userinfo");
	assert_refused(got, 403, "insufficient_scope");
	assert_header(got, "WWW-Authenticate", "Bearer error=\"insufficient_scope\"");
	got = ASK(a->site, .uri = "/auth/userinfo");
	assert_int_equal(got.status, 401);
	assert_header(got, "WWW-Authenticate", "Bearer");
	assert_header(got, "Access-Control-Allow-Origin", "*");
	got = get_as(a, S("sp_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"), "/auth/userinfo");
	assert_refused(got, 401, "invalid_token");
}

static void
scripts_of_other_origins_may_ask_all_endpoints_but_the_first(void **state)
{
	static const char *const open[] = {"/auth/token", "/auth/introspect", "/auth/revoke", "/auth/userinfo",
		"/.well-known/oauth-authorization-server"};
	struct auth *a = *state;
	struct answer got;

	for (size_t i = 0; i < COUNT(open); i++) {
		got = ASK(a->site, .method = "OPTIONS", .uri = open[i], .headers = {{"HTTP_ORIGIN", "https://app.example"},
			{"HTTP_ACCESS_CONTROL_REQUEST_METHOD", "POST"}});
		assert_int_equal(got.status, 204);
		assert_header(got, "Access-Control-Allow-Origin", "*");
		assert_no_header(got, "Access-Control-Allow-Credentials");
	}
	got = ASK(a->site, .method = "OPTIONS", .uri = "/auth", .headers = {{"HTTP_ORIGIN", "https://app.example"},
		{"HTTP_ACCESS_CONTROL_REQUEST_METHOD", "POST"}});
	assert_no_header(got, "Access-Control-Allow-Origin");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_code_is_exchanged_for_a_token),
		T(a_code_is_exchanged_for_a_profile_alone),
		T(the_mail_address_comes_with_the_profile_only),
		T(a_code_without_scope_gives_no_token),
		T(an_exchange_has_each_field_once),
		T(a_code_is_bound_to_all_of_its_request),
		T(a_client_is_known_by_its_canonical_address),
		T(a_code_used_twice_ends_what_came_of_it),
		T(a_code_is_good_for_five_minutes),
		T(wrong_codes_are_tries),
		T(a_token_endpoint_reads_forms_only),
		T(a_refresh_token_is_exchanged_for_the_next_ones),
		T(a_refresh_token_used_again_ends_the_whole_grant),
		T(an_answer_that_was_lost_is_given_again_for_half_a_minute),
		T(no_answer_is_given_again_once_the_next_secret_was_used),
		T(a_refresh_gives_less_but_never_more),
		T(a_refresh_token_is_its_clients_and_lives_for_ninety_days),
		T(introspection_tells_what_a_token_is_to_who_has_one),
		T(what_is_not_active_is_no_more_than_that),
		T(revoking_either_secret_ends_the_grant_at_once),
		T(revoking_what_is_none_is_as_good),
		T(the_older_ways_to_ask_and_to_revoke_work),
		T(userinfo_is_for_tokens_of_scope_profile),
		T(scripts_of_other_origins_may_ask_all_endpoints_but_the_first),
	};

	return cmocka_run_group_tests_name("web/indieauth_token", tests, NULL, NULL);
}
