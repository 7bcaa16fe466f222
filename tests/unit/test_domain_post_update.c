/*
 * domain/post_update: what updates make of properties and state; all or nothing, and nothing else
 * touched.
 */
#include "domain/post_update.h"

#include "update_fixture.h"

/* Each case: a post's properties, operations, and the properties then, as they are stored. */
static void
operations_change_properties(void **state)
{
	static const struct {
		const char *before, *operations, *after;
	} cases[] = {
		{"\"content\":[\"x\"]", "\"replace\":{\"content\":[\"y\"]}", "\"content\":[\"y\"]"},
		{"\"content\":[\"x\"]", "\"replace\":{\"name\":[\"N\"]}",
			"\"content\":[\"x\"],\"name\":[\"N\"]"},
		{"\"content\":[\"x\"],\"a\":[\"1\"]", "\"replace\":{\"a\":[]}",
			"\"content\":[\"x\"]"},
		{"\"content\":[\"x\"],\"a\":[\"1\"]", "\"replace\":{\"a\":[\"\"]}",
			"\"content\":[\"x\"],\"a\":[\"\"]"},
		{"\"content\":[\"x\"]", "\"replace\":{\"a\":[]}", "\"content\":[\"x\"]"},
		{"\"a\":[\"1\"],\"content\":[\"x\"]", "\"add\":{\"a\":[\"2\",\"1\"]}",
			"\"a\":[\"1\",\"2\",\"1\"],\"content\":[\"x\"]"},
		{"\"content\":[\"x\"]", "\"add\":{\"a\":[\"2\"]}",
			"\"content\":[\"x\"],\"a\":[\"2\"]"},
		{"\"a\":[\"1\",\"2\",\"1\"],\"content\":[\"x\"]", "\"delete\":{\"a\":[\"1\"]}",
			"\"a\":[\"2\"],\"content\":[\"x\"]"},
		{"\"a\":[\"1\"],\"content\":[\"x\"]", "\"delete\":{\"a\":[\"1\"]}",
			"\"content\":[\"x\"]"},
		{"\"content\":[\"x\"]", "\"delete\":{\"a\":[\"1\"]}", "\"content\":[\"x\"]"},
		{"\"a\":[\"1\"],\"content\":[\"x\"]", "\"delete\":{\"a\":[\"2\",1]}",
			"\"a\":[\"1\"],\"content\":[\"x\"]"},
		{"\"a\":[\"1\"],\"b\":[2],\"content\":[\"x\"]", "\"delete\":[\"a\",\"b\",\"c\"]",
			"\"content\":[\"x\"]"},
		{"\"a\":[{\"b\":[1,{\"c\":\"d\"}]},{\"b\":[1]}],\"content\":[\"x\"]",
			"\"delete\":{\"a\":[{\"b\":[1,{\"c\":\"d\"}]}]}",
			"\"a\":[{\"b\":[1]}],\"content\":[\"x\"]"},
		{"\"a\":[\"1\",\"2\"],\"content\":[\"x\"]",
			"\"add\":{\"a\":[\"4\"]},\"delete\":{\"a\":[\"3\"]},\"replace\":{\"a\":["
			"\"3\",\"5\"]}",
			"\"a\":[\"5\",\"4\"],\"content\":[\"x\"]"},
		{"\"a\":[\"1\"],\"content\":[\"x\"]", "\"delete\":[\"a\"],\"add\":{\"a\":[\"2\"]}",
			"\"a\":[\"2\"],\"content\":[\"x\"]"},
	};
	struct site *s = *state;
	struct str want, url;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct post_row row;

		assert_ok(
			s, ctx_printf(&s->c, &want, "{\"properties\":{%s,\"mp-slug\":[\"p%zu\"]}}",
				   cases[i].before, i));
		(void)posted(s, want.p);
		assert_ok(s, ctx_printf(&s->c, &url, "%s%zu", POST, i));
		assert_ok(s, update_as(s, "update", url.p, cases[i].operations));
		row = row_of(s, url.p + 25);
		assert_ok(
			s, ctx_printf(&s->c, &want, "{\"type\":[\"h-entry\"],\"properties\":{%s}}",
				   cases[i].after));
		assert_str(row.mf2, want.p);
		assert_int_equal(row.version, 2);
		assert_int_equal(row.updated, NOW);
	}
}

static void
what_is_not_named_stays_byte_for_byte(void **state)
{
	static const char kept[] =
		"\"x\":[1.10,1e5,-0.0,12345678901234567,true,\"\\u0001 é \\\\ \\\"\"],"
		"\"z\":[{\"type\":[\"h-cite\"],\"properties\":{\"b\":[{\"n\":1.50}],\"a\":[]}}],"
		"\"content\":[{\"html\":\"<p>A<script>x()</script>\",\"value\":\"A\"}]";
	struct site *s = *state;
	struct str properties;

	assert_ok(s, ctx_printf(&s->c, &properties, "%s,\"name\":[\"N\"]", kept));
	post(s, properties.p);
	assert_has(row_of(s, "p").mf2, kept);
	assert_ok(s, update(s, "\"replace\":{\"name\":[\"M\"]},\"add\":{\"category\":[\"c\"]}"));
	assert_has(row_of(s, "p").mf2, kept);
	assert_ok(s, update(s, "\"delete\":[\"name\",\"category\"]"));
	assert_ok(s, ctx_printf(&s->c, &properties, "{\"type\":[\"h-entry\"],\"properties\":{%s}}",
			     kept));
	assert_str(row_of(s, "p").mf2, properties.p);
}

static void
everything_that_follows_is_made_anew(void **state)
{
	struct site *s = *state;
	struct post_row row;
	struct str name;
	uint64_t count;

	post(s, "\"content\":[\"Old\"],\"category\":[\"a\",\"b\"]");
	assert_ok(s, update(s, "\"replace\":{\"content\":[\"New *text*\"],\"name\":[\"Title\"],"
			       "\"summary\":[\"S\"]},\"delete\":{\"category\":[\"a\"]},\"add\":{"
			       "\"category\":[\"c\"]}"));
	row = row_of(s, "p");
	assert_str(row.name, "Title");
	assert_str(row.summary, "S");
	assert_str(row.text, "New text");
	assert_has(row.html, "<em>text</em>");
	assert_str(row.type, "article");
	assert_int_equal(row.n_tags, 2);
	assert_str(row.tags[0], "b");
	assert_str(row.tags[1], "c");
	assert_ok(s, post_row_tag_count(&s->c, s->db, S("a"), &name, &count));
	assert_int_equal(count, 0);
	assert_ok(s, post_row_tag_count(&s->c, s->db, S("b"), &name, &count));
	assert_int_equal(count, 1);
	assert_int_equal(post_total(s), 1);
	assert_ok(s, update(s, "\"replace\":{\"like-of\":[\"https://b.example/\"]}"));
	assert_str(row_of(s, "p").type, "like");
	assert_has(site_log(s), "\"post_updated\"");
}

/* Whatever is wrong with one operation, the others have not happened either. */
static void
a_bad_update_changes_nothing(void **state)
{
	static const struct {
		const char *operations;
		enum err want;
	} cases[] = {
		{"\"replace\":{\"photo\":[\"javascript:alert(1)\"]}", ERR_MICROPUB_PROPERTY},
		{"\"add\":{\"photo\":[\"no URL\"]}", ERR_MICROPUB_PROPERTY},
		{"\"replace\":{\"content\":[1]}", ERR_MICROPUB_PROPERTY},
		{"\"add\":{\"a\":[null]}", ERR_MICROPUB_PROPERTY},
		{"\"add\":{\"a\":[[]]}", ERR_MICROPUB_PROPERTY},
		{"\"replace\":{\"published\":[\"yesterday\"]}", ERR_MICROPUB_PROPERTY},
		{"\"replace\":{\"published\":[\"2026-01-01\",\"2026-01-02\"]}", ERR_MICROPUB_PROPERTY},
		{"\"replace\":{\"published\":[\"2026-01-01\"]},\"add\":{\"published\":[\"x\"]}",
			ERR_MICROPUB_PROPERTY},
		{"\"replace\":{\"post-status\":[\"publish\"]}", ERR_MICROPUB_PROPERTY},
		{"\"replace\":{\"visibility\":[\"hidden\"]}", ERR_MICROPUB_PROPERTY},
		{"\"replace\":{\"visibility\":[\"public\",\"private\"]}", ERR_MICROPUB_PROPERTY},
		{"\"add\":{\"published\":[\"2026-01-01T00:00:00Z\"]}", ERR_MICROPUB_PROPERTY},
		{"\"add\":{\"post-status\":[\"draft\"]}", ERR_MICROPUB_PROPERTY},
		{"\"add\":{\"visibility\":[\"private\"]}", ERR_MICROPUB_PROPERTY},
		{"\"delete\":[\"published\"]", ERR_MICROPUB_PROPERTY},
		{"\"delete\":{\"published\":[\"2026-01-01\"]}", ERR_MICROPUB_PROPERTY},
		{"\"delete\":[\"url\"]", ERR_MICROPUB_PROPERTY},
		{"\"delete\":[\"uid\"]", ERR_MICROPUB_PROPERTY},
		{"\"delete\":[\"visibility\"]", ERR_MICROPUB_PROPERTY},
		{"\"replace\":{\"published\":[]}", ERR_MICROPUB_PROPERTY},
		{"\"replace\":{\"post-status\":[\"\"]}", ERR_MICROPUB_PROPERTY},
		{"\"delete\":[\"content\",\"a\"],\"replace\":{\"category\":[\"only\"]}",
			ERR_MICROPUB_EMPTY},
		{"\"delete\":[\"content\",\"a\"]", ERR_MICROPUB_EMPTY},
		{"\"mp-destination\":\"https://evil.example/\"", ERR_MICROPUB_PROPERTY},
	};
	struct site *s = *state;
	struct post_row before;

	post(s, "\"content\":[\"x\"],\"a\":[\"1\"]");
	before = row_of(s, "p");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct post_row row;
		struct str operations;
		const char *more = strstr(cases[i].operations, "\"add\"")
					   ? "\"delete\":[\"b\"]"
					   : "\"add\":{\"b\":[\"2\"]}";
		bool whole = cases[i].want == ERR_MICROPUB_EMPTY;

		assert_ok(s, ctx_printf(&s->c, &operations, "%s%s%s", cases[i].operations,
				     whole ? "" : ",", whole ? "" : more));
		assert_err(s, update(s, operations.p), cases[i].want);
		row = row_of(s, "p");
		assert_true(str_eq(row.mf2, before.mf2));
		assert_int_equal(row.version, 1);
		assert_int_equal(row.updated, 0);
	}
}

/* What no request may send at once cannot be made of several either; the post stays readable. */
static void
a_post_does_not_grow_beyond_what_can_be_read(void **state)
{
	static char operations[200100];
	struct site *s = *state;
	size_t n = 0;
	enum err err = OK;

	post(s, "\"content\":[\"x\"]");
	n = (size_t)snprintf(operations, sizeof(operations), "\"add\":{\"x\":[\"");
	memset(operations + n, 'x', 200000);
	(void)snprintf(operations + n + 200000, 16, "\"]}");
	assert_ok(s, update(s, operations));
	assert_err(s, update(s, operations), ERR_BODY_TOO_LARGE);
	n = (size_t)snprintf(operations, sizeof(operations), "\"add\":{\"y\":[{}");
	for (int i = 0; i < 900; i++)
		n += (size_t)snprintf(operations + n, sizeof(operations) - n, ",{}");
	(void)snprintf(operations + n, sizeof(operations) - n, "]}");
	assert_ok(s, update(s, operations));
	assert_err(s, update(s, operations), ERR_MICROPUB_PROPERTY);
	for (int i = 0; err == OK; i++) {
		operations[8] = (char)('a' + i);
		err = update(s, operations);
	}
	assert_err(s, err, ERR_BAD_JSON);
	assert_ok(s, update(s, "\"add\":{\"category\":[\"still\"]}"));
}

static void
only_a_live_post_of_ours_can_be_updated(void **state)
{
	static const char *const bad[] = {"https://ada.example/note/none",
		"https://b.example/note/p", "https://ada.example/admin", "file:///etc/passwd",
		"../", "p"};
	struct site *s = *state;
	struct post_target target = {.url = S(POST)};
	struct post_result result;

	post(s, "\"content\":[\"x\"]");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_err(
			s, update_as(s, "update", bad[i], "\"delete\":[\"a\"]"), ERR_MICROPUB_URL);
	assert_ok(s, update_as(s, "update", "https://ADA.example:443/note/p/?a#b",
			     "\"delete\":[\"a\"]"));
	assert_ok(s, post_delete(&s->c, s->db, &target, &result));
	assert_err(s, update(s, "\"delete\":[\"a\"]"), ERR_MICROPUB_URL);
}

/* ---- state ----------------------------------------------------------------------------------- */

static void
status_and_visibility_change_only_when_they_are_named(void **state)
{
	struct site *s = *state;
	struct str slug;

	assert_ok(s, post_json(s, "draft",
			     "{\"properties\":{\"content\":[\"x\"],\"mp-slug\":[\"p\"],"
			     "\"post-status\":[\"published\"],\"visibility\":[\"private\"]}}",
			     &slug));
	assert_ok(s, update(s, "\"replace\":{\"content\":[\"y\"]}"));
	assert_int_equal(row_of(s, "p").status, POST_DRAFT);
	assert_int_equal(row_of(s, "p").visibility, POST_PRIVATE);
	assert_ok(s, update(s, "\"replace\":{\"visibility\":[\"unlisted\"]}"));
	assert_int_equal(row_of(s, "p").status, POST_DRAFT);
	assert_int_equal(row_of(s, "p").visibility, POST_UNLISTED);
	assert_ok(s, update(s, "\"replace\":{\"post-status\":[\"published\"]}"));
	assert_int_equal(row_of(s, "p").status, POST_PUBLISHED);
	assert_ok(s, update(s, "\"replace\":{\"post-status\":[\"draft\"]}"));
	assert_int_equal(row_of(s, "p").status, POST_DRAFT);
	assert_int_equal(post_total(s), 0);
}

static void
a_draft_is_published_now_unless_its_author_gave_a_time(void **state)
{
	struct site *s = *state;

	post(s, "\"content\":[\"x\"],\"post-status\":[\"draft\"]");
	assert_int_equal(row_of(s, "p").published, NOW);
	site_next(s, 3600);
	assert_ok(s, update(s, "\"replace\":{\"content\":[\"y\"]}"));
	assert_int_equal(row_of(s, "p").published, NOW);
	site_next(s, 60);
	assert_ok(s, update(s, "\"replace\":{\"post-status\":[\"published\"]}"));
	assert_int_equal(row_of(s, "p").published, NOW + 3660);
	assert_int_equal(row_of(s, "p").updated, NOW + 3660);
	assert_ok(s, update(s, "\"replace\":{\"post-status\":[\"draft\"],\"published\":[\"2026-02-"
			       "01T10:00:00Z\"]}"));
	assert_ok(s, update(s, "\"replace\":{\"post-status\":[\"published\"]}"));
	assert_int_equal(row_of(s, "p").published, NOW - NOW % 86400 - 28 * 86400 + 36000);
}

static void
a_time_to_come_schedules(void **state)
{
	struct site *s = *state;
	int64_t n, next;

	post(s, "\"content\":[\"x\"]");
	assert_ok(s, update(s, "\"replace\":{\"published\":[\"2026-03-01T10:30:00+01:00\"]}"));
	assert_int_equal(row_of(s, "p").status, POST_PUBLISHED);
	assert_int_equal(row_of(s, "p").published_zone, 60);
	assert_ok(s, update(s, "\"replace\":{\"published\":[\"2026-03-01T09:31:00Z\"]}"));
	assert_int_equal(row_of(s, "p").status, POST_SCHEDULED);
	assert_ok(s, post_publish_due(&s->c, s->db, &n, &next));
	assert_int_equal(n, 0);
	assert_int_equal(next, NOW + 60);
	site_next(s, 60);
	assert_ok(s, post_publish_due(&s->c, s->db, &n, &next));
	assert_int_equal(row_of(s, "p").status, POST_PUBLISHED);
	assert_ok(s, update(s, "\"replace\":{\"published\":[\"2026-03-02T09:31:00Z\"]}"));
	assert_ok(s, update(s, "\"replace\":{\"published\":[\"2026-02-02T09:31:00Z\"]}"));
	assert_int_equal(row_of(s, "p").status, POST_PUBLISHED);
}

static void
a_draft_token_changes_drafts_that_stay_drafts(void **state)
{
	struct site *s = *state;

	post(s, "\"content\":[\"x\"],\"post-status\":[\"draft\"]");
	assert_ok(s, update_as(s, "draft", POST, "\"replace\":{\"content\":[\"y\"]}"));
	assert_err(s, update_as(s, "draft", POST, "\"replace\":{\"post-status\":[\"published\"]}"),
		ERR_SCOPE);
	assert_int_equal(row_of(s, "p").status, POST_DRAFT);
	assert_ok(s, update(s, "\"replace\":{\"post-status\":[\"published\"]}"));
	assert_err(s, update_as(s, "draft", POST, "\"replace\":{\"content\":[\"z\"]}"), ERR_SCOPE);
	assert_err(s, update_as(s, "draft", POST, "\"replace\":{\"post-status\":[\"draft\"]}"),
		ERR_SCOPE);
	assert_str(row_of(s, "p").text, "y");
}

/* More memory with each try, until there is enough: every place where it can run out is met. */
static void
running_out_of_memory_changes_nothing(void **state)
{
	struct site *s = *state;
	enum err err = ERR_MEMORY;
	size_t cap = 0;

	post(s, "\"content\":[\"x\"],\"category\":[\"a\"]");
	while (err != OK) {
		site_next(s, 0);
		assert_int_equal(row_of(s, "p").version, 1);
		site_next(s, 0);
		cap += 256;
		s->c.arena.cap = cap;
		err = ERR_MEMORY;
		if (cap > 4096)
			err = update(s, "\"replace\":{\"content\":[\"y\"],\"mp-slug\":[\"q\"]},"
					"\"add\":{\"category\":[\"b\"]}");
		s->c.arena.cap = 64 << 20;
		if (err != OK && cap > 4096)
			assert_err(s, err, ERR_MEMORY);
		assert_true(db_clean(s->db));
		assert_true(cap < 1 << 20);
	}
	assert_str(row_of(s, "q").text, "y");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(operations_change_properties),
		SITE_TEST(what_is_not_named_stays_byte_for_byte),
		SITE_TEST(everything_that_follows_is_made_anew),
		SITE_TEST(a_bad_update_changes_nothing),
		SITE_TEST(a_post_does_not_grow_beyond_what_can_be_read),
		SITE_TEST(only_a_live_post_of_ours_can_be_updated),
		SITE_TEST(status_and_visibility_change_only_when_they_are_named),
		SITE_TEST(a_draft_is_published_now_unless_its_author_gave_a_time),
		SITE_TEST(a_time_to_come_schedules),
		SITE_TEST(a_draft_token_changes_drafts_that_stay_drafts),
		SITE_TEST(running_out_of_memory_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
