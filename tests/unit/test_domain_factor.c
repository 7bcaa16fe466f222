/*
 * domain/factor: recovery codes and passkeys, what a change of them ends, fresh proofs, and what a
 * stolen database is worth.
 */
#include "domain/factor.h"

#include "login_fixture.h"

/* ---- recovery codes ------------------------------------------------------------------------------ */

static void
a_recovery_code_is_good_once(void **state)
{
	struct site *s = *state;
	struct str codes[FACTOR_CODES];
	struct auth_grant g;
	struct factors f;
	struct login l;
	char secret[33], small[20];

	owner(s);
	app(s, secret);
	assert_ok(s, factor_codes_make(&s->c, s->db, S(""), codes));
	for (size_t i = 0; i < FACTOR_CODES; i++)
		assert_int_equal(codes[i].n, 19);
	assert_ok(s, password(s, &l, PASSWORD));
	assert_ok(s, code(s, &l, codes[0]));
	assert_true(l.recovered);
	assert_ok(s, auth_session_verify(&s->c, s->db, l.secret, &g));
	assert_str(g.factors, "password recovery");
	assert_ok(s, password(s, &l, PASSWORD));
	assert_err(s, code(s, &l, codes[0]), ERR_LOGIN_FAILED);
	for (size_t i = 0; i < codes[1].n; i++)
		small[i] = codes[1].p[i] >= 'A' ? (char)(codes[1].p[i] | 32) : ' ';
	for (size_t i = 0; i < codes[1].n; i++)
		if (codes[1].p[i] >= '2' && codes[1].p[i] <= '7')
			small[i] = codes[1].p[i];
	assert_ok(s, code(s, &l, str_n(small, codes[1].n)));
	assert_ok(s, factor_list(&s->c, s->db, &f));
	assert_int_equal(f.codes, FACTOR_CODES);
	assert_int_equal(f.codes_unused, FACTOR_CODES - 2);
}

static void
a_new_set_of_codes_makes_the_old_one_void(void **state)
{
	struct site *s = *state;
	struct str old[FACTOR_CODES], codes[FACTOR_CODES];
	char secret[33];
	struct login l;

	owner(s);
	app(s, secret);
	assert_ok(s, factor_codes_make(&s->c, s->db, S(""), old));
	assert_ok(s, factor_codes_make(&s->c, s->db, S(""), codes));
	assert_ok(s, password(s, &l, PASSWORD));
	assert_err(s, code(s, &l, old[3]), ERR_LOGIN_FAILED);
	assert_ok(s, code(s, &l, codes[3]));
}

/* ---- passkeys ------------------------------------------------------------------------------------ */

static void
a_passkey_opens_the_site_and_the_password_alone_does_not_any_more(void **state)
{
	struct site *s = *state;
	struct authenticator a;
	struct auth_grant g;
	struct factors f;
	struct str handle;
	struct login l;

	owner(s);
	authenticator_init(&a);
	assert_ok(s, passkey_add(s, &a, &handle));
	assert_int_equal(handle.n, 32);
	assert_ok(s, factor_list(&s->c, s->db, &f));
	assert_int_equal(f.n_passkeys, 1);
	assert_str(f.passkeys[0].name, "Phone");
	assert_ok(s, passkey_use(s, &a, (struct ceremony){.handle = handle, .count = 1}, &l));
	assert_true(l.open);
	assert_ok(s, auth_session_verify(&s->c, s->db, l.secret, &g));
	assert_str(g.factors, "passkey");
	assert_ok(s, password(s, &l, PASSWORD));
	assert_false(l.open);
	assert_err(s, passkey_add(s, &a, &handle), ERR_EXISTS);
	authenticator_fini(&a);
}

static void
a_challenge_is_good_once_for_one_browser_and_one_purpose(void **state)
{
	struct site *s = *state;
	struct authenticator a;
	struct str handle, given;
	struct login l;

	owner(s);
	authenticator_init(&a);
	assert_ok(s, passkey_add(s, &a, &handle));
	given = challenge(s, FACTOR_SIGN_IN, BROWSER, NULL);
	assert_ok(s, passkey_use(s, &a, (struct ceremony){.handle = handle, .challenge = given}, &l));
	assert_err(s, passkey_use(s, &a, (struct ceremony){.handle = handle, .challenge = given},
			&l), ERR_LOGIN_FAILED);
	given = challenge(s, FACTOR_SIGN_IN, OTHER_BROWSER, NULL);
	assert_err(s, passkey_use(s, &a, (struct ceremony){.handle = handle, .challenge = given},
			&l), ERR_LOGIN_FAILED);
	given = challenge(s, FACTOR_PROVE, BROWSER, NULL);
	assert_err(s, passkey_use(s, &a, (struct ceremony){.handle = handle, .challenge = given},
			&l), ERR_LOGIN_FAILED);
	given = challenge(s, FACTOR_SIGN_IN, BROWSER, NULL);
	assert_err(s, passkey_use(s, &a, (struct ceremony){.handle = handle, .challenge = given,
			.flags = AUTH_UP}, &l), ERR_LOGIN_FAILED);
	/* Burnt by the failure. */
	assert_err(s, passkey_use(s, &a, (struct ceremony){.handle = handle, .challenge = given},
			&l), ERR_LOGIN_FAILED);
	given = challenge(s, FACTOR_SIGN_IN, BROWSER, NULL);
	s->c.now_us += INT64_C(1000000) * FACTOR_CHALLENGE_LIFE;
	assert_err(s, passkey_use(s, &a, (struct ceremony){.handle = handle, .challenge = given},
			&l), ERR_LOGIN_FAILED);
	authenticator_fini(&a);
}

static void
what_was_made_to_enrol_does_not_sign_in(void **state)
{
	struct site *s = *state;
	struct authenticator a;
	struct login l = {.cookie = S(BROWSER)};
	struct ceremony how = {.count = 0};

	owner(s);
	authenticator_init(&a);
	how.challenge = challenge(s, FACTOR_SIGN_IN, BROWSER, NULL);
	assert_err(s, login_passkey(&s->c, s->db, &l, authenticator_make(&s->c, &a, &how)),
		ERR_LOGIN_FAILED);
	how.challenge = challenge(s, FACTOR_ENROL, BROWSER, NULL);
	assert_err(s, factor_passkey_add(&s->c, s->db, S(BROWSER),
			authenticator_use(&s->c, &a, &how), S("x"), S("")), ERR_PASSKEY);
	authenticator_fini(&a);
}

static void
a_removed_passkey_opens_nothing(void **state)
{
	struct site *s = *state;
	struct authenticator a;
	struct factors f;
	struct str handle;
	struct login l;

	owner(s);
	authenticator_init(&a);
	assert_ok(s, passkey_add(s, &a, &handle));
	assert_ok(s, factor_list(&s->c, s->db, &f));
	assert_ok(s, factor_passkey_remove(&s->c, s->db, f.passkeys[0].id, S("")));
	assert_err(s, factor_passkey_remove(&s->c, s->db, f.passkeys[0].id, S("")), ERR_NOT_FOUND);
	assert_err(s, passkey_use(s, &a, (struct ceremony){.handle = handle}, &l),
		ERR_LOGIN_FAILED);
	assert_ok(s, password(s, &l, PASSWORD));
	assert_true(l.open);
	authenticator_fini(&a);
}

static void
challenges_are_limited_for_each_address(void **state)
{
	struct site *s = *state;
	struct str json;
	int retry = 0;

	owner(s);
	for (int i = 0; i < 30; i++)
		(void)challenge(s, FACTOR_SIGN_IN, BROWSER, NULL);
	assert_err(s, factor_challenge(&s->c, s->db, FACTOR_SIGN_IN, S(BROWSER), &json, &retry),
		ERR_RATE_LIMITED);
	assert_int_equal(retry, 5 * MINUTE);
	s->facts.remote_addr = S("192.0.2.2");
	(void)challenge(s, FACTOR_SIGN_IN, BROWSER, NULL);
}

/* ---- proofs ----------------------------------------------------------------------------------------- */

static void
challenges_of_strangers_take_none_from_the_owner(void **state)
{
	struct site *s = *state;
	struct challenge_row row = {.purpose = S("prove"), .expires = s->c.now_us / 1000000 + 60};
	bool found;

	assert_ok(s, db_tx_begin(&s->c, s->db));
	assert_ok(s, challenge_row_put(&s->c, s->db, &row, 2));
	for (unsigned char i = 1; i <= 5; i++) {
		struct challenge_row other = {.hash = {i}, .purpose = S("sign-in"),
			.expires = row.expires + i};

		assert_ok(s, challenge_row_put(&s->c, s->db, &other, 2));
		if (i < 4)
			continue;
		assert_ok(s, challenge_row_take(&s->c, s->db, &other, &found));
		assert_true(found);
	}
	assert_ok(s, challenge_row_take(&s->c, s->db, &row, &found));
	assert_true(found);
	assert_ok(s, db_tx_commit(&s->c, s->db));
}

static void
a_proof_gives_the_session_another_cookie(void **state)
{
	struct site *s = *state;
	struct auth_grant before, after;
	char first[43];
	struct login l;

	owner(s);
	assert_ok(s, password(s, &l, PASSWORD));
	memcpy(first, l.secret.p, sizeof(first));
	assert_ok(s, auth_session_verify(&s->c, s->db, l.secret, &before));
	s->c.now_us += INT64_C(1000000) * HOUR;
	l = (struct login){.cookie = str_n(first, sizeof(first))};
	assert_err(s, login_prove(&s->c, s->db, &l, S("wrong"), S("")), ERR_LOGIN_FAILED);
	l = (struct login){.cookie = str_n(first, sizeof(first))};
	assert_ok(s, login_prove(&s->c, s->db, &l, S(PASSWORD), S("")));
	assert_err(s, auth_session_verify(&s->c, s->db, str_n(first, sizeof(first)), &after),
		ERR_LOGIN_REQUIRED);
	assert_ok(s, auth_session_verify(&s->c, s->db, l.secret, &after));
	assert_true(str_eq(before.session_id, after.session_id));
	assert_int_equal(after.proved, NOW + HOUR);
	assert_int_equal(after.signed_in, NOW);
}

static void
with_an_app_a_proof_needs_its_code(void **state)
{
	struct site *s = *state;
	char secret[33], cookie[43];
	struct login l;

	owner(s);
	app(s, secret);
	assert_ok(s, password(s, &l, PASSWORD));
	assert_ok(s, code(s, &l, app_code(s, secret, 0)));
	memcpy(cookie, l.secret.p, sizeof(cookie));
	l = (struct login){.cookie = str_n(cookie, sizeof(cookie))};
	assert_err(s, login_prove(&s->c, s->db, &l, S(PASSWORD), S("")), ERR_LOGIN_FAILED);
	assert_ok(s, login_prove(&s->c, s->db, &l, S(PASSWORD), app_code(s, secret, 1)));
}

static void
a_change_ends_all_other_sessions(void **state)
{
	struct site *s = *state;
	struct login mine, other;
	struct auth_grant g;
	struct str shown, uri;
	char secret[33];

	owner(s);
	assert_ok(s, password(s, &mine, PASSWORD));
	assert_ok(s, password(s, &other, PASSWORD));
	assert_ok(s, auth_session_verify(&s->c, s->db, mine.secret, &g));
	assert_ok(s, factor_totp_begin(&s->c, s->db));
	assert_ok(s, factor_totp_show(&s->c, s->db, &shown, &uri));
	memcpy(secret, shown.p, 32);
	secret[32] = '\0';
	assert_ok(s, factor_totp_confirm(&s->c, s->db, app_code(s, secret, 0), g.session_id));
	assert_ok(s, auth_session_verify(&s->c, s->db, mine.secret, &g));
	assert_err(s, auth_session_verify(&s->c, s->db, other.secret, &g), ERR_LOGIN_REQUIRED);
}

static void
sessions_are_listed_and_ended_by_their_names(void **state)
{
	struct site *s = *state;
	struct session_row *rows;
	struct auth_grant g;
	struct login a, b;
	int64_t ended;
	size_t n;

	owner(s);
	assert_ok(s, password(s, &a, PASSWORD));
	assert_ok(s, password(s, &b, PASSWORD));
	assert_ok(s, session_list(&s->c, s->db, &rows, &n));
	assert_int_equal(n, 2);
	assert_str(rows[0].remote_addr, "192.0.2.1");
	assert_str(rows[0].user_agent, "Browser");
	assert_ok(s, auth_session_verify(&s->c, s->db, a.secret, &g));
	assert_ok(s, session_revoke(&s->c, s->db, g.session_id));
	assert_err(s, session_revoke(&s->c, s->db, g.session_id), ERR_NOT_FOUND);
	assert_err(s, auth_session_verify(&s->c, s->db, a.secret, &g), ERR_LOGIN_REQUIRED);
	assert_ok(s, auth_session_verify(&s->c, s->db, b.secret, &g));
	assert_ok(s, session_revoke_others(&s->c, s->db, g.session_id, &ended));
	assert_int_equal(ended, 0);
	assert_ok(s, session_revoke_others(&s->c, s->db, S(""), &ended));
	assert_int_equal(ended, 1);
}

/* Who has stolen the database has nothing to show, and nothing to compute codes from. */
static void
the_database_alone_is_worth_nothing(void **state)
{
	struct site *s = *state;
	struct str codes[FACTOR_CODES], raw;
	static char bytes[4 << 20];
	char secret[33], path[128], kept[20];
	struct login l;
	size_t n = 0;

	owner(s);
	app(s, secret);
	assert_ok(s, factor_codes_make(&s->c, s->db, S(""), codes));
	memcpy(kept, codes[0].p, 19);
	assert_ok(s, password(s, &l, PASSWORD));
	assert_ok(s, code(s, &l, app_code(s, secret, 0)));
	raw = base32_decode(&s->c, str_z(secret));
	for (int i = 0; i < 2; i++) {
		FILE *f;

		(void)snprintf(path, sizeof(path), "%s/starpunk.db%s", s->dir, i ? "-wal" : "");
		f = fopen(path, "rb");
		assert_non_null(f);
		n += fread(bytes + n, 1, sizeof(bytes) - n, f);
		(void)fclose(f);
	}
	assert_true(str_search(str_n(bytes, n), raw, 0) == n);
	assert_true(str_search(str_n(bytes, n), str_z(secret), 0) == n);
	assert_true(str_search(str_n(bytes, n), l.secret, 0) == n);
	assert_true(str_search(str_n(bytes, n), l.cookie, 0) == n);
	assert_true(str_search(str_n(bytes, n), str_n(kept, 9), 0) == n);
	assert_true(str_search(str_n(bytes, n), S(PASSWORD), 0) == n);
}

/* A lost key file: the app is of no use, and the codes on paper still are. */
static void
without_its_key_a_secret_opens_nothing(void **state)
{
	struct site *s = *state;
	struct str codes[FACTOR_CODES];
	char secret[33], path[128];
	struct login l;

	owner(s);
	app(s, secret);
	assert_ok(s, factor_codes_make(&s->c, s->db, S(""), codes));
	(void)snprintf(path, sizeof(path), "%s/starpunk.key", s->dir);
	assert_int_equal(unlink(path), 0);
	assert_ok(s, password(s, &l, PASSWORD));
	assert_err(s, code(s, &l, app_code(s, secret, 0)), ERR_IO);
	assert_ok(s, code(s, &l, codes[9]));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(a_recovery_code_is_good_once),
		SITE_TEST(a_new_set_of_codes_makes_the_old_one_void),
		SITE_TEST(a_passkey_opens_the_site_and_the_password_alone_does_not_any_more),
		SITE_TEST(a_challenge_is_good_once_for_one_browser_and_one_purpose),
		SITE_TEST(what_was_made_to_enrol_does_not_sign_in),
		SITE_TEST(a_removed_passkey_opens_nothing),
		SITE_TEST(challenges_are_limited_for_each_address),
		SITE_TEST(challenges_of_strangers_take_none_from_the_owner),
		SITE_TEST(a_proof_gives_the_session_another_cookie),
		SITE_TEST(with_an_app_a_proof_needs_its_code),
		SITE_TEST(a_change_ends_all_other_sessions),
		SITE_TEST(sessions_are_listed_and_ended_by_their_names),
		SITE_TEST(the_database_alone_is_worth_nothing),
		SITE_TEST(without_its_key_a_secret_opens_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
