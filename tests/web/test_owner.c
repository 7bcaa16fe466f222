/*
 * What the owner sees at permalinks where strangers find nothing: drafts, scheduled and private
 * posts, marked as such, kept by nobody.
 */
#include "site.h"

#include <stdio.h>

struct owner {
	struct site *site;
	const char *cookie;
};

static int
owner_setup(void **state)
{
	static struct owner o;

	o.site = site_new("");
	site_owner(o.site);
	o.cookie = site_sign_in(o.site);
	(void)site_post(o.site, "content=secret&mp-slug=draft&post-status=draft");
	(void)site_post(o.site, "content=secret&mp-slug=later&published=2999-01-02T03:04:00Z");
	(void)site_post(o.site, "content=secret&mp-slug=private&visibility=private");
	(void)site_post(o.site, "content=quiet&mp-slug=unlisted&visibility=unlisted");
	(void)site_post(o.site, "content=open&mp-slug=public");
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
seen(const struct owner *o, const char *uri)
{
	return ASK(o->site, .uri = uri, .headers = {{"HTTP_COOKIE", o->cookie}});
}

static void
hidden_posts_are_shown_to_the_owner_alone(void **state)
{
	static const char *const hidden[] = {"/note/draft", "/note/later", "/note/private"};
	struct owner *o = *state;

	for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++) {
		struct answer a = seen(o, hidden[i]);

		assert_int_equal(a.status, 200);
		assert_has(a, "secret");
		assert_header(a, "Cache-Control", "private, no-store");
		assert_header(a, "Vary", "Cookie");
		assert_no_header(a, "ETag");
		assert_no_header(a, "Last-Modified");
		assert_no_header(a, "Access-Control-Allow-Origin");
		assert_header(a, "Cross-Origin-Resource-Policy", "same-origin");
		assert_has(a, "<meta name=\"robots\" content=\"noindex\">");
		assert_lacks(a, "rel=\"canonical\"");
		assert_true(a.read_only);
		a = ASK(o->site, .uri = hidden[i]);
		assert_int_equal(a.status, 404);
		assert_lacks(a, "secret");
	}
}

static void
why_they_are_hidden_stands_on_them(void **state)
{
	struct owner *o = *state;

	assert_has(seen(o, "/note/draft"), "<span>Draft</span>");
	assert_has(seen(o, "/note/later"), "Scheduled for <time datetime=\"2999-01-02T03:04:00Z\">"
					   "2 January 2999, 03:04</time>");
	assert_has(seen(o, "/note/private"), "<span>Private</span>");
	assert_lacks(seen(o, "/note/private"), "Draft");
	assert_lacks(seen(o, "/note/public"), "class=\"state\"");
}

static void
a_cookie_that_is_no_session_opens_nothing(void **state)
{
	static const char *const bad[] = {"__Host-sp=", "__Host-sp=x", "sp=x",
		"__Host-sp=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"};
	struct owner *o = *state;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct answer a = ASK(o->site, .uri = "/note/draft",
			.headers = {{"HTTP_COOKIE", bad[i]}});

		assert_int_equal(a.status, 404);
		assert_int_equal(a.facts.error, ERR_NOT_FOUND);
		assert_lacks(a, "secret");
		assert_header(a, "Cache-Control", "no-store");
	}
	assert_int_equal(seen(o, "/note/nothing").status, 404);
}

/* Before and after the owner looked, for nothing of it may be kept. */
static void
what_the_owner_saw_is_kept_from_strangers(void **state)
{
	struct owner *o = *state;

	for (int i = 0; i < 2; i++) {
		assert_int_equal(seen(o, "/note/draft").status, 200);
		assert_int_equal(ASK(o->site, .uri = "/note/draft").status, 404);
		assert_false(seen(o, "/note/draft").facts.cached);
	}
}

static void
public_pages_are_the_same_for_the_owner(void **state)
{
	struct owner *o = *state;
	struct answer open = ASK(o->site, .uri = "/note/public"), own;

	own = seen(o, "/note/public");
	assert_true(own.facts.cached);
	assert_true(str_eq(open.body, own.body));
	assert_header(own, "Cache-Control", "public, no-cache");
	assert_int_equal(own.facts.auth.n, 0);
}

static void
an_unlisted_post_is_open_and_not_for_search_engines(void **state)
{
	struct owner *o = *state;
	struct answer a = ASK(o->site, .uri = "/note/unlisted");

	assert_int_equal(a.status, 200);
	assert_has(a, "<meta name=\"robots\" content=\"noindex\">");
	assert_lacks(a, "class=\"state\"");
	assert_lacks(ASK(o->site, .uri = "/note/public"), "noindex");
	assert_lacks(ASK(o->site, .uri = "/"), "quiet");
	assert_lacks(ASK(o->site, .uri = "/feed.atom"), "quiet");
}

/* Strangers see what they saw before, out of the cache, whatever the owner looked at meanwhile. */
static void
an_unlisted_post_is_marked_for_the_owner(void **state)
{
	struct owner *o = *state;
	struct answer first = ASK(o->site, .uri = "/note/unlisted"), a;

	for (int i = 0; i < 2; i++) {
		a = seen(o, "/note/unlisted");
		assert_int_equal(a.status, 200);
		assert_has(a, "<span>Unlisted</span>");
		assert_lacks(a, "Nobody else");
		assert_false(a.facts.cached);
		assert_header(a, "Cache-Control", "private, no-store");
		assert_header(a, "Vary", "Cookie");
		assert_no_header(a, "ETag");
		a = ASK(o->site, .uri = "/note/unlisted");
		assert_true(a.facts.cached);
		assert_true(str_eq(a.body, first.body));
	}
	a = ASK(o->site, .uri = "/note/unlisted", .headers = {{"HTTP_COOKIE", "__Host-sp=x"}});
	assert_int_equal(a.status, 200);
	assert_true(str_eq(a.body, first.body));
	assert_header(a, "Cache-Control", "public, no-cache");
	(void)site_post(o->site,
		"content=secret&mp-slug=both&visibility=unlisted&post-status=draft");
	a = seen(o, "/note/both");
	assert_has(a, "<span>Draft</span><span>Unlisted</span> <span class=\"aside\">Nobody else");
	assert_lacks(a, "Only who has");
}

static void
a_deleted_private_post_is_gone_for_the_owner_and_nothing_for_others(void **state)
{
	struct owner *o = *state;
	struct answer a;

	site_sql(o->site, "UPDATE post SET deleted = 1772357400 WHERE slug = 'private'");
	segment_generation_move(o->site->seg);
	a = seen(o, "/note/private");
	assert_int_equal(a.status, 410);
	assert_has(a, "This post was deleted");
	assert_lacks(a, "secret");
	assert_header(a, "Cache-Control", "private, no-store");
	assert_header(a, "Vary", "Cookie");
	assert_int_equal(ASK(o->site, .uri = "/note/private").status, 404);
}

static void
a_former_slug_leads_the_owner_on_and_nobody_else(void **state)
{
	struct owner *o = *state;
	struct site *s = o->site;
	struct answer a = ASK(s, .method = "POST", .uri = "/micropub", .type = "application/json",
		.body = "{\"action\":\"update\",\"url\":\"https://ada.example/note/private\","
			"\"mp-slug\":\"diary\"}",
		.headers = {{"HTTP_AUTHORIZATION", site_bearer(s, s->create)}});

	assert_int_equal(a.status, 201);
	a = seen(o, "/note/private");
	assert_int_equal(a.status, 301);
	assert_header(a, "Location", "https://ada.example/note/diary");
	assert_header(a, "Cache-Control", "private, no-store");
	assert_header(a, "Vary", "Cookie");
	assert_has(seen(o, "/note/diary"), "secret");
	a = ASK(s, .uri = "/note/private");
	assert_int_equal(a.status, 404);
	assert_no_header(a, "Location");
}

static void
nothing_hidden_is_in_lists_even_for_the_owner(void **state)
{
	struct owner *o = *state;

	assert_lacks(seen(o, "/"), "secret");
	assert_lacks(seen(o, "/feed.atom"), "secret");
}

#define T(f) cmocka_unit_test_setup_teardown(f, owner_setup, owner_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(hidden_posts_are_shown_to_the_owner_alone),
		T(why_they_are_hidden_stands_on_them),
		T(a_cookie_that_is_no_session_opens_nothing),
		T(what_the_owner_saw_is_kept_from_strangers),
		T(public_pages_are_the_same_for_the_owner),
		T(an_unlisted_post_is_open_and_not_for_search_engines),
		T(an_unlisted_post_is_marked_for_the_owner),
		T(a_deleted_private_post_is_gone_for_the_owner_and_nothing_for_others),
		T(a_former_slug_leads_the_owner_on_and_nobody_else),
		T(nothing_hidden_is_in_lists_even_for_the_owner),
	};

	return cmocka_run_group_tests_name("web/owner", tests, NULL, NULL);
}
