/*
 * The authorization endpoint: who is sent where, and what the owner is asked.
 */
#include "indieauth.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define NEW "/auth?response_type=code&client_id=https%3A%2F%2Fnew.example%2F&state=s" PKCE

/* ---- discovery ----------------------------------------------------------------------------- */

static void
pages_tell_where_the_server_is_by_header_and_link(void **state)
{
	static const char *const ends[][2] = {
		{"indieauth-metadata", "https://ada.example/.well-known/oauth-authorization-server"},
		{"authorization_endpoint", "https://ada.example/auth"},
		{"token_endpoint", "https://ada.example/auth/token"}};
	struct auth *a = *state;
	const char *const pages[] = {"/", site_post(a->site, "content=x")};

	for (size_t i = 0; i < COUNT(pages); i++) {
		struct answer page = ASK(a->site, .uri = pages[i]);
		struct str header = answer_header_n(&page, "Link", 1);

		for (size_t k = 0; k < COUNT(ends); k++) {
			assert_true(has(header, fill(a, "<$>; rel=\"$\"", ends[k][1], ends[k][0]).p));
			assert_has(page, fill(a, "<link rel=\"$\" href=\"$\">", ends[k][0], ends[k][1]).p);
		}
		assert_no_header(page, "Vary");
		assert_header(page, "Cache-Control", "public, no-cache");
	}
}

static void
the_metadata_says_what_there_is(void **state)
{
	static const char *const members[] = {"\"issuer\":\"https://ada.example/\"",
		"\"authorization_endpoint\":\"https://ada.example/auth\"",
		"\"token_endpoint\":\"https://ada.example/auth/token\"",
		"\"introspection_endpoint\":\"https://ada.example/auth/introspect\"",
		"\"introspection_endpoint_auth_methods_supported\":[\"Bearer\"]",
		"\"revocation_endpoint\":\"https://ada.example/auth/revoke\"",
		"\"revocation_endpoint_auth_methods_supported\":[\"none\"]",
		"\"userinfo_endpoint\":\"https://ada.example/auth/userinfo\"",
		"\"micropub\":\"https://ada.example/micropub\"",
		"\"response_types_supported\":[\"code\"]",
		"\"grant_types_supported\":[\"authorization_code\",\"refresh_token\"]",
		"\"code_challenge_methods_supported\":[\"S256\"]",
		"\"authorization_response_iss_parameter_supported\":true",
		("\"scopes_supported\":[\"create\",\"draft\",\"update\",\"delete\",\"undelete\",\"media\","
		"\"profile\",\"email\"]")};
	struct auth *a = *state;
	struct answer got = ASK(a->site, .uri = "/.well-known/oauth-authorization-server");

	assert_int_equal(got.status, 200);
	assert_header(got, "Content-Type", "application/json");
	assert_header(got, "Cache-Control", "public, max-age=3600");
	assert_header(got, "Access-Control-Allow-Origin", "*");
	for (size_t i = 0; i < COUNT(members); i++)
		assert_has(got, members[i]);
}

/* ---- a request that is plainly wrong ------------------------------------------------------- */

/* Nobody is sent anywhere; the page says what to tell the application's author. */
static void
assert_misfit(struct answer got)
{
	assert_int_equal(got.status, 400);
	assert_no_header(got, "Location");
	assert_has(got, "What to tell its author");
	assert_lacks(got, "http-equiv");
	assert_header(got, "X-Frame-Options", "DENY");
	assert_header(got, "Cache-Control", "no-store");
	assert_no_header(got, "Access-Control-Allow-Origin");
}

static void
a_client_id_that_is_none_gets_a_page(void **state)
{
	static const char *const bad[] = {"", "client_id=", "client_id=app.example",
		"client_id=http%3A%2F%2F169.254.169.254%2F", "client_id=https%3A%2F%2F10.1.2.3%2F",
		"client_id=mailto%3Aa%40b.example", "client_id=https%3A%2F%2Fapp.example%2F%23me",
		"client_id=https%3A%2F%2Fu%3Ap%40app.example%2F",
		"client_id=https%3A%2F%2Fapp.example%2Fa%2F..%2Fb",
		"client_id=https%3A%2F%2Fapp.example%2F%252e%252e%2Fb", CLIENT "&" CLIENT};
	struct auth *a = *state;

	for (size_t i = 0; i < COUNT(bad); i++) {
		const char *uri = fill(a, "/auth?response_type=code&$&" REDIRECT "&state=s" PKCE, bad[i]).p;

		assert_misfit(ASK(a->site, .uri = uri));
		assert_misfit(owner_get(a, uri));
	}
}

/* Where an application at https://app.example/ must not have the owner sent. */
static const char *const elsewhere[] = {"https%3A%2F%2Fevil.example%2F",
	"https%3A%2F%2Fapp.example%40evil.example%2F", "https%3A%2F%2Fapp.example.evil.example%2F",
	"https%3A%2F%2Fapp.example.%2F", "https%3A%2F%2FAPP.example%2Fcb",
	"https%3A%2F%2Fapp.example%3A8443%2Fcb", "http%3A%2F%2Fapp.example%2Fcb", "%2F%2Fevil.example%2F",
	"%2Fcb", "https%3A%2F%2Fapp.example%2F%2Fevil.example",
	"https%3A%2F%2Fapp.example%2F%252f%252fevil.example", "https%3A%5C%5Cevil.example",
	"https%3A%2F%2Fapp.example%5C%40evil.example", "javascript%3Aalert(1)", "data%3Atext%2Fhtml%2Cx",
	"file%3A%2F%2F%2Fetc%2Fpasswd", "vbscript%3Ax", "blob%3Ahttps%3A%2F%2Fapp.example%2Fx",
	"myapp%3A%2F%2Fcb", "https%3A%2F%2Fapp.example%2Fcb%23fragment",
	"https%3A%2F%2Fapp.example%2Fcb%0D%0ASet-Cookie%3Ax", "",
	"https%3A%2F%2Fapp.example%2Fcb&redirect_uri=https%3A%2F%2Fapp.example%2Fcb"};

static void
an_address_that_is_not_the_applications_is_not_gone_to(void **state)
{
	struct auth *a = *state;

	for (size_t i = 0; i < COUNT(elsewhere); i++)
		assert_misfit(owner_get(a, fill(a, "/auth?response_type=code&" CLIENT "&redirect_uri=$&state=s"
			PKCE "&scope=create", elsewhere[i]).p));
	assert_misfit(owner_get(a, "/auth?response_type=code&" CLIENT "&state=s" PKCE));
}

/* They are told at once, too, or sent to sign in: nothing is asked of anybody for them. */
static void
no_stranger_is_sent_away_from_this_site(void **state)
{
	struct auth *a = *state;

	for (size_t i = 0; i < COUNT(elsewhere); i++) {
		struct answer got = ASK(a->site, .uri = fill(a, "/auth?response_type=code&" CLIENT
			"&redirect_uri=$&state=s" PKCE "&scope=create", elsewhere[i]).p);
		struct str to = answer_header(&got, "Location");

		assert_true(got.status == 400 || got.status == 429 || got.status == 303);
		assert_true(!to.p || str_starts(to, S("https://ada.example/admin/login?next=/auth?request")));
	}
}

static void
a_published_address_may_be_elsewhere_and_of_another_scheme(void **state)
{
	struct auth *a = *state;
	struct answer got;

	client_known(a, "https://new.example/", "New", "myapp://cb https://login.new.example/cb");
	got = let_in(a, NEW "&redirect_uri=myapp%3A%2F%2Fcb&scope=create", "scope=create");
	assert_true(str_starts(answer_header(&got, "Location"), S("myapp://cb?code=")));
	got = owner_get(a, NEW "&redirect_uri=https%3A%2F%2Flogin.new.example%2Fcb&scope=create");
	assert_has(got, "<code dir=\"ltr\">https://login.new.example/cb</code>");
	assert_true(str_ends(answer_header(&got, "Content-Security-Policy"),
		S("form-action 'self' https://login.new.example")));
}

/* ---- mistakes that go back to the application ----------------------------------------------- */

static void
mistakes_go_back_with_state_and_iss(void **state)
{
	static const char *const bad[][2] = {
		{"&state=s" PKCE, "invalid_request"},
		{"&response_type=token&state=s" PKCE, "unsupported_response_type"},
		{"&response_type=code" PKCE, "invalid_request"},
		{"&response_type=code&state=s", "invalid_request"},
		{"&response_type=code&state=s&code_challenge=" CHALLENGE, "invalid_request"},
		{"&response_type=code&state=s&code_challenge=" CHALLENGE "&code_challenge_method=plain",
			"invalid_request"},
		{"&response_type=code&state=s&code_challenge=short&code_challenge_method=S256", "invalid_request"},
		{"&response_type=code&state=s&code_challenge=" CHALLENGE "%3D&code_challenge_method=S256",
			"invalid_request"},
		{"&response_type=code&state=s&scope=a&scope=b" PKCE, "invalid_request"},
		{"&response_type=code&state=s&scope=cre%22ate" PKCE, "invalid_scope"},
		{"&response_type=code&state=s&scope=a%5Cb" PKCE, "invalid_scope"},
		{"&response_type=code&state=s&scope=cr%C3%A9" PKCE, "invalid_scope"},
		{"&response_type=code&state=s&scope=a%0Ab" PKCE, "invalid_scope"},
	};
	struct auth *a = *state;

	for (size_t i = 0; i < COUNT(bad); i++) {
		const char *uri = fill(a, "/auth?" CLIENT "&" REDIRECT "$", bad[i][0]).p;
		struct answer strangers = ASK(a->site, .uri = uri), got = owner_get(a, uri);
		struct str to = answer_header(&got, "Location");

		assert_int_equal(got.status, 302);
		assert_true(str_starts(to, fill(a, "https://app.example/cb?x=1&error=$&error_description=", bad[i][1])));
		assert_true(str_ends(to, S("&iss=https%3A%2F%2Fada.example%2F")));
		assert_true(has(to, "&state=s&") == (strstr(uri, "state=s") != NULL));
		assert_header(got, "Referrer-Policy", "no-referrer");
		assert_true(str_eq(to, answer_header(&strangers, "Location")));
	}
}

static void
a_scope_of_too_many_words_is_refused(void **state)
{
	struct auth *a = *state;
	char scope[1000] = "";
	struct answer got;

	for (int i = 0; i < 51; i++)
		(void)snprintf(scope + strlen(scope), sizeof(scope) - strlen(scope), "s%d+", i);
	got = owner_get(a, fill(a, ASKING("$"), scope).p);
	assert_int_equal(got.status, 302);
	assert_true(has(answer_header(&got, "Location"), "error=invalid_scope"));
}

static void
without_pkce_only_where_the_owner_allows_it(void **state)
{
	static const char plain[] = "grant_type=authorization_code&code=$&" CLIENT "&" REDIRECT;
	struct auth *a;
	const char *code;

	(void)auth_teardown(state);
	*state = a = auth_new("allow_no_pkce = true\n");
	code = code_of(a, let_in(a, "/auth?response_type=code&" CLIENT "&" REDIRECT "&state=s&scope=create",
		"scope=create"));
	assert_refused(redeem(a, code), 400, "invalid_grant"); /* a verifier for no challenge */
	assert_int_equal(post(a, "/auth/token", fill(a, plain, code).p).status, 200);
	code = code_for(a, "create", "scope=create");
	assert_refused(post(a, "/auth/token", fill(a, plain, code).p), 400, "invalid_grant");
}

/* ---- signing in first ----------------------------------------------------------------------- */

/* The id under which a stranger's request was kept, out of the redirect to sign in. */
static const char *
id_kept(struct auth *a, struct answer got)
{
	struct str to = answer_header(&got, "Location"), mark = S("/admin/login?next=/auth?request=");
	size_t at = str_search(to, mark, 0);

	assert_int_equal(got.status, 303);
	assert_true(at < to.n);
	return kept(a, str_sub(to, at + mark.n, to.n));
}

static void
a_stranger_signs_in_and_comes_back_to_the_request(void **state)
{
	struct auth *a = *state;
	struct answer got = ASK(a->site, .uri = ASKING("create+update"));
	const char *id = id_kept(a, got);

	assert_false(has(answer_header(&got, "Location"), "app.example"));
	got = owner_get(a, fill(a, "/auth?request=$", id).p);
	assert_string_equal(request_of(a, got), id);
	assert_has(got, "wants to come in");
	got = ASK(a->site, .uri = fill(a, "/auth?request=$", id).p);
	assert_string_equal(id_kept(a, got), id);
}

static void
nothing_is_fetched_for_a_stranger(void **state)
{
	struct auth *a = *state;

	(void)id_kept(a, ASK(a->site, .uri = NEW "&redirect_uri=https%3A%2F%2Fnew.example%2Fcb&scope=create"));
	assert_count(a, 0, "job");
	assert_count(a, 1, "client");
}

static void
a_strangers_requests_are_counted_as_tries(void **state)
{
	struct auth *a;
	int limited = 0;

	(void)auth_teardown(state);
	*state = a = auth_new("login_rate_limit = 10/m\n");
	for (int i = 0; i < 20; i++)
		limited += ASK(a->site, .uri = ASKING("create"), .remote_addr = "192.0.2.9").status == 429;
	assert_int_equal(limited, 10);
	assert_int_equal(owner_get(a, ASKING("create")).status, 200);
}

static void
a_request_waits_for_an_hour(void **state)
{
	struct auth *a = *state;
	const char *id = request_of(a, owner_get(a, ASKING("create")));
	const char *uri = fill(a, "/auth?request=$", id).p;

	a->site->now_us += INT64_C(3599) * 1000000;
	assert_int_equal(owner_get(a, uri).status, 200);
	a->site->now_us += 1000000;
	assert_int_equal(owner_get(a, uri).status, 403);
	assert_int_equal(decide(a, id, "decision=allow&scope=create").status, 403);
	assert_int_equal(owner_get(a, "/auth?request=aaaaaaaaaaaaaaaaaaaaaaaaaa").status, 403);
}

/* ---- asking the application ------------------------------------------------------------------ */

/* Where a page goes by itself. */
static const char *
refresh_of(struct auth *a, struct answer page)
{
	const char *url = site_between(a->site, page.body, "http-equiv=\"refresh\" content=\"1;url=", "\"");

	assert_int_equal(page.status, 200);
	assert_lacks(page, "decision");
	assert_non_null(url);
	return url;
}

static void
a_new_application_is_asked_while_the_page_waits(void **state)
{
	struct auth *a = *state;
	const char *next = refresh_of(a, owner_get(a, NEW "&redirect_uri=https%3A%2F%2Fnew.example%2Fcb&scope=create"));
	struct answer got;

	assert_count(a, 1, "job");
	a->site->now_us += 2000000;
	assert_string_equal(refresh_of(a, owner_get(a, next)), next);
	site_sql(a->site, "UPDATE client SET state = 1, name = 'The New One', expires = 1772999999 "
		"WHERE client_id = 'https://new.example/'");
	got = owner_get(a, next);
	assert_has(got, "<bdi>The New One</bdi> wants to come in");
	assert_has(got, "https://new.example/");
	assert_lacks(got, "http-equiv");
	assert_lacks(got, "class=\"problem\"");
}

static void
an_application_that_does_not_answer_can_be_let_in_by_its_address(void **state)
{
	struct auth *a = *state;
	const char *next = refresh_of(a, owner_get(a, NEW "&redirect_uri=https%3A%2F%2Fnew.example%2Fcb&scope=create"));
	struct answer got;

	a->site->now_us += 6000000;
	got = owner_get(a, next);
	assert_has(got, "<bdi>new.example</bdi>");
	assert_has(got, "Nothing could be read at this address");
	got = decide(a, request_of(a, got), "decision=allow&scope=create");
	assert_true(str_starts(answer_header(&got, "Location"), S("https://new.example/cb?code=")));
}

static void
an_address_elsewhere_is_refused_once_the_application_has_not_published_it(void **state)
{
	struct auth *a = *state;
	const char *next = refresh_of(a, owner_get(a, NEW "&redirect_uri=https%3A%2F%2Felsewhere.example%2Fcb&scope=create"));

	a->site->now_us += 6000000;
	assert_misfit(owner_get(a, next));
}

static void
a_mistake_seen_behind_the_sign_in_form_is_told_by_a_page_that_goes_on(void **state)
{
	struct auth *a = *state;
	const char *id = id_kept(a, ASK(a->site, .uri = NEW "&redirect_uri=new%3A%2F%2Fcb&scope=cre%22ate"));
	struct answer got;

	client_known(a, "https://new.example/", "New", "new://cb");
	got = owner_get(a, fill(a, "/auth?request=$", id).p);
	assert_int_equal(got.status, 200);
	assert_has(got, "content=\"0;url=new://cb?error=invalid_scope");
	assert_header(got, "Referrer-Policy", "no-referrer");
}

static void
an_application_on_the_owners_machine_is_never_asked(void **state)
{
	struct auth *a = *state;
	struct answer got = owner_get(a, "/auth?response_type=code&client_id=http%3A%2F%2F127.0.0.1%3A4000%2F"
		"&redirect_uri=http%3A%2F%2F127.0.0.1%3A4000%2Fcb&state=s" PKCE "&scope=create");

	assert_has(got, "a program on your own machine");
	assert_lacks(got, "Nothing could be read");
	assert_count(a, 0, "job");
	got = owner_get(a, "/auth?response_type=code&client_id=http%3A%2F%2F%5B%3A%3A1%5D%2F"
		"&redirect_uri=http%3A%2F%2F%5B%3A%3A1%5D%2Fcb&state=s" PKCE "&scope=create");
	assert_int_equal(got.status, 200);
	assert_true(str_ends(answer_header(&got, "Content-Security-Policy"), S("form-action 'self' http:")));
}

/* Whoever has changed it, and in whichever worker. */
static void
the_profile_is_the_one_of_now(void **state)
{
	struct auth *a = *state;
	const char *code = code_for(a, "profile", "scope=profile");

	site_sql(a->site, "INSERT INTO setting VALUES ('author_name', 'Ada Anew', 0)");
	segment_generation_move(a->site->seg);
	assert_has(post(a, "/auth", fill(a, EXCHANGE("$"), code).p), "\"name\":\"Ada Anew\"");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(pages_tell_where_the_server_is_by_header_and_link),
		T(the_metadata_says_what_there_is),
		T(a_client_id_that_is_none_gets_a_page),
		T(an_address_that_is_not_the_applications_is_not_gone_to),
		T(no_stranger_is_sent_away_from_this_site),
		T(a_published_address_may_be_elsewhere_and_of_another_scheme),
		T(mistakes_go_back_with_state_and_iss),
		T(a_scope_of_too_many_words_is_refused),
		T(without_pkce_only_where_the_owner_allows_it),
		T(a_stranger_signs_in_and_comes_back_to_the_request),
		T(nothing_is_fetched_for_a_stranger),
		T(a_strangers_requests_are_counted_as_tries),
		T(a_request_waits_for_an_hour),
		T(a_new_application_is_asked_while_the_page_waits),
		T(an_application_that_does_not_answer_can_be_let_in_by_its_address),
		T(an_address_elsewhere_is_refused_once_the_application_has_not_published_it),
		T(a_mistake_seen_behind_the_sign_in_form_is_told_by_a_page_that_goes_on),
		T(an_application_on_the_owners_machine_is_never_asked),
		T(the_profile_is_the_one_of_now),
	};

	return cmocka_run_group_tests_name("web/indieauth", tests, NULL, NULL);
}
