/*
 * core/helper: what a program that is started once gets, and how its end is told. (How the media
 * helper's end is judged is asked by test_image_helper.)
 */
#include "core/helper.h"

#include "base/time.h"

#include "tempdir.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

enum { ROOM = 64 };

struct workshop {
	struct ctx c;
	struct tempdir dir;
	char path[256];
	char answer[ROOM];
	struct helper helper;
	struct helper_end end;
};

static int
setup(void **state)
{
	static struct workshop w;

	w = (struct workshop){0};
	ctx_init(&w.c, 1 << 20);
	tempdir_init(&w.dir);
	(void)snprintf(w.path, sizeof(w.path), "%s/helper", w.dir.path);
	w.helper = (struct helper){.name = "helper", .path = w.path, .failure = ERR_FETCH_HELPER,
		.in_fd = -1, .out_fd = -1, .until_us = time_mono_us() + 60 * 1000000,
		.answer = w.answer, .answer_room = ROOM};
	*state = &w;
	return 0;
}

static int
teardown(void **state)
{
	struct workshop *w = *state;

	ctx_fini(&w->c);
	tempdir_fini(&w->dir);
	return 0;
}

/* Runs the script to its end. */
static void
run(struct workshop *w, const char *script)
{
	char text[512];

	(void)snprintf(text, sizeof(text), "#!/bin/sh\n%s\n", script);
	tempdir_write(&w->dir, "helper", str_z(text));
	assert_int_equal(chmod(w->path, 0755), 0);
	assert_int_equal(helper_run(&w->c, &w->helper, &w->end), OK);
}

static void
it_gets_its_arguments_and_nothing_else(void **state)
{
	struct workshop *w = *state;

	w->helper.arguments[0] = "a b";
	w->helper.arguments[1] = "";
	w->helper.arguments[2] = "$HOME";
	run(w, "for f in /proc/$$/fd/*; do n=$n${f##*/},; done; read x; echo \"$#|$1|$2|$3|$x|$n|$HOME\"");
	/* 3 is the directory being listed, 10 is where the shell reads the script. */
	assert_string_equal(w->answer, "3|a b||$HOME||0,1,10,2,3,|");
	assert_true(w->end.in_time && w->end.status == 0 && w->end.signal == 0);
}

static void
it_reads_and_writes_what_it_is_given(void **state)
{
	struct workshop *w = *state;
	char got[8] = "";
	int in = memfd_create("in", MFD_CLOEXEC), out = memfd_create("out", MFD_CLOEXEC);

	assert_true(in >= 0 && out >= 0 && pwrite(in, "bytes\n", 6, 0) == 6);
	w->helper.in_fd = in;
	w->helper.out_fd = out;
	run(w, "cat >&3; echo done");
	assert_string_equal(w->answer, "done");
	assert_int_equal(pread(out, got, sizeof(got), 0), 6);
	assert_string_equal(got, "bytes\n");
	(void)close(in);
	(void)close(out);
}

static void
its_end_is_told(void **state)
{
	struct workshop *w = *state;

	run(w, "echo x; exit 7");
	assert_true(w->end.in_time && w->end.status == 7 && w->end.signal == 0);
	assert_string_equal(w->answer, "x");
	run(w, "kill -TERM $$");
	assert_true(w->end.in_time && w->end.status == -1 && w->end.signal == SIGTERM);
	assert_string_equal(w->answer, "");
}

static void
an_answer_that_does_not_fit_is_cut_and_its_writer_killed(void **state)
{
	struct workshop *w = *state;

	run(w, "exec yes");
	assert_true(w->end.in_time && w->end.signal == SIGKILL);
	assert_int_equal(strlen(w->answer), ROOM - 1);
}

static void
it_is_killed_when_its_time_is_up(void **state)
{
	struct workshop *w = *state;

	w->helper.until_us = time_mono_us() + 50 * 1000;
	run(w, "exec sleep 1000");
	assert_true(!w->end.in_time && w->end.signal == SIGKILL);
	w->helper.until_us = time_mono_us() + 60 * 1000000;
	w->c.deadline_us = time_mono_us() + 50 * 1000;
	run(w, "exec >/dev/null; exec sleep 1000");
	assert_true(!w->end.in_time && w->end.signal == SIGKILL);
}

static void
a_program_of_others_is_found_by_the_search_path(void **state)
{
	struct workshop *w = *state;
	const char *found;
	char path[512];
	FILE *f = fopen(w->path, "w");

	assert_non_null(f);
	assert_int_equal(fclose(f), 0);
	(void)snprintf(path, sizeof(path), "relative::/nowhere:%s:/bin", w->dir.path);
	assert_int_equal(setenv("PATH", path, 1), 0);
	assert_int_equal(helper_in_path(&w->c, "helper", &found), OK);
	assert_null(found);	/* nobody may run it */
	assert_int_equal(chmod(w->path, 0755), 0);
	assert_int_equal(helper_in_path(&w->c, "helper", &found), OK);
	assert_string_equal(found, w->path);
	assert_int_equal(unsetenv("PATH"), 0);
	assert_int_equal(helper_in_path(&w->c, "helper", &found), OK);
	assert_null(found);
}

static void
one_that_cannot_be_started_is_the_callers_error(void **state)
{
	struct workshop *w = *state;

	assert_int_equal(helper_run(&w->c, &w->helper, &w->end), ERR_FETCH_HELPER);
	assert_non_null(strstr(w->c.err.detail, w->path));
	err_clear(&w->c);
	w->helper.path = "";
	w->helper.name = "no-such-helper";
	assert_int_equal(helper_run(&w->c, &w->helper, &w->end), ERR_FETCH_HELPER);
	assert_non_null(strstr(w->c.err.detail, "/starpunk/no-such-helper"));
}

#define HELPER_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		HELPER_TEST(it_gets_its_arguments_and_nothing_else),
		HELPER_TEST(it_reads_and_writes_what_it_is_given),
		HELPER_TEST(its_end_is_told),
		HELPER_TEST(an_answer_that_does_not_fit_is_cut_and_its_writer_killed),
		HELPER_TEST(it_is_killed_when_its_time_is_up),
		HELPER_TEST(a_program_of_others_is_found_by_the_search_path),
		HELPER_TEST(one_that_cannot_be_started_is_the_callers_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
