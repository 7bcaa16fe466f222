/*
 * domain/webauthn: the test vectors of Web Authentication Level 3, with any byte of them changed, and
 * what an authenticator or a browser must not get away with.
 */
#include "domain/webauthn.h"

#include "authenticator.h"
#include "vector_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#define CHALLENGE S("0123456789abcdefghijklmnopqrstuv")
#define CHALLENGE_TEXT S("MDEyMzQ1Njc4OWFiY2RlZmdoaWprbG1ub3BxcnN0dXY")
#define HANDLE S("the owner's handle")

static const struct webauthn_expect ours = {.origin = S_INIT("https://ada.example"),
	.rp_id = S_INIT("ada.example"), .challenge = S_INIT("0123456789abcdefghijklmnopqrstuv")};

static int
context_setup(void **state)
{
	struct ctx *c = malloc(sizeof(*c));

	ctx_init(c, 64 << 20);
	*state = c;
	return crypto_init(c) == OK ? 0 : -1;
}

static int
context_teardown(void **state)
{
	ctx_fini(*state);
	free(*state);
	return 0;
}

/* ---- the standard's vectors -------------------------------------------------------------------- */

/* One vector as a browser would send it, registration and use. */
struct vector {
	struct str created, used;
	struct webauthn_expect create, use;
};

static struct str
browser_json(struct ctx *c, struct str id, struct str client, const char *name, struct str bytes,
	struct str signature)
{
	struct str out;
	struct buf b;

	buf_init(&b, &c->arena, 262144);
	buf_puts(&b, "{");
	put_member(&b, "id", id);
	buf_puts(&b, ",");
	put_member(&b, "rawId", id);
	buf_puts(&b, ",\"type\":\"public-key\",\"response\":{");
	put_member(&b, "clientDataJSON", client);
	buf_puts(&b, ",");
	put_member(&b, name, bytes);
	if (signature.p) {
		buf_puts(&b, ",");
		put_member(&b, "signature", signature);
	}
	buf_puts(&b, "}}");
	assert_int_equal(buf_end(c, &b, &out), OK);
	return out;
}

static struct vector
vector_of(struct ctx *c, json_object *test, bool verified)
{
	json_object *reg = vector_member(test, "registration");
	json_object *use = vector_member(test, "authentication");
	struct str id = vector_bytes(c, reg, "credential_id");
	struct webauthn_expect e = {.origin = S("https://example.org"), .rp_id = S("example.org"),
		.unverified = !verified};
	struct vector v = {.create = e, .use = e};

	v.create.challenge = vector_bytes(c, reg, "challenge");
	v.use.challenge = vector_bytes(c, use, "challenge");
	v.created = browser_json(c, id, vector_bytes(c, reg, "clientDataJSON"), "attestationObject",
		vector_bytes(c, reg, "attestationObject"), (struct str){0});
	v.used = browser_json(c, id, vector_bytes(c, use, "clientDataJSON"), "authenticatorData",
		vector_bytes(c, use, "authenticatorData"), vector_bytes(c, use, "signature"));
	return v;
}

/* OK if both ceremonies pass; the credential is asked for by its id, for the vectors have no handle. */
static enum err
vector_run(struct ctx *c, const struct vector *v)
{
	struct passkey_row row = {.sign_count = 0};
	struct webauthn_assertion a;
	bool cloned;
	enum err err = webauthn_created(c, &v->create, v->created, &row);

	if (!err)
		err = webauthn_parse(c, v->used, &a);
	return err ? err : webauthn_used(c, &v->use, &a, (struct str){0}, &row, &cloned);
}

static void
vectors_check(struct ctx *c, bool verified, const char *passing)
{
	json_object *all = vectors_read("webauthn/webauthn-l3.json");
	json_object *cases = vector_member(all, "cases");

	for (size_t i = 0; i < json_object_array_length(cases); i++) {
		json_object *test = json_object_array_get_idx(cases, i);
		struct vector v = vector_of(c, test, verified);
		bool want = str_has_word(str_z(passing), str_z(vector_text(test, "id")));

		err_clear(c);
		if ((vector_run(c, &v) == OK) != want)
			fail_msg("%s: %s", vector_text(test, "id"), c->err.detail);
	}
	(void)json_object_put(all);
	err_clear(c);
}

static void
the_standards_vectors_pass_if_the_person_need_not_be_verified(void **state)
{
	vectors_check(*state, false,
		"none-es256 packed-self-es256 none-es256-long-credential-id packed-es256 "
		"packed-rs256 packed-eddsa tpm-es256 android-key-es256 apple-es256 fido-u2f-es256");
}

static void
of_the_standards_vectors_few_have_verified_the_person(void **state)
{
	vectors_check(*state, true, "packed-es256 tpm-es256");
}

/* The JSON with a byte of a binary member changed. */
static struct str
flipped(struct ctx *c, struct str bytes, size_t at)
{
	char *p = ctx_alloc(c, bytes.n);

	memcpy(p, bytes.p, bytes.n);
	p[at] ^= 1;
	return str_n(p, bytes.n);
}

static void
any_byte_changed_is_noticed(void **state)
{
	struct ctx *c = *state;
	json_object *all = vectors_read("webauthn/webauthn-l3.json");
	json_object *test = json_object_array_get_idx(vector_member(all, "cases"), 0);
	struct vector v = vector_of(c, test, false);
	struct passkey_row row = {.sign_count = 0};
	struct webauthn_assertion good;
	struct str *parts[] = {&good.client_data, &good.auth_data, &good.signature};
	bool cloned;

	assert_int_equal(webauthn_created(c, &v.create, v.created, &row), OK);
	assert_int_equal(webauthn_parse(c, v.used, &good), OK);
	for (size_t k = 0; k < 3; k++) {
		struct str was = *parts[k];

		for (size_t at = 0; at < was.n; at++) {
			struct passkey_row stored = row;

			*parts[k] = flipped(c, was, at);
			assert_int_equal(webauthn_used(c, &v.use, &good, (struct str){0}, &stored,
						 &cloned), ERR_PASSKEY);
			err_clear(c);
		}
		*parts[k] = was;
	}
	assert_int_equal(webauthn_used(c, &v.use, &good, (struct str){0}, &row, &cloned), OK);
	(void)json_object_put(all);
}

/* ---- a passkey that is made --------------------------------------------------------------------- */

static enum err
make(struct ctx *c, const struct authenticator *a, struct ceremony how, struct passkey_row *row)
{
	if (!how.challenge.p)
		how.challenge = CHALLENGE_TEXT;
	err_clear(c);
	*row = (struct passkey_row){.sign_count = 0};
	return webauthn_created(c, &ours, authenticator_make(c, a, &how), row);
}

static void
a_good_passkey_is_taken_as_it_came(void **state)
{
	struct authenticator a;
	struct passkey_row row;

	authenticator_init(&a);
	assert_int_equal(make(*state, &a, (struct ceremony){.count = 7}, &row), OK);
	assert_true(str_eq(row.credential, str_n(a.id, a.n_id)));
	assert_int_equal(row.key.n, 77);
	assert_int_equal(row.sign_count, 7);
	assert_false(row.backup_eligible);
	assert_memory_equal(row.aaguid, "0123456789abcdef", 16);
	assert_true(str_eq(row.transports, S("hybrid internal")));
	assert_int_equal(make(*state, &a, (struct ceremony){
		.flags = AUTH_UP | AUTH_UV | AUTH_BE | AUTH_BS | AUTH_AT}, &row), OK);
	assert_true(row.backup_eligible);
	assert_true(row.backed_up);
	authenticator_fini(&a);
}

static void
a_passkey_made_wrongly_is_refused(void **state)
{
	static const struct ceremony bad[] = {
		{.type = "webauthn.get"},
		{.challenge = S_INIT("MDEyMzQ1Njc4OWFiY2RlZmdoaWprbG1ub3BxcnN0dXU")},
		{.challenge = S_INIT("")},
		{.challenge = S_INIT("MDEyMzQ1Njc4OWFiY2RlZmdoaWprbG1ub3BxcnN0dXY=")},
		{.origin = "https://evil-ada.example"}, {.origin = "http://ada.example"},
		{.origin = "https://ada.example:8443"}, {.origin = "https://ada.example/"},
		{.origin = "https://ada.example.evil.example"},
		{.more = ",\"crossOrigin\":true"}, {.more = ",\"crossOrigin\":\"false\""},
		{.more = ",\"topOrigin\":\"https://ada.example\""},
		{.more = ",\"type\":\"webauthn.create\""},
		{.rp_id = "www.ada.example"}, {.rp_id = "ada.example:443"},
		{.flags = AUTH_UV | AUTH_AT}, {.flags = AUTH_UP | AUTH_AT},
		{.flags = AUTH_UP | AUTH_UV}, {.flags = AUTH_UP | AUTH_UV | AUTH_AT | AUTH_BS},
		{.flags = AUTH_UP | AUTH_UV | AUTH_AT | AUTH_ED},
		{.behind = S_INIT("x")}, {.behind = S_INIT("\xa0")},
		{.attestation = S_INIT("\x63" "fmt\x64none\x67" "attStmt\xa1\x01\x02")},
		{.attestation = S_INIT("\x63" "fmt\x64none\x67" "attStmt\x80")},
		{.attestation = S_INIT("\x63" "fmt\x01\x67" "attStmt\xa0")},
		{.attestation = S_INIT("\x63" "fmt\x64none\x67" "attStmt\xbf\xff")},
		{.attestation = S_INIT("\x63" "fmt\x64none\x63" "fmt\xa0")},
		{.attestation = S_INIT("\x63" "fmt\x64none\x67" "attStmt\x5b\x10\0\0\0\0\0\0\0")},
	};
	struct authenticator a;
	struct passkey_row row;

	authenticator_init(&a);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (make(*state, &a, bad[i], &row) != ERR_PASSKEY)
			fail_msg("case %zu was taken", i);
	assert_int_equal(make(*state, &a, (struct ceremony){.more =
		",\"crossOrigin\":false,\"extraData\":[1]"}, &row), OK);
	assert_int_equal(make(*state, &a, (struct ceremony){.behind = S("\xa0"),
		.flags = AUTH_UP | AUTH_UV | AUTH_AT | AUTH_ED}, &row), OK);
	authenticator_fini(&a);
}

static void
keys_that_cannot_be_are_refused(void **state)
{
	static const char zeros[] = "\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20"
		"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x22\x58\x20"
		"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
	const struct str keys[] = {str_n(zeros, sizeof(zeros) - 1), S("\xa0"), S("\x80"), S("\x01"),
		S("\xa5\x01\x02\x03\x26\x20\x01\x21\x41\x01\x22\x41\x01"), S("\xbf\xff"),
		S("\xa1\x01\x02")};
	struct authenticator a;
	struct passkey_row row;

	authenticator_init(&a);
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		assert_int_equal(make(*state, &a, (struct ceremony){.key = keys[i]}, &row),
			ERR_PASSKEY);
	authenticator_fini(&a);
}

static void
credential_ids_have_1_to_1023_bytes(void **state)
{
	struct authenticator a;
	struct passkey_row row;

	authenticator_init(&a);
	a.n_id = 1023;
	assert_int_equal(make(*state, &a, (struct ceremony){.count = 0}, &row), OK);
	a.n_id = 1024;
	assert_int_equal(make(*state, &a, (struct ceremony){.count = 0}, &row), ERR_PASSKEY);
	a.n_id = 0;
	assert_int_equal(make(*state, &a, (struct ceremony){.count = 0}, &row), ERR_PASSKEY);
	authenticator_fini(&a);
}

static void
what_is_no_credential_is_refused(void **state)
{
	static const char *const bad[] = {"", "null", "[]", "{}", "{\"id\":\"QQ\"}",
		"{\"id\":\"QQ\",\"rawId\":\"QQ\",\"type\":\"password\",\"response\":{}}",
		"{\"id\":\"QQ\",\"rawId\":\"QQ\",\"type\":\"public-key\"}",
		"{\"id\":\"QQ\",\"rawId\":\"Qg\",\"type\":\"public-key\",\"response\":{}}",
		"{\"id\":\"QQ==\",\"rawId\":\"QQ==\",\"type\":\"public-key\",\"response\":{}}",
		"{\"id\":7,\"rawId\":7,\"type\":\"public-key\",\"response\":{}}",
		("{\"id\":\"QQ\",\"rawId\":\"QQ\",\"type\":\"public-key\",\"response\":"
		"{\"clientDataJSON\":\"!\"}}")};
	struct webauthn_assertion a;
	struct passkey_row row;
	struct ctx *c = *state;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(webauthn_parse(c, str_z(bad[i]), &a), ERR_PASSKEY);
		err_clear(c);
		assert_int_equal(webauthn_created(c, &ours, str_z(bad[i]), &row), ERR_PASSKEY);
		err_clear(c);
	}
}

/* ---- a passkey that is used --------------------------------------------------------------------- */

static enum err
use(struct ctx *c, const struct authenticator *a, struct ceremony how, struct passkey_row *row,
	bool *cloned)
{
	struct webauthn_assertion assertion;
	enum err err;

	if (!how.challenge.p)
		how.challenge = CHALLENGE_TEXT;
	err_clear(c);
	err = webauthn_parse(c, authenticator_use(c, a, &how), &assertion);
	return err ? err : webauthn_used(c, &ours, &assertion, HANDLE, row, cloned);
}

static void
a_passkey_used_wrongly_is_refused(void **state)
{
	static const struct ceremony bad[] = {
		{.type = "webauthn.create"}, {.origin = "https://evil.example"},
		{.challenge = S_INIT("MDEyMzQ1Njc4OWFiY2RlZmdoaWprbG1ub3BxcnN0dXU")},
		{.rp_id = "evil.example"}, {.flags = AUTH_UV}, {.flags = AUTH_UP},
		{.flags = AUTH_UP | AUTH_UV | AUTH_BE}, {.flags = AUTH_UP | AUTH_UV | AUTH_BS},
		{.behind = S_INIT("\0")}, {.more = ",\"crossOrigin\":true"},
		{.signature = S_INIT("")}, {.signature = S_INIT("\x30\x06\x02\x01\x00\x02\x01\x00")},
		{.signature = S_INIT("\x30\x06\x02\x01\xff\x02\x01\x01")},
	};
	struct authenticator a, other;
	struct passkey_row row;
	bool cloned;

	authenticator_init(&a);
	authenticator_init(&other);
	assert_int_equal(make(*state, &a, (struct ceremony){.count = 0}, &row), OK);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct ceremony how = bad[i];

		how.handle = HANDLE;
		if (use(*state, &a, how, &row, &cloned) != ERR_PASSKEY)
			fail_msg("case %zu was taken", i);
	}
	assert_int_equal(use(*state, &other, (struct ceremony){.handle = HANDLE}, &row, &cloned),
		ERR_PASSKEY);
	assert_int_equal(use(*state, &a, (struct ceremony){.count = 0}, &row, &cloned), ERR_PASSKEY);
	assert_int_equal(use(*state, &a, (struct ceremony){.handle = S("somebody else")}, &row,
				 &cloned), ERR_PASSKEY);
	assert_int_equal(use(*state, &a, (struct ceremony){.handle = HANDLE}, &row, &cloned), OK);
	authenticator_fini(&a);
	authenticator_fini(&other);
}

static void
a_count_that_does_not_grow_may_be_a_copy(void **state)
{
	struct authenticator a;
	struct passkey_row row;
	bool cloned;

	authenticator_init(&a);
	assert_int_equal(make(*state, &a, (struct ceremony){.count = 5}, &row), OK);
	assert_int_equal(use(*state, &a, (struct ceremony){.count = 6, .handle = HANDLE}, &row,
				 &cloned), OK);
	assert_int_equal(row.sign_count, 6);
	assert_int_equal(use(*state, &a, (struct ceremony){.count = 6, .handle = HANDLE}, &row,
				 &cloned), ERR_PASSKEY);
	assert_true(cloned);
	assert_int_equal(use(*state, &a, (struct ceremony){.count = 0, .handle = HANDLE}, &row,
				 &cloned), ERR_PASSKEY);
	assert_int_equal(row.sign_count, 6);
	authenticator_fini(&a);
}

/* Those are in several places by design; the owner is told. */
static void
a_synced_passkey_that_does_not_grow_is_taken_with_a_warning(void **state)
{
	const unsigned synced = AUTH_UP | AUTH_UV | AUTH_BE;
	struct authenticator a;
	struct passkey_row row;
	bool cloned;

	authenticator_init(&a);
	assert_int_equal(make(*state, &a, (struct ceremony){.count = 5,
		.flags = synced | AUTH_AT}, &row), OK);
	assert_int_equal(use(*state, &a, (struct ceremony){.count = 3, .flags = synced | AUTH_BS,
		.handle = HANDLE}, &row, &cloned), OK);
	assert_true(cloned);
	assert_true(row.backed_up);
	authenticator_fini(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_standards_vectors_pass_if_the_person_need_not_be_verified),
		cmocka_unit_test(of_the_standards_vectors_few_have_verified_the_person),
		cmocka_unit_test(any_byte_changed_is_noticed),
		cmocka_unit_test(a_good_passkey_is_taken_as_it_came),
		cmocka_unit_test(a_passkey_made_wrongly_is_refused),
		cmocka_unit_test(keys_that_cannot_be_are_refused),
		cmocka_unit_test(credential_ids_have_1_to_1023_bytes),
		cmocka_unit_test(what_is_no_credential_is_refused),
		cmocka_unit_test(a_passkey_used_wrongly_is_refused),
		cmocka_unit_test(a_count_that_does_not_grow_may_be_a_copy),
		cmocka_unit_test(a_synced_passkey_that_does_not_grow_is_taken_with_a_warning),
	};

	return cmocka_run_group_tests(tests, context_setup, context_teardown);
}
