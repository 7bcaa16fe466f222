/*
 * Disks that are full, read-only or fail: a clear answer, nothing changed, and work again when
 * there is room.
 *
 * Each case runs in a child, because limits and users cannot be given back. A full disk is made by
 * RLIMIT_FSIZE: writes beyond it fail, wherever in a transaction they come.
 */
#include "../unit/store_site.h"

#include <grp.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <cmocka.h>

enum { TEXT = 20000, NOBODY = 65534 };

static void
file_limit(rlim_t bytes)
{
	struct rlimit l;

	site_must(getrlimit(RLIMIT_FSIZE, &l) == 0, "getrlimit");
	l.rlim_cur = bytes;
	site_must(setrlimit(RLIMIT_FSIZE, &l) == 0, "setrlimit");
}

static off_t
wal_size(const struct store_site *s)
{
	struct stat st;

	return stat(s->db->wal_path, &st) == 0 ? st.st_size : 0;
}

/* Runs fn in a child; true if it returned true there. */
static bool
in_child(bool (*fn)(struct store_site *s), struct store_site *s)
{
	pid_t child = fork();

	site_must(child >= 0, "fork");
	if (child == 0) {
		bool good;

		(void)signal(SIGXFSZ, SIG_IGN);
		good = fn(s);
		if (!good)
			(void)fprintf(stderr, "error %d: %s\n", s->c.err.code, s->c.err.detail);
		_exit(good ? 0 : 1);
	}
	return site_child_good(child);
}

/* Inserts posts under a limit of so many bytes more than the log has; the first failure. */
static enum err
fill(struct store_site *s, off_t room)
{
	static char text[TEXT];
	struct post_row row;
	enum err e = OK;

	memset(text, 'x', sizeof(text));
	file_limit((rlim_t)(wal_size(s) + room));
	for (int i = 0; i < 100 && !e; i++) {
		char slug[32];

		(void)snprintf(slug, sizeof(slug), "fill%ld-%d", (long)room, i);
		row = site_note(slug, i);
		row.html = str_n(text, sizeof(text));
		e = site_insert(&s->c, s->db, &row);
	}
	file_limit(RLIM_INFINITY);
	return e;
}

static bool
full_then_room(struct store_site *s)
{
	if (db_open(&s->c, NULL, &s->db) != OK)
		return false;
	/* At every page of the log, so also between two frames and in the midst of one. */
	for (off_t room = 0; room < 2 * TEXT; room += 2048) {
		int64_t before = site_sql(s, "SELECT count(*) FROM post"), after;
		enum err e = fill(s, room);
		struct post_row row;
		char slug[32];

		if (e != ERR_DB_FULL || !db_clean(s->db))
			return false;
		err_clear(&s->c);
		if (s->db->broken) {
			db_close(s->db);
			if (db_open(&s->c, NULL, &s->db) != OK)
				return false;
		}
		(void)snprintf(slug, sizeof(slug), "later%ld", (long)room);
		row = site_note(slug, 1);
		if (site_insert(&s->c, s->db, &row) != OK)
			return false;
		after = site_sql(s, "SELECT count(*) FROM post");
		if (after <= before || db_check(&s->c, s->db) != OK)
			return false;
	}
	return site_sql(s, "SELECT (SELECT posts FROM site) = (SELECT count(*) FROM post)") == 1;
}

static void
a_full_disk_fails_the_write_alone(void **state)
{
	struct store_site s;

	(void)state;
	site_init(&s);
	db_close(s.db);
	s.db = NULL;
	assert_true(in_child(full_then_room, &s));
	site_fini(&s);
}

static bool
checkpoint_full(struct store_site *s)
{
	int64_t frames, moved;
	enum err e;

	if (db_open(&s->c, NULL, &s->db) != OK)
		return false;
	for (int i = 0; i < 200; i++) {
		char slug[16];

		(void)snprintf(slug, sizeof(slug), "p%d", i);
		site_add(s, slug, i);
	}
	file_limit(4096);
	e = db_checkpoint(&s->c, s->db, &frames, &moved);
	file_limit(RLIM_INFINITY);
	if (e != ERR_DB_FULL || !db_clean(s->db))
		return false;
	err_clear(&s->c);
	if (db_checkpoint(&s->c, s->db, &frames, &moved) != OK || frames != moved)
		return false;
	return site_sql(s, "SELECT count(*) FROM post") == 200 && db_check(&s->c, s->db) == OK;
}

static void
a_full_disk_fails_the_checkpoint_alone(void **state)
{
	struct store_site s;

	(void)state;
	site_init(&s);
	db_close(s.db);
	s.db = NULL;
	assert_true(in_child(checkpoint_full, &s));
	site_fini(&s);
}

static bool
create_full(struct store_site *s)
{
	struct stat st;
	enum err e;

	for (rlim_t limit = 0; limit < 60000; limit += 7000) {
		file_limit(limit);
		e = migrate_run(&s->c, true);
		file_limit(RLIM_INFINITY);
		if (e != ERR_DB_FULL || stat(s->path, &st) == 0)
			return false;
		err_clear(&s->c);
	}
	return migrate_run(&s->c, true) == OK;
}

static void
a_full_disk_leaves_no_half_database(void **state)
{
	struct store_site s;

	(void)state;
	site_init_empty(&s);
	assert_true(in_child(create_full, &s));
	site_fini(&s);
}

/* As a user to whom modes mean something; a test that already runs as one keeps it. */
static bool
become_nobody(void)
{
	if (geteuid() != 0)
		return true;
	return setgroups(0, NULL) == 0 && setgid(NOBODY) == 0 && setuid(NOBODY) == 0;
}

static bool
write_readonly(struct store_site *s)
{
	struct post_list list;
	enum err e;

	if (!become_nobody())
		return false;
	e = db_open(&s->c, NULL, &s->db);
	if (e)
		return e == ERR_DB_READONLY;
	return post_list_read(&s->c, s->db, &posts_all, S(""), 5, &list) == OK && list.n == 1 &&
		db_tx_begin(&s->c, s->db) == ERR_DB_READONLY && db_clean(s->db);
}

/* Whether nobody gets the right answer when the files beside the database have that mode. */
static bool
read_only_file(struct store_site *s, mode_t beside, mode_t dir)
{
	static const char *const tails[] = {"-wal", "-shm", ".lock"};
	char path[256];
	bool good;

	for (size_t i = 0; i < sizeof(tails) / sizeof(tails[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s%s", s->path, tails[i]);
		site_must(chmod(path, beside) == 0 || errno == ENOENT, path);
	}
	site_must(chmod(s->path, 0444) == 0 && chmod(s->dir.path, dir) == 0, "chmod");
	good = in_child(write_readonly, s);
	site_must(chmod(s->dir.path, 0700) == 0, "chmod");
	return good;
}

static void
a_database_that_may_not_be_written_is_readonly(void **state)
{
	struct store_site s;

	(void)state;
	site_init(&s);
	site_add(&s, "here", 1);
	db_close(s.db);
	s.db = NULL;
	assert_true(read_only_file(&s, 0666, 0777)); /* reads go on */
	assert_true(read_only_file(&s, 0666, 0755));
	assert_true(read_only_file(&s, 0444, 0755));
	assert_true(read_only_file(&s, 0600, 0755));
	assert_true(read_only_file(&s, 0600, 0777));
	assert_true(read_only_file(&s, 0600, 0555));
	assert_int_equal(site_sql(&s, "SELECT count(*) FROM post"), 1);
	site_fini(&s);
}

static bool
create_readonly(struct store_site *s)
{
	return become_nobody() && migrate_run(&s->c, true) == ERR_DB_READONLY;
}

static void
a_directory_that_may_not_be_written_is_readonly(void **state)
{
	struct store_site s;

	(void)state;
	site_init_empty(&s);
	assert_int_equal(chmod(s.dir.path, 0555), 0);
	assert_true(in_child(create_readonly, &s));
	assert_int_equal(chmod(s.dir.path, 0700), 0);
	site_fini(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_full_disk_fails_the_write_alone),
		cmocka_unit_test(a_full_disk_fails_the_checkpoint_alone),
		cmocka_unit_test(a_full_disk_leaves_no_half_database),
		cmocka_unit_test(a_database_that_may_not_be_written_is_readonly),
		cmocka_unit_test(a_directory_that_may_not_be_written_is_readonly),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
