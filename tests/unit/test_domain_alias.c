/*
 * Old addresses: what may be written, what finds them, and what leads nowhere.
 */
#include "domain_fixture.h"

#include "domain/alias.h"

/* A row of these, refused where the test says so. */
static enum err
make(struct site *s, const char *from, const char *to, int status, struct alias_row *out)
{
	enum err err = alias_make(&s->c, str_z(from), str_z(to), status, out);

	err_clear(&s->c);
	return err;
}

static enum err
put(struct site *s, const char *from, const char *to)
{
	size_t changed, bad;
	struct alias_row row;
	enum err err;

	assert_ok(s, alias_make(&s->c, str_z(from), str_z(to), 0, &row));
	err = alias_put(&s->c, s->db, &row, 1, &changed, &bad);
	err_clear(&s->c);
	return err;
}

/* Where an address leads; "gone", or NULL: nowhere. */
static const char *
way(struct site *s, const char *path, const char *query)
{
	struct alias_way found;
	enum err err = alias_find(&s->c, s->db, str_z(path), str_z(query), &found);

	err_clear(&s->c);
	if (err == ERR_NOT_FOUND)
		return NULL;
	assert_int_equal(err, OK);
	return found.url.n > 0 ? found.url.p : "gone";
}

#define assert_way(s, path, query, want) assert_string_equal(way((s), (path), (query)), (want))
#define assert_no_way(s, path, query) assert_null(way((s), (path), (query)))

/* ---- finding --------------------------------------------------------------------------------- */

static void
a_path_leads_on_with_its_query(void **state)
{
	struct site *s = *state;

	assert_int_equal(put(s, "/2019/05/rain.html", "/note/rain"), OK);
	assert_way(s, "/2019/05/rain.html", "", "https://ada.example/note/rain");
	assert_way(s, "/2019/05/rain.html", "utm=x", "https://ada.example/note/rain?utm=x");
	assert_no_way(s, "/2019/05/rain", "");
	assert_no_way(s, "/2019/05", "");
}

static void
a_query_names_a_page_of_its_own(void **state)
{
	struct site *s = *state;

	assert_int_equal(put(s, "/?p=123", "/note/rain"), OK);
	assert_int_equal(put(s, "/index.php?p=7", "https://else.example/a?b=c"), OK);
	assert_way(s, "/", "p=123", "https://ada.example/note/rain");
	assert_way(s, "/", "p=123&from=mail", "https://ada.example/note/rain");
	assert_way(s, "/index.php", "p=7", "https://else.example/a?b=c");
	assert_no_way(s, "/", "p=1234");
	assert_no_way(s, "/", "");
	assert_no_way(s, "/index.php", "");
	assert_no_way(s, "/index.php", "p=8");
}

static void
a_star_takes_all_below_and_the_longest_wins(void **state)
{
	struct site *s = *state;

	assert_int_equal(put(s, "/blog/*", "/note/*"), OK);
	assert_int_equal(put(s, "/blog/tags/*", "/tag/*"), OK);
	assert_int_equal(put(s, "/blog/tags/old", "/archive"), OK);
	assert_int_equal(put(s, "/wiki/*", "https://wiki.example/of/*?from=ada"), OK);
	assert_int_equal(put(s, "/shop/*", ""), OK);
	assert_way(s, "/blog/rain", "", "https://ada.example/note/rain");
	assert_way(s, "/blog/a/b", "", "https://ada.example/note/a/b");
	assert_way(s, "/blog/tags/rain", "", "https://ada.example/tag/rain");
	assert_way(s, "/blog/tags/old", "", "https://ada.example/archive");
	assert_way(s, "/wiki/x%20y", "q=1", "https://wiki.example/of/x%20y?from=ada");
	assert_way(s, "/shop/cart", "", "gone");
	assert_way(s, "/shop", "", "gone");
	assert_no_way(s, "/blogs", "");
}

static void
one_address_is_found_however_it_is_spelt(void **state)
{
	struct site *s = *state;

	assert_int_equal(put(s, "https://ada.example/caf\xc3\xa9/", "/note/cafe"), OK);
	assert_way(s, "/caf%C3%A9", "", "https://ada.example/note/cafe");
	assert_way(s, "/caf%c3%a9/", "", "https://ada.example/note/cafe");
	assert_way(s, "//c%61f%c3%a9", "", "https://ada.example/note/cafe");
	assert_no_way(s, "/caf%C3", "");
}

/* The star that a visitor writes is none. */
static void
no_visitor_asks_for_a_star_or_for_another_host(void **state)
{
	struct site *s = *state;

	assert_int_equal(put(s, "/go/*", "https://else.example/*"), OK);
	assert_int_equal(put(s, "/old/*", "/*"), OK);
	assert_way(s, "/go/*", "", "https://else.example/%2A");
	assert_way(s, "/go//evil.example", "", "https://else.example/evil.example");
	assert_way(s, "/old/%40evil.example", "", "https://ada.example/%40evil.example");
	assert_no_way(s, "/go/..%2f", "");
	assert_no_way(s, "/go/%5Cevil", "");
	assert_no_way(s, "/go/%0d%0aX:y", "");
	assert_no_way(s, "/go/../x", "");
	assert_way(s, "/go/a", "x=\"\\<\xc3\xa9", "https://else.example/a?x=%22%5C%3C%C3%A9");
}

/* ---- writing --------------------------------------------------------------------------------- */

static void
what_cannot_be_an_address_is_refused(void **state)
{
	static const char *const bad[][2] = {{"", "/x"}, {"rain", "/x"}, {"/", "/x"}, {"//x", "/x"},
		{"https://else.example/a", "/x"}, {"/a\\b", "/x"}, {"/a/../b", "/x"}, {"/%00", "/x"},
		{"/admin", "/x"}, {"/admin/x", "/x"}, {"/micropub", "/x"}, {"/media/a.jpg", "/x"},
		{"/static/*", "/x"}, {"/a", "x"}, {"/a", "//x"}, {"/a", "javascript:alert(1)"},
		{"/a", "/\\evil.example"}, {"/a", "https://"}, {"/a", "https://ada@evil.example/"},
		{"/a", "/b/*"}, {"/a/*", "/b*"}, {"/a/*", "https://*/"}, {"/a/*", "https://e.example*"},
		{"/a/*", "/b/*/*"}, {"/a/*?x=1", "/b"}, {"/a", "ftp://a.example/"}};
	struct site *s = *state;
	struct alias_row row;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (make(s, bad[i][0], bad[i][1], 0, &row) != ERR_ALIAS)
			fail_msg("'%s' to '%s'", bad[i][0], bad[i][1]);
	assert_int_equal(make(s, "/a", "/b", 200, &row), ERR_ALIAS);
	assert_int_equal(make(s, "/a", "/b", 410, &row), ERR_ALIAS);
	assert_int_equal(make(s, "/a", "", 301, &row), ERR_ALIAS);
	assert_int_equal(make(s, "/administration", "/b", 308, &row), OK);
	assert_int_equal(row.status, 308);
}

static void
a_line_of_a_file_is_old_new_and_a_status(void **state)
{
	static const struct {
		const char *line, *from, *to;
		int status;
	} good[] = {
		{"/a /b", "/a", "/b", 301},
		{"  /a\t/b  302\r\n", "/a", "/b", 302},
		{"/a,/b,308\n", "/a", "/b", 308},
		{"\"/a\", \"/b\"", "/a", "/b", 301},
		{"/a /b;", "/a", "/b", 301},
		{"/a gone", "/a", "", 410},
		{"/a 410", "/a", "", 410},
	};
	static const char *const bad[] = {"/a", "/a /b x", "/a /b 301 more", "/a /b 0", "a b"};
	struct site *s = *state;
	struct alias_row row;
	bool none;

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_ok(s, alias_parse(&s->c, str_z(good[i].line), &row, &none));
		assert_false(none);
		assert_str(row.source, good[i].from);
		assert_str(row.target, good[i].to);
		assert_int_equal(row.status, good[i].status);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (alias_parse(&s->c, str_z(bad[i]), &row, &none) != ERR_ALIAS)
			fail_msg("'%s'", bad[i]);
		err_clear(&s->c);
	}
	assert_ok(s, alias_parse(&s->c, S("  # old ones\n"), &row, &none));
	assert_true(none);
	assert_ok(s, alias_parse(&s->c, S(" \n"), &row, &none));
	assert_true(none);
}

/* ---- circles --------------------------------------------------------------------------------- */

static void
what_would_lead_in_a_circle_is_refused(void **state)
{
	struct site *s = *state;

	assert_int_equal(put(s, "/a", "/a"), ERR_ALIAS_CIRCLE);
	assert_int_equal(put(s, "/a", "/b"), OK);
	assert_int_equal(put(s, "/b", "/c"), OK);
	assert_int_equal(put(s, "/c", "/a"), ERR_ALIAS_CIRCLE);
	assert_no_way(s, "/c", "");
	assert_int_equal(put(s, "/x/*", "/y/*"), OK);
	assert_int_equal(put(s, "/y/*", "/x/*"), ERR_ALIAS_CIRCLE);
	assert_int_equal(put(s, "/z/*", "/z/z/*"), ERR_ALIAS_CIRCLE);
	assert_int_equal(put(s, "/w/*", "https://ada.example/w/*"), ERR_ALIAS_CIRCLE);
	assert_way(s, "/a", "", "https://ada.example/b");
}

/* One that nobody could see when it was written. */
static void
a_circle_that_is_there_leads_nowhere(void **state)
{
	struct site *s = *state;

	assert_int_equal(put(s, "/b/rain", "/a/rain"), OK);
	assert_int_equal(put(s, "/a/*", "/b/*"), OK);
	assert_no_way(s, "/a/rain", "");
	assert_no_way(s, "/b/rain", "");
	assert_way(s, "/a/sun", "", "https://ada.example/b/sun");
}

/* ---- changing -------------------------------------------------------------------------------- */

static void
all_of_them_or_none_are_put(void **state)
{
	struct site *s = *state;
	struct alias_row rows[3];
	size_t changed, bad;

	assert_ok(s, alias_make(&s->c, S("/a"), S("/b"), 0, &rows[0]));
	assert_ok(s, alias_make(&s->c, S("/c"), S("/c"), 0, &rows[1]));
	assert_ok(s, alias_make(&s->c, S("/d"), S(""), 0, &rows[2]));
	assert_int_equal(alias_put(&s->c, s->db, rows, 3, &changed, &bad), ERR_ALIAS_CIRCLE);
	assert_int_equal(bad, 1);
	err_clear(&s->c);
	assert_no_way(s, "/a", "");
	assert_ok(s, alias_make(&s->c, S("/c"), S("/e"), 302, &rows[1]));
	assert_ok(s, alias_put(&s->c, s->db, rows, 3, &changed, &bad));
	assert_int_equal(changed, 3);
	assert_ok(s, alias_put(&s->c, s->db, rows, 3, &changed, &bad));
	assert_int_equal(changed, 0);
	assert_way(s, "/a", "", "https://ada.example/b");
}

static void
a_removed_one_leads_nowhere(void **state)
{
	struct site *s = *state;

	assert_int_equal(put(s, "/a/*", "/b"), OK);
	assert_ok(s, alias_remove(&s->c, s->db, S("/a/*")));
	assert_no_way(s, "/a/x", "");
	assert_int_equal(alias_remove(&s->c, s->db, S("/a/*")), ERR_NOT_FOUND);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(a_path_leads_on_with_its_query),
		SITE_TEST(a_query_names_a_page_of_its_own),
		SITE_TEST(a_star_takes_all_below_and_the_longest_wins),
		SITE_TEST(one_address_is_found_however_it_is_spelt),
		SITE_TEST(no_visitor_asks_for_a_star_or_for_another_host),
		SITE_TEST(what_cannot_be_an_address_is_refused),
		SITE_TEST(a_line_of_a_file_is_old_new_and_a_status),
		SITE_TEST(what_would_lead_in_a_circle_is_refused),
		SITE_TEST(a_circle_that_is_there_leads_nowhere),
		SITE_TEST(all_of_them_or_none_are_put),
		SITE_TEST(a_removed_one_leads_nowhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
