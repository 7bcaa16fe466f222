/*
 * multipart/form-data. Every vector is fed whole, byte by byte, and cut in two at every offset, and
 * must come to the same end each time: what the parser keeps between two feeds is where it would
 * go wrong.
 */
#include "http_fixture.h"

#include "http/multipart.h"

#include <stdio.h>
#include <stdlib.h>

static const char TYPE[] = "multipart/form-data; boundary=B";

/* What the sink saw, as text: name[/filename][(type)]=data| */
struct record {
	char text[64 * 1024];
	size_t n;
	enum err fail_in_data;
};

static void
record_put(struct record *r, struct str s)
{
	assert_true(s.n < sizeof(r->text) - r->n);
	if (s.n > 0)
		memcpy(r->text + r->n, s.p, s.n);
	r->n += s.n;
}

static enum err
record_begin(struct ctx *c, void *self, const struct multipart_part *part)
{
	struct record *r = self;

	(void)c;
	record_put(r, part->name);
	if (part->is_file) {
		record_put(r, S("/"));
		record_put(r, part->filename);
	}
	if (part->type.n > 0) {
		record_put(r, S("("));
		record_put(r, part->type);
		record_put(r, S(")"));
	}
	record_put(r, S("="));
	return OK;
}

static enum err
record_data(struct ctx *c, void *self, struct str bytes)
{
	struct record *r = self;

	assert_true(bytes.n > 0);
	if (r->fail_in_data)
		return err_raise(c, r->fail_in_data, "as told");
	record_put(r, bytes);
	return OK;
}

static enum err
record_end(struct ctx *c, void *self)
{
	(void)c;
	record_put(self, S("|"));
	return OK;
}

static char hint[160]; /* of the last run */

/* Feeds [0, cut) and [cut, n), the second part in pieces; a copy of each piece, exactly its size.
 */
static enum err
run(struct record *r, const char *type, struct str body, size_t cut, size_t piece)
{
	struct multipart_sink sink = {r, record_begin, record_data, record_end};
	struct multipart *m;
	struct ctx c;
	enum err err;

	r->n = 0;
	ctx_init(&c, 1 << 20);
	err = multipart_new(&c, str_z(type), &sink, &m);
	for (size_t at = 0, end = cut; !err && at < body.n; at = end, end += piece) {
		size_t n = end < body.n ? end - at : body.n - at;
		char *copy = malloc(n + 1);

		assert_non_null(copy);
		memcpy(copy, body.p + at, n);
		err = multipart_feed(&c, m, str_n(copy, n));
		memset(copy, '#', n);
		free(copy);
		if (end > body.n)
			break;
	}
	if (!err)
		err = multipart_end(&c, m);
	(void)snprintf(hint, sizeof(hint), "%s", c.err.hint);
	ctx_fini(&c);
	return err;
}

/* want: what the sink must have seen; NULL if that is of no interest. */
static void
vector_typed(const char *type, struct str body, enum err want_err, const char *want)
{
	static struct record r;

	for (size_t cut = 0; cut <= body.n + 1; cut++) {
		bool bytewise = cut == body.n + 1;
		enum err err = run(&r, type, body, bytewise ? 0 : cut, bytewise ? 1 : body.n + 1);

		if (err != want_err)
			print_error("cut at %zu of: %.*s\n", cut, STR(body));
		assert_string_equal(err_info(err)->name, err_info(want_err)->name);
		if (want)
			assert_str(str_n(r.text, r.n), want);
	}
}

static void
vector(struct str body, enum err want_err, const char *want)
{
	vector_typed(TYPE, body, want_err, want);
}

/* One part named x with that content. */
#define PART(content) "--B\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\n" content "\r\n"
/* One part with those header lines. */
#define HEAD(lines) "--B\r\n" lines "\r\n\r\ndata\r\n--B--\r\n"
/* One part whose Content-Disposition has those parameters. */
#define PARAMS(params) HEAD("Content-Disposition: form-data; " params)

static void
test_parts_in_order(void **state)
{
	(void)state;
	vector(S(PART("one") PART("two") "--B--\r\n"), OK, "x=one|x=two|");
	vector(S(PART("one") "--B--"), OK, "x=one|");
	vector(S("--B\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"a b.png\"\r\n"
		 "Content-Type: image/png\r\n\r\n\x89PNG\r\n--B--\r\n"),
		OK, "photo/a b.png(image/png)=\x89PNG|");
}

static void
test_preamble_and_epilogue_are_ignored(void **state)
{
	(void)state;
	vector(S("hello\r\n-\r\n--\r\n--C\r\n" PART("v") "--B--\r\nbye\r\n--B\r\nnonsense"), OK,
		"x=v|");
	vector(S("\r\n" PART("v") "--B--"), OK, "x=v|");
	vector(S("x--B\r\n" PART("v") "--B--"), OK, "x=v|");
}

static void
test_padding_behind_a_boundary(void **state)
{
	(void)state;
	vector(S("--B \t \r\nContent-Disposition: form-data; name=x\r\n\r\nv\r\n--B-- \t\r\n"), OK,
		"x=v|");
	vector(S(PART("v") "--B-- "), OK, "x=v|");
}

static void
test_no_parts_and_no_content(void **state)
{
	(void)state;
	vector(S("--B--"), OK, "");
	vector(S("--B--\r\n"), OK, "");
	vector(S(PART("") "--B--"), OK, "x=|");
	/* A part without the line end before its content (RFC 2046, body-part). */
	vector(S("--B\r\nContent-Disposition: form-data; name=x\r\n\r\n--B--"), OK, "x=|");
}

static void
test_almost_a_boundary_is_data(void **state)
{
	(void)state;
	vector(S(PART("a\r\n--Bx\r\n--B") "--B--"), ERR_BAD_MULTIPART, NULL);
	vector(S(PART("a\r\n--Bx") "--B--"), OK, "x=a\r\n--Bx|");
	vector(S(PART("a\r\n--B-x") "--B--"), OK, "x=a\r\n--B-x|");
	vector(S(PART("a\r\n--B--x") "--B--"), OK, "x=a\r\n--B--x|");
	vector(S(PART("a\r\n--B-\r\r\n") "--B--"), OK, "x=a\r\n--B-\r\r\n|");
	vector(S(PART("\r\n--\r\n-\r\r\n--") "--B--"), OK, "x=\r\n--\r\n-\r\r\n--|");
	vector(S(PART("\r\r\r\n") "--B--"), OK, "x=\r\r\r\n|");
	vector(S(PART("--") "--B--"), OK, "x=--|");
	vector(S(PART("a--B") "--B--"), OK, "x=a--B|");
	vector(S(PART("a\n--B--") "--B--"), OK, "x=a\n--B--|");
	vector(S(PART("a\r\n--b") "--B--"), OK, "x=a\r\n--b|");
}

static void
test_a_body_cut_anywhere_is_refused(void **state)
{
	static struct record r;
	struct str whole = S(PART("one") PART("two") "--B--");

	(void)state;
	for (size_t n = 0; n < whole.n; n++) {
		struct str cut = str_n(whole.p, n);

		assert_int_equal(run(&r, TYPE, cut, n, 1), ERR_BAD_MULTIPART);
	}
	assert_int_equal(run(&r, TYPE, whole, whole.n, 1), OK);
}

static void
test_line_ends_are_cr_lf(void **state)
{
	(void)state;
	vector(S("--B\nContent-Disposition: form-data; name=x\n\nv\n--B--\n"), ERR_BAD_MULTIPART,
		"");
	vector(S("--B\r\nContent-Disposition: form-data; name=x\n\r\n\r\nv\r\n--B--"),
		ERR_BAD_MULTIPART, NULL);
	vector(S("--B\r\rContent"), ERR_BAD_MULTIPART, "");
	vector(S("--B \rx"), ERR_BAD_MULTIPART, "");
	vector(S("--B x"), ERR_BAD_MULTIPART, "");
	vector(S(PART("v") "--B\n"), ERR_BAD_MULTIPART, NULL);
}

static void
test_part_headers(void **state)
{
	(void)state;
	vector(S(HEAD("CONTENT-DISPOSITION: Form-Data; NAME=x\r\nX-Other: 1")), OK, "x=data|");
	vector(S(HEAD("Content-Disposition:form-data;name=x")), OK, "x=data|");
	vector(S(HEAD("Content-Type: text/plain")), ERR_BAD_MULTIPART, "");
	vector(S("--B\r\n\r\ndata\r\n--B--"), ERR_BAD_MULTIPART, "");
	vector(S(HEAD("Content-Disposition: attachment; name=x")), ERR_BAD_MULTIPART, "");
	vector(S(HEAD("Content-Disposition: form-data")), ERR_BAD_MULTIPART, "");
	vector(S(HEAD("Content-Disposition: form-data; name=x\r\n folded")), ERR_BAD_MULTIPART, "");
	vector(S(HEAD("no colon\r\nContent-Disposition: form-data; name=x")), ERR_BAD_MULTIPART,
		"");
	vector(S(HEAD("Content-Disposition : form-data; name=x")), ERR_BAD_MULTIPART, "");
	vector(S(HEAD("X: \rContent-Disposition: form-data; name=x")), ERR_BAD_MULTIPART, "");
	vector(S(HEAD("X: a\0b\r\nContent-Disposition: form-data; name=x")), ERR_BAD_MULTIPART, "");
	vector(S(HEAD("Content-Disposition: form-data; name=x\r\nContent-Disposition: form-data; "
		      "name=y")),
		ERR_BAD_MULTIPART, "");
}

static void
test_names_and_filenames(void **state)
{
	(void)state;
	vector(S(PARAMS("name=\"a%22b%0d%0Ac%41+\"")), OK, "a\"b\r\nc%41+=data|");
	vector(S(PARAMS("name=\"a\\\"b\\c\"")), OK, "a\"b\\c=data|");
	vector(S(PARAMS("name=\"caf\xc3\xa9[]\"")), OK, "caf\xc3\xa9[]=data|");
	vector(S(PARAMS("name=\"x\"; filename=\"\"")), OK, "x/=data|");
	vector(S(PARAMS("name=\"x\"; filename=\"../../etc/passwd\"")), OK, "x/passwd=data|");
	vector(S(PARAMS("name=\"x\"; filename=\"C:\\dir\\a.png\"")), OK, "x/a.png=data|");
	vector(S(PARAMS("filename=a.png; name=x")), OK, "x/a.png=data|");
	vector(S(PARAMS("name=x; filename*=UTF-8''a.png")), OK, "x=data|");
	vector(S(PARAMS("name=\"a;b\"")), OK, "a;b=data|");
	vector(S(PARAMS("name=\"\"")), OK, "=data|");
	vector(S(PARAMS("name=a b")), ERR_BAD_MULTIPART, "");
	vector(S(PARAMS("name=x; name=y")), ERR_BAD_MULTIPART, "");
	vector(S(PARAMS("name=x; filename=a; filename=b")), ERR_BAD_MULTIPART, "");
	vector(S(PARAMS("name=\"x")), ERR_BAD_MULTIPART, "");
	vector(S(PARAMS("name=\"\xff\"")), ERR_BAD_ENCODING, "");
	vector(S(PARAMS("name=x; filename=\"caf\xe9.jpg\"")), OK, "x/=data|");
	vector(S(PARAMS("name=x; filename=\"\xc0\xaf\"")), OK, "x/=data|");
}

/* Names of files are not looked at, whatever stands in them; nothing else may hold such bytes. */
static void
test_controls_are_good_in_a_filename_only(void **state)
{
	(void)state;
	vector(S(PARAMS("name=x; filename=\"a\nb.png\"")), OK, "x/a\nb.png=data|");
	vector(S(PARAMS("name=x; filename=\"a\rb.png\"; y=z")), OK, "x/a\rb.png=data|");
	vector(S(PARAMS("name=x; filename=\"a\0b.png\"")), OK, "x/=data|");
	vector(S(PARAMS("name=\"x\ny\"")), ERR_BAD_MULTIPART, "");
	vector(S(PARAMS("name=\"x\ny\"; filename=\"a\nb\"")), ERR_BAD_MULTIPART, "");
	vector(S(PARAMS("name=x;\n filename=\"a\nb\"")), ERR_BAD_MULTIPART, "");
	vector(S(PARAMS("name=x; filename=\"a\"\n")), ERR_BAD_MULTIPART, "");
	vector(S(PARAMS("name=x; filename=a\nb")), ERR_BAD_MULTIPART, "");
	vector(S(PARAMS("name=x; y=\"a\0b\"; filename=\"a\"")), ERR_BAD_MULTIPART, "");
	vector(S(PARAMS("name=x; filename=\"a\nb\"; filename=\"c\nd\"")), ERR_BAD_MULTIPART, "");
	vector(S(HEAD("Content-Disposition\n: form-data; name=x")), ERR_BAD_MULTIPART, "");
	vector(S(HEAD("Content-Disposition: form-data\0; name=x")), ERR_BAD_MULTIPART, "");
}

static void
test_encodings_that_change_bytes_and_nesting_are_refused(void **state)
{
	(void)state;
	vector(S(PARAMS("name=x\r\nContent-Transfer-Encoding: BINARY")), OK, "x=data|");
	vector(S(PARAMS("name=x\r\nContent-Transfer-Encoding: 8bit")), OK, "x=data|");
	vector(S(PARAMS("name=x\r\nContent-Transfer-Encoding: 7bit")), OK, "x=data|");
	vector(S(PARAMS("name=x\r\nContent-Transfer-Encoding: base64")), ERR_BAD_MULTIPART, "");
	vector(S(PARAMS("name=x\r\nContent-Transfer-Encoding: quoted-printable")),
		ERR_BAD_MULTIPART, "");
	vector(S(PARAMS("name=x\r\nContent-Type: Multipart/Mixed; boundary=C")), ERR_BAD_MULTIPART,
		"");
}

static void
boundary(const char *type, enum err want)
{
	static struct record r;
	enum err err = run(&r, type, S("--a b=?:'()+_,-./9--"), 0, 100);

	if (err != want)
		print_error("type %s\n", type);
	assert_int_equal(err, want);
}

static void
test_boundaries(void **state)
{
	char longest[128];

	(void)state;
	boundary("multipart/form-data; boundary=\"a b=?:'()+_,-./9\"", OK);
	boundary("Multipart/Form-Data; charset=utf-8; Boundary=\"a b=?:'()+_,-./9\"", OK);
	boundary("multipart/form-data; boundary=a b=?:'()+_,-./9", OK);
	boundary("multipart/form-data", ERR_BAD_MULTIPART);
	boundary("multipart/mixed; boundary=B", ERR_BAD_MULTIPART);
	boundary("", ERR_BAD_MULTIPART);
	boundary("multipart/form-data; boundary=", ERR_BAD_MULTIPART);
	boundary("multipart/form-data; boundary=\"\"", ERR_BAD_MULTIPART);
	boundary("multipart/form-data; boundary=\"a \"", ERR_BAD_MULTIPART);
	boundary("multipart/form-data; boundary=\"a\\b\"", ERR_BAD_MULTIPART);
	boundary("multipart/form-data; boundary=a\"", ERR_BAD_MULTIPART);
	boundary("multipart/form-data; boundary=B; boundary=B", ERR_BAD_MULTIPART);
	boundary("multipart/form-data; boundary=\"a", ERR_BAD_MULTIPART);
	vector_typed("multipart/form-data; boundary=B", S("--b--"), ERR_BAD_MULTIPART, "");
	(void)snprintf(longest, sizeof(longest), "multipart/form-data; boundary=%070d", 0);
	vector_typed(longest,
		S("--0000000000000000000000000000000000000000000000000000000000000000000000--"), OK,
		"");
	(void)snprintf(longest, sizeof(longest), "multipart/form-data; boundary=%071d", 0);
	boundary(longest, ERR_BAD_MULTIPART);
}

/* A body of n parts, or of one part with n extra header lines of a length. */
static struct str
body_build(char *p, size_t parts, size_t lines, size_t length)
{
	struct str head = S("--B\r\nContent-Disposition: form-data; name=x\r\n");
	size_t n = 0;

	for (size_t i = 0; i < parts; i++) {
		memcpy(p + n, head.p, head.n);
		n += head.n;
		for (size_t j = 0; j < lines; j++) {
			memcpy(p + n, "X: ", 3);
			memset(p + n + 3, 'y', length);
			memcpy(p + n + 3 + length, "\r\n", 2);
			n += length + 5;
		}
		memcpy(p + n, "\r\nv\r\n", 5);
		n += 5;
	}
	memcpy(p + n, "--B--", 5);
	return str_n(p, n + 5);
}

static void
test_limits(void **state)
{
	static struct record r;
	static char p[64 * 1024];
	struct str body;

	(void)state;
	body = body_build(p, MULTIPART_MAX_PARTS, 0, 0);
	assert_int_equal(run(&r, TYPE, body, 0, 1000), OK);
	body = body_build(p, MULTIPART_MAX_PARTS + 1, 0, 0);
	assert_int_equal(run(&r, TYPE, body, 0, 1000), ERR_BAD_MULTIPART);
	assert_string_equal(hint, "more than 256 parts");
	body = body_build(p, 1, MULTIPART_MAX_HEADERS - 1, 10);
	assert_int_equal(run(&r, TYPE, body, 0, 1000), OK);
	body = body_build(p, 1, MULTIPART_MAX_HEADERS, 10);
	assert_int_equal(run(&r, TYPE, body, 0, 1000), ERR_BAD_MULTIPART);
	body = body_build(p, 1, 1, MULTIPART_MAX_HEAD - 100);
	assert_int_equal(run(&r, TYPE, body, 0, 1000), OK);
	body = body_build(p, 1, 1, MULTIPART_MAX_HEAD);
	assert_int_equal(run(&r, TYPE, body, 0, 1000), ERR_BAD_MULTIPART);
}

static void
test_an_error_of_the_sink_stops_the_parse(void **state)
{
	static struct record r;

	(void)state;
	r.fail_in_data = ERR_BODY_TOO_LARGE;
	assert_int_equal(
		run(&r, TYPE, S(PART("one") PART("two") "--B--"), 0, 5), ERR_BODY_TOO_LARGE);
	assert_str(str_n(r.text, r.n), "x=");
	r.fail_in_data = OK;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parts_in_order),
		cmocka_unit_test(test_preamble_and_epilogue_are_ignored),
		cmocka_unit_test(test_padding_behind_a_boundary),
		cmocka_unit_test(test_no_parts_and_no_content),
		cmocka_unit_test(test_almost_a_boundary_is_data),
		cmocka_unit_test(test_a_body_cut_anywhere_is_refused),
		cmocka_unit_test(test_line_ends_are_cr_lf),
		cmocka_unit_test(test_part_headers),
		cmocka_unit_test(test_names_and_filenames),
		cmocka_unit_test(test_controls_are_good_in_a_filename_only),
		cmocka_unit_test(test_encodings_that_change_bytes_and_nesting_are_refused),
		cmocka_unit_test(test_boundaries),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_an_error_of_the_sink_stops_the_parse),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
