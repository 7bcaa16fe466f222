/*
 * text/unicode and text/qr: letters however they were typed, and codes that are drawn as they should.
 */
#include "text/unicode.h"

#include "text/qr.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <qrencode.h>

static void
assert_nfc(const char *in, const char *want)
{
	struct ctx c;
	struct str got;

	ctx_init(&c, 1 << 20);
	assert_int_equal(unicode_nfc(&c, str_z(in), &got), OK);
	assert_true(str_eq(got, str_z(want)));
	ctx_fini(&c);
}

static void
letters_are_composed(void **state)
{
	(void)state;
	assert_nfc("a\xCC\x88pfel", "\xC3\xA4pfel");
	assert_nfc("\xE2\x84\xAB", "\xC3\x85");		/* the sign of the angstrom is a letter */
	assert_nfc("q\xCC\x87\xCC\xA3", "q\xCC\xA3\xCC\x87");	/* marks in one order */
	assert_nfc("plain  words ", "plain  words ");
	assert_nfc("", "");
}

/* U+1D160 grows to three times its bytes, more than any other. */
static void
the_longest_expansion_fits(void **state)
{
	char in[4 * 128 + 1], want[12 * 128 + 1];

	(void)state;
	for (size_t i = 0; i < 128; i++) {
		(void)snprintf(in + 4 * i, 5, "\xF0\x9D\x85\xA0");
		(void)snprintf(want + 12 * i, 13, "\xF0\x9D\x85\x98\xF0\x9D\x85\xA5\xF0\x9D\x85\xAE");
	}
	assert_nfc(in, want);
}

/* Fills the modules that a path draws. */
static void
draw(struct str path, unsigned char *pixels, int size)
{
	const char *p = path.p;
	int x, y, run, back, n = 0;

	while (*p) {
		assert_int_equal(sscanf(p, "M%d %dh%dv1h-%dz%n", &x, &y, &run, &back, &n), 4);
		assert_int_equal(run, back);
		assert_true(x >= 4 && y >= 4 && x + run <= size - 4 && y < size - 4);
		memset(pixels + y * size + x, 1, (size_t)run);
		p += n;
	}
}

static void
a_qr_code_draws_every_module_and_no_other(void **state)
{
	static const char text[] = "otpauth://totp/StarPunk:ada.example?secret=GEZDGNBVGY3TQOJQ";
	QRcode *want = QRcode_encodeData(sizeof(text) - 1, (const unsigned char *)text, 0,
		QR_ECLEVEL_M);
	unsigned char *pixels;
	struct str path;
	struct ctx c;
	int size = 0;

	(void)state;
	ctx_init(&c, 1 << 20);
	assert_int_equal(qr_path(&c, str_z(text), &path, &size), OK);
	assert_int_equal(size, want->width + 8);
	pixels = calloc((size_t)size, (size_t)size);
	draw(path, pixels, size);
	for (int y = 0; y < want->width; y++)
		for (int x = 0; x < want->width; x++)
			assert_int_equal(pixels[(y + 4) * size + x + 4],
				want->data[y * want->width + x] & 1);
	free(pixels);
	QRcode_free(want);
	ctx_fini(&c);
}

static void
a_text_that_is_too_long_is_refused(void **state)
{
	static char text[4000];
	struct str path;
	struct ctx c;
	int size = 0;

	(void)state;
	memset(text, 'x', sizeof(text));
	ctx_init(&c, 1 << 20);
	assert_int_equal(qr_path(&c, str_n(text, sizeof(text)), &path, &size), ERR_USAGE);
	ctx_fini(&c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(letters_are_composed),
		cmocka_unit_test(the_longest_expansion_fits),
		cmocka_unit_test(a_qr_code_draws_every_module_and_no_other),
		cmocka_unit_test(a_text_that_is_too_long_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
