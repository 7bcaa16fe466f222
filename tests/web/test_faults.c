/*
 * What goes wrong: an empty pool, a client that goes away, memory that runs out at every place in
 * turn; and the feed, whose stream is where an answer can break half-way.
 */
#include "site.h"

#include "../unit/image_stub.h"
#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
an_empty_pool_is_503_and_not_a_hang(void **state)
{
	struct site *s = *state;
	struct db *one, *two;
	struct answer a;

	assert_int_equal(pool_acquire(&s->c, s->pool, &one), OK);
	assert_int_equal(pool_acquire(&s->c, s->pool, &two), OK);
	a = ASK(s, .uri = "/");
	assert_int_equal(a.status, 503);
	assert_header(a, "Retry-After", "5");
	assert_header(a, "Cache-Control", "no-store");
	assert_has(a, "All database connections are in use.");
	assert_int_equal(a.facts.error, ERR_POOL_EMPTY);
	a = ASK(s, .method = "POST", .uri = "/micropub",
		.type = "application/x-www-form-urlencoded", .body = "content=x",
		.headers = {{"HTTP_AUTHORIZATION", site_bearer(s, s->create)}});
	assert_int_equal(a.status, 503);
	assert_has(a, "{\"error\":\"temporarily_unavailable\"");
	assert_true(
		str_search(site_log(s), S("\"event\":\"db_pool_exhausted\""), 0) < site_log(s).n);
	assert_true(pool_release(&s->c, s->pool, one));
	assert_true(pool_release(&s->c, s->pool, two));
	assert_int_equal(ASK(s, .uri = "/").status, 200);
}

static void
a_cached_page_is_sent_while_the_pool_is_empty(void **state)
{
	struct site *s = *state;
	struct db *one, *two;
	struct answer a = ASK(s, .uri = "/");

	assert_int_equal(pool_acquire(&s->c, s->pool, &one), OK);
	assert_int_equal(pool_acquire(&s->c, s->pool, &two), OK);
	a = ASK(s, .uri = "/");
	assert_int_equal(a.status, 200);
	assert_true(a.facts.cached);
	assert_true(pool_release(&s->c, s->pool, one));
	assert_true(pool_release(&s->c, s->pool, two));
}

static void
a_slow_reader_holds_no_connection(void **state)
{
	struct site *s = *state;
	const char *uris[] = {"/", "/note/x", "/note/nothing", "/tag/t", "/feed.atom",
		"/health/ready", "/micropub?q=config"};
	struct pool_stats stats;

	(void)site_post(s, "content=x&mp-slug=x&category=t");
	for (size_t i = 0; i < sizeof(uris) / sizeof(uris[0]); i++) {
		struct answer a = ASK(s, .uri = uris[i],
			.headers = {{"HTTP_AUTHORIZATION", site_bearer(s, s->create)}});

		assert_int_equal(a.active, 0);
		pool_stats(s->pool, &stats);
		assert_int_equal(stats.active, 0);
	}
}

static void
the_feed_is_well_formed_atom(void **state)
{
	struct site *s = *state;
	struct answer a;

	s->now_us = INT64_C(1772357400) * 1000000;
	(void)site_post(s, "name=A+%26+%3Cb%3E&content=Rain&mp-slug=rain&category=weather");
	a = ASK(s, .uri = "/feed.atom");
	assert_int_equal(a.status, 200);
	assert_header(a, "Content-Type", "application/atom+xml; charset=utf-8");
	assert_true(str_starts(a.body, S("<?xml version=\"1.0\" encoding=\"utf-8\"?>")));
	assert_has(a, "<id>https://ada.example/note/rain</id>");
	assert_has(a, "A &amp; &lt;b&gt;");
	assert_has(a, "2026-03-01T09:30:00Z");
	assert_true(str_ends(str_trim(a.body), S("</feed>")));
	assert_true(str_starts(answer_header(&a, "ETag"), S("W/\"")));
	assert_no_header(a, "Content-Length");
}

static void
an_empty_feed_is_a_feed(void **state)
{
	struct answer a = ASK(*state, .uri = "/feed.atom");

	assert_int_equal(a.status, 200);
	assert_has(a, "<feed");
	assert_lacks(a, "<entry");
	assert_true(str_ends(str_trim(a.body), S("</feed>")));
}

/* Posts enough for a feed of many pieces. */
static void
fill(struct site *s)
{
	char *form = malloc(3100);

	memset(form, 'a', 3000);
	memcpy(form, "content=", 8);
	for (size_t i = 20; i < 3000; i += 20)
		form[i] = '+';
	form[3000] = '\0';
	s->cfg->micropub_retry_window = 0;
	for (int i = 0; i < 40; i++)
		(void)site_post(s, form);
	free(form);
}

static void
a_long_feed_has_thirty_entries_and_counts_its_bytes(void **state)
{
	struct site *s = *state;
	struct answer a;
	size_t entries = 0;

	fill(s);
	a = ASK(s, .uri = "/feed.atom");
	for (size_t at = 0; (at = str_search(a.body, S("<entry>"), at)) < a.body.n; at++)
		entries++;
	assert_int_equal(entries, 30);
	assert_true(a.body.n > 80000);
	assert_int_equal(a.facts.body_bytes, a.body.n);
	a = ASK(s, .uri = "/feed.atom", .method = "HEAD");
	assert_int_equal(a.body.n, 0);
	assert_int_equal(a.facts.body_bytes, 0);
}

static void
a_client_that_goes_away_is_noted_and_harms_nobody(void **state)
{
	struct site *s = *state;
	size_t after[] = {1, 100, 1000, 20000, 60000};
	struct answer a;

	fill(s);
	for (size_t i = 0; i < sizeof(after) / sizeof(after[0]); i++) {
		a = ASK(s, .uri = "/feed.atom", .gone_after = after[i]);
		assert_true(a.facts.aborted);
		assert_int_equal(a.facts.error, ERR_CLIENT_GONE);
		assert_null(a.dirt);
		a = ASK(s, .uri = "/", .gone_after = 1);
		assert_true(a.facts.aborted);
		assert_int_equal(a.facts.body_bytes, 0);
	}
	assert_int_equal(ASK(s, .uri = "/feed.atom").status, 200);
	assert_false(s->facts.aborted);
}

static void
the_feed_changes_its_tag_with_its_posts(void **state)
{
	struct site *s = *state;
	struct answer before = ASK(s, .uri = "/feed.atom"), a;
	char tag[128];

	(void)snprintf(tag, sizeof(tag), "%.*s", STR(answer_header(&before, "ETag")));
	a = ASK(s, .uri = "/feed.atom", .headers = {{"HTTP_IF_NONE_MATCH", tag}});
	assert_int_equal(a.status, 304);
	(void)site_post(s, "content=x");
	a = ASK(s, .uri = "/feed.atom", .headers = {{"HTTP_IF_NONE_MATCH", tag}});
	assert_int_equal(a.status, 200);
}

/*
 * Memory runs out at the n-th allocation, for every n until one request needs fewer: each time
 * there is an answer, nothing stays behind, and the next request is as good as ever.
 */
static void
sweep(struct site *s, const struct ask *ask, int good, int also)
{
	struct pool_stats stats;

	for (unsigned long n = 1; n < 2000; n++) {
		struct answer a;
		bool hit;

		/* A fresh arena: what it has kept from before would not be allocated again. */
		ctx_reset(&s->c);
		arena_fini(&s->c.arena);
		arena_init(&s->c.arena, 32 << 20);
		mem_fault_at(n);
		a = site_ask(s, ask);
		hit = mem_fault_hit();
		mem_fault_at(0);
		assert_null(a.dirt);
		if (a.status != good && a.status != 503 && a.status != also)
			fail_msg("%s: %d at allocation %lu: %.*s", ask->uri, a.status, n,
				STR(a.body));
		assert_true(a.status != 503 || answer_header(&a, "Retry-After").p);
		pool_stats(s->pool, &stats);
		assert_int_equal(stats.active, 0);
		if (!hit) {
			assert_int_equal(a.status, good);
			assert_true(n > 1);
			return;
		}
	}
	fail_msg("2000 allocations in one request");
}

static void
memory_may_run_out_anywhere(void **state)
{
	struct site *s = *state;

#ifndef SP_DEBUG
	return;
#endif
	(void)site_post(s, "content=x&mp-slug=x&category=t");
	sweep(s, &(struct ask){.uri = "/note/x"}, 200, 0);
	sweep(s, &(struct ask){.uri = "/"}, 200, 0);
	sweep(s, &(struct ask){.uri = "/feed.atom"}, 200, 0);
	sweep(s, &(struct ask){.uri = "/nothing"}, 404, 0);
	sweep(s, &(struct ask){.uri = "/health/ready"}, 200, 0);
	/* The HTML parser has a budget of its own, which looks the same when it is spent. */
	sweep(s,
		&(struct ask){.method = "POST",
			.uri = "/micropub",
			.type = "application/json",
			.body = "{\"properties\":{\"content\":[\"x\"]}}",
			.headers = {{"HTTP_AUTHORIZATION", site_bearer(s, s->create)}}},
		201, 400);
}

static void
memory_may_run_out_on_the_owners_pages(void **state)
{
	static const char *const pages[] = {"/admin", "/admin/metrics-dashboard", "/admin/health",
		"/admin/errors", "/admin/audit"};

#ifndef SP_DEBUG
	return;
#endif
	/* Each with a site of its own: all answers are kept. */
	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
		struct site *s;

		site_free(*state);
		*state = s = site_new("");
		site_owner(s);
		(void)site_post(s, "content=x");
		sweep(s,
			&(struct ask){.uri = pages[i],
				.headers = {{"HTTP_COOKIE", site_sign_in(s)}}},
			200, 0);
	}
}

static void
memory_may_run_out_in_an_upload(void **state)
{
	static const char upload[] = "--B\r\nContent-Disposition: form-data; name=file; filename=x\r\n"
				     "\r\nPNG one\r\n--B--\r\n";
	static const char post[] = "--B\r\nContent-Disposition: form-data; name=content\r\n\r\nx\r\n"
				   "--B\r\nContent-Disposition: form-data; name=photo; filename=x\r\n"
				   "\r\nPNG two\r\n--B--\r\n";
	struct site *s = *state;

#ifndef SP_DEBUG
	return;
#endif
	sweep(s,
		&(struct ask){.method = "POST",
			.uri = "/micropub/media",
			.type = "multipart/form-data; boundary=B",
			.body = upload,
			.headers = {{"HTTP_AUTHORIZATION", site_bearer(s, s->create)}}},
		201, 0);
	sweep(s,
		&(struct ask){.method = "POST",
			.uri = "/micropub",
			.type = "multipart/form-data; boundary=B",
			.body = post,
			.headers = {{"HTTP_AUTHORIZATION", site_bearer(s, s->create)}}},
		201, 400);
}

#define T(f) cmocka_unit_test_setup_teardown(f, site_setup, site_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(an_empty_pool_is_503_and_not_a_hang),
		T(a_cached_page_is_sent_while_the_pool_is_empty),
		T(a_slow_reader_holds_no_connection),
		T(the_feed_is_well_formed_atom),
		T(an_empty_feed_is_a_feed),
		T(a_long_feed_has_thirty_entries_and_counts_its_bytes),
		T(a_client_that_goes_away_is_noted_and_harms_nobody),
		T(the_feed_changes_its_tag_with_its_posts),
		T(memory_may_run_out_anywhere),
		T(memory_may_run_out_on_the_owners_pages),
		T(memory_may_run_out_in_an_upload),
	};

	return cmocka_run_group_tests_name("web/faults", tests, NULL, NULL);
}
