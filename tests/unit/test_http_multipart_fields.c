/*
 * multipart/form-data as a form: text parts as pairs, files to whom they are for, whole or in
 * pieces.
 */
#include "http_fixture.h"

#include "http/multipart.h"

#include <stdio.h>

static const char TYPE[] = "multipart/form-data; boundary=B";

/* One part named x with that content. */
#define PART(content) "--B\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\n" content "\r\n"

static struct ctx c;
static struct pair *pairs;
static size_t n_pairs;
static size_t piece; /* bytes fed at once; 0: all */

/* The files that came. */
static struct {
	size_t field;
	char name[32], filename[32], type[32];
	char bytes[64];
	size_t n;
} seen[4];
static size_t n_seen;
static enum err refuse; /* what a file meets at its beginning */

static int
setup(void **state)
{
	(void)state;
	ctx_init(&c, 16 << 20);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	ctx_fini(&c);
	return 0;
}

static enum err
file_begin(struct ctx *ctx, void *self, const struct multipart_part *part, size_t field)
{
	(void)ctx;
	assert_ptr_equal(self, seen);
	assert_true(part->is_file);
	if (refuse)
		return refuse;
	memset(&seen[n_seen], 0, sizeof(seen[0]));
	seen[n_seen].field = field;
	(void)snprintf(seen[n_seen].name, 32, "%.*s", STR(part->name));
	(void)snprintf(seen[n_seen].filename, 32, "%.*s", STR(part->filename));
	(void)snprintf(seen[n_seen].type, 32, "%.*s", STR(part->type));
	n_seen++;
	return OK;
}

static enum err
file_data(struct ctx *ctx, void *self, struct str bytes)
{
	(void)ctx;
	(void)self;
	memcpy(seen[n_seen - 1].bytes + seen[n_seen - 1].n, bytes.p, bytes.n);
	seen[n_seen - 1].n += bytes.n;
	return OK;
}

static enum err
fields(struct str body)
{
	const struct multipart_files files = {seen, file_begin, file_data};
	struct multipart_fields *f;
	size_t step = piece ? piece : body.n + 1;
	enum err err;

	err_clear(&c);
	n_seen = 0;
	n_pairs = 99;
	err = multipart_fields_new(&c, str_z(TYPE), &files, &f);
	for (size_t at = 0; !err && at < body.n; at += step)
		err = multipart_fields_feed(&c, f, str_sub(body, at, at + step));
	return err ? err : multipart_fields_end(&c, f, &pairs, &n_pairs);
}

static void
test_fields_are_taken_as_they_are(void **state)
{
	(void)state;
	assert_int_equal(fields(S(PART("a+b%20\r\nc") PART("") "--B--")), OK);
	assert_int_equal(n_pairs, 2);
	assert_str(pairs[0].name, "x");
	assert_str(pairs[0].value, "a+b%20\r\nc");
	assert_non_null(pairs[1].value.p);
	assert_int_equal(pairs[1].value.n, 0);
	assert_int_equal(fields(S("--B--")), OK);
	assert_int_equal(n_pairs, 0);
}

#define FILE_PART(filename, content)                                                               \
	"--B\r\nContent-Disposition: form-data; name=photo; filename=\"" filename                  \
	"\"\r\n\r\n" content "\r\n"

static void
test_an_empty_file_control_is_passed_over(void **state)
{
	(void)state;
	assert_int_equal(fields(S(FILE_PART("", "") PART("v") "--B--")), OK);
	assert_int_equal(n_pairs, 1);
	assert_str(pairs[0].name, "x");
	assert_int_equal(n_seen, 0);
}

static void
test_a_file_keeps_its_place_among_the_fields(void **state)
{
	(void)state;
	for (piece = 0; piece < 4; piece++) {
		assert_int_equal(
			fields(S(PART("v") FILE_PART("../a.png", "\r\n\0B") PART("w") "--B--")), OK);
		assert_int_equal(n_pairs, 3);
		assert_str(pairs[1].name, "photo");
		assert_non_null(pairs[1].value.p);
		assert_int_equal(pairs[1].value.n, 0);
		assert_str(pairs[2].value, "w");
		assert_int_equal(n_seen, 1);
		assert_int_equal(seen[0].field, 1);
		assert_string_equal(seen[0].name, "photo");
		assert_string_equal(seen[0].filename, "a.png");
		assert_int_equal(seen[0].n, 4);
		assert_memory_equal(seen[0].bytes, "\r\n\0B", 4);
	}
	piece = 0;
}

static void
test_a_file_may_lack_bytes_or_a_filename(void **state)
{
	(void)state;
	assert_int_equal(fields(S(FILE_PART("a.png", "") "--B--")), OK);
	assert_int_equal(n_seen, 1);
	assert_int_equal(seen[0].n, 0);
	assert_int_equal(
		fields(S("--B\r\nContent-Disposition: form-data; name=photo; filename=\"\"\r\n"
			 "Content-Type: image/png\r\n\r\nx\r\n--B--")),
		OK);
	assert_int_equal(n_seen, 1);
	assert_string_equal(seen[0].name, "photo");
	assert_string_equal(seen[0].type, "image/png");
	assert_int_equal(n_pairs, 1);
}

static void
test_what_a_file_meets_ends_the_form(void **state)
{
	(void)state;
	refuse = ERR_SCOPE;
	assert_int_equal(fields(S(FILE_PART("a.png", "x") "--B--")), ERR_SCOPE);
	refuse = OK;
}

static void
test_a_form_cut_short_is_no_form(void **state)
{
	(void)state;
	assert_int_equal(fields(S(PART("v") FILE_PART("a.png", "x"))), ERR_BAD_MULTIPART);
	assert_int_equal(n_pairs, 0);
}

static void
test_the_charset_field_is_ignored(void **state)
{
	(void)state;
	assert_int_equal(fields(S("--B\r\nContent-Disposition: form-data; name=_charset_\r\n\r\n"
				  "iso-8859-1\r\n--B--")),
		OK);
	assert_int_equal(n_pairs, 0);
}

static void
test_values_must_be_utf8_without_nul(void **state)
{
	(void)state;
	assert_int_equal(fields(S(PART("\xff") "--B--")), ERR_BAD_ENCODING);
	assert_int_equal(fields(S(PART("a\0b") "--B--")), ERR_BAD_ENCODING);
	assert_int_equal(fields(S(PART("caf\xc3\xa9") "--B--")), OK);
}

static void
test_the_text_of_all_fields_is_limited(void **state)
{
	static char p[MULTIPART_MAX_TEXT + 200];
	size_t head = sizeof(PART("")) - 1 - 2;
	struct str tail = S("\r\n--B--");

	(void)state;
	memcpy(p, PART(""), head);
	memset(p + head, 'x', MULTIPART_MAX_TEXT + 1);
	memcpy(p + head + MULTIPART_MAX_TEXT, tail.p, tail.n);
	assert_int_equal(fields(str_n(p, head + MULTIPART_MAX_TEXT + tail.n)), OK);
	assert_int_equal(pairs[0].value.n, MULTIPART_MAX_TEXT);
	memset(p + head, 'x', MULTIPART_MAX_TEXT + 1);
	memcpy(p + head + MULTIPART_MAX_TEXT + 1, tail.p, tail.n);
	assert_int_equal(
		fields(str_n(p, head + MULTIPART_MAX_TEXT + 1 + tail.n)), ERR_BODY_TOO_LARGE);
}

static void
test_no_memory_is_an_error_never_a_crash(void **state)
{
	bool done = false;

	for (size_t cap = 0; !done && cap < (1 << 20); cap += 64) {
		enum err err;

		teardown(state);
		ctx_init(&c, cap);
		err = fields(S(PART("one") PART("two") "--B--"));
		assert_true(err == OK || err == ERR_MEMORY);
		done = err == OK;
	}
	assert_true(done);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_fields_are_taken_as_they_are, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_an_empty_file_control_is_passed_over, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_a_file_keeps_its_place_among_the_fields, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_a_file_may_lack_bytes_or_a_filename, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_what_a_file_meets_ends_the_form, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_form_cut_short_is_no_form, setup, teardown),
		cmocka_unit_test_setup_teardown(test_the_charset_field_is_ignored, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_values_must_be_utf8_without_nul, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_the_text_of_all_fields_is_limited, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_no_memory_is_an_error_never_a_crash, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
