/*
 * The consent page: what the owner is told and asked, and what becomes of the decision.
 */
#include "indieauth.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* ---- the page -------------------------------------------------------------------------------- */

static void
the_page_says_who_asks_for_what_and_where_it_leads(void **state)
{
	struct auth *a = *state;
	struct answer got = owner_get(a, ASKING("create+update+fly+admin+create"));

	assert_has(got, "<bdi>App</bdi> wants to come in");
	assert_has(got, "<code dir=\"ltr\">https://app.example/</code>");
	assert_has(got, "<strong>https://ada.example/</strong>");
	assert_has(got, "<strong dir=\"ltr\">app.example</strong>");
	assert_has(got, "value=\"create\" checked> <span>make posts");
	assert_has(got, "value=\"update\" checked> <span>change posts");
	assert_has(got, "<code>fly</code> <code>admin</code>");
	assert_lacks(got, "value=\"admin\"");
	assert_lacks(got, "value=\"fly\"");
}

static void
the_page_cannot_be_framed_kept_or_read_from_elsewhere(void **state)
{
	struct auth *a = *state;
	struct answer got = owner_get(a, ASKING("create"));
	struct str policy = answer_header(&got, "Content-Security-Policy");

	assert_header(got, "Referrer-Policy", "same-origin");
	assert_header(got, "X-Frame-Options", "DENY");
	assert_header(got, "Cache-Control", "no-store");
	assert_no_header(got, "Access-Control-Allow-Origin");
	assert_true(has(policy, "frame-ancestors 'none'"));
	assert_true(str_ends(policy, S("form-action 'self' https://app.example")));
}

static void
what_an_application_says_of_itself_is_text(void **state)
{
	struct auth *a = *state;
	struct answer got;

	site_sql(a->site, "UPDATE client SET name = '<script>alert(1)</script>', url = 'https://home.example/'");
	got = owner_get(a, ASKING("create"));
	assert_lacks(got, "<script>");
	assert_has(got, "&lt;script&gt;");
	assert_has(got, "<strong dir=\"ltr\">home.example</strong>, which is not where it is itself");
}

static void
the_old_word_for_create_is_understood(void **state)
{
	struct auth *a = *state;

	assert_has(owner_get(a, ASKING("post")), "value=\"create\" checked");
	assert_has(redeem(a, code_for(a, "post", "scope=create")), "\"scope\":\"create\"");
}

static void
me_is_not_believed(void **state)
{
	struct auth *a = *state;
	struct answer got = owner_get(a, ASKING("create") "&me=https%3A%2F%2Fvictim.example%2F");

	assert_lacks(got, "victim");
	got = redeem(a, code_of(a, decide(a, request_of(a, got), "decision=allow&scope=create")));
	assert_has(got, "\"me\":\"https://ada.example/\"");
}

/* ---- the decision ---------------------------------------------------------------------------- */

static void
letting_in_sends_code_state_and_iss(void **state)
{
	struct auth *a = *state;
	struct answer got = let_in(a, ASKING("create"), "scope=create");
	struct str want = fill(a, "https://app.example/cb?x=1&code=$&state=a%2Bb%20%26%C3%A9"
		"&iss=https%3A%2F%2Fada.example%2F", code_of(a, got));

	assert_header(got, "Location", want.p);
	assert_header(got, "Cache-Control", "no-store");
	assert_header(got, "Referrer-Policy", "no-referrer");
	assert_int_equal(got.body.n, 0);
}

static void
turning_away_says_so(void **state)
{
	struct auth *a = *state;
	struct answer got = decide(a, request_of(a, owner_get(a, ASKING("create"))), "decision=deny&scope=create");
	struct str to = answer_header(&got, "Location");

	assert_int_equal(got.status, 303);
	assert_true(str_starts(to, S("https://app.example/cb?x=1&error=access_denied&")));
	assert_true(str_ends(to, S("&state=a%2Bb%20%26%C3%A9&iss=https%3A%2F%2Fada.example%2F")));
	assert_true(has(site_log(a->site), "\"consent_denied\""));
	assert_count(a, 1, "audit WHERE what = 'app-turned-away' AND subject = 'https://app.example/'");
}

static void
only_what_is_ticked_is_granted(void **state)
{
	struct auth *a = *state;

	assert_has(redeem(a, code_for(a, "create+update+delete", "scope=delete&scope=create")),
		"\"scope\":\"create delete\"");
	assert_has(redeem(a, code_for(a, "create", "scope=create&scope=delete&scope=admin&scope=fly")),
		"\"scope\":\"create\"");
	assert_refused(redeem(a, code_for(a, "create", "x=y")), 400, "invalid_grant");
}

/* Not even if it asks for it, and the form says that it was ticked. */
static void
no_application_is_granted_what_only_the_owner_gives(void **state)
{
	struct auth *a = *state;
	struct answer got = redeem(a, code_for(a, "create+admin+fly", "scope=admin&scope=create&scope=fly"));

	assert_has(got, "\"scope\":\"create\"");
	assert_int_equal(get_as(a, member(a, got, "access_token"), "/admin/metrics").status, 401);
}

static void
a_decision_is_made_once(void **state)
{
	struct auth *a = *state;
	const char *id = request_of(a, owner_get(a, ASKING("create")));

	assert_int_equal(decide(a, id, "decision=allow&scope=create").status, 303);
	assert_int_equal(decide(a, id, "decision=allow&scope=create").status, 403);
	assert_int_equal(decide(a, id, "decision=deny").status, 403);
	assert_int_equal(owner_get(a, fill(a, "/auth?request=$", id).p).status, 403);
}

static void
a_decision_takes_a_button(void **state)
{
	struct auth *a = *state;
	const char *id = request_of(a, owner_get(a, ASKING("create")));

	assert_int_equal(decide(a, id, "scope=create").status, 400);
	assert_int_equal(decide(a, id, "decision=yes").status, 400);
	assert_int_equal(decide(a, id, "decision=allow&scope=create").status, 303);
}

static void
the_owner_is_asked_each_time_also_for_what_was_let_in_before(void **state)
{
	struct auth *a = *state;

	(void)redeem(a, code_for(a, "create", "scope=create"));
	assert_has(owner_get(a, ASKING("create")), "name=\"decision\"");
}

static void
a_decision_that_is_not_the_owners_is_refused(void **state)
{
	struct auth *a = *state;
	const char *id = request_of(a, owner_get(a, ASKING("create")));
	const char *fields = fill(a, "request=$&decision=allow&scope=create", id).p;
	const char *good = fill(a, "csrf=$&$", a->csrf, fields).p;
	const char *const forged[] = {fields, fill(a, "csrf=AAAA&$", fields).p, good};
	struct answer got = post(a, "/auth/consent", good);

	assert_int_equal(got.status, 303);
	assert_true(str_starts(answer_header(&got, "Location"), S("https://ada.example/admin/login")));
	for (size_t i = 0; i < COUNT(forged); i++)
		assert_int_equal(ASK(a->site, .method = "POST", .uri = "/auth/consent", .type = FORM,
			.body = forged[i], .headers = {{"HTTP_COOKIE", a->cookie},
			{"HTTP_ORIGIN", i == 2 ? "https://evil.example" : "https://ada.example"}}).status, 403);
	assert_int_equal(decide(a, "aaaaaaaaaaaaaaaaaaaaaaaaaa", "decision=allow&scope=create").status, 403);
	assert_int_equal(decide(a, id, "decision=allow&scope=create").status, 303);
}

static void
posting_rights_take_a_sign_in_of_the_last_day(void **state)
{
	struct auth *a = *state;
	const char *id = request_of(a, owner_get(a, ASKING("create+profile")));

	a->site->now_us += INT64_C(86400) * 1000000;
	site_sql(a->site, "UPDATE authorization SET created = created + 86400");
	assert_int_equal(owner_get(a, ASKING("profile+email")).status, 200);
	assert_confirm(owner_get(a, ASKING("create")), "?next=/auth?request=");
	assert_confirm(decide(a, id, "decision=allow&scope=create"), "");
	assert_int_equal(decide(a, id, "decision=allow&scope=profile").status, 303);
}

static void
letting_in_is_told_to_log_and_audit_trail_without_secrets(void **state)
{
	struct auth *a = *state;
	const char *code = code_for(a, "create", "scope=create");
	struct answer got = redeem(a, code);
	struct str log = site_log(a->site);

	assert_true(has(log, "\"consent_given\""));
	assert_true(has(log, "\"token_created\""));
	assert_false(has(log, code));
	assert_false(has(log, CHALLENGE));
	assert_false(has(log, member(a, got, "access_token").p));
	assert_false(has(log, member(a, got, "refresh_token").p));
	assert_count(a, 1, "audit WHERE what = 'app-let-in' AND subject = 'https://app.example/' AND detail = 'create'");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(the_page_says_who_asks_for_what_and_where_it_leads),
		T(the_page_cannot_be_framed_kept_or_read_from_elsewhere),
		T(what_an_application_says_of_itself_is_text),
		T(the_old_word_for_create_is_understood),
		T(me_is_not_believed),
		T(letting_in_sends_code_state_and_iss),
		T(turning_away_says_so),
		T(only_what_is_ticked_is_granted),
		T(no_application_is_granted_what_only_the_owner_gives),
		T(a_decision_is_made_once),
		T(a_decision_takes_a_button),
		T(the_owner_is_asked_each_time_also_for_what_was_let_in_before),
		T(a_decision_that_is_not_the_owners_is_refused),
		T(posting_rights_take_a_sign_in_of_the_last_day),
		T(letting_in_is_told_to_log_and_audit_trail_without_secrets),
	};

	return cmocka_run_group_tests_name("web/consent", tests, NULL, NULL);
}
