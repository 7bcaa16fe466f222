/*
 * Tries at passwords and tokens: how many an address has, who pays for them, and that neither a
 * crowd nor a guesser takes the site from others.
 */
#include "site.h"

#include "web/priv.h"

#include <pthread.h>
#include <string.h>

#define FORM "application/x-www-form-urlencoded"
#define RIGHT "password=a+long+enough+password"

static struct answer
login(struct site *s, const char *body)
{
	return site_login(s, body);
}

static void
a_second_password_is_not_waited_for(void **state)
{
	struct site *s = site_new("");
	struct answer a;

	*state = s;
	site_owner(s);
	assert_int_equal(pthread_mutex_lock(&s->web->password), 0);
	a = login(s, RIGHT);
	assert_int_equal(pthread_mutex_unlock(&s->web->password), 0);
	assert_int_equal(a.status, 429);
	assert_header(a, "Retry-After", "1");
	assert_no_header(a, "Set-Cookie");
	assert_int_equal(login(s, "password=wrong").status, 401);
	assert_int_equal(login(s, RIGHT).status, 303);
}

static void
who_had_to_come_again_has_lost_no_try(void **state)
{
	struct site *s = site_new("login_rate_limit = 1/m");

	*state = s;
	site_owner(s);
	assert_int_equal(pthread_mutex_lock(&s->web->password), 0);
	assert_int_equal(login(s, RIGHT).status, 429);
	assert_int_equal(pthread_mutex_unlock(&s->web->password), 0);
	assert_int_equal(login(s, RIGHT).status, 303);
	assert_int_equal(login(s, RIGHT).status, 429);
}

/* ---- tries at once ----------------------------------------------------------------------- */

enum { WORKERS = 4, TRIES = 2 };

/* A worker of the same site as others: a struct web of its own, the segment of all. */
struct guesser {
	struct web *web;
	pthread_barrier_t *start;
	const char *form, *cookie;
	struct ctx c;
	struct facts facts[TRIES];
};

static ssize_t
guess_read(void *self, void *p, size_t n)
{
	struct str *left = self;
	size_t take = left->n < n ? left->n : n;

	if (take > 0)
		memcpy(p, left->p, take);
	*left = str_sub(*left, take, left->n);
	return (ssize_t)take;
}

static bool
guess_write(void *self, const void *p, size_t n)
{
	(void)self;
	(void)p;
	(void)n;
	return true;
}

static void *
guess(void *arg)
{
	const struct pair params[] = {{S("REQUEST_METHOD"), S("POST")},
		{S("REQUEST_URI"), S("/admin/login")}, {S("REMOTE_ADDR"), S("192.0.2.1")},
		{S("CONTENT_TYPE"), S(FORM)}, {S("HTTP_COOKIE"), str_z(((struct guesser *)arg)->cookie)}};
	struct guesser *g = arg;

	(void)pthread_barrier_wait(g->start);
	for (int i = 0; i < TRIES; i++) {
		struct str body = str_z(g->form);
		struct io io = {.self = &body, .read = guess_read, .write = guess_write};

		g->c.facts = &g->facts[i];
		(void)web_handle(g->web, &g->c, params, sizeof(params) / sizeof(params[0]), &io);
		ctx_reset(&g->c);
	}
	return NULL;
}

static void
guesser_init(struct guesser *g, struct site *s, pthread_barrier_t *start)
{
	*g = (struct guesser){.start = start, .cookie = s->visitor,
		.form = site_login_form(s, "password=wrong")};
	ctx_init(&g->c, 32 << 20);
	g->c.cfg = s->cfg;
	g->c.log = s->log;
	g->c.metrics = s->metrics;
	assert_int_equal(web_new(&g->c, s->seg, s->pool, &g->web), OK);
	ctx_reset(&g->c);
}

static void
tries_made_at_once_are_no_more_than_others(void **state)
{
	struct site *s = site_new("login_rate_limit = 3/h");
	struct guesser guessers[WORKERS];
	pthread_t threads[WORKERS];
	pthread_barrier_t start;
	int verified = 0, refused = 0;

	*state = s;
	site_owner(s);
	assert_int_equal(login(s, "password=wrong").status, 401);
	assert_int_equal(pthread_barrier_init(&start, NULL, WORKERS), 0);
	for (int i = 0; i < WORKERS; i++)
		guesser_init(&guessers[i], s, &start);
	for (int i = 0; i < WORKERS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, guess, &guessers[i]), 0);
	for (int i = 0; i < WORKERS; i++) {
		assert_int_equal(pthread_join(threads[i], NULL), 0);
		for (int k = 0; k < TRIES; k++) {
			verified += guessers[i].facts[k].status == 401;
			refused += guessers[i].facts[k].status == 429;
		}
		web_free(guessers[i].web);
		ctx_fini(&guessers[i].c);
	}
	assert_int_equal(pthread_barrier_destroy(&start), 0);
	assert_int_equal(verified, 2);
	assert_int_equal(refused, WORKERS * TRIES - 2);
}

/* ---- tokens ------------------------------------------------------------------------------ */

static struct answer
ask_config(struct site *s, const char *bearer)
{
	return ASK(s, .uri = "/micropub?q=config", .headers = {{"HTTP_AUTHORIZATION", bearer}});
}

static void
wrong_tokens_are_limited_per_address(void **state)
{
	struct site *s = site_new("login_rate_limit = 2/h");
	struct answer a;

	*state = s;
	a = ask_config(s, "Bearer sp_wrong");
	assert_int_equal(a.status, 401);
	assert_header(a, "WWW-Authenticate", "Bearer error=\"invalid_token\"");
	assert_int_equal(ask_config(s, "Bearer sp_wrong").status, 401);
	a = ask_config(s, "Bearer sp_wrong");
	assert_int_equal(a.status, 429);
	assert_int_equal(a.facts.error, ERR_RATE_LIMITED);
	assert_true(answer_header(&a, "Retry-After").n > 1);
	assert_no_header(a, "WWW-Authenticate");
	assert_true(str_search(site_log(s), S("login_rate_limit used up by 192.0.2.1"), 0) <
		    site_log(s).n);
	assert_int_equal(ASK(s, .uri = "/").status, 200);
}

static void
a_good_token_passes_whoever_else_guessed(void **state)
{
	struct site *s = site_new("login_rate_limit = 1/h");

	*state = s;
	assert_int_equal(ask_config(s, "Bearer sp_wrong").status, 401);
	assert_int_equal(ask_config(s, "Bearer sp_wrong").status, 429);
	for (int i = 0; i < 3; i++)
		assert_int_equal(ask_config(s, site_bearer(s, s->create)).status, 200);
	(void)site_post(s, "content=x");
	assert_int_equal(ask_config(s, "Bearer sp_wrong").status, 429);
}

#define OWN(f) cmocka_unit_test_teardown(f, site_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		OWN(a_second_password_is_not_waited_for),
		OWN(who_had_to_come_again_has_lost_no_try),
		OWN(tries_made_at_once_are_no_more_than_others),
		OWN(wrong_tokens_are_limited_per_address),
		OWN(a_good_token_passes_whoever_else_guessed),
	};

	return cmocka_run_group_tests_name("web/limits", tests, NULL, NULL);
}
