/*
 * The Access screen: who may come in, and what the owner can do about it.
 */
#include "indieauth.h"

#define ALL "scope=create&scope=update&scope=delete"

static struct str
app(struct auth *a)
{
	return member(a, redeem(a, code_for(a, "create+update+delete", ALL)), "access_token");
}

/* The public id of the newest token on the page. */
static const char *
id_of(struct auth *a)
{
	const char *id = site_between(a->site, owner_get(a, "/admin/access").body, "id=\"app-", "\"");

	assert_non_null(id);
	return id;
}

static struct answer
act(struct auth *a, const char *fields)
{
	return owner_post(a, "/admin/access", fields);
}

static void
applications_and_tokens_made_by_hand_are_listed_together(void **state)
{
	struct auth *a = *state;
	struct str token = app(a);
	struct answer page;

	assert_int_equal(post_as(a, token, "/micropub", "content=one").status, 201);
	assert_int_equal(post_as(a, token, "/micropub", "content=two").status, 201);
	page = owner_get(a, "/admin/access");
	assert_int_equal(page.status, 200);
	assert_has(page, "<bdi>App</bdi>");
	assert_has(page, "<code dir=\"ltr\">https://app.example/</code>");
	assert_has(page, "May use: create, update, delete.");
	assert_has(page, "<dt>Posts</dt><dd>2 posts</dd>");
	assert_has(page, "<dt>Last used</dt><dd><time datetime=\"2026-03-01T09:30:00Z\">");
	assert_has(page, "<dt>Ends</dt><dd><time datetime=\"2026-05-30T09:30:00Z\">");
	assert_has(page, "<bdi>test</bdi>");
	assert_has(page, "A token made by hand");
	assert_has(page, "never yet");
	assert_has(page, "aria-current=\"page\">Access</a>");
	assert_header(page, "Cache-Control", "no-store");
	assert_false(has(page.body, token.p));
}

static void
the_page_is_the_owners(void **state)
{
	struct auth *a = *state;
	struct answer got = ASK(a->site, .uri = "/admin/access");

	assert_int_equal(got.status, 303);
	got = ASK(a->site, .method = "POST", .uri = "/admin/access", .type = FORM, .body = "action=revoke&id=x",
		.headers = {{"HTTP_COOKIE", a->cookie}});
	assert_int_equal(got.status, 403);
	assert_int_equal(act(a, "action=dance").status, 400);
}

/* A second browser of the owner's; gives its cookie. */
static const char *
other_browser(struct auth *a)
{
	const char *cookie = site_sign_in(a->site);

	site_sql(a->site, "UPDATE session SET user_agent = "
		"'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'");
	return cookie;
}

static bool
signed_in(struct auth *a, const char *cookie)
{
	return ASK(a->site, .uri = "/admin", .headers = {{"HTTP_COOKIE", cookie}}).status == 200;
}

static void
the_owners_browsers_are_listed_and_can_be_signed_out(void **state)
{
	struct auth *a = *state;
	const char *other = other_browser(a), *third = site_sign_in(a->site), *id;
	struct answer page = owner_get(a, "/admin/access");

	assert_has(page, "Firefox on Linux");
	assert_has(page, "<span class=\"mark\">this one</span>");
	assert_has(page, "from 192.0.2.1, with password");
	id = site_between(a->site, page.body, "name=\"action\" value=\"end\">\n<input type=\"hidden\" name=\"id\" value=\"", "\"");
	assert_non_null(id);
	page = act(a, fill(a, "action=end&id=$", id).p);
	assert_header(page, "Location", "https://ada.example/admin/access?done=session-ended");
	assert_true(signed_in(a, other) != signed_in(a, third));
	assert_true(signed_in(a, a->cookie));
	assert_int_equal(act(a, "action=end&id=nobody").status, 404);
	page = act(a, "action=end-others");
	assert_header(page, "Location", "https://ada.example/admin/access?done=others-ended");
	assert_false(signed_in(a, other) || signed_in(a, third));
	assert_true(signed_in(a, a->cookie));
	assert_lacks(owner_get(a, "/admin/access"), "Sign out all but this one");
}

static void
revoked_access_ends_at_once_and_is_remembered(void **state)
{
	struct auth *a = *state;
	struct answer got = redeem(a, code_for(a, "create", "scope=create")), page;
	struct str token = member(a, got, "access_token");

	page = act(a, fill(a, "action=revoke&id=$", id_of(a)).p);
	assert_header(page, "Location", "https://ada.example/admin/access?done=revoked");
	assert_int_equal(post_as(a, token, "/micropub", "content=x").status, 401);
	assert_refused(refresh(a, member(a, got, "refresh_token"), ""), 400, "invalid_grant");
	page = owner_get(a, "/admin/access?done=revoked");
	assert_has(page, "It has no access any more.");
	assert_has(page, "<bdi>App</bdi> <code dir=\"ltr\">https://app.example/</code>: revoked");
	assert_int_equal(act(a, "action=revoke&id=nobody").status, 404);
}

static void
narrowed_access_stays_narrow(void **state)
{
	struct auth *a = *state;
	struct answer got = redeem(a, code_for(a, "create+update+delete", ALL));
	const char *change = fill(a, "action=change&id=$&scope=create&scope=media&scope=admin", id_of(a)).p;

	assert_int_equal(act(a, change).status, 303);
	assert_has(owner_get(a, "/admin/access"), "May use: create.");
	assert_has(get_as(a, member(a, got, "access_token"), "/auth/token"), "\"scope\":\"create\"");
	assert_refused(refresh(a, member(a, got, "refresh_token"), "&scope=create+update"), 400, "invalid_scope");
	got = refresh(a, member(a, got, "refresh_token"), "");
	assert_has(got, "\"scope\":\"create\"");
	assert_count(a, 1, "audit WHERE what = 'token-changed' AND detail = 'create'");
	assert_true(has(site_log(a->site), "\"token_changed\""));
}

static void
something_has_to_be_left(void **state)
{
	struct auth *a = *state;
	struct answer got;

	(void)app(a);
	got = act(a, fill(a, "action=change&id=$", id_of(a)).p);
	assert_int_equal(got.status, 400);
	assert_has(got, "Leave it one thing to do, or revoke it.");
	assert_has(got, "May use: create, update, delete.");
}

static void
an_application_can_be_held_to_drafts(void **state)
{
	struct auth *a = *state;
	struct str token = app(a);
	struct answer got, open = post_as(a, token, "/micropub", "content=before&mp-slug=before");
	const char *change = fill(a, "action=change&id=$&drafts=yes&" ALL, id_of(a)).p;

	assert_int_equal(open.status, 201);
	assert_int_equal(act(a, change).status, 303);
	assert_has(owner_get(a, "/admin/access"), "Whatever it posts becomes a draft.");
	assert_int_equal(post_as(a, token, "/micropub", "content=x&mp-slug=held&post-status=published").status, 201);
	assert_int_equal(ASK(a->site, .uri = "/note/held").status, 404);
	got = owner_get(a, "/note/held");
	assert_has(got, "<span>Draft</span>");
	/* It cannot publish its draft, nor change what is published. */
	got = ASK(a->site, .method = "POST", .uri = "/micropub", .type = "application/json",
		.body = "{\"action\":\"update\",\"url\":\"https://ada.example/note/held\","
			"\"replace\":{\"post-status\":[\"published\"]}}",
		.headers = {{"HTTP_AUTHORIZATION", site_bearer(a->site, token)}});
	assert_int_equal(ASK(a->site, .uri = "/note/held").status, 404);
	got = ASK(a->site, .method = "POST", .uri = "/micropub", .type = "application/json",
		.body = "{\"action\":\"update\",\"url\":\"https://ada.example/note/before\","
			"\"replace\":{\"content\":[\"changed\"]}}",
		.headers = {{"HTTP_AUTHORIZATION", site_bearer(a->site, token)}});
	assert_int_equal(got.status, 401);
	change = fill(a, "action=change&id=$&" ALL, id_of(a)).p;
	assert_int_equal(act(a, change).status, 303);
	assert_int_equal(post_as(a, token, "/micropub", "content=x&mp-slug=free").status, 201);
	assert_int_equal(ASK(a->site, .uri = "/note/free").status, 200);
}

static void
a_token_made_by_hand_is_shown_once(void **state)
{
	struct auth *a = *state;
	struct answer got = act(a, "action=make&name=My+%3Cscript%3E&scope=create&scope=admin&lifetime=30d");
	const char *secret = site_between(a->site, got.body, "tabindex=\"0\">", "</code>");

	assert_int_equal(got.status, 200);
	assert_header(got, "Cache-Control", "no-store");
	assert_has(got, "My &lt;script&gt;");
	assert_non_null(secret);
	assert_int_equal(post_as(a, str_z(secret), "/micropub", "content=x").status, 201);
	assert_int_equal(get_as(a, str_z(secret), "/admin/metrics").status, 200);
	got = owner_get(a, "/admin/access");
	assert_false(has(got.body, secret));
	assert_has(got, "May use: create, admin.");
	assert_has(got, "<time datetime=\"2026-03-31T09:30:00Z\">");
	assert_false(has(site_log(a->site), secret));
	a->site->now_us += INT64_C(30) * 86400 * 1000000;
	assert_int_equal(post_as(a, str_z(secret), "/micropub", "content=x").status, 401);
}

static void
a_token_by_hand_takes_a_name_a_scope_and_an_end(void **state)
{
	static const char *const bad[] = {"action=make&name=&scope=create&lifetime=1y",
		"action=make&name=x&lifetime=1y", "action=make&name=x&scope=fly&lifetime=1y",
		"action=make&name=x&scope=create&lifetime=100y"};
	struct auth *a = *state;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct answer got = act(a, bad[i]);

		assert_int_equal(got.status, 400);
		assert_has(got, "role=\"alert\"");
		assert_lacks(got, "sp_");
	}
}

static void
making_a_token_takes_a_fresh_proof(void **state)
{
	struct auth *a = *state;

	a->site->now_us += INT64_C(900) * 1000000;
	assert_confirm(act(a, "action=make&name=x&scope=create&lifetime=1y"), "");
	assert_int_equal(act(a, fill(a, "action=revoke&id=$", id_of(a)).p).status, 303);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(applications_and_tokens_made_by_hand_are_listed_together),
		T(the_page_is_the_owners),
		T(the_owners_browsers_are_listed_and_can_be_signed_out),
		T(revoked_access_ends_at_once_and_is_remembered),
		T(narrowed_access_stays_narrow),
		T(something_has_to_be_left),
		T(an_application_can_be_held_to_drafts),
		T(a_token_made_by_hand_is_shown_once),
		T(a_token_by_hand_takes_a_name_a_scope_and_an_end),
		T(making_a_token_takes_a_fresh_proof),
	};

	return cmocka_run_group_tests_name("web/access", tests, NULL, NULL);
}
