/*
 * The connections of a process and the queue of threads that wait for one. A connection that comes
 * back goes straight to the thread that has waited longest, so nobody who comes later can take it;
 * with nobody waiting it goes on top of the free ones, where its cache stays warm.
 *
 * A waiting thread has its own condition variable on its own stack: handing over wakes exactly one.
 */
#include "store/pool.h"

#include "base/mem.h"
#include "base/mutex.h"
#include "base/time.h"
#include "core/config.h"
#include "core/log.h"
#include "store/priv.h"

#include <assert.h>
#include <pthread.h>
#include <time.h>

struct waiter {
	struct waiter *next;
	pthread_cond_t ready;
	struct slot *slot;	/* what it was given */
};

struct slot {
	struct slot *next;	/* below it on the free ones */
	struct db *db;		/* NULL: not open, or broken and closed; who takes it opens it */
	bool out;
};

struct pool {
	pthread_mutex_t lock;	/* guards all below */
	pthread_condattr_t clock;
	struct segment *segment;
	struct db_writers *writers;
	struct db_share *share;
	struct slot *free;
	struct waiter *first, **last;
	size_t waiting;
	struct pool_stats stats;
	struct slot slots[];
};

static enum err
slot_open(struct ctx *c, struct pool *p, struct slot *s)
{
	struct db *db;
	enum err e = db_open(c, p->segment, &db);

	if (e)
		return e;
	metrics_add(c->metrics, COUNTER_POOL_CREATED, 1);
	db->writers = p->writers;
	db->share = p->share;
	mutex_lock(&p->lock);
	s->db = db;
	p->stats.created++;
	mutex_unlock(&p->lock);
	return OK;
}

/* Gives a slot to the first in the queue or puts it on top of the free ones; with the lock held. */
static void
slot_give(struct pool *p, struct slot *s)
{
	struct waiter *w = p->first;

	if (!w) {
		s->out = false;
		s->next = p->free;
		p->free = s;
		p->stats.active--;
		return;
	}
	p->first = w->next;
	if (!p->first)
		p->last = &p->first;
	w->slot = s;
	(void)pthread_cond_signal(&w->ready); /* cannot fail on a live condition variable */
}

/* Mutex and clock of a new pool. False: the system has no more of them. */
static bool
primitives_init(struct pool *p)
{
	if (pthread_mutex_init(&p->lock, NULL) != 0)
		return false;
	if (pthread_condattr_init(&p->clock) == 0 &&
		pthread_condattr_setclock(&p->clock, CLOCK_MONOTONIC) == 0)
		return true;
	(void)pthread_mutex_destroy(&p->lock);
	return false;
}

/* How many may wait for their turn to write: one thread and one connection are left for readers. */
static size_t
writer_places(const struct ctx *c, size_t size)
{
	size_t threads = (size_t)c->cfg->worker_threads, least = threads < size ? threads : size;

	return least > 1 ? least - 1 : 1;
}

enum err
pool_open(struct ctx *c, struct segment *seg, size_t size, struct pool **out)
{
	struct pool *p = mem_alloc(sizeof(*p) + size * sizeof(p->slots[0]));
	enum err e;

	*out = NULL;
	assert(size > 0);
	if (!p)
		return err_memory(c);
	if (!primitives_init(p)) {
		mem_free(p);
		return err_raise(c, ERR_MEMORY, "no mutex for the pool");
	}
	p->segment = seg;
	p->last = &p->first;
	p->stats.size = size;
	metrics_gauge_add(c->metrics, GAUGE_POOL_SIZE, (int64_t)size);
	e = db_writers_new(c, seg, writer_places(c, size), &p->writers);
	if (!e)
		e = db_share_new(c, &p->share);
	for (size_t i = size; i-- > 0;) {
		p->slots[i].next = p->free;
		p->free = &p->slots[i];
	}
	if (!e)
		e = slot_open(c, p, p->free);
	if (e)
		pool_close(c, p);
	else
		*out = p;
	return e;
}

/* Takes one of the free slots that are not open out; NULL: there is none. */
static struct slot *
slot_take_closed(struct pool *p)
{
	struct slot **at = &p->free, *s;

	mutex_lock(&p->lock);
	while (*at && (*at)->db)
		at = &(*at)->next;
	s = *at;
	if (s) {
		*at = s->next;
		s->out = true;
		p->stats.active++;
	}
	mutex_unlock(&p->lock);
	return s;
}

enum err
pool_fill(struct ctx *c, struct pool *p)
{
	enum err e = OK;
	struct slot *s;

	while (!e && (s = slot_take_closed(p)) != NULL) {
		e = slot_open(c, p, s);
		mutex_lock(&p->lock);
		slot_give(p, s);
		mutex_unlock(&p->lock);
	}
	return e;
}

void
pool_close(struct ctx *c, struct pool *p)
{
	if (!p)
		return;
	assert(p->stats.active == 0 && !p->first);
	for (size_t i = 0; i < p->stats.size; i++)
		db_close(p->slots[i].db);
	db_writers_free(p->writers);
	db_share_free(p->share);
	metrics_gauge_add(c->metrics, GAUGE_POOL_SIZE, -(int64_t)p->stats.size);
	(void)pthread_condattr_destroy(&p->clock);
	(void)pthread_mutex_destroy(&p->lock);
	mem_free(p);
}

/* ---- taking ---------------------------------------------------------------------------------- */

static void
queue_remove(struct pool *p, struct waiter *w)
{
	struct waiter **at = &p->first;

	while (*at && *at != w)
		at = &(*at)->next;
	if (!*at)
		return; /* was served */
	*at = w->next;
	if (p->last == &w->next)
		p->last = at;
}

/* Waits in the queue, with the lock held but while asleep. NULL: nothing came in time. */
static struct slot *
queue_wait(struct pool *p, int64_t until_us)
{
	struct timespec until = {until_us / 1000000, until_us % 1000000 * 1000};
	struct waiter w = {0};
	int rc = pthread_cond_init(&w.ready, &p->clock);

	assert(rc == 0);
	/* Until queue_remove() below. */
	*p->last = &w;
	/* cppcheck-suppress autoVariables */
	p->last = &w.next;
	p->waiting++;
	while (!w.slot && rc == 0)
		rc = pthread_cond_timedwait(&w.ready, &p->lock, &until);
	queue_remove(p, &w);
	p->waiting--;
	(void)pthread_cond_destroy(&w.ready);
	return w.slot;
}

/* Counts a wait; with the lock held. */
static void
waited(struct ctx *c, struct pool *p, int64_t us, bool served)
{
	p->stats.waits++;
	p->stats.wait_time_us += (uint64_t)us;
	p->stats.exhausted += !served;
	metrics_add(c->metrics, COUNTER_POOL_WAITS, 1);
	metrics_observe(c->metrics, HISTOGRAM_POOL_WAIT, us);
}

/* A slot that is ours alone from now on; with *active for the log if there is none. */
static struct slot *
slot_take(struct ctx *c, struct pool *p, int64_t before, size_t *active)
{
	struct slot *s;

	mutex_lock(&p->lock);
	s = p->free;
	if (s) {
		p->free = s->next;
		s->out = true;
		p->stats.active++;
	} else {
		s = queue_wait(p, db_wait_end(c, c->cfg->db_connection_timeout));
		waited(c, p, time_mono_us() - before, s != NULL);
	}
	*active = p->stats.active;
	mutex_unlock(&p->lock);
	return s;
}

/* Says that nothing came. */
static enum err
exhausted(struct ctx *c, const struct pool *p, size_t active, int64_t us)
{
	metrics_add(c->metrics, COUNTER_POOL_EXHAUSTED, 1);
	log_event(c, db_pool_exhausted, .pool_size = (int64_t)p->stats.size,
		.active = (int64_t)active, .waited = us);
	return err_raise(
		c, ERR_POOL_EMPTY, "no connection became free in %lld ms", (long long)us / 1000);
}

/* Closes a connection to a file that has been replaced: it would show what is no more. */
static void
slot_check(struct pool *p, struct slot *s)
{
	struct db *db = s->db;

	if (!db || !db_moved(db))
		return;
	mutex_lock(&p->lock);
	s->db = NULL;
	mutex_unlock(&p->lock);
	db_close(db);
}

enum err
pool_acquire(struct ctx *c, struct pool *p, struct db **out)
{
	int64_t before = time_mono_us(), us;
	size_t active;
	struct slot *s = slot_take(c, p, before, &active);
	enum err e;

	*out = NULL;
	us = time_mono_us() - before;
	if (!s)
		return exhausted(c, p, active, us);
	if (us >= c->cfg->metrics_slow_query_threshold)
		log_event(c, db_pool_slow, .pool_size = (int64_t)p->stats.size,
			.active = (int64_t)active, .waited = us);
	slot_check(p, s);
	e = s->db ? OK : slot_open(c, p, s);
	mutex_lock(&p->lock);
	if (e)
		slot_give(p, s);
	else
		p->stats.acquired++;
	mutex_unlock(&p->lock);
	if (e)
		return e;
	metrics_add(c->metrics, COUNTER_POOL_ACQUIRED, 1);
	metrics_gauge_add(c->metrics, GAUGE_POOL_ACTIVE, 1);
	*out = s->db;
	return OK;
}

/* ---- giving back ----------------------------------------------------------------------------- */

static struct slot *
slot_of(struct pool *p, const struct db *db)
{
	for (size_t i = 0; i < p->stats.size; i++)
		if (p->slots[i].db == db && p->slots[i].out)
			return &p->slots[i];
	return NULL;
}

bool
pool_release(struct ctx *c, struct pool *p, struct db *db)
{
	bool clean = db_clean(db), broken;
	struct slot *s;

	if (!clean)
		db_reset(c, db);
	broken = db->broken;
	mutex_lock(&p->lock);
	s = slot_of(p, db);
	assert(s);
	if (broken)
		s->db = NULL;
	p->stats.released++;
	slot_give(p, s);
	mutex_unlock(&p->lock);
	if (broken)
		db_close(db);
	metrics_add(c->metrics, COUNTER_POOL_RELEASED, 1);
	metrics_gauge_add(c->metrics, GAUGE_POOL_ACTIVE, -1);
	return clean;
}

void
pool_stats(struct pool *p, struct pool_stats *out)
{
	mutex_lock(&p->lock);
	*out = p->stats;
	mutex_unlock(&p->lock);
}

size_t
pool_waiting(struct pool *p)
{
	size_t n;

	mutex_lock(&p->lock);
	n = p->waiting;
	mutex_unlock(&p->lock);
	return n;
}
