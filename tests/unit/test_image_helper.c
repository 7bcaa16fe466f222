/*
 * image/helper: finding the helper, what it gets, and what becomes of it and of us when it is
 * missing, hangs, dies or lies. The helpers of most tests are small shell scripts.
 */
#include "image_fixture.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

/* Makes the script the helper from now on. */
static void
helper_is(struct studio *s, const char *script)
{
	char text[1024];

	(void)snprintf(text, sizeof(text), "#!/bin/sh\n%s\n", script);
	tempdir_write(&s->dir, "helper", str_z(text));
	(void)snprintf(s->helper, sizeof(s->helper), "%s/helper", s->dir.path);
	assert_int_equal(chmod(s->helper, 0755), 0);
}

static void
assert_no_children(void)
{
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

static void
assert_detail(const struct studio *s, const char *part)
{
	if (!strstr(s->c.err.detail, part))
		fail_msg("\"%s\" is not in: %s", part, s->c.err.detail);
}

static enum err
ask(struct studio *s)
{
	return studio_prepare(s, S("x"));
}

static void
a_missing_helper_is_an_error_of_its_own(void **state)
{
	struct studio *s = *state;

	s->cfg.media_helper = "/nonexistent/starpunk-media";
	assert_int_equal(ask(s), ERR_UPLOAD_HELPER);
	assert_detail(s, "/nonexistent/starpunk-media");
}

static void
without_a_setting_the_installed_one_is_looked_for(void **state)
{
	struct studio *s = *state;

	s->cfg.media_helper = "";
	assert_int_equal(ask(s), ERR_UPLOAD_HELPER); /* neither beside this test nor installed */
	assert_detail(s, "/starpunk/starpunk-media");
}

static void
a_helper_that_hangs_is_killed_at_the_deadline(void **state)
{
	struct studio *s = *state;

	helper_is(s, "exec sleep 1000");
	s->c.deadline_us = time_mono_us() + 100 * 1000;
	assert_int_equal(ask(s), ERR_TIMEOUT);
	assert_true(time_mono_us() >= s->c.deadline_us);
	assert_no_children();
}

static void
a_helper_that_has_answered_must_end_too(void **state)
{
	struct studio *s = *state;

	helper_is(s, "echo ok application/pdf 0 0 as-is; exec >/dev/null; exec sleep 1000");
	s->c.deadline_us = time_mono_us() + 100 * 1000;
	assert_int_equal(ask(s), ERR_TIMEOUT);
	assert_no_children();
}

static void
a_helper_that_dies_is_no_answer(void **state)
{
	struct studio *s = *state;

	helper_is(s, "echo ok application/pdf 0 0 as-is; kill -SEGV $$");
	assert_int_equal(ask(s), ERR_UPLOAD_HELPER);
	assert_detail(s, "signal 11");
	helper_is(s, "echo ok application/pdf 0 0 as-is; exit 5");
	assert_int_equal(ask(s), ERR_UPLOAD_HELPER);
	assert_detail(s, "ended with 5");
	assert_no_children();
}

static void
what_the_helper_may_not_use_up_is_the_uploads_fault(void **state)
{
	struct studio *s = *state;

	helper_is(s, "kill -XCPU $$");
	assert_int_equal(ask(s), ERR_UPLOAD_TOO_LARGE);
	assert_string_equal(s->c.err.hint, "it takes too long to decode");
	err_clear(&s->c);
	helper_is(s, "kill -XFSZ $$");
	assert_int_equal(ask(s), ERR_UPLOAD_TOO_LARGE);
	assert_string_equal(s->c.err.hint, "it becomes too large when coded anew");
}

static void
only_answers_that_make_sense_are_taken(void **state)
{
	static const char *const lies[] = {
		":",
		"echo",
		"echo ok",
		"echo yes application/pdf 0 0 as-is",
		"echo ok text/html 0 0 as-is",
		"echo ok application/pdf 0 0 rewritten",
		"echo ok application/pdf 1 1 as-is",
		"echo ok application/pdf 0 0 as-is more",
		"echo ok image/png 0 0 rewritten",
		"echo ok image/png 1 1 as-is",
		"echo ok image/png 1 -1 rewritten",
		"echo ok image/png 99999999999999999999 1 rewritten",
		"echo no",
		"echo no idea",
		"yes no",
	};
	struct studio *s = *state;

	for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		helper_is(s, lies[i]);
		if (ask(s) != ERR_UPLOAD_HELPER)
			fail_msg("%s", lies[i]);
	}
	assert_no_children();
}

static void
a_refusal_becomes_an_error_with_a_hint(void **state)
{
	static const struct {
		const char *script;
		enum err err;
		const char *hint;
	} answers[] = {
		{"echo no type image/svg+xml", ERR_UPLOAD_TYPE, "image/svg+xml"},
		{"echo 'no type <script>'", ERR_UPLOAD_TYPE, "another kind"},
		{"echo no pictures image/png", ERR_UPLOAD_TYPE, "without support for pictures"},
		{"echo no broken zlib says so", ERR_UPLOAD_BROKEN, "to its end"},
		{"echo no pixels 9 x 9", ERR_UPLOAD_TOO_LARGE, "pixels"},
		{"echo no frames 501", ERR_UPLOAD_TOO_LARGE, "frames"},
		{"echo no disk full", ERR_DISK_FULL, ""},
	};
	struct studio *s = *state;

	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		helper_is(s, answers[i].script);
		assert_int_equal(ask(s), answers[i].err);
		assert_non_null(strstr(s->c.err.hint, answers[i].hint));
		assert_null(strchr(s->c.err.hint, '<'));
		assert_null(strstr(s->c.err.hint, "zlib"));
	}
}

static void
it_inherits_four_descriptors_and_no_environment(void **state)
{
	struct studio *s = *state;
	/* Not close-on-exec, as careless libraries open them. */
	int extra = fcntl(STDERR_FILENO, F_DUPFD, 20);

	assert_true(extra >= 20);
	helper_is(s, "for f in /proc/$$/fd/*; do n=$n${f##*/},; done; echo $n-$HOME-");
	assert_int_equal(ask(s), ERR_UPLOAD_HELPER);
	/* 4 is the directory being listed, 10 is where the shell reads the script. */
	assert_detail(s, "'0,1,10,2,3,4,--'");
	(void)close(extra);
}

static void
no_signal_is_blocked_or_ignored_in_it(void **state)
{
	struct studio *s = *state;
	struct sigaction ignore = {.sa_handler = SIG_IGN}, before;
	sigset_t all, mask;

	(void)sigfillset(&all);
	assert_int_equal(sigaction(SIGPIPE, &ignore, &before), 0);
	assert_int_equal(pthread_sigmask(SIG_BLOCK, &all, &mask), 0);
	helper_is(s, "while read -r name value; do case $name in SigBlk:|SigIgn:) x=$x$value;; esac;"
		"done </proc/$$/status; echo $x");
	assert_int_equal(ask(s), ERR_UPLOAD_HELPER);
	assert_int_equal(pthread_sigmask(SIG_SETMASK, &mask, NULL), 0);
	assert_int_equal(sigaction(SIGPIPE, &before, NULL), 0);
	/* glibc 2.36 leaves the two that it keeps for itself ignored in what it spawns; 2.41 does not. */
	if (!strstr(s->c.err.detail, "'00000000000000000000000180000000'"))
		assert_detail(s, "'00000000000000000000000000000000'");
}

enum { THREADS = 4 };

static void *
ask_in_thread(void *arg)
{
	const struct studio *s = arg;
	int in = studio_file(S("x")), out = studio_file(S(""));
	struct image_info info;
	struct ctx c;
	bool good;

	ctx_init(&c, 1 << 20);
	c.cfg = &s->cfg;
	good = image_prepare(&c, in, out, &info) == OK;
	ctx_fini(&c);
	(void)close(in);
	(void)close(out);
	return good ? arg : NULL;
}

static void
one_runs_at_a_time(void **state)
{
	struct studio *s = *state;
	pthread_t threads[THREADS];
	char script[256];

	(void)snprintf(script, sizeof(script),
		"cd %s && mkdir lock && sleep 0.05 && rmdir lock && echo ok application/pdf 0 0 as-is",
		s->dir.path);
	helper_is(s, script);
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, ask_in_thread, s), 0);
	for (int i = 0; i < THREADS; i++) {
		void *good = NULL;

		assert_int_equal(pthread_join(threads[i], &good), 0);
		assert_non_null(good);
	}
}

/* ---- the jail ---------------------------------------------------------------------------- */

static void
opening_a_file_kills_the_real_one(void **state)
{
	struct studio *s = *state;
	char name[] = "starpunk-media", mode[] = "probe";
	char *argv[] = {name, mode, NULL}, *envp[] = {NULL};
	posix_spawn_file_actions_t actions;
	int status = 0;
	pid_t pid;

	assert_int_equal(posix_spawn_file_actions_init(&actions), 0);
	assert_int_equal(posix_spawn_file_actions_addopen(&actions, 3, "/dev/null", O_WRONLY, 0), 0);
	assert_int_equal(posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0), 0);
	assert_int_equal(posix_spawn(&pid, s->helper, &actions, NULL, argv, envp), 0);
	assert_int_equal(posix_spawn_file_actions_destroy(&actions), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGSYS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		STUDIO_TEST(a_missing_helper_is_an_error_of_its_own),
		STUDIO_TEST(without_a_setting_the_installed_one_is_looked_for),
		STUDIO_TEST(a_helper_that_hangs_is_killed_at_the_deadline),
		STUDIO_TEST(a_helper_that_has_answered_must_end_too),
		STUDIO_TEST(a_helper_that_dies_is_no_answer),
		STUDIO_TEST(what_the_helper_may_not_use_up_is_the_uploads_fault),
		STUDIO_TEST(only_answers_that_make_sense_are_taken),
		STUDIO_TEST(a_refusal_becomes_an_error_with_a_hint),
		STUDIO_TEST(it_inherits_four_descriptors_and_no_environment),
		STUDIO_TEST(no_signal_is_blocked_or_ignored_in_it),
		STUDIO_TEST(one_runs_at_a_time),
		STUDIO_TEST(opening_a_file_kills_the_real_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
