/*
 * The owner's sessions of domain/auth: how long they live, when that is written down, and how they
 * end.
 */
#include "domain/auth.h"

#include "domain_fixture.h"

enum { MINUTE = 60, DAY = 86400 };

/* A session opened now; its secret outlives the arena. */
static struct str
session(struct site *s, char secret[43])
{
	struct str shown, made;

	assert_ok(s, auth_owner_create(&s->c, s->db, S("Ada"), S("correct horse battery"), &shown));
	assert_ok(s, sign_in(s, shown, &made));
	memcpy(secret, made.p, 43);
	return str_n(secret, 43);
}

static void
an_idle_session_ends(void **state)
{
	struct site *s = *state;
	char room[43];
	struct str secret = session(s, room);
	struct auth_grant g;

	site_next(s, 30 * DAY - 1);
	assert_ok(s, auth_session_verify(&s->c, s->db, secret, &g));
	site_next(s, 30 * DAY);
	assert_err(s, auth_session_verify(&s->c, s->db, secret, &g), ERR_LOGIN_REQUIRED);
}

static void
a_session_in_use_ends_after_three_months(void **state)
{
	struct site *s = *state;
	char room[43];
	struct str secret = session(s, room);
	struct auth_grant g;

	for (int i = 0; i < 4; i++) {
		site_next(s, 20 * DAY);
		assert_ok(s, auth_session_verify(&s->c, s->db, secret, &g));
	}
	site_next(s, 10 * DAY);
	assert_err(s, auth_session_verify(&s->c, s->db, secret, &g), ERR_LOGIN_REQUIRED);
}

/* When the session was last noted as used. */
static int64_t
last_accessed(struct site *s, struct str secret)
{
	unsigned char hash[CRYPTO_SHA256_BYTES];
	struct session_row row = {0};

	crypto_sha256(secret, hash);
	assert_ok(s, session_row_find(&s->c, s->db, hash, &row));
	return row.last_accessed;
}

static void
a_session_is_written_at_most_every_five_minutes(void **state)
{
	struct site *s = *state;
	char room[43];
	struct str secret = session(s, room);
	struct auth_grant g;

	site_next(s, 5 * MINUTE - 1);
	assert_ok(s, auth_session_verify(&s->c, s->db, secret, &g));
	assert_int_equal(last_accessed(s, secret), NOW);
	site_next(s, 1);
	assert_ok(s, auth_session_verify(&s->c, s->db, secret, &g));
	assert_int_equal(last_accessed(s, secret), NOW + 5 * MINUTE);
}

static void
a_short_session_slides_too(void **state)
{
	struct site *s = *state;
	struct config cfg = *s->cfg;
	struct auth_grant g;
	char room[43];
	struct str secret;

	cfg.session_timeout = INT64_C(600) * 1000000;
	s->c.cfg = &cfg;
	secret = session(s, room);
	for (int i = 0; i < 6; i++) {
		site_next(s, 400);
		assert_ok(s, auth_session_verify(&s->c, s->db, secret, &g));
	}
	site_next(s, 601);
	assert_err(s, auth_session_verify(&s->c, s->db, secret, &g), ERR_LOGIN_REQUIRED);
}

static void
a_session_that_cannot_be_written_is_still_one(void **state)
{
	struct site *s = *state;
	char room[43];
	struct str secret = session(s, room);
	struct auth_grant g;
	struct db *other = NULL;

	assert_ok(s, db_open(&s->c, NULL, &other));
	assert_ok(s, db_tx_begin(&s->c, other));
	site_next(s, DAY);
	s->c.deadline_us = time_mono_us() + 50000;
	assert_ok(s, auth_session_verify(&s->c, s->db, secret, &g));
	assert_int_equal(s->c.err.code, OK);
	db_tx_rollback(&s->c, other);
	db_close(other);
}

/* A page is read with it: it does not wait as long as a write may. */
static void
a_session_does_not_wait_for_writers(void **state)
{
	struct site *s = *state;
	char room[43];
	struct str secret = session(s, room);
	struct auth_grant g;
	struct db *other = NULL;
	int64_t start, deadline;

	assert_ok(s, db_open(&s->c, NULL, &other));
	assert_ok(s, db_tx_begin(&s->c, other));
	for (int i = 0; i < 2; i++) {
		site_next(s, DAY);
		start = time_mono_us();
		deadline = i == 0 ? 0 : start + 60 * INT64_C(1000000);
		s->c.deadline_us = deadline;
		assert_ok(s, auth_session_verify(&s->c, s->db, secret, &g));
		assert_true(time_mono_us() - start < s->cfg->db_busy_timeout / 2);
		assert_int_equal(s->c.deadline_us, deadline);
	}
	db_tx_rollback(&s->c, other);
	db_close(other);
}

static void
a_session_is_valid_where_nothing_may_be_written(void **state)
{
	struct site *s = *state;
	char room[43];
	struct str secret = session(s, room);
	struct auth_grant g;

	site_next(s, DAY);
	s->c.read_only = true;
	assert_ok(s, auth_session_verify(&s->c, s->db, secret, &g));
	assert_int_equal(s->c.err.code, OK);
}

static void
logout_ends_the_session(void **state)
{
	struct site *s = *state;
	char room[43];
	struct str secret = session(s, room);
	struct auth_grant g;

	assert_ok(s, auth_logout(&s->c, s->db, secret));
	assert_err(s, auth_session_verify(&s->c, s->db, secret, &g), ERR_LOGIN_REQUIRED);
	assert_ok(s, auth_logout(&s->c, s->db, secret));
	assert_ok(s, auth_logout(&s->c, s->db, S("no session at all")));
	assert_has(site_log(s), "\"logout\"");
}

static void
a_token_is_no_session_and_a_session_no_token(void **state)
{
	struct site *s = *state;
	char room[43];
	struct str secret = session(s, room), token, id;
	struct auth_grant g;

	assert_ok(s, auth_token_create(&s->c, s->db, S("a"), S("admin"), 0, &token, &id));
	assert_err(s, auth_session_verify(&s->c, s->db, token, &g), ERR_LOGIN_REQUIRED);
	assert_err(s, auth_session_verify(&s->c, s->db, str_sub(token, 3, 46), &g),
		ERR_LOGIN_REQUIRED);
	assert_err(s, auth_token_verify(&s->c, s->db, secret, &g), ERR_TOKEN_INVALID);
}

static void
cleaning_removes_what_has_ended(void **state)
{
	struct site *s = *state;
	char room[43];
	struct str token, id;
	int64_t sessions, tokens;

	(void)session(s, room);
	assert_ok(s, auth_token_create(&s->c, s->db, S("a"), S("create"), NOW + DAY, &token, &id));
	assert_ok(s, auth_clean(&s->c, s->db, &sessions, &tokens));
	assert_int_equal(sessions + tokens, 0);
	site_next(s, 30 * DAY + 1);
	assert_ok(s, auth_clean(&s->c, s->db, &sessions, &tokens));
	assert_int_equal(sessions, 1);
	assert_int_equal(tokens, 0);
	site_next(s, DAY);
	assert_ok(s, auth_clean(&s->c, s->db, &sessions, &tokens));
	assert_int_equal(sessions, 0);
	assert_int_equal(tokens, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(an_idle_session_ends),
		SITE_TEST(a_session_in_use_ends_after_three_months),
		SITE_TEST(a_session_is_written_at_most_every_five_minutes),
		SITE_TEST(a_short_session_slides_too),
		SITE_TEST(a_session_that_cannot_be_written_is_still_one),
		SITE_TEST(a_session_does_not_wait_for_writers),
		SITE_TEST(a_session_is_valid_where_nothing_may_be_written),
		SITE_TEST(logout_ends_the_session),
		SITE_TEST(a_token_is_no_session_and_a_session_no_token),
		SITE_TEST(cleaning_removes_what_has_ended),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
