/*
 * core/signature: HMAC-SHA-1 as RFC 2202 has it, ECDSA against Wycheproof's collection of forgeries,
 * Ed25519 against RFC 8032, and which keys are none.
 */
#include "core/signature.h"

#include "vector_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

enum { ARENA = 16 << 20 };

static int
context_setup(void **state)
{
	struct ctx *c = malloc(sizeof(*c));

	ctx_init(c, ARENA);
	*state = c;
	return 0;
}

static int
context_teardown(void **state)
{
	ctx_fini(*state);
	free(*state);
	return 0;
}

static void
hmac_sha1_is_that_of_the_standard(void **state)
{
	static const char *const want[] = {"b617318655057264e28bc0b6fb378c8ef146be00",
		"effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"};
	const struct str keys[] = {vector_hex(*state, "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b"),
		S("Jefe")};
	const struct str texts[] = {S("Hi There"), S("what do ya want for nothing?")};
	unsigned char got[SIGNATURE_HMAC_SHA1_BYTES];
	char hex[2 * sizeof(got) + 1];

	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(signature_hmac_sha1(*state, keys[i], texts[i], got), OK);
		enc_hex(got, sizeof(got), hex);
		assert_string_equal(hex, want[i]);
	}
}

/* The point 04 x y of a Wycheproof group. */
static struct signature_key
group_key(struct ctx *c, json_object *group)
{
	struct str point = vector_bytes(c, vector_member(group, "publicKey"), "uncompressed");

	assert_int_equal(point.n, 65);
	return (struct signature_key){.alg = SIGNATURE_ES256, .a = str_sub(point, 1, 33),
		.b = str_sub(point, 33, 65)};
}

static void
no_forged_es256_signature_is_accepted_and_no_good_one_refused(void **state)
{
	json_object *all = vectors_read("wycheproof/ecdsa_secp256r1_sha256_test.json");
	json_object *groups = vector_member(all, "testGroups");
	size_t valid = 0, invalid = 0;

	for (size_t g = 0; g < json_object_array_length(groups); g++) {
		json_object *group = json_object_array_get_idx(groups, g);
		json_object *tests = vector_member(group, "tests");
		struct signature_key key = group_key(*state, group);

		for (size_t i = 0; i < json_object_array_length(tests); i++) {
			json_object *test = json_object_array_get_idx(tests, i);
			bool good = strcmp(vector_text(test, "result"), "valid") == 0;

			if (signature_verify(&key, vector_bytes(*state, test, "msg"),
				    vector_bytes(*state, test, "sig")) != good)
				fail_msg("case %s: %s", vector_text(test, "tcId"),
					vector_text(test, "comment"));
			valid += good;
			invalid += !good;
		}
	}
	(void)json_object_put(all);
	assert_int_equal(valid, 174);
	assert_int_equal(invalid, 310);
}

/* RFC 8032 section 7.1, test 2. */
static void
ed25519_is_that_of_the_standard(void **state)
{
	struct signature_key key = {.alg = SIGNATURE_EDDSA,
		.a = vector_hex(*state,
			"3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")};
	struct str sig = vector_hex(*state,
		"92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
		"085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");

	assert_true(signature_key_valid(&key));
	assert_true(signature_verify(&key, S("\x72"), sig));
	assert_false(signature_verify(&key, S("\x73"), sig));
	assert_false(signature_verify(&key, S("\x72"), str_sub(sig, 0, 63)));
}

static void
what_is_not_on_the_curve_is_no_key(void **state)
{
	struct str x = vector_hex(*state,
		"04aaec73635726f213fb8a9e64da3b8632e41495a944d0045b522eba7240fad5");
	struct str y = vector_hex(*state,
		"87d9315798aaa3a5ba01775787ced05eaaf7b4e09fc81d6d1aa546e8365d525d");
	struct str zero = vector_hex(*state,
		"0000000000000000000000000000000000000000000000000000000000000000");
	/* The field's prime, which stands for 0 and must not be read as it. */
	struct str prime = vector_hex(*state,
		"ffffffff00000001000000000000000000000000ffffffffffffffffffffffff");
	const struct signature_key bad[] = {{SIGNATURE_ES256, zero, zero},
		{SIGNATURE_ES256, y, x}, {SIGNATURE_ES256, prime, y}, {SIGNATURE_ES256, x, prime},
		{SIGNATURE_ES256, x, str_sub(y, 0, 31)}, {SIGNATURE_ES256, x, {0}},
		{SIGNATURE_EDDSA, str_sub(x, 0, 31), {0}}, {SIGNATURE_RS256, x, S("\1\0\1")},
		{(enum signature_alg)-35, x, y}};
	struct signature_key good = {SIGNATURE_ES256, x, y};

	assert_true(signature_key_valid(&good));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_false(signature_key_valid(&bad[i]));
		assert_false(signature_verify(&bad[i], S("text"), S("signature")));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hmac_sha1_is_that_of_the_standard),
		cmocka_unit_test(no_forged_es256_signature_is_accepted_and_no_good_one_refused),
		cmocka_unit_test(ed25519_is_that_of_the_standard),
		cmocka_unit_test(what_is_not_on_the_curve_is_no_key),
	};

	return cmocka_run_group_tests(tests, context_setup, context_teardown);
}
