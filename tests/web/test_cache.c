/*
 * The page cache: that no page outlives a change, that it stays within its bounds, and that pages
 * being sent outlive their replacement.
 */
#include "site.h"

#include "web/cache.h"

#include <assert.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

static bool
cached(struct site *s, const char *uri)
{
	struct answer a = ASK(s, .uri = uri);

	assert_int_equal(a.status, 200);
	return a.facts.cached;
}

static void
the_second_request_is_answered_from_the_cache(void **state)
{
	struct site *s = *state;
	struct answer first, second;

	(void)site_post(s, "content=x&mp-slug=x&category=t");
	first = ASK(s, .uri = "/note/x");
	second = ASK(s, .uri = "/note/x");
	assert_false(first.facts.cached);
	assert_true(second.facts.cached);
	assert_int_equal(second.facts.render_us, 0);
	assert_true(str_eq(first.body, second.body));
	assert_true(str_eq(answer_header(&first, "ETag"), answer_header(&second, "ETag")));
	assert_true(str_eq(answer_header(&first, "Link"), answer_header(&second, "Link")));
	assert_false(cached(s, "/tag/t"));
	assert_true(cached(s, "/tag/t"));
}

static void
a_post_is_seen_at_once(void **state)
{
	struct site *s = *state;

	assert_false(cached(s, "/"));
	assert_true(cached(s, "/"));
	(void)site_post(s, "content=News");
	assert_has(ASK(s, .uri = "/"), "News");
}

static void
a_move_of_the_generation_by_anyone_drops_every_page(void **state)
{
	struct site *s = *state;

	assert_false(cached(s, "/"));
	assert_true(cached(s, "/"));
	segment_generation_move(s->seg);
	assert_false(cached(s, "/"));
	assert_true(cached(s, "/"));
}

static void
a_session_or_token_alone_drops_nothing(void **state)
{
	struct site *s = *state;

	site_owner(s);
	(void)cached(s, "/");
	(void)site_sign_in(s);
	assert_true(cached(s, "/"));
}

static void
a_change_from_outside_is_noticed(void **state)
{
	struct site *s = *state;
	struct cache_moment before, after;
	struct cache *k;

	(void)site_post(s, "content=Old&mp-slug=x");
	assert_int_equal(cache_new(&s->c, 1 << 20, &k), OK);
	cache_poll(&s->c, k, s->seg, s->pool);
	before = cache_moment(k, s->seg);
	cache_free(k);
	/* A tenth of a second passes between two polls of a cache; a new one polls at once. */
	assert_int_equal(cache_new(&s->c, 1 << 20, &k), OK);
	cache_poll(&s->c, k, s->seg, s->pool);
	assert_int_equal(cache_moment(k, s->seg).generation, before.generation);
	cache_poll(&s->c, k, s->seg, s->pool);
	assert_int_equal(cache_moment(k, s->seg).generation, before.generation);
	site_sql(s, "UPDATE post SET html = 'New' WHERE slug = 'x'");
	s->c.now_us = INT64_C(9000000000) * 1000000;
	do {
		cache_poll(&s->c, k, s->seg, s->pool);
		after = cache_moment(k, s->seg);
	} while (after.generation == before.generation);
	assert_int_equal(after.generation, before.generation + 1);
	assert_int_equal(after.since, 9000000000);
	cache_free(k);
}

static void
queries_that_mean_nothing_do_not_fill_the_cache(void **state)
{
	struct site *s = *state;

	assert_false(cached(s, "/?a=1"));
	assert_true(cached(s, "/?b=2"));
	assert_true(cached(s, "/"));
}

static void
a_page_is_kept_under_one_spelling_only(void **state)
{
	struct site *s = *state;
	static const char *const others[] = {"/note/%61bc", "/n%6fte/abc", "/note/ab%63", "/tag/c%2b",
		"/tag/c+", "/tag/%C3%a4", "/tag/\xc3\xa4"};

	(void)site_post(s, "content=x&mp-slug=abc&category[]=c%2B&category[]=%C3%A4");
	for (int i = 0; i < 2; i++)
		for (size_t k = 0; k < sizeof(others) / sizeof(others[0]); k++)
			assert_false(cached(s, others[k]));
	assert_false(cached(s, "/note/abc"));
	assert_true(cached(s, "/note/abc"));
	assert_false(cached(s, "/tag/c%2B"));
	assert_true(cached(s, "/tag/c%2B"));
	assert_false(cached(s, "/tag/%C3%A4"));
	assert_true(cached(s, "/tag/%C3%A4"));
	assert_false(cached(s, others[0]));
}

static void
only_good_answers_are_kept(void **state)
{
	struct site *s = *state;

	assert_false(ASK(s, .uri = "/nothing").facts.cached);
	assert_false(ASK(s, .uri = "/nothing").facts.cached);
	assert_false(ASK(s, .uri = "/note/nothing").facts.cached);
	assert_false(ASK(s, .uri = "/note/nothing").facts.cached);
	(void)ASK(s, .uri = "/page/1");
	assert_false(ASK(s, .uri = "/page/1").facts.cached);
}

static void
a_head_request_uses_and_fills_the_cache(void **state)
{
	struct site *s = *state;
	struct answer a = ASK(s, .uri = "/", .method = "HEAD"), b;

	assert_false(a.facts.cached);
	b = ASK(s, .uri = "/");
	assert_true(b.facts.cached);
	assert_true(b.body.n > 0);
	assert_true(
		str_eq(answer_header(&a, "Content-Length"), answer_header(&b, "Content-Length")));
}

static void
a_cache_of_size_zero_keeps_nothing(void **state)
{
	*state = site_new("page_cache_size = 0");
	assert_false(cached(*state, "/"));
	assert_false(cached(*state, "/"));
}

/* ---- the cache itself -------------------------------------------------------------------- */

static struct str
key(char *room, int i)
{
	return str_n(room, (size_t)snprintf(room, 32, "/note/%d", i));
}

static void
it_holds_no_more_than_it_may_and_lets_the_oldest_go(void **state)
{
	struct site *s = *state;
	struct cache_page page;
	struct cache *k;
	uint64_t g;
	char room[32], body[1000];
	int kept = 0;

	memset(body, 'x', sizeof(body));
	assert_int_equal(cache_new(&s->c, 16000, &k), OK);
	g = cache_moment(k, s->seg).generation;
	for (int i = 0; i < 100; i++) {
		cache_put(k, g, key(room, i), str_n(body, sizeof(body)), S("\"e\""), false);
		if (i > 0) {
			assert_true(cache_find(k, g, S("/note/0"), &page));
			cache_release(k, &page);
		}
	}
	for (int i = 0; i < 100; i++) {
		if (!cache_find(k, g, key(room, i), &page))
			continue;
		kept++;
		cache_release(k, &page);
	}
	assert_in_range(kept, 8, 16);
	assert_true(cache_find(k, g, S("/note/99"), &page));
	cache_release(k, &page);
	assert_false(cache_find(k, g, S("/note/50"), &page));
	cache_free(k);
}

static void
a_page_too_large_is_not_kept(void **state)
{
	struct site *s = *state;
	struct cache_page page;
	struct cache *k;
	uint64_t g;
	char body[2001] = "";

	assert_int_equal(cache_new(&s->c, 16000, &k), OK);
	g = cache_moment(k, s->seg).generation;
	cache_put(k, g, S("/"), str_n(body, 2001), S("\"e\""), false);
	assert_false(cache_find(k, g, S("/"), &page));
	cache_free(k);
}

static void
a_page_being_sent_outlives_its_replacement(void **state)
{
	struct site *s = *state;
	struct cache_page page;
	struct cache *k;
	uint64_t g;

	assert_int_equal(cache_new(&s->c, 1 << 20, &k), OK);
	g = cache_moment(k, s->seg).generation;
	cache_put(k, g, S("/"), S("old"), S("\"1\""), false);
	assert_true(cache_find(k, g, S("/"), &page));
	cache_put(k, g, S("/"), S("new"), S("\"2\""), false);
	segment_generation_move(s->seg);
	(void)cache_moment(k, s->seg);
	assert_true(str_eq(page.body, S("old")));
	assert_true(str_eq(page.etag, S("\"1\"")));
	cache_release(k, &page);
	cache_free(k);
}

static void
a_page_of_an_older_generation_neither_enters_nor_leaves(void **state)
{
	struct site *s = *state;
	struct cache_page page;
	struct cache *k;
	uint64_t old, now;

	assert_int_equal(cache_new(&s->c, 1 << 20, &k), OK);
	old = cache_moment(k, s->seg).generation;
	segment_generation_move(s->seg);
	now = cache_moment(k, s->seg).generation;
	assert_true(now > old);
	cache_put(k, old, S("/"), S("old"), S("\"1\""), false);
	assert_false(cache_find(k, now, S("/"), &page));
	assert_false(cache_find(k, old, S("/"), &page));
	cache_put(k, now, S("/"), S("new"), S("\"2\""), false);
	assert_false(cache_find(k, old, S("/"), &page));
	cache_free(k);
}

struct crowd {
	struct cache *k;
	struct segment *seg;
	int seed;
};

static void *
crowd_member(void *arg)
{
	struct crowd *w = arg;
	unsigned x = (unsigned)w->seed;
	char room[32];

	for (int i = 0; i < 3000; i++) {
		uint64_t g = cache_moment(w->k, w->seg).generation;
		struct cache_page page;
		struct str name;

		x = x * 1103515245u + 12345u;
		name = key(room, (int)(x >> 16) % 20);
		if (cache_find(w->k, g, name, &page)) {
			assert(str_eq(page.body, name));
			cache_release(w->k, &page);
		} else {
			cache_put(w->k, g, name, name, S("\"e\""), false);
		}
		if (i % 500 == 499)
			segment_generation_move(w->seg);
	}
	return NULL;
}

static void
many_threads_find_what_was_put(void **state)
{
	struct site *s = *state;
	struct crowd crowd[4];
	pthread_t threads[4];
	struct cache *k;

	assert_int_equal(cache_new(&s->c, 4000, &k), OK);
	for (int i = 0; i < 4; i++) {
		crowd[i] = (struct crowd){k, s->seg, i + 1};
		assert_int_equal(pthread_create(&threads[i], NULL, crowd_member, &crowd[i]), 0);
	}
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	cache_free(k);
}

#define T(f) cmocka_unit_test_setup_teardown(f, site_setup, site_teardown)
#define OWN(f) cmocka_unit_test_teardown(f, site_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(the_second_request_is_answered_from_the_cache),
		T(a_post_is_seen_at_once),
		T(a_move_of_the_generation_by_anyone_drops_every_page),
		T(a_session_or_token_alone_drops_nothing),
		T(a_change_from_outside_is_noticed),
		T(queries_that_mean_nothing_do_not_fill_the_cache),
		T(a_page_is_kept_under_one_spelling_only),
		T(only_good_answers_are_kept),
		T(a_head_request_uses_and_fills_the_cache),
		OWN(a_cache_of_size_zero_keeps_nothing),
		T(it_holds_no_more_than_it_may_and_lets_the_oldest_go),
		T(a_page_too_large_is_not_kept),
		T(a_page_being_sent_outlives_its_replacement),
		T(a_page_of_an_older_generation_neither_enters_nor_leaves),
		T(many_threads_find_what_was_put),
	};

	return cmocka_run_group_tests_name("web/cache", tests, NULL, NULL);
}
