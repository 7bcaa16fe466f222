/*
 * domain/post: what becomes of properties when they are made a post, who may see it, and when a
 * scheduled one appears.
 */
#include "domain/post.h"

#include "domain_fixture.h"
#include "fixture.h"

/* ---- what is stored -------------------------------------------------------------------------- */

static void
a_note(void **state)
{
	struct site *s = *state;
	struct post_row row = posted(s, "{\"type\":[\"h-entry\"],\"properties\":"
		"{\"content\":[\"Rain *again*\"],\"category\":[\"weather\",\"home\"]}}");

	assert_str(row.slug, "rain-again");
	assert_str(row.uid, "/note/rain-again");
	assert_str(row.type, "note");
	assert_int_equal(row.status, POST_PUBLISHED);
	assert_int_equal(row.visibility, POST_PUBLIC);
	assert_int_equal(row.published, NOW);
	assert_int_equal(row.updated, 0);
	assert_int_equal(row.deleted, 0);
	assert_str(row.name, "");
	assert_has(row.html, "<em>again</em>");
	assert_str(row.text, "Rain again");
	assert_int_equal(row.n_tags, 2);
	assert_str(row.tags[0], "weather");
	assert_str(row.client, "tokenid");
	assert_str(row.mf2, "{\"type\":[\"h-entry\"],\"properties\":"
		"{\"content\":[\"Rain *again*\"],\"category\":[\"weather\",\"home\"]}}");
}

static void
empty_texts_make_no_type_tag_or_title(void **state)
{
	struct site *s = *state;
	struct post_row row = posted(s, "{\"properties\":{\"content\":[\"\",\"Rain\"],"
		"\"name\":[\"\"],\"summary\":[\"\"],\"category\":[\"\",\"home\"],"
		"\"checkin\":[\"\"],\"read-of\":[\"\"],\"rsvp\":[\"\"]}}");

	assert_str(row.type, "note");
	assert_str(row.text, "Rain");
	assert_int_equal(row.n_tags, 1);
	assert_false(row.rich);
}

static void
creating_is_logged_and_counted(void **state)
{
	struct site *s = *state;

	(void)posted(s, "{\"properties\":{\"content\":[\"Rain\"]}}");
	assert_has(site_log(s), "\"post_created\"");
	assert_has(site_log(s), "\"slug\":\"rain\"");
	assert_has(site_log(s), "\"client\":\"tokenid\"");
	assert_int_equal(post_total(s), 1);
}

static void
published_keeps_the_authors_zone(void **state)
{
	struct site *s = *state;
	struct post_row row = posted(s, "{\"properties\":{\"content\":[\"x\"],"
		"\"published\":[\"2026-02-28T23:30:00-05:00\"]}}");

	assert_int_equal(row.published, NOW - 5 * 3600);
	assert_int_equal(row.published_zone, -300);
	assert_int_equal(row.status, POST_PUBLISHED);
}

static void
published_without_a_zone_is_the_sites(void **state)
{
	struct site *s = *state;
	struct post_row row;

	assert_true(time_zone_set("Asia/Kolkata"));
	row = posted(
		s, "{\"properties\":{\"content\":[\"x\"],\"published\":[\"2026-03-01 09:30\"]}}");
	assert_int_equal(row.published, NOW - 19800);
	assert_int_equal(row.published_zone, 330);
	assert_true(time_zone_set("UTC"));
}

static void
a_future_post_is_scheduled(void **state)
{
	struct site *s = *state;
	struct post_row row = posted(s, "{\"properties\":{\"content\":[\"x\"],"
		"\"published\":[\"2026-03-01T10:30:00Z\"]}}");

	assert_int_equal(row.status, POST_SCHEDULED);
	row = posted(s, "{\"properties\":{\"content\":[\"x\"],\"post-status\":[\"draft\"],"
		"\"published\":[\"2026-03-01T10:30:00Z\"]}}");
	assert_int_equal(row.status, POST_DRAFT);
}

static void
the_next_second_is_the_future(void **state)
{
	struct site *s = *state;
	struct post_row row = posted(s, "{\"properties\":{\"content\":[\"x\"],"
		"\"published\":[\"2026-03-01T09:30:01Z\"]}}");

	assert_int_equal(row.status, POST_SCHEDULED);
	assert_int_equal(row.published, NOW + 1);
	row = posted(s, "{\"properties\":{\"content\":[\"x\"],"
		"\"published\":[\"2026-03-01T09:30:00Z\"]}}");
	assert_int_equal(row.status, POST_PUBLISHED);
}

static void
states_are_taken_from_properties(void **state)
{
	struct site *s = *state;
	struct post_row row = posted(s, "{\"properties\":{\"content\":[\"x\"],"
		"\"post-status\":[\"published\"],\"visibility\":[\"unlisted\"]}}");

	assert_int_equal(row.status, POST_PUBLISHED);
	assert_int_equal(row.visibility, POST_UNLISTED);
	row = posted(s, "{\"properties\":{\"content\":[\"x\"],\"visibility\":[\"private\"]}}");
	assert_int_equal(row.visibility, POST_PRIVATE);
	assert_int_equal(post_total(s), 0);
}

static void
sample_content_is_posted(void **state)
{
	static const struct {
		const char *file, *slug, *type;
	} samples[] = {
		{"01-note", "the-rain-stopped-just-before-seven-and-the", "note"},
		{"02-article", "turntable", "article"},
		{"03-html", "bread-of-the-week-70-whole-wheat-nineteen", "note"},
		{"04-reply", "yes-no-the-ferry-runs-but-not-on", "reply"},
		{"05-bookmark", "on-the-lenses-of-lighthouses", "bookmark"},
		{"06-like", "20260306-180200", "like"},
		{"07-photo", "four-kinds-of-moss-one-wall", "photo"},
		{"08-chinese", "今天的雨停了-街上有泥土的味道", "note"},
		{"10-emoji", "20260310-070000", "note"},
		{"11-event", "repair-cafe", "event"},
		{"12-code", "a-loop-that-ends", "article"},
		{"13-unknown", "properties-that-no-server-knows-survive-a-round", "note"},
		{"14-umlauts", "uebergroessentraeger-im-cafe-lodz", "article"},
	};
	struct site *s = *state;
	struct post_row row;
	struct str body;
	char name[64];

	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		(void)snprintf(name, sizeof(name), "content/%s.json", samples[i].file);
		body = fixture_read(name);
		site_next(s, 86400);
		row = posted(s, body.p);
		fixture_free(body);
		assert_str(row.slug, samples[i].slug);
		assert_str(row.type, samples[i].type);
	}
}

/* ---- who may see it -------------------------------------------------------------------------- */

static enum err
look(struct site *s, const char *slug)
{
	struct post_row row;

	return post_find_public(&s->c, s->db, str_z(slug), &row);
}

static void
strangers_see_public_and_unlisted_posts(void **state)
{
	struct site *s = *state;

	(void)posted(s, "{\"properties\":{\"content\":[\"public\"]}}");
	(void)posted(
		s, "{\"properties\":{\"content\":[\"unlisted\"],\"visibility\":[\"unlisted\"]}}");
	(void)posted(
		s, "{\"properties\":{\"content\":[\"private\"],\"visibility\":[\"private\"]}}");
	(void)posted(s, "{\"properties\":{\"content\":[\"draft\"],\"post-status\":[\"draft\"]}}");
	(void)posted(
		s, "{\"properties\":{\"content\":[\"later\"],\"published\":[\"2027-01-01\"]}}");
	assert_ok(s, look(s, "public"));
	assert_ok(s, look(s, "unlisted"));
	assert_err(s, look(s, "private"), ERR_NOT_FOUND);
	assert_err(s, look(s, "draft"), ERR_NOT_FOUND);
	assert_err(s, look(s, "later"), ERR_NOT_FOUND);
	assert_err(s, look(s, "nothing"), ERR_NOT_FOUND);
	assert_int_equal(post_total(s), 1);
}

static void
deleted_posts_are_gone_if_they_were_public(void **state)
{
	static const struct {
		const char *slug;
		enum post_status status;
		enum post_visibility visibility;
		enum err want;
	} cases[] = {
		{"a", POST_PUBLISHED, POST_PUBLIC, ERR_GONE},
		{"b", POST_PUBLISHED, POST_UNLISTED, ERR_GONE},
		{"c", POST_PUBLISHED, POST_PRIVATE, ERR_NOT_FOUND},
		{"d", POST_DRAFT, POST_PUBLIC, ERR_NOT_FOUND},
	};
	struct site *s = *state;
	struct post_row row;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		row = (struct post_row){.uid = str_z(cases[i].slug), .slug = str_z(cases[i].slug),
			.type = S("note"), .status = cases[i].status,
			.visibility = cases[i].visibility, .published = NOW - 60,
			.deleted = NOW - 30, .mf2 = S("{}")};
		assert_ok(s, db_tx_begin(&s->c, s->db));
		assert_ok(s, post_row_insert(&s->c, s->db, &row));
		assert_ok(s, db_tx_commit(&s->c, s->db));
		row = (struct post_row){0};
		assert_err(s, post_find_public(&s->c, s->db, str_z(cases[i].slug), &row),
			cases[i].want);
		assert_int_equal(row.deleted, NOW - 30);
	}
}

static void
scheduled_posts_appear_in_time(void **state)
{
	struct site *s = *state;
	int64_t n, next;

	assert_ok(s, post_publish_due(&s->c, s->db, &n, &next));
	assert_int_equal(n, 0);
	assert_int_equal(next, 0);
	(void)posted(s, "{\"properties\":{\"content\":[\"one\"],\"published\":[\"2026-03-01T09:40:"
			"00Z\"]}}");
	(void)posted(s, "{\"properties\":{\"content\":[\"two\"],\"published\":[\"2026-03-01T09:50:"
			"00Z\"]}}");
	(void)posted(s,
		"{\"properties\":{\"content\":[\"dr\"],\"published\":[\"2026-03-01T09:35:00Z\"],"
		"\"post-status\":[\"draft\"]}}");
	site_next(s, 599);
	assert_ok(s, post_publish_due(&s->c, s->db, &n, &next));
	assert_int_equal(n, 0);
	assert_int_equal(next, NOW + 600);
	site_next(s, 1);
	assert_ok(s, post_publish_due(&s->c, s->db, &n, &next));
	assert_int_equal(n, 1);
	assert_int_equal(next, NOW + 1200);
	assert_ok(s, look(s, "one"));
	assert_err(s, look(s, "two"), ERR_NOT_FOUND);
	assert_has(site_log(s), "\"courier_published\"");
	site_next(s, 86400);
	assert_ok(s, post_publish_due(&s->c, s->db, &n, &next));
	assert_int_equal(n, 1);
	assert_int_equal(next, 0);
	assert_err(s, look(s, "dr"), ERR_NOT_FOUND);
}

static void
a_post_notes_the_use_of_its_token(void **state)
{
	struct site *s = *state;
	struct token_row *rows;
	struct micropub_request r;
	struct auth_grant g;
	struct str secret, id;
	struct post_result result;
	size_t n;

	assert_ok(s, auth_token_create(&s->c, s->db, S("a"), S("create"), 0, &secret, &id));
	assert_ok(s, auth_token_verify(&s->c, s->db, secret, &g));
	assert_ok(s, token_row_list(&s->c, s->db, &rows, &n));
	assert_int_equal(rows[0].last_used, 0);
	assert_ok(s, micropub_parse_json(&s->c, S("{\"properties\":{\"content\":[\"x\"]}}"), &r));
	assert_ok(s, micropub_run(&s->c, s->db, &g, &r, &result));
	assert_ok(s, token_row_list(&s->c, s->db, &rows, &n));
	assert_int_equal(rows[0].last_used, rows[0].created);
}

static void
a_failed_write_leaves_nothing(void **state)
{
	struct site *s = *state;
	struct db *other = NULL;
	struct str slug;

	assert_ok(s, db_open(&s->c, NULL, &other));
	assert_ok(s, db_tx_begin(&s->c, other));
	s->c.deadline_us = time_mono_us() + 50000;
	assert_err(s, post_json(s, "create", "{\"properties\":{\"content\":[\"x\"]}}", &slug),
		ERR_DB_BUSY);
	assert_true(db_clean(s->db));
	db_tx_rollback(&s->c, other);
	db_close(other);
	site_next(s, 0);
	assert_int_equal(post_total(s), 0);
	assert_has_not(site_log(s), "\"post_created\"");
}

/* More memory with each try, until there is enough: every place where it can run out is met. */
static void
running_out_of_memory_leaves_nothing(void **state)
{
	struct site *s = *state;
	struct str slug;
	enum err err = ERR_MEMORY;
	size_t cap = 0;

	while (err != OK) {
		site_next(s, 0);
		assert_int_equal(post_total(s), 0);
		cap += 128;
		s->c.arena.cap = cap;
		err = post_json(s, "create", "{\"properties\":{\"name\":[\"A\"],"
			"\"content\":[\"b\"],\"category\":[\"c\"]}}", &slug);
		s->c.arena.cap = 64 << 20;
		if (err != OK)
			assert_err(s, err, ERR_MEMORY);
		assert_true(db_clean(s->db));
		assert_true(cap < 1 << 20);
	}
	assert_int_equal(post_total(s), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(a_note),
		SITE_TEST(empty_texts_make_no_type_tag_or_title),
		SITE_TEST(creating_is_logged_and_counted),
		SITE_TEST(published_keeps_the_authors_zone),
		SITE_TEST(published_without_a_zone_is_the_sites),
		SITE_TEST(a_future_post_is_scheduled),
		SITE_TEST(the_next_second_is_the_future),
		SITE_TEST(states_are_taken_from_properties),
		SITE_TEST(sample_content_is_posted),
		SITE_TEST(strangers_see_public_and_unlisted_posts),
		SITE_TEST(deleted_posts_are_gone_if_they_were_public),
		SITE_TEST(scheduled_posts_appear_in_time),
		SITE_TEST(a_post_notes_the_use_of_its_token),
		SITE_TEST(a_failed_write_leaves_nothing),
		SITE_TEST(running_out_of_memory_leaves_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
