/*
 * domain/login and domain/factor: what opens the site once a second factor is enrolled, what is good
 * once only, and how often anything may be tried.
 */
#include "domain/login.h"

#include "authenticator.h"
#include "domain/factor.h"
#include "domain/session.h"
#include "domain/totp.h"
#include "domain_fixture.h"
#include "text/json.h"

#include <pthread.h>

#define PASSWORD "correct horse battery"

enum { MINUTE = 60, HOUR = 3600, DAY = 86400, THREADS = 8 };

static void
owner(struct site *s)
{
	struct str shown;

	assert_ok(s, auth_owner_create(&s->c, s->db, S("Ada"), S(PASSWORD), &shown));
}

static enum err
password(struct site *s, struct login *l, const char *text)
{
	*l = (struct login){.cookie = S("")};
	return login_password(&s->c, s->db, l, str_z(text));
}

static struct str
base32_decode(struct ctx *c, struct str s)
{
	char *out = ctx_alloc(c, s.n);
	unsigned v = 0, bits = 0;
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++) {
		v = v << 5 | (unsigned)(s.p[i] >= 'A' ? s.p[i] - 'A' : s.p[i] - '2' + 26);
		for (bits += 5; bits >= 8; bits -= 8)
			out[n++] = (char)(v >> (bits - 8));
	}
	return str_n(out, n);
}

/* The code of an app that is `later` steps ahead of now; in the arena. */
static struct str
app_code(struct site *s, const char *secret, int later)
{
	struct str text, raw = base32_decode(&s->c, str_z(secret));
	uint32_t code = 0;

	assert_int_equal(raw.n, TOTP_SECRET_BYTES);
	assert_ok(s, totp_code(&s->c, raw, (uint64_t)(s->c.now_us / 30000000 + later), 6, &code));
	assert_ok(s, ctx_printf(&s->c, &text, "%06u", (unsigned)code));
	return text;
}

/* Enrols an app; its secret, kept. A minute passes. */
static void
app(struct site *s, char secret[33])
{
	struct str shown, uri;

	assert_ok(s, factor_totp_begin(&s->c, s->db));
	assert_ok(s, factor_totp_show(&s->c, s->db, &shown, &uri));
	assert_int_equal(shown.n, 32);
	memcpy(secret, shown.p, 32);
	secret[32] = '\0';
	assert_ok(s, factor_totp_confirm(&s->c, s->db, app_code(s, secret, 0), S("")));
	site_next(s, MINUTE);
}

static enum err
code(struct site *s, struct login *l, struct str text)
{
	return login_code(&s->c, s->db, l, text);
}

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

/* The challenge in what a browser is asked for, and the owner's handle in it. */
static struct str
challenge(struct site *s, enum factor_purpose purpose, const char *cookie, struct str *handle)
{
	struct str json, text;
	const struct json *o;
	int retry = 0;

	assert_ok(s, factor_challenge(&s->c, s->db, purpose, str_z(cookie), &json, &retry));
	assert_ok(s, json_parse(&s->c, json, &o));
	text = json_str(json_find(o, S("challenge")));
	assert_int_equal(text.n, 43);
	if (handle)
		assert_true(enc_base64url_parse(&s->c.arena,
			json_str(json_find(json_find(o, S("user")), S("id"))), handle));
	return text;
}

#define BROWSER "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define OTHER_BROWSER "BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBA"

static enum err
passkey_add(struct site *s, const struct authenticator *a, struct str *handle)
{
	struct ceremony how = {.challenge = challenge(s, FACTOR_ENROL, BROWSER, handle)};

	return factor_passkey_add(&s->c, s->db, S(BROWSER), authenticator_make(&s->c, a, &how),
		S("Phone"), S(""));
}

static enum err
passkey_use(struct site *s, const struct authenticator *a, struct ceremony how, struct login *l)
{
	*l = (struct login){.cookie = S(BROWSER)};
	if (!how.challenge.p)
		how.challenge = challenge(s, FACTOR_SIGN_IN, BROWSER, NULL);
	return login_passkey(&s->c, s->db, l, authenticator_use(&s->c, a, &how));
}

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

/* ---- proofs ----------------------------------------------------------------------------------------- */

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
		SITE_TEST(with_an_app_the_password_alone_opens_nothing),
		SITE_TEST(an_app_is_not_active_before_its_first_code),
		SITE_TEST(a_secret_is_shown_until_it_is_active_and_never_again),
		SITE_TEST(a_code_is_good_once_and_none_before_it_afterwards),
		SITE_TEST(a_clock_that_is_set_back_makes_no_used_code_good),
		SITE_TEST(five_codes_may_be_tried_with_one_password),
		SITE_TEST(codes_are_limited_for_all_together),
		SITE_TEST(a_sign_in_that_takes_too_long_begins_anew),
		SITE_TEST(one_code_shown_many_times_at_once_opens_one_session),
		SITE_TEST(a_recovery_code_is_good_once),
		SITE_TEST(a_new_set_of_codes_makes_the_old_one_void),
		SITE_TEST(a_passkey_opens_the_site_and_the_password_alone_does_not_any_more),
		SITE_TEST(a_challenge_is_good_once_for_one_browser_and_one_purpose),
		SITE_TEST(what_was_made_to_enrol_does_not_sign_in),
		SITE_TEST(a_removed_passkey_opens_nothing),
		SITE_TEST(challenges_are_limited_for_each_address),
		SITE_TEST(passwords_are_limited_for_each_address_and_the_wait_doubles),
		SITE_TEST(a_right_password_forgives_wrong_ones),
		SITE_TEST(strangers_do_not_lock_the_owner_out_for_good),
		SITE_TEST(an_ipv6_network_is_one_address),
		SITE_TEST(a_clock_that_is_set_back_does_not_prolong_a_wait),
		SITE_TEST(a_proof_gives_the_session_another_cookie),
		SITE_TEST(with_an_app_a_proof_needs_its_code),
		SITE_TEST(a_change_ends_all_other_sessions),
		SITE_TEST(sessions_are_listed_and_ended_by_their_names),
		SITE_TEST(the_database_alone_is_worth_nothing),
		SITE_TEST(without_its_key_a_secret_opens_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
