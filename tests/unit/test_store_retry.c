/*
 * store/retry and store/redirect: what they keep, for how long, and that it goes with its post.
 */
#include "store/retry.h"

#include "store/redirect.h"
#include "store_site.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static const int64_t march = 1772357400;

static void
tx_begin(struct store_site *s)
{
	assert_int_equal(db_tx_begin(&s->c, s->db), OK);
}

static void
tx_commit(struct store_site *s)
{
	assert_int_equal(db_tx_commit(&s->c, s->db), OK);
}

static void
a_retry_is_found_until_it_expires(void **state)
{
	struct retry_row row = {.key = "k", .content = "c", .expires = march + 10},
			 got = {.key = "k"};
	struct post_row post = site_note("a", march);
	struct store_site s;
	bool found;
	int64_t n;

	(void)state;
	site_init(&s);
	assert_int_equal(site_insert(&s.c, s.db, &post), OK);
	row.post_id = post.id;
	assert_int_equal(retry_row_find(&s.c, s.db, march, &got, &found), OK);
	assert_false(found);
	tx_begin(&s);
	assert_int_equal(retry_row_put(&s.c, s.db, &row), OK);
	tx_commit(&s);
	assert_int_equal(retry_row_find(&s.c, s.db, march + 9, &got, &found), OK);
	assert_true(found);
	assert_int_equal(got.post_id, post.id);
	assert_memory_equal(got.content, row.content, sizeof(row.content));
	assert_int_equal(retry_row_find(&s.c, s.db, march + 10, &got, &found), OK);
	assert_false(found);
	tx_begin(&s);
	assert_int_equal(retry_row_clean(&s.c, s.db, march + 9, &n), OK);
	assert_int_equal(n, 0);
	assert_int_equal(retry_row_clean(&s.c, s.db, march + 10, &n), OK);
	assert_int_equal(n, 1);
	tx_commit(&s);
	site_fini(&s);
}

static void
a_key_has_one_row(void **state)
{
	struct retry_row row = {.key = "k", .content = "c", .expires = march}, got = {.key = "k"};
	struct post_row a = site_note("a", march), b = site_note("b", march);
	struct store_site s;
	bool found;

	(void)state;
	site_init(&s);
	assert_int_equal(site_insert(&s.c, s.db, &a), OK);
	assert_int_equal(site_insert(&s.c, s.db, &b), OK);
	tx_begin(&s);
	row.post_id = a.id;
	assert_int_equal(retry_row_put(&s.c, s.db, &row), OK);
	row.post_id = b.id;
	row.content[0] = 'd';
	assert_int_equal(retry_row_put(&s.c, s.db, &row), OK);
	tx_commit(&s);
	assert_int_equal(retry_row_find(&s.c, s.db, 0, &got, &found), OK);
	assert_true(found);
	assert_int_equal(got.post_id, b.id);
	assert_int_equal(got.content[0], 'd');
	assert_int_equal(site_sql(&s, "SELECT count(*) FROM retry"), 1);
	site_fini(&s);
}

static void
a_retry_needs_its_post(void **state)
{
	struct retry_row row = {.key = "k", .post_id = 7, .expires = march};
	struct store_site s;

	(void)state;
	site_init(&s);
	tx_begin(&s);
	assert_int_not_equal(retry_row_put(&s.c, s.db, &row), OK);
	db_tx_rollback(&s.c, s.db);
	site_fini(&s);
}

static void
a_former_slug_leads_to_its_post_until_it_is_removed(void **state)
{
	struct post_row post = site_note("now", march);
	struct store_site s;
	int64_t id;
	bool taken;

	(void)state;
	site_init(&s);
	assert_int_equal(site_insert(&s.c, s.db, &post), OK);
	assert_int_equal(redirect_row_find(&s.c, s.db, S("old"), &id), OK);
	assert_int_equal(id, 0);
	tx_begin(&s);
	assert_int_equal(redirect_row_insert(&s.c, s.db, S("old"), post.id, march), OK);
	tx_commit(&s);
	assert_int_equal(redirect_row_find(&s.c, s.db, S("old"), &id), OK);
	assert_int_equal(id, post.id);
	assert_int_equal(post_row_slug_taken(&s.c, s.db, S("old"), 0, &taken), OK);
	assert_true(taken);
	assert_int_equal(post_row_slug_taken(&s.c, s.db, S("old"), post.id, &taken), OK);
	assert_false(taken);
	assert_int_equal(post_row_slug_taken(&s.c, s.db, S("now"), post.id, &taken), OK);
	assert_false(taken);
	tx_begin(&s);
	assert_int_equal(redirect_row_delete(&s.c, s.db, S("old")), OK);
	assert_int_equal(redirect_row_delete(&s.c, s.db, S("never")), OK);
	tx_commit(&s);
	assert_int_equal(redirect_row_find(&s.c, s.db, S("old"), &id), OK);
	assert_int_equal(id, 0);
	site_fini(&s);
}

static void
a_slug_is_one_posts_former_one(void **state)
{
	struct post_row post = site_note("now", march);
	struct store_site s;

	(void)state;
	site_init(&s);
	assert_int_equal(site_insert(&s.c, s.db, &post), OK);
	tx_begin(&s);
	assert_int_equal(redirect_row_insert(&s.c, s.db, S("old"), post.id, march), OK);
	assert_int_equal(
		redirect_row_insert(&s.c, s.db, S("old"), post.id, march), ERR_DB_CONSTRAINT);
	db_tx_rollback(&s.c, s.db);
	site_fini(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_retry_is_found_until_it_expires),
		cmocka_unit_test(a_key_has_one_row),
		cmocka_unit_test(a_retry_needs_its_post),
		cmocka_unit_test(a_former_slug_leads_to_its_post_until_it_is_removed),
		cmocka_unit_test(a_slug_is_one_posts_former_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
