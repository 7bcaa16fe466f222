/*
 * Editing by form: what the owner does not touch stays as it was sent, and nothing that was written
 * elsewhere meanwhile is lost.
 */
#include "compose.h"

/* A post of JSON by Micropub, at mp-slug p. */
static void
made(const struct desk *d, const char *properties)
{
	const char *body = arena_printf(&d->site->kept,
		"{\"type\":[\"h-entry\"],\"properties\":{\"mp-slug\":[\"p\"],%s}}", properties).p;
	struct answer a = ASK(d->site, .method = "POST", .uri = "/micropub",
		.type = "application/json", .body = body,
		.headers = {{"HTTP_AUTHORIZATION", site_bearer(d->site, d->site->all)}});

	assert_int_equal(a.status, 201);
}

static void
changed_elsewhere(const struct desk *d, const char *operations)
{
	const char *body = arena_printf(&d->site->kept,
		"{\"action\":\"update\",\"url\":\"https://ada.example/note/p\",%s}", operations).p;
	struct answer a = ASK(d->site, .method = "POST", .uri = "/micropub",
		.type = "application/json", .body = body,
		.headers = {{"HTTP_AUTHORIZATION", site_bearer(d->site, d->site->all)}});

	assert_int_equal(a.status, 204);
}

/* The form of p, with these fields, sent as the page had it. */
static struct answer
edit(const struct desk *d, const struct answer *page, const char *fields)
{
	return write_post(d, arena_printf(&d->site->kept, "type=note&post=p&version=%s&%s",
		hidden(d, page, "version"), fields).p);
}

static void
what_is_not_touched_stays_as_it_was_sent(void **state)
{
	struct desk *d = *state;
	struct answer page, a;

	made(d, "\"content\":[\"line one\\r\\nline two  \"],\"x-mood\":[{\"deep\":[1.50,true]}],"
		"\"category\":[\"rain\",{\"type\":[\"h-card\"],\"properties\":{\"name\":[\"Bob\"],"
		"\"url\":[\"https://bob.example/\"]}}],"
		"\"photo\":[{\"value\":\"https://b.example/1.jpg\",\"alt\":\"a\",\"x\":7}],"
		"\"checkin\":[{\"type\":[\"h-card\"],\"properties\":{\"name\":[\"Café\"],"
		"\"tel\":[\"+49\"],\"latitude\":[50.7]}}],\"published\":[\"2020-01-02T03:04:05.5+01:00\"]");
	page = look(d, "/admin/compose?post=p");
	assert_has(page, "value=\"2020-01-02T03:04\"");
	assert_has(page, "value=\"Café\"");
	/* As a browser sends it back, with one thing changed. */
	a = edit(d, &page, "content=line+one%0D%0Aline+two++&category=rain&mp-slug=p"
			   "&photo=&photo=https://b.example/1.jpg&photo.alt=a&photo.position=1"
			   "&checkin.name=Caf%C3%A9+Nord&checkin.locality=&published=2020-01-02T03:04"
			   "&zone=%2B01:00&visibility=public&location=&do=save");
	assert_int_equal(a.status, 303);
	a = source(d, "p");
	assert_has(a, "\"content\":[\"line one\\r\\nline two  \"]");
	assert_has(a, "\"x-mood\":[{\"deep\":[1.50,true]}]");
	assert_has(a, "\"url\":[\"https://bob.example/\"]");
	assert_has(a, "{\"value\":\"https://b.example/1.jpg\",\"alt\":\"a\",\"x\":7}");
	assert_has(a, "{\"name\":[\"Café Nord\"],\"tel\":[\"+49\"],\"latitude\":[50.7]}");
	assert_has(a, "\"published\":[\"2020-01-02T03:04:05.5+01:00\"]");
}

static void
what_a_form_cannot_show_is_kept_and_said_to_be(void **state)
{
	struct desk *d = *state;
	struct answer page;

	made(d, "\"content\":[\"x\"],\"in-reply-to\":[\"https://b.example/1\",\"https://b.example/2\"]");
	page = look(d, "/admin/compose?post=p");
	assert_has(page, "It stays as it is.");
	assert_lacks(page, "name=\"in-reply-to\"");
	assert_int_equal(edit(d, &page, "content=y&do=save").status, 303);
	assert_has(source(d, "p"), "[\"https://b.example/1\",\"https://b.example/2\"]");
	assert_has(source(d, "p"), "\"content\":[\"y\"]");
}

static void
html_stays_html(void **state)
{
	struct desk *d = *state;
	struct answer page;

	made(d, "\"content\":[{\"html\":\"<p>one</p>\"}]");
	page = look(d, "/admin/compose?post=p");
	assert_has(page, "name=\"format\" value=\"html\"");
	assert_has(page, "&lt;p&gt;one&lt;/p&gt;</textarea>");
	assert_int_equal(edit(d, &page, "format=html&content=%3Cp%3Etwo%3C/p%3E&do=save").status, 303);
	assert_has(source(d, "p"), "\"content\":[{\"html\":\"<p>two</p>\"}]");
}

static void
fields_are_changed_emptied_and_put_in_order(void **state)
{
	struct desk *d = *state;
	struct answer page, a;

	made(d, "\"name\":[\"Old\"],\"content\":[\"Text\"],\"summary\":[\"Sum\"],\"category\":[\"a\"],"
		"\"photo\":[\"https://b.example/1.jpg\",\"https://b.example/2.jpg\","
		"{\"value\":\"https://b.example/3.jpg\",\"alt\":\"three\",\"x\":7}]");
	page = look(d, "/admin/compose?post=p");
	a = edit(d, &page, "type=article&name=New&content=Text&summary=&category=a,+b&mp-slug=p"
			   "&photo=&photo=https://b.example/1.jpg&photo.alt=one&photo.position=3"
			   "&photo=https://b.example/2.jpg&photo.position=2&photo.remove=1"
			   "&photo=https://b.example/3.jpg&photo.alt=three&photo.position=3&do=save");
	assert_int_equal(a.status, 303);
	a = source(d, "p");
	assert_has(a, "\"name\":[\"New\"]");
	assert_lacks(a, "summary");
	assert_has(a, "\"category\":[\"a\",\"b\"]");
	assert_has(a, "\"photo\":[{\"value\":\"https://b.example/3.jpg\",\"alt\":\"three\",\"x\":7},"
		      "{\"value\":\"https://b.example/1.jpg\",\"alt\":\"one\"}]");
}

static void
a_new_address_leaves_a_redirect(void **state)
{
	struct desk *d = *state;
	struct answer page;

	made(d, "\"content\":[\"x\"]");
	page = look(d, "/admin/compose?post=p");
	assert_int_equal(edit(d, &page, "content=x&mp-slug=q&do=save").status, 303);
	assert_int_equal(ASK(d->site, .uri = "/note/p").status, 301);
	assert_int_equal(ASK(d->site, .uri = "/note/q").status, 200);
}

static void
a_draft_comes_out_and_a_post_goes_back(void **state)
{
	struct desk *d = *state;
	struct answer page;

	made(d, "\"content\":[\"x\"],\"post-status\":[\"draft\"]");
	page = look(d, "/admin/compose?post=p");
	assert_has(page, ">Publish</button>");
	assert_int_equal(edit(d, &page, "content=x&do=publish").status, 303);
	assert_int_equal(ASK(d->site, .uri = "/note/p").status, 200);
	page = look(d, "/admin/compose?post=p");
	assert_int_equal(edit(d, &page, "content=x&do=draft").status, 303);
	assert_int_equal(ASK(d->site, .uri = "/note/p").status, 404);
}

static void
taking_the_date_out_of_a_scheduled_post_publishes_it(void **state)
{
	struct desk *d = *state;
	struct answer page;

	made(d, "\"content\":[\"x\"],\"published\":[\"2999-01-02T03:04:00Z\"]");
	page = look(d, "/admin/compose?post=p");
	assert_has(page, "Scheduled");
	assert_int_equal(edit(d, &page,
		"content=x&published=2999-01-02T03:04&zone=%2B00:00&do=publish").status, 303);
	assert_int_equal(ASK(d->site, .uri = "/note/p").status, 404);
	page = look(d, "/admin/compose?post=p");
	assert_int_equal(edit(d, &page, "content=x&published=&zone=%2B00:00&do=publish").status, 303);
	assert_int_equal(ASK(d->site, .uri = "/note/p").status, 200);
}

/* ---- two at once ------------------------------------------------------------------------- */

static void
a_post_that_changed_meanwhile_is_shown_beside_the_form(void **state)
{
	struct desk *d = *state;
	struct answer page, a;

	made(d, "\"content\":[\"first\"]");
	page = look(d, "/admin/compose?post=p");
	changed_elsewhere(d, "\"replace\":{\"content\":[\"theirs\"]}");
	a = edit(d, &page, "content=mine&mp-slug=p&do=save");
	assert_int_equal(a.status, 409);
	assert_int_equal(a.facts.error, ERR_COMPOSE_CHANGED);
	assert_has(a, "<pre dir=\"auto\">theirs</pre>");
	assert_has(a, "<pre dir=\"auto\">mine</pre>");
	assert_has(a, ">\nmine</textarea>");
	assert_has(source(d, "p"), "theirs");
	/* Who has seen both may save. */
	assert_int_equal(edit(d, &a, "content=mine&do=save").status, 303);
	assert_has(source(d, "p"), "mine");
}

static void
saving_twice_is_saving_once(void **state)
{
	struct desk *d = *state;
	struct answer page, a;

	made(d, "\"content\":[\"first\"]");
	page = look(d, "/admin/compose?post=p");
	assert_int_equal(edit(d, &page, "content=mine&do=save").status, 303);
	a = edit(d, &page, "content=mine&do=save");
	assert_int_equal(a.status, 303);
	page = look(d, "/admin/compose?post=p");
	assert_int_equal(edit(d, &page, "content=mine&do=save").status, 303);
	a = look(d, "/admin/compose?post=p");
	assert_string_equal(hidden(d, &a, "version"), hidden(d, &page, "version"));
}

static void
what_is_wrong_in_a_change_comes_back_too(void **state)
{
	struct desk *d = *state;
	struct answer page, a;

	made(d, "\"content\":[\"first\"],\"like-of\":[\"https://b.example/1\"]");
	page = look(d, "/admin/compose?post=p");
	a = edit(d, &page, "type=like&content=mine&like-of=nowhere&do=save");
	assert_int_equal(a.status, 422);
	assert_has(a, "value=\"nowhere\"");
	assert_has(a, "aria-invalid=\"true\"");
	assert_has(a, ">\nmine</textarea>");
	assert_has(source(d, "p"), "first");
}

static void
a_post_that_is_gone_has_no_form(void **state)
{
	struct desk *d = *state;
	struct answer a;

	made(d, "\"content\":[\"x\"]");
	assert_int_equal(send_to(d, "/admin/posts", "post=p&do=delete").status, 303);
	assert_int_equal(look(d, "/admin/compose?post=p").status, 410);
	assert_int_equal(look(d, "/admin/compose?post=never").status, 404);
	/* What was typed meanwhile is not lost: it can become a new one. */
	a = write_post(d, "type=note&post=p&version=v1&content=y&do=save");
	assert_int_equal(a.status, 410);
	assert_has(a, "<h1>New note</h1>");
	assert_has(a, ">\ny</textarea>");
	assert_lacks(a, "name=\"post\" value=\"p\"");
}

static void
a_preview_of_a_change_shows_what_the_post_has_besides(void **state)
{
	struct desk *d = *state;
	struct answer a;

	made(d, "\"content\":[\"first\"],\"in-reply-to\":[\"https://b.example/1\","
		"\"https://b.example/2\"]");
	a = send_to(d, "/admin/preview", "type=reply&post=p&content=%2Amine%2A");
	assert_int_equal(a.status, 200);
	assert_has(a, "<em>mine</em>");
	assert_has(a, "https://b.example/2");
	assert_has(source(d, "p"), "first");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(what_is_not_touched_stays_as_it_was_sent),
		T(what_a_form_cannot_show_is_kept_and_said_to_be),
		T(html_stays_html),
		T(fields_are_changed_emptied_and_put_in_order),
		T(a_new_address_leaves_a_redirect),
		T(a_draft_comes_out_and_a_post_goes_back),
		T(taking_the_date_out_of_a_scheduled_post_publishes_it),
		T(a_post_that_changed_meanwhile_is_shown_beside_the_form),
		T(saving_twice_is_saving_once),
		T(what_is_wrong_in_a_change_comes_back_too),
		T(a_post_that_is_gone_has_no_form),
		T(a_preview_of_a_change_shows_what_the_post_has_besides),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
