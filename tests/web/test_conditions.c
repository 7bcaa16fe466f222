/*
 * Conditional requests: entity tags and dates, and that what is not sent is not made either.
 */
#include "site.h"

#include "base/time.h"

#include <stdio.h>
#include <string.h>

/* Requests from now on see a clock some seconds behind the last change. */
static void
seconds_pass(struct site *s)
{
	s->now_us = time_now_us() + 5 * 1000000;
}

static void
a_known_entity_tag_is_answered_without_the_page(void **state)
{
	struct site *s = *state;
	const char *pages[] = {"/", "/note/x", "/tag/t", "/feed.atom"};

	(void)site_post(s, "content=x&mp-slug=x&category=t");
	seconds_pass(s);
	for (size_t i = 0; i < 4; i++) {
		struct answer first = ASK(s, .uri = pages[i]), a;
		char tag[128];

		(void)snprintf(
			tag, sizeof(tag), "\"other\", %.*s", STR(answer_header(&first, "ETag")));
		a = ASK(s, .uri = pages[i], .headers = {{"HTTP_IF_NONE_MATCH", tag}});
		assert_int_equal(a.status, 304);
		assert_int_equal(a.body.n, 0);
		assert_no_header(a, "Content-Length");
		assert_no_header(a, "Content-Type");
		assert_header(a, "Cache-Control", "public, no-cache");
		assert_true(str_eq(answer_header(&a, "ETag"), answer_header(&first, "ETag")));
		a = ASK(s, .uri = pages[i], .headers = {{"HTTP_IF_NONE_MATCH", "\"other\""}});
		assert_int_equal(a.status, 200);
		(void)snprintf(
			tag, sizeof(tag), "%.*s", STR(answer_header(&first, "Last-Modified")));
		a = ASK(s, .uri = pages[i], .headers = {{"HTTP_IF_MODIFIED_SINCE", tag}});
		assert_int_equal(a.status, 304);
		a = ASK(s, .uri = pages[i],
			.headers = {
				{"HTTP_IF_MODIFIED_SINCE", tag}, {"HTTP_IF_NONE_MATCH", "\"x\""}});
		assert_int_equal(a.status, 200);
		a = ASK(s, .uri = pages[i], .headers = {{"HTTP_IF_MATCH", "\"other\""}});
		assert_int_equal(a.status, 412);
	}
}

static void
a_post_dated_back_changes_tag_and_date_of_lists(void **state)
{
	struct site *s = *state;
	struct answer before, a;

	(void)site_post(s, "content=new&mp-slug=new");
	before = ASK(s, .uri = "/");
	(void)site_post(s, "content=old&published=2001-01-01T00:00:00Z");
	seconds_pass(s);
	a = ASK(s, .uri = "/");
	assert_has(a, "2001");
	assert_false(str_eq(answer_header(&a, "ETag"), answer_header(&before, "ETag")));
	assert_true(answer_header(&a, "Last-Modified").n > 0);
	assert_false(str_eq(str_sub(answer_header(&a, "Last-Modified"), 12, 16), S("2001")));
}

static void
the_etag_is_the_same_in_every_worker_and_start(void **state)
{
	struct site *s = *state;
	struct str first;

	s->now_us = INT64_C(1772357400) * 1000000;
	first = answer_header(&(struct answer){.head = ASK(s, .uri = "/").head}, "ETag");
	*state = site_new("");
	((struct site *)*state)->now_us = INT64_C(1772357400) * 1000000;
	assert_true(str_eq(first,
		answer_header(&(struct answer){.head = ASK(*state, .uri = "/").head}, "ETag")));
	site_free(s);
}

/* A change that is still to come in this second would bear the same date. */
static void
a_date_is_given_when_its_second_is_over(void **state)
{
	struct site *s = *state;
	const char *pages[] = {"/", "/feed.atom"};
	char date[64];
	struct answer a;

	(void)site_post(s, "content=x&mp-slug=x");
	s->now_us = segment_generation_time(s->seg);
	for (size_t i = 0; i < 2; i++) {
		struct buf b;

		buf_init(&b, &s->kept, 64);
		time_http(&b, s->now_us / 1000000);
		(void)snprintf(date, sizeof(date), "%.*s", STR(buf_str(&b)));
		a = ASK(s, .uri = pages[i]);
		assert_no_header(a, "Last-Modified");
		assert_true(answer_header(&a, "ETag").n > 0);
		a = ASK(s, .uri = pages[i], .headers = {{"HTTP_IF_MODIFIED_SINCE", date}});
		assert_int_equal(a.status, 200);
		s->now_us += 1000000;
		a = ASK(s, .uri = pages[i]);
		assert_header(a, "Last-Modified", date);
		a = ASK(s, .uri = pages[i], .headers = {{"HTTP_IF_MODIFIED_SINCE", date}});
		assert_int_equal(a.status, 304);
		s->now_us -= 1000000;
	}
}

/* Seen by taking the posts away: only who would be sent some notices. */
static void
posts_of_a_feed_are_read_only_to_be_sent(void **state)
{
	struct site *s = *state;
	struct answer whole, known, head, failed;
	char tag[128];

	(void)site_post(s, "content=x&mp-slug=x");
	seconds_pass(s);
	whole = ASK(s, .uri = "/feed.atom");
	assert_int_equal(whole.status, 200);
	assert_has(whole, "<entry>");
	(void)snprintf(tag, sizeof(tag), "%.*s", STR(answer_header(&whole, "ETag")));
	site_sql(s, "ALTER TABLE post RENAME TO elsewhere");
	assert_in_range(ASK(s, .uri = "/feed.atom").status, 500, 599);
	known = ASK(s, .uri = "/feed.atom", .headers = {{"HTTP_IF_NONE_MATCH", tag}});
	head = ASK(s, .uri = "/feed.atom", .method = "HEAD");
	failed = ASK(s, .uri = "/feed.atom", .headers = {{"HTTP_IF_MATCH", "\"other\""}});
	assert_int_equal(known.status, 304);
	assert_int_equal(head.status, 200);
	assert_int_equal(failed.status, 412);
	assert_header(head, "ETag", tag);
	assert_header(known, "ETag", tag);
}

#define T(f) cmocka_unit_test_setup_teardown(f, site_setup, site_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_known_entity_tag_is_answered_without_the_page),
		T(a_post_dated_back_changes_tag_and_date_of_lists),
		T(the_etag_is_the_same_in_every_worker_and_start),
		T(a_date_is_given_when_its_second_is_over),
		T(posts_of_a_feed_are_read_only_to_be_sent),
	};

	return cmocka_run_group_tests_name("web/conditions", tests, NULL, NULL);
}
