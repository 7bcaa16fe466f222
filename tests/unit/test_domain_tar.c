/*
 * The archive: what is written is read back, and of what is read no bit may be other than written.
 */
#include "domain/tar.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

static struct ctx ctx;

/* An archive with one file of seven bytes. */
struct archive {
	unsigned char bytes[2 * TAR_BLOCK + TAR_END + TAR_BLOCK];
	size_t n;
};

static void
archive_make(struct archive *a)
{
	struct tar_entry e = {.name = "media/ab/cd.jpg", .bytes = 7, .changed = 1000, .shared = true};

	*a = (struct archive){.n = 2 * TAR_BLOCK + TAR_END};
	assert_true(tar_header(&e, a->bytes));
	memcpy(a->bytes + TAR_BLOCK, "content", 7);
}

/* Reads the file and then the end; what came of it. */
static enum err
archive_read(const struct archive *a, struct tar_entry *out)
{
	char path[] = "/tmp/starpunk-tar-XXXXXX";
	int fd = mkstemp(path);
	struct tar_entry unused;
	int64_t next = 0;
	bool more = false;
	enum err err;

	assert_true(fd >= 0);
	(void)unlink(path);
	assert_int_equal(write(fd, a->bytes, a->n), a->n);
	err = tar_read(&ctx, fd, (int64_t)a->n, 0, out, &next, &more);
	if (!err && !more)
		err = ERR_BACKUP;
	if (!err)
		err = tar_read(&ctx, fd, (int64_t)a->n, next, &unused, &next, &more);
	if (!err && more)
		err = ERR_BACKUP;
	(void)close(fd);
	ctx_reset(&ctx);
	return err;
}

static void
what_was_written_is_read(void **state)
{
	struct tar_entry e;
	struct archive a;

	(void)state;
	archive_make(&a);
	assert_int_equal(archive_read(&a, &e), OK);
	assert_string_equal(e.name, "media/ab/cd.jpg");
	assert_int_equal(e.bytes, 7);
	assert_int_equal(e.changed, 1000);
	assert_true(e.shared);
	assert_int_equal(e.at, TAR_BLOCK);
}

static void
no_bit_outside_the_content_can_change_unseen(void **state)
{
	struct tar_entry e;
	struct archive a;

	(void)state;
	archive_make(&a);
	for (size_t i = 0; i < a.n; i++) {
		if (i >= TAR_BLOCK && i < TAR_BLOCK + 7)
			continue;
		for (int bit = 1; bit < 256; bit <<= 1) {
			a.bytes[i] ^= (unsigned char)bit;
			assert_int_not_equal(archive_read(&a, &e), OK);
			a.bytes[i] ^= (unsigned char)bit;
		}
	}
	assert_int_equal(archive_read(&a, &e), OK);
}

static void
one_that_is_cut_anywhere_or_goes_on_is_refused(void **state)
{
	struct tar_entry e;
	struct archive a;

	(void)state;
	archive_make(&a);
	while (a.n > 0) {
		a.n--;
		assert_int_equal(archive_read(&a, &e), ERR_BACKUP);
	}
	archive_make(&a);
	a.n++;
	assert_int_equal(archive_read(&a, &e), ERR_BACKUP);
}

static void
names_that_lead_anywhere_are_neither_written_nor_read(void **state)
{
	static const char *const bad[] = {"", "/etc/passwd", "../x", "media/../x", "media/./x", "media//x",
		"media/", "a b", "a\nb", "a\\b", "a:b", "\xc3\xa4"};
	unsigned char head[TAR_BLOCK];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct tar_entry e = {.bytes = 0};

		(void)snprintf(e.name, sizeof(e.name), "%s", bad[i]);
		assert_false(tar_header(&e, head));
	}
}

static void
files_of_eight_gigabytes_and_more_keep_their_length(void **state)
{
	static const int64_t sizes[] = {0, 511, 512, (INT64_C(1) << 33) - 1, INT64_C(1) << 33, INT64_C(1) << 50};

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct tar_entry e = {.name = "starpunk.db", .bytes = sizes[i]}, out;
		struct archive a = {.n = TAR_BLOCK};

		assert_true(tar_header(&e, a.bytes));
		/* There is no such file here: the length is seen in what it complains about. */
		if (sizes[i] > 0) {
			(void)archive_read(&a, &out);
			assert_int_equal(out.bytes, sizes[i]);
		}
		assert_int_equal((sizes[i] + (int64_t)tar_padding(sizes[i])) % TAR_BLOCK, 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_written_is_read),
		cmocka_unit_test(no_bit_outside_the_content_can_change_unseen),
		cmocka_unit_test(one_that_is_cut_anywhere_or_goes_on_is_refused),
		cmocka_unit_test(names_that_lead_anywhere_are_neither_written_nor_read),
		cmocka_unit_test(files_of_eight_gigabytes_and_more_keep_their_length),
	};

	ctx_init(&ctx, 1024 * 1024);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
