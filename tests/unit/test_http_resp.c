/*
 * Answers: the header block, the counted body, streams, HEAD, clients that leave.
 */
#include "http_fixture.h"

#include "http/resp.h"

#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static struct http_fixture f;
static struct resp r;

static void
request(const char *method, size_t arena_cap)
{
	fixture_init(&f, arena_cap, method, "/");
	assert_int_equal(fixture_parse(&f), OK);
	resp_init(&r);
}

static int
setup(void **state)
{
	(void)state;
	request("GET", 4 << 20);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	fixture_fini(&f);
	return 0;
}

static void
sent_is(const char *want)
{
	assert_str(str_n(f.memory.out, f.memory.written), want);
	assert_int_equal(f.facts.head_bytes + f.facts.body_bytes, f.memory.written);
}

static void
test_a_buffer_goes_out_with_its_length(void **state)
{
	(void)state;
	resp_set(&r, "Cache-Control", S("no-store"));
	resp_buf(&r, "text/plain", S("hello"));
	assert_int_equal(resp_send(&f.c, &f.q, &r), OK);
	sent_is("Status: 200 OK\r\nCache-Control: no-store\r\nContent-Type: text/plain\r\n"
		"Content-Length: 5\r\n\r\nhello");
	assert_int_equal(f.facts.status, 200);
	assert_int_equal(f.facts.body_bytes, 5);
	assert_false(f.facts.aborted);
	assert_true(r.sent);
}

static void
test_a_buffer_is_not_copied(void **state)
{
	static char big[200 * 1000];

	(void)state;
	memset(big, 'x', sizeof(big));
	resp_buf(&r, "text/plain", str_n(big, sizeof(big)));
	assert_int_equal(resp_send(&f.c, &f.q, &r), OK);
	assert_int_equal(f.memory.writes, 2);
	assert_int_equal(f.facts.body_bytes, sizeof(big));
	assert_int_equal(f.facts.head_bytes + sizeof(big), f.memory.written);
	assert_memory_equal(f.memory.out + f.facts.head_bytes, big, sizeof(big));
	assert_true(f.c.arena.used < 4096);
}

static void
test_an_answer_can_be_sent_without_memory(void **state)
{
	(void)state;
	teardown(state);
	request("GET", 64);
	r.status = 503;
	resp_buf(&r, "text/plain", S("out of memory"));
	assert_int_equal(resp_send(&f.c, &f.q, &r), OK);
	assert_int_equal(f.facts.status, 503);
	assert_int_equal(f.facts.body_bytes, 13);
	assert_int_equal(f.c.err.code, OK);
}

static void
test_head_has_the_headers_of_get_and_no_body(void **state)
{
	(void)state;
	teardown(state);
	request("HEAD", 4 << 20);
	resp_buf(&r, "text/plain", S("hello"));
	assert_int_equal(resp_send(&f.c, &f.q, &r), OK);
	sent_is("Status: 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\n");
	assert_int_equal(f.facts.body_bytes, 0);
}

static void
test_no_body_has_length_0(void **state)
{
	(void)state;
	r.status = 201;
	resp_set(&r, "Location", S("https://ada.example/note/x"));
	assert_int_equal(resp_send(&f.c, &f.q, &r), OK);
	sent_is("Status: 201 Created\r\nLocation: https://ada.example/note/x\r\nContent-Length: "
		"0\r\n\r\n");
}

static void
test_204_and_304_have_no_body_type_or_length(void **state)
{
	(void)state;
	r.status = 304;
	resp_set(&r, "ETag", S("\"a\""));
	resp_buf(&r, "text/plain", S("hello"));
	assert_int_equal(resp_send(&f.c, &f.q, &r), OK);
	sent_is("Status: 304 Not Modified\r\nETag: \"a\"\r\n\r\n");
	teardown(state);
	request("OPTIONS", 4 << 20);
	r.status = 204;
	assert_int_equal(resp_send(&f.c, &f.q, &r), OK);
	sent_is("Status: 204 No Content\r\n\r\n");
}

static void
test_set_replaces_and_add_does_not(void **state)
{
	(void)state;
	resp_set(&r, "Vary", S("Accept"));
	resp_set(&r, "vary", S("Cookie"));
	resp_add(&r, "Link", S("<a>; rel=x"));
	resp_add(&r, "Link", S("<b>; rel=y"));
	assert_str(resp_get(&r, "VARY"), "Cookie");
	assert_absent(resp_get(&r, "ETag"));
	assert_int_equal(resp_send(&f.c, &f.q, &r), OK);
	sent_is("Status: 200 OK\r\nvary: Cookie\r\nLink: <a>; rel=x\r\nLink: <b>; rel=y\r\n"
		"Content-Length: 0\r\n\r\n");
}

static void
test_none_drops_body_and_type(void **state)
{
	(void)state;
	resp_buf(&r, "text/plain", S("hello"));
	resp_set(&r, "ETag", S("\"a\""));
	resp_none(&r);
	assert_int_equal(resp_send(&f.c, &f.q, &r), OK);
	sent_is("Status: 200 OK\r\nETag: \"a\"\r\nContent-Length: 0\r\n\r\n");
}

static void
test_a_head_that_is_too_large_is_not_sent(void **state)
{
	static char big[RESP_MAX_HEAD_BYTES];

	(void)state;
	memset(big, 'x', sizeof(big));
	resp_set(&r, "Location", str_n(big, sizeof(big)));
	assert_int_equal(resp_send(&f.c, &f.q, &r), ERR_INTERNAL);
	assert_false(r.sent);
	assert_int_equal(f.memory.written, 0);
	assert_int_equal(f.facts.status, 0);
	resp_set(&r, "Location", str_n(big, sizeof(big) - 100));
	assert_int_equal(resp_send(&f.c, &f.q, &r), OK);
}

/* ---- streams ------------------------------------------------------------------------------- */

struct stream {
	unsigned pieces;  /* to come */
	size_t bytes;     /* of each */
	unsigned fail_at; /* this call fails; 0: none */
	unsigned calls;
	bool too_large; /* a piece exceeds its buffer */
};

static enum err
stream_pull_piece(struct ctx *c, void *self, struct buf *chunk, bool *end)
{
	struct stream *s = self;

	assert_int_equal(chunk->n, 0);
	s->calls++;
	if (s->calls == s->fail_at)
		return err_raise(c, ERR_DB, "as told");
	for (size_t i = 0; i < s->bytes; i++)
		buf_putc(chunk, (char)('a' + s->calls % 26));
	for (size_t i = 0; s->too_large && i < 2000; i++)
		buf_printf(chunk, "%01000d", 0);
	*end = s->calls >= s->pieces;
	return OK;
}

static void
test_a_stream_has_no_length_and_every_byte_is_counted(void **state)
{
	struct stream s = {.pieces = 3, .bytes = 4};

	(void)state;
	resp_stream(&r, "application/atom+xml", stream_pull_piece, &s);
	assert_int_equal(resp_send(&f.c, &f.q, &r), OK);
	sent_is("Status: 200 OK\r\nContent-Type: application/atom+xml\r\n\r\nbbbbccccdddd");
	assert_int_equal(f.facts.body_bytes, 12);
	assert_int_equal(f.memory.writes, 4);
}

static void
test_a_long_stream_reuses_its_memory(void **state)
{
	struct stream s = {.pieces = 100, .bytes = 4000};

	(void)state;
	teardown(state);
	request("GET", 32 * 1024);
	resp_stream(&r, "text/plain", stream_pull_piece, &s);
	assert_int_equal(resp_send(&f.c, &f.q, &r), OK);
	assert_int_equal(f.facts.body_bytes, 400000);
}

static void
test_a_stream_may_have_empty_pieces(void **state)
{
	struct stream s = {.pieces = 3, .bytes = 0};

	(void)state;
	resp_stream(&r, "text/plain", stream_pull_piece, &s);
	assert_int_equal(resp_send(&f.c, &f.q, &r), OK);
	sent_is("Status: 200 OK\r\nContent-Type: text/plain\r\n\r\n");
	assert_int_equal(s.calls, 3);
}

static void
test_head_does_not_pull(void **state)
{
	struct stream s = {.pieces = 3, .bytes = 4};

	(void)state;
	teardown(state);
	request("HEAD", 4 << 20);
	resp_stream(&r, "text/plain", stream_pull_piece, &s);
	assert_int_equal(resp_send(&f.c, &f.q, &r), OK);
	sent_is("Status: 200 OK\r\nContent-Type: text/plain\r\n\r\n");
	assert_int_equal(s.calls, 0);
}

static void
test_a_stream_that_fails_at_once_leaves_room_for_an_error(void **state)
{
	struct stream s = {.pieces = 3, .bytes = 4, .fail_at = 1};

	(void)state;
	resp_stream(&r, "text/plain", stream_pull_piece, &s);
	assert_int_equal(resp_send(&f.c, &f.q, &r), ERR_DB);
	assert_false(r.sent);
	assert_int_equal(f.memory.written, 0);
	r.status = 500;
	resp_buf(&r, "text/plain", S("sorry"));
	assert_int_equal(resp_send(&f.c, &f.q, &r), OK);
	assert_int_equal(f.facts.status, 500);
}

static void
test_a_stream_that_fails_later_is_cut_short(void **state)
{
	struct stream s = {.pieces = 3, .bytes = 4, .fail_at = 2};

	(void)state;
	resp_stream(&r, "text/plain", stream_pull_piece, &s);
	assert_int_equal(resp_send(&f.c, &f.q, &r), ERR_DB);
	assert_true(r.sent);
	sent_is("Status: 200 OK\r\nContent-Type: text/plain\r\n\r\nbbbb");
	assert_int_equal(f.facts.status, 200);
}

static void
test_a_piece_that_is_too_large_is_an_error(void **state)
{
	struct stream s = {.pieces = 3, .too_large = true};

	(void)state;
	resp_stream(&r, "text/plain", stream_pull_piece, &s);
	assert_int_equal(resp_send(&f.c, &f.q, &r), ERR_MEMORY);
	assert_false(r.sent);
}

static void
test_a_client_that_leaves_stops_the_stream(void **state)
{
	struct stream s = {.pieces = 1000, .bytes = 100};

	(void)state;
	f.memory.write_max = 1000;
	resp_stream(&r, "text/plain", stream_pull_piece, &s);
	assert_int_equal(resp_send(&f.c, &f.q, &r), ERR_CLIENT_GONE);
	assert_true(f.facts.aborted);
	assert_int_equal(f.facts.status, 200);
	assert_true(s.calls <= 11);
	assert_int_equal(f.facts.head_bytes + f.facts.body_bytes, f.memory.written);
}

static void
test_a_client_that_left_before_got_no_status(void **state)
{
	(void)state;
	f.memory.write_max = 1;
	resp_buf(&r, "text/plain", S("hello"));
	assert_int_equal(resp_send(&f.c, &f.q, &r), ERR_CLIENT_GONE);
	assert_true(f.facts.aborted);
	assert_int_equal(f.facts.status, 0);
	assert_int_equal(f.facts.head_bytes, 0);
}

/* ---- bugs of ours -------------------------------------------------------------------------- */

static void
break_value(void)
{
	resp_set(&r, "Location", S("a\r\nSet-Cookie: evil=1"));
}

static void
break_nul(void)
{
	resp_set(&r, "Location", S("a\0b"));
}

static void
break_order(void)
{
	r.sent = true;
	resp_set(&r, "Location", S("a"));
}

static void
break_twice(void)
{
	r.sent = true;
	(void)!resp_send(&f.c, &f.q, &r);
}

static void
break_number(void)
{
	for (int i = 0; i <= RESP_MAX_HEADERS; i++)
		resp_add(&r, "X", S("a"));
}

/* Runs fn in a child, which must abort. */
static void
asserts(void (*fn)(void))
{
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (pid == 0) {
		(void)signal(SIGABRT, SIG_DFL);
		(void)!freopen("/dev/null", "w", stderr);
		fn();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

static void
test_our_own_bugs_assert(void **state)
{
	(void)state;
	asserts(break_value);
	asserts(break_nul);
	asserts(break_order);
	asserts(break_twice);
	asserts(break_number);
}

int
main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_a_buffer_goes_out_with_its_length),
		TEST(test_a_buffer_is_not_copied),
		TEST(test_an_answer_can_be_sent_without_memory),
		TEST(test_head_has_the_headers_of_get_and_no_body),
		TEST(test_no_body_has_length_0),
		TEST(test_204_and_304_have_no_body_type_or_length),
		TEST(test_set_replaces_and_add_does_not),
		TEST(test_none_drops_body_and_type),
		TEST(test_a_head_that_is_too_large_is_not_sent),
		TEST(test_a_stream_has_no_length_and_every_byte_is_counted),
		TEST(test_a_long_stream_reuses_its_memory),
		TEST(test_a_stream_may_have_empty_pieces),
		TEST(test_head_does_not_pull),
		TEST(test_a_stream_that_fails_at_once_leaves_room_for_an_error),
		TEST(test_a_stream_that_fails_later_is_cut_short),
		TEST(test_a_piece_that_is_too_large_is_an_error),
		TEST(test_a_client_that_leaves_stops_the_stream),
		TEST(test_a_client_that_left_before_got_no_status),
		TEST(test_our_own_bugs_assert),
	};
#undef TEST

	return cmocka_run_group_tests(tests, NULL, NULL);
}
