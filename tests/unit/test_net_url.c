/*
 * net/url: what passes the gate, in which form, and what does not.
 */
#include "net/url.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static struct ctx c;

static int
setup(void **state)
{
	(void)state;
	ctx_init(&c, 4 << 20);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	ctx_fini(&c);
	return 0;
}

static void
assert_str(struct str got, const char *want)
{
	if (!str_eq(got, str_z(want)))
		fail_msg("got '%.*s', wanted '%s'", STR(got), want);
}

/* ---- forms ------------------------------------------------------------------------------- */

static void
an_address_has_one_form(void **state)
{
	static const struct {
		const char *written, *text;
	} forms[] = {
		{"https://ada.example", "https://ada.example/"},
		{"HTTPS://Ada.Example/", "https://ada.example/"},
		{"https://ada.example:443/x", "https://ada.example/x"},
		{"http://ada.example:80", "http://ada.example/"},
		{"http://ada.example:443", "http://ada.example:443/"},
		{"https://ada.example:8443", "https://ada.example:8443/"},
		{"https://ada.example?a=b", "https://ada.example/?a=b"},
		{"https://ada.example#x", "https://ada.example/#x"},
		{"https://ada.example/a/./b/../c", "https://ada.example/a/c"},
		{"https://ada.example/a/%2e%2E/c", "https://ada.example/c"},
		{"https://ada.example/%7eada/%2f", "https://ada.example/~ada/%2F"},
		{"https://b\303\274cher.example/\303\274", "https://xn--bcher-kva.example/%C3%BC"},
		{"https://B\303\234CHER.example/", "https://xn--bcher-kva.example/"},
		{"http://127.1/", "http://127.0.0.1/"},
		{"http://0x7f.0.0.1/", "http://127.0.0.1/"},
		{"http://2130706433/", "http://127.0.0.1/"},
		{"http://0177.0.0.1/", "http://127.0.0.1/"},
		{"http://[0:0:0:0:0:0:0:1]:81/", "http://[::1]:81/"},
		{"http://[::FFFF:127.0.0.1]/", "http://[::ffff:127.0.0.1]/"},
		{"https://r3---sn-x.example/", "https://r3---sn-x.example/"},
		{"https://ada.example//a//b", "https://ada.example//a//b"},
	};
	struct url u;

	(void)state;
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		if (url_parse(&c, str_z(forms[i].written), &u) != OK)
			fail_msg("%s: %s", forms[i].written, c.err.hint);
		assert_str(u.text, forms[i].text);
		assert_int_equal(url_parse(&c, u.text, &u), OK);
		assert_str(u.text, forms[i].text);
	}
}

static void
what_programs_read_differently_is_refused(void **state)
{
	static const char *const bad[] = {
		"", "ada.example", "//ada.example/", "/x", "https:", "https:/ada.example", "https://",
		"https:///x", "https://:80/", "mailto:a@b.example", "javascript:alert(1)",
		"ftp://ada.example/", "data:text/html,x", "file:///etc/passwd",
		"https://u@ada.example/", "https://u:p@ada.example/", "https://@ada.example/",
		"https://ada.example@evil.example/", "https://ada.example\\@evil.example/",
		"https:\\\\ada.example/", "https://ada.example/\\x",
		" https://ada.example/", "https://ada.example/ ", "https://ada.example/a b",
		"https://ada.example/\ta", "https://ada.example/\na", "https://ada.example/\r\na",
		"https://ada.exa\x7fmple/", "https://ada.example/%00", "https://ada.example/%",
		"https://ada.example/%zz", "https://ada.example/\377", "https://ada.example/\"",
		"https://ada.example/<x>", "https://ada.example/{x}", "https://ada.example/a#b#c",
		"https://ada.example./", "https://.ada.example/", "https://ada..example/",
		"https://ada%2eexample/", "https://ada%2fexample/", "https://-ada.example/",
		"https://ada-.example/", "https://a,b.example/", "https://ada.example:/",
		"https://ada.example:0/", "https://ada.example:65536/", "https://ada.example:+1/",
		"https://ada.example:80:80/", "https://ada.example:0x50/",
		"http://1.2.3.4.5/", "http://256.1.1.1/", "http://0x7g.1/", "http://a.1/",
		"http://[::1/", "http://[::1]x/", "http://[fe80::1%25eth0]/", "http://[v1.a]/",
		"http://[]/", "https://xn--a.example/", "https://\342\200\256.example/",
	};
	struct url u;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (url_parse(&c, str_z(bad[i]), &u) == OK)
			fail_msg("%s has passed", bad[i]);
		assert_int_equal(c.err.code, ERR_URL);
		assert_true(c.err.hint[0] != '\0');
		err_clear(&c);
	}
	assert_int_equal(url_parse(&c, S("https://ada.example/\0x"), &u), ERR_URL);
}

static void
it_is_taken_up_to_2048_bytes(void **state)
{
	static char text[URL_MAX + 2];
	struct url u;

	(void)state;
	memset(text, 'a', sizeof(text));
	memcpy(text, "https://ada.example/", 20);
	assert_int_equal(url_parse(&c, str_n(text, URL_MAX), &u), OK);
	assert_int_equal(u.text.n, URL_MAX);
	assert_int_equal(url_parse(&c, str_n(text, URL_MAX + 1), &u), ERR_URL);
}

static void
it_is_taken_apart(void **state)
{
	struct url u;

	(void)state;
	assert_int_equal(url_parse(&c, S("HTTP://Ada.example:8080/a/../b?c/d#e?f"), &u), OK);
	assert_str(u.scheme, "http");
	assert_str(u.host, "ada.example");
	assert_int_equal(u.kind, URL_NAME);
	assert_int_equal(u.port, 8080);
	assert_true(u.port_written && u.dots && !u.host_exact);
	assert_str(u.path, "/b");
	assert_str(u.query, "c/d");
	assert_str(u.fragment, "e?f");
	assert_str(u.exact, "http://ada.example:8080/a/../b?c/d#e?f");
	assert_int_equal(url_parse(&c, S("https://[::1]/"), &u), OK);
	assert_str(u.host, "[::1]");
	assert_int_equal(u.kind, URL_IPV6);
	assert_int_equal(u.port, 443);
	assert_true(!u.port_written && !u.dots && u.host_exact);
	assert_null(u.query.p);
	assert_null(u.fragment.p);
	assert_int_equal(url_parse(&c, S("https://ada.example:443?#"), &u), OK);
	assert_str(u.path, "/");
	assert_true(u.query.p && u.query.n == 0 && u.fragment.p && u.fragment.n == 0);
	assert_str(u.exact, "https://ada.example:443/?#");
}

static void
dot_segments_are_seen_however_they_are_written(void **state)
{
	static const struct {
		const char *url;
		bool dots;
	} paths[] = {
		{"https://a.example/.", true},
		{"https://a.example/..", true},
		{"https://a.example/a/../b", true},
		{"https://a.example/a/%2e/b", true},
		{"https://a.example/a/%2E%2e", true},
		{"https://a.example/a/.%2e", true},
		{"https://a.example/...", false},
		{"https://a.example/.a/a.", false},
		{"https://a.example/%2ea", false},
		{"https://a.example/?/../", false},
		{"https://a.example/#/../", false},
	};
	struct url u;

	(void)state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		assert_int_equal(url_parse(&c, str_z(paths[i].url), &u), OK);
		if (u.dots != paths[i].dots)
			fail_msg("%s", paths[i].url);
	}
}

/* ---- references -------------------------------------------------------------------------- */

static void
references_are_resolved_as_the_standard_says(void **state)
{
	static const struct {
		const char *reference, *text;
	} list[] = {
		{"", "https://a.example/b/c?d"},
		{"#x", "https://a.example/b/c?d#x"},
		{"?y", "https://a.example/b/c?y"},
		{"g", "https://a.example/b/g"},
		{"./g", "https://a.example/b/g"},
		{"../g", "https://a.example/g"},
		{"../../../g", "https://a.example/g"},
		{"/g", "https://a.example/g"},
		{"//h.example/p", "https://h.example/p"},
		{"//h.example", "https://h.example/"},
		{"http://i.example:81", "http://i.example:81/"},
		{"\303\274?\303\274", "https://a.example/b/%C3%BC?%C3%BC"},
		{"//b\303\274cher.example/", "https://xn--bcher-kva.example/"},
	};
	struct url base, u;

	(void)state;
	assert_int_equal(url_parse(&c, S("https://a.example/b/c?d#e"), &base), OK);
	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
		if (url_resolve(&c, &base, str_z(list[i].reference), &u) != OK)
			fail_msg("%s: %s", list[i].reference, c.err.hint);
		assert_str(u.text, list[i].text);
	}
}

static void
a_reference_leads_to_no_other_scheme(void **state)
{
	static const char *const bad[] = {"javascript:alert(1)", "mailto:a@b.example", "data:,x",
		"x:y", "\\\\evil.example", "/\\evil.example", "a b", "//u@evil.example/", "//",
		"///evil.example"};
	struct url base, u;

	(void)state;
	assert_int_equal(url_parse(&c, S("https://a.example/b/c"), &base), OK);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (url_resolve(&c, &base, str_z(bad[i]), &u) == OK)
			fail_msg("%s became %.*s", bad[i], STR(u.text));
		err_clear(&c);
	}
}

/* ---- questions --------------------------------------------------------------------------- */

static bool
same(const char *a, const char *b)
{
	struct url one, other;

	assert_int_equal(url_parse(&c, str_z(a), &one), OK);
	assert_int_equal(url_parse(&c, str_z(b), &other), OK);
	return url_same_origin(&one, &other);
}

static void
an_origin_is_scheme_host_and_port(void **state)
{
	(void)state;
	assert_true(same("https://a.example/", "https://A.example:443/x?y"));
	assert_false(same("https://a.example/", "http://a.example/"));
	assert_false(same("https://a.example/", "https://a.example:444/"));
	assert_false(same("https://a.example/", "https://b.a.example/"));
	assert_false(same("https://a.example/", "https://a.example.b/"));
	assert_false(same("http://a.example:443/", "https://a.example/"));
}

static bool
loopback(const char *text)
{
	struct url u;

	assert_int_equal(url_parse(&c, str_z(text), &u), OK);
	return url_is_loopback(&u);
}

static void
loopback_is_known_by_its_names(void **state)
{
	(void)state;
	assert_true(loopback("http://127.0.0.1/"));
	assert_true(loopback("http://127.9.9.9/"));
	assert_true(loopback("http://2130706433/"));
	assert_true(loopback("http://[::1]:1/"));
	assert_true(loopback("http://LOCALHOST/"));
	assert_true(loopback("http://app.localhost/"));
	assert_false(loopback("http://localhost.example/"));
	assert_false(loopback("http://10.0.0.1/"));
	assert_false(loopback("http://127.example/"));
}

static void
uris_of_any_scheme_are_known_by_their_grammar(void **state)
{
	struct str scheme;

	(void)state;
	assert_true(uri_valid(S("MyApp+2://cb?x=1"), &scheme));
	assert_str(scheme, "MyApp+2");
	assert_true(uri_valid(S("com.example.app:/oauth"), &scheme));
	assert_true(uri_valid(S("javascript:alert(1)"), &scheme));
	assert_false(uri_valid(S("myapp:// x"), &scheme));
	assert_false(uri_valid(S("myapp://x\r\ny"), &scheme));
	assert_false(uri_valid(S("1app://x"), &scheme));
	assert_false(uri_valid(S("://x"), &scheme));
	assert_false(uri_valid(S("/x"), &scheme));
	assert_false(uri_valid(S(""), &scheme));
	assert_false(uri_valid(S("myapp://\303\274"), &scheme));
}

#define URL_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		URL_TEST(an_address_has_one_form),
		URL_TEST(what_programs_read_differently_is_refused),
		URL_TEST(it_is_taken_up_to_2048_bytes),
		URL_TEST(it_is_taken_apart),
		URL_TEST(dot_segments_are_seen_however_they_are_written),
		URL_TEST(references_are_resolved_as_the_standard_says),
		URL_TEST(a_reference_leads_to_no_other_scheme),
		URL_TEST(an_origin_is_scheme_host_and_port),
		URL_TEST(loopback_is_known_by_its_names),
		URL_TEST(uris_of_any_scheme_are_known_by_their_grammar),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
