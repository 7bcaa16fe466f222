/*
 * domain/login: what opens the site once an app is enrolled, that a code is good once, and how often
 * anything may be tried.
 */
#include "domain/login.h"

#include "login_fixture.h"

#include <pthread.h>

enum { THREADS = 8 };

/* ---- the app ----------------------------------------------------------------------------------- */

static void
with_an_app_the_password_alone_opens_nothing(void **state)
{
	struct site *s = *state;
	char secret[33];
	struct session_row *rows;
	struct auth_grant g;
	struct login l;
	size_t n;
	bool owes;

	owner(s);
	app(s, secret);
	assert_ok(s, password(s, &l, PASSWORD));
	assert_false(l.open);
	assert_int_equal(l.secret.n, 0);
	assert_err(s, auth_session_verify(&s->c, s->db, l.cookie, &g), ERR_LOGIN_REQUIRED);
	assert_ok(s, session_list(&s->c, s->db, &rows, &n));
	assert_int_equal(n, 0);
	assert_ok(s, login_owes_code(&s->c, s->db, l.cookie, &owes));
	assert_true(owes);
	assert_ok(s, code(s, &l, app_code(s, secret, 0)));
	assert_true(l.open);
	assert_ok(s, auth_session_verify(&s->c, s->db, l.secret, &g));
	assert_str(g.factors, "password totp");
	assert_ok(s, login_owes_code(&s->c, s->db, l.cookie, &owes));
	assert_false(owes);
}

static void
an_app_is_not_active_before_its_first_code(void **state)
{
	struct site *s = *state;
	struct str secret, uri;
	struct login l;

	owner(s);
	assert_ok(s, factor_totp_begin(&s->c, s->db));
	assert_ok(s, factor_totp_show(&s->c, s->db, &secret, &uri));
	assert_true(str_starts(uri, S("otpauth://totp/StarPunk:ada.example?secret=")));
	assert_has(uri, "&issuer=StarPunk&algorithm=SHA1&digits=6&period=30");
	assert_err(s, factor_totp_confirm(&s->c, s->db, S("000000"), S("")), ERR_LOGIN_FAILED);
	assert_ok(s, password(s, &l, PASSWORD));
	assert_true(l.open);
}

static void
a_secret_is_shown_until_it_is_active_and_never_again(void **state)
{
	struct site *s = *state;
	struct str shown, uri;
	char secret[33];

	owner(s);
	assert_err(s, factor_totp_show(&s->c, s->db, &shown, &uri), ERR_NOT_FOUND);
	app(s, secret);
	assert_err(s, factor_totp_show(&s->c, s->db, &shown, &uri), ERR_NOT_FOUND);
	assert_err(s, factor_totp_begin(&s->c, s->db), ERR_EXISTS);
	assert_ok(s, factor_totp_remove(&s->c, s->db, S("")));
	assert_ok(s, factor_totp_begin(&s->c, s->db));
	assert_ok(s, factor_totp_show(&s->c, s->db, &shown, &uri));
	assert_false(str_eq(shown, str_z(secret)));
	site_next(s, HOUR);
	assert_err(s, factor_totp_show(&s->c, s->db, &shown, &uri), ERR_NOT_FOUND);
}

static void
a_code_is_good_once_and_none_before_it_afterwards(void **state)
{
	struct site *s = *state;
	char secret[33];
	struct login l, other;

	owner(s);
	app(s, secret);
	assert_ok(s, password(s, &l, PASSWORD));
	assert_ok(s, password(s, &other, PASSWORD));
	assert_ok(s, code(s, &l, app_code(s, secret, 0)));
	assert_err(s, code(s, &other, app_code(s, secret, 0)), ERR_LOGIN_FAILED);
	assert_err(s, code(s, &other, app_code(s, secret, -1)), ERR_LOGIN_FAILED);
	assert_ok(s, code(s, &other, app_code(s, secret, 1)));
}

static void
a_clock_that_is_set_back_makes_no_used_code_good(void **state)
{
	struct site *s = *state;
	char secret[33], kept[7];
	struct login l;

	owner(s);
	app(s, secret);
	assert_ok(s, password(s, &l, PASSWORD));
	memcpy(kept, app_code(s, secret, 0).p, 6);
	assert_ok(s, code(s, &l, str_n(kept, 6)));
	site_next(s, -HOUR);
	assert_ok(s, password(s, &l, PASSWORD));
	assert_err(s, code(s, &l, app_code(s, secret, 0)), ERR_LOGIN_FAILED);
	site_next(s, HOUR);
	assert_ok(s, password(s, &l, PASSWORD));
	assert_err(s, code(s, &l, str_n(kept, 6)), ERR_LOGIN_FAILED);
}

static void
five_codes_may_be_tried_with_one_password(void **state)
{
	struct site *s = *state;
	char secret[33];
	struct login l;
	bool owes;

	owner(s);
	app(s, secret);
	assert_ok(s, password(s, &l, PASSWORD));
	for (int i = 0; i < LOGIN_PENDING_TRIES; i++)
		assert_err(s, code(s, &l, S("abcdef")), ERR_LOGIN_FAILED);
	assert_err(s, code(s, &l, app_code(s, secret, 0)), ERR_LOGIN_FAILED);
	assert_ok(s, login_owes_code(&s->c, s->db, l.cookie, &owes));
	assert_false(owes);
}

static void
codes_are_limited_for_all_together(void **state)
{
	struct site *s = *state;
	char secret[33];
	struct login l;

	owner(s);
	app(s, secret);
	for (int i = 0; i < 10; i++) {
		if (i % 5 == 0)
			assert_ok(s, password(s, &l, PASSWORD));
		assert_err(s, code(s, &l, S("000000")), ERR_LOGIN_FAILED);
	}
	assert_ok(s, password(s, &l, PASSWORD));
	assert_err(s, code(s, &l, app_code(s, secret, 0)), ERR_RATE_LIMITED);
	assert_int_equal(l.retry, HOUR);
	assert_has(site_log(s), "\"tries_exhausted\"");
	site_next(s, HOUR);
	assert_ok(s, password(s, &l, PASSWORD));
	assert_ok(s, code(s, &l, app_code(s, secret, 0)));
}

/* Asks for no more than a row for each address: who has many of them is not to get new tries by it. */
static void
many_addresses_do_not_make_the_count_of_all_forgotten(void **state)
{
	struct site *s = *state;
	char secret[33], addr[32];
	struct login l;

	owner(s);
	app(s, secret);
	for (int i = 0; i < 10; i++) {
		if (i % 5 == 0)
			assert_ok(s, password(s, &l, PASSWORD));
		assert_err(s, code(s, &l, S("000000")), ERR_LOGIN_FAILED);
	}
	site_next(s, MINUTE);
	assert_ok(s, db_tx_begin(&s->c, s->db));
	for (int i = 0; i < 20; i++) {
		struct throttle_row row = {.kind = S("challenge"), .tries = 1,
			.since = s->c.now_us / 1000000};

		(void)snprintf(addr, sizeof(addr), "192.0.2.%d", i);
		row.who = str_z(addr);
		assert_ok(s, throttle_row_put(&s->c, s->db, &row, 10));
	}
	assert_ok(s, db_tx_commit(&s->c, s->db));
	assert_ok(s, password(s, &l, PASSWORD));
	assert_err(s, code(s, &l, app_code(s, secret, 0)), ERR_RATE_LIMITED);
}

static void
a_sign_in_that_takes_too_long_begins_anew(void **state)
{
	struct site *s = *state;
	char secret[33], cookie[43];
	struct login l;

	owner(s);
	app(s, secret);
	assert_ok(s, password(s, &l, PASSWORD));
	memcpy(cookie, l.cookie.p, sizeof(cookie));
	site_next(s, LOGIN_PENDING_LIFE);
	l.cookie = str_n(cookie, sizeof(cookie));
	assert_err(s, code(s, &l, app_code(s, secret, 0)), ERR_LOGIN_FAILED);
	l.cookie = S("no cookie at all");
	assert_err(s, code(s, &l, app_code(s, secret, 0)), ERR_LOGIN_FAILED);
}

static void
a_new_password_ends_sign_ins_under_way(void **state)
{
	struct site *s = *state;
	char secret[33];
	struct login l;

	owner(s);
	app(s, secret);
	assert_ok(s, password(s, &l, PASSWORD));
	assert_ok(s, auth_owner_set_password(&s->c, s->db, S("tea and four umbrellas"), S("")));
	assert_err(s, code(s, &l, app_code(s, secret, 0)), ERR_LOGIN_FAILED);
}

/* ---- many at once -------------------------------------------------------------------------------- */

struct racer {
	const struct site *site;
	pthread_barrier_t *start;
	char cookie[43], code[6];
	enum err err;
};

static void *
race(void *arg)
{
	struct racer *r = arg;
	struct login l = {.cookie = str_n(r->cookie, sizeof(r->cookie))};
	struct db *db = NULL;
	struct ctx c;

	ctx_init(&c, 16 << 20);
	c.cfg = r->site->cfg;
	c.now_us = r->site->c.now_us;
	r->err = db_open(&c, NULL, &db);
	(void)pthread_barrier_wait(r->start);
	if (!r->err)
		r->err = login_code(&c, db, &l, str_n(r->code, sizeof(r->code)));
	db_close(db);
	ctx_fini(&c);
	return NULL;
}

static void
one_code_shown_many_times_at_once_opens_one_session(void **state)
{
	struct site *s = *state;
	struct racer racers[THREADS];
	pthread_t threads[THREADS];
	pthread_barrier_t start;
	struct session_row *rows;
	char secret[33];
	struct login l;
	size_t n;

	owner(s);
	app(s, secret);
	assert_int_equal(pthread_barrier_init(&start, NULL, THREADS), 0);
	for (int i = 0; i < THREADS; i++) {
		racers[i] = (struct racer){.site = s, .start = &start};
		assert_ok(s, password(s, &l, PASSWORD));
		memcpy(racers[i].cookie, l.cookie.p, sizeof(racers[i].cookie));
		memcpy(racers[i].code, app_code(s, secret, 0).p, sizeof(racers[i].code));
	}
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, race, &racers[i]), 0);
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	n = 0;
	for (int i = 0; i < THREADS; i++)
		n += racers[i].err == OK;
	assert_int_equal(n, 1);
	assert_ok(s, session_list(&s->c, s->db, &rows, &n));
	assert_int_equal(n, 1);
	(void)pthread_barrier_destroy(&start);
}

/* ---- tries ----------------------------------------------------------------------------------------- */

static void
passwords_are_limited_for_each_address_and_the_wait_doubles(void **state)
{
	static const int waits[] = {15 * MINUTE, 30 * MINUTE, HOUR, HOUR};
	struct site *s = *state;
	struct login l;

	owner(s);
	for (size_t w = 0; w < sizeof(waits) / sizeof(waits[0]); w++) {
		for (int i = 0; i < 10; i++)
			assert_err(s, password(s, &l, "wrong"), ERR_LOGIN_FAILED);
		assert_err(s, password(s, &l, PASSWORD), ERR_RATE_LIMITED);
		assert_int_equal(l.retry, waits[w]);
		site_next(s, waits[w] - 1);
		assert_err(s, password(s, &l, PASSWORD), ERR_RATE_LIMITED);
		assert_int_equal(l.retry, 1);
		site_next(s, 1);
	}
	assert_ok(s, password(s, &l, PASSWORD));
}

static void
a_right_password_forgives_wrong_ones(void **state)
{
	struct site *s = *state;
	struct login l;

	owner(s);
	for (int k = 0; k < 12; k++) {
		for (int i = 0; i < 9; i++)
			assert_err(s, password(s, &l, "wrong"), ERR_LOGIN_FAILED);
		assert_ok(s, password(s, &l, PASSWORD));
		if (k % 6 == 5)
			site_next(s, HOUR);
	}
}

static void
strangers_do_not_lock_the_owner_out_for_good(void **state)
{
	struct site *s = *state;
	struct login l;
	char addr[32];

	owner(s);
	for (int i = 0; i < 100; i++) {
		(void)snprintf(addr, sizeof(addr), "198.51.100.%d", i);
		s->facts.remote_addr = str_z(addr);
		assert_err(s, password(s, &l, "wrong"), ERR_LOGIN_FAILED);
	}
	s->facts.remote_addr = S("192.0.2.1");
	assert_err(s, password(s, &l, PASSWORD), ERR_RATE_LIMITED);
	assert_int_equal(l.retry, 15 * MINUTE);
	site_next(s, 15 * MINUTE);
	assert_ok(s, password(s, &l, PASSWORD));
}

static void
an_ipv6_network_is_one_address(void **state)
{
	struct site *s = *state;
	struct login l;
	char addr[64];

	owner(s);
	for (int i = 0; i < 10; i++) {
		(void)snprintf(addr, sizeof(addr), "2001:db8:1:2:%x::1", i + 1);
		s->facts.remote_addr = str_z(addr);
		assert_err(s, password(s, &l, "wrong"), ERR_LOGIN_FAILED);
	}
	s->facts.remote_addr = S("2001:db8:1:2:ffff::9");
	assert_err(s, password(s, &l, PASSWORD), ERR_RATE_LIMITED);
	s->facts.remote_addr = S("2001:db8:1:3::1");
	assert_ok(s, password(s, &l, PASSWORD));
}

static void
a_clock_that_is_set_back_does_not_prolong_a_wait(void **state)
{
	struct site *s = *state;
	struct login l;

	owner(s);
	for (int i = 0; i < 10; i++)
		assert_err(s, password(s, &l, "wrong"), ERR_LOGIN_FAILED);
	assert_err(s, password(s, &l, PASSWORD), ERR_RATE_LIMITED);
	site_next(s, -30 * DAY);
	assert_err(s, password(s, &l, PASSWORD), ERR_RATE_LIMITED);
	assert_true(l.retry <= HOUR);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(with_an_app_the_password_alone_opens_nothing),
		SITE_TEST(an_app_is_not_active_before_its_first_code),
		SITE_TEST(a_secret_is_shown_until_it_is_active_and_never_again),
		SITE_TEST(a_code_is_good_once_and_none_before_it_afterwards),
		SITE_TEST(a_clock_that_is_set_back_makes_no_used_code_good),
		SITE_TEST(five_codes_may_be_tried_with_one_password),
		SITE_TEST(codes_are_limited_for_all_together),
		SITE_TEST(many_addresses_do_not_make_the_count_of_all_forgotten),
		SITE_TEST(a_sign_in_that_takes_too_long_begins_anew),
		SITE_TEST(a_new_password_ends_sign_ins_under_way),
		SITE_TEST(one_code_shown_many_times_at_once_opens_one_session),
		SITE_TEST(passwords_are_limited_for_each_address_and_the_wait_doubles),
		SITE_TEST(a_right_password_forgives_wrong_ones),
		SITE_TEST(strangers_do_not_lock_the_owner_out_for_good),
		SITE_TEST(an_ipv6_network_is_one_address),
		SITE_TEST(a_clock_that_is_set_back_does_not_prolong_a_wait),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
