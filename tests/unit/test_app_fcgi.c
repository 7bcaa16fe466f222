/*
 * The hand-over of connections to libfcgi, spoken to in raw FastCGI over a socket pair. It pins
 * what we rely on beyond the library's documented interface: if another version behaves otherwise,
 * this fails before a site does.
 */
#include "app_fcgi_fixture.h"

#include "app/record.h"

#include <malloc.h>

/* ---- one request ------------------------------------------------------------------------- */

static void
the_worked_bytes_are_answered_byte_for_byte(void **state)
{
	static const unsigned char sent[] = {
		0x01, 0x01, 0x00, 0x07, 0x00, 0x08, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
		0x01, 0x04, 0x00, 0x07, 0x00, 0x13, 0x05, 0x00, 0x0e, 0x03, 0x52, 0x45, 0x51, 0x55, 0x45, 0x53,
		0x54, 0x5f, 0x4d, 0x45, 0x54, 0x48, 0x4f, 0x44, 0x47, 0x45, 0x54, 0x00, 0x00, 0x00, 0x00, 0x00,
		0x01, 0x04, 0x00, 0x07, 0x00, 0x00, 0x00, 0x00, 0x01, 0x05, 0x00, 0x07, 0x00, 0x00, 0x00, 0x00,
	};
	static const unsigned char want[] = {
		0x01, 0x06, 0x00, 0x07, 0x00, 0x1a, 0x06, 0x00, 0x53, 0x74, 0x61, 0x74, 0x75, 0x73, 0x3a, 0x20,
		0x32, 0x30, 0x34, 0x20, 0x4e, 0x6f, 0x20, 0x43, 0x6f, 0x6e, 0x74, 0x65, 0x6e, 0x74, 0x0d, 0x0a,
		0x0d, 0x0a, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x06, 0x00, 0x07, 0x00, 0x00, 0x00, 0x00,
		0x01, 0x03, 0x00, 0x07, 0x00, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	};
	struct fixture *f = *state;
	unsigned char got[sizeof(want) + 1];

	wire_bytes(&wire, sent, sizeof(sent));
	wire_send(&wire, f->theirs);
	assert_int_equal(begin(f), FCGI_REQUEST);
	assert_int_equal(f->n, 1);
	assert_param(f, 0, "REQUEST_METHOD", "GET");
	assert_true(put(f, "Status: 204 No Content\r\n\r\n"));
	assert_false(finish(f));
	assert_int_equal(recv(f->theirs, got, sizeof(got), MSG_WAITALL), sizeof(want));
	assert_memory_equal(got, want, sizeof(want));
}

/* Bytes of a request of a method, on a connection that is kept. */
static void
send_method(struct fixture *f, const char *method)
{
	unsigned char pair[64];
	size_t n = wire_pair(pair, "REQUEST_METHOD", method, false);

	wire_begin(&wire, 1, 1, true);
	wire_record(&wire, 4, 1, pair, n, 0);
	wire_record(&wire, 4, 1, NULL, 0, 0);
	wire_record(&wire, 5, 1, NULL, 0, 0);
	wire_send(&wire, f->theirs);
}

static void
a_look_tells_what_a_request_is_and_leaves_it_where_it_is(void **state)
{
	struct fixture *f = *state;
	struct fcgi *other = NULL;
	bool reads = true;

	assert_int_equal(fcgi_look(f->fcgi, f->ours, &reads), FCGI_SILENT);
	send_method(f, "POST");
	assert_int_equal(fcgi_new(&f->ctx, 30000000, 1, &other), OK);
	assert_int_equal(fcgi_look(other, f->ours, &reads), FCGI_REQUEST);
	assert_false(reads);
	/* Another thread takes it, with a look of its own and without. */
	assert_int_equal(fcgi_look(f->fcgi, f->ours, &reads), FCGI_REQUEST);
	assert_false(reads);
	assert_int_equal(begin(f), FCGI_REQUEST);
	assert_param(f, 0, "REQUEST_METHOD", "POST");
	assert_true(finish(f));
	send_method(f, "GET");
	assert_int_equal(begin(f), FCGI_REQUEST);
	assert_true(finish(f));
	send_method(f, "GET");
	assert_int_equal(fcgi_look(f->fcgi, f->ours, &reads), FCGI_REQUEST);
	assert_true(reads);
	fcgi_free(other);
}

static void
an_empty_answer_still_ends_its_stream(void **state)
{
	struct fixture *f = *state;

	wire_get(&wire, 0x1234, true, "/");
	wire_send(&wire, f->theirs);
	assert_int_equal(begin(f), FCGI_REQUEST);
	assert_true(finish(f));
	answer_read(f->theirs, &reply);
	assert_true(reply.stdout_ended && reply.ended);
	assert_int_equal(reply.n, 0);
	assert_int_equal(reply.id, 0x1234);
	assert_int_equal(reply.state, 0);
}

static void
long_answers_come_whole(void **state)
{
	struct fixture *f = *state;
	struct io *io = fcgi_io(f->fcgi);
	static char page[200 * 1000];
	size_t at = 0;

	/* More than one record, less than what a socket holds; in pieces that fit nowhere. */
	for (size_t i = 0; i < sizeof(page); i++)
		page[i] = (char)('a' + i % 23);
	assert_int_equal(setsockopt(f->ours, SOL_SOCKET, SO_SNDBUF, &(int){1 << 20}, sizeof(int)), 0);
	wire_get(&wire, 1, true, "/");
	wire_send(&wire, f->theirs);
	assert_int_equal(begin(f), FCGI_REQUEST);
	for (size_t part = 1; at < sizeof(page); part = part * 3 + 1) {
		if (part > sizeof(page) - at)
			part = sizeof(page) - at;
		assert_true(io->write(io->self, page + at, part));
		at += part;
	}
	assert_true(finish(f));
	answer_read(f->theirs, &reply);
	assert_int_equal(reply.n, sizeof(page));
	assert_memory_equal(reply.out, page, sizeof(page));
}

/* ---- connections ------------------------------------------------------------------------- */

static void
a_kept_connection_carries_ten_thousand_requests_in_constant_memory(void **state)
{
	struct fixture *f = *state;
	size_t before = 0;
	char uri[32];

	for (int i = 0; i < 10000; i++) {
		(void)snprintf(uri, sizeof(uri), "/%d", i);
		wire_get(&wire, i % 65535 + 1, true, uri);
		wire_send(&wire, f->theirs);
		assert_int_equal(begin(f), FCGI_REQUEST);
		assert_param(f, 0, "REQUEST_URI", uri);
		assert_true(put(f, uri));
		assert_true(finish(f));
		answer_read(f->theirs, &reply);
		assert_int_equal(reply.id, i % 65535 + 1);
		assert_int_equal(reply.n, strlen(uri));
		if (i == 100)
			before = mallinfo2().uordblks;
	}
	assert_true(mallinfo2().uordblks <= before);
}

static void
the_flag_of_the_request_decides_whether_it_is_kept(void **state)
{
	struct fixture *f = *state;

	wire_get(&wire, 1, true, "/a");
	wire_send(&wire, f->theirs);
	assert_int_equal(begin(f), FCGI_REQUEST);
	assert_true(finish(f));
	answer_read(f->theirs, &reply);
	assert_int_equal(begin(f), FCGI_SILENT);
	wire_get(&wire, 1, false, "/b");
	wire_send(&wire, f->theirs);
	assert_int_equal(begin(f), FCGI_REQUEST);
	assert_false(finish(f));
	answer_read(f->theirs, &reply);
	assert_true(reply.ended);
	answer_read(f->theirs, &reply);
	assert_true(reply.closed);
}

static void
several_connections_take_turns(void **state)
{
	struct fixture *f = *state;
	int fds[2], first = f->ours, first_theirs = f->theirs;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	for (int i = 0; i < 100; i++) {
		f->ours = i % 2 ? fds[0] : first;
		wire_get(&wire, 1 + i % 3, true, "/x");
		wire_send(&wire, i % 2 ? fds[1] : first_theirs);
		assert_int_equal(begin(f), FCGI_REQUEST);
		assert_true(finish(f));
		answer_read(i % 2 ? fds[1] : first_theirs, &reply);
		assert_true(reply.ended);
	}
	f->ours = first;
	assert_int_equal(close(fds[0]) + close(fds[1]), 0);
}

static void
a_silent_connection_is_given_back_at_once(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(begin(f), FCGI_SILENT);
	assert_int_equal(shutdown(f->theirs, SHUT_WR), 0);
	assert_int_equal(begin(f), FCGI_CLOSED);
}

static void
half_a_request_holds_nobody(void **state)
{
	struct fixture *f = *state;
	struct wire one = {.n = 0};

	wire_get(&one, 1, true, "/dripping");
	/* Up to the end of the parameters; what follows is the body's. */
	for (size_t i = 0; i < one.n - 8; i++) {
		assert_int_equal(begin(f), i == 0 ? FCGI_SILENT : FCGI_PARTIAL);
		assert_int_equal(send(f->theirs, one.p + i, 1, 0), 1);
	}
	assert_int_equal(send(f->theirs, one.p + one.n - 8, 8, 0), 8);
	assert_int_equal(begin(f), FCGI_REQUEST);
	assert_param(f, 0, "REQUEST_URI", "/dripping");
	assert_true(finish(f));
}

static void
garbage_closes(void **state)
{
	struct fixture *f = *state;

	wire_bytes(&wire, "GET / HTTP/1.1\r\nHost: example.org\r\n\r\n", 37);
	wire_send(&wire, f->theirs);
	assert_int_equal(begin(f), FCGI_CLOSED);
}

/* ---- parameters -------------------------------------------------------------------------- */

static void
parameters_may_be_cut_and_padded_anywhere(void **state)
{
	struct fixture *f = *state;
	unsigned char pairs[2048];
	char value[301];
	size_t n;

	memset(value, 'v', 300);
	value[300] = '\0';
	n = wire_pair(pairs, "SHORT", "1", true);
	n += wire_pair(pairs + n, "LONG", value, false);
	n += wire_pair(pairs + n, "EMPTY", "", false);
	n += wire_pair(pairs + n, "EQUALS", "a=b=c", false);
	for (size_t step = 1; step < 9; step += 3) {
		wire_begin(&wire, 1, 1, true);
		for (size_t at = 0; at < n; at += step)
			wire_record(&wire, 4, 1, pairs + at, at + step > n ? n - at : step, at % 256);
		wire_record(&wire, 4, 1, NULL, 0, 0);
		wire_record(&wire, 5, 1, NULL, 0, 0);
		assert_int_equal(setsockopt(f->theirs, SOL_SOCKET, SO_SNDBUF, &(int){1 << 20}, sizeof(int)), 0);
		wire_send(&wire, f->theirs);
		assert_int_equal(begin(f), FCGI_REQUEST);
		assert_int_equal(f->n, 4);
		assert_param(f, 0, "SHORT", "1");
		assert_param(f, 1, "LONG", value);
		assert_param(f, 2, "EMPTY", "");
		assert_param(f, 3, "EQUALS", "a=b=c");
		assert_true(finish(f));
		answer_read(f->theirs, &reply);
	}
}

static void
too_many_parameters_can_be_counted_by_who_refuses_them(void **state)
{
	struct fixture *f = *state;
	static unsigned char pairs[20000];
	size_t n = 0;

	for (int i = 0; i < 10000; i++) {
		pairs[n++] = 0;
		pairs[n++] = 0;
	}
	wire_begin(&wire, 1, 1, true);
	wire_record(&wire, 4, 1, pairs, n, 0);
	wire_record(&wire, 4, 1, NULL, 0, 0);
	wire_record(&wire, 5, 1, NULL, 0, 0);
	wire_send(&wire, f->theirs);
	assert_int_equal(begin(f), FCGI_REQUEST);
	assert_int_equal(f->n, REQ_MAX_PARAMS + 1);
	assert_true(finish(f));
}

static void
endless_parameters_close(void **state)
{
	struct fixture *f = *state;
	static unsigned char junk[65528];

	wire_begin(&wire, 1, 1, true);
	wire_record(&wire, 4, 1, junk, sizeof(junk), 0);
	wire_record(&wire, 4, 1, junk, 16000, 0);
	assert_int_equal(setsockopt(f->theirs, SOL_SOCKET, SO_SNDBUF, &(int){1 << 20}, sizeof(int)), 0);
	wire_send(&wire, f->theirs);
	assert_int_equal(begin(f), FCGI_PARTIAL);
	wire_record(&wire, 4, 1, junk, 16000, 0);
	wire_send(&wire, f->theirs);
	assert_int_equal(begin(f), FCGI_CLOSED);
}

static void
a_pair_longer_than_its_stream_closes(void **state)
{
	static const unsigned char lies[] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 'x'};
	static const unsigned char longer[] = {5, 5, 'x'};
	struct fixture *f = *state;

	wire_begin(&wire, 1, 1, true);
	wire_record(&wire, 4, 1, longer, sizeof(longer), 0);
	wire_record(&wire, 4, 1, NULL, 0, 0);
	wire_record(&wire, 5, 1, NULL, 0, 0);
	wire_send(&wire, f->theirs);
	assert_int_equal(begin(f), FCGI_CLOSED);
	(void)close(f->theirs);
	assert_int_equal(fcgi_begin(f->fcgi, &f->ctx, -1, &f->params, &f->n), FCGI_CLOSED);
	{
		int fds[2];

		assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
		f->ours = fds[0];
		f->theirs = fds[1];
	}
	wire_begin(&wire, 1, 1, true);
	wire_record(&wire, 4, 1, lies, sizeof(lies), 0);
	wire_record(&wire, 4, 1, NULL, 0, 0);
	wire_send(&wire, f->theirs);
	assert_int_equal(begin(f), FCGI_CLOSED);
}

static void
no_memory_for_parameters_ends_the_request(void **state)
{
	struct fixture *f = *state;

	f->ctx.arena.cap = 16;
	wire_get(&wire, 1, true, "/");
	wire_send(&wire, f->theirs);
	assert_int_equal(begin(f), FCGI_CLOSED);
	answer_read(f->theirs, &reply);
	assert_true(reply.ended);
	assert_int_equal(reply.state, RECORD_OVERLOADED);
}

/* ---- protocol beside requests ------------------------------------------------------------ */

static void
management_records_are_answered_between_requests(void **state)
{
	struct fixture *f = *state;
	unsigned char names[64], got[64];
	size_t n = wire_pair(names, "FCGI_MAX_CONNS", "", false);

	for (int i = 0; i < 3; i++) {
		wire_record(&wire, RECORD_GET_VALUES, 0, names, n, 0);
		wire_get(&wire, 1, true, "/");
		wire_send(&wire, f->theirs);
		assert_int_equal(begin(f), FCGI_REQUEST);
		assert_int_equal(recv(f->theirs, got, 32, MSG_WAITALL), 32);
		assert_memory_equal(got, "\x01\x0a\0\0\0\x13\x05\0\x0e\x03" "FCGI_MAX_CONNS100", 27);
		assert_true(finish(f));
		answer_read(f->theirs, &reply);
		assert_true(reply.ended);
	}
	wire_record(&wire, RECORD_GET_VALUES, 0, names, n, 0);
	wire_send(&wire, f->theirs);
	assert_int_equal(begin(f), FCGI_SILENT);
}

static void
a_second_request_on_a_busy_connection_is_refused(void **state)
{
	struct fixture *f = *state;
	unsigned char head[16];

	wire_begin(&wire, 1, 1, true);
	wire_begin(&wire, 2, 1, true);
	wire_record(&wire, 4, 1, NULL, 0, 0);
	wire_record(&wire, 5, 1, NULL, 0, 0);
	wire_send(&wire, f->theirs);
	assert_int_equal(begin(f), FCGI_REQUEST);
	assert_int_equal(recv(f->theirs, head, 16, MSG_WAITALL), 16);
	assert_memory_equal(head, "\x01\x03\0\x02\0\x08\0\0\0\0\0\0\x01\0\0\0", 16);
	assert_true(finish(f));
	answer_read(f->theirs, &reply);
	assert_int_equal(reply.id, 1);
}

static void
other_roles_are_refused(void **state)
{
	struct fixture *f = *state;

	wire_begin(&wire, 1, 2, true);
	wire_record(&wire, 4, 1, NULL, 0, 0);
	wire_send(&wire, f->theirs);
	assert_int_equal(begin(f), FCGI_SILENT);
	answer_read(f->theirs, &reply);
	assert_int_equal(reply.state, RECORD_UNKNOWN_ROLE);
	wire_get(&wire, 2, true, "/");
	wire_send(&wire, f->theirs);
	assert_int_equal(begin(f), FCGI_REQUEST);
	assert_true(finish(f));
	answer_read(f->theirs, &reply);
	wire_begin(&wire, 1, 3, true);
	wire_record(&wire, 4, 1, NULL, 0, 0);
	wire_send(&wire, f->theirs);
	assert_int_equal(begin(f), FCGI_CLOSED);
	answer_read(f->theirs, &reply);
	assert_int_equal(reply.state, RECORD_UNKNOWN_ROLE);
}

static void
late_records_of_an_answered_request_are_skipped(void **state)
{
	struct fixture *f = *state;

	wire_record(&wire, 5, 1, "left over", 9, 7);
	wire_record(&wire, 5, 1, NULL, 0, 0);
	wire_record(&wire, 2, 1, NULL, 0, 0);
	wire_get(&wire, 1, true, "/now");
	wire_send(&wire, f->theirs);
	assert_int_equal(begin(f), FCGI_REQUEST);
	assert_param(f, 0, "REQUEST_URI", "/now");
	assert_true(finish(f));
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(the_worked_bytes_are_answered_byte_for_byte),
		TEST(a_look_tells_what_a_request_is_and_leaves_it_where_it_is),
		TEST(an_empty_answer_still_ends_its_stream),
		TEST(long_answers_come_whole),
		TEST(a_kept_connection_carries_ten_thousand_requests_in_constant_memory),
		TEST(the_flag_of_the_request_decides_whether_it_is_kept),
		TEST(several_connections_take_turns),
		TEST(a_silent_connection_is_given_back_at_once),
		TEST(half_a_request_holds_nobody),
		TEST(garbage_closes),
		TEST(parameters_may_be_cut_and_padded_anywhere),
		TEST(too_many_parameters_can_be_counted_by_who_refuses_them),
		TEST(endless_parameters_close),
		TEST(a_pair_longer_than_its_stream_closes),
		TEST(no_memory_for_parameters_ends_the_request),
		TEST(management_records_are_answered_between_requests),
		TEST(a_second_request_on_a_busy_connection_is_refused),
		TEST(other_roles_are_refused),
		TEST(late_records_of_an_answered_request_are_skipped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
