/*
 * text/markdown: the dialect, what it makes of hostile text, and that it refuses what discount
 * would take too long for, and nothing that people write.
 */
#include "text/markdown.h"

#include "html_check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static int
setup(void **state)
{
	static struct ctx c;

	markdown_init();
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
assert_html(struct ctx *c, const char *text, const char *expected)
{
	struct html h;
	struct str s;

	assert_int_equal(markdown_html(c, str_z(text), &h), OK);
	assert_null(html_check(h.s));
	assert_int_equal(ctx_str(c, str_trim(h.s), &s), OK);
	assert_string_equal(s.p, expected);
}

/* ---- the dialect --------------------------------------------------------------------------- */

static void
markdown_keeps_single_line_breaks(void **state)
{
	assert_html(*state, "one\ntwo\r\nthree\n\nfour",
		"<p>one<br>\ntwo<br>\nthree</p>\n\n<p>four</p>");
	assert_html(*state, "one  \ntwo", "<p>one<br>\ntwo</p>");
}

static void
markdown_shows_raw_html_as_text(void **state)
{
	assert_html(*state, "a <script>alert(1)</script> <b>c</b>",
		"<p>a &lt;script&gt;alert(1)&lt;/script&gt; &lt;b&gt;c&lt;/b&gt;</p>");
	assert_html(*state, "<div onclick=x>\n\ny\n\n</div>",
		"<p>&lt;div onclick=x&gt;</p>\n\n<p>y</p>\n\n<p>&lt;/div&gt;</p>");
	assert_html(*state, "<style>x</style>", "<p>&lt;style&gt;x&lt;/style&gt;</p>");
	assert_html(*state, "&lt;b> &amp; &copy;", "<p>&lt;b&gt; &amp; \xc2\xa9</p>");
}

static void
markdown_drops_bad_urls(void **state)
{
	assert_html(*state, "[x](javascript:alert)", "<p><a>x</a></p>");
	assert_html(*state, "![x](javascript:1)", "<p><img alt=\"x\"></p>");
	assert_html(*state, "[x](data:text/html,y)", "<p><a>x</a></p>");
	assert_html(*state, "[x](raw:<script>alert(1)</script>)",
		"<p>[x](raw:&lt;script&gt;alert(1)&lt;/script&gt;)</p>");
}

static void
markdown_knows_the_usual_marks(void **state)
{
	assert_html(*state, "*a* **b** _c_ ~~d~~ `e<f` [g](http://h/ \"i\") ![j](/k.png)",
		"<p><em>a</em> <strong>b</strong> <em>c</em> <del>d</del> <code>e&lt;f</code> "
		"<a href=\"http://h/\" title=\"i\">g</a> <img src=\"/k.png\" alt=\"j\"></p>");
	assert_html(*state, "# a\n\n## b", "<h2>a</h2>\n\n<h3>b</h3>");
	assert_html(*state, "## a\n\n### b", "<h2>a</h2>\n\n<h3>b</h3>");
	assert_html(*state, "a\n=\n\n`<h1>` b", "<h2>a</h2>\n\n<p><code>&lt;h1&gt;</code> b</p>");
	assert_html(*state, "- a\n- b\n\n1. c",
		"<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n\n\n<ol>\n<li>c</li>\n</ol>");
	assert_html(*state, "> a\n> b", "<blockquote><p>a<br>\nb</p></blockquote>");
	assert_html(*state, "a[^1]\n\n[^1]: b",
		"<p>a<sup id=\"fnref:1\"><a href=\"#fn:1\">1</a></sup></p>"
		"\n<div>\n<hr>\n<ol>\n<li id=\"fn:1\">\nb<a "
		"href=\"#fnref:1\">\xe2\x86\xa9</a></li>\n</ol>\n</div>");
	assert_html(*state, "| a | b |\n|:-:|--|\n| 1 | 2 |",
		"<table>\n<thead>\n<tr>\n<th class=\"align-center\"> a </th>\n<th> b "
		"</th>\n</tr>\n</thead>\n"
		"<tbody>\n<tr>\n<td class=\"align-center\"> 1 </td>\n<td> 2 "
		"</td>\n</tr>\n</tbody>\n</table>");
}

static void
markdown_changes_nothing_typographic(void **state)
{
	assert_html(*state, "\"a\" -- b... (c) x^2 a_b_c 1/2",
		"<p>&quot;a&quot; -- b... (c) x^2 a_b_c 1/2</p>");
	assert_html(*state, "% a\n% b\n% c\n\nd", "<p>% a<br>\n% b<br>\n% c</p>\n\n<p>d</p>");
}

static void
markdown_makes_bare_urls_links(void **state)
{
	assert_html(*state, "see https://a.example/b_c--d_e.",
		"<p>see <a "
		"href=\"https://a.example/b_c--d_e\">https://a.example/b_c--d_e</a>.</p>");
	assert_html(*state, "`http://x/` [http://y/](http://z/) <http://w/>",
		"<p><code>http://x/</code> <a href=\"http://z/\">http://y/</a> "
		"<a href=\"http://w/\">http://w/</a></p>");
}

static void
markdown_reads_a_fence_next_to_a_paragraph(void **state)
{
	assert_html(*state, "a\n```c\nint *x = y<z;\n\n# no\n```\nb",
		"<p>a</p>\n\n"
		"<pre><code class=\"language-c\">int *x = y&lt;z;\n\n# "
		"no\n</code></pre>\n\n<p>b</p>");
	assert_html(*state, "a\n\n    b\n    c\n", "<p>a</p>\n\n<pre><code>b\nc\n</code></pre>");
	assert_html(*state, "a ```x``` b", "<p>a <code>x</code> b</p>");
}

static void
markdown_reads_fences_in_fences(void **state)
{
	assert_html(*state, "~~~\n```\nx\n~~~", "<pre><code>```\nx\n</code></pre>");
	assert_html(*state, "````\n```\nx\n```\n````", "<pre><code>```\nx\n```\n</code></pre>");
	assert_html(*state, "```\nx\n\ny", "<pre><code>x\n\ny\n</code></pre>");
	assert_html(*state, "- a\n  ```\n  x\n   y\n  ```\n",
		"<ul>\n<li>a</li>\n</ul>\n\n\n<pre><code>x\n y\n</code></pre>");
	assert_html(*state, "```\n```\nx", "<p>x</p>");
	assert_html(*state, "```h-card u-url\nx\n```",
		"<pre><code class=\"language-h-card\">x\n</code></pre>");
	assert_html(*state, "``` \"><b>\nx\n```", "<pre><code>x\n</code></pre>");
}

static void
markdown_of_nothing_is_nothing(void **state)
{
	assert_html(*state, "", "");
	assert_html(*state, "\n \n\t\n", "");
}

/* ---- limits -------------------------------------------------------------------------------- */

static enum err
render_repeated(struct ctx *c, const char *pattern, size_t bytes)
{
	size_t len = strlen(pattern);
	char *p = ctx_alloc(c, bytes + len);
	struct html h;
	enum err e;

	assert_non_null(p);
	for (size_t n = 0; n < bytes; n += len)
		memcpy(p + n, pattern, len);
	e = markdown_html(c, str_n(p, bytes), &h);
	if (e == OK)
		assert_null(html_check(h.s));
	ctx_reset(c);
	return e;
}

static void
markdown_takes_64_kib_and_no_more(void **state)
{
	static const char words[] = "Ordinary words.\n\n";

	assert_int_equal(render_repeated(*state, words, MARKDOWN_MAX_BYTES), OK);
	assert_int_equal(
		render_repeated(*state, words, MARKDOWN_MAX_BYTES + 1), ERR_CONTENT_TOO_LARGE);
}

/* Each of these, 64 KiB of it, takes discount between 0.2 s and for ever, or all of the stack. */
static void
markdown_refuses_what_discount_cannot_read(void **state)
{
	static const char *patterns[] = {
		">",
		"<",
		"<a",
		"<!",
		"<x ",
		"a<b ",
		"<a href=\"",
		"<http://a",
		"<a\n> ",
		"[",
		"[[",
		"[a][",
		"[^",
		"![",
		"[a](<b",
		"[a](",
		"![a](",
		"[](",
		"[a\n",
		")[",
		"[a](b \"",
		"[a](b '",
		"\\``]",
		"***a",
		"- > ",
		"1. 1. ",
		"1. -",
		"1. [ ]",
		"\n\n[a][\n[a]: ",
	};

	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
		if (render_repeated(*state, patterns[i], MARKDOWN_MAX_BYTES) !=
			ERR_CONTENT_TOO_COMPLEX)
			fail_msg("64 KiB of \"%s\" are not refused", patterns[i]);
	}
}

static void
markdown_refuses_growing_runs_of_ticks(void **state)
{
	struct ctx *c = *state;
	struct html h;
	struct buf b;

	buf_init(&b, &c->arena, MARKDOWN_MAX_BYTES);
	for (size_t n = 1; b.n + n < MARKDOWN_MAX_BYTES - 1; n++) {
		for (size_t i = 0; i < n; i++)
			buf_putc(&b, '`');
		buf_putc(&b, ' ');
	}
	assert_int_equal(markdown_html(c, buf_str(&b), &h), ERR_CONTENT_TOO_COMPLEX);
	buf_init(&b, &c->arena, MARKDOWN_MAX_BYTES);
	buf_puts(&b, "x");
	while (b.n < MARKDOWN_MAX_BYTES - 1)
		buf_putc(&b, '~');
	assert_int_equal(markdown_html(c, buf_str(&b), &h), ERR_CONTENT_TOO_COMPLEX);
}

/* 64 KiB of this once became 178 MB. */
static void
markdown_refuses_a_wide_table_of_many_rows(void **state)
{
	struct ctx *c = *state;
	struct html h;
	struct buf b;

	buf_init(&b, &c->arena, MARKDOWN_MAX_BYTES);
	for (int i = 0; i < 2000; i++)
		buf_puts(&b, "a|");
	buf_puts(&b, "\n");
	for (int i = 0; i < 2000; i++)
		buf_puts(&b, "-|");
	for (int i = 0; i < 2000; i++)
		buf_puts(&b, "\n|-");
	assert_int_equal(markdown_html(c, buf_str(&b), &h), ERR_CONTENT_TOO_COMPLEX);
	assert_string_equal(c->err.hint, "a table has too many cells");
}

/* 64 KiB of this once became 41 MB. */
static void
markdown_refuses_a_long_link_used_often(void **state)
{
	struct ctx *c = *state;
	struct html h;
	struct buf b;

	buf_init(&b, &c->arena, MARKDOWN_MAX_BYTES);
	for (int i = 0; i < 3000; i++)
		buf_puts(&b, "[a] x\n\n");
	buf_puts(&b, "[a]: http://b/");
	while (b.n < MARKDOWN_MAX_BYTES - 1)
		buf_putc(&b, 'c');
	assert_int_equal(markdown_html(c, buf_str(&b), &h), ERR_CONTENT_TOO_COMPLEX);
	assert_string_equal(c->err.hint, "a long link is used too often");
}

static void
markdown_refuses_nesting(void **state)
{
	struct ctx *c = *state;
	struct html h;

	assert_int_equal(render_repeated(c, "> ", 64), OK);
	assert_int_equal(render_repeated(c, "> ", 66), ERR_CONTENT_TOO_COMPLEX);
	assert_int_equal(
		markdown_html(c,
			S("[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[a]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]"),
			&h),
		ERR_CONTENT_TOO_COMPLEX);
	assert_string_equal(c->err.hint, "brackets are nested too deeply");
}

static void
markdown_takes_what_people_write(void **state)
{
	static const char *patterns[] = {
		"An essay with *emphasis*, **strength**, a [link](https://a.example/x \"t\"), "
		"`code`.\n\n",
		"- an item with [a link](https://a.example/)\n- another\n    - below it\n\n",
		"Some text\n```c\nfor (i = 0; i < n; i++)\n\ta[i] = b[i] < c[i] ? x : y;\n```\n\n",
		"> quoted from a letter\n> > that itself quoted another letter\n\nand answered\n\n",
		"| a column | and another |\n|---|---|\n| with words in it | that go on a bit "
		"|\n\n",
		"One line\nand the next, with http://a.example/ [1] :-) <3 a < b\n\n",
		"word ",
		"# A heading\n\n",
		"1. an item of some words\n2. and another of a few\n\n",
		"***\n\n",
		"a_b_c ",
		"it's \"so\" (really) ",
	};

	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
		enum err e = render_repeated(*state, patterns[i], 60 * 1024);

		if (e != OK)
			fail_msg("refused: %s", patterns[i]);
	}
}

static void
markdown_reports_a_full_arena(void **state)
{
	struct ctx *c = *state;
	struct html h;

	for (size_t cap = 0; cap < 4096; cap += 64) {
		enum err e;

		c->arena.cap = cap;
		e = markdown_html(c, S("*a* [b](http://c/)\n```\nd\n```"), &h);
		assert_true(e == OK || e == ERR_MEMORY);
		ctx_reset(c);
	}
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(markdown_keeps_single_line_breaks),
		TEST(markdown_shows_raw_html_as_text),
		TEST(markdown_drops_bad_urls),
		TEST(markdown_knows_the_usual_marks),
		TEST(markdown_changes_nothing_typographic),
		TEST(markdown_makes_bare_urls_links),
		TEST(markdown_reads_a_fence_next_to_a_paragraph),
		TEST(markdown_reads_fences_in_fences),
		TEST(markdown_of_nothing_is_nothing),
		TEST(markdown_takes_64_kib_and_no_more),
		TEST(markdown_refuses_what_discount_cannot_read),
		TEST(markdown_refuses_growing_runs_of_ticks),
		TEST(markdown_refuses_a_wide_table_of_many_rows),
		TEST(markdown_refuses_a_long_link_used_often),
		TEST(markdown_refuses_nesting),
		TEST(markdown_takes_what_people_write),
		TEST(markdown_reports_a_full_arena),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
