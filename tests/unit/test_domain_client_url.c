/*
 * domain/client: what an application may call itself, and where it may send the owner.
 */
#include "domain_fixture.h"

#include "domain/client.h"

/* ---- client_id and profile URL ----------------------------------------------------------- */

/* NULL: refused. */
static const struct {
	const char *written, *profile, *client;
} urls[] = {
	{"https://ada.example", "https://ada.example/", "https://ada.example/"},
	{"https://ada.example/", "https://ada.example/", "https://ada.example/"},
	{"https://ada.example/u?id=1", "https://ada.example/u?id=1", "https://ada.example/u?id=1"},
	{"HTTPS://Ada.Example/U?ID=%7e", "https://ada.example/U?ID=%7e",
		"https://ada.example/U?ID=%7e"},
	{"http://ada.example?x", "http://ada.example/?x", "http://ada.example/?x"},
	{"https://b\303\274cher.example/", "https://xn--bcher-kva.example/",
		"https://xn--bcher-kva.example/"},
	{"https://ada.example/.well-known/app", "https://ada.example/.well-known/app",
		"https://ada.example/.well-known/app"},
	{"ada.example", NULL, NULL},
	{"mailto:a@b.example", NULL, NULL},
	{"https://ada.example/#me", NULL, NULL},
	{"https://ada.example/#", NULL, NULL},
	{"https://u:p@ada.example/", NULL, NULL},
	{"https://u@ada.example/", NULL, NULL},
	{"https://ada.example/a/../b", NULL, NULL},
	{"https://ada.example/./b", NULL, NULL},
	{"https://ada.example/a/%2e%2E/b", NULL, NULL},
	{"https://ada.example/a/.%2e", NULL, NULL},
	{"https://ada.example:8443/", NULL, "https://ada.example:8443/"},
	{"https://ada.example:443/", NULL, "https://ada.example:443/"},
	{"https://10.1.2.3/", NULL, NULL},
	{"https://172.28.92.51/", NULL, NULL},
	{"https://[2001:db8::1]/", NULL, NULL},
	{"http://127.0.0.1:4000/", NULL, "http://127.0.0.1:4000/"},
	{"http://[::1]/cb", NULL, "http://[::1]/cb"},
	{"http://127.0.0.2/", NULL, NULL},
	{"http://127.1/", NULL, NULL},
	{"http://2130706433/", NULL, NULL},
	{"http://[0::1]/", NULL, NULL},
	{"http://localhost:4000/", NULL, "http://localhost:4000/"},
	{"javascript:alert(1)", NULL, NULL},
	{"", NULL, NULL},
};

static void
urls_of_applications_and_people_are_those_of_the_standard(void **state)
{
	struct site *s = *state;
	struct str got;

	for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
		enum err e = client_id_parse(&s->c, str_z(urls[i].written), &got);

		if ((e == OK) != (urls[i].client != NULL))
			fail_msg("%s as client_id: %d", urls[i].written, e);
		if (e == OK)
			assert_str(got, urls[i].client);
		else
			assert_true(s->c.err.hint[0] != '\0' && s->c.err.code == ERR_CLIENT_ID);
		err_clear(&s->c);
		e = client_profile_parse(&s->c, str_z(urls[i].written), &got);
		if ((e == OK) != (urls[i].profile != NULL))
			fail_msg("%s as profile URL: %d", urls[i].written, e);
		if (e == OK)
			assert_str(got, urls[i].profile);
		err_clear(&s->c);
	}
}

/* ---- redirects --------------------------------------------------------------------------- */

static bool
redirect(struct site *s, const char *client_id, const char *published, const char *to)
{
	struct client client = {.redirect_uris = str_z(published)};
	bool good = client_redirect_ok(&s->c, str_z(client_id), &client, str_z(to));

	assert_int_equal(s->c.err.code, OK);
	return good;
}

static void
an_application_may_send_to_its_own_origin(void **state)
{
	struct site *s = *state;

	assert_true(client_redirect_ok(&s->c, S("https://app.example/"), NULL, S("https://app.example/cb")));
	assert_true(redirect(s, "https://app.example/", "", "https://app.example/cb?x=1&y=%2f"));
	assert_true(redirect(s, "https://app.example/", "", "https://app.example"));
	assert_true(redirect(s, "https://app.example/", "", "https://app.example:443/cb"));
	assert_true(redirect(s, "https://app.example/deep/id.json", "", "https://app.example/cb"));
	assert_true(redirect(s, "https://app.example:8443/", "", "https://app.example:8443/cb"));
	assert_true(redirect(s, "http://127.0.0.1:4000/", "", "http://127.0.0.1:4000/cb"));
	assert_true(redirect(s, "http://localhost:4000/", "", "http://localhost:4000/cb"));
}

static void
no_spelling_leads_elsewhere(void **state)
{
	static const char *const bad[] = {
		"https://evil.example/", "http://app.example/cb", "https://app.example:8443/cb",
		"https://app.example:80/cb", "https://sub.app.example/", "https://example/",
		"https://app.example.evil.example/", "https://app.exampleevil.example/",
		"https://app.example@evil.example/", "https://app.example:x@evil.example/",
		"https://u:p@app.example/cb", "https://evil.example#@app.example/",
		"https://app.example\\@evil.example/", "https:\\\\app.example/", "https://app.example\\cb",
		"https://app.example%2f%2fevil.example/", "https://app.example%2eevil.example/",
		"https://app.example./cb", "https://APP.example/cb", "HTTPS://app.example/cb",
		"https://app.example//evil.example", "https://app.example/%2f%2fevil.example",
		"https://app.example/%2F/evil.example", "https://app.example/%5cevil.example",
		"https://app.example/../cb", "https://app.example/a/%2e%2e/cb",
		"//app.example/cb", "//evil.example/", "/cb", "cb", "", "?x", "https:", "https://",
		"https:app.example/cb", "https:/app.example/cb", "https:///app.example/cb",
		"https://app.example/cb#x", "https://app.example/cb#", "https://app.example/c b",
		"https://app.example/cb\r\nSet-Cookie:x=y", "https://app.example/cb\n",
		" https://app.example/cb", "https://app.example/cb ", "\thttps://app.example/cb",
		"https://app.example/\303\274", "https://app.exampl\341\272\271/cb",
		"https://app.example/cb\x01", "https://app.example/cb\x7f",
		"javascript:alert(1)", "JavaScript://app.example/%0aalert(1)", "data:text/html,x",
		"file:///etc/passwd", "vbscript:x", "blob:https://app.example/x", "about:blank",
		"view-source:https://app.example/", "myapp://cb", "myapp:cb",
	};
	struct site *s = *state;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (redirect(s, "https://app.example/", "", bad[i]))
			fail_msg("%s has passed", bad[i]);
	assert_false(client_redirect_ok(
		&s->c, S("https://app.example/"), NULL, S("https://app.example/cb\0x")));
}

static void
what_is_published_is_compared_character_by_character(void **state)
{
	static const char published[] = "https://cb.example/a?b myapp://cb com.example.app:/x";
	struct site *s = *state;

	assert_true(redirect(s, "https://app.example/", published, "https://cb.example/a?b"));
	assert_true(redirect(s, "https://app.example/", published, "myapp://cb"));
	assert_true(redirect(s, "https://app.example/", published, "com.example.app:/x"));
	assert_true(redirect(s, "https://app.example/", published, "https://app.example/cb"));
	assert_false(redirect(s, "https://app.example/", published, "https://cb.example/a"));
	assert_false(redirect(s, "https://app.example/", published, "https://cb.example/a?b&c"));
	assert_false(redirect(s, "https://app.example/", published, "https://CB.example/a?b"));
	assert_false(redirect(s, "https://app.example/", published, "https://cb.example:443/a?b"));
	assert_false(redirect(s, "https://app.example/", published, "myapp://cb/"));
	assert_false(redirect(s, "https://app.example/", published, "MYAPP://cb"));
	assert_false(redirect(s, "https://app.example/", published, "myapp://"));
	assert_false(redirect(s, "https://app.example/", published,
		"https://cb.example/a?b myapp://cb"));
	assert_false(redirect(s, "https://app.example/", "javascript:alert(1)", "javascript:alert(1)"));
	assert_false(redirect(s, "https://app.example/", "https://u@cb.example/", "https://u@cb.example/"));
}

static void
a_published_loopback_address_has_any_port(void **state)
{
	static const char published[] = "http://127.0.0.1/cb?a=b http://[::1]:1/cb http://localhost/cb";
	struct site *s = *state;

	assert_true(redirect(s, "https://app.example/", published, "http://127.0.0.1:51004/cb?a=b"));
	assert_true(redirect(s, "https://app.example/", published, "http://[::1]:51004/cb"));
	assert_true(redirect(s, "https://app.example/", published, "http://[::1]/cb"));
	assert_false(redirect(s, "https://app.example/", published, "http://127.0.0.1:51004/cb"));
	assert_false(redirect(s, "https://app.example/", published, "http://127.0.0.1:51004/cb?a=c"));
	assert_false(redirect(s, "https://app.example/", published, "https://127.0.0.1:51004/cb?a=b"));
	assert_false(redirect(s, "https://app.example/", published, "http://127.0.0.2:51004/cb?a=b"));
	assert_false(redirect(s, "https://app.example/", published, "http://127.1:51004/cb?a=b"));
	assert_false(redirect(s, "https://app.example/", published, "http://localhost:51004/cb"));
	assert_false(redirect(s, "https://app.example/", "https://cb.example/", "https://cb.example:1/"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(urls_of_applications_and_people_are_those_of_the_standard),
		SITE_TEST(an_application_may_send_to_its_own_origin),
		SITE_TEST(no_spelling_leads_elsewhere),
		SITE_TEST(what_is_published_is_compared_character_by_character),
		SITE_TEST(a_published_loopback_address_has_any_port),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
