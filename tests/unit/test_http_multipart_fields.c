/*
 * multipart/form-data as a form: text parts as pairs, files refused with the way to go.
 */
#include "http_fixture.h"

#include "http/multipart.h"

static const char TYPE[] = "multipart/form-data; boundary=B";

/* One part named x with that content. */
#define PART(content) "--B\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\n" content "\r\n"

static struct ctx c;
static struct pair *pairs;
static size_t n_pairs;

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
fields(struct str body)
{
	err_clear(&c);
	return multipart_fields(&c, str_z(TYPE), body, &pairs, &n_pairs);
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
}

static void
test_files_are_not_accepted(void **state)
{
	(void)state;
	assert_int_equal(fields(S(FILE_PART("a.png", "x") "--B--")), ERR_MEDIA_TYPE);
	assert_non_null(strstr(c.err.hint, "'photo'"));
	assert_non_null(strstr(c.err.hint, "not accepted here yet"));
	assert_int_equal(fields(S(FILE_PART("", "x") "--B--")), ERR_MEDIA_TYPE);
	assert_int_equal(fields(S(FILE_PART("a.png", "") "--B--")), ERR_MEDIA_TYPE);
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
			test_files_are_not_accepted, setup, teardown),
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
