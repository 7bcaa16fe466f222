/*
 * text/html and text/xml: escaping, and the text of our own HTML.
 */
#include "text/html.h"

#include "text/xml.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static int
setup(void **state)
{
	static struct ctx c;

	ctx_init(&c, 1024 * 1024);
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
assert_escaped(
	struct ctx *c, void (*escape)(struct buf *, struct str), struct str s, const char *expected)
{
	struct buf b;
	struct str out;

	buf_init(&b, &c->arena, 1024);
	escape(&b, s);
	assert_int_equal(buf_end(c, &b, &out), OK);
	assert_string_equal(out.p, expected);
}

static void
html_escape_covers_text_and_quoted_attributes(void **state)
{
	assert_escaped(*state, html_escape, S("<a href=\"x\">it's & more</a>"),
		"&lt;a href=&quot;x&quot;&gt;it&#39;s &amp; more&lt;/a&gt;");
	assert_escaped(*state, html_escape, S("plain \xc3\xa9"), "plain \xc3\xa9");
	assert_escaped(*state, html_escape, S("&"), "&amp;");
	assert_escaped(*state, html_escape, (struct str){0}, "");
}

/* Eight bytes are looked at together: each of them may be the one. */
static void
each_place_of_a_long_text_is_seen(struct ctx *c, void (*escape)(struct buf *, struct str))
{
	static const struct {
		char ch;
		const char *becomes;
	} special[] = {{'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&quot;"}, {'\'', "&#39;"}};
	/* Neighbours of those five, line ends, and characters outside ASCII. */
	static const char plain[] = "!#%(=?;\x7f \n\xc2\xa2 abcdefgh\xc2\xa6\xc2\xa7\xc2\xbc\xc2\xbe \t abcdefghijklmnopqrs";
	size_t n = sizeof(plain) - 1;
	char want[128];

	assert_escaped(c, escape, str_n(plain, n), plain);
	for (size_t at = 0; at < n; at++) {
		for (size_t k = 0; k < sizeof(special) / sizeof(special[0]); k++) {
			char text[sizeof(plain)];

			if ((unsigned char)plain[at] >= 0x80)
				continue;
			memcpy(text, plain, sizeof(plain));
			text[at] = special[k].ch;
			(void)snprintf(want, sizeof(want), "%.*s%s%s", (int)at, plain,
				special[k].becomes, plain + at + 1);
			assert_escaped(c, escape, str_n(text, n), want);
			assert_true(xml_length(str_n(text, n)) >= strlen(want));
		}
	}
}

static void
html_escape_sees_every_place_of_a_long_text(void **state)
{
	each_place_of_a_long_text_is_seen(*state, html_escape);
}

static void
xml_escape_sees_every_place_of_a_long_text(void **state)
{
	each_place_of_a_long_text_is_seen(*state, xml_escape);
}

/* XML may not hold most control characters, wherever they stand. */
static void
xml_escape_replaces_a_control_character_at_every_place(void **state)
{
	for (size_t at = 0; at < 24; at++) {
		char text[] = "abcdefghijklmnopqrstuvwx", want[64];

		text[at] = (char)(1 + at % 8);
		(void)snprintf(want, sizeof(want), "%.*s\xEF\xBF\xBD%s", (int)at, text, text + at + 1);
		assert_escaped(*state, xml_escape, str_n(text, 24), want);
		assert_true(xml_length(str_n(text, 24)) >= strlen(want));
	}
}

static void
xml_escape_covers_text_and_quoted_attributes(void **state)
{
	assert_escaped(*state, xml_escape, S("<a b='c'>\"&\"\n\t\xc3\xa9"),
		"&lt;a b=&#39;c&#39;&gt;&quot;&amp;&quot;\n\t\xc3\xa9");
	assert_escaped(*state, xml_escape, S("a\rb"), "a&#13;b");
	assert_escaped(*state, xml_escape, (struct str){0}, "");
}

static void
xml_escape_replaces_what_xml_forbids(void **state)
{
	assert_escaped(*state, xml_escape,
		S("a\x01"
		  "b\x0b"
		  "c\x1f"),
		"a\xef\xbf\xbd"
		"b\xef\xbf\xbd"
		"c\xef\xbf\xbd");
	assert_escaped(*state, xml_escape, str_n("\0x", 2), "\xef\xbf\xbdx");
	assert_escaped(*state, xml_escape, S("\xef\xbf\xbe \xef\xbf\xbf \xed\xa0\x80 \xff"),
		"\xef\xbf\xbd \xef\xbf\xbd \xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd \xef\xbf\xbd");
	assert_escaped(*state, xml_escape, S("\xef\xbf\xbd\xf0\x9f\x98\x80"),
		"\xef\xbf\xbd\xf0\x9f\x98\x80");
}

static void
assert_text(struct ctx *c, const char *html, size_t max, const char *expected)
{
	struct str out;

	assert_int_equal(html_text(c, html_stored(str_z(html)), max, &out), OK);
	assert_int_equal(out.n, strlen(expected));
	assert_memory_equal(out.p, expected, out.n);
}

static void
html_text_drops_tags_and_folds_space(void **state)
{
	assert_text(
		*state, "<p>One  <b>t</b>wo\n\nthree</p><p>four</p>", 100, "One two three four");
	assert_text(*state, "  <p> x </p>  ", 100, "x");
	assert_text(*state, "<ul><li>a</li><li>b</li></ul>c<br>d", 100, "a b c d");
	assert_text(*state, "<img alt=\"a > b\" src=\"x\">y", 100, "y");
	assert_text(*state, "", 100, "");
	assert_text(*state, "a <b", 100, "a");
}

static void
html_text_decodes_entities(void **state)
{
	assert_text(*state,
		"&lt;b&gt; &amp;amp; &quot;x&quot; it&#39;s &#8617; &#0; &#xx; & &unknown;", 100,
		"<b> &amp; \"x\" it's \xe2\x86\xa9 \xef\xbf\xbd &#xx; & &unknown;");
}

static void
html_text_cuts_on_a_characters_edge(void **state)
{
	assert_text(*state, "<p>abcdef</p>", 3, "abc");
	assert_text(*state, "a\xc3\xa9z", 2, "a");
	assert_text(*state, "ab cd", 3, "ab");
	assert_text(*state, "abc", 0, "");
}

static void
html_has_picture_tells_pictures_from_text(void **state)
{
	static const char *const pictures[] = {"<p><img src=\"x\"></p>", "<video src=\"x\"></video>",
		"<audio src=\"x\"></audio>", "<hr />"};
	static const char *const none[] = {"", "<p>text</p>", "&lt;img src=x&gt;", "<p><i></i></p>"};

	(void)state;
	for (size_t i = 0; i < sizeof(pictures) / sizeof(pictures[0]); i++)
		assert_true(html_has_picture(html_stored(str_z(pictures[i]))));
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		assert_false(html_has_picture(html_stored(str_z(none[i]))));
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(html_escape_covers_text_and_quoted_attributes),
		TEST(html_escape_sees_every_place_of_a_long_text),
		TEST(xml_escape_sees_every_place_of_a_long_text),
		TEST(xml_escape_replaces_a_control_character_at_every_place),
		TEST(xml_escape_covers_text_and_quoted_attributes),
		TEST(xml_escape_replaces_what_xml_forbids),
		TEST(html_text_drops_tags_and_folds_space),
		TEST(html_text_decodes_entities),
		TEST(html_text_cuts_on_a_characters_edge),
		TEST(html_has_picture_tells_pictures_from_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
