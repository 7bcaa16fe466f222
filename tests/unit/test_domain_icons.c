/*
 * domain/icons: the icons of a picture, made by the real helper: squares in the sizes that are asked
 * for, beside the picture, and gone with it.
 */
#include "domain_fixture.h"

#include "domain/icons.h"
#include "domain/media_file.h"
#include "domain/settings.h"
#include "fixture.h"

#include <sys/stat.h>

#define NAME "ab/" "cdefabcdefabcdefabcdefabcdefabcdefabcdefabcdefabcdefabcdefabcd"

static int
setup(void **state)
{
	const char *build = getenv("SP_TOP_BUILDDIR");
	static char helper[4096];
	struct site *s;
	char folder[96];

	if (site_setup(state) != 0)
		return -1;
	s = *state;
	(void)snprintf(helper, sizeof(helper), "%s/starpunk-media", build ? build : ".");
	s->cfg->media_path = s->dir;
	s->cfg->media_helper = helper;
	(void)snprintf(folder, sizeof(folder), "%s/ab", s->dir);
	return mkdir(folder, 0755);
}

#define ICON_TEST(f) cmocka_unit_test_setup_teardown(f, setup, site_teardown)

static void
put_file(struct site *s, const char *fixture, const char *name)
{
	char path[192], source[128];
	struct str bytes;
	FILE *f;

	(void)snprintf(source, sizeof(source), "images/%s", fixture);
	bytes = fixture_read(source);
	(void)snprintf(path, sizeof(path), "%s/%s", s->dir, name);
	f = fopen(path, "wb");
	assert_non_null(f);
	assert_int_equal(fwrite(bytes.p, 1, bytes.n, f), bytes.n);
	assert_int_equal(fclose(f), 0);
	fixture_free(bytes);
}

/* Width and height of a PNG, out of its header; 0 by 0: there is none. */
static void
png_size(struct site *s, const char *name, unsigned size[2])
{
	unsigned char head[24] = {0};
	char path[192];
	FILE *f;

	size[0] = size[1] = 0;
	(void)snprintf(path, sizeof(path), "%s/%s", s->dir, name);
	f = fopen(path, "rb");
	if (!f)
		return;
	assert_int_equal(fread(head, 1, sizeof(head), f), sizeof(head));
	assert_int_equal(fclose(f), 0);
	assert_memory_equal(head, "\x89PNG\r\n\x1a\n", 8);
	for (int i = 0; i < 2; i++)
		size[i] = (unsigned)head[18 + 4 * i] << 8 | head[19 + 4 * i];
}

static const struct {
	const char *name;
	unsigned width;
} all[] = {{NAME "-48.png", 48}, {NAME "-180.png", 180}, {NAME "-192.png", 192},
	{NAME "-512.png", 512}, {NAME "-m512.png", 512}};

static void
each_icon_is_a_square_of_its_size(void **state)
{
	static const char *const pictures[] = {"photo.jpg", "metadata.png"};
	struct site *s = *state;

	for (size_t i = 0; i < 2; i++) {
		put_file(s, pictures[i], NAME ".jpg");
		assert_ok(s, icons_make(&s->c, S(NAME ".jpg")));
		for (size_t k = 0; k < sizeof(all) / sizeof(all[0]); k++) {
			unsigned size[2];

			png_size(s, all[k].name, size);
			assert_int_equal(size[0], all[k].width);
			assert_int_equal(size[1], all[k].width);
		}
		assert_ok(s, icons_remove(&s->c, S(NAME ".jpg")));
	}
}

static void
icons_go_with_their_picture(void **state)
{
	struct site *s = *state;
	struct stat st;

	put_file(s, "photo.jpg", NAME ".jpg");
	assert_ok(s, icons_make(&s->c, S(NAME ".jpg")));
	assert_true(media_file_stat(&s->c, S(NAME ".jpg"), &st));
	media_file_remove(&s->c, S(NAME ".jpg"), &st);
	for (size_t k = 0; k < sizeof(all) / sizeof(all[0]); k++)
		assert_false(media_file_stat(&s->c, str_z(all[k].name), &st));
}

/* What belongs to a row by its name is not swept as a stranger's. */
static void
an_icon_has_the_name_of_its_picture(void **state)
{
	unsigned char digest[CRYPTO_DIGEST_BYTES], picture[CRYPTO_DIGEST_BYTES];

	(void)state;
	assert_true(media_name_parse(S(NAME ".jpg"), picture));
	for (size_t k = 0; k < sizeof(all) / sizeof(all[0]); k++) {
		assert_true(media_name_parse(str_z(all[k].name), digest));
		assert_memory_equal(digest, picture, sizeof(digest));
	}
	assert_false(media_name_parse(S(NAME "-m.png"), digest));
	assert_false(media_name_parse(S(NAME "-n512.png"), digest));
}

static void
no_file_outside_of_the_library_is_looked_at(void **state)
{
	static const char *const names[] = {"", "starpunk.conf", "../x.png", "ab/../starpunk.db",
		NAME ".gif", "/etc/passwd"};
	struct site *s = *state;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assert_int_equal(icons_make(&s->c, str_z(names[i])), ERR_NOT_FOUND);
		err_clear(&s->c);
	}
}

static void
what_is_no_picture_cannot_be_the_icon(void **state)
{
	struct settings_edit edit = {0};
	struct site *s = *state;

	put_file(s, "page.pdf", NAME ".pdf");
	edit.of[SETTING_site_icon] = (struct setting_edit){.given = true, .text = S("/media/" NAME ".pdf")};
	assert_int_equal(settings_prepare(&s->c, &edit), ERR_SETTING_INVALID);
	assert_string_equal(edit.of[SETTING_site_icon].problem, "No icon could be made of this file.");
	err_clear(&s->c);
	edit.of[SETTING_site_icon] = (struct setting_edit){.given = true, .text = S("https://else.example/a.png")};
	assert_int_equal(settings_prepare(&s->c, &edit), ERR_SETTING_INVALID);
	assert_non_null(edit.of[SETTING_site_icon].problem);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		ICON_TEST(each_icon_is_a_square_of_its_size),
		ICON_TEST(icons_go_with_their_picture),
		ICON_TEST(an_icon_has_the_name_of_its_picture),
		ICON_TEST(no_file_outside_of_the_library_is_looked_at),
		ICON_TEST(what_is_no_picture_cannot_be_the_icon),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
