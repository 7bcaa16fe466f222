/*
 * domain/indieauth and domain/scope by themselves: the vectors of RFC 7636, addresses that parameters
 * are added to, lists of scopes, and what the courier does about grants.
 */
#include "domain/indieauth.h"

#include "domain/scope.h"
#include "domain_fixture.h"

#define VERIFIER "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
#define CHALLENGE "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"

/* ---- PKCE ------------------------------------------------------------------------------------ */

static void
the_verifier_of_the_standards_example_fits(void **state)
{
	struct site *s = *state;

	assert_true(indieauth_pkce_ok(&s->c, S(CHALLENGE), S(VERIFIER)));
}

static void
no_other_verifier_fits(void **state)
{
	static const char *const bad[] = {"", CHALLENGE, VERIFIER "A", "eBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
		"dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjX", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjX+"};
	struct site *s = *state;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(indieauth_pkce_ok(&s->c, S(CHALLENGE), str_z(bad[i])));
	assert_false(indieauth_pkce_ok(&s->c, S(CHALLENGE "="), S(VERIFIER)));
	assert_false(indieauth_pkce_ok(&s->c, S(""), S(VERIFIER)));
}

static void
a_verifier_has_43_to_128_characters(void **state)
{
	struct site *s = *state;
	char verifier[129];

	memset(verifier, 'a', sizeof(verifier));
	/* The challenges are right in all four cases. */
	assert_false(indieauth_pkce_ok(&s->c, S("elOGB_2quSlplZKfRRVlu7gULhhEEXMiqv0rPXawGv8"), str_n(verifier, 42)));
	assert_true(indieauth_pkce_ok(&s->c, S("ZtNPunH49FD35FWYhT5Tv8I7vRKQJ8uxMaL0_9eHjNA"), str_n(verifier, 43)));
	assert_true(indieauth_pkce_ok(&s->c, S("aDbPE7rEAOkQUHHNavRwhN-srU5eMCyUv-0k4BOvtz4"), str_n(verifier, 128)));
	assert_false(indieauth_pkce_ok(&s->c, S("wSywJKLlVRzKDgj86PHF4xRVXMP-9jKe6ZSj23UhZq4"), str_n(verifier, 129)));
}

/* ---- addresses ------------------------------------------------------------------------------- */

static void
parameters_are_added_to_what_an_address_has(void **state)
{
	static const char *const cases[][2] = {
		{"https://app.example/cb", "https://app.example/cb?"},
		{"https://app.example/cb?x=1", "https://app.example/cb?x=1&"},
		{"https://app.example/cb?", "https://app.example/cb?"},
		{"https://app.example/cb?x=1&", "https://app.example/cb?x=1&"},
		{"https://app.example", "https://app.example?"},
		{"myapp://cb", "myapp://cb?"},
	};
	const struct pair code = {S("code"), S("a b&c")};
	struct site *s = *state;
	struct str url, want;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct indieauth_request q = {.redirect_uri = str_z(cases[i][0]),
			.state = S("a+b %\xc3\xa9")};

		assert_ok(s, indieauth_answer_url(&s->c, &q, &code, 1, &url));
		assert_ok(s, ctx_printf(&s->c, &want, "%scode=a%%20b%%26c&state=a%%2Bb%%20%%25%%C3%%A9"
			"&iss=https%%3A%%2F%%2Fada.example%%2F", cases[i][1]));
		assert_str(url, want.p);
	}
}

static void
without_a_state_none_is_made_up(void **state)
{
	const struct indieauth_request q = {.redirect_uri = S("https://app.example/")};
	struct site *s = *state;
	struct str url;

	assert_ok(s, indieauth_error_url(&s->c, &q, ERR_AUTH_REQUEST, S("state is missing"), &url));
	assert_true(str_starts(url, S("https://app.example/?error=invalid_request&error_description=")));
	assert_true(str_search(url, S("state="), 0) == url.n);
}

/* ---- scopes ---------------------------------------------------------------------------------- */

static void
scopes_are_taken_apart_at_spaces_each_word_once(void **state)
{
	struct site *s = *state;
	struct str *words, both;
	size_t n;

	assert_ok(s, scope_words(&s->c, S("  create  update create"), &words, &n));
	assert_int_equal(n, 2);
	assert_str(words[0], "create");
	assert_str(words[1], "update");
	assert_ok(s, scope_words(&s->c, S(""), &words, &n));
	assert_int_equal(n, 0);
	assert_ok(s, scope_both(&s->c, S("delete create update"), S("update create:video create"), &both));
	assert_str(both, "create update");
	assert_ok(s, scope_both(&s->c, S("create"), S("recreate"), &both));
	assert_str(both, "");
	assert_true(scope_within(S(" create "), S("update create")));
	assert_false(scope_within(S("create:video"), S("create")));
}

static void
only_the_owner_gives_the_scope_admin(void **state)
{
	(void)state;
	assert_non_null(scope_find(S("create")));
	assert_true(scope_find(S("create"))->app);
	assert_false(scope_find(S("admin"))->app);
	assert_null(scope_find(S("creat")));
	assert_null(scope_find(S("")));
}

/* ---- grants ---------------------------------------------------------------------------------- */

static int64_t
posts_of(struct site *s, struct str id)
{
	struct token_row *rows;
	size_t n;

	assert_ok(s, token_row_list(&s->c, s->db, &rows, &n));
	for (size_t i = 0; i < n; i++)
		if (str_eq(rows[i].id, id))
			return rows[i].posts;
	return -1;
}

static void
posts_are_counted_before_and_after_the_courier_has_been_there(void **state)
{
	struct site *s = *state;
	struct str mine, other, id, id_other;
	struct micropub_request r;
	struct post_result result;
	struct auth_grant g;
	int64_t sessions, tokens;

	assert_ok(s, auth_token_create(&s->c, s->db, S("a"), S("create"), 0, &mine, &id));
	assert_ok(s, auth_token_create(&s->c, s->db, S("b"), S("create"), 0, &other, &id_other));
	assert_ok(s, auth_token_verify(&s->c, s->db, mine, &g));
	for (int i = 0; i < 4; i++) {
		struct str json;

		assert_ok(s, ctx_printf(&s->c, &json, "{\"properties\":{\"content\":[\"%d\"]}}", i));
		assert_ok(s, micropub_parse_json(&s->c, json, &r));
		assert_ok(s, micropub_run(&s->c, s->db, &g, &r, &result));
		if (i != 1)
			continue;
		assert_int_equal(posts_of(s, id), 2);
		assert_ok(s, auth_clean(&s->c, s->db, &sessions, &tokens));
		assert_int_equal(posts_of(s, id), 2);
		assert_ok(s, auth_clean(&s->c, s->db, &sessions, &tokens));
	}
	assert_int_equal(posts_of(s, id), 4);
	assert_int_equal(posts_of(s, id_other), 0);
}

static void
what_waits_no_longer_is_removed(void **state)
{
	struct site *s = *state;
	struct authorization_row row;
	int64_t sessions, tokens;
	struct str id, kept;

	assert_ok(s, indieauth_request_keep(&s->c, s->db, S("client_id=x"), &id));
	assert_int_equal(id.n, 26);
	assert_ok(s, indieauth_request_find(&s->c, s->db, id, &row));
	assert_str(row.query, "client_id=x");
	kept = str_n(strdup(id.p), id.n);
	site_next(s, INDIEAUTH_REQUEST_LIFE + 1);
	assert_ok(s, auth_clean(&s->c, s->db, &sessions, &tokens));
	assert_err(s, authorization_row_find(&s->c, s->db, kept, &row), ERR_NOT_FOUND);
	free((char *)(uintptr_t)kept.p);
}

static void
requests_that_wait_are_bounded(void **state)
{
	struct site *s = *state;
	struct authorization_row row;
	struct str first, last;

	assert_ok(s, indieauth_request_keep(&s->c, s->db, S("x"), &first));
	for (int i = 0; i < INDIEAUTH_REQUESTS_MOST; i++)
		assert_ok(s, indieauth_request_keep(&s->c, s->db, S("x"), &last));
	assert_ok(s, indieauth_request_find(&s->c, s->db, last, &row));
	assert_err(s, indieauth_request_find(&s->c, s->db, first, &row), ERR_AUTH_STALE);
}

/* Two tabs whose pages were both read before either form was sent. */
static void
a_request_is_answered_once_whoever_looked_at_it_before(void **state)
{
	const struct indieauth_request q = {.client_id = S("https://app.example/"),
		.redirect_uri = S("https://app.example/cb"), .challenge = S(CHALLENGE), .scope = S("create")};
	struct site *s = *state;
	struct str id, code;

	assert_ok(s, indieauth_request_keep(&s->c, s->db, S("x"), &id));
	assert_ok(s, indieauth_allow(&s->c, s->db, id, &q, S("create"), S("App"), &code));
	assert_err(s, indieauth_allow(&s->c, s->db, id, &q, S("create"), S("App"), &code), ERR_AUTH_STALE);
	assert_err(s, indieauth_deny(&s->c, s->db, id, &q), ERR_AUTH_STALE);
}

static void
who_tries_a_wrong_secret_never_waits_for_a_writer(void **state)
{
	const struct pair code[] = {{S("grant_type"), S("authorization_code")},
		{S("code"), S("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")}, {S("client_id"), S("https://app.example/")},
		{S("redirect_uri"), S("https://app.example/cb")}};
	struct indieauth_grant grant;
	struct site *s = *state;
	struct db *other = NULL;

	assert_ok(s, db_open(&s->c, NULL, &other));
	assert_ok(s, db_tx_begin(&s->c, other));
	assert_err(s, indieauth_exchange(&s->c, s->db, code, 4, false, &grant), ERR_AUTH_GRANT);
	assert_ok(s, indieauth_revoke(&s->c, s->db, S("sp_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")));
	db_tx_rollback(&s->c, other);
	db_close(other);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(the_verifier_of_the_standards_example_fits),
		SITE_TEST(no_other_verifier_fits),
		SITE_TEST(a_verifier_has_43_to_128_characters),
		SITE_TEST(parameters_are_added_to_what_an_address_has),
		SITE_TEST(without_a_state_none_is_made_up),
		SITE_TEST(scopes_are_taken_apart_at_spaces_each_word_once),
		SITE_TEST(only_the_owner_gives_the_scope_admin),
		SITE_TEST(posts_are_counted_before_and_after_the_courier_has_been_there),
		SITE_TEST(what_waits_no_longer_is_removed),
		SITE_TEST(requests_that_wait_are_bounded),
		SITE_TEST(a_request_is_answered_once_whoever_looked_at_it_before),
		SITE_TEST(who_tries_a_wrong_secret_never_waits_for_a_writer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
