/*
 * What the tests of the IndieAuth server share: an application, its request, the owner's decision, and
 * the exchange of what comes of it.
 */
#ifndef TESTS_WEB_INDIEAUTH_H
#define TESTS_WEB_INDIEAUTH_H

#include "site.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NOW INT64_C(1772357400) /* 2026-03-01T09:30:00Z */
#define FORM "application/x-www-form-urlencoded"
#define APP "https://app.example/"

/* RFC 7636 appendix B. */
#define VERIFIER "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
#define CHALLENGE "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"

#define PKCE "&code_challenge=" CHALLENGE "&code_challenge_method=S256"
#define CLIENT "client_id=https%3A%2F%2Fapp.example%2F"
#define REDIRECT "redirect_uri=https%3A%2F%2Fapp.example%2Fcb%3Fx%3D1"
#define ASKING(scope) \
	"/auth?response_type=code&" CLIENT "&" REDIRECT "&state=a%2Bb%20%26%C3%A9" PKCE \
	"&scope=" scope
#define EXCHANGE(code) \
	"grant_type=authorization_code&code=" code "&" CLIENT "&" REDIRECT "&code_verifier=" VERIFIER

struct auth {
	struct site *site;
	const char *cookie;	/* of the owner's session */
	const char *csrf;
};

/* A text with each "$" replaced by the next argument: addresses are full of "%". */
static inline struct str
fill(struct auth *a, const char *text, ...)
{
	struct buf b;
	va_list ap;

	buf_init(&b, &a->site->kept, 16384);
	va_start(ap, text);
	for (; *text; text++)
		if (*text == '$')
			buf_puts(&b, va_arg(ap, const char *));
		else
			buf_putc(&b, *text);
	va_end(ap);
	buf_putc(&b, '\0');
	assert_false(b.failed);
	return str_sub(buf_str(&b), 0, b.n - 1);
}

/* A copy with a NUL behind it. */
static inline const char *
kept(struct auth *a, struct str s)
{
	return arena_str(&a->site->kept, s).p;
}

static inline bool
has(struct str s, const char *part)
{
	return str_search(s, str_z(part), 0) < s.n;
}

/* Asserts that there are n rows of a table, or of that part of it ("audit WHERE what = 'x'"). */
static inline void
assert_count(struct auth *a, int n, const char *rows)
{
	char number[16];

	(void)snprintf(number, sizeof(number), "%d", n);
	site_sql(a->site, "DROP TABLE IF EXISTS counted");
	site_sql(a->site, "CREATE TABLE counted (n CHECK (n = 0))");
	site_sql(a->site, fill(a, "INSERT INTO counted SELECT count(*) - $ FROM $", number, rows).p);
}

/* What an application has said of itself when it was asked. */
static inline void
client_known(struct auth *a, const char *client_id, const char *name, const char *redirect_uris)
{
	site_sql(a->site, fill(a, "INSERT INTO client (client_id, state, name, url, logo_url, logo, "
		"redirect_uris, problem, asked, fetched, expires, kept) VALUES ('$', 1, '$', '', "
		"'', '', '$', '', 1772357400, 1772357400, 1773357400, 0)", client_id, name,
		redirect_uris).p);
}

static inline struct auth *
auth_new(const char *more)
{
	static struct auth a;

	a.site = site_new(more);
	a.site->now_us = NOW * 1000000;
	site_owner(a.site);
	a.cookie = site_sign_in(a.site);
	a.csrf = site_csrf(a.site, a.cookie);
	client_known(&a, APP, "App", "");
	return &a;
}

static inline int
auth_setup(void **state)
{
	*state = auth_new("");
	return 0;
}

static inline int
auth_teardown(void **state)
{
	site_free(((struct auth *)*state)->site);
	return 0;
}

/* A GET by the owner, and by anybody. */
static inline struct answer
owner_get(struct auth *a, const char *uri)
{
	return ASK(a->site, .uri = uri, .headers = {{"HTTP_COOKIE", a->cookie}});
}

static inline struct answer
post(struct auth *a, const char *uri, const char *body)
{
	return ASK(a->site, .method = "POST", .uri = uri, .type = FORM, .body = body);
}

static inline struct answer
post_as(struct auth *a, struct str token, const char *uri, const char *body)
{
	return ASK(a->site, .method = "POST", .uri = uri, .type = FORM, .body = body,
		.headers = {{"HTTP_AUTHORIZATION", site_bearer(a->site, token)}});
}

static inline struct answer
get_as(struct auth *a, struct str token, const char *uri)
{
	return ASK(a->site, .uri = uri,
		.headers = {{"HTTP_AUTHORIZATION", site_bearer(a->site, token)}});
}

/* The owner's form, as a browser sends it. */
static inline struct answer
owner_post(struct auth *a, const char *uri, const char *fields)
{
	return ASK(a->site, .method = "POST", .uri = uri, .type = FORM,
		.body = fill(a, "csrf=$&$", a->csrf, fields).p,
		.headers = {{"HTTP_COOKIE", a->cookie}, {"HTTP_ORIGIN", "https://ada.example"}});
}

/* The id under which a consent page names its request. */
static inline const char *
request_of(struct auth *a, struct answer page)
{
	const char *id = site_between(a->site, page.body, "name=\"request\" value=\"", "\"");

	assert_int_equal(page.status, 200);
	assert_non_null(id);
	return id;
}

static inline struct answer
decide(struct auth *a, const char *id, const char *fields)
{
	return owner_post(a, "/auth/consent", fill(a, "request=$&$", id, fields).p);
}

/* Asks, and lets in with these ticks ("scope=create&scope=update"). The answer is the redirect. */
static inline struct answer
let_in(struct auth *a, const char *uri, const char *ticks)
{
	const char *id = request_of(a, owner_get(a, uri));

	return decide(a, id, fill(a, "decision=allow&$", ticks).p);
}

static inline const char *
code_of(struct auth *a, struct answer redirect)
{
	struct str to = answer_header(&redirect, "Location");
	const char *code;

	assert_int_equal(redirect.status, 303);
	code = site_between(a->site, to, "code=", "&");
	assert_non_null(code);
	assert_int_equal(strlen(code), 43);
	return code;
}

/* A code for these scopes, ticked all. */
static inline const char *
code_for(struct auth *a, const char *scope, const char *ticks)
{
	return code_of(a, let_in(a, fill(a, ASKING("$"), scope).p, ticks));
}

static inline struct answer
redeem(struct auth *a, const char *code)
{
	return post(a, "/auth/token", fill(a, EXCHANGE("$"), code).p);
}

/* A member of the answer's JSON object that is a string; NULL if it has none of that name. */
static inline struct str
member(struct auth *a, struct answer answer, const char *name)
{
	return str_z(site_between(a->site, answer.body, fill(a, "\"$\":\"", name).p, "\""));
}

static inline struct answer
refresh(struct auth *a, struct str token, const char *more)
{
	return post(a, "/auth/token", fill(a, "grant_type=refresh_token&refresh_token=$&" CLIENT
		"$", token.p, more).p);
}

/* Asserts that an endpoint refuses as OAuth does. */
#define assert_refused(answer, status, error) auth_assert_refused((answer), status, error, __FILE__, __LINE__)

static inline void
auth_assert_refused(struct answer got, int status, const char *error, const char *file, int line)
{
	char want[64];

	(void)snprintf(want, sizeof(want), "{\"error\":\"%s\",", error);
	if (got.status != status)
		print_error("status %d in place of %d\n", got.status, status);
	site_assert_body(got, want, true, file, line);
	site_assert_body(got, "\"error_description\":", true, file, line);
	site_assert_header(got, "Cache-Control", "no-store", file, line);
	_assert_int_equal((unsigned long)got.status, (unsigned long)status, file, line);
}

/* Asserts that the owner is to prove to be there first, and what the address goes on with. */
static inline void
assert_confirm(struct answer got, const char *more)
{
	struct str to = answer_header(&got, "Location");
	struct str page = S("https://ada.example/admin/confirm");

	assert_int_equal(got.status, 303);
	assert_true(str_starts(to, page));
	assert_true(str_starts(str_sub(to, page.n, to.n), str_z(more)));
}

#define T(fn) cmocka_unit_test_setup_teardown(fn, auth_setup, auth_teardown)

#endif
