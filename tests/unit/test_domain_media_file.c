/*
 * Files below media_path: what has a name is complete, names are ours, and every failure of the
 * system on the way is told apart and leaves nothing behind. System calls go through wrappers (the
 * linker's --wrap), each of which can be made to fail.
 */
#include "domain/media_file.h"

#include "domain/sizes.h"
#include "domain_fixture.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

/* ---- system calls that fail -------------------------------------------------------------- */

/* The errno with which the next call fails; 0: it does not. */
static int n_fsync;
static int fail_write, fail_fsync, fail_mkdir, fail_link, fail_rename, fail_nameless;

int __real_open(const char *path, int flags, ...);
ssize_t __real_write(int fd, const void *p, size_t n);
int __real_fsync(int fd);
int __real_mkdir(const char *path, mode_t mode);
int __real_linkat(int from_dir, const char *from, int to_dir, const char *to, int flags);
int __real_link(const char *from, const char *to);
int __real_rename(const char *from, const char *to);
int __wrap_open(const char *path, int flags, ...);
ssize_t __wrap_write(int fd, const void *p, size_t n);
int __wrap_fsync(int fd);
int __wrap_mkdir(const char *path, mode_t mode);
int __wrap_linkat(int from_dir, const char *from, int to_dir, const char *to, int flags);
int __wrap_link(const char *from, const char *to);
int __wrap_rename(const char *from, const char *to);

static bool
fails(int *how)
{
	errno = *how;
	*how = 0;
	return errno != 0;
}

int
__wrap_open(const char *path, int flags, ...)
{
	if ((flags & O_TMPFILE) == O_TMPFILE && fail_nameless) {
		errno = fail_nameless;
		return -1;
	}
	return __real_open(path, flags, 0600);
}

ssize_t
__wrap_write(int fd, const void *p, size_t n)
{
	if (fails(&fail_write))
		return -1;
	return __real_write(fd, p, n > 3 ? n / 2 : n); /* a short write is none that failed */
}

int
__wrap_fsync(int fd)
{
	n_fsync++;
	return fails(&fail_fsync) ? -1 : __real_fsync(fd);
}

int
__wrap_mkdir(const char *path, mode_t mode)
{
	return fails(&fail_mkdir) ? -1 : __real_mkdir(path, mode);
}

int
__wrap_linkat(int from_dir, const char *from, int to_dir, const char *to, int flags)
{
	return fails(&fail_link) ? -1 : __real_linkat(from_dir, from, to_dir, to, flags);
}

int
__wrap_link(const char *from, const char *to)
{
	return fails(&fail_link) ? -1 : __real_link(from, to);
}

int
__wrap_rename(const char *from, const char *to)
{
	return fails(&fail_rename) ? -1 : __real_rename(from, to);
}

/* ---- what there is ----------------------------------------------------------------------- */

#define NAME "ab/cdef0123456789cdef0123456789cdef0123456789cdef0123456789cdef01.png"

static int
setup(void **state)
{
	fail_write = fail_fsync = fail_mkdir = fail_link = fail_rename = fail_nameless = 0;
	return site_setup(state);
}

static int n_files;

static int
count_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)path;
	(void)st;
	(void)ftw;
	n_files += kind == FTW_F;
	return 0;
}

/* Files below media_path, in whatever folder. */
static int
count(struct site *s)
{
	n_files = 0;
	assert_int_equal(nftw(s->cfg->media_path, count_one, 8, FTW_PHYS), 0);
	return n_files;
}

static struct str
content(struct site *s, const char *name)
{
	static char text[256];
	char path[256];
	size_t n;
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/%s", s->cfg->media_path, name);
	f = fopen(path, "rb");
	if (!f)
		return S("(none)");
	n = fread(text, 1, sizeof(text), f);
	(void)fclose(f);
	return str_n(text, n);
}

static struct media_file *
written(struct site *s, const char *text)
{
	struct media_file *f = NULL;

	assert_ok(s, media_file_new(&s->c, &f));
	assert_ok(s, media_file_write(&s->c, f, str_z(text)));
	return f;
}

static void
a_file_has_its_name_when_it_is_linked_and_not_before(void **state)
{
	struct site *s = *state;
	struct media_file *f = written(s, "hello");
	struct stat st;
	char path[256];

	assert_ok(s, media_file_sync(&s->c, f));
	assert_int_equal(count(s), 0);
	assert_false(media_file_stat(&s->c, S(NAME), &st));
	(void)umask(077);
	assert_ok(s, media_file_link(&s->c, f, S(NAME)));
	assert_true(media_file_stat(&s->c, S(NAME), &st));
	assert_int_equal(st.st_mode & 0777, 0644);
	assert_int_equal(st.st_size, 5);
	(void)snprintf(path, sizeof(path), "%s/ab", s->cfg->media_path);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0755);
	(void)umask(022);
	site_next(s, 0);
	assert_str(content(s, NAME), "hello");
	assert_int_equal(count(s), 1);
}

static void
a_file_without_a_name_is_gone_with_its_work(void **state)
{
	struct site *s = *state;
	struct media_file *f;

	for (int nameless = 0; nameless < 2; nameless++) {
		fail_nameless = nameless ? 0 : EOPNOTSUPP;
		f = written(s, "hello");
		assert_int_equal(count(s), nameless ? 0 : 1);
		assert_true(f->fd >= 0);
		site_next(s, 0);
		assert_int_equal(count(s), 0);
	}
}

static void
without_nameless_files_it_lies_where_nobody_else_reads(void **state)
{
	struct site *s = *state;
	struct media_file *f;
	struct stat st;

	fail_nameless = EISDIR;
	f = written(s, "hello");
	assert_has(f->incoming, "/.incoming/");
	assert_int_equal(stat(f->incoming.p, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_ok(s, media_file_sync(&s->c, f));
	assert_ok(s, media_file_link(&s->c, f, S(NAME)));
	site_next(s, 0);
	assert_str(content(s, NAME), "hello");
	assert_int_equal(count(s), 1);
}

static void
what_has_the_name_already_is_replaced(void **state)
{
	struct site *s = *state;
	struct media_file *old = written(s, "old"), *f = written(s, "new");

	assert_ok(s, media_file_link(&s->c, old, S(NAME)));
	assert_ok(s, media_file_link(&s->c, f, S(NAME)));
	assert_str(content(s, NAME), "new");
	/* Who has been replaced takes nothing back. */
	media_file_undo(&s->c, old, S(NAME));
	assert_str(content(s, NAME), "new");
	media_file_undo(&s->c, f, S(NAME));
	assert_str(content(s, NAME), "(none)");
	assert_int_equal(count(s), 0);
}

static void
each_folder_is_synced_once(void **state)
{
	static const char *const names[] = {NAME,
		"ab/ddef0123456789cdef0123456789cdef0123456789cdef0123456789cdef01.png",
		"ac/cdef0123456789cdef0123456789cdef0123456789cdef0123456789cdef01.png",
		"ab/eeef0123456789cdef0123456789cdef0123456789cdef0123456789cdef01.png"};
	struct site *s = *state;
	struct media_file *files[4];

	for (size_t i = 0; i < 4; i++)
		files[i] = written(s, "x");
	n_fsync = 0;
	for (size_t i = 0; i < 4; i++)
		assert_ok(s, media_file_link(&s->c, files[i], str_z(names[i])));
	assert_int_equal(n_fsync, 0);
	/* Both folders, and what they have been made in. */
	assert_ok(s, media_files_keep(&s->c, files, 4));
	assert_int_equal(n_fsync, 3);
	files[0] = written(s, "y");
	assert_ok(s, media_file_link(&s->c, files[0], S(NAME)));
	n_fsync = 0;
	assert_ok(s, media_files_keep(&s->c, files, 1));
	assert_int_equal(n_fsync, 1);
	fail_fsync = EIO;
	assert_err(s, media_files_keep(&s->c, files, 1), ERR_IO);
}

static void
each_failure_is_told_apart(void **state)
{
	static const struct {
		int *call;
		int how;
		enum err want;
	} cases[] = {
		{&fail_write, ENOSPC, ERR_DISK_FULL},
		{&fail_write, EDQUOT, ERR_DISK_FULL},
		{&fail_write, EIO, ERR_IO},
		{&fail_write, EINTR, OK},
		{&fail_fsync, ENOSPC, ERR_DISK_FULL},
		{&fail_fsync, EIO, ERR_IO},
		{&fail_mkdir, ENOSPC, ERR_DISK_FULL},
		{&fail_mkdir, EACCES, ERR_IO},
		{&fail_link, ENOSPC, ERR_DISK_FULL},
		{&fail_link, EPERM, ERR_IO},
	};
	struct site *s = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct media_file *f = NULL;
		enum err err = media_file_new(&s->c, &f);

		*cases[i].call = cases[i].how;
		if (!err)
			err = media_file_write(&s->c, f, S("hello"));
		if (!err)
			err = media_file_sync(&s->c, f);
		if (!err)
			err = media_file_link(&s->c, f, S(NAME));
		if (err != cases[i].want)
			fail_msg("case %zu: %s", i, s->c.err.detail);
		assert_int_equal(*cases[i].call, 0);
		media_file_undo(&s->c, f, S(NAME));
		site_next(s, 0);
		assert_int_equal(count(s), 0);
	}
}

static void
a_failed_replacement_leaves_what_was_there(void **state)
{
	struct site *s = *state;
	struct media_file *old = written(s, "old"), *f = written(s, "new");

	assert_ok(s, media_file_link(&s->c, old, S(NAME)));
	fail_rename = ENOSPC;
	assert_err(s, media_file_link(&s->c, f, S(NAME)), ERR_DISK_FULL);
	media_file_undo(&s->c, f, S(NAME));
	site_next(s, 0);
	assert_str(content(s, NAME), "old");
	assert_int_equal(count(s), 1);
}

static void
without_its_directory_nothing_can_be_stored(void **state)
{
	struct site *s = *state;
	struct media_file *f = NULL;

	assert_int_equal(rmdir(s->cfg->media_path), 0);
	assert_err(s, media_file_new(&s->c, &f), ERR_IO);
	fail_nameless = EOPNOTSUPP;
	assert_err(s, media_file_new(&s->c, &f), ERR_IO);
}

static void
names_are_made_of_digests_and_give_them_back(void **state)
{
	struct site *s = *state;
	unsigned char digest[CRYPTO_DIGEST_BYTES], back[CRYPTO_DIGEST_BYTES];
	struct str name, size;

	crypto_random(digest, sizeof(digest));
	digest[0] = 0x0a;
	assert_ok(s, media_name_make(&s->c, digest, "jpg", &name));
	assert_true(str_starts(name, S("0a/")));
	assert_int_equal(name.n, 2 + 1 + 62 + 4);
	assert_true(media_name_parse(name, back));
	assert_memory_equal(back, digest, sizeof(back));
	assert_ok(s, sizes_name(&s->c, name, 480, true, &size));
	assert_true(str_ends(size, S("-480.webp")));
	memset(back, 0, sizeof(back));
	assert_true(media_name_parse(size, back));
	assert_memory_equal(back, digest, sizeof(back));
}

static void
other_names_are_not_ours(void **state)
{
#define STEM "ab/cdef0123456789cdef0123456789cdef0123456789cdef0123456789cdef01"
	static const char *const others[] = {"", "ab", STEM, STEM ".", STEM ".jpegs", STEM ".JPG",
		STEM ".j/g", STEM "-.jpg", STEM "-4x.jpg", STEM "-480", STEM ".jpg~", STEM "0.jpg",
		"../../../../../../etc/passwd",
		"AB/cdef0123456789cdef0123456789cdef0123456789cdef0123456789cdef01.jpg",
		"ab/cdeg0123456789cdef0123456789cdef0123456789cdef0123456789cdef01.jpg",
		"abccdef0123456789cdef0123456789cdef0123456789cdef0123456789cdef01.jpg"};
	unsigned char digest[CRYPTO_DIGEST_BYTES];

	(void)state;
	assert_true(media_name_parse(S(STEM ".jpg"), digest));
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (media_name_parse(str_z(others[i]), digest))
			fail_msg("'%s' is taken for one", others[i]);
}

static void
removing_takes_the_smaller_pictures_along(void **state)
{
	struct site *s = *state;
	struct media_file *f = written(s, "x"), *small = written(s, "y"), *other = written(s, "z");
	struct stat st;
	struct str size;

	assert_ok(s, media_file_link(&s->c, f, S(NAME)));
	assert_ok(s, sizes_name(&s->c, S(NAME), 960, true, &size));
	assert_ok(s, media_file_link(&s->c, small, size));
	assert_ok(s, sizes_name(&s->c, S(NAME), 480, false, &size));
	assert_ok(s, media_file_link(&s->c, other, size));
	assert_true(media_file_stat(&s->c, S(NAME), &st));
	media_file_remove(&s->c, S(NAME), &st);
	assert_int_equal(count(s), 0);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, site_teardown)
	const struct CMUnitTest tests[] = {
		T(a_file_has_its_name_when_it_is_linked_and_not_before),
		T(a_file_without_a_name_is_gone_with_its_work),
		T(without_nameless_files_it_lies_where_nobody_else_reads),
		T(what_has_the_name_already_is_replaced),
		T(each_folder_is_synced_once),
		T(each_failure_is_told_apart),
		T(a_failed_replacement_leaves_what_was_there),
		T(without_its_directory_nothing_can_be_stored),
		T(names_are_made_of_digests_and_give_them_back),
		T(other_names_are_not_ours),
		T(removing_takes_the_smaller_pictures_along),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
