/*
 * A count and a ring of descriptors under a mutex. Somebody waits only while all places are taken, so there
 * is always somebody who will leave.
 */
#include "app/lane.h"

#include "base/mem.h"
#include "base/mutex.h"

#include <assert.h>
#include <pthread.h>

enum { PATIENCE_US = 200 * 1000 };	/* without a turn; as the writers' in store/writers.c */

struct lane {
	pthread_mutex_t lock;	/* guards all below */
	size_t places, taken;	/* more are taken than there are after a time without a turn */
	int64_t moved_us;	/* when somebody left last, or the first came */
	size_t first, n, cap;	/* the ring */
	int waiting[];
};

enum err
lane_new(struct ctx *c, size_t places, size_t cap, struct lane **out)
{
	struct lane *l = mem_alloc(sizeof(*l) + cap * sizeof(l->waiting[0]));

	*out = NULL;
	assert(places > 0);
	if (!l)
		return err_memory(c);
	l->places = places;
	l->cap = cap;
	if (pthread_mutex_init(&l->lock, NULL) != 0) {
		mem_free(l);
		return err_raise(c, ERR_MEMORY, "no mutex for the lane");
	}
	*out = l;
	return OK;
}

void
lane_free(struct lane *l)
{
	if (!l)
		return;
	assert(l->n == 0);
	(void)pthread_mutex_destroy(&l->lock);
	mem_free(l);
}

bool
lane_enter(struct lane *l, int fd, int64_t now)
{
	bool in;

	mutex_lock(&l->lock);
	in = l->taken < l->places || now - l->moved_us >= PATIENCE_US || l->n == l->cap;
	if (in && l->taken++ == 0)
		l->moved_us = now;
	if (!in)
		l->waiting[(l->first + l->n++) % l->cap] = fd;
	mutex_unlock(&l->lock);
	return in;
}

/* With the lock held. */
static int
take_first(struct lane *l)
{
	int fd = l->waiting[l->first];

	l->first = (l->first + 1) % l->cap;
	l->n--;
	return fd;
}

int
lane_leave(struct lane *l, int64_t now)
{
	int fd = -1;

	mutex_lock(&l->lock);
	assert(l->taken > 0);
	/* Who came in beside the places and leaves says nothing of those who hold them. */
	if (l->taken <= l->places) {
		l->moved_us = now;
		if (l->n > 0)
			fd = take_first(l);
	}
	if (fd < 0)
		l->taken--;
	mutex_unlock(&l->lock);
	return fd;
}

int
lane_stuck(struct lane *l, int64_t now)
{
	int fd = -1;

	mutex_lock(&l->lock);
	if (l->n > 0 && now - l->moved_us >= PATIENCE_US)
		fd = take_first(l);
	mutex_unlock(&l->lock);
	return fd;
}
