/*
 * Settings that change while the site runs: that every page, feed and query shows them at once, that
 * what is refused changes nothing, and that they cost nothing while nothing changes.
 */
#include "site.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#define FORM "application/x-www-form-urlencoded"

struct owner {
	struct site *site;
	const char *cookie, *csrf;
};

static int
owner_setup(void **state)
{
	static struct owner o;

	o.site = site_new("author_note = \"Out of the file\"");
	site_owner(o.site);
	o.cookie = site_sign_in(o.site);
	o.csrf = site_csrf(o.site, o.cookie);
	(void)site_post(o.site, "content=x&mp-slug=x&category=t");
	*state = &o;
	return 0;
}

static int
owner_teardown(void **state)
{
	site_free(((struct owner *)*state)->site);
	return 0;
}

static struct answer
page(const struct owner *o)
{
	return ASK(o->site, .uri = "/admin/settings", .headers = {{"HTTP_COOKIE", o->cookie}});
}

static struct answer
send(const struct owner *o, const char *csrf, const char *version, const char *fields)
{
	char body[4096];

	(void)snprintf(body, sizeof(body), "csrf=%s&version=%s&%s", csrf, version, fields);
	return ASK(o->site, .method = "POST", .uri = "/admin/settings", .type = FORM, .body = body,
		.headers = {{"HTTP_COOKIE", o->cookie}});
}

static const char *
version(const struct owner *o)
{
	return site_between(o->site, page(o).body, "name=\"version\" value=\"", "\"");
}

static struct answer
save(const struct owner *o, const char *fields)
{
	return send(o, o->csrf, version(o), fields);
}

static void
assert_saved(const struct owner *o, const char *fields)
{
	struct answer a = save(o, fields);

	assert_int_equal(a.status, 303);
	assert_header(a, "Location", "https://ada.example/admin/settings?done=settings-saved");
}

static struct answer
config_query(const struct owner *o)
{
	return ASK(o->site, .uri = "/micropub?q=config",
		.headers = {{"HTTP_AUTHORIZATION", site_bearer(o->site, o->site->create)}});
}

/* ---- what they are for ------------------------------------------------------------------- */

static void
a_new_name_shows_everywhere_at_once(void **state)
{
	static const char *const pages[] = {"/", "/note/x", "/tag/t", "/feed.atom"};
	struct owner *o = *state;

	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++)
		assert_has(ASK(o->site, .uri = pages[i]), "Ada writes");
	assert_saved(o, "site_name=Rain+%26+Sun");
	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
		assert_lacks(ASK(o->site, .uri = pages[i]), "Ada writes");
		assert_has(ASK(o->site, .uri = pages[i]), "Rain &amp; Sun");
	}
	assert_has(config_query(o), "\"name\":\"Rain & Sun\"");
	assert_has(page(o), "Rain &amp; Sun");
	assert_has(ASK(o->site, .uri = "/nothing"), "Rain &amp; Sun");
	assert_has(ASK(o->site, .uri = "/admin/login"), "Rain &amp; Sun");
}

static void
who_has_an_older_page_or_feed_is_given_the_new_one(void **state)
{
	static const char *const pages[] = {"/", "/feed.atom"};
	struct owner *o = *state;

	for (size_t i = 0; i < 2; i++) {
		struct answer a = ASK(o->site, .uri = pages[i]), b;
		struct str etag = answer_header(&a, "ETag");
		char tag[64], name[64];

		(void)snprintf(tag, sizeof(tag), "%.*s", STR(etag));
		(void)snprintf(name, sizeof(name), "author_name=Ada+%zu", i);
		b = ASK(o->site, .uri = pages[i], .headers = {{"HTTP_IF_NONE_MATCH", tag}});
		assert_int_equal(b.status, 304);
		assert_saved(o, name);
		b = ASK(o->site, .uri = pages[i], .headers = {{"HTTP_IF_NONE_MATCH", tag}});
		assert_int_equal(b.status, 200);
		assert_has(b, "Ada ");
	}
}

static void
nothing_is_read_anew_while_nothing_changes(void **state)
{
	struct owner *o = *state;
	struct answer a;

	(void)ASK(o->site, .uri = "/feed.atom");
	a = ASK(o->site, .uri = "/feed.atom");
	/* BEGIN, the site's state, the posts, and its end. */
	assert_int_equal(a.facts.db_queries, 4);
	(void)ASK(o->site, .uri = "/");
	a = ASK(o->site, .uri = "/");
	assert_true(a.facts.cached);
	assert_int_equal(a.facts.db_queries, 0);
	(void)config_query(o);
	a = config_query(o);
	assert_saved(o, "site_name=Other");
	assert_int_equal(config_query(o).facts.db_queries, a.facts.db_queries + 3);
	assert_int_equal(config_query(o).facts.db_queries, a.facts.db_queries);
}

/* A post moves the generation, too: then a look at the version is enough. */
static void
after_a_post_one_statement_finds_that_they_are_the_same(void **state)
{
	struct owner *o = *state;
	struct answer before;

	(void)config_query(o);
	before = config_query(o);
	(void)site_post(o->site, "content=y");
	assert_int_equal(config_query(o).facts.db_queries, before.facts.db_queries + 1);
	assert_int_equal(config_query(o).facts.db_queries, before.facts.db_queries);
}

/* What another worker or a shell has changed is seen as soon as the site is known to have moved. */
static void
a_change_by_another_process_is_seen(void **state)
{
	struct owner *o = *state;

	(void)ASK(o->site, .uri = "/");
	site_sql(o->site, "INSERT INTO setting VALUES ('site_name', 'From elsewhere', 0)");
	segment_generation_move(o->site->seg);
	assert_has(ASK(o->site, .uri = "/"), "From elsewhere");
	site_sql(o->site, "INSERT INTO setting VALUES ('of_a_later_version', 'x', 0)");
	segment_generation_move(o->site->seg);
	assert_has(ASK(o->site, .uri = "/"), "From elsewhere");
}

static void
links_stand_where_readers_and_machines_look_for_them(void **state)
{
	struct owner *o = *state;
	struct answer a = ASK(o->site, .uri = "/");

	assert_lacks(a, "elsewhere-me");
	assert_saved(o, "rel_me.label=Code&rel_me.url=https://code.example/ada?a%3D1%26b"
			"&rel_me.label=Mail&rel_me.url=mailto:ada@ada.example"
			"&navigation.label=%3CMusic%3E&navigation.url=/tag/music"
			"&navigation.label=Shop&navigation.url=https://shop.example/");
	a = ASK(o->site, .uri = "/");
	assert_has(a, "<a class=\"u-url\" rel=\"me\" "
		      "href=\"https://code.example/ada?a=1&amp;b\" dir=\"auto\">Code</a>");
	assert_has(a, "rel=\"me\" href=\"mailto:ada@ada.example\"");
	assert_has(a, "<a href=\"/tag/music\" dir=\"auto\">&lt;Music&gt;</a>\n"
		      "<a href=\"https://shop.example/\" dir=\"auto\">Shop</a>");
	a = ASK(o->site, .uri = "/note/x");
	assert_has(a, "<a href=\"/tag/music\"");
	assert_lacks(a, "code.example");
}

static void
a_value_goes_back_to_the_file(void **state)
{
	struct owner *o = *state;
	struct answer a;

	assert_has(ASK(o->site, .uri = "/"), "Out of the file");
	assert_saved(o, "author_note=Typed");
	a = page(o);
	assert_has(a, "the configuration says <q dir=\"auto\">Out of the file</q>");
	assert_saved(o, "author_note=Typed+anew&site_name=Kept&do=back-author_note");
	a = ASK(o->site, .uri = "/");
	assert_has(a, "Out of the file");
	assert_has(a, "Kept");
	assert_lacks(page(o), "Out of the file</q>");
	/* The same words as the file's are the file's. */
	assert_saved(o, "site_name=Ada+writes");
	assert_lacks(page(o), "the configuration says");
	/* Empty is a value, too. */
	assert_saved(o, "author_note=");
	assert_lacks(ASK(o->site, .uri = "/"), "Out of the file");
}

static void
the_author_follows_the_site_while_without_a_name(void **state)
{
	struct owner *o = *state;

	assert_saved(o, "site_name=Rain&author_name=");
	assert_has(ASK(o->site, .uri = "/feed.atom"), "<author>\n<name>Rain</name>");
}

static void
links_move_and_go(void **state)
{
	static const char *const three = "navigation.label=A&navigation.url=/a&"
					 "navigation.label=B&navigation.url=/b&"
					 "navigation.label=C&navigation.url=/c&do=";
	struct owner *o = *state;
	char fields[256];

	(void)snprintf(fields, sizeof(fields), "%sup-navigation-3", three);
	assert_saved(o, fields);
	assert_has(ASK(o->site, .uri = "/"), ">A</a>\n<a href=\"/c\" dir=\"auto\">C</a>\n"
					     "<a href=\"/b\" dir=\"auto\">B</a>");
	(void)snprintf(fields, sizeof(fields), "%sdrop-navigation-1", three);
	assert_saved(o, fields);
	assert_lacks(ASK(o->site, .uri = "/"), ">A</a>");
	assert_has(ASK(o->site, .uri = "/"), ">B</a>");
	(void)snprintf(fields, sizeof(fields), "%sup-navigation-4", three);
	assert_saved(o, fields);
	assert_saved(o, "navigation.label=&navigation.url=&navigation.label=+&navigation.url=");
	assert_lacks(ASK(o->site, .uri = "/"), ">B</a>");
}

/* ---- what is refused --------------------------------------------------------------------- */

static void
what_is_not_possible_changes_nothing_and_comes_back(void **state)
{
	static const struct {
		const char *fields, *shown;
	} bad[] = {
		{"site_name=+", "A site has a name."},
		{"author_photo=javascript:alert(1)", "value=\"javascript:alert(1)\""},
		{"author_photo=http://ada.example.org/a.jpg", "begins with https://"},
		{"author_photo=/static/style.css", "Of this site only"},
		{"author_photo=/media/ab/none.jpg", "no such file"},
		{"author_email=ada", "This is no e-mail address."},
		{"author_email=ada@a%0Ab.example", "This is no e-mail address."},
		{"rel_me.label=A&rel_me.url=javascript:alert(1)", "value=\"javascript:alert(1)\""},
		{"rel_me.label=A&rel_me.url=/tag/a", "mailto:"},
		{"rel_me.label=A&rel_me.url=mailto:nobody", "mailto:"},
		{"rel_me.label=&rel_me.url=https://a.example/", "Say what the link is to be called."},
		{"navigation.label=A&navigation.url=", "Say where the link leads."},
		{"navigation.label=A&navigation.url=%20javascript:alert(1)", "a path of this site"},
		{"navigation.label=A&navigation.url=//evil.example/", "a path of this site"},
		{"navigation.label=A&navigation.url=/%5Cevil.example/", "a path of this site"},
		{"navigation.label=A&navigation.url=data:text/html,x", "a path of this site"},
		{"navigation.label=A&navigation.url=/a%0Ajavascript:x", "a path of this site"},
	};
	struct owner *o = *state;
	char fields[512];

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct answer a;

		(void)snprintf(fields, sizeof(fields), "author_name=Typed+too&%s", bad[i].fields);
		a = save(o, fields);
		assert_int_equal(a.status, 422);
		assert_has(a, bad[i].shown);
		assert_has(a, "aria-invalid=\"true\"");
		assert_has(a, "value=\"Typed too\"");
		assert_lacks(ASK(o->site, .uri = "/"), "Typed too");
	}
	assert_lacks(ASK(o->site, .uri = "/"), "javascript");
}

static void
what_is_too_long_or_too_much_is_refused(void **state)
{
	struct owner *o = *state;
	char fields[2048];
	size_t n = 0;

	(void)snprintf(fields, sizeof(fields), "site_name=%0101d", 0);
	assert_has(save(o, fields), "This is too long.");
	(void)snprintf(fields, sizeof(fields), "site_name=%0100d", 0);
	assert_saved(o, fields);
	for (int i = 0; i < 13; i++)
		n += (size_t)snprintf(fields + n, sizeof(fields) - n,
			"navigation.label=%d&navigation.url=/%d&", i, i);
	assert_has(save(o, fields), "These are too many.");
}

static void
a_form_that_is_not_ours_changes_nothing(void **state)
{
	struct owner *o = *state;
	struct answer a = send(o, "wrong", version(o), "site_name=Evil");

	assert_int_equal(a.status, 403);
	a = ASK(o->site, .method = "POST", .uri = "/admin/settings", .type = FORM,
		.body = "site_name=Evil");
	assert_int_equal(a.status, 303);
	assert_header(a, "Location", "https://ada.example/admin/login");
	assert_lacks(ASK(o->site, .uri = "/"), "Evil");
	assert_int_equal(ASK(o->site, .uri = "/admin/settings").status, 303);
}

static void
of_two_windows_the_second_is_told_of_the_first(void **state)
{
	struct owner *o = *state;
	const char *both = version(o), *now;
	struct answer a = send(o, o->csrf, both, "site_name=First");

	assert_int_equal(a.status, 303);
	a = send(o, o->csrf, both, "site_name=Second");
	assert_int_equal(a.status, 409);
	assert_has(a, "changed elsewhere");
	assert_has(a, "value=\"Second\"");
	assert_has(ASK(o->site, .uri = "/"), "First");
	now = site_between(o->site, a.body, "name=\"version\" value=\"", "\"");
	assert_int_equal(send(o, o->csrf, now, "site_name=Second").status, 303);
	assert_has(ASK(o->site, .uri = "/"), "Second");
	assert_int_equal(send(o, o->csrf, "", "site_name=Third").status, 409);
}

static void
keys_and_no_values_stand_in_log_and_trail(void **state)
{
	struct owner *o = *state;
	struct str log;
	struct answer a;

	assert_saved(o, "author_email=secret@ada.example&author_name=Secret&site_name=Ada+writes");
	log = site_log(o->site);
	assert_true(str_search(log, S("\"event\":\"settings_changed\""), 0) < log.n);
	assert_true(str_search(log, S("\"keys\":\"author_name author_email\""), 0) < log.n);
	assert_true(str_search(log, S("ecret"), 0) == log.n);
	a = save(o, "author_name=Secret");
	assert_header(a, "Location", "https://ada.example/admin/settings?done=settings-same");
	log = site_log(o->site);
	assert_true(str_search(log, S("\"keys\":\"author_name\""), 0) == log.n);
}

/* ---- several at once --------------------------------------------------------------------- */

enum { READERS = 4, CHANGES = 30, TRIES = 100000, PAGE = 64 * 1024 };

struct reader {
	struct site *site;
	struct ctx c;
	struct facts facts;
	atomic_bool *end;
	char page[PAGE];
	size_t n;
	int good, torn;
};

static ssize_t
reader_read(void *self, void *p, size_t n)
{
	(void)self;
	(void)p;
	(void)n;
	return 0;
}

static bool
reader_write(void *self, const void *p, size_t n)
{
	struct reader *r = self;

	if (r->n + n > PAGE)
		return false;
	memcpy(r->page + r->n, p, n);
	r->n += n;
	return true;
}

static struct str
between(struct str text, const char *before, const char *after)
{
	size_t from = str_search(text, str_z(before), 0) + strlen(before);

	return str_sub(text, from, str_search(text, str_z(after), from));
}

/* Reads the home page over and over; its title and its head are to be of one moment. */
static void *
read_pages(void *arg)
{
	const struct pair params[] = {{S("REQUEST_METHOD"), S("GET")}, {S("REQUEST_URI"), S("/")},
		{S("REMOTE_ADDR"), S("192.0.2.1")}};
	struct reader *r = arg;

	for (int i = 0; i < TRIES && (r->good == 0 || !atomic_load(r->end)); i++) {
		struct io io = {.self = r, .read = reader_read, .write = reader_write};
		struct str page;

		r->n = 0;
		r->c.facts = &r->facts;
		(void)web_handle(r->site->web, &r->c, params, sizeof(params) / sizeof(params[0]), &io);
		ctx_reset(&r->c);
		page = str_n(r->page, r->n);
		if (r->facts.status != 200)
			continue;
		r->good++;
		if (!str_eq(between(page, "<title>", "</title>"),
			    between(page, "rel=\"home\" dir=\"auto\">", "</a>")))
			r->torn++;
	}
	return NULL;
}

static void
a_page_shows_one_state_while_others_change_it(void **state)
{
	static struct reader readers[READERS];
	struct owner *o = *state;
	pthread_t threads[READERS];
	atomic_bool end = false;

	for (int i = 0; i < READERS; i++) {
		readers[i] = (struct reader){.site = o->site, .end = &end};
		ctx_init(&readers[i].c, 32 << 20);
		readers[i].c.cfg = o->site->cfg;
		readers[i].c.log = o->site->log;
		readers[i].c.metrics = o->site->metrics;
		assert_int_equal(pthread_create(&threads[i], NULL, read_pages, &readers[i]), 0);
	}
	for (int i = 0; i < CHANGES; i++) {
		site_sql(o->site, i % 2 ? "UPDATE setting SET value = value || 'x'"
					: "INSERT OR REPLACE INTO setting VALUES ('site_name', 'y', 0)");
		segment_generation_move(o->site->seg);
		(void)ASK(o->site, .uri = "/feed.atom");
	}
	atomic_store(&end, true);
	for (int i = 0; i < READERS; i++) {
		assert_int_equal(pthread_join(threads[i], NULL), 0);
		ctx_fini(&readers[i].c);
		assert_true(readers[i].good > 0);
		assert_int_equal(readers[i].torn, 0);
	}
}

#define T(f) cmocka_unit_test_setup_teardown(f, owner_setup, owner_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_new_name_shows_everywhere_at_once),
		T(who_has_an_older_page_or_feed_is_given_the_new_one),
		T(nothing_is_read_anew_while_nothing_changes),
		T(after_a_post_one_statement_finds_that_they_are_the_same),
		T(a_change_by_another_process_is_seen),
		T(links_stand_where_readers_and_machines_look_for_them),
		T(a_value_goes_back_to_the_file),
		T(the_author_follows_the_site_while_without_a_name),
		T(links_move_and_go),
		T(what_is_not_possible_changes_nothing_and_comes_back),
		T(what_is_too_long_or_too_much_is_refused),
		T(a_form_that_is_not_ours_changes_nothing),
		T(of_two_windows_the_second_is_told_of_the_first),
		T(keys_and_no_values_stand_in_log_and_trail),
		T(a_page_shows_one_state_while_others_change_it),
	};

	return cmocka_run_group_tests_name("web/settings", tests, NULL, NULL);
}
