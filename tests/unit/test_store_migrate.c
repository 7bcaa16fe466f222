/*
 * Migrations: a new database is whole or not there, an old one is copied first, a newer one is
 * refused.
 */
#include "store_site.h"

#include "store/auth.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <cmocka.h>

static const char *const add_table[] = {"CREATE TABLE extra (x INTEGER NOT NULL) STRICT;", NULL};
static const char *const add_row[] = {"INSERT INTO extra (x) VALUES (7);", NULL};
static const char *const half_way[] = {"CREATE TABLE half (x)", "CREATE TABLE nonsense (", NULL};
static const char *const orphan[] = {"INSERT INTO post_tag VALUES (1, 2, 3, 0)", NULL};

enum { N_OURS = 13, N_LIST = N_OURS + 2 };

/* Our migrations and these two behind them. */
static void
list_with(struct migration out[N_LIST], const char *const *second, const char *const *third)
{
	assert_int_equal(store_n_migrations, N_OURS);
	memcpy(out, store_migrations, N_OURS * sizeof(*out));
	out[N_OURS] = (struct migration){N_OURS + 1, "0014_first", second};
	out[N_OURS + 1] = (struct migration){N_OURS + 2, "0015_second", third};
}

static int no_new_files;	/* errno of making one; 0: it can be made */

int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);

int
__wrap_open(const char *path, int flags, ...)
{
	if ((flags & O_EXCL) && no_new_files) {
		errno = no_new_files;
		return -1;
	}
	return __real_open(path, flags, 0640);
}

static bool
exists(const struct store_site *s, const char *tail)
{
	char path[256];
	struct stat st;

	(void)snprintf(path, sizeof(path), "%s%s", s->path, tail);
	return stat(path, &st) == 0;
}

static int
mode_of(const struct store_site *s, const char *tail)
{
	char path[256];
	struct stat st;

	(void)snprintf(path, sizeof(path), "%s%s", s->path, tail);
	assert_int_equal(stat(path, &st), 0);
	return (int)(st.st_mode & 07777);
}

static void
without_create_a_missing_database_is_refused(void **state)
{
	struct store_site s;

	(void)state;
	site_init_empty(&s);
	assert_int_equal(migrate_run(&s.c, false), ERR_DB_MISSING);
	assert_false(exists(&s, ""));
	assert_false(exists(&s, ".lock"));
	site_fini(&s);
}

static void
a_new_database_is_ours_in_wal_mode_with_mode_0640_and_alone(void **state)
{
	mode_t before = umask(0);
	struct store_site s;

	(void)state;
	site_init_empty(&s);
	assert_int_equal(migrate_run(&s.c, true), OK);
	(void)umask(before);
	assert_int_equal(mode_of(&s, ""), 0640);
	assert_int_equal(mode_of(&s, ".lock"), 0640);
	assert_false(exists(&s, ".new"));
	assert_false(exists(&s, ".new-wal"));
	assert_false(exists(&s, ".new-shm"));
	assert_false(exists(&s, "-wal"));
	assert_int_equal(site_sql(&s, "PRAGMA user_version"), migrate_version());
	assert_int_equal(site_sql(&s, "PRAGMA application_id"), DB_APPLICATION_ID);
	assert_int_equal(site_sql(&s, "PRAGMA page_size"), 4096);
	assert_int_equal(db_open(&s.c, NULL, &s.db), OK);
	assert_int_equal(db_check(&s.c, s.db), OK);
	assert_int_equal(mode_of(&s, "-wal"), 0640);
	site_fini(&s);
}

static void
a_narrow_umask_does_not_lock_the_group_out(void **state)
{
	mode_t before = umask(0077);
	struct store_site s;

	(void)state;
	site_init_empty(&s);
	assert_int_equal(migrate_run(&s.c, true), OK);
	(void)umask(before);
	assert_int_equal(mode_of(&s, ""), 0640);
	site_fini(&s);
}

static void
a_second_run_changes_nothing(void **state)
{
	struct store_site s;

	(void)state;
	site_init(&s);
	site_add(&s, "a", 1);
	assert_int_equal(migrate_run(&s.c, true), OK);
	assert_int_equal(migrate_run(&s.c, false), OK);
	assert_int_equal(site_sql(&s, "SELECT count(*) FROM post"), 1);
	assert_false(exists(&s, ".before-0001"));
	assert_false(exists(&s, ".before-0002"));
	assert_false(exists(&s, ".before-0014"));
	site_fini(&s);
}

static void
a_new_database_that_fails_half_way_leaves_nothing(void **state)
{
	struct migration list[N_LIST];
	struct store_site s;

	(void)state;
	site_init_empty(&s);
	list_with(list, half_way, add_row);
	assert_int_equal(migrate_list(&s.c, list, N_LIST, true), ERR_DB);
	assert_non_null(strstr(s.c.err.detail, "0014_first"));
	assert_false(exists(&s, ""));
	assert_false(exists(&s, ".new"));
	assert_false(exists(&s, ".new-journal"));
	err_clear(&s.c);
	assert_int_equal(migrate_run(&s.c, true), OK);
	site_fini(&s);
}

static void
what_a_killed_creation_left_is_made_anew(void **state)
{
	struct store_site s;

	(void)state;
	site_init_empty(&s);
	tempdir_write(&s.dir, "site.db.new", S("half of it"));
	tempdir_write(&s.dir, "site.db.new-journal", S("of the first half"));
	assert_int_equal(migrate_run(&s.c, true), OK);
	assert_false(exists(&s, ".new"));
	assert_false(exists(&s, ".new-journal"));
	assert_int_equal(db_open(&s.c, NULL, &s.db), OK);
	assert_int_equal(db_check(&s.c, s.db), OK);
	site_fini(&s);
}

static void
a_log_of_another_database_is_not_played_into_a_new_one(void **state)
{
	struct store_site s;

	(void)state;
	site_init_empty(&s);
	tempdir_write(&s.dir, "site.db-wal", S("frames"));
	assert_int_equal(migrate_run(&s.c, true), ERR_EXISTS);
	assert_false(exists(&s, ""));
	site_fini(&s);
}

static void
an_older_database_is_copied_and_then_brought_up_to_date(void **state)
{
	struct migration list[N_LIST];
	struct store_site s, copy;

	(void)state;
	site_init(&s);
	site_add(&s, "a", 1);
	db_close(s.db);
	s.db = NULL;
	list_with(list, add_table, add_row);
	assert_int_equal(migrate_list(&s.c, list, N_LIST, false), OK);
	assert_int_equal(site_sql(&s, "PRAGMA user_version"), N_LIST);
	assert_int_equal(site_sql(&s, "SELECT x FROM extra"), 7);
	assert_int_equal(site_sql(&s, "SELECT count(*) FROM post"), 1);
	copy = s;
	(void)snprintf(copy.path, sizeof(copy.path), "%s/site.db.before-0014", s.dir.path);
	assert_int_equal(mode_of(&s, ".before-0014"), 0640);
	assert_int_equal(site_sql(&copy, "PRAGMA user_version"), N_OURS);
	assert_int_equal(site_sql(&copy, "SELECT count(*) FROM post"), 1);
	assert_false(exists(&s, ".copy"));
	site_fini(&s);
}

/* Tokens are what clients hold: none may stop working because the site was brought up to date. */
static void
tokens_of_older_versions_keep_id_secret_scope_and_posts(void **state)
{
	static const char *const before[] = {
		"INSERT INTO token VALUES (7, 'abcdefghij', zeroblob(32), 'phone', '', 'create media', "
		"100, 900, 300, 0)",
		"INSERT INTO token VALUES (8, 'klmnopqrst', randomblob(32), 'old', '', 'create', 100, 0, 0, 500)",
	};
	struct token_row got;
	struct store_site s;
	int version = 0;

	(void)state;
	site_init_empty(&s);
	while (version < N_OURS && strcmp(store_migrations[version].name + 5, "indieauth") != 0)
		version++;
	assert_int_equal(migrate_list(&s.c, store_migrations, (size_t)version, true), OK);
	for (size_t i = 0; i < 2; i++)
		(void)site_sql(&s, before[i]);
	(void)site_sql(&s, "INSERT INTO post (uid, slug, type, status, visibility, published, "
		"published_zone, updated, deleted, client, tags, name, summary, html, text, mf2) VALUES "
		"('/note/a', 'a', 'note', 1, 0, 1, 0, 0, 0, 'abcdefghij', '', '', '', '', '', '{}')");
	assert_int_equal(migrate_run(&s.c, false), OK);
	assert_int_equal(db_open(&s.c, NULL, &s.db), OK);
	assert_int_equal(token_row_find(&s.c, s.db, (unsigned char[CRYPTO_SHA256_BYTES]){0}, &got), OK);
	assert_true(str_eq(got.id, S("abcdefghij")));
	assert_true(str_eq(got.scope, S("create media")));
	assert_true(str_eq(got.granted, S("create media")));
	assert_int_equal(got.created, 100);
	assert_int_equal(got.issued, 100);
	assert_int_equal(got.expires, 900);
	assert_int_equal(got.ends, 900);
	assert_int_equal(got.last_used, 300);
	assert_int_equal(got.posts, 1);
	assert_false(got.drafts);
	assert_int_equal(site_sql(&s, "SELECT revoked FROM token WHERE id = 8"), 500);
	site_fini(&s);
}

static void
a_database_of_the_second_version_keeps_its_posts_and_retries(void **state)
{
	struct store_site s;

	(void)state;
	site_init_empty(&s);
	assert_int_equal(migrate_list(&s.c, store_migrations, 2, true), OK);
	(void)site_sql(&s, "INSERT INTO post (uid, slug, type, status, visibility, published, "
		"published_zone, updated, deleted, client, tags, name, summary, html, text, mf2) "
		"VALUES ('a', 'a', 'note', 1, 0, 1, 0, 0, 0, '', '', '', '', '', '', '{}'), "
		"('b', 'b', 'note', 0, 0, 2, 0, 0, 0, '', '', '', '', '', '', '{}'), "
		"('c', 'c', 'note', 1, 0, 3, 0, 0, 9, '', '', '', '', '', '', '{}'); "
		"INSERT INTO retry VALUES (zeroblob(32), zeroblob(32), 2, 5)");
	assert_int_equal(migrate_run(&s.c, false), OK);
	assert_int_equal(db_open(&s.c, NULL, &s.db), OK);
	assert_int_equal(db_check(&s.c, s.db), OK);
	assert_int_equal(site_sql(&s, "SELECT count(*) FROM post"), 3);
	assert_int_equal(site_sql(&s, "SELECT count(*) FROM post INDEXED BY post_unlisted "
		"WHERE NOT listed AND deleted = 0"), 1);
	assert_int_equal(site_sql(&s, "SELECT post_id FROM retry"), 2);
	site_fini(&s);
}

static void
a_migration_that_fails_is_undone_and_the_earlier_ones_stay(void **state)
{
	struct migration list[N_LIST];
	struct store_site s;

	(void)state;
	site_init(&s);
	site_add(&s, "a", 1);
	list_with(list, add_table, half_way);
	assert_int_equal(migrate_list(&s.c, list, N_LIST, false), ERR_DB);
	assert_int_equal(site_sql(&s, "PRAGMA user_version"), N_OURS + 1);
	assert_int_equal(site_sql(&s, "SELECT count(*) FROM sqlite_schema WHERE name = 'half'"), 0);
	assert_int_equal(site_sql(&s, "SELECT count(*) FROM post"), 1);
	site_fini(&s);
}

static void
a_migration_that_leaves_an_orphan_is_undone(void **state)
{
	struct migration list[N_LIST];
	struct store_site s;

	(void)state;
	site_init(&s);
	list_with(list, orphan, add_table);
	assert_int_equal(migrate_list(&s.c, list, N_LIST, false), ERR_DB_CORRUPT);
	assert_non_null(strstr(s.c.err.detail, "post_tag"));
	assert_int_equal(site_sql(&s, "PRAGMA user_version"), N_OURS);
	assert_int_equal(site_sql(&s, "SELECT count(*) FROM post_tag"), 0);
	site_fini(&s);
}

/* Many file systems cannot make a file when they are full, or have no inode left. */
static void
where_no_copy_can_be_made_it_is_said_why(void **state)
{
	static const struct {
		int errnum;
		enum err want;
	} rows[] = {{ENOSPC, ERR_DB_FULL}, {EDQUOT, ERR_DB_FULL}, {EACCES, ERR_DB_READONLY}, {EROFS, ERR_DB_READONLY},
		{EIO, ERR_DB_IO}};
	struct migration list[N_LIST];
	struct store_site s;

	(void)state;
	site_init(&s);
	list_with(list, add_table, add_row);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		no_new_files = rows[i].errnum;
		assert_int_equal(migrate_list(&s.c, list, N_LIST, false), rows[i].want);
		err_clear(&s.c);
	}
	no_new_files = 0;
	assert_int_equal(site_sql(&s, "PRAGMA user_version"), N_OURS);
	site_fini(&s);
}

static void
a_newer_database_is_refused_and_untouched(void **state)
{
	struct store_site s;

	(void)state;
	site_init(&s);
	(void)site_sql(&s, "PRAGMA user_version = 77");
	assert_int_equal(migrate_run(&s.c, true), ERR_DB_SCHEMA);
	assert_non_null(strstr(s.c.err.detail, "77"));
	assert_int_equal(site_sql(&s, "PRAGMA user_version"), 77);
	site_fini(&s);
}

/* Who has gone back to the old program is told where to go back to with the database. */
static void
a_newer_database_is_refused_with_the_copy_from_before_it(void **state)
{
	struct migration list[N_LIST];
	struct store_site s;

	(void)state;
	site_init(&s);
	list_with(list, add_table, add_row);
	assert_int_equal(migrate_list(&s.c, list, N_LIST, false), OK);
	assert_int_equal(migrate_run(&s.c, false), ERR_DB_SCHEMA);
	assert_non_null(strstr(s.c.err.detail, "site.db.before-0014'"));
	site_fini(&s);
}

static void
of_copies_from_before_upgrades_the_last_three_are_kept(void **state)
{
	static const char *const old[] = {"site.db.before-0002", "site.db.before-0005", "site.db.before-0009",
		"site.db.before-0011"};
	struct migration list[N_LIST];
	struct store_site s;

	(void)state;
	site_init(&s);
	for (size_t i = 0; i < 4; i++)
		tempdir_write(&s.dir, old[i], S("an old copy"));
	list_with(list, add_table, add_row);
	assert_int_equal(migrate_list(&s.c, list, N_LIST, false), OK);
	assert_true(exists(&s, ".before-0014"));
	assert_true(exists(&s, ".before-0011"));
	assert_true(exists(&s, ".before-0009"));
	assert_false(exists(&s, ".before-0005"));
	assert_false(exists(&s, ".before-0002"));
	site_fini(&s);
}

static void
somebody_elses_database_is_refused_and_untouched(void **state)
{
	struct store_site s;

	(void)state;
	site_init_empty(&s);
	(void)site_sql(&s, "CREATE TABLE theirs (x)");
	assert_int_equal(migrate_run(&s.c, true), ERR_DB_SCHEMA);
	assert_int_equal(site_sql(&s, "SELECT count(*) FROM sqlite_schema"), 1);
	site_fini(&s);
}

static void
garbage_is_corrupt_and_untouched(void **state)
{
	struct store_site s;

	(void)state;
	site_init_empty(&s);
	tempdir_write(&s.dir, "site.db",
		S("This is a text of more than a hundred bytes, to be "
		"sure that it is the header that is looked at and not the size of the file."));
	assert_int_equal(migrate_run(&s.c, true), ERR_DB_CORRUPT);
	site_fini(&s);
}

static void
a_journal_mode_that_somebody_changed_is_set_again(void **state)
{
	struct store_site s;

	(void)state;
	site_init(&s);
	db_close(s.db);
	(void)site_sql(&s, "PRAGMA journal_mode = DELETE");
	assert_int_equal(migrate_run(&s.c, false), OK);
	assert_int_equal(db_open(&s.c, NULL, &s.db), OK);
	site_fini(&s);
}

static void
nobody_migrates_while_another_process_writes(void **state)
{
	struct store_site s;

	(void)state;
	site_init(&s);
	assert_int_equal(db_tx_begin(&s.c, s.db), OK);
	s.cfg.db_busy_timeout = 10000;
	assert_int_equal(migrate_run(&s.c, false), ERR_DB_BUSY);
	db_tx_rollback(&s.c, s.db);
	err_clear(&s.c);
	assert_int_equal(migrate_run(&s.c, false), OK);
	site_fini(&s);
}

static void
several_processes_that_start_at_once_make_one_database(void **state)
{
	enum { N = 4 };
	pid_t children[N];
	struct store_site s;

	(void)state;
	site_init_empty(&s);
	for (int i = 0; i < N; i++) {
		children[i] = fork();
		assert_true(children[i] >= 0);
		if (children[i] == 0) {
			bool good = migrate_run(&s.c, true) == OK &&
				db_open(&s.c, NULL, &s.db) == OK;
			char slug[8];

			(void)snprintf(slug, sizeof(slug), "p%d", i);
			if (good)
				site_add(&s, slug, i);
			_exit(!good);
		}
	}
	for (int i = 0; i < N; i++)
		assert_true(site_child_good(children[i]));
	assert_int_equal(site_sql(&s, "SELECT count(*) FROM post"), N);
	site_fini(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_create_a_missing_database_is_refused),
		cmocka_unit_test(a_new_database_is_ours_in_wal_mode_with_mode_0640_and_alone),
		cmocka_unit_test(a_narrow_umask_does_not_lock_the_group_out),
		cmocka_unit_test(a_second_run_changes_nothing),
		cmocka_unit_test(a_new_database_that_fails_half_way_leaves_nothing),
		cmocka_unit_test(what_a_killed_creation_left_is_made_anew),
		cmocka_unit_test(a_log_of_another_database_is_not_played_into_a_new_one),
		cmocka_unit_test(an_older_database_is_copied_and_then_brought_up_to_date),
		cmocka_unit_test(a_database_of_the_second_version_keeps_its_posts_and_retries),
		cmocka_unit_test(tokens_of_older_versions_keep_id_secret_scope_and_posts),
		cmocka_unit_test(a_migration_that_fails_is_undone_and_the_earlier_ones_stay),
		cmocka_unit_test(a_migration_that_leaves_an_orphan_is_undone),
		cmocka_unit_test(where_no_copy_can_be_made_it_is_said_why),
		cmocka_unit_test(a_newer_database_is_refused_and_untouched),
		cmocka_unit_test(a_newer_database_is_refused_with_the_copy_from_before_it),
		cmocka_unit_test(of_copies_from_before_upgrades_the_last_three_are_kept),
		cmocka_unit_test(somebody_elses_database_is_refused_and_untouched),
		cmocka_unit_test(garbage_is_corrupt_and_untouched),
		cmocka_unit_test(a_journal_mode_that_somebody_changed_is_set_again),
		cmocka_unit_test(nobody_migrates_while_another_process_writes),
		cmocka_unit_test(several_processes_that_start_at_once_make_one_database),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
