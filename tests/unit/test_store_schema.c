/*
 * The schema against its fixture, and the plan of every query: no unlisted walk over a whole table.
 */
#include "fixture.h"
#include "store_site.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

/* Queries that may read all of a table, which is small or is walked in order up to a LIMIT. */
static const struct {
	enum sql which;
	const char *step;	/* the plan's words for it */
} allowed[] = {
	/* What was asked for in one text is a list of its own. */
	{SQL_PERIOD_SPANS, "SCAN json_each VIRTUAL TABLE INDEX 1:"},
	{SQL_PERIOD_TYPES, "SCAN json_each VIRTUAL TABLE INDEX 1:"},
	{SQL_PERIOD_TYPES, "SCAN post USING INDEX post_listed"},	/* up to the first note */
	{SQL_PERIOD_AROUND, "SCAN CONSTANT ROW"},
	{SQL_LIST_SPANS, "SCAN span VIRTUAL TABLE INDEX 1:"},
	{SQL_LIST_SPANS, "USE TEMP B-TREE FOR ORDER BY"},
	{SQL_POST_DUE, "SCAN post USING INDEX post_scheduled"},
	{SQL_POST_CARDS, "SCAN post USING INDEX post_card"},
	{SQL_POST_SLUG_TAKEN, "SCAN CONSTANT ROW"},
	{SQL_JOB_LIST, "SCAN job"},
	{SQL_MEDIA_NEWEST, "SCAN media USING INDEX media_created"},
	{SQL_MEDIA_KNOWN, "SCAN CONSTANT ROW"},
	{SQL_MEDIA_USED, "SCAN CONSTANT ROW"},
	{SQL_ALIAS_FIND, "SCAN wanted VIRTUAL TABLE INDEX 1:"},
	{SQL_ALIAS_FIND, "USE TEMP B-TREE FOR ORDER BY"},	/* twenty rows at most */
	{SQL_SETTING_LIST, "SCAN setting"},
	{SQL_PENDING, "SCAN post USING INDEX post_draft"},
	{SQL_PENDING, "SCAN post USING INDEX post_scheduled"},
	{SQL_PENDING, "SCAN job"},
	{SQL_PENDING, "SCAN CONSTANT ROW"},
	{SQL_AUDIT_EXPIRE, "SCAN audit"},
	{SQL_AUDIT_TRIM, "SCAN audit"},
	{SQL_AUDIT_TRIM_KIND, "SCAN audit"},
	{SQL_POST_INSERT, "SCAN retry"},	/* only while a foreign key is violated */
	{SQL_BATCH_POST_REMOVE, "SCAN retry"},	/* a day's creates, for a command */
	{SQL_RETRY_CLEAN, "SCAN retry"},
	{SQL_CLIENT_CROP, "SCAN client USING INDEX client_asked"},
	{SQL_TOKEN_LIST, "SCAN token"},
	{SQL_TOKEN_CLEAN, "SCAN token"},
	{SQL_PENDING_CLEAN, "SCAN pending"},
	{SQL_CHALLENGE_TRIM, "SCAN challenge USING COVERING INDEX challenge_expires"},
	{SQL_THROTTLE_TRIM, "SCAN throttle USING COVERING INDEX throttle_since"},
	{SQL_RECOVERY_COUNT, "SCAN recovery"},
	{SQL_PASSKEY_LIST, "SCAN passkey"},
	{SQL_PASSKEY_LIST, "USE TEMP B-TREE FOR ORDER BY"},
	{SQL_FACTOR_COUNT, "SCAN CONSTANT ROW"},
	{SQL_FACTOR_COUNT, "SCAN totp"},
	{SQL_FACTOR_COUNT, "SCAN passkey USING COVERING INDEX sqlite_autoindex_passkey_2"},
	{SQL_SESSION_LIST, "USE TEMP B-TREE FOR ORDER BY"},
	{SQL_SESSION_REVOKE_OTHERS, "SCAN session USING COVERING INDEX sqlite_autoindex_session_2"},
	{SQL_TOKEN_TALLY, "SCAN token"},
	{SQL_REFRESH_CLEAN, "SCAN refresh"},
	{SQL_CODE_CLEAN, "SCAN code"},
	{SQL_AUTHORIZATION_CLEAN, "SCAN authorization"},
	{SQL_SEARCH_MATCH, "SCAN search_fts VIRTUAL TABLE INDEX 192:M1><"},
	{SQL_SEARCH_CHANGED, "SCAN search_stale"},
	{SQL_SEARCH_LEFT, "SCAN CONSTANT ROW"},
	{SQL_SEARCH_LEFT, "SCAN search_stale"},
	{SQL_SEARCH_STALE, "SCAN search_stale"},
	{SQL_SEARCH_LOST, "SCAN CONSTANT ROW"},
	{SQL_SEARCH_LOST, "SCAN search USING COVERING INDEX sqlite_autoindex_search_1"},
};

enum { N_ALLOWED = sizeof(allowed) / sizeof(allowed[0]) };

/* The same table; which of its indexes is walked from end to end differs between versions of SQLite. */
static bool
is_same_walk(const char *step, const char *other)
{
	const char *using = strstr(step, " USING ");
	size_t n = using ? (size_t)(using - step) : strlen(step);

	if (strncmp(step, other, n) != 0)
		return false;
	return using ? strncmp(other + n, " USING ", 7) == 0 : other[n] == '\0';
}

/* Notes that the exception was needed. */
static bool
is_allowed(enum sql which, const char *step, bool needed[N_ALLOWED])
{
	bool found = false;

	for (size_t i = 0; i < N_ALLOWED; i++) {
		if (allowed[i].which != which || !is_same_walk(allowed[i].step, step))
			continue;
		needed[i] = true;
		found = true;
	}
	return found;
}

/* Reads all of a table, sorts, or makes an index for one run. */
static bool
is_costly(const char *step)
{
	return strstr(step, "SCAN") || strstr(step, "TEMP B-TREE") || strstr(step, "AUTOMATIC");
}

/* How many steps of the query's plan are refused; each is printed. */
static int
refused_steps(struct store_site *s, enum sql which, bool needed[N_ALLOWED])
{
	sqlite3_stmt *st = NULL;
	char text[4200];
	int refused = 0;

	(void)snprintf(text, sizeof(text), "EXPLAIN QUERY PLAN %s", sql_queries[which].text);
	if (sqlite3_prepare_v2(s->db->sq, text, -1, &st, NULL) != SQLITE_OK)
		return 0; /* a PRAGMA has no plan */
	while (sqlite3_step(st) == SQLITE_ROW) {
		const unsigned char *bytes = sqlite3_column_text(st, 3);
		char step[256];

		(void)snprintf(step, sizeof(step), "%s", (const char *)bytes);
		if (!is_costly(step) || is_allowed(which, step, needed))
			continue;
		print_message("%s: %s\n", sql_queries[which].name, step);
		refused++;
	}
	(void)sqlite3_finalize(st);
	return refused;
}

static void
no_query_walks_a_table_or_sorts_unless_listed(void **state)
{
	bool needed[N_ALLOWED] = {false};
	struct store_site s;
	int refused = 0;

	(void)state;
	site_init(&s);
	for (int i = 0; i < SQL__MAX; i++)
		refused += refused_steps(&s, (enum sql)i, needed);
	for (size_t i = 0; i < N_ALLOWED; i++) {
		if (needed[i])
			continue;
		print_message("%s no longer does: %s\n", sql_queries[allowed[i].which].name,
			allowed[i].step);
		refused++;
	}
	assert_int_equal(refused, 0);
	site_fini(&s);
}

/* The page queries must be ranges of an index in the order asked for. */
static const struct {
	enum sql which;
	const char *step;
} ranges[] = {
	{SQL_LIST_PAGE, "SEARCH post USING INDEX post_listed (published<?)"},
	{SQL_LIST_ALL, "SEARCH post USING INDEX post_listed (published>? AND published<?)"},
	{SQL_LIST_NOTES, "SEARCH post USING INDEX post_listed (published<?)"},
	{SQL_LIST_TYPE, "SEARCH post USING INDEX post_typed (type=? AND published<?)"},
	{SQL_LIST_CHANNEL,
		"SEARCH post USING INDEX post_channelled (channel=? AND published<?)"},
	{SQL_LIST_TAG,
		"USING COVERING INDEX post_tag_listed "
		"(tag_id=? AND (published,post_id)<(?,?))"},
	{SQL_NEWER_ALL, "INDEX post_listed (published>? AND published<?)"},
	{SQL_NEWER_NOTES, "INDEX post_listed (published>?)"},
	{SQL_NEWER_TYPE, "INDEX post_typed (type=? AND published>?)"},
	{SQL_NEWER_CHANNEL, "INDEX post_channelled (channel=? AND published>?)"},
	{SQL_NEWER_TAG, "INDEX post_tag_listed (tag_id=? AND (published,post_id)>(?,?))"},
	{SQL_LIST_SPANS, "INDEX post_listed (published>? AND published<?)"},
	{SQL_PERIOD_SPANS, "INDEX post_listed (published>? AND published<?)"},
	{SQL_PERIOD_AROUND, "INDEX post_listed (published<?)"},
	{SQL_PERIOD_AROUND, "INDEX post_listed (published>?)"},
	{SQL_PERIOD_KEPT, "PRIMARY KEY (level=? AND period>? AND period<?)"},
	{SQL_PERIOD_TYPES, "INDEX post_typed (type=?)"},
	{SQL_TAG_BY_NAME, "INDEX sqlite_autoindex_tag_1 (fold>?)"},
	{SQL_TAG_BY_USE, "INDEX tag_used (posts>? AND posts<?)"},
	{SQL_POST_OLDER, "SEARCH post USING INDEX post_listed (published<?)"},
	{SQL_POST_OLDER, "SEARCH post USING INDEX post_unlisted (published<?)"},
	{SQL_POST_NEWER, "SEARCH post USING INDEX post_listed (published>?)"},
	{SQL_POST_NEWER, "SEARCH post USING INDEX post_unlisted (published>?)"},
	{SQL_POST_FIND, "SEARCH post USING INDEX sqlite_autoindex_post_1 (slug=?)"},
	{SQL_LIST_PERIOD,
		"SEARCH post_period USING PRIMARY KEY (level=? AND period>? AND period<?)"},
};

static void
pages_and_tags_are_ranges_of_their_index(void **state)
{
	struct store_site s;

	(void)state;
	site_init(&s);
	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
		sqlite3_stmt *st = NULL;
		char text[4200];
		bool found = false;

		(void)snprintf(text, sizeof(text), "EXPLAIN QUERY PLAN %s",
			sql_queries[ranges[i].which].text);
		assert_int_equal(sqlite3_prepare_v2(s.db->sq, text, -1, &st, NULL), SQLITE_OK);
		while (sqlite3_step(st) == SQLITE_ROW) {
			const unsigned char *step = sqlite3_column_text(st, 3);

			found = found || strstr((const char *)step, ranges[i].step);
		}
		(void)sqlite3_finalize(st);
		if (!found)
			print_message("%s: not '%s'\n", sql_queries[ranges[i].which].name,
				ranges[i].step);
		assert_true(found);
	}
	site_fini(&s);
}

static void
the_schema_is_the_one_on_record(void **state)
{
	struct str want = fixture_read("schema.sql");
	sqlite3_stmt *st = NULL;
	struct store_site s;
	size_t same = 0;
	struct str got;
	struct buf b;

	(void)state;
	site_init(&s);
	buf_init(&b, &s.c.arena, 256 * 1024);
	assert_int_equal(sqlite3_prepare_v2(s.db->sq, "SELECT sql FROM sqlite_schema "
		"WHERE sql IS NOT NULL AND name NOT GLOB 'search_fts*' ORDER BY type, name", -1, &st, NULL), SQLITE_OK);
	while (sqlite3_step(st) == SQLITE_ROW)
		buf_printf(&b, "%s;\n\n", (const char *)sqlite3_column_text(st, 0));
	(void)sqlite3_finalize(st);
	assert_int_equal(buf_end(&s.c, &b, &got), OK);
	while (same < got.n && same < want.n && got.p[same] == want.p[same])
		same++;
	if (!str_eq(got, want))
		print_message("from byte %zu on the schema is:\n%.*s\n", same,
			STR(str_sub(got, same, same + 500)));
	assert_true(str_eq(got, want));
	fixture_free(want);
	site_fini(&s);
}

static void
every_query_that_writes_names_a_table(void **state)
{
	(void)state;
	for (int i = 0; i < SQL__MAX; i++) {
		const struct sql_query *q = &sql_queries[i];

		if (q->op == DBOP_INSERT || q->op == DBOP_UPDATE || q->op == DBOP_DELETE)
			assert_int_not_equal(q->table, DBTABLE_NONE);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_query_walks_a_table_or_sorts_unless_listed),
		cmocka_unit_test(pages_and_tags_are_ranges_of_their_index),
		cmocka_unit_test(the_schema_is_the_one_on_record),
		cmocka_unit_test(every_query_that_writes_names_a_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
