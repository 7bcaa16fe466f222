/*
 * Directories, each step on its own: what is removed goes name by name below an open descriptor, so that nobody
 * can lead us out of the folder while we work.
 */
#include "core/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum { DEPTH_MAX = 8 }; /* of folders in folders: ours have two */

enum err
folder_fail(struct ctx *c, const char *path)
{
	int e = errno;
	bool full = e == ENOSPC || e == EDQUOT || e == EFBIG;

	return err_raise(c, full ? ERR_DISK_FULL : ERR_IO, "%s: %s", path, strerror(e));
}

enum err
folder_make(struct ctx *c, const char *path, mode_t mode)
{
	struct stat st;

	if (mkdir(path, mode) == 0)
		return chmod(path, mode) == 0 ? OK : folder_fail(c, path);
	if (errno != EEXIST)
		return folder_fail(c, path);
	if (lstat(path, &st) == 0 && !S_ISDIR(st.st_mode))
		return err_raise(c, ERR_IO, "%s is there and is no directory", path);
	return OK;
}

/* ---- removing ---------------------------------------------------------------------------- */

static enum err empty(struct ctx *c, int fd, const char *path, int depth);

static enum err
remove_name(struct ctx *c, int dir, const char *name, const char *path, int depth)
{
	enum err err;
	int fd;

	if (unlinkat(dir, name, 0) == 0 || errno == ENOENT)
		return OK;
	if (errno != EISDIR && errno != EPERM)
		return folder_fail(c, path);
	fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || depth == DEPTH_MAX) {
		if (fd >= 0)
			errno = ELOOP;
		err = folder_fail(c, path);
		if (fd >= 0)
			(void)close(fd);
		return err;
	}
	err = empty(c, fd, path, depth + 1);
	if (!err && unlinkat(dir, name, AT_REMOVEDIR) != 0)
		err = folder_fail(c, path);
	return err;
}

/* Takes everything out of the folder that is open as fd, and closes it. */
static enum err
empty(struct ctx *c, int fd, const char *path, int depth)
{
	DIR *dir = fdopendir(fd);
	struct dirent *e;
	enum err err = OK;

	if (!dir) {
		err = folder_fail(c, path);
		(void)close(fd);
		return err;
	}
	while (!err && (e = readdir(dir)) != NULL)
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			err = remove_name(c, fd, e->d_name, path, depth);
	(void)closedir(dir);
	return err;
}

enum err
folder_remove(struct ctx *c, const char *path)
{
	return remove_name(c, AT_FDCWD, path, path, 0);
}

/* ---- the rest ---------------------------------------------------------------------------- */

enum err
folder_move(struct ctx *c, const char *from, const char *to, bool *done)
{
	*done = rename(from, to) == 0;
	return *done || errno == ENOENT ? OK : folder_fail(c, from);
}

static enum err
sync_by(struct ctx *c, const char *path, int (*sync)(int fd))
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	enum err err = fd < 0 || sync(fd) != 0 ? folder_fail(c, path) : OK;

	if (fd >= 0)
		(void)close(fd);
	return err;
}

enum err
folder_sync(struct ctx *c, const char *path)
{
	return sync_by(c, path, fsync);
}

enum err
folder_sync_all(struct ctx *c, const char *path)
{
	return sync_by(c, path, syncfs);
}

enum err
folder_room(struct ctx *c, const char *path, int64_t *bytes)
{
	struct statvfs st;

	if (statvfs(path, &st) != 0)
		return folder_fail(c, path);
	*bytes = (int64_t)(st.f_bavail * st.f_frsize);
	return OK;
}

/* Megabytes as disks are sold, rounded up: what is asked for is then enough. */
static long long
megabytes(int64_t bytes)
{
	return (long long)((bytes + 999999) / 1000000);
}

enum err
folder_room_check(struct ctx *c, const char *path, int64_t wanted)
{
	int64_t there = 0;
	enum err err = folder_room(c, path, &there);

	if (err || there >= wanted)
		return err;
	return err_raise(c, ERR_DISK_FULL,
		"%s has room for %lld MB, and %lld MB are needed: %lld MB are missing", path,
		(long long)(there / 1000000), megabytes(wanted), megabytes(wanted - there));
}

enum err
folder_parent(struct ctx *c, const char *path, struct str *out)
{
	size_t n = strlen(path);

	while (n > 0 && path[n - 1] != '/')
		n--;
	if (n == 0)
		return ctx_str(c, S("."), out);
	while (n > 1 && path[n - 1] == '/')
		n--;
	return ctx_str(c, str_n(path, n), out);
}

const char *
folder_follow(const char *path, char room[PATH_MAX])
{
	return realpath(path, room) ? room : path;
}

enum err
folder_beside(struct ctx *c, const char *path, const char *end, struct str *out)
{
	char real[PATH_MAX];

	return ctx_printf(c, out, "%s%s", folder_follow(path, real), end);
}

enum err
folder_within(struct ctx *c, int fd, const struct stat *st, bool *out)
{
	struct stat here, above;
	int at = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	enum err err = at < 0 || fstat(at, &here) != 0 ? folder_fail(c, ".") : OK;
	bool top = false;

	for (*out = false; !err && !*out && !top; here = above) {
		int up = openat(at, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);

		*out = here.st_dev == st->st_dev && here.st_ino == st->st_ino;
		(void)close(at);
		at = up;
		if (at < 0 || fstat(at, &above) != 0)
			err = folder_fail(c, "..");
		else
			top = above.st_dev == here.st_dev && above.st_ino == here.st_ino;
	}
	if (at >= 0)
		(void)close(at);
	return err;
}
