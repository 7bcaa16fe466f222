/*
 * The composer: each type of post from the fields of its form, forms that come back with what was typed,
 * one post however often a form is sent, and a preview that is the site's own page and nothing more.
 */
#include "compose.h"

/* ---- each type makes its post ------------------------------------------------------------ */

static void
each_type_of_post_is_what_its_form_says(void **state)
{
	static const struct {
		const char *fields, *slug, *says[4];
	} made[] = {
		{"type=note&content=Rain+again&category=weather,+home", "rain-again",
			{"\"content\":[\"Rain again\"]", "\"category\":[\"weather\",\"home\"]",
				"\"type\":[\"h-entry\"]"}},
		{"type=article&name=On+rain&content=It+%2Afalls%2A.&summary=Wet.", "on-rain",
			{"\"name\":[\"On rain\"]", "\"summary\":[\"Wet.\"]"}},
		{"type=reply&in-reply-to=https://bob.example/1&content=Yes&mp-slug=a", "a",
			{"\"in-reply-to\":[\"https://bob.example/1\"]", "\"content\":[\"Yes\"]"}},
		{"type=like&like-of=https://bob.example/1&mp-slug=b", "b",
			{"\"like-of\":[\"https://bob.example/1\"]"}},
		{"type=repost&repost-of=https://bob.example/1&mp-slug=c", "c",
			{"\"repost-of\":[\"https://bob.example/1\"]"}},
		{"type=bookmark&bookmark-of=https://bob.example/1&name=Bob&mp-slug=d", "d",
			{"\"bookmark-of\":[\"https://bob.example/1\"]", "\"name\":[\"Bob\"]"}},
		{"type=rsvp&in-reply-to=https://bob.example/e&rsvp=maybe&mp-slug=e", "e",
			{"\"rsvp\":[\"maybe\"]", "\"in-reply-to\":[\"https://bob.example/e\"]"}},
		{"type=event&name=Party&start=2027-05-01T18:00&end=2027-05-01T22:00&zone=%2B02:00"
		 "&location=Home&mp-slug=f", "f",
			{"\"type\":[\"h-event\"]", "\"start\":[\"2027-05-01T18:00:00+02:00\"]",
				"\"end\":[\"2027-05-01T22:00:00+02:00\"]", "\"location\":[\"Home\"]"}},
		{"type=checkin&checkin.name=Caf%C3%A9&checkin.locality=Bonn&checkin.latitude=50.7"
		 "&checkin.longitude=7.1&mp-slug=g", "g",
			{"\"checkin\":[{\"type\":[\"h-card\"],\"properties\":{\"name\":[\"Café\"],"
			 "\"locality\":[\"Bonn\"],\"latitude\":[\"50.7\"],\"longitude\":[\"7.1\"]}}]"}},
		{"type=read&read-of.name=Walden&read-of.author=Thoreau&read-status=reading&mp-slug=h",
			"h", {"\"read-of\":[{\"type\":[\"h-cite\"],\"properties\":{\"name\":[\"Walden\"],"
			      "\"author\":[\"Thoreau\"]}}]", "\"read-status\":[\"reading\"]"}},
		{"type=listen&listen-of.name=Side+A&listen-of.url=https://m.example/&mp-slug=i", "i",
			{"\"listen-of\":[{\"type\":[\"h-cite\"],\"properties\":{\"name\":[\"Side A\"],"
			 "\"url\":[\"https://m.example/\"]}}]"}},
		{"type=watch&watch-of.name=Rain&mp-slug=j", "j",
			{"\"watch-of\":[{\"type\":[\"h-cite\"],\"properties\":{\"name\":[\"Rain\"]}}]"}},
		{"type=photo&photo=&photo=https://b.example/1.jpg&photo.alt=A+hill&photo.position=1"
		 "&photo=https://b.example/2.jpg&photo.position=2&mp-slug=k", "k",
			{"\"photo\":[{\"value\":\"https://b.example/1.jpg\",\"alt\":\"A hill\"},"
			 "\"https://b.example/2.jpg\"]"}},
		{"type=video&video=https://b.example/1.mp4&mp-slug=l", "l",
			{"\"video\":[\"https://b.example/1.mp4\"]"}},
		{"type=audio&audio=https://b.example/1.mp3&mp-slug=m", "m",
			{"\"audio\":[\"https://b.example/1.mp3\"]"}},
	};
	struct desk *d = *state;

	for (size_t i = 0; i < sizeof(made) / sizeof(made[0]); i++) {
		const char *fields = arena_printf(&d->site->kept, "%s&do=publish", made[i].fields).p;
		struct answer a = write_post(d, fields), s;

		assert_int_equal(a.status, 303);
		s = source(d, made[i].slug);
		assert_int_equal(s.status, 200);
		for (size_t j = 0; j < 4 && made[i].says[j]; j++)
			assert_has(s, made[i].says[j]);
		assert_has(s, "\"post-status\":[\"published\"]");
	}
}

static void
every_type_has_a_form_with_its_own_fields(void **state)
{
	static const struct {
		const char *uri, *has, *lacks;
	} forms[] = {
		{"/admin/compose", "name=\"content\"", "name=\"name\""},
		{"/admin/compose?type=article", "name=\"name\"", "name=\"rsvp\""},
		{"/admin/compose?type=rsvp", "name=\"rsvp\"", "name=\"start\""},
		{"/admin/compose?type=event", "name=\"start\"", "name=\"like-of\""},
		{"/admin/compose?type=like", "name=\"like-of\"", "type=\"file\""},
		{"/admin/compose?type=photo", "name=\"photo.new\"", "name=\"video.new\""},
		{"/admin/compose?type=nonsense", "<h1>New note</h1>", "nonsense"},
	};
	struct desk *d = *state;

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		struct answer a = look(d, forms[i].uri);

		assert_int_equal(a.status, 200);
		assert_has(a, forms[i].has);
		assert_lacks(a, forms[i].lacks);
		assert_has(a, "name=\"mp-slug\"");
		assert_header(a, "Cache-Control", "no-store");
	}
}

static void
date_address_and_audience_are_the_owners(void **state)
{
	struct desk *d = *state;
	struct answer a = write_post(d, "type=note&content=x&mp-slug=old&published=2020-01-02T03:04"
					"&zone=-05:00&visibility=unlisted&mp-channel=garden"
					"&mp-syndicate-to=&mp-syndicate-to=sea&do=publish");

	assert_int_equal(a.status, 303);
	a = source(d, "old");
	assert_has(a, "\"published\":[\"2020-01-02T03:04:00-05:00\"]");
	assert_has(a, "\"visibility\":[\"unlisted\"]");
	a = look(d, "/admin/compose?post=old");
	assert_has(a, "value=\"2020-01-02T03:04\"");
	assert_has(a, "value=\"-05:00\"");
	assert_has(a, "<option value=\"garden\" selected>");
	assert_has(a, "value=\"sea\" checked>");
	assert_has(a, "<option value=\"unlisted\" selected>");
	assert_lacks(a, "value=\"pond\" checked>");
}

static void
a_date_to_come_schedules_and_a_draft_waits(void **state)
{
	struct desk *d = *state;
	struct answer a = write_post(
		d, "type=note&content=later&published=2999-01-02T03:04&zone=Z&do=publish");

	assert_header(a, "Location", "https://ada.example/admin/posts?new=later&done=post-scheduled");
	assert_int_equal(ASK(d->site, .uri = "/note/later").status, 404);
	a = write_post(d, "type=note&content=unready&do=draft");
	assert_header(a, "Location", "https://ada.example/admin/compose?post=unready&done=draft-saved");
	assert_int_equal(ASK(d->site, .uri = "/note/unready").status, 404);
	assert_has(source(d, "unready"), "\"post-status\":[\"draft\"]");
	/* Enter in a line of a new post's form publishes nothing. */
	a = write_post(d, "type=note&content=entered&do=save");
	assert_has(source(d, "entered"), "\"post-status\":[\"draft\"]");
}

/* ---- what is wrong comes back ------------------------------------------------------------ */

static void
a_form_that_is_refused_comes_back_with_all_that_was_typed(void **state)
{
	static const struct {
		const char *fields, *why;
	} bad[] = {
		{"type=reply&in-reply-to=bob.example&do=publish", "In reply to: needs an address"},
		{"type=reply&do=publish", "In reply to: is missing"},
		{"type=article&do=publish", "Title: is missing"},
		{"type=photo&do=publish", "Photos: add one"},
		{"type=rsvp&in-reply-to=https://b.example/&rsvp=perhaps&do=publish",
			"Your answer: is not one"},
		{"type=event&name=x&start=tomorrow&do=publish", "Begins: is not a date"},
		{"type=note&zone=Berlin&do=publish", "Time zone: is not a time zone"},
		{"type=note&lang=Deutsch!&do=publish", "Language: is not a language tag"},
		{"type=note&visibility=secret&do=draft", "Who sees it: is not one"},
		{"type=read&read-of.name=x&read-of.url=javascript:alert(1)&do=publish",
			"Its page: needs an address"},
	};
	struct desk *d = *state;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		const char *fields = arena_printf(&d->site->kept,
			"%s&content=%%3Cb%%3Etyped%%3C/b%%3E&category=one,+two&mp-slug=here"
			"&published=2020-01-02T03:04&photo=&photo=https://b.example/1.jpg&photo.alt=seen",
			bad[i].fields).p;
		struct answer a = write_post(d, i == 3 ? "type=photo&do=publish&content=typed" : fields);

		assert_int_equal(a.status, 422);
		assert_int_equal(a.facts.error, ERR_COMPOSE);
		assert_has(a, bad[i].why);
		if (i == 3)
			continue;
		assert_has(a, ">\n&lt;b&gt;typed&lt;/b&gt;</textarea>");
		assert_has(a, "value=\"one, two\"");
		assert_has(a, "value=\"here\"");
		assert_has(a, "value=\"2020-01-02T03:04\"");
		assert_has(a, "name=\"photo\" value=\"https://b.example/1.jpg\"");
		assert_has(a, ">\nseen</textarea>");
	}
	assert_int_equal(posts(d), 0);
}

static void
the_rules_of_micropub_hold_for_the_owner(void **state)
{
	struct desk *d = *state;
	struct answer a = write_post(d, "type=note&content=+&mp-slug=x&do=draft");

	assert_int_equal(a.status, 400);
	assert_int_equal(a.facts.error, ERR_MICROPUB_EMPTY);
	assert_has(a, "value=\"x\"");
	assert_has(a, "role=\"alert\"");
	a = write_post(d, "type=photo&photo=javascript:alert(1)&do=publish");
	assert_int_equal(a.status, 400);
	assert_lacks(a, "src=\"javascript");
	assert_int_equal(posts(d), 0);
}

static void
another_type_keeps_what_was_typed(void **state)
{
	struct desk *d = *state;
	struct answer a = write_post(
		d, "type=article&name=Title&content=Text&category=a&do=type&to=bookmark");

	assert_int_equal(a.status, 200);
	assert_has(a, "<h1>New bookmark</h1>");
	assert_has(a, "value=\"Title\"");
	assert_has(a, ">\nText</textarea>");
	assert_has(a, "name=\"bookmark-of\"");
	a = write_post(d, "type=event&name=T&start=2027-05-01T18:00&do=type&to=note");
	assert_has(a, "value=\"2027-05-01T18:00\"");
	assert_int_equal(posts(d), 0);
}

/* ---- one post, and only by our own form -------------------------------------------------- */

static void
a_form_that_is_sent_twice_makes_one_post(void **state)
{
	struct desk *d = *state;
	struct answer a = look(d, "/admin/compose"), first, again;
	const char *key = hidden(d, &a, "key");
	const char *form = arena_printf(&d->site->kept, "type=note&content=once&key=%s&do=publish",
		key).p;

	assert_true(strlen(key) >= 20);
	first = write_post(d, form);
	again = write_post(d, form);
	assert_int_equal(first.status, 303);
	assert_int_equal(again.status, 303);
	assert_true(str_eq(answer_header(&first, "Location"), answer_header(&again, "Location")));
	assert_int_equal(posts(d), 1);
	a = look(d, "/admin/compose");
	assert_string_not_equal(hidden(d, &a, "key"), key);
}

static void
a_form_that_has_made_a_post_asks_before_it_makes_another(void **state)
{
	struct desk *d = *state;
	struct answer a = write_post(d, "type=note&content=one&key=abcabcabc&do=publish");
	const char *again;

	assert_int_equal(a.status, 303);
	a = write_post(d, "type=note&content=two&key=abcabcabc&do=publish");
	assert_int_equal(a.status, 409);
	assert_has(a, "This page has made a post already");
	assert_has(a, ">\ntwo</textarea>");
	assert_int_equal(posts(d), 1);
	again = arena_printf(&d->site->kept, "type=note&content=two&key=%s&do=publish",
		hidden(d, &a, "key")).p;
	assert_int_equal(write_post(d, again).status, 303);
	assert_int_equal(posts(d), 2);
}

static void
nothing_is_written_without_our_own_form(void **state)
{
	static const char *const uris[] = {
		"/admin/compose", "/admin/preview", "/admin/posts", "/admin/upload"};
	static const char *const tokens[] = {"", "csrf=&", "csrf=wrong&"};
	struct desk *d = *state;

	for (size_t i = 0; i < 4 * 3; i++) {
		const char *body = arena_printf(&d->site->kept,
			"%stype=note&content=x&do=publish&post=x", tokens[i / 4]).p;
		struct answer a = ASK(d->site, .method = "POST", .uri = uris[i % 4], .type = FORM,
			.body = body, .headers = {{"HTTP_COOKIE", d->cookie}});

		assert_int_equal(a.status, 403);
		assert_int_equal(a.facts.error, ERR_CSRF);
		a = ASK(d->site, .method = "POST", .uri = uris[i % 4], .type = FORM, .body = body);
		assert_int_equal(a.status, 303);
		assert_header(a, "Location", "https://ada.example/admin/login");
	}
	assert_int_equal(posts(d), 0);
}

static void
a_token_is_no_session_here(void **state)
{
	struct desk *d = *state;
	struct answer a = ASK(d->site, .method = "POST", .uri = "/admin/compose", .type = FORM,
		.body = "type=note&content=x&do=publish",
		.headers = {{"HTTP_AUTHORIZATION", site_bearer(d->site, d->site->all)}});

	assert_int_equal(a.status, 303);
	assert_header(a, "Location", "https://ada.example/admin/login");
	assert_int_equal(posts(d), 0);
}

/* ---- preview ----------------------------------------------------------------------------- */

static void
a_preview_is_the_sites_own_page_and_stores_nothing(void **state)
{
	struct desk *d = *state;
	struct answer a = send_to(d, "/admin/preview",
		"type=article&name=On+rain&content=It+%2Afalls%2A.&category=weather");

	assert_int_equal(a.status, 200);
	assert_has(a, "<em>falls</em>");
	assert_has(a, "<article class=\"h-entry post article\">");
	assert_has(a, "https://ada.example/note/on-rain");
	assert_has(a, "https://ada.example/tag/weather");
	assert_lacks(a, "<html");
	a = write_post(d, "type=reply&in-reply-to=https://b.example/1&content=%2AYes%2A&do=preview");
	assert_int_equal(a.status, 200);
	assert_has(a, "<em>Yes</em>");
	assert_has(a, "class=\"u-in-reply-to h-cite\"");
	assert_has(a, ">\n*Yes*</textarea>");
	assert_int_equal(posts(d), 0);
}

static void
a_preview_neutralises_as_the_site_does(void **state)
{
	struct desk *d = *state;
	struct answer a = send_to(d, "/admin/preview",
		"type=note&content=%3Cscript%3Ealert(1)%3C/script%3E%3Cimg+src%3Dx+onerror%3Dalert(1)%3E");

	assert_int_equal(a.status, 200);
	assert_lacks(a, "<script");
	assert_lacks(a, "<img");
	a = send_to(d, "/admin/preview", "type=note&format=html&content=%3Cp+onclick%3D%22x()%22%3Ehi"
					 "%3Cscript%3Ealert(1)%3C/script%3E%3C/p%3E");
	assert_has(a, "<p>hi</p>");
	assert_lacks(a, "onclick");
	assert_lacks(a, "alert");
}

static void
a_preview_says_what_is_wrong(void **state)
{
	struct desk *d = *state;
	const char *body = arena_printf(&d->site->kept, "csrf=%s&type=like&like-of=nowhere", d->csrf).p;
	struct answer a = ASK(d->site, .method = "POST", .uri = "/admin/preview", .type = FORM,
		.body = body, .headers = {{"HTTP_COOKIE", d->cookie},
			{"HTTP_ACCEPT", "application/json, text/html;q=0.9"}});

	assert_int_equal(a.status, 422);
	assert_has(a, "\"detail\":\"What you like: needs an address that begins with https:// or http://\"");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(each_type_of_post_is_what_its_form_says),
		T(every_type_has_a_form_with_its_own_fields),
		T(date_address_and_audience_are_the_owners),
		T(a_date_to_come_schedules_and_a_draft_waits),
		T(a_form_that_is_refused_comes_back_with_all_that_was_typed),
		T(the_rules_of_micropub_hold_for_the_owner),
		T(another_type_keeps_what_was_typed),
		T(a_form_that_is_sent_twice_makes_one_post),
		T(a_form_that_has_made_a_post_asks_before_it_makes_another),
		T(nothing_is_written_without_our_own_form),
		T(a_token_is_no_session_here),
		T(a_preview_is_the_sites_own_page_and_stores_nothing),
		T(a_preview_neutralises_as_the_site_does),
		T(a_preview_says_what_is_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
