/*
 * Looks are numbered. Who asks wants the next one that has not begun yet, and waits until it is done.
 * What is timed is not the look but the system call it is in: a disk is slow by many calls, and silent by
 * one. The mutex is never held while the disk is asked.
 */
#include "core/lookout.h"

#include "base/mem.h"
#include "base/mutex.h"
#include "base/time.h"
#include "core/config.h"
#include "core/folder.h"
#include "core/proc.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

struct lookout {
	char *paths[LOOKOUT__MAX];	/* owned; as they are from the start on */
	pthread_t thread;
	pthread_mutex_t lock;		/* guards all below */
	pthread_cond_t wanting, seen;
	uint64_t wanted, done;		/* numbers of looks */
	int64_t begun_us;		/* when the call it is in began; 0: there is no look */
	enum lookout_place place;	/* where it is, if there is one */
	struct lookout_find found[LOOKOUT__MAX];
	uint64_t look[LOOKOUT__MAX];	/* whose finds these are */
	bool end;
	bool alone;			/* the thread is the last to know of all this */
};

/* ---- looking ----------------------------------------------------------------------------- */

/* Between two calls for one place. */
static void
call_next(struct lookout *l)
{
	mutex_lock(&l->lock);
	l->begun_us = time_mono_us();
	mutex_unlock(&l->lock);
}

static void
directory_look(struct lookout *l, const char *path, struct lookout_find *out)
{
	struct statvfs fs;

	if (statvfs(path, &fs) != 0) {
		out->missing = errno;
		return;
	}
	out->bytes = (int64_t)((unsigned long long)fs.f_bavail * fs.f_frsize);
	call_next(l);
	if (access(path, W_OK | X_OK) != 0)
		out->closed = errno;
}

static void
file_look(const char *path, struct lookout_find *out)
{
	struct stat st;

	if (stat(path, &st) != 0)
		out->missing = errno;
	else
		out->bytes = (int64_t)st.st_size;
}

/* With the lock held but while it looks. */
static void
place_look(struct lookout *l, enum lookout_place place, uint64_t number)
{
	struct lookout_find found = {.known = true};

	l->place = place;
	l->begun_us = time_mono_us();
	mutex_unlock(&l->lock);
	if (place == LOOKOUT_WAL)
		file_look(l->paths[place], &found);
	else
		directory_look(l, l->paths[place], &found);
	mutex_lock(&l->lock);
	l->found[place] = found;
	l->look[place] = number;
}

/* With the lock held. */
static void
look(struct lookout *l)
{
	uint64_t number = l->done + 1;

	for (size_t i = 0; i < LOOKOUT__MAX && !l->end; i++)
		place_look(l, (enum lookout_place)i, number);
	l->begun_us = 0;
	l->done = number;
	(void)pthread_cond_broadcast(&l->seen); /* cannot fail on a live condition variable */
}

static void
dispose(struct lookout *l)
{
	(void)pthread_cond_destroy(&l->wanting);
	(void)pthread_cond_destroy(&l->seen);
	(void)pthread_mutex_destroy(&l->lock);
	for (size_t i = 0; i < LOOKOUT__MAX; i++)
		mem_free(l->paths[i]);
	mem_free(l);
}

static void *
thread_main(void *arg)
{
	struct lookout *l = arg;
	bool alone;

	mutex_lock(&l->lock);
	while (!l->end) {
		if (l->done < l->wanted)
			look(l);
		else
			(void)pthread_cond_wait(&l->wanting, &l->lock);
	}
	alone = l->alone;
	mutex_unlock(&l->lock);
	if (alone)
		dispose(l);
	return NULL;
}

/* ---- life -------------------------------------------------------------------------------- */

/* False: the system has no more of them. */
static bool
primitives_init(struct lookout *l)
{
	pthread_condattr_t clock;
	bool good;

	if (pthread_condattr_init(&clock) != 0)
		return false;
	good = pthread_condattr_setclock(&clock, CLOCK_MONOTONIC) == 0 &&
		pthread_cond_init(&l->seen, &clock) == 0;
	(void)pthread_condattr_destroy(&clock);
	if (good && pthread_cond_init(&l->wanting, NULL) != 0) {
		(void)pthread_cond_destroy(&l->seen);
		good = false;
	}
	if (good && pthread_mutex_init(&l->lock, NULL) != 0) {
		(void)pthread_cond_destroy(&l->wanting);
		(void)pthread_cond_destroy(&l->seen);
		good = false;
	}
	return good;
}

static enum err
path_keep(struct ctx *c, struct lookout *l, enum lookout_place place, const char *path)
{
	size_t n = strlen(path) + 1;
	char *copy = mem_alloc(n);

	if (!copy)
		return err_memory(c);
	memcpy(copy, path, n);
	l->paths[place] = copy;
	return OK;
}

static enum err
paths_keep(struct ctx *c, struct lookout *l)
{
	char real[PATH_MAX];
	struct str directory, wal;
	enum err err = folder_parent(c, folder_follow(c->cfg->database_path, real), &directory);

	if (!err)
		err = folder_beside(c, c->cfg->database_path, "-wal", &wal);
	if (!err)
		err = path_keep(c, l, LOOKOUT_DATABASE, directory.p);
	if (!err)
		err = path_keep(c, l, LOOKOUT_MEDIA, c->cfg->media_path);
	return err ? err : path_keep(c, l, LOOKOUT_WAL, wal.p);
}

enum err
lookout_new(struct ctx *c, struct lookout **out)
{
	struct lookout *l = mem_alloc(sizeof(*l));
	enum err err;

	*out = NULL;
	if (!l)
		return err_memory(c);
	if (!primitives_init(l)) {
		mem_free(l);
		return err_raise(c, ERR_MEMORY, "no mutex for the lookout");
	}
	err = paths_keep(c, l);
	if (!err)
		err = proc_thread_start(c, thread_main, l, &l->thread);
	if (err)
		dispose(l);
	else
		*out = l;
	return err;
}

void
lookout_free(struct lookout *l)
{
	pthread_t thread;
	bool busy;

	if (!l)
		return;
	thread = l->thread;
	mutex_lock(&l->lock);
	busy = l->begun_us != 0;
	l->end = true;
	l->alone = busy;
	(void)pthread_cond_signal(&l->wanting);
	mutex_unlock(&l->lock);
	if (busy) {
		(void)pthread_detach(thread);
		return;
	}
	(void)pthread_join(thread, NULL);
	dispose(l);
}

/* ---- asking ------------------------------------------------------------------------------ */

/* When a call has lasted too long at the soonest: the one that is under way, or one that begins now. */
static int64_t
late_us(const struct lookout *l, int64_t now_us, int64_t bound_us)
{
	return (l->begun_us != 0 ? l->begun_us : now_us) + bound_us;
}

/*
 * Sleeps until look number is done or the time is up; true: a call has lasted too long before that.
 * With the lock held.
 */
static bool
await(struct lookout *l, uint64_t number, int64_t bound_us)
{
	int64_t now = time_mono_us(), until = now + LOOKOUT__MAX * bound_us, end = late_us(l, now, bound_us);

	while (l->done < number && now < end && now < until) {
		int64_t us = end < until ? end : until;
		const struct timespec at = {us / 1000000, us % 1000000 * 1000};

		(void)pthread_cond_timedwait(&l->seen, &l->lock, &at);
		now = time_mono_us();
		end = late_us(l, now, bound_us);
	}
	return l->done < number && now >= end;
}

void
lookout_ask(struct lookout *l, int64_t bound_us, struct lookout_view *out)
{
	uint64_t number;

	*out = (struct lookout_view){.silent = LOOKOUT__MAX};
	mutex_lock(&l->lock);
	number = l->begun_us != 0 ? l->done + 2 : l->done + 1;
	if (l->wanted < number)
		l->wanted = number;
	(void)pthread_cond_signal(&l->wanting);
	if (await(l, number, bound_us))
		out->silent = l->place;
	for (size_t i = 0; i < LOOKOUT__MAX; i++) {
		if (l->look[i] >= number)
			out->at[i] = l->found[i];
		out->at[i].path = l->paths[i];
	}
	mutex_unlock(&l->lock);
}

bool
lookout_database_silent(const struct lookout_view *v)
{
	return v->silent == LOOKOUT_DATABASE || v->silent == LOOKOUT_WAL;
}
