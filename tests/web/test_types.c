/*
 * Post types as their pages, lists and the feed show them: the line that says what a post is to
 * another, pictures and players, events and places; each with its microformats.
 */
#include "site.h"

#include <stdio.h>

#define OWN "https://ada.example/media/ab/cd.jpg"

/* Posts properties ({…}) as JSON; the permalink is /note/x. */
static void
post(struct site *s, const char *type, const char *properties)
{
	char body[4096];
	struct answer a;

	(void)snprintf(body, sizeof(body), "{\"type\":[\"%s\"],\"mp-slug\":\"x\",\"properties\":%s}",
		type, properties);
	a = ASK(s, .method = "POST", .uri = "/micropub", .type = "application/json", .body = body,
		.headers = {{"HTTP_AUTHORIZATION", site_bearer(s, s->create)}});
	if (a.status != 201)
		fail_msg("%.*s", STR(a.body));
}

static struct answer
page(struct site *s, const char *properties)
{
	post(s, "h-entry", properties);
	return ASK(s, .uri = "/note/x");
}

static void
upload(struct site *s, const char *sizes)
{
	char sql[512];

	(void)snprintf(sql, sizeof(sql),
		"INSERT INTO media (name, digest, type, bytes, width, height, sizes, created, client) "
		"VALUES ('ab/cd.jpg', zeroblob(32), 'image/jpeg', 4321, 1500, 1000, '%s', 0, '')",
		sizes);
	site_sql(s, sql);
}

static void
a_reply_names_what_it_answers_outside_its_content(void **state)
{
	struct answer a = page(*state, "{\"in-reply-to\":[\"https://bob.example/notes/7\"],"
				       "\"content\":[\"Yes\"]}");

	assert_has(a, "<article class=\"h-entry post reply\">");
	assert_has(a, "<p class=\"context\">In reply to <span class=\"u-in-reply-to h-cite\">"
		      "<a class=\"u-url p-name\" href=\"https://bob.example/notes/7\" dir=\"auto\">"
		      "bob.example/notes/7</a>");
	assert_has(a, "<div class=\"e-content prose\" dir=\"auto\"><p>Yes</p>");
}

static void
each_relation_has_its_words_and_its_class(void **state)
{
	static const struct {
		const char *property, *type, *words;
	} cases[] = {
		{"like-of", "like", "Liked"},
		{"repost-of", "repost", "Reposted"},
		{"bookmark-of", "bookmark", "Bookmarked"},
		{"quotation-of", "note", "Quoting"},
		{"listen-of", "listen", "Listened to"},
		{"watch-of", "watch", "Watched"},
		{"read-of", "read", "Read"},
	};
	char text[256], want[256];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct site *s = site_new("");
		struct answer a;

		(void)snprintf(text, sizeof(text), "{\"%s\":[\"https://bob.example/7\"]}",
			cases[i].property);
		a = page(s, text);
		(void)snprintf(want, sizeof(want), "h-entry post %s bare", cases[i].type);
		assert_has(a, want);
		(void)snprintf(want, sizeof(want),
			"%s <span class=\"u-%s h-cite\"><a class=\"u-url p-name\" "
			"href=\"https://bob.example/7\"",
			cases[i].words, cases[i].property);
		assert_has(a, want);
		assert_lacks(a, "e-content");
		(void)snprintf(want, sizeof(want), "%s <span class=\"u-%s h-cite\">",
			cases[i].words, cases[i].property);
		assert_has(ASK(s, .uri = "/"), want);
		site_free(s);
	}
}

static void
a_citation_shows_its_name_and_author(void **state)
{
	struct answer a = page(*state, "{\"repost-of\":[{\"type\":[\"h-cite\"],\"properties\":"
		"{\"name\":[\"Slow <pages>\"],\"url\":[\"https://d.example/?a=1&b=2\"],"
		"\"author\":[\"Dana\"]}},\"https://e.example/\"]}");

	assert_has(a, "<a class=\"u-url p-name\" href=\"https://d.example/?a=1&amp;b=2\" "
		      "dir=\"auto\">Slow &lt;pages&gt;</a> by <span class=\"p-author\" "
		      "dir=\"auto\">Dana</span>,");
	assert_has(a, ">e.example</a>");
	assert_has(a, "<title>Reposted Slow &lt;pages&gt; · Ada writes</title>");
}

static void
an_answer_to_an_invitation_says_which(void **state)
{
	struct answer a = page(*state, "{\"rsvp\":[\"maybe\"],"
				       "\"in-reply-to\":[\"https://club.example/14\"]}");

	assert_has(a, "<data class=\"p-rsvp\" value=\"maybe\"></data>RSVP: maybe going to <span "
		      "class=\"u-in-reply-to h-cite\">");
	assert_has(a, "<title>Maybe going to club.example/14 · Ada writes</title>");
	assert_lacks(a, "In reply to");
}

static void
what_is_read_says_how_far(void **state)
{
	struct answer a = page(*state, "{\"read-status\":[\"to-read\"],\"read-of\":[{\"type\":"
		"[\"h-cite\"],\"properties\":{\"name\":[\"Dune\"],\"author\":[\"F. H.\"]}}]}");

	assert_has(a, "<data class=\"p-read-status\" value=\"to-read\"></data>Wants to read <span "
		      "class=\"u-read-of h-cite\"><cite class=\"p-name\" dir=\"auto\">Dune</cite> "
		      "by ");
}

static void
a_photo_comes_in_sizes(void **state)
{
	struct site *s = *state;
	struct answer a;

	upload(s, "480 960");
	a = page(s, "{\"photo\":[{\"value\":\"" OWN "\",\"alt\":\"A \\\"cat\\\"\"}]}");
	assert_has(a, "<article class=\"h-entry post photo bare\">");
	assert_has(a, "<source type=\"image/webp\" srcset=\"/media/ab/cd-480.webp 480w, "
		      "/media/ab/cd-960.webp 960w\" sizes=\"(min-width: 43rem) 38rem, 90vw\">");
	assert_has(a, "<img class=\"u-photo\" src=\"/media/ab/cd.jpg\" srcset=\"/media/ab/cd-480.jpg "
		      "480w, /media/ab/cd-960.jpg 960w, /media/ab/cd.jpg 1500w\"");
	assert_has(a, "alt=\"A &quot;cat&quot;\" width=\"1500\" height=\"1000\" "
		      "fetchpriority=\"high\" decoding=\"async\">");
	assert_lacks(a, "loading=\"lazy\"");
	assert_has(a, "<meta property=\"og:image\" content=\"" OWN "\">");
	assert_has(a, "<meta name=\"description\" content=\"A &quot;cat&quot;\">");
	a = ASK(s, .uri = "/");
	assert_has(a, "loading=\"lazy\"");
}

/* The courier's sizes come later than the post; the page that was kept goes. */
static void
sizes_appear_when_they_are_made(void **state)
{
	struct site *s = *state;
	struct answer a;

	upload(s, "");
	a = page(s, "{\"photo\":[\"" OWN "\"]}");
	assert_has(a, "src=\"/media/ab/cd.jpg\" alt=\"\" width=\"1500\" height=\"1000\"");
	assert_has(a, "aria-label=\"Photo\"");
	assert_lacks(a, "srcset");
	site_sql(s, "UPDATE media SET sizes = '480'");
	segment_generation_move(s->seg);
	assert_has(ASK(s, .uri = "/note/x"), "/media/ab/cd-480.webp 480w");
}

static void
photos_of_others_are_shown_if_they_come_by_https(void **state)
{
	struct answer a = page(*state, "{\"photo\":[\"https://p.example/1.jpg\","
				       "{\"value\":\"http://p.example/2.jpg\",\"alt\":\"Two\"}],"
				       "\"video\":[\"http://p.example/v.mp4\"],"
				       "\"audio\":[\"https://p.example/a.mp3\"]}");

	assert_has(a, "<div class=\"photos gallery\">");
	assert_has(a, "<img class=\"u-photo\" src=\"https://p.example/1.jpg\" alt=\"\" ");
	assert_has(a, "<a class=\"u-photo\" href=\"http://p.example/2.jpg\" dir=\"auto\">Photo: Two");
	assert_lacks(a, "src=\"http://p.example");
	assert_has(a, "<a class=\"u-video\" href=\"http://p.example/v.mp4\">");
	assert_has(a, "<audio class=\"u-audio player\" src=\"https://p.example/a.mp3\" controls "
		      "preload=\"metadata\"></audio>");
}

static void
only_the_first_photo_of_a_page_is_eager(void **state)
{
	struct answer a = page(*state, "{\"photo\":[\"https://p.example/1.jpg\","
				       "\"https://p.example/2.jpg\"]}");
	size_t eager = str_search(a.body, S("fetchpriority=\"high\""), 0);

	assert_true(eager < str_search(a.body, S("2.jpg"), 0));
	assert_int_equal(str_search(a.body, S("fetchpriority=\"high\""), eager + 1), a.body.n);
	assert_has(a, "src=\"https://p.example/2.jpg\" alt=\"\" loading=\"lazy\"");
}

static void
a_featured_picture_heads_an_article(void **state)
{
	struct answer a = page(*state, "{\"name\":[\"Title\"],\"content\":[\"Text\"],"
				       "\"featured\":[\"https://p.example/f.jpg\"]}");

	assert_has(a, "<article class=\"h-entry post article\">");
	assert_has(a, "<img class=\"u-featured\" src=\"https://p.example/f.jpg\"");
	assert_lacks(a, "u-photo");
}

static void
a_video_plays_without_script(void **state)
{
	struct answer a = page(*state, "{\"video\":[\"https://ada.example/media/ab/v.mp4\"]}");

	assert_has(a, "<video class=\"u-video player\" src=\"/media/ab/v.mp4\" controls "
		      "preload=\"metadata\" playsinline></video>");
	assert_no_script(a);
}

static void
an_event_says_when_and_where(void **state)
{
	struct site *s = *state;
	struct answer a;

	post(s, "h-event", "{\"name\":[\"Repair café\"],\"start\":[\"2026-04-11T14:00:00+02:00\"],"
		"\"end\":[\"2026-04-11T18:00:00+02:00\"],\"location\":[{\"type\":[\"h-adr\"],"
		"\"properties\":{\"street-address\":[\"Main St 1\"],\"locality\":[\"Town\"]}}],"
		"\"content\":[\"Bring toasters.\"]}");
	a = ASK(s, .uri = "/note/x");
	assert_has(a, "<article class=\"h-event post event\">");
	assert_has(a, "<h1 class=\"p-name\" dir=\"auto\">Repair café</h1>");
	assert_has(a, "<time class=\"dt-start\" datetime=\"2026-04-11T14:00:00+02:00\">11 April 2026, "
		      "14:00</time> – <time class=\"dt-end\" datetime=\"2026-04-11T18:00:00+02:00\">"
		      "18:00</time>");
	assert_has(a, "<span class=\"p-location h-adr\"><span class=\"p-street-address\" "
		      "dir=\"auto\">Main St 1</span>, <span class=\"p-locality\" dir=\"auto\">Town"
		      "</span>");
	assert_lacks(a, "h-entry");
	assert_has(ASK(s, .uri = "/"), "class=\"dt-start\"");
}

static void
an_event_of_days_has_no_hours(void **state)
{
	struct site *s = *state;
	struct answer a;

	post(s, "h-event", "{\"name\":[\"Fair\"],\"start\":[\"2026-04-11\"],\"end\":[\"2026-04-12\"]}");
	a = ASK(s, .uri = "/note/x");
	assert_has(a, "<time class=\"dt-start\" datetime=\"2026-04-11\">11 April 2026</time> – <time "
		      "class=\"dt-end\" datetime=\"2026-04-12\">12 April 2026</time>");
}

static void
a_check_in_names_the_place(void **state)
{
	struct answer a = page(*state, "{\"checkin\":[{\"type\":[\"h-card\"],\"properties\":{\"name\":"
		"[\"Nord\"],\"url\":[\"https://nord.example/\"],\"locality\":[\"Town\"],"
		"\"latitude\":[\"53.5\"],\"longitude\":[\"-9.9\"]}}]}");

	assert_has(a, "Checked in at <span class=\"u-checkin h-card\"><a class=\"u-url p-name\" "
		      "href=\"https://nord.example/\" dir=\"auto\">Nord</a>, <span "
		      "class=\"p-locality\" dir=\"auto\">Town</span><data class=\"p-latitude\" "
		      "value=\"53.5\"></data><data class=\"p-longitude\" value=\"-9.9\"></data>");
	assert_has(a, "<title>Checked in at Nord · Ada writes</title>");
}

static void
places_people_and_copies_are_listed(void **state)
{
	struct answer a = page(*state, "{\"content\":[\"x\"],\"location\":[\"geo:-54.4,8.6\"],"
		"\"category\":[\"walks\",{\"type\":[\"h-card\"],\"properties\":{\"name\":[\"Bob\"],"
		"\"url\":[\"https://bob.example/\"]}}],"
		"\"syndication\":[\"https://social.example/1\"]}");

	assert_has(a, "<span class=\"p-location h-geo\">54.4° S, 8.6° E<data");
	assert_has(a, "<a class=\"u-category h-card\" href=\"https://bob.example/\" dir=\"auto\">Bob");
	assert_has(a, "<a class=\"u-syndication\" rel=\"syndication\" "
		      "href=\"https://social.example/1\">social.example/1</a>");
}

static void
a_photo_without_words_has_a_title(void **state)
{
	struct answer a = page(*state, "{\"photo\":[\"https://p.example/1.jpg\"],"
				       "\"published\":[\"2026-03-01T09:30:00+01:00\"]}");

	assert_has(a, "<title>Photo, 1 March 2026 · Ada writes</title>");
}

/* What the check lets pass today or let pass once: nothing of it becomes markup or a link. */
static void
hostile_properties_stay_text(void **state)
{
	struct site *s = *state;
	struct answer a = page(s, "{\"content\":[\"x\"],\"location\":[\"\\\"><script>alert(1)</script>\"],"
		"\"read-of\":[\"javascript:alert(1)\"],\"checkin\":[{\"properties\":{\"name\":"
		"[\"<b>x\"],\"url\":[\"javascript:alert(2)\"]}}],\"category\":[{\"properties\":"
		"{\"name\":[\"\\\"x=\"],\"url\":[\"data:text/html,x\"]}}]}");

	assert_no_script(a);
	assert_lacks(a, "<b>x");
	assert_lacks(a, "href=\"javascript");
	assert_lacks(a, "href=\"data:");
	assert_has(a, "&lt;script&gt;");
	site_sql(s, "UPDATE post SET mf2 = replace(mf2, '\"content\"', '\"photo\":[\"javascript:x\"],"
		    "\"like-of\":[\"data:y\"],\"content\"')");
	segment_generation_move(s->seg);
	a = ASK(s, .uri = "/note/x");
	assert_int_equal(a.status, 200);
	assert_lacks(a, "javascript:x");
	assert_lacks(a, "data:y");
	site_sql(s, "UPDATE post SET mf2 = '{\"broken'");
	segment_generation_move(s->seg);
	assert_int_equal(ASK(s, .uri = "/note/x").status, 200);
}

static void
the_feed_carries_what_the_page_shows(void **state)
{
	struct site *s = *state;
	struct answer a;

	upload(s, "480");
	post(s, "h-entry", "{\"in-reply-to\":[\"https://bob.example/7\"],\"content\":[\"Yes\"],"
		"\"photo\":[{\"value\":\"" OWN "\",\"alt\":\"Cat\"},\"https://p.example/2.jpg\"],"
		"\"quotation-of\":[\"https://q.example/\"]}");
	a = ASK(s, .uri = "/feed.atom");
	assert_has(a, "<link rel=\"enclosure\" type=\"image/jpeg\" length=\"4321\" href=\"" OWN "\"/>");
	assert_has(a, "<thr:in-reply-to ref=\"https://bob.example/7\" href=\"https://bob.example/7\"/>");
	assert_has(a, "<link rel=\"related\" href=\"https://q.example/\"/>");
	assert_has(a, "In reply to &lt;span");
	assert_has(a, "&lt;img src=&quot;" OWN "&quot; alt=&quot;Cat&quot; width=&quot;1500&quot;");
	assert_has(a, "&lt;img src=&quot;https://p.example/2.jpg&quot;");
	assert_lacks(a, "href=\"https://p.example/2.jpg\"");
}

static void
the_feed_changes_when_sizes_come(void **state)
{
	struct site *s = *state;
	struct str before, after;
	struct answer a;

	upload(s, "");
	post(s, "h-entry", "{\"photo\":[\"" OWN "\"]}");
	a = ASK(s, .uri = "/feed.atom");
	before = answer_header(&a, "ETag");
	site_sql(s, "UPDATE media SET sizes = '480'");
	segment_generation_move(s->seg);
	a = ASK(s, .uri = "/feed.atom");
	after = answer_header(&a, "ETag");
	assert_true(before.n > 0 && !str_eq(before, after));
}

/* What an update brings or takes is looked for again. */
static void
parts_come_and_go_with_updates(void **state)
{
	static const char *const updates[] = {
		"{\"action\":\"update\",\"url\":\"https://ada.example/note/x\","
		"\"add\":{\"photo\":[\"https://p.example/1.jpg\"]}}",
		"{\"action\":\"update\",\"url\":\"https://ada.example/note/x\","
		"\"delete\":[\"photo\"]}"};
	struct site *s = *state;

	post(s, "h-entry", "{\"content\":[\"plain\"]}");
	for (size_t i = 0; i < 2; i++) {
		struct answer a = ASK(s, .method = "POST", .uri = "/micropub",
			.type = "application/json", .body = updates[i],
			.headers = {{"HTTP_AUTHORIZATION", site_bearer(s, s->create)}});

		assert_int_equal(a.status, 204);
		a = ASK(s, .uri = "/");
		if (i == 0)
			assert_has(a, "src=\"https://p.example/1.jpg\"");
		else
			assert_lacks(a, "p.example");
	}
}

static void
a_post_has_the_language_it_was_written_in(void **state)
{
	struct site *s = *state;
	struct answer a = page(s, "{\"content\":[\"Regen\"],\"category\":[\"wetter\"],\"lang\":[\"de\"]}");

	assert_has(a, "<html lang=\"en\">");
	assert_has(a, "<article class=\"h-entry post note\" lang=\"de\">");
	assert_has(a, "<p class=\"when\" lang=\"en\">");
	assert_has(a, "<p class=\"tags\" lang=\"en\">");
	assert_has(ASK(s, .uri = "/"), "<article class=\"h-entry post note\" lang=\"de\">");
}

static void
a_site_in_arabic_is_written_from_right_to_left(void **state)
{
	struct site *s = site_new("language = ar-EG");

	(void)state;
	assert_has(ASK(s, .uri = "/"), "<html lang=\"ar-EG\" dir=\"rtl\">");
	site_free(s);
}

/* A post of before the column was there, whose parts nobody has looked for. */
static void
posts_from_before_show_their_parts(void **state)
{
	struct site *s = *state;

	site_sql(s, "INSERT INTO post (uid, slug, type, status, visibility, published, published_zone, "
		    "updated, deleted, tags, name, summary, html, text, mf2, client) VALUES ('/note/x', 'x', "
		    "'photo', 1, 0, 1772357400, 0, 0, 0, '', '', '', '', '', "
		    "'{\"type\":[\"h-entry\"],\"properties\":{\"photo\":[\"https://p.example/1.jpg\"]}}', "
		    "'')");
	segment_generation_move(s->seg);
	assert_has(ASK(s, .uri = "/note/x"), "src=\"https://p.example/1.jpg\"");
}

#define T(f) cmocka_unit_test_setup_teardown(f, site_setup, site_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_reply_names_what_it_answers_outside_its_content),
		T(each_relation_has_its_words_and_its_class),
		T(a_citation_shows_its_name_and_author),
		T(an_answer_to_an_invitation_says_which),
		T(what_is_read_says_how_far),
		T(a_photo_comes_in_sizes),
		T(sizes_appear_when_they_are_made),
		T(photos_of_others_are_shown_if_they_come_by_https),
		T(only_the_first_photo_of_a_page_is_eager),
		T(a_featured_picture_heads_an_article),
		T(a_video_plays_without_script),
		T(an_event_says_when_and_where),
		T(an_event_of_days_has_no_hours),
		T(a_check_in_names_the_place),
		T(places_people_and_copies_are_listed),
		T(a_photo_without_words_has_a_title),
		T(hostile_properties_stay_text),
		T(the_feed_carries_what_the_page_shows),
		T(the_feed_changes_when_sizes_come),
		T(a_post_has_the_language_it_was_written_in),
		T(a_site_in_arabic_is_written_from_right_to_left),
		T(parts_come_and_go_with_updates),
		T(posts_from_before_show_their_parts),
	};

	return cmocka_run_group_tests_name("web/types", tests, NULL, NULL);
}
