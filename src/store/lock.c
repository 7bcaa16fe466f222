/*
 * The side file that keeps writers apart. SQLite waits for its write lock by polling, without order
 * and with long sleeps; those who hold this flock never meet there. It also closes the gap in which
 * a checkpoint of one process could meet the commit of another.
 *
 * flock belongs to the open file, so two connections of one process exclude each other as well, and
 * the kernel gives it back when a holder dies. It cannot wait with a time limit: we poll, at first
 * often and then every 5 ms. Under a running site the segment's mutex queues writers before they
 * come here, so that only one process at a time polls.
 */
#include "store/priv.h"

#include "base/mem.h"
#include "base/time.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

enum { SLEEP_FIRST_US = 50, SLEEP_LONGEST_US = 5000 };

struct db_lock {
	int fd;
	bool held;
};

enum err
db_lock_open(struct ctx *c, const char *database, struct db_lock **out)
{
	char path[PATH_MAX];
	int n = snprintf(path, sizeof(path), "%s.lock", database);
	struct db_lock *l;
	int fd, errnum;

	if (n < 0 || (size_t)n >= sizeof(path))
		return err_raise(c, ERR_DB_IO, "the path of the database is too long");
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
	errnum = errno;
	if (fd < 0) /* whoever may only read the site can still share its lock */
		fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_raise(c, errnum == EACCES || errnum == EPERM || errnum == EROFS ?
			ERR_DB_READONLY : ERR_DB_IO,
			"cannot open '%s': %s", path, strerror(errnum));
	l = mem_alloc(sizeof(*l));
	if (!l) {
		(void)close(fd);
		return err_memory(c);
	}
	*l = (struct db_lock){.fd = fd};
	*out = l;
	return OK;
}

void
db_lock_close(struct db_lock *l)
{
	if (!l)
		return;
	(void)close(l->fd);
	mem_free(l);
}

enum err
db_lock_take(struct ctx *c, struct db_lock *l, int64_t until_us)
{
	long sleep_us = SLEEP_FIRST_US;

	assert(!l->held);
	while (flock(l->fd, LOCK_EX | LOCK_NB) != 0) {
		struct timespec pause = {.tv_nsec = sleep_us * 1000};

		if (errno != EWOULDBLOCK && errno != EINTR)
			return err_raise(c, ERR_DB_IO, "cannot lock the database: %s",
				strerror(errno));
		if (time_mono_us() >= until_us)
			return err_raise(c, ERR_DB_BUSY, "another process holds the writers' lock");
		(void)nanosleep(&pause, NULL);
		sleep_us = sleep_us * 2 > SLEEP_LONGEST_US ? SLEEP_LONGEST_US : sleep_us * 2;
	}
	l->held = true;
	return OK;
}

void
db_lock_give(struct db_lock *l)
{
	if (!l->held)
		return;
	(void)flock(l->fd, LOCK_UN);
	l->held = false;
}

bool
db_lock_held(const struct db_lock *l)
{
	return l->held;
}
