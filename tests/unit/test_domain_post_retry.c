/*
 * domain/post_retry: a create that comes again makes no second post.
 */
#include "domain/post.h"

#include "domain_fixture.h"

/* The slug that a create is answered with; "" and the error where it fails. */
static enum err
send_as(struct site *s, const char *client, const char *key, const char *body, struct str *slug)
{
	struct auth_grant g = {.id = str_z(client), .scope = S("create")};
	struct micropub_request r;
	struct post_result result = {0};
	enum err err;

	*slug = (struct str){0};
	assert_ok(s, micropub_parse_json(&s->c, str_z(body), &r));
	r.draft.retry_key = str_z(key);
	err = micropub_run(&s->c, s->db, &g, &r, &result);
	if (err != OK)
		return err;
	assert_true(result.moved);
	*slug = str_sub(result.permalink, 25, result.permalink.n);
	return OK;
}

static struct str
sent(struct site *s, const char *client, const char *key, const char *body)
{
	struct str slug;

	assert_ok(s, send_as(s, client, key, body, &slug));
	return slug;
}

static const char rain[] = "{\"properties\":{\"content\":[\"Rain\"],\"mp-slug\":[\"r\"]}}";
static const char snow[] = "{\"properties\":{\"content\":[\"Snow\"],\"mp-slug\":[\"r\"]}}";

static void
the_same_post_again_is_the_same_post(void **state)
{
	struct site *s = *state;

	assert_str(sent(s, "a", "", rain), "r");
	assert_has_not(site_log(s), "\"post_repeated\"");
	assert_str(sent(s, "a", "", rain), "r");
	assert_has(site_log(s), "\"post_repeated\"");
	site_next(s, 899);
	assert_str(sent(s, "a", "", rain), "r");
	assert_int_equal(post_total(s), 1);
	site_next(s, 1);
	assert_str(sent(s, "a", "", rain), "r-2");
}

static void
other_posts_and_other_clients_are_not_retries(void **state)
{
	struct site *s = *state;

	assert_str(sent(s, "a", "", rain), "r");
	assert_str(sent(s, "b", "", rain), "r-2");
	assert_str(sent(s, "a", "", snow), "r-3");
	assert_str(
		sent(s, "a", "", "{\"properties\":{\"content\":[\"Rain\"],\"mp-slug\":[\"q\"]}}"),
		"q");
	assert_str(sent(s, "a", "",
			   "{\"properties\":{\"content\":[\"Rain\"],\"mp-slug\":[\"r\"],\"mp-"
			   "channel\":[\"work\"]}}"),
		"r-4");
	assert_str(sent(s, "a", "",
			   "{\"type\":[\"h-cite\"],\"properties\":{\"content\":[\"Rain\"],"
			   "\"mp-slug\":[\"r\"]}}"),
		"r-5");
	assert_int_equal(post_total(s), 6);
}

static void
a_slug_of_any_length_is_part_of_it(void **state)
{
	struct site *s = *state;
	static char slug[600001];
	struct auth_grant g = grant("create");
	struct post_result result;
	struct micropub_request r;

	memset(slug, 's', 600000);
	for (int i = 0; i < 2; i++) {
		assert_ok(s, micropub_parse_json(&s->c, str_z(rain), &r));
		r.draft.slug = str_n(slug, 600000 - (size_t)i);
		assert_ok(s, micropub_run(&s->c, s->db, &g, &r, &result));
	}
	assert_int_equal(post_total(s), 2);
}

static void
a_key_names_one_post_for_a_day(void **state)
{
	struct site *s = *state;
	struct str slug;

	assert_str(sent(s, "a", "key-1", rain), "r");
	assert_str(sent(s, "a", "key-1", rain), "r");
	assert_str(sent(s, "a", "key-2", rain), "r-2");
	assert_str(sent(s, "b", "key-1", rain), "r-3");
	assert_str(sent(s, "a", "", rain), "r-4");
	assert_err(s, send_as(s, "a", "key-1", snow, &slug), ERR_RETRY_KEY);
	site_next(s, POST_RETRY_KEPT - 1);
	assert_str(sent(s, "a", "key-1", rain), "r");
	site_next(s, 1);
	assert_str(sent(s, "a", "key-1", snow), "r-5");
}

static void
a_deleted_post_is_given_again_to_its_key_alone(void **state)
{
	struct site *s = *state;
	struct post_target target = {.url = S("https://ada.example/note/r")};
	struct post_result result;
	struct str slug;

	assert_str(sent(s, "a", "k", rain), "r");
	assert_ok(s, post_delete(&s->c, s->db, &target, &result));
	assert_str(sent(s, "a", "k", rain), "r");
	assert_err(s, send_as(s, "a", "k", snow, &slug), ERR_RETRY_KEY);
	assert_int_equal(post_total(s), 0);
	assert_str(sent(s, "a", "", rain), "r-2");
	target.url = S("https://ada.example/note/r-2");
	assert_ok(s, post_delete(&s->c, s->db, &target, &result));
	assert_str(sent(s, "a", "", rain), "r-3");
	assert_str(sent(s, "a", "", rain), "r-3");
}

static void
a_renamed_post_is_given_under_its_new_url(void **state)
{
	struct site *s = *state;
	struct post_target target = {.url = S("https://ada.example/note/r")};
	struct post_update change = {.slug = S("new")};
	struct post_result result;

	assert_str(sent(s, "a", "k", rain), "r");
	assert_ok(s, post_update(&s->c, s->db, &target, &change, &result));
	assert_str(sent(s, "a", "k", rain), "new");
}

static void
without_a_window_only_keys_count(void **state)
{
	struct site *s = *state;

	s->cfg->micropub_retry_window = 0;
	assert_str(sent(s, "a", "", rain), "r");
	assert_str(sent(s, "a", "", rain), "r-2");
	assert_str(sent(s, "a", "k", rain), "r-3");
	assert_str(sent(s, "a", "k", rain), "r-3");
}

static void
what_has_expired_is_cleaned(void **state)
{
	struct site *s = *state;
	int64_t n;

	(void)sent(s, "a", "", rain);
	(void)sent(s, "a", "k", rain);
	assert_ok(s, post_retries_clean(&s->c, s->db, &n));
	assert_int_equal(n, 0);
	site_next(s, 900);
	assert_ok(s, post_retries_clean(&s->c, s->db, &n));
	assert_int_equal(n, 1);
	site_next(s, POST_RETRY_KEPT);
	assert_ok(s, post_retries_clean(&s->c, s->db, &n));
	assert_int_equal(n, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(the_same_post_again_is_the_same_post),
		SITE_TEST(other_posts_and_other_clients_are_not_retries),
		SITE_TEST(a_slug_of_any_length_is_part_of_it),
		SITE_TEST(a_key_names_one_post_for_a_day),
		SITE_TEST(a_deleted_post_is_given_again_to_its_key_alone),
		SITE_TEST(a_renamed_post_is_given_under_its_new_url),
		SITE_TEST(without_a_window_only_keys_count),
		SITE_TEST(what_has_expired_is_cleaned),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
