/*
 * For the tests of signing in: an owner, the password, an authenticator app, a browser with a passkey.
 */
#ifndef UNIT_LOGIN_FIXTURE_H
#define UNIT_LOGIN_FIXTURE_H

#include "authenticator.h"
#include "domain/factor.h"
#include "domain/session.h"
#include "domain/totp.h"
#include "domain_fixture.h"
#include "store/attempt.h"
#include "text/json.h"

#define PASSWORD "correct horse battery"

enum { MINUTE = 60, HOUR = 3600, DAY = 86400 };

static inline void
owner(struct site *s)
{
	struct str shown;

	assert_ok(s, auth_owner_create(&s->c, s->db, S("Ada"), S(PASSWORD), &shown));
}

static inline enum err
password(struct site *s, struct login *l, const char *text)
{
	*l = (struct login){.cookie = S("")};
	return login_password(&s->c, s->db, l, str_z(text));
}

static inline struct str
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
static inline struct str
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
static inline void
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

static inline enum err
code(struct site *s, struct login *l, struct str text)
{
	return login_code(&s->c, s->db, l, text);
}

/* The challenge in what a browser is asked for, and the owner's handle in it. */
static inline struct str
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

static inline enum err
passkey_add(struct site *s, const struct authenticator *a, struct str *handle)
{
	struct ceremony how = {.challenge = challenge(s, FACTOR_ENROL, BROWSER, handle)};

	return factor_passkey_add(&s->c, s->db, S(BROWSER), authenticator_make(&s->c, a, &how),
		S("Phone"), S(""));
}

static inline enum err
passkey_use(struct site *s, const struct authenticator *a, struct ceremony how, struct login *l)
{
	*l = (struct login){.cookie = S(BROWSER)};
	if (!how.challenge.p)
		how.challenge = challenge(s, FACTOR_SIGN_IN, BROWSER, NULL);
	return login_passkey(&s->c, s->db, l, authenticator_use(&s->c, a, &how));
}

#endif
