/*
 * core/config_check: a site whose directories are all there, and each that is missing or wrong.
 */
#include "config_fixture.h"

#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>

/* A complete site in the fixture's directory; more is appended to its file. */
static void
load_site(struct site *s, const char *more)
{
	static const char *const directories[] = {
		"db", "media", "run", "share", "share/templates", "theme"};
	const char *dir = s->dir.path;
	char text[2048], path[256];

	for (size_t i = 0; i < sizeof(directories) / sizeof(directories[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", dir, directories[i]);
		(void)mkdir(path, 0755);
	}
	(void)snprintf(text, sizeof(text), "site_url = https://ada.example/\n"
		"database_path = %s/db/x.db\nmedia_path = %s/media\nruntime_path = %s/run\n"
		"share_path = %s/share\n%s\n", dir, dir, dir, dir, more);
	if (!strstr(more, "listen ="))
		(void)snprintf(text + strlen(text), sizeof(text) - strlen(text),
			"listen = %s/run/x.sock\n", dir);
	if (load(s, text) != OK)
		fail_msg("%.*s", STR(buf_str(&s->problems)));
	buf_init(&s->problems, &s->c.arena, 1 << 16);
}

static enum err
check(struct site *s)
{
	err_clear(&s->c);
	buf_init(&s->problems, &s->c.arena, 1 << 16);
	return config_check(&s->c, s->cfg, &s->problems);
}

static void
assert_fine(struct site *s)
{
	if (check(s) != OK)
		fail_msg("%.*s", STR(buf_str(&s->problems)));
	assert_int_equal(s->problems.n, 0);
}

static void
assert_problem(struct site *s, const char *text)
{
	assert_int_equal(check(s), ERR_CONFIG);
	assert_int_equal(s->c.err.code, ERR_CONFIG);
	assert_said(s, text);
}

static void
path_remove(struct site *s, const char *name)
{
	char path[256];

	(void)snprintf(path, sizeof(path), "%s/%s", s->dir.path, name);
	if (rmdir(path) != 0)
		(void)unlink(path);
}

static int
check_teardown(void **state)
{
	static const char *const names[] = {
		"db/x.db", "db", "media", "run", "share/templates", "share", "theme"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		path_remove(*state, names[i]);
	return teardown(state);
}

static void
a_complete_site_is_fine(void **state)
{
	struct site *s = *state;
	char more[256];

	load_site(s, "");
	assert_fine(s);
	(void)snprintf(more, sizeof(more), "theme_path = %s/theme\nlog_file = %s/run/log\n",
		s->dir.path, s->dir.path);
	load_site(s, more);
	assert_fine(s);
	load_site(s, "listen = 127.0.0.1:9000\n");
	assert_fine(s);
}

static void
missing_directories_are_named_with_their_key_and_place(void **state)
{
	static const char *const pairs[][2] = {{"db", "starpunk.conf:2: database_path: "},
		{"media", "starpunk.conf:3: media_path: "},
		{"run", "starpunk.conf:4: runtime_path: "},
		{"share/templates", "starpunk.conf:5: share_path: "}};
	struct site *s = *state;

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		load_site(s, "");
		path_remove(s, pairs[i][0]);
		assert_problem(s, pairs[i][1]);
		assert_said(s, "No such file or directory; ");
	}
	load_site(s, "theme_path = /nonexistent/theme\n");
	assert_problem(s,
		"theme_path: /nonexistent/theme: No such file or directory; create it, or leave");
	load_site(s, "log_file = /nonexistent/log\n");
	assert_problem(s, "log_file: /nonexistent: No such file or directory");
	load_site(s, "listen = /nonexistent/x.sock\n");
	assert_problem(s, "listen: /nonexistent: No such file or directory; create the directory");
}

static void
every_problem_is_in_one_report(void **state)
{
	struct site *s = *state;

	load_site(s, "theme_path = /nonexistent/theme\nuser = nobody-like-this\n"
		"timezone = Europe/Atlantis\nlisten_group = no-such-group\n");
	assert_problem(s, "theme_path: ");
	assert_said(s, "user: no user 'nobody-like-this'");
	assert_said(s, "listen_group: no group 'no-such-group'");
	assert_said(s, "timezone: no time zone 'Europe/Atlantis' here");
}

static void
a_file_is_no_directory_and_a_directory_no_database(void **state)
{
	struct site *s = *state;
	char path[256];

	load_site(s, "");
	path_remove(s, "media");
	tempdir_write(&s->dir, "media", S("x"));
	assert_problem(s, "media_path: ");
	assert_said(s, "not a directory");
	path_remove(s, "media");
	load_site(s, "");
	(void)snprintf(path, sizeof(path), "%s/db/x.db", s->dir.path);
	assert_int_equal(mkdir(path, 0755), 0);
	assert_problem(s, "database_path: ");
	assert_said(s, "not a file; name the database file itself");
}

static void
a_fetch_helper_must_be_a_program(void **state)
{
	struct site *s = *state;

	load_site(s, "fetch_helper = /nonexistent/starpunk-fetch\n");
	assert_problem(s, "fetch_helper: /nonexistent/starpunk-fetch: No such file or directory; name");
}

static void
a_media_helper_must_be_a_program(void **state)
{
	struct site *s = *state;
	char more[256], path[200];

	load_site(s, "media_helper = /nonexistent/starpunk-media\n");
	assert_problem(s, "media_helper: /nonexistent/starpunk-media: No such file or directory; name");
	(void)snprintf(path, sizeof(path), "%s/helper", s->dir.path);
	(void)snprintf(more, sizeof(more), "media_helper = %s\n", path);
	tempdir_write(&s->dir, "helper", S("#!/bin/sh\n"));
	load_site(s, more);
	assert_int_equal(chmod(path, 0644), 0);
	assert_problem(s, "media_helper: ");
	assert_said(s, "may not run it");
	assert_int_equal(chmod(path, 0755), 0);
	assert_fine(s);
	path_remove(s, "helper");
}

static void
a_socket_path_must_fit_into_an_address(void **state)
{
	struct site *s = *state;
	char more[256], name[128];
	size_t room = 107 - strlen(s->dir.path) - strlen("/run/");

	memset(name, 'x', sizeof(name));
	name[room] = '\0';
	(void)snprintf(more, sizeof(more), "listen = %s/run/%s\n", s->dir.path, name);
	load_site(s, more);
	assert_fine(s);
	(void)snprintf(more, sizeof(more), "listen = %s/run/%sx\n", s->dir.path, name);
	load_site(s, more);
	assert_problem(s, "longer than a socket's path may be (107 bytes)");
}

static void
the_users_own_directories_are_fine(void **state)
{
	const struct passwd *me = getpwuid(geteuid());
	const struct group *group = getgrgid(getegid());
	struct site *s = *state;
	char more[256];

	assert_non_null(me);
	assert_non_null(group);
	(void)snprintf(more, sizeof(more), "listen_group = %s\n", group->gr_name);
	load_site(s, more);
	assert_fine(s);
	(void)snprintf(more, sizeof(more), "user = %s\n", me->pw_name);
	load_site(s, more);
	/* Also of root, who has to say so. */
	assert_fine(s);
}

/* As root, for whom every directory is writable, the answer must be about the site's user. */
static void
access_is_judged_for_the_sites_user(void **state)
{
	struct site *s = *state;

	load_site(s, "user = nobody\n");
	assert_int_equal(chmod(s->dir.path, 0755), 0);
	if (geteuid() != 0) {
		assert_fine(s);
		return;
	}
	assert_problem(s, "media_path: ");
	assert_said(s, "the site's user may not write there; correct its owner or mode");
	assert_false(said(s, "share_path"));
}

static void
an_origin_in_the_environment_is_said_so(void **state)
{
	struct site *s = *state;

	assert_int_equal(setenv("STARPUNK_THEME_PATH", "/nonexistent/theme", 1), 0);
	load_site(s, "");
	assert_int_equal(unsetenv("STARPUNK_THEME_PATH"), 0);
	assert_problem(s, "environment: theme_path: /nonexistent/theme");
}

#define CHECK(fn) cmocka_unit_test_setup_teardown(fn, setup, check_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CHECK(a_complete_site_is_fine),
		CHECK(missing_directories_are_named_with_their_key_and_place),
		CHECK(every_problem_is_in_one_report),
		CHECK(a_file_is_no_directory_and_a_directory_no_database),
		CHECK(a_fetch_helper_must_be_a_program),
		CHECK(a_media_helper_must_be_a_program),
		CHECK(a_socket_path_must_fit_into_an_address),
		CHECK(the_users_own_directories_are_fine),
		CHECK(access_is_judged_for_the_sites_user),
		CHECK(an_origin_in_the_environment_is_said_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
