/*
 * Folders: made with their mode, removed with all that is in them and nothing that links lead to, moved,
 * and looked at for room.
 */
#include "core/folder.h"
#include "tempdir.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

struct fixture {
	struct ctx c;
	struct tempdir dir;
};

static int
set_up(void **state)
{
	static struct fixture f;

	ctx_init(&f.c, 1 << 20);
	tempdir_init(&f.dir);
	*state = &f;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	enum err err = folder_remove(&f->c, f->dir.path);

	ctx_fini(&f->c);
	return err == OK ? 0 : -1;
}

/* A path below the test's directory. */
static const char *
at(struct fixture *f, const char *name)
{
	struct str path;

	assert_int_equal(ctx_printf(&f->c, &path, "%s/%s", f->dir.path, name), OK);
	return path.p;
}

static void
file_make(struct fixture *f, const char *name)
{
	int fd = open(at(f, name), O_WRONLY | O_CREAT, 0600);

	assert_true(fd >= 0);
	assert_int_equal(close(fd), 0);
}

static bool
is_there(struct fixture *f, const char *name)
{
	struct stat st;

	return lstat(at(f, name), &st) == 0;
}

static mode_t
mode_of(struct fixture *f, const char *name)
{
	struct stat st;

	assert_int_equal(lstat(at(f, name), &st), 0);
	return st.st_mode & 07777;
}

static void
a_folder_has_its_mode_whatever_the_umask(void **state)
{
	struct fixture *f = *state;
	mode_t old = umask(0777);
	enum err err = folder_make(&f->c, at(f, "new"), 0750);

	(void)umask(old);
	assert_int_equal(err, OK);
	assert_int_equal(mode_of(f, "new"), 0750);
}

static void
one_that_is_there_stays_as_it_is(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(folder_make(&f->c, at(f, "old"), 0700), OK);
	file_make(f, "old/file");
	assert_int_equal(folder_make(&f->c, at(f, "old"), 0755), OK);
	assert_int_equal(mode_of(f, "old"), 0700);
	assert_true(is_there(f, "old/file"));
}

static void
what_has_its_name_and_is_none_is_refused(void **state)
{
	struct fixture *f = *state;

	file_make(f, "file");
	assert_int_equal(folder_make(&f->c, at(f, "file"), 0700), ERR_IO);
	assert_int_equal(folder_make(&f->c, at(f, "real"), 0700), OK);
	assert_int_equal(symlink("real", at(f, "link")), 0);
	assert_int_equal(folder_make(&f->c, at(f, "link"), 0700), ERR_IO);
	assert_int_equal(folder_make(&f->c, at(f, "no/such/place"), 0700), ERR_IO);
}

static void
removing_takes_all_that_is_in_it(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(folder_make(&f->c, at(f, "top"), 0700), OK);
	assert_int_equal(folder_make(&f->c, at(f, "top/.hidden"), 0700), OK);
	assert_int_equal(folder_make(&f->c, at(f, "top/.hidden/deep"), 0700), OK);
	file_make(f, "top/file");
	file_make(f, "top/.hidden/deep/file");
	assert_int_equal(folder_remove(&f->c, at(f, "top")), OK);
	assert_false(is_there(f, "top"));
	assert_int_equal(folder_remove(&f->c, at(f, "top")), OK);
}

static void
and_nothing_that_a_link_in_it_leads_to(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(folder_make(&f->c, at(f, "kept"), 0700), OK);
	file_make(f, "kept/file");
	assert_int_equal(folder_make(&f->c, at(f, "top"), 0700), OK);
	assert_int_equal(symlink("../kept", at(f, "top/link")), 0);
	assert_int_equal(symlink("kept", at(f, "itself")), 0);
	assert_int_equal(folder_remove(&f->c, at(f, "top")), OK);
	assert_int_equal(folder_remove(&f->c, at(f, "itself")), OK);
	assert_false(is_there(f, "top") || is_there(f, "itself"));
	assert_true(is_there(f, "kept/file"));
}

static void
folders_deeper_than_ours_are_nobodys_to_remove(void **state)
{
	struct fixture *f = *state;
	char name[] = "d/d/d/d/d/d/d/d/d/d/d/d";

	for (size_t n = 1; n < sizeof(name); n += 2) {
		struct str part;

		assert_int_equal(ctx_str(&f->c, str_n(name, n), &part), OK);
		assert_int_equal(folder_make(&f->c, at(f, part.p), 0700), OK);
	}
	assert_int_equal(folder_remove(&f->c, at(f, "d")), ERR_IO);
	assert_true(is_there(f, "d/d/d/d/d/d/d/d/d/d/d/d"));
	assert_int_equal(folder_remove(&f->c, at(f, "d/d/d/d/d/d")), OK);
}

static void
moving_says_whether_there_was_anything(void **state)
{
	struct fixture *f = *state;
	bool done = true;

	assert_int_equal(folder_move(&f->c, at(f, "none"), at(f, "to"), &done), OK);
	assert_false(done);
	file_make(f, "from");
	file_make(f, "to");
	assert_int_equal(folder_move(&f->c, at(f, "from"), at(f, "to"), &done), OK);
	assert_true(done && is_there(f, "to") && !is_there(f, "from"));
	assert_int_equal(folder_make(&f->c, at(f, "full"), 0700), OK);
	file_make(f, "full/file");
	assert_int_equal(folder_move(&f->c, at(f, "to"), at(f, "full"), &done), ERR_IO);
	assert_false(done);
}

static void
only_folders_are_synced(void **state)
{
	struct fixture *f = *state;

	file_make(f, "file");
	assert_int_equal(folder_sync(&f->c, f->dir.path), OK);
	assert_int_equal(folder_sync_all(&f->c, f->dir.path), OK);
	assert_int_equal(folder_sync(&f->c, at(f, "file")), ERR_IO);
	assert_int_equal(folder_sync(&f->c, at(f, "none")), ERR_IO);
}

static void
what_room_is_missing_is_told(void **state)
{
	struct fixture *f = *state;
	int64_t there = 0;

	assert_int_equal(folder_room(&f->c, f->dir.path, &there), OK);
	assert_true(there > 0);
	assert_int_equal(folder_room_check(&f->c, f->dir.path, 1), OK);
	assert_int_equal(folder_room_check(&f->c, f->dir.path, INT64_MAX / 2), ERR_DISK_FULL);
	assert_non_null(strstr(f->c.err.detail, f->dir.path));
	assert_non_null(strstr(f->c.err.detail, " MB are missing"));
	assert_int_equal(folder_room_check(&f->c, at(f, "none"), 1), ERR_IO);
}

static void
a_full_disk_is_told_from_other_failures(void **state)
{
	static const struct {
		int e;
		enum err err;
	} cases[] = {{ENOSPC, ERR_DISK_FULL}, {EDQUOT, ERR_DISK_FULL}, {EFBIG, ERR_DISK_FULL},
		{EIO, ERR_IO}, {EACCES, ERR_IO}, {EROFS, ERR_IO}};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		errno = cases[i].e;
		assert_int_equal(folder_fail(&f->c, "some/path"), cases[i].err);
		assert_non_null(strstr(f->c.err.detail, "some/path: "));
	}
}

static void
a_name_lies_in_a_folder(void **state)
{
	static const struct {
		const char *path, *parent;
	} rows[] = {
		{"/srv/site.db", "/srv"}, {"/srv/site/a.db", "/srv/site"}, {"/site.db", "/"}, {"//site.db", "/"},
		{"site.db", "."}, {"./site.db", "."}, {"data/site.db", "data"}, {"data//site.db", "data"},
		{"../site.db", ".."}, {"", "."}, {"/", "/"}, {"/srv/", "/srv"},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct str parent;

		assert_int_equal(folder_parent(&f->c, rows[i].path, &parent), OK);
		assert_string_equal(parent.p, rows[i].parent);
		assert_int_equal(parent.n, strlen(rows[i].parent));
	}
}

static void
a_folder_is_within_those_above_it_and_itself(void **state)
{
	static const struct {
		const char *path;
		bool within;
	} rows[] = {{"a", true}, {"a/b/c", true}, {"to_c", true}, {"ab", false}, {".", false}, {"a/out", false}};
	struct fixture *f = *state;
	struct stat a;

	assert_int_equal(mkdir(at(f, "a"), 0700), 0);
	assert_int_equal(mkdir(at(f, "a/b"), 0700), 0);
	assert_int_equal(mkdir(at(f, "a/b/c"), 0700), 0);
	assert_int_equal(mkdir(at(f, "ab"), 0700), 0);
	assert_int_equal(symlink("a/b/c", at(f, "to_c")), 0);
	assert_int_equal(symlink("../ab", at(f, "a/out")), 0);
	assert_int_equal(stat(at(f, "a"), &a), 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int fd = open(at(f, rows[i].path), O_RDONLY | O_DIRECTORY);
		bool within = !rows[i].within;

		assert_true(fd >= 0);
		assert_int_equal(folder_within(&f->c, fd, &a, &within), OK);
		assert_int_equal(within, rows[i].within);
		assert_int_equal(close(fd), 0);
	}
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_folder_has_its_mode_whatever_the_umask),
		TEST(one_that_is_there_stays_as_it_is),
		TEST(what_has_its_name_and_is_none_is_refused),
		TEST(removing_takes_all_that_is_in_it),
		TEST(and_nothing_that_a_link_in_it_leads_to),
		TEST(folders_deeper_than_ours_are_nobodys_to_remove),
		TEST(moving_says_whether_there_was_anything),
		TEST(only_folders_are_synced),
		TEST(what_room_is_missing_is_told),
		TEST(a_full_disk_is_told_from_other_failures),
		TEST(a_name_lies_in_a_folder),
		TEST(a_folder_is_within_those_above_it_and_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
