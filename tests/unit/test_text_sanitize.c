/*
 * text/sanitize: a collection of attacks and of ordinary markup with what must come of each, the
 * limits, and what markdown uses of it.
 */
#include "text/sanitize.h"

#include "fixture.h"
#include "html_check.h"
#include "text/json.h"
#include "text/priv.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static int
setup(void **state)
{
	static struct ctx c;

	ctx_init(&c, 64 * 1024 * 1024);
	*state = &c;
	return 0;
}

static int
teardown(void **state)
{
	ctx_fini(*state);
	return 0;
}

static void
assert_clean(struct ctx *c, const char *dirty, const char *expected)
{
	struct html h;

	assert_int_equal(sanitize_html(c, str_z(dirty), &h), OK);
	assert_string_equal(h.s.p, expected);
	assert_null(html_check(h.s));
}

static void
sanitize_answers_every_vector_as_written(void **state)
{
	struct ctx *c = *state;
	struct str file = fixture_read("sanitize/vectors.json");
	const struct json *list;
	struct html h;
	size_t wrong = 0;

	assert_int_equal(json_parse(c, file, &list), OK);
	assert_true(json_len(list) > 140);
	for (size_t i = 0; i < json_len(list); i++) {
		struct str in = json_str(json_find(json_at(list, i), S("in")));
		struct str out = json_str(json_find(json_at(list, i), S("out")));
		const struct json *also = json_find(json_at(list, i), S("or"));

		assert_int_equal(sanitize_html(c, in, &h), OK);
		/* "or": what gumbo 0.13 makes of it, the fork that reads HTML as it is today. */
		if ((str_eq(h.s, out) || (also && str_eq(h.s, json_str(also)))) && !html_check(h.s))
			continue;
		print_message("# %.*s\n# gives %.*s\n", STR(in), STR(h.s));
		wrong++;
	}
	fixture_free(file);
	assert_int_equal(wrong, 0);
}

static void
sanitize_keeps_what_writers_use(void **state)
{
	static const char text[] =
		"<h2>Rain</h2>\n<p>It <em>rained</em> &amp; <a "
		"href=\"https://a.example/?b=1&amp;c=2\""
		" title=\"there\">poured</a>.<br>Then <code class=\"language-c\">a &lt; "
		"b</code>.</p>\n"
		"<ul><li>one</li><li>two</li></ul>\n<blockquote><p>said</p></blockquote>\n"
		"<figure><img src=\"/media/x.jpg\" alt=\"A cat\" width=\"640\" height=\"480\">"
		"<figcaption>The cat</figcaption></figure>\n"
		"<table><thead><tr><th scope=\"col\">a</th></tr></thead><tbody><tr>"
		"<td colspan=\"2\">1</td></tr></tbody></table>\n<hr><p lang=\"de\" "
		"dir=\"ltr\">x</p>";

	assert_clean(*state, text, text);
}

/* The page has a first heading of its own. */
static void
sanitize_leaves_the_first_heading_to_the_page(void **state)
{
	assert_clean(*state, "<H1 dir=ltr>a</H1><h2>b</h2><h5>c</h5><h6>d</h6><header>e</header><hr>",
		"<h2 dir=\"ltr\">a</h2><h3>b</h3><h6>c</h6><h6>d</h6>e<hr>");
	assert_clean(*state, "<h2>a</h2><h3>b</h3>", "<h2>a</h2><h3>b</h3>");
	assert_clean(*state, "<h6>&lt;h1></h6>", "<h6>&lt;h1&gt;</h6>");
}

static void
sanitize_closes_what_was_left_open(void **state)
{
	assert_clean(*state, "<p>a<b>c<ul><li>d", "<p>a<b>c</b></p><ul><li><b>d</b></li></ul>");
	assert_clean(*state, "a</p></b></div>b", "a<p></p>b");
}

static void
sanitize_drops_microformats_classes(void **state)
{
	assert_clean(*state,
		"<div class=\"h-card p-author\"><a class=\"u-url\" rel=me href=x>y</a></div>",
		"<div><a href=\"x\">y</a></div>");
}

static void
sanitize_replaces_nul_and_bad_utf8(void **state)
{
	struct ctx *c = *state;
	struct html h;

	assert_int_equal(sanitize_html(c, str_n("a\0b\xff<b title='\xc3'>c</b>", 22), &h), OK);
	assert_string_equal(h.s.p, "a\xef\xbf\xbd"
				   "b\xef\xbf\xbd<b title=\"\xef\xbf\xbd\">c</b>");
	assert_int_equal(sanitize_html(c, (struct str){0}, &h), OK);
	assert_int_equal(h.s.n, 0);
}

/* n times text, as long as it fits into 64 KiB. */
static struct str
repeated(struct ctx *c, const char *text, size_t n)
{
	size_t len = strlen(text);
	char *p = ctx_alloc(c, n * len + 1);

	assert_non_null(p);
	for (size_t i = 0; i < n; i++)
		memcpy(p + i * len, text, len);
	return str_n(p, n * len);
}

static void
assert_answer(struct ctx *c, struct str dirty, enum err expected)
{
	struct html h;

	assert_int_equal(sanitize_html(c, dirty, &h), expected);
	err_clear(c);
}

static void
sanitize_takes_64_kib_and_no_more(void **state)
{
	struct ctx *c = *state;

	assert_answer(c, repeated(c, "a", 64 * 1024), OK);
	assert_answer(c, repeated(c, "a", 64 * 1024 + 1), ERR_CONTENT_TOO_LARGE);
}

static void
sanitize_takes_8192_tags_and_no_more(void **state)
{
	struct ctx *c = *state;

	assert_answer(c, repeated(c, "<b></b>", 4096), OK);
	assert_answer(c, repeated(c, "<b></b>", 4097), ERR_CONTENT_TOO_COMPLEX);
	assert_answer(c, repeated(c, "a < b ", 9000), OK);
}

static void
sanitize_takes_64_attributes_and_no_more(void **state)
{
	struct ctx *c = *state;
	char tag[1024];
	size_t n = 0;

	n += (size_t)snprintf(tag, sizeof(tag), "<p");
	for (int i = 0; i < 64; i++)
		n += (size_t)snprintf(tag + n, sizeof(tag) - n, i % 2 ? " a%d='>'" : " a%d", i);
	assert_answer(c, str_n(tag, n), OK);
	n += (size_t)snprintf(tag + n, sizeof(tag) - n, "/b>");
	assert_answer(c, str_n(tag, n), ERR_CONTENT_TOO_COMPLEX);
}

static void
sanitize_takes_256_levels_and_no_more(void **state)
{
	struct ctx *c = *state;

	assert_answer(c, repeated(c, "<div>", 256), OK);
	assert_answer(c, repeated(c, "<div>", 257), ERR_CONTENT_TOO_COMPLEX);
	/* Not seen by the guard, but in the tree. */
	assert_answer(c, repeated(c, "<table><tr><td>", 100), ERR_CONTENT_TOO_COMPLEX);
	assert_answer(c, repeated(c, "<li>x", 1000), OK);
	assert_answer(c, repeated(c, "<p>x", 1000), OK);
}

/* Each of these once took seconds, or gigabytes. */
static void
sanitize_ends_soon_on_bombs(void **state)
{
	struct ctx *c = *state;
	struct html h;
	struct buf b;

	buf_init(&b, &c->arena, 64 * 1024);
	for (int i = 0; i < 250; i++)
		buf_printf(&b, "<b title=%d><p>", i);
	assert_int_not_equal(sanitize_html(c, buf_str(&b), &h), ERR_MEMORY);
	err_clear(c);
	/* Attributes that the guard takes for a quoted value. */
	buf_init(&b, &c->arena, 64 * 1024);
	buf_puts(&b, "<svg><![CDATA[ > <a b=\" ]]></svg><p");
	for (int i = 0; i < 9000; i++)
		buf_printf(&b, " a%d", i);
	assert_int_not_equal(sanitize_html(c, buf_str(&b), &h), ERR_MEMORY);
	err_clear(c);
	/* A formatting element that each paragraph repeats, with its long title. */
	buf_init(&b, &c->arena, 64 * 1024);
	buf_puts(&b, "<p><b title='");
	buf_put(&b, repeated(c, "x", 40000));
	buf_puts(&b, "'>");
	buf_put(&b, repeated(c, "<p>x", 4000));
	assert_int_equal(sanitize_html(c, buf_str(&b), &h), ERR_CONTENT_TOO_COMPLEX);
}

static void
sanitize_reports_a_full_arena(void **state)
{
	struct ctx *c = *state;
	struct html h;

	for (size_t cap = 0; cap < 2048; cap += 64) {
		enum err e;

		c->arena.cap = cap;
		e = sanitize_html(c, S("<p title='x'>a <a href='http://x/'>b</a>\xff"), &h);
		assert_true(e == OK || e == ERR_MEMORY);
		ctx_reset(c);
	}
	c->arena.cap = 1024 * 1024;
	assert_clean(c, "<p>x", "<p>x</p>");
}

/* ---- links and line breaks ----------------------------------------------------------------- */

static void
assert_linked(struct ctx *c, const char *text, const char *expected)
{
	static const struct sanitize_options o = {
		.max_bytes = 65536, .max_tags = 100, .links = true, .breaks = true};
	struct html h;

	assert_int_equal(sanitize_with(c, str_z(text), &o, &h), OK);
	assert_string_equal(h.s.p, expected);
	assert_null(html_check(h.s));
}

static void
links_end_where_a_reader_would_end_them(void **state)
{
	assert_linked(*state, "see http://a.example/b?c=d&amp;e, or",
		"see <a href=\"http://a.example/b?c=d&amp;e\">http://a.example/b?c=d&amp;e</a>, "
		"or");
	assert_linked(*state, "(https://a.example/x_(y))",
		"(<a href=\"https://a.example/x_(y)\">https://a.example/x_(y)</a>)");
	assert_linked(
		*state, "HTTP://A.example.", "<a href=\"HTTP://A.example\">HTTP://A.example</a>.");
	assert_linked(*state, "http://\xc3\xa9.example/\xe2\x82\xac x",
		"http://\xc3\xa9.example/\xe2\x82\xac x");
	assert_linked(*state, "http://a.example/\xe2\x82\xac x",
		"<a href=\"http://a.example/\xe2\x82\xac\">http://a.example/\xe2\x82\xac</a> x");
	assert_linked(*state, "\"http://a.example\"",
		"&quot;<a href=\"http://a.example\">http://a.example</a>&quot;");
}

static void
links_are_not_made_of_what_is_none(void **state)
{
	assert_linked(*state, "http:// ://x xhttp://a javascript://b ftp://c",
		"http:// ://x xhttp://a "
		"javascript://b ftp://c");
	assert_linked(*state, "<a href=\"http://x/\">http://y/</a>",
		"<a href=\"http://x/\">http://y/</a>");
	assert_linked(*state, "<code>http://y/</code>", "<code>http://y/</code>");
	assert_linked(*state, "<pre>http://y/\nb</pre>", "<pre>http://y/\nb</pre>");
}

static void
breaks_are_made_inside_paragraphs_only(void **state)
{
	assert_linked(*state, "<p>a\nb <b>c</b>\nd\n<i>e</i></p>\n<p>f</p>\n",
		"<p>a<br>\nb <b>c</b><br>\nd<br>\n<i>e</i></p>\n<p>f</p>\n");
	assert_linked(*state, "<ul>\n<li>a\n<ul>\n<li>b</li>\n</ul>\n</li>\n</ul>",
		"<ul>\n<li>a\n<ul>\n<li>b</li>\n</ul>\n</li>\n</ul>");
	assert_linked(*state, "<p>a<br>\nb</p>", "<p>a<br>\nb</p>");
	assert_linked(*state, "<p>\na\n</p>", "<p>\na\n</p>");
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(sanitize_answers_every_vector_as_written),
		TEST(sanitize_keeps_what_writers_use),
		TEST(sanitize_leaves_the_first_heading_to_the_page),
		TEST(sanitize_closes_what_was_left_open),
		TEST(sanitize_drops_microformats_classes),
		TEST(sanitize_replaces_nul_and_bad_utf8),
		TEST(sanitize_takes_64_kib_and_no_more),
		TEST(sanitize_takes_8192_tags_and_no_more),
		TEST(sanitize_takes_64_attributes_and_no_more),
		TEST(sanitize_takes_256_levels_and_no_more),
		TEST(sanitize_ends_soon_on_bombs),
		TEST(sanitize_reports_a_full_arena),
		TEST(links_end_where_a_reader_would_end_them),
		TEST(links_are_not_made_of_what_is_none),
		TEST(breaks_are_made_inside_paragraphs_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
