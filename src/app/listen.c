/*
 * Making the listening socket. libfcgi's own FCGX_OpenSocket() is not used: it removes whatever
 * file is in its way, leaves the mode to the umask (nginx then meets EACCES) and exits on an error.
 *
 * The backlog is long because a Unix socket has no other queue: when it is full, connect(2) fails
 * at once and the front server answers 502.
 */
#include "app/listen.h"

#include "core/proc.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BACKLOG = 4096 };

/* Not a fault of the configuration: the same one works when the other process has ended. */
static enum err
in_use(struct ctx *c, const struct config *cfg)
{
	return err_raise(c, ERR_LISTEN, "listen: %s is in use by a running process", cfg->listen);
}

/* ---- Unix sockets ------------------------------------------------------------------------ */

/* Decides about the file in our way: OK when it was a dead socket and is gone. */
static enum err
remove_stale(struct ctx *c, const struct config *cfg, const struct sockaddr_un *sun)
{
	const char *path = cfg->listen;
	struct stat st;
	int fd, failed;

	if (lstat(path, &st) != 0)
		return errno == ENOENT ? OK :
			err_raise(c, ERR_CONFIG, "listen: %s: %s", path, strerror(errno));
	if (!S_ISSOCK(st.st_mode))
		return err_raise(c, ERR_CONFIG, "listen: %s is there and is not a socket", path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return err_raise(c, ERR_IO, "socket: %s", strerror(errno));
	failed = connect(fd, (const struct sockaddr *)sun, sizeof(*sun)) == 0 ? 0 : errno;
	(void)close(fd);
	if (failed == 0 || failed == EAGAIN)
		return in_use(c, cfg);
	if (failed != ECONNREFUSED)
		return err_raise(c, ERR_CONFIG, "listen: %s: %s", path, strerror(failed));
	if (unlink(path) != 0 && errno != ENOENT)
		return err_raise(c, ERR_CONFIG, "listen: removing the stale socket %s: %s", path,
			strerror(errno));
	return OK;
}

/*
 * The directory is the site's, and we may be root: what has come into the socket's place since, a link to
 * a file of root's say, is not given away.
 */
static bool
socket_chown(const char *path, uid_t uid, gid_t gid)
{
	int fd = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC), failed = 0;
	struct stat st;

	if (fd < 0)
		return false;
	if (fstat(fd, &st) != 0)
		failed = errno;
	else if (!S_ISSOCK(st.st_mode) || st.st_uid != geteuid())
		failed = EPERM;
	else if (fchownat(fd, "", uid, gid, AT_EMPTY_PATH) != 0)
		failed = errno;
	(void)close(fd);
	errno = failed;
	return failed == 0;
}

/* Gives the socket to the site's user, if root makes it, and lets the front server's group connect. */
static enum err
give(struct ctx *c, const struct config *cfg, const char *path)
{
	const char *group = cfg->listen_group;
	uid_t uid = (uid_t)-1;
	gid_t gid = (gid_t)-1;
	enum err err = OK;

	if (geteuid() == 0 && cfg->user[0] != '\0')
		err = proc_user_find(c, cfg->user, &uid, &gid);
	if (!err && group[0] != '\0')
		err = proc_group_find(c, group, &gid);
	if (err)
		return err;
	if (!socket_chown(path, uid, gid))
		return err_raise(c, ERR_CONFIG, "listen_group: giving %s to group '%s': %s", path,
			group, strerror(errno));
	return OK;
}

static enum err
open_unix(struct ctx *c, const struct config *cfg, struct listen *out)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	const char *path = cfg->listen;
	mode_t old;
	int failed;
	enum err err;

	if (strlen(path) >= sizeof(sun.sun_path))
		return err_raise(c, ERR_CONFIG,
			"listen: %s is longer than the %zu bytes a socket's path may have", path,
			sizeof(sun.sun_path) - 1);
	memcpy(sun.sun_path, path, strlen(path));
	err = remove_stale(c, cfg, &sun);
	if (err)
		return err;
	out->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (out->fd < 0)
		return err_raise(c, ERR_IO, "socket: %s", strerror(errno));
	old = umask(0117);
	failed = bind(out->fd, (const struct sockaddr *)&sun, sizeof(sun)) == 0 ? 0 : errno;
	(void)umask(old);
	if (failed)
		return err_raise(c, ERR_CONFIG, "listen: %s: %s", path, strerror(failed));
	memcpy(out->path, sun.sun_path, sizeof(out->path));
	return give(c, cfg, path);
}

/* ---- TCP --------------------------------------------------------------------------------- */

/* Reads "127.0.0.1:9000", "[::1]:9000", "localhost:9000". */
static bool
parse_tcp(struct str s, struct sockaddr_storage *out, socklen_t *size)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)out;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)out;
	unsigned long long port = 0;
	size_t colon = s.n;
	struct str host;
	char text[INET6_ADDRSTRLEN];

	while (colon > 0 && s.p[colon - 1] != ':')
		colon--;
	if (colon == 0 || !str_u64(str_sub(s, colon, s.n), 65535, &port))
		return false;
	host = str_sub(s, 0, colon - 1);
	if (host.n > 2 && host.p[0] == '[' && host.p[host.n - 1] == ']')
		host = str_sub(host, 1, host.n - 1);
	if (str_eq(host, S("localhost")))
		host = S("127.0.0.1");
	if (host.n >= sizeof(text))
		return false;
	(void)snprintf(text, sizeof(text), "%.*s", STR(host));
	*out = (struct sockaddr_storage){0};
	if (inet_pton(AF_INET, text, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons((uint16_t)port);
		*size = sizeof(*v4);
		return ntohl(v4->sin_addr.s_addr) >> 24 == 127;
	}
	v6->sin6_family = AF_INET6;
	v6->sin6_port = htons((uint16_t)port);
	*size = sizeof(*v6);
	if (inet_pton(AF_INET6, text, &v6->sin6_addr) != 1)
		return false;
	return IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr);
}

static enum err
open_tcp(struct ctx *c, const struct config *cfg, struct listen *out)
{
	struct sockaddr_storage ss;
	socklen_t size = 0;
	int on = 1;

	if (!parse_tcp(str_z(cfg->listen), &ss, &size))
		return err_raise(c, ERR_CONFIG,
			"listen: '%s' is neither a path nor a loopback address with a port",
			cfg->listen);
	out->fd = socket(ss.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (out->fd < 0)
		return err_raise(c, ERR_IO, "socket: %s", strerror(errno));
	/* Without it a port is "in use" for a minute after a stop. */
	if (setsockopt(out->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0)
		return err_raise(c, ERR_IO, "SO_REUSEADDR: %s", strerror(errno));
	if (bind(out->fd, (const struct sockaddr *)&ss, size) == 0)
		return OK;
	if (errno == EADDRINUSE)
		return in_use(c, cfg);
	return err_raise(c, ERR_CONFIG, "listen: %s: %s", cfg->listen, strerror(errno));
}

/* ---- taken over -------------------------------------------------------------------------- */

/* True if fd is a stream socket that listens. */
static bool
is_listening(int fd)
{
	int listening = 0, type = 0;
	socklen_t size = sizeof(listening);

	if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) != 0 || !listening)
		return false;
	size = sizeof(type);
	return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_STREAM;
}

/* Makes a socket that somebody else opened as we need it. */
static enum err
adopt(struct ctx *c, int fd, struct listen *out)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0 ||
		fcntl(fd, F_SETFD, FD_CLOEXEC) != 0)
		return err_raise(c, ERR_IO, "inherited socket: %s", strerror(errno));
	*out = (struct listen){.fd = fd, .inherited = true};
	return OK;
}

static enum err
open_inherited(struct ctx *c, struct listen *out)
{
	int n = 0;
	enum err err = proc_listen_fds(c, &n);

	if (err)
		return err;
	if (n > 1)
		return err_raise(c, ERR_CONFIG, "the service manager passed %d sockets", n);
	if (n == 1 && !is_listening(PROC_LISTEN_FD))
		return err_raise(c, ERR_CONFIG, "the service manager's socket does not listen");
	if (n == 1)
		return adopt(c, PROC_LISTEN_FD, out);
	return is_listening(STDIN_FILENO) ? adopt(c, STDIN_FILENO, out) : OK;
}

/* ---- all --------------------------------------------------------------------------------- */

enum err
listen_open(struct ctx *c, const struct config *cfg, struct listen *out)
{
	enum err err;

	*out = (struct listen){.fd = -1};
	err = open_inherited(c, out);
	if (err || out->fd >= 0)
		return err;
	err = cfg->listen[0] == '/' ? open_unix(c, cfg, out) : open_tcp(c, cfg, out);
	if (!err && listen(out->fd, BACKLOG) != 0)
		/* Another one may have been faster between bind() and here. */
		err = errno == EADDRINUSE ? in_use(c, cfg) :
			err_raise(c, ERR_CONFIG, "listen: %s: %s", cfg->listen, strerror(errno));
	if (err)
		listen_close(out);
	return err;
}

void
listen_unlink(struct listen *l)
{
	/* If it cannot be removed it stays as a dead socket, which the next start removes. */
	if (l->path[0])
		(void)unlink(l->path);
	l->path[0] = '\0';
}

void
listen_close(struct listen *l)
{
	listen_unlink(l);
	if (l->fd >= 0)
		(void)close(l->fd);
	l->fd = -1;
}
