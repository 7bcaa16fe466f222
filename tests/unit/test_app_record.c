/*
 * FastCGI records as bytes: looking at what a peer sent, whatever the cut, and answering management
 * records.
 */
#include "app_fixture.h"

#include "app/record.h"

static struct wire wire;

static enum record_look
look(size_t n, size_t *take)
{
	*take = 0;
	return record_look(wire.p, n, take);
}

static void
assert_look(enum record_look want)
{
	size_t take;

	assert_int_equal(look(wire.n, &take), want);
	wire.n = 0;
}

/* ---- a request, byte by byte ------------------------------------------------------------- */

static const unsigned char worked[] = {
	0x01, 0x01, 0x00, 0x07, 0x00, 0x08, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	0x01, 0x04, 0x00, 0x07, 0x00, 0x13, 0x05, 0x00, 0x0e, 0x03, 0x52, 0x45, 0x51, 0x55, 0x45, 0x53,
	0x54, 0x5f, 0x4d, 0x45, 0x54, 0x48, 0x4f, 0x44, 0x47, 0x45, 0x54, 0x00, 0x00, 0x00, 0x00, 0x00,
	0x01, 0x04, 0x00, 0x07, 0x00, 0x00, 0x00, 0x00,
	0x01, 0x05, 0x00, 0x07, 0x00, 0x00, 0x00, 0x00,
};

static void
a_request_is_ready_when_its_parameters_have_ended(void **state)
{
	size_t take;

	(void)state;
	wire.n = 0;
	wire_bytes(&wire, worked, sizeof(worked));
	for (size_t n = 0; n < 56; n++)
		assert_int_equal(look(n, &take), RECORD_PARTIAL);
	assert_int_equal(look(56, &take), RECORD_READY);
	assert_int_equal(look(wire.n, &take), RECORD_READY);
}

/* A request of these parameters, in one record. */
static bool
reads(const char *const *pairs, bool long_form)
{
	unsigned char content[1024];
	size_t n = 0;

	wire.n = 0;
	wire_begin(&wire, 3, 1, true);
	for (; pairs[0]; pairs += 2)
		n += wire_pair(content + n, pairs[0], pairs[1], long_form);
	wire_record(&wire, 4, 3, content, n, 5);
	wire_record(&wire, 4, 3, NULL, 0, 0);
	return record_reads(wire.p, wire.n);
}

static void
what_only_reads_is_told_by_its_method(void **state)
{
	static const char *const get[] = {"QUERY_STRING", "", "REQUEST_METHOD", "GET", "X", "POST", NULL};
	static const char *const head[] = {"REQUEST_METHOD", "HEAD", NULL};
	static const char *const post[] = {"X_REQUEST_METHOD", "GET", "REQUEST_METHOD", "POST", NULL};
	static const char *const other[] = {"REQUEST_METHOD", "GETS", NULL};
	static const char *const none[] = {"REQUEST_URI", "/", NULL};

	(void)state;
	for (int long_form = 0; long_form < 2; long_form++) {
		assert_true(reads(get, long_form));
		assert_true(reads(head, long_form));
		assert_false(reads(post, long_form));
		assert_false(reads(other, long_form));
		assert_true(reads(none, long_form));
	}
	/* Whatever is missing of it. */
	assert_false(reads(post, false));
	for (size_t n = 0, whole = wire.n - 8 - 5; n < whole; n++)
		assert_true(record_reads(wire.p, n));
}

static void
headers_are_read_and_written(void **state)
{
	struct record r;
	unsigned char p[8];

	(void)state;
	assert_true(record_parse(worked + 16, &r));
	assert_int_equal(r.type, RECORD_PARAMS);
	assert_int_equal(r.id, 7);
	assert_int_equal(r.content, 0x13);
	assert_int_equal(r.padding, 5);
	record_put(p, &r);
	assert_memory_equal(p, worked + 16, 8);
	p[0] = 2;
	assert_false(record_parse(p, &r));
}

static void
an_end_record_has_its_sixteen_bytes(void **state)
{
	static const unsigned char want[] = {1, 3, 0x12, 0x34, 0, 8, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0};
	unsigned char p[RECORD_END_BYTES];

	(void)state;
	record_put_end(p, 0x1234, RECORD_UNKNOWN_ROLE);
	assert_memory_equal(p, want, sizeof(want));
}

/* ---- what else can stand at the beginning ------------------------------------------------ */

static void
records_for_no_request_are_skipped(void **state)
{
	size_t take;

	(void)state;
	wire.n = 0;
	wire_record(&wire, RECORD_STDIN, 9, "late", 4, 4);
	wire_record(&wire, RECORD_ABORT, 9, NULL, 0, 255);
	wire_get(&wire, 1, true, "/");
	assert_int_equal(look(wire.n, &take), RECORD_STRAY);
	assert_int_equal(take, 8 + 8 + 8 + 255);
	memmove(wire.p, wire.p + take, wire.n -= take);
	assert_look(RECORD_READY);
	wire_record(&wire, RECORD_STDIN, 9, "late", 4, 4);
	assert_int_equal(look(wire.n - 1, &take), RECORD_PARTIAL);
	wire.n = 0;
}

static void
what_no_front_server_sends_is_broken(void **state)
{
	static const unsigned char short_begin[3] = {0, 1, 0};

	(void)state;
	wire.n = 0;
	wire_bytes(&wire, "GET / HTTP/1.1\r\n\r\n", 18);
	assert_look(RECORD_BROKEN);
	wire_record(&wire, RECORD_BEGIN, 1, short_begin, 3, 0);
	assert_look(RECORD_BROKEN);
	wire_begin(&wire, 0, 1, true);
	assert_look(RECORD_BROKEN);
	wire_record(&wire, 200, 5, NULL, 0, 0);
	assert_look(RECORD_BROKEN);
	for (int type = RECORD_END; type <= RECORD_UNKNOWN; type++) {
		if (type == RECORD_PARAMS || type == RECORD_STDIN || type == RECORD_DATA)
			continue;
		wire_record(&wire, type, type == RECORD_GET_VALUES ? 1 : 0, NULL, 0, 0);
		assert_look(RECORD_BROKEN);
	}
	wire_get(&wire, 1, true, "/");
	wire.p[0] = 0;
	assert_look(RECORD_BROKEN);
	wire_begin(&wire, 1, 1, true);
	wire_record(&wire, RECORD_PARAMS, 1, NULL, 0, 3);
	assert_look(RECORD_BROKEN);
}

static void
inside_a_request_only_its_parameters_may_come(void **state)
{
	static const int types[] = {RECORD_BEGIN, RECORD_ABORT, RECORD_STDIN, RECORD_DATA};

	(void)state;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		wire.n = 0;
		wire_begin(&wire, 1, 1, true);
		wire_record(&wire, types[i], 1, "12345678", 8, 0);
		assert_look(RECORD_BROKEN);
	}
	/* Those of another id are libfcgi's to skip or to refuse. */
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		wire.n = 0;
		wire_begin(&wire, 1, 1, true);
		wire_record(&wire, types[i], 2, "12345678", 8, 0);
		wire_record(&wire, RECORD_PARAMS, 1, NULL, 0, 0);
		assert_look(RECORD_READY);
	}
}

static void
long_management_records_are_answered_or_broken_but_never_get_through(void **state)
{
	unsigned char names[480], answered[RECORD_MAX_ANSWER];
	size_t n = 0;

	(void)state;
	while (n + 15 <= sizeof(names))
		n += wire_pair(names + n, "FCGI_MAX_REQS", "", false);
	wire.n = 0;
	wire_record(&wire, RECORD_GET_VALUES, 0, names, n, 0);
	assert_int_equal(record_answer(wire.p, wire.n, 1, answered), 8 + 16);
	assert_look(RECORD_MANAGEMENT);
	wire_begin(&wire, 1, 1, true);
	wire_record(&wire, RECORD_GET_VALUES, 0, names, n, 0);
	wire_record(&wire, RECORD_PARAMS, 1, NULL, 0, 0);
	assert_look(RECORD_BROKEN);
	wire_begin(&wire, 1, 1, true);
	wire_record(&wire, RECORD_GET_VALUES, 0, names, 45, 0);
	wire_record(&wire, RECORD_PARAMS, 1, NULL, 0, 0);
	assert_look(RECORD_READY);
	/* libfcgi would take the content of an unknown one for parameters. */
	wire_begin(&wire, 1, 1, true);
	wire_record(&wire, 77, 0, "x", 1, 0);
	wire_record(&wire, RECORD_PARAMS, 1, NULL, 0, 0);
	assert_look(RECORD_BROKEN);
}

/* ---- management records ------------------------------------------------------------------ */

static size_t
answer(unsigned char *out)
{
	size_t take, n;

	assert_int_equal(look(wire.n, &take), RECORD_MANAGEMENT);
	assert_int_equal(take, wire.n);
	n = record_answer(wire.p, wire.n, 4096, out);
	wire.n = 0;
	return n;
}

static void
get_values_is_answered_with_what_we_know(void **state)
{
	static const unsigned char question[] = {0x0d, 0x00, 0x46, 0x43, 0x47, 0x49, 0x5f, 0x4d, 0x41, 0x58,
		0x5f, 0x52, 0x45, 0x51, 0x53};
	unsigned char out[RECORD_MAX_ANSWER], names[64];
	size_t n = 0;

	(void)state;
	wire.n = 0;
	wire_record(&wire, RECORD_GET_VALUES, 0, question, sizeof(question), 1);
	assert_int_equal(answer(out), 8 + 24);
	assert_memory_equal(out, "\x01\x0a\0\0\0\x13\x05\0\x0d\x04" "FCGI_MAX_REQS4096\0\0\0\0\0", 32);

	n = wire_pair(names, "FCGI_MPXS_CONNS", "", false);
	n += wire_pair(names + n, "NO_SUCH", "", true);
	n += wire_pair(names + n, "FCGI_MPXS_CONNS", "", false);
	wire_record(&wire, RECORD_GET_VALUES, 0, names, n, 0);
	assert_int_equal(answer(out), 8 + 24);
	assert_memory_equal(out, "\x01\x0a\0\0\0\x12\x06\0\x0f\x01" "FCGI_MPXS_CONNS0\0\0\0\0\0\0", 32);

	n = wire_pair(names, "FCGI_MAX_CONNS", "", false);
	n += wire_pair(names + n, "FCGI_MAX_REQS", "", false);
	n += wire_pair(names + n, "FCGI_MPXS_CONNS", "", false);
	wire_record(&wire, RECORD_GET_VALUES, 0, names, n, 0);
	assert_int_equal(answer(out), 8 + 64);
	wire_record(&wire, RECORD_GET_VALUES, 0, NULL, 0, 0);
	assert_int_equal(answer(out), 8);
}

static void
other_management_records_are_unknown(void **state)
{
	unsigned char out[RECORD_MAX_ANSWER];

	(void)state;
	wire.n = 0;
	wire_record(&wire, 77, 0, "abc", 3, 5);
	assert_int_equal(answer(out), 16);
	assert_memory_equal(out, "\x01\x0b\0\0\0\x08\0\0\x4d\0\0\0\0\0\0\0", 16);
}

static void
lengths_beyond_the_record_are_refused(void **state)
{
	static const struct {
		unsigned char p[8];
		size_t n;
	} bad[] = {
		{{0x0d}, 1},				/* no value length */
		{{0x0d, 0}, 2},				/* no name */
		{{0, 1}, 2},				/* no value */
		{{0xff, 0xff, 0xff, 0xff}, 4},		/* two gigabytes of name */
		{{0xff, 0xff}, 2},			/* half a length */
		{{0, 0x80, 0, 0, 1}, 5},
		{{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, 8},
		{{0, 0, 1}, 3},				/* a good pair, then half of one */
	};
	unsigned char out[RECORD_MAX_ANSWER];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		wire.n = 0;
		wire_record(&wire, RECORD_GET_VALUES, 0, bad[i].p, bad[i].n, 0);
		assert_int_equal(record_answer(wire.p, wire.n, 1, out), 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_is_ready_when_its_parameters_have_ended),
		cmocka_unit_test(what_only_reads_is_told_by_its_method),
		cmocka_unit_test(headers_are_read_and_written),
		cmocka_unit_test(an_end_record_has_its_sixteen_bytes),
		cmocka_unit_test(records_for_no_request_are_skipped),
		cmocka_unit_test(what_no_front_server_sends_is_broken),
		cmocka_unit_test(inside_a_request_only_its_parameters_may_come),
		cmocka_unit_test(long_management_records_are_answered_or_broken_but_never_get_through),
		cmocka_unit_test(get_values_is_answered_with_what_we_know),
		cmocka_unit_test(other_management_records_are_unknown),
		cmocka_unit_test(lengths_beyond_the_record_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
