/*
 * domain/auth: tokens, sessions, the owner's password; what the database knows of them, and what
 * time does to them.
 */
#include "domain/auth.h"

#include "domain_fixture.h"

/* ---- tokens ---------------------------------------------------------------------------------- */

static void
a_token_is_verified_by_its_secret(void **state)
{
	struct site *s = *state;
	struct auth_grant g;
	struct str secret, id;

	assert_ok(s,
		auth_token_create(&s->c, s->db, S("phone"), S("create update"), 0, &secret, &id));
	assert_int_equal(secret.n, 46);
	assert_true(str_starts(secret, S("sp_")));
	assert_int_equal(id.n, 10);
	assert_ok(s, auth_token_verify(&s->c, s->db, secret, &g));
	assert_true(str_eq(g.id, id));
	assert_str(g.scope, "create update");
	assert_false(g.session);
}

static void
two_tokens_have_nothing_in_common(void **state)
{
	struct site *s = *state;
	struct str a, b, id_a, id_b;

	assert_ok(s, auth_token_create(&s->c, s->db, S("a"), S("create"), 0, &a, &id_a));
	assert_ok(s, auth_token_create(&s->c, s->db, S("b"), S("create"), 0, &b, &id_b));
	assert_false(str_eq(a, b));
	assert_false(str_eq(id_a, id_b));
	assert_true(str_search(a, id_a, 0) == a.n);
}

static void
the_database_and_the_log_know_no_secret(void **state)
{
	struct site *s = *state;
	char path[128];
	static char bytes[1 << 20];
	struct str secret, id;
	size_t n = 0;
	FILE *f;

	assert_ok(s, auth_token_create(&s->c, s->db, S("phone"), S("create"), 0, &secret, &id));
	for (int i = 0; i < 2; i++) {
		(void)snprintf(path, sizeof(path), "%s/starpunk.db%s", s->dir, i ? "-wal" : "");
		f = fopen(path, "rb");
		assert_non_null(f);
		n = fread(bytes, 1, sizeof(bytes), f);
		(void)fclose(f);
		assert_true(n > 0);
		assert_true(str_search(str_n(bytes, n), secret, 0) == n);
		assert_true(str_search(str_n(bytes, n), str_sub(secret, 3, 46), 0) == n);
	}
	assert_has(site_log(s), "\"token_created\"");
	assert_true(str_search(site_log(s), id, 0) < site_log(s).n);
	assert_true(str_search(site_log(s), str_sub(secret, 3, 46), 0) == site_log(s).n);
}

static void
what_is_no_token_is_invalid(void **state)
{
	static const char *const bad[] = {"", "sp_", "Bearer x", "sp_short",
		"sp_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
		"xx_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
		"sp_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n'"};
	struct site *s = *state;
	struct auth_grant g;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_err(
			s, auth_token_verify(&s->c, s->db, str_z(bad[i]), &g), ERR_TOKEN_INVALID);
}

static void
a_token_changed_by_one_character_is_invalid(void **state)
{
	struct site *s = *state;
	struct auth_grant g;
	struct str secret, id;
	char changed[46];

	assert_ok(s, auth_token_create(&s->c, s->db, S("a"), S("create"), 0, &secret, &id));
	memcpy(changed, secret.p, sizeof(changed));
	changed[20] = changed[20] == 'x' ? 'y' : 'x';
	assert_err(s, auth_token_verify(&s->c, s->db, str_n(changed, 46), &g), ERR_TOKEN_INVALID);
	assert_err(
		s, auth_token_verify(&s->c, s->db, str_sub(secret, 0, 45), &g), ERR_TOKEN_INVALID);
	assert_err(s, auth_token_verify(&s->c, s->db, id, &g), ERR_TOKEN_INVALID);
}

static void
an_expired_token_is_invalid(void **state)
{
	struct site *s = *state;
	struct auth_grant g;
	struct str secret, id;
	char kept[46];

	assert_ok(s, auth_token_create(&s->c, s->db, S("a"), S("create"), NOW + 60, &secret, &id));
	memcpy(kept, secret.p, sizeof(kept));
	site_next(s, 59);
	assert_ok(s, auth_token_verify(&s->c, s->db, str_n(kept, 46), &g));
	site_next(s, 1);
	assert_err(s, auth_token_verify(&s->c, s->db, str_n(kept, 46), &g), ERR_TOKEN_INVALID);
}

static void
a_revoked_token_is_invalid(void **state)
{
	struct site *s = *state;
	struct auth_grant g;
	struct str secret, id;

	assert_ok(s, auth_token_create(&s->c, s->db, S("a"), S("create"), 0, &secret, &id));
	assert_ok(s, auth_token_revoke(&s->c, s->db, id));
	assert_err(s, auth_token_verify(&s->c, s->db, secret, &g), ERR_TOKEN_INVALID);
	assert_has(site_log(s), "\"token_revoked\"");
	assert_err(s, auth_token_revoke(&s->c, s->db, S("nobody")), ERR_NOT_FOUND);
}

static void
a_scope_is_words_of_printable_ascii(void **state)
{
	struct site *s = *state;
	struct str secret, id;

	assert_ok(s, auth_token_create(&s->c, s->db, S("a"), S(""), 0, &secret, &id));
	assert_ok(s, auth_token_create(&s->c, s->db, S("a"), S(" recreate create:video "), 0,
			&secret, &id));
	assert_err(s, auth_token_create(&s->c, s->db, S("a"), S("create\n"), 0, &secret, &id),
		ERR_USAGE);
	assert_err(s, auth_token_create(&s->c, s->db, S("a"), S("cr\"eate"), 0, &secret, &id),
		ERR_USAGE);
	assert_err(
		s, auth_token_create(&s->c, s->db, S("a"), S("cré"), 0, &secret, &id), ERR_USAGE);
}

static void
scopes_compare_as_whole_words(void **state)
{
	struct auth_grant g = {.scope = S("recreate create:video update")};
	struct auth_grant session = {.session = true};
	struct auth_grant none = {.scope = S("")};

	(void)state;
	assert_true(auth_allows(&g, "update"));
	assert_false(auth_allows(&g, "create"));
	assert_false(auth_allows(&g, "up"));
	assert_false(auth_allows(&none, "create"));
	assert_false(auth_allows(&none, ""));
	assert_true(auth_allows(&session, "admin"));
}

/* ---- the owner ------------------------------------------------------------------------------- */

static void
the_owner_signs_in(void **state)
{
	struct site *s = *state;
	struct auth_grant g;
	struct str shown, secret;

	assert_ok(s, auth_owner_create(&s->c, s->db, S("Ada"), S("correct horse battery"), &shown));
	assert_str(shown, "correct horse battery");
	assert_ok(s, sign_in(s, shown, &secret));
	assert_int_equal(secret.n, 43);
	assert_ok(s, auth_session_verify(&s->c, s->db, secret, &g));
	assert_true(g.session);
	assert_str(g.id, "session");
	assert_int_equal(g.session_id.n, 10);
	assert_true(str_search(secret, g.session_id, 0) == secret.n);
	assert_str(g.factors, "password");
	assert_int_equal(g.signed_in, NOW);
	assert_int_equal(g.proved, NOW);
	assert_has(site_log(s), "\"login_succeeded\"");
	assert_has_not(site_log(s), "horse");
}

static void
a_wrong_password_is_refused_and_logged(void **state)
{
	struct site *s = *state;
	struct str shown, secret;

	assert_ok(s, auth_owner_create(&s->c, s->db, S("Ada"), S("correct horse battery"), &shown));
	assert_err(s, sign_in(s, S("correct horse batterz"), &secret), ERR_LOGIN_FAILED);
	assert_has(site_log(s), "\"login_failed\"");
	assert_has(site_log(s), "192.0.2.1");
	assert_has_not(site_log(s), "horse");
}

static void
without_an_owner_nobody_signs_in(void **state)
{
	struct site *s = *state;
	struct str secret;

	assert_err(s, sign_in(s, S("anything at all"), &secret),
		ERR_LOGIN_FAILED);
}

static void
a_password_of_megabytes_is_not_hashed(void **state)
{
	struct site *s = *state;
	struct str shown, secret;
	char *long_one = malloc(10 << 20);

	assert_non_null(long_one);
	memset(long_one, 'a', 10 << 20);
	assert_ok(s, auth_owner_create(&s->c, s->db, S("Ada"), S(""), &shown));
	assert_err(s, sign_in(s, str_n(long_one, 10 << 20), &secret), ERR_PASSWORD_RULES);
	free(long_one);
}

static void
a_password_is_made_if_none_is_given(void **state)
{
	struct site *s = *state;
	struct str shown, secret;

	assert_ok(s, auth_owner_create(&s->c, s->db, S("Ada"), S(""), &shown));
	assert_int_equal(shown.n, 23);
	for (size_t i = 0; i < shown.n; i++) {
		if (i % 6 == 5)
			assert_int_equal(shown.p[i], '-');
		else
			assert_true(str_find(S("abcdefghijkmnpqrstuvwxyz23456789"), shown.p[i], 0) <
				    32);
	}
	assert_ok(s, sign_in(s, shown, &secret));
}

static void
made_passwords_are_accepted_and_differ(void **state)
{
	struct site *s = *state;
	struct str a, b, shown;

	assert_ok(s, auth_password_make(&s->c, &a));
	assert_ok(s, auth_password_make(&s->c, &b));
	assert_false(str_eq(a, b));
	assert_ok(s, auth_owner_create(&s->c, s->db, S("Ada"), a, &shown));
	assert_true(str_eq(a, shown));
	assert_ok(s, auth_owner_set_password(&s->c, s->db, b, S("")));
}

static void
there_is_one_owner(void **state)
{
	struct site *s = *state;
	struct str shown;

	assert_ok(s, auth_owner_create(&s->c, s->db, S("Ada"), S(""), &shown));
	assert_err(s, auth_owner_create(&s->c, s->db, S("Eve"), S(""), &shown), ERR_EXISTS);
}

static void
passwords_out_of_bounds_are_refused(void **state)
{
	struct site *s = *state;
	struct str shown;
	char long_one[129];

	for (size_t i = 0; i < sizeof(long_one); i++)
		long_one[i] = "some words "[i % 11];
	assert_err(
		s, auth_owner_create(&s->c, s->db, S("Ada"), S("elevenchars"), &shown), ERR_PASSWORD_RULES);
	assert_err(s, auth_owner_create(&s->c, s->db, S("Ada"), str_n(long_one, 129), &shown),
		ERR_PASSWORD_RULES);
	assert_err(s,
		auth_owner_create(&s->c, s->db, S("Ada"), S("twelve\0chars and more"), &shown),
		ERR_PASSWORD_RULES);
	assert_err(s, auth_owner_create(&s->c, s->db, S("Ada"), S("twelve\xff characters"), &shown),
		ERR_PASSWORD_RULES);
	assert_err(s, auth_owner_set_password(&s->c, s->db, S(""), S("")), ERR_PASSWORD_RULES);
	assert_ok(s, auth_owner_create(&s->c, s->db, S("Ada"), S("ää ää ää ää "), &shown));
}

static void
passwords_that_are_tried_first_are_refused(void **state)
{
	static const char *const common[] = {"123qweasdzxc", "SonyEricsson", "password1234",
		"**Dragon2024!**", "passwordpassword", "aaaaaaaaaaaa", "abababababab",
		"monkey123monkey123", "123456789123", "ada.example1",
		"Ada & Co 2026!!"};
	static const char *const fine[] = {"correct horse battery", "Drachen fliegen 2024!",
		"password manager says so", "123456 reasons not to"};
	struct site *s = *state;
	struct str shown;

	assert_ok(s, auth_owner_create(&s->c, s->db, S("Ada"), S(""), &shown));
	for (size_t i = 0; i < sizeof(common) / sizeof(common[0]); i++)
		if (auth_owner_set_password(&s->c, s->db, str_z(common[i]), S("")) !=
			ERR_PASSWORD_RULES)
			fail_msg("'%s' was taken", common[i]);
		else
			err_clear(&s->c);
	for (size_t i = 0; i < sizeof(fine) / sizeof(fine[0]); i++)
		assert_ok(s, auth_owner_set_password(&s->c, s->db, str_z(fine[i]), S("")));
}

static void
a_hash_of_other_times_is_made_anew_at_the_next_sign_in(void **state)
{
	struct site *s = *state;
	struct owner_row row;
	struct str secret, shown;
	/* "correct horse battery" at 8 KiB and one pass. */
	const char *old = "$argon2id$v=19$m=8,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$COasZSyMm5hc6dqbItVb+IZaGwOa3IHiB0qT62pEreo";

	assert_ok(s, auth_owner_create(&s->c, s->db, S("Ada"), S("correct horse battery"), &shown));
	assert_ok(s, db_tx_begin(&s->c, s->db));
	assert_ok(s, owner_row_set_password(&s->c, s->db, str_z(old)));
	assert_ok(s, db_tx_commit(&s->c, s->db));
	assert_err(s, sign_in(s, S("correct horse batterz"), &secret), ERR_LOGIN_FAILED);
	assert_ok(s, owner_row_find(&s->c, s->db, &row));
	assert_true(str_eq(row.password_hash, str_z(old)));
	assert_ok(s, sign_in(s, S("correct horse battery"), &secret));
	assert_ok(s, owner_row_find(&s->c, s->db, &row));
	assert_true(str_starts(row.password_hash, S("$argon2id$v=19$m=65536,t=2,p=1$")));
	assert_ok(s, sign_in(s, S("correct horse battery"), &secret));
}

static void
a_new_password_ends_all_sessions(void **state)
{
	struct site *s = *state;
	struct auth_grant g;
	struct str shown, secret;

	assert_ok(s, auth_owner_create(&s->c, s->db, S("Ada"), S("correct horse battery"), &shown));
	assert_ok(s, sign_in(s, shown, &secret));
	assert_ok(s, auth_owner_set_password(&s->c, s->db, S("another long password"), S("")));
	assert_err(s, auth_session_verify(&s->c, s->db, secret, &g), ERR_LOGIN_REQUIRED);
	assert_err(s, sign_in(s, S("correct horse battery"), &secret),
		ERR_LOGIN_FAILED);
	assert_ok(s, sign_in(s, S("another long password"), &secret));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(a_token_is_verified_by_its_secret),
		SITE_TEST(two_tokens_have_nothing_in_common),
		SITE_TEST(the_database_and_the_log_know_no_secret),
		SITE_TEST(what_is_no_token_is_invalid),
		SITE_TEST(a_token_changed_by_one_character_is_invalid),
		SITE_TEST(an_expired_token_is_invalid),
		SITE_TEST(a_revoked_token_is_invalid),
		SITE_TEST(a_scope_is_words_of_printable_ascii),
		SITE_TEST(scopes_compare_as_whole_words),
		SITE_TEST(the_owner_signs_in),
		SITE_TEST(a_wrong_password_is_refused_and_logged),
		SITE_TEST(without_an_owner_nobody_signs_in),
		SITE_TEST(a_password_of_megabytes_is_not_hashed),
		SITE_TEST(a_password_is_made_if_none_is_given),
		SITE_TEST(made_passwords_are_accepted_and_differ),
		SITE_TEST(there_is_one_owner),
		SITE_TEST(passwords_out_of_bounds_are_refused),
		SITE_TEST(passwords_that_are_tried_first_are_refused),
		SITE_TEST(a_hash_of_other_times_is_made_anew_at_the_next_sign_in),
		SITE_TEST(a_new_password_ends_all_sessions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
