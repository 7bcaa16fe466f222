/*
 * text/words, text/catalog, text/date: texts in another language, out of files that may be broken in
 * any way.
 */
#define VIEW_TABLE "tmpl_views.def"
#include "text/view_bind.h"

#include "tempdir.h"
#include "text/catalog.h"
#include "text/date.h"
#include "text/tmpl_priv.h"
#include "text/words.h"

#include <sys/stat.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

/* ---- a catalogue as msgfmt would make it --------------------------------------------------- */

struct pair_of {
	const char *id;
	size_t n_id; /* 0: as long as it is */
	const char *text;
	size_t n_text;
};

#define HEADER "Content-Type: text/plain; charset=UTF-8\nPlural-Forms: nplurals=2; plural=n != 1;\n"
#define WITH_NUL(s) s, sizeof(s) - 1

static const struct pair_of german[] = {
	{"", 0, HEADER, 0},
	{WITH_NUL("%llu post\0%llu posts"), WITH_NUL("ein Beitrag\0%llu Beiträge")},
	{"<b>{{title}}</b> by {{site}}", 0, "{{site}}: <b>{{title}}</b>", 0},
	{"Older posts", 0, "Ältere Beiträge", 0},
	{"Page %d of %s", 0, "%2$s, Seite %1$d", 0},
	{"verb\4Like", 0, "Gefällt mir", 0},
};

enum { ROWS = 6, MO_MAX = 4096 };

struct mo {
	unsigned char p[MO_MAX];
	size_t n;
};

static void
put32(struct mo *m, size_t at, size_t v)
{
	for (size_t i = 0; i < 4; i++)
		m->p[at + i] = (unsigned char)(v >> (8 * i));
}

static void
put_text(struct mo *m, size_t row, const char *p, size_t n)
{
	n = n ? n : strlen(p);
	put32(m, row, n);
	put32(m, row + 4, m->n);
	memcpy(m->p + m->n, p, n);
	m->n += n;
	m->p[m->n++] = '\0';
}

static struct mo
mo_make(const struct pair_of *rows, size_t n)
{
	struct mo m = {.n = 28 + 16 * n};

	put32(&m, 0, 0x950412de);
	put32(&m, 8, n);
	put32(&m, 12, 28);
	put32(&m, 16, 28 + 8 * n);
	for (size_t i = 0; i < n; i++) {
		put_text(&m, 28 + 8 * i, rows[i].id, rows[i].n_id);
		put_text(&m, 28 + 8 * n + 8 * i, rows[i].text, rows[i].n_text);
	}
	return m;
}

struct fixture {
	struct ctx c;
	struct tempdir dir;
	struct catalog *words;
};

static int
setup(void **state)
{
	static struct fixture f;
	struct mo m = mo_make(german, ROWS);

	f = (struct fixture){0};
	ctx_init(&f.c, 64 * 1024 * 1024);
	tempdir_init(&f.dir);
	assert_int_equal(catalog_parse(&f.c, "test.mo", str_n((char *)m.p, m.n), &f.words), OK);
	f.c.words = f.words;
	*state = &f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	catalog_free(f->words);
	tempdir_fini(&f->dir);
	ctx_fini(&f->c);
	return 0;
}

/* ---- texts in C ---------------------------------------------------------------------------- */

static void
a_text_is_said_in_the_sites_language(void **state)
{
	struct fixture *f = *state;

	assert_string_equal(tr(&f->c, "Older posts"), "Ältere Beiträge");
	assert_string_equal(tr_for(&f->c, "verb", "Like"), "Gefällt mir");
}

static void
what_has_no_translation_stands_as_it_is(void **state)
{
	struct fixture *f = *state;

	assert_string_equal(tr(&f->c, "Newer posts"), "Newer posts");
	assert_string_equal(tr(&f->c, "Older post"), "Older post");
	assert_string_equal(tr(&f->c, "Older posts of"), "Older posts of");
	assert_string_equal(tr(&f->c, "Like"), "Like");
	assert_string_equal(tr_for(&f->c, "noun", "Like"), "Like");
	assert_string_equal(tr(&f->c, ""), "");
	f->c.words = NULL;
	assert_string_equal(tr(&f->c, "Older posts"), "Older posts");
	assert_string_equal(tr_n(&f->c, "%llu tag", "%llu tags", 1), "%llu tag");
	assert_string_equal(tr_n(&f->c, "%llu tag", "%llu tags", 0), "%llu tags");
}

static void
a_count_takes_the_form_of_its_language(void **state)
{
	struct fixture *f = *state;
	struct str out;

	assert_string_equal(tr_n(&f->c, "%llu post", "%llu posts", 1), "ein Beitrag");
	assert_int_equal(ctx_printf(&f->c, &out, tr_n(&f->c, "%llu post", "%llu posts", 7), 7ULL), OK);
	assert_string_equal(out.p, "7 Beiträge");
}

static void
a_translation_may_turn_the_order(void **state)
{
	struct fixture *f = *state;
	struct str out;

	assert_int_equal(ctx_printf(&f->c, &out, tr(&f->c, "Page %d of %s"), 2, "Ada"), OK);
	assert_string_equal(out.p, "Ada, Seite 2");
}

static void
dates_are_written_in_the_order_of_the_language(void **state)
{
	static const struct pair_of chinese[] = {
		{"", 0, "Plural-Forms: nplurals=1; plural=0;\n", 0},
		{"date\4%d %s %d, %02d:%02d", 0, "%3$d年%2$s%1$d日 %4$02d:%5$02d", 0},
		{"month\4March", 0, "3月", 0}};
	struct mo m = mo_make(chinese, 3);
	struct fixture *f = *state;
	struct str out;

	assert_int_equal(date_text(&f->c, DATE_MOMENT, 1772353800, 60, &out), OK);
	assert_string_equal(out.p, "1 March 2026, 09:30");
	assert_int_equal(date_day(&f->c, DATE_DAY, 2026, 12, 31, &out), OK);
	assert_string_equal(out.p, "31 December 2026");
	assert_int_equal(date_day(&f->c, DATE_MONTH, 2026, 12, 0, &out), OK);
	assert_string_equal(out.p, "December 2026");
	assert_int_equal(date_day(&f->c, DATE_ANNUAL, 0, 2, 29, &out), OK);
	assert_string_equal(out.p, "29 February");
	assert_string_equal(date_month(&f->c, 13), "");
	catalog_free(f->words);
	assert_int_equal(catalog_parse(&f->c, "test.mo", str_n((char *)m.p, m.n), &f->words), OK);
	f->c.words = f->words;
	assert_int_equal(date_text(&f->c, DATE_MOMENT, 1772353800, 60, &out), OK);
	assert_string_equal(out.p, "2026年3月1日 09:30");
}

/* ---- texts in templates -------------------------------------------------------------------- */

static void
assert_renders(struct fixture *f, const char *template, const char *expected)
{
	static const struct view_page page = {.title = S_INIT("A&B"), .site = S_INIT("Ada")};
	struct tmpl_set *set;
	struct buf b;
	struct str out;

	tempdir_write(&f->dir, "entry.html", S("{{title}}"));
	tempdir_write(&f->dir, "page.html", str_z(template));
	assert_int_equal(tmpl_load(&f->c, f->dir.path, NULL, view_table, VIEW__MAX, &set), OK);
	buf_init(&b, &f->c.arena, 1024);
	assert_int_equal(tmpl_render(&f->c, set, VIEW_PAGE, &page, &b), OK);
	assert_int_equal(buf_end(&f->c, &b, &out), OK);
	assert_string_equal(out.p, expected);
	tmpl_free(set);
}

static void
assert_refused(struct fixture *f, const char *template, const char *problem)
{
	struct tmpl_set *set;

	tempdir_write(&f->dir, "entry.html", S("{{title}}"));
	tempdir_write(&f->dir, "page.html", str_z(template));
	assert_int_equal(
		tmpl_load(&f->c, f->dir.path, NULL, view_table, VIEW__MAX, &set), ERR_TEMPLATE);
	if (!strstr(f->c.err.detail, problem))
		fail_msg("\"%s\" says not \"%s\"", f->c.err.detail, problem);
	err_clear(&f->c);
}

static void
a_templates_texts_are_translated_tags_and_all(void **state)
{
	struct fixture *f = *state;

	assert_renders(f, "<p>{{_}}Older posts{{/_}}</p>{{_ verb}}Like{{/_}}",
		"<p>Ältere Beiträge</p>Gefällt mir");
	assert_renders(f, "{{_}}<b>{{title}}</b> by {{site}}{{/_}}", "Ada: <b>A&amp;B</b>");
	assert_renders(f, "{{_}}\n\tOlder\n\t\tposts\n{{/_}}.", "Ältere Beiträge.");
	assert_renders(f, "{{_}}Newer posts{{/_}} {{_}}Like{{/_}}", "Newer posts Like");
	f->c.words = NULL;
	assert_renders(f, "{{_}}Older posts{{/_}}: {{_ verb}}Like{{/_}}", "Older posts: Like");
}

static void
a_mistake_behind_a_text_is_named_with_its_own_line(void **state)
{
	struct fixture *f = *state;

	assert_refused(f, "{{_}}Older\n\tposts{{/_}}\n{{wrong}}", "page.html:3: ");
	assert_refused(f, "\n{{_}}Older\nposts{{/_}}{{wrong}}", "page.html:3: ");
	assert_refused(f, "\n{{_}}Older posts", "page.html:2: the text that begins here does not end");
	assert_refused(f, "{{_}}Older {{_}}posts{{/_}}{{/_}}", "page.html:1: ");
	assert_refused(f, "Older{{/_}}", "page.html:1: this closes nothing");
}

/* ---- broken files -------------------------------------------------------------------------- */

static void
assert_bad(struct fixture *f, const struct mo *m, const char *problem)
{
	struct catalog *k = NULL;

	assert_int_equal(catalog_parse(&f->c, "test.mo", str_n((const char *)m->p, m->n), &k), ERR_TEMPLATE);
	if (!strstr(f->c.err.detail, problem))
		fail_msg("\"%s\" says not \"%s\"", f->c.err.detail, problem);
	err_clear(&f->c);
}

static void
a_broken_file_is_refused_whole(void **state)
{
	struct fixture *f = *state;
	struct mo m = mo_make(german, ROWS);

	m.p[0] ^= 1;
	assert_bad(f, &m, "no catalogue");
	m = mo_make(german, ROWS);
	put32(&m, 8, 20000);
	assert_bad(f, &m, "its tables lie outside");
	m = mo_make(german, ROWS);
	put32(&m, 28 + 8 * 2 + 4, m.n);
	assert_bad(f, &m, "a text lies outside");
	m = mo_make(german, ROWS);
	put32(&m, 28 + 8 * 2, 3);
	assert_bad(f, &m, "a text lies outside");
	m = mo_make(german + 1, ROWS - 1);
	assert_bad(f, &m, "it has no head");
}

/* Wherever the file was cut: it is refused, and nothing behind its end is looked at. */
static void
a_file_that_was_cut_is_refused(void **state)
{
	struct fixture *f = *state;
	struct mo whole = mo_make(german, ROWS);

	for (size_t n = 0; n < whole.n; n++) {
		struct mo m = {.n = n};
		struct catalog *k;

		memcpy(m.p, whole.p, n);
		assert_int_equal(
			catalog_parse(&f->c, "test.mo", str_n((char *)m.p, m.n), &k), ERR_TEMPLATE);
		err_clear(&f->c);
	}
}

static void
texts_out_of_order_could_not_be_found_and_are_refused(void **state)
{
	static const struct pair_of rows[] = {{"", 0, HEADER, 0}, {"b", 0, "B", 0}, {"a", 0, "A", 0}};
	struct mo m = mo_make(rows, 3);

	assert_bad(*state, &m, "not in order");
}

static void
a_translation_that_would_take_other_arguments_is_refused(void **state)
{
	static const struct pair_of rows[] = {{"", 0, HEADER, 0}, {"%d of %d", 0, "%s", 0}};
	static const struct pair_of few[] = {{"", 0, HEADER, 0},
		{WITH_NUL("%d post\0%d posts"), WITH_NUL("%d Beitrag")}};
	struct mo m = mo_make(rows, 2);

	assert_bad(*state, &m, "does not take");
	m = mo_make(few, 2);
	assert_bad(*state, &m, "does not take");
}

/* ---- which file ---------------------------------------------------------------------------- */

static void
put_catalogue(struct fixture *f, const char *tag)
{
	struct mo m = mo_make(german, ROWS);
	char path[512], file[64];

	(void)snprintf(path, sizeof(path), "%s/%s", f->dir.path, tag);
	assert_int_equal(mkdir(path, 0700), 0);
	(void)snprintf(path, sizeof(path), "%s/%s/LC_MESSAGES", f->dir.path, tag);
	assert_int_equal(mkdir(path, 0700), 0);
	(void)snprintf(file, sizeof(file), "%s/LC_MESSAGES/starpunk.mo", tag);
	tempdir_write(&f->dir, file, str_n((char *)m.p, m.n));
}

static void
remove_catalogue(struct fixture *f, const char *tag)
{
	static const char *const parts[] = {"/LC_MESSAGES/starpunk.mo", "/LC_MESSAGES", ""};
	char path[512];

	for (size_t i = 0; i < 3; i++) {
		(void)snprintf(path, sizeof(path), "%s/%s%s", f->dir.path, tag, parts[i]);
		assert_int_equal(remove(path), 0);
	}
}

static void
assert_loads(struct fixture *f, const char *language, const char *tag)
{
	struct catalog *k = NULL;

	assert_int_equal(catalog_load(&f->c, f->dir.path, language, &k), OK);
	if (tag)
		assert_string_equal(catalog_language(k), tag);
	else
		assert_null(k);
	catalog_free(k);
}

static void
the_nearest_language_is_taken(void **state)
{
	struct fixture *f = *state;
	struct catalog *k = NULL;

	put_catalogue(f, "de");
	put_catalogue(f, "zh");
	put_catalogue(f, "zh-hant");
	assert_loads(f, "de", "de");
	assert_loads(f, "DE-at", "de");
	assert_loads(f, "zh-Hans-CN", "zh");
	assert_loads(f, "zh-Hant-TW", "zh-hant");
	assert_loads(f, "de-x-house", "de");
	assert_loads(f, "en", NULL);
	assert_loads(f, "en-GB", NULL);
	assert_int_equal(catalog_load(&f->c, f->dir.path, "fr-CA", &k), ERR_NOT_FOUND);
	err_clear(&f->c);
	assert_int_equal(catalog_load(&f->c, f->dir.path, "../de", &k), ERR_NOT_FOUND);
	assert_null(k);
	remove_catalogue(f, "de");
	remove_catalogue(f, "zh");
	remove_catalogue(f, "zh-hant");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_text_is_said_in_the_sites_language, setup, teardown),
		cmocka_unit_test_setup_teardown(what_has_no_translation_stands_as_it_is, setup, teardown),
		cmocka_unit_test_setup_teardown(a_count_takes_the_form_of_its_language, setup, teardown),
		cmocka_unit_test_setup_teardown(a_translation_may_turn_the_order, setup, teardown),
		cmocka_unit_test_setup_teardown(
			dates_are_written_in_the_order_of_the_language, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_templates_texts_are_translated_tags_and_all, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_mistake_behind_a_text_is_named_with_its_own_line, setup, teardown),
		cmocka_unit_test_setup_teardown(a_broken_file_is_refused_whole, setup, teardown),
		cmocka_unit_test_setup_teardown(a_file_that_was_cut_is_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(
			texts_out_of_order_could_not_be_found_and_are_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_translation_that_would_take_other_arguments_is_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(the_nearest_language_is_taken, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
