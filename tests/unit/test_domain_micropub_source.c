/*
 * domain/micropub_source: the source of a post comes back byte for byte, and lists of them go on.
 */
#include "micropub_query_fixture.h"

static void
source_returns_what_was_sent(void **state)
{
	static const char *const properties[] = {
		"\"content\":[\" Two  sp\\r\\n\\ttab \\\"q\\\" \\\\ ü 雨 <b>&amp;</b>\\u0001 \"]",
		"\"content\":[{\"html\":\"<p>By <b>JSON</b><script>x()</script>\"}]",
		"\"x\":[1,2.50,1e3,-7,12345678901,true,{\"a\":[{\"b\":\"c\"}],\"d\":false}]",
		"\"photo\":[{\"value\":\"https://a.example/p.jpg\",\"alt\":\"A \\\"cat\\\"\"}]",
		"\"location\":[{\"type\":[\"h-adr\"],\"properties\":{\"locality\":[\"X\"]}}]",
		"\"summary\":[\"\"],\"x\":[\"\",\"y\"],\"content\":[\"x\",\"\"]",
		"\"name\":[\"N\"],\"category\":[\"a\",{\"type\":[\"h-card\"],\"properties\":{\"name\":[\"B\"]}}]",
	};
	struct site *s = *state;
	struct str body, json;
	char args[128];

	for (size_t i = 0; i < sizeof(properties) / sizeof(properties[0]); i++) {
		assert_ok(
			s, ctx_printf(&s->c, &body, "{\"properties\":{%s,\"mp-slug\":[\"p%zu\"]}}",
				   properties[i], i));
		(void)posted(s, body.p);
		(void)snprintf(args, sizeof(args), "q=source&url=https://ada.example/note/p%zu", i);
		json = answer(s, args);
		assert_true(str_starts(json, S("{\"type\":[\"h-entry\"],\"properties\":{")));
		assert_has(json, properties[i]);
		assert_has_not(json, "mp-slug");
	}
}

static void
source_adds_state_and_place(void **state)
{
	struct site *s = *state;
	struct str slug;

	assert_ok(s, post_json(s, "draft",
			     "{\"properties\":{\"content\":[\"x\"],\"mp-slug\":[\"雨\"],"
			     "\"post-status\":[\"published\"],\"visibility\":[\"unlisted\"]}}",
			     &slug));
	assert_str(answer(s, "q=source&url=https://ada.example/note/%E9%9B%A8"),
		"{\"type\":[\"h-entry\"],\"properties\":{\"content\":[\"x\"],"
		"\"post-status\":[\"draft\"],\"visibility\":[\"unlisted\"],"
		"\"published\":[\"2026-03-01T09:30:00Z\"],"
		"\"url\":[\"https://ada.example/note/%E9%9B%A8\"]}}");
	(void)posted(
		s, "{\"properties\":{\"content\":[\"y\"],\"published\":[\"2026-02-01 10:00\"]}}");
	assert_has(answer(s, "q=source&url=https://ada.example/note/y"),
		"\"published\":[\"2026-02-01 10:00\"]");
}

static void
source_tells_when_a_post_was_edited(void **state)
{
	struct site *s = *state;
	struct post_target target = {.url = S("https://ada.example/note/x")};
	struct post_update change = {.channel = S("garden")};
	struct post_result result;
	struct str json;

	(void)posted(s, "{\"properties\":{\"updated\":[\"2020-01-01\"],\"content\":[\"x\"]}}");
	assert_has(answer(s, "q=source&url=https://ada.example/note/x"), "\"updated\":[\"2020-01-01\"]");
	site_next(s, 5);
	assert_ok(s, post_update(&s->c, s->db, &target, &change, &result));
	json = answer(s, "q=source&url=https://ada.example/note/x");
	assert_has(json, "{\"updated\":[\"2026-03-01T09:30:05Z\"],\"content\":[\"x\"]");
	assert_has_not(json, "garden");
}

/* Whatever else a client says where the post is, what it can be spoken of by comes first. */
static void
source_leads_with_the_permalink(void **state)
{
	struct site *s = *state;

	(void)posted(s, "{\"properties\":{\"content\":[\"x\"],\"mp-slug\":[\"x\"],"
		"\"url\":[\"https://x.example/\",\"https://ada.example/note/x\"]}}");
	assert_str(answer(s, "q=source&url=https://ada.example/note/x&properties=url"),
		"{\"properties\":{\"url\":[\"https://ada.example/note/x\","
		"\"https://x.example/\"]}}");
}

static void
source_selects_properties(void **state)
{
	struct site *s = *state;

	(void)posted(s, "{\"properties\":{\"content\":[{\"html\":\"<b>\"}],\"name\":[\"N\"],"
		"\"category\":[\"a\"],\"mp-slug\":[\"x\"]}}");
	assert_str(answer(s, "q=source&url=https://ada.example/note/x&properties=content"),
		"{\"properties\":{\"content\":[{\"html\":\"<b>\"}]}}");
	assert_str(answer(s, "q=source&url=http://ADA.example/note/x/&properties[]=category"
		"&properties[]=nothing&properties[]=name"),
		"{\"properties\":{\"category\":[\"a\"],\"name\":[\"N\"]}}");
	assert_str(answer(s, "q=source&url=https://ada.example/note/x&properties[0]=nothing"),
		"{\"properties\":{}}");
	assert_has(answer(s, "q=source&url=https://ada.example/note/x&properties="), "\"type\"");
}

static void
source_of_nothing_is_refused(void **state)
{
	static const char *const bad[] = {"https://ada.example/note/none",
		"https://b.example/note/x", "https://ada.example/admin", "file:///etc/passwd",
		"../", "x"};
	struct site *s = *state;
	struct str json;
	char args[128];

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		(void)snprintf(args, sizeof(args), "q=source&url=%s", bad[i]);
		assert_err(s, ask(s, "create", args, &json), ERR_MICROPUB_URL);
	}
}

static void
a_deleted_post_has_no_source(void **state)
{
	struct site *s = *state;
	struct post_row row = {.uid = S("/note/x"), .slug = S("x"), .type = S("note"),
		.status = POST_PUBLISHED, .published = NOW, .deleted = NOW, .mf2 = S("{}")};
	struct str json;

	assert_ok(s, db_tx_begin(&s->c, s->db));
	assert_ok(s, post_row_insert(&s->c, s->db, &row));
	assert_ok(s, db_tx_commit(&s->c, s->db));
	assert_err(s, ask(s, "create", "q=source&url=https://ada.example/note/x", &json),
		ERR_MICROPUB_URL);
}

static void
what_is_stored_can_be_read_again(void **state)
{
	struct site *s = *state;
	struct pair *fields = calloc(900, sizeof(*fields));
	struct auth_grant g = grant("create");
	struct micropub_request r;
	struct post_result result;
	struct str token;
	static char text[400];

	assert_non_null(fields);
	memset(text, 1, sizeof(text));
	for (size_t i = 0; i < 900; i++)
		fields[i] = (struct pair){S("x[]"), str_n(text, sizeof(text))};
	fields[0] = (struct pair){S("content"), S("x")};
	assert_ok(s, micropub_parse_form(&s->c, fields, 900, &r, &token));
	assert_err(s, micropub_run(&s->c, s->db, &g, &r, &result), ERR_BODY_TOO_LARGE);
	assert_ok(s, micropub_parse_form(&s->c, fields, 100, &r, &token));
	assert_ok(s, micropub_run(&s->c, s->db, &g, &r, &result));
	assert_ok(s, ctx_printf(&s->c, &token, "q=source&url=%.*s", STR(result.permalink)));
	assert_has(answer(s, token.p), "\\u0001");
	free(fields);
}

/* ---- lists ----------------------------------------------------------------------------------- */

/* Nine posts, a day apart, the first the newest: p1 … p9. */
static void
nine_posts(struct site *s)
{
	static const char *const more[] = {"\"category\":[\"rain\"]", "\"post-status\":[\"draft\"]",
		"\"visibility\":[\"private\"]", "\"mp-channel\":[\"garden\"]",
		"\"category\":[\"Rain\",\"sun\"],\"x-mood\":[\"wet\"]",
		"\"photo\":[\"https://a.example/p.jpg\"]", "\"x-mood\":[\"dry\"]",
		"\"url\":[\"https://old.example/8\"]", "\"x\":[1]"};
	struct str body;

	for (int i = 0; i < 9; i++) {
		assert_ok(s, ctx_printf(&s->c, &body, "{\"properties\":{\"content\":[\"Post %d\"],"
			"\"mp-slug\":[\"p%d\"],\"published\":[\"2026-02-%dT00:00:00Z\"],%s}}", i + 1,
			i + 1, 28 - i, more[i]));
		(void)posted(s, body.p);
	}
}

/* The slugs of a list's items, "p1 p2", and its cursors, " <before" and " >after". */
static struct str
listed(struct site *s, const char *args)
{
	struct str json, before, after;
	const struct json *list, *items;
	struct buf b;

	assert_ok(s, ctx_printf(&s->c, &json, "q=source&%s", args));
	assert_ok(s, json_parse(&s->c, answer(s, json.p), &list));
	items = json_find(list, S("items"));
	assert_int_equal(json_kind(items), JSON_ARRAY);
	buf_init(&b, &s->c.arena, 4096);
	for (size_t i = 0; i < json_len(items); i++) {
		const struct json *properties = json_find(json_at(items, i), S("properties"));
		struct str url = json_str(json_at(json_find(properties, S("url")), 0));

		assert_true(str_starts(url, S("https://ada.example/note/")));
		assert_int_equal(json_len(json_find(json_at(items, i), S("type"))), 1);
		buf_puts(&b, i > 0 ? " " : "");
		buf_put(&b, str_sub(url, 25, url.n));
	}
	before = json_str(json_find(json_find(list, S("paging")), S("before")));
	after = json_str(json_find(json_find(list, S("paging")), S("after")));
	if (before.n > 0)
		buf_printf(&b, " <%.*s", STR(before));
	if (after.n > 0)
		buf_printf(&b, " >%.*s", STR(after));
	assert_ok(s, buf_end(&s->c, &b, &json));
	return json;
}

static void
lists_hold_all_but_deleted_posts_newest_first(void **state)
{
	struct site *s = *state;
	struct post_target target = {.url = S("https://ada.example/note/p3")};
	struct post_result result;

	assert_str(listed(s, ""), "");
	nine_posts(s);
	assert_str(listed(s, ""), "p1 p2 p3 p4 p5 p6 p7 p8 p9");
	assert_ok(s, post_delete(&s->c, s->db, &target, &result));
	assert_str(listed(s, "limit=500"), "p1 p2 p4 p5 p6 p7 p8 p9");
	assert_has(answer(s, "q=source"),
		"\"url\":[\"https://ada.example/note/p8\",\"https://old.example/8\"]");
}

static void
lists_go_on_and_back_by_cursor_and_offset(void **state)
{
	struct site *s = *state;

	nine_posts(s);
	assert_str(listed(s, "limit=4"), "p1 p2 p3 p4 >p4");
	assert_str(listed(s, "limit=4&after=p4"), "p5 p6 p7 p8 <p5 >p8");
	assert_str(listed(s, "limit=4&after=p8"), "p9 <p9");
	assert_str(listed(s, "limit=4&before=p9"), "p5 p6 p7 p8 <p5 >p8");
	assert_str(listed(s, "limit=4&before=p5"), "p1 p2 p3 p4 >p4");
	assert_str(listed(s, "limit=9"), "p1 p2 p3 p4 p5 p6 p7 p8 p9");
	assert_str(listed(s, "limit=2&offset=3"), "p4 p5 <p4 >p5");
	assert_str(listed(s, "offset=20"), "");
}

static void
lists_can_be_filtered(void **state)
{
	struct site *s = *state;

	nine_posts(s);
	assert_str(listed(s, "category=RAIN"), "p1 p5");
	assert_str(listed(s, "category=rain&limit=1"), "p1 >p1");
	assert_str(listed(s, "category=rain&limit=1&after=p1"), "p5 <p5 >p5");
	assert_str(listed(s, "post-status=draft"), "p2");
	assert_str(listed(s, "post-status=published&limit=2&offset=1"), "p3 p4 <p3 >p4");
	assert_str(listed(s, "post-type=photo"), "p6");
	assert_str(listed(s, "post-type=nothing"), "");
	assert_str(listed(s, "mp-channel=garden"), "p4");
	assert_str(listed(s, "exists[]=x-mood"), "p5 p7");
	assert_str(listed(s, "exists=x-mood&not-exists[]=category"), "p7");
	assert_str(listed(s, "exists[]=x-mood&exists[]=category&post-type=note"), "p5");
	assert_str(listed(s, "not-exists[]=published"), "");
	assert_str(listed(s, "exists[]=x-mood&offset=1"), "p7 <p7");
}

static void
lists_refuse_what_is_no_number_or_cursor(void **state)
{
	static const char *const bad[] = {"limit=0", "limit=-1", "limit=x", "limit=1.5",
		"limit=99999999999999999999", "offset=-1", "offset=x", "offset=1001", "after=nothing",
		"before=nothing", "after=p1&before=p1", "post-status=hidden"};
	struct site *s = *state;
	struct str json, args;

	nine_posts(s);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_ok(s, ctx_printf(&s->c, &args, "q=source&%s", bad[i]));
		assert_err(s, ask(s, "create", args.p, &json), ERR_MICROPUB_QUERY);
	}
}

/* However much there is to read, an answer stays within its bounds and says where to go on. */
static void
a_list_of_large_posts_ends_early(void **state)
{
	struct site *s = *state;
	static char body[210000];
	struct str json;

	for (int i = 0; i < 14; i++) {
		int head = snprintf(body, sizeof(body), "{\"properties\":{\"content\":[\"Post %d\"],"
			"\"mp-slug\":[\"q%d\"],\"x\":[\"", i, i);

		memset(body + head, 'x', 200000);
		(void)snprintf(body + head + 200000, 16, "\"]}}");
		(void)posted(s, body);
		site_next(s, 1);
	}
	s->c.arena.cap = 32 << 20;	/* of a worker */
	json = answer(s, "q=source&limit=14");
	assert_has(json, "note/q13");
	assert_has(json, "note/q3\"");
	assert_has_not(json, "note/q2\"");
	assert_has(json, "\"paging\":{\"after\":\"q3\"}");
	site_next(s, 0);
	assert_str(answer(s, "q=source&exists[]=none"), "{\"items\":[],\"paging\":{\"after\":\"q3\"}}");
	site_next(s, 0);
	json = answer(s, "q=source&after=q3");
	assert_has(json, "note/q0\"");
	assert_has(json, "\"paging\":{\"before\":\"q2\"}");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(source_returns_what_was_sent),
		SITE_TEST(source_adds_state_and_place),
		SITE_TEST(source_tells_when_a_post_was_edited),
		SITE_TEST(source_selects_properties),
		SITE_TEST(source_leads_with_the_permalink),
		SITE_TEST(source_of_nothing_is_refused),
		SITE_TEST(a_deleted_post_has_no_source),
		SITE_TEST(what_is_stored_can_be_read_again),
		SITE_TEST(lists_hold_all_but_deleted_posts_newest_first),
		SITE_TEST(lists_go_on_and_back_by_cursor_and_offset),
		SITE_TEST(lists_can_be_filtered),
		SITE_TEST(lists_refuse_what_is_no_number_or_cursor),
		SITE_TEST(a_list_of_large_posts_ends_early),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
