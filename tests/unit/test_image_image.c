/*
 * image/image: pictures, through the real helper: upright, bare, of the same colours, whole or
 * refused; and smaller ones. What comes out is decoded with TurboJPEG here, if need be by way of a
 * resize to JPEG.
 */
#include "image_fixture.h"

#include <turbojpeg.h>

/* ---- looking at the result --------------------------------------------------------------- */

struct pixels {
	int width, height;
	unsigned char *p;	/* three bytes each, in the arena */
};

static struct pixels
decode(struct studio *s, struct str jpeg)
{
	const unsigned char *in = (const unsigned char *)jpeg.p;
	tjhandle handle = tjInitDecompress();
	struct pixels out = {0};
	int sampling, colours;

	assert_non_null(handle);
	assert_int_equal(tjDecompressHeader3(handle, in, jpeg.n, &out.width, &out.height, &sampling,
		&colours), 0);
	out.p = ctx_alloc(&s->c, (size_t)out.width * (size_t)out.height * 3);
	assert_non_null(out.p);
	assert_int_equal(tjDecompress2(handle, in, jpeg.n, out.p, out.width, 0, out.height, TJPF_RGB,
		TJFLAG_ACCURATEDCT), 0);
	assert_int_equal(tjDestroy(handle), 0);
	return out;
}

/* What was prepared, as pixels, whatever its format. */
static struct pixels
prepared_pixels(struct studio *s)
{
	struct pixels got;
	int fd;

	if (strcmp(s->info.type, "image/jpeg") == 0)
		return decode(s, studio_read(s, s->out));
	fd = studio_file(S(""));
	assert_int_equal(image_resize(&s->c, s->out, 16384, IMAGE_JPEG, fd), OK);
	got = decode(s, studio_read(s, fd));
	(void)close(fd);
	return got;
}

static bool
is_near(const unsigned char *p, int r, int g, int b)
{
	return abs(p[0] - r) < 25 && abs(p[1] - g) < 25 && abs(p[2] - b) < 25;
}

static const unsigned char *
pixel(const struct pixels *p, int x, int y)
{
	return p->p + (y * p->width + x) * 3;
}

/* Red, green above blue, white. */
static void
assert_upright(const struct pixels *p, const char *what)
{
	int left = p->width / 4, right = left * 3, top = p->height / 4, bottom = top * 3;

	if (!is_near(pixel(p, left, top), 220, 20, 20) ||
		!is_near(pixel(p, right, top), 20, 200, 20) ||
		!is_near(pixel(p, left, bottom), 20, 20, 220) ||
		!is_near(pixel(p, right, bottom), 250, 250, 250))
		fail_msg("%s is not upright", what);
}

/* Nothing that a camera or a program says of a picture. */
static void
assert_bare(struct str file, const char *what)
{
	static const struct str parts[] = {S_INIT("Secret"), S_INIT("Exif"), S_INIT("EXIF"),
		S_INIT("eXIf"), S_INIT("2001:02:03"), S_INIT("ns.adobe.com"), S_INIT("xmpmeta"),
		S_INIT("8BIM"), S_INIT("ICC_PROFILE"), S_INIT("iCCP"), S_INIT("tEXt"),
		S_INIT("\xb1\x68\xde\x3a") /* 987654321, a degree of latitude */};

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (str_search(file, parts[i], 0) < file.n)
			fail_msg("%s: \"%.*s\" is still there", what, STR(parts[i]));
}

/* ---- preparing --------------------------------------------------------------------------- */

static void
each_orientation_is_made_upright(void **state)
{
	struct studio *s = *state;

	for (int i = 1; i <= 8; i++) {
		struct pixels got;
		char name[32];

		(void)snprintf(name, sizeof(name), "orientation-%d.jpg", i);
		assert_int_equal(studio_prepare_fixture(s, name), OK);
		assert_string_equal(s->info.type, "image/jpeg");
		assert_int_equal(s->info.width, 64);
		assert_int_equal(s->info.height, 48);
		got = prepared_pixels(s);
		assert_int_equal(got.width, 64);
		assert_int_equal(got.height, 48);
		assert_upright(&got, name);
	}
	assert_int_equal(studio_prepare_fixture(s, "turned.png"), OK);
	assert_int_equal(s->info.width, 48);
	assert_int_equal(s->info.height, 64);
}

static void
nothing_is_left_of_metadata(void **state)
{
	static const char *const files[] = {"orientation-1.jpg", "orientation-6.jpg", "srgb.jpg",
		"p3.jpg", "metadata.png", "turned.png", "metadata.webp", "lossless.webp",
		"metadata.avif", "animated.gif"};
	struct studio *s = *state;

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		struct pixels got;

		if (studio_prepare_fixture(s, files[i]) != OK)
			fail_msg("%s: %s", files[i], s->c.err.detail);
		assert_true(s->info.rewritten);
		assert_bare(studio_read(s, s->out), files[i]);
		got = prepared_pixels(s);
		assert_int_equal(got.width, s->info.width);
		assert_int_equal(got.height, s->info.height);
	}
}

static void
a_picture_keeps_its_format(void **state)
{
	static const struct {
		const char *file, *type;
		bool moving;
	} files[] = {
		{"photo.jpg", "image/jpeg", false},
		{"metadata.png", "image/png", false},
		{"animated.gif", "image/gif", true},
		{"metadata.webp", "image/webp", false},
		{"metadata.avif", "image/avif", false},
	};
	struct studio *s = *state;

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		assert_int_equal(studio_prepare_fixture(s, files[i].file), OK);
		assert_string_equal(s->info.type, files[i].type);
		assert_int_equal(s->info.moving, files[i].moving);
		/* What was prepared once is prepared: it says the same of itself. */
		assert_int_equal(studio_prepare(s, studio_read(s, s->out)), OK);
		assert_string_equal(s->info.type, files[i].type);
		assert_int_equal(s->info.moving, files[i].moving);
	}
}

static void
a_jpeg_loses_no_quality(void **state)
{
	static const char *const files[] = {"photo.jpg", "srgb.jpg"};
	struct studio *s = *state;

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		struct pixels before, after;

		assert_int_equal(studio_prepare_fixture(s, files[i]), OK);
		before = decode(s, studio_read(s, s->in));
		after = decode(s, studio_read(s, s->out));
		assert_int_equal(before.width, after.width);
		assert_memory_equal(before.p, after.p, (size_t)before.width * (size_t)before.height * 3);
	}
}

static void
other_colours_become_srgb(void **state)
{
	struct studio *s = *state;
	struct pixels before, after;

	assert_int_equal(studio_prepare_fixture(s, "p3.jpg"), OK);
	before = decode(s, studio_read(s, s->in));
	after = decode(s, studio_read(s, s->out));
	/* This red of the wider space is about the reddest that there is in sRGB. */
	assert_upright(&before, "p3.jpg");
	assert_true(pixel(&after, 160, 120)[0] > 232);
	assert_true(pixel(&after, 160, 120)[1] < 8);
	assert_true(is_near(pixel(&after, 480, 360), 250, 250, 250));
}

static void
all_frames_and_their_times_are_kept(void **state)
{
	struct studio *s = *state;
	struct str file;
	int frames = 0;

	assert_int_equal(studio_prepare_fixture(s, "animated.gif"), OK);
	file = studio_read(s, s->out);
	for (size_t at = 0; (at = str_search(file, S("!\xf9\x04"), at)) < file.n; at++) {
		frames++;
		assert_int_equal(file.p[at + 4], 10); /* hundredths of a second */
	}
	assert_int_equal(frames, 3);
	assert_true(str_search(file, S("NETSCAPE2.0"), 0) < file.n);
}

static void
the_upload_is_read_from_its_beginning(void **state)
{
	struct studio *s = *state;

	assert_int_equal(studio_prepare_fixture(s, "photo.jpg"), OK);
	assert_true(lseek(s->in, 5000, SEEK_SET) == 5000);
	assert_int_equal(ftruncate(s->out, 0), 0);
	assert_int_equal(lseek(s->out, 0, SEEK_SET), 0);
	assert_int_equal(image_prepare(&s->c, s->in, s->out, &s->info), OK);
}

/* ---- refusing ---------------------------------------------------------------------------- */

static void
what_does_not_decode_to_its_end_is_broken(void **state)
{
	static const char *const files[] = {"truncated.jpg", "truncated.webp", "truncated.avif",
		"lying.png"};
	struct studio *s = *state;

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		if (studio_prepare_fixture(s, files[i]) != ERR_UPLOAD_BROKEN)
			fail_msg("%s: %s", files[i], s->c.err.detail);
}

/* A part of a picture is never taken for the whole, wherever it was cut. */
static void
no_part_of_a_picture_is_taken(void **state)
{
	static const char *const files[] = {"images/orientation-1.jpg", "images/metadata.png",
		"images/metadata.webp", "images/animated.gif"};
	struct studio *s = *state;

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		struct str file = fixture_read(files[i]);

		for (size_t n = 5; n < file.n * 9 / 10; n += file.n / 7) {
			enum err e = studio_prepare(s, str_sub(file, 0, n));

			if (e != ERR_UPLOAD_BROKEN && e != ERR_UPLOAD_TYPE)
				fail_msg("%s, %zu bytes: %d", files[i], n, e);
		}
		fixture_free(file);
	}
}

static void
too_many_pixels_are_refused_by_the_header(void **state)
{
	/* 8000 x 5000 pixels: more than a WebP may have, less than others. */
	static const char webp[] = "RIFF\x2c\0\0\0WEBPVP8L\x20\0\0\0\x2f\x3f\xdf\xe1\x04";
	char file[52] = {0};
	struct studio *s = *state;

	memcpy(file, webp, sizeof(webp));
	assert_int_equal(studio_prepare(s, str_n(file, sizeof(file))), ERR_UPLOAD_TOO_LARGE);
	assert_int_equal(studio_prepare_fixture(s, "huge.png"), ERR_UPLOAD_TOO_LARGE);
	assert_int_equal(studio_read(s, s->out).n, 0);
}

/* A GIF of n frames of w x w pixels, of which each holds one. */
static struct str
gif_of(struct studio *s, int n, int w)
{
	static const unsigned char frame[] = {'!', 0xf9, 4, 0, 1, 0, 0, 0, ',', 0, 0, 0, 0, 1, 0, 1, 0,
		0, 2, 2, 0x44, 0x01, 0};
	const unsigned char head[] = {'G', 'I', 'F', '8', '9', 'a', (unsigned char)w,
		(unsigned char)(w >> 8), (unsigned char)w, (unsigned char)(w >> 8), 0x80, 0, 0, 255, 0,
		0, 0, 0, 255};
	size_t size = sizeof(head) + (size_t)n * sizeof(frame) + 1;
	char *p = ctx_alloc(&s->c, size);

	assert_non_null(p);
	memcpy(p, head, sizeof(head));
	for (size_t i = 0; i < (size_t)n; i++)
		memcpy(p + sizeof(head) + i * sizeof(frame), frame, sizeof(frame));
	p[size - 1] = ';';
	return str_n(p, size);
}

static void
too_many_frames_are_refused(void **state)
{
	struct studio *s = *state;

	assert_int_equal(studio_prepare(s, gif_of(s, 2, 4)), OK);
	assert_true(s->info.moving);
	assert_int_equal(studio_prepare(s, gif_of(s, 501, 4)), ERR_UPLOAD_TOO_LARGE);
	assert_int_equal(studio_prepare(s, gif_of(s, 10000, 4)), ERR_UPLOAD_TOO_LARGE);
	/* Few frames of many pixels: it is the product that counts. */
	assert_int_equal(studio_prepare(s, gif_of(s, 100, 1000)), ERR_UPLOAD_TOO_LARGE);
}

static void
a_script_inside_a_picture_does_not_survive(void **state)
{
	struct studio *s = *state;
	struct str gif = gif_of(s, 1, 4), both;

	assert_int_equal(ctx_printf(&s->c, &both, "%.*s", 0, ""), OK);
	both.p = ctx_alloc(&s->c, gif.n + 64);
	both.n = gif.n;
	memcpy((void *)(uintptr_t)both.p, gif.p, gif.n);
	memcpy((void *)(uintptr_t)(both.p + gif.n), "*/=1;alert(document.cookie)//", 29);
	both.n += 29;
	assert_int_equal(studio_prepare(s, both), OK);
	both = studio_read(s, s->out);
	assert_true(str_search(both, S("alert"), 0) == both.n);
	/* One whose width is the beginning of a comment is no picture. */
	assert_int_equal(studio_prepare(s, S("GIF89a/*aaaa*/=1;alert(document.cookie)")),
		ERR_UPLOAD_BROKEN);
}

static void
a_full_disk_has_an_error_of_its_own(void **state)
{
	static const char *const files[] = {"photo.jpg", "metadata.png", "metadata.webp"};
	struct studio *s = *state;
	int full = open("/dev/full", O_WRONLY);

	assert_true(full >= 0);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		assert_int_equal(studio_prepare_fixture(s, files[i]), OK);
		assert_int_equal(image_prepare(&s->c, s->in, full, &s->info), ERR_DISK_FULL);
	}
	(void)close(full);
}

/* ---- smaller ones ------------------------------------------------------------------------ */

static void
a_smaller_picture_has_the_width_and_format_asked_for(void **state)
{
	static const struct {
		enum image_format format;
		const char *type;
	} formats[] = {
		{IMAGE_WEBP, "image/webp"}, {IMAGE_JPEG, "image/jpeg"}, {IMAGE_PNG, "image/png"}};
	struct studio *s = *state;

	assert_int_equal(studio_prepare_fixture(s, "photo.jpg"), OK);
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		struct pixels got;
		struct str file;
		int fd = studio_file(S(""));

		assert_int_equal(image_resize(&s->c, s->in, 160, formats[i].format, fd), OK);
		file = studio_read(s, fd);
		assert_bare(file, formats[i].type);
		(void)close(fd);
		assert_int_equal(studio_prepare(s, file), OK);
		assert_string_equal(s->info.type, formats[i].type);
		assert_int_equal(s->info.width, 160);
		assert_int_equal(s->info.height, 120);
		got = prepared_pixels(s);
		assert_upright(&got, formats[i].type);
		assert_int_equal(studio_prepare_fixture(s, "photo.jpg"), OK);
	}
}

/* libwebp sorts the colours of a picture that one can see through, and libc asks the kernel before it sorts many. */
static void
one_with_shades_of_transparency_is_made_smaller(void **state)
{
	struct studio *s = *state;
	int fd = studio_file(S(""));

	assert_int_equal(studio_prepare_fixture(s, "../../../share/static/icon-512.png"), OK);
	assert_int_equal(image_resize(&s->c, s->in, 480, IMAGE_WEBP, fd), OK);
	assert_int_equal(studio_prepare(s, studio_read(s, fd)), OK);
	assert_int_equal(s->info.width, 480);
	(void)close(fd);
}

static void
none_is_made_wider_than_it_is(void **state)
{
	struct studio *s = *state;
	int fd = studio_file(S(""));

	assert_int_equal(studio_prepare_fixture(s, "photo.jpg"), OK);
	assert_int_equal(image_resize(&s->c, s->in, 1600, IMAGE_JPEG, fd), OK);
	assert_int_equal(decode(s, studio_read(s, fd)).width, 640);
	(void)close(fd);
}

static void
what_is_no_whole_picture_has_no_smaller_one(void **state)
{
	struct studio *s = *state;
	int fd = studio_file(S(""));

	assert_int_equal(studio_prepare_fixture(s, "truncated.jpg"), ERR_UPLOAD_BROKEN);
	err_clear(&s->c);
	assert_int_equal(image_resize(&s->c, s->in, 480, IMAGE_WEBP, fd), ERR_UPLOAD_BROKEN);
	err_clear(&s->c);
	assert_int_equal(studio_prepare_fixture(s, "page.pdf"), OK);
	assert_int_equal(image_resize(&s->c, s->in, 480, IMAGE_WEBP, fd), ERR_UPLOAD_TYPE);
	(void)close(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		STUDIO_TEST(each_orientation_is_made_upright),
		STUDIO_TEST(nothing_is_left_of_metadata),
		STUDIO_TEST(a_picture_keeps_its_format),
		STUDIO_TEST(a_jpeg_loses_no_quality),
		STUDIO_TEST(other_colours_become_srgb),
		STUDIO_TEST(all_frames_and_their_times_are_kept),
		STUDIO_TEST(the_upload_is_read_from_its_beginning),
		STUDIO_TEST(what_does_not_decode_to_its_end_is_broken),
		STUDIO_TEST(no_part_of_a_picture_is_taken),
		STUDIO_TEST(too_many_pixels_are_refused_by_the_header),
		STUDIO_TEST(too_many_frames_are_refused),
		STUDIO_TEST(a_script_inside_a_picture_does_not_survive),
		STUDIO_TEST(a_full_disk_has_an_error_of_its_own),
		STUDIO_TEST(a_smaller_picture_has_the_width_and_format_asked_for),
		STUDIO_TEST(one_with_shades_of_transparency_is_made_smaller),
		STUDIO_TEST(none_is_made_wider_than_it_is),
		STUDIO_TEST(what_is_no_whole_picture_has_no_smaller_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
