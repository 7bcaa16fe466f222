/*
 * core/folder: directories are made, moved and removed whole, links in their place are not followed, and room is counted.
 */
#include "core/folder.h"

#include "tempdir.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

struct place {
	struct ctx c;
	struct tempdir dir;
};

static int
setup(void **state)
{
	static struct place p;

	ctx_init(&p.c, 1024 * 1024);
	tempdir_init(&p.dir);
	*state = &p;
	return 0;
}

static int
teardown(void **state)
{
	struct place *p = *state;

	assert_int_equal(folder_remove(&p->c, p->dir.path), OK);
	ctx_fini(&p->c);
	return 0;
}

/* A path below the directory of the test; good until the fourth one after it. */
static const char *
in(const struct place *p, const char *name)
{
	static char path[4][256];
	static unsigned i;

	i = (i + 1) % 4;
	(void)snprintf(path[i], sizeof(path[i]), "%s/%s", p->dir.path, name);
	return path[i];
}

static bool
there(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

static void
a_folder_has_its_mode_whatever_the_umask(void **state)
{
	struct place *p = *state;
	mode_t before = umask(0077);
	struct stat st;

	assert_int_equal(folder_make(&p->c, in(p, "a"), 0755), OK);
	(void)umask(before);
	assert_int_equal(stat(in(p, "a"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0755);
	/* One that is there stays as it is. */
	assert_int_equal(folder_make(&p->c, in(p, "a"), 0700), OK);
	assert_int_equal(stat(in(p, "a"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0755);
}

static void
what_is_no_folder_is_not_taken_for_one(void **state)
{
	struct place *p = *state;

	tempdir_write(&p->dir, "file", S("x"));
	assert_int_equal(symlink("/", in(p, "link")), 0);
	assert_int_equal(folder_make(&p->c, in(p, "file"), 0700), ERR_IO);
	assert_int_equal(folder_make(&p->c, in(p, "link"), 0700), ERR_IO);
	err_clear(&p->c);
	assert_int_equal(folder_make(&p->c, in(p, "no/such"), 0700), ERR_IO);
	assert_non_null(strstr(p->c.err.detail, "no/such: No such file"));
}

static void
removing_takes_all_of_it_and_follows_no_link(void **state)
{
	struct place *p = *state;

	assert_int_equal(mkdir(in(p, "other"), 0700), 0);
	tempdir_write(&p->dir, "other/kept", S("x"));
	assert_int_equal(mkdir(in(p, "a"), 0700), 0);
	assert_int_equal(mkdir(in(p, "a/b"), 0700), 0);
	tempdir_write(&p->dir, "a/b/.hidden", S("x"));
	tempdir_write(&p->dir, "a/file", S("x"));
	assert_int_equal(symlink("../other", in(p, "a/link")), 0);
	assert_int_equal(folder_remove(&p->c, in(p, "a")), OK);
	assert_false(there(in(p, "a")));
	assert_true(there(in(p, "other/kept")));
	assert_int_equal(folder_remove(&p->c, in(p, "a")), OK);
	/* A link in the folder's own place goes, and not what it leads to. */
	assert_int_equal(symlink("other", in(p, "a")), 0);
	assert_int_equal(folder_remove(&p->c, in(p, "a")), OK);
	assert_false(there(in(p, "a")));
	assert_true(there(in(p, "other/kept")));
}

static void
moving_says_whether_there_was_something(void **state)
{
	struct place *p = *state;
	bool done = true;

	assert_int_equal(folder_move(&p->c, in(p, "from"), in(p, "to"), &done), OK);
	assert_false(done);
	tempdir_write(&p->dir, "from", S("new"));
	tempdir_write(&p->dir, "to", S("old"));
	assert_int_equal(folder_move(&p->c, in(p, "from"), in(p, "to"), &done), OK);
	assert_true(done);
	assert_false(there(in(p, "from")));
	tempdir_write(&p->dir, "from", S("x"));
	assert_int_equal(mkdir(in(p, "full"), 0700), 0);
	assert_int_equal(folder_move(&p->c, in(p, "from"), in(p, "full"), &done), ERR_IO);
	assert_false(done);
}

static void
only_folders_are_put_on_the_disk(void **state)
{
	struct place *p = *state;

	tempdir_write(&p->dir, "file", S("x"));
	assert_int_equal(folder_sync(&p->c, p->dir.path), OK);
	assert_int_equal(folder_sync_all(&p->c, p->dir.path), OK);
	assert_int_equal(folder_sync(&p->c, in(p, "file")), ERR_IO);
	assert_int_equal(folder_sync_all(&p->c, in(p, "nothing")), ERR_IO);
}

static void
want_of_room_is_told_from_other_failures(void **state)
{
	static const int full[] = {ENOSPC, EDQUOT, EFBIG}, other[] = {EIO, EACCES, EROFS, ENOENT};
	struct place *p = *state;

	for (size_t i = 0; i < sizeof(full) / sizeof(full[0]); i++) {
		errno = full[i];
		assert_int_equal(folder_fail(&p->c, "/a/b"), ERR_DISK_FULL);
		err_clear(&p->c);
	}
	for (size_t i = 0; i < sizeof(other) / sizeof(other[0]); i++) {
		errno = other[i];
		assert_int_equal(folder_fail(&p->c, "/a/b"), ERR_IO);
		err_clear(&p->c);
	}
	errno = EIO;
	assert_int_equal(folder_fail(&p->c, "/a/b"), ERR_IO);
	assert_string_equal(p->c.err.detail, "/a/b: Input/output error");
}

static void
room_that_is_missing_is_told_in_megabytes(void **state)
{
	struct place *p = *state;
	int64_t room = -1;
	char want[128];

	assert_int_equal(folder_room(&p->c, p->dir.path, &room), OK);
	assert_true(room > 0);
	assert_int_equal(folder_room_check(&p->c, p->dir.path, 1), OK);
	assert_int_equal(folder_room_check(&p->c, p->dir.path, (int64_t)1 << 60), ERR_DISK_FULL);
	(void)snprintf(want, sizeof(want), "%lld are needed", ((long long)1 << 40) + 1);
	assert_non_null(strstr(p->c.err.detail, want));
	assert_non_null(strstr(p->c.err.detail, "MB are missing"));
	err_clear(&p->c);
	assert_int_equal(folder_room_check(&p->c, in(p, "nothing"), 1), ERR_IO);
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
	struct place *p = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct str parent;

		assert_int_equal(folder_parent(&p->c, rows[i].path, &parent), OK);
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
	struct place *p = *state;
	struct stat a;

	assert_int_equal(mkdir(in(p, "a"), 0700), 0);
	assert_int_equal(mkdir(in(p, "a/b"), 0700), 0);
	assert_int_equal(mkdir(in(p, "a/b/c"), 0700), 0);
	assert_int_equal(mkdir(in(p, "ab"), 0700), 0);
	assert_int_equal(symlink("a/b/c", in(p, "to_c")), 0);
	assert_int_equal(symlink("../ab", in(p, "a/out")), 0);
	assert_int_equal(stat(in(p, "a"), &a), 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int fd = open(in(p, rows[i].path), O_RDONLY | O_DIRECTORY);
		bool within = !rows[i].within;

		assert_true(fd >= 0);
		assert_int_equal(folder_within(&p->c, fd, &a, &within), OK);
		assert_int_equal(within, rows[i].within);
		assert_int_equal(close(fd), 0);
	}
}

int
main(void)
{
#define IN_PLACE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		IN_PLACE(a_folder_has_its_mode_whatever_the_umask),
		IN_PLACE(what_is_no_folder_is_not_taken_for_one),
		IN_PLACE(removing_takes_all_of_it_and_follows_no_link),
		IN_PLACE(moving_says_whether_there_was_something),
		IN_PLACE(only_folders_are_put_on_the_disk),
		IN_PLACE(want_of_room_is_told_from_other_failures),
		IN_PLACE(room_that_is_missing_is_told_in_megabytes),
		IN_PLACE(a_name_lies_in_a_folder),
		IN_PLACE(a_folder_is_within_those_above_it_and_itself),
	};

	return cmocka_run_group_tests_name("core/folder", tests, NULL, NULL);
}
