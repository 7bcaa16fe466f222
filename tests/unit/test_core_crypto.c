/*
 * core/crypto: known answers, and what must differ from call to call.
 */
#include "core/crypto.h"

#include "base/enc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static int
setup(void **state)
{
	static struct ctx c;

	ctx_init(&c, 4096);
	*state = &c;
	return crypto_init(&c) == OK ? 0 : -1;
}

static int
teardown(void **state)
{
	ctx_fini(*state);
	return 0;
}

static void
init_may_be_called_again(void **state)
{
	assert_int_equal(crypto_init(*state), OK);
}

static void
random_bytes_differ(void **state)
{
	unsigned char a[32] = {0}, b[32] = {0}, zero[32] = {0};

	(void)state;
	crypto_random(a, sizeof(a));
	crypto_random(b, sizeof(b));
	assert_memory_not_equal(a, b, sizeof(a));
	assert_memory_not_equal(a, zero, sizeof(a));
	crypto_random(a, 0);
}

/* FIPS 180-4's examples. */
static void
sha256_gives_the_known_answers(void **state)
{
	unsigned char h[CRYPTO_SHA256_BYTES];
	char text[2 * CRYPTO_SHA256_BYTES + 1];

	(void)state;
	crypto_sha256(S("abc"), h);
	enc_hex(h, sizeof(h), text);
	assert_string_equal(
		text, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	crypto_sha256((struct str){0}, h);
	enc_hex(h, sizeof(h), text);
	assert_string_equal(
		text, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

/* The first eight bytes of BLAKE2b-128, as b2sum -l 128 prints them, read as little-endian. */
static void
digest64_is_the_same_everywhere(void **state)
{
	(void)state;
	assert_true(crypto_digest64(S("abc")) == 0x2b8d2bc691b74acf);
	assert_true(crypto_digest64((struct str){0}) == 0x40bdefd94169e6ca);
	assert_true(crypto_digest64(S("abd")) != crypto_digest64(S("abc")));
}

static void
equality_looks_at_every_byte(void **state)
{
	(void)state;
	assert_true(crypto_equal("token", "token", 5));
	assert_false(crypto_equal("token", "tokex", 5));
	assert_false(crypto_equal("token", "xoken", 5));
	assert_true(crypto_equal("a", "b", 0));
}

static void
a_password_verifies_against_its_own_hash_only(void **state)
{
	char one[CRYPTO_PASSWORD_BYTES], two[CRYPTO_PASSWORD_BYTES];
	struct ctx *c = *state;

	assert_int_equal(crypto_password_hash(c, S("correct horse"), one), OK);
	assert_int_equal(crypto_password_hash(c, S("correct horse"), two), OK);
	assert_non_null(memchr(one, '\0', sizeof(one)));
	assert_int_equal(strncmp(one, "$argon2id$v=19$m=65536,t=2,p=1$", 31), 0);
	assert_string_not_equal(one, two);
	assert_true(crypto_password_verify(S("correct horse"), one));
	assert_true(crypto_password_verify(S("correct horse"), two));
	assert_false(crypto_password_verify(S("correct horsf"), one));
	assert_false(crypto_password_verify((struct str){0}, one));
}

static void
what_is_no_hash_verifies_nothing(void **state)
{
	(void)state;
	assert_false(crypto_password_verify(S("x"), ""));
	assert_false(crypto_password_verify(S("x"), "x"));
	assert_false(crypto_password_verify(S("x"), "$argon2id$v=19$m=65536,t=2,p=1$short"));
	assert_false(crypto_password_verify(S(""), ""));
}

/* Answers of Python's hashlib.blake2b with digest_size=32. */
static void
digests_in_pieces_are_those_of_the_whole(void **state)
{
	struct {
		char shift; /* the state is aligned wherever it stands */
		struct crypto_digest digest;
	} d;
	unsigned char h[CRYPTO_DIGEST_BYTES];
	char text[2 * CRYPTO_DIGEST_BYTES + 1];

	(void)state;
	for (size_t piece = 1; piece <= 3; piece++) {
		crypto_digest_begin(&d.digest);
		for (size_t at = 0; at < 3; at += piece)
			crypto_digest_put(&d.digest, str_sub(S("abc"), at, at + piece));
		crypto_digest_end(&d.digest, h);
		enc_hex(h, sizeof(h), text);
		assert_string_equal(
			text, "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
	}
	crypto_digest_begin(&d.digest);
	crypto_digest_end(&d.digest, h);
	enc_hex(h, sizeof(h), text);
	assert_string_equal(
		text, "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8");
}

static void
sha256_in_pieces_is_that_of_the_whole(void **state)
{
	/* Around the ends of SHA-256's blocks of 64 bytes and of its padding. */
	static const size_t lengths[] = {0, 1, 55, 56, 57, 63, 64, 65, 119, 120, 127, 128, 129, 1000};
	unsigned char whole[CRYPTO_SHA256_BYTES], pieces[CRYPTO_SHA256_BYTES];
	char bytes[1000];

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (char)(i * 7);
	for (size_t l = 0; l < sizeof(lengths) / sizeof(lengths[0]); l++) {
		struct str all = str_n(bytes, lengths[l]);

		crypto_sha256(all, whole);
		for (size_t step = 1; step <= 130; step++) {
			struct crypto_sha256 d;

			crypto_sha256_begin(&d);
			for (size_t at = 0; at < all.n; at += step)
				crypto_sha256_put(&d, str_sub(all, at, at + step < all.n ? at + step : all.n));
			crypto_sha256_put(&d, (struct str){0});
			crypto_sha256_end(&d, pieces);
			assert_memory_equal(whole, pieces, sizeof(whole));
		}
	}
}

/* FIPS 180's third example. */
static void
sha256_of_a_million_bytes_is_the_known_one(void **state)
{
	unsigned char h[CRYPTO_SHA256_BYTES];
	char text[2 * sizeof(h) + 1], bytes[1000];
	struct crypto_sha256 d;

	(void)state;
	memset(bytes, 'a', sizeof(bytes));
	crypto_sha256_begin(&d);
	for (int i = 0; i < 1000; i++)
		crypto_sha256_put(&d, str_n(bytes, sizeof(bytes)));
	crypto_sha256_end(&d, h);
	enc_hex(h, sizeof(h), text);
	assert_string_equal(text,
		"cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

static void
two_digests_at_once_do_not_meet(void **state)
{
	unsigned char abc[CRYPTO_SHA256_BYTES], xyz[CRYPTO_SHA256_BYTES], h[CRYPTO_SHA256_BYTES];
	struct crypto_sha256 a, b;

	(void)state;
	crypto_sha256(S("abc"), abc);
	crypto_sha256(S("xyz"), xyz);
	crypto_sha256_begin(&a);
	crypto_sha256_begin(&b);
	crypto_sha256_put(&a, S("ab"));
	crypto_sha256_put(&b, S("x"));
	crypto_sha256_put(&a, S("c"));
	crypto_sha256_put(&b, S("yz"));
	crypto_sha256_end(&b, h);
	assert_memory_equal(h, xyz, sizeof(h));
	crypto_sha256_end(&a, h);
	assert_memory_equal(h, abc, sizeof(h));
}

static void
keyed_digests_need_the_key(void **state)
{
	unsigned char key[CRYPTO_KEY_BYTES], h[CRYPTO_DIGEST_BYTES], other[CRYPTO_DIGEST_BYTES];
	char text[2 * CRYPTO_DIGEST_BYTES + 1];

	(void)state;
	for (size_t i = 0; i < sizeof(key); i++)
		key[i] = (unsigned char)i;
	crypto_digest_keyed(S("abc"), key, h);
	enc_hex(h, sizeof(h), text);
	assert_string_equal(text,
		"d63a32d3e44738d7907f964316c241adaba0abfeabc32349677578a15a203f7f");
	key[31]++;
	crypto_digest_keyed(S("abc"), key, other);
	assert_memory_not_equal(h, other, sizeof(h));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(init_may_be_called_again),
		cmocka_unit_test(random_bytes_differ),
		cmocka_unit_test(sha256_gives_the_known_answers),
		cmocka_unit_test(digest64_is_the_same_everywhere),
		cmocka_unit_test(digests_in_pieces_are_those_of_the_whole),
		cmocka_unit_test(sha256_in_pieces_is_that_of_the_whole),
		cmocka_unit_test(sha256_of_a_million_bytes_is_the_known_one),
		cmocka_unit_test(two_digests_at_once_do_not_meet),
		cmocka_unit_test(keyed_digests_need_the_key),
		cmocka_unit_test(equality_looks_at_every_byte),
		cmocka_unit_test(a_password_verifies_against_its_own_hash_only),
		cmocka_unit_test(what_is_no_hash_verifies_nothing),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
