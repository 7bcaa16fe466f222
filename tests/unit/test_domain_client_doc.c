/*
 * domain/client_doc and text/app_page: what is taken from an application's document, and what is
 * left out of it.
 */
#include "base/buf.h"
#include "domain/client.h"
#include "domain/client_doc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static struct ctx c;

static int
setup(void **state)
{
	(void)state;
	ctx_init(&c, 16 << 20);
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

/* Where a document comes from. */
struct source {
	const char *client_id, *url, *type, *link;
};

static const struct source page = {"https://app.example/", "https://app.example/", "text/html", ""};
static const struct source json = {
	"https://app.example/", "https://app.example/", "application/json", ""};

static enum fetch_problem
parse_bytes(const struct source *from, struct str body, struct client_doc *out)
{
	enum fetch_problem problem = FETCH__MAX;
	struct got got = {.status = 200, .type = str_z(from->type), .link = str_z(from->link),
		.body = body};

	assert_int_equal(url_parse(&c, str_z(from->url), &got.url), OK);
	assert_int_equal(client_doc_parse(&c, str_z(from->client_id), &got, out, &problem), OK);
	assert_int_equal(c.err.code, OK);
	return problem;
}

static struct client_doc
parsed(const struct source *from, const char *body)
{
	struct client_doc doc;

	assert_int_equal(parse_bytes(from, str_z(body), &doc), FETCH_OK);
	return doc;
}

static void
assert_problem(const struct source *from, const char *body, enum fetch_problem want)
{
	struct client_doc doc;

	assert_int_equal(parse_bytes(from, str_z(body), &doc), want);
	assert_true(doc.name.n + doc.url.n + doc.logo.n + doc.redirect_uris.n == 0);
}

/* ---- names ------------------------------------------------------------------------------- */

static void
assert_name(const char *written, const char *want)
{
	struct str body;

	assert_int_equal(ctx_printf(&c, &body,
		"{\"client_id\":\"https://app.example/\",\"client_name\":\"%s\"}", written), OK);
	assert_str(parsed(&json, body.p).name, want);
}

static void
a_name_is_plain_text_on_one_line(void **state)
{
	(void)state;
	assert_name("My App", "My App");
	assert_name(" \\t My\\r\\n\\u00a0 App\\u3000", "My App");
	assert_name("a\\u0001b\\u007fc\\u0085d", "a b c d");
	assert_name("a\\u202eb\\u2066c\\u200fd\\u061ce\\ufefff\\u200bg", "abcdefg");
	assert_name("\\udb40\\udc41x\\u00ad", "x");
	assert_name("<b>&amp;</b>", "<b>&amp;</b>");
	assert_name("J\303\266rg \360\237\230\200", "J\303\266rg \360\237\230\200");
	assert_name("\\u202e\\u200b", "");
	assert_name("", "");
}

static void
a_name_has_at_most_100_characters(void **state)
{
	char long_name[400] = "", want[400] = "";

	(void)state;
	for (int i = 0; i < 150; i++) {
		memcpy(long_name + 2 * i, "\303\274", 3);
		if (i < 100)
			memcpy(want + 2 * i, "\303\274", 3);
	}
	assert_name(long_name, want);
	(void)snprintf(long_name, sizeof(long_name), "%099d b", 0);
	(void)snprintf(want, sizeof(want), "%099d", 0);
	assert_name(long_name, want);
}

/* ---- JSON -------------------------------------------------------------------------------- */

static void
a_document_must_be_about_its_own_client_id(void **state)
{
	(void)state;
	assert_problem(&json, "{\"client_id\":\"https://app.example\",\"client_name\":\"x\"}", FETCH_DOCUMENT);
	assert_problem(&json, "{\"client_id\":\"https://App.example/\"}", FETCH_DOCUMENT);
	assert_problem(&json, "{\"client_id\":\"http://app.example/\"}", FETCH_DOCUMENT);
	assert_problem(&json, "{\"client_id\":[\"https://app.example/\"]}", FETCH_DOCUMENT);
	assert_problem(&json, "{\"client_name\":\"x\"}", FETCH_DOCUMENT);
	assert_problem(&json, "[\"https://app.example/\"]", FETCH_DOCUMENT);
	assert_problem(&json, "\"https://app.example/\"", FETCH_DOCUMENT);
	assert_problem(&json, "{\"client_id\":\"https://app.example/\"", FETCH_DOCUMENT);
	assert_problem(&json, "", FETCH_DOCUMENT);
}

static void
values_of_the_wrong_kind_are_left_out(void **state)
{
	struct client_doc doc;

	(void)state;
	doc = parsed(&json, "{\"client_id\":\"https://app.example/\",\"client_name\":7,"
		"\"client_uri\":{},\"logo_uri\":[\"https://app.example/l\"],\"redirect_uris\":\"a:b\"}");
	assert_true(doc.name.n + doc.url.n + doc.logo.n + doc.redirect_uris.n == 0);
}

static void
the_home_page_is_what_the_client_id_begins_with(void **state)
{
	static const struct source deep = {"https://app.example/a/id", "https://app.example/a/id",
		"application/json", ""};

	(void)state;
	assert_str(parsed(&deep, "{\"client_id\":\"https://app.example/a/id\",\"client_uri\":"
		"\"https://app.example/a\"}").url, "https://app.example/a");
	assert_str(parsed(&deep, "{\"client_id\":\"https://app.example/a/id\",\"client_uri\":"
		"\"https://app.example/b\"}").url, "");
	assert_str(parsed(&deep, "{\"client_id\":\"https://app.example/a/id\",\"client_uri\":"
		"\"https://bank.example/\"}").url, "");
}

static void
redirect_uris_that_run_something_are_left_out(void **state)
{
	(void)state;
	assert_str(parsed(&json, "{\"client_id\":\"https://app.example/\",\"redirect_uris\":["
		"\"https://app.example/cb\",\"javascript:alert(1)\",\"DATA:,x\",\"file:///x\",\"x:y#z\","
		"\"x:y z\",\"x:\\\\y\",\"/cb\",\"\",\"x:\303\274\",7,null,\"my.app://cb?d=e\"]}")
		.redirect_uris, "https://app.example/cb my.app://cb?d=e");
}

static void
at_most_twenty_redirect_uris_are_taken(void **state)
{
	struct str list;
	struct buf b;
	size_t blanks = 0;

	(void)state;
	buf_init(&b, &c.arena, 4096);
	buf_puts(&b, "{\"client_id\":\"https://app.example/\",\"redirect_uris\":[");
	for (int i = 0; i < 30; i++)
		buf_printf(&b, "%s\"a%d:b\"", i ? "," : "", i);
	buf_puts(&b, "]}");
	assert_int_equal(buf_end(&c, &b, &list), OK);
	list = parsed(&json, list.p).redirect_uris;
	for (size_t i = 0; i < list.n; i++)
		blanks += list.p[i] == ' ';
	assert_int_equal(blanks, CLIENT_REDIRECTS_MAX - 1);
}

/* ---- HTML -------------------------------------------------------------------------------- */

static void
assert_page(const char *html, const char *name, const char *url, const char *logo)
{
	struct client_doc doc = parsed(&page, html);

	assert_str(doc.name, name);
	assert_str(doc.url, url);
	assert_str(doc.logo, logo);
}

static void
an_h_app_names_the_application(void **state)
{
	(void)state;
	assert_page("<div class='h-app'><img class=u-logo src=/l.png><a class='u-url p-name' href=/x>App</a></div>",
		"App", "https://app.example/x", "https://app.example/l.png");
	assert_page("<div class='h-x-app'><p class=p-name> A <b>b</b>\n c<script>d</script></div>", "A b c", "", "");
	assert_page("<a class='x h-app y' href='//b.example'><img alt='By picture'></a>", "By picture",
		"https://b.example/", "");
	assert_page("<div class=h-app>Just <a href=z>text</a></div>", "Just text", "https://app.example/z", "");
	assert_page("<base href='https://cdn.example/a/'><div class=h-app><a class=u-url href=b>N</a></div>", "N",
		"https://cdn.example/a/b", "");
	assert_page("<h1>No microformat</h1><p class='p-name h-apple'>x", "", "", "");
	assert_page("", "", "", "");
}

static void
the_first_h_app_and_its_own_properties_count(void **state)
{
	(void)state;
	assert_page("<div class=h-app><p class=p-name>One</p><p class=p-name>Two</p></div>"
		"<div class=h-app><p class=p-name>Three</p><a class=u-url href=/3></a></div>", "One", "", "");
	assert_page("<div class=h-app><div class='p-author h-card'><a class='p-name u-url' href=/ada>Ada</a>"
		"<img class=u-logo src=/ada></div><p class=p-name>App</p></div>", "App", "https://app.example/ada", "");
	assert_page("<p class=p-name>Outside</p><div class=h-app><p class=p-name>In</p></div>", "In", "", "");
}

static void
addresses_that_are_none_are_left_out(void **state)
{
	(void)state;
	assert_page("<div class=h-app><a class='p-name u-url' href='javascript:x'>App</a>"
		"<img class=u-logo src='data:image/png;base64,xx'></div>", "App", "", "");
	assert_page("<div class=h-app><a class='p-name u-url' href='http://[::1'>App</a></div>", "App", "", "");
}

static void
redirect_uris_come_from_links_and_from_the_header(void **state)
{
	struct source s = page;

	(void)state;
	assert_str(parsed(&page, "<link rel=redirect_uri href=/cb><link rel='a REDIRECT_URI' href='app:/x'>"
		"<link rel=redirect href=/no><a rel=redirect_uri href=/no></a><link rel=redirect_uri>"
		"<link rel=redirect_uri href='javascript:x'>").redirect_uris,
		"https://app.example/cb app:/x");
	s.link = "</a>; rel=\"redirect_uri\", <https://b.example/x,y>; title=\"a, <c>; rel=x\" ; rel=redirect_uri,"
		 " </n>; rel=next; rel=redirect_uri, </o>; anchor=\"/z\"; rel=redirect_uri, nonsense, </p>;rel = "
		 "\"x redirect_uri\", <>; rel=redirect_uri";
	assert_str(parsed(&s, "<link rel=redirect_uri href=/cb>").redirect_uris,
		"https://app.example/a https://b.example/x,y https://app.example/p https://app.example/ "
		"https://app.example/cb");
	s.link = "</a>; rel=\"redirect_uri";
	assert_str(parsed(&s, "").redirect_uris, "https://app.example/a");
}

static void
redirect_uris_count_from_the_own_host_only(void **state)
{
	static const char html[] = "<link rel=redirect_uri href='app:/x'><p class=h-app>App";
	struct source s = page;

	(void)state;
	s.url = "https://www.app.example/";
	assert_str(parsed(&s, html).redirect_uris, "");
	assert_str(parsed(&s, html).name, "App");
	s.url = "https://app.example:8443/";
	assert_str(parsed(&s, html).redirect_uris, "");
	s.client_id = "http://app.example/";
	s.url = "https://app.example/elsewhere";
	assert_str(parsed(&s, html).redirect_uris, "app:/x");
}

static void
pages_that_are_too_much_are_given_up_on(void **state)
{
	struct client_doc doc;
	struct str deep;
	struct buf b;

	(void)state;
	buf_init(&b, &c.arena, 64 * 1024);
	for (int i = 0; i < 13000; i++)
		buf_puts(&b, "<div>");
	assert_int_equal(buf_end(&c, &b, &deep), OK);
	/* Read or given up, but not crashed: how far the parser comes depends on the machine. */
	(void)parse_bytes(&page, deep, &doc);
	assert_int_equal(parse_bytes(&page, S("\xff\0<p class=h-app>A\xc3(\0</p>"), &doc), FETCH_OK);
	assert_str(doc.name, "A\357\277\275(\357\277\275");
}

static void
only_json_and_html_are_read(void **state)
{
	static const char *const types[] = {"", "text/plain", "image/png", "application/jsonp", "text/htmlx"};
	struct source s = page;

	(void)state;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		s.type = types[i];
		assert_problem(&s, "<p class=h-app>App", FETCH_TYPE);
	}
	s.type = "TEXT/HTML ; charset=utf-8";
	assert_str(parsed(&s, "<p class=h-app>App").name, "App");
	s.type = "application/xhtml+xml";
	assert_str(parsed(&s, "<p class=h-app>App").name, "App");
	s.type = "application/oauth-client+json";
	assert_str(parsed(&s, "{\"client_id\":\"https://app.example/\",\"client_name\":\"App\"}").name, "App");
}

/* ---- on the way to the courier ----------------------------------------------------------- */

static void
what_is_written_is_read_again(void **state)
{
	struct client_doc doc, again;
	struct json *o;

	(void)state;
	doc = parsed(&page, "<link rel=redirect_uri href=/cb><link rel=redirect_uri href=app:x>"
		"<div class=h-app><img class=u-logo src=/l><a href=/ class='u-url p-name'>My App</a></div>");
	assert_int_equal(json_object(&c, &o), OK);
	assert_int_equal(client_doc_put(&c, &doc, o), OK);
	assert_int_equal(client_doc_find(&c, o, &again), OK);
	assert_str(again.name, "My App");
	assert_str(again.url, "https://app.example/");
	assert_str(again.logo, "https://app.example/l");
	assert_str(again.redirect_uris, "https://app.example/cb app:x");
}

#define DOC_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		DOC_TEST(a_name_is_plain_text_on_one_line),
		DOC_TEST(a_name_has_at_most_100_characters),
		DOC_TEST(a_document_must_be_about_its_own_client_id),
		DOC_TEST(values_of_the_wrong_kind_are_left_out),
		DOC_TEST(the_home_page_is_what_the_client_id_begins_with),
		DOC_TEST(redirect_uris_that_run_something_are_left_out),
		DOC_TEST(at_most_twenty_redirect_uris_are_taken),
		DOC_TEST(an_h_app_names_the_application),
		DOC_TEST(the_first_h_app_and_its_own_properties_count),
		DOC_TEST(addresses_that_are_none_are_left_out),
		DOC_TEST(redirect_uris_come_from_links_and_from_the_header),
		DOC_TEST(redirect_uris_count_from_the_own_host_only),
		DOC_TEST(pages_that_are_too_much_are_given_up_on),
		DOC_TEST(only_json_and_html_are_read),
		DOC_TEST(what_is_written_is_read_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
