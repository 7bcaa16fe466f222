/*
 * One number, exchanged atomically.
 */
#include "app/reserve.h"

#include <fcntl.h>
#include <unistd.h>

void
reserve_take(struct reserve *r, int like)
{
	int empty = RESERVE_EMPTY, fd;

	if (atomic_load(&r->fd) != RESERVE_EMPTY)
		return;
	fd = fcntl(like, F_DUPFD_CLOEXEC, 0);
	if (fd >= 0 && !atomic_compare_exchange_strong(&r->fd, &empty, fd))
		(void)close(fd);
}

bool
reserve_give(struct reserve *r)
{
	int fd = atomic_exchange(&r->fd, RESERVE_EMPTY);

	return fd != RESERVE_EMPTY && close(fd) == 0;
}
