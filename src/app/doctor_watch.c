/*
 * The watch. What asks others has a bound of its own; a system call to a file system that does not answer
 * has none, so nobody but another thread can say that it is waited for.
 */
#include "app/doctor.h"

#include "base/time.h"
#include "core/proc.h"

#include <errno.h>
#include <stdio.h>

enum { ARENA_MAX = 4 * 1024 * 1024 };

/* Over what was said before; "\033[K" clears the rest of the line. */
static void
show(const struct doctor *d, const char *name)
{
	if (!d->watch.shown)
		return;
	(void)fprintf(stderr, "\r%s%s\033[K", name ? "looking at " : "", name ? name : "");
	(void)fflush(stderr);
}

/* Until the watch is over, or what is looked at takes too long; true: that. */
static bool
wait_for_trouble(struct doctor_watch *w)
{
	while (!w->over && time_mono_us() < w->until_us) {
		struct timespec until = {.tv_sec = w->until_us / 1000000,
			.tv_nsec = w->until_us % 1000000 * 1000};

		(void)pthread_cond_timedwait(&w->moved, &w->lock, &until);
	}
	return !w->over;
}

static void *
watch(void *self)
{
	struct doctor *d = self;
	struct doctor_watch *w = &d->watch;
	struct ctx c;

	(void)pthread_mutex_lock(&w->lock);
	if (wait_for_trouble(w)) {
		struct doctor_finding f = {.check = w->check, .level = DOCTOR_ERROR,
			.text = S("looking at it does not end: a file system, or another program, does not answer")};

		show(d, NULL);
		if (d->n < DOCTOR_FINDINGS_MAX)
			d->list[d->n++] = f;
		d->count[DOCTOR_ERROR]++;
		ctx_init(&c, ARENA_MAX);
		w->hung(d, &c);
	}
	(void)pthread_mutex_unlock(&w->lock);
	return NULL;
}

enum err
doctor_watch_start(struct doctor *d, bool shown, void (*hung)(struct doctor *d, struct ctx *c))
{
	struct doctor_watch *w = &d->watch;
	pthread_condattr_t attr;
	bool good;
	enum err err;

	w->shown = shown;
	w->hung = hung;
	w->check = DOCTOR_CONFIGURATION;
	w->until_us = time_mono_us() + (int64_t)DOCTOR_SHORT * 1000000;
	if (pthread_condattr_init(&attr) != 0)
		return err_memory(d->c);
	good = pthread_condattr_setclock(&attr, CLOCK_MONOTONIC) == 0 && pthread_cond_init(&w->moved, &attr) == 0 &&
		pthread_mutex_init(&w->lock, NULL) == 0;
	(void)pthread_condattr_destroy(&attr);
	if (!good)
		return err_memory(d->c);
	err = proc_thread_start(d->c, watch, d, &w->thread);
	w->runs = !err;
	return err;
}

void
doctor_watch_end(struct doctor *d)
{
	struct doctor_watch *w = &d->watch;

	if (!w->runs)
		return;
	(void)pthread_mutex_lock(&w->lock);
	w->over = true;
	(void)pthread_cond_signal(&w->moved);
	(void)pthread_mutex_unlock(&w->lock);
	(void)pthread_join(w->thread, NULL);
	show(d, NULL);
}

void
doctor_look(struct doctor *d, enum doctor_check check, int seconds)
{
	struct doctor_watch *w = &d->watch;

	(void)pthread_mutex_lock(&w->lock);
	w->check = check;
	w->until_us = time_mono_us() + (int64_t)seconds * 1000000;
	(void)pthread_cond_signal(&w->moved);
	(void)pthread_mutex_unlock(&w->lock);
	show(d, doctor_check_name(check));
}
