/*
 * The process and its manager: readiness by sd_notify(3)'s datagram, sockets by sd_listen_fds(3)'s
 * variables, pid files for everybody else. Twenty lines each, so libsystemd stays out of the
 * program and of every child.
 */
#include "core/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* A variable's value; "" if it is not set. */
static struct str
variable(const char *name)
{
	const char *value = getenv(name);

	return str_z(value ? value : "");
}

/* ---- notification ------------------------------------------------------------------------ */

/* Fills in a file's or an abstract ("@name") address; 0 if it does not fit. */
static socklen_t
notify_address(struct str path, struct sockaddr_un *out)
{
	*out = (struct sockaddr_un){.sun_family = AF_UNIX};
	if (path.n < 2 || path.n >= sizeof(out->sun_path))
		return 0;
	memcpy(out->sun_path, path.p, path.n);
	if (path.p[0] == '@')
		out->sun_path[0] = '\0';
	else if (path.p[0] != '/')
		return 0;
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + path.n);
}

enum err
proc_notify(struct ctx *c, const char *state)
{
	struct str path = variable("NOTIFY_SOCKET");
	struct sockaddr_un to;
	socklen_t size;
	ssize_t sent;
	int fd, e;

	if (str_empty(path))
		return OK;
	size = notify_address(path, &to);
	if (size == 0)
		return err_raise(
			c, ERR_IO, "NOTIFY_SOCKET is not a socket's address: '%.*s'", STR(path));
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return err_raise(c, ERR_IO, "socket: %s", strerror(errno));
	sent = sendto(fd, state, strlen(state), MSG_NOSIGNAL, (const struct sockaddr *)&to, size);
	e = errno;
	(void)close(fd);
	if (sent < 0)
		return err_raise(c, ERR_IO, "notifying '%.*s': %s", STR(path), strerror(e));
	return OK;
}

/* True if the variable names this process or is not there. */
static bool
meant_for_us(const char *name, bool if_missing)
{
	struct str value = variable(name);
	unsigned long long pid = 0;

	if (str_empty(value))
		return if_missing;
	return str_u64(value, INT_MAX, &pid) && (pid_t)pid == getpid();
}

int64_t
proc_watchdog_us(void)
{
	unsigned long long us = 0;

	if (!meant_for_us("WATCHDOG_PID", true) ||
		!str_u64(variable("WATCHDOG_USEC"), INT64_MAX, &us))
		return 0;
	return (int64_t)us;
}

/* ---- sockets ----------------------------------------------------------------------------- */

enum err
proc_listen_fds(struct ctx *c, int *n)
{
	unsigned long long count = 0;

	*n = 0;
	if (!meant_for_us("LISTEN_PID", false))
		return OK;
	if (!str_u64(variable("LISTEN_FDS"), 64, &count))
		return err_raise(c, ERR_CONFIG, "LISTEN_FDS is not a number up to 64");
	for (int fd = PROC_LISTEN_FD; fd < PROC_LISTEN_FD + (int)count; fd++) {
		int flags = fcntl(fd, F_GETFD);

		if (flags < 0 || fcntl(fd, F_SETFD, flags | FD_CLOEXEC) < 0)
			return err_raise(c, ERR_CONFIG, "LISTEN_FDS names descriptor %d: %s", fd,
				strerror(errno));
	}
	*n = (int)count;
	return OK;
}

/* ---- pid files --------------------------------------------------------------------------- */

/* What fcntl(2) is asked for: the whole file, for writing. */
static const struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

enum err
proc_pid_write(struct ctx *c, const char *path, int *lock)
{
	struct str temp;
	enum err err = ctx_printf(c, &temp, "%s.%ld", path, (long)getpid());
	int fd;

	*lock = -1;
	if (err)
		return err;
	fd = open(temp.p, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (fd < 0)
		return err_raise(c, ERR_IO, "%s: %s", temp.p, strerror(errno));
	/* On a file system without locks nobody is kept out. */
	(void)fcntl(fd, F_SETLK, &whole);
	if (dprintf(fd, "%ld\n", (long)getpid()) > 0 && rename(temp.p, path) == 0) {
		*lock = fd;
		return OK;
	}
	err = err_raise(c, ERR_IO, "%s: %s", path, strerror(errno));
	(void)close(fd);
	(void)unlink(temp.p);
	return err;
}

enum err
proc_pid_free(struct ctx *c, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct flock found = whole;
	bool kept = fd >= 0 && fcntl(fd, F_GETLK, &found) == 0 && found.l_type != F_UNLCK;

	if (fd >= 0)
		(void)close(fd);
	return kept ? err_raise(c, ERR_SITE_RUNS,
		"%s is that of the running process %ld: each site needs a runtime_path of its own", path,
		(long)found.l_pid) : OK;
}

enum err
proc_pid_read(struct ctx *c, const char *path, pid_t *pid)
{
	char text[32];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	unsigned long long v = 0;
	ssize_t n;

	if (fd < 0)
		return err_raise(c, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, "%s: %s", path,
			strerror(errno));
	n = read(fd, text, sizeof(text));
	(void)close(fd);
	if (n <= 0 || !str_u64(str_trim(str_n(text, (size_t)n)), INT_MAX, &v) || v == 0)
		return err_raise(c, ERR_IO, "%s: no process id in it", path);
	*pid = (pid_t)v;
	return OK;
}

void
proc_pid_remove(const char *path)
{
	struct ctx own;
	pid_t pid = 0;

	/* What cannot be read is not ours: the failure is the answer. */
	ctx_init(&own, 4096);
	if (proc_pid_read(&own, path, &pid) == OK && pid == getpid())
		(void)unlink(path);
	ctx_fini(&own);
}
