/*
 * The demonstration: made once, beside nobody else's posts unless that is wanted, and taken away
 * without a trace. The set made here is a small one; that the shipped one is good is asked over HTTP.
 */
#include "media_fixture.h"

#include "domain/demo.h"

static void
put(const struct site *s, const char *name, const char *text)
{
	char path[256];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/share/%s", s->dir, name);
	if (!text) {
		assert_int_equal(mkdir(path, 0755), 0);
		return;
	}
	f = fopen(path, "w");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static int
demo_setup(void **state)
{
	static const char *const dirs[] = {"", "demo", "demo/posts", "demo/media"};
	static char share[96];
	struct site *s;

	if (site_setup(state) != 0)
		return -1;
	s = *state;
	(void)snprintf(share, sizeof(share), "%s/share", s->dir);
	s->cfg->share_path = share;
	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		put(s, dirs[i], NULL);
	put(s, "demo/media/sea.png", "PNG the sea");
	put(s, "demo/posts/1-note.json",
		"{\"type\":[\"h-entry\"],\"properties\":{\"content\":[\"By the sea.\"],\"mp-slug\":[\"sea\"],"
		"\"photo\":[{\"value\":\"demo:sea.png\",\"alt\":\"Waves\"}],\"published\":[\"demo:2y\"]}}");
	put(s, "demo/posts/2-text.json",
		"{\"type\":[\"h-entry\"],\"properties\":{\"name\":[\"Long\"],\"category\":[\"texts\"],"
		"\"published\":[\"2020-01-02T03:04:05Z\"],\"mp-slug\":[\"long\"]}}");
	put(s, "demo/posts/2-text.md", "A *text*, and ![the sea](demo:sea.png).\n");
	return 0;
}

#define DEMO_TEST(f) cmocka_unit_test_setup_teardown(f, demo_setup, site_teardown)

static size_t steps, steps_in_all;

static void
count_step(void *self, size_t done, size_t all)
{
	(void)self;
	steps++;
	assert_int_equal(done, steps);
	assert_true(done <= all);
	steps_in_all = all;
}

static enum err
make(struct site *s, bool force, struct demo_report *out)
{
	const struct demo_progress progress = {.step = count_step};

	steps = 0;
	return demo_make(&s->c, s->db, force, &progress, out);
}

static struct post_row
post_of(struct site *s, const char *slug)
{
	struct post_row row;

	assert_ok(s, post_find_own(&s->c, s->db, str_z(slug), &row));
	return row;
}

/* A post of the owner's. */
static void
write_post(struct site *s, const char *content, const char *slug)
{
	char body[1024];

	(void)snprintf(body, sizeof(body),
		"{\"type\":[\"h-entry\"],\"properties\":{\"content\":[\"%s\"],\"mp-slug\":[\"%s\"]}}",
		content, slug);
	(void)posted(s, body);
}

static void
what_is_in_share_becomes_posts_and_files(void **state)
{
	struct site *s = *state;
	struct demo_report report;
	struct post_row row;

	assert_ok(s, make(s, false, &report));
	assert_int_equal(report.made, 2);
	assert_int_equal(report.files, 1);
	assert_int_equal(steps, 3);
	assert_int_equal(steps_in_all, 3);
	assert_int_equal(files(s), 1);
	row = post_of(s, "sea");
	assert_str(row.type, "photo");
	assert_has(row.mf2, "https://ada.example/media/");
	assert_int_equal(row.published, NOW - 60 - (365 + 365) * 86400);
	row = post_of(s, "long");
	assert_has(row.html, "<em>text</em>");
	assert_has(row.html, "/media/");
}

static void
a_second_call_makes_nothing_twice(void **state)
{
	struct site *s = *state;
	struct demo_report report;

	assert_ok(s, make(s, false, &report));
	site_next(s, 10);
	assert_ok(s, make(s, false, &report));
	assert_int_equal(report.made, 0);
	assert_int_equal(report.kept, 2);
	assert_int_equal(post_total(s), 2);
}

static void
a_site_with_posts_is_left_alone_unless_forced(void **state)
{
	struct site *s = *state;
	struct demo_report report;

	write_post(s, "Mine.", "long");
	assert_err(s, make(s, false, &report), ERR_EXISTS);
	site_next(s, 1);
	assert_ok(s, make(s, true, &report));
	assert_int_equal(report.made, 1);
	assert_int_equal(report.taken, 1);
	assert_has(post_of(s, "long").text, "Mine.");
}

static void
it_goes_without_a_trace_and_nothing_else_does(void **state)
{
	struct site *s = *state;
	struct demo_report report;
	struct post_row row;

	assert_ok(s, make(s, false, &report));
	site_next(s, 10);
	write_post(s, "Mine.", "mine");
	site_next(s, 10);
	assert_ok(s, demo_remove(&s->c, s->db, &report));
	assert_int_equal(report.made, 2);
	assert_int_equal(report.files, 1);
	assert_int_equal(files(s), 0);
	assert_int_equal(post_total(s), 1);
	assert_has(post_of(s, "mine").text, "Mine.");
	assert_err(s, post_find_own(&s->c, s->db, S("sea"), &row), ERR_NOT_FOUND);
}

static void
a_file_that_the_owner_shows_stays(void **state)
{
	struct site *s = *state;
	struct demo_report report;
	struct post_row sea;
	char text[512];
	size_t at;

	assert_ok(s, make(s, false, &report));
	sea = post_of(s, "sea");
	at = str_search(sea.mf2, S("https://ada.example/media/"), 0);
	(void)snprintf(text, sizeof(text), "Look: %.*s",
		STR(str_sub(sea.mf2, at, str_find(sea.mf2, '"', at))));
	site_next(s, 10);
	write_post(s, text, "mine");
	site_next(s, 10);
	assert_ok(s, demo_remove(&s->c, s->db, &report));
	assert_int_equal(report.made, 2);
	assert_int_equal(report.files, 0);
	assert_int_equal(files(s), 1);
}

static void
a_file_that_is_not_there_is_named(void **state)
{
	struct site *s = *state;
	struct demo_report report;

	put(s, "demo/posts/3-bad.json",
		"{\"type\":[\"h-entry\"],\"properties\":{\"photo\":[\"demo:none.png\"]}}");
	assert_int_equal(make(s, false, &report), ERR_IO);
	assert_has(str_z(s->c.err.detail), "none.png");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		DEMO_TEST(what_is_in_share_becomes_posts_and_files),
		DEMO_TEST(a_second_call_makes_nothing_twice),
		DEMO_TEST(a_site_with_posts_is_left_alone_unless_forced),
		DEMO_TEST(it_goes_without_a_trace_and_nothing_else_does),
		DEMO_TEST(a_file_that_the_owner_shows_stays),
		DEMO_TEST(a_file_that_is_not_there_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
