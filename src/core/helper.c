/*
 * Running a program once. It is started by posix_spawn(3), which is safe while other threads run,
 * and watched through a pidfd, so that a signal can never hit another process. The answer comes
 * over a pipe: whatever the program does with it, reading stops where the room ends.
 */
#include "core/helper.h"

#include "base/time.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

enum { OUT_FD = 3 };

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

enum err
helper_find(struct ctx *c, const char *name, const char *path, const char **out)
{
	struct str installed;
	enum err e;

	*out = path;
	if (!*out || (*out)[0] == '\0')
		*out = beside_us(c, name);
	if (*out)
		return OK;
	e = ctx_printf(c, &installed, "%s/%s", SP_LIBEXECDIR, name);
	*out = installed.p;
	return e;
}

enum err
helper_in_path(struct ctx *c, const char *name, const char **out)
{
	struct str rest = str_z(getenv("PATH")), path;

	*out = NULL;
	while (!str_empty(rest)) {
		struct str directory = str_cut(&rest, ':');

		if (!str_starts(directory, S("/")))
			continue;
		if (ctx_printf(c, &path, "%.*s/%s", STR(directory), name) != OK)
			return ERR_MEMORY;
		if (access(path.p, X_OK) == 0) {
			*out = path.p;
			return OK;
		}
	}
	return OK;
}

/* ---- starting it ------------------------------------------------------------------------- */

/* Descriptors 0 to 3 and no other one: input, pipe, nothing, output. All of ours are above 2. */
static int
set_descriptors(posix_spawn_file_actions_t *actions, const struct helper *h, int pipe_fd)
{
	int e = h->in_fd < 0 ? posix_spawn_file_actions_addopen(
				       actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
			     : posix_spawn_file_actions_adddup2(actions, h->in_fd, STDIN_FILENO);

	if (!e)
		e = posix_spawn_file_actions_adddup2(actions, pipe_fd, STDOUT_FILENO);
	if (!e)
		e = posix_spawn_file_actions_addopen(
			actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	if (!e && h->out_fd >= 0)
		e = posix_spawn_file_actions_adddup2(actions, h->out_fd, OUT_FD);
	if (!e)
		e = posix_spawn_file_actions_addclosefrom_np(
			actions, h->out_fd >= 0 ? OUT_FD + 1 : OUT_FD);
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
start(struct ctx *c, const struct helper *h, int pipe_fd, pid_t *pid)
{
	const char *argv[HELPER_ARGUMENTS + 2] = {h->name};
	const char *const envp[] = {"LC_ALL=C", NULL};
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	const char *path;
	enum err err = helper_find(c, h->name, h->path, &path);
	int e;

	if (err)
		return err;
	for (size_t i = 0; h->arguments[i]; i++)
		argv[i + 1] = h->arguments[i];
	if (posix_spawn_file_actions_init(&actions) != 0)
		return err_memory(c);
	if (posix_spawnattr_init(&attr) != 0) {
		(void)posix_spawn_file_actions_destroy(&actions);
		return err_memory(c);
	}
	e = set_descriptors(&actions, h, pipe_fd);
	if (!e)
		e = set_signals(&attr);
	/* The interface predates const; neither strings nor arrays are written to. */
	if (!e)
		e = posix_spawn(pid, path, &actions, &attr, (char *const *)(uintptr_t)argv,
			(char *const *)(uintptr_t)envp);
	(void)posix_spawnattr_destroy(&attr);
	(void)posix_spawn_file_actions_destroy(&actions);
	return e ? err_raise(c, h->failure, "starting %s: %s", path, strerror(e)) : OK;
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

/* Reads until the other end is closed, the room is full or the time is up. */
static enum outcome
read_answer(int fd, int64_t until_us, struct helper *h)
{
	size_t n = 0;

	while (n < h->answer_room) {
		ssize_t got;

		if (!wait_readable(fd, until_us))
			return SILENT;
		got = read(fd, h->answer + n, h->answer_room - n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		n += (size_t)got;
	}
	if (n == h->answer_room) {
		h->answer[n - 1] = '\0';
		return BABBLING;
	}
	h->answer[n] = '\0';
	if (n > 0 && h->answer[n - 1] == '\n')
		h->answer[n - 1] = '\0';
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

enum err
helper_run(struct ctx *c, struct helper *h, struct helper_end *out)
{
	int64_t until_us = h->until_us;
	enum outcome outcome;
	int fds[2], status;
	pid_t pid;
	enum err e;

	*out = (struct helper_end){.status = -1};
	h->answer[0] = '\0';
	if (c->deadline_us > 0 && c->deadline_us < until_us)
		until_us = c->deadline_us;
	if (pipe2(fds, O_CLOEXEC) != 0)
		return err_raise(c, h->failure, "pipe: %s", strerror(errno));
	e = start(c, h, fds[1], &pid);
	(void)close(fds[1]);
	if (!e) {
		outcome = read_answer(fds[0], until_us, h);
		status = reap(pid, outcome == ANSWERED ? until_us : 0);
		out->in_time = outcome != SILENT && time_mono_us() < until_us;
		out->status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
		out->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
	}
	(void)close(fds[0]);
	return e;
}
