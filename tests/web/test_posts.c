/*
 * The owner's list of posts, what is done from it, and what is shared to the composer.
 */
#include "compose.h"

static void
shelves_hold_what_they_are_called(void **state)
{
	static const struct {
		const char *uri;
		const char *has[3], *lacks[4];
	} shelves[] = {
		{"/admin/posts", {"open rain", "unready", "to come"}, {"thrown away"}},
		{"/admin/posts?status=published", {"open rain"}, {"unready", "to come", "thrown away"}},
		{"/admin/posts?status=draft", {"unready"}, {"open rain", "to come", "thrown away"}},
		{"/admin/posts?status=scheduled", {"to come", "2 January 2999"},
			{"open rain", "unready", "thrown away"}},
		{"/admin/posts?status=trash", {"thrown away", "Restore"},
			{"open rain", "unready", "to come"}},
		{"/admin/posts?q=RAIN", {"open rain"}, {"unready", "to come"}},
		{"/admin/posts?tag=Weather", {"open rain"}, {"unready", "to come"}},
		{"/admin/posts?type=article", {"Nothing fits."}, {"open rain", "unready"}},
		{"/admin/posts?q=100%25", {"Nothing fits."}, {"open rain"}},
		{"/admin/posts?q=_nready", {"Nothing fits."}, {"unready</a>"}},
	};
	struct desk *d = *state;

	(void)site_post(d->site, "content=open+rain&category=weather");
	(void)site_post(d->site, "content=unready&post-status=draft");
	(void)site_post(d->site, "content=to+come&published=2999-01-02T03:04:00Z");
	(void)site_post(d->site, "content=thrown+away&mp-slug=thrown");
	assert_int_equal(send_to(d, "/admin/posts", "post=thrown&do=delete").status, 303);
	for (size_t i = 0; i < sizeof(shelves) / sizeof(shelves[0]); i++) {
		struct answer a = look(d, shelves[i].uri);

		assert_int_equal(a.status, 200);
		for (size_t j = 0; j < 3 && shelves[i].has[j]; j++)
			assert_has(a, shelves[i].has[j]);
		for (size_t j = 0; j < 4 && shelves[i].lacks[j]; j++)
			assert_lacks(a, shelves[i].lacks[j]);
	}
}

static void
a_post_is_deleted_restored_and_published_from_the_list(void **state)
{
	struct desk *d = *state;
	struct answer a;

	(void)site_post(d->site, "content=x&mp-slug=p&post-status=draft");
	a = send_to(d, "/admin/posts", "post=p&do=publish&shelf=draft");
	assert_header(a, "Location", "https://ada.example/admin/posts?status=draft&done=post-published");
	assert_int_equal(ASK(d->site, .uri = "/note/p").status, 200);
	a = send_to(d, "/admin/posts", "post=p&do=delete&shelf=all");
	assert_header(a, "Location", "https://ada.example/admin/posts?status=all&done=post-deleted");
	assert_int_equal(ASK(d->site, .uri = "/note/p").status, 410);
	a = send_to(d, "/admin/posts", "post=p&do=restore&shelf=trash");
	assert_header(a, "Location", "https://ada.example/admin/posts?status=trash&done=post-restored");
	assert_int_equal(ASK(d->site, .uri = "/note/p").status, 200);
	(void)site_post(d->site, "content=y&mp-slug=q&published=2999-01-02T03:04:00Z");
	assert_int_equal(send_to(d, "/admin/posts", "post=q&do=publish").status, 303);
	assert_int_equal(ASK(d->site, .uri = "/note/q").status, 200);
	assert_int_equal(send_to(d, "/admin/posts", "post=p&do=burn").status, 400);
	assert_int_equal(send_to(d, "/admin/posts", "post=never&do=delete").status, 400);
	assert_int_equal(look(d, "/admin/posts?do=delete&post=p").status, 200);
	assert_int_equal(ASK(d->site, .uri = "/note/p").status, 200);
}

static void
the_list_goes_on_behind_its_last_post(void **state)
{
	struct desk *d = *state;
	struct answer a;
	const char *older;

	for (int i = 0; i < 45; i++)
		(void)site_post(d->site, arena_printf(&d->site->kept,
			"content=number+%02d&mp-slug=n%02d&category=%s", i, i, i % 3 ? "x" : "three").p);
	a = look(d, "/admin/posts");
	assert_has(a, "number 44");
	assert_has(a, "number 25");
	assert_lacks(a, "number 24");
	assert_has(a, "<a rel=\"next\" href=\"/admin/posts?status=all&amp;after=n25\">");
	a = look(d, "/admin/posts?after=n05");
	assert_has(a, "number 04");
	assert_has(a, "number 00");
	assert_lacks(a, "rel=\"next\"");
	a = look(d, "/admin/posts?tag=three&after=n12");
	assert_has(a, "number 09");
	assert_lacks(a, "number 10");
	a = look(d, "/admin/posts?after=nothing");
	assert_int_equal(a.status, 404);
	for (int i = 0; i < 21; i++)
		assert_int_equal(send_to(d, "/admin/posts", arena_printf(&d->site->kept,
			"post=n%02d&do=delete", i).p).status, 303);
	a = look(d, "/admin/posts?status=trash");
	older = site_between(d->site, a.body, "rel=\"next\" href=\"", "\"");
	assert_string_equal(older, "/admin/posts?status=trash&amp;after=n01");
	a = look(d, "/admin/posts?status=trash&after=n01");
	assert_has(a, "number 00");
	assert_lacks(a, "number 01");
}

static void
a_search_says_how_far_it_has_looked(void **state)
{
	struct desk *d = *state;
	struct answer a;

	(void)site_post(d->site, "content=hidden+needle&mp-slug=needle&published=2001-01-01T00:00:00Z");
	(void)site_post(d->site, "content=hay&mp-slug=hay");
	site_sql(d->site, "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 2100)"
		"INSERT INTO post (uid, slug, type, status, visibility, published, published_zone, updated,"
		"deleted, client, tags, name, summary, html, text, mf2, rich) SELECT '/note/h' || i, 'h' || i,"
		"'note', 1, 0, 1500000000 + i, 0, 0, 0, '', '', '', '', 'hay', 'hay', mf2, 0 FROM n, post"
		" WHERE slug = 'hay'");
	a = look(d, "/admin/posts?q=needle");
	assert_has(a, "2000 posts were looked through.");
	assert_lacks(a, "hidden needle");
	a = look(d, "/admin/posts?q=needle&after=h102");
	assert_has(a, "hidden needle");
	assert_lacks(a, "were looked through");
}

/* ---- what is shared ---------------------------------------------------------------------- */

static void
what_is_shared_fills_a_form_and_stores_nothing(void **state)
{
	static const struct {
		const char *uri, *has[3];
	} shared[] = {
		{"/admin/share?title=A+page&url=https://b.example/1&text=Good",
			{"<h1>New bookmark</h1>", "name=\"bookmark-of\" value=\"https://b.example/1\"",
				">\nGood</textarea>"}},
		{"/admin/share?title=A+page&text=Look:+https://b.example/1",
			{"name=\"bookmark-of\" value=\"https://b.example/1\"", "value=\"A page\"",
				">\nLook:</textarea>"}},
		{"/admin/share?type=reply&title=A+page&url=https://b.example/1",
			{"<h1>New reply</h1>", "name=\"in-reply-to\" value=\"https://b.example/1\"",
				">\n</textarea>"}},
		{"/admin/share?text=Only+words", {"<h1>New note</h1>", ">\nOnly words</textarea>"}},
		{"/admin/share?type=note&title=T&url=https://b.example/1",
			{"<h1>New note</h1>", ">\nT\n\nhttps://b.example/1</textarea>"}},
		{"/admin/share?title=%3Cscript%3E&url=https://b.example/%22",
			{"value=\"&lt;script&gt;\"", "value=\"https://b.example/&quot;\""}},
		{"/admin/share", {"<h1>New note</h1>"}},
	};
	struct desk *d = *state;

	for (size_t i = 0; i < sizeof(shared) / sizeof(shared[0]); i++) {
		struct answer a = look(d, shared[i].uri);

		assert_int_equal(a.status, 200);
		for (size_t j = 0; j < 3 && shared[i].has[j]; j++)
			assert_has(a, shared[i].has[j]);
		assert_lacks(a, "<script>");
	}
	assert_has(look(d, shared[0].uri),
		"/admin/share?type=reply&amp;title=A%20page&amp;text=Good&amp;url=https%3A%2F%2Fb.example%2F1");
	assert_int_equal(posts(d), 0);
}

static void
signing_in_comes_back_to_what_was_shared(void **state)
{
	struct desk *d = *state;
	struct answer a = ASK(d->site, .uri = "/admin/share?title=A%20page&url=https://b.example/1");
	struct buf b;

	assert_header(a, "Location", "https://ada.example/admin/login?next="
		"/admin/share?title=A%2520page%26url=https://b.example/1");
	/* A long text is cut between words rather than forgotten, or the address would be too long. */
	buf_init(&b, &d->site->kept, 16384);
	buf_puts(&b, "/admin/share?text=");
	for (int i = 0; i < 700; i++)
		buf_puts(&b, "w%C3%B6rd+");
	buf_putc(&b, '\0');
	a = ASK(d->site, .uri = buf_str(&b).p);
	assert_int_equal(a.status, 303);
	assert_true(answer_header(&a, "Location").n > 1000);
	assert_true(answer_header(&a, "Location").n < 3100);
	assert_true(str_ends(answer_header(&a, "Location"), S("w%25C3%25B6rd")));
}

static void
a_phone_finds_where_to_share_to(void **state)
{
	struct desk *d = *state;
	struct answer a = ASK(d->site, .uri = "/manifest.webmanifest");

	assert_int_equal(a.status, 200);
	assert_header(a, "Content-Type", "application/manifest+json");
	assert_has(a, "\"start_url\":\"/admin/compose\"");
	assert_has(a, "\"share_target\":{\"action\":\"/admin/share\",\"method\":\"GET\"");
	assert_has(a, "/static/icon-192.png?v=");
	assert_has(a, "\"sizes\":\"512x512\"");
	assert_true(answer_header(&a, "ETag").n > 0);
	assert_has(look(d, "/admin/compose"), "<link rel=\"manifest\" href=\"/manifest.webmanifest\">");
}

static void
tags_are_told_to_the_owner(void **state)
{
	struct desk *d = *state;
	struct answer a;

	(void)site_post(d->site, "content=x&category[]=weather&category[]=Wind&category[]=rain");
	a = look(d, "/admin/tags.json?q=W");
	assert_int_equal(a.status, 200);
	assert_has(a, "{\"tags\":[\"weather\",\"Wind\"]}");
	assert_has(look(d, "/admin/compose"), "<option value=\"weather\">");
	assert_int_equal(ASK(d->site, .uri = "/admin/tags.json",
		.headers = {{"HTTP_ACCEPT", "application/json"}}).status, 401);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(shelves_hold_what_they_are_called),
		T(a_post_is_deleted_restored_and_published_from_the_list),
		T(the_list_goes_on_behind_its_last_post),
		T(a_search_says_how_far_it_has_looked),
		T(what_is_shared_fills_a_form_and_stores_nothing),
		T(signing_in_comes_back_to_what_was_shared),
		T(a_phone_finds_where_to_share_to),
		T(tags_are_told_to_the_owner),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
