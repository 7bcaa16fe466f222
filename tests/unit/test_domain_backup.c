/*
 * Backups inside the process: what is made is good, what is not is refused, and nothing is put back
 * into a site that is in use. tests/http/86-backup.t has them under load, killed and tampered with.
 */
#include "domain_fixture.h"

#include "domain/backup.h"
#include "domain/media_file.h"
#include "store/copy.h"
#include "store/media.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/resource.h>

/* ---- another backup, at the worst moment ------------------------------------------------- */

static bool no_nameless;	/* as on many file systems that backups are put on */
static const char *named_at_lock[2], *begun_at_rename;
static const char *fails_from;	/* the next rename of that */

static bool bad_folders;	/* as on a disk that is going to die: their names cannot be read */
static bool no_second_names;	/* as on some of those that uploads are on */

struct dirent *__real_readdir(DIR *dir);
struct dirent *__wrap_readdir(DIR *dir);
int __real_linkat(int from, const char *name, int to, const char *other, int flags);
int __wrap_linkat(int from, const char *name, int to, const char *other, int flags);
int __real_open(const char *path, int flags, ...);
int __real_flock(int fd, int operation);
int __real_rename(const char *from, const char *to);
int __wrap_open(const char *path, int flags, ...);
int __wrap_flock(int fd, int operation);
int __wrap_rename(const char *from, const char *to);

int
__wrap_open(const char *path, int flags, ...)
{
	if ((flags & O_TMPFILE) == O_TMPFILE && no_nameless) {
		errno = EOPNOTSUPP;
		return -1;
	}
	return __real_open(path, flags, 0600);
}

struct dirent *
__wrap_readdir(DIR *dir)
{
	if (!bad_folders)
		return __real_readdir(dir);
	errno = EIO;
	return NULL;
}

int
__wrap_linkat(int from, const char *name, int to, const char *other, int flags)
{
	if (no_second_names && from != AT_FDCWD) {
		errno = EPERM;
		return -1;
	}
	return __real_linkat(from, name, to, other, flags);
}

int
__wrap_flock(int fd, int operation)
{
	if (named_at_lock[0])
		assert_int_equal(__real_rename(named_at_lock[0], named_at_lock[1]), 0);
	named_at_lock[0] = NULL;
	return __real_flock(fd, operation);
}

int
__wrap_rename(const char *from, const char *to)
{
	int rc;

	if (fails_from && strcmp(from, fails_from) == 0) {
		fails_from = NULL;
		errno = EIO;
		return -1;
	}
	rc = __real_rename(from, to);
	if (begun_at_rename)
		(void)close(__real_open(begun_at_rename, O_WRONLY | O_CREAT | O_EXCL, 0600));
	begun_at_rename = NULL;
	return rc;
}

/* ---- the tests --------------------------------------------------------------------------- */

static const char *
in(const struct site *s, const char *name)
{
	static char path[2][128];
	static int i;

	i = !i;
	(void)snprintf(path[i], sizeof(path[i]), "%s/%s", s->dir, name);
	return path[i];
}

static void
what_is_made_is_good_and_says_whose_it_is(void **state)
{
	struct site *s = *state;
	struct backup_report made, seen;
	struct stat st;

	assert_int_equal(backup_make(&s->c, in(s, "b.tar"), false, NULL, &made), OK);
	assert_int_equal(stat(in(s, "b.tar"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(backup_verify(&s->c, in(s, "b.tar"), in(s, "scratch"), NULL, &seen), OK);
	assert_str(seen.site_url, "https://ada.example/");
	assert_int_equal(seen.schema, migrate_version());
	assert_int_equal(seen.database_bytes, made.database_bytes);
	assert_int_equal(backup_make(&s->c, in(s, "b.tar"), false, NULL, &made), ERR_EXISTS);
}

static void
what_is_no_backup_is_refused(void **state)
{
	struct site *s = *state;
	struct backup_report seen;
	FILE *f = fopen(in(s, "letter"), "w");

	assert_non_null(f);
	for (int i = 0; i < 100; i++)
		assert_true(fputs("Dear diary, nothing was backed up today.\n", f) >= 0);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(backup_verify(&s->c, in(s, "letter"), in(s, "scratch"), NULL, &seen), ERR_BACKUP);
	assert_int_equal(stat(in(s, "scratch"), &(struct stat){0}), -1);
}

static void
nothing_is_put_back_while_somebody_has_the_database_open(void **state)
{
	struct site *s = *state;
	struct backup_report made, seen;

	assert_int_equal(backup_make(&s->c, in(s, "b.tar"), false, NULL, &made), OK);
	assert_int_equal(backup_restore(&s->c, in(s, "b.tar"), NULL, &seen), ERR_SITE_RUNS);
	site_next(s, 1);
	assert_int_equal(db_ping(&s->c, s->db), OK);
	db_close(s->db);
	assert_int_equal(backup_restore(&s->c, in(s, "b.tar"), NULL, &seen), OK);
	site_next(s, 1);
	assert_int_equal(db_open(&s->c, NULL, &s->db), OK);
	assert_has(site_log(s), "site_restored");
}

static void
what_another_backup_has_just_finished_is_not_written_to(void **state)
{
	struct site *s = *state;
	struct backup_report made, seen;

	assert_int_equal(backup_make(&s->c, in(s, "b.tar"), false, NULL, &made), OK);
	assert_int_equal(rename(in(s, "b.tar"), in(s, "b.tar.part")), 0);
	no_nameless = true;
	named_at_lock[0] = in(s, "b.tar.part");
	named_at_lock[1] = in(s, "b.tar");
	assert_int_equal(backup_make(&s->c, named_at_lock[1], true, NULL, &made), ERR_EXISTS);
	no_nameless = false;
	site_next(s, 1);
	assert_int_equal(backup_verify(&s->c, in(s, "b.tar"), in(s, "scratch"), NULL, &seen), OK);
}

static void
what_another_backup_has_just_begun_is_left_to_it(void **state)
{
	struct site *s = *state;
	struct backup_report made;

	no_nameless = true;
	begun_at_rename = in(s, "b.tar.part");
	assert_int_equal(backup_make(&s->c, in(s, "b.tar"), true, NULL, &made), OK);
	no_nameless = false;
	assert_int_equal(access(in(s, "b.tar.part"), F_OK), 0);
}

/* ---- files that cannot be held ----------------------------------------------------------- */

enum { SONG_BYTES = 12345 };

/* An uploaded file; its path. */
static const char *
song(struct site *s, unsigned char first)
{
	static const char bytes[SONG_BYTES];
	static char path[256];
	struct media_row row = {.digest = {first}, .type = S("audio/mpeg"), .bytes = SONG_BYTES, .sizes = S(""),
		.client = S("tokenid")};
	int fd;

	assert_ok(s, media_name_make(&s->c, row.digest, "mp3", &row.name));
	assert_ok(s, db_tx_begin(&s->c, s->db));
	assert_ok(s, media_row_insert(&s->c, s->db, &row));
	assert_ok(s, db_tx_commit(&s->c, s->db));
	(void)snprintf(path, sizeof(path), "%s/%.2s", s->cfg->media_path, row.name.p);
	assert_int_equal(mkdir(path, 0755), 0);
	(void)snprintf(path, sizeof(path), "%s/%.*s", s->cfg->media_path, STR(row.name));
	fd = __real_open(path, O_WRONLY | O_CREAT | O_EXCL, 0644);
	assert_int_equal(write(fd, bytes, sizeof(bytes)), sizeof(bytes));
	assert_int_equal(close(fd), 0);
	return path;
}

/* Moves a file when another one has been written to the backup. */
struct mover {
	const char *from, *to;
	int64_t done;
};

static bool
move_then(void *self, int64_t done, int64_t all)
{
	struct mover *m = self;

	(void)all;
	if (done - m->done == SONG_BYTES)
		assert_int_equal(__real_rename(m->from, m->to), 0);
	m->done = done;
	return true;
}

static void
what_is_deleted_after_it_has_been_written_is_in_the_backup(void **state)
{
	struct site *s = *state;
	const char *file = song(s, 1);
	struct mover m = {file, in(s, "away"), 0};
	struct backup_watch watch = {move_then, &m};
	struct backup_report made, seen;

	no_second_names = true;
	assert_ok(s, backup_make(&s->c, in(s, "b.tar"), false, &watch, &made));
	no_second_names = false;
	assert_int_equal(access(file, F_OK), -1);
	assert_int_equal(made.files, 1);
	assert_int_equal(made.deleted, 0);
	assert_ok(s, backup_verify(&s->c, in(s, "b.tar"), in(s, "scratch"), NULL, &seen));
	assert_int_equal(seen.files, 1);
	assert_int_equal(seen.deleted, 0);
}

static void
what_comes_back_after_its_turn_is_not_and_is_told(void **state)
{
	struct site *s = *state;
	char late[256];
	struct mover m = {.done = 0};
	struct backup_watch watch = {move_then, &m};
	struct backup_report made, seen;

	(void)snprintf(late, sizeof(late), "%s", song(s, 1));
	(void)song(s, 2);
	assert_int_equal(__real_rename(late, in(s, "away")), 0);
	m.from = in(s, "away");
	m.to = late;
	no_second_names = true;
	assert_ok(s, backup_make(&s->c, in(s, "b.tar"), false, &watch, &made));
	no_second_names = false;
	assert_int_equal(access(late, F_OK), 0);
	assert_int_equal(made.files, 1);
	assert_int_equal(made.missing, 1);
	assert_ok(s, backup_verify(&s->c, in(s, "b.tar"), in(s, "scratch"), NULL, &seen));
	assert_int_equal(seen.missing, 1);
}

static void
a_folder_that_cannot_be_read_is_not_taken_for_one_whose_files_are_lost(void **state)
{
	struct site *s = *state;
	struct backup_report made;

	(void)song(s, 1);
	bad_folders = true;
	assert_err(s, backup_make(&s->c, in(s, "b.tar"), false, NULL, &made), ERR_IO);
	bad_folders = false;
	assert_int_equal(access(in(s, "b.tar"), F_OK), -1);
	site_next(s, 1);
	assert_ok(s, backup_make(&s->c, in(s, "b.tar"), false, NULL, &made));
	assert_int_equal(made.files, 1);
}

/* Given as a backup it is the database alone, and a restore of that throws away the files kept with it. */
static void
what_a_restore_has_kept_is_put_back_with_its_files_or_not_at_all(void **state)
{
	struct site *s = *state;
	struct backup_report made, seen;
	const char *file;

	assert_ok(s, backup_make(&s->c, in(s, "b.tar"), false, NULL, &made));
	file = song(s, 1);
	db_close(s->db);
	s->db = NULL;
	site_next(s, 1);
	assert_ok(s, backup_restore(&s->c, in(s, "b.tar"), NULL, &seen));
	assert_int_equal(access(file, F_OK), -1);
	site_next(s, 1);
	assert_err(s, backup_restore(&s->c, in(s, "starpunk.db.before-restore"), NULL, &seen), ERR_USAGE);
	site_next(s, 1);
	assert_ok(s, backup_restore_undo(&s->c));
	assert_int_equal(access(file, F_OK), 0);
	site_next(s, 1);
	assert_ok(s, db_open(&s->c, NULL, &s->db));
}

/* As on the disk of a machine that is no more: a site that was stopped has its last posts in the log. */
static void
a_database_whose_log_lies_beside_it_is_not_restored_without_that(void **state)
{
	struct site *s = *state;
	struct backup_report seen;
	struct stat st;
	int64_t frames, moved;

	assert_ok(s, db_checkpoint(&s->c, s->db, &frames, &moved));
	(void)posted(s, "{\"type\":[\"h-entry\"],\"properties\":{\"content\":[\"The last\"]}}");
	db_close(s->db);
	s->db = NULL;
	site_next(s, 1);
	assert_int_equal(stat(in(s, "starpunk.db-wal"), &st), 0);
	assert_true(st.st_size > 0);
	assert_int_equal(__real_rename(in(s, "starpunk.db"), in(s, "old.db")), 0);
	assert_int_equal(__real_rename(in(s, "starpunk.db-wal"), in(s, "old.db-wal")), 0);
	assert_err(s, backup_restore(&s->c, in(s, "old.db"), NULL, &seen), ERR_BACKUP);
	site_next(s, 1);
	assert_ok(s, copy_fold(&s->c, in(s, "old.db")));
	assert_ok(s, backup_restore(&s->c, in(s, "old.db"), NULL, &seen));
	site_next(s, 1);
	assert_ok(s, db_open(&s->c, NULL, &s->db));
	assert_int_equal(post_total(s), 1);
}

/* ---- disks ------------------------------------------------------------------------------- */

/* No file grows beyond that, as where the disk is full; 0: as much as it likes. */
static void
files_may_have(rlim_t bytes)
{
	struct rlimit limit;

	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = bytes ? bytes : limit.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void
one_whose_log_has_no_room_in_its_file_stays_and_can_come_back(void **state)
{
	struct site *s = *state;
	struct backup_report made, seen;
	struct stat st;
	uint64_t posts;

	assert_int_equal(backup_make(&s->c, in(s, "b.tar"), false, NULL, &made), OK);
	assert_int_equal(stat(in(s, "b.tar"), &st), 0);
	for (int i = 0; i < 150; i++) {
		char body[8192];

		site_next(s, 1);
		(void)snprintf(body, sizeof(body), "{\"type\":[\"h-entry\"],\"properties\":{\"content\":[\"%0*d\"]}}", 4000, i);
		(void)posted(s, body);
	}
	posts = post_total(s);
	db_close(s->db);
	s->db = NULL;
	site_next(s, 1);
	files_may_have((rlim_t)st.st_size);
	assert_err(s, backup_restore(&s->c, in(s, "b.tar"), NULL, &seen), ERR_DB_FULL);
	files_may_have(0);
	assert_false(backup_restore_pending(&s->c));
	site_next(s, 1);
	assert_ok(s, backup_restore(&s->c, in(s, "b.tar"), NULL, &seen));
	site_next(s, 1);
	assert_ok(s, backup_restore_undo(&s->c));
	site_next(s, 1);
	assert_ok(s, db_open(&s->c, NULL, &s->db));
	assert_int_equal(post_total(s), posts);
}

/* The media may be on another disk than the database, whose plan is there before what was made on that. */
static void
what_a_power_cut_has_taken_of_the_way_is_made_again(void **state)
{
	struct site *s = *state;
	struct backup_report made, seen;

	assert_int_equal(backup_make(&s->c, in(s, "b.tar"), false, NULL, &made), OK);
	db_close(s->db);
	s->db = NULL;
	site_next(s, 1);
	fails_from = in(s, "starpunk.db");
	assert_err(s, backup_restore(&s->c, in(s, "b.tar"), NULL, &seen), ERR_IO);
	assert_true(backup_restore_pending(&s->c));
	assert_true(rmdir(in(s, "media/.before-restore")) == 0 || errno == ENOENT);
	assert_int_equal(mkdir(in(s, "media/ab"), 0755), 0);
	assert_int_equal(close(__real_open(in(s, "media/ab/old"), O_WRONLY | O_CREAT | O_EXCL, 0600)), 0);
	site_next(s, 1);
	assert_ok(s, backup_restore(&s->c, in(s, "b.tar"), NULL, &seen));
	assert_true(seen.finished);
	assert_int_equal(access(in(s, "media/.before-restore/ab/old"), F_OK), 0);
	site_next(s, 1);
	assert_ok(s, db_open(&s->c, NULL, &s->db));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(what_is_made_is_good_and_says_whose_it_is),
		SITE_TEST(what_is_no_backup_is_refused),
		SITE_TEST(what_another_backup_has_just_finished_is_not_written_to),
		SITE_TEST(what_another_backup_has_just_begun_is_left_to_it),
		SITE_TEST(nothing_is_put_back_while_somebody_has_the_database_open),
		SITE_TEST(what_is_deleted_after_it_has_been_written_is_in_the_backup),
		SITE_TEST(what_comes_back_after_its_turn_is_not_and_is_told),
		SITE_TEST(a_folder_that_cannot_be_read_is_not_taken_for_one_whose_files_are_lost),
		SITE_TEST(what_a_restore_has_kept_is_put_back_with_its_files_or_not_at_all),
		SITE_TEST(a_database_whose_log_lies_beside_it_is_not_restored_without_that),
		SITE_TEST(one_whose_log_has_no_room_in_its_file_stays_and_can_come_back),
		SITE_TEST(what_a_power_cut_has_taken_of_the_way_is_made_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
