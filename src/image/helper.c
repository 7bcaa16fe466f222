/*
 * Running the program starpunk-media once. It is started by posix_spawn(3), which is safe while
 * other threads run, and watched through a pidfd, so that a signal can never hit another process.
 * The answer comes over a pipe: whatever the helper does with it, reading stops at 256 bytes, and
 * so does the helper.
 */
#include "image/helper.h"

#include "base/time.h"
#include "core/config.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

enum { OUT_FD = 3, LONGEST_US = 30 * 1000 * 1000 };

/* lint: allow global: the bound is on this process's memory, whoever calls */
static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;

/* ---- finding it -------------------------------------------------------------------------- */

/* The path of a file beside the running program; NULL if it is not there. */
static const char *
beside_us(struct ctx *c, const char *name)
{
	char self[4096];
	struct str path;
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self));

	while (n > 0 && self[n - 1] != '/')
		n--;
	if (n <= 0 || ctx_printf(c, &path, "%.*s%s", (int)n, self, name) != OK)
		return NULL;
	return access(path.p, X_OK) == 0 ? path.p : NULL;
}

static const char *
find_helper(struct ctx *c)
{
	const char *path = c->cfg ? c->cfg->media_helper : NULL;

	if (!path || path[0] == '\0')
		path = beside_us(c, "starpunk-media");
	return path ? path : SP_LIBEXECDIR "/starpunk-media";
}

/* ---- starting it ------------------------------------------------------------------------- */

/* Descriptors 0 to 3 and no other one: input, pipe, nothing, output. All of ours are above 2. */
static int
set_descriptors(posix_spawn_file_actions_t *actions, const struct helper_run *run, int pipe_fd)
{
	int e = posix_spawn_file_actions_adddup2(actions, run->in_fd, STDIN_FILENO);

	if (!e)
		e = posix_spawn_file_actions_adddup2(actions, pipe_fd, STDOUT_FILENO);
	if (!e)
		e = posix_spawn_file_actions_addopen(
			actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	if (!e)
		e = posix_spawn_file_actions_adddup2(actions, run->out_fd, OUT_FD);
	if (!e)
		e = posix_spawn_file_actions_addclosefrom_np(actions, OUT_FD + 1);
	return e;
}

/* No signal is blocked or ignored in it, whatever our threads do with theirs. */
static int
set_signals(posix_spawnattr_t *attr)
{
	sigset_t none, all;
	int e = posix_spawnattr_setflags(attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);

	if (sigemptyset(&none) != 0 || sigfillset(&all) != 0)
		return errno;
	if (!e)
		e = posix_spawnattr_setsigmask(attr, &none);
	return e ? e : posix_spawnattr_setsigdefault(attr, &all);
}

static enum err
spawn(struct ctx *c, const struct helper_run *run, int pipe_fd, pid_t *pid)
{
	const char *path = find_helper(c);
	const char *argv[8] = {"starpunk-media"};
	const char *const envp[] = {"LC_ALL=C", NULL};
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	int e;

	for (size_t i = 0; run->arguments[i] && i + 2 < sizeof(argv) / sizeof(argv[0]); i++)
		argv[i + 1] = run->arguments[i];
	if (posix_spawn_file_actions_init(&actions) != 0)
		return err_memory(c);
	if (posix_spawnattr_init(&attr) != 0) {
		(void)posix_spawn_file_actions_destroy(&actions);
		return err_memory(c);
	}
	e = set_descriptors(&actions, run, pipe_fd);
	if (!e)
		e = set_signals(&attr);
	/* The interface predates const; neither strings nor arrays are written to. */
	if (!e)
		e = posix_spawn(pid, path, &actions, &attr, (char *const *)(uintptr_t)argv,
			(char *const *)(uintptr_t)envp);
	(void)posix_spawnattr_destroy(&attr);
	(void)posix_spawn_file_actions_destroy(&actions);
	if (e)
		return err_raise(c, ERR_UPLOAD_HELPER, "starting %s: %s", path, strerror(e));
	return OK;
}

/* ---- waiting for it ---------------------------------------------------------------------- */

/* False: nothing came on fd until that monotonic time. */
static bool
wait_readable(int fd, int64_t until_us)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	int64_t left;

	while ((left = until_us - time_mono_us()) > 0) {
		int n = poll(&p, 1, (int)(left / 1000) + 1);

		if (n > 0)
			return true;
		if (n < 0 && errno != EINTR)
			return false;
	}
	return false;
}

enum outcome { ANSWERED, BABBLING, SILENT };

/* Reads until the other end is closed, the answer is too long or the time is up. */
static enum outcome
read_answer(int fd, int64_t until_us, char answer[HELPER_ANSWER_BYTES])
{
	size_t n = 0;

	while (n < HELPER_ANSWER_BYTES) {
		ssize_t got;

		if (!wait_readable(fd, until_us))
			return SILENT;
		got = read(fd, answer + n, HELPER_ANSWER_BYTES - n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		n += (size_t)got;
	}
	if (n == HELPER_ANSWER_BYTES)
		return BABBLING;
	answer[n] = '\0';
	if (n > 0 && answer[n - 1] == '\n')
		answer[n - 1] = '\0';
	return ANSWERED;
}

/* Kills it if it has not ended by then, and takes its status in any case. */
static int
reap(pid_t pid, int64_t until_us)
{
	int fd = pidfd_open(pid, 0), status = -1;

	/* It is our child and not yet waited for: its number is nobody else's. */
	if (fd < 0 || !wait_readable(fd, until_us))
		(void)kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	if (fd >= 0)
		(void)close(fd);
	return status;
}

static enum err
judge(struct ctx *c, int status, bool in_time)
{
	int sig = WIFSIGNALED(status) ? WTERMSIG(status) : 0;

	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return OK;
	if (!in_time)
		return err_raise(c, ERR_TIMEOUT, "the media helper was not done in time");
	if (sig == SIGXCPU)
		return err_raise_hint(c, ERR_UPLOAD_TOO_LARGE, "it takes too long to decode");
	if (sig == SIGXFSZ)
		return err_raise_hint(c, ERR_UPLOAD_TOO_LARGE, "it becomes too large when coded anew");
	if (sig)
		return err_raise(c, ERR_UPLOAD_HELPER, "signal %d ended the media helper", sig);
	return err_raise(
		c, ERR_UPLOAD_HELPER, "the media helper ended with %d", WEXITSTATUS(status));
}

static enum err
run_until(struct ctx *c, struct helper_run *run, int64_t until_us)
{
	enum outcome outcome;
	int fds[2], status;
	pid_t pid;
	enum err e;

	if (pipe2(fds, O_CLOEXEC) != 0)
		return err_raise(c, ERR_UPLOAD_HELPER, "pipe: %s", strerror(errno));
	e = spawn(c, run, fds[1], &pid);
	(void)close(fds[1]);
	if (!e) {
		outcome = read_answer(fds[0], until_us, run->answer);
		status = reap(pid, outcome == ANSWERED ? until_us : 0);
		e = judge(c, status, outcome != SILENT && time_mono_us() < until_us);
	}
	(void)close(fds[0]);
	return e;
}

enum err
helper_run(struct ctx *c, struct helper_run *run)
{
	int64_t until_us = time_mono_us() + LONGEST_US;
	struct timespec until;
	enum err e;

	run->answer[0] = '\0';
	if (c->deadline_us > 0 && c->deadline_us < until_us)
		until_us = c->deadline_us;
	until.tv_sec = until_us / 1000000;
	until.tv_nsec = until_us % 1000000 * 1000;
	if (pthread_mutex_clocklock(&one_at_a_time, CLOCK_MONOTONIC, &until) != 0)
		return err_raise(c, ERR_TIMEOUT, "another media helper ran all the time");
	e = run_until(c, run, until_us);
	(void)pthread_mutex_unlock(&one_at_a_time);
	return e;
}
