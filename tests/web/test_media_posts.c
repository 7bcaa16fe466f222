/*
 * Posts that bring their files with them.
 */
#include "media.h"

static struct answer
create(struct site *s, const char *body)
{
	return send_as(s, s->create, "/micropub", TYPE, body);
}

/* The source of a new post. */
static struct answer
source_of(struct site *s, const struct answer *a)
{
	char query[300];

	assert_int_equal(a->status, 201);
	(void)snprintf(query, sizeof(query), "/micropub?q=source&url=%.*s",
		STR(answer_header(a, "Location")));
	return ask(s, query);
}

static void
files_become_values_in_the_order_sent(void **state)
{
	struct site *s = *state;
	struct answer a =
		create(s, TEXT("content", "x") FILE_AS("photo[]", "a", "PNG one") TEXT("photo[]",
				  "https://other.example/b.jpg") FILE_AS("photo[]", "c", "PNG two")
				  FILE_AS("video", "d", "MP4 x") TEXT("mp-photo-alt[]", "first")
					  TEXT("mp-photo-alt[]", "second") END);
	struct answer source = source_of(s, &a);
	size_t first = str_search(source.body, S("\"alt\":\"first\""), 0);
	size_t other = str_search(source.body, S("other.example/b.jpg\",\"alt\":\"second\""), 0);
	size_t last = str_search(source.body, S(".png\"]"), 0);

	assert_true(first < other && other < last && last < source.body.n);
	assert_has(source, "\"video\":[\"https://ada.example/media/");
	assert_int_equal(files(s), 3);
	/* The same once more: the same files. */
	assert_int_equal(
		create(s, TEXT("content", "x") FILE_AS("photo[]", "a", "PNG one") END).status, 201);
	assert_int_equal(files(s), 3);
}

static void
a_photo_alone_is_a_post(void **state)
{
	struct site *s = *state;

	assert_int_equal(create(s, FILE_AS("photo", "a", "PNG one") END).status, 201);
}

static void
a_file_is_photo_video_or_audio(void **state)
{
	struct site *s = *state;
	struct answer a = create(s, TEXT("content", "x") FILE_AS("attachment", "a", "PNG one") END);

	assert_int_equal(a.status, 400);
	assert_has(a, "not 'attachment'");
	assert_int_equal(image_prepared, 0);
	a = create(s, TEXT("content", "x") FILE_AS("attachment", "", "") END);
	assert_int_equal(a.status, 201);
}

/* A page would have an empty place where it is. */
static void
a_file_is_sent_as_what_it_is(void **state)
{
	static const struct {
		const char *says, *body, *hint;
	} refused[] = {
		{NULL, FILE_AS("photo", "a", "MP4 x") END, "this is video/mp4: send it as video"},
		{"audio/mpeg", FILE_AS("photo[]", "a", "MP4 x") END,
			"this is audio/mpeg: send it as audio"},
		{NULL, FILE_AS("video", "a", "PNG x") END, "this is image/png: send it as photo"},
		{NULL, FILE_AS("audio[0]", "a", "GIF x") END, "this is image/gif: send it as photo"},
		{NULL, FILE_AS("photo", "a", "PNG x") FILE_AS("photo", "b", "MP4 x") END,
			"this is video/mp4"},
		{"application/pdf", FILE_AS("photo", "a", "MP4 x") END,
			"this is application/pdf: it can be linked to"},
		{"application/pdf", FILE_AS("video", "a", "MP4 x") END, "linked to"},
	};
	struct site *s = *state;

	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		struct answer a;

		image_says = refused[i].says;
		a = create(s, refused[i].body);
		assert_int_equal(a.status, 400);
		assert_has(a, refused[i].hint);
		assert_int_equal(files(s), 0);
	}
	/* Sound alone often comes in a film's format, and films in one of sound. */
	image_says = "video/webm";
	assert_int_equal(create(s, FILE_AS("audio", "a", "MP4 1") END).status, 201);
	image_says = "audio/ogg";
	assert_int_equal(create(s, FILE_AS("video", "a", "MP4 2") END).status, 201);
	/* The same goes for what is stored already. */
	assert_int_equal(create(s, FILE_AS("photo", "a", "MP4 2") END).status, 400);
	image_says = NULL;
}

static void
a_refused_post_leaves_no_file(void **state)
{
	static const char *const refused[] = {
		TEXT("published", "someday") FILE_AS("photo", "a", "PNG one") END,
		TEXT("h", "alien") FILE_AS("photo", "a", "PNG one") END,
		TEXT("a[b]", "x") FILE_AS("photo", "a", "PNG one") END,
		FILE_AS("photo", "a", "PNG one") FILE_AS("photo", "b", "<svg>") END,
		FILE_AS("photo", "a", "PNG one") FILE_AS("photo", "b", "BROKEN") END,
		TEXT("action", "delete") TEXT("url", "https://ada.example/note/x")
			FILE_AS("photo", "a", "PNG one") END,
		TEXT("content", "x") FILE_AS("photo", "a", "PNG one"),
	};
	struct site *s = *state;

	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		struct answer a = create(s, refused[i]);

		assert_true(a.status == 400 || a.status == 415);
		assert_int_equal(files(s), 0);
	}
	assert_has(ask(s, "/micropub/media?q=source"), "\"items\":[]");
}

static void
a_refused_post_leaves_the_files_of_others(void **state)
{
	struct site *s = *state;

	assert_int_equal(upload(s, ONE END).status, 201);
	assert_int_equal(
		create(s, TEXT("published", "someday") FILE_AS("photo", "a", "PNG one") END).status,
		400);
	assert_int_equal(files(s), 1);
}

static void
a_post_has_at_most_twenty_files(void **state)
{
	struct site *s = *state;
	struct buf b;
	struct str body;

	buf_init(&b, &s->kept, 65536);
	for (int i = 0; i < 20; i++)
		buf_printf(&b, FILE_AS("photo[]", "a", "PNG %d"), i);
	buf_puts(&b, END);
	body = buf_str(&b);
	assert_int_equal(ASK(s, .method = "POST", .uri = "/micropub", .type = TYPE, .bytes = body,
				 .headers = {{"HTTP_AUTHORIZATION", site_bearer(s, s->create)}})
				 .status,
		201);
	assert_int_equal(files(s), 20);
	b.n -= strlen(END);
	buf_puts(&b, FILE_AS("photo[]", "a", "PNG more") END);
	body = buf_str(&b);
	assert_int_equal(ASK(s, .method = "POST", .uri = "/micropub", .type = TYPE, .bytes = body,
				 .headers = {{"HTTP_AUTHORIZATION", site_bearer(s, s->create)}})
				 .status,
		413);
	assert_int_equal(files(s), 20);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(files_become_values_in_the_order_sent),
		T(a_photo_alone_is_a_post),
		T(a_file_is_photo_video_or_audio),
		T(a_file_is_sent_as_what_it_is),
		T(a_refused_post_leaves_no_file),
		T(a_refused_post_leaves_the_files_of_others),
		T(a_post_has_at_most_twenty_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
