/*
 * Bodies, whole and broken off, and peers that go away: what a request's struct io gives and takes.
 */
#include "app_fcgi_fixture.h"

#include "app/record.h"
#include "base/time.h"

/* ---- bodies ------------------------------------------------------------------------------ */

static void
post(struct fixture *f, int id, const char *body, size_t record, size_t padding)
{
	size_t n = strlen(body);

	wire_begin(&wire, id, 1, true);
	wire_record(&wire, 4, id, NULL, 0, 0);
	for (size_t at = 0; at < n; at += record)
		wire_record(&wire, 5, id, body + at, at + record > n ? n - at : record, padding);
	wire_record(&wire, 5, id, NULL, 0, 0);
	wire_send(&wire, f->theirs);
}

static void
a_body_is_the_same_however_it_was_cut(void **state)
{
	struct fixture *f = *state;
	static const char body[] = "content=Hello%2C+world&category=a";
	char got[256];

	for (size_t record = 1; record < sizeof(body) + 2; record += 5) {
		post(f, 3, body, record, record * 7 % 256);
		assert_int_equal(begin(f), FCGI_REQUEST);
		assert_int_equal(get_all(f, got, sizeof(got)), strlen(body));
		assert_memory_equal(got, body, strlen(body));
		assert_int_equal(get(f, got, sizeof(got)), 0);
		assert_true(finish(f));
		answer_read(f->theirs, &reply);
		assert_true(reply.ended);
	}
}

static void
a_body_that_nobody_read_does_not_disturb_the_next_request(void **state)
{
	struct fixture *f = *state;
	static char body[10241];

	memset(body, 'b', sizeof(body) - 1);
	for (int i = 0; i < 50; i++) {
		char byte;

		post(f, 1, body, 4000, i);
		assert_int_equal(begin(f), FCGI_REQUEST);
		if (i % 2)
			assert_int_equal(get(f, &byte, 1), 1);
		assert_true(finish(f));
		answer_read(f->theirs, &reply);
		assert_true(reply.ended);
	}
	wire_get(&wire, 1, true, "/after");
	wire_send(&wire, f->theirs);
	assert_int_equal(begin(f), FCGI_REQUEST);
	assert_param(f, 0, "REQUEST_URI", "/after");
	assert_true(finish(f));
}

static void
a_body_that_is_cut_is_not_a_short_one(void **state)
{
	struct fixture *f = *state;
	char got[64];

	wire_begin(&wire, 1, 1, true);
	wire_record(&wire, 4, 1, NULL, 0, 0);
	wire_record(&wire, 5, 1, "12345", 5, 0);
	wire_send(&wire, f->theirs);
	assert_int_equal(shutdown(f->theirs, SHUT_WR), 0);
	assert_int_equal(begin(f), FCGI_REQUEST);
	assert_int_equal(get(f, got, sizeof(got)), 5);
	assert_int_equal(get(f, got, sizeof(got)), IO_CUT);
	assert_int_equal(get(f, got, sizeof(got)), IO_CUT);
	assert_true(put(f, "Status: 400 Bad Request\r\n\r\n"));
	assert_false(finish(f));
	answer_read(f->theirs, &reply);
	assert_true(reply.ended && reply.n > 0);
}

static void
an_abort_ends_the_body_and_is_answered(void **state)
{
	struct fixture *f = *state;
	char got[64];

	wire_begin(&wire, 1, 1, true);
	wire_record(&wire, 4, 1, NULL, 0, 0);
	wire_record(&wire, 5, 1, "12345", 5, 0);
	wire_record(&wire, 2, 1, NULL, 0, 0);
	wire_send(&wire, f->theirs);
	assert_int_equal(begin(f), FCGI_REQUEST);
	assert_int_equal(get_all(f, got, sizeof(got)), -1);
	assert_false(finish(f));
	answer_read(f->theirs, &reply);
	assert_true(reply.ended);
	assert_int_equal(reply.state, RECORD_COMPLETE);
}

/* Nobody may take a connection for free that is about to be closed. */
static void
a_body_still_on_its_way_closes_with_the_answer(void **state)
{
	struct fixture *f = *state;
	struct io *io = fcgi_io(f->fcgi);
	char byte;

	wire_begin(&wire, 1, 1, true);
	wire_record(&wire, 4, 1, NULL, 0, 0);
	wire_record(&wire, 5, 1, "12345", 5, 0);
	wire_send(&wire, f->theirs);
	assert_int_equal(begin(f), FCGI_REQUEST);
	assert_true(put(f, "Status: 413 Content Too Large\r\n\r\n"));
	assert_true(io->end(io->self));
	answer_read(f->theirs, &reply);
	assert_true(reply.ended && reply.n > 0);
	assert_int_equal(recv(f->theirs, &byte, 1, MSG_DONTWAIT), 0);
	assert_false(finish(f));
}

static void
a_body_must_arrive_in_time(void **state)
{
	struct fixture *f = *state;
	struct fcgi *impatient = NULL;
	char got[64];

	assert_int_equal(fcgi_new(&f->ctx, 0, 1, &impatient), OK);
	wire_begin(&wire, 1, 1, true);
	wire_record(&wire, 4, 1, NULL, 0, 0);
	wire_record(&wire, 5, 1, "12345", 5, 0);
	wire_send(&wire, f->theirs);
	assert_int_equal(fcgi_begin(impatient, &f->ctx, f->ours, &f->params, &f->n), FCGI_REQUEST);
	assert_int_equal(
		fcgi_io(impatient)->read(fcgi_io(impatient)->self, got, sizeof(got)), IO_LATE);
	assert_int_equal(shutdown(f->theirs, SHUT_WR), 0);
	assert_false(fcgi_finish(impatient));
	f->ours = -1;
	fcgi_free(impatient);
}

/* What a peer's silence ends is late, not cut. */
static void
a_silent_peer_is_late(void **state)
{
	struct fixture *f = *state;
	char got[64];

	wire_begin(&wire, 1, 1, true);
	wire_record(&wire, 4, 1, NULL, 0, 0);
	wire_record(&wire, 5, 1, "12345", 5, 0);
	wire_send(&wire, f->theirs);
	assert_int_equal(begin(f), FCGI_REQUEST);
	assert_int_equal(setsockopt(f->ours, SOL_SOCKET, SO_RCVTIMEO, &(struct timeval){0, 20000},
		sizeof(struct timeval)), 0);
	assert_int_equal(get(f, got, sizeof(got)), 5);
	assert_int_equal(get(f, got, sizeof(got)), IO_LATE);
	assert_false(finish(f));
}

/* Sends n bytes of a body, reads them, and lets the time of a request pass. */
static void
send_and_outlast(struct fixture *f, struct io *io, int64_t timeout)
{
	static char body[5000], got[sizeof(body)];
	size_t n = 0;
	int64_t end;

	wire.n = 0;
	wire_record(&wire, 5, 1, body, sizeof(body), 0);
	wire_send(&wire, f->theirs);
	while (n < sizeof(body)) {
		ssize_t r = io->read(io->self, got, sizeof(got));

		assert_true(r > 0);
		n += (size_t)r;
	}
	end = time_mono_us() + timeout;
	while (time_mono_us() < end)
		;
}

static void
the_time_of_a_paced_body_grows(void **state)
{
	enum { SHORT = 300 * 1000 };
	struct fixture *f = *state;
	struct fcgi *impatient = NULL;
	struct io *io;
	char got[64];

	assert_int_equal(fcgi_new(&f->ctx, SHORT, 1, &impatient), OK);
	io = fcgi_io(impatient);
	wire_begin(&wire, 1, 1, true);
	wire_record(&wire, 4, 1, NULL, 0, 0);
	wire_send(&wire, f->theirs);
	assert_int_equal(fcgi_begin(impatient, &f->ctx, f->ours, &f->params, &f->n), FCGI_REQUEST);
	io->pace(io->self, true);
	send_and_outlast(f, io, SHORT);
	send_and_outlast(f, io, SHORT);
	/* Once nobody needs it any more, it has what others have. */
	io->pace(io->self, false);
	send_and_outlast(f, io, SHORT);
	assert_int_equal(io->read(io->self, got, sizeof(got)), IO_LATE);
	assert_int_equal(shutdown(f->theirs, SHUT_WR), 0);
	assert_false(fcgi_finish(impatient));
	f->ours = -1;
	fcgi_free(impatient);
}

/* ---- peers that go away ------------------------------------------------------------------ */

static void
writing_to_a_peer_that_has_gone_says_so(void **state)
{
	struct fixture *f = *state;
	struct io *io = fcgi_io(f->fcgi);
	static char page[100 * 1024];
	bool gone = false;

	wire_get(&wire, 1, true, "/");
	wire_send(&wire, f->theirs);
	assert_int_equal(begin(f), FCGI_REQUEST);
	(void)close(f->theirs);
	f->theirs = -1;
	for (int i = 0; i < 3 && !gone; i++)
		gone = !io->write(io->self, page, sizeof(page));
	assert_true(gone);
	assert_false(io->write(io->self, page, 1));
	assert_false(finish(f));
}

static void
writing_to_a_peer_that_takes_nothing_ends(void **state)
{
	struct fixture *f = *state;
	struct io *io = fcgi_io(f->fcgi);
	static char page[1024 * 1024];

	wire_get(&wire, 1, true, "/");
	wire_send(&wire, f->theirs);
	assert_int_equal(begin(f), FCGI_REQUEST);
	assert_int_equal(setsockopt(f->ours, SOL_SOCKET, SO_SNDTIMEO, &(struct timeval){0, 20000},
		sizeof(struct timeval)), 0);
	assert_false(io->write(io->self, page, sizeof(page)));
	assert_false(finish(f));
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(a_body_is_the_same_however_it_was_cut),
		TEST(a_body_that_nobody_read_does_not_disturb_the_next_request),
		TEST(a_body_that_is_cut_is_not_a_short_one),
		TEST(an_abort_ends_the_body_and_is_answered),
		TEST(a_body_still_on_its_way_closes_with_the_answer),
		TEST(a_body_must_arrive_in_time),
		TEST(a_silent_peer_is_late),
		TEST(the_time_of_a_paced_body_grows),
		TEST(writing_to_a_peer_that_has_gone_says_so),
		TEST(writing_to_a_peer_that_takes_nothing_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
