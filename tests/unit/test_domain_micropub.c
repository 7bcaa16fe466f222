/*
 * domain/micropub: what the three encodings are decoded into, what of them is refused, and which
 * scope allows what.
 */
#include "domain/micropub.h"

#include "domain_fixture.h"

static enum err
parse_form(struct site *s, const char *text, struct micropub_request *r, struct str *token)
{
	struct form f = form(text);

	return micropub_parse_form(&s->c, f.fields, f.n, r, token);
}

/* The properties that a form becomes, as JSON. */
static struct str
properties_of(struct site *s, const char *text)
{
	struct micropub_request r;
	struct str token, json = {0};

	assert_ok(s, parse_form(s, text, &r, &token));
	assert_ok(s, json_write(&s->c, r.draft.properties, &json));
	return json;
}

static struct str
properties_of_json(struct site *s, const char *body)
{
	struct micropub_request r;
	struct str json = {0};

	assert_ok(s, micropub_parse_json(&s->c, str_z(body), &r));
	assert_ok(s, json_write(&s->c, r.draft.properties, &json));
	return json;
}

/* ---- forms ----------------------------------------------------------------------------------- */

static void
forms_become_properties(void **state)
{
	static const struct {
		const char *form, *json;
	} cases[] = {
		{"h=entry&content=x", "{\"content\":[\"x\"]}"},
		{"category[]=a&category[]=b", "{\"category\":[\"a\",\"b\"]}"},
		{"category=a&category=b", "{\"category\":[\"a\",\"b\"]}"},
		{"category[0]=a&category[1]=b", "{\"category\":[\"a\",\"b\"]}"},
		{"category[]=a&photo=https://a/&category[]=b",
			"{\"category\":[\"a\",\"b\"],\"photo\":[\"https://a/\"]}"},
		{"content=x&name=&summary=", "{\"content\":[\"x\"]}"},
		{"content=x&category[]=&category[]=b",
			"{\"content\":[\"x\"],\"category\":[\"b\"]}"},
		{"content[html]=<b>", "{\"content\":[{\"html\":\"<b>\"}]}"},
		{"content[value]=x", "{\"content\":[\"x\"]}"},
		{"content[html]=<b>&content[value]=x",
			"{\"content\":[{\"html\":\"<b>\",\"value\":\"x\"}]}"},
		{"content=x&access_token=sp_secret", "{\"content\":[\"x\"]}"},
		{"content=x&mp-slug=s&mp-syndicate-to[]=t&mp-unknown=u", "{\"content\":[\"x\"]}"},
		{"content=x&url=https://a/&action=", "{\"content\":[\"x\"]}"},
		{"content=x&x-unknown=1&weird.name=2", "{\"content\":[\"x\"],\"x-unknown\":[\"1\"],"
						       "\"weird.name\":[\"2\"]}"},
		{"content=line\r\nbreak  ", "{\"content\":[\"line\\r\\nbreak  \"]}"},
		{"&content=x&", "{\"content\":[\"x\"]}"},
		{"content=x&post-status=draft",
			"{\"content\":[\"x\"],\"post-status\":[\"draft\"]}"},
		{"photo=https://a/&photo=https://b/&mp-photo-alt[]=&mp-photo-alt[]=B",
			"{\"photo\":[\"https://a/\",{\"value\":\"https://b/\",\"alt\":\"B\"}]}"},
	};
	struct site *s = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_str(properties_of(s, cases[i].form), cases[i].json);
}

static void
forms_that_are_malformed_are_refused(void **state)
{
	static const struct {
		const char *form;
		enum err want;
	} cases[] = {
		{"content[x]=1", ERR_MICROPUB_PROPERTY}, {"photo[html]=1", ERR_MICROPUB_PROPERTY},
		{"a[b=1", ERR_MICROPUB_PROPERTY}, {"a]=1", ERR_MICROPUB_PROPERTY},
		{"a[][]=1", ERR_MICROPUB_PROPERTY}, {"a[0]x=1", ERR_MICROPUB_PROPERTY},
		{"a[-1]=1", ERR_MICROPUB_PROPERTY}, {"a[=1", ERR_MICROPUB_PROPERTY},
		{"=x", ERR_BAD_FORM}, {"[]=x", ERR_BAD_FORM},
		{"content=\xff", ERR_BAD_ENCODING}, {"\xc0\x80=x", ERR_BAD_ENCODING},
		{"content=\xed\xa0\x80", ERR_BAD_ENCODING},
		{"h=recipe&content=x", ERR_MICROPUB_PROPERTY},
		{"action=explode&url=x", ERR_MICROPUB_ACTION},
		{"action=Delete&url=x", ERR_MICROPUB_ACTION},
		{"action=update&url=https://ada.example/note/x", ERR_MICROPUB_ACTION},
		{"action=delete", ERR_MICROPUB_URL},
		{"content=x&mp-destination=https://elsewhere.example/", ERR_MICROPUB_PROPERTY},
		{"content=x&access_token=a&access_token=b", ERR_BAD_FORM},
		{"action=delete&url=x&action=undelete", ERR_BAD_FORM},
		{"action=delete&url=x&action[]=delete", ERR_BAD_FORM},
		{"action=delete&url=x&url=y", ERR_BAD_FORM},
		{"action=delete&url[]=x&url[]=y", ERR_BAD_FORM},
	};
	struct site *s = *state;
	struct micropub_request r;
	struct str token;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_err(s, parse_form(s, cases[i].form, &r, &token), cases[i].want);
}

static void
a_nul_in_a_form_is_refused(void **state)
{
	struct site *s = *state;
	struct pair field = {S("content"), S("a\0b")};
	struct micropub_request r;
	struct str token;

	assert_err(s, micropub_parse_form(&s->c, &field, 1, &r, &token), ERR_BAD_ENCODING);
}

static void
the_token_is_found_even_in_a_bad_form(void **state)
{
	struct site *s = *state;
	struct micropub_request r;
	struct str token;

	assert_err(s, parse_form(s, "content[x]=1&access_token=sp_x", &r, &token),
		ERR_MICROPUB_PROPERTY);
	assert_str(token, "sp_x");
	assert_ok(s, parse_form(s, "content=1", &r, &token));
	assert_int_equal(token.n, 0);
}

static void
properties_and_values_have_limits(void **state)
{
	struct site *s = *state;
	struct pair *fields = calloc(1001, sizeof(*fields));
	struct micropub_request r;
	struct str token;

	assert_non_null(fields);
	for (size_t i = 0; i < 1001; i++)
		fields[i] = (struct pair){S("category[]"), S("x")};
	assert_ok(s, micropub_parse_form(&s->c, fields, 1000, &r, &token));
	assert_err(s, micropub_parse_form(&s->c, fields, 1001, &r, &token), ERR_MICROPUB_PROPERTY);
	for (size_t i = 0; i < 101; i++)
		assert_ok(s, ctx_printf(&s->c, &fields[i].name, "p%zu", i));
	assert_ok(s, micropub_parse_form(&s->c, fields, 100, &r, &token));
	assert_err(s, micropub_parse_form(&s->c, fields, 101, &r, &token), ERR_MICROPUB_PROPERTY);
	free(fields);
}

/* ---- JSON ------------------------------------------------------------------------------------ */

static void
json_becomes_properties(void **state)
{
	static const struct {
		const char *body, *json;
	} cases[] = {
		{"{\"type\":[\"h-entry\"],\"properties\":{\"content\":[\"x\"]}}",
			"{\"content\":[\"x\"]}"},
		{"{\"type\":\"h-entry\",\"properties\":{\"content\":[\"x\"]}}",
			"{\"content\":[\"x\"]}"},
		{"{\"properties\":{\"content\":[\"x\",\"\"],\"name\":[\"\"],\"e\":[]}}",
			"{\"content\":[\"x\",\"\"],\"name\":[\"\"]}"},
		{"{\"properties\":{\"x-y\":[\"\",{\"z\":[\"\"]}],\"content\":[\"x\"]}}",
			"{\"x-y\":[\"\",{\"z\":[\"\"]}],\"content\":[\"x\"]}"},
		{"{\"properties\":{\"photo\":[\"\"],\"published\":[\"\"],\"visibility\":[\"\"],"
		 "\"content\":[\"x\"]}}",
			"{\"content\":[\"x\"]}"},
		{"{\"properties\":{\"a\":[1,2.50,true,false,{\"b\":[1e3]}]}}",
			"{\"a\":[1,2.50,true,false,{\"b\":[1e3]}]}"},
		{"{\"mp-slug\":\"s\",\"properties\":{\"content\":[\"x\"],\"mp-slug\":[\"t\"],"
		 "\"mp-x\":\"u\"}}",
			"{\"content\":[\"x\"]}"},
		{"{\"access_token\":\"t\",\"properties\":{\"access_token\":[\"t\"],\"content\":["
		 "\"x\"]}}",
			"{\"content\":[\"x\"]}"},
		{"{\"properties\":{\"url\":[\"https://a/\"]}}", "{\"url\":[\"https://a/\"]}"},
		{"{\"properties\":{\"photo\":[\"https://a/\"],\"mp-photo-alt\":[\"A\"]}}",
			"{\"photo\":[{\"value\":\"https://a/\",\"alt\":\"A\"}]}"},
		{"{\"properties\":{\"photo\":[{\"value\":\"https://a/\",\"alt\":\"own\"}],"
		 "\"mp-photo-alt\":[\"A\"]}}",
			"{\"photo\":[{\"value\":\"https://a/\",\"alt\":\"own\"}]}"},
	};
	struct site *s = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_str(properties_of_json(s, cases[i].body), cases[i].json);
}

static void
json_of_the_wrong_shape_is_refused(void **state)
{
	static const struct {
		const char *body;
		enum err want;
	} cases[] = {
		{"", ERR_BAD_JSON},
		{"[]", ERR_BAD_JSON},
		{"\"x\"", ERR_BAD_JSON},
		{"{", ERR_BAD_JSON},
		{"{} {}", ERR_BAD_JSON},
		{"{\"properties\":{\"a\":[\"\\ud800\"]}}", ERR_BAD_JSON},
		{"{\"properties\":{\"a\":[\"\xff\"]}}", ERR_BAD_JSON},
		{"{\"properties\":{\"a\":[\"\\u0000\"]}}", ERR_BAD_JSON},
		{"{\"properties\":{},\"properties\":{}}", ERR_BAD_JSON},
		{"{\"properties\":{\"a\":[1],\"a\":[2]}}", ERR_BAD_JSON},
		{"{\"properties\":[]}", ERR_MICROPUB_PROPERTY},
		{"{\"properties\":{\"content\":\"x\"}}", ERR_MICROPUB_PROPERTY},
		{"{\"properties\":{\"content\":{\"html\":\"x\"}}}", ERR_MICROPUB_PROPERTY},
		{"{\"properties\":{\"content\":null}}", ERR_MICROPUB_PROPERTY},
		{"{\"properties\":{\"\":[\"x\"]}}", ERR_MICROPUB_PROPERTY},
		{"{\"type\":[],\"properties\":{}}", ERR_MICROPUB_PROPERTY},
		{"{\"type\":[\"entry\"]}", ERR_MICROPUB_PROPERTY},
		{"{\"type\":[\"h-recipe\"]}", ERR_MICROPUB_PROPERTY},
		{"{\"type\":7}", ERR_MICROPUB_PROPERTY},
		{"{\"action\":[\"delete\"]}", ERR_MICROPUB_PROPERTY},
		{"{\"action\":\"explode\"}", ERR_MICROPUB_ACTION},
		{"{\"action\":\"delete\"}", ERR_MICROPUB_URL},
		{"{\"action\":\"delete\",\"url\":[\"x\"]}", ERR_MICROPUB_PROPERTY},
	};
	struct site *s = *state;
	struct micropub_request r;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		enum err err = micropub_parse_json(&s->c, str_z(cases[i].body), &r);

		if (err != cases[i].want)
			fail_msg("%s", cases[i].body);
		assert_err(s, err, cases[i].want);
	}
}

static void
kinds_and_actions_are_decoded(void **state)
{
	struct site *s = *state;
	struct micropub_request r;
	struct str token;

	assert_ok(s, parse_form(s, "content=x", &r, &token));
	assert_int_equal(r.action, MICROPUB_CREATE);
	assert_str(r.draft.kind, "entry");
	assert_ok(s, parse_form(s, "h=event&name=x", &r, &token));
	assert_str(r.draft.kind, "event");
	assert_ok(s, parse_form(s, "content=x&mp-slug=y&mp-destination=https://ada.example", &r,
			     &token));
	assert_str(r.draft.slug, "y");
	assert_ok(s, parse_form(s, "action=undelete&url=https://ada.example/note/x", &r, &token));
	assert_int_equal(r.action, MICROPUB_UNDELETE);
	assert_str(r.url, "https://ada.example/note/x");
	assert_ok(s, micropub_parse_json(&s->c, S("{\"action\":\"update\",\"url\":\"u\","
			"\"replace\":{\"content\":[\"y\"]}}"), &r));
	assert_int_equal(r.action, MICROPUB_UPDATE);
	assert_ok(
		s, micropub_parse_json(&s->c, S("{\"type\":[\"h-cite\"],\"properties\":{}}"), &r));
	assert_str(r.draft.kind, "cite");
}

/* ---- scopes ---------------------------------------------------------------------------------- */

static void
scopes_decide_who_may_create(void **state)
{
	static const struct {
		const char *scope;
		bool may;
	} cases[] = {
		{"create", true}, {"post", true}, {"profile create update", true}, {"draft", true},
		{"", false}, {"profile", false}, {"recreate", false}, {"create:video", false},
		{"Create", false}, {"update delete undelete media", false}, {"creat", false},
		{"admin", false},
	};
	struct site *s = *state;
	struct str slug, body;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		enum err err;

		assert_ok(s, ctx_printf(&s->c, &body, "{\"properties\":{\"content\":[\"%zu\"]}}", i));
		err = post_json(s, cases[i].scope, body.p, &slug);
		if (cases[i].may) {
			assert_ok(s, err);
			continue;
		}
		assert_int_equal(err, ERR_SCOPE);
		assert_string_equal(s->c.err.hint, "create");
		assert_err(s, err, ERR_SCOPE);
	}
	assert_int_equal(post_total(s), 3);
}

static void
a_draft_token_makes_drafts_only(void **state)
{
	struct site *s = *state;
	struct post_row row;
	struct str slug;

	assert_ok(s, post_json(s, "profile draft", "{\"properties\":{\"content\":[\"x\"],"
			"\"post-status\":[\"published\"]}}", &slug));
	assert_ok(s, post_row_find(&s->c, s->db, slug, &row));
	assert_int_equal(row.status, POST_DRAFT);
	assert_ok(s, post_json(s, "draft create", "{\"properties\":{\"content\":[\"y\"]}}", &slug));
	assert_ok(s, post_row_find(&s->c, s->db, slug, &row));
	assert_int_equal(row.status, POST_PUBLISHED);
}

static void
the_owners_session_may_create(void **state)
{
	struct site *s = *state;
	struct auth_grant g = {.id = S("session"), .session = true};
	struct micropub_request r;
	struct post_row row;
	struct post_result result;
	struct str token, slug;

	assert_ok(s, parse_form(s, "content=x", &r, &token));
	assert_ok(s, micropub_run(&s->c, s->db, &g, &r, &result));
	assert_ok(s, site_permalink_parse(&s->c, result.permalink, &slug));
	assert_ok(s, post_row_find(&s->c, s->db, slug, &row));
	assert_str(row.client, "");
}

static void
targets_and_channels_are_those_that_are_configured(void **state)
{
	struct site *s = *state;
	struct micropub_request r;
	struct str token;

	assert_ok(s, parse_form(s, "content=x&mp-syndicate-to[]=pond&mp-syndicate-to[]=none"
		"&mp-syndicate-to[]=https://social.example/@ada&mp-syndicate-to=pond"
		"&mp-channel=work&mp-destination=https://ada.example", &r, &token));
	assert_str(r.draft.syndicate_to, "pond\x1fhttps://social.example/@ada\x1f");
	assert_str(r.draft.channel, "work");
	assert_int_equal(json_len(r.draft.properties), 1);
	assert_ok(s, parse_form(s, "content=x&mp-channel=none&mp-syndicate-to=", &r, &token));
	assert_str(r.draft.syndicate_to, "");
	assert_str(r.draft.channel, "");
}

static void
scopes_decide_who_may_change_what(void **state)
{
	static const struct {
		const char *action, *scope;
		enum err want;
	} cases[] = {
		{"delete", "create update", ERR_SCOPE}, {"delete", "delete", OK},
		{"undelete", "create", ERR_SCOPE}, {"undelete", "delete", OK},
		{"undelete", "undelete", OK}, {"undelete", "undeleted", ERR_SCOPE},
		{"update", "create delete", ERR_SCOPE}, {"update", "updates", ERR_SCOPE},
		{"update", "draft", ERR_SCOPE}, {"update", "update", OK}, {"update", "draft update", OK},
	};
	struct site *s = *state;
	struct micropub_request r;
	struct post_result result;
	struct str body;

	(void)posted(s, "{\"properties\":{\"content\":[\"x\"],\"mp-slug\":[\"x\"]}}");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct auth_grant g = grant(cases[i].scope);
		enum err err;

		assert_ok(s, ctx_printf(&s->c, &body, "{\"action\":\"%s\",\"url\":"
				"\"https://ada.example/note/x\",\"add\":{\"category\":[\"a\"]}}",
				     cases[i].action));
		assert_ok(s, micropub_parse_json(&s->c, body, &r));
		err = micropub_run(&s->c, s->db, &g, &r, &result);
		if (cases[i].want == OK)
			assert_ok(s, err);
		else
			assert_err(s, err, cases[i].want);
	}
}

/* Nothing about an update may be doubtful: whatever has another shape changes nothing. */
static void
updates_of_the_wrong_shape_are_refused(void **state)
{
	static const char *const bad[] = {
		"", ",\"replace\":{}", ",\"add\":{}", ",\"delete\":[]", ",\"delete\":{}",
		",\"properties\":{\"name\":[\"x\"]}", ",\"replace\":\"content\"",
		",\"replace\":[\"content\"]", ",\"replace\":{\"content\":\"x\"}",
		",\"replace\":{\"content\":{\"html\":\"x\"}}", ",\"replace\":null",
		",\"add\":{\"category\":\"x\"}", ",\"add\":[\"category\"]", ",\"add\":{\"\":[\"x\"]}",
		",\"delete\":\"category\"", ",\"delete\":{\"category\":\"x\"}",
		",\"delete\":[{\"category\":[\"x\"]}]", ",\"delete\":[1]", ",\"delete\":[\"\"]",
		",\"delete\":[\"a\",null]",
	};
	struct site *s = *state;
	struct micropub_request r;
	struct str body;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		enum err err;

		assert_ok(s, ctx_printf(&s->c, &body, "{\"action\":\"update\",\"url\":\"x\"%s}",
				     bad[i]));
		err = micropub_parse_json(&s->c, body, &r);
		if (err != ERR_MICROPUB_PROPERTY && err != ERR_MICROPUB_EMPTY)
			fail_msg("%s: %s", bad[i], err_info(err)->name);
		assert_err(s, err, err);
	}
}

static void
an_empty_update_is_told_what_it_lacks(void **state)
{
	static const struct {
		const char *operations, *hint;
	} cases[] = {
		{"\"replace\":{}", "an update needs one of replace, add and delete"},
		{"\"add\":{\"category\":[]}", "no values to add to property 'category'"},
	};
	struct site *s = *state;
	struct micropub_request r;
	struct str body;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_ok(s, ctx_printf(&s->c, &body, "{\"action\":\"update\",\"url\":\"x\",%s}",
				     cases[i].operations));
		assert_int_equal(micropub_parse_json(&s->c, body, &r), ERR_MICROPUB_EMPTY);
		assert_string_equal(s->c.err.hint, cases[i].hint);
		err_clear(&s->c);
	}
	assert_null(strstr(err_info(ERR_MICROPUB_EMPTY)->message, "no properties"));
}

static void
an_update_is_decoded_whole(void **state)
{
	struct site *s = *state;
	struct micropub_request r;
	struct str json;

	assert_ok(s, micropub_parse_json(&s->c, S("{\"delete\":[\"c\"],\"add\":{\"b\":[1.10,\"\"],"
		"\"mp-photo-alt\":[\"A cat\"]},\"action\":\"update\",\"replace\":{\"a\":[],"
		"\"access_token\":[\"x\"],\"mp-slug\":\"s\"},\"url\":\"u\",\"mp-channel\":\"none\"}"),
		&r));
	assert_int_equal(r.action, MICROPUB_UPDATE);
	assert_str(r.url, "u");
	assert_ok(s, json_write(&s->c, r.update.replace, &json));
	assert_str(json, "{\"a\":[]}");
	assert_ok(s, json_write(&s->c, r.update.add, &json));
	assert_str(json, "{\"b\":[1.10,\"\"]}");
	assert_ok(s, json_write(&s->c, r.update.remove, &json));
	assert_str(json, "[\"c\"]");
	assert_ok(s, json_write(&s->c, r.update.photo_alts, &json));
	assert_str(json, "[\"A cat\"]");
	assert_str(r.update.slug, "s");
	assert_non_null(r.update.channel.p);
	assert_str(r.update.channel, "");
	assert_false(r.update.syndicate_anew);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(forms_become_properties),
		SITE_TEST(forms_that_are_malformed_are_refused),
		SITE_TEST(a_nul_in_a_form_is_refused),
		SITE_TEST(the_token_is_found_even_in_a_bad_form),
		SITE_TEST(properties_and_values_have_limits),
		SITE_TEST(json_becomes_properties),
		SITE_TEST(json_of_the_wrong_shape_is_refused),
		SITE_TEST(kinds_and_actions_are_decoded),
		SITE_TEST(scopes_decide_who_may_create),
		SITE_TEST(a_draft_token_makes_drafts_only),
		SITE_TEST(the_owners_session_may_create),
		SITE_TEST(targets_and_channels_are_those_that_are_configured),
		SITE_TEST(scopes_decide_who_may_change_what),
		SITE_TEST(updates_of_the_wrong_shape_are_refused),
		SITE_TEST(an_empty_update_is_told_what_it_lacks),
		SITE_TEST(an_update_is_decoded_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
