/*
 * The body: whole or not at all, within its limit, every byte counted, read to its end.
 */
#include "http_fixture.h"

static struct http_fixture f;

static void
post(const char *length, struct str body, size_t limit)
{
	fixture_init(&f, 4 << 20, "POST", "/");
	if (length)
		param(&f, "CONTENT_LENGTH", length);
	assert_int_equal(fixture_parse(&f), OK);
	f.memory.body = body;
	f.q.body_limit = limit;
}

static int
teardown(void **state)
{
	(void)state;
	fixture_fini(&f);
	return 0;
}

static void
test_an_announced_body_is_read_whole(void **state)
{
	struct str body, again;

	(void)state;
	post("5", S("hello"), 100);
	f.memory.piece = 2;
	assert_int_equal(req_body(&f.c, &f.q, &body), OK);
	assert_str(body, "hello");
	assert_int_equal(body.p[5], '\0');
	assert_int_equal(f.facts.request_bytes, 5);
	assert_true(f.q.body_done);
	assert_int_equal(req_body(&f.c, &f.q, &again), OK);
	assert_ptr_equal(again.p, body.p);
	assert_int_equal(f.facts.request_bytes, 5);
}

static void
test_an_unannounced_body_grows_up_to_its_limit(void **state)
{
	static char big[100 * 1000];
	struct str body;

	(void)state;
	memset(big, 'x', sizeof(big));
	post(NULL, str_n(big, sizeof(big)), sizeof(big));
	f.memory.piece = 7001;
	assert_int_equal(req_body(&f.c, &f.q, &body), OK);
	assert_int_equal(body.n, sizeof(big));
	assert_memory_equal(body.p, big, sizeof(big));
	assert_int_equal(f.facts.request_bytes, sizeof(big));
	teardown(state);
	post(NULL, str_n(big, sizeof(big)), sizeof(big) - 1);
	assert_int_equal(req_body(&f.c, &f.q, &body), ERR_BODY_TOO_LARGE);
}

static void
test_an_empty_body_is_a_body(void **state)
{
	struct str body;

	(void)state;
	post("0", S(""), 100);
	assert_int_equal(req_body(&f.c, &f.q, &body), OK);
	assert_non_null(body.p);
	assert_int_equal(body.n, 0);
	assert_int_equal(req_body(&f.c, &f.q, &body), OK);
	teardown(state);
	post(NULL, S(""), 0);
	assert_int_equal(req_body(&f.c, &f.q, &body), OK);
	assert_int_equal(body.n, 0);
}

static void
test_a_body_announced_too_large_is_refused_unread(void **state)
{
	struct str body;

	(void)state;
	post("101", S("x"), 100);
	assert_int_equal(req_body(&f.c, &f.q, &body), ERR_BODY_TOO_LARGE);
	assert_int_equal(f.facts.request_bytes, 0);
	teardown(state);
	post("9223372036854775807", S("x"), SIZE_MAX);
	assert_int_equal(req_body(&f.c, &f.q, &body), ERR_MEMORY);
}

static void
test_a_body_cut_short_is_never_handed_out(void **state)
{
	struct str body;

	(void)state;
	post("10", S("hello"), 100);
	assert_int_equal(req_body(&f.c, &f.q, &body), ERR_BODY_INCOMPLETE);
	assert_int_equal(req_body(&f.c, &f.q, &body), ERR_BODY_INCOMPLETE);
	teardown(state);
	post(NULL, S("hello"), 100);
	f.memory.cut_at = 3;
	f.memory.piece = 3;
	assert_int_equal(req_body(&f.c, &f.q, &body), ERR_BODY_INCOMPLETE);
}

static void
test_a_body_longer_than_announced_is_refused(void **state)
{
	struct str body;

	(void)state;
	post("5", S("hello, world"), 100);
	assert_int_equal(req_body(&f.c, &f.q, &body), ERR_BAD_REQUEST);
}

static void
test_no_memory_for_the_body(void **state)
{
	static char big[100 * 1000];
	struct str body;

	(void)state;
	fixture_init(&f, 40 * 1024, "POST", "/");
	assert_int_equal(fixture_parse(&f), OK);
	f.memory.body = str_n(big, sizeof(big));
	f.q.body_limit = 1 << 20;
	assert_int_equal(req_body(&f.c, &f.q, &body), ERR_MEMORY);
	assert_true(req_drain(&f.q));
}

/* What a stream's sink has got, and when it has had enough. */
static struct {
	char bytes[300 * 1000];
	size_t n, calls, enough;
} got;

static enum err
take(struct ctx *c, void *self, struct str bytes)
{
	assert_ptr_equal(self, &got);
	assert_true(bytes.n > 0 && bytes.n <= sizeof(got.bytes) - got.n);
	memcpy(got.bytes + got.n, bytes.p, bytes.n);
	got.n += bytes.n;
	got.calls++;
	if (got.enough && got.n >= got.enough)
		return err_raise(c, ERR_UPLOAD_TYPE, "enough");
	return OK;
}

static enum err
stream(void)
{
	got.n = got.calls = got.enough = 0;
	return req_stream(&f.c, &f.q, take, &got);
}

static void
test_a_body_is_streamed_in_pieces(void **state)
{
	static char big[300 * 1000];

	(void)state;
	for (size_t i = 0; i < sizeof(big); i++)
		big[i] = (char)(i % 251);
	post("300000", str_n(big, sizeof(big)), 300000);
	assert_int_equal(stream(), OK);
	assert_int_equal(got.n, sizeof(big));
	assert_memory_equal(got.bytes, big, sizeof(big));
	assert_true(got.calls > 3);
	assert_int_equal(f.facts.request_bytes, sizeof(big));
	assert_true(f.q.body_done);
	assert_int_equal(stream(), ERR_BODY_INCOMPLETE);
	teardown(state);
	post(NULL, S("hello"), 5);
	f.memory.piece = 2;
	assert_int_equal(stream(), OK);
	assert_int_equal(got.n, 5);
	assert_int_equal(got.calls, 3);
}

static void
test_streaming_takes_no_more_memory_than_a_piece(void **state)
{
	static char big[300 * 1000];

	(void)state;
	fixture_init(&f, 100 * 1024, "POST", "/");
	assert_int_equal(fixture_parse(&f), OK);
	f.memory.body = str_n(big, sizeof(big));
	f.q.body_limit = 1 << 20;
	assert_int_equal(stream(), OK);
	assert_int_equal(got.n, sizeof(big));
	teardown(state);
	fixture_init(&f, 20 * 1024, "POST", "/");
	assert_int_equal(fixture_parse(&f), OK);
	f.memory.body = str_n(big, sizeof(big));
	f.q.body_limit = 1 << 20;
	assert_int_equal(stream(), ERR_MEMORY);
}

static void
test_a_stream_has_the_limits_of_a_body(void **state)
{
	(void)state;
	post("101", S("x"), 100);
	assert_int_equal(stream(), ERR_BODY_TOO_LARGE);
	assert_int_equal(f.facts.request_bytes, 0);
	teardown(state);
	post(NULL, S("hello"), 4);
	assert_int_equal(stream(), ERR_BODY_TOO_LARGE);
	assert_int_equal(got.n, 0);
	teardown(state);
	post("5", S("hello, world"), 100);
	assert_int_equal(stream(), ERR_BAD_REQUEST);
	teardown(state);
	post("10", S("hello"), 100);
	assert_int_equal(stream(), ERR_BODY_INCOMPLETE);
	teardown(state);
	post(NULL, S("hello"), 100);
	f.memory.cut_at = 3;
	f.memory.piece = 3;
	assert_int_equal(stream(), ERR_BODY_INCOMPLETE);
}

static void
test_a_stream_ends_with_its_sink(void **state)
{
	(void)state;
	post("12", S("hello, world"), 100);
	f.memory.piece = 4;
	got.n = got.calls = 0;
	got.enough = 5;
	assert_int_equal(req_stream(&f.c, &f.q, take, &got), ERR_UPLOAD_TYPE);
	assert_int_equal(f.facts.request_bytes, 8);
	assert_true(req_drain(&f.q));
	assert_int_equal(f.facts.request_bytes, 12);
}

static void
test_drain_reads_what_is_left_and_counts_it(void **state)
{
	static char big[100 * 1000];

	(void)state;
	post("100000", str_n(big, sizeof(big)), 10);
	assert_true(req_drain(&f.q));
	assert_int_equal(f.facts.request_bytes, sizeof(big));
	assert_true(req_drain(&f.q));
	teardown(state);
	post("100000", str_n(big, sizeof(big)), 10);
	f.memory.cut_at = 10;
	f.memory.piece = 10;
	assert_false(req_drain(&f.q));
}

static ssize_t
endless(void *self, void *p, size_t n)
{
	(void)self;
	memset(p, 'x', n);
	return (ssize_t)n;
}

static void
test_drain_is_bounded(void **state)
{
	(void)state;
	post(NULL, S(""), 10);
	f.io.read = endless;
	assert_false(req_drain(&f.q));
	assert_int_equal(f.facts.request_bytes, REQ_MAX_DRAIN);
	teardown(state);
	post(NULL, S(""), 2 * (size_t)REQ_MAX_DRAIN);
	f.io.read = endless;
	assert_false(req_drain(&f.q));
	assert_int_equal(f.facts.request_bytes, 2 * (size_t)REQ_MAX_DRAIN);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_an_announced_body_is_read_whole, teardown),
		cmocka_unit_test_teardown(test_an_unannounced_body_grows_up_to_its_limit, teardown),
		cmocka_unit_test_teardown(test_an_empty_body_is_a_body, teardown),
		cmocka_unit_test_teardown(
			test_a_body_announced_too_large_is_refused_unread, teardown),
		cmocka_unit_test_teardown(test_a_body_cut_short_is_never_handed_out, teardown),
		cmocka_unit_test_teardown(test_a_body_longer_than_announced_is_refused, teardown),
		cmocka_unit_test_teardown(test_no_memory_for_the_body, teardown),
		cmocka_unit_test_teardown(test_a_body_is_streamed_in_pieces, teardown),
		cmocka_unit_test_teardown(
			test_streaming_takes_no_more_memory_than_a_piece, teardown),
		cmocka_unit_test_teardown(test_a_stream_has_the_limits_of_a_body, teardown),
		cmocka_unit_test_teardown(test_a_stream_ends_with_its_sink, teardown),
		cmocka_unit_test_teardown(test_drain_reads_what_is_left_and_counts_it, teardown),
		cmocka_unit_test_teardown(test_drain_is_bounded, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
