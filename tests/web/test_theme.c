/*
 * The theme: files of the owner's in place of the shipped ones, one by one, and what a page then
 * names and shows. A bad file is reported and does not take the site down.
 */
#include "site.h"

#include "web/theme.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct theme {
	char dir[64];
	char files[4][128];
	size_t n;
	struct site *site;
};

static int
theme_setup(void **state)
{
	struct theme *t = calloc(1, sizeof(*t));
	char path[128];

	assert_non_null(t);
	(void)snprintf(t->dir, sizeof(t->dir), "/tmp/starpunk-theme-XXXXXX");
	assert_non_null(mkdtemp(t->dir));
	(void)snprintf(path, sizeof(path), "%s/templates", t->dir);
	assert_int_equal(mkdir(path, 0700), 0);
	(void)snprintf(path, sizeof(path), "%s/static", t->dir);
	assert_int_equal(mkdir(path, 0700), 0);
	*state = t;
	return 0;
}

static int
theme_teardown(void **state)
{
	struct theme *t = *state;
	char path[128];

	if (t->site)
		site_free(t->site);
	for (size_t i = 0; i < t->n; i++)
		(void)unlink(t->files[i]);
	(void)snprintf(path, sizeof(path), "%s/templates", t->dir);
	(void)rmdir(path);
	(void)snprintf(path, sizeof(path), "%s/static", t->dir);
	(void)rmdir(path);
	(void)rmdir(t->dir);
	free(t);
	return 0;
}

static void
theme_write(struct theme *t, const char *name, const char *text)
{
	char path[128];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/%s", t->dir, name);
	memcpy(t->files[t->n++], path, sizeof(path));
	f = fopen(path, "w");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static struct site *
theme_site(struct theme *t)
{
	char line[128];

	(void)snprintf(line, sizeof(line), "theme_path = %s", t->dir);
	return t->site = site_new(line);
}

static void
an_empty_theme_changes_nothing(void **state)
{
	struct answer a = ASK(theme_site(*state), .uri = "/");

	assert_has(a, "class=\"colophon\"");
	assert_has(a, "/static/style.css?v=");
}

static void
one_file_replaces_one_file(void **state)
{
	struct answer a;

	theme_write(*state, "templates/footer.html",
		"<footer>By {{site.author}}</footer></body></html>\n");
	a = ASK(theme_site(*state), .uri = "/");
	assert_has(a, "<footer>By Ada</footer>");
	assert_lacks(a, "class=\"colophon\"");
	assert_has(a, "class=\"masthead\"");
}

static void
a_bad_file_is_reported_and_the_shipped_one_used(void **state)
{
	struct theme *t = *state;
	struct answer a;

	theme_write(t, "templates/footer.html", "{{no.such.name}}\n");
	a = ASK(theme_site(t), .uri = "/");
	assert_int_equal(a.status, 200);
	assert_has(a, "class=\"colophon\"");
	assert_true(str_search(site_log(t->site), S("\"event\":\"template_fallback\""), 0) <
		    site_log(t->site).n);
}

static void
a_style_of_the_themes_own_has_a_version_of_its_own(void **state)
{
	struct theme *t = *state;
	struct site *plain = site_new("");
	struct answer shipped = ASK(plain, .uri = "/"), own;
	const char *before = site_between(plain, shipped.body, "style.css?v=", "\""), *after;

	theme_write(t, "static/style.css", "body { color: teal }\n");
	own = ASK(theme_site(t), .uri = "/");
	after = site_between(t->site, own.body, "style.css?v=", "\"");
	assert_non_null(before);
	assert_non_null(after);
	assert_int_equal(strlen(after), 16);
	assert_string_not_equal(before, after);
	site_free(plain);
}

static void
a_style_that_cannot_be_read_is_reported_and_the_shipped_one_named(void **state)
{
	struct theme *t = *state;
	struct site *plain = site_new("");
	struct answer shipped = ASK(plain, .uri = "/"), own;
	const char *before = site_between(plain, shipped.body, "style.css?v=", "\""), *after;
	char path[128];

	(void)snprintf(path, sizeof(path), "%s/static/style.css", t->dir);
	assert_int_equal(mkdir(path, 0700), 0);
	own = ASK(theme_site(t), .uri = "/");
	after = site_between(t->site, own.body, "style.css?v=", "\"");
	assert_string_equal(before, after);
	assert_true(str_search(site_log(t->site), S("\"event\":\"static_fallback\""), 0) <
		    site_log(t->site).n);
	assert_int_equal(rmdir(path), 0);
	site_free(plain);
}

/* A feed is a stream, whose tag is made before its bytes. */
static void
a_feed_of_other_templates_has_another_entity_tag(void **state)
{
	struct theme *t = *state;
	struct site *plain = site_new("");
	struct answer shipped = ASK(plain, .uri = "/feed.atom"), own;
	struct str before = answer_header(&shipped, "ETag"), after;

	theme_write(t, "templates/context.html", "<p>Something to somebody</p>\n");
	own = ASK(theme_site(t), .uri = "/feed.atom");
	after = answer_header(&own, "ETag");
	assert_true(before.n > 0 && after.n > 0);
	assert_false(str_eq(before, after));
	own = ASK(t->site, .uri = "/feed.atom", .method = "HEAD");
	assert_true(str_eq(answer_header(&own, "ETag"), after));
	site_free(plain);
}

static void
a_site_without_its_templates_does_not_start(void **state)
{
	struct theme *t = *state;
	struct site *s = t->site = site_new("");
	struct config cfg = *s->cfg;
	struct web *w = NULL;

	cfg.share_path = t->dir;
	s->c.cfg = &cfg;
	assert_int_equal(web_new(&s->c, s->seg, s->pool, &w), ERR_TEMPLATE);
	assert_null(w);
	s->c.cfg = s->cfg;
	ctx_reset(&s->c);
}

/* The site's theme, checked: its first finding. */
static const struct theme_finding *
checked(struct theme *t, struct theme_report *report)
{
	if (!t->site)
		(void)theme_site(t);
	assert_int_equal(theme_check(&t->site->c, t->dir, report), OK);
	return &report->findings[0];
}

static void
a_style_sheets_mistake_is_found_where_it_is(void **state)
{
	static const struct {
		const char *text, *found; /* NULL: nothing */
		unsigned line;
	} cases[] = {
		{"", NULL, 0},
		{"p { color: red }\n/* } */ a::before { content: \"}\" }\n", NULL, 0},
		{"p { content: \"\\\"{\" }\n", NULL, 0},
		{"a { b: url(data:image/png;base64,AAAA) url(#x) url( \"style.css?v=1\" ) }", NULL, 0},
		{"@import url(\"desk.css\");\n@import '/static/desk.css';\n", NULL, 0},
		{"p {\n}}\n", "brace too many", 2},
		{"\np {\nq {}\n", "never closed", 2},
		{"\n\n/* p {}\n", "comment", 3},
		{"p { content: \"x;\n }\n", "text that does not end", 1},
		{"p { content: \"\\", "text that does not end", 1},
		{"\n@import 'http://a.example/x.css';\n", "http://a.example/x.css", 2},
		{"p { b: URL(//a.example/x) }", "//a.example/x", 1},
		{"p { b: url(x/y.png) }", "static/x/y.png", 1},
		{"p { b: url(", "never closed", 1},
	};
	struct theme *t = *state;
	struct theme_report report;

	theme_write(t, "static/theme.css", "");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct theme_finding *first;

		t->n--;
		theme_write(t, "static/theme.css", cases[i].text);
		first = checked(t, &report);
		if (!cases[i].found && report.n > 0)
			fail_msg("'%s': %.*s", cases[i].text, STR(first->text));
		if (!cases[i].found)
			continue;
		if (report.n == 0 || str_search(first->text, str_z(cases[i].found), 0) == first->text.n)
			fail_msg("'%s': not '%s'", cases[i].text, cases[i].found);
		if (first->line != cases[i].line)
			fail_msg("'%s': line %u", cases[i].text, first->line);
		assert_true(str_eq(first->file, S("static/theme.css")));
	}
}

static void
one_mistake_of_every_template_is_found(void **state)
{
	struct theme *t = *state;
	struct theme_report report;

	theme_write(t, "templates/footer.html", "{{site.autor}}\n");
	theme_write(t, "templates/note.html", "\n{{#entry}}\n");
	theme_write(t, "templates/header.html", "<header></header>\n");
	(void)checked(t, &report);
	assert_int_equal(report.n, 2);
	assert_int_equal(report.errors, 2);
	assert_int_equal(report.templates, 1);
}

static void
of_very_many_mistakes_the_first_are_shown(void **state)
{
	struct theme *t = *state;
	struct theme_report report;
	char braces[THEME_FINDINGS_MAX + 51] = "";

	memset(braces, '}', sizeof(braces) - 1);
	theme_write(t, "static/theme.css", braces);
	(void)checked(t, &report);
	assert_int_equal(report.n, THEME_FINDINGS_MAX);
	assert_int_equal(report.errors, THEME_FINDINGS_MAX + 50);
}

static void
a_theme_that_is_not_there_cannot_be_checked(void **state)
{
	struct theme *t = *state;
	struct theme_report report;
	struct site *s = theme_site(t);

	assert_int_equal(theme_check(&s->c, "/nonexistent/theme", &report), ERR_IO);
	ctx_reset(&s->c);
}

/* A rule or two of the owner's do not freeze the rest. */
static void
a_theme_css_is_linked_behind_the_shipped_style(void **state)
{
	struct theme *t = *state;
	struct answer a;
	size_t at;

	theme_write(t, "static/theme.css", "h1 { color: teal }\n");
	a = ASK(theme_site(t), .uri = "/");
	at = str_search(a.body, S("/static/style.css?v="), 0);
	assert_true(at < a.body.n);
	assert_true(str_search(a.body, S("/static/theme.css?v="), at) < a.body.n);
}

#define T(f) cmocka_unit_test_setup_teardown(f, theme_setup, theme_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(an_empty_theme_changes_nothing),
		T(one_file_replaces_one_file),
		T(a_bad_file_is_reported_and_the_shipped_one_used),
		T(a_style_of_the_themes_own_has_a_version_of_its_own),
		T(a_style_that_cannot_be_read_is_reported_and_the_shipped_one_named),
		T(a_feed_of_other_templates_has_another_entity_tag),
		T(a_site_without_its_templates_does_not_start),
		T(a_theme_css_is_linked_behind_the_shipped_style),
		T(a_style_sheets_mistake_is_found_where_it_is),
		T(one_mistake_of_every_template_is_found),
		T(of_very_many_mistakes_the_first_are_shown),
		T(a_theme_that_is_not_there_cannot_be_checked),
	};

	return cmocka_run_group_tests_name("web/theme", tests, NULL, NULL);
}
