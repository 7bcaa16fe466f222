/*
 * base/enc: hexadecimal, base64, base64url, percent-encoding, UTF-8.
 */
#include "base/enc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static int
setup(void **state)
{
	static struct ctx c;

	ctx_init(&c, 1 << 16);
	*state = &c;
	return 0;
}

static int
teardown(void **state)
{
	ctx_fini(*state);
	return 0;
}

static struct buf
buffer(struct ctx *c)
{
	struct buf b;

	buf_init(&b, &c->arena, 4096);
	return b;
}

static void
assert_buf(struct ctx *c, struct buf *b, const char *expected)
{
	struct str s;

	assert_int_equal(buf_end(c, b, &s), OK);
	assert_string_equal(s.p, expected);
}

static void
hex_goes_both_ways(void **state)
{
	unsigned char out[4] = {0};
	char text[9];

	(void)state;
	enc_hex("\x00\x7f\x80\xff", 4, text);
	assert_string_equal(text, "007f80ff");
	assert_true(enc_hex_parse(S("007F80fF"), out, 4));
	assert_memory_equal(out, "\x00\x7f\x80\xff", 4);
}

static void
hex_of_another_length_or_letter_is_refused(void **state)
{
	unsigned char out[2] = {9, 9};

	(void)state;
	assert_false(enc_hex_parse(S("0102030"), out, 2));
	assert_false(enc_hex_parse(S("010"), out, 2));
	assert_false(enc_hex_parse(S("01020"), out, 2));
	assert_false(enc_hex_parse(S("01g2"), out, 2));
	assert_false(enc_hex_parse(S("0x12"), out, 2));
	assert_int_equal(out[0], 9);
	assert_true(enc_hex_parse((struct str){0}, out, 0));
}

/* RFC 4648 section 10, without padding. */
static void
base64url_follows_the_vectors(void **state)
{
	static const char *const pairs[][2] = {{"", ""}, {"f", "Zg"}, {"fo", "Zm8"},
		{"foo", "Zm9v"}, {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"},
		{"\xff\xef\xfe", "_-_-"}};

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		struct buf b = buffer(*state);

		enc_base64url(&b, pairs[i][0], strlen(pairs[i][0]));
		assert_buf(*state, &b, pairs[i][1]);
	}
}

/* RFC 4648 section 10. */
static void
base64_follows_the_vectors(void **state)
{
	static const char *const pairs[][2] = {{"", ""}, {"f", "Zg=="}, {"fo", "Zm8="},
		{"foo", "Zm9v"}, {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="},
		{"foobar", "Zm9vYmFy"}, {"\xff\xef\xfe", "/+/+"}};

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		struct buf b = buffer(*state);

		enc_base64(&b, pairs[i][0], strlen(pairs[i][0]));
		assert_buf(*state, &b, pairs[i][1]);
	}
}

static void
percent_encoding_leaves_unreserved_and_kept_characters(void **state)
{
	struct buf b = buffer(*state);

	enc_percent(&b, S("aZ09-._~/ %&\xc3\xbc"), S("/"));
	buf_putc(&b, ' ');
	enc_percent(&b, str_n("\0", 1), (struct str){0});
	assert_buf(*state, &b, "aZ09-._~/%20%25%26%C3%BC %00");
}

static void
percent_decoding_happens_once(void **state)
{
	struct ctx *c = *state;
	struct str s;

	assert_true(enc_percent_parse(&c->arena, S("a%2520%c3%BC+b"), false, &s));
	assert_true(str_eq(s, S("a%20\xc3\xbc+b")));
	assert_true(enc_percent_parse(&c->arena, S("a+b%2B"), true, &s));
	assert_true(str_eq(s, S("a b+")));
	assert_true(enc_percent_parse(&c->arena, S("a%00b"), false, &s));
	assert_true(str_eq(s, str_n("a\0b", 3)));
	assert_true(enc_percent_parse(&c->arena, (struct str){0}, false, &s));
	assert_int_equal(s.n, 0);
}

static void
broken_triplets_are_refused(void **state)
{
	static const char *const broken[] = {
		"%", "%4", "a%", "a%4", "%g0", "%0g", "%%20", "%+1", "% 1"};
	struct ctx *c = *state;
	struct str s;

	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++)
		assert_false(enc_percent_parse(&c->arena, str_z(broken[i]), true, &s));
	while (arena_alloc(&c->arena, 16))
		;
	assert_false(enc_percent_parse(&c->arena, S("a"), false, &s));
}

static void
utf8_is_checked_as_rfc_3629_says(void **state)
{
	static const char *const good[] = {"", "a", "\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80",
		"\xed\x9f\xbf", "\xee\x80\x80", "\xef\xbf\xbf", "\xf0\x90\x80\x80",
		"\xf4\x8f\xbf\xbf"};
	static const char *const bad[] = {"\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xc2", "\xc2z",
		"\xe0\x80\x80", "\xe0\x9f\xbf", "\xe2\x82", "\xed\xa0\x80", "\xed\xbf\xbf",
		"\xf0\x80\x80\x80", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80",
		"\xf8\x88\x80\x80\x80", "\xff", "\xfe", "ok\xc3"};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_true(enc_utf8_valid(str_z(good[i])));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(enc_utf8_valid(str_z(bad[i])));
}

static void
one_bad_byte_is_found_wherever_it_stands(void **state)
{
	char text[] = "plain words and \xc3\xbc, then plain words";
	const size_t n = sizeof(text) - 1;

	(void)state;
	for (size_t i = 0; i < n; i++) {
		char was = text[i];

		text[i] = '\xff';
		assert_false(enc_utf8_valid(str_n(text, n)));
		assert_true(enc_utf8_valid(str_n(text, i)) == (was != '\xbc'));
		text[i] = was;
		assert_true(enc_utf8_valid(str_n(text, n)));
	}
}

static void
utf8_is_cut_on_an_edge(void **state)
{
	const struct str s = S("a\xc3\xbc\xe2\x82\xac");

	(void)state;
	assert_int_equal(enc_utf8_cut(s, 99).n, 6);
	assert_int_equal(enc_utf8_cut(s, 6).n, 6);
	assert_int_equal(enc_utf8_cut(s, 5).n, 3);
	assert_int_equal(enc_utf8_cut(s, 4).n, 3);
	assert_int_equal(enc_utf8_cut(s, 3).n, 3);
	assert_int_equal(enc_utf8_cut(s, 2).n, 1);
	assert_int_equal(enc_utf8_cut(s, 0).n, 0);
	assert_int_equal(enc_utf8_cut(S("\x80\x80\x80"), 2).n, 0);
}

static void
utf8_next_walks_and_put_writes_back(void **state)
{
	static const unsigned expected[] = {'a', 0xfc, 0x20ac, 0xfffd, 0x1f600, 0xfffd, 0xfffd};
	const struct str s = S("a\xc3\xbc\xe2\x82\xac\xff\xf0\x9f\x98\x80\xe2\x82");
	struct buf b = buffer(*state);
	size_t at = 0, n = 0;

	while (at < s.n) {
		unsigned cp = enc_utf8_next(s, &at);

		assert_true(n < sizeof(expected) / sizeof(expected[0]));
		assert_int_equal(cp, expected[n++]);
		enc_utf8_put(&b, cp);
	}
	assert_int_equal(n, sizeof(expected) / sizeof(expected[0]));
	assert_int_equal(at, s.n);
	assert_buf(*state, &b,
		"a\xc3\xbc\xe2\x82\xac\xef\xbf\xbd\xf0\x9f\x98\x80\xef\xbf\xbd\xef\xbf\xbd");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(hex_goes_both_ways, setup, teardown),
		cmocka_unit_test_setup_teardown(
			hex_of_another_length_or_letter_is_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(base64url_follows_the_vectors, setup, teardown),
		cmocka_unit_test_setup_teardown(base64_follows_the_vectors, setup, teardown),
		cmocka_unit_test_setup_teardown(
			percent_encoding_leaves_unreserved_and_kept_characters, setup, teardown),
		cmocka_unit_test_setup_teardown(percent_decoding_happens_once, setup, teardown),
		cmocka_unit_test_setup_teardown(broken_triplets_are_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(utf8_is_checked_as_rfc_3629_says, setup, teardown),
		cmocka_unit_test_setup_teardown(one_bad_byte_is_found_wherever_it_stands, setup, teardown),
		cmocka_unit_test_setup_teardown(utf8_is_cut_on_an_edge, setup, teardown),
		cmocka_unit_test_setup_teardown(
			utf8_next_walks_and_put_writes_back, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
