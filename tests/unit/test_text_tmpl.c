/*
 * text/tmpl: what the specification's tests (test_text_mustache.c) do not reach: binding to
 * structs, errors with file and line, themes, limits.
 */
#define VIEW_TABLE "tmpl_views.def"
#include "text/view_bind.h"

#include "core/facts.h"
#include "tempdir.h"
#include "text/tmpl_priv.h"

#include <sys/stat.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

struct fixture {
	struct ctx c;
	struct tempdir dir, theme;
	struct tmpl_set *set;
};

static int
setup(void **state)
{
	static struct fixture f;

	f = (struct fixture){0};
	ctx_init(&f.c, 64 * 1024 * 1024);
	tempdir_init(&f.dir);
	tempdir_init(&f.theme);
	tempdir_write(&f.dir, "entry.html", S("{{title}}"));
	*state = &f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	tmpl_free(f->set);
	tempdir_fini(&f->dir);
	tempdir_fini(&f->theme);
	ctx_fini(&f->c);
	return 0;
}

static enum err
load(struct fixture *f)
{
	tmpl_free(f->set);
	f->set = NULL;
	return tmpl_load(&f->c, f->dir.path, f->theme.path, view_table, VIEW__MAX, &f->set);
}

static void
assert_renders(
	struct fixture *f, const char *template, const struct view_page *data, const char *expected)
{
	struct buf b;
	struct str out;

	tempdir_write(&f->dir, "page.html", str_z(template));
	assert_int_equal(load(f), OK);
	buf_init(&b, &f->c.arena, 1024 * 1024);
	assert_int_equal(tmpl_render(&f->c, f->set, VIEW_PAGE, data, &b), OK);
	assert_int_equal(buf_end(&f->c, &b, &out), OK);
	assert_string_equal(out.p, expected);
}

/* That the template is refused with a detail that ends in problem, behind the directory's name. */
static void
assert_refused(struct fixture *f, const char *template, const char *problem)
{
	tempdir_write(&f->dir, "page.html", str_z(template));
	assert_int_equal(load(f), ERR_TEMPLATE);
	if (!str_starts(str_z(f->c.err.detail), str_z(f->dir.path)) ||
		!strstr(f->c.err.detail, problem))
		fail_msg("%s: \"%s\" says not \"%s\"", template, f->c.err.detail, problem);
	assert_null(f->set);
	err_clear(&f->c);
}

static const struct view_person ada = {
	.name = S_INIT("Ada"), .url = S_INIT("https://ada.example/?a&b")};
static const struct str tags[] = {S_INIT("rain"), S_INIT("<sun>")};
static const struct view_entry entries[] = {
	{.title = S_INIT("One & only"),
		.content = {S_INIT("<p>1</p>")},
		.pinned = true,
		.replies = -3,
		.author = &ada,
		.tags = {tags, 2}},
	{.title = S_INIT("Two")},
};
static const struct view_page page = {
	.title = S_INIT("Home"),
	.site = S_INIT("A's"),
	.author = &ada,
	.count = 2,
	.entries = {entries, 2},
};

/* ---- values -------------------------------------------------------------------------------- */

static void
variables_are_written_by_kind(void **state)
{
	assert_renders(*state, "{{site}} {{count}} {{admin}} {{author.url}}", &page,
		"A&#39;s 2 false https://ada.example/?a&amp;b");
	assert_renders(*state,
		"{{#entries}}{{{content}}}{{content}}{{&content}}{{replies}}{{pinned}}|{{/"
		"entries}}",
		&page, "<p>1</p>&lt;p&gt;1&lt;/p&gt;<p>1</p>-3true|0false|");
}

static void
data_is_never_read_as_a_template(void **state)
{
	struct view_page data = {.title = S("{{{secret}}}{{#entries}}")};

	assert_renders(*state, "{{title}}", &data, "{{{secret}}}{{#entries}}");
}

static void
sections_follow_the_truth_of_each_kind(void **state)
{
	struct view_page empty = {0};
	static const char template[] =
		"{{#title}}T{{/title}}{{^title}}t{{/title}}{{#intro}}H{{/intro}}"
		"{{^intro}}h{{/intro}}{{#admin}}F{{/admin}}{{^admin}}f{{/admin}}{{#author}}R{{/"
		"author}}"
		"{{^author}}r{{/author}}{{#entries}}L{{/entries}}{{^entries}}l{{/entries}}"
		"{{#count}}N{{/count}}{{^count}}n{{/count}}";

	assert_renders(*state, template, &empty, "thfrlN");
	assert_renders(*state, template, &page, "ThfRLLN");
}

static void
sections_look_outwards_for_names(void **state)
{
	assert_renders(*state,
		"{{#entries}}{{title}}/{{site}}{{#author}} by {{name}} of {{site}}{{/author}}; "
		"{{/entries}}{{title}}",
		&page, "One &amp; only/A&#39;s by Ada of A&#39;s; Two/A&#39;s; Home");
}

static void
absent_records_are_empty_all_the_way(void **state)
{
	assert_renders(*state,
		"{{#entries}}[{{author.name}}{{#author.name}}!{{/author.name}}]{{/entries}}", &page,
		"[Ada!][]");
}

static void
dot_is_the_innermost_value(void **state)
{
	struct view_page data = page;

	data.intro = html_stored(S("<b>"));
	assert_renders(*state, "{{#entries}}{{#tags}}{{.}},{{/tags}}{{/entries}}", &page,
		"rain,&lt;sun&gt;,");
	assert_renders(*state,
		"{{#title}}{{.}}{{#entries}}{{#tags}}{{.}}{{/tags}}{{/entries}}{{.}}{{/title}}",
		&page, "Homerain&lt;sun&gt;Home");
	assert_renders(*state, "{{#intro}}{{{.}}}{{.}}{{/intro}}{{#count}}{{.}}{{/count}}", &data,
		"<b>&lt;b&gt;2");
	assert_refused(*state, "{{#entries}}{{.}}{{/entries}}", "'.': unknown name in 'entry'");
	assert_refused(
		*state, "{{#title}}{{#entries}}{{.}}{{/entries}}{{/title}}", "'.': unknown name");
	assert_refused(*state, "{{#title}}{{{.}}}{{/title}}", "is not HTML");
}

/* ---- partials ------------------------------------------------------------------------------ */

static void
a_partial_sees_the_types_around_it(void **state)
{
	struct fixture *f = *state;

	tempdir_write(&f->dir, "title.html", S("<{{title}}>"));
	assert_renders(f, "{{>title}}{{#entries}}{{>title}}{{/entries}}{{>title}}", &page,
		"<Home><One &amp; only><Two><Home>");
}

static void
a_recursive_partial_follows_a_tree(void **state)
{
	struct fixture *f = *state;
	static const struct view_node leaves[] = {{.name = S_INIT("b")}, {.name = S_INIT("c")}};
	static const struct view_node roots[] = {
		{.name = S_INIT("a"), .nodes = {leaves, 2}}, {.name = S_INIT("d")}};
	struct view_page data = {.title = S("t"), .nodes = {roots, 2}};

	tempdir_write(&f->dir, "tree.html",
		S("{{#nodes}}({{name}}{{>tree}}{{name}}{{title}}){{/nodes}}"));
	assert_refused(f, "{{>tree}}{{#entries}}{{#nodes}}{{nmae}}{{/nodes}}{{/entries}}",
		"did you mean 'name'?");
	/* A leaf has no nodes of its own: an empty list, and not its parent's. */
	assert_renders(f, "{{>tree}}", &data, "(a(bbt)(cct)at)(ddt)");
}

static void
endless_recursion_is_an_error_of_the_rendering(void **state)
{
	struct fixture *f = *state;
	struct buf b;

	tempdir_write(&f->dir, "page.html", S("{{>page}}"));
	assert_int_equal(load(f), OK);
	buf_init(&b, &f->c.arena, 1024);
	assert_int_equal(tmpl_render(&f->c, f->set, VIEW_PAGE, &page, &b), ERR_TEMPLATE);
	assert_non_null(strstr(f->c.err.detail, "nested too deeply"));
}

static void
too_many_evaluations_are_an_error_of_the_rendering(void **state)
{
	struct fixture *f = *state;
	struct buf b;

	tempdir_write(&f->dir, "page.html", S("{{#entries}}{{>page}}{{>page}}{{/entries}}"));
	assert_int_equal(load(f), OK);
	buf_init(&b, &f->c.arena, 1024);
	assert_int_equal(tmpl_render(&f->c, f->set, VIEW_PAGE, &page, &b), ERR_TEMPLATE);
	err_clear(&f->c);
	tempdir_write(&f->dir, "page.html",
		S("{{#nodes}}{{#nodes}}{{#nodes}}{{name}}{{/nodes}}{{/nodes}}{{/nodes}}"));
	assert_int_equal(load(f), OK);
	{
		struct view_node *all = ctx_calloc(&f->c, 2000, sizeof(*all));
		struct view_page data = {.nodes = {all, 2000}};

		for (size_t i = 0; i < 2000; i++)
			all[i].nodes = data.nodes;
		assert_int_equal(tmpl_render(&f->c, f->set, VIEW_PAGE, &data, &b), ERR_TEMPLATE);
	}
	assert_non_null(strstr(f->c.err.detail, "too many tags"));
}

static void
indentation_goes_before_the_lines_of_a_partial_only(void **state)
{
	struct fixture *f = *state;
	struct view_page data = {.title = S("a\nb")};

	tempdir_write(&f->dir, "outer.html", S("<\n  {{>inner}}\n>\n"));
	tempdir_write(&f->dir, "inner.html",
		S("{{title}}\n{{#admin}}\nno\n{{/admin}}\n{{! x }}y\nz {{>plain}}\n"));
	tempdir_write(&f->dir, "plain.html", S("p\nq"));
	assert_renders(f, " {{>outer}}\nend", &data, " <\n   a\nb\n   y\n   z p\nq\n >\nend");
}

/* ---- errors -------------------------------------------------------------------------------- */

static void
errors_name_file_and_line(void **state)
{
	assert_refused(*state, "a\n{{titel}}",
		"/page.html:2: 'titel': unknown name in 'page'; did you mean 'title'?");
	assert_refused(*state, "{{#title}}\n\n", "/page.html:1: this section is not closed: title");
	assert_refused(*state, "\n{{#title}}\n{{/site}}",
		"/page.html:3: 'site' is closed where 'title' of line 2 is open");
	assert_refused(*state, "\r\n\r\n{{/title}}", "/page.html:3: this closes nothing: title");
	assert_refused(*state, "{{! x\n\n}}{{title", "/page.html:3: a tag is not closed: {{");
	assert_refused(*state, "{{{title}}", "/page.html:1: a tag is not closed");
	assert_refused(*state, "{{}}", "this is not a name");
	assert_refused(*state, "{{a b}}", "this is not a name: a b");
	assert_refused(*state, "{{=<% }}", "a tag is not closed");
	assert_refused(*state, "{{=<%=}}", "not two delimiters");
	assert_refused(*state, "{{= a = b =}}", "not two delimiters");
}

static void
errors_of_kind_are_found_at_load(void **state)
{
	assert_refused(*state, "{{{title}}}", "'title' is not HTML");
	assert_refused(*state, "{{&count}}", "'count' is not HTML");
	assert_refused(*state, "{{entries}}", "'entries' is no text");
	assert_refused(*state, "{{author}}", "'author' is no text");
	assert_refused(*state, "{{#entries}}{{tags}}{{/entries}}", "'tags' is no text");
	assert_refused(*state, "{{title.name}}", "unknown name");
	assert_refused(*state, "{{entries.title}}", "unknown name");
	assert_refused(*state, "{{author.}}", "unknown name");
	assert_refused(*state, "{{.title}}", "unknown name");
	assert_refused(*state, "{{#author}}{{nmae}}{{/author}}", "did you mean 'name'?");
	assert_refused(*state, "{{^author}}{{name}}{{/author}}", "unknown name");
}

static void
errors_of_files_are_found_at_load(void **state)
{
	struct fixture *f = *state;
	char text[TMPL_FILE_MAX + 2];
	char path[128];

	assert_refused(f, "{{>nowhere}}", "/page.html:1: 'nowhere' is no template");
	assert_refused(f, "{{>../entry}}", "this is not a name: ../entry");
	assert_refused(f, "{{>/etc/passwd}}", "this is not a name");
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	assert_refused(f, text, "larger than");
	tempdir_clear(&f->dir);
	assert_int_equal(load(f), ERR_TEMPLATE);
	assert_non_null(strstr(f->c.err.detail, "page.html:1: there is no such file"));
	err_clear(&f->c);
	(void)snprintf(path, sizeof(path), "%s/page.html", f->dir.path);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(load(f), ERR_TEMPLATE);
	assert_non_null(strstr(f->c.err.detail, "not a file"));
	assert_int_equal(rmdir(path), 0);
}

static void
sections_nest_50_deep_and_no_deeper(void **state)
{
	struct fixture *f = *state;
	struct buf b;
	struct str text;

	for (int depth = 50; depth <= 51; depth++) {
		buf_init(&b, &f->c.arena, 4096);
		for (int i = 0; i < depth; i++)
			buf_puts(&b, "{{#title}}");
		for (int i = 0; i < depth; i++)
			buf_puts(&b, "{{/title}}");
		assert_int_equal(buf_end(&f->c, &b, &text), OK);
		if (depth == 50)
			assert_renders(f, text.p, &page, "");
		else
			assert_refused(f, text.p, "nested too deeply");
	}
}

/* ---- themes -------------------------------------------------------------------------------- */

static void
a_theme_overrides_single_files(void **state)
{
	struct fixture *f = *state;

	tempdir_write(&f->dir, "head.html", S("ours"));
	tempdir_write(&f->theme, "head.html", S("theirs {{title}}"));
	assert_renders(f, "{{>head}}!", &page, "theirs Home!");
}

static void
a_bad_file_of_a_theme_is_put_aside(void **state)
{
	struct fixture *f = *state;

	tempdir_write(&f->dir, "head.html", S("ours"));
	tempdir_write(&f->theme, "head.html", S("theirs {{titel}}"));
	assert_renders(f, "{{>head}}!", &page, "ours!");
	tempdir_write(&f->theme, "head.html", S("theirs {{#title}}"));
	assert_renders(f, "{{>head}}!", &page, "ours!");
	tempdir_write(&f->theme, "head.html", S("theirs {{>nowhere}}"));
	assert_renders(f, "{{>head}}!", &page, "ours!");
	assert_int_equal(f->c.err.code, OK);
}

static void
a_theme_is_to_blame_for_where_it_includes_ours(void **state)
{
	struct fixture *f = *state;

	tempdir_write(&f->dir, "card.html", S("{{pinned}}"));
	tempdir_write(&f->dir, "head.html", S("ours"));
	tempdir_write(&f->theme, "head.html", S("{{>card}}"));
	assert_renders(f, "{{>head}}!", &page, "ours!");
	/* Both of the theme's are bad, and it has one that we have not. */
	tempdir_write(&f->theme, "head.html", S("{{>mine}}"));
	tempdir_write(&f->theme, "mine.html", S("{{x}}"));
	tempdir_write(&f->theme, "entry.html", S("{{y}}"));
	assert_renders(f, "{{>head}}!", &page, "ours!");
}

static void
a_bad_file_of_ours_is_an_error_in_spite_of_a_theme(void **state)
{
	struct fixture *f = *state;

	tempdir_write(&f->theme, "entry.html", S("{{title}}"));
	assert_refused(f, "{{x}}", "page.html:1: 'x'");
}

/* ---- the rest ------------------------------------------------------------------------------ */

static void
rendering_adds_its_time_to_the_facts(void **state)
{
	struct fixture *f = *state;
	struct facts facts = {.render_us = 1000000};
	struct buf b;

	tempdir_write(&f->dir, "page.html", S("{{#nodes}}{{#nodes}}{{name}}{{/nodes}}{{/nodes}}"));
	assert_int_equal(load(f), OK);
	f->c.facts = &facts;
	buf_init(&b, &f->c.arena, 16);
	{
		struct view_node *all = ctx_calloc(&f->c, 600, sizeof(*all));
		struct view_page data = {.nodes = {all, 600}};

		for (size_t i = 0; i < 600; i++)
			all[i].nodes = data.nodes;
		assert_int_equal(tmpl_render(&f->c, f->set, VIEW_PAGE, &data, &b), OK);
	}
	assert_true(facts.render_us > 1000000);
	f->c.facts = NULL;
}

static void
views_keep_their_numbers(void **state)
{
	struct fixture *f = *state;
	struct buf b;

	tempdir_write(&f->dir, "page.html", S("page {{#entries}}{{>entry}}{{/entries}}"));
	assert_int_equal(load(f), OK);
	buf_init(&b, &f->c.arena, 1024);
	assert_int_equal(tmpl_render(&f->c, f->set, VIEW_ENTRY, &entries[1], &b), OK);
	assert_int_equal(tmpl_render(&f->c, f->set, VIEW_PAGE, &page, &b), OK);
	assert_true(str_eq(buf_str(&b), S("Twopage One &amp; onlyTwo")));
}

static void
loading_reports_a_full_heap(void **state)
{
	struct fixture *f = *state;
	size_t cap = f->c.arena.cap;

	tempdir_write(&f->dir, "page.html", S("{{#entries}}{{>entry}}{{/entries}}"));
	tempdir_write(&f->theme, "entry.html", S("{{x}}"));
	for (f->c.arena.cap = 0; f->c.arena.cap < 256; f->c.arena.cap += 16) {
		enum err e = load(f);

		assert_true(e == OK || e == ERR_MEMORY);
		ctx_reset(&f->c);
	}
	f->c.arena.cap = cap;
	tmpl_free(NULL);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(variables_are_written_by_kind),
		TEST(data_is_never_read_as_a_template),
		TEST(sections_follow_the_truth_of_each_kind),
		TEST(sections_look_outwards_for_names),
		TEST(absent_records_are_empty_all_the_way),
		TEST(dot_is_the_innermost_value),
		TEST(a_partial_sees_the_types_around_it),
		TEST(a_recursive_partial_follows_a_tree),
		TEST(endless_recursion_is_an_error_of_the_rendering),
		TEST(too_many_evaluations_are_an_error_of_the_rendering),
		TEST(indentation_goes_before_the_lines_of_a_partial_only),
		TEST(errors_name_file_and_line),
		TEST(errors_of_kind_are_found_at_load),
		TEST(errors_of_files_are_found_at_load),
		TEST(sections_nest_50_deep_and_no_deeper),
		TEST(a_theme_overrides_single_files),
		TEST(a_bad_file_of_a_theme_is_put_aside),
		TEST(a_theme_is_to_blame_for_where_it_includes_ours),
		TEST(a_bad_file_of_ours_is_an_error_in_spite_of_a_theme),
		TEST(rendering_adds_its_time_to_the_facts),
		TEST(views_keep_their_numbers),
		TEST(loading_reports_a_full_heap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
