/*
 * core/segment: the file, the generation, the writers' lock, also over the deaths of those who
 * use them. Deaths are SIGKILL, waiting is for a byte in a pipe.
 */
#include "core/segment.h"

#include "base/mem.h"
#include "base/time.h"
#include "core/config.h"
#include "core/layout.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define SECOND INT64_C(1000000)

struct fixture {
	struct ctx c;
	char dir[64];
	struct segment *seg;
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	if (!f)
		return -1;
	ctx_init(&f->c, 8 << 20);
	(void)snprintf(f->dir, sizeof(f->dir), "/tmp/sp-segment-XXXXXX");
	*state = f;
	return mkdtemp(f->dir) && segment_create(&f->c, f->dir, &f->seg) == OK ? 0 : -1;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;
	char path[80];

	segment_close(f->seg);
	(void)snprintf(path, sizeof(path), "%s/metrics.shm", f->dir);
	(void)unlink(path);
	ctx_fini(&f->c);
	if (rmdir(f->dir) != 0) /* also proves that nothing else was left behind */
		return -1;
	free(f);
	return 0;
}

static void
file_of(const struct fixture *f, char path[128])
{
	(void)snprintf(path, 128, "%s/metrics.shm", f->dir);
}

/* Runs fn in a child and waits for its end: true if it returned true. */
static bool
in_child(struct fixture *f, bool (*fn)(struct fixture *f))
{
	int status = 0;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0)
		_exit(fn(f) ? 0 : 1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* Starts a child that runs fn, says so and stays until it is killed. */
static pid_t
child_after(struct fixture *f, bool (*fn)(struct fixture *f))
{
	int fds[2];
	char byte = 0;
	pid_t pid;

	assert_int_equal(pipe(fds), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		byte = fn(f) ? 'y' : 'n';
		if (write(fds[1], &byte, 1) != 1)
			_exit(1);
		for (;;)
			(void)pause();
	}
	(void)close(fds[1]);
	assert_int_equal(read(fds[0], &byte, 1), 1);
	assert_int_equal(byte, 'y');
	(void)close(fds[0]);
	return pid;
}

static void
child_kill(pid_t pid)
{
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

/* ---- the file ---------------------------------------------------------------------------- */

static void
the_file_has_mode_0640_whatever_the_umask(void **state)
{
	struct fixture *f = *state;
	struct segment *s;
	char path[128];
	struct stat st;
	mode_t old = umask(0777);

	assert_int_equal(segment_create(&f->c, f->dir, &s), OK);
	(void)umask(old);
	segment_close(s);
	file_of(f, path);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
}

static void
creating_again_replaces_the_file_and_begins_anew(void **state)
{
	struct fixture *f = *state;
	struct segment *s;

	segment_generation_move(f->seg);
	segment_configured_set(f->seg, 7);
	assert_int_equal(segment_configured(f->seg), 7);
	assert_int_equal(segment_create(&f->c, f->dir, &s), OK);
	assert_int_equal(segment_generation(s) + (uint64_t)segment_configured(s), 1);
	assert_int_equal(segment_generation(f->seg), 2);
	segment_close(s);
}

static void
a_directory_that_is_not_there_is_an_io_error_that_names_it(void **state)
{
	struct fixture *f = *state;
	struct segment *s = NULL;

	assert_int_equal(segment_create(&f->c, "/nonexistent/starpunk", &s), ERR_IO);
	assert_non_null(strstr(f->c.err.detail, "/nonexistent/starpunk"));
	assert_null(s);
	ctx_reset(&f->c);
}

static bool
create_fails_when_the_disk_is_full(struct fixture *f)
{
	struct rlimit small = {65536, 65536};
	struct segment *s;

	(void)signal(SIGXFSZ, SIG_IGN);
	return setrlimit(RLIMIT_FSIZE, &small) == 0 && segment_create(&f->c, f->dir, &s) == ERR_IO;
}

static void
no_room_is_an_error_at_creation_and_leaves_the_old_file(void **state)
{
	struct fixture *f = *state;
	struct segment *s;

	assert_true(in_child(f, create_fails_when_the_disk_is_full));
	assert_int_equal(segment_attach(&f->c, f->dir, false, &s), OK);
	segment_close(s);
}

static void
without_memory_nothing_is_made(void **state)
{
	struct fixture *f = *state;
	struct segment *s;

	mem_fault_at(1);
	if (segment_attach(&f->c, f->dir, false, &s) == OK) {
		segment_close(s); /* this build cannot fail allocations */
		assert_false(mem_fault_hit());
		return;
	}
	assert_int_equal(f->c.err.code, ERR_MEMORY);
	ctx_reset(&f->c);
	mem_fault_at(1);
	assert_int_equal(segment_create(&f->c, f->dir, &s), ERR_MEMORY);
	ctx_reset(&f->c);
}

static void
attaching_where_no_site_runs_is_not_found(void **state)
{
	struct fixture *f = *state;
	struct segment *s;

	segment_remove(f->seg, f->dir);
	assert_int_equal(segment_attach(&f->c, f->dir, true, &s), ERR_NOT_FOUND);
	ctx_reset(&f->c);
}

static bool
create_here(struct fixture *f)
{
	return segment_create(&f->c, f->dir, &f->seg) == OK;
}

static void
a_file_whose_site_has_died_is_not_found(void **state)
{
	struct fixture *f = *state;
	struct segment *s;

	child_kill(child_after(f, create_here));
	assert_int_equal(segment_attach(&f->c, f->dir, true, &s), ERR_NOT_FOUND);
	ctx_reset(&f->c);
}

static void
patch(const struct fixture *f, size_t at, const void *p, size_t n)
{
	char path[128];
	int fd;

	file_of(f, path);
	fd = open(path, O_WRONLY);
	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, p, n, (off_t)at), n);
	(void)close(fd);
}

static void
a_foreign_layout_is_refused_and_says_so(void **state)
{
	struct fixture *f = *state;
	struct segment *s;
	uint64_t other = layout_hash() + 1;

	patch(f, offsetof(struct layout_header, hash), &other, sizeof(other));
	assert_int_equal(segment_attach(&f->c, f->dir, false, &s), ERR_CONFIG);
	assert_non_null(strstr(f->c.err.detail, "another version"));
	ctx_reset(&f->c);
}

static void
a_file_that_is_no_segment_or_of_wrong_size_is_refused(void **state)
{
	struct fixture *f = *state;
	struct segment *s;
	uint64_t many = 1 << 20;
	char path[128];

	patch(f, offsetof(struct layout_header, ring_size), &many, sizeof(many));
	assert_int_equal(segment_attach(&f->c, f->dir, false, &s), ERR_CONFIG);
	ctx_reset(&f->c);
	patch(f, 0, "elephant", 8);
	assert_int_equal(segment_attach(&f->c, f->dir, false, &s), ERR_CONFIG);
	ctx_reset(&f->c);
	file_of(f, path);
	segment_close(f->seg);
	f->seg = NULL;
	assert_int_equal(truncate(path, 3), 0);
	assert_int_equal(segment_attach(&f->c, f->dir, false, &s), ERR_CONFIG);
	ctx_reset(&f->c);
}

static void
room_for_details_follows_the_configuration(void **state)
{
	struct fixture *f = *state;
	struct config cfg = {.metrics_buffer_size = 16};
	struct segment *s;

	assert_int_equal(f->seg->map->header.ring_size, LAYOUT_RING_DEFAULT);
	f->c.cfg = &cfg;
	assert_int_equal(segment_create(&f->c, f->dir, &s), OK);
	assert_int_equal(s->map->header.ring_size, 16);
	segment_close(s);
}

/* ---- the generation ---------------------------------------------------------------------- */

static bool
move_inherited(struct fixture *f)
{
	segment_generation_move(f->seg);
	return true;
}

static bool
move_attached(struct fixture *f)
{
	struct segment *s;

	if (segment_attach(&f->c, f->dir, true, &s) != OK)
		return false;
	segment_generation_move(s);
	segment_close(s);
	return true;
}

static void
the_generation_moves_for_all_processes(void **state)
{
	struct fixture *f = *state;
	struct segment *reader;
	uint64_t before = segment_generation(f->seg);

	assert_int_equal(segment_attach(&f->c, f->dir, false, &reader), OK);
	assert_true(in_child(f, move_inherited));
	assert_int_equal(segment_generation(f->seg), before + 1);
	assert_true(in_child(f, move_attached));
	assert_int_equal(segment_generation(f->seg), before + 2);
	assert_int_equal(segment_generation(reader), before + 2);
	segment_close(reader);
}

static void
a_move_is_dated(void **state)
{
	struct fixture *f = *state;
	int64_t before = time_now_us();

	assert_in_range(segment_generation_time(f->seg), 1, before);
	segment_generation_move(f->seg);
	assert_in_range(segment_generation_time(f->seg), before, time_now_us());
	assert_int_equal(segment_generation_time(NULL), 0);
}

static void
without_a_segment_everything_is_allowed(void **state)
{
	struct fixture *f = *state;
	struct config_rate rate = {1, SECOND};
	int wait = -1;

	segment_generation_move(NULL);
	assert_int_equal(segment_generation(NULL), 0);
	assert_int_equal(segment_writer_lock(&f->c, NULL, 0), OK);
	segment_writer_unlock(NULL);
	assert_true(segment_rate_take(NULL, SEGMENT_LIMIT_LOGIN, S("a"), &rate, 0, &wait));
	assert_int_equal(wait, 0);
	segment_close(NULL);
}

/* ---- the writers' lock ------------------------------------------------------------------- */

static bool
lock_here(struct fixture *f)
{
	return segment_writer_lock(&f->c, f->seg, time_mono_us() + 10 * SECOND) == OK;
}

static bool
lock_and_unlock(struct fixture *f)
{
	if (!lock_here(f))
		return false;
	segment_writer_unlock(f->seg);
	return true;
}

static void
a_taken_lock_is_busy_when_the_deadline_passes(void **state)
{
	struct fixture *f = *state;
	pid_t holder = child_after(f, lock_here);

	assert_int_equal(segment_writer_lock(&f->c, f->seg, time_mono_us() + 20000), ERR_DB_BUSY);
	assert_int_equal(f->c.err.code, ERR_DB_BUSY);
	ctx_reset(&f->c);
	assert_int_equal(segment_writer_lock(&f->c, f->seg, 0), ERR_DB_BUSY);
	ctx_reset(&f->c);
	child_kill(holder);
}

static void
a_free_lock_is_taken_whatever_the_deadline(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(segment_writer_lock(&f->c, f->seg, 0), OK);
	segment_writer_unlock(f->seg);
}

static void
the_lock_of_a_killed_holder_is_taken_over_again_and_again(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 3; i++) {
		child_kill(child_after(f, lock_here));
		assert_true(in_child(f, lock_and_unlock));
		assert_true(lock_and_unlock(f));
	}
}

static void
a_waiter_gets_the_lock_when_its_holder_is_killed(void **state)
{
	struct fixture *f = *state;
	pid_t holder = child_after(f, lock_here);
	pid_t killer = fork();

	assert_true(killer >= 0);
	if (killer == 0)
		_exit(kill(holder, SIGKILL) == 0 ? 0 : 1);
	assert_true(lock_and_unlock(f));
	assert_int_equal(waitpid(killer, NULL, 0), killer);
	assert_int_equal(waitpid(holder, NULL, 0), holder);
}

static void
locking_twice_in_one_thread_is_our_own_mistake(void **state)
{
	struct fixture *f = *state;

	assert_true(lock_here(f));
	assert_int_equal(segment_writer_lock(&f->c, f->seg, time_mono_us() + SECOND), ERR_INTERNAL);
	ctx_reset(&f->c);
	segment_writer_unlock(f->seg);
}

static bool
count_under_the_lock(struct fixture *f)
{
	for (int i = 0; i < 500; i++) {
		volatile int64_t *cell = &f->seg->map->header.start_us;

		if (!lock_here(f))
			return false;
		*cell = *cell + 1;
		segment_writer_unlock(f->seg);
	}
	return true;
}

static void
only_one_process_at_a_time_holds_it(void **state)
{
	struct fixture *f = *state;
	pid_t pids[3];
	int status;

	f->seg->map->header.start_us = 0;
	for (size_t i = 0; i < 3; i++) {
		pids[i] = fork();
		assert_true(pids[i] >= 0);
		if (pids[i] == 0)
			_exit(count_under_the_lock(f) ? 0 : 1);
	}
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_int_equal(status, 0);
	}
	assert_int_equal(f->seg->map->header.start_us, 1500);
}

#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(the_file_has_mode_0640_whatever_the_umask),
		T(creating_again_replaces_the_file_and_begins_anew),
		T(a_directory_that_is_not_there_is_an_io_error_that_names_it),
		T(no_room_is_an_error_at_creation_and_leaves_the_old_file),
		T(without_memory_nothing_is_made),
		T(attaching_where_no_site_runs_is_not_found),
		T(a_file_whose_site_has_died_is_not_found),
		T(a_foreign_layout_is_refused_and_says_so),
		T(a_file_that_is_no_segment_or_of_wrong_size_is_refused),
		T(room_for_details_follows_the_configuration),
		T(the_generation_moves_for_all_processes),
		T(a_move_is_dated),
		T(without_a_segment_everything_is_allowed),
		T(a_taken_lock_is_busy_when_the_deadline_passes),
		T(a_free_lock_is_taken_whatever_the_deadline),
		T(the_lock_of_a_killed_holder_is_taken_over_again_and_again),
		T(a_waiter_gets_the_lock_when_its_holder_is_killed),
		T(locking_twice_in_one_thread_is_our_own_mistake),
		T(only_one_process_at_a_time_holds_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
