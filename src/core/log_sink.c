/*
 * Opening, learning what was opened, and writing.
 */
#include "core/log_sink.h"

#include "base/mem.h"
#include "core/log_line.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- opening ----------------------------------------------------------------------------- */

/* Our own, non-blocking description of what fd is open on; -1 if it cannot be had. */
static int
fd_again(int fd)
{
	char path[32];

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return open(path, O_WRONLY | O_APPEND | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

static int
path_open(const char *path)
{
	return open(path, O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0640);
}

/*
 * A flag that forked children share: whoever writes next has to know of a line that another one
 * tore.
 */
static atomic_bool *
torn_flag(void)
{
	void *p = mmap(NULL, sizeof(atomic_bool), PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

/* Looks at what the descriptor is, and takes what follows from it. */
static void
learn(struct log_sink *s)
{
	struct stat st;
	int again;

	if (fstat(s->fd, &st) != 0) {
		atomic_store(&s->line_max, LOG_LINE_MAX);
		return;
	}
	atomic_store(&s->is_socket, S_ISSOCK(st.st_mode));
	/* Once: in between somebody would write a line that the pipe tears. */
	atomic_store(&s->line_max, S_ISFIFO(st.st_mode) ? PIPE_BUF : LOG_LINE_MAX);
	if (s->owned || !(S_ISFIFO(st.st_mode) || S_ISCHR(st.st_mode)))
		return;
	again = fd_again(s->fd);
	if (again >= 0) {
		s->fd = again;
		s->owned = true;
	}
}

enum err
log_sink_init(struct ctx *c, struct log_sink *s, int fd, const char *path)
{
	size_t n = path ? strlen(path) + 1 : 0;

	*s = (struct log_sink){.fd = fd, .line_max = LOG_LINE_MAX};
	if (path) {
		s->path = mem_alloc(n);
		if (!s->path)
			return err_memory(c);
		memcpy(s->path, path, n);
	}
	s->torn = torn_flag();
	if (fd >= 0)
		learn(s);
	return OK;
}

void
log_sink_pipe(struct log_sink *s, int fd)
{
	/* No other description of it is ours: nobody else gets the flag. */
	(void)fcntl(fd, F_SETFL, O_NONBLOCK);
	*s = (struct log_sink){.fd = fd, .owned = true, .line_max = PIPE_BUF};
}

enum err
log_sink_open(struct ctx *c, struct log_sink *s)
{
	int fd;

	if (!s->path)
		return OK;
	fd = path_open(s->path);
	if (fd < 0)
		return err_raise(c, ERR_IO, "log file %s: %s", s->path, strerror(errno));
	if (s->fd < 0) {
		s->fd = fd;
		s->owned = true;
		fd = -1;
	} else if (dup3(fd, s->fd, O_CLOEXEC) < 0) {
		/* Atomic: who writes now finishes in the old file, the next is in the new one. */
		(void)err_raise(c, ERR_IO, "log file %s: %s", s->path, strerror(errno));
		(void)close(fd);
		return ERR_IO;
	}
	if (fd >= 0)
		(void)close(fd);
	learn(s);
	return OK;
}

void
log_sink_look(struct log_sink *s)
{
	struct stat st;
	char last = '\n';
	int fd;

	if (!s->path || !s->torn || fstat(s->fd, &st) != 0 || !S_ISREG(st.st_mode))
		return;
	if (st.st_size == 0)
		atomic_store(s->torn, false);
	fd = st.st_size > 0 ? open(s->path, O_RDONLY | O_NONBLOCK | O_CLOEXEC) : -1;
	if (fd < 0)
		return;
	if (pread(fd, &last, 1, st.st_size - 1) == 1)
		atomic_store(s->torn, last != '\n');
	(void)close(fd);
}

void
log_sink_fini(struct log_sink *s)
{
	if (s->owned && s->fd >= 0)
		(void)close(s->fd);
	if (s->torn)
		(void)munmap(s->torn, sizeof(*s->torn));
	mem_free(s->path);
}

/* ---- writing ----------------------------------------------------------------------------- */

static ssize_t
hand_over(const struct log_sink *s, const char *p, size_t n)
{
	ssize_t done;

	do {
		if (atomic_load_explicit(&s->is_socket, memory_order_relaxed))
			done = send(s->fd, p, n, MSG_DONTWAIT | MSG_NOSIGNAL);
		else
			done = write(s->fd, p, n);
	} while (done < 0 && errno == EINTR);
	return done;
}

size_t
log_sink_put(struct log_sink *s, struct str lines)
{
	size_t extra = s->torn && atomic_load_explicit(s->torn, memory_order_relaxed) &&
		atomic_exchange(s->torn, false) ? 1 : 0;
	ssize_t done = hand_over(s, lines.p - extra, lines.n + extra);
	size_t got = done > (ssize_t)extra ? (size_t)done - extra : 0, whole = got;

	if (got == lines.n)
		return got;
	while (whole > 0 && lines.p[whole - 1] != '\n')
		whole--;
	if (s->torn && (whole < got || (extra && done < 1)))
		atomic_store(s->torn, true);
	/* A file that took a part has no room for the rest. */
	if (done >= 0)
		errno = ENOSPC;
	return whole;
}
