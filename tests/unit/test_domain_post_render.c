/*
 * domain/post_render: what pages show of the properties that were sent: text, name, tags.
 */
#include "domain/post.h"

#include "domain_fixture.h"

static void
plain_content_is_markdown_and_its_html_is_text(void **state)
{
	struct site *s = *state;
	struct post_row row = posted(s, "{\"properties\":{\"content\":"
		"[\"**b** <script>alert(1)</script>\\nnext line\"]}}");

	assert_has(row.html, "<strong>b</strong>");
	assert_has(row.html, "&lt;script");
	assert_has_not(row.html, "<script");
	assert_has(row.html, "<br");
	assert_has(row.text, "<script>alert(1)</script>");
}

static void
html_content_is_sanitised(void **state)
{
	struct site *s = *state;
	struct post_row row = posted(s, "{\"properties\":{\"content\":[{\"html\":"
		"\"<p onclick=x()>Hi <b>there</b><script>x()</script><iframe srcdoc=y></iframe>"
		"<base href=z><meta http-equiv=refresh><img src=q onerror=x()></p>\"}]}}");

	assert_has(row.html, "<b>there</b>");
	assert_has_not(row.html, "script");
	assert_has_not(row.html, "onclick");
	assert_has_not(row.html, "onerror");
	assert_has_not(row.html, "iframe");
	assert_has_not(row.html, "<base");
	assert_has_not(row.html, "<meta");
	assert_str(row.text, "Hi there");
}

static void
value_content_is_plain(void **state)
{
	struct site *s = *state;
	struct post_row row = posted(s, "{\"properties\":{\"content\":[{\"value\":\"*x* <b>\"}]}}");

	assert_has(row.html, "<em>x</em>");
	assert_has(row.html, "&lt;b");
}

/* What the page says of itself and the id in feeds are one URL, letter by letter. */
static void
a_uid_is_the_permalink(void **state)
{
	struct site *s = *state;
	struct post_row row = posted(s, "{\"properties\":{\"content\":[\"雨\"]}}");
	struct str permalink, id;

	assert_str(row.slug, "雨");
	assert_str(row.uid, "/note/%E9%9B%A8");
	assert_ok(s, site_permalink(&s->c, row.slug, &permalink));
	assert_ok(s, site_url(&s->c, row.uid, &id));
	assert_true(str_eq(permalink, id));
}

static void
an_article_has_a_name(void **state)
{
	struct site *s = *state;
	struct post_row row = posted(s, "{\"properties\":{\"name\":[\" The\\n title \"],"
		"\"content\":[\"Text\"],\"summary\":[\"In\\tshort\"]}}");

	assert_str(row.type, "article");
	assert_str(row.name, "The title");
	assert_str(row.summary, "In short");
}

static void
a_name_that_repeats_the_text_is_none(void **state)
{
	struct site *s = *state;
	struct post_row row = posted(s, "{\"properties\":{\"name\":[\"Rain  again\"],"
		"\"content\":[\"Rain\\nagain today\"]}}");

	assert_str(row.type, "note");
	assert_str(row.name, "");
}

static void
a_name_alone_is_a_notes_text(void **state)
{
	struct site *s = *state;
	struct post_row row = posted(s, "{\"properties\":{\"name\":[\"Just this\"]}}");

	assert_str(row.type, "note");
	assert_str(row.name, "");
	assert_has(row.html, "Just this");
	assert_str(row.text, "Just this");
}

/* Longer than a title, and with paragraphs: nothing of it is lost. */
static void
a_long_name_alone_is_a_notes_whole_text(void **state)
{
	struct site *s = *state;
	struct str body = {0};
	struct post_row row;
	struct buf b;

	buf_init(&b, &s->c.arena, 1 << 16);
	buf_puts(&b, "{\"properties\":{\"name\":[\"first");
	for (int i = 0; i < 3000; i++)
		buf_puts(&b, " word");
	buf_puts(&b, "\\n\\nlast\"]}}");
	assert_ok(s, buf_end(&s->c, &b, &body));
	row = posted(s, body.p);
	assert_str(row.type, "note");
	assert_str(row.name, "");
	assert_int_equal(row.text.n, strlen("first") + 3000 * strlen(" word") + strlen(" last"));
	assert_has(row.html, "<p>last</p>");
}

static void
a_name_is_cut_for_show_only(void **state)
{
	struct site *s = *state;
	char body[3000], name[2001];
	struct post_row row;

	memset(name, 'n', 2000);
	name[2000] = '\0';
	(void)snprintf(body, sizeof(body),
		"{\"properties\":{\"name\":[\"%s\"],\"content\":[\"x\"]}}", name);
	row = posted(s, body);
	assert_int_equal(row.name.n, POST_NAME_MAX);
	assert_has(row.mf2, name);
}

static void
tags_are_folded_and_counted_once(void **state)
{
	struct site *s = *state;
	struct post_row row = posted(s, "{\"properties\":{\"content\":[\"x\"],\"category\":"
		"[\" Rain \",\"rain\",\"two\\n words\",\".\",\"..\",\"\\u001f\",17,"
		"{\"type\":[\"h-card\"],\"properties\":{\"name\":[\"Bob\"]}}]}}");

	assert_int_equal(row.n_tags, 2);
	assert_str(row.tags[0], "Rain");
	assert_str(row.tags[1], "two words");
	assert_has(row.mf2, "[\"Bob\"]");
	assert_has(row.mf2, "17");
}

/* A slash would need a URL that is refused; what was sent keeps it. */
static void
tags_have_no_slashes(void **state)
{
	struct site *s = *state;
	struct post_row row = posted(s, "{\"properties\":{\"content\":[\"x\"],"
		"\"category\":[\"AC/DC\",\"a\\\\b\",\"ac-dc\"]}}");

	assert_int_equal(row.n_tags, 2);
	assert_str(row.tags[0], "AC-DC");
	assert_str(row.tags[1], "a-b");
	assert_has(row.mf2, "[\"AC/DC\",\"a\\\\b\",\"ac-dc\"]");
}

static void
tags_have_limits(void **state)
{
	struct site *s = *state;
	struct buf b;
	struct str body = {0};
	struct post_row row;

	buf_init(&b, &s->c.arena, 1 << 20);
	buf_puts(&b, "{\"properties\":{\"content\":[\"x\"],\"category\":[\"");
	for (int i = 0; i < 5000; i++)
		buf_putc(&b, 'a');
	buf_putc(&b, '"');
	for (int i = 0; i < 900; i++)
		buf_printf(&b, ",\"tag%d\"", i);
	buf_puts(&b, "]}}");
	assert_ok(s, buf_end(&s->c, &b, &body));
	row = posted(s, body.p);
	assert_int_equal(row.n_tags, POST_TAGS_MAX);
	assert_int_equal(row.tags[0].n, POST_TAG_MAX);
	assert_has(row.mf2, "\"tag899\"");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(plain_content_is_markdown_and_its_html_is_text),
		SITE_TEST(html_content_is_sanitised),
		SITE_TEST(value_content_is_plain),
		SITE_TEST(a_uid_is_the_permalink),
		SITE_TEST(an_article_has_a_name),
		SITE_TEST(a_name_that_repeats_the_text_is_none),
		SITE_TEST(a_name_alone_is_a_notes_text),
		SITE_TEST(a_long_name_alone_is_a_notes_whole_text),
		SITE_TEST(a_name_is_cut_for_show_only),
		SITE_TEST(tags_are_folded_and_counted_once),
		SITE_TEST(tags_have_no_slashes),
		SITE_TEST(tags_have_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
