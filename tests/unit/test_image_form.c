/*
 * image/media_type and image/media_form: what is accepted and what is refused by its bytes, for
 * everything but pictures, through the real helper.
 */
#include "image_fixture.h"

static const struct {
	const char *file;
	const char *type;
} accepted[] = {
	{"clip.mp4", "video/mp4"},
	{"clip.webm", "video/webm"},
	{"tone.mp3", "audio/mpeg"},
	{"tone.m4a", "audio/mp4"},
	{"tone.ogg", "audio/ogg"},
	{"tone.wav", "audio/wav"},
	{"page.pdf", "application/pdf"},
};

enum { N_ACCEPTED = sizeof(accepted) / sizeof(accepted[0]) };

static void
films_sounds_and_pdfs_stay_as_they_are(void **state)
{
	struct studio *s = *state;

	for (size_t i = 0; i < N_ACCEPTED; i++) {
		assert_int_equal(studio_prepare_fixture(s, accepted[i].file), OK);
		assert_string_equal(s->info.type, accepted[i].type);
		assert_int_equal(s->info.width, 0);
		assert_int_equal(s->info.height, 0);
		assert_false(s->info.rewritten);
		assert_false(s->info.moving);
		assert_int_equal(studio_read(s, s->out).n, 0);
	}
}

/* The first part of a fixture. */
static enum err
prepare_part(struct studio *s, const char *file, size_t cut)
{
	char path[256];
	struct str bytes;
	enum err e;

	(void)snprintf(path, sizeof(path), "images/%s", file);
	bytes = fixture_read(path);
	e = studio_prepare(s, str_sub(bytes, 0, bytes.n - cut));
	fixture_free(bytes);
	return e;
}

static void
one_that_was_cut_short_is_broken(void **state)
{
	struct studio *s = *state;

	for (size_t i = 0; i < N_ACCEPTED; i++) {
		if (strcmp(accepted[i].type, "audio/mpeg") == 0)
			continue; /* its frames have no end; see below */
		if (prepare_part(s, accepted[i].file, 12) != ERR_UPLOAD_BROKEN)
			fail_msg("%s", accepted[i].file);
	}
	assert_int_equal(studio_prepare(s, S("ID3\3\0\0\0\0\0\x64 a tag that says it is longer")),
		ERR_UPLOAD_BROKEN);
}

static void
sound_may_stand_behind_a_tag_of_any_length(void **state)
{
	struct studio *s = *state;
	size_t tag = (size_t)12 << 14, n = 10 + tag + 4;
	char *p = ctx_calloc(&s->c, 1, n);

	assert_non_null(p);
	memcpy(p, "ID3\3\0\0\0\x0c\0\0", 10);
	memcpy(p + 10 + tag, "\xff\xfb\x90", 4);
	assert_int_equal(studio_prepare(s, str_n(p, n)), OK);
	assert_string_equal(s->info.type, "audio/mpeg");
	p[10 + tag] = 0;
	assert_int_equal(studio_prepare(s, str_n(p, n)), ERR_UPLOAD_BROKEN);
}

static void
boxes_must_hold_a_movie_and_fit(void **state)
{
	static const struct str files[] = {
		S_INIT("\0\0\0\x14" "ftypisom\0\0\2\0mp41"),
		S_INIT("\0\0\0\x14" "ftypisom\0\0\2\0mp41" "\0\0\0\4moov"),
		S_INIT("\0\0\0\x14" "ftypisom\0\0\2\0mp41" "\0\0\0\1moov\0\0\0\0\0\0\0\x8"),
		S_INIT("\0\0\0\x14" "ftypisom\0\0\2\0mp41" "\0\0\0\1moov\xff\xff\xff\xff\xff\xff\xff\xff"),
	};
	struct studio *s = *state;

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		assert_int_equal(studio_prepare(s, files[i]), ERR_UPLOAD_BROKEN);
	assert_int_equal(studio_prepare(s, S("\0\0\0\x14" "ftypisom\0\0\2\0mp41" "\0\0\0\0moov")), OK);
}

static void
everything_else_is_refused_by_its_type(void **state)
{
	static const struct {
		struct str bytes;
		const char *hint;
	} files[] = {
		{S_INIT("<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>"), "svg"},
		{S_INIT("<?xml version=\"1.0\"?><svg xmlns=\"http://www.w3.org/2000/svg\"/>"), "svg"},
		{S_INIT("<!DOCTYPE html><html><script>alert(1)</script></html>"), "text/html"},
		{S_INIT("#!/bin/sh\nrm -rf /\n"), "shellscript"},
		{S_INIT("<?php system($_GET['x']); ?>"), "php"},
		{S_INIT("alert(1)"), "text/plain"},
		{S_INIT("\x7f" "ELF\2\1\1\0\0\0\0\0\0\0\0\0\2\0>\0\1\0\0\0"), ""},
		{S_INIT("PK\3\4\x14\0\0\0\0\0"), ""},
		{S_INIT("II*\0\x08\0\0\0\0\0"), "tiff"},
		{S_INIT("BM\x36\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\1\0\0\0\1\0\0\0\1\0\x18\0"), "bmp"},
		{S_INIT("\0\0\0\x14" "ftypqt  \0\0\2\0qt  " "\0\0\0\x8moov"), "quicktime"},
		{S_INIT(""), "empty"},
		{S_INIT("\0"), ""},
	};
	struct studio *s = *state;

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		if (studio_prepare(s, files[i].bytes) != ERR_UPLOAD_TYPE)
			fail_msg("%zu: %d %s", i, s->c.err.code, s->info.type);
		if (!strstr(s->c.err.hint, files[i].hint))
			fail_msg("\"%s\" is not in: %s", files[i].hint, s->c.err.hint);
		assert_int_equal(studio_read(s, s->out).n, 0);
	}
}

/* A picture is one of the kinds, but only a build that can decode it takes it. */
static void
a_picture_is_taken_if_we_are_built_for_it(void **state)
{
	struct studio *s = *state;

#ifdef WITH_IMAGES
	assert_int_equal(studio_prepare_fixture(s, "metadata.png"), OK);
#else
	assert_int_equal(studio_prepare_fixture(s, "metadata.png"), ERR_UPLOAD_TYPE);
	assert_string_equal(s->c.err.hint, "this site was built without support for pictures");
#endif
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		STUDIO_TEST(films_sounds_and_pdfs_stay_as_they_are),
		STUDIO_TEST(one_that_was_cut_short_is_broken),
		STUDIO_TEST(sound_may_stand_behind_a_tag_of_any_length),
		STUDIO_TEST(boxes_must_hold_a_movie_and_fit),
		STUDIO_TEST(a_picture_is_taken_if_we_are_built_for_it),
		STUDIO_TEST(everything_else_is_refused_by_its_type),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
