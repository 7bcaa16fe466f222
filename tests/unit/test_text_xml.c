/*
 * text/xml: whatever a text holds, the document around it stays a document.
 */
#include "text/xml.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "xml_check.h"

static struct ctx c;

static int
setup(void **state)
{
	(void)state;
	ctx_init(&c, 1 << 20);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	ctx_fini(&c);
	return 0;
}

static struct str
escaped(struct str s)
{
	struct buf b;

	buf_init(&b, &c.arena, 65536);
	xml_escape(&b, s);
	return buf_str(&b);
}

static void
signs_of_the_language_are_escaped(void **state)
{
	(void)state;
	assert_true(str_eq(escaped(S("a<b>&\"c' ]]>")), S("a&lt;b&gt;&amp;&quot;c&#39; ]]&gt;")));
	assert_true(str_eq(escaped(S("\r\n\t")), S("&#13;\n\t")));
	assert_true(str_eq(escaped(S("")), S("")));
}

static void
what_xml_forbids_is_replaced(void **state)
{
	static const struct str forbidden[] = {S_INIT("\0"), S_INIT("\b"), S_INIT("\x0b"),
		S_INIT("\x1f"), S_INIT("\xef\xbf\xbe"), S_INIT("\xef\xbf\xbf"), S_INIT("\xff")};

	(void)state;
	for (size_t i = 0; i < sizeof(forbidden) / sizeof(forbidden[0]); i++)
		assert_true(str_eq(escaped(forbidden[i]), S("\xef\xbf\xbd")));
	assert_true(str_eq(escaped(S("\xe9\x9b\xa8\xf0\x9f\x8c\xa7")), S("\xe9\x9b\xa8\xf0\x9f\x8c\xa7")));
}

static void
an_escaped_text_is_no_longer_than_was_said(void **state)
{
	static const struct str texts[] = {S_INIT(""), S_INIT("plain"), S_INIT("<<>>&&\"\"''\r\r"),
		S_INIT("\0\0\b\b"), S_INIT("\xff\xff\xff\xed\xa0\x80"), S_INIT("\xe9\x9b\xa8")};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_true(escaped(texts[i]).n <= xml_length(texts[i]));
	assert_int_equal(xml_length(S("plain")), 5);
}

static void
elements_are_what_they_were_given(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, &c.arena, 4096);
	xml_declare(&b, S("/a.css?b&c"));
	xml_begin(&b, "list");
	xml_attribute(&b, "name", S("\"x\" <y>"));
	xml_content(&b);
	xml_element(&b, "item", S("</item>"));
	xml_begin(&b, "nothing");
	xml_empty(&b);
	xml_end(&b, "list");
	assert_null(xml_check(buf_str(&b)));
	assert_true(str_eq(buf_str(&b),
		S("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
		  "<?xml-stylesheet type=\"text/css\" href=\"/a.css?b&amp;c\"?>\n"
		  "<list name=\"&quot;x&quot; &lt;y&gt;\"><item>&lt;/item&gt;</item>\n<nothing/>\n</list>\n")));
}

static void
without_a_style_there_is_none(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, &c.arena, 4096);
	xml_declare(&b, S(""));
	assert_true(str_eq(buf_str(&b), S("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n")));
}

static void
the_checker_of_these_tests_sees_mistakes(void **state)
{
	static const char *const wrong[] = {"<a>", "</a>", "<a></b>", "<a>&</a>", "<a>&nbsp;</a>",
		"<a>]]></a>", "<a b=\"<\"/>", "<a b=c/>", "<a>\x01</a>", "<a>\xff</a>", "text", "<a", "<a b=\"",
		"<a>\xEF\xBF\xBF</a>"};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_non_null(xml_check(str_z(wrong[i])));
	assert_null(xml_check(S("<?xml version=\"1.0\"?>\n<a>\n<b c=\"d\">x &amp; y</b>\n<e/>\n</a>\n")));
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(signs_of_the_language_are_escaped),
		T(what_xml_forbids_is_replaced),
		T(an_escaped_text_is_no_longer_than_was_said),
		T(elements_are_what_they_were_given),
		T(without_a_style_there_is_none),
		T(the_checker_of_these_tests_sees_mistakes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
