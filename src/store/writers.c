/*
 * The threads of one process that wait for the writers' locks, and how many may. Whoever waits
 * holds a thread and a connection; if all did, one program that keeps the database locked would
 * stop the readers too, who need no lock. So there are fewer places to wait in than threads or
 * connections, and whoever finds them taken waits for a place, and not long unless somebody's turn
 * comes, here or in another process of the site: locks that change hands are a queue, however long;
 * locks that do not are somebody else's.
 *
 * Connections outside a pool (the courier's, commands') have no such places and wait as they like.
 */
#include "store/priv.h"

#include "base/mem.h"
#include "base/mutex.h"
#include "base/time.h"

#include <assert.h>
#include <pthread.h>
#include <time.h>

enum { PATIENCE_US = 200 * 1000 };

struct db_writers {
	pthread_mutex_t lock; /* guards all below */
	pthread_cond_t moved;
	struct segment *segment; /* may be NULL */
	size_t places, taken;
	int64_t moved_us; /* monotonic; when a turn came last, or waiting began */
	uint64_t generation; /* of the site, when somebody looked last */
};

/* False: the system has no more of them. */
static bool
primitives_init(struct db_writers *w)
{
	pthread_condattr_t clock;
	int rc = pthread_condattr_init(&clock);

	if (rc != 0)
		return false;
	rc = pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
	if (rc == 0)
		rc = pthread_cond_init(&w->moved, &clock);
	(void)pthread_condattr_destroy(&clock);
	if (rc != 0)
		return false;
	if (pthread_mutex_init(&w->lock, NULL) == 0)
		return true;
	(void)pthread_cond_destroy(&w->moved);
	return false;
}

enum err
db_writers_new(struct ctx *c, struct segment *seg, size_t places, struct db_writers **out)
{
	struct db_writers *w = mem_alloc(sizeof(*w));

	*out = NULL;
	assert(places > 0);
	if (!w)
		return err_memory(c);
	w->segment = seg;
	w->places = places;
	if (!primitives_init(w)) {
		mem_free(w);
		return err_raise(c, ERR_MEMORY, "no mutex for the writers");
	}
	*out = w;
	return OK;
}

void
db_writers_free(struct db_writers *w)
{
	if (!w)
		return;
	assert(w->taken == 0);
	(void)pthread_cond_destroy(&w->moved);
	(void)pthread_mutex_destroy(&w->lock);
	mem_free(w);
}

/* What others of the site have written since somebody looked was a turn, too. */
static void
look_abroad(struct db_writers *w)
{
	uint64_t generation = segment_generation(w->segment);

	if (generation != w->generation)
		w->moved_us = time_mono_us();
	w->generation = generation;
}

/* Sleeps, with the lock held but while asleep, until something moves or it has been too long. */
static bool
sleep_more(struct db_writers *w, int64_t until_us)
{
	struct timespec until;
	int64_t end;

	look_abroad(w);
	end = w->moved_us + PATIENCE_US < until_us ? w->moved_us + PATIENCE_US : until_us;
	if (time_mono_us() >= end)
		return false;
	until = (struct timespec){end / 1000000, end % 1000000 * 1000};
	(void)pthread_cond_timedwait(&w->moved, &w->lock, &until); /* the caller looks why */
	return true;
}

enum err
db_writers_enter(struct ctx *c, struct db_writers *w, int64_t until_us)
{
	bool in;

	if (!w)
		return OK;
	mutex_lock(&w->lock);
	while (w->taken == w->places && sleep_more(w, until_us))
		;
	in = w->taken < w->places;
	if (in && w->taken++ == 0)
		w->moved_us = time_mono_us();
	mutex_unlock(&w->lock);
	return in ? OK
		  : err_raise(c, ERR_DB_BUSY, "%zu others wait for the writers' lock already",
			    w->places);
}

void
db_writers_leave(struct db_writers *w, bool turn)
{
	if (!w)
		return;
	mutex_lock(&w->lock);
	assert(w->taken > 0);
	w->taken--;
	if (turn)
		w->moved_us = time_mono_us();
	/* All of them: those left behind have to learn that there is reason to be patient. */
	(void)pthread_cond_broadcast(&w->moved);
	mutex_unlock(&w->lock);
}
