/*
 * The audit trail: what a row says, in which order rows are read, and how long they are kept.
 */
#include "domain_fixture.h"

#include "core/facts.h"
#include "domain/audit.h"

static void
put(struct site *s, enum audit what, const char *subject)
{
	assert_ok(s, db_tx_begin(&s->c, s->db));
	assert_ok(s, audit_put(&s->c, s->db, what, str_z(subject), S("create update")));
	assert_ok(s, db_tx_commit(&s->c, s->db));
}

static size_t
rows_read(struct site *s, int64_t before, struct audit_row **out)
{
	size_t n;

	assert_ok(s, audit_row_list(&s->c, s->db, before, 100, out, &n));
	return n;
}

static void
a_row_says_what_when_and_from_where(void **state)
{
	struct site *s = *state;
	struct facts facts = {.remote_addr = S("192.0.2.7"), .user_agent = S("Browser/1")};
	struct audit_row *rows;

	s->c.facts = &facts;
	put(s, AUDIT_TOKEN_CREATED, "abc");
	s->c.facts = NULL;
	assert_int_equal(rows_read(s, INT64_MAX, &rows), 1);
	assert_int_equal(rows[0].time, NOW);
	assert_str(rows[0].what, "token-created");
	assert_str(audit_text(&s->c, rows[0].what), "Token made");
	assert_str(rows[0].subject, "abc");
	assert_str(rows[0].detail, "create update");
	assert_str(rows[0].remote_addr, "192.0.2.7");
	assert_str(rows[0].user_agent, "Browser/1");
	assert_str(audit_text(&s->c, S("of-another-version")), "of-another-version");
}

static void
rows_are_read_newest_first_and_go_on_where_they_ended(void **state)
{
	struct site *s = *state;
	struct audit_row *rows;

	put(s, AUDIT_SIGN_IN, "first");
	put(s, AUDIT_SIGN_IN, "second");
	put(s, AUDIT_SIGN_OUT, "third");
	assert_int_equal(rows_read(s, INT64_MAX, &rows), 3);
	assert_str(rows[0].subject, "third");
	assert_int_equal(rows_read(s, rows[1].id, &rows), 1);
	assert_str(rows[0].subject, "first");
}

static void
nothing_is_written_without_what_it_tells(void **state)
{
	struct site *s = *state;
	struct audit_row *rows;

	assert_ok(s, db_tx_begin(&s->c, s->db));
	assert_ok(s, audit_put(&s->c, s->db, AUDIT_PASSWORD, S(""), S("")));
	db_tx_rollback(&s->c, s->db);
	assert_int_equal(rows_read(s, INT64_MAX, &rows), 0);
}

static void
rows_go_after_ninety_days(void **state)
{
	struct site *s = *state;
	struct audit_row *rows;
	int64_t n;

	put(s, AUDIT_SIGN_IN, "old");
	site_next(s, AUDIT_KEPT);
	put(s, AUDIT_SIGN_IN, "young");
	assert_ok(s, audit_clean(&s->c, s->db, &n));
	assert_int_equal(n, 0);
	site_next(s, 1);
	assert_ok(s, audit_clean(&s->c, s->db, &n));
	assert_int_equal(n, 1);
	assert_int_equal(rows_read(s, INT64_MAX, &rows), 1);
	assert_str(rows[0].subject, "young");
	site_next(s, 2 * AUDIT_KEPT);
	assert_ok(s, audit_clean(&s->c, s->db, &n));
	assert_int_equal(n, 1);
}

static void
no_more_than_so_many_are_kept(void **state)
{
	struct site *s = *state;
	struct audit_row *rows;
	int64_t n;

	for (int i = 0; i < 5; i++)
		put(s, AUDIT_SIGN_IN, "x");
	assert_ok(s, db_tx_begin(&s->c, s->db));
	assert_ok(s, audit_row_clean(&s->c, s->db, 0, 3, &n));
	assert_ok(s, db_tx_commit(&s->c, s->db));
	assert_int_equal(n, 2);
	assert_int_equal(rows_read(s, INT64_MAX, &rows), 3);
}

/* A wrong password from each address that somebody has is a row: they take their own room only. */
static void
what_strangers_do_pushes_out_nothing_that_the_owner_did(void **state)
{
	struct site *s = *state;
	struct audit_row *rows;
	int64_t n;

	put(s, AUDIT_CONSENT, "https://app.example/");
	assert_ok(s, db_tx_begin(&s->c, s->db));
	for (int i = 0; i < AUDIT_MOST; i++)
		assert_ok(s, audit_put(&s->c, s->db, i % 2 ? AUDIT_TRIES : AUDIT_SIGN_IN_FAILED,
			S("password"), S("")));
	assert_ok(s, db_tx_commit(&s->c, s->db));
	put(s, AUDIT_SIGN_OUT, "x");
	assert_ok(s, audit_clean(&s->c, s->db, &n));
	assert_int_equal(n, AUDIT_MOST - 2 * AUDIT_STRANGERS);
	assert_int_equal(rows_read(s, 2, &rows), 1);
	assert_str(rows[0].what, "app-let-in");
	assert_ok(s, audit_clean(&s->c, s->db, &n));
	assert_int_equal(n, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(a_row_says_what_when_and_from_where),
		SITE_TEST(rows_are_read_newest_first_and_go_on_where_they_ended),
		SITE_TEST(nothing_is_written_without_what_it_tells),
		SITE_TEST(rows_go_after_ninety_days),
		SITE_TEST(no_more_than_so_many_are_kept),
		SITE_TEST(what_strangers_do_pushes_out_nothing_that_the_owner_did),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
