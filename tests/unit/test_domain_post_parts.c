/*
 * domain/post_parts: what pages show beside title and text, out of properties of every shape that
 * clients send, and nothing out of those that mean harm.
 */
#include "domain/post_parts.h"

#include "domain_fixture.h"
#include "store/media.h"

/* The parts of a row with these properties, which nobody checked before. No tree outlives it. */
static struct post_parts
parts(struct site *s, const char *properties)
{
	const struct ctx_defer *mark = s->c.defers;
	struct post_row row = {.rich = true};
	struct post_parts out;

	assert_ok(s, ctx_printf(&s->c, &row.mf2, "{\"type\":[\"h-entry\"],\"properties\":%s}",
			properties));
	assert_ok(s, post_parts_read(&s->c, &row, &out));
	assert_ptr_equal(s->c.defers, mark);
	return out;
}

static struct str
label(struct site *s, const char *type, const char *properties)
{
	struct post_row row = {.type = str_z(type), .published = NOW, .published_zone = 60};
	struct post_parts p = parts(s, properties);
	struct str out = {0};

	assert_ok(s, post_label(&s->c, &row, &p, &out));
	return out;
}

static void
assert_cite(struct post_cites got, const char *url, const char *name, const char *author)
{
	assert_int_equal(got.n, 1);
	assert_str(got.list[0].url, url);
	assert_str(got.list[0].name, name);
	assert_str(got.list[0].author, author);
}

static void
a_row_without_properties_has_no_parts(void **state)
{
	struct site *s = *state;
	const char *const bad[] = {"", "{", "[]", "null", "7", "{\"properties\":[]}"};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct post_row row = {.mf2 = str_z(bad[i])};
		struct post_parts got;

		assert_ok(s, post_parts_read(&s->c, &row, &got));
		assert_int_equal(got.photos.n + got.people.n + got.relations[POST_REPLY].n, 0);
		assert_false(post_place_known(&got.location));
		assert_int_equal(s->c.err.code, OK);
	}
}

static void
a_photo_is_a_url_or_an_object_with_alt(void **state)
{
	struct site *s = *state;
	struct post_parts p = parts(s, "{\"photo\":[\"https://a.example/1.jpg\","
		"{\"value\":\"https://a.example/2.jpg\",\"alt\":\"Two\\n cats\"},"
		"{\"type\":[\"h-cite\"],\"properties\":{\"url\":[\"https://a.example/3.jpg\"]}}],"
		"\"video\":[\"https://a.example/v.mp4\"],\"audio\":[\"https://a.example/a.mp3\"],"
		"\"featured\":[\"https://a.example/f.jpg\"]}");

	assert_int_equal(p.photos.n, 3);
	assert_str(p.photos.list[0].url, "https://a.example/1.jpg");
	assert_str(p.photos.list[0].alt, "");
	assert_str(p.photos.list[0].name, "");
	assert_str(p.photos.list[1].url, "https://a.example/2.jpg");
	assert_str(p.photos.list[1].alt, "Two cats");
	assert_str(p.photos.list[2].url, "https://a.example/3.jpg");
	assert_int_equal(p.videos.n, 1);
	assert_int_equal(p.audios.n, 1);
	assert_int_equal(p.featured.n, 1);
}

static void
only_http_urls_are_files_and_links(void **state)
{
	struct site *s = *state;
	static const char *const bad[] = {"javascript:alert(1)", "data:image/png;base64,xx",
		"//a.example/1.jpg", "/media/x.jpg", "file:///etc/passwd", "https://", "",
		"https:///x", "https://a.example/ x", "https://a.example/\\nx"};
	char text[512];

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct post_parts p;

		(void)snprintf(text, sizeof(text), "{\"photo\":[\"%s\",{\"value\":\"%s\"}],"
			"\"video\":[\"%s\"],\"in-reply-to\":[\"%s\"],\"syndication\":[\"%s\"],"
			"\"category\":[{\"properties\":{\"name\":[\"B\"],\"url\":[\"%s\"]}}]}",
			bad[i], bad[i], bad[i], bad[i], bad[i], bad[i]);
		p = parts(s, text);
		assert_int_equal(p.photos.n + p.videos.n, 0);
		assert_int_equal(p.relations[POST_REPLY].n + p.syndication.n, 0);
		assert_cite(p.people, "", "B", "");
	}
}

static void
what_is_answered_is_a_url_or_a_citation(void **state)
{
	struct site *s = *state;
	struct post_parts p = parts(s, "{\"in-reply-to\":[\"https://www.bob.example/7/\"],"
		"\"like-of\":[{\"type\":[\"h-cite\"],\"properties\":{\"name\":[\"A  title\"],"
		"\"url\":[\"https://c.example/\"],\"author\":[\"Carol\"]}}],"
		"\"repost-of\":[{\"value\":\"https://d.example/x\",\"type\":[\"h-cite\"],"
		"\"properties\":{\"author\":[{\"type\":[\"h-card\"],\"properties\":"
		"{\"name\":[\"Dana\"]}}]}}],\"bookmark-of\":[{\"type\":[\"h-cite\"],\"properties\":"
		"{\"url\":[\"https://e.example/\"],\"author\":[\"https://e.example/me\"]}}]}");

	assert_cite(p.relations[POST_REPLY], "https://www.bob.example/7/", "bob.example/7", "");
	assert_cite(p.relations[POST_LIKE], "https://c.example/", "A title", "Carol");
	assert_cite(p.relations[POST_REPOST], "https://d.example/x", "d.example/x", "Dana");
	assert_cite(p.relations[POST_BOOKMARK], "https://e.example/", "e.example", "");
}

static void
what_is_read_needs_no_url(void **state)
{
	struct site *s = *state;
	struct post_parts p = parts(s, "{\"read-of\":[{\"type\":[\"h-cite\"],\"properties\":"
		"{\"name\":[\"Dune: Messiah\"],\"author\":[\"F. H.\"]}}],\"listen-of\":[\"A song\"],"
		"\"watch-of\":[{\"properties\":{}},7,true],\"like-of\":[\"A song\"],"
		"\"read-status\":[\"Finished\"]}");

	assert_cite(p.relations[POST_READ], "", "Dune: Messiah", "F. H.");
	assert_cite(p.relations[POST_LISTEN], "", "A song", "");
	assert_int_equal(p.relations[POST_WATCH].n, 0);
	assert_int_equal(p.relations[POST_LIKE].n, 0);
	assert_str(p.read_status, "finished");
}

static void
answers_and_states_are_known_words(void **state)
{
	struct site *s = *state;

	assert_str(parts(s, "{\"rsvp\":[\"YES\"]}").rsvp, "yes");
	assert_str(parts(s, "{\"rsvp\":[\"interested\"]}").rsvp, "interested");
	assert_str(parts(s, "{\"rsvp\":[\"yes please\"]}").rsvp, "");
	assert_str(parts(s, "{\"rsvp\":[7]}").rsvp, "");
	assert_str(parts(s, "{\"read-status\":[\"dropped\"]}").read_status, "");
}

static void
a_language_is_a_tag_or_nothing(void **state)
{
	struct site *s = *state;

	assert_str(parts(s, "{\"lang\":[\"pt-BR\"]}").lang, "pt-BR");
	assert_str(parts(s, "{\"lang\":[\"\\\"><b>\"]}").lang, "");
	assert_str(parts(s, "{\"lang\":[{\"value\":\"de\"}]}").lang, "");
	assert_true(posted(s, "{\"properties\":{\"content\":[\"x\"],\"lang\":[\"de\"]}}").rich);
}

static void
an_event_has_moments_or_days(void **state)
{
	struct site *s = *state;
	struct post_parts p = parts(s, "{\"start\":[\"2026-04-11T14:00:00+02:00\"],"
		"\"end\":[\"2026-04-12\"]}");

	assert_true(p.start.set);
	assert_false(p.start.day);
	assert_int_equal(p.start.zone, 120);
	assert_int_equal(p.start.seconds, INT64_C(1775908800));
	assert_true(p.end.set);
	assert_true(p.end.day);
	assert_false(parts(s, "{\"start\":[\"tomorrow\"]}").start.set);
	assert_false(parts(s, "{\"start\":[\"2026-02-30\"]}").start.set);
	assert_false(parts(s, "{\"start\":[20260301]}").start.set);
}

static struct post_place
place(struct site *s, const char *value)
{
	char text[1024];

	(void)snprintf(text, sizeof(text), "{\"location\":[%s]}", value);
	return parts(s, text).location;
}

static void
a_place_has_many_forms(void **state)
{
	struct site *s = *state;
	struct post_place p = place(s, "\"Musterstadt\"");

	assert_str(p.root, "");
	assert_str(p.name, "Musterstadt");
	p = place(s, "\"geo:52.52,-13.405,34;u=35\"");
	assert_str(p.root, "h-geo");
	assert_str(p.latitude, "52.52");
	assert_str(p.longitude, "-13.405");
	p = place(s, "\"https://nord.example/\"");
	assert_str(p.root, "h-card");
	assert_str(p.url, "https://nord.example/");
	assert_str(p.name, "nord.example");
	p = place(s, "{\"type\":[\"h-adr\"],\"properties\":{\"street-address\":[\"Hauptstraße 14\"],"
		     "\"locality\":[\"Musterstadt\"],\"country-name\":[\"Germany\"]}}");
	assert_str(p.root, "h-adr");
	assert_str(p.address[POST_STREET], "Hauptstraße 14");
	assert_str(p.address[POST_LOCALITY], "Musterstadt");
	assert_str(p.address[POST_COUNTRY], "Germany");
	p = place(s, "{\"type\":[\"h-geo\"],\"properties\":{\"latitude\":[52.5],\"longitude\":[13]}}");
	assert_str(p.root, "h-geo");
	assert_str(p.latitude, "52.500000");
	assert_str(p.longitude, "13.000000");
	p = place(s, "{\"type\":[\"h-card\"],\"properties\":{\"name\":[\"Nord\"],"
		     "\"adr\":[{\"properties\":{\"locality\":[\"Musterstadt\"]}}],"
		     "\"geo\":[{\"properties\":{\"latitude\":[\"1.5\"],\"longitude\":[\"+2.5\"]}}]}}");
	assert_str(p.root, "h-card");
	assert_str(p.name, "Nord");
	assert_str(p.address[POST_LOCALITY], "Musterstadt");
	assert_str(p.latitude, "1.5");
	assert_str(p.longitude, "2.5");
}

static void
a_place_that_is_none_says_nothing(void **state)
{
	static const char *const bad[] = {"\"\"", "\"geo:91,0\"", "\"geo:0,181\"", "\"geo:90.1,0\"",
		"\"geo:1\"", "\"geo:a,b\"", "\"geo:1.,2\"", "\"geo:1,2<script>\"", "7", "{}",
		"{\"properties\":{\"latitude\":[\"1\"]}}", "{\"properties\":[]}",
		"{\"properties\":{\"latitude\":[1e300],\"longitude\":[0]}}",
		"\"geo:0.00000000000000000000000001,0\""};
	struct site *s = *state;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct post_place p = place(s, bad[i]);

		if (post_place_known(&p))
			fail_msg("%s is a place", bad[i]);
	}
}

static void
people_are_categories_that_are_cards(void **state)
{
	struct site *s = *state;
	struct post_parts p = parts(s, "{\"category\":[\"tag\",{\"type\":[\"h-card\"],\"properties\":"
		"{\"name\":[\"Bob\"],\"url\":[\"https://bob.example/\"]}},{\"properties\":{}}]}");

	assert_cite(p.people, "https://bob.example/", "Bob", "");
}

static void
lists_and_texts_have_an_end(void **state)
{
	struct site *s = *state;
	struct str text = {0};
	struct post_parts p;
	struct buf b;

	buf_init(&b, &s->c.arena, 1 << 18);
	buf_puts(&b, "{\"photo\":[\"https://a.example/x\"");
	for (int i = 0; i < 500; i++)
		buf_printf(&b, ",\"https://a.example/%d\"", i);
	buf_puts(&b, "],\"in-reply-to\":[\"https://a.example/x\"");
	for (int i = 0; i < 500; i++)
		buf_printf(&b, ",\"https://a.example/%d\"", i);
	buf_puts(&b, "],\"like-of\":[{\"properties\":{\"url\":[\"https://a.example/\"],\"name\":[\"");
	for (int i = 0; i < 5000; i++)
		buf_putc(&b, 'n');
	buf_puts(&b, "\"]}}],\"repost-of\":[\"https://a.example/");
	for (int i = 0; i < 3000; i++)
		buf_putc(&b, 'p');
	buf_puts(&b, "\"],\"bookmark-of\":[\"https://a.example/");
	for (int i = 0; i < 5000; i++)
		buf_putc(&b, 'p');
	buf_puts(&b, "\"]}");
	assert_ok(s, buf_end(&s->c, &b, &text));
	p = parts(s, text.p);
	assert_int_equal(p.photos.n, POST_FILES_MAX);
	assert_int_equal(p.relations[POST_REPLY].n, POST_CITES_MAX);
	assert_int_equal(p.relations[POST_LIKE].list[0].name.n, POST_LABEL_MAX);
	assert_int_equal(p.relations[POST_REPOST].n, 1);
	assert_true(p.relations[POST_REPOST].list[0].name.n < 80);
	assert_true(str_ends(p.relations[POST_REPOST].list[0].name, S("…")));
	assert_int_equal(p.relations[POST_BOOKMARK].n, 0);
}

static void
media_insert(struct site *s, const char *name, const char *type)
{
	struct media_row row = {.name = str_z(name), .type = str_z(type), .bytes = 1234,
		.width = 1500, .height = 1000, .sizes = S("480 960")};

	crypto_sha256(row.name, row.digest);
	assert_ok(s, db_tx_begin(&s->c, s->db));
	assert_ok(s, media_row_insert(&s->c, s->db, &row));
	assert_ok(s, db_tx_commit(&s->c, s->db));
}

static void
uploads_are_known_by_their_url(void **state)
{
	struct site *s = *state;
	struct str url = {0};
	struct post_parts p;

	media_insert(s, "ab/cd.jpg", "image/jpeg");
	p = parts(s, "{\"photo\":[\"https://ada.example/media/ab/cd.jpg\","
		     "\"https://ada.example/media/ab/gone.jpg\","
		     "\"https://ada.example/media/../ab/cd.jpg\","
		     "\"https://ada.example/media/ab/cd.jpg?x\","
		     "\"https://ada.example.evil.example/media/ab/cd.jpg\"]}");
	assert_ok(s, post_parts_files(&s->c, s->db, &p));
	assert_int_equal(p.photos.n, 5);
	assert_str(p.photos.list[0].name, "ab/cd.jpg");
	assert_str(p.photos.list[0].type, "image/jpeg");
	assert_str(p.photos.list[0].sizes, "480 960");
	assert_int_equal(p.photos.list[0].bytes, 1234);
	assert_int_equal(p.photos.list[0].width, 1500);
	assert_str(p.photos.list[1].name, "ab/gone.jpg");
	assert_int_equal(p.photos.list[1].width, 0);
	for (size_t i = 2; i < 5; i++) {
		assert_str(p.photos.list[i].name, "");
		assert_int_equal(p.photos.list[i].width, 0);
	}
	assert_ok(s, post_file_size(&s->c, &p.photos.list[0], S("480"), S(".webp"), &url));
	assert_str(url, "https://ada.example/media/ab/cd-480.webp");
}

static void
what_has_no_words_is_called_by_what_it_does(void **state)
{
	struct site *s = *state;
	struct post_row row = {.type = S("photo"), .published = NOW, .published_zone = 60};
	struct str out = {0};

	assert_str(label(s, "like", "{\"like-of\":[\"https://bob.example/7\"]}"),
		"Liked bob.example/7");
	assert_str(label(s, "repost", "{\"repost-of\":[\"https://bob.example/7\"]}"),
		"Reposted bob.example/7");
	assert_str(label(s, "rsvp", "{\"rsvp\":[\"no\"],\"in-reply-to\":[\"https://b.example/\"]}"),
		"Not going to b.example");
	assert_str(label(s, "read", "{\"read-of\":[\"Dune\"],\"read-status\":[\"to-read\"]}"),
		"Wants to read Dune");
	assert_str(label(s, "checkin", "{\"checkin\":[{\"properties\":{\"name\":[\"Nord\"]}}]}"),
		"Checked in at Nord");
	assert_str(label(s, "checkin", "{\"checkin\":[\"geo:1,2\"]}"), "Check-in, 1 March 2026");
	assert_str(label(s, "photo", "{}"), "Photo, 1 March 2026");
	assert_ok(s, post_label(&s->c, &row, NULL, &out));
	assert_str(out, "Photo, 1 March 2026");
}

static void
a_row_is_rich_if_there_are_parts(void **state)
{
	struct site *s = *state;

	assert_false(posted(s, "{\"properties\":{\"content\":[\"x\"],\"category\":[\"t\"],"
			       "\"name\":[\"N\"],\"x-mood\":[\"calm\"],\"photo\":[]}}").rich);
	assert_true(posted(s, "{\"properties\":{\"photo\":[\"https://a.example/1\"]}}").rich);
	assert_true(posted(s, "{\"properties\":{\"content\":[\"x\"],\"location\":[\"here\"]}}").rich);
	assert_true(posted(s, "{\"properties\":{\"content\":[\"x\"],\"category\":[{\"type\":"
			      "[\"h-card\"],\"properties\":{\"name\":[\"Bob\"]}}]}}").rich);
	assert_true(posted(s, "{\"properties\":{\"like-of\":[\"https://a.example/1\"]}}").rich);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(a_row_without_properties_has_no_parts),
		SITE_TEST(a_photo_is_a_url_or_an_object_with_alt),
		SITE_TEST(only_http_urls_are_files_and_links),
		SITE_TEST(what_is_answered_is_a_url_or_a_citation),
		SITE_TEST(what_is_read_needs_no_url),
		SITE_TEST(answers_and_states_are_known_words),
		SITE_TEST(a_language_is_a_tag_or_nothing),
		SITE_TEST(an_event_has_moments_or_days),
		SITE_TEST(a_place_has_many_forms),
		SITE_TEST(a_place_that_is_none_says_nothing),
		SITE_TEST(people_are_categories_that_are_cards),
		SITE_TEST(lists_and_texts_have_an_end),
		SITE_TEST(uploads_are_known_by_their_url),
		SITE_TEST(what_has_no_words_is_called_by_what_it_does),
		SITE_TEST(a_row_is_rich_if_there_are_parts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
