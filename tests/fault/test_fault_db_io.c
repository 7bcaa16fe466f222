/*
 * The n-th read, write, sync, lock, truncation or opening of a file fails, for every n until none
 * does: the answer is an error or the whole truth, the connection is clean or marked as broken, and
 * the database is whole.
 */
#include "../unit/share_fixture.h"
#include "faulty_vfs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <cmocka.h>

static const char *const kind_names[FAULTY__MAX] = {
	"read", "write", "sync", "lock", "truncate", "open"
};

/* What a failing disk may be called. */
static bool
is_disk_error(enum err e)
{
	return e == ERR_DB_IO || e == ERR_DB_BUSY;
}

static void
assert_whole(struct store_site *s)
{
	assert_int_equal(db_check(&s->c, s->db), OK);
	assert_int_equal(1, site_sql(s,
		"SELECT (SELECT posts FROM site) = (SELECT count(*) FROM post)"));
	assert_int_equal(1, site_sql(s,
		"SELECT (SELECT posts FROM tag) = (SELECT count(*) FROM post_tag)"));
}

static void
reopen(struct store_site *s)
{
	db_close(s->db);
	s->db = NULL;
	ctx_reset(&s->c);
	assert_int_equal(db_open(&s->c, NULL, &s->db), OK);
}

static enum err
insert_tagged(struct store_site *s, const char *slug)
{
	struct str tags[] = {S_INIT("tag")};
	struct post_row row = site_note(slug, 1);

	row.tags = tags;
	row.n_tags = 1;
	return site_insert(&s->c, s->db, &row);
}

static bool
is_there(struct store_site *s, const char *slug)
{
	bool there;

	assert_int_equal(post_row_slug_taken(&s->c, s->db, str_z(slug), 0, &there), OK);
	return there;
}

/* share_run() with the n-th call of that kind failing, once all stand in line. */
static void
share_run_at(struct share_line *l, struct share_member *m, size_t members, enum faulty_kind kind,
	int n)
{
	share_hold(l, m, members);
	faulty_at(kind, n);
	share_release(l, m, members);
}

static void
sweep_insert(enum faulty_kind kind)
{
	struct store_site s;
	char slug[32];

	site_init(&s);
	assert_int_equal(insert_tagged(&s, "first"), OK);
	for (int n = 1; n < 500; n++) {
		enum err e;
		int hit;

		(void)snprintf(slug, sizeof(slug), "%s%d", kind_names[kind], n);
		faulty_at(kind, n);
		e = insert_tagged(&s, slug);
		hit = faulty.hit;
		faulty_at(kind, 0);
		assert_true(e == OK || (hit && is_disk_error(e)));
		assert_true(db_clean(s.db));
		err_clear(&s.c);
		if (s.db->broken)
			reopen(&s);
		/* A commit whose sync failed is undone, but may come to light after a restart. */
		assert_true(is_there(&s, slug) == (e == OK) || kind == FAULTY_SYNC);
		assert_whole(&s);
		if (!hit)
			break;
	}
	site_fini(&s);
}

static void
an_insert_survives_any_failure_of_the_disk(void **state)
{
	(void)state;
	for (int kind = 0; kind < FAULTY__MAX; kind++)
		sweep_insert((enum faulty_kind)kind);
}

/*
 * Three writers share a commit on a disk that fails once: whoever is told that its post is stored
 * finds it, and whoever is told otherwise does not, but for a sync, as above. By another handle,
 * since a pool replaces its broken connections by itself.
 */
static void
sweep_shared(enum faulty_kind kind)
{
	struct share_member first = {share_insert, .slug = "first"};
	struct share_line l;
	char slugs[3][32];
	int n, hit = 1;

	share_init(&l);
	share_run(&l, &first, 1);
	for (n = 1; n < 500 && hit; n++) {
		struct share_member m[3];
		int told = 0, failed = 0;

		for (int i = 0; i < 3; i++) {
			(void)snprintf(slugs[i], sizeof(slugs[i]), "%s%d-%d", kind_names[kind], n, i);
			m[i] = (struct share_member){.work = share_insert, .slug = slugs[i]};
		}
		share_run_at(&l, m, 3, kind, n);
		hit = faulty.hit;
		faulty_at(kind, 0);
		reopen(&l.site);
		for (int i = 0; i < 3; i++) {
			bool there = is_there(&l.site, slugs[i]);

			assert_true(m[i].e == OK || (hit && is_disk_error(m[i].e)));
			assert_true(m[i].clean);
			assert_true(there == (m[i].e == OK) || (there && kind == FAULTY_SYNC));
			told += m[i].e == OK;
			failed += m[i].e != OK;
		}
		if (kind == FAULTY_SYNC)
			assert_true(told == 0 || failed == 0);
		assert_whole(&l.site);
	}
	assert_false(hit);
	share_fini(&l);
}

static void
writers_who_share_a_commit_survive_any_failure_of_the_disk(void **state)
{
	(void)state;
	for (int kind = 0; kind < FAULTY__MAX; kind++)
		sweep_shared((enum faulty_kind)kind);
}

static void
sweep_open(enum faulty_kind kind)
{
	struct store_site s;

	site_init(&s);
	assert_int_equal(insert_tagged(&s, "first"), OK);
	for (int n = 1; n < 500; n++) {
		struct post_list list;
		enum err e;
		int hit;

		db_close(s.db);
		s.db = NULL;
		ctx_reset(&s.c);
		faulty_at(kind, n);
		e = db_open(&s.c, NULL, &s.db);
		if (!e)
			e = post_list_read(&s.c, s.db, &posts_all, S(""), 5, &list);
		hit = faulty.hit;
		faulty_at(kind, 0);
		assert_true(e == OK || (hit && is_disk_error(e)));
		reopen(&s);
		assert_true(is_there(&s, "first"));
		assert_whole(&s);
		if (!hit)
			break;
	}
	site_fini(&s);
}

static void
opening_and_reading_survive_any_failure_of_the_disk(void **state)
{
	(void)state;
	for (int kind = 0; kind < FAULTY__MAX; kind++)
		sweep_open((enum faulty_kind)kind);
}

static void
sweep_checkpoint(enum faulty_kind kind)
{
	struct store_site s;
	int posts = 0;

	site_init(&s);
	for (int n = 1; n < 500; n++) {
		int64_t frames, moved;
		char slug[32];
		enum err e;
		int hit;

		(void)snprintf(slug, sizeof(slug), "p%d", n);
		assert_int_equal(insert_tagged(&s, slug), OK);
		posts++;
		faulty_at(kind, n);
		e = db_checkpoint(&s.c, s.db, &frames, &moved);
		hit = faulty.hit;
		faulty_at(kind, 0);
		assert_true(e == OK || (hit && is_disk_error(e)));
		assert_true(db_clean(s.db));
		reopen(&s);
		assert_int_equal(site_sql(&s, "SELECT count(*) FROM post"), posts);
		assert_whole(&s);
		if (!hit)
			break;
	}
	site_fini(&s);
}

static void
a_checkpoint_survives_any_failure_of_the_disk(void **state)
{
	(void)state;
	for (int kind = 0; kind < FAULTY__MAX; kind++)
		sweep_checkpoint((enum faulty_kind)kind);
}

static void
sweep_create(enum faulty_kind kind)
{
	struct store_site s;
	struct stat st;

	for (int n = 1; n < 2000; n += n < 20 ? 1 : 7) {
		enum err e;
		int hit;

		site_init_empty(&s);
		faulty_at(kind, n);
		e = migrate_run(&s.c, true);
		hit = faulty.hit;
		faulty_at(kind, 0);
		assert_true(e == OK || (hit && is_disk_error(e)));
		assert_int_equal(stat(s.path, &st) == 0, e == OK);
		ctx_reset(&s.c);
		assert_int_equal(migrate_run(&s.c, true), OK);
		reopen(&s);
		assert_int_equal(db_check(&s.c, s.db), OK);
		site_fini(&s);
		if (!hit)
			break;
	}
}

static void
a_creation_survives_any_failure_of_the_disk(void **state)
{
	(void)state;
	for (int kind = 0; kind < FAULTY__MAX; kind++)
		sweep_create((enum faulty_kind)kind);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_insert_survives_any_failure_of_the_disk),
		cmocka_unit_test(writers_who_share_a_commit_survive_any_failure_of_the_disk),
		cmocka_unit_test(opening_and_reading_survive_any_failure_of_the_disk),
		cmocka_unit_test(a_checkpoint_survives_any_failure_of_the_disk),
		cmocka_unit_test(a_creation_survives_any_failure_of_the_disk),
	};

	faulty_register();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
