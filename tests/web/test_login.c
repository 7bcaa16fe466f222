/*
 * Signing in and proving to be there, as requests and answers: forms of our own only, the code that is
 * owed, passkeys, and what needs a fresh proof.
 */
#include "site.h"

#include "../unit/authenticator.h"

#include "domain/factor.h"
#include "domain/totp.h"

#include <stdio.h>
#include <string.h>

#define FORM "application/x-www-form-urlencoded"
#define PASSWORD "password=a+long+enough+password"

static int
owner_setup(void **state)
{
	*state = site_new("");
	site_owner(*state);
	return 0;
}

/* What a browser keeps of an answer: the value of a Cookie header, kept. */
static const char *
cookie_of(struct site *s, const struct answer *a, const char *name)
{
	struct str value;

	for (size_t i = 0; (value = answer_header_n(a, "Set-Cookie", i)).p; i++)
		if (str_starts(value, str_z(name)))
			return arena_str(&s->kept, str_sub(value, 0, str_find(value, ';', 0))).p;
	fail_msg("no cookie %s", name);
	return NULL;
}

static struct answer
get(struct site *s, const char *uri, const char *cookie)
{
	return ASK(s, .uri = uri, .headers = {{"HTTP_COOKIE", cookie}});
}

/* Sends a form of the page at `page`, with its token. */
static struct answer
post(struct site *s, const char *page, const char *uri, const char *cookie, const char *fields)
{
	struct answer a = get(s, page, cookie);
	const char *csrf = site_between(s, a.body, "name=\"csrf\" value=\"", "\"");
	char body[8192];

	assert_int_equal(a.status, 200);
	assert_non_null(csrf);
	(void)snprintf(body, sizeof(body), "csrf=%s&%s", csrf, fields);
	return ASK(s, .method = "POST", .uri = uri, .type = FORM, .body = body,
		.headers = {{"HTTP_COOKIE", cookie}});
}

/* ---- the form ---------------------------------------------------------------------------------- */

static void
a_login_form_is_for_one_browser(void **state)
{
	struct site *s = *state;
	const char *form = site_login_form(s, PASSWORD), *mine = s->visitor;
	struct answer a = ASK(s, .method = "POST", .uri = "/admin/login", .type = FORM, .body = form);

	assert_int_equal(a.status, 403);
	assert_no_header(a, "Set-Cookie");
	a = ASK(s, .method = "POST", .uri = "/admin/login", .type = FORM, .body = form,
		.headers = {{"HTTP_COOKIE",
			"__Host-sp-visitor=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}});
	assert_int_equal(a.status, 403);
	a = ASK(s, .method = "POST", .uri = "/admin/login", .type = FORM, .body = PASSWORD,
		.headers = {{"HTTP_COOKIE", mine}});
	assert_int_equal(a.status, 403);
	a = ASK(s, .method = "POST", .uri = "/admin/login", .type = FORM, .body = form,
		.headers = {{"HTTP_COOKIE", mine}});
	assert_int_equal(a.status, 303);
}

static void
a_form_token_looks_different_on_every_page(void **state)
{
	struct site *s = *state;
	const char *cookie = site_sign_in(s), *a = site_csrf(s, cookie), *b = site_csrf(s, cookie);

	assert_int_equal(strlen(a), 86);
	assert_string_not_equal(a, b);
}

static void
a_form_token_of_another_session_is_refused(void **state)
{
	struct site *s = *state;
	const char *first = site_sign_in(s), *second;
	char body[256];

	s->visitor = NULL;
	second = site_sign_in(s);
	(void)snprintf(body, sizeof(body), "csrf=%s", site_csrf(s, first));
	assert_int_equal(ASK(s, .method = "POST", .uri = "/admin/logout", .type = FORM,
				 .body = body, .headers = {{"HTTP_COOKIE", second}}).status, 403);
	assert_int_equal(ASK(s, .method = "POST", .uri = "/admin/logout", .type = FORM,
				 .body = body, .headers = {{"HTTP_COOKIE", first}}).status, 303);
}

static void
a_script_sends_the_token_as_a_header(void **state)
{
	struct site *s = *state;
	const char *cookie = site_sign_in(s), *csrf = site_csrf(s, cookie);
	struct answer a = ASK(s, .method = "POST", .uri = "/admin/confirm/challenge",
		.headers = {{"HTTP_COOKIE", cookie}, {"HTTP_X_CSRF_TOKEN", csrf}});

	assert_int_equal(a.status, 200);
	assert_header(a, "Content-Type", "application/json");
	assert_has(a, "\"userVerification\":\"required\"");
	assert_has(a, "\"allowCredentials\":[]");
	assert_has(a, "\"rpId\":\"ada.example\"");
	a = ASK(s, .method = "POST", .uri = "/admin/confirm/challenge",
		.headers = {{"HTTP_COOKIE", cookie}, {"HTTP_X_CSRF_TOKEN", "wrong"}});
	assert_int_equal(a.status, 403);
}

static void
a_session_presented_before_the_login_is_not_adopted(void **state)
{
	struct site *s = *state;
	const char *old = site_sign_in(s), *form = site_login_form(s, PASSWORD);
	char both[256];
	struct answer a;

	(void)snprintf(both, sizeof(both), "%s; %s", old, s->visitor);
	a = ASK(s, .method = "POST", .uri = "/admin/login", .type = FORM, .body = form,
		.headers = {{"HTTP_COOKIE", both}});
	assert_int_equal(a.status, 303);
	assert_string_not_equal(cookie_of(s, &a, "__Host-sp="), old);
}

static void
no_session_is_read_from_the_address(void **state)
{
	struct site *s = *state;
	const char *cookie = site_sign_in(s);
	char uri[256];

	(void)snprintf(uri, sizeof(uri), "/admin?%s", cookie);
	assert_int_equal(ASK(s, .uri = uri).status, 303);
}

static void
a_huge_cookie_is_none(void **state)
{
	struct site *s = *state;
	const char *cookie = site_sign_in(s);
	static char huge[10240];
	int n = snprintf(huge, sizeof(huge), "%s; other=", cookie);

	memset(huge + n, 'x', sizeof(huge) - (size_t)n - 1);
	assert_int_equal(get(s, "/admin", huge).status, 303);
}

static void
what_cannot_be_a_password_is_not_hashed(void **state)
{
	struct site *s = *state;
	static char body[256] = "password=";

	memset(body + 9, 'x', 129);
	assert_int_equal(site_login(s, body).status, 400);
	assert_int_equal(site_login(s, "password=a+long+enough%00password").status, 400);
	assert_int_equal(site_login(s, "password=%ff%fe").status, 400);
}

static void
passwords_are_compared_in_one_form(void **state)
{
	struct site *s = site_new("");
	struct db *db;
	struct str shown;

	*state = s;
	assert_int_equal(db_open(&s->c, s->seg, &db), OK);
	assert_int_equal(auth_owner_create(&s->c, db, S("Ada"), S("zu\xCC\x88gig und gut"), &shown),
		OK);
	db_close(db);
	ctx_reset(&s->c);
	assert_int_equal(site_login(s, "password=z%C3%BCgig+und+gut").status, 303);
	assert_int_equal(site_login(s, "password=zu%CC%88gig+und+gut").status, 303);
	assert_int_equal(site_login(s, "password=zugig+und+gut").status, 401);
	assert_int_equal(site_login(s, "password=z%C3%BCgig+und+gut+").status, 401);
}

/* ---- the code ---------------------------------------------------------------------------------- */

/* Enrols an app through its page; the code of now. The session's cookie stays. */
static const char *
enrol(struct site *s, const char *cookie, uint32_t *code)
{
	struct answer a = post(s, "/admin/security", "/admin/security/app", cookie, "do=begin");
	const char *text, *csrf;
	unsigned char raw[TOTP_SECRET_BYTES];
	unsigned v = 0, bits = 0;
	size_t n = 0;
	char body[256];

	assert_int_equal(a.status, 303);
	a = get(s, "/admin/security/app", cookie);
	assert_int_equal(a.status, 200);
	text = site_between(s, a.body, "secret=", "&");
	csrf = site_between(s, a.body, "name=\"csrf\" value=\"", "\"");
	assert_non_null(text);
	for (size_t i = 0; i < 32; i++) {
		v = v << 5 | (unsigned)(text[i] >= 'A' ? text[i] - 'A' : text[i] - '2' + 26);
		for (bits += 5; bits >= 8; bits -= 8)
			raw[n++] = (unsigned char)(v >> (bits - 8));
	}
	assert_int_equal(totp_code(&s->c, str_n((const char *)raw, sizeof(raw)),
		(uint64_t)(s->now_us / 30000000), 6, code), OK);
	(void)snprintf(body, sizeof(body), "csrf=%s&do=confirm&code=%06u", csrf, (unsigned)*code);
	a = ASK(s, .method = "POST", .uri = "/admin/security/app", .type = FORM, .body = body,
		.headers = {{"HTTP_COOKIE", cookie}});
	assert_int_equal(a.status, 200);
	assert_has(a, "Recovery codes");
	return site_between(s, a.body, "<li><code>", "</code>");
}

static void
with_an_app_the_password_leads_to_the_code(void **state)
{
	struct site *s = *state;
	const char *paper, *cookie, *pending;
	char fields[128];
	uint32_t code;
	struct answer a;

	s->now_us = INT64_C(1772357400000000);
	cookie = site_sign_in(s);
	paper = enrol(s, cookie, &code);
	assert_int_equal(get(s, "/admin", cookie).status, 200);
	s->visitor = NULL;
	a = site_login(s, PASSWORD "&next=%2Fadmin%2Fmicropub");
	assert_int_equal(a.status, 303);
	assert_header(a, "Location", "https://ada.example/admin/login/code?next=/admin/micropub");
	pending = cookie_of(s, &a, "__Host-sp-visitor=");
	assert_string_not_equal(pending, s->visitor);
	assert_int_equal(get(s, "/admin", pending).status, 303);
	assert_int_equal(get(s, "/admin/login/code", s->visitor).status, 303);
	a = post(s, "/admin/login/code?next=/admin/micropub", "/admin/login/code", pending,
		"code=abcdef&next=%2Fadmin%2Fmicropub");
	assert_int_equal(a.status, 401);
	assert_has(a, "That is not right.");
	assert_has(a, "name=\"next\" value=\"/admin/micropub\"");
	assert_no_header(a, "Set-Cookie");
	(void)snprintf(fields, sizeof(fields), "code=%s&next=%%2F%%2Fevil.example", paper);
	a = post(s, "/admin/login/code", "/admin/login/code", pending, fields);
	assert_int_equal(a.status, 303);
	assert_header(a, "Location", "https://ada.example/admin/security?done=recovered");
	assert_int_equal(get(s, "/admin", cookie_of(s, &a, "__Host-sp=")).status, 200);
	assert_int_equal(get(s, "/admin/login/code", pending).status, 303);
}

static void
after_five_codes_the_password_is_asked_for_again(void **state)
{
	struct site *s = *state;
	const char *cookie, *pending;
	uint32_t code;
	struct answer a;

	s->now_us = INT64_C(1772357400000000);
	cookie = site_sign_in(s);
	(void)enrol(s, cookie, &code);
	a = site_login(s, PASSWORD);
	pending = cookie_of(s, &a, "__Host-sp-visitor=");
	for (int i = 0; i < 5; i++)
		assert_int_equal(post(s, "/admin/login/code", "/admin/login/code", pending,
					 "code=abcdef").status, 401);
	a = post(s, "/admin/login/code", "/admin/login/code", pending, "code=abcdef");
	assert_int_equal(a.status, 401);
	assert_has(a, "name=\"password\"");
}

/* ---- passkeys ---------------------------------------------------------------------------------- */

/* A challenge as the script asks for it, in base64url. */
static struct str
challenge(struct site *s, const char *uri, const char *page, const char *cookie, struct answer *out)
{
	struct answer a = get(s, page, cookie);
	const char *csrf = site_between(s, a.body, "name=\"csrf\" value=\"", "\"");

	*out = ASK(s, .method = "POST", .uri = uri,
		.headers = {{"HTTP_COOKIE", cookie}, {"HTTP_X_CSRF_TOKEN", csrf}});
	assert_int_equal(out->status, 200);
	return str_z(site_between(s, out->body, "\"challenge\":\"", "\""));
}

static const char *
credential_fields(struct site *s, struct str json, const char *more)
{
	struct buf b;
	struct str out;

	buf_init(&b, &s->kept, 65536);
	buf_puts(&b, more);
	buf_puts(&b, "&credential=");
	enc_percent(&b, json, S(""));
	assert_int_equal(buf_end(&s->c, &b, &out), OK);
	return out.p;
}

static void
a_passkey_is_added_and_signs_in(void **state)
{
	struct site *s = *state;
	const char *cookie = site_sign_in(s);
	struct authenticator key;
	struct ceremony how = {.count = 0};
	struct answer a;
	const char *user, *before;

	authenticator_init(&key);
	how.challenge = challenge(s, "/admin/security/challenge", "/admin/security", cookie, &a);
	assert_has(a, "\"residentKey\":\"required\"");
	assert_has(a, "\"attestation\":\"none\"");
	assert_has(a, "\"rp\":{\"id\":\"ada.example\",");
	assert_has(a, "{\"type\":\"public-key\",\"alg\":-7}");
	user = site_between(s, a.body, "\"user\":{\"id\":\"", "\"");
	a = post(s, "/admin/security", "/admin/security/passkey", cookie,
		credential_fields(s, authenticator_make(&s->c, &key, &how), "name=Phone"));
	assert_int_equal(a.status, 200);
	assert_has(a, "Recovery codes");
	assert_has(get(s, "/admin/security", cookie), "Phone");
	(void)site_login_form(s, "");
	before = s->visitor;
	how.challenge = challenge(s, "/admin/login/challenge", "/admin/login", before, &a);
	assert_true(enc_base64url_parse(&s->kept, str_z(user), &how.handle));
	a = post(s, "/admin/login", "/admin/login/passkey", before, credential_fields(s,
		authenticator_use(&s->c, &key, &how), "next=%2Fadmin%2Fmicropub"));
	assert_int_equal(a.status, 303);
	assert_header(a, "Location", "https://ada.example/admin/micropub");
	assert_int_equal(get(s, "/admin", cookie_of(s, &a, "__Host-sp=")).status, 200);
	a = post(s, "/admin/login", "/admin/login/passkey", before, credential_fields(s,
		authenticator_use(&s->c, &key, &how), "next=%2Fadmin"));
	assert_int_equal(a.status, 401);
	assert_has(a, "That is not right.");
	a = post(s, "/admin/confirm", "/admin/confirm/passkey", cookie, "credential=%7B%7D");
	assert_int_equal(a.status, 401);
	authenticator_fini(&key);
}

static void
a_passkey_that_is_none_is_said_to_be_none(void **state)
{
	struct site *s = *state;
	const char *cookie = site_sign_in(s);
	struct answer a = post(s, "/admin/security", "/admin/security/passkey", cookie,
		"name=Phone&credential=%7B%7D");

	assert_int_equal(a.status, 400);
	assert_has(a, "The passkey was not accepted.");
	assert_has(a, "<h1>Security</h1>");
}

static void
a_site_without_a_name_has_no_passkeys(void **state)
{
	struct site *s = site_new("site_url = \"http://127.0.0.1:8080/\"");

	*state = s;
	site_owner(s);
	assert_lacks(ASK(s, .uri = "/admin/login"), "data-passkey");
	assert_has(get(s, "/admin/security", site_sign_in(s)), "Passkeys belong to a name");
}

/* ---- proofs ------------------------------------------------------------------------------------ */

static void
what_could_lock_the_owner_out_needs_a_fresh_proof(void **state)
{
	static const char *const forms[][2] = {{"/admin/security/password", "password=x"},
		{"/admin/security/app", "do=begin"}, {"/admin/security/app", "do=remove"},
		{"/admin/security/codes", ""}, {"/admin/security/passkey", "do=remove&id=x"}};
	struct site *s = *state;
	const char *cookie;
	struct answer a;

	s->now_us = INT64_C(1772357400000000);
	cookie = site_sign_in(s);
	assert_has(get(s, "/admin/security", cookie), "Make new codes</button>");
	s->now_us += INT64_C(900000000);
	a = get(s, "/admin/security", cookie);
	assert_lacks(a, "Make new codes</button>");
	assert_has(a, "/admin/confirm?next=/admin/security");
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		a = post(s, "/admin/security", forms[i][0], cookie, forms[i][1]);
		assert_int_equal(a.status, 303);
		assert_header(a, "Location", "https://ada.example/admin/confirm");
	}
	assert_header(get(s, "/admin/security/app", cookie), "Location",
		"https://ada.example/admin/confirm?next=/admin/security/app");
}

static void
a_proof_changes_the_cookie_and_keeps_forms_good(void **state)
{
	struct site *s = *state;
	const char *cookie, *fresh, *csrf;
	char body[256];
	struct answer a;

	s->now_us = INT64_C(1772357400000000);
	cookie = site_sign_in(s);
	csrf = site_csrf(s, cookie);
	s->now_us += INT64_C(3600000000);
	a = post(s, "/admin/confirm", "/admin/confirm", cookie, "password=wrong");
	assert_int_equal(a.status, 401);
	assert_has(a, "That is not right.");
	assert_has(a, "Confirm that it is you");
	a = post(s, "/admin/confirm?next=/admin/security", "/admin/confirm", cookie,
		PASSWORD "&next=%2Fadmin%2Fsecurity");
	assert_int_equal(a.status, 303);
	assert_header(a, "Location", "https://ada.example/admin/security");
	fresh = cookie_of(s, &a, "__Host-sp=");
	assert_string_not_equal(fresh, cookie);
	assert_int_equal(get(s, "/admin", cookie).status, 303);
	assert_has(get(s, "/admin/security", fresh), "Make new codes</button>");
	(void)snprintf(body, sizeof(body), "csrf=%s", csrf);
	assert_int_equal(ASK(s, .method = "POST", .uri = "/admin/logout", .type = FORM,
				 .body = body, .headers = {{"HTTP_COOKIE", fresh}}).status, 303);
}

static void
a_new_password_ends_other_sessions_and_not_this_one(void **state)
{
	struct site *s = *state;
	const char *mine = site_sign_in(s), *other = site_sign_in(s);
	struct answer a = post(s, "/admin/security", "/admin/security/password", mine,
		"password=password1234");

	assert_int_equal(a.status, 400);
	assert_has(a, "tried first");
	a = post(s, "/admin/security", "/admin/security/password", mine,
		"password=tea+and+four+umbrellas");
	assert_int_equal(a.status, 303);
	assert_header(a, "Location", "https://ada.example/admin/security?done=password");
	assert_int_equal(get(s, "/admin", mine).status, 200);
	assert_int_equal(get(s, "/admin", other).status, 303);
	assert_int_equal(site_login(s, PASSWORD).status, 401);
	assert_int_equal(site_login(s, "password=tea+and+four+umbrellas").status, 303);
}

static void
too_many_tries_are_told_how_long_to_wait(void **state)
{
	struct site *s = site_new("login_rate_limit = 0");
	struct answer a;

	*state = s;
	site_owner(s);
	for (int i = 0; i < 10; i++)
		assert_int_equal(site_login(s, "password=wrong").status, 401);
	a = site_login(s, PASSWORD);
	assert_int_equal(a.status, 429);
	assert_header(a, "Retry-After", "900");
	assert_int_equal(ASK(s, .uri = "/").status, 200);
}

int
main(void)
{
#define OWN(f) cmocka_unit_test_setup_teardown(f, owner_setup, site_teardown)
#define BARE(f) cmocka_unit_test_teardown(f, site_teardown)
	const struct CMUnitTest tests[] = {
		OWN(a_login_form_is_for_one_browser),
		OWN(a_form_token_looks_different_on_every_page),
		OWN(a_form_token_of_another_session_is_refused),
		OWN(a_script_sends_the_token_as_a_header),
		OWN(a_session_presented_before_the_login_is_not_adopted),
		OWN(no_session_is_read_from_the_address),
		OWN(a_huge_cookie_is_none),
		OWN(what_cannot_be_a_password_is_not_hashed),
		BARE(passwords_are_compared_in_one_form),
		OWN(with_an_app_the_password_leads_to_the_code),
		OWN(after_five_codes_the_password_is_asked_for_again),
		OWN(a_passkey_is_added_and_signs_in),
		OWN(a_passkey_that_is_none_is_said_to_be_none),
		BARE(a_site_without_a_name_has_no_passkeys),
		OWN(what_could_lock_the_owner_out_needs_a_fresh_proof),
		OWN(a_proof_changes_the_cookie_and_keeps_forms_good),
		OWN(a_new_password_ends_other_sessions_and_not_this_one),
		BARE(too_many_tries_are_told_how_long_to_wait),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
