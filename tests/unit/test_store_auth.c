/*
 * Rows of the owner, tokens and sessions.
 */
#include "store_site.h"

#include "store/auth.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

enum { HOUR = 3600 };

static void
assert_str(struct str got, const char *want)
{
	assert_int_equal(got.n, strlen(want));
	assert_memory_equal(got.p, want, got.n);
}

static void
writing(struct store_site *s)
{
	assert_int_equal(db_tx_begin(&s->c, s->db), OK);
}

static void
written(struct store_site *s)
{
	assert_int_equal(db_tx_commit(&s->c, s->db), OK);
	assert_true(db_clean(s->db));
}

static void
there_is_one_owner(void **state)
{
	struct owner_row got, row = {S("Ada"), S("https://ada.example/"), S("$argon2id$x"), 1234,
		S("")};
	struct store_site s;

	(void)state;
	site_init(&s);
	assert_int_equal(owner_row_find(&s.c, s.db, &got), ERR_NOT_FOUND);
	err_clear(&s.c);
	writing(&s);
	assert_int_equal(owner_row_set_password(&s.c, s.db, S("x")), ERR_NOT_FOUND);
	err_clear(&s.c);
	assert_int_equal(owner_row_insert(&s.c, s.db, &row), OK);
	assert_int_equal(owner_row_insert(&s.c, s.db, &row), ERR_EXISTS);
	err_clear(&s.c);
	written(&s);
	assert_int_equal(owner_row_find(&s.c, s.db, &got), OK);
	assert_str(got.name, "Ada");
	assert_str(got.url, "https://ada.example/");
	assert_str(got.password_hash, "$argon2id$x");
	assert_int_equal(got.created, 1234);
	writing(&s);
	assert_int_equal(owner_row_set_password(&s.c, s.db, S("$argon2id$y")), OK);
	written(&s);
	assert_int_equal(owner_row_find(&s.c, s.db, &got), OK);
	assert_str(got.password_hash, "$argon2id$y");
	site_fini(&s);
}

static struct token_row
token(const char *id, unsigned char byte)
{
	struct token_row row = {.id = str_z(id), .name = S("phone"),
		.client_id = S("https://c.example/"), .scope = S("create update"),
		.created = 100, .expires = 200, .granted = S("create update media"), .issued = 150,
		.ends = 300};

	memset(row.hash, byte, sizeof(row.hash));
	return row;
}

static void
a_token_is_found_by_its_hash(void **state)
{
	struct token_row got, a = token("aaa", 1), b = token("bbb", 2);
	unsigned char unknown[CRYPTO_SHA256_BYTES] = {9};
	struct store_site s;

	(void)state;
	site_init(&s);
	a.last_used = 7;
	a.revoked = 8;
	writing(&s);
	assert_int_equal(token_row_insert(&s.c, s.db, &a), OK);
	assert_int_equal(token_row_insert(&s.c, s.db, &b), OK);
	written(&s);
	assert_int_equal(token_row_find(&s.c, s.db, a.hash, &got), OK);
	assert_str(got.id, "aaa");
	assert_memory_equal(got.hash, a.hash, sizeof(a.hash));
	assert_str(got.name, "phone");
	assert_str(got.client_id, "https://c.example/");
	assert_str(got.scope, "create update");
	assert_int_equal(got.created, 100);
	assert_int_equal(got.expires, 200);
	assert_int_equal(got.last_used, 7);
	assert_int_equal(got.revoked, 8);
	assert_str(got.granted, "create update media");
	assert_int_equal(got.issued, 150);
	assert_int_equal(got.ends, 300);
	assert_false(got.drafts);
	assert_int_equal(token_row_find(&s.c, s.db, unknown, &got), ERR_NOT_FOUND);
	site_fini(&s);
}

static void
two_tokens_cannot_share_id_or_hash(void **state)
{
	struct token_row a = token("aaa", 1), same_id = token("aaa", 2),
		same_hash = token("ccc", 1);
	struct store_site s;

	(void)state;
	site_init(&s);
	writing(&s);
	assert_int_equal(token_row_insert(&s.c, s.db, &a), OK);
	assert_int_equal(token_row_insert(&s.c, s.db, &same_id), ERR_DB_CONSTRAINT);
	assert_int_equal(token_row_insert(&s.c, s.db, &same_hash), ERR_DB_CONSTRAINT);
	written(&s);
	site_fini(&s);
}

static void
tokens_are_listed_newest_first(void **state)
{
	struct token_row *rows;
	struct store_site s;
	size_t n;

	(void)state;
	site_init(&s);
	assert_int_equal(token_row_list(&s.c, s.db, &rows, &n), OK);
	assert_int_equal(n, 0);
	writing(&s);
	for (unsigned char i = 0; i < 9; i++) {
		char id[8];
		struct token_row row;

		(void)snprintf(id, sizeof(id), "t%d", i);
		row = token(id, i);
		assert_int_equal(token_row_insert(&s.c, s.db, &row), OK);
	}
	written(&s);
	assert_int_equal(token_row_list(&s.c, s.db, &rows, &n), OK);
	assert_int_equal(n, 9);
	for (int i = 0; i < 9; i++)
		assert_int_equal(rows[i].hash[31], 8 - i);
	assert_str(rows[0].id, "t8");
	assert_str(rows[8].id, "t0");
	site_fini(&s);
}

static void
a_revoked_token_keeps_the_time_of_its_first_revocation(void **state)
{
	struct token_row got, a = token("aaa", 1);
	struct store_site s;

	(void)state;
	site_init(&s);
	writing(&s);
	assert_int_equal(token_row_insert(&s.c, s.db, &a), OK);
	assert_int_equal(token_row_revoke(&s.c, s.db, S("zzz"), 5), ERR_NOT_FOUND);
	err_clear(&s.c);
	assert_int_equal(token_row_revoke(&s.c, s.db, S("aaa"), 500), OK);
	assert_int_equal(token_row_revoke(&s.c, s.db, S("aaa"), 600), OK);
	written(&s);
	assert_int_equal(token_row_find(&s.c, s.db, a.hash, &got), OK);
	assert_int_equal(got.revoked, 500);
	site_fini(&s);
}

static void
the_last_use_is_kept_to_the_hour(void **state)
{
	struct token_row got, a = token("aaa", 1);
	struct store_site s;

	(void)state;
	site_init(&s);
	writing(&s);
	assert_int_equal(token_row_insert(&s.c, s.db, &a), OK);
	assert_int_equal(token_row_touch(&s.c, s.db, S("aaa"), 5 * HOUR + 17), OK);
	assert_int_equal(stmt_changes(s.db), 1);
	assert_int_equal(token_row_touch(&s.c, s.db, S("aaa"), 5 * HOUR + 99), OK);
	assert_int_equal(stmt_changes(s.db), 0);
	assert_int_equal(token_row_touch(&s.c, s.db, S("nobody"), 5 * HOUR), OK);
	written(&s);
	assert_int_equal(token_row_find(&s.c, s.db, a.hash, &got), OK);
	assert_int_equal(got.last_used, 5 * HOUR);
	site_fini(&s);
}

static void
a_token_is_not_used_before_it_is_made(void **state)
{
	struct token_row got, a = token("aaa", 1);
	struct store_site s;

	(void)state;
	site_init(&s);
	writing(&s);
	a.created = 5 * HOUR + 17;
	assert_int_equal(token_row_insert(&s.c, s.db, &a), OK);
	assert_int_equal(token_row_touch(&s.c, s.db, S("aaa"), 5 * HOUR + 99), OK);
	assert_int_equal(token_row_touch(&s.c, s.db, S("aaa"), 5 * HOUR + 100), OK);
	assert_int_equal(stmt_changes(s.db), 0);
	written(&s);
	assert_int_equal(token_row_find(&s.c, s.db, a.hash, &got), OK);
	assert_int_equal(got.last_used, 5 * HOUR + 17);
	site_fini(&s);
}

static void
dead_tokens_are_cleaned_and_living_ones_kept(void **state)
{
	struct token_row expired = token("a", 1), revoked = token("b", 2), forever = token("c", 3),
		later = token("d", 4), *rows;
	struct store_site s;
	int64_t cleaned;
	size_t n;

	(void)state;
	site_init(&s);
	expired.ends = 999;
	revoked.ends = 0;
	revoked.revoked = 999;
	forever.ends = 0;
	later.ends = 1000;
	writing(&s);
	assert_int_equal(token_row_insert(&s.c, s.db, &expired), OK);
	assert_int_equal(token_row_insert(&s.c, s.db, &revoked), OK);
	assert_int_equal(token_row_insert(&s.c, s.db, &forever), OK);
	assert_int_equal(token_row_insert(&s.c, s.db, &later), OK);
	assert_int_equal(token_row_clean(&s.c, s.db, 1000, &cleaned), OK);
	written(&s);
	assert_int_equal(cleaned, 2);
	assert_int_equal(token_row_list(&s.c, s.db, &rows, &n), OK);
	assert_int_equal(n, 2);
	assert_str(rows[0].id, "d");
	assert_str(rows[1].id, "c");
	site_fini(&s);
}

static void
a_session_lives_from_insert_to_delete(void **state)
{
	struct session_row got, row = {.id = S("abcdefghij"), .factors = S("password"),
		.proved = 15, .user_agent = S("Mozilla"),
		.remote_addr = S("192.0.2.1"), .created = 10, .last_accessed = 20, .expires = 30};
	struct store_site s;

	(void)state;
	site_init(&s);
	memset(row.hash, 7, sizeof(row.hash));
	assert_int_equal(session_row_find(&s.c, s.db, row.hash, &got), ERR_NOT_FOUND);
	err_clear(&s.c);
	writing(&s);
	assert_int_equal(session_row_insert(&s.c, s.db, &row), OK);
	written(&s);
	assert_int_equal(session_row_find(&s.c, s.db, row.hash, &got), OK);
	assert_memory_equal(got.hash, row.hash, sizeof(row.hash));
	assert_str(got.id, "abcdefghij");
	assert_str(got.factors, "password");
	assert_int_equal(got.proved, 15);
	assert_str(got.user_agent, "Mozilla");
	assert_str(got.remote_addr, "192.0.2.1");
	assert_int_equal(got.created, 10);
	assert_int_equal(got.last_accessed, 20);
	assert_int_equal(got.expires, 30);
	writing(&s);
	assert_int_equal(session_row_touch(&s.c, s.db, row.hash, 25, 55), OK);
	written(&s);
	assert_int_equal(session_row_find(&s.c, s.db, row.hash, &got), OK);
	assert_int_equal(got.last_accessed, 25);
	assert_int_equal(got.expires, 55);
	writing(&s);
	assert_int_equal(session_row_delete(&s.c, s.db, row.hash), OK);
	written(&s);
	assert_int_equal(session_row_find(&s.c, s.db, row.hash, &got), ERR_NOT_FOUND);
	site_fini(&s);
}

static void
sessions_are_cleaned_when_their_time_has_come(void **state)
{
	static const char ids[] = "abcde";
	struct session_row row = {.expires = 0};
	struct store_site s;
	int64_t n;

	(void)state;
	site_init(&s);
	writing(&s);
	for (unsigned char i = 0; i < 5; i++) {
		row.hash[0] = i;
		row.id = str_n(ids + i, 1);
		row.expires = 100 + i;
		assert_int_equal(session_row_insert(&s.c, s.db, &row), OK);
	}
	assert_int_equal(session_row_clean(&s.c, s.db, 102, &n), OK);
	assert_int_equal(n, 3);
	assert_int_equal(session_row_clean(&s.c, s.db, 102, &n), OK);
	assert_int_equal(n, 0);
	written(&s);
	site_fini(&s);
}

static void
no_secret_fits_where_a_hash_belongs(void **state)
{
	static const char *const secrets[] = {
		"INSERT INTO session VALUES (x'00', '', '', 0, '', '', 0, 0, 0)",
		"INSERT INTO session VALUES ('sp_45678901234567890123456789012', "
			"'', '', 0, '', '', 0, 0, 0)",
		"INSERT INTO token VALUES (1, 'a', x'00', '', '', '', 0, 0, 0, 0, '', 0, 0, 0, 0)",
		"INSERT INTO token VALUES (1, 'a', 'sp_45678901234567890123456789012', "
			"'', '', '', 0, 0, 0, 0, '', 0, 0, 0, 0)",
		"INSERT INTO code VALUES (x'00', '', '', '', '', '', 0, 0, 0, '')",
		"INSERT INTO code VALUES ('12345678901234567890123456789012', "
			"'', '', '', '', '', 0, 0, 0, '')",
		"INSERT INTO refresh VALUES (1, 'spr_5678901234567890123456789012', 1, 0, 0, 0)",
	};
	struct store_site s;
	sqlite3 *sq;

	(void)state;
	site_init(&s);
	assert_int_equal(sqlite3_open(s.path, &sq), SQLITE_OK);
	for (size_t i = 0; i < sizeof(secrets) / sizeof(secrets[0]); i++)
		assert_int_equal(sqlite3_exec(sq, secrets[i], NULL, NULL, NULL), SQLITE_CONSTRAINT);
	(void)sqlite3_close(sq);
	site_fini(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(there_is_one_owner),
		cmocka_unit_test(a_token_is_found_by_its_hash),
		cmocka_unit_test(two_tokens_cannot_share_id_or_hash),
		cmocka_unit_test(tokens_are_listed_newest_first),
		cmocka_unit_test(a_revoked_token_keeps_the_time_of_its_first_revocation),
		cmocka_unit_test(the_last_use_is_kept_to_the_hour),
		cmocka_unit_test(a_token_is_not_used_before_it_is_made),
		cmocka_unit_test(dead_tokens_are_cleaned_and_living_ones_kept),
		cmocka_unit_test(a_session_lives_from_insert_to_delete),
		cmocka_unit_test(sessions_are_cleaned_when_their_time_has_come),
		cmocka_unit_test(no_secret_fits_where_a_hash_belongs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
