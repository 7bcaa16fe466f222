/*
 * Sites in other languages: what people read is in the site's, what programs read is not; and every
 * translation that is shipped fits where it stands.
 */
#include "site.h"

#include "text/catalog.h"
#include "text/words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const languages[] = {"de", "zh"};

enum { LANGUAGES = sizeof(languages) / sizeof(languages[0]), TAGS_MAX = 40 };

static struct site *
site_in(const char *language)
{
	char line[64];
	struct site *s;

	(void)snprintf(line, sizeof(line), "language = %s", language);
	s = site_new(line);
	site_owner(s);
	return s;
}

/* ---- what is said where -------------------------------------------------------------------- */

static void
a_german_owner_reads_german(void **state)
{
	struct site *s = site_in("de");
	struct answer a = ASK(s, .uri = "/admin/login");

	(void)state;
	assert_has(a, "<html lang=\"de\">");
	assert_has(a, "<h1>Anmelden</h1>");
	a = ASK(s, .uri = "/admin/settings", .headers = {{"HTTP_COOKIE", site_sign_in(s)}});
	assert_has(a, "<h1>Einstellungen</h1>");
	assert_has(a, "Betreiber");	/* out of tables/desk.def */
	assert_has(a, "Steht am Kopf jeder Seite");	/* tables/settings.def */
	site_free(s);
}

static void
a_chinese_owner_reads_chinese(void **state)
{
	struct site *s = site_in("zh-Hans-CN");
	struct answer a;

	(void)state;
	a = ASK(s, .uri = "/admin/posts", .headers = {{"HTTP_COOKIE", site_sign_in(s)}});
	assert_has(a, "<html lang=\"zh\">");
	assert_has(a, "<h1>帖子</h1>");
	site_free(s);
}

static void
dates_follow_the_language(void **state)
{
	static const char form[] = "h=entry&content=rain&mp-slug=rain&published=2026-03-01T09:30:00Z";
	static const struct {
		const char *language, *date;
	} cases[] = {{"en", ">1 March 2026, 09:30</time>"}, {"de", ">1. März 2026, 09:30</time>"},
		{"zh", ">2026年3月1日 09:30</time>"}};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct site *s = site_in(cases[i].language);
		struct answer a = ASK(s, .uri = site_post(s, form));

		assert_has(a, cases[i].date);
		assert_has(a, "datetime=\"2026-03-01T09:30:00Z\"");
		site_free(s);
	}
}

static void
visitors_read_errors_in_the_sites_language_and_programs_in_english(void **state)
{
	struct site *s = site_in("de");
	struct answer a = ASK(s, .uri = "/nowhere");

	(void)state;
	assert_int_equal(a.status, 404);
	assert_has(a, "Unter dieser Adresse gibt es nichts.");
	a = ASK(s, .uri = "/nowhere", .headers = {{"HTTP_ACCEPT", "application/json"}});
	assert_has(a, "There is nothing at this address.");
	a = ASK(s, .method = "POST", .uri = "/micropub", .body = "h=entry&content=x",
		.type = "application/x-www-form-urlencoded");
	assert_int_equal(a.status, 401);
	assert_has(a, "This needs an access token");
	site_free(s);
}

static void
the_log_says_in_english_what_the_owner_is_told_in_german(void **state)
{
	struct site *s = site_in("de");
	const char *cookie = site_sign_in(s);
	char form[256];
	struct answer a;

	(void)state;
	(void)snprintf(form, sizeof(form), "csrf=%s&type=reply&do=publish&in-reply-to=nowhere&content=x",
		site_csrf(s, cookie));
	a = ASK(s, .method = "POST", .uri = "/admin/compose", .type = "application/x-www-form-urlencoded",
		.body = form, .headers = {{"HTTP_COOKIE", cookie}, {"HTTP_ORIGIN", "https://ada.example"}});
	assert_has(a, "Antwort auf: braucht eine Adresse, die mit https:// oder http:// beginnt");
	(void)snprintf(form, sizeof(form), "csrf=%s&password=short", site_csrf(s, cookie));
	a = ASK(s, .method = "POST", .uri = "/admin/security/password",
		.type = "application/x-www-form-urlencoded", .body = form,
		.headers = {{"HTTP_COOKIE", cookie}, {"HTTP_ORIGIN", "https://ada.example"}});
	assert_has(a, "(ein Passwort hat 12 bis 128 Zeichen)");
	assert_non_null(strstr(site_log(s).p, "In reply to: needs an address"));
	assert_non_null(strstr(site_log(s).p, "a password has 12 to 128 characters"));
	site_free(s);
}

/* A script on the owner's page shows what it is told. */
static void
the_owners_scripts_are_told_in_the_sites_language(void **state)
{
	struct site *s = site_in("de");
	struct answer a = ASK(s, .uri = "/admin/tags.json", .headers = {{"HTTP_ACCEPT", "application/json"}});

	(void)state;
	assert_int_equal(a.status, 401);
	assert_has(a, "Melde dich zuerst an.");
	site_free(s);
}

static void
a_language_without_texts_speaks_english(void **state)
{
	struct site *s = site_in("tlh");
	struct answer a = ASK(s, .uri = "/admin/login");

	(void)state;
	assert_has(a, "<html lang=\"en\">");
	assert_has(a, "<h1>Sign in</h1>");
	a = ASK(s, .uri = "/");
	assert_has(a, "<html lang=\"tlh\"");
	site_free(s);
}

/* ---- catalogues ---------------------------------------------------------------------------- */

static struct catalog *
load(struct ctx *c, const char *language)
{
	const char *top = getenv("SP_TOP_SRCDIR");
	struct catalog *k = NULL;
	struct str dir;

	assert_int_equal(ctx_printf(c, &dir, "%s/share/locale", top ? top : "."), OK);
	if (catalog_load(c, dir.p, language, &k) != OK)
		fail_msg("%s: %s", language, c->err.detail);
	assert_non_null(k);
	return k;
}

/* Every template, with its texts in the language, was bound to its view: else there is no site. */
static void
every_page_can_be_said_in_every_language(void **state)
{
	(void)state;
	for (size_t i = 0; i < LANGUAGES; i++)
		site_free(site_in(languages[i]));
}

static int
by_text(const void *a, const void *b)
{
	struct str x = *(const struct str *)a, y = *(const struct str *)b;
	int d = memcmp(x.p, y.p, x.n < y.n ? x.n : y.n);

	return d ? d : (x.n > y.n) - (x.n < y.n);
}

/* {{tags}}, <tags>, &references; and {places} of a text, in the order of their letters. */
static size_t
tags_of(struct str s, struct str *out)
{
	static const struct str pairs[][2] = {{S_INIT("{{"), S_INIT("}}")}, {S_INIT("<"), S_INIT(">")},
		{S_INIT("&"), S_INIT(";")}, {S_INIT("{"), S_INIT("}")}};
	size_t n = 0;

	for (size_t p = 0; p < sizeof(pairs) / sizeof(pairs[0]); p++) {
		size_t at = 0, end;

		while ((at = str_search(s, pairs[p][0], at)) < s.n &&
			(end = str_search(s, pairs[p][1], at)) < s.n) {
			assert_true(n < TAGS_MAX);
			out[n++] = str_sub(s, at, end + pairs[p][1].n);
			at = end;
		}
	}
	qsort(out, n, sizeof(*out), by_text);
	return n;
}

static void
assert_same_tags(const char *language, struct str id, struct str text)
{
	struct str a[TAGS_MAX], b[TAGS_MAX];
	size_t n = tags_of(id, a), same = 0;

	if (tags_of(text, b) == n)
		while (same < n && str_eq(a[same], b[same]))
			same++;
	if (same < n || tags_of(text, b) != n)
		fail_msg("%s: other tags: %.*s", language, STR(id));
	/* It may stand in an attribute. */
	if (str_find(id, '"', 0) == id.n && str_find(text, '"', 0) < text.n)
		fail_msg("%s: a straight quotation mark: %.*s", language, STR(text));
}

static void
a_translation_has_the_tags_of_its_original(void **state)
{
	(void)state;
	for (size_t i = 0; i < LANGUAGES; i++) {
		struct str id, text;
		struct catalog *k;
		struct ctx c;

		ctx_init(&c, 16 << 20);
		k = load(&c, languages[i]);
		for (size_t n = 1; catalog_each(k, n, &id, &text); n++)
			assert_same_tags(languages[i], str_z(id.p), str_z(text.p));
		ctx_fini(&c);
		catalog_free(k);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_german_owner_reads_german),
		cmocka_unit_test(a_chinese_owner_reads_chinese),
		cmocka_unit_test(dates_follow_the_language),
		cmocka_unit_test(visitors_read_errors_in_the_sites_language_and_programs_in_english),
		cmocka_unit_test(the_log_says_in_english_what_the_owner_is_told_in_german),
		cmocka_unit_test(the_owners_scripts_are_told_in_the_sites_language),
		cmocka_unit_test(a_language_without_texts_speaks_english),
		cmocka_unit_test(every_page_can_be_said_in_every_language),
		cmocka_unit_test(a_translation_has_the_tags_of_its_original),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
