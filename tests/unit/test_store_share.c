/*
 * One commit for all who wait to write: who comes together is stored together, one's failure is
 * nobody else's, and nobody is told that something is stored before it is.
 */
#include "share_fixture.h"

#include "base/time.h"
#include "store/auth.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static int64_t
posts(const struct share_line *l)
{
	return site_sql(&l->site, "SELECT count(*) FROM post");
}

/* The counts that triggers keep are those of the rows. */
static void
assert_whole(const struct share_line *l)
{
	assert_int_equal(1, site_sql(&l->site,
		"SELECT (SELECT posts FROM site) = (SELECT count(*) FROM post)"));
	assert_int_equal(1, site_sql(&l->site,
		"SELECT ifnull((SELECT posts FROM tag), 0) = (SELECT count(*) FROM post_tag)"));
	assert_int_equal(0, site_sql(&l->site, "SELECT count(*) FROM pragma_foreign_key_check"));
}

/* Each of the members got this answer, and left nothing behind. */
static void
assert_answers(const struct share_member *m, size_t n, const enum err *want)
{
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(m[i].e, want[i]);
		assert_true(m[i].clean);
	}
}

static enum err
refuse(struct ctx *c, struct db *db, const char *slug)
{
	enum err e = share_insert(c, db, slug);

	return e ? e : err_raise(c, ERR_SCOPE, "a second thought");
}

/* Foreign keys put off to the end fail the commit. */
static enum err
spoil_the_commit(struct ctx *c, struct db *db, const char *slug)
{
	enum err e = share_insert(c, db, slug);

	site_must(sqlite3_exec(db_handle(db)->sq, "PRAGMA defer_foreign_keys = ON; "
		"INSERT INTO post_tag VALUES (77, 88, 0, 0)", NULL, NULL, NULL) == SQLITE_OK, "x");
	return e;
}

/* SQLite undoes the whole transaction when a statement that writes is interrupted. */
static enum err
be_interrupted(struct ctx *c, struct db *db, const char *slug)
{
	enum err e = share_insert(c, db, slug);
	int64_t n;

	if (e)
		return e;
	c->deadline_us = 1;
	return session_row_clean(c, db, 5, &n);
}

/* ---- tests ----------------------------------------------------------------------------------- */

static void
writers_who_come_together_share_one_commit(void **state)
{
	static const enum err want[4] = {OK, OK, OK, OK};
	struct share_member m[] = {{share_insert, .slug = "a"}, {share_insert, .slug = "b"},
		{share_insert, .slug = "c"}, {share_insert, .slug = "d"}};
	struct share_line l;
	uint64_t before;

	(void)state;
	share_init(&l);
	before = segment_generation(l.segment);
	share_run(&l, m, 4);
	assert_answers(m, 4, want);
	assert_int_equal(segment_generation(l.segment), before + 1);
	assert_false(m[0].guest);
	for (int i = 1; i < 4; i++)
		assert_true(m[i].guest);
	assert_int_equal(posts(&l), 4);
	/* In the order in which they came. */
	assert_int_equal(site_sql(&l.site, "SELECT group_concat(slug, '') = 'abcd' FROM "
		"(SELECT slug FROM post ORDER BY id)"), 1);
	assert_whole(&l);
	share_fini(&l);
}

static void
a_writer_who_comes_alone_commits_alone(void **state)
{
	struct share_member m[] = {{share_insert, .slug = "a"}, {share_insert, .slug = "b"}};
	struct share_line l;
	uint64_t before;

	(void)state;
	share_init(&l);
	before = segment_generation(l.segment);
	share_run(&l, &m[0], 1);
	share_run(&l, &m[1], 1);
	assert_int_equal(segment_generation(l.segment), before + 2);
	assert_false(m[0].guest || m[1].guest);
	assert_int_equal(posts(&l), 2);
	share_fini(&l);
}

static void
who_fails_undoes_only_what_is_its_own(void **state)
{
	static const enum err want[5] = {OK, ERR_SCOPE, OK, ERR_DB_CONSTRAINT, OK};
	struct share_member m[] = {{share_insert, .slug = "a"}, {refuse, .slug = "b"},
		{share_insert, .slug = "c"}, {share_insert, .slug = "a"},
		{share_insert, .slug = "b"}};
	struct share_line l;

	(void)state;
	share_init(&l);
	share_run(&l, m, 5);
	assert_answers(m, 5, want);
	assert_int_equal(posts(&l), 3);
	assert_int_equal(site_sql(&l.site, "SELECT count(*) FROM post WHERE slug IN "
		"('a', 'b', 'c')"), 3);
	assert_whole(&l);
	share_fini(&l);
}

static void
when_the_first_gives_up_the_next_begins_anew(void **state)
{
	static const enum err want[3] = {ERR_SCOPE, OK, OK};
	struct share_member m[] = {{refuse, .slug = "a"}, {share_insert, .slug = "b"},
		{share_insert, .slug = "c"}};
	struct share_line l;

	(void)state;
	share_init(&l);
	share_run(&l, m, 3);
	assert_answers(m, 3, want);
	assert_false(m[1].guest);
	assert_true(m[2].guest);
	assert_int_equal(posts(&l), 2);
	assert_whole(&l);
	share_fini(&l);
}

static void
a_commit_that_fails_has_failed_for_all_who_share_it(void **state)
{
	static const enum err want[3] = {ERR_DB_CONSTRAINT, ERR_DB_CONSTRAINT, ERR_DB_CONSTRAINT};
	struct share_member m[] = {{share_insert, .slug = "a"}, {spoil_the_commit, .slug = "b"},
		{share_insert, .slug = "c"}};
	struct share_member again = {share_insert, .slug = "a"};
	struct share_line l;
	uint64_t before;

	(void)state;
	share_init(&l);
	before = segment_generation(l.segment);
	share_run(&l, m, 3);
	assert_answers(m, 3, want);
	assert_int_equal(segment_generation(l.segment), before);
	assert_int_equal(posts(&l), 0);
	share_run(&l, &again, 1);
	assert_int_equal(again.e, OK);
	assert_int_equal(posts(&l), 1);
	assert_whole(&l);
	share_fini(&l);
}

/* Those behind the one that undid it are not drawn in: they have a transaction of their own. */
static void
an_undone_transaction_is_told_to_all_who_were_in_it(void **state)
{
	static const enum err want[5] = {ERR_DB_BUSY, ERR_DB_BUSY, ERR_TIMEOUT, OK, OK};
	struct share_member m[] = {{share_insert, .slug = "a"}, {share_insert, .slug = "b"},
		{be_interrupted, .slug = "c"}, {share_insert, .slug = "d"},
		{share_insert, .slug = "e"}};
	struct share_line l;

	(void)state;
	share_init(&l);
	(void)site_sql(&l.site, "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL "
		"SELECT i + 1 FROM n LIMIT 3000) "
		"INSERT INTO session SELECT CAST(printf('%032d', i) AS BLOB), "
		"i, '', 0, '', '', 0, 0, 1 FROM n");
	share_run(&l, m, 5);
	assert_answers(m, 5, want);
	assert_false(m[3].guest);
	assert_int_equal(posts(&l), 2);
	assert_int_equal(site_sql(&l.site, "SELECT count(*) FROM session"), 3000);
	assert_whole(&l);
	share_fini(&l);
}

static void
who_waits_for_a_turn_waits_no_longer_than_it_may(void **state)
{
	struct share_member m[] = {{share_insert, .slug = "a"}, {share_insert, .slug = "b"},
		{share_insert, .slug = "c"}};
	struct share_line l;

	(void)state;
	share_init(&l);
	assert_int_equal(segment_writer_lock(&l.site.c, l.segment, INT64_MAX / 2), OK);
	share_start(&l, &m[0], 0);
	m[1].deadline_us = time_mono_us() + 1000;
	m[1].line = &l;
	assert_int_equal(pthread_create(&m[1].id, NULL, share_member_run, &m[1]), 0);
	assert_int_equal(pthread_join(m[1].id, NULL), 0);
	assert_int_equal(m[1].e, ERR_DB_BUSY);
	assert_true(m[1].clean);
	share_start(&l, &m[2], 1);
	segment_writer_unlock(l.segment);
	assert_int_equal(pthread_join(m[0].id, NULL), 0);
	assert_int_equal(pthread_join(m[2].id, NULL), 0);
	assert_true(m[0].e == OK && m[2].e == OK && m[2].guest);
	assert_int_equal(posts(&l), 2);
	share_fini(&l);
}

static void
when_the_first_gets_no_lock_the_next_one_tries(void **state)
{
	struct share_member m[] = {{share_insert, .slug = "a"}, {share_insert, .slug = "b"}};
	struct share_line l;

	(void)state;
	share_init(&l);
	assert_int_equal(segment_writer_lock(&l.site.c, l.segment, INT64_MAX / 2), OK);
	m[0].deadline_us = time_mono_us() + 50000;
	share_start(&l, &m[0], 0);
	m[1].line = &l;
	assert_int_equal(pthread_create(&m[1].id, NULL, share_member_run, &m[1]), 0);
	while (db_share_inside(l.share) < 2 && !atomic_load(&m[0].gone))
		(void)sched_yield();
	assert_int_equal(pthread_join(m[0].id, NULL), 0);
	assert_int_equal(m[0].e, ERR_DB_BUSY);
	assert_true(m[0].clean);
	segment_writer_unlock(l.segment);
	assert_int_equal(pthread_join(m[1].id, NULL), 0);
	assert_int_equal(m[1].e, OK);
	assert_false(m[1].guest);
	assert_int_equal(posts(&l), 1);
	share_fini(&l);
}

/* Begins, inserts, and gives the connection back as if its request had been dropped there. */
static void *
begin_and_forget(void *p)
{
	struct share_member *m = p;
	struct ctx c;
	struct db *db;

	site_ctx(&m->line->site, &c);
	site_must(pool_acquire(&c, m->line->pool, &db) == OK, "connection");
	m->e = db_tx_begin(&c, db);
	m->guest = db->host != NULL;
	site_must(!m->e && share_insert(&c, db, m->slug) == OK, "insert");
	m->clean = pool_release(&c, m->line->pool, db);
	ctx_fini(&c);
	return NULL;
}

static void
a_guest_that_never_ends_its_work_is_undone_when_it_goes(void **state)
{
	struct share_member m[] = {{share_insert, .slug = "a"}, {.slug = "b"},
		{share_insert, .slug = "c"}};
	struct share_line l;

	(void)state;
	share_init(&l);
	assert_int_equal(segment_writer_lock(&l.site.c, l.segment, INT64_MAX / 2), OK);
	share_start(&l, &m[0], 0);
	m[1].line = &l;
	assert_int_equal(pthread_create(&m[1].id, NULL, begin_and_forget, &m[1]), 0);
	while (db_share_inside(l.share) == 1)
		(void)sched_yield();
	share_start(&l, &m[2], 2);
	segment_writer_unlock(l.segment);
	for (int i = 0; i < 3; i++)
		assert_int_equal(pthread_join(m[i].id, NULL), 0);
	assert_true(m[1].guest);
	assert_false(m[1].clean);
	assert_true(m[0].e == OK && m[2].e == OK);
	assert_int_equal(posts(&l), 2);
	assert_whole(&l);
	share_fini(&l);
}

enum { WRITERS = 6, WRITES = 60 };

static void *
write_many(void *p)
{
	struct share_member *m = p, one = *m;
	int failures = 0;

	for (int i = 0; i < WRITES; i++) {
		char slug[32];

		(void)snprintf(slug, sizeof(slug), "%s-%d", m->slug, i);
		one.slug = slug;
		one.work = i % 7 == 3 ? refuse : share_insert;
		(void)share_member_run(&one);
		failures += one.e != (i % 7 == 3 ? ERR_SCOPE : OK) || !one.clean;
	}
	m->e = failures ? ERR_DB : OK;
	return NULL;
}

static void
many_writers_of_one_process_lose_nothing(void **state)
{
	static const char names[] = "a\0b\0c\0d\0e\0f";
	struct share_member m[WRITERS];
	struct share_line l;

	(void)state;
	share_init(&l);
	for (int i = 0; i < WRITERS; i++) {
		m[i] = (struct share_member){.line = &l, .slug = &names[i * 2]};
		assert_int_equal(pthread_create(&m[i].id, NULL, write_many, &m[i]), 0);
	}
	for (int i = 0; i < WRITERS; i++) {
		assert_int_equal(pthread_join(m[i].id, NULL), 0);
		assert_int_equal(m[i].e, OK);
	}
	assert_int_equal(posts(&l), WRITERS * (WRITES - (WRITES + 3) / 7));
	assert_int_equal(db_share_inside(l.share), 0);
	assert_whole(&l);
	share_fini(&l);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writers_who_come_together_share_one_commit),
		cmocka_unit_test(a_writer_who_comes_alone_commits_alone),
		cmocka_unit_test(who_fails_undoes_only_what_is_its_own),
		cmocka_unit_test(when_the_first_gives_up_the_next_begins_anew),
		cmocka_unit_test(a_commit_that_fails_has_failed_for_all_who_share_it),
		cmocka_unit_test(an_undone_transaction_is_told_to_all_who_were_in_it),
		cmocka_unit_test(who_waits_for_a_turn_waits_no_longer_than_it_may),
		cmocka_unit_test(when_the_first_gets_no_lock_the_next_one_tries),
		cmocka_unit_test(a_guest_that_never_ends_its_work_is_undone_when_it_goes),
		cmocka_unit_test(many_writers_of_one_process_lose_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
