/*
 * A whole site inside a test program: own directory, database, segment, log, pool and struct web,
 * with requests made of parameters in memory and answers taken apart. No process, no socket, no
 * waiting.
 *
 *	struct answer a = ASK(s, .uri = "/note/rain", .headers = {{"HTTP_ACCEPT", "text/html"}});
 *	assert_int_equal(a.status, 200);
 */
#ifndef TESTS_WEB_SITE_H
#define TESTS_WEB_SITE_H

#include "core/config.h"
#include "core/log.h"
#include "core/metrics.h"
#include "domain/auth.h"
#include "domain/post.h"
#include "web/web.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define SITE_PASSWORD "a long enough password"

struct site {
	struct ctx c;
	struct arena kept;		/* of answers */
	struct facts facts;		/* of the last request */
	struct config *cfg;
	struct segment *seg;
	struct metrics *metrics;
	struct log *log;
	struct pool *pool;
	struct web *web;
	char dir[64];
	int log_fd;
	int64_t now_us;			/* the clock that requests see; 0: the real one */
	struct str create, draft, none, admin;	/* tokens of these scopes */
	struct str all;			/* of create, update, delete */
	const char *visitor;		/* Cookie header of the browser that signs in */
};

/* Makes a site with the shipped theme and these further lines of configuration (may be ""). */
struct site *site_new(const char *more);
void site_free(struct site *s);

/* An owner with SITE_PASSWORD. */
void site_owner(struct site *s);

/* For cmocka: a site of the test's own in *state. */
int site_setup(void **state);
int site_teardown(void **state);

/* A request; zero means what a plain GET has. */
struct ask {
	const char *method;		/* GET */
	const char *uri;
	const char *type;		/* of the body */
	const char *body;
	struct str bytes;		/* the body, if it holds NULs */
	const char *length;		/* CONTENT_LENGTH, if it is not the truth */
	const char *remote_addr;	/* 192.0.2.1 */
	const char *host;		/* site_url's */
	bool no_host;
	size_t gone_after;		/* the client takes so many bytes, then is gone; 0: stays */
	bool late;			/* the body does not come to its end in time */
	size_t reads;			/* body bytes given per read; 0: all */
	const char *headers[12][2];	/* parameters: {"HTTP_ACCEPT", "text/html"} */
};

struct answer {
	int status;
	struct str head, body;		/* of what was written; head with its last line's CR LF */
	struct facts facts;		/* as observers saw them */
	const char *dirt;		/* what web_handle() returned */
	const char *request_id;
	bool read_only;			/* it could not have written */
	size_t active;			/* connections out of the pool while it was sent */
};

struct answer site_ask(struct site *s, const struct ask *ask);
#define ASK(s, ...) site_ask((s), &(struct ask){__VA_ARGS__})

/* A header of the answer, trimmed; p NULL if it is not there. The n-th of that name from 0. */
struct str answer_header_n(const struct answer *a, const char *name, size_t n);
struct str answer_header(const struct answer *a, const char *name);

/* Asserts that the body holds a text, or does not; that a header has a value, or is not there. */
#define assert_has(a, text) site_assert_body((a), text, true, __FILE__, __LINE__)
#define assert_lacks(a, text) site_assert_body((a), text, false, __FILE__, __LINE__)
#define assert_header(a, name, value) site_assert_header((a), name, value, __FILE__, __LINE__)
#define assert_no_header(a, name) site_assert_header((a), name, NULL, __FILE__, __LINE__)
#define assert_no_script(a) site_assert_no_script((a), __FILE__, __LINE__)
void site_assert_body(struct answer a, const char *text, bool there, const char *file, int line);
/* No script element but those that are data. */
void site_assert_no_script(struct answer a, const char *file, int line);
void site_assert_header(struct answer a, const char *name, const char *value, const char *file,
	int line);

/* "Bearer …" of a token, kept. */
const char *site_bearer(struct site *s, struct str token);

/* Posts by Micropub form, asserts 201, gives the path of the new post ("/note/rain"). */
const char *site_post(struct site *s, const char *form);

/*
 * What the sign-in form would send, with its token before the fields; it has to come with the
 * cookie in s->visitor.
 */
const char *site_login_form(struct site *s, const char *fields);

/* Sends that. */
struct answer site_login(struct site *s, const char *fields);

/* Signs in; gives the value of a Cookie header, and the CSRF token of the owner's pages. */
const char *site_sign_in(struct site *s);
const char *site_csrf(struct site *s, const char *cookie);

/* The text between two marks in a body, kept; NULL if they are not there. */
const char *site_between(struct site *s, struct str text, const char *before, const char *after);

/* What was logged so far, kept. */
struct str site_log(struct site *s);

/* A statement of SQL, in a connection of its own, as if by a database shell. */
void site_sql(struct site *s, const char *sql);

/* Keeps everybody else from writing to the database, until it is let go. */
void *site_hold(struct site *s);
void site_let_go(void *held);

#endif
